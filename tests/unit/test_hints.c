/* Suggestions of the demo cloud: read from its file, done by their command, off and on again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "strata/clock.h"
#include "tui/hints.h"

static void load(struct hints *h, const char *text)
{
    char dir[] = "/tmp/strata-hints.XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/hints", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    hints_load(h, dir);
    unlink(path);
    rmdir(dir);
}

static void order(void **state)
{
    struct hints h;
    (void)state;
    load(&h, "logs|l on a pod\nno bar\n|only a key moves on\nfilter|a | in the words\n");
    assert_int_equal(h.n, 3);
    assert_string_equal(hints_now(&h), "l on a pod");
    hints_ran(&h, "logsome");
    hints_ran(&h, "describe");
    assert_false(hints_tick(&h));
    hints_ran(&h, "logs previous");
    assert_true(h.next_ms > clock_mono_ms());
    assert_string_equal(hints_now(&h), "l on a pod");          /* it stays for a while: one sees that it was done */
    h.next_ms = 1;
    assert_true(hints_tick(&h));
    assert_string_equal(hints_now(&h), "only a key moves on");
    hints_ran(&h, "");
    hints_ran(&h, "logs");
    assert_false(hints_tick(&h));
    h.at = 2;
    assert_string_equal(hints_now(&h), "a | in the words");
    hints_ran(&h, "filter");
    h.next_ms = 1;
    assert_true(hints_tick(&h));
    assert_null(hints_now(&h));
    hints_release(&h);
}

static void hostile(void **state)
{
    struct hints h;
    (void)state;
    load(&h, "logs|clear \033[2J the \007 screen\n");
    assert_int_equal(h.n, 1);
    assert_null(strchr(hints_now(&h), '\033'));
    hints_release(&h);
    load(&h, "");
    assert_null(hints_now(&h));
    hints_release(&h);
    hints_load(&h, "/nonexistent");
    assert_null(hints_now(&h));
    assert_false(hints_tick(&h));
    hints_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(order), cmocka_unit_test(hostile)};
    return cmocka_run_group_tests_name("hints", tests, NULL, NULL);
}
