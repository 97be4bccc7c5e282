/*
 * Requests of the UI to a Kubernetes source: their life cycle and the dispatch.
 */
#include "core/kube/kube_rq.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

struct op_call {
    struct op_call *next;
    struct kube_op *op;
    struct kube_call *call;
    op_done_fn *done;
    void *arg;
    bool (*on_data)(void *arg, const char *data, size_t len);
    void *data_arg;
    bool silent;
};

/* ---- life cycle ---- */

void *kube_op_new(struct source *s, struct request *rq, size_t size, void (*release)(struct kube_op *))
{
    struct kube_op *op = mem_zalloc(size);
    if (!op) {
        struct err err;
        err_set(&err, ERR_NOMEM, 0, "out of memory");
        request_end(rq, NULL, 0, &err);
        return NULL;
    }
    op->source = s;
    op->ks = (struct kube_source *)s;
    op->rq = rq;
    op->release = release;
    op->refs = 1;
    rq->priv = op;
    return op;
}

void kube_op_hold(struct kube_op *op)
{
    op->refs++;
}

void kube_op_drop(struct kube_op *op)
{
    if (--op->refs)
        return;
    if (op->release)
        op->release(op);
    mem_free(op);
}

void kube_op_end(struct kube_op *op, char *text, size_t len, const struct err *err)
{
    if (op->ended) {
        mem_free(text);
        return;
    }
    while (op->calls)
        kube_op_stop(op, op->calls);
    if (op->flush)
        op->flush(op);
    struct request *rq = op->rq;
    struct err why = err ? *err : (struct err)ERR_INIT;    /* err may lie in op */
    op->ended = true;
    op->rq = NULL;
    rq->priv = NULL;
    kube_op_drop(op);
    request_end(rq, text, len, &why);
}

void kube_op_end_str(struct kube_op *op, struct str *text, const struct err *err)
{
    size_t len = text->len;
    bool had = text->data && len;
    bool failed = text->failed, big = failed && text->len + 4096 >= (text->max ? text->max : (size_t)64 << 20);
    char *t = failed || !had ? NULL : str_take(text);
    str_release(text);
    if (failed || (had && !t)) {
        if (big)
            kube_op_fail(op, ERR_TOOBIG, "the text is too big to show");
        else
            kube_op_fail(op, ERR_NOMEM, "out of memory");
        return;
    }
    kube_op_end(op, t, t ? len : 0, err);
}

void kube_op_endf(struct kube_op *op, const char *fmt, ...)
{
    struct str s;
    va_list ap;
    str_init(&s, 0);
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    kube_op_end_str(op, &s, NULL);
}

void kube_op_fail(struct kube_op *op, enum err_code code, const char *fmt, ...)
{
    char buf[300];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    struct err err;
    err_set(&err, code, 0, "%s", buf);
    kube_op_end(op, NULL, 0, &err);
}

static void call_unlink(struct op_call *c)
{
    for (struct op_call **p = &c->op->calls; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            return;
        }
}

static void call_done(void *arg, const struct net_reply *reply)
{
    struct op_call *c = arg;
    struct kube_op *op = c->op;
    kube_op_hold(op);
    call_unlink(c);
    c->call = NULL;
    if (!c->silent && !op->ended)
        c->done(op, c->arg, reply);
    mem_free(c);
    kube_op_drop(op);
}

static bool call_data(void *arg, const char *data, size_t len)
{
    struct op_call *c = arg;
    return !c->silent && c->on_data(c->data_arg, data, len);
}

bool kube_op_send(struct kube_op *op, const struct kube_req *base, op_done_fn *done, void *arg, struct op_call **out,
                  struct err *err)
{
    struct op_call *c = mem_zalloc(sizeof *c);
    if (out)
        *out = NULL;
    if (!c) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return false;
    }
    *c = (struct op_call){.next = op->calls, .op = op, .done = done, .arg = arg, .on_data = base->on_data,
                          .data_arg = base->arg};
    op->calls = c;
    struct kube_req rq = *base;
    rq.on_data = base->on_data ? call_data : NULL;
    rq.on_done = call_done;
    rq.arg = c;
    kube_op_hold(op);
    struct kube_call *call = kube_send(op->ks, &rq, err);
    bool alive = false;                       /* it may have completed, and c be gone, within kube_send */
    for (struct op_call *p = op->calls; p; p = p->next)
        alive |= p == c;
    if (!call && alive) {
        call_unlink(c);
        mem_free(c);
    } else if (alive) {
        c->call = call;
        if (out)
            *out = c;
    }
    kube_op_drop(op);
    return call != NULL;
}

bool kube_op_get(struct kube_op *op, const char *path, op_done_fn *done, void *arg, struct err *err)
{
    struct kube_req rq = {.path = path, .retries = 2, .max_body = (size_t)256 << 20};
    return kube_op_send(op, &rq, done, arg, NULL, err);
}

void kube_op_stop(struct kube_op *op, struct op_call *c)
{
    c->silent = true;
    if (c->call) {
        kube_cancel(c->call);                 /* call_done frees c */
    } else {
        call_unlink(c);
        (void)op;
    }
}

/* ---- kind and path ---- */

struct resolving {
    struct kube_op *op;
    void (*then)(struct kube_op *op);
};

static void resolved(void *arg, const struct kind *k, const struct err *err)
{
    struct resolving *r = arg;
    struct kube_op *op = r->op;
    void (*then)(struct kube_op *) = r->then;
    mem_free(r);
    if (!op->ended) {
        op->kind = k;
        if (k && k->kube)
            then(op);
        else if (k)
            kube_op_fail(op, ERR_UNSUPPORTED, "%s is not a kind of Kubernetes", k->id);
        else
            kube_op_end(op, NULL, 0, err);
    }
    kube_op_drop(op);
}

void kube_op_resolve(struct kube_op *op, void (*then)(struct kube_op *op))
{
    const struct request *rq = op->rq;
    if (rq->kind && rq->kind->kube) {
        op->kind = rq->kind;
        then(op);
        return;
    }
    struct resolving *r = mem_zalloc(sizeof *r);
    if (!r) {
        kube_op_fail(op, ERR_NOMEM, "out of memory");
        return;
    }
    *r = (struct resolving){.op = op, .then = then};
    kube_op_hold(op);
    kube_resolve(op->ks, rq->kind_name ? rq->kind_name : "", resolved, r);
}

bool kube_op_path(struct kube_op *op, struct str *path, const char *sub)
{
    const struct request *rq = op->rq;
    bool namespaced = op->kind->flags & KIND_NAMESPACED;
    const char *ns = !namespaced ? NULL : rq->scope && *rq->scope ? rq->scope : kube_default_ns(op->ks);
    if (!rq->name || !*rq->name) {
        kube_op_fail(op, ERR_USAGE, "no object is named");
        return false;
    }
    if (!kube_path(path, op->kind, ns, rq->name, sub)) {
        kube_op_fail(op, ERR_NOMEM, "out of memory");
        return false;
    }
    return true;
}

void kube_op_get_object(struct kube_op *op, int timeout_ms, op_done_fn *done)
{
    struct kube_req rq = {.timeout_ms = timeout_ms, .retries = timeout_ms ? 0 : 2, .max_body = (size_t)256 << 20};
    struct str path;
    struct err err;
    str_init(&path, 0);
    kube_op_hold(op);
    if (kube_op_path(op, &path, NULL)) {
        rq.path = path.data;
        if (!kube_op_send(op, &rq, done, NULL, NULL, &err) && !op->ended)
            kube_op_end(op, NULL, 0, &err);
    }
    kube_op_drop(op);
    str_release(&path);
}

/* ---- dispatch ---- */

static void kinds_done(void *arg, char **names, const struct err *err)
{
    struct kube_op *op = arg;
    struct request *rq = op->rq;
    if (op->ended) {
        for (char **n = names; n && *n; n++)
            mem_free(*n);
        mem_free(names);
    } else {
        op->ended = true;
        rq->priv = NULL;
        kube_op_drop(op);
        request_end_names(rq, names, err);
    }
    kube_op_drop(op);
}

void kube_request(struct source *s, struct request *rq)
{
    struct kube_op *op;
    switch (rq->type) {
    case RQ_FETCH:
        (rq->what == FETCH_TOLL ? kube_toll : rq->what == FETCH_POD ? kube_pod_of : rq->what >= FETCH_ROLLOUT_STATUS ? kube_rollout : kube_fetch)(s, rq);
        return;
    case RQ_LIST: kube_list(s, rq); return;
    case RQ_LOGS: kube_logs(s, rq); return;
    case RQ_DOCTOR: kube_doctor(s, rq); return;
    case RQ_STREAM: kube_stream(s, rq); return;
    case RQ_FORWARD: kube_forward(s, rq); return;
    case RQ_KINDS:
        if ((op = kube_op_new(s, rq, sizeof *op, NULL))) {
            kube_op_hold(op);
            kube_kind_names(op->ks, kinds_done, op);
        }
        return;
    }
}

void kube_request_cancel(struct source *s, struct request *rq)
{
    (void)s;
    if (rq->priv)
        kube_op_fail(rq->priv, ERR_CANCELED, "canceled");
}
