/* The index of facts, the queue of keys, and which change concerns whom. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "strata/clock.h"

enum { SEEN_MS = 12 };                                         /* until a controller saw in its watch that a pod is gone */

static const struct { const char *group, *plural; } kinds[K_OTHER] = {
    [K_POD] = {"", "pods"}, [K_NODE] = {"", "nodes"}, [K_NAMESPACE] = {"", "namespaces"}, [K_SERVICE] = {"", "services"},
    [K_EVENT] = {"", "events"}, [K_CLAIM] = {"", "persistentvolumeclaims"}, [K_ENDPOINTS] = {"", "endpoints"},
    [K_DEPLOYMENT] = {"apps", "deployments"}, [K_REPLICASET] = {"apps", "replicasets"}, [K_STATEFULSET] = {"apps", "statefulsets"},
    [K_DAEMONSET] = {"apps", "daemonsets"}, [K_REVISION] = {"apps", "controllerrevisions"}, [K_JOB] = {"batch", "jobs"},
    [K_CRONJOB] = {"batch", "cronjobs"}, [K_HPA] = {"autoscaling", "horizontalpodautoscalers"}, [K_PDB] = {"policy", "poddisruptionbudgets"}, [K_SLICE] = {"discovery.k8s.io", "endpointslices"},
    [K_LEASE] = {"coordination.k8s.io", "leases"}, [K_QUOTA] = {"", "resourcequotas"},
    [K_VOLUME] = {"", "persistentvolumes"},
};

typedef void sync_fn(struct sim *s, const char *ns, const char *name);
static sync_fn *const syncs[K_COUNT] = {
    [K_NODE] = ctl_sync_node, [K_NAMESPACE] = ctl_sync_namespace, [K_SERVICE] = ctl_sync_service, [K_DEPLOYMENT] = ctl_sync_deployment,
    [K_REPLICASET] = ctl_sync_replicaset, [K_STATEFULSET] = ctl_sync_statefulset, [K_DAEMONSET] = ctl_sync_daemonset, [K_JOB] = ctl_sync_job,
    [K_CRONJOB] = ctl_sync_cronjob, [K_HPA] = ctl_sync_hpa, [K_PDB] = ctl_sync_pdb, [K_QUOTA] = ctl_sync_quota,
    [K_CLAIM] = ctl_sync_claim, [K_VOLUME] = ctl_sync_volume, [K_SCHEDULE] = ctl_sync_schedule, [K_REAP] = ctl_sync_reap,
    [K_COLLECT] = ctl_sync_collect,
};

struct ctl *ctl_of(struct sim *s)
{
    if (s->ctl)
        return s->ctl;
    struct ctl *c = s->ctl = sim_alloc(sizeof(*c));
    struct map *all[] = {&c->items, &c->owned, &c->on_node, &c->orphans, &c->nodes, &c->selectors, &c->queued, &c->kubelet, &c->images,
                         &c->events, &c->waiting, &c->hpas};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        map_init(all[i], NULL);
    return c;
}

struct res *ctl_res(struct sim *s, enum ctl_kind kind)
{
    struct ctl *c = ctl_of(s);
    if (!c->res[kind])
        c->res[kind] = store_find_res(s, kinds[kind].group, NULL, kinds[kind].plural);
    return c->res[kind];
}

enum ctl_kind ctl_kind_of(struct sim *s, const struct res *r)
{
    enum ctl_kind k = K_POD;
    while (k < K_OTHER && ctl_res(s, k) != r)
        k++;
    return k;
}

struct obj *ctl_get(struct sim *s, enum ctl_kind kind, const char *ns, const char *name)
{
    struct res *r = ctl_res(s, kind);
    return r ? store_get(r, ns, name) : NULL;
}

json_t *ctl_doc(struct sim *s, enum ctl_kind kind, const char *ns, const char *name)
{
    struct obj *o = ctl_get(s, kind, ns, name);
    return o ? obj_doc(o) : NULL;
}

int64_t ctl_ms(const struct sim *s, int64_t ms)
{
    return s->world->speed > 0 ? (int64_t)((double)ms / s->world->speed) : ms;
}

/* ---- queue ---- */
static void drain(struct sim *s, void *arg)
{
    struct ctl *c = s->ctl;
    int64_t until = clock_mono_us() + 8000;
    (void)arg;
    while (c->head != c->tail && clock_mono_us() <= until) {
        struct ctl_key k = c->queue[c->head++ % c->cap];
        char *id = sim_printf("%d/%s/%s", (int)k.kind, k.ns, k.name);
        map_del(&c->queued, id);
        syncs[k.kind](s, k.ns, k.name);
        free(id);
        free(k.ns);
        free(k.name);
    }
    c->draining = c->head != c->tail;
    c->opening = c->opening && c->draining;
    if (c->draining)                                           /* requests come first, then the rest */
        sim_after(s, 1, drain, NULL);
}

static void queue_grow(struct ctl *c)
{
    size_t cap = c->cap ? c->cap * 2 : 256;
    struct ctl_key *q = sim_alloc(cap * sizeof(*q));
    size_t n = 0;
    for (size_t i = c->head; i != c->tail; i++)
        q[n++] = c->queue[i % c->cap];
    free(c->queue);
    c->queue = q;
    c->cap = cap;
    c->head = 0;
    c->tail = n;
}

void ctl_queue(struct sim *s, enum ctl_kind kind, const char *ns, const char *name)
{
    struct ctl *c = ctl_of(s);
    if (!c->running || !syncs[kind])
        return;
    char *id = sim_printf("%d/%s/%s", (int)kind, ns, name);
    if (!map_get(&c->queued, id)) {
        map_put(&c->queued, id, c);
        if (c->tail - c->head >= c->cap)
            queue_grow(c);
        c->queue[c->tail++ % c->cap] = (struct ctl_key){kind, sim_strdup(ns), sim_strdup(name)};
        if (!c->draining)
            sim_after(s, 0, drain, NULL);
        c->draining = true;
    }
    free(id);
}

static void queue_late(struct sim *s, void *arg)
{
    struct ctl_key *k = arg;
    ctl_queue(s, k->kind, k->ns, k->name);
    free(k->ns);
    free(k->name);
    free(k);
}

void ctl_queue_after(struct sim *s, int64_t ms, enum ctl_kind kind, const char *ns, const char *name)
{
    struct ctl_key *k = sim_alloc(sizeof(*k));
    *k = (struct ctl_key){kind, sim_strdup(ns), sim_strdup(name)};
    sim_after(s, ms, queue_late, k);
}

void ctl_queue_owner(struct sim *s, const struct ctl_item *it)
{
    struct ctl_item *up = it->owner ? ctl_item(s, it->o->owner_uid) : NULL;
    if (up)
        ctl_queue(s, up->kind, up->o->ns, up->o->name);
}

/* ---- sets ---- */
static void set_add(struct map *in, const char *key, struct ctl_item *it, struct ctl_set **place, size_t *at)
{
    struct ctl_set *set = map_get(in, key);
    if (!set) {
        set = sim_alloc(sizeof(*set));
        set->key = sim_strdup(key);
        map_put(in, key, set);
    }
    set->v = sim_grow(set->v, &set->cap, set->n + 1, sizeof(struct ctl_item *));
    *at = set->n;
    *place = set;
    set->v[set->n++] = it;
}

static size_t *place_in(struct ctl_item *it, const struct ctl_set *set)
{
    return it->owner == set ? &it->owner_at : it->node == set ? &it->node_at : &it->orphans_at;
}

static void set_drop(struct map *in, struct ctl_set **place, size_t at)
{
    struct ctl_set *set = *place;
    if (!set)
        return;
    struct ctl_item *last = set->v[--set->n];
    if (at < set->n) {
        set->v[at] = last;
        *place_in(last, set) = at;
    }
    *place = NULL;
    if (!set->n) {
        map_del(in, set->key);
        free(set->key);
        free(set->v);
        free(set);
    }
}

struct ctl_item *ctl_item(struct sim *s, const char *uid)
{
    return map_get(&ctl_of(s)->items, uid);
}

static struct ctl_item **copy_of(const struct ctl_set *set, int kind, size_t *n)
{
    *n = 0;
    if (!set)
        return NULL;
    struct ctl_item **out = sim_alloc(set->n * sizeof(struct ctl_item *));
    for (size_t i = 0; i < set->n; i++)
        if (kind < 0 || set->v[i]->kind == (enum ctl_kind)kind)
            out[(*n)++] = set->v[i];
    return out;
}

struct ctl_item **ctl_owned(struct sim *s, const char *uid, enum ctl_kind kind, size_t *n)
{
    return copy_of(map_get(&ctl_of(s)->owned, uid), kind == K_COUNT ? -1 : (int)kind, n);
}

struct ctl_item **ctl_pods_on(struct sim *s, const char *node, size_t *n)
{
    return copy_of(map_get(&ctl_of(s)->on_node, node), -1, n);
}

bool ctl_active(const struct ctl_item *pod)
{
    return !pod->terminating && pod->phase != 'S' && pod->phase != 'F';
}

bool ctl_available(struct sim *s, const struct ctl_item *pod, int64_t min_ready_s)
{
    return pod->ready && (min_ready_s <= 0 || sim_now(s) - pod->ready_since >= ctl_ms(s, min_ready_s * 1000));
}

/* ---- what a change means ---- */
/* The sets an item is in follow its object. */
static void place(struct ctl *c, struct ctl_item *it, const struct obj *was)
{
    bool pod = it->kind == K_POD;
    if (!was || strcmp(was->owner_uid, it->o->owner_uid) != 0) {
        set_drop(&c->owned, &it->owner, it->owner_at);
        set_drop(&c->orphans, &it->orphans, it->orphans_at);
        if (*it->o->owner_uid)
            set_add(&c->owned, it->o->owner_uid, it, &it->owner, &it->owner_at);
        else if (pod)
            set_add(&c->orphans, it->o->ns, it, &it->orphans, &it->orphans_at);
    }
    if (pod && *it->o->node && !it->node)
        set_add(&c->on_node, it->o->node, it, &it->node, &it->node_at);
}

static void node_use(struct ctl *c, const struct ctl_item *it, int sign)
{
    struct ctl_node *n = it->node ? map_get(&c->nodes, it->o->node) : NULL;
    if (!n)
        return;
    n->used_cpu += sign * it->cpu;
    n->used_memory += sign * it->memory;
    n->used_pods += sign;
}

/* A pod nobody owns may be wanted by a controller whose selector it meets. */
static void offer_orphan(struct sim *s, const struct ctl_item *it)
{
    static const enum ctl_kind adopts[] = {K_REPLICASET, K_STATEFULSET, K_DAEMONSET};
    for (size_t k = 0; k < sizeof(adopts) / sizeof(adopts[0]); k++) {
        struct res *r = ctl_res(s, adopts[k]);
        for (size_t i = r ? store_from(r, it->o->ns, "", false) : 0; r && i < r->n && strcmp(r->items[i]->ns, it->o->ns) == 0; i++) {
            json_t *d = obj_doc(r->items[i]);
            if (!ctl_empty_selector(jat(d, "spec.selector")) && ctl_selects(jat(d, "spec.selector"), it->o->labels))
                ctl_queue(s, adopts[k], it->o->ns, r->items[i]->name);
            json_decref(d);
        }
    }
}

static void pod_changed(struct sim *s, struct ctl_item *it, const struct obj *before, const json_t *doc)
{
    struct ctl *c = s->ctl;
    struct ctl_item was = *it;
    bool first = !before, placed = it->node != NULL, held = placed && it->phase != 'S' && it->phase != 'F';
    ctl_facts_pod(s, it, doc, first);
    place(c, it, before);
    bool ended = it->phase == 'S' || it->phase == 'F', holds = it->node && !ended;
    if (holds != held)
        node_use(c, it, holds ? 1 : -1);
    bool labels = before && before->labels != it->o->labels && !json_equal(before->labels, it->o->labels);
    bool matters = first || labels || was.ready != it->ready || was.terminating != it->terminating || was.phase != it->phase || !placed != !it->node ||
                   was.owner != it->owner || strcmp(was.ip, it->ip) != 0;
    ctl_selectors_pod(s, it, first || labels ? (before ? before->labels : NULL) : it->o->labels, !first, true, matters);
    if (!c->running)
        return;
    if (matters) {
        ctl_queue_owner(s, it);
        if (was.owner && was.owner != it->owner && before) {
            struct ctl_item *old = ctl_item(s, before->owner_uid);
            if (old)
                ctl_queue(s, old->kind, old->o->ns, old->o->name);
        }
        if ((first || labels || was.owner != it->owner) && !it->owner && json_object_size(it->o->labels))
            offer_orphan(s, it);
        if (ended && was.phase != it->phase)
            ctl_schedule_retry(s, false);
    }
    if (!it->node && !it->terminating && !ended)
        ctl_queue(s, K_SCHEDULE, it->o->ns, it->o->name);
    else if (it->node)
        ctl_kubelet_see(s, it, doc);
    if (it->node && !placed)
        ctl_taints_pod(s, it);
}

static bool has_item(enum ctl_kind k)
{
    return k == K_POD || k == K_NODE || k == K_SERVICE || (k >= K_DEPLOYMENT && k <= K_HPA);
}

static bool has_finalizer(const json_t *doc)
{
    return json_array_size(jat(doc, "metadata.finalizers")) > 0;
}

/* An object that is only waiting for somebody's finalizer. */
static void ending(struct sim *s, enum ctl_kind kind, const struct obj *o, const json_t *doc)
{
    char at[24];
    size_t i = 0;
    if (has_finalizer(doc)) {
        ctl_queue(s, K_COLLECT, o->uid, "");
        return;
    }
    if (kind == K_POD && jint(doc, "metadata.deletionGracePeriodSeconds") > 0)
        return;
    if (kind == K_NAMESPACE && json_array_size(jat(doc, "spec.finalizers")))
        return;
    while (i < s->nres && s->res[i] != o->res)
        i++;
    snprintf(at, sizeof(at), "%zu", i);
    char *key = sim_printf("%s/%s", o->ns, o->name);
    ctl_queue(s, K_REAP, at, key);
    free(key);
}

void ctl_changed(struct sim *s, struct obj *now, struct obj *before, const json_t *doc)
{
    if (!*now->res->version)
        return;
    struct ctl *c = ctl_of(s);
    enum ctl_kind kind = ctl_kind_of(s, now->res);
    struct ctl_item *it = has_item(kind) || *now->owner_uid ? map_get(&c->items, now->uid) : NULL;
    if (!it && (has_item(kind) || *now->owner_uid)) {
        it = sim_alloc(sizeof(*it));
        it->kind = kind;
        map_put(&c->items, now->uid, it);
        before = kind == K_POD ? NULL : before;
    }
    if (it)
        it->o = now;
    if (kind == K_POD) {
        pod_changed(s, it, before, doc);
    } else {
        if (it)
            place(c, it, it->owner ? before : NULL);
        if (kind == K_NODE)
            ctl_facts_node(s, now, doc);
        if (kind == K_SERVICE || kind == K_PDB)
            ctl_selector_put(s, kind, now, doc);
        if (kind == K_HPA && !before && c->running)
            ctl_queue_after(s, ctl_ms(s, CTL_HPA_MS), K_HPA, now->ns, now->name);      /* then on its own beat */
        else if (kind != K_NODE && kind != K_EVENT && kind != K_LEASE && kind != K_HPA)
            ctl_queue(s, kind, now->ns, now->name);
        if (it && kind != K_SLICE && kind != K_REVISION)
            ctl_queue_owner(s, it);
    }
    if (c->running && *now->ns && kind != K_EVENT && kind != K_LEASE && (!before || kind == K_POD))
        ctl_quotas(s, now->ns, !before);
    if (c->running && ctl_deleting(doc))
        ending(s, kind, now, doc);
}

void ctl_seeded(struct sim *s, struct obj *o, const struct ctl_item *like, int64_t born, const char *ip)
{
    struct ctl *c = ctl_of(s);
    struct ctl_item *it = sim_alloc(sizeof(*it));
    *it = *like;
    it->o = o;
    it->owner = it->node = it->orphans = NULL;
    json_incref(it->apart);
    json_incref(it->ports);
    c->aparts += it->apart != NULL;
    it->created = born;
    it->ready_since += born - like->created;
    snprintf(it->ip, sizeof(it->ip), "%s", ip);
    map_put(&c->items, o->uid, it);
    place(c, it, NULL);
    node_use(c, it, 1);
}

void ctl_gone(struct sim *s, struct obj *last)
{
    if (!*last->res->version)
        return;
    struct ctl *c = ctl_of(s);
    enum ctl_kind kind = ctl_kind_of(s, last->res);
    struct ctl_item *it = map_get(&c->items, last->uid);
    if (kind == K_NODE)
        ctl_node_forget(s, last->name);
    if (kind == K_CLAIM || kind == K_VOLUME)
        ctl_queue(s, kind, last->ns, last->name);
    if (kind == K_SERVICE || kind == K_PDB) {
        ctl_queue(s, kind, last->ns, last->name);
        ctl_selector_drop(s, kind, last->ns, last->name);
    }
    if (it) {
        struct ctl_item *up = it->owner ? ctl_item(s, it->o->owner_uid) : NULL;
        if (up && kind == K_POD && (up->kind == K_STATEFULSET || up->kind == K_DAEMONSET))
            ctl_queue_after(s, SEEN_MS, up->kind, up->o->ns, up->o->name);     /* what is made anew comes after the end, not with it */
        else
            ctl_queue_owner(s, it);
        if (kind == K_POD) {
            ctl_selectors_pod(s, it, it->o->labels, true, false, true);
            if (it->phase != 'S' && it->phase != 'F')
                node_use(c, it, -1);
            map_del(&c->waiting, last->uid);
            ctl_kubelet_forget(s, last->uid);
            if (c->running)
                ctl_schedule_retry(s, false);
        }
        if (kind == K_HPA)
            ctl_hpa_forget(s, last->uid);
        set_drop(&c->owned, &it->owner, it->owner_at);
        set_drop(&c->on_node, &it->node, it->node_at);
        set_drop(&c->orphans, &it->orphans, it->orphans_at);
        map_del(&c->items, last->uid);
        c->aparts -= it->apart != NULL;
        json_decref(it->apart);
        json_decref(it->ports);
        free(it);
    }
    if (c->running && *last->ns && kind != K_EVENT)
        ctl_quotas(s, last->ns, false);
    if (map_get(&c->owned, last->uid))
        ctl_queue(s, K_COLLECT, last->uid, "");
    struct obj *ns = *last->ns ? ctl_get(s, K_NAMESPACE, "", last->ns) : NULL;
    if (ns && c->running && kind != K_EVENT && strstr(ns->text, "\"Terminating\""))
        ctl_queue(s, K_NAMESPACE, "", last->ns);
}

/* ---- start ---- */
static void churn_one(struct sim *s, struct res *pods)
{
    char at[32];
    json_t *d = obj_doc(pods->items[sim_rand(s) % pods->n]);
    int64_t c = jint(d, "metadata.generation") + 1;
    jset(d, "metadata.generation", json_integer(c));
    if (jat(d, "status.containerStatuses.0") && strcmp(jstr(d, "status.phase"), "Running") == 0)
        ctl_condition(d, "SimChurn", c % 2 ? "True" : "False", NULL, NULL, ctl_now(s, at));
    store_put(s, pods, d);
}

/* So many changes a second by the clock: what a busy moment delayed is made up for, but no more than a second of it. */
static void churn(struct sim *s, void *arg)
{
    struct res *pods = ctl_res(s, K_POD);
    struct ctl *c = s->ctl;
    int64_t now = clock_mono_us();
    int64_t due = (int64_t)((double)(now - c->churn_from) * s->world->churn / 1e6), most = (int64_t)s->world->churn + 1;
    (void)arg;
    if (due - c->churned > most)
        c->churned = due - most;
    while (c->churned < due && pods->n && clock_mono_us() - now < 4000) {
        churn_one(s, pods);
        c->churned++;
    }
    int64_t gap = (int64_t)(1000 / s->world->churn);
    sim_after(s, c->churned < due ? 1 : gap < 10 ? 10 : gap > 1000 ? 1000 : gap, churn, NULL);
}

static void tick(struct sim *s, void *arg)
{
    (void)arg;
    streams_reap(s);
    streams_wake(s);                                           /* watches end, bookmarks are due */
    if (++s->ctl->ticks % 10 == 0)
        ctl_events_expire(s);
    sim_after(s, 1000, tick, NULL);
}

/* Pods that are not through when the curtain rises: crash loops, pulls that fail, pods nobody placed. */
static void wake_pod(struct sim *s, struct obj *o)
{
    struct ctl_item *it = ctl_item(s, o->uid);
    bool waits = strstr(o->text, "\"waiting\":{") || strstr(o->text, "\"deletionTimestamp\"");
    if (it && !it->node && it->phase == 'P') {
        ctl_queue(s, K_SCHEDULE, o->ns, o->name);
    } else if (it && it->node && (waits || it->phase == 'P')) {
        json_t *d = obj_doc(o);
        ctl_kubelet_see(s, it, d);
        json_decref(d);
    }
}

void ctl_start(struct sim *s)
{
    static const enum ctl_kind first[] = {K_NAMESPACE, K_REPLICASET, K_DEPLOYMENT, K_STATEFULSET, K_DAEMONSET, K_JOB, K_CRONJOB, K_HPA, K_SERVICE, K_PDB};
    struct ctl *c = ctl_of(s);
    struct res *pods = ctl_res(s, K_POD);
    s->compacted = s->rv;
    c->running = c->opening = true;
    ctl_selectors_start(s);
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        struct res *r = ctl_res(s, first[i]);
        for (size_t k = 0; r && k < r->n; k++)
            ctl_queue(s, first[i], r->items[k]->ns, r->items[k]->name);
    }
    for (size_t i = 0; i < pods->n; i++)
        wake_pod(s, pods->items[i]);
    ctl_nodes_start(s);
    sim_after(s, 1000, tick, NULL);
    c->churn_from = clock_mono_us();
    if (s->world->churn > 0 && s == s->world->mgmt)            /* the cluster that has the many pods */
        churn(s, NULL);
}
