/* What is written whole goes by the new text: how many pods it takes at a time, and whether any node takes the new ones. */
#include "kube_act.h"

#define TEMPLATE(image, place) "'template':{'spec':{'containers':[{'name':'c','image':'" image "'}]" place "}}"
#define OBJ(kind, image, place, more) "{'kind':'" kind "','metadata':{'uid':'u1'},'spec':{'replicas':6," TEMPLATE(image, place) more "},'status':{'desiredNumberScheduled':2}}"
#define ROLLING(away) ",'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxUnavailable':'" away "','maxSurge':'25%'}}"
#define NODES "{'items':[{'metadata':{'name':'a','labels':{'disk':'ssd'}},'status':{'conditions':[{'type':'Ready','status':'True'}]}}," \
              "{'metadata':{'name':'b'},'spec':{'unschedulable':true},'status':{'conditions':[{'type':'Ready','status':'True'}]}}]}"
#define PLACE(v) ",'nodeSelector':{'disk':'" v "'}"

static void by_the_new_text(void **state)
{
    static const struct { const char *kind, *was, *is, *as; int64_t keep; const char *words; } cases[] = {
        {"deployments", OBJ("Deployment", "x:1", "", ROLLING("0%")), OBJ("Deployment", "x:2", "", ROLLING("0%")), "set-image", 6, "at most 0 unavailable"},
        {"deployments", OBJ("Deployment", "x:1", "", ROLLING("0%")), OBJ("Deployment", "x:2", "", ",'strategy':{'type':'Recreate'}"), "recreate", 0, "all 6 pods end"},
        {"deployments", OBJ("Deployment", "x:1", "", ROLLING("0%")), OBJ("Deployment", "x:2", "", ROLLING("100%")), "recreate", 0, "all its pods may be unavailable at once"},
        {"deployments", OBJ("Deployment", "x:1", "", ROLLING("0%")), OBJ("Deployment", "x:1", PLACE("ssd"), ROLLING("0%")), "set-image", 6, "1 of 2 nodes takes its new pods"},
        {"deployments", OBJ("Deployment", "x:1", "", ROLLING("0%")), OBJ("Deployment", "x:1", PLACE("no"), ROLLING("50%")), "scale", 3, "none of the 2 nodes takes its new pods"},
        {"deployments", OBJ("Deployment", "x:1", "", ROLLING("0%")), OBJ("Deployment", "x:1", PLACE("no"), ROLLING("100%")), "scale", 0, "none of the 2 nodes"},
        {"daemonsets", OBJ("DaemonSet", "x:1", "", ""), OBJ("DaemonSet", "x:1", PLACE("no"), ""), "delete", -1, "none of the 2 nodes"},
        {"deployments", OBJ("Deployment", "x:1", "", ROLLING("0%")), OBJ("Deployment", "x:1", "", ",'strategy':{'type':'Recreate'}"), NULL, 0, "type"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int apply = 0; apply < 2; apply++) {
            struct act_case t;
            struct str path;
            const char *service = NULL, *version = NULL;
            act_case(&t, apply ? "apply" : "edit", cases[i].kind, cases[i].was);
            json_t *doc = js(cases[i].is);
            char *text = json_dumps(doc, 0);
            act_with(&t, "document", text);
            t.c.answer = own(&t, cases[i].is);
            str_init(&path, 1000);
            bool asks = t.c.action->side(&t.c, 0, &path, &service, &version);
            assert_int_equal(asks, strstr(cases[i].is, "nodeSelector") != NULL);
            if (asks)
                assert_string_equal(path.data, "/api/v1/nodes");
            act_beside(&t, 0, 200, asks ? NODES : NULL);
            t.c.action->tried(&t.c, 200, &t.why, &t.facts);
            act_said(&t.facts, cases[i].words);
            if (cases[i].as)
                assert_string_equal(t.facts.as, cases[i].as);
            else
                assert_null(t.facts.as);
            if (cases[i].as)
                assert_int_equal(t.facts.keep, cases[i].keep);
            str_release(&path);
            free(text);
            json_decref(doc);
            act_end(&t);
        }
}

/* A Service with another selector: the pods it has then are asked for; with none it serves nobody, as if it were deleted. */
static void another_selector(void **state)
{
    static const struct { const char *doc, *path, *pods, *answer, *words, *as; } cases[] = {
        {"{'spec':{'selector':{'app':'none'}}}", "/api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Dnone%2Ctier%3Dx", "{'items':[]}", "{'app':'none','tier':'x'}", "no pod is behind it then: app=none,tier=x selects none", "delete"},
        {"{'spec':{'selector':{'tier':null}}}", "/api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Dweb", "{'items':[{'status':{'conditions':[{'type':'Ready','status':'False'}]}}]}", "{'app':'web'}",
         "no pod that is ready is behind it then: app=web selects 1", "delete"},
        {"{'spec':{'selector':{'tier':null}}}", "/api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Dweb", "{'items':[{'status':{'conditions':[{'type':'Ready','status':'True'}]}}]}", "{'app':'web'}", "1 ready pod is behind it then", NULL},
        {"{'spec':{'selector':{'app':'none'}}}", "/api/v1/namespaces/shop/pods?limit=500&labelSelector=app%3Dnone%2Ctier%3Dx", NULL, "{'app':'none','tier':'x'}", "could not be read (HTTP 403)", NULL},
        {"{'spec':{'selector':{'app':'web'}}}", NULL, NULL, "{'app':'web','tier':'x'}", NULL, NULL},
        {"{'spec':{'type':'NodePort'}}", NULL, NULL, "{'app':'web','tier':'x'}", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        struct str path;
        char answer[300];
        const char *service = NULL, *version = NULL;
        act_case(&t, "edit", "services", "{'kind':'Service','metadata':{'uid':'u1'},'spec':{'selector':{'app':'web','tier':'x'}}}");
        t.c.scope = "shop";
        json_t *doc = js(cases[i].doc);
        char *text = json_dumps(doc, 0);
        act_with(&t, "document", text);
        snprintf(answer, sizeof answer, "{'kind':'Service','metadata':{'uid':'u1'},'spec':{'selector':%s}}", cases[i].answer);
        t.c.answer = own(&t, answer);
        str_init(&path, 1000);
        assert_int_equal(t.c.action->side(&t.c, 0, &path, &service, &version), cases[i].path != NULL);
        if (cases[i].path)
            assert_string_equal(path.data, cases[i].path);
        act_beside(&t, 0, cases[i].pods ? 200 : 403, cases[i].pods);
        t.c.action->tried(&t.c, 200, &t.why, &t.facts);
        if (cases[i].words)
            act_said(&t.facts, cases[i].words);
        if (cases[i].as)
            assert_string_equal(t.facts.as, cases[i].as);
        else
            assert_null(t.facts.as);
        str_release(&path);
        free(text);
        json_decref(doc);
        act_end(&t);
    }
}

/* A file may take away the label that a daemon set wants of its node, too: its pod there is counted, as by label. */
static void labels_of_a_node(void **state)
{
    static const struct { const char *doc; bool goes; } cases[] = {{"{'metadata':{'labels':{'role':'none'}}}", true}, {"{'metadata':{'labels':{'role':'compute','x':'1'}}}", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        struct str path;
        const char *service = NULL, *version = NULL;
        act_case(&t, "apply", "nodes", "{'metadata':{'uid':'u1','name':'w1','labels':{'role':'compute'}}}");
        json_t *doc = js(cases[i].doc);
        char *text = json_dumps(doc, 0);
        act_with(&t, "document", text);
        str_init(&path, 1000);
        assert_int_equal(t.c.action->side(&t.c, 1, &path, &service, &version), cases[i].goes);
        assert_int_equal(t.c.action->takes(&t.c), cases[i].goes ? TAKES_LISTS : TAKES_ITSELF);
        if (cases[i].goes)
            assert_string_equal(path.data, "/apis/apps/v1/daemonsets");
        act_beside(&t, 0, 200, "{'items':[{'metadata':{'uid':'p1','ownerReferences':[{'uid':'d1','kind':'DaemonSet','controller':true}]}}]}");
        act_beside(&t, 1, 200, "{'items':[{'metadata':{'namespace':'os','name':'libvirt','uid':'d1'},'spec':{'template':{'spec':{'nodeSelector':{'role':'compute'}}}}}]}");
        assert_int_equal(t.c.action->build(&t.c, &t.rq, &t.facts), ACT_SEND);
        if (cases[i].goes)
            act_said(&t.facts, "daemon set os/libvirt runs only where a label is");
        assert_int_equal(t.facts.taken != NULL, cases[i].goes);
        str_release(&path);
        free(text);
        json_decref(doc);
        act_end(&t);
    }
}

/* What the server keeps for itself is nobody's change; a rollout that goes on is told. */
static void its_end(void **state)
{
#define NOW(replicas, more) "{'kind':'Deployment','metadata':{'uid':'u1','generation':2,'resourceVersion':'9'},'spec':{'replicas':" replicas "},'status':{" more "}}"
    static const struct { const char *doc, *answer, *now, *words; } cases[] = {
        {"{'spec':{'replicas':0},'status':{'replicas':0}}", NOW("0", "'replicas':6"), NOW("0", "'observedGeneration':2,'replicas':0"), ""},
        {"{'spec':{'replicas':0}}", NOW("0", ""), NOW("3", "'observedGeneration':2,'replicas':3,'updatedReplicas':3,'availableReplicas':3"), "somebody changed it again meanwhile"},
        {"{'spec':{'replicas':0}}", NOW("0", ""), NOW("0", "'observedGeneration':1,'replicas':6"), "its rollout goes on and is not followed ("},
        {"{'spec':{'replicas':0}}", NOW("0", ""), NOW("0", "'observedGeneration':1,'replicas':6"), "): strata rollout status deployment web -n shop does"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "edit", "deployments", cases[i].answer);
        json_t *doc = js(cases[i].doc);
        char *text = json_dumps(doc, 0);
        act_with(&t, "document", text);
        t.c.answer = own(&t, cases[i].answer);
        json_t *now = js(cases[i].now);
        json_object_set_new(json_object_get(now, "metadata"), "resourceVersion", json_string("10"));
        t.c.obj = now;
        assert_int_equal(t.c.action->observe(&t.c, &t.why), SEEN_DONE);
        if (*cases[i].words)
            assert_non_null(strstr(t.why.data, cases[i].words));
        else
            assert_int_equal(t.why.len, 0);
        free(text);
        json_decref(doc);
        json_decref(now);
        act_end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_the_new_text), cmocka_unit_test(another_selector), cmocka_unit_test(labels_of_a_node), cmocka_unit_test(its_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
