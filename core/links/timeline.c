/* Lines of a timeline with when each may have been; whose lines they are. */
#include "strata/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

#define LINES_MAX 20000
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
    if (link_is(links_row(g->l, node), "services"))
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
