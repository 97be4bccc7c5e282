/* `e`: the object under the cursor in the user's editor. The screen steps aside as often as the editor opens; then the plan asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"
#include "tui/apply_files.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/dialog_op.h"
#include "tui/edit.h"
#include "tui/keymap.h"

/* Reading and planning lie over all; while the dialog asks it is there, but is not shown. */
struct edit_screen {
    struct screen screen;
    struct target target;
    struct edit *edit;
    uint32_t id;                     /* of the fetch or the plan under way */
    enum { MAY, READING, PLANNING, ASKING } stage;
    bool busy;                       /* the editor has the terminal: events of others pass */
    char what[400];
};

static void over_all(struct edit_screen *s)
{
    struct app *a = s->screen.app;
    app_pop(a, &s->screen);
    app_dirty(a);
}

static void fetch(struct edit_screen *s)
{
    s->stage = READING;
    s->id = core_fetch(app_core(s->screen.app), s->target.row, FETCH_YAML, 0);
    if (!s->id) app_error(s->screen.app, "out of memory"), over_all(s);
}

/* May it be edited at all? Asked before anything is typed. */
static void ask_may(struct edit_screen *s)
{
    struct op_request rq = {.action = "edit", .rows = &s->target.row, .nrows = 1, .args = edit_nothing, .nargs = 1};
    s->stage = MAY;
    s->id = core_op_plan(app_core(s->screen.app), &rq);
    if (!s->id) app_error(s->screen.app, "out of memory"), over_all(s);
}

static void may(struct edit_screen *s, const struct op_view *plan, uint32_t op)
{
    const char *no = edit_forbidden(plan);
    if (plan->state == OPS_PLANNED) core_op_drop(app_core(s->screen.app), op);
    if (!no) return fetch(s);
    app_error(s->screen.app, "%s: not edited: %s", s->what, no);
    over_all(s);
}

/* ---- while it is done ---- */

/* Until it ended well, the text is not lost. */
static bool hand_over(struct app *a, uint32_t op, struct edit *e, struct target *t)
{
    for (size_t i = 0; i < EDITS_MAX; i++)
        if (!a->editing[i].edit) {
            a->editing[i] = (struct edit_slot){op, e, *t};
            *t = (struct target){0};
            return true;
        }
    return false;
}

static void answered(void *arg, bool started)
{
    struct edit_screen *s = arg;
    if (started && hand_over(s->screen.app, s->id, s->edit, &s->target)) {
        s->edit = NULL;
    } else {
        edit_keep(s->edit);
        app_info(s->screen.app, "%s%s", started ? "" : "left alone; ", s->edit->note.data);
    }
    over_all(s);
}

static void slot_release(struct edit_slot *s)
{
    edit_free(s->edit);
    target_release(&s->target);
    *s = (struct edit_slot){0};
}

static void act(struct edit_screen *s, enum edit_next next, struct op_view *plan, uint32_t op)
{
    struct app *a = s->screen.app;
    app_dirty(a);
    if (next == EDIT_PLAN) {
        struct op_request rq = {.action = "edit", .rows = &s->target.row, .nrows = 1, .args = edit_args(s->edit), .nargs = 2};
        s->stage = PLANNING;
        s->id = core_op_plan(app_core(a), &rq);
        if (s->id) return;
        edit_keep(s->edit);
        app_error(a, "out of memory; %s", s->edit->note.data);
    } else if (next == EDIT_FETCH) {
        fetch(s);
        return;
    } else if (next == EDIT_READY) {
        s->stage = ASKING;
        s->id = op;
        dialog_op_ready(a, op, plan, answered, s);
        return;
    } else if (next == EDIT_OVER && !s->edit->kept) {
        app_info(a, "%s: %s", s->what, s->edit->note.data);
    } else {
        app_error(a, "%s: not edited: %s", s->what, s->edit->note.data ? s->edit->note.data : "");
    }
    over_all(s);
}

static bool event(struct screen *screen, struct event *e)
{
    struct edit_screen *s = (struct edit_screen *)screen;
    if (s->busy || !s->id || e->id != s->id) return false;
    if (e->type == EV_TEXT && s->stage == READING) {
        if (e->err.code) {
            if (s->edit->rounds) edit_keep(s->edit);
            app_error(s->screen.app, "%s%s%s", e->err.msg, s->edit->rounds ? "; " : "", s->edit->rounds ? s->edit->note.data : "");
            over_all(s);
        } else act(s, edit_fetched(s->edit, e->text), NULL, 0);
        return true;
    }
    if (e->type == EV_PLAN && s->stage == MAY && e->op) return may(s, e->op, e->id), true;
    if (e->type == EV_PLAN && s->stage == PLANNING && e->op) {
        act(s, edit_planned(s->edit, e->op), e->op, e->id);
        return true;
    }
    return false;
}

static void draw(struct screen *screen, struct canvas *c, struct rect area, bool focus)
{
    struct edit_screen *s = (struct edit_screen *)screen;
    (void)focus;
    if (s->stage >= ASKING || area.w < 20 || area.h < 3) return;
    int w = area.w > 64 ? 60 : area.w - 4;
    struct rect r = {area.x + (area.w - w) / 2, area.y + area.h / 2 - 1, w, 3};
    char text[500];
    snprintf(text, sizeof text, "%s %.400s ...", s->stage <= READING ? "reading" : "trying on the server:", s->what);
    canvas_fill(c, r, STYLE(ROLE_DIALOG));
    canvas_box(c, r, STYLE(ROLE_DIALOG_BORDER));
    canvas_ellipsis(c, r.x + 2, r.y + 1, w - 4, STYLE(ROLE_BUSY) | OVER(ROLE_DIALOG_BODY), text, strlen(text));
}

static bool key(struct screen *screen, uint32_t k)
{
    struct edit_screen *s = (struct edit_screen *)screen;
    if (s->stage >= ASKING) return false;
    if (k == K_ESC || k == (K_CTRL | 'c') || k == 'q') {
        struct app *a = s->screen.app;
        if (s->edit->rounds || s->stage == PLANNING) {
            edit_keep(s->edit);
            app_info(a, "left alone; %s", s->edit->note.data);
        }
        if (s->stage == PLANNING || s->stage == MAY) core_op_drop(app_core(a), s->id);
        over_all(s);
    }
    return true;
}

static void close_edit(struct screen *screen)
{
    struct edit_screen *s = (struct edit_screen *)screen;
    edit_free(s->edit);
    target_release(&s->target);
    mem_free(s);
}

static const struct screen_ops edit_ops = {.scope = "dialog", .popup = true, .modal = true, .draw = draw, .key = key, .event = event, .close = close_edit};

/* ---- the editor has the terminal ---- */

static void other(void *arg, struct event *e)
{
    struct edit_screen *s = arg;
    app_event(s->screen.app, e);
}

static void screen_away(void *arg, bool away)
{
    struct edit_screen *s = arg;
    struct app *a = s->screen.app;
    s->busy = away;
    if (away) term_leave(a->term);
    else term_enter(a->term);
    app_dirty(a);
}

/* Reads the object, anew after a conflict; edit and target are the screen's then. */
static struct edit_screen *screen_new(struct app *a, struct target *t)
{
    struct edit_screen *s = mem_zalloc(sizeof *s);
    if (!s) return NULL;
    const struct row *r = t->row;
    const struct source_info *src = app_source(a, r->source);
    s->screen.ops = &edit_ops;
    s->screen.app = a;
    s->target = *t;
    *t = (struct target){0};
    snprintf(s->what, sizeof s->what, "%s %s%s%s on %s", r->kind->singular ? r->kind->singular : r->kind->id, r->scope, *r->scope ? "/" : "", r->name, src ? src->name : "?");
    return s;
}

static void begin(struct edit_screen *s)
{
    struct app *a = s->screen.app;
    s->edit->core = app_core(a);
    s->edit->other = other;
    s->edit->screen = screen_away;
    s->edit->arg = s;
    s->edit->what = s->what;
    app_push(a, &s->screen);
    s->edit->rounds ? fetch(s) : ask_may(s);
    app_dirty(a);
}

/* Somebody else was faster: back into the editor, on the new version, when nothing else is asked here now. */
static bool reopened(struct app *a, struct edit_slot *slot, const struct op_view *op)
{
    if (!op || op->state != OPS_FAILED || op->err.code != ERR_CONFLICT || a->over || a->prompt.ops || term_left(a->term)) return false;
    struct edit_screen *s = screen_new(a, &slot->target);
    if (!s) return false;
    s->edit = slot->edit;
    slot->edit = NULL;
    begin(s);
    return true;
}

void edits_event(struct app *a, const struct event *e)
{
    for (size_t i = 0; i < EDITS_MAX; i++) {
        struct edit_slot *s = &a->editing[i];
        if (!s->edit || s->op != e->id || e->type != EV_OP_END) continue;
        str_clear(&s->edit->note);
        if ((!e->op || e->op->state != OPS_DONE) && !reopened(a, s, e->op)) {
            edit_keep(s->edit);
            app_error(a, "%.200s; %s", e->op && *e->op->note ? e->op->note : "not edited", s->edit->note.data);
        }
        slot_release(s);
    }
}

void edits_release(struct app *a)
{
    for (size_t i = 0; i < EDITS_MAX; i++) {
        if (a->editing[i].edit) edit_keep(a->editing[i].edit);
        slot_release(&a->editing[i]);
    }
}

static void run_edit(struct app *a, struct screen *under, const char *args)
{
    struct target t = {0};
    (void)under;
    struct edit_screen *s = app_selected(a, &t) ? screen_new(a, &t) : NULL;
    if (!s) {
        app_error(a, t.row ? "out of memory" : "no object is selected");
        target_release(&t);
        return;
    }
    const struct row *r = s->target.row;
    const struct source_info *src = app_source(a, r->source);
    const char *no = r->kind->plane == PLANE_OPENSTACK     ? "OpenStack has no text of it to be edited; m lists what can be done"
                     : app_options(a)->read_only           ? "strata runs read-only"
                     : src && src->read_only               ? "its cluster is read-only"
                     : !app_cursor_only(a)                 ? "others are marked, and edit takes one object: ctrl-\\ unmarks"
                     : *args && strcmp(args, "decode") != 0 ? "edit takes nothing but decode"
                                                            : NULL;
    s->edit = no ? NULL : edit_new(r->name);
    if (!s->edit) {
        app_error(a, no ? "%s cannot be edited: %s" : "out of memory", s->what, no);
        close_edit(&s->screen);
        return;
    }
    s->edit->decode = !strcmp(args, "decode");
    begin(s);
}

static bool editable(struct app *a, struct screen *under)
{
    struct target t = {0};
    bool kube = app_selected(a, &t) && t.row->kind->plane == PLANE_KUBE;
    (void)under;
    target_release(&t);
    return kube;
}

/* ---- apply ---- */

/* The cluster of the row under the cursor, or the only one; -1: there is none to choose. */
static int cluster_here(struct app *a)
{
    size_t n;
    const struct source_info *src = app_sources(a, &n);
    struct target t = {0};
    int found = app_selected(a, &t) && t.row->kind->plane == PLANE_KUBE ? t.row->source : -1, kube = 0;
    target_release(&t);
    for (size_t i = 0; i < n && found < 0; i++) kube += src[i].plane == PLANE_KUBE;
    for (size_t i = 0; i < n && found < 0 && kube == 1; i++)
        if (src[i].plane == PLANE_KUBE) found = src[i].id;
    return found;
}

static void run_apply(struct app *a, struct screen *under, const char *args)
{
    struct apply_files f = {.plain = true};            /* the screen waits for none */
    struct err err = ERR_INIT;
    char path[1024];
    const char *home = getenv("HOME"), *end = strstr(args, " force");
    size_t len = end && !end[6] ? (size_t)(end - args) : strlen(args);
    int source = cluster_here(a);
    (void)under;
    if (!*args) return app_error(a, "apply what? :apply FILE or :apply DIRECTORY, with force to take over what belongs to others");
    if (source < 0) return app_error(a, "apply goes to a cluster: put the cursor on a row of it");
    if (!strcmp(args, "-")) return app_error(a, "there is no input here: name a file");
    if (args[0] == '~' && args[1] == '/' && home) snprintf(path, sizeof path, "%s%.*s", home, (int)len - 1, args + 1);
    else snprintf(path, sizeof path, "%.*s", (int)len, args);
    if (apply_files_add(&f, path, false, &err)) {
        const struct options *o = app_options(a);
        struct apply_request rq = {.source = (uint16_t)source, .ns = o->namespaces.count == 1 ? o->namespaces.items[0] : NULL, .texts = f.text, .ntexts = f.n,
                                   .force = end && !end[6]};
        dialog_op_plan(a, core_apply_plan(app_core(a), &rq));
    } else app_error(a, "%s", err.msg);
    apply_files_release(&f);
}

const struct command edit_commands[] = {
    {"apply", NULL, NULL, "FILE|DIRECTORY [force]", "Makes or changes what stands in files; tried on the server, shown and asked about.", CMD_CHANGES, COMPLETE_NONE,
     run_apply, NULL},
    {"edit", NULL, "table", "[decode]", "Opens the object in $VISUAL or $EDITOR; what is saved is tried on the server, shown and asked about. decode: a Secret as plain text.",
     CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_edit, editable},
    {0},
};

const struct key_row edit_keys[] = {
    {"table", "e", "edit", "edit", NULL},
    {0},
};
