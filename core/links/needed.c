/* What all services of a cloud need: databases, queues and caches of the cluster it runs on. While their quorum holds they explain nothing. */
#include <string.h>

#include "core/links/links_priv.h"

static int64_t number(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 && r->cell[col].n != CELL_NONE ? r->cell[col].n : 0;
}

void link_replicas(const struct row *workload, int64_t *ready, int64_t *wanted)
{
    int64_t ratio = number(workload, "ready");
    bool daemons = !strcmp(workload->kind->id, "daemonsets");
    *ready = daemons ? ratio : ratio >> 32;
    *wanted = daemons ? number(workload, "desired") : (uint32_t)ratio;
}

/* Agents are heard through it. */
bool link_is_queue(const struct link_role *role) { return role && (!strncmp(role->component, "rabbitmq/", 9) || !strncmp(role->component, "amqpservers/", 12)); }

size_t link_quorum(size_t wanted) { return wanted / 2 + 1; }

bool link_quorum_lost(const struct links *l, uint32_t node)
{
    int64_t ready, wanted;
    const struct row *r = links_row(l, node);
    const struct link_scaled *scaled = link_scaled_of(l, node);
    if (scaled)
        return scaled->lost;
    if (!r || !l->role[node] || kind_column(r->kind, "ready") < 0)
        return false;
    link_replicas(r, &ready, &wanted);
    return wanted > 0 && ready < (l->role[node]->quorum ? (int64_t)link_quorum((size_t)wanted) : 1);
}

/* Per cloud the clusters, a bit each, where its Services and processes are; and where labels alone say that its APIs are. */
struct home { uint64_t sure[CORE_MAX_SOURCES], guess[CORE_MAX_SOURCES]; };

static void find_homes(const struct links *l, struct home *h)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *k = &l->snap[i];
        uint16_t cloud = links_cluster(l, snap_source(k->snap));
        if (!link_kind_is(snap_kind(k->snap), "os-services") || cloud >= CORE_MAX_SOURCES)
            continue;
        for (uint32_t at = l->down_at[k->base]; at < l->down_at[k->base + snap_slots(k->snap)]; at++) {
            const struct link_edge *e = &l->down[at];
            const struct row *to = link_node_row(l, e->to, NULL);
            uint16_t cluster = to ? links_cluster(l, to->source) : 64;
            bool in = link_related(e, "served") || link_related(e, "process"), named = link_related(e, "backed");
            if (cluster >= 64 || e->cls == LINK_X || (!in && !named))
                continue;
            if (in && e->cls >= LINK_B)
                h->sure[cloud] |= UINT64_C(1) << cluster;
            h->guess[cloud] |= UINT64_C(1) << cluster;
        }
    }
}

/* Labels alone, and yet they can mean but this: one cluster has an API of that cloud by its labels and no other cloud has one there, and
 * what is needed stands in the namespace of that API. Two facts, which a chart writes. from, n: the edges of who needs it. */
static bool told_by_place(const struct links *l, const struct home *h, uint16_t cloud, const struct row *to, const struct link_edge *from, size_t n)
{
    uint64_t bit = UINT64_C(1) << links_cluster(l, to->source);
    if (h->guess[cloud] != bit)
        return false;
    for (size_t i = 0; i < CORE_MAX_SOURCES; i++)
        if (i != cloud && (h->guess[i] & bit))
            return false;
    for (size_t i = 0; i < n; i++) {
        const struct row *api = link_related(&from[i], "backed") && from[i].cls != LINK_X ? link_node_row(l, from[i].to, NULL) : NULL;
        if (api && *to->scope && !strcmp(api->scope, to->scope) && links_cluster(l, api->source) == links_cluster(l, to->source))
            return true;
    }
    return false;
}

static bool keep(const struct links *l, const struct home *h, uint16_t cloud, struct link_edge *e, const struct link_edge *from, size_t n)
{
    const struct row *to = link_node_row(l, e->to, NULL);
    uint16_t cluster = to ? links_cluster(l, to->source) : 64;
    if (cluster >= 64 || cloud >= CORE_MAX_SOURCES)
        return false;
    if (h->sure[cloud] >> cluster & 1)
        return true;
    e->cls = told_by_place(l, h, cloud, to, from, n) ? LINK_B : LINK_C;
    return !h->sure[cloud] && h->guess[cloud] >> cluster & 1;
}

void link_keep_needed(struct links *l)
{
    struct home h = {{0}, {0}};
    uint32_t n = 0, at = 0;
    find_homes(l, &h);
    for (uint32_t node = 0; node < l->nnodes; node++) {
        const struct row *r = l->down_at[node + 1] > at ? link_node_row(l, node, NULL) : NULL;
        l->down_at[node] = n;
        for (; at < l->down_at[node + 1]; at++)
            if (!link_related(&l->down[at], "needs") || (r && keep(l, &h, links_cluster(l, r->source), &l->down[at], &l->down[l->down_at[node]], n - l->down_at[node])))
                l->down[n++] = l->down[at];
    }
    l->down_at[l->nnodes] = n;
}
