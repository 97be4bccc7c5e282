/* Whom a blast radius touches: projects, clusters, and the addresses by which others reach what is harmed. */
#include <stdio.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/blast.h"
#include "strata/map.h"

/* The first few, then that there are more. */
static void add_name(char *names, const char *name)
{
    size_t len = names ? strlen(names) : 0, max = sizeof ((struct blast *)0)->project_names;
    bool fits = names && len + strlen(name) + 8 < max;
    if (!names || !*name || (len > 3 && !strcmp(names + len - 3, "...")))
        return;
    snprintf(names + len, max - len, "%s%s", len ? ", " : "", fits ? name : "...");
}

static void see(struct blast *b, const struct links *l, struct map *seen, const char *what, const struct row *r, size_t *count, const char *name, char *names)
{
    char key[256];
    snprintf(key, sizeof key, "%s/%u/%s", what, links_cluster(l, r->source), *what == 'p' ? r->scope : "");
    if (!map_get(seen, key)) {
        map_put(seen, key, b);
        ++*count;
        add_name(names, name);
    }
}

static void address(struct blast *b, const struct links *l, struct map *seen, const struct row *r, const char *name)
{
    char key[256];
    snprintf(key, sizeof key, "a/%u/%s", links_cluster(l, r->source), name);
    if (*name && !map_get(seen, key) && map_put(seen, key, b)) {
        b->addresses++;
        add_name(b->address_names, name);
    }
}

/* What others reach it by from outside: a floating address itself, one that leads to its ports, where a load balancer listens. */
static void addresses(struct blast *b, const struct links *l, struct map *seen, uint32_t node, const struct row *r)
{
    const struct link_edge *port, *to;
    size_t nports = link_is(r, "server") || link_is(r, "loadbalancer") ? links_up(l, node, &port) : 0;
    if (link_is(r, "floating-ip"))
        address(b, l, seen, r, r->name);
    for (size_t i = 0; i < nports; i++) {
        size_t n = link_is(links_row(l, port[i].to), "port") ? links_up(l, port[i].to, &to) : 0;
        for (size_t k = 0; k < n; k++)
            if (link_is(links_row(l, to[k].to), "floating-ip"))
                address(b, l, seen, r, links_row(l, to[k].to)->name);
    }
    if (link_is(r, "loadbalancer"))
        address(b, l, seen, r, row_column(r, "vip"));
}

void link_blast_touched(struct blast *b, const struct links *l)
{
    struct map seen;
    map_init(&seen, NULL);
    for (size_t i = 0; i < b->n; i++) {
        const struct blast_item *it = &b->item[i];
        const struct row *r = links_row(l, it->node);
        if (r->kind->plane == PLANE_OPENSTACK && *r->scope && it->harm > HARM_DEGRADED)
            see(b, l, &seen, "project", r, &b->projects, r->name ? row_column(r, "project") : "", b->project_names);
        if (it->plane == BLAST_DP && it->harm > HARM_DEGRADED)
            addresses(b, l, &seen, it->node, r);
        size_t clusters = b->clusters;
        if (r->kind->plane == PLANE_KUBE)
            see(b, l, &seen, "cluster", r, &b->clusters, "", NULL);
        if (b->clusters > clusters && clusters < sizeof b->cluster / sizeof *b->cluster)
            b->cluster[clusters] = links_cluster(l, r->source);
    }
    map_release(&seen);
}
