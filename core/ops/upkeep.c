/* Which controllers of nodes there are, how a cluster shows that it has one, what their objects say, and what a drain says then. */
#include "core/ops/upkeep.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* An Eviction of SAP's operator waits until its Hypervisor is disabled, so it is the Hypervisor that is asked; it makes the Eviction. */
const struct upkeep upkeep_rows[UPKEEPS] = {
    {.word = "mosk", .product = "MOSK", .moves = UPKEEP_PODS | UPKEEP_SERVERS, .api = "/apis/lcm.mirantis.com/v1alpha1", .plural = "nodemaintenancerequests",
     .kind = "NodeMaintenanceRequest", .node = "spec.nodeName", .fixed = {"scope", "drain"}, .off = "OSDPL", .beside = "nodeworkloadlocks", .beside_node = "spec.nodeName",
     .others = {"status.state", "inactive", "status.state", "failed", {"status.state", "status.errorMessage"}}},
    {.word = "sap", .product = "SAP's hypervisor operator", .moves = UPKEEP_SERVERS, .api = "/apis/kvm.cloud.sap/v1", .plural = "hypervisors", .kind = "Hypervisor",
     .node = "metadata.name", .set = "spec.maintenance", .set_to = "manual", .reason = "spec.maintenanceReason", .off = "Hypervisor CRD",
     .own = {"status.evicted", "true", "status.conditions:Evicting.reason", "Failed", {NULL}}, .beside = "evictions", .beside_node = "spec.hypervisor",
     .others = {NULL, NULL, "status.conditions:Evicting.reason", "Failed", {"status.outstandingInstances", "status.conditions:MigratingInstance.message"}}},
    {.word = "medik8s", .product = "the node maintenance operator", .moves = UPKEEP_PODS, .api = "/apis/nodemaintenance.medik8s.io/v1beta1",
     .plural = "nodemaintenances", .kind = "NodeMaintenance", .node = "spec.nodeName", .reason = "spec.reason",
     .own = {"status.phase", "Succeeded", "status.phase", "Failed", {"status.pendingPods", "status.lastError"}}},
};

/* ---- an object ---- */

bool upkeep_path(const struct upkeep *u, const char *node, struct str *path)
{
    str_addf(path, "%s/%s", u->api, u->plural);
    return !u->set || (str_addc(path, '/') && str_add_urlenc(path, node));
}

const json_t *upkeep_object(const struct upkeep *u, const json_t *answer, const char *node)
{
    if (u->set)
        return answer && !strcmp(act_str(answer, u->node), node) ? answer : NULL;
    return act_find(json_object_get(answer, "items"), u->node, node);
}

bool upkeep_asks(const struct upkeep *u, const json_t *object) { return u->set ? *act_str(object, u->set) : object != NULL; }

bool upkeep_ours(const struct upkeep *u, const json_t *object)
{
    return !strncmp(act_str(object, u->set ? u->reason : "metadata.name"), u->set ? "strata: " : "strata-", u->set ? 8 : 7);
}

static const json_t *at(const json_t *o, const char *path)
{
    const char *colon = strchr(path, ':');
    char list[100], type[100];
    if (!colon)
        return act_get(o, path);
    snprintf(list, sizeof list, "%.*s", (int)(colon - path), path);
    snprintf(type, sizeof type, "%.*s", (int)strcspn(colon + 1, "."), colon + 1);
    return act_get(act_find(act_get(o, list), "type", type), strchr(colon, '.') + 1);
}

static const char *text_at(const json_t *o, const char *path, char *buf, size_t size)
{
    const json_t *v = at(o, path);
    if (json_is_boolean(v))
        return json_is_true(v) ? "true" : "false";
    if (json_is_integer(v))
        snprintf(buf, size, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    else if (json_is_array(v))
        snprintf(buf, size, "%zu", json_array_size(v));
    else
        return json_is_string(v) ? json_string_value(v) : "";
    return buf;
}

static enum act_seen read_one(const struct upkeep_says *s, const json_t *o, struct str *words)
{
    char buf[32];
    bool named = false;
    for (size_t i = 0; i < 2 && s->words[i]; i++) {
        const char *text = text_at(o, s->words[i], buf, sizeof buf), *dot = strrchr(s->words[i], '.');
        if (!*text)
            continue;
        str_addf(words, "%s%s %s %.200s", named || !words->len ? "" : "; ", named ? "" : act_str(o, "metadata.name"), dot ? dot + 1 : s->words[i], text);
        named = true;
    }
    if (s->bad && !strcmp(text_at(o, s->bad, buf, sizeof buf), s->bad_is))
        return SEEN_FAILED;
    return s->done && !strcmp(text_at(o, s->done, buf, sizeof buf), s->done_is) ? SEEN_DONE : SEEN_WAIT;
}

enum act_seen upkeep_read(const struct upkeep *u, const json_t *object, const json_t *others, const char *node, struct str *words)
{
    const json_t *items = json_object_get(others, "items");
    size_t n = 0, done = 0, say = 0;
    enum act_seen seen;
    for (size_t i = 0; u->beside && i < json_array_size(items); i++) {
        const json_t *o = json_array_get(items, i);
        if (strcmp(act_str(o, u->beside_node), node) != 0)
            continue;
        say++;
        seen = read_one(&u->others, o, words);
        if (seen == SEEN_FAILED)
            return SEEN_FAILED;
        n += u->others.done != NULL;
        done += seen == SEEN_DONE;
    }
    seen = read_one(&u->own, object, words);
    n += u->own.done != NULL;
    done += seen == SEEN_DONE;
    if (!n || (u->beside && !say && seen != SEEN_DONE))
        str_addf(words, "%snothing in %s speaks of the node yet", words->len ? "; " : "", u->beside ? u->beside : u->plural);
    return seen == SEEN_FAILED ? SEEN_FAILED : n && done == n ? SEEN_DONE : SEEN_WAIT;
}

/* ---- for drains ---- */

static bool has_group(const json_t *groups, const struct upkeep *u)
{
    const json_t *list = json_object_get(groups, "groups");
    const char *group = u->api + strlen("/apis/");
    size_t len = strcspn(group, "/");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = act_str(json_array_get(list, i), "name");
        if (strlen(name) == len && !strncmp(name, group, len))
            return true;
    }
    return false;
}

/* The row that side n is about; NULL none. */
static const struct upkeep *row_at(const json_t *groups, size_t n)
{
    for (size_t i = 0; i < UPKEEPS; i++)
        if (has_group(groups, &upkeep_rows[i]) && !--n)
            return &upkeep_rows[i];
    return NULL;
}

bool upkeep_side(const struct act_ctx *c, size_t first, size_t n, const char *node, struct str *path)
{
    if (!c->planning || first + n >= ACT_SIDES)
        return false;
    if (!n)
        return str_adds(path, "/apis");
    const struct upkeep *u = row_at(c->side[first].json, n);
    return u && upkeep_path(u, node, path);
}

const struct upkeep *upkeep_next(const struct act_ctx *c, size_t first, size_t *n, const char *node, const json_t **object)
{
    while (first + ++*n < ACT_SIDES) {
        const struct upkeep *u = row_at(c->side[first].json, *n);
        const struct act_side *s = &c->side[first + *n];
        if (u && (s->status == 200 || s->status == 403)) {           /* 403: there, and not shown */
            *object = upkeep_object(u, s->json, node);
            return u;
        }
    }
    return NULL;
}

void upkeep_say(const struct act_ctx *c, size_t first, const char *node, unsigned moves, struct act_facts *f)
{
    const struct upkeep *u;
    const json_t *object;
    if (!c->side[first].json)
        act_fact(f, FACT_CAUTION, "whether the cluster has a controller of its own for maintenance could not be read (HTTP %d)", c->side[first].status);
    for (size_t n = 0; (u = upkeep_next(c, first, &n, node, &object));) {
        if (!(u->moves & moves))
            continue;
        if (act_bool(c, "ignore-maintenance"))
            act_fact(f, FACT_DANGER, "%s takes nodes out of use here; it is not asked, as you said, and knows nothing of this drain", u->product);
        else
            act_fact(f, FACT_REFUSED, "%s takes nodes out of use here: strata maintenance %s asks it (or say --ignore-maintenance for a drain without it)",
                     u->product, node);
    }
}
