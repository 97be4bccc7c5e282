/*
 * Purpose:   the few fields of an object that matter to an operation: for the journal, and for knowing after a crash what was there.
 * Thread:    any.
 * Ownership: a new reference; NULL when there is nothing to keep.
 */
#ifndef STRATA_OPS_OP_BRIEF_H
#define STRATA_OPS_OP_BRIEF_H

#include <jansson.h>

#include "strata/kind.h"

json_t *op_brief(const struct kind *k, const json_t *obj);

#endif
