/* Objects read by a schema: building them and finding values in them; what JSON and protobuf have in common. */
#include "core/kube/wire_priv.h"

#include <stdarg.h>
#include <string.h>

const struct wire_schema wire_quantity_map = {.fields = NULL, .n = 0};

struct wire_obj *wire_obj_new(const struct wire_schema *sc, struct arena *a)
{
    struct wire_obj *o = arena_alloc(a, sizeof *o + sc->n * sizeof o->v[0]);
    if (o)
        o->schema = sc;
    return o;
}

static bool is_list(const struct wire_field *f)
{
    return f->repeated || f->type == WIRE_MAP;
}

struct wire_val *wire_val_new(struct wire_obj *o, size_t i, struct arena *a)
{
    struct wire_val *v = arena_alloc(a, sizeof *v);
    if (!v)
        return NULL;
    if (is_list(&o->schema->fields[i]))
        v->next = o->v[i];
    o->v[i] = v;
    return v;
}

void wire_reverse_lists(struct wire_obj *o)
{
    for (size_t i = 0; i < o->schema->n; i++) {
        if (!is_list(&o->schema->fields[i]))
            continue;
        struct wire_val *done = NULL;
        for (struct wire_val *v = o->v[i], *next; v; v = next) {
            next = v->next;
            v->next = done;
            done = v;
        }
        o->v[i] = done;
    }
}

bool wire_set_text(struct wire_val *v, const char *s, size_t len, struct arena *a)
{
    static const char fffd[] = "\xef\xbf\xbd";
    size_t nuls = 0;
    for (const char *p = s; len && (p = memchr(p, 0, len - (size_t)(p - s))); p++)
        nuls++;
    if (len > UINT32_MAX / 4)
        return false;
    char *t = arena_alloc(a, len + nuls * 2 + 1);
    if (!t)
        return false;
    v->s = t;
    v->len = (uint32_t)(len + nuls * 2);
    if (!nuls) {
        if (len)
            memcpy(t, s, len);
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        if (s[i]) {
            *t++ = s[i];
        } else {
            memcpy(t, fffd, 3);
            t += 3;
        }
    }
    return true;
}

enum err_code wire_no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, 0, "no memory for what an object says");
}

const struct wire_val *wire_at(const struct wire_obj *o, ...)
{
    const struct wire_val *v = NULL;
    va_list ap;
    va_start(ap, o);
    for (int f; (f = va_arg(ap, int)) >= 0;) {
        v = o && f < o->schema->n ? o->v[f] : NULL;
        o = v ? v->obj : NULL;
    }
    va_end(ap);
    return v;
}

const struct wire_val *wire_list(const struct wire_obj *o, int field)
{
    return o && field >= 0 && field < o->schema->n ? o->v[field] : NULL;
}

const char *wire_str(const struct wire_obj *o, int field)
{
    const struct wire_val *v = wire_list(o, field);
    return v ? v->s : NULL;
}

int64_t wire_num(const struct wire_obj *o, int field, int64_t dflt)
{
    const struct wire_val *v = wire_list(o, field);
    return v ? v->n : dflt;
}

const struct wire_obj *wire_sub(const struct wire_obj *o, int field)
{
    const struct wire_val *v = wire_list(o, field);
    return v ? v->obj : NULL;
}
