/*
 * `strata doctor` for one context: all questions are asked at once, the answers are told in a fixed order.
 */
#include "core/kube/kube_rq.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/yaml_emit.h"

enum { SKEW_WARN_MS = 5000, SLOW_MS = 1000, DAY_MS = 86400000 };

struct doctor;
struct ask;
struct check {
    const char *what;
    const char *path, *body;      /* body: a POST; all of them change nothing */
    const char *verb, *resource, *sub;   /* or a right to ask for */
    bool namespaced;
    const char *missing;          /* what does not work without it */
    void (*tell)(struct ask *a, const struct net_reply *r, const json_t *j);
};

static void tell_reachable(struct ask *a, const struct net_reply *r, const json_t *j);
static void tell_who(struct ask *a, const struct net_reply *r, const json_t *j);
static void tell_metrics(struct ask *a, const struct net_reply *r, const json_t *j);

#define SSAR "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
static const struct check checks[] = {
    {.what = "server", .path = "/version", .tell = tell_reachable},
    {.what = "identity", .path = "/apis/authentication.k8s.io/v1/selfsubjectreviews", .tell = tell_who,
     .body = "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}"},
    {.what = "list pods", .verb = "list", .resource = "pods", .namespaced = true, .missing = "they cannot be shown"},
    {.what = "watch pods", .verb = "watch", .resource = "pods", .namespaced = true, .missing = "no live view of them"},
    {.what = "delete pods", .verb = "delete", .resource = "pods", .namespaced = true, .missing = "they cannot be deleted"},
    {.what = "read logs", .verb = "get", .resource = "pods", .sub = "log", .namespaced = true, .missing = "no logs"},
    {.what = "list events", .verb = "list", .resource = "events", .namespaced = true, .missing = "no events"},
    {.what = "list nodes", .verb = "list", .resource = "nodes", .missing = "nodes cannot be shown"},
    {.what = "list namespaces", .verb = "list", .resource = "namespaces", .missing = "namespaces cannot be listed"},
    {.what = "metrics", .path = "/apis/metrics.k8s.io/v1beta1", .tell = tell_metrics},
};
enum { CHECKS = sizeof checks / sizeof *checks, LOCAL_AFTER = 1 /* identity */ };

/* A check put to the server; one that is namespaced once for each namespace. */
struct ask {
    struct doctor *d;
    const struct check *c;
    char *ns;                     /* "" = all namespaces */
    struct str line;
};

struct doctor {
    struct kube_op op;
    struct ask *asks;
    size_t nasks, waiting;
    bool failed;
};

static void say(struct str *out, const char *how, const char *what, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void say(struct str *out, const char *how, const char *what, const char *fmt, ...)
{
    va_list ap;
    str_addf(out, "%s\t%s\t", how, what);
    va_start(ap, fmt);
    str_addv(out, fmt, ap);
    va_end(ap);
    str_addc(out, '\n');
}

static void say_clean(struct str *out, const char *s)
{
    text_clean(out, s ? s : "?", s ? strlen(s) : 1, 0);
}

static void tell_reachable(struct ask *a, const struct net_reply *r, const json_t *j)
{
    struct doctor *d = a->d;
    struct str *out = &a->line;
    const struct source_info *info = &d->op.source->info;
    bool tls = !strncmp(info->server, "https:", 6);
    if (r->status == 0) {
        say(out, "fail", r->err.code == ERR_TLS ? "TLS" : r->err.code == ERR_AUTH || r->err.code == ERR_EXEC ? "credentials" : "reachable",
            "%s: %s", info->server, r->err.msg);
        d->failed = true;
        return;
    }
    say(out, r->server_ms > SLOW_MS ? "warn" : "ok", "reachable", "%s, first byte after %" PRId64 " ms", info->server, r->server_ms);
    say(out, tls ? "ok" : "warn", "TLS", "%s", tls ? "accepted" : "none: the connection is not encrypted");
    if (r->err.code != ERR_OK) {
        say(out, "warn", "version", "%s", r->err.msg);
        return;
    }
    struct str v;
    str_init(&v, 256);
    say_clean(&v, kube_jstr(j, "gitVersion"));
    say(out, "ok", "version", "%s", v.data);
    str_release(&v);
}

static void tell_who(struct ask *a, const struct net_reply *r, const json_t *j)
{
    struct str *out = &a->line, who;
    if (r->status == 0)
        return;                                   /* said by the first check */
    if (r->status == 401) {
        say(out, "fail", a->c->what, "%s", r->err.msg);
        a->d->failed = true;
        return;
    }
    if (!j || r->err.code != ERR_OK) {
        say(out, "warn", a->c->what, "the server does not tell: %s", r->err.msg);
        return;
    }
    str_init(&who, 4096);
    say_clean(&who, kube_jstr(j, "status.userInfo.username"));
    const json_t *groups = kube_jget(j, "status.userInfo.groups");
    for (size_t i = 0; i < json_array_size(groups); i++) {
        str_adds(&who, i ? ", " : " (groups ");
        say_clean(&who, json_string_value(json_array_get(groups, i)));
    }
    str_adds(&who, json_array_size(groups) ? ")" : "");
    say(out, "ok", a->c->what, "%s", who.data);
    str_release(&who);
}

static void tell_right(struct ask *a, const struct net_reply *r, const json_t *j)
{
    struct str *out = &a->line, where;
    if (r->status == 0 || r->status == 401)
        return;
    str_init(&where, 1024);
    if (a->c->namespaced && *a->ns) {
        str_adds(&where, " in namespace ");
        say_clean(&where, a->ns);
    } else if (a->c->namespaced) {
        str_adds(&where, " in all namespaces");
    }
    if (!j || r->err.code != ERR_OK)
        say(out, "warn", a->c->what, "not known%s: %s", where.data, r->err.msg);
    else if (json_is_true(kube_jget(j, "status.allowed")))
        say(out, "ok", a->c->what, "allowed%s", where.data);
    else
        say(out, "warn", a->c->what, "not allowed%s: %s%s", where.data, a->c->missing,
            a->c->namespaced && !*a->ns ? "; name namespaces with -n" : "");
    str_release(&where);
}

static void tell_metrics(struct ask *a, const struct net_reply *r, const json_t *j)
{
    (void)j;
    if (r->status == 0 || r->status == 401)
        return;
    if (r->err.code == ERR_OK)
        say(&a->line, "ok", a->c->what, "metrics.k8s.io answers");
    else
        say(&a->line, "warn", a->c->what, "no CPU and memory figures: %s",
            r->status == 404 ? "metrics.k8s.io is not installed" : r->err.msg);
}

static void tell_local(struct doctor *d, struct str *out)
{
    const struct source_info *info = &d->op.source->info;
    char when[40];
    if (info->has_clock) {
        int64_t skew = info->clock_offset_ms, size = skew < 0 ? -skew : skew;
        int64_t error = kube_clock_error_ms(d->op.ks);
        say(out, size - error > SKEW_WARN_MS ? "warn" : "ok", "clock", "the server is %" PRId64 ".%" PRId64 " s %s (+/- %" PRId64 " ms)",
            size / 1000, size % 1000 / 100, skew < 0 ? "behind" : "ahead", error);
    }
    if (info->expires_ms) {
        int64_t left = info->expires_ms - kube_now_ms(d->op.ks);
        text_format_time(when, sizeof when, info->expires_ms);
        say(out, left < 0 ? "fail" : left < 7 * (int64_t)DAY_MS ? "warn" : "ok", "credentials", "%s %s", left < 0 ? "expired at" : "valid until",
            when);
        d->failed |= left < 0;
    }
}

static void finish(struct doctor *d)
{
    struct str out;
    struct err err;
    str_init(&out, 0);
    for (size_t i = 0; i < d->nasks; i++) {
        str_add(&out, d->asks[i].line.data, d->asks[i].line.len);
        if (i == LOCAL_AFTER)
            tell_local(d, &out);
    }
    err_set(&err, d->failed ? ERR_NET : ERR_OK, 0, "%s cannot be used", d->op.source->info.name);
    kube_op_end_str(&d->op, &out, d->failed ? &err : NULL);
}

static void answered(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct doctor *d = (struct doctor *)op;
    struct ask *a = arg;
    json_t *j = r->err.code == ERR_OK ? kube_json(r, NULL) : NULL;
    if (a->c->tell)
        a->c->tell(a, r, j);
    else
        tell_right(a, r, j);
    json_decref(j);
    if (--d->waiting == 0)
        finish(d);
}

static void doctor_release(struct kube_op *op)
{
    struct doctor *d = (struct doctor *)op;
    for (size_t i = 0; i < d->nasks; i++) {
        mem_free(d->asks[i].ns);
        str_release(&d->asks[i].line);
    }
    mem_free(d->asks);
}

/* ---- asking ---- */

static bool add_ask(struct doctor *d, const struct check *c, const char *ns, size_t len)
{
    struct ask *a = &d->asks[d->nasks];
    *a = (struct ask){.d = d, .c = c, .ns = mem_strndup(ns, len)};
    str_init(&a->line, 0);
    d->nasks += a->ns != NULL;
    return a->ns != NULL;
}

/* Which namespaces: those of -n ("a,b"), all (""), else the context's own. */
static bool add_asks(struct doctor *d, const char *scope)
{
    size_t n = 1;
    bool ok = true;
    for (const char *p = scope; *p; p++)
        n += *p == ',';
    d->asks = mem_zalloc(n * CHECKS * sizeof *d->asks);
    if (!d->asks)
        return false;
    for (size_t i = 0; i < CHECKS && ok; i++) {
        const char *p = scope;
        for (size_t k = 0; k < (checks[i].namespaced ? n : 1) && ok; k++) {
            size_t len = strcspn(p, ",");
            ok = add_ask(d, &checks[i], p, len);
            p += len + (p[len] == ',');
        }
    }
    return ok;
}

static char *right_body(const struct ask *a)
{
    json_t *j = json_pack("{s:s, s:s, s:{s:{s:s, s:s, s:s, s:s}}}", "apiVersion", "authorization.k8s.io/v1", "kind",
                          "SelfSubjectAccessReview", "spec", "resourceAttributes", "verb", a->c->verb, "resource", a->c->resource,
                          "subresource", a->c->sub ? a->c->sub : "", "namespace", a->c->namespaced ? a->ns : "");
    struct str s;
    str_init(&s, 0);
    bool ok = j && json_emit(&s, j, 0);
    json_decref(j);
    char *text = ok ? str_take(&s) : NULL;
    str_release(&s);
    return text;
}

static void send_ask(struct ask *a)
{
    struct err err = ERR_INIT;
    struct doctor *d = a->d;
    char *right = a->c->verb ? right_body(a) : NULL;
    const char *body = a->c->verb ? right : a->c->body;
    struct kube_req req = {.method = a->c->verb || body ? "POST" : NULL, .path = a->c->verb ? SSAR : a->c->path, .body = body,
                           .body_len = body ? strlen(body) : 0, .content_type = body ? "application/json" : NULL,
                           .timeout_ms = 15000, .safe = true};
    if (a->c->verb && !right)
        err_set(&err, ERR_NOMEM, 0, "out of memory");
    d->waiting++;
    if (err.code || !kube_op_send(&d->op, &req, answered, a, NULL, &err)) {
        d->waiting--;
        say(&a->line, "fail", a->c->what, "%s", err.msg);
        d->failed = true;
    }
    mem_free(right);
}

void kube_doctor(struct source *s, struct request *rq)
{
    struct doctor *d = kube_op_new(s, rq, sizeof *d, doctor_release);
    if (!d)
        return;
    kube_op_hold(&d->op);
    d->waiting = 1;
    if (!add_asks(d, rq->scope ? rq->scope : kube_default_ns(d->op.ks))) {
        kube_op_fail(&d->op, ERR_NOMEM, "out of memory");
        kube_op_drop(&d->op);
        return;
    }
    for (size_t i = 0; i < d->nasks; i++)
        send_ask(&d->asks[i]);
    if (--d->waiting == 0 && !d->op.ended)
        finish(d);
    kube_op_drop(&d->op);
}
