/*
 * What deleting an object takes with it, counted: lists of one object each, whose answer says how many more there are.
 */
#include "core/kube/kube_rq.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

#define METADATA "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
#define TOLL_TIMEOUT_MS 10000       /* a person waits for it */
#define NODE_PODS 1000              /* of a node all are read: the server counts none behind a selector */

/* Of a namespace: what people have in it. */
static const struct counted {
    const char *group, *resource, *one, *many;
} counted[] = {
    {"/api/v1", "pods", "pod", "pods"},
    {"/apis/apps/v1", "deployments", "deployment", "deployments"},
    {"/apis/apps/v1", "statefulsets", "statefulset", "statefulsets"},
    {"/apis/apps/v1", "daemonsets", "daemonset", "daemonsets"},
    {"/apis/batch/v1", "jobs", "job", "jobs"},
    {"/apis/batch/v1", "cronjobs", "cronjob", "cronjobs"},
    {"/api/v1", "persistentvolumeclaims", "persistent volume claim", "persistent volume claims"},
    {"/api/v1", "services", "service", "services"},
    {"/api/v1", "secrets", "secret", "secrets"},
    {"/api/v1", "configmaps", "config map", "config maps"},
};
enum { COUNTED = sizeof(counted) / sizeof(counted[0]) };

struct toll {
    struct kube_op op;
    size_t waiting;
    int64_t count[COUNTED];         /* -1: not known */
    bool more[COUNTED];             /* at least so many */
    struct err err;                 /* why one is not known */
    char noun[130];                 /* of a definition: "gadgets" */
};

static bool ask(struct toll *t, const char *path, op_done_fn *done, void *arg, struct err *err)
{
    struct kube_req rq = {.path = path, .accept = METADATA, .timeout_ms = TOLL_TIMEOUT_MS, .max_body = (size_t)64 << 20};
    return kube_op_send(&t->op, &rq, done, arg, NULL, err);
}

/* -1: the answer does not say. */
static int64_t count_of(const json_t *list, bool *more)
{
    const json_t *items = kube_jget(list, "items");
    const char *token = kube_jstr(list, "metadata.continue");
    int64_t rest = kube_jint(list, "metadata.remainingItemCount", -1);
    if (!json_is_object(list) || (items && !json_is_array(items) && !json_is_null(items)))
        return -1;                  /* no metadata of none is "items": null */
    *more = token && *token && rest < 0;
    return (int64_t)json_array_size(items) + (rest > 0 ? rest : 0);
}

/* ---- a namespace ---- */

static void add_names(struct str *s, const struct toll *t, bool known)
{
    bool first = true;
    for (size_t i = 0; i < COUNTED; i++) {
        const struct counted *c = &counted[i];
        if ((t->count[i] >= 0) != known || !t->count[i])
            continue;
        str_adds(s, first ? "" : ", ");
        first = false;
        if (known)
            str_addf(s, "%s%" PRId64 " %s", t->more[i] ? "at least " : "", t->count[i], t->count[i] == 1 && !t->more[i] ? c->one : c->many);
        else
            str_adds(s, c->many);
    }
}

static void namespace_now(struct toll *t)
{
    struct str known, unknown, out;
    str_init(&known, 0);
    str_init(&unknown, 0);
    str_init(&out, 0);
    add_names(&known, t, true);
    add_names(&unknown, t, false);
    if (known.len)
        str_addf(&out, "in it are %s\n", known.data);
    else if (!unknown.len)
        str_adds(&out, "no pods, workloads, claims, services, secrets or config maps are in it now\n");
    if (unknown.len)
        str_addf(&out, "NOT counted: %s (%s)\n", unknown.data, t->err.msg);
    out.failed |= known.failed || unknown.failed;
    str_release(&known);
    str_release(&unknown);
    kube_op_end_str(&t->op, &out, NULL);
}

static void one_counted(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct toll *t = (struct toll *)op;
    size_t i = (size_t)((int64_t *)arg - t->count);
    struct err err = ERR_INIT;
    json_t *j = kube_json(r, &err);
    t->count[i] = count_of(j, &t->more[i]);
    if (t->count[i] < 0 && t->err.code == ERR_OK)
        t->err = err;
    json_decref(j);
    if (--t->waiting == 0)
        namespace_now(t);
}

static void ask_namespace(struct toll *t)
{
    t->waiting = 1;
    for (size_t i = 0; i < COUNTED; i++) {
        struct str path;
        struct err err = ERR_INIT;
        t->count[i] = -1;
        str_init(&path, 0);
        str_addf(&path, "%s/namespaces/", counted[i].group);
        str_add_urlenc(&path, t->op.rq->name);
        str_addf(&path, "/%s?limit=1", counted[i].resource);
        t->waiting++;
        if (path.failed || !ask(t, path.data, one_counted, &t->count[i], &err)) {
            t->waiting--;
            t->err = err;
        }
        str_release(&path);
    }
    if (--t->waiting == 0)
        namespace_now(t);
}

/* ---- a definition: what it calls its objects, then how many there are ---- */

static void objects_counted(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct toll *t = (struct toll *)op;
    struct err err = ERR_INIT;
    bool more = false;
    (void)arg;
    json_t *j = kube_json(r, &err);
    int64_t n = count_of(j, &more);
    json_decref(j);
    if (n < 0 && r->status == 404)
        kube_op_endf(&t->op, "the server does not serve %s: how many there are is not known\n", t->noun);
    else if (n < 0)
        kube_op_endf(&t->op, "NOT counted: how many %s there are (%s)\n", t->noun, err.msg);
    else if (!n)
        kube_op_endf(&t->op, "there are no %s now\n", t->noun);
    else if (n == 1 && !more)
        kube_op_endf(&t->op, "the only one of the %s goes with it\n", t->noun);
    else
        kube_op_endf(&t->op, "%s %" PRId64 " %s go with it\n", more ? "at least" : "all", n, t->noun);
}

static const char *served_version(const json_t *crd)
{
    const char *name = NULL;
    const json_t *v;
    size_t i;
    json_array_foreach(kube_jget(crd, "spec.versions"), i, v)
        if (json_is_true(kube_jget(v, "served")) && (!name || json_is_true(kube_jget(v, "storage"))))
            name = kube_jstr(v, "name");
    return name;
}

static void definition_read(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct toll *t = (struct toll *)op;
    struct err err = ERR_INIT;
    struct str path, noun;
    (void)arg;
    json_t *crd = kube_json(r, &err);
    const char *group = kube_jstr(crd, "spec.group"), *plural = kube_jstr(crd, "spec.names.plural"), *version = served_version(crd);
    if (!crd || !group || !plural || !version) {
        kube_op_endf(&t->op, "NOT counted: how many objects there are (%s)\n", crd ? "no version of it is served" : err.msg);
        json_decref(crd);
        return;
    }
    str_init(&noun, 4096);
    text_clean(&noun, plural, strlen(plural), 0);
    snprintf(t->noun, sizeof t->noun, "%s", noun.data ? noun.data : "objects");
    str_release(&noun);
    str_init(&path, 0);
    str_adds(&path, "/apis/");
    str_add_urlenc(&path, group);
    str_addc(&path, '/');
    str_add_urlenc(&path, version);
    str_addc(&path, '/');
    str_add_urlenc(&path, plural);
    str_adds(&path, "?limit=1");
    if (path.failed)
        kube_op_fail(op, ERR_NOMEM, "out of memory");
    else if (!ask(t, path.data, objects_counted, NULL, &err))
        kube_op_end(op, NULL, 0, &err);
    str_release(&path);
    json_decref(crd);
}

/* ---- a volume ---- */

static void volume_read(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct toll *t = (struct toll *)op;
    struct err err = ERR_INIT;
    struct str s;
    (void)arg;
    json_t *pv = kube_json(r, &err);
    const char *policy = kube_jstr(pv, "spec.persistentVolumeReclaimPolicy"), *phase = kube_jstr(pv, "status.phase");
    const char *ns = kube_jstr(pv, "spec.claimRef.namespace"), *claim = kube_jstr(pv, "spec.claimRef.name");
    if (!pv) {
        kube_op_endf(&t->op, "its claim and policy could not be read (%s)\n", err.msg);
        return;
    }
    str_init(&s, 0);
    str_adds(&s, "its policy is ");
    text_clean(&s, policy ? policy : "not known", strlen(policy ? policy : "not known"), 0);
    str_adds(&s, !claim ? ", no claim has it" : phase && !strcmp(phase, "Bound") ? ", the claim bound to it is " : ", the claim that had it is ");
    if (claim) {
        text_clean(&s, ns ? ns : "?", strlen(ns ? ns : "?"), 0);
        str_addc(&s, '/');
        text_clean(&s, claim, strlen(claim), 0);
    }
    str_addc(&s, '\n');
    json_decref(pv);
    kube_op_end_str(op, &s, NULL);
}

/* ---- a node ---- */

static void node_counted(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct toll *t = (struct toll *)op;
    struct err err = ERR_INIT;
    bool more = false;
    size_t i, alone = 0;
    const json_t *pod;
    (void)arg;
    json_t *j = kube_json(r, &err);
    int64_t n = count_of(j, &more);
    json_array_foreach(kube_jget(j, "items"), i, pod)
        alone += json_array_size(kube_jget(pod, "metadata.ownerReferences")) == 0;
    json_decref(j);
    if (n < 0)
        kube_op_endf(&t->op, "NOT counted: the pods on it (%s)\n", err.msg);
    else if (!n)
        kube_op_endf(&t->op, "no pod is on it\n");
    else if (alone)
        kube_op_endf(&t->op, "%s%" PRId64 " pod%s on it; %zu will NOT come back: nothing owns %s\n", more ? "at least " : "", n, n == 1 ? " is" : "s are",
            alone, alone == 1 ? "it" : "them");
    else
        kube_op_endf(&t->op, "%s%" PRId64 " pod%s on it, all with an owner\n", more ? "at least " : "", n, n == 1 ? " is" : "s are");
}

static void ask_node(struct toll *t)
{
    struct str path;
    struct err err = ERR_INIT;
    str_init(&path, 0);
    str_adds(&path, "/api/v1/pods?fieldSelector=spec.nodeName%3D");
    str_add_urlenc(&path, t->op.rq->name);
    str_addf(&path, "&limit=%d", NODE_PODS);
    if (path.failed)
        kube_op_fail(&t->op, ERR_NOMEM, "out of memory");
    else if (!ask(t, path.data, node_counted, NULL, &err))
        kube_op_end(&t->op, NULL, 0, &err);
    str_release(&path);
}

/* ---- */

static void start(struct kube_op *op)
{
    struct toll *t = (struct toll *)op;
    const char *resource = op->kind->kube->resource;
    kube_op_hold(op);
    if (!strcmp(resource, "namespaces"))
        ask_namespace(t);
    else if (!strcmp(resource, "customresourcedefinitions"))
        kube_op_get_object(op, TOLL_TIMEOUT_MS, definition_read);
    else if (!strcmp(resource, "persistentvolumes"))
        kube_op_get_object(op, TOLL_TIMEOUT_MS, volume_read);
    else if (!strcmp(resource, "nodes"))
        ask_node(t);
    else
        kube_op_fail(op, ERR_UNSUPPORTED, "nothing is counted for this kind");
    kube_op_drop(op);
}

void kube_toll(struct source *s, struct request *rq)
{
    struct toll *t = kube_op_new(s, rq, sizeof *t, NULL);
    if (t)
        kube_op_resolve(&t->op, start);
}
