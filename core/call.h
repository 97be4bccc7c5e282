/*
 * Purpose:   one request to a source, the same for both planes: what the machine of operations reads and sends with.
 * Thread:    net thread.
 * Ownership: what stands in call_req is copied; answers are borrowed for the callback.
 * Errors:    a started call is answered exactly once; reply->err is set for every status >= 400. A change (any method but
 *            GET) goes out once, on a connection of its own, and is never repeated below here: only after a 401, when nothing
 *            was done, with a new token.
 */
#ifndef STRATA_CALL_H
#define STRATA_CALL_H

#include "strata/net.h"

struct source;
#define CALL_KUBE_MS 30000         /* until an answer must be there, if nothing is said */
#define CALL_OSTK_MS 60000

struct call;

struct call_reply {
    const struct net_reply *net;
    const char *request_id;       /* the server's (Audit-Id, X-OpenStack-Request-Id), clean; "" none */
};

struct call_req {
    const char *method;           /* NULL = GET */
    const char *service;          /* OpenStack: "compute" */
    const char *microversion;     /* OpenStack: negotiated down to what the server has; NULL none */
    const char *content_type;     /* of the body; NULL = application/json */
    const char *path;             /* as in act_req */
    const char *body;
    size_t body_len;
    int timeout_ms;               /* 0 = the plane's own: CALL_..._MS */
    bool safe;                    /* a POST that changes nothing (reviews): repeated like a GET */
    void (*done)(void *arg, const struct call_reply *r);
    void *arg;
};
/* NULL: out of memory or the plane has no such thing, err says which; no callback. */
struct call *source_call(struct source *s, const struct call_req *rq, struct err *err);
void call_cancel(struct call *c);     /* done(ERR_CANCELED) before it returns */

/* The greatest microversion the server of a service has; "" unknown, or it has none. */
const char *source_microversion(struct source *s, const char *service);

#endif
