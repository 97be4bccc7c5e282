/* strata blast ACTION KIND NAME: what it would take with it, before it is done. Ends with 0 green, 7 yellow, 8 red. */
#include <stdio.h>
#include <string.h>

#include "strata/blast.h"
#include "strata/mem.h"
#include "strata/world.h"
#include "tui/batch.h"

#define CUTS_MAX 200000
#define SHOWN 20               /* of the worst; all with -o json */

static const char *const verdicts[] = {"green", "yellow", "red"}, *const planes[] = {"control plane", "data plane", "storage"}, *const plane_ids[] = {"CP", "DP", "ST"},
                  *const harms[] = {"none", "degraded", "at risk", "lost"};

static void words(struct batch *b, const struct links *l, const struct blast *x, const char *action, const struct row *r, const char *more, struct str *out)
{
    const struct source_info *s = batch_source(b, r->source);
    str_addf(out, "%s %s %s (%s): %s\n", action, r->kind->singular, r->name, s ? s->name : "", verdicts[x->verdict]);
    for (int p = BLAST_DP, i = 0; i < BLAST_PLANES; i++, p = (p + 1) % BLAST_PLANES)
        if (x->count[p][HARM_LOST] + x->count[p][HARM_AT_RISK] + x->count[p][HARM_DEGRADED])
            str_addf(out, "  %s: %zu lost, %zu at risk, %zu degraded\n", planes[p], x->count[p][HARM_LOST], x->count[p][HARM_AT_RISK], x->count[p][HARM_DEGRADED]);
    if (x->projects || x->clusters)
        str_addf(out, "  touches %zu cluster%s and %zu project%s\n", x->clusters, x->clusters == 1 ? "" : "s", x->projects, x->projects == 1 ? "" : "s");
    if (x->unknown)
        str_addf(out, "  %zu of them are not known as they are now\n", x->unknown);
    for (size_t n; *more; more += n + (more[n] == '\n')) {
        n = strcspn(more, "\n");
        str_adds(out, "  ");
        str_add(out, more, n);
        str_addc(out, '\n');
    }
    for (size_t i = 0; i < x->n && i < SHOWN; i++) {
        const struct blast_item *it = &x->item[i];
        str_addf(out, "  %-8s %s  ", harms[it->harm], plane_ids[it->plane]);
        blast_chain(l, x, it, out);
        if (it->of)
            str_addf(out, ": %u of %u stay, %u needed", it->alive, it->of, it->need);
        str_adds(out, it->back ? ", comes back\n" : "\n");
    }
    if (x->n > SHOWN)
        str_addf(out, "  ... and %zu more\n", x->n - SHOWN);
}

static void json(struct batch *b, const struct links *l, const struct blast *x, const char *action, const struct row *r, struct str *out)
{
    str_addc(out, '{');
    json_text(out, "action", action);
    json_text(out, "kind", r->kind->id);
    json_text(out, "name", r->name);
    str_addf(out, ",\"verdict\":\"%s\",\"projects\":%zu,\"clusters\":%zu,\"unknown\":%zu,\"quorum_lost\":%s,\"harm\":[", verdicts[x->verdict], x->projects,
             x->clusters, x->unknown, x->quorum_lost ? "true" : "false");
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

static void one(struct batch *b, const struct links *l, const char *action, uint32_t node, struct str *out, size_t *shown)
{
    struct blast x;
    struct str more;
    struct blast_cut *cut = mem_alloc(CUTS_MAX * sizeof *cut);
    bool as_json = b->opt->output && !strcmp(b->opt->output, "json");
    str_init(&more, 0);
    size_t n = cut ? blast_cuts(l, action, node, cut, CUTS_MAX, &more) : 0;
    if (!cut || !blast_make(&x, l, cut, n)) {
        batch_error(b, EXIT_FAILED, "out of memory");
    } else {
        if (as_json) {
            str_adds(out, (*shown)++ ? ",\n" : "[");
            json(b, l, &x, action, links_row(l, node), out);
        } else {
            words(b, l, &x, action, links_row(l, node), more.len ? more.data : "", out);
        }
        if (x.verdict != BLAST_GREEN && b->rc < EXIT_YELLOW + (int)x.verdict - BLAST_YELLOW)
            b->rc = EXIT_YELLOW + (int)x.verdict - BLAST_YELLOW;
        blast_free(&x);
    }
    str_release(&more);
    mem_free(cut);
}

void batch_blast(struct batch *b)
{
    const struct options *o = b->opt;
    const char *action = o->args.items[0];
    const struct kind *k = kind_find(o->args.items[1]);
    struct str out;
    size_t shown = 0;
    if (!k) {
        batch_error(b, EXIT_USAGE, "blast: there is no kind \"%s\"", o->args.items[1]);
        return;
    }
    struct world *world = batch_world(b);
    const struct links *l = world ? world_links(world) : NULL;
    str_init(&out, (size_t)1 << 30);
    for (size_t i = 2; l && i < o->args.count; i++) {
        size_t found = 0;
        for (uint32_t n = 0; n < links_nodes(l); n++) {
            const struct row *r = links_row(l, n);
            if (r && r->kind == k && (!strcmp(r->name, o->args.items[i]) || !strcmp(r->uid, o->args.items[i]))) {
                found++;
                one(b, l, action, n, &out, &shown);
            }
        }
        if (!found)
            batch_error(b, EXIT_NOT_FOUND, "%s \"%s\" not found", k->singular, o->args.items[i]);
    }
    if (o->output && !strcmp(o->output, "json"))
        str_adds(&out, shown ? "]\n" : "[]\n");
    print_text(out.data ? out.data : "", out.len);
    batch_unseen(b, world);
    str_release(&out);
    world_close(world);
}
