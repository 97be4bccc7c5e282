/*
 * Purpose:   which columns of a table fit into how many cells, and how wide each is. Who an object is (cluster, namespace,
 *            name) and how it does stay, however narrow; ages, latencies and what is empty go first.
 * Thread:    ui. Pure, for tests: the same input gives the same columns, whatever the clock says.
 * Ownership: borrows everything.
 * Units:     cells.
 */
#ifndef STRATA_TUI_COLFIT_H
#define STRATA_TUI_COLFIT_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/kind.h"
#include "strata/row.h"
#include "tui/colprefs.h"

#define TABLE_COLUMNS 64
#define COLFIT_SOURCE TABLE_COLUMNS       /* place of the source column in seen[] */

/* A column as it is shown. col -1: the source's name. */
struct table_column { int col; int width; int x; };

struct colfit_in {
    const struct kind *kind;
    const int *seen;                      /* widest content so far, by column; TABLE_COLUMNS + 1 */
    const struct colpref *pref;           /* the user's widths; NULL: none */
    int lead;                             /* first column that is not the source: a tree hangs there */
    int sort;                             /* the heading with the arrow, -1 = none */
    int avail;
};
struct colfit { struct table_column col[TABLE_COLUMNS]; int n, gap, hidden; };

void colfit_make(const struct colfit_in *in, const int *cols, size_t n, struct colfit *f);
int colfit_total(const struct colfit *f);
int colfit_wanted(const struct colfit_in *in, int col);               /* content and heading, when there is room */
int colfit_keep(const struct colfit_in *in, int col);                 /* the higher, the longer it stays */
const char *colfit_title(const struct kind *k, int col);
bool colfit_leads(const struct colfit_in *in, int col);               /* what a row is known by */
/* Cells that a value's type needs whatever the time is ("5m30s" follows "9s"); -1: as wide as its text. */
int colfit_reserve(const struct row *r, int col);

#endif
