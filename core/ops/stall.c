/* A request that gets no answer for a while: whoever waits for the operation is told of whom, how long, and for how long still. */
#include <stdio.h>

#include "core/ops/op.h"
#include "strata/clock.h"

#define STALL_MS 10000
#define AGAIN_MS 5000

static void look(void *arg)
{
    struct op_step *st = arg;
    int64_t left = STALL_MS - (clock_mono_ms() - st->asked_ms);
    bool was = st->stalled;
    st->stall = NULL;
    st->stalled = st->call && left <= 0;
    if (st->stalled || was)
        op_changed(st->op);
    if (st->call)
        st->stall = net_timer(st->src->net, left > 0 ? left : AGAIN_MS, look, st);
}

bool step_call(struct op_step *st, struct source *src, const struct call_req *rq, struct err *err)
{
    st->call = source_call(src, rq, err);
    st->asked_of = src;
    st->asked_ms = clock_mono_ms();
    if (st->call && !st->stall)                /* of the one before: it looks at this one, too */
        st->stall = net_timer(st->src->net, STALL_MS, look, st);
    return st->call != NULL;
}

bool step_stalled(const struct op_step *st, char *words, size_t size)
{
    int64_t silent = clock_mono_ms() - st->asked_ms;
    if (!st->call || !st->asked_of || silent < STALL_MS)
        return false;
    int64_t left = (st->asked_of->info.plane == PLANE_KUBE ? CALL_KUBE_MS : CALL_OSTK_MS) - silent;
    snprintf(words, size, "no answer from %.80s for %lld s, waiting at most %lld s more", st->asked_of->info.name, (long long)silent / 1000,
             (long long)(left > 0 ? left + 999 : 0) / 1000);
    return true;
}
