/* What cannot be seen is said: of a chain that rests on old lists, of what is well as far as is seen, of a service whose agents are hidden. */
#include "why_world.h"

#include "strata/clock.h"
#include "strata/stack.h"

#define NOW 100000000
static char text[8192];

static const char *told(struct world *w, const char *kind, const char *uid)
{
    struct tell t = {.l = world_build(w), .source = nowhere};
    struct str out;
    str_init(&out, 0);
    assert_true(tell_why(&t, at(w, TENANT, kind, uid), &out));
    snprintf(text, sizeof text, "%s", out.data);
    str_release(&out);
    return text;
}

static struct feed_status *status(struct world *w, uint16_t source, const char *kind) { return store_status(world_store(w, source, world_kind(kind))); }

static void live(struct world *w)
{
    for (size_t i = 0; i < w->n; i++)
        store_status(w->store[i])->state = FEED_LIVE;
}

static void lost(struct world *w, const char *kind, enum feed_state state)
{
    struct feed_status *st = status(w, CLOUD, kind);
    st->state = state;
    st->last_ok_mono_ms = state == FEED_STALE ? NOW - 4 * 60000 : 0;
    err_set(&st->err, ERR_SERVER, 503, "nova has no database");
}

static void a_hop_of_an_old_list_tells_its_age(void **state)
{
    (void)state;
    struct world w = {0};
    clock_freeze(NOW, 1800000000000LL);
    sandwich(&w);
    live(&w);
    tenant_down(&w);
    server_off(&w, "SHUTOFF", HEALTH_NONE);
    assert_null(strstr(told(&w, "pods", "web-1"), "seen 4m"));
    lost(&w, "server", FEED_STALE);
    assert_non_null(strstr(told(&w, "pods", "web-1"), "  is server vm1 (): SHUTOFF"));
    assert_non_null(strstr(text, "providerID " SRV1 "; seen 4m ago: HTTP 503, nova has no database, since 07:56:00Z\n"));
    assert_null(strstr(strstr(text, "\n"), "node w1 (): NotReady   A; seen"));          /* its own list is read */
    clock_freeze(-1, 0);
    world_free(&w);
}

/* The agents of an API that does not answer any more, in a list that is read all the same. */
static void a_row_that_is_old_alone_tells_its_api(void **state)
{
    (void)state;
    struct world w = {0};
    struct str out;
    clock_freeze(NOW, 1800000000000LL);
    sandwich(&w);
    live(&w);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "down", "reason", "no database", "seen", "1799999820000", "group", "7", "@health", BAD, NULL);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "up", "group", "7", "@flag", "4", NULL);
    struct tell t = {.l = world_build(&w), .source = nowhere};
    str_init(&out, 0);
    assert_true(tell_seen(&t, at(&w, CLOUD, "os-services", "compute/1"), "", &out));
    assert_string_equal(out.data, "seen 3m ago: its API is down, no database");
    assert_false(tell_seen(&t, at(&w, CLOUD, "os-services", "compute"), "", &out));
    str_release(&out);
    /* what refuses is down, what says nothing is silent */
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "down", "reason", "127.0.0.1 did not answer within 20 s", "seen", "1799999820000", "group", "7", "@health", BAD, NULL);
    t.l = world_build(&w);
    str_init(&out, 0);
    assert_true(tell_seen(&t, at(&w, CLOUD, "os-services", "compute/1"), "", &out));
    assert_string_equal(out.data, "seen 3m ago: its API is silent, 127.0.0.1 did not answer within 20 s");
    str_clear(&out);
    why_words(links_row(t.l, at(&w, CLOUD, "os-services", "compute")), 1800000000000LL, &out);
    assert_int_equal(strncmp(out.data, "silent, ", 8), 0);
    str_release(&out);
    clock_freeze(-1, 0);
    world_free(&w);
}

static void what_is_well_is_so_as_far_as_is_seen(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    live(&w);
    assert_non_null(strstr(told(&w, "pods", "web-1"), "  nothing is wrong with it, nor with what it hangs on\n"));
    world_free(&w);

    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", NULL);
    world_store(&w, CLOUD, kind_find("server"));
    live(&w);
    lost(&w, "server", FEED_FAILED);
    assert_string_equal(strstr(told(&w, "pods", "web-1"), "  nothing"), "  nothing is wrong with it, nor with what it hangs on, as far as is seen\n"
                                                                       "  cannot see beyond server of ?: HTTP 503, nova has no database\n");
    world_free(&w);
}

/* One's own project alone is shown, and it is not in it; or no cloud is open at all. */
static void who_may_not_see_the_server_is_less_certain(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "aws:///i-1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "nodes", "node-2"), "node-2: broken A 1-0");
    world_free(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    live(&w);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1: broken B 1-0");
    assert_non_null(strstr(told(&w, "nodes", "node-1"), "cannot see beyond the node: it names a server of OpenStack, and no cloud is open here"));

    world_put(&w, CLOUD, "server", SRV2, "red", "other", "hypervisor_hostname", "cmp1", NULL);
    live(&w);
    struct feed_status *st = status(&w, CLOUD, "server");
    st->partial = true;
    st->last_ok_mono_ms = 1000;
    snprintf(st->note, sizeof st->note, "project red only");
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1: broken B 1-0");
    assert_non_null(strstr(told(&w, "nodes", "node-1"), "cannot see beyond server of ?: project red only\n"));      /* it is read, though: no time */
    st->partial = false;                        /* all are shown: it is not there, and that is all there is to see */
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1: broken A 1-0");
    world_free(&w);
}

/* The links of a node whose server is not read say so, and so do the layers: what is known otherwise stays, and the API that is down is why. */
static void links_and_layers_say_what_is_not_read(void **state)
{
    (void)state;
    struct world w = {0};
    struct str out;
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, NULL);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "down", "reason", "refused", "@health", BAD, NULL);
    world_put(&w, MGMT, "deployments", "api-d", "openstack", "api", "@label", "application=nova", "@label", "component=os-api", NULL);
    world_store(&w, CLOUD, kind_find("server"));
    live(&w);
    struct tell t = {.l = world_build(&w), .source = nowhere};
    struct layers y;
    assert_true(layers_make(&y, t.l));
    for (size_t i = 0; i < y.n; i++)
        assert_true(y.layer[i].source != CLOUD || !y.layer[i].non);             /* labels alone are nothing while all is read */
    layers_free(&y);
    lost(&w, "server", FEED_FAILED);
    t.l = world_build(&w);
    str_init(&out, 0);
    assert_true(tell_links(&t, at(&w, TENANT, "nodes", "node-1"), &out));
    assert_non_null(strstr(out.data, "node w1 ()\n  cannot see beyond server of ?: HTTP 503, nova has no database\n"));
    str_clear(&out);
    assert_true(tell_layers(&t, &out));
    assert_non_null(strstr(out.data, "; 1 of 2 lists cannot be read: compute API is down, refused\n"));
    assert_non_null(strstr(out.data, "1 of its services are there by their labels alone, no hypervisor and no agent of it is read   C\n"));
    str_release(&out);
    world_free(&w);
}

/* What was read last stands where it stood, and is less certain, and said. */
static void layers_of_old_rows_say_so(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    live(&w);
    world_build(&w);
    assert_non_null(strstr(all_of(&w, tell_layers), "2 of 2 nodes are its servers   A\n"));
    lost(&w, "server", FEED_STALE);
    world_build(&w);
    assert_non_null(strstr(all_of(&w, tell_layers), "2 of 2 nodes are its servers, as they were read last   B\n"));
    world_free(&w);
}

static const struct source_info *heard(void *arg, uint16_t id)
{
    (void)id;
    return arg;
}

/* A list that is followed is as new as the last word of its server, however long nothing changes; one whose watch brings nothing is not. */
static void a_quiet_list_is_not_old(void **state)
{
    (void)state;
    struct world w = {0};
    struct source_info in = {.id = TENANT, .plane = PLANE_KUBE, .state = SOURCE_OK, .last_ok_mono_ms = 90000};
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", NULL);
    live(&w);
    struct feed_status *st = status(&w, TENANT, "nodes");
    st->last_ok_mono_ms = 1000;
    world_build(&w);
    struct tell t = {.l = w.links, .source = heard, .arg = &in};
    assert_int_equal(tell_answered(&t, w.snap[0]), 90000);
    snprintf(st->note, sizeof st->note, "its watch brings nothing");
    world_build(&w);
    assert_int_equal(tell_answered(&t, w.snap[0]), 1000);
    world_free(&w);
}

static void agents_that_are_hidden_are_not_well(void **state)
{
    (void)state;
    struct world w = {0};
    struct stack y;
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "up", "workers", "hidden", NULL);
    assert_true(stack_make(&y, world_build(&w)));
    assert_true(y.n == 1 && y.service[0].hidden);
    assert_int_equal(y.service[0].health, HEALTH_UNKNOWN);
    assert_string_equal(y.service[0].why, "its agents are not readable by this user");
    stack_free(&y);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "up", NULL);
    assert_true(stack_make(&y, world_build(&w)));
    assert_int_equal(y.service[0].health, HEALTH_OK);
    stack_free(&y);
    world_free(&w);
}

/* Agents that may not be seen are not absent: a volume, a router is well as far as is seen. Who sees its agent is told of that. */
static void what_agents_that_are_hidden_serve_is_well_as_far_as_is_seen(void **state)
{
    static const struct { const char *kind, *type; bool told; } cases[] = {{"volume", "volumev3", true}, {"router", "network", true}, {"network", "network", true}, {"volume", "network", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        struct why x;
        sandwich(&w);
        if (!strcmp(cases[i].kind, "volume"))
            world_put(&w, CLOUD, "volume", "x", "red", "x", "host", "ctl@ssd#ssd", NULL);
        else
            world_put(&w, CLOUD, cases[i].kind, "x", "red", "x", NULL);
        world_put(&w, CLOUD, "os-services", "api", "", "api", "@head", "", "type", cases[i].type, "workers", "hidden", "state", "up", NULL);
        world_build(&w);
        live(&w);
        assert_true(why_make(&x, w.links, at(&w, CLOUD, cases[i].kind, "x")));
        assert_int_equal(x.nunseen, cases[i].told);
        if (cases[i].told)
            assert_string_equal(snap_kind(x.unseen[0])->id, "os-services");
        if (!i) {
            world_put(&w, CLOUD, "os-services", "cv", "", "cinder-volume", "binary", "cinder-volume", "host", "ctl@ssd", "state", "up", NULL);
            world_build(&w);
            assert_true(why_make(&x, w.links, at(&w, CLOUD, "volume", "x")));
            assert_int_equal(x.nunseen, 0);
        }
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hop_of_an_old_list_tells_its_age), cmocka_unit_test(a_row_that_is_old_alone_tells_its_api),
        cmocka_unit_test(what_is_well_is_so_as_far_as_is_seen), cmocka_unit_test(who_may_not_see_the_server_is_less_certain),
        cmocka_unit_test(links_and_layers_say_what_is_not_read), cmocka_unit_test(layers_of_old_rows_say_so), cmocka_unit_test(a_quiet_list_is_not_old), cmocka_unit_test(agents_that_are_hidden_are_not_well),
        cmocka_unit_test(what_agents_that_are_hidden_serve_is_well_as_far_as_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
