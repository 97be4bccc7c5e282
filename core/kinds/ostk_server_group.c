/* server-group: Nova's server groups. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_POLICY, C_MEMBERS, C_PROJECT, C_USER, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_POLICY] = OSTK_COL("policy", "POLICY", COL_TEXT, COL_INTERN, NULL, "Policy"),
    [C_MEMBERS] = OSTK_COL("members", "MEMBERS", COL_INT, COL_RIGHT, NULL, "Number of servers"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_USER] = OSTK_COL("user", "USER", COL_TEXT, COL_WIDE | COL_INTERN, NULL, "Who made it"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    const char *policy = ostk_json_str(item, "policy");
    rowbuf_text(rb, C_POLICY, policy ? policy : ostk_json_str(item, "policies.0"));
    rowbuf_num(rb, C_MEMBERS, (int64_t)ostk_len(item, "members"));
    ostk_ref_cell(rb, C_USER, s, "user", ostk_json_str(item, "user_id"));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/os-server-groups", .path_all = "?all_projects=True",
    .list_key = "server_groups", .item_path = "/os-server-groups/%s", .item_key = "server_group",
    .microversion = "2.93", .poll_s = 60, .decode = decode,
};
static const char *const aliases[] = {"server-groups", NULL};
const struct kind kind_ostk_server_group = {
    .id = "server-group", .singular = "server-group", .title = "Server groups", .aliases = aliases,
    .help = "Groups of servers kept together or apart", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
