/* user: Keystone's users. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_ENABLED, C_DOMAIN, C_PROJECT, C_EMAIL, C_EXPIRES, C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, "name", "Name"),
    [C_ENABLED] = OSTK_COL("enabled", "ENABLED", COL_TEXT, COL_STATE | COL_INTERN, "enabled", "Usable"),
    [C_DOMAIN] = OSTK_COL("domain", "DOMAIN", COL_TEXT, COL_INTERN, NULL, "Domain"),
    [C_PROJECT] = OSTK_COL("project", "DEFAULT PROJECT", COL_TEXT, COL_INTERN, NULL, "Default project"),
    [C_EMAIL] = OSTK_COL("email", "EMAIL", COL_TEXT, COL_WIDE, "email", "Mail address"),
    [C_EXPIRES] = OSTK_COL("expires", "PASSWORD ENDS", COL_STAMP, COL_WIDE, "password_expires_at",
                  "When the password ends"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, 0, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    ostk_named(rb, C_NAME, item, "name", NULL);
    ostk_ref_cell(rb, C_DOMAIN, s, "domain", ostk_json_str(item, "domain_id"));
    ostk_ref_cell(rb, C_PROJECT, s, "project", ostk_json_str(item, "default_project_id"));
    rowbuf_health(rb, ostk_true(item, "enabled") ? HEALTH_OK : HEALTH_WARN);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "identity", .path = "/users", .list_key = "users", .item_path = "/users/%s", .item_key = "user",
    .poll_s = 120,
    .names = {"domain", "project"}, .decode = decode,
};
static const char *const aliases[] = {"users", NULL};
const struct kind kind_ostk_user = {
    .id = "user", .singular = "user", .title = "Users", .aliases = aliases,
    .help = "Users of Keystone", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
