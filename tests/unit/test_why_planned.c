/* Root cause: what was meant, by whom, and what is none: stopped, drained, disabled, rolled out. */
#include "why_world.h"

#include "strata/clock.h"
#include "strata/set_by.h"

static void a_cordoned_node_explains_nothing(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "Ready,SchedulingDisabled", "@health", "5", NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "");
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 1-0");
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "Ready,SchedulingDisabled", "pressure", "DiskPressure", "@health", "5", NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: weak A 2-0");
    world_free(&w);
}

/* As a drain leaves it. */
static void emptied(struct world *w)
{
    static const char *const uid[] = {"web-1", "db-1"};
    for (size_t i = 0; i < sizeof uid / sizeof *uid; i++)
        world_put(w, TENANT, "pods", uid[i], "shop", uid[i], "node", "w1", "@owner", "DaemonSet/agent/ds", "@health", BAD, NULL);
}

/* What waits for a node that is cordoned waits for who cordoned it; not where an open one takes it, nor where that one would not either. */
static void a_cordon_explains_what_waits_for_its_node(void **state)
{
    static const struct { const char *selector, *status_1, *status_2, *why; } cases[] = {
        {"host=a", "Ready,SchedulingDisabled", "Ready", "late > node-1: planned A 1-0"},
        {"host=a", "NotReady,SchedulingDisabled", "Ready", "late > node-1: planned A 1-0"},        /* rebooted meanwhile */
        {"", "Ready,SchedulingDisabled", "Ready", "late: broken A 1-0"},                          /* the scheduler will get to it */
        {"host=c", "Ready,SchedulingDisabled", "Ready", "late: broken A 1-0"},
        {"", "Ready,SchedulingDisabled", "Ready,SchedulingDisabled", "late > node-2: planned A 1-0"},     /* the one that was cordoned last */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world w = {0};
        sandwich(&w);
        if (*cases[i].status_1 == 'N')
            emptied(&w);
        world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", cases[i].status_1, "@label", "host=a", "cordoned", "8000000", "@health", *cases[i].status_1 == 'N' ? BAD : "5", NULL);
        world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "status", cases[i].status_2, "@label", "host=b", "cordoned", "9000000", "@health", "5", NULL);
        world_put(&w, TENANT, "pods", "late", "shop", "late", "status", "Pending", "node-selector", cases[i].selector, "@owner", "ReplicaSet/other/rs2", "@health", BAD, NULL);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "pods", "late"), cases[i].why);
        struct why_world all;
        assert_true(why_all(&all, w.links));
        assert_int_equal(all.n, 1);
        why_world_free(&all);
        struct tell t = {.l = w.links, .source = nowhere};
        struct str out;
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, TENANT, "pods", "late"), &out));
        assert_int_equal(strstr(out.data, "is kept off ") != NULL, strstr(cases[i].why, "planned") != NULL);
        str_release(&out);
        world_free(&w);
    }
}

/* A cordon explains that a node went away soon after it and empty, and nothing else. */
static void a_cordon_explains_what_follows_it_soon(void **state)
{
    static const struct { const char *cordoned, *gone; bool empty; const char *why, *words; } cases[] = {
        {"8000000", "8600000", false, "web-1 > node-1: broken A 2-0", ", but not emptied: it has 1 pod;"},
        {"8000000", "8600000", true, "web-1 > node-1: planned A 2-0", "is planned: cordoned since "},
        {"8000000", "98000000", true, "web-1 > node-1: broken A 3-0", ", long before it went away"},
        {"8600000", "8000000", true, "web-1 > node-1: broken A 3-0", ", after it was gone"},
    };
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str out;
        if (cases[i].empty)
            emptied(&w);
        world_put(&w, TENANT, "nodes", "node-1", "", "w1", "status", "NotReady,SchedulingDisabled", "ready", "Unknown", "cordoned", cases[i].cordoned, "unready", cases[i].gone, "@health", BAD, NULL);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "pods", "web-1"), cases[i].why);
        struct tell t = {.l = w.links, .source = nowhere};
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, TENANT, "pods", "web-1"), &out));
        if (!strstr(out.data, cases[i].words))
            fail_msg("%s: %s", cases[i].words, out.data);
        str_release(&out);
    }
    world_free(&w);
}

/* The machine of a cloud may hold no pod that a drain would move, and nine servers. */
static void a_host_of_servers_is_not_empty(void **state)
{
    static const struct { const char *status, *why; } cases[] = {{"ACTIVE", "h1 > under-1: broken B 3-0"}, {"SHUTOFF", "h1 > under-1: planned B 2-0"}};
    (void)state;
    struct world w = {0};
    sandwich(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        compute_down(&w);
        world_put(&w, MGMT, "pods", "db-galera-1", "openstack", "db-galera-1", "node", "ctl", NULL);
        world_put(&w, MGMT, "pods", "api-1", "openstack", "api-1", "node", "ctl", NULL);
        world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", cases[i].status, NULL);
        world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", "status", "NotReady,SchedulingDisabled", "ready", "Unknown", "cordoned", "8000000", "unready", "8600000", "@health", BAD, NULL);
        world_build(&w);
        struct str out;
        struct tell t = {.l = w.links, .source = nowhere};
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, CLOUD, "hypervisor", "h1"), &out));
        assert_string_equal(why(&w, CLOUD, "hypervisor", "h1"), cases[i].why);
        assert_int_equal(strstr(out.data, ", but not emptied: it has 1 active server;") != NULL, !i);
        str_release(&out);
    }
    world_free(&w);
}

/* "words NUL line NUL" each, as the journal is read. */
static size_t journal(char *buf, const char *const *line, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(buf + at, 600, "words") + 1;
        at += (size_t)snprintf(buf + at, 600, "%s", line[i]) + 1;
    }
    return at;
}

static void who_cordoned_a_node_is_told(void **state)
{
#define DID(event, action, key, time, more) "{\"time\":\"1970-01-01T02:13:" time "Z\",\"event\":\"" event "\",\"who\":\"ann\",\"host\":\"h\",\"key\":\"" key "\",\"action\":\"" action \
    "\",\"source\":\"tenant\",\"kind\":\"nodes\",\"name\":\"w1\",\"uid\":\"node-1\"" more "}"
#define BY(who) "{\"metadata\":{\"managedFields\":[{\"manager\":\"kubelet\",\"time\":\"2\",\"fieldsV1\":{\"f:spec\":{}}},{\"manager\":\"" who "\",\"time\":\"1\",\"fieldsV1\":{\"f:spec\":{\"f:unschedulable\":{}}}}]}}"
    static const char *const drain[] = {DID("op", "drain", "k1", "18", ""), DID("outcome", "cordon", "k1", "20", ",\"result\":\"done\""), DID("op-end", "", "k1", "30", ""),
                                        DID("outcome", "uncordon", "k2", "40", ",\"result\":\"done\""), DID("outcome", "cordon", "k3", "50", ",\"result\":\"failed\""), "{cut"};
    static const struct { size_t lines; const char *object, *cordoned, *words; } cases[] = {
        {3, NULL, "8000000", "by drain k1 of ann@h with strata at 1970-01-01T02:13:20Z"},
        {2, NULL, "8000000", "by drain k1 of ann@h with strata at 1970-01-01T02:13:20Z, which has not ended"},
        {6, BY("kubectl"), "8000000", "by somebody with kubectl at 1"},                    /* it was taken back since */
        {3, BY("autoscaler"), "9000000", "by the program autoscaler at 1"},                /* another cordon, later */
        {0, "{", "8000000", ""}, {3, "[]", "9000000", ""},
    };
    (void)state;
    struct world w = {0};
    sandwich(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[6 * 700];
        struct str out;
        size_t n = journal(text, drain, cases[i].lines);
        world_put(&w, TENANT, "nodes", "node-1", "", "w1", "status", "Ready,SchedulingDisabled", "cordoned", cases[i].cordoned, "@health", "5", NULL);
        world_build(&w);
        str_init(&out, 1024);
        set_by_words(links_row(w.links, at(&w, TENANT, "nodes", "node-1")), "tenant", cases[i].object, n ? text : NULL, n, &out);
        assert_string_equal(out.data ? out.data : "", cases[i].words);
        str_release(&out);
    }
    world_free(&w);
}

/* What is not ready yet because of a rollout is planned; what fails to start is not, nor is a rollout that is stuck. */
static void a_rollout_under_way_is_planned(void **state)
{
    (void)state;
    struct world w = {0};
    struct why_world all;
    sandwich(&w);
    for (int stuck = 0; stuck < 2; stuck++) {
        world_put(&w, TENANT, "deployments", "web", "shop", "web", "ready", "0/2", stuck ? "rollout" : "rolling", stuck ? "failed" : "True", "@health", BAD, NULL);
        world_put(&w, TENANT, "replicasets", "rs", "shop", "web", "@owner", "Deployment/web/web", "@health", BAD, NULL);
        world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "@health", "5", NULL);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "deployments", "web"), stuck ? "web > web-1: weak A 3-0" : "web > web-1: planned A 1-0");
        assert_true(why_all(&all, w.links));
        assert_int_equal(all.red, stuck ? 2 : 0);
        why_world_free(&all);
    }
    world_put(&w, TENANT, "deployments", "web", "shop", "web", "ready", "0/2", "rolling", "True", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "status", "CrashLoopBackOff", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "deployments", "web"), "web > web-1: broken A 1-0");
    world_free(&w);
}

/* The same of each kind that rolls out. A pod of the new revision that fails makes the rollout the cause; one of the old, or a pod that is not
 * ready for too long, tells the two apart. */
static void a_rollout_that_fails_is_the_cause(void **state)
{
    static const struct { const char *kind, *singular, *owner, *label, *old; } cases[] = {
        {"deployments", "deployment", "ReplicaSet/web/rs", "pod-template-hash=x", NULL},
        {"statefulsets", "statefulset", "StatefulSet/web/web", "controller-revision-hash=2", "controller-revision-hash=1"},
        {"daemonsets", "daemonset", "DaemonSet/web/web", "pod-template-generation=2", "pod-template-generation=1"},
    };
    (void)state;
    char words[160], long_ago[24], just_now[24];
    snprintf(long_ago, sizeof long_ago, "%lld", (long long)(clock_wall_ms() - 20 * 60000));
    snprintf(just_now, sizeof just_now, "%lld", (long long)(clock_wall_ms() - 60000));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool sets = i > 0;
        struct world w = {0};
        struct why_world all;
        struct str out;
        sandwich(&w);
        world_put(&w, TENANT, cases[i].kind, "web", "shop", "web", "rolling", "True", "revision", "2", "@health", BAD, NULL);
        world_put(&w, TENANT, "replicasets", "rs", "shop", "web", "@owner", "Deployment/web/web", "revision", "2", NULL);
        world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "@owner", cases[i].owner, "@label", cases[i].label, "status", "Running", "unready", just_now, "@health", "5", NULL);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, cases[i].kind, "web"), "web > web-1: planned A 1-0");
        assert_true(why_all(&all, w.links));
        assert_int_equal(all.red, 0);
        why_world_free(&all);
        if (sets) {
            world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "@owner", cases[i].owner, "@label", cases[i].label, "status", "Running", "unready", long_ago, "@health", "5", NULL);
            world_build(&w);
            assert_int_equal(strncmp(why(&w, TENANT, cases[i].kind, "web"), "web: broken", 11), 0);
        }
        for (int k = 1; k <= 2; k++)
            world_put(&w, TENANT, "pods", k == 1 ? "web-1" : "web-2", "shop", k == 1 ? "web-1" : "web-2", "@owner", cases[i].owner, "@label", cases[i].label, "status", "CrashLoopBackOff", "unready", k == 1 ? just_now : long_ago, "@health", BAD, NULL);
        world_put(&w, TENANT, cases[i].kind, "web", "shop", "web", "rolling", "True", "revision", "2", "@health", "3", NULL);      /* the old ones serve */
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "pods", "web-1"), sets ? "web-1 > web: weak A 2-0" : "web-1 > rs > web: weak A 2-0");
        assert_string_equal(why(&w, TENANT, cases[i].kind, "web"), "web: weak A 1-0");
        assert_true(why_all(&all, w.links));
        assert_int_equal(all.red, 2);
        assert_int_equal(all.n, 1);
        assert_true(all.cause[0].since == strtoll(long_ago, NULL, 10));
        why_world_free(&all);
        world_put(&w, CLOUD, "volume", "vol", "red", "disk", "changed", "1500000000000", "status", "error", "@health", BAD, NULL);
        world_build(&w);
        assert_true(why_all(&all, w.links));                        /* one thing as that is, and newer */
        assert_string_equal(links_row(w.links, all.cause[0].hop[all.cause[0].n - 1])->uid, "web");
        assert_int_equal(all.n, 2);
        why_world_free(&all);
        struct tell t = {.l = w.links, .source = nowhere};
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, TENANT, "pods", "web-2"), &out));
        snprintf(words, sizeof words, "= %s web is not quite well: its rollout is stuck at 2 of 2 pods, 2 fail: pod web-", cases[i].singular);
        if (!strstr(out.data, words) || !strstr(out.data, " of its new revision: CrashLoopBackOff"))
            fail_msg("%s", out.data);
        str_release(&out);
        if (i == 2) {                                               /* all of it is new, and calls itself done */
            world_put(&w, TENANT, cases[i].kind, "web", "shop", "web", "desired", "2", "available", "0", "revision", "2", "@health", BAD, NULL);
            world_build(&w);
            assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > web: broken A 2-0");
            world_put(&w, TENANT, cases[i].kind, "web", "shop", "web", "desired", "5", "available", "3", "revision", "2", "@health", "5", NULL);
            world_build(&w);
            assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 2-0");      /* most of it is well: no change is to blame */
            world_put(&w, TENANT, cases[i].kind, "web", "shop", "web", "rolling", "True", "revision", "2", "@health", "3", NULL);
        }
        if (!sets) {                                                /* nothing was changed, and there is no other: it tells more */
            world_put(&w, TENANT, "replicasets", "rs", "shop", "web", "@owner", "Deployment/web/web", "revision", "1", NULL);
            world_put(&w, TENANT, cases[i].kind, "web", "shop", "web", "rolling", "True", "revision", "1", "@health", "3", NULL);
            world_put(&w, TENANT, "pods", "web-2", "shop", "web-2", "@owner", "ReplicaSet/other/other", "status", "Running", NULL);
            world_build(&w);
            assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 1-0");
        }
        if (sets)
            world_put(&w, TENANT, "pods", "web-2", "shop", "web-2", "@owner", cases[i].owner, "@label", cases[i].old, "status", "CrashLoopBackOff", "@health", BAD, NULL);
        else
            world_put(&w, TENANT, cases[i].kind, "web", "shop", "web", "rolling", "True", "revision", "3", "@health", "3", NULL);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 1-0");
        world_free(&w);
    }
}

static void what_was_said_to_be_off_is_planned(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    server_off(&w, "HARD_REBOOT", HEALTH_BUSY);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > " SRV1 ": planned A 2-0");
    world_free(&w);
}

static void who_stopped_a_server_is_asked(void **state)
{
    static const struct { const char *action, *words; } cases[] = {
        {NULL, "is stopped; that"}, {"", "is stopped; that"}, {"stop\n2026-01-02T03:04:05.000000\nu-1", "is planned: user u-1 asked for stop "},
        {"stop\n2026-01-02T03:04:05.000000\n", "is broken: nobody asked for it, Nova found it off; that"},
        {"reboot\nsometime\nu-1", "is broken: no action explains it, its newest is reboot; that"},
    };
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_build(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tell t = {.l = w.links, .source = nowhere, .arg = (void *)(uintptr_t)cases[i].action, .newest_action = newest};
        struct str out;
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, TENANT, "pods", "web-1"), &out));
        if (!strstr(out.data, cases[i].words))
            fail_msg("%s: %s", cases[i].words, out.data);
        str_release(&out);
    }
    world_free(&w);
}

/* Its node was gone 45 s before anybody asked for the stop: that is no plan. Within seconds the two clocks may tell. */
static void a_stop_that_came_later_explains_nothing(void **state)
{
    static const struct { const char *unready, *words; } cases[] = {
        {"1767323000000", "  = node w1 is broken: after it was gone its server vm1 was taken down: user u-1 asked for stop "}, {"1767323040000", "is planned: user u-1 asked for stop "}, {"1767323085000", "is planned: user u-1 asked for stop "},
    };
    (void)state;
    struct world w = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sandwich(&w);
        tenant_down(&w);
        world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "unready", cases[i].unready, "@health", BAD, NULL);
        server_off(&w, "SHUTOFF", HEALTH_DONE);
        world_build(&w);
        struct tell t = {.l = w.links, .source = nowhere, .arg = (void *)(uintptr_t)"stop\n2026-01-02T03:04:05.000000\nu-1", .newest_action = newest};
        struct str out;
        str_init(&out, 0);
        assert_true(of_node(&t, &out));
        if (!strstr(out.data, cases[i].words) || !strstr(out.data, "server vm1 is planned") != (i == 0))
            fail_msg("%s: %s", cases[i].words, out.data);
        str_release(&out);
    }
    world_free(&w);
}

/* Until a node is given up it is Ready by its last heartbeat: who looks from outside notices before that. What its own cluster says of what
 * runs there is no sign of it. */
static void a_server_that_is_off_explains_more_than_a_heartbeat(void **state)
{
    static const struct { const char *status; enum health health; const char *of_member, *of_cluster; } cases[] = {
        {"SHUTOFF", HEALTH_DONE, "m1 > node-1 > " SRV1 ": stopped B ", "coe-1 > node-1 > " SRV1 ": stopped B "},
        {"ERROR", HEALTH_BAD, "m1 > node-1 > " SRV1 ": broken B ", "coe-1 > node-1 > " SRV1 ": broken B "},
        {"ACTIVE", HEALTH_OK, "m1: broken A ", "coe-1: broken A "},
    };
    (void)state;
    char stop[] = "stop\n2026-01-02T03:04:05.000000\nu-1", text[4096];
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.9.9.1", "status", "Ready", "ready", "True", NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "status", "CrashLoopBackOff", "@health", BAD, NULL);
    world_put(&w, CLOUD, "server", SRV2, "red", "vm2", "addresses", "net=10.9.9.9", "status", "ACTIVE", NULL);
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "status", "Ready", "ready", "True", NULL);
    world_put(&w, CLOUD, "lb-member", "m1", "red", "w1", "address", "10.9.9.1", "operating", "ERROR", "@health", BAD, NULL);
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "tenant", "api", "https://10.9.9.9:6443", "status", "CREATE_COMPLETE", "health", "UNHEALTHY", "@health", BAD, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        server_off(&w, cases[i].status, cases[i].health);
        world_build(&w);
        const char *of = why(&w, CLOUD, "lb-member", "m1");
        if (strncmp(of, cases[i].of_member, strlen(cases[i].of_member)) != 0)
            fail_msg("%s: %s", cases[i].status, of);
        of = why(&w, CLOUD, "coe-cluster", "coe-1");
        if (strncmp(of, cases[i].of_cluster, strlen(cases[i].of_cluster)) != 0)
            fail_msg("%s: %s", cases[i].status, of);
        assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 1-0");
    }
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_build(&w);
    causes_told(&w, stop, text, sizeof text);
    assert_int_equal(strncmp(text, "1 cause explains 1 red row; 1 planned explains 2\n", 49), 0);
    world_free(&w);
}

/* What failed for days before its node went is no part of what was meant: not the pod, nor its sets, which do not say since when. */
static void what_failed_before_is_not_planned(void **state)
{
    (void)state;
    char stop[] = "stop\n1970-01-01T02:29:40.000000\nu-1", text[4096];
    struct world w = {0};
    struct why_world all;
    sandwich(&w);
    world_put(&w, TENANT, "deployments", "dep", "shop", "web", "ready", "0/1", "@health", BAD, NULL);
    world_put(&w, TENANT, "replicasets", "rs", "shop", "web", "@owner", "Deployment/web/dep", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "status", "CrashLoopBackOff", "unready", "1000000", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w1", "@owner", "StatefulSet/db/db", "unready", "9000500", "@health", BAD, NULL);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "unready", "9000000", "@health", BAD, NULL);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 3-0");
    assert_string_equal(why(&w, TENANT, "replicasets", "rs"), "rs > web-1: broken A 3-0");
    assert_string_equal(why(&w, TENANT, "deployments", "dep"), "dep > web-1: broken A 3-0");
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "db-1 > node-1 > " SRV1 ": stopped A 2-0");
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.n, 2);
    why_world_free(&all);
    causes_told(&w, stop, text, sizeof text);
    assert_int_equal(strncmp(text, "1 cause explains 3 red rows; 1 planned explains 2\n", 50), 0);
    /* one that starts and ends is ready for a moment each time: the words are older than the silence of the kubelet */
    for (int running = 0; running < 2; running++) {
        world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "@owner", "ReplicaSet/web/rs", "status", running ? "Running" : "CrashLoopBackOff", "unready", "8990000", "@health", BAD, NULL);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "deployments", "dep"), running ? "dep > web-1 > node-1 > " SRV1 ": stopped A 5-0" : "dep > web-1: broken A 3-0");
        assert_string_equal(why(&w, TENANT, "pods", "db-1"), running ? "db-1 > node-1 > " SRV1 ": stopped A 5-0" : "db-1 > node-1 > " SRV1 ": stopped A 2-0");
    }
    world_free(&w);
}

static void what_was_meant_is_told_apart_in_the_list(void **state)
{
    (void)state;
    char text[4096], stop[] = "stop\n2026-01-02T03:04:05.000000\nu-1", none[] = "stop\n2026-01-02T03:04:05.000000\n";
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_put(&w, TENANT, "pods", "old", "shop", "old", "unready", "1000000", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "new", "shop", "new", "unready", "8000000", "@health", BAD, NULL);
    world_build(&w);
    causes_told(&w, stop, text, sizeof text);
    assert_int_equal(strncmp(text, "2 causes explain 2 red rows; 1 planned explains 2\n", 50), 0);
    const char *newer = strstr(text, "pod shop/new"), *older = strstr(text, "pod shop/old"), *meant = strstr(text, "     2  planned ");
    assert_true(newer && older && meant && newer < older && older < meant);
    assert_non_null(strstr(meant, ": user u-1 asked for stop "));
    assert_null(strstr(text, " more"));
    struct tell t = {.l = w.links, .source = nowhere, .arg = stop, .newest_action = newest};
    struct str cut;
    str_init(&cut, 0);
    assert_true(tell_causes(&t, 1, &cut));
    assert_non_null(strstr(cut.data, "\n... and 2 more, 1 of these planned\n"));
    str_release(&cut);
    causes_told(&w, none, text, sizeof text);
    assert_int_equal(strncmp(text, "3 causes explain 4 red rows\n", 28), 0);
    meant = strstr(text, "     2  broken ");
    assert_true(meant && meant < strstr(text, "pod shop/new") && strstr(meant, "Nova found it off"));
    for (int died = 0; died < 2; died++) {              /* its own layer is red by it, and names it: unless it was meant */
        struct tell by = {.l = w.links, .source = nowhere, .arg = died ? none : stop, .newest_action = newest};
        struct str layers;
        str_init(&layers, 1 << 16);
        assert_true(tell_layers(&by, &layers));
        const char *cloud = strstr(layers.data, "cloud ");
        assert_non_null(cloud);
        assert_int_equal(strstr(cloud, "; 1 red\n     first cause, broken: server ") != NULL, died);
        str_release(&layers);
    }
    world_free(&w);
}

static void what_is_out_of_service_is_planned_and_takes_no_server_away(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    for (int own = 0; own < 2; own++) {
        const char *reason = own ? "AUTO: Connection to libvirt lost: 1" : "memory being replaced";
        tenant_down(&w);
        world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "up", "status", "disabled", "reason", reason, "@health", "5", NULL);
        world_put(&w, CLOUD, "hypervisor", "h1", "", "cmp1", "host", "cmp1", "host-ip", "10.0.0.1", "state", "up", "status", "disabled", "reason", reason, "@health", "5", NULL);
        world_build(&w);
        assert_string_equal(why(&w, CLOUD, "hypervisor", "h1"), own ? "h1 > compute/1: weak A 4-0" : "h1 > compute/1: planned A 1-0");
        assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken A 2-0");
    }
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "status", "disabled, forced-down", "@health", "5", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "os-services", "compute/1"), "compute/1: planned A 3-0");
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "status", "NotReady,SchedulingDisabled", "ready", "Unknown", "@health", BAD, NULL);
    emptied(&w);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: planned A 2-0");
    world_free(&w);
}

/* It runs, and cannot be acted on: that its host is disabled is somebody's work, that it died is not. All that stands on it says so, and
 * what is gone with it is laid to it. Of what is up nothing is wrong. */
static void a_server_on_a_host_that_is_out_of_service_and_down_says_so(void **state)
{
    (void)state;
    struct world w = {0};
    for (int up = 0; up < 2; up++) {
        const char *is = up ? "up" : "down";
        sandwich(&w);
        world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "ACTIVE", "host_status", "MAINTENANCE", NULL);
        world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", is, "status", "disabled", "reason", "new disks", "@health", "5", NULL);
        world_put(&w, CLOUD, "hypervisor", "h1", "", "cmp1", "host", "cmp1", "host-ip", "10.0.0.1", "state", is, "status", "disabled", "reason", "new disks", "@health", "5", NULL);
        world_build(&w);
        assert_string_equal(why(&w, CLOUD, "server", SRV1), up ? "" : SRV1 " > h1 > compute/1: weak A 2-0");
        struct tell t = {.l = w.links, .source = nowhere};
        struct str out;
        str_init(&out, 0);
        assert_true(tell_why(&t, at(&w, CLOUD, "server", SRV1), &out));
        assert_int_equal(strstr(out.data, "down, status disabled, reason new disks") != NULL, !up);
        assert_int_equal(strstr(out.data, "is not quite well: that it is disabled was somebody's decision, that it is silent was not") != NULL, !up);
        str_release(&out);
        assert_string_equal(why(&w, TENANT, "pods", "web-1"), "");             /* runs on */
        static const struct { const char *kind, *uid; } above[] = {{"pods", "web-1"}, {"nodes", "node-1"}};
        for (size_t i = 0; i < 2; i++) {
            str_init(&out, 0);
            assert_true(tell_why(&t, at(&w, TENANT, above[i].kind, above[i].uid), &out));
            assert_int_equal(strstr(out.data, "of what is below it, this is not well") && strstr(out.data, "os-service nova-compute is not quite well"), !up);
            str_release(&out);
        }
        tenant_down(&w);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "pods", "web-1"), up ? "web-1 > node-1: broken A 2-0" : "web-1 > node-1 > " SRV1 " > h1 > compute/1: weak A 4-0");
    }
    world_free(&w);
}

/* A volume that was left in error days ago, a share that does not say when: what began a minute ago explains neither. */
static void an_old_error_is_not_laid_to_what_just_began(void **state)
{
    (void)state;
    char old[40], now[40];
    struct world w = {0};
    sandwich(&w);
    snprintf(old, sizeof old, "%lld", (long long)(clock_wall_ms() - 4 * 86400000LL));
    snprintf(now, sizeof now, "%lld", (long long)(clock_wall_ms() - 60000));
    world_put(&w, CLOUD, "os-services", "cv", "", "cinder-volume", "binary", "cinder-volume", "host", "ctl@hdd", "state", "down", "seen", now, "@health", BAD, NULL);
    for (int i = 0; i < 2; i++) {
        world_put(&w, CLOUD, "volume", "vol", "red", "vol", "host", "ctl@hdd#hdd", "status", "error", "changed", i ? now : old, "@health", BAD, NULL);
        world_build(&w);
        struct why why;
        assert_true(why_make(&why, w.links, links_find(w.links, CLOUD, kind_find("volume"), "vol")));
        assert_int_equal(why.n, 1);
        assert_string_equal(links_row(w.links, why.cause[0].hop[why.cause[0].n - 1])->uid, i ? "cv" : "vol");
    }
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cordoned_node_explains_nothing), cmocka_unit_test(a_cordon_explains_what_waits_for_its_node),
        cmocka_unit_test(a_cordon_explains_what_follows_it_soon),
        cmocka_unit_test(who_cordoned_a_node_is_told),
        cmocka_unit_test(a_rollout_under_way_is_planned),
        cmocka_unit_test(a_rollout_that_fails_is_the_cause),
        cmocka_unit_test(what_was_said_to_be_off_is_planned),
        cmocka_unit_test(who_stopped_a_server_is_asked), cmocka_unit_test(a_host_of_servers_is_not_empty), cmocka_unit_test(a_stop_that_came_later_explains_nothing),
        cmocka_unit_test(a_server_that_is_off_explains_more_than_a_heartbeat),
        cmocka_unit_test(what_failed_before_is_not_planned),
        cmocka_unit_test(what_was_meant_is_told_apart_in_the_list),
        cmocka_unit_test(what_is_out_of_service_is_planned_and_takes_no_server_away),
        cmocka_unit_test(a_server_on_a_host_that_is_out_of_service_and_down_says_so),
        cmocka_unit_test(an_old_error_is_not_laid_to_what_just_began),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
