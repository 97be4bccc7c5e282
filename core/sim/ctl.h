/*
 * Purpose:   what makes a simulated cluster live: controllers, scheduler, kubelets, endpoints, budgets, leases, node lifecycle,
 *            garbage collection. They react to what is stored, whoever stored it (API, seed, another layer): the store tells
 *            ctl_changed(), which keeps an index of facts (no JSON is read again for it) and queues the keys concerned.
 * Thread:    the one of the simulation.
 * Ownership: json_t arguments are borrowed unless said otherwise; struct ctl_item lives until its object is deleted.
 * Errors:    none: a key whose object is gone is skipped.
 * Units:     ms. Delays are those of a believable cluster and are divided by the world's speed; CPU in milli-cores, memory in bytes.
 *
 * A pod can be told how to behave by annotations (of the pod or its template), all optional:
 *   sim.strata/behaviour   ok | crash | oom | error | pull | unschedulable | init | creating | completed | unready
 *   sim.strata/sandbox-ms  until the sandbox has its address            (default 400-700)
 *   sim.strata/pull-ms     pulling an image that the node does not have (default 1800-3800)
 *   sim.strata/init-ms     how long each init container runs            (default 500-1000)
 *   sim.strata/start-ms    create and start of a container              (default 200-350)
 *   sim.strata/ready-ms    from started to ready                        (default: 0 without a readiness probe, else its delay and period)
 *   sim.strata/run-ms      a main container ends after that             (default: never; 3000-6000 when it is a job's)
 *   sim.strata/cpu         what each container uses of the CPU ("200m")     (default: some 10-50m)
 *   sim.strata/exit-code   ... with this status                         (default 0; behaviour crash and error: 1, oom: 137)
 *   sim.strata/stop-ms     from SIGTERM to the end; -1 = deaf, takes the whole grace period (default 900-1700)
 */
#ifndef STRATA_SIM_CTL_H
#define STRATA_SIM_CTL_H

#include "core/sim/sim.h"
#include "strata/map.h"

#define SIM_NOTE "sim.strata/"
#define CTL_HPA_MS 15000                                        /* an autoscaler's beat */

enum ctl_kind {
    K_POD, K_NODE, K_NAMESPACE, K_SERVICE, K_EVENT, K_CLAIM, K_ENDPOINTS, K_DEPLOYMENT, K_REPLICASET, K_STATEFULSET, K_DAEMONSET, K_REVISION,
    K_JOB, K_CRONJOB, K_HPA, K_PDB, K_SLICE, K_LEASE, K_QUOTA, K_VOLUME, K_OTHER,
    K_SCHEDULE, K_REAP, K_COLLECT, K_COUNT                     /* not kinds: further work that is queued by a key */
};

/* What is remembered of a pod, or of another object that owns or is owned. */
struct ctl_item {
    struct obj *o;                                             /* newest version; the store's */
    enum ctl_kind kind;
    struct ctl_set *owner, *node, *orphans;                    /* the sets it is in */
    size_t owner_at, node_at, orphans_at;
    int tries;                                                 /* of the scheduler for a pod, of its controller for what a quota forbids */
    int64_t next_try;                                          /* monotonic */
    /* pods only */
    bool ready, terminating, has_ip, hopeless;                 /* hopeless: no node would have room even if it were empty */
    int64_t flush_at;                                          /* monotonic */
    char phase;                                                /* P R S F U: first letter */
    int64_t created, ready_since;                              /* wall */
    int64_t restarts, cpu, memory;
    json_t *apart, *ports;                                     /* required anti-affinity, ports of the host; NULL none */
    char ip[46];
};
struct ctl_set { char *key; struct ctl_item **v; size_t n, cap; };

/* A node as the scheduler sees it. */
struct ctl_node {
    struct obj *o;
    char address[46];                                          /* the first of its addresses */
    json_t *taints;
    bool unschedulable, ready, down, rebooted;
    int64_t cpu, memory, pods, used_cpu, used_memory, used_pods;
    int siblings;                                              /* of the pod that is being placed */
    uint64_t down_count;                                       /* so that a late timer knows it is late */
};

/* A service or a budget: who it selects. */
struct ctl_selector {
    struct ctl_selector *next;
    enum ctl_kind kind;
    char *name;
    json_t *selector;                                          /* LabelSelector */
    struct ctl_item **v;
    size_t n, cap;
};

struct ctl_key { enum ctl_kind kind; char *ns, *name; };

struct ctl {
    struct res *res[K_OTHER];
    struct map items;                                          /* uid -> ctl_item */
    struct map owned;                                          /* owner's uid -> ctl_set */
    struct map on_node;                                        /* node -> ctl_set of pods */
    struct map orphans;                                        /* namespace -> ctl_set of pods without owner */
    struct map nodes;                                          /* name -> ctl_node */
    struct map selectors;                                      /* namespace -> ctl_selector list */
    struct map queued, kubelet, images, events, waiting, hpas;
    struct ctl_key *queue;
    size_t head, tail, cap;
    size_t aparts;                                             /* pods with anti-affinity */
    bool draining, running, opening;                           /* opening: what follows from the seed is not through */
    unsigned ticks, beats;
    int64_t churn_from, churned;                               /* monotonic us; changes since then */
    struct ctl_key *old_events;
    size_t ev_head, ev_tail, ev_cap;
    int64_t *old_at;
};

/* ---- ctl.c: index, queue ---- */
void ctl_changed(struct sim *s, struct obj *now, struct obj *before, const json_t *doc);   /* by the store, at the end of a put */
/* While seeding: an object that was stored as text, its facts those of another but for its birth and address. */
void ctl_seeded(struct sim *s, struct obj *o, const struct ctl_item *like, int64_t born, const char *ip);
void ctl_gone(struct sim *s, struct obj *last);                /* by the store, at the end of a delete */
struct ctl *ctl_of(struct sim *s);
struct res *ctl_res(struct sim *s, enum ctl_kind kind);        /* NULL when this cluster has no such resource */
enum ctl_kind ctl_kind_of(struct sim *s, const struct res *r);
void ctl_queue(struct sim *s, enum ctl_kind kind, const char *ns, const char *name);
void ctl_queue_after(struct sim *s, int64_t ms, enum ctl_kind kind, const char *ns, const char *name);
void ctl_queue_owner(struct sim *s, const struct ctl_item *it);
int64_t ctl_ms(const struct sim *s, int64_t ms);               /* a delay at the world's speed */
struct obj *ctl_get(struct sim *s, enum ctl_kind kind, const char *ns, const char *name);  /* borrowed or NULL */
json_t *ctl_doc(struct sim *s, enum ctl_kind kind, const char *ns, const char *name);      /* new reference or NULL */
struct ctl_item *ctl_item(struct sim *s, const char *uid);     /* NULL */
/* The objects owned by uid, of one kind: a copy to be freed; NULL and *n = 0 when there are none. */
struct ctl_item **ctl_owned(struct sim *s, const char *uid, enum ctl_kind kind, size_t *n);
struct ctl_item **ctl_pods_on(struct sim *s, const char *node, size_t *n);
struct ctl_selector *ctl_selector(struct sim *s, enum ctl_kind kind, const char *ns, const char *name);
bool ctl_active(const struct ctl_item *pod);                   /* neither ended nor ending */
bool ctl_available(struct sim *s, const struct ctl_item *pod, int64_t min_ready_s);

/* ---- ctl_facts.c: what of an object is remembered ---- */
void ctl_facts_pod(struct sim *s, struct ctl_item *it, const json_t *doc, bool first);
void ctl_facts_node(struct sim *s, struct obj *o, const json_t *doc);
void ctl_node_forget(struct sim *s, const char *name);
void ctl_selectors_start(struct sim *s);                       /* members of those that were seeded */
void ctl_selector_put(struct sim *s, enum ctl_kind kind, struct obj *o, const json_t *doc);
void ctl_selector_drop(struct sim *s, enum ctl_kind kind, const char *ns, const char *name);
void ctl_selectors_pod(struct sim *s, struct ctl_item *it, const json_t *before, bool was, bool is, bool matters);

/* ---- ctl_util.c ---- */
int64_t ctl_quantity(const char *text, bool milli);            /* "100m", "2Gi", "1e3" */
void ctl_requests(const json_t *pod_spec, int64_t *cpu, int64_t *memory);
const char *ctl_qos(const json_t *pod_spec);
bool ctl_selects(const json_t *label_selector, const json_t *labels);
bool ctl_empty_selector(const json_t *label_selector);
int ctl_share(const json_t *int_or_percent, int total, bool up, int otherwise);   /* "25%" of total, rounded up or down */
void ctl_hash(const json_t *o, char out[11]);                  /* as pod-template-hash looks */
json_t *ctl_note(const json_t *o, const char *name);           /* annotation, any key; borrowed or NULL */
const char *ctl_note_str(const json_t *o, const char *name);
void ctl_set_note(json_t *o, const char *name, const char *value);
json_t *ctl_owner_refs(const json_t *owner, const char *kind); /* [ {controller} ] */
/* Sets a condition, keeping lastTransitionTime when the status stays; false when nothing changed. */
bool ctl_condition(json_t *o, const char *type, const char *status, const char *reason, const char *message, const char *at);
/* Sets a number of a status; zero is left out unless kept, as the API's own types do; false when nothing changed. */
bool ctl_count(json_t *status, const char *key, int64_t v, bool keep_zero);
json_t *ctl_find_condition(const json_t *o, const char *type); /* borrowed */
bool ctl_no_condition(json_t *o, const char *type);            /* takes it away; false: there was none */
const char *ctl_now(struct sim *s, char buf[32]);
const char *ctl_since(struct sim *s, const json_t *owner, char buf[32]);    /* now; when the curtain rises, as old as the owner */
const char *ctl_now_us(struct sim *s, char buf[40]);           /* with microseconds, as leases have it */
struct obj *ctl_put(struct sim *s, enum ctl_kind kind, json_t *doc);              /* takes doc over */
bool ctl_deleting(const json_t *o);
struct obj *ctl_owner(struct sim *s, const json_t *doc);       /* by its first ownerReference and uid; NULL */

/* ---- ctl_upkeep.c: an operator that takes nodes out of use: "mosk", "sap", "medik8s"; false: no such one ---- */
bool ctl_upkeep(struct sim *s, const char *word);

/* ---- ctl_event.c ---- */
/* Repeats of the same event are counted, as the real recorder does. field: NULL or "spec.containers{x}". */
void ctl_event(struct sim *s, const json_t *about, const char *type, const char *reason, const char *component, const char *field,
               const char *fmt, ...) __attribute__((format(printf, 7, 8)));
void ctl_events_expire(struct sim *s);

/* ---- ctl_math.c: arithmetic without objects ---- */
struct ctl_rollout { int replicas, max_surge, max_unavailable; };
void ctl_fenceposts(const json_t *strategy, int replicas, struct ctl_rollout *out);
int ctl_new_replicas(const struct ctl_rollout *r, bool recreate, int pods, int now);       /* of the new replica set */
int ctl_old_budget(const struct ctl_rollout *r, int pods, int new_size, int new_available);    /* how many may go */
struct ctl_budget { int expected, healthy, desired, allowed; };
void ctl_budget(const json_t *pdb_spec, int pods, int scale, int healthy, struct ctl_budget *out);
/* The first minute after wall_s (seconds since 1970, UTC plus offset_s) a cron line fires; -1 = it is none. */
int64_t ctl_cron_next(const char *line, int64_t wall_s, int offset_s);

/* ---- controllers: one key each ---- */
void ctl_sync_deployment(struct sim *s, const char *ns, const char *name);
void ctl_sync_replicaset(struct sim *s, const char *ns, const char *name);
void ctl_sync_statefulset(struct sim *s, const char *ns, const char *name);
void ctl_sync_daemonset(struct sim *s, const char *ns, const char *name);
void ctl_sync_job(struct sim *s, const char *ns, const char *name);
void ctl_sync_cronjob(struct sim *s, const char *ns, const char *name);
void ctl_sync_hpa(struct sim *s, const char *ns, const char *name);
void ctl_hpa_forget(struct sim *s, const char *uid);
void ctl_sync_service(struct sim *s, const char *ns, const char *name);
void ctl_sync_claim(struct sim *s, const char *ns, const char *name);
void ctl_sync_volume(struct sim *s, const char *ns, const char *name);
void ctl_bind_claim(struct sim *s, const char *ns, const char *name);    /* and what is bound to it, or was */
void ctl_lose_claims(struct sim *s, const char *pv);                    /* bound to a volume that is no more */
void ctl_sync_quota(struct sim *s, const char *ns, const char *name);
void ctl_sync_pdb(struct sim *s, const char *ns, const char *name);
void ctl_sync_namespace(struct sim *s, const char *ns, const char *name);
void ctl_sync_schedule(struct sim *s, const char *ns, const char *name);
void ctl_sync_reap(struct sim *s, const char *plural_group, const char *key);
void ctl_sync_collect(struct sim *s, const char *uid, const char *unused);
void ctl_sync_node(struct sim *s, const char *ns, const char *name);

/* ---- ctl_quota.c ---- */
void ctl_quotas(struct sim *s, const char *ns, bool at_once);  /* those of a namespace are counted, soon */
/* Why a new object is not let in ("exceeded quota: ..."), to be freed; NULL: nothing speaks against it. */
char *ctl_quota_against(struct sim *s, struct res *res, const json_t *doc);

/* ---- ctl_pods.c: birth of pods ---- */
void ctl_pod_defaults(json_t *pod);                            /* what the API server adds to a pod's spec and status */
/* A pod of a template; labels and more may be added before it is put. name NULL: generated. */
json_t *ctl_template_pod(struct sim *s, const json_t *owner, const char *owner_kind, const char *name);
/* Takes pod over. NULL: a quota forbids it; *why (to be freed) says so once, the owner's key is queued for its next try. */
struct obj *ctl_create_pod(struct sim *s, const json_t *owner, json_t *pod, char **why);
void ctl_pods_matching(struct sim *s, const json_t *owner, const char *owner_kind);    /* adopts and releases */

/* ---- ctl_rev.c: controller revisions of stateful sets and daemon sets ---- */
/* The revision of the present template; made when there is none. name[256]; returns its number. */
int64_t ctl_revision(struct sim *s, const json_t *owner, const char *owner_kind, char *name, char hash[11]);
json_t *ctl_revision_template(struct sim *s, const char *ns, const char *name);        /* new reference; NULL */
void ctl_revision_trim(struct sim *s, const json_t *owner, const char *current, const char *update);

/* ---- ctl_sched.c ---- */
/* NULL when the pod fits the node, else the scheduler's words; *hopeless: preemption would not help. */
struct ctl_beside {                                            /* ctl_sched_pods.c: what pods that are there say of places for this one */
    struct sim *s;
    const json_t *pod, *with, *apart;
    json_t *spread, *with_at, *apart_at, *spread_at, *banned;  /* counts by the value of the topology */
};
void ctl_beside_init(struct ctl_beside *b, struct sim *s, const json_t *pod);
void ctl_beside_release(struct ctl_beside *b);
const char *ctl_beside_unfit(const struct ctl_beside *b, const struct ctl_node *n, bool *hopeless);    /* the scheduler's words, NULL it fits */
json_t *ctl_host_ports(const json_t *pod);                     /* NULL none */
const char *ctl_unfit(const json_t *pod, const struct ctl_node *n, int64_t cpu, int64_t memory, bool *hopeless, char buf[160]);
bool ctl_tolerates(const json_t *tolerations, const json_t *taint, int64_t *seconds);  /* seconds: -1 = for ever */
bool ctl_node_selected(const json_t *pod, const struct obj *node);     /* nodeSelector and required node affinity */
/* Pods that wait are tried again, each with its own back-off: something freed up, or (nodes) a node changed. */
void ctl_schedule_retry(struct sim *s, bool nodes);

/* ---- ctl_kubelet.c, ctl_kill.c ---- */
struct kubelet_pod;
void ctl_kubelet_see(struct sim *s, struct ctl_item *it, const json_t *doc);   /* a pod bound to a node was stored */
void ctl_debug_see(struct sim *s, const struct ctl_item *it, const json_t *doc);     /* ctl_debug.c: containers added to a running pod */
void ctl_kubelet_forget(struct sim *s, const char *uid);
void ctl_kubelet_node(struct sim *s, const char *node);        /* its kubelet works again: all its pods are looked at */
/* For other layers: a container ends now (restarted by policy); probes fail or pass again; both by pod name. */
void ctl_pod_crash(struct sim *s, const char *ns, const char *name, int exit_code, const char *reason);
void ctl_pod_probe(struct sim *s, const char *ns, const char *name, bool ok, const char *why);

/* ---- ctl_command.c ---- */
bool ctl_command(const json_t *container, int64_t *ms, int *code);     /* false: it is not known to end */
json_t *ctl_command_said(const json_t *container);             /* its lines; NULL: it is not known to end */

/* ---- ctl_gc.c: deletion as the API server and the garbage collector do it ---- */
struct ctl_delete { int64_t grace_s; const char *propagation; };       /* -1 = default; NULL = background */
/* What a DELETE does: the object that is still there (ending), or NULL when it is gone. */
struct obj *ctl_delete(struct sim *s, struct obj *o, const struct ctl_delete *how);

/* ---- ctl_node.c ---- */
/* The machine stops: its kubelet is silent, its pods go on being listed until the control plane gives them up. */
void ctl_node_down(struct sim *s, const char *node);
void ctl_node_up(struct sim *s, const char *node, bool rebooted);      /* rebooted: its containers start again */
void ctl_nodes_start(struct sim *s);
void ctl_taints_pod(struct sim *s, const struct ctl_item *it);  /* a pod on a node with NoExecute taints */

#endif
