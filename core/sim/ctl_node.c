/* Nodes: leases and heartbeats, a kubelet that falls silent, taints, eviction, and the return. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define GRACE_MS 50000          /* node-monitor-grace-period of the node controller */
#define LEASE_S 10
#define HEARTBEAT_S 300
#define NS_LEASE "kube-node-lease"
#define UNREACHABLE "node.kubernetes.io/unreachable"
#define NOT_READY "node.kubernetes.io/not-ready"

static const char controller[] = "node-controller", evictor[] = "taint-eviction-controller";

static struct ctl_node *node_of(struct sim *s, const char *name)
{
    return map_get(&ctl_of(s)->nodes, name);
}

/* ---- heartbeats ---- */
static void renew(struct sim *s, const struct ctl_node *n)
{
    char us[40], at[32];
    json_t *d = ctl_doc(s, K_LEASE, NS_LEASE, n->o->name);
    if (!d)
        d = jt("{'kind':'Lease','apiVersion':'coordination.k8s.io/v1','metadata':{'name':%s,'namespace':'" NS_LEASE "','ownerReferences':[{'apiVersion':"
               "'v1','kind':'Node','name':%s,'uid':%s}]},'spec':{'holderIdentity':%s,'leaseDurationSeconds':40}}", n->o->name, n->o->name, n->o->uid,
               n->o->name);
    jset(d, "spec.renewTime", json_string(ctl_now_us(s, us)));
    ctl_now(s, at);                    /* who wrote it when, by the server's clock: how clients judge a node's */
    jset(d, "metadata.managedFields",
         jt("[{'manager':'kubelet','operation':'Update','apiVersion':'coordination.k8s.io/v1','time':%s,'fieldsType':'FieldsV1','fieldsV1':{'f:spec':"
            "{'f:holderIdentity':{},'f:leaseDurationSeconds':{},'f:renewTime':{}}}}]", at));
    ctl_put(s, K_LEASE, d);
}

static void heartbeat(struct sim *s, const struct ctl_node *n)
{
    char at[32];
    json_t *d = obj_doc(n->o), *all = jat(d, "status.conditions");
    ctl_now(s, at);
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "type"), "NetworkUnavailable") != 0)
            json_object_set_new(json_array_get(all, i), "lastHeartbeatTime", json_string(at));
    ctl_put(s, K_NODE, d);
}

static void beat(struct sim *s, void *arg)
{
    const struct map_entry *e;
    size_t at = 0, n = 0, i = 0;
    const char **due = sim_alloc((s->ctl->nodes.count + 1) * sizeof(*due));
    (void)arg;
    while ((e = map_next(&s->ctl->nodes, &at))) {
        const struct ctl_node *node = e->value;
        if (!node->down && e->hash % LEASE_S == s->ctl->beats % LEASE_S)
            due[n++] = node->o->name;
    }
    for (; i < n; i++) {
        struct ctl_node *node = node_of(s, due[i]);
        if (!node)
            continue;
        if (ctl_res(s, K_LEASE))
            renew(s, node);
        if (s->ctl->beats % HEARTBEAT_S < LEASE_S && s->ctl->beats >= LEASE_S)
            heartbeat(s, node);
    }
    free(due);
    s->ctl->beats++;
    sim_after(s, 1000, beat, NULL);
}

/* ---- taints ---- */
static bool has_taint(const json_t *node, const char *key, const char *effect, size_t *at)
{
    json_t *all = jat(node, "spec.taints");
    for (size_t i = 0; i < json_array_size(all); i++) {
        if (strcmp(jstr(json_array_get(all, i), "key"), key) == 0 && strcmp(jstr(json_array_get(all, i), "effect"), effect) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

static bool taint(struct sim *s, json_t *node, const char *key, const char *effect, bool on)
{
    size_t at = 0;
    char now[32];
    bool is = has_taint(node, key, effect, &at);
    if (is == on)
        return false;
    if (!on) {
        json_array_remove(jat(node, "spec.taints"), at);
        if (!json_array_size(jat(node, "spec.taints")))
            json_object_del(jat(node, "spec"), "taints");
        return true;
    }
    if (!jat(node, "spec.taints"))
        jset(node, "spec.taints", json_array());
    json_t *t = jt("{'key':%s,'effect':%s}", key, effect);
    if (strcmp(effect, "NoExecute") == 0 || strcmp(key, "node.kubernetes.io/unschedulable") == 0)
        json_object_set_new(t, "timeAdded", json_string(ctl_now(s, now)));
    json_array_append_new(jat(node, "spec.taints"), t);
    return true;
}

/* The taints that follow from what a node is: cordoned, silent, not ready. */
static bool own_taints(struct sim *s, json_t *node, bool ready, bool unknown)
{
    static const char *const effects[] = {"NoSchedule", "NoExecute"};
    bool changed = taint(s, node, "node.kubernetes.io/unschedulable", "NoSchedule", json_is_true(jat(node, "spec.unschedulable")));
    for (size_t i = 0; i < 2; i++) {
        changed |= taint(s, node, UNREACHABLE, effects[i], unknown);
        changed |= taint(s, node, NOT_READY, effects[i], !ready && !unknown);
    }
    return changed;
}

struct doom { char *ns, *name, uid[40]; };

static void evict(struct sim *s, void *arg)
{
    struct doom *d = arg;
    struct obj *o = ctl_get(s, K_POD, d->ns, d->name);
    struct ctl_item *it = o && strcmp(o->uid, d->uid) == 0 ? ctl_item(s, o->uid) : NULL;
    struct ctl_node *n = it && it->node && !it->terminating ? node_of(s, o->node) : NULL;
    json_t *pod = n ? obj_doc(o) : NULL, *tolerations = jat(pod, "spec.tolerations");
    char at[32];
    bool still = false;
    for (size_t i = 0; pod && i < json_array_size(n->taints); i++) {
        json_t *t = json_array_get(n->taints, i);
        int64_t seconds = -1;
        bool tolerated = ctl_tolerates(tolerations, t, &seconds);
        int64_t since = stamp_ms(jstr(t, "timeAdded"));
        if (strcmp(jstr(t, "effect"), "NoExecute") != 0 || (tolerated && seconds < 0))
            continue;
        still |= !tolerated || since < 0 || sim_now(s) - since >= ctl_ms(s, seconds * 1000) - 1500;
    }
    if (still) {
        ctl_event(s, pod, "Normal", "TaintManagerEviction", evictor, NULL, "Marking for deletion Pod %s/%s", d->ns, d->name);
        ctl_condition(pod, "DisruptionTarget", "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", ctl_now(s, at));
        ctl_put(s, K_POD, json_incref(pod));
        ctl_delete(s, ctl_get(s, K_POD, d->ns, d->name), &(struct ctl_delete){-1, NULL});
    }
    json_decref(pod);
    free(d->ns);
    free(d->name);
    free(d);
}

void ctl_taints_pod(struct sim *s, const struct ctl_item *it)
{
    struct ctl_node *n = node_of(s, it->o->node);
    bool execute = false;
    for (size_t i = 0; n && i < json_array_size(n->taints); i++)
        execute |= strcmp(jstr(json_array_get(n->taints, i), "effect"), "NoExecute") == 0;
    if (!execute || it->terminating)
        return;
    json_t *pod = obj_doc(it->o), *tolerations = jat(pod, "spec.tolerations");
    int64_t soonest = -1;
    for (size_t i = 0; i < json_array_size(n->taints); i++) {
        int64_t seconds = 0;
        json_t *t = json_array_get(n->taints, i);
        if (strcmp(jstr(t, "effect"), "NoExecute") != 0)
            continue;
        if (ctl_tolerates(tolerations, t, &seconds) && seconds < 0)
            continue;
        if (!ctl_tolerates(tolerations, t, NULL))
            seconds = 0;
        soonest = soonest < 0 || seconds < soonest ? seconds : soonest;
    }
    json_decref(pod);
    if (soonest < 0)
        return;
    struct doom *d = sim_alloc(sizeof(*d));
    d->ns = sim_strdup(it->o->ns);
    d->name = sim_strdup(it->o->name);
    snprintf(d->uid, sizeof(d->uid), "%s", it->o->uid);
    sim_after(s, ctl_ms(s, soonest * 1000) + 30, evict, d);
}

/* ---- what the control plane makes of a node ---- */
/* Pods of a node that is not ready do not serve, whatever their containers say. */
static void pods_not_ready(struct sim *s, const char *node)
{
    size_t n;
    char at[32];
    struct ctl_item **pods = ctl_pods_on(s, node, &n);
    for (size_t i = 0; i < n; i++) {
        if (!pods[i]->ready)
            continue;
        json_t *d = obj_doc(pods[i]->o);
        json_t *c = ctl_find_condition(d, "Ready");
        json_object_set_new(c, "status", json_string("False"));
        json_object_set_new(c, "lastTransitionTime", json_string(ctl_now(s, at)));
        ctl_event(s, d, "Warning", "NodeNotReady", controller, NULL, "Node is not ready");
        ctl_put(s, K_POD, d);
    }
    free(pods);
}

void ctl_sync_node(struct sim *s, const char *unused, const char *name)
{
    json_t *d = ctl_doc(s, K_NODE, "", name);
    size_t n;
    (void)unused;
    if (!d) {                                                  /* the pods of a node that is no more are gone with it */
        struct ctl_item **pods = ctl_pods_on(s, name, &n);
        for (size_t i = 0; i < n; i++)
            ctl_delete(s, pods[i]->o, &(struct ctl_delete){0, NULL});
        free(pods);
        return;
    }
    const char *ready = jstr(ctl_find_condition(d, "Ready"), "status");
    bool yes = strcmp(ready, "True") == 0, unknown = strcmp(ready, "Unknown") == 0;
    if (own_taints(s, d, yes, unknown))
        ctl_put(s, K_NODE, json_incref(d));
    if (!yes)
        pods_not_ready(s, name);
    struct ctl_item **pods = ctl_pods_on(s, name, &n);
    for (size_t i = 0; i < n; i++)
        ctl_taints_pod(s, pods[i]);
    free(pods);
    json_decref(d);
}

struct silence { char *node; uint64_t count; };

static void given_up(struct sim *s, void *arg)
{
    struct silence *q = arg;
    struct ctl_node *n = node_of(s, q->node);
    static const char *const types[] = {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"};
    char at[32];
    if (n && n->down && n->down_count == q->count) {
        json_t *d = obj_doc(n->o);
        ctl_now(s, at);
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
            if (i == 0 || ctl_find_condition(d, types[i]))
                ctl_condition(d, types[i], "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", at);
        ctl_event(s, d, "Normal", "NodeNotReady", controller, NULL, "Node %s status is now: NodeNotReady", q->node);
        ctl_put(s, K_NODE, d);
    }
    free(q->node);
    free(q);
}

void ctl_node_down(struct sim *s, const char *name)
{
    struct ctl_node *n = node_of(s, name);
    if (!n || n->down)
        return;
    struct silence *q = sim_alloc(sizeof(*q));
    n->down = true;
    *q = (struct silence){sim_strdup(name), ++n->down_count};
    sim_after(s, ctl_ms(s, GRACE_MS - 10000 + (int64_t)(sim_rand(s) % 5000)), given_up, q);
}

void ctl_node_up(struct sim *s, const char *name, bool rebooted)
{
    static const char *const good[][3] = {
        {"Ready", "KubeletReady", "kubelet is posting ready status"},
        {"MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
        {"DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
        {"PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"},
    };
    struct ctl_node *n = node_of(s, name);
    char at[32];
    if (!n || !n->down)
        return;
    n->down = false;
    n->rebooted = rebooted;
    json_t *d = obj_doc(n->o);
    bool was_ready = strcmp(jstr(ctl_find_condition(d, "Ready"), "status"), "True") == 0;
    ctl_now(s, at);
    for (size_t i = 0; i < 4; i++) {
        ctl_condition(d, good[i][0], i ? "False" : "True", good[i][1], good[i][2], at);
        json_object_set_new(ctl_find_condition(d, good[i][0]), "lastHeartbeatTime", json_string(at));
    }
    if (rebooted) {
        char uuid[37];
        uuid4(s, uuid);
        jset(d, "status.nodeInfo.bootID", json_string(uuid));
        ctl_event(s, d, "Warning", "Rebooted", "kubelet", NULL, "Node %s has been rebooted, boot id: %s", name, uuid);
    }
    if (!was_ready)
        ctl_event(s, d, "Normal", "NodeReady", "kubelet", NULL, "Node %s status is now: NodeReady", name);
    ctl_put(s, K_NODE, d);
    renew(s, n);
    ctl_kubelet_node(s, name);
    if ((n = node_of(s, name)))
        n->rebooted = false;
}

void ctl_nodes_start(struct sim *s)
{
    const struct map_entry *e;
    size_t at = 0;
    struct res *ns = ctl_res(s, K_NAMESPACE);
    char now[32];
    if (ctl_res(s, K_LEASE) && ns && !store_get(ns, "", NS_LEASE))
        ctl_put(s, K_NAMESPACE, jt("{'kind':'Namespace','apiVersion':'v1','metadata':{'name':'" NS_LEASE "','creationTimestamp':%s,'labels':"
                                   "{'kubernetes.io/metadata.name':'" NS_LEASE "'}},'spec':{'finalizers':['kubernetes']},'status':{'phase':'Active'}}",
                                   ctl_now(s, now)));
    while ((e = map_next(&s->ctl->nodes, &at)))
        ctl_queue(s, K_NODE, "", e->key);
    sim_after(s, 1000, beat, NULL);
}
