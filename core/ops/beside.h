/*
 * Purpose:   what a plan asks of other sources than its targets': each once for all targets, those that a row asks the same of
 *            beside each other, and each for some seconds only.
 * Thread:    net thread.
 * Ownership: op->beside.
 * Errors:    who does not answer in time has no answer (json NULL, status 0): the row tells it.
 */
#ifndef STRATA_OPS_BESIDE_H
#define STRATA_OPS_BESIDE_H

#include "core/ops/op.h"

/* true: json (a new reference) and status are there. false: asked for, and then(st) comes when they are; or memory is out (err). */
bool beside_get(struct op_step *st, struct source *src, const char *path, void (*then)(struct op_step *st), json_t **json, int *status, struct err *err);
void beside_ask(struct op *op, struct source *src, const char *path);     /* somebody will get it */
void beside_leave(struct op_step *st);           /* it waits no more */
void beside_free(struct op *op);

#endif
