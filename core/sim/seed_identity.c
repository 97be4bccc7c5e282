/* The people of the cloud: who they are, what they may do where. */
#include "core/sim/ostk_sim.h"

static const struct { const char *name, *id, *description; } projects[] = {
    {"admin", "be96c561c90c49a6b3502c1b50ed0001", "Bootstrap project for initializing the cloud."}, {"demo", "70bd11ae622740acac020c6f4a210002", "Web shop, staging"},
    {"ops", "51ca24060160435db0a6d2f3733b0003", "Operations"}, {"service", "6c5ccf4b427e486e8ecca9d2324e0004", "The services themselves"},
};
static const struct { const char *name, *id; } people[] = {
    {"admin", "2bbc6f0c527b495cbedd8ffad2520001"}, {"demo", "23e5a28070d149718cc70712990b0002"}, {"ops", "711a2f75269d4386aa73d87f1a250003"},
    {"viewer", "9a0e1f7732b94f0c8d3c51a06be70004"},
};
static const char *const workers[] = {"nova", "neutron", "cinder", "glance", "placement", "ironic", "heat", "magnum", "octavia"};

void seed_identity(struct sim *s)
{
    char id[33];
    keystone_seed(s);
    for (size_t i = 0; i < sizeof(projects) / sizeof(projects[0]); i++)
        keystone_project(s, projects[i].id, projects[i].name, projects[i].description);
    for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++)
        keystone_user(s, people[i].id, people[i].name);
    for (size_t i = 0; i < 3; i++)
        keystone_grant(s, people[0].id, projects[i].id, ROLE_ADMIN);
    keystone_grant(s, people[0].id, "system", ROLE_ADMIN);
    keystone_grant(s, people[1].id, projects[1].id, ROLE_MEMBER);
    keystone_grant(s, people[2].id, projects[2].id, ROLE_MEMBER);
    keystone_grant(s, people[3].id, projects[1].id, ROLE_READER);
    for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
        hex_id(s, id, 32);
        keystone_user(s, id, workers[i]);
        keystone_grant(s, id, projects[3].id, ROLE_ADMIN | ROLE_SERVICE);
    }
    keystone_appcred(s, s->world->appcred_id, s->world->appcred_secret, "demo-appcred", people[0].id, projects[0].id);
}
