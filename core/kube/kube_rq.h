/*
 * Purpose:   inside the request half of core/kube: one request of the UI while it runs, and the answers of its calls.
 * Thread:    net thread.
 * Ownership: rq->priv points at the kube_op (first member of each module's own struct); kube_op_end frees it and
 *            ends the request. Nothing of the op may be touched after kube_op_end.
 * Errors:    an op ends exactly once; calls still in flight are cancelled silently.
 */
#ifndef STRATA_KUBE_RQ_H
#define STRATA_KUBE_RQ_H

#include <jansson.h>

#include "core/kube/kube.h"

struct kube_op;
struct op_call;

struct kube_op {
    struct source *source;
    struct kube_source *ks;
    struct request *rq;
    const struct kind *kind;                 /* resolved, set by kube_op_resolve */
    struct op_call *calls;                   /* in flight */
    void (*release)(struct kube_op *op);     /* frees what the module's struct owns, not the struct; may be NULL */
    void (*flush)(struct kube_op *op);       /* before the request ends, last lines of a log; may be NULL */
    unsigned refs;                           /* held while callbacks of it run */
    bool ended;
};

/* Allocates size bytes (zeroed, first member kube_op) and binds it to rq. NULL: the request was ended (NOMEM). */
void *kube_op_new(struct source *s, struct request *rq, size_t size, void (*release)(struct kube_op *));
/* Ends the request; text is moved (may be NULL), err NULL = success. */
void kube_op_end(struct kube_op *op, char *text, size_t len, const struct err *err);
void kube_op_end_str(struct kube_op *op, struct str *text, const struct err *err);   /* str_take of text */
void kube_op_endf(struct kube_op *op, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void kube_op_fail(struct kube_op *op, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Keeps op alive over calls that may end it; every hold is dropped again. */
void kube_op_hold(struct kube_op *op);
void kube_op_drop(struct kube_op *op);

/* Sends; done(op, arg, reply) comes once unless the op ended before. base: path, method, timeouts, on_data; its arg is
 * what on_data gets. false: could not start, err filled, done will not come. */
typedef void op_done_fn(struct kube_op *op, void *arg, const struct net_reply *reply);
bool kube_op_send(struct kube_op *op, const struct kube_req *base, op_done_fn *done, void *arg, struct op_call **out,
                  struct err *err);
/* GET of a path, buffered, two retries. */
bool kube_op_get(struct kube_op *op, const char *path, op_done_fn *done, void *arg, struct err *err);
void kube_op_stop(struct kube_op *op, struct op_call *c);    /* cancels one call, done will not come */

/* Sets op->kind (rq->kind, or by rq->kind_name) and goes on; ends the request when there is no such kind. */
void kube_op_resolve(struct kube_op *op, void (*then)(struct kube_op *op));
/* Path of the request's object. false: out of memory or the object has no name; the request was ended. */
bool kube_op_path(struct kube_op *op, struct str *path, const char *sub);
/* GET of the request's object; done comes, or the request was ended. timeout_ms 0: as kube_op_get; else one try of so long. */
void kube_op_get_object(struct kube_op *op, int timeout_ms, op_done_fn *done);

/* SelfSubjectAccessReview of a pod's subresource; false: not asked, err why. kube_denied: its answer says no (none says nothing). */
bool kube_op_ask_right(struct kube_op *op, const char *verb, const char *sub, const char *ns, const char *pod, op_done_fn *done, struct err *err);
bool kube_denied(const struct net_reply *r);

/* JSON of a good reply, or NULL with err filled. */
json_t *kube_json(const struct net_reply *r, struct err *err);
/* NULL-safe: member by dotted path ("spec.template.metadata"). */
json_t *kube_jget(const json_t *o, const char *path);
const char *kube_jstr(const json_t *o, const char *path);         /* NULL if absent or no text */
int64_t kube_jint(const json_t *o, const char *path, int64_t dflt);
/* "k=v,k in (a,b)" of a LabelSelector, percent-encoding left to the caller. Also plain maps. "" selects all. */
bool kube_selector(struct str *out, const json_t *selector);

/* What each request type does (requests.c dispatches). */
void kube_fetch(struct source *s, struct request *rq);
void kube_toll(struct source *s, struct request *rq);             /* FETCH_TOLL */
void kube_pod_of(struct source *s, struct request *rq);          /* FETCH_POD */
void kube_rollout(struct source *s, struct request *rq);          /* FETCH_ROLLOUT_... */
void kube_list(struct source *s, struct request *rq);
void kube_logs(struct source *s, struct request *rq);
void kube_doctor(struct source *s, struct request *rq);
void kube_stream(struct source *s, struct request *rq);
void kube_forward(struct source *s, struct request *rq);

/* describe.c: the text of an object. side: answers of kube_describe_sides in order (json or NULL + err). */
enum { DESCRIBE_SIDES = 4 };
struct describe_side {
    char *path;                   /* asked */
    json_t *json;
    struct err err;
};
struct describe_in {
    const struct kind *kind;
    const char *source;           /* name of the source */
    const json_t *obj;
    const char *notice;           /* first line, or NULL */
    struct describe_side side[DESCRIBE_SIDES];
    int64_t now_ms;               /* server clock */
};
/* Fills those of side[].path (mem_) that are not there yet and that are needed besides. whole: obj is the object; else only
 * its name, namespace and perhaps its uid are known, and what needs more is left for later. */
void kube_describe_sides(struct describe_in *in, bool whole);
bool kube_describe(struct str *out, const struct describe_in *in);

#endif
