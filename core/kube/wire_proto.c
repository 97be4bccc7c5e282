/* The protobuf half of the reader: walks the bytes of one message, builds the wanted fields, steps over the others. */
#include <stdio.h>
#include <string.h>

#include "core/kube/wire_priv.h"
#include "strata/text.h"

enum { WT_VARINT = 0, WT_64 = 1, WT_LEN = 2, WT_32 = 5 };

#define ZERO_TIME_S (-62135596800ll)    /* year 1: what "no time" is on the server */
#define TIME_MAX_S 253402300800ll       /* year 10000 */

struct rd {
    const char *base;
    struct arena *a;
    struct err *err;
};

struct field {
    uint32_t number;
    unsigned wt;
    uint64_t n;               /* WT_VARINT */
    struct wire_slice s;      /* WT_LEN */
};

const char *proto_varint(const char *p, const char *end, uint64_t *v)
{
    uint64_t x = 0;
    for (unsigned shift = 0; p < end && shift < 70; shift += 7) {
        unsigned char c = (unsigned char)*p++;
        if (shift == 63 && c > 1)
            return NULL;
        x |= (uint64_t)(c & 0x7f) << shift;
        if (!(c & 0x80)) {
            *v = x;
            return p;
        }
    }
    return NULL;
}

/* One field at p; the byte behind it, or NULL when malformed. */
static const char *next_field(const char *p, const char *end, struct field *f)
{
    uint64_t tag, len;
    p = proto_varint(p, end, &tag);
    if (!p || tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return NULL;
    f->number = (uint32_t)(tag >> 3);
    f->wt = tag & 7;
    switch (f->wt) {
    case WT_VARINT:
        return proto_varint(p, end, &f->n);
    case WT_64:
        return end - p >= 8 ? p + 8 : NULL;
    case WT_32:
        return end - p >= 4 ? p + 4 : NULL;
    case WT_LEN:
        p = proto_varint(p, end, &len);
        if (!p || len > (uint64_t)(end - p))
            return NULL;
        f->s = (struct wire_slice){p, (size_t)len};
        return p + len;
    default:
        return NULL;
    }
}

static bool bad(struct rd *r, const char *at, const char *what)
{
    if (r->a->failed)
        wire_no_memory(r->err);
    else
        err_set(r->err, ERR_PARSE, 0, "protobuf: %s at byte %zu", what, (size_t)(at - r->base));
    return false;
}

/* Time and MicroTime; an empty message is no time at all. */
static bool read_time(struct wire_slice s, int64_t *ms, bool *none)
{
    struct field f;
    int64_t sec = 0, nanos = 0;
    for (const char *p = s.p, *end = s.p + s.len; p < end;) {
        p = next_field(p, end, &f);
        if (!p || (f.number <= 2 && f.wt != WT_VARINT))
            return false;
        if (f.number == 1)
            sec = (int64_t)f.n;
        else if (f.number == 2)
            nanos = (int64_t)f.n;
    }
    *none = !s.len || sec <= ZERO_TIME_S;
    if (sec > TIME_MAX_S)
        sec = TIME_MAX_S;
    *ms = *none ? 0 : sec * 1000 + (nanos > 0 && nanos < 1000000000 ? nanos / 1000000 : 0);
    return true;
}

static bool read_quantity(struct wire_slice s, struct wire_slice *text, int64_t *milli)
{
    if (!proto_slice(s.p, s.len, 1, text))
        return false;
    *milli = 0;
    return !text->len || text_parse_quantity(text->p, text->len, milli);
}

static bool read_intstr(struct rd *r, struct wire_slice s, struct wire_val *v)
{
    struct field f;
    struct wire_slice text = {NULL, 0};
    int64_t type = 0, n = 0;
    for (const char *p = s.p, *end = s.p + s.len; p < end;) {
        p = next_field(p, end, &f);
        if (!p || (f.number <= 2 && f.wt != WT_VARINT) || (f.number == 3 && f.wt != WT_LEN))
            return bad(r, s.p, "bad number-or-text");
        if (f.number == 1)
            type = (int64_t)f.n;
        else if (f.number == 2)
            n = (int64_t)f.n;
        else if (f.number == 3)
            text = f.s;
    }
    char buf[24];
    if (!type)
        text = (struct wire_slice){buf, (size_t)snprintf(buf, sizeof buf, "%lld", (long long)n)};
    return wire_set_text(v, text.p, text.len, r->a) || bad(r, s.p, "");
}

static bool read_entry(struct rd *r, const struct wire_field *fd, struct wire_slice s, struct wire_val *v)
{
    struct wire_slice key, val;
    struct wire_val k = {0};
    if (!proto_slice(s.p, s.len, 1, &key) || !proto_slice(s.p, s.len, 2, &val))
        return bad(r, s.p, "bad map entry");
    if (fd->msg == &wire_quantity_map && val.p && !read_quantity(val, &val, &v->n))
        return bad(r, s.p, "bad quantity");
    if (!wire_set_text(&k, key.p, key.len, r->a) || !wire_set_text(v, val.p, val.len, r->a))
        return bad(r, s.p, "");
    v->key = k.s;
    return true;
}

static bool message(struct rd *r, struct wire_slice s, struct wire_obj *o);

/* A sub-message; a second one of a field that is not repeated adds to the first. */
static bool sub_message(struct rd *r, struct wire_obj *o, size_t i, struct wire_slice s)
{
    const struct wire_field *fd = &o->schema->fields[i];
    struct wire_obj *sub = fd->repeated || !o->v[i] ? NULL : (struct wire_obj *)o->v[i]->obj;
    if (!sub) {
        struct wire_val *v = wire_val_new(o, i, r->a);
        sub = wire_obj_new(fd->msg, r->a);
        if (!v || !sub)
            return bad(r, s.p, "");
        v->obj = sub;
    }
    return message(r, s, sub);
}

/* Numbers of a repeated field may come packed. */
static bool packed(struct rd *r, struct wire_obj *o, size_t i, struct wire_slice s)
{
    for (const char *p = s.p, *end = s.p + s.len; p < end;) {
        uint64_t n;
        p = proto_varint(p, end, &n);
        struct wire_val *v = p ? wire_val_new(o, i, r->a) : NULL;
        if (!v)
            return bad(r, s.p, "bad packed numbers");
        v->n = (int64_t)n;
    }
    return true;
}

static bool value(struct rd *r, struct wire_obj *o, size_t i, const struct field *f, const char *at)
{
    const struct wire_field *fd = &o->schema->fields[i];
    bool number = fd->type == WIRE_INT || fd->type == WIRE_BOOL, none = false;
    int64_t n = 0;
    struct wire_slice q;
    if (number && fd->repeated && f->wt == WT_LEN)
        return packed(r, o, i, f->s);
    if (f->wt != (number ? WT_VARINT : WT_LEN))
        return bad(r, at, "wrong wire type");
    if (fd->type == WIRE_MSG)
        return sub_message(r, o, i, f->s);
    if (fd->type == WIRE_TIME && !read_time(f->s, &n, &none))
        return bad(r, at, "bad time");
    if (fd->type == WIRE_QUANTITY && !read_quantity(f->s, &q, &n))
        return bad(r, at, "bad quantity");
    if (none) {
        if (!fd->repeated)
            o->v[i] = NULL;
        return true;
    }
    struct wire_val *v = wire_val_new(o, i, r->a);
    if (!v)
        return bad(r, at, "");
    switch (fd->type) {
    case WIRE_INT:
        v->n = (int64_t)f->n;
        return true;
    case WIRE_BOOL:
        v->n = f->n != 0;
        return true;
    case WIRE_STR:
        return wire_set_text(v, f->s.p, f->s.len, r->a) || bad(r, at, "");
    case WIRE_INTSTR:
        return read_intstr(r, f->s, v);
    case WIRE_MAP:
        return read_entry(r, fd, f->s, v);
    default:
        v->n = n;
        return true;
    }
}

static bool message(struct rd *r, struct wire_slice s, struct wire_obj *o)
{
    const struct wire_schema *sc = o->schema;
    struct field f;
    if (!s.len)
        return true;
    wire_reverse_lists(o);        /* does nothing but when this message adds to an earlier one */
    for (const char *p = s.p, *end = s.p + s.len, *at; p < end;) {
        at = p;
        p = next_field(p, end, &f);
        if (!p)
            return bad(r, at, "cut or malformed field");
        size_t i = 0;
        while (i < sc->n && sc->fields[i].proto != f.number)
            i++;
        if (i < sc->n && !value(r, o, i, &f, at))
            return false;
    }
    wire_reverse_lists(o);
    return true;
}

enum err_code wire_proto(const struct wire_schema *sc, const char *data, size_t len, struct arena *a,
                         const struct wire_obj **out, struct err *err)
{
    struct err own = ERR_INIT;
    struct rd r = {.base = data, .a = a, .err = err ? err : &own};
    struct wire_obj *o = wire_obj_new(sc, a);
    *out = NULL;
    if (!o)
        return wire_no_memory(r.err);
    if (!message(&r, (struct wire_slice){data, len}, o))
        return r.err->code;
    *out = o;
    return ERR_OK;
}

bool proto_slice(const char *data, size_t len, unsigned field, struct wire_slice *out)
{
    struct field f;
    *out = (struct wire_slice){NULL, 0};
    if (!len)
        return true;
    for (const char *p = data, *end = data + len; p < end;) {
        p = next_field(p, end, &f);
        if (!p || (f.number == field && f.wt != WT_LEN))
            return false;
        if (f.number == field)
            *out = f.s;
    }
    return true;
}

bool proto_unwrap(struct wire_slice *s)
{
    if (s->len < 4 || memcmp(s->p, "k8s\0", 4))
        return true;
    return proto_slice(s->p + 4, s->len - 4, 2, s);
}
