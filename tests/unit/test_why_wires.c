/* Root cause in the network: a dead agent of Neutron explains what is not wired and what fell silent with it, and endangers the rest. */
#include "why_world.h"

#define SEEN "9000000"

static void agent_of(struct world *w, const char *uid, const char *binary, const char *host, const char *state)
{
    world_put(w, CLOUD, "os-services", uid, "", uid, "binary", binary, "host", host, "state", state, "seen", SEEN, "@health", strcmp(state, "up") ? BAD : "2", NULL);
}

static void port_of(struct world *w, const char *status, enum health h)
{
    char health[4];
    snprintf(health, sizeof health, "%d", (int)h);
    world_put(w, CLOUD, "port", "p1", "red", "p1", "device-id", SRV1, "owner", "compute:nova", "host", "cmp1", "vif", "ovs", "network-id", "n1", "status", status, "@health", health, NULL);
}

static void wired(struct world *w)
{
    sandwich(w);
    world_put(w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "ACTIVE", "host_status", "UP", NULL);
    world_put(w, CLOUD, "network", "n1", "red", "net", NULL);
    port_of(w, "ACTIVE", HEALTH_OK);
    agent_of(w, "ovs1", "neutron-openvswitch-agent", "cmp1", "down");
    world_build(w);
}

static void silent(struct world *w, const char *unready)
{
    world_put(w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "unready", unready, "@health", BAD, NULL);
    world_put(w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "@health", BAD, NULL);
    world_build(w);
}

static const char *below(const struct world *w, uint16_t source, const char *kind, const char *uid)
{
    static char text[400];
    struct why x;
    assert_true(why_below(&x, w->links, at(w, source, kind, uid)));
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; x.n && i < x.cause[0].n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? " > " : "", links_row(w->links, x.cause[0].hop[i])->uid);
    return text;
}

/* What was disabled endangers nothing any more: its routers are without it. And no row being red, none is explained. */
static void what_was_disabled_leaves_what_hung_on_it(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "router", "r1", "red", "edge", NULL);
    world_put(&w, CLOUD, "port", "p9", "red", "", "device-id", "r1", "owner", "network:router_gateway", "host", "net-1", NULL);
    world_put(&w, CLOUD, "os-services", "l3", "", "l3", "binary", "neutron-l3-agent", "host", "net-1", "state", "up", "status", "disabled", "@health", "5", NULL);
    world_put(&w, CLOUD, "volume", "v-error", "", "broken", "status", "error", "@health", BAD, NULL);
    world_build(&w);
    const char *text = all_of(&w, list);
    assert_non_null(strstr(text, "; leaves 1 router without it"));
    assert_null(strstr(text, "endangers"));
    assert_int_equal(strncmp(text, "1 cause explains 1 red row; 1 planned\n", 38), 0);
    world_free(&w);
}

static void what_is_wired_stays_wired_and_is_endangered(void **state)
{
    (void)state;
    struct world w = {0};
    wired(&w);
    assert_string_equal(why(&w, CLOUD, "server", SRV1), "");
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "");
    assert_string_equal(below(&w, CLOUD, "server", SRV1), SRV1 " > p1 > ovs1");
    assert_string_equal(below(&w, TENANT, "nodes", "node-1"), "node-1 > " SRV1 " > p1 > ovs1");
    assert_string_equal(below(&w, TENANT, "nodes", "node-2"), "");
    const char *text = all_of(&w, of_node);
    assert_non_null(strstr(text, "nothing is wrong with it; of what is below it, this is not well:\n"));
    assert_non_null(strstr(text, "endangers 1 port, 1 server\n  that means: what is wired stays wired; "));
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.n, 1);                /* the agent alone: no alarm of the server */
    assert_int_equal(all.red, 1);
    why_world_free(&all);
    assert_non_null(strstr(all_of(&w, list), "; endangers 1 port, 1 server\n"));
    agent_of(&w, "ovs1", "neutron-openvswitch-agent", "cmp1", "up");
    world_build(&w);
    assert_string_equal(below(&w, CLOUD, "server", SRV1), "");
    world_free(&w);
}

static void what_fell_silent_with_its_agent_did_so_for_it(void **state)
{
    (void)state;
    struct world w = {0};
    wired(&w);
    silent(&w, "9050000");
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1 > " SRV1 " > p1 > ovs1: broken A 3-0");
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > " SRV1 " > p1 > ovs1: broken A 3-0");
    silent(&w, "90000000");                    /* it ran on for hours without the agent */
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1: broken A 2-0");
    world_free(&w);
}

static void a_port_that_is_down_is_so_for_its_dead_agent(void **state)
{
    (void)state;
    struct world w = {0};
    wired(&w);
    port_of(&w, "DOWN", HEALTH_WARN);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "port", "p1"), "p1 > ovs1: broken A 2-0");
    assert_string_equal(why(&w, CLOUD, "server", SRV1), SRV1 " > p1 > ovs1: broken A 2-0");
    server_off(&w, "ERROR", HEALTH_BAD);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "server", SRV1), SRV1 " > p1 > ovs1: broken A 3-1");
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "server", SRV1), SRV1 ": stopped A 1-1");     /* its port is down as it is off */
    assert_string_equal(why(&w, CLOUD, "port", "p1"), "p1 > " SRV1 ": stopped A 1-1");
    world_free(&w);
}

/* The way out of a network: its router, as long as one agent of it lives; and who gives addresses. */
static void a_network_is_cut_off_when_none_serves_it(void **state)
{
    (void)state;
    struct world w = {0};
    wired(&w);
    agent_of(&w, "ovs1", "neutron-openvswitch-agent", "cmp1", "up");
    agent_of(&w, "l3-1", "neutron-l3-agent", "net1", "down");
    agent_of(&w, "l3-2", "neutron-l3-agent", "net2", "up");
    world_put(&w, CLOUD, "router", "r1", "red", "r1", NULL);
    world_put(&w, CLOUD, "port", "rp1", "red", "", "device-id", "r1", "owner", "network:router_interface_distributed", "host", "net1", "network-id", "n1", NULL);
    world_put(&w, CLOUD, "port", "rp2", "red", "", "device-id", "r1", "owner", "network:router_ha_interface", "host", "net2", NULL);
    world_build(&w);
    assert_string_equal(below(&w, CLOUD, "server", SRV1), "");
    silent(&w, "9050000");
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1: broken A 2-0");
    agent_of(&w, "l3-2", "neutron-l3-agent", "net2", "down");
    world_build(&w);
    assert_string_equal(below(&w, CLOUD, "server", SRV1), SRV1 " > p1 > n1 > rp1 > r1 > l3-1");
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1 > " SRV1 " > p1 > n1 > rp1 > r1 > l3-1: broken A 3-0");
    agent_of(&w, "l3-2", "neutron-l3-agent", "net2", "up");
    agent_of(&w, "dhcp", "neutron-dhcp-agent", "net1", "down");
    world_put(&w, CLOUD, "port", "dp", "red", "", "device-id", "dhcp-n1", "owner", "network:dhcp", "host", "net1", "network-id", "n1", NULL);
    world_build(&w);
    assert_string_equal(below(&w, CLOUD, "server", SRV1), SRV1 " > p1 > n1 > dhcp");
    world_free(&w);
}

/* A node that works says nothing of who manages its server; one that is silent on a server whose host is not heard goes down to that. */
static void a_node_goes_as_deep_as_its_server(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    compute_down(&w);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "ACTIVE", "host_status", "DOWN", "@health", "5", NULL);
    world_build(&w);
    assert_string_equal(below(&w, TENANT, "nodes", "node-1"), "node-1 > " SRV1 " > h1 > compute/1");
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "");
    silent(&w, "9050000");
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1 > " SRV1 " > h1 > compute/1: broken A 5-0");
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > " SRV1 " > h1 > compute/1: broken A 5-0");
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_disabled_leaves_what_hung_on_it),
        cmocka_unit_test(what_is_wired_stays_wired_and_is_endangered), cmocka_unit_test(what_fell_silent_with_its_agent_did_so_for_it),
        cmocka_unit_test(a_port_that_is_down_is_so_for_its_dead_agent), cmocka_unit_test(a_network_is_cut_off_when_none_serves_it),
        cmocka_unit_test(a_node_goes_as_deep_as_its_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
