/* The pod that stands for a workload or a service where a pod is needed (exec, attach, port-forward), chosen as kubectl does. */
#include <string.h>

#include "core/kube/kube_priv.h"
#include "core/kube/kube_rq.h"
#include "strata/mem.h"
#include "strata/text.h"

static bool is_ready(const json_t *pod, int64_t *since_ms)
{
    json_t *list = kube_jget(pod, "status.conditions");
    *since_ms = INT64_MAX;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        const char *type = kube_jstr(c, "type"), *status = kube_jstr(c, "status"), *at = kube_jstr(c, "lastTransitionTime");
        if (!type || !status || strcmp(type, "Ready") != 0)
            continue;
        if (at)
            text_parse_time(at, strlen(at), since_ms);
        return !strcmp(status, "True");
    }
    return false;
}

static int restarts(const json_t *pod)
{
    json_t *list = kube_jget(pod, "status.containerStatuses");
    int64_t most = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t n = kube_jint(json_array_get(list, i), "restartCount", 0);
        most = n > most ? n : most;
    }
    return most > INT32_MAX ? INT32_MAX : (int)most;
}

static int phase(const json_t *pod)
{
    const char *p = kube_jstr(pod, "status.phase");
    return p && !strcmp(p, "Running") ? 2 : p && !strcmp(p, "Unknown") ? 1 : 0;
}

/* Is a the better one? One that does not end, has a node, runs, is ready, is ready for longer, restarted less. */
static bool better(const json_t *a, const json_t *b)
{
    int64_t since_a, since_b;
    const char *node_a = kube_jstr(a, "spec.nodeName"), *node_b = kube_jstr(b, "spec.nodeName");
    bool ends_a = kube_jget(a, "metadata.deletionTimestamp"), ends_b = kube_jget(b, "metadata.deletionTimestamp");
    bool ready_a = is_ready(a, &since_a), ready_b = is_ready(b, &since_b);
    int d[] = {ends_b - ends_a, (node_a && *node_a) - (node_b && *node_b), phase(a) - phase(b), ready_a - ready_b,
               ready_a ? (since_a < since_b) - (since_a > since_b) : 0, restarts(b) - restarts(a)};
    for (size_t i = 0; i < sizeof d / sizeof *d; i++)
        if (d[i])
            return d[i] > 0;
    return false;                       /* the first of the list */
}

static void pods_read(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    json_t *list = kube_json(r, &err), *items = kube_jget(list, "items"), *best = NULL;
    (void)arg;
    for (size_t i = 0; i < json_array_size(items); i++)
        if (!best || better(json_array_get(items, i), best))
            best = json_array_get(items, i);
    const char *name = kube_jstr(best, "metadata.name");
    if (!list)
        kube_op_end(op, NULL, 0, &err);
    else if (!name)
        kube_op_fail(op, ERR_NOTFOUND, "%s %s has no pod", op->kind->singular, op->rq->name);
    else
        kube_op_endf(op, "%s", name);
    json_decref(list);
}

static void object_read(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct err err = ERR_INIT;
    struct str path, selector;
    json_t *o = kube_json(r, &err), *want = kube_jget(o, "spec.selector");
    (void)arg;
    str_init(&path, 0);
    str_init(&selector, 0);
    if (!o)
        kube_op_end(op, NULL, 0, &err);
    else if (!json_object_size(want) || !kube_selector(&selector, want) || !selector.len)
        kube_op_fail(op, ERR_UNSUPPORTED, "%s %s selects no pods: name a pod", op->kind->singular, op->rq->name);
    else if (kube_path(&path, kind_find("pods"), kube_jstr(o, "metadata.namespace"), NULL, NULL) && str_adds(&path, "?labelSelector=") &&
             str_add_urlenc(&path, selector.data)) {
        if (!kube_op_get(op, path.data, pods_read, NULL, &err) && !op->ended)
            kube_op_end(op, NULL, 0, &err);
    } else
        kube_op_fail(op, ERR_NOMEM, "out of memory");
    str_release(&path);
    str_release(&selector);
    json_decref(o);
}

static void ask(struct kube_op *op)
{
    kube_op_get_object(op, 0, object_read);
}

void kube_pod_of(struct source *s, struct request *rq)
{
    struct kube_op *op = kube_op_new(s, rq, sizeof *op, NULL);
    if (op)
        kube_op_resolve(op, ask);
}
