/* What goes with storage: the policy of a persistent volume says whether its disk, and the data on it, go with the claim. */
#include <string.h>

#include "core/links/cut.h"

static bool is(const struct row *r, const char *kind) { return link_kind_is(r->kind, kind); }

static void degraded(struct cutter *c, uint32_t node) { link_cut_add(c, node, BLAST_ST, HARM_DEGRADED, c->back); }

/* Who has it as one of its disks works with one less. */
static void disk(struct cutter *c, uint32_t node)
{
    link_cut_add(c, node, BLAST_ST, HARM_LOST, c->back);
    link_cut_each(c, node, false, "attached", "server", degraded);
}

/* No policy is known: what stands behind it may go as well, and is not known to. */
static void volume_of(struct cutter *c, uint32_t pv)
{
    link_cut_add(c, pv, BLAST_ST, HARM_LOST, c->back);
    if (strcmp(row_column(links_row(c->l, pv), "on-release"), "Delete") != 0)
        return;
    link_cut_each(c, pv, false, "disk", "volume", disk);
    link_cut_each(c, pv, false, "disk", "share", disk);
}

static uint32_t bound_to(const struct links *l, uint32_t claim)
{
    const struct link_edge *e;
    size_t n = links_down(l, claim, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "bound"))
            return e[i].to;
    return LINK_NO_NODE;
}

/* Retain: the data stays, and is nobody's until it is bound again by hand. */
struct stored link_cut_claim(struct cutter *c, uint32_t claim)
{
    uint32_t pv = bound_to(c->l, claim);
    bool kept = pv != LINK_NO_NODE && !strcmp(row_column(links_row(c->l, pv), "on-release"), "Retain");
    link_cut_add(c, claim, BLAST_ST, kept ? HARM_AT_RISK : HARM_LOST, c->back);
    if (pv == LINK_NO_NODE)
        return (struct stored){0, 0, NULL};
    if (kept)
        return (struct stored){0, 1, links_row(c->l, pv)->name};
    volume_of(c, pv);
    return (struct stored){1, 0, NULL};
}

void link_cut_stored(struct cutter *c, uint32_t node, struct str *words)
{
    const struct row *r = links_row(c->l, node);
    if (is(r, "persistentvolumes")) {
        volume_of(c, node);
    } else if (!is(r, "persistentvolumeclaims")) {
        disk(c, node);
    } else {
        struct stored s = link_cut_claim(c, node);
        if (s.stays)
            str_addf(words, "its volume %s and the data on it stay (policy Retain), and can be bound again only by hand\n", s.kept);
        str_adds(words, "pods that use the claim keep it until they end\n");
    }
}
