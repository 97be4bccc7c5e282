/* Links: who hangs on whom by the values rows bear, how certain, and what contradicts. */
#include "core/links/links_priv.h"
#include "links_world.h"
#include "strata/mem.h"
#include "strata/why.h"

#define SRV1 "3f99a1b2-0000-4000-8000-000000000001"
#define SRV2 "3f99a1b2-0000-4000-8000-000000000002"
#define SRV3 "3f99a1b2-0000-4000-8000-000000000003"

enum { MGMT, TENANT, CLOUD, CLOUD2 };

static void a_pod_hangs_on_its_node_its_server_and_its_hypervisor(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "pods", "p1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs1", NULL);
    world_put(&w, TENANT, "replicasets", "rs1", "shop", "web", "@owner", "Deployment/web/d1", NULL);
    world_put(&w, TENANT, "deployments", "d1", "shop", "web", NULL);
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "openstack:///" SRV1, "system-uuid", "3F99A1B2-0000-4000-8000-000000000001", NULL);
    world_put(&w, MGMT, "nodes", "n9", "", "w1", NULL);                /* the same name in another cluster */
    world_put(&w, CLOUD, "server", SRV1, "proj", "vm1", "hypervisor_hostname", "cmp07.local", NULL);
    world_put(&w, CLOUD, "hypervisor", "h1", "", "cmp07.local", "host", "cmp07", "host-ip", "10.0.0.7", NULL);
    world_put(&w, MGMT, "nodes", "n7", "", "cmp07", "internal-ip", "10.0.0.7", NULL);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp07", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "pods", "p1"), "runs-on>n1 A E1 nodeName w1\nbelongs-to>rs1 A E2 controller rs1\n");
    assert_string_equal(world_down(&w, TENANT, "replicasets", "rs1"), "belongs-to>d1 A E2 controller d1\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " A E11-1 providerID " SRV1 "; E11-4 systemUUID " SRV1 "\n");
    assert_string_equal(world_down(&w, CLOUD, "server", SRV1), "hosted>h1 A E9 hypervisor_hostname cmp07.local\n");
    assert_string_equal(world_down(&w, CLOUD, "hypervisor", "h1"),
                        "host>n7 B E7c name cmp07; E8 host_ip and InternalIP 10.0.0.7\nmanaged>compute/1 A E9 service host nova-compute@cmp07\n");
    const struct link_edge *e;
    assert_int_equal(links_up(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV1), &e), 1);
    assert_string_equal(links_row(w.links, e->to)->uid, "n1");
    world_free(&w);
}

static void rules_that_disagree_are_a_conflict_and_guesses_are_dropped(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "openstack://r/" SRV1, "system-uuid", SRV2, NULL);
    world_put(&w, TENANT, "nodes", "n2", "", "vm2", "provider-id", "openstack:///" SRV1, "internal-ip", "10.1.0.5", NULL);
    world_put(&w, MGMT, "nodes", "n3", "", "vm3", "internal-ip", "10.1.0.5", "machine-id", "3f99a1b2000040008000000000000002", NULL);
    world_put(&w, TENANT, "nodes", "n4", "", "vm4", "system-uuid", "00000000-0000-0000-0000-000000000000", "internal-ip", "10.1.0.6", NULL);
    world_put(&w, TENANT, "nodes", "n5", "", "vm2", "provider-id", "aws:///" SRV1, NULL);
    world_put(&w, CLOUD, "server", SRV1, "a", "vm1", "addresses", "net=10.1.0.5, 10.1.0.9", NULL);
    world_put(&w, CLOUD, "server", SRV2, "b", "vm2", "addresses", "other=10.1.0.5", NULL);
    world_put(&w, CLOUD, "server", SRV3, "b", "vm3b", "addresses", "net=10.1.0.6", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " X E11-1 providerID " SRV1 "\nmachine>" SRV2 " X E11-4 systemUUID " SRV2 "\n");
    /* An address that two servers bear, and a name, are guesses beside an id. */
    assert_string_equal(world_down(&w, TENANT, "nodes", "n2"), "machine>" SRV1 " A E11-1 providerID " SRV1 "; E11-6 InternalIP 10.1.0.5\n");
    /* Two guesses that agree are likely, and better than one. */
    assert_string_equal(world_down(&w, MGMT, "nodes", "n3"), "machine>" SRV2 " B E11-5 machineID 3f99a1b2-0000-4000-8000-000000000002; E11-6 InternalIP 10.1.0.5\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n4"), "machine>" SRV3 " B E11-6 InternalIP 10.1.0.6\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n5"), "machine>" SRV2 " C E11-7 name vm2\n");
    world_free(&w);
}

/* Two that say so: who agrees with it by less is wrong, of equals neither counts. */
static void a_server_is_one_node_of_a_cluster(void **state)
{
    (void)state;
    struct world w = {0};
    struct link_edge its;
    const struct link_edge *e;
    struct str words;
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, TENANT, "nodes", "n2", "", "w2", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, MGMT, "nodes", "n3", "", "w3", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, TENANT, "nodes", "n4", "", "vm2", "internal-ip", "10.1.0.6", NULL);
    world_put(&w, TENANT, "nodes", "n5", "", "w5", "internal-ip", "10.1.0.6", NULL);
    world_put(&w, MGMT, "nodes", "n6", "", "w6", "internal-ip", "10.1.0.6", NULL);
    world_put(&w, TENANT, "nodes", "n7", "", "w7", "provider-id", "openstack:///" SRV3, "internal-ip", "10.1.0.7", NULL);
    world_put(&w, TENANT, "nodes", "n8", "", "w8", "internal-ip", "10.1.0.7", NULL);
    world_put(&w, CLOUD, "server", SRV1, "a", "vm1", NULL);
    world_put(&w, CLOUD, "server", SRV2, "a", "vm2", "addresses", "net=10.1.0.6", NULL);
    world_put(&w, CLOUD, "server", SRV3, "a", "vm3", "addresses", "net=10.1.0.7", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " X E11-1 providerID " SRV1 "\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n2"), "machine>" SRV1 " X E11-1 providerID " SRV1 "\n");
    assert_string_equal(world_down(&w, MGMT, "nodes", "n3"), "machine>" SRV1 " X E11-1 providerID " SRV1 "\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n4"), "machine>" SRV2 " B E11-6 InternalIP 10.1.0.6; E11-7 name vm2\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n5"), "machine>" SRV2 " X E11-6 InternalIP 10.1.0.6\n");
    assert_string_equal(world_down(&w, MGMT, "nodes", "n6"), "machine>" SRV2 " C E11-6 InternalIP 10.1.0.6\n");      /* other networks have that address as well */
    assert_string_equal(world_down(&w, TENANT, "nodes", "n8"), "machine>" SRV3 " X E11-6 InternalIP 10.1.0.7\n");     /* beside one that is it for certain as well */
    uint32_t n1 = links_find(w.links, TENANT, kind_find("nodes"), "n1"), n5 = links_find(w.links, TENANT, kind_find("nodes"), "n5");
    assert_int_equal(links_down(w.links, n1, &e), 1);
    assert_false(e->overruled);
    assert_int_equal(link_rival(w.links, n1, e, &its), links_find(w.links, TENANT, kind_find("nodes"), "n2"));
    assert_int_equal(links_down(w.links, n5, &e), 1);
    assert_true(e->overruled);
    assert_int_equal(link_true_one(w.links, e->to, &its), links_find(w.links, TENANT, kind_find("nodes"), "n4"));
    str_init(&words, 0);
    assert_true(blast_conflict(w.links, n1, &words));
    assert_string_equal(words.data, "node w1 is server vm1 [X E11-1 providerID " SRV1 "], and so is node w2 [X E11-1 providerID " SRV1 "]: a server is one node of a cluster");
    /* Nobody is said to be it for sure while another's word for it is undecided: what acts on it is refused. */
    world_put(&w, TENANT, "nodes", "n9", "", "w9", "provider-id", "openstack:///" SRV2, "system-uuid", SRV3, NULL);
    world_build(&w);
    uint32_t vm2 = links_find(w.links, CLOUD, kind_find("server"), SRV2), n9 = links_find(w.links, TENANT, kind_find("nodes"), "n9");
    str_clear(&words);
    assert_true(blast_conflict(w.links, vm2, &words));
    assert_int_equal(link_disputed_by(w.links, vm2), n9);
    assert_int_equal(link_true_one(w.links, vm2, &its), LINK_NO_NODE);
    str_release(&words);
    world_free(&w);
}

/* What nodes of two clusters say of one server: by which facts, and what becomes of it. */
static void a_server_is_a_node_of_one_cluster(void **state)
{
    (void)state;
    static const struct {
        const char *tenant[6], *mgmt[6];                /* columns and values */
        char is, its;                                   /* classes */
        bool overruled, its_overruled, blocked;
    } cases[] = {
        {{"provider-id", "openstack:///" SRV1}, {"provider-id", "openstack:///" SRV1}, 'X', 'X', false, false, true},
        {{"provider-id", "openstack:///" SRV1}, {"system-uuid", SRV1}, 'X', 'X', false, false, true},
        {{"provider-id", "openstack:///" SRV1}, {"internal-ip", "10.1.0.5"}, 'X', 'X', false, false, true},
        {{"system-uuid", SRV1}, {"internal-ip", "10.1.0.5"}, 'X', 'X', false, false, true},
        {{"internal-ip", "10.1.0.5"}, {"internal-ip", "10.1.0.5"}, 'C', 'C', false, false, false},
        {{"system-uuid", SRV1, "internal-ip", "10.1.0.5"}, {"internal-ip", "10.1.0.5"}, 'B', 'C', false, false, false},
        {{"provider-id", "openstack:///" SRV1, "system-uuid", SRV1}, {"provider-id", "openstack:///" SRV1}, 'A', 'X', false, true, false},
        {{"provider-id", "openstack:///" SRV1, "system-uuid", SRV1}, {"provider-id", "openstack:///" SRV1, "system-uuid", SRV2}, 'A', 'X', false, true, false},
        {{"provider-id", "openstack:///" SRV1, "system-uuid", SRV1}, {"internal-ip", "10.1.0.5"}, 'A', 'C', false, false, false},
        {{"provider-id", "openstack:///" SRV1, "system-uuid", SRV1, "internal-ip", "10.1.0.5"}, {"provider-id", "openstack:///" SRV1, "system-uuid", SRV1}, 'X', 'X', false, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        struct str words;
        const struct link_edge *e;
        const char *const *t = cases[i].tenant, *const *m = cases[i].mgmt;
        uint32_t who[2] = {LINK_NO_NODE, LINK_NO_NODE};
        world_put(&w, TENANT, "nodes", "n1", "", "w1", t[0], t[1], t[2], t[3], t[4], t[5], NULL);
        world_put(&w, MGMT, "nodes", "n2", "", "w1", m[0], m[1], m[2], m[3], m[4], m[5], NULL);
        world_put(&w, CLOUD, "server", SRV1, "a", "vm1", "addresses", "net=10.1.0.5", NULL);
        world_put(&w, CLOUD, "server", SRV2, "a", "vm2", NULL);
        world_build(&w);
        uint32_t n1 = links_find(w.links, TENANT, kind_find("nodes"), "n1"), n2 = links_find(w.links, MGMT, kind_find("nodes"), "n2");
        assert_true(links_down(w.links, n1, &e) > 0);
        assert_int_equal(link_class_letter(e->cls), cases[i].is);
        assert_int_equal(e->overruled, cases[i].overruled);
        assert_true(links_down(w.links, n2, &e) > 0);
        assert_int_equal(link_class_letter(e->cls), cases[i].its);
        assert_int_equal(e->overruled, cases[i].its_overruled);
        str_init(&words, 0);
        assert_int_equal(blast_conflict(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV1), &words), cases[i].blocked);
        assert_int_equal(blast_doubtful(w.links, n1, who, 2, &words), cases[i].blocked ? 2 : 0);
        if (cases[i].blocked) {                         /* both are named: where to look */
            assert_int_equal(who[0], n1);
            assert_int_equal(who[1], n2);
            assert_non_null(strstr(words.data, ", and so is node w1 of another cluster ["));
            assert_non_null(strstr(words.data, "a server is a node of one cluster"));
            assert_true(why_contradicts(w.links, n1) && why_contradicts(w.links, n2));
        }
        str_release(&words);
        world_free(&w);
    }
}

static void one_cloud_seen_by_two_users_is_no_conflict(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.1.0.5", NULL);
    world_put(&w, CLOUD, "server", SRV1, "a", "vm1", "addresses", "net=10.1.0.5", NULL);
    world_put(&w, CLOUD2, "server", SRV1, "a", "vm1", "addresses", "net=10.1.0.5", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " A E11-1 providerID " SRV1 "; E11-6 InternalIP 10.1.0.5\n");
    world_free(&w);
}

static void stands_at(struct world *w, uint16_t source, const char *server, const char *region)
{
    struct source_info *s = &w->source[w->nsources++];
    *s = (struct source_info){.id = source, .plane = source >= CLOUD ? PLANE_OPENSTACK : PLANE_KUBE};
    snprintf(s->server, sizeof s->server, "%s", server);
    snprintf(s->region, sizeof s->region, "%s", region);
}

/* Users that have no object in common: the place of their identity API tells, or their catalogs; the one that sees all leads. */
static void one_cloud_is_known_by_where_it_stands(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "internal-ip", "10.1.0.6", NULL);
    world_put(&w, CLOUD, "server", SRV2, "b", "vm2", "addresses", "net=10.1.0.6", NULL);
    *store_status(world_store(&w, CLOUD, kind_find("server"))) = (struct feed_status){.state = FEED_LIVE, .partial = true};
    world_put(&w, CLOUD2, "server", SRV1, "a", "vm1", "hypervisor_hostname", "cmp1", NULL);
    world_put(&w, CLOUD2, "hypervisor", "h1", "", "cmp1", NULL);
    *store_status(world_store(&w, CLOUD2, kind_find("server"))) = (struct feed_status){.state = FEED_LIVE, .partial = true};
    world_build(&w);
    assert_int_equal(links_cluster(w.links, CLOUD), CLOUD);                    /* nothing says that it is the same */
    assert_string_equal(links_same(w.links, CLOUD), "");
    stands_at(&w, CLOUD, "https://id.example.org:5000/v3", "one");
    stands_at(&w, CLOUD2, "https://ID.example.org:5000/", "two");
    world_build(&w);
    assert_int_equal(links_cluster(w.links, CLOUD), CLOUD);                    /* another region has its own servers */
    snprintf(w.source[1].region, sizeof w.source[1].region, "one");
    world_build(&w);
    assert_int_equal(links_cluster(w.links, CLOUD), CLOUD2);
    assert_string_equal(links_same(w.links, CLOUD), "the same identity API");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV2 " C E11-6 InternalIP 10.1.0.6\n");         /* each sees a part */
    *store_status(world_store(&w, CLOUD2, kind_find("server"))) = (struct feed_status){.state = FEED_LIVE};
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV2 " B E11-6 InternalIP 10.1.0.6\n");         /* one sees all */
    w.nsources = 0;
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://nova.example.org:8774/v2.1", NULL);
    world_put(&w, CLOUD2, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://nova.example.org:8774/v2/0a1b", NULL);
    world_build(&w);
    assert_int_equal(links_cluster(w.links, CLOUD), CLOUD2);
    assert_string_equal(links_same(w.links, CLOUD), "the same compute or network API");
    assert_int_equal(links_find(w.links, CLOUD, kind_find("os-services"), "compute"), links_find(w.links, CLOUD2, kind_find("os-services"), "compute"));
    world_free(&w);
}

/* A context that sees nothing is no cluster of its own; two that see different nodes through one proxy are two. */
static void a_context_that_sees_nothing_is_of_the_cluster_at_its_address(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "20000000-0000-4000-8000-000000000001", "", "w1", NULL);
    world_store(&w, MGMT, kind_find("nodes"));
    *store_status(world_store(&w, MGMT, kind_find("nodes"))) = (struct feed_status){.state = FEED_FAILED};
    *store_status(world_store(&w, TENANT, kind_find("nodes"))) = (struct feed_status){.state = FEED_LIVE};
    stands_at(&w, MGMT, "https://proxy:6443", "");
    stands_at(&w, TENANT, "https://proxy:6443/", "");
    world_build(&w);
    assert_int_equal(links_cluster(w.links, MGMT), TENANT);
    assert_string_equal(links_same(w.links, MGMT), "the same API server");
    world_put(&w, MGMT, "nodes", "20000000-0000-4000-8000-000000000002", "", "w1", NULL);
    *store_status(world_store(&w, MGMT, kind_find("nodes"))) = (struct feed_status){.state = FEED_LIVE};
    world_build(&w);
    assert_int_equal(links_cluster(w.links, MGMT), MGMT);
    world_free(&w);
}

static void one_cluster_through_two_contexts_is_one(void **state)
{
    (void)state;
    enum { FEW = MGMT, MANY = TENANT };
    static const char *const uid[] = {"10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002", "10000000-0000-4000-8000-000000000003"};
    struct world w = {0};
    world_put(&w, FEW, "pods", uid[0], "shop", "web-1", "node", "w1", NULL);
    world_put(&w, FEW, "pods", uid[2], "shop", "web-3", "node", "w1", NULL);      /* just made: the other has not heard of it */
    world_put(&w, MANY, "pods", uid[0], "shop", "web-1", "node", "w1", NULL);
    world_put(&w, MANY, "pods", uid[1], "other", "db", "node", "w1", NULL);
    world_put(&w, MANY, "nodes", "20000000-0000-4000-8000-000000000001", "", "w1", NULL);
    world_build(&w);
    const struct link_edge *e;
    uint32_t node = links_find(w.links, MANY, kind_find("nodes"), "20000000-0000-4000-8000-000000000001");
    assert_int_equal(links_up(w.links, node, &e), 3);
    assert_int_equal(links_cluster(w.links, FEW), MANY);
    uint32_t pod = links_find(w.links, FEW, kind_find("pods"), uid[0]);                 /* asked in the other context */
    assert_int_equal(links_row(w.links, pod)->source, MANY);
    assert_int_equal(links_find(w.links, FEW, kind_find("nodes"), "20000000-0000-4000-8000-000000000001"), node);
    assert_string_equal(world_down(&w, FEW, "pods", uid[2]), "runs-on>20000000-0000-4000-8000-000000000001 A E1 nodeName w1\n");
    world_free(&w);
    /* two clusters have nothing in common but names */
    world_put(&w, FEW, "nodes", uid[0], "", "w1", NULL);
    world_put(&w, MANY, "nodes", uid[1], "", "w1", NULL);
    world_build(&w);
    assert_int_equal(links_cluster(w.links, FEW), FEW);
    world_free(&w);
}

static void agents_and_apis_are_found_by_the_labels_of_a_profile(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, MGMT, "pods", "p1", "openstack", "nova-compute-x1", "node", "cmp07", "@label", "application=nova", "@label", "component=compute", NULL);
    world_put(&w, MGMT, "pods", "p2", "openstack", "nova-conductor-0", "node", "ctl1", "@label", "application=nova", "@label", "component=conductor", NULL);
    world_put(&w, MGMT, "pods", "p3", "openstack", "nova-compute-x2", "node", "cmp08", "@label", "application=nova", "@label", "component=compute", NULL);
    world_put(&w, MGMT, "deployments", "d1", "openstack", "nova-api-osapi", "@label", "application=nova", "@label", "component=os-api", NULL);
    world_put(&w, MGMT, "services", "s1", "openstack", "nova-api", "cluster-ip", "10.96.0.10", NULL);
    world_put(&w, MGMT, "services", "s2", "other", "nova-api", "cluster-ip", "None", NULL);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://nova-api.openstack.svc.cluster.local:8774/v2.1", NULL);
    world_put(&w, CLOUD, "os-services", "image", "", "image", "@head", "", "type", "image", "endpoint", "http://glance.example.org/", NULL);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp07.example.org", NULL);
    world_put(&w, CLOUD, "os-services", "compute/2", "", "nova-conductor", "binary", "nova-conductor", "host", "nova-conductor-0", NULL);
    world_put(&w, CLOUD, "os-services", "compute/3", "", "nova-conductor", "binary", "nova-conductor", "host", "nova-conductor-5d8f-gone", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, CLOUD, "os-services", "compute"), "served>s1 B E6a catalog host nova-api.openstack\nbacked>d1 C E6c labels compute\n");
    assert_string_equal(world_down(&w, CLOUD, "os-services", "image"), "");
    assert_string_equal(world_down(&w, CLOUD, "os-services", "compute/1"), "process>p1 B E7c host is the pod's node nova-compute@cmp07\n");
    assert_string_equal(world_down(&w, CLOUD, "os-services", "compute/2"), "process>p2 B E7a host is the pod's name nova-conductor@nova-conductor-0\n");
    assert_string_equal(world_down(&w, CLOUD, "os-services", "compute/3"), "");
    world_free(&w);
}

static void storage_ports_and_metal(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, CLOUD, "volume", "v1", "a", "data", "server-ids", SRV1 "," SRV2, "host", "cinder@lvm#pool", NULL);
    world_put(&w, CLOUD, "os-services", "block-storage/x", "", "cinder-volume", "binary", "cinder-volume", "host", "cinder@lvm", NULL);
    world_put(&w, CLOUD, "server", SRV1, "a", "vm1", NULL);
    world_put(&w, CLOUD, "server", SRV2, "a", "vm2", NULL);
    world_put(&w, CLOUD2, "server", SRV1 "x", "a", "other", NULL);
    world_put(&w, CLOUD, "port", "port1", "a", "port1", "device-id", SRV2, NULL);
    world_put(&w, CLOUD, "baremetal", "44444444-1111-4111-8111-111111111111", "", "rack4", "instance-id", SRV2, NULL);
    world_put(&w, CLOUD, "hypervisor", "h4", "", "44444444-1111-4111-8111-111111111111", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, CLOUD, "volume", "v1"),
                        "attached>" SRV1 " A E13 attachment " SRV1 "\nattached>" SRV2 " A E13 attachment " SRV2 "\nstored>block-storage/x A E14 host cinder@lvm\n");
    assert_string_equal(world_down(&w, CLOUD, "port", "port1"), "plugged>" SRV2 " A E18 device_id " SRV2 "\n");
    assert_string_equal(world_down(&w, CLOUD, "server", SRV2), "metal>44444444-1111-4111-8111-111111111111 A E10 instance_uuid " SRV2 "\nkeeps>v1 A E13 attachment " SRV2 "\n");
    assert_string_equal(world_down(&w, CLOUD, "hypervisor", "h4"),
                        "metal>44444444-1111-4111-8111-111111111111 A E10 hypervisor_hostname 44444444-1111-4111-8111-111111111111\n");
    world_free(&w);
}

static void a_claim_hangs_on_a_volume_of_the_cloud(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "pods", "p1", "shop", "db-0", "claims", "data-db-0", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "c1", "shop", "data-db-0", "volume-name", "pvc-1", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "c2", "other", "data-db-0", NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv1", "", "pvc-1", "cinder-volume", SRV1, "claim-uid", "c1", NULL);
    world_put(&w, MGMT, "persistentvolumes", "pv2", "", "pvc-1", NULL);
    world_put(&w, CLOUD, "volume", SRV1, "a", "vol", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "pods", "p1"), "claims>c1 A E12 claimName shop/data-db-0\n");
    assert_string_equal(world_down(&w, TENANT, "persistentvolumeclaims", "c1"), "bound>pv1 A E12 volumeName pvc-1; E12 claimRef c1\n");
    assert_string_equal(world_down(&w, TENANT, "persistentvolumeclaims", "c2"), "");
    assert_string_equal(world_down(&w, TENANT, "persistentvolumes", "pv1"), "disk>" SRV1 " A E12 volumeHandle " SRV1 "\n");
    world_put(&w, TENANT, "persistentvolumes", "pv3", "", "pvc-3", "manila-share", SRV2, NULL);
    world_put(&w, CLOUD, "share", SRV2, "a", "media", "host", "ctl@generic1#GENERIC1", NULL);
    world_put(&w, CLOUD, "os-services", "shared-file-system/1", "", "manila-share", "binary", "manila-share", "host", "ctl@generic1", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "persistentvolumes", "pv3"), "disk>" SRV2 " A E12 shareID " SRV2 "\n");
    assert_string_equal(world_down(&w, CLOUD, "share", SRV2), "stored>shared-file-system/1 A E14 host ctl@generic1\n");
    world_free(&w);
}

static void what_stands_between_agrees_or_contradicts(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "openstack:///" SRV1, "capi-machine", "capi/m1", NULL);
    world_put(&w, TENANT, "nodes", "n2", "", "w2", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, TENANT, "csinodes.storage.k8s.io", "cn1", "", "w1", "cinder-node", SRV1, NULL);
    world_put(&w, TENANT, "csinodes.storage.k8s.io", "cn2", "", "w2", "cinder-node", SRV2, NULL);
    world_put(&w, MGMT, "csinodes.storage.k8s.io", "cn3", "", "w1", "cinder-node", SRV2, NULL);       /* of another cluster */
    world_put(&w, MGMT, "machines.cluster.x-k8s.io", "m1", "capi", "m1", "provider", "openstack://r/" SRV1, NULL);
    world_put(&w, CLOUD, "server", SRV1, "a", "vm1", NULL);
    world_put(&w, CLOUD, "server", SRV2, "a", "vm2", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " A E11-1 providerID " SRV1 "; E11-2 nodeID of its CSINode " SRV1
                        "; E11-3 providerID of its Machine " SRV1 "\ndeclared>m1 A E11-3 annotation capi/m1\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n2"), "machine>" SRV1 " X E11-1 providerID " SRV1 "\nmachine>" SRV2 " X E11-2 nodeID of its CSINode " SRV2 "\n");     /* n1 is SRV1: this is wrong once */
    struct str words;
    str_init(&words, 0);
    assert_false(blast_conflict(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV1), &words));
    assert_true(blast_conflict(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV2), &words));      /* nobody else bears it out, nor overrules it */
    assert_string_equal(words.data, "node w2 is server vm1 [X E11-1 providerID " SRV1 ", falsely: that is node w1], and is server vm2 [X E11-2 nodeID of its CSINode " SRV2 "]");
    str_release(&words);
    world_free(&w);
}

static void traffic_is_followed_from_the_catalog_to_the_pod_and_to_the_load_balancer(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "https://compute.example.org/v2.1", NULL);
    world_put(&w, MGMT, "ingresses.networking.k8s.io", "i1", "openstack", "nova", "rule-hosts", "compute.example.org", "backends", "nova-api", NULL);
    world_put(&w, MGMT, "services", "s1", "openstack", "nova-api", NULL);
    world_put(&w, MGMT, "services", "s2", "other", "nova-api", NULL);
    world_put(&w, MGMT, "endpointslices.discovery.k8s.io", "e1", "openstack", "nova-api-x", "service", "nova-api", "pod-uids", "p1,p2", NULL);
    world_put(&w, MGMT, "pods", "p1", "openstack", "a", NULL);
    world_put(&w, MGMT, "pods", "p2", "openstack", "b", NULL);
    world_put(&w, TENANT, "services", "t1", "shop", "front", "type", "LoadBalancer", "external-ip", "203.0.113.9", NULL);
    world_put(&w, TENANT, "services", "t2", "shop", "back", "type", "ClusterIP", NULL);
    world_put(&w, TENANT, "services", "t3", "shop", "known", "type", "LoadBalancer", "balancer-id", SRV2, NULL);
    world_put(&w, CLOUD, "loadbalancer", SRV1, "a", "kube_service_my_cluster_shop_front", "vip", "10.0.0.9", NULL);
    world_put(&w, CLOUD, "loadbalancer", SRV2, "a", "kube_service_my_cluster_shop_back", NULL);
    world_put(&w, CLOUD, "floating-ip", "f1", "a", "203.0.113.9", "port", "port1", NULL);
    world_put(&w, CLOUD, "port", "port1", "a", "vip", "device-id", "lb-" SRV1, "network-id", "net1", "vif", "ovs", "host", "cmp1", NULL);
    world_put(&w, CLOUD, "network", "net1", "a", "n", NULL);
    world_put(&w, CLOUD, "router", "rt1", "a", "edge", NULL);
    world_put(&w, CLOUD, "port", "port2", "a", "", "device-id", "rt1", "owner", "network:router_gateway", "host", "net-1", NULL);
    world_put(&w, CLOUD, "port", "port3", "a", "", "owner", "network:dhcp", "network-id", "net1", "host", "net-1", NULL);
    world_put(&w, CLOUD, "os-services", "l3", "", "l3", "binary", "neutron-l3-agent", "host", "net-1", NULL);
    world_put(&w, CLOUD, "os-services", "dhcp", "", "dhcp", "binary", "neutron-dhcp-agent", "host", "net-1", NULL);
    world_put(&w, CLOUD, "os-services", "agent1", "", "ovs", "binary", "neutron-openvswitch-agent", "host", "cmp1", NULL);
    world_put(&w, CLOUD, "network", "net2", "a", "n", NULL);
    world_put(&w, CLOUD, "network", "net3", "a", "out", NULL);
    world_put(&w, CLOUD, "subnet", "sub2", "a", "s", "network-id", "net2", "dhcp", "True", NULL);
    world_put(&w, CLOUD, "subnet", "sub3", "a", "s", "network-id", "net3", "dhcp", "False", NULL);
    world_put(&w, CLOUD, "os-services", "dhcp2", "", "dhcp2", "binary", "neutron-dhcp-agent", "host", "net-2", "status", "disabled", "networks", "net2,net3", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, CLOUD, "network", "net2"), "addressed>dhcp2 A E20 networks of the agent net2\n");     /* its ports are gone */
    assert_string_equal(world_down(&w, CLOUD, "network", "net3"), "");
    assert_string_equal(world_down(&w, CLOUD, "os-services", "compute"), "served>s1 B E6b catalog host is of its Ingress openstack/nova-api\nfronted>i1 B E6b catalog host compute.example.org\n");
    assert_string_equal(world_down(&w, MGMT, "ingresses.networking.k8s.io", "i1"), "routes>s1 A E5 backend openstack/nova-api\n");
    assert_string_equal(world_down(&w, MGMT, "services", "s1"), "sends>p1 A E4 endpoint p1\nsends>p2 A E4 endpoint p2\n");
    assert_string_equal(world_down(&w, TENANT, "services", "t1"), "balanced>" SRV1 " B E15b name shop_front\nreached>f1 B E15b address 203.0.113.9\n");
    assert_string_equal(world_down(&w, TENANT, "services", "t2"), "");
    assert_string_equal(world_down(&w, TENANT, "services", "t3"), "balanced>" SRV2 " A E15 load-balancer-id " SRV2 "\n");
    assert_string_equal(world_down(&w, CLOUD, "router", "rt1"), "served-by>l3 A E20 host of its ports neutron-l3-agent@net-1\n");
    assert_string_equal(world_down(&w, CLOUD, "network", "net1"), "addressed>dhcp A E20 host of its DHCP port neutron-dhcp-agent@net-1\n");
    assert_string_equal(world_down(&w, CLOUD, "floating-ip", "f1"), "routes>port1 A E18 port_id port1\n");
    assert_string_equal(world_down(&w, CLOUD, "port", "port1"),
                        "plugged>" SRV1 " A E18 device_id " SRV1 "\nnetwork>net1 A E18 network_id net1\nwired>agent1 A E19 binding:host_id neutron-openvswitch-agent@cmp1\n");
    world_free(&w);
}

static void storage_metal_and_hosts_of_other_drivers(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "metal3://metal/rack1/w1-machine", NULL);
    world_put(&w, TENANT, "nodes", "n2", "", "w2", "provider-id", "metal3://" SRV2, NULL);
    world_put(&w, TENANT, "nodes", "n3", "", "w3", "provider-id", "metal3://other/rack1/x", NULL);
    world_put(&w, MGMT, "baremetalhosts.metal3.io", SRV1, "metal", "rack1", NULL);
    world_put(&w, MGMT, "baremetalhosts.metal3.io", SRV2, "metal", "rack2", NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv1", "", "pvc-1", "ceph-cluster", "rook-ceph", NULL);
    world_put(&w, TENANT, "volumeattachments.storage.k8s.io", "va1", "", "csi-0a1b", "attached-volume", "pvc-1", "attached-node", "w1", NULL);
    world_put(&w, TENANT, "cephclusters.ceph.rook.io", "ceph1", "rook-ceph", "rook", NULL);
    world_put(&w, TENANT, "pods", "osd0", "rook-ceph", "rook-ceph-osd-0", "@label", "app=rook-ceph-osd", "@label", "rook_cluster=rook-ceph", NULL);
    world_put(&w, TENANT, "pods", "mon0", "rook-ceph", "rook-ceph-mon-a", "@label", "app=rook-ceph-mon", "@label", "rook_cluster=rook-ceph", NULL);
    world_put(&w, TENANT, "pods", "mgr0", "rook-ceph", "rook-ceph-mgr-a", "@label", "app=rook-ceph-mgr", "@label", "rook_cluster=rook-ceph", NULL);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "https://compute.cloud.example.org/v2.1", NULL);
    world_put(&w, CLOUD, "os-services", "image", "", "image", "@head", "", "type", "image", "endpoint", "https://image.cloud.example.org:9292", NULL);
    world_put(&w, MGMT, "ingresses.networking.k8s.io", "i1", "openstack", "all", "rule-hosts", "*.cloud.example.org", "backends", "nova-api", NULL);
    world_put(&w, MGMT, "virtualservices.networking.istio.io", "vs1", "mesh", "image", "rule-hosts", "image.cloud.example.org", "backends", "glance-api.openstack.svc.cluster.local,glance-api.example.org", NULL);
    world_put(&w, MGMT, "services", "s1", "openstack", "nova-api", NULL);
    world_put(&w, MGMT, "services", "s2", "openstack", "glance-api", NULL);
    world_put(&w, CLOUD, "floating-ip", "f1", "a", "203.0.113.9", "router-id", "rt1", NULL);
    world_put(&w, CLOUD, "router", "rt1", "a", "edge", NULL);
    world_put(&w, CLOUD, "port", "port2", "a", "", "device-id", "rt1", "owner", "network:router_gateway", "host", "gw-1", NULL);
    world_put(&w, CLOUD, "os-services", "ovn", "", "ovn", "binary", "ovn-controller", "host", "gw-1", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " B E24 providerID metal/rack1\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n2"), "machine>" SRV2 " A E24 providerID " SRV2 "\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n3"), "");
    assert_string_equal(world_down(&w, TENANT, "persistentvolumes", "pv1"), "on-ceph>ceph1 B E26 clusterID rook-ceph\nmounted>n1 A E13 its VolumeAttachment w1\n");
    assert_string_equal(world_down(&w, TENANT, "cephclusters.ceph.rook.io", "ceph1"), "ceph>osd0 A E26 rook_cluster rook-ceph\nceph>mon0 A E26 rook_cluster rook-ceph\n");
    assert_string_equal(world_down(&w, CLOUD, "os-services", "compute"),
                        "served>s1 B E6b catalog host is of its Ingress openstack/nova-api\nfronted>i1 B E6b catalog host *.cloud.example.org\n");
    assert_string_equal(world_down(&w, CLOUD, "os-services", "image"), "served>s1 B E6b catalog host is of its Ingress openstack/nova-api\n"
                        "served>s2 B E6b catalog host is of its VirtualService openstack/glance-api\nfronted>i1 B E6b catalog host *.cloud.example.org\n");
    assert_string_equal(world_down(&w, CLOUD, "floating-ip", "f1"), "through>rt1 A E18 router_id rt1\n");
    assert_string_equal(world_down(&w, CLOUD, "router", "rt1"), "served-by>ovn A E20 host of its ports ovn-controller@gw-1\n");
    world_free(&w);
}

/* The API server of a cluster, by the address that its context has. */
static void the_way_to_the_api_of_a_cluster(void **state)
{
    (void)state;
    struct world w = {0};
    stands_at(&w, TENANT, "https://203.0.113.9:6443", "");
    stands_at(&w, MGMT, "https://10.1.0.5:6443", "");
    world_put(&w, CLOUD, "floating-ip", "f1", "a", "203.0.113.9", "fixed", "10.0.0.9", NULL);
    world_put(&w, CLOUD, "loadbalancer", SRV1, "a", "kubeapi", "vip", "10.0.0.9", NULL);
    world_put(&w, CLOUD, "server", SRV2, "a", "vm2", "addresses", "net=10.1.0.5", NULL);
    world_put(&w, CLOUD, "coe-cluster", "m1", "a", "c", "api", "https://203.0.113.9:6443", NULL);
    world_put(&w, MGMT, "clusters.cluster.x-k8s.io", "c1", "capi", "t", "api-host", "203.0.113.9", NULL);
    world_put(&w, TENANT, "nodes", "n1", "", "cp", "roles", "control-plane", NULL);
    world_put(&w, TENANT, "nodes", "n2", "", "w", "roles", "worker", NULL);
    world_build(&w);
    const struct kind *api = links_kind(w.links, "apiserver");
    assert_non_null(api);
    const char *down[2];
    for (int i = 0; i < 2; i++) {
        struct str s;
        const struct link_edge *e;
        uint32_t node = links_find(w.links, i ? MGMT : TENANT, api, "apiserver");
        assert_int_not_equal(node, LINK_NO_NODE);
        size_t n = links_down(w.links, node, &e);
        str_init(&s, 0);
        for (size_t k = 0; k < n; k++) {
            str_addf(&s, "%s>%s ", links_relation(e[k].relation)->id, links_row(w.links, e[k].to)->uid);
            links_evidence(w.links, node, &e[k], &s);
            str_addc(&s, '\n');
        }
        down[i] = str_take(&s);
    }
    assert_string_equal(down[0], "declared>c1 B E21 controlPlaneEndpoint 203.0.113.9\ncoe>m1 B E21 api_address 203.0.113.9\n"
                        "api>f1 B E17 floating address 203.0.113.9\napi>" SRV1 " B E17 floating address leads to its VIP 10.0.0.9\ncontrol>n1 B E17 roles control plane\n");
    assert_string_equal(down[1], "api>" SRV2 " B E17 address 10.1.0.5\n");
    mem_free((char *)down[0]);
    mem_free((char *)down[1]);
    world_free(&w);
}

static void operators_and_releases_say_what_is_theirs(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, MGMT, "deployments", "d1", "openstack", "nova-api", "release", "openstack/nova", NULL);
    world_put(&w, MGMT, "deployments", "d2", "openstack", "glance", "@label", "release_group=glance", NULL);
    world_put(&w, MGMT, "deployments", "d3", "other", "glance", "@label", "release_group=glance", NULL);
    world_put(&w, MGMT, "helm-releases", "r1", "openstack", "sh.helm.release.v1.nova.v1", "release", "nova", "release-status", "superseded", NULL);
    world_put(&w, MGMT, "helm-releases", "r2", "openstack", "sh.helm.release.v1.nova.v2", "release", "nova", "release-status", "deployed", NULL);
    world_put(&w, MGMT, "helm-releases", "r3", "openstack", "sh.helm.release.v1.glance.v1", "release", "glance", "release-status", "failed", NULL);
    world_put(&w, CLOUD, "hypervisor", "h-1", "", "cmp1.local", "host", "cmp1", "host-ip", "10.0.0.1", NULL);
    world_put(&w, MGMT, "hypervisors.kvm.cloud.sap", "cr1", "", "kvm-a", "hypervisor-id", "h-1", NULL);
    world_put(&w, MGMT, "nodes", "n0", "", "cmp1", "internal-ip", "10.0.0.1", NULL);
    world_put(&w, MGMT, "nodes", "n1", "", "kvm-a", "system-uuid", "77777777-0000-4000-8000-000000000001", NULL);
    world_put(&w, MGMT, "virtualmachineinstances.kubevirt.io", "vmi1", "vms", "vm", "firmware", "77777777-0000-4000-8000-000000000001", NULL);
    world_put(&w, MGMT, "pods", "p1", "vms", "virt-launcher", "@label", "kubevirt.io/created-by=vmi1", NULL);
    world_put(&w, CLOUD, "coe-cluster", "m1", "a", "c", "stack", "kube-abc", NULL);
    world_put(&w, MGMT, "clusters.cluster.x-k8s.io", "c1", "magnum-system", "kube-abc", NULL);
    world_put(&w, MGMT, "clusters.cluster.x-k8s.io", "c2", "magnum-system", "x", "magnum-id", "m1", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, MGMT, "deployments", "d1"), "released>r2 A E3 annotation openstack/nova\n");
    assert_string_equal(world_down(&w, MGMT, "deployments", "d2"), "released>r3 B E3b label openstack/glance\n");
    assert_string_equal(world_down(&w, MGMT, "deployments", "d3"), "");
    /* What an operator wrote down is certain: a name and an address are guesses beside it. */
    assert_string_equal(world_down(&w, CLOUD, "hypervisor", "h-1"), "host>n1 A E7d hypervisorId of its Hypervisor kvm-a\ndeclared>cr1 A E7d hypervisorId h-1\n");
    assert_string_equal(world_down(&w, MGMT, "nodes", "n1"), "machine>vmi1 A E25 systemUUID 77777777-0000-4000-8000-000000000001\n");
    assert_string_equal(world_down(&w, MGMT, "virtualmachineinstances.kubevirt.io", "vmi1"), "guest>p1 A E25 created-by vmi1\n");
    assert_string_equal(world_down(&w, MGMT, "clusters.cluster.x-k8s.io", "c1"), "coe>m1 A E21 stack_id kube-abc\n");
    assert_string_equal(world_down(&w, MGMT, "clusters.cluster.x-k8s.io", "c2"), "coe>m1 A E21 cluster-uuid m1\n");
    world_free(&w);
}

/* What nobody depends on and what is never red may wait until somebody looks at links. */
static void what_only_stands_between_can_wait(void **state)
{
    (void)state;
    const char *kinds[128];
    size_t n = links_kinds(PLANE_KUBE, kinds, 128), waits = 0;
    for (size_t i = 0; i < n; i++)
        waits += links_only_between(kinds[i]);
    assert_int_equal(waits, 1);
    assert_true(links_only_between("endpointslices"));
    assert_false(links_only_between("volumeattachments.storage.k8s.io") || links_only_between("csinodes") || links_only_between("port") || links_only_between("helm-releases") || links_only_between("pods"));
}

static void a_profile_is_a_file_of_data(void **state)
{
    (void)state;
    static const struct { const char *text, *err; } bad[] = {
        {"label app\n", "x.profile:1: a file begins with \"profile NAME\""},
        {"profile a\n\n# c\nlabel\n", "x.profile:4: \"label\" takes one to three keys of labels"},
        {"profile a b\n", "x.profile:1: \"profile\" takes one name"},
        {"profile a\nweb - - cp\n", "x.profile:2: \"label KEY...\" comes before the components"},
        {"profile a\nlabel l\nweb - - vp\n", "x.profile:3: a component is \"COMPONENT BINARY|- API|- cp|dp|st [quorum [API]]\""},
    };
    struct link_profiles *p = link_profiles_new();
    struct err err = ERR_INIT;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(link_profiles_read(p, "x.profile", bad[i].text, &err), ERR_CONFIG);
        assert_string_equal(err.msg, bad[i].err);
    }
    assert_int_equal(link_profiles_read(p, "x.profile", "profile mine\nlabel team part # two\nnova/db mydb compute st quorum\n", &err), ERR_OK);
    struct world w = {0};
    world_put(&w, MGMT, "pods", "p1", "ns", "p1", "@label", "part=db", "@label", "team=nova", NULL);
    world_put(&w, MGMT, "pods", "p2", "ns", "p2", "@label", "part=db", "@label", "xteam=nova", NULL);
    world_build(&w);
    const struct link_role *r = link_role_of(p, links_row(w.links, 0));
    assert_non_null(r);
    assert_string_equal(r->binary, "mydb");
    assert_int_equal(r->plane, LINK_FOR_ST);
    assert_true(r->quorum);
    assert_null(link_role_of(p, links_row(w.links, 1)));
    world_free(&w);
    link_profiles_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pod_hangs_on_its_node_its_server_and_its_hypervisor),
        cmocka_unit_test(rules_that_disagree_are_a_conflict_and_guesses_are_dropped),
        cmocka_unit_test(a_server_is_one_node_of_a_cluster), cmocka_unit_test(a_server_is_a_node_of_one_cluster), cmocka_unit_test(one_cloud_seen_by_two_users_is_no_conflict),
        cmocka_unit_test(one_cluster_through_two_contexts_is_one),
        cmocka_unit_test(one_cloud_is_known_by_where_it_stands),
        cmocka_unit_test(a_context_that_sees_nothing_is_of_the_cluster_at_its_address),
        cmocka_unit_test(agents_and_apis_are_found_by_the_labels_of_a_profile),
        cmocka_unit_test(storage_ports_and_metal),
        cmocka_unit_test(a_claim_hangs_on_a_volume_of_the_cloud),
        cmocka_unit_test(what_stands_between_agrees_or_contradicts),
        cmocka_unit_test(traffic_is_followed_from_the_catalog_to_the_pod_and_to_the_load_balancer),
        cmocka_unit_test(storage_metal_and_hosts_of_other_drivers),
        cmocka_unit_test(the_way_to_the_api_of_a_cluster),
        cmocka_unit_test(operators_and_releases_say_what_is_theirs),
        cmocka_unit_test(what_only_stands_between_can_wait),
        cmocka_unit_test(a_profile_is_a_file_of_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
