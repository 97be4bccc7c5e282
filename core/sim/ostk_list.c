/* Lists as the OpenStack services give them: who sees what, filters, order, one page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/sim/ostk_sim.h"

#define PAIRS 64

struct pair { const char *key, *value; };
struct query { struct pair pair[PAIRS]; size_t n; };

static enum MHD_Result take_pair(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct query *q = cls;
    (void)kind;
    if (q->n == PAIRS)
        return MHD_NO;
    q->pair[q->n++] = (struct pair){key, value ? value : ""};
    return MHD_YES;
}

static void query_of(struct req *r, struct query *q)
{
    q->n = 0;
    MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, take_pair, q);
}

bool ostk_flag(const struct req *r, const char *key)
{
    const char *v = req_query(r, key);
    return v && (strcmp(v, "1") == 0 || strcasecmp(v, "true") == 0 || strcasecmp(v, "yes") == 0);
}

bool ostk_equals(const json_t *have, const char *want)
{
    char num[32];
    switch (have ? json_typeof(have) : JSON_NULL) {
    case JSON_STRING:
        return strcmp(json_string_value(have), want) == 0;
    case JSON_INTEGER:
        snprintf(num, sizeof(num), "%lld", (long long)json_integer_value(have));
        return strcmp(num, want) == 0;
    case JSON_TRUE:
        return strcasecmp(want, "true") == 0 || strcmp(want, "1") == 0;
    case JSON_FALSE:
        return strcasecmp(want, "false") == 0 || strcmp(want, "0") == 0;
    case JSON_ARRAY:
        for (size_t i = 0; i < json_array_size(have); i++)
            if (ostk_equals(json_array_get(have, i), want))
                return true;
        return false;
    case JSON_OBJECT: {                                        /* fixed_ips=ip_address=10.0.0.1 */
        char key[64];
        size_t n = strcspn(want, "=:");
        if (!want[n] || n >= sizeof(key))
            return false;
        snprintf(key, sizeof(key), "%.*s", (int)n, want);
        return ostk_equals(json_object_get(have, key), want + n + 1);
    }
    default:
        return !*want || strcasecmp(want, "none") == 0 || strcasecmp(want, "null") == 0;
    }
}

/* "key" or "key=path": the path of a query's key among the filters, NULL when it is none. */
static const char *filter_path(const char *const *filters, const char *key)
{
    size_t n = strlen(key);
    for (; filters && *filters; filters++)
        if (strncmp(*filters, key, n) == 0 && (!(*filters)[n] || (*filters)[n] == '='))
            return (*filters)[n] ? *filters + n + 1 : *filters;
    return NULL;
}

static json_t *at_path(const json_t *d, const char *path)
{
    json_t *v = json_object_get(d, path);                      /* keys with dots and colons first */
    return v ? v : jat(d, path);
}

static bool wanted(const struct query *q, const struct ostk_list *l, const json_t *d)
{
    for (size_t i = 0; i < q->n; i++) {
        const char *path = filter_path(l->filters, q->pair[i].key);
        bool ok = !path;
        for (size_t j = 0; !ok && j < q->n; j++)              /* a key given more than once: any of its values */
            ok = strcmp(q->pair[j].key, q->pair[i].key) == 0 && ostk_equals(at_path(d, path), q->pair[j].value);
        if (!ok)
            return false;
    }
    return true;
}

/* Values that can only be found as they stand in the text of a row: ids, names, addresses. Any other filter decides on the document. */
static bool plain_value(const char *v)
{
    static const char *const words[] = {"true", "false", "none", "null"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(v, words[i]) == 0)
            return false;
    return strlen(v) > 1 && v[strspn(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == 0;
}

/* False: the row cannot be wanted; nothing was parsed to know. */
static bool worth_reading(const struct query *q, const struct ostk_list *l, const struct obj *o)
{
    for (size_t i = 0; i < q->n; i++) {
        const char *path = filter_path(l->filters, q->pair[i].key);
        bool many = false;
        for (size_t j = 0; path && j < q->n; j++)
            many = many || (j != i && strcmp(q->pair[j].key, q->pair[i].key) == 0);
        if (path && path[0] != '_' && !many && plain_value(q->pair[i].value) && !strstr(o->text, q->pair[i].value))
            return false;
    }
    return true;
}

const char *ostk_unknown_query(struct req *r, const char *const *known, const char *const *more)
{
    struct query q;
    query_of(r, &q);
    for (size_t i = 0; i < q.n; i++)
        if (!filter_path(known, q.pair[i].key) && !filter_path(more, q.pair[i].key))
            return q.pair[i].key;
    return NULL;
}

/* ---- order ---- */
const char *ostk_order(struct req *r, char *buf, size_t size, const char *fallback, const char *dir)
{
    struct query q;
    size_t len = 0;
    const char *spec = req_query(r, "sort");
    query_of(r, &q);
    buf[0] = 0;
    if (spec && strchr(spec, ':'))
        return spec;
    if (spec) {
        snprintf(buf, size, "%s:%s", spec, req_query(r, "sort_dir") ? req_query(r, "sort_dir") : dir);
        return buf;
    }
    for (size_t i = 0, nth = 0; i < q.n; i++) {
        if (strcmp(q.pair[i].key, "sort_key") != 0 && strcmp(q.pair[i].key, "sort_keys") != 0)
            continue;
        const char *way = dir;
        for (size_t j = 0, k = 0; j < q.n; j++)
            if (strcmp(q.pair[j].key, "sort_dir") == 0 && k++ <= nth)
                way = q.pair[j].value;
        nth++;
        len += (size_t)snprintf(buf + len, len < size ? size - len : 0, "%s%s:%s", len ? "," : "", q.pair[i].value, way);
    }
    return buf[0] && len < size ? buf : fallback;
}

static int compare_values(const json_t *a, const json_t *b)
{
    if (json_is_string(a) && json_is_string(b))
        return strcasecmp(json_string_value(a), json_string_value(b));
    if (json_is_number(a) && json_is_number(b))
        return (json_number_value(a) > json_number_value(b)) - (json_number_value(a) < json_number_value(b));
    if (json_is_boolean(a) && json_is_boolean(b))
        return json_is_true(a) - json_is_true(b);
    return (a && !json_is_null(a)) - (b && !json_is_null(b));
}

struct sortable { json_t *d; const char *order; size_t at; };

static int by_order(const void *x, const void *y)
{
    const struct sortable *a = x, *b = y;
    char key[64];
    for (const char *p = a->order; *p; p += strcspn(p, ","), p += *p == ',') {
        size_t n = strcspn(p, ":,");
        snprintf(key, sizeof(key), "%.*s", (int)n, p);
        int c = compare_values(at_path(a->d, key), at_path(b->d, key));
        if (c)
            return p[n] == ':' && strncmp(p + n + 1, "desc", 4) == 0 ? -c : c;
    }
    return a->at < b->at ? -1 : 1;
}

static json_t *in_order(json_t *rows, const char *order)
{
    size_t n = json_array_size(rows);
    struct sortable *all = sim_alloc((n + 1) * sizeof(*all));
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++)
        all[i] = (struct sortable){json_array_get(rows, i), order, i};
    qsort(all, n, sizeof(*all), by_order);
    for (size_t i = 0; i < n; i++)
        json_array_append(out, all[i].d);
    free(all);
    json_decref(rows);
    return out;
}

/* ---- pages ---- */
static const char *row_id(const json_t *d)
{
    const char *id = jstr(d, "id");
    return *id ? id : jstr(d, "uuid");
}

/* Rows [from, to) of what was found. */
static void cut(struct ostk_result *p, size_t from, size_t to)
{
    json_t *rows = json_array();
    for (size_t i = from; i < to && i < json_array_size(p->rows); i++)
        json_array_append(rows, json_array_get(p->rows, i));
    json_decref(p->rows);
    p->rows = rows;
}

static bool find_marker(const json_t *rows, const char *marker, size_t *at)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        if (strcmp(row_id(json_array_get(rows, i)), marker) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

static bool limit_of(struct req *r, const struct ostk_list *l, struct ostk_result *p)
{
    const char *text = req_query(r, "limit");
    char *end = NULL;
    long long n = text ? strtoll(text, &end, 10) : 0;
    if (text && (n < 0 || end == text || *end))
        return false;
    p->limit = text && n ? (size_t)n : l->limit;
    if (l->max && (!p->limit || p->limit > l->max))
        p->limit = l->max;
    return true;
}

static json_t *failed(struct ostk_result *p)
{
    json_decref(p->rows);
    return p->rows = NULL;
}

struct ostk_result ostk_rows(struct req *r, const struct ostk_list *l)
{
    struct ostk_result p = {.rows = json_array()};
    struct query q;
    const char *marker = req_query(r, "marker"), *offset = req_query(r, "offset");
    bool plain = !l->order && !l->reverse && !offset;          /* by id: one pass, as far as the page goes */
    size_t at = 0, from = 0, n;
    query_of(r, &q);
    if (!limit_of(r, l, &p)) {
        p.bad_limit = true;
        failed(&p);
        return p;
    }
    if (marker && *marker && plain) {
        p.bad_marker = !store_get(l->table, "", marker);
        if (p.bad_marker) {
            failed(&p);
            return p;
        }
        at = store_from(l->table, "", marker, true);
    } else {
        store_from(l->table, "", "", false);                   /* sorts what was seeded */
    }
    for (; at < l->table->n && !(plain && p.limit && json_array_size(p.rows) == p.limit); at++) {
        if (!worth_reading(&q, l, l->table->items[at]))
            continue;
        json_t *d = l->see(r, obj_doc(l->table->items[at]));
        if (d && wanted(&q, l, d) && (!l->also || l->also(r, d)))
            json_array_append(p.rows, d);
        json_decref(d);
    }
    if (!plain) {
        if (l->order)
            p.rows = in_order(p.rows, l->order);
        p.total = n = json_array_size(p.rows);
        bool found = marker && *marker && find_marker(p.rows, marker, &from);
        p.bad_marker = marker && *marker && !found;
        if (p.bad_marker) {
            failed(&p);
            return p;
        }
        if (l->reverse) {
            n = found ? from : n;
            cut(&p, p.limit && n > p.limit ? n - p.limit : 0, n);
        } else {
            from = (found ? from + 1 : 0) + (offset ? strtoul(offset, NULL, 10) : 0);
            cut(&p, from, p.limit ? from + p.limit : n);
        }
    }
    n = json_array_size(p.rows);
    for (size_t i = 0; i < n; i++)
        ostk_public(json_array_get(p.rows, i));
    p.full = p.limit && n == p.limit;
    snprintf(p.first, sizeof(p.first), "%s", row_id(json_array_get(p.rows, 0)));
    snprintf(p.last, sizeof(p.last), "%s", n ? row_id(json_array_get(p.rows, n - 1)) : "");
    return p;
}

/* ---- what is left of a document ---- */
static bool listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; *p; p += strcspn(p, ","), p += *p == ',')
        if (strncmp(p, word, n) == 0 && (!p[n] || p[n] == ','))
            return true;
    return false;
}

void ostk_fields(struct req *r, json_t *doc)
{
    struct query q;
    const char *key;
    json_t *v, *keep = NULL;
    query_of(r, &q);
    for (size_t i = 0; i < q.n; i++) {
        if (strcmp(q.pair[i].key, "fields") != 0 || !*q.pair[i].value)
            continue;
        if (!keep)
            keep = json_object();
        json_object_foreach(doc, key, v)
            if (listed(q.pair[i].value, key))
                json_object_set(keep, key, v);
    }
    if (keep) {
        json_object_clear(doc);
        json_object_update(doc, keep);
        json_decref(keep);
    }
}

void ostk_hide(json_t *doc, const char *const *keys)
{
    for (; *keys; keys++)
        json_object_del(doc, *keys);
}

json_t *ostk_public(json_t *doc)
{
    const char *key;
    void *next;
    json_t *v;
    json_object_foreach_safe(doc, next, key, v)
        if (key[0] == '_')
            json_object_del(doc, key);
    return doc;
}

/* ---- addresses ---- */
char *ostk_url(struct req *r, const char *fmt, ...)
{
    va_list ap;
    struct str out;
    str_init(&out, 0);
    str_addf(&out, "https://127.0.0.1:%d", r->sim->port);
    va_start(ap, fmt);
    str_addv(&out, fmt, ap);
    va_end(ap);
    char *url = sim_strdup(out.data);
    str_release(&out);
    return url;
}

char *ostk_link(struct req *r, const char *path, const char *const *skip, const char *fmt, ...)
{
    va_list ap;
    struct str out;
    struct query q;
    query_of(r, &q);
    str_init(&out, 0);
    str_addf(&out, "%s", path);
    char sep = '?';
    for (size_t i = 0; i < q.n; i++) {
        if (strcmp(q.pair[i].key, "marker") == 0 || filter_path(skip, q.pair[i].key))
            continue;
        str_addf(&out, "%c%s=", sep, q.pair[i].key);
        str_add_urlenc(&out, q.pair[i].value);
        sep = '&';
    }
    str_addc(&out, sep);
    va_start(ap, fmt);
    str_addv(&out, fmt, ap);
    va_end(ap);
    char *url = sim_strdup(out.data);
    str_release(&out);
    return url;
}
