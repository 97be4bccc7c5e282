/* Which operations are under way, for who wants to leave: also one whose start was asked for and which core has not come to yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tui/pending.h"

static void what_was_asked_to_start_is_under_way(void **state)
{
    struct pending p = {0};
    struct op_view o = {.id = 7, .state = OPS_PLANNED}, none = {.state = OPS_PLANNED};
    (void)state;
    assert_false(pending_runs(&p, &o));                  /* a plan that is only looked at */
    assert_false(pending_runs(&p, &none));
    pending_begin(&p, 7);
    assert_true(pending_runs(&p, &o));
    o.state = OPS_RUNNING;
    assert_true(pending_runs(&p, &o));
    o.state = OPS_REFUSED;
    assert_false(pending_runs(&p, &o));
    o.state = OPS_DONE;
    assert_false(pending_runs(&p, &o));
    for (uint32_t i = 0; i < PENDING_BEGUN; i++)
        pending_begin(&p, 100 + i);
    o.state = OPS_PLANNED;
    assert_false(pending_runs(&p, &o));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_asked_to_start_is_under_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
