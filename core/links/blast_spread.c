/* Harm goes from one to what hangs on it, along each edge as what the edge means lets it. */
#include "core/links/blast_priv.h"

#include <string.h>

#include "strata/mem.h"

static bool lost(const struct spread *s, uint32_t node)
{
    return s->at[BLAST_DP][node].harm == HARM_LOST || s->at[BLAST_ST][node].harm == HARM_LOST || s->at[BLAST_CP][node].harm == HARM_LOST;
}

/* Worse, or as bad and surer. */
bool blast_worse(const struct blast_item *a, const struct blast_item *b)
{
    if (a->harm != b->harm)
        return a->harm > b->harm;
    return a->back != b->back ? !a->back : a->cls > b->cls;
}

/* Worse only: so it ends. */
void blast_hurt(struct spread *s, struct blast_item item)
{
    struct blast_item *have = &s->at[item.plane][item.node];
    if (item.harm == HARM_NONE || !blast_worse(&item, have))
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
            blast_group_doubt(s, s->service[i], pod);
}

/* Rules say two things of it: whether it is hit is not known, and nothing is told of what hangs on it. */
void blast_contradicted(struct spread *s, uint32_t node)
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
    blast_hurt(s, to);
}

/* Harm of v in one plane goes up an edge. */
static void along(struct spread *s, const struct blast_item *v, const struct link_edge *e)
{
    const struct link_relation *rel = links_relation(e->relation);
    if (rel->plane == LINK_FOR_NONE && !blast_is_part(e))
        return;
    if (e->cls == LINK_X) {
        (e->overruled ? claimed : blast_contradicted)(s, e->to);
        return;
    }
    bool need = !strcmp(rel->id, "needs"), api = links_row(s->l, e->to)->flags & ROW_HEAD, queue = need && link_is_queue(s->l->role[v->node]);
    if (need && (v->harm != HARM_LOST || (!api && !queue)))
        return;                                 /* while the quorum holds they answer; of a database the APIs tell */
    struct blast_item to = {e->to, v->node, v->plane, v->harm, weaker(v->cls, e->cls), v->back, false, 0, 0, 0, 0};
    if (need && s->l->role[v->node] && (!s->l->role[v->node]->quorum || (queue && api)))
        to.harm = HARM_DEGRADED;                /* without their cache they answer slowly, without the queue they tell and get nothing done */
    if (blast_is_part(e)) {
        if (v->plane == BLAST_DP)
            blast_group_doubt(s, e->to, v->node);
        return;
    }
    if (!link_way_in(s->l, v, e, &to))
        return;
    if (rel->plane == LINK_FOR_ST && v->plane == BLAST_CP && strcmp(rel->id, "stored") != 0)
        return;                                 /* a volume that cannot be managed is read and written */
    if (!strcmp(rel->id, "keeps") && strcmp(row_column(links_row(s->l, v->node), "bootable"), "true") != 0)
        to.harm = HARM_DEGRADED;                /* not what it runs from: claims tell who has data there */
    if (!strcmp(rel->id, "api") && v->plane != BLAST_DP)
        return;                                 /* a way that cannot be managed is one */
    if (!strcmp(rel->id, "api") && to.harm == HARM_LOST && one_of_several(s->l, v->node, e->to))
        to.harm = HARM_AT_RISK;                 /* how many must stay is counted; this way to them is one */
    if (!strcmp(rel->id, "process")) {
        const struct link_role *role = s->l->role[v->node];
        to.plane = (uint8_t)blast_plane_of(role ? role->plane : LINK_FOR_CP);
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
            blast_group_doubt(s, top, node);
        services(s, node);
    }
}

void blast_spread_all(struct spread *s)
{
    for (size_t i = 0; i < s->n && !s->failed;) {
        while (i < s->n && !s->failed)
            spread_from(s, s->queue[i++]);
        for (size_t g = 0; g < s->ngroups; g++) {
            blast_group_count(s, s->group[g]);
            s->by[s->group[g]] = 0;
        }
        s->ngroups = 0;
    }
}
