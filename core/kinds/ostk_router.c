/* router: Neutron's routers. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_ADMIN, C_EXT, C_IPS, C_HA, C_DVR, C_PROJECT, C_AGE, C_SNAT, C_AZ, C_ROUTES, C_TAGS,
       C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_ADMIN] = OSTK_COL("admin", "ADMIN", COL_TEXT, COL_INTERN, NULL, "UP or DOWN as set by its owner"),
    [C_EXT] = OSTK_COL("gateway", "GATEWAY NETWORK", COL_TEXT, COL_INTERN, NULL, "External network"),
    [C_IPS] = OSTK_COL("external-ips", "EXTERNAL IPS", COL_TEXT, 0, NULL, "Addresses on it"),
    [C_HA] = OSTK_COL("ha", "HA", COL_TEXT, COL_INTERN, "ha", "Highly available (admin)"),
    [C_DVR] = OSTK_COL("distributed", "DISTRIBUTED", COL_TEXT, COL_INTERN, "distributed", "Distributed (admin)"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_SNAT] = OSTK_COL("snat", "SNAT", COL_TEXT, COL_WIDE | COL_INTERN, "external_gateway_info.enable_snat",
                  "Hides inside addresses"),
    [C_AZ] = OSTK_COL("zones", "ZONES", COL_TEXT, COL_WIDE | COL_INTERN, "availability_zones", "Availability zones"),
    [C_ROUTES] = OSTK_COL("routes", "ROUTES", COL_INT, COL_WIDE | COL_RIGHT, NULL, "Static routes"),
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
    ostk_ref_cell(rb, C_EXT, s, "network", ostk_json_str(item, "external_gateway_info.network_id"));
    ostk_pick_cell(rb, C_IPS, ostk_json(item, "external_gateway_info.external_fixed_ips"), "ip_address");
    rowbuf_num(rb, C_ROUTES, (int64_t)ostk_len(item, "routes"));
    ostk_created(rb, item, NULL);
    rowbuf_health(rb, ostk_admin_health(item, ostk_json_str(item, "status")));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "network", .path = "/routers", .list_key = "routers", .item_path = "/routers/%s",
    .item_key = "router", .paging = OSTK_MARKER, .poll_s = 20,
    .names = {"network"}, .decode = decode,
};
static const char *const aliases[] = {"routers", NULL};
const struct kind kind_ostk_router = {
    .id = "router", .singular = "router", .title = "Routers", .aliases = aliases,
    .help = "Routers between networks", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
