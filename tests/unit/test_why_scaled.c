/* Root cause: a database or queue that somebody scaled below what it needs. */
#include "why_world.h"

#include "strata/set_by.h"
#include "strata/stack.h"

static void galera(struct world *w, const char *ready)
{
    world_put(w, MGMT, "statefulsets", "galera", "openstack", "mariadb-server", "ready", ready, "claim-templates", "mysql-data", "@label", "application=mariadb",
              "@label", "component=server", "@health", "2", NULL);
    world_put(w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://nova-api.openstack.svc:8774/", "state", "failing", "@health", BAD, NULL);
}

static void claim(struct world *w, const char *name, const char *ns) { world_put(w, MGMT, "persistentvolumeclaims", name, ns, name, NULL); }

static void heard(struct world *w, bool up)
{
    world_put(w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", up ? "up" : "down", "@health", up ? "2" : BAD, NULL);
}

static void to_nothing(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    galera(&w, "0/0");
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute > galera: stopped B 1-0");
    heard(&w, true);                    /* by its last heartbeat: nothing is left that could serve */
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute > galera: stopped B 1-0");
    world_free(&w);
}

/* One of three, by what is left of the others: one fact is a guess, two are more; what is heard through it contradicts both. */
static void below_its_majority(void **state)
{
    static const struct { const char *ready, *last, *ns, *budget; bool up; const char *why, *words; } cases[] = {
        {"1/1", NULL, "", NULL, false, "compute: broken A 2-0", NULL},
        {"1/1", "mysql-data-mariadb-server-2", "openstack", NULL, false, "compute > galera: broken C 3-0", "it is scaled to 1, and had 3 members: claim mysql-data-mariadb-server-2 is left: fewer than a majority"},
        {"1/1", NULL, "", "2", false, "compute > galera: broken C 3-0", NULL},              /* a majority of two is two */
        {"1/1", "mysql-data-mariadb-server-2", "openstack", "2", false, "compute > galera: broken B 3-0", "and budget keep wants 2"},
        {"1/1", "mysql-data-mariadb-server-2", "openstack", "2", true, "compute: broken A 1-0", NULL},
        {"2/2", "mysql-data-mariadb-server-2", "openstack", NULL, false, "compute: broken A 2-0", NULL},    /* still most of three */
        {"1/1", "mysql-data-mariadb-server-2", "elsewhere", NULL, false, "compute: broken A 2-0", NULL},
        {"1/1", "mysql-data-mariadb-server-2a", "openstack", NULL, false, "compute: broken A 2-0", NULL},
        {"1/1", "data-mariadb-server-2", "openstack", NULL, false, "compute: broken A 2-0", NULL},          /* of no template of its */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        struct str out;
        sandwich(&w);
        galera(&w, cases[i].ready);
        heard(&w, cases[i].up);
        claim(&w, "mysql-data-mariadb-server-0", "openstack");
        if (cases[i].last)
            claim(&w, cases[i].last, cases[i].ns);
        if (cases[i].budget)
            world_put(&w, MGMT, "poddisruptionbudgets.policy", "b1", "openstack", "keep", "selector", "application=mariadb,component=server", "must-stay", cases[i].budget, NULL);
        world_build(&w);
        const char *got = why(&w, CLOUD, "os-services", "compute");
        if (strncmp(got, cases[i].why, strlen(cases[i].why) - 3))
            fail_msg("%zu: %s", i, got);
        struct tell t = {.l = w.links, .source = nowhere};
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, CLOUD, "os-services", "compute"), &out));
        assert_true(!cases[i].words || strstr(out.data, cases[i].words));
        str_release(&out);
        world_free(&w);
    }
}

static bool by_kubectl(void *arg, const struct row *r, char *buf, size_t size)
{
    (void)arg;
    snprintf(buf, size, "by somebody with kubectl at noon");
    return !strcmp(r->uid, "galera");
}

/* To end all of it was somebody's will. That one of three serves nobody was not. */
static void that_it_is_off_is_planned_and_that_it_lost_its_majority_is_not(void **state)
{
    static const struct { const char *ready, *words; } cases[] = {
        {"0/0", "is planned: it is scaled to 0, and had 3 members: claim mysql-data-mariadb-server-2 is left, set by somebody with kubectl at noon"},
        {"1/1", "is broken: it is scaled to 1, and had 3 members: claim mysql-data-mariadb-server-2 is left: fewer than a majority, and 2 of 2 services that need it are silent or fail, set by somebody with kubectl at noon"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        struct str out;
        struct stack y;
        sandwich(&w);
        galera(&w, cases[i].ready);
        heard(&w, false);
        claim(&w, "mysql-data-mariadb-server-2", "openstack");
        world_build(&w);
        struct tell t = {.l = w.links, .source = nowhere, .set_by = by_kubectl};
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, CLOUD, "os-services", "compute"), &out));
        if (!strstr(out.data, cases[i].words))
            fail_msg("%s", out.data);
        str_release(&out);
        assert_true(stack_make(&y, w.links));
        const struct stack_service *s = &y.service[y.n - 1];
        assert_string_equal(s->name, "mariadb-server");
        assert_int_equal(s->health, HEALTH_BAD);
        assert_int_equal(s->members, 3);
        assert_int_equal(s->quorum, 2);
        assert_non_null(strstr(s->why, "and had 3 members"));
        stack_free(&y);
        world_free(&w);
    }
}

/* Yaook makes a queue for each service: the one of Neutron is nothing to Nova. */
static void a_queue_of_yaook_is_of_the_service_it_is_made_for(void **state)
{
    static const struct { const char *of, *why; } cases[] = {{"novadeployments", "compute > q1: broken B "}, {"neutrondeployments", "compute: broken A "}, {NULL, "compute: broken A "}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        char label[80];
        sandwich(&w);
        galera(&w, "3/3");
        snprintf(label, sizeof label, "state.yaook.cloud/parent-plural=%s", cases[i].of ? cases[i].of : "");
        world_put(&w, MGMT, "statefulsets", "q1", "openstack", "one-mq", "ready", "1/3", "@label", "state.yaook.cloud/parent-plural=amqpservers", "@label", "state.yaook.cloud/component=amqpserver",
                  "@label", "state.yaook.cloud/parent-name=one", "@health", BAD, NULL);
        if (cases[i].of)
            world_put(&w, MGMT, "amqpservers.infra.yaook.cloud", "one", "openstack", "one", "@label", label, NULL);
        world_build(&w);
        const char *got = why(&w, CLOUD, "os-services", "compute");
        if (strncmp(got, cases[i].why, strlen(cases[i].why)))
            fail_msg("%zu: %s", i, got);
        world_free(&w);
    }
}

/* The API server keeps who wrote the number last, strata's journal which operation of its own that was. */
static void who_scaled_a_workload_is_told(void **state)
{
#define BY(manager) "{\"metadata\":{\"managedFields\":[{\"manager\":\"helm\",\"time\":\"1\",\"fieldsV1\":{\"f:spec\":{\"f:template\":{}}}},{\"manager\":\"" manager \
    "\",\"subresource\":\"scale\",\"fieldsV1\":{\"f:spec\":{\"f:replicas\":{}}}}]}}"
#define NOBODY "{\"metadata\":{\"managedFields\":[{\"manager\":\"helm\",\"time\":\"1\",\"fieldsV1\":{\"f:spec\":{\"f:template\":{}}}}]}}"
    static const char line[] = "words\0{\"time\":\"1970-01-01T02:13:20Z\",\"event\":\"outcome\",\"who\":\"ann\",\"host\":\"h\",\"key\":\"k1\",\"action\":\"scale\",\"result\":\"done\","
                               "\"source\":\"mgmt\",\"kind\":\"statefulsets\",\"name\":\"mariadb-server\",\"uid\":\"galera\",\"after\":{\"spec\":{\"replicas\":0}}}";
    static const struct { bool journal; const char *object, *words; } cases[] = {
        {true, BY("strata"), "by scale k1 of ann@h with strata at 1970-01-01T02:13:20Z"}, {false, BY("strata"), "by somebody with strata"},
        {true, BY("kubectl"), "by somebody with kubectl"}, {false, BY("keda"), "by the program keda"}, {false, NULL, ""},
        {true, NOBODY, "by scale k1 of ann@h with strata at 1970-01-01T02:13:20Z"}, {false, NOBODY, "through its scale, by whom the API server does not keep"},
    };
    (void)state;
    struct world w = {0};
    sandwich(&w);
    galera(&w, "0/0");
    world_build(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out;
        str_init(&out, 1024);
        set_by_words(links_row(w.links, at(&w, MGMT, "statefulsets", "galera")), "mgmt", cases[i].object, cases[i].journal ? line : NULL, sizeof line, &out);
        assert_string_equal(out.data ? out.data : "", cases[i].words);
        str_release(&out);
    }
    world_free(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_nothing), cmocka_unit_test(below_its_majority), cmocka_unit_test(that_it_is_off_is_planned_and_that_it_lost_its_majority_is_not),
        cmocka_unit_test(who_scaled_a_workload_is_told), cmocka_unit_test(a_queue_of_yaook_is_of_the_service_it_is_made_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
