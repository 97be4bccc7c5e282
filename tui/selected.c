/* What the keys of the cockpit are about: the row under the cursor, the marked rows, the object of a line of a view. */
#include <string.h>

#include "tui/app_int.h"
#include "tui/table.h"

void target_set(struct target *t, struct snap *s, const struct row *r)
{
    target_release(t);
    t->snap = s ? snap_ref(s) : NULL;
    t->row = r;
}

void target_release(struct target *t)
{
    snap_unref(t->snap);
    *t = (struct target){0};
}

struct table *app_table(const struct app *a)
{
    struct pane *p = deck_focus(&a->deck);
    return p ? table_of(p->table) : NULL;
}

bool app_selected(struct app *a, struct target *out)
{
    struct table *t = app_table(a);
    const struct row *r = t ? table_row(t) : NULL;
    struct snap *s = r ? table_row_snap(t, r) : NULL;
    *out = (struct target){0};
    if (!s) return false;
    target_set(out, s, r);
    return true;
}

bool app_looked_at(struct app *a, struct target *out)
{
    if (!a->over || !a->over->ops->object) return app_selected(a, out);
    const struct row *r = screen_object(a->over);
    const struct graph *g = r ? app_graph(a) : NULL;
    uint32_t node = g ? graph_node(g, r) : LINK_NO_NODE;        /* as it is now: the view may be older */
    *out = (struct target){0};
    if (node == LINK_NO_NODE) return false;
    target_set(out, links_snap(g->links, node), links_row(g->links, node));
    return true;
}

bool app_cursor_only(struct app *a)
{
    struct table *t = app_table(a);
    const struct row *r = t ? table_row(t) : NULL;
    return r && (!t->marked.count || (t->marked.count == 1 && table_marked(t, r)));
}

size_t app_each_selected(struct app *a, void (*fn)(void *arg, struct snap *s, const struct row *r), void *arg)
{
    struct table *t = app_table(a);
    size_t n = 0;
    if (!t) return 0;
    for (size_t i = 0; t->marked.count && i < view_count(t->view); i++) {
        const struct row *r = view_row(t->view, i);
        struct snap *s = table_marked(t, r) ? table_row_snap(t, r) : NULL;
        if (s) fn(arg, s, r), n++;
    }
    if (n || t->marked.count) return n;          /* marks that the filter hides are not acted on */
    const struct row *r = table_row(t);
    struct snap *s = r ? table_row_snap(t, r) : NULL;
    if (s) fn(arg, s, r), n++;
    return n;
}

size_t app_each_named(struct app *a, const char *name, void (*fn)(void *arg, struct snap *s, const struct row *r), void *arg)
{
    struct table *t = app_table(a);
    size_t n = 0;
    for (size_t i = 0; t && i < view_count(t->view); i++) {
        const struct row *r = view_row(t->view, i);
        struct snap *s = strcmp(r->name, name) ? NULL : table_row_snap(t, r);
        if (s) fn(arg, s, r), n++;
    }
    return n;
}

const struct kind *app_kind(struct app *a)
{
    struct table *t = app_table(a);
    return t ? view_kind(t->view) : NULL;
}

size_t app_marks_hidden(const struct app *a)
{
    const struct table *t = app_table(a);
    size_t n = t ? t->marked.count : 0;
    for (size_t i = 0; n && i < view_count(t->view); i++) n -= table_marked(t, view_row(t->view, i));
    return n;
}

void app_clear_marks(struct app *a)
{
    struct table *t = app_table(a);
    if (!t) return;
    map_release(&t->marked);
    map_init(&t->marked, NULL);
    a->dirty = true;
}
