/* Agents that fall silent together, with nothing below them that explains it: what most of them need may be why, well as it looks. A queue
 * that takes no connection has pods that are ready. It stays a guess. */
#include <stdlib.h>
#include <string.h>

#include "core/links/why_walk.h"
#include "strata/map.h"
#include "strata/mem.h"

#define TOGETHER_MS (2 * 60000)
#define SILENT_MIN 5
#define HOSTS_MIN 2
#define GROUPS 32

/* An agent that needs it and is up, or fell silent at that time. */
struct agent { uint32_t node; int64_t silent; };

/* An API with its agents; where those of one alone are silent, that is its own matter: its API or its conductor writes their heartbeats.
 * Of a queue that one service has for itself, a program of that service with all of its agents. */
struct group { uint16_t cloud; int64_t id; size_t all, silent; };

static int by_time(const void *a, const void *b)
{
    const struct agent *x = a, *y = b;
    return x->silent < y->silent ? -1 : x->silent > y->silent ? 1 : x->node < y->node ? -1 : x->node > y->node;
}

static int64_t number(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col >= 0 ? r->cell[col].n : CELL_NONE;
}

static size_t agents_of(struct walk *w, uint32_t needed, struct agent *out)
{
    const struct link_edge *e;
    size_t n = links_up(w->l, needed, &e), found = 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(w->l, e[i].to);
        bool agent = link_related(&e[i], "needs") && e[i].cls != LINK_X && link_is(r, "os-services") && !link_is_api(r);
        enum why_state s = agent ? link_walk_state(w, e[i].to) : WHY_UNSEEN;
        if (s == WHY_FINE || (s == WHY_WEAK && !link_dead(r)) || (s == WHY_BROKEN && why_since(r) != CELL_NONE))
            out[found++] = (struct agent){e[i].to, s == WHY_BROKEN ? why_since(r) : INT64_MAX};
    }
    return found;
}

/* The most that fell silent within such a while; they are sorted, and of as many the latest count. */
static size_t densest(const struct agent *a, size_t n, size_t *from)
{
    size_t most = 0;
    for (size_t lo = 0, hi = 0; hi < n && a[hi].silent != INT64_MAX; hi++) {
        while (a[hi].silent - a[lo].silent > TOGETHER_MS)
            lo++;
        if (hi - lo + 1 >= most)
            most = hi - lo + 1, *from = lo;
    }
    return most;
}

static bool same_host(const struct row *a, const struct row *b)
{
    const char *x = row_column(a, "host"), *y = row_column(b, "host");
    size_t n = strcspn(x, "@"), m = strcspn(y, "@");         /* "host@backend" */
    return n == m && !memcmp(x, y, n);
}

static bool on_hosts(const struct links *l, const struct agent *a, size_t n)
{
    size_t hosts = n > 0;
    for (size_t i = 1; i < n && hosts < HOSTS_MIN; i++)
        hosts += !same_host(links_row(l, a[0].node), links_row(l, a[i].node));
    return hosts >= HOSTS_MIN;
}

static void group_add(const struct links *l, struct group *g, size_t *n, uint32_t node, bool silent, bool only)
{
    const struct row *r = links_row(l, node);
    uint16_t cloud = links_cluster(l, r->source);
    const char *binary = row_column(r, "binary");
    int64_t id = only ? (int64_t)hash_bytes(binary, strlen(binary)) : number(r, "group");
    size_t i = 0;
    while (i < *n && (g[i].cloud != cloud || g[i].id != id))
        i++;
    if (i == GROUPS)
        return;
    if (i == *n)
        g[(*n)++] = (struct group){cloud, id, 0, 0};
    g[i].all++;
    g[i].silent += silent;
}

static bool of_several(const struct links *l, const struct agent *a, size_t n, size_t from, size_t silent, bool only)
{
    struct group g[GROUPS];
    size_t groups = 0, mostly = 0;
    for (size_t i = from; i < n; i++)
        group_add(l, g, &groups, a[i].node, i < from + silent, only);
    for (size_t i = 0; i < groups; i++)
        mostly += g[i].silent * 2 > g[i].all;
    return mostly > 1;
}

static bool together(const struct links *l, const struct agent *a, size_t n, size_t from, size_t silent, bool only)
{
    return silent >= SILENT_MIN && silent * 2 > n - from && on_hosts(l, a + from, silent) && of_several(l, a, n, from, silent, only);
}

/* Those that something of their own explains speak neither for it nor against it. */
static size_t unexplained(struct walk *w, struct agent *a, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n && !w->failed; i++) {
        bool own = a[i].silent != INT64_MAX && (!link_walk_slice(w, a[i].node) || w->step[0].below || (w->blind && why_hidden(w->l, a[i].node)));
        if (!own)
            a[kept++] = a[i];
    }
    return kept;
}

/* It looks well, or has its quorum: what is known to be gone explains more than a guess, and what was meant is no guess. */
static bool suspect(struct walk *w, uint32_t node)
{
    const struct link_role *role = w->l->role[node];
    const struct row *r = role && role->quorum ? links_row(w->l, node) : NULL;
    return r && strcmp(r->kind->id, "pods") != 0 && link_walk_state(w, node) <= WHY_WEAK && link_walk_state(w, node) != WHY_PLANNED && !link_quorum_lost(w->l, node) && !link_old(w->l, node);
}

/* Agents are heard by the queue; a database that is gone takes the APIs that would tell of them with it. */
static bool is_queue(const struct links *l, uint32_t node) { return link_is_queue(l->role[node]); }

static void look(struct walk *w, uint32_t node, struct agent *a)
{
    struct link_shared *s = &w->shared;
    size_t n = agents_of(w, node, a), from = 0, silent;
    bool only = *w->l->role[node]->only != '\0';
    qsort(a, n, sizeof *a, by_time);
    silent = densest(a, n, &from);
    if (!together(w->l, a, n, from, silent, only))
        return;
    n = unexplained(w, a, n);
    silent = densest(a, n, &from);
    if (w->failed || !together(w->l, a, n, from, silent, only))
        return;
    size_t at = s->n;
    while (at && is_queue(w->l, node) && !is_queue(w->l, s->of[at - 1].node))
        at--;
    memmove(&s->of[at + 1], &s->of[at], (s->n - at) * sizeof *s->of);
    s->of[at].node = node;
    s->of[at].told = (struct why_shared){silent, n - from, a[from].silent, a[from + silent - 1].silent - a[from].silent};
    s->n++;
}

bool link_walk_shared(struct walk *w)
{
    const struct link_edge *e;
    struct agent *a = NULL;
    size_t cap = 0;
    if (w->shared.asked || w->below)
        return true;
    w->shared.asked = true;
    for (uint32_t node = 0; node < w->l->nnodes && !w->failed; node++) {
        size_t n = w->l->role[node] && w->shared.n < SHARED_MAX && suspect(w, node) ? links_up(w->l, node, &e) : 0;
        if (n < SILENT_MIN)
            continue;
        if (mem_grow(&a, &cap, n, sizeof *a))
            look(w, node, a);
        else
            w->failed = true;
    }
    mem_free(a);
    return !w->failed;
}

size_t link_walk_shares(const struct walk *w, uint32_t agent, const struct link_shared_one **out, size_t max)
{
    const struct link_edge *e;
    const struct row *r = w->shared.n ? links_row(w->l, agent) : NULL;
    size_t n = link_is(r, "os-services") && !link_is_api(r) ? links_down(w->l, agent, &e) : 0, found = 0;
    int64_t silent = n ? why_since(r) : CELL_NONE;
    for (size_t i = 0; i < w->shared.n && silent != CELL_NONE; i++) {
        const struct link_shared_one *s = &w->shared.of[i];
        bool then = silent >= s->told.from_ms && silent <= s->told.from_ms + s->told.within_ms;
        for (size_t k = 0; k < n && then && found < max; k++)
            if (e[k].to == s->node && link_related(&e[k], "needs") && e[k].cls != LINK_X) {
                out[found++] = s;
                break;
            }
    }
    return found;
}
