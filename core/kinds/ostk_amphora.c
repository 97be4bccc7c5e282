/* amphora: Octavia's service VMs (admin). */
#include "core/openstack/kind_util.h"

enum { C_ID, C_STATUS, C_LB, C_ROLE, C_IP, C_HA, C_SERVER, C_CERT, C_AGE, C_ZONE, C_IMAGE, C_SERVER_ID, C_LB_ID };

static const struct column columns[] = {
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_SORT, "id", "Id"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_LB] = OSTK_COL("loadbalancer", "LOAD BALANCER", COL_TEXT, 0, NULL, "Load balancer it serves"),
    [C_ROLE] = OSTK_COL("role", "ROLE", COL_TEXT, COL_INTERN, "role", "MASTER, BACKUP, STANDALONE"),
    [C_IP] = OSTK_COL("lb-ip", "MGMT IP", COL_TEXT, 0, "lb_network_ip", "Management address"),
    [C_HA] = OSTK_COL("ha-ip", "HA IP", COL_TEXT, 0, "ha_ip", "Address it shares"),
    [C_SERVER] = OSTK_COL("server", "SERVER", COL_TEXT, 0, NULL, "Its VM"),
    [C_CERT] = OSTK_COL("cert-ends", "CERT ENDS", COL_STAMP, 0, "cert_expiration", "When its certificate ends"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_ZONE] = OSTK_COL("zone", "ZONE", COL_TEXT, COL_WIDE | COL_INTERN, "cached_zone", "Zone"),
    [C_SERVER_ID] = OSTK_COL("server-id", "SERVER ID", COL_TEXT, COL_HIDDEN, "compute_id", "Id of its VM"),
    [C_LB_ID] = OSTK_COL("loadbalancer-id", "LOAD BALANCER ID", COL_TEXT, COL_HIDDEN, "loadbalancer_id", "Id of the load balancer it serves"),
    [C_IMAGE] = OSTK_COL("image", "IMAGE", COL_TEXT, COL_WIDE, "image_id", "Image"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_ID, item, "id", NULL);
    ostk_ref_cell(rb, C_LB, s, "loadbalancer", ostk_json_str(item, "loadbalancer_id"));
    ostk_ref_cell(rb, C_SERVER, s, "server", ostk_json_str(item, "compute_id"));
    ostk_created(rb, item, NULL);
    rowbuf_health(rb, ostk_status_health(ostk_json_str(item, "status")));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "load-balancer", .path = "/octavia/amphorae", .list_key = "amphorae",
    .item_path = "/octavia/amphorae/%s", .item_key = "amphora", .paging = OSTK_MARKER, .poll_s = 30,
    .names = {"loadbalancer", "server"}, .decode = decode,
};
static const char *const aliases[] = {"amphorae", "loadbalancer-amphora", NULL};
const struct kind kind_ostk_amphora = {
    .id = "amphora", .singular = "amphora", .title = "Amphorae", .aliases = aliases,
    .help = "Service VMs of load balancers (admin)", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
