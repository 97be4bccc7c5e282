/*
 * Purpose:   reads JSON with jansson, safely when memory runs out. jansson 2.14 ignores a failed growth of the token it is
 *            collecting: a byte is lost and the reading goes on, into an assertion or a wrong number. Here the first
 *            allocation that fails makes all further ones of the same reading fail, so that it ends with "no document".
 * Thread:    any; the state is the thread's own.
 * Ownership: the caller owns the document (json_decref).
 * Errors:    NULL, with *error (may be NULL) as json_loadb sets it.
 * Units:     bytes.
 */
#ifndef STRATA_JSON_READ_H
#define STRATA_JSON_READ_H

#include <jansson.h>
#include <stddef.h>

/* Once, before the first document: jansson allocates through mem_*. */
void json_read_init(void);
json_t *json_read(const char *text, size_t len, size_t flags, json_error_t *error);

#endif
