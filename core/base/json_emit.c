/* Writes JSON documents as indented JSON, as kubectl does; and what the writer of YAML shares with that. */
#include "strata/yaml_emit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/emit.h"
#include "strata/text.h"

utf8proc_int32_t emit_rune(const char *s, size_t len, size_t *n)
{
    utf8proc_int32_t c;
    utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len, &c);
    if (used <= 0) {
        *n = 1;
        return -1;
    }
    *n = (size_t)used;
    return c;
}

bool emit_changed_by_clean(struct str *scratch, const char *s, size_t len)
{
    str_clear(scratch);
    text_clean(scratch, s, len, TEXT_KEEP_NEWLINES);
    return scratch->len != len || memcmp(scratch->data, s, len) != 0;
}

/* Shortest digits that read back as the same value; whole numbers, and others below 10^max_exp, without an exponent. */
void emit_real(char *buf, size_t size, double v, int max_exp)
{
    if (v == floor(v) && fabs(v) < 1e15) {
        snprintf(buf, size, "%.0f", v);
        return;
    }
    int prec = 0;
    do {
        snprintf(buf, size, "%.*e", prec, v);
    } while (strtod(buf, NULL) != v && ++prec < 18);
    const char *e = strchr(buf, 'e');
    int exp = e ? atoi(e + 1) : 0;
    if (exp >= -4 && exp < (v == floor(v) ? 21 : max_exp))
        snprintf(buf, size, "%.*f", prec > exp ? prec - exp : 0, v);
}

bool emit_is_block(const json_t *v)
{
    return (json_is_object(v) && json_object_size(v)) || (json_is_array(v) && json_array_size(v));
}

static void json_string_to(struct str *out, struct str *scratch, const char *s, size_t len)
{
    if (text_is_clean(s, len) || !emit_changed_by_clean(scratch, s, len)) {
        str_add_json(out, s, len);
        return;
    }
    str_addc(out, '"');
    for (size_t i = 0, n; i < len; i += n) {
        utf8proc_int32_t c = emit_rune(s + i, len - i, &n);
        if (c < 0)
            c = 0xfffd;
        if (c == '"' || c == '\\')
            str_addf(out, "\\%c", (char)c);
        else if (c >= 0x20 && c < 0x7f)
            str_addc(out, (char)c);
        else if (c == '\n' || c == '\t' || c == '\r')
            str_addf(out, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
        else if (c < 0x10000)
            str_addf(out, "\\u%04x", (unsigned)c);
        else
            str_addf(out, "\\u%04x\\u%04x", 0xd800u + (unsigned)((c - 0x10000) >> 10), 0xdc00u + (unsigned)((c - 0x10000) & 0x3ff));
    }
    str_addc(out, '"');
}

static void json_line(struct str *out, int level)
{
    str_addf(out, "\n%*s", level * 4, "");
}

static void json_node(struct str *out, struct str *scratch, const json_t *v, int level)
{
    char buf[64];
    if (out->failed || level >= EMIT_MAX_DEPTH) {
        out->failed = true;
        return;
    }
    if (!emit_is_block(v)) {
        if (json_is_string(v)) {
            json_string_to(out, scratch, json_string_value(v), json_string_length(v));
        } else if (json_is_real(v)) {
            emit_real(buf, sizeof buf, json_real_value(v), 21);
            str_adds(out, buf);
        } else if (json_is_integer(v)) {
            str_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
        } else {
            str_adds(out, json_is_true(v) ? "true" : json_is_false(v) ? "false" : json_is_object(v) ? "{}"
                          : json_is_array(v) ? "[]" : "null");
        }
        return;
    }
    bool first = true;
    if (json_is_array(v)) {
        str_addc(out, '[');
        for (size_t i = 0; i < json_array_size(v); i++, first = false) {
            if (!first)
                str_addc(out, ',');
            json_line(out, level + 1);
            json_node(out, scratch, json_array_get(v, i), level + 1);
        }
    } else {
        const char *key;
        json_t *sub;
        str_addc(out, '{');
        json_object_foreach((json_t *)v, key, sub) {
            if (!first)
                str_addc(out, ',');
            first = false;
            json_line(out, level + 1);
            json_string_to(out, scratch, key, strlen(key));
            str_adds(out, ": ");
            json_node(out, scratch, sub, level + 1);
        }
    }
    json_line(out, level);
    str_addc(out, json_is_array(v) ? ']' : '}');
}

bool json_emit(struct str *out, const json_t *doc, int level)
{
    struct str scratch;
    str_init(&scratch, 0);
    json_node(out, &scratch, doc, level);
    bool ok = !out->failed && !scratch.failed;
    str_release(&scratch);
    return ok;
}
