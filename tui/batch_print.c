/* Batch output: tables as kubectl aligns them, and one JSON object a line. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/batch.h"

#define CELL_MAX 4096

struct table_layout {
    const struct batch *batch;
    const struct kind *kind;
    bool source;              /* a first column says from where */
    int source_width;
    size_t n;
    int *col, *width;
};

static bool several_sources(const struct batch *b)
{
    for (size_t i = 1; i < b->nfeeds; i++) {
        if (b->feed_source[i] != b->feed_source[0])
            return true;
    }
    return false;
}

static void chosen(struct table_layout *l, const struct kind *k, char *const *ids)
{
    for (; *ids; ids++) {
        int col = kind_column(k, *ids);
        if (col >= 0)
            l->col[l->n++] = col;
    }
}

struct table_layout *layout_new(const struct batch *b, const struct kind *k, bool wide, bool scope)
{
    struct table_layout *l = mem_zalloc(sizeof(*l));
    char *const *ids = options_columns(b->opt, k->id);
    size_t cap = k->ncolumns + 1, count = 0;
    for (char *const *p = ids; p && *p; p++)
        count++;
    if (count > cap)
        cap = count;
    if (!l || !(l->col = mem_zalloc(cap * sizeof(*l->col))) || !(l->width = mem_zalloc(cap * sizeof(*l->width)))) {
        layout_free(l);
        return NULL;
    }
    l->batch = b;
    l->kind = k;
    l->source = several_sources(b);
    l->source_width = k->plane == PLANE_KUBE ? 7 : 5;
    if (ids && !wide) {
        chosen(l, k, ids);
    } else {
        for (size_t i = 0; i < k->ncolumns; i++) {
            unsigned f = k->columns[i].flags;
            if ((f & (COL_HIDDEN | COL_SOURCE)) || ((f & COL_WIDE) && !wide) ||
                ((f & COL_SCOPE) && !scope && k->plane == PLANE_KUBE))
                continue;
            l->col[l->n++] = (int)i;
        }
    }
    for (size_t i = 0; i < l->n; i++)
        l->width[i] = text_width(k->columns[l->col[i]].title, strlen(k->columns[l->col[i]].title));
    return l;
}

void layout_free(struct table_layout *l)
{
    if (!l)
        return;
    mem_free(l->col);
    mem_free(l->width);
    mem_free(l);
}

static const char *source_name(const struct table_layout *l, const struct row *r)
{
    const struct source_info *s = batch_source(l->batch, r->source);
    return s ? s->name : "";
}

void layout_fit(struct table_layout *l, const struct row *r, int64_t now_ms)
{
    char buf[CELL_MAX];
    if (l->source) {
        int w = text_width(source_name(l, r), strlen(source_name(l, r)));
        l->source_width = w > l->source_width ? w : l->source_width;
    }
    for (size_t i = 0; i < l->n; i++) {
        const char *s = row_text(r, l->col[i], now_ms, buf, sizeof(buf));
        int w = text_width(s, strlen(s));
        l->width[i] = w > l->width[i] ? w : l->width[i];
    }
}

static void cell(const char *s, int width, bool last)
{
    fputs(s, stdout);
    if (last)
        return;
    int blanks = width + 3 - text_width(s, strlen(s));
    printf("%*s", blanks > 2 ? blanks : 2, "");
}

void layout_header(const struct table_layout *l)
{
    if (l->source)
        cell(l->kind->plane == PLANE_KUBE ? "CLUSTER" : "CLOUD", l->source_width, false);
    for (size_t i = 0; i < l->n; i++)
        cell(l->kind->columns[l->col[i]].title, l->width[i], i + 1 == l->n);
    fputc('\n', stdout);
}

void layout_row(const struct table_layout *l, const struct row *r, int64_t now_ms)
{
    char buf[CELL_MAX];
    if (l->source)
        cell(source_name(l, r), l->source_width, false);
    for (size_t i = 0; i < l->n; i++)
        cell(row_text(r, l->col[i], now_ms, buf, sizeof(buf)), l->width[i], i + 1 == l->n);
    fputc('\n', stdout);
}

/* Would printing b say anything that a has not said? What only grows older or is measured anew does not count. */
bool layout_same(const struct table_layout *l, const struct row *a, const struct row *b)
{
    size_t n = l ? l->n : a->kind->ncolumns;
    for (size_t i = 0; i < n; i++) {
        size_t col = l ? (size_t)l->col[i] : i;
        const struct column *c = &a->kind->columns[col];
        if (c->type == COL_TIME || c->type == COL_DURATION || (c->flags & COL_CARRY))
            continue;
        if (row_compare(a, b, (int)col))
            return false;
    }
    return a->health == b->health;
}

void print_cells(const struct batch *b, const struct row *r, const char *event)
{
    struct str s;
    char buf[CELL_MAX];
    const struct source_info *src = batch_source(b, r->source);
    str_init(&s, 0);
    str_addc(&s, '{');
    json_text(&s, "source", src ? src->name : "");
    json_text(&s, "uid", r->uid);
    for (size_t i = 0; i < r->kind->ncolumns; i++) {
        const char *id = r->kind->columns[i].id;
        if ((r->kind->columns[i].flags & COL_SOURCE) || !strcmp(id, "source") || !strcmp(id, "uid"))
            continue;
        const char *t = row_text(r, (int)i, batch_now(b, r->source), buf, sizeof(buf));
        json_text(&s, id, t);
    }
    str_addf(&s, ",\"health\":\"%s\"", health_name((enum health)r->health));
    if (event)
        str_addf(&s, ",\"event\":\"%s\"", event);
    str_adds(&s, "}\n");
    if (!s.failed)
        fwrite(s.data, 1, s.len, stdout);
    str_release(&s);
}

void json_text(struct str *s, const char *key, const char *value)
{
    if (s->len && s->data[s->len - 1] != '{')
        str_addc(s, ',');
    str_add_json(s, key, strlen(key));
    str_addc(s, ':');
    str_add_json(s, value, strlen(value));
}

void print_text(const char *text, size_t len)
{
    fwrite(text, 1, len, stdout);
    if (len && text[len - 1] != '\n')
        fputc('\n', stdout);
}

void list_out_items(struct list_out *l, const char *text, size_t len)
{
    if (!l->begun && l->yaml)
        printf("%s%s:", l->key ? "" : "apiVersion: v1\n", l->key ? l->key : "items");
    else if (!l->begun)
        printf("{\n%s    \"%s\": [", l->key ? "" : "    \"apiVersion\": \"v1\",\n", l->key ? l->key : "items");
    l->begun = true;
    if (!len)
        return;
    fputs(l->yaml ? l->parts ? "" : "\n" : l->parts ? ",\n        " : "\n        ", stdout);
    fwrite(text, 1, len, stdout);
    l->parts++;
}

void list_out_end(const struct list_out *l)
{
    if (!l->begun)
        return;
    if (l->yaml)
        printf("%s%s", l->parts ? "" : " []\n", l->key ? "" : "kind: List\nmetadata:\n  resourceVersion: \"\"\n");
    else
        printf("%s]%s\n}\n", l->parts ? "\n    " : "",
               l->key ? "" : ",\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }");
}

/* A reader that went away (`| head`) ends a --watch or --follow. */
bool write_ok(void)
{
    return !fflush(stdout) && !ferror(stdout);
}
