/* Kubernetes: scale, cordon and uncordon, restart of a Deployment. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ops/action.h"
#include "strata/text.h"

#define MERGE "application/merge-patch+json"
#define STRATEGIC "application/strategic-merge-patch+json"
#define STAMP "kubectl.kubernetes.io/restartedAt"

static enum act_verdict patch(const struct act_ctx *c, struct act_req *rq, const char *sub, const char *type, const char *manager, json_t *body)
{
    rq->method = "PATCH";
    rq->content_type = type;
    rq->body = body;
    act_path(c, &rq->path, sub);
    str_addf(&rq->path, "?fieldManager=%s", manager);
    return ACT_SEND;
}

/* ---- scale ---- */

static enum act_verdict scale_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    int64_t want = act_int(c, "replicas", -1), have = act_num(c->obj, "spec.replicas", 1);
    if (want < 0) {
        act_fact(f, FACT_REFUSED, "how many replicas? Give --replicas=N");
        return ACT_REFUSED;
    }
    if (want == have)
        return ACT_ALREADY;
    act_fact(f, want ? FACT_INFO : FACT_CAUTION, "from %" PRId64 " to %" PRId64 " replicas%s", have, want, want ? "" : ": nothing of it runs then");
    return patch(c, rq, "scale", MERGE, "strata", json_pack("{s:{s:I}}", "spec", "replicas", (json_int_t)want));
}

static enum act_seen scale_observe(const struct act_ctx *c, struct str *why)
{
    int64_t want = act_int(c, "replicas", -1);
    if (!c->obj) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    int64_t have = act_num(c->obj, "spec.replicas", 1), all = act_num(c->obj, "status.replicas", 0), ready = act_num(c->obj, "status.readyReplicas", 0);
    if (have != want && act_num(c->obj, "metadata.generation", 0) > act_num(c->answer, "metadata.generation", INT64_MAX)) {
        str_addf(why, "another change took over: it wants %" PRId64 " replicas now", have);
        return SEEN_FAILED;
    }
    str_addf(why, "%" PRId64 " of %" PRId64 " ready", ready, want);
    if (all > want)
        str_addf(why, ", %" PRId64 " still to end", all - want);
    bool seen = act_num(c->obj, "status.observedGeneration", 0) >= act_num(c->obj, "metadata.generation", 0);
    return have == want && seen && all == want && ready >= want ? SEEN_DONE : SEEN_WAIT;
}

static enum act_arrived scale_arrived(const struct act_ctx *c)
{
    return act_num(c->obj, "spec.replicas", 1) == act_int(c, "replicas", -1) ? ARRIVED_YES : ARRIVED_NO;
}

static const char *scale_undo(const struct act_ctx *c, struct str *args)
{
    str_addf(args, "replicas=%" PRId64 "\n", act_num(c->before, "spec.replicas", 1));
    return "scale";
}

/* ---- cordon ---- */

static bool cordoned(const json_t *node)
{
    return json_is_true(act_get(node, "spec.unschedulable"));
}

static enum act_verdict cordon(const struct act_ctx *c, struct act_req *rq, bool on)
{
    if (cordoned(c->obj) == on)
        return ACT_ALREADY;
    return patch(c, rq, NULL, STRATEGIC, "strata", on ? json_pack("{s:{s:b}}", "spec", "unschedulable", 1) : json_pack("{s:{s:n}}", "spec", "unschedulable"));
}

static enum act_verdict cordon_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    act_fact(f, FACT_INFO, "no new pods will be placed on it; those that run stay");
    return cordon(c, rq, true);
}

static enum act_verdict uncordon_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    act_fact(f, FACT_INFO, "new pods may be placed on it again");
    return cordon(c, rq, false);
}

static enum act_seen seen_cordon(const struct act_ctx *c, struct str *why, bool on)
{
    if (!c->obj)
        str_adds(why, "the node was deleted meanwhile");
    else if (cordoned(c->obj) != on)
        str_adds(why, "another change took it back");
    return c->obj && cordoned(c->obj) == on ? SEEN_DONE : SEEN_FAILED;
}

static enum act_seen cordon_observe(const struct act_ctx *c, struct str *why) { return seen_cordon(c, why, true); }
static enum act_seen uncordon_observe(const struct act_ctx *c, struct str *why) { return seen_cordon(c, why, false); }
static enum act_arrived cordon_arrived(const struct act_ctx *c) { return cordoned(c->obj) ? ARRIVED_YES : ARRIVED_NO; }
static enum act_arrived uncordon_arrived(const struct act_ctx *c) { return cordoned(c->obj) ? ARRIVED_NO : ARRIVED_YES; }

static const char *cordon_undo(const struct act_ctx *c, struct str *args)
{
    (void)c, (void)args;
    return "uncordon";
}

static const char *uncordon_undo(const struct act_ctx *c, struct str *args)
{
    (void)c, (void)args;
    return "cordon";
}

/* ---- restart ---- */

static const char *stamp_of(const json_t *obj)
{
    const json_t *a = act_get(obj, "spec.template.metadata.annotations");
    const char *s = json_string_value(json_object_get(a, STAMP));
    return s ? s : "";
}

static enum act_verdict restart_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *f)
{
    char now[40];
    if (json_is_true(act_get(c->obj, "spec.paused"))) {
        act_fact(f, FACT_REFUSED, "its rollout is paused: resume it first");
        return ACT_REFUSED;
    }
    text_format_time(now, sizeof(now), c->now_ms);
    if (!strcmp(now, stamp_of(c->obj))) {
        act_fact(f, FACT_REFUSED, "it was restarted in this very second");
        return ACT_REFUSED;
    }
    act_fact(f, FACT_INFO, "its pods are replaced a few at a time, as its strategy says");
    return patch(c, rq, NULL, STRATEGIC, "kubectl-rollout",
                 json_pack("{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata", "annotations", STAMP, now));
}

static enum act_seen restart_observe(const struct act_ctx *c, struct str *why)
{
    if (!c->obj) {
        str_adds(why, "it was deleted meanwhile");
        return SEEN_FAILED;
    }
    if (act_num(c->obj, "status.observedGeneration", 0) < act_num(c->obj, "metadata.generation", 0)) {
        str_adds(why, "its controller has not seen it yet");
        return SEEN_WAIT;
    }
    size_t i;
    json_t *cond;
    json_array_foreach((json_t *)act_get(c->obj, "status.conditions"), i, cond)
        if (!strcmp(act_str(cond, "type"), "Progressing") && !strcmp(act_str(cond, "reason"), "ProgressDeadlineExceeded")) {
            str_adds(why, "the rollout makes no progress (ProgressDeadlineExceeded)");
            return SEEN_FAILED;
        }
    int64_t want = act_num(c->obj, "spec.replicas", 1), up = act_num(c->obj, "status.updatedReplicas", 0);
    int64_t all = act_num(c->obj, "status.replicas", 0), avail = act_num(c->obj, "status.availableReplicas", 0);
    str_addf(why, "%" PRId64 " of %" PRId64 " new, %" PRId64 " available, %" PRId64 " old to end", up, want, avail, all > up ? all - up : 0);
    return up < want || all > up || avail < up ? SEEN_WAIT : SEEN_DONE;
}

static enum act_arrived restart_arrived(const struct act_ctx *c)
{
    int64_t at;
    const char *s = stamp_of(c->obj);
    return c->sent_ms != CELL_NONE && text_parse_time(s, strlen(s), &at) && at >= c->sent_ms - 2000 ? ARRIVED_YES : ARRIVED_NO;
}

static const char *const scaled[] = {"deployments", "statefulsets", "replicasets", NULL};
static const char *const nodes[] = {"nodes", NULL};
static const char *const deployments[] = {"deployments", NULL};
static const struct action_arg scale_args[] = {{"replicas", "How many there shall be.", ARG_INT, NULL, NULL, true}};

const struct action kube_object_actions[] = {
    {.id = "scale", .past = "scaled", .kinds = scaled, .help = "Sets the number of replicas and waits until they are ready.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .args = scale_args, .nargs = 1, .build = scale_build, .observe = scale_observe,
     .arrived = scale_arrived, .undo = scale_undo},
    {.id = "cordon", .past = "cordoned", .kinds = nodes, .help = "Keeps new pods off a node.", .plane = PLANE_KUBE, .flags = ACTION_AGAIN | ACTION_DRY_RUN,
     .build = cordon_build, .observe = cordon_observe, .arrived = cordon_arrived, .undo = cordon_undo},
    {.id = "uncordon", .past = "uncordoned", .kinds = nodes, .help = "Lets new pods onto a node again.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .build = uncordon_build, .observe = uncordon_observe, .arrived = uncordon_arrived, .undo = uncordon_undo},
    {.id = "restart", .past = "restarted", .kinds = deployments, .help = "Replaces the pods of a workload, a few at a time.", .plane = PLANE_KUBE,
     .flags = ACTION_DRY_RUN, .timeout_s = 600, .build = restart_build, .observe = restart_observe, .arrived = restart_arrived},
    {0},
};
