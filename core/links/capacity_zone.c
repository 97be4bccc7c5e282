/* Where servers of a flavor would fit, by availability zone: Nova's own word, from its services, for an aggregate makes the zone of a host. */
#include <string.h>

#include "strata/capacity.h"
#include "strata/mem.h"

static int zone_of(struct capacity_fit *f, const char *name)
{
    for (size_t i = 0; i < f->nzones; i++)
        if (!strcmp(f->zone[i].name, name))
            return (int)i;
    char *own = mem_strdup(name);
    if (!own || !mem_grow(&f->zone, &f->cap_zones, f->nzones + 1, sizeof *f->zone)) {
        mem_free(own);
        return -1;
    }
    f->zone[f->nzones] = (struct capacity_zone){.name = own};
    return (int)f->nzones++;
}

static void lose(struct capacity_fit *f, size_t at)
{
    f->down++;
    f->down_fits += f->host[at].fits;
    f->fits -= f->host[at].fits;
    mem_free(f->host[at].uid);
    memmove(&f->host[at], &f->host[at + 1], (--f->n - at) * sizeof *f->host);
}

bool capacity_fit_service(struct capacity_fit *f, const struct row *service, const struct row *(*host)(void *arg, const char *uid), void *arg)
{
    if (strcmp(row_column(service, "binary"), "nova-compute") != 0)
        return true;
    int zone = zone_of(f, row_column(service, "zone"));
    if (zone < 0)
        return false;
    f->zone[zone].services++;
    for (size_t i = 0; i < f->n; i++) {
        const struct row *h = host(arg, f->host[i].uid);
        if (!h || strcmp(row_column(h, "host"), row_column(service, "host")) != 0)
            continue;
        if (strcmp(row_column(service, "state"), "up") != 0) {
            lose(f, i--);
            continue;
        }
        f->host[i].zone = zone;
        f->zone[zone].hosts++;
        f->zone[zone].fits += f->host[i].fits;
    }
    return true;
}
