/* What goes with a namespace: its pods, its claims with their disks, and by its Services what the cloud was asked for in their names. */
#include <string.h>

#include "core/links/cut.h"

#define NAMED 6

struct space { const struct row *ns; struct stored disks; size_t shared, idle; const struct row *name[NAMED]; };

static bool inside(const struct links *l, const struct row *r, const struct row *ns)
{
    return r && !strcmp(r->scope, ns->name) && r->kind->plane == ns->kind->plane && links_cluster(l, r->source) == links_cluster(l, ns->source);
}

static void lost(struct cutter *c, uint32_t node) { link_cut_add(c, node, BLAST_DP, HARM_LOST, false); }

/* Several Services may share one: it goes with the last of them. */
static bool shared(const struct links *l, uint32_t balancer, const struct row *ns)
{
    const struct link_edge *e;
    size_t n = links_up(l, balancer, &e);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "balanced") && e[i].cls != LINK_X && !inside(l, links_row(l, e[i].to), ns))
            return true;
    return false;
}

/* The cloud's controller deletes what it made for a Service; an address that stays leads nowhere. */
static void service(struct cutter *c, uint32_t node, struct space *s)
{
    const struct link_edge *e;
    const char *type = row_column(links_row(c->l, node), "type");
    bool outside = !strcmp(type, "LoadBalancer") || *row_column(links_row(c->l, node), "balancer-id");
    size_t n = links_down(c->l, node, &e);
    for (size_t i = 0; i < n; i++) {
        const char *id = links_relation(e[i].relation)->id;
        bool balanced = !strcmp(id, "balanced");
        if (e[i].cls < LINK_B || e[i].cls == LINK_X || (!balanced && strcmp(id, "reached") != 0))
            continue;
        outside = true;
        if (balanced && shared(c->l, e[i].to, s->ns))
            s->shared++;
        else if (balanced)
            link_cut_unbalanced(c, e[i].to);
        else
            lost(c, e[i].to);
    }
    n = links_up(c->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, "routes") && e[i].cls != LINK_X && inside(c->l, links_row(c->l, e[i].to), s->ns)) {
            outside = true;
            lost(c, e[i].to);
        }
    if (outside)
        lost(c, node);
}

static void serves(void *arg, uint32_t pod)
{
    struct cutter *c = arg;
    c->n += blast_serves(links_row(c->l, pod));
}

/* What has no pod that serves is no loss, and is gone as well: whoever made it wants to know. */
static void idle(struct cutter *c, uint32_t node, struct space *s)
{
    static const char *const kinds[] = {"deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"};
    const struct row *r = links_row(c->l, node);
    struct cutter pods = {.l = c->l};
    size_t i = 0;
    while (i < sizeof kinds / sizeof *kinds && !link_is(r, kinds[i]))
        i++;
    if (i == sizeof kinds / sizeof *kinds || *r->owner)
        return;
    link_pods_of(c->l, node, serves, &pods);
    if (!pods.n && s->idle++ < NAMED)
        s->name[s->idle - 1] = r;
}

static void say_idle(const struct space *s, struct str *words)
{
    for (size_t i = 0; i < s->idle && i < NAMED; i++)
        str_addf(words, "%s%s %s", i ? ", " : "what serves nothing now goes as well: ", s->name[i]->kind->singular, s->name[i]->name);
    if (s->idle > NAMED)
        str_addf(words, ", and %zu more", s->idle - NAMED);
    str_adds(words, s->idle ? "\n" : "");
}

void link_cut_namespace(struct cutter *c, const struct row *ns, struct str *words)
{
    struct space s = {.ns = ns};
    for (uint32_t i = 0; i < links_nodes(c->l); i++) {
        const struct row *r = links_row(c->l, i);
        if (!inside(c->l, r, ns))
            continue;
        if (link_is(r, "pods") && blast_serves(r)) {
            lost(c, i);
        } else if (link_is(r, "services")) {
            service(c, i, &s);
        } else if (link_is(r, "persistentvolumeclaims")) {
            struct stored one = link_cut_claim(c, i);
            s.disks.goes += one.goes;
            s.disks.stays += one.stays;
        } else {
            idle(c, i, &s);
        }
    }
    say_idle(&s, words);
    if (s.disks.goes)
        str_addf(words, "%zu volume%s and the data on %s go%s with %s claim%s\n", s.disks.goes, s.disks.goes == 1 ? "" : "s", s.disks.goes == 1 ? "it" : "them",
                 s.disks.goes == 1 ? "es" : "", s.disks.goes == 1 ? "its" : "their", s.disks.goes == 1 ? "" : "s");
    if (s.disks.stays)
        str_addf(words, "%zu volume%s and the data on %s stay%s (policy Retain), and can be bound again only by hand\n", s.disks.stays, s.disks.stays == 1 ? "" : "s",
                 s.disks.stays == 1 ? "it" : "them", s.disks.stays == 1 ? "s" : "");
    if (s.shared)
        str_addf(words, "%zu load balancer%s shared with Services elsewhere stay%s\n", s.shared, s.shared == 1 ? "" : "s", s.shared == 1 ? "s" : "");
}
