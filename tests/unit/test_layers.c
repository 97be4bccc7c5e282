/* The sandwich: who runs on whom, how high each stands, and what runs on each other. */
#include "links_sandwich.h"

#include "strata/layers.h"

#define SRV3 "3f99a1b2-0000-4000-8000-000000000003"

static const struct layer *of(const struct layers *y, uint16_t source)
{
    for (size_t i = 0; i < y->n; i++)
        if (y->layer[i].source == source)
            return &y->layer[i];
    fail_msg("source %u is no layer", source);
    return NULL;
}

static void three_layers_in_their_order(void **state)
{
    (void)state;
    struct world w = {0};
    struct layers y;
    sandwich(&w);
    assert_true(layers_make(&y, w.links));
    assert_int_equal(y.n, 3);
    assert_int_equal(y.layer[0].source, MGMT);
    assert_int_equal(y.layer[1].source, CLOUD);
    assert_int_equal(y.layer[2].source, TENANT);
    const struct layer *top = of(&y, TENANT), *cloud = of(&y, CLOUD), *low = of(&y, MGMT);
    assert_int_equal(low->level, 1);
    assert_int_equal(cloud->level, 2);
    assert_int_equal(top->level, 3);
    assert_int_equal(low->non, 0);
    assert_int_equal(top->non, 1);
    assert_int_equal(top->on[0].source, CLOUD);
    assert_int_equal(top->on[0].nodes, 2);
    assert_int_equal(top->on[0].cls, LINK_A);
    assert_int_equal(cloud->on[0].hypervisors, 2);
    assert_int_equal(cloud->on[0].apis, 1);
    assert_int_equal(cloud->on[0].cls, LINK_B);
    assert_int_equal(cloud->apis, 1);
    assert_int_equal(low->red + cloud->red + top->red, 0);
    assert_int_equal(low->box + cloud->box + top->box, 0);
    layers_free(&y);
    world_free(&w);
}

static void a_cluster_on_its_own_cloud_is_one_box(void **state)
{
    (void)state;
    struct world w = {0};
    struct layers y;
    sandwich(&w);
    world_put(&w, CLOUD, "server", SRV3, "red", "vm3", NULL);
    world_put(&w, MGMT, "nodes", "under-2", "", "cmp2", "internal-ip", "10.0.0.2", "provider-id", "openstack:///" SRV3, NULL);
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    const struct layer *cloud = of(&y, CLOUD), *low = of(&y, MGMT);
    assert_true(cloud->box);
    assert_int_equal(cloud->box, low->box);
    assert_int_equal(cloud->level, low->level);
    assert_int_equal(of(&y, TENANT)->box, 0);
    assert_true(of(&y, TENANT)->level > cloud->level);
    layers_free(&y);
    world_free(&w);
}

static void what_is_red_is_counted_by_plane(void **state)
{
    (void)state;
    struct world w = {0};
    struct layers y;
    sandwich(&w);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "@health", "6", NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "@health", "6", NULL);
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    assert_int_equal(of(&y, CLOUD)->red, 2);
    assert_int_equal(of(&y, CLOUD)->red_control, 1);
    layers_free(&y);
    world_free(&w);
}

/* One node of many that is a server of the cloud makes a cluster no tenant of it: it is said, and stands where it stood. */
static void a_few_nodes_on_a_cloud_are_no_self_hosting(void **state)
{
    (void)state;
    struct world w = {0};
    struct layers y;
    sandwich(&w);
    world_put(&w, CLOUD, "server", SRV3, "red", "vm3", NULL);
    world_put(&w, MGMT, "nodes", "under-2", "", "cmp2", "internal-ip", "10.0.0.2", "provider-id", "openstack:///" SRV3, NULL);
    world_put(&w, MGMT, "nodes", "under-3", "", "cmp3", NULL);
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    const struct layer *low = of(&y, MGMT);
    assert_int_equal(low->box + of(&y, CLOUD)->box, 0);
    assert_int_equal(low->level, 1);
    assert_true(low->non == 1 && low->on[0].few && low->on[0].nodes == 1);
    assert_false(of(&y, TENANT)->on[0].few);
    layers_free(&y);
    world_free(&w);
}

static void not_read(struct world *w, const char *kind)
{
    struct feed_status *st = store_status(world_store(w, CLOUD, kind_find(kind)));
    st->state = FEED_FAILED;
    err_set(&st->err, ERR_SERVER, 503, "no such luck");
}

/* Nova does not answer: the nodes' own words and the agents' pods keep the order. */
static void who_runs_on_whom_is_known_without_nova(void **state)
{
    (void)state;
    struct world w = {0};
    struct layers y;
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, NULL);
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", NULL);
    world_put(&w, MGMT, "pods", "ovs", "openstack", "ovs", "node", "cmp1", "@label", "application=neutron", "@label", "component=neutron-ovs-agent", NULL);
    world_put(&w, CLOUD, "os-services", "n/1", "", "ovs", "binary", "neutron-openvswitch-agent", "host", "cmp1", NULL);
    not_read(&w, "server");
    not_read(&w, "hypervisor");
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    const struct layer *top = of(&y, TENANT), *cloud = of(&y, CLOUD);
    assert_int_equal(of(&y, MGMT)->level, 1);
    assert_true(cloud->level == 2 && cloud->non == 1 && cloud->on[0].agents == 1);
    assert_true(top->level == 3 && top->non == 1 && top->on[0].named == 2 && top->on[0].cls == LINK_C);
    layers_free(&y);
    world_put(&w, TENANT, "persistentvolumes", "pv1", "", "pvc-1", "cinder-volume", SRV2, NULL);       /* its volumes are of that cloud */
    world_put(&w, CLOUD, "volume", SRV2, "red", "data", NULL);
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    assert_int_equal(of(&y, TENANT)->on[0].cls, LINK_B);
    layers_free(&y);
    *store_status(world_store(&w, CLOUD, kind_find("server"))) = (struct feed_status){.state = FEED_LIVE};
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    assert_int_equal(of(&y, TENANT)->non, 0);
    layers_free(&y);
    world_free(&w);
}

enum { MORE = CLOUD + 1 };

/* Its API never answered, so none of its nodes is known: where its API server is reached is where it runs; a name alone is a guess. */
static void a_dead_cluster_stands_where_its_api_is_reached(void **state)
{
    (void)state;
    struct world w = {.nsources = 1};
    struct layers y;
    w.source[0] = (struct source_info){.id = MORE, .plane = PLANE_KUBE, .name = "blue", .server = "https://127.0.0.1:6443", .state = SOURCE_FAILED};
    sandwich(&w);
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "blue", "api", "https://10.9.9.9:6443", NULL);
    world_put(&w, CLOUD, "server", SRV2, "red", "blue-0", "addresses", "net=10.9.9.9", NULL);
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    const struct layer *dead = of(&y, MORE);
    assert_true(dead->level == 3 && dead->non == 1 && dead->on[0].source == CLOUD && dead->on[0].api && dead->on[0].cls == LINK_C);
    layers_free(&y);
    snprintf(w.source[0].server, sizeof w.source[0].server, "https://10.9.9.9:6443");
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    assert_int_equal(of(&y, MORE)->on[0].cls, LINK_B);
    layers_free(&y);
    world_put(&w, MORE, "nodes", "more-1", "", "more-1", NULL);         /* its nodes are read: they tell */
    world_build(&w);
    assert_true(layers_make(&y, w.links));
    assert_int_equal(of(&y, MORE)->non, 0);
    layers_free(&y);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_layers_in_their_order), cmocka_unit_test(a_cluster_on_its_own_cloud_is_one_box), cmocka_unit_test(what_is_red_is_counted_by_plane),
        cmocka_unit_test(a_few_nodes_on_a_cloud_are_no_self_hosting), cmocka_unit_test(who_runs_on_whom_is_known_without_nova),
        cmocka_unit_test(a_dead_cluster_stands_where_its_api_is_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
