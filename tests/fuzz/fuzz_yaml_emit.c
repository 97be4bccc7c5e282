/* Any JSON document: emitting never crashes, and what comes out has no control characters but newlines. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "strata/yaml_emit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *j = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (!j)
        return 0;
    struct str out;
    str_init(&out, (size_t)4 << 20);
    yaml_emit(&out, j);
    yaml_emit_item(&out, j);
    json_emit(&out, j, 0);
    for (size_t i = 0; i < out.len; i++)
        if (((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n') || out.data[i] == 0x7f)
            abort();
    str_release(&out);
    json_decref(j);
    return 0;
}
