/* The Kubernetes endpoint: who may what, which path is which resource, one object, delete. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/sim/sim.h"

void kube_status(struct req *r, int code, const char *reason, json_t *details, const char *fmt, ...)
{
    char msg[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    json_t *st = jt("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':%s,'reason':%s}", msg, reason);
    if (details)
        json_object_set_new(st, "details", details);
    json_object_set_new(st, "code", json_integer(code));
    reply_json(r, code, st);
}

static const struct user *authenticate(struct req *r)
{
    const char *h = req_header(r, "Authorization");
    static const struct user anonymous = {"system:anonymous", "", 0};
    if (!h || strncasecmp(h, "Bearer ", 7) != 0)
        return &anonymous;
    for (const struct user *u = r->sim->users; u->name; u++)
        if (strcmp(u->token, h + 7) == 0)
            return u;
    return NULL;
}

static bool reads(const char *verb)
{
    return strcmp(verb, "get") == 0 || strcmp(verb, "list") == 0 || strcmp(verb, "watch") == 0;
}

static bool may(const struct user *u, const char *verb, const char *plural, const char *ns)
{
    switch (u->role) {
    case 'a':
        return true;
    case 'v':                                                  /* ClusterRole view: no secrets, nothing without a namespace */
        return reads(verb) && strcmp(plural, "secrets") != 0 && strcmp(plural, "nodes") != 0;
    case 'n':
        return ns && strcmp(ns, "openstack") == 0 && reads(verb) && strcmp(plural, "secrets") != 0;
    default:
        return false;
    }
}

static void forbidden(struct req *r, const char *verb, const struct res *res, const char *sub, const char *ns, const char *name)
{
    char what[512], where[300], full[128];
    snprintf(full, sizeof(full), "%s%s%s", res->plural, sub ? "/" : "", sub ? sub : "");
    if (ns)
        snprintf(where, sizeof(where), "in the namespace \"%s\"", ns);
    else
        snprintf(where, sizeof(where), "at the cluster scope");
    snprintf(what, sizeof(what), "%s%s%s", name ? "\"" : "", name ? name : "", name ? "\" " : "");
    json_t *d = json_object();
    if (name)
        json_object_set_new(d, "name", json_string(name));
    if (*res->group)
        json_object_set_new(d, "group", json_string(res->group));
    json_object_set_new(d, "kind", json_string(res->plural));
    kube_status(r, 403, "Forbidden", d, "%s%s%s %sis forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s", res->plural,
                *res->group ? "." : "", res->group, what, r->user->name, verb, full, res->group, where);
}

static void not_found(struct req *r, const struct res *res, const char *name)
{
    json_t *d = jt("{'name':%s,'kind':%s}", name, res->plural);
    if (*res->group)
        json_object_set_new(d, "group", json_string(res->group));
    kube_status(r, 404, "NotFound", d, "%s%s%s \"%s\" not found", res->plural, *res->group ? "." : "", res->group, name);
}

static bool wants_json(const struct req *r)
{
    const char *a = req_header(r, "Accept");
    return !a || !*a || strstr(a, "json") || strstr(a, "*/*") || strstr(a, "application/*");
}

/* ---- delete ---- */
static void delete_one(struct req *r, struct res *res, struct obj *o)
{
    json_t *opt = r->blen ? json_read(r->body, r->blen, 0, NULL) : json_object(), *doc;
    const char *want = jstr(opt, "preconditions.uid"), *grace_q = req_query(r, "gracePeriodSeconds");
    bool dry = req_query(r, "dryRun") || json_array_size(jat(opt, "dryRun"));
    int64_t grace = jat(opt, "gracePeriodSeconds") ? jint(opt, "gracePeriodSeconds") : grace_q ? atoll(grace_q) : -1;
    if (!opt) {
        kube_status(r, 400, "BadRequest", NULL, "couldn't get version/kind; json parse error");
        return;
    }
    if (*want && strcmp(want, o->uid) != 0) {
        kube_status(r, 409, "Conflict", jt("{'name':%s,'kind':%s}", o->name, res->plural),
                    "Operation cannot be fulfilled on %s \"%s\": the UID in the precondition (%s) does not match the UID in record (%s). "
                    "The object might have been deleted and then recreated", res->plural, o->name, want, o->uid);
    } else if (strcmp(res->plural, "pods") == 0) {
        obj_ref(o);
        if (!dry) {
            ctl_delete_pod(r->sim, o, grace);
            struct obj *now = store_get(res, o->ns, o->name);
            doc = obj_doc(now && strcmp(now->uid, o->uid) == 0 ? now : o);
        } else {
            doc = obj_doc(o);
        }
        reply_json(r, 200, doc);
        obj_unref(o);
    } else {
        doc = jt("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Success','details':{'name':%s,'kind':%s,'uid':%s}}", o->name,
                 res->plural, o->uid);
        if (!dry)
            store_delete(r->sim, res, o->ns, o->name);
        reply_json(r, 200, doc);
    }
    json_decref(opt);
}

void kube_get_one(struct req *r, struct res *res, struct obj *o)
{
    if (kube_wants_table(r)) {
        json_t *rows = json_array();
        json_array_append_new(rows, kube_table_row(r->sim, o, true));
        reply_json(r, 200, jt("{'kind':'Table','apiVersion':'meta.k8s.io/v1','metadata':{},'columnDefinitions':%j,'rows':%j}",
                              kube_table_columns(res), rows));
        return;
    }
    reply_text(r, 200, "application/json", o->text, o->len);
}

/* ---- reviews: who am I, may I ---- */
static bool review(struct req *r)
{
    if (strcmp(r->method, "POST") != 0 || r->nseg < 4 || strcmp(r->seg[0], "apis") != 0)
        return false;
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    const char *what = r->seg[3];
    bool known = true;
    if (strcmp(what, "selfsubjectreviews") == 0) {
        reply_json(r, 201, jt("{'kind':'SelfSubjectReview','apiVersion':'authentication.k8s.io/v1','metadata':{'creationTimestamp':null},"
                              "'status':{'userInfo':{'username':%s,'groups':['system:authenticated']}}}", r->user->name));
    } else if (strcmp(what, "selfsubjectaccessreviews") == 0 && in) {
        const char *ns = jstr(in, "spec.resourceAttributes.namespace");
        bool ok = may(r->user, jstr(in, "spec.resourceAttributes.verb"), jstr(in, "spec.resourceAttributes.resource"), *ns ? ns : NULL);
        json_t *st = ok ? jt("{'allowed':true,'reason':'RBAC: allowed'}") : jt("{'allowed':false}");
        json_object_set_new(in, "status", st);
        reply_json(r, 201, json_incref(in));
    } else if (strcmp(what, "selfsubjectrulesreviews") == 0 && in) {
        json_t *verbs = r->user->role == 'a' ? jt("['*']") : r->user->role ? jt("['get','list','watch']") : json_array();
        json_object_set_new(in, "status", jt("{'resourceRules':[{'verbs':%j,'apiGroups':['*'],'resources':['*']}],'nonResourceRules':[],"
                                             "'incomplete':false}", verbs));
        reply_json(r, 201, json_incref(in));
    } else {
        known = false;
    }
    json_decref(in);
    return known;
}

static void not_acceptable(struct req *r)
{
    kube_status(r, 406, "NotAcceptable", json_object(), "only the following media types are accepted: application/json, "
                "application/json;stream=watch");
}

static void resource(struct req *r, struct res *res, const char *ns, char **rest, int n)
{
    const char *name = n > 0 ? rest[0] : NULL, *sub = n > 1 ? rest[1] : NULL, *watch = req_query(r, "watch");
    bool watching = watch && (strcmp(watch, "0") != 0 && strcmp(watch, "false") != 0);
    const char *verb = strcmp(r->method, "DELETE") == 0 ? "delete" : strcmp(r->method, "GET") != 0 ? "update" :
                       watching ? "watch" : name ? "get" : "list";
    if (!may(r->user, verb, res->plural, ns)) {
        forbidden(r, verb, res, sub, ns, name);
        return;
    }
    if (!wants_json(r)) {
        not_acceptable(r);
        return;
    }
    if (strcmp(verb, "watch") == 0) {
        kube_watch(r, res, ns ? ns : "", name);
        return;
    }
    if (strcmp(verb, "list") == 0) {
        kube_list(r, res, ns ? ns : "");
        return;
    }
    struct obj *o = name ? store_get(res, ns ? ns : "", name) : NULL;
    if (!name || strcmp(verb, "update") == 0)
        kube_status(r, 405, "MethodNotAllowed", json_object(), "the server does not allow this method on the requested resource");
    else if (!o)
        not_found(r, res, name);
    else if (sub && strcmp(sub, "log") == 0 && strcmp(res->plural, "pods") == 0)
        kube_logs(r, o);
    else if (sub && strcmp(sub, "status") != 0)
        kube_status(r, 404, "NotFound", json_object(), "the server could not find the requested resource");
    else if (strcmp(verb, "delete") == 0)
        delete_one(r, res, o);
    else
        kube_get_one(r, res, o);
}

static void plain(struct req *r, int status, const char *text)
{
    reply_text(r, status, "text/plain; charset=utf-8", text, strlen(text));
}

static bool group_known(struct req *r, const char *group, const char *version)
{
    for (size_t i = 0; i < r->sim->nres; i++)
        if (*r->sim->res[i]->version && strcmp(r->sim->res[i]->group, group) == 0 && strcmp(r->sim->res[i]->version, version) == 0)
            return true;
    return false;
}

void kube_handle(struct req *r)
{
    req_head(r, "Audit-Id", "%s", r->id);
    r->user = authenticate(r);
    if (!r->user) {
        kube_status(r, 401, "Unauthorized", NULL, "Unauthorized");
        return;
    }
    const char *top = r->nseg ? r->seg[0] : "";
    if (strcmp(top, "version") == 0) {
        reply_json(r, 200, jt("{'major':'1','minor':'36','gitVersion':'v1.36.3','gitTreeState':'clean','goVersion':'go1.26.8',"
                              "'compiler':'gc','platform':'linux/amd64'}"));
        return;
    }
    if (strcmp(top, "readyz") == 0 || strcmp(top, "livez") == 0 || strcmp(top, "healthz") == 0) {
        plain(r, 200, "ok");
        return;
    }
    bool core = strcmp(top, "api") == 0, apis = strcmp(top, "apis") == 0;
    int base = core ? 2 : 3;
    if (r->user->role == 0 && strcmp(r->user->name, "system:anonymous") == 0 && (core || apis) && r->nseg < base) {
        kube_status(r, 403, "Forbidden", json_object(), "forbidden: User \"system:anonymous\" cannot get path \"%s\"", r->path);
        return;
    }
    if (review(r))
        return;
    if ((core && r->nseg <= 2) || (apis && r->nseg <= 3)) {
        kube_discovery(r);
        return;
    }
    const char *group = core ? "" : r->nseg > 1 ? r->seg[1] : "", *version = r->nseg >= base ? r->seg[base - 1] : "";
    if ((!core && !apis) || !group_known(r, group, version)) {
        plain(r, 404, "404 page not found\n");
        return;
    }
    char **rest = r->seg + base;
    int n = r->nseg - base;
    const char *ns = NULL;
    if (n >= 3 && strcmp(rest[0], "namespaces") == 0 && store_find_res(r->sim, group, version, rest[2])) {
        ns = rest[1];
        rest += 2;
        n -= 2;
    }
    struct res *res = store_find_res(r->sim, group, version, rest[0]);
    if (!res || (ns && !res->namespaced))
        kube_status(r, 404, "NotFound", json_object(), "the server could not find the requested resource");
    else
        resource(r, res, ns, rest + 1, n - 1);
}
