/* The demo cloud's scheduler, kubelets, endpoints, budgets, node life and garbage collection, without HTTP. */
#include "sim_world.h"

static json_t *service(const char *name)
{
    return jt("{'kind':'Service','apiVersion':'v1','metadata':{'name':%s,'namespace':'a','labels':{'l':'v'}},'spec':{'selector':{'app':%s},"
              "'clusterIP':'10.96.0.9','ports':[{'name':'http','port':80,'targetPort':8080,'protocol':'TCP'}]}}", name, name);
}

static json_t *bare(const char *name, const char *memory)
{
    return jt("{'kind':'Pod','apiVersion':'v1','metadata':{'name':%s,'namespace':'a','labels':{},'annotations':{}},'spec':{'restartPolicy':'Always',"
              "'schedulerName':'default-scheduler','containers':[{'name':'c','image':'x:1','resources':{'requests':{'memory':%s}}}]}}", name, memory);
}

static void put_pod(struct sim *s, json_t *pod, const char *behaviour)
{
    if (behaviour)
        ctl_set_note(pod, SIM_NOTE "behaviour", behaviour);
    ctl_pod_defaults(pod);
    ctl_put(s, K_POD, pod);
}

/* ---- scheduler ---- */
static void scheduling(void **state)
{
    struct sim *s = cluster_new(3);
    (void)state;
    change(s, K_NODE, "n1", "spec.unschedulable", json_true());
    change(s, K_NODE, "n2", "spec.taints", jt("[{'key':'k','effect':'NoSchedule'}]"));
    pass(s, 10, NULL);
    put_pod(s, bare("big", "9000Gi"), NULL);
    put_pod(s, bare("fits", "6Gi"), NULL);
    pass(s, 10, NULL);
    put_pod(s, bare("late", "6Gi"), NULL);
    pass(s, 2000, NULL);
    assert_true(says(s, K_POD, "fits", "spec.nodeName", "n3"));
    assert_true(told(s, "Scheduled", "Successfully assigned a/fits to n3"));
    assert_true(told(s, "FailedScheduling", "0/3 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable. "
                     "no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."));
    assert_true(told(s, "FailedScheduling", "1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."));
    assert_true(is(s, K_POD, "big", "PodScheduled", "False", "Unschedulable"));
    /* room again: the one that waited goes there, after a while */
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "fits"), -1);
    pass(s, 20000, NULL);
    assert_true(says(s, K_POD, "late", "spec.nodeName", "n3"));
    assert_true(is(s, K_POD, "late", "PodScheduled", "True", NULL));
    /* a pod that will not live with its like */
    json_t *a = bare("lone-1", "1Mi"), *b;
    json_object_set_new(jat(a, "metadata.labels"), "app", json_string("lone"));
    jset(a, "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
         jt("[{'labelSelector':{'matchLabels':{'app':'lone'}},'topologyKey':'kubernetes.io/hostname'}]"));
    b = json_deep_copy(a);
    jset(b, "metadata.name", json_string("lone-2"));
    put_pod(s, a, NULL);
    put_pod(s, b, NULL);
    pass(s, 1000, NULL);
    assert_true(told(s, "FailedScheduling", "node(s) didn't match pod anti-affinity rules"));
    change(s, K_NODE, "n1", "spec.unschedulable", json_false());
    pass(s, 20000, NULL);
    assert_true(says(s, K_POD, "lone-2", "spec.nodeName", "n1") || says(s, K_POD, "lone-1", "spec.nodeName", "n1"));
    /* what pods that are there say, of a place for this one */
    static const struct { const char *path, *value, *told; } cases[] = {
        {"spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution", "[{'labelSelector':{'matchLabels':{'app':'none'}},'topologyKey':'kubernetes.io/hostname'}]",
         "node(s) didn't match pod affinity rules"},
        {"spec.topologySpreadConstraints", "[{'maxSkew':1,'topologyKey':'rack','whenUnsatisfiable':'DoNotSchedule','labelSelector':{}}]",
         "node(s) didn't match pod topology spread constraints (missing required label)"},
        {"spec.topologySpreadConstraints", "[{'maxSkew':1,'minDomains':9,'topologyKey':'kubernetes.io/hostname','whenUnsatisfiable':'DoNotSchedule','labelSelector':{'matchLabels':{'app':'lone'}}}]",
         "node(s) didn't match pod topology spread constraints"},
        {"spec.containers.0.ports", "[{'containerPort':1,'hostPort':7}]", "node(s) didn't have free ports for the requested pod ports"},
        {"metadata.labels.shy", "'x'", "node(s) didn't satisfy existing pods anti-affinity rules"},
    };
    json_t *holder = bare("holder", "1Mi");                     /* on n1 and n3, which are open: the port, and nobody that is shy */
    jset(holder, "spec.containers.0.ports", jt("[{'containerPort':1,'hostPort':7}]"));
    jset(holder, "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
         jt("[{'labelSelector':{'matchExpressions':[{'key':'shy','operator':'Exists'}]},'topologyKey':'kubernetes.io/hostname'}]"));
    json_t *other = json_deep_copy(holder);
    jset(other, "metadata.name", json_string("holder-2"));
    put_pod(s, holder, NULL);
    put_pod(s, other, NULL);
    pass(s, 5000, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[16];
        snprintf(name, sizeof(name), "case-%zu", i);
        json_t *p = bare(name, "1Mi");
        json_object_set_new(jat(p, "metadata.labels"), "app", json_string("lone"));
        if (strncmp(cases[i].path, "metadata.", 9))
            jset(p, cases[i].path, jt(cases[i].value));
        else
            json_object_set_new(jat(p, "metadata.labels"), "shy", json_string("x"));
        put_pod(s, p, NULL);
        pass(s, 1000, NULL);
        assert_true(told(s, "FailedScheduling", cases[i].told));
        assert_true(is(s, K_POD, name, "PodScheduled", "False", "Unschedulable"));
        ctl_delete_pod(s, ctl_get(s, K_POD, "a", name), -1);
    }
}

/* ---- kubelet ---- */
static void kubelet(void **state)
{
    struct sim *s = cluster_new(1);
    json_t *p = bare("ok", "1Mi");
    (void)state;
    jset(p, "spec.initContainers", jt("[{'name':'one','image':'i:1'},{'name':'two','image':'i:1'}]"));
    ctl_set_note(p, SIM_NOTE "ready-ms", "3000");
    ctl_set_note(p, SIM_NOTE "pull-ms", "5000");
    put_pod(s, p, NULL);
    pass(s, 200, NULL);
    assert_true(says(s, K_POD, "ok", "status.containerStatuses.0.state.waiting.reason", "PodInitializing"));
    assert_true(is(s, K_POD, "ok", "Initialized", "False", "ContainersNotInitialized"));
    pass(s, 7000, NULL);
    assert_true(is(s, K_POD, "ok", "PodReadyToStartContainers", "True", NULL));
    assert_true(told(s, "Pulling", "Pulling image \\\"i:1\\\""));
    pass(s, 5000, NULL);
    assert_true(is(s, K_POD, "ok", "Initialized", "True", NULL));
    assert_true(told(s, "Pulled", "Container image \\\"i:1\\\" already present on machine and can be accessed by the pod"));   /* the second one */
    pass(s, 8500, NULL);
    assert_true(says(s, K_POD, "ok", "status.phase", "Running"));
    assert_true(is(s, K_POD, "ok", "Ready", "True", NULL));
    assert_true(says(s, K_POD, "ok", "status.hostIP", "10.0.0.1"));
    assert_true(says(s, K_POD, "ok", "status.qosClass", "Burstable"));
    assert_int_equal(s->ctl->kubelet.count, 0);                /* nothing to do for a pod that runs */
    /* a container that ends: once restarted at once, then later and later */
    ctl_pod_crash(s, "a", "ok", 1, NULL);
    pass(s, 8000, NULL);
    assert_int_equal(number(s, K_POD, "ok", "status.containerStatuses.0.restartCount"), 1);
    assert_true(is(s, K_POD, "ok", "Ready", "True", NULL));
    /* told to end, a deaf one takes all its time */
    json_t *d = ctl_doc(s, K_POD, "a", "ok");
    ctl_set_note(d, SIM_NOTE "stop-ms", "-1");
    ctl_put(s, K_POD, d);
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "ok"), -1);
    pass(s, 29000, NULL);
    assert_true(says(s, K_POD, "ok", "status.phase", "Running"));
    pass(s, 1100, NULL);
    assert_true(says(s, K_POD, "ok", "status.phase", "Failed"));
    assert_int_equal(number(s, K_POD, "ok", "status.containerStatuses.0.state.terminated.exitCode"), 137);
    pass(s, 1000, NULL);
    assert_null(ctl_get(s, K_POD, "a", "ok"));
    assert_int_equal(s->ctl->kubelet.count, 0);
    /* deleted a second time with no patience */
    put_pod(s, bare("force", "1Mi"), NULL);
    pass(s, 20000, NULL);
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "force"), -1);
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "force"), 0);
    assert_null(ctl_get(s, K_POD, "a", "force"));
    pass(s, 60000, NULL);
}

static void crash_loop(void **state)
{
    struct sim *s = cluster_new(1);
    (void)state;
    put_pod(s, bare("bad", "1Mi"), "crash");
    pass(s, 60000, NULL);
    assert_true(says(s, K_POD, "bad", "status.containerStatuses.0.state.waiting.reason", "CrashLoopBackOff"));
    assert_true(told(s, "BackOff", "Back-off restarting failed container c in pod bad_a("));
    assert_int_equal(number(s, K_POD, "bad", "status.containerStatuses.0.lastState.terminated.exitCode"), 1);
    int64_t early = number(s, K_POD, "bad", "status.containerStatuses.0.restartCount");
    assert_in_range(early, 3, 4);
    pass(s, 1200000, NULL);
    int64_t later = number(s, K_POD, "bad", "status.containerStatuses.0.restartCount");
    assert_in_range(later, 7, 10);                             /* twenty minutes more: back-off grew to five */
    json_t *d = ctl_doc(s, K_POD, "a", "bad");
    assert_non_null(strstr(jstr(d, "status.containerStatuses.0.state.waiting.message"), "back-off 5m0s restarting failed container=c pod=bad_a("));
    json_decref(d);
    put_pod(s, bare("pull", "1Mi"), "pull");
    pass(s, 3000, NULL);
    assert_true(told(s, "Failed", "Failed to pull image \\\"x:1\\\": rpc error: code = NotFound"));
    pass(s, 5000, NULL);
    assert_true(says(s, K_POD, "pull", "status.containerStatuses.0.state.waiting.reason", "ImagePullBackOff"));
    assert_true(says(s, K_POD, "pull", "status.phase", "Pending"));
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "pull"), -1);
    pass(s, 3000, NULL);
    assert_null(ctl_get(s, K_POD, "a", "pull"));
}

/* ---- endpoints and budgets ---- */
static int ready_endpoints(struct sim *s, bool serving)
{
    struct obj *o = first(s, K_SLICE, "web-");
    json_t *d = o ? obj_doc(o) : NULL, *all = jat(d, "endpoints");
    int n = 0;
    for (size_t i = 0; i < json_array_size(all); i++)
        n += json_is_true(jat(json_array_get(all, i), serving ? "conditions.serving" : "conditions.ready"));
    json_decref(d);
    return n;
}

static void endpoints(void **state)
{
    struct sim *s = cluster_new(2);
    (void)state;
    ctl_put(s, K_SERVICE, service("web"));
    ctl_put(s, K_REPLICASET, work("ReplicaSet", "web", 3, "x:1"));
    ctl_put(s, K_PDB, jt("{'kind':'PodDisruptionBudget','apiVersion':'policy/v1','metadata':{'name':'web','namespace':'a','generation':1},'spec':{"
                         "'maxUnavailable':1,'selector':{'matchLabels':{'app':'web'}}}}"));
    pass(s, 10000, NULL);
    assert_int_equal(ready_endpoints(s, false), 3);
    json_t *sl = obj_doc(first(s, K_SLICE, "web-"));
    assert_string_equal(json_string_value(json_object_get(jat(sl, "metadata.labels"), "kubernetes.io/service-name")), "web");
    assert_string_equal(json_string_value(json_object_get(jat(sl, "metadata.labels"), "l")), "v");
    assert_string_equal(jstr(sl, "endpoints.0.targetRef.kind"), "Pod");
    assert_int_equal(jint(sl, "ports.0.port"), 8080);
    json_decref(sl);
    assert_int_equal(number(s, K_ENDPOINTS, "web", "subsets.0.ports.0.port"), 8080);
    assert_int_equal(number(s, K_PDB, "web", "status.disruptionsAllowed"), 1);
    assert_int_equal(number(s, K_PDB, "web", "status.desiredHealthy"), 2);
    assert_true(is(s, K_PDB, "web", "DisruptionAllowed", "True", "SufficientPods"));
    /* a pod that is ending serves but is not ready */
    ctl_delete_pod(s, first(s, K_POD, "web-"), -1);
    pass(s, 20, NULL);
    assert_int_equal(ready_endpoints(s, false), 2);
    assert_int_equal(ready_endpoints(s, true), 3);
    assert_int_equal(number(s, K_PDB, "web", "status.disruptionsAllowed"), 0);
    assert_true(is(s, K_PDB, "web", "DisruptionAllowed", "False", "InsufficientPods"));
    pass(s, 10000, NULL);
    assert_int_equal(ready_endpoints(s, false), 3);
    assert_int_equal(number(s, K_PDB, "web", "status.disruptionsAllowed"), 1);
    /* probes that fail take it out, probes that pass bring it back */
    char *name = sim_strdup(first(s, K_POD, "web-")->name);
    ctl_pod_probe(s, "a", name, false, NULL);
    pass(s, 100, NULL);
    assert_int_equal(ready_endpoints(s, false), 2);
    ctl_pod_probe(s, "a", name, true, NULL);
    pass(s, 100, NULL);
    assert_int_equal(ready_endpoints(s, false), 3);
    assert_int_equal(s->ctl->kubelet.count, 0);
    free(name);
    /* the service goes: its slices and Endpoints too */
    ctl_delete(s, ctl_get(s, K_SERVICE, "a", "web"), &(struct ctl_delete){-1, NULL});
    pass(s, 100, NULL);
    assert_int_equal(count(s, K_SLICE, "web", false) + count(s, K_ENDPOINTS, "web", false), 0);
}

/* ---- nodes ---- */
static void node_silent(void **state)
{
    struct sim *s = cluster_new(2);
    json_t *ds = work("DaemonSet", "ag", 1, "x:1");
    (void)state;
    change(s, K_NODE, "n2", "spec.unschedulable", json_true());
    ctl_put(s, K_REPLICASET, work("ReplicaSet", "rs", 2, "x:1"));
    ctl_put(s, K_STATEFULSET, work("StatefulSet", "db", 1, "x:1"));
    ctl_put(s, K_DAEMONSET, ds);
    pass(s, 20000, NULL);
    change(s, K_NODE, "n2", "spec.unschedulable", json_false());
    assert_int_equal(count(s, K_LEASE, "", false), 0);
    assert_non_null(store_get(ctl_res(s, K_LEASE), "kube-node-lease", "n1"));
    uint64_t lease = store_get(ctl_res(s, K_LEASE), "kube-node-lease", "n1")->rv;
    ctl_node_down(s, "n1");
    pass(s, 30000, NULL);
    assert_true(is(s, K_NODE, "n1", "Ready", "True", NULL));   /* not noticed yet */
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 2);
    pass(s, 20000, NULL);
    assert_true(is(s, K_NODE, "n1", "Ready", "Unknown", "NodeStatusUnknown"));
    assert_true(strstr(ctl_get(s, K_NODE, "", "n1")->text, "node.kubernetes.io/unreachable") != NULL);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 0);
    assert_int_equal(count(s, K_POD, "rs-", true), 2);         /* not given up yet: tolerated for five minutes */
    assert_int_equal(store_get(ctl_res(s, K_LEASE), "kube-node-lease", "n1")->rv, lease);
    pass(s, 300000, NULL);
    assert_true(told(s, "TaintManagerEviction", "Marking for deletion Pod a/db-0"));
    assert_int_equal(count(s, K_POD, "rs-", false), 4);        /* two that nobody can end, two new ones */
    pass(s, 20000, NULL);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 2);
    assert_int_equal(count(s, K_POD, "db-", false), 1);        /* the name is taken until the old one is surely gone */
    assert_int_equal(number(s, K_STATEFULSET, "db", "status.readyReplicas"), 0);
    assert_int_equal(count(s, K_POD, "ag-", true), 2);
    ctl_node_up(s, "n1", true);
    pass(s, 30000, NULL);
    assert_true(is(s, K_NODE, "n1", "Ready", "True", "KubeletReady"));
    assert_null(strstr(ctl_get(s, K_NODE, "", "n1")->text, "unreachable"));
    assert_int_equal(count(s, K_POD, "rs-", false), 2);
    assert_int_equal(number(s, K_STATEFULSET, "db", "status.readyReplicas"), 1);
    assert_int_equal(number(s, K_DAEMONSET, "ag", "status.numberReady"), 2);
    size_t n;
    struct ctl_item **pods = ctl_pods_on(s, "n1", &n);
    for (size_t i = 0; i < n; i++)
        if (strncmp(pods[i]->o->name, "ag-", 3) == 0)
            assert_int_equal(pods[i]->restarts, 1);            /* the machine was rebooted */
    free(pods);
    assert_true(store_get(ctl_res(s, K_LEASE), "kube-node-lease", "n1")->rv > lease);
}

static void node_back_in_time(void **state)
{
    struct sim *s = cluster_new(2);
    (void)state;
    ctl_put(s, K_REPLICASET, work("ReplicaSet", "rs", 4, "x:1"));
    pass(s, 10000, NULL);
    ctl_node_down(s, "n1");
    pass(s, 100000, NULL);
    ctl_node_up(s, "n1", false);
    pass(s, 400000, NULL);
    assert_int_equal(count(s, K_POD, "rs-", false), 4);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 4);
    assert_false(strstr(first(s, K_POD, "rs-")->text, "DisruptionTarget") != NULL);
    /* a node that is deleted takes its pods along */
    store_delete(s, ctl_res(s, K_NODE), "", "n1");
    pass(s, 20000, NULL);
    size_t n;
    free(ctl_pods_on(s, "n1", &n));
    assert_int_equal(n, 0);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 4);
}

/* ---- deletion ---- */
static void collection(void **state)
{
    struct sim *s = cluster_new(2);
    (void)state;
    ctl_put(s, K_DEPLOYMENT, work("Deployment", "web", 2, "x:1"));
    pass(s, 10000, NULL);
    /* orphan: the pods stay, a replica set of the same selector takes them over */
    struct obj *rs = obj_ref(first(s, K_REPLICASET, "web-"));
    ctl_delete(s, ctl_get(s, K_DEPLOYMENT, "a", "web"), &(struct ctl_delete){-1, "Orphan"});
    pass(s, 100, NULL);
    assert_null(ctl_get(s, K_DEPLOYMENT, "a", "web"));
    assert_int_equal(count(s, K_REPLICASET, "web-", false), 1);
    assert_int_equal(count(s, K_POD, "web-", true), 2);
    /* foreground: the owner waits for its pods */
    ctl_delete(s, ctl_get(s, K_REPLICASET, "a", rs->name), &(struct ctl_delete){-1, "Foreground"});
    pass(s, 100, NULL);
    assert_non_null(ctl_get(s, K_REPLICASET, "a", rs->name));
    assert_int_equal(count(s, K_POD, "web-", true), 0);
    pass(s, 10000, NULL);
    assert_null(ctl_get(s, K_REPLICASET, "a", rs->name));
    assert_int_equal(count(s, K_POD, "web-", false), 0);
    obj_unref(rs);
    /* a finalizer of somebody else keeps a pod until it is taken away */
    json_t *p = bare("held", "1Mi");
    jset(p, "metadata.finalizers", jt("['x.y/z']"));
    put_pod(s, p, NULL);
    pass(s, 20000, NULL);
    ctl_delete_pod(s, ctl_get(s, K_POD, "a", "held"), -1);
    pass(s, 60000, NULL);
    assert_non_null(ctl_get(s, K_POD, "a", "held"));
    json_t *d = ctl_doc(s, K_POD, "a", "held");
    json_object_del(jat(d, "metadata"), "finalizers");
    ctl_put(s, K_POD, d);
    pass(s, 10, NULL);
    assert_null(ctl_get(s, K_POD, "a", "held"));
    /* a namespace goes when all in it is gone */
    ctl_put(s, K_NAMESPACE, jt("{'kind':'Namespace','apiVersion':'v1','metadata':{'name':'a'},'spec':{'finalizers':['kubernetes']},'status':{'phase':'Active'}}"));
    ctl_put(s, K_STATEFULSET, work("StatefulSet", "db", 2, "x:1"));
    ctl_put(s, K_SERVICE, service("web"));
    pass(s, 10000, NULL);
    ctl_delete(s, ctl_get(s, K_NAMESPACE, "", "a"), &(struct ctl_delete){-1, NULL});
    pass(s, 50, NULL);
    struct obj *ns = ctl_get(s, K_NAMESPACE, "", "a");
    assert_non_null(ns);
    assert_non_null(strstr(ns->text, "\"phase\":\"Terminating\""));
    pass(s, 20000, NULL);
    assert_null(ctl_get(s, K_NAMESPACE, "", "a"));
    assert_int_equal(count(s, K_POD, "", false) + count(s, K_STATEFULSET, "", false) + count(s, K_SLICE, "", false), 0);
}

static void faster(void **state)
{
    struct sim *s = cluster_new(2);
    (void)state;
    s->world->speed = 100;
    ctl_put(s, K_REPLICASET, work("ReplicaSet", "rs", 2, "x:1"));
    pass(s, 120, NULL);
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 2);
    ctl_node_down(s, "n1");
    pass(s, 4000, NULL);
    assert_true(is(s, K_NODE, "n1", "Ready", "Unknown", NULL));
    assert_int_equal(number(s, K_REPLICASET, "rs", "status.readyReplicas"), 2);
}

static void events_are_counted(void **state)
{
    struct sim *s = cluster_new(1);
    json_t *n = ctl_doc(s, K_NODE, "", "n1");
    size_t before = ctl_res(s, K_EVENT)->n;
    (void)state;
    for (int i = 0; i < 5; i++)
        ctl_event(s, n, "Warning", "Odd", "kubelet", NULL, "something odd");
    ctl_event(s, n, "Warning", "Odd", "kubelet", NULL, "something else");
    assert_int_equal(ctl_res(s, K_EVENT)->n, before + 2);
    assert_true(told(s, "Odd", "\"count\":5"));
    pass(s, 3700000, NULL);
    assert_int_equal(ctl_res(s, K_EVENT)->n, before);          /* an hour later they are forgotten */
    json_decref(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scheduling), cmocka_unit_test(kubelet), cmocka_unit_test(crash_loop), cmocka_unit_test(endpoints),
        cmocka_unit_test(node_silent), cmocka_unit_test(node_back_in_time), cmocka_unit_test(collection), cmocka_unit_test(faster),
        cmocka_unit_test(events_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
