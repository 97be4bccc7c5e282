/*
 * Purpose:   a list: rows made of the newest picture in a table of its own over the panes, with the columns, sort keys, filter and marks
 *            of any table, a head above and a foot that tells more about the row under the cursor. Causes and a timeline are lists.
 * Thread:    ui.
 * Ownership: the list keeps the picture its rows are of; arg is closed with it.
 * Errors:    without memory the list stays as it was, and the status line says so.
 */
#ifndef STRATA_TUI_VIEW_LIST_H
#define STRATA_TUI_VIEW_LIST_H

#include "strata/graph.h"
#include "strata/listing.h"
#include "strata/tell.h"
#include "tui/app.h"

struct list_kind {
    const struct kind *kind;                        /* its title is the list's */
    /* Its rows are written at once, */
    void (*write)(struct listing *g, struct app *a, const struct graph *p, const struct tell *t, void *arg);
    void (*close)(void *arg);                       /* NULL: nothing */
    /* or, write NULL, beside the screen, and anew when an event says so: gather is done by the ui thread (NULL: memory), make and release
     * by a worker. make says what is not seen, too. */
    bool (*event)(void *arg, struct event *e);
    void *(*gather)(void *arg);
    bool (*make)(void *work, struct listing *g);
    void (*release)(void *work);
    bool at_end;                                    /* the last row is what is looked at, until the user moves from it */
};
void list_open(struct app *a, const struct list_kind *k, const char *title, void *arg);         /* title NULL: its kind's; arg is moved, also without memory */
/* The marked objects of a list over the panes, as they are in the newest picture; those that the filter hides, and what is gone, are left
 * out. Each once, also where several rows are about it. How many are marked; 0: none, or no list lies there. */
size_t list_marked(struct app *a, void (*fn)(void *arg, struct snap *snap, const struct row *r), void *arg);

#endif
