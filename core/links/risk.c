/* What an agent that is dead endangers: what hangs on it works on, and what that can no longer be done to it. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"
#include "strata/tell.h"

#define WIRES "what is wired stays wired; a port that is new, moved or plugged again gets no network before it is back"
static const struct { const char *binary, *means; } agents[] = {
    {"nova-compute", "what runs there runs on; no server of it can be started, stopped, moved or rebuilt before it is back"},
    {"neutron-openvswitch-agent", WIRES},
    {"neutron-linuxbridge-agent", WIRES},
    {"neutron-sriov-nic-agent", WIRES},
    {"ovn-controller", WIRES},
    {"neutron-l3-agent", "what it routes goes on; no router, gateway or floating address of it can be changed before it is back"},
    {"neutron-dhcp-agent", "an address holds until its lease ends; no new one is given where no other agent serves the network"},
    {"cinder-volume", "what is attached stays attached; no volume of it can be made, attached, detached or deleted before it is back"},
    {"manila-share", "what is mounted stays mounted; no share of it can be made, changed or deleted before it is back"},
};

const char *why_means(const struct row *r)
{
    if (link_withdrawn(r))
        return !strcmp(row_column(r, "binary"), "neutron-l3-agent") ? "Neutron keeps no router on an agent that is disabled, unless told otherwise: what they route and their floating addresses are gone before it is enabled"
                                                                    : "an address holds until its lease ends; no new one is given where no other agent serves the network, before it is enabled";
    if (!link_is(r, "os-services") || (r->flags & ROW_HEAD) || strcmp(row_column(r, "state"), "down") != 0)
        return "";
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++)
        if (!strcmp(agents[i].binary, row_column(r, "binary")))
            return agents[i].means;
    return "";
}

struct counted { const struct kind *kind; size_t n; };
#define KINDS 6
struct count { const struct links *l; uint8_t *seen; struct counted of[KINDS]; };

static void count(struct count *c, uint32_t node)
{
    const struct row *r = links_row(c->l, node);
    size_t i = 0;
    if (!r || c->seen[node])
        return;
    c->seen[node] = 1;
    while (i < KINDS && c->of[i].kind && c->of[i].kind != r->kind)
        i++;
    if (i < KINDS) {
        c->of[i].kind = r->kind;
        c->of[i].n++;
    }
}

/* What stands on it, and the servers of that: of a port its own, of a hypervisor those it carries. */
static void count_on(struct count *c, uint32_t node)
{
    const struct link_edge *e, *next;
    size_t n = links_up(c->l, node, &e), m;
    for (size_t i = 0; i < n; i++) {
        bool port = link_related(&e[i], "wired"), host = link_related(&e[i], "managed");
        if (e[i].cls == LINK_X || !(port || host || link_related(&e[i], "served-by") || link_related(&e[i], "addressed") || link_related(&e[i], "stored")))
            continue;
        if (!host)
            count(c, e[i].to);
        m = host ? links_up(c->l, e[i].to, &next) : port ? links_down(c->l, e[i].to, &next) : 0;
        for (size_t k = 0; k < m; k++)
            if (next[k].cls != LINK_X && link_related(&next[k], host ? "hosted" : "plugged") && link_is(links_row(c->l, next[k].to), "server"))
                count(c, next[k].to);
    }
}

bool tell_endangered(const struct tell *t, uint32_t node, const char *lead, struct str *out)
{
    struct count c = {.l = t->l};
    if (!*why_means(links_row(t->l, node)))
        return false;
    if (!(c.seen = mem_zalloc(links_nodes(t->l) + 1))) {
        out->failed = true;
        return false;
    }
    count_on(&c, node);
    for (size_t i = 0; i < KINDS && c.of[i].kind; i++) {
        str_adds(out, i ? ", " : lead);
        blast_plural(c.of[i].kind, c.of[i].n, out);
    }
    mem_free(c.seen);
    return c.of[0].kind != NULL;
}

bool link_abandoned(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node);
    struct count c = {.l = l};
    if (!link_is(r, "os-services") || !link_out_of_service(r) || !link_dead(r) || !*why_means(r) || !(c.seen = mem_zalloc(links_nodes(l) + 1)))
        return false;
    count_on(&c, node);
    mem_free(c.seen);
    return c.of[0].kind != NULL;
}

void tell_risk(const struct tell *t, uint32_t node, struct str *out)
{
    bool withdrawn = link_withdrawn(links_row(t->l, node));      /* what hung on it has lost it already */
    if (tell_endangered(t, node, withdrawn ? "; leaves " : "; endangers ", out) && withdrawn)
        str_adds(out, " without it");
}
