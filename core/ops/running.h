/*
 * Purpose:   no object has two operations at once, whichever strata of this user began them: what runs is a file beside the
 *            journal, locked as long as its process lives, so that what was killed stands in nobody's way.
 * Thread:    net thread; running_each any.
 * Ownership: op->running; running_release.
 * Errors:    ERR_FORBIDDEN: who, since when; ERR_IO: it cannot be told, so nothing is begun.
 */
#ifndef STRATA_OPS_RUNNING_H
#define STRATA_OPS_RUNNING_H

#include "core/ops/op.h"

/* Is another operation at work on this object? Asked for the plan, which looks once for all of its targets (op->others). */
enum err_code running_other(const struct op_step *st, struct err *err);
/* Before what was read for the plan is forgotten: what else the object is known as. */
void running_twin(struct op_step *st);
/* Is it the object that a line tells of: server, kind, scope, name, uid, twin? */
bool running_same(const struct op_step *st, const json_t *t);
/* All targets at once, at the start, with the parts they have. */
enum err_code running_claim(struct op *op, struct err *err);
/* While it runs: which parts of it are through. */
void running_refresh(struct op *op);
void running_release(struct op *op);
/* What runs now, in any strata: key, title, pid, host, who, time; j is borrowed. */
enum err_code running_each(void (*one)(void *arg, json_t *j), void *arg, struct err *err);

#endif
