/* Load balancers without members. Octavia calls a pool ONLINE that works or has no servers: that nobody gets through is not said by its state. */
#include <string.h>

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

/* One of its members is in that pool, by the first n bytes of its id. */
static bool has_member(const struct links *l, uint32_t balancer, const char *pool, size_t n)
{
    const struct link_edge *e;
    size_t all = links_down(l, balancer, &e);
    for (size_t i = 0; i < all; i++) {
        const char *in = link_related(&e[i], "members") ? row_column(links_row(l, e[i].to), "pool-id") : "";
        if (strlen(in) == n && !strncmp(in, pool, n))
            return true;
    }
    return false;
}

static bool takes_traffic(const struct links *l, uint32_t balancer)
{
    const struct row *r = links_row(l, balancer);
    return link_is(r, "loadbalancer") && !(r->flags & (ROW_STALE | ROW_DELETING)) && !strcmp(row_column(r, "provisioning"), "ACTIVE") &&
           count(r, "listeners") && count(r, "pools");
}

size_t link_pools_without(const struct links *l, uint32_t balancer, struct str *ids)
{
    const struct row *r = links_row(l, balancer);
    size_t of = 0, without = 0;
    if (!takes_traffic(l, balancer) || !link_all_seen(l, r, "lb-member"))
        return 0;
    for (const char *s = row_column(r, "pool-ids"); *s; s += strspn(s, ", ")) {
        size_t n = strcspn(s, ", ");
        if (n && !has_member(l, balancer, s, n)) {
            if (ids)
                str_addf(ids, "%s%.*s", without ? ", " : "", (int)n, s);
            without++;
        }
        of++;
        s += n;
    }
    return without < of ? without : 0;
}

bool link_pool_empty(const struct links *l, uint32_t balancer, bool *of_service)
{
    const struct link_edge *e;
    const struct row *r = links_row(l, balancer);
    *of_service = false;
    if (!takes_traffic(l, balancer))
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
    struct str ids;
    str_init(&ids, 4096);
    size_t n = link_pools_without(l, balancer, &ids);
    if (n)
        str_addf(out, "%s%zu of its %lld pools %s no members: %s; what a listener or a policy sends there is answered by nobody, the others serve", lead, n,
                 (long long)count(links_row(l, balancer), "pools"), n == 1 ? "has" : "have", ids.data ? ids.data : "");
    str_release(&ids);
}
