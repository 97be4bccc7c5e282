/* The links of the row under the cursor, walked once for each row and picture; then a byte for each node answers who is one of them. */
#include "tui/linked.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "tui/app_int.h"
#include "tui/table.h"

enum { LINKED_MOST = 20000 };           /* a rack of a big cloud; more than that tells nothing */
enum { FEW = 8 };                       /* one in so many rows: looked up, not looked through */

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

static struct table *focused(const struct app *a)
{
    struct pane *p = deck_focus(&a->deck);
    return p ? table_of(p->table) : NULL;
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
    const struct table *t = focused(a);
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

static void say(struct app *a, size_t moved, size_t panes)
{
    const struct linked *k = &a->linked;
    struct str ev;
    if (!moved && panes) return app_info(a, "no row of the other panes hangs together with it; i lists what does");
    if (!moved) return app_info(a, "it has %zu links; i lists them (one pane is open: + adds one)", k->n);
    str_init(&ev, 300);
    const struct link_edge *e;
    for (size_t i = 0, n = links_down(k->graph->links, k->node, &e); i < n && !ev.len; i++) {
        const struct row *to = links_row(k->graph->links, e[i].to);
        if (!strcmp(links_relation(e[i].relation)->id, "belongs-to")) continue;
        str_addf(&ev, " %s %s %s: ", links_relation(e[i].relation)->down, to->kind->singular, to->name);
        links_evidence(k->graph->links, k->node, &e[i], &ev);
    }
    const struct row *r = links_row(k->graph->links, k->node);
    app_info(a, "%s %s%s", r->kind->singular, r->name, ev.len ? ev.data : " carries what is marked");
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

/* The cursor of another pane goes to its next linked row. */
static bool follow_in(struct app *a, struct table *t)
{
    size_t n = view_count(t->view), linked = n ? of_kind(&a->linked, view_kind(t->view)) : 0;
    if (!linked) return false;
    bool on = linked_of(a, view_row(t->view, t->index)) != LINKED_NOT;
    size_t next = linked * FEW < n ? next_place(&a->linked, t, on) : SIZE_MAX;
    if (next != SIZE_MAX) {
        table_move(t, (long)next);
        return true;
    }
    for (size_t i = on ? 1 : 0; i <= n; i++) {
        size_t at = on ? (t->index + i) % n : i;
        if (at >= n || linked_of(a, view_row(t->view, at)) == LINKED_NOT) continue;
        table_move(t, (long)at);
        return true;
    }
    return false;
}

static void run_follow(struct app *a, struct screen *s, const char *args)
{
    size_t moved = 0, panes = 0;
    (void)args;
    picture_ask_all(a);
    linked_look(a);
    if (!app_graph(a)) return app_info(a, "the links are still being read");
    if (a->linked.node == LINK_NO_NODE) return app_info(a, "the links do not speak of this kind");
    for (int i = 0; i < a->deck.n; i++) {
        struct table *t = table_of(a->deck.pane[i]->table);
        if (!t || &t->base == s || t == focused(a)) continue;
        panes++;
        moved += follow_in(a, t);
    }
    say(a, moved, panes);
}

const struct command linked_commands[] = {
    {"follow", NULL, "table", NULL, "The other panes go to the next row that hangs together with this one.", CMD_ROW, COMPLETE_NONE, run_follow, NULL},
    {0},
};

const struct key_row linked_keys[] = {
    {"table", "f", "follow", "follow", NULL},
    {0},
};
