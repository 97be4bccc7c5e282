/* What the links need of kinds that are shown by the server's own columns: further columns, hidden, by a path in the object. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/kube/kube_priv.h"

#define FACT_MAX (64u << 10)

/* A path: names joined by dots; [] each of a list; [key=value] those of a list, or the object itself, that have it; ['key'] a
 * name with dots; {} "namespace/name" of a reference; {=} "a=1,b=2" of a
 * selector, nothing when it has expressions; {?} terms that a node must meet, "zone In a,b;disk Exists|..."; | and also. A release's facts are in its labels: no data is asked for. */
static const struct fact { const char *group, *resource, *id, *title, *path, *help; } facts[] = {
    {"", "persistentvolumes", "cinder-volume", "CINDER VOLUME", "spec.csi[driver=cinder.csi.openstack.org].volumeHandle|spec.cinder.volumeID", "Volume of Cinder behind it."},
    {"", "persistentvolumes", "manila-share", "MANILA SHARE",
     "spec.csi[driver=nfs.manila.csi.openstack.org].volumeAttributes.shareID|spec.csi[driver=cephfs.manila.csi.openstack.org].volumeAttributes.shareID"
     "|spec.csi[driver=manila.csi.openstack.org].volumeAttributes.shareID", "Share of Manila behind it."},
    {"", "persistentvolumes", "ceph-cluster", "CEPH CLUSTER", "spec.csi.volumeAttributes.clusterID", "Ceph cluster it lies on."},
    {"", "persistentvolumes", "on-release", "ON RELEASE", "spec.persistentVolumeReclaimPolicy", "What becomes of it without its claim."},
    {"", "persistentvolumes", "claim-uid", "CLAIM UID", "spec.claimRef.uid", "Claim it is bound to."},
    {"", "persistentvolumes", "reached-from", "REACHED FROM", "spec.nodeAffinity.required.nodeSelectorTerms{?}", "What a node must have that reaches it: terms with | between them, one must hold."},
    {"", "persistentvolumeclaims", "volume-name", "VOLUME NAME", "spec.volumeName", "Volume it is bound to."},
    {"", "helm-releases", "release", "RELEASE", "metadata.labels.name", "Release."},
    {"", "helm-releases", "revision", "REVISION", "metadata.labels.version", "Its revision."},
    {"", "helm-releases", "release-status", "RELEASE STATUS", "metadata.labels.status", "What Helm says of it."},
    {"policy", "poddisruptionbudgets", "selector", "SELECTOR", "spec.selector{=}", "Pods it guards."},
    {"policy", "poddisruptionbudgets", "may-go", "MAY GO", "status.disruptionsAllowed", "So many of them may be disrupted now."},
    {"policy", "poddisruptionbudgets", "guarded", "GUARDED", "status.expectedPods", "So many pods it guards."},
    {"policy", "poddisruptionbudgets", "must-stay", "MUST STAY", "status.desiredHealthy", "So many of them it wants to stay."},
    {"storage.k8s.io", "csinodes", "cinder-node", "CINDER NODE", "spec.drivers[name=cinder.csi.openstack.org].nodeID", "Server the Cinder driver says it is."},
    {"storage.k8s.io", "volumeattachments", "attached-volume", "ATTACHED VOLUME", "spec.source.persistentVolumeName", "Volume it is about."},
    {"storage.k8s.io", "volumeattachments", "attached-node", "ATTACHED NODE", "spec.nodeName", "Node it is attached to."},
    {"storage.k8s.io", "volumeattachments", "is-attached", "IS ATTACHED", "status.attached", "Whether it is."},
    {"networking.istio.io", "virtualservices", "rule-hosts", "RULE HOSTS", "spec.hosts[]", "Hosts it takes."},
    {"networking.istio.io", "virtualservices", "backends", "BACKENDS", "spec.http[].route[].destination.host|spec.tls[].route[].destination.host|spec.tcp[].route[].destination.host", "Services it leads to."},
    {"discovery.k8s.io", "endpointslices", "service", "SERVICE", "metadata.labels['kubernetes.io/service-name']", "Service it is of."},
    {"discovery.k8s.io", "endpointslices", "pod-uids", "POD UIDS", "endpoints[].targetRef[kind=Pod].uid", "Pods behind it."},
    {"networking.k8s.io", "ingresses", "rule-hosts", "RULE HOSTS", "spec.rules[].host|spec.tls[].hosts[]", "Hosts of its rules."},
    {"networking.k8s.io", "ingresses", "backends", "BACKENDS",
     "spec.defaultBackend.service.name|spec.rules[].http.paths[].backend.service.name", "Services it leads to."},
    {"gateway.networking.k8s.io", "httproutes", "rule-hosts", "RULE HOSTS", "spec.hostnames[]", "Hosts it takes."},
    {"gateway.networking.k8s.io", "httproutes", "backends", "BACKENDS", "spec.rules[].backendRefs[]{}", "Services it leads to."},
    {"route.openshift.io", "routes", "rule-hosts", "RULE HOSTS", "spec.host|status.ingress[].host", "Hosts it takes."},
    {"route.openshift.io", "routes", "backends", "BACKENDS", "spec.to[kind=Service].name|spec.alternateBackends[kind=Service].name", "Services it leads to."},
    {"cluster.x-k8s.io", "clusters", "infrastructure", "INFRASTRUCTURE", "spec.infrastructureRef.name", "Its infrastructure's object."},
    {"cluster.x-k8s.io", "clusters", "magnum-id", "MAGNUM ID", "metadata.labels['cluster-uuid']|metadata.labels['magnum.openstack.org/cluster-uuid']", "Cluster of Magnum it is."},
    {"cluster.x-k8s.io", "clusters", "api-host", "API HOST", "spec.controlPlaneEndpoint.host", "Host of its API."},
    {"cluster.x-k8s.io", "machines", "provider", "PROVIDER", "spec.providerID", "Server it is, as its infrastructure says."},
    {"cluster.x-k8s.io", "machines", "infrastructure", "INFRASTRUCTURE", "spec.infrastructureRef.name", "Its infrastructure's object."},
    {"cluster.x-k8s.io", "machines", "cluster-name", "CLUSTER NAME", "spec.clusterName", "Cluster it is of."},
    {"infrastructure.cluster.x-k8s.io", "openstackmachines", "instance", "INSTANCE", "status.instanceID", "Server it made."},
    {"infrastructure.cluster.x-k8s.io", "openstackclusters", "api-balancer", "API BALANCER", "status.apiServerLoadBalancer.id", "Load balancer of its API."},
    {"infrastructure.cluster.x-k8s.io", "openstackclusters", "network-ids", "NETWORK IDS", "status.network.id|status.externalNetwork.id", "Its networks."},
    {"metal3.io", "baremetalhosts", "ironic-node", "IRONIC NODE", "status.provisioning.ID", "Node of Ironic it is."},
    {"metal3.io", "baremetalhosts", "consumer-ref", "CONSUMER REF", "spec.consumerRef{}", "What uses it."},
    {"kubevirt.io", "virtualmachineinstances", "on-node", "ON NODE", "status.nodeName", "Node it runs on."},
    {"kubevirt.io", "virtualmachineinstances", "firmware", "FIRMWARE", "spec.domain.firmware.uuid", "UUID the guest sees."},
    {"kvm.cloud.sap", "hypervisors", "service-id", "SERVICE ID", "status.serviceId", "Compute service it is."},
    {"kvm.cloud.sap", "hypervisors", "hypervisor-id", "HYPERVISOR ID", "status.hypervisorId", "Hypervisor of Nova it is."},
    {"lcm.mirantis.com", "nodeworkloadlocks", "locked-node", "LOCKED NODE", "spec.nodeName", "Node it is about."},
};
#define NFACTS (sizeof facts / sizeof *facts)

/* A kind that is part of a resource has facts of its own: never those of the whole. */
static bool about(const struct fact *f, const struct kind *k)
{
    return !strcmp(f->group, k->kube->group) && !strcmp(f->resource, k->kube->selector ? k->id : k->kube->resource);
}

bool kube_facts_whole(const struct kind *k)
{
    return !k->kube->schema && !k->kube->selector && kube_facts_columns(k, NULL);
}

size_t kube_facts_columns(const struct kind *k, struct column *out)
{
    size_t n = 0;
    for (size_t i = 0; i < NFACTS; i++) {
        if (!about(&facts[i], k))
            continue;
        if (out)
            out[n] = (struct column){.id = facts[i].id, .title = facts[i].title, .help = facts[i].help, .type = COL_TEXT,
                                     .flags = k->kube->selector ? 0 : COL_HIDDEN};
        n++;
    }
    return n;
}

struct reader { const char *ns; struct str out; };

static void give(struct reader *r, const char *ns, const char *s)
{
    if (!s || !*s)
        return;
    if (r->out.len)
        str_addc(&r->out, ',');
    if (ns)
        str_addf(&r->out, "%s/", ns);
    str_adds(&r->out, s);
}

static const char *member(const json_t *o, const char *key, size_t n)
{
    char name[64];
    if (n >= sizeof name)
        return "";
    memcpy(name, key, n);
    name[n] = '\0';
    const char *s = json_string_value(json_object_get(o, name));
    return s ? s : "";
}

static bool has(const json_t *o, const char *test, size_t n)
{
    const char *eq = memchr(test, '=', n);
    if (!eq)
        return true;
    const char *is = member(o, test, (size_t)(eq - test));
    size_t len = n - (size_t)(eq + 1 - test);
    return strlen(is) == len && !strncmp(is, eq + 1, len);
}

/* What every pod bears that it selects. */
static void selector(struct reader *r, const json_t *v)
{
    const char *key;
    json_t *is;
    char pair[400];
    if (json_array_size(json_object_get(v, "matchExpressions")))
        return;
    json_object_foreach(json_object_get(v, "matchLabels"), key, is) {
        snprintf(pair, sizeof pair, "%s=%s", key, json_string_value(is) ? json_string_value(is) : "");
        give(r, NULL, pair);
    }
}

static void node_terms(struct reader *r, const json_t *terms)
{
    static const char *const lists[] = {"matchExpressions", "matchFields"};
    for (size_t i = 0; i < json_array_size(terms); i++) {
        str_adds(&r->out, i ? "|" : "");
        for (size_t k = 0, said = 0; k < 2; k++) {
            const json_t *wants = json_object_get(json_array_get(terms, i), lists[k]);
            for (size_t n = 0; n < json_array_size(wants); n++) {
                const json_t *e = json_array_get(wants, n), *values = json_object_get(e, "values");
                str_addf(&r->out, "%s%s %s", said++ ? ";" : "", k ? ".name" : member(e, "key", 3), member(e, "operator", 8));
                for (size_t x = 0; x < json_array_size(values); x++)
                    str_addf(&r->out, "%s%s", x ? "," : " ", json_string_value(json_array_get(values, x)) ? json_string_value(json_array_get(values, x)) : "");
            }
        }
    }
}

static void follow(struct reader *r, const json_t *v, const char *p)
{
    while (v && *p == '.')
        p++;
    if (!v)
        return;
    if (!*p || *p == '|') {
        char number[24] = "";
        if (json_is_integer(v))
            snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
        give(r, NULL, json_is_integer(v) ? number : json_is_boolean(v) ? (json_is_true(v) ? "true" : "false") : json_string_value(v));
    } else if (*p == '{' && p[1] == '=') {
        selector(r, v);
    } else if (*p == '{' && p[1] == '?') {
        node_terms(r, v);
    } else if (*p == '{') {
        const char *ns = member(v, "namespace", 9);
        give(r, *ns ? ns : r->ns, member(v, "name", 4));
    } else if (*p == '[' && p[1] == '\'') {
        size_t n = strcspn(p + 2, "'");
        char name[96];
        if (n >= sizeof name)
            return;
        memcpy(name, p + 2, n);
        name[n] = '\0';
        follow(r, json_object_get(v, name), p + 2 + n + 2);
    } else if (*p == '[') {
        size_t n = strcspn(p + 1, "]");
        if (!json_is_array(v) && has(v, p + 1, n))
            follow(r, v, p + n + 2);
        for (size_t i = 0; i < json_array_size(v); i++)
            if (has(json_array_get(v, i), p + 1, n))
                follow(r, json_array_get(v, i), p + n + 2);
    } else {
        size_t n = strcspn(p, ".[{|");
        char name[64];
        if (n >= sizeof name)
            return;
        memcpy(name, p, n);
        name[n] = '\0';
        follow(r, json_object_get(v, name), p + n);
    }
}

void kube_facts_fill(struct rowbuf *rb, const struct kind *k, size_t first, const json_t *object)
{
    const char *ns = json_string_value(json_object_get(json_object_get(object, "metadata"), "namespace"));
    for (size_t i = 0; i < NFACTS; i++) {
        if (!about(&facts[i], k))
            continue;
        struct reader r = {.ns = ns ? ns : ""};
        str_init(&r.out, FACT_MAX);
        for (const char *p = facts[i].path; p; p = (p = strchr(p, '|')) ? p + 1 : NULL)
            follow(&r, object, p);
        rowbuf_textn(rb, (int)first++, r.out.len ? r.out.data : NULL, r.out.len);
        str_release(&r.out);
    }
}
