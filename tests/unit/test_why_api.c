/* Root cause where an API, or what all APIs need, is what failed. */
#include "why_world.h"

#include "strata/blast.h"

static void an_api_that_does_not_answer_is_asked_why(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    assert_null(why_api(&w));
    api_gone(&w);
    world_build(&w);
    assert_string_equal(why_api(&w), "apiserver");
    /* its control plane is a server that was stopped: the node is as it was read last */
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "Ready", "ready", "True", "roles", "control-plane", NULL);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_build(&w);
    assert_string_equal(why_api(&w), "apiserver");
    *store_status(world_store(&w, TENANT, kind_find("nodes"))) = (struct feed_status){.state = FEED_STALE};
    world_build(&w);
    assert_string_equal(why_api(&w), "apiserver > node-1 > " SRV1);
    world_free(&w);
    /* nothing of the cluster was ever read and its address is a tunnel's: Magnum's cluster of its name may be it */
    sandwich(&w);
    api_gone(&w);
    snprintf(w.source[0].server, sizeof w.source[0].server, "https://127.0.0.1:6443");
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "tenant-a", "api", "https://10.9.0.9:6443", NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "addresses", "net=10.9.0.9", "status", "ERROR", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why_api(&w), "apiserver > coe-1 > " SRV1);
    world_free(&w);
    /* or the address that Cluster API names for the cluster of its name */
    sandwich(&w);
    api_gone(&w);
    snprintf(w.source[0].server, sizeof w.source[0].server, "https://127.0.0.1:6443");
    world_put(&w, MGMT, "clusters.cluster.x-k8s.io", "c1", "capi", "tenant-a", "api-host", "10.9.0.9", NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "addresses", "net=10.9.0.9", "status", "ERROR", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why_api(&w), "apiserver > " SRV1);
    world_free(&w);
    /* before it stands a load balancer, behind a floating address: its amphora is on a host that died */
    sandwich(&w);
    api_gone(&w);
    world_put(&w, CLOUD, "floating-ip", "f1", "red", "203.0.113.9", "fixed", "10.9.0.9", NULL);
    world_put(&w, CLOUD, "loadbalancer", "lb1", "red", "kube-api", "vip", "10.9.0.9", "@health", BAD, NULL);
    world_put(&w, CLOUD, "amphora", "a1", "", "a1", "server-id", SRV1, "loadbalancer-id", "lb1", NULL);
    compute_down(&w);
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why_api(&w), "apiserver > lb1 > a1 > " SRV1 " > h1 > under-1");
    struct source_info *s = &w.source[0];
    s->state = SOURCE_FAILED, s->err.code = ERR_AUTH;                  /* who is refused was answered */
    world_build(&w);
    struct why_world all;
    assert_true(why_all(&all, w.links));
    size_t red = all.red;
    why_world_free(&all);
    s->state = SOURCE_STALE, s->err.code = ERR_TIMEOUT;
    world_build(&w);
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.red, red + 1);
    why_world_free(&all);
    world_free(&w);
}

/* One that took the connection and never said a word is a cause with all that is not read for it; who waits for a credential plugin is none. */
static void an_api_that_never_said_a_word_is_a_cause(void **state)
{
    static const struct { enum source_state state; enum err_code code; const char *says; bool told; } of[] = {
        {SOURCE_CONNECTING, ERR_TIMEOUT, "does not answer a health check, still waiting", true},
        {SOURCE_CONNECTING, ERR_TIMEOUT, "waiting for the credential plugin login", false},
        {SOURCE_DEGRADED, ERR_SERVER, "the API server is not ready: etcd, etcd-readiness", true},
        {SOURCE_DEGRADED, ERR_SERVER, "the API server is not ready: shutdown", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct world w = {.nsources = 1};
        sandwich(&w);
        api_gone(&w);
        w.source[0].id = 7;             /* nothing is read of it */
        w.source[0].state = of[i].state;
        err_set(&w.source[0].err, of[i].code, 0, "%s", of[i].says);
        world_build(&w);
        assert_int_equal(strstr(all_of(&w, list), of[i].says) != NULL, of[i].told);
        assert_int_equal(strstr(all_of(&w, list), "are not read") != NULL, of[i].told);
        w.source[0].id = TENANT;        /* its nodes are read */
        store_status(world_store(&w, TENANT, kind_find("nodes")))->state = FEED_LIVE;
        world_build(&w);
        assert_null(strstr(all_of(&w, list), "are not read"));
        world_free(&w);
    }
}

/* That answers each list with an error is down, whatever its health check says; one list that is read, or that it does not have, is another matter. */
static void an_api_that_answers_errors_alone_is_a_cause(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    api_gone(&w);
    w.source[0].state = SOURCE_DEGRADED;
    err_set(&w.source[0].err, ERR_SERVER, 503, "the API server is not ready");
    for (size_t i = 0; i < w.n; i++)
        if (snap_source(w.snap[i]) == TENANT)
            *store_status(w.store[i]) = (struct feed_status){.state = FEED_STALE, .err = {ERR_SERVER, 503, "service unavailable"}};
    world_build(&w);
    const char *text = all_of(&w, list);
    assert_int_equal(strncmp(text, "1 cause explains 1 red row", 26), 0);
    assert_non_null(strstr(text, "apiserver tenant-a"));
    assert_non_null(strstr(text, "answers errors alone, the API server is not ready"));
    assert_non_null(strstr(text, "are not read"));
    struct feed_status *pods = store_status(world_store(&w, TENANT, kind_find("pods")));
    pods->err.code = ERR_NOTFOUND;
    world_build(&w);
    assert_non_null(strstr(all_of(&w, list), "answers errors alone"));
    *pods = (struct feed_status){.state = FEED_LIVE};
    world_build(&w);
    assert_null(strstr(all_of(&w, list), "answers errors alone"));
    world_free(&w);
}

/* An API that answers and says that it cannot check tokens is explained by Keystone; one that does not answer at all is down by itself. */
static void what_asks_keystone_fails_with_it(void **state)
{
    static const char *const heads[][3] = {{"identity", "down", BAD}, {"network", "failing", BAD}, {"compute", "down", BAD}, {"volumev3", "up", "2"}};
    (void)state;
    struct world w = {0};
    sandwich(&w);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        world_put(&w, CLOUD, "os-services", heads[i][0], "", heads[i][0], "type", heads[i][0], "state", heads[i][1], "@health", heads[i][2], "@head", "", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "network"), "network > identity: broken A 3-0");
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute: broken A 1-0");
    assert_string_equal(why(&w, CLOUD, "os-services", "identity"), "identity: broken A 3-0");
    assert_non_null(strstr(all_of(&w, list), "2 causes explain 3 red rows"));
    world_put(&w, CLOUD, "os-services", "identity", "", "identity", "type", "identity", "state", "up", "@head", "", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "network"), "network: broken A 1-0");
    world_free(&w);
}

static void quorum(struct world *w, const char *ready, const char *queue)
{
    char uid[32];
    for (int i = 1; i <= 3; i++) {
        snprintf(uid, sizeof uid, "db-galera-%d", i);
        world_put(w, MGMT, "pods", uid, "openstack", uid, "@owner", "StatefulSet/mariadb/galera", "@label", "application=mariadb", "@label", "component=server",
                  "status", "Running", "unready", i > *ready - '0' ? "9000000" : "0", "@health", i > *ready - '0' ? "5" : "2", NULL);
    }
    world_put(w, MGMT, "statefulsets", "galera", "openstack", "mariadb", "ready", ready, "@label", "application=mariadb", "@label", "component=server", "@health", *ready < '3' ? "5" : "2", NULL);
    world_put(w, MGMT, "statefulsets", "queue", "openstack", "rabbitmq", "ready", queue, "@label", "application=rabbitmq", "@label", "component=server", "@health", *queue < '3' ? "5" : "2", NULL);
    world_put(w, TENANT, "statefulsets", "theirs", "shop", "mariadb", "ready", "0/3", "@label", "application=mariadb", "@label", "component=server", "@health", BAD, NULL);
    world_put(w, MGMT, "statefulsets", "ovn", "openstack", "ovn", "ready", "0/3", "@label", "application=ovn", "@label", "component=ovn-ovsdb-nb", "@health", BAD, NULL);
    world_put(w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://nova-api.openstack.svc:8774/", "state", "failing", "@health", BAD, NULL);
    world_build(w);
}

static void what_all_services_need_explains_them_without_its_quorum(void **state)
{
    (void)state;
    struct world w = {0};
    struct why_world all;
    sandwich(&w);
    quorum(&w, "2/3", "3/3");
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute: broken A 1-0");
    assert_string_equal(why(&w, MGMT, "pods", "db-galera-3"), "db-galera-3: weak A 2-0");         /* with its set, and no API */
    const char *down = world_down(&w, CLOUD, "os-services", "compute");
    assert_non_null(strstr(down, "needs>galera B E6e labels in its cluster, needed by all"));
    assert_true(!strstr(down, "theirs") && !strstr(down, "ovn"));

    quorum(&w, "1/3", "3/3");
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute > galera: broken B 2-0");
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "seen", "8990000", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "compute/1"), "compute/1 > galera: broken B 3-0");
    assert_true(why_all(&all, w.links));
    assert_string_equal(links_row(w.links, all.cause[0].hop[all.cause[0].n - 1])->uid, "galera");
    assert_int_equal(all.cause[0].explains, 3);
    assert_int_equal(all.n, 3);                             /* beside what is red in the tenant and OVN's */
    why_world_free(&all);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "seen", "8000000", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "compute/1"), "compute/1: broken A 1-0");       /* it was silent long before */

    quorum(&w, "3/3", "1/3");                               /* no pod is seen: the set itself */
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute > queue: broken B 3-0");
    world_free(&w);
}
/* None of its pods is ready, and each but lacks: the deployment, its ReplicaSet and the API are one cause. */
static void a_deployment_and_its_replicaset_are_one_cause(void **state)
{
    (void)state;
    struct world w = {0};
    struct why_world all;
    world_put(&w, MGMT, "deployments", "glance", "openstack", "glance-api", "ready", "0/2", "@label", "application=glance", "@label", "component=api", "@health", BAD, NULL);
    world_put(&w, MGMT, "replicasets", "rs", "openstack", "glance-api-1", "@owner", "Deployment/glance-api/glance", "@health", BAD, NULL);
    for (int i = 1; i <= 2; i++) {
        char uid[16];
        snprintf(uid, sizeof uid, "glance-%d", i);
        world_put(&w, MGMT, "pods", uid, "openstack", uid, "status", "Running", "@owner", "ReplicaSet/glance-api-1/rs", "@label", "application=glance", "@label", "component=api", "@health", "5", NULL);
    }
    world_build(&w);
    assert_string_equal(why(&w, MGMT, "replicasets", "rs"), "rs > glance: broken A 2-0");
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.n, 1);
    assert_int_equal(all.cause[0].explains, 2);
    why_world_free(&all);
    world_free(&w);
}

/* Keystone never answered: its catalog is not known, and labels alone tell where it is. In its namespace, of the one cluster, they can mean
 * but this database. */
static void a_database_is_likely_where_only_labels_tell_of_its_api(void **state)
{
    static const struct { const char *ns, *other, *why; } cases[] = {
        {"openstack", NULL, "identity > galera: broken B "}, {"elsewhere", NULL, "identity > galera: broken C "},
        {"openstack", "openstack", "identity > galera: broken C "},         /* another cluster has such an API as well */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        world_put(&w, CLOUD, "os-services", "identity", "", "identity", "@head", "", "type", "identity", "endpoint", "https://keystone.example.org/v3", "state", "failing", "@health", BAD, NULL);
        world_put(&w, MGMT, "deployments", "ks", cases[i].ns, "keystone-api", "ready", "2/2", "@label", "application=keystone", "@label", "component=api", NULL);
        if (cases[i].other)
            world_put(&w, TENANT, "deployments", "ks2", cases[i].other, "keystone-api", "ready", "2/2", "@label", "application=keystone", "@label", "component=api", NULL);
        world_put(&w, MGMT, "statefulsets", "galera", "openstack", "mariadb", "ready", "1/3", "@label", "application=mariadb", "@label", "component=server", "@health", "5", NULL);
        world_build(&w);
        assert_int_equal(strncmp(why(&w, CLOUD, "os-services", "identity"), cases[i].why, strlen(cases[i].why)), 0);
        world_free(&w);
    }
}

/* Without their cache the APIs are slow or fail; agents look at no tokens. */
static void a_cache_that_is_gone_explains_apis_and_no_agent(void **state)
{
    (void)state;
    for (int ready = 0; ready < 2; ready++) {
        struct world w = {0};
        sandwich(&w);
        quorum(&w, "3/3", "3/3");
        world_put(&w, MGMT, "statefulsets", "cache", "openstack", "memcached", "ready", ready ? "1/2" : "0/2", "@label", "application=memcached", "@label", "component=server", "@health", "5", NULL);
        world_put(&w, MGMT, "pods", "cache-0", "openstack", "cache-0", "@owner", "StatefulSet/memcached/cache", "@label", "application=memcached", "@label", "component=server", NULL);
        world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "@health", BAD, NULL);
        world_build(&w);
        assert_string_equal(why(&w, CLOUD, "os-services", "compute"), ready ? "compute: broken A 1-0" : "compute > cache: broken B 2-0");
        assert_string_equal(why(&w, CLOUD, "os-services", "compute/1"), "compute/1: broken A 1-0");
        struct blast_cut cut = {.node = at(&w, MGMT, "pods", "cache-0"), .plane = BLAST_DP};
        struct blast b;
        assert_true(blast_make(&b, w.links, &cut, 1, (struct blast_pace){0}));
        for (size_t i = 0; i < b.n; i++)
            if (!strcmp(links_row(w.links, b.item[i].node)->uid, "compute")) {
                assert_int_equal(b.item[i].harm, HARM_DEGRADED);
                ready += 2;
            }
        assert_true(ready >= 2);
        ready -= 2;
        blast_free(&b);
        world_free(&w);
    }
}

/* A pod that crashes is red with its two sets, and is one thing; an API that died is what everybody asks for, be none of its lists read. */
static void an_api_that_died_comes_before_a_workload_of_one_pod(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "deployments", "dep", "shop", "web", "@health", BAD, NULL);
    world_put(&w, TENANT, "replicasets", "rs", "shop", "web", "@owner", "Deployment/web/dep", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w9", "@owner", "ReplicaSet/web/rs", "@health", BAD, NULL);
    world_put(&w, CLOUD, "os-services", "image", "", "image", "state", "down", "@head", "1", "@health", BAD, NULL);
    world_build(&w);
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.n, 2);
    assert_string_equal(links_row(w.links, all.cause[0].hop[all.cause[0].n - 1])->uid, "image");
    assert_int_equal(all.cause[1].explains, 3);
    assert_int_equal(all.cause[1].own, 2);
    why_world_free(&all);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_api_that_does_not_answer_is_asked_why),
        cmocka_unit_test(a_cache_that_is_gone_explains_apis_and_no_agent),
        cmocka_unit_test(an_api_that_never_said_a_word_is_a_cause),
        cmocka_unit_test(an_api_that_answers_errors_alone_is_a_cause),
        cmocka_unit_test(what_asks_keystone_fails_with_it),
        cmocka_unit_test(a_deployment_and_its_replicaset_are_one_cause), cmocka_unit_test(what_all_services_need_explains_them_without_its_quorum), cmocka_unit_test(a_database_is_likely_where_only_labels_tell_of_its_api),
        cmocka_unit_test(an_api_that_died_comes_before_a_workload_of_one_pod),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
