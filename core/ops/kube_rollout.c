/* When a rollout is done, by kubectl's rules, with its numbers; and what kubectl does not say: why a pod is not ready. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/kube_work.h"

static void cut_back(struct str *s, size_t len)
{
    if (s->len > len) {
        s->len = len;
        s->data[len] = 0;
    }
}

/* ---- pods ---- */

bool kube_pod_ready(const json_t *pod)
{
    return !strcmp(act_str(kube_condition_of(pod, "Ready"), "status"), "True");
}

/* How bad is what this container waits for: 3 will not end by itself, 1 is on its way. */
static int container_why(const json_t *cs, struct str *why)
{
    const char *name = act_str(cs, "name"), *reason = act_str(cs, "state.waiting.reason"), *message = act_str(cs, "state.waiting.message");
    const json_t *last = act_get(cs, "lastState.terminated"), *ended = act_get(cs, "state.terminated");
    bool usual = !strcmp(reason, "ContainerCreating") || !strcmp(reason, "PodInitializing");
    if (*reason && !usual) {
        str_addf(why, "%s: %s", name, reason);
        if (!strcmp(reason, "CrashLoopBackOff") && last)
            str_addf(why, ", it ended with %s %" PRId64, act_str(last, "reason"), act_num(last, "exitCode", 0));
        else if (*message)
            str_addf(why, ", %.200s", message);
        return 3;
    }
    if (ended && act_num(ended, "exitCode", 0) != 0) {
        str_addf(why, "%s ended with %s %" PRId64, name, act_str(ended, "reason"), act_num(ended, "exitCode", 0));
        return 3;
    }
    if (act_get(cs, "state.running") && !json_is_true(json_object_get(cs, "ready"))) {
        str_addf(why, "%s runs, but %s", name, json_is_false(json_object_get(cs, "started")) ? "its startup probe has not passed yet"
                                                                                             : "is not ready (readiness probe)");
        return 2;
    }
    if (*reason) {
        str_addf(why, "%s is being made", name);
        return 1;
    }
    return 0;
}

/* 0: nothing is wrong, else how bad. */
static int pod_why(const json_t *pod, struct str *why)
{
    static const char *const lists[] = {"status.initContainerStatuses", "status.containerStatuses"};
    const json_t *scheduled = kube_condition_of(pod, "PodScheduled");
    size_t start = why->len;
    str_addf(why, "pod %s ", act_str(pod, "metadata.name"));
    if (*act_str(pod, "metadata.deletionTimestamp")) {
        str_adds(why, "is still ending");
        return 1;
    }
    if (!strcmp(act_str(scheduled, "status"), "False")) {
        str_addf(why, "cannot be scheduled: %.200s", act_str(scheduled, "message"));
        return 3;
    }
    if (!strcmp(act_str(pod, "status.phase"), "Failed")) {
        str_addf(why, "failed: %s %.200s", act_str(pod, "status.reason"), act_str(pod, "status.message"));
        return 3;
    }
    for (size_t l = 0; l < 2; l++) {
        const json_t *cs = act_get(pod, lists[l]);
        for (size_t i = 0; i < json_array_size(cs); i++) {
            const json_t *one = json_array_get(cs, i);
            if (l == 0 && (act_get(one, "state.terminated") || act_get(one, "state.running")) && act_num(one, "state.terminated.exitCode", 0) == 0)
                continue;           /* init containers are not ready in the sense of the others */
            int bad = container_why(one, why);
            if (bad)
                return bad;
        }
    }
    if (kube_pod_ready(pod)) {
        cut_back(why, start);
        return 0;
    }
    str_adds(why, act_get(pod, "status.containerStatuses") ? "is not ready" : "waits for its kubelet");
    return 1;
}

bool kube_pod_why(const json_t *pod, struct str *why)
{
    return pod_why(pod, why) > 0;
}

bool kube_pods_why(const json_t *pods, struct str *why)
{
    const json_t *items = json_object_get(pods, "items"), *worst = NULL;
    int bad = 0;
    struct str s;
    str_init(&s, 4096);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *pod = json_array_get(items, i);
        bool ready = kube_pod_ready(pod) && !*act_str(pod, "metadata.deletionTimestamp");
        str_clear(&s);
        int how = ready ? 0 : pod_why(pod, &s);
        if (how > bad) {
            bad = how;
            worst = pod;
        }
    }
    str_release(&s);
    return worst && pod_why(worst, why) > 0;
}

/* ---- done? ---- */

struct numbers { int64_t wanted, made, fresh, ready, available; };

static void say_numbers(const struct numbers *n, struct str *why)
{
    int64_t old = n->made > n->fresh ? n->made - n->fresh : 0, away = n->wanted > n->available ? n->wanted - n->available : 0;
    str_addf(why, "new %" PRId64 " of %" PRId64 ", old %" PRId64 ", ready %" PRId64 ", available %" PRId64 ", unavailable %" PRId64,
             n->fresh, n->wanted, old, n->ready, n->available, away);
}

static bool seen_by_controller(const json_t *obj)
{
    int64_t observed = act_num(obj, "status.observedGeneration", 0);
    return observed > 0 && observed >= act_num(obj, "metadata.generation", 0);
}

static enum act_seen wait_for(const json_t *pods, const json_t *obj, struct str *why, const char *what)
{
    const json_t *failure = kube_condition_of(obj, "ReplicaFailure");
    str_addf(why, ": %s", what);
    size_t before = why->len;
    str_adds(why, "; ");
    if (!strcmp(act_str(failure, "status"), "True")) {
        str_addf(why, "pods cannot be made: %.200s", act_str(failure, "message"));
    } else if (!kube_pods_why(pods, why)) {
        cut_back(why, before);
    }
    return SEEN_WAIT;
}

static enum act_seen deployment(const json_t *o, const json_t *pods, struct str *why)
{
    struct numbers n = {act_num(o, "spec.replicas", 1), act_num(o, "status.replicas", 0), act_num(o, "status.updatedReplicas", 0),
                        act_num(o, "status.readyReplicas", 0), act_num(o, "status.availableReplicas", 0)};
    const json_t *progressing = kube_condition_of(o, "Progressing");
    say_numbers(&n, why);
    if (!seen_by_controller(o)) {
        str_adds(why, ": the deployment controller has not seen it yet");
        return SEEN_WAIT;
    }
    if (!strcmp(act_str(progressing, "reason"), "ProgressDeadlineExceeded")) {
        wait_for(pods, o, why, "it made no progress within its progress deadline");
        return SEEN_FAILED;
    }
    if (n.fresh < n.wanted)
        return wait_for(pods, o, why, "new pods are still to be made");
    if (n.made > n.fresh)
        return wait_for(pods, o, why, "old pods are still ending");
    if (n.available < n.fresh)
        return wait_for(pods, o, why, "new pods are not available yet");
    return SEEN_DONE;
}

static bool on_delete(const json_t *o, struct str *why)
{
    if (strcmp(act_str(o, "spec.updateStrategy.type"), "OnDelete") != 0)
        return false;
    str_adds(why, ": its update strategy is OnDelete, each pod gets the new template when somebody deletes it");
    return true;
}

static enum act_seen daemon_set(const json_t *o, const json_t *pods, struct str *why)
{
    struct numbers n = {act_num(o, "status.desiredNumberScheduled", 0), act_num(o, "status.currentNumberScheduled", 0),
                        act_num(o, "status.updatedNumberScheduled", 0), act_num(o, "status.numberReady", 0), act_num(o, "status.numberAvailable", 0)};
    say_numbers(&n, why);
    if (!seen_by_controller(o)) {
        str_adds(why, ": the daemon set controller has not seen it yet");
        return SEEN_WAIT;
    }
    if (on_delete(o, why))
        return SEEN_DONE;
    if (n.fresh < n.wanted)
        return wait_for(pods, o, why, "pods of the old template are still to be replaced");
    if (n.available < n.wanted)
        return wait_for(pods, o, why, "new pods are not available yet");
    return SEEN_DONE;
}

static enum act_seen stateful_set(const json_t *o, const json_t *pods, struct str *why)
{
    int64_t partition = act_num(o, "spec.updateStrategy.rollingUpdate.partition", 0);
    bool partitioned = act_get(o, "spec.updateStrategy.rollingUpdate") != NULL;
    bool same = !strcmp(act_str(o, "status.updateRevision"), act_str(o, "status.currentRevision"));
    struct numbers n = {act_num(o, "spec.replicas", 1), act_num(o, "status.replicas", 0), act_num(o, "status.updatedReplicas", 0),
                        act_num(o, "status.readyReplicas", 0), act_num(o, "status.availableReplicas", 0)};
    if (same && !act_num(o, "status.updatedReplicas", 0))
        n.fresh = n.made;           /* older servers do not count when nothing changes */
    say_numbers(&n, why);
    if (partition > 0)
        str_addf(why, ", partition %" PRId64, partition);
    if (!seen_by_controller(o)) {
        str_adds(why, ": the stateful set controller has not seen it yet");
        return SEEN_WAIT;
    }
    if (on_delete(o, why))
        return SEEN_DONE;
    if (n.ready < n.wanted)
        return wait_for(pods, o, why, "pods are not ready yet");
    if (partitioned ? n.fresh < n.wanted - partition : !same)
        return wait_for(pods, o, why, "pods of the old template are still to be replaced");
    return SEEN_DONE;
}

enum act_seen kube_rollout_seen(const json_t *o, const json_t *pods, struct str *why)
{
    const char *kind = act_str(o, "kind");
    if (!strcmp(kind, "Deployment"))
        return deployment(o, pods, why);
    if (!strcmp(kind, "DaemonSet"))
        return daemon_set(o, pods, why);
    if (!strcmp(kind, "StatefulSet"))
        return stateful_set(o, pods, why);
    return SEEN_DONE;
}

/* ---- before ---- */

/* "25%" or a number, of n. */
static int64_t share(const json_t *v, int64_t n, bool up, int64_t none)
{
    const char *s = json_string_value(v);
    long long percent = 0;
    if (json_is_integer(v))
        return json_integer_value(v);
    if (!s || sscanf(s, "%lld%%", &percent) != 1)
        return none;
    return (n * percent + (up ? 99 : 0)) / 100;
}

int64_t kube_roll_away(const json_t *o, int64_t *all)
{
    bool daemon = !strcmp(act_str(o, "kind"), "DaemonSet"), set = !strcmp(act_str(o, "kind"), "StatefulSet");
    const json_t *rolling = act_get(o, daemon || set ? "spec.updateStrategy.rollingUpdate" : "spec.strategy.rollingUpdate");
    *all = daemon ? act_num(o, "status.desiredNumberScheduled", 0) : act_num(o, "spec.replicas", 1);
    int64_t away = share(json_object_get(rolling, "maxUnavailable"), *all, daemon, daemon || set ? 1 : 0);
    if (!strcmp(act_str(o, "spec.updateStrategy.type"), "OnDelete"))
        return 0;
    if (!strcmp(act_str(o, "spec.strategy.type"), "Recreate") || away > *all)
        return *all;
    return away || share(json_object_get(rolling, "maxSurge"), *all, true, 0) ? away : *all ? 1 : 0;
}

void kube_say_roll(const json_t *o, struct act_facts *facts)
{
    const char *kind = act_str(o, "kind");
    bool daemon = !strcmp(kind, "DaemonSet"), set = !strcmp(kind, "StatefulSet");
    int64_t n = daemon ? act_num(o, "status.desiredNumberScheduled", 0) : act_num(o, "spec.replicas", 1);
    int64_t partition = act_num(o, "spec.updateStrategy.rollingUpdate.partition", 0);
    const json_t *rolling = act_get(o, daemon || set ? "spec.updateStrategy.rollingUpdate" : "spec.strategy.rollingUpdate");
    int64_t surge = share(json_object_get(rolling, "maxSurge"), n, true, 0);
    int64_t away = share(json_object_get(rolling, "maxUnavailable"), n, daemon, daemon || set ? 1 : 0);
    if (!strcmp(act_str(o, "spec.updateStrategy.type"), "OnDelete")) {
        act_fact(facts, FACT_CAUTION, "its update strategy is OnDelete: no pod is replaced until somebody deletes it");
        return;
    }
    if (n == 0) {
        act_fact(facts, FACT_INFO, "it has no pods now");
        return;
    }
    if (!strcmp(act_str(o, "spec.strategy.type"), "Recreate")) {
        act_fact(facts, FACT_DANGER, "its strategy is Recreate: all %" PRId64 " pod%s end%s before a new one starts, an outage", n,
                 n == 1 ? "" : "s", n == 1 ? "s" : "");
        return;
    }
    if (!away && !surge)
        away = 1;
    if (partition > 0 && set)
        act_fact(facts, FACT_CAUTION, "partition %" PRId64 ": pods below that ordinal keep the old template", partition);
    act_fact(facts, FACT_INFO, "%" PRId64 " pod%s replaced, at most %" PRId64 " unavailable and %" PRId64 " more than wanted at a time",
             n, n == 1 ? " is" : "s are", away, surge);
    if (!daemon && away >= n)
        act_fact(facts, FACT_CAUTION, n == 1 ? "it has one pod, which ends before the new one is ready: nothing answers meanwhile"
                                             : "all its pods may be unavailable at once: nothing answers meanwhile");
}
