/* Root cause: down from what is red along what it needs, to the deepest thing that is not well. */
#include "strata/why.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

#define NOBODY UINT32_MAX

/* Does it work, or can it be managed: two questions with two slices. */
enum question { WORKS, MANAGED };

struct step { uint32_t node, from; uint8_t cls; uint8_t depth; bool below; };        /* from: index of the step above; below: something not well was found under it */
struct walk {
    const struct links *l;
    enum question q;
    struct step *step;
    size_t n, cap;
    uint32_t *seen;         /* per node: index of its step, + 1 */
    size_t at;              /* the step whose needs are being added */
    bool failed;
};

static bool is(const struct row *r, const char *kind) { return r && !strcmp(r->kind->id, kind); }
static bool related(const struct link_edge *e, const char *id) { return !strcmp(links_relation(e->relation)->id, id); }

static void add(struct walk *w, uint32_t node, uint8_t cls)
{
    const struct step *by = w->n ? &w->step[w->at] : NULL;
    if (w->seen[node] || !links_row(w->l, node) || (by && by->depth + 1 >= WHY_DEPTH))
        return;
    if (!mem_grow(&w->step, &w->cap, w->n + 1, sizeof *w->step)) {
        w->failed = true;
        return;
    }
    by = w->n ? &w->step[w->at] : NULL;
    w->step[w->n] = (struct step){node, by ? (uint32_t)w->at : 0, by && by->cls < cls ? by->cls : cls, by ? (uint8_t)(by->depth + 1) : 0, false};
    w->seen[node] = (uint32_t)++w->n;
}

static void add_pod(void *arg, uint32_t pod)
{
    struct walk *w = arg;
    if (why_state_of(links_row(w->l, pod)) != WHY_FINE)
        add(w, pod, LINK_A);
}

/* A hypervisor's state is the word of its nova-compute: where its node is known and reports, the host lives. */
static enum why_state state_in(const struct walk *w, uint32_t node)
{
    const struct row *r = links_row(w->l, node);
    const struct link_edge *e;
    enum why_state s = why_state_of(r);
    if (w->q != WORKS || !is(r, "hypervisor") || s < WHY_WEAK)
        return s;
    size_t n = links_down(w->l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (related(&e[i], "host") && e[i].cls != LINK_X && why_state_of(links_row(w->l, e[i].to)) == WHY_FINE)
            return WHY_FINE;
    return strcmp(row_column(r, "state"), "down") ? WHY_FINE : WHY_WEAK;       /* disabled takes no server away */
}

/* Its own kubelet reports the fault: what is below it works. */
static bool reports(const struct row *r)
{
    return is(r, "nodes") && r->health != HEALTH_UNKNOWN;
}

static void needs(struct walk *w, uint32_t node)
{
    const struct link_edge *e;
    const struct row *r = links_row(w->l, node);
    size_t n = links_down(w->l, node, &e);
    for (size_t i = 0; i < n && !w->failed; i++) {
        enum link_plane p = links_relation(e[i].relation)->plane;
        if (p == LINK_FOR_NONE || e[i].cls == LINK_X || (p == LINK_FOR_CP && w->q == WORKS) || (related(&e[i], "machine") && reports(r)))
            continue;
        add(w, e[i].to, e[i].cls);
    }
    if (is(r, "services"))
        for (uint32_t at = 0; (at = link_selected(w->l, r, at)) != NOBODY; at++)
            add_pod(w, at);
    else
        link_pods_of(w->l, node, add_pod, w);
}

static enum question asked(const struct row *r)
{
    if (is(r, "os-services") || is(r, "hypervisor"))
        return MANAGED;
    return is(r, "server") && !strcmp(row_column(r, "status"), "ACTIVE") ? MANAGED : WORKS;      /* ACTIVE on a host that does not report */
}

/* The slice below node; where something not well has such a thing below it, it is no cause. */
static bool slice(struct walk *w, const struct links *l, uint32_t node)
{
    *w = (struct walk){.l = l, .q = asked(links_row(l, node))};
    w->seen = mem_zalloc((l->nnodes + 1) * sizeof *w->seen);
    if (!w->seen)
        return false;
    add(w, node, LINK_A);
    for (w->at = 0; w->at < w->n && !w->failed; w->at++)
        needs(w, w->step[w->at].node);
    for (size_t i = w->n; i-- > 1;)
        if (w->step[i].below || state_in(w, w->step[i].node) > WHY_FINE)
            w->step[w->step[i].from].below = true;
    return !w->failed;
}

static void walk_free(struct walk *w)
{
    mem_free(w->step);
    mem_free(w->seen);
}

/* ---- what else it explains ---- */

struct reach { const struct links *l; uint32_t *queue; size_t n, cap; uint8_t *seen; bool failed; };

static void reach_add(struct reach *r, uint32_t node)
{
    if (r->seen[node] || !links_row(r->l, node))
        return;
    if (!mem_grow(&r->queue, &r->cap, r->n + 1, sizeof *r->queue)) {
        r->failed = true;
        return;
    }
    r->seen[node] = 1;
    r->queue[r->n++] = node;
}

/* A node that reports, and its pods, contradict that what they stand on is gone. */
static void count(struct why_cause *c, enum question q, const struct row *r)
{
    enum why_state s = why_state_of(r);
    if (s == WHY_BROKEN || s == WHY_WEAK)
        c->explains++;
    else if (s == WHY_FINE && q == WORKS && is(r, "nodes"))
        c->against++;
}

static bool weigh(struct why_cause *c, enum question q, const struct links *l)
{
    struct reach r = {.l = l, .seen = mem_zalloc(l->nnodes + 1)};
    const struct link_edge *e;
    if (!r.seen)
        return false;
    for (size_t i = c->n; i--;)
        reach_add(&r, c->hop[i]);
    for (size_t at = 0; at < r.n && !r.failed; at++) {
        uint32_t node = r.queue[at];
        size_t n = links_up(l, node, &e);
        count(c, q, links_row(l, node));
        for (size_t i = 0; i < n; i++)
            if (links_relation(e[i].relation)->plane != LINK_FOR_NONE && e[i].cls >= LINK_B && e[i].cls != LINK_X)
                reach_add(&r, e[i].to);
        n = links_down(l, node, &e);
        for (size_t i = 0; i < n; i++)         /* its workload */
            if (related(&e[i], "belongs-to") && why_state_of(links_row(l, e[i].to)) > WHY_FINE)
                reach_add(&r, e[i].to);
    }
    c->explains += !c->explains;            /* it is off, and nothing hangs on it: it explains itself */
    mem_free(r.queue);
    mem_free(r.seen);
    return !r.failed;
}

/* The lower the layer, the likelier it is the one thing that broke. */
static int prior(const struct row *r)
{
    static const struct { const char *kind; int percent; } p[] = {
        {"nodes", 90}, {"baremetal", 80}, {"server", 60}, {"os-services", 50}, {"hypervisor", 50}, {"amphora", 50}, {"volume", 50},
    };
    for (size_t i = 0; i < sizeof p / sizeof *p; i++)
        if (is(r, p[i].kind))
            return p[i].percent;
    return 30;
}

static int score_of(const struct why_cause *c, const struct row *r)
{
    static const int certain[] = {[LINK_NONE] = 10, [LINK_C] = 30, [LINK_B] = 80, [LINK_A] = 100, [LINK_X] = 10};
    long many = (long)(c->explains > 1000 ? 1000 : c->explains) - 2 * (long)(c->against > 1000 ? 1000 : c->against);
    int sure = c->state == WHY_WEAK || c->state == WHY_UNSEEN ? 2 : 1;
    return (int)((many < 0 ? many - 1 : many + 1) * certain[c->cls] * prior(r) / 100 / sure);
}

static void keep(struct why *out, const struct why_cause *c)
{
    size_t at = out->n;
    while (at && out->cause[at - 1].score < c->score)
        at--;
    if (at >= WHY_CAUSES)
        return;
    if (out->n < WHY_CAUSES)
        out->n++;
    memmove(&out->cause[at + 1], &out->cause[at], (out->n - at - 1) * sizeof *c);
    out->cause[at] = *c;
}

bool why_make(struct why *out, const struct links *l, uint32_t node)
{
    struct walk w;
    memset(out, 0, sizeof *out);
    out->state = (uint8_t)why_state_of(links_row(l, node));
    bool ok = slice(&w, l, node);
    for (size_t i = 0; ok && i < w.n; i++) {
        const struct step *s = &w.step[i];
        struct why_cause c = {.cls = s->cls, .state = (uint8_t)state_in(&w, s->node), .n = (size_t)s->depth + 1};
        if (s->below || c.state == WHY_FINE || (out->state == WHY_FINE && c.state < WHY_STOPPED))      /* it works: only what is gone may be news */
            continue;
        for (size_t k = i, d = c.n; d--; k = w.step[k].from)
            c.hop[d] = w.step[k].node;
        ok = weigh(&c, w.q, l);
        c.score = score_of(&c, links_row(l, s->node));
        keep(out, &c);
    }
    walk_free(&w);
    return ok;
}

/* ---- all that is red ---- */

static int most_first(const void *a, const void *b)
{
    const struct why_cause *x = a, *y = b;
    if (x->explains != y->explains)
        return x->explains < y->explains ? 1 : -1;
    return x->hop[x->n - 1] < y->hop[y->n - 1] ? -1 : 1;
}

static bool credit(struct why_world *out, size_t *cap, uint32_t *of, const struct why_cause *c)
{
    uint32_t cause = c->hop[c->n - 1];
    if (!of[cause]) {
        if (!mem_grow(&out->cause, cap, out->n + 1, sizeof *out->cause))
            return false;
        out->cause[out->n] = *c;
        out->cause[out->n].explains = 0;
        of[cause] = (uint32_t)++out->n;
    }
    out->cause[of[cause] - 1].explains++;
    return true;
}

bool why_all(struct why_world *out, const struct links *l)
{
    struct why one;
    size_t cap = 0;
    memset(out, 0, sizeof *out);
    uint32_t *of = mem_zalloc((l->nnodes + 1) * sizeof *of);
    bool ok = of != NULL;
    for (uint32_t i = 0; ok && i < l->nnodes; i++) {
        const struct row *r = links_row(l, i);
        if (!r || why_state_of(r) != WHY_BROKEN)
            continue;
        out->red++;
        ok = why_make(&one, l, i) && (!one.n || credit(out, &cap, of, &one.cause[0]));
    }
    mem_free(of);
    if (!ok)
        why_world_free(out);
    else if (out->n)
        qsort(out->cause, out->n, sizeof *out->cause, most_first);
    return ok;
}

void why_world_free(struct why_world *w)
{
    mem_free(w->cause);
    memset(w, 0, sizeof *w);
}
