/*
 * Purpose:   rows made of the picture of how everything hangs together, for a view with columns, filter and order as any list has them:
 *            causes are such rows.
 * Thread:    any, one at a time; its snaps stay with the thread that made it.
 * Ownership: listing_free; snaps that are held stay valid. Texts are copied.
 * Errors:    without memory listing_new and listing_snap give NULL, a row that is begun NULL, and listing_failed is true from then on.
 */
#ifndef STRATA_LISTING_H
#define STRATA_LISTING_H

#include "strata/row.h"
#include "strata/snap.h"
#include "strata/str.h"

/* The first column of its kind is its place as it was written, the default to sort by. */
#define LISTING_ORDER {.id = "order", .title = "ORDER", .help = "Its place in the order of this list.", .type = COL_INT, .flags = COL_HIDDEN | COL_SORT}

struct listing;
struct listing *listing_new(const struct kind *k);
void listing_free(struct listing *g);                   /* NULL is fine */
/* A row about this one of the picture, node, begins: its cells are set (rowbuf_*), then its foot is said (may be NULL) and it is done. */
struct rowbuf *listing_row(struct listing *g, const struct row *about, uint32_t node);
/* The same of what is told of it, or of what the picture does not know: several may be about one object. uid: the same when the list is
 * written anew; of two the second is changed. */
struct listing_of { uint16_t source; uint32_t node; const char *uid, *scope, *name; enum health health; };
struct rowbuf *listing_line(struct listing *g, const struct listing_of *of);
void listing_done(struct listing *g, const char *foot);
struct str *listing_head(struct listing *g);            /* above the rows, a line each; empty none */
struct str *listing_unseen(struct listing *g);          /* what is not seen, a line each; empty nothing */
bool listing_failed(const struct listing *g);
size_t listing_count(const struct listing *g);
struct snap *listing_snap(struct listing *g, uint16_t source);      /* those of one source, maybe none: a new reference */
/* Of a row of one of its snaps; NULL, or of another: LINK_NO_NODE, "". */
uint32_t listing_node(const struct listing *g, const struct row *r);
const char *listing_foot(const struct listing *g, const struct row *r);

#endif
