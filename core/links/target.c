/* What members of load balancers lead to. An address alone may be used on two networks; with its subnet it is of one port, and that says
 * whose it is: other servers of the address are not meant, and a node of it is meant as surely as it is that server. */
#include <string.h>

#include "core/links/links_priv.h"

struct aim { const struct link_edge *server; bool told; };      /* told: its subnet is known, and ports are read, so that a guess is none */

static bool has_subnet(const struct row *r)
{
    const char *s = row_column(r, "subnet-id");
    return *s && strcmp(s, "None") != 0;
}

static uint32_t by_port(void)
{
    uint32_t rules = 0;
    for (const struct link_rule *r = link_rules; r->id; r++)
        if (!strcmp(r->id, "E16d"))
            rules |= 1u << link_rule_bit(r);
    return rules;
}

static bool ports_read(const struct links *l, uint16_t cloud)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct snap *s = l->snap[i].snap;
        if (!strcmp(snap_kind(s)->id, "port") && links_cluster(l, snap_source(s)) == cloud && snap_count(s) && !link_list_hides(&l->snap[i]))
            return true;
    }
    return false;
}

/* The server that the node is: how sure is that, if it is the one meant; another one: LINK_X, and nothing known: LINK_NONE. */
static enum link_class machine_of(const struct links *l, uint32_t node, const char *server)
{
    enum link_class best = LINK_NONE;
    bool other = false;
    for (uint32_t i = l->down_at[node]; i < l->down_at[node + 1]; i++) {
        const struct link_edge *e = &l->down[i];
        const struct row *to = link_claims(e) ? link_node_row(l, e->to, NULL) : NULL;
        enum link_class cls = e->cls == LINK_X ? LINK_C : e->cls;
        if (to && !strcmp(to->uid, server))
            best = cls > best ? cls : best;
        else
            other |= to && e->cls != LINK_C;
    }
    return best ? best : other ? LINK_X : LINK_NONE;
}

static bool keep(const struct links *l, const struct aim *aim, struct link_edge *e, uint32_t rules)
{
    const struct row *to = link_node_row(l, e->to, NULL), *server = aim->server ? link_node_row(l, aim->server->to, NULL) : NULL;
    if (link_is(to, "server"))
        return e->rules & rules || !(server || aim->told);
    enum link_class is = server ? machine_of(l, e->to, server->uid) : LINK_NONE;
    if (is == LINK_X)
        return false;
    if (is)
        e->cls = is < LINK_B ? is : LINK_B;
    return true;
}

void link_settle_targets(struct links *l)
{
    const uint32_t rules = by_port();
    uint32_t n = 0, at = 0;
    for (uint32_t node = 0; node < l->nnodes; node++) {
        const struct row *r = l->down_at[node + 1] > at ? link_node_row(l, node, NULL) : NULL;
        struct aim aim = {NULL, link_is(r, "lb-member") && has_subnet(r) && ports_read(l, links_cluster(l, r->source))};
        struct link_edge meant;
        for (uint32_t i = at; link_is(r, "lb-member") && i < l->down_at[node + 1]; i++)
            if (link_related(&l->down[i], "target") && l->down[i].rules & rules && link_is(link_node_row(l, l->down[i].to, NULL), "server")) {
                meant = l->down[i];
                aim.server = &meant;
            }
        const uint32_t end = l->down_at[node + 1];
        l->down_at[node] = n;
        for (; at < end; at++)
            if (!link_is(r, "lb-member") || !link_related(&l->down[at], "target") || keep(l, &aim, &l->down[at], rules))
                l->down[n++] = l->down[at];
    }
    l->down_at[l->nnodes] = n;
}
