/*
 * Canceling: nothing more is begun. What is under way is followed as long as there is news of it; then it is told as it stands and
 * left, so that the end does not wait for what may never come, as pods that fit nowhere. Operations of many steps know themselves
 * what must not be left half done (compound.h).
 */
#include "core/ops/op.h"
#include "strata/clock.h"

#define LOOK_MS 500
#define NO_NEWS_MS 5000

static void leave(struct op_step *st)
{
    bool watching = st->state == STEP_WATCHING, accepted = st->accepted;
    const char *note = st->note ? st->note : "";
    step_stop(st);
    if (watching && accepted)
        step_end(st, STEP_UNSURE, "canceled: it was accepted, and its end not seen: %s", *note ? note : "nothing is known of it yet");
    else if (watching)
        step_end(st, STEP_UNSURE, "canceled: nobody knows whether it was done: %s", note);
    else
        step_end(st, STEP_CANCELED, "canceled before it was %ssent%s%s", st->sends ? "again " : "", *note ? ": " : "", note);
}

static void look(void *arg)
{
    struct op *op = arg;
    int64_t now = clock_mono_ms();
    op->hurry = NULL;
    if (op->over || op->core->closing)
        return;
    for (size_t i = 0; i < op->ntargets; i++) {
        struct op_step *st = &op->steps[i];
        bool reading = st->state == STEP_READING && !st->open_intent && st->pending == PENDING_NO;
        int64_t last = st->news_ms > op->canceled_ms ? st->news_ms : op->canceled_ms;
        if (st->busy && !st->action->compound && (reading || st->state == STEP_WATCHING) && now - last >= NO_NEWS_MS)
            leave(st);
    }
    op->hurry = net_timer(op->core->net, LOOK_MS, look, op);
}

void op_cancel(struct op *op, bool undo)
{
    bool many = op->ntargets && op->steps[0].action->compound;
    op->canceled_ms = op->canceling ? op->canceled_ms : clock_mono_ms();
    op->canceling = true;
    op->undo_canceled |= undo;
    op->paused = false;
    op->state = OPS_CANCELING;
    op_say(op, "canceling: nothing more is begun, what is under way is followed %s", many ? "to its end" : "while there is news of it");
    if (!op->hurry)
        op->hurry = net_timer(op->core->net, LOOK_MS, look, op);
}

void op_cancel_over(struct op *op)
{
    net_timer_cancel(op->core->net, op->hurry);
    net_timer_cancel(op->core->net, op->limit);
    op->hurry = op->limit = NULL;
}
