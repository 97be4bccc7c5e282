/* The allocation seam: fault countdown, growth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "strata/mem.h"

static void test_fault_countdown(void **state)
{
    (void)state;
    mem_fail_at(2, false);
    void *a = mem_alloc(1), *b = mem_alloc(1), *c = mem_zalloc(1);
    assert_non_null(a);
    assert_null(b);
    assert_non_null(c);
    assert_int_equal(mem_fail_at(1, true), 3);
    assert_null(mem_strdup("x"));
    assert_null(mem_alloc(1));
    assert_int_equal(mem_fail_at(0, false), 2);
    mem_free(a);
    mem_free(c);
    char *s = mem_strndup("hello", 2);
    assert_string_equal(s, "he");
    mem_free_secret(s);
    mem_free_secret(NULL);
    assert_null(mem_strdup(NULL));
}

static void test_grow(void **state)
{
    (void)state;
    int *p = NULL;
    size_t cap = 0;
    assert_true(mem_grow(&p, &cap, 1, sizeof *p));
    assert_in_range(cap, 1, 64);
    p[0] = 7;
    assert_true(mem_grow(&p, &cap, 1000, sizeof *p));
    assert_true(cap >= 1000);
    assert_int_equal(p[0], 7);
    int *before = p;
    size_t old = cap;
    mem_fail_at(1, false);
    assert_false(mem_grow(&p, &cap, cap + 1, sizeof *p));
    mem_fail_at(0, false);
    assert_false(mem_grow(&p, &cap, SIZE_MAX / 2, sizeof *p));
    assert_ptr_equal(p, before);
    assert_int_equal(cap, old);
    mem_free(p);
}

static void *allocate(void *arg)
{
    long *failed = arg;
    for (int i = 0; i < 1000; i++) {
        void *p = mem_alloc(8);
        *failed += !p;
        mem_free(p);
    }
    return NULL;
}

static void test_one_failure_over_threads(void **state)
{
    (void)state;
    pthread_t t[4];
    long failed[4] = {0};
    mem_fail_at(1500, false);
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, allocate, &failed[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    assert_int_equal(mem_fail_at(0, false), 4000);
    assert_int_equal(failed[0] + failed[1] + failed[2] + failed[3], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fault_countdown), cmocka_unit_test(test_grow), cmocka_unit_test(test_one_failure_over_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
