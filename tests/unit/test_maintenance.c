/* Maintenance objects: which the cluster has, what is asked of it, and what its controller says of the node. */
#include "core/ops/upkeep.h"
#include "kube_act.h"
#include "strata/core.h"

enum { MOSK, SAP, MEDIK8S, LOCKS, EVICTIONS, PODS };
#define NODE "{'metadata':{'name':'web','uid':'u1'}}"

static void cluster(struct act_case *t, const char *id, const char *mosk, const char *sap, const char *medik8s)
{
    act_case(t, id, "nodes", NODE);
    act_beside(t, MOSK, mosk ? 200 : 404, mosk);
    act_beside(t, SAP, sap ? 200 : 404, sap);
    act_beside(t, MEDIK8S, medik8s ? 200 : 404, medik8s);
    act_beside(t, PODS, 200, "{'items':[]}");
    t->c.sent_ms = t->c.now_ms - 60000;
}

static void what_is_asked(void **state)
{
    struct act_case t;
    (void)state;
    cluster(&t, "maintenance", NULL, NULL, NULL);
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "drain does it");
    act_end(&t);
    cluster(&t, "maintenance", "{'items':[{'spec':{'nodeName':'other'}}]}", NULL, NULL);
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/apis/lcm.mirantis.com/v1alpha1/nodemaintenancerequests",
          "{'apiVersion':'lcm.mirantis.com/v1alpha1','kind':'NodeMaintenanceRequest','metadata':{'name':'strata-web'},'spec':{'nodeName':'web','scope':'drain'}}");
    act_end(&t);
    cluster(&t, "maintenance", "{'items':[]}", NULL, NULL);
    act_with(&t, "with", "sap");
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "this cluster has no maintenance objects of sap for it, but others: say --with=mosk, or leave --with out");
    act_end(&t);
    cluster(&t, "maintenance", NULL, "{'metadata':{'name':'web'},'spec':{'maintenance':''}}", "{'items':[]}");
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "say which, --with=sap or --with=medik8s");
    act_with(&t, "with", "sap");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", "/apis/kvm.cloud.sap/v1/hypervisors/web", "{'spec':{'maintenance':'manual','maintenanceReason':'strata: maintenance'}}");
    act_end(&t);
}

/* What others asked for is followed to its end; what is over is so already; another kind of it is in the way. */
static void what_was_asked_before(void **state)
{
    static const struct { const char *sap, *medik8s; enum act_verdict verdict; const char *words; } cases[] = {
        {NULL, "{'items':[{'metadata':{'name':'theirs'},'spec':{'nodeName':'web'},'status':{'phase':'Running','pendingPods':['a','b']}}]}", ACT_WATCH,
         "NodeMaintenance theirs asks for it already; it is followed to its end: theirs pendingPods 2"},
        {NULL, "{'items':[{'metadata':{'name':'theirs'},'spec':{'nodeName':'web'},'status':{'phase':'Succeeded'}}]}", ACT_ALREADY, "theirs asks for it already"},
        {"{'metadata':{'name':'web'},'spec':{'maintenance':'auto'}}", NULL, ACT_WATCH, "followed to its end"},
        {"{'metadata':{'name':'web'},'spec':{'maintenance':'manual'},'status':{'evicted':true}}", NULL, ACT_ALREADY, "Hypervisor web asks for it already"},
        {"{'metadata':{'name':'web'},'spec':{'maintenance':'ha'}}", NULL, ACT_REFUSED, "web is in maintenance for something else (ha)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        cluster(&t, "maintenance", NULL, cases[i].sap, cases[i].medik8s);
        facts_release(&t.facts);
        assert_int_equal(t.c.action->build(&t.c, &t.rq, &t.facts), cases[i].verdict);
        said(&t, cases[i].words);
        act_end(&t);
    }
}

static void what_its_controller_says(void **state)
{
    struct act_case t;
    (void)state;
    cluster(&t, "maintenance", "{'items':[{'metadata':{'name':'strata-web'},'spec':{'nodeName':'web'}}]}", NULL, NULL);
    act_beside(&t, LOCKS, 200, "{'items':[{'metadata':{'name':'openstack-web'},'spec':{'nodeName':'web'},'status':{'state':'active'}}]}");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_string_equal(t.why.data, "openstack-web state active");
    act_beside(&t, LOCKS, 200, "{'items':[{'metadata':{'name':'openstack-web'},'spec':{'nodeName':'web'},'status':{'state':'failed','errorMessage':'no host'}}]}");
    assert_int_equal(seen(&t, NULL), SEEN_FAILED);
    assert_string_equal(t.why.data, "openstack-web state failed errorMessage no host");
    act_beside(&t, LOCKS, 200, "{'items':[{'metadata':{'name':'openstack-web'},'spec':{'nodeName':'web'},'status':{'state':'inactive'}},"
                               "{'metadata':{'name':'x'},'spec':{'nodeName':'other'},'status':{'state':'failed'}}]}");
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    act_beside(&t, LOCKS, 200, "{'items':[]}");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    act_beside(&t, MOSK, 200, "{'items':[]}");
    assert_int_equal(seen(&t, NULL), SEEN_FAILED);
    act_end(&t);
    cluster(&t, "maintenance", NULL, "{'metadata':{'name':'web'},'spec':{'maintenance':'manual'},'status':{'evicted':false}}", NULL);
    act_beside(&t, EVICTIONS, 200, "{'items':[]}");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_string_equal(t.why.data, "nothing in evictions speaks of the node yet");
    act_beside(&t, EVICTIONS, 200, "{'items':[{'metadata':{'name':'web'},'spec':{'hypervisor':'web'},'status':{'outstandingInstances':['a','b','c'],"
                                   "'conditions':[{'type':'Evicting','reason':'Running'},{'type':'MigratingInstance','message':'Migration of instance a failed'}]}}]}");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_string_equal(t.why.data, "web outstandingInstances 3 message Migration of instance a failed");
    act_beside(&t, EVICTIONS, 200, "{'items':[{'metadata':{'name':'web'},'spec':{'hypervisor':'web'},'status':{'outstandingInstances':[],"
                                   "'conditions':[{'type':'Evicting','status':'False','reason':'Failed'}]}}]}");
    act_beside(&t, SAP, 200, "{'metadata':{'name':'web'},'spec':{'maintenance':'manual'},'status':{'evicted':true}}");
    assert_int_equal(seen(&t, NULL), SEEN_FAILED);        /* the operator calls it evicted then */
    act_beside(&t, EVICTIONS, 200, "{'items':[{'metadata':{'name':'web'},'spec':{'hypervisor':'web'},'status':{'outstandingInstances':[]}}]}");
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    act_end(&t);
}

/* Done is what the cluster shows, too: MOSK's locks speak of OpenStack alone. */
static void what_is_still_there(void **state)
{
#define LEFT(meta) "{'items':[{'metadata':{'namespace':'kube-system','name':'ds','ownerReferences':[{'kind':'DaemonSet'}]}}," \
                   "{'metadata':{'namespace':'kube-system','name':'mirror','annotations':{'kubernetes.io/config.mirror':'x'}}}," \
                   "{'metadata':{'namespace':'a','name':'job'},'status':{'phase':'Succeeded'}},{'metadata':{'namespace':'ceph','name':'osd'" meta "}}]}"
    static const struct { const char *node; int status; const char *pods; enum act_seen seen; const char *words; } cases[] = {
        {NODE, 200, LEFT(""), SEEN_FAILED, "; MOSK says that it is out of use, but 1 pod is still here: ceph/osd; the node is not cordoned: strata drain web --ignore-maintenance moves them"},
        {NODE, 200, LEFT(",'deletionTimestamp':'2026-01-01T00:00:00Z'"), SEEN_WAIT, "1 pod is still here (ending): ceph/osd"},
        {"{'metadata':{'name':'web','uid':'u1'},'spec':{'unschedulable':true}}", 200, LEFT(""), SEEN_WAIT, "1 pod is still here: ceph/osd"},
        {"{'metadata':{'name':'web','uid':'u1'},'spec':{'unschedulable':true}}", 200, "{'items':[]}", SEEN_DONE, "openstack-web state inactive"},
        {NODE, 200, "{'items':[]}", SEEN_DONE, "; the node is not cordoned: new pods may come"},
        {NODE, 403, NULL, SEEN_DONE, "; which pods are still here could not be read (HTTP 403)"},
        {NODE, 503, NULL, SEEN_WAIT, "; which pods are still here could not be read (HTTP 503)"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        struct str path;
        const char *service = NULL, *version = NULL;
        cluster(&t, "maintenance", "{'items':[{'metadata':{'name':'strata-web'},'spec':{'nodeName':'web'}}]}", NULL, NULL);
        str_init(&path, 4096);
        act_beside(&t, LOCKS, 200, "{'items':[{'metadata':{'name':'openstack-web'},'spec':{'nodeName':'web'},'status':{'state':'active'}}]}");
        assert_false(t.c.action->side(&t.c, PODS, &path, &service, &version));          /* not before it is done, and no place is kept */
        act_beside(&t, LOCKS, 200, "{'items':[{'metadata':{'name':'openstack-web'},'spec':{'nodeName':'web'},'status':{'state':'inactive'}}]}");
        assert_true(t.c.action->side(&t.c, PODS, &path, &service, &version));
        assert_string_equal(path.data, "/api/v1/pods?fieldSelector=spec.nodeName%3Dweb");
        act_beside(&t, PODS, cases[i].status, cases[i].pods);
        assert_int_equal(seen(&t, cases[i].node), cases[i].seen);
        assert_non_null(strstr(t.why.data, cases[i].words));
        str_release(&path);
        act_end(&t);
    }
}

static void and_its_end(void **state)
{
    struct act_case t;
    (void)state;
    cluster(&t, "maintenance-end", NULL, NULL, "{'items':[{'metadata':{'name':'strata-web'},'spec':{'nodeName':'web'},'status':{'phase':'Succeeded'}}]}");
    facts_release(&t.facts);
    assert_int_equal(t.c.action->build(&t.c, &t.rq, &t.facts), ACT_SEND);
    assert_string_equal(t.rq.method, "DELETE");
    assert_string_equal(t.rq.path.data, "/apis/nodemaintenance.medik8s.io/v1beta1/nodemaintenances/strata-web");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    act_beside(&t, MEDIK8S, 200, "{'items':[]}");
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    assert_int_equal(built(&t), ACT_ALREADY);
    act_end(&t);
    cluster(&t, "maintenance-end", NULL, "{'metadata':{'name':'web'},'spec':{'maintenance':'manual','maintenanceReason':'strata: x'}}", NULL);
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", "/apis/kvm.cloud.sap/v1/hypervisors/web", "{'spec':{'maintenance':null,'maintenanceReason':null}}");
    act_beside(&t, SAP, 200, "{'metadata':{'name':'web'},'spec':{}}");
    act_beside(&t, EVICTIONS, 200, "{'items':[{'metadata':{'name':'web'},'spec':{'hypervisor':'web'}}]}");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    act_beside(&t, EVICTIONS, 200, "{'items':[]}");
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    act_end(&t);
    cluster(&t, "maintenance-end", NULL, "{'metadata':{'name':'web'},'spec':{'maintenance':'manual','maintenanceReason':'a fan'}}", NULL);
    assert_int_equal(built(&t), ACT_REFUSED);
    assert_int_equal(said(&t, "was not asked by strata: ask who did, or say --any-reason"), FACT_REFUSED);
    act_with(&t, "any-reason", "true");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "was not asked by strata"), FACT_CAUTION);
    act_end(&t);
}

/* What Nova shows of the hypervisor that the node is, where a cloud is open: sides after those of the cluster. */
enum { HYPERVISORS = EVICTIONS + 1, SERVERS, MIGRATIONS, RECORDS, RECORD };
static const struct source_info cloud[] = {{.name = "lab", .plane = PLANE_OPENSTACK, .state = SOURCE_OK}};
#define HV(status, reason) "{'hypervisors':[{'hypervisor_hostname':'web2','service':{'host':'web2'}},{'hypervisor_hostname':'web','state':'up','status':'" status \
                           "','service':{'host':'web','disabled_reason':" reason "}}]}"

static void asks_path(struct act_case *t, size_t i, const char *want)
{
    const char *service = NULL, *version = NULL;
    struct str path;
    str_init(&path, 0);
    bool more = t->c.action->side(&t->c, i, &path, &service, &version);
    assert_int_equal(more, want != NULL);
    if (want) {
        assert_string_equal(path.data, want);
        assert_string_equal(service, "compute");
        assert_string_equal(t->c.action->side_source(&t->c, i), "lab");
    }
    str_release(&path);
}

static void which_servers_stay(void **state)
{
    struct act_case t;
    (void)state;
    cluster(&t, "maintenance", "{'items':[{'metadata':{'name':'strata-web'},'spec':{'nodeName':'web'}}]}", NULL, NULL);
    t.c.sources = cloud;
    t.c.nsources = 1;
    act_beside(&t, LOCKS, 200, "{'items':[{'metadata':{'name':'openstack-web'},'spec':{'nodeName':'web'},'status':{'state':'active'}}]}");
    asks_path(&t, HYPERVISORS, "/os-hypervisors/detail?hypervisor_hostname_pattern=web");
    act_beside(&t, HYPERVISORS, 404, NULL);
    asks_path(&t, SERVERS, NULL);
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_string_equal(t.why.data, "openstack-web state active");
    act_beside(&t, HYPERVISORS, 200, HV("disabled", "'OSDPL: x'"));
    asks_path(&t, SERVERS, "/servers/detail?all_tenants=1&limit=1000&host=web");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "could not be read from lab"));
    act_beside(&t, SERVERS, 200, "{'servers':[{'id':'a','name':'one','status':'ACTIVE','OS-EXT-SRV-ATTR:host':'web'},{'id':'b','name':'two','status':'MIGRATING',"
               "'OS-EXT-STS:task_state':'migrating','OS-EXT-SRV-ATTR:host':'web'},{'id':'c','name':'three','status':'ACTIVE','OS-EXT-SRV-ATTR:host':'web'}]}");
    act_beside(&t, MIGRATIONS, 200, "{'migrations':[{'id':3,'instance_uuid':'a','source_compute':'web','status':'error','migration_type':'live-migration','updated_at':'2001-09-09T01:46:39'},"
               "{'id':1,'instance_uuid':'c','source_compute':'other','status':'error'},{'id':2,'instance_uuid':'a','source_compute':'web','status':'running'},"
               "{'id':4,'instance_uuid':'b','source_compute':'web','status':'running','migration_type':'live-migration','created_at':'2001-09-09T01:45:50'}]}");
    asks_path(&t, RECORDS, "/servers/a/os-instance-actions");
    asks_path(&t, RECORD, NULL);
    act_beside(&t, RECORDS, 200, "{'instanceActions':[{'action':'reboot','request_id':'r2'},{'action':'live-migration','request_id':'r1'}]}");
    asks_path(&t, RECORD, "/servers/a/os-instance-actions/r1");
    act_beside(&t, RECORD, 200, "{'instanceAction':{'events':[{'details':null},{'result':'Error','details':'No valid host'}]}}");
    asks_path(&t, RECORD + 1, NULL);
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_string_equal(t.why.data, "openstack-web state active; 3 servers of lab still there: one (ACTIVE): its live-migration failed: No valid host, "
                        "two (MIGRATING, migrating): its live-migration is running, 1 not begun to move: three (ACTIVE)");
    t.c.now_ms += 6 * 60000;
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "; NO PROGRESS since 2001-09-09T01:45:50Z"));
    act_end(&t);
}

static void its_service_serves_again(void **state)
{
    static const struct { const char *host; enum act_seen seen; const char *words; enum act_verdict verdict; const char *fact; } cases[] = {
        {HV("disabled", "'OSDPL: Node is under maintenance'"), SEEN_WAIT, "its compute service is still disabled (OSDPL: Node is under maintenance) and up", ACT_WATCH,
         "MOSK has not taken it back yet; its compute service is still disabled (OSDPL: Node is under maintenance): that is followed"},
        {HV("disabled", "'RMA'"), SEEN_DONE, "its compute service stays disabled, not by MOSK (RMA)", ACT_ALREADY, "its compute service is disabled, not by MOSK (RMA): strata host back web"},
        {HV("enabled", "null"), SEEN_DONE, "its compute service is enabled and up", ACT_ALREADY, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        cluster(&t, "maintenance-end", "{'items':[]}", NULL, NULL);
        t.c.sources = cloud;
        t.c.nsources = 1;
        act_beside(&t, LOCKS, 200, "{'items':[]}");
        act_beside(&t, HYPERVISORS, 200, cases[i].host);
        assert_int_equal(seen(&t, NULL), cases[i].seen);
        assert_non_null(strstr(t.why.data, cases[i].words));
        assert_int_equal(built(&t), cases[i].verdict);         /* somebody took back what asked for it */
        if (cases[i].fact)
            said(&t, cases[i].fact);
        act_end(&t);
    }
}

/* Refused only where it takes that from that node; not asked for again once it runs. */
static void a_second_drain(void **state)
{
    static const struct { const char *groups; int status; const char *arg, *words; } cases[] = {
        {"{'groups':[{'name':'apps'}]}", 0, NULL, NULL},
        {"{'groups':[{'name':'lcm.mirantis.com'}]}", 200, NULL, "MOSK takes nodes out of use here: strata maintenance web asks it"},
        {"{'groups':[{'name':'lcm.mirantis.com'}]}", 403, NULL, "strata maintenance web"},
        {"{'groups':[{'name':'lcm.mirantis.com'}]}", 404, NULL, NULL},
        {"{'groups':[{'name':'lcm.mirantis.com.other'}]}", 200, NULL, NULL},
        {"{'groups':[{'name':'lcm.mirantis.com'}]}", 200, "true", "it is not asked, as you said"},
        {"{'groups':[{'name':'nodemaintenance.medik8s.io'}]}", 200, NULL, NULL},          /* of pods alone */
        {NULL, 0, NULL, "could not be read"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "drain", "nodes", NODE);
        act_beside(&t, 4, 200, cases[i].groups);
        act_beside(&t, 5, cases[i].status, NULL);
        if (cases[i].arg)
            act_with(&t, "ignore-maintenance", cases[i].arg);
        upkeep_say(&t.c, 4, "web", UPKEEP_SERVERS, &t.facts);
        assert_int_equal(t.facts.n, cases[i].words ? 1 : 0);
        if (cases[i].words)
            said(&t, cases[i].words);
        assert_int_equal(facts_refusal(&t.facts) != NULL, cases[i].words && cases[i].status && !cases[i].arg);
        act_end(&t);
    }
    struct act_case t;
    struct str path;
    act_case(&t, "drain", "nodes", NODE);
    act_beside(&t, 4, 200, "{'groups':[{'name':'apps'},{'name':'kvm.cloud.sap'}]}");
    str_init(&path, 1000);
    assert_false(upkeep_side(&t.c, 4, 0, "web", &path));
    t.c.planning = true;
    assert_true(upkeep_side(&t.c, 4, 1, "web", &path));
    assert_string_equal(path.data, "/apis/kvm.cloud.sap/v1/hypervisors/web");
    assert_false(upkeep_side(&t.c, 4, 2, "web", &path));
    str_release(&path);
    act_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_asked), cmocka_unit_test(what_was_asked_before), cmocka_unit_test(what_its_controller_says), cmocka_unit_test(what_is_still_there), cmocka_unit_test(and_its_end), cmocka_unit_test(which_servers_stay), cmocka_unit_test(its_service_serves_again), cmocka_unit_test(a_second_drain)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
