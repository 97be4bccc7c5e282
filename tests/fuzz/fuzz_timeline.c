/* What a timeline and capacity are read from: objects, instance actions, the journal, Placement. First byte picks which. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/links/timeline_read.h"
#include "strata/capacity.h"
#include "strata/mem.h"
#include "strata/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_it(uint8_t which, const struct row *r, const char *text, size_t len)
{
    struct timeline t = {0};
    struct timeline_object o = {r, "object", "source", 1000, 10};
    struct capacity_stock stock;
    struct capacity_fit fit;
    switch (which % 5) {
    case 0: timeline_read_object(&t, &o, text); break;
    case 1: timeline_read_actions(&t, &o, text); break;
    case 2: timeline_read_journal(&t, &o, text, len); break;
    case 3: capacity_read_stock(&stock, text); break;
    default:
        capacity_read_fit(&fit, text);
        capacity_fit_release(&fit);
    }
    timeline_order(&t);
    for (size_t i = 0; i < t.n; i++)
        if (t.line[i].lo_ms > t.line[i].hi_ms)
            abort();
    timeline_release(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store *s = store_new(0, NULL, NULL);
    char *text = size ? mem_alloc(size) : NULL;
    if (s && text) {
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';
        const struct kind *k = kind_find("pods");
        store_set_kind(s, k);
        struct rowbuf *rb = store_rowbuf(s);
        rowbuf_begin(rb, k);
        rowbuf_id(rb, "u1", "ns", "web");
        struct row *r = rowbuf_finish(rb);
        if (r && store_put(s, r))
            read_it(data[0], r, text, size - 1);
    }
    mem_free(text);
    store_free(s);
    return 0;
}
