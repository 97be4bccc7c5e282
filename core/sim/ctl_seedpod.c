/* Pods as a seed finds them: running for a while, or in trouble, without having lived through it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/ctl_kubelet.h"

typedef json_t *state_fn(const char *at);

static void condition(json_t *pod, const char *type, bool yes, const char *at, const char *reason, const char *message)
{
    if (ctl_condition(pod, type, yes ? "True" : "False", reason, message, at))
        json_object_set_new(ctl_find_condition(pod, type), "lastProbeTime", json_null());
}

static json_t *container_status(struct sim *s, const json_t *spec, json_t *state, bool ready, int64_t restarts, json_t *last)
{
    char id[65];
    hex_id(s, id, 64);
    char *cid = sim_printf("containerd://%s", id), *iid = sim_printf("%s@sha256:%s", jstr(spec, "image"), id);
    bool waiting = json_object_get(state, "waiting") != NULL, running = json_object_get(state, "running") != NULL;
    json_t *c = jt("{'name':%s,'state':%j,'lastState':%j,'ready':%b,'restartCount':%l,'image':%s,'imageID':%s,'started':%b}", jstr(spec, "name"),
                   state, last ? last : json_object(), ready, restarts, jstr(spec, "image"), waiting && !last ? "" : iid, running);
    if (!waiting || last)
        json_object_set_new(c, "containerID", json_string(cid));
    free(cid);
    free(iid);
    return c;
}

static void set_statuses(struct sim *s, json_t *pod, const char *key, const char *specs, state_fn *state, const char *at, bool ready)
{
    json_t *all = json_array(), *list = jat(pod, specs);
    for (size_t i = 0; i < json_array_size(list); i++)
        json_array_append_new(all, container_status(s, json_array_get(list, i), state(at), ready, 0, NULL));
    if (json_array_size(all))
        jset(pod, key, json_incref(all));
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
    json_t *all = jat(pod, "spec.containers");
    struct str names;
    str_init(&names, 0);
    str_adds(&names, "containers with unready status: [");
    for (size_t i = 0; i < json_array_size(all); i++)
        str_addf(&names, "%s%s", i ? " " : "", jstr(json_array_get(all, i), "name"));
    str_addc(&names, ']');
    condition(pod, "Ready", ready, at, ready ? NULL : "ContainersNotReady", ready ? NULL : names.data);
    condition(pod, "ContainersReady", ready, at, ready ? NULL : "ContainersNotReady", ready ? NULL : names.data);
    str_release(&names);
}

static void set_address(struct sim *s, json_t *pod)
{
    unsigned n = (unsigned)(sim_rand(s) % 60000) + 2;
    if (*jstr(pod, "status.podIP"))
        return;
    char *ip = sim_printf("10.128.%u.%u", n >> 8, n & 255);
    jset(pod, "status.podIP", json_string(ip));
    jset(pod, "status.podIPs", jt("[{'ip':%s}]", ip));
    free(ip);
}

static void place(struct sim *s, json_t *pod, const char *node, const char *at)
{
    struct res *nodes = ctl_res(s, K_NODE);
    struct obj *o = node ? store_get(nodes, "", node) : nodes->n ? nodes->items[sim_rand(s) % nodes->n] : NULL;
    if (!o)
        return;
    const struct ctl_node *n = map_get(&ctl_of(s)->nodes, o->name);
    const char *ip = n ? n->address : "";
    jset(pod, "spec.nodeName", json_string(o->name));
    jset(pod, "status.hostIP", json_string(ip));
    jset(pod, "status.hostIPs", jt("[{'ip':%s}]", ip));
    condition(pod, "PodScheduled", true, at, NULL, NULL);
}

static void started(struct sim *s, json_t *pod, const char *at)
{
    jset(pod, "status.phase", json_string("Running"));
    jset(pod, "status.startTime", json_string(at));
    set_address(s, pod);
    condition(pod, "PodReadyToStartContainers", true, at, NULL, NULL);
    condition(pod, "Initialized", true, at, NULL, NULL);
    set_statuses(s, pod, "status.initContainerStatuses", "spec.initContainers", st_completed, at, true);
    set_statuses(s, pod, "status.containerStatuses", "spec.containers", st_running, at, true);
    readiness(pod, true, at);
}

/* A crash: it runs for two seconds and waits 10, 20, 40, 80, 160 and then 300, since it was made; so often it was started again. */
static void crashed(struct sim *s, json_t *pod, int64_t at_ms)
{
    enum { RUN = 2000, FIRST = 310000 + 6 * RUN, LATER = 300000 + RUN };
    char at[32], from[32];
    int64_t later = sim_now(s) - at_ms - FIRST, more = later > 0 ? later / LATER : 0, restarts = 5 + more;
    at_ms += later > 0 ? FIRST + more * LATER : 60000;
    stamp(at_ms, at);
    stamp(at_ms - RUN, from);
    const json_t *spec = jat(pod, "spec.containers.0");
    char *msg = sim_printf("back-off 5m0s restarting failed container=%s pod=%s_%s(%s)", jstr(spec, "name"), jstr(pod, "metadata.name"),
                           jstr(pod, "metadata.namespace"), jstr(pod, "metadata.uid"));
    json_t *last = jt("{'terminated':{'exitCode':1,'reason':'Error','startedAt':%s,'finishedAt':%s}}", from, at);
    json_t *all = json_array();
    json_array_append_new(all, container_status(s, spec, jt("{'waiting':{'reason':'CrashLoopBackOff','message':%s}}", msg), false, restarts, last));
    jset(pod, "status.containerStatuses", all);
    readiness(pod, false, at);
    free(msg);
}

static void waits_for_init(struct sim *s, json_t *pod, const char *at)
{
    json_t *list = jat(pod, "spec.initContainers"), *all = json_array();
    jset(pod, "status.startTime", json_string(at));
    set_address(s, pod);
    condition(pod, "PodReadyToStartContainers", true, at, NULL, NULL);
    condition(pod, "Initialized", false, at, "ContainersNotInitialized", "containers with incomplete status");
    for (size_t i = 0; i < json_array_size(list); i++)
        json_array_append_new(all, container_status(s, json_array_get(list, i), i ? st_initializing(at) : st_running(at), false, 0, NULL));
    jset(pod, "status.initContainerStatuses", all);
    set_statuses(s, pod, "status.containerStatuses", "spec.containers", st_initializing, at, false);
    readiness(pod, false, at);
}

static void found(struct sim *s, json_t *pod, const char *node, int64_t at_ms)
{
    const char *how = ctl_note_str(pod, SIM_NOTE "behaviour");
    char at[32];
    stamp(at_ms, at);
    if (strcmp(how, "unschedulable") == 0) {
        condition(pod, "PodScheduled", false, at, "Unschedulable", "0/7 nodes are available: 7 Insufficient memory.");
        return;
    }
    place(s, pod, node, at);
    if (strcmp(how, "init") == 0) {
        waits_for_init(s, pod, at);
        return;
    }
    started(s, pod, at);
    if (strcmp(how, "crash") == 0) {
        crashed(s, pod, at_ms);
    } else if (strcmp(how, "pull") == 0 || strcmp(how, "creating") == 0) {
        jset(pod, "status.phase", json_string("Pending"));
        set_statuses(s, pod, "status.containerStatuses", "spec.containers", how[0] == 'p' ? st_pull : st_creating, at, false);
        readiness(pod, false, at);
    } else if (strcmp(how, "completed") == 0) {
        jset(pod, "status.phase", json_string("Succeeded"));
        set_statuses(s, pod, "status.containerStatuses", "spec.containers", st_completed, at, false);
        condition(pod, "Ready", false, at, "PodCompleted", NULL);
        condition(pod, "ContainersReady", false, at, "PodCompleted", NULL);
    }
}

void ctl_pod_running(struct sim *s, json_t *pod, const char *node, int64_t at_ms)
{
    found(s, pod, node, at_ms);
    kubelet_order(pod);
}
