/* loadbalancer: Octavia's load balancers. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_PROV, C_OPER, C_VIP, C_PROVIDER, C_LISTENERS, C_POOLS, C_PROJECT, C_AGE, C_ADMIN, C_NET, C_AZ,
       C_TAGS, C_DESC, C_ID, C_POOL_IDS };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_PROV] = OSTK_COL("provisioning", "PROVISIONING", COL_TEXT, COL_STATE | COL_INTERN, "provisioning_status",
                  "State of the last change"),
    [C_OPER] = OSTK_COL("operating", "OPERATING", COL_TEXT, COL_STATE | COL_INTERN, "operating_status", "State of its traffic"),
    [C_VIP] = OSTK_COL("vip", "VIP", COL_TEXT, 0, "vip_address", "Address"),
    [C_PROVIDER] = OSTK_COL("provider", "PROVIDER", COL_TEXT, COL_INTERN, "provider", "Driver"),
    [C_LISTENERS] = OSTK_COL("listeners", "LISTENERS", COL_INT, COL_RIGHT, NULL, "Number of listeners"),
    [C_POOLS] = OSTK_COL("pools", "POOLS", COL_INT, COL_RIGHT, NULL, "Number of pools"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_ADMIN] = OSTK_COL("admin", "ADMIN", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "UP or DOWN as set by its owner"),
    [C_NET] = OSTK_COL("network", "VIP NETWORK", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "Network of the address"),
    [C_AZ] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_WIDE | COL_INTERN, "availability_zone", "Availability zone"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
    [C_POOL_IDS] = OSTK_COL("pool-ids", "POOL IDS", COL_TEXT, COL_HIDDEN, NULL, "Ids of its pools"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    ostk_bool_cell(rb, C_ADMIN, item, "admin_state_up", "UP", "DOWN");
    const char *prov = ostk_json_str(item, "provisioning_status"), *oper = ostk_json_str(item, "operating_status");
    rowbuf_num(rb, C_LISTENERS, (int64_t)ostk_len(item, "listeners"));
    rowbuf_num(rb, C_POOLS, (int64_t)ostk_len(item, "pools"));
    ostk_pick_cell(rb, C_POOL_IDS, ostk_json(item, "pools"), "id");
    ostk_ref_cell(rb, C_NET, s, "network", ostk_json_str(item, "vip_network_id"));
    ostk_created(rb, item, NULL);
    enum health h = ostk_admin_health(item, prov), o = ostk_status_health(oper);
    rowbuf_health(rb, o > h ? o : h);   /* a change under way does not hide that no traffic passes */
    if (prov && !strcmp(prov, "PENDING_DELETE"))
        rowbuf_flag(rb, ROW_DELETING);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "load-balancer", .path = "/lbaas/loadbalancers", .list_key = "loadbalancers",
    .item_path = "/lbaas/loadbalancers/%s", .item_key = "loadbalancer", .paging = OSTK_MARKER, .poll_s = 20,
    .names = {"network"}, .decode = decode,
};
static const char *const aliases[] = {"loadbalancers", "load-balancer", "load-balancers", "lb", NULL};
const struct kind kind_ostk_loadbalancer = {
    .id = "loadbalancer", .singular = "loadbalancer", .title = "Load balancers", .aliases = aliases,
    .help = "Load balancers of Octavia", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
