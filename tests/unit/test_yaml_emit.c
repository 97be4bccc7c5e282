/* YAML as kubectl prints it; expected texts were taken from go-yaml v2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/yaml_emit.h"

static void check(const char *json, const char *yaml)
{
    struct str out;
    json_t *j = json_loads(json, JSON_DECODE_ANY, NULL);
    assert_non_null(j);
    str_init(&out, 0);
    assert_true(yaml_emit(&out, j));
    assert_string_equal(out.data, yaml);
    str_release(&out);
    json_decref(j);
}

static void scalars(void **state)
{
    (void)state;
    static const struct { const char *json, *yaml; } cases[] = {
        {"\"plain text\"", "plain text\n"}, {"\"\"", "\"\"\n"}, {"\"yes\"", "\"yes\"\n"}, {"\"Off\"", "\"Off\"\n"}, {"\"y\"", "\"y\"\n"},
        {"\"null\"", "\"null\"\n"}, {"\"~\"", "\"~\"\n"}, {"\"1\"", "\"1\"\n"}, {"\"08\"", "\"08\"\n"}, {"\"0x1f\"", "\"0x1f\"\n"},
        {"\"1_000\"", "\"1_000\"\n"}, {"\"12e5\"", "\"12e5\"\n"}, {"\"123e4567\"", "123e4567\n"}, {"\".5\"", "\".5\"\n"}, {"\"..\"", "..\n"},
        {"\"10:30\"", "\"10:30\"\n"}, {"\"1:60\"", "1:60\n"}, {"\"2026-11-21T10:00:00Z\"", "\"2026-11-21T10:00:00Z\"\n"},
        {"\"2026-11-21\"", "\"2026-11-21\"\n"}, {"\"2026-02-30\"", "2026-02-30\n"}, {"\"0xz\"", "0xz\n"}, {"\"- a\"", "'- a'\n"},
        {"\"-a\"", "-a\n"}, {"\"a: b\"", "'a: b'\n"}, {"\"a:b\"", "a:b\n"}, {"\"a #b\"", "'a #b'\n"}, {"\"'q\"", "'''q'\n"},
        {"\"it's\"", "it's\n"}, {"\" lead\"", "' lead'\n"}, {"\"tab\\tx\"", "\"tab\\tx\"\n"}, {"\"\\u001b[31m\"", "\"\\e[31m\"\n"},
        {"\"caf\\u00e9\"", "caf\xc3\xa9\n"}, {"\"<<\"", "<<\n"}, {"\"=\"", "=\n"}, {"\"*a\"", "'*a'\n"}, {"\"<none>\"", "<none>\n"},
        {"1", "1\n"}, {"1.5", "1.5\n"}, {"2.0", "2\n"}, {"1e-7", "1e-07\n"}, {"true", "true\n"}, {"null", "null\n"}, {"{}", "{}\n"},
        {"[]", "[]\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(cases[i].json, cases[i].yaml);
}

static void blocks(void **state)
{
    (void)state;
    check("{\"b\":[1,{\"c\":\"x\",\"a\":[]},[2,3]],\"a\":{\"z\":{}}}", "a:\n  z: {}\nb:\n- 1\n- a: []\n  c: x\n- - 2\n  - 3\n");
    check("{\"t\":\"a\\nb\\n\",\"u\":\"a\\nb\",\"v\":\"a\\n\\n\",\"w\":\"\\n x\",\"x\":\"a \\nb\"}",
          "t: |\n  a\n  b\nu: |-\n  a\n  b\nv: |+\n  a\n\nw: |2-\n\n   x\nx: \"a \\nb\"\n");
    check("[\"a\\nb\"]", "- |-\n  a\n  b\n");
}

static void key_order(void **state)
{
    (void)state;
    check("{\"a10\":1,\"a2\":1,\"B\":1,\"ab\":1,\"a-b\":1,\"a02\":1,\"_x\":1,\"1\":1}",
          "_x: 1\n\"1\": 1\nB: 1\na-b: 1\na2: 1\na02: 1\na10: 1\nab: 1\n");
}

static void folding(void **state)
{
    (void)state;
    check("{\"m\":\"one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen\"}",
          "m: one two three four five six seven eight nine ten eleven twelve thirteen fourteen\n  fifteen sixteen\n");
    check("{\"m\":\"a: two three four five six seven eight nine ten eleven twelve thirteen fourteen! fifteen sixteen\"}",
          "m: 'a: two three four five six seven eight nine ten eleven twelve thirteen fourteen!\n  fifteen sixteen'\n");
}

/* What the sanitiser would change is written as an escape, and the rest of the text stays readable. */
static void unclean(void **state)
{
    (void)state;
    check("\"\\u202e bidi\"", "\"\\u202E bidi\"\n");
    check("\"\\u00e9\\t\\u200b\"", "\"\xc3\xa9\\t\\u200B\"\n");
    check("\"\\ud83d\\ude00\"", "\"\\U0001F600\"\n");
    struct str out;
    json_t *j = json_pack("{s:s}", "k", "a\x1b[2J\xe2\x80\xae\x7f\"");
    str_init(&out, 0);
    assert_true(json_emit(&out, j, 0));
    assert_string_equal(out.data, "{\n    \"k\": \"a\\u001b[2J\\u202e\\u007f\\\"\"\n}");
    str_release(&out);
    json_decref(j);
}

static void json_text(void **state)
{
    (void)state;
    struct str out;
    json_t *j = json_loads("{\"z\":[1,{}],\"a\":{\"b\":1.0}}", 0, NULL);
    str_init(&out, 0);
    assert_true(json_emit(&out, j, 1));
    assert_string_equal(out.data, "{\n        \"z\": [\n            1,\n            {}\n        ],\n        \"a\": {\n            \"b\": 1\n"
                                  "        }\n    }");
    str_release(&out);
    json_decref(j);
}

/* Too small a buffer and no memory end in failure, not in half a document that looks whole. */
static void limits(void **state)
{
    (void)state;
    struct str out;
    json_t *j = json_loads("{\"a\":{\"b\":\"0123456789\"},\"c\":\"x\"}", 0, NULL);
    str_init(&out, 10);
    assert_false(yaml_emit(&out, j));
    str_release(&out);
    for (long n = 1; n < 4; n++) {
        str_init(&out, 0);
        mem_fail_at(n, true);
        bool ok = yaml_emit(&out, j);
        mem_fail_at(0, false);
        assert_false(ok);
        str_release(&out);
    }
    json_decref(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scalars), cmocka_unit_test(blocks), cmocka_unit_test(key_order),
                                       cmocka_unit_test(folding), cmocka_unit_test(unclean), cmocka_unit_test(json_text),
                                       cmocka_unit_test(limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
