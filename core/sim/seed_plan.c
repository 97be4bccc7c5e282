/* The plan's part in the cloud: networks, servers that are nodes, their ports, volumes and floating IPs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"
#include "core/sim/plan.h"

static const char *user_of(struct sim *s, const char *project)
{
    const char *id = keystone_user_id(s, project);
    return id ? id : keystone_user_id(s, "admin");
}

static void seed_nets(struct sim *s)
{
    const char *public = neutron_network_find(s, "public");
    char *external = public ? sim_strdup(public) : NULL;
    for (size_t i = 0; i < plan_nnets; i++) {
        const struct plan_net *n = &plan_nets[i];
        char id[37], router[80];
        if (neutron_network_find(s, n->name))
            continue;
        plan_id(s->world, "net", n->name, id);
        const char *project = keystone_project_id(s, n->project);
        neutron_seed_network(s, &(struct neutron_net){.id = id, .name = n->name, .project = project, .cidr = n->cidr});
        snprintf(router, sizeof(router), "%s-router", n->name);
        neutron_seed_router(s, router, project, id, external);
    }
    free(external);
}

static void seed_one(struct sim *s, const struct plan_server *v, const char *image)
{
    char id[37], port[37], host_net[37], mac[18], group[37] = "";
    const char *project = keystone_project_id(s, v->project), *net = neutron_network_find(s, v->net);
    uint64_t m = sim_rand(s);
    plan_id(s->world, "server", v->name, id);
    plan_id(s->world, "port", v->name, port);
    snprintf(host_net, sizeof(host_net), "%s", net ? net : "");
    snprintf(mac, sizeof(mac), "fa:16:3e:%02x:%02x:%02x", (unsigned)(m & 255), (unsigned)(m >> 8 & 255), (unsigned)(m >> 16 & 255));
    neutron_port_create(s, &(struct neutron_port){.id = port, .network = host_net, .project = project, .server = id, .host = v->host, .ip = v->ip, .mac = mac});
    if (v->fip)
        neutron_seed_fip(s, project, neutron_network_find(s, "public"), v->fip, port);
    struct nova_nic nic = {v->net, host_net, port, v->ip, mac, v->fip};
    json_t *meta = json_object(), *tags = NULL;
    if (v->fip && !v->cluster) {
        char *at = sim_printf("127.0.0.1:%d", s->world->vm_at);
        json_object_set_new(meta, "strata_probe", json_string(at));
        free(at);
    }
    if (v->cluster && strcmp(v->cluster, "tenant-b") == 0)
        tags = jt("['cluster-api-provider-openstack','capo-system-tenant-b']");
    if (v->group)
        plan_id(s->world, "group", v->group, group);
    struct nova_boot b = {.id = id, .name = v->name, .project = project, .user = user_of(s, v->project), .flavor = v->flavor, .image = image, .host = v->host,
                          .status = v->status, .fault = v->fault, .nics = &nic, .nnics = 1, .metadata = meta, .tags = tags,
                          .group = v->group ? nova_seed_group(s, v->group, project, "anti-affinity") : NULL};
    nova_seed_server(s, &b);
}

static void seed_vols(struct sim *s)
{
    for (size_t i = 0; i < plan_nvolumes; i++) {
        const struct plan_volume *v = &plan_volumes[i];
        char id[37], server[37], name[80], claim[37];
        const char *host = NULL;
        plan_id(s->world, "volume", v->name, id);
        plan_id(s->world, "server", v->server, server);
        plan_id(s->world, "claim", v->claim ? v->claim : v->name, claim);
        snprintf(name, sizeof(name), v->claim ? "pvc-%s" : "%s", v->claim ? claim : v->name);
        for (size_t k = 0; k < plan_nservers; k++)
            if (strcmp(plan_servers[k].name, v->server) == 0)
                host = plan_servers[k].host;
        cinder_seed_volume(s, &(struct cinder_vol){.id = id, .name = name, .project = keystone_project_id(s, v->project), .user = user_of(s, v->project),
                                                   .type = "ssd", .status = v->status, .server = server, .device = "/dev/vdb", .host = host,
                                                   .size_gb = v->size});
        nova_volume_set(s, server, id, "/dev/vdb");
    }
}

static void seed_shares(struct sim *s)
{
    static const char user[] = "c7a1f0de5b3f4a0f9d52ab6f4e1d0005";
    keystone_user(s, user, "manila");
    keystone_grant(s, user, keystone_project_id(s, "service"), ROLE_ADMIN | ROLE_SERVICE);
    manila_seed_service(s, 1, "manila-scheduler", "controller-1");
    manila_seed_service(s, 2, "manila-share", "manila-share@cephfs");
    for (size_t i = 0; i < plan_nshares; i++) {
        const struct plan_share *v = &plan_shares[i];
        char id[37], name[80], claim[37];
        plan_id(s->world, "share", v->name, id);
        plan_id(s->world, "claim", v->claim ? v->claim : v->name, claim);
        snprintf(name, sizeof(name), v->claim ? "pvc-%s" : "%s", v->claim ? claim : v->name);
        manila_seed_share(s, &(struct manila_share){.id = id, .name = name, .project = keystone_project_id(s, v->project), .user = user_of(s, v->project),
                                                    .proto = v->proto, .status = v->status, .cluster = v->cluster, .size_gb = v->size,
                                                    .born_at = sim_now(s) - 86400000LL * (20 + (int)i)});
    }
}

void seed_plan(struct sim *s, const char *image)
{
    seed_nets(s);
    for (size_t i = 0; i < plan_nservers; i++)
        seed_one(s, &plan_servers[i], image);
    seed_vols(s);
    seed_shares(s);
}
