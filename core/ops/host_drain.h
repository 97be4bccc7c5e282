/*
 * Purpose:   a host that is a hypervisor and a node of a cluster: by what evidence a node is taken for it.
 * Thread:    any (pure).
 * Ownership: everything is borrowed.
 */
#ifndef STRATA_OPS_HOST_DRAIN_H
#define STRATA_OPS_HOST_DRAIN_H

#include "core/ops/action.h"

/* What is read beside the hypervisor, in this order; the last ones once for each cluster, while planning alone. */
enum host_side { HOST_AGENTS, HOST_SERVERS, HOST_ROUTERS, HOST_NETWORKS, HOST_NODES, HOST_PODS, HOST_UPKEEP, HOST_NOTHING };
struct host_place { enum host_side what; const char *source, *agent; size_t first; };       /* first: side of the first of HOST_UPKEEP (upkeep.h) */
struct host_place host_place(const struct act_ctx *c, size_t i);
bool host_side_path(const struct act_ctx *c, size_t i, struct str *path, const char **service, const char **microversion);
const char *host_side_source(const struct act_ctx *c, size_t i);
const json_t *host_side_list(const struct act_ctx *c, enum host_side what);        /* of one that is read once; NULL: not read */
const json_t *host_agent(const struct act_ctx *c, const char *type);               /* the host's agent of that type; NULL */

/* The search for the node alone, for others: side n of their own, n-th cluster. NULL source: no more. */
const char *host_nodes_side(const struct act_ctx *c, size_t n, struct str *path);
struct host_node { const char *source, *name, *uid; };
/* The one node that is this host, how it is known in f; none, or several: false, refused in f. */
bool host_node_in(const struct act_ctx *c, const struct act_side *side, const char *source, struct host_node *node);     /* one of them, by more than a label */
bool host_is_node(const json_t *hypervisor, const json_t *node);
bool host_find_node(const struct act_ctx *c, struct host_node *node, struct act_facts *f);
/* Where the sides of the node's own controllers begin; 0: they are not read. */
size_t host_upkeep(const struct act_ctx *c);

#endif
