/* What the owner asks of operations, from its own thread: a plan, its start, pause, cancel, the way back. */
#include <string.h>

#include "core/ops/guard_op.h"
#include "core/ops/op.h"
#include "core/ops/running.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define AT_ONCE 4

static bool copy_target(struct op_step *st, struct core *c, const struct row *r)
{
    if (r->source >= c->nsources)
        return false;
    st->src = c->source[r->source];
    st->kind = r->kind;
    st->scope = mem_strdup(r->scope ? r->scope : "");
    st->name = mem_strdup(r->name);
    st->uid = mem_strdup(r->uid ? r->uid : "");
    st->labels = mem_strdup(r->labels ? r->labels : "");
    const char *project = r->kind->plane == PLANE_OPENSTACK ? row_column(r, "project") : "";
    st->project = *project ? mem_strdup(project) : NULL;
    return st->scope && st->name && st->uid && st->labels;
}

uint32_t core_op_plan(struct core *c, const struct op_request *rq)
{
    const struct action *a = rq->nrows ? action_find(rq->action, rq->rows[0]->kind) : NULL;
    static const struct action unknown = {.id = "this"};
    struct op *op = op_new(c, a ? a : &unknown, rq->nrows);
    if (!op)
        return 0;
    bool ok = op_set_args(&op->args, &op->nargs, op->action, rq->args, rq->nargs);
    op->dry_run = rq->dry_run || rq->look;
    op->look = rq->look;
    op->by_name = rq->by_name;
    op->keep_going = rq->keep_going;
    op->undo_failed = op->undo_canceled = rq->undo_on_failure;
    op->stop_after = rq->stop_after;
    op->at_once = rq->at_once ? rq->at_once : a && a->compound ? 1 : a && a->at_once ? a->at_once : AT_ONCE;
    for (size_t i = 0; ok && i < rq->nrows; i++) {
        ok = copy_target(&op->steps[i], c, rq->rows[i]);
        op->steps[i].args = op->args;
        op->steps[i].nargs = op->nargs;
    }
    if (ok)
        return op_adopt(op);
    op_free(op);
    return 0;
}

struct ask { struct core *core; uint32_t id, other; char *typed; int what; struct op *made; };

static void ask_free(void *arg)
{
    struct ask *a = arg;
    mem_free_secret(a->typed);
    op_free(a->made);
    mem_free(a);
}

static struct ask *ask_new(struct core *c, uint32_t id)
{
    struct ask *a = mem_zalloc(sizeof(*a));
    if (a)
        *a = (struct ask){.core = c, .id = id};
    return a;
}

static bool ask_post(struct ask *a, void (*fn)(void *))
{
    if (a && core_post(a->core, fn, ask_free, a))
        return true;
    if (a)
        ask_free(a);
    return false;
}

void op_begin(struct op *op, const char *typed)
{
    struct core *c = op->core;
    struct err err = ERR_INIT;
    if (guard_op_start(op, typed, &err) || (!op->dry_run && (running_claim(op, &err) || audit_op(c->audit, op, &err)))) {
        op_refuse(op, &err);
        return;
    }
    op->started = true;
    op->state = OPS_RUNNING;
    op->began_wall_ms = clock_wall_ms();
    op->began_ms = clock_mono_ms();
    if (op->resumes)
        audit_op_taken(c->audit, op);
    for (size_t i = 0; op->dry_run && i < op->nsteps; i++)
        if (op->steps[i].state == STEP_WAITING)
            op->steps[i].state = STEP_SKIPPED;
    if (op->dry_run) {
        op->state = OPS_DONE;
        op_say(op, "dry run: nothing was changed");
        op_over(op);
    } else {
        op_say(op, "running");
        op_pump_soon(op);
    }
}

static void do_start(void *arg)
{
    struct ask *a = arg;
    struct op *op = op_find(a->core, a->id);
    if (op && op->planned && !op->started && !op->over && op->state != OPS_REFUSED)
        op_begin(op, a->typed);
    else if (op && op->planned && !op->started && !op->over)
        op_over(op);                       /* refused by its plan */
    ask_free(a);
}

void core_op_start(struct core *c, uint32_t id, const char *typed)
{
    struct ask *a = ask_new(c, id);
    if (a && typed && !(a->typed = mem_strdup(typed))) {
        ask_free(a);
        return;
    }
    ask_post(a, do_start);
}

static void do_drop(void *arg)
{
    struct ask *a = arg;
    struct op **at = &a->core->ops->list;
    while (*at && (*at)->id != a->id)
        at = &(*at)->next;
    struct op *op = *at;
    if (op && (!op->started || op->over)) {
        *at = op->next;
        for (size_t i = 0; i < op->nsteps; i++)
            step_stop(&op->steps[i]);
        net_timer_cancel(a->core->net, op->pump);
        if (op->plan_event) {              /* it is told that it ended */
            op->err = (struct err){.code = ERR_CANCELED, .msg = "canceled"};
            op->state = OPS_CANCELED;
            op_tell(op, &op->plan_event);
        }
        op_free(op);
        ops_publish(a->core);
    }
    ask_free(a);
}

void core_op_drop(struct core *c, uint32_t id)
{
    ask_post(ask_new(c, id), do_drop);
}

static void do_control(void *arg)
{
    struct ask *a = arg;
    struct op *op = op_find(a->core, a->id);
    if (op && op->started && !op->over) {
        if (a->what == OP_CANCEL || a->what == OP_CANCEL_UNDO) {
            op_cancel(op, a->what == OP_CANCEL_UNDO);
        } else if (!op->canceling) {
            op->paused = a->what == OP_PAUSE;
            op->state = op->paused ? OPS_PAUSED : OPS_RUNNING;
            op_say(op, "%s", op->paused ? "paused: nothing more is begun" : "running");
        }
        op_pump_soon(op);
    }
    ask_free(a);
}

static void do_undo(void *arg)
{
    struct ask *a = arg;
    struct op *op = op_find(a->core, a->id), *made = a->made, *back;
    struct err err = ERR_INIT;
    a->made = NULL;
    if (op && op->over && op->resumes && !op->back) {      /* what runs before did of it as well: the journal knows */
        op_again_as(made, op->key);
    } else if (op && op->over && (back = op_way_back(op, false, &err))) {
        back->id = made->id;
        back->plan_event->id = back->end_event->id = made->id;
        op_free(made);
        op_plan_now(back);
    } else {
        if (!err.code)
            err_set(&err, ERR_USAGE, 0, "there is nothing of it to take back");
        made->next = a->core->ops->list;
        a->core->ops->list = made;
        made->title = mem_strdup("undo");
        op_refuse(made, &err);
    }
    ask_free(a);
}

uint32_t core_op_control(struct core *c, uint32_t id, enum op_control what)
{
    static const struct action undo = {.id = "undo"};
    struct ask *a = ask_new(c, id);
    if (a && what == OP_UNDO) {
        a->made = op_new(c, &undo, 0);
        uint32_t made = a->made ? a->made->id : 0;
        return ask_post(a, do_undo) ? made : 0;
    }
    if (a)
        a->what = (int)what;
    ask_post(a, do_control);
    return 0;
}
