/*
 * Purpose:   the status tree of a load balancer (GET /loadbalancers/{id}/status): who gets its traffic.
 * Thread:    any (no state).
 * Ownership: what is given is borrowed, what is returned is the caller's.
 * Errors:    what the tree has not is left out; NULL when memory is out.
 */
#ifndef STRATA_OSTK_LB_TREE_H
#define STRATA_OSTK_LB_TREE_H

#include <stddef.h>

#include "strata/str.h"

struct json_t;

#define LB_MEMBERS_MAX 5000        /* of one load balancer */
/* Each member once, with pool, listener, load balancer and project beside what the tree has of it. lb: as listed; doc: the answer. */
struct json_t *lb_tree_members(const struct json_t *lb, const struct json_t *doc);
/* The same for people, indented below a section of its own. */
void lb_tree_text(struct str *out, const struct json_t *doc);

#endif
