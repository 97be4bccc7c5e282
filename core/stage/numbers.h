/*
 * Purpose:   from samples to numbers: slots, outage bounds, percentiles, when the API was whole again; clock offsets from
 *            Date headers and leases. Pure.
 * Thread:    any.
 * Ownership: values.
 * Units:     us of the local monotonic clock; offsets in ms, server minus local.
 */
#ifndef STRATA_STAGE_NUMBERS_H
#define STRATA_STAGE_NUMBERS_H

#include "core/stage/stage_priv.h"

/* ---- slots: absolute, no coordinated omission ---- */
struct slots {
    int64_t next_us, period_us;
};
/* How many slots at or before now_us are due; the first of them is slots->next_us. Advances. */
size_t slots_due(struct slots *s, int64_t now_us);
/* A slot taken so late is not sent any more: half a period. */
bool slot_too_late(const struct slots *s, int64_t slot_us, int64_t now_us);

/* ---- numbers of a strip ---- */
bool sample_failed(const struct stage_strip *s, size_t i);      /* a renewed token's one 401 (P2) is no failure */
bool sample_known(const struct stage_sample *x);                /* neither pending nor not sent */
/* In [t0, t9]; t9 0 = up to the last sample. end_us: outages are looked for up to there (0 = the last). */
void numbers_make(struct stage_numbers *n, const struct stage_strip *s, int64_t t0_us, int64_t t9_us, int64_t end_us);
/* Slots were not sent, or answers came so late that an outage of several slots may hide between good ones. */
bool numbers_holes(const struct stage_strip *s);
/* From when on this strip answers without a failure, at least k in a row; 0 = not yet. Not before t_us.
 * since_us: earlier, if slots before that answer were not sent. */
int64_t numbers_whole(const struct stage_strip *s, int64_t t_us, unsigned k, int64_t *since_us);

/* ---- clock offsets ---- */
struct theta {
    int64_t lo_ms, hi_ms;
    bool known;
    unsigned steps;                    /* how often an exchange contradicted all before */
};
void theta_add(struct theta *t, int64_t lo_ms, int64_t hi_ms);
/* "Sun, 06 Nov 1994 08:49:37 GMT" in ms since 1970 (the form servers must send). */
bool http_date(const char *s, int64_t *ms);
/* A Date header (whole seconds, ms) of an exchange between these local wall times (us). */
void theta_date(int64_t date_ms, int64_t sent_wall_us, int64_t got_wall_us, int64_t *lo_ms, int64_t *hi_ms);

#define NODE_LEASES 20
struct node_theta {                    /* a node's clock from its lease */
    int64_t lo_ms[NODE_LEASES], api_ms[NODE_LEASES];       /* renewTime minus arrival; renewTime minus the write's time at the API server */
    size_t n;                          /* the newest last */
};
/* renew_ms: node clock; arrived_wall_us: ours; written_ms: managedFields time, API server's clock, whole seconds; CELL_NONE if none */
void node_theta_add(struct node_theta *t, int64_t renew_us, int64_t arrived_wall_us, int64_t written_ms);
/* lo always, hi only with api known (else INT64_MAX). false: no lease yet. */
bool node_theta_bounds(const struct node_theta *t, const struct theta *api, int64_t *lo_ms, int64_t *hi_ms);

#endif
