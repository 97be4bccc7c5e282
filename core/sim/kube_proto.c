/* Protobuf to JSON by the schema's lines: fields are looked up by number, what the schema does not know is skipped. */
#include "core/sim/kube_proto.h"
#include "core/sim/sim.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEPTH_MAX 32

struct bytes { const unsigned char *p, *end; };

static bool varint(struct bytes *b, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; b->p < b->end && shift < 64; shift += 7) {
        unsigned char c = *b->p++;
        *out |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80))
            return true;
    }
    return false;
}

/* One field: its number, and its value as an integer or a run of bytes. */
struct field { unsigned number, wire; uint64_t value; struct bytes data; };

static bool next_field(struct bytes *b, struct field *f)
{
    uint64_t key;
    if (!varint(b, &key) || key >> 3 == 0 || key >> 3 > 100000)
        return false;
    *f = (struct field){.number = (unsigned)(key >> 3), .wire = key & 7};
    size_t n;
    switch (f->wire) {
    case 0:
        return varint(b, &f->value);
    case 2:
        if (!varint(b, &f->value) || f->value > (uint64_t)(b->end - b->p))
            return false;
        n = (size_t)f->value;
        break;
    case 1: n = 8; break;
    case 5: n = 4; break;
    default: return false;
    }
    if ((size_t)(b->end - b->p) < n)
        return false;
    f->data = (struct bytes){b->p, b->p + n};
    b->p += n;
    return true;
}

static const char *message(const char *name, size_t n)
{
    for (size_t i = 0; proto_schema[i]; i++)
        if (strncmp(proto_schema[i], name, n) == 0 && proto_schema[i][n] == ' ')
            return proto_schema[i] + n + 1;
    return NULL;
}

/* The row of a field: its name and type. */
struct row { const char *name; size_t name_len; const char *type; size_t type_len; };

static bool find_row(const char *line, unsigned number, struct row *out)
{
    while (*line) {
        char *after;
        unsigned long n = strtoul(line, &after, 10);
        size_t name = strcspn(after, ":"), type = strcspn(after + name, " ");
        if (n == number && after[name]) {
            *out = (struct row){after, name, after + name + 1, type - 1};
            return true;
        }
        line = after + name + type;
        line += *line == ' ';
    }
    return false;
}

struct reading { int depth; bool broken; };
static json_t *read_message(struct bytes b, const char *line, struct reading *r);

static json_t *text(struct bytes d)
{
    json_t *s = json_stringn((const char *)d.p, (size_t)(d.end - d.p));
    return s ? s : json_string("");
}

static json_t *base64(struct bytes d)
{
    char *out = sim_base64(d.p, (size_t)(d.end - d.p));
    json_t *s = json_string(out);
    free(out);
    return s;
}

static json_t *moment(struct bytes d)
{
    struct field f;
    uint64_t secs = 0;
    char buf[40];
    struct tm tm;
    while (d.p < d.end && next_field(&d, &f))
        if (f.number == 1)
            secs = f.value;
    time_t t = (time_t)secs;
    if (!secs || !gmtime_r(&t, &tm))
        return NULL;
    strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
    return json_string(buf);
}

/* The first string field of a message: quantities. */
static json_t *first_text(struct bytes d)
{
    struct field f;
    while (d.p < d.end && next_field(&d, &f))
        if (f.number == 1 && f.wire == 2)
            return text(f.data);
    return NULL;
}

static json_t *int_or_string(struct bytes d, bool zero_counts)
{
    struct field f;
    uint64_t type = 0, number = 0;
    json_t *word = NULL;
    while (d.p < d.end && next_field(&d, &f)) {
        if (f.number == 1)
            type = f.value;
        else if (f.number == 2)
            number = f.value;
        else if (f.number == 3 && f.wire == 2) {
            json_decref(word);
            word = text(f.data);
        }
    }
    if (type == 1)
        return word ? word : json_string("");
    json_decref(word);
    return number || zero_counts ? json_integer((json_int_t)(int32_t)number) : NULL;
}

/* The value of one field by its type; NULL: as good as not set. */
static json_t *value(const struct field *f, const char *type, size_t len, struct reading *r)
{
    const char *line;
    json_t *v;
    switch (*type) {
    case 's': return f->data.end > f->data.p ? text(f->data) : NULL;
    case 'b': return base64(f->data);
    case 'i': return json_integer((json_int_t)(int64_t)f->value);
    case 'z': return f->value ? json_integer((json_int_t)(int64_t)f->value) : NULL;
    case 'o': return json_boolean(f->value);
    case 'f': return f->value ? json_true() : NULL;
    case 'T': return moment(f->data);
    case 'Q': return first_text(f->data);
    case 'X': return int_or_string(f->data, true);
    case 'x': return int_or_string(f->data, false);
    case '@':
    case '~':
    case '!':
        line = message(type + 1, len - 1);
        v = line ? read_message(f->data, line, r) : NULL;
        if (v && *type == '~' && !json_object_size(v)) {
            json_decref(v);
            return NULL;
        }
        return v;
    default: return NULL;
    }
}

static void add_entry(json_t *map, struct bytes d, const char *type, size_t len, struct reading *r)
{
    struct field f;
    json_t *key = NULL, *v = NULL;
    while (d.p < d.end && next_field(&d, &f)) {
        if (f.number == 1 && !key)
            key = text(f.data);
        else if (f.number == 2 && !v)
            v = value(&f, type, len, r);
    }
    if (key)
        json_object_set_new(map, json_string_value(key), v ? v : json_string(""));
    else
        json_decref(v);
    json_decref(key);
}

static json_t *child(json_t *out, const char *name, bool map)
{
    json_t *c = json_object_get(out, name);
    if (!c) {
        c = map ? json_object() : json_array();
        json_object_set_new(out, name, c);
    }
    return c;
}

static json_t *read_message(struct bytes b, const char *line, struct reading *r)
{
    struct field f;
    struct row row;
    char name[128];
    json_t *out = json_object();
    r->broken = r->broken || ++r->depth > DEPTH_MAX;
    while (!r->broken && b.p < b.end) {
        if (!next_field(&b, &f)) {
            r->broken = true;
            break;
        }
        if (!find_row(line, f.number, &row) || row.name_len >= sizeof(name))
            continue;
        memcpy(name, row.name, row.name_len);
        name[row.name_len] = 0;
        if (*row.type == '%') {
            add_entry(child(out, name, true), f.data, row.type + 1, row.type_len - 1, r);
            continue;
        }
        bool list = *row.type == '*';
        json_t *v = value(&f, row.type + list, row.type_len - list, r);
        if (!v && list && row.type[1] == 's')
            v = json_string("");
        if (!v)
            continue;
        if (list) {
            json_array_append_new(child(out, name, false), v);
        } else if (*row.type == '!') {
            json_object_update(out, v);
            json_decref(v);
        } else {
            json_object_set_new(out, name, v);
        }
    }
    r->depth--;
    return out;
}

bool proto_is(const char *body, size_t len)
{
    return len >= 4 && memcmp(body, "k8s", 4) == 0;
}

json_t *proto_read(const char *body, size_t len)
{
    struct bytes b = {(const unsigned char *)body + 4, (const unsigned char *)body + len}, type = {0}, raw = {0};
    struct field f;
    json_t *api = NULL, *kind = NULL, *out = NULL;
    if (!proto_is(body, len))
        return NULL;
    while (b.p < b.end && next_field(&b, &f)) {
        if (f.number == 1 && f.wire == 2)
            type = f.data;
        else if (f.number == 2 && f.wire == 2)
            raw = f.data;
    }
    while (type.p < type.end && next_field(&type, &f)) {
        json_t **to = f.wire != 2 ? NULL : f.number == 1 ? &api : f.number == 2 ? &kind : NULL;
        if (to && !*to)
            *to = text(f.data);
    }
    char name[200] = "";
    if (kind && api)
        snprintf(name, sizeof(name), "%s@%s", json_string_value(kind), json_string_value(api));
    const char *line = kind ? message(name, strlen(name)) : NULL;      /* of a second version */
    if (!line && kind)
        line = message(json_string_value(kind), json_string_length(kind));
    struct reading r = {0};
    if (line && api)
        out = read_message(raw, line, &r);
    if (r.broken) {
        json_decref(out);
        out = NULL;
    }
    if (out) {
        json_object_set(out, "kind", kind);
        json_object_set(out, "apiVersion", api);
    }
    json_decref(kind);
    json_decref(api);
    return out;
}
