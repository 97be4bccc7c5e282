/* What goes wrong when a record is set by hand: nothing ends by it, but what acts by the record from then on acts on what is not so. */
#include <string.h>

#include "core/links/cut.h"

static bool told(const struct cutter *c, const char *state)
{
    const char *to = link_cut_option(c, "state");
    return !to || !strcmp(to, state);
}

struct seen { size_t nodes, machines, clusters; };

/* Who reads the record of a server: the cloud controller of a cluster whose node it is, Cluster API, Magnum. */
static struct seen readers(const struct cutter *c, uint32_t server)
{
    const struct link_edge *e;
    struct seen s = {0};
    size_t n = links_up(c->l, server, &e);
    for (size_t i = 0; i < n; i++)
        s.nodes += e[i].cls >= LINK_B && e[i].cls != LINK_X && link_related(&e[i], "machine");
    n = links_down(c->l, server, &e);
    for (size_t i = 0; i < n; i++)
        s.machines += e[i].cls >= LINK_B && e[i].cls != LINK_X && link_related(&e[i], "declared");
    return s;
}

static void server(struct cutter *c, uint32_t node, struct str *words)
{
    const struct row *r = links_row(c->l, node);
    const char *power = row_column(r, "power");
    bool off = *power && strcmp(power, "Running") && strcmp(power, "NOSTATE");
    struct seen s = readers(c, node);
    link_cut_add(c, node, BLAST_CP, HARM_AT_RISK, false);
    if (told(c, "error") && r->health != HEALTH_BAD)
        str_addf(words, "%sthe guest runs on as it is, but Nova neither pauses, resizes nor moves it until it is active again\n", link_cut_option(c, "state") ? "" : "to error: ");
    if (told(c, "error") && s.machines)
        str_addf(words, "%sCluster API takes a machine whose server is in ERROR for failed: its health check replaces it\n", link_cut_option(c, "state") ? "" : "to error: ");
    if (told(c, "active") && off)
        str_addf(words, "%sNova's record says active while the guest is %s, until Nova looks at its power again\n", link_cut_option(c, "state") ? "" : "to active: ", power);
    if (s.nodes)
        str_adds(words, "it is a node of a cluster, whose cloud controller goes by this record\n");
}

/* A disk that is in use and called free may be deleted, or given to another, who writes on it as well. */
static void volume(struct cutter *c, uint32_t node, struct str *words)
{
    const struct row *r = links_row(c->l, node);
    const char *servers = row_column(r, "server-ids");
    if (!*servers) {
        str_adds(words, told(c, "in-use") && link_cut_option(c, "state") ? "no server has it: called in-use, it can be neither attached nor deleted\n" : "no server has it: nothing that serves is lost\n");
        if (told(c, "in-use") && link_cut_option(c, "state"))
            link_cut_add(c, node, BLAST_CP, HARM_AT_RISK, false);
        return;
    }
    if (link_cut_option(c, "state") && told(c, "in-use"))
        return;                                 /* that is what it is */
    link_cut_add(c, node, BLAST_ST, HARM_AT_RISK, false);
    str_addf(words, "it is attached: %s\n", told(c, "available") ? "once it is called available it can be deleted, or attached to another that writes on it as well" :
             "once it is called error it can be deleted under who has it");
}

void link_cut_record(struct cutter *c, uint32_t node, struct str *words)
{
    if (link_is(links_row(c->l, node), "server"))
        server(c, node, words);
    else
        volume(c, node, words);
}
