/* A cluster without HTTP under a clock that moves only when told: for tests of what makes the demo cloud live. */
#ifndef STRATA_TEST_SIM_WORLD_H
#define STRATA_TEST_SIM_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/sim/ctl.h"
#include "strata/clock.h"

#define EPOCH 1800000000000LL                                  /* 2027-01-15T08:00:00Z */

static struct world *test_worlds[32];                          /* held, so that nothing of them is taken for lost */
static int test_nworlds;

static inline struct sim *cluster_new(int nodes)
{
    static const struct res extra[] = {
        {.group = "policy", .version = "v1", .plural = "poddisruptionbudgets", .kind = "PodDisruptionBudget", .namespaced = true},
        {.group = "discovery.k8s.io", .version = "v1", .plural = "endpointslices", .kind = "EndpointSlice", .namespaced = true},
        {.group = "", .version = "v1", .plural = "endpoints", .kind = "Endpoints", .namespaced = true},
        {.group = "apps", .version = "v1", .plural = "controllerrevisions", .kind = "ControllerRevision", .namespaced = true},
        {.group = "coordination.k8s.io", .version = "v1", .plural = "leases", .kind = "Lease", .namespaced = true},
    };
    struct world *w = test_worlds[test_nworlds++] = sim_alloc(sizeof(*w));
    clock_freeze(1000000, EPOCH);
    world_init(w);
    struct sim *s = w->mgmt;
    s->seed = 42;
    kube_init(s);
    for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
        if (!store_find_res(s, extra[i].group, NULL, extra[i].plural))
            store_res(s, &extra[i]);
    for (int i = 1; i <= nodes; i++) {
        char name[16], at[32];
        snprintf(name, sizeof(name), "n%d", i);
        ctl_put(s, K_NODE, jt("{'kind':'Node','apiVersion':'v1','metadata':{'name':%s,'labels':{'kubernetes.io/hostname':%s}},'spec':{},'status':{"
                              "'addresses':[{'type':'InternalIP','address':'10.0.0.1'}],'allocatable':{'cpu':'4','memory':'8Gi','pods':'20'},"
                              "'conditions':[{'type':'Ready','status':'True','lastTransitionTime':%s}]}}", name, name, stamp(EPOCH, at)));
    }
    w->start_ms = EPOCH;
    ctl_start(s);
    return s;
}

/* Time passes, every timer at its moment; look (may be NULL) is called after each. */
static inline void pass(struct sim *s, int64_t ms, void (*look)(struct sim *s))
{
    struct world *w = s->world;
    int64_t end = clock_mono_ms() + ms;
    while (w->ntimers && w->timers[0].at <= end) {
        if (w->timers[0].at > clock_mono_ms())
            clock_advance(w->timers[0].at - clock_mono_ms());
        world_tick(w);
        if (look)
            look(s);
    }
    clock_advance(end - clock_mono_ms());
}

static inline json_t *work(const char *kind, const char *name, int replicas, const char *image)
{
    return jt("{'kind':%s,'apiVersion':'apps/v1','metadata':{'name':%s,'namespace':'a','generation':1},'spec':{'replicas':%i,'selector':{'matchLabels':"
              "{'app':%s}},'template':{'metadata':{'labels':{'app':%s}},'spec':{'containers':[{'name':'c','image':%s}]}}}}", kind, name, replicas, name,
              name, image);
}

/* Changes one value of a stored object as the API would: generation counts. */
static inline void change(struct sim *s, enum ctl_kind kind, const char *name, const char *path, json_t *v)
{
    json_t *d = ctl_doc(s, kind, kind == K_NODE ? "" : "a", name);
    jset(d, path, v);
    jset(d, "metadata.generation", json_integer(jint(d, "metadata.generation") + 1));
    ctl_put(s, kind, d);
}

static inline int64_t number(struct sim *s, enum ctl_kind kind, const char *name, const char *path)
{
    json_t *d = ctl_doc(s, kind, "a", name);
    int64_t v = d ? jint(d, path) : -1;
    json_decref(d);
    return v;
}

static inline bool says(struct sim *s, enum ctl_kind kind, const char *name, const char *path, const char *want)
{
    json_t *d = ctl_doc(s, kind, kind == K_NODE ? "" : "a", name);
    bool same = d && strcmp(jstr(d, path), want) == 0;
    if (!same)
        print_message("%s: %s is '%s', not '%s'\n", name, path, jstr(d, path), want);
    json_decref(d);
    return same;
}

static inline bool is(struct sim *s, enum ctl_kind kind, const char *name, const char *type, const char *status, const char *reason)
{
    json_t *d = ctl_doc(s, kind, kind == K_NODE ? "" : "a", name), *c = ctl_find_condition(d, type);
    bool same = c && strcmp(jstr(c, "status"), status) == 0 && (!reason || strcmp(jstr(c, "reason"), reason) == 0);
    if (!same)
        print_message("%s: condition %s is %s %s\n", name, type, jstr(c, "status"), jstr(c, "reason"));
    json_decref(d);
    return same;
}

/* Objects of a kind in namespace a whose name begins so; active: pods that neither ended nor are ending. */
static inline int count(struct sim *s, enum ctl_kind kind, const char *prefix, bool active)
{
    struct res *r = ctl_res(s, kind);
    int n = 0;
    for (size_t i = 0; i < r->n; i++) {
        struct ctl_item *it = ctl_item(s, r->items[i]->uid);
        if (strcmp(r->items[i]->ns, "a") == 0 && strncmp(r->items[i]->name, prefix, strlen(prefix)) == 0 && (!active || (it && ctl_active(it))))
            n++;
    }
    return n;
}

static inline struct obj *first(struct sim *s, enum ctl_kind kind, const char *prefix)
{
    struct res *r = ctl_res(s, kind);
    for (size_t i = store_from(r, "a", prefix, false); i < r->n; i++)
        if (strncmp(r->items[i]->name, prefix, strlen(prefix)) == 0)
            return r->items[i];
    return NULL;
}

static inline bool told(struct sim *s, const char *reason, const char *words)
{
    struct res *r = ctl_res(s, K_EVENT);
    char key[64];
    snprintf(key, sizeof(key), "\"reason\":\"%s\"", reason);
    for (size_t i = 0; i < r->n; i++)
        if (strstr(r->items[i]->text, key) && strstr(r->items[i]->text, words))
            return true;
    for (size_t i = 0; i < r->n; i++)
        if (strstr(r->items[i]->text, key))
            print_message("%s\n", r->items[i]->text);
    return false;
}

#endif
