/*
 * Canceling: nothing more is begun. What is under way is followed as long as there is news of it; then it is told as it stands and
 * left, so that the end does not wait for what may never come, as pods that fit nowhere. Operations of many steps know themselves
 * what must not be left half done (compound.h): a step of theirs is left when its server is not heard any more, in a cluster also when
 * there is no news of it. What a cluster has accepted and is to be taken back is left at once: its end would be what nobody wants.
 */
#include "core/ops/op.h"
#include "strata/clock.h"

#define LOOK_MS 500
#define NO_NEWS_MS 5000
#define NOT_HEARD_MS 15000

static bool goes_back(const struct op_step *st, bool watching)
{
    return watching && st->op->undo_canceled && st->accepted && st->undo_id && st->index < st->op->ntargets && st->kind->plane == PLANE_KUBE;
}

static void leave(struct op_step *st)
{
    bool watching = st->state == STEP_WATCHING, accepted = st->accepted;
    const char *note = st->note ? st->note : "";
    step_stop(st);
    if (goes_back(st, watching))
        step_end(st, STEP_UNSURE, "canceled, to be taken back before its end: %s", *note ? note : "nothing is known of it yet");
    else if (watching && accepted && st->action->stays)
        step_end(st, STEP_UNSURE, "canceled, its end was not seen; %s: %s", st->action->stays, *note ? note : "nothing is known of it yet");
    else if (watching && accepted)
        step_end(st, STEP_UNSURE, "canceled: it was accepted, and its end not seen: %s", *note ? note : "nothing is known of it yet");
    else if (watching)
        step_end(st, STEP_UNSURE, "canceled: nobody knows whether it was done: %s", note);
    else
        step_end(st, STEP_CANCELED, "canceled before it was %ssent%s%s", st->sends ? "again " : "", *note ? ": " : "", note);
}

static bool since(const struct op_step *st, int64_t last_ms, int64_t patience_ms)
{
    return clock_mono_ms() - (last_ms > st->op->canceled_ms ? last_ms : st->op->canceled_ms) >= patience_ms;
}

bool step_unheard(const struct op_step *st) { return since(st, st->heard_ms, NOT_HEARD_MS); }

static bool silent(const struct op_step *st)
{
    bool part = st->index >= st->op->ntargets && st->kind->plane == PLANE_OPENSTACK;       /* a move tells nothing for minutes */
    return part ? step_unheard(st) : since(st, st->news_ms, NO_NEWS_MS);
}

static void look(void *arg)
{
    struct op *op = arg;
    op->hurry = NULL;
    if (op->over || op->core->closing)
        return;
    for (size_t i = 0; i < op->nsteps && !op->over; i++) {
        struct op_step *st = &op->steps[i];
        bool reading = st->state == STEP_READING && !st->open_intent && st->pending == PENDING_NO;
        if (st->busy && !st->action->compound && (reading || st->state == STEP_WATCHING) && (silent(st) || goes_back(st, st->state == STEP_WATCHING)))
            leave(st);
    }
    if (!op->over)
        op->hurry = net_timer(op->core->net, LOOK_MS, look, op);
}

void op_cancel(struct op *op, bool undo)
{
    bool many = op->ntargets && op->steps[0].action->compound;
    for (size_t i = op->ntargets; i < op->nsteps; i++)
        many &= !op->steps[i].action->stays;
    op->canceled_ms = op->canceling ? op->canceled_ms : clock_mono_ms();
    op->canceling = true;
    op->undo_canceled |= undo;
    op->paused = false;
    op->state = OPS_CANCELING;
    op_say(op, "canceling: nothing more is begun, what is under way is %s",
           many ? "followed to its end" : op->undo_canceled ? "left and taken back where that can be, else followed while there is news of it" : "followed while there is news of it");
    if (!op->hurry)
        op->hurry = net_timer(op->core->net, LOOK_MS, look, op);
}

void op_cancel_over(struct op *op)
{
    net_timer_cancel(op->core->net, op->hurry);
    net_timer_cancel(op->core->net, op->limit);
    op->hurry = op->limit = NULL;
}
