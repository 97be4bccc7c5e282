/*
 * Purpose:   the user's own columns of a kind: which, in what order, how wide; as the lines of a state file.
 * Thread:    ui. Pure, for tests; app.c reads and writes the file.
 * Ownership: colprefs owns its entries; pointers into it hold until colprefs_drop/release.
 * Errors:    a line that says nothing known is skipped; NULL / false when memory is out.
 *
 * A line is `show KIND ID...` (from left to right) or `width KIND ID CELLS`; '#' starts a comment.
 */
#ifndef STRATA_TUI_COLPREFS_H
#define STRATA_TUI_COLPREFS_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/str.h"

#define COLPREF_COLUMNS 64
#define COLPREF_ID 48
#define COLPREF_WIDTH_MIN 3
#define COLPREF_WIDTH_MAX 200

struct colpref {
    char kind[80];
    int nshow;                                   /* 0 = the kind's own choice */
    char show[COLPREF_COLUMNS][COLPREF_ID];
    int nwidth;
    struct { char id[COLPREF_ID]; int cells; } width[COLPREF_COLUMNS];
};
struct colprefs { struct colpref **e; size_t n, cap; };

void colprefs_release(struct colprefs *p);
void colprefs_parse(struct colprefs *p, const char *text);
void colprefs_print(const struct colprefs *p, struct str *out);
struct colpref *colprefs_find(const struct colprefs *p, const char *kind);      /* NULL: none */
struct colpref *colprefs_get(struct colprefs *p, const char *kind);             /* made when there is none */
/* As `mine` has that kind, or has it not. false: memory. */
bool colprefs_take(struct colprefs *p, const struct colprefs *mine, const char *kind);
void colprefs_drop(struct colprefs *p, const char *kind);

int colpref_width(const struct colpref *c, const char *id);                     /* 0 = as the content needs; c may be NULL */
void colpref_set_width(struct colpref *c, const char *id, int cells);           /* clamped; 0 takes it back */
bool colpref_show(struct colpref *c, const char *id);                           /* at the end; false: full */

#endif
