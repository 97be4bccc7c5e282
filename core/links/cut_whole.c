/* What goes with something that holds others: a cluster of Magnum, a host. */
#include <string.h>
#include <strings.h>

#include "core/links/cut.h"

/* An agent or a service of the cloud; the process is gone, what it made is not (a server runs without its nova-compute, a volume stays
 * attached without its cinder-volume). With its host goes what lies there: which back ends do (LVM), no API says. */
static enum blast_plane plane_of(const struct row *r, bool with_host)
{
    const char *binary = row_column(r, "binary");
    size_t n = strlen(binary);
    if (with_host && !strcmp(binary, "cinder-volume"))
        return BLAST_ST;
    bool wires = (!strncmp(binary, "neutron-", 8) && n > 6 && !strcmp(binary + n - 6, "-agent")) || !strncmp(binary, "ovn-", 4);
    return wires ? BLAST_DP : BLAST_CP;
}

/* "cmp1" of "cmp1.example.org" and "cmp1@lvm" */
static bool same_host(const char *a, const char *b)
{
    size_t n = strcspn(a, ".@");
    return n && n == strcspn(b, ".@") && !strncasecmp(a, b, n);
}

/* What works on the host of a hypervisor, and the node that it is. */
static void host_lost(struct cutter *c, uint32_t node)
{
    const struct link_edge *e;
    const struct row *h = links_row(c->l, node);
    size_t n = links_down(c->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B && e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "host"))
            link_cut_add(c, e[i].to, BLAST_DP, HARM_LOST, false);
    for (uint32_t i = 0; i < links_nodes(c->l); i++) {
        const struct row *r = links_row(c->l, i);
        if (r && link_is(r, "os-services") && !(r->flags & ROW_HEAD) && links_cluster(c->l, r->source) == links_cluster(c->l, h->source) &&
            same_host(row_column(r, "host"), row_column(h, "host")))
            link_cut_add(c, i, plane_of(r, true), HARM_LOST, false);
    }
}

/* That it is away, whatever took it; of a cluster, all of it. */
void link_cut_lost(struct cutter *c, uint32_t node, struct str *words)
{
    const struct row *r = links_row(c->l, node);
    if (link_is(r, "coe-cluster") || link_is_cluster(r->kind)) {
        link_cut_cluster(c, node, words);
        return;
    }
    link_cut_add(c, node, link_is_place(r->kind) ? BLAST_CP : link_is(r, "os-services") ? plane_of(r, false) : BLAST_DP, HARM_LOST, c->back);
    if (link_is(r, "hypervisor"))
        host_lost(c, node);
    if (link_is(r, "os-services"))
        link_cut_cared(c, node, words);
}

static void machine_of(void *arg, uint32_t member, uint8_t cls)
{
    struct cutter *c = arg;
    const struct link_edge *e;
    size_t n = links_down(c->l, member, &e);
    if (cls < LINK_B)
        return;
    link_cut_add(c, member, link_is_place(links_row(c->l, member)->kind) ? BLAST_CP : BLAST_DP, HARM_LOST, false);
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
