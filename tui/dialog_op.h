/*
 * Purpose:   asking before an operation: its arguments, then its plan; the answer that is ready is no.
 * Thread:    ui.
 * Ownership: the dialog belongs to the screen stack; what was planned and not started is dropped with it.
 * Errors:    said in the status line, or in the dialog.
 */
#ifndef STRATA_TUI_DIALOG_OP_H
#define STRATA_TUI_DIALOG_OP_H

#include "strata/ops.h"
#include "strata/str.h"
#include "tui/app.h"
#include "tui/lineedit.h"
#include "tui/screen.h"
#include "tui/textbuf.h"

#define OP_TARGETS_MAX 5000

struct op_field { const struct action_arg *arg; struct lineedit edit; bool given; };   /* given: typed by the user */

struct op_dialog {
    struct screen screen;
    const struct action *action;
    struct target *target;                 /* none: the plan came by itself (undo, resume) */
    bool named;                            /* by their names on the command line: not the marked ones, nor the one under the cursor */
    size_t n, cap, hidden, beyond;         /* hidden: marked, but not shown, so not meant; beyond: more than fit */
    struct op_field *field;                /* every argument of the action */
    size_t nfields, at;
    enum { OPD_FORM, OPD_PLANNING, OPD_PLAN } stage;
    uint32_t op;
    struct op_view *plan;
    bool yes, chose, requests, dry_run;    /* yes: the button that enter presses; chose: by a key; requests: shown with the steps */
    struct lineedit typed;
    struct textbuf text;
    int top;
    void (*over)(void *arg, bool started); /* NULL: nobody waits for the answer */
    void *over_arg;
};

/* Asks for what is selected in the focused pane, or for the shown rows that args name. args: "compute-4 live=all", "3", "replicas=3",
 * "grace=0 force"; required ones that are missing are asked for in a form. */
void dialog_op_open(struct app *a, const char *action, const char *args);
/* Of this one, wherever the cursor is; args: its options. */
void dialog_op_row(struct app *a, const char *action, const char *args, const struct target *t);
/* Of the rows that are marked in a list over the panes, which are of one kind; false: none are. */
bool dialog_op_marked(struct app *a, const char *action, const char *args);
/* The same, but its options are asked for first. */
void dialog_op_form(struct app *a, const char *action);
/* Shows a plan that was asked for elsewhere (undo, resume): waits for EV_PLAN of this id. */
void dialog_op_plan(struct app *a, uint32_t op);
/* Asks about a plan that is there already; over(arg, started) when the user has answered. */
void dialog_op_ready(struct app *a, uint32_t op, struct op_view *plan, void (*over)(void *arg, bool started), void *arg);

/* dialog_op_form.c: the fields. names: rows that words of the command line name become targets; rest: the other words. */
bool op_form_may_name(const struct action *x, const char *word);          /* may it be a row's name? */
bool op_form_names(struct op_dialog *d, const char *args, void (*add)(void *d, struct snap *s, const struct row *r), struct str *rest, struct err *err);
/* parse: words of the command line into them; false: err says what is wrong. */
bool op_form_parse(struct op_dialog *d, const char *args, struct err *err);
bool op_form_missing(const struct op_dialog *d);
void op_form_draw(struct op_dialog *d, struct canvas *c, struct rect r);
int op_form_rows(const struct op_dialog *d);
bool op_form_key(struct op_dialog *d, uint32_t key);
extern const struct action_arg op_form_back;                             /* the last field of what may be taken back by itself */
bool op_form_goes_back(const struct op_dialog *d);                      /* and that is wanted */
size_t op_form_args(const struct op_dialog *d, struct op_arg *out);     /* borrowed from the fields; at most nfields */

/* dialog_op_plan.c: the plan in words. */
bool op_plan_wants_force(const struct op_dialog *d);                    /* is force what it needs? */
bool op_plan_text(struct op_dialog *d);                                 /* fills text from plan; false: out of memory */
uint16_t op_plan_style(const char *line, size_t len);
int op_plan_lead(const char *line, size_t len);                         /* cells of its mark: what wraps hangs below the words */
size_t op_objects(const struct op_view *p);
const char *op_one_place(const struct op_view *p);                       /* the one source of all its steps; NULL: several */
int op_step_words(const char *text, const char *place);                 /* bytes of "cordon node n on mgmt" without a place that is known; NULL: all */
#endif
