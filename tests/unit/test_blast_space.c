/* The blast radius of a namespace and of claims: what the cloud was asked for in their names goes with them, or is kept. */
#include "blast_act.h"

#define LB1 "3f99a1b2-0000-4000-8000-0000000000a1"
#define LB2 "3f99a1b2-0000-4000-8000-0000000000a2"
#define VOL1 "7f99a1b2-0000-4000-8000-000000000001"
#define VOL2 "7f99a1b2-0000-4000-8000-000000000002"
#define SHARE1 "7f99a1b2-0000-4000-8000-000000000003"
#define USED "pods that use the claim keep it until they end\n"

static void disk(struct world *w, const char *claim, const char *pv, const char *column, const char *id, const char *policy)
{
    world_put(w, TENANT, "persistentvolumeclaims", claim, "shop", claim, "volume-name", pv, NULL);
    if (*policy)
        world_put(w, TENANT, "persistentvolumes", pv, "", pv, column, id, "claim-uid", claim, "on-release", policy, NULL);
}

/* "front" has a load balancer and an address of its own, "one" shares a load balancer with a Service elsewhere. */
static void build(struct world *w)
{
    sandwich(w);
    world_put(w, TENANT, "namespaces", "ns", "", "shop", NULL);
    world_put(w, TENANT, "services", "front", "shop", "front", "type", "LoadBalancer", "selector", "app=front", "balancer-id", LB1, "external-ip", "203.0.113.7", NULL);
    world_put(w, TENANT, "services", "one", "shop", "one", "type", "LoadBalancer", "balancer-id", LB2, NULL);
    world_put(w, TENANT, "services", "two", "else", "two", "type", "LoadBalancer", "balancer-id", LB2, NULL);
    world_put(w, TENANT, "services", "inside", "shop", "inside", "type", "ClusterIP", "selector", "app=front", NULL);
    world_put(w, TENANT, "ingresses.networking.k8s.io", "site", "shop", "site", "backends", "inside", NULL);
    world_put(w, CLOUD, "loadbalancer", LB1, "red", "a", "vip", "10.0.9.7", NULL);
    world_put(w, CLOUD, "loadbalancer", LB2, "red", "b", "vip", "10.0.9.8", NULL);
    world_put(w, CLOUD, "port", "p-vip", "red", "", "device-id", "lb-" LB1, NULL);
    world_put(w, CLOUD, "floating-ip", "fip", "red", "203.0.113.7", "port", "p-vip", NULL);
    world_put(w, CLOUD, "volume", VOL1, "red", "v1", "server-ids", SRV1, NULL);
    world_put(w, CLOUD, "volume", VOL2, "red", "v2", NULL);
    world_put(w, CLOUD, "share", SHARE1, "red", "s1", NULL);
    world_put(w, TENANT, "deployments", "old", "shop", "old", NULL);
    disk(w, "c1", "pv1", "cinder-volume", VOL1, "Delete");
    disk(w, "c2", "pv2", "cinder-volume", VOL2, "Retain");
    disk(w, "c3", "pv3", "manila-share", SHARE1, "Delete");
    disk(w, "c4", "pv4", "", "", "");
    world_put(w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "@owner", "StatefulSet/db/db", "claims", "c1", NULL);
    world_put(w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "claims", "c2", NULL);
    world_build(w);
}

static void what_the_cloud_gave_goes_with_the_namespace(void **state)
{
    (void)state;
    struct world w = {0};
    build(&w);
    struct blast b = act(&w, "delete", TENANT, "namespaces", "ns",
                         "what serves nothing now goes as well: deployment old\n"
                         "2 volumes and the data on them go with their claims\n"
                         "1 volume and the data on it stays (policy Retain), and can be bound again only by hand\n"
                         "1 load balancer shared with Services elsewhere stays\n");
    static const char *const ways[] = {"front", "one", "inside", "site", LB1, "fip"}, *const data[] = {"c1", "c3", "c4", "pv1", "pv3", VOL1, SHARE1};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        assert_harm(&w, &b, ways[i], BLAST_DP, HARM_LOST);
    for (size_t i = 0; i < sizeof data / sizeof *data; i++)
        assert_harm(&w, &b, data[i], BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, LB2, BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "two", BLAST_DP, HARM_NONE);
    assert_harm(&w, &b, "c2", BLAST_ST, HARM_AT_RISK);
    assert_harm(&w, &b, "pv2", BLAST_ST, HARM_NONE);
    assert_harm(&w, &b, VOL2, BLAST_ST, HARM_NONE);
    assert_harm(&w, &b, SRV1, BLAST_ST, HARM_DEGRADED);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

static void the_policy_says_what_goes_with_a_claim(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast_need need[64];
    build(&w);
    struct blast b = act(&w, "delete", TENANT, "persistentvolumeclaims", "c1", USED);
    assert_harm(&w, &b, VOL1, BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, "db-1", BLAST_ST, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    assert_true(needs(need, blast_needs(w.links, &b, need, 64), "volume", true, true));
    assert_false(needs(need, blast_needs(w.links, &b, need, 64), "share", true, true));
    blast_free(&b);
    b = act(&w, "delete", TENANT, "persistentvolumeclaims", "c2", "its volume pv2 and the data on it stay (policy Retain), and can be bound again only by hand\n" USED);
    assert_harm(&w, &b, VOL2, BLAST_ST, HARM_NONE);
    assert_harm(&w, &b, "web-1", BLAST_ST, HARM_AT_RISK);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "persistentvolumes", "pv3", "");
    assert_harm(&w, &b, SHARE1, BLAST_ST, HARM_LOST);
    assert_harm(&w, &b, "c3", BLAST_ST, HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = act(&w, "delete", TENANT, "services", "front", "no pod that serves is behind it\n");
    blast_free(&b);
    b = act(&w, "delete", TENANT, "namespaces", "ns",
            "what serves nothing now goes as well: deployment old\n"
                         "2 volumes and the data on them go with their claims\n"
            "1 volume and the data on it stays (policy Retain), and can be bound again only by hand\n"
            "1 load balancer shared with Services elsewhere stays\n");
    assert_true(needs(need, blast_needs(w.links, &b, need, 64), "loadbalancer", true, true));
    blast_free(&b);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_the_cloud_gave_goes_with_the_namespace), cmocka_unit_test(the_policy_says_what_goes_with_a_claim)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
