/*
 * Purpose:   what the drain of a hypervisor decides, apart from how it is run: what becomes of each server, which of Nova's
 *            records say that one is still on its way, and what Placement still holds.
 * Thread:    any (pure).
 * Ownership: everything is borrowed; words are appended.
 */
#ifndef STRATA_OPS_HYPER_DRAIN_H
#define STRATA_OPS_HYPER_DRAIN_H

#include "core/ops/action.h"

/* Sides; while planning also what places are looked for by (nova_room.h), then the node that it is, in each of the first clusters, and their
 * controllers of nodes. */
enum { HYPER_SERVERS, HYPER_MIGRATIONS, HYPER_ALLOCATIONS, HYPER_ROOM, HYPER_CLUSTERS = 5 };

enum hyper_fate { HYPER_LIVE, HYPER_COLD, HYPER_LEAVE, HYPER_CONFIRM, HYPER_WAIT, HYPER_REFUSED };
/* What becomes of a server as it is now. words: why, for WAIT, LEAVE and REFUSED what to do. */
enum hyper_fate hyper_fate(const struct act_ctx *c, const json_t *server, struct str *words);
/* Each word of --live, --cold, --leave that is no server here, no id, no state and not "all". */
void hyper_unknown(const struct act_ctx *c, void (*one)(void *arg, const char *list, const char *word, size_t len), void *arg);
/* Is whatever has that id left alone, wherever it is (--leave=all, or the id itself)? */
bool hyper_leaves(const struct act_ctx *c, const char *uid);
const json_t *hyper_server(const struct act_ctx *c, const char *uid);       /* on the host now; NULL it is not */

/* The newest migration of a server from or to the host; NULL none. */
const json_t *hyper_migration(const struct act_ctx *c, const char *uid);
bool hyper_migration_over(const json_t *migration);     /* "finished" is not: it waits for its confirmation */
bool hyper_abortable(const json_t *migration);          /* Nova may still take it back */
/* Does a server wait elsewhere for the confirmation of its move from this host? */
bool hyper_waits(const struct act_ctx *c, const json_t *migration);
/* May that be confirmed: a cold migration, or a resize with --confirm-resizes. */
bool hyper_may_confirm(const struct act_ctx *c, const json_t *migration);

bool hyper_disabled(const json_t *hypervisor);
bool hyper_reason_ours(const json_t *hypervisor);
const char *hyper_host(const json_t *hypervisor);       /* of its nova-compute */

#endif
