/*
 * Purpose:   what the writers of JSON and YAML share; not for others.
 * Thread:    any (no state).
 * Ownership: nothing is kept.
 * Errors:    a scratch buffer fails like any str.
 */
#ifndef STRATA_BASE_EMIT_H
#define STRATA_BASE_EMIT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <utf8proc.h>

#include "strata/str.h"

enum { EMIT_MAX_DEPTH = 1024 };

/* The code point at s and its bytes; -1 for an invalid one. */
utf8proc_int32_t emit_rune(const char *s, size_t len, size_t *n);
/* Would the sanitiser change this text? Then it is written with escapes. */
bool emit_changed_by_clean(struct str *scratch, const char *s, size_t len);
void emit_real(char *buf, size_t size, double v, int max_exp);
bool emit_is_block(const json_t *v);               /* an object or array that is not empty */

/* yaml_plain.c: would the plain text be read as something else than a string? */
bool yaml_needs_quotes(struct str *scratch, const char *s, size_t len);

#endif
