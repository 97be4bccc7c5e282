/* volume: Cinder's volumes of all projects where allowed. */
#include <string.h>

#include <jansson.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_SIZE, C_TYPE, C_ATTACHED, C_BOOT, C_HOST, C_PROJECT, C_AGE, C_AZ, C_MIGRATION, C_MULTI,
       C_CRYPT, C_META, C_DESC, C_ID, C_SERVERS, C_CHANGED, C_SNAPSHOT };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_SIZE] = OSTK_COL("size", "SIZE", COL_BYTES, COL_RIGHT, NULL, "Size"),
    [C_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_INTERN, "volume_type", "Volume type"),
    [C_ATTACHED] = OSTK_COL("attached", "ATTACHED TO", COL_TEXT, 0, NULL, "Servers and devices"),
    [C_BOOT] = OSTK_COL("bootable", "BOOT", COL_TEXT, COL_INTERN, "bootable", "Can a server boot from it"),
    [C_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_INTERN, "os-vol-host-attr:host", "host@backend#pool (admin)"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_AZ] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_WIDE | COL_INTERN, "availability_zone", "Availability zone"),
    [C_MIGRATION] = OSTK_COL("migration", "MIGRATION", COL_TEXT, COL_WIDE | COL_INTERN, "migration_status",
                             "Volume migration"),
    [C_MULTI] = OSTK_COL("multiattach", "MULTI", COL_TEXT, COL_WIDE | COL_INTERN, "multiattach",
                         "Several servers at once"),
    [C_CRYPT] = OSTK_COL("encrypted", "CRYPT", COL_TEXT, COL_WIDE | COL_INTERN, "encrypted", "Encrypted"),
    [C_META] = OSTK_COL("properties", "PROPERTIES", COL_TEXT, COL_WIDE, NULL, "Metadata"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
    [C_SERVERS] = OSTK_COL("server-ids", "SERVER IDS", COL_TEXT, COL_HIDDEN, NULL, "Ids of the servers it is attached to"),
    [C_SNAPSHOT] = OSTK_COL("snapshot-id", "SNAPSHOT ID", COL_TEXT, COL_HIDDEN, "snapshot_id", "Snapshot it was made from"),
    [C_CHANGED] = OSTK_COL("changed", "CHANGED", COL_TIME, COL_HIDDEN, "updated_at", "Since Cinder changed its record"),
};

static void attached(struct rowbuf *rb, const struct json_t *list, struct ostk_source *s)
{
    struct str t, ids;
    size_t i;
    json_t *a;
    str_init(&t, 4096);
    str_init(&ids, 4096);
    json_array_foreach(list, i, a) {
        const char *dev = ostk_json_str(a, "device");
        str_addf(&t, "%s%s", t.len ? ", " : "", ostk_ref(s, "server", ostk_json_str(a, "server_id")));
        if (dev)
            str_addf(&t, " %s", dev);
        if (ostk_json_str(a, "server_id"))
            str_addf(&ids, "%s%s", ids.len ? "," : "", ostk_json_str(a, "server_id"));
    }
    if (ids.len && !ids.failed)
        rowbuf_textn(rb, C_SERVERS, ids.data, ids.len);
    str_release(&ids);
    if (t.len && !t.failed)
        rowbuf_textn(rb, C_ATTACHED, t.data, t.len);
    str_release(&t);
}

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *id = ostk_json_str(item, "id"), *name = ostk_json_str(item, "name");
    const char *status = ostk_json_str(item, "status"), *mig = ostk_json_str(item, "migration_status");
    const char *project = ostk_json_str(item, "os-vol-tenant-attr:tenant_id");
    if (!id)
        return false;
    if (!name || !*name)
        name = id;
    rowbuf_id(rb, id, project ? project : "", name);
    rowbuf_text(rb, C_NAME, name);
    ostk_size_cell(rb, C_SIZE, item, "size", OSTK_GIB);
    attached(rb, ostk_json(item, "attachments"), s);
    ostk_project_cell(rb, C_PROJECT, s, item, "os-vol-tenant-attr:tenant_id");
    ostk_map_cell(rb, C_META, ostk_json(item, "metadata"));
    ostk_created(rb, item, NULL);
    enum health h = ostk_status_health(status);
    if (h == HEALTH_OK && mig && !strcmp(mig, "error"))
        h = HEALTH_WARN;
    rowbuf_health(rb, h);
    if (status && !strcmp(status, "deleting"))
        rowbuf_flag(rb, ROW_DELETING);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "block-storage", .path = "/volumes/detail", .path_all = "?all_tenants=1",
    .list_key = "volumes", .item_path = "/volumes/%s", .item_key = "volume", .paging = OSTK_MARKER,
    .microversion = "3.70", .poll_s = 15,
    .names = {"server"}, .decode = decode,
};
static const char *const aliases[] = {"volumes", "vol", NULL};
const struct kind kind_ostk_volume = {
    .id = "volume", .singular = "volume", .title = "Volumes", .aliases = aliases,
    .help = "Block storage volumes and what they are attached to", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
