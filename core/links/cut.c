/* What an action itself takes away, and the words for a chain of harm. */
#include <string.h>

#include "core/links/links_priv.h"
#include "strata/blast.h"

struct cutter { const struct links *l; struct blast_cut *cut; size_t n, max; bool back; };

static void add(struct cutter *c, uint32_t node, enum blast_plane plane, bool back)
{
    if (c->n < c->max)
        c->cut[c->n] = (struct blast_cut){node, plane, back};
    c->n++;
}

static bool managed(const struct row *pod) { return *pod->owner != '\0'; }
static bool by_daemon(const struct row *pod) { return !strncmp(pod->owner, "DaemonSet/", 10); }

static void add_pod(void *arg, uint32_t pod)
{
    struct cutter *c = arg;
    add(c, pod, BLAST_DP, c->back);
}

static void drained(struct cutter *c, uint32_t node, struct str *words)
{
    const struct link_edge *e;
    size_t n = links_up(c->l, node, &e), stay = 0, bare = 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(c->l, e[i].to);
        if (strcmp(links_relation(e[i].relation)->id, "runs-on") != 0 || strcmp(r->kind->id, "pods") != 0)
            continue;
        if (by_daemon(r)) {
            stay++;
            continue;
        }
        bare += !managed(r);
        add(c, e[i].to, BLAST_DP, managed(r));
    }
    if (stay)
        str_addf(words, "%zu pod%s of DaemonSets stay%s\n", stay, stay == 1 ? "" : "s", stay == 1 ? "s" : "");
    if (bare)
        str_addf(words, "%zu pod%s will not come back\n", bare, bare == 1 ? "" : "s");
}

enum how { NOTHING, ITSELF, ITS_PODS, ON_NODE, MANAGES };
static const struct { const char *action, *kind; enum how how; bool back; } cuts[] = {
    {"delete", "pods", ITSELF, true},         {"evict", "pods", ITSELF, true},           {"restart", "pods", ITSELF, true},
    {"delete", "deployments", ITS_PODS, false}, {"delete", "statefulsets", ITS_PODS, false}, {"delete", "daemonsets", ITS_PODS, false},
    {"delete", "replicasets", ITS_PODS, true}, {"delete", "nodes", ITSELF, false},       {"drain", "nodes", ON_NODE, true},
    {"cordon", "nodes", NOTHING, true},       {"stop", "server", ITSELF, false},         {"delete", "server", ITSELF, false},
    {"force-delete", "server", ITSELF, false}, {"reboot", "server", ITSELF, true},       {"shelve", "server", ITSELF, false},
    {"pause", "server", ITSELF, false},       {"suspend", "server", ITSELF, false},      {"rebuild", "server", ITSELF, true},
    {"resize", "server", ITSELF, true},       {"migrate", "server", ITSELF, true},       {"live-migrate", "server", NOTHING, true},
    {"rescue", "server", ITSELF, false},      {"evacuate", "server", ITSELF, true},      {"power-off", "baremetal", ITSELF, false},
    {"force-down", "os-services", MANAGES, false}, {"lose", "*", ITSELF, false},
};

size_t blast_cuts(const struct links *l, const char *action, uint32_t node, struct blast_cut *cut, size_t max, struct str *words)
{
    struct cutter c = {l, cut, 0, max, false};
    const struct row *r = links_row(l, node);
    for (size_t i = 0; r && i < sizeof cuts / sizeof *cuts; i++) {
        if (strcmp(cuts[i].action, action) != 0 || (strcmp(cuts[i].kind, "*") && strcmp(cuts[i].kind, r->kind->id) != 0))
            continue;
        bool pod = !strcmp(r->kind->id, "pods");
        c.back = cuts[i].back && (!pod || managed(r));
        if (cuts[i].how == ITSELF)
            add(&c, node, BLAST_DP, c.back);
        else if (cuts[i].how == MANAGES)
            add(&c, node, BLAST_CP, c.back);
        else if (cuts[i].how == ITS_PODS)
            link_pods_of(l, node, add_pod, &c);
        else if (cuts[i].how == ON_NODE)
            drained(&c, node, words);
        if (pod && !managed(r))
            str_adds(words, "the pod belongs to nobody: it will not come back\n");
        return c.n < max ? c.n : max;
    }
    return 0;
}

static void named(const struct links *l, uint32_t node, struct str *out)
{
    const struct row *r = links_row(l, node);
    str_addf(out, "%s %s", r->kind->singular, r->name);
}

void blast_chain(const struct links *l, const struct blast *b, const struct blast_item *it, struct str *out)
{
    named(l, it->node, out);
    for (int depth = 0; it && it->from != it->node && depth < 16; depth++) {
        const struct link_edge *e;
        size_t n = links_down(l, it->node, &e), i = 0;
        while (i < n && e[i].to != it->from)
            i++;
        str_adds(out, " <- ");
        named(l, it->from, out);
        if (i < n) {
            str_adds(out, " [");
            links_evidence(l, it->node, &e[i], out);
            str_addc(out, ']');
        }
        it = b->worst[it->from] ? &b->item[b->worst[it->from] - 1] : NULL;
    }
}
