/* project: Keystone's projects; without the right to list all, those one may work in. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_ENABLED, C_DOMAIN, C_DESC, C_PARENT, C_TAGS, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, "name", "Name"),
    [C_ENABLED] = OSTK_COL("enabled", "ENABLED", COL_TEXT, COL_STATE | COL_INTERN, "enabled", "Usable"),
    [C_DOMAIN] = OSTK_COL("domain", "DOMAIN", COL_TEXT, COL_INTERN, NULL, "Domain"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, 0, "description", "Description"),
    [C_PARENT] = OSTK_COL("parent", "PARENT", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "Project above"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *id = ostk_json_str(item, "id"), *parent = ostk_json_str(item, "parent_id");
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_ref_cell(rb, C_DOMAIN, s, "domain", ostk_json_str(item, "domain_id"));
    ostk_ref_cell(rb, C_PARENT, s, "project", parent);
    if (id && ostk_true(item, "enabled"))
        rowbuf_health(rb, HEALTH_OK);
    else
        rowbuf_health(rb, HEALTH_WARN);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "identity", .path = "/auth/projects", .path_all = "/projects", .list_key = "projects",
    .item_path = "/projects/%s", .item_key = "project", .paging = OSTK_NO_PAGES, .poll_s = 60,
    .names = {"domain"}, .decode = decode,
};
static const char *const aliases[] = {"projects", "tenant", "tenants", NULL};
const struct kind kind_ostk_project = {
    .id = "project", .singular = "project", .title = "Projects", .aliases = aliases,
    .help = "Projects of Keystone", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
