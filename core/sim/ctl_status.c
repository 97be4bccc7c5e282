/* What a kubelet writes into the status of a pod: container states, phase, conditions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl_kubelet.h"

void kubelet_waiting(struct box *b, const char *reason, const char *message)
{
    json_t *w = jt("{'waiting':{'reason':%s}}", reason);
    if (message)
        jset(w, "waiting.message", json_string(message));
    json_object_set_new(b->status, "state", w);
    json_object_set_new(b->status, "ready", json_false());
    json_object_set_new(b->status, "started", json_false());
}

void kubelet_exited(struct sim *s, struct box *b, int code, const char *reason)
{
    char at[32];
    const char *since = jstr(b->status, "state.running.startedAt");
    ctl_now(s, at);
    json_t *t = jt("{'terminated':{'exitCode':%i,'reason':%s,'startedAt':%s,'finishedAt':%s,'containerID':%s}}", code,
                   reason ? reason : code ? "Error" : "Completed", *since ? since : at, at, jstr(b->status, "containerID"));
    json_object_set_new(b->status, "state", t);
    json_object_set_new(b->status, "ready", json_boolean(b->init && code == 0));
    json_object_set_new(b->status, "started", json_false());
}

static void condition(json_t *pod, const char *type, bool yes, const char *reason, const char *message, const char *at)
{
    if (!ctl_condition(pod, type, yes ? "True" : "False", yes && !reason ? NULL : reason, message, at))
        return;
    json_t *c = ctl_find_condition(pod, type), *gen = jat(pod, "metadata.generation");
    json_object_set_new(c, "lastProbeTime", json_null());
    if (gen)
        json_object_set(c, "observedGeneration", gen);
}

static char *names(const struct kubelet_pod *k, bool init, const char *intro)
{
    struct str out;
    bool first = true;
    str_init(&out, 0);
    str_addf(&out, "%s: [", intro);
    for (size_t i = init ? 0 : k->ninit; i < (init ? k->ninit : k->n); i++) {
        const struct box *b = &k->box[i];
        bool good = init ? b->st == BOX_DONE || (b->sidecar && b->st == BOX_RUNNING) : json_is_true(json_object_get(b->status, "ready"));
        if (good)
            continue;
        str_addf(&out, "%s%s", first ? "" : " ", b->name);
        first = false;
    }
    str_addc(&out, ']');
    char *text = first ? NULL : sim_strdup(out.data);
    str_release(&out);
    return text;
}

static const char *phase(const struct kubelet_pod *k)
{
    size_t done = 0, bad = 0, waiting = 0;
    for (size_t i = k->ninit; i < k->n; i++) {
        const struct box *b = &k->box[i];
        bool ended = b->st == BOX_DONE || (k->stage >= POD_STOPPING && jat(b->status, "state.terminated"));
        done += ended;
        bad += ended && jint(b->status, "state.terminated.exitCode") != 0;
        waiting += jat(b->status, "state.waiting") && !jat(b->status, "lastState.terminated");
    }
    for (size_t i = 0; i < k->ninit; i++)
        if (k->box[i].st == BOX_DONE && jint(k->box[i].status, "state.terminated.exitCode") != 0)
            return "Failed";
    if (done == k->n - k->ninit)
        return bad ? "Failed" : "Succeeded";
    return waiting ? "Pending" : "Running";
}

static void statuses(const struct kubelet_pod *k, json_t *pod, bool init)
{
    json_t *all = json_array();
    for (size_t i = init ? 0 : k->ninit; i < (init ? k->ninit : k->n); i++)
        json_array_append_new(all, json_deep_copy(k->box[i].status));
    if (json_array_size(all))
        jset(pod, init ? "status.initContainerStatuses" : "status.containerStatuses", json_incref(all));
    json_decref(all);
}

static void ready_conditions(struct kubelet_pod *k, json_t *pod, const char *at)
{
    const char *ph = jstr(pod, "status.phase");
    char *unready = names(k, false, "containers with unready status");
    bool over = *ph == 'S' || *ph == 'F', all = !unready;
    const char *why = *ph == 'S' ? "PodCompleted" : *ph == 'F' ? "PodFailed" : all ? NULL : "ContainersNotReady";
    json_t *gates = jat(pod, "spec.readinessGates");
    condition(pod, "ContainersReady", all && !over, why, over || all ? NULL : unready, at);
    const char *gate = NULL;
    for (size_t i = 0; i < json_array_size(gates) && !gate; i++) {
        const char *type = jstr(json_array_get(gates, i), "conditionType");
        if (strcmp(jstr(ctl_find_condition(pod, type), "status"), "True") != 0)
            gate = type;
    }
    if (gate && all && !over) {
        char *text = sim_printf("corresponding condition of pod readiness gate \"%s\" does not exist.", gate);
        condition(pod, "Ready", false, "ReadinessGatesNotReady", text, at);
        free(text);
    } else {
        condition(pod, "Ready", all && !over, why, over || all ? NULL : unready, at);
    }
    free(unready);
}

/* A kubelet writes its conditions anew each time, in this order. */
void kubelet_order(json_t *pod)
{
    static const char *const order[] = {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"};
    json_t *all = jat(pod, "status.conditions"), *out = json_array(), *c;
    size_t i;
    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        if ((c = ctl_find_condition(pod, order[k])))
            json_array_append(out, c);
    json_array_foreach(all, i, c) {
        bool own = false;
        for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
            own = own || strcmp(jstr(c, "type"), order[k]) == 0;
        if (!own)
            json_array_append(out, c);
    }
    jset(pod, "status.conditions", out);
}

void kubelet_render(struct sim *s, struct kubelet_pod *k, json_t *pod)
{
    char at[32];
    const struct ctl_node *node = map_get(&s->ctl->nodes, k->node);
    ctl_now(s, at);
    if (!*jstr(pod, "status.startTime"))
        jset(pod, "status.startTime", json_string(at));
    if (!*jstr(pod, "status.hostIP") && node) {
        jset(pod, "status.hostIP", json_string(node->address));
        jset(pod, "status.hostIPs", jt("[{'ip':%s}]", node->address));
    }
    if (k->stage >= POD_UP && !*jstr(pod, "status.podIP")) {
        bool host = json_is_true(jat(pod, "spec.hostNetwork"));
        unsigned r = (unsigned)(sim_rand(s) % 1000000) % 261000 + 2;
        char *ip = host ? sim_strdup(jstr(pod, "status.hostIP")) : sim_printf("10.%u.%u.%u", 128 + (r >> 16), r >> 8 & 255, r & 255);
        jset(pod, "status.podIP", json_string(ip));
        jset(pod, "status.podIPs", jt("[{'ip':%s}]", ip));
        free(ip);
    }
    statuses(k, pod, true);
    statuses(k, pod, false);
    jset(pod, "status.phase", json_string(phase(k)));
    if (!*jstr(pod, "status.qosClass"))
        jset(pod, "status.qosClass", json_string(ctl_qos(jat(pod, "spec"))));
    if (jat(pod, "metadata.generation"))
        json_object_set(jat(pod, "status"), "observedGeneration", jat(pod, "metadata.generation"));
    char *missing = names(k, true, "containers with incomplete status");
    const char *ph = jstr(pod, "status.phase");
    condition(pod, "PodReadyToStartContainers", k->stage == POD_UP || k->stage == POD_STOPPING ? *ph == 'P' || *ph == 'R' : false, NULL, NULL, at);
    condition(pod, "Initialized", !missing, missing ? "ContainersNotInitialized" : *ph == 'S' ? "PodCompleted" : NULL, missing, at);
    ready_conditions(k, pod, at);
    kubelet_order(pod);
    free(missing);
}
