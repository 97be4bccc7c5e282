/* A sandwich of three layers for tests of what the links are for: blast radius, root cause. */
#ifndef LINKS_SANDWICH_H
#define LINKS_SANDWICH_H

#include "links_world.h"

#define SRV1 "3f99a1b2-0000-4000-8000-000000000001"
#define SRV2 "3f99a1b2-0000-4000-8000-000000000002"
enum { MGMT, TENANT, CLOUD };

/* A tenant's cluster of two nodes, on two hypervisors of a cloud that a cluster below runs. */
static inline void sandwich(struct world *w)
{
    for (int i = 1; i <= 2; i++) {
        char uid[32], name[32], host[32], server[64], provider[80], owner[64], svc[32];
        snprintf(server, sizeof server, "3f99a1b2-0000-4000-8000-00000000000%d", i);
        snprintf(provider, sizeof provider, "openstack:///%s", server);
        snprintf(name, sizeof name, "w%d", i);
        snprintf(host, sizeof host, "cmp%d", i);
        snprintf(uid, sizeof uid, "web-%d", i);
        world_put(w, TENANT, "pods", uid, "shop", uid, "node", name, "@owner", "ReplicaSet/web/rs", NULL);
        snprintf(uid, sizeof uid, "db-%d", i);
        if (i == 1)
            world_put(w, TENANT, "pods", uid, "shop", uid, "node", name, "@owner", "StatefulSet/db/db", NULL);
        snprintf(uid, sizeof uid, "node-%d", i);
        world_put(w, TENANT, "nodes", uid, "", name, "provider-id", provider, NULL);
        snprintf(uid, sizeof uid, "vm%d", i);
        world_put(w, CLOUD, "server", server, i == 1 ? "red" : "blue", uid, "hypervisor_hostname", host, NULL);
        snprintf(uid, sizeof uid, "h%d", i);
        world_put(w, CLOUD, "hypervisor", uid, "", host, "host", host, "host-ip", i == 1 ? "10.0.0.1" : "10.0.0.2", NULL);
        snprintf(svc, sizeof svc, "compute/%d", i);
        world_put(w, CLOUD, "os-services", svc, "", "nova-compute", "binary", "nova-compute", "host", host, NULL);
        snprintf(uid, sizeof uid, "under-%d", i);
        world_put(w, MGMT, "nodes", uid, "", host, "internal-ip", i == 1 ? "10.0.0.1" : "10.0.0.2", NULL);
        snprintf(owner, sizeof owner, "nc-%d", i);
        world_put(w, MGMT, "pods", owner, "openstack", owner, "node", host, "@owner", "DaemonSet/nova-compute/ds", "@label", "application=nova", "@label", "component=compute", NULL);
        snprintf(uid, sizeof uid, "db-galera-%d", i);
        world_put(w, MGMT, "pods", uid, "openstack", uid, "node", host, "@owner", "StatefulSet/mariadb/galera", "@label", "application=mariadb", "@label", "component=server", NULL);
        snprintf(uid, sizeof uid, "api-%d", i);
        if (i == 1)
            world_put(w, MGMT, "pods", uid, "openstack", uid, "node", host, "@owner", "ReplicaSet/api/api-rs", "@label", "application=nova", "@label", "component=os-api", NULL);
    }
    world_put(w, MGMT, "pods", "db-galera-3", "openstack", "db-galera-3", "node", "ctl", "@owner", "StatefulSet/mariadb/galera", "@label", "application=mariadb", "@label", "component=server", NULL);
    world_put(w, MGMT, "statefulsets", "galera", "openstack", "mariadb", "@label", "application=mariadb", "@label", "component=server", NULL);
    world_put(w, MGMT, "daemonsets", "ds", "openstack", "nova-compute", "@label", "application=nova", "@label", "component=compute", NULL);
    world_put(w, MGMT, "replicasets", "api-rs", "openstack", "api", "@owner", "Deployment/api/api-d", NULL);
    world_put(w, MGMT, "deployments", "api-d", "openstack", "api", "@label", "application=nova", "@label", "component=os-api", NULL);
    world_put(w, MGMT, "services", "api-s", "openstack", "nova-api", "selector", "application=nova,component=os-api", NULL);
    world_put(w, CLOUD, "os-services", "compute", "", "compute", "@head", "", "type", "compute", "endpoint", "http://nova-api.openstack.svc:8774/", NULL);
    world_put(w, TENANT, "replicasets", "rs", "shop", "web", "@owner", "Deployment/web/web", NULL);
    world_put(w, TENANT, "deployments", "web", "shop", "web", NULL);
    world_put(w, TENANT, "statefulsets", "db", "shop", "db", NULL);
    world_build(w);
}

#endif
