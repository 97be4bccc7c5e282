/* The reader of single objects: JSON and protobuf by one schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/kube/wire_priv.h"
#include "strata/mem.h"

enum { SUB_NAME, SUB_N };
static const struct wire_field sub_fields[] = {
    {.json = "name", .proto = 1, .type = WIRE_STR}, {.json = "n", .proto = 2, .type = WIRE_INT},
};
static const struct wire_schema sub = {sub_fields, 2};
enum { S, N, B, T, Q, X, M, MS, TAGS, LABELS, CAP, NS };
static const struct wire_field fields[] = {
    [S] = {.json = "s", .proto = 1, .type = WIRE_STR},
    [N] = {.json = "n", .proto = 2, .type = WIRE_INT},
    [B] = {.json = "b", .proto = 3, .type = WIRE_BOOL},
    [T] = {.json = "t", .proto = 4, .type = WIRE_TIME},
    [Q] = {.json = "q", .proto = 5, .type = WIRE_QUANTITY},
    [X] = {.json = "x", .proto = 6, .type = WIRE_INTSTR},
    [M] = {.json = "m", .proto = 7, .type = WIRE_MSG, .msg = &sub},
    [MS] = {.json = "ms", .proto = 8, .type = WIRE_MSG, .repeated = 1, .msg = &sub},
    [TAGS] = {.json = "tags", .proto = 9, .type = WIRE_STR, .repeated = 1},
    [LABELS] = {.json = "labels", .proto = 10, .type = WIRE_MAP},
    [CAP] = {.json = "cap", .proto = 11, .type = WIRE_MAP, .msg = &wire_quantity_map},
    [NS] = {.json = "ns", .proto = 300, .type = WIRE_INT, .repeated = 1},
};
static const struct wire_schema sc = {fields, sizeof fields / sizeof fields[0]};

struct world {
    struct arena a;
    struct err err;
    const struct wire_obj *o;
};

static int setup(void **state)
{
    struct world *w = mem_zalloc(sizeof *w);
    arena_init(&w->a, 1u << 20);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    arena_release(&w->a);
    mem_free(w);
    return 0;
}

static enum err_code json(struct world *w, const char *text)
{
    arena_reset(&w->a);
    w->err = (struct err)ERR_INIT;
    return wire_json(&sc, text, strlen(text), &w->a, &w->o, &w->err);
}

static enum err_code proto(struct world *w, const char *data, size_t len)
{
    arena_reset(&w->a);
    w->err = (struct err)ERR_INIT;
    return wire_proto(&sc, data, len, &w->a, &w->o, &w->err);
}
#define PROTO(w, lit) proto(w, lit, sizeof(lit) - 1)

/* What both formats must say of the same object. */
static void check_all(const struct wire_obj *o)
{
    assert_string_equal(wire_str(o, S), "hi");
    assert_int_equal(wire_num(o, N, 0), -3);
    assert_int_equal(wire_num(o, B, 0), 1);
    assert_int_equal(wire_num(o, T, 0), 1767323045000);
    assert_int_equal(wire_num(o, Q, 0), 1500);
    assert_string_equal(wire_str(o, X), "80");
    assert_string_equal(wire_at(o, M, SUB_NAME, -1)->s, "one");
    const struct wire_val *v = wire_list(o, MS);
    assert_string_equal(wire_str(v->obj, SUB_NAME), "a");
    assert_int_equal(wire_num(v->next->obj, SUB_N, 0), 7);
    assert_null(v->next->next);
    v = wire_list(o, TAGS);
    assert_string_equal(v->s, "x");
    assert_string_equal(v->next->s, "y");
    assert_null(v->next->next);
    v = wire_list(o, LABELS);
    assert_string_equal(v->key, "k");
    assert_string_equal(v->s, "v");
    assert_string_equal(v->next->key, "l");
    v = wire_list(o, CAP);
    assert_string_equal(v->key, "cpu");
    assert_int_equal(v->n, 2000);
    assert_string_equal(v->s, "2");
    v = wire_list(o, NS);
    assert_int_equal(v->n, 1);
    assert_int_equal(v->next->n, 300);
}

static const char all_json[] =
    "{\"s\":\"hi\",\"other\":{\"a\":[1,{\"}\":\"]\\\"{\"}]},\"n\":-3,\"b\":true,\"t\":\"2026-01-02T03:04:05Z\",\"q\":\"1.5\","
    "\"x\":80,\"m\":{\"name\":\"one\"},\"ms\":[{\"name\":\"a\"},{\"n\":7,\"z\":null}],\"tags\":[\"x\",\"y\"],"
    "\"labels\":{\"k\":\"v\",\"l\":\"\"},\"cap\":{\"cpu\":\"2\"},\"ns\":[1,300] }";
static const char all_proto[] =
    "\x0a\x02hi" "\x10\xfd\xff\xff\xff\xff\xff\xff\xff\xff\x01" "\x18\x01" "\x22\x06\x08\xa5\xeb\xdc\xca\x06"
    "\x2a\x05\x0a\x03" "1.5" "\x32\x04\x08\x00\x10\x50" "\x3a\x05\x0a\x03one"
    "\xa2\x06\x03zzz" "\xa8\x06\x05" "\xb1\x06" "12345678" "\xb5\x06" "1234"      /* unknown: every wire type */
    "\x42\x03\x0a\x01" "a" "\x42\x02\x10\x07" "\x4a\x01x\x4a\x01y"
    "\x52\x06\x0a\x01k\x12\x01v" "\x52\x05\x0a\x01l\x12\x00" "\x5a\x0a\x0a\x03" "cpu\x12\x03\x0a\x01" "2"
    "\xe0\x12\x01" "\xe2\x12\x02\xac\x02";                                        /* repeated: plain, then packed */

static void both_formats_agree(void **state)
{
    struct world *w = *state;
    assert_int_equal(json(w, all_json), ERR_OK);
    check_all(w->o);
    assert_int_equal(PROTO(w, all_proto), ERR_OK);
    check_all(w->o);
}

static void every_cut_is_noticed(void **state)
{
    struct world *w = *state;
    char copy[sizeof all_json];
    for (size_t n = 0; n < sizeof all_json - 1; n++) {
        memcpy(copy, all_json, n);
        copy[n] = 0;
        assert_int_equal(json(w, copy), ERR_PARSE);
    }
    /* Protobuf ends anywhere between two fields: count the ends that are legal. */
    size_t legal = 0;
    for (size_t n = 0; n < sizeof all_proto - 1; n++)
        legal += proto(w, all_proto, n) == ERR_OK;
    assert_int_equal(legal, 20);
}

static void json_strings(void **state)
{
    struct world *w = *state;
    assert_int_equal(json(w, "{\"\\u0073\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\u20ac\\ud83d\\ude00\"}"), ERR_OK);
    assert_string_equal(wire_str(w->o, S), "\"\\/\b\f\n\r\t\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_int_equal(json(w, "{\"s\":\"a\\ud83dx\\ude00\"}"), ERR_OK);      /* halves of a pair */
    assert_string_equal(wire_str(w->o, S), "a\xef\xbf\xbdx\xef\xbf\xbd");
    assert_int_equal(json(w, "{\"s\":\"a\\u0000b\"}"), ERR_OK);             /* the head is not the whole */
    assert_string_equal(wire_str(w->o, S), "a\xef\xbf\xbd" "b");
    assert_int_equal(wire_list(w->o, S)->len, 5);
    assert_int_equal(PROTO(w, "\x0a\x03" "a\0b"), ERR_OK);
    assert_string_equal(wire_str(w->o, S), "a\xef\xbf\xbd" "b");
}

static void json_numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t n;
    } good[] = {
        {"0", 0}, {"-0", 0}, {"12", 12}, {"9223372036854775807", INT64_MAX}, {"-9223372036854775808", INT64_MIN},
        {"99999999999999999999999999", INT64_MAX}, {"-99999999999999999999999999", INT64_MIN}, {"1e3", 1000},
        {"2.75", 2}, {"1E+2", 100}, {"1e400", INT64_MAX}, {"18446744073709551616", INT64_MAX},
    };
    static const char *const wrong[] = {"01", "-", "1.", ".5", "+1", "1e", "0x10", "NaN", "1-2", "\"1\"", "true", "{}"};
    struct world *w = *state;
    char text[64];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(text, sizeof text, "{\"n\":%s}", good[i].text);
        assert_int_equal(json(w, text), ERR_OK);
        assert_int_equal(wire_num(w->o, N, 77), good[i].n);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(text, sizeof text, "{\"n\":%s}", wrong[i]);
        assert_int_equal(json(w, text), ERR_PARSE);
    }
}

static void json_rejects(void **state)
{
    static const char *const wrong[] = {
        "", "[]", "null", "{\"s\":\"a\"} x", "{\"s\":\"a\",}", "{\"s\" \"a\"}", "{s:1}", "{\"s\":\"a\" \"n\":1}",
        "{\"s\":\"a\nb\"}", "{\"s\":\"\\x\"}", "{\"s\":\"\\u12g4\"}", "{\"s\":\"\\u12\"}", "{\"s\":1}", "{\"s\":[]}",
        "{\"b\":1}", "{\"b\":\"true\"}", "{\"t\":\"yesterday\"}", "{\"q\":\"1x\"}", "{\"m\":[]}", "{\"ms\":{}}",
        "{\"ms\":[1]}", "{\"tags\":[\"a\",]}", "{\"labels\":[]}", "{\"labels\":{\"a\":1}}", "{\"zz\":}", "{\"zz\":[}",
        "{\"zz\":\"}", "{\"cap\":{\"cpu\":\"zz\"}}",
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (json(w, wrong[i]) != ERR_PARSE)
            fail_msg("accepted: %s", wrong[i]);
        assert_non_null(strstr(w->err.msg, "at byte"));
    }
}

static void json_absent(void **state)
{
    struct world *w = *state;
    assert_int_equal(json(w, "{\"s\":null,\"n\":null,\"t\":null,\"q\":null,\"m\":null,\"ms\":null,\"labels\":null}"), ERR_OK);
    for (int i = 0; i < sc.n; i++)
        assert_null(wire_list(w->o, i));
    assert_null(wire_at(w->o, M, SUB_NAME, -1));
    assert_int_equal(wire_num(wire_sub(w->o, M), SUB_N, 5), 5);
    assert_int_equal(json(w, "{\"s\":\"a\",\"s\":\"b\",\"ms\":[{}],\"ms\":[]}"), ERR_OK);      /* the last counts */
    assert_string_equal(wire_str(w->o, S), "b");
    assert_null(wire_list(w->o, MS));
}

static void json_depth(void **state)
{
    struct world *w = *state;
    char text[4096] = "{\"zz\":";
    size_t n = strlen(text);
    memset(text + n, '[', 1500);
    memset(text + n + 1500, ']', 1500);
    strcpy(text + n + 3000, "}");
    assert_int_equal(json(w, text), ERR_PARSE);
    assert_non_null(strstr(w->err.msg, "deep"));
}

/* The block scanner and a walk byte by byte must agree wherever quotes, backslashes and brackets fall. */
static void scanner_blocks(void **state)
{
    static const char alphabet[] = "a\"\\{}[],,aa";
    char text[400];
    uint32_t seed = 1;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t n = 0;
        text[n++] = '{';
        while (n < sizeof text) {
            seed = seed * 1664525 + 1013904223;
            text[n++] = alphabet[(seed >> 20) % (sizeof alphabet - 1)];
        }
        struct json_scan whole = {0}, bytes = {0};
        const char *a = json_scan(&whole, text, text + n), *b = NULL;
        for (size_t i = 0; i < n && !b; i++)
            b = json_scan(&bytes, text + i, text + i + 1);
        assert_ptr_equal(a, b);
        assert_int_equal(whole.depth, bytes.depth);
        assert_int_equal(whole.str, bytes.str);
        assert_int_equal(whole.esc, bytes.esc);
    }
}

static void proto_rejects(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } wrong[] = {
        {"\x08\x01", 2},                                  /* text as a number */
        {"\x12\x01" "a", 3},                              /* number as text */
        {"\x0b\x0c", 2},                                  /* groups */
        {"\x0e", 1},  {"\x0f", 1},                        /* wire types 6, 7 */
        {"\x02\x01" "a", 3},                              /* field 0 */
        {"\x0a\x05" "abc", 5},                            /* longer than what is there */
        {"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11},   /* 65 bits */
        {"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12},
        {"\x2a\x05\x0a\x03zzz", 7},                       /* quantity */
        {"\x22\x02\x0a\x00", 4},                          /* time of text */
        {"\x52\x03\x0a\x05k", 5},                         /* map entry */
        {"\xa1\x06" "1234567", 9},  {"\xa5\x06" "123", 5},
        {"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},   /* length 2^64-1 */
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(proto(w, wrong[i].bytes, wrong[i].len), ERR_PARSE);
}

static void proto_details(void **state)
{
    struct world *w = *state;
    assert_int_equal(PROTO(w, "\x22\x00" "\x32\x06\x08\x01\x1a\x02" "ab"), ERR_OK);
    assert_null(wire_list(w->o, T));                       /* an empty time is none */
    assert_string_equal(wire_str(w->o, X), "ab");
    assert_int_equal(PROTO(w, "\x22\x0c\x08\x01\x10\xc0\xb4\xa0\xbb\x01\x18\x00\x18\x00"), ERR_OK);   /* 1.3929 s */
    assert_int_equal(wire_num(w->o, T, 0), 1392);
    assert_int_equal(PROTO(w, "\x3a\x03\x0a\x01" "a" "\x3a\x02\x10\x05"), ERR_OK);   /* a message in two parts */
    assert_string_equal(wire_at(w->o, M, SUB_NAME, -1)->s, "a");
    assert_int_equal(wire_at(w->o, M, SUB_N, -1)->n, 5);
    assert_int_equal(PROTO(w, ""), ERR_OK);
    assert_null(wire_str(w->o, S));
}

static void memory_ends(void **state)
{
    struct world *w = *state;
    for (long n = 1;; n++) {
        arena_release(&w->a);
        arena_init(&w->a, 0);
        mem_fail_at(n, true);
        enum err_code j = json(w, all_json);
        mem_fail_at(0, false);
        if (j == ERR_OK)
            break;
        assert_int_equal(j, ERR_NOMEM);
        arena_release(&w->a);
        arena_init(&w->a, 0);
        mem_fail_at(n, true);
        enum err_code p = PROTO(w, all_proto);
        mem_fail_at(0, false);
        assert_int_equal(p, ERR_NOMEM);
    }
    arena_release(&w->a);
    arena_init(&w->a, 128);                                /* the arena's own limit */
    assert_int_equal(PROTO(w, all_proto), ERR_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_formats_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(every_cut_is_noticed, setup, teardown),
        cmocka_unit_test_setup_teardown(json_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(json_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(json_rejects, setup, teardown),
        cmocka_unit_test_setup_teardown(json_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(json_depth, setup, teardown),
        cmocka_unit_test(scanner_blocks),
        cmocka_unit_test_setup_teardown(proto_rejects, setup, teardown),
        cmocka_unit_test_setup_teardown(proto_details, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_ends, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
