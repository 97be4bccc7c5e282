/*
 * Purpose:   what a pane or `strata get` lists: rows of one kind from one or more snaps, filtered, sorted.
 *            Updated by differences: work follows what changed, not how many rows there are.
 * Thread:    one view belongs to one thread (ui, or main in batch mode).
 * Ownership: a view holds a reference on each of its snaps; rows are borrowed until the next update.
 * Errors:    view_* return false when memory is out; the view then shows what it had.
 */
#ifndef STRATA_VIEW_H
#define STRATA_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/filter.h"
#include "strata/row.h"
#include "strata/snap.h"

struct view;
struct view *view_new(void);
void view_free(struct view *v);

/* A new snap for place `at` (0..63, one per feed of the pane; NULL removes). Takes its own reference. */
bool view_update(struct view *v, unsigned at, struct snap *s);
const struct kind *view_kind(const struct view *v);        /* of the first snap that knows it, or NULL */
#define VIEW_BY_SOURCE (-2)                                /* instead of a column: by cluster or cloud */
void view_sort(struct view *v, int col, bool descending);  /* col -1: default of the kind */
int view_sort_column(const struct view *v, bool *descending);
bool view_sort_chosen(const struct view *v);               /* by somebody, not the default */
/* Filter (moved; NULL = none). Narrowing an earlier filter only looks at what is left. now_ms for ages. */
bool view_filter(struct view *v, struct filter *f, int64_t now_ms);
void view_problems(struct view *v, bool only);             /* only HEALTH_WARN, BAD, UNKNOWN (and heads of groups with such) */

size_t view_count(const struct view *v);                   /* rows shown */
size_t view_total(const struct view *v);                   /* rows there are */
const struct row *view_row(const struct view *v, size_t i);
size_t view_index(struct view *v, uint16_t source, const char *uid);  /* place of a row, or SIZE_MAX */
size_t view_place(const struct view *v, const struct row *r);         /* of that object, which was read by the same feed; quick */
/* Count of rows of a health among all rows (not only the filtered). */
size_t view_health(const struct view *v, enum health h);
size_t view_health_of(const struct view *v, uint16_t source, enum health h);       /* those of one source */
struct snap *view_snap(const struct view *v, unsigned at); /* borrowed, or NULL */
uint64_t view_version(const struct view *v);               /* changes whenever something shown may have changed */

#endif
