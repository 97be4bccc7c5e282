/* To an object, through links: in the pane that shows it, else its kind in the focused one; and back, and forward. */
#include <stdio.h>
#include <string.h>

#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/table.h"

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
    for (int k = 0; k < d->n && !*to->filter; k++) {
        int i = (d->focus + k) % d->n;
        struct table *t = table_of(d->pane[i]->table);
        if (!t || !view_kind(t->view) || strcmp(view_kind(t->view)->id, to->kind) != 0 || view_index(t->view, to->source, to->uid) == SIZE_MAX) continue;
        d->focus = i;
        uncover(a, d->pane[i]);
        wish(t, to);
        return true;
    }
    struct table *t = app_table(a);
    const struct source_info *si = app_source(a, to->source);
    if (!t || !si) return false;
    if (*to->filter) {
        uncover(a, deck_focus(d));
        table_drill(t, to->kind, "*", si->name, to->filter);
        return true;
    }
    uncover(a, deck_focus(d));
    const struct table_place *was = t->nback ? &t->back[t->nback - 1] : NULL;
    if (was && was->source == to->source && same_kind(was->kind, to->kind) && !strcmp(was->uid, to->uid)) return table_back(t);
    table_drill(t, to->kind, "*", si->name, NULL);
    wish(t, to);
    return true;
}

static void spot_of(struct spot *p, const struct row *r)
{
    *p = (struct spot){.source = r->source};
    snprintf(p->kind, sizeof p->kind, "%s", r->kind->id);
    snprintf(p->uid, sizeof p->uid, "%s", r->uid);
}

/* ---- an API server: no pane lists them ---- */

#define API_PODS "kube-apiserver"

static bool has_api_pods(const struct links *l, uint16_t source)
{
    for (uint32_t node = 0; node < links_nodes(l); node++) {
        const struct row *r = links_row(l, node);
        if (r && r->source == source && !strcmp(r->kind->id, "pods") && !strncmp(r->name, API_PODS, sizeof API_PODS - 1)) return true;
    }
    return false;
}

/* What it is reached through, the nearest to a machine first. */
static const struct row *way_to(const struct links *l, uint32_t api)
{
    static const char *const kinds[] = {"server", "loadbalancer", "floating-ip", "coe-cluster", NULL};
    const struct link_edge *e;
    size_t n = links_down(l, api, &e);
    for (const char *const *k = kinds; *k; k++)
        for (size_t i = 0; i < n; i++)
            if (e[i].cls != LINK_X && !strcmp(links_row(l, e[i].to)->kind->id, *k)) return links_row(l, e[i].to);
    return NULL;
}

/* Its pods while it answers and shows them; else what its address leads to; else the nodes of its cluster. */
static void spot_of_api(struct app *a, const struct row *r, struct spot *p)
{
    const struct graph *g = app_graph(a);
    const struct source_info *si = app_source(a, r->source);
    uint32_t api = g ? graph_node(g, r) : LINK_NO_NODE;
    bool answers = si && si->state < SOURCE_STALE;
    const struct row *way = api == LINK_NO_NODE ? NULL : way_to(g->links, api);
    if (api != LINK_NO_NODE && answers && has_api_pods(g->links, links_row(g->links, api)->source)) {
        *p = (struct spot){.kind = "pods", .filter = API_PODS, .source = r->source};
    } else if (way) {
        spot_of(p, way);
        app_info(a, "the API server of %s is reached through %s %s", si ? si->name : "?", way->kind->singular, way->name);
    } else {
        *p = (struct spot){.kind = "nodes", .source = r->source};
    }
}

/* ---- back and forward ---- */

static bool same(const struct spot *a, const struct spot *b)
{
    return a->source == b->source && !strcmp(a->kind, b->kind) && !strcmp(a->uid, b->uid) && !strcmp(a->filter, b->filter);
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
    const struct table *t = app_table(a);
    const struct row *here = t ? table_row(t) : NULL;
    struct spot from, to;
    if (!strcmp(r->kind->id, "apiserver")) spot_of_api(a, r, &to);
    else spot_of(&to, r);
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

const struct command jump_commands[] = {
    {"jump", NULL, "table", "back | forward", "Along the objects that were gone to through links.", 0, COMPLETE_NONE, run_jump, NULL},
    {0},
};

const struct key_row jump_keys[] = {
    {"table", "{", "jump back", NULL, "Back to the object before the last jump."},
    {"table", "}", "jump forward", NULL, "Forward again."},
    {"table", "alt-left", "jump back", NULL, NULL},
    {"table", "alt-right", "jump forward", NULL, NULL},
    {0},
};
