/*
 * Purpose:   the living half of a stage: watches, probes, clocks and the run that goes on.
 * Thread:    net thread.
 * Ownership: stage_run_free frees all of it; closing a watch from its own callback is not allowed.
 * Units:     us of the local monotonic clock.
 */
#ifndef STRATA_STAGE_LIVE_H
#define STRATA_STAGE_LIVE_H

#include "core/kube/kube.h"
#include "core/stage/lane.h"
#include "core/stage/machine.h"
#include "core/stage/probe.h"

#define LIVE_STRIPS 8
#define LIVE_NOTES 200
#define LIVE_GAPS 32
#define LIVE_NODES 2
#define LIVE_KEPT 4

struct ostk_call;

/* ---- watch.c ---- */
enum watch_what { WATCH_PODS, WATCH_SLICES, WATCH_EVENTS, WATCH_LEASE_OLD, WATCH_LEASE_NEW, WATCHES };
struct watch {
    struct stage *st;
    enum watch_what what;
    struct kube_tap *tap;
    bool up, listed, listing;
    bool relisted;                     /* in this gap */
    int64_t down_us, up_us;            /* of the last gap; down_us 0 = none */
    int gap, last_gap;                 /* index of its open entry, of the last one; -1 = none */
    struct err err;
};
bool watch_open(struct stage *st, enum watch_what what, const char *name);   /* name: the node of a lease */
void watch_close(struct watch *w);

/* ---- target.c ---- */
struct live_strip {
    struct stage_strip show;           /* without samples and numbers */
    struct samples *samples;           /* NULL: not probed, note says why */
    int probe;                         /* index in probes, -1 = VM */
    bool wanted;                       /* named by the user: it must work, or nothing is deleted */
    enum err_code why;                 /* of a note */
};

struct live_node {
    char name[128];
    struct node_theta theta;
};

#define LIVE_STALLS 8
struct live_stall { int64_t from_us, to_us; int gap; };            /* gap: its entry in the run, -1 = none */

struct live {
    struct watch watch[WATCHES];
    struct machine machine;
    struct probes *probes;
    struct vm_probe *vm;
    struct live_strip strip[LIVE_STRIPS];
    size_t nstrips;
    bool probing;                      /* probes were started (or cannot be) */
    int64_t since_us, chosen_us, probing_us;   /* the stage is ready; its cloud is known; the probes run */
    unsigned token_gen;                /* of P2's token */
    struct wall_anchor anchor;
    int64_t boot_base_us, wall_step_us;
    int64_t alive_us;                  /* the loop's last turn */
    struct live_stall stall[LIVE_STALLS];      /* it did not turn, or the API server said nothing; the newest last */
    size_t nstalls;
    int64_t heard_us, quiet_us;        /* the last object of a watch; nothing is heard of the API server since then, 0 = it is heard */
    struct live_node node[LIVE_NODES], kept[LIVE_KEPT];        /* kept: what earlier runs learnt of their nodes */
    size_t nkept;
    struct stage_note note[LIVE_NOTES];
    size_t nnotes;
    struct stage_gap gap[LIVE_GAPS];
    size_t ngaps;
    char last_warning[240];            /* of the owner's or the replacement's events */
    /* the run */
    struct stage_go go;
    bool wanted, running;
    unsigned number, markers;
    int64_t wanted_us, sent_us, end_us, whole_us, checked_us, followed_us;
    int64_t started_ms;
    enum stage_outcome outcome;
    char void_why[300];                /* or why it is not known */
    struct kube_call *saying_call;     /* saying.c */
    char saying_of[128], saying[200];
    int64_t saying_us;
    struct ostk_call *agent_call;      /* agent.c */
    int64_t agent_asked_us, agent_since_us;
    unsigned agent_misses;
    size_t agent_size;                 /* of its last answer */
    struct lane lane;
    char lane_why[160];                /* why it could not be read the last time */
    int64_t lane_us;                   /* when it was */
    bool shown_run;                    /* the lane is of a run: of the pod that was deleted then */
    char old_pod[128], old_node[128];
    int64_t scale_to, scaled_us;       /* scale.c: asked for and not yet so; scaled_us 0 = nothing */
    bool dry_run_done;
    char dry_text[400];
    struct err failed_delete;          /* told by the tick */
};

/* Starts the probes once what they need is known, or has failed, or took too long. */
void live_probe(struct stage *st);
void live_probe_tokens(struct stage *st);                /* renews what a 401 told of */
/* wanted.c: do the probes that were asked for by name work? err: of the first that does not (yet) */
enum wanted { WANTED_WORKS, WANTED_WAITS, WANTED_FAILS };
enum wanted live_wanted(const struct live *l, int64_t now, struct err *err);
void wanted_words(const struct stage_sample *failed, char *buf, size_t size);
/* agent.c: the other lane, T11 */
#define LIVE_ROWS 24
void agent_tick(struct stage *st, int64_t now);
void agent_before(struct stage *st);                     /* the delete is about to leave */
void agent_stop(struct live *l);
size_t agent_rows(const struct stage *st, const struct stage_strip *strips, size_t nstrips, struct stage_row *out, size_t max);
void agent_note(const struct stage *st, char *buf, size_t size);         /* why there are no agents; "" */
void live_note(struct stage *st, int64_t at_us, bool warning, bool marker, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* What is learnt at at_us happened since: earlier, when this program stood still before. */
int64_t live_since(struct live *l, int64_t at_us);       /* a gap it is told of then lasts until at_us */
void live_gap_until(struct live *l, int gap, int64_t at_us);
/* saying.c: the log of the container that the replacement waits for */
void saying_take(char *to, size_t size, const char *log, size_t len);
void saying_tick(struct stage *st, int64_t now);
void saying_stop(struct live *l);
/* quiet.c: is the Kubernetes side heard at all? */
void quiet_tick(struct stage *st, int64_t now);
int64_t quiet_since(const struct live *l, const char **why);     /* 0 = it is heard */
int live_gap(struct live *l, int64_t from_us, const char *what);         /* -1: no run, or too many */
int64_t live_t0(const struct live *l);                   /* 0 = not yet */
/* Copies strips with samples and numbers into arena; NULL: no memory. */
struct stage_strip *live_strips(const struct live *l, struct arena *a);
struct stage_run_box *live_run(struct stage *st);        /* picture.c: the run as it is now */

#endif
