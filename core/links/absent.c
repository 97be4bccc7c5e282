/* A node whose providerID names a server that is not there, though the cloud it runs on is seen whole. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/why.h"

#define NEWER_MS 120000         /* a node this much older than the list of servers should be in it: clocks differ */

static bool tells(const struct kind *k)
{
    static const char *const kinds[] = {LINK_APISERVER, "nodes", "persistentvolumes", "services", "os-services", "hypervisor"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (link_kind_is(k, kinds[i]))
            return true;
    return false;
}

/* What clusters and clouds hang on, by anything but guesses. */
bool link_find_below(struct links *l)
{
    const struct link_edge *e;
    if (!(l->below = mem_zalloc(CORE_MAX_SOURCES * sizeof *l->below)))
        return false;
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        uint16_t cluster = links_cluster(l, snap_source(s->snap));
        enum plane plane = snap_kind(s->snap)->plane;
        if (!tells(snap_kind(s->snap)) || cluster >= CORE_MAX_SOURCES)
            continue;
        for (uint32_t node = s->base; node < s->base + snap_slots(s->snap); node++) {
            size_t n = links_down(l, node, &e);
            for (size_t k = 0; k < n; k++) {
                const struct row *to = e[k].cls >= LINK_B && e[k].cls != LINK_X ? links_row(l, e[k].to) : NULL;
                uint16_t at = to && to->kind->plane != plane ? links_cluster(l, to->source) : CORE_MAX_SOURCES;
                l->below[cluster] |= at < CORE_MAX_SOURCES ? UINT64_C(1) << at : 0;
            }
        }
    }
    return true;
}

/* All servers of the cloud are seen, and were read when the node was there already. */
static bool seen_whole(const struct links *l, uint16_t cloud, int64_t born_ms)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        const struct feed_status *st = snap_status(s->snap);
        if (links_cluster(l, snap_source(s->snap)) != cloud || !link_kind_is(snap_kind(s->snap), "server") || st->state != FEED_LIVE || st->partial)
            continue;
        int64_t read = clock_wall_ms() - (clock_mono_ms() - st->last_ok_mono_ms);
        if (born_ms == CELL_NONE || !st->last_ok_mono_ms || born_ms + NEWER_MS < read)
            return true;
    }
    return false;
}

static void keep(void *arg, const char *s, size_t n) { snprintf(arg, WHY_ID, "%.*s", (int)n, s); }

bool why_absent(const struct links *l, uint32_t node, char *id)
{
    static const struct link_key key = {"provider-id", FORM_PROVIDER};
    const struct row *r = links_row(l, node);
    const struct link_edge *e;
    struct link_keyer k;
    *id = '\0';
    if (!r || *r->kind->id != 'n' || strcmp(r->kind->id, "nodes") != 0 || (r->flags & ROW_STALE) || !link_keyer_init(&k, &key, r->kind))
        return false;
    link_key_each(&k, r, NULL, keep, id);
    size_t n = *id ? links_down(l, node, &e) : 0;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_row(l, e[i].to)->kind->id, "server") && !strcasecmp(links_row(l, e[i].to)->uid, id))
            return false;
    uint16_t cluster = links_cluster(l, r->source);
    uint64_t clouds = *id && cluster < CORE_MAX_SOURCES ? l->below[cluster] : 0;
    int age = kind_column(r->kind, "age");
    for (uint16_t i = 0; i < CORE_MAX_SOURCES; i++)
        if (clouds >> i & 1 && !seen_whole(l, i, age >= 0 ? r->cell[age].n : CELL_NONE))
            return false;
    return clouds != 0;
}
