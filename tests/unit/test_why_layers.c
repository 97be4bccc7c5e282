/* Root cause over all that is red: how surely it is known, and which one a red layer names. */
#include "why_world.h"

#include "strata/clock.h"

/* web-1's node is known to be that server by its name alone: what is said of the pod is no surer. */
static void a_cause_is_known_as_surely_as_the_chain_that_leads_to_it(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "vm1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "vm1", "@owner", "ReplicaSet/web/rs", "@health", BAD, NULL);
    server_off(&w, "ERROR", HEALTH_BAD);
    world_build(&w);
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.n, 1);
    assert_string_equal(links_row(w.links, all.cause[0].hop[all.cause[0].n - 1])->uid, SRV1);       /* it is red itself, too: that proves nothing of the others */
    assert_int_equal(all.cause[0].cls, LINK_C);
    assert_int_equal(all.cause[0].explains, 3);
    why_world_free(&all);
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_build(&w);
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.cause[0].cls, LINK_A);
    assert_int_equal(all.cause[0].by_class[LINK_C], 2);
    why_world_free(&all);
    assert_non_null(strstr(all_of(&w, list), "; 2 of the rows by class C alone"));
    world_free(&w);
}

static void a_red_layer_names_its_first_cause(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    const char *text = all_of(&w, tell_layers);
    assert_null(strstr(text, "first cause"));
    tenant_down(&w);
    server_off(&w, "ERROR", HEALTH_BAD);
    world_put(&w, MGMT, "pods", "api-1", "openstack", "api-1", "node", "cmp1", "@owner", "ReplicaSet/api/api-rs", "status", "CrashLoopBackOff", "@health", BAD, NULL);
    world_build(&w);
    text = all_of(&w, tell_layers);
    const char *server = strstr(text, "first cause, broken: server vm1 (): ERROR; explains 3 red rows\n");
    assert_non_null(server);                    /* of the tenant's cluster, and of the cloud */
    assert_non_null(strstr(server + 1, "first cause, broken: server vm1 (): ERROR; explains 3 red rows\n"));
    assert_non_null(strstr(text, "first cause, broken: pod openstack/api-1 (): CrashLoopBackOff\n"));
    world_free(&w);
}

/* Of what explains as much the newest is first: what is looked for at night just began. An API server is as old as its last answer. */
static void what_is_new_comes_first(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "baremetal", "bm", "red", "rack1", "since", "1000000000000", "@health", BAD, NULL);
    world_put(&w, CLOUD, "volume", "vol", "red", "disk", "changed", "1500000000000", "status", "error", "@health", BAD, NULL);
    api_gone(&w);
    w.source[0].last_ok_mono_ms = clock_mono_ms() - 90000;
    world_build(&w);
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.n, 3);
    assert_string_equal(links_row(w.links, all.cause[0].hop[all.cause[0].n - 1])->kind->id, "apiserver");
    assert_in_range(clock_wall_ms() - all.cause[0].since, 90000, 100000);
    assert_string_equal(links_row(w.links, all.cause[1].hop[all.cause[1].n - 1])->uid, "vol");
    assert_string_equal(links_row(w.links, all.cause[2].hop[all.cause[2].n - 1])->uid, "bm");
    why_world_free(&all);
    world_free(&w);
}

/* That it is disabled was decided, that it fell silent was not: it is listed while servers stand on it, though nothing is red. */
static void what_is_disabled_and_silent_is_listed(void **state)
{
    static const struct { const char *state; size_t listed; } cases[] = {{"up", 0}, {"down", 1}};
    (void)state;
    struct world w = {0};
    sandwich(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct why_world all;
        world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", cases[i].state, "status", "disabled", "@health", "5", NULL);
        world_build(&w);
        assert_true(why_all(&all, w.links));
        assert_int_equal(all.n, cases[i].listed);
        assert_int_equal(all.red, 0);
        assert_true(!all.n || all.cause[0].state == WHY_WEAK);
        why_world_free(&all);
    }
    const char *text = all_of(&w, list);
    assert_int_equal(strncmp(text, "nothing is red\n", 15), 0);
    assert_non_null(strstr(text, "not well        -  A  os-service nova-compute (): "));
    assert_non_null(strstr(text, "that it is silent was not"));
    assert_non_null(strstr(text, "; endangers 1 server"));
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cause_is_known_as_surely_as_the_chain_that_leads_to_it), cmocka_unit_test(a_red_layer_names_its_first_cause),
        cmocka_unit_test(what_is_new_comes_first), cmocka_unit_test(what_is_disabled_and_silent_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
