/* Which object a line of why or of a blast radius names: the cockpit goes there. */
#include "why_world.h"

#include "strata/blast.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_of_why_names_its_hop),
        cmocka_unit_test(each_line_of_a_blast_names_what_is_harmed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
