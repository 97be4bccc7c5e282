/* The feeds the links need, and the graph that is made of them when somebody looks and something changed. */
#include "strata/world.h"

#include <stdio.h>
#include <string.h>

#include "core/links/profile.h"
#include "strata/errand.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/tell.h"

#define KINDS_MAX 96

struct world_feed { uint32_t id; uint16_t source; const char *kind; struct snap *snap; int64_t asked_ms; };
struct world {
    struct core *core;
    struct world_feed *feed;
    size_t n;
    struct source_info *source;
    size_t nsources;
    struct link_profiles *profiles;
    struct links *links;
    bool changed;
    struct graph *graph;
    struct errand *drawing;     /* one is being made */
    bool all;                   /* world_ask_all */
    bool asked;                 /* something changed since the last one was begun */
    int64_t not_before_ms;
};

#define NAMED 4                 /* kinds that are not seen for one reason, by name */
#define DRAW_REST_MS 500        /* between two pictures at least, */
#define DRAW_SHARE 10           /* and so many times what the last one cost */

/* between: those that links_only_between; else the others. */
static bool open_kinds(struct world *w, const struct source_info *s, bool between)
{
    const char *kinds[KINDS_MAX];
    size_t n = links_kinds(s->plane, kinds, KINDS_MAX), cap = w->n;
    if (!mem_grow(&w->feed, &cap, w->n + n, sizeof *w->feed))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (links_only_between(kinds[i]) != between)
            continue;
        uint32_t id = core_open(w->core, s->id, kinds[i], "");
        if (!id)
            return false;
        w->feed[w->n++] = (struct world_feed){id, s->id, kinds[i], NULL, clock_mono_ms()};
    }
    return true;
}

struct world *world_open(struct core *c, const struct source_info *source, size_t nsources, const char *profiles_dir, struct err *err)
{
    struct world *w = mem_zalloc(sizeof *w);
    if (!w)
        return NULL;
    w->core = c;
    w->nsources = nsources;
    bool ok = (w->source = mem_alloc((nsources + 1) * sizeof *w->source)) && (w->profiles = link_profiles_new());
    if (ok) {
        memcpy(w->source, source, nsources * sizeof *source);
        if (*profiles_dir)
            link_profiles_dir(w->profiles, profiles_dir, err);
    }
    for (size_t i = 0; ok && i < nsources; i++)
        ok = open_kinds(w, &source[i], false);
    if (!ok) {
        world_close(w);
        return NULL;
    }
    return w;
}

bool world_ask_all(struct world *w)
{
    bool ok = true;
    for (size_t i = 0; i < w->nsources && !w->all; i++)
        ok = open_kinds(w, &w->source[i], true) && ok;
    w->asked |= !w->all;
    w->all = true;
    return ok;
}

void world_close(struct world *w)
{
    if (!w)
        return;
    errand_leave(w->drawing);
    links_free(w->links);
    graph_unref(w->graph);
    for (size_t i = 0; i < w->n; i++) {
        core_close(w->core, w->feed[i].id);
        snap_unref(w->feed[i].snap);
    }
    link_profiles_free(w->profiles);
    mem_free(w->feed);
    mem_free(w->source);
    mem_free(w);
}

static bool take_graph(struct world *w, struct event *e)
{
    if (!w->drawing || e->id != errand_id(w->drawing))
        return false;
    errand_leave(w->drawing);
    w->drawing = NULL;
    w->not_before_ms = clock_mono_ms() + DRAW_REST_MS + (e->graph ? DRAW_SHARE * e->graph->cost_ms : 0);
    if (e->graph) {
        graph_unref(w->graph);
        w->graph = e->graph;
        e->graph = NULL;
    }
    return true;
}

bool world_event(struct world *w, struct event *e)
{
    if (e->type == EV_GRAPH)
        return take_graph(w, e);
    for (size_t i = 0; e->type == EV_SNAP && i < w->n; i++) {
        struct world_feed *f = &w->feed[i];
        if (f->id != e->id)
            continue;
        snap_unref(f->snap);
        f->snap = snap_ref(e->snap);
        w->changed = w->asked = true;
        return true;
    }
    return false;
}

static bool loading(const struct world_feed *f) { return !f->snap || snap_status(f->snap)->state == FEED_LOADING; }

bool world_settled(const struct world *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (loading(&w->feed[i]))
            return false;
    return true;
}

bool world_progress(const struct world *w, const struct event *e)
{
    for (size_t i = 0; e->type == EV_SNAP && i < w->n; i++)
        if (w->feed[i].id == e->id)
            return loading(&w->feed[i]) && (!snap_status(e->snap)->err.code || snap_status(e->snap)->told);
    return false;
}

/* It was tried itself, and is tried again. */
static bool failed_once(const struct world_feed *f) { return f->snap && snap_status(f->snap)->err.code && !snap_status(f->snap)->told; }

static size_t seen_snaps(const struct world *w, const struct snap **snaps)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->feed[i].snap)
            snaps[n++] = w->feed[i].snap;
    return n;
}

/* As they stand now. */
static void look_at_sources(struct world *w)
{
    struct source_info *now = mem_alloc(CORE_MAX_SOURCES * sizeof *now);
    size_t n = now ? core_sources(w->core, now, CORE_MAX_SOURCES) : 0;
    for (size_t i = 0; i < w->nsources; i++)
        for (size_t k = 0; k < n; k++)
            if (now[k].id == w->source[i].id) {
                bool moved = now[k].state != w->source[i].state || now[k].err.code != w->source[i].err.code;
                w->changed |= moved;
                w->asked |= moved;
                w->source[i] = now[k];
            }
    mem_free(now);
}

bool world_silent(struct world *w)
{
    bool all = true;
    look_at_sources(w);
    for (size_t i = 0; i < w->n && all; i++)
        for (size_t k = 0; k < w->nsources && loading(&w->feed[i]) && !failed_once(&w->feed[i]); k++)
            if (w->source[k].id == w->feed[i].source)
                all &= w->source[k].state != SOURCE_OK && w->source[k].state != SOURCE_DEGRADED && w->source[k].err.code != ERR_OK;
    return all;
}

const struct links *world_links(struct world *w)
{
    look_at_sources(w);
    if (w->links && !w->changed)
        return w->links;
    const struct snap **snaps = mem_zalloc((w->n + 1) * sizeof *snaps);
    if (!snaps)
        return NULL;
    struct links *made = links_build(&(struct links_world){snaps, seen_snaps(w, snaps), w->source, w->nsources}, w->profiles);
    mem_free(snaps);
    if (!made)
        return NULL;
    links_free(w->links);
    w->links = made;
    w->changed = false;
    return made;
}

/* ---- beside the screen ---- */

struct drawing {
    struct link_profiles *profiles;
    bool settled;
    struct source_info *source; /* as they were when it was asked for */
    size_t nsources;
    size_t n;
    const struct snap *snap[];
};

static void drawing_free(void *arg)
{
    struct drawing *d = arg;
    for (size_t i = 0; i < d->n; i++)
        snap_unref((struct snap *)d->snap[i]);
    link_profiles_free(d->profiles);
    mem_free(d->source);
    mem_free(d);
}

static void draw(void *arg, struct event *e)
{
    const struct drawing *d = arg;
    e->graph = graph_make(&(struct links_world){d->snap, d->n, d->source, d->nsources}, d->profiles, d->settled);
}

void world_draw(struct world *w)
{
    if (!w->drawing && clock_mono_ms() >= w->not_before_ms)
        look_at_sources(w);
    if (w->drawing || !w->asked || clock_mono_ms() < w->not_before_ms)
        return;
    struct drawing *d = mem_zalloc(sizeof *d + w->n * sizeof *d->snap);
    if (!d || !(d->source = mem_alloc((w->nsources + 1) * sizeof *d->source))) {
        mem_free(d);
        return;
    }
    memcpy(d->source, w->source, w->nsources * sizeof *d->source);
    d->nsources = w->nsources;
    d->profiles = link_profiles_ref(w->profiles);
    d->settled = world_settled(w);
    d->n = seen_snaps(w, d->snap);
    for (size_t i = 0; i < d->n; i++)
        snap_ref((struct snap *)d->snap[i]);
    w->drawing = errand_begin(w->core, EV_GRAPH, 0, draw, drawing_free, d);
    if (!w->drawing)
        drawing_free(d);
    w->asked = !w->drawing;
}

struct graph *world_graph(const struct world *w)
{
    return w->graph;
}

static const struct source_info *source_of(void *arg, uint16_t id)
{
    const struct world *w = arg;
    for (size_t i = 0; i < w->nsources; i++)
        if (w->source[i].id == id)
            return &w->source[i];
    return NULL;
}

static const char *source_name(const struct world *w, uint16_t id)
{
    const struct source_info *s = source_of((void *)w, id);
    return s ? s->name : "";
}

#define SAYS 700
#define SOON_MS 5000

/* Nothing came of it, not even that it failed: what its source says, where that says something, and how long that lasts. */
static const char *silent(const struct world *w, const struct world_feed *f, char says[SAYS])
{
    const struct source_info *s = source_of((void *)w, f->source);
    bool told = s && s->state != SOURCE_OK && s->err.msg[0];
    int64_t waits = clock_mono_ms() - f->asked_ms;
    if (waits < SOON_MS)
        snprintf(says, SAYS, "%s", told ? s->err.msg : "not read yet");
    else
        snprintf(says, SAYS, "%s%sno answer for %lld s", told ? s->err.msg : "", told ? ", " : "", (long long)waits / 1000);
    return says;
}

static const char *unseen_of(const struct world *w, const struct world_feed *f, char says[SAYS])
{
    const struct feed_status *s = f->snap ? snap_status(f->snap) : NULL;
    if (!s || (s->state == FEED_LOADING && !s->err.msg[0]))
        return silent(w, f, says);
    if (s->state == FEED_LIVE || s->err.code == ERR_NOTFOUND)     /* this API is not there: nothing is hidden */
        return NULL;
    if (s->err.code == ERR_FORBIDDEN && !links_needs(f->kind))          /* such as the names of Helm's secrets: nobody depends on them */
        return NULL;
    return s->err.msg[0] ? s->err.msg : silent(w, f, says);
}

/* Feeds of its source that say the same. first: it is the first of them. */
static size_t alike(const struct world *w, size_t at, const char *says, size_t *of, bool *first)
{
    size_t n = 0;
    *of = 0;
    *first = true;
    for (size_t i = 0; i < w->n; i++) {
        char mine[SAYS];
        const struct snap *s = w->feed[i].snap;
        const char *other = w->feed[i].source == w->feed[at].source ? unseen_of(w, &w->feed[i], mine) : NULL;
        *of += w->feed[i].source == w->feed[at].source && (!s || snap_status(s)->err.code != ERR_NOTFOUND);     /* what is not there says nothing */
        if (!other || strcmp(other, says) != 0)
            continue;
        n++;
        *first &= i >= at;
    }
    return n;
}

/* "hypervisor, server and 4 more: " */
static void name_alike(const struct world *w, size_t at, const char *says, struct str *out)
{
    size_t n = 0;
    for (size_t i = at; i < w->n; i++) {
        char mine[SAYS];
        const char *other = w->feed[i].source == w->feed[at].source ? unseen_of(w, &w->feed[i], mine) : NULL;
        if (!other || strcmp(other, says) != 0)
            continue;
        if (n < NAMED)
            str_addf(out, "%s%s", n ? ", " : "", w->feed[i].kind);
        n++;
    }
    if (n > NAMED)
        str_addf(out, " and %zu more", n - NAMED);
    str_adds(out, ": ");
}

/* Another context shows its cluster. */
static bool elsewhere(const struct links *l, const struct world_feed *f) { return l && links_cluster(l, f->source) != f->source; }

bool world_sees_all(const struct world *w)
{
    const struct links *l = w->links ? w->links : w->graph ? w->graph->links : NULL;
    char says[SAYS];
    for (size_t i = 0; i < w->n; i++)
        if (unseen_of(w, &w->feed[i], says) && !elsewhere(l, &w->feed[i]))
            return false;
    return true;
}

static int64_t answered(const struct world *w, const struct world_feed *f)
{
    return f->snap ? tell_answered(&(struct tell){.source = source_of, .arg = (void *)w}, f->snap) : 0;
}

static size_t seen_before(const struct world *w, uint16_t source)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += w->feed[i].source == source && answered(w, &w->feed[i]) > 0;
    return n;
}

/* waits: of those that may still come. */
static void tell_unseen_feeds(const struct world *w, bool waits, struct str *out)
{
    const struct links *l = w->links ? w->links : w->graph ? w->graph->links : NULL;
    for (size_t i = 0; i < w->n; i++) {
        const struct world_feed *f = &w->feed[i];
        char mine[SAYS];
        const char *says = unseen_of(w, f, mine);
        size_t of;
        bool first;
        if (!says || (waits && !loading(f)) || elsewhere(l, f))
            continue;
        size_t n = alike(w, i, says, &of, &first);
        if (!first)
            continue;
        size_t old = n == of ? seen_before(w, f->source) : 0;
        str_addf(out, "%s: ", source_name(w, f->source));
        if (n == of && old)                     /* the whole source; what it showed is still told */
            str_addf(out, "%zu of its %zu kinds are as they were seen last: ", old, n);
        else if (n == of)
            str_addf(out, "none of its %zu kinds is seen: ", n);
        else
            name_alike(w, i, says, out);
        str_adds(out, says);
        tell_last(answered(w, f), out);
        str_addc(out, '\n');
    }
}

void world_unseen(const struct world *w, struct str *out) { tell_unseen_feeds(w, false, out); }
void world_waits(const struct world *w, struct str *out) { tell_unseen_feeds(w, true, out); }
