/* The links of the row under the cursor, walked once for each row and picture; then a byte for each node answers who is one of them. */
#include "tui/linked.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/tell.h"
#include "tui/app_int.h"
#include "tui/table.h"

enum { LINKED_MOST = 20000 };           /* a rack of a big cloud; more than that tells nothing */
enum { FEW = 8 };                       /* one in so many rows: looked up, not looked through */
enum { PANES_TOLD = 16, HOPS_TOLD = 12 };

void linked_release(struct app *a)
{
    struct linked *k = &a->linked;
    graph_unref(k->graph);
    mem_free(k->mark);
    mem_free(k->set);
    *k = (struct linked){0};
}

static void put(struct linked *k, uint32_t node, enum link_mark m)
{
    if (k->mark[node] || k->n >= LINKED_MOST || !mem_grow(&k->set, &k->cap, k->n + 1, sizeof *k->set)) return;
    k->mark[node] = (uint8_t)m;
    k->set[k->n++] = node;
}

static void walk(struct linked *k, enum link_mark m)
{
    size_t at = k->n;
    for (uint32_t node = k->node;; node = k->set[at++]) {
        const struct link_edge *e;
        size_t n = m == LINKED_DOWN ? links_down(k->graph->links, node, &e) : links_up(k->graph->links, node, &e);
        for (size_t i = 0; i < n; i++)
            if (e[i].to != k->node) put(k, e[i].to, m);
        if (at >= k->n) return;
    }
}

/* Marks of the last walk go one by one: a picture may have many nodes. */
static bool clear(struct linked *k, const struct graph *g)
{
    for (size_t i = 0; i < k->n; i++) k->mark[k->set[i]] = LINKED_NOT;
    k->n = k->down = 0;
    if (g == k->graph) return true;
    size_t nodes = links_nodes(g->links) + 1;
    uint8_t *mark = mem_zalloc(nodes);
    if (!mark) return false;
    graph_unref(k->graph);
    mem_free(k->mark);
    k->graph = graph_ref((struct graph *)g);
    k->mark = mark;
    return true;
}

void linked_look(struct app *a)
{
    struct linked *k = &a->linked;
    const struct graph *g = app_graph(a);
    const struct table *t = app_table(a);
    const struct row *r = t ? table_row(t) : NULL;
    if (!g) return;
    uint32_t node = r ? graph_node(g, r) : LINK_NO_NODE;
    if (g == k->graph && node == k->node) return;
    if (!clear(k, g)) return;
    k->node = node;
    if (node == LINK_NO_NODE) return;
    walk(k, LINKED_DOWN);
    k->down = k->n;
    walk(k, LINKED_UP);
}

enum link_mark linked_of(const struct app *a, const struct row *r)
{
    const struct linked *k = &a->linked;
    uint32_t node = k->graph && k->node != LINK_NO_NODE ? graph_node(k->graph, r) : LINK_NO_NODE;
    return node == LINK_NO_NODE ? LINKED_NOT : node == k->node ? LINKED_SAME : (enum link_mark)k->mark[node];
}

/* ---- moving ---- */

/* The rows that the cursors of the other panes went to. */
struct moved { uint32_t node[PANES_TOLD]; size_t n; };

/* The object itself, else the first of the walk: the nearest is its parent in it. */
static uint32_t from_of(const struct linked *k, uint32_t to, bool up)
{
    size_t first = up ? k->down : 0, end = up ? k->n : k->down;
    for (size_t i = first; i <= end; i++) {
        uint32_t node = i == first ? k->node : k->set[i - 1];
        const struct link_edge *e;
        size_t n = up ? links_up(k->graph->links, node, &e) : links_down(k->graph->links, node, &e);
        for (size_t x = 0; x < n; x++)
            if (e[x].to == to) return node;
    }
    return LINK_NO_NODE;
}

/* From the object to that row, the object not told: at most so many hops. */
static size_t way(const struct linked *k, uint32_t to, uint32_t *hop, size_t max)
{
    bool up = k->mark[to] == LINKED_UP;
    size_t n = 0;
    for (; to != k->node && to != LINK_NO_NODE && n < max; to = from_of(k, to, up)) hop[n++] = to;
    if (to != k->node) return 0;
    for (size_t i = 0; i < n / 2; i++) {
        uint32_t h = hop[i];
        hop[i] = hop[n - 1 - i], hop[n - 1 - i] = h;
    }
    return n;
}

/* "runs on node w1 (A E1)", then what that hangs on; of the last one all that was seen. */
static void put_hop(const struct linked *k, uint32_t from, uint32_t to, bool last, struct str *out)
{
    struct link_edge e;
    struct str ev;
    uint32_t at;
    const struct row *r = links_row(k->graph->links, to);
    if (!tell_edge(k->graph->links, from, to, &e, &at)) return;
    const struct link_relation *rel = links_relation(e.relation);
    str_init(&ev, 1000);
    links_evidence(k->graph->links, at, &e, &ev);
    const char *seen = ev.data ? ev.data : "";
    size_t rule = strcspn(seen, " ");
    rule += seen[rule] ? 1 + strcspn(seen + rule + 1, " ;") : 0;
    str_addf(out, "%s %s %s %s", out->len ? ", that" : "", at == to ? rel->up : rel->down, r->kind->singular, r->name);
    if (last) str_addf(out, ": %s", seen);
    else str_addf(out, " (%.*s)", (int)rule, seen);
    str_release(&ev);
}

/* The way to the nearest of the rows that were gone to, hop by hop. */
static void put_way(const struct linked *k, const struct moved *m, struct str *out)
{
    uint32_t hop[HOPS_TOLD], best[HOPS_TOLD];
    size_t most = 0;
    for (size_t i = 0; i < m->n; i++) {
        size_t n = way(k, m->node[i], hop, HOPS_TOLD);
        if (!n || (most && n >= most)) continue;
        memcpy(best, hop, n * sizeof *hop);
        most = n;
    }
    for (size_t i = 0; i < most; i++) put_hop(k, i ? best[i - 1] : k->node, best[i], i + 1 == most, out);
}

static void say(struct app *a, const struct moved *m, size_t panes)
{
    const struct linked *k = &a->linked;
    struct str ev;
    if (!m->n && panes) return app_info(a, "no row of the other panes hangs together with it; i lists what does");
    if (!m->n) return app_info(a, "it has %zu links; i lists them (one pane is open: + adds one)", k->n);
    str_init(&ev, 1000);
    put_way(k, m, &ev);
    const struct row *r = links_row(k->graph->links, k->node);
    app_info(a, "%s %s%s", r->kind->singular, r->name, ev.len ? ev.data : " is what the other panes show");
    str_release(&ev);
}

/* The object itself is one of them: another pane may show it, too. Rows of a kind that shows a part of another one alone are looked through. */
static size_t of_kind(const struct linked *k, const struct kind *kind)
{
    const struct row *own = links_row(k->graph->links, k->node);
    size_t n = own && own->kind == kind;
    for (size_t i = 0; i < k->n; i++) n += links_row(k->graph->links, k->set[i])->kind == kind;
    return n ? n : graph_part_of(kind) ? SIZE_MAX / FEW : 0;
}

/* A few among many rows are looked up; SIZE_MAX: none of them is shown. */
static size_t next_place(const struct linked *k, const struct table *t, bool on)
{
    size_t next = SIZE_MAX, n = view_count(t->view), from = on ? t->index + 1 : 0, best = n;
    for (size_t i = 0; i <= k->n; i++) {
        const struct row *r = links_row(k->graph->links, i < k->n ? k->set[i] : k->node);
        size_t at = r->kind == view_kind(t->view) ? view_place(t->view, r) : SIZE_MAX, far = (at + n - from) % n;
        if (at < n && far < best) next = at, best = far;
    }
    return next;
}

static void went(struct app *a, struct table *t, size_t to, struct moved *m)
{
    uint32_t node = graph_node(a->linked.graph, view_row(t->view, to));
    if (node != LINK_NO_NODE && m->n < PANES_TOLD) m->node[m->n++] = node;
    table_move(t, (long)to);
}

/* The cursor of another pane goes to its next linked row. */
static void follow_in(struct app *a, struct table *t, struct moved *m)
{
    size_t n = view_count(t->view), linked = n ? of_kind(&a->linked, view_kind(t->view)) : 0;
    if (!linked) return;
    bool on = linked_of(a, view_row(t->view, t->index)) != LINKED_NOT;
    size_t next = linked * FEW < n ? next_place(&a->linked, t, on) : SIZE_MAX;
    if (next != SIZE_MAX) {
        went(a, t, next, m);
        return;
    }
    for (size_t i = on ? 1 : 0; i <= n; i++) {
        size_t at = on ? (t->index + i) % n : i;
        if (at >= n || linked_of(a, view_row(t->view, at)) == LINKED_NOT) continue;
        went(a, t, at, m);
        return;
    }
}

static void run_follow(struct app *a, struct screen *s, const char *args)
{
    struct moved moved = {.n = 0};
    size_t panes = 0;
    (void)args;
    picture_ask_all(a);
    linked_look(a);
    if (!app_graph(a)) return app_info(a, "the links are still being read");
    if (a->linked.node == LINK_NO_NODE) return app_info(a, "the links do not speak of this kind");
    for (int i = 0; i < a->deck.n; i++) {
        struct table *t = table_of(a->deck.pane[i]->table);
        if (!t || &t->base == s || t == app_table(a)) continue;
        panes++;
        follow_in(a, t, &moved);
    }
    say(a, &moved, panes);
}

const struct command linked_commands[] = {
    {"follow", NULL, "table", NULL, "The other panes go to the next row that hangs together with this one.", CMD_ROW, COMPLETE_NONE, run_follow, NULL},
    {0},
};

const struct key_row linked_keys[] = {
    {"table", "f", "follow", "follow", NULL},
    {0},
};
