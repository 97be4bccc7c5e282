/*
 * Purpose:   controllers that take nodes out of use by themselves, when an object asks them to: what is known of each, whether a
 *            cluster has one, and what its objects say of a node. Where it has, a drain beside it is a second one, and refused
 *            unless that is asked for; the drain of a host asks it instead.
 * Thread:    any (pure).
 * Ownership: everything is borrowed; rows are constants.
 */
#ifndef STRATA_OPS_UPKEEP_H
#define STRATA_OPS_UPKEEP_H

#include "core/ops/action.h"

#define UPKEEP_PODS 1u
#define UPKEEP_SERVERS 2u

/* What an object says of its node, by paths; "status.conditions:TYPE.reason" is of the condition of that type. */
struct upkeep_says {
    const char *done, *done_is;     /* over when so; NULL: it says nothing of that */
    const char *bad, *bad_is;       /* given up when so */
    const char *words[2];           /* what to show: counts of lists, texts */
};

/* One kind of maintenance object. Either it is made to ask, or each node has one, and a field of it asks. */
struct upkeep {
    const char *word;           /* --with */
    const char *product;
    unsigned moves;             /* UPKEEP_...: what its controller takes from the node */
    const char *api;            /* "/apis/GROUP/VERSION" */
    const char *plural, *kind;
    const char *node;           /* where the object says of which node it is */
    const char *set, *set_to;   /* the field that asks; NULL: the object itself does */
    const char *reason;         /* where it says why; NULL it has no place for it */
    const char *fixed[2];       /* spec of a new one, beside */
    const char *off;            /* how the reason begins with which it disables a compute service; NULL: it does not */
    struct upkeep_says own;
    const char *beside;         /* plural of others that tell of the node; NULL none */
    const char *beside_node;
    struct upkeep_says others;  /* each of them */
};
enum { UPKEEPS = 3 };
extern const struct upkeep upkeep_rows[UPKEEPS];

/* The path of what asks: the node's own object, or all that were made. */
bool upkeep_path(const struct upkeep *u, const char *node, struct str *path);
/* In that answer, what is about the node; NULL none. */
const json_t *upkeep_object(const struct upkeep *u, const json_t *answer, const char *node);
bool upkeep_asks(const struct upkeep *u, const json_t *object);
bool upkeep_ours(const struct upkeep *u, const json_t *object);        /* it was strata that asked */
/* What is said of the node by its object and by the others (a list, NULL none); words are appended. */
enum act_seen upkeep_read(const struct upkeep *u, const json_t *object, const json_t *others, const char *node, struct str *words);
/* Its controller says that it is done: is it? node as it is, pods: the answer for all that are on it. What remains is appended. */
enum act_seen upkeep_pods(const struct upkeep *u, const json_t *node, const struct act_side *pods, struct str *words);

/* For a drain: side n (0: the API groups of the cluster; then one for each row that has a group there), read while planning.
 * first: where side 0 is. false: no such side. */
bool upkeep_side(const struct act_ctx *c, size_t first, size_t n, const char *node, struct str *path);
/* The controllers of the node, one after the other: *n is 0 at first. object: what asks it now or could be made to; NULL none. */
const struct upkeep *upkeep_next(const struct act_ctx *c, size_t first, size_t *n, const char *node, const json_t **object);
/* Refuses, or with --ignore-maintenance warns, where a controller of the node moves any of that. */
void upkeep_say(const struct act_ctx *c, size_t first, const char *node, unsigned moves, struct act_facts *f);

#define UPKEEP_ARG {.name = "ignore-maintenance", .help = "Drain although the cluster has a controller of its own for that.", .type = ARG_BOOL}

#endif
