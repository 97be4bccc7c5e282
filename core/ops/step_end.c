/* How a step ends: what is told, written down and kept of it, what takes it back, and what of it is let go. */
#include <stdio.h>
#include <string.h>

#include "core/ops/beside.h"
#include "core/ops/journal.h"
#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"

static void forget_all(struct op_step *st)
{
    step_forget(st);
    json_decref(st->before);
    json_decref(st->answer);
    st->before = st->answer = NULL;
    step_drop_request(st);
}

void step_stop(struct op_step *st)
{
    if (!st->src)
        return;
    net_timer_cancel(st->src->net, st->timer);
    net_timer_cancel(st->src->net, st->stall);
    st->timer = st->stall = NULL;
    bool closing = st->op->core->closing;
    st->op->core->closing = true;          /* its callback must not go on */
    if (st->call)
        call_cancel(st->call);
    st->op->core->closing = closing;
    core_request_forget(st->op->core, st);
    beside_leave(st);
    st->call = NULL;
    st->busy = false;
}

void step_release(struct op_step *st)
{
    forget_all(st);
    if (st->own_args)
        op_args_free(st->args, st->nargs);
    mem_free(st->kind_name);
    mem_free(st->scope);
    mem_free(st->name);
    mem_free(st->uid);
    mem_free(st->labels);
    mem_free(st->project);
    mem_free(st->twin);
    mem_free(st->unknown);
    mem_free(st->held);
    mem_free(st->taken);
    mem_free(st->text);
    mem_free(st->request);
    mem_free(st->note);
    mem_free(st->undo_args);
    mem_free(st->left);
    mem_free(st->found);
    mem_free(st->side_path);
    json_decref(st->refused_answer);
}

void step_note_undo(struct op_step *st)
{
    const struct action *a = st->action;
    struct act_ctx c;
    struct str args;
    if (!a->undo || !st->before || st->stays)
        return;
    str_init(&args, 65536);
    step_ctx(st, &c);
    st->undo_id = a->undo(&c, &args);
    mem_free(st->undo_args);
    st->undo_args = str_take(&args);
    if (!st->undo_args && args.failed)
        st->undo_id = NULL;
    str_release(&args);
}

/* Said at once, and once: what comes after it is refused before it is sent. */
static void say_unwritten(struct op_step *st)
{
    const char *trouble = journal_trouble(audit_journal(st->op->core->audit));
    if (!*trouble || st->op->unwritten)
        return;
    st->op->unwritten = true;
    op_fact(st->op, FACT_DANGER, st->index, trouble);
    source_notice(st->src, HEALTH_BAD, clock_wall_ms(), "NOT WRITTEN DOWN, kept in memory: %s", trouble);
}

void step_end(struct op_step *st, enum step_state state, const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    step_note(st, "%s", text);
    st->state = state;
    st->ended_ms = clock_mono_ms();
    if ((state == STEP_FAILED || state == STEP_UNSURE) && !st->err.code)
        err_set(&st->err, state == STEP_FAILED ? ERR_REQUEST : ERR_TIMEOUT, 0, "%s", text);
    if (state == STEP_DONE || state == STEP_UNSURE || st->accepted || st->action->compound)
        step_note_undo(st);
    else
        st->undo_id = NULL;                    /* nothing of it was done */
    step_say_on(st);
    since_ended(st);
    if (st->open_intent || st->action->compound)
        audit_step_end(st->op->core->audit, st, step_state_name(state));
    st->open_intent = false;
    say_unwritten(st);
    forget_all(st);
    st->busy = false;
    op_changed(st->op);
    op_pump_soon(st->op);
    if (st->parent != UINT32_MAX)
        compound_poke(st);
}
