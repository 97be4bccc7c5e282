/* Rows of OpenStack kinds from JSON texts, for the tests of their decoders. */
#ifndef TEST_OSTK_ROWS_H
#define TEST_OSTK_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "core/openstack/ostk.h"
#include "strata/kind.h"
#include "strata/mem.h"
#include "strata/store.h"
#include "strata/text.h"

static struct store *rows;

static int rows_setup(void **state)
{
    (void)state;
    rows = store_new(1, NULL, NULL);
    return rows ? 0 : -1;
}

static int rows_teardown(void **state)
{
    (void)state;
    store_free(rows);
    return 0;
}

static int64_t at_ms(const char *stamp)
{
    int64_t ms = 0;
    assert_true(text_parse_time(stamp, strlen(stamp), &ms));
    return ms;
}

static inline const struct kind *the_kind(const char *id)
{
    for (const struct kind *const *k = kinds_all; *k; k++)
        if ((*k)->plane == PLANE_OPENSTACK && !strcmp((*k)->id, id))
            return *k;
    fail_msg("no kind %s", id);
    return NULL;
}

/* As the poller does it. NULL: skipped. */
static inline const struct row *decoded(const char *kind, const char *text)
{
    json_error_t je;
    const struct kind *k = the_kind(kind);
    json_t *o = json_loads(text, 0, &je);
    if (!o)
        fail_msg("fixture: %s at %d", je.text, je.position);
    struct rowbuf *rb = store_rowbuf(rows);
    const char *id = ostk_json_str(o, k->ostk->id_key ? k->ostk->id_key : "id"), *name = ostk_json_str(o, "name");
    store_set_kind(rows, k);
    rowbuf_begin(rb, k);
    rowbuf_id(rb, id ? id : "1", "", name ? name : id ? id : "1");
    ostk_fill_columns(rb, o);
    if (k->ostk->decode && !k->ostk->decode(rb, o, NULL, 0)) {
        json_decref(o);
        return NULL;
    }
    struct row *r = rowbuf_finish(rb);
    json_decref(o);
    if (!r)
        return NULL;
    char uid[200];
    snprintf(uid, sizeof uid, "%s", r->uid);
    assert_true(store_put(rows, r));
    return store_get(rows, uid);
}

static inline void cell_is(const struct row *r, const char *col, const char *want)
{
    char buf[400];
    int c = kind_column(r->kind, col);
    if (c < 0)
        fail_msg("kind %s has no column %s", r->kind->id, col);
    const char *got = row_text(r, c, at_ms("2026-11-21T12:00:00Z"), buf, sizeof buf);
    if (strcmp(got, want))
        fail_msg("%s.%s: \"%s\", want \"%s\"", r->kind->id, col, got, want);
}

#endif
