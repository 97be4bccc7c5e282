/* Cron jobs: a job when the minute has come, the old ones tidied away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

static const char controller[] = "cronjob-controller";

static const char *verdict(const json_t *job)
{
    static const char *const ends[] = {"Complete", "Failed"};
    for (size_t i = 0; i < 2; i++)
        if (strcmp(jstr(ctl_find_condition(job, ends[i]), "status"), "True") == 0)
            return ends[i];
    return NULL;
}

static int newer(const void *a, const void *b)
{
    return strcmp(jstr(*(json_t *const *)b, "status.startTime"), jstr(*(json_t *const *)a, "status.startTime"));
}

static void drop(struct sim *s, const json_t *cj, const json_t *job)
{
    struct obj *o = ctl_get(s, K_JOB, jstr(job, "metadata.namespace"), jstr(job, "metadata.name"));
    if (!o)
        return;
    ctl_event(s, cj, "Normal", "SuccessfulDelete", controller, NULL, "Deleted job %s", jstr(job, "metadata.name"));
    ctl_delete(s, o, &(struct ctl_delete){-1, NULL});
}

static void tidy(struct sim *s, const json_t *cj, json_t **jobs, size_t n)
{
    int64_t keep[2] = {jat(cj, "spec.successfulJobsHistoryLimit") ? jint(cj, "spec.successfulJobsHistoryLimit") : 3,
                       jat(cj, "spec.failedJobsHistoryLimit") ? jint(cj, "spec.failedJobsHistoryLimit") : 1};
    qsort(jobs, n, sizeof(*jobs), newer);
    for (size_t i = 0; i < n; i++) {
        const char *end = verdict(jobs[i]);
        if (end && keep[*end == 'F']-- <= 0)
            drop(s, cj, jobs[i]);
    }
}

static struct obj *start_job(struct sim *s, const json_t *cj, int64_t due_s)
{
    char at[32], scheduled[32];
    json_t *t = jat(cj, "spec.jobTemplate"), *labels = json_deep_copy(jat(t, "metadata.labels")), *spec = json_deep_copy(jat(t, "spec"));
    json_t *notes = json_deep_copy(jat(t, "metadata.annotations"));
    char *name = sim_printf("%s-%lld", jstr(cj, "metadata.name"), (long long)due_s / 60), uid[37];
    uuid4(s, uid);
    static const struct { const char *key, *json; } dflt[] = {
        {"completions", "1"}, {"parallelism", "1"}, {"backoffLimit", "6"}, {"completionMode", "'NonIndexed'"}, {"suspend", "false"},
        {"manualSelector", "false"}, {"podReplacementPolicy", "'TerminatingOrFailed'"},
    };
    for (size_t i = 0; i < sizeof(dflt) / sizeof(dflt[0]); i++)
        if (!json_object_get(spec, dflt[i].key))
            json_object_set_new(spec, dflt[i].key, jt(dflt[i].json));
    json_t *job = jt("{'kind':'Job','apiVersion':'batch/v1','metadata':{'name':%s,'namespace':%s,'uid':%s,'generation':1,'creationTimestamp':%s,"
                     "'labels':%j,'annotations':%j,'ownerReferences':%j},'spec':%j,'status':{}}", name, jstr(cj, "metadata.namespace"), uid,
                     ctl_now(s, at), labels ? labels : json_object(), notes ? notes : json_object(), ctl_owner_refs(cj, "CronJob"), spec);
    ctl_set_note(job, "batch.kubernetes.io/cronjob-scheduled-timestamp", stamp(due_s * 1000, scheduled));
    struct obj *o = ctl_get(s, K_JOB, jstr(cj, "metadata.namespace"), name) ? NULL : ctl_put(s, K_JOB, job);
    if (!o)
        json_decref(job);
    else
        ctl_event(s, cj, "Normal", "SuccessfulCreate", controller, NULL, "Created job %s", name);
    free(name);
    return o;
}

/* status.active: the jobs that run. Those that were there and have ended are spoken of once. */
static bool active_list(struct sim *s, json_t *cj, json_t **jobs, size_t n)
{
    json_t *active = json_array(), *was = json_deep_copy(jat(cj, "status.active"));
    bool changed = false;
    for (size_t i = 0; i < n; i++) {
        const char *end = verdict(jobs[i]), *uid = jstr(jobs[i], "metadata.uid");
        bool listed = false;
        for (size_t k = 0; k < json_array_size(was); k++)
            listed = listed || strcmp(jstr(json_array_get(was, k), "uid"), uid) == 0;
        if (!end && !listed && !*ctl_note_str(jobs[i], "batch.kubernetes.io/cronjob-scheduled-timestamp")) {
            ctl_event(s, cj, "Warning", "UnexpectedJob", controller, NULL, "Saw a job that the controller did not create or forgot: %s",
                      jstr(jobs[i], "metadata.name"));         /* somebody made it by hand: it does not count */
        } else if (!end) {
            json_array_append_new(active, jt("{'apiVersion':'batch/v1','kind':'Job','namespace':%s,'name':%s,'uid':%s,'resourceVersion':%s}",
                                             jstr(jobs[i], "metadata.namespace"), jstr(jobs[i], "metadata.name"), uid,
                                             jstr(jobs[i], "metadata.resourceVersion")));
            changed |= !listed;
        } else if (listed) {
            ctl_event(s, cj, "Normal", "SawCompletedJob", controller, NULL, "Saw completed job: %s, condition: %s", jstr(jobs[i], "metadata.name"), end);
            changed = true;
            const char *when = jstr(jobs[i], "status.completionTime");
            if (*end == 'C' && strcmp(when, jstr(cj, "status.lastSuccessfulTime")) > 0)
                jset(cj, "status.lastSuccessfulTime", json_string(when));
        }
    }
    changed |= json_array_size(active) != json_array_size(was);
    if (changed && json_array_size(active))
        jset(cj, "status.active", json_incref(active));
    else if (changed)
        json_object_del(jat(cj, "status"), "active");
    json_decref(active);
    json_decref(was);
    return changed;
}

static bool allowed(struct sim *s, const json_t *cj, json_t **jobs, size_t n)
{
    const char *policy = jstr(cj, "spec.concurrencyPolicy");
    for (size_t i = 0; i < n; i++) {
        if (verdict(jobs[i]))
            continue;
        if (strcmp(policy, "Forbid") == 0) {
            ctl_event(s, cj, "Normal", "JobAlreadyActive", controller, NULL, "Not starting job because prior execution is running and concurrency "
                      "policy is Forbid");
            return false;
        }
        if (strcmp(policy, "Replace") == 0)
            drop(s, cj, jobs[i]);
    }
    return true;
}

/* The last minute that is due and was not served; 0 = none. */
static int64_t due(struct sim *s, const json_t *cj, int64_t *next)
{
    const char *line = jstr(cj, "spec.schedule"), *last = jstr(cj, "status.lastScheduleTime");
    int64_t now = sim_now(s) / 1000, from = stamp_ms(*last ? last : jstr(cj, "metadata.creationTimestamp")) / 1000, at = 0;
    if (s->world->start_ms / 1000 > from)                      /* what was missed before the curtain rose stays missed */
        from = s->world->start_ms / 1000;
    *next = ctl_cron_next(line, from, 0);
    while (*next > 0 && *next <= now) {
        at = *next;
        *next = ctl_cron_next(line, at, 0);
    }
    return at;
}

void ctl_sync_cronjob(struct sim *s, const char *ns, const char *name)
{
    json_t *cj = ctl_doc(s, K_CRONJOB, ns, name);
    if (!cj || ctl_deleting(cj)) {
        json_decref(cj);
        return;
    }
    if (!jat(cj, "status"))
        jset(cj, "status", json_object());
    size_t n;
    struct ctl_item **own = ctl_owned(s, jstr(cj, "metadata.uid"), K_JOB, &n);
    json_t **jobs = sim_alloc((n + 1) * sizeof(*jobs));
    for (size_t i = 0; i < n; i++)
        jobs[i] = obj_doc(own[i]->o);
    free(own);
    int64_t next, at = due(s, cj, &next);
    char text[32];
    bool changed = active_list(s, cj, jobs, n);
    if (next < 0)
        ctl_event(s, cj, "Warning", "UnparseableSchedule", controller, NULL, "unparseable schedule \"%s\"", jstr(cj, "spec.schedule"));
    if (at && !json_is_true(jat(cj, "spec.suspend")) && allowed(s, cj, jobs, n)) {
        start_job(s, cj, at);
        jset(cj, "status.lastScheduleTime", json_string(stamp(at * 1000, text)));
        changed = true;
    }
    tidy(s, cj, jobs, n);
    if (changed)
        ctl_put(s, K_CRONJOB, json_incref(cj));
    struct ctl_item *self = ctl_item(s, jstr(cj, "metadata.uid"));
    if (next > 0 && self && self->created != next) {           /* one alarm for each minute due */
        self->created = next;
        ctl_queue_after(s, next * 1000 - sim_now(s) + 50, K_CRONJOB, ns, name);
    }
    for (size_t i = 0; i < n; i++)
        json_decref(jobs[i]);
    free(jobs);
    json_decref(cj);
}
