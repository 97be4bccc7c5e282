/* Links: who hangs on whom by the values rows bear, how certain, and what contradicts. */
#include "links_world.h"

#define SRV1 "3f99a1b2-0000-4000-8000-000000000001"
#define SRV2 "3f99a1b2-0000-4000-8000-000000000002"

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
    world_put(&w, TENANT, "nodes", "n3", "", "vm3", "internal-ip", "10.1.0.5", "machine-id", "3f99a1b2000040008000000000000002", NULL);
    world_put(&w, TENANT, "nodes", "n4", "", "vm4", "system-uuid", "00000000-0000-0000-0000-000000000000", "internal-ip", "10.1.0.6", NULL);
    world_put(&w, TENANT, "nodes", "n5", "", "vm2", "provider-id", "aws:///" SRV1, NULL);
    world_put(&w, CLOUD, "server", SRV1, "a", "vm1", "addresses", "net=10.1.0.5, 10.1.0.9", NULL);
    world_put(&w, CLOUD, "server", SRV2, "b", "vm2", "addresses", "other=10.1.0.5; net=10.1.0.6", NULL);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " X E11-1 providerID " SRV1 "\nmachine>" SRV2 " X E11-4 systemUUID " SRV2 "\n");
    /* An address that two servers bear, and a name, are guesses beside an id. */
    assert_string_equal(world_down(&w, TENANT, "nodes", "n2"), "machine>" SRV1 " A E11-1 providerID " SRV1 "; E11-6 InternalIP 10.1.0.5\n");
    /* Two guesses that agree are likely, and better than one. */
    assert_string_equal(world_down(&w, TENANT, "nodes", "n3"), "machine>" SRV2 " B E11-5 machineID 3f99a1b2-0000-4000-8000-000000000002; E11-6 InternalIP 10.1.0.5\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n4"), "machine>" SRV2 " B E11-6 InternalIP 10.1.0.6\n");
    assert_string_equal(world_down(&w, TENANT, "nodes", "n5"), "machine>" SRV2 " C E11-7 name vm2\n");
    world_free(&w);
}

static void one_cloud_seen_by_two_users_is_no_conflict(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.1.0.5", NULL);
    world_put(&w, CLOUD, "server", SRV1, "a", "vm1", "addresses", "net=10.1.0.5", NULL);
    world_put(&w, CLOUD2, "server", SRV1, "a", "vm1", "addresses", "net=10.1.0.5", NULL);
    world_build(&w);
    const struct link_edge *e;
    uint32_t node = links_find(w.links, TENANT, kind_find("nodes"), "n1");
    assert_int_equal(links_down(w.links, node, &e), 2);
    assert_int_equal(e[0].cls, LINK_A);
    assert_int_equal(e[1].cls, LINK_A);
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
                        "attached>" SRV1 " A E13 attachment " SRV1 "\nattached>" SRV2 " A E13 attachment " SRV1 "\nstored>block-storage/x A E14 host cinder@lvm\n");
    assert_string_equal(world_down(&w, CLOUD, "port", "port1"), "plugged>" SRV2 " A E18 device_id " SRV2 "\n");
    assert_string_equal(world_down(&w, CLOUD, "server", SRV2), "metal>44444444-1111-4111-8111-111111111111 A E10 instance_uuid " SRV2 "\n");
    assert_string_equal(world_down(&w, CLOUD, "hypervisor", "h4"),
                        "metal>44444444-1111-4111-8111-111111111111 A E10 hypervisor_hostname 44444444-1111-4111-8111-111111111111\n");
    world_free(&w);
}

static void a_profile_is_a_file_of_data(void **state)
{
    (void)state;
    static const struct { const char *text, *err; } bad[] = {
        {"label app\n", "x.profile:1: a file begins with \"profile NAME\""},
        {"profile a\n\n# c\nlabel\n", "x.profile:4: \"label\" takes one to three keys of labels"},
        {"profile a b\n", "x.profile:1: \"profile\" takes one name"},
        {"profile a\nweb - - cp\n", "x.profile:2: \"label KEY...\" comes before the components"},
        {"profile a\nlabel l\nweb - - vp\n", "x.profile:3: a component is \"COMPONENT BINARY|- API|- cp|dp|st [quorum]\""},
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
        cmocka_unit_test(one_cloud_seen_by_two_users_is_no_conflict),
        cmocka_unit_test(agents_and_apis_are_found_by_the_labels_of_a_profile),
        cmocka_unit_test(storage_ports_and_metal),
        cmocka_unit_test(a_profile_is_a_file_of_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
