/* A ring of state changes seen between two snapshots of a feed: what has no history of its own gets one while strata runs. */
#include <string.h>

#include "core/core_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/timeline.h"

#define RING 4096
#define WORDS 160
#define STATES 8
#define WATCHED_MS 1000        /* a watch tells a change at most so much later (with the wait for a publication) */
#define SAME 64                /* several feeds of a kind see one change: not told twice */
#define SAME_MS 5000

struct seen_ring { struct seen_change *at[RING]; uint64_t n; };

/* Columns that say how something is, where it is, and who keeps it so. */
static bool says_state(const struct column *c)
{
    static const char *const ids[] = {"state", "status", "reason", "ready", "power", "task", "host_status", "maintenance", "provision", "operating", "provisioning",
                                      "node", "hypervisor_hostname"};
    if (c->type != COL_TEXT && c->type != COL_RATIO)
        return false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (!strcmp(c->id, ids[i]))
            return true;
    return c->flags & COL_STATE;
}

struct observer { struct core *core; const struct kind *kind; int col[STATES]; size_t ncol; int64_t lo_ms, hi_ms; };

static void words(const struct observer *o, const struct row *r, char *buf)
{
    char cell[WORDS];
    size_t at = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < o->ncol && at + 4 < WORDS; i++) {
        const char *s = row_text(r, o->col[i], 0, cell, sizeof cell);
        size_t n = strlen(s), room = WORDS - 3 - at;
        if (!n || *s == '<')
            continue;
        if (at)
            memcpy(buf + at, ", ", 2), at += 2;
        n = n < room ? n : room;
        while (n && ((unsigned char)s[n] & 0xc0) == 0x80)      /* whole characters */
            n--;
        memcpy(buf + at, s, n);
        buf[at += n] = '\0';
    }
}

static const char *put(char **at, const char *s)
{
    if (!s)
        return NULL;
    size_t n = strlen(s) + 1;
    char *to = memcpy(*at, s, n);
    *at += n;
    return to;
}

static size_t size_of(const char *s) { return s ? strlen(s) + 1 : 0; }
static bool same(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

static bool known(const struct seen_ring *g, const struct seen_change *s)
{
    for (uint64_t i = 0; i < SAME && i < g->n && i < RING; i++) {
        const struct seen_change *x = g->at[(g->n - 1 - i) % RING];
        if (x->source == s->source && x->kind == s->kind && s->hi_ms - x->hi_ms < SAME_MS && same(x->uid, s->uid) && same(x->was, s->was) && same(x->is, s->is))
            return true;
    }
    return false;
}

static void keep(const struct observer *o, const struct row *r, uint8_t before, const char *was, const char *is)
{
    struct core *c = o->core;
    struct seen_change s = {.kind = r->kind, .uid = r->uid, .name = r->name, .scope = r->scope, .was = was, .is = is, .lo_ms = o->lo_ms, .hi_ms = o->hi_ms,
                            .source = r->source, .health = r->health, .was_health = before};
    struct seen_change *kept = mem_alloc(sizeof s + size_of(s.uid) + size_of(s.name) + size_of(s.scope) + size_of(was) + size_of(is));
    if (!kept)
        return;
    char *at = (char *)(kept + 1);
    *kept = s;
    kept->uid = put(&at, s.uid);
    kept->name = put(&at, s.name);
    kept->scope = put(&at, s.scope);
    kept->was = put(&at, was);
    kept->is = put(&at, is);
    pthread_mutex_lock(&c->lock);
    if (!c->seen)
        c->seen = mem_zalloc(sizeof *c->seen);
    if (c->seen && !known(c->seen, kept)) {
        struct seen_change **slot = &c->seen->at[c->seen->n++ % RING];
        struct seen_change *old = *slot;
        *slot = kept;
        kept = old;
    }
    pthread_mutex_unlock(&c->lock);
    mem_free(kept);
}

static void compare(const struct observer *o, const struct row *a, const struct row *b)
{
    char was[WORDS], is[WORDS];
    if (a)
        words(o, a, was);
    if (b)
        words(o, b, is);
    if (a && b && !strcmp(a->uid, b->uid)) {
        if (strcmp(was, is) != 0)
            keep(o, b, a->health, was, is);
        else if (a->health != b->health)
            keep(o, b, a->health, health_name((enum health)a->health), health_name((enum health)b->health));
        return;
    }
    if (a)
        keep(o, a, a->health, was, NULL);
    if (b)
        keep(o, b, HEALTH_NONE, NULL, is);
}

static bool complete(const struct snap *s)
{
    return s && (snap_status(s)->state == FEED_LIVE || snap_status(s)->state == FEED_STALE);
}

void feed_observe(struct feed *f, struct snap *now)
{
    struct snap *old = f->told;
    const struct kind *k = snap_kind(now);
    struct observer o = {.core = f->source->core, .kind = k};
    f->told = snap_ref(now);
    if (complete(old) && snap_status(now)->state == FEED_LIVE && k && k == snap_kind(old) && !(k->flags & KIND_HISTORY)) {
        for (size_t i = 0; i < k->ncolumns && o.ncol < STATES; i++)
            if (says_state(&k->columns[i]))
                o.col[o.ncol++] = (int)i;
        int64_t mono = clock_mono_ms(), before = snap_status(old)->last_ok_mono_ms;
        bool watched = k->plane == PLANE_KUBE && snap_status(old)->state == FEED_LIVE;
        o.hi_ms = clock_wall_ms();
        if (f->ok_before_ms > before && f->ok_before_ms < snap_status(now)->last_ok_mono_ms)
            before = f->ok_before_ms;
        o.lo_ms = watched ? o.hi_ms - WATCHED_MS : o.hi_ms - (mono - before);
    }
    size_t slots = o.ncol ? snap_slots(old) > snap_slots(now) ? snap_slots(old) : snap_slots(now) : 0;
    for (size_t at = 0; at < slots; at++) {
        if (at % SNAP_CHUNK == 0 && snap_chunk(old, at / SNAP_CHUNK) == snap_chunk(now, at / SNAP_CHUNK)) {
            at += SNAP_CHUNK - 1;
            continue;
        }
        const struct row *a = snap_row(old, at), *b = snap_row(now, at);
        if (a != b)
            compare(&o, a, b);
    }
    snap_unref(old);
}

void core_seen_each(struct core *c, void (*fn)(void *arg, const struct seen_change *s), void *arg)
{
    pthread_mutex_lock(&c->lock);
    uint64_t n = c->seen ? c->seen->n : 0;
    for (uint64_t i = n > RING ? n - RING : 0; i < n; i++)
        fn(arg, c->seen->at[i % RING]);
    pthread_mutex_unlock(&c->lock);
}

static bool well(uint8_t health) { return health < HEALTH_UNKNOWN; }

bool core_seen_since(struct core *c, const struct row *r, int64_t *lo_ms)
{
    bool seen = false;
    if (well(r->health))
        return false;
    pthread_mutex_lock(&c->lock);
    uint64_t n = c->seen ? c->seen->n : 0;
    for (uint64_t i = n > RING ? n - RING : 0; i < n; i++) {
        const struct seen_change *s = c->seen->at[i % RING];
        if (s->source != r->source || s->kind != r->kind || strcmp(s->uid, r->uid) != 0)
            continue;
        seen = s->is && (well(s->health) ? false : seen || well(s->was_health));
        if (seen && well(s->was_health))
            *lo_ms = s->lo_ms;
    }
    pthread_mutex_unlock(&c->lock);
    return seen;
}

void seen_free(struct core *c)
{
    for (size_t i = 0; c->seen && i < RING; i++)
        mem_free(c->seen->at[i]);
    mem_free(c->seen);
}
