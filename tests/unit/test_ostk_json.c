/* Paths into JSON, and columns filled from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/openstack/ostk.h"
#include "strata/store.h"

static void paths(void **st)
{
    (void)st;
    json_t *d = json_loads("{\"a\":{\"b\":[{\"c\":\"x\"},{\"c\":7}]},\"OS-EXT-STS:vm_state\":\"active\",\"k.with.dots\":\"w\","
                           "\"n\":\"42\",\"t\":true,\"z\":null}", 0, NULL);
    assert_string_equal(ostk_json_str(d, "a.b.0.c"), "x");
    assert_int_equal(ostk_json_int(d, "a.b.1.c", 0), 7);
    assert_null(ostk_json(d, "a.b.2.c"));
    assert_null(ostk_json(d, "a.b.x.c"));
    assert_null(ostk_json(d, "a.b.0.c.d"));
    assert_string_equal(ostk_json_str(d, "OS-EXT-STS:vm_state"), "active");
    assert_string_equal(ostk_json_str(d, "k.with.dots"), "w");
    assert_int_equal(ostk_json_int(d, "n", 0), 42);
    assert_int_equal(ostk_json_int(d, "t", 0), 1);
    assert_int_equal(ostk_json_int(d, "z", -3), -3);
    assert_null(ostk_json_str(d, "n.m"));
    assert_null(ostk_json(NULL, "a"));
    json_decref(d);
}

static const struct column cols[] = {
    {.id = "name", .type = COL_TEXT, .path = "name"}, {.id = "n", .type = COL_INT, .path = "count"},
    {.id = "t", .type = COL_STAMP, .path = "at"},     {.id = "l", .type = COL_TEXT, .path = "list"},
    {.id = "b", .type = COL_TEXT, .path = "flag"},    {.id = "none", .type = COL_TEXT, .path = "missing"},
};
static const struct kind kind = {.id = "x", .plane = PLANE_OPENSTACK, .columns = cols, .ncolumns = 6};

static void columns(void **st)
{
    (void)st;
    struct store *s = store_new(1, NULL, NULL);
    store_set_kind(s, &kind);
    struct rowbuf *rb = store_rowbuf(s);
    json_t *d = json_loads("{\"name\":\"n\\u001b[1mx\",\"count\":5,\"at\":\"1970-01-01T00:00:02Z\",\"list\":[\"a\",\"b\"],\"flag\":true}",
                           0, NULL);
    char buf[100];
    rowbuf_begin(rb, &kind);
    rowbuf_id(rb, "u", "", "n");
    ostk_fill_columns(rb, d);
    assert_true(store_put(s, rowbuf_finish(rb)));
    const struct row *r = store_get(s, "u");
    assert_null(strchr(row_text(r, 0, 0, buf, sizeof buf), 27));
    assert_int_equal(r->cell[1].n, 5);
    assert_int_equal(r->cell[2].n, 2000);
    assert_string_equal(row_text(r, 3, 0, buf, sizeof buf), "a, b");
    assert_string_equal(row_text(r, 4, 0, buf, sizeof buf), "True");
    assert_string_equal(row_text(r, 5, 0, buf, sizeof buf), "");
    json_decref(d);
    store_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(paths), cmocka_unit_test(columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
