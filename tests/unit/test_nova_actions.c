/* Rows of actions on Nova's servers: what is taken when, the request, and the end by Nova's own record. */
#include "kube_act.h"
#include "strata/core.h"

#define SERVER(vm, status, task, more) "{'id':'u1','name':'web','status':'" status "','OS-EXT-STS:vm_state':'" vm "','OS-EXT-STS:task_state':" task \
    ",'OS-EXT-STS:power_state':1,'OS-SRV-USG:launched_at':'2001-09-01T00:00:00.000000','updated':'2001-09-09T01:46:40Z'," \
    "'OS-EXT-SRV-ATTR:host':'cmp-1.lab','hostId':'aa','image':{'id':'i1'}" more "}"
#define ACTIVE SERVER("active", "ACTIVE", "null", "")
#define RECORD(name, events) "{'instanceAction':{'action':'" name "','request_id':'req-1','start_time':'2001-09-09T01:46:40.000000','message':null,'events':[" events "]}}"
#define EVENT(name, end, result) "{'event':'" name "','start_time':'2001-09-09T01:46:40.000000','finish_time':" end ",'result':" result ",'details':'No valid host'}"
#define GOOD(name) EVENT(name, "'2001-09-09T01:46:41.000000'", "'Success'")
#define BAD(name) EVENT(name, "'2001-09-09T01:46:41.000000'", "'Error'")
#define GOING(name) EVENT(name, "null", "null")
#define ROWS(id, status, dest, extra) "{'migrations':[{'id':" id ",'migration_type':'live-migration','instance_uuid':'u1','status':'" status "','source_compute':'cmp-1.lab'," \
    "'dest_compute':" dest ",'created_at':'2001-09-09T01:46:40.000000','updated_at':'2001-09-09T01:46:40.000000'}" extra "]}"
#define AT_MS 1000000000000                  /* 2001-09-09T01:46:40Z */

static void sent(struct act_case *t, const char *before)
{
    t->c.before = own(t, before);
    t->c.seeing = true;
    t->c.sent_ms = AT_MS;
    t->c.request_id = "req-1";
}

static void asked(struct act_case *t, size_t i, const char *want)
{
    struct str path;
    const char *service = NULL, *microversion = NULL;
    str_init(&path, 0);
    bool is = t->c.action->side(&t->c, i, &path, &service, &microversion);
    assert_int_equal(is, want != NULL);
    if (want) {
        assert_string_equal(path.data, want);
        assert_string_equal(service ? service : "a cluster", *want == '/' && !strncmp(want, "/api/", 5) ? "a cluster" : "compute");
    }
    str_release(&path);
}

static void each_is_taken_in_its_states_alone(void **state)
{
    static const struct { const char *action, *server; enum act_verdict verdict; const char *says, *body; } cases[] = {
        {"stop", ACTIVE, ACT_SEND, "what runs on it ends", "{'os-stop':null}"},
        {"stop", SERVER("stopped", "SHUTOFF", "null", ""), ACT_ALREADY, NULL, NULL},
        {"stop", SERVER("paused", "PAUSED", "null", ""), ACT_REFUSED, "it is PAUSED, and Nova takes this only when it is ACTIVE or ERROR: unpause it first", NULL},
        {"stop", SERVER("active", "ACTIVE", "'image_uploading'", ""), ACT_REFUSED, "it is busy (image_uploading)", NULL},
        {"start", SERVER("error", "ERROR", "null", ""), ACT_REFUSED, "only when it is SHUTOFF", NULL},
        {"start", SERVER("stopped", "SHUTOFF", "null", ",'locked':true,'locked_reason':'audit'"), ACT_SEND, "it is locked, audit: only an administrator", "{'os-start':null}"},
        {"stop", SERVER("active", "ACTIVE", "null", ",'host_status':'UNKNOWN','OS-EXT-SRV-ATTR:host':'cmp7'"), ACT_SEND, "the nova-compute of its host cmp7 does not report: Nova takes this, and it happens when that is back", "{'os-stop':null}"},
        {"start", "{'id':'u1','status':'SHUTOFF'}", ACT_SEND, NULL, "{'os-start':null}"},
        {"pause", SERVER("active", "ACTIVE", "null", ",'x':1"), ACT_SEND, NULL, "{'pause':null}"},
        {"unpause", ACTIVE, ACT_ALREADY, NULL, NULL},
        {"suspend", ACTIVE, ACT_SEND, NULL, "{'suspend':null}"},
        {"resume", SERVER("suspended", "SUSPENDED", "null", ""), ACT_SEND, NULL, "{'resume':null}"},
        {"reboot", ACTIVE, ACT_SEND, NULL, "{'reboot':{'type':'SOFT'}}"},
        {"reboot", SERVER("active", "ACTIVE", "'rebooting'", ""), ACT_REFUSED, "busy", NULL},
        {"reboot", SERVER("stopped", "SHUTOFF", "null", ""), ACT_REFUSED, "it is SHUTOFF", NULL},
        {"stop", "{'id':'u1','status':'ERROR','OS-EXT-STS:vm_state':'error','OS-SRV-USG:launched_at':null}", ACT_REFUSED, "never started", NULL},
        {"live-migrate", SERVER("stopped", "SHUTOFF", "null", ""), ACT_REFUSED, "only when it is ACTIVE or PAUSED", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, cases[i].action, "server", cases[i].server);
        act_with(&t, "block", "auto");
        assert_int_equal(built(&t), cases[i].verdict);
        if (cases[i].says)
            said(&t, cases[i].says);
        if (cases[i].body)
            sends(&t, "POST", "/servers/u1/action", cases[i].body);
        act_end(&t);
    }
}

static void what_ends_another_is_refused_where_nothing_was_begun(void **state)
{
    static const struct { const char *action, *says; } cases[] = {
        {"unshelve", "it is SHUTOFF, and Nova takes this only when it is SHELVED or SHELVED_OFFLOADED: it is not shelved"},
        {"resume", "only when it is SUSPENDED: it is not suspended"}, {"unrescue", "only when it is RESCUE: it is not in rescue"},
        {"revert-resize", "only when it is VERIFY_RESIZE: no resize and no cold move of it waits for that"},
        {"confirm-resize", "only when it is VERIFY_RESIZE: no resize and no cold move of it waits for that"},
        {"restore", "only when it is SOFT_DELETED: it was not deleted"},
    };
    struct act_case t;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        act_case(&t, cases[i].action, "server", SERVER("stopped", "SHUTOFF", "null", ""));
        t.c.planning = true;
        assert_int_equal(built(&t), ACT_REFUSED);
        said(&t, cases[i].says);
        act_end(&t);
    }
    act_case(&t, "confirm-resize", "server", ACTIVE);          /* somebody else confirmed it since */
    assert_int_equal(built(&t), ACT_ALREADY);
    act_end(&t);
}

static void a_hard_reboot_is_taken_where_a_soft_one_is_not(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "reboot", "server", SERVER("error", "ERROR", "'rebooting'", ""));
    act_with(&t, "type", "hard");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/servers/u1/action", "{'reboot':{'type':'HARD'}}");
    assert_int_equal(said(&t, "its power is cut"), FACT_DANGER);
    assert_true(t.facts.danger);                               /* its name is typed */
    t.args[0].value = "warm";
    assert_int_equal(built(&t), ACT_REFUSED);
    act_end(&t);
    act_case(&t, "reboot", "server", SERVER("stopped", "SHUTOFF", "null", ""));
    act_with(&t, "type", "hard");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "this starts it"), FACT_CAUTION);
    assert_false(t.facts.danger);                              /* nothing of it runs: nothing is lost */
    act_end(&t);
}

/* A status that was the same before says nothing: the record of the request does. */
static void the_end_is_that_of_the_record(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "reboot", "server", ACTIVE);
    act_with(&t, "type", "soft");
    sent(&t, ACTIVE);
    asked(&t, 0, "/servers/u1/os-instance-actions/req-1");
    asked(&t, 1, NULL);
    act_beside(&t, 0, 200, RECORD("reboot", ""));
    assert_int_equal(seen(&t, ACTIVE), SEEN_WAIT);
    act_beside(&t, 0, 200, RECORD("reboot", GOING("compute_reboot_instance")));
    assert_int_equal(seen(&t, SERVER("active", "REBOOT", "'rebooting'", "")), SEEN_WAIT);
    assert_string_equal(t.why.data, "it is REBOOT, rebooting, at compute_reboot_instance");
    act_beside(&t, 0, 200, RECORD("reboot", GOOD("compute_reboot_instance")));
    assert_int_equal(seen(&t, SERVER("active", "REBOOT", "'rebooting'", "")), SEEN_WAIT);
    assert_int_equal(seen(&t, ACTIVE), SEEN_DONE);
    act_beside(&t, 0, 200, RECORD("reboot", BAD("compute_reboot_instance")));
    assert_int_equal(seen(&t, SERVER("active", "REBOOT", "'rebooting'", "")), SEEN_WAIT);    /* the task is taken back after it */
    assert_int_equal(seen(&t, ACTIVE), SEEN_FAILED);
    assert_string_equal(t.why.data, "Nova says that it failed in compute_reboot_instance: No valid host; it is ACTIVE");
    t.c.obj = NULL;
    assert_int_equal(seen(&t, NULL), SEEN_FAILED);
    act_end(&t);
}

static void a_lost_answer_is_looked_for_in_the_list(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "stop", "server", ACTIVE);
    sent(&t, ACTIVE);
    t.c.request_id = "";
    asked(&t, 0, "/servers/u1/os-instance-actions");
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_UNKNOWN);
    act_beside(&t, 0, 200, "{'instanceActions':[{'action':'start','request_id':'req-8','start_time':'2001-09-09T01:46:41.000000'},"
                           "{'action':'stop','request_id':'req-7','start_time':'2001-09-09T01:46:01.000000'}]}");
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_NO);
    asked(&t, 1, NULL);
    act_beside(&t, 0, 200, "{'instanceActions':[{'action':'stop','request_id':'req-9','start_time':'2001-09-09T01:46:41.000000'}]}");
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_YES);
    asked(&t, 1, "/servers/u1/os-instance-actions/req-9");
    act_beside(&t, 1, 200, RECORD("stop", GOOD("compute_stop_instance")));
    assert_int_equal(seen(&t, SERVER("stopped", "SHUTOFF", "null", "")), SEEN_DONE);
    act_end(&t);
}

/* Who may not see the record goes by the state, if it is a new one. */
static void without_a_record_a_new_state_counts(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "stop", "server", ACTIVE);
    sent(&t, ACTIVE);
    act_beside(&t, 0, 403, NULL);
    assert_int_equal(seen(&t, ACTIVE), SEEN_WAIT);
    assert_int_equal(seen(&t, SERVER("stopped", "SHUTOFF", "null", "")), SEEN_DONE);
    assert_int_equal(seen(&t, SERVER("error", "ERROR", "null", ",'fault':{'message':'it broke'}")), SEEN_FAILED);
    assert_string_equal(t.why.data, "it is in ERROR: it broke");
    act_end(&t);
}

/* ---- live migration ---- */

#define SERVICES "{'services':[{'host':'cmp-1.lab','state':'up','status':'enabled'},{'host':'cmp-2.lab','state':'up','status':'enabled'}," \
    "{'host':'cmp-3.lab','state':'down','status':'enabled'},{'host':'cmp-4.lab','state':'up','status':'disabled','disabled_reason':'disk'},{'host':'cmp-4.far','state':'up','status':'enabled'}]}"

static void a_host_is_named_as_users_do(void **state)
{
    static const struct { const char *host, *offers, *says, *body; } cases[] = {
        {"", "2.93", "the scheduler chooses", "{'os-migrateLive':{'host':null,'block_migration':'auto'}}"},
        {"cmp-2", "2.93", NULL, "{'os-migrateLive':{'host':'cmp-2.lab','block_migration':'auto'}}"},
        {"cmp-2.lab", "2.29", "without asking the scheduler", "{'os-migrateLive':{'host':'cmp-2.lab','block_migration':'auto'}}"},
        {"cmp-2.lab", "2.1", "shared storage", "{'os-migrateLive':{'host':'cmp-2.lab','block_migration':false,'disk_over_commit':false}}"},
        {"cmp-1", "2.93", "it is on cmp-1.lab already", NULL},
        {"cmp-3", "2.93", "the nova-compute of cmp-3.lab is down", NULL},
        {"cmp-4", "2.93", "cmp-4 is the beginning of 2 compute hosts", NULL},
        {"cmp-4.lab", "2.93", "cmp-4.lab is disabled, disk", "{'os-migrateLive':{'host':'cmp-4.lab','block_migration':'auto'}}"},
        {"cmp", "2.93", "there is no compute host cmp:", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "live-migrate", "server", ACTIVE);
        act_with(&t, "host", cases[i].host);
        act_with(&t, "block", "auto");
        t.c.offers = cases[i].offers;
        asked(&t, 0, "/os-services?binary=nova-compute");
        act_beside(&t, 0, 200, SERVICES);
        assert_int_equal(built(&t), cases[i].body ? ACT_SEND : ACT_REFUSED);
        if (cases[i].says)
            said(&t, cases[i].says);
        if (cases[i].body)
            sends(&t, "POST", "/servers/u1/action", cases[i].body);
        act_end(&t);
    }
}

static void a_host_that_is_down_gives_nothing_away(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "live-migrate", "server", SERVER("active", "ACTIVE", "null", ",'host_status':'DOWN','server_groups':['g1']"));
    act_with(&t, "block", "auto");
    asked(&t, 1, "/os-server-groups/g1");
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "evacuate moves it");
    act_end(&t);
}

/* The record ends when the move is queued: its row says how it ends. */
static void a_live_migration_is_followed_by_its_row(void **state)
{
    static const char moving[] = SERVER("active", "MIGRATING", "'migrating'", "");
    static const char there[] = "{'id':'u1','status':'ACTIVE','OS-EXT-STS:vm_state':'active','OS-EXT-STS:task_state':null,'OS-EXT-SRV-ATTR:host':'cmp-2.lab','hostId':'bb','updated':'2001-09-09T01:46:40Z'}";
    struct act_case t;
    (void)state;
    act_case(&t, "live-migrate", "server", moving);
    sent(&t, ACTIVE);
    asked(&t, 1, "/os-migrations?instance_uuid=u1");
    asked(&t, 2, "/servers/u1/migrations");
    asked(&t, 3, NULL);
    act_beside(&t, 0, 200, RECORD("live-migration", GOOD("compute_live_migration")));
    act_beside(&t, 1, 200, "{'migrations':[]}");
    assert_int_equal(seen(&t, moving), SEEN_WAIT);
    act_beside(&t, 1, 200, ROWS("7", "running", "'cmp-2.lab'", ",{'id':6,'migration_type':'live-migration','status':'error','created_at':'2001-09-09T01:40:00.000000'}"));
    act_beside(&t, 2, 200, "{'migrations':[{'id':7,'status':'running','memory_total_bytes':1073741824,'memory_remaining_bytes':536870912}]}");
    assert_int_equal(seen(&t, moving), SEEN_WAIT);
    assert_string_equal(t.why.data, "it is MIGRATING, migrating; migration 7 to cmp-2.lab is running, 512Mi of 1Gi of memory left");
    act_beside(&t, 2, 0, NULL);
    act_beside(&t, 1, 200, ROWS("7", "completed", "'cmp-2.lab'", ""));
    assert_int_equal(seen(&t, moving), SEEN_WAIT);
    assert_int_equal(seen(&t, there), SEEN_DONE);
    assert_non_null(strstr(t.why.data, "it is on cmp-2.lab now"));
    t.c.now_ms = AT_MS + 61000;                          /* completed, they say, and it is where it was */
    assert_int_equal(seen(&t, ACTIVE), SEEN_FAILED);
    assert_non_null(strstr(t.why.data, "Nova still has the server on cmp-1.lab: see on both hosts"));
    act_beside(&t, 1, 200, ROWS("7", "cancelled", "'cmp-2.lab'", ""));
    assert_int_equal(seen(&t, ACTIVE), SEEN_FAILED);
    assert_non_null(strstr(t.why.data, "it was aborted"));
    act_end(&t);
}

static void a_row_that_nobody_goes_on_with_is_told(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "live-migrate", "server", ACTIVE);
    sent(&t, ACTIVE);
    act_beside(&t, 0, 200, RECORD("live-migration", GOOD("compute_live_migration")));
    act_beside(&t, 1, 200, ROWS("7", "preparing", "'cmp-2.lab'", ""));
    t.c.now_ms = AT_MS + 10000;
    assert_int_equal(seen(&t, ACTIVE), SEEN_WAIT);
    t.c.now_ms = AT_MS + 40000;
    assert_int_equal(seen(&t, ACTIVE), SEEN_FAILED);
    assert_non_null(strstr(t.why.data, "nobody goes on with it. The server runs on cmp-1.lab"));
    act_end(&t);
}

/* ---- a node of a cluster ---- */

#define NODE(name, how, labels, ready) "{'metadata':{'name':'" name "','labels':{" labels "}}," how ",'conditions':[{'type':'Ready','status':'" ready "'}]}}"
#define BY_ID(id) "'spec':{'providerID':'openstack:///" id "'},'status':{'nodeInfo':{'systemUUID':''}"
#define AT_ODDS "'spec':{'providerID':'openstack:///u1'},'status':{'nodeInfo':{'systemUUID':'u9'}"
#define LEADS "'node-role.kubernetes.io/control-plane':''"
#define POD(phase, owner) "{'metadata':{'ownerReferences':[{'kind':'" owner "','controller':true}]},'status':{'phase':'" phase "'}}"

static void a_server_that_is_a_node_takes_its_pods_along(void **state)
{
    static struct source_info sources[] = {{.plane = PLANE_KUBE, .name = "mgmt", .state = SOURCE_OK}, {.plane = PLANE_OPENSTACK, .name = "lab", .state = SOURCE_OK},
                                           {.plane = PLANE_KUBE, .name = "shop", .state = SOURCE_OK}, {.plane = PLANE_KUBE, .name = "gone", .state = SOURCE_STALE}};
    static const struct { const char *action, *node, *pods, *says; enum fact_level level; bool typed; } cases[] = {
        {"stop", NODE("w1", BY_ID("U1"), "", "True"), "{'items':[" POD("Running", "ReplicaSet") "," POD("Succeeded", "Job") "," POD("Running", "DaemonSet") "," POD("Pending", "ReplicaSet") "]}",
         "it is node w1 of cluster shop: 2 pods there (1 of DaemonSets) will go down with it", FACT_DANGER, true},
        {"reboot", NODE("w1", "'spec':{},'status':{'nodeInfo':{'systemUUID':'u1'}", "", "True"), "{'items':[" POD("Running", "ReplicaSet") "]}", "1 pod there will be interrupted", FACT_DANGER, true},
        {"stop", NODE("w1", BY_ID("u1"), "", "True"), "{'items':[" POD("Running", "DaemonSet") "]}", "where only 1 pod of DaemonSets runs", FACT_INFO, false},
        {"stop", NODE("w1", BY_ID("u1"), "", "True"), NULL, "how many pods run there could not be read", FACT_DANGER, true},
        {"stop", NODE("w1", AT_ODDS, "", "True"), "{'items':[" POD("Running", "ReplicaSet") "]}", "says by one of its ids that it is it, and by the other that it is not: if it is, 1 pod there", FACT_DANGER, true},
        {"stop", NODE("w1", AT_ODDS, "", "True"), "{'items':[" POD("Running", "DaemonSet") "]}", "by the other that it is not: if it is, only 1 pod of DaemonSets runs there", FACT_INFO, false},
        {"stop", NODE("w1", AT_ODDS, "", "True"), NULL, "by the other that it is not: if it is, how many pods run there could not be read", FACT_DANGER, true},
        {"pause", NODE("m1", AT_ODDS, LEADS, "True"), "{'items':[]}", "if it is that node, no other control plane of cluster shop is ready", FACT_DANGER, true},
        {"pause", NODE("m1", BY_ID("u1"), LEADS, "True") "," NODE("m2", BY_ID("u2"), LEADS, "False"), "{'items':[]}", "no other control plane of cluster shop is ready", FACT_DANGER, true},
        {"shelve", NODE("m1", BY_ID("u1"), LEADS, "True") "," NODE("m2", BY_ID("u2"), LEADS, "True"), "{'items':[]}", "only 0 pods", FACT_INFO, false},
    };
    struct act_case t;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char nodes[2000];
        snprintf(nodes, sizeof nodes, "{'items':[%s]}", cases[i].node);
        act_case(&t, cases[i].action, "server", ACTIVE);
        t.c.sources = sources;
        t.c.nsources = 4;
        t.c.planning = true;
        asked(&t, 1, "/api/v1/nodes?limit=500");
        assert_string_equal(t.c.action->side_source(&t.c, 1), "shop");
        assert_string_equal(t.c.action->side_source(&t.c, 2), "");        /* does not answer: not asked */
        act_beside(&t, 0, 200, "{'items':[" NODE("other", BY_ID("u2"), "", "True") "]}");
        act_beside(&t, 1, 200, nodes);
        asked(&t, 3, strstr(nodes, "'w1'") ? "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dw1" : "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dm1");
        assert_string_equal(t.c.action->side_source(&t.c, 3), "shop");
        asked(&t, 4, NULL);
        act_beside(&t, 3, cases[i].pods ? 200 : 403, cases[i].pods);
        assert_int_equal(built(&t), ACT_SEND);
        assert_int_equal(said(&t, cases[i].says), cases[i].level);
        assert_int_equal(said(&t, "a node of cluster gone could not be seen: it does not answer"), FACT_CAUTION);
        assert_int_equal(t.facts.danger, cases[i].typed);
        t.c.planning = false;               /* it was told, and is not looked for again */
        asked(&t, 0, NULL);
        act_end(&t);
    }
    for (size_t i = 0; i < 2; i++)          /* one that went meanwhile is what was asked for */
        assert_true(action_flags(action_find(i ? "delete" : "force-delete", kind_find("server"))) & ACTION_GONE);
    act_case(&t, "start", "server", SERVER("stopped", "SHUTOFF", "null", ""));
    t.c.sources = sources;
    t.c.nsources = 4;
    t.c.planning = true;
    asked(&t, 0, NULL);
    act_end(&t);
}

/* What shuts it down to move it tells the same, and reads its own sides after those. */
static void so_does_one_that_is_moved_cold(void **state)
{
    static struct source_info sources[] = {{.plane = PLANE_KUBE, .name = "shop", .state = SOURCE_OK}};
    struct act_case t;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        act_case(&t, i ? "resize" : "migrate", "server", ACTIVE);
        t.c.sources = sources;
        t.c.nsources = 1;
        t.c.planning = true;
        if (i)
            act_with(&t, "flavor", "big");
        asked(&t, 0, "/api/v1/nodes?limit=500");
        act_beside(&t, 0, 200, "{'items':[" NODE("w1", BY_ID("u1"), "", "True") "]}");
        asked(&t, 1, "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Dw1");
        act_beside(&t, 1, 200, "{'items':[" POD("Running", "ReplicaSet") "]}");
        asked(&t, 2, i ? "/flavors/big" : "/os-services?binary=nova-compute");
        if (i) {
            act_beside(&t, 2, 200, "{'flavor':{'id':'big','name':'big','ram':8192,'vcpus':4,'disk':80}}");
            asked(&t, 3, "/os-services?binary=nova-compute");
        }
        act_beside(&t, i ? 3 : 2, 200, "{'services':[{'host':'cmp-1.lab','state':'up','status':'enabled'},{'host':'cmp-2.lab','state':'up','status':'enabled'}]}");
        assert_int_equal(built(&t), ACT_SEND);
        assert_int_equal(said(&t, "it is node w1 of cluster shop: 1 pod there will go down with it while its disk is copied"), FACT_DANGER);
        assert_true(t.facts.danger);
        act_end(&t);
    }
}

static void who_sees_no_rows_goes_by_the_host(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "live-migrate", "server", ACTIVE);
    sent(&t, "{'hostId':'aa','status':'ACTIVE'}");
    act_beside(&t, 0, 200, RECORD("live-migration", GOOD("compute_live_migration")));
    act_beside(&t, 1, 403, NULL);
    assert_int_equal(seen(&t, "{'hostId':'bb','status':'MIGRATING','OS-EXT-STS:task_state':'migrating'}"), SEEN_WAIT);
    assert_int_equal(seen(&t, "{'hostId':'bb','status':'ACTIVE'}"), SEEN_DONE);
    assert_int_equal(seen(&t, "{'hostId':'aa','status':'ACTIVE'}"), SEEN_WAIT);
    t.c.now_ms = AT_MS + 25000;
    assert_int_equal(seen(&t, "{'hostId':'aa','status':'ACTIVE'}"), SEEN_FAILED);
    act_end(&t);
}

static void what_is_under_way_is_aborted_or_forced(void **state)
{
    static const char moving[] = SERVER("active", "MIGRATING", "'migrating'", "");
    static const struct { const char *action, *offers, *status; bool taken; } cases[] = {
        {"abort-migration", "2.93", "queued", true}, {"abort-migration", "2.60", "queued", false}, {"abort-migration", "2.60", "running", true},
        {"abort-migration", "2.93", "post-migrating", false}, {"force-complete", "2.93", "running", true}, {"force-complete", "2.93", "preparing", false},
    };
    struct act_case t;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char rows[400];
        act_case(&t, cases[i].action, "server", moving);
        t.c.offers = cases[i].offers;
        asked(&t, 0, "/servers/u1/migrations");
        snprintf(rows, sizeof rows, "{'migrations':[{'id':7,'status':'%s','source_compute':'cmp-1.lab'}]}", cases[i].status);
        act_beside(&t, 0, 200, rows);
        assert_int_equal(built(&t), cases[i].taken ? ACT_SEND : ACT_REFUSED);
        if (cases[i].taken && *cases[i].action == 'f')
            sends(&t, "POST", "/servers/u1/migrations/7/action", "{'force_complete':null}");
        else if (cases[i].taken)
            assert_string_equal(t.rq.path.data, "/servers/u1/migrations/7");
        act_end(&t);
    }
    act_case(&t, "abort-migration", "server", ACTIVE);
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "it is not being migrated");
    sent(&t, moving);
    act_beside(&t, 1, 200, ROWS("7", "cancelled", "'cmp-2.lab'", ""));
    assert_int_equal(seen(&t, moving), SEEN_WAIT);
    assert_int_equal(seen(&t, ACTIVE), SEEN_DONE);
    act_beside(&t, 1, 200, ROWS("7", "completed", "'cmp-2.lab'", ""));
    assert_int_equal(seen(&t, ACTIVE), SEEN_FAILED);
    assert_non_null(strstr(t.why.data, "it came to its end before"));
    act_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_taken_in_its_states_alone),
        cmocka_unit_test(what_ends_another_is_refused_where_nothing_was_begun), cmocka_unit_test(a_hard_reboot_is_taken_where_a_soft_one_is_not),
        cmocka_unit_test(the_end_is_that_of_the_record), cmocka_unit_test(a_lost_answer_is_looked_for_in_the_list),
        cmocka_unit_test(without_a_record_a_new_state_counts), cmocka_unit_test(a_host_is_named_as_users_do),
        cmocka_unit_test(a_host_that_is_down_gives_nothing_away), cmocka_unit_test(a_live_migration_is_followed_by_its_row),
        cmocka_unit_test(a_row_that_nobody_goes_on_with_is_told), cmocka_unit_test(who_sees_no_rows_goes_by_the_host),
        cmocka_unit_test(what_is_under_way_is_aborted_or_forced), cmocka_unit_test(a_server_that_is_a_node_takes_its_pods_along), cmocka_unit_test(so_does_one_that_is_moved_cold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
