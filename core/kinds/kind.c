/* Finding kinds and columns by name. */
#include "strata/kind.h"

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
