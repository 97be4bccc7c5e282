/*
 * Purpose:   what core.c asks of a plane (kube, openstack): a source is one context or one cloud+region.
 * Thread:    net thread, all of it. core.c forwards what the UI asked.
 * Ownership: a source_ops implementer owns its private struct, whose first member is struct source.
 */
#ifndef STRATA_SOURCE_H
#define STRATA_SOURCE_H

#include "core/call.h"
#include "strata/core.h"
#include "strata/net.h"
#include "strata/store.h"

struct core;
struct feed;
struct source;

/* One request of the UI that ends in one event. The implementer calls exactly one of request_*end. */
struct request {
    struct request *next;            /* core's list */
    struct core *core;
    struct source *source;
    uint32_t id;
    enum { RQ_FETCH, RQ_LIST, RQ_LOGS, RQ_DOCTOR, RQ_KINDS, RQ_STREAM, RQ_FORWARD } type;
    /* identity of the object, copied from the row (RQ_FETCH, RQ_LOGS); RQ_DOCTOR: scope = namespaces "a,b", "" all,
     * NULL the source's own */
    const struct kind *kind;
    char *kind_name, *uid, *name, *scope;    /* kind_name also for RQ_LIST */
    /* RQ_FETCH */
    enum fetch_what what;
    unsigned flags;
    /* RQ_LIST; selector also RQ_LOGS */
    char *selector, *fields; bool yaml;
    /* RQ_LOGS */
    char *container; bool follow, previous, timestamps, as_sent; int64_t tail, since_s;
    int64_t revision;                /* RQ_FETCH of a rollout */
    /* decided inside core: told here, not by an event */
    void (*done)(void *arg, const struct request *rq, const char *text, const struct err *err);
    void *done_arg;
    bool inside;
    /* RQ_STREAM, already through the guard and audited, with its verb; container as above */
    char *verb;
    struct stream *stream; char **command, *said; bool tty, in; int cols, rows, exit_code;
    /* RQ_FORWARD, audited as well */
    char *address; int local, remote;
    void *priv;                      /* the implementer's */
    uint64_t lost;                   /* core's: log lines dropped and not yet told */
    struct event *last;              /* core's: the event that ends it */
};
/* text is moved (mem_free'd by the event); must be clean (text_clean). err NULL or OK = success. */
void request_end(struct request *rq, char *text, size_t len, const struct err *err);
void request_end_names(struct request *rq, char **names, const struct err *err);       /* NULL-terminated, moved */
/* Log lines: moved array of moved texts. origins: moved NULL-terminated array or NULL if unchanged. Then request_end(). */
/* One line for the user about the request while it runs: an EV_NOTICE with its id. */
void request_note(struct request *rq, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void request_log(struct request *rq, struct log_line *lines, size_t n, uint64_t lost, char **origins);

struct source_ops {
    const char *name;
    void (*start)(struct source *s);                       /* connect, probe; keeps info up to date */
    void (*free)(struct source *s);                        /* cancels all calls (their requests must be ended: CANCELED) */
    void (*feed_open)(struct source *s, struct feed *f);   /* fill f->store, follow changes */
    void (*feed_close)(struct source *s, struct feed *f);  /* stop; f->priv must be freed here */
    void (*feed_refresh)(struct source *s, struct feed *f);
    void (*request)(struct source *s, struct request *rq);
    void (*cancel)(struct source *s, struct request *rq);  /* must end rq (CANCELED), now or soon */
    void (*set_idle)(struct source *s, bool idle);
    void (*stir)(struct source *s, const char *kind);      /* rows of that kind may have moved just now; NULL: it is told by itself */
    /* call.h: NULL with err: not started, no callback; else done once, never before this returns */
    void *(*call)(struct source *s, const struct call_req *rq, void (*done)(void *arg, const struct net_reply *r), void *arg, struct err *err);
    void (*call_cancel)(struct source *s, void *handle);
    const char *(*microversion)(struct source *s, const char *service);
};

struct source {
    const struct source_ops *ops;
    struct core *core;
    struct net *net;
    struct source_info info;         /* change, then source_changed() */
    bool started;
    bool ticker;                     /* set by core before start: send source_notice() for cluster events */
};
void source_changed(struct source *s);                     /* publish info to the UI (rate-limited by core) */
void source_notice(struct source *s, enum health h, int64_t time_ms, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));                 /* a ticker line */

struct feed {
    struct feed *next;
    struct source *source;
    char *kind_name;                 /* as asked */
    char *ns;                        /* "" = all */
    char *name;                      /* of the one object wanted; NULL = all (kube only) */
    char *fields;                    /* a field selector; NULL = none (kube only) */
    bool follow;                     /* with a name: its changes, too */
    const struct kind *kind;         /* built-in: set before feed_open; else the implementer resolves it and
                                        calls feed_set_kind, or fails the feed */
    struct store *store;
    void *priv;                      /* the implementer's */
    void *tap;                       /* the implementer's: whole objects go there instead of rows */
    unsigned users;
    /* core's bookkeeping below */
    uint32_t *ids; size_t nids, cap_ids;
    int64_t published_ms, unused_since_ms;
    bool open, publish_pending;
    struct net_timer *timer, *age_timer;
    int64_t age_ms;                  /* what age_timer waits for */
    struct snap *told;               /* the newest that was told: what differs from it is kept (observe.c) */
    int64_t ok_before_ms;            /* mono: the sign of life before the newest */
};
void feed_set_kind(struct feed *f, const struct kind *k);
/* Rows or status changed: core publishes soon (at once the first time and on state changes, then at most
 * each 50 ms). Cheap; call it after each batch of store changes. */
void feed_changed(struct feed *f);
/* Shorthands that set store_status and call feed_changed. */
void feed_live(struct feed *f);                            /* complete and current: LIVE, last_ok = now */
void feed_ok(struct feed *f);                              /* still current (bookmark, empty poll): last_ok = now, no publish unless stale */
void feed_error(struct feed *f, const struct err *err);    /* LIVE -> STALE, LOADING -> FAILED (keeps rows) */

/* Constructors: cheap, never block, never fail but for memory: trouble goes to info.state/err. Config structs are
 * borrowed for the call only. */
struct kubeconfig;
struct cloud;
struct source *kube_source_new(struct core *core, struct net *net, const struct kubeconfig *kc, const char *context);
struct source *ostk_source_new(struct core *core, struct net *net, const struct cloud *cloud, bool show_region);
const char *ostk_list_key(const struct kind *k);

#endif
