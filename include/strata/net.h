/*
 * Purpose:   one loop on curl multi: requests, streams, timers, posted calls, worker jobs.
 * Thread:    all functions and all callbacks on the net thread, except where "any thread" is said.
 * Ownership: everything given in net_req is copied by net_send. Replies are borrowed for the call.
 * Errors:    a started request completes exactly once through on_done, cancel included;
 *            a failed start (net_send returns NULL) never calls back.
 * Units:     ms, bytes.
 */
#ifndef STRATA_NET_H
#define STRATA_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"

struct net;
struct net_site;
struct net_call;
struct net_timer;
struct net_watch;

/* Once per process, before threads: curl_global_init, SIGPIPE ignored, json_object_seed. */
bool net_global_init(struct err *err);

struct net *net_new(struct err *err);
void net_free(struct net *n);                  /* after net_stop; cancels what is left */
bool net_start(struct net *n, struct err *err); /* runs the loop on a thread of its own */
void net_stop(struct net *n);                  /* any thread but net: ends and joins the thread */
void net_step(struct net *n, int max_wait_ms); /* without net_start: one turn inline (tests) */
bool net_on_thread(const struct net *n);       /* are we the net thread? (asserts) */
/* Who only looks waits no longer for a server that sends no byte: a read is given up after so long a silence, and as long as bytes
 * come it may take many times that. Before net_start; 0: every request has its own times alone. */
void net_set_patience(struct net *n, int64_t ms);
int net_patience(const struct net *n, int otherwise);   /* ms; otherwise: where none is set */

/* Any thread: run fn(arg) on the net thread, in order. Runs it or, when the net is freed, drops it
 * after calling drop(arg) (may be NULL). */
bool net_post(struct net *n, void (*fn)(void *arg), void (*drop)(void *arg), void *arg);

/* Blocking work on a worker thread, then done(arg) on the net thread. Always both, in this order. */
bool net_work(struct net *n, void (*work)(void *arg), void (*done)(void *arg), void *arg);
/* The same for what takes as long as a stranger's program likes: one worker always stays free of these. */
bool net_work_long(struct net *n, void (*work)(void *arg), void (*done)(void *arg), void *arg);

/* One-shot timer. Fires once or is cancelled; the pointer is dead after either. */
struct net_timer *net_timer(struct net *n, int64_t in_ms, void (*fn)(void *arg), void *arg);
void net_timer_cancel(struct net *n, struct net_timer *t);   /* NULL is fine */

/* A descriptor in the loop: fn(arg, events) on the net thread when it is ready for what was asked for; an error or a hang-up
 * shows as readable or writable. With no events set it sleeps. NULL: out of memory. */
#define NET_IN 1
#define NET_OUT 4
struct net_watch *net_watch(struct net *n, int fd, int events, void (*fn)(void *arg, int events), void *arg);
void net_watch_set(struct net_watch *w, int events);
void net_watch_free(struct net *n, struct net_watch *w);     /* NULL is fine; fn does not come any more */

/* Exponential back-off with full jitter: base, doubling up to max. */
struct net_backoff { int base_ms, max_ms, tries; };
int64_t net_backoff_next(struct net_backoff *b);
void net_backoff_reset(struct net_backoff *b);

/* A server: TLS identity, proxy, protocol, measured latency and clock. All strings are copied;
 * *_data is PEM text. Cert and key: data wins over file; data goes by CURLOPT_*_BLOB, never to disk. */
struct net_site_conf {
    const char *name;                    /* for messages and traces: "mgmt", "lab/compute" */
    const char *ca_file, *ca_data;
    const char *cert_file, *cert_data;
    const char *key_file, *key_data;
    const char *tls_server_name;         /* SNI and verification name, if not the URL's host */
    bool insecure;
    const char *proxy_url;               /* http, https, socks5; NULL = from the environment; "" = none */
    const char *user_agent;
    bool http2;                          /* offer h2 by ALPN; many streams on one connection */
    bool compress;                       /* accept gzip (not worth it on loopback: net decides) */
    int connect_timeout_ms;              /* 0 = 10,000 */
    int max_connections;                 /* 0 = 8 */
};
struct net_site *net_site_new(struct net *n, const struct net_site_conf *conf, struct err *err);
void net_site_free(struct net *n, struct net_site *s);  /* its requests complete with ERR_CANCELED */

struct net_site_stat {
    int64_t latency_ms;                  /* time to first byte of the last short request, -1 unknown */
    int64_t clock_offset_ms;             /* server wall clock minus ours (Date header), valid if has_offset */
    int64_t clock_error_ms;              /* +/- */
    bool has_offset;
    int64_t last_ok_mono_ms;             /* last byte of a good answer, 0 never */
};
void net_site_stat(const struct net_site *s, struct net_site_stat *out);
void net_site_forget_latency(struct net_site *s);       /* unknown until a request that is sent from now on is answered */

struct net_head {                        /* borrowed */
    int status;
    const char *content_type;            /* "" if none */
    int64_t retry_after_ms;              /* -1 none; both forms of the header */
    bool http2;
};
/* Response header by name (case-insensitive), NULL if absent; valid in on_head and on_done. */
const char *net_header(const struct net_call *c, const char *name);

struct net_reply {                       /* borrowed for the duration of on_done */
    struct err err;                      /* transport: NET, TLS, TIMEOUT, TOOBIG, CANCELED, PROTO (cut body) */
    int status;                          /* 0 when there was no answer */
    const char *body;                    /* buffered mode: NUL-terminated; stream mode: the error body if status >= 400 */
    size_t len;
    bool sent;                           /* something of the request left us: a failed change may have been done */
    struct net_head head;
    int64_t first_byte_ms, total_ms;     /* since net_send: with waiting for a place, a connection, other tries */
    int64_t server_ms;                   /* from the request's being sent to its first byte; -1 = no answer */
    struct net_call *call;               /* for net_header */
};

#define NET_LONG_WAIT_MS 3000            /* worth a word to who waits */
struct net_req {
    const char *method;                  /* NULL = GET */
    const char *url;
    const char *const *headers;          /* NULL-terminated "Name: value" lines, or NULL */
    const char *const *secret_headers;   /* same, never traced: Authorization, X-Auth-Token, ... */
    const char *user, *password;         /* basic auth, or NULL */
    const char *body;
    size_t body_len;
    int timeout_ms;                      /* the whole exchange; 0 = none (streams) */
    int idle_timeout_ms;                 /* no byte for so long = ERR_TIMEOUT; 0 = none */
    size_t max_body;                     /* 0 = 64 MiB; beyond: ERR_TOOBIG */
    int retries;                         /* idempotent requests: so many more tries on NET, 429, 502-504
                                            with back-off, Retry-After honoured; never for others */
    void (*on_wait)(void *arg, int status, int64_t ms);                  /* the server asked to wait for long, and is asked
                                                                            again then; may be NULL */
    void (*on_head)(void *arg, const struct net_head *head);             /* may be NULL */
    bool (*on_data)(void *arg, const char *data, size_t len);            /* stream mode; false = stop (ERR_CANCELED) */
    void (*on_done)(void *arg, const struct net_reply *reply);
    void *arg;
    bool fresh_connection;               /* probes */
    bool safe;                           /* changes nothing, whatever its method: repeated like a GET when a kept
                                            connection turns out to be dead (retries counts apart from that) */
};
struct net_call *net_send(struct net *n, struct net_site *s, const struct net_req *req, struct err *err);
void net_cancel(struct net *n, struct net_call *c);  /* on_done(ERR_CANCELED) comes before this returns */

/* ---- WebSocket: a connection of its own with the site's TLS identity and proxy ---- */
struct net_ws {
    const char *const *protocols;        /* NULL-terminated, borrowed until on_done: offered, the best first */
    size_t max_message;                  /* 0 = 1 MiB; beyond: ERR_TOOBIG */
    void (*on_open)(void *arg, const char *protocol);                    /* of those that were offered */
    void (*on_message)(void *arg, const char *data, size_t len);
    void (*on_room)(void *arg);          /* what was queued is sent but for a little; may be NULL */
};
/* req: url (http, https), headers, user and password, timeout_ms (until it is open), on_done, arg. on_done comes once: after
 * a good end (either side closed, code 1000 or none) with err.code OK; a refused upgrade has its status and body there.
 * It never connects again. NULL as net_send. */
struct net_call *net_ws_open(struct net *n, struct net_site *s, const struct net_req *req, const struct net_ws *ws, struct err *err);
/* One binary message of both parts. false: not open, more than NET_WS_QUEUE bytes wait, or no memory: nothing was taken. */
#define NET_WS_QUEUE ((size_t)1 << 20)
bool net_ws_send(struct net_call *c, const void *head, size_t nhead, const void *data, size_t len);
size_t net_ws_queued(const struct net_call *c);              /* bytes not yet given to the connection */
void net_ws_pause(struct net_call *c, bool paused);          /* paused: the server is not read, soon it must wait */
void net_ws_close(struct net_call *c);                       /* what is queued goes out, then a close frame */

/* Maps a status >= 400 to an error code with a sentence; body may hold a Kubernetes Status or an
 * OpenStack fault, whose message is used (sanitised). ERR_OK below 400. */
enum err_code net_status_err(struct err *err, int status, const char *body, size_t len);

#endif
