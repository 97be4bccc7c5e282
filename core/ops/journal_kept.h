/*
 * Purpose:   what a rotation would take away and is still needed: lines of operations that did not end, in audit.jsonl.kept,
 *            read as the eldest.
 * Thread:    net thread, under the journal's lock.
 * Errors:    false: they could not be kept, the file must not go.
 */
#ifndef STRATA_OPS_JOURNAL_KEPT_H
#define STRATA_OPS_JOURNAL_KEPT_H

#include <stdbool.h>

/* path: of the journal; eldest: its last rotated file, which goes. */
bool journal_keep_open(const char *path, const char *eldest);

#endif
