/* The blast radius: moment after moment, how harm spreads from what is taken away then; the report of the worst of it, and the verdict. */
#include "strata/blast.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/blast_priv.h"
#include "strata/mem.h"

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

/* A machine is worth what runs on it, which is told for itself; what a DaemonSet keeps there goes with it. */
bool blast_for_itself(const struct row *r)
{
    return !link_is(r, "port") && !link_is(r, "network") && !link_is(r, "router") && !link_is(r, "nodes") && !link_is(r, "hypervisor") && !link_is(r, "os-services") && !link_is(r, "daemonsets") && !link_is(r, "baremetal") && !link_is(r, "lb-member") && !(link_is(r, "pods") && blast_by_daemon(r));
}

bool blast_is_red(const struct links *l, const struct blast_item *it)
{
    return it->harm == HARM_LOST && it->plane != BLAST_CP && !it->back && !it->undo && it->cls >= LINK_B && blast_for_itself(links_row(l, it->node));
}

/* Red: what users have is gone, and not only for a moment, or a quorum is. Yellow: only a moment, or it cannot be managed, or
 * the next loss would be one too many, or it is not known. */
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

/* A pod of an API is of the control plane, one of a disk's of the storage: that it runs is not what users have of it. */
static int plane_of_pod(const struct spread *s, int plane, uint32_t node)
{
    const struct link_role *role = s->l->role[node];
    return plane == BLAST_DP && role && link_is(links_row(s->l, node), "pods") ? (int)blast_plane_of(role->plane) : plane;
}

static void keep_worst(struct spread *s, int at, uint32_t node)
{
    if (!links_row(s->l, node))
        return;
    int plane = plane_of_pod(s, at, node);
    struct blast_item *now = &s->at[at][node];
    uint32_t *have = &s->have[plane][node];
    now->plane = (uint8_t)plane;
    if (*have && blast_worse(now, &s->item[*have - 1])) {
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
                blast_contradicted(s, c->node);
            if (away[i] == TURN_AWAY)
                blast_hurt(s, (struct blast_item){c->node, c->node, (uint8_t)c->plane, c->harm ? c->harm : HARM_LOST, LINK_A, c->back, c->undo, 0, 0, 0, 0});
            if (away[i] == TURN_AWAY && c->data)
                blast_hurt(s, (struct blast_item){c->node, c->node, BLAST_ST, HARM_LOST, LINK_A, false, c->data == DATA_GIVEN, 0, 0, 0, 0});
        }
        blast_spread_all(s);
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
