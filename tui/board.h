/*
 * Purpose:   a board: lines written from the newest picture, each perhaps about an object, with a cursor that stays on its line
 *            and a foot that tells more about it. Links, columns, causes, layers and the stack are boards.
 * Thread:    ui.
 * Ownership: the board keeps the picture its lines are of; arg is closed with it.
 */
#ifndef STRATA_TUI_BOARD_H
#define STRATA_TUI_BOARD_H

#include "strata/graph.h"
#include "strata/tell.h"
#include "tui/app.h"
#include "tui/canvas.h"

struct board;
struct board_kind {
    const char *title;
    /* Writes all lines anew, from this picture. */
    void (*write)(struct board *b, const struct graph *g, const struct tell *t, void *arg);
    void (*close)(void *arg);                       /* NULL: nothing */
};
/* arg is moved, also when there is no memory. name: in the title, "" none. */
void board_open(struct app *a, const struct board_kind *k, const char *name, void *arg);

/* ---- writing ---- */
void board_line(struct board *b);                                   /* the next line begins; empty ones are skipped by the cursor */
void board_row(struct board *b, const struct row *r);               /* it is about this object */
void board_leads(struct board *b, size_t line);                     /* enter moves the cursor to that line instead */
void board_runs(struct board *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));     /* enter runs this line of the : prompt */
void board_under(struct board *b, size_t line);                     /* what stands upon it: u moves there */
size_t board_at(const struct board *b);                             /* the number of this line */
void board_put(struct board *b, int role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool board_most(struct board *b, int cells);                        /* true: what was put last takes no more of them on the screen; a file has it whole */
void board_to(struct board *b, int column);                         /* what follows begins there at least */
void board_state(struct board *b, const struct row *r);             /* glyph of its health, and its words */
void board_name(struct board *b, const struct row *r);              /* kind, name, where */
void board_foot(struct board *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));     /* said when the cursor is on it */

#endif
