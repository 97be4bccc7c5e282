/*
 * Purpose:   what the rows about workloads share: kubectl's rules for a rollout that is done, why pods are not ready, who else
 *            keeps an object as it is, budgets. Pure functions over JSON of the server.
 * Thread:    any.
 * Ownership: everything is borrowed; texts are appended to the caller's buffers.
 */
#ifndef STRATA_OPS_KUBE_WORK_H
#define STRATA_OPS_KUBE_WORK_H

#include "core/ops/action.h"

#define KUBE_STRATEGIC "application/strategic-merge-patch+json"
#define KUBE_MERGE "application/merge-patch+json"
#define KUBE_JSON_PATCH "application/json-patch+json"

/* kube_work.c */
bool kube_is_kind(const struct act_ctx *c, const char *id);
/* A PATCH of the object (or its sub) bound to its uid: body is moved, {"metadata":{"uid":...}} is added to it. */
bool kube_patch(const struct act_ctx *c, struct act_req *rq, const char *sub, const char *content_type, json_t *body);
/* A member of a map whose key has dots ("metadata.annotations", "kubernetes.io/config.mirror"); "" if absent. */
const char *kube_map_str(const json_t *o, const char *path, const char *key);
/* "/apis/GROUP/VERSION/namespaces/NS/RESOURCE" of the object's namespace. */
bool kube_ns_path(const struct act_ctx *c, struct str *path, const char *group_version, const char *resource);
/* Pods (or what else) that its spec.selector selects. */
bool kube_selected_path(const struct act_ctx *c, struct str *path, const char *group_version, const char *resource);
/* Five letters for a name that is made up, from these texts and a number: the same each time. tail of 6. */
void kube_tail(char *tail, const char *const *of, size_t n, size_t number);
/* Does a LabelSelector select these labels? An empty one selects all, none (NULL) nothing. */
bool kube_selects(const json_t *selector, const json_t *labels);
/* Does the pod tolerate this taint? */
bool kube_tolerates(const json_t *pod, const char *key, const char *value, const char *effect);
/* Are there NoExecute taints among those that the node has not yet? Facts: whom they end. And the list of its pods, as a side. */
bool kube_evicting_taints(const struct act_ctx *c, const json_t *taints, struct act_facts *facts);
bool kube_pods_on_node(const struct act_ctx *c, struct str *path);
/* kube_place.c. pod: or a template of pods. Wants: its selector and its required affinity let it run there; fits: and the node takes it now. */
bool kube_pod_wants(const json_t *pod, const json_t *node);
bool kube_pod_fits(const json_t *pod, const json_t *node);
/* kube_node_labels.c. change: labels of a node as a merge patch has them. Relabels: one that is there goes or has another value. Facts:
 * the daemon sets whose pods there end by it; of the sides PODS on it and daemon SETS, which labels_side asks for as the first two. */
bool kube_relabels(const json_t *obj, const json_t *change);
bool kube_labels_side(const struct act_ctx *c, size_t i, struct str *path);
void kube_say_unselected(const struct act_ctx *c, const json_t *change, struct act_facts *facts);
/* Its condition of that type, NULL none. */
const json_t *kube_condition_of(const json_t *obj, const char *type);
/* The controlling owner of an object, NULL none. */
const json_t *kube_controller(const json_t *obj);
/* Facts: GitOps, Helm, an owner: who may change it back. */
void kube_say_keepers(const json_t *obj, struct act_facts *facts);
void kube_say_keepers_who(const json_t *obj, const char *does, struct act_facts *facts);      /* does: "make it again" */
/* The autoscaler that sets the replicas of the object, in a list of them; NULL none. */
const json_t *kube_scaler_of(const json_t *list, const json_t *obj);

/* kube_rollout.c */
/* Is the newest template everywhere? By kubectl's rules. why: "new 1 of 3, old 2, ready 3, available 3, unavailable 0: ...";
 * pods: a list of its pods to say why one is not ready, may be NULL. */
enum act_seen kube_rollout_seen(const json_t *obj, const json_t *pods, struct str *why);
/* Appends why the first pod that should be ready is not; false: none. */
bool kube_pods_why(const json_t *pods, struct str *why);
/* Appends why this pod is not ready; false: it is, or nothing is known. */
bool kube_pod_why(const json_t *pod, struct str *why);
bool kube_pod_ready(const json_t *pod);
/* A Service that is written with another selector (kube_reselect.c): the pods it has then, side 0; path may be NULL. Facts: who is behind it then. */
bool kube_reselects(const struct act_ctx *c, const json_t *doc, struct str *path);
void kube_say_reselected(const struct act_ctx *c, const json_t *doc, struct act_facts *facts);
/* Facts: how many pods a change of the template replaces, and whether something is away meanwhile. */
void kube_say_roll(const json_t *obj, struct act_facts *facts);
int64_t kube_roll_away(const json_t *obj, int64_t *all);      /* so many of all of its pods may be away at a time */

/* kube_history.c: ReplicaSets of a Deployment, ControllerRevisions of the others */
#define KUBE_REVISION "deployment.kubernetes.io/revision"
#define KUBE_NEWEST (-1)
bool kube_has_replica_sets(const json_t *obj);
int64_t kube_revision_of(const json_t *obj, const json_t *one);
const json_t *kube_revision_template(const json_t *obj, const json_t *one);
bool kube_revision_owned(const json_t *obj, const json_t *one);
json_t *kube_plain_template(const json_t *t);            /* without what the controllers add; new */
bool kube_same_template(const json_t *a, const json_t *b);    /* as these plain ones */
int64_t kube_revision_with(const json_t *obj, const json_t *list);       /* the newest of the object's own template, 0 none is in the list */
/* The revision asked for; 0: the second newest. NULL: none such; n: how many there are. */
const json_t *kube_find_revision(const json_t *obj, const json_t *list, int64_t wanted, size_t *n);
bool kube_history(struct str *out, const json_t *obj, const json_t *list, int64_t now_ms);                        /* false: memory */
bool kube_history_one(struct str *out, const json_t *obj, const json_t *list, int64_t revision, struct err *err); /* its template, YAML */
/* The templates of a revision (0: the one before the newest) and of the newest, line by line. */
bool kube_history_diff(struct str *out, const json_t *obj, const json_t *list, int64_t from, struct err *err);

/* kube_budget.c */
bool kube_pod_finished(const json_t *pod);
bool kube_pod_local(const json_t *pod);      /* has it emptyDir volumes? */
struct kube_budget { const json_t *pdb; size_t n; };      /* the first that selects it, how many do */
struct kube_budget kube_budget_of(const json_t *list, const json_t *pod);
/* Will the server ask a budget before it evicts this pod? Not one that is pending, finished or ending. */
bool kube_budget_asked(const json_t *pod);
/* "budget NS/NAME allows 0 evictions: 2 healthy of 3, 2 needed"; false: it allows one now. */
bool kube_budget_allows(const json_t *pdb, const json_t *pod, struct str *words);
/* What the server said of a budget when it refused an eviction: "The disruption budget web needs 2 healthy pods and has 2 currently". */
/* "budget ns/name", if the eviction of the pod counts in one: and how many of its pods may go at a time. false: nobody holds it. */
bool kube_budget_holds(struct kube_budget b, const json_t *pod, struct str *who, int64_t *allowed);
const char *kube_budget_cause(const json_t *status);
/* A fact, if this pod and the others of the operation leave its StatefulSet without a majority. */
void kube_say_majority(const struct act_ctx *c, const json_t *set, struct act_facts *facts);
/* A fact, if the operation takes more pods of its owner than their budget allows, or all. */
void kube_say_together(const struct act_ctx *c, const json_t *pdbs, const json_t *owner, struct act_facts *facts);
/* Facts of taking this pod away. pdbs, owner: lists and object as the server has them, or NULL. */
void kube_say_pod(const json_t *pod, const json_t *pdbs, const json_t *owner, bool evict, struct act_facts *facts);

/* What a scaling from now to want ends. */
void kube_say_fewer(const struct act_ctx *c, int64_t now, int64_t want, struct act_facts *facts);

#endif
