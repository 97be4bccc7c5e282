/* Where the user's own files of strata lie. */
#include <stdio.h>
#include <stdlib.h>

#include "strata/options.h"

bool options_user_dir(const char *what, char *buf, size_t size)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n = xdg && *xdg == '/' ? snprintf(buf, size, "%s/strata/%s", xdg, what) : home && *home ? snprintf(buf, size, "%s/.config/strata/%s", home, what) : -1;
    return n > 0 && (size_t)n < size;
}
