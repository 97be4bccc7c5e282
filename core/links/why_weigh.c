/* The weight of a root cause: what else it explains, what speaks against it, and how likely such a thing is what broke. */
#include <string.h>

#include "core/links/why_walk.h"
#include "strata/mem.h"

static void reach_add(struct walk *w, uint32_t node)
{
    w->work++;
    if (w->seen[node] == w->stamp || !links_row(w->l, node))
        return;
    if (!mem_grow(&w->queue, &w->queue_cap, w->queued + 1, sizeof *w->queue)) {
        w->failed = true;
        return;
    }
    w->seen[node] = w->stamp;
    w->queue[w->queued++] = node;
}

/* A node that reports, and its pods, contradict that what they stand on is gone. */
static void count(struct walk *w, struct weight *c, uint32_t node)
{
    enum why_state s = link_walk_state(w, node);
    if (s == WHY_BROKEN || s == WHY_WEAK || s == WHY_DANGLING || s == WHY_CONTRADICTS)
        c->explains++;
    else if (s == WHY_FINE && w->q == WORKS && link_is(links_row(w->l, node), "nodes") && link_walk_reports(w, node))
        c->against++;
}

/* What says when a cause began: itself, or the nearest above it that does. */
static const struct row *dated(struct walk *w, const struct why_cause *c)
{
    const struct row *r = NULL;
    for (size_t i = c->n; i-- && !r;)
        r = link_dated_by(w, c->hop[i]);
    return r;
}

static void reach_up(struct walk *w, struct weight *c, const struct why_cause *from)
{
    const struct link_edge *e;
    const struct row *began = dated(w, from);
    w->stamp++;
    w->queued = 0;
    for (size_t i = from->n; i--;)
        reach_add(w, from->hop[i]);
    for (size_t at = 0; at < w->queued && !w->failed && w->work < w->most; at++) {
        uint32_t node = w->queue[at];
        const struct row *r = links_row(w->l, node);
        size_t n = links_up(w->l, node, &e);
        if (link_failed_before(r, began))
            continue;
        count(w, c, node);
        if (link_of_host(r) && link_walk_state(w, node) == WHY_PLANNED && strcmp(row_column(r, "state"), "down") != 0 && !link_withdrawn(r))
            continue;
        for (size_t i = 0; i < n; i++)
            if (links_relation(e[i].relation)->plane != LINK_FOR_NONE && e[i].cls >= LINK_B && e[i].cls != LINK_X && !(link_related(&e[i], "needs") && !link_quorum_lost(w->l, node)))
                reach_add(w, e[i].to);
        n = links_down(w->l, node, &e);
        for (size_t i = 0; i < n; i++)         /* its workload */
            if (link_related(&e[i], "belongs-to") && link_walk_state(w, e[i].to) > WHY_FINE)
                reach_add(w, e[i].to);
    }
    c->explains += !c->explains;            /* it is off, and nothing hangs on it: it explains itself */
}

/* Once for each cause, by the chain that led to it first. */
bool link_walk_weigh(struct walk *w, struct why_cause *c)
{
    uint32_t cause = c->hop[c->n - 1], at = w->weighed[cause];
    if (w->closed[cause] == w->round && c->state == WHY_PLANNED) {      /* what runs there runs on: it keeps off what leads here */
        c->explains = c->n - 1;
        c->against = 0;
        return true;
    }
    while (at && w->weight[at - 1].q != w->q)
        at = w->weight[at - 1].next;
    if (!at) {
        if (!mem_grow(&w->weight, &w->weight_cap, w->nweight + 1, sizeof *w->weight))
            return false;
        w->weight[w->nweight] = (struct weight){.node = cause, .next = w->weighed[cause], .q = w->q};
        reach_up(w, &w->weight[w->nweight], c);
        at = w->weighed[cause] = (uint32_t)++w->nweight;
    }
    c->explains = w->weight[at - 1].explains;
    c->against = w->weight[at - 1].against;
    return !w->failed;
}

/* The lower the layer, the likelier it is the one thing that broke. */
int link_cause_prior(const struct row *r)
{
    static const struct { const char *kind; int percent; } p[] = {
        {"nodes", 90}, {LINK_APISERVER, 85}, {"baremetal", 80}, {"server", 60}, {"os-services", 50}, {"hypervisor", 50}, {"amphora", 50}, {"volume", 50}, {"share", 50},
    };
    if (link_is_api(r))
        return 85;                  /* all who use it */
    for (size_t i = 0; i < sizeof p / sizeof *p; i++)
        if (link_is(r, p[i].kind))
            return p[i].percent;
    return 30;
}

int link_walk_score(const struct why_cause *c, const struct row *r)
{
    static const int certain[] = {[LINK_NONE] = 10, [LINK_C] = 30, [LINK_B] = 80, [LINK_A] = 100, [LINK_X] = 10};
    long many = (long)(c->explains > 1000 ? 1000 : c->explains) - 2 * (long)(c->against > 1000 ? 1000 : c->against);
    int sure = (c->state == WHY_WEAK && !link_dead(r)) || c->state == WHY_UNSEEN ? 2 : 1;
    return (int)((many < 0 ? many - 1 : many + 1) * certain[c->cls] * link_cause_prior(r) / 100 / sure);
}
