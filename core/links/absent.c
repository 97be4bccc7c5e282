/* What names something of the cloud that is not there, though that is seen whole: a node its server, a persistent volume its volume. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/why.h"

#define LIST_MS 10000           /* so long a list may take: what was made meanwhile is not in it */
#define NEWER_MS 120000         /* where it is not known how far clocks differ */

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

/* By our clock, the latest it may have been. */
static int64_t born_by(const struct links *l, const struct row *r)
{
    int age = kind_column(r->kind, "age");
    if (age < 0 || r->kind->columns[age].type != COL_TIME || r->cell[age].n == CELL_NONE)
        return CELL_NONE;
    bool known = r->source < CORE_MAX_SOURCES && l->clock[r->source].known;
    return r->cell[age].n + (known ? LIST_MS + l->clock[r->source].error_ms - l->clock[r->source].offset_ms : NEWER_MS);
}

/* Cinder refuses nobody who asks for all projects, and gives who may not what is his: whom it tells its hosts sees all. */
static bool own_only(const struct snap *s)
{
    if (!link_kind_is(snap_kind(s), "volume"))
        return false;
    for (size_t i = 0; i < snap_slots(s); i++)
        if (snap_row(s, i) && *row_column(snap_row(s, i), "host"))
            return false;
    return true;
}

/* All of that kind in the cloud are seen, and were read when who names one was there already. */
static bool seen_whole(const struct links *l, uint16_t cloud, const char *kind, int64_t born_ms)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        const struct feed_status *st = snap_status(s->snap);
        if (links_cluster(l, snap_source(s->snap)) != cloud || !link_kind_is(snap_kind(s->snap), kind) || st->state != FEED_LIVE || st->partial ||
            own_only(s->snap))
            continue;
        int64_t read = clock_wall_ms() - (clock_mono_ms() - st->last_ok_mono_ms);
        if (born_ms == CELL_NONE || !st->last_ok_mono_ms || born_ms < read)
            return true;
    }
    return false;
}

static void keep(void *arg, const char *s, size_t n) { snprintf(arg, WHY_ID, "%.*s", (int)n, s); }

/* What names what, and by which of its values. */
static const struct names { const char *kind, *names, *by; struct link_key key; } names[] = {
    {"nodes", "server", "its providerID", {"provider-id", FORM_PROVIDER}},
    {"persistentvolumes", "volume", "its volumeHandle", {"cinder-volume", FORM_UUID}},
};

static const struct names *names_of(const struct row *r)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (*names[i].kind == *r->kind->id && link_kind_is(r->kind, names[i].kind))     /* most rows are none of these */
            return &names[i];
    return NULL;
}

/* A volume goes before what spoke of it. */
static bool released(const struct row *r) { return !strcmp(row_column(r, "status"), "Released") || !strcmp(row_column(r, "status"), "Failed"); }

bool why_absent(const struct links *l, uint32_t node, char *id)
{
    const struct row *r = links_row(l, node);
    const struct names *k = r && !(r->flags & (ROW_STALE | ROW_DELETING)) ? names_of(r) : NULL;
    const struct link_edge *e;
    struct link_keyer key;
    *id = '\0';
    if (!k || released(r) || !link_keyer_init(&key, &k->key, r->kind))
        return false;
    link_key_each(&key, r, NULL, keep, id);
    size_t n = *id ? links_down(l, node, &e) : 0;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(links_row(l, e[i].to)->kind->id, k->names) && !strcasecmp(links_row(l, e[i].to)->uid, id))
            return false;
    uint16_t cluster = links_cluster(l, r->source);
    uint64_t clouds = *id && cluster < CORE_MAX_SOURCES ? l->below[cluster] : 0;
    for (uint16_t i = 0; i < CORE_MAX_SOURCES; i++)
        if (clouds >> i & 1 && !seen_whole(l, i, k->names, born_by(l, r)))
            return false;
    return clouds != 0;
}

bool why_dangles(const struct links *l, uint32_t node)
{
    char id[WHY_ID];
    const struct row *r = links_row(l, node);
    return r && why_state_of(r) == WHY_FINE && !strstr(row_column(r, "status"), ",SchedulingDisabled") && why_absent(l, node, id);
}

bool why_absent_words(const struct links *l, uint32_t node, const char *lead, struct str *out)
{
    char id[WHY_ID];
    if (!why_absent(l, node, id))
        return false;
    const struct names *k = names_of(links_row(l, node));
    str_addf(out, "%s%s names %s %s, which is not there", lead, k->by, k->names, id);
    return true;
}
