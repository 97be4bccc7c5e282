/*
 * Purpose:   operations: an action on objects, planned, guarded, run in the background, verified and written down.
 *            The screen, the `:` line and batch mode differ only in how they ask.
 * Thread:    the thread that owns the core (ui). Pictures are immutable and may be read on any thread.
 * Ownership: strings in are copied; a picture is counted: op_view_ref/unref, ops_view_ref/unref.
 * Errors:    a plan ends in exactly one EV_PLAN; an operation that was started ends in exactly one EV_OP_END.
 * Units:     ms; mono = local CLOCK_MONOTONIC, wall = ms since 1970.
 */
#ifndef STRATA_OPS_H
#define STRATA_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/kind.h"
#include "strata/row.h"

struct core;
struct action;
struct radius;

/* ---- the table of actions ---- */

enum arg_type { ARG_TEXT, ARG_INT, ARG_BOOL, ARG_SECONDS, ARG_CHOICE };
struct action_arg {
    const char *name;           /* "replicas": --replicas in batch mode, replicas=3 in the `:` line */
    const char *help;           /* one sentence */
    enum arg_type type;
    const char *def;            /* NULL: none */
    const char *choices;        /* ARG_CHOICE: "soft hard" */
    bool required;
    int64_t least, most;        /* ARG_INT: what it may be; both 0: any whole number */
};

/* action flags */
#define ACTION_DANGER 1u        /* loses data or hits what nobody named: the object's name is typed */
#define ACTION_AGAIN 2u         /* the same request twice does no more than once: may be sent again when nobody knows if it came */
#define ACTION_TWICE 4u         /* what it promised must be seen twice, some time apart */
#define ACTION_DRY_RUN 8u       /* the server can try it (Kubernetes dryRun=All) */
#define ACTION_ONE 16u          /* makes sense for one object at a time only */
#define ACTION_HIDDEN 32u       /* a step of others; not in menus and help */
#define ACTION_TIDIES 64u       /* of many steps: when it is canceled, it is asked what must be done so that nothing is left half done */
#define ACTION_MAKES 128u       /* makes the object when it is not there: build() sees obj NULL */
#define ACTION_GONE 256u        /* it promises that the object is not there: one that is gone already is done; who may not read may
                                 * ask for it by name; those that end are not counted among the ones under way at a time */
#define ACTION_MEANWHILE 512u   /* is for what another operation has under way on the object: aborts it, forces it, holds it, takes it back */

const struct action *action_at(size_t i);                                     /* walks all; NULL at the end */
const struct action *action_find(const char *id, const struct kind *k);       /* the row of that word for that kind; NULL none */
const char *action_only_kind(const char *id);                                  /* that goes with one kind, of the first plane if both have the word; else NULL */
const char *action_id(const struct action *a);                                /* "restart" */
const char *action_help(const struct action *a);
unsigned action_flags(const struct action *a);
enum plane action_plane(const struct action *a);
const char *const *action_kinds(const struct action *a);                      /* NULL-terminated ids of kinds */
const struct action_arg *action_args(const struct action *a, size_t *n);
/* Is it followed for long, so that what was done of it may be taken back when it fails on its way? */
bool action_goes_back(const struct action *a);
/* Does it fit what the row shows (start of a server that runs does not)? For the order of menus; the plan decides. */
bool action_fits(const struct action *a, const struct row *r);

/* ---- asking ---- */

struct op_arg { const char *name, *value; };
struct op_request {
    const char *action;
    const struct row *const *rows;      /* the targets: source, kind, scope, name, uid */
    size_t nrows;
    const struct op_arg *args;
    size_t nargs;
    bool dry_run;                       /* plan, and let the servers try what they can; nothing is changed */
    bool look;                          /* a dry run that only reads: no trial on the server, no line in the journal; what it would take with it is
                                         * told by op_view.radius, of what is refused as well */
    bool by_name;                       /* a target without a uid is whatever bears its name */
    unsigned at_once;                   /* how many objects at a time; 0 = the action's own */
    bool keep_going;                    /* an object that fails does not stop the others */
    bool undo_on_failure;               /* what was done is taken back when it fails or is canceled, without another question */
    unsigned stop_after;                /* but so many do; 0 = the first, or none with keep_going */
};
/* Reads the targets, asks for rights, tries on the servers: ends in one EV_PLAN with this id. 0: out of memory. */
uint32_t core_op_plan(struct core *c, const struct op_request *rq);
/* Starts what was planned, once. typed: what the user typed where op_view.wanted asks for it. Refusals end in EV_OP_END too. */
void core_op_start(struct core *c, uint32_t op, const char *typed);
void core_op_drop(struct core *c, uint32_t op);       /* a plan that is not wanted; also forgets an operation that ended */

enum op_control { OP_PAUSE, OP_RESUME, OP_CANCEL, OP_UNDO, OP_CANCEL_UNDO };
/* CANCEL: nothing more is sent, what is under way is followed to its end. UNDO (of one that ended or was cancelled): plans the
 * way back as an operation of its own, EV_PLAN with the id returned; else returns 0. CANCEL_UNDO: canceled, then taken back. */
uint32_t core_op_control(struct core *c, uint32_t op, enum op_control what);

/* ---- seeing ---- */

enum op_state { OPS_PLANNING, OPS_PLANNED, OPS_REFUSED, OPS_RUNNING, OPS_PAUSED, OPS_CANCELING, OPS_DONE, OPS_FAILED, OPS_CANCELED, OPS_UNSURE };
enum step_state { STEP_WAITING, STEP_READING, STEP_SENDING, STEP_WATCHING, STEP_DONE, STEP_ALREADY, STEP_SKIPPED, STEP_FAILED,
                  STEP_UNSURE, STEP_CANCELED };
enum fact_level { FACT_INFO, FACT_CAUTION, FACT_DANGER, FACT_REFUSED };

struct fact_view { enum fact_level level; uint32_t step; const char *text; };   /* step: index, or UINT32_MAX about all */
struct step_view {
    const char *text;                   /* "cordon node n1 on mgmt" */
    const char *request;                /* "PATCH /api/v1/nodes/n1 {...}", secrets hidden; "" not known yet */
    const char *note;                   /* what it waits for, how it ended, why it failed */
    const char *request_id;             /* the server's, "" none */
    const char *source;                 /* name */
    const char *uid;                    /* of its object, "" not known */
    uint16_t source_id;
    const char *kind, *scope, *name;    /* kind: singular */
    const char *place;                  /* the scope as people call it: a namespace, a project's name; "" none, or not known */
    uint32_t parent;                    /* index of the step it is part of, which stands before it; UINT32_MAX none */
    uint32_t id;                        /* its own, below nsteps: stays when others come before it */
    enum step_state state;
    int64_t began_mono_ms, ended_mono_ms;   /* 0 = not yet */
};
struct op_view {                        /* one operation at one moment */
    uint32_t id;
    const char *key;                    /* of the journal: unique for good */
    const char *title;                  /* "drain node n1 on mgmt" */
    const char *wanted;                 /* what must be typed, "" nothing */
    const char *note;                   /* one sentence: how it stands or ended */
    const char *given;                  /* its arguments: "force, reason=disk fails", secrets hidden; "" none but the action's own */
    const struct action *action;
    enum op_state state;
    struct err err;                     /* REFUSED, FAILED, UNSURE */
    size_t nsteps, nfacts, total, done, failed;    /* total, done, failed: steps that count for progress */
    const struct step_view *steps;      /* in the order of the run: each object, under it its steps */
    const struct fact_view *facts;
    int64_t began_wall_ms, began_mono_ms, ended_mono_ms;
    bool dry_run, can_pause, can_undo;
    bool beyond;                        /* wanted is asked for because of what goes with it: to have named it is not enough */
    struct radius *radius;              /* radius.h: of a look, in its EV_PLAN, to be let go of before core_free; NULL none (nothing is to be done, or of its action none is known) */
    uint32_t undone_by;                 /* the operation that takes it back by itself: begun when this one ended; 0 none */
};
struct op_view *op_view_ref(struct op_view *v);
void op_view_unref(struct op_view *v);

/* Operations of this run, newest first, each in its latest picture; EV_OPS says that something moved. */
struct ops_view { size_t n; struct op_view *const *op; };
struct ops_view *core_ops(struct core *c);
void ops_view_unref(struct ops_view *v);

const char *op_state_name(enum op_state s);          /* "running" */
const char *step_state_name(enum step_state s);

/* ---- after a restart ---- */

/* Operations of other runs of strata (of this user) that the journal says began and did not end. runs: its process is there (or
 * on another machine): nothing can be done with it here. */
struct op_left {
    char *key, *title, *when, *what;    /* what: "3 of 7 ended, then strata was gone while 1 was under way" */
    bool runs;
    int64_t pid;                        /* of what runs */
};
size_t core_ops_left(struct core *c, struct op_left **out, struct err *err);   /* op_left_free */
void op_left_free(struct op_left *l, size_t n);
size_t op_left_drop_running(struct op_left *l, size_t n);      /* so many stay: those that nobody is at work on */
/* The same beside everything else: ends in EV_LEFT with this id. */
void core_ops_look(struct core *c, uint32_t id);
/* Those that another strata has under way now, by its locks alone (cheap): ends in EV_OTHERS with this id. */
void core_ops_others(struct core *c, uint32_t id);
/* Nobody goes on with it: a line in the journal, and it is not listed any more. Ends in EV_LEFT (what is left then) with this id,
 * err why not. */
void core_op_give_up(struct core *c, uint32_t id, const char *key);
/* What must be open for core_op_again: names of contexts and clouds are added, each once. An unknown key has none.
 * machines: some of it is about servers, which may be nodes of any cluster. */
struct strlist;
enum err_code op_left_sources(const char *key, struct strlist *contexts, struct strlist *clouds, bool *machines, struct err *err);
/* Plans what is left of it (or the way back of what was done) as an operation: EV_PLAN. What may have arrived is looked at, never
 * blindly sent again. dry_run: its plan says, and is refused where the run would not go on. */
uint32_t core_op_again(struct core *c, const char *key, bool back, bool dry_run);

/* The journal since then (wall, 0 = all of it): a line an event, clean; json: one array of its lines as they stand. */
struct str;
enum err_code audit_text(struct str *out, int64_t since_wall_ms, bool json, struct err *err);

/* Its newest lines beside everything else, oldest first: ends in EV_TEXT with the id returned (0: out of memory), its text
 * "words NUL the line with all its fields NUL" for each, clean. */
uint32_t core_audit(struct core *c);

#endif
