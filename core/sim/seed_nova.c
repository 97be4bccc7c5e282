/* The compute service as it is found: hypervisors that are nodes of the cluster, flavors, servers in all states. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

#define HOST_OF 60                                             /* servers for which there is one more hypervisor */

static const struct { const char *name; int vcpus, ram, disk; } flavors[] = {
    {"m1.tiny", 1, 512, 1}, {"m1.small", 1, 2048, 20}, {"m1.medium", 2, 4096, 40}, {"m1.large", 4, 8192, 80}, {"huge.96cpu", 96, 4096, 20},
};

static const struct server { const char *name; int project, flavor; const char *status, *task; } special[] = {
    {"spawnfail-01", 0, 0, "ERROR", NULL}, {"too-big", 0, 4, "ERROR", NULL}, {"old-batch-01", 1, 1, "SHUTOFF", NULL},
    {"paused-01", 1, 1, "PAUSED", NULL}, {"building-01", 0, 2, "BUILD", "spawning"}, {"building-02", 1, 2, "BUILD", "networking"},
    {"gone-01", 0, 0, "DELETED", NULL}, {"\346\227\245\346\234\254\350\252\236\343\202\265\343\203\274\343\203\220", 0, 1, "ACTIVE", NULL},
    {"esc\033[31m\007name", 1, 1, "ACTIVE", NULL}, {"rescue-me", 1, 1, "RESCUE", NULL},
};
#define NSPECIAL (int)(sizeof(special) / sizeof(special[0]))

static void seed_hosts(struct sim *s, int hosts)
{
    nova_seed_service(s, "nova-conductor", "nova-conductor-0", NULL);
    nova_seed_service(s, "nova-conductor", "nova-conductor-1", NULL);
    nova_seed_service(s, "nova-scheduler", "nova-scheduler-0", NULL);
    for (int i = 1; i <= hosts; i++) {
        char *host = sim_printf("compute-%d", i), *ip = sim_printf("10.0.%d.%d", i / 200, i % 200 + 20);
        nova_seed_host(s, host, ip, 64, 262144, 4000);
        free(host);
        free(ip);
    }
    nova_seed_disable(s, "compute-3", "memory being replaced");
}

static const char *seed_one(struct sim *s, const struct server *v, int n, int hosts, const struct seed_cloud *c)
{
    bool placed = strcmp(v->status, "ERROR") != 0;
    char *host = sim_printf("compute-%d", (n + 2) % hosts + 1), *ip = sim_printf("10.%d.%d.%d", 10 * (v->project % 2 + 1), n / 250 % 250, n % 250 + 4);
    char *mac = sim_printf("fa:16:3e:%02x:%02x:%02x", n >> 16 & 255, n >> 8 & 255, n & 255), id[37];
    const char *net = v->project == 1 ? "ops-net" : "demo-net", *port = NULL, *net_id = neutron_network_find(s, net);
    bool wired = placed && strcmp(v->status, "BUILD") != 0 && strcmp(v->status, "DELETED") != 0 && net_id;
    uuid4(s, id);
    if (wired)
        port = neutron_port_create(s, &(struct neutron_port){.network = net_id, .project = c->projects[v->project], .server = id, .host = host, .ip = ip,
                                                             .mac = mac});
    struct nova_nic nic = {net, net_id, port, ip, mac, NULL};
    struct nova_boot b = {
        .name = v->name, .project = c->projects[v->project], .user = c->users[v->project], .flavor = flavors[v->flavor].name,
        .image = c->images[n % 2], .host = placed ? host : NULL, .status = v->status, .task = v->task, .nics = &nic,
        .nnics = port != NULL, .id = id,
        .fault = placed ? NULL : v->flavor == 4 ? NOVA_NO_HOST
                        : "Exceeded maximum number of retries. Last exception: Failed to deploy instance: the hypervisor refused",
    };
    const char *made = nova_seed_server(s, &b);
    free(host);
    free(ip);
    free(mac);
    return made;
}

void seed_nova(struct sim *s, const struct seed_cloud *c)
{
    static const char *const stems[] = {"web", "db", "ci", "worker", "bastion", "mon"};
    int hosts = 4 + s->world->servers / HOST_OF;
    const char *moved = NULL;
    char name[32];
    for (size_t i = 0; i < sizeof(flavors) / sizeof(flavors[0]); i++)
        nova_seed_flavor(s, flavors[i].name, flavors[i].name, flavors[i].vcpus, flavors[i].ram, flavors[i].disk);
    seed_hosts(s, hosts);
    for (int i = 0; i < NSPECIAL; i++) {
        const char *id = seed_one(s, &special[i], i, 3, c);
        if (strcmp(special[i].name, "building-01") == 0)
            nova_seed_build(s, id);
        moved = id;
    }
    for (int i = 0; i < 24 + s->world->servers; i++) {
        snprintf(name, sizeof(name), "%s-%05d", stems[i % 6], i);
        struct server v = {name, i % 2, i % 4, "ACTIVE", NULL};
        seed_one(s, &v, NSPECIAL + i, hosts, c);
    }
    nova_seed_migration(s, moved, "live-migration", "completed", "compute-1", "compute-2", sim_now(s) - 7200000);
    nova_seed_aggregate(s, "ssd-hosts", NULL, "compute-1 compute-2");
}
