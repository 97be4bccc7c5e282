/* strata blast ACTION KIND NAME...: what it would take with it, before it is done. Ends with 0 green, 7 yellow, 8 red. */
#include <stdio.h>
#include <string.h>

#include "strata/blast.h"
#include "strata/graph.h"
#include "strata/mem.h"
#include "strata/tell.h"
#include "strata/world.h"
#include "tui/batch.h"

static const char *const verdicts[] = {"green", "yellow", "red"}, *const plane_ids[] = {"CP", "DP", "ST"},
                  *const harms[] = {"none", "degraded", "at risk", "lost"};

/* ,"unseen":["tenant: none of its 29 kinds is seen: ...", ...] */
static void json_unseen(const struct world *w, struct str *out)
{
    struct str s;
    str_init(&s, 1 << 16);
    world_unseen(w, &s);
    str_adds(out, ",\"unseen\":[");
    for (const char *p = s.len ? s.data : ""; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        str_adds(out, p == s.data ? "" : ",");
        str_add_json(out, p, strcspn(p, "\n"));
    }
    str_addc(out, ']');
    str_release(&s);
}

static void json(struct batch *b, const struct world *w, const struct links *l, const struct blast *x, const char *action, const uint32_t *node, size_t n, struct str *out)
{
    struct str names;
    str_init(&names, 1 << 20);
    for (size_t i = 0; i < n; i++)
        str_addf(&names, "%s%s", i ? ", " : "", links_row(l, node[i])->name);
    str_addc(out, '{');
    json_text(out, "action", action);
    json_text(out, "kind", links_row(l, node[0])->kind->id);
    json_text(out, "name", names.len ? names.data : "");
    str_release(&names);
    str_addf(out, ",\"verdict\":\"%s\",\"projects\":%zu,\"clusters\":%zu,\"unknown\":%zu,\"waits\":%zu,\"contradicted\":%zu,\"overruled\":%zu,\"quorum_lost\":%s,\"control\":[", verdicts[x->verdict], x->projects,
             x->clusters, x->unknown, x->waits, x->nodd, x->nclaims, x->quorum_lost ? "true" : "false");
    for (size_t i = 0; i < x->ncontrol; i++) {
        const struct blast_control *c = &x->control[i];
        const struct source_info *s = batch_source(b, c->source);
        str_adds(out, i ? ",{" : "{");
        str_addf(out, "\"all\":%u,\"stay\":%u,\"need\":%u", c->all, c->stay, blast_control_needs(c));
        json_text(out, "source", s ? s->name : "");
        json_text(out, "part", blast_control_part(c));
        str_addc(out, '}');
    }
    str_addc(out, ']');
    json_text(out, "project_names", x->project_names);
    json_text(out, "address_names", x->address_names);
    struct str managed;
    str_init(&managed, 4096);
    blast_managed_words(l, x, HARM_LOST, &managed);
    json_text(out, "unmanaged", managed.len ? managed.data : "");
    str_release(&managed);
    json_unseen(w, out);
    str_addf(out, ",\"addresses\":%zu,\"harm\":[", x->addresses);
    for (size_t i = 0; i < x->n; i++) {
        const struct blast_item *it = &x->item[i];
        const struct row *h = links_row(l, it->node);
        const struct source_info *s = batch_source(b, h->source);
        struct str chain;
        str_init(&chain, 0);
        blast_chain(l, x, it, &chain);
        str_adds(out, i ? ",\n{" : "\n{");
        json_text(out, "source", s ? s->name : "");
        json_text(out, "kind", h->kind->id);
        json_text(out, "scope", h->scope);
        json_text(out, "name", h->name);
        str_addf(out, ",\"plane\":\"%s\",\"harm\":\"%s\",\"class\":\"%c\",\"back\":%s,\"alive\":%u,\"of\":%u,\"need\":%u,\"wants\":%u", plane_ids[it->plane], harms[it->harm],
                 link_class_letter(it->cls), it->back ? "true" : "false", it->alive, it->of, it->need, it->wants);
        json_text(out, "chain", chain.data ? chain.data : "");
        str_addc(out, '}');
        str_release(&chain);
    }
    str_adds(out, "]}");
}

static void dot_node(struct batch *b, const struct row *r, struct str *out)
{
    const struct source_info *s = batch_source(b, r->source);
    char id[512];
    snprintf(id, sizeof id, "%s\n%s\n%s", r->kind->singular, r->name, s ? s->name : "");
    str_add_json(out, id, strlen(id));
}

/* Each that is harmed with the colour of its harm, and an arrow to that because of which. */
static void dot(struct batch *b, const struct links *l, const struct blast *x, struct str *out)
{
    static const char *const colours[] = {"white", "lightyellow", "orange", "tomato"};
    str_addf(out, "digraph blast {\n  rankdir=BT\n  label=\"%s\"\n  node [style=filled]\n", verdicts[x->verdict]);
    for (size_t i = 0; i < x->n; i++) {
        const struct blast_item *it = &x->item[i];
        if (x->worst[it->node] == i + 1) {
            str_adds(out, "  ");
            dot_node(b, links_row(l, it->node), out);
            str_addf(out, " [fillcolor=%s%s]\n", colours[it->harm], it->from == it->node ? ",peripheries=2" : "");
        }
        if (it->from == it->node)
            continue;
        str_adds(out, "  ");
        dot_node(b, links_row(l, it->node), out);
        str_adds(out, " -> ");
        dot_node(b, links_row(l, it->from), out);
        str_addf(out, " [label=\"%s %s %c\"%s]\n", plane_ids[it->plane], harms[it->harm], link_class_letter(it->cls), it->cls == LINK_C ? ",style=dashed" : "");
    }
    str_adds(out, "}\n");
}

struct asked { struct batch *b; const struct world *world; struct tell t; const char *action; uint32_t *node; size_t n, cap; struct str set; bool failed; };

static void one(void *arg, uint32_t node)
{
    struct asked *q = arg;
    q->failed |= !mem_grow(&q->node, &q->cap, q->n + 1, sizeof *q->node);
    if (!q->failed)
        q->node[q->n++] = node;
}

static void all(struct asked *q, struct str *out)
{
    struct blast x;
    const char *as = q->b->opt->output ? q->b->opt->output : "";
    bool as_json = !strcmp(as, "json"), as_dot = !strcmp(as, "dot");
    q->t.whole = !strcmp(as, "wide");
    q->t.args = q->set.len ? &q->set.data : q->b->opt->action_args.items;
    q->t.nargs = q->set.len ? 1 : q->b->opt->action_args.count;
    if (q->n && !q->failed && tell_blast(&q->t, q->action, q->node, q->n, &x, as_json || as_dot ? NULL : out)) {
        if (as_json) {
            str_addc(out, '[');
            json(q->b, q->world, q->t.l, &x, q->action, q->node, q->n, out);
            str_adds(out, "]\n");
        } else if (as_dot) {
            dot(q->b, q->t.l, &x, out);
        }
        if (x.verdict != BLAST_GREEN && q->b->rc == EXIT_OK)      /* one of several that is not there: that is what it ends with */
            q->b->rc = EXIT_YELLOW + (int)x.verdict - BLAST_YELLOW;
        blast_free(&x);
    } else {
        q->failed |= q->n > 0;
        str_adds(out, as_json ? "[]\n" : "");
    }
}

/* "app=web", "tier-" behind the name, as label takes them. */
static bool label_word(struct asked *q, const char *word)
{
    size_t n = strlen(word);
    bool is = !strcmp(q->action, "label") && n && (strchr(word, '=') || word[n - 1] == '-');
    if (is)
        q->failed |= !str_addf(&q->set, "%s%s", q->set.len ? "," : "set=", word);
    return is;
}

/* "KIND NAME..." or "KIND/NAME..."; the kind may be one that only a server knows. */
static void find(struct asked *q)
{
    const struct strlist *args = &q->b->opt->args;
    char kind[128];
    const struct kind *k = NULL;
    for (size_t i = 1; i < args->count; i++) {
        const char *word = args->items[i], *slash = strchr(word, '/');
        snprintf(kind, sizeof kind, "%.*s", (int)strcspn(word, "/"), word);
        if (i > 1 && label_word(q, word))
            continue;
        if (i > 1 && slash && !links_kind(q->t.l, kind))
            slash = NULL;                       /* a name with one, "neutron-l3-agent/net-1" */
        if (i == 1 || slash) {
            struct str s;
            if (!(k = batch_world_kind(q->b, q->t.l, "blast", kind)))
                return;
            const struct kind *as = graph_part_of(k) ? kind_find(graph_part_of(k)) : k;
            str_init(&s, 4096);
            blast_actions(as, &s);
            if (!blast_known(q->action, as))
                batch_error(q->b, EXIT_USAGE, "blast: it is not known what %s does to a %s; known: %s", q->action, k->singular, s.len ? s.data : "");
            str_release(&s);
            if (!blast_known(q->action, as))
                return;
            if (!links_reads(as) && blast_of_kind(q->action, as)) {
                batch_error(q->b, EXIT_USAGE, "blast: %ss are read for a plan alone: strata %s %s NAME --dry-run tells what goes with it", k->singular, q->action, k->singular);
                return;
            }
            if (!links_needs(as->id) && !blast_of_kind(q->action, as)) {
                batch_error(q->b, EXIT_USAGE, "blast: nothing hangs on a %s by itself: strata %s %s NAME --dry-run tells what goes with it", k->singular, q->action, k->singular);
                return;
            }
        }
        if (i > 1 || slash)
            batch_each_node(q->b, q->t.l, k, slash ? slash + 1 : word, one, q);
        else if (args->count == 2)
            batch_error(q->b, EXIT_USAGE, "blast: which %s?", k->singular);
    }
}

void batch_blast(struct batch *b)
{
    struct asked q = {.b = b, .action = b->opt->args.items[0]};
    struct str out;
    struct world *world = batch_world(b, &q.t);
    q.world = world;
    str_init(&out, (size_t)1 << 30);
    str_init(&q.set, 1 << 20);
    if (q.t.l)
        find(&q);
    all(&q, &out);
    out.failed |= q.failed;
    mem_free(q.node);
    str_release(&q.set);
    (q.n ? batch_world_told : batch_world_end)(b, world, &out);
}
