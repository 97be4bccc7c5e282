/* JSON from templates in single quotes, built while the template is read: no text in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/sim.h"

struct tmpl {
    const char *all, *p;
    va_list ap;
};

static json_t *value(struct tmpl *t);

static void bad(const struct tmpl *t, const char *what)
{
    fprintf(stderr, "strata-sim: bad template: %s at \"%.40s\" of %s\n", what, t->p, t->all);
    abort();
}

static char next(struct tmpl *t)
{
    while (*t->p == ' ')
        t->p++;
    return *t->p;
}

/* Text that is no UTF-8 (a client may send anything) gets U+FFFD for each byte that is none, as Go's encoder does. */
static json_t *any_text(const char *s, size_t n)
{
    json_t *v = json_stringn(s, n);
    if (v)
        return v;
    char *out = sim_alloc(n * 3 + 1);
    size_t o = 0;
    for (size_t i = 0, k; i < n; i += k) {
        json_t *one = NULL;
        for (k = 1; k <= 4 && i + k <= n && !(one = json_stringn(s + i, k)); k++)
            ;
        if (one) {
            memcpy(out + o, s + i, k);
            o += k;
        } else {
            memcpy(out + o, "\357\277\275", 3);
            o += 3;
            k = 1;
        }
        json_decref(one);
    }
    v = json_stringn(out, o);
    free(out);
    return v;
}

/* A string of the template itself: %% is %, escapes are JSON's. The end of its text; *odd: there are such. */
static const char *literal_end(struct tmpl *t, bool *odd)
{
    char quote = *t->p;
    const char *e = t->p + 1;
    *odd = false;
    for (; *e && *e != quote; e++) {
        *odd = *odd || *e == '\\' || *e == '%';
        e += *e == '\\' && e[1];
    }
    if (!*e)
        bad(t, "a string has no end");
    return e;
}

static json_t *literal(struct tmpl *t)
{
    bool odd;
    const char *from = t->p + 1, *e = literal_end(t, &odd);
    json_t *v = NULL;
    if (!odd) {
        v = json_stringn_nocheck(from, (size_t)(e - from));
    } else {
        struct str out;
        str_init(&out, 0);
        str_addc(&out, '"');
        for (const char *p = from; p < e; p++) {
            p += *p == '%' && p[1] == '%';
            str_addc(&out, *p);
        }
        str_addc(&out, '"');
        v = json_read(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        str_release(&out);
    }
    if (!v)
        bad(t, "not a string of JSON");
    t->p = e + 1;
    return v;
}

static json_t *argument(struct tmpl *t)
{
    const char *s;
    json_t *j;
    char what = t->p[1];
    t->p += 2;
    switch (what) {
    case 's': s = va_arg(t->ap, const char *); return s ? any_text(s, strlen(s)) : json_null();
    case 'i': return json_integer(va_arg(t->ap, int));
    case 'l': return json_integer(va_arg(t->ap, int64_t));
    case 'b': return json_boolean(va_arg(t->ap, int));
    case 'j': j = va_arg(t->ap, json_t *); return j ? j : json_null();
    default: bad(t, "unknown %"); return NULL;
    }
}

static json_t *object(struct tmpl *t)
{
    json_t *o = json_object();
    t->p++;
    while (next(t) != '}') {
        json_t *key = *t->p == '%' ? argument(t) : literal(t);
        if (!json_is_string(key) || next(t) != ':')
            bad(t, "a key and ':' belong here");
        t->p++;
        json_object_set_new_nocheck(o, json_string_value(key), value(t));
        json_decref(key);
        if (next(t) == ',')
            t->p++;
        else if (*t->p != '}')
            bad(t, "',' or '}' belongs here");
    }
    t->p++;
    return o;
}

static json_t *array(struct tmpl *t)
{
    json_t *a = json_array();
    t->p++;
    while (next(t) != ']') {
        json_array_append_new(a, value(t));
        if (next(t) == ',')
            t->p++;
        else if (*t->p != ']')
            bad(t, "',' or ']' belongs here");
    }
    t->p++;
    return a;
}

static json_t *word(struct tmpl *t)
{
    static const struct { const char *text; json_t *(*make)(void); } constant[] = {{"null", json_null}, {"true", json_true}, {"false", json_false}};
    size_t n = strcspn(t->p, " ,]}");
    for (size_t i = 0; i < 3; i++) {
        if (strlen(constant[i].text) == n && memcmp(t->p, constant[i].text, n) == 0) {
            t->p += n;
            return constant[i].make();
        }
    }
    json_t *v = n == 1 && *t->p >= '0' && *t->p <= '9' ? json_integer(*t->p - '0') : n ? json_read(t->p, n, JSON_DECODE_ANY, NULL) : NULL;
    if (!v)
        bad(t, "no value");
    t->p += n;
    return v;
}

static json_t *value(struct tmpl *t)
{
    switch (next(t)) {
    case '{': return object(t);
    case '[': return array(t);
    case '\'':
    case '"': return literal(t);
    case '%': return argument(t);
    default: return word(t);
    }
}

json_t *jt(const char *tmpl, ...)
{
    struct tmpl t = {.all = tmpl, .p = tmpl};
    va_start(t.ap, tmpl);
    json_t *v = value(&t);
    va_end(t.ap);
    if (next(&t))
        bad(&t, "something is behind its end");
    return v;
}
