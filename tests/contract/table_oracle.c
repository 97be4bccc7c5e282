/* Compares our cells with the API server's own Table: table_oracle KIND LIST.json LIST.pb TABLE.json NOW_MS.
 * The three files are answers for the same resourceVersion (tests/contract/table_oracle.sh fetches them); the Table
 * with includeObject=Metadata. Each object is decoded from JSON and from protobuf, in small chunks; every column of the
 * Table must say what our column of that title says. Exit status 1 and one line per difference otherwise. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kinds/kube_common.h"
#include "strata/mem.h"
#include "strata/store.h"
#include "strata/text.h"

#define CHUNK 4093              /* so that many objects are cut */
#define BEFORE_MS 5000          /* ages: how far the Table's clock may be from NOW_MS */
#define AFTER_MS 5000

struct side {
    const struct kind *kind;
    struct store *store;
    int64_t now_ms;
    size_t count;
};

static char *slurp(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        perror(path), exit(2);
    struct str s;
    static char buf[65536];
    str_init(&s, (size_t)1 << 30);
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0;)
        str_add(&s, buf, n);
    fclose(f);
    *len = s.len;
    return str_take(&s);
}

static bool on_object(void *arg, enum wire_event ev, const struct wire_obj *o, const char *raw, size_t len, int code)
{
    struct side *s = arg;
    struct rowbuf *rb = store_rowbuf(s->store);
    (void)ev, (void)raw, (void)len, (void)code;
    rowbuf_begin(rb, s->kind);
    kube_fill_meta(rb, o);
    s->kind->kube->decode(rb, o, s->now_ms);
    s->count++;
    return store_put(s->store, rowbuf_finish(rb));
}

static void load(struct side *s, const char *path, bool proto)
{
    static const struct wire_stream_ops ops = {on_object};
    struct err err = ERR_INIT;
    size_t len;
    char *data = slurp(path, &len);
    struct wire_stream *ws = wire_stream_new(s->kind->kube->schema, proto, false, 0, &ops, s);
    s->store = store_new(0, NULL, NULL);
    store_set_kind(s->store, s->kind);
    for (size_t i = 0; i < len && err.code == ERR_OK; i += CHUNK)
        wire_stream_feed(ws, data + i, len - i < CHUNK ? len - i : CHUNK, &err);
    if (err.code == ERR_OK)
        wire_stream_end(ws, &err);
    if (err.code != ERR_OK)
        fprintf(stderr, "%s: %s\n", path, err.msg), exit(1);
    wire_stream_free(ws);
    mem_free(data);
}

static bool same_cell(const struct row *r, int col, int64_t now_ms, const char *want)
{
    char buf[4096];
    for (int64_t t = now_ms - BEFORE_MS; t <= now_ms + AFTER_MS; t += 250) {
        if (!strcmp(row_text(r, col, t, buf, sizeof buf), want))
            return true;
    }
    return false;
}

static const char *table_text(const json_t *cell, struct str *out)
{
    str_clear(out);
    if (json_is_integer(cell))
        str_addf(out, "%lld", (long long)json_integer_value(cell));
    else if (json_is_boolean(cell))
        str_adds(out, json_is_true(cell) ? "True" : "False");
    else if (json_is_string(cell))
        text_clean(out, json_string_value(cell), json_string_length(cell), 0);
    return out->data;
}

static size_t compare_row(const struct side *s, const struct side *p, const json_t *defs, const json_t *trow)
{
    const json_t *meta = json_object_get(json_object_get(trow, "object"), "metadata");
    const char *uid = json_string_value(json_object_get(meta, "uid"));
    const struct row *a = store_get(s->store, uid), *b = store_get(p->store, uid);
    struct str want;
    size_t bad = 0, i;
    const json_t *def;
    char buf[4096], buf2[4096];
    if (!a || !b)
        return printf("%s: not decoded from %s\n", uid, a ? "protobuf" : "JSON"), 1;
    str_init(&want, 0);
    json_array_foreach(defs, i, def)
    {
        const char *title = json_string_value(json_object_get(def, "name"));
        int col = kind_column(s->kind, title);
        const char *text = table_text(json_array_get(json_object_get(trow, "cells"), i), &want);
        if (col < 0)
            bad++, printf("no column for \"%s\"\n", title);
        else if (!same_cell(a, col, s->now_ms, text))
            bad++, printf("%s/%s %s: server \"%s\", ours \"%s\"\n", a->scope, a->name, title, text,
                          row_text(a, col, s->now_ms, buf, sizeof buf));
    }
    for (int c = 0; c < (int)s->kind->ncolumns; c++) {
        const char *x = row_text(a, c, s->now_ms, buf, sizeof buf), *y = row_text(b, c, s->now_ms, buf2, sizeof buf2);
        if (strcmp(x, y) != 0)
            bad++, printf("%s/%s %s: JSON \"%s\", protobuf \"%s\"\n", a->scope, a->name, s->kind->columns[c].id, x, y);
    }
    if (a->health != b->health || strcmp(a->labels, b->labels) || strcmp(a->owner, b->owner))
        bad++, printf("%s/%s: health, labels or owner differ between JSON and protobuf\n", a->scope, a->name);
    str_release(&want);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return fprintf(stderr, "usage: table_oracle KIND LIST.json LIST.pb TABLE.json NOW_MS\n"), 2;
    const struct kind *k = kind_find(argv[1]);
    if (!k || !k->kube)
        return fprintf(stderr, "no kind %s\n", argv[1]), 2;
    struct side s = {.kind = k, .now_ms = strtoll(argv[5], NULL, 10)}, p = s;
    size_t bad = 0, i;
    json_t *table = json_load_file(argv[4], 0, NULL), *trow;
    if (!json_is_array(json_object_get(table, "rows")))
        return fprintf(stderr, "%s: not a Table\n", argv[4]), 2;
    load(&s, argv[2], false);
    load(&p, argv[3], true);
    size_t rows = json_array_size(json_object_get(table, "rows"));
    if (s.count != rows || p.count != rows)
        bad++, printf("%zu rows in the Table, %zu from JSON, %zu from protobuf\n", rows, s.count, p.count);
    json_array_foreach(json_object_get(table, "rows"), i, trow)
        bad += compare_row(&s, &p, json_object_get(table, "columnDefinitions"), trow);
    printf("%s: %zu objects, %zu columns compared, %zu differences\n", k->id, rows,
           json_array_size(json_object_get(table, "columnDefinitions")), bad);
    json_decref(table);
    store_free(s.store);
    store_free(p.store);
    return bad ? 1 : 0;
}
