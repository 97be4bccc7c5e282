/* The networks of the cloud as they are found: agents on all hosts, one of them dead, two tenants and the world outside. */
#include <stdio.h>
#include <string.h>

#include "core/sim/ostk_sim.h"
#include "core/sim/plan.h"

void seed_network(struct sim *s, const char *const projects[2], const char *admin)
{
    static const char *const names[] = {"demo-net", "ops-net"}, *const central[] = {"neutron-dhcp-agent", "neutron-l3-agent", "neutron-metadata-agent"};
    char ip[32], router[64], id[37];
    for (size_t i = 0; i < plan_nhosts; i++) {
        neutron_agent(s, "neutron-openvswitch-agent", plan_hosts[i].name);
        for (int k = 0; k < 3 && !plan_hosts[i].compute; k++)
            neutron_agent(s, central[k], plan_hosts[i].name);
    }
    neutron_agent_stop(s, NULL, "compute-4", sim_now(s) - 840000);
    const char *public = neutron_seed_network(s, &(struct neutron_net){.name = "public", .project = admin, .cidr = "203.0.113.0/24", .external = true});
    neutron_seed_group(s, "default", admin, "Default security group", NULL);
    for (size_t i = 0; i < 2; i++) {
        const char *cidr = "";
        for (size_t k = 0; k < plan_nnets; k++)
            if (strcmp(plan_nets[k].name, names[i]) == 0)
                cidr = plan_nets[k].cidr;
        plan_id(s->world, "net", names[i], id);
        const char *net = neutron_seed_network(s, &(struct neutron_net){.id = id, .name = names[i], .project = projects[i], .cidr = cidr});
        snprintf(router, sizeof(router), "%s-router", names[i]);
        neutron_seed_router(s, router, projects[i], net, public);
        snprintf(ip, sizeof(ip), "203.0.113.%d", 20 + (int)i);
        neutron_seed_fip(s, projects[i], public, ip, NULL);
        neutron_seed_group(s, "default", projects[i], "Default security group", NULL);
    }
}
