/* Which columns a real 1.36 server sends for which kind, in its order and with its names and types. */
#include <string.h>

#include "core/sim/kube_table.h"

#define AGE {"Age", "string", 0, NULL, cell_age}
#define END {NULL, NULL, 0, NULL, NULL}
#define WORKLOAD {"Containers", "string", 1, NULL, cell_containers}, {"Images", "string", 1, NULL, cell_images}
#define COLUMNS(name, ...) static const struct column name[] = {__VA_ARGS__, END}

COLUMNS(only_age, AGE);
COLUMNS(only_created, {"Created At", "date", 0, NULL, cell_created});
COLUMNS(pods, {"Ready", "string", 0, NULL, cell_pod_ready}, {"Status", "string", 0, NULL, cell_pod_status}, {"Restarts", "string", 0, NULL, cell_pod_restarts},
        AGE, {"IP", "string", 1, NULL, cell_pod_ip}, {"Node", "string", 1, NULL, cell_pod_node}, {"Nominated Node", "string", 1, NULL, cell_pod_nominated},
        {"Readiness Gates", "string", 1, NULL, cell_pod_gates});
COLUMNS(configmaps, {"Data", "string", 0, NULL, cell_data_count}, AGE);
COLUMNS(endpoints, {"Endpoints", "string", 0, NULL, cell_endpoints}, AGE);
COLUMNS(events, {"Last Seen", "string", 0, NULL, cell_event_seen}, {"Type", "string", 0, "type", NULL}, {"Reason", "string", 0, "reason", NULL},
        {"Object", "string", 0, NULL, cell_event_object}, {"Subobject", "string", 1, "involvedObject.fieldPath", NULL},
        {"Source", "string", 1, NULL, cell_event_source}, {"Message", "string", 0, "message", NULL}, {"First Seen", "string", 1, NULL, cell_event_first},
        {"Count", "string", 1, NULL, cell_event_count}, {"Name", "string", 1, "metadata.name", NULL});
COLUMNS(namespaces, {"Status", "string", 0, "status.phase", NULL}, AGE);
COLUMNS(nodes, {"Status", "string", 0, NULL, cell_node_status}, {"Roles", "string", 0, NULL, cell_node_roles}, AGE,
        {"Version", "string", 0, "status.nodeInfo.kubeletVersion", NULL}, {"Internal-IP", "string", 1, NULL, cell_node_internal},
        {"External-IP", "string", 1, NULL, cell_node_external}, {"OS-Image", "string", 1, "status.nodeInfo.osImage", NULL},
        {"Kernel-Version", "string", 1, NULL, cell_node_kernel}, {"Container-Runtime", "string", 1, "status.nodeInfo.containerRuntimeVersion", NULL});
COLUMNS(claims, {"Status", "string", 0, "status.phase", NULL}, {"Volume", "string", 0, "spec.volumeName", NULL},
        {"Capacity", "string", 0, "status.capacity.storage", NULL}, {"Access Modes", "string", 0, NULL, cell_access_modes},
        {"StorageClass", "string", 0, "spec.storageClassName", NULL}, {"VolumeAttributesClass", "string", 0, NULL, cell_unset_class}, AGE,
        {"VolumeMode", "string", 1, "spec.volumeMode", NULL});
COLUMNS(volumes, {"Capacity", "string", 0, "spec.capacity.storage", NULL}, {"Access Modes", "string", 0, NULL, cell_access_modes},
        {"Reclaim Policy", "string", 0, "spec.persistentVolumeReclaimPolicy", NULL}, {"Status", "string", 0, "status.phase", NULL},
        {"Claim", "string", 0, NULL, cell_claim}, {"StorageClass", "string", 0, "spec.storageClassName", NULL},
        {"VolumeAttributesClass", "string", 0, NULL, cell_unset_class}, {"Reason", "string", 0, "status.reason", NULL}, AGE,
        {"VolumeMode", "string", 1, "spec.volumeMode", NULL});
COLUMNS(podtemplates, {"Containers", "string", 0, NULL, cell_containers}, {"Images", "string", 0, NULL, cell_images},
        {"Pod Labels", "string", 0, NULL, cell_template_labels});
COLUMNS(replicationcontrollers, {"Desired", "integer", 0, "spec.replicas", NULL}, {"Current", "integer", 0, "status.replicas", NULL},
        {"Ready", "integer", 0, "status.readyReplicas", NULL}, AGE, WORKLOAD, {"Selector", "string", 1, NULL, cell_selector});
COLUMNS(quotas, {"Request", "string", 0, NULL, cell_quota_request}, {"Limit", "string", 0, NULL, cell_quota_limit}, AGE);
COLUMNS(secrets, {"Type", "string", 0, "type", NULL}, {"Data", "string", 0, NULL, cell_data_count}, AGE);
COLUMNS(services, {"Type", "string", 0, "spec.type", NULL}, {"Cluster-IP", "string", 0, NULL, cell_service_ip},
        {"External-IP", "string", 0, NULL, cell_service_external}, {"Port(s)", "string", 0, NULL, cell_service_ports}, AGE,
        {"Selector", "string", 1, NULL, cell_selector});
COLUMNS(apiservices, {"Service", "string", 0, NULL, cell_api_service}, {"Available", "string", 0, NULL, cell_api_available}, AGE);
COLUMNS(revisions, {"Controller", "string", 0, NULL, cell_controller}, {"Revision", "string", 0, "revision", NULL}, AGE);
COLUMNS(daemonsets, {"Desired", "integer", 0, "status.desiredNumberScheduled", NULL}, {"Current", "integer", 0, "status.currentNumberScheduled", NULL},
        {"Ready", "integer", 0, "status.numberReady", NULL}, {"Up-to-date", "integer", 0, "status.updatedNumberScheduled", NULL},
        {"Available", "integer", 0, "status.numberAvailable", NULL}, {"Node Selector", "string", 0, NULL, cell_node_selector}, AGE, WORKLOAD,
        {"Selector", "string", 1, NULL, cell_match_selector});
COLUMNS(deployments, {"Ready", "string", 0, NULL, cell_fraction}, {"Up-to-date", "string", 0, "status.updatedReplicas", NULL},
        {"Available", "string", 0, "status.availableReplicas", NULL}, AGE, WORKLOAD, {"Selector", "string", 1, NULL, cell_match_selector});
COLUMNS(replicasets, {"Desired", "integer", 0, "spec.replicas", NULL}, {"Current", "integer", 0, "status.replicas", NULL},
        {"Ready", "integer", 0, "status.readyReplicas", NULL}, AGE, WORKLOAD, {"Selector", "string", 1, NULL, cell_match_selector});
COLUMNS(statefulsets, {"Ready", "string", 0, NULL, cell_fraction}, AGE, WORKLOAD);
COLUMNS(autoscalers, {"Reference", "string", 0, NULL, cell_hpa_reference}, {"Targets", "string", 0, NULL, cell_hpa_targets},
        {"MinPods", "string", 0, "spec.minReplicas", NULL}, {"MaxPods", "string", 0, "spec.maxReplicas", NULL},
        {"Replicas", "string", 0, "status.currentReplicas", NULL}, AGE);
COLUMNS(cronjobs, {"Schedule", "string", 0, "spec.schedule", NULL}, {"Timezone", "string", 0, NULL, cell_timezone}, {"Suspend", "boolean", 0, NULL, cell_suspend},
        {"Active", "integer", 0, NULL, cell_drivers}, {"Last Schedule", "string", 0, NULL, cell_last_schedule}, AGE, WORKLOAD,
        {"Selector", "string", 1, NULL, cell_none});
COLUMNS(jobs, {"Status", "string", 0, NULL, cell_job_status}, {"Completions", "string", 0, NULL, cell_job_completions},
        {"Duration", "string", 0, NULL, cell_job_duration}, AGE, WORKLOAD, {"Selector", "string", 1, NULL, cell_match_selector});
COLUMNS(requests, AGE, {"SignerName", "string", 0, "spec.signerName", NULL}, {"Requestor", "string", 0, "spec.username", NULL},
        {"RequestedDuration", "string", 0, NULL, cell_none}, {"Condition", "string", 0, NULL, cell_api_available});
COLUMNS(ingressclasses, {"Controller", "string", 0, "spec.controller", NULL}, {"Parameters", "string", 0, NULL, cell_none}, AGE);
COLUMNS(ingresses, {"Class", "string", 0, NULL, cell_class}, {"Hosts", "string", 0, NULL, cell_hosts},
        {"Address", "string", 0, NULL, cell_ingress_address}, {"Ports", "string", 0, NULL, cell_ingress_ports}, AGE);
COLUMNS(ipaddresses, {"ParentRef", "string", 0, NULL, cell_parent});
COLUMNS(networkpolicies, {"Pod-Selector", "string", 0, NULL, cell_pod_selector}, AGE);
COLUMNS(servicecidrs, {"CIDRs", "string", 0, NULL, cell_cidrs}, AGE);
COLUMNS(budgets, {"Min Available", "string", 0, NULL, cell_pdb_min}, {"Max Unavailable", "string", 0, NULL, cell_pdb_max},
        {"Allowed Disruptions", "integer", 0, "status.disruptionsAllowed", NULL}, AGE);
COLUMNS(bindings, {"Role", "string", 0, NULL, cell_role_ref}, AGE, {"Users", "string", 1, NULL, cell_users}, {"Groups", "string", 1, NULL, cell_groups},
        {"ServiceAccounts", "string", 1, NULL, cell_accounts});
COLUMNS(csidrivers, {"AttachRequired", "boolean", 0, "spec.attachRequired", NULL}, {"PodInfoOnMount", "boolean", 0, "spec.podInfoOnMount", NULL},
        {"StorageCapacity", "boolean", 0, "spec.storageCapacity", NULL}, {"TokenRequests", "string", 0, NULL, cell_none},
        {"RequiresRepublish", "boolean", 0, "spec.requiresRepublish", NULL}, {"Modes", "string", 0, NULL, cell_none}, AGE);
COLUMNS(csinodes, {"Drivers", "integer", 0, NULL, cell_drivers}, AGE);
COLUMNS(storageclasses, {"Provisioner", "string", 0, "provisioner", NULL}, {"ReclaimPolicy", "string", 0, "reclaimPolicy", NULL},
        {"VolumeBindingMode", "string", 0, "volumeBindingMode", NULL}, {"AllowVolumeExpansion", "string", 0, "allowVolumeExpansion", NULL}, AGE);
COLUMNS(attachments, {"Attacher", "string", 0, "spec.attacher", NULL}, {"PV", "string", 0, "spec.source.persistentVolumeName", NULL},
        {"Node", "string", 0, "spec.nodeName", NULL}, {"Attached", "boolean", 0, "status.attached", NULL}, AGE);
COLUMNS(attributes, {"DriverName", "string", 0, "driverName", NULL}, AGE);
COLUMNS(webhooks, {"Webhooks", "integer", 0, NULL, cell_webhooks}, AGE);
COLUMNS(mutations, {"Mutations", "integer", 0, NULL, cell_policy_rules}, {"ParamKind", "string", 0, NULL, cell_param_kind}, AGE);
COLUMNS(validations, {"Validations", "integer", 0, NULL, cell_policy_rules}, {"ParamKind", "string", 0, NULL, cell_param_kind}, AGE);
COLUMNS(policybindings, {"PolicyName", "string", 0, "spec.policyName", NULL}, {"ParamRef", "string", 0, NULL, cell_param_ref}, AGE);
COLUMNS(resourceclaims, {"State", "string", 0, NULL, cell_claim_state}, AGE);
COLUMNS(resourceslices, {"Node", "string", 0, "spec.nodeName", NULL}, {"Driver", "string", 0, "spec.driver", NULL}, {"Pool", "string", 0, "spec.pool.name", NULL}, AGE);
COLUMNS(priorityclasses, {"Value", "integer", 0, "value", NULL}, {"Global-Default", "boolean", 0, NULL, cell_global_default}, AGE,
        {"PreemptionPolicy", "string", 0, "preemptionPolicy", NULL});
COLUMNS(leases, {"Holder", "string", 0, "spec.holderIdentity", NULL}, AGE);
COLUMNS(runtimeclasses, {"Handler", "string", 0, "handler", NULL}, AGE);
COLUMNS(slices, {"AddressType", "string", 0, "addressType", NULL}, {"Ports", "string", 0, NULL, cell_slice_ports},
        {"Endpoints", "string", 0, NULL, cell_slice_endpoints}, AGE);
COLUMNS(flowschemas, {"PriorityLevel", "string", 0, "spec.priorityLevelConfiguration.name", NULL},
        {"MatchingPrecedence", "string", 0, "spec.matchingPrecedence", NULL}, {"DistinguisherMethod", "string", 0, NULL, cell_none}, AGE,
        {"MissingPL", "string", 0, NULL, cell_none});
COLUMNS(levels, {"Type", "string", 0, "spec.type", NULL}, {"NominalConcurrencyShares", "string", 0, "spec.limited.nominalConcurrencyShares", NULL},
        {"Queues", "string", 0, NULL, cell_none}, {"HandSize", "string", 0, NULL, cell_none}, {"QueueLengthLimit", "string", 0, NULL, cell_none}, AGE);
/* custom resources: their definitions are made from these rows */
COLUMNS(osdpl, {"Release", "string", 0, "spec.release", NULL}, {"State", "string", 0, "status.state", NULL}, {"Progress", "integer", 0, "status.progress", NULL},
        {"Preset", "string", 1, "spec.preset", NULL}, {"Age", "date", 0, "metadata.creationTimestamp", cell_age});
COLUMNS(baremetal, {"State", "string", 0, "status.provisioning.state", NULL}, {"Consumer", "string", 0, "spec.consumerRef.name", NULL},
        {"Online", "boolean", 0, "spec.online", NULL}, {"Error", "string", 0, "status.errorType", NULL},
        {"Age", "date", 0, "metadata.creationTimestamp", cell_age}, {"BMC", "string", 1, "spec.bmc.address", NULL});
COLUMNS(clusters, {"Phase", "string", 0, "status.phase", NULL}, {"Age", "date", 0, "metadata.creationTimestamp", cell_age},
        {"Version", "string", 0, "spec.topology.version", NULL});
COLUMNS(machinedeployments, {"Cluster", "string", 0, "spec.clusterName", NULL}, {"Replicas", "integer", 0, "status.replicas", NULL},
        {"Ready", "integer", 0, "status.readyReplicas", NULL}, {"Updated", "integer", 0, "status.updatedReplicas", NULL},
        {"Unavailable", "integer", 0, "status.unavailableReplicas", NULL}, {"Phase", "string", 0, "status.phase", NULL},
        {"Age", "date", 0, "metadata.creationTimestamp", cell_age}, {"Version", "string", 0, "spec.template.spec.version", NULL});
COLUMNS(machines, {"Cluster", "string", 0, "spec.clusterName", NULL}, {"NodeName", "string", 0, "status.nodeRef.name", NULL},
        {"ProviderID", "string", 0, "spec.providerID", NULL}, {"Phase", "string", 0, "status.phase", NULL},
        {"Age", "date", 0, "metadata.creationTimestamp", cell_age}, {"Version", "string", 0, "spec.version", NULL});

COLUMNS(osclusters, {"Cluster", "string", 0, NULL, cell_capi_cluster}, {"Ready", "string", 0, "status.ready", NULL},
        {"Network", "string", 0, "status.network.id", NULL}, {"Endpoint", "string", 0, "spec.controlPlaneEndpoint.host", NULL},
        {"Bastion", "string", 0, "status.bastion.floatingIP", NULL}, {"Age", "date", 0, "metadata.creationTimestamp", cell_age});
COLUMNS(osmachines, {"Cluster", "string", 0, NULL, cell_capi_cluster}, {"InstanceState", "string", 0, "status.instanceState", NULL},
        {"Ready", "string", 0, "status.ready", NULL}, {"ProviderID", "string", 0, "spec.providerID", NULL},
        {"Machine", "string", 0, "metadata.ownerReferences.0.name", NULL}, {"Age", "date", 0, "metadata.creationTimestamp", cell_age});

static const struct kind_columns kinds[] = {
    {"pods", pods}, {"configmaps", configmaps}, {"endpoints", endpoints}, {"events", events}, {"limitranges", only_created}, {"namespaces", namespaces},
    {"nodes", nodes}, {"persistentvolumeclaims", claims}, {"persistentvolumes", volumes}, {"podtemplates", podtemplates},
    {"replicationcontrollers", replicationcontrollers}, {"resourcequotas", quotas}, {"secrets", secrets}, {"services", services},
    {"apiservices", apiservices}, {"controllerrevisions", revisions}, {"daemonsets", daemonsets}, {"deployments", deployments},
    {"replicasets", replicasets}, {"statefulsets", statefulsets}, {"horizontalpodautoscalers", autoscalers}, {"cronjobs", cronjobs}, {"jobs", jobs},
    {"certificatesigningrequests", requests}, {"ingressclasses", ingressclasses}, {"ingresses", ingresses}, {"ipaddresses", ipaddresses},
    {"networkpolicies", networkpolicies}, {"servicecidrs", servicecidrs}, {"poddisruptionbudgets", budgets}, {"clusterrolebindings", bindings},
    {"rolebindings", bindings}, {"clusterroles", only_created}, {"roles", only_created}, {"csidrivers", csidrivers}, {"csinodes", csinodes},
    {"csistoragecapacities", only_created}, {"storageclasses", storageclasses}, {"volumeattachments", attachments}, {"volumeattributesclasses", attributes},
    {"mutatingadmissionpolicies", mutations}, {"mutatingadmissionpolicybindings", policybindings}, {"validatingadmissionpolicies", validations},
    {"validatingadmissionpolicybindings", policybindings}, {"resourceclaims", resourceclaims}, {"resourceslices", resourceslices},
    {"mutatingwebhookconfigurations", webhooks}, {"validatingwebhookconfigurations", webhooks}, {"customresourcedefinitions", only_created},
    {"priorityclasses", priorityclasses}, {"leases", leases}, {"runtimeclasses", runtimeclasses}, {"endpointslices", slices},
    {"flowschemas", flowschemas}, {"prioritylevelconfigurations", levels}, {"openstackdeployments", osdpl}, {"baremetalhosts", baremetal},
    {"clusters", clusters}, {"machinedeployments", machinedeployments}, {"machines", machines},
    {"openstackclusters", osclusters}, {"openstackmachines", osmachines},
};

const struct column *kube_columns(const struct res *res)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].plural, res->plural) == 0)
            return kinds[i].columns;
    return only_age;
}
