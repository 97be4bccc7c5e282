/*
 * Purpose:   a text in the user's editor: a file of our own in a private directory, $KUBE_EDITOR, $VISUAL or $EDITOR on it, and
 *            what came back. What was not used is kept, and where is told.
 * Thread:    ui (main); polls itself while the editor runs.
 * Ownership: edit_file_init makes the directory; edit_file_drop removes it, edit_file_keep leaves it.
 * Errors:    false, err says why.
 */
#ifndef STRATA_TUI_EDITOR_H
#define STRATA_TUI_EDITOR_H

#include "strata/core.h"

/* Runs a program on the terminal until it ends; ctrl-c is its own. out: where its output goes, -1 the terminal. 0, or an errno. */
int child_run(const char *path, char *const argv[], int out, struct core *core, void (*other)(void *arg, struct event *e), void *arg, int *status);

struct edit_file {
    char dir[512], path[700];
    struct str text;                     /* what came back of the last round */
    struct str body;                     /* what was shown in it, without the comments at the top */
};
bool edit_file_init(struct edit_file *f, const char *name, struct err *err);
/* Shows text (with comments at the top), waits for the editor; events of the core go to other meanwhile (which frees them). */
bool edit_file_round(struct edit_file *f, const char *text, size_t len, struct core *core, void (*other)(void *arg, struct event *e), void *arg,
                     struct err *err);
bool edit_file_same(const struct edit_file *f);          /* nothing but comments was changed in this round */
const char *edit_body(const char *text);                 /* after the comments at the top */
void edit_file_release(struct edit_file *f, bool keep);

#endif
