/*
 * Purpose:   places for servers that leave their host, looked for one after another as Nova's scheduler would: what Placement has left, the
 *            traits and aggregates that a flavor wants, zones, server groups, hosts that are down or disabled. For plans.
 * Thread:    any (pure).
 * Ownership: what is given and the answers of the servers are borrowed while the room lives; nova_room_free.
 * Errors:    what is not known is said, and is never a place. NULL: memory.
 */
#ifndef STRATA_OPS_NOVA_ROOM_H
#define STRATA_OPS_NOVA_ROOM_H

#include "core/ops/action.h"

/* Is one of a list of servers in a group? */
bool nova_room_grouped(const struct json_t *servers);
/* What is read for it, one side after another: i from 0 until false. group: one of those that leave is in a server group. */
bool nova_room_side(size_t i, bool group, struct str *path, const char **service, const char **microversion);

/* The answers, as they lie among the sides from `at` on; NULL: what was read is not enough to say anything, why: HTTP status. */
struct nova_room;
struct nova_room *nova_room_new(const struct act_ctx *c, size_t at, bool group, const char *from, int *why);
void nova_room_free(struct nova_room *m);
/* A place for the next one, at `host` if that is said; what it takes there is gone for those that follow. true: it has one, or whether is
 * not known. */
bool nova_room_place(struct nova_room *m, const struct json_t *server, const char *host);
/* Those placed so far keep their places, and are not told. */
void nova_room_forget(struct nova_room *m);
/* What was found of all that were placed. stays: what becomes of who finds none ("will not move"). */
void nova_room_say(const struct nova_room *m, const char *stays, struct act_facts *f);

/* For who takes a host out of use: the same for all servers that are there. Sides from `at` on: these servers, then those above. stays: as above. */
bool nova_room_host_side(const struct act_ctx *c, size_t at, size_t i, const char *host, struct str *path, const char **service, const char **microversion);
void nova_room_say_host(const struct act_ctx *c, size_t at, const char *host, const char *stays, struct act_facts *f);

#endif
