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
    if (s->kind == STAGE_P2 && x->status == 401) {       /* the first of a row: the token is renewed */
        while (i-- > 0)
            if (sample_known(&s->sample[i]))
                return s->sample[i].status == 401;
        return false;
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

/* A probe proves one moment between its sending and its end. So it failed at least from the end of the first failed one to
 * the sending of the last, and at most from the sending of the last good one before to the end of the first good one after. */
static void outage(struct stage_numbers *n, const struct stage_strip *s, int64_t t0_us, int64_t end_us)
{
    size_t first = s->n, last = 0;
    uint32_t run = 0;
    size_t run_from = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct stage_sample *x = &s->sample[i];
        if (x->slot_us < t0_us || x->slot_us > end_us || !sample_known(x))
            continue;
        if (!sample_failed(s, i)) {
            run = 0;
            continue;
        }
        if (first == s->n)
            first = i;
        last = i;
        if (!run++)
            run_from = i;
        if (run > n->longest_run) {
            n->longest_run = run;
            n->longest_run_us = x->slot_us - s->sample[run_from].slot_us;
        }
    }
    if (first == s->n)
        return;
    int64_t before = t0_us, after = 0;
    for (size_t i = first; i-- > 0;)
        if (s->sample[i].class == STAGE_OK) {
            before = s->sample[i].sent_us;
            break;
        }
    for (size_t i = last + 1; i < s->n && !after; i++)
        if (s->sample[i].class == STAGE_OK)
            after = s->sample[i].done_us;
    n->outage_lo_us = s->sample[last].sent_us - s->sample[first].done_us;
    if (n->outage_lo_us < 0)
        n->outage_lo_us = 0;
    n->outage_hi_us = after ? after - before : -1;       /* -1: no end seen */
}

void numbers_make(struct stage_numbers *n, const struct stage_strip *s, int64_t t0_us, int64_t t9_us, int64_t end_us)
{
    uint32_t before = 0, before_failed = 0;
    *n = (struct stage_numbers){.before_p50_us = -1, .before_p99_us = -1, .during_p50_us = -1, .during_p99_us = -1};
    int64_t to = t9_us ? t9_us : INT64_MAX, end = end_us ? end_us : INT64_MAX;
    for (size_t i = 0; i < s->n; i++) {
        const struct stage_sample *x = &s->sample[i];
        bool failed = sample_failed(s, i);
        if (x->slot_us < t0_us && sample_known(x)) {
            before++;
            before_failed += failed;
        }
        if (!t0_us || x->slot_us < t0_us || x->slot_us > to)
            continue;
        n->by_class[x->class < STAGE_CLASSES ? x->class : STAGE_OTHER]++;
        n->reauth += x->status == 401 && sample_known(x) && !failed;
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
    outage(n, s, t0_us, end);
}

int64_t numbers_whole(const struct stage_strip *s, int64_t t_us, unsigned k)
{
    unsigned ok = 0;
    int64_t since = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct stage_sample *x = &s->sample[i];
        if (x->slot_us < t_us || !sample_known(x))
            continue;
        if (x->class != STAGE_OK && sample_failed(s, i)) {
            ok = 0;
            since = 0;
        } else if (x->class == STAGE_OK && !ok++) {
            since = x->done_us;
        }
    }
    return ok >= k ? since : 0;
}
