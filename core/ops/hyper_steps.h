/*
 * Purpose:   the steps of a drain of a hypervisor, and what of Nova's answers it is about; for its plan and its run.
 * Thread:    net thread (what a row's compound function gets).
 * Ownership: everything is borrowed.
 */
#ifndef STRATA_OPS_HYPER_STEPS_H
#define STRATA_OPS_HYPER_STEPS_H

#include "core/ops/compound.h"
#include "core/ops/hyper_drain.h"

const json_t *hyper_servers(const struct op_drive *d);         /* on the host, as just read; NULL: not to be read */
const json_t *hyper_migrations(const struct op_drive *d);      /* from and to it */
bool hyper_is_move(const struct op_kid *k);
/* The last step of that action (NULL: a move) for what has that id; NULL none. */
struct op_kid *hyper_kid(const struct op_drive *d, const char *action, const char *uid);
size_t hyper_kid_index(const struct op_drive *d, const struct op_kid *k);
struct op_kid *hyper_disabling(const struct op_drive *d);
/* Is a server that is not here any more part of it? Not where all are left and nobody named it. */
bool hyper_is_ours(const struct op_drive *d, const char *uid);

/* false: memory, or too many steps. hyper_do: a step that is done as soon as it is known. Both may move d->kid. */
bool hyper_add_move(struct op_drive *d, const json_t *server, enum hyper_fate fate);
bool hyper_do(struct op_drive *d, const char *action, const char *uid, const char *name);

/* What the drain does once it began, and what is left to do when it is canceled: act_seen and why as compound.h has them. */
enum act_seen hyper_run(struct op_drive *d, struct str *why);
enum act_seen hyper_tidy(struct op_drive *d, struct str *why);

#endif
