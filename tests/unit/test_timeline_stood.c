/* What a row tells of its own past; and the load balancer that went with its Service is part of the Service's past, by the name that the cloud controller gave it. */
#include "why_world.h"

#include "core/links/timeline_read.h"

static void the_load_balancer_of_a_service_is_known_by_its_name(void **state)
{
    static const struct { const char *kind, *name; bool is; } cases[] = {
        {"loadbalancer", "kube_service_prod_shop_front", true},
        {"loadbalancer", "kube_service_prod_east_shop_front", true},        /* the cluster's name may have anything in it */
        {"loadbalancer", "kube_service_prod_shop_front-2", false},
        {"loadbalancer", "kube_service_prod_other_front", false},
        {"loadbalancer", "kube_service_shop_front", false},
        {"loadbalancer", "mine_shop_front", false},
        {"server", "kube_service_prod_shop_front", false},
    };
    (void)state;
    struct row service = {.kind = kind_find("services"), .scope = "shop", .name = "front", .uid = "u"}, pod = service;
    pod.kind = kind_find("pods");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen_change s = {.kind = kind_find(cases[i].kind), .name = cases[i].name, .uid = "l", .scope = "", .was = "ACTIVE"};
        assert_int_equal(timeline_stood_for(&service, &s), cases[i].is);
        assert_false(timeline_stood_for(&pod, &s));
    }
}

static void a_row_says_what_it_became(void **state)
{
    static const struct { const char *kind, *column, *value, *told; } cases[] = {
        {"server", "status", "ERROR", "became ERROR"},
        {"server", "task", "powering-off", "became powering-off"},
        {"baremetal", "provision", "active", "became active"},
        {"server", "host_status", "UP", NULL},              /* not known: no line with half a sentence */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        struct timeline t = {0};
        world_put(&w, CLOUD, cases[i].kind, "u", "", "n", "since", "10000", cases[i].column, cases[i].value, NULL);
        world_build(&w);
        struct timeline_object o = {links_row(w.links, links_find(w.links, CLOUD, kind_find(cases[i].kind), "u")), "n", "cloud", 0, 10};
        timeline_read_service(&t, &o);
        assert_int_equal(t.n, cases[i].told ? 1 : 0);
        if (cases[i].told)
            assert_string_equal(t.line[0].what, cases[i].told);
        timeline_release(&t);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_load_balancer_of_a_service_is_known_by_its_name), cmocka_unit_test(a_row_says_what_it_became),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
