/*
 * Purpose:   inside logs: a request for logs, its set of containers (logs_set.c) and their streams (logs.c).
 * Thread:    net thread.
 * Ownership: everything belongs to struct logs and goes with it.
 */
#ifndef STRATA_KUBE_LOGS_H
#define STRATA_KUBE_LOGS_H

#include "core/kube/kube_rq.h"
#include "core/kube/loglines.h"

enum { LOGS_STREAMS = 50 };          /* at once while following */

struct log_stream {                  /* one container of one pod */
    struct log_stream *next;
    struct logs *l;
    char *ns, *pod, *uid, *container;
    uint32_t origin;
    struct loglines ll;
    struct op_call *call;
    struct net_timer *timer;
    struct net_backoff backoff;
    /* what the pod says */
    char seen[200];                  /* identity of the container's newest instance that ran, "" none yet */
    bool running, gone, pod_done, fresh, listed;
    char waiting[120];
    /* what we did */
    char attached[200], done[200];
    char said[200];                  /* last notice, not repeated */
    bool active, finished, opened, broken, previous, refused;
    int64_t opened_ms, data_mono_ms;
    struct net_timer *gone_timer;    /* the pod is gone, the stream is still open */
};

struct logs {
    struct kube_op op;
    struct log_stream *streams, **tail;
    unsigned nactive;
    bool single, listed, got_pod, get_only, uid_said, hinted;
    struct str query;                /* "labelSelector=..." or "fieldSelector=...", encoded */
    char *ns;                        /* of the pods; NULL = all */
    char rv[64];
    /* set */
    struct op_call *watch;
    struct str watch_line;
    bool watch_broken, relist;
    struct net_timer *list_timer;
    struct net_backoff list_backoff;
    /* lines on their way to the UI */
    struct log_line *lines;
    size_t nlines, cap_lines, bytes;
    uint64_t lost;
    char **origins;
    size_t norigins, cap_origins;
    bool new_origins;
    struct net_timer *flush_timer;
    struct err last_err;
};

/* logs_set.c */
void logs_set_start(struct logs *l);               /* finds the pods, then keeps streams' "what the pod says" current */
void logs_set_release(struct logs *l);

/* logs.c */
void logs_gone(struct log_stream *s);              /* the pod is not there any more: nothing new will begin */
struct log_stream *logs_stream(struct logs *l, const char *ns, const char *pod, const char *uid, const char *container);
void logs_pump(struct logs *l);                    /* after the set changed: attach, retry, or end the request */
/* A line of our own, between dashes, so that it cannot be mistaken for the container's. */
void logs_note(struct logs *l, uint32_t origin, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
uint32_t logs_origin(struct logs *l, const char *a, const char *b);

#endif
