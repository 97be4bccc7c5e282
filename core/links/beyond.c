/* What may lie beyond a list that is not read: things of the layers below it that can be seen, and are gone. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/why.h"

/* Of a list that is not read; what carries one of its rows, how it says that it is gone, and whether it is of the same cloud or of
 * the clusters that this is known to run on, any where that is not known. */
static const struct { const char *hidden, *kind, *column, *gone; bool below; } beyond[] = {
    {"server", "nodes", "ready", "Unknown", true},
    {"server", "hypervisor", "state", "down", false},
    {"hypervisor", "nodes", "ready", "Unknown", true},
};

static bool looks(const struct links *l, size_t rule, const struct snap *hidden, const struct link_snap *s)
{
    uint16_t from = links_cluster(l, snap_source(hidden)), at = links_cluster(l, snap_source(s->snap));
    if (from >= CORE_MAX_SOURCES || at >= CORE_MAX_SOURCES || !link_kind_is(snap_kind(hidden), beyond[rule].hidden) || !link_kind_is(snap_kind(s->snap), beyond[rule].kind))
        return false;
    return !beyond[rule].below ? at == from : at != from && (!l->below[from] || l->below[from] >> at & 1);
}

/* Where nothing tells what the cloud runs on, it is not what itself is a server of one. */
static bool is_guest(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "machine"))
            return true;
    return !strncmp(row_column(links_row(l, node), "provider-id"), "openstack:", 10);
}

/* What is well explains nothing; what stands on another one that is gone is not the deepest. */
static bool deepest(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls != LINK_X && links_relation(e[i].relation)->single && links_relation(e[i].relation)->plane == LINK_FOR_DP && why_state_of(links_row(l, e[i].to)) != WHY_FINE)
            return false;
    return true;
}

size_t link_beyond(const struct links *l, const struct snap *hidden, uint32_t *out, size_t max)
{
    size_t n = 0;
    for (size_t b = 0; b < sizeof beyond / sizeof *beyond; b++)
        for (size_t i = 0; i < l->nsnaps; i++) {
            const struct link_snap *s = &l->snap[i];
            if (!looks(l, b, hidden, s) || link_list_hides(s))
                continue;
            for (uint32_t node = s->base; node < s->base + snap_slots(s->snap) && n < max; node++) {
                const struct row *r = links_row(l, node);
                if (r && !strcmp(row_column(r, beyond[b].column), beyond[b].gone) && link_state(l, node) == WHY_BROKEN && deepest(l, node) && !(beyond[b].below && is_guest(l, node)))
                    out[n++] = node;
            }
        }
    return n;
}
