/*
 * Purpose:   the nodes of a cluster and what stands on them, to look for places as its scheduler would: room, ports, disks, and which pods
 *            may stand beside which (room.c); what pods ask of each other (room_terms.c).
 * Thread:    any (pure).
 * Ownership: rows are borrowed; link_room_free.
 * Errors:    NULL or false when memory is out.
 */
#ifndef STRATA_LINKS_ROOM_H
#define STRATA_LINKS_ROOM_H

#include "core/links/links_priv.h"
#include "core/store/selector.h"
#include "strata/map.h"

#define ROOM_KEYS 8

enum term_what { TERM_APART, TERM_WITH, TERM_SPREAD, TERM_PORT, TERM_ASK };
struct room_term {
    enum term_what what;
    char *key, *names;                      /* topology, port's protocol or resource; namespaces, or the port's address */
    struct selector *ns, *pods;             /* NULL: selects nothing */
    int64_t n, min;                         /* skew, port or thousandths; least domains */
    bool any_affinity, taints;              /* policies of a spread */
    const char *scope;                      /* the namespace that it was asked in last, */
    uint32_t *match;                        /* and the pods that it means there, of the first `looked` */
    size_t nmatch, match_cap, looked;
    uint32_t asked;                         /* the view that asked it last whether it means its pod, */
    bool meant;                             /* and the answer, namespaces apart */
    uint8_t at;                             /* its topology among those of the room */
};
struct room_terms { struct room_term *of; size_t n; int64_t priority; bool odd, apart; };      /* odd: one of them is not understood */

struct room_spot { uint32_t node, first; const struct row *row; bool closed; int64_t has_cpu, has_mem, cpu, mem, pods, came_cpu, came_mem, came_pods; };      /* first: of its pods, from 1; left, and what of it the newcomers took */
struct room_pod { uint32_t node, spot, next; const struct row *row; struct room_terms *terms; int64_t cpu, mem; bool gone, came; };
struct link_room {
    const struct links *l;
    uint16_t cluster;
    struct room_spot *spot;
    struct room_pod *pod;
    size_t nspots, npods, spot_cap, pod_cap;
    uint32_t *at;                           /* per node of the graph: its pod, from 1 */
    uint32_t *apart;                        /* pods that will not have some beside them */
    size_t napart, apart_cap;
    const char *key[ROOM_KEYS];             /* topologies that they mean */
    size_t nkeys;
    uint32_t views;
    struct room_terms none;
    int cpu_col, mem_col, node_col, placement_col;      /* of pods */
    struct map by_name, by_ns, terms;       /* spots, from 1; rows of namespaces; what texts of a pod mean */
    bool failed;
};

struct link_room *link_room_new(const struct links *l, uint16_t source);
void link_room_free(struct link_room *m);
void link_room_close(struct link_room *m, uint32_t node, bool closed);
void link_room_leaves(struct link_room *m, uint32_t pod);
/* Why no node takes what is made in its place, how many say so; preempts: perhaps by taking another's;
 * maybe: if others had not come before; odd: what it asks is not understood. true: it stands now. */
struct room_no { size_t by[UNFITS], nodes; bool maybe, preempts, odd; };
bool link_room_place(struct link_room *m, uint32_t pod, struct room_no *no);
/* The cordoned nodes that would take it if they took any, at most max; none while an open one takes it. */
size_t link_room_cordoned(struct link_room *m, uint32_t pod, uint32_t *node, size_t max);

/* room_terms.c */
struct room_terms *room_terms_of(struct link_room *m, const struct row *pod);
void room_terms_free(void *terms);
/* What a pod's terms and those of the others forbid, counted once for all nodes. newcomers: those that came count. */
struct room_view {
    struct link_room *m;
    const struct row *pod;
    struct room_terms *terms;
    int64_t cpu, mem;
    bool newcomers, *self;                  /* self: per term: it means the pod itself */
    struct map *count, banned[ROOM_KEYS];   /* per term and topology: how many; where others will not have it */
    int64_t *least;
};
int64_t room_asks(const struct row *pod, int col);
bool room_view_init(struct room_view *v, struct link_room *m, const struct row *pod, bool newcomers);
void room_view_release(struct room_view *v);
enum link_unfit room_view_unfit(struct room_view *v, size_t spot);

#endif
