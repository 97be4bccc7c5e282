/*
 * Purpose:   what the files of core/net share.
 * Thread:    net thread, except the job queue (under its lock) and the mailbox.
 * Ownership: net owns sites, calls, timers, idle easy handles; a call holds a reference to its site.
 */
#ifndef STRATA_NET_PRIV_H
#define STRATA_NET_PRIV_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "strata/mbox.h"
#include "strata/net.h"
#include "strata/str.h"

#define NET_WORKERS 4              /* all but one may be busy with long jobs */
#define NET_IDLE_EASY 16          /* easy handles kept for reuse */
#define NET_BODY_MAX ((size_t)64 << 20)
#define NET_ERROR_BODY_MAX ((size_t)1 << 20)
#define NET_HEADERS_MAX ((size_t)256 << 10)
#define NET_REDIRECTS 5

/* A posted call, or a job on its way through a worker and back. */
struct net_item {
    struct msg link;
    void (*fn)(void *arg);        /* post: the call; job: done */
    void (*work)(void *arg);      /* job only */
    void (*drop)(void *arg);      /* post only */
    void *arg;
    bool longs;                   /* job only: net_work_long */
};

struct net_timer {
    struct net_timer *next;       /* by due time */
    int64_t due_ms;
    uint64_t serial;
    void (*fn)(void *arg);
    void *arg;
};

struct net_watch {
    struct net_watch *next;
    int fd, events;
    void (*fn)(void *arg, int events);    /* NULL: freed, until the turn is over */
    void *arg;
};

struct net {
    CURLM *multi;
    struct net_watch *watches;
    struct curl_waitfd *fds;      /* of this turn */
    size_t cap_fds;
    unsigned in_ws;               /* inside callbacks of a WebSocket: calls are not freed */
    struct mbox box;
    pthread_t thread;
    atomic_bool running, stop, closing;
    atomic_bool threaded;         /* a loop thread is there, or is just being made: jobs go to workers from its first turn on */
    struct net_timer *timers;
    uint64_t timer_serial;
    struct net_site *sites;
    int patience_ms;              /* of reads with a server that is silent; 0 = their own times */
    struct net_call *calls;       /* live: on_done not called yet */
    struct net_call *dead;        /* completed inside a curl callback; freed after it */
    bool rescan;                  /* call_rescan has something to do */
    bool in_curl;                 /* inside curl_multi_perform: no multi calls allowed */
    CURL *idle[NET_IDLE_EASY];
    size_t nidle;
    /* worker pool */
    pthread_mutex_t job_lock;
    pthread_cond_t job_cond;
    struct msg *jobs, **jobs_tail;
    pthread_t workers[NET_WORKERS];
    size_t nworkers, nlong;       /* nlong: of them in long jobs */
    bool workers_stop;
};

struct net_site {
    struct net_site *next;
    struct net *net;
    CURLSH *share;                /* its connections: no other site's requests travel on them */
    char *name, *ca_file, *ca_data, *cert_file, *cert_data, *key_file, *key_data, *tls_server_name, *proxy, *user_agent;
    bool insecure, http2, compress;
    int connect_timeout_ms, max_connections;
    unsigned refs;                /* calls, and 1 until net_site_free */
    bool dying, answered;         /* answered: to any request, ever */
    int short_running;            /* limits connections of sites without HTTP/2 */
    struct net_site_stat stat;
    int64_t offset_low, offset_high;
    int64_t accepted_ms;          /* it took a connection then, and was silent in the TLS handshake; 0 never */
    int64_t latency_from_ms;      /* requests sent before say nothing about its latency now */
};

enum call_state { CALL_WAITING, CALL_RUNNING, CALL_BACKOFF, CALL_DONE };

struct ws;
struct net_call {
    struct net_call *next, *prev;
    struct net *net;
    struct net_site *site;
    enum call_state state;
    CURL *easy;                   /* while running (or dead and not yet removed) */
    /* the request */
    char *method, *url, *host, *authority, *user, *password, *body;
    char *connect_to_text;
    int port;
    bool tls, loopback, idempotent, safe, fresh, sent;
    bool stale;                   /* got its one more try for a connection that had died while it was kept */
    size_t body_len, max_body;
    struct curl_slist *headers, *connect_to;
    int timeout_ms, idle_timeout_ms, retries, redirects;
    void (*on_wait)(void *arg, int status, int64_t ms);
    void (*on_head)(void *arg, const struct net_head *head);
    bool (*on_data)(void *arg, const char *data, size_t len);
    void (*on_done)(void *arg, const struct net_reply *reply);
    void *arg;
    /* this try */
    struct str reply_headers;     /* "Name: value\0" after each other */
    struct str reply_body;
    struct net_head head;
    bool head_done, head_told, discard, stopped, counted;
    size_t received;
    struct err failed;            /* set in a curl callback, wins over the CURLcode */
    char curl_text[CURL_ERROR_SIZE];
    int64_t sent_wall_ms;         /* this try */
    int64_t server_ms;            /* this try: sent to first byte, or -1 */
    /* over all tries */
    int64_t started_ms, last_byte_ms, first_byte_ms;
    int64_t heard_ms;             /* its server answered another request that was before it */
    int64_t spread_ms;            /* that a byte of this one came was told to the others then */
    struct net_timer *idle_timer, *backoff_timer;
    struct ws *ws;                /* ws.c: only the connection is curl's */
    struct net_backoff backoff;
};

/* loop.c */
void net_assert_thread(const struct net *n);

/* work.c */
bool work_init(struct net *n);
void work_release(struct net *n);         /* finishes all jobs; their done() are then in the mailbox */
void work_inline(struct net *n);          /* without threads: does the waiting jobs now */

/* request.c */
void call_start(struct net_call *c);      /* one try */
void call_rescan(struct net *n);          /* starts or completes those in CALL_WAITING that can be */
void call_finish(struct net_call *c, const struct err *err);
void call_reap(struct net *n);            /* frees the dead; not inside curl */
void call_transfer_done(struct net_call *c, CURLcode code);
CURL *easy_get(struct net *n);
void easy_put(struct net *n, CURL *easy);

struct net_call *call_new(struct net *n, struct net_site *s, const struct net_req *req, struct ws *ws, struct err *err);

/* ws.c */
void ws_connected(struct net_call *c);
void ws_stop(struct ws *ws, struct net *n);         /* no callback any more */
void ws_free(struct ws *ws);

/* watch.c */
void watch_wait(struct net *n, int wait_ms);     /* curl_multi_poll with them, then their callbacks */
void watch_release(struct net *n);

/* setup.c */
enum err_code call_setup(struct net_call *c, struct err *err);
enum err_code call_parse_url(struct net_call *c, const char *url, struct err *err);

/* receive.c */
size_t receive_header(char *data, size_t size, size_t n, void *arg);
size_t receive_body(char *data, size_t size, size_t n, void *arg);
void receive_reset(struct net_call *c);
void receive_alive(struct net_call *c);   /* a byte came: the idle clock starts again */

/* retry.c */
int64_t retry_after_ms(const char *value, int64_t server_wall_ms);
bool retry_wanted_for_status(const struct net_call *c, int status);
bool retry_stale(struct net_call *c, const struct err *err);   /* true: start it again at once */
bool retry_later(struct net_call *c, const struct err *err);   /* true: another try is scheduled */

/* site.c */
void site_unref(struct net_site *s);
void site_learn_date(struct net_call *c);
enum err_code site_apply(const struct net_site *s, CURL *easy);

/* fault.c */
void fault_from_curl(struct err *err, const struct net_call *c, CURLcode code);
void fault_silent(struct err *err, const struct net_call *c, int ms);     /* no byte for so long */

/* redact.c */
void redact_url(struct str *out, const char *url);

#endif
