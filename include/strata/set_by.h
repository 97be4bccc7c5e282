/*
 * Purpose:   who cordoned a node or scaled a workload, in words.
 * Thread:    any (pure).
 * Errors:    nothing is appended where nobody knows.
 */
#ifndef STRATA_SET_BY_H
#define STRATA_SET_BY_H

#include "strata/row.h"

/* "by drain 1a2-3-4 of ann@host with strata at 2026-...Z", "by somebody with kubectl at ..."; object: the node as JSON with managedFields, journal:
 * as core_audit gives it; NULL each: not known. */
void set_by_words(const struct row *row, const char *source, const char *object, const char *journal, size_t len, struct str *out);

#endif
