/* The blast radius in words for the plan: the verdict and its counts in a line, then the worst chains. */
#include "core/ops/blast_words.h"

#include <string.h>

#include "strata/tell.h"

#define CHAINS 3               /* all of them: strata blast */

static bool is(const struct row *r, const char *kind) { return !strcmp(r->kind->id, kind); }

static const struct blast_item *worst_of(const struct blast *b, uint32_t node)
{
    return b->worst[node] ? &b->item[b->worst[node] - 1] : NULL;
}

/* What was named, and the workload whose pod it is: the rest of the plan speaks of them. */
static bool named(const struct links *l, const struct blast *b, const struct blast_item *it)
{
    const struct blast_item *from = worst_of(b, it->from);
    const struct row *r = links_row(l, it->node);
    bool workload = is(r, "deployments") || is(r, "statefulsets") || is(r, "daemonsets") || is(r, "replicasets") || is(r, "jobs") || is(r, "cronjobs");
    return it->from == it->node || (workload && from && from->from == from->node);
}

bool blast_beyond(const struct links *l, const struct blast *b)
{
    bool beyond = b->quorum_lost;
    for (size_t i = 0; i < b->n && !beyond; i++)
        beyond = blast_is_red(l, &b->item[i]) && !named(l, b, &b->item[i]);
    return beyond;
}

static void counts(const struct links *l, const struct blast *b, struct str *out)
{
    static const char *const names[] = {"control plane", "data plane", "storage"}, *const harms[] = {"", "degraded", "at risk", "lost"};
    static const enum blast_plane order[] = {BLAST_DP, BLAST_ST, BLAST_CP};
    for (size_t p = 0, planes = 0; p < BLAST_PLANES; p++) {
        const size_t *n = b->count[order[p]];
        size_t back = 0, said = 0;
        if (!n[HARM_LOST] && !n[HARM_AT_RISK] && !n[HARM_DEGRADED])
            continue;
        for (size_t i = 0; i < b->n; i++)
            back += b->item[i].plane == order[p] && b->item[i].harm == HARM_LOST && b->item[i].back;
        str_addf(out, "%s%s: ", planes++ ? "; " : ": ", names[order[p]]);
        for (int h = HARM_LOST; h > HARM_NONE; h--) {
            if (!n[h])
                continue;
            str_adds(out, said++ ? ", " : "");
            blast_kinds(l, b, order[p], (enum blast_harm)h, out);
            str_addf(out, " %s", harms[h]);
            if (back && h == HARM_LOST)
                str_addf(out, back == n[h] ? " for a while" : " (%zu for a while)", back);
        }
    }
}

/* The chain with the class of each link alone: its evidence is in `strata blast` and `strata links`. */
static void brief(const struct links *l, const struct blast *b, const struct blast_item *it, struct str *out)
{
    const struct row *r = links_row(l, it->node);
    str_addf(out, "%s %s", r->kind->singular, r->name);
    for (int depth = 0; it && it->from != it->node && depth < 16; depth++) {
        struct link_edge e;
        uint32_t at;
        r = links_row(l, it->from);
        str_addf(out, " <- %s %s", r->kind->singular, r->name);
        if (tell_edge(l, it->node, it->from, &e, &at) && e.cls != LINK_A)
            str_addf(out, " [%s]", link_class_letter(e.cls) == 'B' ? "likely, B" : "a guess, C");
        it = worst_of(b, it->from);
    }
}

static void chain(struct core *c, const struct links *l, const struct blast *b, const struct blast_item *it, struct str *out)
{
    static const char *const planes[] = {"control plane", "data plane", "storage"};
    struct source_info info;
    core_info_of(c, links_row(l, it->node)->source, &info);
    str_addf(out, "%s, %s, on %s: ", blast_harm_word(it), planes[it->plane], info.name);
    brief(l, b, it, out);
    blast_group_words(it, out);
    blast_way_words(l, it, out);
    str_adds(out, it->back ? ", comes back\n" : "\n");
}

/* The cluster's own control plane, by its name: what is done there may be the last that can be done. */
static void control(struct core *c, const struct blast *b, char level, struct str *out)
{
    for (size_t i = 0; i < b->ncontrol; i++) {
        struct source_info info;
        if (i && b->control[i].source == b->control[i - 1].source)
            continue;
        core_info_of(c, b->control[i].source, &info);
        str_addf(out, "%cthe control plane of cluster %s is hit: ", level == 'i' ? 'c' : level, info.name);
        blast_control_words(b, i, out);
        str_addc(out, '\n');
    }
}

/* What a cluster's API server loses of what it runs on, or is reached by. */
static void apis(struct core *c, const struct links *l, const struct blast *b, char level, struct str *out)
{
    for (size_t i = 0; i < b->n; i++) {
        struct source_info info;
        struct str s;
        str_init(&s, 1024);
        core_info_of(c, links_cluster(l, links_row(l, b->item[i].node)->source), &info);
        if (blast_api_words(l, &b->item[i], info.name, &s))
            str_addf(out, "%c%s\n", level == 'i' ? 'c' : level, s.data);
        str_release(&s);
    }
}

struct named { struct core *core; struct source_info info; };

static const char *source_name(void *arg, uint16_t source)
{
    struct named *n = arg;
    core_info_of(n->core, source, &n->info);
    return n->info.name;
}

static void claims(struct core *c, const struct links *l, const struct blast *b, struct str *out)
{
    struct named n = {.core = c};
    for (size_t i = 0; i < b->nclaims; i++) {
        str_addc(out, 'c');
        blast_overruled_words(l, b->claim[i], source_name, &n, out);
        str_adds(out, "; look at it there\n");
    }
}

/* 0: what is told first. What is worth something in itself and has nothing to take its place. */
static int rank(const struct links *l, const struct blast *b, const struct blast_item *it)
{
    const struct row *r = links_row(l, it->node);
    bool group = it->of > 0;
    if (it->harm < HARM_AT_RISK || is(r, "apiserver") || (named(l, b, it) && !(it->harm == HARM_LOST && it->need > 1)))
        return 9;
    return it->harm < HARM_LOST ? 3 : group && it->need > 1 ? 0 : !blast_for_itself(r) ? 4 : group || !is(r, "pods") ? 1 : 2;
}

void blast_words(struct core *c, const struct links *l, const struct blast *b, const char *unknown, struct str *out)
{
    static const char *const verdicts[] = {"green", "yellow", "RED"};
    enum blast_verdict v = b->verdict == BLAST_GREEN && *unknown ? BLAST_YELLOW : b->verdict;
    size_t beyond = 0, shown = 0;
    for (size_t i = 0; i < b->n; i++)
        beyond += b->item[i].harm >= HARM_AT_RISK && !named(l, b, &b->item[i]);
    char level = v == BLAST_RED ? 'd' : beyond || *unknown ? 'c' : 'i';
    str_addf(out, "%cblast radius: %s", level, verdicts[v]);
    counts(l, b, out);
    if (!b->n && !b->nodd && !b->waits && !*unknown)
        str_adds(out, ": nothing that serves is lost");
    if (b->quorum_lost)
        str_adds(out, "; a quorum is lost");
    if (b->waits)
        str_addf(out, "; %zu pod%s wait%s for %s budget or majority and stay%s until that changes", b->waits, b->waits == 1 ? "" : "s", b->waits == 1 ? "s" : "",
                 b->waits == 1 ? "its" : "their", b->waits == 1 ? "s" : "");
    if (b->nodd)
        str_addf(out, "; unknown: rules contradict each other about what %zu of them %s", b->nodd, b->nodd == 1 ? "is" : "are");
    if (beyond && b->projects)
        str_addf(out, "; %zu project%s touched%s%s%s", b->projects, b->projects == 1 ? "" : "s", *b->project_names ? " (" : "", b->project_names, *b->project_names ? ")" : "");
    if (b->addresses)
        str_addf(out, "; %zu external address%s touched (%s)", b->addresses, b->addresses == 1 ? "" : "es", b->address_names);
    if (beyond && b->clusters > 1)
        str_addf(out, "; %zu clusters touched", b->clusters);
    str_addc(out, '\n');
    for (int h = HARM_LOST; h >= HARM_AT_RISK; h--) {
        struct str managed;
        str_init(&managed, 2048);
        if (blast_managed_words(l, b, (enum blast_harm)h, &managed))
            str_addf(out, "%c%s\n", level == 'i' ? 'c' : level, managed.data);
        str_release(&managed);
    }
    control(c, b, level, out);
    apis(c, l, b, level, out);
    for (int first = 0; first < 5; first++)
        for (size_t i = 0; i < b->n && shown < CHAINS; i++)
            if (rank(l, b, &b->item[i]) == first) {
                str_addc(out, level);
                chain(c, l, b, &b->item[i], out);
                shown++;
            }
    claims(c, l, b, out);
    for (size_t i = 0; i < b->nodd && i < CHAINS; i++) {
        struct str s;
        str_init(&s, 2048);
        if (blast_conflict(l, b->odd[i], &s))
            str_addf(out, "cblast radius: unknown: rules contradict each other: %s\n", s.data);
        str_release(&s);
    }
    if (*unknown)
        str_addf(out, "c%s\n", unknown);
}
