/*
 * Purpose:   the server that is a node of a cluster strata knows: what is taken from the one is taken from the pods of the other.
 *            Looked at while it is planned, at every cluster; the evidence is that of the links (providerID E11-1, systemUUID E11-4).
 * Thread:    any (pure).
 * Ownership: all borrowed from the context.
 * Errors:    a cluster that cannot be asked is told, and is no reason to refuse.
 */
#ifndef STRATA_OPS_NOVA_NODE_H
#define STRATA_OPS_NOVA_NODE_H

#include "core/ops/action.h"

/* The first sides of a server's row while it is planned: the nodes of each cluster, then the pods of the nodes that it is. */
size_t nova_node_sides(const struct act_ctx *c);
bool nova_node_side(const struct act_ctx *c, size_t i, struct str *path);       /* false: not one of them */
const char *nova_node_source(const struct act_ctx *c, size_t i);                /* NULL: not one of them; "": not asked */
/* What the cluster loses: with pods, or the last control plane, the server's name must be typed. */
void nova_node_say(const struct act_ctx *c, struct act_facts *f);

#endif
