/* Rules that contradict each other about what a row is, in words: whose word is doubted, and where another's counts. */
#include <string.h>

#include "core/links/links_priv.h"

/* What a node says falsely of a machine is nothing that the machine is. */
static bool doubts(const struct link_edge *e, bool up) { return e->cls == LINK_X && !(up && e->overruled); }

uint32_t link_disputed_by(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    size_t n = links_up(l, node, &e);
    for (size_t i = 0; i < n; i++)
        if (doubts(&e[i], true))
            return e[i].to;
    return LINK_NO_NODE;
}

static void all_of(const struct links *l, uint32_t from, unsigned relation, struct str *words)
{
    const struct link_edge *e;
    const struct row *who = links_row(l, from);
    size_t n = links_down(l, from, &e);
    for (size_t i = 0, said = 0; i < n; i++) {
        const struct row *to = links_row(l, e[i].to);
        if (e[i].cls != LINK_X || e[i].relation != relation)
            continue;
        if (said++)
            str_adds(words, ", and ");
        else
            str_addf(words, "%s %s ", who->kind->singular, who->name);
        str_addf(words, "%s %s %s [", links_relation(relation)->down, to->kind->singular, to->name);
        links_evidence(l, from, &e[i], words);
        struct link_edge by;
        uint32_t true_one = e[i].overruled ? link_true_one(l, e[i].to, &by) : LINK_NO_NODE;
        if (true_one != LINK_NO_NODE)
            str_addf(words, ", falsely: that is %s %s", links_row(l, true_one)->kind->singular, links_row(l, true_one)->name);
        str_addc(words, ']');
    }
}

/* It contradicts itself by nothing, but another node says the same. Returns the last of these. */
static uint32_t rivals_of(const struct links *l, uint32_t node, struct str *words)
{
    uint32_t last = LINK_NO_NODE;
    const struct link_edge *e;
    size_t n = links_down(l, node, &e);
    for (size_t i = 0; i < n; i++) {
        struct link_edge its;
        uint32_t other = link_rival(l, node, &e[i], &its);
        if (other == LINK_NO_NODE)
            continue;
        bool far = links_cluster(l, links_row(l, other)->source) != links_cluster(l, links_row(l, node)->source);
        str_addf(words, ", and so is node %s%s [", links_row(l, other)->name, far ? " of another cluster" : "");
        links_evidence(l, other, &its, words);
        str_adds(words, far ? "]: a server is a node of one cluster" : "]: a server is one node of a cluster");
        last = other;
    }
    return last;
}

static size_t contradicts(const struct links *l, uint32_t node, bool up, uint32_t *who, size_t max, struct str *words)
{
    const struct link_edge *e;
    size_t n = up ? links_up(l, node, &e) : links_down(l, node, &e), found = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t from = up ? e[i].to : node;
        if (!doubts(&e[i], up))
            continue;
        if (found)
            str_adds(words, "; ");
        all_of(l, from, e[i].relation, words);
        if (found < max)
            who[found] = from;
        found++;
        if (!up) {
            uint32_t rival = rivals_of(l, node, words);
            if (rival != LINK_NO_NODE && found < max)
                who[found] = rival;
            found += rival != LINK_NO_NODE;
            break;                              /* all of that node's are told */
        }
    }
    return found;
}

size_t blast_doubtful(const struct links *l, uint32_t node, uint32_t *who, size_t max, struct str *words)
{
    size_t n = contradicts(l, node, false, who, max, words);
    return n ? n : contradicts(l, node, true, who, max, words);
}

bool blast_conflict(const struct links *l, uint32_t node, struct str *words)
{
    return blast_doubtful(l, node, NULL, 0, words) > 0;
}

size_t blast_overruled(const struct links *l, uint32_t node, uint32_t *who, size_t max)
{
    const struct link_edge *e;
    size_t n = links_up(l, node, &e), found = 0;
    for (size_t i = 0; i < n; i++)
        if (e[i].overruled && found < max)
            who[found++] = e[i].to;
    return found;
}

void blast_overruled_words(const struct links *l, uint32_t node, const char *(*name)(void *arg, uint16_t source), void *arg, struct str *out)
{
    const struct link_edge *e;
    const struct row *who = links_row(l, node);
    size_t n = links_down(l, node, &e), said = 0;
    for (size_t i = 0; i < n; i++) {
        struct link_edge by;
        if (!e[i].overruled)
            continue;
        uint32_t true_one = link_true_one(l, e[i].to, &by);
        const struct row *to = links_row(l, e[i].to);
        if (!said++)
            str_addf(out, "%s %s of cluster %s says falsely ", who->kind->singular, who->name, name(arg, links_cluster(l, who->source)));
        str_addf(out, "%sthat it is %s %s (", said > 1 ? ", and " : "", to->kind->singular, to->name);
        links_evidence(l, node, &e[i], out);
        const struct row *r = true_one == LINK_NO_NODE ? NULL : links_row(l, true_one);
        if (!r) {
            str_adds(out, "): which one is that, is in doubt");
            continue;
        }
        str_addf(out, "): %s %s of cluster %s is that, and counts (", r->kind->singular, r->name, name(arg, links_cluster(l, r->source)));
        links_evidence(l, true_one, &by, out);
        str_addc(out, ')');
    }
}
