/* Describe, YAML, console, actions: text of one object that is fetched, kept fresh, searched, saved, copied. */
#include "tui/view_text.h"

#include <stdio.h>
#include <string.h>

#include "strata/errand.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/command.h"
#include "tui/screen.h"
#include "tui/text_spans.h"
#include "tui/textbuf.h"

#define REFRESH_MS 5000
#define LIVE_MAX ((size_t)1 << 26)
#define LIVE_SHARE 10            /* so many times what it cost is waited before it is written anew */

/* beyond enum fetch_what: */
enum { TEXT_DOCTOR = FETCH_ROLLOUT_DIFF + 1, TEXT_PLAIN, TEXT_LIVE };

struct text_view {
    struct screen screen;
    struct target target;
    unsigned what;                   /* enum fetch_what, or one of ours */
    char name[80];                   /* of what is not about a row */
    uint16_t source;                 /* TEXT_DOCTOR */
    bool managed, wrap, loading;
    uint32_t request;
    struct textbuf buf;
    struct err err;
    int64_t fetched_ms;              /* monotonic, 0 = never */
    size_t top, match;               /* match: where the search goes on from */
    int left, page, wide;            /* page, wide: as drawn last */
    bool at_end;                     /* its last line stays at the bottom */
    char needle[128];
    const struct text_live *live;    /* TEXT_LIVE */
    void *live_arg;
    struct errand *errand;           /* it is being written anew */
    int64_t revision;                /* of a rollout; 0 all, or the one before the newest */
    bool stale;                      /* to be written anew */
    int64_t not_before_ms;           /* monotonic: what takes long is written rarely */
};

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
static enum text_wrap wrap_of(const struct text_view *v) { return !v->wrap ? TEXT_CUT : v->what == FETCH_CONSOLE ? TEXT_FILL : TEXT_WORDS; }

static void clamp(struct text_view *v)
{
    size_t most = textbuf_last_top(&v->buf, v->wide, v->page, wrap_of(v));
    if (v->top >= most || v->at_end)
        v->top = most;
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct text_view *v = (struct text_view *)s;
    (void)focus;
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (r.w > 20) r.x++, r.w--;                      /* text does not stick to the frame */
    v->page = r.h;
    v->stale |= v->live && v->wide && v->wide != r.w;       /* what it tells may depend on the room */
    v->wide = r.w;
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
        const char *line = textbuf_line(&v->buf, i, &len);
        size_t n = spans_of(v, line, len, sp);
        y += text_draw_line(c, r, y, line, len, STYLE(ROLE_TEXT), sp, n, v->needle, wrap_of(v), v->left);
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
        str_addf(out, "  line %zu of %zu", v->top + 1, v->buf.nlines);
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

/* What was written beside the screen. */
static void take_live(struct text_view *v, struct event *e)
{
    errand_leave(v->errand);
    v->errand = NULL;
    v->loading = false;
    v->not_before_ms = clock_mono_ms() + LIVE_SHARE * e->time_ms;
    v->err = e->err;
    if (!e->err.code)
        textbuf_set(&v->buf, e->text, e->len);
    if (!e->err.code)
        e->text = NULL;
    app_dirty(v->screen.app);
}

static bool event(struct screen *s, struct event *e)
{
    struct text_view *v = (struct text_view *)s;
    if (e->type == EV_TEXT && v->errand && e->id == errand_id(v->errand)) {
        take_live(v, e);
        return true;
    }
    if (v->live && v->live->event(v->live_arg, e)) {
        v->stale = true;
        return true;
    }
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

struct writing { const struct text_live *live; void *work; };

static void write_beside(void *arg, struct event *e)
{
    const struct writing *w = arg;
    struct str out;
    int64_t began = clock_mono_ms();
    str_init(&out, LIVE_MAX);
    if (!w->live->make(w->work, &out) || out.failed)
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
    mem_free(w);
}

/* The old text stays until the new one is there. */
static void write_live(struct text_view *v)
{
    struct writing *w = v->errand ? NULL : mem_alloc(sizeof *w);
    v->stale = v->errand != NULL;
    if (!w)
        return;
    *w = (struct writing){v->live, v->live->gather(v->live_arg)};
    if (w->work && (v->errand = errand_begin(app_core(v->screen.app), EV_TEXT, 0, write_beside, writing_free, w))) {
        v->loading = true;
        return;
    }
    if (w->work)
        v->live->release(w->work);
    mem_free(w);
    err_set(&v->err, ERR_NOMEM, 0, "out of memory");
}

static bool tick(struct screen *s, int64_t now_ms)
{
    struct text_view *v = (struct text_view *)s;
    (void)now_ms;
    if (v->stale && clock_mono_ms() >= v->not_before_ms) {
        write_live(v);
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
    errand_leave(v->errand);
    if (v->live)
        v->live->close(v->live_arg);
    target_release(&v->target);
    textbuf_release(&v->buf);
    mem_free(v);
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    struct text_view *v = (struct text_view *)s;
    (void)r;
    if (in->mouse == MOUSE_WHEEL_UP)
        v->top = v->top > 3 ? v->top - 3 : 0, v->at_end = false;
    else if (in->mouse == MOUSE_WHEEL_DOWN)
        v->top += 3;
    else
        return false;
    app_dirty(s->app);
    return true;
}

static const struct screen_ops text_ops = {
    .scope = "text", .draw = draw, .title = title, .event = event, .tick = tick, .close = close_view, .mouse = mouse,
};

/* Over everything: not about a row. */
static struct text_view *open_over(struct app *a, unsigned what, const char *name)
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
    struct text_view *v = si ? open_over(a, TEXT_DOCTOR, si->name) : NULL;
    if (!v)
        return;
    v->source = source;
    fetch(v);
}

void view_text_show(struct app *a, const char *name, char *text, size_t len)
{
    struct text_view *v = text ? open_over(a, TEXT_PLAIN, name) : NULL;
    if (v)
        textbuf_set(&v->buf, text, len);
    else
        mem_free(text);
}

bool view_text_live(struct app *a, const char *name, const struct text_live *live, void *arg)
{
    struct text_view *v = open_over(a, TEXT_LIVE, name);
    if (!v)
        return false;
    v->live = live;
    v->live_arg = arg;
    v->at_end = live->at_end;
    write_live(v);
    return true;
}

void view_text_open(struct app *a, enum fetch_what what) { view_text_revision(a, what, 0); }

void view_text_revision(struct app *a, enum fetch_what what, int64_t revision)
{
    struct text_view *v = mem_zalloc(sizeof(*v));
    if (!v || !app_selected(a, &v->target)) {
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
    app_push_pane(a, &v->screen);
    v->screen.app = a;
    fetch(v);
    app_dirty(a);
}

/* ---- commands ---- */

static void run_move(struct app *a, struct screen *s, const char *args)
{
    struct text_view *v = (struct text_view *)s;
    size_t page = v->page > 1 ? (size_t)v->page - 1 : 1, was = v->top;
    bool end = v->what == FETCH_CONSOLE || (v->live && v->live->at_end);        /* what comes there is followed */
    if (!strcmp(args, "up"))
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
    v->at_end &= v->top >= was;
    clamp(v);
    v->match = v->top;
    v->at_end |= end && v->buf.nlines && v->top == textbuf_last_top(&v->buf, v->wide, v->page, wrap_of(v)) && v->top > was;
    app_dirty(a);
}

static void find(struct text_view *v, size_t from, bool back)
{
    size_t i = v->buf.nlines ? textbuf_search(&v->buf, v->needle, from, back) : SIZE_MAX;
    if (i != SIZE_MAX)
        v->top = v->match = i, v->at_end = false;
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
        find(v, v->top ? v->top - 1 : v->buf.nlines ? v->buf.nlines - 1 : 0, false);
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
    {"text", "esc", "close search", "back", "Clear the search, then close."},
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
