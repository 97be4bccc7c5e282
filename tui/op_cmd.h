/*
 * Purpose:   a word of the `:` line that is the name of an action.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_OP_CMD_H
#define STRATA_TUI_OP_CMD_H

#include <stdbool.h>
#include <stddef.h>

struct app;
/* false: no action is called so. Else its dialog is open, or what is wrong was said. */
bool op_command(struct app *a, const char *name, const char *args);
/* A kind's name and more: is it an action, of the object or of the kind, and no list in a namespace of that name? Then it was done, or said. */
/* op_there.c: of the object that the line of a view over the panes names, or that the words name; false: there is no such view. Of the
 * only one that the words name, wherever it lies; false: none, or several. Both go there and ask. */
bool op_names(const char *action, const char *args);        /* do the words begin with an object, and not with an option? */
bool op_of_line(struct app *a, const char *action, const char *args);
bool op_elsewhere(struct app *a, const char *action, const char *args);
bool op_two_words(struct app *a, const char *name, const char *args);
/* Walks the actions that the selected object knows, from *i = 0; NULL at the end. */
const char *op_command_at(struct app *a, size_t *i);

#endif
