/*
 * Purpose:   inside core/kube: an authenticated client for one context, discovery, paths.
 * Thread:    net thread.
 * Ownership: strings in are copied; replies are borrowed for the callback.
 * Errors:    a started call completes exactly once; reply->err is also set for every status >= 400
 *            (net_status_err), so `reply->err.code == ERR_OK` means success.
 *
 * Files: conf.c (own copy of a context), source.c (struct, start, probe, info), auth.c (what a kubeconfig user gives),
 *        exec.c (credential plugins), client.c (kube_send), path.c, discovery.c, feed.c (list, watch, recover: one
 *        state machine), listwatch.c (reads kinds with a schema), tablewatch.c (reads all others), jsonwatch.c (whole objects), metrics.c, ticker.c;
 *        requests.c (life cycle and dispatch of struct request), fetch.c, toll.c,
 *        stream.c (exec, attach), forward.c (port-forward), list.c, describe*.c, logs.c, logs_set.c, loglines.c, act.c, doctor.c, kube_json.c.
 */
#ifndef STRATA_KUBE_H
#define STRATA_KUBE_H

#include "core/kube/kube_kind.h"
#include "core/source.h"

struct kube_source;               /* first member: struct source */
struct kube_call;

struct kube_req {
    const char *method;           /* NULL = GET */
    const char *path;             /* "/api/v1/pods?limit=500" */
    const char *accept;           /* NULL = application/json */
    const char *content_type;     /* of the body */
    const char *body;
    size_t body_len;
    int timeout_ms;               /* 0 = 30,000; -1 = none (streams) */
    int idle_timeout_ms;
    size_t max_body;
    int retries;                  /* GET only, see net.h */
    bool safe;                    /* a POST that changes nothing, see net.h */
    bool fresh;                   /* on a connection of its own: what is sent once cannot be lost with a kept one, and be sent again */
    void (*on_head)(void *arg, const struct net_head *head);
    bool (*on_data)(void *arg, const char *data, size_t len);
    void (*on_done)(void *arg, const struct net_reply *reply);
    void *arg;
    const struct net_ws *ws;      /* a WebSocket: its callbacks get arg; must outlive the call. timeout_ms: until it is open */
};
/* Adds credentials (waits for an exec plugin or token file when needed), impersonation, user agent; on a 401 drops
 * cached credentials and repeats once. NULL: out of memory, no callback. */
struct kube_call *kube_send(struct kube_source *ks, const struct kube_req *rq, struct err *err);
/* The connection of a WebSocket once it is open (net_ws_send, ...); NULL before and after. */
struct net_call *kube_call_ws(const struct kube_call *c);
void kube_cancel(struct kube_call *c);             /* on_done(ERR_CANCELED) before it returns */

/* "/api/v1/namespaces/NS/pods/NAME" + "/SUB"; ns, name, sub may be NULL. Encodes each segment. */
bool kube_path(struct str *out, const struct kind *k, const char *ns, const char *name, const char *sub);

/* NULL: it is no cluster, or one whose configuration cannot be used; err says why. */
struct kube_source *kube_source_of(struct source *s, struct err *err);

/* Finds a kind by any name: built-in, else discovery (once, cached; plural, singular, short name, Kind,
 * "resource.group", "resource.version.group"). Calls back exactly once, maybe before it returns;
 * k NULL with err NOTFOUND: the server has no such resource. */
void kube_resolve(struct kube_source *ks, const char *name,
                  void (*cb)(void *arg, const struct kind *k, const struct err *err), void *arg);
/* The kind that a definition of a custom resource will serve in that version once it is there; it lives as long as the source.
 * NULL: no such version, an unusable name, or out of memory. */
struct json_t;
const struct kind *kube_promised(struct kube_source *ks, const struct json_t *definition, const char *version);
/* All names for completion, built-in and discovered: cb gets a moved NULL-terminated array. */
void kube_kind_names(struct kube_source *ks, void (*cb)(void *arg, char **names, const struct err *err), void *arg);

/* Server wall clock now (local + measured offset), ms. */
int64_t kube_now_ms(const struct kube_source *ks);
int64_t kube_clock_error_ms(const struct kube_source *ks);         /* how far off that may be, either way */
const char *kube_default_ns(const struct kube_source *ks);   /* of the context, "default" if unset */

/* requests.c: struct source_ops.request / .cancel for this plane */
void kube_request(struct source *s, struct request *rq);
void kube_request_cancel(struct source *s, struct request *rq);

/* listwatch.c / tablewatch.c / metrics.c, called by source.c */
void kube_feed_open(struct source *s, struct feed *f);
void kube_feed_close(struct source *s, struct feed *f);
void kube_feed_refresh(struct source *s, struct feed *f);

/* For probes on a loop of their own: the TLS identity (strings borrowed), the server's URL, the bearer token or NULL. */
void kube_site_conf(const struct kube_source *ks, struct net_site_conf *conf);
const char *kube_server(const struct kube_source *ks);
const char *kube_bearer(const struct kube_source *ks);

/* jsonwatch.c: list and watch of whole objects as JSON, on the same machinery as the feeds (resume, re-list, back-off). */
struct kube_tap;
enum kube_tap_event { TAP_ITEM, TAP_ADDED, TAP_MODIFIED, TAP_DELETED };   /* ITEM: of a list, the whole truth when LISTED comes */
enum kube_tap_link {
    TAP_LISTING,                  /* a list begins (again) */
    TAP_LISTED,                   /* every object that is there has come as an ITEM since LISTING */
    TAP_UP,                       /* the watch is open; what was missed since TAP_DOWN comes first */
    TAP_DOWN,                     /* it ended, by itself or by an error (err) */
};
struct kube_tap_ops {
    void (*object)(void *arg, enum kube_tap_event ev, const struct json_t *obj, int64_t arrived_us);   /* borrowed */
    void (*link)(void *arg, enum kube_tap_link link, const struct err *err);
};
/* query: more query parameters, "labelSelector=..." encoded, or NULL. k and ops must outlive the tap. Callbacks may come
 * before it returns; none comes after close, and close must not be called from one. NULL: out of memory. */
struct kube_tap *kube_tap_open(struct kube_source *ks, const struct kind *k, const char *ns, const char *query,
                               const struct kube_tap_ops *ops, void *arg);
void kube_tap_close(struct kube_tap *t);

#endif
