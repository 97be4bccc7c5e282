/*
 * Purpose:   inside the links: rules are rows that say "this value of these rows equals that value of those"; a key is how
 *            a row gives its values for comparing.
 * Thread:    as links.h.
 * Ownership: values a key gives are borrowed until the next one.
 */
#ifndef STRATA_LINKS_PRIV_H
#define STRATA_LINKS_PRIV_H

#include <string.h>

#include "strata/blast.h"
#include "strata/links.h"
#include "core/links/profile.h"

/* What a column's text must become before it can be compared. */
enum link_form {
    FORM_WHOLE,         /* as it is */
    FORM_LOWER,
    FORM_SHORT,         /* host name up to its first dot, lower */
    FORM_PROVIDER,      /* "openstack://[region]/UUID": the UUID */
    FORM_UUID,          /* a UUID, lower; nothing else */
    FORM_DASHED,        /* 32 hex digits as a UUID */
    FORM_SWAPPED,       /* a UUID with its first three groups byte-swapped */
    FORM_ADDRESSES,     /* "net=ip, ip; net2=ip": each ip */
    FORM_LIST,          /* "a, b;c": each */
    FORM_BACKEND,       /* "host@backend#pool": host@backend */
    FORM_URL_HOST,      /* the host of a URL, lower */
    FORM_SVC_DNS,       /* "name.namespace" of a cluster-local name in a URL */
    FORM_WHOLES,        /* "a,b": each as it is */
    FORM_IN_NS,         /* "a,b": each as "namespace/a" of the row */
    FORM_AFTER_DASH,    /* "lb-UUID": the UUID */
    FORM_URL_HOSTS,     /* the host of a URL, and the wildcard that stands for it: "*.example.org" */
    FORM_METAL3,        /* "metal3://NAMESPACE/HOST/MACHINE": "NAMESPACE/HOST"; of old ones the UUID */
    FORM_SVC_HOSTS,     /* "a,b.ns.svc.cluster.local": each as "namespace/name" of a Service */
    FORM_KUBE_SERVICE,  /* "kube_service_CLUSTER_NAMESPACE_NAME": "namespace_name" */
};
/* Where the text comes from: a column's id, or one of these. */
#define KEY_UID "@uid"
#define KEY_NAME "@name"
#define KEY_OWNER_UID "@owner-uid"
#define KEY_DNS "@dns"              /* "name.namespace" of the row itself */
#define KEY_ROLE_HOST "@role-host"  /* of a pod: "binary@node", by its profile; of an agent: "binary@host"; hosts in short */
#define KEY_ROLE_NAME "@role-name"  /* of a pod or workload: "binary@name"; of an agent: "binary@host", whole */
#define KEY_IN_NS "@in-ns"          /* "namespace/name" */
#define KEY_SERVICE "@service"      /* "namespace_name" of a Service that wants a load balancer */
#define KEY_RELEASE "@release"      /* "namespace/release": of a release that is not superseded; of a workload by its labels */
#define KEY_LAUNCHER "@launcher"    /* of a pod: the machine of KubeVirt it was made for */
#define KEY_SCOPE "@scope"          /* the namespace it is in */
#define KEY_ROOK "@rook"            /* of a pod that keeps or knows the data of a Ceph of Rook: the namespace of that */
#define KEY_L3 "@l3"                /* of a port of a router: "neutron-l3-agent@host" of where it is bound, or the same of OVN */
#define KEY_DHCP "@dhcp"            /* of a port that serves DHCP: the same of its agent */
#define KEY_LEASED "@leased"        /* of a subnet with DHCP: its network */
#define KEY_TARGET "@target"        /* of a member of a load balancer and of a node: "name/address" */
#define KEY_PLACE "@place"          /* of a member and of a server: "project/address" */
#define KEY_FIXED "@fixed"          /* of a member and of a port: "subnet/address" of each that is in a subnet */
#define KEY_WIRE "@wire"            /* of a port: "binary@host" of the agents that may have wired it */
#define KEY_CONTROL "@control"      /* one word, of an API server and of the nodes that are its control plane */
#define KEY_TOKENS "@tokens"        /* of an API but Keystone's own: the type of the one that says whose its tokens are */
#define KEY_NEEDS "@needs"          /* of a workload with a quorum: whose services need it, "all" or a type; of an API or agent: "all" and its type */
#define KEY_PARENT "@parent"        /* of a set of Yaook with a quorum: "namespace/name" of the object it is made for */
#define KEY_ROLE_API "@role-api"    /* of a workload: "compute" if it is the API of that type; of an API: its type */

struct link_key { const char *from; enum link_form form; };

enum link_scope { WITHIN_SOURCE, ACROSS };

#define RULE_UNIQUE 1u          /* counts as less (C) where several bear the value */
#define RULE_ADMIN 2u           /* holds for what an admin sees; B becomes C where the view is partial */
#define RULE_ALONE 4u           /* says nothing where it leads to several, by their values or by what stands between */

/* A rule that goes through rows of a third kind: "in" is compared with the near side, "out" with the far one. */
struct link_via { const char *kind; struct link_key in, out; enum link_scope scope_in, scope_out; bool judged; };      /* judged: findings come of it (attach.c) */

struct link_rule {
    const char *id;             /* "E11-1" */
    const char *relation;
    const char *from, *to;      /* kinds */
    struct link_key from_key, to_key;
    enum link_scope scope;
    enum link_class cls;
    unsigned flags;
    const char *words;          /* what agreed: "providerID" */
    const struct link_via *via; /* NULL: the values of the two are compared; else scope is not used */
};
extern const struct link_rule link_rules[];     /* ends with id NULL; rules of a relation stand together */
extern const struct link_relation link_relations[];
unsigned link_relation_of(const struct link_rule *r);
unsigned link_rule_bit(const struct link_rule *r);      /* its place within its relation */

/* Calls emit for each value the row has for the key; buf is the caller's, for values that are made. */
struct link_keyer { const struct link_key *key; int col; };
bool link_keyer_init(struct link_keyer *k, const struct link_key *key, const struct kind *kind);
/* role: what the row's labels say it is, NULL nothing. */
void link_key_each(const struct link_keyer *k, const struct row *r, const struct link_role *role,
                   void (*emit)(void *arg, const char *s, size_t n), void *arg);

#define LINK_APISERVER "apiserver"
/* A snapshot of one row, the API server that a source leads to; NULL: it is none, or memory. dark: none of its lists can be read. */
struct snap *link_place(const struct source_info *s, bool dark);
bool link_is_place(const struct kind *k);
/* place_fits.c: does the node take it? closed: as if it were cordoned. pinned: its template names the node, and what is made in its place
 * runs there, drained or not. The value of a label; NULL: it has none. */
enum link_unfit { UNFIT_NOT, UNFIT_NOT_READY, UNFIT_CORDONED, UNFIT_TAINT, UNFIT_CHOSEN, UNFIT_DISK, UNFIT_PODS, UNFIT_CPU, UNFIT_MEM, UNFIT_ASK, UNFIT_PORT, UNFIT_APART, UNFIT_WITH, UNFIT_SPREAD, UNFITS };
enum link_unfit link_takes(const struct row *node, const struct row *pod, bool closed);
enum link_unfit link_takes_open(const struct row *node, const struct row *pod);     /* as if nobody had cordoned it, for work on it as well */
bool link_taints_tolerated(const struct row *node, const struct row *pod);
bool link_node_chosen(const struct row *node, const struct row *pod);
bool link_terms_hold(const struct row *node, const char *terms);
const char *link_label(const char *labels, const char *key, size_t n, size_t *len);
bool link_is_pinned(const struct links *l, const struct row *pod);
bool link_is_cluster(const struct kind *k);        /* Cluster API's */

struct link_scaled;
struct link_snap { struct snap *snap; uint32_t base; bool partial; };
struct raw_edge { uint32_t from, to; uint8_t relation, bit, cls; };
struct raw_edges { struct raw_edge *e; size_t n, cap; };

struct links {
    struct link_snap *snap;
    size_t nsnaps;
    uint32_t nnodes;
    uint16_t cluster[CORE_MAX_SOURCES];     /* per source: the one that speaks for its cluster; itself mostly */
    const char *same[CORE_MAX_SOURCES];     /* why another one speaks for it; NULL: it speaks for itself */
    struct { int64_t offset_ms, error_ms; bool known; } clock[CORE_MAX_SOURCES];     /* per source, of its server against ours */
    int64_t answered[CORE_MAX_SOURCES];     /* per source, mono: when its server said anything last; 0 never */
    uint8_t *hidden;                        /* per node: another context shows it; NULL none */
    uint32_t *down_at, *up_at;              /* nnodes + 1 */
    struct link_edge *down, *up;
    const struct link_role **role;          /* per node: what its labels say, NULL nothing */
    uint64_t *below;                        /* per cluster the clouds, per cloud the clusters that it hangs on, a bit each */
    struct link_scaled *scaled;             /* few */
    size_t nscaled;
    struct link_profiles *profiles;
};
/* Which contexts are of one cluster, which entries of one cloud, and what they show twice. false: out of memory. */
bool link_find_same(struct links *l, const struct links_world *w);
/* Fills l->below. false: out of memory. */
bool link_find_below(struct links *l);
/* A kind by its id here: "pods"; of discovered ones "resource.group", without a group "resource". */
bool link_kind_is(const struct kind *k, const char *id);
const struct row *link_node_row(const struct links *l, uint32_t node, const struct link_snap **s);
/* attach.c: the persistent volume that contradicts what the volume says, LINK_NO_NODE. */
uint32_t link_attach_disputed_by(const struct links *l, uint32_t volume);
/* Is the pair "key=value" one of these labels? */
bool link_has_label(const char *labels, const char *pair, size_t n);
/* Does the Service send traffic to the pod, by its selector? And the first pod at or after a node that it does; UINT32_MAX. */
bool link_selects(const struct links *l, const struct row *service, const struct row *pod);
uint32_t link_selected(const struct links *l, const struct row *service, uint32_t from);
/* Does the set, one of whose pods that is, count votes? And the most that a budget wants to stay of what the pod is part of; 0 (votes.c). */
bool link_votes(const struct row *set, const struct row *pod);
/* Each PodDisruptionBudget that selects the pod. */
void link_budgets_of(const struct links *l, const struct row *pod, void (*fn)(void *arg, uint32_t node, const struct row *budget), void *arg);
uint32_t link_budget_wants(const struct links *l, const struct row *pod);
/* Who owns it in the end; itself if nobody does. */
uint32_t link_top_of(const struct links *l, uint32_t node);
/* Calls fn for each pod that belongs to it, through ReplicaSets and Jobs. */
void link_pods_of(const struct links *l, uint32_t node, void (*fn)(void *arg, uint32_t pod), void *arg);
/* rollout.c: does a change that is rolled out fail? pod: the one of the new revision that shows it best, LINK_NO_NODE: its deadline passed;
 * does it tell more than that pod (not than the only one of a first revision); and is that pod, or ReplicaSet, of the new revision, and
 * does the pod fail by itself? */
bool link_rollout_stuck(const struct links *l, uint32_t node, uint32_t *pod);
bool link_rollout_tells(const struct links *l, uint32_t node);
void link_rollout_count(const struct links *l, uint32_t node, size_t *all, size_t *made, size_t *fail);      /* its pods, those of the new revision, those of them that fail */
bool link_rollout_fails(const struct links *l, uint32_t node);
/* Calls fn for each node and API server of the cluster, or the node of the machine, that a row speaks of; LINK_C: but for its name. */
void link_members(const struct links *l, uint32_t node, void (*fn)(void *arg, uint32_t member, uint8_t cls), void *arg);
/* A list that is not read now; a row is as it was in such a one (doubt.c). What may lie beyond it and is gone, at most max (beyond.c). */
bool link_list_hides(const struct link_snap *s);
const struct snap *link_hidden_at(const struct links *l, uint32_t node);       /* why_hidden of that row alone */
bool link_no_cloud(const struct links *l);                                     /* nobody shows servers (unseen.c) */
bool link_old(const struct links *l, uint32_t node);
size_t link_beyond(const struct links *l, const struct snap *hidden, uint32_t *out, size_t max);
/* needed.c: of a workload, how many of its pods are ready and how many shall be; what a quorum of so many is; has what counts votes less?
 * And what services need is of the cluster that their cloud runs on: what else the labels alone found goes, of the merged edges. */
void link_replicas(const struct row *workload, int64_t *ready, int64_t *wanted);
bool link_is_queue(const struct link_role *role);
size_t link_quorum(size_t wanted);
bool link_quorum_lost(const struct links *l, uint32_t node);
void link_keep_needed(struct links *l);
/* scaled.c: sets that count votes, or that all need, scaled to nothing or below the majority of what they were. now: so many shall be; had: they
 * were, 0 not known, by the claims that are left and by a budget; of, silent: whose heartbeat goes through what is left, and is not heard; lost:
 * it serves no more; cls: how sure that is. */
struct link_scaled { uint32_t node, claim, budget; int64_t now; size_t had, claims, wants, of, silent; bool lost; uint8_t cls; };
bool link_find_scaled(struct links *l);                 /* false: out of memory */
const struct link_scaled *link_scaled_of(const struct links *l, uint32_t node);      /* NULL: it is not that */
void link_scaled_words(const struct links *l, uint32_t node, const char *lead, struct str *out);
/* All that one rule finds. false: out of memory. */
bool link_join(const struct links *l, const struct link_rule *rule, struct raw_edges *out);
/* Of what nodes say of themselves: what is overruled, and what is left of it (weigh.c; two nodes of one machine: alone.c). false: out of
 * memory. And the node that a machine is, with the edge that says so; LINK_NO_NODE. */
bool link_weigh(struct links *l);
/* absent.c: all rows of that kind in the cloud of the row are seen, and were read when it was there already. */
bool link_all_seen(const struct links *l, const struct row *by, const char *kind);
/* empty_pool.c: a load balancer that takes traffic and has nobody to give it to; and is that for a Service, whose nodes should be there? */
bool link_pool_empty(const struct links *l, uint32_t balancer, bool *of_service);
/* And where some of its pools have members, how many have none, by their ids; 0 (out may be NULL). */
size_t link_pools_without(const struct links *l, uint32_t balancer, struct str *ids);
void link_pool_words(const struct links *l, uint32_t balancer, const char *lead, struct str *out);     /* nothing where it is not so */
/* target.c: what members lead to, by the port that has their address: what contradicts that goes, and a node is as sure as its machine. */
void link_settle_targets(struct links *l);
bool link_claims(const struct link_edge *e);            /* "I am that machine" */
bool link_overrule_doubles(struct links *l, bool *moved);
bool link_doubt_doubles(struct links *l);
uint32_t link_true_one(const struct links *l, uint32_t node, struct link_edge *by);
/* Who says of it what nobody overrules, and contradicts itself or another: whether it is that is undecided (clash.c); LINK_NO_NODE. */
uint32_t link_disputed_by(const struct links *l, uint32_t node);
/* Another node that is doubted as it is, for both say that they are that machine; LINK_NO_NODE. */
uint32_t link_rival(const struct links *l, uint32_t node, const struct link_edge *e, struct link_edge *its);
/* What all rules found, one edge for each pair and relation, with its class, into l->down and l->up. */
bool link_merge(struct links *l, struct raw_edges *raw);


/* turns.c: window after window, and within one as budgets allow, who of the cuts is away at the same time. */
enum { TURN_THERE, TURN_JUST_BACK, TURN_AWAY };      /* JUST_BACK: elsewhere since the window before, and not ready there perhaps */
struct link_turns {
    const struct blast_cut *cut;
    size_t n, waits;            /* waits: that their budget lets not go at all */
    uint32_t turns, together, step, at, rounds, now, held;
    uint32_t *count, *round;
    bool begun;
};
bool link_turns_init(struct link_turns *t, const struct blast_cut *cut, size_t n, struct blast_pace pace);     /* false: memory */
bool link_turns_next(struct link_turns *t, uint8_t *away);      /* away: one of TURN_ for each cut. false: it was the last */
void link_turns_free(struct link_turns *t);
void blast_plural(const struct kind *k, size_t n, struct str *out);     /* "3 amphorae" */
/* way_in.c: harm of v goes along the edge as `to`; what that is of a way in from outside. false: not at all. */
bool link_way_in(const struct links *l, const struct blast_item *v, const struct link_edge *e, struct blast_item *to);
bool link_names_cluster(const struct kind *k);     /* an API server, and what Cluster API calls its cluster */
/* why_fact.c: somebody took an agent or a host out of service; it is silent, and nobody said that it shall be. */
bool link_out_of_service(const struct row *r);
bool link_dead(const struct row *r);
/* risk.c: an agent that somebody disabled, that fell silent as well, and that what stands on it needs. */
bool link_abandoned(const struct links *l, uint32_t node);
/* why_cordon.c: has a node what a drain would have moved, of a machine of the cloud: servers that are active? And its state by its row and
 * that: gone and cordoned is planned where it was emptied, as far as is seen. */
bool link_carries(const struct links *l, uint32_t node, size_t *pods, size_t *servers);
enum why_state link_state(const struct links *l, uint32_t node);
bool link_withdrawn(const struct row *r);              /* an agent whose routers or networks Neutron took away, as it is disabled */
/* together.c: the first of what fell silent with this one as one (back ends of a process, APIs behind an address), itself if nothing did; and how many others did. */
uint32_t link_together(const struct links *l, uint32_t node, size_t *others);
bool link_takes_down(const char *action);              /* an action of Nova after which a server is off (tell_causes.c) */
/* touched.c: whom what is harmed touches, into what the report counts of that. */
void link_blast_touched(struct blast *b, const struct links *l);
/* tell_alike.c: what is harmed, a line each for those that are alike: "12 pods of openstack <- node compute-1". */
struct tell;
void tell_blast_alike(const struct tell *t, const struct blast *x, struct str *out);
/* control.c: a pod that is away at this moment; and the moment is over. */
void link_control_lost(const struct links *l, struct blast *b, uint32_t node);
void link_control_moment(struct blast *b);

static inline bool link_is(const struct row *r, const char *kind) { return r && !strcmp(r->kind->id, kind); }
/* Of the catalog, not one of its workers. */
bool link_api_silent(const struct row *r);      /* nothing came back in time; what refuses, or breaks, is down */
static inline bool link_is_api(const struct row *r) { return link_is(r, "os-services") && (r->flags & ROW_HEAD); }
static inline bool link_related(const struct link_edge *e, const char *id) { return !strcmp(links_relation(e->relation)->id, id); }

#endif
