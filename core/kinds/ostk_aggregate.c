/* aggregate: Nova's host aggregates. */
#include <stdio.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_ZONE, C_HOSTS, C_META, C_AGE, C_ID, C_UUID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, "name", "Name"),
    [C_ZONE] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_INTERN, "availability_zone", "Availability zone it makes"),
    [C_HOSTS] = OSTK_COL("hosts", "HOSTS", COL_TEXT, 0, "hosts", "Hosts"),
    [C_META] = OSTK_COL("properties", "PROPERTIES", COL_TEXT, 0, NULL, "Metadata"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_ID] = OSTK_COL("id", "ID", COL_INT, COL_WIDE, "id", "Number"),
    [C_UUID] = OSTK_COL("uuid", "UUID", COL_TEXT, COL_WIDE, "uuid", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    const char *uuid = ostk_json_str(item, "uuid"), *name = ostk_json_str(item, "name");
    char num[32];
    snprintf(num, sizeof num, "%lld", (long long)ostk_json_int(item, "id", -1));
    rowbuf_id(rb, uuid ? uuid : num, "", name ? name : num);
    ostk_map_cell(rb, C_META, ostk_json(item, "metadata"));
    ostk_created(rb, item, NULL);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/os-aggregates", .list_key = "aggregates", .id_key = "uuid",
    .microversion = "2.93", .poll_s = 60, .decode = decode,
};
static const char *const aliases[] = {"aggregates", NULL};
const struct kind kind_ostk_aggregate = {
    .id = "aggregate", .singular = "aggregate", .title = "Aggregates", .aliases = aliases,
    .help = "Host aggregates", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
