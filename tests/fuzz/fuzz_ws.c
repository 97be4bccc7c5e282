/* The answer to a WebSocket handshake: its head, and a chunked error text. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/net/wshand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ws_head h;
    char *copy = malloc(size + 1);
    if (size)
        memcpy(copy, data, size);
    if (ws_head_read(&h, copy, size) == WS_HEAD_DONE) {
        assert(h.len <= size && h.status >= 100 && h.status <= 999 && h.length >= -1);
        assert(strlen(h.accept) < sizeof h.accept && strlen(h.protocol) < sizeof h.protocol);
        bool end;
        size_t body = size - h.len, n = ws_dechunk(copy + h.len, body, &end);
        assert(n <= body);
    }
    free(copy);
    return 0;
}
