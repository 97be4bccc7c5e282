/* The demo cloud's controllers on a cluster without HTTP: what is stored has the consequences it has on a real one. */
#include "sim_world.h"

/* ---- replica sets ---- */
static void replicaset(void **state)
{
    struct sim *s = cluster_new(3);
    (void)state;
    ctl_put(s, K_REPLICASET, work("ReplicaSet", "rs", 3, "x:1"));
    pass(s, 20, NULL);
    assert_int_equal(count(s, K_POD, "rs-", true), 3);
    pass(s, 8000, NULL);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 3);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.availableReplicas"), 3);
    struct obj *gone = obj_ref(first(s, K_POD, "rs-"));
    ctl_delete_pod(s, gone, -1);
    pass(s, 1, NULL);
    assert_int_equal(count(s, K_POD, "rs-", false), 4);        /* replaced at once, the old one still ending */
    assert_int_equal(count(s, K_POD, "rs-", true), 3);
    assert_true(told(s, "Killing", gone->name));
    pass(s, 8000, NULL);
    assert_int_equal(count(s, K_POD, "rs-", false), 3);
    assert_null(ctl_get(s, K_POD, "a", gone->name));
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 3);
    obj_unref(gone);
    /* the one that is not ready goes first */
    struct obj *ill = obj_ref(first(s, K_POD, "rs-"));
    ctl_pod_probe(s, "a", ill->name, false, "connection refused");
    pass(s, 100, NULL);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 2);
    assert_true(told(s, "Unhealthy", "Readiness probe failed: connection refused"));
    change(s, K_REPLICASET, "rs", "spec.replicas", json_integer(2));
    pass(s, 10, NULL);
    assert_true(ctl_item(s, ill->uid)->terminating);
    pass(s, 5000, NULL);
    assert_int_equal(count(s, K_POD, "rs-", false), 2);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.observedGeneration"), 2);
    obj_unref(ill);
    /* a pod whose label is changed is released and replaced; one that fits again is taken back, and one too many goes */
    char *name = sim_strdup(first(s, K_POD, "rs-")->name);
    change(s, K_POD, name, "metadata.labels", jt("{'app':'quarantine'}"));
    pass(s, 5000, NULL);
    assert_int_equal(count(s, K_POD, "rs-", true), 3);
    assert_int_equal(number(s, K_POD, name, "metadata.ownerReferences.0.x"), 0);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.replicas"), 2);
    change(s, K_POD, name, "metadata.labels", jt("{'app':'rs'}"));
    pass(s, 5000, NULL);
    assert_int_equal(count(s, K_POD, "rs-", true), 2);
    free(name);
}

/* ---- deployments ---- */
static int most, least;

static void bounds(struct sim *s)
{
    struct res *r = ctl_res(s, K_POD);
    int all = 0, good = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct ctl_item *it = ctl_item(s, r->items[i]->uid);
        all += ctl_active(it);
        good += ctl_active(it) && it->ready;
    }
    most = all > most ? all : most;
    least = good < least ? good : least;
}

static char *template_hash(struct sim *s, int replicas)
{
    struct res *r = ctl_res(s, K_REPLICASET);
    for (size_t i = 0; i < r->n; i++) {
        json_t *d = obj_doc(r->items[i]);
        bool hit = jint(d, "spec.replicas") == replicas;
        char *name = hit ? sim_strdup(r->items[i]->name) : NULL;
        json_decref(d);
        if (hit)
            return name;
    }
    return NULL;
}

static void deployment(void **state)
{
    struct sim *s = cluster_new(4);
    (void)state;
    ctl_put(s, K_DEPLOYMENT, work("Deployment", "web", 4, "x:1"));
    pass(s, 10000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.availableReplicas"), 4);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.updatedReplicas"), 4);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.unavailableReplicas"), 0);
    assert_true(is(s, K_DEPLOYMENT, "web", "Available", "True", "MinimumReplicasAvailable"));
    assert_true(is(s, K_DEPLOYMENT, "web", "Progressing", "True", "NewReplicaSetAvailable"));
    char *old = template_hash(s, 4), words[200];
    snprintf(words, sizeof(words), "Scaled up replica set %s from 0 to 4", old);
    assert_true(told(s, "ScalingReplicaSet", words));
    /* a new image: never more than one above, never more than one missing */
    most = 0;
    least = 99;
    change(s, K_DEPLOYMENT, "web", "spec.template.spec.containers.0.image", json_string("x:2"));
    pass(s, 60000, bounds);
    assert_int_equal(most, 5);
    assert_int_equal(least, 3);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.updatedReplicas"), 4);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.replicas"), 4);
    assert_int_equal(count(s, K_REPLICASET, "web-", false), 2);
    json_t *d = ctl_doc(s, K_DEPLOYMENT, "a", "web");
    assert_string_equal(ctl_note_str(d, "deployment.kubernetes.io/revision"), "2");
    json_decref(d);
    /* back to the first template: its replica set again, under a new number */
    change(s, K_DEPLOYMENT, "web", "spec.template.spec.containers.0.image", json_string("x:1"));
    pass(s, 60000, NULL);
    char *now = template_hash(s, 4);
    assert_string_equal(now, old);
    json_t *rs = ctl_doc(s, K_REPLICASET, "a", old);
    assert_string_equal(ctl_note_str(rs, "deployment.kubernetes.io/revision"), "3");
    assert_string_equal(ctl_note_str(rs, "deployment.kubernetes.io/revision-history"), "1");
    assert_string_equal(ctl_note_str(rs, "deployment.kubernetes.io/desired-replicas"), "4");
    assert_string_equal(ctl_note_str(rs, "deployment.kubernetes.io/max-replicas"), "5");
    json_decref(rs);
    free(now);
    free(old);
    /* deleted: everything of it goes */
    ctl_delete(s, ctl_get(s, K_DEPLOYMENT, "a", "web"), &(struct ctl_delete){-1, NULL});
    pass(s, 10000, NULL);
    assert_int_equal(count(s, K_REPLICASET, "", false) + count(s, K_POD, "", false), 0);
}

static void deployment_trouble(void **state)
{
    struct sim *s = cluster_new(3);
    json_t *d = work("Deployment", "web", 3, "x:1");
    (void)state;
    jset(d, "spec.progressDeadlineSeconds", json_integer(60));
    jset(d, "spec.strategy", jt("{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1,'maxUnavailable':0}}"));
    ctl_put(s, K_DEPLOYMENT, d);
    pass(s, 10000, NULL);
    change(s, K_DEPLOYMENT, "web", "spec.template.spec.containers.0.image", json_string("x:no-such-tag"));
    pass(s, 30000, NULL);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.availableReplicas"), 3);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.updatedReplicas"), 1);
    assert_true(is(s, K_DEPLOYMENT, "web", "Progressing", "True", "ReplicaSetUpdated"));
    assert_true(told(s, "Failed", "Error: ErrImagePull"));
    assert_true(told(s, "BackOff", "Back-off pulling image \\\"x:no-such-tag\\\""));
    pass(s, 60000, NULL);
    assert_true(is(s, K_DEPLOYMENT, "web", "Progressing", "False", "ProgressDeadlineExceeded"));
    change(s, K_DEPLOYMENT, "web", "spec.template.spec.containers.0.image", json_string("x:1"));
    pass(s, 20000, NULL);
    assert_true(is(s, K_DEPLOYMENT, "web", "Progressing", "True", "NewReplicaSetAvailable"));
    assert_int_equal(count(s, K_POD, "web-", false), 3);
    /* paused: a new template waits, a new size does not */
    change(s, K_DEPLOYMENT, "web", "spec.paused", json_true());
    change(s, K_DEPLOYMENT, "web", "spec.template.spec.containers.0.image", json_string("x:3"));
    change(s, K_DEPLOYMENT, "web", "spec.replicas", json_integer(5));
    pass(s, 20000, NULL);
    assert_int_equal(count(s, K_REPLICASET, "web-", false), 2);
    assert_int_equal(count(s, K_POD, "web-", false), 5);
    assert_true(is(s, K_DEPLOYMENT, "web", "Progressing", "Unknown", "DeploymentPaused"));
    change(s, K_DEPLOYMENT, "web", "spec.paused", json_false());
    pass(s, 60000, NULL);
    assert_int_equal(count(s, K_REPLICASET, "web-", false), 3);
    assert_int_equal(number(s, K_DEPLOYMENT, "web", "status.updatedReplicas"), 5);
    /* old replica sets are kept only so long */
    change(s, K_DEPLOYMENT, "web", "spec.revisionHistoryLimit", json_integer(1));
    pass(s, 5000, NULL);
    assert_int_equal(count(s, K_REPLICASET, "web-", false), 2);
}

static int new_while_old;

static void no_overlap(struct sim *s)
{
    struct res *r = ctl_res(s, K_POD);
    int old = 0, young = 0;
    for (size_t i = 0; i < r->n; i++) {
        char phase = ctl_item(s, r->items[i]->uid)->phase;
        old += phase != 'S' && phase != 'F' && strstr(r->items[i]->text, "\"image\":\"x:1\"");
        young += strstr(r->items[i]->text, "\"image\":\"x:2\"") != NULL;
    }
    new_while_old += old && young;
}

static void deployment_recreate(void **state)
{
    struct sim *s = cluster_new(3);
    json_t *d = work("Deployment", "db", 2, "x:1");
    (void)state;
    jset(d, "spec.strategy", jt("{'type':'Recreate'}"));
    ctl_put(s, K_DEPLOYMENT, d);
    pass(s, 10000, NULL);
    change(s, K_DEPLOYMENT, "db", "spec.template.spec.containers.0.image", json_string("x:2"));
    new_while_old = 0;
    pass(s, 30000, no_overlap);
    assert_int_equal(new_while_old, 0);
    assert_int_equal(number(s, K_DEPLOYMENT, "db", "status.updatedReplicas"), 2);
    assert_int_equal(number(s, K_DEPLOYMENT, "db", "status.availableReplicas"), 2);
}

/* ---- stateful sets ---- */
static char order[400];

static void note_order(struct sim *s)
{
    struct res *r = ctl_res(s, K_POD);
    char now[64] = "";
    for (size_t i = 0; i < r->n; i++) {
        const struct ctl_item *it = ctl_item(s, r->items[i]->uid);
        size_t n = strlen(now);
        snprintf(now + n, sizeof(now) - n, "%c%s", it->terminating ? '-' : it->ready ? '+' : '?', r->items[i]->name + 3);
    }
    size_t n = strlen(order), m = strlen(now);
    if (n < m || strcmp(order + n - m, now) != 0 || (n > m && order[n - m - 1] != ' '))
        snprintf(order + n, sizeof(order) - n, "%s%s", n ? " " : "", now);
}

static void statefulset(void **state)
{
    struct sim *s = cluster_new(3);
    json_t *d = work("StatefulSet", "db", 3, "x:1");
    (void)state;
    jset(d, "spec.serviceName", json_string("db"));
    order[0] = 0;
    ctl_put(s, K_STATEFULSET, d);
    pass(s, 20000, note_order);
    assert_string_equal(order, "?0 +0?1 +0+1?2 +0+1+2");
    assert_int_equal(number(s, K_STATEFULSET, "db", "status.readyReplicas"), 3);
    json_t *pod = ctl_doc(s, K_POD, "a", "db-1");
    json_t *labels = jat(pod, "metadata.labels");
    assert_string_equal(json_string_value(json_object_get(labels, "apps.kubernetes.io/pod-index")), "1");
    assert_string_equal(json_string_value(json_object_get(labels, "statefulset.kubernetes.io/pod-name")), "db-1");
    assert_int_equal(strncmp(json_string_value(json_object_get(labels, "controller-revision-hash")), "db-", 3), 0);
    assert_string_equal(jstr(pod, "spec.hostname"), "db-1");
    assert_string_equal(jstr(pod, "spec.subdomain"), "db");
    json_decref(pod);
    /* a deleted pod comes back under its name, when the old one is gone and not before */
    order[0] = 0;
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "db-1"), -1);
    pass(s, 10000, note_order);
    assert_string_equal(order, "+0-1+2 +0+2 +0?1+2 +0+1+2");
    /* a new template: from the highest number down */
    order[0] = 0;
    change(s, K_STATEFULSET, "db", "spec.template.spec.containers.0.image", json_string("x:2"));
    pass(s, 60000, note_order);
    assert_string_equal(order, "+0+1-2 +0+1 +0+1?2 +0-1+2 +0+2 +0?1+2 -0+1+2 +1+2 ?0+1+2 +0+1+2");
    assert_int_equal(count(s, K_REVISION, "db-", false), 2);
    assert_int_equal(number(s, K_STATEFULSET, "db", "status.updatedReplicas"), 3);
    json_t *set = ctl_doc(s, K_STATEFULSET, "a", "db");
    assert_string_equal(jstr(set, "status.currentRevision"), jstr(set, "status.updateRevision"));
    json_decref(set);
    /* with a partition the lower numbers stay as they are, even when they are replaced */
    change(s, K_STATEFULSET, "db", "spec.updateStrategy", jt("{'type':'RollingUpdate','rollingUpdate':{'partition':2}}"));
    change(s, K_STATEFULSET, "db", "spec.template.spec.containers.0.image", json_string("x:3"));
    pass(s, 30000, NULL);
    assert_int_equal(number(s, K_STATEFULSET, "db", "status.updatedReplicas"), 1);
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "db-0"), -1);
    pass(s, 30000, NULL);
    assert_true(says(s, K_POD, "db-0", "spec.containers.0.image", "x:2"));
    assert_true(says(s, K_POD, "db-2", "spec.containers.0.image", "x:3"));
    /* smaller: the highest first */
    change(s, K_STATEFULSET, "db", "spec.replicas", json_integer(1));
    order[0] = 0;
    pass(s, 20000, note_order);
    assert_string_equal(order, "+0+1-2 +0+1 +0-1 +0");
    assert_true(told(s, "SuccessfulDelete", "Delete Pod db-2 in StatefulSet db successful"));
}

static void statefulset_parallel(void **state)
{
    struct sim *s = cluster_new(3);
    json_t *d = work("StatefulSet", "pq", 3, "x:1");
    (void)state;
    jset(d, "spec.podManagementPolicy", json_string("Parallel"));
    ctl_put(s, K_STATEFULSET, d);
    pass(s, 5, NULL);
    assert_int_equal(count(s, K_POD, "pq-", false), 3);
}

/* ---- daemon sets ---- */
static void daemonset(void **state)
{
    struct sim *s = cluster_new(3);
    json_t *d = work("DaemonSet", "ag", 1, "x:1");
    (void)state;
    json_object_del(jat(d, "spec"), "replicas");
    change(s, K_NODE, "n3", "spec.taints", jt("[{'key':'k','value':'v','effect':'NoSchedule'}]"));
    change(s, K_NODE, "n2", "spec.unschedulable", json_true());
    ctl_put(s, K_DAEMONSET, d);
    pass(s, 10000, NULL);
    assert_int_equal(number(s, K_DAEMONSET, "ag", "status.desiredNumberScheduled"), 2);        /* a cordon is nothing to it, a taint is */
    assert_int_equal(number(s, K_DAEMONSET, "ag", "status.numberReady"), 2);
    assert_int_equal(number(s, K_DAEMONSET, "ag", "status.updatedNumberScheduled"), 2);
    change(s, K_NODE, "n3", "spec.taints", json_array());
    pass(s, 10000, NULL);
    assert_int_equal(number(s, K_DAEMONSET, "ag", "status.numberReady"), 3);
    /* a deleted pod comes back on its node, after the old one is gone */
    struct obj *o = obj_ref(first(s, K_POD, "ag-"));
    ctl_delete_pod(s, o, -1);
    pass(s, 20, NULL);
    assert_int_equal(count(s, K_POD, "ag-", false), 3);
    pass(s, 10000, NULL);
    size_t n;
    struct ctl_item **there = ctl_pods_on(s, o->node, &n);
    assert_int_equal(n, 1);
    assert_string_not_equal(there[0]->o->uid, o->uid);
    free(there);
    obj_unref(o);
    /* one at a time */
    most = 0;
    least = 99;
    change(s, K_DAEMONSET, "ag", "spec.template.spec.containers.0.image", json_string("x:2"));
    pass(s, 60000, bounds);
    assert_int_equal(least, 2);
    assert_int_equal(most, 3);
    assert_int_equal(number(s, K_DAEMONSET, "ag", "status.updatedNumberScheduled"), 3);
    assert_int_equal(count(s, K_REVISION, "ag-", false), 2);
    /* nodeSelector */
    change(s, K_DAEMONSET, "ag", "spec.template.spec.nodeSelector", jt("{'kubernetes.io/hostname':'n1'}"));
    pass(s, 20000, NULL);
    assert_int_equal(count(s, K_POD, "ag-", false), 1);
    assert_int_equal(number(s, K_DAEMONSET, "ag", "status.desiredNumberScheduled"), 1);
}

/* ---- jobs ---- */
static json_t *job(const char *name, const char *behaviour, int completions, int parallelism)
{
    json_t *d = jt("{'kind':'Job','apiVersion':'batch/v1','metadata':{'name':%s,'namespace':'a','generation':1},'spec':{'completions':%i,'parallelism':%i,"
                   "'backoffLimit':2,'template':{'metadata':{'annotations':{}},'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'x:1'}]}}}}",
                   name, completions, parallelism);
    json_object_set_new(jat(d, "spec.template.metadata.annotations"), "sim.strata/behaviour", json_string(behaviour));
    return d;
}

static void jobs(void **state)
{
    struct sim *s = cluster_new(2);
    (void)state;
    ctl_put(s, K_JOB, job("good", "ok", 3, 2));
    pass(s, 20, NULL);
    assert_int_equal(number(s, K_JOB, "good", "status.active"), 2);
    pass(s, 60000, NULL);
    assert_int_equal(number(s, K_JOB, "good", "status.succeeded"), 3);
    assert_int_equal(number(s, K_JOB, "good", "status.active"), 0);
    assert_true(is(s, K_JOB, "good", "Complete", "True", "CompletionsReached"));
    assert_true(told(s, "Completed", "Job completed"));
    assert_int_equal(count(s, K_POD, "good-", false), 3);
    assert_null(strstr(first(s, K_POD, "good-")->text, "job-tracking"));       /* counted, let go */
    /* a pod that is deleted counts as failed and another one does its work */
    ctl_put(s, K_JOB, job("hit", "ok", 1, 1));
    pass(s, 3500, NULL);
    ctl_delete_pod(s, first(s, K_POD, "hit-"), -1);
    pass(s, 60000, NULL);
    assert_int_equal(number(s, K_JOB, "hit", "status.succeeded"), 1);
    /* too many failures */
    ctl_put(s, K_JOB, job("bad", "error", 1, 1));
    pass(s, 200000, NULL);
    assert_int_equal(number(s, K_JOB, "bad", "status.failed"), 3);
    assert_true(is(s, K_JOB, "bad", "Failed", "True", "BackoffLimitExceeded"));
    assert_int_equal(count(s, K_POD, "bad-", false), 3);
    /* a job that is deleted takes its pods along, counted or not */
    ctl_put(s, K_JOB, job("cut", "ok", 1, 1));
    pass(s, 3000, NULL);
    ctl_delete(s, ctl_get(s, K_JOB, "a", "cut"), &(struct ctl_delete){-1, "Background"});
    pass(s, 10000, NULL);
    assert_int_equal(count(s, K_POD, "cut-", false), 0);
}

static void cronjob(void **state)
{
    struct sim *s = cluster_new(2);
    json_t *tmpl = job("unused", "ok", 1, 1), *d = jt("{'kind':'CronJob','apiVersion':'batch/v1','metadata':{'name':'tick','namespace':'a','generation':1},"
                       "'spec':{'schedule':'*/2 * * * *','successfulJobsHistoryLimit':2,'jobTemplate':{'spec':%j}}}", json_incref(jat(tmpl, "spec")));
    (void)state;
    json_decref(tmpl);
    ctl_put(s, K_CRONJOB, d);
    pass(s, 119000, NULL);
    assert_int_equal(count(s, K_JOB, "tick-", false), 0);
    pass(s, 2000, NULL);
    assert_int_equal(count(s, K_JOB, "tick-", false), 1);
    char name[40];
    snprintf(name, sizeof(name), "tick-%lld", (long long)(EPOCH / 60000 + 2));
    assert_non_null(ctl_get(s, K_JOB, "a", name));
    assert_true(says(s, K_CRONJOB, "tick", "status.lastScheduleTime", "2027-01-15T08:02:00Z"));
    pass(s, 60000, NULL);
    assert_true(told(s, "SawCompletedJob", "condition: Complete"));
    pass(s, 480000, NULL);
    assert_int_equal(count(s, K_JOB, "tick-", false), 2);      /* the older ones were tidied away */
    assert_int_equal(count(s, K_POD, "tick-", false), 2);
    change(s, K_CRONJOB, "tick", "spec.suspend", json_true());
    snprintf(name, sizeof(name), "%s", first(s, K_JOB, "tick-")->name);
    pass(s, 600000, NULL);
    assert_non_null(ctl_get(s, K_JOB, "a", name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replicaset), cmocka_unit_test(deployment), cmocka_unit_test(deployment_trouble), cmocka_unit_test(deployment_recreate),
        cmocka_unit_test(statefulset), cmocka_unit_test(statefulset_parallel), cmocka_unit_test(daemonset), cmocka_unit_test(jobs),
        cmocka_unit_test(cronjob),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
