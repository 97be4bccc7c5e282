/* os-services: workers of each API as a Zed cloud tells them, heads of groups, health, stale copies. */
#include "tests/unit/ostk_rows.h"

#include "core/openstack/services_priv.h"
#include "strata/view.h"

static const struct row *worker(const char *type, const char *text)
{
    json_t *o = json_loads(text, 0, NULL);
    struct svc_worker w = {.seen_ms = CELL_NONE, .created_ms = CELL_NONE};
    const struct svc_api *api = svc_api_find(type);
    assert_non_null(o);
    assert_non_null(api);
    const struct kind *k = the_kind("os-services");
    struct rowbuf *rb = store_rowbuf(rows);
    store_set_kind(rows, k);
    rowbuf_begin(rb, k);
    if (!api->worker(&w, o) || !svc_worker_row(rb, type, svc_rank(type) * 100, &w)) {
        json_decref(o);
        return NULL;
    }
    struct row *r = rowbuf_finish(rb);
    json_decref(o);
    char uid[200];
    assert_non_null(r);
    snprintf(uid, sizeof uid, "%s", r->uid);
    assert_true(store_put(rows, r));
    return store_get(rows, uid);
}

static void test_nova(void **state)
{
    (void)state;
    const struct row *r = worker("compute",
        "{\"binary\": \"nova-compute\", \"host\": \"compute-3\", \"id\": \"4a754a42\", \"zone\": \"nova\", \"status\": \"disabled\","
        " \"state\": \"up\", \"updated_at\": \"2026-11-21T11:59:46.000000\", \"disabled_reason\": \"new disk\", \"forced_down\": false}");
    assert_string_equal(r->uid, "compute/4a754a42");
    assert_string_equal(r->name, "nova-compute/compute-3");
    cell_is(r, "service", "nova-compute");
    cell_is(r, "state", "up");
    cell_is(r, "status", "disabled");
    cell_is(r, "reason", "new disk");
    cell_is(r, "zone", "nova");
    cell_is(r, "seen", "14s");
    assert_int_equal(r->health, HEALTH_WARN);
    r = worker("compute", "{\"binary\": \"nova-compute\", \"host\": \"c\", \"id\": \"x\", \"status\": \"enabled\", \"state\": \"down\","
                          " \"forced_down\": true}");
    cell_is(r, "status", "forced-down");
    assert_int_equal(r->health, HEALTH_WARN);
    r = worker("compute", "{\"binary\": \"nova-compute\", \"host\": \"c\", \"id\": \"y\", \"status\": \"enabled\", \"state\": \"down\"}");
    assert_int_equal(r->health, HEALTH_BAD);
    /* before 2.53 ids are numbers of one cell: host and binary identify */
    r = worker("compute", "{\"binary\": \"nova-scheduler\", \"host\": \"ctl\", \"id\": 3, \"status\": \"enabled\", \"state\": \"up\"}");
    assert_string_equal(r->uid, "compute/nova-scheduler/ctl");
    assert_int_equal(r->health, HEALTH_OK);
    /* a cell that is down: binary and host alone */
    r = worker("compute", "{\"binary\": \"nova-compute\", \"host\": \"far\", \"status\": \"UNKNOWN\"}");
    cell_is(r, "state", "unknown");
    assert_int_equal(r->health, HEALTH_UNKNOWN);
}

static void test_neutron(void **state)
{
    (void)state;
    const struct row *r = worker("network",
        "{\"id\": \"2ea2da62\", \"agent_type\": \"L3 agent\", \"binary\": \"neutron-l3-agent\", \"host\": \"network-1\","
        " \"admin_state_up\": true, \"created_at\": \"2026-11-21 10:05:55\", \"heartbeat_timestamp\": \"2026-11-21 11:59:50\","
        " \"availability_zone\": \"nova\", \"alive\": true}");
    cell_is(r, "service", "L3 agent");
    cell_is(r, "binary", "neutron-l3-agent");
    cell_is(r, "seen", "10s");
    assert_int_equal(r->health, HEALTH_OK);
    r = worker("network", "{\"id\": \"b\", \"agent_type\": \"DHCP agent\", \"host\": \"n\", \"admin_state_up\": false, \"alive\": false}");
    cell_is(r, "state", "down");
    cell_is(r, "status", "disabled");
    assert_int_equal(r->health, HEALTH_WARN);
}

static const char *wanted(struct map *lists, const char *agents, int64_t now, int64_t since)
{
    static char id[40];
    json_t *o = json_loads(agents, 0, NULL);
    assert_non_null(o);
    const char *w = svc_dhcp_wanted(lists, o, now, since);
    snprintf(id, sizeof id, "%s", w ? w : "");
    json_decref(o);
    return id;
}

#define AGENT(id, binary, up, alive) "{\"id\": \"" id "\", \"binary\": \"neutron-" binary "-agent\", \"admin_state_up\": " up ", \"alive\": " alive "}"
/* Neutron deletes the ports of a DHCP agent that is disabled: of those out of service, and rarely, the lists are read. */
static void test_networks_of_dhcp_agents(void **state)
{
    static const char id[] = "33333333-3333-4333-8333-333333333333";
    struct map lists;
    char body[200];
    int n = snprintf(body, sizeof body, "{\"networks\": [{\"id\": \"%s\"}, {\"id\": \"no id\"}, {\"id\": \"%s\"}]}", id, id);
    (void)state;
    svc_dhcp_init(&lists);
    assert_string_equal(wanted(&lists, "[" AGENT("a", "dhcp", "true", "true") "," AGENT("b", "l3", "false", "true") "]", 1000, 0), "");
    const char *agents = "[" AGENT("a", "dhcp", "false", "true") "," AGENT("b", "dhcp", "true", "false") "]";
    assert_string_equal(wanted(&lists, agents, 1000, 0), "a");
    assert_true(svc_dhcp_take(&lists, "a", body, (size_t)n, 1000));
    assert_string_equal(wanted(&lists, agents, 1001, 0), "b");
    assert_true(svc_dhcp_take(&lists, "b", NULL, 0, 1001));
    assert_null(svc_dhcp_networks(&lists, "b"));
    assert_string_equal(wanted(&lists, agents, 2000, 0), "");
    assert_string_equal(wanted(&lists, agents, 2000, 1001), "a");       /* somebody works on it */
    assert_string_equal(wanted(&lists, agents, 61000, 0), "a");
    n = snprintf(body, sizeof body, "%s,%s", id, id);
    assert_string_equal(svc_dhcp_networks(&lists, "a"), body);
    assert_true(svc_dhcp_take(&lists, "a", NULL, 0, 61000));            /* it cannot be read now: what was known stays */
    assert_string_equal(svc_dhcp_networks(&lists, "a"), body);
    struct svc_worker w = {.id = "a", .binary = "neutron-dhcp-agent", .host = "n", .seen_ms = CELL_NONE, .created_ms = CELL_NONE, .networks = svc_dhcp_networks(&lists, "a")};
    struct rowbuf *rb = store_rowbuf(rows);
    store_set_kind(rows, the_kind("os-services"));
    rowbuf_begin(rb, the_kind("os-services"));
    assert_true(svc_worker_row(rb, "network", 100, &w));
    assert_true(store_put(rows, rowbuf_finish(rb)));
    cell_is(store_get(rows, "network/a"), "networks", body);
    wanted(&lists, "[" AGENT("a", "dhcp", "true", "true") "]", 61000, 0);
    assert_null(svc_dhcp_networks(&lists, "a"));
    map_release(&lists);
}

static void test_cinder(void **state)
{
    (void)state;
    const struct row *r = worker("block-storage",
        "{\"binary\": \"cinder-volume\", \"host\": \"ctl@ssd-a\", \"zone\": \"nova\", \"status\": \"enabled\", \"state\": \"up\","
        " \"updated_at\": \"2026-11-21T11:59:49.000000\", \"backend_state\": \"down\", \"cluster\": \"ceph@rbd\", \"frozen\": false}");
    assert_string_equal(r->uid, "block-storage/cinder-volume/ctl@ssd-a");
    cell_is(r, "cluster", "ceph@rbd");
    cell_is(r, "reason", "its storage backend is down");
    assert_int_equal(r->health, HEALTH_BAD);          /* the worker lives, its backend does not */
}

static void test_the_others(void **state)
{
    (void)state;
    const struct row *r = worker("orchestration", "{\"id\": \"h\", \"binary\": \"heat-engine\", \"host\": \"ctl\", \"status\": \"up\","
                                                  " \"updated_at\": \"2026-11-21T11:59:00.000000\", \"deleted_at\": null}");
    assert_int_equal(r->health, HEALTH_OK);
    cell_is(r, "seen", "60s");
    assert_null(worker("orchestration", "{\"id\": \"g\", \"binary\": \"heat-engine\", \"host\": \"ctl\", \"status\": \"down\","
                                        " \"deleted_at\": \"2026-11-20T00:00:00\"}"));
    r = worker("baremetal", "{\"hostname\": \"ironic-1\", \"conductor_group\": \"rack1\", \"alive\": false,"
                            " \"updated_at\": \"2026-11-21T11:50:00+00:00\"}");
    cell_is(r, "service", "ironic-conductor");
    cell_is(r, "cluster", "rack1");
    assert_int_equal(r->health, HEALTH_BAD);
    r = worker("container-infra", "{\"host\": \"ctl\", \"binary\": \"magnum-conductor\", \"state\": \"up\", \"id\": 1, \"disabled\": true,"
                                  " \"disabled_reason\": \"rest\"}");
    cell_is(r, "status", "disabled");
    assert_int_equal(r->health, HEALTH_WARN);
    r = worker("dns", "{\"id\": \"d\", \"service_name\": \"worker\", \"hostname\": \"ns1\", \"status\": \"UP\"}");
    assert_int_equal(r->health, HEALTH_OK);
    assert_null(worker("compute", "{\"binary\": \"nova-compute\"}"));
    assert_null(svc_api_find("image"));
}

static const struct row *head(const struct svc_head *h)
{
    const struct kind *k = the_kind("os-services");
    struct rowbuf *rb = store_rowbuf(rows);
    store_set_kind(rows, k);
    rowbuf_begin(rb, k);
    svc_head_row(rb, h);
    assert_true(store_put(rows, rowbuf_finish(rb)));
    return store_get(rows, h->type);
}

static void test_heads(void **state)
{
    (void)state;
    struct err none = ERR_INIT, err;
    struct svc_head h = {.type = "compute", .name = "nova", .endpoint = "http://user:pw@cloud.example:8774/v2.1", .known = true,
                         .reachable = true, .err = &none, .latency_ms = 12, .seen_ms = at_ms("2026-11-21T12:00:00Z"),
                         .version = "v2.1 2.1-2.93"};
    const struct row *r = head(&h);
    cell_is(r, "service", "compute API");
    cell_is(r, "host", "cloud.example:8774");
    cell_is(r, "state", "up");
    cell_is(r, "version", "v2.1 2.1-2.93");
    assert_true(r->flags & ROW_HEAD);
    assert_int_equal(r->health, HEALTH_OK);
    h.hidden = true;                                  /* it is up, and who asks may not see its workers */
    r = head(&h);
    cell_is(r, "workers", "hidden");
    cell_is(r, "reason", "its workers are not shown: this user is not allowed to see them");
    assert_int_equal(r->health, HEALTH_OK);
    h.hidden = false;
    struct svc_head blind = {.type = "volumev3", .known = false, .err = &none, .latency_ms = CELL_NONE, .seen_ms = CELL_NONE, .unseen = "no endpoint"};
    r = head(&blind);
    cell_is(r, "state", "unknown");
    cell_is(r, "reason", "no endpoint");
    assert_int_equal(r->health, HEALTH_UNKNOWN);
    err_set(&err, ERR_NET, 0, "connection refused");
    h.reachable = false;
    h.err = &err;
    r = head(&h);
    cell_is(r, "state", "down");
    cell_is(r, "latency", "");                        /* an old figure would look like an answer */
    cell_is(r, "reason", "connection refused");
    assert_int_equal(r->health, HEALTH_BAD);
    h.reachable = true;                               /* its version document answers, its calls fail */
    r = head(&h);
    cell_is(r, "state", "failing");
    assert_int_equal(r->health, HEALTH_BAD);
    h.known = false;
    r = head(&h);
    cell_is(r, "state", "");
    assert_int_equal(r->health, HEALTH_UNKNOWN);
}

static void test_stale_copy(void **state)
{
    (void)state;
    const struct row *r = worker("compute", "{\"binary\": \"nova-compute\", \"host\": \"c\", \"id\": \"x\", \"status\": \"enabled\","
                                            " \"state\": \"up\", \"updated_at\": \"2026-11-21T11:59:00\", \"zone\": \"az1\"}");
    struct rowbuf *rb = store_rowbuf(rows);
    rowbuf_begin(rb, r->kind);
    svc_stale_row(rb, r);
    assert_true(store_put(rows, rowbuf_finish(rb)));
    r = store_get(rows, "compute/x");
    assert_true(r->flags & ROW_STALE);
    cell_is(r, "zone", "az1");
    cell_is(r, "state", "up");
    cell_is(r, "seen", "60s");
    assert_int_equal(r->health, HEALTH_OK);
}

/* Whatever column it is sorted by, an API stands above its own workers. */
static void test_groups_stay_together(void **state)
{
    (void)state;
    struct err none = ERR_INIT;
    worker("network", "{\"id\": \"n\", \"agent_type\": \"A agent\", \"host\": \"a\", \"alive\": true, \"admin_state_up\": true}");
    worker("compute", "{\"binary\": \"nova-compute\", \"host\": \"z\", \"id\": \"1\", \"state\": \"up\", \"status\": \"enabled\"}");
    head(&(struct svc_head){.type = "network", .group = svc_rank("network") * 100, .known = true, .reachable = true, .err = &none,
                            .seen_ms = CELL_NONE, .latency_ms = CELL_NONE});
    worker("compute", "{\"binary\": \"nova-api\", \"host\": \"a\", \"id\": \"2\", \"state\": \"up\", \"status\": \"enabled\"}");
    head(&(struct svc_head){.type = "compute", .group = svc_rank("compute") * 100, .known = true, .reachable = true, .err = &none,
                            .seen_ms = CELL_NONE, .latency_ms = CELL_NONE});
    static const char *const want[] = {"compute", "nova-api/a", "nova-compute/z", "network", "A agent/a"};
    struct snap *s = store_publish(rows);
    struct view *v = view_new();
    assert_true(view_update(v, 0, s));
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(view_count(v), 5);
        for (size_t i = 0; i < 5; i++)
            assert_string_equal(view_row(v, i)->name, want[i]);
        view_sort(v, SVC_HOST, false);                /* inside groups by host: the same order here */
    }
    view_free(v);
    snap_unref(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nova, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_neutron, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_networks_of_dhcp_agents, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_cinder, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_the_others, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_heads, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_stale_copy, rows_setup, rows_teardown),
        cmocka_unit_test_setup_teardown(test_groups_stay_together, rows_setup, rows_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
