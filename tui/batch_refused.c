/* A kind or an object that is not among what the links know: is it not there, or may who asks not look? */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/graph.h"
#include "strata/links.h"
#include "tui/batch.h"

#define PATIENCE_MS 30000

enum look { WHOLE, PART, NOTHING };

/* How much of its list that source shows, and why not all, in the server's own words; where there is no such thing, that is all. */
static enum look look_at(struct batch *b, uint16_t source, const char *kind, struct str *out)
{
    const struct source_info *s = batch_source(b, source);
    if (s && s->state != SOURCE_OK && s->state != SOURCE_DEGRADED && s->err.code != ERR_OK) {       /* it has been waited for */
        str_addf(out, "%s%s: %s", out->len ? "; " : "", s->name, s->err.msg);
        return NOTHING;
    }
    uint32_t id = core_open(b->core, source, kind, "");
    int64_t end = clock_mono_ms() + PATIENCE_MS;
    enum look seen = WHOLE;
    bool known = !id;
    for (struct event *e; !known && (e = batch_event_until(b, end)); event_free(e)) {
        const struct feed_status *st = e->type == EV_SNAP && e->id == id ? snap_status(e->snap) : NULL;
        if (!st || st->state == FEED_LOADING)
            continue;
        bool failed = st->state != FEED_LIVE && st->err.code != ERR_NOTFOUND && st->err.code != ERR_UNSUPPORTED;
        known = true;
        seen = failed ? NOTHING : st->partial ? PART : WHOLE;
        if (seen != WHOLE)
            str_addf(out, "%s%s: %s", out->len ? "; " : "", s ? s->name : "?", failed ? st->err.msg : st->note);
    }
    if (id)
        core_close(b->core, id);
    return seen;
}

/* Of those that show it: some, and all of it. */
struct looked { size_t some, whole, of; };

static struct looked look(struct batch *b, const struct links *l, const char *kind, struct str *out)
{
    struct looked n = {0};
    const struct kind *k = kind_find(kind);
    enum plane plane = k ? k->plane : PLANE_KUBE;
    for (size_t i = 0; i < b->ninfo; i++) {
        const struct source_info *s = &b->info[i];
        if (s->plane != plane || links_cluster(l, s->id) != s->id)     /* another context shows its cluster */
            continue;
        enum look seen = look_at(b, s->id, kind, out);
        n.of++;
        n.some += seen != NOTHING;
        n.whole += seen == WHOLE;
    }
    return n;
}

const struct kind *batch_world_kind(struct batch *b, const struct links *l, const char *verb, const char *name)
{
    const struct kind *k = l ? links_kind(l, name) : NULL;
    struct str why;
    if (!l || k)
        return k;
    str_init(&why, 4096);
    struct looked n = look(b, l, name, &why);
    if (n.whole < n.of)
        batch_error(b, EXIT_FAILED, "%s: no %s can be looked at: %s", verb, name, why.data ? why.data : "");
    else
        batch_error(b, EXIT_USAGE, "%s: there is no kind \"%s\"", verb, name);
    str_release(&why);
    return NULL;
}

bool batch_not_found(struct batch *b, const struct links *l, const struct kind *k, const char *name)
{
    if (!graph_speaks_of(k)) {
        batch_error(b, EXIT_NOT_FOUND, "no rule links any %s to anything; strata get %s and strata describe %s tell what there is of it", k->singular, k->singular, k->singular);
        return false;
    }
    struct str why;
    str_init(&why, 4096);
    struct looked n = look(b, l, k->id, &why);
    bool seen = n.some || n.whole == n.of;
    if (n.whole == n.of)
        batch_error(b, EXIT_NOT_FOUND, "%s \"%s\" not found", k->singular, name);
    else if (!seen)
        batch_error(b, EXIT_FAILED, "cannot see whether %s \"%s\" is there: %s", k->singular, name, why.data ? why.data : "");
    else if (n.some < n.of)
        batch_error(b, EXIT_FAILED, "cannot see whether %s \"%s\" is there, only that nothing else shows it: %s", k->singular, name, why.data ? why.data : "");
    else
        batch_error(b, EXIT_FAILED, "%s \"%s\" not found in what may be looked at; %s", k->singular, name, why.data ? why.data : "");
    str_release(&why);
    return seen;
}
