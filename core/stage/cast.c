/* A run as an asciicast (version 2): what a terminal would have shown, for ordinary players. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/stage/export.h"
#include "core/stage/numbers.h"
#include "strata/mem.h"
#include "strata/text.h"

#define WIDTH 100
#define HEIGHT 32
#define LEAD_US 3000000                /* shown before T0 */
#define TAIL_US 4000000                /* the verdict stands */
#define TIMER_US 200000
#define LONGEST_US ((int64_t)3600 * 1000000)
#define CELLS 78
#define ROW_MILESTONES 4
#define ROW_STRIPS 18
#define ROW_NEWS 27
#define ROW_VERDICT 29

struct frame {
    int64_t at_us;
    size_t seq, from, len;             /* in text */
};

struct cast {
    struct frame *frame;
    size_t n, cap;
    struct str text;
    bool failed;
};

static void put(struct cast *c, int64_t at_us, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void put(struct cast *c, int64_t at_us, const char *fmt, ...)
{
    va_list ap;
    if (!mem_grow(&c->frame, &c->cap, c->n + 1, sizeof *c->frame)) {
        c->failed = true;
        return;
    }
    struct frame *f = &c->frame[c->n];
    *f = (struct frame){.at_us = at_us, .seq = c->n, .from = c->text.len};
    va_start(ap, fmt);
    str_addv(&c->text, fmt, ap);
    va_end(ap);
    f->len = c->text.len - f->from;
    c->n++;
}

/* Never wider than the screen. */
static const char *fit(const char *s, int cells, char *buf, size_t size)
{
    int used;
    size_t n = text_fit(s, strlen(s), cells, &used);
    snprintf(buf, size, "%.*s", (int)n, s);
    return buf;
}

static void still(struct cast *c, const struct stage_run *r, int64_t at)
{
    char buf[400], line[600];
    snprintf(line, sizeof line, "run %u on %.80s: pod %.80s/%.100s of %.120s", r->number, r->cluster, r->ns, r->pod, r->owner);   /* what is cut is the least */
    put(c, at, "\033[2J\033[H\033[1m%s\033[0m", fit(line, WIDTH - 14, buf, sizeof buf));
    for (size_t i = 0; i < STAGE_MILESTONES; i++)
        put(c, at, "\033[%zu;1H\033[2m%-4s %-20s %s\033[0m", ROW_MILESTONES + i, r->milestone[i].id, r->milestone[i].title,
            r->milestone[i].seen == STAGE_NOT_EXPECTED ? "-" : "");
    for (size_t i = 0; i < r->nstrips && i < ROW_NEWS - ROW_STRIPS; i++)
        put(c, at, "\033[%zu;1H%-16s %s", ROW_STRIPS + i, fit(r->strip[i].label, 16, buf, sizeof buf), *r->strip[i].note ? "not probed" : "");
}

static void strip(struct cast *c, const struct stage_strip *s, size_t row, int64_t from, int64_t to, int64_t shift)
{
    size_t k = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct stage_sample *x = &s->sample[i];
        if (x->slot_us < from || x->slot_us > to)
            continue;
        size_t column = 19 + k % CELLS;
        const char *look = x->class == STAGE_OK ? "\033[32m." : !sample_known(x) ? "\033[33m-" : "\033[1;31mX";
        int64_t at = (x->done_us ? x->done_us : x->slot_us) + shift;
        if (k && k % CELLS == 0)       /* full: the row begins again */
            put(c, x->slot_us + shift, "\033[%zu;19H\033[K", ROW_STRIPS + row);
        put(c, at, "\033[%zu;%zuH%s\033[0m", ROW_STRIPS + row, column, look);
        k++;
    }
}

static void play_run(struct cast *c, const struct stage_run *r, int64_t start_us)
{
    char buf[600];
    int64_t t0 = r->t0_us ? r->t0_us : r->end_us, from = t0 - LEAD_US, shift = start_us - from, row = ROW_VERDICT;
    still(c, r, start_us);
    for (int64_t t = from; t <= r->end_us && t < from + LONGEST_US; t += TIMER_US)
        put(c, t + shift, "\033[1;%dH\033[1;36m%8.1f s\033[0m", WIDTH - 10, t < t0 ? 0.0 : (double)(t - t0) / 1000000);
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        const struct stage_milestone *m = &r->milestone[i];
        if (m->seen == STAGE_SEEN || m->seen == STAGE_SEEN_LATE)
            put(c, m->at_us + shift, "\033[%zu;1H\033[32m%-4s %-20s %12s\033[0m  %s\033[K", ROW_MILESTONES + i, m->id, m->title, m->value,
                fit(m->detail, 56, buf, sizeof buf));
    }
    for (size_t i = 0; i < r->nstrips && i < ROW_NEWS - ROW_STRIPS; i++)
        strip(c, &r->strip[i], i, from, r->end_us, shift);
    for (size_t i = 0; i < r->nnotes; i++)
        if (r->note[i].at_us >= from && r->note[i].at_us <= r->end_us)
            put(c, r->note[i].at_us + shift, "\033[%d;1H%s%s\033[0m\033[K", ROW_NEWS, r->note[i].warning ? "\033[33m" : "\033[2m",
                fit(r->note[i].text, WIDTH - 1, buf, sizeof buf));
    for (const char *p = r->headline; *p && row <= HEIGHT; row++) {
        int used;
        size_t n = text_fit(p, strlen(p), WIDTH - 1, &used);
        put(c, r->end_us + shift, "\033[%d;1H\033[1m%.*s\033[0m\033[K", (int)row, (int)n, p);
        p += n;
    }
}

static int compare(const void *a, const void *b)
{
    const struct frame *x = a, *y = b;
    if (x->at_us != y->at_us)
        return x->at_us < y->at_us ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void export_cast(const struct stage_snap *s, const struct stage_run *only, struct str *out)
{
    struct cast c = {.failed = false};
    int64_t at = 0, started = 0;
    str_init(&c.text, (size_t)64 << 20);
    put(&c, 0, "\033[?25l");
    for (size_t i = 0; i < s->nruns; i++) {
        const struct stage_run *r = s->run[i];
        if (only && only != r)
            continue;
        if (!started)
            started = r->started_ms / 1000;
        play_run(&c, r, at);
        at += r->end_us - (r->t0_us ? r->t0_us : r->end_us) + LEAD_US + TAIL_US;
    }
    put(&c, at, "\033[?25h\033[%d;1H", HEIGHT);
    qsort(c.frame, c.n, sizeof *c.frame, compare);
    str_addf(out, "{\"version\":2,\"width\":%d,\"height\":%d,\"timestamp\":%" PRId64 ",\"title\":", WIDTH, HEIGHT, started);
    char title[300];                   /* which of the runs are in it */
    snprintf(title, sizeof title, only && s->nruns > 1 ? "%s, run %u" : s->nruns > 1 ? "%s, runs 1 to %u" : "%s", s->title, only ? only->number : (unsigned)s->nruns);
    str_add_json(out, title, strlen(title));
    str_adds(out, "}\n");
    for (size_t i = 0; i < c.n; i++) {
        str_addf(out, "[%.6f,\"o\",", (double)(c.frame[i].at_us < 0 ? 0 : c.frame[i].at_us) / 1000000);
        str_add_json(out, c.text.data + c.frame[i].from, c.frame[i].len);
        str_adds(out, "]\n");
    }
    out->failed |= c.failed || c.text.failed;
    str_release(&c.text);
    mem_free(c.frame);
}
