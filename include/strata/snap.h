/*
 * Purpose:   immutable snapshot of one feed (kind x source x scope): rows and how fresh they are.
 * Thread:    any holder reads; snap_ref/unref from any thread (atomic). The last unref hands it
 *            back to the net thread, which frees rows.
 * Ownership: shared. Rows are borrowed while the snap is held.
 */
#ifndef STRATA_SNAP_H
#define STRATA_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/row.h"

enum feed_state {
    FEED_LOADING,     /* nothing complete yet; rows may already be there */
    FEED_LIVE,        /* complete and followed */
    FEED_STALE,       /* complete once, the source does not answer now: rows as of last_ok */
    FEED_FAILED,      /* never complete, and cannot be (err says why) */
};

struct feed_status {
    enum feed_state state;
    bool own_only;              /* partial in no more than this: one's own project is shown, others are not allowed */
    bool partial;               /* a part could not be seen (403 for other projects, paging cut): note says what */
    int64_t last_ok_mono_ms;    /* last sign that the rows are current; 0 never */
    struct err err;             /* last failure, code ERR_OK if none */
    bool told;                  /* err is not of its own request, which is under way yet: its API is known to fail */
    char note[160];             /* "only namespace openstack", "project demo only: not allowed to list all" */
};

#define SNAP_CHUNK 256
struct snap_chunk;              /* 256 row pointers, shared between snaps that agree */

struct snap;
struct snap *snap_ref(struct snap *s);
void snap_unref(struct snap *s);             /* NULL is fine */

const struct kind *snap_kind(const struct snap *s);       /* NULL while a discovered kind is unknown */
uint16_t snap_source(const struct snap *s);
uint64_t snap_version(const struct snap *s);              /* grows with each publication of the feed */
const struct feed_status *snap_status(const struct snap *s);
size_t snap_count(const struct snap *s);                  /* rows */
size_t snap_slots(const struct snap *s);                  /* slots; some are empty */
const struct row *snap_row(const struct snap *s, size_t slot);            /* NULL: empty slot */
const struct snap_chunk *snap_chunk(const struct snap *s, size_t chunk);  /* identity = nothing changed in it */
const struct row *snap_find(const struct snap *s, const char *uid);       /* O(n): for rare use */

/* Calls removed/added for what differs between two snaps of one feed (old may be NULL).
 * Cost is the number of chunks plus the changed chunks. A changed row is removed, then added. */
void snap_diff(const struct snap *old, const struct snap *now, void (*removed)(void *, const struct row *),
               void (*added)(void *, const struct row *), void *arg);

#endif
