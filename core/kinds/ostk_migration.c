/* migration: live and cold migrations, resizes and evacuations of all servers, finished ones included. */
#include <stdio.h>
#include <strings.h>

#include "core/openstack/kind_util.h"

enum { C_ID, C_SERVER, C_TYPE, C_STATUS, C_HINT, C_SOURCE, C_DEST, C_PROJECT, C_AGE, C_UPDATED, C_SOURCE_NODE,
       C_DEST_NODE, C_DEST_HOST, C_OLD, C_NEW, C_USER, C_UUID };

static const struct column columns[] = {
    [C_ID] = OSTK_COL("id", "ID", COL_INT, COL_RIGHT, "id", "Number, as the migration commands want it"),
    [C_SERVER] = OSTK_COL("server", "SERVER", COL_TEXT, 0, NULL, "Server that moves"),
    [C_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_INTERN, "migration_type",
                        "live-migration, migration, resize, evacuation"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_HINT] = OSTK_COL("hint", "HINT", COL_TEXT, COL_INTERN, NULL, "Where it is on its way"),
    [C_SOURCE] = OSTK_COL("source", "FROM", COL_TEXT, COL_INTERN, "source_compute", "Host it leaves"),
    [C_DEST] = OSTK_COL("dest", "TO", COL_TEXT, COL_INTERN, "dest_compute", "Host it goes to"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project of the server"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, COL_SORT, NULL, "Since it was asked for"),
    [C_UPDATED] = OSTK_COL("updated", "UPDATED", COL_TIME, 0, "updated_at", "Since its last step"),
    [C_SOURCE_NODE] = OSTK_COL("source-node", "FROM NODE", COL_TEXT, COL_WIDE | COL_INTERN, "source_node",
                               "Node it leaves"),
    [C_DEST_NODE] = OSTK_COL("dest-node", "TO NODE", COL_TEXT, COL_WIDE | COL_INTERN, "dest_node", "Node it goes to"),
    [C_DEST_HOST] = OSTK_COL("dest-host", "TO ADDRESS", COL_TEXT, COL_WIDE | COL_INTERN, "dest_host",
                             "Address it goes to"),
    [C_OLD] = OSTK_COL("old-flavor", "OLD FLAVOR", COL_INT, COL_WIDE, "old_instance_type_id",
                       "Internal number of the old flavor"),
    [C_NEW] = OSTK_COL("new-flavor", "NEW FLAVOR", COL_INT, COL_WIDE, "new_instance_type_id",
                       "Internal number of the new flavor"),
    [C_USER] = OSTK_COL("user", "USER", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "Who asked for it"),
    [C_UUID] = OSTK_COL("uuid", "UUID", COL_TEXT, COL_WIDE, "uuid", "Id"),
};

static const struct { const char *status; enum health health; const char *hint; } steps[] = {
    {"accepted", HEALTH_BUSY, "waiting for a host"},
    {"queued", HEALTH_BUSY, "waiting for its turn"},
    {"preparing", HEALTH_BUSY, "checks before the move"},
    {"running", HEALTH_BUSY, "memory is being copied"},
    {"pre-migrating", HEALTH_BUSY, "destination is being prepared"},
    {"migrating", HEALTH_BUSY, "disk is being moved"},
    {"post-migrating", HEALTH_BUSY, "starting on the destination"},
    {"finished", HEALTH_BUSY, "waits for confirm or revert"},
    {"confirming", HEALTH_BUSY, "clearing the source"},
    {"reverting", HEALTH_BUSY, "going back"},
    {"completed", HEALTH_DONE, NULL},
    {"confirmed", HEALTH_DONE, NULL},
    {"reverted", HEALTH_DONE, NULL},
    {"done", HEALTH_DONE, NULL},
    {"cancelled", HEALTH_DONE, "aborted on request"},
    {"error", HEALTH_WARN, "see the server's actions"},     /* old failures stay listed for ever: no alarm */
    {"failed", HEALTH_WARN, "see the server's actions"},
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *uuid = ostk_json_str(item, "uuid"), *status = ostk_json_str(item, "status");
    const char *project = ostk_json_str(item, "project_id");
    int64_t id = ostk_json_int(item, "id", -1);
    char name[32];
    snprintf(name, sizeof name, "%lld", (long long)id);
    rowbuf_id(rb, uuid ? uuid : name, project ? project : "", name);
    ostk_ref_cell(rb, C_SERVER, s, "server", ostk_json_str(item, "instance_uuid"));
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    ostk_ref_cell(rb, C_USER, s, "user", ostk_json_str(item, "user_id"));
    ostk_created(rb, item, NULL);
    enum health h = HEALTH_UNKNOWN;
    for (size_t i = 0; status && i < sizeof steps / sizeof *steps; i++)
        if (!strcasecmp(status, steps[i].status)) {
            h = steps[i].health;
            rowbuf_text(rb, C_HINT, steps[i].hint);
        }
    rowbuf_health(rb, h);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/os-migrations", .list_key = "migrations", .id_key = "uuid", .paging = OSTK_MARKER,
    .microversion = "2.80", .changes_since = "changes-since", .poll_s = 10, .full_s = 300,
    .names = {"server"}, .decode = decode,
};
static const char *const aliases[] = {"migrations", "server-migration", "server-migrations", "mig", NULL};
const struct kind kind_ostk_migration = {
    .id = "migration", .singular = "migration", .title = "Migrations", .aliases = aliases,
    .help = "Moves of servers between hosts: live, cold, resize, evacuation", .plane = PLANE_OPENSTACK, .flags = KIND_HISTORY,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
