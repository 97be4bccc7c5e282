/* The nodes of a cluster and what stands on them; see the header. */
#include "core/links/room.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"

static int64_t num(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col < 0 ? CELL_NONE : r->cell[col].n;
}

int64_t room_asks(const struct row *pod, int col) { return pod->cell[col].n == CELL_NONE ? 0 : pod->cell[col].n; }

/* What ended holds nothing, and what ends will not. */
static bool stands(const struct link_room *m, const struct row *pod)
{
    bool ended = pod->health == HEALTH_DONE || (pod->health == HEALTH_BAD && pod->cell[m->cpu_col].n == CELL_NONE);
    return !ended && !(pod->flags & ROW_DELETING);
}

static void add_spot(struct link_room *m, uint32_t node, const struct row *r)
{
    if (map_get(&m->by_name, r->name))
        return;
    if (!mem_grow(&m->spot, &m->spot_cap, m->nspots + 1, sizeof *m->spot) || !map_put(&m->by_name, r->name, (void *)(uintptr_t)(m->nspots + 1))) {
        m->failed = true;
        return;
    }
    int64_t cpu = num(r, "alloc-cpu"), mem = num(r, "alloc-mem"), pods = num(r, "alloc-pods");
    m->spot[m->nspots++] = (struct room_spot){.node = node, .row = r, .has_cpu = cpu, .has_mem = mem, .cpu = cpu == CELL_NONE ? INT64_MAX / 4 : cpu, .mem = mem == CELL_NONE ? INT64_MAX / 4 : mem,
                                              .pods = pods == CELL_NONE ? INT64_MAX / 4 : pods};
}

static void holds(struct link_room *m, const struct room_pod *p, int sign)
{
    struct room_spot *s = &m->spot[p->spot];
    s->cpu -= sign * p->cpu;
    s->mem -= sign * p->mem;
    s->pods -= sign;
    if (p->came) {
        s->came_cpu += sign * p->cpu;
        s->came_mem += sign * p->mem;
        s->came_pods += sign;
    }
}

/* The topologies of who will not have others beside it; more than fit are not looked at. */
static void keys(struct link_room *m, struct room_terms *terms)
{
    for (size_t i = 0; i < terms->n && !terms->apart; i++) {
        size_t k = 0;
        if (terms->of[i].what != TERM_APART)
            continue;
        while (k < m->nkeys && strcmp(m->key[k], terms->of[i].key) != 0)
            k++;
        if (k == m->nkeys && k < ROOM_KEYS)
            m->key[m->nkeys++] = terms->of[i].key;
        terms->of[i].at = (uint8_t)k;
    }
}

static bool put(struct link_room *m, uint32_t node, const struct row *r, uint32_t spot, bool came)
{
    struct room_terms *terms = room_terms_of(m, r);
    if (!mem_grow(&m->pod, &m->pod_cap, m->npods + 1, sizeof *m->pod) || !mem_grow(&m->apart, &m->apart_cap, m->napart + 1, sizeof *m->apart))
        return !(m->failed = true);
    struct room_pod *p = &m->pod[m->npods++];
    *p = (struct room_pod){.node = node, .spot = spot, .next = m->spot[spot].first, .row = r, .terms = terms, .cpu = room_asks(r, m->cpu_col), .mem = room_asks(r, m->mem_col), .came = came};
    m->spot[spot].first = (uint32_t)m->npods;
    m->at[node] = came ? m->at[node] : (uint32_t)m->npods;
    keys(m, terms);
    for (size_t i = 0; i < terms->n; i++)
        terms->apart |= terms->of[i].what == TERM_APART;
    if (terms->apart)
        m->apart[m->napart++] = (uint32_t)m->npods - 1;
    holds(m, p, 1);
    return true;
}

static void add_pod(struct link_room *m, uint32_t node, const struct row *r)
{
    const char *on = r->cell[m->node_col].s;
    uintptr_t spot = on ? (uintptr_t)map_get(&m->by_name, on) : 0;
    if (spot && stands(m, r))
        put(m, node, r, (uint32_t)spot - 1, false);
}

static void each(struct link_room *m, const char *kind, void (*fn)(struct link_room *m, uint32_t node, const struct row *r))
{
    for (size_t i = 0; i < m->l->nsnaps; i++) {
        const struct link_snap *k = &m->l->snap[i];
        if (!link_kind_is(snap_kind(k->snap), kind) || links_cluster(m->l, snap_source(k->snap)) != m->cluster)
            continue;
        for (uint32_t node = k->base; node < k->base + snap_slots(k->snap); node++)
            if (links_row(m->l, node))
                fn(m, node, links_row(m->l, node));
    }
}

static void add_ns(struct link_room *m, uint32_t node, const struct row *r)
{
    (void)node;
    m->failed |= !map_put(&m->by_ns, r->name, (void *)(uintptr_t)r);
}

struct link_room *link_room_new(const struct links *l, uint16_t source)
{
    struct link_room *m = mem_zalloc(sizeof *m);
    const struct kind *pods = kind_find("pods");
    if (!m)
        return NULL;
    m->l = l;
    m->cluster = links_cluster(l, source);
    m->cpu_col = kind_column(pods, "cpu-requested");
    m->mem_col = kind_column(pods, "mem-requested");
    m->node_col = kind_column(pods, "node");
    m->placement_col = kind_column(pods, "placement");
    m->at = mem_zalloc((l->nnodes + 1) * sizeof *m->at);
    m->failed = !m->at;
    map_init(&m->by_name, NULL);
    map_init(&m->by_ns, NULL);
    map_init(&m->terms, room_terms_free);
    if (!m->failed) {
        each(m, "nodes", add_spot);
        each(m, "namespaces", add_ns);
        each(m, "pods", add_pod);
    }
    if (!m->failed)
        return m;
    link_room_free(m);
    return NULL;
}

void link_room_free(struct link_room *m)
{
    if (!m)
        return;
    map_release(&m->by_name);
    map_release(&m->by_ns);
    map_release(&m->terms);
    mem_free(m->spot);
    mem_free(m->pod);
    mem_free(m->at);
    mem_free(m->apart);
    mem_free(m);
}

void link_room_close(struct link_room *m, uint32_t node, bool closed)
{
    for (size_t i = 0; i < m->nspots; i++)
        if (m->spot[i].node == node)
            m->spot[i].closed = closed;
}

void link_room_leaves(struct link_room *m, uint32_t pod)
{
    struct room_pod *p = m->at[pod] ? &m->pod[m->at[pod] - 1] : NULL;
    if (p && !p->gone) {
        p->gone = true;
        holds(m, p, -1);
    }
}

/* ---- a place ---- */

/* The disks of its claims are of some nodes alone. */
static bool reaches_disks(const struct links *l, uint32_t pod, const struct row *node)
{
    const struct link_edge *e, *pv;
    size_t n = links_down(l, pod, &e);
    for (size_t i = 0; i < n; i++) {
        size_t npv = strcmp(links_relation(e[i].relation)->id, "claims") ? 0 : links_down(l, e[i].to, &pv);
        for (size_t k = 0; k < npv; k++) {
            const struct row *r = links_row(l, pv[k].to);
            if (r && link_kind_is(r->kind, "persistentvolumes") && kind_column(r->kind, "reached-from") >= 0 && !link_terms_hold(node, row_column(r, "reached-from")))
                return false;
        }
    }
    return true;
}

/* open: as if nobody had cordoned it. */
static enum link_unfit unfit(struct room_view *v, uint32_t pod, size_t spot, bool open)
{
    const struct room_spot *s = &v->m->spot[spot];
    enum link_unfit no = open ? link_takes_open(s->row, v->pod) : link_takes(s->row, v->pod, s->closed);
    int64_t back = v->newcomers ? 0 : 1;
    if (no)
        return no;
    if (!reaches_disks(v->m->l, pod, s->row))
        return UNFIT_DISK;
    if (s->pods + back * s->came_pods < 1)
        return UNFIT_PODS;
    if (v->cpu && s->cpu + back * s->came_cpu < v->cpu)
        return UNFIT_CPU;
    if (v->mem && s->mem + back * s->came_mem < v->mem)
        return UNFIT_MEM;
    return room_view_unfit(v, spot);
}

static bool of_room(enum link_unfit no) { return no == UNFIT_PODS || no == UNFIT_CPU || no == UNFIT_MEM || no == UNFIT_ASK; }

/* One that is less important may have to give way. */
static bool preempts(struct room_view *v, uint32_t pod)
{
    const struct link_room *m = v->m;
    for (size_t i = 0; i < m->nspots; i++) {
        bool less = false;
        for (uint32_t k = m->spot[i].first; k && !less; k = m->pod[k - 1].next)
            less = !m->pod[k - 1].gone && m->pod[k - 1].terms->priority < v->terms->priority;
        enum link_unfit no = less ? unfit(v, pod, i, false) : UNFIT_NOT;
        if (no && (of_room(no) || no == UNFIT_PORT || no == UNFIT_APART))
            return true;
    }
    return false;
}

static double left(const struct room_spot *s, const struct room_view *v)
{
    double a = s->has_cpu > 0 ? (double)(s->cpu - v->cpu) / (double)s->has_cpu : 0, b = s->has_mem > 0 ? (double)(s->mem - v->mem) / (double)s->has_mem : 0;
    return a + b - (double)s->came_pods / 1000;
}

/* Would there be one for it if nothing else had come? */
static bool alone(struct link_room *m, uint32_t pod, const struct row *r)
{
    struct room_view v;
    bool fits = false;
    if (!room_view_init(&v, m, r, false))
        return m->failed = true;
    for (size_t i = 0; i < m->nspots && !fits; i++)
        fits = unfit(&v, pod, i, false) == UNFIT_NOT;
    room_view_release(&v);
    return fits;
}

bool link_room_place(struct link_room *m, uint32_t pod, struct room_no *no)
{
    const struct row *r = links_row(m->l, pod);
    struct room_view v;
    size_t best = SIZE_MAX;
    bool room = false;
    *no = (struct room_no){.nodes = m->nspots};
    if (!room_view_init(&v, m, r, true))
        return m->failed = true;
    for (size_t i = 0; i < m->nspots; i++) {
        enum link_unfit why = unfit(&v, pod, i, false);
        if (why == UNFIT_CORDONED && m->spot[i].closed) {
            no->nodes--;                        /* it is what is drained */
            continue;
        }
        no->by[why]++;
        room |= of_room(why);
        if (!why && (best == SIZE_MAX || left(&m->spot[i], &v) > left(&m->spot[best], &v)))
            best = i;
    }
    no->odd = v.terms->odd;
    no->preempts = best == SIZE_MAX && preempts(&v, pod);
    room_view_release(&v);
    if (best != SIZE_MAX)
        return put(m, pod, r, (uint32_t)best, true);
    no->maybe = room && alone(m, pod, r);
    return false;
}

size_t link_room_cordoned(struct link_room *m, uint32_t pod, uint32_t *node, size_t max)
{
    struct room_view v;
    size_t n = 0;
    bool taken = false;
    if (!room_view_init(&v, m, links_row(m->l, pod), true))
        return 0;
    for (size_t i = 0; i < m->nspots && !taken; i++) {
        bool off = strstr(row_column(m->spot[i].row, "status"), "SchedulingDisabled");
        taken = !off && unfit(&v, pod, i, false) == UNFIT_NOT;
        if (off && n < max && unfit(&v, pod, i, true) == UNFIT_NOT)
            node[n++] = m->spot[i].node;
    }
    room_view_release(&v);
    return taken ? 0 : n;
}
