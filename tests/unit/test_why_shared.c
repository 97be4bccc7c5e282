/* Root cause of agents that fall silent together: what most of them need may be why, though it looks well; never more than a guess. */
#include "why_world.h"

enum { HOSTS = 4, DOWN_AT = 9000000 };

static void agent_of(struct world *w, const char *binary, int host, const char *group, const char *seen)
{
    char uid[64], name[16];
    snprintf(uid, sizeof uid, "%s/%d", binary, host);
    snprintf(name, sizeof name, "ctl%d", host);
    world_put(w, CLOUD, "os-services", uid, "", binary, "binary", binary, "host", name, "group", group, "state", seen ? "down" : "up", "seen", seen ? seen : "9100000",
              "status", "enabled", "@health", seen ? BAD : "2", NULL);
}

static void set(struct world *w, const char *uid, const char *application, const char *ready)
{
    char label[64];
    snprintf(label, sizeof label, "application=%s", application);
    world_put(w, MGMT, "statefulsets", uid, "openstack", application, "ready", ready, "@label", label, "@label", "component=server", "@health", *ready < '3' ? "5" : "2", NULL);
}

/* Agents of three services on four hosts; all are up. The cluster is known by nova's Service. */
static void cloud(struct world *w)
{
    sandwich(w);
    for (int i = 1; i <= HOSTS; i++) {
        agent_of(w, "nova-conductor", i, "2", NULL);
        agent_of(w, "neutron-metadata-agent", i, "3", NULL);
        agent_of(w, "cinder-scheduler", i, "4", NULL);
    }
    set(w, "galera", "mariadb", "3/3");
    set(w, "queue", "rabbitmq", "3/3");
}

/* Those of them fell silent, a second after each other. */
static void silent(struct world *w, const char *binary, const char *group, int from, int n)
{
    char seen[32];
    for (int i = from; i < from + n; i++) {
        snprintf(seen, sizeof seen, "%d", DOWN_AT + 1000 * i);
        agent_of(w, binary, i, group, seen);
    }
}

static const char *of(const struct world *w, const char *uid) { return why(w, CLOUD, "os-services", uid); }
static bool of_cinder(const struct tell *t, struct str *out) { return tell_why(t, links_find(t->l, CLOUD, kind_find("os-services"), "cinder-scheduler/1"), out); }

static void most_fell_silent(struct world *w)
{
    cloud(w);
    silent(w, "nova-conductor", "2", 1, 4);
    silent(w, "neutron-metadata-agent", "3", 1, 3);
    silent(w, "cinder-scheduler", "4", 1, 4);
    world_build(w);
}

static void what_most_need_that_fell_silent_together_is_a_guess(void **state)
{
    (void)state;
    struct world w = {0};
    struct why_world all;
    struct why x;
    most_fell_silent(&w);
    assert_string_equal(of(&w, "cinder-scheduler/1"), "cinder-scheduler/1 > queue: broken C 11-0");
    assert_true(why_make(&x, w.links, at(&w, CLOUD, "os-services", "nova-conductor/2")));
    assert_true(x.n == 3 && x.cause[0].guess && x.cause[1].guess && !x.cause[2].guess && x.cause[2].n == 1);      /* the database after it, itself last */
    assert_int_equal(x.cause[1].hop[1], at(&w, MGMT, "statefulsets", "galera"));
    assert_true(x.cause[0].shared.silent == 11 && x.cause[0].shared.of == 14 && x.cause[0].shared.within_ms == 3000 && x.cause[0].shared.from_ms == DOWN_AT + 1000);
    assert_string_equal(of(&w, "compute/1"), "");             /* it is up */

    assert_true(why_all(&all, w.links));
    assert_int_equal(all.red, 11);
    assert_int_equal(all.n, 1);
    assert_true(all.cause[0].explains == 11 && all.cause[0].guess && all.cause[0].cls == LINK_C && all.cause[0].since == DOWN_AT + 1000);
    why_world_free(&all);
    char *text = all_of(&w, list);
    assert_int_equal(strncmp(text, "1 cause explains 11 red rows\n", 29), 0);
    assert_non_null(strstr(text, "  perhaps "));
    assert_non_null(strstr(text, "11 of 14 services that need it fell silent within 3 s: perhaps statefulset rabbitmq"));
    assert_null(strstr(text, "is not read"));
    text = all_of(&w, of_cinder);
    assert_non_null(strstr(text, "  needs statefulset openstack/rabbitmq ()"));
    assert_non_null(strstr(text, "  = 11 of 14 services that need it fell silent within 3 s: perhaps statefulset rabbitmq; "));
    assert_non_null(strstr(text, "look at: strata logs statefulset/rabbitmq --context  -n openstack\n"));
    assert_non_null(strstr(text, "  or, less likely:\n"));
    assert_null(strstr(text, "rabbitmq is broken"));
    world_free(&w);
}

/* What hangs on such an agent hangs on that guess, too. */
static void what_hangs_on_such_an_agent_is_explained(void **state)
{
    (void)state;
    struct world w = {0};
    most_fell_silent(&w);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "group", "2", "state", "down", "seen", "9002500", "@health", BAD, NULL);
    world_put(&w, CLOUD, "hypervisor", "h1", "", "cmp1", "host", "cmp1", "host-ip", "10.0.0.1", "state", "down", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "hypervisor", "h1"), "h1 > compute/1 > queue: broken C 12-0");
    world_free(&w);
}

/* Too few, not at one time, on one host, of one service alone. */
static void fewer_are_each_their_own(void **state)
{
    (void)state;
    struct world w = {0};
    cloud(&w);
    silent(&w, "nova-conductor", "2", 1, 4);                  /* its own service's matter, be it more than half of all */
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1: broken A 1-0");
    silent(&w, "cinder-scheduler", "4", 1, 3);                /* seven of fourteen */
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1: broken A 1-0");
    silent(&w, "cinder-scheduler", "4", 4, 1);
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1 > queue: broken C 8-0");
    agent_of(&w, "cinder-scheduler", 4, "4", "9400000");      /* later than the others */
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1: broken A 1-0");
    agent_of(&w, "neutron-metadata-agent", 1, "3", "1000");   /* that was dead before is no witness: seven of thirteen */
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1 > queue: broken C 7-0");
    assert_string_equal(of(&w, "neutron-metadata-agent/1"), "neutron-metadata-agent/1: broken A 1-0");
    world_free(&w);

    cloud(&w);                                                /* its API's pods are all that is of it: one service, all of it */
    for (int i = 1; i <= 8; i++)
        silent(&w, "neutron-l3-agent", "3", i, 1), silent(&w, "neutron-dhcp-agent", "3", i, 1);
    world_build(&w);
    assert_string_equal(of(&w, "neutron-l3-agent/1"), "neutron-l3-agent/1: broken A 1-0");
    world_free(&w);

    sandwich(&w);                                             /* one host */
    set(&w, "queue", "rabbitmq", "3/3");
    silent(&w, "nova-conductor", "2", 1, 1), silent(&w, "nova-scheduler", "2", 1, 1), silent(&w, "cinder-scheduler", "4", 1, 1);
    silent(&w, "neutron-l3-agent", "3", 1, 1), silent(&w, "neutron-dhcp-agent", "3", 1, 1), silent(&w, "cinder-backup", "4", 1, 1);
    world_build(&w);
    assert_string_equal(of(&w, "cinder-backup/1"), "cinder-backup/1: broken A 1-0");
    silent(&w, "cinder-backup", "4", 2, 1);                   /* and two */
    world_build(&w);
    assert_string_equal(of(&w, "cinder-backup/1"), "cinder-backup/1 > queue: broken C 7-0");
    world_free(&w);

    sandwich(&w);                                             /* four are few */
    set(&w, "queue", "rabbitmq", "3/3");
    silent(&w, "nova-conductor", "2", 1, 2), silent(&w, "cinder-scheduler", "4", 1, 2);
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1: broken A 1-0");
    world_free(&w);
}

static void agent_typed(struct world *w, const char *binary, int host, const char *type, const char *group, bool down)
{
    char uid[64], name[16], seen[32];
    snprintf(uid, sizeof uid, "%s/%d", binary, host);
    snprintf(name, sizeof name, "ctl%d", host);
    snprintf(seen, sizeof seen, "%d", down ? DOWN_AT + 1000 * host : 9100000);
    world_put(w, CLOUD, "os-services", uid, "", binary, "binary", binary, "type", type, "host", name, "group", group, "state", down ? "down" : "up", "seen", seen, "status", "enabled", "@health", down ? BAD : "2", NULL);
}

/* RHOSO and Atmosphere: a queue for a service alone. Two programs of that service are enough; of one it is the program's own matter. */
static void a_queue_of_one_service_is_a_guess_for_its_agents(void **state)
{
    static const char *const queues[] = {"rabbitmq-cell1", "rabbitmq-neutron", "rabbitmq"};
    (void)state;
    struct world w = {0};
    struct why_world all;
    sandwich(&w);
    for (size_t i = 0; i < 3; i++) {
        char label[64];
        snprintf(label, sizeof label, "app.kubernetes.io/name=%s", queues[i]);
        world_put(&w, MGMT, "statefulsets", queues[i], "openstack", queues[i], "ready", "3/3", "@label", label, "@label", "app.kubernetes.io/part-of=rabbitmq", "@health", "2", NULL);
    }
    for (int i = 1; i <= HOSTS; i++) {
        agent_typed(&w, "nova-scheduler", i, "compute", "2", false);
        agent_typed(&w, "neutron-l3-agent", i, "network", "3", false);
        agent_typed(&w, "cinder-scheduler", i, "volumev3", "4", false);
    }
    for (int i = 1; i <= 6; i++)
        agent_typed(&w, "nova-conductor", i, "compute", "2", true);
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1: broken A 1-0");      /* six of ten, but all of one program */
    for (int i = 1; i <= 3; i++)
        agent_typed(&w, "nova-scheduler", i, "compute", "2", true);
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1 > rabbitmq-cell1: broken C 9-0");
    assert_string_equal(of(&w, "nova-scheduler/4"), "");
    assert_true(why_all(&all, w.links));
    assert_true(all.n == 1 && all.cause[0].guess && all.cause[0].explains == 9);
    why_world_free(&all);
    world_put(&w, MGMT, "statefulsets", "rabbitmq-cell1", "openstack", "rabbitmq-cell1", "ready", "1/3", "@label", "app.kubernetes.io/name=rabbitmq-cell1", "@label", "app.kubernetes.io/part-of=rabbitmq", "@health", BAD, NULL);
    world_build(&w);                                          /* its quorum is lost: known, and of Nova alone */
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1 > rabbitmq-cell1: broken B 10-0");
    assert_string_equal(of(&w, "neutron-l3-agent/1"), "");
    world_free(&w);
}

/* What is meant, what is known to be gone, and what something of its own explains is no matter of guesses. */
static void what_is_known_is_not_guessed(void **state)
{
    (void)state;
    struct world w = {0};
    most_fell_silent(&w);
    world_put(&w, MGMT, "statefulsets", "queue", "openstack", "rabbitmq", "ready", "3/3", "rolling", "yes", "@label", "application=rabbitmq", "@label", "component=server", "@health", "5", NULL);
    world_build(&w);
    assert_string_equal(of(&w, "cinder-scheduler/1"), "cinder-scheduler/1 > galera: broken C 11-0");        /* the queue is changed by somebody */
    set(&w, "queue", "rabbitmq", "1/3");
    world_build(&w);
    assert_string_equal(of(&w, "cinder-scheduler/1"), "cinder-scheduler/1 > queue: broken B 12-0");
    world_free(&w);

    cloud(&w);                                                /* disabled: somebody said so */
    silent(&w, "nova-conductor", "2", 1, 4);
    for (int i = 1; i <= HOSTS; i++) {
        char uid[32], host[16];
        snprintf(uid, sizeof uid, "cinder-scheduler/%d", i);
        snprintf(host, sizeof host, "ctl%d", i);
        world_put(&w, CLOUD, "os-services", uid, "", "cinder-scheduler", "binary", "cinder-scheduler", "host", host, "group", "4", "state", "down", "seen", "9001000", "status", "disabled", "@health", "5", NULL);
    }
    world_build(&w);
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1: broken A 1-0");
    world_free(&w);

    cloud(&w);                                                /* the node below each of them is gone */
    silent(&w, "nova-conductor", "2", 1, 4);
    silent(&w, "cinder-scheduler", "4", 1, 4);
    for (int i = 1; i <= HOSTS; i++) {
        char uid[32], name[32];
        snprintf(uid, sizeof uid, "ctl-%d", i);
        snprintf(name, sizeof name, "ctl%d", i);
        world_put(&w, MGMT, "nodes", uid, "", name, "status", "NotReady", "ready", "Unknown", "unready", "9001000", "@health", BAD, NULL);
        snprintf(uid, sizeof uid, "cs-%d", i);
        world_put(&w, MGMT, "pods", uid, "openstack", uid, "node", name, "@label", "application=cinder", "@label", "component=scheduler", "@health", BAD, NULL);
    }
    world_build(&w);
    assert_null(strstr(of(&w, "cinder-scheduler/1"), "queue"));
    assert_string_not_equal(of(&w, "cinder-scheduler/1"), "cinder-scheduler/1: broken A 1-0");
    assert_string_equal(of(&w, "nova-conductor/1"), "nova-conductor/1: broken A 1-0");       /* and four are left */
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_most_need_that_fell_silent_together_is_a_guess),
        cmocka_unit_test(what_hangs_on_such_an_agent_is_explained),
        cmocka_unit_test(fewer_are_each_their_own), cmocka_unit_test(a_queue_of_one_service_is_a_guess_for_its_agents),
        cmocka_unit_test(what_is_known_is_not_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
