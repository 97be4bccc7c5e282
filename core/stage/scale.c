/* "Now with one replica": scales the workload on the stage, through the guard and the journal, and waits until it is so. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/op.h"
#include "core/stage/live.h"
#include "strata/clock.h"

#define PATIENCE_US 120000000

static void scaled(void *arg, const struct op_told *t)
{
    struct stage *st = arg;
    if (t->what != OP_ENDED)
        return;
    if (t->state != OPS_DONE)
        st->live->scaled_us = 0;
    stage_say(st, "%.300s", t->text ? t->text : "scaled");
}

void stage_run_scale(struct stage *st, int64_t replicas, bool confirmed_name)
{
    struct live *l = st->live;
    const struct look_result *f = &st->found;
    struct err err = ERR_INIT;
    if (!l || (st->phase != STAGE_READY && st->phase != STAGE_DONE) || l->wanted || l->running || l->scaled_us)
        return;
    if (!f->workload) {
        stage_say(st, "nothing owns the pod: there is nothing to scale");
        return;
    }
    char count[24];
    snprintf(count, sizeof count, "%" PRId64, replicas);
    struct op_arg args[] = {{"replicas", count}};
    struct op_inside op = {.action = "scale", .source = st->source, .kind = f->workload, .scope = f->plan.ns, .name = f->workload_name,
                           .uid = f->workload_uid, .args = args, .nargs = 1, .confirmed_name = confirmed_name, .told = scaled, .arg = st};
    l->scale_to = replicas;
    l->scaled_us = clock_mono_us();
    if (!op_inside(st->core, &op, &err)) {
        l->scaled_us = 0;
        stage_say(st, "%.190s", err.msg);
    }
}

/* Once as many pods are ready and no other is left, the plan is made anew: for one of them. */
void stage_scale_tick(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    const struct machine *m = &l->machine;
    int64_t ready = 0, others = 0;
    if (!l->scaled_us || l->wanted || l->running || !l->watch[WATCH_PODS].up)
        return;
    for (size_t i = 0; i < m->npods; i++)
        if (!strcmp(m->pod[i].owner_uid, m->owner_uid)) {
            bool good = m->pod[i].show.ready && !m->pod[i].show.terminating;
            ready += good;
            others += !good;
        }
    if (ready == l->scale_to && !others) {
        l->scaled_us = 0;
        stage_say(st, "%" PRId64 " of %" PRId64 " ready", ready, ready);
        stage_look_next(st);
    } else if (now - l->scaled_us > PATIENCE_US) {
        stage_say(st, "scaled to %" PRId64 ", but %" PRId64 " are ready after %d s", l->scale_to, ready, PATIENCE_US / 1000000);
        l->scaled_us = 0;
    }
}
