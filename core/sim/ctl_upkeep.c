/*
 * Operators that take nodes out of use when an object asks them to: MOSK's, SAP's for hypervisors, medik8s'. A cluster has one once
 * it was told so (upkeep CLUSTER WORD); then their definitions are there and twice a second they do one step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/kube_sim.h"
#include "core/sim/nova.h"

#define TICK_MS 500
#define LCM "lcm.mirantis.com"
#define KVM "kvm.cloud.sap"
#define MEDIK8S "nodemaintenance.medik8s.io"
#define OSDPL "OSDPL: Node is under maintenance"
#define HV "Hypervisor CRD: spec.maintenance=manual"

static const struct def { const char *word, *group, *version, *plural, *kind; } defs[] = {
    {"mosk", LCM, "v1alpha1", "nodemaintenancerequests", "NodeMaintenanceRequest"}, {"mosk", LCM, "v1alpha1", "nodeworkloadlocks", "NodeWorkloadLock"},
    {"sap", KVM, "v1", "hypervisors", "Hypervisor"}, {"sap", KVM, "v1", "evictions", "Eviction"},
    {"medik8s", MEDIK8S, "v1beta1", "nodemaintenances", "NodeMaintenance"},
};
#define DEFS (sizeof(defs) / sizeof(defs[0]))

static struct res *res_of(struct sim *s, size_t i)
{
    struct res *r = store_find_res(s, defs[i].group, defs[i].version, defs[i].plural);
    return r && *r->version ? r : NULL;
}

static void define(struct sim *s, const struct def *d)
{
    static const char *const free_form = "{'type':'object','x-kubernetes-preserve-unknown-fields':true}";
    struct res *crds = store_find_res(s, "apiextensions.k8s.io", "v1", "customresourcedefinitions");
    char *name = sim_printf("%s.%s", d->plural, d->group), *list = sim_printf("%sList", d->kind), *one = sim_strdup(d->kind), at[32];
    for (char *p = one; *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
    json_t *schema = jt("{'openAPIV3Schema':{'type':'object','properties':{'spec':%j,'status':%j}}}", jt(free_form), jt(free_form));
    json_t *doc = jt("{'kind':'CustomResourceDefinition','apiVersion':'apiextensions.k8s.io/v1','metadata':{'name':%s,'generation':1,'creationTimestamp':%s},'spec':{"
                     "'group':%s,'scope':'Cluster','names':{'kind':%s,'listKind':%s,'plural':%s,'singular':%s},'versions':[{'name':%s,'served':true,'storage':true,"
                     "'subresources':{'status':{}},'schema':%j}],'conversion':{'strategy':'None'}}}", name, ctl_now(s, at), d->group, d->kind, list, d->plural, one,
                     d->version, schema);
    struct obj *o = obj_ref(store_put(s, crds, doc));
    kube_crd_made(s, crds, obj_read(o));
    obj_unref(o);
    free(name);
    free(list);
    free(one);
}

static void make(struct sim *s, size_t i, const char *name, json_t *spec, json_t *status)
{
    char at[32], *version = sim_printf("%s/%s", defs[i].group, defs[i].version);
    store_put(s, res_of(s, i), jt("{'kind':%s,'apiVersion':%s,'metadata':{'name':%s,'generation':1,'creationTimestamp':%s},'spec':%j,'status':%j}", defs[i].kind,
                                  version, name, ctl_now(s, at), spec, status));
    free(version);
}

/* Puts it if it is another one now. Takes doc over. */
static void put(struct sim *s, size_t i, struct obj *o, json_t *doc)
{
    if (json_equal(doc, (json_t *)(uintptr_t)obj_read(o)))
        json_decref(doc);
    else
        store_put(s, res_of(s, i), doc);
}

static const char *asked(struct res *r, const char *node)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(jstr(obj_read(r->items[i]), "spec.nodeName"), node) == 0)
            return r->items[i]->name;
    return NULL;
}

/* ---- MOSK: a lock for each node, let go when the servers that run are elsewhere ---- */

static void mosk(struct sim *s)
{
    struct res *requests = res_of(s, 0), *locks = res_of(s, 1);
    struct sim *cloud = s->world->cloud;
    for (size_t i = 0; requests && locks && i < locks->n; i++) {
        struct obj *o = locks->items[i];
        json_t *d = obj_doc(o), *ids = json_array();
        char *node = sim_strdup(jstr(d, "spec.nodeName")), why[300];
        bool active = strcmp(jstr(d, "status.state"), "active") == 0;
        if (asked(requests, node) && active) {
            nova_keep_off(cloud, node, OSDPL);
            if (!nova_keep_clear(cloud, node, false, ids, why, sizeof(why)))
                jset(d, "status.state", json_string("inactive"));
            jset(d, "status.errorMessage", json_string(why));
        } else if (!asked(requests, node) && !active) {
            nova_keep_on(cloud, node, OSDPL);
            jset(d, "status.state", json_string("active"));
        }
        put(s, 1, o, d);
        json_decref(ids);
        free(node);
    }
}

/* ---- SAP: the hypervisor's own object asks, an eviction counts ---- */

static void evict(struct sim *s, struct res *evictions, const char *name, json_t *hv)
{
    struct obj *e = store_get(evictions, "", name);
    char why[300], at[32];
    json_t *ids = json_array();
    ctl_now(s, at);
    nova_keep_off(s->world->cloud, name, HV);
    if (!e) {
        make(s, 3, name, jt("{'hypervisor':%s,'reason':'openstack-hypervisor-operator maintenance'}", name),
             jt("{'conditions':[{'type':'Evicting','status':'True','reason':'Running','message':'Running','lastTransitionTime':%s}]}", at));
    } else if (!json_is_true(jat(hv, "status.evicted"))) {
        json_t *d = obj_doc(e);
        size_t left = nova_keep_clear(s->world->cloud, name, true, ids, why, sizeof(why));
        jset(d, "status.outstandingInstances", json_incref(ids));
        if (*why)
            ctl_condition(d, "MigratingInstance", "False", "Failed", why, at);
        if (!left)
            ctl_condition(d, "Evicting", "False", "Succeeded", "eviction completed successfully", at);
        put(s, 3, e, d);
        jset(hv, "status.evicted", json_boolean(!left));
    }
    ctl_condition(hv, "HypervisorDisabled", "True", "Succeeded", "Hypervisor is disabled", at);
    json_decref(ids);
}

static void sap(struct sim *s)
{
    struct res *hypervisors = res_of(s, 2), *evictions = res_of(s, 3);
    char at[32];
    for (size_t i = 0; hypervisors && evictions && i < hypervisors->n; i++) {
        struct obj *o = hypervisors->items[i];
        json_t *d = obj_doc(o);
        const char *asks = jstr(d, "spec.maintenance");
        if (strcmp(asks, "manual") == 0 || strcmp(asks, "auto") == 0) {
            evict(s, evictions, o->name, d);
        } else if (!*asks && store_get(evictions, "", o->name)) {
            store_delete(s, evictions, "", o->name);
            nova_keep_on(s->world->cloud, o->name, HV);
            jset(d, "status.evicted", json_false());
            ctl_condition(d, "HypervisorDisabled", "False", "Succeeded", "Hypervisor is enabled", ctl_now(s, at));
        }
        put(s, 2, o, d);
    }
}

/* ---- medik8s: the node is closed, its pods are evicted; of daemon sets they stay ---- */

static void close_node(struct sim *s, const char *node, bool closed)
{
    json_t *d = ctl_doc(s, K_NODE, "", node);
    if (d && json_is_true(jat(d, "spec.unschedulable")) != closed) {
        if (closed)
            jset(d, "spec.unschedulable", json_true());
        else
            json_object_del(jat(d, "spec"), "unschedulable");
        ctl_put(s, K_NODE, d);
        return;
    }
    json_decref(d);
}

static json_t *leave(struct sim *s, const char *node)
{
    size_t n;
    struct ctl_item **pods = ctl_pods_on(s, node, &n);
    json_t *names = json_array();
    for (size_t i = 0; i < n; i++) {
        const json_t *d = obj_read(pods[i]->o);
        if (strcmp(jstr(d, "metadata.ownerReferences.0.kind"), "DaemonSet") == 0 || strcmp(jstr(d, "metadata.ownerReferences.0.kind"), "Node") == 0)
            continue;
        json_array_append_new(names, json_string(pods[i]->o->name));
        if (ctl_active(pods[i]) && json_array_size(names) == 1)
            ctl_delete(s, pods[i]->o, &(struct ctl_delete){-1, NULL});
    }
    free(pods);
    return names;
}

static void medik8s(struct sim *s, json_t *closed)
{
    struct res *r = res_of(s, 4);
    const char *node;
    json_t *v;
    void *tmp;
    for (size_t i = 0; r && i < r->n; i++) {
        struct obj *o = r->items[i];
        json_t *d = obj_doc(o);
        char *name = sim_strdup(jstr(d, "spec.nodeName"));
        if (!ctl_get(s, K_NODE, "", name)) {
            jset(d, "status", jt("{'phase':'Failed','lastError':%s}", "nodes not found"));
        } else if (strcmp(jstr(d, "status.phase"), "Succeeded") != 0) {
            close_node(s, name, true);
            json_object_set_new(closed, name, json_true());
            json_t *pending = leave(s, name);
            bool over = !json_array_size(pending);
            jset(d, "status", jt("{'phase':%s,'pendingPods':%j,'drainProgress':%i}", over ? "Succeeded" : "Running", pending, over ? 100 : 0));
        }
        put(s, 4, o, d);
        free(name);
    }
    json_object_foreach_safe(closed, tmp, node, v)
        if (!r || !asked(r, node)) {
            close_node(s, node, false);
            json_object_del(closed, node);
        }
}

/* ---- the beat ---- */

static void tick(struct sim *s, void *arg)
{
    mosk(s);
    sap(s);
    medik8s(s, arg);
    if (res_of(s, 0) || res_of(s, 2) || res_of(s, 4) || json_object_size(arg))
        sim_after(s, ctl_ms(s, TICK_MS), tick, arg);
    else
        json_decref(arg);                  /* its definitions were taken away */
}

bool ctl_upkeep(struct sim *s, const char *word)
{
    struct res *nodes = ctl_res(s, K_NODE);
    bool beats = res_of(s, 0) || res_of(s, 2) || res_of(s, 4), known = false;
    char at[32];
    for (size_t i = 0; i < DEFS; i++)
        if (strcmp(defs[i].word, word) == 0) {
            known = true;
            define(s, &defs[i]);
        }
    for (size_t i = 0; known && i < nodes->n; i++) {
        const char *node = nodes->items[i]->name;
        char *lock = sim_printf("openstack-%s", node);
        if (strcmp(word, "mosk") == 0 && nova_compute(s->world->cloud, node))
            make(s, 1, lock, jt("{'nodeName':%s,'controllerName':'openstack'}", node), jt("{'state':'active'}"));
        else if (strcmp(word, "sap") == 0 && nova_compute(s->world->cloud, node))
            make(s, 2, node, jt("{'highAvailability':true}"), jt("{'evicted':false,'conditions':[{'type':'HypervisorDisabled','status':'False','reason':'Succeeded',"
                 "'message':'Hypervisor is enabled','lastTransitionTime':%s}]}", ctl_now(s, at)));
        free(lock);
    }
    if (known && !beats)
        sim_after(s, ctl_ms(s, TICK_MS), tick, json_object());
    return known;
}
