/*
 * Purpose:   the walk of the root cause: the slice below a row (why_slice.c), the weight of what is found (why_weigh.c), the causes of
 *            one row (why.c) and of all that are red (why_all.c).
 * Thread:    one walk is one thread's.
 * Ownership: link_walk_free, whatever link_walk_init said.
 */
#ifndef STRATA_WHY_WALK_H
#define STRATA_WHY_WALK_H

#include "core/links/links_priv.h"
#include "core/links/room.h"
#include "strata/why.h"

static inline bool link_of_host(const struct row *r) { return link_is(r, "hypervisor") || link_is(r, "os-services"); }

#define ONSET_SLACK_MS (5 * 60000)

/* Does it work, or can it be managed: two questions with two slices. */
enum question { WORKS, MANAGED };

/* from: index of the step above; below: something not well was found under it; late: it began after what it would explain; recent: it
 * does not say when it began, and stands on something late; after: it began after one of those above it; stale: at or below a
 * server whose host does not report: what Nova says of it is old, and who says it is asked; met: by the last look at what stands on what */
struct step { uint32_t node, from; uint8_t cls; uint8_t depth; bool below, late, recent, after, stale; uint32_t met; };
#define BEYOND 16
#define BEYOND_LISTS 8
struct weight { uint32_t node; uint32_t next; size_t explains, against; enum question q; };

/* What agents that fell silent together need, the likeliest first (why_shared.c). */
#define SHARED_MAX 8
struct link_shared_one { uint32_t node; struct why_shared told; };
struct link_shared { struct link_shared_one of[SHARED_MAX + 1]; size_t n; bool asked; };

/* What walks share, so that all that is red costs one sweep and not a walk over everything each. */
struct walk {
    const struct links *l;
    enum question q;
    struct step *step;
    size_t n, cap;
    uint32_t *seen, stamp;  /* per node: the walk that met it last */
    uint32_t *step_of;      /* per node that this walk met: its step */
    uint8_t *state;         /* per node: why_state_of + 1; 0 not asked yet */
    uint8_t *rollout;       /* per node: link_rollout_tells + 1; 0 not asked yet */
    uint32_t *weighed;      /* per node: its first weight, + 1 */
    struct weight *weight;
    size_t nweight, weight_cap;
    uint32_t *queue;
    size_t queue_cap, queued;
    uint32_t *next;         /* pods of namespaces: per node, and the first of each bucket, + 1; NULL not needed so far */
    uint32_t first[256];
    size_t at;              /* the step whose needs are being added */
    size_t work, most;      /* edges and pods looked at; then it is enough */
    uint32_t *closed, round;        /* per node: the walk in which its cordon keeps a pod off it */
    struct link_room *room; /* of the cluster that was asked for places last */
    bool below;             /* of what is well: what it hangs on for anything, by which it may be hurt */
    enum { AGENTS_UNKNOWN, AGENTS_LIVE, AGENTS_DEAD } agents;   /* is one of them down? (why_wires.c) */
    bool blind;             /* lists are not read */
    struct { const struct snap *hidden; uint32_t node[BEYOND]; size_t n; } beyond[BEYOND_LISTS];       /* what may lie beyond one of them */
    size_t nbeyond;
    struct link_shared shared;
    bool failed;
};

bool link_walk_init(struct walk *w, const struct links *l);            /* false: memory */
void link_walk_free(struct walk *w);
enum why_state link_walk_state(struct walk *w, uint32_t node);
bool link_walk_slice(struct walk *w, uint32_t node);                    /* steps below node; false: memory */
enum why_state link_walk_state_in(struct walk *w, const struct step *s);      /* as the question of this walk has it */
typedef void link_walk_add(struct walk *w, uint32_t node, uint8_t cls);
void link_walk_wires(struct walk *w, uint32_t node, link_walk_add *add);       /* the network of the step that is looked at (why_wires.c) */
bool link_walk_reports(const struct walk *w, uint32_t node);           /* a node whose kubelet tells of itself */
bool link_walk_weigh(struct walk *w, struct why_cause *c);             /* explains, against; false: memory */
int link_walk_score(const struct why_cause *c, const struct row *r);
bool link_walk_why(struct walk *w, struct why *out, uint32_t node);    /* why_make, on a walk that goes on */
void link_walk_unseen(struct walk *w, struct why *out);                /* what the last walk could not look at (unseen.c) */
int64_t link_began(const struct row *r);                                /* CELL_NONE: it does not say (why_fact.c) */
/* why_shared.c: finds w->shared once, by walks of its own; false: memory. What may be why that agent is silent, at most max. */
bool link_walk_shared(struct walk *w);
size_t link_walk_shares(const struct walk *w, uint32_t agent, const struct link_shared_one **out, size_t max);
const struct row *link_dated_by(struct walk *w, uint32_t node);         /* itself, or the pod with which its majority went; NULL: it does not say (why_quorum.c) */
bool link_lacks_with_others(struct walk *w, uint32_t pod);             /* one of those that a majority lacks, and well but for that */
bool link_failed_before(const struct row *symptom, const struct row *cause);   /* long before; cause may be NULL (why_fact.c) */
/* why_cordon.c: of a pod that waits for a node, those that would take it and are cordoned, the newest first; at most max. */
size_t link_walk_cordons(struct walk *w, uint32_t pod, uint32_t *node, size_t max);
int link_cause_prior(const struct row *r);                             /* per cent: how likely a thing of this kind is what broke */

#endif
