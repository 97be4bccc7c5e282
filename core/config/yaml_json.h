/*
 * Purpose:   YAML and JSON texts as JSON documents, read as kubectl reads them (YAML_GO): what is edited and applied.
 * Thread:    any.
 * Ownership: what a callback gets is borrowed for the call (json_incref keeps it); yaml_json_one's is the caller's.
 * Errors:    ERR_PARSE "file:line: what is wrong"; a key that stands twice is one.
 */
#ifndef STRATA_CONFIG_YAML_JSON_H
#define STRATA_CONFIG_YAML_JSON_H

#include <jansson.h>

#include "strata/err.h"

/* Each document of a text that is JSON (several may follow each other) or YAML; empty ones are left out. line: where it begins. */
enum err_code yaml_json_each(const char *text, size_t len, const char *file,
                             enum err_code (*each)(void *arg, json_t *doc, int line, struct err *err), void *arg, struct err *err);
/* The only document; NULL: err, or there is none (ERR_OK). */
json_t *yaml_json_one(const char *text, size_t len, const char *file, struct err *err);

#endif
