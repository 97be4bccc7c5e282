/*
 * Purpose:   Kubernetes label selectors matched on our side (equality and set based).
 * Thread:    any (immutable once parsed).
 * Ownership: selector_free.
 * Errors:    ERR_USAGE naming the requirement that is wrong.
 * Source:    Kubernetes API conventions, "Labels and Selectors".
 */
#ifndef STRATA_SELECTOR_H
#define STRATA_SELECTOR_H

#include <stdbool.h>

#include "strata/err.h"

struct selector;
enum err_code selector_parse(struct selector **out, const char *text, struct err *err);
void selector_free(struct selector *s);
bool selector_match(const struct selector *s, const char *labels);   /* labels as in struct row */

#endif
