/* Links and causes in words. */
#include "strata/tell.h"

#include <stdio.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define DEPTH 12
#define SHOWN 12               /* of one relation, going up */

const char *tell_source(const struct tell *t, const struct row *r)
{
    const struct source_info *s = t->source(t->arg, r->source);
    return s ? s->name : "";
}

int64_t tell_now_ms(const struct tell *t, const struct row *r)
{
    const struct source_info *s = t->source(t->arg, r->source);
    return clock_wall_ms() + (s && s->has_clock ? s->clock_offset_ms : 0);
}

/* Without memory a line is about nothing: it says the same. */
void tell_about(const struct tell *t, const struct row *r, const struct str *out)
{
    struct told *k = t->told;
    uint32_t node = k && t->l ? links_find(t->l, r->source, r->kind, r->uid) : LINK_NO_NODE;
    if (node != LINK_NO_NODE && mem_grow(&k->of, &k->cap, k->n + 1, sizeof *k->of))
        k->of[k->n++] = (struct told_of){out->len, node};
}

uint32_t told_node(const struct told *told, size_t from, size_t to)
{
    size_t lo = 0, hi = told->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (told->of[mid].at < from)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < told->n && told->of[lo].at < to ? told->of[lo].node : LINK_NO_NODE;
}

void told_release(struct told *told)
{
    mem_free(told->of);
    *told = (struct told){0};
}

void tell_row(const struct tell *t, const struct row *r, struct str *out)
{
    tell_about(t, r, out);
    bool ns = r->kind->plane == PLANE_KUBE && *r->scope;
    str_addf(out, "%s %s%s%s (%s)", r->kind->singular, ns ? r->scope : "", ns ? "/" : "", r->name, tell_source(t, r));
}

/* ---- links ---- */

struct tree { const struct tell *t; uint8_t *seen; struct str *out; };

static void branches(struct tree *w, uint32_t node, bool up, int depth)
{
    const struct link_edge *e;
    size_t n = up ? links_up(w->t->l, node, &e) : links_down(w->t->l, node, &e), run = 0, more = 0;
    char lead[DEPTH * 2 + 1];
    snprintf(lead, sizeof lead, "%*s", depth * 2, "");
    if (!up && depth < DEPTH && tell_hidden_at(w->t, node, lead, w->out))
        str_addc(w->out, '\n');
    for (size_t i = 0; i < n && depth < DEPTH; i++) {
        run = i && e[i].relation == e[i - 1].relation ? run + 1 : 0;
        if (up && run >= SHOWN) {
            more++;
        } else {
            const struct link_relation *rel = links_relation(e[i].relation);
            str_addf(w->out, "%*s%s ", depth * 2, "", up ? rel->up : rel->down);
            tell_row(w->t, links_row(w->t->l, e[i].to), w->out);
            str_adds(w->out, "   ");
            struct link_edge back = e[i];
            if (up)
                back.to = node;
            links_evidence(w->t->l, up ? e[i].to : node, &back, w->out);
            if (!up)
                why_absent_words(w->t->l, e[i].to, "; ", w->out);
            str_addc(w->out, '\n');
            if (!w->seen[e[i].to]) {
                w->seen[e[i].to] = 1;
                branches(w, e[i].to, up, depth + 1);
            }
        }
        if (more && (i + 1 == n || e[i + 1].relation != e[i].relation)) {
            str_addf(w->out, "%*s... and %zu more\n", depth * 2, "", more);
            more = 0;
        }
    }
}

bool tell_links(const struct tell *t, uint32_t node, struct str *out)
{
    size_t n = links_nodes(t->l);
    struct tree w = {t, mem_zalloc(n + 1), out};
    if (!w.seen)
        return false;
    tell_row(t, links_row(t->l, node), out);
    why_absent_words(t->l, node, "   ", out);
    str_addc(out, '\n');
    for (int up = 0; up < 2; up++) {
        memset(w.seen, 0, n);
        w.seen[node] = 1;
        branches(&w, node, up, 1);
    }
    mem_free(w.seen);
    return !out->failed;
}

/* ---- causes ---- */

const char *why_state_name(enum why_state s)
{
    static const char *const names[] = {"fine", "planned", "not quite well", "not seen", "stopped", "broken", "contradictory", "dangling"};
    return names[s];
}

bool tell_edge(const struct links *l, uint32_t from, uint32_t to, struct link_edge *out, uint32_t *at)
{
    const struct link_edge *e;
    for (int k = 0; k < 4; k++) {
        bool up = k & 1, doubted = k & 2;               /* what is doubted only where nothing else leads there */
        *at = up ? to : from;
        size_t n = links_down(l, *at, &e);
        for (size_t i = 0; i < n; i++)
            if (e[i].to == (up ? from : to) && (e[i].cls == LINK_X) == doubted) {
                *out = e[i];
                return true;
            }
    }
    return false;
}

void tell_says(const struct tell *t, const struct row *r, struct str *out)
{
    tell_row(t, r, out);
    str_adds(out, ": ");
    if (t->whole)
        why_words_whole(r, tell_now_ms(t, r), out);
    else
        why_words(r, tell_now_ms(t, r), out);
}

struct member { uint32_t node; uint8_t cls; };

static void is_member(void *arg, uint32_t node, uint8_t cls)
{
    struct member *m = arg;
    m->cls = node == m->node && cls > m->cls ? cls : m->cls;
}

/* What no link says: members of a cluster, pods of a workload or a Service, the node of a cordon. */
static void hop(const struct tell *t, uint32_t from, uint32_t to, struct str *out)
{
    struct link_edge e;
    uint32_t at;
    if (tell_edge(t->l, from, to, &e, &at)) {
        str_addf(out, "  %s ", at == to ? links_relation(e.relation)->up : links_relation(e.relation)->down);
        tell_says(t, links_row(t->l, to), out);
        tell_age(t, to, out);
        str_adds(out, "   ");
        links_evidence(t->l, at, &e, out);
    } else {
        const struct kind *kind = links_row(t->l, from)->kind;
        struct member of = {to, LINK_NONE};
        bool off = !strcmp(kind->id, "pods");                   /* link_walk_cordons */
        link_members(t->l, from, is_member, &of);
        str_adds(out, off ? "  is kept off " : of.cls ? "  is made of " : "  needs ");
        tell_says(t, links_row(t->l, to), out);
        tell_age(t, to, out);
        if (of.cls)
            str_addf(out, "   %c of the cluster that it %s", link_class_letter((enum link_class)of.cls), link_kind_is(kind, "machines.cluster.x-k8s.io") ? "is in" : "is");
        else
            str_adds(out, off ? "   A its cordon, nothing else" : strcmp(kind->id, "services") ? "   A ownerReferences" : "   B selector");
    }
    tell_seen(t, to, "; ", out);
    str_addc(out, '\n');
}

static void cause(const struct tell *t, const struct why_cause *c, struct str *out)
{
    struct why_cause cut;
    c = tell_cut(t, c, &cut);
    const struct row *r = links_row(t->l, c->hop[c->n - 1]);
    bool hidden = c->guess && !c->shared.silent;
    for (size_t i = 1; i + hidden < c->n; i++)
        hop(t, c->hop[i - 1], c->hop[i], out);
    if (hidden) {
        tell_hidden(t, c->hop[c->n - 2], "  ", out);
        str_adds(out, "; what is gone below it, and may be why:\n  ");
        tell_says(t, r, out);
        tell_age(t, c->hop[c->n - 1], out);
        str_adds(out, "   C what is between is not read\n");
    }
    struct str known;
    str_init(&known, 1024);
    tell_about(t, r, out);
    enum why_state s = tell_state(t, c, &known);
    str_adds(out, "  = ");
    if (c->shared.silent)
        tell_shared(c, r, out);
    else {
        str_addf(out, "%s %s is %s", r->kind->singular, r->name, why_state_name(s));
        str_add(out, known.data ? known.data : "", known.len);
    }
    str_release(&known);
    if (c->state == WHY_CONTRADICTS && why_contradicts(t->l, c->hop[c->n - 1]))
        tell_contradiction(t, c->hop[c->n - 1], ": it ", out);
    else
        tell_weight(t, c, "; that explains ", out);
    if (c->against)
        str_addf(out, "; %zu node%s on it report%s all the same", c->against, c->against == 1 ? "" : "s", c->against == 1 ? "s" : "");
    if (*why_means(r)) {
        tell_risk(t, c->hop[c->n - 1], out);
        str_addf(out, "\n  that means: %s", why_means(r));
    }
    if (!c->guess)
        tell_hidden(t, c->hop[c->n - 1], "\n  ", out);
    str_adds(out, "\n  look at: ");
    tell_about(t, r, out);
    tell_next(t, c, out);
    str_addc(out, '\n');
}

static uint32_t first_pod(const struct tell *t, const struct why_cause *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (link_is(links_row(t->l, c->hop[i]), "pods"))
            return c->hop[i];
    return LINK_NO_NODE;
}

/* No other explanation of the same, but something else that is so, too: what took another pod, a contradiction. */
static bool beside(const struct tell *t, const struct why *w, size_t i)
{
    uint32_t pod = first_pod(t, &w->cause[i]);
    bool other = pod != LINK_NO_NODE && pod != w->cause[i].hop[0];
    for (size_t k = 0; k < i; k++)
        other &= first_pod(t, &w->cause[k]) != pod && first_pod(t, &w->cause[k]) != LINK_NO_NODE;
    return other || w->cause[i].state == WHY_CONTRADICTS;
}

bool tell_why(const struct tell *t, uint32_t node, struct str *out)
{
    struct why w;
    if (!why_make(&w, t->l, node))
        return false;
    tell_says(t, links_row(t->l, node), out);
    tell_age(t, node, out);
    tell_seen(t, node, "; ", out);
    str_addc(out, '\n');
    if (!w.n) {
        struct why low;
        if (!why_below(&low, t->l, node))
            return false;
        str_addf(out, "  nothing is wrong with it%s%s", low.n ? "" : ", nor with what it hangs on", low.nunseen || low.no_cloud || tell_old(t, node) ? ", as far as is seen" : "");
        tell_cordon(t, links_row(t->l, node), "; ", out);
        str_adds(out, low.n ? "; of what is below it, this is not well:\n" : "\n");
        for (size_t i = 0; i < low.n; i++) {
            str_adds(out, i ? "  and:\n" : "");
            cause(t, &low.cause[i], out);
        }
        tell_unseen(t, &low, out);
    }
    for (size_t i = 0; i < w.n; i++) {
        if (i)
            str_adds(out, beside(t, &w, i) ? "  and:\n" : "  or, less likely:\n");
        cause(t, &w.cause[i], out);
    }
    return !out->failed;
}

/* ---- layers ---- */

static const char *name_of(const struct tell *t, uint16_t source)
{
    const struct source_info *s = t->source(t->arg, source);
    return s ? s->name : "";
}

size_t tell_also(const struct tell *t, uint16_t source, struct str *out)
{
    size_t found = 0;
    for (uint16_t i = 0; i < CORE_MAX_SOURCES; i++) {
        const char *by = links_same(t->l, i);
        bool told = !*by || links_cluster(t->l, i) != source;
        for (uint16_t k = 0; k < i && !told; k++)
            told = links_cluster(t->l, k) == source && !strcmp(links_same(t->l, k), by);
        for (uint16_t k = i, n = 0; k < CORE_MAX_SOURCES && !told; k++)
            if (links_cluster(t->l, k) == source && !strcmp(links_same(t->l, k), by) && out)
                str_addf(out, "%s%s", n++ ? ", " : found ? "; " : "", name_of(t, k));
        if (!told && out)
            str_addf(out, " (%s)", by);
        found += !told;
    }
    return found > 0;
}

static void some(struct str *out, size_t n, const char *what)
{
    if (n)
        str_addf(out, ", %zu %s%s", n, what, n == 1 ? "" : "s");
}

bool tell_layer_has(const struct tell *t, const struct layer *y, const struct why_cause *c)
{
    return links_cluster(t->l, links_row(t->l, c->hop[c->n - 1])->source) == y->source || (y->source < CORE_MAX_SOURCES && c->layers >> y->source & 1);
}

size_t tell_layer_red(const struct tell *t, const struct layer *y)
{
    size_t red = y->red;
    for (size_t i = 0; t->why && i < t->why->n; i++) {
        struct why_cause cut;
        const struct why_cause *c = tell_cut(t, &t->why->cause[i], &cut);
        red += c->state == WHY_STOPPED && links_cluster(t->l, links_row(t->l, c->hop[c->n - 1])->source) == y->source && tell_state(t, c, NULL) == WHY_BROKEN;
    }
    return red;
}

const struct why_cause *tell_layer_cause(const struct tell *t, const struct layer *y, struct why_cause *cut)
{
    size_t n = t->why && tell_layer_red(t, y) ? t->why->n : 0, *order = n ? mem_alloc(n * sizeof *order) : NULL;
    const struct why_cause *first = NULL;
    n = order ? tell_order(t, order) : 0;
    for (size_t i = 0; i < n && !first; i++)
        if (tell_layer_has(t, y, &t->why->cause[order[i]]))
            first = tell_cut(t, &t->why->cause[order[i]], cut);
    mem_free(order);
    return first;
}

static void layer(const struct tell *t, const struct layer *y, struct str *out)
{
    str_addf(out, "%u  %s %s", y->level, y->plane == PLANE_KUBE ? "cluster" : "cloud", name_of(t, y->source));
    some(out, y->nodes, "node");
    some(out, y->apis, "API");
    some(out, y->hypervisors, "hypervisor");
    some(out, y->servers, "server");
    size_t red = tell_layer_red(t, y);
    if (red)
        str_addf(out, "; %zu red", red);
    if (y->red_control)
        str_addf(out, ", %zu of these of the control plane", y->red_control);
    if (y->contradict)
        str_addf(out, ", %zu of these contradictory (strata why says which)", y->contradict);
    if (y->absent)
        str_addf(out, "; %zu node%s a server that is not there", y->absent, y->absent == 1 ? " names" : "s name");
    if (y->away_list && y->away == y->lists)
        str_adds(out, "; DOES NOT ANSWER: ");
    else if (y->away_list)
        str_addf(out, "; %zu of %zu lists cannot be read: ", y->away, y->lists);
    if (y->away_list && !tell_apis_down(t, y->source, out))     /* what one API says for want of another is not why */
        str_adds(out, y->away_list->err.msg);
    str_addc(out, '\n');
    struct why_cause cut;
    const struct why_cause *first = tell_layer_cause(t, y, &cut);
    if (first) {
        str_addf(out, "     first cause, %s: ", tell_cause_word(t, first));
        tell_says(t, links_row(t->l, first->hop[first->n - 1]), out);
        str_adds(out, first->shared.silent ? "; " : "");
        tell_shared(first, links_row(t->l, first->hop[first->n - 1]), out);
        tell_weight(t, first, "; explains ", out);
        str_addc(out, '\n');
    }
    struct str also;
    str_init(&also, 4096);
    if (tell_also(t, y->source, &also))
        str_addf(out, "     the same: %s\n", also.data ? also.data : "");
    str_release(&also);
    for (size_t i = 0; i < y->non; i++) {
        const struct layer_on *o = &y->on[i];
        str_addf(out, "     %s %s: ", o->few ? "has nodes on" : "runs on", name_of(t, o->source));
        if (o->nodes)
            str_addf(out, "%zu of %zu nodes are its servers", o->nodes, y->nodes);
        if (o->named)
            str_addf(out, "%zu of %zu nodes say that they are servers of OpenStack, its servers are not read", o->named, y->nodes);
        if (o->api)
            str_adds(out, "its API server is reached through it, its nodes are not read");
        if (o->apis)
            str_addf(out, "%zu of %zu APIs are served by its pods", o->apis, y->apis);
        if (o->hypervisors)
            str_addf(out, "%s%zu of %zu hypervisors are its nodes", o->apis ? ", " : "", o->hypervisors, y->hypervisors);
        if (o->labels)
            str_addf(out, "%zu of its services are there by their labels alone, no hypervisor and no agent of it is read", o->labels);
        if (o->agents && !o->apis && !o->hypervisors)
            str_addf(out, "%zu of its agents run%s in pods there", o->agents, o->agents == 1 ? "s" : "");
        str_addf(out, "%s   %c\n", o->old ? ", as they were read last" : "", link_class_letter(o->cls));
    }
}

static void layers(const struct tell *t, const struct layers *y, struct str *out)
{
    for (size_t i = y->n; i-- > 0;) {
        bool first = y->layer[i].box && (i + 1 == y->n || y->layer[i + 1].box != y->layer[i].box);
        if (first)
            str_adds(out, "self-hosted, each of these runs on the other:\n");
        layer(t, &y->layer[i], out);
    }
    if (!y->n)
        str_adds(out, "no cluster and no cloud is seen\n");
}

bool tell_layers(const struct tell *t, struct str *out)
{
    struct layers made;
    struct why_world causes = {0};
    struct tell with = *t;
    if (!t->layers && !layers_make(&made, t->l))
        return false;
    with.layers = t->layers ? t->layers : &made;
    bool ok = t->why || why_all(&causes, t->l);
    with.why = t->why ? t->why : &causes;
    if (ok)
        layers(&with, with.layers, out);
    why_world_free(&causes);
    if (!t->layers)
        layers_free(&made);
    return ok && !out->failed;
}
