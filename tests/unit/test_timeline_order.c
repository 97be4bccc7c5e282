/* Lines of one second: by the finest time that was written, else as one thing brings about the other, not by the alphabet. */
#include "why_world.h"

#include "core/links/timeline_read.h"
#include "strata/timeline.h"

static void put(struct timeline *t, enum timeline_from from, int64_t stamp, int64_t step, const char *object, const char *what, const struct row *row)
{
    struct timeline_line l = {.from = (uint8_t)from, .clock = 7, .object = (char *)object, .what = (char *)what, .who = (char *)"", .row = row};
    timeline_interval(&l, stamp, step, 0, 0);
    timeline_add(t, &l);
}

static void expect(struct timeline *t, const char *words)
{
    struct str s;
    str_init(&s, 0);
    timeline_order(t);
    for (size_t i = 0; i < t->n; i++)
        str_addf(&s, "%s%s", i ? "; " : "", t->line[i].what);
    assert_string_equal(s.data, words);
    str_release(&s);
    timeline_release(t);
}

static void a_pod_starts_in_the_order_of_its_steps(void **state)
{
    (void)state;
    struct timeline t = {0};
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "ContainersReady is True", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "Initialized is True", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "PodScheduled is True", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "Ready is True", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "init container z began", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "init container z ended with 0", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "container a began", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "created", NULL);
    expect(&t, "created; PodScheduled is True; init container z began; init container z ended with 0; Initialized is True; container a began; ContainersReady is True; Ready is True");
}

static void finer_stamps_keep_their_order_among_coarse_ones(void **state)
{
    (void)state;
    struct timeline t = {0};
    put(&t, TIMELINE_EVENT, 5900, 1, "pod a", "BackOff: again", NULL);
    put(&t, TIMELINE_EVENT, 5100, 1, "pod a", "Started: it", NULL);
    put(&t, TIMELINE_EVENT, 5050, 1, "pod a", "Scheduled: to n", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "created", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "container a began", NULL);
    put(&t, TIMELINE_CONDITION, 4000, 1000, "pod a", "Ready is False", NULL);
    expect(&t, "Ready is False; created; Scheduled: to n; container a began; Started: it; BackOff: again");
}

static void a_node_is_before_its_pods_and_what_was_seen_is_last(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_build(&w);
    const struct row *node = links_row(w.links, at(&w, TENANT, "nodes", "node-1")), *pod = links_row(w.links, at(&w, TENANT, "pods", "web-1"));
    struct timeline t = {0};
    struct timeline_line seen = {.lo_ms = 5000, .hi_ms = 5200, .stamp_ms = CELL_NONE, .from = TIMELINE_SEEN, .object = (char *)"node n", .what = (char *)"NotReady", .who = (char *)"", .row = node};
    timeline_add(&t, &seen);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a", "Ready is False", pod);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "node n", "Ready is Unknown", node);
    expect(&t, "Ready is Unknown; NotReady; Ready is False");
    world_free(&w);
}

static void what_two_ways_lead_to_is_told_once(void **state)
{
    (void)state;
    struct timeline t = {0};
    put(&t, TIMELINE_EVENT, 5000, 1000, "replicaset a", "SuccessfulCreate: pod a-1", NULL);
    put(&t, TIMELINE_CONDITION, 5000, 1000, "pod a-1", "created", NULL);
    put(&t, TIMELINE_EVENT, 5000, 1000, "replicaset a", "SuccessfulCreate: pod a-1", NULL);
    expect(&t, "created; SuccessfulCreate: pod a-1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pod_starts_in_the_order_of_its_steps),
        cmocka_unit_test(finer_stamps_keep_their_order_among_coarse_ones),
        cmocka_unit_test(a_node_is_before_its_pods_and_what_was_seen_is_last),
        cmocka_unit_test(what_two_ways_lead_to_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
