/* Which object a line of why, of a blast radius or of a timeline names: the cockpit goes there. */
#include "why_world.h"

#include "strata/blast.h"
#include "strata/timeline.h"

/* The name of what each line names first, "-" nothing, blanks between. */
static void lines(const struct world *w, const struct told *told, const struct str *out, struct str *names)
{
    for (size_t at = 0; at < out->len;) {
        size_t n = strcspn(out->data + at, "\n") + 1;
        uint32_t node = told_node(told, at, at + n);
        str_addf(names, "%s%s", names->len ? " " : "", node == LINK_NO_NODE ? "-" : links_row(w->links, node)->name);
        at += n;
    }
}

static void each_line_of_why_names_its_hop(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    world_build(&w);
    struct told told = {0};
    struct tell t = {.l = w.links, .source = nowhere, .told = &told};
    struct str out, names;
    str_init(&out, 0);
    str_init(&names, 0);
    assert_true(tell_why(&t, at(&w, TENANT, "pods", "web-1"), &out));
    lines(&w, &told, &out, &names);
    assert_string_equal(names.data, "web-1 w1 w1 w1");
    str_release(&out);
    str_release(&names);
    told_release(&told);
    world_free(&w);
}

static void each_line_of_a_blast_names_what_is_harmed(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_build(&w);
    struct told told = {0};
    struct tell t = {.l = w.links, .source = nowhere, .told = &told, .each = true};
    struct str out, names;
    struct blast x;
    uint32_t node = at(&w, TENANT, "nodes", "node-1");
    str_init(&out, 0);
    str_init(&names, 0);
    assert_true(tell_blast(&t, "lose", &node, 1, &x, &out));
    lines(&w, &told, &out, &names);
    assert_string_equal(names.data, "w1 - - web-1 db-1 w1 db web");
    blast_free(&x);
    str_release(&out);
    str_release(&names);
    told_release(&told);
    world_free(&w);
}

static void a_line_of_a_timeline_names_its_object_unless_it_is_gone(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_build(&w);
    struct told told = {0};
    struct tell t = {.l = w.links, .source = nowhere, .told = &told};
    struct timeline line = {0};
    struct row gone = *links_row(w.links, at(&w, TENANT, "nodes", "node-1"));
    gone.uid = "another";
    struct timeline_line of[] = {
        {.lo_ms = 1000, .hi_ms = 1000, .stamp_ms = 1000, .object = "pod web-1", .what = "a", .who = "", .row = links_row(w.links, at(&w, TENANT, "pods", "web-1"))},
        {.lo_ms = 2000, .hi_ms = 2000, .stamp_ms = 2000, .object = "node node-1", .what = "b", .who = "", .row = &gone},
        {.lo_ms = 3000, .hi_ms = 3000, .stamp_ms = 3000, .object = "what", .what = "c", .who = ""},
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        timeline_add(&line, &of[i]);
    timeline_order(&line);
    struct str out, names;
    str_init(&out, 0);
    str_init(&names, 0);
    tell_timeline(&t, &line, &out);
    lines(&w, &told, &out, &names);
    assert_string_equal(names.data, "web-1 - -");
    timeline_release(&line);
    str_release(&out);
    str_release(&names);
    told_release(&told);
    world_free(&w);
}

/* The day once, and nobody stands for what strata saw. */
static void the_day_of_a_timeline_stands_on_a_line_of_its_own(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_build(&w);
    struct tell t = {.l = w.links, .source = nowhere, .days = true};
    struct timeline line = {0};
    struct timeline_line of[] = {
        {.lo_ms = 1000, .hi_ms = 1000, .stamp_ms = 1000, .step_ms = 1, .object = "pod a", .what = "x", .who = "kubelet"},
        {.lo_ms = 2000, .hi_ms = 2000, .stamp_ms = CELL_NONE, .from = TIMELINE_SEEN, .object = "pod a", .what = "y", .who = "seen by strata"},
        {.lo_ms = 86401000, .hi_ms = 86401000, .stamp_ms = 86401000, .step_ms = 1, .object = "pod a", .what = "z", .who = ""},
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        timeline_add(&line, &of[i]);
    timeline_order(&line);
    struct str out;
    str_init(&out, 0);
    tell_timeline(&t, &line, &out);
    assert_string_equal(out.data, "1970-01-01\n"
                                  "00:00:01Z   ±0.0 s     event      pod a  x   by kubelet\n"
                                  "00:00:02Z   ±0.0 s     seen       pod a  y\n"
                                  "1970-01-02\n"
                                  "00:00:01Z   ±0.0 s     event      pod a  z\n");
    timeline_release(&line);
    str_release(&out);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_of_why_names_its_hop),
        cmocka_unit_test(each_line_of_a_blast_names_what_is_harmed),
        cmocka_unit_test(a_line_of_a_timeline_names_its_object_unless_it_is_gone),
        cmocka_unit_test(the_day_of_a_timeline_stands_on_a_line_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
