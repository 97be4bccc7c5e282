/* The order of a timeline: by our clock; of what one cluster stamped with the same second, what was written finer by that, the rest as one
 * thing brings about the other; what strata saw stands below what it saw. */
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"
#include "strata/timeline.h"

#define LOOK_BACK 256          /* lines above that one may have been before */

/* How far an object has come when this is said of it; what is not here happens to one that stands. */
static const struct { const char *words; int rank; } steps[] = {
    {"created", 0}, {"its deletion began", 2}, {"PodScheduled is", 2}, {"Scheduled:", 2}, {"SuccessfulCreate:", 1}, {"SuccessfulAttachVolume:", 3},
    {"PodReadyToStartContainers is", 3}, {"Killing:", 3}, {"init container ", 4}, {"Initialized is", 5}, {"Pulling:", 5}, {"Pulled:", 6},
    {"Created:", 6}, {"Started:", 7}, {"container ", 7}, {"ContainersReady is", 9}, {"Ready is", 10}, {"Available is", 11}, {"NodeNotReady:", 11},
};
enum { STANDS = 8, ASKED = 1 };

static int rank_of(const struct timeline_line *l)
{
    if (l->from == TIMELINE_OPERATION || l->from == TIMELINE_ACTION)
        return ASKED;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (!strncmp(l->what, steps[i].words, strlen(steps[i].words)))
            return steps[i].rank;
    return STANDS;
}

/* Of two things that come equally far what carries or makes the other is first. */
static int storey(const struct timeline_line *l)
{
    static const char *const up[] = {"hypervisor", "os-services", "server", "nodes", "helm-releases", "deployments", "statefulsets", "daemonsets", "replicasets", "pods"};
    size_t n = sizeof up / sizeof *up, i = 0;
    while (l->row && i < n && strcmp(l->row->kind->id, up[i]) != 0)
        i++;
    return l->row ? (int)i : (int)n;
}

/* The middle of its second, or of when it may have been. */
static int64_t place(const struct timeline_line *l)
{
    int64_t mid = (l->lo_ms + l->hi_ms) / 2;
    return l->stamp_ms == CELL_NONE || l->step_ms != 1 || l->from != TIMELINE_EVENT ? mid : mid - l->stamp_ms % 1000 + 500;
}

static bool fine(const struct timeline_line *l) { return l->stamp_ms != CELL_NONE && l->step_ms == 1; }

static int less(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

static int by_second(const void *a, const void *b)
{
    const struct timeline_line *x = a, *y = b;
    int c = less(place(x), place(y));
    if (!c)
        c = less(x->source, y->source);
    if (!c)
        c = less(fine(x), fine(y));
    if (!c && fine(x))
        c = less(x->stamp_ms, y->stamp_ms);
    if (!c)
        c = less(rank_of(x), rank_of(y));
    if (!c && rank_of(x) != ASKED)
        c = less(storey(x), storey(y));
    return c ? c : less(x->turn, y->turn);
}

/* Lines of one second: first those of whole seconds, then the finer ones, each in order. Neither order is broken. */
static void merge(struct timeline_line *l, size_t n, struct timeline_line *tmp)
{
    size_t coarse = 0, to = 0;
    while (coarse < n && !fine(&l[coarse]))
        coarse++;
    memcpy(tmp, l, n * sizeof *l);
    for (size_t a = 0, b = coarse; a < coarse || b < n;)
        l[to++] = b == n || (a < coarse && rank_of(&tmp[a]) <= rank_of(&tmp[b])) ? tmp[a++] : tmp[b++];
}

static void merge_all(struct timeline *t, struct timeline_line *tmp)
{
    for (size_t i = 0, end; i < t->n; i = end) {
        for (end = i + 1; end < t->n && place(&t->line[end]) == place(&t->line[i]) && t->line[end].source == t->line[i].source;)
            end++;
        merge(t->line + i, end - i, tmp);
    }
}

/* What strata saw of an object stands below what may have happened to it until then. */
static void sink(struct timeline *t)
{
    for (size_t i = t->n; i-- > 0;) {
        struct timeline_line l = t->line[i];
        size_t to = i;
        for (size_t k = i + 1; l.from == TIMELINE_SEEN && k < t->n && k - i <= LOOK_BACK; k++)
            if (t->line[k].from != TIMELINE_SEEN && t->line[k].lo_ms <= l.hi_ms && !strcmp(t->line[k].object, l.object))
                to = k;
        memmove(t->line + i, t->line + i + 1, (to - i) * sizeof l);
        t->line[to] = l;
    }
}

static bool same(const struct timeline_line *x, const struct timeline_line *y)
{
    return x->lo_ms == y->lo_ms && x->hi_ms == y->hi_ms && x->from == y->from && !strcmp(x->object, y->object) && !strcmp(x->what, y->what);
}

/* Told already: several ways lead to it. */
static bool again(const struct timeline *t, size_t n, const struct timeline_line *l)
{
    for (size_t i = n; i-- > 0 && n - i <= LOOK_BACK && place(&t->line[i]) == place(l);)
        if (same(&t->line[i], l))
            return true;
    return false;
}

/* May y, which stands below, have been before x? Stamps of one clock tell, whatever its offset. */
static bool may_swap(const struct timeline_line *x, const struct timeline_line *y)
{
    if (y->lo_ms >= x->hi_ms)
        return false;
    return x->clock != y->clock || x->stamp_ms == CELL_NONE || y->stamp_ms == CELL_NONE || x->stamp_ms + x->step_ms > y->stamp_ms;
}

void timeline_order(struct timeline *t)
{
    size_t n = 0;
    struct timeline_line *tmp = t->n ? mem_alloc(t->n * sizeof *tmp) : NULL;
    if (!t->n)
        return;
    qsort(t->line, t->n, sizeof *t->line, by_second);
    if (tmp)
        merge_all(t, tmp);
    mem_free(tmp);
    for (size_t i = 0; i < t->n; i++) {
        if (again(t, n, &t->line[i])) {
            mem_free(t->line[i].object);
            mem_free(t->line[i].what);
            mem_free(t->line[i].who);
            continue;
        }
        t->line[n++] = t->line[i];
    }
    t->n = n;
    sink(t);
    for (size_t i = 0; i < n; i++) {
        t->line[i].swaps = false;
        for (size_t k = i; k-- > 0 && i - k <= LOOK_BACK && !t->line[i].swaps;)
            t->line[i].swaps = may_swap(&t->line[k], &t->line[i]);
    }
}
