/* floating-ip: Neutron's floating IPs. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_FIXED, C_SERVER, C_NET, C_ROUTER, C_PROJECT, C_AGE, C_PORT, C_DNS, C_TAGS, C_DESC,
       C_ID, C_ROUTER_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("address", "ADDRESS", COL_TEXT, COL_SORT, "floating_ip_address", "Floating address"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_FIXED] = OSTK_COL("fixed", "FIXED IP", COL_TEXT, 0, "fixed_ip_address", "Address it leads to"),
    [C_SERVER] = OSTK_COL("server", "SERVER", COL_TEXT, 0, NULL, "Server it leads to"),
    [C_NET] = OSTK_COL("network", "NETWORK", COL_TEXT, COL_INTERN, NULL, "External network"),
    [C_ROUTER] = OSTK_COL("router", "ROUTER", COL_TEXT, COL_INTERN, NULL, "Router"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_PORT] = OSTK_COL("port", "PORT", COL_TEXT, COL_WIDE, "port_id", "Port it leads to"),
    [C_DNS] = OSTK_COL("dns", "DNS NAME", COL_TEXT, COL_WIDE, "dns_name", "DNS name"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
    [C_ROUTER_ID] = OSTK_COL("router-id", "ROUTER ID", COL_TEXT, COL_HIDDEN | COL_INTERN, "router_id", "Id of the router"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "floating_ip_address", NULL);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    const char *owner = ostk_json_str(item, "port_details.device_owner"), *status = ostk_json_str(item, "status");
    if (owner && !strncmp(owner, "compute:", 8))
        ostk_ref_cell(rb, C_SERVER, s, "server", ostk_json_str(item, "port_details.device_id"));
    ostk_ref_cell(rb, C_NET, s, "network", ostk_json_str(item, "floating_network_id"));
    ostk_ref_cell(rb, C_ROUTER, s, "router", ostk_json_str(item, "router_id"));
    ostk_created(rb, item, NULL);
    enum health h = ostk_status_health(status);
    if (h == HEALTH_WARN && !ostk_json_str(item, "port_id"))
        h = HEALTH_NONE;                /* DOWN is normal for one that leads nowhere */
    rowbuf_health(rb, h);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "network", .path = "/floatingips", .list_key = "floatingips", .item_path = "/floatingips/%s",
    .item_key = "floatingip", .paging = OSTK_MARKER, .poll_s = 20,
    .names = {"network", "server", "router"}, .decode = decode,
};
static const char *const aliases[] = {"floating-ips", "floatingip", "floatingips", "fip", NULL};
const struct kind kind_ostk_floating_ip = {
    .id = "floating-ip", .singular = "floating-ip", .title = "Floating IPs", .aliases = aliases,
    .help = "Floating addresses and where they lead", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
