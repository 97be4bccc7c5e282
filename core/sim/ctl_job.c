/* Jobs: pods until enough have succeeded or too many failed. A finalizer keeps each pod until it is counted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define TRACKED "batch.kubernetes.io/job-tracking"

static const char controller[] = "job-controller";

struct work {
    struct sim *s;
    json_t *d, *st;
    const char *ns, *name;
    struct ctl_item *self, **active;
    size_t nactive;
    int64_t ready, ending, restarts;
    bool changed;
};

/* ---- counting ---- */
static bool untrack(json_t *pod)
{
    json_t *all = jat(pod, "metadata.finalizers");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const char *f = json_string_value(json_array_get(all, i));
        if (f && strcmp(f, TRACKED) == 0) {
            json_array_remove(all, i);
            if (!json_array_size(all))
                json_object_del(jat(pod, "metadata"), "finalizers");
            return true;
        }
    }
    return false;
}

static void add_to(struct work *w, const char *key)
{
    json_object_set_new(w->st, key, json_integer(jint(w->st, key) + 1));
    w->changed = true;
}

static void look_at_pods(struct work *w)
{
    size_t n;
    struct ctl_item **all = ctl_owned(w->s, jstr(w->d, "metadata.uid"), K_POD, &n);
    w->active = sim_alloc((n + 1) * sizeof(*w->active));
    for (size_t i = 0; i < n; i++) {
        struct ctl_item *it = all[i];
        bool ended = it->phase == 'S' || it->phase == 'F';
        if (ctl_active(it)) {
            w->ready += it->ready;
            w->restarts += it->restarts;
            w->active[w->nactive++] = it;
        }
        w->ending += it->terminating && !ended;
        if (!ended && !(it->terminating && !it->node))
            continue;
        json_t *pod = obj_doc(it->o);
        bool good = it->phase == 'S';
        if (untrack(pod)) {                                    /* counted once, then let go */
            add_to(w, good ? "succeeded" : "failed");
            if (!good)
                w->self->ready_since = sim_now(w->s);
            ctl_put(w->s, K_POD, json_incref(pod));
        }
        json_decref(pod);
    }
    free(all);
}

/* ---- conditions ---- */
static bool is_true(const json_t *d, const char *type)
{
    return strcmp(jstr(ctl_find_condition(d, type), "status"), "True") == 0;
}

static void conclude(struct work *w, const char *type, const char *reason, const char *message)
{
    char at[32];
    if (ctl_condition(w->d, type, "True", reason, message, ctl_now(w->s, at))) {
        json_object_set_new(ctl_find_condition(w->d, type), "lastProbeTime", json_string(at));
        w->changed = true;
    }
}

static void end_pods(struct work *w, size_t keep)
{
    while (w->nactive > keep) {
        struct ctl_item *it = w->active[--w->nactive];
        char *name = sim_strdup(it->o->name);
        ctl_delete(w->s, it->o, &(struct ctl_delete){-1, NULL});
        ctl_event(w->s, w->d, "Normal", "SuccessfulDelete", controller, NULL, "Deleted pod: %s", name);
        free(name);
    }
}

static void fail(struct work *w, const char *reason, const char *message)
{
    conclude(w, "FailureTarget", reason, message);
    end_pods(w, 0);
}

static void finish(struct work *w)
{
    char at[32];
    json_t *target = ctl_find_condition(w->d, "FailureTarget");
    if (w->nactive || w->ending)
        return;
    if (target) {
        char *reason = sim_strdup(jstr(target, "reason")), *message = sim_strdup(jstr(target, "message"));
        conclude(w, "Failed", reason, message);
        ctl_event(w->s, w->d, "Warning", reason, controller, NULL, "%s", message);
        free(reason);
        free(message);
    } else {
        static const char text[] = "Reached expected number of succeeded pods";
        conclude(w, "SuccessCriteriaMet", "CompletionsReached", text);
        conclude(w, "Complete", "CompletionsReached", text);
        json_object_set_new(w->st, "completionTime", json_string(ctl_now(w->s, at)));
        ctl_event(w->s, w->d, "Normal", "Completed", controller, NULL, "Job completed");
    }
}

static bool failed(struct work *w)
{
    int64_t limit = jat(w->d, "spec.backoffLimit") ? jint(w->d, "spec.backoffLimit") : 6, deadline = jint(w->d, "spec.activeDeadlineSeconds");
    bool in_place = strcmp(jstr(w->d, "spec.template.spec.restartPolicy"), "OnFailure") == 0;
    int64_t began = stamp_ms(jstr(w->st, "startTime"));
    if (jint(w->st, "failed") > limit || (in_place && w->restarts && w->restarts >= limit)) {
        fail(w, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        return true;
    }
    if (deadline && began >= 0) {
        int64_t left = began + ctl_ms(w->s, deadline * 1000) - sim_now(w->s);
        if (left <= 0) {
            fail(w, "DeadlineExceeded", "Job was active longer than specified deadline");
            return true;
        }
        ctl_queue_after(w->s, left + 500, K_JOB, w->ns, w->name);
    }
    return false;
}

/* ---- pods ---- */
static bool add_pod(struct work *w)
{
    char *why;
    json_t *pod = ctl_template_pod(w->s, w->d, "Job", NULL), *labels = jat(pod, "metadata.labels");
    const char *uid = jstr(w->d, "metadata.uid");
    json_object_set_new(labels, "batch.kubernetes.io/controller-uid", json_string(uid));
    json_object_set_new(labels, "batch.kubernetes.io/job-name", json_string(w->name));
    json_object_set_new(labels, "controller-uid", json_string(uid));
    json_object_set_new(labels, "job-name", json_string(w->name));
    jset(pod, "metadata.finalizers", jt("[%s]", TRACKED));
    struct obj *o = ctl_create_pod(w->s, w->d, pod, &why);
    if (o)
        ctl_event(w->s, w->d, "Normal", "SuccessfulCreate", controller, NULL, "Created pod: %s", o->name);
    else if (why)
        ctl_event(w->s, w->d, "Warning", "FailedCreate", controller, NULL, "Error creating: %s", why);
    free(why);
    return o != NULL;
}

static int64_t back_off(struct work *w)
{
    int64_t n = jint(w->st, "failed"), wait = 10000;
    if (!n || !w->self->ready_since)
        return 0;
    for (; n > 1 && wait < 600000; n--)
        wait *= 2;
    return w->self->ready_since + ctl_ms(w->s, wait > 600000 ? 600000 : wait) - sim_now(w->s);
}

static void work(struct work *w)
{
    int64_t parallel = jat(w->d, "spec.parallelism") ? jint(w->d, "spec.parallelism") : 1, good = jint(w->st, "succeeded"), want;
    bool counted = json_is_integer(jat(w->d, "spec.completions"));
    int64_t all = counted ? jint(w->d, "spec.completions") : 1;
    if (counted ? good >= all : good > 0 && !w->nactive) {
        end_pods(w, 0);
        finish(w);
        return;
    }
    want = !counted && good > 0 ? (int64_t)w->nactive : parallel;
    if (counted && want > all - good)
        want = all - good;
    if ((int64_t)w->nactive > want) {
        end_pods(w, (size_t)want);
    } else if ((int64_t)w->nactive < want) {
        int64_t wait = back_off(w);
        if (wait > 0)
            ctl_queue_after(w->s, wait + 50, K_JOB, w->ns, w->name);
        for (size_t i = w->nactive; wait <= 0 && (int64_t)i < want && add_pod(w);)
            i++;
    }
}

static void suspended(struct work *w, bool is)
{
    char at[32];
    bool was = is_true(w->d, "Suspended");
    if (is && !was) {
        conclude(w, "Suspended", "JobSuspended", "Job suspended");
        json_object_del(w->st, "startTime");
        ctl_event(w->s, w->d, "Normal", "Suspended", controller, NULL, "Job suspended");
    } else if (!is && was) {
        ctl_condition(w->d, "Suspended", "False", "JobResumed", "Job resumed", ctl_now(w->s, at));
        w->changed = true;
        ctl_event(w->s, w->d, "Normal", "Resumed", controller, NULL, "Job resumed");
    }
    if (is)
        end_pods(w, 0);
    else if (!*jstr(w->st, "startTime")) {
        json_object_set_new(w->st, "startTime", json_string(ctl_now(w->s, at)));
        w->changed = true;
    }
}

static void expire(struct work *w)
{
    json_t *ttl = jat(w->d, "spec.ttlSecondsAfterFinished");
    json_t *c = ctl_find_condition(w->d, is_true(w->d, "Failed") ? "Failed" : "Complete");
    if (!json_is_integer(ttl))
        return;
    int64_t left = stamp_ms(jstr(c, "lastTransitionTime")) + ctl_ms(w->s, json_integer_value(ttl) * 1000) - sim_now(w->s);
    struct obj *o = ctl_get(w->s, K_JOB, w->ns, w->name);
    if (left > 0)
        ctl_queue_after(w->s, left + 500, K_JOB, w->ns, w->name);
    else if (o)
        ctl_delete(w->s, o, &(struct ctl_delete){-1, "Foreground"});
}

/* What the API server fills in when a job is made; seeds and other controllers may have left it out. */
static void complete_spec(struct work *w)
{
    if (jat(w->d, "spec.selector.matchLabels"))
        return;
    jset(w->d, "spec.selector", jt("{'matchLabels':{'batch.kubernetes.io/controller-uid':%s}}", jstr(w->d, "metadata.uid")));
    w->changed = true;
}

void ctl_sync_job(struct sim *s, const char *ns, const char *name)
{
    struct work w = {.s = s, .ns = ns, .name = name, .d = ctl_doc(s, K_JOB, ns, name)};
    if (!w.d)
        return;
    if (!jat(w.d, "status"))
        jset(w.d, "status", json_object());
    w.st = jat(w.d, "status");
    w.self = ctl_item(s, jstr(w.d, "metadata.uid"));
    complete_spec(&w);
    look_at_pods(&w);
    bool over = is_true(w.d, "Complete") || is_true(w.d, "Failed"), off = json_is_true(jat(w.d, "spec.suspend"));
    if (!over && !ctl_deleting(w.d)) {
        if (ctl_find_condition(w.d, "FailureTarget")) {
            finish(&w);
        } else {
            suspended(&w, off);
            if (!off && !failed(&w))
                work(&w);
        }
    }
    bool put = ctl_count(w.st, "active", (int64_t)w.nactive, false);
    if (!over || jat(w.st, "ready"))
        put |= ctl_count(w.st, "ready", w.ready, true);
    put |= ctl_count(w.st, "terminating", w.ending, true);
    if (!jat(w.st, "uncountedTerminatedPods")) {
        json_object_set_new(w.st, "uncountedTerminatedPods", json_object());
        put = true;
    }
    if (put || w.changed)
        ctl_put(s, K_JOB, json_incref(w.d));
    if (over && !ctl_deleting(w.d))
        expire(&w);
    free(w.active);
    json_decref(w.d);
}
