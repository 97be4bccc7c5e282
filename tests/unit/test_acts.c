/* One outcome or many: what the status line says, and that each is kept to be read. */
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

static void many_outcomes_are_one_sentence(void **state)
{
    struct app *a = mem_zalloc(sizeof *a);
    (void)state;
    a->acts = (struct acts){.total = 4, .verb = "delete"};
    finish(a, "deleted pod a", NULL);
    finish(a, NULL, "not deleted: pod b: forbidden");
    finish(a, NULL, "not deleted: pod c: gone");
    assert_string_equal(a->status, "");                      /* not before the last */
    finish(a, "deleted pod d", NULL);
    assert_string_equal(a->status, "2 deleted, 2 failed (:messages has all): pod b: forbidden");
    assert_true(a->status_bad);
    assert_int_equal(a->ticker_n, 5);                        /* each of them, and the sentence */
    assert_string_equal(a->ticker[2].text, "not deleted: pod c: gone");
    assert_int_equal(a->ticker[2].health, HEALTH_BAD);
    assert_true(a->ticker[4].status && !a->ticker[2].status);
    a->acts = (struct acts){.total = 2, .verb = "delete"};
    finish(a, "deleted pod a", NULL);
    finish(a, "deleted pod b", NULL);
    assert_string_equal(a->status, "2 deleted");
    assert_false(a->status_bad);
    mem_free(a);
}

static void a_single_failure_is_its_own_sentence(void **state)
{
    struct app *a = mem_zalloc(sizeof *a);
    (void)state;
    a->acts = (struct acts){.total = 1, .verb = "delete"};
    finish(a, NULL, "not deleted: pod b: forbidden");
    assert_string_equal(a->status, "not deleted: pod b: forbidden");
    a->status[0] = '\0';
    a->acts = (struct acts){.total = 1, .verb = "delete"};
    finish(a, "deleted pod b", NULL);
    assert_string_equal(a->status, "");                      /* the ticker has it */
    assert_string_equal(a->ticker[(a->ticker_n - 1) % TICKER_LINES].text, "deleted pod b");
    mem_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_outcomes_are_one_sentence),
        cmocka_unit_test(a_single_failure_is_its_own_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
