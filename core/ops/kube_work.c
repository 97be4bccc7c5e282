/* What the rows about Kubernetes objects share: requests bound to a uid, selectors, owners, who else keeps an object as it is. */
#include "core/ops/kube_work.h"

#include <stdio.h>
#include <string.h>

#include "core/kube/kube_kind.h"
#include "core/kube/kube_rq.h"

bool kube_is_kind(const struct act_ctx *c, const char *id)
{
    return c->kind && !strcmp(c->kind->id, id);
}

bool kube_patch(const struct act_ctx *c, struct act_req *rq, const char *sub, const char *content_type, json_t *body)
{
    json_t *meta = json_object_get(body, "metadata");
    const char *uid = act_str(c->obj, "metadata.uid");
    rq->method = "PATCH";
    rq->content_type = content_type;
    rq->body = body;
    if (!meta) {
        meta = json_object();
        if (json_object_set_new(body, "metadata", meta) != 0)
            return false;
    }
    if (*uid && json_object_set_new(meta, "uid", json_string(uid)) != 0)
        return false;
    return act_path(c, &rq->path, sub);
}

const char *kube_map_str(const json_t *o, const char *path, const char *key)
{
    const char *s = json_string_value(json_object_get(act_get(o, path), key));
    return s ? s : "";
}

bool kube_ns_path(const struct act_ctx *c, struct str *path, const char *group_version, const char *resource)
{
    str_addf(path, "%s/%s", strchr(group_version, '/') ? "/apis" : "/api", group_version);
    if (c->scope && *c->scope) {
        str_adds(path, "/namespaces/");
        str_add_urlenc(path, c->scope);
    }
    str_addf(path, "/%s", resource);
    return !path->failed;
}

bool kube_selected_path(const struct act_ctx *c, struct str *path, const char *group_version, const char *resource)
{
    const json_t *selector = act_get(c->obj, "spec.selector");
    struct str s;
    str_init(&s, 64 << 10);
    bool ok = selector && kube_selector(&s, selector) && s.len && kube_ns_path(c, path, group_version, resource);
    if (ok) {
        str_adds(path, "?labelSelector=");
        str_add_urlenc(path, s.data);
    }
    str_release(&s);
    return ok && !path->failed;
}

static bool holds(const json_t *list, const char *value)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *s = json_string_value(json_array_get(list, i));
        if (s && !strcmp(s, value))
            return true;
    }
    return false;
}

bool kube_selects(const json_t *selector, const json_t *labels)
{
    const char *key;
    const json_t *value, *expressions = json_object_get(selector, "matchExpressions");
    if (!json_is_object(selector))
        return false;
    json_object_foreach(json_object_get(selector, "matchLabels"), key, value) {
        const char *has = json_string_value(json_object_get(labels, key)), *want = json_string_value(value);
        if (!has || !want || strcmp(has, want) != 0)
            return false;
    }
    for (size_t i = 0; i < json_array_size(expressions); i++) {
        const json_t *e = json_array_get(expressions, i), *values = json_object_get(e, "values");
        const char *op = act_str(e, "operator"), *has = json_string_value(json_object_get(labels, act_str(e, "key")));
        bool fits = !strcmp(op, "In")             ? has && holds(values, has)
                    : !strcmp(op, "NotIn")        ? !has || !holds(values, has)
                    : !strcmp(op, "Exists")       ? has != NULL
                    : !strcmp(op, "DoesNotExist") ? !has
                                                  : false;
        if (!fits)
            return false;
    }
    return true;
}

void kube_tail(char *tail, const char *const *of, size_t n, size_t number)
{
    static const char digits[] = "bcdfghjklmnpqrstvwxz2456789";
    uint64_t h = 1469598103934665603u + number;
    for (size_t k = 0; k < n; k++)
        for (const char *p = of[k]; *p; p++)
            h = (h ^ (unsigned char)*p) * 1099511628211u;
    for (size_t i = 0; i < 5; i++, h /= sizeof digits - 1)
        tail[i] = digits[h % (sizeof digits - 1)];
    tail[5] = '\0';
}

const json_t *kube_condition_of(const json_t *obj, const char *type) { return act_find(act_get(obj, "status.conditions"), "type", type); }

const json_t *kube_controller(const json_t *obj)
{
    const json_t *refs = act_get(obj, "metadata.ownerReferences");
    for (size_t i = 0; i < json_array_size(refs); i++)
        if (json_is_true(json_object_get(json_array_get(refs, i), "controller")))
            return json_array_get(refs, i);
    return NULL;
}

bool kube_tolerates(const json_t *pod, const char *key, const char *value, const char *effect)
{
    const json_t *list = act_get(pod, "spec.tolerations");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *o = json_array_get(list, i);
        const char *of = act_str(o, "effect"), *name = act_str(o, "key");
        bool exists = !strcmp(act_str(o, "operator"), "Exists");
        if ((!*of || !strcmp(of, effect)) && ((!*name && exists) || (!strcmp(name, key) && (exists || !strcmp(act_str(o, "value"), value)))))
            return true;
    }
    return false;
}

/* ---- who would change it back ---- */

void kube_say_keepers_who(const json_t *obj, const char *does, struct act_facts *facts)
{
    static const char notes[] = "metadata.annotations", labels[] = "metadata.labels";
    const char *argo = kube_map_str(obj, notes, "argocd.argoproj.io/tracking-id");
    const char *instance = kube_map_str(obj, labels, "argocd.argoproj.io/instance");
    const char *flux = kube_map_str(obj, labels, "kustomize.toolkit.fluxcd.io/name");
    const char *fluxhelm = kube_map_str(obj, labels, "helm.toolkit.fluxcd.io/name");
    const char *release = kube_map_str(obj, notes, "meta.helm.sh/release-name");
    const json_t *owner = kube_controller(obj);
    if (*argo || *instance)
        act_fact(facts, FACT_CAUTION, "Argo CD application %.*s keeps this object: it may %s",
                 *argo ? (int)strcspn(argo, ":") : 250, *argo ? argo : instance, does);
    if (*flux && strcmp(kube_map_str(obj, notes, "kustomize.toolkit.fluxcd.io/reconcile"), "disabled") != 0)
        act_fact(facts, FACT_CAUTION, "Flux kustomization %s/%s keeps this object: it may %s",
                 kube_map_str(obj, labels, "kustomize.toolkit.fluxcd.io/namespace"), flux, does);
    if (*fluxhelm)
        act_fact(facts, FACT_CAUTION, "Flux Helm release %s/%s keeps this object: it may %s",
                 kube_map_str(obj, labels, "helm.toolkit.fluxcd.io/namespace"), fluxhelm, does);
    else if (!strcmp(kube_map_str(obj, labels, "app.kubernetes.io/managed-by"), "Helm"))
        act_fact(facts, FACT_INFO, "Helm release %s made this object: its next upgrade sets it as the chart says",
                 *release ? release : kube_map_str(obj, labels, "app.kubernetes.io/instance"));
    if (owner && strcmp(act_str(obj, "kind"), "Pod") != 0)      /* what owns a pod makes another, it does not change this one */
        act_fact(facts, FACT_CAUTION, "%s %s owns this object and may %s", act_str(owner, "kind"), act_str(owner, "name"), does);
}

void kube_say_keepers(const json_t *obj, struct act_facts *facts)
{
    kube_say_keepers_who(obj, "change it back", facts);
}

const json_t *kube_scaler_of(const json_t *list, const json_t *obj)
{
    const json_t *items = json_object_get(list, "items");
    const char *kind = act_str(obj, "kind"), *name = act_str(obj, "metadata.name"), *version = act_str(obj, "apiVersion");
    size_t group = strcspn(version, "/");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *ref = act_get(json_array_get(items, i), "spec.scaleTargetRef");
        const char *ver = act_str(ref, "apiVersion");
        bool same = !*ver || !*version || (strcspn(ver, "/") == group && !strncmp(ver, version, group));
        if (same && !strcmp(act_str(ref, "kind"), kind) && !strcmp(act_str(ref, "name"), name))
            return json_array_get(items, i);
    }
    return NULL;
}
