/* The filter language over three rows, case by case. */
#include <stdio.h>
#include <stdlib.h>
#include "fake_kind.h"

#include "core/store/selector.h"
#include "strata/filter.h"

static struct store *rows;

/* Which of the three rows match: bit 0 web-1, bit 1 db-0, bit 2 nova-api. */
static unsigned match(const char *text)
{
    struct filter *f = NULL;
    struct err err = ERR_INIT;
    static const char *const uids[] = {"u1", "u2", "u3"};
    unsigned bits = 0;
    if (filter_parse(&f, text, &fake_kind, &err)) {
        print_message("%s: %s\n", text, err.msg);
        return 99;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (!f || filter_match(f, store_get(rows, uids[i]), FAKE_NOW))
            bits |= 1u << i;
    }
    filter_free(f);
    return bits;
}

static const struct { const char *text; unsigned want; } cases[] = {
    {"", 7}, {"   ", 7}, {"web", 1}, {"WEB", 1}, {"openstack", 6}, {"!openstack", 1}, {"openstack nova", 4},
    {"nova|web", 5}, {"~^web-[0-9]$", 1}, {"^db", 2}, {"api$", 4}, {"-f oknva", 4}, {"-f wb1", 1},
    {"-l app=web", 1}, {"-l app!=web", 6}, {"-l app in (web, db)", 3}, {"-l !app", 4}, {"-l tier", 2}, {"app=web", 1},
    {"restarts>5", 4}, {"restarts>=2", 6}, {"restarts=0", 1}, {"restarts<1", 1}, {"age<10m", 1}, {"age>1d", 4}, {"age>=1h", 6},
    {"status:crash", 4}, {"status=Running", 3}, {"status!=running", 4}, {"name:web", 1}, {"ns=default", 1}, {"namespace:open", 6},
    {"health:bad", 4}, {"!health:bad", 3}, {"ready=1/2", 7}, {"ready<1", 7}, {"cpu>200m", 2}, {"cpu>1", 0}, {"\"CrashLoopBackOff\"", 4},
    {"image:secret", 0}, {"secret", 0}, {"name:~^d", 2}, {"name~^d", 2}, {"name=~^d", 2}, {"name!~^d", 5}, {"!name~^d", 5}, {"name~b-", 3}, {"name~", 7}, {"1.2~rc1", 0}, {"web[", 0}, {"!", 7}, {"10:20", 0},
};

static void language(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned got = match(cases[i].text);
        if (got != cases[i].want)
            fail_msg("filter '%s': rows %u, wanted %u", cases[i].text, got, cases[i].want);
    }
}

static void errors_say_what_is_wrong(void **state)
{
    (void)state;
    struct filter *f = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(filter_parse(&f, "~web(", &fake_kind, &err), ERR_USAGE);
    assert_non_null(strstr(err.msg, "web("));
    assert_int_equal(filter_parse(&f, "nosuch>5", &fake_kind, &err), ERR_USAGE);
    assert_non_null(strstr(err.msg, "nosuch"));
    assert_non_null(strstr(err.msg, "restarts"));
    assert_int_equal(filter_parse(&f, "nosuch:x", &fake_kind, &err), ERR_USAGE);
    assert_int_equal(filter_parse(&f, "nosuch~x", &fake_kind, &err), ERR_USAGE);
    assert_int_equal(filter_parse(&f, "restarts>abc", &fake_kind, &err), ERR_USAGE);
    assert_non_null(strstr(err.msg, "abc"));
    assert_int_equal(filter_parse(&f, "-l a in (b", &fake_kind, &err), ERR_USAGE);
    assert_int_equal(filter_parse(&f, "-l a==b==c", &fake_kind, &err), ERR_USAGE);
    assert_int_equal(filter_parse(&f, "\"", &fake_kind, &err), ERR_USAGE);
    assert_int_equal(filter_parse(&f, "\"a b\" \"web", &fake_kind, &err), ERR_USAGE);
    assert_non_null(strstr(err.msg, "web"));
    assert_null(f);
}

/* Columns as a cluster's own resources name and type them. */
static void columns_of_any_script(void **state)
{
    static const struct column columns[] = {{.id = "größe", .title = "GRÖßE", .type = COL_INT}, {.id = "pri", .title = "PRI", .flags = COL_NUMBER}};
    static const struct kind kind = {.id = "gadgets", .singular = "gadget", .columns = columns, .ncolumns = 2};
    union cell cells[2] = {{.n = 7}, {.s = "2.5"}};
    static const char *const hits[] = {"größe>5", "Größe<=7", "größe=7", "größe:7", "pri>2", "pri<=2.5"};
    static const char *const misses[] = {"größe>7", "pri>3"};
    struct row *r = calloc(1, sizeof *r + sizeof cells);
    struct err err = ERR_INIT;
    (void)state;
    *r = (struct row){.kind = &kind, .uid = "u", .name = "g", .scope = "", .labels = "", .owner = ""};
    memcpy(r->cell, cells, sizeof cells);
    for (size_t i = 0; i < 8; i++) {
        const char *text = i < 6 ? hits[i] : misses[i - 6];
        struct filter *f = NULL;
        assert_int_equal(filter_parse(&f, text, &kind, &err), ERR_OK);
        if (filter_match(f, r, FAKE_NOW) != (i < 6))
            fail_msg("filter '%s'", text);
        filter_free(f);
    }
    struct filter *f = NULL;
    assert_int_equal(filter_parse(&f, "pri>abc", &kind, &err), ERR_USAGE);
    assert_int_equal(filter_parse(&f, "größer>5", &kind, &err), ERR_USAGE);
    assert_null(f);
    free(r);
}

static void narrowing(void **state)
{
    (void)state;
    static const struct { const char *old, *now; bool narrows; } c[] = {
        {"we", "web", true}, {"web", "we", false}, {"we", "owed", true}, {"web", "web db", true}, {"!we", "!web", false},
        {"status:R", "status:Run", true}, {"status:R", "name:Run", false}, {"age<10m", "age<10m web", false}, {"a|b", "a|b x", true},
    };
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        struct filter *a = NULL, *b = NULL;
        filter_parse(&a, c[i].old, &fake_kind, NULL);
        filter_parse(&b, c[i].now, &fake_kind, NULL);
        if (filter_narrows(a, b) != c[i].narrows)
            fail_msg("%s -> %s", c[i].old, c[i].now);
        filter_free(a);
        filter_free(b);
    }
}

static const char *name_of(const void *arg, uint16_t source)
{
    return source == 0 ? arg : NULL;
}

static void by_source(void **state)
{
    (void)state;
    static const struct { const char *text; bool match; } c[] = {
        {"cluster:mgmt", true}, {"cloud=MGMT-1", true}, {"source:prod", false}, {"!context:prod", true}, {"cluster!=mgmt-1", false},
    };
    for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        struct filter *f = NULL;
        assert_int_equal(filter_parse(&f, c[i].text, &fake_kind, NULL), ERR_OK);
        filter_sources(f, name_of, "mgmt-1");
        if (filter_match(f, store_get(rows, "u1"), FAKE_NOW) != c[i].match)
            fail_msg("%s", c[i].text);
        filter_free(f);
    }
}

static void marks(void **state)
{
    (void)state;
    struct filter *f = NULL;
    struct filter_mark m[4];
    filter_parse(&f, "na", &fake_kind, NULL);
    assert_int_equal(filter_marks(f, F_NAME, "banana", m, 4), 2);
    assert_int_equal(m[1].at, 4);
    filter_free(f);
}

static int setup(void **state)
{
    (void)state;
    rows = fake_store(0);
    put_pod(rows, "u1", "default", "web-1", "Running", 0, 300, "app=web");
    put_pod(rows, "u2", "openstack", "db-0", "Running", 3, 7200, "app=db,tier=data");
    put_pod(rows, "u3", "openstack", "nova-api", "CrashLoopBackOff", 17, 3 * 86400, NULL);
    store_set_num(rows, "u2", F_CPU, 250);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_free(rows);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(language), cmocka_unit_test(errors_say_what_is_wrong), cmocka_unit_test(columns_of_any_script), cmocka_unit_test(narrowing), cmocka_unit_test(marks), cmocka_unit_test(by_source),
    };
    return cmocka_run_group_tests_name("filter", tests, setup, teardown);
}
