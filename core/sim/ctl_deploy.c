/* Deployments: a replica set for each template, rolled from one to the next within maxSurge and maxUnavailable. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define REVISION "deployment.kubernetes.io/revision"
#define HISTORY "deployment.kubernetes.io/revision-history"
#define DESIRED "deployment.kubernetes.io/desired-replicas"
#define MAXIMUM "deployment.kubernetes.io/max-replicas"
#define HASH "pod-template-hash"

static const char controller[] = "deployment-controller";

/* A deployment in the course of one sync: its document and those of its replica sets, oldest first. */
struct roll {
    struct sim *s;
    json_t *d;
    const char *ns, *name;
    json_t **rs;
    size_t n;
    int now;                    /* index of the replica set of the present template; -1 = none */
    struct ctl_rollout r;
    bool recreate, changed;
};

static int size_of(const json_t *rs)
{
    return (int)jint(rs, "spec.replicas");
}

static int available_of(const json_t *rs)
{
    return (int)jint(rs, "status.availableReplicas");
}

static int total(const struct roll *w)
{
    int sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += size_of(w->rs[i]);
    return sum;
}

static int older(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    int d = strcmp(jstr(x, "metadata.creationTimestamp"), jstr(y, "metadata.creationTimestamp"));
    int64_t r = strtoll(ctl_note_str(x, REVISION), NULL, 10) - strtoll(ctl_note_str(y, REVISION), NULL, 10);
    return d ? d : r ? (r < 0 ? -1 : 1) : strcmp(jstr(x, "metadata.name"), jstr(y, "metadata.name"));
}

static bool same_template(const json_t *d, const json_t *rs)
{
    json_t *t = json_deep_copy(jat(rs, "spec.template")), *want = jat(d, "spec.template");
    json_object_del(jat(t, "metadata.labels"), HASH);
    bool same = json_equal(jat(t, "spec"), jat(want, "spec"));
    static const char *const parts[] = {"metadata.labels", "metadata.annotations"};
    for (size_t i = 0; same && i < 2; i++) {
        json_t *a = jat(t, parts[i]), *b = jat(want, parts[i]);
        same = (!json_object_size(a) && !json_object_size(b)) || json_equal(a, b);
    }
    json_decref(t);
    return same;
}

static void load(struct roll *w)
{
    size_t n;
    struct ctl_item **own = ctl_owned(w->s, jstr(w->d, "metadata.uid"), K_REPLICASET, &n);
    w->rs = sim_alloc((n + 1) * sizeof(*w->rs));               /* room for a new one */
    for (size_t i = 0; i < n; i++)
        w->rs[w->n++] = obj_doc(own[i]->o);
    free(own);
    qsort(w->rs, w->n, sizeof(*w->rs), older);
    w->now = -1;
    for (size_t i = 0; i < w->n && w->now < 0; i++)
        if (!ctl_deleting(w->rs[i]) && same_template(w->d, w->rs[i]))
            w->now = (int)i;
    w->recreate = strcmp(jstr(w->d, "spec.strategy.type"), "Recreate") == 0;
    ctl_fenceposts(jat(w->d, "spec.strategy"), jat(w->d, "spec.replicas") ? (int)jint(w->d, "spec.replicas") : 1, &w->r);
}

static void store_rs(struct roll *w, size_t i)
{
    struct obj *o = ctl_put(w->s, K_REPLICASET, json_incref(w->rs[i]));
    json_decref(w->rs[i]);
    w->rs[i] = obj_doc(o);
}

static bool note_number(json_t *o, const char *key, int v)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", v);
    if (strcmp(ctl_note_str(o, key), text) == 0)
        return false;
    ctl_set_note(o, key, text);
    return true;
}

static bool scale(struct roll *w, size_t i, int to)
{
    int from = size_of(w->rs[i]);
    bool noted = note_number(w->rs[i], DESIRED, w->r.replicas);
    noted |= note_number(w->rs[i], MAXIMUM, w->r.replicas + w->r.max_surge);
    if (from == to && !noted)
        return false;
    if (from != to) {
        jset(w->rs[i], "spec.replicas", json_integer(to));
        jset(w->rs[i], "metadata.generation", json_integer(jint(w->rs[i], "metadata.generation") + 1));
    }
    store_rs(w, i);
    if (from != to)
        ctl_event(w->s, w->d, "Normal", "ScalingReplicaSet", controller, NULL, "Scaled %s replica set %s from %d to %d", to > from ? "up" : "down",
                  jstr(w->rs[i], "metadata.name"), from, to);
    return from != to;
}

/* A condition that changed goes last, as the deployment controller has it. */
static void said_last(struct roll *w, const char *type, const char *at)
{
    json_t *all = jat(w->d, "status.conditions"), *c = json_incref(ctl_find_condition(w->d, type));
    for (size_t i = json_array_size(all); i-- > 0;)
        if (json_array_get(all, i) == c)
            json_array_remove(all, i);
    json_object_set_new(c, "lastUpdateTime", json_string(at));
    json_array_append_new(all, c);
    w->changed = true;
}

static void progress(struct roll *w, const char *status, const char *reason, const char *fmt_a, const char *name, const char *fmt_b)
{
    char at[32];
    char *msg = sim_printf("%s%s%s", fmt_a, name, fmt_b);
    if (ctl_condition(w->d, "Progressing", status, reason, msg, ctl_now(w->s, at)))
        said_last(w, "Progressing", at);
    free(msg);
}

/* ---- revisions ---- */
static int64_t newest_revision(const struct roll *w)
{
    int64_t max = 0;
    for (size_t i = 0; i < w->n; i++) {
        int64_t r = (int)i == w->now ? 0 : strtoll(ctl_note_str(w->rs[i], REVISION), NULL, 10);
        max = r > max ? r : max;
    }
    return max;
}

/* Annotations of the deployment go to the replica set, but for those that are its own. */
static bool copy_notes(const json_t *d, json_t *rs)
{
    static const char *const own[] = {REVISION, HISTORY, DESIRED, MAXIMUM, "kubectl.kubernetes.io/last-applied-configuration",
                                      "deprecated.deployment.rollback.to"};
    const char *key;
    json_t *v;
    bool changed = false;
    json_object_foreach(jat(d, "metadata.annotations"), key, v) {
        bool skip = false;
        for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
            skip = skip || strcmp(own[i], key) == 0;
        if (!skip && json_is_string(v) && strcmp(ctl_note_str(rs, key), json_string_value(v)) != 0) {
            ctl_set_note(rs, key, json_string_value(v));
            changed = true;
        }
    }
    return changed;
}

static void revise(struct roll *w)
{
    json_t *rs = w->rs[w->now];
    int64_t next = newest_revision(w) + 1, have = strtoll(ctl_note_str(rs, REVISION), NULL, 10);
    bool changed = copy_notes(w->d, rs);
    if (have < next) {
        char text[24];
        snprintf(text, sizeof(text), "%lld", (long long)next);
        if (have) {                                            /* a template that comes back: its old numbers are kept */
            const char *old = ctl_note_str(rs, HISTORY);
            char *all = sim_printf("%s%s%lld", old, *old ? "," : "", (long long)have);
            ctl_set_note(rs, HISTORY, all);
            free(all);
        }
        ctl_set_note(rs, REVISION, text);
        changed = true;
    }
    if (jint(rs, "spec.minReadySeconds") != jint(w->d, "spec.minReadySeconds")) {
        jset(rs, "spec.minReadySeconds", json_integer(jint(w->d, "spec.minReadySeconds")));
        changed = true;
    }
    if (changed)
        store_rs(w, (size_t)w->now);
    if (strcmp(ctl_note_str(w->d, REVISION), ctl_note_str(w->rs[w->now], REVISION)) != 0) {
        ctl_set_note(w->d, REVISION, ctl_note_str(w->rs[w->now], REVISION));
        w->changed = true;
    }
}

static json_t *new_rs(struct roll *w)
{
    char hash[11], at[32];
    json_t *t = json_deep_copy(jat(w->d, "spec.template")), *salted = jt("[%j,%j]", json_deep_copy(t), json_deep_copy(jat(w->d, "status.collisionCount")));
    json_t *sel = json_deep_copy(jat(w->d, "spec.selector"));
    ctl_hash(salted, hash);
    json_decref(salted);
    jset(t, "metadata.labels.pod-template-hash", json_string(hash));
    jset(sel, "matchLabels.pod-template-hash", json_string(hash));
    char *name = sim_printf("%s-%s", w->name, hash);
    json_t *rs = jt("{'kind':'ReplicaSet','apiVersion':'apps/v1','metadata':{'name':%s,'namespace':%s,'generation':1,'creationTimestamp':%s,'labels':%j,"
                    "'ownerReferences':%j},'spec':{'replicas':0,'selector':%j,'template':%j},'status':{'replicas':0}}", name, w->ns, ctl_now(w->s, at),
                    json_deep_copy(jat(t, "metadata.labels")), ctl_owner_refs(w->d, "Deployment"), sel, t);
    if (jint(w->d, "spec.minReadySeconds"))
        jset(rs, "spec.minReadySeconds", json_integer(jint(w->d, "spec.minReadySeconds")));
    free(name);
    return rs;
}

static bool make_new(struct roll *w)
{
    json_t *rs = new_rs(w);
    char text[24];
    int size = ctl_new_replicas(&w->r, w->recreate, total(w), 0);
    if (ctl_get(w->s, K_REPLICASET, w->ns, jstr(rs, "metadata.name"))) {       /* the name is taken: another hash next time */
        jset(w->d, "status.collisionCount", json_integer(jint(w->d, "status.collisionCount") + 1));
        w->changed = true;
        json_decref(rs);
        return false;
    }
    copy_notes(w->d, rs);
    snprintf(text, sizeof(text), "%lld", (long long)newest_revision(w) + 1);
    ctl_set_note(rs, REVISION, text);
    note_number(rs, DESIRED, w->r.replicas);
    note_number(rs, MAXIMUM, w->r.replicas + w->r.max_surge);
    jset(rs, "spec.replicas", json_integer(size));
    struct obj *o = ctl_put(w->s, K_REPLICASET, rs);
    w->now = (int)w->n;
    w->rs[w->n++] = obj_doc(o);
    if (size > 0)
        ctl_event(w->s, w->d, "Normal", "ScalingReplicaSet", controller, NULL, "Scaled up replica set %s from 0 to %d", o->name, size);
    ctl_set_note(w->d, REVISION, text);
    w->changed = true;
    progress(w, "True", "NewReplicaSetCreated", "Created new replica set \"", o->name, "\"");
    return true;
}

/* ---- rolling ---- */
static bool shrink_unhealthy(struct roll *w, int *budget)
{
    int gone = 0;
    for (size_t i = 0; i < w->n && gone < *budget; i++) {
        int size = size_of(w->rs[i]), bad = size - available_of(w->rs[i]);
        if ((int)i == w->now || size == 0 || bad <= 0)
            continue;
        int cut = bad < *budget - gone ? bad : *budget - gone;
        scale(w, i, size - cut);
        gone += cut;
    }
    return gone > 0;
}

static bool shrink_healthy(struct roll *w)
{
    int available = 0, cut_all = 0;
    for (size_t i = 0; i < w->n; i++)
        available += available_of(w->rs[i]);
    int may = available - (w->r.replicas - w->r.max_unavailable);
    for (size_t i = 0; i < w->n && cut_all < may; i++) {
        int size = size_of(w->rs[i]), cut = size < may - cut_all ? size : may - cut_all;
        if ((int)i == w->now || size == 0)
            continue;
        scale(w, i, size - cut);
        cut_all += cut;
    }
    return cut_all > 0;
}

static void rolling(struct roll *w)
{
    if (w->now < 0 && !make_new(w))
        return;
    revise(w);
    int size = size_of(w->rs[w->now]), to = w->r.replicas;
    if (size < to)
        to = ctl_new_replicas(&w->r, false, total(w), size);
    if (scale(w, (size_t)w->now, to))
        return;
    int budget = ctl_old_budget(&w->r, total(w), size_of(w->rs[w->now]), available_of(w->rs[w->now]));
    if (total(w) == size_of(w->rs[w->now]) || budget <= 0)
        return;
    shrink_unhealthy(w, &budget);
    shrink_healthy(w);
}

static bool old_pods_run(struct roll *w)
{
    bool any = false;
    for (size_t i = 0; i < w->n && !any; i++) {
        size_t n = 0;
        struct ctl_item **pods = (int)i == w->now ? NULL : ctl_owned(w->s, jstr(w->rs[i], "metadata.uid"), K_POD, &n);
        for (size_t k = 0; k < n; k++)
            any = any || (pods[k]->phase != 'S' && pods[k]->phase != 'F');
        free(pods);
    }
    return any;
}

static void recreate(struct roll *w)
{
    bool cut = false;
    for (size_t i = 0; i < w->n; i++)
        if ((int)i != w->now && size_of(w->rs[i]))
            cut |= scale(w, i, 0);
    if (cut || old_pods_run(w))
        return;
    if (w->now < 0 && !make_new(w))
        return;
    revise(w);
    scale(w, (size_t)w->now, w->r.replicas);
}

/* A change of size alone, also while paused or half-way: every replica set gets its share. */
static void resize(struct roll *w)
{
    int active = 0, last = w->now, sum = total(w);
    for (size_t i = 0; i < w->n; i++)
        if (size_of(w->rs[i])) {
            active++;
            last = (int)i;
        }
    if (active <= 1) {
        if (last >= 0)
            scale(w, (size_t)last, w->r.replicas);
        return;
    }
    if (w->now >= 0 && size_of(w->rs[w->now]) == w->r.replicas && available_of(w->rs[w->now]) == w->r.replicas) {
        for (size_t i = 0; i < w->n; i++)
            if ((int)i != w->now)
                scale(w, i, 0);
        return;
    }
    if (w->recreate)
        return;
    int allowed = w->r.replicas ? w->r.replicas + w->r.max_surge : 0, rest = allowed - sum, left = rest;
    for (size_t k = 0; k < w->n; k++) {
        size_t i = rest > 0 ? w->n - 1 - k : k;                /* growth favours the newest, shrinking the oldest */
        int size = size_of(w->rs[i]), part = sum ? (int)((double)size * allowed / sum + 0.5) - size : 0;
        if (!size)
            continue;
        if ((rest > 0 && part > left) || (rest < 0 && part < left))
            part = left;
        left -= part;
        scale(w, i, size + part < 0 ? 0 : size + part);
    }
    if (left && w->now >= 0)
        scale(w, (size_t)w->now, size_of(w->rs[w->now]) + left < 0 ? 0 : size_of(w->rs[w->now]) + left);
}

static bool resized(const struct roll *w)
{
    for (size_t i = 0; i < w->n; i++) {
        const char *want = ctl_note_str(w->rs[i], DESIRED);
        if (size_of(w->rs[i]) && *want && atoi(want) != w->r.replicas)
            return true;
    }
    return false;
}

/* ---- status ---- */
struct sums { int replicas, updated, ready, available, unavailable, ending; };

static struct sums sum_up(const struct roll *w)
{
    struct sums t = {0};
    for (size_t i = 0; i < w->n; i++) {
        t.replicas += (int)jint(w->rs[i], "status.replicas");
        t.ready += (int)jint(w->rs[i], "status.readyReplicas");
        t.available += available_of(w->rs[i]);
        t.ending += (int)jint(w->rs[i], "status.terminatingReplicas");
    }
    t.updated = w->now >= 0 ? (int)jint(w->rs[w->now], "status.replicas") : 0;
    t.unavailable = total(w) > t.available ? total(w) - t.available : 0;
    return t;
}

static void progress_status(struct roll *w, const json_t *before, const struct sums *t)
{
    json_t *c = ctl_find_condition(w->d, "Progressing");
    const char *rs = w->now >= 0 ? jstr(w->rs[w->now], "metadata.name") : "";
    bool through = t->updated == w->r.replicas && t->replicas == w->r.replicas && t->available == w->r.replicas;
    int64_t deadline = jat(w->d, "spec.progressDeadlineSeconds") ? jint(w->d, "spec.progressDeadlineSeconds") : 600;
    if (t->replicas == t->updated && strcmp(jstr(c, "reason"), "NewReplicaSetAvailable") == 0)
        return;
    if (through) {
        progress(w, "True", "NewReplicaSetAvailable", "ReplicaSet \"", rs, "\" has successfully progressed.");
        return;
    }
    bool moving = t->updated > jint(before, "updatedReplicas") || t->ready > jint(before, "readyReplicas") ||
                  t->available > jint(before, "availableReplicas") ||
                  t->replicas - t->updated < jint(before, "replicas") - jint(before, "updatedReplicas");
    char at[32];
    if (moving) {
        progress(w, "True", "ReplicaSetUpdated", "ReplicaSet \"", rs, "\" is progressing.");
        json_object_set_new(ctl_find_condition(w->d, "Progressing"), "lastUpdateTime", json_string(ctl_now(w->s, at)));
        w->changed = true;
    } else if (c && strcmp(jstr(c, "status"), "True") == 0 && !json_is_true(jat(w->d, "spec.paused"))) {
        int64_t left = stamp_ms(jstr(c, "lastUpdateTime")) + ctl_ms(w->s, deadline * 1000) - sim_now(w->s);
        if (left <= 0)
            progress(w, "False", "ProgressDeadlineExceeded", "ReplicaSet \"", rs, "\" has timed out progressing.");
        else
            ctl_queue_after(w->s, left + 1000, K_DEPLOYMENT, w->ns, w->name);
    }
}

/* What keeps a replica set from making its pods is said of the deployment, too. */
static void failures(struct roll *w)
{
    char at[32];
    json_t *c = w->now >= 0 ? ctl_find_condition(w->rs[w->now], "ReplicaFailure") : NULL;
    for (size_t i = 0; i < w->n && !c; i++)
        c = ctl_find_condition(w->rs[i], "ReplicaFailure");
    if (!c)
        w->changed |= ctl_no_condition(w->d, "ReplicaFailure");
    else if (ctl_condition(w->d, "ReplicaFailure", jstr(c, "status"), jstr(c, "reason"), jstr(c, "message"), ctl_now(w->s, at)))
        said_last(w, "ReplicaFailure", at);
}

static void status(struct roll *w)
{
    char at[32];
    struct sums t = sum_up(w);
    if (!jat(w->d, "status"))
        jset(w->d, "status", json_object());
    json_t *st = jat(w->d, "status"), *before = json_deep_copy(st);
    bool ok = t.available >= w->r.replicas - w->r.max_unavailable;
    w->changed |= ctl_count(st, "replicas", t.replicas, false);
    w->changed |= ctl_count(st, "updatedReplicas", t.updated, false);
    w->changed |= ctl_count(st, "readyReplicas", t.ready, false);
    w->changed |= ctl_count(st, "availableReplicas", t.available, false);
    w->changed |= ctl_count(st, "unavailableReplicas", t.unavailable, false);
    w->changed |= ctl_count(st, "terminatingReplicas", t.ending, true);
    w->changed |= ctl_count(st, "observedGeneration", jint(w->d, "metadata.generation"), false);
    if (ctl_condition(w->d, "Available", ok ? "True" : "False", ok ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                      ok ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", ctl_now(w->s, at)))
        said_last(w, "Available", at);
    failures(w);
    progress_status(w, before, &t);
    json_decref(before);
}

static void trim_history(struct roll *w)
{
    int64_t keep = jat(w->d, "spec.revisionHistoryLimit") ? jint(w->d, "spec.revisionHistoryLimit") : 10, old = 0;
    for (size_t i = 0; i < w->n; i++)
        old += (int)i != w->now;
    for (size_t i = 0; i < w->n && old > keep; i++) {
        if ((int)i == w->now || size_of(w->rs[i]) || jint(w->rs[i], "status.replicas") || ctl_deleting(w->rs[i]))
            continue;
        struct obj *o = ctl_get(w->s, K_REPLICASET, w->ns, jstr(w->rs[i], "metadata.name"));
        if (o)
            ctl_delete(w->s, o, &(struct ctl_delete){-1, NULL});
        old--;
    }
}

static void paused(struct roll *w)
{
    json_t *c = ctl_find_condition(w->d, "Progressing");
    bool is = json_is_true(jat(w->d, "spec.paused")), was = strcmp(jstr(c, "reason"), "DeploymentPaused") == 0;
    if (strcmp(jstr(c, "reason"), "ProgressDeadlineExceeded") == 0)
        return;
    if (is && !was)
        progress(w, "Unknown", "DeploymentPaused", "Deployment is paused", "", "");
    else if (!is && was)
        progress(w, "Unknown", "DeploymentResumed", "Deployment is resumed", "", "");
}

void ctl_sync_deployment(struct sim *s, const char *ns, const char *name)
{
    struct roll w = {.s = s, .ns = ns, .name = name, .d = ctl_doc(s, K_DEPLOYMENT, ns, name)};
    if (!w.d)
        return;
    load(&w);
    if (!ctl_deleting(w.d)) {
        paused(&w);
        if (json_is_true(jat(w.d, "spec.paused")) || resized(&w)) {
            if (w.now >= 0)
                revise(&w);
            resize(&w);
        } else if (w.recreate) {
            recreate(&w);
        } else {
            rolling(&w);
        }
    }
    status(&w);
    if (!ctl_deleting(w.d) && strcmp(jstr(ctl_find_condition(w.d, "Progressing"), "reason"), "NewReplicaSetAvailable") == 0)
        trim_history(&w);
    if (w.changed)
        ctl_put(s, K_DEPLOYMENT, json_incref(w.d));
    for (size_t i = 0; i < w.n; i++)
        json_decref(w.rs[i]);
    free(w.rs);
    json_decref(w.d);
}
