/* Rows made of the picture: by the order of writing, each with its node and its foot, the clusters and clouds apart. */
#include "links_world.h"

#include "strata/listing.h"
#include "strata/view.h"

enum { MGMT, CLOUD };
static const struct column columns[] = {LISTING_ORDER, {.id = "name", .title = "NAME", .type = COL_TEXT}};
static const struct kind kind = {.id = "found", .singular = "found", .title = "found", .plane = PLANE_KUBE, .columns = columns, .ncolumns = 2};

static void put(struct listing *g, struct world *w, uint16_t source, const char *id, const char *uid, const char *foot)
{
    uint32_t node = links_find(w->links, source, world_kind(id), uid);
    const struct row *about = links_row(w->links, node);
    struct rowbuf *rb = listing_row(g, about, node);
    assert_non_null(rb);
    rowbuf_text(rb, 1, about->name);
    listing_done(g, foot);
}

static void rows_of_all_sources_stand_in_their_order(void **state)
{
    static const struct { const char *name, *foot; } want[] = {{"vm1", "it is off"}, {"n1", ""}, {"vm2", "it is on"}};
    (void)state;
    struct world w = {0};
    world_put(&w, MGMT, "nodes", "n1", "", "n1", NULL);
    world_put(&w, CLOUD, "server", "s1", "p", "vm1", "@health", "6", NULL);
    world_put(&w, CLOUD, "server", "s2", "p", "vm2", NULL);
    world_build(&w);
    struct listing *g = listing_new(&kind);
    put(g, &w, CLOUD, "server", "s1", want[0].foot);
    put(g, &w, MGMT, "nodes", "n1", NULL);
    put(g, &w, CLOUD, "server", "s2", want[2].foot);
    assert_false(listing_failed(g));
    assert_int_equal(listing_count(g), 3);
    struct view *v = view_new();
    for (uint16_t i = 0; i < 3; i++) {                  /* the third has none */
        struct snap *s = listing_snap(g, i);
        assert_non_null(s);
        assert_true(view_update(v, i, s));
        snap_unref(s);
    }
    assert_int_equal(view_count(v), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct row *r = view_row(v, i);
        assert_string_equal(r->name, want[i].name);
        assert_string_equal(listing_foot(g, r), want[i].foot);
        assert_string_equal(links_row(w.links, listing_node(g, r))->name, want[i].name);
    }
    assert_int_equal(view_row(v, 0)->health, HEALTH_BAD);
    assert_int_equal(listing_node(g, NULL), LINK_NO_NODE);
    assert_int_equal(listing_node(g, links_row(w.links, 0)), LINK_NO_NODE);     /* no row of a listing */
    listing_free(g);                                    /* what is shown stays */
    assert_string_equal(view_row(v, 2)->name, "vm2");
    view_free(v);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_of_all_sources_stand_in_their_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
