/*
 * Purpose:   JSON documents as text: YAML to the letter of `kubectl get -o yaml`, and indented JSON.
 * Thread:    any (no state).
 * Ownership: appends to the caller's buffer; the document is only read.
 * Errors:    false when memory is out or the buffer's max is reached (str.failed).
 * Safety:    the text is clean (text.h) and still loses nothing: characters the sanitiser would change are
 *            written as escapes inside quotes.
 */
#ifndef STRATA_YAML_EMIT_H
#define STRATA_YAML_EMIT_H

#include <stdbool.h>

#include "strata/str.h"

struct json_t;

/* A whole document, ending in a newline. Keys in go-yaml's natural order ("a2" < "a10"), block scalars for text
 * with newlines, double quotes where a YAML 1.1 reader would see another type, lines folded at 80 columns. */
bool yaml_emit(struct str *out, const struct json_t *doc);
/* One element of a top-level sequence: "- ..." at column 0, for lists written piece by piece. */
bool yaml_emit_item(struct str *out, const struct json_t *item);

/* The next item of a list written piece by piece into out, which holds nothing but its items: JSON as it stands two
 * levels deep, a comma before all but the first; YAML as yaml_emit_item. source (or NULL): what an object then says
 * first, as strata_source. */
bool list_emit_item(struct str *out, struct json_t *item, bool yaml, const char *source);

/* Indented by four spaces, keys in the order of the document; level = depth the text stands at (its first line is
 * not indented, no newline at the end). */
bool json_emit(struct str *out, const struct json_t *doc, int level);

#endif
