/* The words of a run's parts: milestones, clocks, strips. Pure: the same raw fields give the same words, also after an export. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/stage/numbers.h"
#include "strata/text.h"

static const char *const class_names[STAGE_CLASSES] = {
    [STAGE_OK] = "ok", [STAGE_HTTP_5XX] = "http_5xx", [STAGE_HTTP_4XX] = "http_4xx", [STAGE_REFUSED_CONN] = "refused",
    [STAGE_RESET] = "reset", [STAGE_TIMEOUT] = "timeout", [STAGE_DNS] = "dns", [STAGE_OTHER] = "other",
    [STAGE_NOT_SENT] = "not_sent", [STAGE_PENDING] = "pending",
};
static const char *const class_texts[STAGE_CLASSES] = {
    [STAGE_OK] = "ok", [STAGE_HTTP_5XX] = "HTTP 5xx", [STAGE_HTTP_4XX] = "HTTP 4xx", [STAGE_REFUSED_CONN] = "connection refused",
    [STAGE_RESET] = "connection reset", [STAGE_TIMEOUT] = "timed out", [STAGE_DNS] = "name not found", [STAGE_OTHER] = "unreachable",
    [STAGE_NOT_SENT] = "not sent", [STAGE_PENDING] = "no answer yet",
};

const char *stage_class_name(enum stage_class c)
{
    return c < STAGE_CLASSES ? class_names[c] : "other";
}

const char *stage_class_words(enum stage_class c)
{
    return c < STAGE_CLASSES ? class_texts[c] : "unreachable";
}

void seconds_text(char *buf, size_t size, int64_t us)
{
    if (us < 10000 && us > -10000)
        snprintf(buf, size, "%.1f ms", (double)us / 1000);
    else if (us < 1000000 && us > -1000000)
        snprintf(buf, size, "%" PRId64 " ms", us / 1000);
    else
        snprintf(buf, size, "%.2f s", (double)us / 1000000);
}

/* ---- clocks ---- */

void clocks_from_samples(struct stage_clock *c, enum stage_whose whose, const struct stage_strip *strips, size_t n)
{
    struct theta t = {.known = false};
    for (size_t i = 0; i < n; i++) {
        bool api = strips[i].kind == STAGE_P3, cloud = strips[i].kind == STAGE_P1 || strips[i].kind == STAGE_P2;
        if (whose == STAGE_CLOCK_API ? !api : !cloud)
            continue;
        for (size_t k = 0; k < strips[i].n; k++)
            theta_add(&t, strips[i].sample[k].theta_lo_ms, strips[i].sample[k].theta_hi_ms);
    }
    *c = (struct stage_clock){.whose = (uint8_t)whose, .known = t.known, .stepped = t.steps > 0, .lo_ms = t.lo_ms, .hi_ms = t.hi_ms};
    snprintf(c->name, sizeof c->name, whose == STAGE_CLOCK_API ? "API server" : "OpenStack API");
    clock_words(c);
}

void clock_words(struct stage_clock *c)
{
    if (!c->known) {
        snprintf(c->words, sizeof c->words, "not known: no answer with a date");
        return;
    }
    if (c->hi_ms == INT64_MAX) {
        snprintf(c->words, sizeof c->words, c->lo_ms < 0 ? "at most %.1f s behind ours, or ahead" : "at least %.1f s ahead of ours",
                 (double)(c->lo_ms < 0 ? -c->lo_ms : c->lo_ms) / 1000);
        return;
    }
    double mid = (double)(c->lo_ms + c->hi_ms) / 2000, half = (double)(c->hi_ms - c->lo_ms) / 2000;
    if (c->lo_ms <= 0 && c->hi_ms >= 0)
        snprintf(c->words, sizeof c->words, "agrees with ours within %.2f s%s", (double)(c->hi_ms > -c->lo_ms ? c->hi_ms : -c->lo_ms) / 1000,
                 c->stepped ? "; it was set during the run" : "");
    else
        snprintf(c->words, sizeof c->words, "%.2f s %s (+/- %.2f s)%s", mid < 0 ? -mid : mid, mid < 0 ? "behind ours" : "ahead of ours", half,
                 c->stepped ? "; it was set during the run" : "");
}

static const struct stage_clock *clock_of(const struct stage_run *r, enum stage_whose whose)
{
    char name[160];
    snprintf(name, sizeof name, "node %.120s", r->node);
    for (size_t i = 0; i < r->nclocks; i++) {
        const struct stage_clock *c = &r->clock[i];
        if (c->whose == whose && c->known && (whose != STAGE_CLOCK_NODE || !strcmp(c->name, name)))
            return c;
    }
    return NULL;
}

/* ---- milestones ---- */

void milestone_titles(struct stage_run *r)
{
    static const struct { const char *id, *title; } names[STAGE_MILESTONES] = {
        {"T0", "delete accepted"}, {"T1", "endpoint withdrawn"}, {"T2", "replacement exists"}, {"T3", "scheduled"},
        {"T4", "sandbox up"}, {"T5", "init done"}, {"T6", "containers running"}, {"T7", "ready"}, {"T8", "endpoint back"},
        {"T9", "API whole again"}, {"T10", "old pod gone"}, {"T11", "agents settled"},
    };
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        r->milestone[i].id = names[i].id;
        r->milestone[i].title = names[i].title;
    }
}

/* The server's stamp on our time axis, us after T0: an interval. false: nobody knows. */
static bool server_interval(const struct stage_run *r, const struct stage_milestone *m, int64_t *lo_us, int64_t *hi_us)
{
    const struct stage_clock *c = m->server_ms == CELL_NONE ? NULL : clock_of(r, m->clock);
    if (!c || c->stepped || c->hi_ms == INT64_MAX || !r->t0_us)
        return false;
    *lo_us = (m->server_ms - c->hi_ms - r->started_ms) * 1000;
    *hi_us = (m->server_ms + m->server_trunc_ms - c->lo_ms - r->started_ms) * 1000;
    return true;
}

static bool was_seen(const struct stage_milestone *m)
{
    return m->seen == STAGE_SEEN || m->seen == STAGE_SEEN_LATE;
}

static void value_words(const struct stage_run *r, struct stage_milestone *m)
{
    double at = (double)(m->at_us - r->t0_us) / 1000000;
    switch (m->seen) {
    case STAGE_WAITING: snprintf(m->value, sizeof m->value, "waiting"); break;
    case STAGE_SEEN:                   /* counted from the earliest moment at which it may have been accepted */
        snprintf(m->value, sizeof m->value, r->milestone[STAGE_T0].seen == STAGE_SEEN_LATE ? "<= +%.3f s" : "+%.3f s", at);
        break;
    case STAGE_SEEN_LATE: snprintf(m->value, sizeof m->value, "<= +%.3f s", at); break;
    case STAGE_NOT_EXPECTED: snprintf(m->value, sizeof m->value, "-"); break;
    case STAGE_UNKNOWN: snprintf(m->value, sizeof m->value, "not seen"); break;
    }
}

static void server_words(const struct stage_run *r, struct stage_milestone *m)
{
    static const char *const whose[] = {"", "API server", "node", "cloud"};
    char when[40];
    int64_t lo, hi;
    m->server[0] = '\0';
    m->skewed = false;
    if (!was_seen(m) || m->server_ms == CELL_NONE || m->clock > STAGE_CLOCK_CLOUD)
        return;
    text_format_time(when, sizeof when, m->server_ms);
    const char *clock = strchr(when, 'T') ? strchr(when, 'T') + 1 : when;
    if (!server_interval(r, m, &lo, &hi)) {
        snprintf(m->server, sizeof m->server, "%s %s", whose[m->clock], clock);
        return;
    }
    /* it cannot have happened after we knew it, nor before we asked for it */
    m->skewed = lo > m->at_us - r->t0_us || hi < -60000000;
    snprintf(m->server, sizeof m->server, "%s %s = %+.1f s +/- %.1f s%s", whose[m->clock], clock, (double)(lo + hi) / 2000000,
             (double)(hi - lo) / 2000000, m->skewed ? ", skewed" : "");
}

/* Two stamps in the other order than they arrived, beyond their uncertainty: one of them lies; the arrival counts. */
static void order_words(struct stage_run *r)
{
    for (size_t i = 0; i < STAGE_MILESTONES; i++)
        for (size_t k = 0; k < STAGE_MILESTONES; k++) {
            struct stage_milestone *a = &r->milestone[i], *b = &r->milestone[k];
            int64_t alo, ahi, blo, bhi;
            if (!was_seen(a) || !was_seen(b) || a->at_us >= b->since_us || a->clock == b->clock || !server_interval(r, a, &alo, &ahi) ||
                !server_interval(r, b, &blo, &bhi) || alo <= bhi || b->skewed)
                continue;
            size_t n = strlen(b->server);
            b->skewed = true;
            snprintf(b->server + n, sizeof b->server - n, ", skewed");
        }
}

void milestone_words(struct stage_run *r)
{
    milestone_titles(r);
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        value_words(r, &r->milestone[i]);
        server_words(r, &r->milestone[i]);
    }
    order_words(r);
}

/* ---- strips ---- */

static void reasons(const struct stage_numbers *n, char *buf, size_t size)
{
    *buf = '\0';
    for (int c = STAGE_HTTP_5XX; c <= STAGE_OTHER; c++) {
        size_t at = strlen(buf);
        if (n->by_class[c])
            snprintf(buf + at, size - at, "%s%s %u", at ? ", " : "", stage_class_words((enum stage_class)c), n->by_class[c]);
    }
}

/* "down for at least 1.80 s and at most 2.20 s"; of several outages the longest. */
static void down_words(const struct stage_strip *s, enum strip_when when, char *buf, size_t size)
{
    const struct stage_numbers *n = &s->num;
    char lo[24], hi[24], many[60] = "down for";
    seconds_text(lo, sizeof lo, n->outage_lo_us);
    seconds_text(hi, sizeof hi, n->outage_hi_us);
    if (n->outages > 1)
        snprintf(many, sizeof many, "%u outages, the longest of", n->outages);
    if (n->failing_before)
        snprintf(buf, size, "but it was failing before the delete");
    else if (n->outage_hi_us < 0)
        snprintf(buf, size, "%s at least %s, and not back %s", many, lo, when == STRIP_RUNNING ? "yet" : "at the end");
    else
        snprintf(buf, size, "%s at least %s and at most %s", many, lo, hi);
}

void strip_words(struct stage_strip *s, enum strip_when when)
{
    const struct stage_numbers *n = &s->num;
    char blind[24], why[120], down[160], unsent[40] = "";
    if (*s->note) {
        snprintf(s->words, sizeof s->words, "%s", s->note);
        return;
    }
    seconds_text(blind, sizeof blind, n->blind_us > s->period_us ? n->blind_us : s->period_us);
    if (when == STRIP_BEFORE) {
        char p50[24];
        seconds_text(p50, sizeof p50, n->before_p50_us);
        snprintf(s->words, sizeof s->words, n->before_p50_us < 0 ? "no answer yet" : n->failing_before ? "failing already" : "answers in %s (median)", p50);
        return;
    }
    if (n->not_sent)
        snprintf(unsent, sizeof unsent, ", %u not sent", n->not_sent);
    if (!n->sent) {
        snprintf(s->words, sizeof s->words, "0 of 0 failed%s: nothing was measured", unsent);
        return;
    }
    if (!n->failed) {
        snprintf(s->words, sizeof s->words, "0 of %u failed%s (an outage shorter than %s cannot be excluded)", n->sent, unsent, blind);
        return;
    }
    reasons(n, why, sizeof why);
    down_words(s, when, down, sizeof down);
    snprintf(s->words, sizeof s->words, "%u of %u failed (%s)%s%s %s", n->failed, n->sent, why, unsent, n->failing_before ? "," : ":", down);
    size_t at = strlen(s->words);
    if (numbers_holes(s))
        snprintf(s->words + at, sizeof s->words - at, "; another one shorter than %s cannot be excluded", blind);
}
