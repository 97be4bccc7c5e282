/* All that is red, and what explains it: one sweep, and the list in its order. */
#include <stdlib.h>
#include <string.h>

#include "core/links/why_walk.h"
#include "strata/mem.h"

#define HIDDEN_LIST 3           /* rows that a list may have, at the least, of which nothing is seen */
/* In halves of a red row: what is not well counts one. A nova-compute that died makes few rows red, and leaves all servers of its host
 * without. A workload of one pod is red three times over and is one thing. An API that is down takes what it gives from all its users,
 * be none of its lists read here. A rollout that is stuck is known by its own pods alone, and is one thing as well. */
static size_t much_of(const struct why_cause *c)
{
    size_t lists = c->hides > c->apis ? c->hides : c->apis, rows = c->explains - c->own;
    if (!rows && !c->dark && !lists && c->own)
        return c->more > 2 ? c->more : 2;
    return 2 * (rows + c->dark + HIDDEN_LIST * lists) + c->more;
}

/* What breaks together is found within such a while; CELL_NONE is the oldest. */
static int64_t while_of(int64_t since) { return since == CELL_NONE ? CELL_NONE : since / ONSET_SLACK_MS; }

static int most_first(const void *a, const void *b)
{
    const struct why_cause *x = a, *y = b;
    size_t much = much_of(x), other = much_of(y);
    if (much != other)
        return much < other ? 1 : -1;
    int64_t when = while_of(x->since), then = while_of(y->since);
    if (when != then)
        return when < then ? 1 : -1;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->since != y->since)
        return x->since < y->since ? 1 : -1;
    return x->hop[x->n - 1] < y->hop[y->n - 1] ? -1 : 1;
}

/* What ends where lists are not read counts for the API that does not give them, too: it is what to mend first. */
static void darken(struct why_world *out, const struct links *l)
{
    for (size_t i = 0; i < out->n; i++) {
        struct why_cause *api = &out->cause[i];
        uint16_t at = links_cluster(l, links_row(l, api->hides ? api->api : api->hop[0])->source);
        for (size_t k = 0; api->hides && k < out->n; k++) {
            const struct why_cause *c = &out->cause[k];
            const struct snap *hidden = k == i ? NULL : why_hidden(l, c->hop[c->n - 1]);
            if (hidden && links_cluster(l, snap_source(hidden)) == at)
                api->dark += c->explains;
        }
    }
}

/* A workload says of no rollout since when it fails: its pods do. */
static int64_t since_of(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node);
    uint32_t pod = LINK_NO_NODE;
    int64_t then = why_since(r);
    return then == CELL_NONE && link_rollout_stuck(l, node, &pod) && pod != LINK_NO_NODE ? why_since(links_row(l, pod)) : then;
}

/* In the order of the list: how much it explains, how new it is, and of what is as new how low it lies. */
static void rank(struct why_world *out, const struct links *l)
{
    for (size_t i = 0; i < out->n; i++) {
        struct why_cause *c = &out->cause[i];
        const struct row *r = links_row(l, c->hop[c->n - 1]);
        c->more -= c->more < c->explains ? c->more : c->explains;
        c->score = link_cause_prior(r);
        c->since = c->shared.silent ? c->shared.from_ms : since_of(l, c->hop[c->n - 1]);
    }
    if (out->n)
        qsort(out->cause, out->n, sizeof *out->cause, most_first);
}

const struct why_cause *why_world_find(const struct why_world *w, uint32_t cause)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->cause[i].hop[w->cause[i].n - 1] == cause)
            return &w->cause[i];
    return NULL;
}

/* How a cause is known is told by what it explains beside itself: of these the surest one. */
static bool surer(const struct why_cause *had, const struct why_cause *c)
{
    if (c->guess || had->guess || c->cls == LINK_X || had->cls == LINK_X)
        return !c->guess && (had->guess || had->cls != LINK_X);
    return (had->n > 1) == (c->n > 1) ? had->cls < c->cls : c->n > 1;
}

static bool credit(struct why_world *out, const struct links *l, size_t *cap, uint32_t *of, const struct why_cause *c)
{
    size_t hides, others;
    uint32_t node = c->hop[0], cause = link_together(l, c->hop[c->n - 1], &others);
    hides = why_hides(l, node);
    uint16_t layer = links_cluster(l, links_row(l, node)->source);
    if (!of[cause]) {
        if (!mem_grow(&out->cause, cap, out->n + 1, sizeof *out->cause))
            return false;
        out->cause[out->n] = *c;
        out->cause[out->n].explains = 0;
        out->cause[out->n].hides = 0;
        out->cause[out->n].layers = 0;
        out->cause[out->n].own = out->cause[out->n].apis = 0;
        of[cause] = (uint32_t)++out->n;
    }
    struct why_cause *had = &out->cause[of[cause] - 1];
    had->explains++;
    had->own += node != cause && link_top_of(l, node) == link_top_of(l, cause);
    had->apis += link_is_api(links_row(l, node));
    had->guessed += c->guess;
    had->layers |= layer < CORE_MAX_SOURCES ? UINT64_C(1) << layer : 0;
    if (!c->guess && c->n > 1 && c->cls < LINK_X)
        had->by_class[c->cls]++;
    if (surer(had, c)) {
        memcpy(had->hop, c->hop, sizeof had->hop);
        had->n = c->n;
        had->cls = c->cls;
        had->guess = false;
        had->shared = c->shared;
    }
    if (hides > had->hides)
        had->hides = hides, had->api = c->hop[0], had->hides_guess = c->guess;
    had->more = c->explains > had->more ? c->explains : had->more;
    return true;
}

/* Where it would take too long, what is left is its own cause: too many causes then, and never a wrong one. */
#define WORK_EACH 64
static bool explain(struct walk *w, struct why *one, uint32_t node)
{
    if (w->work < w->most)
        return link_walk_why(w, one, node);
    *one = (struct why){.state = WHY_BROKEN, .n = 1};
    one->cause[0] = (struct why_cause){.hop = {node}, .n = 1, .cls = LINK_A, .state = WHY_BROKEN, .explains = 1};
    return true;
}

/* What somebody's decision took from the network is on the list though nothing of it is red; so is the silence of what was disabled,
 * which nobody decided. */
static bool add_disabled(struct why_world *out, struct walk *w, size_t *cap, const uint32_t *of)
{
    const struct links *l = w->l;
    struct why one;
    for (uint32_t i = 0; i < l->nnodes; i++) {
        const struct row *r = links_row(l, i);
        bool withdrawn = link_withdrawn(r);
        if (of[i] || (!withdrawn && !link_abandoned(l, i)))
            continue;
        if (!withdrawn && !explain(w, &one, i))
            return false;
        if (!withdrawn && one.n && one.cause[0].hop[one.cause[0].n - 1] != i)
            continue;                           /* it fell silent for something else */
        if (!mem_grow(&out->cause, cap, out->n + 1, sizeof *out->cause))
            return false;
        out->cause[out->n++] = (struct why_cause){.hop = {i}, .n = 1, .cls = LINK_A, .state = withdrawn ? WHY_PLANNED : WHY_WEAK};
    }
    return true;
}

bool why_all(struct why_world *out, const struct links *l)
{
    struct walk w;
    struct why one;
    size_t cap = 0;
    memset(out, 0, sizeof *out);
    uint32_t *of = mem_zalloc((l->nnodes + 1) * sizeof *of);
    bool ok = link_walk_init(&w, l) && of;
    w.most = ((size_t)l->nnodes + 4096) * WORK_EACH;
    for (uint32_t i = 0; ok && i < l->nnodes; i++) {
        if (!links_row(l, i) || (link_walk_state(&w, i) != WHY_BROKEN && link_walk_state(&w, i) != WHY_CONTRADICTS && !why_contradicts(l, i) && !why_dangles(l, i)))
            continue;
        out->red++;
        ok = explain(&w, &one, i) && (!one.n || credit(out, l, &cap, of, &one.cause[0]));
    }
    out->rough = w.work >= w.most;
    ok = ok && add_disabled(out, &w, &cap, of);
    link_walk_free(&w);
    mem_free(of);
    if (!ok)
        why_world_free(out);
    else {
        if (w.blind)
            darken(out, l);
        rank(out, l);
    }
    return ok;
}

void why_world_free(struct why_world *w)
{
    mem_free(w->cause);
    memset(w, 0, sizeof *w);
}
