/* An API server that is paused, or a network that swallows: the watches stand, and nothing comes. Only the probes tell it from
 * a quiet cluster. What comes afterwards happened at some moment since. */
#include <stdio.h>
#include <string.h>

#include "core/stage/live.h"

#define QUIET_US 1200000               /* six probes without an answer */

/* When the API server last answered a probe well; 0 = never, -1 = it is not probed. */
static int64_t last_answer(const struct live *l)
{
    for (size_t i = 0; i < l->nstrips; i++)
        if (l->strip[i].show.kind == STAGE_P3 && l->strip[i].samples)
            return samples_last_ok(l->strip[i].samples);
    return -1;
}

static void began(struct live *l, int64_t heard, int64_t now)
{
    l->quiet_us = heard;
    if (l->nstalls == LIVE_STALLS)
        memmove(l->stall, l->stall + 1, --l->nstalls * sizeof *l->stall);
    l->stall[l->nstalls++] = (struct live_stall){heard, now, live_gap(l, heard, "the Kubernetes API was silent: no answer, no event")};
}

static struct live_stall *current(struct live *l)
{
    for (size_t i = 0; i < l->nstalls; i++)
        if (l->stall[i].from_us == l->quiet_us)
            return &l->stall[i];
    return NULL;
}

void quiet_tick(struct stage *st, int64_t now)
{
    struct live *l = st->live;
    int64_t heard = last_answer(l);
    struct live_stall *s = l->quiet_us ? current(l) : NULL;
    bool stood = l->nstalls && l->stall[l->nstalls - 1].from_us != l->quiet_us && now - l->stall[l->nstalls - 1].to_us < QUIET_US;
    if (heard <= 0 || !l->watch[WATCH_PODS].up)
        heard = heard <= 0 ? 0 : now;  /* not probed; or the watch ended, which is a gap of its own */
    if (heard && l->heard_us > heard)
        heard = l->heard_us;
    bool quiet = heard && now - heard > QUIET_US && !stood;
    if (quiet && !l->quiet_us) {
        began(l, heard, now);
        stage_dirty(st);
    } else if (s && quiet) {
        s->to_us = now;
    } else if (l->quiet_us) {
        if (s) {
            s->to_us = now;
            if (s->gap >= 0 && (size_t)s->gap < l->ngaps)
                l->gap[s->gap].to_us = now;
        }
        l->quiet_us = 0;
        stage_dirty(st);
    }
}

int64_t quiet_since(const struct live *l, const char **why)
{
    static const enum watch_what shown[] = {WATCH_PODS, WATCH_SLICES};
    *why = "the Kubernetes API is silent: no answer, no event";
    if (l->quiet_us)
        return l->quiet_us;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct watch *w = &l->watch[shown[i]];
        if (!w->up && w->down_us && w->err.code != ERR_FORBIDDEN) {
            *why = w->err.code ? w->err.msg : "the watch is being opened again";
            return w->down_us;
        }
    }
    return 0;
}
