/*
 * Purpose:   the rows of one feed: put, delete, mark-and-sweep for re-lists, publish snapshots.
 *            Slots in chunks of 256; a snapshot shares the chunks that did not change (copy on write).
 * Thread:    net thread (one writer). Snaps go anywhere.
 * Ownership: store_put moves the row in. strpool belongs to the store.
 * Errors:    false when memory is out; the store is unchanged then.
 */
#ifndef STRATA_STORE_H
#define STRATA_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/row.h"
#include "strata/snap.h"

struct store;
/* recycle: called from any thread when the last holder drops a snap; must get snap_destroy(snap) called
 * on the net thread (core posts it). NULL: destroyed in place (tests). */
struct store *store_new(uint16_t source, void (*recycle)(void *arg, struct snap *s), void *arg);
void store_free(struct store *s);               /* snaps still held stay valid */
void snap_destroy(struct snap *s);              /* net thread */

void store_set_kind(struct store *s, const struct kind *k);
struct rowbuf *store_rowbuf(struct store *s);   /* the store's one row builder; begin/finish/put in turn */
bool store_put(struct store *s, struct row *r); /* by uid; carries COL_CARRY cells over; NULL row = false */
bool store_delete(struct store *s, const char *uid);   /* true if it was there */
const struct row *store_get(const struct store *s, const char *uid);
size_t store_count(const struct store *s);
/* Walks all rows: slots 0 to store_slots()-1; NULL: an empty slot. */
size_t store_slots(const struct store *s);
const struct row *store_row(const struct store *s, size_t slot);
void store_clear(struct store *s);

/* A full list: rows not put between begin and end are removed at end. store_sync_cancel keeps all. */
void store_sync_begin(struct store *s);
size_t store_sync_end(struct store *s);         /* how many were removed */
void store_sync_cancel(struct store *s);
/* Within a re-list, rows known to be still there without new data (metadata-only lists). */
bool store_touch(struct store *s, const char *uid);

/* Changes numeric cells of a row in place of a new object (metrics): makes a new row. */
bool store_set_num(struct store *s, const char *uid, int col, int64_t n);

/* Health gets worse by age alone (rowbuf_later): true if rows changed. And when to look next: ms, INT64_MAX never. */
bool store_age(struct store *s, int64_t now_ms);
int64_t store_next_age(const struct store *s);

struct feed_status *store_status(struct store *s);     /* change it, then publish */
bool store_dirty(const struct store *s);               /* rows changed since the last publication */
struct snap *store_publish(struct store *s);           /* a new reference; NULL when memory is out */

#endif
