/* Logs: followed, searched with the other lines kept, wrapped, saved; what had to be dropped is said. */
#include "tui/view_logs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/command.h"
#include "tui/logbuf.h"
#include "tui/screen.h"
#include "tui/textbuf.h"
#include "tui/view_text.h"

#define LOG_BYTES ((size_t)64 << 20)
#define TAIL_LINES 1000

struct log_view {
    struct screen screen;
    struct target target;
    struct logbuf buf;
    uint32_t request;
    char **origins;
    size_t norigins;
    bool previous, all, timestamps, wrap, follow, ended;
    int64_t tail, since_s;
    struct err err;
    size_t top;              /* first line shown, when not following */
    int left, page;
    char needle[128];
    bool only;               /* only lines with the needle */
};

static void free_origins(struct log_view *v)
{
    for (size_t i = 0; i < v->norigins; i++)
        mem_free(v->origins[i]);
    mem_free(v->origins);
    v->origins = NULL;
    v->norigins = 0;
}

static void start(struct log_view *v)
{
    struct log_request rq = {
        .row = v->target.row, .container = v->all ? "*" : NULL, .follow = !v->previous, .previous = v->previous,
        .timestamps = true, .tail = v->tail, .since_s = v->since_s,
    };
    if (v->request)
        core_cancel(app_core(v->screen.app), v->request);
    logbuf_clear(&v->buf);
    free_origins(v);
    v->err = (struct err)ERR_INIT;
    v->ended = false;
    v->follow = true;
    v->top = 0;
    v->request = core_logs(app_core(v->screen.app), &rq);
    app_dirty(v->screen.app);
}

/* ---- drawing ---- */

static bool shown(const struct log_view *v, const struct log_line *l)
{
    return !v->only || !v->needle[0] || text_casestr(l->text, l->len, v->needle, strlen(v->needle));
}

/* The line with its prefix; spans colour the origin and the time. */
static size_t compose(const struct log_view *v, const struct log_line *l, struct str *out, struct text_span *sp)
{
    size_t n = 0;
    str_clear(out);
    if (v->norigins > 1 && l->origin < v->norigins) {
        str_addf(out, "%s ", v->origins[l->origin]);
        sp[n++] = (struct text_span){0, out->len, STYLE(ROLE_ORIGIN_1 + l->origin % 6)};
    }
    if (v->timestamps && l->time_ms != CELL_NONE) {
        char when[40];
        size_t from = out->len;
        text_format_time(when, sizeof(when), l->time_ms);
        str_addf(out, "%s ", when);
        sp[n++] = (struct text_span){from, out->len, STYLE(ROLE_DIM)};
    }
    str_add(out, l->text, l->len);
    return n;
}

static int rows_of(const struct log_view *v, const struct log_line *l, struct str *tmp, int w)
{
    struct text_span sp[2];
    if (!v->wrap)
        return 1;
    compose(v, l, tmp, sp);
    return text_line_rows(tmp->data, tmp->len, w, TEXT_FILL);
}

/* When following, the last line stands at the bottom: go up from it. */
static size_t first_line(const struct log_view *v, struct str *tmp, int w, int h)
{
    size_t i = v->buf.count;
    int rows = 0;
    while (i) {
        const struct log_line *l = logbuf_at(&v->buf, i - 1);
        if (shown(v, l)) {
            rows += rows_of(v, l, tmp, w);
            if (rows > h)
                break;
        }
        i--;
    }
    return i;
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct log_view *v = (struct log_view *)s;
    struct str tmp;
    (void)focus;
    str_init(&tmp, 1 << 20);
    v->page = r.h;
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    if (r.w > 20) r.x++, r.w--;                      /* text does not stick to the frame */
    int y = r.y, h = r.h;
    if (v->err.code && h > 1) {
        canvas_ellipsis(c, r.x, r.y + --h, r.w, STYLE(ROLE_ERROR), v->err.msg, strlen(v->err.msg));
    } else if (v->ended && h > 1) {
        canvas_puts(c, r.x, r.y + --h, r.w, STYLE(ROLE_DIM), v->previous ? "(end of the previous container's log)" : "(the log has ended)");
    }
    if (!v->buf.count && !v->err.code && !v->ended)
        canvas_puts(c, r.x, y, r.w, STYLE(ROLE_DIM), "waiting for lines ...");
    struct rect body = {r.x, r.y, r.w, h};
    struct rect old = canvas_clip(c, body);
    size_t i = v->follow ? first_line(v, &tmp, r.w, h) : v->top;
    if (v->follow)
        v->top = i;
    for (; i < v->buf.count && y < r.y + h; i++) {
        const struct log_line *l = logbuf_at(&v->buf, i);
        struct text_span sp[2];
        if (!shown(v, l))
            continue;
        size_t n = compose(v, l, &tmp, sp);
        y += text_draw_line(c, body, y, tmp.data, tmp.len, STYLE(ROLE_TEXT), sp, n, v->needle, v->wrap ? TEXT_FILL : TEXT_CUT, v->left);
    }
    canvas_unclip(c, old);
    str_release(&tmp);
}

static void title(struct screen *s, struct str *out)
{
    struct log_view *v = (struct log_view *)s;
    const struct row *r = v->target.row;
    str_addf(out, "logs %s %s%s%s", r->kind->singular, r->scope, *r->scope ? "/" : "", r->name);
    if (v->previous)
        str_adds(out, " (previous)");
    if (v->since_s)
        str_addf(out, " last %lld min", (long long)v->since_s / 60);
    if (v->only && v->needle[0])
        str_addf(out, " [%zu/%zu]", logbuf_matches(&v->buf, v->needle), v->buf.count);
    else
        str_addf(out, " [%zu]", v->buf.count);
    if (v->buf.dropped)
        str_addf(out, " %llu older lines given up for memory", (unsigned long long)v->buf.dropped);
    if (v->buf.lost)
        str_addf(out, " %llu LOST", (unsigned long long)v->buf.lost);
    str_adds(out, v->follow ? " follow" : " paused");
    if (v->needle[0])
        str_addf(out, "  %s%s", v->only ? "&" : "/", v->needle);
}

/* ---- events ---- */

static bool event(struct screen *s, struct event *e)
{
    struct log_view *v = (struct log_view *)s;
    if ((e->type != EV_LOG && e->type != EV_LOG_END) || e->id != v->request)
        return false;
    if (e->type == EV_LOG_END) {
        v->request = 0;
        v->ended = true;
        v->buf.lost += e->lost;
        v->err = e->err;
        app_dirty(s->app);
        return true;
    }
    if (e->origins) {
        free_origins(v);
        v->origins = e->origins;
        e->origins = NULL;
        while (v->origins[v->norigins])
            v->norigins++;
    }
    v->buf.lost += e->lost;
    uint64_t before = v->buf.dropped;
    for (size_t i = 0; i < e->nlines; i++) {
        logbuf_add(&v->buf, &e->lines[i]);
        e->lines[i].text = NULL;
    }
    uint64_t gone = v->buf.dropped - before;   /* what is read stays in place while older lines go */
    v->top = v->top > gone ? v->top - (size_t)gone : 0;
    app_dirty(s->app);
    return true;
}

static void close_view(struct screen *s)
{
    struct log_view *v = (struct log_view *)s;
    if (v->request)
        core_cancel(app_core(s->app), v->request);
    target_release(&v->target);
    logbuf_release(&v->buf);
    free_origins(v);
    mem_free(v);
}

static void move(struct log_view *v, int64_t by)
{
    size_t last = v->buf.count ? v->buf.count - 1 : 0;
    int step = by < 0 ? -1 : 1;
    if (by < 0)
        v->follow = false;
    for (int64_t left = by < 0 ? -by : by; left > 0;) {
        if ((step < 0 && !v->top) || (step > 0 && v->top >= last))
            break;
        v->top += (size_t)(int64_t)step;
        left -= shown(v, logbuf_at(&v->buf, v->top));
    }
    if (by > 0 && v->top + (size_t)v->page >= v->buf.count)
        v->follow = true;
    app_dirty(v->screen.app);
}

static bool mouse(struct screen *s, const struct input *in, struct rect r)
{
    (void)r;
    if (in->mouse != MOUSE_WHEEL_UP && in->mouse != MOUSE_WHEEL_DOWN)
        return false;
    move((struct log_view *)s, in->mouse == MOUSE_WHEEL_UP ? -3 : 3);
    return true;
}

static const struct screen_ops log_ops = {
    .scope = "logs", .draw = draw, .title = title, .event = event, .close = close_view, .mouse = mouse,
};

void view_logs_open(struct app *a, bool previous)
{
    struct log_view *v = mem_zalloc(sizeof(*v));
    if (!v || !app_looked_at(a, &v->target)) {
        mem_free(v);
        app_error(a, "no object is selected");
        return;
    }
    if (!(v->target.row->kind->flags & KIND_LOGS)) {
        app_error(a, "a %s has no logs%s", v->target.row->kind->singular,
                  v->target.row->kind->flags & KIND_CONSOLE ? "; its console log: o" : "");
        target_release(&v->target);
        mem_free(v);
        return;
    }
    v->screen.ops = &log_ops;
    v->previous = previous;
    v->wrap = true;
    v->follow = true;
    v->tail = TAIL_LINES;
    v->page = 1;
    logbuf_init(&v->buf, LOG_BYTES);
    app_push_look(a, &v->screen);
    v->screen.app = a;
    start(v);
}

/* ---- commands ---- */

static void run_move(struct app *a, struct screen *s, const char *args)
{
    struct log_view *v = (struct log_view *)s;
    int64_t page = v->page > 1 ? v->page - 1 : 1;
    if (!strcmp(args, "up"))
        move(v, -1);
    else if (!strcmp(args, "down"))
        move(v, 1);
    else if (!strcmp(args, "page-up"))
        move(v, -page);
    else if (!strcmp(args, "page-down"))
        move(v, page);
    else if (!strcmp(args, "top"))
        move(v, -(int64_t)v->buf.count);
    else if (!strcmp(args, "bottom"))
        v->follow = true;
    else if (!strcmp(args, "left"))
        v->left = v->left > 8 ? v->left - 8 : 0;
    else if (!strcmp(args, "right") && !v->wrap)
        v->left += 8;
    app_dirty(a);
}

static void find(struct log_view *v, bool back)
{
    size_t n = v->buf.count, len = strlen(v->needle);
    for (size_t k = 1; len && k <= n; k++) {
        size_t i = back ? (v->top + n - k % n) % n : (v->top + k) % n;
        const struct log_line *l = logbuf_at(&v->buf, i);
        if (text_casestr(l->text, l->len, v->needle, len)) {
            v->top = i;
            v->follow = false;
            app_dirty(v->screen.app);
            return;
        }
    }
    if (len)
        app_error(v->screen.app, "'%s' is not in these lines", v->needle);
}

static struct log_view *top_view(struct app *a)
{
    struct screen *s = app_top(a);
    return s && s->ops == &log_ops ? (struct log_view *)s : NULL;
}

static void search_changed(struct app *a, void *arg, const char *text)
{
    struct log_view *v = top_view(a);
    (void)arg;
    if (v)
        snprintf(v->needle, sizeof(v->needle), "%s", text);
    app_dirty(a);
}

static void search_done(struct app *a, void *arg, const char *text, bool ok)
{
    struct log_view *v = top_view(a);
    (void)arg;
    if (!v)
        return;
    snprintf(v->needle, sizeof(v->needle), "%s", ok ? text : "");
    if (!v->needle[0])
        v->only = false;
    else if (!v->only)
        find(v, true);
    app_dirty(a);
}

static void run_search(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops ops = {.label = "/", .history = "search", .changed = search_changed, .done = search_done};
    struct log_view *v = (struct log_view *)s;
    if (!strcmp(args, "next") || !strcmp(args, "previous")) {
        find(v, args[0] == 'p');
    } else if (*args) {
        search_done(a, NULL, args, true);
    } else {
        v->only = false;
        app_prompt(a, &ops, NULL, "");
    }
}

static void run_only(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops ops = {.label = "only lines with ", .history = "search", .changed = search_changed, .done = search_done};
    struct log_view *v = (struct log_view *)s;
    (void)args;
    if (!v->only)
        v->needle[0] = 0;            /* of a search: not what is to be filtered by */
    v->only = true;
    app_prompt(a, &ops, NULL, v->needle);
}

static void run_toggle(struct app *a, struct screen *s, const char *args)
{
    struct log_view *v = (struct log_view *)s;
    if (!strcmp(args, "wrap")) {
        v->wrap = !v->wrap;
        v->left = 0;
    } else if (!strcmp(args, "timestamps")) {
        v->timestamps = !v->timestamps;
    } else if (!strcmp(args, "follow")) {
        v->follow = !v->follow;
    } else if (!strcmp(args, "containers")) {
        v->all = !v->all;
        start(v);
        app_info(a, v->all ? "all containers, init containers too" : "the default container");
    } else if (!strcmp(args, "previous")) {
        v->previous = !v->previous;
        start(v);
    }
    app_dirty(a);
}

static void run_since(struct app *a, struct screen *s, const char *args)
{
    struct log_view *v = (struct log_view *)s;
    char *end;
    long minutes = strtol(args, &end, 10);
    if (!strcmp(args, "all")) {
        v->since_s = 0;
        v->tail = -1;
    } else if (!strcmp(args, "tail")) {
        v->since_s = 0;
        v->tail = TAIL_LINES;
    } else if (end != args && minutes > 0) {
        v->since_s = minutes * 60;
        v->tail = -1;
    } else {
        app_error(a, "since: tail, all, or minutes");
        return;
    }
    start(v);
}

static void run_clear(struct app *a, struct screen *s, const char *args)
{
    (void)args;
    logbuf_clear(&((struct log_view *)s)->buf);
    ((struct log_view *)s)->top = 0;
    app_dirty(a);
}

static char *all_text(const struct log_view *v, size_t *len)
{
    struct str out, line;
    struct text_span sp[2];
    str_init(&out, LOG_BYTES * 2);
    str_init(&line, 1 << 20);
    for (size_t i = 0; i < v->buf.count; i++) {
        const struct log_line *l = logbuf_at(&v->buf, i);
        if (!shown(v, l))
            continue;
        compose(v, l, &line, sp);
        str_add(&out, line.data, line.len);
        str_addc(&out, '\n');
    }
    str_release(&line);
    *len = out.len;
    char *text = str_take(&out);
    str_release(&out);
    return text;
}

static void run_save(struct app *a, struct screen *s, const char *args)
{
    struct log_view *v = (struct log_view *)s;
    char name[300];
    size_t len;
    (void)args;
    snprintf(name, sizeof(name), "%s.log", v->target.row->name);
    char *text = all_text(v, &len);
    save_text(a, name, text, len, NULL, NULL);
}

static void run_copy(struct app *a, struct screen *s, const char *args)
{
    size_t len;
    (void)args;
    char *text = all_text((struct log_view *)s, &len);
    if (text)
        app_copy(a, text, len);
    mem_free(text);
}

static void run_close(struct app *a, struct screen *s, const char *args)
{
    struct log_view *v = (struct log_view *)s;
    if (!strcmp(args, "search") && v->needle[0]) {
        v->needle[0] = 0;
        v->only = false;
        app_dirty(a);
        return;
    }
    app_pop(a, s);
}

const struct command logs_commands[] = {
    {"move", NULL, "logs", "up|down|top|bottom|page-up|page-down|left|right", "Moves in the log.", CMD_HIDDEN, COMPLETE_NONE, run_move, NULL},
    {"search", NULL, "logs", "[TEXT | next | previous]", "Finds text; the other lines stay.", 0, COMPLETE_NONE, run_search, NULL},
    {"only", "grep", "logs", NULL, "Shows only lines with a text.", 0, COMPLETE_NONE, run_only, NULL},
    {"toggle", NULL, "logs", "wrap|timestamps|follow|containers|previous", "Switches one thing on and off.", 0, COMPLETE_NONE, run_toggle, NULL},
    {"since", NULL, "logs", "MINUTES | tail | all", "From when on lines are shown.", 0, COMPLETE_NONE, run_since, NULL},
    {"clear", NULL, "logs", NULL, "Forgets the lines so far.", 0, COMPLETE_NONE, run_clear, NULL},
    {"copy", NULL, "logs", NULL, "Copies the lines to the clipboard.", 0, COMPLETE_NONE, run_copy, NULL},
    {"save", NULL, "logs", NULL, "Saves the lines to a file.", 0, COMPLETE_NONE, run_save, NULL},
    {"close", NULL, "logs", "[search]", "Closes this view.", 0, COMPLETE_NONE, run_close, NULL},
    {0},
};

const struct key_row logs_keys[] = {
    {"logs", "esc", "close search", "back", "Clear the search, then close."},
    {"logs", "q", "close", NULL, NULL},
    {"logs", "s", "toggle follow", "follow", "Follow new lines, or stand still."},
    {"logs", "/", "search", "search", NULL},
    {"logs", "&", "only", "only", NULL},
    {"logs", "n", "search next", NULL, "Next match."},
    {"logs", "shift-n", "search previous", NULL, "Previous match."},
    {"logs", "w", "toggle wrap", "wrap", "Wrap long lines, and back."},
    {"logs", "t", "toggle timestamps", "time", "Times before the lines, and back."},
    {"logs", "a", "toggle containers", "all containers", "All containers, and back."},
    {"logs", "p", "toggle previous", "previous", "The container's previous life, and back."},
    {"logs", "0", "since tail", NULL, "The last 1000 lines."},
    {"logs", "1", "since all", NULL, "From the beginning."},
    {"logs", "2", "since 1", NULL, "The last minute."},
    {"logs", "3", "since 5", NULL, "The last 5 minutes."},
    {"logs", "4", "since 15", NULL, "The last 15 minutes."},
    {"logs", "5", "since 30", NULL, "The last 30 minutes."},
    {"logs", "6", "since 60", NULL, "The last hour."},
    {"logs", "shift-c", "clear", NULL, NULL},
    {"logs", "c", "copy", NULL, NULL},
    {"logs", "ctrl-s", "save", "save", NULL},
    {"logs", "up", "move up", NULL, "One line up."},
    {"logs", "k", "move up", NULL, "One line up."},
    {"logs", "down", "move down", NULL, "One line down."},
    {"logs", "j", "move down", NULL, "One line down."},
    {"logs", "pgup", "move page-up", NULL, "One page up."},
    {"logs", "ctrl-b", "move page-up", NULL, "One page up."},
    {"logs", "pgdn", "move page-down", NULL, "One page down."},
    {"logs", "ctrl-f", "move page-down", NULL, "One page down."},
    {"logs", "space", "move page-down", NULL, "One page down."},
    {"logs", "home", "move top", NULL, "To the oldest line."},
    {"logs", "g", "move top", NULL, "To the oldest line."},
    {"logs", "end", "move bottom", NULL, "To the newest line, and follow."},
    {"logs", "G", "move bottom", NULL, "To the newest line, and follow."},
    {"logs", "left", "move left", NULL, "Further left."},
    {"logs", "right", "move right", NULL, "Further right."},
    {0},
};
