/*
 * Purpose:   inside core: the struct behind core.h, shared by core.c, core_feed.c, core_request.c, core_event.c.
 * Thread:    fields are marked: U = owner (ui) thread only, N = net thread only, L = under lock, C = constant after core_new.
 */
#ifndef STRATA_CORE_PRIV_H
#define STRATA_CORE_PRIV_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "core/ops/audit.h"
#include "core/source.h"

struct core {
    const struct options *opt;                  /* C, borrowed: outlives core */
    struct net *net;                            /* C */
    struct mbox events;
    struct event *pending;                      /* U: taken from the box, not yet given out */
    _Atomic uint32_t next_id;
    atomic_size_t log_bytes;                    /* of log lines in the box, not yet freed by the reader */
    atomic_bool starved;                        /* an event could not be made: core_starved() says so once */
    atomic_bool sources_told;                   /* an EV_SOURCES waits in the box */
    atomic_uint ops_told;                       /* so many EV_OPS wait in the box */
    struct source *source[CORE_MAX_SOURCES];    /* C (the pointers); the structs are N */
    size_t nsources;                            /* C */
    pthread_mutex_t lock;
    struct source_info info[CORE_MAX_SOURCES];  /* L: copies for the UI */
    struct net_timer *info_timer;               /* N */
    struct feed *feeds;                         /* N */
    struct request *requests;                   /* N */
    struct stage *stages;                       /* N */
    struct forward_info *forwards;              /* L: copies for the UI */
    size_t nforwards, cap_forwards;
    struct seen_ring *seen;                     /* L: changes that were seen, observe.c */
    struct audit *audit;                        /* N */
    struct ops *ops;                            /* C (the pointer), N; its pictures L */
    struct str searched, problems;              /* C */
    struct str unopened;                        /* C: of the cockpit: contexts of clusters that it was not told to open, in words */
    sem_t stopped, errand_over;                 /* errand_over: one for each job that ended */
    size_t errands;                             /* U: jobs that were begun, errand.c */
    bool closing;                               /* N */
};

/* core_event.c */
struct event *event_new(enum event_type type, uint32_t id, uint16_t source);
void core_send(struct core *c, struct event *e);      /* any thread; NULL = it could not be made */
void core_starve(struct core *c);                     /* any thread: something could not be told for want of memory */

/* core_feed.c: rows for core itself (N); each change of any feed is told to ops_feed_moved(). NULL: no such kind, or memory. Rows
 * of all namespaces where these are there anyway. */
struct feed *feed_inside_open(struct core *c, uint16_t source, const char *kind, const char *ns);
struct feed *feed_inside_join(struct core *c, uint16_t source, const char *kind, const char *ns);      /* only what is there already, else NULL */
void feed_inside_close(struct feed *f);
void ops_feed_moved(struct core *c);                  /* core/ops/op_blast.c */

/* core_feed.c, core_request.c: ends of everything (N) */
void feeds_close_all(struct core *c);
void requests_cancel_all(struct core *c);
void stages_close_all(struct core *c);                /* core/stage/stage.c */
void ops_close_all(struct core *c);                   /* core/ops/op.c */

/* core_request.c: a reading for core itself (N). done comes once, maybe before it returns; false: no memory, no callback. */
bool core_fetch_inside(struct core *c, const struct row *row, enum fetch_what what,
                       void (*done)(void *arg, const struct request *rq, const char *text, const struct err *err), void *arg);
void core_request_forget(struct core *c, const void *arg);      /* its done() must not come any more */

/* core_request.c: a request for what changes something, made in two steps. guarded: through the guard; NULL: no memory.
 * go: sends it, or tells the guard's refusal; !whole: drops it. Its id, 0: it is gone. */
struct request *request_guarded(struct core *c, int type, const struct action_request *a);
uint32_t request_go(struct core *c, uint16_t source, struct request *rq, bool whole);
/* What the UI knows of a source, copied (any thread). */
void core_info_of(struct core *c, uint16_t source, struct source_info *out);

/* observe.c: what changed since the snapshot before is kept (N) */
void feed_observe(struct feed *f, struct snap *now);
/* stir.c: before that is kept; who is polled elsewhere and moved with it is asked soon (N) */
void feed_stir(struct feed *f, const struct snap *now);
void seen_free(struct core *c);

/* errand.c: until the jobs that were begun are over (U) */
void errands_wait(struct core *c);

/* core_source.c: builds c->source[] from options */
enum err_code sources_build(struct core *c, struct err *err);

/* Runs fn(arg) on the net thread, or drop(arg) when the core ends before; false (arg untouched) when memory is out. */
bool core_post(struct core *c, void (*fn)(void *), void (*drop)(void *), void *arg);
#define core_assert_net(c) assert(net_on_thread((c)->net))

#endif
