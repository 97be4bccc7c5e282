/* Events: the same one again is counted, old ones go after an hour. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define KEPT_MS 3600000LL

static void remember(struct sim *s, const struct obj *o, const char *key)
{
    struct ctl *c = s->ctl;
    if (c->ev_tail - c->ev_head >= c->ev_cap) {
        size_t cap = c->ev_cap ? c->ev_cap * 2 : 1024, n = 0;
        struct ctl_key *q = sim_alloc(cap * sizeof(*q));
        int64_t *at = sim_alloc(cap * sizeof(*at));
        for (size_t i = c->ev_head; i != c->ev_tail; i++, n++) {
            q[n] = c->old_events[i % c->ev_cap];
            at[n] = c->old_at[i % c->ev_cap];
        }
        free(c->old_events);
        free(c->old_at);
        c->old_events = q;
        c->old_at = at;
        c->ev_cap = cap;
        c->ev_head = 0;
        c->ev_tail = n;
    }
    size_t at = c->ev_tail++ % c->ev_cap;
    c->old_events[at] = (struct ctl_key){K_EVENT, sim_strdup(o->ns), sim_strdup(key)};
    c->old_at[at] = sim_now(s) + KEPT_MS;
}

void ctl_events_expire(struct sim *s)
{
    struct ctl *c = s->ctl;
    int64_t now = sim_now(s);
    while (c->ev_head != c->ev_tail && c->old_at[c->ev_head % c->ev_cap] <= now) {
        struct ctl_key k = c->old_events[c->ev_head++ % c->ev_cap];
        char *name = map_get(&c->events, k.name);
        if (name) {
            store_delete(s, ctl_res(s, K_EVENT), k.ns, name);
            map_del(&c->events, k.name);
            free(name);
        }
        free(k.ns);
        free(k.name);
    }
}

/* The scheduler speaks the newer events API: no count, a series; the others count. */
static void again(struct sim *s, json_t *e)
{
    char at[32], us[40];
    if (json_is_string(jat(e, "eventTime"))) {
        int64_t n = jint(e, "series.count");
        jset(e, "series", jt("{'count':%l,'lastObservedTime':%s}", n ? n + 1 : 2, ctl_now_us(s, us)));
    } else {
        jset(e, "count", json_integer(jint(e, "count") + 1));
        jset(e, "lastTimestamp", json_string(ctl_now(s, at)));
    }
    ctl_put(s, K_EVENT, e);
}

static json_t *event_doc(struct sim *s, const json_t *about, const char *type, const char *reason, const char *component, const char *field,
                         const char *message)
{
    char at[32], us[40], hex[17];
    const char *ns = jstr(about, "metadata.namespace"), *node = jstr(about, "spec.nodeName");
    bool scheduler = strcmp(component, "default-scheduler") == 0, kubelet = strcmp(component, "kubelet") == 0;
    hex_id(s, hex, 16);                                        /* chance goes on as before; the name is the time, so that names sort by it */
    snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)sim_now(s) * 1000000 + s->rv % 1000000);
    char *name = sim_printf("%s.%s", jstr(about, "metadata.name"), hex);
    if (kubelet && strcmp(jstr(about, "kind"), "Node") == 0)
        node = jstr(about, "metadata.name");
    json_t *ref = jt("{'kind':%s,'namespace':%s,'name':%s,'uid':%s,'apiVersion':%s,'resourceVersion':%s}", jstr(about, "kind"), ns,
                     jstr(about, "metadata.name"), jstr(about, "metadata.uid"), jstr(about, "apiVersion"), jstr(about, "metadata.resourceVersion"));
    if (!*ns)
        json_object_del(ref, "namespace");
    if (field)
        json_object_set_new(ref, "fieldPath", json_string(field));
    ctl_now(s, at);
    json_t *e = jt("{'kind':'Event','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s},'involvedObject':%j,'reason':%s,"
                   "'message':%s,'source':{},'firstTimestamp':null,'lastTimestamp':null,'type':%s,'eventTime':null,'reportingComponent':%s,"
                   "'reportingInstance':%s}", name, *ns ? ns : "default", at, ref, reason, message, type, component,
                   scheduler ? "default-scheduler-controller-1" : kubelet ? node : "");
    if (scheduler) {
        json_object_set_new(e, "eventTime", json_string(ctl_now_us(s, us)));
        json_object_set_new(e, "action", json_string(strcmp(reason, "Scheduled") == 0 ? "Binding" : "Scheduling"));
    } else {
        json_object_set_new(e, "source", kubelet && *node ? jt("{'component':%s,'host':%s}", component, node) : jt("{'component':%s}", component));
        json_object_set_new(e, "firstTimestamp", json_string(at));
        json_object_set_new(e, "lastTimestamp", json_string(at));
        json_object_set_new(e, "count", json_integer(1));
    }
    free(name);
    return e;
}

void ctl_event(struct sim *s, const json_t *about, const char *type, const char *reason, const char *component, const char *field,
               const char *fmt, ...)
{
    struct ctl *c = ctl_of(s);
    char message[1400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(message, sizeof(message), fmt, ap);
    va_end(ap);
    char *key = sim_printf("%s|%s|%s|%s|%s", jstr(about, "metadata.uid"), component, reason, field ? field : "", message);
    const char *ns = jstr(about, "metadata.namespace"), *known = map_get(&c->events, key);
    json_t *e = known ? ctl_doc(s, K_EVENT, *ns ? ns : "default", known) : NULL;
    if (e) {
        again(s, e);
    } else {
        struct obj *o = ctl_put(s, K_EVENT, event_doc(s, about, type, reason, component, field, message));
        if (o) {
            char *old = map_get(&c->events, key);
            map_put(&c->events, key, sim_strdup(o->name));
            free(old);
            remember(s, o, key);
        }
    }
    free(key);
}

void kube_event(struct sim *s, const json_t *about, const char *type, const char *reason, const char *component, int count,
                int64_t first_ms, int64_t last_ms, const char *message)
{
    char a[32], b[32];
    json_t *e = event_doc(s, about, type, reason, component, NULL, message);
    stamp(first_ms, a);
    stamp(last_ms, b);
    jset(e, "metadata.creationTimestamp", json_string(a));
    if (json_is_string(jat(e, "eventTime"))) {
        char first[40], last[40];
        snprintf(first, sizeof(first), "%.19s.000000Z", a);    /* these two are never without microseconds */
        snprintf(last, sizeof(last), "%.19s.000000Z", b);
        json_object_set_new(e, "eventTime", json_string(first));
        if (count > 1)
            json_object_set_new(e, "series", jt("{'count':%i,'lastObservedTime':%s}", count, last));
    } else {
        json_object_set_new(e, "firstTimestamp", json_string(a));
        json_object_set_new(e, "lastTimestamp", json_string(b));
        json_object_set_new(e, "count", json_integer(count));
    }
    ctl_put(s, K_EVENT, e);
}
