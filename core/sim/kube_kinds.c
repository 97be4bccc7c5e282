/* The resources of the Kubernetes realms: one row each, in the order a real server tells its groups. */
#include <string.h>

#include "core/sim/kube_sim.h"

#define NS KIND_NAMESPACED
#define GEN KIND_GENERATION
#define ROOT 0
#define POD_SUBS "attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status"

struct row { const char *plural, *singular, *kind, *shorts, *category, *subs; unsigned flags; };
struct group { const char *name, *version; const struct row *rows; };

static const struct row core_rows[] = {
    {"bindings", "binding", "Binding", "", NULL, "", NS | KIND_CREATE_ONLY},
    {"configmaps", "configmap", "ConfigMap", "cm", NULL, "", NS},
    {"endpoints", "endpoints", "Endpoints", "ep", NULL, "", NS},
    {"events", "event", "Event", "ev", NULL, "", NS},
    {"limitranges", "limitrange", "LimitRange", "limits", NULL, "", NS},
    {"namespaces", "namespace", "Namespace", "ns", NULL, "finalize,status", KIND_NO_COLLECTION},
    {"nodes", "node", "Node", "no", NULL, "proxy,status", ROOT},
    {"persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "pvc", NULL, "status", NS},
    {"persistentvolumes", "persistentvolume", "PersistentVolume", "pv", NULL, "status", ROOT},
    {"pods", "pod", "Pod", "po", "all", POD_SUBS, NS | GEN},
    {"podtemplates", "podtemplate", "PodTemplate", "", NULL, "", NS},
    {"replicationcontrollers", "replicationcontroller", "ReplicationController", "rc", "all", "scale,status", NS | GEN},
    {"resourcequotas", "resourcequota", "ResourceQuota", "quota", NULL, "status", NS},
    {"secrets", "secret", "Secret", "", NULL, "", NS},
    {"serviceaccounts", "serviceaccount", "ServiceAccount", "sa", NULL, "token", NS},
    {"services", "service", "Service", "svc", "all", "proxy,status", NS},
    {0},
};
static const struct row apiregistration_rows[] = {
    {"apiservices", "apiservice", "APIService", "", "api-extensions", "status", ROOT},
    {0},
};
static const struct row apps_rows[] = {
    {"controllerrevisions", "controllerrevision", "ControllerRevision", "", NULL, "", NS},
    {"daemonsets", "daemonset", "DaemonSet", "ds", "all", "status", NS | GEN},
    {"deployments", "deployment", "Deployment", "deploy", "all", "scale,status", NS | GEN},
    {"replicasets", "replicaset", "ReplicaSet", "rs", "all", "scale,status", NS | GEN},
    {"statefulsets", "statefulset", "StatefulSet", "sts", "all", "scale,status", NS | GEN},
    {0},
};
static const struct row authentication_rows[] = {
    {"selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview", "", NULL, "", KIND_CREATE_ONLY},
    {"tokenreviews", "tokenreview", "TokenReview", "", NULL, "", KIND_CREATE_ONLY},
    {0},
};
static const struct row authorization_rows[] = {
    {"localsubjectaccessreviews", "localsubjectaccessreview", "LocalSubjectAccessReview", "", NULL, "", NS | KIND_CREATE_ONLY},
    {"selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", "", NULL, "", KIND_CREATE_ONLY},
    {"selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", "", NULL, "", KIND_CREATE_ONLY},
    {"subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview", "", NULL, "", KIND_CREATE_ONLY},
    {0},
};
static const struct row autoscaling_rows[] = {
    {"horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", "all", "status", NS},
    {0},
};
static const struct row autoscaling1_rows[] = {
    {"horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", "all", "status", NS | KIND_VIEW},
    {0},
};
static const struct row events_rows[] = {
    {"events", "event", "Event", "ev", NULL, "", NS | KIND_VIEW},
    {0},
};
static const struct row batch_rows[] = {
    {"cronjobs", "cronjob", "CronJob", "cj", "all", "status", NS | GEN},
    {"jobs", "job", "Job", "", "all", "status", NS | GEN},
    {0},
};
static const struct row certificates_rows[] = {
    {"certificatesigningrequests", "certificatesigningrequest", "CertificateSigningRequest", "csr", NULL, "approval,status", ROOT},
    {0},
};
static const struct row networking_rows[] = {
    {"ingressclasses", "ingressclass", "IngressClass", "", NULL, "", GEN},
    {"ingresses", "ingress", "Ingress", "ing", NULL, "status", NS | GEN},
    {"ipaddresses", "ipaddress", "IPAddress", "ip", NULL, "", ROOT},
    {"networkpolicies", "networkpolicy", "NetworkPolicy", "netpol", NULL, "", NS | GEN},
    {"servicecidrs", "servicecidr", "ServiceCIDR", "", NULL, "status", ROOT},
    {0},
};
static const struct row policy_rows[] = {
    {"poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "pdb", NULL, "status", NS | GEN},
    {0},
};
static const struct row rbac_rows[] = {
    {"clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", "", NULL, "", ROOT},
    {"clusterroles", "clusterrole", "ClusterRole", "", NULL, "", ROOT},
    {"rolebindings", "rolebinding", "RoleBinding", "", NULL, "", NS},
    {"roles", "role", "Role", "", NULL, "", NS},
    {0},
};
static const struct row storage_rows[] = {
    {"csidrivers", "csidriver", "CSIDriver", "", NULL, "", ROOT},
    {"csinodes", "csinode", "CSINode", "", NULL, "", ROOT},
    {"csistoragecapacities", "csistoragecapacity", "CSIStorageCapacity", "", NULL, "", NS},
    {"storageclasses", "storageclass", "StorageClass", "sc", NULL, "", ROOT},
    {"volumeattachments", "volumeattachment", "VolumeAttachment", "", NULL, "status", ROOT},
    {"volumeattributesclasses", "volumeattributesclass", "VolumeAttributesClass", "vac", NULL, "", ROOT},
    {0},
};
static const struct row admission_rows[] = {
    {"mutatingadmissionpolicies", "mutatingadmissionpolicy", "MutatingAdmissionPolicy", "", "api-extensions", "", GEN},
    {"mutatingadmissionpolicybindings", "mutatingadmissionpolicybinding", "MutatingAdmissionPolicyBinding", "", "api-extensions", "", GEN},
    {"mutatingwebhookconfigurations", "mutatingwebhookconfiguration", "MutatingWebhookConfiguration", "", "api-extensions", "", GEN},
    {"validatingadmissionpolicies", "validatingadmissionpolicy", "ValidatingAdmissionPolicy", "", "api-extensions", "status", GEN},
    {"validatingadmissionpolicybindings", "validatingadmissionpolicybinding", "ValidatingAdmissionPolicyBinding", "", "api-extensions", "", GEN},
    {"validatingwebhookconfigurations", "validatingwebhookconfiguration", "ValidatingWebhookConfiguration", "", "api-extensions", "", GEN},
    {0},
};
static const struct row extensions_rows[] = {
    {"customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition", "crd,crds", "api-extensions", "status", GEN},
    {0},
};
static const struct row scheduling_rows[] = {
    {"priorityclasses", "priorityclass", "PriorityClass", "pc", NULL, "", GEN},
    {0},
};
static const struct row coordination_rows[] = {
    {"leases", "lease", "Lease", "", NULL, "", NS},
    {0},
};
static const struct row node_rows[] = {
    {"runtimeclasses", "runtimeclass", "RuntimeClass", "", NULL, "", ROOT},
    {0},
};
static const struct row discovery_rows[] = {
    {"endpointslices", "endpointslice", "EndpointSlice", "", NULL, "", NS | GEN},
    {0},
};
static const struct row resource_rows[] = {
    {"deviceclasses", "deviceclass", "DeviceClass", "", NULL, "", GEN},
    {"resourceclaims", "resourceclaim", "ResourceClaim", "", NULL, "status", NS},
    {"resourceclaimtemplates", "resourceclaimtemplate", "ResourceClaimTemplate", "", NULL, "", NS},
    {"resourceslices", "resourceslice", "ResourceSlice", "", NULL, "", GEN},
    {0},
};
static const struct row flowcontrol_rows[] = {
    {"flowschemas", "flowschema", "FlowSchema", "", NULL, "status", GEN},
    {"prioritylevelconfigurations", "prioritylevelconfiguration", "PriorityLevelConfiguration", "", NULL, "status", GEN},
    {0},
};
static const struct row cluster_rows[] = {
    {"clusters", "cluster", "Cluster", "cl", "cluster-api", "status", NS | GEN | KIND_CUSTOM},
    {"machinedeployments", "machinedeployment", "MachineDeployment", "md", "cluster-api", "scale,status", NS | GEN | KIND_CUSTOM},
    {"machines", "machine", "Machine", "ma", "cluster-api", "status", NS | GEN | KIND_CUSTOM},
    {0},
};
static const struct row infrastructure_rows[] = {
    {"openstackclusters", "openstackcluster", "OpenStackCluster", "osc", "cluster-api", "status", NS | GEN | KIND_CUSTOM},
    {"openstackmachines", "openstackmachine", "OpenStackMachine", "osm", "cluster-api", "status", NS | GEN | KIND_CUSTOM},
    {0},
};
static const struct row lcm_rows[] = {
    {"openstackdeployments", "openstackdeployment", "OpenStackDeployment", "osdpl", "lab", "status", NS | GEN | KIND_CUSTOM},
    {0},
};
static const struct row metal_rows[] = {
    {"baremetalhosts", "baremetalhost", "BareMetalHost", "bmh", "lab", "status", NS | GEN | KIND_CUSTOM},
    {0},
};
static const struct row metrics_rows[] = {
    {"nodes", "", "NodeMetrics", "", NULL, "", KIND_COMPUTED},
    {"pods", "", "PodMetrics", "", NULL, "", NS | KIND_COMPUTED},
    {0},
};

static const struct group groups[] = {
    {"", "v1", core_rows}, {"apiregistration.k8s.io", "v1", apiregistration_rows}, {"apps", "v1", apps_rows}, {"events.k8s.io", "v1", events_rows},
    {"authentication.k8s.io", "v1", authentication_rows}, {"authorization.k8s.io", "v1", authorization_rows},
    {"autoscaling", "v2", autoscaling_rows}, {"autoscaling", "v1", autoscaling1_rows}, {"batch", "v1", batch_rows}, {"certificates.k8s.io", "v1", certificates_rows},
    {"networking.k8s.io", "v1", networking_rows}, {"policy", "v1", policy_rows}, {"rbac.authorization.k8s.io", "v1", rbac_rows},
    {"storage.k8s.io", "v1", storage_rows}, {"admissionregistration.k8s.io", "v1", admission_rows},
    {"apiextensions.k8s.io", "v1", extensions_rows}, {"scheduling.k8s.io", "v1", scheduling_rows},
    {"coordination.k8s.io", "v1", coordination_rows}, {"node.k8s.io", "v1", node_rows}, {"discovery.k8s.io", "v1", discovery_rows},
    {"resource.k8s.io", "v1", resource_rows},
    {"flowcontrol.apiserver.k8s.io", "v1", flowcontrol_rows}, {"cluster.x-k8s.io", "v1beta1", cluster_rows},
    {"infrastructure.cluster.x-k8s.io", "v1beta1", infrastructure_rows},
    {"lcm.hybrid.lab", "v1alpha1", lcm_rows}, {"metal3.io", "v1alpha1", metal_rows}, {"metrics.k8s.io", "v1beta1", metrics_rows},
};

static const char **split(const char *list)
{
    size_t n = 1;
    for (const char *p = list; *p; p++)
        n += *p == ',';
    const char **out = sim_alloc((n + 1) * sizeof(*out));
    char *p = *list ? sim_strdup(list) : NULL;
    for (size_t i = 0; p && *p; i++) {
        out[i] = p;
        p += strcspn(p, ",");
        if (*p)
            *p++ = 0;
    }
    return out;
}

bool kube_has_sub(const struct res *r, const char *sub)
{
    size_t n = strlen(sub);
    for (const char *p = r->subs; *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ','))
        if (strcspn(p, ",") == n && memcmp(p, sub, n) == 0)
            return true;
    return false;
}

const char *kube_api_version(const struct res *r, char buf[128])
{
    snprintf(buf, 128, "%s%s%s", r->group, *r->group ? "/" : "", r->version);
    return buf;
}

void kube_init(struct sim *s)
{
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (const struct row *w = groups[g].rows; w->plural; w++) {
            const struct res proto = {.group = groups[g].name, .version = groups[g].version, .plural = w->plural, .singular = w->singular,
                                      .kind = w->kind, .shorts = split(w->shorts), .category = w->category, .subs = w->subs,
                                      .namespaced = w->flags & NS, .flags = w->flags};
            store_res(s, &proto);
        }
    }
    kube_boot(s);
}
