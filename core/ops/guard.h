/*
 * Purpose:   may a source be changed, and may a way into a pod be opened? Operations ask guard_op.h, which asks here.
 * Thread:    any (no state).
 * Errors:    ERR_READONLY, ERR_FORBIDDEN (protected source not confirmed, maintenance window closed), ERR_UNSUPPORTED.
 */
#ifndef STRATA_GUARD_H
#define STRATA_GUARD_H

#include "strata/core.h"

/* Is the source (or strata) read-only? */
enum err_code guard_source(const struct source_info *info, const struct options *opt, struct err *err);
/* Is a maintenance window open for an object with these labels ("a=b,c=d"; NULL: not known, every rule holds)? until_ms: how long
 * (0: no rule holds). */
enum err_code guard_window(const struct source_info *info, const struct options *opt, const char *labels, int64_t *until_ms, struct err *err);
/* A way into a pod: it changes nothing there: written down, but not refused where strata is read-only, and nothing is typed. */
bool guard_reads(const struct action_request *a);
/* May it be at all; and may it be now, with what was typed? */
enum err_code guard_may(const struct source_info *info, const struct options *opt, const struct action_request *a, struct err *err);
enum err_code guard_check(const struct source_info *info, const struct options *opt, const struct action_request *a, struct err *err);

#endif
