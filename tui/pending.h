/*
 * Purpose:   rows that an operation is at work on: the table marks them until its end was seen, whatever the list says meanwhile.
 * Thread:    ui.
 * Ownership: of the app.
 * Errors:    out of memory: a row is not marked.
 */
#ifndef STRATA_TUI_PENDING_H
#define STRATA_TUI_PENDING_H

#include "strata/map.h"
#include "strata/ops.h"

#define PENDING_BEGUN 16                             /* at most so many are begun between two looks at them */
struct pending {
    struct map rows;                                 /* "source uid" */
    uint32_t begun[PENDING_BEGUN];                   /* operations whose start was asked for, 0 none */
    size_t nbegun;
};

void pending_release(struct pending *p);
void pending_look(struct pending *p, const struct ops_view *ops);
/* It was asked to start: it is under way, although its picture says planned until core has come to it. */
void pending_begin(struct pending *p, uint32_t op);
bool pending_runs(const struct pending *p, const struct op_view *o);
bool pending_has(const struct pending *p, const struct row *r);

#endif
