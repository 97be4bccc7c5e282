/* The layers one upon the other, each with what is the matter in it. */
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/view_layers.h"

enum { HEALTH_AT = 34, HEALTH_NARROW = 24 };

void layers_unseen(const struct app *a, const char *more, struct str *out)
{
    struct str s;
    str_init(&s, 1 << 16);
    app_graph_unseen(a, &s);
    str_adds(&s, more ? more : "");
    if (s.len) str_adds(out, "\nNot seen:\n");
    for (const char *p = s.data; p && *p;) {
        size_t n = strcspn(p, "\n");
        str_addf(out, "  %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    str_release(&s);
}

void board_unseen(struct board *b, const struct app *a)
{
    struct str s;
    str_init(&s, 1 << 16);
    if (app_graph_whole(a)) app_graph_unseen(a, &s);
    if (s.len) board_line(b), board_line(b), board_put(b, ROLE_SECTION, "not seen");
    for (const char *p = s.data; p && *p;) {
        size_t n = strcspn(p, "\n");
        board_line(b);
        board_put(b, ROLE_STALE, "  %.*s", (int)n, p);
        p += n + (p[n] == '\n');
    }
    str_release(&s);
}

static const char *name_of(const struct tell *t, uint16_t source)
{
    const struct source_info *s = t->source(t->arg, source);
    return s ? s->name : "?";
}

/* A plane's health in one word. */
static void plane(struct board *b, const struct canvas *c, const char *what, size_t red)
{
    board_put(b, ROLE_FIELD, "%s ", what);
    if (red) board_put(b, ROLE_BAD, "%s %zu red  ", glyph(c, GLYPH_BAD), red);
    else board_put(b, ROLE_OK, "%s ok  ", glyph(c, GLYPH_OK));
}

static void some(struct board *b, size_t n, const char *what)
{
    if (n) board_put(b, ROLE_TEXT, "%zu %s%s  ", n, what, n == 1 ? "" : "s");
}

static void rests(struct board *b, const struct tell *t, const struct layer *y, const struct layer_on *o)
{
    board_put(b, ROLE_DIM, o->few ? "      has nodes on " : "      runs on ");
    board_put(b, ROLE_NAME, "%s", name_of(t, o->source));
    const char *sep = ": ";
    if (o->nodes) board_put(b, o->nodes < y->nodes ? ROLE_WARN : ROLE_TEXT, "%s%zu of %zu nodes are its servers", sep, o->nodes, y->nodes), sep = ", ";
    if (o->apis) board_put(b, ROLE_TEXT, "%s%zu of %zu APIs are served by its pods", sep, o->apis, y->apis), sep = ", ";
    if (o->hypervisors) board_put(b, o->hypervisors < y->hypervisors ? ROLE_WARN : ROLE_TEXT, "%s%zu of %zu hypervisors are its nodes", sep, o->hypervisors, y->hypervisors);
    if (o->named) board_put(b, ROLE_WARN, "%s%zu of %zu nodes name OpenStack, servers are not read", sep, o->named, y->nodes);
    if (o->api) board_put(b, ROLE_WARN, "%sits API server is reached there, its nodes are not read", sep);
    if (o->labels) board_put(b, ROLE_WARN, "%s%zu of its services are there by their labels alone", sep, o->labels), sep = ", ";
    if (o->agents && !o->apis && !o->hypervisors) board_put(b, ROLE_WARN, "%s%zu of its agents run in pods there", sep, o->agents);
    if (o->old) board_put(b, ROLE_STALE, ", as they were read last");
    board_put(b, ROLE_DIM, "   %c", link_class_letter((enum link_class)o->cls));
}

/* The first causes of what is red in this layer, wherever they lie, what was meant last; and which are left. */
enum { CAUSES_EACH = 3 };
struct picked { const size_t *order; size_t n; };              /* places in g->why, as all lists of causes have them */
struct rest { size_t n, planned; };

static size_t causes_in(const struct graph *g, const struct tell *t, const struct picked *p, const struct layer *y, size_t *which, struct rest *more)
{
    size_t n = 0;
    *more = (struct rest){0};
    for (size_t i = 0; i < p->n; i++) {
        const struct why_cause *c = &g->why.cause[p->order[i]];
        if (!tell_layer_has(t, y, c)) continue;
        if (n < CAUSES_EACH) which[n++] = p->order[i];
        else more->n++, more->planned += tell_state(t, c, NULL) == WHY_PLANNED;
    }
    return n;
}

static void causes(struct board *b, const struct graph *g, const struct tell *t, const struct picked *p, const struct layer *y)
{
    struct rest more;
    size_t which[CAUSES_EACH], n = causes_in(g, t, p, y, which, &more);
    for (size_t i = 0; i < n; i++) {
        struct why_cause cut;
        const struct why_cause *c = tell_cut(t, &g->why.cause[which[i]], &cut);
        const struct row *r = links_row(g->links, c->hop[c->n - 1]);
        enum why_state s = tell_state(t, c, NULL);
        board_line(b);
        board_row(b, r);
        board_put(b, ROLE_TEXT, "      ");
        if (s == WHY_PLANNED || s == WHY_STOPPED || c->shared.silent) board_put(b, ROLE_INFO, "%s ", tell_cause_word(t, c));
        board_name(b, r);
        if (c->explains > 1) board_put(b, ROLE_DIM, " explains %zu red rows", c->explains);
        board_put(b, ROLE_TEXT, "  ");
        board_old(b, t, c->hop[c->n - 1]);
        board_state(b, r);
        cause_foot(b, g, t, c);
    }
    if (!more.n) return;
    board_line(b);
    board_put(b, ROLE_DIM, "      ... and %zu more", more.n);
    if (more.planned) board_put(b, ROLE_INFO, ", %zu planned", more.planned);
    board_runs(b, "causes");
    board_foot(b, "enter: the causes of all that is red, the other %zu of these among them", more.n);
}

/* Where the lines of each layer begin: how many each has is known before they are written. */
static void places(const struct graph *g, const struct tell *t, const struct picked *p, size_t first, size_t *at)
{
    const struct layers *y = &g->layers;
    size_t which[CAUSES_EACH];
    struct rest more;
    for (size_t i = y->n; i-- > 0;) {
        const struct layer *l = &y->layer[i];
        first += l->box && (i + 1 == y->n || y->layer[i + 1].box != l->box);
        at[i] = first;
        first += 1 + causes_in(g, t, p, l, which, &more) + (more.n > 0) + l->non + tell_also(t, l->source, NULL) + 1;
    }
}

static size_t layer_of(const struct layers *y, uint16_t source)
{
    size_t i = 0;
    while (i < y->n && y->layer[i].source != source) i++;
    return i;
}

/* Who runs on it, the highest first. */
static size_t upon(const struct layers *y, size_t of)
{
    for (size_t i = y->n; i-- > 0;)
        for (size_t k = 0; k < y->layer[i].non; k++)
            if (i != of && y->layer[i].on[k].source == y->layer[of].source) return i;
    return y->n;
}

static void also(struct board *b, const struct tell *t, uint16_t source)
{
    struct str names;
    str_init(&names, 4096);
    if (tell_also(t, source, &names)) {
        board_line(b);
        board_put(b, ROLE_DIM, "      the same: %s", names.data ? names.data : "");
    }
    str_release(&names);
}

/* As the header has it: since its last answer. */
static void unseen(struct board *b, const struct canvas *c, const struct source_info *si)
{
    char age[40];
    bool was = si->state == SOURCE_STALE && si->last_ok_mono_ms > 0;
    text_age(age, sizeof age, (clock_mono_ms() - si->last_ok_mono_ms) / 1000);
    board_put(b, ROLE_STALE, "%s not seen %s%s  ", glyph(c, GLYPH_UNKNOWN), was ? "for " : "so far", was ? age : "");
}

static void layer(struct board *b, const struct graph *g, const struct tell *t, const struct picked *p, size_t i, const size_t *at)
{
    const struct layers *y = &g->layers;
    const struct layer *l = &y->layer[i];
    const struct canvas *c = app_canvas(((struct screen *)b)->app);
    bool kube = l->plane == PLANE_KUBE;
    size_t up = upon(y, i), down = l->non ? layer_of(y, l->on[0].source) : y->n;
    board_line(b);
    board_put(b, ROLE_TITLE_COUNT, "%2u ", l->level);
    board_put(b, ROLE_SECTION, "%s %s ", glyph(c, kube ? GLYPH_KUBE : GLYPH_STACK), kube ? "cluster" : "cloud");
    board_put(b, ROLE_STRONG, "%s  ", name_of(t, l->source));
    board_to(b, c->w < 110 ? HEALTH_NARROW : HEALTH_AT);
    const struct source_info *si = t->source(t->arg, l->source);
    if (si && si->state >= SOURCE_STALE) unseen(b, c, si);
    if (l->away_list && l->away == l->lists) board_put(b, ROLE_BAD, "%s does not answer  ", glyph(c, GLYPH_BAD));
    else if (l->away_list) board_put(b, ROLE_WARN, "%zu of %zu lists are not read  ", l->away, l->lists);
    if (l->contradict) board_put(b, ROLE_BAD, "%zu contradictory  ", l->contradict);
    if (l->absent) board_put(b, ROLE_WARN, "%zu without server  ", l->absent);
    if ((!si || si->state < SOURCE_FAILED) && !(l->away_list && l->away == l->lists)) {
        plane(b, c, "control plane", l->red_control);
        plane(b, c, kube ? "workloads" : "data plane", tell_layer_red(t, l) - l->red_control);
    }
    some(b, l->nodes, "node");
    some(b, l->hypervisors, "hypervisor");
    some(b, l->servers, "server");
    some(b, l->apis, "API");
    if (down < y->n && at[down] > at[i]) board_leads(b, at[down]);
    else board_runs(b, "%s @%s", kube ? "nodes" : "os-services", name_of(t, l->source));
    if (up < y->n) board_under(b, at[up]);
    board_foot(b, "%s", down < y->n && at[down] > at[i] ? "enter: down a layer; u: up" : kube ? "enter: its nodes; u: up a layer" : "enter: its services; u: up a layer");
    causes(b, g, t, p, l);
    for (size_t k = 0; k < l->non; k++) {
        board_line(b);
        rests(b, t, l, &l->on[k]);
        board_runs(b, "%s @%s", kube ? "nodes" : l->on[k].hypervisors ? "hypervisor" : "os-services", name_of(t, l->source));
        board_under(b, at[i]);
        board_foot(b, "enter: %s of %s (i there says by which evidence each of them is linked)", kube ? "the nodes" : l->on[k].hypervisors ? "the hypervisors" : "the services", name_of(t, l->source));
    }
    also(b, t, l->source);
    board_line(b);
}

static void write_sandwich(struct board *b, const struct graph *g, const struct tell *t, void *arg)
{
    const struct layers *y = &g->layers;
    size_t at[CORE_MAX_SOURCES], *order = mem_alloc((g->why.n + 1) * sizeof *order);
    struct picked p = {order, order ? tell_order(t, order) : 0};
    (void)arg;
    board_line(b);
    board_put(b, ROLE_DIM, "Each runs on what stands below it, as the APIs say.");
    board_line(b);
    places(g, t, &p, board_at(b) + 1, at);
    for (size_t i = y->n; i-- > 0;) {
        const struct layer *l = &y->layer[i];
        if (l->box && (i + 1 == y->n || y->layer[i + 1].box != l->box)) {
            board_line(b);
            board_put(b, ROLE_WARN, "self-hosted, each of these runs on the other:");
        }
        layer(b, g, t, &p, i, at);
    }
    if (!y->n) board_line(b), board_put(b, ROLE_DIM, "no cluster and no cloud is seen");
    mem_free(order);
    board_unseen(b, ((struct screen *)b)->app);
}

void run_sandwich(struct app *a, struct screen *s, const char *args)
{
    static const struct board_kind kind = {"sandwich", write_sandwich, NULL};
    (void)s, (void)args;
    board_open(a, &kind, "", NULL);
}
