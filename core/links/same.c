/* One cluster reached through several contexts is one, one cloud through several entries of clouds.yaml as well: the objects have
 * the same ids, or the same server answers for both. What one of them shows already, another does not show again; the one that
 * sees the most speaks for it. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "strata/map.h"
#include "strata/mem.h"

#define SAMPLE 16

static const char *const telling[] = {"nodes", "services", "pods", "server", "hypervisor", "volume", "port", "network"};
#define TELLING (sizeof telling / sizeof *telling)

struct view {
    uint16_t source;
    enum plane plane;
    size_t whole, kinds;                /* lists that are complete, of all projects; kinds that have rows */
    const struct snap *told[TELLING], *apis;
    const struct source_info *info;     /* NULL not known */
};

enum answer { UNTOLD, SAME, OTHER };

/* Is one of the first rows of the smaller list in the larger one? */
static enum answer share(const struct snap *a, const struct snap *b)
{
    const struct snap *few = snap_count(a) < snap_count(b) ? a : b, *many = few == a ? b : a;
    size_t tried = 0;
    for (size_t i = 0; i < snap_slots(few) && tried < SAMPLE; i++) {
        const struct row *r = snap_row(few, i);
        if (!r || strlen(r->uid) != 36)         /* what has no uid has its name for one, and names are alike anywhere */
            continue;
        if (snap_find(many, r->uid))
            return SAME;
        tried++;
    }
    return tried && snap_count(many) ? OTHER : UNTOLD;
}

static bool whole(const struct snap *s) { return snap_status(s)->state == FEED_LIVE && !snap_status(s)->partial; }

static enum answer by_objects(const struct view *a, const struct view *b)
{
    enum answer told = UNTOLD;
    for (size_t i = 0; i < TELLING; i++) {
        if (!a->told[i] || !b->told[i])
            continue;
        enum answer now = share(a->told[i], b->told[i]);
        if (now == SAME)
            return SAME;
        if (now == OTHER && whole(a->told[i]) && whole(b->told[i]))
            told = OTHER;
    }
    return told;
}

/* A URL without what tells a version or a project; "https://id.example.org:5000/v3/" is "https://id.example.org:5000". */
static size_t stem(const char *url)
{
    const char *p = strstr(url, "://");
    const char *v = p ? strstr(p, "/v") : NULL;
    size_t n = v && isdigit((unsigned char)v[2]) ? (size_t)(v - url) : strlen(url);
    while (n && url[n - 1] == '/')
        n--;
    return n;
}

static bool same_url(const char *a, const char *b)
{
    size_t n = stem(a);
    return n && n == stem(b) && !strncasecmp(a, b, n);
}

/* Of a region's own: identity and others may answer for all regions. */
static bool regional(const struct row *api)
{
    const char *type = row_column(api, "type");
    return api->flags & ROW_HEAD && (!strcmp(type, "compute") || !strcmp(type, "network"));
}

static bool same_catalog(const struct view *a, const struct view *b)
{
    for (size_t i = 0; a->apis && b->apis && i < snap_slots(a->apis); i++) {
        const struct row *x = snap_row(a->apis, i);
        if (!x || !regional(x))
            continue;
        for (size_t k = 0; k < snap_slots(b->apis); k++) {
            const struct row *y = snap_row(b->apis, k);
            if (y && regional(y) && !strcmp(row_column(x, "type"), row_column(y, "type")) && same_url(row_column(x, "endpoint"), row_column(y, "endpoint")))
                return true;
        }
    }
    return false;
}

static const char *same(const struct view *a, const struct view *b)
{
    if (a->plane != b->plane)
        return NULL;
    enum answer told = by_objects(a, b);
    bool kube = a->plane == PLANE_KUBE;
    if (told == SAME)
        return "the same objects";
    const char *r = a->info ? a->info->region : "", *q = b->info ? b->info->region : "";
    if (*r && *q && strcmp(r, q) != 0)
        return NULL;
    if (!kube && same_catalog(a, b))
        return "the same compute or network API";
    if ((kube && told == OTHER) || !a->info || !b->info || !same_url(a->info->server, b->info->server))     /* a proxy may serve several clusters at one URL */
        return NULL;
    bool compared = a->apis && b->apis && snap_count(a->apis) && snap_count(b->apis);
    if (!kube && strcmp(r, q) != 0 && compared)
        return NULL;
    return kube ? "the same API server" : "the same identity API";
}

static void look_at(struct view *v, const struct snap *s)
{
    if (link_is_place(snap_kind(s)))
        return;
    v->whole += whole(s);
    v->kinds += snap_count(s) > 0;
    for (size_t i = 0; i < TELLING; i++)
        if (!strcmp(snap_kind(s)->id, telling[i]))
            v->told[i] = s;
    if (!strcmp(snap_kind(s)->id, "os-services"))
        v->apis = s;
}

static size_t views_of(const struct links *l, const struct links_world *w, struct view *v)
{
    size_t n = 0;
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct snap *s = l->snap[i].snap;
        size_t k = 0;
        while (k < n && v[k].source != snap_source(s))
            k++;
        if (k == CORE_MAX_SOURCES || snap_source(s) >= CORE_MAX_SOURCES)
            continue;
        if (k == n) {
            v[n++] = (struct view){.source = snap_source(s), .plane = snap_kind(s)->plane};
            for (size_t j = 0; j < w->nsources; j++)
                if (w->source[j].id == v[k].source)
                    v[k].info = &w->source[j];
        }
        look_at(&v[k], s);
    }
    return n;
}

/* By rights, not by rows: two that may see the same stay in their order while rows come and go. */
static void best_first(struct view *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k && (v[k].whole > v[k - 1].whole || (v[k].whole == v[k - 1].whole && v[k].kinds > v[k - 1].kinds)); k--) {
            struct view x = v[k];
            v[k] = v[k - 1];
            v[k - 1] = x;
        }
}

/* ---- what a better view shows as well ---- */

struct shown { uint32_t *slot; size_t mask; };      /* nodes by cluster, kind and uid, + 1 */

static bool known(const struct links *l, struct shown *t, uint16_t cluster, const struct row *r, uint32_t node)
{
    size_t at = (size_t)(hash_bytes(r->uid, strlen(r->uid)) + cluster) & t->mask;
    for (; t->slot[at]; at = (at + 1) & t->mask) {
        const struct row *o = link_node_row(l, t->slot[at] - 1, NULL);
        if (links_cluster(l, o->source) == cluster && !strcmp(o->uid, r->uid) && (o->kind == r->kind || !strcmp(o->kind->id, r->kind->id)))
            return true;
    }
    t->slot[at] = node + 1;
    return false;
}

static void hide(struct links *l, struct shown *t, uint16_t source)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        for (size_t at = 0; snap_source(s->snap) == source && at < snap_slots(s->snap); at++) {
            const struct row *r = snap_row(s->snap, at);
            if (r && link_is_place(r->kind) ? links_cluster(l, source) != source : r && known(l, t, links_cluster(l, source), r, s->base + (uint32_t)at))
                l->hidden[s->base + at] = 1;
        }
    }
}

static bool hide_doubles(struct links *l, const struct view *v, size_t n)
{
    struct shown t = {0};
    size_t cap = 64;
    bool several[CORE_MAX_SOURCES] = {false}, any = false;
    for (size_t i = 0; i < n; i++)
        if (l->cluster[v[i].source] != v[i].source)
            several[l->cluster[v[i].source]] = any = true;
    if (!any)
        return true;
    while (cap < (size_t)l->nnodes * 2)
        cap *= 2;
    t.slot = mem_zalloc(cap * sizeof *t.slot);
    t.mask = cap - 1;
    l->hidden = mem_zalloc(l->nnodes + 1);
    for (size_t i = 0; t.slot && l->hidden && i < n; i++)
        if (several[l->cluster[v[i].source]])
            hide(l, &t, v[i].source);
    mem_free(t.slot);
    return t.slot && l->hidden;
}

/* What one of its views sees whole is whole. */
static void weigh_partial(struct links *l)
{
    for (size_t i = 0; i < l->nsnaps; i++)
        for (size_t k = 0; l->snap[i].partial && k < l->nsnaps; k++) {
            const struct snap *a = l->snap[i].snap, *b = l->snap[k].snap;
            if (links_cluster(l, snap_source(a)) == links_cluster(l, snap_source(b)) && whole(b) && !strcmp(snap_kind(a)->id, snap_kind(b)->id))
                l->snap[i].partial = false;
        }
}

bool link_find_same(struct links *l, const struct links_world *w)
{
    struct view *v = mem_zalloc(CORE_MAX_SOURCES * sizeof *v);
    for (size_t i = 0; i < CORE_MAX_SOURCES; i++)
        l->cluster[i] = (uint16_t)i;
    if (!v)
        return false;
    size_t n = views_of(l, w, v);
    best_first(v, n);
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            const char *why = same(&v[k], &v[i]);
            if (!why)
                continue;
            l->cluster[v[i].source] = l->cluster[v[k].source];
            l->same[v[i].source] = why;
            break;
        }
    bool ok = hide_doubles(l, v, n);
    weigh_partial(l);
    mem_free(v);
    return ok;
}

uint16_t links_cluster(const struct links *l, uint16_t source)
{
    return source < CORE_MAX_SOURCES ? l->cluster[source] : source;
}

const char *links_same(const struct links *l, uint16_t source)
{
    return source < CORE_MAX_SOURCES && l->same[source] ? l->same[source] : "";
}
