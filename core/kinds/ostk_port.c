/* port: Neutron's ports. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_MAC, C_IPS, C_NET, C_DEVICE, C_OWNER, C_HOST, C_PROJECT, C_AGE, C_ADMIN, C_VNIC,
       C_VIF, C_SG, C_NETID, C_DEVID, C_TAGS, C_DESC, C_ID, C_SUBNETS };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_MAC] = OSTK_COL("mac", "MAC", COL_TEXT, 0, "mac_address", "MAC address"),
    [C_IPS] = OSTK_COL("ips", "FIXED IPS", COL_TEXT, 0, NULL, "Addresses"),
    [C_NET] = OSTK_COL("network", "NETWORK", COL_TEXT, COL_INTERN, NULL, "Network"),
    [C_DEVICE] = OSTK_COL("device", "DEVICE", COL_TEXT, 0, NULL, "Server or other thing it belongs to"),
    [C_OWNER] = OSTK_COL("owner", "DEVICE OWNER", COL_TEXT, COL_INTERN, "device_owner", "What kind of thing that is"),
    [C_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_INTERN, "binding:host_id", "Host it is bound to (admin)"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_ADMIN] = OSTK_COL("admin", "ADMIN", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "UP or DOWN as set by its owner"),
    [C_VNIC] = OSTK_COL("vnic", "VNIC", COL_TEXT, COL_WIDE | COL_INTERN, "binding:vnic_type", "VNIC type"),
    [C_VIF] = OSTK_COL("vif", "VIF", COL_TEXT, COL_WIDE | COL_INTERN, "binding:vif_type", "How it is bound (admin)"),
    [C_SG] = OSTK_COL("security-groups", "SECURITY GROUPS", COL_TEXT, COL_WIDE, "security_groups", "Security groups"),
    [C_NETID] = OSTK_COL("network-id", "NETWORK ID", COL_TEXT, COL_WIDE, "network_id", "Network"),
    [C_DEVID] = OSTK_COL("device-id", "DEVICE ID", COL_TEXT, COL_WIDE, "device_id", "Device"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_SUBNETS] = OSTK_COL("subnet-ids", "SUBNET IDS", COL_TEXT, COL_HIDDEN, NULL, "Subnets of its addresses"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    ostk_bool_cell(rb, C_ADMIN, item, "admin_state_up", "UP", "DOWN");
    const char *status = ostk_json_str(item, "status"), *owner = ostk_json_str(item, "device_owner");
    const char *device = ostk_json_str(item, "device_id"), *vif = ostk_json_str(item, "binding:vif_type");
    bool compute = owner && !strncmp(owner, "compute:", 8);
    ostk_pick_cell(rb, C_IPS, ostk_json(item, "fixed_ips"), "ip_address");
    ostk_pick_cell(rb, C_SUBNETS, ostk_json(item, "fixed_ips"), "subnet_id");
    ostk_ref_cell(rb, C_NET, s, "network", ostk_json_str(item, "network_id"));
    ostk_ref_cell(rb, C_DEVICE, s, compute ? "server" : owner && strstr(owner, "router") ? "router" : "", device);
    ostk_created(rb, item, NULL);
    enum health h = ostk_admin_health(item, status);
    if (vif && !strcmp(vif, "binding_failed"))
        h = HEALTH_BAD;
    else if (h == HEALTH_WARN && status && !strcmp(status, "DOWN") && !compute && ostk_true(item, "admin_state_up"))
        h = HEALTH_NONE;                /* nobody plugs ports without a device; floating IPs' ports have no state */
    rowbuf_health(rb, h);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "network", .path = "/ports", .list_key = "ports", .item_path = "/ports/%s", .item_key = "port",
    .paging = OSTK_MARKER, .poll_s = 20,
    .names = {"network", "server", "router"}, .decode = decode,
};
static const char *const aliases[] = {"ports", NULL};
const struct kind kind_ostk_port = {
    .id = "port", .singular = "port", .title = "Ports", .aliases = aliases,
    .help = "Network ports with their addresses and what they belong to", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
