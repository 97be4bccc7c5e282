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
bool op_two_words(struct app *a, const char *name, const char *args);
/* Walks the actions that the selected object knows, from *i = 0; NULL at the end. */
const char *op_command_at(struct app *a, size_t *i);

#endif
