/*
 * Purpose:   reads the journal back.
 * Thread:    any (only the file is shared).
 * Ownership: a line is borrowed for the call.
 * Errors:    ERR_IO: a file is there and cannot be read. Lines that are none are passed over.
 */
#ifndef STRATA_OPS_JOURNAL_READ_H
#define STRATA_OPS_JOURNAL_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "strata/err.h"
#include "strata/str.h"

/* The lines as they stand, each alone; false stops. */
enum err_code journal_lines(bool (*line)(void *arg, const char *text, size_t len), void *arg, struct err *err);
/* Those that are JSON with an event. line: false stops. */
enum err_code journal_read(bool (*line)(void *arg, json_t *j), void *arg, struct err *err);
bool journal_parse(const char *text, size_t len, bool (*line)(void *arg, json_t *j), void *arg);
void journal_words(struct str *out, const json_t *j);         /* a line for people, clean */

#endif
