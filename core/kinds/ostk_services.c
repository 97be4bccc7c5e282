/* os-services: every API of the catalog and under it its agents and workers. Rows come from the driver
 * (core/openstack/services.c); this is the table. */
#include "core/openstack/kind_util.h"
#include "core/openstack/services_priv.h"

static const struct column columns[] = {
    [SVC_SERVICE] = OSTK_COL("service", "SERVICE", COL_TEXT, COL_SORT | COL_INTERN, NULL,
                             "API of the catalog, or its worker"),
    [SVC_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_INTERN, NULL, "Host; of volume workers host@backend"),
    [SVC_STATE] = OSTK_COL("state", "STATE", COL_TEXT, COL_STATE | COL_INTERN, NULL, "up or down"),
    [SVC_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_INTERN, NULL, "enabled, disabled or forced-down"),
    [SVC_SEEN] = OSTK_COL("seen", "SEEN", COL_TIME, 0, NULL, "Since the last heartbeat; of an API, since it answered"),
    [SVC_LATENCY] = OSTK_COL("latency", "LATENCY", COL_DURATION, COL_RIGHT, NULL, "Time to the API's first byte"),
    [SVC_VERSION] = OSTK_COL("version", "VERSION", COL_TEXT, COL_INTERN, NULL, "Version and range of microversions"),
    [SVC_ZONE] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_INTERN, NULL, "Availability zone"),
    [SVC_REASON] = OSTK_COL("reason", "REASON", COL_TEXT, 0, NULL, "Why it is disabled, not reachable, or its workers are not shown"),
    [SVC_BINARY] = OSTK_COL("binary", "BINARY", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "Program"),
    [SVC_CLUSTER] = OSTK_COL("cluster", "CLUSTER", COL_TEXT, COL_WIDE | COL_INTERN, NULL,
                             "Cluster of a volume worker, group of a conductor"),
    [SVC_ENDPOINT] = OSTK_COL("endpoint", "ENDPOINT", COL_TEXT, COL_WIDE, NULL, "URL of the API"),
    [SVC_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_HIDDEN | COL_INTERN, NULL, "Service type in the catalog"),
    [SVC_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, NULL, "Id of the worker"),
    [SVC_GROUP] = OSTK_COL("group", "GROUP", COL_INT, COL_HIDDEN, NULL, "Keeps an API and its workers together"),
    [SVC_WORKERS] = OSTK_COL("workers", "WORKERS", COL_TEXT, COL_HIDDEN | COL_INTERN, NULL, "Of an API: hidden, where its workers may not be seen"),
    [SVC_NETWORKS] = OSTK_COL("networks", "NETWORKS", COL_TEXT, COL_HIDDEN, NULL, "Of a DHCP agent out of service: ids of the networks it has"),
};

static const struct ostk_kind ostk = {
    .service = "identity", .list_key = "services", .poll_s = 10, .driver = &ostk_services_driver,
};
static const char *const aliases[] = {"os-service", "oss", NULL};
const struct kind kind_ostk_services = {
    .id = "os-services", .singular = "os-service", .title = "OpenStack services", .aliases = aliases,
    .help = "APIs of the catalog with their agents and workers", .plane = PLANE_OPENSTACK, .flags = KIND_TREE,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
