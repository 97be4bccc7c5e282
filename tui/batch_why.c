/* strata why [KIND NAME...]: the chain from what is red down to what explains it; without a name, what explains all that is red. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/tell.h"
#include "strata/world.h"
#include "tui/batch.h"

#define SHOWN 20               /* causes of all that is red; all with -o json */

struct teller { struct tell t; struct str out; bool json, dot; size_t said; };

/* ---- JSON ---- */

static void row_json(struct teller *t, uint32_t node)
{
    const struct row *r = links_row(t->t.l, node);
    int64_t since = why_state_of(r) > WHY_FINE ? why_since(r) : CELL_NONE;
    struct str words;
    str_init(&words, 1024);
    why_words_whole(r, tell_now_ms(&t->t, r), &words);
    str_adds(&t->out, "{\"kind\":");
    str_add_json(&t->out, r->kind->id, strlen(r->kind->id));
    json_text(&t->out, "source", tell_source(&t->t, r));
    json_text(&t->out, "scope", r->scope);
    json_text(&t->out, "name", r->name);
    json_text(&t->out, "uid", r->uid);
    json_text(&t->out, "state", why_state_name(why_state_of(r)));
    json_text(&t->out, "says", words.data ? words.data : "");
    str_clear(&words);
    if (tell_seen(&t->t, node, "", &words))
        json_text(&t->out, "not_read", words.data);
    str_clear(&words);
    tell_age(&t->t, node, &words);
    if (since != CELL_NONE)
        str_addf(&t->out, ",\"since_ms\":%lld", (long long)since);
    else if (words.len > 2)
        json_text(&t->out, "age", words.data + 2);
    str_release(&words);
}

static void cause_json(struct teller *t, const struct why_cause *c)
{
    struct why_cause cut;
    c = tell_cut(&t->t, c, &cut);
    const struct why_cause *all = tell_of_all(&t->t, c);
    struct str known;
    str_init(&known, 1024);
    enum why_state state = tell_state(&t->t, c, &known);
    int64_t since = tell_since(&t->t, all && all->since != CELL_NONE && !c->cut ? all : c);
    str_addf(&t->out, "{\"class\":\"%c\",\"state\":\"%s\",\"explains\":%zu,\"not_well\":%zu,\"against\":%zu", link_class_letter(c->cls), why_state_name(state),
             all ? all->explains : 0, all ? all->more : c->explains, c->against);
    if (c->guess)
        str_adds(&t->out, ",\"guess\":true");
    if (c->shared.silent)
        str_addf(&t->out, ",\"silent\":%zu,\"of\":%zu,\"within_ms\":%lld", c->shared.silent, c->shared.of, (long long)c->shared.within_ms);
    if (all && all->guessed)
        str_addf(&t->out, ",\"guessed\":%zu", all->guessed);
    if (all && all->dark)
        str_addf(&t->out, ",\"dark\":%zu", all->dark);
    if (since != CELL_NONE)
        str_addf(&t->out, ",\"since_ms\":%lld", (long long)since);
    json_text(&t->out, "known", known.len > 2 ? known.data + 2 : "");
    str_clear(&known);
    tell_hidden(&t->t, c->hop[c->n - 1 - c->guess], "", &known);
    if (known.len)
        json_text(&t->out, "beyond", known.data);
    str_clear(&known);
    if (all && all->hides)
        str_addf(&t->out, ",\"hides_lists\":%zu", all->hides);
    if (state == WHY_CONTRADICTS || why_contradicts(t->t.l, c->hop[c->n - 1]))
        tell_contradiction(&t->t, c->hop[c->n - 1], "", &known);
    if (known.len)
        json_text(&t->out, "contradicts", known.data);
    str_clear(&known);
    if (tell_endangered(&t->t, c->hop[c->n - 1], "", &known))
        json_text(&t->out, "endangers", known.data);
    if (*why_means(links_row(t->t.l, c->hop[c->n - 1])))
        json_text(&t->out, "means", why_means(links_row(t->t.l, c->hop[c->n - 1])));
    str_release(&known);
    str_adds(&t->out, ",\"chain\":[");
    for (size_t i = 0; i < c->n; i++) {
        struct link_edge e;
        uint32_t at;
        struct str ev;
        str_adds(&t->out, i ? ",\n  " : "\n  ");
        row_json(t, c->hop[i]);
        str_init(&ev, 4096);
        if (i && tell_edge(t->t.l, c->hop[i - 1], c->hop[i], &e, &at)) {
            json_text(&t->out, "by", links_relation(e.relation)->id);
            links_evidence(t->t.l, at, &e, &ev);
            json_text(&t->out, "evidence", ev.data ? ev.data : "");
        }
        str_release(&ev);
        str_addc(&t->out, '}');
    }
    str_adds(&t->out, "]}");
}

static void causes_of(struct teller *t, const struct why *w)
{
    for (size_t i = 0; i < w->n; i++) {
        str_adds(&t->out, i ? "," : "");
        cause_json(t, &w->cause[i]);
    }
}

static void why_json(struct teller *t, uint32_t node)
{
    struct why w, low;
    if (!why_make(&w, t->t.l, node) || (!w.n && !why_below(&low, t->t.l, node))) {
        t->out.failed = true;
        return;
    }
    str_adds(&t->out, t->said++ ? ",\n" : "[");
    const struct why *seen = w.n ? &w : &low;           /* as far as was looked */
    struct str cordon;
    row_json(t, node);
    str_init(&cordon, 1024);
    tell_cordon(&t->t, links_row(t->t.l, node), "", &cordon);
    if (cordon.len)
        json_text(&t->out, "cordon", cordon.data);
    str_clear(&cordon);
    str_adds(&t->out, ",\"unseen\":[");
    for (size_t i = 0; i < seen->nunseen + seen->no_cloud; i++) {
        if (i < seen->nunseen)
            tell_unseen_list(&t->t, seen->unseen[i], &cordon);
        else
            tell_no_cloud(&cordon);
        str_adds(&t->out, i ? "," : "");
        str_add_json(&t->out, cordon.data ? cordon.data : "", cordon.len);
        str_clear(&cordon);
    }
    str_release(&cordon);
    str_adds(&t->out, "],\"causes\":[");
    causes_of(t, &w);
    str_adds(&t->out, w.n ? "" : "],\"below\":[");
    if (!w.n)
        causes_of(t, &low);
    str_adds(&t->out, "]}");
}

static void causes_json(struct teller *t)
{
    const struct why_world *w = t->t.why;
    size_t *order = mem_alloc((w->n + 1) * sizeof *order), n = order ? tell_order(&t->t, order) : 0;
    t->out.failed |= !order;
    for (size_t i = 0; i < n; i++) {
        str_adds(&t->out, t->said++ ? ",\n" : "[");
        cause_json(t, &w->cause[order[i]]);
    }
    mem_free(order);
}

/* ---- Graphviz ---- */

static void dot_node(struct teller *t, uint32_t node)
{
    const struct row *r = links_row(t->t.l, node);
    char id[1024];
    snprintf(id, sizeof id, "%.100s\n%.600s\n%.200s", r->kind->singular, r->name, tell_source(&t->t, r));
    str_add_json(&t->out, id, strlen(id));
}

/* From what is red down to its cause, which is told by its state. */
static void cause_dot(struct teller *t, const struct why_cause *c)
{
    struct why_cause cut;
    c = tell_cut(&t->t, c, &cut);
    struct link_edge e;
    uint32_t at;
    for (size_t i = 1; i < c->n; i++) {
        bool linked = tell_edge(t->t.l, c->hop[i - 1], c->hop[i], &e, &at), perhaps = c->guess && i + 1 == c->n;
        str_adds(&t->out, "  ");
        dot_node(t, c->hop[i - 1]);
        str_adds(&t->out, " -> ");
        dot_node(t, c->hop[i]);
        str_addf(&t->out, " [label=\"%s %c\"]\n", perhaps ? "perhaps" : linked ? links_relation(e.relation)->id : "needs", perhaps ? 'C' : linked ? link_class_letter(e.cls) : 'B');
    }
    enum why_state s = tell_state(&t->t, c, NULL);
    str_adds(&t->out, "  ");
    dot_node(t, c->hop[c->n - 1]);
    str_addf(&t->out, " [xlabel=\"%s\",color=%s,penwidth=2]\n", tell_cause_word(&t->t, c), s == WHY_PLANNED || s == WHY_STOPPED ? "blue" : "red");
}

static void why_dot(struct teller *t, uint32_t node)
{
    struct why w;
    if (!why_make(&w, t->t.l, node)) {
        t->out.failed = true;
        return;
    }
    str_adds(&t->out, "  ");
    dot_node(t, node);
    str_addc(&t->out, '\n');
    if (w.n)
        cause_dot(t, &w.cause[0]);
}

/* ---- what is asked ---- */

static void one(void *arg, uint32_t node)
{
    struct teller *t = arg;
    if (t->dot)
        why_dot(t, node);
    else if (t->json)
        why_json(t, node);
    else
        t->out.failed |= !tell_why(&t->t, node, &t->out);
}

/* What was asked for is in no list that can be read: the APIs that do not give it, if they are down, are as far as one sees. */
static void apis(struct teller *t, const struct kind *k)
{
    for (uint32_t i = 0; i < links_nodes(t->t.l); i++) {
        const struct row *r = links_row(t->t.l, i);
        if (r && r->kind->plane == k->plane && r->health == HEALTH_BAD && (!strcmp(r->kind->id, "apiserver") || (!strcmp(r->kind->id, "os-services") && (r->flags & ROW_HEAD))))
            one(t, i);
    }
}

void batch_why(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = NULL;
    struct teller t = {.json = o->output && !strcmp(o->output, "json"), .dot = o->output && !strcmp(o->output, "dot")};
    if (o->args.count == 1) {
        batch_error(b, EXIT_USAGE, "why: which %s?", o->args.items[0]);
        return;
    }
    struct world *world = batch_world(b, &t.t);
    k = o->args.count ? batch_world_kind(b, t.t.l, "why", o->args.items[0]) : NULL;
    str_init(&t.out, (size_t)1 << 30);
    struct why_world all = {0};
    if (t.t.l && why_all(&all, t.t.l))
        t.t.why = &all;
    else if (t.t.l)
        t.out.failed = true;
    if (t.dot)
        str_adds(&t.out, "strict digraph why {\n  rankdir=BT\n  node [shape=box]\n");
    for (size_t i = 0; t.dot && t.t.why && !o->args.count && i < t.t.why->n; i++)
        cause_dot(&t, &t.t.why->cause[i]);
    if (t.t.why && !o->args.count && t.json)
        causes_json(&t);
    else if (t.t.why && !o->args.count && !t.dot)
        t.out.failed |= !tell_causes(&t.t, SHOWN, &t.out);
    for (size_t i = 1; k && i < o->args.count; i++)
        if (!batch_each_node(b, t.t.l, k, o->args.items[i], one, &t))
            apis(&t, k);
    if (t.dot)
        str_adds(&t.out, "}\n");
    if (t.json)
        str_adds(&t.out, t.said ? "]\n" : "[]\n");
    why_world_free(&all);
    batch_world_end(b, world, &t.out);
}
