/* What goes with networks: a server without a port works and is not reached; an address leads nowhere. */
#include <string.h>

#include "core/links/cut.h"

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

#define KEEPS "servers there keep the addresses that they have; new ones need another DHCP agent\n"

void link_cut_unserved(struct cutter *c, uint32_t network, struct str *words)
{
    link_cut_less(c, network);
    str_adds(words, KEEPS);
}

/* Workers that are disabled go on with what they have, and get no more; but an agent of layer 3 or DHCP takes down all it cares for. */
void link_cut_disabled(struct cutter *c, uint32_t agent, struct str *words)
{
    const char *binary = row_column(links_row(c->l, agent), "binary");
    if (!strcmp(binary, "neutron-l3-agent")) {
        lost(c, agent);
        str_adds(words, "as if the cloud kept nothing on agents that are disabled, which is what Neutron does unless told otherwise\n");
    } else if (!strcmp(binary, "neutron-dhcp-agent")) {
        size_t before = c->n;
        each(c, agent, true, "addressed", "network", link_cut_less);
        if (c->n > before)
            str_adds(words, KEEPS);
    } else {
        str_adds(words, "what it has goes on; it is given nothing new\n");
    }
}
