/* Scaling: of whatever has a scale subresource. How many is always said by who asks. */
#include <inttypes.h>
#include <string.h>

#include "core/kube/kube_kind.h"
#include "core/ops/kube_work.h"

enum { SIDE_SCALE, SIDE_SCALERS, SIDE_PODS, SIDE_CUSTOM_PODS, SIDE_DEFINITION = SIDE_PODS };

/* Core and apps: their counts are known. */
static bool built_in(const struct act_ctx *c) { return !*c->kind->kube->group || !strcmp(c->kind->kube->group, "apps"); }
static size_t pods_at(const struct act_ctx *c) { return built_in(c) ? SIDE_PODS : SIDE_CUSTOM_PODS; }

static bool scale_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    (void)service;
    (void)microversion;
    if (i == SIDE_SCALE)
        return act_path(c, path, "scale");
    if (i == SIDE_SCALERS)
        return kube_ns_path(c, path, "autoscaling/v2", "horizontalpodautoscalers");
    if (i == pods_at(c))
        return kube_selected_path(c, path, "v1", "pods");
    if (i != SIDE_DEFINITION)
        return false;
    str_addf(path, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/%s.", c->kind->kube->resource);
    return str_add_urlenc(path, c->kind->kube->group);
}

/* Where a custom resource counts its replicas, as its definition says; ".status.replicas" where that cannot be read. */
static const char *count_path(const struct act_ctx *c)
{
    const json_t *versions = act_get(c->side[SIDE_DEFINITION].json, "spec.versions");
    for (size_t i = 0; i < json_array_size(versions); i++) {
        const json_t *v = json_array_get(versions, i);
        const char *path = act_str(v, "subresources.scale.statusReplicasPath");
        if (!strcmp(act_str(v, "name"), c->kind->kube->version) && *path)
            return path;
    }
    return ".status.replicas";
}

/* Is no count to be waited for? None stands in it, and none did when some were wanted; from 0 a count that is left out may still come. */
static bool uncounted(const struct act_ctx *c)
{
    const char *path = count_path(c) + 1;
    if (built_in(c) || act_get(c->obj, path) || act_get(c->before, path))
        return false;
    return act_num(c->before, "spec.replicas", 0) > 0 || !json_object_size(json_object_get(c->obj, "status"));
}

static int64_t now_of(const struct act_ctx *c)
{
    return act_num(c->side[SIDE_SCALE].json, "spec.replicas", act_num(c->obj, "spec.replicas", 0));
}

static void say_scaler(const struct act_ctx *c, int64_t want, struct act_facts *facts)
{
    const json_t *hpa = kube_scaler_of(c->side[SIDE_SCALERS].json, c->obj);
    int64_t least = act_num(hpa, "spec.minReplicas", 1), most = act_num(hpa, "spec.maxReplicas", 0);
    if (c->side[SIDE_SCALERS].status == 403)
        act_fact(facts, FACT_INFO, "you may not list autoscalers here: whether one would change it back is not known");
    if (!hpa)
        return;
    if (want == 0)
        act_fact(facts, FACT_CAUTION, "autoscaler %s (%" PRId64 " to %" PRId64 ") does nothing while there are 0", act_str(hpa, "metadata.name"), least, most);
    else
        act_fact(facts, FACT_CAUTION, "autoscaler %s will change it back: it keeps %" PRId64 " to %" PRId64 " as it measures, change that instead",
                 act_str(hpa, "metadata.name"), least, most);
}

void kube_say_fewer(const struct act_ctx *c, int64_t now, int64_t want, struct act_facts *facts)
{
    if (want == 0)
        act_fact(facts, FACT_DANGER, "all its pods end: nothing answers until it is scaled up again");
    else if (want < now)
        act_fact(facts, FACT_CAUTION, "%" PRId64 " pod%s end%s, disruption budgets are not asked", now - want, now - want == 1 ? "" : "s", now - want == 1 ? "s" : "");
    if (want < now && kube_is_kind(c, "statefulsets"))
        act_fact(facts, FACT_CAUTION, "the pods with the highest ordinals end; see that a quorum of its members stays");
}

static enum act_verdict scale_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    int64_t want = act_int(c, "replicas", -1), expected = act_int(c, "current-replicas", -1), now = now_of(c);
    int status = c->side[SIDE_SCALE].status;
    if (status == 404 || status == 405) {
        act_fact(facts, FACT_REFUSED, "a %s cannot be scaled: it has no scale subresource", c->kind->singular);
        return ACT_REFUSED;
    }
    if (want < 0 || want > INT32_MAX) {
        act_fact(facts, FACT_REFUSED, "how many replicas? Say it, as in replicas=3");
        return ACT_REFUSED;
    }
    if (expected >= 0 && expected != now) {
        act_fact(facts, FACT_REFUSED, "expected replicas to be %" PRId64 ", was %" PRId64 ": look why, then say what there shall be", expected, now);
        return ACT_REFUSED;
    }
    if (want == now)
        return ACT_ALREADY;
    act_fact(facts, FACT_INFO, "%" PRId64 " replica%s now, %" PRId64 " then", now, now == 1 ? "" : "s", want);
    kube_say_fewer(c, now, want, facts);
    say_scaler(c, want, facts);
    kube_say_keepers(c->obj, facts);
    return kube_patch(c, rq, "scale", KUBE_MERGE, json_pack("{s:{s:I}}", "spec", "replicas", (json_int_t)want)) ? ACT_SEND : ACT_REFUSED;
}

/* Of what was scaled to none, pods that end still: they are counted no more, and answer. */
static size_t ending(const json_t *pods)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(pods); i++)
        n += *act_str(json_array_get(pods, i), "metadata.deletionTimestamp") != '\0';
    return n;
}

static enum act_seen scale_seen(const struct act_ctx *c, struct str *why)
{
    int64_t want = act_int(c, "replicas", -1), now = now_of(c);
    const json_t *o = c->obj, *scale = c->side[SIDE_SCALE].json;
    if (!o) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (now != want) {
        const json_t *hpa = kube_scaler_of(c->side[SIDE_SCALERS].json, o);
        str_addf(why, "another change took over: %" PRId64 " are wanted now%s%s", now, hpa ? ", probably by autoscaler " : "",
                 hpa ? act_str(hpa, "metadata.name") : "");
        return SEEN_OVERTAKEN;
    }
    if (uncounted(c)) {
        str_addf(why, "%" PRId64 " %s wanted now; its status reports no count of replicas (%s), so none was waited for", want, want == 1 ? "is" : "are",
                 count_path(c));
        return SEEN_DONE;
    }
    int64_t made = act_num(scale, "status.replicas", act_num(o, "status.replicas", 0));
    bool counts = json_is_integer(act_get(o, "status.readyReplicas")) || built_in(c);
    int64_t ready = counts ? act_num(o, "status.readyReplicas", 0) : made;
    int64_t observed = act_num(o, "status.observedGeneration", 0);
    bool seen = !observed || observed >= act_num(o, "metadata.generation", 0);
    str_addf(why, "ready %" PRId64 " of %" PRId64 ", made %" PRId64, ready, want, made);
    if (!seen || made != want || ready != want) {
        size_t before = why->len;
        str_adds(why, "; ");
        if (!kube_pods_why(c->side[pods_at(c)].json, why))
            why->data[why->len = before] = 0;
        return SEEN_WAIT;
    }
    size_t left = want ? 0 : ending(json_object_get(c->side[pods_at(c)].json, "items"));
    if (left) {
        str_addf(why, "; %zu pod%s end%s still", left, left == 1 ? "" : "s", left == 1 ? "s" : "");
        return SEEN_WAIT;
    }
    return SEEN_DONE;
}

static enum act_arrived scale_arrived(const struct act_ctx *c)
{
    return !c->obj ? ARRIVED_UNKNOWN : now_of(c) == act_int(c, "replicas", -1) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *scale_undo(const struct act_ctx *c, struct str *args)
{
    int64_t was = act_num(c->before, "spec.replicas", -1);
    if (was < 0)
        return NULL;
    str_addf(args, "replicas=%" PRId64 "\n", was);
    return "scale";
}

/* Where it is known that there is nothing to scale; of others the server knows. */
static const char *const nothing[] = {"pods", "nodes", "daemonsets", "jobs", "cronjobs", "namespaces", "services", "events", NULL};
static const char *const any[] = {"deployments", "statefulsets", "replicasets", "*", NULL};
static const struct action_arg scale_args[] = {
    {.name = "replicas", .help = "How many there shall be.", .type = ARG_INT, .required = true, .most = INT32_MAX},
    {.name = "current-replicas", .help = "Only if there are so many now; -1: however many.", .type = ARG_INT, .def = "-1", .least = -1, .most = INT32_MAX},
};

const struct action kube_scale_actions[] = {
    {.id = "scale", .past = "scaled", .kinds = any, .help = "Sets the number of replicas and follows until they are ready.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .args = scale_args, .nargs = 2, .timeout_s = 900, .side = scale_side, .build = scale_build,
     .observe = scale_seen, .arrived = scale_arrived, .undo = scale_undo, .but = nothing},
    {0},
};
