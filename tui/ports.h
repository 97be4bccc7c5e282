/*
 * Purpose:   ports as kubectl writes them: "8080" (the same here), "18080:8080", ":8080" (any free one here).
 * Thread:    any.
 */
#ifndef STRATA_TUI_PORTS_H
#define STRATA_TUI_PORTS_H

#include <stdbool.h>

bool ports_parse(const char *text, int *local, int *remote);     /* local 0: any */

#endif
