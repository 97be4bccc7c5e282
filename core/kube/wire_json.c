/* The JSON half of the reader: walks one object, builds the wanted fields, steps over all else. What it builds is
 * checked to the letter; of what it steps over only strings and brackets are looked at. */
#include <stdlib.h>
#include <string.h>

#include "core/kube/wire_priv.h"
#include "strata/text.h"

struct rd {
    const char *base, *p, *end;
    struct arena *a;
    struct err *err;
};

static bool bad(struct rd *r, const char *what)
{
    if (r->a && r->a->failed)
        wire_no_memory(r->err);
    else
        err_set(r->err, ERR_PARSE, 0, "JSON: %s at byte %zu", what, (size_t)(r->p - r->base));
    return false;
}

static char peek(struct rd *r)     /* next byte that is not white space; 0 at the end */
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
        r->p++;
    return r->p < r->end ? *r->p : 0;
}

static bool is_delimiter(char c)
{
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* A string's bytes between the quotes; *plain when they hold no escapes. */
static bool string_slice(struct rd *r, struct wire_slice *s, bool *plain)
{
    if (peek(r) != '"')
        return bad(r, "expected a string");
    const char *start = ++r->p;
    *plain = true;
    for (; r->p < r->end; r->p++) {
        unsigned char c = (unsigned char)*r->p;
        if (c == '"') {
            *s = (struct wire_slice){start, (size_t)(r->p - start)};
            r->p++;
            return true;
        }
        if (c < 0x20)
            return bad(r, "control character in a string");
        if (c == '\\') {
            *plain = false;
            r->p++;
        }
    }
    return bad(r, "unfinished string");
}

static int hex4(const char *p, const char *end)
{
    int v = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

static char *put_utf8(char *t, unsigned cp)
{
    if (cp < 0x80) {
        *t++ = (char)cp;
    } else if (cp < 0x800) {
        *t++ = (char)(0xc0 | cp >> 6);
        *t++ = (char)(0x80 | (cp & 63));
    } else if (cp < 0x10000) {
        *t++ = (char)(0xe0 | cp >> 12);
        *t++ = (char)(0x80 | (cp >> 6 & 63));
        *t++ = (char)(0x80 | (cp & 63));
    } else {
        *t++ = (char)(0xf0 | cp >> 18);
        *t++ = (char)(0x80 | (cp >> 12 & 63));
        *t++ = (char)(0x80 | (cp >> 6 & 63));
        *t++ = (char)(0x80 | (cp & 63));
    }
    return t;
}

/* \uXXXX at *p (behind the u); a pair makes one character, half a pair U+FFFD. */
static bool unescape_u(const char **p, const char *end, unsigned *cp)
{
    int hi = hex4(*p, end);
    if (hi < 0)
        return false;
    *p += 4;
    *cp = (unsigned)hi;
    if (hi >= 0xd800 && hi < 0xdc00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        int lo = hex4(*p + 2, end);
        if (lo >= 0xdc00 && lo < 0xe000) {
            *cp = 0x10000u + ((unsigned)(hi - 0xd800) << 10) + (unsigned)(lo - 0xdc00);
            *p += 6;
        }
    }
    if (*cp >= 0xd800 && *cp < 0xe000)
        *cp = 0xfffd;
    return true;
}

static bool unescape(struct rd *r, struct wire_slice in, struct wire_slice *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char *t = arena_alloc(r->a, in.len + 1), *start = t;     /* no escape is shorter than what it stands for */
    if (!t)
        return bad(r, "");
    for (const char *p = in.p, *end = in.p + in.len; p < end;) {
        if (*p != '\\') {
            *t++ = *p++;
            continue;
        }
        const char *e = ++p < end && *p != 'u' ? strchr(from, *p) : NULL;
        unsigned cp;
        if (e && *e) {
            *t++ = to[e - from];
            p++;
        } else if (p < end && *p == 'u' && (p++, unescape_u(&p, end, &cp))) {
            t = put_utf8(t, cp);
        } else {
            return bad(r, "bad escape before this point");
        }
    }
    *out = (struct wire_slice){start, (size_t)(t - start)};
    return true;
}

static bool string(struct rd *r, struct wire_slice *s)
{
    bool plain;
    return string_slice(r, s, &plain) && (plain || unescape(r, *s, s));
}

static bool scalar(struct rd *r, struct wire_slice *s)
{
    const char *start = r->p;
    while (r->p < r->end && !is_delimiter(*r->p))
        r->p++;
    *s = (struct wire_slice){start, (size_t)(r->p - start)};
    return s->len ? true : bad(r, "expected a value");
}

static bool is_word(struct wire_slice s, const char *word)
{
    return s.len == strlen(word) && !memcmp(s.p, word, s.len);
}

static bool skip(struct rd *r)
{
    struct json_scan st = {0};
    struct wire_slice s;
    const char *q;
    char c = peek(r);
    if (c == '"')
        q = json_scan_string(&st, r->p, r->end);
    else if (c == '{' || c == '[')
        q = json_scan(&st, r->p, r->end);
    else
        return scalar(r, &s);
    if (!q)
        return bad(r, st.depth > JSON_DEPTH_MAX ? "nested too deep" : "unfinished value");
    r->p = q;
    return true;
}

/* JSON's number grammar; whole numbers exactly, all others truncated, both held within int64. */
static bool number(struct rd *r, struct wire_slice s, int64_t *n)
{
    const char *p = s.p, *end = s.p + s.len, *digits;
    bool neg = p < end && *p == '-', whole = true;
    p += neg;
    digits = p;
    uint64_t v = 0;
    bool big = false;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        big |= v > (UINT64_MAX - 9) / 10;
        v = v * 10 + (uint64_t)(*p - '0');
    }
    if (p == digits || (*digits == '0' && p - digits > 1))
        return bad(r, "bad number before this point");
    if (p < end && *p == '.') {
        whole = false;
        const char *frac = ++p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == frac)
            return bad(r, "bad number before this point");
    }
    if (p < end && (*p | 32) == 'e') {
        whole = false;
        p++;
        p += p < end && (*p == '+' || *p == '-');
        const char *ex = p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == ex)
            return bad(r, "bad number before this point");
    }
    if (p != end || s.len > 400)
        return bad(r, "bad number before this point");
    if (!whole) {
        char buf[404];
        memcpy(buf, s.p, s.len);
        buf[s.len] = 0;
        double d = strtod(buf, NULL);
        *n = d >= 9.2e18 ? INT64_MAX : d <= -9.2e18 ? INT64_MIN : (int64_t)d;
    } else if (big || v > INT64_MAX) {
        *n = neg ? INT64_MIN : INT64_MAX;
    } else {
        *n = neg ? -(int64_t)v : (int64_t)v;
    }
    return true;
}

static bool object(struct rd *r, const struct wire_schema *sc, struct wire_obj **out);

/* A string, or where `bare` allows it the text of a number. *isnull: the value is null. */
static bool text_or_null(struct rd *r, bool bare, struct wire_slice *s, bool *isnull)
{
    *isnull = false;
    if (peek(r) == '"')
        return string(r, s);
    if (!scalar(r, s))
        return false;
    *isnull = is_word(*s, "null");
    int64_t n;
    return *isnull || (bare ? number(r, *s, &n) : bad(r, "expected a string before this point"));
}

static bool value_number(struct rd *r, const struct wire_field *f, int64_t *n, bool *isnull)
{
    struct wire_slice s;
    peek(r);
    if (!scalar(r, &s))
        return false;
    *isnull = is_word(s, "null");
    if (*isnull)
        return true;
    if (f->type == WIRE_INT)
        return number(r, s, n);
    *n = is_word(s, "true");
    return *n || is_word(s, "false") ? true : bad(r, "expected true or false before this point");
}

/* One value of field i, or one element of it. */
static bool value(struct rd *r, struct wire_obj *o, size_t i)
{
    const struct wire_field *f = &o->schema->fields[i];
    struct wire_slice s = {NULL, 0};
    struct wire_obj *sub = NULL;
    bool isnull = false;
    int64_t n = 0;
    switch (f->type) {
    case WIRE_INT:
    case WIRE_BOOL:
        if (!value_number(r, f, &n, &isnull))
            return false;
        break;
    case WIRE_MSG:
        isnull = peek(r) == 'n';
        if (isnull ? !skip(r) : !object(r, f->msg, &sub))
            return false;
        break;
    default:
        if (!text_or_null(r, f->type == WIRE_QUANTITY || f->type == WIRE_INTSTR, &s, &isnull))
            return false;
        if (f->type == WIRE_TIME)
            isnull |= !s.len;
    }
    if (isnull)
        return true;
    if (f->type == WIRE_TIME && !text_parse_time(s.p, s.len, &n))
        return bad(r, "bad time before this point");
    if (f->type == WIRE_QUANTITY && !text_parse_quantity(s.p, s.len, &n))
        return bad(r, "bad quantity before this point");
    struct wire_val *v = wire_val_new(o, i, r->a);
    if (!v)
        return bad(r, "");
    v->n = n;
    v->obj = sub;
    if ((f->type == WIRE_STR || f->type == WIRE_INTSTR) && !wire_set_text(v, s.p, s.len, r->a))
        return bad(r, "");
    return true;
}

/* Behind an element: is there another one? false with *ok at the closing bracket. */
static bool another(struct rd *r, char close, bool *ok)
{
    char c = peek(r);
    *ok = c == ',' || c == close;
    if (!*ok)
        return bad(r, "expected a comma or the end of a list or object");
    r->p++;
    return c == ',';
}

static bool array(struct rd *r, struct wire_obj *o, size_t i)
{
    char c = peek(r);
    bool ok = true;
    o->v[i] = NULL;
    if (c == 'n')
        return skip(r);
    if (c != '[')
        return bad(r, "expected a list");
    r->p++;
    if (peek(r) == ']') {
        r->p++;
        return true;
    }
    do {
        if (!value(r, o, i))
            return false;
    } while (another(r, ']', &ok));
    return ok;
}

static bool colon(struct rd *r)
{
    if (peek(r) != ':')
        return bad(r, "expected a colon");
    r->p++;
    return true;
}

static bool map_entry(struct rd *r, struct wire_obj *o, size_t i)
{
    bool quantity = o->schema->fields[i].msg == &wire_quantity_map, isnull;
    struct wire_slice key, s = {NULL, 0};
    struct wire_val k = {0};
    if (!string(r, &key) || !colon(r) || !text_or_null(r, quantity, &s, &isnull))
        return false;
    struct wire_val *v = wire_val_new(o, i, r->a);
    if (!v || !wire_set_text(&k, key.p, key.len, r->a) || !wire_set_text(v, s.p, s.len, r->a))
        return bad(r, "");
    v->key = k.s;
    if (quantity && !isnull && !text_parse_quantity(s.p, s.len, &v->n))
        return bad(r, "bad quantity before this point");
    return true;
}

static bool map(struct rd *r, struct wire_obj *o, size_t i)
{
    char c = peek(r);
    bool ok = true;
    o->v[i] = NULL;
    if (c == 'n')
        return skip(r);
    if (c != '{')
        return bad(r, "expected an object");
    r->p++;
    if (peek(r) == '}') {
        r->p++;
        return true;
    }
    do {
        if (!map_entry(r, o, i))
            return false;
    } while (another(r, '}', &ok));
    return ok;
}

static size_t find_field(const struct wire_schema *sc, struct wire_slice key)
{
    size_t i = 0;
    for (; i < sc->n; i++) {
        const char *name = sc->fields[i].json;
        if (key.len && name[0] == key.p[0] && !strncmp(name, key.p, key.len) && !name[key.len])
            break;
    }
    return i;
}

static bool member(struct rd *r, struct wire_obj *o)
{
    struct wire_slice key;
    if (!string(r, &key) || !colon(r))
        return false;
    size_t i = find_field(o->schema, key);
    if (i == o->schema->n)
        return skip(r);
    if (o->schema->fields[i].type == WIRE_MAP)
        return map(r, o, i);
    if (o->schema->fields[i].repeated)
        return array(r, o, i);
    o->v[i] = NULL;
    return value(r, o, i);
}

static bool object(struct rd *r, const struct wire_schema *sc, struct wire_obj **out)
{
    bool ok = true;
    if (peek(r) != '{')
        return bad(r, "expected an object");
    r->p++;
    struct wire_obj *o = *out = wire_obj_new(sc, r->a);
    if (!o)
        return bad(r, "");
    if (peek(r) == '}') {
        r->p++;
        return true;
    }
    do {
        if (!member(r, o))
            return false;
    } while (another(r, '}', &ok));
    wire_reverse_lists(o);
    return ok;
}

enum err_code wire_json(const struct wire_schema *sc, const char *data, size_t len, struct arena *a,
                        const struct wire_obj **out, struct err *err)
{
    struct err own = ERR_INIT;
    struct rd r = {.base = data, .p = data, .end = data + len, .a = a, .err = err ? err : &own};
    struct wire_obj *o = NULL;
    *out = NULL;
    if (!object(&r, sc, &o))
        return r.err->code;
    if (peek(&r) || r.p < r.end)
        return bad(&r, "something behind the object"), r.err->code;
    *out = o;
    return ERR_OK;
}

bool json_members(const char *data, size_t len, const char *const *keys, struct wire_slice *out, size_t n)
{
    struct err err = ERR_INIT;
    struct rd r = {.base = data, .p = data, .end = data + len, .err = &err};
    bool ok = true, plain;
    memset(out, 0, n * sizeof *out);
    if (peek(&r) != '{')
        return false;
    r.p++;
    if (peek(&r) == '}')
        return true;
    do {
        struct wire_slice key;
        if (!string_slice(&r, &key, &plain) || !colon(&r))
            return false;
        peek(&r);
        const char *start = r.p;
        if (!skip(&r))
            return false;
        for (size_t i = 0; i < n; i++) {
            if (is_word(key, keys[i]))
                out[i] = (struct wire_slice){start, (size_t)(r.p - start)};
        }
    } while (another(&r, '}', &ok));
    return ok;
}
