/* What a row that speaks of a cluster or a machine is made of: the nodes and the API server of Magnum's and Cluster API's clusters,
 * the node of a Machine. */
#include <string.h>

#include "core/links/links_priv.h"

bool link_is_cluster(const struct kind *k) { return link_kind_is(k, "clusters.cluster.x-k8s.io"); }

struct members { const struct links *l; void (*fn)(void *arg, uint32_t node, uint8_t cls); void *arg; bool some, told[CORE_MAX_SOURCES]; };

static void tell(struct members *m, uint32_t node, uint8_t cls)
{
    m->some = true;
    m->fn(m->arg, node, cls);
}

static void whole_cluster(struct members *m, uint16_t source, uint8_t cls)
{
    uint16_t cluster = links_cluster(m->l, source);
    if (cluster >= CORE_MAX_SOURCES || m->told[cluster])
        return;
    m->told[cluster] = true;
    for (size_t i = 0; i < m->l->nsnaps; i++) {
        const struct link_snap *s = &m->l->snap[i];
        const struct kind *k = snap_kind(s->snap);
        if (links_cluster(m->l, snap_source(s->snap)) != cluster || (!link_is_place(k) && !link_kind_is(k, "nodes")))
            continue;
        for (uint32_t n = s->base; n < s->base + snap_slots(s->snap); n++)
            if (links_row(m->l, n))
                tell(m, n, cls);
    }
}

/* Who says that it is this one, or reaches it by the same way. */
static void from_above(struct members *m, uint32_t node, bool whole, int depth)
{
    const struct link_edge *e;
    size_t n = links_up(m->l, node, &e);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(m->l, e[i].to);
        if (e[i].cls == LINK_X || e[i].cls < LINK_B)
            continue;
        if (link_is_place(r->kind) || (whole && link_kind_is(r->kind, "nodes")))
            whole_cluster(m, r->source, LINK_B);
        else if (link_kind_is(r->kind, "nodes"))
            tell(m, e[i].to, LINK_B);
        else if (depth && !strcmp(links_relation(e[i].relation)->id, "declared"))
            from_above(m, e[i].to, false, depth - 1);
    }
}

void link_members(const struct links *l, uint32_t node, void (*fn)(void *arg, uint32_t member, uint8_t cls), void *arg)
{
    struct members m = {.l = l, .fn = fn, .arg = arg};
    const struct row *r = links_row(l, node);
    const struct link_edge *e;
    bool coe = link_kind_is(r->kind, "coe-cluster");
    if (!coe && !link_is_cluster(r->kind) && !link_kind_is(r->kind, "machines.cluster.x-k8s.io"))
        return;
    from_above(&m, node, false, 1);
    size_t n = coe ? links_down(l, node, &e) : 0;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "api") && e[i].cls != LINK_X)
            from_above(&m, e[i].to, true, 0);
    n = coe && !m.some ? links_up(l, node, &e) : 0;            /* its address tells nothing, or nothing that is read */
    for (size_t i = 0; i < n; i++)
        if (e[i].cls == LINK_C && link_is_place(links_row(l, e[i].to)->kind))
            whole_cluster(&m, links_row(l, e[i].to)->source, LINK_C);
}
