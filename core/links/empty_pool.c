/* Load balancers without members. Octavia calls a pool ONLINE that works or has no servers: that nobody gets through is not said by its state. */
#include "core/links/links_priv.h"

static int64_t count(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 && r->cell[col].n != CELL_NONE ? r->cell[col].n : 0;
}

/* The cloud controller makes members of the nodes whether a pod is ready or not, but without one nothing is missed. */
static bool answers(const struct links *l, uint32_t service)
{
    const struct row *r = links_row(l, service);
    uint32_t pod = link_selected(l, r, 0);
    while (pod != UINT32_MAX && links_row(l, pod)->health != HEALTH_OK)
        pod = link_selected(l, r, pod + 1);
    return pod != UINT32_MAX;
}

bool link_pool_empty(const struct links *l, uint32_t balancer, bool *of_service)
{
    const struct link_edge *e;
    const struct row *r = links_row(l, balancer);
    *of_service = false;
    if (!link_is(r, "loadbalancer") || r->flags & (ROW_STALE | ROW_DELETING) || strcmp(row_column(r, "provisioning"), "ACTIVE") != 0 ||
        !count(r, "listeners") || !count(r, "pools"))
        return false;
    size_t n = links_down(l, balancer, &e);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "members"))
            return false;
    if (!link_all_seen(l, r, "lb-member"))
        return false;
    n = links_up(l, balancer, &e);
    for (size_t i = 0; i < n && !*of_service; i++)
        *of_service = link_related(&e[i], "balanced") && e[i].cls >= LINK_B && e[i].cls != LINK_X && link_is(links_row(l, e[i].to), "services") && answers(l, e[i].to);
    return true;
}

void link_pool_words(const struct links *l, uint32_t balancer, const char *lead, struct str *out)
{
    bool of_service;
    if (link_pool_empty(l, balancer, &of_service))
        str_addf(out, "%s%s%s", lead, count(links_row(l, balancer), "pools") > 1 ? "none of its pools has members" : "its pool has no members",
                 of_service ? ", though the nodes of its Service should be there" : "");
}
