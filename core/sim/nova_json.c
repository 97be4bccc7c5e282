/* Nova's answers as text: a small JSON writer, so that a page of a thousand servers costs no tree; values as Python prints them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

void jw_init(struct jw *w)
{
    str_init(&w->o, 256u << 20);
    w->comma = false;
}

static void key_of(struct jw *w, const char *key)
{
    if (w->comma)
        str_add(&w->o, ", ", 2);
    w->comma = true;
    if (key) {
        str_addc(&w->o, '"');
        str_adds(&w->o, key);
        str_add(&w->o, "\": ", 3);
    }
}

void jw_open(struct jw *w, const char *key, char bracket)
{
    key_of(w, key);
    str_addc(&w->o, bracket);
    w->comma = false;
}

void jw_close(struct jw *w, char bracket)
{
    str_addc(&w->o, bracket);
    w->comma = true;
}

void jw_str(struct jw *w, const char *key, const char *value)
{
    key_of(w, key);
    if (value)
        str_add_json(&w->o, value, strlen(value));
    else
        str_add(&w->o, "null", 4);
}

void jw_int(struct jw *w, const char *key, int64_t value)
{
    key_of(w, key);
    str_addf(&w->o, "%lld", (long long)value);
}

void jw_bool(struct jw *w, const char *key, bool value)
{
    key_of(w, key);
    str_adds(&w->o, value ? "true" : "false");
}

void jw_json(struct jw *w, const char *key, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    key_of(w, key);
    str_adds(&w->o, text ? text : "null");
    free(text);
}

void jw_at(struct jw *w, const char *key, int64_t at)
{
    char text[40];
    jw_str(w, key, at ? nova_micros(at, text) : NULL);
}

static void base_url(struct str *o, const struct req *r, bool versioned)
{
    str_addf(o, "https://127.0.0.1:%d/compute%s", r->sim->port, versioned ? "/v2.1" : "");
}

void jw_link(struct jw *w, const struct req *r, const char *rel, const char *fmt, ...)
{
    struct str url;
    va_list ap;
    str_init(&url, 0);
    base_url(&url, r, strcmp(rel, "bookmark") != 0);
    va_start(ap, fmt);
    str_addv(&url, fmt, ap);
    va_end(ap);
    jw_open(w, NULL, '{');
    jw_str(w, "rel", rel);
    jw_str(w, "href", url.data);
    jw_close(w, '}');
    str_release(&url);
}

void jw_links(struct jw *w, const struct req *r, const char *kind, const char *id)
{
    jw_open(w, "links", '[');
    jw_link(w, r, "self", "/%s/%s", kind, id);
    jw_link(w, r, "bookmark", "/%s/%s", kind, id);
    jw_close(w, ']');
}

struct again { struct str url; bool any; };

static enum MHD_Result copy_query(void *cls, enum MHD_ValueKind kind, const char *key, const char *value)
{
    struct again *a = cls;
    (void)kind;
    if (strcmp(key, "marker") == 0)
        return MHD_YES;
    str_addc(&a->url, a->any ? '&' : '?');
    str_add_urlenc(&a->url, key);
    str_addc(&a->url, '=');
    str_add_urlenc(&a->url, value ? value : "");
    a->any = true;
    return MHD_YES;
}

void jw_next(struct jw *w, struct req *r, const char *key, const char *marker)
{
    struct again a = {.any = false};
    str_init(&a.url, 0);
    str_addf(&a.url, "https://127.0.0.1:%d%s", r->sim->port, r->path);
    MHD_get_connection_values(r->conn, MHD_GET_ARGUMENT_KIND, copy_query, &a);
    str_addf(&a.url, "%cmarker=%s", a.any ? '&' : '?', marker);
    jw_open(w, key, '[');
    jw_open(w, NULL, '{');
    jw_str(w, "rel", "next");
    jw_str(w, "href", a.url.data);
    jw_close(w, '}');
    jw_close(w, ']');
    str_release(&a.url);
}

void jw_reply(struct jw *w, struct req *r, int status)
{
    reply_text(r, status, "application/json", w->o.data, w->o.len);
    str_release(&w->o);
}

/* ---- as Python prints it ---- */
static void repr_text(struct str *o, const char *text)
{
    char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
    str_addc(o, quote);
    for (const char *p = text; *p; p++) {
        if (*p == '\n')
            str_adds(o, "\\n");
        else if ((unsigned char)*p < 32)
            str_addf(o, "\\x%02x", *p);
        else {
            if (*p == quote || *p == '\\')
                str_addc(o, '\\');
            str_addc(o, *p);
        }
    }
    str_addc(o, quote);
}

static void repr(struct str *o, const json_t *v)
{
    size_t i;
    const char *key;
    json_t *x;
    const char *sep = "";
    switch (json_typeof(v)) {
    case JSON_STRING:
        repr_text(o, json_string_value(v));
        break;
    case JSON_INTEGER:
        str_addf(o, "%lld", (long long)json_integer_value(v));
        break;
    case JSON_REAL:
        str_addf(o, "%g", json_real_value(v));
        break;
    case JSON_ARRAY:
        str_addc(o, '[');
        json_array_foreach(v, i, x) {
            str_adds(o, i ? ", " : "");
            repr(o, x);
        }
        str_addc(o, ']');
        break;
    case JSON_OBJECT:
        str_addc(o, '{');
        json_object_foreach((json_t *)v, key, x) {
            str_adds(o, sep);
            repr_text(o, key);
            str_adds(o, ": ");
            repr(o, x);
            sep = ", ";
        }
        str_addc(o, '}');
        break;
    default:
        str_adds(o, json_is_true(v) ? "True" : json_is_false(v) ? "False" : "None");
    }
}

char *nova_repr(const json_t *v, bool str)
{
    struct str o;
    if (str && json_is_string(v))
        return sim_strdup(json_string_value(v));
    str_init(&o, 0);
    if (v)
        repr(&o, v);
    char *text = sim_strdup(o.data);
    str_release(&o);
    return text;
}
