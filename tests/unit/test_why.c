/* Root cause: down from what is red to what explains it, and not further; where the view ends. */
#include "why_world.h"

static void a_dead_host_explains_what_stands_on_it(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "");
    compute_down(&w);
    tenant_down(&w);
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(&w, MGMT, "pods", "nc-1", "openstack", "nc-1", "node", "cmp1", "@owner", "DaemonSet/nova-compute/ds", "@label", "application=nova", "@label", "component=compute", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > " SRV1 " > h1 > under-1: broken B 6-0");
    assert_string_equal(why(&w, CLOUD, "os-services", "compute/1"), "compute/1 > nc-1 > under-1: broken B 6-0");
    struct why one;
    assert_string_equal(why(&w, CLOUD, "hypervisor", "h1"), "h1 > under-1: broken B 6-0");
    assert_true(why_make(&one, w.links, at(&w, CLOUD, "hypervisor", "h1")));
    assert_int_equal(one.n, 1);                /* its pod stands on the node, too: no second cause */
    assert_string_equal(why(&w, TENANT, "pods", "web-2"), "");
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.red, 6);
    assert_int_equal(all.n, 1);
    assert_int_equal(all.cause[0].explains, 6);
    why_world_free(&all);
    world_free(&w);
}

static void what_began_long_after_a_symptom_is_not_its_cause(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "False", "unready", "9000000", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "unready", "1000000", "@health", BAD, NULL);
    world_put(&w, TENANT, "pods", "web-3", "shop", "web-3", "node", "w1", "unready", "8900000", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 1-0");
    assert_string_equal(why(&w, TENANT, "pods", "web-3"), "web-3 > node-1: broken A 2-0");
    /* a hypervisor does not say since when: that of the node which it fell with */
    compute_down(&w);
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", "status", "NotReady", "ready", "Unknown", "unready", "9000000", "@health", BAD, NULL);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "Unknown", "unready", "9000000", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1: broken A 1-0");
    assert_string_equal(why(&w, CLOUD, "hypervisor", "h1"), "h1 > under-1: broken B 5-0");       /* not web-1, which had failed long before */
    world_free(&w);
}

static void two_faults_are_two_causes(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_put(&w, MGMT, "pods", "api-1", "openstack", "api-1", "node", "cmp1", "@owner", "ReplicaSet/api/api-rs", "@label", "application=nova", "@label", "component=os-api", "@health", BAD, NULL);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://nova-api.openstack.svc:8774/", "state", "down", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1 > " SRV1 ": stopped A 2-0");
    assert_string_equal(why(&w, CLOUD, "os-services", "compute"), "compute > api-s > api-1: broken B 2-0");
    struct why_world all;
    assert_true(why_all(&all, w.links));
    assert_int_equal(all.red, 4);
    assert_int_equal(all.n, 2);
    why_world_free(&all);
    world_free(&w);
}

static void what_cannot_be_managed_runs_on(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    compute_down(&w);
    world_put(&w, MGMT, "pods", "nc-1", "openstack", "nc-1", "node", "cmp1", "@owner", "DaemonSet/nova-compute/ds", "@label", "application=nova", "@label", "component=compute", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "hypervisor", "h1"), "h1 > compute/1 > nc-1: broken B 3-0");
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "");                /* nova-compute is no reason for it */
    tenant_down(&w);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken A 2-0");     /* the host lives: its node reports */
    world_free(&w);
}

static void a_kubelet_that_reports_stands_on_a_server_that_works(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "status", "NotReady", "ready", "False", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken A 2-0");
    world_free(&w);
}

static void a_contradiction_is_not_followed(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "system-uuid", SRV2, "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken A 2-0");
    world_free(&w);
}

/* What carries data and traffic: volumes below servers and claims, the agents of a router below a floating address. */
static void what_has_no_storage_and_no_router_is_explained_by_it(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "floating-ip", "f1", "red", "203.0.113.9", "router-id", "rt1", NULL);
    world_put(&w, CLOUD, "router", "rt1", "red", "edge", NULL);
    agent(&w, "l3a", "net-1", false);
    agent(&w, "l3b", "net-2", true);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "floating-ip", "f1"), "");              /* the other agent carries it */
    agent(&w, "l3b", "net-2", false);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "floating-ip", "f1"), "f1 > rt1 > l3a: broken A 1-0");
    world_put(&w, CLOUD, "volume", "v1", "red", "root", "server-ids", SRV1, "status", "error", "@health", BAD, NULL);
    server_off(&w, "ERROR", HEALTH_BAD);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "server", SRV1), SRV1 " > v1: broken A 2-1");
    world_put(&w, TENANT, "pods", "db-1", "shop", "db-1", "node", "w2", "claims", "data", "@health", BAD, NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "c1", "shop", "data", "volume-name", "pvc-1", NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv1", "", "pvc-1", "cinder-volume", SRV2, NULL);
    world_put(&w, CLOUD, "volume", SRV2, "red", "data", "status", "error", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "db-1 > c1 > pv1 > " SRV2 ": broken A 2-0");
    world_put(&w, CLOUD, "volume", SRV2, "red", "data", "status", "available", NULL);
    world_put(&w, TENANT, "persistentvolumes", "pv1", "", "pvc-1", "manila-share", SRV1, NULL);
    world_put(&w, CLOUD, "share", SRV1, "red", "media", "status", "error", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "db-1"), "db-1 > c1 > pv1 > " SRV1 ": broken A 2-0");
    world_free(&w);
}

/* A chain that may lead into a list that is not read says so, and is less certain; the API behind it stands above all. */
static void where_the_view_ends_is_said(void **state)
{
    (void)state;
    struct world w = {0};
    tenant_down(&w);
    world_put(&w, TENANT, "pods", "job-1", "shop", "job-1", "@health", BAD, NULL);
    world_put(&w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "state", "down", "@health", BAD, NULL);
    struct feed_status *st = store_status(world_store(&w, CLOUD, kind_find("server")));
    st->state = FEED_FAILED;
    err_set(&st->err, ERR_SERVER, 503, "no such luck");
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken B 2-0");
    assert_string_equal(why(&w, TENANT, "pods", "job-1"), "job-1: broken A 1-0");
    assert_non_null(strstr(all_of(&w, of_node), "\n  cannot see beyond server of ?: HTTP 503, no such luck\n"));
    char *text = all_of(&w, list), *api = strstr(text, "os-service compute"), *node = strstr(text, "node w1");
    assert_true(api && node && api < node);
    assert_non_null(strstr(text, "; 1 list of  is not read; 2 red rows end where they are not read\n"));
    assert_non_null(strstr(all_of(&w, tell_layers), "1 API; 1 red, 1 of these of the control plane; 1 of 2 lists cannot be read: compute API is down\n"));
    err_set(&st->err, ERR_NOTFOUND, 404, "no such API");
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "pods", "web-1"), "web-1 > node-1: broken A 2-0");
    st->err = (struct err)ERR_INIT;
    st->state = FEED_LIVE;
    world_build(&w);
    assert_null(strstr(all_of(&w, tell_layers), "cannot be read"));
    world_free(&w);
}

static const struct source_info *given(void *arg, uint16_t id)
{
    (void)id;
    return arg;
}

static void what_is_no_longer_read_says_so(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "status", "CrashLoopBackOff", "@health", BAD, NULL);
    world_build(&w);
    assert_null(strstr(all_of(&w, list), "no longer read"));
    struct feed_status *st = store_status(world_store(&w, TENANT, kind_find("pods")));
    st->state = FEED_STALE;
    st->last_ok_mono_ms = 1;
    world_build(&w);
    assert_non_null(strstr(all_of(&w, list), "CrashLoopBackOff: no longer read, since "));
    struct source_info in = {.state = SOURCE_OK, .last_ok_mono_ms = 5000};       /* another list is read: this one is old since its own last sign */
    struct tell t = {.l = w.links, .source = given, .arg = &in};
    uint32_t node = links_find(w.links, TENANT, kind_find("pods"), "web-1");
    assert_int_equal(tell_old(&t, node), 1);
    in.state = SOURCE_STALE;                                                    /* it held for as long as its server answered */
    assert_int_equal(tell_old(&t, node), 5000);
    st->state = FEED_LIVE;
    world_build(&w);
    t.l = w.links;
    assert_int_equal(tell_old(&t, links_find(w.links, TENANT, kind_find("pods"), "web-1")), 0);
    world_free(&w);
}

static bool of_server(const struct tell *t, struct str *out) { return tell_why(t, links_find(t->l, CLOUD, kind_find("server"), SRV1), out); }

static void a_contradiction_is_a_cause_of_its_own(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "system-uuid", SRV2, "status", "Ready", NULL);
    world_build(&w);
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1: contradicts X 1-0");
    const char *text = all_of(&w, of_node);
    assert_non_null(strstr(text, "node w1 is contradictory: it is server vm1 "));
    assert_non_null(strstr(text, ", and it is server vm2 "));
    assert_string_equal(why(&w, CLOUD, "server", SRV1), SRV1 " > node-1: contradicts X 1-0");      /* what acts on that is refused for it */
    text = all_of(&w, of_server);
    assert_non_null(strstr(text, "   X E11-1 providerID " SRV1 "\n  = node w1 is contradictory: it is server vm1 "));
    assert_null(strstr(text, "nothing is wrong"));
    text = all_of(&w, list);
    assert_int_equal(strncmp(text, "1 cause explains 1 red row\n", 27), 0);
    assert_non_null(strstr(text, "     1  contradicts     -  X  node w1 "));
    assert_non_null(strstr(all_of(&w, tell_layers), "1 of these contradictory"));
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "system-uuid", SRV2, "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_build(&w);
    text = all_of(&w, list);                    /* what is broken may contradict itself, too */
    assert_non_null(strstr(text, "     1  broken          -  A  node w1 (): NotReady; it is server vm1 "));
    assert_non_null(strstr(all_of(&w, of_node), "\n  and:\n"));
    world_free(&w);
}

/* What Magnum and Cluster API say of a cluster or machine is explained by its nodes, whatever those stand on. */
static void what_is_said_of_a_cluster_is_explained_by_its_nodes(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "capi-machine", "capi/m1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "SHUTOFF", "@health", "1", NULL);
    world_put(&w, CLOUD, "server", SRV2, "red", "vm2", "addresses", "net=10.9.9.9", "status", "ACTIVE", NULL);
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "status", "Ready", NULL);
    world_put(&w, CLOUD, "coe-cluster", "coe-1", "red", "tenant", "api", "https://10.9.9.9:6443", "status", "CREATE_COMPLETE", "health", "UNHEALTHY", "@health", BAD, NULL);
    world_put(&w, CLOUD, "coe-cluster", "coe-2", "red", "other", "api", "https://10.9.9.8:6443", "status", "CREATE_COMPLETE", "health", "UNHEALTHY", "@health", BAD, NULL);
    world_put(&w, MGMT, "machines.cluster.x-k8s.io", "m-1", "capi", "m1", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "coe-cluster", "coe-1"), "coe-1 > node-1 > " SRV1 ": stopped B 2-0");
    assert_string_equal(why(&w, CLOUD, "coe-cluster", "coe-2"), "coe-2: broken A 1-0");
    struct why x;
    assert_true(why_make(&x, w.links, links_find(w.links, MGMT, world_kind("machines.cluster.x-k8s.io"), "m-1")));
    assert_true(x.n && x.cause[0].n == 3);
    assert_string_equal(links_row(w.links, x.cause[0].hop[2])->uid, SRV1);
    world_free(&w);
}

/* The cluster below does not answer: whatever of the cloud may stand on it says that it cannot be known. */
static void an_undercloud_that_does_not_answer_is_where_the_view_ends(void **state)
{
    static const char beyond[] = "\n  cannot see beyond nodes of ?: HTTP 503, gone\n";
    (void)state;
    struct world w = {0};
    sandwich(&w);
    compute_down(&w);
    struct feed_status *st = store_status(world_store(&w, MGMT, kind_find("nodes")));
    st->state = FEED_STALE;
    err_set(&st->err, ERR_SERVER, 503, "gone");
    *store_status(world_store(&w, MGMT, kind_find("pods"))) = *st;
    world_build(&w);
    assert_non_null(strstr(all_of(&w, of_hypervisor), "cannot see beyond "));        /* what it stands on is as it was read last */
    world_free(&w);
    compute_down(&w);
    st = store_status(world_store(&w, MGMT, kind_find("nodes")));
    st->state = FEED_FAILED;
    err_set(&st->err, ERR_SERVER, 503, "gone");
    world_build(&w);
    assert_non_null(strstr(all_of(&w, of_hypervisor), beyond));                     /* never read */
    assert_string_equal(why(&w, CLOUD, "hypervisor", "h1"), "h1 > compute/1: broken B 2-0");
    world_put(&w, TENANT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", NULL);       /* the undercloud is another one, and answers */
    world_build(&w);
    assert_null(strstr(all_of(&w, of_hypervisor), "cannot see"));
    world_free(&w);
}

/* An address, a port and a load balancer carry no more than what they lead to: servers, and the pods of the Service they are for. */
static void an_address_and_a_balancer_are_explained_by_what_they_lead_to(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, CLOUD, "floating-ip", "f1", "red", "203.0.113.9", "port", "p1", NULL);
    world_put(&w, CLOUD, "port", "p1", "red", "p1", "device-id", SRV1, NULL);
    compute_down(&w);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "floating-ip", "f1"), "");              /* nova-compute is down: traffic flows */
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "floating-ip", "f1"), "f1 > p1 > " SRV1 ": stopped A 1-0");
    for (int red = 0; red < 2; red++) {
        world_put(&w, CLOUD, "loadbalancer", "lb1", "red", "kube_service_x_shop_front", "vip", "10.9.0.9", "operating", red ? "ERROR" : "ONLINE", "@health", red ? BAD : "2", NULL);
        world_put(&w, TENANT, "services", "s1", "shop", "front", "type", "LoadBalancer", "selector", "app=front", NULL);
        world_put(&w, TENANT, "pods", "front-1", "shop", "front-1", "node", "w2", "@label", "app=front", "@health", BAD, NULL);
        world_build(&w);
        assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), red ? "lb1 > s1 > front-1: broken B 2-0" : "");
    }
    world_free(&w);
}

/* A providerID that leads nowhere is said where the cloud of the cluster is seen whole, and nowhere else. */
static void a_node_that_names_no_server_says_so(void **state)
{
    static const char gone[] = "its providerID names server 3f99a1b2-0000-4000-8000-0000000000ff, which is not there";
    (void)state;
    struct world w = {0};
    sandwich(&w);
    struct feed_status *st = store_status(world_store(&w, CLOUD, kind_find("server")));
    st->state = FEED_LIVE;
    for (int red = 0; red < 2; red++) {
        world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///3f99a1b2-0000-4000-8000-0000000000FF", "status", red ? "NotReady" : "Ready",
                  "ready", red ? "Unknown" : "True", "@health", red ? BAD : "2", NULL);
        world_build(&w);
        assert_string_equal(why(&w, TENANT, "nodes", "node-1"), red ? "node-1: broken A 1-0" : "node-1: dangling A 1-0");

        assert_non_null(strstr(all_of(&w, of_node), gone));
        assert_non_null(strstr(all_of(&w, list), gone));                     /* a cause of its own */
        assert_non_null(strstr(all_of(&w, list), "1 cause explains "));
        assert_non_null(strstr(all_of(&w, tell_layers), "; 1 red"));
        assert_non_null(strstr(all_of(&w, tell_layers), "; 1 node names a server that is not there"));
    }
    char deleting[24];
    snprintf(deleting, sizeof deleting, "%d", ROW_DELETING);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///3f99a1b2-0000-4000-8000-0000000000ff", "status", "Ready", "@flag", deleting, NULL);
    world_build(&w);
    assert_null(strstr(all_of(&w, list), "names server"));                     /* it goes anyway */
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///3f99a1b2-0000-4000-8000-0000000000ff", "status", "Ready,SchedulingDisabled", NULL);
    world_build(&w);
    assert_null(strstr(all_of(&w, list), "names server"));                     /* it may be on its way out: told where it is asked for */
    assert_string_equal(why(&w, TENANT, "nodes", "node-1"), "node-1: weak A 1-0");
    st->partial = true;
    world_build(&w);
    assert_null(strstr(all_of(&w, of_node), "names server"));
    st->partial = false, st->state = FEED_STALE;
    world_build(&w);
    assert_null(strstr(all_of(&w, of_node), "names server"));
    st->state = FEED_LIVE;
    world_put(&w, TENANT, "nodes", "node-2", "", "w2", "status", "Ready", NULL);       /* nothing says which cloud this cluster is on */
    world_build(&w);
    assert_null(strstr(all_of(&w, of_node), "names server"));
    world_free(&w);
}

/* A node that went with three pods weighs more than a nova-compute with its hypervisor, and less than one that leaves servers unknown. */
static void what_is_not_well_counts_for_the_order(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "nodes", "node-9", "", "w9", "status", "NotReady", "ready", "False", "@health", BAD, NULL);
    for (int i = 0; i < 3; i++) {
        char id[8];
        snprintf(id, sizeof id, "gone-%d", i);
        world_put(&w, TENANT, "pods", id, "shop", id, "node", "w9", "@health", BAD, NULL);
    }
    compute_down(&w);
    for (int servers = 0; servers < 2; servers++) {
        for (int i = 0; i < 6 * servers; i++) {
            char id[40];
            snprintf(id, sizeof id, "3f99a1b2-0000-4000-8000-0000000001%02d", i);
            world_put(&w, CLOUD, "server", id, "red", id, "hypervisor_hostname", "cmp1", "status", "ACTIVE", "host_status", "UNKNOWN", "@health", "5", NULL);
        }
        world_build(&w);
        const char *all = all_of(&w, list), *node = strstr(all, "node w9"), *compute = strstr(all, "nova-compute");
        assert_non_null(node);
        assert_non_null(compute);
        assert_int_equal(compute < node, servers);
    }
    world_free(&w);
}

static bool of_pv(const struct tell *t, struct str *out) { return tell_links(t, links_find(t->l, TENANT, world_kind("persistentvolumes"), "pv1"), out); }

static const char *put_disk(struct world *w)
{
    world_put(w, TENANT, "persistentvolumes", "pv1", "", "pv1", "cinder-volume", "3F99A1B2-0000-4000-8000-0000000000ee", NULL);
    world_build(w);
    return why(w, TENANT, "pods", "web-1");
}

/* A volume that Cinder does not have explains who uses it; where only a part of Cinder's volumes is seen, it is unknown. */
static void who_uses_a_volume_that_is_gone_is_explained_by_it(void **state)
{
    static const char gone[] = "its volumeHandle names volume 3f99a1b2-0000-4000-8000-0000000000ee, which is not there";
    (void)state;
    struct world w = {0};
    sandwich(&w);
    world_put(&w, TENANT, "pods", "web-1", "shop", "web-1", "node", "w1", "claims", "data", "@health", BAD, NULL);
    world_put(&w, TENANT, "persistentvolumeclaims", "c1", "shop", "data", "volume-name", "pv1", NULL);
    world_put(&w, CLOUD, "volume", "3f99a1b2-0000-4000-8000-0000000000e1", "red", "v1", "host", "c1@ssd", NULL);
    struct feed_status *st = store_status(world_store(&w, CLOUD, kind_find("volume")));
    st->state = FEED_LIVE;
    assert_string_equal(put_disk(&w), "web-1 > c1 > pv1: dangling A 2-0");
    assert_non_null(strstr(all_of(&w, list), gone));
    assert_non_null(strstr(all_of(&w, of_pv), gone));
    assert_non_null(strstr(all_of(&w, list), "1 cause explains 2 red rows"));
    st->partial = true;
    assert_string_equal(put_disk(&w), "web-1: broken A 1-0");
    st->partial = false;
    world_put(&w, CLOUD, "volume", "3f99a1b2-0000-4000-8000-0000000000e1", "red", "v1", NULL);       /* Cinder tells no admin's facts: nor all volumes */
    assert_string_equal(put_disk(&w), "web-1: broken A 1-0");
    world_put(&w, CLOUD, "volume", "3f99a1b2-0000-4000-8000-0000000000ee", "red", "v2", "host", "c1@ssd", NULL);
    assert_string_equal(put_disk(&w), "web-1: broken A 1-0");
    assert_null(strstr(all_of(&w, of_pv), "not there"));
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dead_host_explains_what_stands_on_it),
        cmocka_unit_test(what_began_long_after_a_symptom_is_not_its_cause),
        cmocka_unit_test(two_faults_are_two_causes),
        cmocka_unit_test(what_cannot_be_managed_runs_on),
        cmocka_unit_test(a_kubelet_that_reports_stands_on_a_server_that_works),
        cmocka_unit_test(a_contradiction_is_not_followed),
        cmocka_unit_test(what_has_no_storage_and_no_router_is_explained_by_it),
        cmocka_unit_test(where_the_view_ends_is_said),
        cmocka_unit_test(what_is_no_longer_read_says_so),
        cmocka_unit_test(a_contradiction_is_a_cause_of_its_own),
        cmocka_unit_test(what_is_said_of_a_cluster_is_explained_by_its_nodes),
        cmocka_unit_test(an_undercloud_that_does_not_answer_is_where_the_view_ends),
        cmocka_unit_test(an_address_and_a_balancer_are_explained_by_what_they_lead_to),
        cmocka_unit_test(a_node_that_names_no_server_says_so),
        cmocka_unit_test(what_is_not_well_counts_for_the_order),
        cmocka_unit_test(who_uses_a_volume_that_is_gone_is_explained_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
