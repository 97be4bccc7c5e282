/*
 * Purpose:   the look of `describe`: keys in a column, sections indented.
 * Thread:    any (no state).
 * Ownership: appends to the caller's buffer; texts are not cleaned here, the whole answer is at its end.
 * Errors:    the buffer's own.
 */
#ifndef STRATA_OSTK_DESCRIBE_OUT_H
#define STRATA_OSTK_DESCRIBE_OUT_H

#include <stdint.h>

#include "strata/str.h"

struct json_t;

void dout_section(struct str *out, const char *title);                                   /* "Networks:" */
/* "Key:      value"; nothing when value is NULL or "". depth 0 = top. */
void dout_text(struct str *out, int depth, const char *key, const char *value);
void dout_textf(struct str *out, int depth, const char *key, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* "2026-11-21T10:07:40Z (57m ago)" */
void dout_time(struct str *out, int depth, const char *key, const char *stamp, int64_t now_ms);
/* Any JSON: scalars on the line, arrays of scalars joined, objects as an indented block. */
void dout_json(struct str *out, int depth, const char *key, const struct json_t *v, int64_t now_ms);
/* "provider:network_type" -> "Provider network type" */
void dout_title(char *buf, unsigned size, const char *key);

#endif
