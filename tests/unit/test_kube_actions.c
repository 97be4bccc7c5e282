/* Rows of Kubernetes actions: requests, facts, ends and ways back, on objects as servers send them. */
#include "kube_act.h"

#include "core/kube/kube_kind.h"

#define META(more) "'metadata':{'name':'web','namespace':'shop','uid':'u1','generation':4,'resourceVersion':'77'" more "}"
#define TEMPLATE(image) "'template':{'metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'api','image':'" image "'},{'name':'side','image':'s:1'}]}}"
#define DEPLOYMENT(spec, status) "{'kind':'Deployment','apiVersion':'apps/v1'," META(",'annotations':{'deployment.kubernetes.io/revision':'3','a':'b'}") \
    ",'spec':{'replicas':3,'selector':{'matchLabels':{'app':'web'}}," spec "},'status':{" status "}}"
#define ROLLED "'observedGeneration':4,'replicas':3,'updatedReplicas':3,'readyReplicas':3,'availableReplicas':3"
#define PATH "/apis/apps/v1/namespaces/shop/deployments/web"

static void a_restart_is_kubectls(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "restart", "deployments", DEPLOYMENT("'paused':true," TEMPLATE("a:1"), ROLLED));
    assert_int_equal(built(&t), ACT_REFUSED);
    act_end(&t);
    act_case(&t, "restart", "deployments", DEPLOYMENT("'strategy':{'type':'Recreate'}," TEMPLATE("a:1"), ROLLED));
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", PATH "?fieldManager=kubectl-rollout",
          "{'metadata':{'uid':'u1'},'spec':{'template':{'metadata':{'annotations':{'kubectl.kubernetes.io/restartedAt':'2001-09-09T01:46:40Z'}}}}}");
    assert_string_equal(t.rq.content_type, "application/strategic-merge-patch+json");
    assert_int_equal(said(&t, "Recreate"), FACT_DANGER);
    struct str args;
    str_init(&args, 0);
    t.c.before = t.c.obj;
    assert_string_equal(t.c.action->undo(&t.c, &args), "undo");
    assert_string_equal(args.data, "to-revision=3\ntemplate-only=true\n");      /* what others noted on it since stays */
    str_release(&args);
    act_end(&t);
}

static void a_rollout_is_followed_and_never_rolled_over(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "set-image", "deployments", DEPLOYMENT(TEMPLATE("a:1"), ROLLED));
    t.c.before = t.c.obj;
    act_with(&t, "image", "api=a:2");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", PATH, "{'metadata':{'uid':'u1'},'spec':{'template':{'spec':{'containers':[{'name':'api','image':'a:2'}]}}}}");
    said(&t, "container api: a:1 becomes a:2");
    t.c.answer = own(&t, DEPLOYMENT(TEMPLATE("a:2"), ROLLED));
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:2"), "'observedGeneration':3,'replicas':3,'updatedReplicas':3,'availableReplicas':3")), SEEN_WAIT);
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:2"), "'observedGeneration':4,'replicas':4,'updatedReplicas':1,'readyReplicas':3,'availableReplicas':3")), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "new 1 of 3, old 3, ready 3, available 3, unavailable 0: new pods are still to be made"));
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:2"), ROLLED)), SEEN_DONE);
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:3"), ROLLED)), SEEN_OVERTAKEN);
    assert_non_null(strstr(t.why.data, "another change took over"));
    t.c.obj = NULL;
    assert_int_equal(seen(&t, NULL), SEEN_FAILED);
    act_end(&t);
}

static void a_restart_that_another_change_replaced_says_so(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "restart", "deployments", DEPLOYMENT(TEMPLATE("a:1"), ROLLED));
    t.c.answer = own(&t, "{'metadata':{'generation':4},'spec':{" TEMPLATE("a:1") "}}");
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:1"), ROLLED)), SEEN_DONE);
    assert_int_equal(seen(&t, "{'kind':'Deployment','metadata':{'generation':5},'spec':{'replicas':9," TEMPLATE("a:1") "},'status':{'observedGeneration':5}}"), SEEN_WAIT);
    assert_int_equal(seen(&t, "{'kind':'Deployment','metadata':{'generation':5},'spec':{'replicas':3," TEMPLATE("a:7") "},'status':{'observedGeneration':5}}"), SEEN_OVERTAKEN);
    act_end(&t);
}

static void images_are_named_by_container(void **state)
{
    static const struct { const char *image; enum act_verdict verdict; const char *says; } cases[] = {
        {"api=a:1", ACT_ALREADY, NULL}, {"*=b:9", ACT_SEND, "container side: s:1 becomes b:9"}, {"none=a:2", ACT_REFUSED, "it has: api, side"},
        {"api", ACT_REFUSED, "container=image"}, {"=a:2", ACT_REFUSED, "container=image"}, {"api=", ACT_REFUSED, "container=image"},
        {"api=a:2,side=s:2", ACT_SEND, "side: s:1 becomes s:2"}, {"api=a:2,*=s:2", ACT_REFUSED, "container api is given two images"}, {"api=a:2\nside=s:2", ACT_SEND, "side: s:1 becomes s:2"}, {"api=reg:5000/a@sha256:00", ACT_SEND, "a:1 becomes reg:5000/a@sha256:00"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "set-image", "deployments", DEPLOYMENT(TEMPLATE("a:1"), ROLLED));
        act_with(&t, "image", cases[i].image);
        assert_int_equal(built(&t), cases[i].verdict);
        if (cases[i].says)
            said(&t, cases[i].says);
        act_end(&t);
    }
}

/* The same before it is sent, for the journal, as after; what is another's meanwhile is something else. */
static void an_image_goes_back_to_what_it_was(void **state)
{
    static const struct { const char *image, *now, *back; } cases[] = {
        {"api=a:2", DEPLOYMENT(TEMPLATE("a:1"), ROLLED), "image=api=a:1\n"}, {"api=a:2", DEPLOYMENT(TEMPLATE("a:2"), ROLLED), "image=api=a:1\n"},
        {"*=a:2", DEPLOYMENT(TEMPLATE("a:2"), ROLLED), "image=api=a:1,side=s:1\n"}, {"*=a:1", DEPLOYMENT(TEMPLATE("a:1"), ROLLED), "image=side=s:1\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        struct str args;
        str_init(&args, 0);
        act_case(&t, "set-image", "deployments", cases[i].now);
        act_with(&t, "image", cases[i].image);
        assert_null(t.c.action->undo(&t.c, &args));          /* nothing is known of before */
        t.c.before = own(&t, DEPLOYMENT(TEMPLATE("a:1"), ROLLED));
        assert_string_equal(t.c.action->undo(&t.c, &args), "set-image");
        assert_string_equal(args.data, cases[i].back);
        str_release(&args);
        act_end(&t);
    }
}

#define OWNED(kind) "'ownerReferences':[{'controller':true,'kind':'" kind "','name':'web','uid':'u1'}]"
#define RS(n, image) "{'metadata':{'annotations':{'deployment.kubernetes.io/revision':'" n "','c':'" n "'}," OWNED("Deployment") "},'spec':{'template':" \
    "{'metadata':{'labels':{'app':'web','pod-template-hash':'h" n "'}},'spec':{'containers':[{'name':'api','image':'" image "'},{'name':'side','image':'s:1'}]}}}}"

static void an_undo_of_a_deployment_is_a_tested_patch(void **state)
{
    static const char history[] = "{'items':[" RS("1", "a:0") "," RS("3", "a:1") "," RS("2", "a:9") ",{'metadata':{'annotations':{'deployment.kubernetes.io/revision':'8'}}}]}";
    struct act_case t;
    struct str args;
    (void)state;
    act_case(&t, "undo", "deployments", DEPLOYMENT(TEMPLATE("a:1"), ROLLED));
    act_with(&t, "to-revision", "0");
    act_beside(&t, 1, 200, history);
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", PATH "?fieldManager=kubectl-rollout",
          "[{'op':'test','path':'/metadata/generation','value':4},"
          "{'op':'replace','path':'/spec/template','value':{'metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'api','image':'a:9'},{'name':'side','image':'s:1'}]}}},"
          "{'op':'replace','path':'/metadata/annotations','value':{'deployment.kubernetes.io/revision':'3','c':'2'}}]");
    said(&t, "revision 2 becomes the newest");
    said(&t, "container api: a:1 becomes a:9");
    assert_int_equal(said(&t, "its annotation a is not that of then: it is removed"), FACT_CAUTION);
    act_with(&t, "template-only", "true");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", PATH "?fieldManager=kubectl-rollout",
          "[{'op':'test','path':'/metadata/generation','value':4},"
          "{'op':'replace','path':'/spec/template','value':{'metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'api','image':'a:9'},{'name':'side','image':'s:1'}]}}}]");
    t.args[0].value = "1";
    assert_int_equal(built(&t), ACT_SEND);
    said(&t, "a:1 becomes a:0");
    t.args[0].value = "3";
    assert_int_equal(built(&t), ACT_ALREADY);
    t.args[0].value = "8";          /* not its own */
    assert_int_equal(built(&t), ACT_REFUSED);
    t.c.side[1] = (struct act_side){NULL, 403};
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "403");
    str_init(&args, 0);
    t.c.before = t.c.obj;
    assert_string_equal(t.c.action->undo(&t.c, &args), "undo");
    assert_string_equal(args.data, "to-revision=3\n");
    str_release(&args);
    act_end(&t);
}

#define REVISION(n, image) "{" "'revision':" n ",'metadata':{" OWNED("StatefulSet") "},'data':{'spec':{'template':{'$patch':'replace','metadata':{'labels':{'app':'web'}}," \
    "'spec':{'containers':[{'name':'api','image':'" image "'}]}}}}}"

static void an_undo_of_a_set_sends_its_revision(void **state)
{
    struct act_case t;
    struct str args;
    (void)state;
    act_case(&t, "undo", "statefulsets", "{'kind':'StatefulSet'," META("") ",'spec':{'replicas':1,'template':{'metadata':{'creationTimestamp':null,'labels':{'app':'web'}},"
             "'spec':{'containers':[{'name':'api','image':'a:2'}]}}}}");
    act_beside(&t, 1, 200, "{'items':[" REVISION("1", "a:1") "," REVISION("2", "a:2") "]}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", "/apis/apps/v1/namespaces/shop/statefulsets/web",
          "{'metadata':{'uid':'u1'},'spec':{'template':{'$patch':'replace','metadata':{'labels':{'app':'web'}},'spec':{'containers':[{'name':'api','image':'a:1'}]}}}}");
    act_with(&t, "to-revision", "2");
    assert_int_equal(built(&t), ACT_ALREADY);
    str_init(&args, 0);
    t.c.before = t.c.obj;
    assert_string_equal(t.c.action->undo(&t.c, &args), "undo");
    assert_string_equal(args.data, "to-revision=2\n");      /* by its template: whatever is newest then */
    str_clear(&args);
    t.c.side[1].json = own(&t, "{'items':[" REVISION("1", "a:1") "]}");
    assert_string_equal(t.c.action->undo(&t.c, &args), "undo");
    assert_int_equal(args.len, 0);
    str_release(&args);
    t.args[0].value = "0";
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "it has 1");
    act_end(&t);
}

static void a_scale_says_who_changes_it_back(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "scale", "deployments", DEPLOYMENT(TEMPLATE("a:1"), ROLLED));
    act_beside(&t, 0, 200, "{'spec':{'replicas':3},'status':{'replicas':3}}");
    act_beside(&t, 1, 200, "{'items':[{'metadata':{'name':'other'},'spec':{'scaleTargetRef':{'apiVersion':'apps/v1','kind':'StatefulSet','name':'web'}}},"
                           "{'metadata':{'name':'auto'},'spec':{'minReplicas':2,'maxReplicas':5,'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'web'}}}]}");
    assert_int_equal(built(&t), ACT_REFUSED);            /* never a default */
    act_with(&t, "replicas", "3");
    assert_int_equal(built(&t), ACT_ALREADY);
    t.args[0].value = "-1";
    assert_int_equal(built(&t), ACT_REFUSED);
    t.args[0].value = "0";
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "nothing answers"), FACT_DANGER);
    t.args[0].value = "1";
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", PATH "/scale", "{'metadata':{'uid':'u1'},'spec':{'replicas':1}}");
    assert_int_equal(said(&t, "autoscaler auto will change it back: it keeps 2 to 5"), FACT_CAUTION);
    t.c.side[0].json = own(&t, "{'spec':{'replicas':1},'status':{'replicas':2}}");
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:1"), "'observedGeneration':4,'replicas':2,'readyReplicas':1")), SEEN_WAIT);
    t.c.side[0].json = own(&t, "{'spec':{'replicas':1},'status':{'replicas':1}}");
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:1"), "'observedGeneration':4,'replicas':1,'readyReplicas':1")), SEEN_DONE);
    t.args[0].value = "0";                                   /* none are wanted: its end is that none are there */
    t.c.side[0].json = own(&t, "{'spec':{'replicas':0},'status':{'replicas':0}}");
    act_beside(&t, 2, 200, "{'items':[{'metadata':{'name':'web-1','deletionTimestamp':'2027-01-15T08:00:00Z'}},{'metadata':{'name':'not-of-it'}}]}");
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:1"), "'observedGeneration':4")), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "1 pod ends still"));
    act_beside(&t, 2, 200, "{'items':[{'metadata':{'name':'not-of-it'}}]}");
    assert_int_equal(seen(&t, DEPLOYMENT(TEMPLATE("a:1"), "'observedGeneration':4")), SEEN_DONE);
    t.args[0].value = "1";
    t.c.side[0].json = own(&t, "{'spec':{'replicas':2},'status':{'replicas':1}}");
    assert_int_equal(seen(&t, NULL), SEEN_OVERTAKEN);
    assert_non_null(strstr(t.why.data, "by autoscaler auto"));
    t.c.side[0] = (struct act_side){NULL, 404};
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "cannot be scaled");
    act_end(&t);
}

#define WIDGET(spec, more) "{'kind':'Widget','metadata':{'name':'web','namespace':'shop','uid':'u1','generation':2},'spec':{'replicas':" spec "}" more "}"

static void a_scale_of_what_counts_nothing_ends_with_that_word(void **state)
{
    static const struct kube_kind widgets = {.group = "example.org", .version = "v1", .resource = "widgets", .object_kind = "Widget"};
    static const struct kind kind = {.id = "widgets.example.org", .singular = "widget", .plane = PLANE_KUBE, .flags = KIND_NAMESPACED, .kube = &widgets};
    static const char definition[] = "{'spec':{'versions':[{'name':'v0','subresources':{'scale':{'statusReplicasPath':'.status.replicas'}}},"
                                     "{'name':'v1','subresources':{'scale':{'statusReplicasPath':'.status.parts.running'}}}]}}";
    struct act_case t;
    struct str path;
    (void)state;
    act_case(&t, "scale", "deployments", WIDGET("2", ""));
    t.c.kind = &kind;
    str_init(&path, 0);
    assert_true(t.c.action->side(&t.c, 2, &path, NULL, NULL));
    assert_string_equal(path.data, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.org");
    assert_false(t.c.action->side(&t.c, 3, &path, NULL, NULL));         /* it selects no pods */
    str_release(&path);
    act_with(&t, "replicas", "5");
    act_beside(&t, 0, 200, "{'spec':{'replicas':5},'status':{'replicas':0}}");
    act_beside(&t, 2, 200, definition);
    t.c.before = t.c.obj;
    assert_int_equal(seen(&t, WIDGET("5", ",'status':{'replicas':1}")), SEEN_DONE);
    assert_non_null(strstr(t.why.data, "its status reports no count of replicas (.status.parts.running), so none was waited for"));
    assert_int_equal(seen(&t, WIDGET("5", ",'status':{'parts':{'running':3}}")), SEEN_WAIT);      /* one that counts is waited for */
    t.c.side[2] = (struct act_side){NULL, 403};
    assert_int_equal(seen(&t, WIDGET("5", ",'status':{'replicas':1}")), SEEN_WAIT);
    t.c.before = own(&t, WIDGET("0", ",'status':{'ready':true}"));      /* its 0 may have been left out */
    assert_int_equal(seen(&t, WIDGET("5", ",'status':{'ready':true}")), SEEN_WAIT);
    act_end(&t);
}

#define POD(more, status) "{'kind':'Pod','metadata':{'name':'web','namespace':'shop','uid':'p1','labels':{'app':'web'}" more "},'spec':{'volumes':[{'name':'tmp','emptyDir':{}}]},'status':{" status "}}"
#define READY "'phase':'Running','conditions':[{'type':'Ready','status':'True'}]"
#define OF_RS ",'ownerReferences':[{'controller':true,'kind':'ReplicaSet','name':'web-1','uid':'r'}]"
#define PDB(name, allowed) "{'metadata':{'name':'" name "','namespace':'shop'},'spec':{'selector':{'matchLabels':{'app':'web'}}},'status':{'disruptionsAllowed':" allowed ",'currentHealthy':2,'desiredHealthy':2,'expectedPods':3}}"

static void an_eviction_says_its_budget(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "evict", "pods", POD(OF_RS, READY));
    assert_int_equal(t.c.action->patience_s(&t.c), 600);
    act_with(&t, "timeout", "7");
    assert_int_equal(t.c.action->patience_s(&t.c), 7);
    t.c.nargs = 0;
    act_with(&t, "grace", "5");
    act_beside(&t, 0, 200, "{'items':[" PDB("one", "0") "]}");
    act_beside(&t, 1, 200, "{'spec':{'replicas':1}}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "POST", "/api/v1/namespaces/shop/pods/web/eviction",
          "{'apiVersion':'policy/v1','kind':'Eviction','metadata':{'name':'web','namespace':'shop'},'deleteOptions':{'gracePeriodSeconds':5,'preconditions':{'uid':'p1'}}}");
    assert_int_equal(said(&t, "budget shop/one allows 0 evictions: 2 healthy of 3, 2 needed"), FACT_DANGER);
    assert_int_equal(said(&t, "it is the only pod of its ReplicaSet"), FACT_CAUTION);
    assert_int_equal(said(&t, "emptyDir volumes is lost: tmp"), FACT_CAUTION);
    t.c.side[0].json = own(&t, "{'items':[" PDB("one", "1") "]}");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "allows 1 eviction:"), FACT_INFO);
    t.c.side[0].json = own(&t, "{'items':[" PDB("one", "1") "," PDB("two", "1") "]}");
    assert_int_equal(built(&t), ACT_REFUSED);
    t.c.obj = own(&t, POD(OF_RS, "'phase':'Pending'"));  /* the server asks no budget for it */
    assert_int_equal(built(&t), ACT_SEND);
    t.c.before = t.c.obj;
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_int_equal(seen(&t, "{'metadata':{'uid':'other'}}"), SEEN_DONE);
    act_end(&t);
}

static void a_pod_restarts_by_its_owner(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "restart", "pods", POD("", READY));
    assert_int_equal(built(&t), ACT_REFUSED);
    said(&t, "nothing owns it");
    t.c.obj = own(&t, POD(OF_RS, READY));
    assert_int_equal(built(&t), ACT_SEND);
    t.c.before = t.c.obj;
    act_beside(&t, 1, 200, "{'kind':'ReplicaSet','metadata':{'name':'web-1'},'spec':{'replicas':2},'status':{'replicas':2,'readyReplicas':1}}");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    t.c.obj = NULL;
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    assert_string_equal(t.why.data, "it is gone; ReplicaSet web-1 has 1 of 2 ready");
    t.c.side[1].json = own(&t, "{'kind':'ReplicaSet','metadata':{'name':'web-1'},'spec':{'replicas':2},'status':{'replicas':2,'readyReplicas':2}}");
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    t.c.side[1] = (struct act_side){NULL, 404};
    assert_int_equal(seen(&t, NULL), SEEN_FAILED);
    act_end(&t);
}

static void who_keeps_it_is_named(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "pause", "deployments", "{'metadata':{'uid':'u1','annotations':{'argocd.argoproj.io/tracking-id':'shop:apps/Deployment:shop/web'},'labels':{'kustomize.toolkit.fluxcd.io/name':'k',"
             "'kustomize.toolkit.fluxcd.io/namespace':'flux','app.kubernetes.io/managed-by':'Helm','app.kubernetes.io/instance':'rel'},'ownerReferences':[{'controller':true,'kind':'Shop','name':'s'}]}}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", PATH "?fieldManager=kubectl-rollout", "{'metadata':{'uid':'u1'},'spec':{'paused':true}}");
    assert_int_equal(said(&t, "Argo CD application shop keeps"), FACT_CAUTION);
    assert_int_equal(said(&t, "Flux kustomization flux/k"), FACT_CAUTION);
    assert_int_equal(said(&t, "Helm release rel"), FACT_INFO);
    assert_int_equal(said(&t, "Shop s owns this object"), FACT_CAUTION);
    act_end(&t);
}

static void a_job_is_made_once(void **state)
{
    static const char cron[] = "{'metadata':{'uid':'u1','resourceVersion':'77'},'spec':{'concurrencyPolicy':'Forbid','jobTemplate':{'metadata':{'labels':{'l':'1'}},'spec':{'x':1}}},'status':{'active':[{}]}}";
    struct act_case t;
    char name[100];
    (void)state;
    act_case(&t, "trigger", "cronjobs", cron);
    assert_int_equal(built(&t), ACT_SEND);
    snprintf(name, sizeof name, "%s", act_str(t.rq.body, "metadata.name"));
    assert_memory_equal(name, "web-manual-", 11);
    assert_int_equal(strlen(name), 16);
    said(&t, "policy Forbid");
    assert_int_equal(built(&t), ACT_SEND);
    assert_string_equal(act_str(t.rq.body, "metadata.name"), name);
    assert_int_equal(act_num(t.rq.body, "spec.x", 0), 1);
    assert_string_equal(act_str(t.rq.body, "metadata.ownerReferences.0.uid"), "u1");
    assert_string_equal(act_str(t.rq.body, "metadata.labels.l"), "1");
    assert_string_equal(t.rq.path.data, "/apis/batch/v1/namespaces/shop/jobs");
    t.c.before = own(&t, cron);
    act_beside(&t, 0, 404, NULL);
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_NO);
    t.c.side[0] = (struct act_side){own(&t, "{'metadata':{'name':'j'},'status':{'active':1}}"), 200};
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_YES);
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    act_with(&t, "wait", "true");
    assert_int_equal(seen(&t, NULL), SEEN_WAIT);
    t.c.side[0].json = own(&t, "{'status':{'failed':1,'conditions':[{'type':'Failed','status':'True','reason':'BackoffLimitExceeded'}]}}");
    assert_int_equal(seen(&t, NULL), SEEN_FAILED);
    act_end(&t);
}

static void suspend_and_resume(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "suspend", "cronjobs", "{'metadata':{'uid':'u1'},'spec':{'suspend':false}}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", "/apis/batch/v1/namespaces/shop/cronjobs/web", "{'metadata':{'uid':'u1'},'spec':{'suspend':true}}");
    assert_int_equal(seen(&t, "{'spec':{'suspend':true}}"), SEEN_DONE);
    assert_int_equal(built(&t), ACT_ALREADY);
    act_end(&t);
}

static void labels_as_kubectl_sets_them(void **state)
{
    static const struct { const char *set, *overwrite; enum act_verdict verdict; const char *labels; } cases[] = {
        {"b=2", NULL, ACT_SEND, "{'b':'2'}"}, {"a=2", NULL, ACT_REFUSED, NULL}, {"a=2", "true", ACT_SEND, "{'a':'2'}"}, {"a=1", NULL, ACT_ALREADY, NULL},
        {"a-", NULL, ACT_SEND, "{'a':null}"}, {"z-", NULL, ACT_ALREADY, NULL}, {"b=,c=3 a-", NULL, ACT_SEND, "{'b':'','c':'3','a':null}"},
        {"b", NULL, ACT_REFUSED, NULL}, {"=x", NULL, ACT_REFUSED, NULL}, {"-", NULL, ACT_REFUSED, NULL}, {"b=1,a", NULL, ACT_REFUSED, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "label", "nodes", "{'metadata':{'uid':'u1','labels':{'a':'1'}}}");
        act_with(&t, "set", cases[i].set);
        if (cases[i].overwrite)
            act_with(&t, "overwrite", cases[i].overwrite);
        assert_int_equal(built(&t), cases[i].verdict);
        if (cases[i].labels) {
            char body[200];
            snprintf(body, sizeof body, "{'metadata':{'uid':'u1','labels':%s}}", cases[i].labels);
            sends(&t, "PATCH", "/api/v1/nodes/web", body);
        }
        act_end(&t);
    }
}

static void what_was_labeled_goes_back(void **state)
{
    struct act_case t;
    struct str args;
    (void)state;
    str_init(&args, 0);
    act_case(&t, "label", "nodes", "{'metadata':{'uid':'u1','labels':{'a':'2','c':'3'}}}");
    t.c.before = own(&t, "{'metadata':{'labels':{'a':'1','d':'x'}}}");
    act_with(&t, "set", "a=2,c=3,d-");
    assert_string_equal(t.c.action->undo(&t.c, &args), "label");
    assert_string_equal(args.data, "set=a=1,c-,d=x\noverwrite=true\n");
    str_release(&args);
    act_end(&t);
    act_case(&t, "label", "nodes", "{'metadata':{'uid':'u1'}}");
    act_with(&t, "set", "bad key=1");
    assert_int_equal(built(&t), ACT_REFUSED);
    assert_string_equal(facts_refusal(&t.facts), "'bad key=1' is no label: key=value sets, key- removes");
    act_end(&t);
    act_case(&t, "annotate", "nodes", "{'metadata':{'uid':'u1'}}");
    act_with(&t, "set", "why=a, b = c");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", "/api/v1/nodes/web", "{'metadata':{'uid':'u1','annotations':{'why':'a, b = c'}}}");
    act_end(&t);
}

/* What a daemon set wants of its node is taken away: its pod there goes with it, and only that one. */
static void a_label_that_a_daemon_set_wants(void **state)
{
    static const struct { const char *set; bool goes; } cases[] = {{"role-", true}, {"role=other", true}, {"x=1", false}, {"color-", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "label", "nodes", "{'metadata':{'uid':'u1','labels':{'role':'compute','color':'red'}}}");
        act_beside(&t, 0, 200, "{'items':[{'metadata':{'uid':'p1','ownerReferences':[{'uid':'d1','kind':'DaemonSet','controller':true}]}},"
                               "{'metadata':{'uid':'p2','ownerReferences':[{'uid':'d2','kind':'DaemonSet','controller':true}]}}]}");
        act_beside(&t, 1, 200, "{'items':[{'metadata':{'namespace':'os','name':'libvirt','uid':'d1'},'spec':{'template':{'spec':{'nodeSelector':{'role':'compute'}}}}},"
                               "{'metadata':{'namespace':'os','name':'proxy','uid':'d2'},'spec':{'template':{'spec':{}}}}]}");
        act_with(&t, "set", cases[i].set);
        act_with(&t, "overwrite", "true");
        assert_int_equal(built(&t), ACT_SEND);
        if (cases[i].goes) {
            assert_int_equal(said(&t, "daemon set os/libvirt runs only where a label is"), FACT_DANGER);
            assert_string_equal(t.facts.taken, "pods p1\n");
        }
        assert_int_equal(t.facts.taken != NULL, cases[i].goes);
        act_end(&t);
    }
}

static void taints_as_kubectl_sets_them(void **state)
{
    static const char node[] = "{'metadata':{'uid':'u1','resourceVersion':'9'},'spec':{'taints':[{'key':'a','value':'1','effect':'NoSchedule'},{'key':'a','value':'1','effect':'NoExecute'}]}}";
    static const struct { const char *set, *overwrite; enum act_verdict verdict; const char *taints; } cases[] = {
        {"a=1:NoSchedule", NULL, ACT_ALREADY, NULL}, {"a=2:NoSchedule", NULL, ACT_REFUSED, NULL},
        {"a=2:NoSchedule", "true", ACT_SEND, "[{'key':'a','value':'1','effect':'NoExecute'},{'key':'a','value':'2','effect':'NoSchedule'}]"},
        {"a-", NULL, ACT_SEND, "[]"}, {"a:NoExecute-", NULL, ACT_SEND, "[{'key':'a','value':'1','effect':'NoSchedule'}]"},
        {"b:NoSchedule,a-", NULL, ACT_SEND, "[{'key':'b','effect':'NoSchedule'}]"}, {"z-", NULL, ACT_ALREADY, NULL},
        {"a=1:NoExecute-\na:NoSchedule-", NULL, ACT_SEND, "[]"}, {"a=1-", NULL, ACT_REFUSED, NULL},
        {"b=1", NULL, ACT_REFUSED, NULL}, {"b:Sometimes", NULL, ACT_REFUSED, NULL}, {":NoSchedule", NULL, ACT_REFUSED, NULL}, {"z-,b", NULL, ACT_REFUSED, NULL},
    };
    struct act_case t;
    struct str args;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        act_case(&t, "taint", "nodes", node);
        act_with(&t, "set", cases[i].set);
        if (cases[i].overwrite)
            act_with(&t, "overwrite", cases[i].overwrite);
        assert_int_equal(built(&t), cases[i].verdict);
        if (cases[i].taints) {
            char body[300];
            snprintf(body, sizeof body, "{'metadata':{'uid':'u1','resourceVersion':'9'},'spec':{'taints':%s}}", cases[i].taints);
            sends(&t, "PATCH", "/api/v1/nodes/web", body);
        }
        act_end(&t);
    }
    str_init(&args, 0);
    act_case(&t, "taint", "nodes", node);
    act_with(&t, "set", "z-");
    t.c.planning = true;                                 /* as kubectl: not found */
    assert_int_equal(built(&t), ACT_REFUSED);
    assert_string_equal(facts_refusal(&t.facts), "it has no taint z: not found");
    act_with(&t, "overwrite", "true");                   /* what takes it back */
    assert_int_equal(built(&t), ACT_ALREADY);
    act_end(&t);
    act_case(&t, "taint", "nodes", "{'metadata':{'uid':'u1'}}");
    act_with(&t, "set", "a-,b=1:NoExecute");
    act_beside(&t, 0, 200, "{'items':[{'spec':{'tolerations':[{'operator':'Exists'}]}},{'spec':{'tolerations':[{'key':'b','value':'1','effect':'NoExecute'}]}},{'spec':{}},{'status':{'phase':'Failed'}}]}");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "1 pod on it does not tolerate b:NoExecute"), FACT_DANGER);
    t.c.before = own(&t, node);
    assert_string_equal(t.c.action->undo(&t.c, &args), "taint");
    assert_string_equal(args.data, "set=a=1:NoSchedule,a=1:NoExecute,b:NoExecute-\noverwrite=true\n");
    str_release(&args);
    act_end(&t);
}

static void cordon_once(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "cordon", "nodes", "{'metadata':{'uid':'u1'}}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", "/api/v1/nodes/web", "{'metadata':{'uid':'u1'},'spec':{'unschedulable':true}}");
    assert_int_equal(seen(&t, "{'spec':{'unschedulable':true}}"), SEEN_DONE);
    assert_int_equal(built(&t), ACT_ALREADY);
    assert_int_equal(seen(&t, "{'spec':{}}"), SEEN_OVERTAKEN);
    act_end(&t);
    act_case(&t, "uncordon", "nodes", "{'metadata':{'uid':'u1'},'spec':{'unschedulable':true}}");
    assert_int_equal(built(&t), ACT_SEND);
    sends(&t, "PATCH", "/api/v1/nodes/web", "{'metadata':{'uid':'u1'},'spec':{'unschedulable':null}}");
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_NO);
    act_end(&t);
}

/* Whoever edits a text may touch its status, too: that is its controller's, nobody changed anything and it is not taken back. */
static void a_status_is_not_edited(void **state)
{
    struct act_case t;
    struct str args;
    (void)state;
    act_case(&t, "edit", "deployments", "{'metadata':{'uid':'u1','resourceVersion':'8'},'spec':{'replicas':0},'status':{'replicas':6}}");
    act_with(&t, "document", "{\"spec\":{\"replicas\":0},\"status\":{\"replicas\":0},\"metadata\":{\"resourceVersion\":\"7\",\"uid\":\"u1\"}}");
    t.c.before = own(&t, "{'metadata':{'uid':'u1','resourceVersion':'7'},'spec':{'replicas':6},'status':{'replicas':6}}");
    t.c.answer = own(&t, "{'metadata':{'uid':'u1','resourceVersion':'8'}}");
    assert_int_equal(seen(&t, "{'metadata':{'uid':'u1','resourceVersion':'9'},'spec':{'replicas':0},'status':{'replicas':2}}"), SEEN_DONE);
    assert_int_equal(t.why.len, 0);
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_YES);
    str_init(&args, 4096);
    assert_string_equal(t.c.action->undo(&t.c, &args), "edit");
    assert_string_equal(args.data, "document={\"spec\":{\"replicas\":6}}\n");
    str_release(&args);
    assert_int_equal(seen(&t, "{'metadata':{'uid':'u1','resourceVersion':'9'},'spec':{'replicas':3},'status':{'replicas':2}}"), SEEN_DONE);
    assert_non_null(strstr(t.why.data, "somebody changed it again"));
    act_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_is_not_edited), cmocka_unit_test(a_restart_is_kubectls),
        cmocka_unit_test(a_rollout_is_followed_and_never_rolled_over),
        cmocka_unit_test(a_restart_that_another_change_replaced_says_so),
        cmocka_unit_test(images_are_named_by_container),
        cmocka_unit_test(an_image_goes_back_to_what_it_was),
        cmocka_unit_test(an_undo_of_a_deployment_is_a_tested_patch),
        cmocka_unit_test(an_undo_of_a_set_sends_its_revision),
        cmocka_unit_test(a_scale_says_who_changes_it_back),
        cmocka_unit_test(a_scale_of_what_counts_nothing_ends_with_that_word),
        cmocka_unit_test(an_eviction_says_its_budget),
        cmocka_unit_test(a_pod_restarts_by_its_owner),
        cmocka_unit_test(who_keeps_it_is_named),
        cmocka_unit_test(a_job_is_made_once),
        cmocka_unit_test(suspend_and_resume),
        cmocka_unit_test(labels_as_kubectl_sets_them),
        cmocka_unit_test(what_was_labeled_goes_back),
        cmocka_unit_test(taints_as_kubectl_sets_them),
        cmocka_unit_test(a_label_that_a_daemon_set_wants), cmocka_unit_test(cordon_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
