/* keypair: the user's own SSH keys (Nova lists no others). */
#include "core/openstack/kind_util.h"

enum { C_NAME, C_TYPE, C_FP };

static const struct column columns[] = {
    [C_NAME] = OSTK_COL("name", "NAME", COL_TEXT, COL_SORT, "keypair.name", "Name"),
    [C_TYPE] = OSTK_COL("type", "TYPE", COL_TEXT, COL_INTERN, "keypair.type", "ssh or x509"),
    [C_FP] = OSTK_COL("fingerprint", "FINGERPRINT", COL_TEXT, 0, "keypair.fingerprint", "Fingerprint"),
};

static bool decode(struct rowbuf *rb, const struct json_t *item, struct ostk_source *s, int64_t now_ms)
{
    (void)s, (void)now_ms;
    const char *name = ostk_json_str(item, "keypair.name");
    if (!name)
        return false;
    rowbuf_id(rb, name, "", name);
    return true;
}

static const struct ostk_kind ostk = {
    .service = "compute", .path = "/os-keypairs", .list_key = "keypairs", .item_path = "/os-keypairs/%s",
    .item_key = "keypair", .id_key = "keypair.name", .microversion = "2.92", .poll_s = 60, .decode = decode,
};
static const char *const aliases[] = {"keypairs", NULL};
const struct kind kind_ostk_keypair = {
    .id = "keypair", .singular = "keypair", .title = "Key pairs", .aliases = aliases,
    .help = "Your SSH keys", .plane = PLANE_OPENSTACK,
    .columns = columns, .ncolumns = sizeof columns / sizeof *columns, .ostk = &ostk,
};
