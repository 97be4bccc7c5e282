/* The question before an operation: arguments, plan, confirmation. The answer that is ready is no. */
#include "tui/dialog_op.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/command.h"
#include "tui/pending.h"
#include "tui/view_list.h"

#define STOP_AFTER 10                      /* failures: then it is not one object that is wrong */

static struct core *core_of(const struct op_dialog *d) { return app_core(d->screen.app); }

static void target_add(void *arg, struct snap *s, const struct row *r)
{
    struct op_dialog *d = arg;
    if (d->n >= OP_TARGETS_MAX || !mem_grow(&d->target, &d->cap, d->n + 1, sizeof(*d->target))) {
        d->beyond++;
        return;
    }
    d->target[d->n] = (struct target){0};
    target_set(&d->target[d->n++], s, r);
}

/* ---- planning ---- */

static void forget_plan(struct op_dialog *d)
{
    if (d->op) core_op_drop(core_of(d), d->op);
    op_view_unref(d->plan);
    d->op = 0;
    d->plan = NULL;
    d->yes = d->chose = false;
    d->top = 0;
    lineedit_set(&d->typed, "");
}

static bool ask_plan(struct op_dialog *d)
{
    struct op_arg *args = mem_alloc((d->nfields + 1) * sizeof(*args));
    const struct row **rows = mem_alloc(d->n * sizeof(*rows));
    forget_plan(d);
    for (size_t i = 0; rows && i < d->n; i++) rows[i] = d->target[i].row;
    bool back = op_form_goes_back(d);                           /* then the first that fails stops the others, as on the command line */
    struct op_request rq = {.action = action_id(d->action), .rows = rows, .nrows = d->n, .args = args, .nargs = args ? op_form_args(d, args) : 0,
                            .dry_run = d->dry_run, .keep_going = !back, .stop_after = back ? 0 : STOP_AFTER, .undo_on_failure = back};
    if (rows && args) d->op = core_op_plan(core_of(d), &rq);
    mem_free(rows);
    mem_free(args);
    if (!d->op) app_error(d->screen.app, "out of memory");
    else d->stage = OPD_PLANNING;
    return d->op != 0;
}

static bool refused(const struct op_dialog *d) { return d->plan->state == OPS_REFUSED || d->plan->dry_run; }

static bool event(struct screen *s, struct event *e)
{
    struct op_dialog *d = (struct op_dialog *)s;
    if (e->type != EV_PLAN || !d->op || e->id != d->op) return false;
    op_view_unref(d->plan);
    d->plan = op_view_ref(e->op);
    if (!d->plan || !op_plan_text(d)) {
        app_error(s->app, "%s", e->err.code ? e->err.msg : "out of memory");
        app_pop(s->app, s);
        return true;
    }
    d->stage = OPD_PLAN;
    app_dirty(s->app);
    return true;
}

/* ---- drawing ---- */

static int line_rows(const char *line, size_t len, int w)
{
    int lead = op_plan_lead(line, len);
    return text_words_rows(line + lead, len - (size_t)lead, w > lead + 1 ? w - lead : 1);
}

static int text_rows(const struct op_dialog *d, int w)
{
    int rows = 0;
    for (size_t i = 0; i < d->text.nlines; i++) {
        size_t len;
        const char *line = textbuf_line(&d->text, i, &len);
        rows += line_rows(line, len, w);
    }
    return rows;
}

static int draw_text(struct op_dialog *d, struct canvas *c, struct rect r)
{
    int all = text_rows(d, r.w), y = r.y - d->top;
    struct rect old = canvas_clip(c, r);
    for (size_t i = 0; i < d->text.nlines && y < r.y + r.h; i++) {
        size_t len;
        char text[2048];
        const char *line = textbuf_line(&d->text, i, &len);
        int rows = line_rows(line, len, r.w), lead = op_plan_lead(line, len);
        uint16_t style = op_plan_style(line, len);
        snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), line);
        if (y + rows > r.y) {
            canvas_text(c, r.x, y, r.w, style, text, (size_t)lead);
            text_draw_words(c, (struct rect){r.x + lead, y, r.w - lead, rows}, style, text + lead, rows);
        }
        y += rows;
    }
    canvas_unclip(c, old);
    return all;
}

static const char *verb_of(const struct op_dialog *d)
{
    return d->action ? action_id(d->action) : d->plan && d->plan->action ? action_id(d->plan->action) : "go on";
}

static void head(const struct op_dialog *d, char *buf, size_t size)
{
    const char *what = d->n ? d->target[0].row->kind->singular : "";
    if (d->plan && d->plan->title) snprintf(buf, size, " %s ", d->plan->title);
    else if (!d->action) snprintf(buf, size, " %s ", d->plan ? verb_of(d) : "what is left");
    else if (d->n > 1) snprintf(buf, size, " %s %zu %ss ", action_id(d->action), d->n, what);
    else snprintf(buf, size, " %s %s %s ", action_id(d->action), what, d->n ? d->target[0].row->name : "");
}

static bool is_on(const struct op_field *f) { return f->edit.len && (f->edit.text[0] == 'y' || f->edit.text[0] == 't'); }

/* The argument that f turns on and off, where it helps; once it is on, it can be turned off. */
static struct op_field *force_of(struct op_dialog *d)
{
    for (size_t i = 0; i < d->nfields; i++) {
        struct op_field *f = &d->field[i];
        if (!strcmp(f->arg->name, "force") && f->arg->type == ARG_BOOL) return is_on(f) || (d->plan && op_plan_wants_force(d)) ? f : NULL;
    }
    return NULL;
}

static void draw_buttons(struct op_dialog *d, struct canvas *c, int x, int y, int w)
{
    int end = x + w;
    char word[80];
    bool can = d->stage != OPD_PLAN || !refused(d);
    snprintf(word, sizeof word, "  %.40s  ", d->stage == OPD_FORM ? "Plan" : verb_of(d));
    x += canvas_puts(c, x, y, end - x, STYLE(d->yes ? ROLE_BUTTON : ROLE_BUTTON_FOCUS), can ? "  Cancel  " : "  Close  ") + 2;
    if (d->stage == OPD_PLAN && can) x += canvas_puts(c, x, y, end - x, STYLE(d->yes ? ROLE_BUTTON_FOCUS : ROLE_BUTTON), word) + 2;
    bool force = force_of(d), options = d->nfields, typing = d->stage == OPD_PLAN && can && *d->plan->wanted;
    char keys[160];
    if (d->stage == OPD_FORM) snprintf(keys, sizeof keys, "enter plans  tab next  space chooses  esc");
    else if (d->stage == OPD_PLANNING) snprintf(keys, sizeof keys, "esc");
    else if (typing) snprintf(keys, sizeof keys, "%sctrl-r requests  ctrl-t try  esc", options ? "ctrl-o options  " : "");
    else
        snprintf(keys, sizeof keys, "%s%s%sr requests  %s", can ? "y n  " : "", options ? "o options  " : "", force ? "f force  " : "",
                 d->plan->dry_run && d->n ? "esc back" : can && d->n ? "t try  esc" : d->n ? "p plan again  esc" : "esc");
    canvas_ellipsis(c, x, y, end - x, STYLE(ROLE_INPUT_HINT) | OVER(ROLE_DIALOG_BODY), keys, strlen(keys));
}

static void draw_typed(const struct op_dialog *d, struct canvas *c, int x, int y, int w)
{
    uint16_t style = STYLE(ROLE_INPUT) | OVER(ROLE_DIALOG_BODY);
    const char *t = d->typed.text;
    int cells;
    canvas_printf(c, x, y, w, style, "type %s to confirm:", d->plan->wanted);
    while (*t && text_width(t, strlen(t)) + 3 > w) t += text_next(t, strlen(t), &cells);
    canvas_printf(c, x, y + 1, w, style, "> %s_", t);
}

static void draw(struct screen *s, struct canvas *c, struct rect area, bool focus)
{
    struct op_dialog *d = (struct op_dialog *)s;
    (void)focus;
    int most = area.w > 120 ? 100 : 76, w = area.w > most + 2 ? most : area.w - 2, inner = w - 4;
    if (w < 10) w = area.w, inner = w;
    bool typing = d->stage == OPD_PLAN && !refused(d) && *d->plan->wanted;
    int rows = d->stage == OPD_FORM ? op_form_rows(d) : d->stage == OPD_PLANNING ? 1 : text_rows(d, inner);
    int frame = 4 + (typing ? 3 : 0), h = rows + frame > area.h ? area.h : rows + frame;
    struct rect r = {area.x + (area.w - w) / 2, area.y + (area.h - h) / 2, w, h};
    char name[300];
    head(d, name, sizeof name);
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_ellipsis(c, r.x + 2, r.y, w - 4, STYLE(ROLE_DIALOG_TITLE), name, strlen(name));
    struct rect body = {r.x + 2, r.y + 1, inner, h - frame};
    if (d->stage == OPD_FORM) op_form_draw(d, c, body);
    else if (d->stage == OPD_PLANNING) canvas_puts(c, body.x, body.y, body.w, STYLE(ROLE_BUSY) | OVER(ROLE_DIALOG_BODY), "looking at what it will do ...");
    else {
        int most_top = text_rows(d, inner) - body.h;
        if (d->top > most_top) d->top = most_top;
        if (d->top < 0) d->top = 0;
        int all = draw_text(d, c, body);
        if (all > body.h) canvas_printf(c, r.x + w - 22, r.y + h - 1, 20, STYLE(ROLE_DIALOG_BORDER), " %d of %d, pgdn ", d->top + body.h, all);
    }
    if (d->stage == OPD_FORM && (size_t)body.h < d->nfields + 2) canvas_printf(c, r.x + w - 22, r.y + h - 1, 20, STYLE(ROLE_DIALOG_BORDER), " option %zu of %zu ", d->at + 1, d->nfields);
    if (typing) draw_typed(d, c, r.x + 2, r.y + h - 5, inner);
    draw_buttons(d, c, r.x + 2, r.y + h - 2, inner);
}

/* ---- keys ---- */

static void go(struct op_dialog *d)
{
    struct app *a = d->screen.app;
    if (*d->plan->wanted && !text_typed(d->plan->wanted, d->typed.text)) {
        app_error(a, "type %s to confirm", d->plan->wanted);
        return;
    }
    pending_begin(app_pending(a), d->op);
    core_op_start(core_of(d), d->op, d->typed.text);
    d->op = 0;                                                  /* it lives on in core */
    if (d->over) d->over(d->over_arg, true);
    d->over = NULL;
    if (!d->named) app_clear_marks(a);
    app_pop(a, &d->screen);
}

/* Nothing was begun, and that is told: an operation that starts looks much the same. */
static void leave(struct op_dialog *d)
{
    struct app *a = d->screen.app;
    bool asked = d->stage == OPD_PLAN && !refused(d) && !d->over;       /* who waits for the answer says what becomes of it */
    char what[200];
    snprintf(what, sizeof what, "%.199s", asked ? d->plan->title : "");
    app_pop(a, &d->screen);
    if (asked) app_info(a, "%s: nothing was started", what);
}

/* Enter before a button was chosen: a name that is right leads to the button, one that is not is no answer. */
static void enter(struct op_dialog *d)
{
    const char *wanted = d->plan->wanted;
    if (d->yes) go(d);
    else if (refused(d) || !*wanted || !d->typed.len || d->chose) leave(d);
    else if (text_typed(wanted, d->typed.text)) {
        d->yes = true;
        app_info(d->screen.app, "enter again: %s; tab enter or esc cancels", verb_of(d));
    } else app_error(d->screen.app, "that is not %s: nothing was started", wanted);
}

/* A letter is part of the name that is typed, if one is: then the same with ctrl. */
static bool letter(uint32_t k, char c, bool typing) { return k == (K_CTRL | (uint32_t)c) || (!typing && k == (uint32_t)c); }

static void toggle_force(struct op_dialog *d)
{
    struct op_field *f = force_of(d);
    lineedit_set(&f->edit, is_on(f) ? "no" : "yes");
    ask_plan(d);
}

static void plan_key(struct op_dialog *d, uint32_t k)
{
    struct app *a = d->screen.app;
    bool can = !refused(d), typing = can && *d->plan->wanted;
    if (k == K_TAB || k == (K_SHIFT | K_TAB) || (!typing && (k == K_LEFT || k == K_RIGHT))) d->yes = can && !d->yes, d->chose = true;
    else if (k == K_DOWN) d->top++;
    else if (k == K_UP) d->top--;
    else if (k == K_PGDN) d->top += 10;
    else if (k == K_PGUP) d->top -= 10;
    else if (letter(k, 'r', typing)) {
        d->requests = !d->requests;
        if (!op_plan_text(d)) app_error(a, "out of memory");
    } else if (letter(k, 'o', typing) && d->nfields) {          /* its arguments, then the plan anew; what refuses may ask for one */
        forget_plan(d);
        d->dry_run = false;
        d->stage = OPD_FORM;
    } else if (can && letter(k, 't', typing) && d->n) {
        d->dry_run = true;
        ask_plan(d);
    } else if (k == K_ENTER) {
        enter(d);
    } else if (typing) lineedit_key(&d->typed, k);
    else if (k == 'n' || k == 'q') leave(d);
    else if (can && k == 'y') go(d);
    else if (k == 'f' && force_of(d)) toggle_force(d);
    else if (!can && k == 'p' && d->n) ask_plan(d);
}

static bool key(struct screen *s, uint32_t k)
{
    struct op_dialog *d = (struct op_dialog *)s;
    app_dirty(s->app);
    if (k == K_ESC || k == (K_CTRL | 'c')) {
        if (d->dry_run && d->n) {                               /* back from the trial to the question */
            d->dry_run = false;
            ask_plan(d);
        } else leave(d);
    } else if (d->stage == OPD_FORM) {
        if (op_form_key(d, k) && !ask_plan(d)) app_pop(s->app, s);
    } else if (d->stage == OPD_PLAN) plan_key(d, k);
    else if (k == 'q' || k == 'n') app_pop(s->app, s);   /* enter and y typed ahead answer nothing: there is no plan yet to say yes or no to */
    return true;
}

static void paste(struct screen *s, const char *clean, size_t len)
{
    struct op_dialog *d = (struct op_dialog *)s;
    if (d->stage == OPD_FORM) {
        d->field[d->at].given = lineedit_insert(&d->field[d->at].edit, clean, len);
    } else if (d->stage == OPD_PLAN && *d->plan->wanted) lineedit_insert(&d->typed, clean, len);
    app_dirty(s->app);
}

static void close_dialog(struct screen *s)
{
    struct op_dialog *d = (struct op_dialog *)s;
    if (d->over) d->over(d->over_arg, false);
    forget_plan(d);
    for (size_t i = 0; i < d->n; i++) target_release(&d->target[i]);
    mem_free(d->target);
    mem_free(d->field);
    textbuf_release(&d->text);
    mem_free(d);
}

static const struct screen_ops op_ops = {
    .scope = "dialog", .popup = true, .modal = true, .draw = draw, .key = key, .paste = paste, .event = event, .close = close_dialog,
};

/* ---- opening ---- */

static struct op_dialog *dialog_new(struct app *a)
{
    struct op_dialog *d = mem_zalloc(sizeof(*d));
    if (!d) {
        app_error(a, "out of memory");
        return NULL;
    }
    d->screen.ops = &op_ops;
    d->screen.app = a;
    return d;
}

static bool fill(struct op_dialog *d, const char *action, const char *args, bool form, struct err *err)
{
    if (!d->n) {
        app_each_selected(d->screen.app, target_add, d);
        d->hidden = app_marks_hidden(d->screen.app);
    }
    if (!d->n && d->hidden)
        return !err_set(err, ERR_USAGE, 0, "%zu marked row%s not shown: clear the filter, or ctrl-\\ unmarks", d->hidden, d->hidden == 1 ? " is" : "s are");
    if (!d->n) return !err_set(err, ERR_USAGE, 0, "no object is selected");
    if (d->beyond) return !err_set(err, ERR_USAGE, 0, "%zu rows are marked, more than the %d that one operation takes: mark fewer", d->n + d->beyond, OP_TARGETS_MAX);
    const struct kind *kind = d->target[0].row->kind;
    d->action = action_find(action, kind);
    if (!d->action) return !err_set(err, ERR_USAGE, 0, "strata cannot %s a %s", action, kind->singular);
    if (d->n > 1 && (action_flags(d->action) & ACTION_ONE)) return !err_set(err, ERR_USAGE, 0, "%s is for one object at a time", action);
    const struct action_arg *arg = action_args(d->action, &d->nfields);
    d->field = mem_zalloc((d->nfields + 2) * sizeof(*d->field));
    if (!d->field) return !err_set(err, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0; i < d->nfields; i++) d->field[i].arg = &arg[i];
    if (action_goes_back(d->action)) d->field[d->nfields++].arg = &op_form_back;
    if (!op_form_parse(d, args, err)) return false;
    if (op_form_missing(d) || (form && d->nfields)) return true;
    return ask_plan(d) || !err_set(err, ERR_NOMEM, 0, "out of memory");
}

static bool prepare(struct op_dialog *d, const char *action, const char *args, bool form, struct err *err)
{
    struct str rest;
    str_init(&rest, 4096);
    d->action = app_kind(d->screen.app) ? action_find(action, app_kind(d->screen.app)) : NULL;
    bool ok = !d->action || op_form_names(d, args, target_add, &rest, err);
    ok = ok && fill(d, action, d->action ? rest.data : args, form, err);
    str_release(&rest);
    return ok;
}

static void open_dialog(struct app *a, const char *action, const char *args, bool form)
{
    struct err err = ERR_INIT;
    struct op_dialog *d = dialog_new(a);
    if (!d) return;
    if (!prepare(d, action, args, form, &err)) {
        app_error(a, "%s", err.msg);
        close_dialog(&d->screen);
        return;
    }
    app_push(a, &d->screen);
    app_dirty(a);
}

void dialog_op_open(struct app *a, const char *action, const char *args) { open_dialog(a, action, args, false); }

void dialog_op_row(struct app *a, const char *action, const char *args, const struct target *t)
{
    struct err err = ERR_INIT;
    struct op_dialog *d = dialog_new(a);
    if (!d) return;
    target_add(d, t->snap, t->row);
    d->named = true;
    if (!d->n || !fill(d, action, args, false, &err)) {
        app_error(a, "%s", d->n ? err.msg : "out of memory");
        close_dialog(&d->screen);
        return;
    }
    app_push(a, &d->screen);
    app_dirty(a);
}

/* Each is its own kind's: what is marked of several is not asked about in one. */
static bool one_kind(const struct op_dialog *d, struct err *err)
{
    for (size_t i = 1; i < d->n; i++)
        if (d->target[i].row->kind != d->target[0].row->kind)
            return !err_set(err, ERR_USAGE, 0, "a %s and a %s are marked: mark rows of one kind", d->target[0].row->kind->singular, d->target[i].row->kind->singular);
    return true;
}

bool dialog_op_marked(struct app *a, const char *action, const char *args)
{
    struct err err = ERR_INIT;
    struct op_dialog *d = dialog_new(a);
    size_t marked = d ? list_marked(a, target_add, d) : 0;
    if (d) d->hidden = marked - d->n;
    if (d && marked && !d->n) err_set(&err, ERR_USAGE, 0, "what is marked is not shown, or gone: esc clears the filter, ctrl-\\ the marks");
    bool ok = d && d->n && one_kind(d, &err) && fill(d, action, args, false, &err);
    if (ok) app_push(a, &d->screen), app_dirty(a);
    else if (d && marked) app_error(a, "%s", err.msg);
    if (d && !ok) close_dialog(&d->screen);
    return marked > 0;
}

void dialog_op_form(struct app *a, const char *action) { open_dialog(a, action, "", true); }

void dialog_op_plan(struct app *a, uint32_t op)
{
    struct op_dialog *d = op ? dialog_new(a) : NULL;
    if (!d) return;
    d->op = op;
    d->stage = OPD_PLANNING;
    app_push(a, &d->screen);
    app_dirty(a);
}

void dialog_op_ready(struct app *a, uint32_t op, struct op_view *plan, void (*over)(void *arg, bool started), void *arg)
{
    struct op_dialog *d = dialog_new(a);
    if (d) {
        d->op = op;
        d->plan = op_view_ref(plan);
        d->stage = OPD_PLAN;
        d->over = over;
        d->over_arg = arg;
    }
    if (!d || !d->plan || !op_plan_text(d)) {
        app_error(a, "out of memory");
        if (d) close_dialog(&d->screen);
        else core_op_drop(app_core(a), op), over(arg, false);
        return;
    }
    app_push(a, &d->screen);
    app_dirty(a);
}
