/* The look of `describe`. */
#include "core/openstack/describe_out.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "strata/text.h"

#define KEY_WIDTH 22
#define MAX_DEPTH 12

static void pad(struct str *out, int n)
{
    while (n-- > 0)
        str_addc(out, ' ');
}

static void key_of(struct str *out, int depth, const char *key)
{
    pad(out, 2 * depth);
    str_addf(out, "%s:", key);
    int used = 2 * depth + (int)strlen(key) + 1;
    pad(out, used < KEY_WIDTH ? KEY_WIDTH - used : 1);
}

void dout_section(struct str *out, const char *title)
{
    str_addf(out, "%s:\n", title);
}

void dout_text(struct str *out, int depth, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    key_of(out, depth, key);
    for (const char *p = value; ; ) {              /* further lines stand under the first */
        size_t n = strcspn(p, "\n");
        str_add(out, p, n);
        str_addc(out, '\n');
        if (!p[n] || !p[n + 1])
            break;
        p += n + 1;
        pad(out, KEY_WIDTH > 2 * depth ? KEY_WIDTH : 2 * depth + 2);
    }
}

void dout_textf(struct str *out, int depth, const char *key, const char *fmt, ...)
{
    struct str s;
    va_list ap;
    str_init(&s, 1 << 20);
    va_start(ap, fmt);
    str_addv(&s, fmt, ap);
    va_end(ap);
    dout_text(out, depth, key, s.data);
    str_release(&s);
}

void dout_time(struct str *out, int depth, const char *key, const char *stamp, int64_t now_ms)
{
    int64_t ms;
    char at[40], age[40];
    if (!stamp || !*stamp)
        return;
    if (!text_parse_time(stamp, strlen(stamp), &ms)) {
        dout_text(out, depth, key, stamp);
        return;
    }
    text_format_time(at, sizeof at, ms);
    text_age(age, sizeof age, now_ms >= ms ? (now_ms - ms) / 1000 : (ms - now_ms) / 1000);
    if (now_ms >= ms)
        dout_textf(out, depth, key, "%s (%s ago)", at, age);
    else
        dout_textf(out, depth, key, "%s (in %s)", at, age);
}

void dout_title(char *buf, unsigned size, const char *key)
{
    unsigned n = 0;
    for (; *key && n + 1 < size; key++)
        buf[n++] = *key == '_' || *key == ':' || *key == '-' ? ' ' : *key;
    buf[n] = 0;
    if (n)
        buf[0] = (char)toupper((unsigned char)buf[0]);
}

static bool scalar(const json_t *v)
{
    return !json_is_array(v) && !json_is_object(v);
}

static void value(struct str *s, const json_t *v)
{
    if (json_is_string(v))
        str_add(s, json_string_value(v), json_string_length(v));
    else if (json_is_boolean(v))
        str_adds(s, json_is_true(v) ? "true" : "false");
    else if (json_is_integer(v))
        str_addf(s, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        str_addf(s, "%g", json_real_value(v));
}

static void scalar_line(struct str *out, int depth, const char *key, const json_t *v, int64_t now_ms)
{
    const char *s = json_string_value(v);
    size_t n = s ? strlen(s) : 0;
    struct str t;
    int64_t ms;
    if (n >= 19 && s[4] == '-' && s[7] == '-' && text_parse_time(s, n, &ms)) {
        dout_time(out, depth, key, s, now_ms);
        return;
    }
    str_init(&t, 16 << 20);
    value(&t, v);
    dout_text(out, depth, key, t.data);
    str_release(&t);
}

static void array(struct str *out, int depth, const char *key, const json_t *v, int64_t now_ms)
{
    size_t i, n = json_array_size(v);
    json_t *e;
    struct str t;
    bool flat = true;
    if (!n)
        return;
    json_array_foreach((json_t *)v, i, e)
        flat = flat && scalar(e);
    if (flat) {
        str_init(&t, 16 << 20);
        json_array_foreach((json_t *)v, i, e) {
            str_adds(&t, i ? ", " : "");
            value(&t, e);
        }
        dout_text(out, depth, key, t.data);
        str_release(&t);
        return;
    }
    json_array_foreach((json_t *)v, i, e) {
        char name[160];
        snprintf(name, sizeof name, "%.120s %zu", key, i + 1);
        dout_json(out, depth, name, e, now_ms);
    }
}

void dout_json(struct str *out, int depth, const char *key, const struct json_t *v, int64_t now_ms)
{
    const char *k;
    json_t *e;
    char title[120];
    if (!v || json_is_null(v) || depth > MAX_DEPTH)
        return;
    if (scalar(v)) {
        scalar_line(out, depth, key, v, now_ms);
    } else if (json_is_array(v)) {
        array(out, depth, key, v, now_ms);
    } else if (json_object_size(v)) {
        pad(out, 2 * depth);
        str_addf(out, "%s:\n", key);
        json_object_foreach((json_t *)v, k, e) {
            if (!strcmp(k, "links"))
                continue;
            dout_title(title, sizeof title, k);
            dout_json(out, depth + 1, title, e, now_ms);
        }
    }
}
