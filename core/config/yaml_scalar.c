/* What a plain (unquoted) scalar means: null, boolean, number or text, by the rules of the program whose file it is. */
#include "core/config/yaml_scalar.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool one_of(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (!strcmp(s, *list))
            return true;
    return false;
}

static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
static const char *const trues[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL};
static const char *const falses[] = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL};
static const char *const go_trues[] = {"y", "Y", NULL};
static const char *const go_falses[] = {"n", "N", NULL};

/* Copies without '_' and a leading '+'. The buffers below are as long as the longest number looked at. */
enum { NUMBER_MAX = 120 };

static void squeeze(char *out, const char *s)
{
    size_t n = 0;
    for (const char *p = *s == '+' ? s + 1 : s; *p && n + 1 < NUMBER_MAX; p++)
        if (*p != '_')
            out[n++] = *p;
    out[n] = '\0';
}

/* All characters of s (at least one) are digits of the set or '_'. */
static bool digits(const char *s, const char *set)
{
    if (!*s)
        return false;
    for (; *s; s++)
        if (*s != '_' && !strchr(set, *s))
            return false;
    return true;
}

static const char DEC[] = "0123456789", OCT[] = "01234567", HEX[] = "0123456789abcdefABCDEF";

/* "190:20:30" = ((190 * 60) + 20) * 60 + 30. Only YAML 1.1 has these. */
static bool sexagesimal(const char *s, char *out)
{
    const char *p = s + (*s == '-' || *s == '+');
    if (*p < '1' || *p > '9')
        return false;
    uint64_t total = 0;
    bool colon = false;
    while (*p) {
        uint64_t part = 0;
        size_t len = 0, used = 0;
        for (; *p && *p != ':'; p++, len++) {
            if (*p == '_' && !colon)
                continue;
            if (*p < '0' || *p > '9' || part > 100000000)
                return false;
            part = part * 10 + (uint64_t)(*p - '0');
            used++;
        }
        if (!used || (colon && (part > 59 || len > 2)) || total > UINT64_MAX / 61 - part)
            return false;
        total = total * 60 + part;
        if (*p == ':') {
            colon = true;
            if (!*++p)
                return false;
        }
    }
    if (!colon)
        return false;
    snprintf(out, NUMBER_MAX, "%s%llu", *s == '-' ? "-" : "", (unsigned long long)total);
    return true;
}

static bool integer(const char *s, enum yaml_dialect dialect, char *out)
{
    bool negative = *s == '-';
    const char *p = s + (*s == '-' || *s == '+');
    int base = 0;
    const char *body = p;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && (p[1] == 'x' || dialect == YAML_GO) && digits(p + 2, HEX)) {
        base = 16, body = p + 2;
    } else if (p[0] == '0' && p[1] == 'b' && digits(p + 2, "01")) {
        base = 2, body = p + 2;
    } else if (dialect == YAML_GO && p[0] == '0' && p[1] == 'o' && digits(p + 2, OCT)) {
        base = 8, body = p + 2;
    } else if (p[0] == '0' && p[1] && digits(p, OCT)) {
        base = 8;
    } else if ((*p >= '1' && *p <= '9' && digits(p, DEC)) || (p[0] == '0' && !p[1])) {
        squeeze(out, p);
        if (negative && strcmp(out, "0") != 0) {
            memmove(out + 1, out, strlen(out) + 1);
            out[0] = '-';
        }
        return true;
    }
    if (!base)
        return dialect == YAML_PY && sexagesimal(s, out);
    char buf[NUMBER_MAX];
    squeeze(buf, body);
    errno = 0;
    char *end = buf;
    unsigned long long v = strtoull(buf, &end, base);
    if (end == buf || *end || errno)         /* beyond 64 bits: keep what was written */
        snprintf(out, NUMBER_MAX, "%s", s);
    else
        snprintf(out, NUMBER_MAX, "%s%llu", negative && v ? "-" : "", v);
    return true;
}

static bool looks_float(const char *s, enum yaml_dialect dialect)
{
    const char *p = s + (*s == '-' || *s == '+');
    bool dot = false, digit = false;
    if (*p == '_')
        return false;
    for (; *p && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.' && !dot)
            dot = true;
        else if (*p >= '0' && *p <= '9')
            digit = true;
        else if (*p != '_' || dialect == YAML_JSON)
            return false;
    }
    if (!digit || (dialect == YAML_PY && !dot))
        return false;
    if (*p) {
        p++;
        bool sign = *p == '+' || *p == '-';
        if (dialect == YAML_PY && !sign)
            return false;
        p += sign;
        if (!*p || strspn(p, DEC) != strlen(p))
            return false;
        return true;
    }
    return dot;
}

/* Python's repr(float): the shortest digits that read back the same; exponent form outside 1e-4 .. 1e16. */
static void python_float(double v, char *out)
{
    char buf[40];
    int precision = 1;
    do
        snprintf(buf, sizeof buf, "%.*e", precision - 1, v);
    while (strtod(buf, NULL) != v && ++precision <= 17);
    int exponent = atoi(strchr(buf, 'e') + 1);
    if (exponent >= -4 && exponent < 16) {
        int decimals = precision - 1 - exponent;
        snprintf(out, NUMBER_MAX, "%.*f", decimals > 1 ? decimals : 1, v);
    } else {
        char *e = strchr(buf, 'e');
        snprintf(out, NUMBER_MAX, "%.*se%c%02d", (int)(e - buf), buf, exponent < 0 ? '-' : '+', abs(exponent));
    }
}

/* "1:30.5" = 90.5, again only in YAML 1.1. */
static bool sexagesimal_float(const char *s, char *out)
{
    const char *p = s + (*s == '-' || *s == '+'), *dot = strchr(p, '.');
    double total = 0;
    bool colon = false;
    if (*p < '0' || *p > '9' || !dot || (dot[1] && !digits(dot + 1, DEC)))
        return false;
    while (p < dot) {
        const char *end = p + strcspn(p, ":.");
        char part[NUMBER_MAX], *rest;
        if (end == p || (colon && (end - p > 2 || (end - p == 2 && *p > '5'))))
            return false;
        for (const char *q = p; q < end; q++)
            if ((*q < '0' || *q > '9') && (*q != '_' || colon))
                return false;
        snprintf(part, sizeof part, "%.*s", (int)((end == dot ? dot + strlen(dot) : end) - p), p);
        squeeze(part, part);
        total = total * 60 + strtod(part, &rest);
        colon = colon || *end == ':';
        p = end + (*end == ':');
        if (p == dot && *end == ':')
            return false;
    }
    if (!colon)
        return false;
    python_float(*s == '-' ? -total : total, out);
    return true;
}

static bool floating(const char *s, enum yaml_dialect dialect, char *out)
{
    static const char *const infs[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", NULL};
    static const char *const neg_infs[] = {"-.inf", "-.Inf", "-.INF", NULL};
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    if (dialect != YAML_JSON && one_of(s, infs))
        return snprintf(out, NUMBER_MAX, "inf") > 0;
    if (dialect != YAML_JSON && one_of(s, neg_infs))
        return snprintf(out, NUMBER_MAX, "-inf") > 0;
    if (dialect != YAML_JSON && one_of(s, nans))
        return snprintf(out, NUMBER_MAX, "nan") > 0;
    if (!looks_float(s, dialect))
        return dialect == YAML_PY && sexagesimal_float(s, out);
    char buf[NUMBER_MAX];
    squeeze(buf, s);
    double v = strtod(buf, NULL);
    if (isinf(v))
        snprintf(out, NUMBER_MAX, "%sinf", v < 0 ? "-" : "");
    else
        python_float(v, out);
    return true;
}

bool yaml_scalar_resolve(struct arena *a, struct yaml_node *n, size_t raw_len, enum yaml_dialect dialect)
{
    const char *s = n->raw;
    char number[NUMBER_MAX];
    bool json = dialect == YAML_JSON, go = dialect == YAML_GO;
    n->type = YAML_STR;
    n->text = s;
    n->len = raw_len;
    if (strlen(s) != raw_len || raw_len + 1 >= NUMBER_MAX)
        return true;
    if (json ? !strcmp(s, "null") : one_of(s, nulls)) {
        n->type = YAML_NULL;
        n->text = "";
        n->len = 0;
        return true;
    }
    bool yes = json ? !strcmp(s, "true") : one_of(s, trues) || (go && one_of(s, go_trues));
    bool no = json ? !strcmp(s, "false") : one_of(s, falses) || (go && one_of(s, go_falses));
    if (yes || no) {
        n->type = YAML_BOOL;
        n->truth = yes;
        n->text = yes ? "True" : "False";
        n->len = strlen(n->text);
        return true;
    }
    if (integer(s, dialect, number))
        n->type = YAML_INT;
    else if (floating(s, dialect, number))
        n->type = YAML_FLOAT;
    else
        return true;
    n->len = strlen(number);
    n->text = arena_strndup(a, number, n->len);
    return n->text != NULL;
}
