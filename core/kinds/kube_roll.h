/*
 * Purpose:   how many pods of a workload are away at a time while a change of its template is rolled out.
 * Thread:    any (pure).
 */
#ifndef STRATA_KINDS_KUBE_ROLL_H
#define STRATA_KINDS_KUBE_ROLL_H

#include "core/kinds/kube_common.h"

enum { ROLL_TYPE, ROLL_HOW };
enum { ROLL_SET_PARTITION, ROLL_SET_AWAY };      /* within a StatefulSet's ROLL_HOW */
extern const struct wire_schema kube_roll;          /* strategy of a Deployment, updateStrategy of a DaemonSet */
extern const struct wire_schema kube_roll_set;      /* updateStrategy of a StatefulSet */

#define KUBE_COL_AWAY \
    {.id = "max-unavailable", .title = "MAX-UNAVAILABLE", .help = "So many of its pods are away at a time while a change is rolled out.", .type = COL_INT, .flags = COL_HIDDEN | COL_RIGHT}

/* Each of all pods as the controller counts them, a share rounded as it does. */
int64_t kube_roll_deployment(const struct wire_obj *strategy, int64_t all);
int64_t kube_roll_daemon(const struct wire_obj *strategy, int64_t all);
int64_t kube_roll_stateful(const struct wire_obj *strategy, int64_t all);

#endif
