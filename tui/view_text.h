/*
 * Purpose:   the text views of one object: describe, YAML, console log, instance actions.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_VIEW_TEXT_H
#define STRATA_TUI_VIEW_TEXT_H

#include "strata/core.h"
#include "tui/app.h"

/* Opens the view over the focused pane for the selected object. */
void view_text_open(struct app *a, enum fetch_what what);
/* Saves text to a file of the user's choice (asked for at the prompt, `name` as a start). Moved. */
void save_text(struct app *a, const char *name, char *text, size_t len);

#endif
