/* The blast radius of what holds others: a Service, a namespace, a hypervisor, a cluster of Magnum. */
#include "blast_act.h"

static struct blast deleted(const struct world *w, uint16_t source, const char *kind, const char *uid, const char *said)
{
    return act(w, "delete", source, kind, uid, said);
}

static enum blast_harm harm(const struct world *w, const struct blast *b, const char *uid, enum blast_plane plane)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->item[i].plane == plane && !strcmp(links_row(w->links, b->item[i].node)->uid, uid))
            return (enum blast_harm)b->item[i].harm;
    return HARM_NONE;
}

static void a_service_is_the_way_in(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast_need need[32];
    sandwich(&w);
    world_put(&w, TENANT, "services", "old", "shop", "old", "selector", "app=old", NULL);
    world_put(&w, TENANT, "services", "far", "shop", "far", "selector", "<none>", NULL);
    world_put(&w, TENANT, "services", "front", "shop", "front", "selector", "app=front", "balancer-id", "3f99a1b2-0000-4000-8000-0000000000aa", NULL);
    world_put(&w, TENANT, "pods", "front-1", "shop", "front-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "@label", "app=front", NULL);
    world_put(&w, CLOUD, "loadbalancer", "3f99a1b2-0000-4000-8000-0000000000aa", "red", "kube-front", "vip", "203.0.113.7", NULL);
    world_build(&w);
    struct blast b = deleted(&w, MGMT, "services", "api-s", "1 pod behind it runs on and is not reached by it\n"
                             "nothing from outside is seen to lead to it: who uses its name or address inside the cluster loses them\n");
    assert_int_equal(harm(&w, &b, "api-s", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "compute", BLAST_CP), HARM_LOST);     /* the API of the catalog */
    assert_int_equal(harm(&w, &b, "api-1", BLAST_DP), HARM_NONE);
    assert_int_equal(b.verdict, BLAST_YELLOW);
    size_t n = blast_needs(w.links, &b, need, 32), across = 0;
    for (size_t i = 0; i < n; i++)
        across += !strcmp(need[i].kind, "os-services");
    assert_int_equal(across, 1);
    blast_free(&b);
    b = deleted(&w, TENANT, "services", "front", "1 pod behind it runs on and is not reached by it\n");
    assert_int_equal(harm(&w, &b, "3f99a1b2-0000-4000-8000-0000000000aa", BLAST_DP), HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    assert_string_equal(b.address_names, "203.0.113.7");
    n = blast_needs(w.links, &b, need, 32);
    for (size_t i = 0; i < n; i++)
        assert_string_not_equal(need[i].kind, "os-services");           /* no API is behind it: no cloud is asked */
    blast_free(&b);
    world_put(&w, TENANT, "ingresses.networking.k8s.io", "way", "shop", "way", "backends", "front", "rule-hosts", "shop.example.org", NULL);
    world_put(&w, TENANT, "services", "front", "shop", "front", "selector", "app=front", "external-ip", "<none>", NULL);
    world_build(&w);
    b = deleted(&w, TENANT, "services", "front", "1 pod behind it runs on and is not reached by it\ningresses way leads to it, shop.example.org: who comes from outside finds nothing there\n");
    assert_int_equal(harm(&w, &b, "way", BLAST_DP), HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_put(&w, TENANT, "ingresses.networking.k8s.io", "way", "shop", "way", "backends", "front,old", NULL);
    world_build(&w);
    b = deleted(&w, TENANT, "services", "front", "1 pod behind it runs on and is not reached by it\ningresses way leads to it: who comes from outside finds nothing there\n");
    assert_int_equal(harm(&w, &b, "way", BLAST_DP), HARM_DEGRADED);     /* its other way stays */
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = deleted(&w, TENANT, "services", "old", "no pod that serves is behind it\n");
    assert_int_equal(b.verdict, BLAST_GREEN);
    blast_free(&b);
    b = deleted(&w, TENANT, "services", "far", "unknown: it has no selector, what is behind it is not seen\n");
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

static void what_is_in_it_goes_with_it(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "namespaces", "ns", "", "shop", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "data", "shop", "data", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "other", "else", "other", NULL);
    world_build(&w);
    struct blast b = deleted(&w, TENANT, "namespaces", "ns", "");
    assert_int_equal(harm(&w, &b, "web", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "db", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "data", BLAST_ST), HARM_LOST);
    assert_int_equal(harm(&w, &b, "other", BLAST_ST), HARM_NONE);
    assert_int_equal(harm(&w, &b, "galera", BLAST_CP), HARM_NONE);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = deleted(&w, CLOUD, "hypervisor", "h1", "");
    assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, SRV2, BLAST_DP), HARM_NONE);
    assert_int_equal(harm(&w, &b, "node-1", BLAST_DP), HARM_LOST);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

static void magnum_takes_its_servers(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "server", SRV2, "red", "vm2", "addresses", "net=10.9.9.9", NULL);
    world_put(&w, CLOUD, "server", "other", "red", "vm3", NULL);
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "tenant", "api", "https://10.9.9.9:6443", NULL);
    world_put(&w, CLOUD, "coe-cluster", "coe-2", "red", "other", "api", "https://10.9.9.8:6443", NULL);
    world_build(&w);
    struct blast b = deleted(&w, CLOUD, "coe-cluster", "coe-1", "");
    assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, SRV2, BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "web", BLAST_DP), HARM_LOST);         /* what runs in that cluster */
    assert_int_equal(harm(&w, &b, "other", BLAST_DP), HARM_NONE);
    assert_int_equal(harm(&w, &b, "under-1", BLAST_DP), HARM_NONE);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    b = deleted(&w, CLOUD, "coe-cluster", "coe-2", "unknown: none of its nodes is seen, so neither are its servers and what runs there (open that cluster, too)\n");
    assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), HARM_NONE);
    assert_int_equal(b.verdict, BLAST_RED);
    blast_free(&b);
    world_free(&w);
}

/* The host: its agents, the node that it is and the pods there; an API server alone: control plane. */
static void what_is_lost(void **state)
{
    (void)state;
    struct world w = {.nsources = 1};
    struct str words;
    w.source[0] = (struct source_info){.id = TENANT, .plane = PLANE_KUBE, .name = "tenant", .server = "https://10.9.9.9:6443", .state = SOURCE_FAILED};
    sandwich(&w);
    world_put(&w, CLOUD, "os-services", "agent/ovs", "", "neutron-openvswitch-agent", "binary", "neutron-openvswitch-agent", "host", "cmp1.example.org", NULL);
    world_put(&w, CLOUD, "os-services", "agent/ovs2", "", "neutron-openvswitch-agent", "binary", "neutron-openvswitch-agent", "host", "cmp2", NULL);
    world_put(&w, CLOUD, "os-services", "volume/1", "", "cinder-volume", "binary", "cinder-volume", "host", "cmp1@lvm", NULL);
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "tenant", "api", "https://10.9.9.9:6443", NULL);
    world_put(&w, CLOUD, "loadbalancer", "lb-api", "red", "lb-api", "vip", "10.9.9.9", NULL);
    world_build(&w);
    struct blast b = act(&w, "lose", CLOUD, "hypervisor", "h1", "");
    assert_int_equal(harm(&w, &b, "compute/1", BLAST_CP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "compute/2", BLAST_CP), HARM_NONE);
    assert_int_equal(harm(&w, &b, "agent/ovs", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "agent/ovs2", BLAST_DP), HARM_NONE);
    assert_int_equal(harm(&w, &b, "volume/1", BLAST_ST), HARM_LOST);
    assert_int_equal(harm(&w, &b, "under-1", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "api-1", BLAST_CP), HARM_LOST);
    assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, "web-1", BLAST_DP), HARM_LOST);
    blast_free(&b);
    uint32_t api = 0;
    while (api < links_nodes(w.links) && (!links_row(w.links, api) || strcmp(links_row(w.links, api)->kind->id, "apiserver") != 0))
        api++;
    struct blast_cut cut[8];
    str_init(&words, 0);
    size_t n = blast_cuts(w.links, "lose", api, -1, cut, 8, &words);
    assert_true(blast_make(&b, w.links, cut, n, (struct blast_pace){0}));
    assert_int_equal(b.n, 2);
    assert_int_equal(b.count[BLAST_CP][HARM_LOST], 2);
    assert_int_equal(harm(&w, &b, "coe-1", BLAST_CP), HARM_LOST);
    assert_true(blast_api_words(w.links, &b.item[b.item[1].node == api], "tenant", &words));
    assert_string_equal(words.data, "API of cluster tenant lost: nothing there is seen, changed or started anew; what runs there runs on");
    blast_free(&b);
    str_release(&words);
    b = act(&w, "lose", CLOUD, "loadbalancer", "lb-api", "");         /* the same by the way that leads to it */
    assert_int_equal(harm(&w, &b, "coe-1", BLAST_CP), HARM_LOST);
    blast_free(&b);
    b = act(&w, "lose", CLOUD, "coe-cluster", "coe-1", "");           /* all of it */
    assert_int_equal(harm(&w, &b, "web-1", BLAST_DP), HARM_LOST);
    assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), HARM_LOST);
    blast_free(&b);
    b = act(&w, "lose", CLOUD, "os-services", "compute/1", "");
    assert_int_equal(harm(&w, &b, SRV1, BLAST_CP), HARM_LOST);
    assert_int_equal(harm(&w, &b, SRV1, BLAST_DP), HARM_NONE);          /* its servers run on */
    assert_int_equal(b.verdict, BLAST_YELLOW);
    blast_free(&b);
    world_free(&w);
}

/* Only its name says that it is the node: what hangs on it may be hit, and nothing of it is said to be lost. */
static void a_guess_loses_nothing(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "server", "3f99a1b2-0000-4000-8000-0000000000aa", "red", "guessed", NULL);
    world_put(&w, TENANT, "nodes", "node-g", "", "guessed", NULL);
    world_put(&w, TENANT, "pods", "pod-g", "shop", "pod-g", "node", "guessed", "@owner", "StatefulSet/g/g", NULL);
    world_build(&w);
    struct blast b = act(&w, "delete", CLOUD, "server", "3f99a1b2-0000-4000-8000-0000000000aa", "");
    assert_int_equal(harm(&w, &b, "node-g", BLAST_DP), HARM_AT_RISK);
    assert_int_equal(harm(&w, &b, "pod-g", BLAST_DP), HARM_AT_RISK);
    assert_int_equal(b.count[BLAST_DP][HARM_LOST], 1);
    assert_string_equal(blast_harm_word(&b.item[b.n - 1]), "perhaps");
    assert_string_equal(blast_harm_word(&b.item[0]), "lost");
    blast_free(&b);
    world_free(&w);
}

static void assert_managed(const struct world *w, const struct blast *b, enum blast_harm harm, const char *want)
{
    struct str s;
    str_init(&s, 0);
    assert_int_equal(blast_managed_words(w->links, b, harm, &s), *want != '\0');
    assert_string_equal(s.len ? s.data : "", want);
    str_release(&s);
}

/* They run on; that nobody sees or manages them is told by numbers. */
static void what_an_api_manages_is_counted(void **state)
{
    (void)state;
    struct world w = {0};
    struct blast_need need[32];
    sandwich(&w);
    world_put(&w, CLOUD, "volume", "v1", "red", "v1", NULL);
    world_build(&w);
    struct blast b = act(&w, "lose", CLOUD, "os-services", "compute", "");
    assert_managed(&w, &b, HARM_LOST, "2 servers, 2 hypervisors run on and can be neither seen nor managed by the API");
    assert_managed(&w, &b, HARM_AT_RISK, "");
    assert_true(needs(need, blast_needs(w.links, &b, need, 32), "server", false, true));
    blast_free(&b);
    b = act(&w, "lose", CLOUD, "os-services", "compute/1", "");            /* a worker is no API */
    assert_managed(&w, &b, HARM_LOST, "");
    blast_free(&b);
    b = act(&w, "delete", MGMT, "deployments", "api-d", "");               /* by what its Service leads to */
    assert_managed(&w, &b, HARM_LOST, "2 servers, 2 hypervisors run on and can be neither seen nor managed by the API");
    blast_free(&b);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_an_api_manages_is_counted), cmocka_unit_test(a_service_is_the_way_in),
        cmocka_unit_test(what_is_in_it_goes_with_it),
        cmocka_unit_test(magnum_takes_its_servers),
        cmocka_unit_test(what_is_lost),
        cmocka_unit_test(a_guess_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
