/* One fact of one object of a discovered kind, for tests; JSON with ' for ". */
#ifndef FEED_FACTS_H
#define FEED_FACTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "core/kube/kube_priv.h"
#include "core/kube/resources.h"

static inline void fact_of(const char *group, const char *resource, const char *column, const char *text, char *out, size_t size)
{
    struct column columns[16];
    const struct kube_kind kube = {.group = group, .version = "v1", .resource = resource};
    struct kind k = {.id = resource, .columns = columns, .kube = &kube};
    char json[1024];
    size_t n = strlen(text);
    assert_true(n < sizeof json);
    for (size_t i = 0; i <= n; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    k.ncolumns = kube_facts_columns(&k, columns);
    assert_in_range(k.ncolumns, 1, 16);
    json_t *o = json_loads(json, 0, NULL);
    assert_non_null(o);
    struct store *s = store_new(0, NULL, NULL);
    struct rowbuf *rb = store_rowbuf(s);
    store_set_kind(s, &k);
    rowbuf_begin(rb, &k);
    rowbuf_id(rb, "u", "", "n");
    kube_facts_fill(rb, &k, 0, o);
    assert_true(store_put(s, rowbuf_finish(rb)));
    snprintf(out, size, "%s", row_column(store_get(s, "u"), column));
    store_free(s);
    json_decref(o);
}

#endif
