/* Root cause where a list between two layers is not read: what died below it is a guess, and never more than that. */
#include "why_world.h"

static struct feed_status *not_read(struct world *w, uint16_t source, const char *kind, enum feed_state state)
{
    struct feed_status *st = store_status(world_store(w, source, world_kind(kind)));
    st->state = state;
    err_set(&st->err, ERR_SERVER, 503, "no such luck");
    return st;
}

static void under_died(struct world *w, const char *uid, const char *name, const char *ready, const char *since)
{
    world_put(w, MGMT, "nodes", uid, "", name, "internal-ip", "10.0.0.9", "status", "NotReady", "ready", ready, "unready", since, "@health", BAD, NULL);
}

/* A tenant's node is gone, the compute API does not answer, and so does a machine of the cluster that this cloud runs on. */
static void darkness(struct world *w)
{
    world_put(w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "unready", "9000000", "@health", BAD, NULL);
    world_put(w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@health", BAD, NULL);
    world_put(w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "down", "endpoint", "http://nova-api.openstack.svc:8774/", "@health", BAD, NULL);
    world_put(w, MGMT, "services", "api-s", "openstack", "nova-api", "selector", "application=nova,component=os-api", NULL);
    world_put(w, MGMT, "nodes", "under-2", "", "cmp2", "status", "Ready", "ready", "True", NULL);
    under_died(w, "under-1", "cmp1", "Unknown", "8999000");
    not_read(w, CLOUD, "server", FEED_FAILED);
    not_read(w, CLOUD, "hypervisor", FEED_FAILED);
    world_build(w);
}

static void what_died_below_what_is_not_read_is_a_guess(void **state)
{
    (void)state;
    struct world w = {0};
    struct why x;
    darkness(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > under-1: broken C 3-0");
    assert_true(why_make(&x, w.links, at(&w, TENANT, "pods", "web-1")));
    assert_true(x.n == 2 && x.cause[0].guess && !x.cause[1].guess && x.cause[1].cls == LINK_B);        /* the end of what is seen stands behind it */
    char *text = all_of(&w, of_node);
    assert_non_null(strstr(text, "  cannot see beyond server of ?: HTTP 503, no such luck; what is gone below it, and may be why:\n  node cmp1 ()"));
    text = all_of(&w, list);
    assert_int_equal(strncmp(text, "2 causes explain 4 red rows\n", 28), 0);
    assert_non_null(strstr(text, "; 2 of the rows are a guess: between lies what is not read"));
    assert_non_null(strstr(text, "  A  node cmp1 ()"));                     /* its own row is sure */
    world_free(&w);
}

/* Not what began at another time, nor what still reports, nor what is of a cluster that the cloud is not known to run on. */
static void not_everything_that_is_red_is_guessed(void **state)
{
    (void)state;
    struct world w = {0};
    darkness(&w);
    under_died(&w, "under-1", "cmp1", "Unknown", "1000000");
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken B 2-0");
    under_died(&w, "under-1", "cmp1", "False", "9000000");
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken B 2-0");
    under_died(&w, "under-1", "cmp1", "Unknown", "9000000");
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "down", "endpoint", "http://203.0.113.1:8774/", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > under-1: broken C 3-0");        /* nobody knows what it runs on */
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "provider-id", "openstack:///" SRV2, "status", "NotReady", "ready", "Unknown", "unready", "9000000", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken B 2-0");
    world_free(&w);
    darkness(&w);
    under_died(&w, "under-2", "cmp2", "Unknown", "8999900");                /* of two the one that began with it */
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > under-2: broken C 3-0");
    struct why two;
    assert_true(why_make(&two, w.links, at(&w, TENANT, "nodes", "node-1")));
    assert_true(two.n == 3 && two.cause[1].guess && two.cause[1].hop[1] == at(&w, MGMT, "nodes", "under-1") && !two.cause[2].guess);        /* and the other one after it */
    world_free(&w);
}

/* Lists as they were read last still lead down; what they say is not what is, and that a host was well then says nothing. */
static void what_was_read_last_is_less_certain(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(&w, CLOUD, "hypervisor", "h1", "", "cmp1", "host", "cmp1", "host-ip", "10.0.0.1", "state", "up", NULL);
    world_build(&w);
    const char *now = why(&w, TENANT, "nodes", "node-1");
    char cls = strstr(now, "broken ")[7];
    not_read(&w, CLOUD, "server", FEED_STALE);
    world_build(&w);
    const char *old = why(&w, TENANT, "nodes", "node-1");
    assert_int_equal(strncmp(old, "node-1 > " SRV1 " > h1 > under-1: broken ", 64), 0);
    assert_int_equal(strstr(old, "broken ")[7], cls + 1);                    /* A to B, B to C */
    world_free(&w);
    sandwich(&w);
    tenant_down(&w);
    compute_down(&w);
    not_read(&w, MGMT, "nodes", FEED_STALE);
    world_build(&w);
    struct why x;
    assert_true(why_make(&x, w.links, at(&w, TENANT, "nodes", "node-1")));
    assert_true(x.n > 0 && x.cause[0].hop[x.cause[0].n - 1] == at(&w, CLOUD, "hypervisor", "h1"));
    assert_non_null(strstr(all_of(&w, of_node), "cannot see beyond nodes of "));
    world_free(&w);
}

/* A cluster of Magnum is its servers, and an API server that never answered is behind one: neither says so. */
static void what_names_nothing_ends_in_the_dark_too(void **state)
{
    (void)state;
    struct world w = {0};
    api_gone(&w);
    w.source[0].state = SOURCE_FAILED;
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "elsewhere", "status", "CREATE_COMPLETE", "health", "UNHEALTHY", "@health", BAD, NULL);
    struct feed_status *st = not_read(&w, CLOUD, "server", FEED_FAILED);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "coe-cluster", "coe-1"), "coe-1: broken B 1-0");
    char *text = all_of(&w, list), *api = strstr(text, "  B  apiserver tenant-a");
    assert_non_null(api);
    assert_non_null(strstr(api, "; cannot see beyond server of ?: HTTP 503, no such luck"));
    st->state = FEED_LIVE;
    st->err = (struct err)ERR_INIT;
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "coe-cluster", "coe-1"), "coe-1: broken A 1-0");
    assert_non_null(strstr(all_of(&w, list), "  A  apiserver tenant-a"));
    world_free(&w);
    world_put(&w, CLOUD, "lb-member", "m-1", "red", "m1", "address", "10.9.9.9", "operating", "ERROR", "@health", BAD, NULL);
    not_read(&w, CLOUD, "server", FEED_FAILED);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "lb-member", "m-1"), "m-1: broken B 1-0");              /* it names an address */
    world_free(&w);
    /* its address is of a server that is not read; its name is what the context is called */
    api_gone(&w);
    w.source[0].state = SOURCE_OK;
    w.source[0].err = (struct err)ERR_INIT;
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "tenant-a", "status", "CREATE_COMPLETE", "health", "UNHEALTHY", "@health", BAD, NULL);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    not_read(&w, CLOUD, "server", FEED_FAILED);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "coe-cluster", "coe-1"), "coe-1 > node-1: broken C 2-0");
    world_free(&w);
}

/* A user sees no hypervisor: what a server runs on is not told, nor the servers of others. */
enum { OTHER_ENTRY = 7 };

static void what_a_user_may_not_see_is_beyond_too(void **state)
{
    (void)state;
    struct world w = {0};
    tenant_down(&w);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "status", "ACTIVE", NULL);
    under_died(&w, "under-1", "cmp1", "Unknown", "9000000");
    struct feed_status *st = not_read(&w, CLOUD, "hypervisor", FEED_FAILED);
    err_set(&st->err, ERR_FORBIDDEN, 403, "not for you");
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > under-1: broken C 3-0");
    assert_non_null(strstr(all_of(&w, of_node), "  cannot see beyond hypervisor of ?: HTTP 403, not for you; what is gone below it"));
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "status", "SHUTOFF", "@health", "1", NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > " SRV1 ": stopped A 2-0");         /* that is told by the server itself */
    world_free(&w);
    api_gone(&w);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "status", "ACTIVE", NULL);
    world_build(&w);
    assert_non_null(strstr(all_of(&w, list), "  A  apiserver tenant-a"));
    st = store_status(world_store(&w, CLOUD, kind_find("server")));
    st->partial = true;
    snprintf(st->note, sizeof st->note, "project red only");
    world_build(&w);
    const char *api = strstr(all_of(&w, list), "  B  apiserver tenant-a");
    assert_true(api && strstr(api, "; cannot see beyond server of ?: project red only"));
    world_put(&w, OTHER_ENTRY, "server", SRV1, "red", "vm1", "status", "ACTIVE", NULL);         /* another entry of that cloud sees all */
    store_status(world_store(&w, OTHER_ENTRY, kind_find("server")))->state = FEED_LIVE;
    world_build(&w);
    assert_non_null(strstr(all_of(&w, list), "  A  apiserver tenant-a"));
    st->partial = false;
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "roles", "control-plane", "status", "Ready", NULL);
    not_read(&w, TENANT, "nodes", FEED_STALE);              /* because its API server is away, which is no reason for that */
    world_build(&w);
    assert_non_null(strstr(all_of(&w, list), "  A  apiserver tenant-a"));
    world_free(&w);
}

/* A cloud whose identity API does not answer: that row is all there is, in a list that is not read, and it is sure. */
static void a_cloud_that_cannot_be_asked_is_red(void **state)
{
    (void)state;
    struct world w = {0};
    tenant_down(&w);
    not_read(&w, CLOUD, "server", FEED_FAILED);
    not_read(&w, CLOUD, "os-services", FEED_FAILED);
    world_put(&w, CLOUD, "os-services", "identity", "", "identity", "@head", "", "type", "identity", "state", "down", "reason", "no Keystone", "@health", BAD, NULL);
    world_build(&w);
    char *text = all_of(&w, list);
    assert_non_null(strstr(text, "     1  broken          -  A  os-service identity (): down, reason no Keystone; 2 lists of  are not read; 2 red rows end where they are not read\n"
                                 "     2  broken          -  B  node w1 ()"));
    world_free(&w);
}

/* No machine of Ironic is a server on KVM: that Ironic does not answer takes nothing from what is known of it. */
static void who_is_no_machine_is_not_hidden_by_them(void **state)
{
    (void)state;
    for (int ironic = 0; ironic < 2; ironic++) {
        struct world w = {0};
        sandwich(&w);
        server_off(&w, "SHUTOFF", HEALTH_DONE);
        world_put(&w, CLOUD, "hypervisor", "h1", "", "cmp1", "host", "cmp1", "host-ip", "10.0.0.1", "type", ironic ? "ironic" : "QEMU", NULL);
        not_read(&w, CLOUD, "baremetal", FEED_FAILED);
        world_build(&w);
        assert_int_equal(why_hidden(w.links, links_find(w.links, CLOUD, kind_find("server"), SRV1)) != NULL, ironic);
        world_free(&w);
    }
}

/* A persistent volume, and the claim above it, name a volume that nobody shows. */
static void a_volume_that_is_not_read_is_beyond(void **state)
{
    static const char *const kind[] = {"persistentvolumes", "persistentvolumeclaims"}, *const uid[] = {"pv1", "c1"};
    (void)state;
    struct world w = {0};
    struct why x;
    sandwich(&w);
    world_put(&w, TENANT, "persistentvolumes", "pv1", "", "pv1", "cinder-volume", "99999999-aaaa-4bbb-8ccc-dddddddddddd", "claim-uid", "c1", NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "c1", "shop", "data", "volume-name", "pv1", NULL);
    for (int dark = 0; dark < 2; dark++) {
        not_read(&w, CLOUD, "volume", dark ? FEED_FAILED : FEED_LIVE);
        world_build(&w);
        for (size_t i = 0; i < 2; i++) {
            assert_true(why_below(&x, w.links, links_find(w.links, TENANT, world_kind(kind[i]), uid[i])));
            assert_int_equal(x.nunseen, dark);
        }
    }
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_died_below_what_is_not_read_is_a_guess),
        cmocka_unit_test(not_everything_that_is_red_is_guessed),
        cmocka_unit_test(what_was_read_last_is_less_certain),
        cmocka_unit_test(what_a_user_may_not_see_is_beyond_too),
        cmocka_unit_test(a_cloud_that_cannot_be_asked_is_red),
        cmocka_unit_test(what_names_nothing_ends_in_the_dark_too),
        cmocka_unit_test(who_is_no_machine_is_not_hidden_by_them), cmocka_unit_test(a_volume_that_is_not_read_is_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
