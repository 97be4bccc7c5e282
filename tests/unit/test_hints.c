/* Suggestions of the demo cloud: read from its file, in their moment, done by their command; its story. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tui/hints.h"

enum { START = 1000000 };
static char dir[64];

static void put(const char *name, const char *text, const char *mode)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, mode);
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void load(struct hints *h, const char *text)
{
    snprintf(dir, sizeof dir, "/tmp/strata-hints.XXXXXX");
    assert_non_null(mkdtemp(dir));
    put("hints", text, "w");
    put("story", "", "w");
    hints_load(h, dir, START);
}

static void done(struct hints *h)
{
    char path[96];
    hints_release(h);
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, i ? "hints" : "story");
        unlink(path);
    }
    rmdir(dir);
}

static bool tick(struct hints *h, int ms)
{
    return hints_tick(h, START + ms, NULL, NULL);
}

static void order(void **state)
{
    struct hints h;
    (void)state;
    load(&h, "0-0|logs|l on a pod\nno bar\n0|x|no dash\n0-0||only time moves on\n0-0|filter|a | in the words\n0-0|heal|h\n");
    assert_int_equal(h.n, 4);
    assert_string_equal(hints_now(&h), "l on a pod");
    hints_ran(&h, "logsome", START);
    hints_ran(&h, "describe", START);
    assert_false(tick(&h, 5000));
    hints_ran(&h, "logs previous", START + 6000);
    assert_false(tick(&h, 7000));
    assert_string_equal(hints_now(&h), "l on a pod");          /* it stays for a while: one sees that it was done */
    hints_ran(&h, "heal x", START + 8000);                     /* followed before it was suggested: it does not come */
    assert_true(tick(&h, 20000));
    assert_string_equal(hints_now(&h), "only time moves on");
    hints_ran(&h, "", START + 20000);
    assert_false(tick(&h, 25000));
    assert_true(tick(&h, 60000));
    assert_string_equal(hints_now(&h), "a | in the words");
    assert_true(hints_next(&h, START + 61000));                /* what was only read can be seen again, what was done not */
    assert_string_equal(hints_now(&h), "only time moves on");
    assert_true(hints_next(&h, START + 61000));
    hints_ran(&h, "filter", START + 61000);
    assert_true(tick(&h, 80000));
    assert_null(hints_now(&h));                                /* all was followed or read: nothing stays */
    done(&h);
}

static void moments(void **state)
{
    struct hints h;
    (void)state;
    load(&h, "0-20000||before\n20000-60000|nodes|meanwhile\n60000-0||after\n");
    assert_string_equal(hints_now(&h), "before");
    assert_false(hints_next(&h, START + 1000));
    assert_true(tick(&h, 20000));
    assert_string_equal(hints_now(&h), "meanwhile");
    assert_true(tick(&h, 60000));
    assert_string_equal(hints_now(&h), "after");
    assert_true(tick(&h, 95000));
    assert_null(hints_now(&h));
    done(&h);
}

static char heard[400];
static void told(void *arg, const char *line)
{
    *(int *)arg += 1;
    snprintf(heard, sizeof heard, "%s", line);
}

static void story(void **state)
{
    struct hints h;
    int n = 0;
    (void)state;
    load(&h, "0-0||words\n");
    assert_null(hints_story(&h));
    put("story", "compute-2 loses \033[2J its power\nhalf a", "a");
    assert_true(hints_tick(&h, START, told, &n));
    assert_int_equal(n, 1);
    assert_string_equal(hints_story(&h), heard);
    assert_null(strchr(heard, '\033'));
    put("story", " line\n", "a");
    assert_true(hints_tick(&h, START + 1000, told, &n));
    assert_string_equal(hints_story(&h), "half a line");
    assert_true(hints_tick(&h, START + 40000, told, &n));
    assert_null(hints_story(&h));                              /* then the suggestion is back, with all its time */
    assert_string_equal(hints_now(&h), "words");
    h.off = true;
    put("story", "not to be heard\n", "a");
    hints_tick(&h, START + 41000, told, &n);
    assert_int_equal(n, 2);
    assert_null(hints_story(&h));
    done(&h);
}

static void hostile(void **state)
{
    struct hints h;
    (void)state;
    load(&h, "0-0|logs|clear \033[2J the \007 screen\n");
    assert_int_equal(h.n, 1);
    assert_null(strchr(hints_now(&h), '\033'));
    done(&h);
    load(&h, "");
    assert_null(hints_now(&h));
    done(&h);
    hints_load(&h, "/nonexistent", START);
    assert_null(hints_now(&h));
    assert_false(tick(&h, 1000));
    assert_false(hints_next(&h, START));
    hints_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(order), cmocka_unit_test(moments), cmocka_unit_test(story), cmocka_unit_test(hostile)};
    return cmocka_run_group_tests_name("hints", tests, NULL, NULL);
}
