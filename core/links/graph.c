/* Links, causes and layers in one picture, with an index of its nodes. */
#include "strata/graph.h"

#include <stdio.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/map.h"
#include "strata/mem.h"

static size_t place_of(const struct graph *g, uint16_t source, const char *uid)
{
    return (size_t)(hash_bytes(uid, strlen(uid)) + links_cluster(g->links, source) * 0x9e3779b97f4a7c15ull);
}

static bool make_index(struct graph *g)
{
    size_t cap = 64, n = links_nodes(g->links);
    while (cap < n * 2)
        cap *= 2;
    if (!(g->slot = mem_zalloc(cap * sizeof *g->slot)))
        return false;
    g->mask = cap - 1;
    for (uint32_t node = 0; node < n; node++) {
        const struct row *r = links_row(g->links, node);
        size_t at = r ? place_of(g, r->source, r->uid) & g->mask : 0;
        while (r && g->slot[at])
            at = (at + 1) & g->mask;
        if (r)
            g->slot[at] = node + 1;
    }
    return true;
}

struct graph *graph_make(const struct links_world *w, struct link_profiles *p, bool settled)
{
    struct graph *g = mem_zalloc(sizeof *g);
    int64_t began = clock_mono_ms();
    if (!g)
        return NULL;
    atomic_init(&g->refs, 1);
    g->settled = settled;
    if (!(g->links = links_build(w, p)) || !make_index(g) || !why_all(&g->why, g->links) || !layers_make(&g->layers, g->links)) {
        graph_unref(g);
        return NULL;
    }
    g->cost_ms = clock_mono_ms() - began;
    return g;
}

struct graph *graph_ref(struct graph *g)
{
    atomic_fetch_add(&g->refs, 1);
    return g;
}

void graph_unref(struct graph *g)
{
    if (!g || atomic_fetch_sub(&g->refs, 1) != 1)
        return;
    why_world_free(&g->why);
    layers_free(&g->layers);
    links_free(g->links);
    mem_free(g->slot);
    mem_free(g);
}

/* One service's own list shows workers that os-services shows, by the id that the service gives them. */
static const struct { const char *kind, *type; } parts[] = {
    {"compute-service", "compute"}, {"network-agent", "network"}, {"volume-service", "volumev3"}, {"volume-service", "block-storage"}};
#define PARTS (sizeof parts / sizeof *parts)

const char *graph_part_of(const struct kind *k)
{
    size_t i = 0;
    while (i < PARTS && strcmp(parts[i].kind, k->id) != 0)
        i++;
    return i < PARTS ? "os-services" : NULL;
}

bool graph_speaks_of(const struct kind *k)
{
    const char *part = graph_part_of(k);
    return links_reads(part ? kind_find(part) : k);
}

/* A nova-compute and a cinder-volume are called by their host there, the others as here. */
bool graph_is_part(const struct kind *k, const char *name, const struct row *r)
{
    if (!graph_part_of(k) || strcmp(r->kind->id, "os-services") != 0)
        return false;
    const char *binary = row_column(r, "binary"), *slash = strchr(r->uid, '/');
    size_t i = 0, type = slash ? (size_t)(slash - r->uid) : 0;
    while (i < PARTS && (strcmp(parts[i].kind, k->id) != 0 || strlen(parts[i].type) != type || strncmp(parts[i].type, r->uid, type) != 0))
        i++;
    if (i == PARTS)
        return false;
    bool by_host = !strcmp(binary, "nova-compute") || !strcmp(binary, "cinder-volume");
    return !strcmp(slash + 1, name) || !strcmp(r->name, name) || (by_host && !strcmp(row_column(r, "host"), name));
}

static uint32_t find(const struct graph *g, uint16_t source, const char *kind, const char *uid)
{
    for (size_t at = place_of(g, source, uid) & g->mask; g->slot[at]; at = (at + 1) & g->mask) {
        const struct row *r = links_row(g->links, g->slot[at] - 1);
        if (links_cluster(g->links, r->source) == links_cluster(g->links, source) && !strcmp(r->kind->id, kind) && !strcmp(r->uid, uid))
            return g->slot[at] - 1;
    }
    return LINK_NO_NODE;
}

uint32_t graph_find(const struct graph *g, uint16_t source, const struct kind *kind, const char *uid)
{
    uint32_t node = find(g, source, kind->id, uid);
    char whole[400];
    for (size_t i = 0; node == LINK_NO_NODE && i < PARTS; i++)
        if (!strcmp(parts[i].kind, kind->id) && (size_t)snprintf(whole, sizeof whole, "%s/%s", parts[i].type, uid) < sizeof whole)
            node = find(g, source, "os-services", whole);
    return node;
}
