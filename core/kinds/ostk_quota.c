/* quota: what each project uses of what it may have, of Nova, Cinder and Neutron. Rows come from the driver
 * (core/openstack/quota.c). Cells are "used/limit", -1 = no limit, as the CLI writes it. */
#include "core/openstack/kind_util.h"
#include "core/openstack/quota_priv.h"

#define Q(id_, title_, flags_, help_) OSTK_COL(id_, title_, COL_TEXT, COL_RIGHT | (flags_), NULL, help_)

static const struct column columns[] = {
    [QUOTA_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SORT, NULL, "Project"),
    [QUOTA_USED] = OSTK_COL("used", "USED", COL_PERCENT, COL_RIGHT | COL_STATE, NULL, "Share of the limit it is nearest to"),
    [QUOTA_MOST] = OSTK_COL("most", "OF", COL_TEXT, COL_INTERN, NULL, "Which limit that is"),
    [QUOTA_INSTANCES] = Q("instances", "VMS", 0, "Servers"),
    [QUOTA_CORES] = Q("cores", "CORES", 0, "vCPUs"),
    [QUOTA_RAM] = Q("ram", "RAM MIB", 0, "Memory in MiB"),
    [QUOTA_VOLUMES] = Q("volumes", "VOLUMES", 0, "Volumes"),
    [QUOTA_GIGABYTES] = Q("gigabytes", "GIB", 0, "GiB of volumes and snapshots"),
    [QUOTA_SNAPSHOTS] = Q("snapshots", "SNAPSHOTS", 0, "Volume snapshots"),
    [QUOTA_FIPS] = Q("floating-ips", "FLOATING IPS", 0, "Floating IPs"),
    [QUOTA_PORTS] = Q("ports", "PORTS", 0, "Ports"),
    [QUOTA_NETWORKS] = Q("networks", "NETWORKS", COL_WIDE, "Networks"),
    [QUOTA_ROUTERS] = Q("routers", "ROUTERS", COL_WIDE, "Routers"),
    [QUOTA_SUBNETS] = Q("subnets", "SUBNETS", COL_WIDE, "Subnets"),
    [QUOTA_GROUPS] = Q("security-groups", "GROUPS", COL_WIDE, "Security groups"),
    [QUOTA_RULES] = Q("rules", "RULES", COL_WIDE, "Security group rules"),
    [QUOTA_BACKUPS] = Q("backups", "BACKUPS", COL_WIDE, "Volume backups"),
    [QUOTA_SERVER_GROUPS] = Q("server-groups", "SERVER GROUPS", COL_WIDE, "Server groups"),
    [QUOTA_KEYS] = Q("keypairs", "KEYS", COL_WIDE, "Key pairs of a user"),
    [QUOTA_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, NULL, "Id of the project"),
};

static const struct ostk_kind ostk = {
    .service = "compute", .microversion = "2.93",
    .poll_s = 60, .driver = &ostk_quota_driver,
};
static const char *const aliases[] = {"quotas", NULL};
const struct kind kind_ostk_quota = {
    .id = "quota", .singular = "quota", .title = "Quotas", .aliases = aliases,
    .help = "Usage and limits per project, of compute, volumes and network", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
