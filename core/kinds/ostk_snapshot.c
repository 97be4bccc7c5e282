/* snapshot: Cinder's volume snapshots. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_SIZE, C_VOLUME, C_PROJECT, C_AGE, C_PROGRESS, C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_SIZE] = OSTK_COL("size", "SIZE", COL_BYTES, COL_RIGHT, NULL, "Size"),
    [C_VOLUME] = OSTK_COL("volume", "VOLUME", COL_TEXT, 0, NULL, "Volume it was taken of"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_PROGRESS] = OSTK_COL("progress", "PROGRESS", COL_TEXT, COL_WIDE | COL_INTERN,
                            "os-extended-snapshot-attributes:progress",
                  "Progress"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", "os-extended-snapshot-attributes:project_id");
    ostk_project_cell(rb, C_PROJECT, s, item, "os-extended-snapshot-attributes:project_id");
    ostk_size_cell(rb, C_SIZE, item, "size", OSTK_GIB);
    ostk_ref_cell(rb, C_VOLUME, s, "volume", ostk_json_str(item, "volume_id"));
    ostk_created(rb, item, NULL);
    rowbuf_health(rb, ostk_status_health(ostk_json_str(item, "status")));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "block-storage", .path = "/snapshots/detail", .path_all = "?all_tenants=1",
    .list_key = "snapshots", .item_path = "/snapshots/%s", .item_key = "snapshot", .paging = OSTK_MARKER,
    .microversion = "3.70", .poll_s = 30,
    .names = {"volume"}, .decode = decode,
};
static const char *const aliases[] = {"snapshots", "volume-snapshot", "volume-snapshots", NULL};
const struct kind kind_ostk_snapshot = {
    .id = "snapshot", .singular = "snapshot", .title = "Snapshots", .aliases = aliases,
    .help = "Snapshots of volumes", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
