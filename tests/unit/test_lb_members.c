/* Members of load balancers: the tree that tells them, what they are links to, what is wrong when they fail and what goes when they go. */
#include "why_world.h"

#include "core/links/links_priv.h"
#include "core/openstack/lb_tree.h"
#include "ostk_rows.h"
#include "strata/blast.h"
#include "strata/clock.h"

static const char tree[] =
    "{\"statuses\": {\"loadbalancer\": {\"id\": \"lb1\", \"name\": \"lb\", \"operating_status\": \"DEGRADED\", \"listeners\": ["
    "{\"id\": \"l1\", \"name\": \"http\", \"operating_status\": \"ONLINE\", \"provisioning_status\": \"ACTIVE\", \"pools\": ["
    "{\"id\": \"p1\", \"name\": \"web\", \"operating_status\": \"DEGRADED\", \"provisioning_status\": \"PENDING_UPDATE\","
    " \"health_monitor\": {\"id\": \"h1\", \"name\": \"\", \"type\": \"TCP\", \"operating_status\": \"ONLINE\"}, \"members\": ["
    "{\"id\": \"m1\", \"name\": \"w1\", \"operating_status\": \"ERROR\", \"provisioning_status\": \"ACTIVE\", \"address\": \"10.5.0.1\", \"protocol_port\": 30080},"
    "{\"id\": \"m2\", \"name\": \"\", \"operating_status\": \"NO_MONITOR\", \"provisioning_status\": \"ACTIVE\", \"address\": \"10.5.0.2\", \"protocol_port\": 30080}]}]},"
    "{\"id\": \"l2\", \"name\": \"\", \"operating_status\": \"ONLINE\", \"provisioning_status\": \"ACTIVE\", \"pools\": [{\"id\": \"p1\", \"name\": \"web\","
    " \"members\": [{\"id\": \"m1\"}]}, {\"id\": \"p2\", \"name\": \"void\", \"operating_status\": \"OFFLINE\", \"members\": []}, 7]}]}}}";

static void a_tree_tells_each_member_once(void **state)
{
    (void)state;
    json_t *doc = json_loads(tree, 0, NULL), *lb = json_loads("{\"id\": \"lb1\", \"name\": \"lb\", \"project_id\": \"red\"}", 0, NULL);
    assert_non_null(doc);
    json_t *all = lb_tree_members(lb, doc);
    assert_int_equal(json_array_size(all), 2);
    char *one = json_dumps(json_array_get(all, 0), JSON_COMPACT), *two = json_dumps(json_array_get(all, 1), JSON_COMPACT);
    rows_setup(NULL);
    const struct row *r = decoded("lb-member", one);
    assert_string_equal(r->uid, "p1/m1");
    assert_string_equal(r->scope, "red");
    assert_int_equal(r->health, HEALTH_BAD);
    static const char *const cells[][2] = {{"name", "w1"}, {"address", "10.5.0.1"}, {"port", "30080"}, {"pool", "web"}, {"listener", "http"}, {"loadbalancer", "lb"}, {"loadbalancer-id", "lb1"}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        cell_is(r, cells[i][0], cells[i][1]);
    r = decoded("lb-member", two);
    assert_string_equal(r->name, "10.5.0.2:30080");
    assert_int_equal(r->health, HEALTH_OK);
    rows_teardown(NULL);
    free(one);
    free(two);
    json_decref(all);
    struct str out;
    str_init(&out, 0);
    lb_tree_text(&out, doc);
    assert_string_equal(out.data, "Status:\n"
                                  "  Listener http: ONLINE\n"
                                  "    Pool web: DEGRADED, PENDING_UPDATE\n"
                                  "      Health monitor h1 TCP: ONLINE\n"
                                  "      Member w1 10.5.0.1 port 30080: ERROR\n"
                                  "      Member m2 10.5.0.2 port 30080: NO_MONITOR\n"
                                  "  Listener l2: ONLINE\n"
                                  "    Pool web: \n"
                                  "      Member m1  port 0: \n"
                                  "    Pool void: OFFLINE\n"
                                  "      no member: it answers nobody\n"
                                  "    Pool : \n"
                                  "      no member: it answers nobody\n");
    str_release(&out);
    json_decref(doc);
    json_decref(lb);
}

static const char *subnet_of(const json_t *members, size_t i)
{
    const json_t *v = json_object_get(json_array_get(members, i), "subnet_id");
    return json_is_null(v) ? "null" : v ? json_string_value(v) : "unknown";
}

static void subnets_are_asked_of_a_pool_until_all_are_known(void **state)
{
    (void)state;
    json_t *all = json_loads("[{\"id\":\"m1\",\"pool_id\":\"p1\"},{\"id\":\"m2\",\"pool_id\":\"p1\"},{\"id\":\"m3\",\"pool_id\":\"p1\"},{\"id\":\"m4\",\"pool_id\":\"p2\"}]", 0, NULL);
    json_t *page = json_loads("[{\"id\":\"m1\",\"subnet_id\":\"s1\"},{\"id\":\"m2\",\"subnet_id\":null},{\"id\":\"m4\",\"subnet_id\":\"no\"},7]", 0, NULL);
    assert_string_equal(lb_subnets_wanted(all), "p1");
    assert_true(lb_subnets_take(all, "p1", page));              /* one is left: there may be another page */
    assert_string_equal(lb_subnets_wanted(all), "p1");
    assert_false(lb_subnets_take(all, "p1", page));             /* that tells no more */
    assert_string_equal(subnet_of(all, 0), "s1");
    assert_string_equal(subnet_of(all, 1), "null");
    assert_string_equal(subnet_of(all, 2), "null");
    assert_string_equal(subnet_of(all, 3), "unknown");          /* another pool's */
    assert_string_equal(lb_subnets_wanted(all), "p2");
    assert_false(lb_subnets_take(all, "p2", NULL));             /* whoever may not ask knows none */
    assert_null(lb_subnets_wanted(all));
    json_t *again = json_loads("[{\"id\":\"m1\",\"pool_id\":\"p1\"},{\"id\":\"m9\",\"pool_id\":\"p1\"}]", 0, NULL);
    lb_subnets_known(again, all);
    assert_string_equal(subnet_of(again, 0), "s1");
    assert_string_equal(subnet_of(again, 1), "unknown");
    json_decref(again);
    json_decref(page);
    json_decref(all);
}

static void a_tree_of_anything_is_survived(void **state)
{
    (void)state;
    static const char *const odd[] = {"[]", "{\"statuses\": 1}", "{\"statuses\": {\"loadbalancer\": {\"listeners\": {\"a\": 1}}}}",
                                      "{\"statuses\": {\"loadbalancer\": {\"listeners\": [null, {\"pools\": [{\"members\": [null, 3, {\"id\": 7, \"name\": []}, {\"id\": \"m\", \"name\": []}]}]}]}}}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        json_t *doc = json_loads(odd[i], 0, NULL), *all = lb_tree_members(NULL, doc);
        struct str out;
        assert_non_null(doc);
        assert_int_equal(json_array_size(all), i == 3);
        str_init(&out, 0);
        lb_tree_text(&out, doc);
        assert_non_null(out.data);
        str_release(&out);
        json_decref(all);
        json_decref(doc);
    }
}

/* ---- links ---- */

static void member(struct world *w, const char *id, const char *name, const char *address, const char *lb, const char *pool, const char *project, bool up)
{
    world_put(w, CLOUD, "lb-member", id, project, name, "address", address, "loadbalancer-id", lb, "pool-id", pool, "operating", up ? "ONLINE" : "ERROR", "@health", up ? "2" : BAD, NULL);
}

static void a_member_leads_to_its_node_and_to_the_server_of_its_project(void **state)
{
    (void)state;
    struct world w = {0};
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "internal-ip", "10.5.0.1", NULL);
    world_put(&w, TENANT, "nodes", "n2", "", "w2", "internal-ip", "10.5.0.2", NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "red-1", "addresses", "net=10.5.0.1", NULL);
    world_put(&w, CLOUD, "server", SRV2, "blue", "blue-1", "addresses", "net=10.5.0.1", NULL);
    world_put(&w, CLOUD, "loadbalancer", "lb1", "red", "front", NULL);
    member(&w, "p1/m1", "w1", "10.5.0.1", "lb1", "p1", "red", true);
    member(&w, "p1/m2", "other", "10.5.0.2", "lb1", "p1", "red", true);
    world_build(&w);
    assert_string_equal(world_down(&w, CLOUD, "loadbalancer", "lb1"), "members>p1/m1 A E16b status tree lb1\nmembers>p1/m2 A E16b status tree lb1\n");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "p1/m1"), "target>n1 B E16c name and InternalIP w1/10.5.0.1; E16c InternalIP 10.5.0.1\n"
                                                                     "target>" SRV1 " B E16c address in its project red/10.5.0.1\n");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "p1/m2"), "target>n2 C E16c InternalIP 10.5.0.2\n");        /* named after another thing: a guess */
    /* Two servers bear the node's address: the one in the project of the load balancer it is. */
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " B E11-6 InternalIP 10.5.0.1; E11-8 member of a load balancer in its project red/10.5.0.1\n");
    /* Another project has a cluster with the same names: nothing is known of who is whose. */
    member(&w, "p9/m9", "w1", "10.5.0.1", "lb9", "p9", "blue", true);
    world_build(&w);
    assert_string_equal(world_down(&w, TENANT, "nodes", "n1"), "machine>" SRV1 " C E11-6 InternalIP 10.5.0.1\nmachine>" SRV2 " C E11-6 InternalIP 10.5.0.1\n");
    world_free(&w);
}

#define LB1 "50b0e700-0000-4000-8000-0000000000b1"
#define NET_A "50b0e700-0000-4000-8000-00000000000a"
#define NET_B "50b0e700-0000-4000-8000-00000000000b"

static void in_subnet(struct world *w, const char *id, const char *name, const char *address, const char *subnet, bool up)
{
    world_put(w, CLOUD, "lb-member", id, "other", name, "address", address, "subnet-id", subnet, "loadbalancer-id", "lb1", "pool-id", "p1", "operating", up ? "ONLINE" : "ERROR", "@health", up ? "2" : BAD, NULL);
}

static void port(struct world *w, const char *id, const char *ips, const char *subnets, const char *device)
{
    world_put(w, CLOUD, "port", id, "red", id, "ips", ips, "subnet-ids", subnets, "device-id", device, NULL);
}

/* Two servers of one address, in subnets of two networks. The load balancer is another project's. */
static void twins(struct world *w)
{
    world_put(w, CLOUD, "server", SRV1, "red", "red-1", "addresses", "a=10.5.0.1", NULL);
    world_put(w, CLOUD, "server", SRV2, "red", "red-2", "addresses", "b=10.5.0.1, fd00::2", NULL);
    port(w, "port-1", "10.5.0.1", NET_A, SRV1);
    port(w, "port-2", "fd00::2, 10.5.0.1", NET_A ", " NET_B, SRV2);
    world_put(w, CLOUD, "loadbalancer", "lb1", "other", "front", "operating", "ONLINE", NULL);
}

static void a_member_is_the_server_of_the_port_with_its_subnet_and_address(void **state)
{
    (void)state;
    struct world w = {0};
    twins(&w);
    in_subnet(&w, "m1", "any", "10.5.0.1", NET_A, true);
    in_subnet(&w, "m2", "any", "10.5.0.1", NET_B, true);
    in_subnet(&w, "m3", "any", "FD00::2", NET_A, true);
    in_subnet(&w, "m4", "any", "fd00::2", NET_B, true);         /* of no port: no guess beside what is known */
    in_subnet(&w, "m5", "any", "10.5.0.1", "None", true);       /* whoever made it did not say, and it may be either */
    in_subnet(&w, "m6", "any", "fd00::2", "None", true);
    in_subnet(&w, "m7", "any", "fd00:0:0::0002", NET_A, true);          /* Octavia keeps it as it was spelt, Neutron in its own way */
    world_build(&w);
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m1"), "target>" SRV1 " B E16d subnet and address of its port " SRV1 "\n");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m2"), "target>" SRV2 " B E16d subnet and address of its port " SRV2 "\n");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m3"), "target>" SRV2 " B E16d subnet and address of its port " SRV2 "; E16c address fd00::2\n");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m7"), "target>" SRV2 " B E16d subnet and address of its port " SRV2 "; E16c address fd00::2\n");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m4"), "");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m5"), "");
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m6"), "target>" SRV2 " C E16c address fd00::2\n");
    world_free(&w);
}

static void a_member_is_a_node_as_surely_as_that_is_the_server_of_its_port(void **state)
{
    (void)state;
    struct world w = {0};
    twins(&w);
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.5.0.1", NULL);
    world_put(&w, TENANT, "nodes", "n2", "", "w2", "provider-id", "openstack:///" SRV2, "internal-ip", "10.5.0.1", NULL);
    in_subnet(&w, "m1", "any", "10.5.0.1", NET_A, true);
    world_build(&w);
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m1"), "target>" SRV1 " B E16d subnet and address of its port " SRV1 "\n"
                                                                  "target>n1 B E16c InternalIP 10.5.0.1; E16d subnet and address of the port of its providerID " SRV1 "\n");
    world_put(&w, TENANT, "nodes", "n1", "", "w1", "system-uuid", SRV1, "internal-ip", "10.5.0.1", NULL);
    world_build(&w);                                            /* by another rule than an address: as sure as that */
    assert_string_equal(world_down(&w, CLOUD, "lb-member", "m1"), "target>" SRV1 " B E16d subnet and address of its port " SRV1 "\ntarget>n1 B E16c InternalIP 10.5.0.1\n");
    world_free(&w);
}

/* ---- why, and what goes with it ---- */

static void balanced(struct world *w, bool first_up, bool second_up)
{
    sandwich(w);
    world_put(w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.5.0.1", NULL);
    world_put(w, TENANT, "nodes", "node-2", "", "w2", "provider-id", "openstack:///" SRV2, "internal-ip", "10.5.0.2", NULL);
    world_put(w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "addresses", "net=10.5.0.1", NULL);
    world_put(w, CLOUD, "server", SRV2, "red", "vm2", "hypervisor_hostname", "cmp2", "addresses", "net=10.5.0.2", NULL);
    world_put(w, CLOUD, "loadbalancer", "lb1", "red", "front", "operating", first_up && second_up ? "ONLINE" : "DEGRADED", "@health", first_up && second_up ? "2" : "5", NULL);
    member(w, "p1/m1", "w1", "10.5.0.1", "lb1", "p1", "red", first_up);
    member(w, "p1/m2", "w2", "10.5.0.2", "lb1", "p1", "red", second_up);
}

static void a_member_fails_because_its_node_does_because_its_server_does(void **state)
{
    (void)state;
    struct world w = {0};
    balanced(&w, false, true);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.5.0.1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "addresses", "net=10.5.0.1", "status", "SHUTOFF", "@health", "1", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "lb1 > p1/m1 > node-1 > " SRV1 ": stopped B 3-0");
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "addresses", "net=10.5.0.1", NULL);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.5.0.1", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "lb1 > p1/m1: broken A 2-0");           /* nothing else is wrong: nothing answers there */
    /* Pods of its Service fail: that is why nothing answers, and the node is not asked. */
    world_put(&w, CLOUD, "loadbalancer", "lb1", "red", "kube_service_x_shop_front", "operating", "DEGRADED", "@health", "5", NULL);
    world_put(&w, TENANT, "services", "s1", "shop", "front", "type", "LoadBalancer", "selector", "app=front", NULL);
    world_put(&w, TENANT, "pods", "front-1", "shop", "front-1", "node", "w1", "@label", "app=front", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "lb1 > s1 > front-1: broken B 2-0");
    world_free(&w);
}

/* A member that its monitor reaches is no reason, whatever its node says. */
static void a_member_that_answers_is_not_blamed(void **state)
{
    (void)state;
    struct world w = {0};
    balanced(&w, true, false);
    world_put(&w, TENANT, "nodes", "node-1", "", "w1", "provider-id", "openstack:///" SRV1, "internal-ip", "10.5.0.1", "status", "NotReady", "ready", "Unknown", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "lb1 > p1/m2: broken A 2-0");
    world_free(&w);
}

static void put_balancer(struct world *w, const char *listeners, const char *pools, const char *provisioning, const char *health)
{
    world_put(w, CLOUD, "loadbalancer", "lb1", "red", "front", "operating", "ONLINE", "provisioning", provisioning, "listeners", listeners, "pools", pools, "@health", health, NULL);
    world_build(w);
}

/* Octavia is content with a pool that has no members. Nobody gets through. */
static void a_load_balancer_without_members_serves_nobody(void **state)
{
    (void)state;
    struct world w = {0};
    sandwich(&w);
    struct feed_status *st = store_status(world_store(&w, CLOUD, kind_find("lb-member")));
    st->state = FEED_LIVE;
    st->last_ok_mono_ms = clock_mono_ms();
    world_put(&w, TENANT, "services", "s1", "shop", "front", "type", "LoadBalancer", "selector", "app=front", "balancer-id", LB1, NULL);
    put_balancer(&w, "1", "1", "ACTIVE", "2");
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "lb1: weak A 1-0");              /* somebody's own: perhaps not done yet */
    struct str out;
    str_init(&out, 0);
    link_pool_words(w.links, at(&w, CLOUD, "loadbalancer", "lb1"), "", &out);
    assert_string_equal(out.data, "its pool has no members");
    str_release(&out);
    put_balancer(&w, "1", "0", "ACTIVE", "2");
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "");             /* it may redirect */
    put_balancer(&w, "0", "2", "ACTIVE", "2");
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "");             /* nothing leads there */
    put_balancer(&w, "1", "2", "PENDING_UPDATE", "2");
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "");             /* it is being made */
    st->partial = true;
    put_balancer(&w, "1", "2", "ACTIVE", "2");
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "");             /* not all members are seen */
    st->partial = false;
    world_put(&w, CLOUD, "lb-member", "p1/m1", "red", "w1", "address", "10.5.0.1", "loadbalancer-id", "lb1", "pool-id", "p1", "operating", "ONLINE", "@health", "2", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), "");
    for (int both = 0; both < 2; both++) {                      /* one pool of two: of the pool alone */
        if (both)
            world_put(&w, CLOUD, "lb-member", "p2/m1", "red", "w1", "address", "10.5.0.1", "loadbalancer-id", "lb1", "pool-id", "p2", "operating", "ONLINE", "@health", "2", NULL);
        world_put(&w, CLOUD, "loadbalancer", "lb1", "red", "front", "operating", "ONLINE", "provisioning", "ACTIVE", "listeners", "1", "pools", "2", "pool-ids", "p1, p2", "@health", "2", NULL);
        world_build(&w);
        assert_string_equal(why(&w, CLOUD, "loadbalancer", "lb1"), both ? "" : "lb1: weak A 1-0");
        struct why_world all;
        assert_true(why_all(&all, w.links));
        assert_int_equal(all.red, 0);
        why_world_free(&all);
        str_init(&out, 0);
        link_pool_words(w.links, at(&w, CLOUD, "loadbalancer", "lb1"), "", &out);
        assert_int_equal(strncmp(out.data ? out.data : "", "1 of its 2 pools has no members: p2; ", 37) == 0, !both);
        str_release(&out);
    }
    world_free(&w);
}

static void a_service_whose_load_balancer_has_no_members_is_reached_by_nobody(void **state)
{
    (void)state;
    struct world w = {0};
    struct why_world all;
    sandwich(&w);
    struct feed_status *st = store_status(world_store(&w, CLOUD, kind_find("lb-member")));
    st->state = FEED_LIVE;
    st->last_ok_mono_ms = clock_mono_ms();
    world_put(&w, CLOUD, "loadbalancer", LB1, "red", "front", "operating", "ONLINE", "provisioning", "ACTIVE", "listeners", "1", "pools", "1", "@health", "2", NULL);
    world_put(&w, TENANT, "services", "s1", "shop", "front", "type", "LoadBalancer", "selector", "app=front", "balancer-id", LB1, NULL);
    world_put(&w, TENANT, "pods", "front-1", "shop", "front-1", "node", "w1", "@label", "app=front", "@health", BAD, NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "loadbalancer", LB1), LB1 ": weak A 1-0");               /* no pod would answer */
    world_put(&w, TENANT, "pods", "front-2", "shop", "front-2", "node", "w1", "@label", "app=front", "@health", "2", NULL);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "loadbalancer", LB1), LB1 ": broken A 1-0");
    assert_string_equal(why(&w, TENANT, "services", "s1"), "s1 > " LB1 ": broken A 1-0");
    assert_true(why_all(&all, w.links));
    assert_non_null(why_world_find(&all, at(&w, CLOUD, "loadbalancer", LB1)));
    why_world_free(&all);
    world_free(&w);
}

static const struct blast_item *harmed(const struct world *w, struct blast *b, const char *action, const char *kind, const char *uid, const char *of)
{
    struct blast_cut cut[8];
    struct str words;
    str_init(&words, 0);
    size_t n = 0;
    for (const char *p = uid; *p; p += strcspn(p, " "), p += *p == ' ') {
        char one[64];
        snprintf(one, sizeof one, "%.*s", (int)strcspn(p, " "), p);
        n += blast_cuts(w->links, action, at(w, CLOUD, kind, one), -1, cut + n, 8 - n, &words);
    }
    str_release(&words);
    assert_true(blast_make(b, w->links, cut, n, (struct blast_pace){0}));
    for (size_t i = 0; i < b->n; i++)
        if (!strcmp(links_row(w->links, b->item[i].node)->uid, of) && b->item[i].plane == BLAST_DP)
            return &b->item[i];
    return NULL;
}

static void assert_lb(const struct world *w, const char *action, const char *uid, enum blast_harm want, unsigned alive, unsigned of)
{
    struct blast b;
    const struct blast_item *it = harmed(w, &b, action, "server", uid, "lb1");
    if ((it ? it->harm : HARM_NONE) != (int)want || (it && (it->alive != alive || it->of != of)))
        fail_msg("%s %s: harm %d, %u of %u", action, uid, it ? it->harm : 0, it ? it->alive : 0, it ? it->of : 0);
    blast_free(&b);
}

static void a_load_balancer_lives_by_the_members_of_each_pool(void **state)
{
    (void)state;
    struct world w = {0};
    balanced(&w, true, true);
    world_build(&w);
    assert_lb(&w, "stop", SRV1, HARM_AT_RISK, 1, 2);            /* one is left */
    assert_lb(&w, "reboot", SRV1, HARM_DEGRADED, 1, 2);         /* and comes back */
    assert_lb(&w, "stop", SRV1 " " SRV2, HARM_LOST, 0, 2);
    member(&w, "p1/m3", "x", "10.5.0.9", "lb1", "p1", "red", true);
    world_build(&w);
    assert_lb(&w, "stop", SRV1, HARM_DEGRADED, 2, 3);
    struct blast b;
    assert_false(blast_is_red(w.links, harmed(&w, &b, "delete", "server", SRV1, "p1/m1")));     /* a member is worth what it serves */
    blast_free(&b);
    member(&w, "p2/m4", "w1", "10.5.0.1", "lb1", "p2", "red", true);            /* another pool, which is on that server alone */
    world_build(&w);
    assert_lb(&w, "stop", SRV1, HARM_LOST, 0, 1);
    world_free(&w);
    memset(&w, 0, sizeof w);
    balanced(&w, true, false);                                  /* the other one fails already */
    world_build(&w);
    assert_lb(&w, "stop", SRV1, HARM_LOST, 0, 1);
    assert_lb(&w, "stop", SRV2, HARM_NONE, 0, 0);
    world_put(&w, CLOUD, "lb-member", "p1/m1", "red", "w1", "address", "10.5.0.1", "loadbalancer-id", "lb1", "pool-id", "p1", "operating", "OFFLINE", "@health", "5", NULL);
    world_build(&w);
    assert_lb(&w, "stop", SRV1, HARM_LOST, 0, 1);               /* not looked at by a monitor yet: it is all there is */
    world_free(&w);
}

static void stopped(struct world *w, const char *uid, const char *name, const char *address)
{
    world_put(w, CLOUD, "server", uid, "red", name, "addresses", address, "status", "SHUTOFF", "@health", "1", NULL);
}

/* Servers that are no node, of a cloud alone, behind a load balancer of another project. */
static void a_load_balancer_of_servers_lives_and_fails_by_them(void **state)
{
    (void)state;
    struct world w = {0};
    twins(&w);
    in_subnet(&w, "m1", "any", "10.5.0.1", NET_A, true);
    in_subnet(&w, "m2", "any", "10.5.0.1", NET_B, true);
    world_build(&w);
    assert_lb(&w, "stop", SRV1, HARM_AT_RISK, 1, 2);
    assert_lb(&w, "stop", SRV1 " " SRV2, HARM_LOST, 0, 2);
    struct blast b;
    assert_true(blast_is_red(w.links, harmed(&w, &b, "stop", "server", SRV1 " " SRV2, "lb1")));
    blast_free(&b);
    stopped(&w, SRV1, "red-1", "a=10.5.0.1");
    stopped(&w, SRV2, "red-2", "b=10.5.0.1");
    in_subnet(&w, "m1", "any", "10.5.0.1", NET_A, false);
    in_subnet(&w, "m2", "any", "10.5.0.1", NET_B, false);
    world_build(&w);
    assert_string_equal(why(&w, CLOUD, "lb-member", "m1"), "m1 > " SRV1 ": stopped B 1-0");
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_tells_each_member_once),
        cmocka_unit_test(subnets_are_asked_of_a_pool_until_all_are_known),
        cmocka_unit_test(a_tree_of_anything_is_survived),
        cmocka_unit_test(a_member_leads_to_its_node_and_to_the_server_of_its_project),
        cmocka_unit_test(a_member_is_the_server_of_the_port_with_its_subnet_and_address),
        cmocka_unit_test(a_member_is_a_node_as_surely_as_that_is_the_server_of_its_port),
        cmocka_unit_test(a_load_balancer_of_servers_lives_and_fails_by_them),
        cmocka_unit_test(a_member_fails_because_its_node_does_because_its_server_does),
        cmocka_unit_test(a_member_that_answers_is_not_blamed),
        cmocka_unit_test(a_load_balancer_without_members_serves_nobody),
        cmocka_unit_test(a_service_whose_load_balancer_has_no_members_is_reached_by_nobody),
        cmocka_unit_test(a_load_balancer_lives_by_the_members_of_each_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
