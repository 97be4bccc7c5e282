/* What the links read of kinds that strata knows by discovery alone: paths in their objects. */
#include "feed_facts.h"

static void paths_of_the_field_give_what_the_links_compare(void **state)
{
    (void)state;
    static const struct { const char *group, *resource, *column, *object, *want; } cases[] = {
        {"", "persistentvolumes", "cinder-volume", "{'spec':{'csi':{'driver':'cinder.csi.openstack.org','volumeHandle':'v1'}}}", "v1"},
        {"", "persistentvolumes", "cinder-volume", "{'spec':{'csi':{'driver':'rbd.csi.ceph.com','volumeHandle':'v1'}}}", ""},
        {"", "persistentvolumes", "cinder-volume", "{'spec':{'cinder':{'volumeID':'v2'}}}", "v2"},
        {"", "persistentvolumes", "manila-share", "{'spec':{'csi':{'driver':'manila.csi.openstack.org','volumeHandle':'h','volumeAttributes':{'shareID':'s1'}}}}", "s1"},
        {"", "persistentvolumes", "manila-share", "{'spec':{'csi':{'driver':'nfs.manila.csi.openstack.org','volumeHandle':'h','volumeAttributes':{'shareID':'s1'}}}}", "s1"},
        {"", "persistentvolumes", "manila-share", "{'spec':{'csi':{'driver':'cephfs.manila.csi.openstack.org','volumeAttributes':{'shareID':'s1','shareAccessIDs':'a'}}}}", "s1"},
        {"", "persistentvolumes", "manila-share", "{'spec':{'csi':{'driver':'cinder.csi.openstack.org','volumeHandle':'h','volumeAttributes':{'shareID':'s1'}}}}", ""},
        {"", "persistentvolumes", "reached-from", "{'spec':{'nodeAffinity':{'required':{'nodeSelectorTerms':[{'matchExpressions':[{'key':'zone','operator':'In','values':['a','b']},{'key':'x','operator':'Exists'}]},"
         "{'matchFields':[{'key':'metadata.name','operator':'In','values':['n1']}]}]}}}}", "zone In a,b;x Exists|.name In n1"},
        {"", "persistentvolumes", "reached-from", "{'spec':{}}", ""},
        {"", "persistentvolumes", "claim-uid", "{'spec':{'claimRef':{'uid':'c1'}}}", "c1"},
        {"storage.k8s.io", "csinodes", "cinder-node", "{'spec':{'drivers':[{'name':'x','nodeID':'1'},{'name':'cinder.csi.openstack.org','nodeID':'2'}]}}", "2"},
        {"storage.k8s.io", "csinodes", "cinder-node", "{'spec':{'drivers':null}}", ""},
        {"policy", "poddisruptionbudgets", "selector", "{'spec':{'selector':{'matchLabels':{'app':'web','tier':'x'}}}}", "app=web,tier=x"},
        {"policy", "poddisruptionbudgets", "selector", "{'spec':{'selector':{'matchLabels':{'app':'web'},'matchExpressions':[{'key':'a'}]}}}", ""},
        {"policy", "poddisruptionbudgets", "may-go", "{'status':{'disruptionsAllowed':0}}", "0"},
        {"policy", "poddisruptionbudgets", "may-go", "{'status':{}}", ""},
        {"discovery.k8s.io", "endpointslices", "service", "{'metadata':{'labels':{'kubernetes.io/service-name':'web'}}}", "web"},
        {"discovery.k8s.io", "endpointslices", "pod-uids",
         "{'endpoints':[{'targetRef':{'kind':'Pod','uid':'p1'}},{},{'targetRef':{'kind':'Node','uid':'n'}},{'targetRef':{'kind':'Pod','uid':'p2'}}]}", "p1,p2"},
        {"networking.k8s.io", "ingresses", "backends",
         "{'spec':{'defaultBackend':{'service':{'name':'d'}},'rules':[{'http':{'paths':[{'backend':{'service':{'name':'a'}}},{'backend':{'resource':{}}}]}},{}]}}", "d,a"},
        {"networking.k8s.io", "ingresses", "rule-hosts", "{'spec':{'rules':[{'host':'a.example.org'},{'http':{}}],'tls':[{'hosts':['b','c']}]}}", "a.example.org,b,c"},
        {"gateway.networking.k8s.io", "httproutes", "backends",
         "{'metadata':{'namespace':'shop'},'spec':{'rules':[{'backendRefs':[{'name':'a'},{'name':'b','namespace':'other'}]}]}}", "shop/a,other/b"},
        {"route.openshift.io", "routes", "backends", "{'spec':{'to':{'kind':'Service','name':'a'},'alternateBackends':[{'kind':'Service','name':'b'}]}}", "a,b"},
        {"cluster.x-k8s.io", "clusters", "magnum-id", "{'metadata':{'labels':{'magnum.openstack.org/cluster-uuid':'m1'}}}", "m1"},
        {"metal3.io", "baremetalhosts", "consumer-ref", "{'metadata':{'namespace':'m'},'spec':{'consumerRef':{'name':'w','namespace':'capi'}}}", "capi/w"},
        {"kvm.cloud.sap", "hypervisors", "service-id", "{'status':{'serviceId':'77'}}", "77"},
        {"kvm.cloud.sap", "hypervisors", "service-id", "{'status':{'serviceId':{'x':[1,2]}}}", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[200];
        fact_of(cases[i].group, cases[i].resource, cases[i].column, cases[i].object, got, sizeof got);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s %s of %s: \"%s\"", cases[i].resource, cases[i].column, cases[i].object, got);
    }
}

/* A Secret's data must never be asked for: its labels come with the server's table. */
static void releases_of_helm_ask_for_no_data(void **state)
{
    (void)state;
    static const struct kube_kind secrets = {.group = "", .version = "v1", .resource = "secrets"};
    static const struct kube_kind releases = {.group = "", .version = "v1", .resource = "secrets", .selector = "owner=helm"};
    static const struct kube_kind volumes = {.group = "", .version = "v1", .resource = "persistentvolumes"};
    const struct kind plain = {.id = "secrets", .kube = &secrets}, helm = {.id = "helm-releases", .kube = &releases}, pv = {.id = "pv", .kube = &volumes};
    assert_false(kube_facts_whole(&plain));
    assert_int_equal(kube_facts_columns(&plain, NULL), 0);
    assert_false(kube_facts_whole(&helm));
    assert_int_equal(kube_facts_columns(&helm, NULL), 3);
    assert_true(kube_facts_whole(&pv));
}

/* The list of a server with Secrets has one kind more, and each has its own name. */
static void secrets_bring_the_releases(void **state)
{
    (void)state;
    static const char doc[] = "{\"kind\":\"APIResourceList\",\"groupVersion\":\"v1\",\"resources\":[{\"name\":\"secrets\",\"singularName\":\"secret\",\"kind\":\"Secret\","
                              "\"namespaced\":true,\"verbs\":[\"list\",\"watch\",\"delete\"]}]}";
    struct kube_resources r;
    struct err err;
    kube_resources_init(&r);
    assert_int_equal(kube_resources_parse_legacy(&r, doc, strlen(doc), &err), ERR_OK);
    kube_resources_name(&r);
    assert_string_equal(kube_resources_find(&r, "secrets")->kind.id, "secrets");
    assert_null(kube_resources_find(&r, "secrets")->kube.selector);
    const struct kube_resource *helm = kube_resources_find(&r, "helm");
    assert_string_equal(helm->kind.id, "helm-releases");
    assert_string_equal(helm->kube.selector, "owner=helm");
    assert_true(helm->watchable && !(helm->kind.flags & KIND_DELETE));
    assert_ptr_equal(kube_resources_find(&r, "helm-releases"), helm);
    kube_resources_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_the_field_give_what_the_links_compare),
        cmocka_unit_test(releases_of_helm_ask_for_no_data),
        cmocka_unit_test(secrets_bring_the_releases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
