/* Ports as kubectl writes them. */
#include "tui/ports.h"

#include <string.h>

static bool number(const char *s, const char *end, int *out)
{
    *out = 0;
    for (; s < end; s++) {
        if (*s < '0' || *s > '9' || *out > 65535) return false;
        *out = *out * 10 + (*s - '0');
    }
    return *out <= 65535;
}

bool ports_parse(const char *text, int *local, int *remote)
{
    const char *end = text + strlen(text), *colon = strchr(text, ':');
    if (!number(colon ? colon + 1 : text, end, remote) || *remote == 0) return false;
    *local = *remote;
    return !colon || (number(text, colon, local) && (colon == text || *local > 0));
}
