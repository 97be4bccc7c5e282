/* Lines of a timeline in their order: by our clock, and where intervals overlap honestly so; whose lines they are. */
#include "strata/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

#define LINES_MAX 20000
#define LOOK_BACK 256          /* lines above that one may have been before */
#define FAN 20                 /* of one relation: more, and only those that are not well count */
#define DEPTH 12

const char *timeline_from_name(enum timeline_from f)
{
    static const char *const names[] = {"event", "condition", "action", "service", "operation", "seen"};
    return names[f];
}

void timeline_release(struct timeline *t)
{
    for (size_t i = 0; i < t->n; i++) {
        mem_free(t->line[i].object);
        mem_free(t->line[i].what);
        mem_free(t->line[i].who);
    }
    mem_free(t->line);
    memset(t, 0, sizeof *t);
}

void timeline_interval(struct timeline_line *l, int64_t stamp_ms, int64_t step_ms, int64_t offset_ms, int64_t error_ms)
{
    l->stamp_ms = stamp_ms;
    l->step_ms = step_ms;
    l->lo_ms = stamp_ms - offset_ms - error_ms;
    l->hi_ms = stamp_ms + step_ms - offset_ms + error_ms;
}

void timeline_add(struct timeline *t, const struct timeline_line *l)
{
    if (t->n >= LINES_MAX)
        return;
    struct timeline_line x = *l;
    x.turn = (uint32_t)t->n;
    x.object = mem_strdup(l->object ? l->object : "");
    x.what = mem_strdup(l->what ? l->what : "");
    x.who = mem_strdup(l->who ? l->who : "");
    if (x.object && x.what && x.who && mem_grow(&t->line, &t->cap, t->n + 1, sizeof *t->line)) {
        t->line[t->n++] = x;
        return;
    }
    mem_free(x.object);
    mem_free(x.what);
    mem_free(x.who);
    t->failed = true;
}

/* ---- order ---- */

static int by_time(const void *a, const void *b)
{
    const struct timeline_line *x = a, *y = b;
    int64_t mx = x->lo_ms + x->hi_ms, my = y->lo_ms + y->hi_ms;
    if (mx != my)
        return mx < my ? -1 : 1;
    bool first = !strcmp(x->what, "created"), second = !strcmp(y->what, "created");
    if (first != second)
        return first ? -1 : 1;
    if (x->clock != y->clock)
        return x->clock < y->clock ? -1 : 1;
    if (x->from == TIMELINE_OPERATION && y->from == TIMELINE_OPERATION)
        return x->turn < y->turn ? -1 : 1;             /* the journal is in order, its stamps are whole seconds */
    int c = strcmp(x->object, y->object);
    return c ? c : strcmp(x->what, y->what);
}

static bool same(const struct timeline_line *x, const struct timeline_line *y)
{
    return x->lo_ms == y->lo_ms && x->hi_ms == y->hi_ms && x->from == y->from && !strcmp(x->object, y->object) && !strcmp(x->what, y->what);
}

/* May y, which stands below, have been before x? Stamps of one clock tell, whatever its offset. */
static bool may_swap(const struct timeline_line *x, const struct timeline_line *y)
{
    if (y->lo_ms >= x->hi_ms)
        return false;
    return x->clock != y->clock || x->stamp_ms == CELL_NONE || y->stamp_ms == CELL_NONE || x->stamp_ms + x->step_ms > y->stamp_ms;
}

void timeline_order(struct timeline *t)
{
    size_t n = 0;
    if (!t->n)
        return;
    qsort(t->line, t->n, sizeof *t->line, by_time);
    for (size_t i = 0; i < t->n; i++) {
        if (n && same(&t->line[n - 1], &t->line[i])) {
            mem_free(t->line[i].object);
            mem_free(t->line[i].what);
            mem_free(t->line[i].who);
            continue;
        }
        t->line[n++] = t->line[i];
    }
    t->n = n;
    for (size_t i = 0; i < n; i++) {
        t->line[i].swaps = false;
        for (size_t k = i; k-- > 0 && i - k <= LOOK_BACK && !t->line[i].swaps;)
            t->line[i].swaps = may_swap(&t->line[k], &t->line[i]);
    }
}

void timeline_since(struct timeline *t, int64_t ms)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->line[i].hi_ms >= ms) {
            t->line[n++] = t->line[i];
            continue;
        }
        mem_free(t->line[i].object);
        mem_free(t->line[i].what);
        mem_free(t->line[i].who);
    }
    t->n = n;
}

/* ---- whose ---- */

struct gather { const struct links *l; uint32_t *set; size_t n, max; };

static bool is(const struct row *r, const char *kind) { return r && !strcmp(r->kind->id, kind); }

static void take(void *arg, uint32_t node)
{
    struct gather *g = arg;
    for (size_t i = 0; i < g->n; i++)
        if (g->set[i] == node)
            return;
    if (g->n < g->max && links_row(g->l, node))
        g->set[g->n++] = node;
}

/* Of many alike only those that are not well. */
static void take_edges(struct gather *g, const struct link_edge *e, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t alike = 0;
        for (size_t k = 0; k < n; k++)
            alike += e[k].relation == e[i].relation;
        if (e[i].cls != LINK_X && (alike <= FAN || why_state_of(links_row(g->l, e[i].to)) != WHY_FINE))
            take(g, e[i].to);
    }
}

static void pods_behind(struct gather *g, uint32_t node)
{
    if (is(links_row(g->l, node), "services"))
        for (uint32_t at = 0, some = 0; some < FAN && (at = link_selected(g->l, links_row(g->l, node), at)) != UINT32_MAX; at++, some++)
            take(g, at);
}

size_t timeline_objects(const struct links *l, uint32_t node, uint32_t *set, size_t max)
{
    struct gather g = {l, set, 0, max};
    const struct link_edge *e;
    take(&g, node);
    for (size_t at = 0, end = g.n, depth = 0; at < g.n && depth < DEPTH; at++) {
        pods_behind(&g, set[at]);
        size_t n = links_down(l, set[at], &e);
        take_edges(&g, e, n);
        if (at + 1 == end)
            depth++, end = g.n;
    }
    link_pods_of(l, node, take, &g);
    size_t n = links_up(l, node, &e);
    take_edges(&g, e, n);
    return g.n;
}
