/* A reading that runs out of memory ends without a document: never in an assertion, never with another value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/json_read.h"
#include "strata/mem.h"

/* All documents whose first token has an escape at byte N: one of them is where jansson's buffer has to grow. */
static long readings(bool persistent)
{
    long failed = 0;
    for (int pad = 0; pad < 70; pad++) {
        char text[160];
        size_t len = (size_t)snprintf(text, sizeof text, "[\"%.*s\\nq\\u00e9\", 1234567890123456]", pad,
                                      "0123456789012345678901234567890123456789012345678901234567890123456789");
        json_t *whole = json_read(text, len, 0, NULL);
        assert_non_null(whole);
        long n = 1, seen;
        do {
            mem_fail_at(n, persistent);
            json_t *doc = json_read(text, len, 0, NULL);
            seen = mem_fail_at(0, false);
            if (doc)
                assert_true(json_equal(doc, whole));
            else
                failed++;
            json_decref(doc);
        } while (seen >= n++);
        json_decref(whole);
    }
    return failed;
}

static void one_failure(void **state)
{
    (void)state;
    assert_true(readings(false) > 70);
}

static void failures_from_then_on(void **state)
{
    (void)state;
    assert_true(readings(true) > 70);
}

static void bad_text_says_where(void **state)
{
    (void)state;
    json_error_t e;
    assert_null(json_read("{\"a\":]", 6, 0, &e));
    assert_int_equal(e.line, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_failure),
        cmocka_unit_test(failures_from_then_on),
        cmocka_unit_test(bad_text_says_where),
    };
    json_read_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
