/*
 * Purpose:   what a view of links is about: the object that a command names, else the one under the cursor.
 * Thread:    ui.
 * Errors:    one sentence: ERR_NOTFOUND nothing is called so, ERR_CONFLICT several are, ERR_USAGE the words say no object.
 */
#ifndef STRATA_TUI_SUBJECT_H
#define STRATA_TUI_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/row.h"
#include "strata/str.h"

struct app;
struct screen;

/* How such a command takes it; for the table of commands. */
#define SUBJECT_ARGS "[KIND] [NAME] [-n NAMESPACE] [@CLUSTER]"

#define SUBJECT_ANYWHERE UINT16_MAX
/* An object that a view is about, by its name: rows come and go. */
/* said: what its own row tells, where the links do not speak of its kind. */
struct subject { const struct kind *kind; uint16_t source; char uid[300], name[300], scope[256], said[200]; };
bool subject_of(struct app *a, struct screen *s, struct subject *u);     /* of a board's line, else of the table; false: none */
/* ERR_NOTFOUND: u is what was asked for, its name as its uid, of no source (SUBJECT_ANYWHERE).
 * args: KIND NAME, KIND/NAME, or NAME of the pane's kind, of all that the links speak of and of what the pane shows; "": subject_of. */
bool subject_find(struct app *a, struct screen *s, const char *args, struct subject *u, struct err *err);
bool subject_named(struct app *a, struct screen *s, const char *args, struct subject *u);    /* the same; says what is wrong */
/* Adds why the links do not have it: it is gone, or they never speak of its kind; a line. */
void subject_absent(const struct subject *u, struct str *out);
const struct kind *subject_kind(const struct app *a, const char *name);     /* among the rows there are and those built in; NULL none */
/* What may follow text, which ends before an unfinished word: kinds, names; true: namespaces, too. */
bool subject_next(struct app *a, const char *text, void (*offer)(void *arg, const char *word), void *arg);
/* The only object that the words name (as subject_find has them) and the action is for, of all the links speak of; LINK_NO_NODE none, or several. */
uint32_t subject_for(struct app *a, const char *action, const char *words);
/* "nodes @mgmt or hypervisor @demo": where an object of that name lies that the action is for, else which kinds have it. */
bool subject_where(struct app *a, const char *action, const char *name, struct str *out);

#endif
