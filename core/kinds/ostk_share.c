/* share: Manila's shares of all projects where allowed. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_SIZE, C_PROTO, C_TYPE, C_HOST, C_PROJECT, C_AGE, C_ZONE, C_ACCESS, C_TASK, C_NETWORK, C_GROUP, C_REPLICAS, C_PUBLIC, C_META, C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_SIZE] = OSTK_COL("size", "SIZE", COL_BYTES, COL_RIGHT, NULL, "Size"),
    [C_PROTO] = OSTK_COL("proto", "PROTO", COL_TEXT, COL_INTERN, "share_proto", "Protocol it is mounted by"),
    [C_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_INTERN, NULL, "Share type"),
    [C_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_INTERN, "host", "host@backend#pool (admin)"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_ZONE] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_WIDE | COL_INTERN, "availability_zone", "Availability zone"),
    [C_ACCESS] = OSTK_COL("access", "ACCESS", COL_TEXT, COL_WIDE | COL_INTERN, "access_rules_status", "Are its access rules in force"),
    [C_TASK] = OSTK_COL("task", "TASK", COL_TEXT, COL_WIDE | COL_INTERN, "task_state", "Migration that is under way"),
    [C_NETWORK] = OSTK_COL("share-network", "SHARE NETWORK", COL_TEXT, COL_WIDE, "share_network_id", "Share network it is reached by"),
    [C_GROUP] = OSTK_COL("share-group", "SHARE GROUP", COL_TEXT, COL_WIDE, "share_group_id", "Share group it is part of"),
    [C_REPLICAS] = OSTK_COL("replicas", "REPLICAS", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "Kind of its replication, where it has replicas"),
    [C_PUBLIC] = OSTK_COL("public", "PUBLIC", COL_TEXT, COL_WIDE | COL_INTERN, "is_public", "Do other projects see it"),
    [C_META] = OSTK_COL("properties", "PROPERTIES", COL_TEXT, COL_WIDE, NULL, "Metadata"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

/* Words that Manila alone has; the others mean what they do in Cinder. */
static enum health health_of(const char *status)
{
    static const struct { const char *word; enum health h; } words[] = {
        {"inactive", HEALTH_WARN}, {"awaiting_transfer", HEALTH_WARN}, {"unmanaged", HEALTH_DONE}, {"new", HEALTH_BUSY}, {"migrating_to", HEALTH_BUSY},
        {"replication_change", HEALTH_BUSY}, {"creating_from_snapshot", HEALTH_BUSY},
    };
    for (size_t i = 0; status && i < sizeof words / sizeof *words; i++)
        if (!strcmp(status, words[i].word))
            return words[i].h;
    return ostk_status_health(status);
}

static bool is(const struct json_t *item, const char *key, const char *word)
{
    const char *s = ostk_json_str(item, key);
    return s && !strcmp(s, word);
}

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *status = ostk_json_str(item, "status"), *type = ostk_json_str(item, "share_type_name");      /* since 2.6; before, share_type is the name */
    if (!ostk_json_str(item, "id"))
        return false;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_size_cell(rb, C_SIZE, item, "size", OSTK_GIB);
    rowbuf_text(rb, C_TYPE, type ? type : ostk_json_str(item, "share_type"));
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    if (ostk_true(item, "has_replicas"))
        rowbuf_text(rb, C_REPLICAS, ostk_json_str(item, "replication_type"));
    ostk_map_cell(rb, C_META, ostk_json(item, "metadata"));
    ostk_created(rb, item, NULL);
    enum health h = health_of(status);
    if (h == HEALTH_OK && (is(item, "access_rules_status", "error") || is(item, "task_state", "migration_error")))
        h = HEALTH_WARN;
    rowbuf_health(rb, h);
    if (status && (!strcmp(status, "deleting") || !strcmp(status, "deferred_deleting")))
        rowbuf_flag(rb, ROW_DELETING);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "shared-file-system", .path = "/shares/detail", .path_all = "?all_tenants=1",
    .list_key = "shares", .item_path = "/shares/%s", .item_key = "share", .paging = OSTK_OFFSET,
    .microversion = "2.69", .poll_s = 15, .decode = decode,
};
static const char *const aliases[] = {"shares", NULL};
const struct kind kind_ostk_share = {
    .id = "share", .singular = "share", .title = "Shares", .aliases = aliases,
    .help = "Shared file systems of Manila", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
