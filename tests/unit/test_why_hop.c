/* A hop of a chain that no link says: a member of a cluster is none that a cordon keeps away. */
#include "why_world.h"

#include "strata/clock.h"

static const char *told(struct world *w, uint16_t source, const char *kind, const char *uid)
{
    static char text[4000];
    struct tell t = {.l = w->links, .source = nowhere};
    struct str s;
    str_init(&s, 0);
    assert_true(tell_why(&t, at(w, source, kind, uid), &s));
    snprintf(text, sizeof text, "%s", s.data ? s.data : "");
    str_release(&s);
    return text;
}

static void a_cluster_is_made_of_its_nodes_and_kept_off_none(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    world_put(&w, CLOUD, "server", SRV2, "red", "vm2", "addresses", "net=10.9.9.9", "status", "ACTIVE", NULL);
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "status", "Ready", NULL);
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "tenant", "api", "https://10.9.9.9:6443", "status", "CREATE_COMPLETE", "health", "UNHEALTHY", "@health", BAD, NULL);
    world_build(&w);
    const char *text = told(&w, CLOUD, "coe-cluster", "coe-1");
    assert_non_null(strstr(text, "  is made of node w1 (): NotReady"));
    assert_non_null(strstr(text, "   B of the cluster that it is\n"));
    assert_null(strstr(text, "cordon"));
    assert_null(strstr(text, "kept off"));
    world_free(&w);
}

/* Two pods, two nodes that are servers of one host, which is gone: the second one is no cause beside it, however far below they meet. */
static void what_meets_far_below_is_one_cause(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    world_put(&w, CLOUD, "server", SRV2, "blue", "vm2", "hypervisor_hostname", "cmp1", NULL);
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "web-2", "shop", "web-2", "node", "w2", "@owner", "ReplicaSet/web/rs", "@health", BAD, NULL);
    world_put(&w, TENANT, "deployments", "web", "shop", "web", "ready", "0/2", "@health", BAD, NULL);
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_build(&w);
    struct why x;
    assert_true(why_make(&x, w.links, at(&w, TENANT, "deployments", "web")));
    assert_int_equal(x.n, 1);
    assert_string_equal(why(&w, TENANT, "deployments", "web"), "web > web-1 > node-1 > " SRV1 " > h1 > under-1: broken B 6-0");
    world_put(&w, CLOUD, "server", SRV2, "blue", "vm2", "hypervisor_hostname", "cmp2", NULL);       /* another host: a cause of its own */
    world_build(&w);
    assert_true(why_make(&x, w.links, at(&w, TENANT, "deployments", "web")));
    assert_int_equal(x.n, 2);
    assert_non_null(strstr(told(&w, TENANT, "deployments", "web"), "\n  and:\n"));        /* each took a pod */
    assert_null(strstr(told(&w, TENANT, "deployments", "web"), "less likely"));
    world_free(&w);
}

/* A process with three back ends that died is one cause, and one back end that is down by itself another. */
static void back_ends_of_one_process_are_one_cause(void **state)
{
    static const char *const seen[] = {"9000000", "9001000", "9002000", "8000000"};
    (void)state;
    struct world w = {0};
    struct why_world all;
    sandwich(&w);
    for (int i = 0; i < 4; i++) {
        char uid[16], host[24];
        snprintf(uid, sizeof uid, "cv%d", i);
        snprintf(host, sizeof host, "ctl@b%d", i);
        world_put(&w, CLOUD, "os-services", uid, "", uid, "binary", "cinder-volume", "host", host, "state", "down", "status", "enabled", "seen", seen[i], "@health", BAD, NULL);
    }
    world_build(&w);
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.red, 4);
    assert_int_equal(all.n, 2);
    assert_int_equal(all.cause[0].explains, 3);
    why_world_free(&all);
    assert_non_null(strstr(told(&w, CLOUD, "os-services", "cv1"), ": 2 other back ends of its process fell silent with it"));
    assert_null(strstr(told(&w, CLOUD, "os-services", "cv3"), "other back end"));
    world_free(&w);
}

/* Of a cloud whose only address is gone all APIs are down: that is one cause, as long as none of them answers. */
static void apis_behind_one_address_are_one_cause(void **state)
{
    static const char *const api[] = {"compute", "identity", "network", "volumev3"};
    (void)state;
    struct world w = {0};
    for (int one = 0; one < 2; one++) {                 /* one of them answers: each is down by itself */
        for (size_t i = 0; i < 4; i++)
            world_put(&w, CLOUD, "os-services", api[i], "", api[i], "type", api[i], "host", i ? "10.0.0.9:443" : "10.0.0.9:8774", "state", one && i == 3 ? "up" : "down", "@head", "",
                      "@health", one && i == 3 ? "1" : BAD, NULL);
        world_put(&w, CLOUD, "os-services", "image", "", "image", "type", "image", "host", "10.0.0.7:9292", "state", "up", "@head", "", NULL);
        world_build(&w);
        struct why_world all;
        assert_true(why_all(&all, w.links));
        assert_int_equal(all.n, one ? 3 : 1);
        assert_int_equal(all.cause[0].explains, one ? 1 : 4);
        why_world_free(&all);
        assert_int_equal(strstr(told(&w, CLOUD, "os-services", "compute"), ": nor do the 3 other APIs at its address: ") != NULL, !one);
    }
    world_free(&w);
}

static bool asked(void *arg, const struct row *server, char *buf, size_t size)
{
    return !strcmp(server->uid, SRV1) && snprintf(buf, size, "%s\n2026-01-02T03:04:05.000000\nu-1", (const char *)arg) > 0;
}

/* Who called it so is told; of what failed by itself there is nobody. */
static void who_set_an_error_is_told(void **state)
{
    static const struct { const char *action; bool told; } cases[] = {{"resetState", true}, {"create", false}};
    (void)state;
    struct world w = {0};
    sandwich(&w);
    server_off(&w, "ERROR", HEALTH_BAD);
    world_build(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tell t = {.l = w.links, .source = nowhere, .newest_action = asked, .arg = (void *)(uintptr_t)cases[i].action};
        struct str s;
        str_init(&s, 0);
        assert_true(tell_why(&t, at(&w, CLOUD, "server", SRV1), &s));
        assert_int_equal(strstr(s.data, "server vm1 is broken: user u-1 asked for resetState ") != NULL, cases[i].told);
        str_release(&s);
    }
    world_free(&w);
}

/* Two servers have its address: that its user stopped one of them makes no plan of a node that is gone. */
static void a_guess_takes_no_alarm_away(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "internal-ip", "10.9.9.9", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "addresses", "net=10.9.9.9", "status", "SHUTOFF", NULL);
    world_put(&w, CLOUD, "server", SRV2, "blue", "vm2", "addresses", "net=10.9.9.9", "status", "ACTIVE", NULL);
    world_build(&w);
    struct tell t = {.l = w.links, .source = nowhere, .newest_action = asked, .arg = (void *)(uintptr_t)"stop"};
    struct str s;
    str_init(&s, 0);
    assert_true(tell_why(&t, at(&w, TENANT, "nodes", "node-1"), &s));
    assert_non_null(strstr(s.data, "node w1 is broken: perhaps for server vm1 (a guess, class C), which was taken down: user u-1 asked for stop "));
    str_clear(&s);
    assert_true(tell_causes(&t, 9, &s));
    assert_int_equal(strncmp(s.data, "1 cause explains 1 red row\n", 27), 0);
    assert_non_null(strstr(s.data, "  broken "));
    assert_null(strstr(s.data, "planned"));
    str_release(&s);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apis_behind_one_address_are_one_cause), cmocka_unit_test(a_cluster_is_made_of_its_nodes_and_kept_off_none), cmocka_unit_test(what_meets_far_below_is_one_cause),
        cmocka_unit_test(back_ends_of_one_process_are_one_cause), cmocka_unit_test(a_guess_takes_no_alarm_away), cmocka_unit_test(who_set_an_error_is_told),
    };
    clock_freeze(1000000, 1790000000000);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
