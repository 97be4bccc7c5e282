/* image: Glance's images. */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_STATUS, C_VIS, C_SIZE, C_FORMAT, C_PROJECT, C_AGE, C_CONTAINER, C_DISTRO, C_MINDISK, C_MINRAM, C_PROT,
       C_HIDDEN, C_TAGS, C_SUM, C_ID };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, NULL, "Name, or the id where there is none"),
    [C_STATUS] = OSTK_COL("status", "STATUS", COL_TEXT, COL_STATE | COL_INTERN, "status", "Status"),
    [C_VIS] = OSTK_COL("visibility", "VISIBILITY", COL_TEXT, COL_INTERN, "visibility",
                       "public, shared, community, private"),
    [C_SIZE] = OSTK_COL("size", "SIZE", COL_BYTES, COL_RIGHT, "size", "Size"),
    [C_FORMAT] = OSTK_COL("format", "FORMAT", COL_TEXT, COL_INTERN, "disk_format", "Disk format"),
    [C_PROJECT] = OSTK_COL("project", "PROJECT", COL_TEXT, COL_SCOPE | COL_INTERN, NULL, "Owner"),
    [C_AGE] = OSTK_COL("age", "AGE", COL_TIME, 0, NULL, "Since creation"),
    [C_CONTAINER] = OSTK_COL("container", "CONTAINER", COL_TEXT, COL_WIDE | COL_INTERN, "container_format",
                             "Container format"),
    [C_DISTRO] = OSTK_COL("distro", "DISTRO", COL_TEXT, COL_WIDE | COL_INTERN, "os_distro", "Distribution inside"),
    [C_MINDISK] = OSTK_COL("min-disk", "MIN DISK", COL_BYTES, COL_WIDE | COL_RIGHT, NULL, "Smallest disk for it"),
    [C_MINRAM] = OSTK_COL("min-ram", "MIN RAM", COL_BYTES, COL_WIDE | COL_RIGHT, NULL, "Least memory for it"),
    [C_PROT] = OSTK_COL("protected", "PROTECTED", COL_TEXT, COL_WIDE | COL_INTERN, "protected", "Cannot be deleted"),
    [C_HIDDEN] = OSTK_COL("hidden", "HIDDEN", COL_TEXT, COL_WIDE | COL_INTERN, "os_hidden", "Not in default lists"),
    [C_TAGS] = OSTK_COL("tags", "TAGS", COL_TEXT, COL_WIDE, "tags", "Tags"),
    [C_SUM] = OSTK_COL("checksum", "CHECKSUM", COL_TEXT, COL_WIDE, "checksum", "MD5 of the data"),
    [C_ID] = OSTK_COL("id", "ID", COL_TEXT, COL_WIDE, "id", "Id"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)now_ms;
    const char *id = ostk_json_str(item, "id"), *name = ostk_json_str(item, "name");
    const char *owner = ostk_json_str(item, "owner");
    if (!id)
        return false;
    if (!name || !*name)
        name = id;
    rowbuf_id(rb, id, owner ? owner : "", name);
    rowbuf_text(rb, C_NAME, name);
    ostk_project_cell(rb, C_PROJECT, s, item, "owner");
    ostk_size_cell(rb, C_MINDISK, item, "min_disk", OSTK_GIB);
    ostk_size_cell(rb, C_MINRAM, item, "min_ram", OSTK_MIB);
    ostk_created(rb, item, NULL);
    rowbuf_health(rb, ostk_status_health(ostk_json_str(item, "status")));
    return true;
}

static const struct ostk_kind ostk = {
    .service = "image", .path = "/images", .list_key = "images", .item_path = "/images/%s", .paging = OSTK_MARKER,
    .poll_s = 30, .decode = decode,
};
static const char *const aliases[] = {"images", "img", NULL};
const struct kind kind_ostk_image = {
    .id = "image", .singular = "image", .title = "Images", .aliases = aliases,
    .help = "Images that servers are made from", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
