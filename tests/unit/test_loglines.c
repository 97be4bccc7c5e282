/* Log bytes into lines: chunks of every size, resumed streams, endless lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/kube/loglines.h"

static void collect(void *arg, int64_t ns, const char *text, size_t len)
{
    struct str *out = arg;
    str_addf(out, "%lld:", ns == LOGLINES_NO_TIME ? -1LL : (long long)(ns % 1000000000));
    str_add(out, text, len);
    str_addc(out, '|');
}

static void feed_all(struct loglines *ll, const char *s, size_t chunk)
{
    for (size_t n = strlen(s); n; ) {
        size_t k = n < chunk ? n : chunk;
        loglines_feed(ll, s, k);
        s += k;
        n -= k;
    }
}

#define T(ns) "2026-11-21T10:00:00." ns "Z "

static void chunks(void **state)
{
    (void)state;
    const char *log = T("1") "first\n" T("2") "caf\xc3\xa9 \x1b[31mred\x1b[0m\r\n" T("3") "\n" "no stamp\n" T("4") "last";
    for (size_t chunk = 1; chunk < 60; chunk++) {
        struct loglines ll;
        struct str out;
        str_init(&out, 0);
        loglines_init(&ll, collect, &out);
        feed_all(&ll, log, chunk);
        loglines_end(&ll);
        assert_string_equal(out.data, "100000000:first|200000000:caf\xc3\xa9 red|300000000:|-1:no stamp|400000000:last|");
        loglines_release(&ll);
        str_release(&out);
    }
}

static void collect_sent(void *arg, int64_t ns, const char *text, size_t len)
{
    struct { struct loglines ll; struct str out; } *c = arg;
    (void)ns;
    str_add(&c->out, text, len);
    if (!c->ll.more)
        str_addc(&c->out, '\n');
}

/* As sent: every byte, also what no screen may see, the end of a last line only if it was there, pieces without a mark. */
static void as_sent(void **state)
{
    (void)state;
    static const char body[] = "\x1b[31mred\x1b[0m\ttab\r\n" "nul\0bel\a\n" "\n" "caf\xc3\xa9 \xff";
    static const char log[] = T("1") "\x1b[31mred\x1b[0m\ttab\r\n" T("2") "nul\0bel\a\n" T("3") "\n" T("4") "caf\xc3\xa9 \xff";
    for (int stamps = 0; stamps < 2; stamps++)
        for (size_t chunk = 1; chunk < 80; chunk++) {
            struct { struct loglines ll; struct str out; } c;
            str_init(&c.out, 0);
            loglines_init(&c.ll, collect_sent, &c);
            c.ll.as_sent = true;
            c.ll.keep_stamp = stamps;
            for (size_t at = 0; at < sizeof log - 1; at += chunk)
                loglines_feed(&c.ll, log + at, sizeof log - 1 - at < chunk ? sizeof log - 1 - at : chunk);
            loglines_end(&c.ll);
            assert_int_equal(c.out.len, stamps ? sizeof log - 1 : sizeof body - 1);
            assert_memory_equal(c.out.data, stamps ? log : body, c.out.len);
            str_clear(&c.out);
            struct str big;                        /* longer than a piece */
            str_init(&big, 0);
            for (size_t i = 0; i < (size_t)LOGLINES_PIECE * 2 + chunk && chunk < 3; i++)
                str_addc(&big, (char)('a' + i % 26));
            str_addc(&big, '\n');
            loglines_feed(&c.ll, T("5"), sizeof T("5") - 1);
            loglines_feed(&c.ll, big.data, big.len);
            assert_int_equal(c.out.len, big.len + (stamps ? sizeof T("5") - 1 : 0));
            assert_memory_equal(c.out.data + c.out.len - big.len, big.data, big.len);
            str_release(&big);
            loglines_release(&c.ll);
            str_release(&c.out);
        }
}

/* Resumed with sinceTime of full seconds: what comes again is dropped, equal stamps are counted. */
static void resume(void **state)
{
    (void)state;
    struct loglines ll;
    struct str out;
    str_init(&out, 0);
    loglines_init(&ll, collect, &out);
    feed_all(&ll, T("1") "a\n" T("2") "b\n" T("2") "c\n" T("3") "cut o", 7);
    loglines_resume(&ll);
    feed_all(&ll, T("05") "old\n" T("1") "a\n" T("2") "b\n" T("2") "c\n" T("2") "d\n" T("3") "cut off\n" T("4") "e\n", 11);
    loglines_end(&ll);
    assert_string_equal(out.data, "100000000:a|200000000:b|200000000:c|200000000:d|300000000:cut off|400000000:e|");
    loglines_release(&ll);
    str_release(&out);
}

static void count_pieces(void *arg, int64_t ns, const char *text, size_t len)
{
    size_t *n = arg;
    (void)ns;
    (void)text;
    assert_true(len <= LOGLINES_PIECE + 6);
    n[0]++;
    n[1] += len;
}

/* A line that never ends goes out in bounded pieces; cut in the middle, the rest comes once after the resumption. */
static void endless(void **state)
{
    (void)state;
    static char line[3 * LOGLINES_PIECE + 10848];
    struct loglines ll;
    size_t n[2] = {0};
    memset(line, 'x', sizeof line - 1);
    loglines_init(&ll, count_pieces, n);
    feed_all(&ll, T("1"), 5);
    feed_all(&ll, line, 1000);
    assert_int_equal(n[0], 3);
    loglines_resume(&ll);
    feed_all(&ll, T("1"), 3);
    feed_all(&ll, line, 777);
    feed_all(&ll, "\n" T("2") "next\n", 4);
    loglines_end(&ll);
    assert_int_equal(n[0], 5);
    size_t marks = 3 * 6;                 /* an ellipsis on both sides of each of three cuts */
    assert_int_equal(n[1], sizeof line - 1 + marks + 4);
    loglines_release(&ll);
}

static void cut_at_characters(void **state)
{
    (void)state;
    struct loglines ll;
    struct str out;
    str_init(&out, 0);
    loglines_init(&ll, collect, &out);
    feed_all(&ll, T("1") "x", 3);
    for (int i = 0; i < 20000; i++)
        loglines_feed(&ll, "\xc3\xa9", 2);
    loglines_end(&ll);
    assert_null(strstr(out.data, "\xef\xbf\xbd"));
    loglines_release(&ll);
    str_release(&out);
}

static void stamps(void **state)
{
    (void)state;
    int64_t a, b;
    assert_true(loglines_stamp("2026-11-21T10:00:00.123456789Z", 30, &a));
    assert_int_equal(a % 1000000000, 123456789);
    assert_true(loglines_stamp("2026-11-21T11:00:00.123456789+01:00", 35, &b));
    assert_int_equal(a, b);
    assert_false(loglines_stamp("2026-11-21 10:00:00 INFO", 24, &a));
    assert_false(loglines_stamp("nonsense", 8, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(chunks), cmocka_unit_test(as_sent), cmocka_unit_test(resume), cmocka_unit_test(endless),
                                       cmocka_unit_test(cut_at_characters), cmocka_unit_test(stamps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
