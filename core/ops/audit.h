/*
 * Purpose:   the journal of changes: one JSON line before a request goes out, one with its outcome.
 *            $XDG_STATE_HOME/strata/audit.jsonl (or ~/.local/state/...), mode 0600, append only, fsynced.
 * Thread:    net thread.
 * Ownership: audit_close; NULL is fine everywhere (audit_intent then refuses).
 * Errors:    ERR_IO from audit_intent: the action must not be done.
 */
#ifndef STRATA_AUDIT_H
#define STRATA_AUDIT_H

#include "strata/err.h"

struct audit;
struct request;
struct audit *audit_open(void);           /* opens nothing until there is something to write */
void audit_close(struct audit *a);
enum err_code audit_intent(struct audit *a, const struct request *rq, struct err *err);
void audit_outcome(struct audit *a, const struct request *rq, const char *text, const struct err *err);

#endif
