/* A node object says itself which server it is, and who may write one may write anything. Where another node of the server agrees with
 * it by several facts, a claim that nothing else bears out is no reason to doubt that one: it is what is wrong with who makes it. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

#define PROVEN 2        /* so many rules agree, one of them by an id */
#define ROUNDS 4        /* what is settled may settle others */

bool link_claims(const struct link_edge *e) { return !strcmp(links_relation(e->relation)->id, "machine"); }

static bool proves(const struct link_edge *e) { return e->cls == LINK_A && __builtin_popcount(e->rules) >= PROVEN; }

static void find_proven(const struct links *l, uint8_t *proven)
{
    for (uint32_t i = 0; i < l->down_at[l->nnodes]; i++)
        if (link_claims(&l->down[i]) && proves(&l->down[i]))
            proven[l->down[i].to] = 1;
}

/* What it says of itself without what others disprove: does that agree? */
static bool agrees(const struct links *l, const struct link_edge *e, size_t n)
{
    const struct link_edge *first = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!link_claims(&e[i]) || e[i].cls != LINK_X || e[i].overruled)
            continue;
        if (first && strcmp(link_node_row(l, first->to, NULL)->uid, link_node_row(l, e[i].to, NULL)->uid) != 0)
            return false;
        first = first ? first : &e[i];
    }
    return first != NULL;
}

static bool overrule(struct link_edge *e, const uint8_t *proven)
{
    if (!link_claims(e) || e->overruled || !proven[e->to] || proves(e) || (e->cls != LINK_X && __builtin_popcount(e->rules) >= PROVEN))
        return false;
    if (e->cls == LINK_X || e->cls == LINK_A) {         /* an id names no other by accident */
        e->was = e->cls == LINK_X ? e->was : e->cls;
        e->cls = LINK_X;
        e->overruled = true;
        return true;
    }
    e->cls = LINK_C;                                    /* an address may be used twice */
    return false;
}

static bool weigh(struct links *l, const uint8_t *proven)
{
    bool moved = false;
    for (uint32_t node = 0; node < l->nnodes; node++) {
        struct link_edge *e = l->down + l->down_at[node];
        size_t n = l->down_at[node + 1] - l->down_at[node];
        bool here = false;
        for (size_t i = 0; i < n; i++) {
            moved |= overrule(&e[i], proven);
            here |= e[i].overruled;
        }
        here = here && agrees(l, e, n);
        for (size_t i = 0; here && i < n; i++)
            if (link_claims(&e[i]) && e[i].cls == LINK_X && !e[i].overruled && __builtin_popcount(e[i].rules) >= PROVEN)
                e[i].cls = e[i].was;            /* who is wrong once is believed no single word */
    }
    return moved;
}

bool link_weigh(struct links *l)
{
    uint8_t *proven = mem_zalloc(l->nnodes + 1);
    if (!proven)
        return false;
    bool moved = true, ok = true;
    for (int i = 0; ok && moved && i < ROUNDS; i++) {
        moved = false;
        ok = link_overrule_doubles(l, &moved);
        find_proven(l, proven);
        moved |= weigh(l, proven);
    }
    mem_free(proven);
    return ok && link_doubt_doubles(l);
}

uint32_t link_true_one(const struct links *l, uint32_t node, struct link_edge *by)
{
    const struct link_edge *e = NULL, *best = NULL;
    size_t n = link_disputed_by(l, node) == LINK_NO_NODE ? links_up(l, node, &e) : 0;
    for (size_t i = 0; i < n; i++)
        if (link_claims(&e[i]) && e[i].cls != LINK_X && e[i].cls >= LINK_B &&
            (!best || e[i].cls > best->cls || (e[i].cls == best->cls && __builtin_popcount(e[i].rules) > __builtin_popcount(best->rules))))
            best = &e[i];
    if (!best)
        return LINK_NO_NODE;
    *by = *best;
    by->to = node;
    return best->to;
}
