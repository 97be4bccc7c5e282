/*
 * Purpose:   leaving while operations are under way: the question before, the lines after.
 * Thread:    ui.
 * Ownership: none.
 */
#ifndef STRATA_TUI_LEAVE_H
#define STRATA_TUI_LEAVE_H

#include <stdio.h>

#include "tui/app.h"

/* Leaves; asks first while operations are under way or paused. */
void leave_ask(struct app *a);
/* On the terminal that is the user's again: what is left unfinished, and how to go on with it. */
void leave_say(struct app *a, FILE *to);

#endif
