/*
 * Purpose:   asks before the selected objects are deleted.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_DIALOG_DELETE_H
#define STRATA_TUI_DIALOG_DELETE_H

#include "tui/app.h"

void dialog_delete_open(struct app *a);

#endif
