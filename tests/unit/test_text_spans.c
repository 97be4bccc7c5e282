/* The colours of lines: how bad it is, which class a link is of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/text_spans.h"
#include "tui/theme.h"

static void how_bad_it_is_has_a_colour(void **state)
{
    static const struct { const char *line; size_t from, to; enum role role; size_t n; } cases[] = {
        {"  lost     DP  pod a <- node b", 0, 7, ROLE_BAD, 1},
        {"  at risk  CP  deployment a", 0, 10, ROLE_WARN, 1},
        {"  degraded DP  daemonset a", 0, 11, ROLE_WARN, 1},
        {"lose node b (mgmt): red", 20, 23, ROLE_BAD, 1},
        {"lose node b (mgmt): yellow", 20, 26, ROLE_WARN, 1},
        {"lose node b (mgmt): green", 20, 25, ROLE_OK, 1},
        {"  lostandfound is a pod", 0, 0, ROLE_TEXT, 0},
        {"node red", 0, 0, ROLE_TEXT, 0},
        {"  runs on node b   A E1 nodeName b", 19, 20, ROLE_OK, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text_span sp[4];
        size_t n = spans_links(cases[i].line, strlen(cases[i].line), sp);
        assert_int_equal(n, cases[i].n);
        if (!n) continue;
        assert_int_equal(sp[0].from, cases[i].from);
        assert_int_equal(sp[0].to, cases[i].to);
        assert_int_equal(sp[0].style, STYLE(cases[i].role));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(how_bad_it_is_has_a_colour)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
