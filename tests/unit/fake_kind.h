/* A small kind and rows for tests of store, view, filter and guard. */
#ifndef FAKE_KIND_H
#define FAKE_KIND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "strata/store.h"

enum { F_NS, F_NAME, F_READY, F_STATUS, F_RESTARTS, F_AGE, F_CPU, F_IMAGE, F_COUNT };
static const struct column fake_columns[] = {
    [F_NS] = {.id = "namespace", .title = "NAMESPACE", .type = COL_TEXT, .flags = COL_INTERN | COL_SCOPE | COL_SORT},
    [F_NAME] = {.id = "name", .title = "NAME", .type = COL_TEXT},
    [F_READY] = {.id = "ready", .title = "READY", .type = COL_RATIO},
    [F_STATUS] = {.id = "status", .title = "STATUS", .type = COL_TEXT, .flags = COL_INTERN | COL_STATE},
    [F_RESTARTS] = {.id = "restarts", .title = "RESTARTS", .type = COL_RESTARTS},
    [F_AGE] = {.id = "age", .title = "AGE", .type = COL_TIME},
    [F_CPU] = {.id = "cpu", .title = "CPU", .type = COL_MILLI, .flags = COL_CARRY},
    [F_IMAGE] = {.id = "image", .title = "IMAGE", .type = COL_TEXT, .flags = COL_HIDDEN, .none = "<none>"},
};
static const struct kind fake_kind = {
    .id = "pods", .singular = "pod", .title = "Pods", .plane = PLANE_KUBE, .flags = KIND_NAMESPACED | KIND_DELETE,
    .columns = fake_columns, .ncolumns = F_COUNT,
};
#define FAKE_NOW 1800000000000LL

/* Puts a pod; age in seconds; labels "a=b,c=d" or NULL. */
static inline bool put_pod(struct store *s, const char *uid, const char *ns, const char *name, const char *status,
                           int restarts, int64_t age_s, const char *labels)
{
    struct rowbuf *rb = store_rowbuf(s);
    rowbuf_begin(rb, &fake_kind);
    rowbuf_id(rb, uid, ns, name);
    rowbuf_text(rb, F_NS, ns);
    rowbuf_text(rb, F_NAME, name);
    rowbuf_text(rb, F_STATUS, status);
    rowbuf_num(rb, F_READY, CELL_RATIO(1, 2));
    rowbuf_num(rb, F_RESTARTS, CELL_RESTARTS(restarts, restarts ? FAKE_NOW / 1000 - 300 : 0));
    rowbuf_created(rb, FAKE_NOW - age_s * 1000);
    rowbuf_health(rb, strcmp(status, "Running") ? HEALTH_BAD : HEALTH_OK);
    for (const char *p = labels; p && *p;) {
        char key[64], value[64];
        int n = 0;
        if (sscanf(p, "%63[^=]=%63[^,]%n", key, value, &n) < 2)
            break;
        rowbuf_label(rb, key, value);
        p += n + (p[n] == ',');
    }
    return store_put(s, rowbuf_finish(rb));
}

static inline struct store *fake_store(uint16_t source)
{
    struct store *s = store_new(source, NULL, NULL);
    assert_non_null(s);
    store_set_kind(s, &fake_kind);
    return s;
}

#endif
