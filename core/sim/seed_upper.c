/* What runs on the cloud as it is found, by the plan: load balancers before clusters, machines of metal, stacks, a cluster of Magnum's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_sim.h"
#include "core/sim/plan.h"

static void seed_lb(struct sim *s, const struct plan_lb *p)
{
    char name[128], id[37], server[37], net[37], ip[16], mac[18];
    const char *project = keystone_project_id(s, p->project), *found = neutron_network_find(s, p->net), *public = neutron_network_find(s, "public");
    snprintf(net, sizeof(net), "%s", found ? found : "");
    plan_lb_name(p, name);
    plan_id(s->world, "lb", p->service, id);
    char *device = sim_printf("lb-%s", id);
    const char *port = *net ? neutron_port_create(s, &(struct neutron_port){.network = net, .project = project, .server = device, .owner = "Octavia", .ip = p->vip}) : NULL;
    char *port_id = sim_strdup(port ? port : "");
    bool has_port = *port_id && neutron_port_get(s, port_id, ip, mac);
    char *lb = sim_strdup(octavia_lb(s, id, name, project, p->vip, "", net, port_id));
    if (public && has_port)
        neutron_seed_fip(s, project, public, p->fip, port_id);
    const char *listener = octavia_listener(s, lb, "listener_0", "TCP", p->port), *pool = octavia_pool(s, listener, "pool_0", "TCP", true);
    char *pool_id = sim_strdup(pool), stem[96];
    snprintf(stem, sizeof(stem), "amphora-%s-", p->service);
    int amphorae = 0;
    for (size_t i = 0; i < plan_nservers; i++) {
        const struct plan_server *v = &plan_servers[i];
        bool node = v->cluster && strcmp(v->cluster, p->cluster) == 0 && v->role && strcmp(v->role, "worker") == 0;
        plan_id(s->world, "server", v->name, server);
        if (node)
            octavia_member(s, pool_id, v->name, v->ip, p->node_port, !v->status || strcmp(v->status, "ACTIVE") == 0);
        if (strncmp(v->name, stem, strlen(stem)) == 0)
            amphorae++;
    }
    for (size_t i = 0, nth = 0; i < plan_nservers; i++) {
        const struct plan_server *v = &plan_servers[i];
        if (strncmp(v->name, stem, strlen(stem)) != 0)
            continue;
        plan_id(s->world, "server", v->name, server);
        octavia_amphora(s, lb, amphorae < 2 ? "STANDALONE" : nth ? "BACKUP" : "MASTER", server, v->ip);
        nth++;
    }
    free(device);
    free(port_id);
    free(lb);
    free(pool_id);
}

static void seed_metal(struct sim *s, const char *owner)
{
    ironic_conductor(s, "ironic-conductor-0", true);
    for (size_t i = 0; i < plan_nmetal; i++) {
        bool sick = plan_metal[i].maintenance;
        ironic_seed_node(s, &(struct ironic_node){.name = plan_metal[i].name, .project = owner, .provision = plan_metal[i].provision, .power = plan_metal[i].power,
                         .resource_class = "baremetal", .mac = "", .maintenance = sick ? "a fan is being replaced" : NULL,
                         .last_error = sick ? "Timeout reached while cleaning the node. Please check if the ramdisk responsible for the cleaning is running on the node."
                                            : NULL, .cpus = 32, .memory_mb = 131072, .disk_gb = 900});
    }
}

/* A cluster made by Magnum out of servers of this cloud, with the stack that made them. */
static void seed_cluster_of(struct sim *s, const char *cluster, const char *image)
{
    struct str masters, nodes;
    const char *project = NULL, *user = NULL, *api = NULL;
    char server[37], id[37], name[80];
    str_init(&masters, 0);
    str_init(&nodes, 0);
    for (size_t i = 0; i < plan_nservers; i++) {
        const struct plan_server *v = &plan_servers[i];
        if (!v->cluster || strcmp(v->cluster, cluster) != 0)
            continue;
        bool master = v->role && strcmp(v->role, "master") == 0;
        project = v->project;
        api = master ? v->ip : api;
        str_addf(master ? &masters : &nodes, "%s ", v->ip);
    }
    user = project ? keystone_user_id(s, project) : NULL;
    if (!project || !user)
        goto out;
    snprintf(name, sizeof(name), "%s-stack", cluster);
    plan_id(s->world, "cluster", cluster, id);
    char *stack = sim_strdup(heat_seed_stack(s, name, keystone_project_id(s, project), project, "CREATE_COMPLETE"));
    for (size_t i = 0; i < plan_nservers; i++) {
        const struct plan_server *v = &plan_servers[i];
        plan_id(s->world, "server", v->name, server);
        if (v->cluster && strcmp(v->cluster, cluster) == 0)
            heat_seed_resource(s, stack, v->name, "OS::Nova::Server", server, "CREATE_COMPLETE");
    }
    char *tmpl = sim_strdup(magnum_seed_template(s, "k8s-1.28", keystone_project_id(s, "admin"), keystone_user_id(s, "admin"), image));
    char *url = sim_printf("https://%s:6443", api ? api : "");
    magnum_seed_cluster(s, &(struct magnum_cluster){.id = id, .name = cluster, .project = keystone_project_id(s, project), .user = user, .template = tmpl, .stack = stack,
                                                    .api_address = url, .keypair = project, .masters = masters.data, .nodes = nodes.data});
    free(stack);
    free(tmpl);
    free(url);
out:
    str_release(&masters);
    str_release(&nodes);
}

/* After the networks and servers of the plan. */
void seed_upper(struct sim *s, const char *image)
{
    for (size_t i = 0; i < plan_nlbs; i++)
        seed_lb(s, &plan_lbs[i]);
    seed_metal(s, keystone_project_id(s, "admin"));
    heat_engine(s, "heat-engine-0", true);
    seed_cluster_of(s, "tenant-a", image);
    char *bad = sim_strdup(heat_seed_stack(s, "reports", keystone_project_id(s, "ops"), "ops", "UPDATE_FAILED"));
    heat_seed_resource(s, bad, "volume", "OS::Cinder::Volume", "", "UPDATE_FAILED");
    free(bad);
}
