/* The Kubernetes endpoint: who asks, which path is which resource and verb, who may, which handler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/sim/wire.h"
#include "core/sim/kube_sim.h"
#include "strata/clock.h"

void kube_status(struct req *r, int code, const char *reason, json_t *details, const char *fmt, ...)
{
    char msg[4096];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    json_t *st = jt("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Failure','message':%s}", msg);
    if (reason)
        json_object_set_new(st, "reason", json_string(reason));
    if (details)
        json_object_set_new(st, "details", details);
    json_object_set_new(st, "code", json_integer(code));
    reply_json(r, code, st);
}

static const struct user *authenticate(struct req *r)
{
    const char *h = req_header(r, "Authorization");
    static const struct user anonymous = {.name = "system:anonymous", .token = ""};
    if (!h || strncasecmp(h, "Bearer ", 7) != 0)
        return &anonymous;
    if (r->sim->bearer_end && clock_wall_ms() >= r->sim->bearer_end)
        return NULL;
    for (const struct user *u = r->sim->users; u->name; u++)
        if (strcmp(u->token, h + 7) == 0 && (!u->expires_ms || clock_wall_ms() < u->expires_ms))
            return u;
    return NULL;
}

static enum MHD_Result add_group(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct str *groups = cls;
    (void)kind;
    if (strcasecmp(key, "Impersonate-Group") == 0)
        str_addf(groups, "%s%s", groups->len ? "," : "", value);
    return MHD_YES;
}

/* kubectl --as, --as-group: the user the request is for, once the one who asks may. False: answered. */
static bool impersonate(struct req *r, struct user *guest, struct str *groups)
{
    const char *name = req_header(r, "Impersonate-User");
    if (!name || !*name)
        return true;
    struct ask ask = {"impersonate", "", "users", NULL, NULL, name};
    if (!kube_may(r->sim, r->user, &ask)) {
        kube_forbidden(r, &ask);
        return false;
    }
    MHD_get_connection_values(r->conn, MHD_HEADER_KIND, add_group, groups);
    bool master = groups->len && strstr(groups->data, "system:masters");
    *guest = (struct user){.name = name, .token = "", .role = master ? 'a' : 0, .groups = groups->len ? groups->data : ""};
    r->user = guest;
    return true;
}

void kube_not_found(struct req *r, const struct res *res, const char *name)
{
    kube_status(r, 404, "NotFound", kube_details(res, name), "%s%s%s \"%s\" not found", res->plural, *res->group ? "." : "", res->group, name);
}

json_t *kube_details(const struct res *res, const char *name)
{
    json_t *d = jt("{'name':%s}", name);
    if (*res->group)
        json_object_set_new(d, "group", json_string(res->group));
    json_object_set_new(d, "kind", json_string(res->plural));
    return d;
}

static bool wants_json(const struct req *r)
{
    const char *a = req_header(r, "Accept");
    return !a || !*a || strstr(a, "json") || strstr(a, "*/*") || strstr(a, "application/*");
}

void kube_get_one(struct req *r, struct res *res, struct obj *o)
{
    if (kube_wants_table(r)) {
        json_t *rows = json_array();
        json_array_append_new(rows, kube_table_row(r->sim, o, kube_include(r)));
        reply_json(r, 200, jt("{'kind':'Table','apiVersion':'meta.k8s.io/v1','metadata':{'resourceVersion':%s},'columnDefinitions':%j,'rows':%j}",
                              kube_rv_text(o->rv, (char[24]){0}), kube_table_columns(res), rows));
    } else if (kube_wants_partial(r)) {
        struct str out;
        str_init(&out, 0);
        kube_partial_text(o, &out);
        reply_text(r, 200, "application/json", out.data, out.len);
        str_release(&out);
    } else {
        kube_reply_object(r, 200, o);
    }
}

static void not_allowed(struct req *r)
{
    kube_status(r, 405, "MethodNotAllowed", json_object(), "the server does not allow this method on the requested resource");
}

static void not_there(struct req *r)
{
    kube_status(r, 404, "NotFound", json_object(), "the server could not find the requested resource");
}

static const char *verb_of(const struct req *r, const char *name, const char *sub)
{
    const char *watch = req_query(r, "watch");
    static const struct { const char *method, *one, *all; } verbs[] = {
        {"GET", "get", "list"}, {"POST", "create", "create"}, {"PUT", "update", "update"}, {"PATCH", "patch", "patch"},
        {"DELETE", "delete", "deletecollection"},
    };
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(r->method, verbs[i].method) == 0)
            return i == 0 && !sub && watch && strcmp(watch, "0") != 0 && strcmp(watch, "false") != 0 ? "watch" : name ? verbs[i].one : verbs[i].all;
    return "";
}

static void into_pod(struct req *r, struct obj *o, const char *sub)
{
    if (*o->node)
        kube_upgrade(r, o, sub);
    else
        kube_status(r, 400, "BadRequest", NULL, "pod %s does not have a host assigned", o->name);
}

static void subresource(struct req *r, const struct target *t, const char *verb, struct obj *o)
{
    static const struct { const char *sub, *verb; void (*fn)(struct req *r, const struct target *t, struct obj *o); } subs[] = {
        {"eviction", "create", kube_evict}, {"binding", "create", kube_bind}, {"token", "create", kube_token}, {"scale", "get", kube_scale_get},
        {"scale", "update", kube_scale_set}, {"scale", "patch", kube_scale_set}, {"finalize", "update", kube_finalize},
    };
    for (size_t i = 0; i < sizeof(subs) / sizeof(subs[0]); i++) {
        if (strcmp(subs[i].sub, t->sub) == 0 && strcmp(subs[i].verb, verb) == 0) {
            subs[i].fn(r, t, o);
            return;
        }
    }
    if (strcmp(t->sub, "log") == 0 && strcmp(verb, "get") == 0)
        kube_logs(r, o);
    else if (strcmp(t->sub, "proxy") == 0)
        kube_status(r, 503, "ServiceUnavailable", NULL, "no endpoints available for service \"%s\"", t->name);
    else if (strcmp(t->sub, "exec") == 0 || strcmp(t->sub, "attach") == 0 || strcmp(t->sub, "portforward") == 0)
        into_pod(r, o, t->sub);
    else if (strcmp(verb, "get") == 0)
        kube_get_one(r, t->res, o);
    else if (strcmp(verb, "update") == 0)
        kube_update(r, t, o);
    else if (strcmp(verb, "patch") == 0)
        kube_patch(r, t, o);
    else
        not_allowed(r);
}

static void one(struct req *r, const struct target *t, const char *verb)
{
    struct obj *o = store_get(t->res, t->ns ? t->ns : "", t->name);
    if (t->sub && !kube_has_sub(t->res, t->sub)) {
        not_there(r);
    } else if (!o && strcmp(verb, "patch") == 0 && !t->sub) {
        kube_patch(r, t, NULL);                                /* an apply creates */
    } else if (!t->sub && strcmp(verb, "create") == 0) {
        not_allowed(r);
    } else if (!o) {
        kube_not_found(r, t->res, t->name);
    } else {
        obj_ref(o);                                            /* what the handlers store may replace it */
        if (t->sub)
            subresource(r, t, verb, o);
        else if (strcmp(verb, "get") == 0)
            kube_get_one(r, t->res, o);
        else if (strcmp(verb, "update") == 0)
            kube_update(r, t, o);
        else if (strcmp(verb, "patch") == 0)
            kube_patch(r, t, o);
        else if (strcmp(verb, "delete") == 0)
            kube_delete(r, t, o);
        else
            not_allowed(r);
        obj_unref(o);
    }
}

static bool verb_known(const struct res *res, const char *verb)
{
    json_t *verbs = kube_verbs(res);
    bool known = false;
    for (size_t i = 0; i < json_array_size(verbs); i++)
        known = known || strcmp(json_string_value(json_array_get(verbs, i)), verb) == 0;
    json_decref(verbs);
    return known;
}

static void resource(struct req *r, const struct target *t)
{
    const char *verb = verb_of(r, t->name, t->sub);
    struct res *res = t->res;
    struct ask ask = {verb, r->view ? r->view->group : res->group, res->plural, t->sub, t->ns, t->name};
    if (strcmp(res->plural, "namespaces") == 0 && t->name)
        ask.ns = t->name;                                      /* a role in a namespace may cover the namespace itself */
    if (!*res->group && strcmp(res->plural, "endpoints") == 0)
        req_head(r, "Warning", "299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\"");
    if (!kube_may(r->sim, r->user, &ask)) {
        kube_forbidden(r, &ask);
    } else if (!wants_json(r)) {
        kube_status(r, 406, "NotAcceptable", json_object(), "only the following media types are accepted: application/json, "
                    "application/json;stream=watch");
    } else if (!t->sub && !verb_known(res, verb)) {
        not_allowed(r);
    } else if (res->flags & KIND_COMPUTED) {
        kube_metrics(r, t);
    } else if (strcmp(verb, "watch") == 0) {
        kube_watch(r, res, t->ns ? t->ns : "", t->name);
    } else if (strcmp(verb, "list") == 0) {
        kube_list(r, res, t->ns ? t->ns : "");
    } else if (strcmp(verb, "deletecollection") == 0) {
        kube_delete_all(r, t);
    } else if (t->name) {
        one(r, t, verb);
    } else if (strcmp(verb, "create") != 0 || (res->namespaced && !t->ns)) {
        not_allowed(r);
    } else if (res->flags & KIND_CREATE_ONLY) {
        if (!kube_review(r, res, t->ns))
            not_there(r);
    } else {
        kube_create(r, t);
    }
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

/* /healthz, /livez, /readyz: "ok", or the list of checks. */
static void health(struct req *r)
{
    static const char *const checks[] = {"ping", "log", "etcd", "poststarthook/start-apiserver-admission-initializer", "poststarthook/rbac/bootstrap-roles",
                                         "poststarthook/scheduling/bootstrap-system-priority-classes", "poststarthook/apiservice-discovery-controller"};
    struct str out;
    if (!req_query(r, "verbose")) {
        plain(r, 200, "ok");
        return;
    }
    str_init(&out, 0);
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        str_addf(&out, "[+]%s ok\n", checks[i]);
    str_addf(&out, "%s check passed\n", r->seg[0]);
    plain(r, 200, out.data);
    str_release(&out);
}

static bool no_resource(struct req *r, const char *top)
{
    if (strcmp(top, "version") == 0)
        reply_json(r, 200, jt("{'major':'1','minor':'36','emulationMajor':'1','emulationMinor':'36','minCompatibilityMajor':'1',"
                              "'minCompatibilityMinor':'35','gitVersion':'v1.36.3','gitCommit':'','gitTreeState':'clean','buildDate':'','goVersion':"
                              "'go1.26.8','compiler':'gc','platform':'linux/amd64'}"));
    else if (strcmp(top, "readyz") == 0 || strcmp(top, "livez") == 0 || strcmp(top, "healthz") == 0)
        health(r);
    else if (strcmp(top, "openapi") == 0)
        kube_openapi(r);
    else
        return false;
    return true;
}

/* The rest of the path after group and version: namespaces/NS/plural/name/sub, or plural/name/sub. */
static bool find_target(struct req *r, const char *group, const char *version, char **rest, int n, struct target *t)
{
    *t = (struct target){0};
    if (n >= 3 && strcmp(rest[0], "namespaces") == 0 && (strcmp(group, "") != 0 || store_find_res(r->sim, group, version, rest[2]))) {
        t->ns = rest[1];
        rest += 2;
        n -= 2;
    }
    t->res = store_find_res(r->sim, group, version, rest[0]);
    if (t->res && (t->res->flags & KIND_VIEW)) {
        r->view = t->res;
        t->res = kube_view_kept(r->sim, t->res);
    }
    t->name = n > 1 ? rest[1] : NULL;
    t->sub = n > 2 ? rest[2] : NULL;
    return t->res && (!t->ns || t->res->namespaced) && !(t->name && t->res->namespaced && !t->ns);
}

static void route(struct req *r)
{
    const char *top = r->nseg ? r->seg[0] : "";
    bool core = strcmp(top, "api") == 0, apis = strcmp(top, "apis") == 0;
    int base = core ? 2 : 3;
    struct target t;
    bool is_resource = (core || apis) && r->nseg > base;
    if (!is_resource && !kube_may_path(r->sim, r->user, "get", r->path)) {
        kube_status(r, 403, "Forbidden", json_object(), "forbidden: User \"%s\" cannot get path \"%s\"", r->user->name, r->path);
    } else if (!is_resource && strcmp(r->method, "GET") != 0) {
        not_allowed(r);
    } else if (is_resource) {
        const char *group = core ? "" : r->seg[1], *version = r->seg[base - 1];
        if (!group_known(r, group, version))
            plain(r, 404, "404 page not found\n");
        else if (!find_target(r, group, version, r->seg + base, r->nseg - base, &t))
            not_there(r);
        else
            resource(r, &t);
    } else if (core || apis) {
        kube_discovery(r);
    } else if (!no_resource(r, top)) {
        plain(r, 404, "404 page not found\n");
    }
}

void kube_handle(struct req *r)
{
    struct user guest;
    struct str groups;
    req_head(r, "Audit-Id", "%s", r->id);
    req_head(r, "Cache-Control", "no-cache, private");
    r->user = authenticate(r);
    if (!r->user) {
        kube_status(r, 401, "Unauthorized", NULL, "Unauthorized");
        return;
    }
    str_init(&groups, 0);
    if (impersonate(r, &guest, &groups))
        route(r);
    r->user = NULL;                                            /* it may have been the guest */
    str_release(&groups);
}
