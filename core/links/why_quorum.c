/* A database or queue without its majority is one thing that broke, and not the pods that it lacks: since when, and which these are. */
#include <stdlib.h>
#include <string.h>

#include "core/links/why_walk.h"

#define VOTERS 64

bool link_lacks_with_others(struct walk *w, uint32_t pod)
{
    const struct link_edge *e;
    uint32_t set = link_top_of(w->l, pod);
    if (set != pod && links_row(w->l, pod)->flags & ROW_DELETING && link_scaled_of(w->l, set))
        return true;                    /* it ends as its set was told to */
    if (link_walk_state(w, pod) != WHY_WEAK || set == pod || !link_quorum_lost(w->l, set) || strcmp(row_column(links_row(w->l, pod), "status"), "Running") != 0)
        return false;
    size_t n = links_down(w->l, pod, &e);
    for (size_t i = 0; i < n; i++)
        if (!link_related(&e[i], "belongs-to") && link_walk_state(w, e[i].to) != WHY_FINE)
            return false;               /* what it stands on says more */
    return true;
}

struct voters { struct walk *w; uint32_t pod[VOTERS]; int64_t since[VOTERS]; size_t n; };

static void vote(void *arg, uint32_t pod)
{
    struct voters *v = arg;
    int64_t since = why_onset(links_row(v->w->l, pod));
    size_t at = v->n;
    if (link_walk_state(v->w, pod) == WHY_FINE || since == CELL_NONE || at == VOTERS)
        return;
    for (; at && v->since[at - 1] > since; at--) {
        v->since[at] = v->since[at - 1];
        v->pod[at] = v->pod[at - 1];
    }
    v->since[at] = since;
    v->pod[at] = pod;
    v->n++;
}

/* The one with which the majority went. */
static const struct row *deciding(struct walk *w, uint32_t set)
{
    struct voters v = {.w = w};
    int64_t ready, wanted;
    link_replicas(links_row(w->l, set), &ready, &wanted);
    link_pods_of(w->l, set, vote, &v);
    size_t spare = wanted > 0 && w->l->role[set]->quorum ? (size_t)wanted - link_quorum((size_t)wanted) : wanted > 0 ? (size_t)wanted - 1 : 0;
    return spare < v.n ? links_row(w->l, v.pod[spare]) : NULL;
}

const struct row *link_dated_by(struct walk *w, uint32_t node)
{
    const struct row *r = links_row(w->l, node);
    if (link_began(r) != CELL_NONE)
        return r;
    return !link_is(r, "pods") && link_quorum_lost(w->l, node) ? deciding(w, node) : NULL;
}
