/* security-group: Neutron's security groups. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_RULES, C_DESC, C_PROJECT, C_AGE, C_STATEFUL, C_SHARED, C_TAGS, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_RULES] = OSTK_COL("rules", "RULES", COL_INT, COL_RIGHT, NULL, "Number of rules"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, 0, "description", "Description"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_STATEFUL] = OSTK_COL("stateful", "STATEFUL", COL_TEXT, COL_WIDE | COL_INTERN, "stateful",
                            "Tracks connections"),
    [C_SHARED] = OSTK_COL("shared", "SHARED", COL_TEXT, COL_WIDE | COL_INTERN, "shared", "Usable by other projects"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_project_cell(rb, C_PROJECT, s, item, NULL);
    rowbuf_num(rb, C_RULES, (int64_t)ostk_len(item, "security_group_rules"));
    ostk_created(rb, item, NULL);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "network", .path = "/security-groups", .list_key = "security_groups",
    .item_path = "/security-groups/%s", .item_key = "security_group", .paging = OSTK_MARKER,
    .poll_s = 30, .decode = decode,
};
static const char *const aliases[] = {"security-groups", "securitygroup", "sg", NULL};
const struct kind kind_ostk_security_group = {
    .id = "security-group", .singular = "security-group", .title = "Security groups", .aliases = aliases,
    .help = "Sets of firewall rules for ports", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
