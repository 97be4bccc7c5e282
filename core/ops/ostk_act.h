/*
 * Purpose:   what the rows of OpenStack's other services share: of whose API an object is, reasons that say that they are ours,
 *            servers found by the name that was given.
 * Thread:    any (pure).
 * Ownership: borrowed from the context.
 * Errors:    what is not found is a FACT_REFUSED, or false.
 */
#ifndef STRATA_OPS_OSTK_ACT_H
#define STRATA_OPS_OSTK_ACT_H

#include "core/ops/action.h"

#define OURS "strata: "                        /* how every reason begins that strata gives */

/* Canonical type of the API a worker belongs to: "compute", "network", "block-storage"; "" another, or an API itself. */
const char *ostk_act_api(const struct act_ctx *c);
bool ostk_act_is_ours(const char *reason);
/* "strata: " and what was asked for; what begins so already stays. */
void ostk_act_reason(const struct act_ctx *c, const char *arg, struct str *out);
/* Who disabled (past) it has a reason: what others disabled is enabled with --any-reason only, and then told. false: refused. */
bool ostk_act_of_others(const struct act_ctx *c, struct act_facts *f, const char *reason, const char *past);
#define OSTK_ANY_REASON {.name = "any-reason", .help = "Also what others disabled or set.", .type = ARG_BOOL}
bool ostk_act_is_uuid(const char *s);
/* Begins a request; the path is written by the caller. */
enum act_verdict ostk_act_send(struct act_req *rq, const char *method, const char *service, const char *microversion, json_t *body);

/* A server by id or name: the first sides are its search, so many (a second where all projects may not be listed) ... */
size_t ostk_act_searches(const struct act_ctx *c, const char *server);
bool ostk_act_server_side(const struct act_ctx *c, const char *server, size_t i, struct str *path, const char **service, const char **microversion);
/* ... and here is it: the server, NULL with the refusal in f. */
const json_t *ostk_act_server(const struct act_ctx *c, const char *server, struct act_facts *f);

#endif
