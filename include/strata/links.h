/*
 * Purpose:   how rows of all clusters and clouds hang together, derived from what the APIs say: a graph over snapshots. An
 *            edge goes from a row to what it hangs on (pod -> node -> server -> hypervisor); each carries the rules that found
 *            it and how certain they make it.
 * Thread:    links_build: any (pure; 0.13 s of a core at 100,000 pods and 20,000 servers, more on a busy machine); a built graph is immutable, read by any.
 * Ownership: the graph holds its snapshots; rows and edges are borrowed while it lives.
 * Errors:    NULL when memory is out.
 * Source:    layers of the sandwich and their evidence: README, "How the layers hang together".
 */
#ifndef STRATA_LINKS_H
#define STRATA_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/core.h"
#include "strata/snap.h"
#include "strata/str.h"

/* How certain. A: an id one system keeps of the other. B: a unique value in a known scope, with a second fact or by a
 * convention. C: one value that others might bear too; shown, never acted on. X: rules contradict each other. */
enum link_class { LINK_NONE, LINK_C, LINK_B, LINK_A, LINK_X };

/* What breaks with it. CP: it cannot be managed; DP: it does not run; ST: its data. NONE: no dependency. */
enum link_plane { LINK_FOR_NONE, LINK_FOR_CP, LINK_FOR_DP, LINK_FOR_ST };

struct link_relation {
    const char *id;             /* "runs-on": in JSON */
    const char *down, *up;      /* "runs on", "carries" */
    enum link_plane plane;
    bool single;                /* one thing hangs on one such thing: two that differ are a conflict */
};

#define LINK_NO_NODE UINT32_MAX
struct link_edge {
    uint32_t to;                /* links_down: what it hangs on; links_up: what hangs on it */
    uint32_t rules;             /* bit i: the i-th rule of the relation agrees */
    uint8_t relation;           /* links_relation() */
    uint8_t cls;                /* enum link_class */
    uint8_t was;                /* of X: what its rules alone make it */
    bool overruled;             /* of X: another node of that machine agrees with it by several facts, so this is wrong about who says it alone */
};

struct links_world {
    const struct snap *const *snap;
    size_t nsnaps;
    const struct source_info *source;   /* where they lead to; those that are not here are told apart by their rows alone */
    size_t nsources;
};
struct links;
struct link_profiles;           /* core/links/profile.h */

struct links *links_build(const struct links_world *w, struct link_profiles *p);      /* takes a reference of its own to the profiles */
void links_free(struct links *l);

/* Does anything depend on rows of this kind, one of links_kinds? What nothing depends on may stay unseen. */
bool links_needs(const char *kind);
/* Does it but stand between rows of which neither depends on the other, and no finding comes of it? It is never red and explains
 * nothing; it is for who looks at links alone. */
bool links_only_between(const char *kind);
/* The kind of that name, as the user types it, among the rows there are and those built in; NULL: none. */
const struct kind *links_kind(const struct links *l, const char *name);

/* The kinds that rules speak of, for who opens the feeds; how many. */
size_t links_kinds(enum plane plane, const char **list, size_t max);
bool links_reads(const struct kind *k);                 /* is it one of them, or may it be? Images are read by a plan that deletes one alone */

size_t links_nodes(const struct links *l);              /* nodes are 0 to links_nodes()-1; some are empty */
const struct row *links_row(const struct links *l, uint32_t node);     /* NULL: empty */
struct snap *links_snap(const struct links *l, uint32_t node);         /* that holds it, borrowed; NULL: empty */
/* Several contexts may lead to one cluster, several entries of clouds.yaml to one cloud: the source that speaks for it, which its
 * nodes bear; mostly the source itself. And how that is known; "" it speaks for itself. */
uint16_t links_cluster(const struct links *l, uint16_t source);
const char *links_same(const struct links *l, uint16_t source);
uint32_t links_find(const struct links *l, uint16_t source, const struct kind *kind, const char *uid);
size_t links_down(const struct links *l, uint32_t node, const struct link_edge **e);
size_t links_up(const struct links *l, uint32_t node, const struct link_edge **e);
const struct link_relation *links_relation(unsigned relation);
/* "A E11-1 providerID openstack:///3f99…; E11-4 systemUUID 3f99…": the edge from one to the other, with what each rule saw. */
void links_evidence(const struct links *l, uint32_t from, const struct link_edge *e, struct str *out);
char link_class_letter(enum link_class c);              /* "A" ... "X" */

#endif
