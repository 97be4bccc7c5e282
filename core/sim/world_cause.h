/*
 * Purpose:   cause and effect across the layers of the demo cloud: an API answers while the pods behind its Service do; a
 *            service's row beats while its pod runs; the message queue and the database need their quorum; a machine that
 *            dies takes its guests along; a guest that stops is a tenant's node that falls silent.
 * Thread:    one.
 * Ownership: strings are borrowed.
 * Errors:    false: there is no such thing.
 * Units:     ms.
 */
#ifndef STRATA_SIM_WORLD_CAUSE_H
#define STRATA_SIM_WORLD_CAUSE_H

#include "core/sim/sim.h"

void cause_start(struct world *w);
bool cause_gate(struct req *r);                                /* of the cloud: true when no pod could answer; a reply was sent */
bool cause_host_down(struct world *w, const char *host);       /* a machine of mgmt loses its power */
bool cause_host_up(struct world *w, const char *host);
bool cause_server(struct world *w, const char *name, bool on); /* a guest's power, as its owner would switch it */

/* The i-th API and the Service that answers for it, as its Ingress leads there; false: there is no such one. */
bool cause_api(size_t i, const char **path, const char **service);
/* How an API says that it failed: the shape of ostk_error, and its words; of an unknown one false, and what many say. */
bool cause_words(const char *path, const char **shape, const char **words);
bool cause_api_down(struct world *w, const char *path);        /* no pod behind "volume", "compute", ... answers */

/* ---- world_volume.c: volumes of the tenants' pods ---- */
/* Before the containers of a pod of a tenant can start: 0 = its volumes are there; else ms until one looks again. */
int64_t cause_mounts(struct sim *s, const json_t *pod, const char *node);
void cause_look_volumes(struct sim *s);

void cause_look_balancers(struct sim *s, void *arg);           /* world_lb.c: a timer of each tenant */

/* ---- world_vm.c: data of one virtual machine, behind a loopback port that stands for its floating IP ---- */
bool vm_open(struct world *w);
void vm_set(struct world *w, bool answers);
int vm_fds(const struct world *w, int *fd, int max);           /* to wait on */
void vm_serve(struct world *w);
void vm_close(struct world *w);

#endif
