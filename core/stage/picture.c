/* The picture of a stage: everything a view needs, copied into one snapshot. */
#include <stdio.h>
#include <string.h>

#include "core/stage/stage_priv.h"
#include "strata/clock.h"

struct stage_snap *stage_picture(struct stage *st)
{
    struct stage_snap *s = stage_snap_new();
    if (!s)
        return NULL;
    const struct plan *p = &st->found.plan;
    struct arena *a = stage_snap_arena(s);
    s->id = st->id;
    s->phase = st->phase;
    s->now_us = clock_mono_us();
    s->protected_ = st->protected_;
    memcpy(s->title, st->title, sizeof s->title);
    memcpy(s->chosen, st->found.chosen, sizeof s->chosen);
    memcpy(s->status, st->status, sizeof s->status);
    memcpy(s->refusal, st->refusal, sizeof s->refusal);
    struct stage_fact *facts = arena_alloc(a, (p->nfacts + 1) * sizeof *facts);
    if (!facts || !stage_snap_set_runs(s, st->runs, st->nruns)) {
        stage_snap_unref(s);
        return NULL;
    }
    memcpy(facts, p->fact, p->nfacts * sizeof *facts);
    s->fact = facts;
    s->nfacts = p->nfacts;
    return s;
}
