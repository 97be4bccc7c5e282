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

static enum link_mark mark_of(const struct linked *k, const struct row *r)
{
    uint32_t node = graph_node(k->graph, r);
    return node == LINK_NO_NODE ? LINKED_NOT : (enum link_mark)k->mark[node];
}

enum link_mark linked_of(const struct app *a, const struct row *r)
{
    return a->linked.n ? mark_of(&a->linked, r) : LINKED_NOT;
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

static size_t of_kind(const struct linked *k, const struct kind *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < k->n; i++) n += links_row(k->graph->links, k->set[i])->kind == kind;
    return n;
}

/* A few among many rows are looked up; SIZE_MAX: none of them is shown. */
static size_t next_place(const struct linked *k, const struct table *t, bool on)
{
    size_t next = SIZE_MAX, n = view_count(t->view), from = on ? t->index + 1 : 0, best = n;
    for (size_t i = 0; i < k->n; i++) {
        const struct row *r = links_row(k->graph->links, k->set[i]);
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

/* ---- going to an object ---- */

static void uncover(struct app *a, struct pane *p)
{
    while (a->over) app_pop(a, a->over);
    while (p && p->top != p->table) app_pop(a, p->top);
}

static void wish(struct table *t, const struct spot *to)
{
    size_t at = view_index(t->view, to->source, to->uid);
    if (at != SIZE_MAX) return table_move(t, (long)at);
    memcpy(t->want_uid, to->uid, sizeof t->want_uid);
    t->want_source = to->source;
}

/* A pane keeps the word that was typed: "po". */
static bool same_kind(const char *word, const char *id)
{
    const struct kind *k = kind_find(word);
    return !strcmp(k ? k->id : word, id);
}

static bool go(struct app *a, const struct spot *to)
{
    struct deck *d = &a->deck;
    for (int k = 0; k < d->n; k++) {
        int i = (d->focus + k) % d->n;
        struct table *t = table_of(d->pane[i]->table);
        if (!t || !view_kind(t->view) || strcmp(view_kind(t->view)->id, to->kind) != 0 || view_index(t->view, to->source, to->uid) == SIZE_MAX) continue;
        d->focus = i;
        uncover(a, d->pane[i]);
        wish(t, to);
        return true;
    }
    struct table *t = focused(a);
    const struct source_info *si = app_source(a, to->source);
    if (!t || !si) return false;
    uncover(a, deck_focus(d));
    const struct table_place *was = t->nback ? &t->back[t->nback - 1] : NULL;
    if (was && was->source == to->source && same_kind(was->kind, to->kind) && !strcmp(was->uid, to->uid)) return table_back(t);
    table_drill(t, to->kind, "*", si->name, NULL);
    wish(t, to);
    return true;
}

static void spot_of(struct spot *p, const struct row *r)
{
    snprintf(p->kind, sizeof p->kind, "%s", strcmp(r->kind->id, "apiserver") ? r->kind->id : "nodes");     /* no pane lists API servers */
    snprintf(p->uid, sizeof p->uid, "%s", r->uid);
    p->source = r->source;
}

static bool same(const struct spot *a, const struct spot *b)
{
    return a->source == b->source && !strcmp(a->kind, b->kind) && !strcmp(a->uid, b->uid);
}

static void trail_put(struct linked *k, const struct spot *p)
{
    if (k->ntrail && same(&k->trail[k->ntrail - 1], p)) return;
    if (k->ntrail == TRAIL_MAX) memmove(&k->trail[0], &k->trail[1], sizeof k->trail[0] * (size_t)--k->ntrail);
    k->trail[k->ntrail++] = *p;
}

void app_goto(struct app *a, const struct row *r)
{
    struct linked *k = &a->linked;
    const struct table *t = focused(a);
    const struct row *here = t ? table_row(t) : NULL;
    struct spot from, to;
    spot_of(&to, r);
    if (k->ntrail) k->ntrail = k->at + 1;                    /* another way on from here */
    if (here) spot_of(&from, here), trail_put(k, &from);
    if (!go(a, &to)) return app_error(a, "%s %s cannot be shown here: its cluster or cloud is gone", r->kind->singular, r->name);
    trail_put(k, &to);
    k->at = k->ntrail - 1;
    app_dirty(a);
}

static void run_jump(struct app *a, struct screen *s, const char *args)
{
    struct linked *k = &a->linked;
    int to = k->at + (!strcmp(args, "forward") ? 1 : -1);
    (void)s;
    if (strcmp(args, "back") != 0 && strcmp(args, "forward") != 0) return app_error(a, "jump: back or forward");
    if (to < 0 || to >= k->ntrail) return app_info(a, "nothing to go %s to", args);
    k->at = to;
    if (!go(a, &k->trail[to])) app_error(a, "its cluster or cloud is gone");
    app_dirty(a);
}

const struct command linked_commands[] = {
    {"follow", NULL, "table", NULL, "The other panes go to the next row that hangs together with this one.", CMD_ROW, COMPLETE_NONE, run_follow, NULL},
    {"jump", NULL, "table", "back | forward", "Along the objects that were gone to through links.", 0, COMPLETE_NONE, run_jump, NULL},
    {0},
};

const struct key_row linked_keys[] = {
    {"table", "f", "follow", "follow", NULL},
    {"table", "{", "jump back", NULL, "Back to the object before the last jump."},
    {"table", "}", "jump forward", NULL, "Forward again."},
    {"table", "alt-left", "jump back", NULL, NULL},
    {"table", "alt-right", "jump forward", NULL, NULL},
    {0},
};
