/*
 * Purpose:   of a server's move: the row that Nova keeps of it (os-migrations), which alone says how a live migration ends: its
 *            instance action ends when it is queued. And the host that was named: is it there, is it up?
 * Thread:    any (pure).
 * Ownership: borrowed from the context.
 * Errors:    as of action.h.
 */
#ifndef STRATA_OPS_NOVA_MIGR_H
#define STRATA_OPS_NOVA_MIGR_H

#include "core/ops/nova_act.h"

/* While c->seeing, beside the record: the server's rows of os-migrations, and what is under way with its progress (live). */
bool nova_migr_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion);
/* While building: the compute services, by which a host that was named is looked up, and its server group. */
bool nova_hosts_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion);

/* A move: those while building, while planning what places are looked for by (nova_room.h); the former then. */
bool nova_move_side(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion);

/* The newest row of the server of those types ("live-migration"), begun since `since`; NULL. */
const json_t *nova_migr(const struct act_ctx *c, const char *types, bool ours);
bool nova_migr_under_way(const char *status);           /* it may still come to something; "finished" waits for its confirmation */
/* What the row says: DONE with the status that is `to`; FAILED with words when it ended otherwise or will never end. */
enum act_seen nova_migr_seen(const struct act_ctx *c, const json_t *row, const char *to, struct str *why);

/* The argument host: as the cloud writes it, NULL with *ok = true: none was given; *ok = false: refused with words. */
const char *nova_dest(const struct act_ctx *c, struct act_facts *f, bool *ok);
void nova_say_group(const struct act_ctx *c, struct act_facts *f);      /* what its group and zone allow */
/* Whether it finds a place, after those that leave its host before it. stays: what becomes of it if not. */
void nova_say_place(const struct act_ctx *c, const char *host, const char *stays, struct act_facts *f);
/* Its own host is where the request goes: is nova-compute up there? False: refused with words. */
bool nova_source_up(const struct act_ctx *c, struct act_facts *f);

#endif
