/* Cells and health of the Kubernetes kinds besides pods, and finding kinds and columns. */
#include "tests/unit/kube_row.h"

#define AT(kind_rest) "{'metadata':{'name':'x','namespace':'n','uid':'u','creationTimestamp':'2026-01-01T00:00:00Z'" kind_rest
#define META AT("}")
#define YOUNG "{'metadata':{'name':'x','uid':'u','creationTimestamp':'2026-01-02T02:59:30Z'}"
#define TEMPLATE "'template':{'spec':{'containers':[{'name':'a','image':'i:1'},{'name':'b','image':'j'}]" \
    ",'nodeSelector':{'zone':'1','arch':'amd64'}}}"
#define SELECTOR "'selector':{'matchLabels':{'b':'2','a':'1'},'matchExpressions':[{'key':'z','operator':'In','values':['y','x']}," \
    "{'key':'c','operator':'DoesNotExist'},{'key':'aa','operator':'NotIn','values':['q']},{'key':'e','operator':'Exists'}]}"
#define SELECTED "a=1,aa notin (q),b=2,!c,e,z in (x,y)"
#define STATUS_OF(cond, status) "{'type':'" cond "','status':'" status "','reason':'R','message':'why'}"

static const struct {
    const char *kind, *object, *cells;
    enum health health;
} cases[] = {
    /* nodes */
    {"nodes", AT(",'labels':{'node-role.kubernetes.io/worker':'','node-role.kubernetes.io/':'','kubernetes.io/role':'db',"
     "'node-role.kubernetes.io/control-plane':''}},'spec':{'providerID':'openstack:///1','taints':[{'key':'k','value':'v',"
     "'effect':'NoExecute'},{'key':'t','effect':'NoSchedule'}]},'status':{'conditions':[" STATUS_OF("Ready", "True")
     "],'addresses':[{'type':'Hostname','address':'h'},{'type':'InternalIP','address':'10.0.0.1'}],'allocatable':{'cpu':"
     "'3900m','memory':'8Gi','pods':'110'},'nodeInfo':{'kubeletVersion':'v1.36.3','architecture':'arm64','machineID':'m'}}}"),
     "status=Ready|roles=control-plane,db,worker|version=v1.36.3|internal-ip=10.0.0.1|external-ip=<none>|age=27h|"
     "os-image=<unknown>|kernel=<unknown> (arm64)|runtime=<unknown>|taints=2|taint-list=k=v:NoExecute,t:NoSchedule|"
     "alloc-cpu=3900m|alloc-mem=8Gi|alloc-pods=110|provider-id=openstack:///1|machine-id=m", HEALTH_OK},
    {"nodes", META ",'spec':{'unschedulable':true},'status':{'conditions':[" STATUS_OF("Ready", "True") "]}}",
     "status=Ready,SchedulingDisabled|roles=<none>|taints=0|cordoned=", HEALTH_WARN},
    {"nodes", AT("},'spec':{'unschedulable':true,'taints':[{'key':'node.kubernetes.io/unschedulable','effect':'NoSchedule','timeAdded':'2026-01-02T00:00:00Z'},"
     "{'key':'x','effect':'NoSchedule','timeAdded':'2020-03-01T00:00:00Z'}]},'status':{'conditions':[" STATUS_OF("Ready", "True") "]}}"),
     "taints=2|cordoned=3h", HEALTH_WARN},
    {"nodes", META ",'status':{'conditions':[" STATUS_OF("Ready", "Unknown") "]}}", "status=NotReady|ready=Unknown|message=why",
     HEALTH_BAD},
    {"nodes", META "}", "status=Unknown", HEALTH_UNKNOWN},
    {"nodes", META ",'status':{'conditions':[" STATUS_OF("DiskPressure", "True") "," STATUS_OF("Ready", "True") "]}}",
     "status=Ready|pressure=DiskPressure", HEALTH_WARN},
    {"nodes", META ",'status':{'conditions':[" STATUS_OF("Ready", "True") "," STATUS_OF("Ready", "False") "]}}",
     "status=NotReady", HEALTH_BAD},
    /* namespaces */
    {"namespaces", META ",'status':{'phase':'Active'}}", "name=x|status=Active|age=27h", HEALTH_OK},
    {"namespaces", AT(",'deletionTimestamp':'2026-01-02T02:00:00Z'},'status':{'phase':'Terminating','conditions':["
     STATUS_OF("NamespaceContentRemaining", "True") "]}}"), "status=Terminating|message=why", HEALTH_WARN},
    /* deployments */
    {"deployments", META ",'spec':{'replicas':3," SELECTOR "," TEMPLATE "},'status':{'replicas':3,'updatedReplicas':3,"
     "'readyReplicas':3,'availableReplicas':3}}", "ready=3/3|up-to-date=3|available=3|containers=a,b|images=i:1,j|selector="
     SELECTED "|rollout=done", HEALTH_OK},
    {"deployments", META ",'spec':{'replicas':3,'strategy':{'type':'Recreate'}},'status':{'replicas':3,'updatedReplicas':1,'readyReplicas':3,"
     "'availableReplicas':3}}", "ready=3/3|up-to-date=1|rollout=progressing|selector=|strategy=Recreate|rolling=", HEALTH_BUSY},
    {"deployments", META ",'spec':{'replicas':1},'status':{'replicas':1,'updatedReplicas':1,'conditions':[{'type':'Progressing','status':'True','reason':'ReplicaSetUpdated'}]}}",
     "rollout=progressing|rolling=True", HEALTH_BAD},
    {"deployments", META ",'spec':{'replicas':1},'status':{'replicas':1,'updatedReplicas':1,'conditions':[{'type':'Progressing','status':'True','reason':'NewReplicaSetAvailable'}]}}",
     "rollout=progressing|rolling=", HEALTH_BAD},
    {"deployments", META ",'spec':{'replicas':3},'status':{'replicas':3,'updatedReplicas':3,'readyReplicas':2,"
     "'availableReplicas':2}}", "ready=2/3|available=2", HEALTH_WARN},
    {"deployments", META ",'spec':{'replicas':2},'status':{'replicas':2,'conditions':[" STATUS_OF("Available", "False")
     "]}}", "ready=0/2|up-to-date=0|message=why", HEALTH_BAD},
    {"deployments", YOUNG ",'spec':{'replicas':2}}", "ready=0/2", HEALTH_BUSY},
    {"deployments", META ",'spec':{'replicas':0}}", "ready=0/0", HEALTH_DONE},
    {"deployments", META ",'spec':{'replicas':2},'status':{'replicas':3,'updatedReplicas':1,'readyReplicas':2,"
     "'availableReplicas':2,'conditions':[{'type':'Progressing','status':'False','reason':'ProgressDeadlineExceeded',"
     "'message':'late'}]}}", "rollout=failed|message=ProgressDeadlineExceeded", HEALTH_WARN},
    {"deployments", META ",'spec':{'replicas':1,'selector':{'matchExpressions':[{'key':'a','operator':'In'}]}},'status':"
     "{'availableReplicas':1}}", "selector=<invalid>", HEALTH_BUSY},
    {"deployments", META ",'spec':{'replicas':10,'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':'25%','maxSurge':0}}}}", "max-unavailable=2", HEALTH_BAD},
    {"deployments", META ",'spec':{'replicas':2,'strategy':{'rollingUpdate':{'maxUnavailable':'25%','maxSurge':'0%'}}}}", "max-unavailable=1", HEALTH_BAD},
    {"deployments", META ",'spec':{'replicas':2,'strategy':{'rollingUpdate':{'maxUnavailable':'25%','maxSurge':'25%'}}}}", "max-unavailable=0", HEALTH_BAD},
    {"deployments", META ",'spec':{'replicas':2,'strategy':{'rollingUpdate':{'maxUnavailable':9}}}}", "max-unavailable=2", HEALTH_BAD},
    {"deployments", META ",'spec':{'replicas':4,'strategy':{'type':'Recreate'}}}", "max-unavailable=4", HEALTH_BAD},
    {"statefulsets", META ",'spec':{'replicas':3,'updateStrategy':{'rollingUpdate':{'partition':0}}},'status':{'availableReplicas':3}}", "max-unavailable=1", HEALTH_OK},
    {"statefulsets", META ",'spec':{'replicas':3,'updateStrategy':{'rollingUpdate':{'partition':1,'maxUnavailable':'100%'}}},'status':{'availableReplicas':3}}", "max-unavailable=2", HEALTH_OK},
    {"statefulsets", META ",'spec':{'replicas':3,'updateStrategy':{'type':'OnDelete'}},'status':{'availableReplicas':3}}", "max-unavailable=0", HEALTH_OK},
    {"daemonsets", META ",'spec':{'updateStrategy':{'rollingUpdate':{'maxUnavailable':'30%','maxSurge':0}}},'status':{'desiredNumberScheduled':4,'updatedNumberScheduled':4,'numberAvailable':4}}",
     "max-unavailable=2", HEALTH_OK},
    /* the other workloads */
    {"statefulsets", META ",'spec':{'replicas':2," TEMPLATE "},'status':{'readyReplicas':1,'availableReplicas':1}}",
     "ready=1/2|containers=a,b|images=i:1,j", HEALTH_WARN},
    {"statefulsets", META ",'spec':{'replicas':1},'status':{'readyReplicas':1,'availableReplicas':1,'currentRevision':'1',"
     "'updateRevision':'2'}}", "ready=1/1|rolling=True|revision=2", HEALTH_BUSY},
    {"statefulsets", META ",'spec':{'replicas':3,'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':2}}},'status':{'readyReplicas':3,"
     "'availableReplicas':3,'updatedReplicas':1,'currentRevision':'1','updateRevision':'2'}}", "rolling=", HEALTH_OK},
    {"statefulsets", META ",'spec':{'replicas':3,'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'partition':2}}},'status':{'readyReplicas':3,"
     "'availableReplicas':3,'updatedReplicas':0,'currentRevision':'1','updateRevision':'2'}}", "rolling=True", HEALTH_BUSY},
    {"statefulsets", META ",'spec':{'replicas':1,'updateStrategy':{'type':'OnDelete'}},'status':{'currentRevision':'1','updateRevision':'2'}}", "rolling=", HEALTH_BAD},
    {"statefulsets", AT(",'generation':2},'spec':{'replicas':1},'status':{'observedGeneration':1,'currentRevision':'1','updateRevision':'1'}}"), "rolling=True", HEALTH_BAD},
    {"daemonsets", AT(",'generation':2,'annotations':{'deprecated.daemonset.template.generation':'7'}},'status':{'observedGeneration':2,'currentNumberScheduled':1,"
     "'desiredNumberScheduled':2,'updatedNumberScheduled':1}}"), "rolling=|revision=7", HEALTH_BAD},
    {"daemonsets", META ",'spec':{'updateStrategy':{'type':'OnDelete'}},'status':{'currentNumberScheduled':1,'desiredNumberScheduled':1}}", "rolling=", HEALTH_BAD},
    {"daemonsets", META ",'status':{'currentNumberScheduled':1,'desiredNumberScheduled':1}}", "rolling=True", HEALTH_BAD},
    {"replicasets", AT(",'annotations':{'deployment.kubernetes.io/revision':'3'}},'spec':{'replicas':0}}"), "revision=3", HEALTH_DONE},
    {"daemonsets", META ",'spec':{" TEMPLATE "," SELECTOR "},'status':{'currentNumberScheduled':4,'desiredNumberScheduled':5,"
     "'numberReady':3,'updatedNumberScheduled':2,'numberAvailable':1,'numberMisscheduled':6}}",
     "desired=5|current=4|ready=3|up-to-date=2|available=1|node-selector=arch=amd64,zone=1|selector=" SELECTED
     "|misscheduled=6", HEALTH_WARN},
    {"daemonsets", META "}", "desired=0|node-selector=<none>|selector=<none>", HEALTH_DONE},
    {"replicasets", META ",'spec':{'replicas':2,'selector':{}},'status':{'replicas':1,'readyReplicas':1,"
     "'availableReplicas':1,'conditions':[" STATUS_OF("ReplicaFailure", "True") "]}}",
     "desired=2|current=1|ready=1|selector=<none>|message=why", HEALTH_WARN},
    {"replicasets", META ",'spec':{'selector':{'matchExpressions':[{'key':'a','operator':'Maybe'}]}}}",
     "desired=1|selector=<error>", HEALTH_BAD},
    /* jobs */
    {"jobs", META ",'spec':{'completions':1,'parallelism':1," TEMPLATE "},'status':{'succeeded':1,'startTime':"
     "'2026-01-01T00:00:00Z','completionTime':'2026-01-01T00:00:07Z','conditions':[" STATUS_OF("SuccessCriteriaMet", "True")
     "," STATUS_OF("Complete", "True") "]}}", "status=Complete|completions=1/1|duration=7s|containers=a,b", HEALTH_DONE},
    {"jobs", META ",'spec':{'parallelism':3},'status':{'startTime':'2026-01-02T02:58:00Z','active':3}}",
     "status=Running|completions=0/1 of 3|duration=2m|active=3", HEALTH_BUSY},
    {"jobs", META ",'spec':{},'status':{'conditions':[" STATUS_OF("Failed", "True") "]}}",
     "status=Failed|completions=0/1|duration=|message=why", HEALTH_BAD},
    {"jobs", META ",'spec':{'completions':5},'status':{'conditions':[" STATUS_OF("Suspended", "True") "]}}",
     "status=Suspended|completions=0/5", HEALTH_NONE},
    {"jobs", AT(",'deletionTimestamp':'2026-01-02T03:00:00Z'},'status':{'conditions':[" STATUS_OF("Suspended", "True") "]}}"),
     "status=Terminating", HEALTH_BUSY},
    {"jobs", META ",'status':{'conditions':[" STATUS_OF("FailureTarget", "True") "]}}", "status=FailureTarget", HEALTH_BAD},
    {"jobs", META ",'status':{'startTime':'2026-01-01T00:00:00Z','completionTime':'2026-01-01T00:00:00Z'}}", "duration=0s",
     HEALTH_BUSY},
    /* cron jobs */
    {"cronjobs", META ",'spec':{'schedule':'*/5 * * * *','timeZone':'Etc/UTC','suspend':false,'jobTemplate':{'spec':{" TEMPLATE
     "}}},'status':{'active':[{'name':'a'},{'name':'b'}],'lastScheduleTime':'2026-01-02T02:55:00Z'}}",
     "schedule=*/5 * * * *|timezone=Etc/UTC|suspend=False|active=2|last-schedule=5m|containers=a,b|selector=<none>",
     HEALTH_BUSY},
    {"cronjobs", META ",'spec':{'suspend':true}}", "timezone=<none>|suspend=True|active=0|last-schedule=<none>",
     HEALTH_NONE},
    {"cronjobs", META ",'spec':{'schedule':'@daily'}}", "suspend=<unset>", HEALTH_OK},
    /* services */
    {"services", META ",'spec':{'type':'ClusterIP','clusterIP':'10.1.1.1','clusterIPs':['10.1.1.1','fd::1'],'selector':{'b':'2',"
     "'a':'1'},'ports':[{'port':80,'protocol':'TCP'},{'port':53,'protocol':'UDP','nodePort':30053}]}}",
     "type=ClusterIP|cluster-ip=10.1.1.1|external-ip=<none>|ports=80/TCP,53:30053/UDP|selector=a=1,b=2", HEALTH_OK},
    {"services", META ",'spec':{'type':'NodePort','externalIPs':['1.1.1.1','2.2.2.2']}}",
     "cluster-ip=<none>|external-ip=1.1.1.1,2.2.2.2|ports=<none>|selector=<none>", HEALTH_OK},
    {"services", META ",'spec':{'type':'LoadBalancer','clusterIPs':['None']}}", "cluster-ip=None|external-ip=<pending>",
     HEALTH_WARN},
    {"services", YOUNG ",'spec':{'type':'LoadBalancer'}}", "external-ip=<pending>", HEALTH_BUSY},
    {"services", META ",'spec':{'type':'LoadBalancer','externalIPs':['9.9.9.9']},'status':{'loadBalancer':{'ingress':"
     "[{'hostname':'lb.example.org'},{'ip':'3.3.3.3','hostname':'x'},{'ip':'3.3.3.3'},{}]}}}",
     "external-ip=3.3.3.3,lb.example.org,9.9.9.9", HEALTH_OK},
    {"services", META ",'spec':{'type':'ExternalName','externalName':'db.example.org'}}",
     "cluster-ip=<none>|external-ip=db.example.org", HEALTH_OK},
    {"services", META ",'spec':{'type':'New'}}", "external-ip=<unknown>", HEALTH_OK},
    /* events */
    {"events", META ",'involvedObject':{'kind':'Pod','name':'p','fieldPath':'spec.containers{a}','uid':'pu'},'reason':'Killing',"
     "'message':' stop\\nnow \\n','source':{'component':'kubelet','host':'n1'},'firstTimestamp':'2026-01-02T02:00:00Z',"
     "'lastTimestamp':'2026-01-02T02:59:00Z','count':4,'type':'Normal'}",
     "namespace=n|name=x|last-seen=60s|type=Normal|reason=Killing|object=pod/p|subobject=spec.containers{a}|"
     "source=kubelet, n1|message=stop now|first-seen=60m|count=4|object-uid=pu", HEALTH_OK},
    {"events", META ",'involvedObject':{'kind':'Node'},'type':'Warning','eventTime':'2026-01-02T02:50:00.5Z',"
     "'reportingComponent':'c','reportingInstance':''}",
     "last-seen=9m59s|first-seen=9m59s|count=1|object=node|source=c|type=Warning", HEALTH_WARN},
    {"events", META ",'eventTime':'2026-01-02T02:50:00.000000Z','series':{'count':9,'lastObservedTime':"
     "'2026-01-02T02:58:00.000000Z'},'reportingComponent':'c','reportingInstance':'c-0'}",
     "last-seen=2m|count=9|first-seen=10m|source=c, c-0|object=", HEALTH_OK},
    {"events", META ",'firstTimestamp':null,'lastTimestamp':null}", "last-seen=<unknown>|first-seen=<unknown>|count=1",
     HEALTH_OK},
};

static void every_kind(void **state)
{
    struct store *st = store_new(0, NULL, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct row *r = kube_row(st, cases[i].kind, cases[i].object);
        print_message("%s: %s\n", cases[i].kind, cases[i].cells);
        check_cells(r, cases[i].cells);
        assert_string_equal(health_name(r->health), health_name(cases[i].health));
        store_clear(st);
    }
    store_free(st);
}

static void metadata(void **state)
{
    struct store *st = store_new(0, NULL, NULL);
    (void)state;
    const struct row *r = kube_row(st, "replicasets",
        AT(",'resourceVersion':'5','labels':{'b':'2','a':'1'},'deletionTimestamp':'2026-01-02T03:00:00Z','ownerReferences':["
           "{'kind':'Other','name':'o','uid':'1'},{'kind':'Deployment','name':'web','uid':'d1','controller':true}]}}"));
    assert_string_equal(r->name, "x");
    assert_string_equal(r->scope, "n");
    assert_string_equal(r->uid, "u");
    assert_string_equal(r->labels, "a=1,b=2");
    assert_string_equal(r->owner, "Deployment/web/d1");
    assert_int_equal(r->created_ms, 1767225600000);
    assert_int_equal(r->flags & ROW_DELETING, ROW_DELETING);
    check_cells(r, "namespace=n|name=x|labels=a=1,b=2");
    store_free(st);
}

static void names(void **state)
{
    static const char *const pairs[][2] = {
        {"po", "pods"}, {"POD", "pods"}, {"pods", "pods"}, {"no", "nodes"}, {"ns", "namespaces"}, {"deploy", "deployments"},
        {"deployment.apps", "deployments"}, {"sts", "statefulsets"}, {"ds", "daemonsets"}, {"rs", "replicasets"},
        {"job", "jobs"}, {"cj", "cronjobs"}, {"svc", "services"}, {"ev", "events"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        assert_string_equal(kind_find(pairs[i][0])->id, pairs[i][1]);
    assert_null(kind_find("widgets"));
    assert_null(kind_find(NULL));
    const struct kind *k = kind_find("services");
    assert_int_equal(kind_column(k, "ports"), kind_column(k, "Port(s)"));
    assert_int_equal(kind_column(k, "NAME"), kind_column(k, "name"));
    assert_int_equal(kind_column(k, "nope"), -1);
}

/* What the list and watch code relies on, for each kind with a schema. */
static void tables_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; kinds_all[i]; i++) {
        const struct kind *k = kinds_all[i];
        if (!k->kube || !k->kube->schema)
            continue;
        assert_true(k->kube->schema->fields[0].msg == &kube_meta || k->kube->schema->fields[0].msg == &kube_meta_noted);
        assert_string_equal(k->kube->resource, k->id);
        assert_true(kind_column(k, "name") >= 0 && kind_column(k, "age") >= 0);
        assert_int_equal(kind_column(k, "namespace") >= 0, (k->flags & KIND_NAMESPACED) != 0);
        for (size_t a = 0; a < k->ncolumns; a++) {
            assert_non_null(k->columns[a].id);
            assert_non_null(k->columns[a].title);
            assert_non_null(k->columns[a].help);
            assert_int_equal(kind_column(k, k->columns[a].id), a);         /* ids are unique */
        }
    }
}

static void test_near(void **state)
{
    (void)state;
    static const struct { const char *name, *near; } t[] = {
        {"podz", "pods"}, {"servr", "server"}, {"deploments", "deployments"}, {"hypervisr", "hypervisor"}, {"evetns", "events"},
        {"bogus", ""}, {"", ""}, {"a-name-that-is-much-longer-than-any-kind-has", ""},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char buf[160];
        kind_near(t[i].name, buf, sizeof buf);
        if (*t[i].near ? strncmp(buf, t[i].near, strlen(t[i].near)) != 0 : *buf)
            fail_msg("near %s: %s", t[i].name, buf);
    }
    char small[8];
    kind_near("volum", small, sizeof small);
    assert_true(strlen(small) < sizeof small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near),
        cmocka_unit_test(every_kind), cmocka_unit_test(metadata), cmocka_unit_test(names),
        cmocka_unit_test(tables_are_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
