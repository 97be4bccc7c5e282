/* Groups bear the loss of some of their parts: a workload lives by its pods, a load balancer by its amphorae, an API by its Services. */
#include "core/links/blast_priv.h"

#include <string.h>

#include "strata/map.h"
#include "strata/mem.h"
#include "strata/why.h"

#define NOBODY UINT32_MAX

struct tally { const struct spread *s; uint32_t members, of, alive, shaky; bool back, undo, dull; uint32_t by; };      /* of: those that served before; dull: OFFLINE does */

/* OFFLINE is a member that was set down, or one that no monitor has looked at yet. */
static bool serves(const struct row *r, bool dull)
{
    if (link_is(r, "lb-member"))
        return r->health == HEALTH_OK || (dull && r->health == HEALTH_WARN);
    if (link_withdrawn(r))
        return false;                           /* an agent whose routers were taken away already */
    return link_is(r, "pods") ? r->health == HEALTH_OK && blast_serves(r) : r->health == HEALTH_OK || r->health == HEALTH_WARN;
}

void blast_group_doubt(struct spread *s, uint32_t group, uint32_t by)
{
    if (s->by[group])
        return;
    if (!mem_grow(&s->group, &s->group_cap, s->ngroups + 1, sizeof *s->group)) {
        s->failed = true;
        return;
    }
    s->group[s->ngroups++] = group;
    s->by[group] = by + 1;
}

/* It does not run, or its volume is gone; what it kept to itself it begins anew. */
static const struct blast_item *gone_by(const struct spread *s, uint32_t node)
{
    const struct blast_item *run = &s->at[BLAST_DP][node], *data = &s->at[BLAST_ST][node];
    return run->harm == HARM_LOST ? run : data->harm == HARM_LOST && data->from != node ? data : NULL;
}

static void add_part(void *arg, uint32_t node)
{
    struct tally *t = arg;
    const struct spread *s = t->s;
    const struct blast_item *gone = gone_by(s, node), *before = t->by ? gone_by(s, t->by - 1) : NULL;
    t->members++;
    if (!serves(links_row(s->l, node), t->dull))
        return;
    if (gone && (!before || gone->cls > before->cls))
        t->by = node + 1;
    t->of++;
    t->alive += !gone;
    t->shaky += !gone && s->shaky[node];
    t->back &= !gone || gone->back;
    t->undo &= !gone || gone->undo;
}

static enum blast_harm of_group(const struct tally *t, uint32_t need)
{
    if (t->alive == t->of)
        return HARM_NONE;
    if (t->alive < need)
        return HARM_LOST;
    if (t->alive - t->shaky < need)
        return HARM_AT_RISK;
    /* One of a pair that is made anew is what pairs are for; of a quorum, or when it stays away, the next is one too many. */
    return t->alive > need || (t->back && need == 1) ? HARM_DEGRADED : HARM_AT_RISK;
}

/* Whether a set votes is not always seen by its name: without its majority it is at risk at least. */
static enum blast_harm below(enum blast_harm h, const struct tally *t, uint32_t majority)
{
    return h == HARM_DEGRADED && t->alive < majority && t->of >= majority ? HARM_AT_RISK : h;
}

bool blast_is_part(const struct link_edge *e)
{
    const char *id = links_relation(e->relation)->id;
    return !strcmp(id, "balances") || !strcmp(id, "members") || !strcmp(id, "served-by") || !strcmp(id, "ceph") || !strcmp(id, "control") || !strcmp(id, "addressed");
}

/* Addresses hold until their leases end: without any DHCP agent the next end is one too many, while another serves it is not. */
static enum blast_harm leased(enum blast_harm h, const struct tally *t)
{
    return h == HARM_NONE ? h : t->alive ? HARM_DEGRADED : HARM_AT_RISK;
}

static bool ceph(const struct row *r) { return link_kind_is(r->kind, "cephclusters.ceph.rook.io"); }

static void add_parts(const struct link_edge *e, size_t n, const char *relation, const char *pool, struct tally *t)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_relation(e[i].relation)->id, relation) && (!pool || !strcmp(row_column(links_row(t->s->l, e[i].to), "pool-id"), pool)))
            add_part(t, e[i].to);
}

/* It lives by its amphorae and by the members of each of its pools: as bad as what is worst off, for a pool without any answers nobody. */
static void count_balancer(const struct spread *s, const struct link_edge *e, size_t n, struct tally *t)
{
    const struct tally none = *t;
    struct map told;
    map_init(&told, NULL);
    add_parts(e, n, "balances", NULL, t);
    for (size_t i = 0; i < n; i++) {
        const char *pool = !strcmp(links_relation(e[i].relation)->id, "members") ? row_column(links_row(s->l, e[i].to), "pool-id") : "";
        struct tally one = none;
        if (!*pool || map_get(&told, pool) || !map_put(&told, pool, t))
            continue;
        add_parts(e + i, n - i, "members", pool, &one);
        if (!one.of) {
            one = none;
            one.dull = true;
            add_parts(e + i, n - i, "members", pool, &one);
        }
        if (!t->of || of_group(&one, 1) > of_group(t, 1))
            *t = one;
    }
    map_release(&told);
}

/* Pods of a Service that serves an API, amphorae of a load balancer, agents of a router or a network, disks of a Ceph cluster. */
static void count_parts(const struct spread *s, uint32_t group, struct tally *t)
{
    const struct row *r = links_row(s->l, group);
    const struct link_edge *e;
    size_t n = links_down(s->l, group, &e);
    if (link_is(r, "services")) {
        for (uint32_t at = 0; (at = link_selected(s->l, r, at)) != NOBODY; at++)
            add_part(t, at);
    } else if (link_is(r, "loadbalancer")) {
        count_balancer(s, e, n, t);
    } else if (link_is(r, "router") || link_is(r, "network") || ceph(r) || link_is_place(r->kind)) {
        for (size_t i = 0; i < n; i++)
            if (blast_is_part(&e[i]))
                add_part(t, e[i].to);
    } else {
        link_pods_of(s->l, group, add_part, t);
    }
}

/* How many it shall have: of a set one of whose pods is not made yet, the majority is of these. */
static uint32_t replicas(const struct row *r)
{
    int col = link_is(r, "statefulsets") ? kind_column(r->kind, "ready") : -1;
    return col >= 0 && r->cell[col].n != CELL_NONE ? (uint32_t)(r->cell[col].n & UINT32_MAX) : 0;
}

void blast_group_count(struct spread *s, uint32_t group)
{
    struct tally t = {.s = s, .back = true, .undo = true};
    uint32_t by = s->by[group] - 1;
    const struct row *r = links_row(s->l, group);
    const struct link_role *role = s->l->role[group] ? s->l->role[group] : s->l->role[by];
    enum blast_plane plane = link_is(r, "services") || link_is_place(r->kind) ? BLAST_CP : link_is(r, "loadbalancer") ? BLAST_DP : ceph(r) ? BLAST_ST : blast_plane_of(role ? role->plane : LINK_FOR_DP);
    count_parts(s, group, &t);
    uint32_t wanted = replicas(r);
    t.members = wanted > t.members ? wanted : t.members;
    if (!t.of)
        return;
    t.undo &= t.alive < t.of && !link_is(r, "services") && !link_is(r, "loadbalancer");
    by = t.by ? t.by - 1 : by;
    const struct row *part = links_row(s->l, by);
    bool votes = (role && role->quorum) || ceph(r) || link_is_place(r->kind) || (t.members >= 3 && link_is(part, "pods") && link_votes(r, part));
    uint32_t need = votes ? t.members / 2 + 1 : 1, majority = link_is(r, "statefulsets") && t.members >= 3 ? t.members / 2 + 1 : 0, wants = link_is(part, "pods") ? link_budget_wants(s->l, part) : 0;
    enum blast_harm h = below(of_group(&t, need), &t, majority);
    h = link_is(r, "network") ? leased(h, &t) : h;
    blast_hurt(s, (struct blast_item){group, by, (uint8_t)plane, (uint8_t)h, gone_by(s, by) ? gone_by(s, by)->cls : s->at[BLAST_DP][by].cls, t.back, t.undo, t.alive, t.of, need, wants > need && wants <= t.of ? wants : 0});
}
