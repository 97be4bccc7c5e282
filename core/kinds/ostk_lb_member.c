/* lb-member: who gets the traffic of Octavia's load balancers. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_OPER, C_PROV, C_ADDRESS, C_PORT, C_POOL, C_LISTENER, C_LB, C_PROJECT, C_LB_ID, C_POOL_ID, C_SUBNET, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or address and port where there is none"),
    [C_OPER] = OSTK_COL("operating", "OPERATING", COL_TEXT, COL_STATE | COL_INTERN, "operating_status", "State of its traffic"),
    [C_PROV] = OSTK_COL("provisioning", "PROVISIONING", COL_TEXT, COL_STATE | COL_INTERN, "provisioning_status", "State of the last change"),
    [C_ADDRESS] = OSTK_COL("address", "ADDRESS", COL_TEXT, 0, "address", "Address that traffic is sent to"),
    [C_PORT] = OSTK_COL("port", "PORT", COL_INT, COL_RIGHT, "protocol_port", "Port that traffic is sent to"),
    [C_POOL] = OSTK_COL("pool", "POOL", COL_TEXT, COL_INTERN, "pool", "Pool it is in"),
    [C_LISTENER] = OSTK_COL("listener", "LISTENER", COL_TEXT, COL_INTERN, "listener", "Listener that takes the traffic"),
    [C_LB] = OSTK_COL("loadbalancer", "LOAD BALANCER", COL_TEXT, COL_INTERN, "loadbalancer", "Load balancer that sends it"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_LB_ID] = OSTK_COL("loadbalancer-id", "LOAD BALANCER ID", COL_TEXT, COL_HIDDEN | COL_INTERN, "loadbalancer_id", "Id of its load balancer"),
    [C_POOL_ID] = OSTK_COL("pool-id", "POOL ID", COL_TEXT, COL_HIDDEN | COL_INTERN, "pool_id", "Id of its pool"),
    [C_SUBNET] = OSTK_COL("subnet-id", "SUBNET ID", COL_TEXT, COL_WIDE | COL_INTERN, "subnet_id", "Subnet its address is in, as whoever made it said"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    char key[128];
    const char *name = ostk_json_str(item, "name"), *address = ostk_json_str(item, "address"), *project = ostk_json_str(item, "project_id");
    const char *uid = ostk_item_id(rb->kind->ostk, item, key, sizeof key);
    struct str own;
    if (!uid)
        return false;
    str_init(&own, 1024);
    str_addf(&own, "%s:%lld", address ? address : "?", (long long)ostk_json_int(item, "protocol_port", 0));
    name = name && *name ? name : own.data ? own.data : uid;
    rowbuf_id(rb, uid, project ? project : "", name);
    rowbuf_text(rb, C_NAME, name);
    str_release(&own);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    enum health h = ostk_status_health(ostk_json_str(item, "provisioning_status")), o = ostk_status_health(ostk_json_str(item, "operating_status"));
    rowbuf_health(rb, o > h ? o : h);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "load-balancer", .item_path = "/lbaas/pools/%s", .item_key = "member", .id_key = "pool_id/id", .poll_s = 30,
    .decode = decode, .driver = &ostk_lb_driver,
};
static const char *const aliases[] = {"lb-members", "member", "members", "loadbalancer-member", NULL};
const struct kind kind_ostk_lb_member = {
    .id = "lb-member", .singular = "lb-member", .title = "Load balancer members", .aliases = aliases,
    .help = "Members of load balancers' pools: who gets their traffic", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
