/* Servers (VMs), as `openstack server list --long` shows them, and the fault text that dashboards hide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/openstack/kind_util.h"
#include "core/openstack/ostk.h"
#include "strata/str.h"
#include "strata/text.h"

enum { C_NAME, C_STATUS, C_TASK, C_POWER, C_HOST, C_FLAVOR, C_ADDRESSES, C_PROJECT, C_AGE, C_FAULT, C_ID, C_VM_STATE, C_AZ,
       C_HYPERVISOR, C_IMAGE, C_KEY, C_USER, C_LOCKED, C_PROGRESS, C_HOST_STATUS, C_CREATED, C_UPDATED, C_TAGS, C_VCPUS, C_RAM, C_SINCE, C_VOLUMES, C_IMAGE_ID, C_COUNT };

static const struct column columns[C_COUNT] = {
    [C_NAME] = {.id = "name", .title = "NAME", .help = "Name of the server.", .type = COL_TEXT, .flags = COL_SORT, .max_width = 40},
    [C_STATUS] = {.id = "status", .title = "STATUS", .help = "Nova's status word.", .type = COL_TEXT, .path = "status",
                  .flags = COL_STATE | COL_INTERN, .max_width = 18},
    [C_TASK] = {.id = "task", .title = "TASK", .help = "What nova is doing to it right now.", .type = COL_TEXT,
                .path = "OS-EXT-STS:task_state", .flags = COL_INTERN, .max_width = 24},
    [C_POWER] = {.id = "power", .title = "POWER", .help = "Power state as the hypervisor reports it.", .type = COL_TEXT,
                 .flags = COL_INTERN, .max_width = 10},
    [C_HOST] = {.id = "host", .title = "HOST", .help = "Compute host it runs on (admins see it).", .type = COL_TEXT,
                .path = "OS-EXT-SRV-ATTR:host", .flags = COL_INTERN, .max_width = 32},
    [C_FLAVOR] = {.id = "flavor", .title = "FLAVOR", .help = "Flavor it was made with.", .type = COL_TEXT, .flags = COL_INTERN,
                  .max_width = 24},
    [C_ADDRESSES] = {.id = "addresses", .title = "ADDRESSES", .help = "Addresses by network.", .type = COL_TEXT, .max_width = 60},
    [C_PROJECT] = {.id = "project", .title = "PROJECT", .help = "Project it belongs to.", .type = COL_TEXT,
                   .flags = COL_SCOPE | COL_INTERN, .max_width = 32},
    [C_AGE] = {.id = "age", .title = "AGE", .help = "Time since it was created.", .type = COL_TIME},
    [C_FAULT] = {.id = "fault", .title = "FAULT", .help = "Why it is in ERROR, in nova's words.", .type = COL_TEXT, .path = "fault.message",
                 .max_width = 80},
    [C_ID] = {.id = "id", .title = "ID", .help = "UUID.", .type = COL_TEXT, .path = "id", .flags = COL_WIDE, .max_width = 36},
    [C_VM_STATE] = {.id = "vm_state", .title = "VM STATE", .help = "Nova's inner state.", .type = COL_TEXT,
                    .path = "OS-EXT-STS:vm_state", .flags = COL_HIDDEN | COL_INTERN},
    [C_AZ] = {.id = "az", .title = "AZ", .help = "Availability zone.", .type = COL_TEXT, .path = "OS-EXT-AZ:availability_zone",
              .flags = COL_WIDE | COL_INTERN},
    [C_HYPERVISOR] = {.id = "hypervisor_hostname", .title = "HYPERVISOR", .help = "Hypervisor's own name of the host.", .type = COL_TEXT,
                      .path = "OS-EXT-SRV-ATTR:hypervisor_hostname", .flags = COL_HIDDEN | COL_INTERN},
    [C_IMAGE] = {.id = "image", .title = "IMAGE", .help = "Image it was made from.", .type = COL_TEXT, .flags = COL_WIDE | COL_INTERN,
                 .max_width = 40},
    [C_KEY] = {.id = "key", .title = "KEY", .help = "Key pair.", .type = COL_TEXT, .path = "key_name", .flags = COL_HIDDEN | COL_INTERN},
    [C_USER] = {.id = "user", .title = "USER", .help = "Id of the user who made it.", .type = COL_TEXT, .path = "user_id",
                .flags = COL_HIDDEN | COL_INTERN},
    [C_LOCKED] = {.id = "locked", .title = "LOCKED", .help = "Locked against actions.", .type = COL_TEXT, .path = "locked",
                  .flags = COL_WIDE | COL_INTERN},
    [C_PROGRESS] = {.id = "progress", .title = "PROGRESS", .help = "How far the task is, where nova says so.", .type = COL_PERCENT,
                    .flags = COL_WIDE | COL_RIGHT},
    [C_HOST_STATUS] = {.id = "host_status", .title = "HOST STATUS", .help = "UP, DOWN, UNKNOWN or MAINTENANCE (admins see it).",
                       .type = COL_TEXT, .path = "host_status", .flags = COL_WIDE | COL_INTERN},
    [C_CREATED] = {.id = "created", .title = "CREATED", .help = "When it was created.", .type = COL_STAMP, .path = "created",
                   .flags = COL_HIDDEN},
    [C_UPDATED] = {.id = "updated", .title = "UPDATED", .help = "When nova last changed its record.", .type = COL_STAMP, .path = "updated",
                   .flags = COL_HIDDEN},
    [C_SINCE] = {.id = "since", .title = "SINCE", .help = "Since it is in this state, as far as nova tells.", .type = COL_TIME, .flags = COL_HIDDEN},
    [C_VOLUMES] = {.id = "volumes", .title = "VOLUMES", .help = "Ids of the volumes that nova says are attached to it.", .type = COL_TEXT, .flags = COL_HIDDEN},
    [C_IMAGE_ID] = {.id = "image-id", .title = "IMAGE ID", .help = "Id of the image it was made from.", .type = COL_TEXT, .path = "image.id", .flags = COL_HIDDEN | COL_INTERN},
    [C_TAGS] = {.id = "tags", .title = "TAGS", .help = "Server tags.", .type = COL_TEXT, .path = "tags", .flags = COL_HIDDEN},
    [C_VCPUS] = {.id = "vcpus", .title = "VCPU", .help = "vCPUs of its flavor.", .type = COL_INT, .path = "flavor.vcpus", .flags = COL_HIDDEN | COL_RIGHT},
    [C_RAM] = {.id = "ram", .title = "RAM", .help = "Memory of its flavor, MiB.", .type = COL_INT, .path = "flavor.ram", .flags = COL_HIDDEN | COL_RIGHT},
};

#define STUCK_MS (30 * 60000)      /* a task that moved nothing for so long does not end by itself */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "net=ip, ip; net2=ip", networks and addresses sorted as openstackclient prints them. */
static void addresses(struct rowbuf *rb, const json_t *item)
{
    const json_t *nets = ostk_json(item, "addresses");
    const char *names[64], *ips[64], *key;
    size_t n = 0;
    json_t *list, *e;
    struct str s;
    str_init(&s, 1 << 16);
    json_object_foreach((json_t *)nets, key, list) {
        if (n < 64)
            names[n++] = key;
    }
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++) {
        size_t m = 0, j;
        list = json_object_get((json_t *)nets, names[i]);
        json_array_foreach(list, j, e) {
            const char *a = ostk_json_str(e, "addr");
            if (a && m < 64)
                ips[m++] = a;
        }
        qsort(ips, m, sizeof *ips, by_text);
        str_addf(&s, "%s%s=", i ? "; " : "", names[i]);
        for (j = 0; j < m; j++)
            str_addf(&s, "%s%s", j ? ", " : "", ips[j]);
    }
    if (s.len && !s.failed)
        rowbuf_textn(rb, C_ADDRESSES, s.data, s.len);
    str_release(&s);
}

static bool is(const char *s, const char *words)      /* s is one of "|A|B|" */
{
    char buf[40];
    snprintf(buf, sizeof buf, "|%.30s|", s);
    return strstr(words, buf) != NULL;
}

static enum health health(const json_t *item, const char *status, const char *task, int64_t now_ms)
{
    const char *host = ostk_json_str(item, "host_status"), *updated = ostk_json_str(item, "updated");
    int64_t power = ostk_json_int(item, "OS-EXT-STS:power_state", -1), ms;
    if (!*task && is(status, "|ERROR|"))
        return HEALTH_BAD;
    if (*task || is(status, "|BUILD|REBUILD|MIGRATING|RESIZE|REVERT_RESIZE|REBOOT|HARD_REBOOT|PASSWORD|")) {
        bool stuck = updated && text_parse_time(updated, strlen(updated), &ms) && now_ms - ms > STUCK_MS;
        return stuck ? HEALTH_WARN : HEALTH_BUSY;
    }
    if (is(status, "|SHUTOFF|SHELVED|SHELVED_OFFLOADED|SOFT_DELETED|"))
        return HEALTH_DONE;
    if (is(status, "|VERIFY_RESIZE|PAUSED|SUSPENDED|RESCUE|"))
        return HEALTH_WARN;
    if (is(status, "|ACTIVE|"))
        return (host && is(host, "|DOWN|UNKNOWN|")) || power == 4 || power == 6 ? HEALTH_WARN : HEALTH_OK;
    return HEALTH_UNKNOWN;
}

/* An error began when its fault was written; what is ACTIVE, or on a host that does not report, says of itself no more than that it was. */
static const char *since(const json_t *item, struct ostk_source *os, const char *status, const char *task)
{
    const char *fault = ostk_json_str(item, "fault.created"), *host = ostk_json_str(item, "host_status");
    int64_t power = ostk_json_int(item, "OS-EXT-STS:power_state", -1);
    if (!*task && is(status, "|ERROR|") && !fault && !ostk_json_str(item, "OS-EXT-SRV-ATTR:host"))
        fault = ostk_name(os, "fault-created", ostk_json_str(item, "id"));
    if (!*task && is(status, "|ERROR|") && fault && *fault)
        return fault;
    if (!*task && is(status, "|ACTIVE|") && ((host && is(host, "|DOWN|UNKNOWN|")) || (power != 4 && power != 6)))
        return NULL;
    return ostk_json_str(item, "updated");
}

static bool decode(struct rowbuf *rb, const json_t *item, struct ostk_source *os, int64_t now_ms)
{
    static const char *const powers[] = {"NOSTATE", "Running", "", "Paused", "Shutdown", "", "Crashed", "Suspended"};
    const char *status = ostk_json_str(item, "status"), *task = ostk_json_str(item, "OS-EXT-STS:task_state"), *key;
    const char *name = ostk_json_str(item, "name"), *id = ostk_json_str(item, "id"), *s;
    int64_t power = ostk_json_int(item, "OS-EXT-STS:power_state", -1), progress = ostk_json_int(item, "progress", 0);
    const json_t *image = ostk_json(item, "image");
    json_t *v;
    rowbuf_text(rb, C_NAME, name && *name ? name : id);
    if (power >= 0)       /* openstackclient says N/A for what it does not know */
        rowbuf_text(rb, C_POWER, power < 8 ? powers[power] : "N/A");
    if ((s = ostk_json_str(item, "flavor.original_name"))) {
        rowbuf_text(rb, C_FLAVOR, s);
    } else if ((s = ostk_json_str(item, "flavor.id"))) {
        const char *n = ostk_name(os, "flavor", s);
        rowbuf_text(rb, C_FLAVOR, *n ? n : s);
    }
    addresses(rb, item);
    if ((s = ostk_json_str(item, "tenant_id")) || (s = ostk_json_str(item, "project_id"))) {
        const char *n = ostk_name(os, "project", s);
        rowbuf_text(rb, C_PROJECT, *n ? n : s);
    }
    if ((s = ostk_json_str(image, "id"))) {
        const char *n = ostk_name(os, "image", s);
        rowbuf_text(rb, C_IMAGE, *n ? n : s);
    } else if (image) {
        rowbuf_text(rb, C_IMAGE, "N/A (booted from volume)");
    }
    if (!ostk_json(item, "fault") && !ostk_json_str(item, "OS-EXT-SRV-ATTR:host") && status && !strcmp(status, "ERROR"))
        rowbuf_text(rb, C_FAULT, ostk_name(os, "fault", id));
    if (task && *task && progress > 0)
        rowbuf_num(rb, C_PROGRESS, progress * 10);
    ostk_pick_cell(rb, C_VOLUMES, ostk_json(item, "os-extended-volumes:volumes_attached"), "id");
    int64_t ms;
    if ((s = since(item, os, status ? status : "", task ? task : "")) && text_parse_time(s, strlen(s), &ms))
        rowbuf_num(rb, C_SINCE, ms);
    if (task && strstr(task, "deleting"))
        rowbuf_flag(rb, ROW_DELETING);
    json_object_foreach((json_t *)ostk_json(item, "metadata"), key, v) {
        if (json_is_string(v))
            rowbuf_label(rb, key, json_string_value(v));
    }
    rowbuf_health(rb, health(item, status ? status : "UNKNOWN", task ? task : "", now_ms));
    return true;
}

static const char *const aliases[] = {"servers", "vm", "vms", NULL};

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/servers/detail", .path_all = "?all_tenants=1", .list_key = "servers",
    .item_path = "/servers/%s", .item_key = "server", .paging = OSTK_MARKER, .microversion = "2.93",
    .changes_since = "changes-since", .poll_s = 5, .full_s = 120, .decode = decode,
};

const struct kind kind_ostk_server = {
    .id = "server", .singular = "server", .title = "VMs", .aliases = aliases,
    .help = "Virtual machines of nova, of all projects where allowed.", .plane = PLANE_OPENSTACK,
    .flags = KIND_CONSOLE, .columns = columns, .ncolumns = C_COUNT, .ostk = &ostk,
};
