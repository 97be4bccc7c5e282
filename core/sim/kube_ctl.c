/* The mini controllers and kubelets: pods that start step by step, are replaced, crash and restart; counts kept level. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/sim.h"

#define BEHAVIOUR "sim.strata/behaviour"

struct who { char *ns, *name, *uid; int step; };

static struct who *who_new(const char *ns, const char *name, const char *uid)
{
    struct who *w = sim_alloc(sizeof(*w));
    *w = (struct who){sim_strdup(ns), sim_strdup(name), sim_strdup(uid), 0};
    return w;
}

static void who_free(struct who *w)
{
    free(w->ns);
    free(w->name);
    free(w->uid);
    free(w);
}

static struct res *pods_of(struct sim *s)
{
    return store_find_res(s, "", "v1", "pods");
}

static struct obj *still_there(struct sim *s, const struct who *w)
{
    struct obj *o = store_get(pods_of(s), w->ns, w->name);
    return o && strcmp(o->uid, w->uid) == 0 ? o : NULL;
}

static const char *now_stamp(struct sim *s, char buf[32])
{
    return stamp(sim_now(s), buf);
}

void kube_event(struct sim *s, const json_t *about, const char *type, const char *reason, const char *component, int count,
                int64_t first_ms, int64_t last_ms, const char *message)
{
    char a[32], b[32], hex[17];
    const char *ns = jstr(about, "metadata.namespace");
    hex_id(s, hex, 16);
    char *name = sim_printf("%s.%s", jstr(about, "metadata.name"), hex);
    stamp(first_ms, a);
    stamp(last_ms, b);
    json_t *e = jt("{'kind':'Event','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s},"
                   "'involvedObject':{'kind':%s,'namespace':%s,'name':%s,'uid':%s,'apiVersion':%s,'resourceVersion':%s},'reason':%s,"
                   "'message':%s,'source':{'component':%s},'firstTimestamp':%s,'lastTimestamp':%s,'count':%i,'type':%s,'eventTime':null,"
                   "'reportingComponent':%s,'reportingInstance':''}", name, *ns ? ns : "default", a, jstr(about, "kind"), ns,
                   jstr(about, "metadata.name"), jstr(about, "metadata.uid"), jstr(about, "apiVersion"),
                   jstr(about, "metadata.resourceVersion"), reason, message, component, a, b, count, type, component);
    store_put(s, store_find_res(s, "", "v1", "events"), e);
    free(name);
}

static void tell(struct sim *s, const json_t *about, const char *type, const char *reason, const char *component, const char *message)
{
    kube_event(s, about, type, reason, component, 1, sim_now(s), sim_now(s), message);
}

/* ---- status of pods ---- */
static void condition(json_t *pod, const char *type, bool yes, const char *at, const char *reason, const char *message)
{
    json_t *all = jat(pod, "status.conditions"), *c = jt("{'type':%s,'status':%s,'lastProbeTime':null,'lastTransitionTime':%s}", type,
                                                         yes ? "True" : "False", at);
    if (reason)
        json_object_set_new(c, "reason", json_string(reason));
    if (message)
        json_object_set_new(c, "message", json_string(message));
    if (!all) {
        jset(pod, "status.conditions", json_array());
        all = jat(pod, "status.conditions");
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        if (strcmp(jstr(json_array_get(all, i), "type"), type) == 0) {
            json_array_set_new(all, i, c);
            return;
        }
    }
    json_array_append_new(all, c);
}

static json_t *container_status(struct sim *s, const json_t *spec, json_t *state, bool ready, int64_t restarts, json_t *last)
{
    char id[65];
    hex_id(s, id, 64);
    char *cid = sim_printf("containerd://%s", id), *iid = sim_printf("%s@sha256:%s", jstr(spec, "image"), id);
    bool waiting = json_object_get(state, "waiting") != NULL;
    json_t *c = jt("{'name':%s,'state':%j,'lastState':%j,'ready':%b,'restartCount':%l,'image':%s,'imageID':%s,'started':%b}", jstr(spec, "name"),
                   state, last ? last : json_object(), ready, restarts, jstr(spec, "image"), waiting ? "" : iid, !waiting);
    if (!waiting)
        json_object_set_new(c, "containerID", json_string(cid));
    free(cid);
    free(iid);
    return c;
}

static void set_statuses(struct sim *s, json_t *pod, const char *key, const char *specs, json_t *(*state)(const char *at), const char *at,
                         bool ready, int64_t restarts)
{
    json_t *all = json_array(), *list = jat(pod, specs);
    for (size_t i = 0; i < json_array_size(list); i++)
        json_array_append_new(all, container_status(s, json_array_get(list, i), state(at), ready, restarts, NULL));
    if (json_array_size(all))
        jset(pod, key, all);
    else
        json_decref(all);
}

static json_t *st_running(const char *at)
{
    return jt("{'running':{'startedAt':%s}}", at);
}

static json_t *st_creating(const char *at)
{
    (void)at;
    return jt("{'waiting':{'reason':'ContainerCreating'}}");
}

static json_t *st_initializing(const char *at)
{
    (void)at;
    return jt("{'waiting':{'reason':'PodInitializing'}}");
}

static json_t *st_completed(const char *at)
{
    return jt("{'terminated':{'exitCode':0,'reason':'Completed','startedAt':%s,'finishedAt':%s}}", at, at);
}

static json_t *st_pull(const char *at)
{
    (void)at;
    return jt("{'waiting':{'reason':'ImagePullBackOff','message':'Back-off pulling image: ErrImagePull: not found'}}");
}

static void readiness(json_t *pod, bool ready, const char *at)
{
    condition(pod, "Ready", ready, at, ready ? NULL : "ContainersNotReady", ready ? NULL : "containers with unready status");
    condition(pod, "ContainersReady", ready, at, ready ? NULL : "ContainersNotReady", ready ? NULL : "containers with unready status");
}

static void set_address(struct sim *s, json_t *pod)
{
    if (*jstr(pod, "status.podIP"))
        return;
    unsigned n = (unsigned)(sim_rand(s) % 60000) + 2;
    char *ip = sim_printf("10.128.%u.%u", n >> 8, n & 255);
    jset(pod, "status.podIP", json_string(ip));
    jset(pod, "status.podIPs", jt("[{'ip':%s}]", ip));
    free(ip);
}

static void schedule(struct sim *s, json_t *pod, const char *node, const char *at)
{
    struct res *nodes = store_find_res(s, "", "v1", "nodes");
    struct obj *o = node ? store_get(nodes, "", node) : nodes->n ? nodes->items[sim_rand(s) % nodes->n] : NULL;
    if (!o)
        return;
    json_t *n = obj_doc(o);
    jset(pod, "spec.nodeName", json_string(o->name));
    jset(pod, "status.hostIP", json_string(jstr(n, "status.addresses.0.address")));
    jset(pod, "status.hostIPs", jt("[{'ip':%s}]", jstr(n, "status.addresses.0.address")));
    condition(pod, "PodScheduled", true, at, NULL, NULL);
    json_decref(n);
}

static void started(struct sim *s, json_t *pod, const char *at, bool ready)
{
    jset(pod, "status.phase", json_string("Running"));
    jset(pod, "status.startTime", json_string(at));
    set_address(s, pod);
    condition(pod, "PodReadyToStartContainers", true, at, NULL, NULL);
    condition(pod, "Initialized", true, at, NULL, NULL);
    set_statuses(s, pod, "status.initContainerStatuses", "spec.initContainers", st_completed, at, true, 0);
    set_statuses(s, pod, "status.containerStatuses", "spec.containers", st_running, at, ready, 0);
    readiness(pod, ready, at);
}

/* A crash: the container waits in CrashLoopBackOff after so many restarts. */
static void crashed(struct sim *s, json_t *pod, int64_t restarts, int64_t at_ms)
{
    char at[32], from[32];
    stamp(at_ms, at);
    stamp(at_ms - 2000, from);
    const json_t *spec = jat(pod, "spec.containers.0");
    char *msg = sim_printf("back-off 5m0s restarting failed container=%s pod=%s_%s(%s)", jstr(spec, "name"), jstr(pod, "metadata.name"),
                           jstr(pod, "metadata.namespace"), jstr(pod, "metadata.uid"));
    json_t *last = jt("{'terminated':{'exitCode':1,'reason':'Error','startedAt':%s,'finishedAt':%s}}", from, at);
    json_t *state = jt("{'waiting':{'reason':'CrashLoopBackOff','message':%s}}", msg);
    json_t *all = json_array();
    json_array_append_new(all, container_status(s, spec, state, false, restarts, last));
    jset(pod, "status.containerStatuses", all);
    readiness(pod, false, at);
    free(msg);
}

void ctl_pod_running(struct sim *s, json_t *pod, const char *node, int64_t at_ms)
{
    const char *how = json_string_value(json_object_get(jat(pod, "metadata.annotations"), BEHAVIOUR));
    char at[32];
    stamp(at_ms, at);
    how = how ? how : "ok";
    if (strcmp(how, "unschedulable") == 0) {
        condition(pod, "PodScheduled", false, at, "Unschedulable", "0/7 nodes are available: 7 Insufficient memory.");
        return;
    }
    schedule(s, pod, node, at);
    if (strcmp(how, "init") == 0) {
        json_t *list = jat(pod, "spec.initContainers"), *all = json_array();
        jset(pod, "status.startTime", json_string(at));
        set_address(s, pod);
        condition(pod, "Initialized", false, at, "ContainersNotInitialized", "containers with incomplete status");
        for (size_t i = 0; i < json_array_size(list); i++)
            json_array_append_new(all, container_status(s, json_array_get(list, i), i ? st_initializing(at) : st_running(at), false, 0, NULL));
        jset(pod, "status.initContainerStatuses", all);
        set_statuses(s, pod, "status.containerStatuses", "spec.containers", st_initializing, at, false, 0);
        readiness(pod, false, at);
        return;
    }
    started(s, pod, at, true);
    if (strcmp(how, "crash") == 0) {
        crashed(s, pod, 41, at_ms + 60000);
    } else if (strcmp(how, "pull") == 0 || strcmp(how, "creating") == 0) {
        jset(pod, "status.phase", json_string("Pending"));
        set_statuses(s, pod, "status.containerStatuses", "spec.containers", how[0] == 'p' ? st_pull : st_creating, at, false, 0);
        readiness(pod, false, at);
    } else if (strcmp(how, "completed") == 0) {
        jset(pod, "status.phase", json_string("Succeeded"));
        set_statuses(s, pod, "status.containerStatuses", "spec.containers", st_completed, at, false, 0);
        condition(pod, "Ready", false, at, "PodCompleted", NULL);
        condition(pod, "ContainersReady", false, at, "PodCompleted", NULL);
    }
}

/* ---- counts of the owners ---- */
static struct obj *owner_of(struct sim *s, const char *ns, const json_t *doc)
{
    const char *kind = jstr(doc, "metadata.ownerReferences.0.kind"), *name = jstr(doc, "metadata.ownerReferences.0.name");
    for (size_t i = 0; *kind && i < s->nres; i++)
        if (s->res[i]->kind && strcmp(s->res[i]->kind, kind) == 0)
            return store_get(s->res[i], ns, name);
    return NULL;
}

static bool is_ready(const struct obj *pod)
{
    return strstr(pod->text, "{\"type\":\"Ready\",\"status\":\"True\"") != NULL;
}

static void sync_owner(struct sim *s, const char *ns, struct obj *owner)
{
    struct res *pods = pods_of(s);
    int64_t have = 0, ready = 0;
    for (size_t i = store_from(pods, ns, "", false); i < pods->n && strcmp(pods->items[i]->ns, ns) == 0; i++) {
        if (strcmp(pods->items[i]->owner_uid, owner->uid) != 0 || strstr(pods->items[i]->text, "\"deletionTimestamp\""))
            continue;
        have++;
        ready += is_ready(pods->items[i]);
    }
    json_t *d = obj_doc(owner);
    bool ds = strcmp(owner->res->kind, "DaemonSet") == 0;
    const char *n_have = ds ? "currentNumberScheduled" : "replicas", *n_ready = ds ? "numberReady" : "readyReplicas";
    const char *n_avail = ds ? "numberAvailable" : "availableReplicas";
    json_t *st = jat(d, "status");
    if (st && (json_integer_value(json_object_get(st, n_have)) != have || json_integer_value(json_object_get(st, n_ready)) != ready)) {
        json_object_set_new(st, n_have, json_integer(have));
        json_object_set_new(st, n_ready, json_integer(ready));
        json_object_set_new(st, n_avail, json_integer(ready));
        json_t *up = jat(d, "metadata.ownerReferences") ? obj_doc(owner) : NULL;
        struct obj *above = up ? owner_of(s, ns, up) : NULL;
        json_t *ad = above ? obj_doc(above) : NULL;
        if (ad && jat(ad, "status")) {
            json_t *as = jat(ad, "status");
            json_object_set_new(as, "replicas", json_integer(have));
            json_object_set_new(as, "updatedReplicas", json_integer(have));
            json_object_set_new(as, "readyReplicas", json_integer(ready));
            json_object_set_new(as, "availableReplicas", json_integer(ready));
            json_object_set_new(as, "unavailableReplicas", json_integer(jint(ad, "spec.replicas") - ready));
            store_put(s, above->res, json_incref(ad));
        }
        json_decref(ad);
        json_decref(up);
        store_put(s, owner->res, json_incref(d));
    }
    json_decref(d);
}

static void sync_owner_of(struct sim *s, const char *ns, const json_t *pod)
{
    struct obj *o = owner_of(s, ns, pod);
    if (o && (strcmp(o->res->kind, "ReplicaSet") == 0 || strcmp(o->res->kind, "StatefulSet") == 0 || strcmp(o->res->kind, "DaemonSet") == 0))
        sync_owner(s, ns, o);
}

/* ---- birth ---- */
json_t *ctl_new_pod(struct sim *s, const json_t *owner, const char *owner_kind, const char *name)
{
    char at[32], *prefix = sim_printf("%s-", jstr(owner, "metadata.name"));
    json_t *spec = json_deep_copy(jat(owner, "spec.template.spec")), *labels = json_deep_copy(jat(owner, "spec.template.metadata.labels"));
    json_t *notes = json_deep_copy(jat(owner, "spec.template.metadata.annotations"));
    json_t *pod = jt("{'kind':'Pod','apiVersion':'v1','metadata':{'name':%s,'generateName':%s,'namespace':%s,'creationTimestamp':%s,'generation':1,"
                     "'labels':%j,'annotations':%j,'ownerReferences':[{'apiVersion':%s,'kind':%s,'name':%s,'uid':%s,'controller':true,"
                     "'blockOwnerDeletion':true}]},'spec':%j,'status':{'phase':'Pending','qosClass':'Burstable'}}", name, prefix,
                     jstr(owner, "metadata.namespace"), now_stamp(s, at), labels ? labels : json_object(), notes ? notes : json_object(),
                     jstr(owner, "apiVersion"), owner_kind, jstr(owner, "metadata.name"), jstr(owner, "metadata.uid"), spec);
    free(prefix);
    return pod;
}

static void run_step(struct sim *s, void *arg)
{
    struct who *w = arg;
    struct obj *o = still_there(s, w);
    char at[32];
    if (!o || strstr(o->text, "\"deletionTimestamp\"")) {
        who_free(w);
        return;
    }
    json_t *pod = obj_doc(o);
    const char *how = json_string_value(json_object_get(jat(pod, "metadata.annotations"), BEHAVIOUR));
    bool plain = !how || strcmp(how, "crash") == 0;
    now_stamp(s, at);
    char *to = NULL;
    if (w->step == 0 && !plain) {
        ctl_pod_running(s, pod, NULL, sim_now(s));
        w->step = 9;
    } else if (w->step == 0) {
        schedule(s, pod, NULL, at);
        to = sim_printf("Successfully assigned %s/%s to %s", o->ns, o->name, jstr(pod, "spec.nodeName"));
        tell(s, pod, "Normal", "Scheduled", "default-scheduler", to);
    } else if (w->step == 1) {
        jset(pod, "status.startTime", json_string(at));
        condition(pod, "Initialized", true, at, NULL, NULL);
        set_statuses(s, pod, "status.containerStatuses", "spec.containers", st_creating, at, false, 0);
        readiness(pod, false, at);
        to = sim_printf("Container image \"%s\" already present on machine", jstr(pod, "spec.containers.0.image"));
        tell(s, pod, "Normal", "Pulled", "kubelet", to);
    } else if (w->step == 2) {
        started(s, pod, at, false);
        tell(s, pod, "Normal", "Started", "kubelet", "Container started");
    } else {
        started(s, pod, at, true);
        if (how)
            crashed(s, pod, 1, sim_now(s));
    }
    free(to);
    store_put(s, o->res, json_incref(pod));
    sync_owner_of(s, w->ns, pod);
    json_decref(pod);
    if (++w->step > 3) {
        who_free(w);
        return;
    }
    static const int delay[] = {0, 150, 700, 900};
    sim_after(s, delay[w->step] + (int64_t)(sim_rand(s) % 150), run_step, w);
}

void ctl_run_pod(struct sim *s, const char *ns, const char *name)
{
    struct obj *o = store_get(pods_of(s), ns, name);
    if (o)
        sim_after(s, 120, run_step, who_new(ns, name, o->uid));
}

static void replace(struct sim *s, const struct obj *gone, const char *kind)
{
    json_t *old = obj_doc(gone);
    struct obj *owner = owner_of(s, gone->ns, old);
    json_decref(old);
    if (!owner || strcmp(owner->res->kind, kind) != 0)
        return;
    char suffix[6], *name = strcmp(kind, "StatefulSet") == 0 ? sim_strdup(gone->name) : sim_printf("%s-%s", owner->name, suffix5(s, suffix));
    json_t *doc = obj_doc(owner), *pod = ctl_new_pod(s, doc, kind, name);
    store_put(s, pods_of(s), pod);
    char *msg = sim_printf("Created pod: %s", name);
    tell(s, doc, "Normal", "SuccessfulCreate", strcmp(kind, "ReplicaSet") == 0 ? "replicaset-controller" : "statefulset-controller", msg);
    ctl_run_pod(s, gone->ns, name);
    sync_owner(s, gone->ns, store_get(owner->res, owner->ns, owner->name));
    json_decref(doc);
    free(msg);
    free(name);
}

/* ---- death ---- */
static void pod_end(struct sim *s, void *arg)
{
    struct who *w = arg;
    struct obj *o = still_there(s, w);
    if (o) {
        obj_ref(o);
        store_delete(s, o->res, o->ns, o->name);
        replace(s, o, "StatefulSet");
        replace(s, o, "DaemonSet");
        obj_unref(o);
    }
    who_free(w);
}

void ctl_delete_pod(struct sim *s, struct obj *pod, int64_t grace_s)
{
    json_t *d = obj_doc(pod);
    bool again = jat(d, "metadata.deletionTimestamp") != NULL, placed = *pod->node != 0;
    char at[32];
    if (grace_s < 0)
        grace_s = jat(d, "spec.terminationGracePeriodSeconds") ? jint(d, "spec.terminationGracePeriodSeconds") : 30;
    if (!placed)
        grace_s = 0;
    if (!again && grace_s > 0) {
        jset(d, "metadata.deletionTimestamp", json_string(stamp(sim_now(s) + grace_s * 1000, at)));
        jset(d, "metadata.deletionGracePeriodSeconds", json_integer(grace_s));
        store_put(s, pod->res, json_incref(d));
        char *msg = sim_printf("Stopping container %s", jstr(d, "spec.containers.0.name"));
        tell(s, d, "Normal", "Killing", "kubelet", msg);
        free(msg);
    }
    if (!again)
        replace(s, pod, "ReplicaSet");
    if (!again || grace_s == 0)
        sim_after(s, grace_s ? 900 : 0, pod_end, who_new(pod->ns, pod->name, pod->uid));
    json_decref(d);
}

/* ---- what goes on by itself ---- */
static void tick(struct sim *s, void *arg)
{
    (void)arg;
    streams_wake(s);                                           /* watches end, bookmarks are due */
    sim_after(s, 1000, tick, NULL);
}

static void crash_again(struct sim *s, void *arg)
{
    struct res *pods = pods_of(s);
    (void)arg;
    for (size_t i = 0; i < pods->n; i++) {
        if (!strstr(pods->items[i]->text, "\"reason\":\"CrashLoopBackOff\"") || strstr(pods->items[i]->text, "\"deletionTimestamp\""))
            continue;
        json_t *d = obj_doc(pods->items[i]);
        int64_t n = jint(d, "status.containerStatuses.0.restartCount") + 1;
        crashed(s, d, n, sim_now(s));
        kube_event(s, d, "Warning", "BackOff", "kubelet", (int)n, sim_now(s) - n * 30000, sim_now(s),
                   "Back-off restarting failed container");
        store_put(s, pods, d);
    }
    sim_after(s, 45000, crash_again, NULL);
}

static void churn(struct sim *s, void *arg)
{
    struct res *pods = pods_of(s);
    (void)arg;
    int n = s->world->churn > 50 ? (int)(s->world->churn / 50) : 1;
    char at[32];
    for (; n > 0 && pods->n; n--) {
        json_t *d = obj_doc(pods->items[sim_rand(s) % pods->n]);
        int64_t c = jint(d, "metadata.generation") + 1;
        jset(d, "metadata.generation", json_integer(c));
        if (jat(d, "status.containerStatuses.0") && strcmp(jstr(d, "status.phase"), "Running") == 0)
            condition(d, "SimChurn", c % 2, now_stamp(s, at), NULL, NULL);
        store_put(s, pods, d);
    }
    sim_after(s, s->world->churn > 50 ? 20 : (int64_t)(1000 / s->world->churn), churn, NULL);
}

void ctl_start(struct sim *s)
{
    s->compacted = s->rv;
    sim_after(s, 1000, tick, NULL);
    sim_after(s, 45000, crash_again, NULL);
    if (s->world->churn > 0)
        sim_after(s, 100, churn, NULL);
}
