/*
 * Purpose:   what earlier runs of strata left unfinished: one line and a dialog at the start, and `:unfinished`.
 * Thread:    ui.
 * Ownership: takes the list out of the event.
 */
#ifndef STRATA_TUI_DIALOG_LEFT_H
#define STRATA_TUI_DIALOG_LEFT_H

#include "strata/core.h"
#include "tui/app.h"

void left_event(struct app *a, struct event *e);      /* EV_LEFT */

#endif
