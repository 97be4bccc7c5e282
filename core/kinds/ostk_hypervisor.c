/* hypervisor: Nova's hosts. 2.87 is the newest microversion that still tells vCPUs, memory and running VMs; newer
 * servers answer it, and what a driver does not tell stays empty. */
#include <strings.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATE, C_STATUS, C_TYPE, C_IP, C_CPU_USED, C_CPUS, C_MEM_USED, C_MEM, C_VMS, C_REASON, C_DISK_USED,
       C_DISK, C_HOST, C_VERSION, C_WORKLOAD, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, "hypervisor_hostname", "Hypervisor host name"),
    [C_STATE] = OSTK_COL("state", "STATE", COL_TEXT, COL_STATE | COL_INTERN, "state", "up or down, by its heartbeat"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_INTERN, "status", "enabled or disabled for new VMs"),
    [C_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_INTERN, "hypervisor_type", "Hypervisor type"),
    [C_IP] = OSTK_COL("host-ip", "HOST IP", COL_TEXT, 0, "host_ip", "Address of the host"),
    [C_CPU_USED] = OSTK_COL("vcpus-used", "VCPU USED", COL_INT, COL_RIGHT, "vcpus_used", "vCPUs given to VMs"),
    [C_CPUS] = OSTK_COL("vcpus", "VCPU", COL_INT, COL_RIGHT, "vcpus", "CPUs of the host, without overcommit"),
    [C_MEM_USED] = OSTK_COL("memory-used", "MEM USED", COL_BYTES, COL_RIGHT, NULL, "Memory given to VMs"),
    [C_MEM] = OSTK_COL("memory", "MEM", COL_BYTES, COL_RIGHT, NULL, "Memory of the host"),
    [C_VMS] = OSTK_COL("vms", "VMS", COL_INT, COL_RIGHT, "running_vms", "VMs on the host"),
    [C_REASON] = OSTK_COL("reason", "REASON", COL_TEXT, 0, "service.disabled_reason", "Why it is disabled"),
    [C_DISK_USED] = OSTK_COL("disk-used", "DISK USED", COL_BYTES, COL_RIGHT | COL_WIDE, NULL,
                             "Local disk given to VMs"),
    [C_DISK] = OSTK_COL("disk", "DISK", COL_BYTES, COL_RIGHT | COL_WIDE, NULL, "Local disk of the host"),
    [C_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_WIDE, "service.host", "Host of its nova-compute"),
    [C_VERSION] = OSTK_COL("version", "VERSION", COL_INT, COL_WIDE, "hypervisor_version", "Hypervisor version"),
    [C_WORKLOAD] = OSTK_COL("workload", "WORKLOAD", COL_INT, COL_WIDE, "current_workload",
                            "Builds and moves under way"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    ostk_size_cell(rb, C_MEM_USED, item, "memory_mb_used", OSTK_MIB);
    ostk_size_cell(rb, C_MEM, item, "memory_mb", OSTK_MIB);
    ostk_size_cell(rb, C_DISK_USED, item, "local_gb_used", OSTK_GIB);
    ostk_size_cell(rb, C_DISK, item, "local_gb", OSTK_GIB);
    const char *state = ostk_json_str(item, "state"), *status = ostk_json_str(item, "status");
    const char *id = ostk_json_str(item, "id"), *name = ostk_json_str(item, "hypervisor_hostname");
    if (id)
        rowbuf_id(rb, id, "", name ? name : id);
    bool disabled = status && !strcasecmp(status, "disabled");
    rowbuf_health(rb, !state ? HEALTH_UNKNOWN : ostk_agent_health(!strcasecmp(state, "up"), disabled, false));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/os-hypervisors/detail", .list_key = "hypervisors",
    .item_path = "/os-hypervisors/%s", .item_key = "hypervisor", .paging = OSTK_MARKER, .microversion = "2.87",
    .poll_s = 15, .stirs = "server", .decode = decode,        /* host_status */
};
static const char *const aliases[] = {"hypervisors", "hv", NULL};
const struct kind kind_ostk_hypervisor = {
    .id = "hypervisor", .singular = "hypervisor", .title = "Hypervisors", .aliases = aliases,
    .help = "Compute hosts with their capacity and use", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
