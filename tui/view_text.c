/* Describe, YAML, console, actions: text of one object that is fetched, kept fresh, searched, saved, copied. */
#include "tui/view_text_int.h"

#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/command.h"
#include "tui/screen.h"
#include "tui/text_spans.h"
#include "tui/textbuf.h"

#define REFRESH_MS 5000

static const struct {
    const char *title;
    bool refresh;                    /* by itself: what it shows changes with the object */
} kinds[] = {
    [FETCH_DESCRIBE] = {"describe", true}, [FETCH_YAML] = {"yaml", false}, [FETCH_JSON] = {"json", false},
    [FETCH_CONSOLE] = {"console", true}, [FETCH_ACTIONS] = {"actions", true}, [FETCH_CONSOLE_URL] = {"console-url", false},
    [FETCH_ROLLOUT_HISTORY] = {"history", true}, [FETCH_ROLLOUT_DIFF] = {"diff", true},
    [TEXT_DOCTOR] = {"doctor", false}, [TEXT_PLAIN] = {"", false}, [TEXT_LIVE] = {"", false},
};

static void fetch(struct text_view *v)
{
    if (v->request || v->what >= TEXT_PLAIN)
        return;
    v->request = v->what == TEXT_DOCTOR ? core_doctor(app_core(v->screen.app), v->source)
        : v->what == FETCH_ROLLOUT_HISTORY || v->what == FETCH_ROLLOUT_DIFF ? core_rollout(app_core(v->screen.app), v->target.row, (enum fetch_what)v->what, v->revision)
        : core_fetch(app_core(v->screen.app), v->target.row, (enum fetch_what)v->what, v->managed ? FETCH_MANAGED : 0);
    v->loading = v->request != 0;
}

/* ---- drawing ---- */

static size_t spans_of(const struct text_view *v, const char *s, size_t len, struct text_span *sp)
{
    switch (v->what) {
    case FETCH_YAML: return spans_yaml(s, len, sp);
    case FETCH_CONSOLE: return 0;
    case TEXT_DOCTOR: case TEXT_PLAIN: return spans_words(s, len, sp);
    case TEXT_LIVE: return spans_links(s, len, sp);
    default: return spans_describe(s, len, sp);
    }
}

/* The console as it came, the rest between words. */
enum text_wrap text_view_wrap(const struct text_view *v) { return !v->wrap ? TEXT_CUT : v->what == FETCH_CONSOLE ? TEXT_FILL : TEXT_WORDS; }

static void clamp(struct text_view *v)
{
    size_t most = textbuf_last_top(&v->buf, v->wide, v->page, text_view_wrap(v));
    if (v->top >= most || v->at_end)
        v->top = most;
}

/* A line that is longer than the page is shown from its start. */
void text_show_cursor(struct text_view *v)
{
    if (!text_has_cursor(v))
        return;
    if (v->at < v->top)
        v->top = v->at;
    int rows = 0;
    for (size_t i = v->at + 1; i-- > v->top;) {
        size_t len;
        const char *line = textbuf_line(&v->buf, i, &len);
        rows += text_line_rows(line, len, v->wide, text_view_wrap(v));
        if (rows > v->page) {
            v->top = i < v->at ? i + 1 : i;
            return;
        }
    }
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct text_view *v = (struct text_view *)s;
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (r.w > 20) r.x++, r.w--;                      /* text does not stick to the frame */
    v->page = r.h;
    v->stale |= v->live && v->wide && v->wide != r.w;       /* what it tells may depend on the room */
    v->wide = r.w;
    text_show_cursor(v);
    clamp(v);
    int y = r.y;
    if (v->err.code && v->what == TEXT_DOCTOR && v->buf.len) {
        /* the checks say it themselves */
    } else if (v->err.code) {
        canvas_ellipsis(c, r.x, y++, r.w, STYLE(ROLE_ERROR), v->err.msg, strlen(v->err.msg));
        if (v->buf.nlines)
            canvas_puts(c, r.x, y++, r.w, STYLE(ROLE_STALE), "what follows is older");
    } else if (!v->buf.nlines && v->loading) {
        canvas_puts(c, r.x, y, r.w, STYLE(ROLE_DIM), v->live ? "looking ..." : "asking the server ...");
    } else if (!v->buf.len && !v->loading) {
        canvas_puts(c, r.x, y, r.w, STYLE(ROLE_DIM), v->what == FETCH_CONSOLE ? "the console has printed nothing" : "nothing to show");
    }
    for (size_t i = v->top; i < v->buf.nlines && y < r.y + r.h; i++) {
        struct text_span sp[4];
        size_t len;
        int from = y;
        const char *line = textbuf_line(&v->buf, i, &len);
        size_t n = spans_of(v, line, len, sp);
        y += text_draw_line(c, r, y, line, len, STYLE(ROLE_TEXT), sp, n, v->needle, text_view_wrap(v), v->left);
        if (i == v->at && text_has_cursor(v))
            canvas_over(c, (struct rect){r.x, from, r.w, y < r.y + r.h ? y - from : r.y + r.h - from}, focus ? ROLE_CURSOR : ROLE_CURSOR_OFF);
    }
}

static void title(struct screen *s, struct str *out)
{
    struct text_view *v = (struct text_view *)s;
    const struct row *r = v->target.row;
    if (!r)
        str_addf(out, "%s%s%s", kinds[v->what].title, *kinds[v->what].title ? " " : "", v->name);
    else str_addf(out, "%s %s %s%s%s", kinds[v->what].title, r->kind->singular, r->scope && r->kind->plane == PLANE_KUBE ? r->scope : "",
             r->kind->plane == PLANE_KUBE && *r->scope ? "/" : "", r->name);
    if (v->buf.nlines)
        str_addf(out, "  line %zu of %zu", (text_has_cursor(v) ? v->at : v->top) + 1, v->buf.nlines);
    if (v->needle[0])
        str_addf(out, "  /%s", v->needle);
}

/* ---- events ---- */

/* "ok TAB what TAB detail" in columns. */
static char *doctor_columns(const char *text, size_t *len)
{
    struct str out;
    str_init(&out, 1 << 20);
    int wide = 8;
    for (const char *p = text; p && *p; p += strcspn(p, "\n"), p += *p == '\n') {
        size_t a = strcspn(p, "\t\n");
        int w = p[a] == '\t' ? (int)strcspn(p + a + 1, "\t\n") : 0;
        if (w > wide && w <= 28)
            wide = w;
    }
    while (text && *text) {
        size_t n = strcspn(text, "\n"), a = strcspn(text, "\t\n"), b = a < n ? a + 1 + strcspn(text + a + 1, "\t\n") : n;
        if (b < n)
            str_addf(&out, "%-5.*s %-*.*s  %.*s\n", (int)a, text, wide, (int)(b - a - 1), text + a + 1, (int)(n - b - 1), text + b + 1);
        else
            str_addf(&out, "%.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
    *len = out.len;
    char *s = str_take(&out);
    str_release(&out);
    return s;
}

static bool event(struct screen *s, struct event *e)
{
    struct text_view *v = (struct text_view *)s;
    if (text_live_event(v, e))
        return true;
    if (e->type != EV_TEXT || e->id != v->request)
        return false;
    v->request = 0;
    v->loading = false;
    v->fetched_ms = clock_mono_ms();
    v->err = e->err;
    if (v->what == TEXT_DOCTOR && e->text && e->len) {
        size_t len = 0;
        char *text = doctor_columns(e->text, &len);
        if (text)
            textbuf_set(&v->buf, text, len);
    } else if (!e->err.code) {
        textbuf_set(&v->buf, e->text, e->len);
        e->text = NULL;
    }
    app_dirty(s->app);
    return true;
}

static bool tick(struct screen *s, int64_t now_ms)
{
    struct text_view *v = (struct text_view *)s;
    (void)now_ms;
    if (v->stale && clock_mono_ms() >= v->not_before_ms) {
        text_live_write(v);
        return false;
    }
    if (kinds[v->what].refresh && !v->request && clock_mono_ms() - v->fetched_ms > REFRESH_MS)
        fetch(v);
    return false;
}

static void close_view(struct screen *s)
{
    struct text_view *v = (struct text_view *)s;
    if (v->request)
        core_cancel(app_core(s->app), v->request);
    text_live_close(v);
    target_release(&v->target);
    textbuf_release(&v->buf);
    mem_free(v);
}

static void step(struct text_view *v, long by)
{
    long to = (long)v->at + by;
    v->at = to < 0 ? 0 : (size_t)to >= v->buf.nlines ? v->buf.nlines - 1 : (size_t)to;
}

/* The line at the pointer. */
static void point(struct text_view *v, int row)
{
    for (size_t i = v->top; i < v->buf.nlines && row >= 0; i++) {
        size_t len;
        const char *line = textbuf_line(&v->buf, i, &len);
        row -= text_line_rows(line, len, v->wide, text_view_wrap(v));
        v->at = i;
    }
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    struct text_view *v = (struct text_view *)s;
    if (text_has_cursor(v) && (in->mouse == MOUSE_WHEEL_UP || in->mouse == MOUSE_WHEEL_DOWN))
        step(v, in->mouse == MOUSE_WHEEL_UP ? -3 : 3), v->at_end = false;
    else if (text_has_cursor(v) && in->mouse == MOUSE_PRESS)
        point(v, in->y - r.y - 1), v->at_end = false;
    else if (in->mouse == MOUSE_WHEEL_UP)
        v->top = v->top > 3 ? v->top - 3 : 0, v->at_end = false;
    else if (in->mouse == MOUSE_WHEEL_DOWN)
        v->top += 3;
    else
        return false;
    app_dirty(s->app);
    return true;
}

static const struct row *object(struct screen *s)
{
    const struct text_view *v = (const struct text_view *)s;
    return v->what == TEXT_LIVE ? text_live_object(v) : v->target.row;
}

static const struct screen_ops text_ops = {
    .scope = "text", .draw = draw, .title = title, .event = event, .tick = tick, .close = close_view, .mouse = mouse, .object = object,
};

/* Over everything: not about a row. */
struct text_view *text_open_over(struct app *a, unsigned what, const char *name)
{
    struct text_view *v = mem_zalloc(sizeof(*v));
    if (!v) {
        app_error(a, "out of memory");
        return NULL;
    }
    v->screen.ops = &text_ops;
    v->what = what;
    v->wrap = true;
    v->page = 1;
    snprintf(v->name, sizeof(v->name), "%s", name);
    app_push(a, &v->screen);
    return v;
}

void view_text_doctor(struct app *a, uint16_t source)
{
    const struct source_info *si = app_source(a, source);
    struct text_view *v = si ? text_open_over(a, TEXT_DOCTOR, si->name) : NULL;
    if (!v)
        return;
    v->source = source;
    fetch(v);
}

void view_text_show(struct app *a, const char *name, char *text, size_t len)
{
    struct text_view *v = text ? text_open_over(a, TEXT_PLAIN, name) : NULL;
    if (v)
        textbuf_set(&v->buf, text, len);
    else
        mem_free(text);
}

void view_text_open(struct app *a, enum fetch_what what) { view_text_revision(a, what, 0); }

void view_text_revision(struct app *a, enum fetch_what what, int64_t revision)
{
    struct text_view *v = mem_zalloc(sizeof(*v));
    if (!v || !app_looked_at(a, &v->target)) {
        mem_free(v);
        app_error(a, "no object is selected");
        return;
    }
    v->screen.ops = &text_ops;
    v->what = what;
    v->revision = revision;
    v->wrap = what == FETCH_CONSOLE || what == FETCH_DESCRIBE;
    v->at_end = what == FETCH_CONSOLE;
    v->page = 1;
    app_push_look(a, &v->screen);
    v->screen.app = a;
    fetch(v);
    app_dirty(a);
}

/* ---- commands ---- */

static bool follows(const struct text_view *v) { return v->what == FETCH_CONSOLE; }       /* what comes there */

static void move_cursor(struct text_view *v, const char *args)
{
    long page = v->page > 1 ? v->page - 1 : 1, all = (long)v->buf.nlines;
    long by = !strcmp(args, "up") ? -1 : !strcmp(args, "down") ? 1 : !strcmp(args, "page-up") ? -page : !strcmp(args, "page-down") ? page
            : !strcmp(args, "top") ? -all : !strcmp(args, "bottom") ? all : 0;
    step(v, by);
    if (by)
        v->at_end = follows(v) && v->at + 1 == v->buf.nlines;
    if (by && !v->at)
        v->top = 0;
    text_show_cursor(v);
}

static void run_move(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    size_t page = v->page > 1 ? (size_t)v->page - 1 : 1, was = v->top;
    bool end = follows(v), cursor = text_has_cursor(v);
    if (cursor && strcmp(args, "left") && strcmp(args, "right"))
        move_cursor(v, args);
    else if (!strcmp(args, "up"))
        v->top -= v->top > 0;
    else if (!strcmp(args, "down"))
        v->top++;
    else if (!strcmp(args, "page-up"))
        v->top = v->top > page ? v->top - page : 0;
    else if (!strcmp(args, "page-down"))
        v->top += page;
    else if (!strcmp(args, "top"))
        v->top = 0;
    else if (!strcmp(args, "bottom"))
        v->top = v->buf.nlines;
    else if (!strcmp(args, "left"))
        v->left = v->left > 8 ? v->left - 8 : 0;
    else if (!strcmp(args, "right") && !v->wrap)
        v->left += 8;
    app_dirty(a);
    v->match = cursor ? v->at : v->top;
    if (cursor)
        return;
    v->at_end &= v->top >= was;
    clamp(v);
    v->match = v->top;
    v->at_end |= end && v->buf.nlines && v->top == textbuf_last_top(&v->buf, v->wide, v->page, text_view_wrap(v)) && v->top > was;
}

static void find(struct text_view *v, size_t from, bool back)
{
    size_t i = v->buf.nlines ? textbuf_search(&v->buf, v->needle, from, back) : SIZE_MAX;
    if (i != SIZE_MAX)
        *(text_has_cursor(v) ? &v->at : &v->top) = v->match = i, v->at_end = false;
    else if (v->needle[0])
        app_error(v->screen.app, "'%s' is not in this text", v->needle);
    app_dirty(v->screen.app);
}

static struct text_view *top_view(struct app *a)
{
    struct screen *s = app_top(a);
    return s && s->ops == &text_ops ? (struct text_view *)s : NULL;
}

static void search_done(struct app *a, void *arg, const char *text, bool ok)
{
    struct text_view *v = top_view(a);
    (void)arg;
    if (!v)
        return;
    snprintf(v->needle, sizeof(v->needle), "%s", ok ? text : "");
    if (ok)
    {
        size_t from = text_has_cursor(v) ? v->at : v->top;
        find(v, from ? from - 1 : v->buf.nlines ? v->buf.nlines - 1 : 0, false);
    }
    app_dirty(a);
}

static void search_changed(struct app *a, void *arg, const char *text)
{
    struct text_view *v = top_view(a);
    (void)arg;
    if (v)
        snprintf(v->needle, sizeof(v->needle), "%s", text);
    app_dirty(a);
}

static void run_search(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops ops = {.label = "/", .history = "search", .changed = search_changed, .done = search_done};
    struct text_view *v = (struct text_view *)s;
    if (!*args)
        app_prompt(a, &ops, NULL, "");
    else if (!strcmp(args, "next") || !strcmp(args, "previous"))
        find(v, v->match, args[0] == 'p');
    else
        search_done(a, NULL, args, true);
}

static bool is_yaml(struct app *a, struct screen *s)
{
    (void)a;
    return s && s->ops == &text_ops && ((struct text_view *)s)->what == FETCH_YAML;
}

static void run_wrap(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    (void)args;
    v->wrap = !v->wrap;
    v->left = 0;
    app_dirty(a);
}

static void run_managed(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    (void)args;
    if (v->what != FETCH_YAML) {
        app_error(a, "managed fields are part of the YAML view (y)");
        return;
    }
    v->managed = !v->managed;
    fetch(v);
    app_info(a, v->managed ? "with managedFields" : "without managedFields");
}

static void run_refresh(struct app *a, struct screen *s, const char *args)
{
    (void)args;
    fetch((struct text_view *)s);
    app_dirty(a);
}

static void run_copy(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    (void)args;
    app_copy(a, v->buf.text ? v->buf.text : "", v->buf.len);
    app_info(a, "copied %zu lines", v->buf.nlines);
}

/* ---- saving and closing ---- */

static void run_save(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    char name[300];
    (void)args;
    snprintf(name, sizeof(name), "%s%s%s.%s", v->target.row ? v->target.row->name : v->name, *kinds[v->what].title ? "-" : "", kinds[v->what].title,
             v->what == FETCH_YAML ? "yaml" : v->what == FETCH_JSON ? "json" : "txt");
    for (char *p = name; *p; p++)
        *p = *p == '/' ? '_' : *p;
    save_text(a, name, mem_strndup(v->buf.text ? v->buf.text : "", v->buf.len), v->buf.len, NULL, NULL);
}

static void run_close(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    if (!strcmp(args, "search") && v->needle[0]) {   /* esc: first the search, then the view */
        v->needle[0] = 0;
        app_dirty(a);
        return;
    }
    app_pop(a, s);
}

const struct command text_commands[] = {
    {"move", NULL, "text", "up|down|top|bottom|page-up|page-down|left|right", "Moves in the text.", CMD_HIDDEN, COMPLETE_NONE, run_move, NULL},
    {"search", NULL, "text", "[TEXT | next | previous]", "Finds text; the other lines stay.", 0, COMPLETE_NONE, run_search, NULL},
    {"wrap", NULL, "text", NULL, "Wraps long lines, and back.", 0, COMPLETE_NONE, run_wrap, NULL},
    {"managed", NULL, "text", NULL, "YAML with managedFields, and back.", 0, COMPLETE_NONE, run_managed, is_yaml},
    {"refresh", NULL, "text", NULL, "Asks the server again now.", 0, COMPLETE_NONE, run_refresh, NULL},
    {"copy", NULL, "text", NULL, "Copies the text to the clipboard.", 0, COMPLETE_NONE, run_copy, NULL},
    {"save", NULL, "text", NULL, "Saves the text to a file.", 0, COMPLETE_NONE, run_save, NULL},
    {"close", NULL, "text", "[search]", "Closes this view.", 0, COMPLETE_NONE, run_close, NULL},
    {0},
};

const struct key_row text_keys[] = {
    {"text", "q", "close", NULL, NULL},
    {"text", "/", "search", "search", NULL},
    {"text", "n", "search next", "next", "Next match."},
    {"text", "shift-n", "search previous", NULL, "Previous match."},
    {"text", "w", "wrap", "wrap", NULL},
    {"text", "m", "managed", "managed fields", NULL},
    {"text", "r", "refresh", NULL, NULL},
    {"text", "ctrl-r", "refresh", NULL, NULL},
    {"text", "c", "copy", "copy", NULL},
    {"text", "ctrl-s", "save", "save", NULL},
    {"text", "up", "move up", NULL, "One line up."},
    {"text", "k", "move up", NULL, "One line up."},
    {"text", "down", "move down", NULL, "One line down."},
    {"text", "j", "move down", NULL, "One line down."},
    {"text", "pgup", "move page-up", NULL, "One page up."},
    {"text", "ctrl-b", "move page-up", NULL, "One page up."},
    {"text", "pgdn", "move page-down", NULL, "One page down."},
    {"text", "ctrl-f", "move page-down", NULL, "One page down."},
    {"text", "space", "move page-down", NULL, "One page down."},
    {"text", "home", "move top", NULL, "To the start."},
    {"text", "g", "move top", NULL, "To the start."},
    {"text", "end", "move bottom", NULL, "To the end."},
    {"text", "G", "move bottom", NULL, "To the end."},
    {"text", "left", "move left", NULL, "Further left."},
    {"text", "right", "move right", NULL, "Further right."},
    {0},
};
