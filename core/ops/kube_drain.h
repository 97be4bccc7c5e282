/*
 * Purpose:   what a drain decides, apart from how it is run: which pods of a node go, by kubectl's filters in their order and
 *            words; which of them may go now.
 * Thread:    any (pure).
 * Ownership: everything is borrowed.
 */
#ifndef STRATA_OPS_KUBE_DRAIN_H
#define STRATA_OPS_KUBE_DRAIN_H

#include "core/ops/action.h"
#include "core/ops/compound.h"

#define KUBE_CORDONED "node.kubernetes.io/unschedulable"

enum { DRAIN_PODS, DRAIN_BUDGETS, DRAIN_DAEMONSETS, DRAIN_STATEFULSETS, DRAIN_UPKEEP };     /* sides */

enum drain_fate { DRAIN_GOES, DRAIN_STAYS, DRAIN_STOPS };       /* STOPS: nothing of the node may be evicted */
/* words: kubectl's, for a group of pods; NULL nothing to say. */
enum drain_fate kube_drain_fate(const struct act_ctx *c, const json_t *pod, const char **words);
/* Whose quorum is this pod a member of, and may it go now? The StatefulSet, if it has three pods or more. words: why not. */
const json_t *kube_drain_set(const struct act_ctx *c, const json_t *pod);
bool kube_drain_majority(const json_t *set, const json_t *pod, struct str *words);
/* "etcd", "mariadb", ...: is it known to count votes? NULL no. */
const char *kube_drain_votes(const json_t *pod);

/* By whose leave it goes: a set's majority lets one go at a time, a budget as many as it allows; of both, the one that forbids it. */
bool kube_drain_holds(const struct act_ctx *c, const json_t *pod, struct str *who, int64_t *allowed);

/* The pods of its node as they were read last; NULL not yet. */
const json_t *kube_drain_pods(const struct op_drive *d);
/* The plan's facts (kube_drain_say.c): by kubectl's filters, of one pod that goes, of what could not be read. */
void kube_drain_say_groups(struct op_drive *d);
void kube_drain_say_pod(struct op_drive *d, const json_t *pod);
void kube_drain_say_unknown(struct op_drive *d, int side, const char *what);

/* Sorts pods as --order says (kube_drain_order.c). false: out of memory. */
bool kube_drain_order(const struct act_ctx *c, const json_t **pods, size_t n);

#endif
