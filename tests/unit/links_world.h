/* Rows of any kind by column ids, and a world of snapshots made of them, for tests of the links. */
#ifndef LINKS_WORLD_H
#define LINKS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/kube/kube_priv.h"
#include "core/links/profile.h"
#include "strata/links.h"
#include "strata/store.h"

#define WORLD_MAX 40
struct world { struct store *store[WORLD_MAX]; struct snap *snap[WORLD_MAX]; size_t n; struct source_info source[4]; size_t nsources; struct links *links; struct link_profiles *profiles; };

static inline struct store *world_store(struct world *w, uint16_t source, const struct kind *k)
{
    for (size_t i = 0; i < w->n; i++)
        if (store_rowbuf(w->store[i]) && snap_source(w->snap[i]) == source && snap_kind(w->snap[i]) == k)
            return w->store[i];
    assert_true(w->n < WORLD_MAX);
    struct store *s = store_new(source, NULL, NULL);
    assert_non_null(s);
    store_set_kind(s, k);
    w->store[w->n] = s;
    w->snap[w->n++] = store_publish(s);
    return s;
}

/* One built in, or one that a server would have: "resource.group", with the columns that the links add. */
static inline const struct kind *world_kind(const char *id)
{
    static struct { struct kind kind; struct kube_kind kube; struct column columns[16]; char id[64], resource[64]; } fake[24];
    const struct kind *k = kind_find(id);
    size_t i = 0;
    while (!k && i < 24 && fake[i].id[0] && strcmp(fake[i].id, id) != 0)
        i++;
    if (k || i == 24)
        return k;
    if (!fake[i].id[0]) {
        const char *dot = strchr(id, '.');
        snprintf(fake[i].id, sizeof fake[i].id, "%s", id);
        snprintf(fake[i].resource, sizeof fake[i].resource, "%.*s", (int)strcspn(id, "."), id);
        fake[i].kube = (struct kube_kind){.group = dot ? fake[i].id + (dot + 1 - id) : "", .version = "v1", .resource = fake[i].resource,
                                          .selector = strcmp(id, "helm-releases") ? NULL : "owner=helm"};
        fake[i].kind = (struct kind){.id = fake[i].resource, .singular = fake[i].resource, .plane = PLANE_KUBE, .flags = KIND_NAMESPACED,
                                     .kube = &fake[i].kube, .columns = fake[i].columns};
        fake[i].kind.ncolumns = kube_facts_columns(&fake[i].kind, fake[i].columns);
    }
    return &fake[i].kind;
}

/* "column", "value" pairs and NULL; "@label" takes "key=value", "@owner" "Kind/name/uid", "@head" marks a head. */
static inline void world_put(struct world *w, uint16_t source, const char *kind, const char *uid, const char *scope, const char *name, ...)
{
    const struct kind *k = world_kind(kind);
    assert_non_null(k);
    struct store *s = world_store(w, source, k);
    struct rowbuf *rb = store_rowbuf(s);
    va_list ap;
    rowbuf_begin(rb, k);
    rowbuf_id(rb, uid, scope, name);
    rowbuf_health(rb, HEALTH_OK);
    va_start(ap, name);
    for (const char *c; (c = va_arg(ap, const char *));) {
        char buf[256], *a, *b, *save = NULL;
        const char *v = va_arg(ap, const char *);
        snprintf(buf, sizeof buf, "%s", v);
        if (!strcmp(c, "@label")) {
            a = strtok_r(buf, "=", &save);
            rowbuf_label(rb, a, strtok_r(NULL, "", &save));
        } else if (!strcmp(c, "@owner")) {
            a = strtok_r(buf, "/", &save);
            b = strtok_r(NULL, "/", &save);
            rowbuf_owner(rb, a, b, strtok_r(NULL, "", &save));
        } else if (!strcmp(c, "@head")) {
            rowbuf_flag(rb, ROW_HEAD);
        } else if (!strcmp(c, "@flag")) {
            rowbuf_flag(rb, (unsigned)atoi(v));
        } else if (!strcmp(c, "@health")) {
            rowbuf_health(rb, (enum health)atoi(v));
        } else {
            int col = kind_column(k, c);
            if (col < 0)
                fail_msg("%s has no column %s", kind, c);
            if (k->columns[col].type == COL_TIME || k->columns[col].type == COL_INT)
                rowbuf_num(rb, col, strtoll(v, NULL, 10));
            else if (k->columns[col].type == COL_RATIO)
                rowbuf_num(rb, col, CELL_RATIO(strtoll(v, NULL, 10), strtoll(strchr(v, '/') + 1, NULL, 10)));
            else
                rowbuf_text(rb, col, v);
        }
    }
    va_end(ap);
    assert_true(store_put(s, rowbuf_finish(rb)));
}

static inline struct links *world_build(struct world *w)
{
    for (size_t i = 0; i < w->n; i++) {
        snap_unref(w->snap[i]);
        w->snap[i] = store_publish(w->store[i]);
    }
    links_free(w->links);
    if (!w->profiles)
        assert_non_null(w->profiles = link_profiles_new());
    w->links = links_build(&(struct links_world){(const struct snap *const *)w->snap, w->n, w->source, w->nsources}, w->profiles);
    assert_non_null(w->links);
    return w->links;
}

static inline void world_free(struct world *w)
{
    links_free(w->links);
    link_profiles_free(w->profiles);
    for (size_t i = 0; i < w->n; i++) {
        snap_unref(w->snap[i]);
        store_free(w->store[i]);
    }
    memset(w, 0, sizeof *w);
}

/* The edges down from a row in words: "machine>u1 A E11-1 providerID x; E11-4 ...\n". */
static inline const char *world_down(const struct world *w, uint16_t source, const char *kind, const char *uid)
{
    static char text[4096];
    const struct link_edge *e;
    uint32_t node = links_find(w->links, source, world_kind(kind), uid);
    assert_int_not_equal(node, LINK_NO_NODE);
    size_t n = links_down(w->links, node, &e), at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        struct str s;
        str_init(&s, 0);
        links_evidence(w->links, node, &e[i], &s);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s>%s %s\n", links_relation(e[i].relation)->id, links_row(w->links, e[i].to)->uid, s.data);
        str_release(&s);
    }
    return text;
}

#endif
