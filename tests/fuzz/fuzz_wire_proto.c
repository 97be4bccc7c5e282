/* Any bytes as a protobuf message of each kind: no crash, and what is read makes a row. */
#include <stdint.h>

#include "core/kinds/kube_common.h"
#include "strata/mem.h"
#include "strata/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = {"pods", "nodes", "deployments", "jobs", "cronjobs", "services", "events"};
    struct arena a;
    struct store *st = store_new(0, NULL, NULL);
    arena_init(&a, 16u << 20);
    for (size_t i = 0; st && i < COUNT_OF(kinds); i++) {
        const struct kind *k = kind_find(kinds[i]);
        const struct wire_obj *o;
        arena_reset(&a);
        if (wire_proto(k->kube->schema, (const char *)data, size, &a, &o, NULL) != ERR_OK)
            continue;
        struct rowbuf *rb = store_rowbuf(st);
        rowbuf_begin(rb, k);
        kube_fill_meta(rb, o);
        k->kube->decode(rb, o, 1700000000000);
        store_set_kind(st, k);
        store_put(st, rowbuf_finish(rb));
        store_clear(st);
    }
    arena_release(&a);
    store_free(st);
    return 0;
}
