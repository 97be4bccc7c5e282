/* Who may what: RBAC over the roles and bindings in the store, the 403 bodies, and the reviews that ask about it. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

#define RBAC "rbac.authorization.k8s.io"

static bool has(const json_t *list, const char *want)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s && (strcmp(s, "*") == 0 || strcmp(s, want) == 0))
            return true;
    }
    return false;
}

/* A path that ends in an asterisk covers what begins like it. */
static bool has_path(const json_t *list, const char *path)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        size_t n = s ? strlen(s) : 0;
        if (s && (strcmp(s, path) == 0 || (n && s[n - 1] == '*' && strncmp(s, path, n - 1) == 0)))
            return true;
    }
    return false;
}

static bool rule_allows(const json_t *rule, const struct ask *a)
{
    const json_t *names = json_object_get(rule, "resourceNames");
    char full[256];
    snprintf(full, sizeof(full), "%s%s%s", a->resource, a->sub ? "/" : "", a->sub ? a->sub : "");
    return has(json_object_get(rule, "verbs"), a->verb) && has(json_object_get(rule, "apiGroups"), a->group) &&
           has(json_object_get(rule, "resources"), full) && (!json_array_size(names) || (a->name && has(names, a->name)));
}

static json_t *groups_of(const struct user *u)
{
    json_t *own = u->groups ? json_array() : NULL;
    for (const char *p = u->groups; p && *p;) {
        size_t n = strcspn(p, ",");
        json_array_append_new(own, json_stringn(p, n));
        p += n + (p[n] == ',');
    }
    if (own) {                                                 /* impersonated: what was asked for, and being known at all */
        json_array_append_new(own, json_string("system:authenticated"));
        return own;
    }
    if (u->role == 'a')
        return jt("['system:masters','system:authenticated']");
    return jt("[%s]", strcmp(u->name, "system:anonymous") == 0 ? "system:unauthenticated" : "system:authenticated");
}

static bool is_subject(const json_t *binding, const struct user *u)
{
    json_t *all = jat(binding, "subjects"), *groups = groups_of(u);
    bool found = false;
    for (size_t i = 0; i < json_array_size(all) && !found; i++) {
        const json_t *s = json_array_get(all, i);
        const char *kind = jstr(s, "kind"), *name = jstr(s, "name");
        char account[300];
        snprintf(account, sizeof(account), "system:serviceaccount:%s:%s", jstr(s, "namespace"), name);
        found = strcmp(kind, "User") == 0 ? strcmp(name, u->name) == 0 : strcmp(kind, "ServiceAccount") == 0 ? strcmp(account, u->name) == 0 : strcmp(kind, "Group") == 0 && *name != '*' && has(groups, name);
    }
    json_decref(groups);
    return found;
}

/* Calls see() with the rules of every role bound to the user, cluster-wide and in ns, until it says it has seen enough. */
static bool each_rules(struct sim *s, const struct user *u, const char *ns, bool (*see)(const json_t *rules, void *arg), void *arg)
{
    bool enough = false;
    for (int local = 0; local < (ns ? 2 : 1) && !enough; local++) {
        struct res *b = store_find_res(s, RBAC, "v1", local ? "rolebindings" : "clusterrolebindings");
        size_t i = local ? store_from(b, ns, "", false) : 0;
        for (; i < b->n && !enough && (!local || strcmp(b->items[i]->ns, ns) == 0); i++) {
            json_t *d = obj_doc(b->items[i]);
            bool cluster = strcmp(jstr(d, "roleRef.kind"), "ClusterRole") == 0;
            struct res *roles = store_find_res(s, RBAC, "v1", cluster ? "clusterroles" : "roles");
            struct obj *role = is_subject(d, u) ? store_get(roles, cluster ? "" : ns, jstr(d, "roleRef.name")) : NULL;
            json_t *doc = role ? obj_doc(role) : NULL;
            enough = doc && see(jat(doc, "rules"), arg);
            json_decref(doc);
            json_decref(d);
        }
    }
    return enough;
}

static bool sees_ask(const json_t *rules, void *arg)
{
    for (size_t i = 0; i < json_array_size(rules); i++)
        if (rule_allows(json_array_get(rules, i), arg))
            return true;
    return false;
}

bool kube_may(struct sim *s, const struct user *u, const struct ask *a)
{
    return u->role == 'a' || each_rules(s, u, a->ns, sees_ask, (void *)(uintptr_t)a);
}

struct path_ask { const char *verb, *path; };

static bool sees_path(const json_t *rules, void *arg)
{
    const struct path_ask *a = arg;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *r = json_array_get(rules, i);
        if (has(json_object_get(r, "verbs"), a->verb) && has_path(json_object_get(r, "nonResourceURLs"), a->path))
            return true;
    }
    return false;
}

bool kube_may_path(struct sim *s, const struct user *u, const char *verb, const char *path)
{
    struct path_ask a = {verb, path};
    return u->role == 'a' || each_rules(s, u, NULL, sees_path, &a);
}

void kube_forbidden(struct req *r, const struct ask *a)
{
    char what[512], where[300], full[256];
    snprintf(full, sizeof(full), "%s%s%s", a->resource, a->sub ? "/" : "", a->sub ? a->sub : "");
    if (a->ns)
        snprintf(where, sizeof(where), "in the namespace \"%s\"", a->ns);
    else
        snprintf(where, sizeof(where), "at the cluster scope");
    snprintf(what, sizeof(what), "%s%s%s", a->name ? "\"" : "", a->name ? a->name : "", a->name ? "\" " : "");
    json_t *d = json_object();
    if (a->name)
        json_object_set_new(d, "name", json_string(a->name));
    if (*a->group)
        json_object_set_new(d, "group", json_string(a->group));
    json_object_set_new(d, "kind", json_string(a->resource));
    kube_status(r, 403, "Forbidden", d, "%s%s%s %sis forbidden: User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s", a->resource,
                *a->group ? "." : "", a->group, what, r->user->name, a->verb, full, a->group, where);
}

/* ---- reviews ---- */
static json_t *user_info(const struct user *u)
{
    json_t *o = jt("{'username':%s}", u->role == 'a' && !u->groups ? "kubernetes-admin" : u->name);
    if (u->role != 'a' && !u->groups && strcmp(u->name, "system:anonymous") != 0)
        json_object_set_new(o, "uid", json_string(u->name));
    json_object_set_new(o, "groups", groups_of(u));
    return o;
}

static const char *or_null(const char *s)
{
    return *s ? s : NULL;
}

static json_t *answer(struct sim *s, const struct user *u, const json_t *in)
{
    const json_t *res = jat(in, "spec.resourceAttributes");
    const char *verb = jstr(res, "verb");
    struct ask a = {verb, jstr(res, "group"), jstr(res, "resource"), or_null(jstr(res, "subresource")), or_null(jstr(res, "namespace")),
                    or_null(jstr(res, "name"))};
    bool ok = res ? kube_may(s, u, &a) : kube_may_path(s, u, jstr(in, "spec.nonResourceAttributes.verb"), jstr(in, "spec.nonResourceAttributes.path"));
    if (!ok)
        return jt("{'allowed':false}");
    return u->role == 'a' ? jt("{'allowed':true}") : jt("{'allowed':true,'reason':'RBAC: allowed by the roles bound to the user'}");
}

static bool add_rules(const json_t *rules, void *arg)
{
    json_t *out = arg;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *r = json_array_get(rules, i);
        bool paths = json_object_get(r, "nonResourceURLs");
        json_array_append(json_object_get(out, paths ? "nonResourceRules" : "resourceRules"), (json_t *)(uintptr_t)r);
    }
    return false;
}

static json_t *all_rules(struct sim *s, const struct user *u, const char *ns)
{
    json_t *out = jt("{'resourceRules':[],'nonResourceRules':[],'incomplete':false}");
    if (u->role == 'a') {
        json_array_append_new(jat(out, "resourceRules"), jt("{'verbs':['*'],'apiGroups':['*'],'resources':['*']}"));
        json_array_append_new(jat(out, "nonResourceRules"), jt("{'verbs':['*'],'nonResourceURLs':['*']}"));
    }
    each_rules(s, u, ns, add_rules, out);
    return out;
}

bool kube_review(struct req *r, const struct res *res, const char *ns)
{
    json_t *in = kube_body(r, res, NULL), *status = NULL;
    char gv[128];
    if (!in)
        return true;
    bool about = strstr(res->plural, "accessreviews") != NULL, path = jat(in, "spec.nonResourceAttributes"), thing = jat(in, "spec.resourceAttributes");
    if (about && path == thing) {
        kube_status(r, 422, "Invalid", jt("{'causes':[{'reason':'FieldValueInvalid','message':'Invalid value: null: exactly one of nonResourceAttributes or "
                                          "resourceAttributes must be specified','field':'spec.resourceAttributes'}]}"),
                    " \"\" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified");
        json_decref(in);
        return true;
    }
    if (strcmp(res->plural, "selfsubjectreviews") == 0)
        status = jt("{'userInfo':%j}", user_info(r->user));
    else if (strcmp(res->plural, "selfsubjectaccessreviews") == 0)
        status = answer(r->sim, r->user, in);
    else if (strcmp(res->plural, "selfsubjectrulesreviews") == 0)
        status = all_rules(r->sim, r->user, jstr(in, "spec.namespace"));
    else if (strcmp(res->plural, "subjectaccessreviews") == 0 || strcmp(res->plural, "localsubjectaccessreviews") == 0) {
        struct user other = {.name = jstr(in, "spec.user"), .token = ""};
        if (ns && jat(in, "spec.resourceAttributes"))
            jset(in, "spec.resourceAttributes.namespace", json_string(ns));
        for (const struct user *u = r->sim->users; u->name; u++)
            if (strcmp(u->name, other.name) == 0)
                other.role = u->role;
        status = answer(r->sim, &other, in);
    }
    if (status) {
        json_object_set_new(in, "kind", json_string(res->kind));
        json_object_set_new(in, "apiVersion", json_string(kube_api_version(res, gv)));
        jset(in, "metadata.creationTimestamp", json_null());
        json_object_set_new(in, "status", status);
        reply_json(r, 201, kube_in_front(json_incref(in)));
    }
    json_decref(in);
    return status != NULL;
}
