/* Endpoint slices and Endpoints: the addresses behind each service, and whether they serve. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"

#define PER_SLICE 100
#define SINCE "endpoints.kubernetes.io/last-change-trigger-time"

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct ctl_item *const *)a)->o->name, (*(struct ctl_item *const *)b)->o->name);
}

/* The pods behind a service, those that have an address and have not ended. */
static struct ctl_item **backends(struct sim *s, const char *ns, const char *name, size_t *n)
{
    struct ctl_selector *q = ctl_selector(s, K_SERVICE, ns, name);
    struct ctl_item **out = sim_alloc((q ? q->n + 1 : 1) * sizeof(*out));
    *n = 0;
    for (size_t i = 0; q && i < q->n; i++)
        if (q->v[i]->has_ip && q->v[i]->phase != 'S' && q->v[i]->phase != 'F')
            out[(*n)++] = q->v[i];
    qsort(out, *n, sizeof(*out), by_name);
    return out;
}

static json_t *target(const struct ctl_item *it)
{
    return jt("{'kind':'Pod','namespace':%s,'name':%s,'uid':%s}", it->o->ns, it->o->name, it->o->uid);
}

/* A port by name is looked up in a pod behind the service. */
static int64_t port_number(const json_t *port, const json_t *pod)
{
    json_t *want = jat(port, "targetPort"), *cs = jat(pod, "spec.containers");
    const char *name = json_string_value(want);
    for (size_t i = 0; name && i < json_array_size(cs); i++) {
        json_t *ports = jat(json_array_get(cs, i), "ports");
        for (size_t k = 0; k < json_array_size(ports); k++)
            if (strcmp(jstr(json_array_get(ports, k), "name"), name) == 0)
                return jint(json_array_get(ports, k), "containerPort");
    }
    return json_is_integer(want) && json_integer_value(want) ? json_integer_value(want) : name ? 0 : jint(port, "port");
}

static json_t *ports(const json_t *svc, const struct ctl_item *first, bool slice)
{
    json_t *all = json_array(), *list = jat(svc, "spec.ports"), *pod = first ? obj_doc(first->o) : NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *p = json_array_get(list, i);
        const char *proto = jstr(p, "protocol"), *name = jstr(p, "name");
        int64_t number = port_number(p, pod);
        if (!number)
            continue;
        json_t *o = jt("{'name':%s,'port':%l,'protocol':%s}", name, number, *proto ? proto : "TCP");
        if (!slice && !*name)
            json_object_del(o, "name");
        json_array_append_new(all, o);
    }
    json_decref(pod);
    return all;
}

static json_t *endpoint(struct sim *s, const json_t *svc, const struct ctl_item *it, bool all_ready)
{
    bool ready = it->ready && !it->terminating;
    const char *host = json_string_value(json_object_get(it->o->labels, "statefulset.kubernetes.io/pod-name"));
    struct ctl_node *n = map_get(&s->ctl->nodes, it->o->node);
    const char *zone = n ? json_string_value(json_object_get(n->o->labels, "topology.kubernetes.io/zone")) : NULL;
    json_t *e = jt("{'addresses':[%s],'conditions':{'ready':%b,'serving':%b,'terminating':%b},'targetRef':%j,'nodeName':%s}", it->ip, ready || all_ready,
                   (int)it->ready, (int)it->terminating, target(it), it->o->node);
    if (host && strcmp(jstr(svc, "spec.clusterIP"), "None") == 0)
        json_object_set_new(e, "hostname", json_string(host));
    if (zone)
        json_object_set_new(e, "zone", json_string(zone));
    return e;
}

static json_t *labels(const json_t *svc, const char *key, const char *by)
{
    json_t *l = json_deep_copy(jat(svc, "metadata.labels"));
    l = l ? l : json_object();
    json_object_set_new(l, key, json_string(by));
    if (strcmp(jstr(svc, "spec.clusterIP"), "None") == 0)
        json_object_set_new(l, "service.kubernetes.io/headless", json_string(""));
    return l;
}

static void put_slice(struct sim *s, const json_t *svc, const struct ctl_item *old, json_t *endpoints, json_t *port_list)
{
    char tail[6], at[32];
    const char *name = jstr(svc, "metadata.name");
    json_t *want = labels(svc, "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"), *d;
    json_object_set_new(want, "kubernetes.io/service-name", json_string(name));
    if (old) {
        d = obj_doc(old->o);
        if (json_equal(jat(d, "endpoints"), endpoints) && json_equal(jat(d, "ports"), port_list) && json_equal(jat(d, "metadata.labels"), want)) {
            json_decref(d);
            json_decref(want);
            return;
        }
        jset(d, "metadata.generation", json_integer(jint(d, "metadata.generation") + 1));
    } else {
        char *full = sim_printf("%s-%s", name, suffix5(s, tail)), *prefix = sim_printf("%s-", name);
        d = jt("{'kind':'EndpointSlice','apiVersion':'discovery.k8s.io/v1','metadata':{'name':%s,'generateName':%s,'namespace':%s,'generation':1,"
               "'ownerReferences':%j},'addressType':'IPv4'}", full, prefix, jstr(svc, "metadata.namespace"), ctl_owner_refs(svc, "Service"));
        free(full);
        free(prefix);
    }
    jset(d, "metadata.labels", want);
    ctl_set_note(d, SINCE, ctl_since(s, svc, at));
    if (!old)
        jset(d, "metadata.creationTimestamp", json_string(at));
    json_object_set(d, "endpoints", endpoints);
    json_object_set(d, "ports", port_list);
    ctl_put(s, K_SLICE, d);
}

static void slices(struct sim *s, const json_t *svc, struct ctl_item **pods, size_t n)
{
    size_t had, used = 0;
    struct ctl_item **old = ctl_owned(s, jstr(svc, "metadata.uid"), K_SLICE, &had);
    bool all_ready = json_is_true(jat(svc, "spec.publishNotReadyAddresses"));
    json_t *port_list = ports(svc, n ? pods[0] : NULL, true);
    if (had)
        qsort(old, had, sizeof(*old), by_name);
    for (size_t at = 0; at < n || at == 0; at += PER_SLICE, used++) {
        json_t *endpoints = json_array();
        for (size_t i = at; i < n && i < at + PER_SLICE; i++)
            json_array_append_new(endpoints, endpoint(s, svc, pods[i], all_ready));
        put_slice(s, svc, used < had ? old[used] : NULL, endpoints, port_list);
        json_decref(endpoints);
    }
    for (size_t i = used; i < had; i++)
        store_delete(s, old[i]->o->res, old[i]->o->ns, old[i]->o->name);
    json_decref(port_list);
    free(old);
}

static void endpoints(struct sim *s, const json_t *svc, struct ctl_item **pods, size_t n)
{
    char at[32];
    const char *ns = jstr(svc, "metadata.namespace"), *name = jstr(svc, "metadata.name");
    json_t *up = json_array(), *down = json_array(), *subsets = json_array();
    for (size_t i = 0; i < n && i < 1000; i++) {
        if (pods[i]->terminating)
            continue;
        json_t *a = jt("{'ip':%s,'nodeName':%s,'targetRef':%j}", pods[i]->ip, pods[i]->o->node, target(pods[i]));
        json_array_append_new(pods[i]->ready || json_is_true(jat(svc, "spec.publishNotReadyAddresses")) ? up : down, a);
    }
    if (json_array_size(up) + json_array_size(down)) {
        json_t *one = json_object();
        if (json_array_size(up))
            json_object_set(one, "addresses", up);
        if (json_array_size(down))
            json_object_set(one, "notReadyAddresses", down);
        json_object_set_new(one, "ports", ports(svc, pods[0], false));
        json_array_append_new(subsets, one);
    }
    json_t *d = ctl_doc(s, K_ENDPOINTS, ns, name), *want = labels(svc, "endpoints.kubernetes.io/managed-by", "endpoint-controller");
    bool same = d && json_equal(jat(d, "subsets") ? jat(d, "subsets") : json_null(), json_array_size(subsets) ? subsets : json_null()) &&
                json_equal(jat(d, "metadata.labels"), want);
    if (!d)
        d = jt("{'kind':'Endpoints','apiVersion':'v1','metadata':{'name':%s,'namespace':%s,'creationTimestamp':%s}}", name, ns, ctl_since(s, svc, at));
    jset(d, "metadata.labels", want);
    if (json_array_size(subsets)) {
        json_object_set(d, "subsets", subsets);
        ctl_set_note(d, SINCE, ctl_since(s, svc, at));
    } else {
        json_object_del(d, "subsets");
    }
    if (same)
        json_decref(d);
    else
        ctl_put(s, K_ENDPOINTS, d);
    json_decref(up);
    json_decref(down);
    json_decref(subsets);
}

void ctl_sync_service(struct sim *s, const char *ns, const char *name)
{
    json_t *svc = ctl_doc(s, K_SERVICE, ns, name);
    size_t n;
    if (!svc) {                                                /* slices have an owner, Endpoints only the name */
        if (ctl_get(s, K_ENDPOINTS, ns, name))
            store_delete(s, ctl_res(s, K_ENDPOINTS), ns, name);
        return;
    }
    if (json_object_size(jat(svc, "spec.selector")) && strcmp(jstr(svc, "spec.type"), "ExternalName") != 0) {
        struct ctl_item **pods = backends(s, ns, name, &n);
        if (ctl_res(s, K_SLICE))
            slices(s, svc, pods, n);
        if (ctl_res(s, K_ENDPOINTS))
            endpoints(s, svc, pods, n);
        free(pods);
    }
    json_decref(svc);
}
