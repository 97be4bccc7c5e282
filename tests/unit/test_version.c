/* From endpoint to root, from any service's versions document to a version, and the negotiation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/openstack/ostk_priv.h"

#define HEX "be96c561c90c49a6b3502c1b50edd8b6"

static void split(void **st)
{
    (void)st;
    static const struct { const char *url, *root, *version, *project; } cases[] = {
        {"http://h:8774/v2.1", "http://h:8774", "v2.1", NULL},
        {"http://h:8774/v2.1/", "http://h:8774", "v2.1", NULL},
        {"http://h:8776/v3/" HEX, "http://h:8776", "v3", HEX},
        {"https://h/compute/v2.1/" HEX "/", "https://h/compute", "v2.1", HEX},
        {"https://h/load-balancer", "https://h/load-balancer", "", NULL},
        {"http://h:9696", "http://h:9696", "", NULL},
        {"http://h:9696/", "http://h:9696", "", NULL},
        {"http://v2.1", "http://v2.1", "", NULL},
        {"https://h/swift/v1/AUTH_demo", "https://h/swift", "v1", "AUTH_demo"},
        {"https://h/v1/my-project", "https://h", "v1", "my-project"},
        {"https://h/volume/v3/" HEX "?x=/v9", "https://h/volume", "v3", HEX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ostk_split sp;
        assert_true(ostk_endpoint_split(&sp, cases[i].url, "my-project"));
        assert_string_equal(sp.root, cases[i].root);
        assert_string_equal(sp.version, cases[i].version);
        if (cases[i].project)
            assert_string_equal(sp.project, cases[i].project);
        else
            assert_null(sp.project);
        ostk_split_release(&sp);
    }
}

static void pick(const char *text, const char *type, const char *have, const char *segment, const char *id, const char *min,
                 const char *max)
{
    struct ostk_version v;
    json_t *d = json_loads(text, 0, NULL);
    assert_non_null(d);
    assert_true(ostk_version_pick(&v, d, type, have));
    assert_string_equal(v.segment, segment);
    assert_string_equal(v.id, id);
    assert_string_equal(v.min, min);
    assert_string_equal(v.max, max);
    json_decref(d);
}

/* Shapes as real services send them. */
static void documents(void **st)
{
    (void)st;
    pick("{\"versions\":[{\"id\":\"v2.0\",\"status\":\"SUPPORTED\",\"version\":\"\",\"min_version\":\"\",\"links\":[{\"rel\":\"self\","
         "\"href\":\"http://inside:8774/v2/\"}]},{\"id\":\"v2.1\",\"status\":\"CURRENT\",\"version\":\"2.93\",\"min_version\":\"2.1\","
         "\"links\":[{\"rel\":\"self\",\"href\":\"http://inside:8774/v2.1/\"}]}]}", "compute", "v2.1", "v2.1", "v2.1", "2.1", "2.93");
    pick("{\"version\":{\"id\":\"v2.1\",\"status\":\"CURRENT\",\"version\":\"2.72\",\"min_version\":\"2.1\",\"links\":[{\"rel\":\"self\","
         "\"href\":\"http://h/v2.1/\"},{\"rel\":\"describedby\",\"href\":\"http://docs/\"}]}}", "compute", "v2.1", "v2.1", "v2.1", "2.1",
         "2.72");
    pick("{\"versions\":[{\"id\":\"v2.0\",\"links\":[{\"rel\":\"self\",\"href\":\"http://h/v2/\"}]},{\"id\":\"v3.0\",\"version\":\"3.70\","
         "\"min_version\":\"3.0\",\"links\":[{\"rel\":\"describedby\",\"href\":\"https://docs/\"},{\"rel\":\"self\",\"href\":\"http://h/v3/\"}"
         "]}]}", "block-storage", "v2", "v3", "v3.0", "3.0", "3.70");
    pick("{\"versions\":{\"values\":[{\"id\":\"v3.14\",\"status\":\"stable\",\"links\":[{\"rel\":\"self\",\"href\":\"http://h/v3/\"}]}]}}",
         "identity", "", "v3", "v3.14", "", "");
    pick("{\"versions\":[{\"id\":\"v1.0\",\"max_version\":\"1.39\",\"min_version\":\"1.0\",\"links\":[{\"rel\":\"self\",\"href\":\"\"}]}]}",
         "placement", "", "", "v1.0", "1.0", "1.39");
    pick("{\"versions\":[{\"id\":\"v2.9\",\"links\":[{\"rel\":\"self\",\"href\":\"http://h/v2/\"}]},{\"id\":\"v2.26\",\"status\":\"CURRENT\","
         "\"links\":[{\"rel\":\"self\",\"href\":\"http://h/v2\"}]}]}", "load-balancer", "v2.0", "v2", "v2.26", "", "");
    pick("{\"name\":\"x\",\"default_version\":{\"id\":\"v1\"},\"versions\":[{\"id\":\"v1\",\"version\":\"1.82\",\"min_version\":\"1.1\","
         "\"links\":[{\"rel\":\"self\",\"href\":\"http://h/v1/\"}]}]}", "baremetal", "", "v1", "v1", "1.1", "1.82");
    pick("{\"versions\":[{\"id\":\"v1\",\"links\":[{\"rel\":\"self\",\"href\":\"http://h/v1/\"}],\"max_version\":\"1.10\","
         "\"min_version\":\"1.1\"}]}", "container-infra", "v1", "v1", "v1", "1.1", "1.10");
    pick("{\"id\":\"v1\",\"links\":[{\"rel\":\"self\",\"href\":\"http://h/v1/\"}]}", "container-infra", "v1", "v1", "v1", "", "");
    pick("{\"versions\":[{\"id\":\"v4\",\"status\":\"EXPERIMENTAL\",\"links\":[]},{\"id\":\"v1\",\"links\":[]}]}", "dns", "", "", "v1", "", "");
}

static void nonsense(void **st)
{
    (void)st;
    static const char *const cases[] = {"{}", "[]", "{\"versions\":[]}", "{\"versions\":{\"values\":5}}", "{\"versions\":[{\"id\":7}]}",
                                        "{\"versions\":[{\"id\":\"latest\"}]}", "{\"version\":\"2\"}"};
    struct ostk_version v;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *d = json_loads(cases[i], 0, NULL);
        assert_non_null(d);
        assert_false(ostk_version_pick(&v, d, "compute", "v2.1"));
        json_decref(d);
    }
    assert_false(ostk_version_pick(&v, NULL, "compute", ""));
}

static void negotiation(void **st)
{
    (void)st;
    char b[24];
    assert_true(ostk_version_cmp("2.9", "2.93") < 0);
    assert_true(ostk_version_cmp("2.100", "2.93") > 0);
    assert_int_equal(ostk_version_cmp("v2.1", "2.1"), 0);
    ostk_negotiate(b, sizeof b, "2.93", "2.1", "2.104");
    assert_string_equal(b, "2.93");
    ostk_negotiate(b, sizeof b, "2.93", "2.1", "2.60");
    assert_string_equal(b, "2.60");
    ostk_negotiate(b, sizeof b, "1.1", "2.1", "2.60");
    assert_string_equal(b, "2.1");
    ostk_negotiate(b, sizeof b, "2.93", "", "");
    assert_string_equal(b, "");
    ostk_negotiate(b, sizeof b, NULL, "2.1", "2.60");
    assert_string_equal(b, "");
}

static void headers(void **st)
{
    (void)st;
    char h[2][96];
    assert_int_equal(ostk_micro_headers(h, "compute", "2.93"), 2);
    assert_string_equal(h[0], "OpenStack-API-Version: compute 2.93");
    assert_string_equal(h[1], "X-OpenStack-Nova-API-Version: 2.93");
    assert_int_equal(ostk_micro_headers(h, "block-storage", "3.70"), 1);
    assert_string_equal(h[0], "OpenStack-API-Version: volume 3.70");
    assert_int_equal(ostk_micro_headers(h, "baremetal", "1.82"), 2);
    assert_string_equal(h[1], "X-OpenStack-Ironic-API-Version: 1.82");
    assert_int_equal(ostk_micro_headers(h, "network", ""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(split), cmocka_unit_test(documents), cmocka_unit_test(nonsense),
                                       cmocka_unit_test(negotiation), cmocka_unit_test(headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
