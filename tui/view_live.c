/* Text that is made of the links and kept up to date: why, blast radius, capacity. A line that names an object is a row: the cursor
 * stands on it, enter goes there, and what is asked for is asked of it. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/errand.h"
#include "strata/mem.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/view_text_int.h"

#define LIVE_MAX ((size_t)1 << 26)
#define LIVE_SHARE 10            /* so many times what it cost is waited before it is written anew */

/* ---- which objects the lines name ---- */

/* Filled by the worker before its event is sent, read by the view after. */
struct text_marks { atomic_uint refs; struct graph *graph; struct told told; };

static struct text_marks *marks_new(void)
{
    struct text_marks *m = mem_zalloc(sizeof *m);
    if (m)
        atomic_init(&m->refs, 2);                           /* the view and the worker */
    return m;
}

static void marks_unref(struct text_marks *m)
{
    if (!m || atomic_fetch_sub(&m->refs, 1) != 1)
        return;
    told_release(&m->told);
    graph_unref(m->graph);
    mem_free(m);
}

bool text_has_cursor(const struct text_view *v) { return v->marks && v->marks->told.n && v->buf.nlines; }

static uint32_t node_of(const struct text_view *v, size_t line)
{
    if (!text_has_cursor(v) || line >= v->buf.nlines)
        return LINK_NO_NODE;
    return told_node(&v->marks->told, v->buf.line[line], v->buf.line[line + 1]);
}

const struct row *text_live_object(const struct text_view *v)
{
    uint32_t node = node_of(v, v->at);
    return node == LINK_NO_NODE ? NULL : links_row(v->marks->graph->links, node);
}

/* ---- writing it ---- */

struct writing { const struct text_live *live; void *work; struct text_marks *marks; };

static void write_beside(void *arg, struct event *e)
{
    const struct writing *w = arg;
    struct str out;
    int64_t began = clock_mono_ms();
    str_init(&out, LIVE_MAX);
    if (!w->live->make(w->work, &out, w->marks ? &w->marks->told : NULL) || out.failed)
        err_set(&e->err, ERR_NOMEM, 0, "out of memory");
    e->len = out.len;
    e->text = str_take(&out);
    str_release(&out);
    e->time_ms = clock_mono_ms() - began;
}

static void writing_free(void *arg)
{
    struct writing *w = arg;
    w->live->release(w->work);
    marks_unref(w->marks);
    mem_free(w);
}

/* The old text stays until the new one is there. */
void text_live_write(struct text_view *v)
{
    struct writing *w = v->errand ? NULL : mem_alloc(sizeof *w);
    v->stale = v->errand != NULL;
    if (!w)
        return;
    const struct graph *g = app_graph(v->screen.app);       /* what is gathered now is of it */
    *w = (struct writing){v->live, v->live->gather(v->live_arg), g ? marks_new() : NULL};
    if (w->marks)
        w->marks->graph = graph_ref((struct graph *)g);
    v->coming = w->marks;
    if (w->work && (v->errand = errand_begin(app_core(v->screen.app), EV_TEXT, 0, write_beside, writing_free, w))) {
        v->loading = true;
        return;
    }
    if (w->work)
        v->live->release(w->work);
    marks_unref(w->marks);
    marks_unref(v->coming);
    v->coming = NULL;
    mem_free(w);
    err_set(&v->err, ERR_NOMEM, 0, "out of memory");
}

/* ---- the cursor stays on its line ---- */

static size_t apart(size_t a, size_t b) { return a > b ? a - b : b - a; }

/* How many lines before this one are about the same object. */
static size_t ordinal(const struct text_view *v, const struct row *r)
{
    size_t n = 0;
    for (size_t i = 0; r && i < v->at; i++) {
        uint32_t node = node_of(v, i);
        n += node != LINK_NO_NODE && !strcmp(links_row(v->marks->graph->links, node)->uid, r->uid);
    }
    return n;
}

/* The nearest line that reads the same, else the nth of those about the same object. */
static size_t same_line(const struct text_view *v, const char *text, size_t len, const char *uid, size_t nth)
{
    size_t best = v->buf.nlines, about = v->buf.nlines;
    for (size_t i = 0; i < v->buf.nlines; i++) {
        size_t n;
        const char *line = textbuf_line(&v->buf, i, &n);
        uint32_t node = *uid ? node_of(v, i) : LINK_NO_NODE;
        if (n == len && !memcmp(line, text, n) && (best == v->buf.nlines || apart(i, v->at) < apart(best, v->at)))
            best = i;
        if (node != LINK_NO_NODE && !strcmp(links_row(v->marks->graph->links, node)->uid, uid) && (about == v->buf.nlines || nth > 0)) {
            nth -= about != v->buf.nlines;
            about = i;
        }
    }
    return best < v->buf.nlines ? best : about;
}

/* The first line that names something. */
static size_t first_line(const struct text_view *v)
{
    size_t i = 0;
    while (i < v->buf.nlines && node_of(v, i) == LINK_NO_NODE)
        i++;
    return i < v->buf.nlines ? i : 0;
}

static void take(struct text_view *v, struct event *e)
{
    const struct row *r = text_live_object(v);
    size_t len = 0;
    const char *line = v->at < v->buf.nlines ? textbuf_line(&v->buf, v->at, &len) : "";
    char *was = mem_strndup(line, len);
    char uid[300];
    bool had = text_has_cursor(v);
    size_t nth = ordinal(v, r);
    snprintf(uid, sizeof uid, "%s", r ? r->uid : "");
    marks_unref(v->marks);
    v->marks = v->coming;
    v->coming = NULL;
    textbuf_set(&v->buf, e->text, e->len);
    e->text = NULL;
    if (!had)
        v->at = first_line(v);
    else if (was) {
        size_t at = same_line(v, was, len, uid, nth);
        v->at = at < v->buf.nlines ? at : v->at < v->buf.nlines ? v->at : v->buf.nlines ? v->buf.nlines - 1 : 0;
    }
    mem_free(was);
}

bool text_live_event(struct text_view *v, struct event *e)
{
    if (e->type == EV_TEXT && v->errand && e->id == errand_id(v->errand)) {
        errand_leave(v->errand);
        v->errand = NULL;
        v->loading = false;
        v->not_before_ms = clock_mono_ms() + LIVE_SHARE * e->time_ms;
        v->err = e->err;
        if (!e->err.code)
            take(v, e);
        app_dirty(v->screen.app);
        return true;
    }
    if (!v->live || !v->live->event(v->live_arg, e))
        return false;
    v->stale = true;
    return true;
}

void text_live_close(struct text_view *v)
{
    errand_leave(v->errand);
    marks_unref(v->coming);
    marks_unref(v->marks);
    if (v->live)
        v->live->close(v->live_arg);
}

bool view_text_live(struct app *a, const char *name, const struct text_live *live, void *arg)
{
    struct text_view *v = text_open_over(a, TEXT_LIVE, name);
    if (!v)
        return false;
    v->live = live;
    v->live_arg = arg;
    text_live_write(v);
    return true;
}

/* ---- going there ---- */

static bool leads(struct app *a, struct screen *s)
{
    (void)a;
    return s && !strcmp(s->ops->scope, "text") && text_has_cursor((const struct text_view *)s);
}

static void run_go(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    const struct row *r = text_live_object(v);
    (void)args;
    if (!r)
        return app_info(a, leads(a, s) ? "this line names no object that is there" : "nothing here leads to an object");
    struct graph *g = graph_ref(v->marks->graph);           /* the text goes, its row is still needed */
    app_goto(a, r);
    graph_unref(g);
}

const struct command live_commands[] = {
    {"go", NULL, "text", NULL, "Goes to the object that the line names, in the pane that shows it.", 0, COMPLETE_NONE, run_go, leads},
    {0},
};

const struct key_row live_keys[] = {
    {"text", "enter", "go", "go there", NULL},
    {"text", "esc", "close search", "back", "Clear the search, then close."},      /* never without room for it */
    {0},
};
