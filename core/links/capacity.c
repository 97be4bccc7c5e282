/* Capacity: sums over the graph, the two views of the same cores, and what is free but of no use. */
#include "strata/capacity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/map.h"
#include "strata/mem.h"

#define FULL 90                /* percent taken: hardly anything fits any more */
#define IDLE 20                /* percent free of the other resource that are worth telling */

const char *capacity_name(enum capacity_what w)
{
    static const char *const names[] = {"cluster", "node", "hypervisor", "project"};
    return names[w];
}

void capacity_release(struct capacity *c)
{
    for (size_t i = 0; i < c->n; i++) {
        mem_free(c->line[i].name);
        mem_free(c->line[i].uid);
        mem_free(c->line[i].note);
    }
    mem_free(c->line);
    memset(c, 0, sizeof *c);
}

static int64_t num(const struct row *r, const char *column)
{
    int col = kind_column(r->kind, column);
    return col < 0 || r->kind->columns[col].type == COL_TEXT ? CELL_NONE : r->cell[col].n;
}

/* What is not known stays so, and makes no sum of what is. */
static void plus(int64_t *sum, int64_t n)
{
    if (n != CELL_NONE)
        *sum = (*sum == CELL_NONE ? 0 : *sum) + n;
}

static const struct capacity_amount nothing = {CELL_NONE, CELL_NONE, CELL_NONE, CELL_NONE, CELL_NONE, CELL_NONE, 0};

static struct capacity_line *add(struct capacity *c, enum capacity_what what, uint16_t source, const char *name, const char *uid)
{
    if (!mem_grow(&c->line, &c->cap, c->n + 1, sizeof *c->line)) {
        c->failed = true;
        return NULL;
    }
    struct capacity_line *x = &c->line[c->n];
    *x = (struct capacity_line){.what = (uint8_t)what, .source = source, .name = mem_strdup(name), .uid = mem_strdup(uid), .cpu = nothing, .mem = nothing};
    c->n++;
    c->failed |= !x->name || !x->uid;
    return x;
}

/* ---- what pods ask of each node ---- */

struct asking { int64_t cpu, mem; size_t pods; };
struct sums {
    const struct links *l;
    const struct tell *t;
    struct capacity *out;
    struct asking *of;                  /* per node of the graph */
    uint32_t *line;                     /* per node of the graph, of a hypervisor: its line, + 1 */
    struct map named;                   /* clusters and projects: their line, + 1 */
    const struct capacity_stock *stock;
    size_t nstock;
    int col_cpu, col_mem;               /* of pods */
};

static struct capacity_line *line_of(struct sums *s, enum capacity_what what, uint16_t source, const char *name, const char *uid)
{
    char key[200];
    snprintf(key, sizeof key, "%d %u %.150s", (int)what, (unsigned)source, uid);
    uintptr_t at = (uintptr_t)map_get(&s->named, key);
    if (at)
        return &s->out->line[at - 1];
    struct capacity_line *x = add(s->out, what, source, name, uid);
    if (x && !map_put(&s->named, key, (void *)(uintptr_t)s->out->n))
        s->out->failed = true;
    return x;
}

static struct capacity_line *host_line(struct sums *s, uint32_t node)
{
    return node != LINK_NO_NODE && s->line[node] ? &s->out->line[s->line[node] - 1] : NULL;
}

static uint32_t down(const struct links *l, uint32_t node, const char *relation)
{
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (e[i].cls >= LINK_B && e[i].cls != LINK_X && !strcmp(links_relation(e[i].relation)->id, relation))
            return e[i].to;
    return LINK_NO_NODE;
}

static void each(struct sums *s, const char *kind, void (*fn)(struct sums *s, uint32_t i, const struct row *r))
{
    for (size_t i = 0; i < s->l->nsnaps; i++) {
        const struct link_snap *p = &s->l->snap[i];
        if (strcmp(snap_kind(p->snap)->id, kind) != 0)
            continue;
        for (uint32_t k = 0; k < snap_slots(p->snap); k++)
            if (links_row(s->l, p->base + k))           /* what another view shows counts once */
                fn(s, p->base + k, links_row(s->l, p->base + k));
    }
}

static void count_pod(struct sums *s, uint32_t i, const struct row *r)
{
    uint32_t node = down(s->l, i, "runs-on");
    if (node == LINK_NO_NODE)
        return;
    plus(&s->of[node].cpu, r->cell[s->col_cpu].n);
    plus(&s->of[node].mem, r->cell[s->col_mem].n);
    s->of[node].pods += r->cell[s->col_cpu].n != CELL_NONE;        /* one that ended holds nothing */
}

/* ---- findings ---- */

static int percent(int64_t part, int64_t of) { return of > 0 && part != CELL_NONE ? (int)(part * 100 / of) : 0; }

static void note(struct capacity_line *x, const char *text)
{
    struct str s;
    str_init(&s, 1 << 16);
    str_addf(&s, "%s%s%s", x->note ? x->note : "", x->note ? "; " : "", text);
    char *made = str_take(&s);
    if (!made)
        return;
    mem_free(x->note);
    x->note = made;
}

static int64_t left_over(const struct capacity_amount *full, const struct capacity_amount *other)
{
    if (full->room <= 0 || other->room <= 0 || full->asked == CELL_NONE || other->asked == CELL_NONE || percent(full->asked, full->room) < FULL)
        return 0;
    int64_t free = other->room - other->asked;
    return percent(free, other->room) >= IDLE ? free : 0;
}

static void idle_words(struct capacity_line *x)
{
    struct str s;
    const char *core = x->what == CAPACITY_HYPERVISOR ? "vCPU" : "core";
    str_init(&s, 400);
    if (x->cpu.idle) {
        bool used = x->cpu.used != CELL_NONE;
        str_addf(&s, "memory %d %% taken with %d %% CPU %s: %lld.%lld %ss cannot be used", percent(x->mem.asked, x->mem.room),
                 used ? percent(x->cpu.used, x->cpu.have) : percent(x->cpu.asked, x->cpu.room), used ? "used" : "taken", (long long)(x->cpu.idle / 1000),
                 (long long)(x->cpu.idle % 1000 / 100), core);
    } else if (x->mem.idle) {
        bool used = x->mem.used != CELL_NONE;
        str_addf(&s, "CPU %d %% taken with %d %% memory %s: %lld MiB cannot be used", percent(x->cpu.asked, x->cpu.room),
                 used ? percent(x->mem.used, x->mem.have) : percent(x->mem.asked, x->mem.room), used ? "used" : "taken", (long long)(x->mem.idle >> 20));
    }
    if (s.len)
        note(x, s.data);
    str_release(&s);
}

static void idle(struct capacity_line *x)
{
    x->cpu.idle = left_over(&x->mem, &x->cpu);
    x->mem.idle = x->cpu.idle ? 0 : left_over(&x->cpu, &x->mem);
    idle_words(x);
}

/* ---- nodes and clusters ---- */

static void add_amount(struct capacity_amount *sum, const struct capacity_amount *n)
{
    plus(&sum->have, n->have);
    plus(&sum->room, n->room);
    plus(&sum->asked, n->asked);
    plus(&sum->used, n->used);
    sum->idle += n->idle;
}

static void node_line(struct sums *s, uint32_t i, const struct row *r)
{
    const uint16_t cluster = links_cluster(s->l, r->source);
    const struct source_info *info = s->t->source(s->t->arg, cluster);
    struct capacity_line x = {.cpu = nothing, .mem = nothing}, *y = add(s->out, CAPACITY_NODE, r->source, r->name, r->uid);
    x.cpu.have = x.cpu.room = num(r, "alloc-cpu");
    x.mem.have = x.mem.room = num(r, "alloc-mem");
    x.cpu.asked = s->of[i].cpu;
    x.mem.asked = s->of[i].mem;
    x.cpu.used = num(r, "cpu");
    x.mem.used = num(r, "mem");
    if (!y)
        return;
    y->cpu = x.cpu;
    y->mem = x.mem;
    y->nodes = 1;
    y->things = s->of[i].pods;
    idle(y);
    const char *status = row_column(r, "status");
    if (strcmp(status, "Ready") != 0)
        note(y, status);
    x = *y;                                            /* the next one may move it */
    y = line_of(s, CAPACITY_CLUSTER, cluster, info ? info->name : "", "");
    if (!y)
        return;
    y->nodes++;
    y->things += x.things;
    add_amount(&y->cpu, &x.cpu);
    add_amount(&y->mem, &x.mem);
}

static void cluster_words(struct capacity_line *x)
{
    struct str s;
    str_init(&s, 400);
    if (x->cpu.idle)
        str_addf(&s, "%lld.%lld cores of nodes whose memory is full cannot be used", (long long)(x->cpu.idle / 1000), (long long)(x->cpu.idle % 1000 / 100));
    if (x->mem.idle)
        str_addf(&s, "%s%lld MiB of nodes whose CPU is full cannot be used", s.len ? "; " : "", (long long)(x->mem.idle >> 20));
    if (s.len)
        note(x, s.data);
    str_release(&s);
}

/* ---- hypervisors ---- */

static const struct capacity_stock *stock_of(const struct sums *s, const struct row *r)
{
    for (size_t i = 0; i < s->nstock; i++)
        if (s->stock[i].source == r->source && !strcmp(s->stock[i].uid, r->uid))
            return &s->stock[i];
    return NULL;
}

/* Without Placement: as Nova tells, its overcommit unknown. */
static void hypervisor_line(struct sums *s, uint32_t i, const struct row *r)
{
    struct capacity_line *y = add(s->out, CAPACITY_HYPERVISOR, r->source, r->name, r->uid);
    const struct capacity_stock *p = stock_of(s, r);
    int64_t vcpus = num(r, "vcpus"), used = num(r, "vcpus-used");
    uint32_t node = down(s->l, i, "host");
    if (!y)
        return;
    s->line[i] = (uint32_t)s->out->n;
    y->cpu.have = p ? p->cpu.total * 1000 : vcpus == CELL_NONE ? vcpus : vcpus * 1000;
    y->mem.have = p ? p->mem.total << 20 : num(r, "memory");
    y->cpu.asked = p ? p->cpu.used * 1000 : used == CELL_NONE ? used : used * 1000;
    y->mem.asked = p ? p->mem.used << 20 : num(r, "memory-used");
    if (p) {
        y->cpu.room = (p->cpu.total - p->cpu.reserved) * p->cpu.ratio_permille;
        y->mem.room = ((p->mem.total - p->mem.reserved) * p->mem.ratio_permille / 1000) << 20;
    }
    if (node != LINK_NO_NODE) {
        const struct row *n = links_row(s->l, node);
        y->cpu.below = s->of[node].cpu;
        y->mem.below = s->of[node].mem;
        y->cpu.used = num(n, "cpu");
        y->mem.used = num(n, "mem");
    }
    idle(y);
    if (!p)
        note(y, "its overcommit is not known: Placement did not tell");
    if (strcmp(row_column(r, "state"), "up") != 0 || !strcmp(row_column(r, "status"), "disabled"))
        note(y, strcmp(row_column(r, "state"), "up") != 0 ? "down" : "disabled");
}

static void server_line(struct sums *s, uint32_t i, const struct row *r)
{
    struct capacity_line *y = line_of(s, CAPACITY_PROJECT, links_cluster(s->l, r->source), row_column(r, "project"), r->scope);
    int64_t vcpus = num(r, "vcpus"), ram = num(r, "ram");
    uint32_t host = down(s->l, i, "hosted");
    if (y) {
        plus(&y->cpu.asked, vcpus == CELL_NONE ? vcpus : vcpus * 1000);
        plus(&y->mem.asked, ram == CELL_NONE ? ram : ram << 20);
        y->things++;
    }
    if ((y = host_line(s, host)))
        y->things++;
}

/* ---- nodes of one cluster on one hypervisor; what their pods ask of it ---- */

static void stand(struct sums *s, uint32_t i, const struct row *r)
{
    uint32_t server = down(s->l, i, "machine"), host = server == LINK_NO_NODE ? server : down(s->l, server, "hosted");
    struct capacity_line *y = host_line(s, host);
    (void)r;
    if (!y)
        return;
    plus(&y->cpu.above, s->of[i].cpu);
    plus(&y->mem.above, s->of[i].mem);
}

static bool control(const struct row *node) { return strstr(row_column(node, "roles"), "control-plane") || strstr(row_column(node, "roles"), "master"); }

struct together { uint32_t host; size_t nodes, masters; };

static void apart(struct sums *s, struct capacity_line *x)
{
    struct together *g = NULL;
    size_t n = 0, cap = 0, masters = 0;
    for (uint32_t i = 0; i < s->l->nnodes; i++) {
        const struct row *r = links_row(s->l, i);
        if (!r || links_cluster(s->l, r->source) != x->source || !link_is(r, "nodes"))
            continue;
        uint32_t server = down(s->l, i, "machine"), host = server == LINK_NO_NODE ? server : down(s->l, server, "hosted");
        size_t k = 0;
        masters += control(r);
        if (host == LINK_NO_NODE)
            continue;
        while (k < n && g[k].host != host)
            k++;
        if (k == n) {
            if (!mem_grow(&g, &cap, n + 1, sizeof *g))
                break;
            g[n++] = (struct together){.host = host};
        }
        g[k].nodes++;
        g[k].masters += control(r);
    }
    for (size_t k = 0; k < n; k++) {
        char text[400];
        if (g[k].nodes < 2)
            continue;
        bool majority = g[k].masters * 2 >= masters && g[k].masters > 1;
        snprintf(text, sizeof text, "%zu of %zu nodes stand on hypervisor %.120s%s", g[k].nodes, x->nodes, links_row(s->l, g[k].host)->name,
                 majority ? ", its control plane's majority with them" : "");
        note(x, text);
    }
    mem_free(g);
}

static int in_order(const void *a, const void *b)
{
    const struct capacity_line *x = a, *y = b;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return x->name && y->name ? strverscmp(x->name, y->name) : 0;
}

bool capacity_make(struct capacity *out, const struct tell *t, const struct capacity_stock *stock, size_t nstock)
{
    struct sums s = {.l = t->l, .t = t, .out = out, .stock = stock, .nstock = nstock};
    memset(out, 0, sizeof *out);
    s.of = mem_zalloc((t->l->nnodes + 1) * sizeof *s.of);
    s.line = mem_zalloc((t->l->nnodes + 1) * sizeof *s.line);
    if (!s.of || !s.line) {
        mem_free(s.of);
        mem_free(s.line);
        return false;
    }
    map_init(&s.named, NULL);
    s.col_cpu = kind_column(kind_find("pods"), "cpu-requested");
    s.col_mem = kind_column(kind_find("pods"), "mem-requested");
    each(&s, "pods", count_pod);
    each(&s, "hypervisor", hypervisor_line);
    each(&s, "nodes", node_line);
    each(&s, "nodes", stand);
    each(&s, "server", server_line);
    for (size_t i = 0; i < out->n; i++) {
        struct capacity_line *x = &out->line[i];
        if (x->what == CAPACITY_CLUSTER) {
            cluster_words(x);
            apart(&s, x);
        }
    }
    if (out->n)
        qsort(out->line, out->n, sizeof *out->line, in_order);
    map_release(&s.named);
    mem_free(s.line);
    mem_free(s.of);
    return !out->failed;
}
