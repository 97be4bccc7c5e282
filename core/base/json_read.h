/*
 * Purpose:   reads JSON with jansson, safely when memory runs out. jansson 2.14 ignores a failed growth of the token it is
 *            collecting: a byte is lost and the reading goes on, into an assertion or beyond a buffer. Here the first
 *            allocation that fails ends the reading.
 * Thread:    any; the state is the thread's own.
 * Ownership: the caller owns the document (json_decref).
 * Errors:    NULL, with *error (may be NULL) as json_loadb sets it, or "out of memory".
 * Units:     bytes.
 */
#ifndef STRATA_JSON_READ_H
#define STRATA_JSON_READ_H

#include <jansson.h>
#include <stddef.h>

/* Once, before the first document: jansson allocates through mem_*. */
void json_read_init(void);
/* Gives back what json_dumps handed out. */
void json_text_free(char *text);
json_t *json_read(const char *text, size_t len, size_t flags, json_error_t *error);

#endif
