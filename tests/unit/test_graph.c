/* One picture of links, causes and layers: its index finds every row, and it says what each part says alone. */
#include "links_sandwich.h"

#include "strata/graph.h"

static void every_row_is_found(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "@health", "4", NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "@health", "6", NULL);
    world_build(&w);
    struct graph *g = graph_make(&(struct links_world){(const struct snap *const *)w.snap, w.n, w.source, w.nsources}, w.profiles, true);
    assert_non_null(g);
    size_t rows = 0;
    for (uint32_t i = 0; i < links_nodes(g->links); i++) {
        const struct row *r = links_row(g->links, i);
        if (!r)
            continue;
        rows++;
        assert_int_equal(graph_node(g, r), i);
    }
    assert_true(rows > 25);
    assert_int_equal(graph_find(g, CLOUD, kind_find("pods"), "web-1"), LINK_NO_NODE);       /* of another source */
    assert_int_equal(graph_find(g, TENANT, kind_find("nodes"), "web-1"), LINK_NO_NODE);     /* of another kind */
    assert_int_equal(g->why.red, 2);
    assert_int_equal(g->why.n, 1);
    assert_false(g->why.rough);
    assert_int_equal(g->layers.n, 3);
    struct graph *again = graph_ref(g);
    graph_unref(g);
    assert_int_not_equal(graph_find(again, TENANT, kind_find("pods"), "web-1"), LINK_NO_NODE);      /* who holds it keeps it */
    graph_unref(again);
    world_free(&w);
}

/* So many red rows of one cause that a walk each would not end: every one is counted, none is its own alarm. */
static void a_sweep_takes_many(void **state)
{
    (void)state;
    enum { PODS = 6000 };
    struct world w = {0};
    char uid[32];
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "status", "NotReady", "@health", "4", NULL);
    for (int i = 0; i < PODS; i++) {
        snprintf(uid, sizeof uid, "p-%d", i);
        world_put(&w, TENANT, "pods", uid, "shop", uid, "node", "w1", "@health", "6", NULL);
    }
    world_build(&w);
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.red, PODS + 1);
    assert_int_equal(all.n, 1);
    assert_int_equal(all.cause[0].explains, PODS + 1);
    assert_false(all.rough);
    why_world_free(&all);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_is_found), cmocka_unit_test(a_sweep_takes_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
