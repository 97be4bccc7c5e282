/* What names something of the cloud that is not there, though that is seen whole: a node its server, a persistent volume its volume, a
 * Service its load balancer and its address. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/why.h"
#include "strata/text.h"

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

bool link_all_seen(const struct links *l, const struct row *by, const char *kind)
{
    return seen_whole(l, links_cluster(l, by->source), kind, born_by(l, by));
}

static void keep(void *arg, const char *s, size_t n) { snprintf(arg, WHY_ID, "%.*s", (int)n, s); }

/* What names what, and by which of its values; where it balances: only of what has a load balancer there, others give addresses, too. */
static const struct names { const char *kind, *names, *by; struct link_key key; bool balanced; } names[] = {
    {"nodes", "server", "its providerID", {"provider-id", FORM_PROVIDER}, false},
    {"persistentvolumes", "volume", "its volumeHandle", {"cinder-volume", FORM_UUID}, false},
    {"services", "loadbalancer", "its annotation load-balancer-id", {"balancer-id", FORM_UUID}, false},
    {"services", "floating-ip", "its EXTERNAL-IP", {"external-ip", FORM_WHOLES}, true},
};

/* A volume goes before what spoke of it. */
static bool released(const struct row *r) { return !strcmp(row_column(r, "status"), "Released") || !strcmp(row_column(r, "status"), "Failed"); }

/* Not a name of DNS, which leads to whatever it does. */
static bool looks_like_address(const char *s) { return strchr(s, ':') || (*s && !s[strspn(s, "0123456789.")]); }

static bool there(const struct links *l, uint32_t node, const struct names *k, const char *id)
{
    const struct link_edge *e;
    bool balanced = false, given = false;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++) {
        const struct row *to = links_row(l, e[i].to);
        if (!strcmp(to->kind->id, k->names) && text_same_address(k->balanced ? to->name : to->uid, id))
            return !k->balanced || *row_column(to, "port");       /* an address that leads to no port leads nowhere */
        balanced |= link_kind_is(to->kind, "loadbalancer");
        given |= link_kind_is(to->kind, "loadbalancer") && text_same_address(row_column(to, "vip"), id);
    }
    return k->balanced && (!balanced || given || !looks_like_address(id));
}

static bool absent(const struct links *l, uint32_t node, const struct row *r, const struct names *k, char *id)
{
    struct link_keyer key;
    *id = '\0';
    if (!link_keyer_init(&key, &k->key, r->kind))
        return false;
    link_key_each(&key, r, NULL, keep, id);
    if (!*id || there(l, node, k, id))
        return false;
    uint16_t cluster = links_cluster(l, r->source);
    uint64_t clouds = cluster < CORE_MAX_SOURCES ? l->below[cluster] : 0;
    for (uint16_t i = 0; i < CORE_MAX_SOURCES; i++)
        if (clouds >> i & 1 && !seen_whole(l, i, k->names, born_by(l, r)))
            return false;
    return clouds != 0;
}

static const struct names *absent_of(const struct links *l, uint32_t node, char *id)
{
    const struct row *r = links_row(l, node);
    *id = '\0';
    if (!r || r->flags & (ROW_STALE | ROW_DELETING))
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (*names[i].kind == *r->kind->id && link_kind_is(r->kind, names[i].kind) && !released(r) && absent(l, node, r, &names[i], id))     /* most rows are none of these */
            return &names[i];
    return NULL;
}

bool why_absent(const struct links *l, uint32_t node, char *id) { return absent_of(l, node, id) != NULL; }

bool why_dangles(const struct links *l, uint32_t node)
{
    char id[WHY_ID];
    const struct row *r = links_row(l, node);
    return r && why_state_of(r) == WHY_FINE && !strstr(row_column(r, "status"), ",SchedulingDisabled") && why_absent(l, node, id);
}

static bool reaches(const struct links *l, uint32_t node, const char *address)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e), i = 0;
    while (i < n && (!link_kind_is(links_row(l, e[i].to)->kind, "floating-ip") || strcmp(links_row(l, e[i].to)->name, address) != 0))
        i++;
    return i < n;
}

bool why_absent_words(const struct links *l, uint32_t node, const char *lead, struct str *out)
{
    char id[WHY_ID];
    const struct names *k = absent_of(l, node, id);
    if (!k)
        return false;
    str_addf(out, "%s%s names %s %s, which %s", lead, k->by, k->names, id, k->balanced && reaches(l, node, id) ? "leads nowhere" : "is not there");
    return true;
}
