/* The other lane: agents of each service as rows; the pod's own, its replacement's, ghosts; before, at worst, now. */
#include "stage_json.h"

#include "core/stage/lane.h"

static struct lane lane;
static struct stage_row row[16];
static size_t nrows;

static bool there(void *arg, const char *pod)
{
    return strstr(arg, pod) != NULL;
}

static void rows(const struct lane_in *in, const char *json)
{
    json_t *d = doc("%s", json);
    lane_read(&lane, in, d);
    json_decref(d);
    nrows = lane_rows(&lane, in, row, 16);
}

static const struct stage_row *find(enum stage_row_role role, const char *name)
{
    for (size_t i = 0; i < nrows; i++)
        if (row[i].role == role && strstr(row[i].name, name))
            return &row[i];
    for (size_t i = 0; i < nrows; i++)
        print_error("%d %s: %s\n", row[i].role, row[i].name, row[i].text);
    fail_msg("no row %d of %s", role, name);
    return NULL;
}

#define NOVA(id, binary, host, state) "{'id':" #id ",'binary':'" binary "','host':'" host "','status':'enabled','state':'" state "','updated_at':'2026-01-01T00:00:00.0'}"

static void deployment(void **state)
{
    (void)state;
    lane = (struct lane){.nown = 0};
    char pods[] = "nova-conductor-5f7c9d-aaaaa nova-conductor-5f7c9d-bbbbb";
    struct lane_in in = {.binary = "nova-conductor", .old_pod = "nova-conductor-5f7c9d-aaaaa", .old_node = "n1", .new_pod = "", .new_node = "", .owner = "nova-conductor",
                         .service = "compute", .alive = there, .arg = pods};
    rows(&in, "[" NOVA(1, "nova-conductor", "nova-conductor-5f7c9d-aaaaa", "up") "," NOVA(2, "nova-conductor", "nova-conductor-5f7c9d-bbbbb", "up") ","
              NOVA(3, "nova-conductor", "nova-conductor-84b9d-ccccc", "down") "," NOVA(4, "nova-conductor", "nova-conductor-cell1-84b9d-ccccc", "down") ","
              NOVA(5, "nova-compute", "n1", "up") "]");
    assert_string_equal(find(STAGE_ROW_OLD, "aaaaa")->text, "up");
    assert_string_equal(find(STAGE_ROW_GROUP, "nova-compute")->text, "1 of 1 up");
    assert_non_null(strstr(find(STAGE_ROW_GHOST, "nova-conductor-84b9d-ccccc")->text, "openstack compute service delete 3"));
    assert_int_equal(nrows, 4);        /* cell1's is another deployment's, bbbbb's pod lives: both are counted only */
    lane_before(&lane);
    in.running = in.old_gone = true;
    in.new_pod = "nova-conductor-5f7c9d-ddddd";
    in.new_node = "n2";
    rows(&in, "[" NOVA(1, "nova-conductor", "nova-conductor-5f7c9d-aaaaa", "down") "," NOVA(2, "nova-conductor", "nova-conductor-5f7c9d-bbbbb", "down") "]");
    assert_string_equal(find(STAGE_ROW_GROUP, "nova-conductor")->text, "0 of 2 up; before the delete 2 of 4");
    assert_int_equal(find(STAGE_ROW_GROUP, "nova-conductor")->health, HEALTH_BAD);
    assert_int_equal(find(STAGE_ROW_GHOST, "aaaaa")->up_before, 1);
    rows(&in, "[" NOVA(1, "nova-conductor", "nova-conductor-5f7c9d-aaaaa", "down") "," NOVA(2, "nova-conductor", "nova-conductor-5f7c9d-bbbbb", "up") ","
              NOVA(9, "nova-conductor", "nova-conductor-5f7c9d-ddddd", "up") "]");
    assert_string_equal(find(STAGE_ROW_GROUP, "nova-conductor")->text, "2 of 3 up; before the delete 2 of 4; at worst 0");
    assert_string_equal(find(STAGE_ROW_NEW, "ddddd")->text, "up");
}

/* A stateful set keeps the name, a daemon set the node: the same row, no ghost. */
static void same_row(void **state)
{
    (void)state;
    lane = (struct lane){.nown = 0};
    char none[] = "";
    struct lane_in in = {.binary = "nova-conductor", .old_pod = "nova-conductor-0", .old_node = "n1", .new_pod = "", .new_node = "", .owner = "nova-conductor", .service = "compute",
                         .alive = there, .arg = none};
    rows(&in, "[" NOVA(1, "nova-conductor", "nova-conductor-0", "up") "]");
    lane_before(&lane);
    in.running = in.old_gone = true;
    in.new_pod = "nova-conductor-0";
    rows(&in, "[" NOVA(1, "nova-conductor", "nova-conductor-0", "down") "]");
    assert_string_equal(find(STAGE_ROW_NEW, "nova-conductor-0")->text, "down; up before the delete");
    lane = (struct lane){.nown = 0};
    in = (struct lane_in){.binary = "neutron-l3-agent", .old_pod = "l3-aaaaa", .old_node = "n1", .new_pod = "l3-bbbbb", .new_node = "n1", .owner = "l3", .service = "network",
                          .old_gone = true, .alive = there, .arg = none};
    rows(&in, "[{'id':'u-1','binary':'neutron-l3-agent','host':'n1','alive':true,'admin_state_up':false,'heartbeat_timestamp':'2026-01-01 00:00:00'},"
              "{'id':'u-2','binary':'neutron-dhcp-agent','host':'n1','alive':false,'admin_state_up':true}]");
    assert_string_equal(find(STAGE_ROW_NEW, "n1")->text, "up, disabled");
    assert_int_equal(find(STAGE_ROW_GROUP, "dhcp")->health, HEALTH_WARN);
}

static void other_words(void **state)
{
    (void)state;
    struct lane_agent a;
    json_t *heat = doc("%s", "{'id':'x','binary':'heat-engine','hostname':'heat-engine-0','host':'heat-engine-0','status':'up','updated_at':'2026-01-01T00:00:00Z'}");
    json_t *odd[] = {doc("[]"), doc("{'binary':1,'host':null}"), doc("{'binary':'b'}")};
    assert_true(lane_agent(&a, heat) && a.up && !a.disabled);
    json_decref(heat);
    for (size_t i = 0; i < 3; i++) {
        assert_false(lane_agent(&a, odd[i]));
        json_decref(odd[i]);
    }
    assert_null(lane_list_of("mariadb"));
    assert_string_equal(lane_binary("cinder", "volume"), "cinder-volume");
    assert_null(lane_binary("nova", "os-api"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(deployment), cmocka_unit_test(same_row), cmocka_unit_test(other_words)};
    return cmocka_run_group_tests_name("stage lane", tests, NULL, NULL);
}
