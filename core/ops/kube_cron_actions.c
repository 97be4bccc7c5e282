/* Rows about cron jobs: trigger (as `kubectl create job --from`), suspend, resume. */
#include <inttypes.h>
#include <string.h>

#include "core/ops/kube_work.h"

enum { SIDE_JOB };

/* The job's name is made from the cron job as it was read and from the operation: the same request sent twice makes one job, triggered
 * again it is another one. */
static void job_name(const struct act_ctx *c, char *buf, size_t size)
{
    const json_t *o = c->before ? c->before : c->obj;
    const char *asked = act_arg(c, "name");
    const char *of[] = {act_str(o, "metadata.uid"), act_str(o, "metadata.resourceVersion"), asked ? asked : ""};
    char tail[6];
    if (asked && *asked && *asked != '*') {
        snprintf(buf, size, "%s", asked);
        return;
    }
    kube_tail(tail, of, 3, 0);
    snprintf(buf, size, "%.50s-manual-%s", c->name, tail);
}

static bool job_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion)
{
    char name[300];
    (void)service;
    (void)microversion;
    if (i != SIDE_JOB || !kube_ns_path(c, path, "batch/v1", "jobs"))
        return false;
    job_name(c, name, sizeof name);
    str_addc(path, '/');
    return str_add_urlenc(path, name);
}

static enum act_verdict trigger_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    const json_t *template = act_get(c->obj, "spec.jobTemplate"), *active = act_get(c->obj, "status.active");
    json_t *notes = json_deep_copy(act_get(template, "metadata.annotations")), *labels = json_deep_copy(act_get(template, "metadata.labels"));
    char name[300];
    job_name(c, name, sizeof name);
    if (c->side[SIDE_JOB].json) {
        act_fact(facts, FACT_REFUSED, "job %s is there already: give another name", name);
        json_decref(notes);
        json_decref(labels);
        return ACT_REFUSED;
    }
    if (json_array_size(active))
        act_fact(facts, !strcmp(act_str(c->obj, "spec.concurrencyPolicy"), "Allow") ? FACT_INFO : FACT_CAUTION,
                 "%zu job%s of it run%s now; this one starts besides, its policy %s is for its own schedule", json_array_size(active),
                 json_array_size(active) == 1 ? "" : "s", json_array_size(active) == 1 ? "s" : "", act_str(c->obj, "spec.concurrencyPolicy"));
    act_fact(facts, FACT_INFO, "job %s is made from its template", name);
    notes = notes ? notes : json_object();
    json_object_set_new(notes, "cronjob.kubernetes.io/instantiate", json_string("manual"));
    rq->method = "POST";
    rq->body = json_pack("{s:s,s:s,s:{s:s,s:s,s:o,s:o*,s:[{s:s,s:s,s:s,s:s,s:b}]},s:O}", "apiVersion", "batch/v1", "kind", "Job", "metadata",
                         "name", name, "namespace", c->scope, "annotations", notes, "labels", labels, "ownerReferences", "apiVersion", "batch/v1",
                         "kind", "CronJob", "name", c->name, "uid", act_str(c->obj, "metadata.uid"), "controller", 1, "spec",
                         act_get(template, "spec"));
    return rq->body && kube_ns_path(c, &rq->path, "batch/v1", "jobs") ? ACT_SEND : ACT_REFUSED;
}

static const json_t *job_condition(const json_t *job, const char *type)
{
    const json_t *one = kube_condition_of(job, type);
    return !strcmp(act_str(one, "status"), "True") ? one : NULL;
}

static enum act_seen trigger_seen(const struct act_ctx *c, struct str *why)
{
    const json_t *job = c->side[SIDE_JOB].json, *failed = job_condition(job, "Failed");
    int64_t active = act_num(job, "status.active", 0), ok = act_num(job, "status.succeeded", 0), bad = act_num(job, "status.failed", 0);
    if (c->side[SIDE_JOB].status == 404) {
        str_adds(why, c->answer ? "the job was deleted meanwhile" : "the job is not there yet");
        return c->answer ? SEEN_FAILED : SEEN_WAIT;
    }
    if (!job)
        return SEEN_WAIT;
    str_addf(why, "job %s: %" PRId64 " active, %" PRId64 " succeeded, %" PRId64 " failed", act_str(job, "metadata.name"), active, ok, bad);
    if (failed) {
        str_addf(why, "; %s %.200s", act_str(failed, "reason"), act_str(failed, "message"));
        return SEEN_FAILED;
    }
    if (job_condition(job, "Complete"))
        return SEEN_DONE;
    return !act_bool(c, "wait") && (active || ok) ? SEEN_DONE : SEEN_WAIT;
}

static enum act_arrived trigger_arrived(const struct act_ctx *c)
{
    return c->side[SIDE_JOB].json ? ARRIVED_YES : c->side[SIDE_JOB].status == 404 ? ARRIVED_NO : ARRIVED_UNKNOWN;
}

/* ---- suspend, resume ---- */

static enum act_verdict suspend_build(const struct act_ctx *c, struct act_req *rq, struct act_facts *facts)
{
    bool want = !strcmp(c->action->id, "suspend");
    size_t active = json_array_size(act_get(c->obj, "status.active"));
    if (json_is_true(act_get(c->obj, "spec.suspend")) == want)
        return ACT_ALREADY;
    if (want && active)
        act_fact(facts, FACT_INFO, "%zu job%s of it go%s on; no new one starts", active, active == 1 ? "" : "s", active == 1 ? "es" : "");
    if (!want)
        act_fact(facts, FACT_CAUTION, "a start that was missed while it was suspended may be made up for at once");
    kube_say_keepers(c->obj, facts);
    return kube_patch(c, rq, NULL, KUBE_STRATEGIC, json_pack("{s:{s:b}}", "spec", "suspend", want)) ? ACT_SEND : ACT_REFUSED;
}

static enum act_seen suspend_seen(const struct act_ctx *c, struct str *why)
{
    bool want = !strcmp(c->action->id, "suspend");
    if (c->obj && json_is_true(act_get(c->obj, "spec.suspend")) == want)
        return SEEN_DONE;
    str_adds(why, c->obj ? "somebody changed it back" : "it was deleted meanwhile");
    return SEEN_FAILED;
}

static enum act_arrived suspend_arrived(const struct act_ctx *c)
{
    return !c->obj ? ARRIVED_UNKNOWN : json_is_true(act_get(c->obj, "spec.suspend")) == !strcmp(c->action->id, "suspend") ? ARRIVED_YES : ARRIVED_NO;
}

static const char *suspend_undo(const struct act_ctx *c, struct str *args)
{
    (void)args;
    return !strcmp(c->action->id, "suspend") ? "resume" : "suspend";
}

static const char *const cronjobs[] = {"cronjobs", NULL};
static const struct action_arg trigger_args[] = {
    {.name = "name", .help = "Name of the job; made up if not given.", .type = ARG_TEXT, .def = ARG_UNIQUE},
    {.name = "wait", .help = "Follow the job to its end, not only to its start.", .type = ARG_BOOL},
};

const struct action kube_cron_actions[] = {
    {.id = "trigger", .past = "triggered", .kinds = cronjobs, .help = "Starts a job of it now.", .plane = PLANE_KUBE, .flags = ACTION_DRY_RUN,
     .args = trigger_args, .nargs = 2, .timeout_s = 1800, .side = job_side, .build = trigger_build, .observe = trigger_seen,
     .arrived = trigger_arrived},
    {.id = "suspend", .past = "suspended", .kinds = cronjobs, .help = "Starts no more jobs by its schedule.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .build = suspend_build, .observe = suspend_seen, .arrived = suspend_arrived, .undo = suspend_undo},
    {.id = "resume", .past = "resumed", .kinds = cronjobs, .help = "Starts jobs by its schedule again.", .plane = PLANE_KUBE,
     .flags = ACTION_AGAIN | ACTION_DRY_RUN, .build = suspend_build, .observe = suspend_seen, .arrived = suspend_arrived, .undo = suspend_undo},
    {0},
};
