/* The cluster's own control plane: pods by the labels that kubeadm and its kin give them; how many are away at the worst moment. */
#include <string.h>

#include "core/links/links_priv.h"

static const char *const parts[] = {"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"};
#define NPARTS (sizeof parts / sizeof *parts)
#define ETCD 0

const char *blast_control_part(const struct blast_control *c) { return parts[c->part]; }

uint32_t blast_control_needs(const struct blast_control *c) { return c->part == ETCD ? c->all / 2 + 1 : 1; }

static bool labelled(const char *labels, const char *key, const char *value)
{
    size_t nk = strlen(key), nv = strlen(value);
    for (const char *s = labels; s; s = (s = strchr(s, ',')) ? s + 1 : NULL)
        if (!strncmp(s, key, nk) && s[nk] == '=' && !strncmp(s + nk + 1, value, nv) && (s[nk + 1 + nv] == ',' || !s[nk + 1 + nv]))
            return true;
    return false;
}

/* Which part a pod is; NPARTS: none. */
static size_t part_of(const struct row *r)
{
    size_t i = 0;
    if (strcmp(r->kind->id, "pods") != 0 || (strcmp(r->scope, "kube-system") != 0 && !labelled(r->labels, "tier", "control-plane")))
        return NPARTS;
    while (i < NPARTS && !labelled(r->labels, "component", parts[i]) && !labelled(r->labels, "k8s-app", parts[i]))
        i++;
    return i;
}

static void count_all(const struct links *l, struct blast_control *c)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct snap *s = l->snap[i].snap;
        if (links_cluster(l, snap_source(s)) != c->source || strcmp(snap_kind(s)->id, "pods") != 0)
            continue;
        for (uint32_t node = l->snap[i].base; node < l->snap[i].base + snap_slots(s); node++) {
            const struct row *r = links_row(l, node);
            bool of = r && part_of(r) == c->part;
            c->all += of;
            c->serve += of && blast_serves(r);
        }
    }
}

void link_control_lost(const struct links *l, struct blast *b, uint32_t node)
{
    const struct row *r = links_row(l, node);
    size_t part = r ? part_of(r) : NPARTS, i = 0;
    if (part == NPARTS)
        return;
    uint16_t source = links_cluster(l, r->source);
    while (i < b->ncontrol && (b->control[i].part != part || b->control[i].source != source))
        i++;
    if (i == sizeof b->control / sizeof *b->control)
        return;
    struct blast_control *c = &b->control[i];
    if (i == b->ncontrol) {
        b->ncontrol++;
        *c = (struct blast_control){.source = source, .part = (uint8_t)part};
        count_all(l, c);
        c->stay = c->serve;
    }
    c->away++;
}

void link_control_moment(struct blast *b)
{
    for (size_t i = 0; i < b->ncontrol; i++) {
        struct blast_control *c = &b->control[i];
        uint32_t stay = c->serve > c->away ? c->serve - c->away : 0;
        c->stay = stay < c->stay ? stay : c->stay;
        c->away = 0;
    }
}

void blast_control_words(const struct blast *b, size_t first, struct str *out)
{
    for (size_t i = first; i < b->ncontrol; i++) {
        const struct blast_control *c = &b->control[i];
        if (c->source != b->control[first].source)
            continue;
        uint32_t need = blast_control_needs(c);
        str_addf(out, "%s%u of %u %s stay%s", i == first ? "" : ", ", c->stay, c->all, parts[c->part], c->stay == 1 ? "s" : "");
        if (c->stay < need)
            str_adds(out, c->part == ETCD ? ", which is no quorum: nothing of the cluster can be changed or read then" : c->part == 1 ? ": its API does not answer then" : "");
    }
}

/* Who the members of its etcd are is counted as if each of its nodes were one. */
bool blast_api_words(const struct links *l, const struct blast_item *it, const char *cluster, struct str *out)
{
    static const char *const harms[] = {"", "degraded", "at risk", "lost"};
    const struct row *r = links_row(l, it->node), *from = links_row(l, it->from);
    const char *back = it->back && it->harm == HARM_LOST ? " for a while" : "";
    if (!r || !link_is_place(r->kind))
        return false;
    if (!it->of) {
        str_addf(out, "API of cluster %s %s%s: ", cluster, harms[it->harm], back);
        if (from == r)
            str_adds(out, "nothing there is seen, changed or started anew; what runs there runs on");
        else
            str_addf(out, "it is reached through %s %s", from->kind->singular, from->name);
        return true;
    }
    str_addf(out, "control plane of cluster %s %s%s: %u of %u of its nodes stay, %u needed", cluster, harms[it->harm], back, it->alive, it->of, it->need);
    if (it->harm == HARM_LOST)
        str_adds(out, "; its API does not answer then");
    else if (it->harm == HARM_AT_RISK)
        str_adds(out, "; one more is too many");
    return true;
}
