/* A run: the watches that stand before the delete, what follows it, and its end. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/stage/live.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define CHECK_US 200000
#define FOLLOW_US 1000000
#define LINGER_US 1200000              /* a little more of the probes after the last milestone */
#define SLEPT_US 300000
#define STEP_US 500000
#define STALL_US 300000                /* the loop turns each 50 ms */
#define STALE_US 300000                /* so long after a stall what comes may have waited in it */
#define KEEP_SAMPLES 900
#define TIMEOUT_US 120000000

int64_t live_t0(const struct live *l)
{
    const struct machine_mark *m = &l->machine.mark[STAGE_T0];
    return l->running && m->seen != STAGE_WAITING ? m->stamp.at_us : 0;
}

void live_note(struct stage *st, int64_t at_us, bool warning, bool marker, const char *fmt, ...)
{
    struct live *l = st->live;
    char buf[500];
    va_list ap;
    if (l->nnotes == LIVE_NOTES)       /* the first ones tell the story */
        return;
    struct stage_note *n = &l->note[l->nnotes++];
    *n = (struct stage_note){.at_us = at_us, .warning = warning, .marker = marker};
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    stage_text(n->text, sizeof n->text, buf);
    stage_dirty(st);
}

/* ---- ready ---- */

static bool open_watches(struct stage *st)
{
    const struct plan *p = &st->found.plan;
    bool ok = watch_open(st, WATCH_PODS, NULL) && watch_open(st, WATCH_SLICES, NULL) && watch_open(st, WATCH_EVENTS, NULL);
    return ok && (!*p->node || watch_open(st, WATCH_LEASE_OLD, p->node));
}

static void close_watches(struct live *l)
{
    for (size_t i = 0; i < WATCHES; i++)
        watch_close(&l->watch[i]);
}

/* What leases told of a node's clock is as good for the next run: its bounds only get narrower. */
static void keep_nodes(struct live *l)
{
    for (size_t i = 0; i < LIVE_NODES; i++) {
        size_t k = 0;
        while (k < LIVE_KEPT && strcmp(l->kept[k].name, l->node[i].name))
            k++;
        if (*l->node[i].name)
            l->kept[k < LIVE_KEPT ? k : l->nkept++ % LIVE_KEPT] = l->node[i];
    }
    memset(l->node, 0, sizeof l->node);
}

void stage_run_restart(struct stage *st)
{
    struct live *l = st->live;
    close_watches(l);
    agent_stop(l);
    saying_stop(l);
    machine_release(&l->machine);
    machine_init(&l->machine, st->found.plan.uid, st->found.plan.owner_uid);
    keep_nodes(l);
    l->nnotes = l->ngaps = l->nstalls = 0;
    l->quiet_us = 0;
    l->markers = 0;
    l->last_warning[0] = l->void_why[0] = '\0';
    l->sent_us = l->end_us = l->whole_us = 0;
    l->outcome = STAGE_RUNNING;
    if (!open_watches(st))
        stage_say(st, "out of memory");
}

void stage_run_planned(struct stage *st)
{
    struct live *l = st->live;
    if (st->phase == STAGE_REFUSED) {
        st->go_wanted = false;
        if (l)
            l->wanted = false;
        return;
    }
    if (!l) {
        l = st->live = mem_zalloc(sizeof *l);
        if (!l) {
            stage_say(st, "out of memory");
            return;
        }
        wall_anchor_take(&l->anchor);
        l->since_us = clock_mono_us();
        l->boot_base_us = boot_minus_mono_us();
        l->alive_us = l->since_us;
        stage_run_restart(st);
    } else if (st->nruns == l->number && (l->machine.sent_us || strcmp(l->machine.old_uid, st->found.plan.uid))) {
        stage_run_restart(st);
    }
    if (st->go_wanted) {
        st->go_wanted = false;
        if (*l->go.uid && strcmp(l->go.uid, st->found.plan.uid)) {
            char why[200];
            snprintf(why, sizeof why, "it would be %.120s now; look and ask again", st->found.plan.pod);
            stage_run_not_deleted(st, ERR_GONE, why);
            return;
        }
        l->wanted = true;
        l->wanted_us = clock_mono_us();
    }
}

void stage_run_go(struct stage *st, const struct stage_go *go)
{
    struct live *l = st->live;
    if (!l || (st->phase != STAGE_READY && st->phase != STAGE_DONE) || l->wanted || l->running)
        return;
    l->go = *go;
    st->go_wanted = true;
    st->phase = STAGE_DELETING;
    stage_say(st, "looking once more before the delete");
    if (!st->look || !st->nruns)           /* else the look for the next pod is under way */
        stage_look(st);
}

void stage_run_mark(struct stage *st, int64_t at_us, const char *text)
{
    struct live *l = st->live;
    if (!l)
        return;
    l->markers++;
    if (*text)
        live_note(st, at_us, false, true, "%s", text);
    else
        live_note(st, at_us, false, true, "marker %u", l->markers);
}

/* ---- the end ---- */

static void finish(struct stage *st, enum stage_outcome outcome, int64_t now)
{
    struct live *l = st->live;
    const char *why;
    int64_t quiet = quiet_since(l, &why);
    if (outcome == STAGE_NOT_HEALED && quiet) {        /* what became of the pod since then cannot be known */
        int64_t t0 = live_t0(l);
        outcome = STAGE_NOT_KNOWN;
        snprintf(l->void_why, sizeof l->void_why, "nothing heard from %.60s since %+.2f s: %.180s", st->core->source[st->source]->info.name,
                 (double)(quiet - (t0 ? t0 : l->sent_us)) / 1000000, why);
    }
    l->outcome = outcome;
    l->end_us = now;
    machine_finish(&l->machine);
    struct stage_run_box *box = live_run(st);
    if (box && mem_grow(&st->runs, &st->cap_runs, st->nruns + 1, sizeof(struct stage_run_box *)))
        st->runs[st->nruns++] = box;
    else
        stage_run_box_unref(box);
    l->number = (unsigned)st->nruns;
    l->running = false;
    st->phase = STAGE_DONE;
    st->goes++;
    st->err = (struct err)ERR_INIT;
    if (box)
        stage_say(st, "%s", stage_run_box_run(box)->headline);
    else
        stage_say(st, "out of memory: the run is lost");
    stage_look_next(st);
}

static void not_before(struct machine_stamp *s, struct machine_stamp other)
{
    s->at_us = other.at_us > s->at_us ? other.at_us : s->at_us;
    s->since_us = other.since_us > s->since_us ? other.since_us : s->since_us;
}

/* All API strips that worked before answer again, every endpoint is back: since when? at_us 0 = not yet. */
static struct machine_stamp whole_since(const struct live *l, struct arena *a)
{
    const struct machine *m = &l->machine;
    const struct machine_stamp never = {0, 0};
    struct machine_stamp since = m->mark[STAGE_T7].stamp;
    int64_t t0 = live_t0(l);
    if (!machine_is_set(m, STAGE_T7) || !machine_is_set(m, STAGE_T8) || (m->had_endpoint && machine_ready_now(m) < m->ready_before))
        return never;
    if (m->mark[STAGE_T8].seen != STAGE_NOT_EXPECTED)
        not_before(&since, m->mark[STAGE_T8].stamp);
    struct stage_strip *s = live_strips(l, a);
    for (size_t i = 0; s && i < l->nstrips; i++) {
        if (s[i].data_plane || *s[i].note || s[i].num.failing_before)
            continue;
        struct machine_stamp ok;
        ok.at_us = numbers_whole(&s[i], t0, s[i].kind == STAGE_P2 ? 2 : 5, &ok.since_us);
        if (!ok.at_us)
            return never;
        not_before(&since, ok);
    }
    return s ? since : never;
}

static void check_whole(struct live *l)
{
    struct arena a;
    arena_init(&a, (size_t)64 << 20);
    struct machine_stamp since = whole_since(l, &a);
    arena_release(&a);
    struct machine_mark *m = &l->machine.mark[STAGE_T9];
    if (!since.at_us) {                /* it failed again: it was not whole */
        *m = (struct machine_mark){.server_ms = CELL_NONE};
        return;
    }
    *m = (struct machine_mark){.seen = since.since_us < since.at_us ? STAGE_SEEN_LATE : STAGE_SEEN, .stamp = since, .server_ms = CELL_NONE};
    const struct machine *now = &l->machine;           /* those that were not ready before either are counted, too */
    snprintf(m->detail, sizeof m->detail, now->had_endpoint ? "%u of %u endpoints%s" : "probes answer", machine_ready_now(now), now->known_before,
             now->ready_before < now->known_before ? ", not fewer than before" : "");
}

/* Traffic of a server that was lost is waited for, too: for how long is what was asked. last: when it was back. */
static bool traffic_back(const struct live *l, int64_t *last)
{
    struct arena a;
    bool back = true;
    arena_init(&a, (size_t)64 << 20);
    struct stage_strip *s = live_strips(l, &a);
    for (size_t i = 0; s && i < l->nstrips; i++) {
        int64_t since;
        if (!s[i].data_plane || *s[i].note || s[i].num.failing_before || !s[i].num.failed)
            continue;
        int64_t ok = numbers_whole(&s[i], live_t0(l), 5, &since);
        back = back && ok;
        *last = ok > *last ? ok : *last;
    }
    arena_release(&a);
    return back;
}

static void say_progress(struct stage *st)
{
    const struct machine *m = &st->live->machine;
    const char *why;
    int64_t quiet = quiet_since(st->live, &why);
    if (quiet) {
        stage_say(st, "nothing is heard from %.60s since %+.1f s, what is shown is as of then: %.200s", st->core->source[st->source]->info.name,
                  (double)(quiet - live_t0(st->live)) / 1000000, why);
        return;
    }
    static const enum stage_mid order[] = {STAGE_T2, STAGE_T3, STAGE_T5, STAGE_T6, STAGE_T7, STAGE_T8, STAGE_T9, STAGE_T10};
    static const char *const words[] = {"the replacement is not there yet", "%s waits for a node", "%s initializes", "%s starts its containers",
                                        "%s gets ready", "%s is ready, its endpoint is not back yet", "%s answers, the API is not whole yet",
                                        "%s is ready, the old pod still ends"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (!machine_is_set(m, order[i])) {
            char buf[300];
            if (*m->why && i && i < 5)
                snprintf(buf, sizeof buf, "%.100s: %.180s", m->new_name, m->why);
            else
                snprintf(buf, sizeof buf, words[i], m->new_name);
            stage_say(st, "%s", buf);
            return;
        }
    stage_say(st, "healed; a few more probes");
}

static int64_t time_limit(const struct stage *st)
{
    int64_t grace = st->grace_s >= 0 ? st->grace_s : st->found.plan.grace_s;
    return st->timeout_us ? st->timeout_us : TIMEOUT_US + grace * 1000000;
}

static void run_check(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    struct machine *m = &l->machine;
    int64_t t0 = live_t0(l);
    if (!t0) {
        if (now - l->sent_us > time_limit(st))
            finish(st, STAGE_NOT_HEALED, now);
        return;
    }
    if (st->phase == STAGE_DELETING) {
        st->phase = STAGE_HEALING;
        l->started_ms = wall_of(&l->anchor, t0) / 1000;
    }
    if (*m->new_node && strcmp(m->new_node, st->found.plan.node) && !l->watch[WATCH_LEASE_NEW].tap)
        watch_open(st, WATCH_LEASE_NEW, m->new_node);
    check_whole(l);
    say_progress(st);
    int64_t last = 0;
    bool all = true;
    for (size_t i = 0; i < STAGE_MILESTONES; i++) {
        if ((i == STAGE_T4 || i == STAGE_T5 || i == STAGE_T6) && machine_is_set(m, STAGE_T7))
            continue;
        all = all && machine_is_set(m, (enum stage_mid)i);
        if (m->mark[i].stamp.at_us > last)
            last = m->mark[i].stamp.at_us;
    }
    if (all && !machine_new_ready(m)) {
        stage_say(st, "%.100s was ready, and is not any more: %.180s", m->new_name, m->why);
        all = false;
    } else if (all && !traffic_back(l, &last)) {
        stage_say(st, "healed, but traffic of the server is not back yet");
        all = false;
    }
    if (all && now - last > LINGER_US)
        finish(st, STAGE_HEALED, now);
    else if (now - t0 > time_limit(st))
        finish(st, STAGE_NOT_HEALED, now);
}

void stage_run_stop(struct stage *st)
{
    struct live *l = st->live;
    if (!l)
        return;
    if (l->running && l->sent_us) {
        if (!live_t0(l))
            snprintf(l->void_why, sizeof l->void_why, "stopped before the delete was answered");
        finish(st, live_t0(l) ? STAGE_ABORTED : STAGE_NOT_KNOWN, clock_mono_us());
    } else if (l->wanted || st->go_wanted) {
        l->wanted = st->go_wanted = false;
        st->phase = st->nruns ? STAGE_DONE : STAGE_READY;
        stage_say(st, "stopped before the delete: nothing was changed");
    }
}

/* ---- the machine's own clocks ---- */

/* Its end and the bounds of what was learnt by it must agree: it lasts until the last thing that may have waited in it. */
void live_gap_until(struct live *l, int gap, int64_t at_us)
{
    if (gap >= 0 && (size_t)gap < l->ngaps && l->gap[gap].to_us && l->gap[gap].to_us < at_us)
        l->gap[gap].to_us = at_us;
}

int live_gap(struct live *l, int64_t from_us, const char *what)
{
    if (!l->running || l->ngaps == LIVE_GAPS)
        return -1;
    struct stage_gap *g = &l->gap[l->ngaps++];
    *g = (struct stage_gap){.from_us = from_us > l->sent_us ? from_us : l->sent_us};
    stage_text(g->what, sizeof g->what, what);
    return (int)l->ngaps - 1;
}

int64_t live_since(struct live *l, int64_t at_us)
{
    int64_t since = at_us - l->alive_us > STALL_US ? l->alive_us : at_us;
    for (size_t i = 0; i < l->nstalls; i++)
        if (at_us > l->stall[i].from_us && at_us < l->stall[i].to_us + STALE_US && l->stall[i].from_us < since) {
            since = l->stall[i].from_us;
            live_gap_until(l, l->stall[i].gap, at_us);
        }
    return since;
}

/* Stopped by a signal, or a machine too busy: nothing was read meanwhile, and what is read now is of any moment of it. */
static void check_stall(struct live *l, int64_t now)
{
    int64_t from = l->alive_us;
    l->alive_us = now;
    if (!from || now - from <= STALL_US)
        return;
    if (l->nstalls == LIVE_STALLS)
        memmove(l->stall, l->stall + 1, --l->nstalls * sizeof *l->stall);
    int gap = live_gap(l, from, "this program stood still, nothing was read");
    if (gap >= 0)
        l->gap[gap].to_us = now;
    l->stall[l->nstalls++] = (struct live_stall){from, now, gap};
}

static void check_clocks(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    int64_t slept = boot_minus_mono_us() - l->boot_base_us, step;
    struct wall_anchor a;
    if (slept > SLEPT_US) {
        l->boot_base_us += slept;
        if (l->running) {
            snprintf(l->void_why, sizeof l->void_why, "this machine slept for %.1f s in the middle of it", (double)slept / 1000000);
            finish(st, STAGE_VOID, now);
        }
    }
    wall_anchor_take(&a);
    step = a.wall_us - wall_of(&l->anchor, a.mono_us) - l->wall_step_us;
    if (step > STEP_US || step < -STEP_US) {
        l->wall_step_us += step;
        live_note(st, now, true, false, "the clock of this machine was set by %+.1f s: durations are not touched by that", (double)step / 1000000);
    }
}

/* The pod that would be next may go without us, a workload be scaled: then another one of it is asked about. */
static void follow(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    const struct watch *pods = &l->watch[WATCH_PODS];
    bool there = false;
    if ((st->phase != STAGE_READY && st->phase != STAGE_DONE) || st->look || l->wanted || l->running || !pods->up || !pods->listed ||
        now - l->followed_us < FOLLOW_US)
        return;
    for (size_t i = 0; i < l->machine.npods; i++)
        there |= !strcmp(l->machine.pod[i].uid, st->found.plan.uid) && !l->machine.pod[i].show.terminating;
    if (there)
        return;
    l->followed_us = now;
    stage_look_next(st);
}

void stage_run_tick(struct stage *st)
{
    struct live *l = st->live;
    int64_t now = clock_mono_us();
    if (!l || st->phase == STAGE_REFUSED)
        return;
    if (!l->probing)
        live_probe(st);
    live_probe_tokens(st);
    check_stall(l, now);
    quiet_tick(st, now);
    check_clocks(st, now);
    stage_delete_tick(st, now);
    if (now - l->checked_us >= CHECK_US) {
        l->checked_us = now;
        agent_tick(st, now);
        if (l->running) {
            saying_tick(st, now);
            run_check(st, now);
        } else {
            follow(st, now);
        }
        stage_scale_tick(st, now);
        for (size_t i = 0; i < l->nstrips && !l->running; i++)
            if (l->strip[i].samples)
                samples_trim(l->strip[i].samples, KEEP_SAMPLES);
        if (l->probing)
            stage_dirty(st);
    }
}

void stage_run_free(struct stage *st)
{
    struct live *l = st->live;
    if (!l)
        return;
    close_watches(l);
    agent_stop(l);
    saying_stop(l);
    probes_free(l->probes);
    vm_probe_free(l->vm);
    machine_release(&l->machine);
    mem_free(l);
    st->live = NULL;
}
