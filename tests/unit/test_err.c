/* Errors: context in front, cut at a character, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "strata/err.h"

static void test_set_and_wrap(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    assert_int_equal(err_set(&err, ERR_NET, 111, "refused by %s", "x"), ERR_NET);
    assert_int_equal(err_wrap(&err, "listing %s", "pods"), ERR_NET);
    assert_string_equal(err.msg, "listing pods: refused by x");
    assert_int_equal(err.detail, 111);
    err_set(&err, ERR_AUTH, 0, "again: %s", err.msg);   /* its own message as an argument */
    assert_string_equal(err.msg, "again: listing pods: refused by x");
    assert_int_equal(err_set(NULL, ERR_IO, 0, "x"), ERR_IO);
    assert_int_equal(err_wrap(NULL, "x"), ERR_OK);
    struct err bare = {ERR_TIMEOUT, 0, ""};
    err_wrap(&bare, "a");
    assert_string_equal(bare.msg, "a: no answer in time");
}

static void test_long_messages_stay_utf8(void **state)
{
    (void)state;
    for (int shift = 0; shift < 3; shift++) {
        char text[1000];
        memset(text, 'a', sizeof text);
        for (int i = shift; i + 3 < (int)sizeof text - 1; i += 3)
            memcpy(text + i, "\xE4\xB8\xAD", 3);
        text[999] = '\0';
        struct err err = ERR_INIT;
        err_set(&err, ERR_IO, 0, "%s", text);
        size_t n = strlen(err.msg);
        assert_in_range(n, sizeof err.msg - 4, sizeof err.msg - 1);
        assert_int_equal((n - (size_t)shift) % 3, 0);
        err_wrap(&err, "%s", "b");
        assert_in_range(strlen(err.msg), sizeof err.msg - 4, sizeof err.msg - 1);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_OK), "OK");
    assert_string_equal(err_name(ERR_EXEC), "EXEC");
    assert_string_equal(err_text(ERR_TLS), "TLS failed");
    assert_non_null(err_name((enum err_code)1000));
    assert_true(err_retryable(ERR_SERVER));
    assert_false(err_retryable(ERR_AUTH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_wrap), cmocka_unit_test(test_long_messages_stay_utf8), cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
