/* subnet: Neutron's subnets. */
#include <jansson.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_CIDR, C_GW, C_DHCP, C_NET, C_IPV, C_PROJECT, C_AGE, C_POOLS, C_DNS, C_RA, C_AM, C_NETID,
       C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_CIDR] = OSTK_COL("subnet", "SUBNET", COL_TEXT, 0, "cidr", "Address range"),
    [C_GW] = OSTK_COL("gateway", "GATEWAY", COL_TEXT, 0, "gateway_ip", "Gateway"),
    [C_DHCP] = OSTK_COL("dhcp", "DHCP", COL_TEXT, COL_INTERN, "enable_dhcp", "DHCP served"),
    [C_NET] = OSTK_COL("network", "NETWORK", COL_TEXT, COL_INTERN, NULL, "Network"),
    [C_IPV] = OSTK_COL("ip", "IP", COL_INT, COL_RIGHT, "ip_version", "IP version"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_POOLS] = OSTK_COL("pools", "POOLS", COL_TEXT, COL_WIDE, NULL, "Ranges that addresses are given from"),
    [C_DNS] = OSTK_COL("dns", "DNS", COL_TEXT, COL_WIDE, "dns_nameservers", "Name servers"),
    [C_RA] = OSTK_COL("ra-mode", "RA MODE", COL_TEXT, COL_WIDE | COL_INTERN, "ipv6_ra_mode",
                  "IPv6 router advertisements"),
    [C_AM] = OSTK_COL("address-mode", "ADDRESS MODE", COL_TEXT, COL_WIDE | COL_INTERN, "ipv6_address_mode",
                  "IPv6 address mode"),
    [C_NETID] = OSTK_COL("network-id", "NETWORK ID", COL_TEXT, COL_WIDE, "network_id", "Network"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static void pools(struct rowbuf *rb, const struct json_t *list)
{
    struct str t;
    size_t i;
    json_t *p;
    str_init(&t, 4096);
    json_array_foreach(list, i, p) {
        const char *a = ostk_json_str(p, "start"), *b = ostk_json_str(p, "end");
        if (a && b)
            str_addf(&t, "%s%s-%s", t.len ? ", " : "", a, b);
    }
    if (t.len && !t.failed)
        rowbuf_textn(rb, C_POOLS, t.data, t.len);
    str_release(&t);
}

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    ostk_ref_cell(rb, C_NET, s, "network", ostk_json_str(item, "network_id"));
    pools(rb, ostk_json(item, "allocation_pools"));
    ostk_created(rb, item, NULL);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "network", .path = "/subnets", .list_key = "subnets", .item_path = "/subnets/%s",
    .item_key = "subnet", .paging = OSTK_MARKER, .poll_s = 20,
    .names = {"network"}, .decode = decode,
};
static const char *const aliases[] = {"subnets", NULL};
const struct kind kind_ostk_subnet = {
    .id = "subnet", .singular = "subnet", .title = "Subnets", .aliases = aliases,
    .help = "Address ranges of networks", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
