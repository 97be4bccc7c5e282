/* The way in from outside: a load balancer, a floating address. Who loses it is not reached from there, and runs on. */
#include <string.h>

#include "core/links/links_priv.h"

#define CAPO "openstackclusters.infrastructure.cluster.x-k8s.io"

static bool service(const struct row *r) { return r && !strcmp(r->kind->id, "services"); }

bool link_names_cluster(const struct kind *k) { return link_is_place(k) || link_is_cluster(k) || link_kind_is(k, CAPO); }

/* Does who hangs on the Service come to it by its address outside? */
static bool by_address(const struct link_edge *e)
{
    for (const struct link_rule *r = link_rules; r->id; r++)
        if (link_relation_of(r) == e->relation && e->rules >> link_rule_bit(r) & 1 && !strcmp(r->to_key.from, "external-ip"))
            return true;
    return false;
}

bool link_way_in(const struct links *l, const struct blast_item *v, const struct link_edge *e, struct blast_item *to)
{
    const char *id = links_relation(e->relation)->id;
    const struct row *r = links_row(l, e->to);
    if (v->plane == BLAST_DP && v->from != v->node && service(links_row(l, v->node)) && !by_address(e))
        return false;                           /* inside its cluster the Service answers as before */
    if (strcmp(id, "balanced") != 0 && strcmp(id, "reached") != 0)
        return true;
    if (v->plane != BLAST_DP)
        return false;                           /* what cannot be managed passes traffic on */
    if (!service(r))
        to->plane = BLAST_CP;                   /* a cluster of Cluster API: its API server answers behind it */
    else if (!strcmp(id, "reached") && to->harm == HARM_LOST && strpbrk(row_column(r, "external-ip"), ",;"))
        to->harm = HARM_DEGRADED;               /* one of its addresses */
    return true;
}

void blast_way_words(const struct links *l, const struct blast_item *it, struct str *out)
{
    if (it->plane == BLAST_DP && it->from != it->node && it->harm > HARM_DEGRADED && service(links_row(l, it->node)))
        str_adds(out, ", from outside: its pods run on");
}
