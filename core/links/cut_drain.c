/* What a drain takes: pods as their budgets and their set's majority let them go; which of them come back, and what is lost with them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/links/cut.h"
#include "core/store/selector.h"

#define BLOCKERS 12             /* told one by one; those beyond count as waiting */
#define NAMED 3

static bool managed(const struct row *pod) { return *pod->owner != '\0'; }

/* ---- who lets it go ---- */

struct members { const struct links *l; uint32_t all, serve; };

static void member(void *arg, uint32_t pod)
{
    struct members *m = arg;
    m->all++;
    m->serve += blast_serves(links_row(m->l, pod));
}

/* By whose leave the pod goes: a node of the graph, `by` LINK_NO_NODE nobody's. budgets: those that select it. */
struct leave { uint32_t by, allowed, of; size_t budgets; bool set; };

/* A drain keeps the majority of a set of three and more: one of its pods at a time, none if that were one too many. */
static void ask_set(const struct links *l, uint32_t pod, struct leave *v)
{
    struct members m = {l, 0, 0};
    uint32_t top = link_top_of(l, pod);
    if (!link_is(links_row(l, top), "statefulsets"))
        return;
    link_pods_of(l, top, member, &m);
    if (m.all >= 3)
        *v = (struct leave){top, m.serve > m.all / 2 + 1, m.all, v->budgets, true};
}

/* One budget lets so many go; of several the server lets none, and which it names is told. */
static void ask_budget(void *arg, uint32_t node, const struct row *budget)
{
    struct leave *v = arg;
    const char *may = row_column(budget, "may-go");
    if (!*may)
        return;
    long allowed = v->budgets++ ? 0 : strtol(may, NULL, 10), of = strtol(row_column(budget, "guarded"), NULL, 10);
    *v = (struct leave){node, allowed > 0 ? (uint32_t)allowed : 0, of > 0 ? (uint32_t)of : 0, v->budgets, false};
}

struct blocked { uint32_t by, first[NAMED]; size_t n, budgets; uint32_t of; bool set; };
struct drained { struct blocked on[BLOCKERS]; size_t n, stay, bare, data, idle; uint32_t first[NAMED]; };     /* idle: those that do not serve, the first of them */

static void block(struct drained *d, const struct leave *v, uint32_t pod)
{
    size_t i = 0;
    while (i < d->n && (d->on[i].by != v->by || d->on[i].budgets != v->budgets))
        i++;
    if (i == BLOCKERS)
        return;
    if (i == d->n)
        d->on[d->n++] = (struct blocked){.by = v->by, .budgets = v->budgets, .of = v->of, .set = v->set};
    if (d->on[i].n < NAMED)
        d->on[i].first[d->on[i].n] = pod;
    d->on[i].n++;
}

/* Of a set's majority and a budget, the one that forbids it. false: it stays as it is now. */
static bool held(struct cutter *c, uint32_t pod, bool majority, struct drained *d)
{
    struct leave budget = {.by = LINK_NO_NODE}, set = budget;
    if (!link_cut_told(c, "disable-eviction"))
        link_budgets_of(c->l, links_row(c->l, pod), ask_budget, &budget);
    if (majority && !link_cut_told(c, "ignore-majority"))
        ask_set(c->l, pod, &set);
    const struct leave *v = set.by != LINK_NO_NODE && (budget.by == LINK_NO_NODE || budget.allowed) ? &set : &budget;
    if (v->by == LINK_NO_NODE || c->n > c->max)
        return false;
    c->cut[c->n - 1].held = v->by + 1;
    c->cut[c->n - 1].allowed = v->allowed;
    if (!v->allowed)
        block(d, v, pod);
    return !v->allowed;
}

static void say_blocked(const struct links *l, const struct drained *d, struct str *words)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct blocked *b = &d->on[i];
        const struct row *by = links_row(l, b->by);
        if (b->set)
            str_addf(words, "blocked by the majority of statefulset %s/%s (%u pods)", by->scope, by->name, b->of);
        else if (b->budgets > 1)
            str_addf(words, "blocked by %zu budgets at once (%s/%s is one): the server refuses, leave one", b->budgets, by->scope, by->name);
        else
            str_addf(words, "blocked by budget %s/%s (allows 0 of %u)", by->scope, by->name, b->of);
        str_addf(words, ": pod%s ", b->n == 1 ? "" : "s");
        for (size_t k = 0; k < b->n && k < NAMED; k++)
            str_addf(words, "%s%s", k ? ", " : "", links_row(l, b->first[k])->name);
        if (b->n > NAMED)
            str_addf(words, " and %zu more", b->n - NAMED);
        str_addf(words, " stay%s\n", b->n == 1 ? "s" : "");
    }
}

/* ---- the drain ---- */

static bool has_empty_dirs(const struct row *pod)
{
    int empty = kind_column(pod->kind, "empty-dirs");
    return empty >= 0 && pod->cell[empty].n != CELL_NONE && pod->cell[empty].n > 0;
}

/* It waits or crashes, and nobody has anything of it now; but it is evicted, and what it wrote goes as that of any other. */
static void idle_pod(struct cutter *c, uint32_t pod, struct drained *d)
{
    if (d->idle < NAMED)
        d->first[d->idle] = pod;
    d->idle++;
    if (!has_empty_dirs(links_row(c->l, pod)))
        return;
    d->data++;
    link_cut_add(c, pod, BLAST_ST, HARM_LOST, false);
    if (c->n <= c->max)
        c->cut[c->n - 1].undo = link_cut_told(c, "delete-emptydir-data");
}

static void one_pod(struct cutter *c, uint32_t node, uint32_t pod, struct drained *d)
{
    const struct row *r = links_row(c->l, pod);
    bool back = managed(r);
    link_cut_add(c, pod, BLAST_DP, HARM_LOST, back);
    if (held(c, pod, true, d) || c->n > c->max)
        return;
    bool data = has_empty_dirs(r);
    if (back && !link_is_pinned(c->l, r)) {     /* no scheduler is asked of that: made anew it is here again */
        c->cut[c->n - 1].drained = node + 1;
        c->cut[c->n - 1].opens = c->opens;
    }
    c->cut[c->n - 1].data = !data ? DATA_NONE : link_cut_told(c, "delete-emptydir-data") ? DATA_GIVEN : DATA_LOST;
    d->data += data;
    d->bare += !managed(r);
}

static const char *s(size_t n) { return n == 1 ? "" : "s"; }

/* kubectl's: what a drain wants to be told, else it takes no pod of the node. */
static const char *unless(const struct cutter *c, const char *option)
{
    static const struct { const char *option, *words; } of[] = {
        {"delete-emptydir-data", "; drain refuses without --delete-emptydir-data"}, {"ignore-daemonsets", "; drain refuses without --ignore-daemonsets"},
        {"force", "; drain refuses without --force"},
    };
    size_t i = 0;
    while (i + 1 < sizeof of / sizeof *of && strcmp(of[i].option, option) != 0)
        i++;
    return link_cut_told(c, option) ? "" : of[i].words;
}

static bool selected(struct selector **out, const char *selector, struct str *words)
{
    struct err err = ERR_INIT;
    bool ok = selector_parse(out, selector, &err) == ERR_OK;
    if (!ok)
        str_addf(words, "unknown: the selector '%.100s' cannot be parsed: no pod is looked at\n", selector);
    return ok;
}

void link_cut_drained(struct cutter *c, uint32_t node, struct str *words)
{
    const struct link_edge *e;
    size_t n = links_up(c->l, node, &e);
    struct drained d = {0};
    struct selector *only = NULL;
    const char *selector = link_cut_option(c, "pod-selector");
    if (selector && *selector && !selected(&only, selector, words))
        return;
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(c->l, e[i].to);
        if (strcmp(links_relation(e[i].relation)->id, "runs-on") != 0 || !link_is(r, "pods") || !link_cut_stands(r) || (only && !selector_match(only, r->labels)))
            continue;
        if (blast_by_daemon(r) || !strncmp(r->owner, "Node/", 5))       /* of a Node: a mirror, no eviction ends what the kubelet runs */
            d.stay += blast_by_daemon(r);
        else if (blast_serves(r))
            one_pod(c, node, e[i].to, &d);
        else
            idle_pod(c, e[i].to, &d);
    }
    selector_free(only);
    say_blocked(c->l, &d, words);
    for (size_t i = 0; i < d.idle && i < NAMED; i++)
        str_addf(words, "%s%s", i ? ", " : d.idle == 1 ? "also evicted is a pod that does not serve now: " : "also evicted are pods that do not serve now: ", links_row(c->l, d.first[i])->name);
    if (d.idle > NAMED)
        str_addf(words, " and %zu more", d.idle - NAMED);
    str_adds(words, d.idle ? "\n" : "");
    if (d.data)
        str_addf(words, "%zu pod%s with emptyDir volumes: what is in them is lost%s\n", d.data, s(d.data), unless(c, "delete-emptydir-data"));
    if (d.stay)
        str_addf(words, "%zu pod%s of DaemonSets stay%s%s\n", d.stay, s(d.stay), d.stay == 1 ? "s" : "", unless(c, "ignore-daemonsets"));
    if (d.bare)
        str_addf(words, "%zu pod%s will not come back%s\n", d.bare, s(d.bare), unless(c, "force"));
}

void link_cut_evicted(struct cutter *c, uint32_t pod, struct str *words)
{
    struct drained d = {0};
    const struct row *r = links_row(c->l, pod);
    held(c, pod, false, &d);
    say_blocked(c->l, &d, words);
    if (!d.n && has_empty_dirs(r))
        str_adds(words, "what is in its emptyDir volumes is lost\n");
}
