/* What goes with networks: a server without a port works and is not reached; an address leads nowhere. */
#include <string.h>

#include "core/links/cut.h"
#include "strata/why.h"

#define each link_cut_each

void link_cut_each(struct cutter *c, uint32_t node, bool up, const char *relation, const char *kind, void (*fn)(struct cutter *c, uint32_t node))
{
    const struct link_edge *e;
    size_t n = up ? links_up(c->l, node, &e) : links_down(c->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, relation) && link_is(links_row(c->l, e[i].to), kind))
            fn(c, e[i].to);
}

static void lost(struct cutter *c, uint32_t node) { link_cut_add(c, node, BLAST_DP, HARM_LOST, c->back); }
void link_cut_less(struct cutter *c, uint32_t node) { link_cut_add(c, node, BLAST_DP, HARM_DEGRADED, c->back); }
static void unmanaged(struct cutter *c, uint32_t node) { link_cut_add(c, node, BLAST_CP, HARM_DEGRADED, c->back); }
static void no_address(struct cutter *c, uint32_t port) { each(c, port, true, "routes", "floating-ip", lost); }
static void less_reached(struct cutter *c, uint32_t port) { each(c, port, false, "plugged", "server", link_cut_less); }

/* The server behind it works, and goes out by other ways. */
void link_cut_unaddressed(struct cutter *c, uint32_t address)
{
    lost(c, address);
    each(c, address, false, "routes", "port", less_reached);
}

/* Addresses that lead to it lead nowhere then. */
void link_cut_unbalanced(struct cutter *c, uint32_t balancer)
{
    lost(c, balancer);
    each(c, balancer, true, "plugged", "port", no_address);
}

/* The only port of a server is its network; of several it is one way less. */
static void off_net(struct cutter *c, uint32_t server)
{
    struct blast_cut none[1];
    struct cutter ports = {.l = c->l, .cut = none, .max = 0};
    each(&ports, server, true, "plugged", "port", lost);
    link_cut_add(c, server, BLAST_DP, ports.n > 1 ? HARM_DEGRADED : HARM_LOST, c->back);
}

void link_cut_unplugged(struct cutter *c, uint32_t port)
{
    lost(c, port);
    each(c, port, false, "plugged", "server", off_net);
    each(c, port, false, "plugged", "loadbalancer", lost);
    each(c, port, false, "plugged", "router", link_cut_less);
    no_address(c, port);
}

static void off_router(struct cutter *c, uint32_t port)
{
    no_address(c, port);
    less_reached(c, port);
}

static void of_network(struct cutter *c, uint32_t network) { each(c, network, true, "network", "port", off_router); }
static void of_router_port(struct cutter *c, uint32_t port) { each(c, port, false, "network", "network", of_network); }

/* Addresses outside that lead into its networks, and the way out of what is there; inside of one they go on. */
void link_cut_unrouted(struct cutter *c, uint32_t router)
{
    lost(c, router);
    each(c, router, true, "plugged", "port", of_router_port);
}

void link_cut_unnetted(struct cutter *c, uint32_t network)
{
    lost(c, network);
    each(c, network, true, "network", "port", link_cut_unplugged);
}

static bool works(const struct row *agent) { return (agent->health == HEALTH_OK || agent->health == HEALTH_WARN) && !link_withdrawn(agent); }

static size_t agents_of(const struct cutter *c, uint32_t network, uint32_t but)
{
    const struct link_edge *e;
    size_t n = links_down(c->l, network, &e), agents = 0;
    for (size_t i = 0; i < n; i++)
        agents += e[i].cls != LINK_X && link_related(&e[i], "addressed") && e[i].to != but && works(links_row(c->l, e[i].to));
    return agents;
}

static void say_leases(size_t none, struct str *words)
{
    str_adds(words, "servers there keep their addresses until their leases end\n");
    if (none)
        str_addf(words, "%zu network%s no other DHCP agent: no lease is renewed there, and no new server gets an address\n", none, none == 1 ? " has" : "s have");
}

/* One of its agents goes, which is not said yet; how many it has is. */
void link_cut_unserved(struct cutter *c, uint32_t network, struct str *words)
{
    size_t n = agents_of(c, network, LINK_NO_NODE);
    link_cut_add(c, network, BLAST_DP, n > 1 ? HARM_DEGRADED : HARM_AT_RISK, c->back);
    say_leases(n < 2, words);
}

/* What goes with an agent that gives addresses or wires ports, whether it is lost or, of DHCP, disabled. */
void link_cut_cared(struct cutter *c, uint32_t agent, struct str *words)
{
    const struct link_edge *e;
    size_t n = links_up(c->l, agent, &e), networks = 0, none = 0, ports = 0;
    for (size_t i = 0; i < n; i++) {
        bool network = e[i].cls != LINK_X && link_related(&e[i], "addressed");
        networks += network;
        none += network && !agents_of(c, e[i].to, agent);
        if (e[i].cls == LINK_X || !link_related(&e[i], "wired") || !link_is(links_row(c->l, e[i].to), "port"))
            continue;
        ports++;
        link_cut_add(c, e[i].to, BLAST_CP, HARM_LOST, c->back);
        link_cut_each(c, e[i].to, false, "plugged", "server", unmanaged);
    }
    if (networks)
        say_leases(none, words);
    if (ports)
        str_adds(words, "what is wired stays wired; a port that is new, moved or plugged again gets no network before it is back\n");
}

/* Workers that are disabled go on with what they have, and get no more; but an agent of layer 3 or DHCP takes down all it cares for. */
void link_cut_disabled(struct cutter *c, uint32_t agent, struct str *words)
{
    const char *binary = row_column(links_row(c->l, agent), "binary");
    if (link_withdrawn(links_row(c->l, agent))) {
        str_adds(words, "it is disabled already: nothing more goes\n");
    } else if (!strcmp(binary, "neutron-l3-agent")) {
        lost(c, agent);
        str_adds(words, "as if the cloud kept nothing on agents that are disabled, which is what Neutron does unless told otherwise\n");
    } else if (!strcmp(binary, "neutron-dhcp-agent")) {
        lost(c, agent);
        link_cut_cared(c, agent, words);
    } else {
        str_adds(words, "what it has goes on; it is given nothing new\n");
    }
}
