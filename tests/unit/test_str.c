/* The text buffer and the arena. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "strata/mem.h"
#include "strata/str.h"

static void test_build(void **state)
{
    (void)state;
    struct str s;
    str_init(&s, 0);
    assert_string_equal(s.data, "");
    str_adds(&s, "ab");
    str_addc(&s, 'c');
    for (int i = 0; i < 300; i++)
        str_addf(&s, "%d,", i % 10);
    assert_int_equal(s.len, 603);
    assert_int_equal(strlen(s.data), 603);
    assert_memory_equal(s.data, "abc0,1,2,3,", 11);
    str_cut(&s, 599);
    assert_string_equal(s.data, "8,9,");
    str_cut(&s, 100);
    assert_string_equal(s.data, "");
    char *t = str_take(&s);
    assert_string_equal(t, "");
    mem_free(t);
    t = str_take(&s);   /* an empty one too */
    assert_string_equal(t, "");
    mem_free(t);
    str_release(&s);
}

static void test_maximum_is_sticky(void **state)
{
    (void)state;
    struct str s;
    str_init(&s, 5);
    assert_true(str_adds(&s, "12345"));
    assert_false(str_addc(&s, '6'));
    assert_false(str_add(&s, "", 0));
    assert_string_equal(s.data, "12345");
    str_clear(&s);
    assert_true(str_addf(&s, "%s", "abcde"));
    assert_false(str_addf(&s, "%s", "f"));
    assert_null(str_take(&s));
    assert_string_equal(s.data, "");
    assert_false(str_addf(&s, "%s", "toolong"));
    str_release(&s);
    mem_fail_at(1, false);
    assert_false(str_adds(&s, "a"));
    mem_fail_at(0, false);
    assert_true(s.failed);
    assert_string_equal(s.data, "");
    str_release(&s);
}

static void test_encodings(void **state)
{
    (void)state;
    struct str s;
    str_init(&s, 0);
    str_add_urlenc(&s, "a b/c?d=\xC3\xA9~-._Z9");
    assert_string_equal(s.data, "a%20b%2Fc%3Fd%3D%C3%A9~-._Z9");
    str_clear(&s);
    str_add_json(&s, "q\"\\\n\t\r\x01\x7F\xC3\xA9", 10);
    assert_string_equal(s.data, "\"q\\\"\\\\\\n\\t\\r\\u0001\\u007f\xC3\xA9\"");
    str_release(&s);
}

static void test_arena(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    char *text = arena_strndup(&a, "hello", 4);
    assert_string_equal(text, "hell");
    for (int i = 0; i < 5000; i++) {
        char *p = arena_alloc(&a, 1 + (size_t)i % 90);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 8, 0);
        assert_int_equal(p[0], 0);
        memset(p, 0xFF, 1 + (size_t)i % 90);
    }
    assert_string_equal(text, "hell");
    assert_null(arena_alloc(&a, 2 << 20));
    assert_true(a.failed);
    arena_reset(&a);
    assert_false(a.failed);
    assert_int_equal(a.used, 0);
    assert_non_null(arena_alloc(&a, 500000));   /* bigger than any block */
    arena_reset(&a);
    mem_fail_at(1, true);
    assert_null(arena_alloc(&a, 900000));
    mem_fail_at(0, false);
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build), cmocka_unit_test(test_maximum_is_sticky), cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_arena)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
