/* strata blast ACTION KIND NAME: what it would take with it, before it is done. Ends with 0 green, 7 yellow, 8 red. */
#include <stdio.h>
#include <string.h>

#include "strata/blast.h"
#include "strata/tell.h"
#include "strata/world.h"
#include "tui/batch.h"

static const char *const verdicts[] = {"green", "yellow", "red"}, *const plane_ids[] = {"CP", "DP", "ST"},
                  *const harms[] = {"none", "degraded", "at risk", "lost"};

static void json(struct batch *b, const struct links *l, const struct blast *x, const char *action, const struct row *r, struct str *out)
{
    str_addc(out, '{');
    json_text(out, "action", action);
    json_text(out, "kind", r->kind->id);
    json_text(out, "name", r->name);
    str_addf(out, ",\"verdict\":\"%s\",\"projects\":%zu,\"clusters\":%zu,\"unknown\":%zu,\"waits\":%zu,\"contradicted\":%zu,\"quorum_lost\":%s,\"control\":[", verdicts[x->verdict], x->projects,
             x->clusters, x->unknown, x->waits, x->nodd, x->quorum_lost ? "true" : "false");
    for (size_t i = 0; i < x->ncontrol; i++) {
        const struct blast_control *c = &x->control[i];
        const struct source_info *s = batch_source(b, c->source);
        str_adds(out, i ? ",{" : "{");
        str_addf(out, "\"all\":%u,\"stay\":%u,\"need\":%u", c->all, c->stay, blast_control_needs(c));
        json_text(out, "source", s ? s->name : "");
        json_text(out, "part", blast_control_part(c));
        str_addc(out, '}');
    }
    str_adds(out, "],\"harm\":[");
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
        str_addf(out, ",\"plane\":\"%s\",\"harm\":\"%s\",\"class\":\"%c\",\"back\":%s,\"alive\":%u,\"of\":%u,\"need\":%u", plane_ids[it->plane], harms[it->harm],
                 link_class_letter(it->cls), it->back ? "true" : "false", it->alive, it->of, it->need);
        json_text(out, "chain", chain.data ? chain.data : "");
        str_addc(out, '}');
        str_release(&chain);
    }
    str_adds(out, "]}");
}

struct asked { struct batch *b; struct tell t; const char *action; struct str out; size_t shown; };

static void one(void *arg, uint32_t node)
{
    struct asked *q = arg;
    struct blast x;
    bool as_json = q->b->opt->output && !strcmp(q->b->opt->output, "json");
    if (!tell_blast(&q->t, q->action, node, &x, as_json ? NULL : &q->out)) {
        batch_error(q->b, EXIT_FAILED, "out of memory");
        return;
    }
    if (as_json) {
        str_adds(&q->out, q->shown++ ? ",\n" : "[");
        json(q->b, q->t.l, &x, q->action, links_row(q->t.l, node), &q->out);
    }
    if (x.verdict != BLAST_GREEN && q->b->rc < EXIT_YELLOW + (int)x.verdict - BLAST_YELLOW)
        q->b->rc = EXIT_YELLOW + (int)x.verdict - BLAST_YELLOW;
    blast_free(&x);
}

void batch_blast(struct batch *b)
{
    const struct options *o = b->opt;
    const struct kind *k = kind_find(o->args.items[1]);
    struct asked q = {.b = b, .action = o->args.items[0]};
    if (!k) {
        batch_error(b, EXIT_USAGE, "blast: there is no kind \"%s\"", o->args.items[1]);
        return;
    }
    struct world *world = batch_world(b, &q.t);
    str_init(&q.out, (size_t)1 << 30);
    for (size_t i = 2; q.t.l && i < o->args.count; i++)
        batch_each_node(b, q.t.l, k, o->args.items[i], one, &q);
    if (o->output && !strcmp(o->output, "json"))
        str_adds(&q.out, q.shown ? "]\n" : "[]\n");
    batch_world_end(b, world, &q.out);
}
