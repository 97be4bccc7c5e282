/* The blast radius in words, the same for batch mode and the cockpit. */
#include <string.h>

#include "strata/blast.h"
#include "strata/mem.h"
#include "strata/tell.h"

#define CUTS_MAX 200000
#define SHOWN 20               /* of the worst; all with -o json */

static const char *const verdicts[] = {"green", "yellow", "red"}, *const planes[] = {"control plane", "data plane", "storage"}, *const plane_ids[] = {"CP", "DP", "ST"},
                  *const harms[] = {"none", "degraded", "at risk", "lost"};

static void words(const struct tell *t, const struct blast *x, const char *action, const struct row *r, const char *more, struct str *out)
{
    str_addf(out, "%s %s %s (%s): %s\n", action, r->kind->singular, r->name, tell_source(t, r), verdicts[x->verdict]);
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
        blast_chain(t->l, x, it, out);
        if (it->of)
            str_addf(out, ": %u of %u stay, %u needed", it->alive, it->of, it->need);
        str_adds(out, it->back ? ", comes back\n" : "\n");
    }
    if (x->n > SHOWN)
        str_addf(out, "  ... and %zu more\n", x->n - SHOWN);
}

bool tell_blast(const struct tell *t, const char *action, uint32_t node, struct blast *x, struct str *out)
{
    struct blast_cut *cut = mem_alloc(CUTS_MAX * sizeof *cut);
    struct str more;
    str_init(&more, 1 << 16);
    size_t n = cut ? blast_cuts(t->l, action, node, -1, cut, CUTS_MAX, &more) : 0;
    bool ok = cut && blast_make(x, t->l, cut, n);
    if (ok && out) {
        words(t, x, action, links_row(t->l, node), more.len ? more.data : "", out);
        if (blast_conflict(t->l, node, (str_release(&more), str_init(&more, 1 << 16), &more)))
            str_addf(out, "  what it is contradicts itself: %s\n", more.data);
    }
    str_release(&more);
    mem_free(cut);
    return ok;
}
