/* Any bytes as a list or watch (the first byte says which): in one piece and in small pieces the same objects come out,
 * and the same error. */
#include <stdint.h>
#include <stdlib.h>

#include "core/kinds/kube_common.h"
#include "strata/map.h"

struct seen {
    uint64_t hash;
    size_t n;
};

static bool on_object(void *arg, enum wire_event ev, const struct wire_obj *o, const char *raw, size_t len, int code)
{
    struct seen *s = arg;
    (void)o;
    s->hash = s->hash * 31 + hash_bytes(raw, len) + (uint64_t)ev * 7 + (uint64_t)code;
    return ++s->n < 100000;
}

static enum err_code run(const uint8_t *data, size_t size, bool proto, bool watch, size_t chunk, struct seen *s)
{
    static const struct wire_stream_ops ops = {on_object};
    struct err err = ERR_INIT;
    struct wire_stream *ws = wire_stream_new(kind_find("pods")->kube->schema, proto, watch, 1u << 16, &ops, s);
    if (!ws)
        abort();
    for (size_t i = 0; i < size && err.code == ERR_OK; i += chunk)
        wire_stream_feed(ws, (const char *)data + i, size - i < chunk ? size - i : chunk, &err);
    if (err.code == ERR_OK)
        wire_stream_end(ws, &err);
    wire_stream_free(ws);
    return err.code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct seen a = {0}, b = {0};
    bool proto = data[0] & 1, watch = data[0] & 2;
    size_t chunk = 1 + (data[0] >> 2);
    enum err_code x = run(data + 1, size - 1, proto, watch, size, &a);
    enum err_code y = run(data + 1, size - 1, proto, watch, chunk, &b);
    if (x != y || a.hash != b.hash || a.n != b.n)
        abort();
    return 0;
}
