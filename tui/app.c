/* The cockpit's loop: waits for keys, core events and signals; draws a frame when something visible changed, at most 60 a
 * second; once a second lets ages move on. Owns everything that lives as long as the screen. */
#include "tui/app.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/dialog_left.h"
#include "tui/leave.h"
#include "tui/view_ops.h"
#include "tui/demo.h"
#include "tui/table.h"

#define FRAME_MS 16
#define STATUS_MS 10000           /* a sentence in the status line */
#define IDLE_MS 300000

/* ---- what screens and commands use ---- */

struct core *app_core(struct app *a) { return a->core; }
struct pending *app_pending(struct app *a) { return &a->pending; }
const struct options *app_options(const struct app *a) { return a->opt; }
struct keymap *app_keymap(struct app *a) { return &a->keymap; }
const struct canvas *app_canvas(const struct app *a) { return &a->canvas; }
struct colpref *app_colpref(const struct app *a, const char *kind) { return colprefs_find(&a->columns, kind); }
void app_dirty(struct app *a) { a->dirty = true; }
void app_quit(struct app *a) { a->quit = true; }
void app_copy(struct app *a, const char *text, size_t len) { term_copy(a->term, text, len); }
void app_run_line(struct app *a, const char *line) { command_run(a, line); }

const struct source_info *app_sources(const struct app *a, size_t *n)
{
    *n = a->nsrc;
    return a->src;
}

const struct source_info *app_source(const struct app *a, uint16_t id)
{
    for (size_t i = 0; i < a->nsrc; i++)
        if (a->src[i].id == id) return &a->src[i];
    return NULL;
}

int64_t app_now(const struct app *a, uint16_t source)
{
    const struct source_info *s = app_source(a, source);
    return clock_wall_ms() + (s && s->has_clock ? s->clock_offset_ms : 0);
}

static void ticker_add(struct app *a, int64_t ms, enum health h, const char *clean, bool status)
{
    struct ticker_line *l = &a->ticker[a->ticker_n++ % TICKER_LINES];
    size_t n = strlen(clean);
    if (n > sizeof l->text - 1) {
        n = sizeof l->text - 1;
        while (n > 0 && ((unsigned char)clean[n] & 0xc0) == 0x80) n--;
    }
    l->time_ms = ms;
    l->health = h;
    l->status = status;
    memcpy(l->text, clean, n);
    l->text[n] = '\0';
    a->dirty = true;
}

static void set_status(struct app *a, bool bad, const char *fmt, va_list ap)
{
    vsnprintf(a->status, sizeof a->status, fmt, ap);
    a->status_bad = bad;
    a->status_until_ms = clock_mono_ms() + STATUS_MS;
    ticker_add(a, clock_wall_ms(), bad ? HEALTH_BAD : HEALTH_NONE, a->status, true);
}

void app_error(struct app *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_status(a, true, fmt, ap);
    va_end(ap);
}

void app_info(struct app *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    set_status(a, false, fmt, ap);
    va_end(ap);
}

void app_notice(struct app *a, enum health h, const char *clean)
{
    ticker_add(a, clock_wall_ms(), h, clean, false);
}

/* ---- screens ---- */

struct screen *app_top(const struct app *a)
{
    struct pane *p = deck_focus(&a->deck);
    return a->over ? a->over : p ? p->top : NULL;
}

bool app_focused(const struct app *a, const struct screen *s)
{
    struct pane *p = deck_focus(&a->deck);
    return p && p->table == s;
}

void app_push(struct app *a, struct screen *s)
{
    s->app = a;
    s->pane = NULL;
    s->below = a->over;
    a->over = s;
    a->dirty = true;
}

void app_push_pane(struct app *a, struct screen *s)
{
    struct pane *p = deck_focus(&a->deck);
    if (!p) {
        app_push(a, s);
        return;
    }
    s->app = a;
    s->pane = p;
    s->below = p->top;
    p->top = s;
    a->dirty = true;
}

void app_push_look(struct app *a, struct screen *s)
{
    if (a->over && a->over->ops->object) app_push(a, s);
    else app_push_pane(a, s);
}

void app_pop(struct app *a, struct screen *s)
{
    struct screen **at = s->pane ? &s->pane->top : &a->over;
    if (a->prompt.ops && a->prompt.arg == s) a->prompt.ops = NULL, str_release(&a->prompt.candidates);
    while (*at && *at != s) at = &(*at)->below;
    if (!*at || (s->pane && s == s->pane->table)) return;
    *at = s->below;
    s->ops->close(s);
    a->dirty = true;
}

/* ---- frames ---- */

enum err_code app_set_theme(struct app *a, const char *name, struct err *err)
{
    enum err_code rc = theme_load(&a->theme, name, err);
    if (rc == ERR_OK) term_set_theme(a->term, &a->theme);
    a->dirty = true;
    return rc;
}

static void draw_over(struct app *a, struct screen *s, struct rect r)
{
    struct canvas *c = &a->canvas;
    if (!s) return;
    draw_over(a, s->below, r);
    if (s->ops->popup) {
        s->ops->draw(s, c, r, s == a->over);
        return;
    }
    canvas_fill(c, r, STYLE(ROLE_TEXT));
    canvas_box(c, r, STYLE(ROLE_BORDER_FOCUS));
    struct str title;
    str_init(&title, 1024);
    s->ops->title(s, &title);
    if (title.len) {
        int n = canvas_ellipsis(c, r.x + 3, r.y, r.w - 6, STYLE(ROLE_TITLE_FOCUS), title.data, title.len);
        canvas_puts(c, r.x + 2, r.y, 1, STYLE(ROLE_BORDER_FOCUS), " ");
        canvas_puts(c, r.x + 3 + n, r.y, 1, STYLE(ROLE_BORDER_FOCUS), " ");
    }
    str_release(&title);
    struct rect in = {r.x + 1, r.y + 1, r.w - 2, r.h - 2}, old = canvas_clip(c, in);
    s->ops->draw(s, c, in, s == a->over);
    canvas_unclip(c, old);
}

static void draw_frame(struct app *a)
{
    struct canvas *c = &a->canvas;
    int w, h;
    term_size(a->term, &w, &h);
    if (!canvas_resize(c, w, h)) return;
    struct rect all = {0, 0, w, h}, body = all;
    canvas_fill(c, all, STYLE(ROLE_TEXT));
    a->cursor_x = -1;
    linked_look(a);
    if (h >= 6) header_draw(a, (struct rect){0, 0, w, 1}), body.y++, body.h--;
    bool prompt = a->prompt.ops != NULL, two = h >= 12;
    if (h >= 2) {
        struct rect line = {0, h - 1, w, 1};
        body.h--;
        if (two) {
            body.h--;
            ticker_draw(a, (struct rect){0, h - 2, w, 1});
        }
        if (prompt) prompt_draw(a, line);
        else if (!two && *a->status) ticker_draw(a, line);
        else hints_draw(a, line);
    } else if (prompt) prompt_draw(a, all);
    struct rect old = canvas_clip(c, body);
    if (a->nsrc == 0) welcome_draw(a, body);
    else deck_draw(a, &a->deck, body, !a->over);
    draw_over(a, a->over, body);
    canvas_unclip(c, old);
    term_flush(a->term, c, a->cursor_x, a->cursor_y);
}

/* ---- keys ---- */

bool app_typed(const struct app *a) { return a->typed; }

void app_key(struct app *a, uint32_t key)
{
    struct screen *top = app_top(a);
    if (*a->status) *a->status = '\0', a->dirty = true;
    if (a->prompt.ops) {
        prompt_key(a, key);
        return;
    }
    const char *line = keymap_find(&a->keymap, top ? top->ops->scope : "global", !(top && top->ops->modal), key);
    if (line) command_run(a, line);
    else if (top && top->ops->key && top->ops->key(top, key)) a->dirty = true;
}

static void on_paste(struct app *a, const struct input *in)
{
    struct screen *top = app_top(a);
    struct str clean;
    str_init(&clean, 65536);
    text_clean(&clean, in->text, in->len, 0);
    if (a->prompt.ops) prompt_paste(a, clean.data, clean.len);
    else if (top && top->ops->paste) top->ops->paste(top, clean.data, clean.len);    /* else: never typed as commands */
    str_release(&clean);
    a->dirty = true;
}

static void on_background(struct app *a, const struct input *in)
{
    bool light = in->r * 3 + in->g * 6 + in->b > 5 * 255;
    if (a->theme_chosen || light == a->theme.light) return;
    a->theme_chosen = true;
    app_set_theme(a, light ? "light" : "dark", NULL);
}

static void on_input(struct app *a, const struct input *in)
{
    a->last_key_ms = clock_mono_ms();
    if (a->idle) core_set_idle(a->core, a->idle = false);
    switch (in->type) {
    case IN_KEY: a->typed = true, app_key(a, in->key); break;
    case IN_PASTE: on_paste(a, in); break;
    case IN_BACKGROUND: on_background(a, in); break;
    case IN_MOUSE:
        if (a->prompt.ops || in->mouse == MOUSE_RELEASE || in->mouse == MOUSE_MOVE) break;
        if (!a->over) deck_mouse(a, &a->deck, in);
        else if (a->over->ops->mouse && a->over->ops->mouse(a->over, in, (struct rect){0, 1, a->canvas.w, a->canvas.h - 3})) a->dirty = true;
        break;
    default: break;
    }
}

static void on_signals(struct app *a)
{
    enum term_signal sig;
    while ((sig = term_signal(a->term)) != TERM_SIG_NONE) {
        if (sig == TERM_SIG_QUIT) a->quit = true;
        if (sig == TERM_SIG_STOP) term_suspend(a->term);
        if (sig == TERM_SIG_CONT) term_redraw(a->term);
        a->dirty = true;
    }
}

/* ---- core events ---- */

static void free_names(struct app *a)
{
    for (char **p = a->kind_names; p && *p; p++) mem_free(*p);
    mem_free(a->kind_names);
    a->kind_names = NULL;
}

static void take_names(struct app *a, struct event *e)
{
    a->kind_names_id = 0;
    if (!e->names) return;
    free_names(a);
    a->kind_names = e->names;
    e->names = NULL;
}

static void reload_sources(struct app *a)
{
    size_t before = a->nsrc;
    a->nsrc = core_sources(a->core, a->src, CORE_MAX_SOURCES);
    for (int i = 0; i < a->deck.n && a->nsrc != before; i++) {
        struct table *t = table_of(a->deck.pane[i]->table);
        if (t) table_open(t);
    }
    a->dirty = true;
}

static bool pass_to_screens(struct app *a, struct event *e)
{
    for (struct screen *s = a->over; s; s = s->below)
        if (s->ops->event && s->ops->event(s, e)) return true;
    for (int i = 0; i < a->deck.n; i++)
        for (struct screen *s = a->deck.pane[i]->top; s; s = s->below)
            if (s->ops->event && s->ops->event(s, e)) return true;
    return false;
}

/* It is nobody's alone. */
static void tell_screens(struct app *a, struct event *e)
{
    for (struct screen *s = a->over; s; s = s->below)
        if (s->ops->event) s->ops->event(s, e);
    for (int i = 0; i < a->deck.n; i++)
        for (struct screen *s = a->deck.pane[i]->top; s; s = s->below)
            if (s->ops->event) s->ops->event(s, e);
    a->dirty = true;
}

static void on_event(struct app *a, struct event *e)
{
    switch (e->type) {
    case EV_SNAP:
        find_kind_event(a, e);
        for (int i = 0; i < a->deck.n; i++) {
            struct table *t = table_of(a->deck.pane[i]->table);
            if (t && table_snap(t, e)) return;
        }
        if (!namespaces_event(a, e) && !picture_event(a, e)) pass_to_screens(a, e);      /* a view may have feeds of its own */
        break;
    case EV_GRAPH:
        if (picture_event(a, e)) tell_screens(a, e);
        break;
    case EV_SOURCES: reload_sources(a); break;
    case EV_NOTICE: ticker_add(a, e->time_ms, e->health, e->text ? e->text : "", false); break;
    default:
        if (e->type == EV_NAMES && e->id == a->kind_names_id) take_names(a, e);
        else if (e->type == EV_TEXT && picture_event(a, e)) tell_screens(a, e);
        else if (forwards_event(a, e)) a->dirty = true;
        else if (pass_to_screens(a, e)) a->dirty = true;
        else if (e->type == EV_DONE) acts_done(a, e);            /* the dialog is gone, the outcome is still said */
        else if (e->type == EV_LEFT) left_event(a, e);
        else if (e->type == EV_OPS || e->type == EV_OP_END) ops_event(a, e), edits_event(a, e), debug_event(a, e), a->dirty = true;
        break;
    }
}

void app_event(struct app *a, struct event *e)
{
    on_event(a, e);
    event_free(e);
}

/* ---- the loop ---- */

/* In :messages; the line below the panes has it for itself (hints). */
static void told(void *arg, const char *line)
{
    struct app *a = arg;
    char text[400];
    snprintf(text, sizeof text, "story: %s", line);
    ticker_add(a, clock_wall_ms(), HEALTH_NONE, text, true);
}

static void tick(struct app *a)
{
    int64_t now = clock_wall_ms();
    char why[200];
    if (a->tips.text && hints_tick(&a->tips, clock_mono_ms(), told, a)) a->dirty = true;
    find_kind_tick(a);
    picture_tick(a);
    if (a->demo && demo_died(a->demo, why, sizeof why)) app_error(a, "%s", why);
    for (int i = 0; i < a->deck.n; i++)
        for (struct screen *s = a->deck.pane[i]->top; s; s = s->below)
            if (s->ops->tick && s->ops->tick(s, now)) a->dirty = true;
    for (struct screen *s = a->over; s; s = s->below)
        if (s->ops->tick && s->ops->tick(s, now)) a->dirty = true;
    a->dirty = true;                             /* the clock in the header */
    if (clock_mono_ms() >= a->status_until_ms) *a->status = '\0';
    if (!a->idle && clock_mono_ms() - a->last_key_ms > IDLE_MS) core_set_idle(a->core, a->idle = true);
}

static bool read_input(struct app *a, bool final)
{
    struct input in;
    if (!final && !term_read(a->term)) return false;
    while (!a->quit && term_next(a->term, final, &in)) {
        on_input(a, &in);
        final = false;
    }
    return true;
}

static void loop(struct app *a)
{
    struct pollfd p[3] = {{.fd = term_fd(a->term), .events = POLLIN}, {.fd = core_event_fd(a->core), .events = POLLIN},
                          {.fd = term_signal_fd(a->term), .events = POLLIN}};
    int64_t next_tick = clock_mono_ms() + 1000, last_frame = 0;
    bool by_key = true;
    while (!a->quit) {
        int64_t now = clock_mono_ms();
        if (a->dirty && (by_key || now - last_frame >= FRAME_MS)) {
            a->dirty = by_key = false;
            draw_frame(a);
            last_frame = now = clock_mono_ms();
        }
        int64_t wait = next_tick - now, pending = term_pending_ms(a->term);
        if (a->dirty && last_frame + FRAME_MS - now < wait) wait = last_frame + FRAME_MS - now;
        if (pending >= 0 && pending < wait) wait = pending;
        int n = poll(p, 3, wait > 0 ? (int)wait : 0);
        if (n < 0 && errno != EINTR) break;
        if (n > 0 && p[2].revents) on_signals(a);
        if (n > 0 && p[0].revents) {
            if ((p[0].revents & (POLLHUP | POLLERR | POLLNVAL)) && !(p[0].revents & POLLIN)) break;
            if (!read_input(a, false)) break;
            by_key = true;
        } else if (n == 0 && pending >= 0) {
            read_input(a, true);
            by_key = true;
        }
        struct event *e;
        for (int k = 0; n > 0 && p[1].revents && k < 256 && (e = core_next_event(a->core)); k++) {
            app_event(a, e);
        }
        if (clock_mono_ms() >= next_tick) {
            tick(a);
            /* just after the second turns, so that the clock and the ages move together */
            next_tick = clock_mono_ms() + 1000 - clock_wall_ms() % 1000 + 2;
        }
    }
}

int app_run(const struct options *opt, const char *warn, struct demo *demo)
{
    struct err err = ERR_INIT;
    struct app *a = mem_zalloc(sizeof *a);
    struct term_options topt = {.ascii = opt->ascii, .mouse = opt->mouse};
    struct str kwarn;
    if (!a) return fputs("strata: out of memory\n", stderr), 1;
    a->opt = opt;
    a->demo = demo;
    if (demo && !opt->no_hints) hints_load(&a->tips, demo->dir, clock_mono_ms());
    a->cursor_x = -1;
    a->dirty = true;
    a->last_key_ms = clock_mono_ms();
    str_init(&kwarn, 8192);
    canvas_init(&a->canvas);
    a->term = term_open(&topt, &err);
    a->core = a->term ? core_new(opt, &err) : NULL;
    if (!a->core) {
        term_close(a->term);
        fprintf(stderr, "strata: %s\n", err.msg);
        mem_free(a);
        return 1;
    }
    a->canvas.ascii = term_ascii(a->term);
    start_theme(a);
    keymap_init(&a->keymap, opt, &kwarn);
    columns_load(a);
    a->nsrc = core_sources(a->core, a->src, CORE_MAX_SOURCES);
    bool started = start_deck(a, &err);
    if (started) {
        start_warnings(a, warn);
        start_warnings(a, kwarn.data);
        if (a->nsrc) start_warnings(a, core_problems(a->core));
        core_ops_look(a->core, 0);
        loop(a);
    }
    term_close(a->term);                         /* first the screen, then what may take a moment */
    if (!a->demo) leave_say(a, stderr);          /* nothing of a demo outlives it */
    if (!started) {
        fprintf(stderr, "strata: %s\n", err.msg);
        a->status_code = 2;
    }
    deck_release(&a->deck);
    while (a->over) app_pop(a, a->over);
    linked_release(a);
    picture_release(a);
    edits_release(a);
    prompt_release(a);
    colprefs_release(&a->columns);
    pending_release(&a->pending);
    keymap_release(&a->keymap);
    free_names(a);
    namespaces_release(a);
    core_free(a->core);
    canvas_release(&a->canvas);
    hints_release(&a->tips);
    str_release(&kwarn);
    int code = a->status_code;
    mem_free(a);
    return code;
}
