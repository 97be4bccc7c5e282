/* volume-service: Cinder's services by the names people use: a cinder-volume is named as its host@backend. */
#include "core/openstack/kind_util.h"
#include "core/openstack/services_priv.h"

enum { C_HOST, C_BINARY, C_ZONE, C_STATUS, C_STATE, C_BACKEND, C_SEEN, C_REASON, C_CLUSTER, C_FROZEN };

static const struct column columns[] = {
    [C_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_SORT, "host", "Host, of volume workers host@backend"),
    [C_BINARY] = OSTK_COL("binary", "BINARY", COL_TEXT, COL_INTERN, "binary", "Program"),
    [C_ZONE] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_INTERN, "zone", "Availability zone"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_INTERN, "status", "enabled or disabled for new volumes"),
    [C_STATE] = OSTK_COL("state", "STATE", COL_TEXT, COL_STATE | COL_INTERN, "state", "up or down, by its heartbeat"),
    [C_BACKEND] = OSTK_COL("backend", "BACKEND", COL_TEXT, COL_INTERN, "backend_state", "State of its storage"),
    [C_SEEN] = OSTK_COL("seen", "SEEN", COL_TIME, 0, "updated_at", "Since the last heartbeat"),
    [C_REASON] = OSTK_COL("reason", "REASON", COL_TEXT, 0, "disabled_reason", "Why it is disabled"),
    [C_CLUSTER] = OSTK_COL("cluster", "CLUSTER", COL_TEXT, COL_WIDE | COL_INTERN, "cluster", "Cluster it is part of"),
    [C_FROZEN] = OSTK_COL("frozen", "FROZEN", COL_TEXT, COL_WIDE | COL_INTERN, "frozen", "Takes no changes"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    return svc_worker_alone(rb, "block-storage", item, "cinder-volume");       /* Cinder gives them no id */
}

static const struct ostk_kind ostk = {
    .service = "block-storage", .path = "/os-services", .list_key = "services", .id_key = "binary/host", .microversion = "3.70", .poll_s = 10, .decode = decode,
};
static const char *const aliases[] = {"volume-services", "cinder-service", NULL};
const struct kind kind_ostk_volume_service = {
    .id = "volume-service", .singular = "volume-service", .title = "Volume services", .aliases = aliases,
    .help = "Cinder's services; a cinder-volume is named as its host@backend", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
