/*
 * Purpose:   the status tree of a load balancer (GET /loadbalancers/{id}/status): who gets its traffic.
 * Thread:    any (no state).
 * Ownership: what is given is borrowed, what is returned is the caller's.
 * Errors:    what the tree has not is left out; NULL when memory is out.
 */
#ifndef STRATA_OSTK_LB_TREE_H
#define STRATA_OSTK_LB_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "strata/str.h"

struct json_t;

#define LB_MEMBERS_MAX 5000        /* of one load balancer */
/* Each member once, with pool, listener, load balancer and project beside what the tree has of it. lb: as listed; doc: the answer. */
struct json_t *lb_tree_members(const struct json_t *lb, const struct json_t *doc);
/* lb_subnets.c: the key "subnet_id" of members, null where Octavia has none. Those that an earlier reading had; the pool of the first that
 * has not the key yet, NULL: all have it; what a page of its pool says. true: it told some, and others are left; else those have none. */
void lb_subnets_known(struct json_t *members, const struct json_t *before);
const char *lb_subnets_wanted(const struct json_t *members);
bool lb_subnets_take(struct json_t *members, const char *pool, const struct json_t *page);
/* The same for people, indented below a section of its own. */
void lb_tree_text(struct str *out, const struct json_t *doc);

#endif
