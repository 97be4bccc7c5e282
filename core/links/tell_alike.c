/* What is harmed in a few short lines: those of one kind and place that are harmed alike, by the same chain, are told once. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/blast.h"
#include "strata/tell.h"

#define SHOWN 20               /* of the worst */
#define NAMED 3
#define LINE 120

static const char *const plane_ids[] = {"CP", "DP", "ST"};

struct alike { const struct blast_item *first; size_t n; uint32_t name[NAMED]; };

/* What stands for itself, a group that counts or what was named alone, is alike to nothing. */
static bool same(const struct links *l, const struct blast_item *a, const struct blast_item *b)
{
    const struct row *x = links_row(l, a->node), *y = links_row(l, b->node);
    bool cut = a->from == a->node;
    return !a->of && !b->of && a->harm == b->harm && a->plane == b->plane && a->back == b->back && a->cls == b->cls && x->kind == y->kind &&
           links_cluster(l, x->source) == links_cluster(l, y->source) && !strcmp(x->scope, y->scope) && cut == (b->from == b->node) && (cut || a->from == b->from);
}

static void who(const struct links *l, const struct alike *a, struct str *out)
{
    const struct row *r = links_row(l, a->first->node);
    size_t begin = out->len;
    if (a->n == 1) {
        str_addf(out, "%s %s", r->kind->singular, r->name);
        return;
    }
    blast_plural(r->kind, a->n, out);
    if (*r->scope && r->kind->plane == PLANE_KUBE)
        str_addf(out, " of %s", r->scope);
    for (size_t i = 0; i < NAMED && i < a->n; i++) {
        const char *name = links_row(l, a->name[i])->name;
        if (i && out->len - begin + strlen(name) + 8 > LINE / 2) {       /* one is named however long it is */
            str_adds(out, ", ...");
            break;
        }
        str_addf(out, "%s%s", i ? ", " : " (", name);
        if (i + 1 == NAMED && a->n > NAMED)
            str_adds(out, ", ...");
    }
    str_addc(out, ')');
}

/* By what: the class where it is not certain; the evidence is told where all is. */
static void through(const struct links *l, const struct blast *b, const struct blast_item *it, struct str *out)
{
    for (int depth = 0; it && it->from != it->node && depth < 16; depth++) {
        struct link_edge e;
        uint32_t at;
        const struct row *r = links_row(l, it->from);
        str_addf(out, " <- %s %s", r->kind->singular, r->name);
        if (tell_edge(l, it->node, it->from, &e, &at) && e.cls != LINK_A)
            str_adds(out, link_class_letter(e.cls) == 'B' ? " [likely, B]" : " [a guess, C]");
        it = b->worst[it->from] ? &b->item[b->worst[it->from] - 1] : NULL;
    }
}

static void line(const struct tell *t, const struct blast *x, const struct alike *a, struct str *out)
{
    const struct links *l = t->l;
    tell_about(t, links_row(l, a->first->node), out);
    str_addf(out, "  %-8s %s  ", blast_harm_word(a->first), plane_ids[a->first->plane]);
    who(l, a, out);
    through(l, x, a->first, out);
    blast_group_words(a->first, out);
    blast_way_words(l, a->first, out);
    str_adds(out, !a->first->back ? "\n" : a->n == 1 ? ", comes back\n" : ", come back\n");
}

void tell_blast_alike(const struct tell *t, const struct blast *x, struct str *out)
{
    const struct links *l = t->l;
    struct alike of[SHOWN];
    size_t n = 0, more = 0;
    for (size_t i = 0; i < x->n; i++) {
        const struct blast_item *it = &x->item[i];
        size_t k = 0;
        if (t->each) {
            line(t, x, &(struct alike){.first = it, .n = 1}, out);
            continue;
        }
        while (k < n && !same(l, of[k].first, it))
            k++;
        if (k == SHOWN) {
            more++;
            continue;
        }
        if (k == n)
            of[n++] = (struct alike){.first = it};
        if (of[k].n < NAMED)
            of[k].name[of[k].n] = it->node;
        of[k].n++;
    }
    for (size_t k = 0; k < n; k++)
        line(t, x, &of[k], out);
    if (more)
        str_addf(out, "  ... and %zu more\n", more);
}
