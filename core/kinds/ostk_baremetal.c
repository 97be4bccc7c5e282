/* baremetal: Ironic's nodes. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_PROV, C_POWER, C_MAINT, C_INST, C_CLASS, C_CPUS, C_MEM, C_DISK, C_COND, C_ERR, C_AGE,
       C_PROJECT, C_TARGET, C_TPOWER, C_DRIVER, C_GROUP, C_LOCK, C_TRAITS, C_SINCE, C_DESC, C_ID, C_INST_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_PROV] = OSTK_COL("provision", "PROVISION", COL_TEXT, COL_STATE | COL_INTERN, "provision_state",
                  "Provisioning state"),
    [C_POWER] = OSTK_COL("power", "POWER", COL_TEXT, COL_INTERN, "power_state", "Power state"),
    [C_MAINT] = OSTK_COL("maintenance", "MAINTENANCE", COL_TEXT, COL_INTERN, "maintenance", "In maintenance"),
    [C_INST] = OSTK_COL("instance", "INSTANCE", COL_TEXT, 0, NULL, "Server on it"),
    [C_CLASS] = OSTK_COL("class", "CLASS", COL_TEXT, COL_INTERN, "resource_class", "Resource class"),
    [C_CPUS] = OSTK_COL("cpus", "CPUS", COL_INT, COL_RIGHT, "properties.cpus", "CPUs"),
    [C_MEM] = OSTK_COL("memory", "MEM", COL_BYTES, COL_RIGHT, NULL, "Memory"),
    [C_DISK] = OSTK_COL("disk", "DISK", COL_BYTES, COL_RIGHT, NULL, "Disk"),
    [C_COND] = OSTK_COL("conductor", "CONDUCTOR", COL_TEXT, COL_INTERN, "conductor", "Conductor in charge"),
    [C_ERR] = OSTK_COL("error", "LAST ERROR", COL_TEXT, 0, NULL, "Last error, fault or reason of maintenance"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_PROJECT] = OSTK_COL("project", "OWNER", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "Owner"),
    [C_TARGET] = OSTK_COL("target", "TARGET", COL_TEXT, COL_WIDE | COL_INTERN, "target_provision_state",
                  "State it is going to"),
    [C_TPOWER] = OSTK_COL("target-power", "TARGET POWER", COL_TEXT, COL_WIDE | COL_INTERN, "target_power_state",
                  "Power state it is going to"),
    [C_DRIVER] = OSTK_COL("driver", "DRIVER", COL_TEXT, COL_WIDE | COL_INTERN, "driver", "Driver"),
    [C_GROUP] = OSTK_COL("conductor-group", "GROUP", COL_TEXT, COL_WIDE | COL_INTERN, "conductor_group",
                  "Conductor group"),
    [C_LOCK] = OSTK_COL("reservation", "LOCKED BY", COL_TEXT, COL_WIDE | COL_INTERN, "reservation",
                  "Conductor that holds the lock"),
    [C_TRAITS] = OSTK_COL("traits", "TRAITS", COL_TEXT, COL_WIDE, "traits", "Traits"),
    [C_SINCE] = OSTK_COL("since", "SINCE", COL_TIME, COL_WIDE, "provision_updated_at",
                  "Since the last change of provisioning"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "uuid", "Id"),
    [C_INST_ID] = OSTK_COL("instance-id", "INSTANCE ID", COL_TEXT, COL_HIDDEN, "instance_uuid", "Id of the server on it"),
};

static enum health provision_health(const char *state)
{
    static const char *const steady[] = {"active", "available", "manageable", "rescue", "adopted"};
    if (!state)
        return HEALTH_UNKNOWN;
    if (!strcmp(state, "enroll"))
        return HEALTH_NONE;
    for (size_t i = 0; i < sizeof steady / sizeof *steady; i++)
        if (!strcmp(state, steady[i]))
            return HEALTH_OK;
    if (!strcmp(state, "error") || strstr(state, "failed") || strstr(state, " fail"))
        return HEALTH_BAD;
    return HEALTH_BUSY;             /* cleaning, deploying, wait call-back, clean wait, ... */
}

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *id = ostk_json_str(item, "uuid"), *name = ostk_json_str(item, "name");
    const char *owner = ostk_json_str(item, "owner");
    const char *prov = ostk_json_str(item, "provision_state"), *fault = ostk_json_str(item, "fault");
    const char *err = ostk_json_str(item, "last_error"), *reason = ostk_json_str(item, "maintenance_reason");
    if (!id)
        return false;
    if (!name || !*name)
        name = id;
    rowbuf_id(rb, id, owner ? owner : "", name);
    rowbuf_text(rb, C_NAME, name);
    ostk_ref_cell(rb, C_INST, s, "server", ostk_json_str(item, "instance_uuid"));
    ostk_ref_cell(rb, C_PROJECT, s, "project", owner);
    ostk_size_cell(rb, C_MEM, item, "properties.memory_mb", OSTK_MIB);
    ostk_size_cell(rb, C_DISK, item, "properties.local_gb", OSTK_GIB);
    rowbuf_text(rb, C_ERR, err && *err ? err : fault && *fault ? fault : reason);
    ostk_created(rb, item, NULL);
    enum health h = provision_health(prov);
    if (fault && *fault)
        h = HEALTH_BAD;
    else if (ostk_true(item, "maintenance") && h < HEALTH_WARN)
        h = HEALTH_WARN;
    rowbuf_health(rb, h);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "baremetal", .path = "/nodes/detail", .list_key = "nodes", .item_path = "/nodes/%s",
    .id_key = "uuid", .paging = OSTK_MARKER, .microversion = "1.82", .poll_s = 20,
    .names = {"server", "project"}, .decode = decode,
};
static const char *const aliases[] = {"baremetals", "baremetal-node", "baremetal-nodes", "bm", NULL};
const struct kind kind_ostk_baremetal = {
    .id = "baremetal", .singular = "baremetal", .title = "Bare metal", .aliases = aliases,
    .help = "Physical nodes of Ironic", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
