/* Maintenance windows: how they are written, when they are open, over midnight and over the changes of summer time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "strata/text.h"
#include "strata/window.h"

static int64_t at(const char *s)
{
    int64_t ms;
    assert_true(text_parse_time(s, strlen(s), &ms));
    return ms;
}

static struct window parse(const char *text, const char *now)
{
    struct window w;
    const char *why;
    assert_true(window_parse(&w, text, at(now), &why));
    return w;
}

static void check(const struct window *w, const char *now, bool open, const char *until)
{
    int64_t ms;
    char got[40];
    assert_int_equal(window_open(w, at(now), &ms), open);
    text_format_time(got, sizeof(got), ms);
    assert_string_equal(got, until);
}

static void over_midnight(void **state)
{
    (void)state;
    struct window w = parse("mon-fri 22:00-05:00", "2026-11-22T00:00:00Z");      /* a Sunday */
    check(&w, "2026-11-22T23:00:00Z", false, "2026-11-23T22:00:00Z");
    check(&w, "2026-11-23T21:59:59Z", false, "2026-11-23T22:00:00Z");
    check(&w, "2026-11-23T22:00:00Z", true, "2026-11-24T05:00:00Z");
    check(&w, "2026-11-28T04:59:59Z", true, "2026-11-28T05:00:00Z");              /* Friday's, on Saturday */
    check(&w, "2026-11-28T05:00:00Z", false, "2026-11-30T22:00:00Z");
    w = parse("sat,sun 00:00-24:00", "2026-11-22T00:00:00Z");
    check(&w, "2026-11-28T12:00:00Z", true, "2026-11-30T00:00:00Z");              /* one goes over into the next */
    w = parse("daily 01:30-02:00 UTC", "2026-11-22T00:00:00Z");
    check(&w, "2026-11-22T02:00:00Z", false, "2026-11-23T01:30:00Z");
}

static void zones(void **state)
{
    (void)state;
    struct window w = parse("daily 22:00-05:00 Europe/Berlin", "2026-03-01T00:00:00Z");
    check(&w, "2026-03-10T21:00:00Z", true, "2026-03-11T04:00:00Z");              /* winter: one hour ahead */
    check(&w, "2026-03-10T20:59:00Z", false, "2026-03-10T21:00:00Z");
    check(&w, "2026-03-28T22:00:00Z", true, "2026-03-29T03:00:00Z");              /* the night that is an hour shorter */
    check(&w, "2026-07-01T20:00:00Z", true, "2026-07-02T03:00:00Z");              /* summer: two */
    check(&w, "2026-07-01T19:59:00Z", false, "2026-07-01T20:00:00Z");
    check(&w, "2026-10-24T21:00:00Z", true, "2026-10-25T04:00:00Z");              /* the night that is an hour longer */
}

static void what_is_none(void **state)
{
    static const char *const wrong[] = {"", "mon", "22:00-05:00", "mon 25:00-05:00", "mon 22:00-05:60", "xyz 22:00-05:00", "mon 22:00-05:00 Europe/Nowhere",
                                        "mon 22:00-05:00 ../../etc/passwd", "mon 22-05", "mon- 22:00-05:00", "mon 22:00-24:30"};
    struct window w;
    const char *why;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        why = NULL;
        assert_false(window_parse(&w, wrong[i], at("2026-03-01T00:00:00Z"), &why));
        assert_non_null(why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(over_midnight), cmocka_unit_test(zones), cmocka_unit_test(what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
