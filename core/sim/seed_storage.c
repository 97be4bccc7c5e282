/* The storage of the cloud as it is found: backends, one of them dead, types, volumes in several states. */
#include <stdio.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_sim.h"

struct wanted { const char *name; struct nova_view found; };

static void by_name(struct sim *s, const struct nova_view *v, void *arg)
{
    struct wanted *w = arg;
    (void)s;
    if (strcmp(v->name, w->name) == 0)
        w->found = *v;
}

void seed_storage(struct sim *s, const char *const projects[2], const char *const users[2])
{
    static const char *const status[] = {"available", "in-use", "available", "error", "deleting"};
    char name[32];
    const char *id = NULL;
    cinder_service(s, "cinder-scheduler", "controller-1", 0);
    cinder_service(s, "cinder-volume", "controller-1@ssd", 0);
    cinder_service(s, "cinder-volume", "controller-1@hdd", sim_now(s) - 840000);
    cinder_seed_type(s, "__DEFAULT__", NULL, false);
    cinder_seed_type(s, "ssd", "ssd", true);
    cinder_seed_type(s, "hdd", "hdd", false);
    for (int i = 0; i < 10; i++) {
        struct wanted owner = {i % 2 ? "db-00001" : "web-00006", {0}};
        if (strcmp(status[i % 5], "in-use") == 0)
            nova_servers(s, by_name, &owner);
        snprintf(name, sizeof(name), "vol-%02d", i);
        const char *v = cinder_seed_volume(s, &(struct cinder_vol){.name = name, .project = projects[i % 2], .user = users[i % 2], .type = "ssd", .status = status[i % 5],
                                                                   .server = owner.found.id, .host = owner.found.host,
                                                                   .size_gb = 10 * (i + 1), .born_at = sim_now(s) - 86400000LL * (i + 1)});
        if (i == 0)
            id = sim_strdup(v);
        if (owner.found.id)
            nova_volume_set(s, owner.found.id, v, "/dev/vdb");
    }
    cinder_seed_snapshot(s, "snap-01", id, "available");
}
