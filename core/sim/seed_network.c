/* The networks of the cloud as they are found: agents on all hosts, one of them dead, two tenants and the world outside. */
#include <stdio.h>

#include "core/sim/ostk_sim.h"

void seed_network(struct sim *s, const char *const projects[2], const char *admin)
{
    static const char *const names[] = {"demo-net", "ops-net"}, *const cidrs[] = {"10.10.0.0/24", "10.20.0.0/24"};
    static const char *const central[] = {"neutron-dhcp-agent", "neutron-l3-agent", "neutron-metadata-agent"};
    char host[32], ip[32], router[64];
    for (int i = 1; i <= 4; i++) {
        snprintf(host, sizeof(host), "compute-%d", i);
        neutron_agent(s, "neutron-openvswitch-agent", host);
    }
    neutron_agent_stop(s, NULL, "compute-4", sim_now(s) - 840000);
    for (int i = 0; i < 3; i++)
        neutron_agent(s, central[i], "controller-1");
    const char *public = neutron_seed_network(s, &(struct neutron_net){.name = "public", .project = admin, .cidr = "203.0.113.0/24", .external = true});
    neutron_seed_group(s, "default", admin, "Default security group", NULL);
    for (int i = 0; i < 2; i++) {
        const char *net = neutron_seed_network(s, &(struct neutron_net){.name = names[i], .project = projects[i], .cidr = cidrs[i]});
        snprintf(router, sizeof(router), "%s-router", names[i]);
        neutron_seed_router(s, router, projects[i], net, public);
        snprintf(ip, sizeof(ip), "203.0.113.%d", 20 + i);
        neutron_seed_fip(s, projects[i], public, ip, NULL);
        neutron_seed_group(s, "default", projects[i], "Default security group", NULL);
    }
}
