/* READY, STATUS, RESTARTS and health of pods: one line a case; and the real pods of the fixtures. */
#include "tests/unit/kube_row.h"

#define META "'metadata':{'name':'p','namespace':'n','uid':'u','creationTimestamp':'2026-01-02T02:00:00Z'}"
#define YOUNG "'metadata':{'name':'p','uid':'u','creationTimestamp':'2026-01-02T02:59:30Z'}"
#define OLDER "'metadata':{'name':'p','uid':'u','creationTimestamp':'2026-01-02T02:58:00Z'}"
#define DYING(due) "'metadata':{'name':'p','uid':'u','creationTimestamp':'2026-01-02T02:00:00Z','deletionTimestamp':'" due "'}"
#define SPEC1 "'spec':{'containers':[{'name':'a','image':'i:1'}],'nodeName':'n1'}"
#define SPEC2 "'spec':{'containers':[{'name':'a'},{'name':'b'}]}"
#define SPEC_INIT "'spec':{'initContainers':[{'name':'i'},{'name':'j'}],'containers':[{'name':'a'}]}"
#define SPEC_SIDE "'spec':{'initContainers':[{'name':'i'},{'name':'s','restartPolicy':'Always'}],'containers':[{'name':'a'}]}"
#define READY "{'type':'Ready','status':'True'}"
#define UNREADY "{'type':'Ready','status':'False'}"
#define INITIALIZED "{'type':'Initialized','status':'True'}"
#define RUNS(n) "{'name':'" n "','ready':true,'restartCount':0,'state':{'running':{'startedAt':'2026-01-02T02:01:00Z'}}}"
#define RUNS_UNREADY(n) "{'name':'" n "','ready':false,'state':{'running':{}}}"
#define WAITS(n, why) "{'name':'" n "','ready':false,'state':{'waiting':{'reason':'" why "'}}}"
#define ENDED(n, code, why) "{'name':'" n "','state':{'terminated':{'exitCode':" code ",'reason':'" why "'}}}"
#define KILLED(n, code, sig) "{'name':'" n "','state':{'terminated':{'exitCode':" code ",'signal':" sig "}}}"
#define CRASHED "{'name':'a','ready':false,'restartCount':7,'state':{'waiting':{'reason':'CrashLoopBackOff'," \
    "'message':'back-off 5m0s'}},'lastState':{'terminated':{'exitCode':1,'finishedAt':'2026-01-02T02:55:00Z'}}}"
#define SIDECAR_UP "{'name':'s','ready':true,'started':true,'restartCount':2,'state':{'running':{}}," \
    "'lastState':{'terminated':{'exitCode':1,'finishedAt':'2026-01-02T02:30:00Z'}}}"
#define INIT_DONE "{'name':'i','restartCount':3,'state':{'terminated':{'exitCode':0,'reason':'Completed'}}}"
#define ST(phase, conds, rest) "'status':{'phase':'" phase "','conditions':[" conds "]" rest "}"
#define CS(list) ",'containerStatuses':[" list "]"
#define INIT(list) ",'initContainerStatuses':[" list "]"
#define POD(meta, spec, status) "{" meta "," spec "," status "}"

static const struct {
    const char *name, *pod, *cells;
    enum health health;
} cases[] = {
    {"running", POD(META, SPEC1, ST("Running", READY, CS(RUNS("a")) ",'podIP':'10.0.0.1','qosClass':'Burstable'")),
     "namespace=n|name=p|ready=1/1|status=Running|restarts=0|age=60m|ip=10.0.0.1|node=n1|nominated-node=<none>|"
     "readiness-gates=<none>|qos=Burstable|containers=a|images=i:1|labels=<none>|cpu=-|mem=-", HEALTH_OK},
    {"pending", POD(META, SPEC1, ST("Pending", "", "")), "ready=0/1|status=Pending|ip=<none>", HEALTH_BAD},
    {"pending, a while", POD(OLDER, SPEC1, ST("Pending", "", "")), "status=Pending|age=2m", HEALTH_WARN},
    {"pending, just made", POD(YOUNG, SPEC1, ST("Pending", "", "")), "status=Pending|age=30s", HEALTH_BUSY},
    {"unschedulable",
     POD(YOUNG, SPEC1, ST("Pending", "{'type':'PodScheduled','status':'False','reason':'Unschedulable','message':'0/7'}",
                          "")), "status=Pending|message=0/7", HEALTH_WARN},
    {"gated", POD(META, SPEC1, ST("Pending", "{'type':'PodScheduled','status':'False','reason':'SchedulingGated'}", "")),
     "status=SchedulingGated", HEALTH_BUSY},
    {"creating", POD(YOUNG, SPEC1, ST("Pending", "", CS(WAITS("a", "ContainerCreating")))),
     "ready=0/1|status=ContainerCreating", HEALTH_BUSY},
    {"crash loop", POD(META, SPEC1, ST("Running", UNREADY, CS(CRASHED))),
     "ready=0/1|status=CrashLoopBackOff|restarts=7 (5m ago)|message=back-off 5m0s", HEALTH_BAD},
    {"image", POD(YOUNG, SPEC1, ST("Pending", "", CS(WAITS("a", "ErrImagePull")))), "status=ErrImagePull", HEALTH_BAD},
    {"the first container's word stands",
     POD(META, SPEC2, ST("Running", UNREADY, CS(WAITS("a", "ImagePullBackOff") "," ENDED("b", "1", "Error")))),
     "ready=0/2|status=ImagePullBackOff", HEALTH_BAD},
    {"not ready", POD(META, SPEC1, ST("Running", UNREADY, CS(RUNS_UNREADY("a")))), "ready=0/1|status=Running",
     HEALTH_WARN},
    {"completed", POD(META, SPEC1, ST("Succeeded", UNREADY, CS(ENDED("a", "0", "Completed")))),
     "ready=0/1|status=Completed", HEALTH_DONE},
    {"failed", POD(META, SPEC1, ST("Failed", "", CS(ENDED("a", "1", "Error")))), "status=Error", HEALTH_BAD},
    {"completed beside running and ready",
     POD(META, SPEC2, ST("Running", READY, CS(ENDED("a", "0", "Completed") "," RUNS("b")))),
     "ready=1/2|status=Running", HEALTH_WARN},
    {"completed beside running, not ready",
     POD(META, SPEC2, ST("Running", UNREADY, CS(ENDED("a", "0", "Completed") "," RUNS("b")))),
     "ready=1/2|status=NotReady", HEALTH_WARN},
    {"two Ready conditions",
     POD(META, SPEC2, ST("Running", UNREADY "," READY, CS(ENDED("a", "0", "Completed") "," RUNS("b")))),
     "ready=1/2|status=Running", HEALTH_WARN},
    {"completed beside failed",
     POD(META, SPEC2, ST("Failed", "", CS(ENDED("a", "0", "Completed") "," ENDED("b", "137", "OOMKilled")))),
     "status=OOMKilled", HEALTH_BAD},
    {"signal", POD(META, SPEC1, ST("Failed", "", CS(KILLED("a", "137", "9")))), "status=Signal:9", HEALTH_BAD},
    {"exit code", POD(META, SPEC1, ST("Failed", "", CS(KILLED("a", "3", "0")))), "status=ExitCode:3", HEALTH_BAD},
    {"evicted", POD(META, SPEC1, ST("Failed", "", ",'reason':'Evicted','message':'low on memory'")),
     "ready=0/1|status=Evicted|message=low on memory", HEALTH_BAD},
    {"init 0 of 2", POD(YOUNG, SPEC_INIT, ST("Pending", "", INIT(RUNS_UNREADY("i") "," WAITS("j", "PodInitializing"))
                        CS(WAITS("a", "PodInitializing")))), "ready=0/1|status=Init:0/2|restarts=0", HEALTH_BUSY},
    {"init 1 of 2, restarts of init containers count", POD(META, SPEC_INIT, ST("Pending", "", INIT(INIT_DONE ","
     RUNS_UNREADY("j")))), "status=Init:1/2|restarts=3", HEALTH_WARN},
    {"init crash", POD(META, SPEC_INIT, ST("Pending", "", INIT(WAITS("i", "CrashLoopBackOff")))),
     "status=Init:CrashLoopBackOff", HEALTH_BAD},
    {"init error", POD(META, SPEC_INIT, ST("Pending", "", INIT(ENDED("i", "1", "Error")))), "status=Init:Error",
     HEALTH_BAD},
    {"init signal", POD(META, SPEC_INIT, ST("Pending", "", INIT(KILLED("i", "1", "9")))), "status=Init:Signal:9",
     HEALTH_BAD},
    {"init exit code", POD(META, SPEC_INIT, ST("Pending", "", INIT(KILLED("i", "4", "0")))), "status=Init:ExitCode:4",
     HEALTH_BAD},
    {"after init", POD(YOUNG, SPEC_INIT, ST("Pending", INITIALIZED, INIT(INIT_DONE "," INIT_DONE)
     CS(WAITS("a", "PodInitializing")))), "status=PodInitializing|restarts=0", HEALTH_BUSY},
    {"initialized once, init runs again", POD(META, SPEC_INIT, ST("Running", INITIALIZED "," READY,
     INIT(RUNS_UNREADY("i")) CS(RUNS("a")))), "ready=1/1|status=Init:0/2|restarts=0", HEALTH_OK},
    {"sidecar", POD(META, SPEC_SIDE, ST("Running", READY, INIT(INIT_DONE "," SIDECAR_UP) CS(RUNS("a")))),
     "ready=2/2|status=Running|restarts=2 (30m ago)", HEALTH_OK},
    {"sidecar not started", POD(YOUNG, SPEC_SIDE, ST("Pending", "", INIT(INIT_DONE "," RUNS_UNREADY("s")))),
     "ready=0/2|status=Init:1/2", HEALTH_BUSY},
    {"terminating", POD(DYING("2026-01-02T03:00:20Z"), SPEC1, ST("Running", READY, CS(RUNS("a")))),
     "ready=1/1|status=Terminating", HEALTH_BUSY},
    {"terminating for long", POD(DYING("2026-01-02T02:50:00Z"), SPEC1, ST("Running", READY, CS(RUNS("a")))),
     "status=Terminating", HEALTH_WARN},
    {"ended, then deleted", POD(DYING("2026-01-02T03:00:20Z"), SPEC1, ST("Succeeded", "", CS(ENDED("a", "0",
     "Completed")))), "status=Completed", HEALTH_BUSY},
    {"node lost", POD(DYING("2026-01-02T03:00:20Z"), SPEC1, ST("Running", "", ",'reason':'NodeLost'" CS(RUNS("a")))),
     "status=Unknown", HEALTH_BAD},
    {"unknown phase", POD(META, SPEC1, ST("Unknown", "", "")), "status=Unknown", HEALTH_UNKNOWN},
    {"gates", POD(META, "'spec':{'containers':[{'name':'a'}],'readinessGates':[{'conditionType':'x'},{'conditionType':'y'}]}",
     ST("Running", UNREADY ",{'type':'x','status':'True'}", CS(RUNS("a")))), "ready=1/1|readiness-gates=1/2", HEALTH_WARN},
    {"addresses", POD(META, SPEC1, ST("Running", READY, CS(RUNS("a")) ",'podIPs':[{'ip':'fd00::1'},{'ip':'10.0.0.2'}]")),
     "ip=fd00::1", HEALTH_OK},
    {"nothing known", "{" META "}", "ready=0/0|status=|restarts=0|node=<none>", HEALTH_WARN},
    {"empty strings are absent", POD(META, SPEC1, ST("Running", READY, CS(RUNS("a")) ",'reason':'','nominatedNodeName':''")),
     "status=Running|nominated-node=<none>", HEALTH_OK},
    {"control characters", POD(META, SPEC1, ST("Failed", "", ",'reason':'Evi\\u001b[31mcted'")), "status=Evicted",
     HEALTH_BAD},
};

static void every_state(void **state)
{
    struct store *st = store_new(0, NULL, NULL);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct row *r = kube_row(st, "pods", cases[i].pod);
        print_message("%s\n", cases[i].name);
        check_cells(r, cases[i].cells);
        assert_string_equal(health_name(r->health), health_name(cases[i].health));
        store_clear(st);
    }
    store_free(st);
}

/* Nobody says anything new about a pod: its age makes it worse, at the right moments, in the store alone. */
static void worse_by_age(void **state)
{
    (void)state;
    struct store *st = store_new(0, NULL, NULL);
    int64_t made = test_now() - 30000;
    assert_int_equal(kube_row(st, "pods", POD(YOUNG, SPEC1, ST("Pending", "", "")))->health, HEALTH_BUSY);
    struct snap *before = store_publish(st);
    assert_int_equal(store_next_age(st), made + KUBE_BUSY_MS);
    assert_false(store_age(st, made + KUBE_BUSY_MS - 1));
    assert_false(store_dirty(st));
    assert_true(store_age(st, made + KUBE_BUSY_MS));
    assert_true(store_dirty(st));
    assert_int_equal(store_get(st, "u")->health, HEALTH_WARN);
    assert_string_equal(store_get(st, "u")->name, "p");
    assert_int_equal(store_next_age(st), made + KUBE_STUCK_MS);
    assert_true(store_age(st, made + KUBE_STUCK_MS + 5000));
    assert_int_equal(store_get(st, "u")->health, HEALTH_BAD);
    assert_int_equal(store_next_age(st), INT64_MAX);
    assert_int_equal(snap_find(before, "u")->health, HEALTH_BUSY);
    /* it runs after all; and a gated one may wait for ever */
    assert_int_equal(kube_row(st, "pods", POD(YOUNG, SPEC1, ST("Running", READY, CS(RUNS("a")))))->health, HEALTH_OK);
    kube_row(st, "pods", POD(YOUNG, SPEC1, ST("Pending", "{'type':'PodScheduled','status':'False','reason':'SchedulingGated'}", "")));
    assert_false(store_age(st, made + 10 * KUBE_STUCK_MS));
    kube_row(st, "pods", POD(DYING("2026-01-02T03:00:20Z"), SPEC1, ST("Running", READY, CS(RUNS("a")))));
    assert_true(store_age(st, test_now() + 20000 + KUBE_BUSY_MS));
    assert_int_equal(store_get(st, "u")->health, HEALTH_WARN);
    snap_unref(before);
    store_free(st);
}

static void many_containers(void **state)
{
    struct store *st = store_new(0, NULL, NULL);
    char text[16000];
    size_t n = (size_t)snprintf(text, sizeof text, "{" META ",'status':{'phase':'Running','containerStatuses':[");
    (void)state;
    for (int i = 0; i < 70; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s{'restartCount':1,'state':{'waiting':{'reason':'W%d'}}}",
                              i ? "," : "", i);
    snprintf(text + n, sizeof text - n, "]}}");
    check_cells(kube_row(st, "pods", text), "status=W0|restarts=70");
    store_free(st);
}

/* ---- real pods: expected values are the server's own Table of the same moment ---- */
static const struct {
    const char *name, *cells;
} real[] = {
    {"aodh-api-bd9f87f8c-8zj6x", "ready=0/1|status=Init:0/2|ip=10.128.0.35|node=controller-3"},
    {"designate-worker-774f4cf4f5-xm9n5", "ready=0/1|status=CrashLoopBackOff|ip=10.128.0.56|node=controller-2"},
    {"evicted-agent", "ready=0/1|status=Evicted|restarts=0|ip=<none>|node=compute-2|readiness-gates=<none>"},
    {"stuck-terminating", "ready=1/1|status=Terminating|restarts=0|ip=10.128.0.40|nominated-node=<none>"},
};

static bool on_object(void *arg, enum wire_event ev, const struct wire_obj *o, const char *raw, size_t len, int code)
{
    struct store *st = arg;
    struct rowbuf *rb = store_rowbuf(st);
    (void)ev, (void)raw, (void)len, (void)code;
    rowbuf_begin(rb, kind_find("pods"));
    kube_fill_meta(rb, o);
    kind_find("pods")->kube->decode(rb, o, test_now());
    const char *name = wire_str(wire_sub(o, OBJ_META), META_NAME);
    struct row *r = rowbuf_finish(rb);
    assert_non_null(r);
    for (size_t i = 0; i < COUNT_OF(real); i++) {
        if (strcmp(real[i].name, name) != 0)
            continue;
        check_cells(r, real[i].cells);
        assert_string_equal(r->scope, wire_str(wire_sub(o, OBJ_META), META_NAMESPACE));
    }
    return store_put(st, r);
}

static void real_pods(void **state)
{
    static const char *const files[] = {"tests/unit/fixtures/pods.json", "tests/unit/fixtures/pods.pb"};
    static const struct wire_stream_ops ops = {on_object};
    static char data[65536];
    (void)state;
    for (int i = 0; i < 2; i++) {
        FILE *f = fopen(files[i], "rb");
        if (!f)
            skip();
        size_t len = fread(data, 1, sizeof data, f);
        fclose(f);
        struct store *st = store_new(0, NULL, NULL);
        store_set_kind(st, kind_find("pods"));
        struct wire_stream *ws = wire_stream_new(kind_find("pods")->kube->schema, i, false, 0, &ops, st);
        assert_int_equal(wire_stream_feed(ws, data, len, NULL), ERR_OK);
        assert_int_equal(wire_stream_end(ws, NULL), ERR_OK);
        assert_int_equal(store_count(st), COUNT_OF(real));
        wire_stream_free(ws);
        store_free(st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state), cmocka_unit_test(worse_by_age), cmocka_unit_test(many_containers), cmocka_unit_test(real_pods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
