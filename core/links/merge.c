/* What the rules found becomes the graph: one edge for each pair and relation, as certain as its rules make it together. */
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

static int by_pair(const void *a, const void *b)
{
    const struct raw_edge *x = a, *y = b;
    if (x->relation != y->relation)
        return x->relation < y->relation ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    return x->bit - y->bit;
}

/* Class of one edge: the best of its rules. */
static struct link_edge joined(const struct raw_edge *e, size_t n)
{
    struct link_edge out = {.to = e->to, .relation = e->relation};
    for (size_t i = 0; i < n; i++) {
        out.rules |= 1u << e[i].bit;
        if (e[i].cls > out.cls)
            out.cls = e[i].cls;
    }
    return out;
}

static bool same_object(const struct links *l, uint32_t a, uint32_t b)
{
    return !strcmp(link_node_row(l, a, NULL)->uid, link_node_row(l, b, NULL)->uid);
}

/* A second guess that agrees with the first makes it likely (C to B), never certain. */
static void lift(struct link_edge *e, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (e[i].cls == LINK_C && __builtin_popcount(e[i].rules) > 1)
            e[i].cls = LINK_B;
}

/* The surest that is likely or better, and whether another such one is another object. */
static const struct link_edge *sure(const struct links *l, const struct link_edge *e, size_t n, bool *differ)
{
    const struct link_edge *first = NULL;
    *differ = false;
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B) {
            *differ |= first && !same_object(l, e[i].to, first->to);
            if (!first || e[i].cls > first->cls)
                first = &e[i];
        }
    return first;
}

/* One thing that hangs on two by a relation that allows one: two that are likely or certain contradict each other; what is
 * but a guess beside something better is dropped. Returns how many edges are left. */
static size_t settle(const struct links *l, struct link_edge *e, size_t n)
{
    size_t kept = 0;
    bool differ = false;
    if (n > 1 && links_relation(e->relation)->single)
        sure(l, e, n, &differ);
    for (size_t i = 0; differ && i < n; i++)
        if (e[i].cls >= LINK_B) {
            e[i].was = e[i].cls;
            e[i].cls = LINK_X;
        }
    lift(e, n);
    if (n < 2 || !links_relation(e->relation)->single)
        return n;
    const struct link_edge *best = sure(l, e, n, &differ);
    const uint32_t to = best ? best->to : 0;
    const uint8_t cls = best ? best->cls : 0;
    for (size_t i = 0; i < n; i++)
        if (!best || e[i].cls == LINK_X || e[i].cls == cls || same_object(l, e[i].to, to))
            e[kept++] = e[i];
    return kept;
}

/* Counting sort by where they begin. */
static bool by_from(struct raw_edges *raw, uint32_t nnodes, uint32_t **at)
{
    struct raw_edge *to = mem_alloc((raw->n + 1) * sizeof *to);
    uint32_t *n = mem_zalloc((nnodes + 2) * sizeof *n);
    if (!to || !n) {
        mem_free(to);
        mem_free(n);
        return false;
    }
    for (size_t i = 0; i < raw->n; i++)
        n[raw->e[i].from + 2]++;
    for (uint32_t i = 2; i < nnodes + 2; i++)
        n[i] += n[i - 1];
    for (size_t i = 0; i < raw->n; i++)
        to[n[raw->e[i].from + 1]++] = raw->e[i];
    mem_free(raw->e);
    raw->e = to;
    raw->cap = raw->n + 1;
    *at = n;
    return true;
}

static void merge_down(struct links *l, struct raw_edges *raw, const uint32_t *at)
{
    uint32_t n = 0;
    for (uint32_t node = 0; node < l->nnodes; node++) {
        struct raw_edge *e = raw->e + at[node];
        size_t many = at[node + 1] - at[node];
        l->down_at[node] = n;
        if (many > 1)
            qsort(e, many, sizeof *e, by_pair);
        for (size_t i = 0, relation_at = n; i < many;) {
            size_t same = 1;
            while (i + same < many && e[i + same].to == e[i].to && e[i + same].relation == e[i].relation)
                same++;
            if (n > relation_at && l->down[relation_at].relation != e[i].relation)
                relation_at = n;
            l->down[n++] = joined(&e[i], same);
            i += same;
            if (i == many || e[i].relation != l->down[n - 1].relation)
                n = (uint32_t)(relation_at + settle(l, l->down + relation_at, n - relation_at));
        }
    }
    l->down_at[l->nnodes] = n;
}

static bool turn_up(struct links *l)
{
    uint32_t n = l->down_at[l->nnodes], *next = mem_alloc((l->nnodes + 1) * sizeof *next);
    if (!next)
        return false;
    for (uint32_t i = 0; i < n; i++)
        l->up_at[l->down[i].to + 1]++;
    for (uint32_t i = 0; i < l->nnodes; i++)
        l->up_at[i + 1] += l->up_at[i];
    memcpy(next, l->up_at, (l->nnodes + 1) * sizeof *next);
    for (uint32_t node = 0; node < l->nnodes; node++)
        for (uint32_t i = l->down_at[node]; i < l->down_at[node + 1]; i++) {
            struct link_edge *up = &l->up[next[l->down[i].to]++];
            *up = l->down[i];
            up->to = node;
        }
    mem_free(next);
    return true;
}

bool link_merge(struct links *l, struct raw_edges *raw)
{
    uint32_t *at = NULL;
    if (!by_from(raw, l->nnodes, &at))
        return false;
    l->down = mem_alloc((raw->n + 1) * sizeof *l->down);
    l->up = mem_alloc((raw->n + 1) * sizeof *l->up);
    l->down_at = mem_zalloc((l->nnodes + 1) * sizeof *l->down_at);
    l->up_at = mem_zalloc((l->nnodes + 1) * sizeof *l->up_at);
    bool ok = l->down && l->up && l->down_at && l->up_at;
    if (ok) {
        merge_down(l, raw, at);
        link_keep_needed(l);
        ok = link_weigh(l);
        link_settle_targets(l);
        ok = ok && turn_up(l);
    }
    mem_free(at);
    return ok;
}
