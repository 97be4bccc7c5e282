/* What differs, what a patch of it is, three versions made one; texts that are edited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "core/config/yaml_json.h"
#include "core/ops/change.h"
#include "strata/edit.h"

static json_t *j(const char *text)
{
    json_t *o = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(o);
    return o;
}

static void words(void **state)
{
    (void)state;
    static const struct { const char *was, *is, *words; } cases[] = {
        {"{\"a\":1,\"b\":{\"c\":\"x\"}}", "{\"a\":2,\"b\":{}}", "a: 1 -> 2\nb.c: \"x\" removed\n"},
        {"{\"a\":1}", "{\"a\":1,\"z\":null}", ""},
        {"{\"c\":[{\"name\":\"web\",\"image\":\"a\"},{\"name\":\"log\"}]}", "{\"c\":[{\"name\":\"log\"},{\"name\":\"web\",\"image\":\"b\"}]}",
         "c[web].image: \"a\" -> \"b\"\n"},
        {"{\"l\":[1,2]}", "{\"l\":[1,3,4]}", "l[1]: 2 -> 3\nl[2]: added 4\n"},
        {"{\"t\":\"one\\ntwo\\nthree\\n\"}", "{\"t\":\"one\\nzwei\\nthree\\n\"}", "t:\n  - two\n  + zwei\n"},
        {"{\"t\":\"x\\ny\\n\"}", "{\"t\":\"x\\nz\\ny\\n\"}", "t:\n  + z\n"},
        {"{\"password\":\"a\"}", "{\"password\":\"b\"}", "password: changed (not shown)\n"},
        {"{\"kind\":\"Secret\",\"data\":{\"a\":\"b\"}}", "{\"kind\":\"Secret\",\"data\":{\"a\":\"c\",\"n\":\"x\"}}",
         "data.a: changed (not shown)\ndata.n: added\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out;
        json_t *was = j(cases[i].was), *is = j(cases[i].is);
        str_init(&out, 0);
        str_adds(&out, "");
        change_words(&out, was, is, 20);
        assert_string_equal(out.data, cases[i].words);
        json_t *patch = change_patch(was, is), *back = change_back(patch, was);
        assert_true(change_holds(is, patch));
        assert_int_equal(change_holds(was, patch), !*cases[i].words);
        assert_true(change_holds(was, back));
        json_decref(patch);
        json_decref(back);
        json_decref(was);
        json_decref(is);
        str_release(&out);
    }
}

static void three(void **state)
{
    (void)state;
    static const struct { const char *base, *mine, *theirs, *out, *clashes; } cases[] = {
        {"{\"a\":1,\"b\":1}", "{\"a\":2,\"b\":1}", "{\"a\":1,\"b\":2}", "{\"a\":2,\"b\":2}", ""},
        {"{\"a\":1}", "{\"a\":2}", "{\"a\":3}", "{\"a\":2}", "a\n"},
        {"{\"a\":1,\"b\":1}", "{\"b\":1}", "{\"a\":1,\"b\":2}", "{\"b\":2}", ""},
        {"{}", "{\"n\":1}", "{\"m\":1}", "{\"m\":1,\"n\":1}", ""},
        {"{\"c\":[{\"name\":\"x\",\"i\":1,\"e\":1}]}", "{\"c\":[{\"name\":\"x\",\"i\":2,\"e\":1}]}", "{\"c\":[{\"name\":\"x\",\"i\":1,\"e\":2},{\"name\":\"y\"}]}",
         "{\"c\":[{\"name\":\"x\",\"i\":2,\"e\":2},{\"name\":\"y\"}]}", ""},
        {"{\"l\":[1]}", "{\"l\":[1,2]}", "{\"l\":[1,3]}", "{\"l\":[1,2]}", "l\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str clashes;
        json_t *base = j(cases[i].base), *mine = j(cases[i].mine), *theirs = j(cases[i].theirs), *want = j(cases[i].out);
        str_init(&clashes, 0);
        str_adds(&clashes, "");
        json_t *out = change_merge(base, mine, theirs, &clashes);
        assert_true(json_equal(out, want));
        assert_string_equal(clashes.data, cases[i].clashes);
        json_t *all[] = {base, mine, theirs, want, out};
        for (size_t k = 0; k < 5; k++)
            json_decref(all[k]);
        str_release(&clashes);
    }
}

static enum err_code count(void *arg, json_t *doc, int line, struct err *err)
{
    struct str *s = arg;
    (void)err;
    str_addf(s, "%d:%s ", line, json_is_object(doc) ? json_string_value(json_object_get(doc, "kind")) : "?");
    return ERR_OK;
}

static void documents(void **state)
{
    (void)state;
    static const struct { const char *text, *docs, *err; } cases[] = {
        {"kind: A\n---\n# nothing\n---\nkind: B\n", "1:A 5:B ", ""},
        {"{\"kind\":\"A\"}\n\n{\"kind\":\"B\"}", "1:A 3:B ", ""},
        {"{\"kind\":\"A\",\n\t\"x\":1}\n---\n{\"kind\":\"B\"}", "1:A 4:B ", ""},
        {"{kind: A}\n", "1:A ", ""},
        {"kind: A\na: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n", "1:A ", ""},
        {"kind: A\nb: 1\nb: 2\n", "", "f:3: this key stands twice: b"},
        {"kind: A\n---\nkind: B\n x: [\n", "1:A ", "f:4: "},
        {"{\"kind\":\"A\"}\n{\"a\":}\n", "1:A ", "f:2: "},
        {"a: .inf\n", "", "f:1: no number that JSON has: .inf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str s;
        struct err err;
        str_init(&s, 0);
        str_adds(&s, "");
        enum err_code rc = yaml_json_each(cases[i].text, strlen(cases[i].text), "f", count, &s, &err);
        assert_string_equal(s.data, cases[i].docs);
        assert_int_equal(rc, *cases[i].err ? ERR_PARSE : ERR_OK);
        assert_int_equal(strncmp(err.msg, cases[i].err, strlen(cases[i].err)), 0);
        str_release(&s);
    }
}

static const char base[] = "apiVersion: v1\ndata:\n  a: YQ==\n  b: /w==\nkind: Secret\nmetadata:\n  name: s\n  resourceVersion: \"7\"\n";

static void secret(void **state)
{
    (void)state;
    struct str text, doc;
    struct err err;
    char mark[40];
    bool same;
    str_init(&text, 0);
    str_init(&doc, 0);
    assert_int_equal(edit_text(&text, base, "a word", true, &err), ERR_OK);
    assert_string_equal(text.data, "# a word\napiVersion: v1\ndata:\n  b: /w==\nkind: Secret\nmetadata:\n  name: s\n  resourceVersion: \"7\"\nstringData:\n  a: a\n");
    assert_int_equal(edit_document(base, text.data, text.len, &doc, mark, &same, &err), ERR_OK);
    assert_true(same);
    static const char edited[] = "apiVersion: v1\ndata:\n  b: /w==\nkind: Secret\nmetadata:\n  name: s\n  resourceVersion: \"6\"\nstringData:\n  a: ab\n";
    str_clear(&doc);
    assert_int_equal(edit_document(base, edited, sizeof edited - 1, &doc, mark, &same, &err), ERR_OK);
    assert_false(same);
    assert_string_equal(doc.data, "{\"data\":{\"a\":\"YWI=\"},\"metadata\":{\"resourceVersion\":\"7\"}}");
    static const char other[] = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: t\n";
    assert_int_equal(edit_document(base, other, sizeof other - 1, &doc, mark, &same, &err), ERR_USAGE);
    assert_int_equal(edit_document(base, "# gone\n", 7, &doc, mark, &same, &err), ERR_OK);
    assert_true(same);
    str_release(&text);
    str_release(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words), cmocka_unit_test(three), cmocka_unit_test(documents), cmocka_unit_test(secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
