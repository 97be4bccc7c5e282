/* Which type would a YAML 1.1 reader see in a plain text? Go's and go-yaml's readings of numbers, times and words. */
#include "core/base/emit.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool in_list(const char *s, size_t len, const char *const *list)
{
    for (; *list; list++)
        if (strlen(*list) == len && !memcmp(*list, s, len))
            return true;
    return false;
}

static size_t digits(const char *s, size_t len, size_t at)
{
    size_t n = 0;
    while (at + n < len && s[at + n] >= '0' && s[at + n] <= '9')
        n++;
    return n;
}

/* Base 60 numbers ("1:30", "190:20:30.15") of YAML 1.1. */
static bool is_base60(const char *s, size_t len)
{
    size_t i = len && (s[0] == '-' || s[0] == '+');
    if (i >= len || s[i] < '0' || s[i] > '9')
        return false;
    while (i < len && ((s[i] >= '0' && s[i] <= '9') || s[i] == '_'))
        i++;
    if (i >= len || s[i] != ':')
        return false;
    while (i < len && s[i] == ':') {
        size_t n = digits(s, len, ++i);
        if (n < 1 || n > 2 || (n == 2 && s[i] > '5'))
            return false;
        i += n;
    }
    if (i < len && s[i] == '.')
        for (i++; i < len && ((s[i] >= '0' && s[i] <= '9') || s[i] == '_'); i++)
            ;
    return i == len;
}

/* One number of 1..max digits at *i, followed by `after` (0 = nothing wanted). -1 when it is not there. */
static int field(const char *s, size_t len, size_t *i, size_t max, char after)
{
    size_t n = digits(s, len, *i);
    if (n < 1 || n > max)
        return -1;
    int v = 0;
    for (size_t k = 0; k < n; k++)
        v = v * 10 + (s[*i + k] - '0');
    *i += n;
    if (after) {
        if (*i >= len || s[*i] != after)
            return -1;
        ++*i;
    }
    return v;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool is_zone(const char *s, size_t len)
{
    if (len == 1)
        return s[0] == 'Z';
    return len == 6 && (s[0] == '+' || s[0] == '-') && digits(s, len, 1) == 2 && s[3] == ':' && digits(s, len, 4) == 2 &&
           (s[1] - '0') * 10 + (s[2] - '0') <= 24 && s[4] < '6';
}

static bool is_timestamp(const char *s, size_t len)
{
    if (digits(s, len, 0) != 4 || len < 8 || s[4] != '-')
        return false;
    size_t i = 0;
    int year = field(s, len, &i, 4, '-'), month = field(s, len, &i, 2, '-'), day = field(s, len, &i, 2, 0);
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month))
        return false;
    if (i == len)
        return true;
    char sep = s[i++];
    if (sep != 'T' && sep != 't' && sep != ' ')
        return false;
    int hour = field(s, len, &i, 2, ':'), min = hour < 0 ? -1 : field(s, len, &i, 2, ':');
    int sec = min < 0 ? -1 : field(s, len, &i, 2, 0);
    if (hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 59)
        return false;
    if (i < len && (s[i] == '.' || s[i] == ',')) {
        size_t n = digits(s, len, i + 1);
        if (!n)
            return false;
        i += 1 + n;
    }
    return sep == ' ' ? i == len : is_zone(s + i, len - i);
}

/* s has no '_' any more and is NUL-terminated. Go's ParseInt/ParseUint with base 0. */
static bool is_int(const char *s)
{
    bool neg = *s == '-';
    if (*s == '-' || *s == '+')
        s++;
    int base = 10;
    if (*s == '0' && s[1]) {
        char c = (char)(s[1] | 0x20);
        base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 8;
        s += c == 'x' || c == 'o' || c == 'b' ? 2 : 1;
    }
    if (!*s)
        return false;
    for (const char *p = s; *p; p++) {
        int c = *p | 0x20, d = *p >= '0' && *p <= '9' ? *p - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
        if (d >= base)
            return false;
    }
    errno = 0;
    unsigned long long v = strtoull(s, NULL, base);
    return !errno && (!neg || v <= (unsigned long long)INT64_MAX + 1);
}

static bool is_float(const char *s)
{
    const char *p = s + (*s == '-' || *s == '+');
    size_t n = digits(p, strlen(p), 0);
    p += n;
    if (*p == '.') {
        size_t frac = digits(p, strlen(p), 1);
        if (!n && !frac)
            return false;
        p += 1 + frac;
    } else if (!n) {
        return false;
    }
    if (*p == 'e' || *p == 'E') {
        p += 1 + (p[1] == '-' || p[1] == '+');
        size_t exp = digits(p, strlen(p), 0);
        if (!exp)
            return false;
        p += exp;
    }
    return !*p && !isinf(strtod(s, NULL));
}

bool yaml_needs_quotes(struct str *scratch, const char *s, size_t len)
{
    static const char *const words[] = {
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no", "No", "NO", "false", "False",
        "FALSE", "off", "Off", "OFF", "", "~", "null", "Null", "NULL", NULL};
    static const char *const floats[] = {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
                                         "-.inf", "-.Inf", "-.INF", NULL};
    if (in_list(s, len, words) || in_list(s, len, floats))
        return true;
    if (!strchr("+-.0123456789", s[0]) || len > 400 || memchr(s, 0, len))
        return false;
    if (is_base60(s, len) || is_timestamp(s, len))
        return true;
    str_clear(scratch);
    for (size_t i = 0; i < len; i++)
        if (s[i] != '_' || s[0] == '.')
            str_addc(scratch, s[i]);
    const char *plain = scratch->data;
    return s[0] == '.' ? is_float(plain) : is_int(plain) || is_float(plain);
}
