/* availability-zone: Nova's availability zones. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATE };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, "zoneName", "Name"),
    [C_STATE] = OSTK_COL("state", "STATE", COL_TEXT, COL_STATE | COL_INTERN, NULL, "available or not available"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    const char *name = ostk_json_str(item, "zoneName");
    if (!name)
        return false;
    rowbuf_id(rb, name, "", name);
    bool ok = ostk_true(item, "zoneState.available");
    rowbuf_text(rb, C_STATE, ok ? "available" : "not available");
    rowbuf_health(rb, ok ? HEALTH_OK : HEALTH_WARN);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/os-availability-zone", .path_all = "/os-availability-zone/detail",
    .list_key = "availabilityZoneInfo", .id_key = "zoneName", .microversion = "2.93", .poll_s = 60, .decode = decode,
};
static const char *const aliases[] = {"availability-zones", "az", NULL};
const struct kind kind_ostk_zone = {
    .id = "availability-zone", .singular = "availability-zone", .title = "Availability zones", .aliases = aliases,
    .help = "Availability zones of Nova", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
