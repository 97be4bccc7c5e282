/* The blast radius: harm spreads from what is taken away to what hangs on it; what stands in groups bears some of it. */
#include "strata/blast.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/map.h"
#include "strata/mem.h"
#include "strata/why.h"

#define NOBODY UINT32_MAX

struct spread {
    const struct links *l;
    struct blast_item *at[BLAST_PLANES];        /* per node; harm NONE: untouched */
    uint32_t *queue;                            /* touched, to be looked at */
    size_t n, cap;
    uint32_t *group;                            /* groups a part of which is lost, counted when nothing else is left to do */
    size_t ngroups, group_cap;
    uint32_t *by;                               /* per node: the part because of which it is in `group`, + 1; 0: it is not */
    uint32_t *service;                          /* those that something hangs on; listed when the first pod is lost */
    size_t nservices, service_cap;
    bool listed;
    bool failed;
    struct blast *out;
    uint8_t *odd;                               /* per node: rules contradict each other about what it is or what is it */
    uint8_t *shaky;                             /* per node: it came back a moment ago, and is not ready there perhaps */
    struct blast_item *item;                    /* the worst of all moments so far */
    size_t nitems, item_cap;
    uint32_t *have[BLAST_PLANES];               /* per node: its place in item, + 1 */
};

static enum blast_plane plane_of(enum link_plane p)
{
    return p == LINK_FOR_ST ? BLAST_ST : p == LINK_FOR_CP ? BLAST_CP : BLAST_DP;
}

static bool lost(const struct spread *s, uint32_t node)
{
    return s->at[BLAST_DP][node].harm == HARM_LOST || s->at[BLAST_ST][node].harm == HARM_LOST || s->at[BLAST_CP][node].harm == HARM_LOST;
}

/* Worse, or as bad and surer. */
static bool worse(const struct blast_item *a, const struct blast_item *b)
{
    if (a->harm != b->harm)
        return a->harm > b->harm;
    return a->back != b->back ? !a->back : a->cls > b->cls;
}

/* Worse only: so it ends. */
static void harm(struct spread *s, struct blast_item item)
{
    struct blast_item *have = &s->at[item.plane][item.node];
    if (item.harm == HARM_NONE || !worse(&item, have))
        return;
    *have = item;
    if (!mem_grow(&s->queue, &s->cap, s->n + 1, sizeof *s->queue)) {
        s->failed = true;
        return;
    }
    s->queue[s->n++] = item.node;
}

static uint8_t weaker(uint8_t a, uint8_t b)
{
    return a == LINK_X || b == LINK_X ? (uint8_t)LINK_C : a < b ? a : b;
}

/* ---- groups: a workload lives by its pods, a load balancer by its amphorae ---- */

struct tally { const struct spread *s; uint32_t members, of, alive, shaky; bool back, undo, dull; uint32_t by; };      /* of: those that served before; dull: OFFLINE does */

/* OFFLINE is a member that was set down, or one that no monitor has looked at yet. */
static bool serves(const struct row *r, bool dull)
{
    if (link_is(r, "lb-member"))
        return r->health == HEALTH_OK || (dull && r->health == HEALTH_WARN);
    if (link_is(r, "os-services") && why_state_of(r) == WHY_STOPPED)
        return false;                           /* an agent whose routers were taken away already */
    return link_is(r, "pods") ? r->health == HEALTH_OK && blast_serves(r) : r->health == HEALTH_OK || r->health == HEALTH_WARN;
}

static void doubt(struct spread *s, uint32_t group, uint32_t by)
{
    if (s->by[group])
        return;
    if (!mem_grow(&s->group, &s->group_cap, s->ngroups + 1, sizeof *s->group)) {
        s->failed = true;
        return;
    }
    s->group[s->ngroups++] = group;
    s->by[group] = by + 1;
}

/* It does not run, or its volume is gone; what it kept to itself it begins anew. */
static const struct blast_item *gone_by(const struct spread *s, uint32_t node)
{
    const struct blast_item *run = &s->at[BLAST_DP][node], *data = &s->at[BLAST_ST][node];
    return run->harm == HARM_LOST ? run : data->harm == HARM_LOST && data->from != node ? data : NULL;
}

static void add_part(void *arg, uint32_t node)
{
    struct tally *t = arg;
    const struct spread *s = t->s;
    const struct blast_item *gone = gone_by(s, node), *before = t->by ? gone_by(s, t->by - 1) : NULL;
    t->members++;
    if (!serves(links_row(s->l, node), t->dull))
        return;
    if (gone && (!before || gone->cls > before->cls))
        t->by = node + 1;
    t->of++;
    t->alive += !gone;
    t->shaky += !gone && s->shaky[node];
    t->back &= !gone || gone->back;
    t->undo &= !gone || gone->undo;
}

static enum blast_harm of_group(const struct tally *t, uint32_t need)
{
    if (t->alive == t->of)
        return HARM_NONE;
    if (t->alive < need)
        return HARM_LOST;
    if (t->alive - t->shaky < need)
        return HARM_AT_RISK;
    /* One of a pair that is made anew is what pairs are for; of a quorum, or when it stays away, the next is one too many. */
    return t->alive > need || (t->back && need == 1) ? HARM_DEGRADED : HARM_AT_RISK;
}

/* Whether a set votes is not always seen by its name: without its majority it is at risk at least. */
static enum blast_harm below(enum blast_harm h, const struct tally *t, uint32_t majority)
{
    return h == HARM_DEGRADED && t->alive < majority && t->of >= majority ? HARM_AT_RISK : h;
}

static bool is_part(const struct link_edge *e)
{
    const char *id = links_relation(e->relation)->id;
    return !strcmp(id, "balances") || !strcmp(id, "members") || !strcmp(id, "served-by") || !strcmp(id, "ceph") || !strcmp(id, "control");
}

static bool ceph(const struct row *r) { return link_kind_is(r->kind, "cephclusters.ceph.rook.io"); }

static void add_parts(const struct link_edge *e, size_t n, const char *relation, const char *pool, struct tally *t)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, relation) && (!pool || !strcmp(row_column(links_row(t->s->l, e[i].to), "pool-id"), pool)))
            add_part(t, e[i].to);
}

/* It lives by its amphorae and by the members of each of its pools: as bad as what is worst off, for a pool without any answers nobody. */
static void count_balancer(const struct spread *s, const struct link_edge *e, size_t n, struct tally *t)
{
    const struct tally none = *t;
    struct map told;
    map_init(&told, NULL);
    add_parts(e, n, "balances", NULL, t);
    for (size_t i = 0; i < n; i++) {
        const char *pool = !strcmp(links_relation(e[i].relation)->id, "members") ? row_column(links_row(s->l, e[i].to), "pool-id") : "";
        struct tally one = none;
        if (!*pool || map_get(&told, pool) || !map_put(&told, pool, t))
            continue;
        add_parts(e + i, n - i, "members", pool, &one);
        if (!one.of) {
            one = none;
            one.dull = true;
            add_parts(e + i, n - i, "members", pool, &one);
        }
        if (!t->of || of_group(&one, 1) > of_group(t, 1))
            *t = one;
    }
    map_release(&told);
}

/* Pods of a Service that serves an API, amphorae of a load balancer, agents of a router, disks of a Ceph cluster. */
static void count_parts(const struct spread *s, uint32_t group, struct tally *t)
{
    const struct row *r = links_row(s->l, group);
    const struct link_edge *e;
    size_t n = links_down(s->l, group, &e);
    if (link_is(r, "services")) {
        for (uint32_t at = 0; (at = link_selected(s->l, r, at)) != NOBODY; at++)
            add_part(t, at);
    } else if (link_is(r, "loadbalancer")) {
        count_balancer(s, e, n, t);
    } else if (link_is(r, "router") || ceph(r) || link_is_place(r->kind)) {
        for (size_t i = 0; i < n; i++)
            if (is_part(&e[i]))
                add_part(t, e[i].to);
    } else {
        link_pods_of(s->l, group, add_part, t);
    }
}

/* How many it shall have: of a set one of whose pods is not made yet, the majority is of these. */
static uint32_t replicas(const struct row *r)
{
    int col = link_is(r, "statefulsets") ? kind_column(r->kind, "ready") : -1;
    return col >= 0 && r->cell[col].n != CELL_NONE ? (uint32_t)(r->cell[col].n & UINT32_MAX) : 0;
}

static void count_group(struct spread *s, uint32_t group)
{
    struct tally t = {.s = s, .back = true, .undo = true};
    uint32_t by = s->by[group] - 1;
    const struct row *r = links_row(s->l, group);
    const struct link_role *role = s->l->role[group] ? s->l->role[group] : s->l->role[by];
    enum blast_plane plane = link_is(r, "services") || link_is_place(r->kind) ? BLAST_CP : link_is(r, "loadbalancer") ? BLAST_DP : ceph(r) ? BLAST_ST : plane_of(role ? role->plane : LINK_FOR_DP);
    count_parts(s, group, &t);
    uint32_t wanted = replicas(r);
    t.members = wanted > t.members ? wanted : t.members;
    if (!t.of)
        return;
    t.undo &= t.alive < t.of && !link_is(r, "services") && !link_is(r, "loadbalancer");
    by = t.by ? t.by - 1 : by;
    const struct row *part = links_row(s->l, by);
    bool votes = (role && role->quorum) || ceph(r) || link_is_place(r->kind) || (t.members >= 3 && link_is(part, "pods") && link_votes(r, part));
    uint32_t need = votes ? t.members / 2 + 1 : 1, majority = link_is(r, "statefulsets") && t.members >= 3 ? t.members / 2 + 1 : 0, wants = link_is(part, "pods") ? link_budget_wants(s->l, part) : 0;
    harm(s, (struct blast_item){group, by, (uint8_t)plane, (uint8_t)below(of_group(&t, need), &t, majority), gone_by(s, by) ? gone_by(s, by)->cls : s->at[BLAST_DP][by].cls, t.back, t.undo, t.alive, t.of, need, wants > need && wants <= t.of ? wants : 0});
}

static void list_services(struct spread *s)
{
    const struct link_edge *e;
    for (size_t i = 0; i < s->l->nsnaps && !s->listed; i++) {
        const struct link_snap *snap = &s->l->snap[i];
        bool services = !strcmp(snap_kind(snap->snap)->id, "services");
        for (uint32_t node = snap->base; services && node < snap->base + snap_slots(snap->snap); node++) {
            size_t n = links_up(s->l, node, &e), i = 0;
            while (i < n && links_relation(e[i].relation)->plane == LINK_FOR_NONE)
                i++;
            if (i == n)
                continue;
            if (!mem_grow(&s->service, &s->service_cap, s->nservices + 1, sizeof *s->service)) {
                s->failed = true;
                return;
            }
            s->service[s->nservices++] = node;
        }
    }
    s->listed = true;
}

/* The Services that send traffic to it and that something else hangs on. */
static void services(struct spread *s, uint32_t pod)
{
    list_services(s);
    for (size_t i = 0; i < s->nservices; i++)
        if (link_selects(s->l, links_row(s->l, s->service[i]), links_row(s->l, pod)))
            doubt(s, s->service[i], pod);
}

/* ---- one by one ---- */

/* Rules say two things of it: whether it is hit is not known, and nothing is told of what hangs on it. */
static void contradicted(struct spread *s, uint32_t node)
{
    if (s->odd[node])
        return;
    s->odd[node] = 1;
    if (s->out->nodd++ < sizeof s->out->odd / sizeof *s->out->odd)
        s->out->odd[s->out->nodd - 1] = node;
}

static void claimed(struct spread *s, uint32_t node)
{
    if (s->odd[node])
        return;
    s->odd[node] = 1;
    if (s->out->nclaims < sizeof s->out->claim / sizeof *s->out->claim)
        s->out->claim[s->out->nclaims++] = node;
}

/* A server by whose address a control plane is reached that others are part of as well. */
static bool one_of_several(const struct links *l, uint32_t server, uint32_t api)
{
    const struct link_edge *e;
    size_t n = links_down(l, api, &e), nodes = 0;
    for (size_t i = 0; i < n; i++)
        nodes += !strcmp(links_relation(e[i].relation)->id, "control");
    return nodes > 1 && link_is(links_row(l, server), "server");
}

/* What a guess leads to may be hit: nothing is said to be lost by it. */
static void spread_to(struct spread *s, struct blast_item to)
{
    if (to.cls < LINK_B && to.harm == HARM_LOST)
        to.harm = HARM_AT_RISK;
    harm(s, to);
}

/* Harm of v in one plane goes up an edge. */
static void along(struct spread *s, const struct blast_item *v, const struct link_edge *e)
{
    const struct link_relation *rel = links_relation(e->relation);
    if (rel->plane == LINK_FOR_NONE)
        return;
    if (e->cls == LINK_X) {
        (e->overruled ? claimed : contradicted)(s, e->to);
        return;
    }
    bool need = !strcmp(rel->id, "needs"), api = links_row(s->l, e->to)->flags & ROW_HEAD, queue = need && link_is_queue(s->l->role[v->node]);
    if (need && (v->harm != HARM_LOST || (!api && !queue)))
        return;                                 /* while the quorum holds they answer; of a database the APIs tell */
    struct blast_item to = {e->to, v->node, v->plane, v->harm, weaker(v->cls, e->cls), v->back, false, 0, 0, 0, 0};
    if (need && s->l->role[v->node] && (!s->l->role[v->node]->quorum || (queue && api)))
        to.harm = HARM_DEGRADED;                /* without their cache they answer slowly, without the queue they tell and get nothing done */
    if (is_part(e)) {
        if (v->plane == BLAST_DP)
            doubt(s, e->to, v->node);
        return;
    }
    if (!link_way_in(s->l, v, e, &to))
        return;
    if (!strcmp(rel->id, "keeps") && v->plane == BLAST_CP)
        return;                                 /* a volume that cannot be managed is read and written */
    if (!strcmp(rel->id, "keeps") && strcmp(row_column(links_row(s->l, v->node), "bootable"), "true") != 0)
        to.harm = HARM_DEGRADED;                /* not what it runs from: claims tell who has data there */
    if (!strcmp(rel->id, "api") && v->plane != BLAST_DP)
        return;                                 /* a way that cannot be managed is one */
    if (!strcmp(rel->id, "api") && to.harm == HARM_LOST && one_of_several(s->l, v->node, e->to))
        to.harm = HARM_AT_RISK;                 /* how many must stay is counted; this way to them is one */
    if (!strcmp(rel->id, "process")) {
        const struct link_role *role = s->l->role[v->node];
        to.plane = (uint8_t)plane_of(role ? role->plane : LINK_FOR_CP);
    } else if (rel->plane == LINK_FOR_CP) {
        to.plane = BLAST_CP;                    /* what manages it is gone: it runs on */
    } else if (rel->plane == LINK_FOR_ST) {
        to.plane = v->plane == BLAST_CP ? BLAST_CP : BLAST_ST;
    } else if (v->plane == BLAST_CP && (!strcmp(rel->id, "machine") || !strcmp(rel->id, "amphora") || !strcmp(rel->id, "target") || !strcmp(rel->id, "runs-on"))) {
        return;                                 /* a server that cannot be managed is a node that works */
    }
    const struct row *r = links_row(s->l, e->to);
    if (to.plane == BLAST_DP && (link_is(r, "pods") || link_is(r, "server")) && !blast_serves(r))
        return;                                 /* it ended, is off, or fails anyway */
    spread_to(s, to);
}

/* An API server, and what Cluster API and Magnum call its cluster, are one thing to who manages that. */
static void also_called(struct spread *s, const struct blast_item *v)
{
    const struct link_edge *e;
    size_t n = links_down(s->l, v->node, &e);
    for (size_t i = 0; i < n; i++) {
        const char *rel = links_relation(e[i].relation)->id;
        const struct row *to = links_row(s->l, e[i].to);
        bool coe = link_is(to, "coe-cluster") && (!strcmp(rel, "coe") || !strcmp(rel, "api"));
        if (e[i].cls != LINK_X && (coe || (!strcmp(rel, "declared") && link_is_cluster(to->kind))))
            spread_to(s, (struct blast_item){e[i].to, v->node, BLAST_CP, v->harm, weaker(v->cls, e[i].cls), v->back, false, 0, 0, 0, 0});
    }
}

static void spread_from(struct spread *s, uint32_t node)
{
    const struct link_edge *e;
    for (int p = 0; p < BLAST_PLANES; p++) {
        const struct blast_item v = s->at[p][node];
        if (v.harm == HARM_NONE || (v.harm == HARM_DEGRADED && !v.of && (v.from == node || p == BLAST_ST)))
            continue;                           /* who lost one of its disks, or ports, carries on what hangs on it */
        if (p == BLAST_ST && v.from == node && link_is(links_row(s->l, node), "pods"))
            continue;                           /* what it kept to itself: nobody else reads that */
        size_t n = links_up(s->l, node, &e);
        for (size_t i = 0; i < n; i++)
            along(s, &v, &e[i]);
        if (p == BLAST_CP && link_names_cluster(links_row(s->l, node)->kind))
            also_called(s, &v);
    }
    if (link_is(links_row(s->l, node), "pods") && lost(s, node)) {
        uint32_t top = link_top_of(s->l, node);
        if (top != node)
            doubt(s, top, node);
        services(s, node);
    }
}

/* ---- the report ---- */

static int worst_first(const void *a, const void *b)
{
    static const int weight[BLAST_PLANES] = {1, 3, 2};
    const struct blast_item *x = a, *y = b;
    if (x->harm != y->harm)
        return y->harm - x->harm;
    if (x->plane != y->plane)
        return weight[y->plane] - weight[x->plane];
    return x->node < y->node ? -1 : 1;
}

static bool report(struct blast *b, const struct spread *s)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct blast_item *it = &b->item[i];
        const struct row *r = links_row(s->l, it->node);
        b->count[it->plane][it->harm]++;
        b->unknown += (r->flags & ROW_STALE) || r->health == HEALTH_UNKNOWN;
        b->quorum_lost |= it->harm == HARM_LOST && it->need > 1;
    }
    for (size_t i = 0; i < b->ncontrol; i++)
        b->quorum_lost |= b->control[i].stay < blast_control_needs(&b->control[i]) && blast_control_needs(&b->control[i]) > 1;
    link_blast_touched(b, s->l);
    if (b->n)
        qsort(b->item, b->n, sizeof *b->item, worst_first);
    b->worst = mem_zalloc((s->l->nnodes + 1) * sizeof *b->worst);
    for (size_t i = b->n; b->worst && i-- > 0;)
        b->worst[b->item[i].node] = (uint32_t)i + 1;
    return b->worst != NULL;
}

/* Red: what users have is gone, and not only for a moment, or a quorum is. Yellow: only a moment, or it cannot be managed, or
 * the next loss would be one too many, or it is not known. */
/* A machine is worth what runs on it, which is told for itself; what a DaemonSet keeps there goes with it. */
bool blast_for_itself(const struct row *r)
{
    return !link_is(r, "port") && !link_is(r, "network") && !link_is(r, "router") && !link_is(r, "nodes") && !link_is(r, "hypervisor") && !link_is(r, "os-services") && !link_is(r, "daemonsets") && !link_is(r, "baremetal") && !link_is(r, "lb-member") && !(link_is(r, "pods") && blast_by_daemon(r));
}

bool blast_is_red(const struct links *l, const struct blast_item *it)
{
    return it->harm == HARM_LOST && it->plane != BLAST_CP && !it->back && !it->undo && it->cls >= LINK_B && blast_for_itself(links_row(l, it->node));
}

static enum blast_verdict judge(const struct blast *b, const struct links *l)
{
    enum blast_verdict v = b->unknown || b->waits || b->doubts || b->nodd || b->nclaims ? BLAST_YELLOW : BLAST_GREEN;
    for (size_t i = 0; i < b->n; i++) {
        const struct blast_item *it = &b->item[i];
        if (blast_is_red(l, it) || (it->harm == HARM_LOST && !it->back && link_is_place(links_row(l, it->node)->kind)))
            return BLAST_RED;
        /* One pod of several that comes back is what pods are for, and an amphora of two: who has them says whether that hurts. */
        const char *kind = links_row(l, it->node)->kind->id;
        bool own = it->from == it->node && it->back && (!strcmp(kind, "pods") || !strcmp(kind, "amphora"));
        if (it->harm >= HARM_AT_RISK && !own)
            v = BLAST_YELLOW;
    }
    for (size_t i = 0; i < b->ncontrol; i++)
        if (b->control[i].stay <= blast_control_needs(&b->control[i]))
            v = BLAST_YELLOW;
    return b->quorum_lost ? BLAST_RED : v;
}

/* ---- moment after moment ---- */

static bool unsettled(const struct spread *s, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(s->l, node, &e), i = 0;
    while (i < n && e[i].cls != LINK_X)
        i++;
    return i < n;
}

static void spread_all(struct spread *s)
{
    for (size_t i = 0; i < s->n && !s->failed;) {
        while (i < s->n && !s->failed)
            spread_from(s, s->queue[i++]);
        for (size_t g = 0; g < s->ngroups; g++) {
            count_group(s, s->group[g]);
            s->by[s->group[g]] = 0;
        }
        s->ngroups = 0;
    }
}

/* A pod of an API is of the control plane, one of a disk's of the storage: that it runs is not what users have of it. */
static int plane_of_pod(const struct spread *s, int plane, uint32_t node)
{
    const struct link_role *role = s->l->role[node];
    return plane == BLAST_DP && role && link_is(links_row(s->l, node), "pods") ? (int)plane_of(role->plane) : plane;
}

static void keep_worst(struct spread *s, int at, uint32_t node)
{
    if (!links_row(s->l, node))
        return;
    int plane = plane_of_pod(s, at, node);
    struct blast_item *now = &s->at[at][node];
    uint32_t *have = &s->have[plane][node];
    now->plane = (uint8_t)plane;
    if (*have && worse(now, &s->item[*have - 1])) {
        s->item[*have - 1] = *now;
    } else if (!*have) {
        if (!mem_grow(&s->item, &s->item_cap, s->nitems + 1, sizeof *s->item)) {
            s->failed = true;
            return;
        }
        s->item[s->nitems++] = *now;
        *have = (uint32_t)s->nitems;
    }
}

/* Only what was touched is looked at and wiped: there may be many moments, and many rows. */
static void moment_ends(struct spread *s)
{
    for (size_t i = 0; i < s->n && !s->failed; i++)
        for (int p = 0; p < BLAST_PLANES; p++)
            if (s->at[p][s->queue[i]].harm != HARM_NONE) {
                if (p == BLAST_DP && s->at[p][s->queue[i]].harm == HARM_LOST)
                    link_control_lost(s->l, s->out, s->queue[i]);
                keep_worst(s, p, s->queue[i]);
                s->at[p][s->queue[i]] = (struct blast_item){0};
            }
    s->n = 0;
    link_control_moment(s->out);
}

static void run(struct spread *s, struct link_turns *t, uint8_t *away)
{
    while (!s->failed && link_turns_next(t, away)) {
        for (size_t i = 0; i < t->n; i++) {
            const struct blast_cut *c = &t->cut[i];
            s->shaky[c->node] = away[i] == TURN_JUST_BACK;
            if (away[i] == TURN_AWAY && unsettled(s, c->node))
                contradicted(s, c->node);
            if (away[i] == TURN_AWAY)
                harm(s, (struct blast_item){c->node, c->node, (uint8_t)c->plane, c->harm ? c->harm : HARM_LOST, LINK_A, c->back, c->undo, 0, 0, 0, 0});
            if (away[i] == TURN_AWAY && c->data)
                harm(s, (struct blast_item){c->node, c->node, BLAST_ST, HARM_LOST, LINK_A, false, c->data == DATA_GIVEN, 0, 0, 0, 0});
        }
        spread_all(s);
        moment_ends(s);
    }
}

static bool spread_init(struct spread *s, const struct links *l, struct blast *out)
{
    bool ok = true;
    *s = (struct spread){.l = l, .out = out};
    for (int p = 0; p < BLAST_PLANES; p++) {
        ok &= (s->at[p] = mem_zalloc((l->nnodes + 1) * sizeof *s->at[p])) != NULL;
        ok &= (s->have[p] = mem_zalloc((l->nnodes + 1) * sizeof *s->have[p])) != NULL;
    }
    return ok && (s->by = mem_zalloc((l->nnodes + 1) * sizeof *s->by)) && (s->shaky = mem_zalloc(l->nnodes + 1)) && (s->odd = mem_zalloc(l->nnodes + 1));
}

static void spread_release(struct spread *s)
{
    for (int p = 0; p < BLAST_PLANES; p++) {
        mem_free(s->at[p]);
        mem_free(s->have[p]);
    }
    mem_free(s->queue);
    mem_free(s->group);
    mem_free(s->by);
    mem_free(s->service);
    mem_free(s->shaky);
    mem_free(s->odd);
    mem_free(s->item);
}

bool blast_make(struct blast *out, const struct links *l, const struct blast_cut *cut, size_t n, struct blast_pace pace)
{
    struct spread s;
    struct link_turns t = {0};
    uint8_t *away = mem_zalloc(n + 1);
    memset(out, 0, sizeof *out);
    bool ok = spread_init(&s, l, out) && away && link_turns_init(&t, cut, n, pace);
    if (ok)
        run(&s, &t, away);
    out->item = s.item;
    out->n = s.nitems;
    out->waits = t.waits;
    for (size_t i = 0; i < n; i++)
        out->doubts += cut[i].doubt;
    s.item = NULL;
    ok = ok && !s.failed && report(out, &s);
    link_turns_free(&t);
    spread_release(&s);
    mem_free(away);
    if (!ok)
        blast_free(out);
    else
        out->verdict = judge(out, l);
    return ok;
}

void blast_free(struct blast *b)
{
    mem_free(b->item);
    mem_free(b->worst);
    memset(b, 0, sizeof *b);
}
