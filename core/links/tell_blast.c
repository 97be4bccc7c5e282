/* The blast radius in words, the same for batch mode and the cockpit. */
#include <stdlib.h>
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/blast.h"
#include "strata/mem.h"
#include "strata/tell.h"

#define CUTS_MAX 200000

static const char *const planes[] = {"control plane", "data plane", "storage"}, *const plane_ids[] = {"CP", "DP", "ST"},
                  *const harms[] = {"none", "degraded", "at risk", "lost"};

const char *blast_verdict_name(enum blast_verdict v)
{
    static const char *const names[] = {"green", "yellow", "red"};
    return names[v];
}

void blast_plural(const struct kind *k, size_t n, struct str *out)
{
    size_t len = strlen(k->singular);
    const char *end = n == 1 || !strcmp(k->singular, "baremetal") ? "" : !strcmp(k->singular, "amphora") ? "e" : len && k->singular[len - 1] == 's' ? "es" : "s";
    str_addf(out, "%zu %s%s", n, k->singular, end);
}

struct counted { const struct kind *k; size_t n; };

static int most_first(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->k->singular, y->k->singular);
}

void blast_kinds(const struct links *l, const struct blast *b, enum blast_plane plane, enum blast_harm harm, struct str *out)
{
    struct counted of[8];
    size_t n = 0, more = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct kind *k = links_row(l, b->item[i].node)->kind;
        size_t at = 0;
        if (b->item[i].plane != plane || b->item[i].harm != harm)
            continue;
        while (at < n && strcmp(of[at].k->id, k->id) != 0)
            at++;
        if (at == sizeof of / sizeof *of) {
            more++;
            continue;
        }
        if (at == n) {
            of[n].k = k;
            of[n++].n = 0;
        }
        of[at].n++;
    }
    qsort(of, n, sizeof *of, most_first);
    for (size_t i = 0; i < n; i++) {
        str_adds(out, i ? ", " : "");
        blast_plural(of[i].k, of[i].n, out);
    }
    if (more)
        str_addf(out, ", %zu more", more);
}

static void counts(const struct links *l, const struct blast *x, enum blast_plane p, struct str *out)
{
    static const enum blast_harm order[] = {HARM_LOST, HARM_AT_RISK, HARM_DEGRADED};
    for (size_t i = 0, said = 0; i < sizeof order / sizeof *order; i++)
        if (x->count[p][order[i]]) {
            str_addf(out, "%s", said++ ? "; " : "");
            blast_kinds(l, x, p, order[i], out);
            str_addf(out, " %s", harms[order[i]]);
        }
}

static void contradiction(const struct links *l, uint32_t node, struct str *out)
{
    struct str s;
    str_init(&s, 1 << 14);
    if (blast_conflict(l, node, &s))
        str_addf(out, "    %s\n", s.data);
    str_release(&s);
}

struct named { const struct tell *t; };

static const char *source_name(void *arg, uint16_t source)
{
    const struct tell *t = ((struct named *)arg)->t;
    const struct source_info *s = t->source(t->arg, source);
    return s ? s->name : "?";
}

static void claims(const struct tell *t, const struct blast *x, struct str *out)
{
    struct named n = {t};
    for (size_t i = 0; i < x->nclaims; i++) {
        str_adds(out, "  ");
        blast_overruled_words(t->l, x->claim[i], source_name, &n, out);
        str_addc(out, '\n');
    }
}

static void each(const struct tell *t, const struct blast *x, struct str *out)
{
    for (size_t i = 0; i < x->n; i++) {
        const struct blast_item *it = &x->item[i];
        tell_about(t, links_row(t->l, it->node), out);
        str_addf(out, "  %-8s %s  ", blast_harm_word(it), plane_ids[it->plane]);
        blast_chain(t->l, x, it, out);
        blast_group_words(it, out);
        blast_way_words(t->l, it, out);
        str_adds(out, it->back ? ", comes back\n" : "\n");
    }
}

static void touched(const struct tell *t, const struct blast *x, struct str *out)
{
    size_t max = sizeof x->cluster / sizeof *x->cluster;
    if (!x->projects && !x->clusters)
        return;
    str_addf(out, "  touches %zu cluster%s", x->clusters, x->clusters == 1 ? "" : "s");
    for (size_t i = 0; i < x->clusters && i < max; i++) {
        const struct source_info *s = t->source(t->arg, x->cluster[i]);
        str_addf(out, "%s%s", i ? ", " : " (", s ? s->name : "?");
    }
    str_addf(out, "%s and %zu project%s%s%s%s%s\n", !x->clusters ? "" : x->clusters > max ? ", ...)" : ")", x->projects, x->projects == 1 ? "" : "s",
             *x->project_names ? " (" : "", x->project_names, *x->project_names ? ")" : "",
             t->partial ? ", as far as is seen" : "");
}

/* Several entries may lead to its cloud. */
static const char *chosen_at(const struct tell *t, const struct row *r)
{
    const struct source_info *s = t->chosen && links_cluster(t->l, *t->chosen) == links_cluster(t->l, r->source) ? t->source(t->arg, *t->chosen) : NULL;
    return s ? s->name : tell_source(t, r);
}

static void head(const struct tell *t, const struct blast *x, const char *action, const uint32_t *node, size_t n, struct str *out)
{
    str_addf(out, "%s ", action);
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(t->l, node[i]);
        tell_about(t, r, out);
        str_addf(out, "%s%s %s (%s)", i ? ", " : "", r->kind->singular, r->name, chosen_at(t, r));
    }
    str_addf(out, "%s: %s\n", n > 1 ? ", together" : "", blast_verdict_name(x->verdict));
}

void tell_blast_words(const struct tell *t, const struct blast *x, const char *more, struct str *out)
{
    for (int p = BLAST_DP, i = 0; i < BLAST_PLANES; i++, p = (p + 1) % BLAST_PLANES)
        if (x->count[p][HARM_LOST] + x->count[p][HARM_AT_RISK] + x->count[p][HARM_DEGRADED]) {
            str_addf(out, "  %s: ", planes[p]);
            counts(t->l, x, (enum blast_plane)p, out);
            str_addc(out, '\n');
        }
    for (int h = HARM_LOST; h >= HARM_AT_RISK; h--) {
        struct str managed;
        str_init(&managed, 2048);
        if (blast_managed_words(t->l, x, (enum blast_harm)h, &managed))
            str_addf(out, "  %s\n", managed.data);
        str_release(&managed);
    }
    for (size_t i = 0; i < x->ncontrol; i++)
        if (!i || x->control[i].source != x->control[i - 1].source) {
            const struct source_info *of = t->source(t->arg, x->control[i].source);
            str_addf(out, "  the control plane of cluster %s is hit: ", of ? of->name : "");
            blast_control_words(x, i, out);
            str_addc(out, '\n');
        }
    for (size_t i = 0; i < x->n; i++) {
        struct str api;
        str_init(&api, 1024);
        if (blast_api_words(t->l, &x->item[i], tell_source(t, links_row(t->l, x->item[i].node)), &api)) {
            tell_about(t, links_row(t->l, x->item[i].node), out);
            str_addf(out, "  %s\n", api.data);
        }
        str_release(&api);
    }
    touched(t, x, out);
    if (x->addresses)
        str_addf(out, "  touches %zu external address%s: %s\n", x->addresses, x->addresses == 1 ? "" : "es", x->address_names);
    if (x->nodd)
        str_addf(out, "  unknown: rules contradict each other about what %zu of them %s: what hangs on %s is not told\n", x->nodd, x->nodd == 1 ? "is" : "are", x->nodd == 1 ? "it" : "these");
    for (size_t i = 0; i < x->nodd && i < sizeof x->odd / sizeof *x->odd; i++)
        contradiction(t->l, x->odd[i], out);
    claims(t, x, out);
    if (x->unknown)
        str_addf(out, "  %zu of them are not known as they are now\n", x->unknown);
    if (x->waits)
        str_addf(out, "  %zu pod%s wait%s: not lost now\n", x->waits, x->waits == 1 ? "" : "s", x->waits == 1 ? "s" : "");
    for (size_t len; *more; more += len + (more[len] == '\n')) {
        len = strcspn(more, "\n");
        str_adds(out, "  ");
        str_add(out, more, len);
        str_addc(out, '\n');
    }
    if (t->whole)
        each(t, x, out);
    else
        tell_blast_alike(t, x, out);
}

/* Nodes are drained one after another; of all else it is told as if all of it went together. */
static size_t cut_all(const struct tell *t, const char *action, const uint32_t *node, size_t n, struct blast_cut *cut, struct str *more)
{
    size_t all = 0;
    struct blast_how how = {.keep = -1, .args = t->args, .nargs = t->nargs};
    for (size_t i = 0; i < t->nargs; i++)
        if (!strncmp(t->args[i], "replicas=", 9))
            how.keep = strtoll(t->args[i] + 9, NULL, 10);
    for (size_t i = 0; i < n; i++) {
        size_t first = all;
        all += blast_cuts_as(t->l, action, node[i], &how, cut + all, CUTS_MAX - all, more);
        for (size_t k = first; k < all; k++)
            cut[k].turn = (uint32_t)i;
    }
    blast_place(t->l, cut, all, more);
    return all;
}

/* Rules contradict each other about what it is: an action across the layers is refused for that, in the words of its plan. */
static enum blast_verdict doubts(const struct tell *t, const char *action, uint32_t node, struct str *out)
{
    const struct row *r = links_row(t->l, node);
    uint32_t who[2];
    struct str s;
    str_init(&s, 1 << 14);
    size_t n = blast_doubtful(t->l, node, who, 2, &s);
    bool lose = !strcmp(action, "lose"), crosses = blast_across(action, r->kind) || lose, refused = crosses && !lose;
    if (n) {
        str_addf(out, "  %swhat it is contradicts itself%s: %s\n", refused ? "REFUSED: " : "", crosses ? "" : ", which this does not depend on", s.data);
        str_adds(out, refused ? "  it might hit another: look at " : "");
        for (size_t i = 0; refused && i < n && i < 2; i++)
            str_addf(out, "%s%s %s of %s", i ? " and " : "", links_row(t->l, who[i])->kind->singular, links_row(t->l, who[i])->name, tell_source(t, links_row(t->l, who[i])));
        if (refused)
            str_addf(out, "%s and mend what is wrong there%s\n", n > 2 ? " and others" : "",
                     !strcmp(r->kind->id, "server") || !strcmp(r->kind->id, "baremetal") ? ", or go on with --ignore-clusters, which asks no cluster" : "");
    }
    str_release(&s);
    return !n || !crosses ? BLAST_GREEN : refused ? BLAST_RED : BLAST_YELLOW;
}

bool tell_blast(const struct tell *t, const char *action, const uint32_t *node, size_t n, struct blast *x, struct str *out)
{
    struct blast_cut *cut = mem_alloc(CUTS_MAX * sizeof *cut);
    struct str more, odd;
    str_init(&more, 1 << 16);
    str_init(&odd, 1 << 16);
    size_t ncut = cut ? cut_all(t, action, node, n, cut, &more) : 0;
    bool ok = cut && blast_make(x, t->l, cut, ncut, (struct blast_pace){.together = blast_in_turns(action) ? 1 : 0});
    for (size_t i = 0; ok && i < n; i++) {
        enum blast_verdict at_least = doubts(t, action, node[i], &odd);
        x->verdict = at_least > x->verdict ? at_least : x->verdict;
    }
    if (ok && x->verdict == BLAST_GREEN && t->partial)
        x->verdict = BLAST_YELLOW;              /* what is not known is not green */
    if (ok && out) {
        head(t, x, action, node, n, out);
        tell_blast_words(t, x, more.len ? more.data : "", out);
        str_add(out, odd.len ? odd.data : "", odd.len);
        if (t->partial)
            str_adds(out, "  unknown: not all is seen, what hangs on it there is not told\n");
    }
    str_release(&more);
    str_release(&odd);
    mem_free(cut);
    return ok;
}
