/* Placement: what a hypervisor has and what is taken of it; where servers of a flavor would fit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/openstack/kind_util.h"
#include "core/openstack/ostk_priv.h"
#include "core/openstack/requests_priv.h"
#include "strata/yaml_emit.h"

#define CANDIDATES "1000"          /* hosts looked at; said when there may be more */

static void told(struct ostk_job *j, json_t *doc)
{
    json_emit(&j->out, doc, 0);
    json_decref(doc);
    ostk_job_end(j, NULL);
}

/* Who may not look at Placement is told so, not that nothing is there. */
static json_t *answer(struct ostk_job *j, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *doc = ostk_job_json(r, &err);
    if (doc)
        return doc;
    if (r->status == 404)
        ostk_lost_way(j->os, "placement", &err);
    if (r->status == 401 || r->status == 403)
        err_set(&err, ERR_FORBIDDEN, r->status, "Placement tells only an admin what the hosts have: not allowed with these credentials");
    ostk_job_end(j, &err);
    return NULL;
}

/* ---- a hypervisor ---- */

static void ask_provider(struct ostk_job *j, const char *what, void (*next)(struct ostk_job *, const struct net_reply *))
{
    struct str path;
    str_init(&path, 4096);
    str_adds(&path, "/resource_providers/");
    str_add_urlenc(&path, j->rq->uid);
    str_adds(&path, what);
    ostk_job_get(j, "placement", "1.29", path.data, next);
    str_release(&path);
}

static void on_usages(struct ostk_job *j, const struct net_reply *r)
{
    json_t *doc = answer(j, r);
    if (!doc)
        return;
    json_object_set(j->item, "usages", (json_t *)ostk_json(doc, "usages"));
    json_decref(doc);
    told(j, json_incref(j->item));
}

static void on_inventories(struct ostk_job *j, const struct net_reply *r)
{
    if (!(j->item = answer(j, r)))
        return;
    ask_provider(j, "/usages", on_usages);
}

void ostk_stock(struct ostk_job *j) { ask_provider(j, "/inventories", on_inventories); }

/* ---- a flavor ---- */

static void on_candidates(struct ostk_job *j, const struct net_reply *r)
{
    json_t *doc = answer(j, r);
    if (!doc)
        return;
    json_object_set_new(doc, "asked", json_incref(j->aside));
    if (j->list)
        json_object_set_new(doc, "within", json_incref(j->list));
    json_object_set_new(doc, "limit", json_integer(1000));
    told(j, doc);
}

static void want(struct ostk_job *j, struct str *path, const char *class, int64_t n)
{
    if (n <= 0)
        return;
    str_addf(path, "%s%s:%lld", json_object_size(j->aside) ? "," : "", class, (long long)n);
    json_object_set_new(j->aside, class, json_integer(n));
}

/* What Nova's scheduler asks for: the flavor's sizes, those its properties name, its traits, and no host that is disabled. */
static void ask_candidates(struct ostk_job *j)
{
    struct str path, traits;
    const char *key;
    json_t *v;
    const json_t *specs = ostk_json(j->item, "extra_specs");
    int64_t disk = ostk_json_int(j->item, "disk", 0) + ostk_json_int(j->item, "OS-FLV-EXT-DATA:ephemeral", 0), swap = ostk_json_int(j->item, "swap", 0);
    str_init(&path, 1 << 16);
    str_init(&traits, 1 << 14);
    str_adds(&traits, "!COMPUTE_STATUS_DISABLED");
    j->aside = json_object();
    str_adds(&path, "/allocation_candidates?limit=" CANDIDATES "&resources=");
    static const struct { const char *class, *key; } classes[] = {{"VCPU", "vcpus"}, {"MEMORY_MB", "ram"}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        char own[60];
        snprintf(own, sizeof own, "resources:%s", classes[i].class);
        if (!json_object_get(specs, own))
            want(j, &path, classes[i].class, ostk_json_int(j->item, classes[i].key, 0));
    }
    if (!json_object_get(specs, "resources:DISK_GB"))
        want(j, &path, "DISK_GB", disk + (swap + 1023) / 1024);
    json_object_foreach((json_t *)specs, key, v) {
        const char *s = json_string_value(v);
        if (!strncmp(key, "resources:", 10) && s) {
            struct str class;
            str_init(&class, 1024);
            str_add_urlenc(&class, key + 10);
            want(j, &path, class.data, strtoll(s, NULL, 10));
            str_release(&class);
        } else if (!strncmp(key, "trait:", 6) && s) {
            str_adds(&traits, !strcmp(s, "forbidden") ? ",!" : ",");
            str_adds(&traits, key + 6);
        }
    }
    str_adds(&path, "&required=");
    str_add_urlenc(&path, traits.data);
    ostk_job_get(j, "placement", "1.29", path.data, on_candidates);
    str_release(&path);
    str_release(&traits);
}

static void on_aggregates(struct ostk_job *j, const struct net_reply *r)
{
    json_t *doc = answer(j, r);
    if (!doc)
        return;
    j->list = ostk_aggregate_hosts(ostk_json(j->item, "extra_specs"), json_object_get(doc, "aggregates"));
    json_decref(doc);
    ask_candidates(j);
}

/* Aggregates are Nova's: Placement may not mirror them. */
static void on_flavor(struct ostk_job *j)
{
    if (ostk_wants_aggregates(ostk_json(j->item, "extra_specs")))
        ostk_job_get(j, "compute", "2.1", "/os-aggregates", on_aggregates);
    else
        ask_candidates(j);
}

void ostk_fit(struct ostk_job *j) { ostk_item(j, on_flavor); }
