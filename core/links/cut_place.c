/* Which of the pods that a drain evicts find a node again: turn after turn, as the scheduler of their cluster would look (room.c). */
#include <stdlib.h>
#include <string.h>

#include "core/links/cut.h"
#include "core/links/room.h"
#include "strata/mem.h"

#define NAMED 3
#define REASONS 12

static const struct { const char *one, *more; } unfits[UNFITS] = {
    [UNFIT_NOT_READY] = {"is not ready", "are not ready"},
    [UNFIT_CORDONED] = {"is cordoned", "are cordoned"},
    [UNFIT_TAINT] = {"has a taint that it does not tolerate", "have taints that it does not tolerate"},
    [UNFIT_CHOSEN] = {"is not what its node selector or affinity wants", "are not what its node selector or affinity wants"},
    [UNFIT_DISK] = {"does not reach its disk", "do not reach its disk"},
    [UNFIT_PODS] = {"has as many pods as it may", "have as many pods as they may"},
    [UNFIT_CPU] = {"has too little CPU left", "have too little CPU left"},
    [UNFIT_MEM] = {"has too little memory left", "have too little memory left"},
    [UNFIT_ASK] = {"has none left of a device or resource that it asks for", "have none left of a device or resource that it asks for"},
    [UNFIT_PORT] = {"has its port taken", "have its port taken"},
    [UNFIT_APART] = {"has a pod that may not stand beside it (anti-affinity)", "have pods that may not stand beside it (anti-affinity)"},
    [UNFIT_WITH] = {"has no pod that it must stand beside (affinity)", "have no pod that it must stand beside (affinity)"},
    [UNFIT_SPREAD] = {"would have too many of its kind (topology spread)", "would have too many of its kind (topology spread)"},
};

struct told { struct room_no no; uint32_t first[NAMED]; size_t n; };
struct placing { const struct links *l; struct blast_cut *cut; size_t n; struct told told[REASONS]; size_t ntold, blind; };

static bool waits(const struct blast_cut *c) { return c->held && !c->allowed; }
static bool goes(const struct placing *p, const struct blast_cut *c, uint16_t cluster)
{
    return c->drained && !waits(c) && links_cluster(p->l, links_row(p->l, c->node)->source) == cluster;
}

static void tell(struct placing *p, const struct room_no *no, uint32_t pod)
{
    size_t i = 0;
    while (i < p->ntold && (p->told[i].no.maybe != no->maybe || p->told[i].no.odd != no->odd || memcmp(p->told[i].no.by, no->by, sizeof no->by)))
        i++;
    if (i == REASONS)
        i--;                                    /* of more reasons than are told the last counts the pods */
    else if (i == p->ntold)
        p->told[p->ntold++] = (struct told){.no = *no};
    if (p->told[i].n < NAMED)
        p->told[i].first[p->told[i].n] = pod;
    p->told[i].n++;
}

static void say(const struct placing *p, struct str *words)
{
    for (size_t i = 0; i < p->ntold; i++) {
        const struct told *t = &p->told[i];
        str_addf(words, "%zu pod%s %s stay Pending until a node is back: ", t->n, t->n == 1 ? "" : "s", t->no.maybe ? "may" : "will");
        for (size_t k = 0; k < t->n && k < NAMED; k++)
            str_addf(words, "%s%s", k ? ", " : "", links_row(p->l, t->first[k])->name);
        if (t->n > NAMED)
            str_addf(words, " and %zu more", t->n - NAMED);
        if (t->no.odd) {
            str_adds(words, "; what it asks of a place is not understood\n");
            continue;
        }
        str_addf(words, t->no.nodes ? "; of %zu other node%s " : "; there is no other node", t->no.nodes, t->no.nodes == 1 ? "" : "s");
        for (size_t k = 1, said = 0; k < UNFITS; k++)
            if (t->no.by[k])
                str_addf(words, "%s%zu %s", said++ ? ", " : "", t->no.by[k], t->no.by[k] == 1 ? unfits[k].one : unfits[k].more);
        str_addc(words, '\n');
    }
    if (p->blind)
        str_addf(words, "unknown: whether %zu pod%s find%s room elsewhere, no node of the cluster is seen\n", p->blind, p->blind == 1 ? "" : "s", p->blind == 1 ? "s" : "");
}

/* So many ask for more than all open nodes have: some stay, in whatever order. */
static bool too_many(const struct placing *p, const struct link_room *m, uint16_t cluster, uint32_t turn)
{
    int64_t cpu = 0, mem = 0, pods = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct row *r = links_row(p->l, p->cut[i].node);
        if (!goes(p, &p->cut[i], cluster) || p->cut[i].turn != turn)
            continue;
        int col_cpu = kind_column(r->kind, "cpu-requested"), col_mem = kind_column(r->kind, "mem-requested");
        cpu += col_cpu < 0 || r->cell[col_cpu].n == CELL_NONE ? 0 : r->cell[col_cpu].n;
        mem += col_mem < 0 || r->cell[col_mem].n == CELL_NONE ? 0 : r->cell[col_mem].n;
        pods++;
    }
    int64_t has_cpu = 0, has_mem = 0, has_pods = 0;
    for (size_t i = 0; i < m->nspots; i++) {
        const struct room_spot *s = &m->spot[i];
        bool open = !s->closed && s->row->health != HEALTH_BAD && s->cpu < INT64_MAX / 8 && !strstr(row_column(s->row, "status"), "SchedulingDisabled");
        if (!s->closed && s->cpu >= INT64_MAX / 8)
            return false;
        has_cpu += open && s->cpu > 0 ? s->cpu : 0;
        has_mem += open && s->mem > 0 ? s->mem : 0;
        has_pods += open && s->pods > 0 ? s->pods : 0;
    }
    return cpu > has_cpu || mem > has_mem || pods > has_pods;
}

static void look(struct placing *p, struct link_room *m, struct blast_cut *c, bool full)
{
    struct room_no no;
    if (!m->nspots) {
        p->blind++;
        c->doubt = true;
        return;
    }
    if (link_room_place(m, c->node, &no) && !no.odd)
        return;
    no.maybe = no.odd || no.preempts || (no.maybe && !full);
    c->doubt = no.maybe;
    c->back = no.maybe;
    tell(p, &no, c->node);
}

static void one_turn(struct placing *p, struct link_room *m, uint32_t turn)
{
    for (size_t i = 0; i < p->n; i++)
        if (goes(p, &p->cut[i], m->cluster) && p->cut[i].turn == turn) {
            link_room_close(m, p->cut[i].drained - 1, true);
            link_room_leaves(m, p->cut[i].node);
        }
    bool full = too_many(p, m, m->cluster, turn);
    for (size_t i = 0; i < p->n; i++)
        if (goes(p, &p->cut[i], m->cluster) && p->cut[i].turn == turn)
            look(p, m, &p->cut[i], full);
    for (size_t i = 0; i < p->n; i++)
        if (p->cut[i].opens && goes(p, &p->cut[i], m->cluster) && p->cut[i].turn == turn)
            link_room_close(m, p->cut[i].drained - 1, false);
}

static void one_cluster(struct placing *p, uint16_t cluster)
{
    struct link_room *m = link_room_new(p->l, cluster);
    uint32_t turns = 0;
    for (size_t i = 0; m && i < p->n; i++)
        turns = p->cut[i].turn >= turns ? p->cut[i].turn + 1 : turns;
    for (uint32_t turn = 0; turn < turns; turn++)
        one_turn(p, m, turn);
    for (size_t i = 0; i < p->n; i++)           /* no memory to look: nothing is known */
        p->cut[i].doubt |= (!m || m->failed) && goes(p, &p->cut[i], cluster);
    link_room_free(m);
}

void blast_place(const struct links *l, struct blast_cut *cut, size_t n, struct str *words)
{
    struct placing *p = mem_zalloc(sizeof *p);
    bool seen[CORE_MAX_SOURCES] = {false};
    for (size_t i = 0; i < n; i++) {
        uint16_t cluster = cut[i].drained ? links_cluster(l, links_row(l, cut[i].node)->source) : 0;
        if (!cut[i].drained || seen[cluster])
            continue;
        if (!p) {
            cut[i].doubt = true;
            continue;
        }
        seen[cluster] = true;
        p->l = l;
        p->cut = cut;
        p->n = n;
        one_cluster(p, cluster);
    }
    if (p)
        say(p, words);
    mem_free(p);
}
