/* Will it heal? Each situation that the plan must know, by its level and topic. */
#include "stage_json.h"

#include "core/stage/stage_priv.h"

#define POD(owner, spec) "{'metadata':{'name':'p','namespace':'n','uid':'u','labels':{'app':'a'}" owner "},'spec':{'nodeName':'node-1'" spec \
    "},'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}}"
#define OWNED(kind) ",'ownerReferences':[{'kind':'" kind "','name':'o','uid':'ou','controller':true}]"

static struct plan p;

struct in {
    const char *pod, *owner, *top, *pods, *budgets, *quotas, *claim, *volume, *access;
    bool gone;
};

static void plan(struct in s)
{
    json_t *d[9] = {0};
    const char *texts[] = {s.pod, s.owner, s.top, s.pods, s.budgets, s.quotas, s.claim, s.volume, s.access};
    for (size_t i = 0; i < 9; i++)
        d[i] = texts[i] ? doc("%s", texts[i]) : NULL;
    struct plan_in in = {.pod = d[0], .owner = d[1], .top = d[2], .pods = d[3], .budgets = d[4], .quotas = d[5], .access = d[8], .claim = {d[6]}, .volume = {d[7]},
                         .nclaims = s.claim != NULL, .owner_gone = s.gone, .owner_err = "", .pods_err = "", .budgets_err = ""};
    plan_make(&p, &in);
    for (size_t i = 0; i < 9; i++)
        json_decref(d[i]);
}

static void says(const char *topic, enum stage_level level, const char *words)
{
    for (size_t i = 0; i < p.nfacts; i++)
        if (!strcmp(p.fact[i].topic, topic) && p.fact[i].level == level && strstr(p.fact[i].text, words))
            return;
    for (size_t i = 0; i < p.nfacts; i++)
        print_error("%d %s: %s\n", p.fact[i].level, p.fact[i].topic, p.fact[i].text);
    fail_msg("no fact %s at level %d with \"%s\"", topic, level, words);
}

static void silent(const char *topic)
{
    for (size_t i = 0; i < p.nfacts; i++)
        if (!strcmp(p.fact[i].topic, topic))
            fail_msg("unexpected %s: %s", topic, p.fact[i].text);
}

#define RS(wanted, ready) "{'metadata':{'uid':'ou'},'spec':{'replicas':" #wanted "},'status':{'replicas':" #wanted ",'readyReplicas':" #ready "}}"

static void owners(void **state)
{
    (void)state;
    plan((struct in){.pod = POD("", "")});
    assert_true(p.refused);
    says("owner", STAGE_REFUSE, "Nothing owns");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .gone = true});
    assert_true(p.refused);
    says("owner", STAGE_REFUSE, "does not exist any more");
    plan((struct in){.pod = POD(OWNED("Node"), "")});
    assert_true(p.refused);
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = "{'metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z'},'spec':{}}"});
    says("owner", STAGE_REFUSE, "being deleted itself");
    plan((struct in){.pod = POD(OWNED("Custom"), "")});
    assert_false(p.refused);
    says("owner", STAGE_WARN, "not known");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(2, 2), .top = "{'kind':'Deployment','metadata':{'name':'web'},'spec':{}}"});
    assert_false(p.refused);
    assert_string_equal(p.owner, "Deployment web");
    assert_int_equal(p.order, PLAN_AT_ONCE);
    says("owner", STAGE_FINE, "at once");
    silent("access");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(2, 2), .access = "{'status':{'allowed':true}}"});
    assert_false(p.refused);
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(2, 2), .access = "{'status':{'allowed':false,'reason':'no rule'}}"});
    assert_true(p.refused);
    says("access", STAGE_REFUSE, "You may not delete pods in n: no rule");
    plan((struct in){.pod = POD(OWNED("StatefulSet"), ",'terminationGracePeriodSeconds':900"), .owner = RS(3, 3)});
    assert_int_equal(p.order, PLAN_AFTER);
    says("owner", STAGE_FINE, "same name");
    says("order", STAGE_WARN, "900 s");
}

static void replicas(void **state)
{
    (void)state;
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(0, 0)});
    assert_true(p.refused);
    says("replicas", STAGE_REFUSE, "scaled to 0");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(1, 1)});
    says("replicas", STAGE_WARN, "Expect a gap");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(2, 1)});
    says("replicas", STAGE_WARN, "no other pod can answer");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(3, 3)});
    says("replicas", STAGE_FINE, "others answer");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = "{'spec':{'replicas':2},'status':{'replicas':3,'readyReplicas':3}}"});
    says("replicas", STAGE_WARN, "scaled down");
    plan((struct in){.pod = POD(OWNED("DaemonSet"), ""), .owner = "{'status':{'desiredNumberScheduled':4,'numberReady':4}}"});
    says("replicas", STAGE_FINE, "4 of 4");
}

static void budgets(void **state)
{
    (void)state;
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(2, 2),
                     .budgets = "{'items':[{'metadata':{'name':'b'},'spec':{'selector':{'matchLabels':{'app':'a'}}},'status':{'disruptionsAllowed':0}}]}"});
    says("budget", STAGE_WARN, "DELETE does not ask it");
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ""), .owner = RS(2, 2),
                     .budgets = "{'items':[{'metadata':{'name':'b'},'spec':{'selector':{'matchLabels':{'app':'z'}}},'status':{'disruptionsAllowed':0}}]}"});
    silent("budget");
}

static void volumes(void **state)
{
    (void)state;
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ",'volumes':[{'name':'tmp','emptyDir':{}},{'name':'h','hostPath':{'path':'/x'}}]"), .owner = RS(2, 2)});
    says("volume", STAGE_WARN, "lost with the pod");
    says("volume", STAGE_WARN, "folder of node node-1");
    struct in s = {.pod = POD(OWNED("StatefulSet"), ",'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'c'}}]"), .owner = RS(2, 2),
                   .claim = "{'metadata':{'name':'c'},'spec':{'volumeName':'v','accessModes':['ReadWriteOnce']},'status':{'phase':'Bound'}}",
                   .volume = "{'spec':{'local':{'path':'/x'}}}"};
    plan(s);
    says("volume", STAGE_WARN, "local to a node");
    s.volume = "{'spec':{'csi':{}}}";
    plan(s);
    says("volume", STAGE_FINE, "attached again");
    s.pod = POD(OWNED("ReplicaSet"), ",'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'c'}}]");
    plan(s);
    says("volume", STAGE_WARN, "ReadWriteOnce");
    s.claim = "{'metadata':{'name':'c'},'status':{'phase':'Pending'}}";
    plan(s);
    says("volume", STAGE_WARN, "waits until it is bound");
}

static void what_stands_in_the_way(void **state)
{
    (void)state;
    plan((struct in){.pod = POD(OWNED("ReplicaSet"), ",'containers':[{'ports':[{'hostPort':80}]}]"), .owner = RS(2, 2),
                     .top = "{'metadata':{'name':'w','generation':5},'spec':{'paused':true,'strategy':{'type':'Recreate'}},'status':{'observedGeneration':4}}",
                     .pods = "{'items':[{'metadata':{'name':'s1','uid':'s1'" OWNED("ReplicaSet") "},'status':{'conditions':[{'type':'PodScheduled',"
                             "'status':'False','reason':'Unschedulable','message':'no cpu'}]}},{'metadata':{'name':'s2','uid':'s2'" OWNED("ReplicaSet")
                             "},'status':{'containerStatuses':[{'state':{'waiting':{'reason':'ErrImagePull'}}}]}}]}",
                     .quotas = "{'items':[{'metadata':{'name':'q'},'status':{'hard':{'pods':'10','requests.cpu':'2'},'used':{'pods':'10','requests.cpu':'1500m'}}}]}"});
    says("ports", STAGE_WARN, "holds ports");
    says("paused", STAGE_FINE, "still replaces");
    says("strategy", STAGE_FINE, "Recreate");
    says("rollout", STAGE_WARN, "under way");
    says("siblings", STAGE_WARN, "no cpu");
    says("siblings", STAGE_WARN, "ErrImagePull");
    says("quota", STAGE_WARN, "quota of pods");
    says("quota", STAGE_WARN, "counts requests.cpu");
    for (size_t i = 0; i < p.nfacts; i++) {
        assert_true(*p.fact[i].evidence);
        assert_null(strstr(p.fact[i].text, "quota of requests.cpu"));
    }
}

/* Used, wanted, allowed: may it wait, or will it not fit at all? */
static void room_in_a_quota(void **state)
{
    (void)state;
#define QUOTA(hard, used) "{'items':[{'metadata':{'name':'q'},'status':{'hard':{" hard "},'used':{" used "}}}]}"
#define CPU ",'containers':[{'name':'c','resources':{'requests':{'cpu':'500m'}}}]"
    const char *pod = POD(OWNED("ReplicaSet"), CPU);
    plan((struct in){.pod = pod, .owner = RS(2, 2), .quotas = QUOTA("'pods':'3'", "'pods':'6'")});
    says("quota", STAGE_WARN, "uses 6 of its quota of 3 pods: when this pod is gone there is still no room for another. It will not heal unless others go.");
    plan((struct in){.pod = pod, .owner = RS(2, 2), .quotas = QUOTA("'requests.cpu':'2'", "'requests.cpu':'1600m'")});
    says("quota", STAGE_WARN, "quota of requests.cpu is used up: the replacement may have to wait");
    plan((struct in){.pod = pod, .owner = RS(2, 2), .quotas = QUOTA("'requests.cpu':'2','pods':'7'", "'requests.cpu':'1500m','pods':'6'")});
    for (size_t i = 0; i < p.nfacts; i++)
        assert_string_not_equal(p.fact[i].topic, "quota");
}

static void the_pod_itself(void **state)
{
    (void)state;
    plan((struct in){.pod = POD(OWNED("ReplicaSet") ",'deletionTimestamp':'2026-01-01T00:00:00Z'", ""), .owner = RS(2, 2)});
    says("pod", STAGE_REFUSE, "already being deleted");
    plan((struct in){.pod = "{'metadata':{'name':'p','uid':'u'" OWNED("ReplicaSet") "},'status':{'phase':'Pending'}}", .owner = RS(2, 2)});
    says("pod", STAGE_WARN, "not ready now");
}

/* What hangs on it: said before, by the labels. */
static void planes(void **state)
{
#define OF(app, part) "{'metadata':{'name':'p','namespace':'n','uid':'u','labels':{'application':'" app "','component':'" part "'}" OWNED("ReplicaSet") \
    "},'spec':{},'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}}"
    (void)state;
    plan((struct in){.pod = OF("nova", "os-api"), .owner = RS(2, 2)});
    says("plane", STAGE_FINE, "servers that run go on; requests to the compute API");
    plan((struct in){.pod = OF("nova", "compute"), .owner = RS(2, 2)});
    says("plane", STAGE_FINE, "the servers of its host run on");
    plan((struct in){.pod = OF("neutron", "l3-agent"), .owner = RS(2, 2)});
    says("plane", STAGE_WARN, "Data plane: routers");
    plan((struct in){.pod = OF("cinder", "volume"), .owner = RS(2, 2)});
    says("plane", STAGE_WARN, "Storage");
    plan((struct in){.pod = OF("keystone", "api"), .owner = RS(2, 2)});
    says("plane", STAGE_FINE, "Control plane only");
    plan((struct in){.pod = OF("shop", "web"), .owner = RS(2, 2)});
    silent("plane");
}

static void addresses(void **state)
{
    (void)state;
    static const char *const yes[] = {"10.0.0.5", "10.0.0.5:22", "fd00::5", "[fd00::5]:22", "::1"}, *const no[] = {"web-1", "", "10.0.0", "web:80", "10.0.0.5x"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(server_is_address(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(server_is_address(no[i]));
}

static void chosen(void **state)
{
    (void)state;
#define CAND(n, t, more, ready) "{'metadata':{'name':'" n "','creationTimestamp':'" t "'" OWNED("ReplicaSet") more "},'status':{'conditions':[{'type':'Ready','status':'" ready "'}]}}"
    json_t *pods = doc("{'items':[" CAND("a", "2026-01-01T00:00:00Z", "", "True") "," CAND("b", "2026-01-02T00:00:00Z", "", "True") ","
                       CAND("c", "2026-01-03T00:00:00Z", "", "False") "," CAND("d", "2026-01-04T00:00:00Z", ",'deletionTimestamp':'x'", "True") "]}");
    const json_t *best = plan_choose(pods, "ou", NULL);
    assert_string_equal(json_string_value(json_object_get(json_object_get(best, "metadata"), "name")), "b");
    assert_null(plan_choose(pods, "someone else", ""));
    json_decref(pods);
#define ON(n, node) "{'metadata':{'name':'" n "','creationTimestamp':'2026-01-0" n "T00:00:00Z'" OWNED("DaemonSet") "},'spec':{'nodeName':'" node \
    "'},'status':{'conditions':[{'type':'Ready','status':'True'}]}}"
    pods = doc("{'items':[" ON("1", "node-a") "," ON("2", "node-b") "]}");         /* of a daemon set: the one of that node */
    best = plan_choose(pods, "ou", "node-a");
    assert_string_equal(json_string_value(json_object_get(json_object_get(best, "metadata"), "name")), "1");
    assert_null(plan_choose(pods, "ou", "node-c"));
    json_decref(pods);
}

static void hostile_text(void **state)
{
    (void)state;
    plan((struct in){.pod = "{'metadata':{'name':'p\\u001b[2Jx','uid':'u'" OWNED("ReplicaSet") "}}", .owner = RS(2, 2)});
    assert_null(strchr(p.pod, '\033'));
    char buf[8];
    stage_text(buf, sizeof buf, "abcdef\xe6\x97\xa5");      /* the cut falls into a character */
    assert_string_equal(buf, "abcdef");
}

/* Read again while the question waits: what is new or other is marked, what holds no longer is told. */
static void what_changed(void **state)
{
    (void)state;
    const char *pod = POD(OWNED("ReplicaSet"), "");
    plan((struct in){.pod = pod, .owner = RS(2, 2), .quotas = "{'items':[{'metadata':{'name':'q'},'status':{'hard':{'pods':'4'},'used':{'pods':'4'}}}]}"});
    struct plan before = p;
    plan_changes(&p, &before);
    for (size_t i = 0; i < p.nfacts; i++)
        assert_false(p.fact[i].changed);
    plan((struct in){.pod = pod, .owner = RS(1, 1)});
    plan_changes(&p, &before);
    says("quota", STAGE_FINE, "No longer so: The namespace's quota of pods is used up");
    size_t changed = 0;
    for (size_t i = 0; i < p.nfacts; i++)
        if (p.fact[i].changed) {
            assert_true(!strcmp(p.fact[i].topic, "replicas") || !strcmp(p.fact[i].topic, "quota"));
            changed++;
        }
    assert_int_equal(changed, 2);
    snprintf(before.uid, sizeof before.uid, "another");
    plan((struct in){.pod = pod, .owner = RS(1, 1)});
    plan_changes(&p, &before);
    assert_false(p.fact[0].changed);
}

static void autoscalers(void **state)
{
    (void)state;
    json_t *pod = doc(POD(OWNED("StatefulSet"), "")), *owner = doc("{'metadata':{'uid':'ou','name':'o'},'spec':{'replicas':3},'status':{'readyReplicas':3}}");
    static const char *const lists[] = {
        "{'items':[{'metadata':{'name':'h'},'spec':{'scaleTargetRef':{'kind':'StatefulSet','name':'o'},'minReplicas':2,'maxReplicas':6},'status':{'desiredReplicas':3}}]}",
        "{'items':[{'metadata':{'name':'h'},'spec':{'scaleTargetRef':{'kind':'StatefulSet','name':'o'},'minReplicas':2,'maxReplicas':6},'status':{'desiredReplicas':2}}]}",
        "{'items':[{'metadata':{'name':'h'},'spec':{'scaleTargetRef':{'kind':'Deployment','name':'o'},'maxReplicas':6}}]}"};
    for (size_t i = 0; i < 3; i++) {
        json_t *d = doc("%s", lists[i]);
        struct plan_in in = {.pod = pod, .owner = owner, .scalers = d, .owner_err = "", .pods_err = "", .budgets_err = ""};
        plan_make(&p, &in);
        json_decref(d);
        if (i == 2)
            silent("autoscaler");
        else
            says("autoscaler", i ? STAGE_WARN : STAGE_FINE, i ? "wants 2 of 3 replicas now" : "keeps 2 to 6 replicas");
    }
    json_decref(pod);
    json_decref(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owners), cmocka_unit_test(replicas), cmocka_unit_test(budgets), cmocka_unit_test(volumes),
        cmocka_unit_test(what_stands_in_the_way), cmocka_unit_test(room_in_a_quota), cmocka_unit_test(the_pod_itself), cmocka_unit_test(chosen), cmocka_unit_test(planes), cmocka_unit_test(addresses), cmocka_unit_test(hostile_text), cmocka_unit_test(what_changed),
        cmocka_unit_test(autoscalers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
