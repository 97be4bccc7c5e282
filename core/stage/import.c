/* Reads a run file again: raw fields and samples only; numbers and words are made anew from them. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_rq.h"
#include "core/stage/export.h"
#include "core/stage/numbers.h"
#include "strata/mem.h"

#define BASE_US ((int64_t)1 << 50)     /* where T0 lies on the read axis: nothing before it is negative */
#define MAX_RUNS 64
#define MAX_ITEMS 200000
#define MAX_US ((int64_t)1 << 45)      /* a year */

static int word_index(const char *const *words, int n, const char *word, int dflt)
{
    for (int i = 0; word && i < n; i++)
        if (!strcmp(words[i], word))
            return i;
    return dflt;
}

static int64_t number(const json_t *o, const char *key, int64_t dflt)
{
    const json_t *v = json_object_get(o, key);
    int64_t n = json_is_integer(v) ? json_integer_value(v) : dflt;
    return n > -MAX_US && n < MAX_US ? n : dflt;
}

static uint32_t count(const json_t *o, const char *key)
{
    int64_t n = number(o, key, 0);
    return n > 0 && n < INT32_MAX ? (uint32_t)n : 0;
}

static int64_t moment(const json_t *v)
{
    int64_t n = json_is_integer(v) ? json_integer_value(v) : 0;
    return json_is_integer(v) && n > -MAX_US && n < MAX_US ? BASE_US + n : 0;
}

static void text(char *to, size_t size, const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    stage_text(to, size, s);
}

static void milestones(struct stage_run *r, const json_t *run)
{
    const json_t *list = json_object_get(run, "milestones");
    milestone_titles(r);
    for (size_t i = 0; i < STAGE_MILESTONES; i++)
        r->milestone[i].server_ms = CELL_NONE;
    for (size_t k = 0; k < json_array_size(list); k++) {
        const json_t *m = json_array_get(list, k);
        const char *id = json_string_value(json_object_get(m, "id"));
        for (size_t i = 0; id && i < STAGE_MILESTONES; i++) {
            struct stage_milestone *to = &r->milestone[i];
            if (strcmp(to->id, id))
                continue;
            to->seen = (enum stage_seen)word_index(export_seen, STAGE_UNKNOWN + 1, json_string_value(json_object_get(m, "seen")), STAGE_UNKNOWN);
            to->at_us = moment(json_object_get(m, "at_us"));
            to->since_us = moment(json_object_get(m, "since_us"));
            if ((to->seen == STAGE_SEEN || to->seen == STAGE_SEEN_LATE) && (!to->at_us || !to->since_us))
                to->seen = STAGE_UNKNOWN;
            to->server_ms = number(m, "server_ms", CELL_NONE);
            to->server_trunc_ms = number(m, "server_trunc_ms", 0);
            to->clock = (uint8_t)word_index(export_whose, STAGE_CLOCK_CLOUD + 1, json_string_value(json_object_get(m, "clock")), 0);
            text(to->detail, sizeof to->detail, m, "detail");
        }
    }
}

static void sample(struct stage_sample *x, const json_t *v)
{
    const char *class = json_string_value(json_array_get(v, 3));
    const json_t *lo = json_array_get(v, 5), *hi = json_array_get(v, 6);
    *x = (struct stage_sample){.slot_us = moment(json_array_get(v, 0)), .sent_us = moment(json_array_get(v, 1)),
                               .done_us = moment(json_array_get(v, 2)), .class = STAGE_OTHER, .theta_lo_ms = 1};
    for (int c = 0; class && c < STAGE_CLASSES; c++)
        if (!strcmp(stage_class_name((enum stage_class)c), class))
            x->class = (uint8_t)c;
    int64_t status = json_integer_value(json_array_get(v, 4));
    x->status = (uint16_t)(status > 0 && status < 1000 ? status : 0);
    if (json_is_integer(lo) && json_is_integer(hi) && json_integer_value(lo) >= INT32_MIN && json_integer_value(hi) <= INT32_MAX &&
        json_integer_value(lo) <= json_integer_value(hi)) {
        x->theta_lo_ms = (int32_t)json_integer_value(lo);
        x->theta_hi_ms = (int32_t)json_integer_value(hi);
    }
}

static struct stage_strip *strips(const json_t *run, struct arena *a, size_t *n)
{
    const json_t *list = json_object_get(run, "probes");
    *n = json_array_size(list) < 64 ? json_array_size(list) : 64;
    struct stage_strip *s = arena_alloc(a, (*n + 1) * sizeof *s);
    for (size_t i = 0; s && i < *n; i++) {
        const json_t *p = json_array_get(list, i), *v = json_object_get(p, "samples");
        size_t have = json_array_size(v) < MAX_ITEMS ? json_array_size(v) : MAX_ITEMS;
        struct stage_sample *x = arena_alloc(a, (have + 1) * sizeof *x);
        if (!x)
            return NULL;
        s[i].kind = (enum stage_probe)word_index(export_probes, STAGE_P4 + 1, json_string_value(json_object_get(p, "probe")), STAGE_P1);
        text(s[i].label, sizeof s[i].label, p, "label");
        text(s[i].target, sizeof s[i].target, p, "target");
        text(s[i].note, sizeof s[i].note, p, "note");
        text(s[i].basis, sizeof s[i].basis, p, "basis");
        s[i].tie = (uint8_t)word_index(export_ties, STAGE_TIE_SERVES + 1, json_string_value(json_object_get(p, "tie")), STAGE_TIE_NONE);
        s[i].data_plane = json_is_true(json_object_get(p, "data_plane"));
        s[i].period_us = number(p, "period_us", 0);
        s[i].timeout_us = number(p, "timeout_us", 0);
        for (size_t k = 0; k < have; k++)
            sample(&x[k], json_array_get(v, k));
        s[i].sample = x;
        s[i].n = have;
    }
    return s;
}

static bool lists(struct stage_run *r, const json_t *run, struct arena *a)
{
    const json_t *gaps = json_object_get(run, "gaps"), *notes = json_object_get(run, "notes");
    size_t ngaps = json_array_size(gaps) < 1000 ? json_array_size(gaps) : 1000, nnotes = json_array_size(notes) < 1000 ? json_array_size(notes) : 1000;
    struct stage_gap *g = arena_alloc(a, (ngaps + 1) * sizeof *g);
    struct stage_note *n = arena_alloc(a, (nnotes + 1) * sizeof *n);
    for (size_t i = 0; g && i < ngaps; i++) {
        g[i].from_us = moment(json_object_get(json_array_get(gaps, i), "from_us"));
        g[i].to_us = moment(json_object_get(json_array_get(gaps, i), "to_us"));
        text(g[i].what, sizeof g[i].what, json_array_get(gaps, i), "what");
    }
    for (size_t i = 0; n && i < nnotes; i++) {
        n[i].at_us = moment(json_object_get(json_array_get(notes, i), "at_us"));
        n[i].warning = json_is_true(json_object_get(json_array_get(notes, i), "warning"));
        n[i].marker = json_is_true(json_object_get(json_array_get(notes, i), "marker"));
        text(n[i].text, sizeof n[i].text, json_array_get(notes, i), "text");
    }
    const json_t *rows = json_object_get(run, "rows");
    size_t nrows = json_array_size(rows) < 1000 ? json_array_size(rows) : 1000;
    struct stage_row *w = arena_alloc(a, (nrows + 1) * sizeof *w);
    for (size_t i = 0; w && i < nrows; i++) {
        const json_t *o = json_array_get(rows, i);
        w[i] = (struct stage_row){.role = (enum stage_row_role)word_index(export_rows, STAGE_ROW_VM + 1, json_string_value(json_object_get(o, "role")), STAGE_ROW_GROUP),
                                  .up = count(o, "up"), .total = count(o, "total"), .up_before = count(o, "up_before"),
                                  .total_before = count(o, "total_before"), .up_least = count(o, "up_least"),
                                  .health = (enum health)(count(o, "health") <= HEALTH_BAD ? count(o, "health") : HEALTH_UNKNOWN)};
        text(w[i].name, sizeof w[i].name, o, "name");
        text(w[i].text, sizeof w[i].text, o, "text");
    }
    r->row = w;
    r->nrows = w ? nrows : 0;
    r->gap = g;
    r->ngaps = g ? ngaps : 0;
    r->note = n;
    r->nnotes = n ? nnotes : 0;
    return g && n && w;
}

/* The API's clocks come from the samples again; a node's from what its leases said. */
static bool clocks(struct stage_run *r, const json_t *run, struct arena *a)
{
    const json_t *list = json_object_get(run, "clocks");
    size_t n = json_array_size(list) < 64 ? json_array_size(list) : 64;
    struct stage_clock *c = arena_alloc(a, (n + 1) * sizeof *c);
    for (size_t i = 0; c && i < n; i++) {
        const json_t *o = json_array_get(list, i), *lo = json_object_get(o, "theta_lo_ms");
        enum stage_whose whose = (enum stage_whose)word_index(export_whose, STAGE_CLOCK_CLOUD + 1, json_string_value(json_object_get(o, "clock")), 0);
        if (whose == STAGE_CLOCK_API || whose == STAGE_CLOCK_CLOUD) {
            clocks_from_samples(&c[i], whose, r->strip, r->nstrips);
            continue;
        }
        c[i].whose = (uint8_t)whose;
        c[i].known = json_is_integer(lo);
        c[i].lo_ms = number(o, "theta_lo_ms", 0);
        c[i].hi_ms = number(o, "theta_hi_ms", INT64_MAX);
        text(c[i].name, sizeof c[i].name, o, "name");
        clock_words(&c[i]);
    }
    r->clock = c;
    r->nclocks = c ? n : 0;
    return c != NULL;
}

static struct stage_run_box *read_run(const json_t *run)
{
    struct stage_run_box *box = stage_run_box_new();
    if (!box)
        return NULL;
    struct stage_run *r = stage_run_box_run(box);
    struct arena *a = stage_run_box_arena(box);
    r->number = (unsigned)number(run, "number", 1);
    r->outcome = (enum stage_outcome)word_index(export_outcomes, STAGE_OUTCOMES, json_string_value(json_object_get(run, "outcome")), STAGE_ABORTED);
    text(r->cluster, sizeof r->cluster, run, "cluster");
    text(r->ns, sizeof r->ns, run, "namespace");
    text(r->pod, sizeof r->pod, run, "pod");
    text(r->uid, sizeof r->uid, run, "uid");
    text(r->owner, sizeof r->owner, run, "owner");
    text(r->new_pod, sizeof r->new_pod, run, "new_pod");
    text(r->node, sizeof r->node, run, "node");
    text(r->why, sizeof r->why, run, "why");
    r->replicas = number(run, "replicas", -1);
    r->started_ms = number(run, "started_ms", 0);
    r->t0_us = json_is_true(json_object_get(run, "accepted")) ? BASE_US : 0;
    r->asked_us = r->t0_us ? moment(json_object_get(run, "asked_us")) : 0;
    if (!r->asked_us || r->asked_us > r->t0_us)
        r->asked_us = r->t0_us;
    r->end_us = moment(json_object_get(run, "end_us"));
    milestones(r, run);
    struct stage_strip *s = strips(run, a, &r->nstrips);
    r->strip = s;
    if (s && lists(r, run, a) && clocks(r, run, a) && run_words(r, s, a))
        return box;
    stage_run_box_unref(box);
    return NULL;
}

static bool facts(struct stage_snap *s, const json_t *doc)
{
    const json_t *list = json_object_get(doc, "plan");
    size_t n = json_array_size(list) < 100 ? json_array_size(list) : 100;
    struct stage_fact *f = arena_alloc(stage_snap_arena(s), (n + 1) * sizeof *f);
    for (size_t i = 0; f && i < n; i++) {
        const json_t *o = json_array_get(list, i);
        f[i].level = (enum stage_level)word_index(export_levels, STAGE_REFUSE + 1, json_string_value(json_object_get(o, "level")), STAGE_WARN);
        text(f[i].topic, sizeof f[i].topic, o, "topic");
        text(f[i].text, sizeof f[i].text, o, "text");
        text(f[i].evidence, sizeof f[i].evidence, o, "evidence");
    }
    s->fact = f;
    s->nfacts = f ? n : 0;
    return f != NULL;
}

struct stage_snap *stage_import(const char *json, size_t len, struct err *err)
{
    json_error_t je;
    json_t *doc = json_read(json, len, 0, &je);
    const json_t *runs = json_object_get(doc, "runs");
    const char *format = json_string_value(json_object_get(doc, "format"));
    struct stage_run_box *box[MAX_RUNS];
    size_t n = 0;
    struct stage_snap *s = NULL;
    if (!doc || !format || strcmp(format, "strata-stage-1") || !json_is_array(runs)) {
        err_set(err, ERR_PARSE, 0, "this is no file of a self-healing run (strata heal -o json writes them)");
        json_decref(doc);
        return NULL;
    }
    bool ok = (s = stage_snap_new()) != NULL && facts(s, doc);
    for (size_t i = 0; ok && i < json_array_size(runs) && n < MAX_RUNS; i++) {
        box[n] = read_run(json_array_get(runs, i));
        ok = box[n] != NULL;
        n += ok;
    }
    ok = ok && stage_snap_set_runs(s, box, n);
    if (ok) {
        s->phase = STAGE_DONE;
        text(s->title, sizeof s->title, doc, "title");
        if (n && !*s->title)           /* of an older strata */
            snprintf(s->title, sizeof s->title, "pod %.60s/%.80s on %.40s", s->run[0]->ns, s->run[0]->pod, s->run[0]->cluster);
    } else {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        stage_snap_unref(s);
        s = NULL;
    }
    for (size_t i = 0; i < n; i++)
        stage_run_box_unref(box[i]);
    json_decref(doc);
    return s;
}
