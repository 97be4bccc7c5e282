/* Snapshots: counted from any thread, freed on the net thread; differences found chunk by chunk. */
#include "strata/snap.h"

#include <string.h>

#include "core/store/row_priv.h"
#include "strata/mem.h"
#include "strata/store.h"

struct snap_chunk *chunk_new(void)
{
    struct snap_chunk *c = mem_zalloc(sizeof(*c));
    if (c)
        c->refs = 1;
    return c;
}

struct snap_chunk *chunk_copy(const struct snap_chunk *c)
{
    struct snap_chunk *n = mem_alloc(sizeof(*n));
    if (!n)
        return NULL;
    *n = *c;
    n->refs = 1;
    for (size_t i = 0; i < SNAP_CHUNK; i++) {
        if (n->row[i])
            n->row[i]->refs++;
    }
    return n;
}

void chunk_unref(struct snap_chunk *c, struct strpool *pool)
{
    if (!c || --c->refs)
        return;
    for (size_t i = 0; i < SNAP_CHUNK; i++)
        row_unref(c->row[i], pool);
    mem_free(c);
}

struct snap *snap_ref(struct snap *s)
{
    if (s)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void snap_unref(struct snap *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (s->recycle)
        s->recycle(s->recycle_arg, s);
    else
        snap_destroy(s);
}

void snap_destroy(struct snap *s)
{
    for (size_t i = 0; i < s->nchunks; i++)
        chunk_unref(s->chunk[i], s->pool);
    pool_unref(s->pool);
    mem_free(s);
}

const struct kind *snap_kind(const struct snap *s)
{
    return s->kind;
}

uint16_t snap_source(const struct snap *s)
{
    return s->source;
}

uint64_t snap_version(const struct snap *s)
{
    return s->version;
}

const struct feed_status *snap_status(const struct snap *s)
{
    return &s->status;
}

size_t snap_count(const struct snap *s)
{
    return s->count;
}

size_t snap_slots(const struct snap *s)
{
    return s->slots;
}

const struct row *snap_row(const struct snap *s, size_t slot)
{
    return slot < s->slots ? s->chunk[slot / SNAP_CHUNK]->row[slot % SNAP_CHUNK] : NULL;
}

const struct snap_chunk *snap_chunk(const struct snap *s, size_t chunk)
{
    return chunk < s->nchunks ? s->chunk[chunk] : NULL;
}

const struct row *snap_find(const struct snap *s, const char *uid)
{
    for (size_t i = 0; i < s->slots; i++) {
        const struct row *r = snap_row(s, i);
        if (r && !strcmp(r->uid, uid))
            return r;
    }
    return NULL;
}

void snap_diff(const struct snap *old, const struct snap *now, void (*removed)(void *, const struct row *),
               void (*added)(void *, const struct row *), void *arg)
{
    size_t n_old = old ? old->nchunks : 0, n_now = now ? now->nchunks : 0;
    for (size_t c = 0; c < n_old || c < n_now; c++) {
        const struct snap_chunk *a = c < n_old ? old->chunk[c] : NULL, *b = c < n_now ? now->chunk[c] : NULL;
        if (a == b)
            continue;
        for (size_t i = 0; i < SNAP_CHUNK; i++) {
            const struct row *ra = a ? a->row[i] : NULL, *rb = b ? b->row[i] : NULL;
            if (ra == rb)
                continue;
            if (ra)
                removed(arg, ra);
            if (rb)
                added(arg, rb);
        }
    }
}
