/*
 * Purpose:   private to kubeconfig*.c: entries of one file into the struct, merging, checks.
 * Thread:    any; no shared state.
 * Ownership: as strata/kubeconfig.h.
 * Errors:    ERR_NOMEM; what is wrong in a file goes to kc->problems and to the entry's own `problem`.
 */
#ifndef STRATA_CONFIG_KUBECONFIG_READ_H
#define STRATA_CONFIG_KUBECONFIG_READ_H

#include "core/config/yaml.h"
#include "strata/kubeconfig.h"

struct kube_reader {
    struct kubeconfig *kc;
    const char *file, *dir;     /* as named by the user; absolute directory */
    bool nomem;
};
void kube_read_cluster(struct kube_reader *r, struct kube_cluster *c, const struct yaml_node *n);
void kube_read_user(struct kube_reader *r, struct kube_user *u, const struct yaml_node *n);
void kube_read_context(struct kube_reader *r, struct kube_context *c, const struct yaml_node *n);

void kube_cluster_release(struct kube_cluster *c);
void kube_user_release(struct kube_user *u);
void kube_context_release(struct kube_context *c);

#endif
