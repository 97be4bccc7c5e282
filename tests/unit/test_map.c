/* The hash map, checked against a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "strata/map.h"
#include "strata/mem.h"

static int freed;
static void count_free(void *p)
{
    (void)p;
    freed++;
}

static void test_against_array(void **state)
{
    (void)state;
    enum { N = 500 };
    static char values[N][2];
    void *want[N] = {0};
    struct map m;
    map_init(&m, NULL);
    unsigned r = 1;
    for (int step = 0; step < 20000; step++) {
        r = r * 1664525u + 1013904223u;
        unsigned k = (r >> 8) % N;
        char key[16];
        snprintf(key, sizeof key, "key-%u", k);
        if ((r >> 20) & 1) {
            assert_true(map_put(&m, key, values[k]));
            want[k] = values[k];
        } else {
            assert_int_equal(map_del(&m, key), want[k] != NULL);
            want[k] = NULL;
        }
        assert_ptr_equal(map_get(&m, key), want[k]);
    }
    size_t n = 0, seen = 0;
    for (int k = 0; k < N; k++)
        n += want[k] != NULL;
    assert_int_equal(m.count, n);
    const struct map_entry *e;
    for (size_t i = 0; (e = map_next(&m, &i));)
        seen++;
    assert_int_equal(seen, n);
    assert_true(m.cap <= 4096);   /* deleted ones do not make it grow */
    map_release(&m);
}

static void test_ownership_and_memory(void **state)
{
    (void)state;
    int a, b;
    struct map m;
    freed = 0;
    map_init(&m, count_free);
    map_put(&m, "x", &a);
    map_put(&m, "x", &a);
    assert_int_equal(freed, 0);
    map_put(&m, "x", &b);
    assert_int_equal(freed, 1);
    map_put(&m, "", &a);
    assert_ptr_equal(map_get(&m, ""), &a);
    mem_fail_at(1, true);
    assert_false(map_put(&m, "y", &a));
    mem_fail_at(0, false);
    assert_null(map_get(&m, "y"));
    assert_int_equal(m.count, 2);
    map_del(&m, "x");
    assert_int_equal(freed, 2);
    map_release(&m);
    assert_int_equal(freed, 3);
    assert_null(map_get(&m, "x"));
    assert_false(map_del(&m, "x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_array), cmocka_unit_test(test_ownership_and_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
