/* compute-service: Nova's services by the names people use: a nova-compute is named as its host. */
#include "core/openstack/kind_util.h"
#include "core/openstack/services_priv.h"

enum { C_HOST, C_BINARY, C_ZONE, C_STATUS, C_STATE, C_SEEN, C_REASON, C_FORCED, C_ID };

static const struct column columns[] = {
    [C_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_SORT, "host", "Host it runs on"),
    [C_BINARY] = OSTK_COL("binary", "BINARY", COL_TEXT, COL_INTERN, "binary", "Program"),
    [C_ZONE] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_INTERN, "zone", "Availability zone"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_INTERN, "status", "enabled or disabled for new VMs"),
    [C_STATE] = OSTK_COL("state", "STATE", COL_TEXT, COL_STATE | COL_INTERN, "state", "up or down, by its heartbeat"),
    [C_SEEN] = OSTK_COL("seen", "SEEN", COL_TIME, 0, "updated_at", "Since the last heartbeat"),
    [C_REASON] = OSTK_COL("reason", "REASON", COL_TEXT, 0, "disabled_reason", "Why it is disabled"),
    [C_FORCED] = OSTK_COL("forced-down", "FORCED DOWN", COL_TEXT, COL_WIDE | COL_INTERN, "forced_down", "Taken as dead by order"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    return svc_worker_alone(rb, "compute", item, "nova-compute");
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/os-services", .list_key = "services", .microversion = "2.93", .poll_s = 10, .decode = decode,
};
static const char *const aliases[] = {"compute-services", "nova-service", NULL};
const struct kind kind_ostk_compute_service = {
    .id = "compute-service", .singular = "compute-service", .title = "Compute services", .aliases = aliases,
    .help = "Nova's services; a nova-compute is named as its host", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
