/* Does an endpoint of the catalog lead to the pod? Each way that counts, and the near misses that must not. */
#include "stage_json.h"

#include "core/stage/tie.h"

#define SLICE(svc, uid) "{'items':[{'metadata':{'labels':{'kubernetes.io/service-name':'" svc "'}},'endpoints':[{'targetRef':{'uid':'" uid "'}}]}]}"
#define SERVICE(name, more) "{'items':[{'metadata':{'name':'" name "'},'spec':{'clusterIP':'10.96.0.7','ports':[{'port':8774,'nodePort':30774}]" more "}]}"
#define INGRESS(rules, more) "{'items':[{'metadata':{'name':'web'},'spec':{'rules':[" rules "]}" more "}]}"
#define RULE(host, path, svc) "{'host':'" host "','http':{'paths':[{'path':'" path "','backend':{'service':{'name':'" svc "'}}}]}}"
#define AT ",'status':{'loadBalancer':{'ingress':[{'ip':'203.0.113.9','ports':[{'port':443}]}]}}"

static char how[200];

static bool leads(const char *url, const char *services, const char *slices, const char *ingresses)
{
    json_t *d[] = {services ? doc("%s", services) : NULL, slices ? doc("%s", slices) : NULL, ingresses ? doc("%s", ingresses) : NULL,
                   doc("%s", "{'status':{'addresses':[{'type':'InternalIP','address':'192.0.2.5'}]}}")};
    struct tie_in in = {.ns = "openstack", .uid = "u1", .services = d[0], .slices = d[1], .ingresses = d[2], .node = d[3]};
    bool yes = tie_serves(&in, url, how, sizeof how);
    for (size_t i = 0; i < 4; i++)
        json_decref(d[i]);
    return yes;
}

static void by_the_service(void **state)
{
    (void)state;
    const char *const yes[] = {"http://nova-api.openstack.svc.cluster.local:8774/v2.1", "http://nova-api:8774", "http://NOVA-API.openstack:8774/",
                               "http://nova-api.openstack.svc:8774/v2.1/%(tenant_id)s", "http://10.96.0.7:8774/", "http://192.0.2.5:30774/v2.1"};
    const char *const no[] = {"http://nova-api.other.svc.cluster.local:8774/", "http://nova-api.openstack.svc.cluster.local:8775/", "http://nova-api2:8774/",
                              "http://nova-api.openstackx:8774/", "http://nova-api.openstack.svcx:8774/", "http://10.96.0.8:8774/", "http://192.0.2.6:30774/",
                              "http://192.0.2.5:8774/", "ftp://nova-api:8774/", "http://", "http://[::1", "nova-api:8774", ""};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!leads(yes[i], SERVICE("nova-api", "}"), SLICE("nova-api", "u1"), NULL))
            fail_msg("%s leads to it", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (leads(no[i], SERVICE("nova-api", "}"), SLICE("nova-api", "u1"), NULL))
            fail_msg("%s does not lead to it: %s", no[i], how);
    assert_true(leads("https://203.0.113.9:8774/", SERVICE("nova-api", ",'externalIPs':['203.0.113.9']}"), SLICE("nova-api", "u1"), NULL));
    assert_true(leads("http://[fd00::7]:8774/", SERVICE("nova-api", ",'clusterIPs':['10.96.0.7','fd00::7']}"), SLICE("nova-api", "u1"), NULL));
    assert_true(leads("http://203.0.113.9:8774/", SERVICE("nova-api", "},'status':{'loadBalancer':{'ingress':[{'ip':'203.0.113.9'}]}}"), SLICE("nova-api", "u1"), NULL));
    assert_string_equal(how, "Service nova-api, by its load balancer's address");
}

/* The name alone is nothing: the Service must send its traffic to this very pod. */
static void by_the_pod(void **state)
{
    (void)state;
    assert_false(leads("http://nova-api:8774/", SERVICE("nova-api", "}"), SLICE("nova-api", "u2"), NULL));
    assert_false(leads("http://nova-api:8774/", SERVICE("nova-api", "}"), SLICE("other", "u1"), NULL));
    assert_false(leads("http://nova-api:8774/", SERVICE("nova-api", "}"), NULL, NULL));
    assert_false(leads("http://nova-api:8774/", NULL, SLICE("nova-api", "u1"), NULL));
}

static void by_an_ingress(void **state)
{
    (void)state;
    const char *s = SERVICE("nova-api", "}"), *e = SLICE("nova-api", "u1");
    assert_true(leads("https://nova.example.com/v2.1", s, e, INGRESS(RULE("nova.example.com", "/", "nova-api"), "")));
    assert_string_equal(how, "Service nova-api, by Ingress web");
    assert_false(leads("https://nova.example.org/v2.1", s, e, INGRESS(RULE("nova.example.com", "/", "nova-api"), "")));
    assert_true(leads("https://nova.example.com/", s, e, INGRESS(RULE("*.example.com", "", "nova-api"), "")));
    assert_false(leads("https://a.b.example.com/", s, e, INGRESS(RULE("*.example.com", "", "nova-api"), "")));
    assert_true(leads("https://x.example.com/compute/v2.1", s, e, INGRESS(RULE("x.example.com", "/", "horizon") "," RULE("x.example.com", "/compute(/|$)(.*)", "nova-api"), "")));
    assert_false(leads("https://x.example.com/computer", s, e, INGRESS(RULE("x.example.com", "/compute", "nova-api"), "")));
    assert_false(leads("https://x.example.com/compute/v2.1", s, e, INGRESS(RULE("x.example.com", "/", "nova-api") "," RULE("x.example.com", "/compute", "other"), "")));
    assert_true(leads("https://203.0.113.9/compute", s, e, INGRESS(RULE("", "/compute", "nova-api"), AT)));
    assert_false(leads("https://203.0.113.9:8443/compute", s, e, INGRESS(RULE("", "/compute", "nova-api"), AT)));
    assert_false(leads("https://203.0.113.8/compute", s, e, INGRESS(RULE("", "/compute", "nova-api"), AT)));
    assert_false(leads("https://203.0.113.9/", s, e, "{'items':[1,{'spec':{'rules':[null,{'http':{'paths':[{}]}}]}" AT "}]}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_the_service), cmocka_unit_test(by_the_pod), cmocka_unit_test(by_an_ingress)};
    return cmocka_run_group_tests_name("stage tie", tests, NULL, NULL);
}
