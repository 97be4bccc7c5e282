/* One cluster reached through several contexts is one: its objects have the same uids. What one of them shows already, another
 * does not show again; the context that sees the most speaks for it. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"

#define SAMPLE 16

struct view { uint16_t source; size_t live, rows; };

static bool is_view(const struct link_snap *s, uint16_t source)
{
    return snap_source(s->snap) == source;
}

/* Is one of the first rows of the smaller list in the larger one? */
static bool share(const struct snap *a, const struct snap *b)
{
    const struct snap *few = snap_count(a) < snap_count(b) ? a : b, *many = few == a ? b : a;
    size_t tried = 0;
    for (size_t i = 0; i < snap_slots(few) && tried < SAMPLE; i++) {
        const struct row *r = snap_row(few, i);
        if (!r || strlen(r->uid) != 36)         /* what has no uid has its name for one, and names are alike anywhere */
            continue;
        if (snap_find(many, r->uid))
            return true;
        tried++;
    }
    return false;
}

static bool same_cluster(const struct links *l, uint16_t a, uint16_t b)
{
    static const char *const kinds[] = {"nodes", "services", "pods"};
    for (size_t i = 0; i < l->nsnaps; i++)
        for (size_t k = 0; k < l->nsnaps && is_view(&l->snap[i], a); k++) {
            const struct kind *kind = snap_kind(l->snap[i].snap);
            bool telling = is_view(&l->snap[k], b) && snap_kind(l->snap[k].snap) == kind;
            for (size_t n = 0; telling && n < sizeof kinds / sizeof *kinds; n++)
                if (!strcmp(kind->id, kinds[n]) && share(l->snap[i].snap, l->snap[k].snap))
                    return true;
        }
    return false;
}

static size_t views_of(const struct links *l, struct view *v)
{
    size_t n = 0;
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct snap *s = l->snap[i].snap;
        size_t k = 0;
        if (snap_kind(s)->plane != PLANE_KUBE)
            continue;
        while (k < n && v[k].source != snap_source(s))
            k++;
        if (k == CORE_MAX_SOURCES)
            continue;
        if (k == n)
            v[n++] = (struct view){.source = snap_source(s)};
        v[k].live += snap_status(s)->state == FEED_LIVE;
        v[k].rows += snap_count(s);
    }
    return n;
}

static void best_first(struct view *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k && (v[k].live > v[k - 1].live || (v[k].live == v[k - 1].live && v[k].rows > v[k - 1].rows)); k--) {
            struct view x = v[k];
            v[k] = v[k - 1];
            v[k - 1] = x;
        }
}

/* What a better view of the cluster shows as well. */
static bool hide(struct links *l, const struct view *better, const struct view *v)
{
    if (!l->hidden && !(l->hidden = mem_zalloc(l->nnodes + 1)))
        return false;
    for (size_t i = 0; i < l->nsnaps; i++)
        for (size_t k = 0; k < l->nsnaps && is_view(&l->snap[i], v->source); k++) {
            const struct link_snap *s = &l->snap[i];
            if (!is_view(&l->snap[k], better->source) || strcmp(snap_kind(l->snap[k].snap)->id, snap_kind(s->snap)->id) != 0)
                continue;
            for (size_t at = 0; at < snap_slots(s->snap); at++) {
                const struct row *r = snap_row(s->snap, at);
                if (r && snap_find(l->snap[k].snap, r->uid))
                    l->hidden[s->base + at] = 1;
            }
        }
    return true;
}

bool link_find_same(struct links *l)
{
    struct view v[CORE_MAX_SOURCES];
    for (size_t i = 0; i < CORE_MAX_SOURCES; i++)
        l->cluster[i] = (uint16_t)i;
    size_t n = views_of(l, v);
    best_first(v, n);
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i && v[i].source < CORE_MAX_SOURCES; k++) {
            uint16_t *of = &l->cluster[v[i].source];
            bool joined = *of != v[i].source;
            if (v[k].source >= CORE_MAX_SOURCES || (joined && l->cluster[v[k].source] != *of) || (!joined && !same_cluster(l, v[k].source, v[i].source)))
                continue;
            *of = l->cluster[v[k].source];
            if (!hide(l, &v[k], &v[i]))
                return false;
        }
    return true;
}

uint16_t links_cluster(const struct links *l, uint16_t source)
{
    return source < CORE_MAX_SOURCES ? l->cluster[source] : source;
}
