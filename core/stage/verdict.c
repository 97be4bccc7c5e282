/* The verdict of a run in numbers and sentences. Pure. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/stage/numbers.h"

#define SKEW_MS 2000                   /* breaks tokens and certificates */

static bool was_seen(const struct stage_run *r, enum stage_mid id)
{
    return r->milestone[id].seen == STAGE_SEEN || r->milestone[id].seen == STAGE_SEEN_LATE;
}

static const char *after(const struct stage_run *r, enum stage_mid id, char *buf, size_t size)
{
    char t[24];
    const struct stage_milestone *m = &r->milestone[id];
    seconds_text(t, sizeof t, m->at_us - r->t0_us);
    snprintf(buf, size, m->seen == STAGE_SEEN_LATE || r->milestone[STAGE_T0].seen == STAGE_SEEN_LATE ? "at most %s" : "%s", t);
    return buf;
}

static bool is_openstack(const struct stage_strip *s)
{
    return s->kind == STAGE_P2 || (s->kind == STAGE_P1 && !strncmp(s->label, "OpenStack", 9));
}

/* Was an OpenStack API asked that is tied to the pod at least so much? */
static bool openstack_asked(const struct stage_run *r, enum stage_tie least)
{
    for (size_t i = 0; i < r->nstrips; i++)
        if (is_openstack(&r->strip[i]) && !*r->strip[i].note && r->strip[i].num.sent && r->strip[i].tie >= least)
            return true;
    return false;
}

/* ---- the story ---- */

/* How far the replacement got. */
static void say_reached(const struct stage_run *r, struct str *out)
{
    const struct stage_milestone *last = NULL;
    for (int id = STAGE_T2; id <= STAGE_T8; id++)
        if (was_seen(r, (enum stage_mid)id))
            last = &r->milestone[id];
    if (last)
        str_addf(out, " It got as far as %s %s%s%s%s.", last->id, last->title, *last->detail ? " (" : "", last->detail, *last->detail ? ")" : "");
}

static void say_story(const struct stage_run *r, struct str *out)
{
    char a[40];
    if (!r->t0_us) {
        str_addf(out, r->outcome == STAGE_NOT_KNOWN ? "Whether the delete was accepted is not known: %s.\n" : "The delete was not accepted: nothing happened.\n", r->why);
        return;
    }
    if (was_seen(r, STAGE_T2))
        str_addf(out, "The replacement %s was there after %s", r->new_pod, after(r, STAGE_T2, a, sizeof a));
    else
        str_adds(out, r->outcome == STAGE_NOT_KNOWN ? "No replacement was seen" : "No replacement came");
    if (was_seen(r, STAGE_T7))
        str_addf(out, ", ready after %s", after(r, STAGE_T7, a, sizeof a));
    if (was_seen(r, STAGE_T8))
        str_addf(out, ", its endpoint back after %s", after(r, STAGE_T8, a, sizeof a));
    if (was_seen(r, STAGE_T9))
        str_addf(out, ", the %s whole after %s", openstack_asked(r, STAGE_TIE_SERVES) ? "API" : openstack_asked(r, STAGE_TIE_NONE) ? "probed APIs" : "Kubernetes API (no OpenStack API was asked)", after(r, STAGE_T9, a, sizeof a));
    str_adds(out, ".");
    if (was_seen(r, STAGE_T10))
        str_addf(out, " The old pod was gone after %s%s.", after(r, STAGE_T10, a, sizeof a),
                 was_seen(r, STAGE_T2) && r->milestone[STAGE_T10].at_us < r->milestone[STAGE_T2].since_us ? ", and only then the new one was made" : "");
    str_addc(out, '\n');
    if (r->outcome == STAGE_NOT_HEALED) {
        char t[24];
        seconds_text(t, sizeof t, r->end_us - r->t0_us);
        str_addf(out, "It did not heal within %s: %s.", t, *r->why ? r->why : "no event and no condition says why");
        say_reached(r, out);
        str_addc(out, '\n');
    }
    if (r->outcome == STAGE_HEALED && *r->why)
        str_addf(out, "Healed, but %s.\n", r->why);
    if (r->outcome == STAGE_NOT_KNOWN) {
        str_addf(out, "What became of it is not known: %s. What is told of the pods is as of then.", r->why);
        say_reached(r, out);
        str_addc(out, '\n');
    }
    if (r->outcome == STAGE_VOID)
        str_addf(out, "This run counts for nothing: %s.\n", r->why);
    if (r->outcome == STAGE_ABORTED)
        str_adds(out, "The run was stopped before its end: the pod was deleted, what came of it is not judged.\n");
}

/* ---- the probes ---- */

static void say_strip(const struct stage_strip *s, struct str *out)
{
    char b50[24], b99[24], d50[24], d99[24];
    const struct stage_numbers *n = &s->num;
    str_addf(out, "%s, %s: %s", s->label, s->target, s->words);
    if (n->longest_run > 1)
        str_addf(out, "; %u in a row at most", n->longest_run);
    str_addc(out, '.');
    if (is_openstack(s) && s->kind != STAGE_P2 && *s->basis)
        str_addf(out, "%s the pod: %s.", s->tie == STAGE_TIE_SERVES ? " Tied to" : " Not proved to be about", s->basis);
    if (n->before_p50_us >= 0 && n->during_p50_us >= 0) {
        seconds_text(b50, sizeof b50, n->before_p50_us);
        seconds_text(b99, sizeof b99, n->before_p99_us);
        seconds_text(d50, sizeof d50, n->during_p50_us);
        seconds_text(d99, sizeof d99, n->during_p99_us);
        str_addf(out, " p50 %s before, %s during; p99 %s and %s.", b50, d50, b99, d99);
    }
    if (n->not_sent)
        str_addf(out, " %u could not be sent in time by this machine: that time is not measured.", n->not_sent);
    if (n->pending)
        str_addf(out, " %u had no answer yet.", n->pending);
    if (n->reauth)
        str_addf(out, " %u answer%s asked for a new token: that is no outage.", n->reauth, n->reauth == 1 ? "" : "s");
    str_addc(out, '\n');
}

static void say_data(const struct stage_run *r, struct str *out)
{
    for (size_t i = 0; i < r->nstrips; i++) {
        const struct stage_strip *s = &r->strip[i];
        if (!s->data_plane || *s->note || !s->num.sent)
            continue;
        char blind[24];
        seconds_text(blind, sizeof blind, s->num.blind_us);
        if (!s->num.failed && numbers_holes(s))
            str_addf(out, "The data plane was measured with holes: 0 of %u probes of %s failed (%u not sent), an outage shorter than %s cannot be excluded.\n",
                     s->num.sent, s->target, s->num.not_sent, blind);
        else if (s->num.failing_before)
            str_addf(out, "The data plane cannot be judged: %s did not answer before the delete either.\n", s->target);
        else
            str_addf(out, s->num.failed ? "The data plane was touched: %u of %u probes of %s failed.\n"
                                        : "The data plane was not touched: %u of %u probes of %s failed.\n",
                     s->num.failed, s->num.sent, s->target);
    }
}

/* ---- the clocks, the gaps ---- */

static void say_clocks(const struct stage_run *r, struct str *out)
{
    const struct stage_clock *api = NULL;
    for (size_t i = 0; i < r->nclocks; i++) {
        const struct stage_clock *c = &r->clock[i];
        if (c->whose == STAGE_CLOCK_API && c->known)
            api = c;
        if (!c->known)
            continue;
        if (c->stepped)
            str_addf(out, "Finding: the clock of the %s was set during the run.\n", c->name);
        if (c->whose != STAGE_CLOCK_NODE && (c->lo_ms > SKEW_MS || c->hi_ms < -SKEW_MS))
            str_addf(out, "Finding: clock skew, the clock of the %s is %s. Tokens and certificates suffer from that; the times here do not.\n", c->name, c->words);
        if (c->whose == STAGE_CLOCK_NODE && api && (c->lo_ms - api->hi_ms > SKEW_MS || (c->hi_ms != INT64_MAX && api->lo_ms - c->hi_ms > SKEW_MS)))
            str_addf(out, "Finding: clock skew, the clock of %s and that of the API server differ by more than %d s (%s).\n", c->name, SKEW_MS / 1000, c->words);
    }
    for (size_t i = 0; i < STAGE_MILESTONES; i++)
        if (r->milestone[i].skewed) {
            str_adds(out, "Finding: server stamps contradict the order in which things arrived here; the arrival counts.\n");
            break;
        }
}

static void say_gaps(const struct stage_run *r, struct str *out)
{
    for (size_t i = 0; i < r->ngaps; i++) {
        const struct stage_gap *g = &r->gap[i];
        double from = (double)(g->from_us - r->t0_us) / 1000000, to = (double)(g->to_us - r->t0_us) / 1000000;
        if (g->to_us)
            str_addf(out, "Gap from %+.2f s to %+.2f s: %s. What happened in it has bounds, not a moment.\n", from, to, g->what);
        else
            str_addf(out, "Gap from %+.2f s on: %s.\n", from, g->what);
    }
}

static void say_method(const struct stage_run *r, struct str *out)
{
    int64_t rtt = -1;
    for (size_t i = 0; i < r->nstrips; i++)
        if (r->strip[i].kind == STAGE_P3 && r->strip[i].num.during_p99_us >= 0)
            rtt = r->strip[i].num.during_p99_us + r->strip[i].period_us;
    char t[24];
    seconds_text(t, sizeof t, rtt);
    str_adds(out, "Times are when this machine learnt of it, by its monotonic clock alone");
    if (rtt >= 0)
        str_addf(out, "; the watch may have lagged by up to about %s", t);
    str_adds(out, ".\n");
}

/* ---- the headline ---- */

/* "OpenStack API (compute)" of a strip whose target is "http://... (compute)". */
static void say_name(const struct stage_strip *s, struct str *out)
{
    const char *service = is_openstack(s) ? strrchr(s->target, '(') : NULL;
    str_addf(out, "; %s%s%s", s->label, service ? " " : "", service ? service : "");
}

/* How long it was away; nothing when no failure was seen. */
static void say_down(const struct stage_run *r, const struct stage_numbers *n, struct str *out)
{
    char a[24], b[24];
    seconds_text(a, sizeof a, n->outage_lo_us);
    seconds_text(b, sizeof b, n->outage_hi_us);
    if (!n->failed)
        return;
    const char *end = r->outcome == STAGE_RUNNING ? "yet" : "at the end";
    if (n->outage_hi_us < 0 && n->outages > 1)
        str_addf(out, ", %u outages, the longest at least %s, not back %s", n->outages, a, end);
    else if (n->outage_hi_us < 0)
        str_addf(out, ", away for at least %s, not back %s", a, end);
    else if (n->outages > 1)
        str_addf(out, ", %u outages, the longest %s to %s", n->outages, a, b);
    else
        str_addf(out, ", down for %s to %s", a, b);
}

/* What one probe saw; never a sum of several: they ask different things at different rates. */
static void say_seen(const struct stage_run *r, const struct stage_strip *s, struct str *out)
{
    const struct stage_numbers *n = &s->num;
    char blind[24];
    str_addf(out, n->sent ? " %u of %u failed" : " not measured", n->failed, n->sent);
    say_down(r, n, out);
    if (n->not_sent)
        str_addf(out, ", %u not sent", n->not_sent);
    if (s->tie == STAGE_TIE_LABELS)
        str_adds(out, " (tied to the pod by its labels only)");
    seconds_text(blind, sizeof blind, n->blind_us);
    if (n->sent && numbers_holes(s))
        str_addf(out, n->failed ? " (up to %s of another unseen)" : " (up to %s unseen)", blind);
}

/* The read with a token is named where it says something that the version of the API did not: it needs Keystone and a database, too. */
static void say_api(const struct stage_run *r, const struct stage_strip *s, struct str *out)
{
    if (s->num.failing_before || *s->note || (!s->num.sent && !s->num.not_sent) || (s->kind == STAGE_P2 && !s->num.failed && !numbers_holes(s)))
        return;
    if (s->kind == STAGE_P2)
        str_addf(out, "; %s", s->label);
    else
        say_name(s, out);
    say_seen(r, s, out);
}

static void say_traffic(const struct stage_run *r, struct str *out)
{
    for (size_t i = 0; i < r->nstrips; i++) {
        const struct stage_strip *s = &r->strip[i];
        if (!s->data_plane || *s->note || s->num.failing_before || (!s->num.sent && !s->num.not_sent))
            continue;
        if (s->num.sent && !s->num.failed && !numbers_holes(s)) {
            str_adds(out, "; VM traffic untouched");
            continue;
        }
        str_adds(out, s->num.failed ? "; VM traffic was touched," : "; VM traffic");
        say_seen(r, s, out);
    }
}

static void headline(const struct stage_run *r, struct str *out)
{
    static const char *const words[] = {"RUNNING", "HEALED", "NOT HEALED", "VOID", "STOPPED", "NOT KNOWN"};
    bool deaf = false;
    char a[40];
    str_addf(out, "%s", words[r->outcome < STAGE_OUTCOMES ? r->outcome : STAGE_ABORTED]);
    bool told = r->outcome == STAGE_VOID || r->outcome == STAGE_NOT_KNOWN || ((r->outcome == STAGE_HEALED || r->outcome == STAGE_NOT_HEALED) && *r->why);
    if (told)
        str_addf(out, "%s %s", r->outcome == STAGE_HEALED ? ", but" : ":", r->why);
    if (was_seen(r, STAGE_T7) && r->outcome != STAGE_VOID)
        str_addf(out, "%s replacement ready after %s", told ? ";" : ":", after(r, STAGE_T7, a, sizeof a));
    else if (r->outcome == STAGE_NOT_HEALED && !told)
        str_adds(out, ": no replacement got ready");
    if (was_seen(r, STAGE_T8))
        str_addf(out, ", endpoint back after %s", after(r, STAGE_T8, a, sizeof a));
    for (size_t i = 0; i < r->nstrips; i++)
        if (!r->strip[i].data_plane)
            say_api(r, &r->strip[i], out);
    if (r->t0_us && !openstack_asked(r, STAGE_TIE_NONE))
        str_adds(out, "; OpenStack API not asked");
    say_traffic(r, out);
    for (size_t i = 0; i < r->nstrips; i++)
        deaf |= r->strip[i].num.failing_before;
    if (deaf)
        str_adds(out, "; a probe failed before the delete already");
}

bool run_words(struct stage_run *r, struct stage_strip *strips, struct arena *a)
{
    struct str s;
    bool done = r->outcome != STAGE_RUNNING;
    int64_t t9 = was_seen(r, STAGE_T9) ? r->milestone[STAGE_T9].at_us : 0;
    for (size_t i = 0; i < r->nstrips; i++) {
        /* the data plane must hold to the very end */
        numbers_make(&strips[i].num, &strips[i], r->asked_us, strips[i].data_plane ? r->end_us : t9, r->end_us);
        strip_words(&strips[i], !r->t0_us ? STRIP_BEFORE : done ? STRIP_ENDED : STRIP_RUNNING);
    }
    milestone_words(r);
    str_init(&s, 1 << 20);
    headline(r, &s);
    r->headline = s.failed ? NULL : arena_strndup(a, s.data, s.len);
    str_clear(&s);
    if (done) {
        say_story(r, &s);
        for (size_t i = 0; i < r->nstrips; i++)
            say_strip(&r->strip[i], &s);
        say_data(r, &s);
        say_gaps(r, &s);
        say_clocks(r, &s);
        say_method(r, &s);
    }
    r->verdict = s.failed ? NULL : arena_strndup(a, s.data, s.len);
    str_release(&s);
    if (r->headline && r->verdict)
        return true;
    r->headline = r->verdict = "";
    return false;
}
