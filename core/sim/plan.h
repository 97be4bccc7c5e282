/*
 * Purpose:   the plan of the demo cloud's club sandwich: what several realms must agree on. Names and addresses are data;
 *            ids are derived from the world's seed and a name, so that no realm has to ask another while it is seeded.
 * Thread:    any (const data).
 * Ownership: const data of the program; plan_id writes to the caller's buffer.
 * Errors:    none.
 */
#ifndef STRATA_SIM_PLAN_H
#define STRATA_SIM_PLAN_H

#include "core/sim/sim.h"

/* Id of a thing by what it is: "server/tenant-a-node-0", "volume/shop-db-0", "net/demo-net", ... A UUID of version 4. */
void plan_id(const struct world *w, const char *what, const char *name, char out[37]);

struct plan_host { const char *name, *ip; bool compute; };     /* machines of mgmt; the computes are the hypervisors */
extern const struct plan_host plan_hosts[];
extern const size_t plan_nhosts;

struct plan_net { const char *name, *project, *cidr; };        /* private networks; each has a router NAME-router */
extern const struct plan_net plan_nets[];
extern const size_t plan_nnets;

/* Servers of the story. status NULL = ACTIVE. A server with a cluster is a node there: name = node name. */
struct plan_server {
    const char *name, *project, *flavor, *host, *net, *ip, *status, *fault, *cluster, *role, *group, *fip;
};
extern const struct plan_server plan_servers[];
extern const size_t plan_nservers;

/* Volumes; claim: "namespace/claim" of the cluster that the server belongs to, else a plain one. */
struct plan_volume { const char *name, *project, *status, *server, *claim; int size; };
extern const struct plan_volume plan_volumes[];
extern const size_t plan_nvolumes;

/* Shares of Manila; claim: "namespace/claim" of that cluster, which many pods mount, else a plain one. */
struct plan_share { const char *name, *project, *proto, *status, *cluster, *claim; int size; };
extern const struct plan_share plan_shares[];
extern const size_t plan_nshares;

/* Load balancers that a Service of type LoadBalancer asked for, SERVICE-public in front of SERVICE; members = all worker nodes of the cluster. */
struct plan_lb { const char *cluster, *ns, *service, *project, *net, *vip, *fip; int port, node_port; };
extern const struct plan_lb plan_lbs[];
extern const size_t plan_nlbs;
const char *plan_lb_name(const struct plan_lb *lb, char buf[128]);    /* as the cloud controller manager names it */

extern const struct plan_metal { const char *name, *power, *provision; bool maintenance; } plan_metal[];
extern const size_t plan_nmetal;

void seed_plan(struct sim *cloud, const char *image);          /* seed_plan.c: its part in the cloud */

#endif
