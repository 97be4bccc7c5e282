/* A timeline as rows: in its order, each with its object, its day and time, and a foot that tells the whole; the same row when it is written anew. */
#include "links_world.h"

#include "strata/listing.h"
#include "strata/timeline.h"
#include "strata/view.h"

enum { MGMT, CLOUD };

static const struct source_info *where(void *arg, uint16_t id)
{
    static const struct source_info s[] = {{.name = "mgmt", .has_clock = true, .clock_offset_ms = -1500, .clock_error_ms = 20}, {.name = "demo"}};
    (void)arg;
    return id < 2 ? &s[id] : NULL;
}

static struct view *shown(struct listing *g)
{
    struct view *v = view_new();
    for (uint16_t i = 0; i < 2; i++) {
        struct snap *s = listing_snap(g, i);
        assert_true(view_update(v, i, s));
        snap_unref(s);
    }
    return v;
}

static const char *cell(const struct row *r, const char *id)
{
    static char buf[200];
    return row_text(r, kind_column(r->kind, id), 0, buf, sizeof buf);
}

#define DAY_MS 86400000
static void lines(struct timeline *line, const struct row *pod, const struct row *server, size_t n)
{
    struct timeline_line of[] = {
        {.lo_ms = 1000, .hi_ms = 1000, .stamp_ms = 1000, .step_ms = 1, .object = "pod shop/web-1", .what = "x", .who = "kubelet", .source = MGMT, .row = pod, .health = HEALTH_BAD},
        {.lo_ms = 2000, .hi_ms = 4000, .stamp_ms = CELL_NONE, .from = TIMELINE_SEEN, .object = "server my vm", .what = "y", .who = "seen by strata", .source = CLOUD, .row = server},
        {.lo_ms = DAY_MS + 1000, .hi_ms = DAY_MS + 1000, .stamp_ms = DAY_MS + 1000, .step_ms = 1, .object = "replicaset shop/web", .what = "z", .who = "", .source = MGMT, .row = pod},
        {.lo_ms = DAY_MS + 1000, .hi_ms = DAY_MS + 1000, .stamp_ms = DAY_MS + 1000, .step_ms = 1, .object = "what", .what = "new", .who = "", .source = MGMT},
    };
    for (size_t i = 0; i < n; i++)
        timeline_add(line, &of[i]);
    timeline_order(line);
}

static struct world two(void)
{
    struct world w = {0};
    world_put(&w, MGMT, "pods", "p1", "shop", "web-1", NULL);
    world_put(&w, CLOUD, "server", "s1", "p", "my vm", NULL);
    world_build(&w);
    return w;
}

static const struct row *row_of(const struct world *w, uint16_t source, const char *kind, const char *uid)
{
    return links_row(w->links, links_find(w->links, source, world_kind(kind), uid));
}

static void each_row_names_its_object_its_time_and_the_whole(void **state)
{
    static const struct { const char *day, *time, *kind, *scope, *name, *what, *who, *node; } want[] = {
        {"01-01", "00:00:01", "pod", "shop", "web-1", "x", "kubelet", "web-1"},
        {"01-01", "00:00:03", "server", "", "my vm", "y", "", "my vm"},
        {"01-02", "00:00:01", "replicaset", "shop", "web", "z", "", "web-1"},       /* found by the pod's row */
        {"01-02", "00:00:01", "", "", "what", "new", "", NULL},
    };
    (void)state;
    struct world w = two();
    struct tell t = {.l = w.links, .source = where};
    struct timeline line = {0};
    struct listing *g = listing_new(&timeline_kind);
    lines(&line, row_of(&w, MGMT, "pods", "p1"), row_of(&w, CLOUD, "server", "s1"), 4);
    timeline_rows(&t, &line, g);
    assert_false(listing_failed(g));
    struct view *v = shown(g);
    assert_int_equal(view_count(v), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct row *r = view_row(v, i);
        assert_string_equal(cell(r, "day"), want[i].day);
        assert_string_equal(cell(r, "age"), want[i].time);
        assert_string_equal(cell(r, "kind"), want[i].kind);
        assert_string_equal(cell(r, "namespace"), want[i].scope);
        assert_string_equal(cell(r, "name"), want[i].name);
        assert_string_equal(cell(r, "what"), want[i].what);
        assert_string_equal(cell(r, "who"), want[i].who);
        uint32_t node = listing_node(g, r);
        assert_true((node == LINK_NO_NODE) == !want[i].node);
        if (want[i].node)
            assert_string_equal(links_row(w.links, node)->name, want[i].node);
    }
    assert_int_equal(view_row(v, 0)->health, HEALTH_BAD);
    assert_string_equal(listing_foot(g, view_row(v, 0)), "1970-01-01T00:00:01Z ±0.0 s, event of pod shop/web-1 (mgmt): x   by kubelet.   "
                                                         "mgmt: its clock is 1.500 s behind ours, ±0.020 s; corrected");
    assert_string_equal(listing_foot(g, view_row(v, 1)), "1970-01-01T00:00:03Z ±1.0 s, seen of server my vm (demo): y.   "
                                                         "demo: its clock is not known, its times stand as they came");
    view_free(v);
    listing_free(g);
    timeline_release(&line);
    world_free(&w);
}

static void a_row_is_the_same_when_more_is_known(void **state)
{
    char uid[3][128];
    (void)state;
    struct world w = two();
    struct tell t = {.l = w.links, .source = where};
    for (size_t n = 3; n <= 4; n++) {
        struct timeline line = {0};
        struct listing *g = listing_new(&timeline_kind);
        lines(&line, row_of(&w, MGMT, "pods", "p1"), row_of(&w, CLOUD, "server", "s1"), n);
        timeline_rows(&t, &line, g);
        struct view *v = shown(g);
        assert_int_equal(view_count(v), n);
        for (size_t i = 0; i < 3; i++) {
            if (n == 3)
                snprintf(uid[i], sizeof uid[i], "%s", view_row(v, i)->uid);
            else
                assert_string_equal(view_row(v, i)->uid, uid[i]);
        }
        view_free(v);
        listing_free(g);
        timeline_release(&line);
    }
    world_free(&w);
}

static void two_that_read_the_same_are_two_rows(void **state)
{
    static const struct listing_of of = {.source = MGMT, .node = LINK_NO_NODE, .uid = "u", .scope = "", .name = "n"};
    (void)state;
    struct listing *g = listing_new(&timeline_kind);
    for (int i = 0; i < 3; i++) {
        assert_non_null(listing_line(g, &of));
        listing_done(g, "foot");
    }
    struct view *v = shown(g);
    assert_int_equal(view_count(v), 3);
    view_free(v);
    listing_free(g);
}

/* What is told of very many lines has an end; each row stays. */
static void feet_without_room_say_so(void **state)
{
    char uid[40];
    (void)state;
    struct listing *g = listing_new(&timeline_kind);
    char *foot = malloc(60001);
    memset(foot, 'x', 60000);
    foot[60000] = '\0';
    for (unsigned i = 0; i < 400; i++) {
        snprintf(uid, sizeof uid, "%u", i);
        assert_non_null(listing_line(g, &(struct listing_of){.source = MGMT, .node = LINK_NO_NODE, .uid = uid, .scope = "", .name = "n"}));
        listing_done(g, foot);
    }
    free(foot);
    assert_false(listing_failed(g));
    struct view *v = shown(g);
    assert_int_equal(view_count(v), 400);
    assert_int_equal(strlen(listing_foot(g, view_row(v, 0))), 60000);
    assert_string_equal(listing_foot(g, view_row(v, 399)), "there is no room to tell more of it");
    view_free(v);
    listing_free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_names_its_object_its_time_and_the_whole),
        cmocka_unit_test(a_row_is_the_same_when_more_is_known),
        cmocka_unit_test(two_that_read_the_same_are_two_rows),
        cmocka_unit_test(feet_without_room_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
