/* Resource quotas: what of a namespace is counted, and what of it is not let in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

enum what { NUMBER, LIVE_PODS, REQUESTS, LIMITS, STORAGE, NODE_PORTS, BALANCERS };
struct measure { const char *key, *plural; enum what what; const char *unit; };   /* unit: the compute resource */

static const struct measure measures[] = {
    {"pods", "pods", LIVE_PODS, NULL}, {"cpu", "pods", REQUESTS, "cpu"}, {"memory", "pods", REQUESTS, "memory"},
    {"requests.cpu", "pods", REQUESTS, "cpu"}, {"requests.memory", "pods", REQUESTS, "memory"},
    {"limits.cpu", "pods", LIMITS, "cpu"}, {"limits.memory", "pods", LIMITS, "memory"},
    {"services", "services", NUMBER, NULL}, {"services.nodeports", "services", NODE_PORTS, NULL}, {"services.loadbalancers", "services", BALANCERS, NULL},
    {"configmaps", "configmaps", NUMBER, NULL}, {"secrets", "secrets", NUMBER, NULL}, {"resourcequotas", "resourcequotas", NUMBER, NULL},
    {"replicationcontrollers", "replicationcontrollers", NUMBER, NULL}, {"persistentvolumeclaims", "persistentvolumeclaims", NUMBER, NULL},
    {"requests.storage", "persistentvolumeclaims", STORAGE, "storage"},
};

/* What a name of a quota counts; NULL: nothing that is known here. */
static struct res *counted(struct sim *s, const char *key, struct measure *m)
{
    char plural[64];
    const char *rest = strncmp(key, "count/", 6) == 0 ? key + 6 : NULL, *dot = rest ? strchr(rest, '.') : NULL;
    for (size_t i = 0; !rest && i < sizeof(measures) / sizeof(measures[0]); i++)
        if (strcmp(measures[i].key, key) == 0) {
            *m = measures[i];
            return store_find_res(s, "", "v1", m->plural);
        }
    if (!rest)
        return NULL;
    snprintf(plural, sizeof(plural), "%.*s", dot ? (int)(dot - rest) : (int)strlen(rest), rest);
    *m = (struct measure){key, NULL, NUMBER, NULL};
    return store_find_res(s, dot ? dot + 1 : "", NULL, plural);
}

static bool milli(const struct measure *m)
{
    return m->unit && strcmp(m->unit, "cpu") == 0;
}

static int64_t quantity(const json_t *v, bool in_milli)
{
    return json_is_integer(v) ? json_integer_value(v) * (in_milli ? 1000 : 1) : ctl_quantity(json_is_string(v) ? json_string_value(v) : "", in_milli);
}

static bool ended(const json_t *pod)
{
    return strcmp(jstr(pod, "status.phase"), "Succeeded") == 0 || strcmp(jstr(pod, "status.phase"), "Failed") == 0;
}

static int64_t limits(const json_t *pod, const struct measure *m)
{
    static const char *const lists[] = {"spec.containers", "spec.initContainers"};
    int64_t sum = 0;
    for (size_t l = 0; l < 2; l++) {
        json_t *all = jat(pod, lists[l]), *c;
        size_t k;
        json_array_foreach(all, k, c) {
            int64_t v = quantity(json_object_get(jat(c, "resources.limits"), m->unit), milli(m));
            sum = l == 0 ? sum + v : v > sum ? v : sum;
        }
    }
    return sum;
}

/* How much of a measure one object is. */
static int64_t amount(const json_t *doc, const struct measure *m)
{
    const char *type = jstr(doc, "spec.type");
    bool balancer = strcmp(type, "LoadBalancer") == 0;
    int64_t cpu, memory;
    switch (m->what) {
    case NUMBER: return 1;
    case LIVE_PODS: return !ended(doc);
    case LIMITS: return ended(doc) ? 0 : limits(doc, m);
    case REQUESTS:
        ctl_requests(jat(doc, "spec"), &cpu, &memory);
        return ended(doc) ? 0 : milli(m) ? cpu : memory;
    case STORAGE: return quantity(jat(doc, "spec.resources.requests.storage"), false);
    case BALANCERS: return balancer;
    case NODE_PORTS:
        return strcmp(type, "NodePort") == 0 || (balancer && !json_is_false(jat(doc, "spec.allocateLoadBalancerNodePorts")))
               ? (int64_t)json_array_size(jat(doc, "spec.ports")) : 0;
    }
    return 0;
}

static int64_t used(struct sim *s, struct res *r, const char *ns, const struct measure *m)
{
    int64_t sum = 0;
    for (size_t i = store_from(r, ns, "", false); i < r->n && strcmp(r->items[i]->ns, ns) == 0; i++) {
        struct ctl_item *it = m->what == LIVE_PODS || m->what == REQUESTS ? ctl_item(s, r->items[i]->uid) : NULL;
        if (m->what == NUMBER) {
            sum++;
        } else if (it) {                                       /* no JSON is read for these */
            sum += it->phase == 'S' || it->phase == 'F' ? 0 : m->what == LIVE_PODS ? 1 : milli(m) ? it->cpu : it->memory;
        } else {
            json_t *d = obj_doc(r->items[i]);
            sum += amount(d, m);
            json_decref(d);
        }
    }
    return sum;
}

static const char *text(const struct measure *m, int64_t v, char out[32])
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti"};
    size_t u = 0;
    if (milli(m)) {
        snprintf(out, 32, v % 1000 ? "%lldm" : "%lld", (long long)(v % 1000 ? v : v / 1000));
        return out;
    }
    for (; m->unit && v && v % 1024 == 0 && u < 4; u++)
        v /= 1024;
    snprintf(out, 32, "%lld%s", (long long)v, units[u]);
    return out;
}

/* ---- admission ---- */
static bool says(const json_t *container, const struct measure *m)
{
    json_t *r = jat(container, "resources");
    bool limit = json_object_get(jat(r, "limits"), m->unit) != NULL;
    return limit || (m->what == REQUESTS && json_object_get(jat(r, "requests"), m->unit));
}

static void add(struct str *out, const char *between, const char *word)
{
    str_adds(out, out->len ? between : "");
    str_adds(out, word);
}

/* Every container has to say what a quota limits. */
static void missing(struct str *out, const json_t *pod, const char *key, const struct measure *m)
{
    static const char *const lists[] = {"spec.containers", "spec.initContainers"};
    struct str names;
    str_init(&names, 0);
    for (size_t l = 0; l < 2; l++) {
        json_t *all = jat(pod, lists[l]), *c;
        size_t k;
        json_array_foreach(all, k, c)
            if (!says(c, m))
                add(&names, ",", jstr(c, "name"));
    }
    if (names.len) {
        add(out, "; ", key);
        str_addf(out, " for: %s", names.data);
    }
    str_release(&names);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What one quota has against a new object: a text to be freed, or NULL. */
static char *against(struct sim *s, const json_t *quota, struct res *r, const char *ns, const json_t *doc)
{
    json_t *hard = jat(quota, "spec.hard"), *v;
    const char *key, **keys = sim_alloc((json_object_size(hard) + 1) * sizeof(*keys)), *name = jstr(quota, "metadata.name");
    struct str lacks, wants, has, may;
    struct str *all[] = {&lacks, &wants, &has, &may};
    char number[32], *out = NULL;
    size_t n = 0;
    for (size_t i = 0; i < 4; i++)
        str_init(all[i], 0);
    json_object_foreach(hard, key, v)
        keys[n++] = key;
    qsort(keys, n, sizeof(*keys), by_name);
    for (size_t i = 0; i < n; i++) {
        struct measure m;
        if (counted(s, keys[i], &m) != r)
            continue;
        if (m.what == REQUESTS || m.what == LIMITS)
            missing(&lacks, doc, keys[i], &m);
        int64_t more = amount(doc, &m), now = used(s, r, ns, &m);
        v = json_object_get(hard, keys[i]);
        if (more <= 0 || now + more <= quantity(v, milli(&m)))
            continue;
        str_addf(&wants, "%s%s=%s", wants.len ? "," : "", keys[i], text(&m, more, number));
        str_addf(&has, "%s%s=%s", has.len ? "," : "", keys[i], text(&m, now, number));
        str_addf(&may, "%s%s=%s", may.len ? "," : "", keys[i], json_is_string(v) ? json_string_value(v) : text(&m, quantity(v, milli(&m)), number));
    }
    if (lacks.len)
        out = sim_printf("failed quota: %s: must specify %s", name, lacks.data);
    else if (wants.len)
        out = sim_printf("exceeded quota: %s, requested: %s, used: %s, limited: %s", name, wants.data, has.data, may.data);
    for (size_t i = 0; i < 4; i++)
        str_release(all[i]);
    free(keys);
    return out;
}

char *ctl_quota_against(struct sim *s, struct res *res, const json_t *doc)
{
    const char *ns = jstr(doc, "metadata.namespace");
    struct res *r = *ns && *res->version ? ctl_res(s, K_QUOTA) : NULL;
    char *why = NULL;
    for (size_t i = r && r->n ? store_from(r, ns, "", false) : 0; !why && r && i < r->n && strcmp(r->items[i]->ns, ns) == 0; i++) {
        json_t *quota = obj_doc(r->items[i]);
        if (!jat(quota, "spec.scopes") && !jat(quota, "spec.scopeSelector"))
            why = against(s, quota, res, ns, doc);
        json_decref(quota);
    }
    return why;
}

/* ---- status ---- */
void ctl_sync_quota(struct sim *s, const char *ns, const char *name)
{
    json_t *d = ctl_doc(s, K_QUOTA, ns, name), *v;
    const char *key;
    char number[32];
    if (!d)
        return;
    json_t *hard = jat(d, "spec.hard"), *now = json_object(), *st;
    json_object_foreach(hard, key, v) {
        struct measure m = {0};
        struct res *r = counted(s, key, &m);
        if (r)
            json_object_set_new(now, key, json_string(text(&m, used(s, r, ns, &m), number)));
    }
    st = jt("{'hard':%j,'used':%j}", hard ? json_deep_copy(hard) : json_object(), now);
    if (json_equal(st, jat(d, "status") ? jat(d, "status") : json_null())) {
        json_decref(st);
        json_decref(d);
        return;
    }
    json_object_set_new(d, "status", st);
    ctl_put(s, K_QUOTA, d);
}

void ctl_quotas(struct sim *s, const char *ns, bool at_once)
{
    struct res *r = ctl_res(s, K_QUOTA);
    for (size_t i = r && r->n ? store_from(r, ns, "", false) : 0; r && i < r->n && strcmp(r->items[i]->ns, ns) == 0; i++) {
        if (at_once)                                           /* what is let in is counted by who lets it in */
            ctl_queue(s, K_QUOTA, ns, r->items[i]->name);
        else
            ctl_queue_after(s, ctl_ms(s, 300), K_QUOTA, ns, r->items[i]->name);
    }
}
