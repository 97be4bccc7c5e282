/* When a rollout is done, by kubectl's rules, why a pod is not ready, and what a budget allows. */
#include "core/ops/kube_work.h"
#include "kube_act.h"

#define DEPLOY(status) "{'kind':'Deployment','metadata':{'generation':2},'spec':{'replicas':2},'status':{" status "}}"
#define DAEMON(type, status) "{'kind':'DaemonSet','metadata':{'generation':2},'spec':{'updateStrategy':{'type':'" type "'}},'status':{" status "}}"
#define SET(strategy, status) "{'kind':'StatefulSet','metadata':{'generation':2},'spec':{'replicas':3,'updateStrategy':{" strategy "}},'status':{'replicas':3," status "}}"
#define ROLLING "'type':'RollingUpdate','rollingUpdate':{'partition':"

static void done_as_kubectl_says(void **state)
{
    static const struct { const char *obj; enum act_seen seen; const char *why; } cases[] = {
        {DEPLOY("'observedGeneration':1,'replicas':2,'updatedReplicas':2,'availableReplicas':2"), SEEN_WAIT, "has not seen it"},
        {DEPLOY("'observedGeneration':2,'replicas':3,'updatedReplicas':2,'availableReplicas':2"), SEEN_WAIT, "new 2 of 2, old 1"},
        {DEPLOY("'observedGeneration':2,'replicas':2,'updatedReplicas':2,'availableReplicas':1"), SEEN_WAIT, "unavailable 1"},
        {DEPLOY("'observedGeneration':2,'replicas':2,'updatedReplicas':2,'availableReplicas':2"), SEEN_DONE, ""},
        {DEPLOY("'observedGeneration':2,'replicas':2,'updatedReplicas':1,'conditions':[{'type':'Progressing','reason':'ProgressDeadlineExceeded'}]"), SEEN_FAILED, "progress deadline"},
        {DEPLOY("'observedGeneration':1,'conditions':[{'type':'Progressing','reason':'ProgressDeadlineExceeded'}]"), SEEN_WAIT, "has not seen it"},
        {DEPLOY("'observedGeneration':2,'conditions':[{'type':'ReplicaFailure','status':'True','message':'exceeded quota'}]"), SEEN_WAIT, "pods cannot be made: exceeded quota"},
        {DAEMON("RollingUpdate", "'observedGeneration':2,'desiredNumberScheduled':2,'updatedNumberScheduled':1,'numberAvailable':2"), SEEN_WAIT, "still to be replaced"},
        {DAEMON("RollingUpdate", "'observedGeneration':2,'desiredNumberScheduled':2,'updatedNumberScheduled':2,'numberAvailable':1"), SEEN_WAIT, "not available"},
        {DAEMON("RollingUpdate", "'observedGeneration':2,'desiredNumberScheduled':2,'updatedNumberScheduled':2,'numberAvailable':2"), SEEN_DONE, ""},
        {DAEMON("OnDelete", "'observedGeneration':2,'desiredNumberScheduled':2"), SEEN_DONE, "OnDelete"},
        {SET(ROLLING "0}", "'readyReplicas':3"), SEEN_WAIT, "has not seen it"},
        {SET(ROLLING "0}", "'observedGeneration':2,'readyReplicas':2,'updatedReplicas':3"), SEEN_WAIT, "not ready yet"},
        {SET(ROLLING "0}", "'observedGeneration':2,'readyReplicas':3,'updatedReplicas':2,'currentRevision':'a','updateRevision':'b'"), SEEN_WAIT, "still to be replaced"},
        {SET(ROLLING "1}", "'observedGeneration':2,'readyReplicas':3,'updatedReplicas':2,'currentRevision':'a','updateRevision':'b'"), SEEN_DONE, "partition 1"},
        {SET("'type':'RollingUpdate'", "'observedGeneration':2,'readyReplicas':3,'updatedReplicas':3,'currentRevision':'a','updateRevision':'b'"), SEEN_WAIT, ""},
        {SET("'type':'RollingUpdate'", "'observedGeneration':2,'readyReplicas':3,'currentRevision':'b','updateRevision':'b'"), SEEN_DONE, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str why;
        json_t *o = js(cases[i].obj);
        str_init(&why, 0);
        if (kube_rollout_seen(o, NULL, &why) != cases[i].seen || (*cases[i].why && !strstr(why.data, cases[i].why)))
            fail_msg("%s: %s", cases[i].obj, why.data);
        str_release(&why);
        json_decref(o);
    }
}

#define ONE(name, status) "{'metadata':{'name':'" name "'},'status':{" status "}}"

static void the_worst_pod_is_named(void **state)
{
    static const struct { const char *pods, *why; } cases[] = {
        {"{'items':[]}", ""},
        {"{'items':[" ONE("a", "'conditions':[{'type':'Ready','status':'True'}]") "]}", ""},
        {"{'items':[" ONE("a", "'containerStatuses':[{'name':'c','state':{'waiting':{'reason':'ContainerCreating'}}}]") ","
         ONE("b", "'containerStatuses':[{'name':'c','state':{'waiting':{'reason':'ImagePullBackOff','message':'Back-off pulling x'}}}]") "]}",
         "pod b c: ImagePullBackOff, Back-off pulling x"},
        {"{'items':[" ONE("a", "'containerStatuses':[{'name':'c','state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{'reason':'Error','exitCode':7}}}]") "]}",
         "pod a c: CrashLoopBackOff, it ended with Error 7"},
        {"{'items':[" ONE("a", "'conditions':[{'type':'PodScheduled','status':'False','message':'0/3 nodes'}]") "]}", "pod a cannot be scheduled: 0/3 nodes"},
        {"{'items':[" ONE("a", "'containerStatuses':[{'name':'c','ready':false,'started':true,'state':{'running':{}}}]") "]}", "pod a c runs, but is not ready (readiness probe)"},
        {"{'items':[" ONE("a", "'initContainerStatuses':[{'name':'i','state':{'terminated':{'exitCode':2,'reason':'Error'}}}]") "]}", "pod a i ended with Error 2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str why;
        json_t *o = js(cases[i].pods);
        str_init(&why, 0);
        assert_int_equal(kube_pods_why(o, &why), *cases[i].why != 0);
        assert_string_equal(why.data, cases[i].why);
        str_release(&why);
        json_decref(o);
    }
}

static void selectors_select(void **state)
{
    static const struct { const char *selector; bool selects; } cases[] = {
        {"{}", true}, {"null", false}, {"{'matchLabels':{'a':'1'}}", true}, {"{'matchLabels':{'a':'1','b':'1'}}", false},
        {"{'matchExpressions':[{'key':'a','operator':'In','values':['2','1']}]}", true}, {"{'matchExpressions':[{'key':'a','operator':'NotIn','values':['1']}]}", false},
        {"{'matchExpressions':[{'key':'z','operator':'NotIn','values':['1']}]}", true}, {"{'matchExpressions':[{'key':'a','operator':'Exists'},{'key':'z','operator':'DoesNotExist'}]}", true},
        {"{'matchExpressions':[{'key':'a','operator':'DoesNotExist'}]}", false}, {"{'matchExpressions':[{'key':'a','operator':'Maybe'}]}", false},
    };
    json_t *labels = js("{'a':'1'}");
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *s = js(cases[i].selector);
        assert_int_equal(kube_selects(s, labels), cases[i].selects);
        json_decref(s);
    }
    json_decref(labels);
}

static void budgets_allow_as_the_server_does(void **state)
{
    static const struct { const char *pdb, *pod; bool allows; const char *says; } cases[] = {
        {"{'metadata':{'namespace':'a','name':'b'},'status':{'disruptionsAllowed':1,'conditions':[{'type':'DisruptionAllowed','status':'False','reason':'SyncFailed','message':'found no controllers'}]}}",
         "{'status':{'conditions':[{'type':'Ready','status':'True'}]}}", false, "budget a/b cannot be computed and allows no eviction until it is mended: found no controllers"},
        {"{'status':{'disruptionsAllowed':1}}", "{'status':{'conditions':[{'type':'Ready','status':'True'}]}}", true, NULL},
        {"{'status':{'disruptionsAllowed':0,'currentHealthy':2,'desiredHealthy':2}}", "{'status':{'conditions':[{'type':'Ready','status':'True'}]}}", false, NULL},
        {"{'status':{'disruptionsAllowed':0,'currentHealthy':2,'desiredHealthy':2}}", "{'status':{}}", true, NULL},
        {"{'status':{'disruptionsAllowed':0,'currentHealthy':1,'desiredHealthy':2}}", "{'status':{}}", false, NULL},
        {"{'spec':{'unhealthyPodEvictionPolicy':'AlwaysAllow'},'status':{'currentHealthy':1,'desiredHealthy':2}}", "{'status':{}}", true, NULL},
        {"{'metadata':{'generation':2},'status':{'observedGeneration':1,'disruptionsAllowed':1}}", "{'status':{'conditions':[{'type':'Ready','status':'True'}]}}", false, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str words;
        json_t *pdb = js(cases[i].pdb), *pod = js(cases[i].pod);
        str_init(&words, 0);
        assert_int_equal(kube_budget_allows(pdb, pod, &words), cases[i].allows);
        assert_true(!cases[i].says || !strcmp(words.data, cases[i].says));
        str_release(&words);
        json_decref(pdb);
        json_decref(pod);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(done_as_kubectl_says),
        cmocka_unit_test(the_worst_pod_is_named),
        cmocka_unit_test(selectors_select),
        cmocka_unit_test(budgets_allow_as_the_server_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
