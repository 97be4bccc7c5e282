/* Which URL answers for a service type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/openstack/ostk_priv.h"
#include "strata/mem.h"

static const char entry[] =
    "{\"type\":\"volumev3\",\"name\":\"cinder\",\"endpoints\":["
    "{\"interface\":\"public\",\"region_id\":\"one\",\"region\":\"one\",\"url\":\"http://pub-one/v3\"},"
    "{\"interface\":\"internal\",\"region_id\":\"one\",\"url\":\"http://int-one/v3\"},"
    "{\"interface\":\"public\",\"region\":\"two\",\"url\":\"http://pub-two/v3\"},"
    "{\"interface\":\"admin\",\"region_id\":\"two\",\"url\":\"file:///etc/passwd\"}]}";

static void endpoints(void **st)
{
    (void)st;
    json_t *e = json_loads(entry, 0, NULL);
    assert_string_equal(ostk_catalog_endpoint(e, NULL, NULL), "http://pub-one/v3");
    assert_string_equal(ostk_catalog_endpoint(e, "two", "public"), "http://pub-two/v3");
    assert_string_equal(ostk_catalog_endpoint(e, "one", "internal"), "http://int-one/v3");
    assert_string_equal(ostk_catalog_endpoint(e, "two", "internal,public"), "http://pub-two/v3");
    assert_string_equal(ostk_catalog_endpoint(e, "one", "internal,public"), "http://int-one/v3");
    assert_string_equal(ostk_catalog_endpoint(e, "one", "internalURL"), "http://int-one/v3");
    assert_null(ostk_catalog_endpoint(e, "three", "public"));
    assert_null(ostk_catalog_endpoint(e, "two", "admin"));        /* no http */
    assert_null(ostk_catalog_endpoint(NULL, NULL, NULL));
    json_decref(e);
}

static void aliases(void **st)
{
    (void)st;
    assert_string_equal(ostk_type_canonical("volumev3"), "block-storage");
    assert_string_equal(ostk_type_canonical("block_storage"), "block-storage");
    assert_string_equal(ostk_type_canonical("container-infrastructure-management"), "container-infra");
    assert_string_equal(ostk_type_canonical("compute"), "compute");
    assert_true(ostk_type_rank("block-storage", "volumev3") < ostk_type_rank("block-storage", "volumev2"));
    assert_int_equal(ostk_type_rank("block-storage", "compute"), -1);
    assert_int_equal(ostk_type_rank("compute", "compute"), 0);
}

static void release(struct ostk_source *os)
{
    for (size_t i = 0; i < os->nservices; i++) {
        mem_free(os->services[i].type);
        mem_free(os->services[i].name);
        mem_free(os->services[i].endpoint);
        mem_free(os->services[i].root);
        mem_free(os->svc[i]);
    }
    mem_free(os->services);
    mem_free(os->svc);
    json_decref(os->token.catalog);
}

static void catalog(void **st)
{
    (void)st;
    char *names[] = {"baremetal_endpoint_override", "compute_service_name", NULL};
    char *values[] = {"http://ironic:6385", "nova2", NULL};
    struct ostk_source os = {.conf = {.name = "lab", .region = "one", .interface = "public", .setting_names = names,
                                      .setting_values = values, .nsettings = 2}};
    os.token.catalog = json_loads(
        "[{\"type\":\"volumev2\",\"name\":\"c2\",\"endpoints\":[{\"interface\":\"public\",\"region\":\"one\",\"url\":\"http://c/v2/x\"}]},"
        "{\"type\":\"volumev3\",\"name\":\"c3\",\"endpoints\":[{\"interface\":\"public\",\"region\":\"one\",\"url\":\"http://c/v3\"}]},"
        "{\"type\":\"compute\",\"name\":\"nova\",\"endpoints\":[{\"interface\":\"public\",\"region\":\"one\",\"url\":\"http://n1/v2.1\"}]},"
        "{\"type\":\"compute\",\"name\":\"nova2\",\"endpoints\":[{\"interface\":\"public\",\"region\":\"one\",\"url\":\"http://n2/v2.1/\"}]},"
        "{\"type\":\"image\",\"endpoints\":[{\"interface\":\"public\",\"region\":\"far\",\"url\":\"http://i\"}]}]", 0, NULL);
    assert_true(ostk_catalog_update(&os));
    os.catalog_done = true;
    assert_string_equal(ostk_find_service(&os, "block-storage")->endpoint, "http://c/v3");
    assert_string_equal(ostk_find_service(&os, "volume")->endpoint, "http://c/v3");
    assert_string_equal(ostk_find_service(&os, "compute")->root, "http://n2");
    assert_string_equal(ostk_find_service(&os, "baremetal")->endpoint, "http://ironic:6385");
    assert_null(ostk_find_service(&os, "image")->endpoint);       /* not in this region */
    assert_null(ostk_find_service(&os, "orchestration"));
    size_t n = os.nservices;
    os.services[ostk_service_index(&os, "compute")].discovered = true;
    assert_true(ostk_catalog_update(&os));                        /* the next token: same places, nothing forgotten */
    assert_int_equal(os.nservices, n);
    assert_true(ostk_find_service(&os, "compute")->discovered);
    json_array_remove(os.token.catalog, 3);
    assert_true(ostk_catalog_update(&os));
    assert_int_equal(os.nservices, n);
    assert_null(ostk_find_service(&os, "compute")->endpoint);     /* nova2 was asked for by name; another is not it */
    os.conf.nsettings = 1;
    assert_string_equal(ostk_find_service(&os, "compute")->endpoint, "http://n1/v2.1");
    release(&os);
}

static void urls(void **st)
{
    (void)st;
    struct ostk_service s = {.root = "https://api/compute", .versioned = "https://api/compute/v2.1"};
    struct ostk_source os = {.services = &s, .nservices = 1};
    static const struct { const char *path; bool root; const char *want; } cases[] = {
        {"/servers", false, "https://api/compute/v2.1/servers"}, {"/", true, "https://api/compute/"},
        {"servers", false, "https://api/compute/v2.1/servers"},
        /* a token goes to no other host, whatever a link says */
        {"http://evil:8774/v2.1/servers?marker=x", false, "https://api/v2.1/servers?marker=x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *u = ostk_url(&os, 0, cases[i].path, cases[i].root);
        assert_string_equal(u, cases[i].want);
        mem_free(u);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(endpoints), cmocka_unit_test(aliases), cmocka_unit_test(catalog),
                                       cmocka_unit_test(urls)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
