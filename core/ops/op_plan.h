/*
 * Purpose:   inside the plan: what its files offer each other. op_plan.c (one target, from reading to what is told of all),
 *            plan_steps.c (the steps of a target), plan_args.c (arguments).
 * Thread:    net thread.
 * Errors:    of a target: plan_refuse; of the operation: op_refuse.
 */
#ifndef STRATA_OPS_OP_PLAN_H
#define STRATA_OPS_OP_PLAN_H

#include "core/ops/op.h"

/* This target is planned, well or not: what was read for it is let go. */
void plan_done(struct op_step *st);
void plan_refuse(struct op_step *st, enum err_code code, const char *text);
/* Tried on the server, written down. done begins with plan_tried: the answer, NULL when strata ends. false: err, done does not come. */
bool plan_try(struct op_step *st, void (*done)(void *arg, const struct call_reply *r), struct err *err);
const struct net_reply *plan_tried(struct op_step *st, const struct call_reply *reply);
/* The rights to its steps, their requests, their windows; then plan_done or plan_refuse. */
void plan_steps(struct op_step *st);
/* unfinished.c: what a killed strata left on these objects. look: asks once, on a worker; true: it is known now. say: facts, or why not. */
bool unfinished_look(struct op *op);
enum err_code unfinished_say(struct op *op, struct err *err);
void unfinished_forget(struct op *op);
/* Does the table of actions know these arguments, and are they what it says? true: no, and err says what is meant. */
bool plan_bad_args(struct op *op, struct err *err);

#endif
