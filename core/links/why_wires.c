/* Root cause in the network: which agent of Neutron a server, its ports and networks hang on, where that is dead. What is wired stays
 * wired without its agent, so a dead one explains what is not wired, and what fell silent when it did; else it endangers. */
#include <string.h>

#include "core/links/why_walk.h"

static bool dead(struct walk *w, uint32_t agent)
{
    enum why_state s = link_walk_state(w, agent);
    return ((s == WHY_BROKEN || s == WHY_WEAK) && !strcmp(row_column(links_row(w->l, agent), "state"), "down")) || link_withdrawn(links_row(w->l, agent));
}

/* The nearest above that says when it began, did so when the agent was heard of last. */
static bool together(const struct walk *w, uint32_t agent)
{
    int64_t seen = why_since(links_row(w->l, agent));
    for (size_t at = w->at;; at = w->step[at].from) {
        int64_t began = why_onset(links_row(w->l, w->step[at].node));
        if (began != CELL_NONE)
            return seen != CELL_NONE && began - seen <= ONSET_SLACK_MS && seen - began <= ONSET_SLACK_MS;
        if (!at)
            return false;
    }
}

/* Without its router a network has no way out; without DHCP what has an address keeps it. */
static bool matters(struct walk *w, uint32_t agent)
{
    const struct row *r = links_row(w->l, agent);
    bool taken = link_withdrawn(r) && (!strcmp(row_column(r, "binary"), "neutron-l3-agent") || link_is(links_row(w->l, w->step[0].node), "network"));
    return dead(w, agent) && (w->below || taken || together(w, agent));
}

/* Do all that serve it by that relation not, and one of them matters? */
static bool unserved(struct walk *w, uint32_t node, const char *relation)
{
    const struct link_edge *e;
    size_t n = links_down(w->l, node, &e), of = 0, gone = 0, matter = 0;
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], relation) && e[i].cls != LINK_X) {
            of++;
            gone += dead(w, e[i].to);
            matter += matters(w, e[i].to);
        }
    return of && gone == of && matter;
}

/* Not wired though what it belongs to runs, or shall: the port of what is off is down without a fault. */
static bool unwired(struct walk *w, uint32_t port)
{
    const struct link_edge *e;
    enum why_state s = link_walk_state(w, port);
    size_t n = s == WHY_WEAK || s == WHY_BROKEN ? links_down(w->l, port, &e) : 0;
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "plugged") && (link_walk_state(w, e[i].to) == WHY_STOPPED || link_walk_state(w, e[i].to) == WHY_PLANNED))
            return false;
    return n > 0;
}

static bool wired_by(struct walk *w, uint32_t port, const struct link_edge *e)
{
    return link_related(e, "wired") && e->cls != LINK_X && dead(w, e->to) && (matters(w, e->to) || unwired(w, port));
}

/* The port of a router on the network, whose agents all are dead; LINK_NO_NODE. */
static uint32_t way_out(struct walk *w, uint32_t network)
{
    const struct link_edge *e, *to;
    size_t n = links_up(w->l, network, &e);
    for (size_t i = 0; i < n; i++, w->work++) {
        const struct row *port = link_related(&e[i], "network") ? links_row(w->l, e[i].to) : NULL;
        size_t m = port && !strncmp(row_column(port, "owner"), "network:router_interface", 24) ? links_down(w->l, e[i].to, &to) : 0;
        for (size_t k = 0; k < m; k++)
            if (link_related(&to[k], "plugged") && unserved(w, to[k].to, "served-by"))
                return e[i].to;
    }
    return LINK_NO_NODE;
}

static bool cut_off(struct walk *w, uint32_t port)
{
    const struct link_edge *e;
    size_t n = links_down(w->l, port, &e);
    for (size_t i = 0; i < n; i++)
        if (wired_by(w, port, &e[i]) || (link_related(&e[i], "network") && (unserved(w, e[i].to, "addressed") || way_out(w, e[i].to) != LINK_NO_NODE)))
            return true;
    return false;
}

static void of_server(struct walk *w, uint32_t node, link_walk_add *add)
{
    const struct link_edge *e;
    size_t n = links_up(w->l, node, &e);
    for (size_t i = 0; i < n && w->work < w->most; i++)
        if (link_related(&e[i], "plugged") && e[i].cls != LINK_X && cut_off(w, e[i].to))
            add(w, e[i].to, e[i].cls);
}

static void of_port(struct walk *w, uint32_t node, link_walk_add *add)
{
    const struct link_edge *e;
    size_t n = links_down(w->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (wired_by(w, node, &e[i]) || (link_related(&e[i], "network") && (unserved(w, e[i].to, "addressed") || way_out(w, e[i].to) != LINK_NO_NODE)))
            add(w, e[i].to, e[i].cls);
}

static void of_network(struct walk *w, uint32_t node, link_walk_add *add)
{
    const struct link_edge *e;
    size_t n = unserved(w, node, "addressed") ? links_down(w->l, node, &e) : 0;
    uint32_t out = way_out(w, node);
    for (size_t i = 0; i < n; i++)
        if (link_related(&e[i], "addressed"))
            add(w, e[i].to, e[i].cls);
    if (out != LINK_NO_NODE)
        add(w, out, LINK_A);
}

/* Once for all walks: a network has thousands of ports, and mostly no agent is dead. */
static bool any_dead(struct walk *w)
{
    for (size_t i = 0; !w->agents && i < w->l->nsnaps; i++) {
        const struct link_snap *s = &w->l->snap[i];
        bool services = link_kind_is(snap_kind(s->snap), "os-services");
        for (uint32_t node = s->base; services && !w->agents && node < s->base + snap_slots(s->snap); node++)
            w->agents = links_row(w->l, node) && dead(w, node) ? AGENTS_DEAD : AGENTS_UNKNOWN;
    }
    w->agents = w->agents ? w->agents : AGENTS_LIVE;
    return w->agents == AGENTS_DEAD;
}

void link_walk_wires(struct walk *w, uint32_t node, link_walk_add *add)
{
    const struct row *r = links_row(w->l, node);
    if (!any_dead(w))
        return;
    if (link_is(r, "server"))
        of_server(w, node, add);
    else if (link_is(r, "port"))
        of_port(w, node, add);
    else if (link_is(r, "network"))
        of_network(w, node, add);
}
