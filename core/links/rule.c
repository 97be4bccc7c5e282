/* The rules of the sandwich (layers E1 to E26) as rows, and the relations they find. */
#include <string.h>

#include "core/links/links_priv.h"

const struct link_relation link_relations[] = {
    {"runs-on", "runs on", "carries", LINK_FOR_DP, true},                    /* pod -> node */
    {"belongs-to", "belongs to", "owns", LINK_FOR_NONE, true},               /* pod -> workload */
    {"machine", "is", "is", LINK_FOR_DP, true},                  /* node -> server */
    {"metal", "is", "is", LINK_FOR_DP, true},                      /* server, hypervisor -> baremetal */
    {"hosted", "runs on", "carries", LINK_FOR_DP, true},                     /* server -> hypervisor */
    {"host", "is", "is", LINK_FOR_DP, true},                 /* hypervisor -> undercloud node */
    {"managed", "is managed by", "manages", LINK_FOR_CP, true},              /* hypervisor -> nova-compute */
    {"process", "runs in", "is", LINK_FOR_CP, false},                        /* agent -> pod */
    {"placed", "runs on", "has agent", LINK_FOR_CP, false},                  /* agent -> node */
    {"served", "is served by", "serves", LINK_FOR_CP, false},                /* API -> Service */
    {"backed", "is backed by", "backs", LINK_FOR_CP, false},                 /* API -> workload */
    {"tokens", "asks", "is asked by", LINK_FOR_CP, false},                   /* API -> Keystone's */
    {"needs", "needs", "is needed by", LINK_FOR_CP, false},                  /* API, agent -> database, queue */
    {"attached", "is attached to", "uses", LINK_FOR_NONE, false},            /* volume -> server */
    {"stored", "is served by", "serves", LINK_FOR_ST, true},                 /* volume -> cinder-volume, share -> manila-share */
    {"amphora", "runs on", "is", LINK_FOR_DP, true},                 /* amphora -> server */
    {"balances", "is carried by", "carries", LINK_FOR_DP, false},            /* load balancer -> amphora */
    {"members", "sends to", "gets from", LINK_FOR_DP, false},                /* load balancer -> member */
    {"target", "leads to", "is target of", LINK_FOR_DP, false},              /* member -> node, server */
    {"plugged", "belongs to", "has", LINK_FOR_NONE, false},                  /* port -> server, load balancer */
    {"claims", "uses", "is used by", LINK_FOR_ST, false},                    /* pod -> claim */
    {"bound", "is bound to", "is bound to", LINK_FOR_ST, true},              /* claim -> persistent volume */
    {"disk", "is", "is", LINK_FOR_ST, true},                                 /* persistent volume -> volume, share */
    {"sends", "sends to", "gets from", LINK_FOR_NONE, false},                /* Service -> pod */
    {"routes", "leads to", "is reached by", LINK_FOR_NONE, false},           /* Ingress, floating address -> Service, port */
    {"fronted", "is reached by", "leads to", LINK_FOR_NONE, false},          /* API -> Ingress */
    {"balanced", "is balanced by", "balances", LINK_FOR_DP, true},           /* Service, cluster -> load balancer */
    {"reached", "is reached at", "is address of", LINK_FOR_DP, false},       /* Service -> floating address */
    {"network", "is on", "has", LINK_FOR_NONE, false},                       /* port -> network */
    {"wired", "is wired by", "wires", LINK_FOR_NONE, false},                 /* port -> agent */
    {"served-by", "is served by", "serves", LINK_FOR_DP, false},             /* router -> agent */
    {"addressed", "gets addresses from", "gives addresses to", LINK_FOR_NONE, false},      /* network -> agent */
    {"through", "goes through", "is the way of", LINK_FOR_DP, true},         /* floating address -> router */
    {"keeps", "keeps data on", "keeps the data of", LINK_FOR_ST, false},     /* server -> volume */
    {"ceph", "is made of", "is part of", LINK_FOR_ST, false},                /* Ceph cluster of Rook -> pods of its disks */
    {"on-ceph", "lies on", "has", LINK_FOR_ST, true},                        /* persistent volume -> Ceph cluster */
    {"mounted", "is attached to", "uses", LINK_FOR_NONE, false},             /* persistent volume -> node */
    {"released", "is of release", "made", LINK_FOR_NONE, false},             /* workload -> Helm release */
    {"declared", "is declared by", "declares", LINK_FOR_NONE, false},        /* node, server, host -> what made it or speaks of it */
    {"guest", "runs in", "is", LINK_FOR_DP, true},                           /* machine of KubeVirt -> pod */
    {"coe", "is", "is", LINK_FOR_NONE, true},                                /* Cluster API's cluster -> Magnum's */
    {"api", "is reached through", "is the way to", LINK_FOR_CP, false},      /* API server of a cluster -> load balancer, server */
    {"control", "runs on", "carries", LINK_FOR_CP, false},                   /* API server of a cluster -> its nodes for that */
    {NULL, NULL, NULL, LINK_FOR_NONE, false},
};

#define COL(id_, form_) {id_, form_}
/* What stands between two rows: it bears a value of the one, and one of the other. */
static const struct link_via via_slice = {"endpointslices", COL("service", FORM_IN_NS), COL("pod-uids", FORM_WHOLES), WITHIN_SOURCE, WITHIN_SOURCE, false};
static const struct link_via via_csinode = {"csinodes", COL(KEY_NAME, FORM_WHOLE), COL("cinder-node", FORM_UUID), WITHIN_SOURCE, ACROSS, false};
static const struct link_via via_machine = {"machines.cluster.x-k8s.io", COL(KEY_IN_NS, FORM_WHOLE), COL("provider", FORM_PROVIDER), ACROSS, ACROSS, false};
/* Yaook makes queues and databases for each service: whose one is say the labels of the object that its operator made it from. */
static const struct link_via via_yaook_queue = {"amqpservers.infra.yaook.cloud", COL(KEY_NEEDS, FORM_WHOLE), COL(KEY_IN_NS, FORM_WHOLE), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_yaook_database = {"mysqlservices.infra.yaook.cloud", COL(KEY_NEEDS, FORM_WHOLE), COL(KEY_IN_NS, FORM_WHOLE), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_endpoint = {"clusters.cluster.x-k8s.io", COL(KEY_NAME, FORM_WHOLE), COL("api-host", FORM_LOWER), ACROSS, ACROSS, false};
static const struct link_via via_ingress = {"ingresses", COL("rule-hosts", FORM_LIST), COL("backends", FORM_IN_NS), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_httproute = {"httproutes.gateway.networking.k8s.io", COL("rule-hosts", FORM_LIST), COL("backends", FORM_WHOLES), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_route = {"routes.route.openshift.io", COL("rule-hosts", FORM_LIST), COL("backends", FORM_IN_NS), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_sap = {"hypervisors.kvm.cloud.sap", COL("hypervisor-id", FORM_LOWER), COL(KEY_NAME, FORM_WHOLE), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_lock = {"nodeworkloadlocks.lcm.mirantis.com", COL("locked-node", FORM_WHOLE), COL("locked-node", FORM_WHOLE), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_virtual = {"virtualservices.networking.istio.io", COL("rule-hosts", FORM_LIST), COL("backends", FORM_SVC_HOSTS), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_attachment = {"volumeattachments.storage.k8s.io", COL("attached-volume", FORM_WHOLE), COL("attached-node", FORM_WHOLE), WITHIN_SOURCE, WITHIN_SOURCE, true};
static const struct link_via via_floating = {"floating-ip", COL(KEY_NAME, FORM_LOWER), COL("fixed", FORM_LOWER), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_router_port = {"port", COL("device-id", FORM_LOWER), COL(KEY_L3, FORM_WHOLE), WITHIN_SOURCE, WITHIN_SOURCE, false};
static const struct link_via via_member = {"lb-member", COL(KEY_TARGET, FORM_WHOLE), COL(KEY_PLACE, FORM_WHOLE), ACROSS, WITHIN_SOURCE, false};
static const struct link_via via_fixed = {"port", COL(KEY_FIXED, FORM_WHOLE), COL("device-id", FORM_LOWER), WITHIN_SOURCE, WITHIN_SOURCE, false};
static const struct link_via via_fixed_node = {"port", COL(KEY_FIXED, FORM_WHOLE), COL("device-id", FORM_LOWER), WITHIN_SOURCE, ACROSS, false};
/* An agent that is disabled has no ports, but its list, and on that are networks without DHCP as well. */
static const struct link_via via_leased = {"subnet", COL("network-id", FORM_LOWER), COL(KEY_LEASED, FORM_LOWER), WITHIN_SOURCE, WITHIN_SOURCE, false};
static const struct link_via via_dhcp_port = {"port", COL("network-id", FORM_LOWER), COL(KEY_DHCP, FORM_WHOLE), WITHIN_SOURCE, WITHIN_SOURCE, false};

const struct link_rule link_rules[] = {
    {"E1", "runs-on", "pods", "nodes", COL("node", FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "nodeName", NULL},
    {"E2", "belongs-to", "pods", "replicasets", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "pods", "statefulsets", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "pods", "daemonsets", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "pods", "jobs", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "replicasets", "deployments", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "jobs", "cronjobs", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "machines.cluster.x-k8s.io", "machinesets.cluster.x-k8s.io", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "machinesets.cluster.x-k8s.io", "machinedeployments.cluster.x-k8s.io", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E2", "belongs-to", "machines.cluster.x-k8s.io", "kubeadmcontrolplanes.controlplane.cluster.x-k8s.io", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller", NULL},
    {"E11-1", "machine", "nodes", "server", COL("provider-id", FORM_PROVIDER), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "providerID", NULL},
    {"E11-2", "machine", "nodes", "server", COL(KEY_NAME, FORM_WHOLE), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "nodeID of its CSINode", &via_csinode},
    {"E11-3", "machine", "nodes", "server", COL("capi-machine", FORM_WHOLE), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "providerID of its Machine", &via_machine},
    {"E11-4", "machine", "nodes", "server", COL("system-uuid", FORM_UUID), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_B, 0, "systemUUID", NULL},
    {"E11-4b", "machine", "nodes", "server", COL("system-uuid", FORM_SWAPPED), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_C, 0, "systemUUID, byte-swapped", NULL},
    {"E11-5", "machine", "nodes", "server", COL("machine-id", FORM_DASHED), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_C, 0, "machineID", NULL},
    {"E11-6", "machine", "nodes", "server", COL("internal-ip", FORM_LIST), COL("addresses", FORM_ADDRESSES), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "InternalIP", NULL},
    {"E11-7", "machine", "nodes", "server", COL(KEY_NAME, FORM_LOWER), COL(KEY_NAME, FORM_LOWER), ACROSS, LINK_C, RULE_UNIQUE, "name", NULL},
    {"E11-8", "machine", "nodes", "server", COL(KEY_TARGET, FORM_WHOLE), COL(KEY_PLACE, FORM_WHOLE), ACROSS, LINK_C, RULE_ALONE, "member of a load balancer in its project", &via_member},
    {"E25", "machine", "nodes", "virtualmachineinstances.kubevirt.io", COL("system-uuid", FORM_UUID), COL("firmware", FORM_UUID), ACROSS, LINK_A, 0, "systemUUID", NULL},
    {"E24", "machine", "nodes", "baremetalhosts.metal3.io", COL("provider-id", FORM_METAL3), COL(KEY_IN_NS, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "providerID", NULL},
    {"E24", "machine", "nodes", "baremetalhosts.metal3.io", COL("provider-id", FORM_METAL3), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "providerID", NULL},
    {"E10", "metal", "server", "baremetal", COL(KEY_UID, FORM_LOWER), COL("instance-id", FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "instance_uuid", NULL},
    {"E10", "metal", "hypervisor", "baremetal", COL(KEY_NAME, FORM_UUID), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "hypervisor_hostname", NULL},
    {"E24", "metal", "baremetalhosts.metal3.io", "baremetal", COL("ironic-node", FORM_LOWER), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "status.provisioning.ID", NULL},
    {"E9", "hosted", "server", "hypervisor", COL("hypervisor_hostname", FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "hypervisor_hostname", NULL},
    {"E7c", "host", "hypervisor", "nodes", COL(KEY_NAME, FORM_SHORT), COL(KEY_NAME, FORM_SHORT), ACROSS, LINK_C, RULE_UNIQUE, "name", NULL},
    {"E8", "host", "hypervisor", "nodes", COL("host-ip", FORM_LOWER), COL("internal-ip", FORM_LIST), ACROSS, LINK_C, RULE_UNIQUE, "host_ip and InternalIP", NULL},
    {"E7d", "host", "hypervisor", "nodes", COL(KEY_UID, FORM_LOWER), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "hypervisorId of its Hypervisor", &via_sap},
    {"E7d", "host", "hypervisor", "nodes", COL("host", FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "nodeName of its NodeWorkloadLock", &via_lock},
    {"E9", "managed", "hypervisor", "os-services", COL(KEY_ROLE_HOST, FORM_WHOLE), COL(KEY_ROLE_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "service host", NULL},
    {"E7a", "process", "os-services", "pods", COL(KEY_ROLE_NAME, FORM_WHOLE), COL(KEY_ROLE_NAME, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "host is the pod's name", NULL},
    {"E7c", "process", "os-services", "pods", COL(KEY_ROLE_HOST, FORM_WHOLE), COL(KEY_ROLE_HOST, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "host is the pod's node", NULL},
    {"E7b", "process", "os-services", "deployments", COL(KEY_ROLE_NAME, FORM_WHOLE), COL(KEY_ROLE_NAME, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "host is the workload's name", NULL},
    {"E6a", "served", "os-services", "services", COL("endpoint", FORM_SVC_DNS), COL(KEY_DNS, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "catalog host", NULL},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOST), COL("cluster-ip", FORM_LIST), ACROSS, LINK_B, RULE_UNIQUE, "catalog address is its cluster IP", NULL},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOST), COL("external-ip", FORM_LIST), ACROSS, LINK_B, RULE_UNIQUE, "catalog address is its external IP", NULL},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOSTS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_B, RULE_UNIQUE, "catalog host is of its Ingress", &via_ingress},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOSTS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_B, RULE_UNIQUE, "catalog host is of its HTTPRoute", &via_httproute},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOSTS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_B, RULE_UNIQUE, "catalog host is of its Route", &via_route},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOSTS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_B, RULE_UNIQUE, "catalog host is of its VirtualService", &via_virtual},
    {"E6c", "backed", "os-services", "deployments", COL(KEY_ROLE_API, FORM_WHOLE), COL(KEY_ROLE_API, FORM_WHOLE), ACROSS, LINK_C, 0, "labels", NULL},
    {"E6c", "backed", "os-services", "statefulsets", COL(KEY_ROLE_API, FORM_WHOLE), COL(KEY_ROLE_API, FORM_WHOLE), ACROSS, LINK_C, 0, "labels", NULL},
    {"E6d", "tokens", "os-services", "os-services", COL(KEY_TOKENS, FORM_WHOLE), COL(KEY_ROLE_API, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "checks tokens", NULL},
    {"E6e", "needs", "os-services", "statefulsets", COL(KEY_NEEDS, FORM_WHOLE), COL(KEY_NEEDS, FORM_WHOLE), ACROSS, LINK_B, 0, "labels in its cluster, needed by", NULL},
    {"E6f", "needs", "os-services", "statefulsets", COL(KEY_NEEDS, FORM_WHOLE), COL(KEY_PARENT, FORM_WHOLE), ACROSS, LINK_B, 0, "labels of its AMQPServer in its cluster", &via_yaook_queue},
    {"E6f", "needs", "os-services", "statefulsets", COL(KEY_NEEDS, FORM_WHOLE), COL(KEY_PARENT, FORM_WHOLE), ACROSS, LINK_B, 0, "labels of its MySQLService in its cluster", &via_yaook_database},
    {"E13", "attached", "volume", "server", COL("server-ids", FORM_LIST), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "attachment", NULL},
    {"E14", "stored", "volume", "os-services", COL("host", FORM_BACKEND), COL("host", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "host", NULL},
    {"E14", "stored", "share", "os-services", COL("host", FORM_BACKEND), COL("host", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "host", NULL},
    {"E16", "amphora", "amphora", "server", COL("server-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "compute_id", NULL},
    {"E16", "balances", "loadbalancer", "amphora", COL(KEY_UID, FORM_WHOLE), COL("loadbalancer-id", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "loadbalancer_id", NULL},
    {"E16b", "members", "loadbalancer", "lb-member", COL(KEY_UID, FORM_WHOLE), COL("loadbalancer-id", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "status tree", NULL},
    {"E16c", "target", "lb-member", "nodes", COL(KEY_TARGET, FORM_WHOLE), COL(KEY_TARGET, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "name and InternalIP", NULL},
    {"E16c", "target", "lb-member", "nodes", COL("address", FORM_LOWER), COL("internal-ip", FORM_LIST), ACROSS, LINK_C, RULE_UNIQUE, "InternalIP", NULL},
    {"E16d", "target", "lb-member", "nodes", COL(KEY_FIXED, FORM_WHOLE), COL("provider-id", FORM_PROVIDER), WITHIN_SOURCE, LINK_B, 0, "subnet and address of the port of its providerID", &via_fixed_node},
    {"E16d", "target", "lb-member", "server", COL(KEY_FIXED, FORM_WHOLE), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_B, 0, "subnet and address of its port", &via_fixed},
    {"E16c", "target", "lb-member", "server", COL("address", FORM_LOWER), COL("addresses", FORM_ADDRESSES), WITHIN_SOURCE, LINK_C, RULE_ALONE, "address", NULL},
    {"E16c", "target", "lb-member", "server", COL(KEY_PLACE, FORM_WHOLE), COL(KEY_PLACE, FORM_WHOLE), WITHIN_SOURCE, LINK_B, RULE_UNIQUE, "address in its project", NULL},
    {"E18", "plugged", "port", "server", COL("device-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "device_id", NULL},
    {"E18", "plugged", "port", "router", COL("device-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "device_id", NULL},
    {"E18", "plugged", "port", "loadbalancer", COL("device-id", FORM_AFTER_DASH), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "device_id", NULL},
    {"E12", "claims", "pods", "persistentvolumeclaims", COL("claims", FORM_IN_NS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "claimName", NULL},
    {"E12", "bound", "persistentvolumeclaims", "persistentvolumes", COL("volume-name", FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "volumeName", NULL},
    {"E12", "bound", "persistentvolumeclaims", "persistentvolumes", COL(KEY_UID, FORM_WHOLE), COL("claim-uid", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "claimRef", NULL},
    {"E12", "disk", "persistentvolumes", "volume", COL("cinder-volume", FORM_UUID), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "volumeHandle", NULL},
    {"E12", "disk", "persistentvolumes", "share", COL("manila-share", FORM_UUID), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "shareID", NULL},
    {"E4", "sends", "services", "pods", COL(KEY_IN_NS, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "endpoint", &via_slice},
    {"E5", "routes", "ingresses", "services", COL("backends", FORM_IN_NS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "backend", NULL},
    {"E5", "routes", "httproutes.gateway.networking.k8s.io", "services", COL("backends", FORM_WHOLES), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "backendRefs", NULL},
    {"E5", "routes", "routes.route.openshift.io", "services", COL("backends", FORM_IN_NS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "to", NULL},
    {"E18", "routes", "floating-ip", "port", COL("port", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "port_id", NULL},
    {"E6b", "fronted", "os-services", "ingresses", COL("endpoint", FORM_URL_HOSTS), COL("rule-hosts", FORM_LIST), ACROSS, LINK_B, RULE_UNIQUE, "catalog host", NULL},
    {"E6b", "fronted", "os-services", "httproutes.gateway.networking.k8s.io", COL("endpoint", FORM_URL_HOSTS), COL("rule-hosts", FORM_LIST), ACROSS, LINK_B, RULE_UNIQUE, "catalog host", NULL},
    {"E6b", "fronted", "os-services", "routes.route.openshift.io", COL("endpoint", FORM_URL_HOSTS), COL("rule-hosts", FORM_LIST), ACROSS, LINK_B, RULE_UNIQUE, "catalog host", NULL},
    {"E15", "balanced", "services", "loadbalancer", COL("balancer-id", FORM_UUID), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "load-balancer-id", NULL},
    {"E15b", "balanced", "services", "loadbalancer", COL(KEY_SERVICE, FORM_WHOLE), COL(KEY_NAME, FORM_KUBE_SERVICE), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "name", NULL},
    {"E15b", "balanced", "services", "loadbalancer", COL("external-ip", FORM_LIST), COL("vip", FORM_LOWER), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "address is its VIP", NULL},
    {"E17", "balanced", "openstackclusters.infrastructure.cluster.x-k8s.io", "loadbalancer", COL("api-balancer", FORM_UUID), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "apiServerLoadBalancer", NULL},
    {"E15b", "reached", "services", "floating-ip", COL("external-ip", FORM_LIST), COL(KEY_NAME, FORM_LOWER), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "address", NULL},
    {"E18", "network", "port", "network", COL("network-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "network_id", NULL},
    {"E17", "network", "openstackclusters.infrastructure.cluster.x-k8s.io", "network", COL("network-ids", FORM_LIST), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "status.network", NULL},
    {"E19", "wired", "port", "os-services", COL(KEY_WIRE, FORM_WHOLE), COL(KEY_ROLE_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "binding:host_id", NULL},
    {"E20", "served-by", "router", "os-services", COL(KEY_UID, FORM_LOWER), COL(KEY_ROLE_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "host of its ports", &via_router_port},
    {"E20", "addressed", "network", "os-services", COL(KEY_UID, FORM_LOWER), COL(KEY_ROLE_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "host of its DHCP port", &via_dhcp_port},
    {"E20", "addressed", "network", "os-services", COL(KEY_UID, FORM_LOWER), COL("networks", FORM_LIST), WITHIN_SOURCE, LINK_A, 0, "networks of the agent", &via_leased},
    {"E18", "through", "floating-ip", "router", COL("router-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "router_id", NULL},
    {"E13", "keeps", "server", "volume", COL(KEY_UID, FORM_LOWER), COL("server-ids", FORM_LIST), WITHIN_SOURCE, LINK_A, 0, "attachment", NULL},
    {"E13", "keeps", "server", "volume", COL("volumes", FORM_LIST), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "volumes_attached", NULL},
    {"E13", "mounted", "persistentvolumes", "nodes", COL(KEY_NAME, FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "its VolumeAttachment", &via_attachment},
    {"E26", "on-ceph", "persistentvolumes", "cephclusters.ceph.rook.io", COL("ceph-cluster", FORM_WHOLE), COL(KEY_SCOPE, FORM_WHOLE), WITHIN_SOURCE, LINK_B, RULE_UNIQUE, "clusterID", NULL},
    {"E26", "ceph", "cephclusters.ceph.rook.io", "pods", COL(KEY_SCOPE, FORM_WHOLE), COL(KEY_ROOK, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "rook_cluster", NULL},
    {"E3", "released", "deployments", "helm-releases", COL("release", FORM_WHOLE), COL(KEY_RELEASE, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "annotation", NULL},
    {"E3b", "released", "deployments", "helm-releases", COL(KEY_RELEASE, FORM_WHOLE), COL(KEY_RELEASE, FORM_WHOLE), WITHIN_SOURCE, LINK_B, 0, "label", NULL},
    {"E3", "released", "statefulsets", "helm-releases", COL("release", FORM_WHOLE), COL(KEY_RELEASE, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "annotation", NULL},
    {"E3b", "released", "statefulsets", "helm-releases", COL(KEY_RELEASE, FORM_WHOLE), COL(KEY_RELEASE, FORM_WHOLE), WITHIN_SOURCE, LINK_B, 0, "label", NULL},
    {"E3", "released", "daemonsets", "helm-releases", COL("release", FORM_WHOLE), COL(KEY_RELEASE, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "annotation", NULL},
    {"E3b", "released", "daemonsets", "helm-releases", COL(KEY_RELEASE, FORM_WHOLE), COL(KEY_RELEASE, FORM_WHOLE), WITHIN_SOURCE, LINK_B, 0, "label", NULL},
    {"E11-3", "declared", "nodes", "machines.cluster.x-k8s.io", COL("capi-machine", FORM_WHOLE), COL(KEY_IN_NS, FORM_WHOLE), ACROSS, LINK_A, 0, "annotation", NULL},
    {"E24", "declared", "server", "openstackmachines.infrastructure.cluster.x-k8s.io", COL(KEY_UID, FORM_LOWER), COL("instance", FORM_LOWER), ACROSS, LINK_A, 0, "instanceID", NULL},
    {"E24", "declared", "openstackmachines.infrastructure.cluster.x-k8s.io", "machines.cluster.x-k8s.io", COL(KEY_IN_NS, FORM_WHOLE), COL("infrastructure", FORM_IN_NS), WITHIN_SOURCE, LINK_A, 0, "infrastructureRef", NULL},
    {"E24", "declared", "metal3machines.infrastructure.cluster.x-k8s.io", "machines.cluster.x-k8s.io", COL(KEY_IN_NS, FORM_WHOLE), COL("infrastructure", FORM_IN_NS), WITHIN_SOURCE, LINK_A, 0, "infrastructureRef", NULL},
    {"E24", "declared", "baremetalhosts.metal3.io", "metal3machines.infrastructure.cluster.x-k8s.io", COL("consumer-ref", FORM_WHOLES), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "consumerRef", NULL},
    {"E24", "declared", "machines.cluster.x-k8s.io", "clusters.cluster.x-k8s.io", COL("cluster-name", FORM_IN_NS), COL(KEY_IN_NS, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "clusterName", NULL},
    {"E24", "declared", "openstackclusters.infrastructure.cluster.x-k8s.io", "clusters.cluster.x-k8s.io", COL(KEY_IN_NS, FORM_WHOLE), COL("infrastructure", FORM_IN_NS), WITHIN_SOURCE, LINK_A, 0, "infrastructureRef", NULL},
    {"E7d", "declared", "hypervisor", "hypervisors.kvm.cloud.sap", COL(KEY_UID, FORM_LOWER), COL("hypervisor-id", FORM_LOWER), ACROSS, LINK_A, 0, "hypervisorId", NULL},
    {"E7d", "declared", "nodes", "nodeworkloadlocks.lcm.mirantis.com", COL(KEY_NAME, FORM_WHOLE), COL("locked-node", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "nodeName", NULL},
    {"E21", "declared", LINK_APISERVER, "clusters.cluster.x-k8s.io", COL("url", FORM_URL_HOST), COL("api-host", FORM_LOWER), ACROSS, LINK_B, RULE_UNIQUE, "controlPlaneEndpoint", NULL},
    {"E25", "guest", "virtualmachineinstances.kubevirt.io", "pods", COL(KEY_UID, FORM_WHOLE), COL(KEY_LAUNCHER, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "created-by", NULL},
    {"E21", "coe", "clusters.cluster.x-k8s.io", "coe-cluster", COL("magnum-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "cluster-uuid", NULL},
    {"E21", "coe", "clusters.cluster.x-k8s.io", "coe-cluster", COL(KEY_NAME, FORM_WHOLE), COL("stack", FORM_WHOLE), ACROSS, LINK_A, 0, "stack_id", NULL},
    {"E21", "coe", LINK_APISERVER, "coe-cluster", COL("url", FORM_URL_HOST), COL("api", FORM_URL_HOST), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "api_address", NULL},
    {"E17", "api", LINK_APISERVER, "loadbalancer", COL("url", FORM_URL_HOST), COL("vip", FORM_LOWER), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "address is its VIP", NULL},
    {"E17", "api", LINK_APISERVER, "loadbalancer", COL("url", FORM_URL_HOST), COL("vip", FORM_LOWER), WITHIN_SOURCE, LINK_B, RULE_UNIQUE | RULE_ADMIN, "floating address leads to its VIP", &via_floating},
    {"E17", "api", LINK_APISERVER, "floating-ip", COL("url", FORM_URL_HOST), COL(KEY_NAME, FORM_LOWER), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "floating address", NULL},
    {"E17", "api", LINK_APISERVER, "server", COL("url", FORM_URL_HOST), COL("addresses", FORM_ADDRESSES), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "address", NULL},
    {"E17", "api", "coe-cluster", "loadbalancer", COL("api", FORM_URL_HOST), COL("vip", FORM_LOWER), WITHIN_SOURCE, LINK_B, RULE_UNIQUE | RULE_ADMIN, "api_address is its VIP", NULL},
    {"E17", "api", "coe-cluster", "loadbalancer", COL("api", FORM_URL_HOST), COL("vip", FORM_LOWER), WITHIN_SOURCE, LINK_B, RULE_UNIQUE | RULE_ADMIN, "floating address of api_address leads to its VIP", &via_floating},
    {"E17", "api", "coe-cluster", "floating-ip", COL("api", FORM_URL_HOST), COL(KEY_NAME, FORM_LOWER), WITHIN_SOURCE, LINK_B, RULE_UNIQUE | RULE_ADMIN, "api_address", NULL},
    {"E17", "api", "coe-cluster", "server", COL("api", FORM_URL_HOST), COL("addresses", FORM_ADDRESSES), WITHIN_SOURCE, LINK_B, RULE_UNIQUE | RULE_ADMIN, "api_address", NULL},
    {"E21", "api", LINK_APISERVER, "coe-cluster", COL(KEY_NAME, FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), ACROSS, LINK_C, RULE_UNIQUE, "name", NULL},
    {"E21", "api", LINK_APISERVER, "server", COL(KEY_NAME, FORM_WHOLE), COL("addresses", FORM_ADDRESSES), ACROSS, LINK_C, RULE_UNIQUE, "controlPlaneEndpoint of the Cluster of its name", &via_endpoint},
    {"E21", "api", LINK_APISERVER, "loadbalancer", COL(KEY_NAME, FORM_WHOLE), COL("vip", FORM_LOWER), ACROSS, LINK_C, RULE_UNIQUE, "controlPlaneEndpoint of the Cluster of its name", &via_endpoint},
    {"E21", "api", LINK_APISERVER, "floating-ip", COL(KEY_NAME, FORM_WHOLE), COL(KEY_NAME, FORM_LOWER), ACROSS, LINK_C, RULE_UNIQUE, "controlPlaneEndpoint of the Cluster of its name", &via_endpoint},
    {"E17", "control", LINK_APISERVER, "nodes", COL(KEY_CONTROL, FORM_WHOLE), COL(KEY_CONTROL, FORM_WHOLE), WITHIN_SOURCE, LINK_B, 0, "roles", NULL},
    {NULL, NULL, NULL, NULL, {NULL, 0}, {NULL, 0}, 0, 0, 0, NULL, NULL},
};

unsigned link_relation_of(const struct link_rule *r)
{
    unsigned i = 0;
    while (link_relations[i].id && strcmp(link_relations[i].id, r->relation) != 0)
        i++;
    return i;
}

unsigned link_rule_bit(const struct link_rule *r)
{
    unsigned bit = 0;
    for (const struct link_rule *x = link_rules; x != r; x++)
        bit += !strcmp(x->relation, r->relation);
    return bit;
}

const struct link_relation *links_relation(unsigned relation)
{
    return &link_relations[relation];
}

char link_class_letter(enum link_class c)
{
    return "-CBAX"[c];
}
