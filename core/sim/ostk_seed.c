/* The cloud as it is found: who and what each service seeds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"
#include "core/sim/plan.h"

static const char *const projects[] = {"70bd11ae622740acac020c6f4a210002", "51ca24060160435db0a6d2f3733b0003", "be96c561c90c49a6b3502c1b50ed0001"};
static const char *const users[] = {"23e5a28070d149718cc70712990b0002", "711a2f75269d4386aa73d87f1a250003", "2bbc6f0c527b495cbedd8ffad2520001"};

static void seed_images(struct sim *s, char images[2][37])
{
    static const struct { const char *name, *distro; int64_t size; } found[] = {{"cirros", "cirros", 16300544}, {"debian-12", "debian", 347000000}};
    for (int i = 0; i < 2; i++)
        snprintf(images[i], 37, "%s", glance_seed_image(s, &(struct glance_image){.name = found[i].name, .owner = projects[2], .distro = found[i].distro,
                                                                                  .size = found[i].size}));
}

void ostk_init(struct sim *s)
{
    static const char *const tables[][2] = {{"neutron", "agents"}, {"neutron", "networks"}, {"neutron", "subnets"}, {"neutron", "ports"},
                                            {"neutron", "routers"}, {"neutron", "floatingips"}, {"neutron", "security-groups"}, {"neutron", "quotas"},
                                            {"neutron", "extensions"}, {"cinder", "volumes"}, {"cinder", "snapshots"}, {"cinder", "services"}, {"glance", "images"}};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        ostk_table(s, tables[i][0], tables[i][1]);
    nova_init(s);
}

void ostk_seed(struct sim *s)
{
    char images[2][37];
    seed_identity(s);
    seed_images(s, images);
    seed_network(s, projects, projects[2]);
    struct seed_cloud cloud = {projects, users, {images[0], images[1]}};
    seed_nova(s, &cloud);
    seed_storage(s, projects, users);
    seed_plan(s, images[1]);
    seed_upper(s, images[0]);                                  /* last: made of what is there */
}
