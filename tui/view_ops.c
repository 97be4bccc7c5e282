/* :ops: every operation of this session with its progress; enter shows its steps. */
#include "tui/view_ops.h"

#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/text.h"
#include "tui/command.h"
#include "tui/dialog_op.h"
#include "tui/keymap.h"
#include "tui/pending.h"
#include "tui/textbuf.h"

struct ops_screen {
    struct screen base;
    struct ops_view *ops;
    uint32_t id;                             /* the chosen one; follows it when the order changes */
    int at, top;
    bool open, requests;                     /* open: its steps are shown */
    int step_top;
};

static bool runs(enum op_state s) { return s == OPS_RUNNING || s == OPS_PAUSED || s == OPS_CANCELING; }

static int role_of(enum op_state s)
{
    switch (s) {
    case OPS_DONE: return ROLE_OK;
    case OPS_RUNNING: case OPS_PLANNING: return ROLE_BUSY;
    case OPS_FAILED: case OPS_REFUSED: return ROLE_BAD;
    case OPS_PAUSED: case OPS_CANCELING: case OPS_UNSURE: return ROLE_WARN;
    default: return ROLE_TEXT;
    }
}

static enum glyph glyph_of(enum op_state s)
{
    switch (s) {
    case OPS_DONE: return GLYPH_OK;
    case OPS_RUNNING: case OPS_PLANNING: case OPS_CANCELING: return GLYPH_BUSY;
    case OPS_FAILED: case OPS_REFUSED: return GLYPH_BAD;
    case OPS_PAUSED: case OPS_UNSURE: return GLYPH_WARN;
    default: return GLYPH_DONE;
    }
}

static const struct { int role; enum glyph glyph; } step_looks[] = {
    [STEP_WAITING] = {ROLE_DIM, GLYPH_DOT}, [STEP_READING] = {ROLE_BUSY, GLYPH_BUSY}, [STEP_SENDING] = {ROLE_BUSY, GLYPH_BUSY},
    [STEP_WATCHING] = {ROLE_BUSY, GLYPH_BUSY}, [STEP_DONE] = {ROLE_OK, GLYPH_OK}, [STEP_ALREADY] = {ROLE_DONE, GLYPH_DONE},
    [STEP_SKIPPED] = {ROLE_DIM, GLYPH_DONE}, [STEP_FAILED] = {ROLE_BAD, GLYPH_BAD}, [STEP_UNSURE] = {ROLE_WARN, GLYPH_WARN},
    [STEP_CANCELED] = {ROLE_DIM, GLYPH_DONE}};

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

static void elapsed(int64_t began, int64_t ended, char *buf, size_t size)
{
    *buf = '\0';
    if (began) text_age(buf, size, ((ended ? ended : clock_mono_ms()) - began) / 1000);
}

/* ---- drawing ---- */

static void bar(struct canvas *c, int x, int y, int w, const struct op_view *o)
{
    size_t total = o->total ? o->total : 1;
    for (int i = 0; i < w; i++) {
        bool ok = (size_t)(i + 1) * total <= o->done * (size_t)w, bad = !ok && (size_t)(i + 1) * total <= (o->done + o->failed) * (size_t)w;
        canvas_glyph(c, x + i, y, STYLE(ok ? ROLE_OK : bad ? ROLE_BAD : ROLE_DIM), ok || bad ? GLYPH_BLOCK : GLYPH_DOT);
    }
}

static void draw_list(struct ops_screen *v, struct canvas *c, struct rect r)
{
    if (v->at < v->top) v->top = v->at;
    if (v->at >= v->top + r.h) v->top = v->at - r.h + 1;
    for (int y = 0; y < r.h && (size_t)(v->top + y) < v->ops->n; y++) {
        const struct op_view *o = v->ops->op[v->top + y];
        char age[24], count[40];
        int x = r.x + 2, barw = r.w >= 70 ? 12 : 0, notew = r.w / 3;
        elapsed(o->began_mono_ms, o->ended_mono_ms, age, sizeof age);
        snprintf(count, sizeof count, "%zu/%zu", o->done + o->failed, o->total);
        canvas_glyph(c, r.x, r.y + y, STYLE(role_of(o->state)), glyph_of(o->state));
        x += canvas_printf(c, x, r.y + y, 10, STYLE(role_of(o->state)), "%-10s", op_state_name(o->state));
        x += canvas_printf(c, x, r.y + y, 6, STYLE(ROLE_MINOR), "%5s ", age);
        if (barw) bar(c, x, r.y + y, barw, o), x += barw + 1;
        x += canvas_printf(c, x, r.y + y, 8, STYLE(ROLE_TEXT), "%7s ", count);
        int room = r.x + r.w - x, titlew = room - notew > 24 ? room - notew : room;
        canvas_ellipsis(c, x, r.y + y, titlew - 1, STYLE(ROLE_NAME), o->title, strlen(o->title));
        if (titlew < room) canvas_ellipsis(c, x + titlew, r.y + y, room - titlew, STYLE(ROLE_MINOR), o->note, strlen(o->note));
        if (v->top + y == v->at) canvas_over(c, (struct rect){r.x - 1, r.y + y, r.w + 2, 1}, ROLE_CURSOR);
    }
}

static int draw_step(struct ops_screen *v, struct canvas *c, struct rect r, int y, const struct step_view *s)
{
    char age[24], line[1200];
    int indent = s->parent == UINT32_MAX ? 0 : 2;
    elapsed(s->began_mono_ms, s->ended_mono_ms, age, sizeof age);
    canvas_glyph(c, r.x + indent, y, STYLE(step_looks[s->state].role), step_looks[s->state].glyph);
    canvas_printf(c, r.x + r.w - 6, y, 6, STYLE(ROLE_MINOR), "%6s", age);
    snprintf(line, sizeof line, "%s%s%s", s->text, *s->note ? ": " : "", s->note);
    int rows = text_draw_words(c, (struct rect){r.x + indent + 2, y, r.w - indent - 9, 4}, STYLE(s->state == STEP_FAILED ? ROLE_BAD : ROLE_TEXT), line, 4);
    if (rows < 1) rows = 1;
    if (v->requests && *s->request) {
        snprintf(line, sizeof line, "%s%s%s", s->request, *s->request_id ? "  " : "", s->request_id);
        int more = text_draw_words(c, (struct rect){r.x + indent + 4, y + rows, r.w - indent - 4, 6}, STYLE(ROLE_MINOR), line, 6);
        rows += more > 0 ? more : 1;
    }
    return rows;
}

static void draw_steps(struct ops_screen *v, struct canvas *c, struct rect r, const struct op_view *o)
{
    char age[24];
    int y = r.y;
    elapsed(o->began_mono_ms, o->ended_mono_ms, age, sizeof age);
    canvas_glyph(c, r.x, y, STYLE(role_of(o->state)), glyph_of(o->state));
    canvas_printf(c, r.x + 2, y++, r.w - 2, STYLE(role_of(o->state)), "%s, %zu of %zu done%s, %s", op_state_name(o->state), o->done, o->total,
                  o->failed ? ", some failed" : "", age);
    if (*o->note) {
        int rows = text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, 3}, STYLE(o->err.code ? ROLE_BAD : ROLE_TEXT), o->note, 3);
        y += rows > 0 ? rows : 1;
    }
    for (size_t i = 0; i < o->nfacts && y < r.y + r.h / 2; i++)
        if (o->facts[i].level >= FACT_CAUTION) {
            int rows = text_draw_words(c, (struct rect){r.x + 2, y, r.w - 2, 2}, STYLE(ROLE_WARN), o->facts[i].text, 2);
            y += rows > 0 ? rows : 1;
        }
    canvas_hline(c, r.x - 1, y++, r.w + 2, STYLE(ROLE_BORDER));
    if (v->step_top >= (int)o->nsteps) v->step_top = (int)o->nsteps - 1;
    if (v->step_top < 0) v->step_top = 0;
    struct rect old = canvas_clip(c, r);
    for (size_t i = (size_t)v->step_top; i < o->nsteps && y < r.y + r.h; i++) y += draw_step(v, c, r, y, &o->steps[i]);
    canvas_unclip(c, old);
}

static void draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct ops_screen *v = (struct ops_screen *)s;
    struct rect in = {r.x + 1, r.y, r.w - 2, r.h};
    (void)focus;
    const struct op_view *o = chosen(v);
    if (!o) text_draw_words(c, in, STYLE(ROLE_DIM), "Nothing was done so far. Actions are on m (menu), r (restart) and in the : line.", 3);
    else if (v->open) draw_steps(v, c, in, o);
    else draw_list(v, c, in);
}

static void title(struct screen *s, struct str *out)
{
    struct ops_screen *v = (struct ops_screen *)s;
    const struct op_view *o = chosen(v);
    size_t n = 0;
    for (size_t i = 0; v->ops && i < v->ops->n; i++) n += runs(v->ops->op[i]->state);
    if (v->open && o) str_addf(out, "Operation: %s", o->title);
    else str_addf(out, "Operations [%zu] %zu under way", v->ops ? v->ops->n : 0, n);
}

static bool event(struct screen *s, struct event *e)
{
    if (e->type == EV_OPS || e->type == EV_OP_END) reload((struct ops_screen *)s);
    return false;                                            /* the ticker wants it, too */
}

static bool tick(struct screen *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    return true;                                             /* times */
}

static void close_view(struct screen *s)
{
    ops_view_unref(((struct ops_screen *)s)->ops);
    mem_free(s);
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
    app_push(a, &v->base);
}

static void move(struct ops_screen *v, int by)
{
    if (v->open) {
        v->step_top += by;
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
    if (!strcmp(what, "pause")) {
        if (o->state == OPS_PAUSED) core_op_control(core, o->id, OP_RESUME);
        else if (o->state == OPS_RUNNING && o->can_pause) core_op_control(core, o->id, OP_PAUSE);
        else app_error(a, "it cannot be paused: it is %s", op_state_name(o->state));
    } else if (!strcmp(what, "cancel")) {
        if (runs(o->state)) core_op_control(core, o->id, OP_CANCEL);
        else app_error(a, "it is not under way any more: it is %s", op_state_name(o->state));
    } else if (!strcmp(what, "cancel-undo")) {
        if (runs(o->state)) core_op_control(core, o->id, OP_CANCEL_UNDO);
        else app_error(a, "it is not under way any more: it is %s", op_state_name(o->state));
    } else if (!strcmp(what, "undo")) {
        uint32_t id = o->can_undo ? core_op_control(core, o->id, OP_UNDO) : 0;
        if (id) dialog_op_plan(a, id);
        else app_error(a, runs(o->state) ? "cancel it first" : "there is no way back from it");
    } else if (!strcmp(what, "forget")) {
        if (runs(o->state)) app_error(a, "it is under way: cancel it first");
        else core_op_drop(core, o->id), reload(v);
    }
}

static void run_op(struct app *a, struct screen *s, const char *args)
{
    struct ops_screen *v = (struct ops_screen *)s;
    const struct op_view *o = chosen(v);
    if (!strcmp(args, "up")) move(v, -1);
    else if (!strcmp(args, "down")) move(v, 1);
    else if (!strcmp(args, "page-up")) move(v, -10);
    else if (!strcmp(args, "page-down")) move(v, 10);
    else if (!strcmp(args, "open")) v->open = o != NULL, v->step_top = 0;
    else if (!strcmp(args, "requests")) v->requests = !v->requests;
    else if (!strcmp(args, "close")) {
        if (v->open) v->open = false;
        else return app_pop(a, s);
    } else if (o) control(v, o, args);
    app_dirty(a);
}

const struct command ops_commands[] = {
    {"ops", "operations", NULL, NULL, "Operations: what is being done and was done, step by step.", 0, COMPLETE_NONE, run_ops, NULL},
    {"op", NULL, "ops", "up|down|open|pause|cancel|cancel-undo|undo|forget|requests|close", "Works on the list of operations.", CMD_HIDDEN, COMPLETE_NONE, run_op, NULL},
    {0},
};

const struct key_row ops_keys[] = {
    {"global", "ctrl-o", "ops", NULL, NULL},
    {"ops", "enter", "op open", "steps", "Its steps."},
    {"ops", "p", "op pause", "pause", "Pauses it, or goes on."},
    {"ops", "ctrl-d", "op cancel", "cancel", "Sends nothing more; what is under way is followed to its end."},
    {"ops", "U", "op cancel-undo", NULL, "Cancels it, and takes back what it did (a drain: uncordons)."},
    {"ops", "u", "op undo", "undo", "Plans the way back."},
    {"ops", "r", "op requests", "requests", "Shows the requests, too."},
    {"ops", "x", "op forget", NULL, "Takes an ended one off the list (the journal keeps it)."},
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
        if (runs(ops->op[i]->state) && !n++) first = ops->op[i];
    if (n == 1) snprintf(buf, size, "%.60s %zu/%zu", first->title, first->done + first->failed, first->total);
    else if (n) snprintf(buf, size, "%zu operations under way", n);
    ops_view_unref(ops);
}
