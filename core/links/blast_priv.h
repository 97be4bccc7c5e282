/*
 * Purpose:   inside the spread of harm: blast.c (the moments, the report, the verdict), blast_spread.c (from one to the next), blast_group.c
 *            (what stands in groups bears some of it).
 * Thread:    any (pure); a spread is of one blast_make() alone.
 * Ownership: blast.c owns the lists; rows and edges are borrowed from the graph.
 */
#ifndef STRATA_LINKS_BLAST_PRIV_H
#define STRATA_LINKS_BLAST_PRIV_H

#include "core/links/links_priv.h"

struct spread {
    const struct links *l;
    struct blast_item *at[BLAST_PLANES];        /* per node; harm NONE: untouched */
    uint32_t *queue;                            /* touched, to be looked at */
    size_t n, cap;
    uint32_t *group;                            /* groups a part of which is lost, counted when nothing else is left to do */
    size_t ngroups, group_cap;
    uint32_t *by;                               /* per node: the part because of which it is in `group`, + 1; 0: it is not */
    uint32_t *service;                          /* those that something hangs on; listed when the first pod is lost */
    size_t nservices, service_cap;
    bool listed;
    bool failed;
    struct blast *out;
    uint8_t *odd;                               /* per node: rules contradict each other about what it is or what is it */
    uint8_t *shaky;                             /* per node: it came back a moment ago, and is not ready there perhaps */
    struct blast_item *item;                    /* the worst of all moments so far */
    size_t nitems, item_cap;
    uint32_t *have[BLAST_PLANES];               /* per node: its place in item, + 1 */
};

static inline enum blast_plane blast_plane_of(enum link_plane p)
{
    return p == LINK_FOR_ST ? BLAST_ST : p == LINK_FOR_CP ? BLAST_CP : BLAST_DP;
}

/* Is a worse than b, or as bad and surer? */
bool blast_worse(const struct blast_item *a, const struct blast_item *b);
/* Worse only: so it ends. */
void blast_hurt(struct spread *s, struct blast_item item);
/* Rules say two things of it: whether it is hit is not known, and nothing is told of what hangs on it. */
void blast_contradicted(struct spread *s, uint32_t node);
/* All that hangs on what was harmed, until nothing more is. */
void blast_spread_all(struct spread *s);

/* blast_group.c: the edge leads to a part of a group; a part of it is lost, it is to be counted; and what that leaves of it. */
bool blast_is_part(const struct link_edge *e);
void blast_group_doubt(struct spread *s, uint32_t group, uint32_t by);
void blast_group_count(struct spread *s, uint32_t group);

#endif
