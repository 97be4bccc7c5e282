/*
 * Purpose:   what is written into the journal: of ways into a pod, and of operations.
 * Thread:    net thread.
 * Ownership: audit_close; NULL is fine everywhere (audit_intent then refuses).
 * Errors:    ERR_IO from an intent: the action must not be done.
 */
#ifndef STRATA_AUDIT_H
#define STRATA_AUDIT_H

#include <jansson.h>
#include <stdbool.h>

#include "strata/err.h"

struct audit;
struct request;
struct op;
struct op_step;
struct journal;
struct journal *audit_journal(struct audit *a);    /* NULL is fine */
struct audit *audit_open(void);           /* opens nothing until there is something to write */
void audit_close(struct audit *a);
enum err_code audit_intent(struct audit *a, const struct request *rq, struct err *err);
void audit_outcome(struct audit *a, const struct request *rq, const char *text, const struct err *err);

/* audit_op.c: an operation began (all that is needed to go on with it), a request of it is about to go out, its answer came, its
 * end was seen, and the operation is over. */
enum err_code audit_op(struct audit *a, const struct op *op, struct err *err);
enum err_code audit_step(struct audit *a, const struct op_step *st, bool dry, struct err *err);
void audit_answer(struct audit *a, const struct op_step *st, int status, bool dry);
void audit_step_end(struct audit *a, const struct op_step *st, const char *state);
void audit_op_end(struct audit *a, const struct op *op);
void audit_op_taken(struct audit *a, const struct op *op);    /* this one does the rest, or the way back, of the one it resumes */
/* Of an earlier run: nobody goes on with it. lost: its steps without an outcome; words: what was done and what stays. */
enum err_code audit_given_up(struct audit *a, const json_t *op, const json_t *lost, const char *words, struct err *err);

#endif
