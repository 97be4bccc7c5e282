/* What the header says of all that is red. A row that a pane shows red and that the links do not speak of is counted, and named. */
#include "tui/tally.h"

#include <stdio.h>
#include <string.h>

#include "tui/app_int.h"
#include "tui/table.h"

enum { WHOLE_WORDS = 120 };             /* cells of the header from which on there is room for them */

/* No cause is looked for in rows of this kind. An old event is not red now. */
static bool apart(const struct kind *k)
{
    const char *of[256];
    size_t n = links_kinds(k->plane, of, sizeof of / sizeof *of);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(of[i], k->id)) return false;
    return !(k->flags & KIND_HISTORY) && !graph_part_of(k);
}

/* Another context of its cluster, or entry of its cloud, is shown beside it: what both have counts once. */
static bool shown_twice(const struct graph *g, const struct table *t, uint16_t source)
{
    uint16_t by = links_cluster(g->links, source);
    for (int f = 0; by != source && f < t->nfeeds; f++)
        if (t->feed[f].source == by) return true;
    return false;
}

static bool kind_before(const struct app *a, int at, const struct kind *k)
{
    for (int i = 0; i < at; i++) {
        const struct table *t = table_of(a->deck.pane[i]->table);
        if (t && view_kind(t->view) == k) return true;
    }
    return false;
}

/* Red rows of the panes that no cause is known of, and the first of their kinds; several: how many kinds. */
static size_t rest_of(const struct app *a, const struct graph *g, const struct kind **first, size_t *kinds)
{
    size_t all = 0;
    *kinds = 0;
    for (int i = 0; i < a->deck.n; i++) {
        const struct table *t = table_of(a->deck.pane[i]->table);
        const struct kind *k = t ? view_kind(t->view) : NULL;
        size_t n = 0;
        if (!k || !apart(k) || kind_before(a, i, k)) continue;
        for (size_t s = 0; s < a->nsrc; s++)
            if (!shown_twice(g, t, a->src[s].id)) n += view_health_of(t->view, a->src[s].id, HEALTH_BAD);
        if (n && !(*kinds)++) *first = k;
        all += n;
    }
    return all;
}

static void sum_words(const struct tell_sum *sum, size_t rest, const struct kind *k, size_t kinds, bool whole, struct str *out)
{
    size_t red = sum->red + rest;
    if (!sum->causes && !rest) {
        if (whole) tell_sum_words(sum, out);
        else str_addf(out, "%zu planned/%zu", sum->planned, sum->planned_red);
        return;
    }
    if (!whole) str_addf(out, "%s%zu cause%s/", sum->rough ? "max " : "", sum->causes, sum->causes == 1 ? "" : "s");
    if (!whole && !rest) str_addf(out, "%zu red", red);
    else if (!whole) str_addf(out, "%zu of %zu red", sum->red, red);
    else if (!rest) tell_sum_words(sum, out);
    else {
        str_addf(out, "%s%zu cause%s explain%s %zu of %zu red rows, not %zu in ", sum->rough ? "at most " : "", sum->causes, sum->causes == 1 ? "" : "s",
                 sum->causes == 1 ? "s" : "", sum->red, red, rest);
        if (kinds == 1) str_adds(out, k->title);
        else str_addf(out, "%zu panes", kinds);
    }
}

void tally_make(struct app *a, int width, struct tally *out)
{
    const struct graph *g = app_graph(a);
    const struct kind *k = NULL;
    bool whole = width >= WHOLE_WORDS;
    size_t kinds = 0, rest = g ? rest_of(a, g, &k, &kinds) : 0;
    *out = (struct tally){.role = ROLE_HEADER_DIM};
    if (!a->nsrc || a->picture.failed) return;          /* why it failed was said */
    if (!g || !g->settled) {
        if (g && g->why.red + rest) out->role = ROLE_HEADER_WARN, snprintf(out->words, sizeof out->words, "%zu red so far", g->why.red + rest);
        else snprintf(out->words, sizeof out->words, "%s", whole ? "looking for causes" : "0 red so far");
        return;
    }
    struct tell t;
    struct tell_sum sum;
    struct str words;
    str_init(&words, sizeof out->words);
    app_tell(a, &t);
    tell_sum(&t, &sum);
    bool red = sum.red + rest > 0, seen = app_graph_sees_all(a);
    out->role = red ? ROLE_HEADER_WARN : seen ? ROLE_HEADER_OK : ROLE_HEADER_DIM;
    if (red || sum.planned_red) sum_words(&sum, rest, k, kinds, whole, &words);
    else str_adds(&words, seen ? whole ? "nothing is red" : "0 red" : whole ? "nothing is red of what can be seen" : "0 red seen");
    snprintf(out->words, sizeof out->words, "%s", words.data ? words.data : "");
    str_release(&words);
}
