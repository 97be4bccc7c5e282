/* The blast radius of a way in from outside: load balancer, floating address, router. */
#include "blast_act.h"

#include "strata/graph.h"

#define LB "3f99a1b2-0000-4000-8000-0000000000aa"
#define LB_MGMT "3f99a1b2-0000-4000-8000-0000000000bb"
#define CAPO "openstackclusters.infrastructure.cluster.x-k8s.io"
#define CAPI "clusters.cluster.x-k8s.io"

static struct blast acted(const struct world *w, const char *action, const char *kind, const char *uid)
{
    struct blast_cut cut[64];
    struct blast b;
    struct str words;
    str_init(&words, 0);
    uint32_t node = links_find(w->links, CLOUD, world_kind(kind), uid);
    assert_int_not_equal(node, LINK_NO_NODE);
    size_t n = blast_cuts(w->links, action, node, -1, cut, 64, &words);
    assert_true(blast_make(&b, w->links, cut, n, (struct blast_pace){0}));
    str_release(&words);
    return b;
}

static enum blast_harm harm(const struct world *w, const struct blast *b, const char *uid, enum blast_plane plane)
{
    const struct blast_item *it = harmed(w, b, uid, plane);
    return it ? (enum blast_harm)it->harm : HARM_NONE;
}

/* The Service "front" of the tenant, reached at a floating address that leads to the port of its load balancer; and the server vm1. */
static void build(struct world *w)
{
    sandwich(w);
    world_put(w, TENANT, "services", "front", "shop", "front", "type", "LoadBalancer", "selector", "app=front", "balancer-id", LB, "external-ip", "203.0.113.7", NULL);
    world_put(w, TENANT, "pods", "front-1", "shop", "front-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "@label", "app=front", NULL);
    world_put(w, CLOUD, "loadbalancer", LB, "red", "kube_service_t_shop_front", "vip", "10.0.9.7", NULL);
    world_put(w, CLOUD, "port", "p-vip", "red", "", "device-id", "lb-" LB, "network-id", "net", NULL);
    world_put(w, CLOUD, "port", "p-vm1", "red", "", "device-id", SRV1, "network-id", "net", NULL);
    world_put(w, CLOUD, "port", "p-router", "red", "", "device-id", "r1", "network-id", "net", NULL);
    world_put(w, CLOUD, "network", "net", "red", "net", NULL);
    world_put(w, CLOUD, "router", "r1", "red", "r1", NULL);
    world_put(w, CLOUD, "floating-ip", "fip", "red", "203.0.113.7", "port", "p-vip", "router-id", "r1", NULL);
    world_put(w, CLOUD, "floating-ip", "fip-vm1", "red", "203.0.113.8", "port", "p-vm1", "router-id", "r1", NULL);
    world_build(w);
}

static void a_service_is_lost_from_outside(void **state)
{
    static const char *const way[][2] = {{"loadbalancer", LB}, {"floating-ip", "fip"}, {"router", "r1"}};
    (void)state;
    struct world w = {0};
    build(&w);
    for (size_t i = 0; i < 3; i++) {
        struct blast b = acted(&w, "delete", way[i][0], way[i][1]);
        struct str s;
        assert_int_equal(harm(&w, &b, "front", BLAST_DP), HARM_LOST);
        assert_int_equal(harm(&w, &b, "front-1", BLAST_DP), HARM_NONE);
        assert_int_equal(harm(&w, &b, "fip", BLAST_DP), HARM_LOST);             /* leads nowhere */
        assert_int_equal(harm(&w, &b, "fip-vm1", BLAST_DP), i == 2 ? HARM_LOST : HARM_NONE);
        assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), i == 2 ? HARM_DEGRADED : HARM_NONE);
        assert_int_equal(harm(&w, &b, "node-1", BLAST_DP), HARM_NONE);
        assert_int_equal(b.verdict, BLAST_RED);
        assert_int_equal(b.clusters, 1);
        assert_int_equal(b.cluster[0], TENANT);
        str_init(&s, 0);
        blast_way_words(w.links, &b.item[0], &s);
        assert_string_equal(s.data, ", from outside: its pods run on");
        str_release(&s);
        blast_free(&b);
    }
    struct blast b = acted(&w, "disassociate", "floating-ip", "fip-vm1");
    assert_int_equal(harm(&w, &b, "front", BLAST_DP), HARM_NONE);
    assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), HARM_DEGRADED);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

static void one_of_several_is_less(void **state)
{
    (void)state;
    struct world w = {0};
    build(&w);
    world_put(&w, TENANT, "services", "front", "shop", "front", "selector", "app=front", "external-ip", "203.0.113.7,203.0.113.9", NULL);
    world_put(&w, CLOUD, "lb-member", "m1", "red", "w1", "loadbalancer-id", LB, "pool-id", "pool", "address", "10.0.9.1", NULL);
    world_put(&w, CLOUD, "lb-member", "m2", "red", "w2", "loadbalancer-id", LB, "pool-id", "pool", "address", "10.0.9.2", NULL);
    world_build(&w);
    struct blast b = acted(&w, "delete", "floating-ip", "fip");
    assert_int_equal(harm(&w, &b, "front", BLAST_DP), HARM_DEGRADED);
    blast_free(&b);
    world_put(&w, TENANT, "services", "front", "shop", "front", "selector", "app=front", "balancer-id", LB, NULL);
    world_build(&w);
    b = acted(&w, "lose", "lb-member", "m1");
    assert_int_equal(harm(&w, &b, LB, BLAST_DP), HARM_AT_RISK);
    assert_int_equal(harm(&w, &b, "front", BLAST_DP), HARM_AT_RISK);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_put(&w, CLOUD, "lb-member", "m3", "red", "w3", "loadbalancer-id", LB, "pool-id", "pool", "address", "10.0.9.3", NULL);
    world_build(&w);
    b = acted(&w, "lose", "lb-member", "m1");
    assert_int_equal(harm(&w, &b, "front", BLAST_DP), HARM_DEGRADED);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

/* Its only amphora goes with the server of one of three members: that is the chain, and not the member, of which two stay. */
static void its_amphora_takes_it(void **state)
{
    (void)state;
    struct world w = {0};
    build(&w);
    for (int i = 1; i <= 3; i++) {
        char id[8], address[32];
        snprintf(id, sizeof id, "m%d", i);
        snprintf(address, sizeof address, "10.0.9.%d", i);
        world_put(&w, CLOUD, "lb-member", id, "red", id, "loadbalancer-id", LB, "pool-id", "pool", "address", address, "project", "red", NULL);
    }
    world_put(&w, CLOUD, "amphora", "amp", "", "amp", "loadbalancer-id", LB, "server-id", SRV1, NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "addresses", "net=10.0.9.1", "hypervisor_hostname", "cmp1", "status", "ACTIVE", "project", "red", NULL);
    world_build(&w);
    struct blast b = acted(&w, "stop", "server", SRV1);
    const struct blast_item *it = harmed(&w, &b, LB, BLAST_DP);
    assert_non_null(it);
    assert_int_equal(it->harm, HARM_LOST);
    assert_string_equal(links_row(w.links, it->from)->uid, "amp");
    assert_int_equal(it->cls, LINK_A);
    assert_non_null(harmed(&w, &b, "m1", BLAST_DP));
    blast_free(&b);
    world_free(&w);
}

/* The API of the cloud at an address outside goes with that; one inside does not. */
static void who_comes_from_inside_stays(void **state)
{
    (void)state;
    struct world w = {0};
    build(&w);
    world_put(&w, MGMT, "services", "api-s", "openstack", "nova-api", "selector", "application=nova,component=os-api", "balancer-id", LB_MGMT, "external-ip", "203.0.113.20", NULL);
    world_put(&w, CLOUD, "loadbalancer", LB_MGMT, "red", "nova", "vip", "203.0.113.20", NULL);
    world_build(&w);
    struct blast b = acted(&w, "delete", "loadbalancer", LB_MGMT);
    assert_int_equal(harm(&w, &b, "api-s", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "compute", BLAST_CP), HARM_NONE);
    blast_free(&b);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://203.0.113.20:8774/", NULL);
    world_build(&w);
    b = acted(&w, "delete", "loadbalancer", LB_MGMT);
    assert_int_equal(harm(&w, &b, "compute", BLAST_CP), HARM_LOST);
    blast_free(&b);
    world_free(&w);
}

static void a_cluster_loses_its_entry(void **state)
{
    (void)state;
    struct world w = {0};
    build(&w);
    w.source[0] = (struct source_info){.id = TENANT, .name = "tenant", .server = "https://203.0.113.8:6443"};
    w.nsources = 1;
    world_put(&w, MGMT, CAPI, "cc", "capo", "tenant", NULL);
    world_put(&w, MGMT, CAPO, "oc", "capo", "tenant", "api-balancer", LB, NULL);
    world_put(&w, MGMT, CAPI, "cc", "capo", "tenant", "infrastructure", "tenant", NULL);
    world_build(&w);
    struct blast b = acted(&w, "delete", "floating-ip", "fip-vm1");
    assert_int_equal(b.verdict, BLAST_RED);
    size_t apis = 0;
    for (size_t i = 0; i < b.n; i++)
        apis += b.item[i].plane == BLAST_CP && b.item[i].harm == HARM_LOST && !strcmp(links_row(w.links, b.item[i].node)->kind->id, "apiserver");
    assert_int_equal(apis, 1);
    blast_free(&b);
    b = acted(&w, "delete", "loadbalancer", LB);
    assert_int_equal(harm(&w, &b, "oc", BLAST_CP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "oc", BLAST_DP), HARM_NONE);
    assert_int_equal(harm(&w, &b, "cc", BLAST_CP), HARM_LOST);
    blast_free(&b);
    world_free(&w);
}

/* An agent of layer 3 that is disabled takes down its routers; one of DHCP gives no new addresses; all else goes on. */
static void who_is_disabled_goes_on_but_for_routers(void **state)
{
    (void)state;
    struct world w = {0};
    build(&w);
    world_put(&w, CLOUD, "os-services", "network/l3", "", "neutron-l3-agent/cmp1", "binary", "neutron-l3-agent", "host", "cmp1", NULL);
    world_put(&w, CLOUD, "os-services", "network/dhcp", "", "neutron-dhcp-agent/cmp1", "binary", "neutron-dhcp-agent", "host", "cmp1", NULL);
    world_put(&w, CLOUD, "port", "p-router", "red", "", "device-id", "r1", "network-id", "net", "owner", "network:router_ha_interface", "host", "cmp1", NULL);
    world_put(&w, CLOUD, "port", "p-dhcp", "red", "", "device-id", "dhcp1", "network-id", "net", "owner", "network:dhcp", "host", "cmp1", NULL);
    world_build(&w);
    struct blast b = acted(&w, "disable", "os-services", "network/l3");
    assert_int_equal(harm(&w, &b, "r1", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "front", BLAST_DP), HARM_LOST);
    blast_free(&b);
    world_put(&w, CLOUD, "os-services", "network/l3", "", "neutron-l3-agent/cmp1", "binary", "neutron-l3-agent", "host", "cmp1", "status", "disabled", NULL);
    world_build(&w);
    b = acted(&w, "disable", "os-services", "network/l3");                  /* that was done: they are away */
    assert_int_equal(harm(&w, &b, "r1", BLAST_DP), HARM_NONE);
    blast_free(&b);
    b = acted(&w, "disable", "os-services", "network/dhcp");
    assert_int_equal(harm(&w, &b, "net", BLAST_DP), HARM_AT_RISK);          /* no other one serves it: leases end */
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = acted(&w, "lose", "os-services", "network/dhcp");                   /* no less than to disable it */
    assert_int_equal(harm(&w, &b, "net", BLAST_DP), HARM_AT_RISK);
    blast_free(&b);
    world_put(&w, CLOUD, "os-services", "network/dhcp2", "", "neutron-dhcp-agent/cmp2", "binary", "neutron-dhcp-agent", "host", "cmp2", NULL);
    world_put(&w, CLOUD, "port", "p-dhcp2", "red", "", "device-id", "dhcp2", "network-id", "net", "owner", "network:dhcp", "host", "cmp2", NULL);
    world_build(&w);
    b = acted(&w, "disable", "os-services", "network/dhcp");
    assert_int_equal(harm(&w, &b, "net", BLAST_DP), HARM_DEGRADED);
    blast_free(&b);
    world_put(&w, CLOUD, "port", "p-dhcp2", "red", "", NULL);               /* the other one was disabled, and has it on its list alone */
    world_put(&w, CLOUD, "subnet", "sub", "red", "", "network-id", "net", "dhcp", "True", NULL);
    world_put(&w, CLOUD, "os-services", "network/dhcp2", "", "neutron-dhcp-agent/cmp2", "binary", "neutron-dhcp-agent", "host", "cmp2", "status", "disabled", "networks", "net", NULL);
    world_build(&w);
    b = acted(&w, "disable", "os-services", "network/dhcp");
    assert_int_equal(harm(&w, &b, "net", BLAST_DP), HARM_AT_RISK);
    blast_free(&b);
    struct blast_cut cut[8];
    struct str words;
    str_init(&words, 0);
    blast_cuts(w.links, "disable", links_find(w.links, CLOUD, kind_find("os-services"), "network/dhcp"), -1, cut, 8, &words);
    assert_non_null(strstr(words.data, "1 network has no other DHCP agent"));
    str_clear(&words);
    assert_int_equal(blast_cuts(w.links, "disable", links_find(w.links, CLOUD, kind_find("os-services"), "network/dhcp2"), -1, cut, 8, &words), 0);
    assert_string_equal(words.data, "it is disabled already: nothing more goes\n");
    str_release(&words);
    b = acted(&w, "disable", "os-services", "compute/1");
    assert_int_equal(b.n, 0);
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    const struct row *l3 = links_row(w.links, links_find(w.links, CLOUD, kind_find("os-services"), "network/l3"));
    const struct row *nova = links_row(w.links, links_find(w.links, CLOUD, kind_find("os-services"), "compute/1"));
    assert_true(graph_is_part(kind_find("network-agent"), "neutron-l3-agent/cmp1", l3));
    assert_true(graph_is_part(kind_find("network-agent"), "l3", l3));
    assert_false(graph_is_part(kind_find("network-agent"), "cmp1", l3));         /* several run there */
    assert_false(graph_is_part(kind_find("compute-service"), "l3", l3));
    assert_true(graph_is_part(kind_find("compute-service"), "cmp1", nova));
    assert_false(graph_is_part(kind_find("os-services"), "cmp1", nova));
    world_free(&w);
}

/* What has an action has a radius; nobody is told that nothing is known of it. */
static void what_harms_nobody_is_known_to(void **state)
{
    static const char *const of[][2] = {{"enable", "os-services"}, {"unforce-down", "os-services"}, {"disable", "hypervisor"}, {"uncordon", "nodes"}, {"pause", "deployments"},
                                        {"attach", "volume"}, {"associate", "floating-ip"}, {"add-agent", "router"}, {"maintenance-end", "nodes"}};
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        assert_true(blast_of_kind(of[i][0], kind_find(of[i][1])));
    assert_true(blast_known("lose", kind_find("keypair")));
    assert_false(blast_of_kind("lose", kind_find("keypair")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_service_is_lost_from_outside), cmocka_unit_test(one_of_several_is_less), cmocka_unit_test(who_comes_from_inside_stays),
                                       cmocka_unit_test(a_cluster_loses_its_entry), cmocka_unit_test(who_is_disabled_goes_on_but_for_routers),
                                       cmocka_unit_test(what_harms_nobody_is_known_to), cmocka_unit_test(its_amphora_takes_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
