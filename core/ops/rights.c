/* Who may: a Kubernetes server is asked (SelfSubjectAccessReview), of a cloud is known what it refused before. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

/* ---- Kubernetes ---- */

struct asking {
    struct op_step *st;
    void (*done)(struct op_step *st, bool denied, const char *why);
};

/* The parts of a request's path, each NUL-terminated in buf. */
struct path_parts { char buf[2048]; const char *group, *version, *ns, *resource, *name, *sub; };

static void decode(char *s)
{
    char *to = s;
    for (unsigned v; *s; to++) {
        if (*s == '%' && s[1] && s[2] && sscanf(s + 1, "%2x", &v) == 1) {
            *to = (char)v;
            s += 3;
        } else {
            *to = *s++;
        }
    }
    *to = 0;
}

static bool split_path(const char *path, struct path_parts *p)
{
    char *part[12] = {0};
    size_t n = 0, at = 0;
    snprintf(p->buf, sizeof(p->buf), "%.*s", (int)strcspn(path, "?"), path);
    for (char *s = p->buf; *s && n < 12;) {
        *s++ = 0;
        part[n++] = s;
        s += strcspn(s, "/");
    }
    for (size_t i = 0; i < n; i++)
        decode(part[i]);
    bool grouped = n && !strcmp(part[0], "apis");
    p->group = grouped && n > 1 ? part[1] : "";
    at = grouped ? 2 : 1;
    if (n <= at + 1)
        return false;
    p->version = part[at++];
    p->ns = "";
    if (!strcmp(part[at], "namespaces") && n > at + 2 && strcmp(part[at + 2], "status") && strcmp(part[at + 2], "finalize")) {
        p->ns = part[at + 1];
        at += 2;
    }
    p->resource = part[at];
    p->name = n > at + 1 ? part[at + 1] : "";
    p->sub = n > at + 2 ? part[at + 2] : "";
    return true;
}

static const char *verb_of(const char *method)
{
    static const char *const verbs[][2] = {{"POST", "create"}, {"PUT", "update"}, {"PATCH", "patch"}, {"DELETE", "delete"}};
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (!strcmp(verbs[i][0], method))
            return verbs[i][1];
    return "get";
}

static void reviewed(void *arg, const struct call_reply *reply)
{
    struct asking a = *(struct asking *)arg;
    mem_free(arg);
    a.st->call = NULL;
    const struct net_reply *r = reply->net;
    json_t *j = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    bool denied = j && json_is_false(act_get(j, "status.allowed"));
    struct path_parts p;
    char why[512] = "";
    if (denied && split_path(a.st->rq.path.data, &p))
        snprintf(why, sizeof(why), "%.80s may not %s %.60s%s%.40s%s%.80s on %.80s: ask for that right",
                 *a.st->src->info.user ? a.st->src->info.user : "this user", verb_of(a.st->rq.method), p.resource, *p.sub ? "/" : "", p.sub,
                 *p.ns ? " in namespace " : "", p.ns, a.st->src->info.name);
    json_decref(j);
    a.done(a.st, denied, why);
}

bool rights_ask(struct op_step *st, void (*done)(struct op_step *st, bool denied, const char *why))
{
    struct path_parts p;
    struct err err = ERR_INIT;
    if (st->kind->plane != PLANE_KUBE || !split_path(st->rq.path.data, &p))
        return false;
    struct asking *a = mem_alloc(sizeof(*a));
    json_t *body = json_pack("{s:s,s:s,s:{s:{s:s,s:s,s:s,s:s,s:s,s:s,s:s}}}", "apiVersion", "authorization.k8s.io/v1", "kind",
                             "SelfSubjectAccessReview", "spec", "resourceAttributes", "namespace", p.ns, "verb", verb_of(st->rq.method), "group",
                             p.group, "version", p.version, "resource", p.resource, "subresource", p.sub, "name", p.name);
    char *text = a && body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (text) {
        *a = (struct asking){.st = st, .done = done};
        struct call_req rq = {.method = "POST", .path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", .body = text,
                              .body_len = strlen(text), .safe = true, .done = reviewed, .arg = a};
        step_call(st, st->src, &rq, &err);
    }
    json_text_free(text);
    if (!st->call)
        mem_free(a);
    return st->call != NULL;
}

/* ---- OpenStack ---- */

/* The kind of request, without the object: "POST compute /servers / * /action os-stop". */
static bool shape_of(const struct op_step *st, struct str *out)
{
    const char *path = st->rq.path.data, *id = st->uid && *st->uid ? st->uid : st->name;
    const char *at = *id ? strstr(path, id) : NULL;
    str_addf(out, "%s %s %.*s%s%s", st->rq.method, st->rq.service ? st->rq.service : "", at ? (int)(at - path) : (int)strlen(path), path,
             at ? "*" : "", at ? at + strlen(id) : "");
    void *first = json_object_iter(st->rq.body);
    if (first)
        str_addf(out, " %s", json_object_iter_key(first));
    return !out->failed;
}

/* What is known of such a request; shape: to be released. */
static struct op_denied *denied(const struct op_step *st, struct str *shape)
{
    struct op_denied *d = st->op->core->ops->denied;
    str_init(shape, 4096);
    if (!shape_of(st, shape))
        return NULL;
    while (d && (d->source != st->src->info.id || !d->what || strcmp(d->what, shape->data) != 0))
        d = d->next;
    return d;
}

void rights_learn(struct op_step *st)
{
    struct ops *ops = st->op->core->ops;
    struct str s;
    if (st->kind->plane != PLANE_OPENSTACK)
        return;
    struct op_denied *d = denied(st, &s);
    if (!d && !s.failed && (d = mem_zalloc(sizeof(*d)))) {
        *d = (struct op_denied){.next = ops->denied, .source = st->src->info.id, .what = str_take(&s)};
        ops->denied = d;
    }
    if (d)
        d->wall_ms = clock_wall_ms();
    str_release(&s);
}

bool rights_denied(const struct op_step *st, char *when, size_t size)
{
    struct str s;
    const struct op_denied *d = denied(st, &s);
    if (d)
        text_format_time(when, size, d->wall_ms);
    str_release(&s);
    return d;
}
