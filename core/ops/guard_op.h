/*
 * Purpose:   may this operation be done? The same gate for every path: screen, `:` line, batch mode, undo, resume.
 * Thread:    net thread.
 * Errors:    ERR_READONLY, ERR_FORBIDDEN (confirmation, maintenance window), ERR_USAGE (too many at once), ERR_UNSUPPORTED.
 */
#ifndef STRATA_OPS_GUARD_OP_H
#define STRATA_OPS_GUARD_OP_H

#include "core/ops/op.h"

/* Before anything is read: may it be at all? */
enum err_code guard_op(struct op *op, struct err *err);
/* What must be typed, into op->wanted; the facts about it. */
void guard_op_wanted(struct op *op);
/* At the start: everything again, and what was typed. */
enum err_code guard_op_start(struct op *op, const char *typed, struct err *err);
/* Of an object that was read, and of what goes with it: is the maintenance window open, and how long (0: it has none)? */
enum err_code guard_step_window(struct op_step *st, int64_t *until_ms, struct err *err);
/* Right before a step is sent: the source's rules may hold for a time only. */
enum err_code guard_step(struct op_step *st, struct err *err);

#endif
