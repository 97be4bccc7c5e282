/* The milestone machine: orders of owners, gaps, and that nothing is invented. */
#include "stage_json.h"

#include "core/stage/live.h"

#define MS 1000
#define OWNER "'ownerReferences':[{'kind':'X','name':'x','uid':'own','controller':true}]"

static struct machine m;

static struct machine_stamp at(int64_t ms) { return (struct machine_stamp){ms * MS, ms * MS}; }
static struct machine_stamp late(int64_t since, int64_t ms) { return (struct machine_stamp){ms * MS, since * MS}; }

static void pod(enum machine_event ev, struct machine_stamp s, const char *uid, const char *meta, const char *rest)
{
    json_t *j = doc("{'metadata':{'uid':'%s','name':'p-%s','creationTimestamp':'2026-01-02T03:04:05Z'," OWNER "%s}%s}", uid, uid, meta, rest);
    machine_pod_event(&m, ev, j, s);
    json_decref(j);
}

#define COND(type, state) "{'type':'" type "','status':'" state "','lastTransitionTime':'2026-01-02T03:04:06Z'}"
#define READY ",'spec':{'nodeName':'n1','containers':[{'name':'c'}]},'status':{'phase':'Running','conditions':[" COND("PodScheduled", "True") "," \
    COND("Initialized", "True") "," COND("Ready", "True") "],'containerStatuses':[{'name':'c','state':{'running':{'startedAt':'2026-01-02T03:04:07Z'}}}]}"
#define SCHEDULED ",'spec':{'nodeName':'n1','containers':[{'name':'c'}]},'status':{'phase':'Pending','conditions':[" COND("PodScheduled", "True") "]}"
#define DELETING ",'deletionTimestamp':'2026-01-02T03:04:35Z'"
#define NO_SPEC ",'status':{'phase':'Pending'}"

static void slice(struct machine_stamp s, const char *endpoints)
{
    json_t *j = doc("{'metadata':{'name':'svc-1','labels':{'kubernetes.io/service-name':'svc'},'annotations':"
                    "{'endpoints.kubernetes.io/last-change-trigger-time':'2026-01-02T03:04:08Z'}},'endpoints':[%s]}", endpoints);
    machine_slice_event(&m, MACHINE_SEEN, j, s);
    json_decref(j);
}
#define EP(uid, ready, term) "{'conditions':{'ready':" ready ",'terminating':" term "},'targetRef':{'uid':'" uid "'}}"

static int begin(void **state)
{
    (void)state;
    machine_init(&m, "old", "own");
    pod(MACHINE_SEEN, at(0), "old", "", READY);
    pod(MACHINE_SEEN, at(0), "sib", "", READY);
    machine_pods_listed(&m, at(0));
    slice(at(0), EP("old", "true", "false") "," EP("sib", "true", "false"));
    machine_slices_listed(&m, at(0));
    machine_sent(&m, 1000 * MS);
    return 0;
}

static int end(void **state)
{
    (void)state;
    machine_release(&m);
    return 0;
}

static int64_t when(enum stage_mid id) { return m.mark[id].seen == STAGE_SEEN ? m.mark[id].stamp.at_us / MS : -(int64_t)m.mark[id].seen; }

static void replica_set_order(void **state)
{
    (void)state;
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, 1700000000000);
    pod(MACHINE_SEEN, at(1012), "old", DELETING, READY);
    slice(at(1015), EP("old", "false", "true") "," EP("sib", "true", "false"));
    pod(MACHINE_SEEN, at(1020), "new", "", NO_SPEC);
    pod(MACHINE_SEEN, at(1030), "new", "", SCHEDULED);
    pod(MACHINE_GONE, at(2000), "old", DELETING, READY);
    pod(MACHINE_SEEN, at(4000), "new", "", READY);
    slice(at(4010), EP("new", "true", "false") "," EP("sib", "true", "false"));
    assert_int_equal(when(STAGE_T0), 1010);
    assert_int_equal(when(STAGE_T1), 1015);
    assert_int_equal(when(STAGE_T2), 1020);
    assert_int_equal(when(STAGE_T3), 1030);
    assert_int_equal(when(STAGE_T10), 2000);
    assert_int_equal(when(STAGE_T5), 4000);
    assert_int_equal(when(STAGE_T6), 4000);
    assert_int_equal(when(STAGE_T7), 4000);
    assert_int_equal(when(STAGE_T8), 4010);
    assert_true(when(STAGE_T2) < when(STAGE_T10));
    assert_int_equal(m.ready_before, 2);
    assert_int_equal(machine_ready_now(&m), 2);
    assert_int_equal(m.mark[STAGE_T6].server_ms, 1767323047000);
    assert_int_equal(m.mark[STAGE_T6].trunc_ms, 1000);
    machine_finish(&m);
    assert_int_equal(m.mark[STAGE_T4].seen, STAGE_NOT_EXPECTED);      /* this kubelet does not say it */
}

static void stateful_set_order(void **state)
{
    (void)state;
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    pod(MACHINE_SEEN, at(1012), "old", DELETING, READY);
    pod(MACHINE_GONE, at(6000), "old", DELETING, READY);
    json_t *j = doc("{'metadata':{'uid':'new','name':'p-old'," OWNER "}%s}", READY);      /* the same name */
    machine_pod_event(&m, MACHINE_SEEN, j, at(6005));
    json_decref(j);
    assert_int_equal(when(STAGE_T10), 6000);
    assert_int_equal(when(STAGE_T2), 6005);
    assert_string_equal(m.new_uid, "new");
}

static void the_watch_may_overtake_the_answer(void **state)
{
    (void)state;
    pod(MACHINE_SEEN, at(1004), "old", DELETING, READY);
    pod(MACHINE_SEEN, at(1006), "new", "", NO_SPEC);
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    assert_int_equal(when(STAGE_T0), 1004);      /* else the replacement would be there before the delete */
    assert_int_equal(when(STAGE_T2), 1006);
}

static void siblings_and_strangers_replace_nothing(void **state)
{
    (void)state;
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    pod(MACHINE_SEEN, at(1020), "sib", "", READY);                 /* it was there before */
    json_t *j = doc("{'metadata':{'uid':'alien','name':'q','ownerReferences':[{'uid':'other','controller':true}]}%s}", READY);
    machine_pod_event(&m, MACHINE_SEEN, j, at(1021));
    json_decref(j);
    assert_int_equal(when(STAGE_T2), -STAGE_WAITING);
    assert_int_equal(when(STAGE_T7), -STAGE_WAITING);
    machine_finish(&m);
    assert_int_equal(m.mark[STAGE_T7].seen, STAGE_UNKNOWN);
}

static void a_gap_gives_bounds(void **state)
{
    (void)state;
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    pod(MACHINE_SEEN, at(1020), "new", "", NO_SPEC);
    pod(MACHINE_SEEN, late(2000, 5000), "new", "", READY);         /* first line of a new watch after a gap since 2 s */
    assert_int_equal(m.mark[STAGE_T7].seen, STAGE_SEEN_LATE);
    assert_int_equal(m.mark[STAGE_T7].stamp.since_us, 2000 * MS);
    assert_int_equal(m.mark[STAGE_T7].stamp.at_us, 5000 * MS);
    assert_int_equal(when(STAGE_T2), 1020);
}

static void a_new_list_tells_what_is_gone(void **state)
{
    (void)state;
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    machine_pods_list(&m);
    pod(MACHINE_SEEN, late(1100, 9000), "sib", "", READY);
    pod(MACHINE_SEEN, late(1100, 9000), "new", "", READY);
    machine_pods_listed(&m, late(1100, 9000));
    assert_int_equal(m.mark[STAGE_T10].seen, STAGE_SEEN_LATE);
    assert_int_equal(m.mark[STAGE_T2].seen, STAGE_SEEN_LATE);
    assert_int_equal(m.mark[STAGE_T1].seen, STAGE_WAITING);        /* nobody said anything about endpoints */
    assert_int_equal(m.npods, 2);
    machine_slices_list(&m);
    machine_slices_listed(&m, late(1100, 9100));
    assert_int_equal(m.mark[STAGE_T1].seen, STAGE_SEEN_LATE);
    assert_int_equal(m.mark[STAGE_T8].seen, STAGE_WAITING);
}

static void a_lost_replacement_counts_for_nothing(void **state)
{
    (void)state;
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    pod(MACHINE_SEEN, at(1020), "new", "", SCHEDULED);
    pod(MACHINE_GONE, at(1500), "new", "", SCHEDULED);
    assert_int_equal(when(STAGE_T3), -STAGE_WAITING);
    pod(MACHINE_SEEN, at(1600), "next", "", READY);
    assert_int_equal(when(STAGE_T2), 1600);
    assert_string_equal(m.new_uid, "next");
    assert_int_equal(m.attempts, 2);
    pod(MACHINE_GONE, at(1700), "next", "", READY);                /* after it was ready: what was reached was reached */
    assert_int_equal(when(STAGE_T7), 1600);
}

static void why_it_does_not_start(void **state)
{
    (void)state;
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    pod(MACHINE_SEEN, at(1020), "new", "",
        ",'status':{'phase':'Pending','conditions':[{'type':'PodScheduled','status':'False','message':'0/4 nodes: insufficient cpu'}]}");
    assert_non_null(strstr(m.why, "insufficient cpu"));
    pod(MACHINE_SEEN, at(1030), "new", "",
        ",'spec':{'nodeName':'n'},'status':{'phase':'Pending','conditions':[" COND("PodScheduled", "True") "],'containerStatuses':[{'name':'c',"
        "'state':{'waiting':{'reason':'ImagePullBackOff','message':'no such image'}}}]}");
    assert_non_null(strstr(m.why, "ImagePullBackOff"));
    assert_string_equal(m.stuck, "c");
    pod(MACHINE_SEEN, at(1032), "new", "",
        ",'spec':{'nodeName':'n','initContainers':[{'name':'init','env':[{'name':'DEPENDENCY_SERVICE','value':'openstack:mariadb'},{'name':'DEPENDENCY_CONFIG','value':''}]}]},"
        "'status':{'phase':'Pending','conditions':[" COND("PodScheduled", "True") "],'initContainerStatuses':[{'name':'pre','state':{'terminated':{'exitCode':0}}},"
        "{'name':'init','state':{'running':{}}}],'containerStatuses':[{'name':'c','state':{'waiting':{'reason':'PodInitializing'}}}]}");
    assert_string_equal(m.why, "init container init still runs, 1 of 2 are done; it waits for SERVICE openstack:mariadb");
    assert_string_equal(m.stuck, "init");
    pod(MACHINE_SEEN, at(1033), "new", "",
        ",'spec':{'nodeName':'n','initContainers':[{'name':'side','restartPolicy':'Always'}]},'status':{'phase':'Pending','conditions':[],'initContainerStatuses':["
        "{'name':'side','state':{'running':{}}}]}");
    assert_string_equal(m.why, "");
    pod(MACHINE_SEEN, at(1034), "new", "",
        ",'spec':{'nodeName':'n'},'status':{'phase':'Running','conditions':[" COND("PodScheduled", "True") "," COND("Initialized", "True") "],"
        "'initContainerStatuses':[{'name':'side','state':{'running':{}}}],'containerStatuses':[{'name':'c','restartCount':3,'state':"
        "{'waiting':{'reason':'CrashLoopBackOff','message':'back-off 40s'}},'lastState':{'terminated':{'exitCode':1,'reason':'Error'}}}]}");
    assert_string_equal(m.why, "container c does not start: CrashLoopBackOff, back-off 40s; it ended with 1 (Error), 3 restarts");
    assert_true(m.stuck_ended);
    pod(MACHINE_SEEN, at(1036), "new", "",
        ",'spec':{'nodeName':'n'},'status':{'phase':'Running','conditions':[" COND("PodScheduled", "True") "," COND("Initialized", "True") "],"
        "'containerStatuses':[{'name':'c','ready':false,'state':{'running':{}}}]}");
    assert_string_equal(m.why, "container c runs, but is not ready");
    pod(MACHINE_SEEN, at(1040), "new", "", READY);
    assert_string_equal(m.why, "");
    assert_string_equal(m.stuck, "");
}

#define CRASHED(ready, restarts) ",'spec':{'nodeName':'n1','containers':[{'name':'c'}]},'status':{'phase':'Running','conditions':[" COND("PodScheduled", "True") "," \
    COND("Initialized", "True") "," COND("Ready", ready) "],'containerStatuses':[{'name':'c','restartCount':" restarts ",'ready':false,'state':{'running':{}}}]}"

/* Ready once is not ready for good, and the others count, too. */
static void healed_but(void **state)
{
    (void)state;
    char buf[400];
    machine_accepted(&m, (struct machine_stamp){1010 * MS, 1010 * MS}, CELL_NONE);
    pod(MACHINE_SEEN, at(1020), "new", "", CRASHED("False", "1"));
    pod(MACHINE_SEEN, at(1030), "new", "", CRASHED("True", "1"));
    machine_but(&m, buf, sizeof buf);
    assert_string_equal(buf, "");      /* what came before it was ready is told by its milestones */
    assert_true(machine_new_ready(&m));
    pod(MACHINE_SEEN, at(1040), "new", "", CRASHED("False", "2"));
    assert_false(machine_new_ready(&m));
    pod(MACHINE_SEEN, at(1050), "new", "", CRASHED("True", "3"));
    assert_true(machine_new_ready(&m));
    machine_but(&m, buf, sizeof buf);
    assert_string_equal(buf, "the replacement restarted 2 times since it was ready");
    pod(MACHINE_SEEN, at(1060), "sib", "", CRASHED("False", "7"));
    machine_but(&m, buf, sizeof buf);
    assert_string_equal(buf, "the replacement restarted 2 times since it was ready, and siblings are not ready: p-sib (Running, not ready)");
}

/* Endpoints that were not ready before the delete are part of the whole. */
static void of_how_many(void **state)
{
    (void)state;
    machine_release(&m);
    machine_init(&m, "old", "own");
    slice(at(0), EP("old", "true", "false") "," EP("sib", "false", "false") "," EP("bye", "false", "true"));
    machine_slices_listed(&m, at(0));
    assert_false(machine_deleted_by_others(&m));
    pod(MACHINE_SEEN, at(1), "old", DELETING, READY);
    assert_true(machine_deleted_by_others(&m));                    /* nothing was sent from here yet */
    machine_sent(&m, 1000 * MS);
    assert_false(machine_deleted_by_others(&m));
    assert_int_equal(m.ready_before, 1);
    assert_int_equal(m.known_before, 2);
}

static void what_it_says(void **state)
{
    (void)state;
    char buf[200];
    const char *log = "2026/11/22 07:00:00 Dependency Service a in namespace o is resolved.\nEntrypoint WARNING: 2026/11/22 07:00:01 entrypoint.go:72: Resolving dependency "
                      "Service mariadb in namespace openstack failed: Service mariadb has no endpoints .\nsleeping\n";
    saying_take(buf, sizeof buf, log, strlen(log));
    assert_non_null(strstr(buf, "Resolving dependency Service mariadb in namespace openstack failed"));
    saying_take(buf, sizeof buf, "one\n2026-11-22T07:00:00Z last \033[31mline\n\n", 41);
    assert_non_null(strstr(buf, "last "));
    assert_null(strchr(buf, '\033'));
    saying_take(buf, sizeof buf, "", 0);
    assert_string_equal(buf, "");
}

static void why_a_probe_is_no_use(void **state)
{
    (void)state;
    char buf[200];
    wanted_words(&(struct stage_sample){.class = STAGE_HTTP_4XX, .status = 404}, buf, sizeof buf);
    assert_string_equal(buf, "but it answers HTTP 404 before the delete already (is the path right?): it would prove nothing");
    wanted_words(&(struct stage_sample){.class = STAGE_DNS}, buf, sizeof buf);
    assert_non_null(strstr(buf, "does not answer before the delete either (name not found)"));
    wanted_words(&(struct stage_sample){.class = STAGE_OTHER}, buf, sizeof buf);
    assert_non_null(strstr(buf, "speaks no HTTP"));
}

static void no_service_no_endpoint(void **state)
{
    (void)state;
    struct machine other;
    machine_init(&other, "old", "own");
    machine_slices_listed(&other, at(0));
    machine_sent(&other, 1000 * MS);
    assert_int_equal(other.mark[STAGE_T1].seen, STAGE_NOT_EXPECTED);
    assert_int_equal(other.mark[STAGE_T8].seen, STAGE_NOT_EXPECTED);
    machine_release(&other);
}

static void every_service_must_be_back(void **state)
{
    (void)state;
    machine_release(&m);
    machine_init(&m, "old", "own");
    slice(at(0), EP("old", "true", "false"));
    json_t *j = doc("{'metadata':{'name':'b-1','labels':{'kubernetes.io/service-name':'b'}},'endpoints':[" EP("old", "true", "false") "]}");
    machine_slice_event(&m, MACHINE_SEEN, j, at(0));
    json_decref(j);
    machine_slices_listed(&m, at(0));
    machine_sent(&m, 1000 * MS);
    machine_accepted(&m, (struct machine_stamp){1001 * MS, 1001 * MS}, CELL_NONE);
    pod(MACHINE_SEEN, at(1010), "new", "", READY);
    slice(at(1100), EP("new", "true", "false"));
    assert_int_equal(when(STAGE_T1), -STAGE_WAITING);              /* the other service still has the old one */
    assert_int_equal(when(STAGE_T8), -STAGE_WAITING);
    j = doc("{'metadata':{'name':'b-1','labels':{'kubernetes.io/service-name':'b'}},'endpoints':[" EP("new", "true", "false") "]}");
    machine_slice_event(&m, MACHINE_SEEN, j, at(1200));
    json_decref(j);
    assert_int_equal(when(STAGE_T1), 1200);
    assert_int_equal(when(STAGE_T8), 1200);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(replica_set_order), T(stateful_set_order), T(the_watch_may_overtake_the_answer), T(siblings_and_strangers_replace_nothing),
        T(a_gap_gives_bounds), T(a_new_list_tells_what_is_gone), T(a_lost_replacement_counts_for_nothing), T(why_it_does_not_start), T(what_it_says),
        T(healed_but), T(of_how_many), T(why_a_probe_is_no_use), T(no_service_no_endpoint), T(every_service_must_be_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
