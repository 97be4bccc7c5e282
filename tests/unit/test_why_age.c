/* Each hop of a root cause says since when it is so, or when it was heard of. */
#include "why_world.h"

#include "ostk_rows.h"
#include "strata/clock.h"

static const char *ago(char *buf, size_t size, int64_t ms)
{
    snprintf(buf, size, "%lld", (long long)(clock_wall_ms() - ms));
    return buf;
}

static void each_hop_says_since_when(void **state)
{
    (void)state;
    char a[40], b[40];
    struct world w = {0};
    sandwich(&w);
    tenant_down(&w);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "ERROR", "since", ago(a, sizeof a, 620500), "@health", BAD, NULL);
    world_put(&w, CLOUD, "hypervisor", "h1", "", "cmp1", "host", "cmp1", "host-ip", "10.0.0.1", "state", "down", "@health", BAD, NULL);
    world_put(&w, CLOUD, "os-services", "compute/1", "", "nova-compute", "binary", "nova-compute", "host", "cmp1", "state", "down", "seen", ago(b, sizeof b, 600500), "@health", BAD, NULL);
    world_put(&w, MGMT, "nodes", "under-1", "", "cmp1", "internal-ip", "10.0.0.1", "status", "NotReady", "ready", "Unknown", "unready", ago(b, sizeof b, 590500), "@health", BAD, NULL);
    world_build(&w);
    const char *text = all_of(&w, of_node);
    assert_non_null(strstr(text, "server vm1 (): ERROR, since 10m   A E11-1 "));
    assert_non_null(strstr(text, "hypervisor cmp1 (): down, its nova-compute seen 10m ago   A E9 "));
    assert_non_null(strstr(text, "NotReady, unready 9m50s   B E7c "));       /* said once */
    world_free(&w);
}

/* Nova's record changes for other reasons; who stopped it did so when its action says. */
static void a_stop_is_as_old_as_its_action(void **state)
{
    (void)state;
    char line[80], updated[40], text[2048];
    struct world w = {0};
    sandwich(&w);
    server_off(&w, "SHUTOFF", HEALTH_DONE);
    world_put(&w, CLOUD, "server", SRV1, "red", "vm1", "hypervisor_hostname", "cmp1", "status", "SHUTOFF", "since", ago(updated, sizeof updated, 60500), "@health", "1", NULL);
    tenant_down(&w);
    world_build(&w);
    text_format_time(line, sizeof line, clock_wall_ms() - 7200500);
    memmove(line + 5, line, strlen(line) + 1);
    memcpy(line, "stop\n", 5);
    snprintf(line + strlen(line), sizeof line - strlen(line), "\nu-1\n");
    causes_told(&w, line, text, sizeof text);
    assert_non_null(strstr(text, "planned      120m  A  server vm1"));
    assert_non_null(strstr(text, "user u-1 asked for stop 120m ago"));
    causes_told(&w, NULL, text, sizeof text);
    assert_non_null(strstr(text, "stopped       60s  A  server vm1"));
    world_free(&w);
}

#define SERVER(status, power, host, more) "{\"id\":\"s1\",\"name\":\"s\",\"status\":\"" status "\",\"OS-EXT-STS:power_state\":" power ",\"host_status\":\"" host "\",\"updated\":\"2026-01-02T00:00:00Z\"" more "}"

static void a_server_says_since_when_it_is_so(void **state)
{
    static const struct { const char *json, *since; } cases[] = {
        {SERVER("ERROR", "0", "", ",\"fault\":{\"code\":500,\"created\":\"2026-01-01T00:00:00Z\",\"message\":\"no\"}"), "2026-01-01T00:00:00Z"},
        {SERVER("SHUTOFF", "4", "UP", ""), "2026-01-02T00:00:00Z"},
        {SERVER("ACTIVE", "4", "UP", ""), "2026-01-02T00:00:00Z"},
        {SERVER("ACTIVE", "1", "UP", ""), NULL},
        {SERVER("ACTIVE", "4", "DOWN", ""), NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct row *r = decoded("server", cases[i].json);
        assert_int_equal(r->cell[kind_column(r->kind, "since")].n, cases[i].since ? at_ms(cases[i].since) : CELL_NONE);
    }
}

int main(void)
{
    clock_freeze(1000000, 1790000000000);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_hop_says_since_when), cmocka_unit_test(a_stop_is_as_old_as_its_action),
        cmocka_unit_test_setup_teardown(a_server_says_since_when_it_is_so, rows_setup, rows_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
