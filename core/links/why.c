/* Root cause: of what is not well below a row, the causes by their weight, with the chains that lead to them. */
#include "strata/why.h"

#include <string.h>

#include "core/links/why_walk.h"
#include "strata/mem.h"

bool link_walk_init(struct walk *w, const struct links *l)
{
    *w = (struct walk){.l = l, .most = SIZE_MAX, .blind = why_blind(l)};
    w->seen = mem_zalloc((l->nnodes + 1) * sizeof *w->seen);
    w->step_of = mem_zalloc((l->nnodes + 1) * sizeof *w->step_of);
    w->state = mem_zalloc(l->nnodes + 1);
    w->weighed = mem_zalloc((l->nnodes + 1) * sizeof *w->weighed);
    w->rollout = mem_zalloc(l->nnodes + 1);
    w->closed = mem_zalloc((l->nnodes + 1) * sizeof *w->closed);
    return w->closed && w->step_of && w->seen && w->state && w->weighed && w->rollout;
}

void link_walk_free(struct walk *w)
{
    mem_free(w->step);
    mem_free(w->seen);
    mem_free(w->step_of);
    mem_free(w->state);
    mem_free(w->rollout);
    mem_free(w->closed);
    link_room_free(w->room);
    mem_free(w->weighed);
    mem_free(w->weight);
    mem_free(w->queue);
    mem_free(w->next);
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

/* The way down crosses rows as they were when they were read last. */
static bool crosses_old(const struct walk *w, size_t at)
{
    for (;;) {
        if (link_old(w->l, w->step[at].node))
            return true;
        if (!at)
            return false;
        at = w->step[at].from;
    }
}

static size_t beyond(struct walk *w, const struct snap *hidden, const uint32_t **node)
{
    size_t i = 0;
    while (i < w->nbeyond && w->beyond[i].hidden != hidden)
        i++;
    if (i == BEYOND_LISTS)
        return 0;
    if (i == w->nbeyond) {
        w->beyond[i].hidden = hidden;
        w->beyond[i].n = link_beyond(w->l, hidden, w->beyond[i].node, BEYOND);
        w->nbeyond++;
    }
    *node = w->beyond[i].node;
    return w->beyond[i].n;
}

/* How far apart two began; what does not say when is no nearer than what does. */
static int64_t apart(const struct links *l, uint32_t a, uint32_t b)
{
    int64_t x = why_onset(links_row(l, a)), y = why_onset(links_row(l, b));
    return x == CELL_NONE || y == CELL_NONE ? ONSET_SLACK_MS : x > y ? x - y : y - x;
}

/* Where the view ends: what is gone in the layers below, and began when this did, may be beyond it. Guesses, the nearest in time first,
 * and ahead of what is but the end of what is seen. */
#define GUESSES 2
static bool guess(struct walk *w, struct why *out, const struct why_cause *end, const struct snap *hidden)
{
    const uint32_t *node = NULL;
    uint32_t dark = end->hop[end->n - 1], had = LINK_NO_NODE;
    size_t n = end->n < WHY_DEPTH ? beyond(w, hidden, &node) : 0;
    int score = end->score;
    bool ok = true;
    for (size_t g = 0; g < GUESSES && ok; g++) {
        uint32_t best = LINK_NO_NODE;
        for (size_t i = 0; i < n; i++) {
            bool in_chain = node[i] == had;
            for (size_t k = 0; k < end->n; k++)
                in_chain |= end->hop[k] == node[i];
            if (!in_chain && apart(w->l, dark, node[i]) <= ONSET_SLACK_MS && (best == LINK_NO_NODE || apart(w->l, dark, node[i]) < apart(w->l, dark, best)))
                best = node[i];
        }
        if (best == LINK_NO_NODE)
            break;
        struct why_cause c = *end;
        c.hop[c.n++] = had = best;
        c.cls = LINK_C;
        c.state = WHY_BROKEN;
        c.guess = true;
        ok = link_walk_weigh(w, &c);
        c.score = link_walk_score(&c, links_row(w->l, best));
        if (!g)
            score = c.score = c.score > end->score + 1 ? c.score : end->score + 2;
        else
            c.score = score - 1;
        keep(out, &c);
    }
    return ok;
}

/* An agent that nothing below it explains, and that fell silent with most of those that need the same. */
static void guess_shared(const struct walk *w, struct why *out, const struct why_cause *end)
{
    const struct link_shared_one *s[GUESSES];
    size_t n = end->n < WHY_DEPTH ? link_walk_shares(w, end->hop[end->n - 1], s, GUESSES) : 0;
    for (size_t i = 0; i < n; i++) {
        struct why_cause c = *end;
        c.hop[c.n++] = s[i]->node;
        c.cls = LINK_C;
        c.guess = true;
        c.shared = s[i]->told;
        c.explains = s[i]->told.silent;
        c.against = 0;
        c.score = end->score + (int)(n - i);
        keep(out, &c);
    }
}

bool link_walk_why(struct walk *w, struct why *out, uint32_t node)
{
    memset(out, 0, sizeof *out);
    out->state = (uint8_t)link_walk_state(w, node);
    bool ok = link_walk_shared(w) && link_walk_slice(w, node);
    for (size_t i = 0; ok && i < w->n; i++) {
        const struct step *s = &w->step[i];
        struct why_cause c = {.cls = s->cls, .state = (uint8_t)link_walk_state_in(w, s), .n = (size_t)s->depth + 1};
        bool news = out->state != WHY_FINE || c.state >= WHY_STOPPED || why_attached(w->l, s->node, NULL) != ATTACH_AGREED;     /* it works, or waits yet */
        if (w->q == MANAGED && link_of_host(links_row(w->l, s->node)))
            news |= !strcmp(row_column(links_row(w->l, s->node), "state"), "down");      /* out of service or not: it cannot be acted on */
        news |= link_withdrawn(links_row(w->l, s->node));
        if (s->below || s->late || c.state == WHY_FINE || !news)
            continue;
        for (size_t k = i, d = c.n; d--; k = w->step[k].from)
            c.hop[d] = w->step[k].node;
        ok = link_walk_weigh(w, &c);
        const struct snap *hidden = w->blind ? why_hidden(w->l, s->node) : NULL;
        if (c.cls > LINK_C && (hidden || (w->blind && (crosses_old(w, i) || why_no_cloud(w->l, s->node)))))
            c.cls--;                            /* the true cause may lie beyond */
        const struct link_scaled *scaled = link_scaled_of(w->l, s->node);
        if (scaled && scaled->cls < c.cls)
            c.cls = scaled->cls;                /* what it was is told by what is left of it */
        c.score = link_walk_score(&c, links_row(w->l, s->node));
        if (ok && hidden && c.state == WHY_BROKEN)
            ok = guess(w, out, &c, hidden);
        else if (ok && c.state == WHY_BROKEN)
            guess_shared(w, out, &c);
        if (c.state == WHY_CONTRADICTS)
            c.cls = LINK_X;                     /* whom to believe is not known */
        keep(out, &c);
    }
    char id[WHY_ID];
    if (ok && out->state == WHY_FINE && why_absent(w->l, node, id))     /* a red one is a cause without this */
        keep(out, &(struct why_cause){.hop = {node}, .n = 1, .cls = LINK_A, .state = why_dangles(w->l, node) ? WHY_DANGLING : WHY_WEAK, .explains = 1, .score = -1});
    if (ok && out->state == WHY_FINE && link_pools_without(w->l, node, NULL))      /* of the pool, and no failure of what else it balances */
        keep(out, &(struct why_cause){.hop = {node}, .n = 1, .cls = LINK_A, .state = WHY_WEAK, .explains = 1, .score = -1});
    if (ok && why_contradicts(w->l, node))
        keep(out, &(struct why_cause){.hop = {node}, .n = 1, .cls = LINK_X, .state = WHY_CONTRADICTS, .explains = 1, .score = -1});
    uint32_t by = ok ? link_disputed_by(w->l, node) : LINK_NO_NODE;
    if (by != LINK_NO_NODE)                     /* what acts on it is refused for that */
        keep(out, &(struct why_cause){.hop = {node, by}, .n = 2, .cls = LINK_X, .state = WHY_CONTRADICTS, .explains = 1, .score = -2});
    uint32_t pv = ok && out->state == WHY_FINE ? link_attach_disputed_by(w->l, node) : LINK_NO_NODE;
    if (pv != LINK_NO_NODE)
        keep(out, &(struct why_cause){.hop = {node, pv}, .n = 2, .cls = LINK_X, .state = WHY_CONTRADICTS, .explains = 1, .score = -2});
    return ok;
}

bool why_make(struct why *out, const struct links *l, uint32_t node)
{
    struct walk w;
    bool ok = link_walk_init(&w, l) && link_walk_why(&w, out, node);
    if (ok)
        link_walk_unseen(&w, out);
    link_walk_free(&w);
    return ok;
}

bool why_below(struct why *out, const struct links *l, uint32_t node)
{
    struct walk w;
    bool ok = link_walk_init(&w, l);
    w.below = true;
    ok = ok && link_walk_why(&w, out, node);
    if (ok)
        link_walk_unseen(&w, out);
    link_walk_free(&w);
    return ok;
}
