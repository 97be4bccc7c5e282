/*
 * Purpose:   how a cluster is written down: tables of machines and workloads, turned into objects as they are found running.
 * Thread:    one.
 * Ownership: tables are const data.
 * Errors:    none: a resource the cluster does not have is left out.
 * Units:     as the API says.
 */
#ifndef STRATA_SIM_KUBE_SEED_H
#define STRATA_SIM_KUBE_SEED_H

#include "core/sim/plan.h"

struct work {
    const char *ns, *name;
    char kind;                  /* D deployment, S stateful set, A daemon set, J job, C cron job, B bare pod */
    int replicas;               /* A: 0 = one on each machine that fits */
    const char *app, *component, *image, *behaviour;
    const char *containers;     /* "a,b"; NULL = the component's name */
    int inits;
    int port;
    const char *svc;            /* its Service, when not named as the workload */
    char on;                    /* c control plane, h hypervisors (or workers), b those for very many pods, 0 anywhere else */
    char budget;                /* PodDisruptionBudget: 1 minAvailable 1, m maxUnavailable 1, 0 none */
    bool host;                  /* hostNetwork */
    const char *claim;          /* volumeClaimTemplate or, of a deployment, the claim it mounts */
};
struct machine {
    const char *name, *ip;
    char role;                  /* c control plane, h hypervisor, w worker, b worker for very many pods */
    char trouble;               /* 0, d cordoned, x its kubelet is silent */
    const char *provider;       /* spec.providerID up to the id; NULL = none */
    int cpus, memory_gi;
};
struct cluster {
    const struct machine *machines;
    size_t nmachines;
    const struct work *works;
    size_t nworks;
    const char *const *namespaces;
};
struct res *seed_res(struct sim *s, const char *group, const char *plural);
struct obj *seed_put(struct sim *s, const char *group, const char *plural, json_t *doc);   /* NULL: this cluster has no such resource */
int64_t seed_ago(struct sim *s, int64_t ms);                   /* about so long ago */
void seed_cluster(struct sim *s, const struct cluster *c);
void seed_work(struct sim *s, const struct cluster *c, const struct work *w);

/* kube_seed_many.c */
void seed_rooms(int pods, struct cluster *c);                  /* machines for so many pods are added */
void seed_rooms_done(struct cluster *c);
void seed_many(struct sim *s, const struct cluster *c, int pods);

void seed_mgmt(struct sim *s);                                 /* kube_seed_mgmt.c */
void seed_tenant(struct sim *s);                               /* kube_seed_tenant.c */
void seed_capi(struct sim *s);                                 /* kube_seed_more.c: Cluster API objects, Helm releases */
void seed_helm(struct sim *s, const char *ns, const char *name, const char *chart, const char *version, int revision);
void seed_csi(struct sim *s);                              /* volumes of the plan that belong to this cluster */
void seed_balancers(struct sim *s);

#endif
