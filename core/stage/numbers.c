/* Numbers from samples alone: what a probe strip says about an outage, and with what certainty. */
#include "core/stage/numbers.h"

#include <stdlib.h>
#include <string.h>

#include "strata/mem.h"

size_t slots_due(struct slots *s, int64_t now_us)
{
    if (now_us < s->next_us)
        return 0;
    size_t n = (size_t)((now_us - s->next_us) / s->period_us) + 1;
    s->next_us += (int64_t)n * s->period_us;
    return n;
}

bool slot_too_late(const struct slots *s, int64_t slot_us, int64_t now_us)
{
    return now_us - slot_us > s->period_us / 2;
}

bool sample_known(const struct stage_sample *x)
{
    return x->class != STAGE_PENDING && x->class != STAGE_NOT_SENT;
}

bool sample_failed(const struct stage_strip *s, size_t i)
{
    const struct stage_sample *x = &s->sample[i];
    if (!sample_known(x) || x->class == STAGE_OK)
        return false;
    if (s->kind == STAGE_P2 && x->status == 401) {       /* the first of a row: the token is renewed; others left with the same one */
        const struct stage_sample *first = x;
        while (i-- > 0 && (!sample_known(&s->sample[i]) || s->sample[i].status == 401))
            if (sample_known(&s->sample[i]))
                first = &s->sample[i];
        return first->done_us <= x->sent_us;
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Nearest rank; -1 without data. */
static int64_t percentile(const int64_t *sorted, size_t n, unsigned p)
{
    size_t rank = (n * p + 99) / 100;
    return n ? sorted[rank ? rank - 1 : 0] : -1;
}

/* Latency counts from the slot: a probe sent late has waited, too. Failed ones count with the time they took. */
static void latencies(const struct stage_strip *s, int64_t from_us, int64_t to_us, int64_t *p50, int64_t *p99)
{
    size_t n = 0;
    int64_t *v = mem_alloc((s->n + 1) * sizeof *v);
    *p50 = *p99 = -1;
    for (size_t i = 0; v && i < s->n; i++) {
        const struct stage_sample *x = &s->sample[i];
        if (x->slot_us >= from_us && x->slot_us < to_us && sample_known(x) && x->done_us)
            v[n++] = x->done_us - x->slot_us;
    }
    if (v) {
        qsort(v, n, sizeof *v, compare);
        *p50 = percentile(v, n, 50);
        *p99 = percentile(v, n, 99);
    }
    mem_free(v);
}

/* ---- outages ---- */

struct scan {                          /* from the newest sample back to the delete */
    int64_t after_us;                  /* the earliest end of a good answer to a later probe; 0 = none */
    uint32_t run;                      /* failed ones in a row, no good one in between */
    int64_t run_after_us, last_slot_us, first_slot_us;
    int64_t from_us, to_us, proven_us; /* of the failures with no unsent slot in between */
};

/* A failed probe proves one moment between its sending and its end, one without an answer the whole time. */
static void proves(struct scan *c, const struct stage_sample *x)
{
    bool silent = x->class == STAGE_TIMEOUT;
    int64_t from = silent ? x->sent_us : x->done_us, to = silent ? x->done_us : x->sent_us;
    if (c->run_after_us && to > c->run_after_us)
        to = c->run_after_us;          /* another one was answered meanwhile */
    if (!c->from_us || from < c->from_us)
        c->from_us = from;
    if (to > c->to_us)
        c->to_us = to;
}

/* What was not sent proves nothing: the failures at its two sides may be two outages. */
static void end_proof(struct scan *c)
{
    if (c->from_us && c->to_us - c->from_us > c->proven_us)
        c->proven_us = c->to_us - c->from_us;
    c->from_us = c->to_us = 0;
}

/* At most from the sending of the last good one before to the end of the first good one after. */
static void end_run(struct stage_numbers *n, struct scan *c, int64_t before_us)
{
    if (!c->run)
        return;
    end_proof(c);
    n->outages++;
    if (c->proven_us > n->outage_lo_us)
        n->outage_lo_us = c->proven_us;
    if (!c->run_after_us)
        n->outage_hi_us = -1;          /* no end seen */
    else if (n->outage_hi_us >= 0 && c->run_after_us - before_us > n->outage_hi_us)
        n->outage_hi_us = c->run_after_us - before_us;
    if (c->run >= n->longest_run) {
        n->longest_run = c->run;
        n->longest_run_us = c->last_slot_us - c->first_slot_us;
    }
    *c = (struct scan){.after_us = c->after_us};
}

static void failure(struct scan *c, const struct stage_sample *x)
{
    if (!c->run++) {
        c->run_after_us = c->after_us;
        c->last_slot_us = x->slot_us;
    }
    c->first_slot_us = x->slot_us;
    proves(c, x);
}

/* Between two good answers with no failure in between an outage may hide. */
static void hidden(struct stage_numbers *n, int64_t from_us, int64_t to_us)
{
    if (to_us - from_us > n->blind_us)
        n->blind_us = to_us - from_us;
}

static void outages(struct stage_numbers *n, const struct stage_strip *s, int64_t t0_us, int64_t t9_us, int64_t end_us)
{
    struct scan c = {.run = 0};
    size_t i = s->n;
    int64_t edge = t9_us < end_us ? t9_us : end_us;
    while (i-- > 0) {
        const struct stage_sample *x = &s->sample[i];
        int64_t from = x->sent_us > t0_us ? x->sent_us : t0_us, to = c.after_us ? c.after_us : edge;
        if (x->class == STAGE_NOT_SENT) {
            end_proof(&c);
        } else if (x->class == STAGE_OK) {
            if (!c.run && from < edge && to != INT64_MAX)
                hidden(n, from, to);
            end_run(n, &c, x->sent_us);
            if (!c.after_us || x->done_us < c.after_us)
                c.after_us = x->done_us;
            if (x->slot_us < t0_us)
                return;
        } else if (x->slot_us >= t0_us && x->slot_us <= end_us && sample_failed(s, i)) {
            failure(&c, x);
        }
    }
    if (!c.run && s->n && (c.after_us || edge != INT64_MAX))       /* nothing good before the delete */
        hidden(n, t0_us, c.after_us ? c.after_us : edge);
    end_run(n, &c, t0_us);
}

bool numbers_holes(const struct stage_strip *s)
{
    return s->num.not_sent || s->num.blind_us > 3 * s->period_us;
}

void numbers_make(struct stage_numbers *n, const struct stage_strip *s, int64_t t0_us, int64_t t9_us, int64_t end_us)
{
    uint32_t before = 0, before_failed = 0;
    *n = (struct stage_numbers){.before_p50_us = -1, .before_p99_us = -1, .during_p50_us = -1, .during_p99_us = -1};
    int64_t to = t9_us ? t9_us : INT64_MAX, end = end_us ? end_us : INT64_MAX;
    for (size_t i = 0; i < s->n; i++) {
        const struct stage_sample *x = &s->sample[i];
        bool failed = sample_failed(s, i);
        if ((!t0_us || x->slot_us < t0_us) && sample_known(x)) {
            before++;
            before_failed += failed;
        }
        if (!t0_us || x->slot_us < t0_us || x->slot_us > to)
            continue;
        bool renewed = x->status == 401 && sample_known(x) && !failed;
        n->by_class[x->class < STAGE_CLASSES ? x->class : STAGE_OTHER] += !renewed;
        n->reauth += renewed;
        if (x->class == STAGE_NOT_SENT) {
            n->not_sent++;
        } else if (x->class == STAGE_PENDING) {
            n->pending++;
        } else {
            n->sent++;
            n->failed += failed;
            n->ok += x->class == STAGE_OK;
        }
    }
    n->failing_before = before && before_failed * 2 > before;
    latencies(s, INT64_MIN, t0_us ? t0_us : INT64_MAX, &n->before_p50_us, &n->before_p99_us);
    if (!t0_us)
        return;
    latencies(s, t0_us, to, &n->during_p50_us, &n->during_p99_us);
    outages(n, s, t0_us, to, end);
}

int64_t numbers_whole(const struct stage_strip *s, int64_t t_us, unsigned k, int64_t *since_us)
{
    unsigned ok = 0;
    bool hole = false;
    int64_t since = 0, last = t_us;
    for (size_t i = 0; i < s->n; i++) {
        const struct stage_sample *x = &s->sample[i];
        if (x->slot_us < t_us)
            continue;
        hole |= x->class == STAGE_NOT_SENT;
        if (!sample_known(x))
            continue;
        if (x->class != STAGE_OK && sample_failed(s, i)) {
            ok = 0;
            since = 0;
            last = x->sent_us;
            hole = false;
        } else if (x->class == STAGE_OK && !ok++) {
            since = x->done_us;
            *since_us = hole ? last : since;
        }
    }
    return ok >= k ? since : 0;
}
