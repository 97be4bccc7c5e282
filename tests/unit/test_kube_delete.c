/* The row of delete: request, what is told before, and how its end is recognised. */
#include "kube_act.h"

#include "core/kube/kube_kind.h"

#define META(more) "'metadata':{'name':'web','namespace':'shop','uid':'u1'" more "}"
#define POD(meta, spec) "{'kind':'Pod'," META(meta) ",'spec':{'nodeName':'n1'" spec "},'status':{'phase':'Running'}}"
#define OWNED(kind) ",'ownerReferences':[{'controller':true,'kind':'" kind "','name':'own','uid':'u9'}]"
#define PATH "/api/v1/namespaces/shop/pods/web"
#define BOUND "'kind':'DeleteOptions','apiVersion':'v1','preconditions':{'uid':'u1'}"
#define ENDS ",'deletionTimestamp':'2001-09-09T01:46:30Z','deletionGracePeriodSeconds':30"      /* ten seconds ago */

static void the_request_is_kubectls_bound_to_the_uid(void **state)
{
    static const struct { const char *name, *value, *body; } cases[] = {
        {NULL, NULL, "{" BOUND ",'propagationPolicy':'Background'}"},
        {"grace-period", "7", "{" BOUND ",'propagationPolicy':'Background','gracePeriodSeconds':7}"},
        {"grace-period", "0", "{" BOUND ",'propagationPolicy':'Background','gracePeriodSeconds':1}"},
        {"now", "yes", "{" BOUND ",'propagationPolicy':'Background','gracePeriodSeconds':1}"},
        {"force", "yes", "{" BOUND ",'propagationPolicy':'Background','gracePeriodSeconds':0}"},
        {"cascade", "orphan", "{" BOUND ",'propagationPolicy':'Orphan'}"},
        {"cascade", "foreground", "{" BOUND ",'propagationPolicy':'Foreground'}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct act_case t;
        act_case(&t, "delete", "pods", POD(OWNED("ReplicaSet"), ""));
        if (cases[i].name)
            act_with(&t, cases[i].name, cases[i].value);
        assert_int_equal(built(&t), ACT_SEND);
        sends(&t, "DELETE", PATH, cases[i].body);
        assert_int_equal(t.facts.danger, cases[i].name && !strcmp(cases[i].name, "force"));
        act_end(&t);
    }
}

static void what_it_does_is_told(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "delete", "pods", POD("", ",'volumes':[{'name':'scratch','emptyDir':{}}]"));
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "nothing owns it: it will NOT come back"), FACT_DANGER);
    assert_int_equal(said(&t, "emptyDir volumes is lost: scratch"), FACT_CAUTION);
    act_end(&t);
    act_case(&t, "delete", "pods", POD(OWNED("StatefulSet") ENDS ",'finalizers':['a/b','c/d']", ""));
    act_with(&t, "force", "yes");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "already being deleted since 2001-09-09T01:46:30Z; what holds it: finalizer a/b, c/d"), FACT_CAUTION);
    assert_int_equal(said(&t, "two pods of this name may then run"), FACT_DANGER);
    assert_int_equal(said(&t, "processes may still run for a while on n1"), FACT_DANGER);
    act_with(&t, "grace-period", "5");
    assert_int_equal(built(&t), ACT_REFUSED);
    act_end(&t);
    act_case(&t, "delete", "deployments", "{'kind':'Deployment'," META(",'annotations':{'argocd.argoproj.io/tracking-id':'shop:x'}") ",'status':{'replicas':3}}");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "Argo CD application shop keeps this object: it may make it again"), FACT_CAUTION);
    assert_int_equal(said(&t, "what it owns (3 pods) is deleted with it"), FACT_CAUTION);
    act_with(&t, "cascade", "orphan");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "what it owns (3 pods) stays"), FACT_CAUTION);
    act_end(&t);
}

static void asks(struct act_case *t, size_t i, const char *want)
{
    struct str path;
    const char *service, *microversion;
    str_init(&path, 0);
    bool any = t->c.action->side(&t->c, i, &path, &service, &microversion);
    assert_int_equal(any, want != NULL);
    if (want)
        assert_string_equal(path.data, want);
    str_release(&path);
}

static void a_claim_is_told_with_who_uses_it_and_its_volume(void **state)
{
    static const struct kube_kind kube = {.group = "", .version = "v1", .resource = "persistentvolumeclaims", .object_kind = "PersistentVolumeClaim"};
    static const struct kind claims = {.id = "persistentvolumeclaims", .singular = "persistentvolumeclaim", .plane = PLANE_KUBE,
                                       .flags = KIND_NAMESPACED | KIND_DELETE, .kube = &kube};
    static const char pods[] = "{'items':[{'metadata':{'name':'db-0'},'spec':{'volumes':[{'persistentVolumeClaim':{'claimName':'web'}}]},'status':{'phase':'Pending'}}]}";
    struct act_case t;
    (void)state;
    act_case(&t, "delete", "pods", "{" META("") ",'spec':{'volumeName':'v 1'}}");
    t.c.kind = &claims;
    asks(&t, 0, "/api/v1/namespaces/shop/pods");
    asks(&t, 1, "/api/v1/persistentvolumes/v%201");
    act_beside(&t, 0, 200, pods);
    act_beside(&t, 1, 200, "{'spec':{'persistentVolumeReclaimPolicy':'Delete'}}");
    assert_int_equal(built(&t), ACT_SEND);
    assert_int_equal(said(&t, "LOST: its volume v 1 and the data on it go with it (policy Delete)"), FACT_DANGER);
    assert_true(t.facts.danger);
    act_end(&t);
    act_case(&t, "delete", "pods", "{" META("") ",'spec':{}}");       /* not bound yet: still a pod waits for it */
    t.c.kind = &claims;
    asks(&t, 0, "/api/v1/namespaces/shop/pods");
    asks(&t, 1, NULL);
    act_beside(&t, 0, 200, pods);
    assert_int_equal(built(&t), ACT_SEND);
    said(&t, "no volume is bound to it");
    assert_int_equal(said(&t, "1 pod uses it (db-0): it stays until they are gone"), FACT_CAUTION);
    act_end(&t);
}

static void what_takes_others_with_it_is_typed(void **state)
{
    static const struct { const char *kind, *says; } cases[] = {
        {"namespaces", "EVERYTHING in this namespace"}, {"nodes", "NO machine is stopped"}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct act_case t;
        act_case(&t, "delete", cases[i].kind, "{'metadata':{'name':'web','uid':'u1'}}");
        assert_int_equal(built(&t), ACT_SEND);
        assert_int_equal(said(&t, cases[i].says), FACT_DANGER);
        assert_true(t.facts.danger && t.facts.count);
        act_end(&t);
    }
}

static void its_end_is_that_it_is_gone(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "delete", "pods", POD("", ""));
    t.c.before = t.c.obj;
    assert_int_equal(seen(&t, POD("", "")), SEEN_WAIT);
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_NO);
    assert_int_equal(seen(&t, POD(ENDS ",'finalizers':['a/b']", "")), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "held by finalizer a/b"));
    assert_int_equal(t.c.action->arrived(&t.c), ARRIVED_YES);
    act_beside(&t, 0, 200, "{'status':{'conditions':[{'type':'Ready','status':'Unknown'}]}}");
    assert_int_equal(seen(&t, POD(ENDS, "")), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "its node n1 is not ready"));
    act_beside(&t, 0, 404, NULL);
    assert_int_equal(seen(&t, POD(ENDS, "")), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "n1 is not in the cluster any more"));
    act_with(&t, "wait", "no");
    assert_int_equal(seen(&t, POD(ENDS, "")), SEEN_DONE);
    t.c.nargs = 0;
    assert_int_equal(seen(&t, "{'metadata':{'name':'web','uid':'u2'}}"), SEEN_DONE);      /* another of that name */
    t.c.obj = NULL;
    assert_int_equal(seen(&t, NULL), SEEN_DONE);
    t.c.answer = own(&t, "{'metadata':{'deletionGracePeriodSeconds':3600}}");
    assert_int_equal(t.c.action->patience_s(&t.c), 3900);
    act_with(&t, "timeout", "20");
    assert_int_equal(t.c.action->patience_s(&t.c), 20);
    act_end(&t);
}

static void a_namespace_says_what_is_left_in_it(void **state)
{
    struct act_case t;
    (void)state;
    act_case(&t, "delete", "namespaces", "{'metadata':{'name':'web','uid':'u1'}}");
    assert_int_equal(seen(&t, "{'metadata':{'uid':'u1','deletionTimestamp':'2001-09-09T01:46:30Z'},'status':{'conditions':["
                              "{'type':'NamespaceContentRemaining','status':'True','message':'pods. has 2 resource instances'},"
                              "{'type':'NamespaceFinalizersRemaining','status':'False','message':'no'}]}}"), SEEN_WAIT);
    assert_non_null(strstr(t.why.data, "pods. has 2 resource instances"));
    act_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_kubectls_bound_to_the_uid), cmocka_unit_test(what_it_does_is_told),
        cmocka_unit_test(a_claim_is_told_with_who_uses_it_and_its_volume), cmocka_unit_test(what_takes_others_with_it_is_typed), cmocka_unit_test(its_end_is_that_it_is_gone),
        cmocka_unit_test(a_namespace_says_what_is_left_in_it),
    };
    return cmocka_run_group_tests_name("kube_delete", tests, NULL, NULL);
}
