/* The life of an operation: asked for, planned, started, controlled, over. */
#include "core/ops/lists.h"
#include "core/ops/op.h"
#include "core/ops/op_plan.h"
#include "core/ops/op_blast.h"
#include "core/ops/op_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/ops/guard_op.h"
#include "core/ops/journal.h"
#include "core/ops/running.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/radius.h"
#include "strata/text.h"

#define COMPOUND_STEPS 4096
#define KEPT 50                            /* operations that ended, for looking back */

struct ops *ops_new(void)
{
    return mem_zalloc(sizeof(struct ops));
}

/* ---- making ---- */

struct source *op_source(struct core *c, enum plane plane, const char *name)
{
    struct source *s = NULL;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->nsources && !s; i++)
        if (c->info[i].plane == plane && !strcmp(c->info[i].name, name))
            s = c->source[i];
    pthread_mutex_unlock(&c->lock);
    return s;
}

struct op *op_new(struct core *c, const struct action *a, size_t nsteps)
{
    struct op *op = mem_zalloc(sizeof(*op));
    if (!op)
        return NULL;
    op->core = c;
    op->action = a;
    op->id = atomic_fetch_add(&c->next_id, 1);
    op->began_wall_ms = clock_wall_ms();
    op->began_ms = clock_mono_ms();
    snprintf(op->key, sizeof(op->key), "%llx-%x-%x", (unsigned long long)op->began_wall_ms, (unsigned)getpid(), op->id);
    op->plan_event = event_new(EV_PLAN, op->id, 0);
    op->end_event = event_new(EV_OP_END, op->id, 0);
    op->cap_steps = nsteps + (a->compound ? COMPOUND_STEPS : 0);      /* they never move: calls and timers point at them */
    op->steps = mem_zalloc((op->cap_steps + 1) * sizeof(*op->steps));
    op->nsteps = op->ntargets = op->steps ? nsteps : 0;
    for (size_t i = 0; i < op->nsteps; i++) {
        op->steps[i].op = op;
        op->steps[i].action = a;
        op->steps[i].index = (uint32_t)i;
        op->steps[i].parent = UINT32_MAX;
        op->steps[i].sent_wall_ms = CELL_NONE;
    }
    if (op->plan_event && op->end_event && op->steps)
        return op;
    op_free(op);
    return NULL;
}

void op_args_free(struct op_arg *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_free((char *)(uintptr_t)args[i].name);
        mem_free_secret((char *)(uintptr_t)args[i].value);
    }
    mem_free(args);
}

void op_free(struct op *op)
{
    if (!op)
        return;
    for (size_t i = 0; i < op->nsteps; i++)
        step_release(&op->steps[i]);
    for (size_t i = 0; i < op->nfacts; i++)
        mem_free(op->facts[i].text);
    mem_free(op->facts);
    mem_free(op->steps);
    op_args_free(op->args, op->nargs);
    mem_free(op->title);
    mem_free(op->wanted);
    mem_free(op->note);
    mem_free(op->resumes);
    mem_free(op->resumed);
    running_release(op);
    op_blast_free(op);
    json_decref(op->others);
    unfinished_forget(op);
    op_probe_free(op);
    json_decref(op->lost);
    mem_free_secret(op->typed);
    sides_forget(op);
    event_free(op->plan_event);
    event_free(op->end_event);
    op_view_unref(op->view);
    radius_unref(op->radius);
    mem_free(op);
}

static const char *given(const struct op_arg *from, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(from[i].name, name))
            return from[i].value;
    return NULL;
}

/* A time as people write it, "5m", is kept as its seconds; what shall be unique becomes so. */
static char *plain_value(const struct action *a, const char *name, const char *value)
{
    char text[32];
    int64_t seconds;
    if (!strcmp(value, ARG_UNIQUE)) {
        snprintf(text, sizeof(text), "%s%llx", ARG_UNIQUE, (unsigned long long)clock_wall_ms());
        return mem_strdup(text);
    }
    for (size_t i = 0; i < a->nargs; i++)
        if (a->args[i].type == ARG_SECONDS && !strcmp(a->args[i].name, name) && text_parse_duration(value, &seconds)) {
            snprintf(text, sizeof(text), "%lld", (long long)seconds);
            return mem_strdup(text);
        }
    return mem_strdup(value);
}

/* What was given, then the defaults of what was not. */
bool op_set_args(struct op_arg **to, size_t *nto, const struct action *a, const struct op_arg *from, size_t n)
{
    struct op_arg *out = mem_zalloc((n + a->nargs + 1) * sizeof(*out));
    bool ok = out != NULL;
    size_t at = 0;
    for (size_t i = 0; ok && i < n + a->nargs; i++) {
        const struct action_arg *row = i < n ? NULL : &a->args[i - n];
        const char *name = row ? row->name : from[i].name, *value = row ? row->def : from[i].value;
        if (row && (!value || given(from, n, name)))
            continue;
        out[at] = (struct op_arg){.name = mem_strdup(name), .value = plain_value(a, name, value ? value : "")};
        ok = out[at].name && out[at].value;
        at++;
    }
    *to = out;
    *nto = at;
    return ok;
}

void op_say(struct op *op, const char *fmt, ...)
{
    struct str s;
    va_list ap;
    str_init(&s, 8192);
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    char *text = str_take(&s);
    str_release(&s);
    if (text) {
        mem_free(op->note);
        op->note = text;
    }
    op_changed(op);
}

void op_fact(struct op *op, enum fact_level level, uint32_t step, const char *text)
{
    char *copy = mem_strdup(text);
    if (copy && mem_grow(&op->facts, &op->cap_facts, op->nfacts + 1, sizeof(*op->facts)))
        op->facts[op->nfacts++] = (struct op_fact){.level = level, .step = step, .text = copy};
    else
        mem_free(copy);
}

/* ---- ends ---- */

void op_tell(struct op *op, struct event **slot)
{
    struct event *e = *slot;
    if (!e)
        return;
    *slot = NULL;
    e->op = op_picture(op);
    if (e->op) {                               /* its rows are the asker's alone: a picture that is published stays until the core has ended */
        e->op->radius = op->radius;
        op->radius = NULL;
    }
    e->err = op->err;
    if (!e->op)
        err_set(&e->err, ERR_NOMEM, 0, "out of memory");
    core_send(op->core, e);
    op->dirty = true;
    ops_publish(op->core);
}

static void forget_old(struct core *c)
{
    unsigned n = 0;
    for (struct op **at = &c->ops->list; *at;) {
        struct op *op = *at;
        if (op->over && ++n > KEPT) {
            *at = op->next;
            op_free(op);
        } else {
            at = &op->next;
        }
    }
}

/* What was asked for in advance: NULL nothing, or there is no way back. */
static struct op *way_back(struct op *op)
{
    struct err err = ERR_INIT;
    bool failed = op->state == OPS_FAILED || op->state == OPS_UNSURE, canceled = op->state == OPS_CANCELED || (op->canceling && (op->state == OPS_DONE || op->state == OPS_UNSURE));
    if (!op->started || op->dry_run || op->by_itself || !((failed && op->undo_failed) || (canceled && op->undo_canceled)))
        return NULL;
    struct op *back = op_way_back(op, true, &err);
    if (back) {
        back->by_itself = true;
    } else {
        char note[700];
        snprintf(note, sizeof(note), "%s", op->note ? op->note : "");
        op_say(op, "%s; %s", note, err.msg);
    }
    return back;
}

void op_over(struct op *op)
{
    op->over = true;
    op_blast_free(op);
    op_cancel_over(op);
    op->ended_ms = clock_mono_ms();
    running_release(op);
    op_probe_free(op);
    if (op->started && !op->dry_run) {
        audit_op_end(op->core->audit, op);
        const char *trouble = journal_trouble(audit_journal(op->core->audit));
        if (*trouble) {
            char note[600];
            snprintf(note, sizeof(note), "%s", op->note ? op->note : "");
            op_say(op, "%s; NOT WRITTEN DOWN: %s, its lines are kept in memory", note, trouble);
        }
    }
    struct op *back = way_back(op);
    op->undone_by = back ? back->id : 0;
    op_tell(op, &op->end_event);
    op_inside_tell(op, &(struct op_told){.what = OP_ENDED, .state = op->state, .text = op->note, .err = &op->err});
    bool busy = back != NULL;
    for (const struct op *o = op->core->ops->list; o && !busy; o = o->next)
        busy = o->started && !o->over;
    if (!busy)
        lists_close(op->core);
    forget_old(op->core);
    if (back)
        op_plan_now(back);                 /* and begun when it is planned */
}

void op_refuse(struct op *op, const struct err *err)
{
    op->err = *err;
    op->state = OPS_REFUSED;
    op_blast_free(op);                     /* nobody reads it any more */
    op_say(op, "%s", err->msg);
    if (!op->planned) {
        op->planned = true;
        op_tell(op, &op->plan_event);
        if (op->by_itself || op->told)
            op_over(op);
    } else {
        op_over(op);
    }
}

/* Of many steps: what was done stays done, and who takes it back. */
static void say_done(const struct op *op, struct str *s)
{
    size_t done = 0, all = 0, stay = 0;
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        done += op->steps[i].state == STEP_DONE;
        all += op->steps[i].action->compound == NULL;
    }
    if (!all || s->failed || strstr(s->data, "takes that back"))
        return;
    str_addf(s, "; %zu of %zu steps were done", done, all);
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        if (st->state == STEP_DONE && st->undo_id && ++stay <= 3)
            str_addf(s, "%s%s (%s takes that back)", stay == 1 ? ", and stay: " : ", ", st->text, st->undo_id);
    }
    if (stay > 3)
        str_addf(s, " and %zu more", stay - 3);
}

/* In words, and what stays, unless that goes back by itself. */
static void say_in_part(struct op *op, const char *words, bool goes_back)
{
    struct str s;
    str_init(&s, 8192);
    str_adds(&s, words);
    if (!goes_back)
        say_done(op, &s);
    op_say(op, "%s", s.failed ? words : s.data);
    str_release(&s);
}

static void judge(struct op *op)
{
    size_t done = 0, already = 0, failed = 0, unsure = 0, canceled = 0, skipped = 0, broken = 0, parts = 0;
    const struct op_step *bad = NULL;
    for (size_t i = 0; i < op->ntargets; i++) {
        const struct op_step *st = &op->steps[i];
        done += st->state == STEP_DONE || st->state == STEP_ALREADY;
        already += st->state == STEP_ALREADY;
        failed += st->state == STEP_FAILED;
        unsure += st->state == STEP_UNSURE;
        canceled += st->state == STEP_CANCELED;
        skipped += st->state == STEP_SKIPPED;
        broken += st->state == STEP_CANCELED && st->action->compound && st->began_ms;
        if (!bad && (st->state == STEP_FAILED || st->state == STEP_UNSURE))
            bad = st;
    }
    for (size_t i = op->ntargets; i < op->nsteps; i++)
        parts += op->steps[i].state == STEP_UNSURE;
    op->state = failed ? OPS_FAILED : unsure || (canceled && parts) ? OPS_UNSURE : canceled ? OPS_CANCELED : skipped ? OPS_FAILED : OPS_DONE;
    const char *end = op->ntargets == 1 && op->steps[0].note ? op->steps[0].note : "";
    char words[1200];
    if (bad) {
        err_set(&op->err, bad->err.code ? bad->err.code : ERR_TIMEOUT, bad->err.detail, "%s: %s", bad->text, bad->note ? bad->note : "");
        if (op->ntargets == 1)
            op_say(op, "%s", bad->note ? bad->note : "failed"), op_say_back(op, bad);
        else {
            snprintf(words, sizeof(words), "%zu of %zu done, %zu failed, %zu unsure, %zu not begun: %.900s", done, op->ntargets, failed, unsure, canceled + skipped, op->err.msg);
            say_in_part(op, words, op->undo_failed);
        }
    } else if (canceled || skipped) {
        err_set(&op->err, canceled ? ERR_CANCELED : ERR_FORBIDDEN, 0, canceled ? "canceled" : "not all of it may be done");
        if (op->ntargets == 1 && *end)
            snprintf(words, sizeof(words), "%s%.800s", strncmp(end, "canceled", 8) && canceled ? "canceled: " : "", end);
        else if (broken)
            snprintf(words, sizeof(words), "canceled: %zu of %zu done, %zu broken off, %zu not begun", done, op->ntargets, broken, canceled + skipped - broken);
        else
            snprintf(words, sizeof(words), "%s: %zu of %zu done, the rest was not begun", canceled ? "canceled" : "in part", done, op->ntargets);
        if (canceled)
            say_in_part(op, words, op->undo_canceled);
        else
            op_say(op, "%s", words);
    } else if (op->ntargets == 1) {
        op_say(op, "%s", *end ? end : "done");
    } else {
        const char *past = op->action == &op_mixed ? "done" : step_past(&op->steps[0]), *so = op->action->flags & ACTION_GONE ? "gone" : "so";
        if (already == done)
            op_say(op, "%zu already %s", already, so);
        else if (already)
            op_say(op, "%zu %s, %zu already %s", done - already, past, already, so);
        else
            op_say(op, "%zu %s", done, past);
    }
}

struct op *op_find(struct core *c, uint32_t id)
{
    struct op *op = c->ops->list;
    while (op && op->id != id)
        op = op->next;
    return op;
}

/* ---- running ---- */

/* So many targets, and the next when all of these are over; 0: as one ends another begins. */
size_t op_wave(const struct op *op)
{
    struct act_ctx c = {.args = op->ntargets ? op->steps[0].args : NULL, .nargs = op->ntargets ? op->steps[0].nargs : 0};
    int64_t n = op->action->compound ? act_int(&c, "waves", 0) : 0;
    return n > 0 ? (size_t)n : 0;
}

#define PROBE_LOOK_MS 100

static void pump(void *arg);

/* What is to be probed meanwhile answers before anything begins. */
static bool probed(struct op *op)
{
    static const char wait[] = "waiting for the first good answer of the probe";
    struct err err = ERR_INIT;
    enum op_gate gate = op_probe_gate(op, &err);
    bool said = op->note && !strcmp(op->note, wait);
    if (gate == GATE_WAIT) {
        if (!said)
            op_say(op, "%s", wait);
        op->pump = net_timer(op->core->net, PROBE_LOOK_MS, pump, op);
        return false;
    }
    if (said)
        op_say(op, "%s", op->paused ? "paused: nothing more is begun" : "running");
    for (size_t i = 0; gate == GATE_SHUT && i < op->ntargets; i++)
        if (op->steps[i].state == STEP_WAITING && !op->steps[i].busy) {
            op->steps[i].err = err;
            step_end(&op->steps[i], STEP_FAILED, "%s", err.msg);
        }
    return true;
}

/* What was done of it before anything of all others, as its cordon, is said. */
static void say_not_begun(struct op_step *st, bool broken)
{
    const struct op *op = st->op;
    const char *why = op->canceling ? "canceled before it was begun" : broken ? "not begun, as fewer probes are answered than asked for" : "not begun, as another one failed";
    struct op_step *first = NULL;
    for (size_t i = op->ntargets; i < op->nsteps && !first; i++)
        first = op->steps[i].parent == st->index && op->steps[i].state == STEP_DONE && op->steps[i].undo_id ? &op->steps[i] : NULL;
    if (first)
        step_note(st, "%s; it was %s already, %s takes that back", why, step_past(first), first->undo_id);
    else
        step_note(st, "%s", why);
}

static void pump(void *arg)
{
    struct op *op = arg;
    op->pump = NULL;
    if (op->over || op->core->closing)
        return;
    if (!op->planned) {
        op_plan_pump(op);
        return;
    }
    if (!op->started)
        return;
    if (!op_blast_gate(op) || (!op->canceling && !probed(op)))
        return;
    size_t busy = 0, waiting = 0, bad = 0;
    bool free = op->action->flags & ACTION_GONE;       /* what only ends holds nobody up */
    for (size_t i = 0; i < op->ntargets; i++) {
        busy += op->steps[i].busy && !(free && op->steps[i].state == STEP_WATCHING);
        bad += op->steps[i].state == STEP_FAILED || op->steps[i].state == STEP_UNSURE;
    }
    if (op->action->compound && compound_firsts(op))
        return;
    bool broken = op_probe_bad(op, NULL), stop = op->canceling || broken || (op->stop_after ? bad >= op->stop_after : bad && !op->keep_going);
    size_t wave = op_wave(op), room = wave ? (busy ? 0 : wave) : busy < op->at_once ? op->at_once - busy : 0;
    for (size_t i = 0; i < op->ntargets; i++) {
        struct op_step *st = &op->steps[i];
        if (st->busy || st->state != STEP_WAITING)
            continue;
        if (stop) {
            st->state = op->canceling ? STEP_CANCELED : STEP_SKIPPED;
            say_not_begun(st, broken);
        } else if (!op->paused && room) {
            room--;
            step_run(st);
        } else {
            waiting++;
        }
    }
    busy = 0;
    for (size_t i = 0; i < op->nsteps; i++)
        busy += op->steps[i].busy;
    if (busy || waiting || op->pump)
        return;
    compound_end(op);
    judge(op);
    op_over(op);
}

void op_pump_soon(struct op *op)
{
    if (!op->pump && !op->core->closing)
        op->pump = net_timer(op->core->net, 0, pump, op);
}

void op_plan_now(struct op *op)
{
    struct core *c = op->core;
    struct err err = op->err;              /* what was found wrong when it was asked for */
    if (op_find(c, op->id) != op) {
        op->next = c->ops->list;
        c->ops->list = op;
    }
    op->state = OPS_PLANNING;
    if (!err.code && !op_kinds(op, &err) && !err.code)
        return;
    if (!op->title && !op_name_it(op))
        err_set(&err, ERR_NOMEM, 0, "out of memory");
    else if (!err.code)
        guard_op(op, &err);
    for (size_t i = 0; !err.code && i < op->ntargets; i++)
        if (action_find(op->steps[i].action->id, op->steps[i].kind) != op->steps[i].action)
            err_set(&err, ERR_UNSUPPORTED, 0, "strata cannot %s a %s", op->steps[i].action->id, op->steps[i].kind->singular);
    if (err.code)
        op_refuse(op, &err);
    else
        op_pump_soon(op);
}

static void do_plan(void *arg)
{
    op_plan_now(arg);
}

static void drop_plan(void *arg)
{
    op_free(arg);
}

uint32_t op_adopt(struct op *op)
{
    uint32_t id = op->id;
    if (core_post(op->core, do_plan, drop_plan, op))
        return id;
    op_free(op);
    return 0;
}

/* ---- the end of core ---- */

void ops_close_all(struct core *c)
{
    struct ops *ops = c->ops;
    if (!ops)
        return;
    net_timer_cancel(c->net, ops->publish);
    ops->publish = NULL;
    lists_close(c);
    for (struct op *op = ops->list; op; op = op->next) {
        net_timer_cancel(c->net, op->pump);
        op->pump = NULL;
        op_cancel_over(op);
        for (size_t i = 0; i < op->nsteps; i++)
            step_stop(&op->steps[i]);
    }
    while (ops->list) {
        struct op *op = ops->list;
        ops->list = op->next;
        op_free(op);
    }
}

void ops_free(struct core *c)
{
    struct ops *ops = c->ops;
    if (!ops)
        return;
    for (size_t i = 0; i < ops->nviews; i++)
        op_view_unref(ops->views[i]);
    mem_free(ops->views);
    for (struct op_denied *d = ops->denied, *next; d; d = next) {
        next = d->next;
        mem_free(d->what);
        mem_free(d);
    }
    mem_free(ops);
    c->ops = NULL;
}
