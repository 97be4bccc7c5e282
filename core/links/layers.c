/* Who runs on whom: links between rows of two sources, counted; their order, the lowest first. */
#include "strata/layers.h"

#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/mem.h"
#include "strata/why.h"

static struct layer *layer_of(struct layers *y, uint16_t source)
{
    for (size_t i = 0; i < y->n; i++)
        if (y->layer[i].source == source)
            return &y->layer[i];
    return NULL;
}

static struct layer_on *on(struct layer *y, uint16_t source)
{
    for (size_t i = 0; i < y->non; i++)
        if (y->on[i].source == source)
            return &y->on[i];
    if (y->non == LAYERS_BELOW)
        return NULL;
    y->on[y->non] = (struct layer_on){.source = source, .cls = LINK_A};
    return &y->on[y->non++];
}

/* What a row counts for, by the relation that leads to another source. */
static const struct { const char *relation; size_t offset; } counts[] = {
    {"machine", offsetof(struct layer_on, nodes)}, {"served", offsetof(struct layer_on, apis)}, {"host", offsetof(struct layer_on, hypervisors)},
    {"process", offsetof(struct layer_on, agents)},
};
#define COUNTS (sizeof counts / sizeof *counts)

static void count_edges(struct layer *y, const struct links *l, uint32_t node, const struct row *r, const uint8_t *relation)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t k = 0; k < COUNTS; k++) {
        for (size_t i = 0; i < n; i++) {
            if (e[i].relation != relation[k])
                continue;
            const struct row *to = links_row(l, e[i].to);
            if (links_cluster(l, to->source) == links_cluster(l, r->source) || e[i].cls < LINK_B || e[i].cls == LINK_X)
                continue;
            struct layer_on *o = on(y, links_cluster(l, to->source));
            if (!o)
                break;
            ++*(size_t *)(void *)((char *)o + counts[k].offset);
            bool old = link_old(l, e[i].to) || link_old(l, node);
            uint8_t cls = old && e[i].cls > LINK_C ? e[i].cls - 1 : e[i].cls;
            o->old |= old;
            o->cls = cls < o->cls ? cls : o->cls;
            break;                              /* once, however many pods serve it */
        }
    }
}

/* Where the labels of workloads put its services. */
static void count_labels(struct layer *y, const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        const char *by = links_relation(e[i].relation)->id;
        uint16_t at = links_cluster(l, links_row(l, e[i].to)->source);
        if (e[i].cls == LINK_X || at >= CORE_MAX_SOURCES || (strcmp(by, "backed") && strcmp(by, "needs")))
            continue;
        y->label_clusters |= UINT64_C(1) << at;
        any = true;
    }
    y->labelled += any;
}

/* No hypervisor, agent or Service tells where it runs, for they are not read: the one cluster where its labels are. */
static void by_labels(struct layer *a)
{
    if (a->non || a->hypervisors || !a->away || __builtin_popcountll(a->label_clusters) != 1)
        return;
    struct layer_on *o = on(a, (uint16_t)__builtin_ctzll(a->label_clusters));
    if (o) {
        o->labels = a->labelled;
        o->cls = LINK_C;
    }
}

static void count_row(struct layer *y, const struct links *l, uint32_t node, const struct row *r, const uint8_t *relation)
{
    const char first = *r->kind->id;                    /* most rows are none of these */
    y->nodes += first == 'n' && link_is(r, "nodes");
    y->named += first == 'n' && link_is(r, "nodes") && !strncmp(row_column(r, "provider-id"), "openstack:", 10);
    y->servers += first == 's' && link_is(r, "server");
    y->hypervisors += first == 'h' && link_is(r, "hypervisor");
    y->apis += first == 'o' && link_is(r, "os-services") && (r->flags & ROW_HEAD);
    bool contradicts = why_contradicts(l, node) || why_attached(l, node, NULL) == ATTACH_CONFLICT;
    y->contradict += contradicts;
    if (contradicts || link_state(l, node) == WHY_BROKEN || why_dangles(l, node)) {
        const struct link_role *role = l->role[node];
        y->red++;
        y->red_control += link_is(r, "os-services") || link_is(r, "hypervisor") || link_is(r, LINK_APISERVER) || (role && role->plane == LINK_FOR_CP);
    }
    char id[WHY_ID];
    y->absent += first == 'n' && why_absent(l, node, id);
    count_edges(y, l, node, r, relation);
    if (first == 'o' && link_is(r, "os-services"))
        count_labels(y, l, node);
}

/* What an API does not have, or who looks may not see, is no outage. */
static void count_list(struct layer *y, const struct kind *k, const struct feed_status *st)
{
    if (link_is_place(k) || st->err.code == ERR_NOTFOUND || st->err.code == ERR_FORBIDDEN)
        return;
    bool away = st->state >= FEED_STALE && st->err.code != ERR_OK;
    y->lists++;
    y->away += away;
    y->unread |= away && link_kind_is(k, "server");
    y->away_list = away && !y->away_list ? st : y->away_list;
}

/* Nodes that name servers of OpenStack, and servers are not read: of the cloud where its volumes and load balancers are; else of the only
 * cloud whose servers are not read, which is a guess. */
static void by_name(struct layers *y, const struct links *l, struct layer *a)
{
    struct layer *cloud = NULL;
    size_t unread = 0;
    uint64_t below = l->below[a->source];
    for (size_t i = 0; i < a->non; i++)
        if (a->on[i].nodes)
            return;
    for (size_t i = 0; i < y->n; i++)
        if (y->layer[i].plane == PLANE_OPENSTACK && y->layer[i].unread && (!below || below >> y->layer[i].source & 1)) {
            cloud = &y->layer[i];
            unread++;
        }
    struct layer_on *o = a->named && unread == 1 ? on(a, cloud->source) : NULL;
    if (o) {
        o->named = a->named;
        o->cls = below ? LINK_B : LINK_C;
    }
}

/* None of its nodes is read, for its API does not answer: where that is reached through is where it runs, as far as is known. */
static void by_api(struct layer *a, const struct links *l)
{
    for (uint32_t node = 0; !a->nodes && node < links_nodes(l); node++) {
        const struct link_edge *e;
        const struct row *r = links_row(l, node);
        if (!r || !link_is_place(r->kind) || links_cluster(l, r->source) != a->source)
            continue;
        size_t n = links_down(l, node, &e);
        for (size_t i = 0; i < n; i++) {
            const struct row *to = links_row(l, e[i].to);
            struct layer_on *o = e[i].cls != LINK_X && to->kind->plane == PLANE_OPENSTACK ? on(a, links_cluster(l, to->source)) : NULL;
            if (!o)
                continue;
            o->cls = !o->api || e[i].cls > o->cls ? e[i].cls : o->cls;      /* one way is enough */
            o->api = true;
        }
    }
}

/* A cluster runs on the clouds that half of its nodes are servers of, or more (E22); not on one that lends it a few. */
static void few(struct layer *y)
{
    size_t all = 0;
    for (size_t i = 0; i < y->non; i++)
        all += y->on[i].nodes;
    for (size_t i = 0; i < y->non; i++)
        y->on[i].few = y->on[i].nodes && (all * 2 < y->nodes || y->on[i].nodes * 4 < y->nodes);
}

/* reach[i]: bit j: i runs on j, through any others. */
static void order(struct layers *y, uint64_t *reach)
{
    for (size_t i = 0; i < y->n; i++)
        for (size_t k = 0; k < y->layer[i].non; k++) {
            struct layer *to = layer_of(y, y->layer[i].on[k].source);
            reach[i] |= to && !y->layer[i].on[k].few ? UINT64_C(1) << (to - y->layer) : 0;
        }
    for (size_t k = 0; k < y->n; k++)
        for (size_t i = 0; i < y->n; i++)
            if (reach[i] >> k & 1)
                reach[i] |= reach[k];
    for (size_t i = 0; i < y->n; i++) {
        struct layer *a = &y->layer[i];
        for (size_t k = 0; k < y->n; k++)
            if (k != i && (reach[i] >> k & 1) && (reach[k] >> i & 1))
                a->box = a->box ? a->box : (unsigned)(k < i ? k : i) + 1;
        a->level = 1;
    }
    for (size_t turn = 0; turn < y->n; turn++)  /* at most so high */
        for (size_t i = 0; i < y->n; i++)
            for (size_t k = 0; k < y->n; k++) {
                bool together = (reach[i] >> k & 1) && (reach[k] >> i & 1);
                unsigned want = y->layer[k].level + !together;
                if (k != i && (reach[i] >> k & 1) && y->layer[i].level < want)
                    y->layer[i].level = want;
            }
}

static int lowest_first(const void *a, const void *b)
{
    const struct layer *x = a, *y = b;
    return x->level != y->level ? (x->level < y->level ? -1 : 1) : x->box != y->box ? (x->box < y->box ? -1 : 1) : x->source < y->source ? -1 : 1;
}

bool layers_make(struct layers *out, const struct links *l)
{
    uint64_t reach[CORE_MAX_SOURCES] = {0};
    uint8_t relation[COUNTS];
    for (size_t k = 0; k < COUNTS; k++)
        for (uint8_t i = 0; links_relation(i)->id; i++)
            if (!strcmp(links_relation(i)->id, counts[k].relation))
                relation[k] = i;
    memset(out, 0, sizeof *out);
    out->layer = mem_zalloc(CORE_MAX_SOURCES * sizeof *out->layer);
    for (size_t i = 0; out->layer && i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        uint16_t source = links_cluster(l, snap_source(s->snap));
        struct layer *y = layer_of(out, source);
        if (!y && out->n < CORE_MAX_SOURCES) {
            y = &out->layer[out->n++];
            *y = (struct layer){.source = source, .plane = snap_kind(s->snap)->plane};
        }
        if (y && source == snap_source(s->snap))
            count_list(y, snap_kind(s->snap), snap_status(s->snap));
        for (uint32_t node = s->base; y && node < s->base + snap_slots(s->snap); node++) {
            const struct row *r = links_row(l, node);
            if (r)
                count_row(y, l, node, r, relation);
        }
    }
    if (!out->layer)
        return false;
    for (size_t i = 0; i < out->n; i++)
        if (out->layer[i].plane == PLANE_KUBE) {
            by_name(out, l, &out->layer[i]);
            by_api(&out->layer[i], l);
            few(&out->layer[i]);
        } else {
            by_labels(&out->layer[i]);
        }
    order(out, reach);
    if (out->n)
        qsort(out->layer, out->n, sizeof *out->layer, lowest_first);
    return true;
}

void layers_free(struct layers *y)
{
    mem_free(y->layer);
    memset(y, 0, sizeof *y);
}
