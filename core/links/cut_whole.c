/* What goes with something that holds others: a namespace, a cluster of Magnum, the way in that a Service is. */
#include <string.h>

#include "core/links/cut.h"

static bool is(const struct row *r, const char *kind) { return !strcmp(r->kind->id, kind); }

/* Its pods, and the claims whose data goes with them. */
void link_cut_namespace(struct cutter *c, const struct row *ns)
{
    for (uint32_t i = 0; i < links_nodes(c->l); i++) {
        const struct row *r = links_row(c->l, i);
        if (!r || strcmp(r->scope, ns->name) != 0 || links_cluster(c->l, r->source) != links_cluster(c->l, ns->source))
            continue;
        if (is(r, "pods") && blast_serves(r))
            link_cut_add(c, i, BLAST_DP, HARM_LOST, false);
        else if (is(r, "persistentvolumeclaims"))
            link_cut_add(c, i, BLAST_ST, HARM_LOST, false);
    }
}

/* Pods behind it run on and are not reached by it; a load balancer that was made for it goes with it. */
void link_cut_exposed(struct cutter *c, uint32_t service, struct str *words)
{
    const struct link_edge *e;
    const struct row *r = links_row(c->l, service);
    size_t pods = 0, n = links_down(c->l, service, &e);
    const char *selector = row_column(r, "selector");
    bool blind = !*selector || *selector == '<';
    for (uint32_t at = 0; (at = link_selected(c->l, r, at)) != LINK_NO_NODE; at++)
        pods += blast_serves(links_row(c->l, at));
    if (!pods && !blind) {
        str_adds(words, "no pod that serves is behind it\n");
        return;
    }
    bool undo = c->undo;
    c->undo = true;                                             /* it is made again as it was: nothing behind it is gone */
    link_cut_add(c, service, BLAST_DP, HARM_LOST, false);
    c->undo = undo;
    if (blind)
        str_adds(words, "unknown: it has no selector, what is behind it is not seen\n");
    else
        str_addf(words, "%zu pod%s behind it run%s on and %s not reached by it\n", pods, pods == 1 ? "" : "s", pods == 1 ? "s" : "", pods == 1 ? "is" : "are");
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B && e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "balanced"))
            link_cut_add(c, e[i].to, BLAST_DP, HARM_LOST, false);
}

static void machine_of(void *arg, uint32_t member)
{
    struct cutter *c = arg;
    const struct link_edge *e;
    size_t n = links_down(c->l, member, &e);
    link_cut_add(c, member, BLAST_DP, HARM_LOST, false);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B && e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "machine"))
            link_cut_add(c, e[i].to, BLAST_DP, HARM_LOST, false);
}

/* Magnum takes its servers and the load balancer of its API with it. */
void link_cut_cluster(struct cutter *c, uint32_t cluster, struct str *words)
{
    const struct link_edge *e;
    size_t n = links_down(c->l, cluster, &e), before;
    link_cut_add(c, cluster, BLAST_DP, HARM_LOST, false);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B && e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "api"))
            link_cut_add(c, e[i].to, BLAST_DP, HARM_LOST, false);
    before = c->n;
    link_members(c->l, cluster, machine_of, c);
    if (c->n == before)
        str_adds(words, "unknown: none of its nodes is seen, so neither are its servers and what runs there (open that cluster, too)\n");
}
