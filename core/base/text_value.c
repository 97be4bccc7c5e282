/* Values as text and back: ages, bytes, times, Kubernetes quantities. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strata/text.h"

void text_age(char *buf, size_t size, int64_t seconds)
{
    long long s = seconds, m = s / 60, h = s / 3600, d = h / 24, y = d / 365;
    if (s < -1)
        snprintf(buf, size, "<invalid>");
    else if (s < 0)
        snprintf(buf, size, "0s");
    else if (s < 2 * 60)
        snprintf(buf, size, "%llds", s);
    else if (m < 10)
        s % 60 ? snprintf(buf, size, "%lldm%llds", m, s % 60) : snprintf(buf, size, "%lldm", m);
    else if (m < 3 * 60)
        snprintf(buf, size, "%lldm", m);
    else if (h < 8)
        m % 60 ? snprintf(buf, size, "%lldh%lldm", h, m % 60) : snprintf(buf, size, "%lldh", h);
    else if (h < 48)
        snprintf(buf, size, "%lldh", h);
    else if (h < 8 * 24)
        h % 24 ? snprintf(buf, size, "%lldd%lldh", d, h % 24) : snprintf(buf, size, "%lldd", d);
    else if (h < 2 * 365 * 24)
        snprintf(buf, size, "%lldd", d);
    else if (h < 8 * 365 * 24)
        d % 365 ? snprintf(buf, size, "%lldy%lldd", y, d % 365) : snprintf(buf, size, "%lldy", y);
    else
        snprintf(buf, size, "%lldy", y);
}

void text_bytes(char *buf, size_t size, int64_t bytes)
{
    static const char *const units[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    const char *sign = bytes < 0 ? "-" : "";
    double v = bytes < 0 ? -(double)bytes : (double)bytes;
    size_t u = 0;
    /* what would be written as 1024 of a unit is 1 of the next */
    while (u + 1 < sizeof units / sizeof *units && v >= (u ? 1023.5 : 1024)) {
        v /= 1024;
        u++;
    }
    long long tenths = (long long)(v * 10 + 0.5);
    if (u && tenths < 1000 && tenths % 10)
        snprintf(buf, size, "%s%lld.%lld%s", sign, tenths / 10, tenths % 10, units[u]);
    else
        snprintf(buf, size, "%s%lld%s", sign, (long long)(v + 0.5), units[u]);
}

/* Days since 1970-01-01 of a proleptic Gregorian date, counted in years that start in March. */
static int64_t days_from_date(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct reader {
    const char *s;
    size_t len;
};

static bool digits(struct reader *r, int n, int min, int max, int *out)
{
    int v = 0;
    if (r->len < (size_t)n)
        return false;
    for (int i = 0; i < n; i++, r->s++, r->len--) {
        if (*r->s < '0' || *r->s > '9')
            return false;
        v = v * 10 + (*r->s - '0');
    }
    *out = v;
    return v >= min && v <= max;
}

static bool one_of(struct reader *r, const char *set)
{
    if (!r->len || !*r->s || !strchr(set, *r->s))
        return false;
    r->s++;
    r->len--;
    return true;
}

/* "Z", "+01:00", "+0100", "+01" or nothing (UTC) */
static bool parse_zone(struct reader *r, int *offset_s)
{
    *offset_s = 0;
    if (!r->len || one_of(r, "Zz"))
        return r->len == 0;
    bool minus = *r->s == '-';
    int h, m = 0;
    if (!one_of(r, "+-") || !digits(r, 2, 0, 23, &h))
        return false;
    if (r->len) {
        one_of(r, ":");
        if (!digits(r, 2, 0, 59, &m))
            return false;
    }
    *offset_s = (minus ? -1 : 1) * (h * 3600 + m * 60);
    return r->len == 0;
}

bool text_parse_time(const char *s, size_t len, int64_t *ms)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct reader r = {s, len};
    int y, mon, d, h, min, sec = 0, offset, frac = 0;
    if (!digits(&r, 4, 1, 9999, &y) || !one_of(&r, "-") || !digits(&r, 2, 1, 12, &mon) || !one_of(&r, "-") ||
        !digits(&r, 2, 1, 31, &d) || !one_of(&r, "Tt ") || !digits(&r, 2, 0, 23, &h) || !one_of(&r, ":") ||
        !digits(&r, 2, 0, 59, &min))
        return false;
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (d > month_days[mon - 1] + (mon == 2 && leap))
        return false;
    if (one_of(&r, ":") && !digits(&r, 2, 0, 60, &sec))
        return false;
    if (one_of(&r, ".,")) {
        int unit = 100, n = 0;
        for (; r.len && *r.s >= '0' && *r.s <= '9'; r.s++, r.len--, unit /= 10, n++)
            frac += (*r.s - '0') * unit;
        if (!n)
            return false;
    }
    if (!parse_zone(&r, &offset))
        return false;
    *ms = (days_from_date(y, mon, d) * 86400 + h * 3600 + min * 60 + sec - offset) * 1000 + frac;
    return true;
}

void text_format_time(char *buf, size_t size, int64_t ms)
{
    int64_t secs = ms / 1000 - (ms % 1000 < 0);
    int64_t day = secs / 86400 - (secs % 86400 < 0);
    int left = (int)(secs - day * 86400);
    /* back from days to the date, again in years from March */
    int64_t z = day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int d = (int)(doy - (153 * mp + 2) / 5 + 1), m = (int)(mp < 10 ? mp + 3 : mp - 9);
    long long y = (long long)(yoe + era * 400 + (m <= 2));
    snprintf(buf, size, "%04lld-%02d-%02dT%02d:%02d:%02dZ", y, m, d, left / 3600, left / 60 % 60, left % 60);
}

__extension__ typedef unsigned __int128 wide;

/* Twenty digits are more than the result can hold; of the rest only "was there something" matters. */
#define MANTISSA_DIGITS 20

struct decimal {
    wide mantissa;
    int ndigits;
    long exp10;
    bool more;      /* non-zero digits were cut off */
};

static void push_digit(struct decimal *d, int digit, bool fraction)
{
    if (d->ndigits == 0 && digit == 0) {
        d->exp10 -= fraction;
        return;
    }
    if (d->ndigits < MANTISSA_DIGITS) {
        d->mantissa = d->mantissa * 10 + (unsigned)digit;
        d->ndigits++;
        d->exp10 -= fraction;
    } else {
        d->more |= digit != 0;
        d->exp10 += !fraction;
    }
}

/* The suffix: *exp10 and *exp2 to multiply by. */
static bool parse_suffix(const char *s, size_t len, long *exp10, int *exp2)
{
    static const struct {
        char name[3];
        signed char exp10, exp2;
    } table[] = {
        {"", 0, 0}, {"n", -9, 0}, {"u", -6, 0}, {"m", -3, 0}, {"k", 3, 0}, {"M", 6, 0}, {"G", 9, 0}, {"T", 12, 0},
        {"P", 15, 0}, {"E", 18, 0}, {"Ki", 0, 10}, {"Mi", 0, 20}, {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50},
        {"Ei", 0, 60},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].name) == len && memcmp(table[i].name, s, len) == 0) {
            *exp10 = table[i].exp10;
            *exp2 = table[i].exp2;
            return true;
        }
    *exp2 = 0;
    if (len < 2 || (*s != 'e' && *s != 'E'))
        return false;
    size_t i = 1 + (s[1] == '-' || s[1] == '+');
    long v = 0;
    if (i == len)
        return false;
    for (; i < len; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        if (v < 100000)
            v = v * 10 + (s[i] - '0');
    }
    *exp10 = s[1] == '-' ? -v : v;
    return true;
}

bool text_parse_quantity(const char *s, size_t len, int64_t *milli)
{
    size_t i = 0, seen = 0;
    bool minus = false, fraction = false;
    struct decimal d = {0};
    if (len && (*s == '-' || *s == '+'))
        minus = s[i++] == '-';
    for (; i < len; i++) {
        if (s[i] >= '0' && s[i] <= '9') {
            push_digit(&d, s[i] - '0', fraction);
            seen++;
        } else if (s[i] == '.' && !fraction) {
            fraction = true;
        } else {
            break;
        }
    }
    long exp10;
    int exp2;
    if (!seen || !parse_suffix(s + i, len - i, &exp10, &exp2))
        return false;
    exp10 += d.exp10 + 3;
    wide v = d.mantissa << exp2;   /* below 2^67 * 2^60 */
    for (; exp10 > 0 && v && v <= INT64_MAX; exp10--)
        v *= 10;
    for (; exp10 < 0 && v; exp10++) {
        d.more |= v % 10 != 0;
        v /= 10;
    }
    if (d.more)
        v++;   /* like the API server: what is not zero never becomes zero */
    if (v > INT64_MAX)
        v = INT64_MAX;
    *milli = minus ? -(int64_t)v : (int64_t)v;
    return true;
}

const char *text_url(char *buf, size_t size, const char *url)
{
    const char *scheme = url ? strstr(url, "://") : NULL, *host = scheme ? scheme + 3 : url ? url : "";
    const char *at = memrchr(host, '@', strcspn(host, "/?#"));        /* the last one: a password may hold others */
    struct str s;
    str_init(&s, size + 8);
    if (scheme)
        text_clean(&s, url, (size_t)(host - url), 0);
    host = at ? at + 1 : host;
    text_clean(&s, host, strnlen(host, size), 0);
    snprintf(buf, size, "%s", s.len ? s.data : "");
    str_release(&s);
    return buf;
}

bool text_parse_duration(const char *s, int64_t *seconds)
{
    static const struct { const char *unit; double seconds; } units[] = {
        {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800}};
    double total = 0;
    if (!*s)
        return false;
    while (*s) {
        if (*s < '0' || *s > '9')
            return false;
        char *end;
        double n = strtod(s, &end);
        size_t i = 0;
        if (!*end && !total) {
            total = n;
            break;
        }
        while (i < sizeof units / sizeof *units) {
            size_t len = strlen(units[i].unit);
            if (!strncmp(end, units[i].unit, len) && (!end[len] || (end[len] >= '0' && end[len] <= '9')))
                break;
            i++;
        }
        if (i == sizeof units / sizeof *units)
            return false;
        total += n * units[i].seconds;
        s = end + strlen(units[i].unit);
    }
    if (!(total >= 0 && total < 1e12))
        return false;
    *seconds = (int64_t)total + (total > (double)(int64_t)total);
    return true;
}
