/* Lists: a table whose rows are made of the newest picture. What a table can do, it does; enter goes to what the row is about. */
#include "tui/view_list.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/errand.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/table.h"
#include "tui/textbuf.h"
#include "tui/view_text.h"

#define FOOT_LINES 6
#define UNSEEN_LINES 3
#define HEAD_LINES 3
#define LIVE_SHARE 10            /* so many times what it cost is waited before it is written anew */

/* Filled by the worker before its event is sent, read by the list after. */
struct written { atomic_uint refs; struct listing *g; struct graph *graph; };

struct list {
    struct table table;                     /* first: it is one */
    const struct list_kind *kind;
    void *arg;
    struct graph *graph;                    /* its rows are of this one; NULL: of none yet */
    struct listing *now;                    /* NULL: not written yet */
    struct rect at;                         /* of the table, as drawn last */
    struct errand *errand;                  /* it is being written beside the screen: NULL not */
    struct written *coming;
    bool stale;
    int64_t not_before_ms;
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

/* The last row stays under the cursor where that is what is looked at, else the row it is on. */
static bool show(struct list *l, struct listing *g, struct graph *p)
{
    struct table *t = &l->table;
    bool end = l->kind->at_end && !view_sort_chosen(t->view) && t->index + 1 >= view_count(t->view);
    if (!take(l, g)) return false;
    graph_unref(l->graph);
    l->graph = p ? graph_ref(p) : NULL;
    listing_free(l->now);
    l->now = g;
    if (end && view_count(t->view)) table_move(t, (long)view_count(t->view) - 1);
    return true;
}

static void write_now(struct list *l)
{
    struct app *a = l->table.base.app;
    const struct graph *p = app_graph(a);
    struct listing *g = p ? listing_new(l->kind->kind) : NULL;
    struct tell t;
    if (!p) return;
    app_tell(a, &t);
    if (g) l->kind->write(g, a, p, &t, l->arg);
    if (g && app_graph_whole(a)) app_graph_unseen(a, listing_unseen(g));
    if (!g || !show(l, g, (struct graph *)p)) {
        listing_free(g);
        app_error(a, "out of memory");
    }
    app_dirty(a);
}

/* ---- writing beside the screen ---- */

struct writing { const struct list_kind *kind; void *work; struct written *w; };

static void written_unref(struct written *w)
{
    if (!w || atomic_fetch_sub(&w->refs, 1) != 1) return;
    listing_free(w->g);
    graph_unref(w->graph);
    mem_free(w);
}

static void write_beside(void *arg, struct event *e)
{
    struct writing *w = arg;
    int64_t began = clock_mono_ms();
    w->w->g = listing_new(w->kind->kind);
    if (!w->w->g || !w->kind->make(w->work, w->w->g)) err_set(&e->err, ERR_NOMEM, 0, "out of memory");
    e->time_ms = clock_mono_ms() - began;
}

static void writing_free(void *arg)
{
    struct writing *w = arg;
    if (w->work) w->kind->release(w->work);
    written_unref(w->w);
    mem_free(w);
}

/* The old rows stay until the new ones are there. */
static bool begin(struct list *l)
{
    struct app *a = l->table.base.app;
    const struct graph *p = app_graph(a);                   /* what is gathered now is of it */
    struct writing *w = mem_zalloc(sizeof *w);
    struct written *out = mem_zalloc(sizeof *out);
    if (!w || !out) {
        mem_free(w);
        mem_free(out);
        return false;
    }
    atomic_init(&out->refs, 2);                             /* the list and the worker */
    out->graph = p ? graph_ref((struct graph *)p) : NULL;
    *w = (struct writing){l->kind, l->kind->gather(l->arg), out};
    l->errand = w->work ? errand_begin(app_core(a), EV_TEXT, 0, write_beside, writing_free, w) : NULL;
    if (l->errand) l->coming = out;
    else writing_free(w), written_unref(out);
    return l->errand != NULL;
}

static void write(struct list *l)
{
    l->stale = l->errand != NULL;
    if (l->kind->write) write_now(l);
    else if (!l->errand && !begin(l)) app_error(l->table.base.app, "out of memory");
}

static void written(struct list *l, const struct event *e)
{
    struct written *w = l->coming;
    errand_leave(l->errand);
    l->errand = NULL;
    l->coming = NULL;
    l->not_before_ms = clock_mono_ms() + LIVE_SHARE * e->time_ms;
    if (!e->err.code && show(l, w->g, w->graph)) w->g = NULL;
    else app_error(l->table.base.app, "out of memory");
    written_unref(w);
    app_dirty(l->table.base.app);
}

static bool event(struct screen *s, struct event *e)
{
    struct list *l = (struct list *)s;
    if (l->kind->write) {
        if (e->type != EV_GRAPH && e->type != EV_TEXT) return false;         /* a picture, or what was asked about it */
        write(l);
    } else if (e->type == EV_TEXT && l->errand && e->id == errand_id(l->errand)) {
        written(l, e);
    } else if (l->kind->event(l->arg, e)) {
        l->stale = true;
    } else return false;
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
    const char *unseen = l->now ? listing_unseen(l->now)->data : NULL;
    for (const char *p = unseen; p && *p && lines < UNSEEN_LINES; p += strcspn(p, "\n"), p += *p == '\n') lines++;
    if (!lines || r.h - used < lines + 9) return used;
    const char *p = unseen;
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
    const char *p = head && head->len ? head->data : "";
    for (int i = 0; *p && i < HEAD_LINES && r.h > 3; i++, p += strcspn(p, "\n"), p += *p == '\n') {
        canvas_ellipsis(c, r.x + 1, r.y, r.w - 2, STYLE(count(l) ? ROLE_STRONG : ROLE_OK), p, strcspn(p, "\n"));
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
    else str_adds(out, *((struct list *)s)->table.title ? ((struct list *)s)->table.title : ((struct list *)s)->kind->kind->title);
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
    errand_leave(l->errand);
    written_unref(l->coming);
    if (l->kind->close) l->kind->close(l->arg);
    table_release(&l->table);
    listing_free(l->now);
    graph_unref(l->graph);
    mem_free(l);
}

static bool tick(struct screen *s, int64_t now_ms)
{
    struct list *l = (struct list *)s;
    if (l->stale && !l->errand && clock_mono_ms() >= l->not_before_ms) write(l);
    return table_ops.tick(s, now_ms);
}

const struct screen_ops list_ops = {
    .scope = "list", .draw = draw, .title = title, .event = event, .mouse = mouse, .tick = tick, .close = close_list, .object = object,
};

void list_open(struct app *a, const struct list_kind *k, const char *title, void *arg)
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
    snprintf(l->table.title, sizeof l->table.title, "%s", title ? title : "");
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
    size_t marked = l->table.marked.count, n = 0;
    uint32_t *had = mem_alloc(marked * sizeof *had);            /* several rows may be about one object */
    for (size_t i = 0; had && i < view_count(l->table.view); i++) {
        const struct row *r = view_row(l->table.view, i);
        uint32_t old = table_marked(&l->table, r) ? node_of(l, r) : LINK_NO_NODE;
        uint32_t node = old == LINK_NO_NODE ? old : graph_node(g, links_row(l->graph->links, old));
        size_t k = 0;
        while (k < n && had[k] != node) k++;
        if (node == LINK_NO_NODE) continue;
        if (k < n) marked--;
        else if (n < l->table.marked.count) had[n++] = node, fn(arg, links_snap(g->links, node), links_row(g->links, node));
    }
    mem_free(had);
    return marked;
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
    if (l->now && listing_unseen(l->now)->len) str_addf(&out, "not seen:\n%s", listing_unseen(l->now)->data);
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
