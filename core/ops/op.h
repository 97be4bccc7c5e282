/*
 * Purpose:   inside the machine of operations: an operation and its steps while they live; what its files offer each other.
 *            op.c (life), op_ask.c (what its owner asks), op_plan.h (plan of all steps), step_read.c, step.c (one object from reading to its seen end), step_end.c,
 *            op_view.c (pictures), rights.c (who may), guard.c, journal.
 * Thread:    net thread, all of it, but for what ops.h offers.
 * Ownership: core->ops owns the operations, an operation its steps.
 * Errors:    a step ends once in step_end; an operation once in op_over.
 * Units:     ms; mono unless the name says wall.
 */
#ifndef STRATA_OPS_OP_H
#define STRATA_OPS_OP_H

#include "core/core_priv.h"
#include "core/ops/action.h"
#include "core/ops/facts.h"

#define STEP_OWNERS 2

struct op;
struct op_told;
struct op_step {
    struct op *op;
    const struct action *action;
    uint32_t index, parent;               /* parent: of a compound's step, else UINT32_MAX */
    struct source *src;
    const struct kind *kind;
    char *kind_name;                      /* of the journal: kind is to be found out */
    char *scope, *name, *uid, *labels;
    char *project;                 /* what a cloud calls its scope; NULL not known */
    char *twin;                    /* id under which the same object is another kind; NULL none known */
    struct op_arg *args; size_t nargs;    /* op's, or own */
    bool own_args, blind, danger, denied; /* blind: named by who may not read it; danger: act_danger(); denied: refused for good when it was tried */
    bool other;                           /* another object has its name */
    bool early;                           /* what it lives in comes with the same operation: a 404 of its dry run is no refusal */
    enum step_state state;
    char *text, *request, *note;
    char request_id[104];
    int64_t began_ms, ended_ms;
    struct err err;
    /* at work */
    bool busy;                            /* planning or running now */
    bool seeing;                          /* what is read is for observe and arrived */
    struct call *call;
    struct source *asked_of;              /* and when: whose answer is late is told */
    int64_t asked_ms;
    struct net_timer *stall;
    bool stalled;
    struct net_timer *timer;
    void (*then)(struct op_step *st);     /* when the read, or the wait, is over */
    size_t side_at;
    char *side_path;                      /* of the one being read, and where from */
    struct source *side_src;
    json_t *obj, *before, *answer, *side[ACT_SIDES];
    int side_status[ACT_SIDES];
    char side_why[200];
    json_t *owner[STEP_OWNERS];           /* its controller, and that one's; NULL of one that could not be read */
    int owner_status[STEP_OWNERS];
    size_t nowners;
    struct err read_err;                  /* OK: obj is what is there, NULL = it is gone */
    int64_t retry_after_ms;               /* of the last answer; -1 none */
    struct act_req rq;
    bool have_rq, tried;                  /* tried: the dry run is the request under way */
    enum act_verdict verdict;
    bool refused;                         /* by the plan */
    int64_t sent_ms, sent_wall_ms, until_ms;   /* sent_wall_ms: the server's clock, CELL_NONE before */
    int64_t wait_ms, seen_ms;             /* seen_ms: first of two sights, 0 none */
    int64_t last_ms;                      /* step_last.c: when it was begun; 0 not */
    int64_t news_ms, heard_ms;            /* when its note last changed; when it was read last */
    unsigned sends, conflicts, looks, reads_failed;
    bool accepted;                        /* the server said yes, or it was seen to have come */
    int64_t patience_s;
    bool open_intent;                     /* a line in the journal waits for its outcome */
    enum { PENDING_NO, PENDING_SENT, PENDING_MAYBE } pending;   /* of a resumed one: answered with yes; nobody knows */
    const char *undo_id;                  /* of a row: const */
    char *undo_args;                      /* "name=value" lines */
    char *left, *found;                   /* since.c: of what that sets, how this step left it; of a way back: how it was left, from its plan on how it was seen */
    const char *as; int64_t keep;         /* act_counts_as(), of a row: const; NULL itself */
    char *unknown;                        /* of its plan: act_unknown(), "arg=word" lines */
    char *held; uint32_t allowed;         /* of its plan: act_held() */
    char *taken;                          /* of its plan: act_taken() */
    int64_t dry_said;
    /* of a compound: the row's own; what refused a step of it; it comes before all others; the target is about to fail */
    int64_t mark, refused_retry_ms;
    int refused_status;
    bool unseen;                          /* its answer was lost, and nothing of it is to be seen: it may be asked for again */
    json_t *refused_answer;
    bool data;                            /* op_kid_new */
    bool first, ending, tidies, stays;
    bool overtaken;                       /* somebody set something else meanwhile */
    bool kept, earlier;                   /* of a run before, as the journal had it; which had begun it */
    bool resent;                          /* it was sent before, and nobody knows whether it came */
    bool lost;                            /* of a way back: what it takes back was sent, and its answer never seen */
};

struct op_side { const struct source *src; char *path; json_t *json; int status; };     /* read once for the plan of many */
struct op_fact { enum fact_level level; uint32_t step; char *text; };

struct op {
    struct op *next;
    struct core *core;
    uint32_t id;
    char key[64];
    char *title, *wanted, *note, *resumes;     /* resumes: key of the one whose rest this is */
    char *resumed;                             /* and its title */
    char undoes[64];                           /* key of the one of this run that it takes back */
    const struct action *action;
    struct op_arg *args; size_t nargs;
    json_t *lost;                         /* lines of the journal without an outcome, of the one that is taken back */
    bool dry_run, look, by_name, keep_going, paused, canceling, started, over, planned, back, unwritten;
    bool closes;                          /* what it resumes or takes back has not ended: it has, once this one began */
    bool undo_failed, undo_canceled, by_itself;    /* taken back when it fails, is canceled; by_itself: it is such a way back */
    uint32_t undone_by;
    unsigned at_once, stop_after;
    enum op_state state;
    struct err err;
    struct op_step *steps; size_t nsteps, ntargets, cap_steps;    /* the targets first, then what a compound adds */
    struct op_fact *facts; size_t nfacts, cap_facts;
    struct op_side *sides; size_t nsides, cap_sides;
    struct beside *beside;                     /* beside.h */
    int64_t began_wall_ms, began_ms, canceled_ms, ended_ms;
    struct event *plan_event, *end_event;      /* made with the op: its ends cannot be lost for want of memory */
    struct op_view *view;                      /* the last picture */
    struct net_timer *pump, *hurry, *limit;    /* hurry: op_cancel.c; limit: compound.c */
    struct op_probe *probe;                    /* op_probe.h: an API asked meanwhile */
    struct running *running;                   /* running.h: nobody else works on its targets */
    json_t *others;                            /* running.h: what runs, while it is planned */
    struct looking *unfinished;                /* unfinished.c: the same of what was killed */
    bool unfinished_known;
    struct op_blast *blast;                    /* op_blast.h: what it would take with it, while it is looked for */
    struct radius *radius;                     /* of a look, when it is told */
    bool blasted, beyond;                      /* beyond: it is red for more than what was named */
    bool dirty;
    void (*told)(void *arg, const struct op_told *t);     /* of one inside core */
    void *told_arg;
    char *typed;
};

struct op_circuit { int64_t until_ms; unsigned fails; };     /* a source that asked to be left alone, or fails */
struct op_denied { struct op_denied *next; uint16_t source; char *what; int64_t wall_ms; };

struct ops {
    struct op *list;                           /* newest first */
    struct op_circuit circuit[CORE_MAX_SOURCES];
    struct op_denied *denied;
    struct net_timer *publish;
    struct op_list *lists;                     /* lists.c */
    struct op_view **views; size_t nviews;     /* L */
};
struct ops *ops_new(void);                     /* NULL: out of memory */
void ops_free(struct core *c);                 /* after ops_close_all; NULL is fine */

/* What core itself does as an operation (the self-healing stage): planned, started by itself, and told about as it happens. */
enum op_moment { OP_SENT, OP_ANSWERED, OP_ENDED };
struct op_told {
    enum op_moment what;
    int64_t at_us;                         /* mono; of a request right before it went out, right when the answer came */
    int status;                            /* OP_ANSWERED */
    const json_t *answer;                  /* NULL none */
    enum op_state state;                   /* OP_ENDED */
    const char *text;
    const struct err *err;
};
struct op_inside {
    const char *action;
    uint16_t source;
    const struct kind *kind;
    const char *scope, *name, *uid;        /* borrowed */
    const struct op_arg *args; size_t nargs;
    bool dry_run, confirmed_name;          /* the protected source's name was typed */
    void (*told)(void *arg, const struct op_told *t);
    void *arg;
};
bool op_inside(struct core *c, const struct op_inside *in, struct err *err);     /* false: err, told() does not come */
void op_inside_forget(struct core *c, const void *arg);      /* it goes on, nobody is told any more */

/* op.c */
struct op *op_new(struct core *c, const struct action *a, size_t nsteps);    /* steps zeroed but for op and index */
void op_free(struct op *op);
uint32_t op_adopt(struct op *op);              /* posts it to the net thread to be planned (any thread); 0: freed */
void op_plan_now(struct op *op);               /* net thread */
void op_inside_tell(struct op *op, const struct op_told *t);
void op_pump_soon(struct op *op);
void op_fact(struct op *op, enum fact_level level, uint32_t step, const char *text);
struct op *op_find(struct core *c, uint32_t id);               /* NULL: it is not there any more */
void op_tell(struct op *op, struct event **slot);              /* sends plan_event or end_event, once */
size_t op_wave(const struct op *op);            /* targets of a wave; 0: none wait for others but for at_once */
void op_begin(struct op *op, const char *typed);               /* what was planned */
void op_over(struct op *op);
void op_cancel(struct op *op, bool undo);      /* undo: and taken back then */
bool step_unheard(const struct op_step *st);   /* of one that is canceled: its server does not answer, and that was waited for */
void op_cancel_over(struct op *op);            /* of one that is over, or goes away */                                   /* the end: of a start that was refused, of a run */
void op_refuse(struct op *op, const struct err *err);         /* before anything was started */
void op_say(struct op *op, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool op_set_args(struct op_arg **to, size_t *nto, const struct action *a, const struct op_arg *from, size_t n);
void op_args_free(struct op_arg *args, size_t n);
bool op_name_it(struct op *op);                /* title and the steps' texts; false: out of memory */
char *op_step_name(const struct op_step *st);  /* "evict pod ns/x on mgmt"; NULL: out of memory */
int64_t step_now(const struct op_step *st);    /* the server's wall clock */
bool op_split_args(struct op_arg **to, size_t *nto, const char *lines);    /* "name=value" lines */
extern const struct action op_mixed;           /* of an operation whose steps have their own */
/* again.c: the rest of one that the journal has, or its way back; NULL with err. */
struct op *op_again(struct core *c, const char *key, bool back, struct err *err);
void op_again_as(struct op *place, const char *key);      /* its way back, read on a worker, planned with this one's id; moved */
/* The action that takes back what was done, as an operation ready to be planned; NULL with err. */
struct op *op_way_back(struct op *op, bool by_itself, struct err *err);
void op_say_back(struct op *op, const struct op_step *bad);      /* it failed: what is set now */
void step_say_on(struct op_step *st);          /* at its end: it is not over for its server, and what takes it back */

/* op_kinds.c: are the kinds of all steps known? false: they are asked for, and op_plan_now comes again; or err. */
bool op_kinds(struct op *op, struct err *err);

/* op_plan.c */
void op_plan_pump(struct op *op);

/* step.c */
void step_run(struct op_step *st);
struct source *op_source(struct core *c, enum plane plane, const char *name);      /* NULL: there is none; a cloud may be named as a context */

/* step_end.c */
void step_end(struct op_step *st, enum step_state state, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void step_note_undo(struct op_step *st);       /* what takes it back, from the object as it was */
void step_stop(struct op_step *st);            /* the core ends: nothing more comes */
void step_release(struct op_step *st);

/* step_last.c: the operation ends before a step that was sent. One look more, which ends it; false: it had its time, or is of many steps. */
bool step_last(struct op_step *st);
void step_left(struct op_step *st);            /* ended without that */

/* compound.c */
void compound_plan(struct op_step *st, struct act_facts *f);      /* st->verdict */
void compound_run(struct op_step *st);
void compound_poke(struct op_step *kid);       /* it ended: its target looks now */
bool compound_refused(struct op_step *kid, const struct net_reply *r);     /* true: it is for the row to say what then */
void compound_back(struct op_step *kid);      /* it waits again for its target to start it */
/* A step as an earlier run of strata had it; NULL: memory. */
struct op_step *compound_keep(struct op_step *parent, const struct action *a, struct source *src, const struct kind *k, const char *scope, const char *name,
                              const char *uid);
bool compound_firsts(struct op *op);           /* true: what comes before all others is not over */
void compound_end(struct op *op);              /* what was never begun is told so */

/* since.c */
#define SINCE_OTHERS "?"                       /* somebody else's took its place before its end */
void since_answered(struct op_step *st);       /* st->left, as far as the answer tells it */
void since_ended(struct op_step *st);          /* as it was seen last */
bool since_changed(struct op_step *st, struct str *why);       /* is what a way back would overwrite another than when it was seen last? In words */

bool since_shows(struct op_step *st, struct str *out);         /* of what a way back sets, how it is now: "replicas=3"; false: nobody can say */
/* Is it as it was left, but somebody wrote it since? In words. Before since_changed. */
bool since_written(struct op_step *st, struct str *why);
/* since_by.c: who writes the fields that "name=value" lines of an action are about, as "@field=manager|" lines; who does it now and did
 * not then, in words. */
void since_by_keep(const char *action, const char *lines, const json_t *obj, struct str *out);
bool since_by_others(const char *action, const char *lines, const char *left, const json_t *obj, struct str *words);

/* stall.c */
bool step_call(struct op_step *st, struct source *src, const struct call_req *rq, struct err *err);      /* st->call; false: not begun */
bool step_stalled(const struct op_step *st, char *words, size_t size);          /* its answer is late: "no answer from mgmt for 12 s, ..." */

/* owners.c */
void step_owners(struct op_step *st);          /* after the sides: st->owner; then st->then */
bool step_has_windows(const struct op_step *st); /* its source has maintenance windows: labels of who owns it count */
void step_forget_owners(struct op_step *st);

/* step_read.c */
/* What was read beside another target of a plan, by its path (of OpenStack: service, microversion, path); and st->side_path for those that come. */
const struct op_side *sides_kept(struct op_step *st, const struct source *src, const char *path);
void sides_keep(struct op_step *st, json_t *json, int status);
void step_read(struct op_step *st, void (*then)(struct op_step *st));      /* obj, sides, read_err; then */
void step_wait(struct op_step *st, int64_t ms, void (*then)(struct op_step *st));
void step_note(struct op_step *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Who may not read it named it all the same: what bears the name is meant. Makes st->obj of the name alone. */
bool step_blind(struct op_step *st);
void step_ctx(struct op_step *st, struct act_ctx *c);
const char *step_past(struct op_step *st);     /* "restarted" */
void sides_forget(struct op *op);
void step_forget(struct op_step *st);          /* the JSON of what was read */
void step_drop_request(struct op_step *st);
/* The request from the object as it is: st->rq, st->request, st->verdict; f gets the facts. */
void step_build(struct op_step *st, struct act_facts *f);
/* Was what it would change changed since it was sent first, to what is neither that nor what is asked for? Then and now, in words. */
bool step_overtaken(struct op_step *st, char *words, size_t size);
bool step_dispatch(struct op_step *st, bool dry, void (*done)(void *arg, const struct call_reply *r), struct err *err);
bool step_microversion_ok(struct op_step *st, struct act_facts *f);

/* rights.c */
bool rights_ask(struct op_step *st, void (*done)(struct op_step *st, bool denied, const char *why));   /* false: nothing to ask */
void rights_learn(struct op_step *st);
bool rights_denied(const struct op_step *st, char *when, size_t size);

/* hide.c: requests and arguments as they may be shown and kept */
bool hide_json(struct str *out, const json_t *j, const char *path);
bool hide_name(const char *name);

/* op_view.c */
struct op_view *op_picture(const struct op *op);
void op_changed(struct op *op);                /* published soon, at most each 50 ms */
void ops_publish(struct core *c);              /* now */

#endif
