/* network-agent: Neutron's agents, named binary/host as several run on one host. */
#include "core/openstack/kind_util.h"
#include "core/openstack/services_priv.h"

enum { C_HOST, C_TYPE, C_ALIVE, C_ADMIN, C_ZONE, C_SEEN, C_CARES, C_BINARY, C_DESC, C_STARTED, C_ID };

static const struct column columns[] = {
    [C_HOST] = OSTK_COL("host", "HOST", COL_TEXT, COL_SORT, "host", "Host it runs on"),
    [C_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_INTERN, "agent_type", "What it does"),
    [C_ALIVE] = OSTK_COL("alive", "ALIVE", COL_TEXT, COL_STATE | COL_INTERN, NULL, "up or down, by its heartbeat"),
    [C_ADMIN] = OSTK_COL("admin", "ADMIN", COL_TEXT, COL_INTERN, NULL, "UP or DOWN as set by an operator"),
    [C_ZONE] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_INTERN, "availability_zone", "Availability zone"),
    [C_SEEN] = OSTK_COL("seen", "SEEN", COL_TIME, 0, "heartbeat_timestamp", "Since the last heartbeat"),
    [C_CARES] = OSTK_COL("cares", "CARES FOR", COL_INT, COL_RIGHT, NULL, "Routers, networks or ports it cares for"),
    [C_BINARY] = OSTK_COL("binary", "BINARY", COL_TEXT, COL_WIDE | COL_INTERN, "binary", "Program"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description; why it was set down"),
    [C_STARTED] = OSTK_COL("started", "STARTED", COL_TIME, COL_WIDE, "started_at", "Since it started"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    static const char *const counts[] = {"configurations.routers", "configurations.networks", "configurations.devices"};
    (void)s, (void)now_ms;
    rowbuf_text(rb, C_ALIVE, ostk_true(item, "alive") ? "up" : "down");
    ostk_bool_cell(rb, C_ADMIN, item, "admin_state_up", "UP", "DOWN");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (ostk_json_int(item, counts[i], -1) >= 0)
            rowbuf_num(rb, C_CARES, ostk_json_int(item, counts[i], 0));
    return svc_worker_alone(rb, "network", item, NULL);
}

static const struct ostk_kind ostk = {
    .service = "network", .path = "/agents", .list_key = "agents", .item_path = "/agents/%s", .item_key = "agent", .paging = OSTK_MARKER,
    .poll_s = 10, .decode = decode,
};
static const char *const aliases[] = {"network-agents", "agent", "agents", NULL};
const struct kind kind_ostk_network_agent = {
    .id = "network-agent", .singular = "network-agent", .title = "Network agents", .aliases = aliases,
    .help = "Neutron's agents; each is named binary/host", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
