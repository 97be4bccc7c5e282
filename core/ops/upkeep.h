/*
 * Purpose:   controllers that take nodes out of use by themselves, when an object asks them to: what is known of each, and whether
 *            a cluster has one. Where it has, a drain beside it is a second one, and refused unless that is asked for.
 * Thread:    any (pure).
 * Ownership: everything is borrowed; rows are constants.
 */
#ifndef STRATA_OPS_UPKEEP_H
#define STRATA_OPS_UPKEEP_H

#include "core/ops/action.h"

#define UPKEEP_PODS 1u
#define UPKEEP_SERVERS 2u

/* One kind of maintenance object. Its words about a node are in itself, or in others that say of which node they are. */
struct upkeep {
    const char *word;           /* --with */
    const char *product;
    unsigned moves;             /* UPKEEP_...: what its controller takes from the node */
    const char *api;            /* "/apis/GROUP/VERSION" */
    const char *plural, *kind;
    const char *node;           /* where the object says of which node it is */
    const char *reason;         /* where it says why; NULL it has no place for it */
    const char *fixed[2];       /* spec of a new one, beside */
    const char *beside;         /* plural of the others; NULL it tells itself */
    const char *beside_node;    /* "metadata.name": one for each node that it cares for, and for no other */
    const char *done, *done_is; /* of it, or of all others of the node: over when so */
    const char *bad, *bad_is;   /* stuck when so */
    const char *words[2];       /* what to show: counts of lists, texts */
};
enum { UPKEEPS = 3 };
extern const struct upkeep upkeep_rows[UPKEEPS];

/* For a drain: side n (0: the API groups of the cluster; then one for each row that has a group there), read while planning.
 * first: where side 0 is. false: no such side. */
bool upkeep_side(const struct act_ctx *c, size_t first, size_t n, const char *node, struct str *path);
/* Refuses, or with --ignore-maintenance warns, where a controller of the node moves any of that. */
void upkeep_say(const struct act_ctx *c, size_t first, const char *node, unsigned moves, struct act_facts *f);

#define UPKEEP_ARG {.name = "ignore-maintenance", .help = "Drain although the cluster has a controller of its own for that.", .type = ARG_BOOL}

#endif
