/* :ops: every operation of this session with its progress; enter shows its steps. Below them what another strata has under way. */
#include "tui/view_ops.h"

#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "tui/command.h"
#include "tui/dialog_op.h"
#include "tui/keymap.h"
#include "tui/op_words.h"
#include "tui/ops_draw.h"
#include "tui/pending.h"

struct ops_screen {
    struct screen base;
    struct ops_view *ops;
    uint32_t id;                             /* the chosen one; follows it when the order changes */
    int at, top;
    bool open, requests, moved;              /* open: its steps are shown; moved: by hand, else what is under way is followed */
    int step_top;
    struct op_left *others;                  /* of another strata */
    size_t nothers;
    int64_t asked_ms;
    bool asking;
};

#define OTHERS_ID 1
#define OTHERS_MS 2000

static void ask_others(struct ops_screen *v, int64_t now_ms)
{
    if (v->asking || now_ms - v->asked_ms < OTHERS_MS) return;
    v->asking = true;
    v->asked_ms = now_ms;
    core_ops_others(app_core(v->base.app), OTHERS_ID);
}

static void reload(struct ops_screen *v)
{
    struct ops_view *now = core_ops(app_core(v->base.app));
    if (!now) return;
    ops_view_unref(v->ops);
    v->ops = now;
    v->at = 0;
    for (size_t i = 0; i < now->n; i++)
        if (now->op[i]->id == v->id) v->at = (int)i;
    v->id = now->n ? now->op[v->at]->id : 0;
    app_dirty(v->base.app);
}

static const struct op_view *chosen(const struct ops_screen *v)
{
    return v->ops && (size_t)v->at < v->ops->n ? v->ops->op[v->at] : NULL;
}

/* ---- drawing ---- */

static void draw_list(struct ops_screen *v, struct canvas *c, struct rect r)
{
    int high = (int)v->ops->n * 2 <= r.h ? 2 : 1, fit = r.h / high;
    if (v->at < v->top) v->top = v->at;
    if (v->at >= v->top + fit) v->top = v->at - fit + 1;
    if (v->top + fit > (int)v->ops->n) v->top = (int)v->ops->n > fit ? (int)v->ops->n - fit : 0;
    for (int i = 0; i < fit && (size_t)(v->top + i) < v->ops->n; i++) {
        struct rect line = {r.x, r.y + i * high, r.w, high};
        ops_draw_line(c, line, v->ops->op[v->top + i]);
        if (v->top + i == v->at) canvas_over(c, (struct rect){r.x - 1, line.y, r.w + 2, high}, ROLE_CURSOR);
    }
}

/* Those of another strata: they can be looked at, and canceled there. Returns the rows that are left above. */
static int draw_others(struct ops_screen *v, struct canvas *c, struct rect r)
{
    char line[700];
    int n = (int)v->nothers, most = v->ops && v->ops->n ? r.h / 2 : r.h, rows = n + 1 < most ? n + 1 : most, y = r.y + r.h - rows;
    if (!n || rows < 2) return r.h;
    snprintf(line, sizeof line, "In another strata (%d):", n);
    canvas_ellipsis(c, r.x, y, r.w, STYLE(ROLE_MINOR), line, strlen(line));
    for (int i = 0; i < rows - 1; i++) {
        const struct op_left *o = &v->others[i];
        canvas_glyph(c, r.x, y + 1 + i, STYLE(ROLE_BUSY), GLYPH_BUSY);
        snprintf(line, sizeof line, "%.300s, since %.30s: %.300s", o->title, o->when, o->what);
        canvas_ellipsis(c, r.x + 2, y + 1 + i, r.w - 2, STYLE(ROLE_TEXT), line, strlen(line));
    }
    return r.h - rows;
}

static void draw_one(struct ops_screen *v, struct canvas *c, struct rect r, const struct op_view *o)
{
    int used = ops_draw_head(c, r, o), room = r.h - used > 0 ? r.h - used : 0;
    if (!v->moved) v->step_top = ops_follow(o, room);
    if (v->step_top >= (int)o->nsteps) v->step_top = (int)o->nsteps - 1;
    if (v->step_top < 0) v->step_top = 0;
    ops_draw_steps(c, (struct rect){r.x, r.y + used, r.w, room}, o, v->step_top, v->requests);
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct ops_screen *v = (struct ops_screen *)s;
    struct rect in = {r.x + 1, r.y, r.w - 2, r.h};
    (void)focus;
    const struct op_view *o = chosen(v);
    if (o && v->open) {
        draw_one(v, c, in, o);
        return;
    }
    in.h = draw_others(v, c, in);
    if (o) draw_list(v, c, in);
    else text_draw_words(c, in, STYLE(ROLE_DIM), "Nothing was done so far. Actions are on m (menu), r (restart) and in the : line.", in.h < 3 ? in.h : 3);
}

static void title(struct screen *s, struct str *out)
{
    struct ops_screen *v = (struct ops_screen *)s;
    const struct op_view *o = chosen(v);
    size_t n = 0;
    for (size_t i = 0; v->ops && i < v->ops->n; i++) n += ops_runs(v->ops->op[i]->state);
    if (v->open && o) str_addf(out, "Operation: %s", o->title);
    else str_addf(out, "Operations [%zu] %zu under way", v->ops ? v->ops->n : 0, n);
    if (v->nothers && !v->open) str_addf(out, ", %zu in another strata", v->nothers);
}

static bool event(struct screen *s, struct event *e)
{
    struct ops_screen *v = (struct ops_screen *)s;
    if (e->type == EV_OPS || e->type == EV_OP_END) reload(v);
    if (e->type != EV_OTHERS) return false;                  /* the ticker wants the others, too */
    op_left_free(v->others, v->nothers);
    v->others = e->left;
    v->nothers = e->nleft;
    v->asking = false;
    e->left = NULL;
    e->nleft = 0;
    return true;
}

static bool tick(struct screen *s, int64_t now_ms)
{
    ask_others((struct ops_screen *)s, now_ms);
    return true;                                             /* times */
}

static void close_view(struct screen *s)
{
    struct ops_screen *v = (struct ops_screen *)s;
    ops_view_unref(v->ops);
    op_left_free(v->others, v->nothers);
    mem_free(v);
}

static const struct screen_ops ops_ops = {
    .scope = "ops", .draw = draw, .title = title, .event = event, .tick = tick, .close = close_view,
};

/* ---- commands ---- */

static void run_ops(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    if (app_top(a) && app_top(a)->ops == &ops_ops) return;
    struct ops_screen *v = mem_zalloc(sizeof *v);
    if (!v) return app_error(a, "out of memory");
    v->base.ops = &ops_ops;
    v->base.app = a;
    reload(v);
    ask_others(v, clock_wall_ms());
    app_push(a, &v->base);
}

static void move(struct ops_screen *v, int by)
{
    if (v->open) {
        v->step_top += by;
        v->moved = true;
    } else if (v->ops && v->ops->n) {
        v->at += by;
        if (v->at >= (int)v->ops->n) v->at = (int)v->ops->n - 1;
        if (v->at < 0) v->at = 0;
        v->id = v->ops->op[v->at]->id;
    }
    app_dirty(v->base.app);
}

static void control(struct ops_screen *v, const struct op_view *o, const char *what)
{
    struct app *a = v->base.app;
    struct core *core = app_core(a);
    if (!strcmp(what, "resume")) {
        if (o->state == OPS_PAUSED) core_op_control(core, o->id, OP_RESUME);
        else app_error(a, "it is not paused: it is %s", op_state_name(o->state));
    } else if (!strcmp(what, "pause")) {
        if (o->state == OPS_PAUSED) core_op_control(core, o->id, OP_RESUME);
        else if (o->state == OPS_RUNNING && o->can_pause) core_op_control(core, o->id, OP_PAUSE);
        else app_error(a, "it cannot be paused: it is %s", op_state_name(o->state));
    } else if (!strcmp(what, "cancel")) {
        if (ops_runs(o->state)) core_op_control(core, o->id, OP_CANCEL);
        else app_error(a, "it is not under way any more: it is %s", op_state_name(o->state));
    } else if (!strcmp(what, "cancel-undo")) {
        if (ops_runs(o->state)) core_op_control(core, o->id, OP_CANCEL_UNDO);
        else app_error(a, "it is not under way any more: it is %s", op_state_name(o->state));
    } else if (!strcmp(what, "undo")) {
        uint32_t id = o->can_undo ? core_op_control(core, o->id, OP_UNDO) : 0;
        if (id) dialog_op_plan(a, id);
        else app_error(a, ops_runs(o->state) ? "cancel it first" : "there is no way back from it");
    } else if (!strcmp(what, "forget")) {
        if (ops_runs(o->state)) app_error(a, "it is under way: cancel it first");
        else core_op_drop(core, o->id), reload(v);
    }
}

/* ---- the keys that fit how it stands ---- */

static const struct op_view *of(struct app *a, struct screen *s, bool *open)
{
    (void)a;
    const struct ops_screen *v = (const struct ops_screen *)s;
    bool ours = s && s->ops == &ops_ops;
    *open = ours && v->open;
    return ours ? chosen(v) : NULL;
}

#define FITS(NAME, WHEN) static bool NAME(struct app *a, struct screen *s) { bool open; const struct op_view *o = of(a, s, &open); return o && (WHEN); }
FITS(fits_open, !open)
FITS(fits_requests, open)
FITS(fits_pause, o->state == OPS_RUNNING && o->can_pause)
FITS(fits_resume, o->state == OPS_PAUSED)
FITS(fits_cancel, ops_runs(o->state) && o->state != OPS_CANCELING)
FITS(fits_undo, o->can_undo)
FITS(fits_forget, !ops_runs(o->state))

static void run_op(struct app *a, struct screen *s, const char *args)
{
    struct ops_screen *v = (struct ops_screen *)s;
    const struct op_view *o = chosen(v);
    if (!strcmp(args, "up")) move(v, -1);
    else if (!strcmp(args, "down")) move(v, 1);
    else if (!strcmp(args, "page-up")) move(v, -10);
    else if (!strcmp(args, "page-down")) move(v, 10);
    else if (!strcmp(args, "open")) v->open = o != NULL, v->step_top = 0, v->moved = false;
    else if (!strcmp(args, "requests")) v->requests = !v->requests;
    else if (!strcmp(args, "close")) {
        if (v->open) v->open = false;
        else return app_pop(a, s);
    } else if (o) control(v, o, args);
    app_dirty(a);
}

#define RUNS(NAME, WHAT) static void NAME(struct app *a, struct screen *s, const char *args) { (void)args; run_op(a, s, WHAT); }
RUNS(run_steps, "open")
RUNS(run_pause, "pause")
RUNS(run_resume, "resume")
RUNS(run_cancel, "cancel")
RUNS(run_cancel_undo, "cancel-undo")
RUNS(run_undo, "undo")
RUNS(run_requests, "requests")
RUNS(run_forget, "forget")

const struct command ops_commands[] = {
    {"ops", "operations", NULL, NULL, "Operations: what is being done and was done, step by step.", 0, COMPLETE_NONE, run_ops, NULL},
    {"op", NULL, "ops", "up|down|open|pause|resume|cancel|cancel-undo|undo|forget|requests|close", "Works on the list of operations.", CMD_HIDDEN, COMPLETE_NONE, run_op, NULL},
    {"op-steps", NULL, "ops", NULL, "Its steps.", CMD_HIDDEN, COMPLETE_NONE, run_steps, fits_open},
    {"op-pause", NULL, "ops", NULL, "Pauses it, or goes on.", CMD_HIDDEN, COMPLETE_NONE, run_pause, fits_pause},
    {"op-resume", NULL, "ops", NULL, "Goes on with a paused one.", CMD_HIDDEN, COMPLETE_NONE, run_resume, fits_resume},
    {"op-cancel", NULL, "ops", NULL, "Sends nothing more; what is under way is followed while there is news of it.", CMD_HIDDEN, COMPLETE_NONE, run_cancel, fits_cancel},
    {"op-cancel-undo", NULL, "ops", NULL, "Cancels it, and takes back what it did (a drain: uncordons).", CMD_HIDDEN, COMPLETE_NONE, run_cancel_undo, fits_cancel},
    {"op-undo", NULL, "ops", NULL, "Plans the way back.", CMD_HIDDEN, COMPLETE_NONE, run_undo, fits_undo},
    {"op-requests", NULL, "ops", NULL, "Shows the requests, too.", CMD_HIDDEN, COMPLETE_NONE, run_requests, fits_requests},
    {"op-forget", NULL, "ops", NULL, "Takes an ended one off the list (the journal keeps it).", CMD_HIDDEN, COMPLETE_NONE, run_forget, fits_forget},
    {0},
};

const struct key_row ops_keys[] = {
    {"global", "ctrl-o", "ops", NULL, NULL},
    {"ops", "enter", "op-steps", "steps", NULL},
    {"ops", "p", "op-pause", "pause", NULL},
    {"ops", "c", "op-resume", "go on", NULL},
    {"ops", "ctrl-d", "op-cancel", "cancel", NULL},
    {"ops", "U", "op-cancel-undo", "cancel+undo", NULL},
    {"ops", "u", "op-undo", "undo", NULL},
    {"ops", "r", "op-requests", "requests", NULL},
    {"ops", "x", "op-forget", "off the list", NULL},
    {"ops", "up", "op up", NULL, "Up."},
    {"ops", "k", "op up", NULL, "Up."},
    {"ops", "down", "op down", NULL, "Down."},
    {"ops", "j", "op down", NULL, "Down."},
    {"ops", "pgup", "op page-up", NULL, "A page up."},
    {"ops", "pgdn", "op page-down", NULL, "A page down."},
    {"ops", "esc", "op close", "back", "Back."},
    {"ops", "q", "op close", NULL, "Back."},
    {0},
};

/* ---- the ticker ---- */

void ops_event(struct app *a, const struct event *e)
{
    const struct op_view *o = e->op;
    struct ops_view *all = core_ops(app_core(a));
    pending_look(app_pending(a), all);
    ops_view_unref(all);
    if (e->type != EV_OP_END || !o) return;
    char line[400];
    snprintf(line, sizeof line, "%.150s: %.200s", o->title, *o->note ? o->note : op_state_name(o->state));
    op_words_in(line, sizeof line);
    app_notice(a, o->state == OPS_DONE ? HEALTH_OK : o->state == OPS_CANCELED ? HEALTH_WARN : HEALTH_BAD, line);
    if (o->state != OPS_DONE) app_error(a, "%s", line);
}

void ops_words(struct app *a, char *buf, size_t size)
{
    struct ops_view *ops = core_ops(app_core(a));
    const struct op_view *first = NULL;
    size_t n = 0;
    *buf = '\0';
    for (size_t i = 0; ops && i < ops->n; i++)
        if (ops_runs(ops->op[i]->state) && !n++) first = ops->op[i];
    struct ops_count of = n == 1 ? ops_count(first) : (struct ops_count){0};
    if (n == 1) snprintf(buf, size, "%.60s %zu/%zu", first->title, of.done, of.total);
    else if (n) snprintf(buf, size, "%zu operations under way", n);
    ops_view_unref(ops);
}
