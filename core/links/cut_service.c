/* What goes with a Service: pods behind it run on and are not reached by it; who reached it from outside, and by what, is told. */
#include <string.h>

#include "core/links/cut.h"

static bool some(const char *cell) { return *cell && *cell != '<' && strcmp(cell, "None") != 0; }

/* Pods that it sends to: by its selector; of one that has none, by its endpoints. */
static size_t behind(const struct cutter *c, uint32_t service, bool blind)
{
    const struct link_edge *e;
    size_t pods = 0, n = blind ? links_down(c->l, service, &e) : 0;
    for (uint32_t at = 0; !blind && (at = link_selected(c->l, links_row(c->l, service), at)) != LINK_NO_NODE; at++)
        pods += blast_serves(links_row(c->l, at));
    for (size_t i = 0; i < n; i++)
        pods += !strcmp(links_relation(e[i].relation)->id, "sends") && link_is(links_row(c->l, e[i].to), "pods") && blast_serves(links_row(c->l, e[i].to));
    return pods;
}

/* An Ingress, Route or VirtualService of it alone leads nowhere then; one that leads to others as well loses some of its ways. */
static bool way_in(struct cutter *c, uint32_t way, struct str *words)
{
    const struct row *r = links_row(c->l, way);
    const struct link_edge *e;
    size_t n = links_down(c->l, way, &e), services = 0;
    int address = kind_column(r->kind, "address");
    bool outside = address < 0 || some(row_column(r, "address"));
    for (size_t i = 0; i < n; i++)
        services += link_is(links_row(c->l, e[i].to), "services");
    bool undo = c->undo;
    c->undo = !outside;
    link_cut_add(c, way, BLAST_DP, services > 1 ? HARM_DEGRADED : HARM_LOST, false);
    c->undo = undo;
    str_addf(words, "%s %s leads to it%s%s%s: %s\n", r->kind->singular, r->name, some(row_column(r, "rule-hosts")) ? ", " : "", some(row_column(r, "rule-hosts")) ? row_column(r, "rule-hosts") : "",
             outside ? "" : ", and has no address yet", outside ? "who comes from outside finds nothing there" : "nobody comes by it now");
    return outside;
}

/* The Service itself may be made again as it was; what was reached from outside is lost until then. */
void link_cut_exposed(struct cutter *c, uint32_t service, struct str *words)
{
    const struct link_edge *e;
    const struct row *r = links_row(c->l, service);
    const char *selector = row_column(r, "selector"), *external = row_column(r, "external-ip");
    bool blind = !some(selector), undo = c->undo, outside = some(external);
    size_t pods = behind(c, service, blind), first = c->n, n;
    if (!pods && !blind) {
        str_adds(words, "no pod that serves is behind it\n");
        return;
    }
    link_cut_add(c, service, BLAST_DP, HARM_LOST, false);
    if (pods)
        str_addf(words, "%zu pod%s behind it run%s on and %s not reached by it\n", pods, pods == 1 ? "" : "s", pods == 1 ? "s" : "", pods == 1 ? "is" : "are");
    else if (link_is(r, "services") && !strcmp(row_column(r, "type"), "ExternalName"))
        str_addf(words, "it is another name of %s, which is not reached by it\n", external);
    else
        str_adds(words, "unknown: it has no selector, what is behind it is not seen\n");
    n = links_down(c->l, service, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B && e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "balanced")) {
            link_cut_add(c, e[i].to, BLAST_DP, HARM_LOST, false);
            outside = true;
        }
    n = links_up(c->l, service, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B && e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, "routes"))
            outside |= way_in(c, e[i].to, words);
    outside = outside && strcmp(row_column(r, "type"), "ExternalName") != 0;
    if (some(external) && outside)
        str_addf(words, "its address from outside, %s, goes with it\n", external);
    if (!outside && pods)
        str_adds(words, "nothing from outside is seen to lead to it: who uses its name or address inside the cluster loses them\n");
    if (first < c->max)
        c->cut[first].undo = !outside || undo;
}
