/* NULL-safe reading of jansson trees by path, and columns filled from their paths. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/openstack/ostk.h"
#include "strata/text.h"

static const struct json_t *step(const struct json_t *o, const char *key, size_t len)
{
    char buf[128];
    if (json_is_array(o)) {
        char *end;
        unsigned long i = strtoul(key, &end, 10);
        return end == key + len && len ? json_array_get((json_t *)o, i) : NULL;
    }
    if (!json_is_object(o) || len >= sizeof buf)
        return NULL;
    memcpy(buf, key, len);
    buf[len] = 0;
    return json_object_get((json_t *)o, buf);
}

const struct json_t *ostk_json(const struct json_t *o, const char *path)
{
    while (o && *path) {
        /* "OS-EXT-STS:vm_state" has no dot, "a.b" as one key is rare: whole first, then its first part */
        const struct json_t *whole = json_is_object(o) ? json_object_get((json_t *)o, path) : NULL;
        if (whole)
            return whole;
        size_t n = strcspn(path, ".");
        o = step(o, path, n);
        path += n;
        if (*path == '.')
            path++;
    }
    return o;
}

const char *ostk_json_str(const struct json_t *o, const char *path)
{
    return json_string_value(ostk_json(o, path));
}

int64_t ostk_json_int(const struct json_t *o, const char *path, int64_t dflt)
{
    const struct json_t *v = ostk_json(o, path);
    if (json_is_integer(v))
        return json_integer_value(v);
    if (json_is_boolean(v))
        return json_is_true(v);
    if (json_is_real(v)) {
        double d = json_real_value(v);
        return d > -9e18 && d < 9e18 ? (int64_t)d : dflt;
    }
    if (json_is_string(v)) {
        char *end;
        const char *s = json_string_value(v);
        long long n = strtoll(s, &end, 10);
        if (end != s && !*end)
            return n;
    }
    return dflt;
}

static void fill_text(struct rowbuf *rb, int col, const json_t *v)
{
    if (json_is_string(v))
        rowbuf_textn(rb, col, json_string_value(v), json_string_length(v));
    else if (json_is_boolean(v))
        rowbuf_text(rb, col, json_is_true(v) ? "True" : "False");
    else if (json_is_integer(v))
        rowbuf_textf(rb, col, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        rowbuf_textf(rb, col, "%g", json_real_value(v));
    else if (json_is_array(v)) {                       /* of words: "a, b" */
        struct str s;
        size_t i;
        json_t *e;
        str_init(&s, 1 << 16);
        json_array_foreach(v, i, e) {
            if (!json_is_string(e))
                continue;
            if (s.len)
                str_adds(&s, ", ");
            str_add(&s, json_string_value(e), json_string_length(e));
        }
        if (s.len && !s.failed)
            rowbuf_textn(rb, col, s.data, s.len);
        str_release(&s);
    }
}

void ostk_fill_columns(struct rowbuf *rb, const struct json_t *item)
{
    for (size_t i = 0; i < rb->kind->ncolumns; i++) {
        const struct column *c = &rb->kind->columns[i];
        const json_t *v = c->path ? ostk_json(item, c->path) : NULL;
        int64_t ms;
        if (!v || json_is_null(v))
            continue;
        switch (c->type) {
        case COL_TEXT:
            fill_text(rb, (int)i, v);
            break;
        case COL_TIME:
        case COL_STAMP:
            if (json_is_string(v) && text_parse_time(json_string_value(v), json_string_length(v), &ms))
                rowbuf_num(rb, (int)i, ms);
            break;
        default:
            ms = ostk_json_int(v, "", CELL_NONE);
            if (ms != CELL_NONE)
                rowbuf_num(rb, (int)i, ms);
        }
    }
}
