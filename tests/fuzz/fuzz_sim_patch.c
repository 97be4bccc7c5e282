/* Bytes as a protobuf body; or as "language\ndocument\npatch": the three patch languages on any two documents. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_patch.h"
#include "core/sim/kube_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *nl = size ? memchr(text, '\n', size) : NULL;
    if (size && proto_is(text, size)) {
        json_decref(proto_read(text, size));
        return 0;
    }
    const char *second = nl ? memchr(nl + 1, '\n', size - (size_t)(nl + 1 - text)) : NULL;
    if (!second)
        return 0;
    json_t *doc = json_loadb(nl + 1, (size_t)(second - nl - 1), 0, NULL), *out = NULL;
    json_t *patch = json_loadb(second + 1, size - (size_t)(second + 1 - text), 0, NULL);
    struct patch_fault f = {0};
    if (doc && patch) {
        switch (*text) {
        case 'm': out = patch_merge(doc, patch); break;
        case 'j': out = patch_json(doc, patch, &f); break;
        default: out = json_is_object(patch) && json_is_object(doc) ? patch_strategic(doc, patch, "Pod", &f) : NULL; break;
        }
    }
    json_decref(out);
    json_decref(doc);
    json_decref(patch);
    return 0;
}
