/* Rows about one pod: evict (budgets are asked), and restart: evicted, and its owner's new pod waited for. */
#include <inttypes.h>
#include <string.h>

#include "core/ops/facts.h"
#include "core/ops/kube_work.h"

enum { SIDE_BUDGETS, SIDE_OWNER };

static const struct owner_path { const char *kind, *group_version, *resource; } owners[] = {
    {"ReplicaSet", "apps/v1", "replicasets"}, {"StatefulSet", "apps/v1", "statefulsets"}, {"DaemonSet", "apps/v1", "daemonsets"},
    {"ReplicationController", "v1", "replicationcontrollers"}, {"Job", "batch/v1", "jobs"},
};

/* The pod as known: while it ends or is gone, as it was. */
static const json_t *pod_of(const struct act_ctx *c)
{
    return c->before ? c->before : c->obj;
}

static bool gone(const struct act_ctx *c)
{
    const char *was = act_str(c->before, "metadata.uid");
    return !c->obj || (*was && strcmp(was, act_str(c->obj, "metadata.uid")) != 0);
}

static bool pod_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    const json_t *ref = kube_controller(pod_of(c));
    (void)service;
    (void)microversion;
    if (i == SIDE_BUDGETS)
        return kube_ns_path(c, path, "policy/v1", "poddisruptionbudgets");
    for (size_t k = 0; i == SIDE_OWNER && ref && k < sizeof owners / sizeof owners[0]; k++) {
        if (strcmp(owners[k].kind, act_str(ref, "kind")) != 0 || !kube_ns_path(c, path, owners[k].group_version, owners[k].resource))
            continue;
        str_addc(path, '/');
        return str_add_urlenc(path, act_str(ref, "name"));
    }
    return false;
}

static enum act_verdict evict(const struct act_ctx *c, struct act_req *rq)
{
    int64_t grace = act_int(c, "grace", -1);
    json_t *options = json_pack("{s:{s:s}}", "preconditions", "uid", act_str(c->obj, "metadata.uid"));
    if (grace >= 0)
        json_object_set_new(options, "gracePeriodSeconds", json_integer(grace));
    rq->method = "POST";
    rq->body = json_pack("{s:s,s:s,s:{s:s,s:s},s:o}", "apiVersion", "policy/v1", "kind", "Eviction", "metadata", "name", c->name, "namespace",
                         c->scope, "deleteOptions", options);
    return rq->body && act_path(c, &rq->path, "eviction") ? ACT_SEND : ACT_REFUSED;
}

static enum act_verdict evict_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    kube_say_pod(c->obj, c->side[SIDE_BUDGETS].json, c->side[SIDE_OWNER].json, true, facts);
    kube_say_majority(c, c->side[SIDE_OWNER].json, facts);
    kube_say_together(c, c->side[SIDE_BUDGETS].json, c->side[SIDE_OWNER].json, facts);
    if (c->side[SIDE_BUDGETS].status == 403)
        act_fact(facts, FACT_INFO, "you may not list disruption budgets here: whether one forbids it the server decides");
    return facts_refusal(facts) ? ACT_REFUSED : evict(c, rq);
}

static enum act_verdict restart_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    const json_t *ref = kube_controller(c->obj);
    const char *kind = act_str(ref, "kind");
    if (*kube_map_str(c->obj, "metadata.annotations", "kubernetes.io/config.mirror")) {
        act_fact(facts, FACT_REFUSED, "it is a static pod: its kubelet restarts it when its file on the node changes");
        return ACT_REFUSED;
    }
    if (!ref) {
        act_fact(facts, FACT_REFUSED, "nothing owns it, so nothing would bring it back: save its YAML, delete it and create it again");
        return ACT_REFUSED;
    }
    if (kube_pod_finished(c->obj) || !strcmp(kind, "Job")) {
        act_fact(facts, FACT_REFUSED, "it is a pod of a job, which is not restarted: trigger the job again");
        return ACT_REFUSED;
    }
    return evict_build(c, rq, facts);
}

static enum act_seen evict_seen(const struct act_ctx *c, struct str *why)
{
    const json_t *finalizers = act_get(c->obj, "metadata.finalizers");
    if (gone(c))
        return SEEN_DONE;
    if (json_array_size(finalizers))
        str_addf(why, "it ends, finalizer %s holds it", json_string_value(json_array_get(finalizers, 0)));
    else if (*act_str(c->obj, "metadata.deletionTimestamp"))
        str_addf(why, "it ends, it may take %" PRId64 " s", act_num(c->obj, "metadata.deletionGracePeriodSeconds", 0));
    else
        str_adds(why, "it does not end yet");
    return SEEN_WAIT;
}

static enum act_seen restart_seen(const struct act_ctx *c, struct str *why)
{
    const json_t *owner = c->side[SIDE_OWNER].json;
    bool daemon = !strcmp(act_str(owner, "kind"), "DaemonSet");
    int64_t want = daemon ? act_num(owner, "status.desiredNumberScheduled", 0) : act_num(owner, "spec.replicas", 1);
    int64_t ready = act_num(owner, daemon ? "status.numberReady" : "status.readyReplicas", 0);
    int64_t made = act_num(owner, daemon ? "status.currentNumberScheduled" : "status.replicas", 0);
    if (!gone(c))
        return evict_seen(c, why);
    if (c->side[SIDE_OWNER].status == 404) {
        str_adds(why, "it is gone and so is its owner: nothing brings it back");
        return SEEN_FAILED;
    }
    if (!owner) {
        str_adds(why, "it is gone; whether its owner made a new one cannot be read");
        return SEEN_WAIT;
    }
    str_addf(why, "it is gone; %s %s has %" PRId64 " of %" PRId64 " ready", act_str(owner, "kind"), act_str(owner, "metadata.name"), ready, want);
    if (c->obj && !kube_pod_ready(c->obj)) {            /* of the same name */
        str_adds(why, "; ");
        kube_pod_why(c->obj, why);
        return SEEN_WAIT;
    }
    return made >= want && ready >= want ? SEEN_DONE : SEEN_WAIT;
}

static enum act_arrived evict_arrived(const struct act_ctx *c)
{
    return gone(c) || *act_str(c->obj, "metadata.deletionTimestamp") ? ARRIVED_YES : ARRIVED_NO;
}

/* A pod may have been given more time to end than that. */
static int64_t patience(const struct act_ctx *c, int64_t most)
{
    int64_t wanted = act_int(c, "timeout", 0), grace = act_num(c->before, "spec.terminationGracePeriodSeconds", 0);
    return wanted > 0 ? wanted : grace > most / 2 ? grace + most / 2 : most;
}

static int64_t evict_patience(const struct act_ctx *c) { return patience(c, 600); }
static int64_t restart_patience(const struct act_ctx *c) { return patience(c, 900); }

static const char *const pods[] = {"pods", NULL};
static const struct action_arg args[] = {
    {.name = "grace", .help = "Seconds it gets to end; its own if not said.", .type = ARG_SECONDS},
    {.name = "timeout", .help = "Seconds until its end must be seen; 600 for an eviction, 900 for a restart if not said.", .type = ARG_SECONDS},
};
#define NARGS (sizeof args / sizeof args[0])

const struct action kube_pod_actions[] = {
    {.id = "evict", .asks = "POST eviction", .past = "evicted", .kinds = pods, .help = "Takes a pod away if its disruption budget allows it.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN, .args = args, .nargs = NARGS, .timeout_s = 600, .patience_s = evict_patience, .side = pod_side, .build = evict_build, .observe = evict_seen,
     .arrived = evict_arrived},
    {.id = "restart", .past = "restarted", .kinds = pods, .help = "Evicts a pod and waits until its owner's new one is ready.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN | ACTION_TWICE, .args = args, .nargs = NARGS, .timeout_s = 900, .patience_s = restart_patience, .side = pod_side, .build = restart_build,
     .observe = restart_seen, .arrived = evict_arrived},
    {0},
};
