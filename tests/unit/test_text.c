/* The sanitiser, widths, ages, times, quantities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "strata/mem.h"
#include "strata/text.h"

#define FFFD "\xEF\xBF\xBD"

static void check_clean(const char *in, size_t len, unsigned flags, const char *want)
{
    struct str s;
    str_init(&s, 0);
    text_clean(&s, in, len, flags);
    assert_string_equal(s.data, want);
    struct str again;   /* clean text is a fixed point */
    str_init(&again, 0);
    text_clean(&again, s.data, s.len, flags);
    assert_string_equal(again.data, s.data);
    str_release(&again);
    str_release(&s);
}
#define CLEAN(in, want) check_clean(in, sizeof(in) - 1, 0, want)
#define LINES(in, want) check_clean(in, sizeof(in) - 1, TEXT_KEEP_NEWLINES, want)

static void test_plain(void **state)
{
    (void)state;
    CLEAN("", "");
    CLEAN("hello, world ~!", "hello, world ~!");
    CLEAN("\xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x9A\x80 e\xCC\x81", "\xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x9A\x80 e\xCC\x81");
    CLEAN("a\tb\nc\r\nd\re", "a b c d e");
    LINES("a\tb\nxyz\r\n\tq", "a       b\nxyz\n        q");
    LINES("\xE4\xB8\xAD\tq", "\xE4\xB8\xAD      q");
}

static void test_sequences_vanish(void **state)
{
    (void)state;
    CLEAN("a\x1b[31;1mred\x1b[0m!", "ared!");
    CLEAN("\x1b[?25l\x1b[2J\x1b[1;1Hx", "x");
    CLEAN("\x1b]0;title\x07x", "x");
    CLEAN("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link");
    CLEAN("\x1bP1$r0m\x1b\\x\x1b_apc\x1b\\y\x1b^pm\x1b\\z\x1bXsos\x1b\\", "xyz");
    CLEAN("\xC2\x9B" "31mred\xC2\x9D" "52;c;AAAA\xC2\x9Cx", "redx");
    CLEAN("\x1b(B\x1b)0\x1b" "7\x1b" "8\x1b" "c\x1b#8x", "x");
    CLEAN("\x1b]0;no end, still seen", "0;no end, still seen");
    LINES("\x1b]0;open\nnext", "0;open\nnext");
    CLEAN("\x1b", FFFD);
    CLEAN("\x1b[", "");
    CLEAN("\x1b[12", "");
    CLEAN("\x1b\x1b[31mx", FFFD "x");
    CLEAN("\x1b[3\x1b[31mx", "x");
}

static void test_replaced(void **state)
{
    (void)state;
    CLEAN("a\0b", "a" FFFD "b");
    CLEAN("\x07\x08\x7F", FFFD FFFD FFFD);
    CLEAN("\xC2\x85", FFFD);                            /* C1 */
    CLEAN("\xE2\x80\xAE" "evil\xE2\x81\xA6", FFFD "evil" FFFD);  /* bidi override, isolate */
    CLEAN("\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD", FFFD FFFD FFFD);    /* zero width space, BOM, soft hyphen */
    CLEAN("\xEE\x80\x80\xF3\xA0\x81\x81", FFFD FFFD);   /* private use, tag */
    CLEAN("\xE3\x85\xA4", FFFD);                        /* Hangul filler */
    CLEAN("\xEF\xB8\x8Fx\xEF\xB8\x8F", "x");            /* variation selector */
    CLEAN("\xC2\xA0x\xE2\x80\xA8y", " x y");            /* no-break space, line separator */
    CLEAN("\xFF\xC0\x80\xED\xA0\x80\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD FFFD);
    CLEAN("\xE4\xB8", FFFD);
    CLEAN("\xE4\xB8x", FFFD "x");
    CLEAN("\xCC\x81x", FFFD "x");                       /* a mark without a base */
    CLEAN("e\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81", "e\xCC\x81\xCC\x81\xCC\x81\xCC\x81");
}

/* U+200C and U+200D where they belong, and where they only hide. */
static void test_joiners(void **state)
{
    (void)state;
#define ZWNJ "\xE2\x80\x8C"
#define ZWJ "\xE2\x80\x8D"
    const char *persian = "\xD9\x85\xDB\x8C" ZWNJ "\xD8\xAE\xD9\x88";                  /* mi-khw */
    CLEAN("\xD9\x85\xDB\x8C" ZWNJ "\xD8\xAE\xD9\x88", "\xD9\x85\xDB\x8C" ZWNJ "\xD8\xAE\xD9\x88");
    assert_int_equal(text_width(persian, strlen(persian)), 4);
    int w;
    assert_int_equal(text_next(persian + 2, strlen(persian) - 2, &w), 5);              /* the letter and its joiner */
    assert_int_equal(w, 1);
    CLEAN("\xE0\xA4\x95\xE0\xA5\x8D" ZWJ "\xE0\xA4\xB7", "\xE0\xA4\x95\xE0\xA5\x8D" ZWJ "\xE0\xA4\xB7");   /* k + virama, zwj, ss */
    CLEAN("\xF0\x9F\x91\xA9" ZWJ "\xF0\x9F\x92\xBB", "\xF0\x9F\x91\xA9\xF0\x9F\x92\xBB");                   /* woman, laptop */
    CLEAN("\xE2\x9D\xA4\xEF\xB8\x8F" ZWJ "\xF0\x9F\x94\xA5", "\xE2\x9D\xA4\xF0\x9F\x94\xA5");               /* heart with selector, fire */
    CLEAN("ad" ZWJ "min", "ad" FFFD "min");
    CLEAN("ad" ZWNJ "min", "ad" FFFD "min");
    CLEAN(ZWJ "x\xD9\x85" ZWNJ, FFFD "x\xD9\x85" FFFD);
    CLEAN("\xD9\x85" ZWNJ "x", "\xD9\x85" FFFD "x");
    CLEAN("\xD9\x85" ZWNJ ZWNJ "\xD9\x85", "\xD9\x85" FFFD FFFD "\xD9\x85");
    CLEAN("\xD9\x85" ZWNJ "\xF0\x9F\x92\xBB", "\xD9\x85" FFFD "\xF0\x9F\x92\xBB");
    CLEAN("\xE0\xA4\x95\xCC\x81\xCC\x81\xCC\x81" ZWJ "\xE0\xA5\x8Dx", "\xE0\xA4\x95\xCC\x81\xCC\x81\xCC\x81" FFFD FFFD "x");
    CLEAN("\xD9\x85\xE2\x80\x8F\xD9\x85", "\xD9\x85" FFFD "\xD9\x85");               /* right-to-left mark */
    CLEAN("\xD9\x85\xE2\x80\xAB\xD9\x85\xE2\x81\xA7", "\xD9\x85" FFFD "\xD9\x85" FFFD);
}

static void test_widths(void **state)
{
    (void)state;
    const char *s = "a\xE4\xB8\xAD" "e\xCC\x81z";
    size_t n = strlen(s);
    int w;
    assert_int_equal(text_width(s, n), 5);
    assert_int_equal(text_next(s, n, &w), 1);
    assert_int_equal(text_next(s + 1, n - 1, &w), 3);
    assert_int_equal(w, 2);
    assert_int_equal(text_next(s + 4, n - 4, &w), 3);
    assert_int_equal(w, 1);
    assert_int_equal(text_next(s + n, 0, &w), 0);
    static const int bytes[] = {0, 1, 1, 4, 7, 8, 8}, used[] = {0, 1, 1, 3, 4, 5, 5};
    for (int cells = 0; cells < 7; cells++) {
        assert_int_equal(text_fit(s, n, cells, &w), bytes[cells]);
        assert_int_equal(w, used[cells]);
    }
    assert_int_equal(text_fit("abcdefghij", 10, 4, NULL), 4);
    assert_int_equal(text_fit("abc", 3, -1, &w), 0);
    assert_true(text_is_clean("plain text 12345678", 19));
    for (size_t i = 0; i < 19; i++) {
        char copy[] = "plain text 12345678";
        const char bad[] = {'\n', 0x7F, (char)0x80, (char)0xFF, 0x1B, 0x1F, 0};
        for (size_t k = 0; k < sizeof bad; k++) {
            copy[i] = bad[k];
            assert_false(text_is_clean(copy, 19));
        }
    }
}

static void test_ages(void **state)
{
    (void)state;
    static const struct { int64_t s; const char *want; } t[] = {
        {-2, "<invalid>"}, {-1, "0s"}, {0, "0s"}, {119, "119s"}, {120, "2m"}, {121, "2m1s"}, {200, "3m20s"}, {599, "9m59s"},
        {600, "10m"}, {10799, "179m"}, {10800, "3h"}, {10860, "3h1m"}, {28799, "7h59m"}, {28800, "8h"}, {172799, "47h"},
        {172800, "2d"}, {176400, "2d1h"}, {691199, "7d23h"}, {691200, "8d"}, {63071999, "729d"}, {63072000, "2y"},
        {63158400, "2y1d"}, {252287999, "7y364d"}, {252288000, "8y"}, {400000000, "12y"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char buf[32];
        text_age(buf, sizeof buf, t[i].s);
        assert_string_equal(buf, t[i].want);
    }
}

static void test_urls(void **state)
{
    (void)state;
    static const struct { const char *url, *want; } t[] = {
        {"http://user:pw@host:5000/v3", "http://host:5000/v3"}, {"https://user:p@w:x@host/v3?a=b@c", "https://host/v3?a=b@c"},
        {"user:pw@host", "host"}, {"http://host/a@b", "http://host/a@b"}, {"http://host", "http://host"}, {"", ""}, {NULL, ""},
        {"http://u:p@ho\033[2Jst", "http://host"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char buf[64];
        assert_string_equal(text_url(buf, sizeof buf, t[i].url), t[i].want);
    }
    char small[12];
    assert_string_equal(text_url(small, sizeof small, "http://u:p@host:5000"), "http://host");
}

static void test_bytes(void **state)
{
    (void)state;
    static const struct { int64_t n; const char *want; } t[] = {
        {0, "0"}, {1023, "1023"}, {1024, "1Ki"}, {1536, "1.5Ki"}, {512LL << 20, "512Mi"}, {16LL << 30, "16Gi"},
        {1048575, "1Mi"}, {-1536, "-1.5Ki"}, {INT64_MAX, "8Ei"}, {INT64_MIN, "-8Ei"}, {16450000000, "15.3Gi"},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        char buf[32];
        text_bytes(buf, sizeof buf, t[i].n);
        assert_string_equal(buf, t[i].want);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct { const char *s; int64_t ms; } good[] = {
        {"1970-01-01T00:00:00Z", 0}, {"2026-01-02T03:04:05Z", 1767323045000}, {"2026-01-02T03:04:05.123456Z", 1767323045123},
        {"2026-01-02T03:04:05", 1767323045000}, {"2026-01-02 03:04:05.9", 1767323045900}, {"2026-01-02T04:04:05+01:00", 1767323045000},
        {"2026-01-01T21:34:05-0530", 1767323045000}, {"2024-02-29T00:00:00Z", 1709164800000}, {"1969-12-31T23:59:59.5Z", -500},
        {"2026-01-02T03:04Z", 1767323040000},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ms;
        assert_true(text_parse_time(good[i].s, strlen(good[i].s), &ms));
        assert_int_equal(ms, good[i].ms);
    }
    static const char *const bad[] = {"", "2026", "2026-01-02", "2026-13-02T03:04:05Z", "2025-02-29T00:00:00Z", "2026-01-02T24:04:05Z",
        "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+1", "x026-01-02T03:04:05Z", "2026-00-02T03:04:05Z"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms;
        assert_false(text_parse_time(bad[i], strlen(bad[i]), &ms));
    }
    static const int64_t around[] = {0, -1, -86400000, 1709164799000, 1767323045000, 253402300799000, -62135596800000, 951782400000};
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        char buf[32];
        int64_t ms, floor = around[i] - (around[i] % 1000 + 1000) % 1000;
        text_format_time(buf, sizeof buf, around[i]);
        assert_true(text_parse_time(buf, strlen(buf), &ms));
        assert_int_equal(ms, floor);
    }
}

static void test_quantities(void **state)
{
    (void)state;
    static const struct { const char *s; int64_t milli; } good[] = {
        {"0", 0}, {"3", 3000}, {"100m", 100}, {"1.5Gi", 1610612736000}, {"2e3", 2000000}, {"2E3", 2000000}, {"1E", INT64_MAX},
        {"1Ki", 1024000}, {"1k", 1000000}, {"1M", 1000000000}, {"1G", 1000000000000}, {"1T", 1000000000000000},
        {"1P", 1000000000000000000}, {"8Ei", INT64_MAX}, {"1n", 1}, {"1u", 1}, {"1000u", 1}, {"1001u", 2}, {"-1", -1000}, {"+1", 1000},
        {"-1E", -INT64_MAX}, {"0.1", 100}, {".5", 500}, {"5.", 5000}, {"1e-3", 1}, {"1e+2", 100000}, {"12345678901234567890", INT64_MAX},
        {"0.000000000000000000000000001", 1}, {"000100m", 100}, {"1e99999999999", INT64_MAX}, {"0e99999999999", 0}, {"1Mi", 1048576000},
        {"128974848", 128974848000}, {"129e6", 129000000000}, {"1Ti", 1099511627776000}, {"1Pi", 1125899906842624000},
        {"1.23456789012345678901234567890", 1235},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t milli = -7;
        assert_true(text_parse_quantity(good[i].s, strlen(good[i].s), &milli));
        assert_int_equal(milli, good[i].milli);
    }
    static const char *const bad[] = {"", "x", "1x", "1e", "1ee3", "1K", "1ki", "--1", "1.2.3", "1 Gi", "Gi", ".", "+", "1e3m", "1m1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t milli;
        assert_false(text_parse_quantity(bad[i], strlen(bad[i]), &milli));
    }
}

static void test_casestr(void **state)
{
    (void)state;
    const char *hay = "kube-system/CoreDNS-7f9 \xC3\x84rger";
    size_t n = strlen(hay);
    assert_ptr_equal(text_casestr(hay, n, "coredns", 7), hay + 12);
    assert_ptr_equal(text_casestr(hay, n, "", 0), hay);
    assert_ptr_equal(text_casestr(hay, n, "KUBE", 4), hay);
    assert_ptr_equal(text_casestr(hay, n, "7F9", 3), hay + 20);
    assert_ptr_equal(text_casestr(hay, n, "\xC3\xA4RGER", 6), hay + 24);
    assert_null(text_casestr(hay, n, "nova", 4));
    assert_null(text_casestr("ab", 2, "abc", 3));
    for (size_t at = 0; at < 40; at++) {   /* every alignment of the fast skip */
        char line[44];
        memset(line, 'x', sizeof line);
        memcpy(line + at, "NeeD", 4);
        assert_ptr_equal(text_casestr(line, sizeof line, "need", 4), line + at);
        assert_null(text_casestr(line, at + 3, "need", 4));
    }
}

static void test_case(void **state)
{
    static const struct { const char *s, *upper, *lower; } c[] = {
        {"Größe", "GRÖßE", "größe"}, {"Ready", "READY", "ready"}, {"Имя 名", "ИМЯ 名", "имя 名"}, {"", "", ""}, {"a\xff", "A\xff", "a\xff"}};
    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        for (int upper = 0; upper < 2; upper++) {
            struct str s;
            str_init(&s, 100);
            str_adds(&s, c[i].s);
            text_case(&s, upper);
            assert_string_equal(s.data, upper ? c[i].upper : c[i].lower);
            str_release(&s);
        }
    }
}

/* The name of a protected context, typed at the question. */
static void test_addresses(void **state)
{
    static const struct { const char *a, *b; bool same; } t[] = {
        {"::1", "0:0:0:0:0:0:0:1", true}, {"FD00::2", "fd00:0000::0002", true}, {"fd00::2", "fd00::3", false},
        {"10.0.0.1", "10.0.0.1", true}, {"10.0.0.1", "10.0.0.10", false}, {"Nova.Example", "nova.example", true}, {"::1", "not::an::address", false}};
    char buf[TEXT_ADDRESS];
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        assert_int_equal(text_same_address(t[i].a, t[i].b), t[i].same);
    assert_true(text_address(buf, "FD00:0::2/64", 9));
    assert_string_equal(buf, "fd00::2");
    assert_false(text_address(buf, "10.0.0.1", 8));
}

static void test_typed(void **state)
{
    (void)state;
    assert_true(text_typed("prod", "prod"));
    assert_true(text_typed("prod eu \xC3\xA9t\xC3\xA9", "prod eu \xC3\xA9t\xC3\xA9"));
    assert_true(text_typed("e\xCC\x81t\xC3\xA9", "\xC3\xA9te\xCC\x81"));       /* composed or not */
    assert_true(text_typed("\xED\x95\x9C", "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"));   /* Hangul */
    assert_true(text_typed("a" FFFD "b", "a?b") && text_typed("a" FFFD "b", "a" FFFD "b"));
    static const char *const no[][2] = {{"prod", "Prod"}, {"prod", "pro"}, {"prod", "prods"}, {"prod", ""}, {"a b", "ab"}, {"a?b", "a" FFFD "b"},
                                        {"\xC3\xA9", "e"}, {"e", "\xC3\xA9"}};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(text_typed(no[i][0], no[i][1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain), cmocka_unit_test(test_sequences_vanish), cmocka_unit_test(test_replaced), cmocka_unit_test(test_joiners),
        cmocka_unit_test(test_widths), cmocka_unit_test(test_ages), cmocka_unit_test(test_bytes), cmocka_unit_test(test_urls), cmocka_unit_test(test_times),
        cmocka_unit_test(test_quantities), cmocka_unit_test(test_casestr), cmocka_unit_test(test_case), cmocka_unit_test(test_typed),
        cmocka_unit_test(test_addresses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
