/*
 * Purpose:   inside the journal's writers: audit.c, audit_op.c.
 * Thread:    net thread.
 */
#ifndef STRATA_OPS_AUDIT_PRIV_H
#define STRATA_OPS_AUDIT_PRIV_H

#include "core/ops/audit.h"
#include "core/ops/journal.h"

struct audit { struct journal *journal; };

#endif
