/* coe-cluster: Magnum's clusters. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_HEALTH, C_NODES, C_MASTERS, C_KEYPAIR, C_VERSION, C_REASON, C_PROJECT, C_AGE, C_API,
       C_TEMPLATE, C_STACK, C_ID, C_CHANGED };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_HEALTH] = OSTK_COL("health", "HEALTH", COL_TEXT, COL_INTERN, "health_status",
                          "What the cluster says of itself"),
    [C_NODES] = OSTK_COL("nodes", "NODES", COL_INT, COL_RIGHT, "node_count", "Workers"),
    [C_MASTERS] = OSTK_COL("masters", "MASTERS", COL_INT, COL_RIGHT, "master_count", "Control plane nodes"),
    [C_KEYPAIR] = OSTK_COL("keypair", "KEYPAIR", COL_TEXT, COL_INTERN, "keypair", "Key pair"),
    [C_VERSION] = OSTK_COL("version", "VERSION", COL_TEXT, COL_INTERN, "coe_version", "Version inside"),
    [C_REASON] = OSTK_COL("reason", "REASON", COL_TEXT, 0, "status_reason", "Why"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_API] = OSTK_COL("api", "API", COL_TEXT, COL_WIDE, "api_address", "Address of its API"),
    [C_TEMPLATE] = OSTK_COL("template", "TEMPLATE", COL_TEXT, COL_WIDE, "cluster_template_id", "Template"),
    [C_STACK] = OSTK_COL("stack", "STACK", COL_TEXT, COL_WIDE, "stack_id", "Stack behind it"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "uuid", "Id"),
    [C_CHANGED] = OSTK_COL("changed", "CHANGED", COL_TIME, COL_HIDDEN, "updated_at", "Since Magnum changed its record"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *id = ostk_json_str(item, "uuid"), *name = ostk_json_str(item, "name");
    const char *project = ostk_json_str(item, "project_id");
    const char *word = ostk_json_str(item, "health_status");
    if (!id)
        return false;
    if (!name || !*name)
        name = id;
    rowbuf_id(rb, id, project ? project : "", name);
    rowbuf_text(rb, C_NAME, name);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    ostk_created(rb, item, NULL);
    enum health h = ostk_status_health(ostk_json_str(item, "status"));
    if (h == HEALTH_OK && word && !strcmp(word, "UNHEALTHY"))
        h = HEALTH_BAD;
    rowbuf_health(rb, h);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "container-infra", .path = "/clusters/detail", .list_key = "clusters",
    .item_path = "/clusters/%s", .id_key = "uuid", .paging = OSTK_MARKER, .microversion = "1.10", .poll_s = 20,
    .decode = decode,
};
static const char *const aliases[] = {"coe-clusters", "clusters", NULL};
const struct kind kind_ostk_coe_cluster = {
    .id = "coe-cluster", .singular = "coe-cluster", .title = "COE clusters", .aliases = aliases,
    .help = "Container clusters of Magnum", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
