/* A way in from outside that is gone: a Service names a load balancer, or an address, that is not there any more. */
#include "why_world.h"

#define LB "3f99a1b2-0000-4000-8000-0000000000aa"
#define LB2 "3f99a1b2-0000-4000-8000-0000000000ab"

static struct feed_status *live(struct world *w, const char *kind)
{
    struct feed_status *st = store_status(world_store(w, CLOUD, kind_find(kind)));
    st->state = FEED_LIVE;
    return st;
}

static const char *of_front(const struct world *w)
{
    world_build((struct world *)w);
    return why(w, TENANT, "services", "front");
}

static void a_service_without_its_balancer_says_so(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    struct feed_status *lbs = live(&w, "loadbalancer"), *fips = live(&w, "floating-ip");
    world_put(&w, TENANT, "services", "front", "shop", "front", "type", "LoadBalancer", "selector", "app=front", "balancer-id", LB, "external-ip", "203.0.113.7", NULL);
    world_put(&w, TENANT, "services", "inside", "shop", "inside", "selector", "app=front", "external-ip", "203.0.113.99", NULL);
    world_put(&w, CLOUD, "loadbalancer", LB, "red", "a", "vip", "10.0.9.7", NULL);
    world_put(&w, CLOUD, "floating-ip", "fip", "red", "203.0.113.7", "port", "p-vip", NULL);
    assert_string_equal(of_front(&w), "");
    assert_string_equal(why(&w, TENANT, "services", "inside"), "");         /* nothing of the cloud gave that address */
    world_put(&w, CLOUD, "floating-ip", "fip", "red", "203.0.113.7", NULL);
    assert_string_equal(of_front(&w), "front: dangling A 1-0");
    assert_non_null(strstr(all_of(&w, list), "its EXTERNAL-IP names floating-ip 203.0.113.7, which leads nowhere"));
    world_put(&w, CLOUD, "floating-ip", "fip", "red", "203.0.113.8", "port", "p-vip", NULL);
    assert_string_equal(of_front(&w), "front: dangling A 1-0");
    assert_non_null(strstr(all_of(&w, list), "its EXTERNAL-IP names floating-ip 203.0.113.7, which is not there"));
    fips->partial = true;
    assert_string_equal(of_front(&w), "");
    fips->partial = false;
    world_put(&w, CLOUD, "loadbalancer", LB, "red", "a", "vip", "203.0.113.7", NULL);
    assert_string_equal(of_front(&w), "");
    world_put(&w, TENANT, "services", "front", "shop", "front", "type", "LoadBalancer", "selector", "app=front", "balancer-id", LB2, "external-ip", "203.0.113.7", NULL);
    assert_string_equal(of_front(&w), "front: dangling A 1-0");
    assert_non_null(strstr(all_of(&w, list), "its annotation load-balancer-id names loadbalancer " LB2 ", which is not there"));
    lbs->partial = true;
    assert_string_equal(of_front(&w), "");
    world_free(&w);
}

/* The API of the cloud that is reached by it is down for that. */
static void who_comes_by_it_is_explained(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    live(&w, "loadbalancer");
    world_put(&w, MGMT, "services", "api-s", "openstack", "nova-api", "selector", "application=nova,component=os-api", "balancer-id", LB2, "external-ip", "203.0.113.20", NULL);
    world_put(&w, MGMT, "services", "other", "openstack", "other", "selector", "a=b", "balancer-id", LB, NULL);
    world_put(&w, CLOUD, "loadbalancer", LB, "red", "a", "vip", "203.0.113.21", NULL);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://203.0.113.20:8774/", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute > api-s: dangling B 2-0");
    world_free(&w);
}

static bool of_l3(const struct tell *t, struct str *out) { return tell_why(t, links_find(t->l, CLOUD, kind_find("router"), "rt1"), out); }

/* Neutron takes the routers of an agent that is disabled away from it; other workers go on with what they have. */
static void a_disabled_agent_takes_its_routers_down(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "floating-ip", "fip", "red", "203.0.113.7", "router-id", "rt1", NULL);
    world_put(&w, CLOUD, "router", "rt1", "red", "rt1", NULL);
    agent(&w, "l3", "net1", true);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "floating-ip", "fip"), "");
    world_put(&w, CLOUD, "os-services", "l3", "", "l3", "binary", "neutron-l3-agent", "host", "net1", "state", "up", "status", "disabled", NULL);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "up", "status", "disabled", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "floating-ip", "fip"), "fip > rt1 > l3: planned A 1-0");
    assert_string_equal(why(&w, CLOUD, "router", "rt1"), "rt1 > l3: planned A 1-0");
    assert_string_equal(why(&w, CLOUD, "server", SRV1), "");
    assert_non_null(strstr(all_of(&w, of_l3), "= os-service l3 is planned: it is disabled, since when is not told"));
    assert_non_null(strstr(all_of(&w, of_l3), "that means: Neutron keeps no router on an agent that is disabled"));
    const char *text = all_of(&w, list);                       /* nothing is red, and it is told all the same */
    assert_int_equal(strncmp(text, "nothing is red; what is planned:\n", 33), 0);
    assert_non_null(strstr(text, "     0  planned         -  A  os-service l3"));
    assert_null(strstr(text, "nova-compute"));
    world_put(&w, CLOUD, "os-services", "l3", "", "l3", "binary", "neutron-l3-agent", "host", "net1", "state", "down", "status", "disabled", "@health", "5", NULL);
    world_build(&w);                                            /* it died: that was nobody's plan */
    assert_string_equal(why(&w, CLOUD, "router", "rt1"), "rt1 > l3: weak A 1-0");
    world_free(&w);
}

/* Of a network without DHCP the network says so; a server has its address. One without its router has no way out, and nor has the server. */
static void a_network_says_whose_agents_are_disabled(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "ACTIVE", "host_status", "UP", NULL);
    world_put(&w, CLOUD, "network", "n1", "red", "net", NULL);
    world_put(&w, CLOUD, "port", "p1", "red", "p1", "device-id", SRV1, "owner", "compute:nova", "host", "cmp1", "vif", "ovs", "network-id", "n1", "status", "ACTIVE", NULL);
    world_put(&w, CLOUD, "port", "dp", "red", "", "device-id", "dhcp-n1", "owner", "network:dhcp", "host", "net1", "network-id", "n1", NULL);
    world_put(&w, CLOUD, "os-services", "dhcp", "", "dhcp", "binary", "neutron-dhcp-agent", "host", "net1", "state", "up", "status", "disabled", "@health", "5", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "network", "n1"), "n1 > dhcp: planned A 1-0");
    assert_string_equal(why(&w, CLOUD, "server", SRV1), "");
    world_put(&w, CLOUD, "port", "dp", "red", "", NULL);        /* Neutron deletes it with the agent disabled, whose list tells still */
    world_put(&w, CLOUD, "subnet", "s1", "red", "s1", "network-id", "n1", "dhcp", "True", NULL);
    world_put(&w, CLOUD, "os-services", "dhcp", "", "dhcp", "binary", "neutron-dhcp-agent", "host", "net1", "state", "up", "status", "disabled", "@health", "5", "networks", "n1", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "network", "n1"), "n1 > dhcp: planned A 1-0");
    world_put(&w, CLOUD, "os-services", "dhcp", "", "dhcp", "binary", "neutron-dhcp-agent", "host", "net1", "state", "up", "status", "enabled", NULL);
    world_put(&w, CLOUD, "router", "r1", "red", "r1", NULL);
    world_put(&w, CLOUD, "port", "rp1", "red", "", "device-id", "r1", "owner", "network:router_interface", "host", "net1", "network-id", "n1", NULL);
    world_put(&w, CLOUD, "os-services", "l3", "", "l3", "binary", "neutron-l3-agent", "host", "net1", "state", "up", "status", "disabled", "@health", "5", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "network", "n1"), "n1 > rp1 > r1 > l3: planned A 1-0");
    assert_string_equal(why(&w, CLOUD, "server", SRV1), SRV1 " > p1 > n1 > rp1 > r1 > l3: planned A 1-0");
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_service_without_its_balancer_says_so), cmocka_unit_test(who_comes_by_it_is_explained), cmocka_unit_test(a_disabled_agent_takes_its_routers_down),
                                       cmocka_unit_test(a_network_says_whose_agents_are_disabled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
