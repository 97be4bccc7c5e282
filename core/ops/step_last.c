/* A step whose operation failed before its end: looked at once more, so that what was sent has the outcome that is seen. */
#include <stdio.h>

#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define LAST_MS 3000               /* so long a server is given for it */

static const char *stands(const struct op_step *st)
{
    return st->accepted || st->pending == PENDING_SENT ? "it was accepted; its end was not waited for" : "it was sent, its answer not seen; its end was not waited for";
}

static void looked(struct op_step *st)
{
    const struct action *a = st->action;
    struct act_ctx c;
    struct str why;
    if (st->op->core->closing)
        return;
    if (st->read_err.code) {
        step_end(st, STEP_UNSURE, "%s: %s", stands(st), st->read_err.msg);
        return;
    }
    str_init(&why, 4096);
    step_ctx(st, &c);
    enum act_seen seen = a->observe ? a->observe(&c, &why) : SEEN_WAIT;
    const char *text = why.data ? why.data : "", *sep = *text ? ": " : "";
    bool sure = st->accepted || st->pending == PENDING_SENT;
    if (seen == SEEN_DONE && !(a->flags & ACTION_TWICE))
        step_end(st, STEP_DONE, "%s%s%s", step_past(st), sep, text);
    else if (seen == SEEN_FAILED && sure)
        step_end(st, STEP_FAILED, "%s", *text ? text : "it did not come to what was promised");
    else if (seen == SEEN_WAIT && !sure && st->obj && a->arrived && a->arrived(&c) == ARRIVED_NO)
        step_end(st, STEP_UNSURE, "it was sent, its answer not seen, and nothing of it is to be seen so far");
    else
        step_end(st, STEP_UNSURE, "%s%s%s", stands(st), sep, text);
    str_release(&why);
}

bool step_last(struct op_step *st)
{
    int64_t now = clock_mono_ms();
    if (st->action->compound)
        return false;
    if (st->last_ms)
        return now - st->last_ms < LAST_MS;
    step_stop(st);
    st->last_ms = now;
    st->busy = st->seeing = true;
    st->state = STEP_WATCHING;
    step_read(st, looked);
    return true;
}

void step_left(struct op_step *st)
{
    char was[600];
    const char *text = st->note && *st->note ? st->note : NULL;
    snprintf(was, sizeof was, "%s%s%s", stands(st), text ? ": " : "", text ? text : "");
    step_stop(st);
    step_end(st, STEP_UNSURE, "%s", was);
}
