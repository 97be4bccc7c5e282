/* Resource quotas: what of a namespace is counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

struct used { int64_t n, cpu, memory; };

static int64_t objects(struct sim *s, const char *group, const char *plural, const char *ns)
{
    struct res *r = store_find_res(s, group, NULL, plural);
    int64_t n = 0;
    for (size_t i = r ? store_from(r, ns, "", false) : 0; r && i < r->n && strcmp(r->items[i]->ns, ns) == 0; i++)
        n++;
    return n;
}

/* Pods that ended do not count. */
static struct used pods(struct sim *s, const char *ns, bool limits)
{
    struct res *r = ctl_res(s, K_POD);
    struct used u = {0};
    for (size_t i = store_from(r, ns, "", false); i < r->n && strcmp(r->items[i]->ns, ns) == 0; i++) {
        struct ctl_item *it = ctl_item(s, r->items[i]->uid);
        if (!it || it->phase == 'S' || it->phase == 'F')
            continue;
        u.n++;
        u.cpu += it->cpu;
        u.memory += it->memory;
        if (!limits)
            continue;
        json_t *d = obj_doc(r->items[i]), *all = jat(d, "spec.containers"), *c;
        size_t k;
        u.cpu -= it->cpu;
        u.memory -= it->memory;
        json_array_foreach(all, k, c) {
            u.cpu += ctl_quantity(jstr(c, "resources.limits.cpu"), true);
            u.memory += ctl_quantity(jstr(c, "resources.limits.memory"), false);
        }
        json_decref(d);
    }
    return u;
}

static void cpu_text(int64_t milli, char out[32])
{
    snprintf(out, 32, milli % 1000 ? "%lldm" : "%lld", (long long)(milli % 1000 ? milli : milli / 1000));
}

static void memory_text(int64_t bytes, char out[32])
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti"};
    size_t u = 0;
    for (; bytes && bytes % 1024 == 0 && u < 4; u++)
        bytes /= 1024;
    snprintf(out, 32, "%lld%s", (long long)bytes, units[u]);
}

/* How much of a resource a namespace uses; false: it is none that is counted here. */
static bool count(struct sim *s, const char *ns, const char *name, char out[32])
{
    static const struct { const char *name, *group, *plural; } kinds[] = {
        {"services", "", "services"}, {"configmaps", "", "configmaps"}, {"secrets", "", "secrets"}, {"replicationcontrollers", "", "replicationcontrollers"},
        {"persistentvolumeclaims", "", "persistentvolumeclaims"}, {"resourcequotas", "", "resourcequotas"},
        {"count/deployments.apps", "apps", "deployments"}, {"count/replicasets.apps", "apps", "replicasets"},
        {"count/statefulsets.apps", "apps", "statefulsets"}, {"count/jobs.batch", "batch", "jobs"}, {"count/cronjobs.batch", "batch", "cronjobs"},
    };
    bool limits = strncmp(name, "limits.", 7) == 0;
    const char *what = limits ? name + 7 : strncmp(name, "requests.", 9) == 0 ? name + 9 : name;
    if (strcmp(what, "cpu") == 0)
        cpu_text(pods(s, ns, limits).cpu, out);
    else if (strcmp(what, "memory") == 0)
        memory_text(pods(s, ns, limits).memory, out);
    else if (strcmp(name, "pods") == 0 || strcmp(name, "count/pods") == 0)
        snprintf(out, 32, "%lld", (long long)pods(s, ns, false).n);
    else
        *out = 0;
    for (size_t i = 0; !*out && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            snprintf(out, 32, "%lld", (long long)objects(s, kinds[i].group, kinds[i].plural, ns));
    return *out != 0;
}

void ctl_sync_quota(struct sim *s, const char *ns, const char *name)
{
    json_t *d = ctl_doc(s, K_QUOTA, ns, name), *v;
    const char *key;
    char text[32];
    if (!d)
        return;
    json_t *hard = jat(d, "spec.hard"), *used = json_object(), *st;
    json_object_foreach(hard, key, v)
        if (count(s, ns, key, text))
            json_object_set_new(used, key, json_string(text));
    st = jt("{'hard':%j,'used':%j}", hard ? json_deep_copy(hard) : json_object(), used);
    if (json_equal(st, jat(d, "status") ? jat(d, "status") : json_null())) {
        json_decref(st);
        json_decref(d);
        return;
    }
    json_object_set_new(d, "status", st);
    ctl_put(s, K_QUOTA, d);
}

void ctl_quotas(struct sim *s, const char *ns)
{
    struct res *r = ctl_res(s, K_QUOTA);
    for (size_t i = r && r->n ? store_from(r, ns, "", false) : 0; r && i < r->n && strcmp(r->items[i]->ns, ns) == 0; i++)
        ctl_queue_after(s, ctl_ms(s, 300), K_QUOTA, ns, r->items[i]->name);
}
