/* stack: Heat's stacks. Heat's default policy denies global_tenant to everybody, so only the project is asked for
 * (as openstackclient does); an admin sees what Heat gives. */
#include <string.h>

#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_REASON, C_PROJECT, C_OWNER, C_AGE, C_UPDATED, C_PARENT, C_TAGS, C_DESC, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Stack name"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "stack_status", "Status"),
    [C_REASON] = OSTK_COL("reason", "REASON", COL_TEXT, 0, "stack_status_reason", "Why"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Project"),
    [C_OWNER] = OSTK_COL("owner", "OWNER", COL_TEXT, COL_INTERN, "stack_owner", "Who made it"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_UPDATED] = OSTK_COL("updated", "UPDATED", COL_TIME, 0, "updated_time", "Since its last update"),
    [C_PARENT] = OSTK_COL("parent", "PARENT", COL_TEXT, COL_WIDE, "parent", "Stack it is nested in"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_DESC] = OSTK_COL("description", "DESCRIPTION", COL_TEXT, COL_WIDE, "description", "Description"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *status = ostk_json_str(item, "stack_status");
    ostk_named(rb, C_NAME, item, "stack_name", "project");
    if (ostk_json_str(item, "project") || !s)
        ostk_project_cell(rb, C_PROJECT, s, item, "project");
    else                                /* Heat tells a member nothing: the list is that of the token's project */
        rowbuf_text(rb, C_PROJECT, *ostk_project_id(s) ? ostk_ref(s, "project", ostk_project_id(s)) : "-");
    ostk_created(rb, item, "creation_time");
    rowbuf_health(rb, ostk_status_health(status));
    if (status && !strcmp(status, "DELETE_IN_PROGRESS"))
        rowbuf_flag(rb, ROW_DELETING);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "orchestration", .path = "/stacks", .list_key = "stacks", .item_path = "/stacks/%s",
    .item_key = "stack", .paging = OSTK_MARKER, .poll_s = 20, .decode = decode,
};
static const char *const aliases[] = {"stacks", NULL};
const struct kind kind_ostk_stack = {
    .id = "stack", .singular = "stack", .title = "Stacks", .aliases = aliases,
    .help = "Stacks of Heat", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
