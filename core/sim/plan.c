/* The plan of the sandwich: hosts, networks, servers that are nodes, their volumes and load balancers. */
#include "core/sim/plan.h"

#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t h, const char *text)
{
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3ULL;
    h ^= h >> 31;
    return h * 0x9e3779b97f4a7c15ULL;
}

void plan_id(const struct world *w, const char *what, const char *name, char out[37])
{
    uint64_t a = mix(mix(mix(0xcbf29ce484222325ULL ^ w->seed, what), "/"), name), b = mix(a ^ (a >> 29), name);
    snprintf(out, 37, "%08x-%04x-4%03x-%x%03x-%04x%08x", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
             8 + (unsigned)(b >> 62), (unsigned)(b >> 48 & 0xfff), (unsigned)(b >> 32 & 0xffff), (unsigned)b);
}

const struct plan_host plan_hosts[] = {
    {"controller-1", "10.0.0.11", false}, {"controller-2", "10.0.0.12", false}, {"controller-3", "10.0.0.13", false},
    {"compute-1", "10.0.0.21", true},     {"compute-2", "10.0.0.22", true},     {"compute-3", "10.0.0.23", true},
    {"compute-4", "10.0.0.24", true},
};
const size_t plan_nhosts = sizeof(plan_hosts) / sizeof(plan_hosts[0]);

const struct plan_net plan_nets[] = {
    {"demo-net", "demo", "10.10.0.0/24"}, {"ops-net", "ops", "10.20.0.0/24"}, {"admin-net", "admin", "10.30.0.0/24"}, {"lb-mgmt-net", "service", "10.40.0.0/24"},
    {"tenant-a-net", "demo", "10.50.0.0/24"}, {"tenant-b-net", "ops", "10.60.0.0/24"},
};
const size_t plan_nnets = sizeof(plan_nets) / sizeof(plan_nets[0]);

#define A(n, fl, h, i, r, g) {.name = n, .project = "demo", .flavor = fl, .host = h, .net = "tenant-a-net", .ip = i, .cluster = "tenant-a", .role = r, .group = g}
#define B(n, fl, h, i, r, g) {.name = n, .project = "ops", .flavor = fl, .host = h, .net = "tenant-b-net", .ip = i, .cluster = "tenant-b", .role = r, .group = g}
#define AMPHORA(n, h, i) {.name = n, .project = "service", .flavor = "m1.tiny", .host = h, .net = "lb-mgmt-net", .ip = i}
#define V(n, p, fl, h, i) {.name = n, .project = p, .flavor = fl, .host = h, .net = p "-net", .ip = i}

const struct plan_server plan_servers[] = {
    A("tenant-a-master-0", "m1.large", "compute-1", "10.50.0.10", "master", NULL),
    A("tenant-a-node-0", "m1.large", "compute-1", "10.50.0.20", "worker", "tenant-a-workers"),
    A("tenant-a-node-1", "m1.large", "compute-2", "10.50.0.21", "worker", "tenant-a-workers"),
    A("tenant-a-node-2", "m1.large", "compute-3", "10.50.0.22", "worker", "tenant-a-workers"),
    A("tenant-a-node-3", "m1.large", "compute-4", "10.50.0.23", "worker", "tenant-a-workers"),
    B("tenant-b-control-plane-m2v7x", "m1.large", "compute-2", "10.60.0.10", "master", NULL),
    B("tenant-b-md-0-6kq4z-7xw2p", "m1.large", "compute-4", "10.60.0.20", "worker", NULL),
    B("tenant-b-md-0-6kq4z-d9hfl", "m1.large", "compute-4", "10.60.0.21", "worker", NULL),
    B("tenant-b-md-0-6kq4z-z5gtc", "m1.large", "compute-2", "10.60.0.22", "worker", NULL),
    {.name = "shop-frontend", .project = "demo", .flavor = "m1.small", .host = "compute-1", .net = "demo-net", .ip = "10.10.0.230", .fip = "203.0.113.30"},
    V("shop-erp", "demo", "m1.medium", "compute-2", "10.10.0.231"),
    V("shop-search", "demo", "m1.medium", "compute-3", "10.10.0.232"),
    V("mail-1", "ops", "m1.small", "compute-1", "10.20.0.230"),
    V("mail-2", "ops", "m1.small", "compute-4", "10.20.0.231"),
    V("ldap-1", "ops", "m1.small", "compute-2", "10.20.0.232"),
    V("gitlab", "ops", "m1.large", "compute-1", "10.20.0.233"),
    V("ci-runner-1", "ops", "m1.medium", "compute-2", "10.20.0.234"),
    V("ci-runner-2", "ops", "m1.medium", "compute-4", "10.20.0.235"),
    V("backup-target", "admin", "m1.medium", "compute-1", "10.30.0.10"),
    V("monitoring-probe", "admin", "m1.tiny", "compute-2", "10.30.0.11"),
    V("jump-host", "admin", "m1.tiny", "compute-4", "10.30.0.12"),
    {.name = "windows-licences", .project = "admin", .flavor = "m1.medium", .host = "compute-3", .net = "admin-net", .ip = "10.30.0.13", .status = "SHUTOFF"},
    AMPHORA("amphora-shop-front-1", "compute-1", "10.40.0.31"),
    AMPHORA("amphora-shop-front-2", "compute-4", "10.40.0.32"),
    AMPHORA("amphora-batch-api-1", "compute-2", "10.40.0.33"),
};
const size_t plan_nservers = sizeof(plan_servers) / sizeof(plan_servers[0]);

const struct plan_volume plan_volumes[] = {
    {"shop-db-0", "demo", "in-use", "tenant-a-node-0", "shop/data-shop-db-0", 40},
    {"shop-db-1", "demo", "in-use", "tenant-a-node-1", "shop/data-shop-db-1", 40},
    {"shop-media", "demo", "in-use", "tenant-a-node-2", "shop/media", 100},
    {"warehouse-0", "ops", "in-use", "tenant-b-md-0-6kq4z-7xw2p", "analytics/data-warehouse-0", 200},
    {"queue-0", "ops", "in-use", "tenant-b-md-0-6kq4z-z5gtc", "analytics/data-queue-0", 20},
    {"erp-data", "demo", "in-use", "shop-erp", NULL, 80},
    {"gitlab-repos", "ops", "in-use", "gitlab", NULL, 120},
    {"backup-2026", "admin", "in-use", "backup-target", NULL, 500},
    {"stuck-detaching", "ops", "detaching", "mail-2", NULL, 10},
};
const size_t plan_nvolumes = sizeof(plan_volumes) / sizeof(plan_volumes[0]);

const struct plan_share plan_shares[] = {
    {"shop-uploads", "demo", "NFS", NULL, "tenant-a", "shop/uploads", 200},
    {"team-home", "ops", "NFS", NULL, NULL, NULL, 500},
    {"ci-artifacts", "ops", "CEPHFS", NULL, NULL, NULL, 250},
    {"reports-2024", "demo", "NFS", "error_deleting", NULL, NULL, 40},
};
const size_t plan_nshares = sizeof(plan_shares) / sizeof(plan_shares[0]);

const struct plan_lb plan_lbs[] = {
    {"tenant-a", "shop", "shop-front", "demo", "tenant-a-net", "10.50.0.100", "203.0.113.40", 443, 30443},
    {"tenant-b", "analytics", "batch-api", "ops", "tenant-b-net", "10.60.0.100", "203.0.113.41", 8443, 30844},
};
const size_t plan_nlbs = sizeof(plan_lbs) / sizeof(plan_lbs[0]);

const char *plan_lb_name(const struct plan_lb *lb, char buf[128])
{
    snprintf(buf, 128, "kube_service_%s_%s_%s-public", lb->cluster, lb->ns, lb->service);
    return buf;
}

const struct plan_metal plan_metal[] = {
    {"rack1-node-11", "power on", "active", false}, {"rack1-node-12", "power off", "available", false},
    {"rack2-node-03", "power on", "clean failed", true}, {"rack2-node-04", "power off", "manageable", false},
};
const size_t plan_nmetal = sizeof(plan_metal) / sizeof(plan_metal[0]);
