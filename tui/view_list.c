/* Lists: a table whose rows are made of the newest picture. What a table can do, it does; enter goes to what the row is about. */
#include "tui/view_list.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/table.h"
#include "tui/textbuf.h"
#include "tui/view_text.h"

#define FOOT_LINES 6
#define UNSEEN_LINES 3

struct list {
    struct table table;                     /* first: it is one */
    const struct list_kind *kind;
    void *arg;
    struct graph *graph;                    /* its rows are of this one */
    struct listing *now;                    /* NULL: not written yet */
    struct rect at;                         /* of the table, as drawn last */
    char *unseen;                           /* what is not seen, a line each; NULL nothing */
};

/* ---- writing ---- */

/* Every cluster and cloud has its place in the view, whether it has rows or not. */
static bool take(struct list *l, struct listing *g)
{
    struct table *t = &l->table;
    size_t n;
    const struct source_info *src = app_sources(t->base.app, &n);
    struct snap *snap[TABLE_FEEDS];
    bool ok = !listing_failed(g);
    n = n < TABLE_FEEDS ? n : TABLE_FEEDS;
    for (size_t i = 0; i < n; i++) ok = (snap[i] = listing_snap(g, src[i].id)) && ok;
    for (size_t i = 0; i < n; i++) {
        t->feed[i] = (struct table_feed){.source = src[i].id};
        if (ok) t->nfeeds = t->nsources = (int)i + 1, table_take(t, (unsigned)i, snap[i]);
        snap_unref(snap[i]);
    }
    return ok;
}

static void write(struct list *l)
{
    struct app *a = l->table.base.app;
    const struct graph *p = app_graph(a);
    struct listing *g = p ? listing_new(l->kind->kind) : NULL;
    struct str unseen;
    struct tell t;
    if (!p) return;
    app_tell(a, &t);
    if (g) l->kind->write(g, a, p, &t, l->arg);
    if (g && take(l, g)) {
        graph_unref(l->graph);
        l->graph = graph_ref((struct graph *)p);
        listing_free(l->now);
        l->now = g;
    } else {
        listing_free(g);
        app_error(a, "out of memory");
    }
    str_init(&unseen, 1 << 16);
    if (app_graph_whole(a)) app_graph_unseen(a, &unseen);
    mem_free(l->unseen);
    l->unseen = unseen.len ? str_take(&unseen) : NULL;
    str_release(&unseen);
    app_dirty(a);
}

static bool event(struct screen *s, struct event *e)
{
    if (e->type != EV_GRAPH && e->type != EV_TEXT) return false;             /* a picture, or what was asked about it */
    write((struct list *)s);
    return true;
}

/* ---- drawing ---- */

static uint32_t node_of(const struct list *l, const struct row *r) { return l->now ? listing_node(l->now, r) : LINK_NO_NODE; }
static const char *foot_of(const struct list *l, const struct row *r) { return l->now ? listing_foot(l->now, r) : ""; }
static size_t count(const struct list *l) { return l->now ? listing_count(l->now) : 0; }

/* The row under the cursor tells the rest; what is not seen stands above it, as long as there is room. */
static int draw_foot(const struct list *l, struct canvas *c, struct rect r)
{
    const char *foot = foot_of(l, table_row(&l->table));
    int most = r.h / 3 < FOOT_LINES ? r.h / 3 : FOOT_LINES, rows = *foot ? text_words_rows(foot, strlen(foot), r.w - 2) : 0, used = 0;
    rows = rows > most ? most : rows;
    if (rows && r.h >= rows + 5) {
        canvas_hline(c, r.x - 1, r.y + r.h - rows - 1, r.w + 2, STYLE(ROLE_BORDER));
        text_draw_words(c, (struct rect){r.x + 1, r.y + r.h - rows, r.w - 2, rows}, STYLE(ROLE_INFO), foot, rows);
        used = rows + 1;
    }
    int lines = 0;
    for (const char *p = l->unseen; p && *p && lines < UNSEEN_LINES; p += strcspn(p, "\n"), p += *p == '\n') lines++;
    if (!lines || r.h - used < lines + 9) return used;
    const char *p = l->unseen;
    for (int i = 0; i < lines; i++, p += strcspn(p, "\n"), p += *p == '\n') {
        int y = r.y + r.h - used - lines + i, w = canvas_puts(c, r.x + 1, y, r.w - 2, STYLE(ROLE_SECTION), i ? "          " : "not seen  ");
        canvas_ellipsis(c, r.x + 1 + w, y, r.w - 2 - w, STYLE(ROLE_STALE), p, strcspn(p, "\n"));
    }
    return used + lines;
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct list *l = (struct list *)s;
    const struct str *head = l->now ? listing_head(l->now) : NULL;
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (head && head->len && r.h > 3) {
        canvas_ellipsis(c, r.x + 1, r.y, r.w - 2, STYLE(count(l) ? ROLE_STRONG : ROLE_OK), head->data, head->len);
        r.y++, r.h--;
    }
    if (!app_graph_whole(s->app) && r.h > 3) {
        canvas_puts(c, r.x + 1, r.y, r.w - 2, STYLE(ROLE_DIM), "not all has been read yet ...");
        r.y++, r.h--;
    }
    r.h -= draw_foot(l, c, r);
    l->at = r;
    if (count(l)) table_draw(s, c, r, focus);
    else l->table.rows_h = 0;
}

static void title(struct screen *s, struct str *out)
{
    if (count((struct list *)s)) table_title(s, out);
    else str_adds(out, ((struct list *)s)->kind->kind->title);
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    const struct list *l = (const struct list *)s;
    (void)r;
    return table_ops.mouse(s, in, l->at);
}

static const struct row *object(struct screen *s)
{
    const struct list *l = (const struct list *)s;
    uint32_t node = node_of(l, table_row(&l->table));
    return node == LINK_NO_NODE ? NULL : links_row(l->graph->links, node);
}

static void close_list(struct screen *s)
{
    struct list *l = (struct list *)s;
    if (l->kind->close) l->kind->close(l->arg);
    table_release(&l->table);
    listing_free(l->now);
    graph_unref(l->graph);
    mem_free(l->unseen);
    mem_free(l);
}

static bool tick(struct screen *s, int64_t now_ms) { return table_ops.tick(s, now_ms); }

const struct screen_ops list_ops = {
    .scope = "list", .draw = draw, .title = title, .event = event, .mouse = mouse, .tick = tick, .close = close_list, .object = object,
};

void list_open(struct app *a, const struct list_kind *k, void *arg)
{
    struct list *l = mem_zalloc(sizeof *l);
    if (!l || !table_init(&l->table, a)) {
        if (k->close) k->close(arg);
        mem_free(l);
        app_error(a, "out of memory");
        return;
    }
    l->table.base.ops = &list_ops;
    snprintf(l->table.kind_name, sizeof l->table.kind_name, "%s", k->kind->id);
    l->table.by_weight = true;
    l->kind = k;
    l->arg = arg;
    app_push(a, &l->table.base);
    write(l);
}

size_t list_marked(struct app *a, void (*fn)(void *arg, struct snap *snap, const struct row *r), void *arg)
{
    const struct list *l = a->over && a->over->ops == &list_ops ? (const struct list *)a->over : NULL;
    const struct graph *g = app_graph(a);
    if (!l || !g || !l->table.marked.count) return 0;
    for (size_t i = 0; i < view_count(l->table.view); i++) {
        const struct row *r = view_row(l->table.view, i);
        uint32_t old = table_marked(&l->table, r) ? node_of(l, r) : LINK_NO_NODE;
        uint32_t node = old == LINK_NO_NODE ? old : graph_node(g, links_row(l->graph->links, old));
        if (node != LINK_NO_NODE) fn(arg, links_snap(g->links, node), links_row(g->links, node));
    }
    return l->table.marked.count;
}

/* ---- commands ---- */

static void run_go(struct app *a, struct screen *s, const char *args)
{
    const struct row *r = object(s);
    (void)args;
    if (!r) return;
    struct graph *g = graph_ref(((struct list *)s)->graph);     /* the list goes, its row is still needed */
    app_goto(a, r);
    graph_unref(g);
}

static void run_close(struct app *a, struct screen *s, const char *args)
{
    if (strcmp(args, "back") != 0 || !table_widen_back((struct table *)s)) app_pop(a, s);
    app_dirty(a);
}

/* As it stands: its columns, the rows that the filter leaves, in this order; the foot of each with its row. */
static void run_save(struct app *a, struct screen *s, const char *args)
{
    const struct list *l = (const struct list *)s;
    const struct kind *k = l->kind->kind;
    char buf[160], name[100];
    struct str out;
    (void)args;
    str_init(&out, 1 << 24);
    if (l->now && listing_head(l->now)->len) str_addf(&out, "%s\n", listing_head(l->now)->data);
    for (int i = -1; i < (int)view_count(l->table.view); i++) {
        const struct row *r = i < 0 ? NULL : view_row(l->table.view, (size_t)i);
        const struct source_info *si = r ? app_source(a, r->source) : NULL;
        int w = text_width(r ? si ? si->name : "?" : "WHERE", strlen(r ? si ? si->name : "?" : "WHERE"));
        str_addf(&out, "%s%*s", r ? si ? si->name : "?" : "WHERE", l->table.seen[TABLE_COLUMNS] > w ? l->table.seen[TABLE_COLUMNS] - w + 2 : 2, "");
        for (size_t c = 1; c < k->ncolumns; c++) {
            const char *text = r ? row_text(r, (int)c, app_now(a, r->source), buf, sizeof buf) : k->columns[c].title;
            int used = text_width(text, strlen(text)), wide = l->table.seen[c] > (int)strlen(k->columns[c].title) ? l->table.seen[c] : (int)strlen(k->columns[c].title);
            str_addf(&out, "%s%*s", text, c + 1 == k->ncolumns ? 0 : used < wide ? wide - used + 2 : 2, "");
        }
        str_addf(&out, "%s%s\n", r && *foot_of(l, r) ? "   " : "", r ? foot_of(l, r) : "");
    }
    if (l->unseen) str_addf(&out, "not seen:\n%s", l->unseen);
    snprintf(name, sizeof name, "%s.txt", k->id);
    size_t len = out.len;
    save_text(a, name, str_take(&out), len, NULL, NULL);
    str_release(&out);
}

const struct command list_commands[] = {
    {"go", NULL, "list", NULL, "Goes to the object of the row, in the pane that shows it.", 0, COMPLETE_NONE, run_go, NULL},
    {"save", NULL, "list", NULL, "Saves the list to a file.", 0, COMPLETE_NONE, run_save, NULL},
    {"close", NULL, "list", "[back]", "Closes this list.", 0, COMPLETE_NONE, run_close, NULL},
    {0},
};

const struct key_row list_keys[] = {
    {"list", "enter", "go", "go there", NULL},
    {"list", "i", "links", "links", NULL},
    {"list", "x", "why", "why", NULL},
    {"list", "shift-i", "column", "column", NULL},
    {"list", "shift-t", "timeline", "timeline", NULL},
    {"list", "shift-b", "blast", NULL, NULL},
    {"list", "esc", "close back", "back", "Clear filter, marks, problems; then close."},
    {"list", "q", "close", NULL, NULL},
    {"list", "d", "describe", "describe", NULL},
    {"list", "y", "yaml", "yaml", NULL},
    {"list", "l", "logs", NULL, NULL},
    {"list", "ctrl-d", "delete", NULL, NULL},
    {"list", "u", "sandwich", NULL, NULL},
    {"list", "ctrl-s", "save", NULL, NULL},
    {0},
};
