/*
 * Purpose:   operations on the screen: the list with progress, the steps of one, and a line about those under way.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_VIEW_OPS_H
#define STRATA_TUI_VIEW_OPS_H

#include "strata/core.h"
#include "tui/app.h"

void ops_event(struct app *a, const struct event *e);            /* EV_OPS, EV_OP_END: the ticker's word */
/* What runs, for the end of the ticker's line: "drain node n1 3/12"; "" nothing. */
void ops_words(struct app *a, char *buf, size_t size);

#endif
