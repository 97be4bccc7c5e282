/* Finding kinds and columns by name. */
#include "strata/kind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool has_name(const struct kind *k, const char *name)
{
    if (!strcasecmp(k->id, name) || (k->singular && !strcasecmp(k->singular, name)))
        return true;
    for (size_t i = 0; k->aliases && k->aliases[i]; i++) {
        if (!strcasecmp(k->aliases[i], name))
            return true;
    }
    return false;
}

const struct kind *kind_find(const char *name)
{
    for (size_t i = 0; name && kinds_all[i]; i++) {
        if (has_name(kinds_all[i], name))
            return kinds_all[i];
    }
    return NULL;
}

/* ---- a name that is none: which are like it ---- */

#define NEAR_NAME 40
#define NEAR_COUNT 3

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Letters to insert, drop, change or swap. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[3][NEAR_NAME + 1];
    size_t na = strlen(a), nb = strlen(b);
    if (na > NEAR_NAME || nb > NEAR_NAME)
        return NEAR_NAME;
    unsigned *before = row[0], *up = row[1], *now = row[2];
    for (size_t j = 0; j <= nb; j++)
        up[j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned best = up[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            best = up[j] + 1 < best ? up[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]) && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        unsigned *spare = before;
        before = up;
        up = now;
        now = spare;
    }
    return up[nb];
}

static unsigned kind_distance(const struct kind *k, const char *name)
{
    unsigned best = distance(name, k->id), d = k->singular ? distance(name, k->singular) : best;
    best = d < best ? d : best;
    for (size_t i = 0; k->aliases && k->aliases[i]; i++) {
        if (strlen(k->aliases[i]) > 2 && (d = distance(name, k->aliases[i])) < best)
            best = d;
    }
    size_t n = strlen(name);
    if (n > 2 && (!strncasecmp(k->id, name, n) || strcasestr(k->id, name)))
        best = best > 1 ? 1 : best;
    return best;
}

void kind_near(const char *name, char *buf, size_t size)
{
    unsigned limit = strlen(name) < 5 ? 1 : strlen(name) < 9 ? 2 : 3, found = 0;
    size_t at = 0;
    buf[0] = 0;
    for (unsigned want = 0; want <= limit && found < NEAR_COUNT; want++) {
        for (size_t i = 0; kinds_all[i] && found < NEAR_COUNT && at < size; i++) {
            if (kind_distance(kinds_all[i], name) != want)
                continue;
            at += (size_t)snprintf(buf + at, size - at, "%s%s", found ? ", " : "", kinds_all[i]->id);
            found++;
        }
    }
}

int kind_column(const struct kind *k, const char *id)
{
    for (size_t i = 0; i < k->ncolumns; i++) {      /* once per row on the hot path: exact ids first */
        const char *c = k->columns[i].id;
        if (c[0] == id[0] && !strcmp(c, id))
            return (int)i;
    }
    for (size_t i = 0; i < k->ncolumns; i++) {
        if (!strcasecmp(k->columns[i].id, id))
            return (int)i;
    }
    for (size_t i = 0; i < k->ncolumns; i++) {
        if (k->columns[i].title && !strcasecmp(k->columns[i].title, id))
            return (int)i;
    }
    return -1;
}

const char *health_name(enum health h)
{
    static const char *const names[] = {
        [HEALTH_NONE] = "none", [HEALTH_DONE] = "done",       [HEALTH_OK] = "ok",   [HEALTH_BUSY] = "busy",
        [HEALTH_UNKNOWN] = "unknown", [HEALTH_WARN] = "warn", [HEALTH_BAD] = "bad",
    };
    return (size_t)h < sizeof names / sizeof names[0] ? names[h] : "none";
}
