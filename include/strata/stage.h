/*
 * Purpose:   the self-healing stage: says whether a pod will heal, deletes it, proves what happened.
 * Thread:    core_stage_* from the thread that owns the core; a struct stage_snap may be read by any holder.
 * Ownership: EV_STAGE carries a reference to an immutable snapshot (e->stage); stage_snap_ref to keep it.
 *            Everything in a snapshot is owned by it. All texts in it are clean.
 * Errors:    what cannot be done is said in the snapshot: phase, refusal, facts, the verdict of a run.
 * Units:     _us = local CLOCK_MONOTONIC microseconds; _ms of servers = wall clock since 1970. Durations are differences
 *            of local stamps only, never of two machines' clocks.
 */
#ifndef STRATA_STAGE_H
#define STRATA_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"
#include "strata/kind.h"
#include "strata/str.h"

struct core;
struct row;

/* ---- what is asked ---- */

#define STAGE_NO_SOURCE 0xffff

struct stage_request {
    const struct row *row;            /* a pod, a workload (its newest ready pod is taken) or a server (the pod of its nova-compute) */
    const char *const *probes;        /* service types ("compute", "nova") or URLs, NULL-terminated; NULL = from the pod's labels */
    uint16_t cloud;                   /* OpenStack source to probe; STAGE_NO_SOURCE = the one that is proved to be behind the pod */
    const char *vm;                   /* "ADDR:PORT" (TCP), "ADDR" (ICMP), a server's name, or NULL (of a server: its own) */
    int64_t timeout_s;                /* not healed after so long; 0 = 120 s plus the old pod's grace */
    int64_t grace_s;                  /* < 0 = the pod's own */
};

/* ---- what is answered ---- */

enum stage_level { STAGE_FINE, STAGE_WARN, STAGE_REFUSE };

struct stage_fact {                   /* one line of the plan */
    enum stage_level level;
    char topic[20];                   /* "owner", "replicas", "volume", "order" */
    char text[280];                   /* a sentence */
    char evidence[160];               /* where it was read: "ReplicaSet nova-api-6c9 spec.replicas=2" */
    bool changed;                     /* new, or other than when the plan was first read */
};

enum stage_mid { STAGE_T0, STAGE_T1, STAGE_T2, STAGE_T3, STAGE_T4, STAGE_T5, STAGE_T6, STAGE_T7, STAGE_T8, STAGE_T9, STAGE_T10,
                 STAGE_T11, STAGE_MILESTONES };

enum stage_whose { STAGE_CLOCK_NONE, STAGE_CLOCK_API, STAGE_CLOCK_NODE, STAGE_CLOCK_CLOUD };

enum stage_seen {
    STAGE_WAITING,
    STAGE_SEEN,
    STAGE_SEEN_LATE,                  /* learnt after a gap in the watch: some time in [since_us, at_us] */
    STAGE_NOT_EXPECTED,               /* this pod has none of it: detail says why */
    STAGE_UNKNOWN,                    /* the run is over and nobody saw it */
};

struct stage_milestone {
    enum stage_seen seen;
    int64_t at_us;                    /* local arrival; valid when seen */
    int64_t since_us;                 /* = at_us unless SEEN_LATE */
    int64_t server_ms;                /* the server's own stamp, CELL_NONE if it has none */
    int64_t server_trunc_ms;          /* it lies in [server_ms, server_ms + this]: 1000 for whole seconds */
    uint8_t clock;                    /* whose stamp: enum stage_whose */
    bool skewed;                      /* contradicts the order of arrival beyond its uncertainty: trust the arrival */
    const char *id, *title;           /* "T7", "ready" */
    char value[24];                   /* "+3.412 s", "<= +3.4 s", "waiting", "-" */
    char detail[128];                 /* "on node-3", "init: wait-for-db" */
    char server[96];                  /* "apiserver 12:00:03Z = +3.1 s +/- 0.6 s" or "" */
};

enum stage_class { STAGE_OK, STAGE_HTTP_5XX, STAGE_HTTP_4XX, STAGE_REFUSED_CONN, STAGE_RESET, STAGE_TIMEOUT, STAGE_DNS, STAGE_OTHER,
                   STAGE_NOT_SENT, STAGE_PENDING, STAGE_CLASSES };
const char *stage_class_name(enum stage_class c);      /* "ok", "http_5xx", ..., stable: exports use them */
const char *stage_class_words(enum stage_class c);     /* "connection refused" */

struct stage_sample {
    int64_t slot_us;                  /* when it was due */
    int64_t sent_us, done_us;         /* 0 = never */
    int32_t theta_lo_ms, theta_hi_ms; /* server clock minus ours lies in between; lo > hi = no Date header */
    uint8_t class;                    /* enum stage_class */
    uint16_t status;                  /* HTTP */
};

enum stage_probe { STAGE_P1, STAGE_P2, STAGE_P3, STAGE_P4 };

struct stage_numbers {                /* of one strip in one run: from the delete (asked_us) to T9 or the end, made from its samples alone */
    uint32_t sent, ok, failed, not_sent, pending;
    uint32_t by_class[STAGE_CLASSES];
    uint32_t outages;                           /* rows of failures with no good answer in them */
    int64_t outage_lo_us, outage_hi_us;         /* the longest of them: 0, 0 = none seen; hi -1 = no end seen */
    int64_t blind_us;                           /* an outage shorter than this may hide between two good answers */
    uint32_t longest_run;                       /* failed probes in a row */
    int64_t longest_run_us;                     /* first to last failed slot of it */
    int64_t before_p50_us, before_p99_us, during_p50_us, during_p99_us;   /* -1 = no data */
    bool failing_before;                        /* most probes failed already before the delete */
    uint32_t reauth;                            /* 401 that a new token cured */
};

enum stage_tie {                      /* how a probe of OpenStack is tied to the pod, weakest first */
    STAGE_TIE_NONE,                   /* not at all: the API server, a server's traffic, a URL */
    STAGE_TIE_ASKED,                  /* the user named the cloud or the service; nothing is known of the pod */
    STAGE_TIE_LABELS,                 /* the pod's labels say so and nothing else does: no effect on the API may be claimed */
    STAGE_TIE_CLOUD,                  /* this cloud runs in the pod's cluster, or the cluster on it; the pod is not known to serve this API */
    STAGE_TIE_SERVES,                 /* an endpoint of the catalog leads to a Service that sends its traffic to the pod */
};

struct stage_strip {
    enum stage_probe kind;
    char label[24];                   /* "K8s API", "OpenStack API", "VM data" */
    char target[160];                 /* "http://127.0.0.1:8774/ (compute)" */
    char note[160];                   /* why it is not probed, or "" */
    char basis[240];                  /* of an OpenStack API: why this cloud and this service, with the evidence; of VM data: why this address */
    uint8_t tie;                      /* enum stage_tie */
    bool data_plane;
    int64_t period_us, timeout_us;
    const struct stage_sample *sample;
    size_t n;
    struct stage_numbers num;
    char words[360];                  /* "0 of 412 failed (an outage shorter than 200 ms cannot be excluded)" */
};

enum stage_pod_role { STAGE_POD_OTHER, STAGE_POD_OLD, STAGE_POD_NEW };
struct stage_pod {
    enum stage_pod_role role;
    char name[128], uid[64], node[96], status[64];   /* status as words: "Running", "Terminating", "Pending: ImagePullBackOff" */
    bool ready, terminating;
    enum health health;
};

/* The other lane: what OpenStack says of the workload's service, and the server that is watched. */
enum stage_row_role {
    STAGE_ROW_GROUP,                  /* all agents of one binary, counted */
    STAGE_ROW_OLD, STAGE_ROW_NEW,     /* the agent of the pod that was deleted; of its replacement */
    STAGE_ROW_GHOST,                  /* a row whose pod is gone for good: nobody will report on it any more */
    STAGE_ROW_VM,
};
struct stage_row {
    enum stage_row_role role;
    char name[128];                   /* "nova-compute", "nova-conductor on nova-conductor-0", "server web-1" */
    char text[160];                   /* "4 of 4 up", "down; up before the delete", "TCP 10.0.0.5:22: 0 of 120 failed" */
    uint32_t up, total;               /* of agents, now (in a run: when it was last read) */
    uint32_t up_before, total_before; /* when the delete was sent */
    uint32_t up_least;                /* the worst moment since */
    enum health health;
};

struct stage_note {                   /* a line of the event lane, or a marker of the presenter */
    int64_t at_us;
    bool warning, marker;
    char text[240];
};

struct stage_gap { int64_t from_us, to_us; char what[160]; };       /* to_us 0 = still open */

struct stage_clock {                  /* a server's clock against ours */
    char name[96];                    /* "API server", "node node-3", "OpenStack API" */
    uint8_t whose;                    /* enum stage_whose */
    bool known, stepped;
    int64_t lo_ms, hi_ms;             /* server minus local; INT64_MAX: no upper bound known */
    char words[160];                  /* "45.0 s ahead (+/- 0.1 s)" */
};

enum stage_outcome { STAGE_RUNNING, STAGE_HEALED, STAGE_NOT_HEALED, STAGE_VOID, STAGE_ABORTED,
                     STAGE_NOT_KNOWN,  /* the cluster was not heard any more before it was over */
                     STAGE_OUTCOMES };

struct stage_run {                    /* one delete and what followed; the last of a snapshot may still be going on */
    unsigned number;                  /* 1.. */
    enum stage_outcome outcome;
    char cluster[96], ns[96], pod[128], uid[64], owner[160];
    char new_pod[128], node[128];     /* the replacement, "" if none came */
    int64_t replicas;                 /* wanted by the owner */
    int64_t started_ms;               /* local wall clock at T0 */
    int64_t timeout_us;
    char why[600];                    /* not healed, void, not known: what is known of the reason; healed: what spoils it; else "" */
    int64_t t0_us, end_us;            /* 0 = not yet */
    int64_t asked_us;                 /* the delete left; its consequences may come before its answer (T0). Valid with t0_us */
    struct stage_milestone milestone[STAGE_MILESTONES];
    const struct stage_strip *strip;
    size_t nstrips;
    const struct stage_gap *gap;
    size_t ngaps;
    const struct stage_note *note;
    size_t nnotes;
    const struct stage_clock *clock;
    size_t nclocks;
    const struct stage_row *row;
    size_t nrows;
    const char *headline;             /* one line: "HEALED: ready after 3.4 s; K8s API 0 of 19 failed; VM traffic untouched" */
    const char *verdict;              /* sentences, one a line */
};

enum stage_phase {
    STAGE_LOOKING,                    /* reads the object, its owner, services, volumes */
    STAGE_REFUSED,                    /* it will not heal, or cannot be done: refusal */
    STAGE_READY,                      /* plan made, watches live, probes run: press go */
    STAGE_DELETING,                   /* confirmed; waits for watches and a base line of probes, then sends DELETE */
    STAGE_HEALING,
    STAGE_DONE,                       /* the run has its verdict; go again = next run (on a pod that is there then) */
};

struct stage_snap {
    uint32_t id;
    enum stage_phase phase;
    int64_t now_us;                   /* made at */
    char title[200];                  /* "deployment openstack/nova-os-api on mgmt" */
    char chosen[200];                 /* of a workload: which pod and why; else "" */
    char cluster[96], ns[128];        /* where that pod is; "" while nothing is known */
    char workload[200];               /* "deployment nova-api", "" = none that can be scaled */
    char pod_name[128], pod_uid[64];  /* what core_stage_go would delete now; "" while nothing is known */
    char status[200];                 /* what goes on now, one line: "waiting for the watches", "deleted, replacement starting" */
    char refusal[320];                /* phase REFUSED */
    struct err err;                   /* the last go did not delete: why; OK after a dry run that the server accepted */
    unsigned goes;                    /* how many go's have ended (run, refusal or dry run) */
    bool protected_;                  /* the source's name must be typed: stage_go.confirmed_name */
    const struct stage_fact *fact;
    size_t nfacts;
    const struct stage_pod *pod;      /* the workload's pods now: old and new marked */
    size_t npods;
    const struct stage_strip *strip;  /* live strips, also before and after a run */
    size_t nstrips;
    const struct stage_row *row;      /* agents of the workload's service and the watched server; nrows 0: rows_note says why */
    size_t nrows;
    char rows_note[200];
    int64_t rows_us;                  /* when the agents were last read; 0 = never */
    int64_t stale_us;                 /* the Kubernetes side is not heard since then: what is shown of it is as old; 0 = it is heard */
    char stale_why[160];
    const struct stage_run *const *run;     /* oldest first */
    size_t nruns;
};

struct stage_snap *stage_snap_ref(struct stage_snap *s);
void stage_snap_unref(struct stage_snap *s);          /* NULL is fine */

/* Starts to look. EV_STAGE events with this id follow (about ten a second while something moves) until core_stage_close.
 * 0 = out of memory. */
uint32_t core_stage_open(struct core *c, const struct stage_request *rq);
struct stage_go {
    bool confirmed_name;              /* the user typed the name of the protected source */
    bool dry_run;                     /* the server checks the delete, nothing happens; ends in the status line */
    char uid[64];                     /* the pod that the user was asked about; "" = the one that is planned */
};
void core_stage_go(struct core *c, uint32_t id, const struct stage_go *go);   /* deletes the pod, bound to its uid */
/* Scales the workload; between runs only. The status line tells how it went. */
void core_stage_scale(struct core *c, uint32_t id, int64_t replicas, bool confirmed_name);
void core_stage_mark(struct core *c, uint32_t id, const char *text);          /* a marker now; NULL = "marker N" */
void core_stage_stop(struct core *c, uint32_t id);                            /* ends the run with the verdict so far */
void core_stage_close(struct core *c, uint32_t id);

/* ---- words and files, from snapshots alone ---- */

enum stage_format { STAGE_MARKDOWN, STAGE_JSON, STAGE_CAST };
/* Of one run, or of all with run NULL. */
bool stage_export(const struct stage_snap *s, const struct stage_run *run, enum stage_format f, struct str *out);
/* Lines of equal columns: one column a run, one row a number. */
bool stage_compare(const struct stage_snap *s, struct str *out);
/* Reads what STAGE_JSON wrote and makes numbers and words anew from its samples. */
struct stage_snap *stage_import(const char *json, size_t len, struct err *err);

#endif
