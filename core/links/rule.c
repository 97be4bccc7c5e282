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
    {"attached", "is attached to", "uses", LINK_FOR_NONE, false},            /* volume -> server */
    {"stored", "is served by", "serves", LINK_FOR_ST, true},                 /* volume -> cinder-volume */
    {"amphora", "runs on", "is", LINK_FOR_DP, true},                 /* amphora -> server */
    {"balances", "is carried by", "carries", LINK_FOR_DP, false},            /* load balancer -> amphora */
    {"plugged", "belongs to", "has", LINK_FOR_NONE, false},                  /* port -> server */
    {NULL, NULL, NULL, LINK_FOR_NONE, false},
};

#define COL(id_, form_) {id_, form_}
const struct link_rule link_rules[] = {
    {"E1", "runs-on", "pods", "nodes", COL("node", FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "nodeName"},
    {"E2", "belongs-to", "pods", "replicasets", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller"},
    {"E2", "belongs-to", "pods", "statefulsets", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller"},
    {"E2", "belongs-to", "pods", "daemonsets", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller"},
    {"E2", "belongs-to", "pods", "jobs", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller"},
    {"E2", "belongs-to", "replicasets", "deployments", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller"},
    {"E2", "belongs-to", "jobs", "cronjobs", COL(KEY_OWNER_UID, FORM_WHOLE), COL(KEY_UID, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "controller"},
    {"E11-1", "machine", "nodes", "server", COL("provider-id", FORM_PROVIDER), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_A, 0, "providerID"},
    {"E11-4", "machine", "nodes", "server", COL("system-uuid", FORM_UUID), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_B, 0, "systemUUID"},
    {"E11-4b", "machine", "nodes", "server", COL("system-uuid", FORM_SWAPPED), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_C, 0, "systemUUID, byte-swapped"},
    {"E11-5", "machine", "nodes", "server", COL("machine-id", FORM_DASHED), COL(KEY_UID, FORM_LOWER), ACROSS, LINK_C, 0, "machineID"},
    {"E11-6", "machine", "nodes", "server", COL("internal-ip", FORM_WHOLE), COL("addresses", FORM_ADDRESSES), ACROSS, LINK_B, RULE_UNIQUE | RULE_ADMIN, "InternalIP"},
    {"E11-7", "machine", "nodes", "server", COL(KEY_NAME, FORM_LOWER), COL(KEY_NAME, FORM_LOWER), ACROSS, LINK_C, RULE_UNIQUE, "name"},
    {"E10", "metal", "server", "baremetal", COL(KEY_UID, FORM_LOWER), COL("instance-id", FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "instance_uuid"},
    {"E10", "metal", "hypervisor", "baremetal", COL(KEY_NAME, FORM_UUID), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "hypervisor_hostname"},
    {"E9", "hosted", "server", "hypervisor", COL("hypervisor_hostname", FORM_WHOLE), COL(KEY_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "hypervisor_hostname"},
    {"E7c", "host", "hypervisor", "nodes", COL(KEY_NAME, FORM_SHORT), COL(KEY_NAME, FORM_SHORT), ACROSS, LINK_C, RULE_UNIQUE, "name"},
    {"E8", "host", "hypervisor", "nodes", COL("host-ip", FORM_WHOLE), COL("internal-ip", FORM_WHOLE), ACROSS, LINK_C, RULE_UNIQUE, "host_ip and InternalIP"},
    {"E9", "managed", "hypervisor", "os-services", COL(KEY_ROLE_HOST, FORM_WHOLE), COL(KEY_ROLE_NAME, FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "service host"},
    {"E7a", "process", "os-services", "pods", COL(KEY_ROLE_NAME, FORM_WHOLE), COL(KEY_ROLE_NAME, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "host is the pod's name"},
    {"E7c", "process", "os-services", "pods", COL(KEY_ROLE_HOST, FORM_WHOLE), COL(KEY_ROLE_HOST, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "host is the pod's node"},
    {"E6a", "served", "os-services", "services", COL("endpoint", FORM_SVC_DNS), COL(KEY_DNS, FORM_WHOLE), ACROSS, LINK_B, RULE_UNIQUE, "catalog host"},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOST), COL("cluster-ip", FORM_LIST), ACROSS, LINK_B, RULE_UNIQUE, "catalog address is its cluster IP"},
    {"E6b", "served", "os-services", "services", COL("endpoint", FORM_URL_HOST), COL("external-ip", FORM_LIST), ACROSS, LINK_B, RULE_UNIQUE, "catalog address is its external IP"},
    {"E6c", "backed", "os-services", "deployments", COL(KEY_ROLE_API, FORM_WHOLE), COL(KEY_ROLE_API, FORM_WHOLE), ACROSS, LINK_C, 0, "labels"},
    {"E6c", "backed", "os-services", "statefulsets", COL(KEY_ROLE_API, FORM_WHOLE), COL(KEY_ROLE_API, FORM_WHOLE), ACROSS, LINK_C, 0, "labels"},
    {"E13", "attached", "volume", "server", COL("server-ids", FORM_LIST), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "attachment"},
    {"E14", "stored", "volume", "os-services", COL("host", FORM_BACKEND), COL("host", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "host"},
    {"E16", "amphora", "amphora", "server", COL("server-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "compute_id"},
    {"E16", "balances", "loadbalancer", "amphora", COL(KEY_UID, FORM_WHOLE), COL("loadbalancer-id", FORM_WHOLE), WITHIN_SOURCE, LINK_A, 0, "loadbalancer_id"},
    {"E18", "plugged", "port", "server", COL("device-id", FORM_LOWER), COL(KEY_UID, FORM_LOWER), WITHIN_SOURCE, LINK_A, 0, "device_id"},
    {NULL, NULL, NULL, NULL, {NULL, 0}, {NULL, 0}, 0, 0, 0, NULL},
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
