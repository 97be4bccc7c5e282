/* Version documents of any service, and endpoint URLs. First byte picks the service type. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/openstack/ostk_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"compute", "block-storage", "identity", "placement"};
    struct ostk_version v;
    struct ostk_split sp;
    char url[512], out[24];
    if (!size)
        return 0;
    json_t *doc = json_loadb((const char *)data + 1, size - 1, 0, NULL);
    if (doc && ostk_version_pick(&v, doc, types[data[0] & 3], "v2.1"))
        ostk_negotiate(out, sizeof out, "2.93", v.min, v.max);
    json_decref(doc);
    size_t n = size - 1 < sizeof url - 1 ? size - 1 : sizeof url - 1;
    memcpy(url, data + 1, n);
    url[n] = 0;
    if (ostk_endpoint_split(&sp, url, "p"))
        ostk_split_release(&sp);
    return 0;
}
