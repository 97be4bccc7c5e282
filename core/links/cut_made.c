/* What was made from an image or a snapshot, and what has an address of a subnet: they run on, and cannot be had again so, or lose it. */
#include <string.h>

#include "core/links/cut.h"

/* Is the id one of the cell's list, "a, b"? */
static bool has(const char *cell, const char *id)
{
    size_t n = strlen(id);
    for (const char *p = n ? cell : ""; *p; p += strcspn(p, ", "), p += strspn(p, ", "))
        if (!strncmp(p, id, n) && (!p[n] || strchr(", ", p[n])))
            return true;
    return false;
}

/* Calls fn for each row of that kind, in the same cloud, whose column names this one; how many. */
static size_t each_of(struct cutter *c, uint32_t node, const char *kind, const char *column, void (*fn)(struct cutter *c, uint32_t node))
{
    const struct row *r = links_row(c->l, node);
    size_t n = 0;
    for (size_t i = 0; i < c->l->nsnaps; i++) {
        const struct link_snap *s = &c->l->snap[i];
        if (strcmp(snap_kind(s->snap)->id, kind) || links_cluster(c->l, snap_source(s->snap)) != links_cluster(c->l, r->source))
            continue;
        for (uint32_t at = s->base; at < s->base + snap_slots(s->snap); at++)
            if (links_row(c->l, at) && has(row_column(links_row(c->l, at), column), r->uid)) {
                fn(c, at);
                n++;
            }
    }
    return n;
}

/* Its host is all that it has now: without the image Nova makes it nowhere else. */
static void one_place_left(struct cutter *c, uint32_t server) { link_cut_add(c, server, BLAST_CP, HARM_AT_RISK, false); }
static void stays(struct cutter *c, uint32_t node) { (void)c, (void)node; }

void link_cut_image(struct cutter *c, uint32_t image, struct str *words)
{
    link_cut_add(c, image, BLAST_ST, HARM_LOST, false);
    size_t n = each_of(c, image, "server", "image-id", one_place_left);
    if (n)
        str_addf(words, "%zu server%s made from it run%s on; rebuild, and evacuation or a cold move to a host that has no copy of it, fail from then on\n", n,
                 n == 1 ? "" : "s", n == 1 ? "s" : "");
    else
        str_adds(words, "no server that is seen was made from it\n");
}

void link_cut_snapshot(struct cutter *c, uint32_t snapshot, struct str *words)
{
    link_cut_add(c, snapshot, BLAST_ST, HARM_LOST, false);
    size_t n = each_of(c, snapshot, "volume", "snapshot-id", stays);
    if (n)
        str_addf(words, "%zu volume%s made from it keep%s %s data; a backend whose copies hang on the snapshot (Ceph) refuses until they do not\n", n,
                 n == 1 ? "" : "s", n == 1 ? "s" : "", n == 1 ? "its" : "their");
}

/* A port that has an address elsewhere too is reached by that one. */
static void off_subnet(struct cutter *c, uint32_t port)
{
    const char *subnets = row_column(links_row(c->l, port), "subnet-ids"), *p = subnets;
    size_t n = strcspn(subnets, ",");
    while (*p && !strncmp(p, subnets, n) && (!p[n] || p[n] == ','))
        p += strcspn(p, ", "), p += strspn(p, ", ");
    if (*p)
        link_cut_each(c, port, false, "plugged", "server", link_cut_less);
    else
        link_cut_unplugged(c, port);
}

void link_cut_subnet(struct cutter *c, uint32_t subnet, struct str *words)
{
    const struct row *r = links_row(c->l, subnet);
    size_t n = each_of(c, subnet, "port", "subnet-ids", off_subnet);
    int version = kind_column(r->kind, "ip");
    bool six = version >= 0 && r->cell[version].n == 6;
    if (!n)
        str_adds(words, "no port that is seen has an address of it\n");
    else
        str_addf(words, "%zu port%s an address of it%s\n", n, n == 1 ? " has" : "s have",
                 six ? ", which goes with it" : ": Neutron keeps it until they are gone, but those of DHCP");
}
