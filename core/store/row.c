/* Reading a row: cells as text, order by a column, labels. */
#include "strata/row.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "strata/text.h"

static size_t put(char *buf, size_t size, const char *s)
{
    size_t n = strlen(s);
    if (!size)
        return 0;
    if (n >= size)
        n = size - 1;
    memcpy(buf, s, n);
    buf[n] = 0;
    return n;
}

static void restarts(char *buf, size_t size, int64_t n, int64_t now_ms)
{
    int64_t count = n >> 40, at_s = n & 0xffffffffffLL;
    char age[32];
    if (!at_s) {
        snprintf(buf, size, "%lld", (long long)count);
        return;
    }
    text_age(age, sizeof(age), now_ms / 1000 - at_s);
    snprintf(buf, size, "%lld (%s ago)", (long long)count, age);
}

size_t row_cell(const struct row *r, int col, int64_t now_ms, char *buf, size_t size)
{
    const struct column *c = &r->kind->columns[col];
    int64_t n = r->cell[col].n;
    char tmp[64], stamp[40];
    if (c->type == COL_TEXT)
        return put(buf, size, r->cell[col].s ? r->cell[col].s : c->none ? c->none : "");
    if (n == CELL_NONE)
        return put(buf, size, c->none ? c->none : "");
    switch (c->type) {
    case COL_RATIO:
        snprintf(tmp, sizeof(tmp), "%d/%d", (int)(n >> 32), (int)(int32_t)(uint32_t)n);
        break;
    case COL_RESTARTS:
        restarts(tmp, sizeof(tmp), n, now_ms);
        break;
    case COL_TIME:
        tmp[0] = '<';
        text_age(tmp + (n < 0), sizeof(tmp) - 1, (now_ms - (n < 0 ? -n : n)) / 1000);
        break;
    case COL_STAMP:
        text_format_time(tmp, sizeof(tmp), n);
        break;
    case COL_CLOCK:
        text_format_time(stamp, sizeof(stamp), n);
        snprintf(tmp, sizeof(tmp), "%.8s", strlen(stamp) > 11 ? stamp + 11 : "");
        break;
    case COL_DURATION:
        if (n > 0 && n < 1000)
            snprintf(tmp, sizeof(tmp), "%lldms", (long long)n);
        else
            text_age(tmp, sizeof(tmp), (n < 0 ? now_ms + n : n) / 1000);
        break;
    case COL_BYTES:
        text_bytes(tmp, sizeof(tmp), n);
        break;
    case COL_MILLI:
        snprintf(tmp, sizeof(tmp), "%lldm", (long long)n);
        break;
    case COL_PERCENT:
        snprintf(tmp, sizeof(tmp), "%lld.%lld%%", (long long)(n / 10), (long long)(n < 0 ? -n : n) % 10);
        break;
    default:
        snprintf(tmp, sizeof(tmp), "%lld", (long long)n);
    }
    return put(buf, size, tmp);
}

const char *row_text(const struct row *r, int col, int64_t now_ms, char *buf, size_t size)
{
    if (r->kind->columns[col].type == COL_TEXT && r->cell[col].s)
        return r->cell[col].s;
    row_cell(r, col, now_ms, buf, size);
    return buf;
}

const char *row_column(const struct row *r, const char *id)
{
    int c = kind_column(r->kind, id);
    return c >= 0 && r->kind->columns[c].type == COL_TEXT && r->cell[c].s ? r->cell[c].s : "";
}

/* "node-2" before "node-10"; letters by byte, digits by value. */
static int natural(const char *a, const char *b)
{
    if (a == b)
        return 0;
    for (;;) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            while (*a == '0')
                a++;
            while (*b == '0')
                b++;
            size_t na = strspn(a, "0123456789"), nb = strspn(b, "0123456789");
            if (na != nb)
                return na < nb ? -1 : 1;
            int d = memcmp(a, b, na);
            if (d)
                return d;
            a += na;
            b += nb;
            continue;
        }
        if (*a != *b)
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        if (!*a)
            return 0;
        a++;
        b++;
    }
}

static int by_number(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

int row_compare(const struct row *a, const struct row *b, int col)
{
    const struct column *c = &a->kind->columns[col];
    if (c->type == COL_TEXT) {
        const char *x = a->cell[col].s, *y = b->cell[col].s;
        if (!x || !y)
            return (x != NULL) - (y != NULL);
        return natural(x, y);
    }
    int64_t x = a->cell[col].n, y = b->cell[col].n;
    if (x == CELL_NONE || y == CELL_NONE)
        return (x != CELL_NONE) - (y != CELL_NONE);
    switch (c->type) {
    case COL_TIME:   /* an age: the older, the bigger */
        return by_number(y < 0 ? -y : y, x < 0 ? -x : x);
    case COL_RATIO: {
        int64_t xn = x >> 32, xd = (int32_t)(uint32_t)x, yn = y >> 32, yd = (int32_t)(uint32_t)y;
        int d = by_number(xn * (yd ? yd : 1), yn * (xd ? xd : 1));
        return d ? d : by_number(xd, yd);
    }
    case COL_RESTARTS: {
        int d = by_number(x >> 40, y >> 40);
        return d ? d : by_number(x, y);
    }
    default:
        return by_number(x, y);
    }
}

bool row_label(const struct row *r, const char *key, char *buf, size_t size)
{
    size_t n = strlen(key);
    for (const char *p = r->labels; *p;) {
        const char *end = strchrnul(p, ',');
        if (!strncmp(p, key, n) && p[n] == '=') {
            snprintf(buf, size, "%.*s", (int)(end - p - (ptrdiff_t)n - 1), p + n + 1);
            return true;
        }
        p = *end ? end + 1 : end;
    }
    return false;
}
