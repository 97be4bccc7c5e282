/*
 * Purpose:   one edit of one object from its YAML to a plan that stands: what the cockpit and batch mode share. They fetch and
 *            plan; here the editor is opened as often as it takes, and nothing that was typed is lost.
 * Thread:    ui (main).
 * Ownership: edit_free; what is not done by then is kept in its file.
 * Errors:    in edit.note, one clean sentence.
 */
#ifndef STRATA_TUI_EDIT_H
#define STRATA_TUI_EDIT_H

#include "strata/ops.h"
#include "tui/editor.h"

enum edit_next {
    EDIT_PLAN,              /* plan with edit_args(), then edit_planned() */
    EDIT_FETCH,             /* fetch the object again, then edit_fetched() */
    EDIT_READY,             /* the plan stands: ask */
    EDIT_OVER,              /* nothing is to be done: note says why */
    EDIT_FAILED,            /* the same, and it is an error */
};
struct edit {
    struct core *core;
    void (*other)(void *arg, struct event *e);       /* events while the editor runs */
    void (*screen)(void *arg, bool away);            /* the terminal is the editor's, and ours again; NULL */
    void *arg;
    const char *what;                                /* "deployment shop/web on mgmt" */
    bool decode;                                     /* a Secret in plain text */
    struct edit_file file;
    struct str base, text, words, document, note;    /* base: the YAML that is edited; text: to be shown next */
    char mark[40];
    unsigned rounds;
    bool kept;
    struct op_arg args[2];
};
/* Before anything is typed: the plan of an edit that changes nothing, with edit_nothing as its argument. Why it may not be, NULL: it may. */
extern const struct op_arg edit_nothing[1];
const char *edit_forbidden(const struct op_view *plan);
struct edit *edit_new(const char *name);             /* NULL: out of memory */
/* yaml: of core_fetch. The first time the editor opens on it; after a conflict with the user's changes on it. */
enum edit_next edit_fetched(struct edit *e, const char *yaml);
enum edit_next edit_planned(struct edit *e, const struct op_view *plan);
const struct op_arg *edit_args(struct edit *e);      /* two of the action "edit" */
void edit_keep(struct edit *e);                      /* the file stays; note says where */
void edit_free(struct edit *e);

#endif
