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

struct pending { struct map rows; };                 /* "source uid" */

void pending_release(struct pending *p);
void pending_look(struct pending *p, const struct ops_view *ops);
bool pending_has(const struct pending *p, const struct row *r);

#endif
