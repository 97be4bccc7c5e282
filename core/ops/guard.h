/*
 * Purpose:   may this action be done, and what will it do? The one gate before every change.
 * Thread:    any (no state).
 * Errors:    ERR_READONLY, ERR_FORBIDDEN (protected source, or a danger to the whole cluster, not confirmed), ERR_UNSUPPORTED.
 */
#ifndef STRATA_GUARD_H
#define STRATA_GUARD_H

#include "strata/core.h"

enum err_code guard_check(const struct source_info *info, const struct options *opt, const struct action_request *a,
                          struct err *err);
/* Is a maintenance window open for an object with these labels ("a=b,c=d"; NULL: not known, every rule holds)? until_ms: how long
 * (0: no rule holds). */
enum err_code guard_window(const struct source_info *info, const struct options *opt, const char *labels, int64_t *until_ms, struct err *err);
/* guard_check without the confirmation of a protected source, and the dialog's text. */
enum err_code guard_plan(const struct source_info *info, const struct options *opt, const struct action_request *a,
                         struct str *text, struct err *err);
/* What the user must type before it is done: the protected source's name, the object's own where its delete takes with
 * it what nobody named (true: FETCH_TOLL counts that), "source/object", or nothing. */
bool guard_wanted(const struct source_info *info, const struct action_request *a, struct str *out);

#endif
