/*
 * Purpose:   the hypervisor that a node is, as Nova shows it to the clouds that are open: which servers are still there, what became
 *            of their moves, and whether its compute service takes servers. A controller of nodes often says no more than "active".
 * Thread:    any (pure).
 * Ownership: everything is borrowed; words are appended.
 * Errors:    what no cloud shows is no reason to fail; it is said, or left out.
 */
#ifndef STRATA_OPS_UPKEEP_HOST_H
#define STRATA_OPS_UPKEEP_HOST_H

#include "core/ops/action.h"

#define UPKEEP_STILL_MS (5 * 60 * 1000)      /* so long nothing moved, and it is said */

/* Sides of it: the n-th, first: where they begin. false: no such side. source NULL: not one of them; "": not asked. */
bool upkeep_host_side(const struct act_ctx *c, size_t first, size_t n, struct str *path, const char **service, const char **microversion);
const char *upkeep_host_source(const struct act_ctx *c, size_t n);

const json_t *upkeep_host(const struct act_ctx *c, size_t first, const char **cloud);     /* the hypervisor; NULL: none is known */
/* The servers there, one after the other, why they still are, and since when nothing moved; false: they could not be read. */
bool upkeep_host_servers(const struct act_ctx *c, size_t first, struct str *words, size_t *n);
bool upkeep_host_odd(const json_t *server);              /* at something, or in a state that no move begins from as a rule */
void upkeep_host_name(const json_t *server, struct str *words);            /* NAME (STATUS, task) */
void upkeep_host_names(const json_t *list, bool odd_alone, struct str *words);      /* eight at most, odd ones first, then how many more */

#endif
