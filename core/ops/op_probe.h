/*
 * Purpose:   an API that is asked while a rollout goes on, by the prober of the self-healing stage: nothing is sent before it
 *            answers, and when too few answers come the rollout has failed (and is taken back, if that was asked for).
 * Thread:    net thread.
 * Ownership: op->probe; op_probe_free stops and joins its thread.
 * Errors:    a probe that cannot be, or does not answer before anything is sent: op_probe_gate says so.
 */
#ifndef STRATA_OPS_OP_PROBE_H
#define STRATA_OPS_OP_PROBE_H

#include "core/ops/op.h"

enum op_gate { GATE_OPEN, GATE_WAIT, GATE_SHUT };
enum op_gate op_probe_gate(struct op *op, struct err *err);    /* asked before the first step runs, until it is not WAIT */
void op_probe_free(struct op *op);
/* How it went so far: "probe URL: 99.5 % of 212 answered" (words may be NULL). true: that is less than what was asked for. */
bool op_probe_bad(const struct op *op, struct str *words);

/* The arguments of a row that may be probed. */
#define OP_PROBE_ARGS \
    {.name = "probe", .help = "An API that is asked meanwhile: a service (compute, nova) or a URL; nothing begins before it answers.", .type = ARG_TEXT}, \
    {.name = "probe-min", .help = "So many of a hundred probes must be answered, else it has failed; one alone that is lost is no failure.", .type = ARG_INT, .def = "99", .most = 100}

#endif
