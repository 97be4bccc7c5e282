/* A machine is one node of one cluster. Two of a cluster that say they are one server: who agrees with it by less is wrong about that;
 * where none does, both are doubted. Nodes of two clusters are other people's word: there only who is proven counts more (weigh.c), and
 * an address is borne by machines of two networks without any fault. */
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

struct claim { struct link_edge *e; uint32_t from; uint16_t cluster; bool guess; };
struct claims { struct claim *c; size_t n, cap; bool failed; };

static int by_machine(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    if (x->e->to != y->e->to)
        return x->e->to < y->e->to ? -1 : 1;
    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    return x->from < y->from ? -1 : x->from > y->from;
}

/* What is but a guess claims nothing, nor does what contradicts itself. */
static void collect(struct links *l, struct claims *all)
{
    for (uint32_t node = 0; node < l->nnodes; node++)
        for (uint32_t i = l->down_at[node]; i < l->down_at[node + 1]; i++) {
            struct link_edge *e = &l->down[i];
            if (!link_claims(e) || e->cls < LINK_B || e->cls == LINK_X)
                continue;
            if (!mem_grow(&all->c, &all->cap, all->n + 1, sizeof *all->c)) {
                all->failed = true;
                return;
            }
            all->c[all->n++] = (struct claim){e, node, links_cluster(l, link_node_row(l, node, NULL)->source), false};
        }
    if (all->n > 1)
        qsort(all->c, all->n, sizeof *all->c, by_machine);
}

static bool two(const struct links *l, const struct claim *a, const struct claim *b)
{
    return a != b && strcmp(link_node_row(l, a->from, NULL)->uid, link_node_row(l, b->from, NULL)->uid) != 0;
}

static bool outweighs(const struct link_edge *a, const struct link_edge *b)
{
    int facts = __builtin_popcount(a->rules) - __builtin_popcount(b->rules), sure = (int)a->cls - (int)b->cls;
    return facts >= 0 && sure >= 0 && (facts || sure);
}

static void refute(struct link_edge *e, bool overruled)
{
    e->was = e->cls;
    e->cls = LINK_X;
    e->overruled = overruled;
}

static bool overrule(const struct links *l, struct claim *c, size_t n)
{
    bool moved = false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n && c[i].e->cls != LINK_X; k++)
            if (c[k].e->cls != LINK_X && two(l, &c[k], &c[i]) && outweighs(c[k].e, c[i].e)) {
                refute(c[i].e, true);
                moved = true;
            }
    return moved;
}

/* Has it no more than the address? */
static bool by_address(const struct link_edge *e)
{
    for (const struct link_rule *r = link_rules; r->id; r++)
        if (e->rules == 1u << link_rule_bit(r) && !strcmp(r->relation, links_relation(e->relation)->id))
            return r->flags & RULE_ADMIN;
    return false;
}

/* Is there another node that says so, of its cluster or of others? */
static bool disputed(const struct links *l, const struct claim *c, size_t n, size_t i, bool within)
{
    for (size_t k = 0; k < n; k++)
        if (c[k].e->cls >= LINK_B && (c[k].cluster == c[i].cluster) == within && two(l, &c[i], &c[k]))
            return true;
    return false;
}

/* An address against two facts, or against another's address: it tells nothing. */
static void guess_addresses(const struct links *l, struct claim *c, size_t n)
{
    bool named = false, strong = false;
    for (size_t i = 0; i < n; i++) {
        strong |= __builtin_popcount(c[i].e->rules) > 1;
        named |= !by_address(c[i].e);
    }
    for (size_t i = 0; i < n; i++)
        c[i].guess = (strong || !named) && by_address(c[i].e) && !disputed(l, c, n, i, true) && disputed(l, c, n, i, false);
    for (size_t i = 0; i < n; i++)
        if (c[i].guess)
            c[i].e->cls = LINK_C;
}

static bool doubt(const struct links *l, struct claim *c, size_t n)
{
    const struct claim *first = NULL;
    bool several = false;
    guess_addresses(l, c, n);
    for (size_t i = 0; i < n; i++) {
        if (c[i].guess)
            continue;
        several |= first && two(l, first, &c[i]);
        first = first ? first : &c[i];
    }
    for (size_t i = 0; several && i < n; i++)
        if (!c[i].guess)
            refute(c[i].e, false);
    return several;
}

static bool each(struct links *l, bool (*fn)(const struct links *l, struct claim *c, size_t n), bool across, bool *moved)
{
    struct claims all = {0};
    collect(l, &all);
    for (size_t i = 0, n; !all.failed && i < all.n; i += n) {
        for (n = 1; i + n < all.n && all.c[i + n].e->to == all.c[i].e->to && (across || all.c[i + n].cluster == all.c[i].cluster);)
            n++;
        if (n > 1)
            *moved |= fn(l, all.c + i, n);
    }
    mem_free(all.c);
    return !all.failed;
}

bool link_overrule_doubles(struct links *l, bool *moved) { return each(l, overrule, false, moved); }

bool link_doubt_doubles(struct links *l)
{
    bool moved = false;
    return each(l, doubt, true, &moved);
}

uint32_t link_rival(const struct links *l, uint32_t node, const struct link_edge *e, struct link_edge *its)
{
    const struct link_edge *up;
    const struct row *r = links_row(l, node);
    size_t n = link_claims(e) && e->cls == LINK_X && !e->overruled ? links_up(l, e->to, &up) : 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *o = links_row(l, up[i].to);
        if (!link_claims(&up[i]) || up[i].cls != LINK_X || up[i].overruled || !strcmp(o->uid, r->uid))
            continue;
        *its = up[i];
        its->to = e->to;
        return up[i].to;
    }
    return LINK_NO_NODE;
}
