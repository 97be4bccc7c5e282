/* Keystone answers: tokens with their catalog, receipts, faults. */
#include <stddef.h>
#include <stdint.h>

#include "core/openstack/ostk_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ostk_token t = {0};
    struct err err;
    char buf[200];
    size_t i;
    json_t *e;
    if (ostk_token_parse(&t, (const char *)data, size, &err)) {
        json_array_foreach(t.catalog, i, e) {
            struct ostk_split sp;
            const char *url = ostk_catalog_endpoint(e, NULL, "internal,public"), *type = ostk_json_str(e, "type");
            if (type)
                ostk_type_rank(ostk_type_canonical(type), type);
            if (url && ostk_endpoint_split(&sp, url, t.project_id))
                ostk_split_release(&sp);
        }
    }
    ostk_token_release(&t);
    ostk_receipt_missing((const char *)data, size, OSTK_M_TOTP, buf, sizeof buf);
    ostk_fault((const char *)data, size, buf, sizeof buf);
    return 0;
}
