/* For tests of Kubernetes kinds: an object's JSON becomes a row, and cells are compared as the screen shows them. */
#ifndef STRATA_TESTS_KUBE_ROW_H
#define STRATA_TESTS_KUBE_ROW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/kinds/kube_common.h"
#include "strata/store.h"
#include "strata/text.h"

#define NOW "2026-01-02T03:00:00Z"

static inline int64_t test_now(void)
{
    int64_t ms = 0;
    text_parse_time(NOW, strlen(NOW), &ms);
    return ms;
}

/* The row stays valid until store_free. text: JSON with ' for ". */
static inline const struct row *kube_row(struct store *st, const char *kind, const char *text)
{
    static char json[16384];
    const struct kind *k = kind_find(kind);
    const struct wire_obj *o;
    struct arena a;
    struct err err = ERR_INIT;
    snprintf(json, sizeof json, "%s", text);
    for (char *p = json; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    arena_init(&a, 0);
    if (wire_json(k->kube->schema, json, strlen(json), &a, &o, &err) != ERR_OK)
        fail_msg("%s in %s", err.msg, json);
    store_set_kind(st, k);
    struct rowbuf *rb = store_rowbuf(st);
    rowbuf_begin(rb, k);
    kube_fill_meta(rb, o);
    k->kube->decode(rb, o, test_now());
    const char *uid = kube_meta_uid(o);
    struct row *now = rowbuf_finish(rb);
    const struct row *before = store_get(st, uid);
    if (before && k->kube->keep)
        k->kube->keep(now, before);
    assert_true(store_put(st, now));
    const struct row *r = store_get(st, uid);
    arena_release(&a);
    assert_non_null(r);
    return r;
}

/* "id=text|id=text|..." */
static inline void check_cells(const struct row *r, const char *want)
{
    char copy[2048], buf[1024], *save = NULL;
    snprintf(copy, sizeof copy, "%s", want);
    for (char *f = strtok_r(copy, "|", &save); f; f = strtok_r(NULL, "|", &save)) {
        char *eq = strchr(f, '=');
        *eq = 0;
        int col = kind_column(r->kind, f);
        if (col < 0)
            fail_msg("no column %s", f);
        const char *have = row_text(r, col, test_now(), buf, sizeof buf);
        if (strcmp(have, eq + 1) != 0)
            fail_msg("%s %s: \"%s\", expected \"%s\"", r->name, f, have, eq + 1);
    }
}

#endif
