/* The picture of a stage: everything a view needs, copied into one snapshot. */
#include <stdio.h>
#include <string.h>

#include "core/stage/live.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define BEFORE_US 30000000             /* of a run: so much of the time before it */

struct stage_strip *live_strips(const struct live *l, struct arena *a)
{
    int64_t t0 = live_t0(l);
    struct stage_strip *list = arena_alloc(a, (l->nstrips + 1) * sizeof *list);
    for (size_t i = 0; list && i < l->nstrips; i++) {
        struct stage_strip *s = &list[i];
        *s = l->strip[i].show;
        if (l->strip[i].samples)
            s->n = samples_copy(l->strip[i].samples, a, &s->sample);
        while (t0 && s->n && s->sample->slot_us < t0 - BEFORE_US) {
            s->sample++;
            s->n--;
        }
        while (l->end_us && s->n && s->sample[s->n - 1].slot_us > l->end_us)
            s->n--;
        numbers_make(&s->num, s, t0 ? l->sent_us : 0, 0, l->end_us);
        strip_words(s, !t0 ? STRIP_BEFORE : l->end_us ? STRIP_ENDED : STRIP_RUNNING);
    }
    return list;
}

static void *copy(struct arena *a, const void *from, size_t n, size_t size)
{
    void *to = arena_alloc(a, (n + 1) * size);
    if (to && n)
        memcpy(to, from, n * size);
    return to;
}

static const struct stage_clock *clocks(const struct live *l, const struct stage_strip *strips, size_t n, struct arena *a, size_t *count)
{
    struct stage_clock *c = arena_alloc(a, (2 + LIVE_NODES) * sizeof *c);
    *count = 0;
    if (!c)
        return NULL;
    clocks_from_samples(&c[(*count)++], STAGE_CLOCK_API, strips, n);
    clocks_from_samples(&c[*count], STAGE_CLOCK_CLOUD, strips, n);
    *count += c[*count].known;
    struct theta api = {.lo_ms = c[0].lo_ms, .hi_ms = c[0].hi_ms, .known = c[0].known};
    for (size_t i = 0; i < LIVE_NODES; i++) {
        struct stage_clock *k = &c[*count];
        *k = (struct stage_clock){.whose = STAGE_CLOCK_NODE};
        if (!*l->node[i].name)
            continue;
        k->known = node_theta_bounds(&l->node[i].theta, &api, &k->lo_ms, &k->hi_ms);
        snprintf(k->name, sizeof k->name, "node %.85s", l->node[i].name);
        clock_words(k);
        ++*count;
    }
    return c;
}

static void milestones(const struct machine *m, struct stage_run *r)
{
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        const struct machine_mark *k = &m->mark[i];
        struct stage_milestone *to = &r->milestone[i];
        *to = (struct stage_milestone){.seen = k->seen, .at_us = k->stamp.at_us, .since_us = k->stamp.since_us, .server_ms = k->server_ms,
                                       .server_trunc_ms = k->trunc_ms, .clock = (uint8_t)k->clock};
        memcpy(to->detail, k->detail, sizeof to->detail);
        if (r->t0_us && to->since_us < r->t0_us && (k->seen == STAGE_SEEN || k->seen == STAGE_SEEN_LATE))
            to->since_us = r->t0_us;   /* not before it was asked for */
        if (r->t0_us && to->at_us < r->t0_us && (k->seen == STAGE_SEEN || k->seen == STAGE_SEEN_LATE))
            to->at_us = r->t0_us;
    }
}

/* The last warning, unless it says the same as what the pod's conditions said. */
static const char *more_than(const char *why, const char *warning)
{
    char same[48];
    const char *text = strstr(why, ": ");
    snprintf(same, sizeof same, "%.40s", text ? text + 2 : why);
    return *why && strstr(warning, same) ? "" : warning;
}

static void explain(const struct stage *st, struct stage_run *r)
{
    const struct live *l = st->live;
    const struct machine *m = &l->machine;
    const char *warning = more_than(m->why, l->last_warning);
    char buf[800] = "";
    if (r->outcome == STAGE_VOID || r->outcome == STAGE_NOT_KNOWN)
        snprintf(buf, sizeof buf, "%s", l->void_why);
    else if (r->outcome == STAGE_HEALED)
        machine_but(m, buf, sizeof buf);
    else if (r->outcome != STAGE_NOT_HEALED)
        return;
    else if (!machine_new_ready(m) && r->milestone[STAGE_T7].at_us)
        snprintf(buf, sizeof buf, "the replacement was ready, and is not any more: %s", *m->why ? m->why : "no condition says why");
    else if (r->milestone[STAGE_T9].at_us && r->milestone[STAGE_T10].seen != STAGE_UNKNOWN && r->milestone[STAGE_T11].seen != STAGE_UNKNOWN)
        snprintf(buf, sizeof buf, "the replacement is ready and its API whole, but VM traffic is not back");
    else if (m->mark[STAGE_T7].seen == STAGE_SEEN || m->mark[STAGE_T7].seen == STAGE_SEEN_LATE)
        snprintf(buf, sizeof buf, "%s", m->mark[STAGE_T8].seen == STAGE_UNKNOWN   ? "the replacement is ready, but its endpoint did not come back"
                                        : m->mark[STAGE_T11].seen == STAGE_UNKNOWN ? "the replacement is ready, but its agent does not report to os-services"
                                        : m->mark[STAGE_T10].seen == STAGE_UNKNOWN ? "the replacement is ready, but the old pod is not gone"
                                                                                   : "the replacement is ready, but the API does not answer as before");
    else if (*m->why)
        snprintf(buf, sizeof buf, "%s%s%s%s%s%s", m->why, *l->saying ? "; its log: \"" : "", l->saying, *l->saying ? "\"" : "", *warning ? "; last warning: " : "", warning);
    else if (*l->last_warning)
        snprintf(buf, sizeof buf, "%s", l->last_warning);
    else if (*m->new_name)
        snprintf(buf, sizeof buf, "%.120s was made, but did not get ready", m->new_name);
    stage_text(r->why, sizeof r->why, buf);
}

static const struct stage_row *rows(const struct stage *st, const struct stage_strip *strips, size_t nstrips, struct arena *a, size_t *n)
{
    struct stage_row *list = arena_alloc(a, LIVE_ROWS * sizeof *list);
    *n = list ? agent_rows(st, strips, nstrips, list, LIVE_ROWS) : 0;
    return list;
}

struct stage_run_box *live_run(struct stage *st)
{
    const struct live *l = st->live;
    const struct plan *p = &st->found.plan;
    struct stage_run_box *box = stage_run_box_new();
    if (!box)
        return NULL;
    struct stage_run *r = stage_run_box_run(box);
    struct arena *a = stage_run_box_arena(box);
    r->number = (unsigned)st->nruns + 1;
    r->outcome = l->outcome;
    snprintf(r->cluster, sizeof r->cluster, "%.95s", st->core->source[st->source]->info.name);
    memcpy(r->ns, p->ns, strlen(p->ns) < sizeof r->ns ? strlen(p->ns) : sizeof r->ns - 1);
    memcpy(r->pod, p->pod, sizeof r->pod);
    memcpy(r->uid, p->uid, sizeof r->uid);
    memcpy(r->owner, p->owner, sizeof r->owner);
    memcpy(r->new_pod, l->machine.new_name, sizeof r->new_pod);
    memcpy(r->node, l->machine.new_node, sizeof r->node);
    r->replicas = p->replicas;
    r->t0_us = live_t0(l);
    r->asked_us = r->t0_us ? l->sent_us : 0;
    r->started_ms = r->t0_us ? wall_of(&l->anchor, r->t0_us) / 1000 : 0;
    r->end_us = l->end_us;
    milestones(&l->machine, r);
    struct stage_strip *strips = live_strips(l, a);
    r->strip = strips;
    r->nstrips = strips ? l->nstrips : 0;
    r->gap = copy(a, l->gap, l->ngaps, sizeof *l->gap);
    r->ngaps = r->gap ? l->ngaps : 0;
    r->note = copy(a, l->note, l->nnotes, sizeof *l->note);
    r->nnotes = r->note ? l->nnotes : 0;
    r->clock = clocks(l, strips, r->nstrips, a, &r->nclocks);
    r->row = rows(st, strips, r->nstrips, a, &r->nrows);
    explain(st, r);
    if (strips && r->row && r->gap && r->note && r->clock && run_words(r, strips, a))
        return box;
    stage_run_box_unref(box);
    return NULL;
}

/* Old, new, then the others by name. */
static const struct stage_pod *pods(const struct machine *m, struct arena *a)
{
    struct stage_pod *list = arena_alloc(a, (m->npods + 1) * sizeof *list);
    size_t n = 0;
    for (size_t i = 0; list && i < m->npods; i++) {
        if (strcmp(m->pod[i].owner_uid, m->owner_uid))
            continue;
        size_t at = n++;
        static const int rank[] = {[STAGE_POD_OLD] = 0, [STAGE_POD_NEW] = 1, [STAGE_POD_OTHER] = 2};
        const struct stage_pod *p = &m->pod[i].show;
        for (; at && (rank[list[at - 1].role] > rank[p->role] || (list[at - 1].role == p->role && strcmp(list[at - 1].name, p->name) > 0)); at--)
            list[at] = list[at - 1];
        list[at] = *p;
    }
    return list;
}

static size_t count_pods(const struct machine *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->npods; i++)
        n += !strcmp(m->pod[i].owner_uid, m->owner_uid);
    return n;
}

static bool add_live(struct stage *st, struct stage_snap *s)
{
    struct live *l = st->live;
    struct arena *a = stage_snap_arena(s);
    struct stage_strip *strips = live_strips(l, a);
    s->strip = strips;
    s->nstrips = strips ? l->nstrips : 0;
    s->row = rows(st, strips, s->nstrips, a, &s->nrows);
    const char *why;
    s->stale_us = quiet_since(l, &why);
    if (s->stale_us)
        stage_text(s->stale_why, sizeof s->stale_why, why);
    s->rows_us = l->lane_us;
    agent_note(st, s->rows_note, sizeof s->rows_note);
    s->pod = pods(&l->machine, a);
    s->npods = s->pod ? count_pods(&l->machine) : 0;
    return strips && s->row && s->pod;
}

static bool add_runs(struct stage *st, struct stage_snap *s)
{
    if (!st->live || !st->live->running)
        return stage_snap_set_runs(s, st->runs, st->nruns);
    struct stage_run_box **all = mem_alloc((st->nruns + 1) * sizeof(struct stage_run_box *)), *now = live_run(st);
    for (size_t i = 0; all && i < st->nruns; i++)
        all[i] = st->runs[i];
    bool ok = all && now;
    if (ok) {
        all[st->nruns] = now;
        ok = stage_snap_set_runs(s, all, st->nruns + 1);
    }
    stage_run_box_unref(now);
    mem_free(all);
    return ok;
}

struct stage_snap *stage_picture(struct stage *st)
{
    struct stage_snap *s = stage_snap_new();
    if (!s)
        return NULL;
    const struct plan *p = &st->found.plan;
    s->id = st->id;
    s->phase = st->phase;
    s->now_us = clock_mono_us();
    s->protected_ = st->protected_;
    s->err = st->err;
    s->goes = st->goes;
    memcpy(s->title, st->title, sizeof s->title);
    memcpy(s->chosen, st->found.chosen, sizeof s->chosen);
    const char *deleted = st->nruns ? stage_run_box_run(st->runs[st->nruns - 1])->uid : "";
    if ((!st->look || !st->look_next) && strcmp(deleted, p->uid)) {      /* else another one may be chosen in a moment */
        memcpy(s->pod_name, p->pod, sizeof s->pod_name);
        memcpy(s->pod_uid, p->uid, sizeof s->pod_uid);
    }
    if (st->have_plan) {
        stage_text(s->cluster, sizeof s->cluster, st->core->source[st->source]->info.name);
        memcpy(s->ns, p->ns, sizeof s->ns);
        char workload[400] = "";
        if (st->found.workload && strcmp(st->found.workload->id, "daemonsets") && strcmp(st->found.workload->id, "jobs"))
            snprintf(workload, sizeof workload, "%s %s", st->found.workload->singular, st->found.workload_name);
        stage_text(s->workload, sizeof s->workload, workload);
    }
    memcpy(s->status, st->status, sizeof s->status);
    memcpy(s->refusal, st->refusal, sizeof s->refusal);
    s->fact = copy(stage_snap_arena(s), p->fact, p->nfacts, sizeof *p->fact);
    s->nfacts = s->fact ? p->nfacts : 0;
    if (s->fact && (!st->live || add_live(st, s)) && add_runs(st, s))
        return s;
    stage_snap_unref(s);
    return NULL;
}
