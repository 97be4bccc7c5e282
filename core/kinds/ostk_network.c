/* network: Neutron's networks. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_ADMIN, C_SHARED, C_EXT, C_TYPE, C_SEG, C_SUBNETS, C_PROJECT, C_AGE, C_PHYS, C_MTU,
       C_AZ, C_PSEC, C_SUBNET_IDS, C_TAGS, C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_ADMIN] = OSTK_COL("admin", "ADMIN", COL_TEXT, COL_INTERN, NULL, "UP or DOWN as set by its owner"),
    [C_SHARED] = OSTK_COL("shared", "SHARED", COL_TEXT, COL_INTERN, "shared", "Usable by other projects"),
    [C_EXT] = OSTK_COL("external", "EXTERNAL", COL_TEXT, COL_INTERN, "router:external", "A way out for routers"),
    [C_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_INTERN, "provider:network_type",
                  "vxlan, vlan, flat, ... (admin)"),
    [C_SEG] = OSTK_COL("segment", "SEGMENT", COL_INT, COL_RIGHT, "provider:segmentation_id",
                  "VLAN or tunnel number (admin)"),
    [C_SUBNETS] = OSTK_COL("subnets", "SUBNETS", COL_INT, COL_RIGHT, NULL, "Number of subnets"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_PHYS] = OSTK_COL("physical", "PHYSICAL", COL_TEXT, COL_WIDE | COL_INTERN, "provider:physical_network",
                  "Physical network (admin)"),
    [C_MTU] = OSTK_COL("mtu", "MTU", COL_INT, COL_WIDE | COL_RIGHT, "mtu", "MTU"),
    [C_AZ] = OSTK_COL("zones", "ZONES", COL_TEXT, COL_WIDE | COL_INTERN, "availability_zones", "Availability zones"),
    [C_PSEC] = OSTK_COL("port-security", "PORT SECURITY", COL_TEXT, COL_WIDE | COL_INTERN, "port_security_enabled",
                  "Port security for new ports"),
    [C_SUBNET_IDS] = OSTK_COL("subnet-ids", "SUBNET IDS", COL_TEXT, COL_WIDE, "subnets", "Subnets"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    ostk_bool_cell(rb, C_ADMIN, item, "admin_state_up", "UP", "DOWN");
    rowbuf_num(rb, C_SUBNETS, (int64_t)ostk_len(item, "subnets"));
    ostk_created(rb, item, NULL);
    rowbuf_health(rb, ostk_admin_health(item, ostk_json_str(item, "status")));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "network", .path = "/networks", .list_key = "networks", .item_path = "/networks/%s",
    .item_key = "network", .paging = OSTK_MARKER, .poll_s = 20, .decode = decode,
};
static const char *const aliases[] = {"networks", "net", NULL};
const struct kind kind_ostk_network = {
    .id = "network", .singular = "network", .title = "Networks", .aliases = aliases,
    .help = "Tenant and provider networks", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
