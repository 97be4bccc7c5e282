/* Describes what makes pods: deployments, replica sets, stateful sets, daemon sets, jobs, cron jobs. */
#include "core/kube/describe_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/text.h"

static void name_and_ns(struct desc *d)
{
    static const struct d_row rows[] = {{"Name", "metadata.name", D_ALWAYS}, {"Namespace", "metadata.namespace", D_ALWAYS}};
    d_rows(d, 0, d->obj, rows, 2);
}

static void labels_annotations(struct desc *d)
{
    d_labels(d, "Labels", kube_jget(d->obj, "metadata.labels"));
    d_annotations(d, "Annotations", kube_jget(d->obj, "metadata.annotations"));
}

static void selector(struct desc *d)
{
    const json_t *s = kube_jget(d->obj, "spec.selector");
    bool plain = json_is_object(s) && !json_object_get(s, "matchLabels") && !json_object_get(s, "matchExpressions");
    d_line(d, 0, "Selector:\t%s", plain ? d_labels_inline(d, s) : d_selector(d, s));
}

static void controlled_by(struct desc *d)
{
    if (d_controller(d, d->obj))
        d_line(d, 0, "Controlled By:\t%s", d_controller(d, d->obj));
}

static bool owned_by(const json_t *o, const char *uid)
{
    const json_t *refs = kube_jget(o, "metadata.ownerReferences");
    for (size_t i = 0; uid && i < json_array_size(refs); i++) {
        const json_t *r = json_array_get(refs, i);
        const char *u = kube_jstr(r, "uid");
        if (u && !strcmp(u, uid) && json_is_true(json_object_get(r, "controller")))
            return true;
    }
    return false;
}

/* Pods of the selector that this object controls, by phase. */
static void pods_status(struct desc *d)
{
    static const char *const phases[] = {"Running", "Pending", "Succeeded", "Failed"};
    const struct describe_side *side = &d->in->side[1];
    const json_t *items = json_object_get(side->json, "items");
    size_t count[4] = {0};
    if (!side->json) {
        d_line(d, 0, "Pods Status:\t<not known: %s>", side->err.msg);
        return;
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *p = json_array_get(items, i);
        if (!owned_by(p, kube_jstr(d->obj, "metadata.uid")))
            continue;
        for (size_t k = 0; k < 4; k++)
            count[k] += !strcmp(d_str(d, p, "status.phase"), phases[k]);
    }
    d_line(d, 0, "Pods Status:\t%zu Running / %zu Waiting / %zu Succeeded / %zu Failed", count[0], count[1], count[2], count[3]);
}

static void conditions(struct desc *d)
{
    const json_t *list = kube_jget(d->obj, "status.conditions");
    if (!json_array_size(list))
        return;
    d_line(d, 0, "Conditions:");
    d_line(d, 1, "Type\tStatus\tReason");
    d_line(d, 1, "----\t------\t------");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        d_line(d, 1, "%s \t%s\t%s", d_str(d, c, "type"), d_str(d, c, "status"), d_str(d, c, "reason"));
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        const char *type = d_str(d, c, "type"), *status = d_str(d, c, "status");
        bool bad = strstr(type, "Failure") ? !strcmp(status, "True") : !strcmp(status, "False");
        if (bad && *d_str(d, c, "message"))
            d_line(d, 0, "%s:\t%s", type, d_str(d, c, "message"));
    }
}

/* ---- deployments ---- */

static bool same_template(const json_t *a, const json_t *b)
{
    json_t *x = json_deep_copy(a), *y = json_deep_copy(b);
    json_object_del(kube_jget(x, "metadata.labels"), "pod-template-hash");
    json_object_del(kube_jget(y, "metadata.labels"), "pod-template-hash");
    bool same = x && y && json_equal(x, y);
    json_decref(x);
    json_decref(y);
    return same;
}

/* The replica set with the deployment's own template; the oldest, should there be two. */
static const json_t *newest_set(struct desc *d, const json_t *items)
{
    const json_t *best = NULL;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *rs = json_array_get(items, i);
        if (owned_by(rs, kube_jstr(d->obj, "metadata.uid")) &&
            same_template(kube_jget(rs, "spec.template"), kube_jget(d->obj, "spec.template")) &&
            (!best || strcmp(d_str(d, rs, "metadata.creationTimestamp"), d_str(d, best, "metadata.creationTimestamp")) < 0))
            best = rs;
    }
    return best;
}

static void add_set(struct desc *d, const json_t *rs, bool comma)
{
    d_add(d, "%s%s (%" PRId64 "/%" PRId64 " replicas created)", comma ? ", " : "", d_str(d, rs, "metadata.name"),
          kube_jint(rs, "status.replicas", 0), kube_jint(rs, "spec.replicas", 1));
}

static void replica_sets(struct desc *d)
{
    const struct describe_side *side = &d->in->side[1];
    const json_t *items = json_object_get(side->json, "items"), *now = newest_set(d, items);
    if (!side->json) {
        d_line(d, 0, "ReplicaSets:\t<not known: %s>", side->err.msg);
        return;
    }
    size_t n = 0;
    d_add(d, "OldReplicaSets:\t");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *rs = json_array_get(items, i);
        if (rs != now && owned_by(rs, kube_jstr(d->obj, "metadata.uid")))
            add_set(d, rs, n++ > 0);
    }
    d_add(d, "%s\nNewReplicaSet:\t", n ? "" : "<none>");
    if (now)
        add_set(d, now, false);
    d_add(d, "%s\n", now ? "" : "<none>");
}

void d_deployment(struct desc *d)
{
    const json_t *o = d->obj, *ru = kube_jget(o, "spec.strategy.rollingUpdate");
    name_and_ns(d);
    d_line(d, 0, "CreationTimestamp:\t%s", d_time(d, o, "metadata.creationTimestamp"));
    labels_annotations(d);
    selector(d);
    d_line(d, 0, "Replicas:\t%" PRId64 " desired | %" PRId64 " updated | %" PRId64 " total | %" PRId64 " available | %" PRId64 " unavailable",
           kube_jint(o, "spec.replicas", 1), kube_jint(o, "status.updatedReplicas", 0), kube_jint(o, "status.replicas", 0),
           kube_jint(o, "status.availableReplicas", 0), kube_jint(o, "status.unavailableReplicas", 0));
    if (json_is_true(kube_jget(o, "spec.paused")))
        d_line(d, 0, "Paused:\ttrue");
    d_line(d, 0, "StrategyType:\t%s", d_str(d, o, "spec.strategy.type"));
    d_line(d, 0, "MinReadySeconds:\t%" PRId64, kube_jint(o, "spec.minReadySeconds", 0));
    if (ru)
        d_line(d, 0, "RollingUpdateStrategy:\t%s max unavailable, %s max surge", d_str(d, ru, "maxUnavailable"), d_str(d, ru, "maxSurge"));
    d_template(d, kube_jget(o, "spec.template"));
    conditions(d);
    replica_sets(d);
}

/* ---- sets ---- */

void d_replicaset(struct desc *d)
{
    name_and_ns(d);
    selector(d);
    labels_annotations(d);
    controlled_by(d);
    d_line(d, 0, "Replicas:\t%" PRId64 " current / %" PRId64 " desired", kube_jint(d->obj, "status.replicas", 0),
           kube_jint(d->obj, "spec.replicas", 1));
    pods_status(d);
    d_template(d, kube_jget(d->obj, "spec.template"));
    conditions(d);
}

static void claims(struct desc *d, const json_t *list)
{
    d_line(d, 0, "Volume Claims:%s", json_array_size(list) ? "" : "\t<none>");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i), *cap = kube_jget(c, "spec.resources.requests.storage");
        d_line(d, 1, "Name:\t%s", d_str(d, c, "metadata.name"));
        d_line(d, 1, "StorageClass:\t%s", d_str(d, c, "spec.storageClassName"));
        d_labels(d, "  Labels", kube_jget(c, "metadata.labels"));
        d_annotations(d, "  Annotations", kube_jget(c, "metadata.annotations"));
        d_line(d, 1, "Capacity:\t%s", cap ? d_str(d, c, "spec.resources.requests.storage") : "<default>");
        d_line(d, 1, "Access Modes:\t[%s]", d_join(d, kube_jget(c, "spec.accessModes"), " "));
    }
}

void d_statefulset(struct desc *d)
{
    const json_t *o = d->obj, *ru = kube_jget(o, "spec.updateStrategy.rollingUpdate");
    name_and_ns(d);
    d_line(d, 0, "CreationTimestamp:\t%s", d_time(d, o, "metadata.creationTimestamp"));
    selector(d);
    labels_annotations(d);
    d_line(d, 0, "Replicas:\t%" PRId64 " desired | %" PRId64 " total", kube_jint(o, "spec.replicas", 1), kube_jint(o, "status.replicas", 0));
    d_line(d, 0, "Update Strategy:\t%s", d_str(d, o, "spec.updateStrategy.type"));
    if (json_object_get(ru, "partition")) {
        d_line(d, 1, "Partition:\t%s", d_str(d, ru, "partition"));
        if (json_object_get(ru, "maxUnavailable"))
            d_line(d, 1, "MaxUnavailable:\t%s", d_str(d, ru, "maxUnavailable"));
    }
    pods_status(d);
    d_template(d, kube_jget(o, "spec.template"));
    claims(d, kube_jget(o, "spec.volumeClaimTemplates"));
}

void d_daemonset(struct desc *d)
{
    static const struct { const char *text, *path; } counts[] = {
        {"Desired Number of Nodes Scheduled", "status.desiredNumberScheduled"},
        {"Current Number of Nodes Scheduled", "status.currentNumberScheduled"},
        {"Number of Nodes Scheduled with Up-to-date Pods", "status.updatedNumberScheduled"},
        {"Number of Nodes Scheduled with Available Pods", "status.numberAvailable"},
        {"Number of Nodes Misscheduled", "status.numberMisscheduled"}};
    name_and_ns(d);
    selector(d);
    d_line(d, 0, "Node-Selector:\t%s", d_labels_inline(d, kube_jget(d->obj, "spec.template.spec.nodeSelector")));
    labels_annotations(d);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        d_line(d, 0, "%s: %" PRId64, counts[i].text, kube_jint(d->obj, counts[i].path, 0));
    pods_status(d);
    d_template(d, kube_jget(d->obj, "spec.template"));
}

/* ---- jobs ---- */

static void job_duration(struct desc *d)
{
    const char *a = kube_jstr(d->obj, "status.startTime"), *b = kube_jstr(d->obj, "status.completionTime");
    int64_t from, to;
    char buf[32];
    if (!a || !b || !text_parse_time(a, strlen(a), &from) || !text_parse_time(b, strlen(b), &to))
        return;
    text_age(buf, sizeof buf, (to - from) / 1000);
    d_line(d, 0, "Duration:\t%s", buf);
}

void d_job(struct desc *d)
{
    const json_t *o = d->obj;
    static const struct d_row spec[] = {
        {"Parallelism", "spec.parallelism", D_TEXT}, {"Completions", "spec.completions", D_UNSET},
        {"Completion Mode", "spec.completionMode", D_TEXT}, {"Suspend", "spec.suspend", D_TEXT},
        {"Backoff Limit", "spec.backoffLimit", D_TEXT}, {"TTL Seconds After Finished", "spec.ttlSecondsAfterFinished", D_TEXT},
        {"Start Time", "status.startTime", D_TIME}, {"Completed At", "status.completionTime", D_TIME}};
    name_and_ns(d);
    selector(d);
    labels_annotations(d);
    controlled_by(d);
    d_rows(d, 0, o, spec, sizeof spec / sizeof *spec);
    job_duration(d);
    if (kube_jget(o, "spec.activeDeadlineSeconds"))
        d_line(d, 0, "Active Deadline Seconds:\t%ss", d_str(d, o, "spec.activeDeadlineSeconds"));
    d_add(d, "Pods Statuses:\t%" PRId64 " Active", kube_jint(o, "status.active", 0));
    if (kube_jget(o, "status.ready"))
        d_add(d, " (%s Ready)", d_str(d, o, "status.ready"));
    d_add(d, " / %" PRId64 " Succeeded / %" PRId64 " Failed\n", kube_jint(o, "status.succeeded", 0), kube_jint(o, "status.failed", 0));
    if (!strcmp(d_str(d, o, "spec.completionMode"), "Indexed"))
        d_line(d, 0, "Completed Indexes:\t%s", d_str_or(d, o, "status.completedIndexes", "<none>"));
    d_template(d, kube_jget(o, "spec.template"));
    const json_t *list = kube_jget(o, "status.conditions");
    for (size_t i = 0; i < json_array_size(list); i++) {          /* kubectl leaves out why a job failed */
        const json_t *c = json_array_get(list, i);
        if (!strcmp(d_str(d, c, "status"), "True") && !strcmp(d_str(d, c, "type"), "Failed"))
            d_line(d, 0, "Failed:\t%s: %s", d_str(d, c, "reason"), d_str(d, c, "message"));
    }
}

void d_cronjob(struct desc *d)
{
    const json_t *o = d->obj, *job = kube_jget(o, "spec.jobTemplate.spec"), *active = kube_jget(o, "status.active");
    static const struct d_row head[] = {{"Schedule", "spec.schedule", D_ALWAYS}, {"Concurrency Policy", "spec.concurrencyPolicy", D_ALWAYS}};
    static const struct d_row rows[] = {{"Time Zone", "spec.timeZone", D_UNSET},
                                        {"Successful Job History Limit", "spec.successfulJobsHistoryLimit", D_UNSET},
                                        {"Failed Job History Limit", "spec.failedJobsHistoryLimit", D_UNSET}};
    static const struct d_row of_job[] = {{"Parallelism", "parallelism", D_UNSET}, {"Completions", "completions", D_UNSET}};
    name_and_ns(d);
    labels_annotations(d);
    d_rows(d, 0, o, head, 2);
    const json_t *suspend = kube_jget(o, "spec.suspend");
    d_line(d, 0, "Suspend:\t%s", !suspend ? "<unset>" : json_is_true(suspend) ? "True" : "False");
    d_rows(d, 0, o, rows, 3);
    const char *late = d_str(d, o, "spec.startingDeadlineSeconds");
    d_line(d, 0, "Starting Deadline Seconds:\t%s%s", *late ? late : "<unset>", *late ? "s" : "");
    d_line(d, 0, "Selector:\t%s", json_object_get(job, "selector") ? d_selector(d, json_object_get(job, "selector")) : "<unset>");
    d_rows(d, 0, job, of_job, 2);
    if (json_object_get(job, "activeDeadlineSeconds"))
        d_line(d, 0, "Active Deadline Seconds:\t%ss", d_str(d, job, "activeDeadlineSeconds"));
    d_template(d, json_object_get(job, "template"));
    const char *last = d_time(d, o, "status.lastScheduleTime");
    d_line(d, 0, "Last Schedule Time:\t%s", *last ? last : "<unset>");
    d_add(d, "Active Jobs:\t%s", json_array_size(active) ? "" : "<none>");
    for (size_t i = 0; i < json_array_size(active); i++)
        d_add(d, "%s%s", i ? ", " : "", d_str(d, json_array_get(active, i), "name"));
    d_add(d, "\n");
}
