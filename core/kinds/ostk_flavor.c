/* flavor: Nova's flavors; private ones too where allowed (is_public=None is read as "public" for members). */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_VCPUS, C_RAM, C_DISK, C_EPHEMERAL, C_SWAP, C_PUBLIC, C_SPECS, C_RXTX, C_DISABLED, C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, "name", "Name"),
    [C_VCPUS] = OSTK_COL("vcpus", "VCPU", COL_INT, COL_RIGHT, "vcpus", "vCPUs"),
    [C_RAM] = OSTK_COL("ram", "RAM", COL_BYTES, COL_RIGHT, NULL, "Memory"),
    [C_DISK] = OSTK_COL("disk", "DISK", COL_BYTES, COL_RIGHT, NULL, "Root disk"),
    [C_EPHEMERAL] = OSTK_COL("ephemeral", "EPHEMERAL", COL_BYTES, COL_RIGHT, NULL,
                             "Second disk that dies with the server"),
    [C_SWAP] = OSTK_COL("swap", "SWAP", COL_BYTES, COL_RIGHT | COL_WIDE, NULL, "Swap"),
    [C_PUBLIC] = OSTK_COL("public", "PUBLIC", COL_TEXT, COL_INTERN, "os-flavor-access:is_public", "For all projects"),
    [C_SPECS] = OSTK_COL("properties", "PROPERTIES", COL_TEXT, 0, NULL, "Extra specs"),
    [C_RXTX] = OSTK_COL("rxtx", "RXTX", COL_TEXT, COL_WIDE, "rxtx_factor", "Bandwidth factor"),
    [C_DISABLED] = OSTK_COL("disabled", "DISABLED", COL_TEXT, COL_WIDE, "OS-FLV-DISABLED:disabled",
                            "Not for new servers"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    ostk_size_cell(rb, C_RAM, item, "ram", OSTK_MIB);
    ostk_size_cell(rb, C_DISK, item, "disk", OSTK_GIB);
    ostk_size_cell(rb, C_EPHEMERAL, item, "OS-FLV-EXT-DATA:ephemeral", OSTK_GIB);
    ostk_size_cell(rb, C_SWAP, item, "swap", OSTK_MIB);
    ostk_map_cell(rb, C_SPECS, ostk_json(item, "extra_specs"));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/flavors/detail?is_public=None", .list_key = "flavors", .item_path = "/flavors/%s",
    .item_key = "flavor", .paging = OSTK_MARKER, .microversion = "2.93", .poll_s = 120, .decode = decode,
};
static const char *const aliases[] = {"flavors", NULL};
const struct kind kind_ostk_flavor = {
    .id = "flavor", .singular = "flavor", .title = "Flavors", .aliases = aliases,
    .help = "Sizes of servers", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
