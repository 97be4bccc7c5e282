/*
 * Purpose:   the milestones of one run as a pure state machine: fed with watch objects and the time they arrived, it knows
 *            what has been seen, when, and between which bounds. It invents nothing: what a gap hid gets an interval.
 * Thread:    any, one at a time. No clock, no I/O.
 * Ownership: machine_release frees.
 * Errors:    memory: machine.failed is set, what was known stays.
 * Units:     us of the local monotonic clock; server stamps in ms since 1970.
 */
#ifndef STRATA_STAGE_MACHINE_H
#define STRATA_STAGE_MACHINE_H

#include <jansson.h>

#include "core/stage/stage_priv.h"

enum machine_event { MACHINE_SEEN, MACHINE_GONE };        /* an object as it is now (listed, added, modified), or its end */

struct machine_stamp {
    int64_t at_us;                     /* when we learnt it */
    int64_t since_us;                  /* it may have happened from here on; = at_us unless a gap was before */
};

struct machine_mark {
    enum stage_seen seen;
    struct machine_stamp stamp;
    int64_t server_ms, trunc_ms;       /* CELL_NONE */
    enum stage_whose clock;
    char detail[128];
};

struct machine_pod {
    char uid[64], owner_uid[64];
    struct stage_pod show;
    bool before;                       /* it was there when the delete was sent */
    bool listed;                       /* seen since the list began */
};

struct machine_slice;                  /* slices.c */

struct machine {
    char old_uid[64], owner_uid[64];
    struct machine_mark mark[STAGE_MILESTONES];
    int64_t sent_us;                   /* the delete left; 0 = not yet */
    char new_uid[64], new_name[128], new_node[128];
    unsigned attempts;                 /* replacements so far */
    char why[240];                     /* what the replacement waits for, from its conditions; "" = nothing wrong known */
    char stuck[128];                   /* the container it waits for, "" = none; its log may say more */
    bool stuck_ended;                  /* it ended and is tried again: the log of its last try */
    struct machine_pod *pod;
    size_t npods, cap_pods;
    struct machine_slice *slice;
    size_t nslices, cap_slices;
    int64_t restarts, restarts_ready;  /* of the replacement's containers: now, and when it was first ready */
    unsigned known_before;             /* endpoints of those services then, ready or not */
    unsigned ready_before;             /* ready endpoints of the services that had the old pod, when the delete was sent */
    bool had_endpoint, slices_known;
    bool failed;
};

void machine_init(struct machine *m, const char *old_uid, const char *owner_uid);
void machine_release(struct machine *m);
void machine_sent(struct machine *m, int64_t at_us);                 /* the DELETE leaves: what is there now is "before" */
/* The answer: accepted. When it was read late, all is counted from the earliest moment, and T0 is late.
 * server_ms: deletionTimestamp minus grace, CELL_NONE if not told. */
void machine_accepted(struct machine *m, struct machine_stamp s, int64_t server_ms);

void machine_pod_event(struct machine *m, enum machine_event ev, const json_t *pod, struct machine_stamp s);
void machine_pods_list(struct machine *m);                           /* a list begins */
void machine_pods_listed(struct machine *m, struct machine_stamp s); /* it was complete: what was not in it is gone */

void machine_slice_event(struct machine *m, enum machine_event ev, const json_t *slice, struct machine_stamp s);
void machine_slices_list(struct machine *m);
void machine_slices_listed(struct machine *m, struct machine_stamp s);

/* Endpoints of the old pod's services that are ready now. */
unsigned machine_ready_now(const struct machine *m);
bool machine_new_ready(const struct machine *m);           /* the replacement is ready now; also when it is gone again */
/* What spoils it though it healed: the replacement restarted, siblings do not run. "" = nothing. */
void machine_but(const struct machine *m, char *buf, size_t size);
/* Does the old pod end already, though nobody here deleted it? */
bool machine_deleted_by_others(const struct machine *m);
bool machine_is_set(const struct machine *m, enum stage_mid id);     /* seen, late or not expected */
/* T9, T11: told from outside. */
void machine_set(struct machine *m, enum stage_mid id, struct machine_stamp s, const char *detail);
void machine_not_expected(struct machine *m, enum stage_mid id, const char *why);
/* The end of the run: what is still waiting was not seen. T4 and the like that this kubelet never reports are told apart. */
void machine_finish(struct machine *m);

/* between milestone.c and slices.c */
void machine_mark(struct machine *m, enum stage_mid id, struct machine_stamp s);
void machine_mark_server(struct machine *m, enum stage_mid id, const char *time, enum stage_whose clock);
void machine_evidence(struct machine *m, struct machine_stamp s);    /* a consequence of the delete: it was accepted by then */
void machine_endpoints(struct machine *m);                           /* T1 and T8 from what the slices say */
void machine_slices_before(struct machine *m);
void machine_slices_release(struct machine *m);

#endif
