/* The ring of log lines: what is counted stays right while lines come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "strata/mem.h"
#include "tui/logbuf.h"

static void put(struct logbuf *b, const char *text)
{
    struct log_line l = {.text = mem_strdup(text), .len = (uint32_t)strlen(text)};
    assert_non_null(l.text);
    assert_true(logbuf_add(b, &l));
}

static size_t count(const struct logbuf *b, const char *with)
{
    size_t n = 0;
    for (size_t i = 0; i < b->count; i++)
        n += strstr(logbuf_at(b, i)->text, with) != NULL;
    return n;
}

static void matches_follow_the_lines(void **state)
{
    (void)state;
    struct logbuf b;
    char line[64];
    logbuf_init(&b, 4096);
    put(&b, "one error");
    put(&b, "fine");
    assert_int_equal(logbuf_matches(&b, "ERROR"), 1);         /* any case */
    for (int i = 0; i < 500; i++) {
        snprintf(line, sizeof(line), "%d %s", i, i % 3 ? "fine" : "error");
        put(&b, line);
        assert_int_equal(logbuf_matches(&b, "ERROR"), count(&b, "error"));
    }
    assert_true(b.dropped > 0);
    assert_int_equal(logbuf_matches(&b, "fine"), count(&b, "fine"));
    assert_int_equal(logbuf_matches(&b, ""), 0);
    logbuf_clear(&b);
    assert_int_equal(logbuf_matches(&b, "fine"), 0);
    logbuf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(matches_follow_the_lines)};
    return cmocka_run_group_tests_name("logbuf", tests, NULL, NULL);
}
