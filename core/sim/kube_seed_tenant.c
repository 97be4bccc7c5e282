/* The tenants' clusters: their nodes are servers of the cloud, their storage its volumes, their load balancers its Octavia's. */
#include <string.h>

#include "core/sim/kube_seed.h"

#define SYSTEM \
    {"kube-system", "coredns", 'D', 2, "coredns", "dns", "coredns:1.12", .port = 53, .svc = "kube-dns"}, \
    {"kube-system", "calico-node", 'A', 0, "calico", "node", "calico-node:3.29", .inits = 1, .host = true}, \
    {"kube-system", "kube-proxy", 'A', 0, "kube-proxy", "proxy", "kube-proxy:1.36", .host = true}, \
    {"kube-system", "openstack-cloud-controller-manager", 'A', 0, "openstack-cloud-controller-manager", "controllermanager", \
     "openstack-cloud-controller-manager:v1.31.1", .on = 'c', .host = true}, \
    {"kube-system", "openstack-cinder-csi-controllerplugin", 'D', 1, "openstack-cinder-csi", "controllerplugin", "cinder-csi-plugin:v1.31.1", \
     .containers = "csi-provisioner,csi-attacher,cinder-csi-plugin"}, \
    {"kube-system", "openstack-cinder-csi-nodeplugin", 'A', 0, "openstack-cinder-csi", "nodeplugin", "cinder-csi-plugin:v1.31.1", \
     .containers = "node-driver-registrar,cinder-csi-plugin", .host = true}

static const struct work works_a[] = {
    SYSTEM,
    {"shop", "shop-front", 'D', 3, "shop", "front", "shop-front:4.12", .port = 8080, .on = 'h', .budget = '1', .claim = "uploads"},
    {"shop", "shop-cart", 'D', 2, "shop", "cart", "shop-cart:4.12", .port = 8081, .on = 'h', .budget = '1'},
    {"shop", "shop-pay", 'D', 2, "shop", "pay", "shop-pay:4.11", .port = 8082, .on = 'h'},
    {"shop", "shop-media", 'D', 1, "shop", "media", "shop-media:2.3", .port = 8083, .on = 'h', .claim = "media"},
    {"shop", "shop-recommend", 'D', 1, "shop", "recommend", "shop-recommend:0.9", "crash", .on = 'h'},
    {"shop", "shop-db", 'S', 2, "shop-db", "postgres", "postgres:16.4", .port = 5432, .on = 'h', .budget = 'm', .claim = "data"},
    {"shop", "shop-cache", 'S', 1, "shop-cache", "redis", "redis:7.4", .port = 6379, .on = 'h'},
    {"shop", "catalog-import", 'J', 1, "shop", "import", "shop-tools:4.12", "completed", .on = 'h'},
    {"ingress", "ingress-nginx-controller", 'D', 2, "ingress-nginx", "controller", "ingress-nginx:1.12", .inits = 0, .port = 443, .on = 'h', .budget = '1'},
};
static const struct work works_b[] = {
    SYSTEM,
    {"analytics", "batch-api", 'D', 2, "batch", "api", "batch-api:1.7", .port = 8080, .on = 'h', .budget = '1'},
    {"analytics", "worker", 'D', 4, "batch", "worker", "batch-worker:1.7", .on = 'h'},
    {"analytics", "warehouse", 'S', 1, "warehouse", "clickhouse", "clickhouse:24.8", .port = 9000, .on = 'h', .claim = "data"},
    {"analytics", "queue", 'S', 1, "queue", "nats", "nats:2.10", .port = 4222, .on = 'h', .claim = "data"},
    {"analytics", "nightly-report", 'C', 0, "batch", "report", "batch-tools:1.7", .inits = 0},
    {"analytics", "model-train", 'D', 1, "model", "train", "model-train:2025.2", "pull", .on = 'h'},
};

static const struct machine machines_a[] = {
    {"tenant-a-master-0", "10.50.0.10", 'c', 0, "openstack:///", 4, 8}, {"tenant-a-node-0", "10.50.0.20", 'w', 0, "openstack:///", 4, 8},
    {"tenant-a-node-1", "10.50.0.21", 'w', 0, "openstack:///", 4, 8},   {"tenant-a-node-2", "10.50.0.22", 'w', 0, "openstack:///", 4, 8},
    {"tenant-a-node-3", "10.50.0.23", 'w', 0, "openstack:///", 4, 8},
};
static const struct machine machines_b[] = {
    {"tenant-b-control-plane-m2v7x", "10.60.0.10", 'c', 0, "openstack://RegionOne/", 4, 8},
    {"tenant-b-md-0-6kq4z-7xw2p", "10.60.0.20", 'w', 0, "openstack://RegionOne/", 4, 8},
    {"tenant-b-md-0-6kq4z-d9hfl", "10.60.0.21", 'w', 0, "openstack://RegionOne/", 4, 8},
    {"tenant-b-md-0-6kq4z-z5gtc", "10.60.0.22", 'w', 0, "openstack://RegionOne/", 4, 8},
};
static const char *const namespaces_a[] = {"default", "kube-node-lease", "kube-public", "kube-system", "shop", "ingress", NULL};
static const char *const namespaces_b[] = {"default", "kube-node-lease", "kube-public", "kube-system", "analytics", NULL};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
static const struct cluster cluster_a = {machines_a, COUNT(machines_a), works_a, COUNT(works_a), namespaces_a};
static const struct cluster cluster_b = {machines_b, COUNT(machines_b), works_b, COUNT(works_b), namespaces_b};

void seed_tenant(struct sim *s)
{
    seed_cluster(s, strcmp(s->name, "tenant-a") == 0 ? &cluster_a : &cluster_b);
    seed_csi(s);
    seed_balancers(s);
}
