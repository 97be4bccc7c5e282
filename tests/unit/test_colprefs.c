/* The user's columns survive the file they are kept in; what is odd in the file hurts nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/app_int.h"
#include "tui/colprefs.h"

static void what_is_written_is_read_again(void **state)
{
    struct colprefs p = {0}, q = {0};
    struct str out, again;
    (void)state;
    str_init(&out, 0), str_init(&again, 0);
    struct colpref *c = colprefs_get(&p, "pods");
    assert_true(colpref_show(c, "name") && colpref_show(c, "node") && colpref_show(c, "name"));
    colpref_set_width(c, "name", 50);
    colpref_set_width(c, "ip", 1);
    colpref_set_width(colprefs_get(&p, "server"), "host", 9999);
    assert_int_equal(c->nshow, 2);
    colprefs_print(&p, &out);
    colprefs_parse(&q, out.data);
    colprefs_print(&q, &again);
    assert_string_equal(out.data, again.data);
    c = colprefs_find(&q, "pods");
    assert_string_equal(c->show[1], "node");
    assert_int_equal(colpref_width(c, "name"), 50);
    assert_int_equal(colpref_width(c, "ip"), COLPREF_WIDTH_MIN);
    assert_int_equal(colpref_width(colprefs_find(&q, "server"), "host"), COLPREF_WIDTH_MAX);
    assert_int_equal(colpref_width(NULL, "host"), 0);
    colpref_set_width(c, "name", 0);
    assert_int_equal(colpref_width(c, "name"), 0);
    assert_int_equal(colpref_width(c, "ip"), COLPREF_WIDTH_MIN);
    colprefs_drop(&q, "pods");
    assert_null(colprefs_find(&q, "pods"));
    assert_non_null(colprefs_find(&q, "server"));
    colprefs_release(&p), colprefs_release(&q);
    str_release(&out), str_release(&again);
}

static void odd_lines_are_skipped(void **state)
{
    struct colprefs p = {0};
    char many[6000] = "show pods";
    (void)state;
    colprefs_parse(&p, "# show x y\nshow\nshow pods\nwidth pods name\nwidth pods name x\nwidth pods name -4\nnonsense a b\n\r\n");
    assert_int_equal(p.n, 0);
    for (int i = 0; i < 100; i++) strcat(many, " c"), many[strlen(many)] = (char)('a' + i % 26), many[strlen(many)] = (char)('a' + i / 26);
    colprefs_parse(&p, many);
    assert_int_equal(colprefs_find(&p, "pods")->nshow, COLPREF_COLUMNS);
    memset(many, 'x', sizeof many - 1);
    memcpy(many, "show pods ", 10);
    colprefs_parse(&p, many);                                /* too long a line: as if it were not there */
    assert_int_equal(colprefs_find(&p, "pods")->nshow, COLPREF_COLUMNS);
    colprefs_release(&p);
}

static void who_fails_comes_first(void **state)
{
    struct source_info s[5] = {{.state = SOURCE_OK}, {.state = SOURCE_STALE}, {.state = SOURCE_OK}, {.state = SOURCE_FAILED}, {.state = SOURCE_CONNECTING}};
    const uint8_t want[5] = {3, 1, 4, 0, 2};
    uint8_t order[5];
    (void)state;
    assert_int_equal(source_order(s, 5, order), 5);
    assert_memory_equal(order, want, 5);
}

/* Two stratas: each knows the kind it changed; what the other wrote stays. */
static void each_writes_its_own_kind(void **state)
{
    struct colprefs file = {0}, mine = {0};
    struct str out;
    (void)state;
    colprefs_parse(&file, "show nodes name\nshow pods name ip\nwidth pods name 20\n");
    colprefs_parse(&mine, "show pods name\nshow secrets name\n");
    assert_true(colprefs_take(&file, &mine, "pods") && colprefs_take(&file, &mine, "jobs"));
    str_init(&out, 0);
    colprefs_print(&file, &out);
    assert_string_equal(strchr(out.data, '\n') + 1, "show nodes name\nshow pods name\n");
    assert_true(colprefs_take(&file, &(struct colprefs){0}, "nodes"));
    assert_null(colprefs_find(&file, "nodes"));
    assert_non_null(colprefs_find(&file, "pods"));
    str_release(&out);
    colprefs_release(&file), colprefs_release(&mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again), cmocka_unit_test(each_writes_its_own_kind),
        cmocka_unit_test(odd_lines_are_skipped),
        cmocka_unit_test(who_fails_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
