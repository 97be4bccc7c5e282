/* The blast radius of what does not serve, of routers, networks and storage. */
#include "blast_act.h"

#define SHARE "7f99a1b2-0000-4000-8000-000000000002"

static void what_does_not_serve(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast b;
    sandwich(&w);
    world_put(&w, CLOUD, "baremetal", "bm-1", "", "rack-1", "instance-id", SRV2, NULL);
    world_put(&w, CLOUD, "baremetal", "bm-2", "", "rack-2", NULL);
    for (int i = 1; i <= 2; i++) {
        char id[16], lb[16];
        snprintf(id, sizeof id, "amp-%d", i);
        snprintf(lb, sizeof lb, "lb-%d", i > 2 ? 2 : 1);
        world_put(&w, CLOUD, "amphora", id, "", id, "loadbalancer-id", lb, NULL);
    }
    world_put(&w, CLOUD, "amphora", "amp-3", "", "amp-3", "loadbalancer-id", "lb-2", NULL);
    world_put(&w, CLOUD, "loadbalancer", "lb-1", "red", "pair", NULL);
    world_put(&w, CLOUD, "loadbalancer", "lb-2", "red", "lone", NULL);
    world_put(&w, CLOUD, "loadbalancer", "lb-3", "red", "hidden", NULL);
    world_put(&w, TENANT, "pods", "web-2", "shop", "web-2", "node", "w2", "@owner", "ReplicaSet/web/rs", "@flag", "1", "@health", "4", NULL);
    world_build(&w);
    b = act(&w, "power-off", CLOUD, "baremetal", "bm-2", "");    /* nobody's */
    assert_int_equal(b.n, 0);
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    b = act(&w, "power-off", CLOUD, "baremetal", "bm-1", "");
    assert_harm(&w, &b, SRV2, BLAST_DP, HARM_LOST);
    blast_free(&b);
    b = act(&w, "failover", CLOUD, "loadbalancer", "lb-1", "");  /* one serves while the other is replaced */
    assert_harm(&w, &b, "lb-1", BLAST_DP, HARM_DEGRADED);
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    b = act(&w, "failover", CLOUD, "loadbalancer", "lb-2", "");
    assert_harm(&w, &b, "lb-2", BLAST_DP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "failover", CLOUD, "loadbalancer", "lb-3", "its amphorae are not seen: as if it had one\n");
    assert_harm(&w, &b, "lb-3", BLAST_DP, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "pods", "web-1", "");          /* the other one ends already: nothing answers meanwhile */
    assert_harm(&w, &b, "web", BLAST_DP, HARM_LOST);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "pods", "web-2", "");
    assert_int_equal(b.n, 0);
    blast_free(&b);
    world_free(&w);
}

static void l3(struct world *w, const char *uid, const char *host)
{
    char pod[40];
    snprintf(pod, sizeof pod, "pod-%s", uid);
    world_put(w, CLOUD, "os-services", uid, "", uid, "binary", "neutron-l3-agent", "host", host, NULL);
    world_put(w, MGMT, "pods", pod, "openstack", pod, "node", host, "@owner", "DaemonSet/l3/ds", "@label", "application=neutron", "@label", "component=l3-agent", NULL);
    world_put(w, CLOUD, "port", host, "red", "", "device-id", "rt1", "owner", "network:router_ha_interface", "host", host, NULL);
}

/* A router lives by its agents, and what has an address of it by the router. */
static void a_router_lives_by_its_agents(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "floating-ip", "f1", "red", "203.0.113.9", "router-id", "rt1", NULL);
    world_put(&w, CLOUD, "router", "rt1", "red", "edge", NULL);
    l3(&w, "l3a", "cmp1");
    world_build(&w);
    struct blast b = act(&w, "lose", MGMT, "nodes", "under-1", "");
    assert_harm(&w, &b, "rt1", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, "f1", BLAST_DP, HARM_LOST);
    blast_free(&b);
    l3(&w, "l3b", "cmp2");
    world_build(&w);
    b = act(&w, "lose", MGMT, "nodes", "under-1", "");
    assert_harm(&w, &b, "rt1", BLAST_DP, HARM_AT_RISK);                /* the other one carries it */
    assert_harm(&w, &b, "f1", BLAST_DP, HARM_AT_RISK);
    blast_free(&b);
    world_free(&w);
}

/* Storage and networks: who has data there, who is reached by it, and by which addresses. */
/* A pod without its volume serves no more: its set has one less. */
static void who_lost_its_volume_is_missed(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "volume", "7f99a1b2-0000-4000-8000-000000000001", "red", "disk", "project", "reds", "server-ids", SRV1, NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv", "", "pv", "cinder-volume", "7f99a1b2-0000-4000-8000-000000000001", "claim-uid", "pvc", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "pvc", "shop", "data", "volume-name", "pv", NULL);
    world_put(&w, TENANT, "statefulsets", "db", "shop", "db", NULL);
    world_put(&w, TENANT, "pods", "db-0", "shop", "db-0", "node", "w1", "@owner", "StatefulSet/db/db", "@health", "2", NULL);
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "@owner", "StatefulSet/db/db", "claims", "data", "@health", "2", NULL);
    world_build(&w);
    struct blast b = act(&w, "detach", CLOUD, "volume", "7f99a1b2-0000-4000-8000-000000000001", "");
    assert_harm(&w, &b, "db-1", BLAST_ST, HARM_LOST);
    const struct blast_item *set = harmed(&w, &b, "db", BLAST_DP);
    assert_non_null(set);
    assert_int_equal(set->alive, 1);
    assert_int_equal(set->of, 2);
    assert_string_equal(links_row(w.links, set->from)->uid, "db-1");
    blast_free(&b);
    world_free(&w);
}

static void storage_and_networks(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast b;
    sandwich(&w);
    world_put(&w, CLOUD, "volume", "7f99a1b2-0000-4000-8000-000000000001", "red", "disk", "project", "reds", "server-ids", SRV1, NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv", "", "pv", "cinder-volume", "7f99a1b2-0000-4000-8000-000000000001", "claim-uid", "pvc", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "pvc", "shop", "data", "volume-name", "pv", NULL);
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "@owner", "StatefulSet/db/db", "claims", "data", NULL);
    world_put(&w, CLOUD, "port", "p1", "red", "p1", "device-id", SRV1, "network-id", "net", NULL);
    world_put(&w, CLOUD, "port", "p2", "red", "p2", "device-id", SRV2, "network-id", "net", NULL);
    world_put(&w, CLOUD, "port", "p3", "red", "p3", "device-id", SRV2, "network-id", "other", NULL);
    world_put(&w, CLOUD, "port", "rp", "red", "rp", "device-id", "router", "network-id", "net", NULL);
    world_put(&w, CLOUD, "router", "router", "red", "router", NULL);
    world_put(&w, CLOUD, "network", "net", "red", "net", NULL);
    world_put(&w, CLOUD, "floating-ip", "f1", "red", "203.0.113.7", "port", "p1", NULL);
    world_build(&w);
    b = act(&w, "delete", CLOUD, "volume", "7f99a1b2-0000-4000-8000-000000000001", "");
    assert_harm(&w, &b, "pvc", BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, "db-1", BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_ST, HARM_DEGRADED);
    assert_harm(&w, &b, "node-1", BLAST_ST, HARM_NONE);         /* it lost a disk, not what it is */
    assert_int_equal(b.verdict, BLAST_RED);
    assert_string_equal(b.project_names, "reds");
    blast_free(&b);
    world_put(&w, CLOUD, "share", SHARE, "red", "media", "project", "reds", NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv-share", "", "pv-share", "manila-share", SHARE, "claim-uid", "pvc-share", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "pvc-share", "shop", "media", "volume-name", "pv-share", NULL);
    world_put(&w, TENANT, "pods", "media-1", "shop", "media-1", "node", "w1", "@owner", "ReplicaSet/media/media", "claims", "media", NULL);
    world_build(&w);
    b = act(&w, "delete", CLOUD, "share", SHARE, "");
    assert_harm(&w, &b, "pvc-share", BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, "media-1", BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, "db-1", BLAST_ST, HARM_NONE);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "persistentvolumeclaims", "pvc", "pods that use the claim keep it until they end\n");
    assert_harm(&w, &b, "db-1", BLAST_ST, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "delete", CLOUD, "port", "p1", "");
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_LOST);             /* its only one */
    assert_harm(&w, &b, "f1", BLAST_DP, HARM_LOST);
    assert_int_equal(b.addresses, 1);
    assert_string_equal(b.address_names, "203.0.113.7");
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "delete", CLOUD, "port", "p2", "");
    assert_harm(&w, &b, SRV2, BLAST_DP, HARM_DEGRADED);
    assert_harm(&w, &b, "node-2", BLAST_DP, HARM_NONE);
    blast_free(&b);
    b = act(&w, "reschedule", CLOUD, "router", "router", "");
    assert_harm(&w, &b, "f1", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_DEGRADED);         /* inside its network alone it is reached */
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "delete", CLOUD, "network", "net", "");
    assert_harm(&w, &b, SRV1, BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, SRV2, BLAST_DP, HARM_DEGRADED);
    blast_free(&b);
    b = act(&w, "stop", CLOUD, "server", SRV1, "");
    assert_int_equal(b.addresses, 1);
    struct blast_need need[64];
    assert_true(needs(need, blast_needs(w.links, &b, need, 64), "floating-ip", false, true));
    blast_free(&b);
    b = act(&w, "disassociate", CLOUD, "floating-ip", "f1", "");
    assert_int_equal(b.addresses, 1);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_put(&w, MGMT, "pods", "agent-1", "kube-system", "agent-1", "node", "cmp1", "@owner", "DaemonSet/agent/agent", "tolerations", "x=y:NoSchedule,*", NULL);
    world_put(&w, MGMT, "pods", "agent-2", "kube-system", "agent-2", "node", "cmp1", "@owner", "DaemonSet/agent/agent", "tolerations", "*:NoSchedule", NULL);
    world_build(&w);
    b = act(&w, "taint", MGMT, "nodes", "under-1", "as if it were of NoExecute, and none tolerated it but pods that tolerate all\n");
    assert_harm(&w, &b, "agent-1", BLAST_DP, HARM_NONE);                /* stays whatever stands there */
    assert_harm(&w, &b, "agent-2", BLAST_DP, HARM_LOST);
    assert_harm(&w, &b, "nc-1", BLAST_CP, HARM_LOST);
    assert_false(harmed(&w, &b, "nc-1", BLAST_CP)->back);
    blast_free(&b);
    world_free(&w);
}
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_serve),
        cmocka_unit_test(a_router_lives_by_its_agents),
        cmocka_unit_test(storage_and_networks),
        cmocka_unit_test(who_lost_its_volume_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
