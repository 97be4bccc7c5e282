/*
 * Purpose:   the blast radius in every plan: what hangs on the targets is read from all sources within a bound, as far as the harm
 *            goes; it is told as facts, and what it is red for is confirmed by its name. Rules that contradict each other about
 *            what a target is refuse what goes across the layers.
 * Thread:    net thread; the graph is made on a worker.
 * Ownership: op->blast.
 * Errors:    what cannot be seen is told; memory: it is told that nothing was looked at.
 */
#ifndef STRATA_OPS_OP_BLAST_H
#define STRATA_OPS_OP_BLAST_H

#include "core/ops/op.h"

struct op_blast;

void op_blast_warm(struct op *op);           /* what is surely needed is asked for while the targets are read */
/* true: it is told, or there is nothing to tell. false: under way, the pump comes again. */
bool op_blast_told(struct op *op);
/* Right before the first of it is sent: is it still what was told? false: it is looked at, the pump comes again; or the operation is
 * refused and over, as it became worse. */
bool op_blast_gate(struct op *op);
void op_blast_free(struct op *op);

#endif
