/* Looks at a pod and at what would bring it back: pod, owner, its owner, siblings, budgets, quotas, volumes; then the plan. */
#include <stdio.h>
#include <string.h>

#include "core/kube/kube_rq.h"
#include "core/stage/stage_priv.h"
#include "strata/mem.h"
#include "strata/text.h"

struct look;
struct look_call {
    struct look_call *next;
    struct look *look;
    struct kube_call *call;
    void (*got)(struct look *l, size_t at, json_t *doc, const struct err *err, int status);    /* doc borrowed, NULL with err */
    size_t at;
};

struct look {
    struct kube_source *ks;
    void (*done)(void *arg, const struct look_result *r);
    void *arg;
    struct look_call *calls;
    char *ns, *name, *uid, *node;
    const struct kind *kind;
    json_t *pod, *workload, *owner, *top, *pods, *budgets, *quotas, *scalers, *access, *claim[PLAN_CLAIMS], *volume[PLAN_CLAIMS];
    size_t nclaims;
    bool owner_gone;
    char owner_err[200], pods_err[200], budgets_err[160];
    struct look_result result;
    bool freeing;
};

static void try_end(struct look *l)
{
    if (l->calls || l->freeing)
        return;
    if (l->result.err.code == ERR_OK) {
        struct plan_in in = {.pod = l->pod, .owner = l->owner, .top = l->top, .pods = l->pods, .budgets = l->budgets, .quotas = l->quotas, .scalers = l->scalers, .access = l->access,
                             .nclaims = l->nclaims, .owner_gone = l->owner_gone, .owner_err = l->owner_err, .pods_err = l->pods_err,
                             .budgets_err = l->budgets_err};
        for (size_t i = 0; i < l->nclaims; i++) {
            in.claim[i] = l->claim[i];
            in.volume[i] = l->volume[i];
        }
        plan_make(&l->result.plan, &in);
    }
    l->done(l->arg, &l->result);       /* may free l */
}

static void fail(struct look *l, const struct err *err)
{
    if (l->result.err.code == ERR_OK)
        l->result.err = *err;
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct look_call *c = arg;
    struct look *l = c->look;
    struct err err = ERR_INIT;
    for (struct look_call **p = &l->calls; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            break;
        }
    if (!l->freeing) {
        json_t *doc = kube_json(r, &err);
        c->got(l, c->at, doc, &err, r->status);
        json_decref(doc);
        try_end(l);
    }
    mem_free(c);
}

/* body: of a POST that only asks; NULL = GET */
static void ask(struct look *l, const char *path, const char *body, size_t at, void (*got)(struct look *, size_t, json_t *, const struct err *, int))
{
    struct look_call *c = mem_zalloc(sizeof *c);
    struct kube_req rq = {.method = body ? "POST" : NULL, .path = path, .content_type = body ? "application/json" : NULL, .body = body,
                          .body_len = body ? strlen(body) : 0, .safe = body != NULL, .retries = 2, .on_done = on_done, .arg = c,
                          .max_body = (size_t)128 << 20};
    struct err err = ERR_INIT;
    if (c) {
        *c = (struct look_call){.next = l->calls, .look = l, .got = got, .at = at};
        l->calls = c;
        c->call = kube_send(l->ks, &rq, &err);
        if (c->call)
            return;
        l->calls = c->next;
        mem_free(c);
    } else {
        err_set(&err, ERR_NOMEM, 0, "out of memory");
    }
    fail(l, &err);
}

static void get(struct look *l, const char *path, size_t at, void (*got)(struct look *, size_t, json_t *, const struct err *, int))
{
    ask(l, path, NULL, at, got);
}

static void get_object(struct look *l, const struct kind *k, const char *name, size_t at,
                       void (*got)(struct look *, size_t, json_t *, const struct err *, int))
{
    struct str path;
    str_init(&path, 8192);
    if (kube_path(&path, k, k->flags & KIND_NAMESPACED ? l->ns : NULL, name, NULL))
        get(l, path.data, at, got);
    str_release(&path);
}

/* "/PREFIX/namespaces/NS/RESOURCE" + more */
static void get_in_ns(struct look *l, const char *prefix, const char *resource, const char *name, const char *query, size_t at,
                      void (*got)(struct look *, size_t, json_t *, const struct err *, int))
{
    struct str path;
    str_init(&path, 1 << 16);
    str_addf(&path, "%s/namespaces/", prefix);
    str_add_urlenc(&path, l->ns);
    str_addf(&path, "/%s", resource);
    if (name) {
        str_addc(&path, '/');
        str_add_urlenc(&path, name);
    }
    if (query && *query) {
        str_adds(&path, "?labelSelector=");
        str_add_urlenc(&path, query);
    }
    if (!path.failed)
        get(l, path.data, at, got);
    str_release(&path);
}

/* ---- what belongs to the pod ---- */

static void got_volume(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)err;
    (void)status;
    l->volume[at] = json_incref(doc);
}

static void got_claim(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)err;
    (void)status;
    struct str path;
    const char *volume = kube_jstr(doc, "spec.volumeName");
    l->claim[at] = json_incref(doc);
    if (!volume)
        return;
    str_init(&path, 8192);
    str_adds(&path, "/api/v1/persistentvolumes/");
    str_add_urlenc(&path, volume);
    get(l, path.data, at, got_volume);
    str_release(&path);
}

static void got_pods(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)status;
    l->pods = json_incref(doc);
    if (!doc)
        snprintf(l->pods_err, sizeof l->pods_err, "%.190s", err->msg);
}

static void got_budgets(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)status;
    l->budgets = json_incref(doc);
    if (!doc)
        snprintf(l->budgets_err, sizeof l->budgets_err, "%.150s", err->msg);
}

static void got_quotas(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)err;
    (void)status;
    l->quotas = json_incref(doc);
}

static void got_scalers(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)err;
    (void)status;
    l->scalers = json_incref(doc);
}

static void got_access(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)err;
    (void)status;
    l->access = json_incref(doc);
}

/* May we delete it? Better known before anything is measured. Who cannot ask learns it from the delete. */
static void ask_access(struct look *l)
{
    struct str body;
    const char *name = kube_jstr(l->pod, "metadata.name");
    str_init(&body, 4096);
    str_adds(&body, "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\",\"spec\":{\"resourceAttributes\":"
                    "{\"verb\":\"delete\",\"group\":\"\",\"resource\":\"pods\",\"namespace\":");
    str_add_json(&body, l->ns, strlen(l->ns));
    str_adds(&body, ",\"name\":");
    str_add_json(&body, name ? name : "", name ? strlen(name) : 0);
    str_adds(&body, "}}}");
    if (!body.failed)
        ask(l, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body.data, 0, got_access);
    str_release(&body);
}

static void list_pods(struct look *l, const json_t *owner, void (*got)(struct look *, size_t, json_t *, const struct err *, int))
{
    struct str sel;
    str_init(&sel, sizeof l->result.selector);
    const json_t *s = kube_jget(owner, "spec.selector");
    if (s && kube_selector(&sel, s) && sel.len)
        snprintf(l->result.selector, sizeof l->result.selector, "%s", sel.data);
    str_release(&sel);
    get_in_ns(l, "/api/v1", "pods", NULL, l->result.selector, 0, got);
}

static void workload_is(struct look *l, const char *kind_id, const char *name, const char *uid)
{
    l->result.workload = kind_find(kind_id);
    snprintf(l->result.workload_name, sizeof l->result.workload_name, "%s", name ? name : "");
    snprintf(l->result.workload_uid, sizeof l->result.workload_uid, "%s", uid ? uid : "");
}

static void got_top(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)err;
    (void)status;
    const char *want = kube_jstr(plan_controller(l->owner), "uid"), *uid = kube_jstr(doc, "metadata.uid");
    if (!uid || !want || strcmp(uid, want))
        return;
    l->top = json_incref(doc);
    if (!kube_jstr(doc, "kind"))
        json_object_set_new(l->top, "kind", json_string("Deployment"));
    workload_is(l, "deployments", kube_jstr(doc, "metadata.name"), uid);
}

static void got_owner(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    const json_t *ref = plan_controller(l->pod), *above;
    const char *want = kube_jstr(ref, "uid"), *uid = kube_jstr(doc, "metadata.uid"), *id = NULL;
    if (!doc) {
        l->owner_gone = status == 404;
        snprintf(l->owner_err, sizeof l->owner_err, "%.190s", err->msg);
        return;
    }
    if (!uid || !want || strcmp(uid, want)) {
        l->owner_gone = true;
        return;
    }
    l->owner = json_incref(doc);
    if (plan_owner_kind(kube_jstr(ref, "kind") ? kube_jstr(ref, "kind") : "", &id))
        workload_is(l, id, kube_jstr(doc, "metadata.name"), uid);
    list_pods(l, doc, got_pods);
    above = plan_controller(doc);
    if (above && !strcmp(kube_jstr(above, "kind") ? kube_jstr(above, "kind") : "", "Deployment") && kube_jstr(above, "name"))
        get_object(l, kind_find("deployments"), kube_jstr(above, "name"), 0, got_top);
}

static void about_pod(struct look *l)
{
    const json_t *ref = plan_controller(l->pod), *vols = kube_jget(l->pod, "spec.volumes");
    const char *id = NULL, *kind = kube_jstr(ref, "kind"), *name = kube_jstr(ref, "name");
    if (kind && name && plan_owner_kind(kind, &id) && kind_find(id))
        get_object(l, kind_find(id), name, 0, got_owner);
    else if (ref)
        get_in_ns(l, "/api/v1", "pods", NULL, NULL, 0, got_pods);
    ask_access(l);
    get_in_ns(l, "/apis/policy/v1", "poddisruptionbudgets", NULL, NULL, 0, got_budgets);
    get_in_ns(l, "/api/v1", "resourcequotas", NULL, NULL, 0, got_quotas);
    get_in_ns(l, "/apis/autoscaling/v2", "horizontalpodautoscalers", NULL, NULL, 0, got_scalers);
    for (size_t i = 0; i < json_array_size(vols) && l->nclaims < PLAN_CLAIMS; i++) {
        const char *claim = kube_jstr(json_array_get(vols, i), "persistentVolumeClaim.claimName");
        if (claim)
            get_in_ns(l, "/api/v1", "persistentvolumeclaims", claim, NULL, l->nclaims++, got_claim);
    }
}

static void got_pod(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)status;
    const char *uid = kube_jstr(doc, "metadata.uid");
    struct err why = *err;
    if (!doc) {
        fail(l, &why);
    } else if (!uid || (*l->uid && strcmp(uid, l->uid))) {
        err_set(&why, ERR_GONE, 0, "the pod that was selected is gone: this is another one of its name");
        fail(l, &why);
    } else {
        l->pod = json_incref(doc);
        about_pod(l);
    }
}

/* ---- a workload: which of its pods? ---- */

static void got_candidates(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)status;
    struct err why = *err;
    bool direct = strcmp(l->kind->id, "deployments") != 0;
    const json_t *pod = plan_choose(doc, direct ? kube_jstr(l->workload, "metadata.uid") : NULL, l->node);
    char text[300], name[160];
    stage_text(name, sizeof name, l->name);
    if (!doc) {
        fail(l, &why);
    } else if (!pod) {
        err_set(&why, ERR_NOTFOUND, 0, "%s %s has no pod that is ready: there is nothing to take away", l->kind->singular, name);
        fail(l, &why);
    } else {
        snprintf(text, sizeof text, "%.140s, the newest of its ready pods", kube_jstr(pod, "metadata.name") ? kube_jstr(pod, "metadata.name") : "?");
        stage_text(l->result.chosen, sizeof l->result.chosen, text);
        l->pod = json_incref((json_t *)pod);
        about_pod(l);
    }
}

static void got_workload(struct look *l, size_t at, json_t *doc, const struct err *err, int status)
{
    (void)at;
    (void)status;
    struct err why = *err;
    char name[160];
    stage_text(name, sizeof name, l->name);
    if (!doc) {
        fail(l, &why);
        return;
    }
    l->workload = json_incref(doc);
    if (json_is_integer(kube_jget(doc, "spec.replicas")) && kube_jint(doc, "spec.replicas", 1) == 0) {
        err_set(&why, ERR_REQUEST, 0, "%s %s is scaled to 0: it has no pod to take away, and none would come back", l->kind->singular, name);
        fail(l, &why);
    } else {
        list_pods(l, doc, got_candidates);
    }
}

/* ---- life ---- */

struct look *look_start(struct kube_source *ks, const struct look_target *t, void (*done)(void *arg, const struct look_result *r), void *arg)
{
    struct look *l = mem_zalloc(sizeof *l);
    if (!l)
        return NULL;
    l->ks = ks;
    l->done = done;
    l->arg = arg;
    l->kind = t->kind;
    l->ns = mem_strdup(t->ns);
    l->name = mem_strdup(t->name);
    l->uid = mem_strdup(t->uid ? t->uid : "");
    l->node = mem_strdup(t->node);
    if (!l->ns || !l->name || !l->uid || (t->node && !l->node)) {
        look_free(l);
        return NULL;
    }
    get_object(l, t->kind, t->name, 0, !strcmp(t->kind->id, "pods") ? got_pod : got_workload);
    if (l->calls)
        return l;
    look_free(l);
    return NULL;
}

void look_free(struct look *l)
{
    if (!l)
        return;
    l->freeing = true;
    while (l->calls)
        kube_cancel(l->calls->call);                      /* on_done unlinks it */
    json_t *docs[] = {l->pod, l->workload, l->owner, l->top, l->pods, l->budgets, l->quotas, l->scalers, l->access};
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
        json_decref(docs[i]);
    for (size_t i = 0; i < PLAN_CLAIMS; i++) {
        json_decref(l->claim[i]);
        json_decref(l->volume[i]);
    }
    mem_free(l->ns);
    mem_free(l->name);
    mem_free(l->uid);
    mem_free(l->node);
    mem_free(l);
}
