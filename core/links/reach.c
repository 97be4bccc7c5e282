/* How far must be looked: the kinds that rules make hang on what is harmed, so that only these are read. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/blast.h"

struct needs { struct blast_need *need; size_t n, max; };

static void add(struct needs *x, const char *kind, uint16_t source, bool across, bool wide)
{
    for (size_t i = 0; i < x->n; i++) {
        struct blast_need *h = &x->need[i];
        if (!strcmp(h->kind, kind) && h->across == across && (across || h->source == source)) {
            h->wide |= wide;
            return;
        }
    }
    if (x->n < x->max)
        x->need[x->n++] = (struct blast_need){kind, source, across, wide};
}

/* Whose it is, and through that its siblings. */
static void owners(struct needs *x, const struct row *pod)
{
    static const struct { const char *owner, *kind[2]; } of[] = {
        {"ReplicaSet/", {"replicasets", "deployments"}}, {"StatefulSet/", {"statefulsets", NULL}}, {"DaemonSet/", {"daemonsets", NULL}}, {"Job/", {"jobs", NULL}},
    };
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        for (size_t k = 0; k < 2 && !strncmp(pod->owner, of[i].owner, strlen(of[i].owner)); k++)
            if (of[i].kind[k])
                add(x, of[i].kind[k], pod->source, false, false);
}

/* By what its labels say it is: who has no such labels serves nothing of a cloud. */
static bool by_role(const struct link_key *k) { return !strncmp(k->from, "@role", 5); }

/* One more server or node of the same name or address makes it but a guess; two servers that one node shall be are a conflict. */
static bool compared(const struct link_rule *rule) { return rule->scope == ACROSS && (!strcmp(rule->relation, "machine") || !strcmp(rule->relation, "host")); }

static void hanging_on(struct needs *x, const struct row *r, bool role, bool data)
{
    for (const struct link_rule *rule = link_rules; rule->id; rule++) {
        const struct link_relation *rel = links_relation(link_relation_of(rule));
        if (rel->plane == LINK_FOR_NONE || !link_kind_is(r->kind, rule->to) || (by_role(&rule->to_key) && !role))
            continue;
        if (!strcmp(rule->relation, "served-by") && strcmp(row_column(r, "binary"), "neutron-l3-agent") && strcmp(row_column(r, "binary"), "ovn-controller"))
            continue;                                          /* routers hang on agents of theirs alone */
        if (!strcmp(rule->from, rule->to) || (link_is(r, "services") && !role))
            continue;
        if (!kind_find(rule->from) && !(data && rel->plane == LINK_FOR_ST))       /* what is discovered is looked for where data is at stake */
            continue;
        bool across = rule->scope == ACROSS || (rule->via && (rule->via->scope_in == ACROSS || rule->via->scope_out == ACROSS));
        if (!rule->via || kind_find(rule->via->kind))
            add(x, rule->from, r->source, across, !(r->kind->flags & KIND_NAMESPACED));
        if (rule->via && kind_find(rule->via->kind))
            add(x, rule->via->kind, r->source, across, true);
        if (compared(rule))
            add(x, rule->to, r->source, true, true);
    }
}

/* A Service of pods that are known to be part of a cloud: an API may hang on it. */
static bool of_cloud(const struct links *l, const struct row *service)
{
    for (uint32_t at = 0; (at = link_selected(l, service, at)) != LINK_NO_NODE; at++)
        if (l->role[at])
            return true;
    return false;
}

/* All that stands on the nodes and what asks for a place there is read; disks where a pod has some. */
size_t blast_place_needs(const struct links *l, const struct blast_cut *cut, size_t n, struct blast_need *need, size_t have, size_t max)
{
    struct needs x = {need, have, max};
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(l, cut[i].node);
        if (!cut[i].drained)
            continue;
        add(&x, "nodes", r->source, false, true);
        add(&x, "pods", r->source, false, true);
        add(&x, "namespaces", r->source, false, true);
        if (*row_column(r, "claims")) {
            add(&x, "persistentvolumeclaims", r->source, false, true);
            add(&x, "persistentvolumes", r->source, false, true);
        }
    }
    return x.n;
}

/* What it names in a cloud goes with it: the disk of a persistent volume, the load balancer of a Service. */
static void named_below(struct needs *x, const struct row *r)
{
    if (link_kind_is(r->kind, "persistentvolumes")) {
        if (*row_column(r, "cinder-volume"))
            add(x, "volume", r->source, true, true);
        if (*row_column(r, "manila-share"))
            add(x, "share", r->source, true, true);
    } else if (link_is(r, "services") && (*row_column(r, "balancer-id") || !strcmp(row_column(r, "type"), "LoadBalancer"))) {
        static const char *const kinds[] = {"loadbalancer", "port", "floating-ip"};
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            add(x, kinds[i], r->source, true, true);
    }
}

size_t blast_needs(const struct links *l, const struct blast *b, struct blast_need *need, size_t max)
{
    struct needs x = {need, 0, max};
    for (size_t i = 0; i < b->n; i++) {
        const struct blast_item *it = &b->item[i];
        const struct row *r = links_row(l, it->node);
        bool role = l->role[it->node] || (link_is(r, "services") && (it->from != it->node || of_cloud(l, r))) || r->kind->plane == PLANE_OPENSTACK;
        if (link_is(r, "pods")) {
            owners(&x, r);
            add(&x, "pods", r->source, false, false);
            if (role)
                add(&x, "services", r->source, false, false);
        }
        hanging_on(&x, r, role, it->plane == BLAST_ST);
        if (it->from == it->node)
            named_below(&x, r);
        const char *managed[8];
        for (size_t k = it->plane == BLAST_CP && it->harm >= HARM_AT_RISK ? blast_managed_kinds(r, managed, 8) : 0; k-- > 0;)
            add(&x, managed[k], r->source, false, true);
        if (link_is_place(r->kind))                             /* what Magnum calls its cluster */
            add(&x, "coe-cluster", r->source, true, true);
        bool reached = link_is(r, "server") || link_is(r, "loadbalancer") || link_is(r, "router") || link_is(r, "network") || link_is(r, "port");
        if (reached && it->plane == BLAST_DP && it->harm == HARM_LOST) {      /* the addresses that lead there */
            add(&x, "port", r->source, false, true);
            add(&x, "floating-ip", r->source, false, true);
        }
    }
    return x.n;
}
