/* What came of a way into a pod: the ticker has it, and a failure the status line, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "strata/mem.h"
#include "tui/app_int.h"

static void finish(struct app *a, const char *text, const char *failure)
{
    char buf[64];
    struct event e = {.type = EV_DONE};
    snprintf(buf, sizeof buf, "%s", text ? text : "");
    if (failure) e.err.code = ERR_FORBIDDEN, snprintf(e.err.msg, sizeof e.err.msg, "%s", failure);
    else e.text = buf;
    acts_done(a, &e);
}

static void a_failure_is_its_own_sentence(void **state)
{
    struct app *a = mem_zalloc(sizeof *a);
    (void)state;
    finish(a, NULL, "no exec: pod b: forbidden");
    assert_string_equal(a->status, "no exec: pod b: forbidden");
    assert_true(a->status_bad);
    assert_string_equal(a->ticker[0].text, "no exec: pod b: forbidden");
    assert_int_equal(a->ticker[0].health, HEALTH_BAD);
    a->status[0] = '\0';
    finish(a, "exec in pod b ended with 0", NULL);
    assert_string_equal(a->status, "");                      /* the ticker has it */
    assert_string_equal(a->ticker[(a->ticker_n - 1) % TICKER_LINES].text, "exec in pod b ended with 0");
    mem_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_its_own_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
