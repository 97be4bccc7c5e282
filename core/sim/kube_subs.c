/* Subresources of one purpose: scale, binding, token, eviction with the arithmetic of disruption budgets. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_patch.h"
#include "core/sim/kube_sim.h"

/* ---- scale ---- */
static void selector_text(struct str *out, const json_t *sel, bool custom)
{
    json_t *labels = jat(sel, "matchLabels"), *v;
    const char *key;
    if (!labels && !custom && json_is_object(sel) && !jat(sel, "matchExpressions"))
        labels = (json_t *)(uintptr_t)sel;                     /* a replication controller's */
    json_object_foreach(labels, key, v)
        str_addf(out, "%s%s=%s", out->len ? "," : "", key, json_string_value(v));
}

static json_t *scale_of(const struct res *res, const json_t *d)
{
    struct str sel;
    str_init(&sel, 0);
    selector_text(&sel, jat(d, "spec.selector"), res->flags & KIND_CUSTOM);
    json_t *sc = jt("{'kind':'Scale','apiVersion':'autoscaling/v1','metadata':{'name':%s,'namespace':%s,'uid':%s,'resourceVersion':%s,"
                    "'creationTimestamp':%s},'spec':{},'status':{'replicas':%l}}", jstr(d, "metadata.name"), jstr(d, "metadata.namespace"),
                    jstr(d, "metadata.uid"), jstr(d, "metadata.resourceVersion"), jstr(d, "metadata.creationTimestamp"), jint(d, "status.replicas"));
    if (jint(d, "spec.replicas"))
        jset(sc, "spec.replicas", json_integer(jint(d, "spec.replicas")));
    if (sel.len)
        jset(sc, "status.selector", json_string(sel.data));
    str_release(&sel);
    return sc;
}

void kube_scale_get(struct req *r, const struct target *t, struct obj *o)
{
    json_t *d = obj_doc(o), *scale = scale_of(t->res, d);
    if (kube_wants_table(r)) {
        char age[32];
        kube_age(age, sizeof(age), sim_now(r->sim) - stamp_ms(jstr(d, "metadata.creationTimestamp")));
        json_t *row = jt("{'cells':[%s,%l,%l,%s],'object':{'kind':'PartialObjectMetadata','apiVersion':'meta.k8s.io/v1','metadata':%j}}", o->name,
                         jint(scale, "spec.replicas"), jint(scale, "status.replicas"), age, json_incref(jat(scale, "metadata")));
        reply_json(r, 200, jt("{'kind':'Table','apiVersion':'meta.k8s.io/v1','metadata':{'resourceVersion':%s},'columnDefinitions':["
                              "{'name':'Name','type':'string','format':'name','description':'','priority':0},"
                              "{'name':'Desired','type':'integer','format':'','description':'','priority':0},"
                              "{'name':'Available','type':'integer','format':'','description':'','priority':0},"
                              "{'name':'Age','type':'string','format':'','description':'','priority':0}],'rows':[%j]}", kube_rv_text(o->rv, (char[24]){0}), row));
        json_decref(scale);
    } else {
        reply_json(r, 200, scale);
    }
    json_decref(d);
}

static const struct res scale_res = {.group = "autoscaling", .version = "v1", .plural = "scales", .kind = "Scale"};

/* Who wants so many is kept by the name of the program, "kubectl" of "kubectl/v1.31.0 (linux/amd64)"; as in real servers without a time,
 * and of none at all by nobody. */
static void note_scaler(struct req *r, const struct target *t, json_t *d, int64_t n)
{
    const char *given = req_query(r, "fieldManager"), *agent = req_header(r, "User-Agent"), *all = given && *given ? given : agent ? agent : "unknown";
    char *manager = sim_printf("%.*s", given && *given ? (int)strlen(all) : (int)strcspn(all, "/"), all), gv[128];
    json_t *list = jat(d, "metadata.managedFields");
    if (!list) {
        jset(d, "metadata.managedFields", json_array());
        list = jat(d, "metadata.managedFields");
    }
    for (size_t i = json_array_size(list); i-- > 0;)
        if (strcmp(jstr(json_array_get(list, i), "subresource"), "scale") == 0)
            json_array_remove(list, i);
    if (!json_array_size(list))            /* whoever made it */
        json_array_append_new(list, jt("{'manager':%s,'operation':'Update','apiVersion':%s,'time':%s,'fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:template':{}}}}",
                                       json_object_get(jat(d, "metadata.annotations"), "meta.helm.sh/release-name") ? "helm" : "kubectl-client-side-apply",
                                       kube_api_version(t->res, gv), jstr(d, "metadata.creationTimestamp")));
    if (n)
        json_array_append_new(list, jt("{'manager':%s,'operation':'Update','apiVersion':%s,'fieldsType':'FieldsV1','fieldsV1':{'f:spec':{'f:replicas':{}}},"
                                   "'subresource':'scale'}", manager, kube_api_version(t->res, gv)));
    free(manager);
}

void kube_scale_set(struct req *r, const struct target *t, struct obj *o)
{
    bool dry, patch = strcmp(r->method, "PATCH") == 0;
    json_t *d = obj_doc(o), *have = scale_of(t->res, d), *want = NULL;
    if (kube_dry(r, NULL, patch ? "PatchOptions" : "UpdateOptions", &dry))
        want = patch ? kube_apply_patch(r, &scale_res, have) : kube_body(r, &scale_res, "Scale");
    json_decref(have);
    if (!want) {
        json_decref(d);
        return;
    }
    const char *rv = jstr(want, "metadata.resourceVersion"), *uid = jstr(want, "metadata.uid");
    int64_t n = jint(want, "spec.replicas");
    if (n < 0) {
        struct causes c;
        causes_init(&c);
        cause(&c, "FieldValueInvalid", "spec.replicas", "Invalid value: %lld: must be greater than or equal to 0", (long long)n);
        causes_reply(&c, r, "autoscaling", "Scale", t->name);
    } else if (*rv && strtoull(rv, NULL, 10) != o->rv) {
        kube_conflict(r, t);
    } else if (*uid && strcmp(uid, o->uid) != 0) {
        json_t *about = jt("{'name':%s,'group':%s,'kind':%s}", t->name, t->res->group, t->res->plural);
        kube_status(r, 409, "Conflict", about, "Operation cannot be fulfilled on %s/scale.%s \"%s\": Precondition failed: UID in precondition: %s, UID in object "
                    "meta: %s", t->res->plural, t->res->group, t->name, uid, o->uid);
    } else {
        bool change = jint(d, "spec.replicas") != n || !jat(d, "spec.replicas");
        jset(d, "spec.replicas", json_integer(n));
        if (change)
            jset(d, "metadata.generation", json_integer(jint(d, "metadata.generation") + 1));
        if (change && !dry) {
            note_scaler(r, t, d, n);
            struct obj *now = store_put(r->sim, t->res, d);
            d = obj_doc(now);
        }
        reply_json(r, 200, scale_of(t->res, d));
    }
    json_decref(want);
    json_decref(d);
}

/* ---- what schedulers and kubelets ask ---- */
void kube_bind(struct req *r, const struct target *t, struct obj *o)
{
    json_t *in = kube_body(r, t->res, "Binding");
    if (!in)
        return;
    if (*o->node) {
        kube_status(r, 409, "Conflict", jt("{'name':%s,'kind':'pods/binding'}", o->name), "Operation cannot be fulfilled on pods/binding \"%s\": pod %s is "
                    "already assigned to node \"%s\"", o->name, o->name, o->node);
    } else {
        json_t *d = obj_doc(o);
        jset(d, "spec.nodeName", json_string(jstr(in, "target.name")));
        store_put(r->sim, t->res, d);
        reply_json(r, 201, jt("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Success','code':201}"));
    }
    json_decref(in);
}

void kube_token(struct req *r, const struct target *t, struct obj *o)
{
    json_t *in = kube_body(r, t->res, "TokenRequest");
    char hex[65], at[32];
    if (!in)
        return;
    int64_t secs = jat(in, "spec.expirationSeconds") ? jint(in, "spec.expirationSeconds") : 3600;
    hex_id(r->sim, hex, 64);
    reply_json(r, 201, jt("{'kind':'TokenRequest','apiVersion':'authentication.k8s.io/v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s},"
                          "'spec':{'audiences':['https://kubernetes.default.svc'],'expirationSeconds':%l},'status':{'token':%s,'expirationTimestamp':%s}}",
                          o->name, o->ns, stamp(sim_now(r->sim), (char[32]){0}), secs, hex, stamp(sim_now(r->sim) + secs * 1000, at)));
    json_decref(in);
}

/* ---- eviction ---- */
static bool is_ready(const json_t *pod)
{
    json_t *all = jat(pod, "status.conditions"), *c;
    size_t i;
    json_array_foreach(all, i, c)
        if (strcmp(jstr(c, "type"), "Ready") == 0)
            return strcmp(jstr(c, "status"), "True") == 0;
    return false;
}

static bool needs_no_budget(const json_t *pod)
{
    const char *phase = jstr(pod, "status.phase");
    return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0 || strcmp(phase, "Pending") == 0 || jat(pod, "metadata.deletionTimestamp");
}

/* How many budgets cover the pod; *one is the last of them, a new reference. */
static size_t budgets(struct sim *s, const struct obj *pod, json_t **one)
{
    struct res *r = store_find_res(s, "policy", "v1", "poddisruptionbudgets");
    size_t found = 0;
    *one = NULL;
    for (size_t i = store_from(r, pod->ns, "", false); i < r->n && strcmp(r->items[i]->ns, pod->ns) == 0; i++) {
        json_t *d = obj_doc(r->items[i]);
        if (jat(d, "spec.selector") && kube_selector_matches(jat(d, "spec.selector"), pod->labels)) {
            found++;
            json_decref(*one);
            *one = json_incref(d);
        }
        json_decref(d);
    }
    return found;
}

static void over_budget(struct req *r, const json_t *pdb)
{
    bool late = jint(pdb, "status.observedGeneration") < jint(pdb, "metadata.generation");
    char *why = late ? sim_printf("The disruption budget %s is still being processed by the server.", jstr(pdb, "metadata.name"))
                     : sim_printf("The disruption budget %s needs %lld healthy pods and has %lld currently", jstr(pdb, "metadata.name"),
                                  (long long)jint(pdb, "status.desiredHealthy"), (long long)jint(pdb, "status.currentHealthy"));
    json_t *d = jt("{'causes':[{'reason':'DisruptionBudget','message':%s}]}", why);
    if (late) {
        json_object_set_new(d, "retryAfterSeconds", json_integer(10));
        req_head(r, "Retry-After", "10");
    }
    kube_status(r, 429, "TooManyRequests", d, "Cannot evict pod as it would violate the pod's disruption budget.");
    free(why);
}

/* Takes one disruption from the budget; false: refused, and said so. */
static bool spend(struct req *r, json_t *pdb, const json_t *pod, bool dry)
{
    char at[32], key[300];
    int64_t left = jint(pdb, "status.disruptionsAllowed");
    const char *policy = jstr(pdb, "spec.unhealthyPodEvictionPolicy");
    if (!is_ready(pod)) {
        if (strcmp(policy, "AlwaysAllow") == 0)
            return true;
        if (jint(pdb, "status.desiredHealthy") > 0 && jint(pdb, "status.currentHealthy") >= jint(pdb, "status.desiredHealthy"))
            return true;
    }
    if (left <= 0 || jint(pdb, "status.observedGeneration") < jint(pdb, "metadata.generation")) {
        over_budget(r, pdb);
        return false;
    }
    if (dry)
        return true;
    snprintf(key, sizeof(key), "%s", jstr(pod, "metadata.name"));
    jset(pdb, "status.disruptionsAllowed", json_integer(left - 1));
    if (!jat(pdb, "status.disruptedPods"))
        jset(pdb, "status.disruptedPods", json_object());
    json_object_set_new(jat(pdb, "status.disruptedPods"), key, json_string(stamp(sim_now(r->sim), at)));
    json_t *all = jat(pdb, "status.conditions"), *c;
    size_t i;
    json_array_foreach(all, i, c)
        if (left == 1 && strcmp(jstr(c, "type"), "DisruptionAllowed") == 0) {
            json_object_set_new(c, "status", json_string("False"));
            json_object_set_new(c, "reason", json_string("InsufficientPods"));
            json_object_set_new(c, "lastTransitionTime", json_string(at));
        }
    store_put(r->sim, store_find_res(r->sim, "policy", "v1", "poddisruptionbudgets"), json_incref(pdb));
    return true;
}

void kube_evict(struct req *r, const struct target *t, struct obj *o)
{
    json_t *in = kube_body(r, t->res, "Eviction"), *pod = obj_doc(o), *pdb = NULL, *opt;
    bool dry;
    if (!in) {
        json_decref(pod);
        return;
    }
    opt = jat(in, "deleteOptions");
    const char *name = jstr(in, "metadata.name");
    size_t n = needs_no_budget(pod) ? 0 : budgets(r->sim, o, &pdb);
    if (*name && strcmp(name, o->name) != 0)
        kube_status(r, 400, "BadRequest", NULL, "name in URL does not match name in Eviction object");
    else if (!kube_dry(r, opt, "DeleteOptions", &dry))
        ;
    else if (n > 1)
        kube_status(r, 500, NULL, NULL, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
    else if ((!pdb || spend(r, pdb, pod, dry)) && kube_preconditions(r, t->res, o, opt)) {      /* in the server's order */
        if (!dry)
            ctl_delete_pod(r->sim, o, jat(opt, "gracePeriodSeconds") ? jint(opt, "gracePeriodSeconds") : -1);
        reply_json(r, 201, jt("{'kind':'Status','apiVersion':'v1','metadata':{},'status':'Success','code':201}"));
    }
    json_decref(pdb);
    json_decref(pod);
    json_decref(in);
}
