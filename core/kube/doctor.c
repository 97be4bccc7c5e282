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

enum { SKEW_WARN_MS = 5000, SLOW_MS = 1000, DAY_MS = 86400000 };

struct doctor;
struct check {
    const char *what;
    const char *method, *path;
    const char *body;
    void (*tell)(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j);
    const char *missing;          /* rights: what does not work without */
};

static void tell_reachable(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j);
static void tell_who(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j);
static void tell_right(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j);
static void tell_metrics(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j);

#define SSAR "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
#define MAY(verb, res, sub)                                                                                                \
    "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\",\"spec\":{\"resourceAttributes\":{" \
    "\"verb\":\"" verb "\",\"resource\":\"" res "\",\"subresource\":\"" sub "\"}}}"
static const struct check checks[] = {
    {"server", NULL, "/version", NULL, tell_reachable, NULL},
    {"identity", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
     "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"SelfSubjectReview\"}", tell_who, NULL},
    {"list pods", "POST", SSAR, MAY("list", "pods", ""), tell_right, "pods of all namespaces cannot be shown, name namespaces with -n"},
    {"watch pods", "POST", SSAR, MAY("watch", "pods", ""), tell_right, "no live view of all namespaces"},
    {"delete pods", "POST", SSAR, MAY("delete", "pods", ""), tell_right, "pods of all namespaces cannot be deleted"},
    {"read logs", "POST", SSAR, MAY("get", "pods", "log"), tell_right, "no logs in all namespaces"},
    {"list events", "POST", SSAR, MAY("list", "events", ""), tell_right, "no events of all namespaces"},
    {"list nodes", "POST", SSAR, MAY("list", "nodes", ""), tell_right, "nodes cannot be shown"},
    {"list namespaces", "POST", SSAR, MAY("list", "namespaces", ""), tell_right, "namespaces cannot be listed"},
    {"metrics", NULL, "/apis/metrics.k8s.io/v1beta1", NULL, tell_metrics, NULL},
};
enum { CHECKS = sizeof checks / sizeof *checks };

struct doctor {
    struct kube_op op;
    struct str line[CHECKS];
    size_t waiting;
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

static struct str *line_of(struct doctor *d, const struct check *c)
{
    return &d->line[c - checks];
}

static void say_clean(struct str *out, const char *s)
{
    text_clean(out, s ? s : "?", s ? strlen(s) : 1, 0);
}

static void tell_reachable(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j)
{
    struct str *out = line_of(d, c);
    const struct source_info *info = &d->op.source->info;
    bool tls = !strncmp(info->server, "https:", 6);
    if (r->status == 0) {
        say(out, "fail", r->err.code == ERR_TLS ? "TLS" : r->err.code == ERR_AUTH || r->err.code == ERR_EXEC ? "credentials" : "reachable",
            "%s: %s", info->server, r->err.msg);
        d->failed = true;
        return;
    }
    say(out, r->first_byte_ms > SLOW_MS ? "warn" : "ok", "reachable", "%s, first byte after %" PRId64 " ms", info->server,
        r->first_byte_ms);
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

static void tell_who(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j)
{
    struct str *out = line_of(d, c), who;
    if (r->status == 0)
        return;                                   /* said by the first check */
    if (r->status == 401) {
        say(out, "fail", c->what, "%s", r->err.msg);
        d->failed = true;
        return;
    }
    if (!j || r->err.code != ERR_OK) {
        say(out, "warn", c->what, "the server does not tell: %s", r->err.msg);
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
    say(out, "ok", c->what, "%s", who.data);
    str_release(&who);
}

static void tell_right(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j)
{
    struct str *out = line_of(d, c);
    if (r->status == 0 || r->status == 401)
        return;
    if (!j || r->err.code != ERR_OK)
        say(out, "warn", c->what, "not known: %s", r->err.msg);
    else if (json_is_true(kube_jget(j, "status.allowed")))
        say(out, "ok", c->what, "allowed in all namespaces");
    else
        say(out, "warn", c->what, "not allowed in all namespaces: %s", c->missing);
}

static void tell_metrics(struct doctor *d, const struct check *c, const struct net_reply *r, const json_t *j)
{
    (void)j;
    if (r->status == 0 || r->status == 401)
        return;
    if (r->err.code == ERR_OK)
        say(line_of(d, c), "ok", c->what, "metrics.k8s.io answers");
    else
        say(line_of(d, c), "warn", c->what, "no CPU and memory figures: %s",
            r->status == 404 ? "metrics.k8s.io is not installed" : r->err.msg);
}

static void tell_local(struct doctor *d, struct str *out)
{
    const struct source_info *info = &d->op.source->info;
    char when[40];
    if (info->has_clock) {
        int64_t skew = info->clock_offset_ms, size = skew < 0 ? -skew : skew;
        say(out, size > SKEW_WARN_MS ? "warn" : "ok", "clock", "the server is %" PRId64 ".%" PRId64 " s %s", size / 1000,
            size % 1000 / 100, skew < 0 ? "behind" : "ahead");
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
    for (size_t i = 0; i < CHECKS; i++) {
        str_add(&out, d->line[i].data, d->line[i].len);
        if (i == 1)
            tell_local(d, &out);
    }
    err_set(&err, d->failed ? ERR_NET : ERR_OK, 0, "%s cannot be used", d->op.source->info.name);
    kube_op_end_str(&d->op, &out, d->failed ? &err : NULL);
}

static void answered(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct doctor *d = (struct doctor *)op;
    const struct check *c = arg;
    json_t *j = r->err.code == ERR_OK ? kube_json(r, NULL) : NULL;
    c->tell(d, c, r, j);
    json_decref(j);
    if (--d->waiting == 0)
        finish(d);
}

static void doctor_release(struct kube_op *op)
{
    struct doctor *d = (struct doctor *)op;
    for (size_t i = 0; i < CHECKS; i++)
        str_release(&d->line[i]);
}

void kube_doctor(struct source *s, struct request *rq)
{
    struct doctor *d = kube_op_new(s, rq, sizeof *d, doctor_release);
    struct err err;
    if (!d)
        return;
    kube_op_hold(&d->op);
    d->waiting = 1;
    for (size_t i = 0; i < CHECKS; i++)
        str_init(&d->line[i], 0);
    for (size_t i = 0; i < CHECKS; i++) {
        const struct check *c = &checks[i];
        struct kube_req req = {.method = c->method, .path = c->path, .body = c->body, .body_len = c->body ? strlen(c->body) : 0,
                               .content_type = c->body ? "application/json" : NULL, .timeout_ms = 15000};
        d->waiting++;
        if (!kube_op_send(&d->op, &req, answered, (void *)(uintptr_t)c, NULL, &err)) {
            d->waiting--;
            say(&d->line[i], "fail", c->what, "%s", err.msg);
            d->failed = true;
        }
    }
    if (--d->waiting == 0 && !d->op.ended)
        finish(d);
    kube_op_drop(&d->op);
}
