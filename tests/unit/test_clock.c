/* The clocks: frozen, advanced, and STRATA_NOW. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "strata/clock.h"

static void test_clocks(void **state)
{
    (void)state;
    int64_t a = clock_mono_us(), b = clock_mono_us();
    assert_true(b >= a);
    assert_true(clock_wall_ms() > 1600000000000);
    clock_freeze(500, 1000);
    assert_int_equal(clock_mono_ms(), 500);
    assert_int_equal(clock_wall_ms(), 1000);
    clock_advance(250);
    assert_int_equal(clock_mono_us(), 750000);
    assert_int_equal(clock_wall_ms(), 1250);
    setenv("STRATA_NOW", "2026-01-02T03:04:05Z", 1);
    clock_freeze(-1, 0);
    assert_int_equal(clock_wall_ms(), 1767323045000);
    assert_true(clock_mono_us() >= a);
    setenv("STRATA_NOW", "nonsense", 1);
    clock_freeze(-1, 0);
    assert_true(clock_wall_ms() != 1767323045000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_clocks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
