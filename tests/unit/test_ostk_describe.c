/* Texts made for reading: describe of a server, instance actions, quota cells. */
#include "tests/unit/ostk_rows.h"

#include "core/openstack/quota_priv.h"
#include "core/openstack/requests_priv.h"

static const char server[] =
    "{\"id\": \"8a03\", \"name\": \"web-1\", \"status\": \"ERROR\", \"tenant_id\": \"p1\", \"user_id\": \"u1\","
    " \"metadata\": {\"role\": \"web\"}, \"image\": \"\", \"OS-EXT-STS:task_state\": null, \"OS-EXT-STS:vm_state\": \"error\","
    " \"OS-EXT-STS:power_state\": 4, \"OS-EXT-SRV-ATTR:host\": \"compute-1\", \"locked\": true, \"locked_reason\": \"audit\","
    " \"flavor\": {\"vcpus\": 2, \"ram\": 4096, \"disk\": 40, \"original_name\": \"m1.medium\", \"extra_specs\": {}},"
    " \"created\": \"2026-11-21T11:00:00Z\", \"addresses\": {\"net-a\": [{\"addr\": \"10.0.0.5\", \"OS-EXT-IPS:type\": \"fixed\"},"
    " {\"addr\": \"203.0.113.9\", \"OS-EXT-IPS:type\": \"floating\"}]}, \"security_groups\": [{\"name\": \"web\"}, {\"name\": \"ssh\"}],"
    " \"fault\": {\"code\": 500, \"message\": \"No valid host was found.\", \"created\": \"2026-11-21T11:00:05Z\"},"
    " \"os-extended-volumes:volumes_attached\": [{\"id\": \"v1\", \"delete_on_termination\": true}, {\"id\": \"v2\"}]}";

static void has(const struct str *s, const char *want)
{
    if (!s->data || !strstr(s->data, want))
        fail_msg("\"%s\" is not in:\n%s", want, s->data ? s->data : "(nothing)");
}

static void test_server(void **state)
{
    (void)state;
    json_error_t je;
    json_t *o = json_loads(server, 0, &je);
    json_t *ports = json_loads("[{\"id\": \"pp\", \"status\": \"DOWN\", \"network_id\": \"n1\", \"binding:vif_type\": \"binding_failed\","
                               " \"admin_state_up\": false, \"fixed_ips\": [{\"ip_address\": \"10.0.0.5\"}]}]", 0, &je);
    json_t *vols = json_loads("[{\"id\": \"v1\", \"name\": \"root\", \"size\": 40, \"status\": \"in-use\","
                              " \"attachments\": [{\"device\": \"/dev/vda\"}]}]", 0, &je);
    struct ostk_server_parts p = {.server = o, .ports = ports, .volumes = vols, .volumes_err = "volume API: not allowed",
                                  .actions_err = "compute API: no answer in time"};
    struct str s;
    assert_non_null(o);
    str_init(&s, 0);
    ostk_describe_server_text(&s, NULL, &p, at_ms("2026-11-21T12:00:00Z"));
    has(&s, "Name:                 web-1\n");
    has(&s, "Status:               ERROR\n");
    has(&s, "Power:                Shutdown\n");
    has(&s, "  Message:            No valid host was found.\n");
    has(&s, "Locked:               yes: audit\n");
    has(&s, "Flavor:               m1.medium (2 vCPU, 4Gi memory, 40Gi disk)\n");
    has(&s, "Image:                none: it boots from a volume\n");
    has(&s, "Created:              2026-11-21T11:00:00Z (60m ago)\n");
    has(&s, "10.0.0.5 fixed");
    has(&s, "203.0.113.9 floating");
    has(&s, "BINDING FAILED  set down");
    has(&s, "v1  root  40 GiB  in-use  /dev/vda  deleted with the server\n");
    has(&s, "not all could be read: volume API: not allowed");
    has(&s, "v2  (no name)\n");
    has(&s, "Security groups:      web, ssh\n");
    has(&s, "  Role:               web\n");
    has(&s, "Actions:              compute API: no answer in time\n");
    str_release(&s);
    json_decref(o);
    json_decref(ports);
    json_decref(vols);
}

static void test_nearly_nothing(void **state)
{
    (void)state;
    static const char *const odd[] = {"{}", "{\"id\": 5, \"flavor\": 3, \"addresses\": [1], \"fault\": \"x\", \"image\": {\"id\": 7}}"};
    for (size_t i = 0; i < 2; i++) {
        json_t *o = json_loads(odd[i], 0, NULL);
        struct ostk_server_parts p = {.server = o, .ports = o, .volumes = o, .actions = o};
        struct str s;
        str_init(&s, 0);
        ostk_describe_server_text(&s, NULL, &p, 0);
        assert_false(s.failed);
        str_release(&s);
        json_decref(o);
    }
}

static void test_actions(void **state)
{
    (void)state;
    json_t *o = json_loads(
        "[{\"action\": \"reboot\", \"request_id\": \"req-1\", \"user_id\": \"u1\", \"start_time\": \"2026-11-21T11:00:00.000000\","
        " \"message\": \"Error\", \"events\": [{\"event\": \"compute_reboot_instance\", \"start_time\": \"2026-11-21T11:00:01.000000\","
        " \"finish_time\": \"2026-11-21T11:00:04.000000\", \"result\": \"Error\", \"host\": \"compute-1\", \"details\": \"no such domain\"},"
        " {\"event\": \"later\", \"start_time\": \"2026-11-21T11:00:05.000000\", \"finish_time\": null, \"result\": null}]},"
        " {\"action\": \"create\", \"request_id\": \"req-0\", \"start_time\": \"2026-11-21T10:00:00.000000\"}]", 0, NULL);
    struct str s;
    assert_non_null(o);
    str_init(&s, 0);
    ostk_actions_text(&s, NULL, o, 0);
    has(&s, "2026-11-21T11:00:00Z  reboot                by u1  req-1  Error\n");
    has(&s, "compute_reboot_instance");
    has(&s, "Error    3s      compute-1  no such domain\n");
    has(&s, "running  running");
    has(&s, "by nobody known  req-0\n    (older: its events were not asked for)\n");
    str_release(&s);
    json_decref(o);
}

static void test_quota(void **state)
{
    (void)state;
    json_t *c = json_loads("{\"instances\": {\"limit\": 10, \"in_use\": 8, \"reserved\": 1}, \"cores\": {\"limit\": -1, \"in_use\": 32}}", 0, NULL);
    json_t *n = json_loads("{\"port\": {\"limit\": 500, \"used\": 26}, \"router\": 10}", 0, NULL);
    const struct kind *k = the_kind("quota");
    struct rowbuf *rb = store_rowbuf(rows);
    store_set_kind(rows, k);
    rowbuf_begin(rb, k);
    quota_row(rb, "p1", "demo", c, NULL, n);
    assert_true(store_put(rows, rowbuf_finish(rb)));
    const struct row *r = store_get(rows, "p1");
    cell_is(r, "instances", "8/10");
    cell_is(r, "cores", "32/-1");
    cell_is(r, "ports", "26/500");
    cell_is(r, "routers", "?/10");
    cell_is(r, "volumes", "");
    assert_int_equal(r->cell[QUOTA_USED].n, 900);     /* what is being made counts too */
    cell_is(r, "most", "instances");
    assert_int_equal(r->health, HEALTH_WARN);
    json_decref(c);
    json_decref(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server),
        cmocka_unit_test(test_nearly_nothing),
        cmocka_unit_test(test_actions),
        cmocka_unit_test_setup_teardown(test_quota, rows_setup, rows_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
