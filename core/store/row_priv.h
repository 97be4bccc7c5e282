/*
 * Purpose:   inside core/store: life of rows, chunks and snaps.
 * Thread:    net thread, but for snap_ref/unref.
 */
#ifndef STRATA_ROW_PRIV_H
#define STRATA_ROW_PRIV_H

#include <stdatomic.h>

#include "core/store/pool.h"
#include "strata/snap.h"

struct snap_chunk {
    uint32_t refs;                    /* the store's and each snap's */
    uint32_t used;                    /* rows in it */
    struct row *row[SNAP_CHUNK];
};

struct snap {
    atomic_uint refs;
    uint16_t source;
    const struct kind *kind;
    uint64_t version;
    struct feed_status status;
    size_t count, slots, nchunks;
    struct strpool *pool;
    void (*recycle)(void *arg, struct snap *s);
    void *recycle_arg;
    struct snap_chunk *chunk[];
};

void row_unref(struct row *r, struct strpool *pool);
/* Same to the eye and to every action? Then the old row may stay. */
bool row_same(const struct row *a, const struct row *b);
/* A copy with one numeric cell, or the health, changed. */
struct row *row_with_num(const struct row *r, struct strpool *pool, int col, int64_t n);
struct row *row_with_health(const struct row *r, struct strpool *pool, uint8_t health);
/* What its age makes of it; and when it will be worse than it is (INT64_MAX never). */
uint8_t row_health_at(const struct row *r, int64_t now_ms);
int64_t row_next_later(const struct row *r);

struct snap_chunk *chunk_new(void);
struct snap_chunk *chunk_copy(const struct snap_chunk *c);     /* rows get one more use each */
void chunk_unref(struct snap_chunk *c, struct strpool *pool);

#endif
