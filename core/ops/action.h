/*
 * Purpose:   an action is a row: for which kinds, with which arguments, the request it becomes, how its end is recognised, and
 *            what takes it back. The functions are pure: JSON of the servers in, words and a request out. The engine (step.c)
 *            reads, guards, writes down, sends and watches.
 * Thread:    any (pure); called on the net thread.
 * Ownership: everything in struct act_ctx is borrowed for the call; act_req's strings and body belong to the engine.
 * Errors:    a refusal is a FACT_REFUSED with one sentence that says what to do.
 *
 * To add an action: a row in a `const struct action NAME_actions[]` (ends with {0}); XX(NAME) in ACTION_TABLES below.
 */
#ifndef STRATA_OPS_ACTION_H
#define STRATA_OPS_ACTION_H

#include <jansson.h>

#include "strata/ops.h"
#include "strata/str.h"

#define ACT_SIDES 32

/* A request as the plane's client takes it (core/call.h). */
struct act_req {
    const char *method;         /* "PATCH" */
    const char *service;        /* OpenStack: "compute"; Kubernetes: NULL */
    const char *microversion;   /* OpenStack: the least one that is needed, NULL none */
    const char *content_type;   /* NULL: application/json */
    struct str path;            /* Kubernetes: from the root, with query; OpenStack: below the versioned endpoint */
    struct json_t *body;        /* moved to the engine; NULL none */
};

#define ARG_UNIQUE "*"         /* the default of an argument: "*" and letters that are another's in each operation; kept when it is gone on with */

struct act_side { const json_t *json; int status; };      /* json NULL: not there; status: of the answer, 0 none */

struct act_ctx {
    const struct action *action;
    const struct kind *kind;
    const char *source;         /* name */
    const char *scope, *name, *uid;
    const json_t *obj;          /* as just read: the object itself (OpenStack: without its wrapper); NULL: it is gone (observe only) */
    const json_t *before;       /* as it was right before the request went out; NULL while planning */
    const json_t *answer;       /* body of the request's answer; NULL none */
    struct act_side side[ACT_SIDES];    /* what action.side asked for */
    const struct op_arg *args;  /* defaults filled in; by act_arg() */
    size_t nargs;
    const char *request_id;     /* of the request that was sent; "" before */
    const char *offers;         /* OpenStack: the greatest microversion of the kind's service; "" unknown */
    const char *side_why;       /* what the server said of the last of the sides that it refused; "" nothing */
    bool planning;              /* nothing is sent yet: what is told of it may be asked for as well */
    bool ahead;                 /* a step's request is only shown: what comes before it is taken for done */
    bool seeing;                /* what side() asks for is for observe and arrived, not for build */
    int64_t now_ms;             /* the server's wall clock */
    int64_t sent_ms;            /* same clock; CELL_NONE before */
    const struct source_info *sources;  /* all that strata has, for rows across them; NULL none */
    size_t nsources;
    const char *unopened;       /* contexts of clusters that strata was not told to open; "" none */
    const struct op *op;        /* for act_together(); NULL none */
};
/* How many of the operation's targets are of this object's kind, in its scope, and named as pods of an owner STEM are? At least 1. */
size_t act_together(const struct act_ctx *c, const char *stem);
bool act_is_target(const struct act_ctx *c, const char *name);                  /* by name or id: of the kind of this one, at its source */
bool act_is_all_of_it(const struct act_ctx *c);                                /* the operation is this action, which is not a step of another */
size_t act_targets(const struct act_ctx *c);                                   /* of the operation */
const char *act_arg(const struct act_ctx *c, const char *name);                 /* NULL: not given and no default */
int64_t act_int(const struct act_ctx *c, const char *name, int64_t none);
bool act_bool(const struct act_ctx *c, const char *name);
/* "/api/v1/namespaces/NS/pods/NAME/SUB" of the object; sub may be NULL. OpenStack: "/servers/ID/SUB". */
bool act_path(const struct act_ctx *c, struct str *path, const char *sub);

/* What build() says besides its request: facts for the plan, one clean sentence each; to NULL nothing is said. */
struct act_facts;
void act_fact(struct act_facts *f, enum fact_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* This object's name must be typed, as with ACTION_DANGER; count: with what goes with it, which is counted for the plan. */
void act_danger(struct act_facts *f, bool count);
/* A word of a list that the argument arg is means nothing for this target: refused where it means nothing for any of them. */
void act_unknown(struct act_facts *f, const char *arg, const char *word, size_t len);

/* What it does is what that action does, and so is its blast radius. keep: of "scale", how many shall be; else -1. */
void act_counts_as(struct act_facts *f, const char *action, int64_t keep);
/* It goes only as `who` (a budget, the majority of a set) lets it: so many of those it holds at a time, 0 none as it is now. */
void act_held(struct act_facts *f, const char *who, int64_t allowed);
/* For the blast radius: what it deletes besides, or in place of, its target. */
void act_taken(struct act_facts *f, const char *kind, const char *uid);

/* WATCH: it was asked for before and is under way: nothing is sent, its end is watched. */
enum act_verdict { ACT_SEND, ACT_ALREADY, ACT_REFUSED, ACT_WATCH };
/* OVERTAKEN: failed, as somebody set something else meanwhile: it is not taken back by itself. */
enum act_seen { SEEN_WAIT, SEEN_DONE, SEEN_FAILED, SEEN_OVERTAKEN };
enum act_arrived { ARRIVED_NO, ARRIVED_YES, ARRIVED_UNKNOWN };

enum act_takes { TAKES_ITSELF, TAKES_LISTS, TAKES_UNKNOWN };

struct op_drive;                /* compound.h: an operation of many steps (drains) */

struct action {
    const char *id;             /* the word: "restart" */
    const char *past;           /* "restarted" */
    const char *const *kinds;   /* ids of kinds, NULL-terminated; {"*"}: every kind of the plane */
    const char *const *but;     /* with {"*"}: not these; NULL none */
    const char *help;           /* one sentence: help, man, menus */
    enum plane plane;
    unsigned flags;             /* ACTION_... */
    const struct action_arg *args;
    size_t nargs;
    int timeout_s;              /* until its end must have been seen; 0 = 300 */
    unsigned at_once;           /* objects at a time; 0 = 4 */
    int64_t (*patience_s)(const struct act_ctx *c);        /* instead of timeout_s, of one that was accepted */
    /* Further GETs for plan, build and observe: fills path (and *service for OpenStack) of side i, false: no such side. */
    bool (*side)(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion);
    /* Of which source is side i? Its name; NULL: the target's. NULL function: all are the target's. */
    const char *(*side_source)(const struct act_ctx *c, size_t i);
    /* The request, from the object as it is now. Called for the plan and again right before it is sent. ALREADY: nothing to do. */
    enum act_verdict (*build)(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts);
    /* Is what it promised there? Called with each new state of the object until it is not WAIT. why: one sentence. */
    enum act_seen (*observe)(const struct act_ctx *c, struct str *why);
    /* After a lost answer or a restart of strata: did the request come? NULL: ACTION_AGAIN rows are sent again, others UNKNOWN. */
    enum act_arrived (*arrived)(const struct act_ctx *c);
    /* The action that takes it back, its arguments appended as "name=value" lines; NULL: there is no way back. */
    const char *(*undo)(const struct act_ctx *c, struct str *args);
    /* Of what it sets, how c->before has it, as "name=value" lines. NULL: as undo() tells it, which would bring just that back. */
    void (*stands)(const struct act_ctx *c, struct str *lines);
    bool (*fits)(const struct action *a, const struct row *r);     /* NULL: always */
    /* What goes with the object besides its own pods, whose labels may say when: what is in the lists beside it, or nobody knows.
     * NULL: nothing. */
    enum act_takes (*takes)(const struct act_ctx *c);
    const char *(*past_of)(const struct act_ctx *c);       /* instead of past, as its arguments have it */
    /* The server's dry run answered: c->answer is its body (of a refusal its Status), c->obj what there is now. Facts for the plan; of
     * a refusal (status >= 400) why in words of our own, "" the server's. */
    void (*tried)(const struct act_ctx *c, int status, struct str *why, struct act_facts *facts);
    /* As the step of another operation: the request in short ("POST eviction", "PATCH"), to ask for the right to it before any of it
     * runs. NULL: not asked for (Kubernetes only). */
    const char *asks;
    /* Somebody else does it, and goes on where it is left on a cancel: what is said then, and how it is taken back. NULL: nothing. */
    const char *stays;
    /* Of one that its server accepted and goes on with, whether it is watched or not: what is said of it when it failed. NULL: nothing. */
    const char *goes_on;
    /* An operation of many steps says which run when (compound.h); then build, observe, arrived are not used. why: how it stands. */
    enum act_seen (*compound)(struct op_drive *d, struct str *why);
};

#define ACTION_TABLES(XX) \
    XX(kube_rollout) XX(kube_scale) XX(kube_pod) XX(kube_node) XX(kube_cron) XX(kube_meta) XX(kube_drain) XX(kube_write) XX(kube_debug) \
    XX(kube_delete) \
    XX(nova_power) XX(nova_live) XX(nova_cold) XX(nova_state) XX(nova_life) \
    XX(ostk_service) XX(ostk_delete) \
    XX(ironic) \
    XX(octavia) XX(cinder) XX(neutron) \
    XX(hyper_service) \
    XX(hyper_drain) \
    XX(host_drain) \
    XX(maintenance)
#define XX(name) extern const struct action name##_actions[];
ACTION_TABLES(XX)
#undef XX

/* JSON by dotted path, NULL-safe, for both planes: "spec.replicas", "status.conditions.0.type". */
const json_t *act_get(const json_t *o, const char *path);
const char *act_str(const json_t *o, const char *path);                   /* "" if absent or no text */
int64_t act_num(const json_t *o, const char *path, int64_t none);
/* The first element of a list that has that text there; NULL none, nor for the text "". */
const json_t *act_find(const json_t *list, const char *path, const char *value);
const json_t *act_find_address(const json_t *list, const char *path, const char *ip);      /* however each is spelt */

#endif
