/* What a change of a pod's labels does: it leaves the Services that select by them, and whoever owns it makes another. */
#include <string.h>

#include "core/links/cut.h"

static bool parts(char c) { return c == ',' || c == '\n' || c == ' '; }

/* "app=web" after "app=new,tier-" were set: by the last word that is about its key, else as the pod has it. */
static bool has_after(const struct row *pod, const char *set, const char *pair, size_t n)
{
    size_t key = strcspn(pair, "=") < n ? strcspn(pair, "=") : n, len;
    bool has = link_has_label(pod->labels, pair, n);
    for (const char *w = set; *w; w += len + (w[len] != '\0')) {
        for (len = 0; w[len] && !parts(w[len]);)
            len++;
        if (len > key && !strncmp(w, pair, key) && w[key] == '=')
            has = len == n && !strncmp(w, pair, n);
        else if (len == key + 1 && !strncmp(w, pair, key) && w[key] == '-')
            has = false;
    }
    return has;
}

static bool selects_after(const char *selector, const struct row *pod, const char *set)
{
    for (size_t n; *selector; selector += n + (selector[n] == ',')) {
        n = strcspn(selector, ",");
        if (!has_after(pod, set, selector, n))
            return false;
    }
    return true;
}

static bool some(const char *s) { return *s && *s != '<'; }

/* Does its controller let it go, and make another in its place? */
static bool released(struct cutter *c, uint32_t node, const char *set, struct str *words)
{
    const struct link_edge *e;
    const struct row *pod = links_row(c->l, node);
    size_t n = links_down(c->l, node, &e);
    for (size_t i = 0; i < n; i++) {
        const struct row *owner = links_row(c->l, e[i].to);
        const char *selector = row_column(owner, "selector");
        if (link_is(owner, "statefulsets"))
            str_addf(words, "unknown: whether statefulset %s selects by it; if so it lets it go, and makes no other of its name while this one stands\n", owner->name);
        if (strcmp(links_relation(e[i].relation)->id, "belongs-to") != 0 || !some(selector) || selects_after(selector, pod, set))
            continue;
        str_addf(words, "%s %s lets it go and makes another in its place; this one runs on and belongs to nobody\n", owner->kind->singular, owner->name);
        return !link_is(owner, "jobs");
    }
    return false;
}

static size_t others(const struct cutter *c, const struct row *service, uint32_t pod)
{
    size_t n = 0;
    for (uint32_t at = 0; (at = link_selected(c->l, service, at)) != LINK_NO_NODE; at++)
        n += at != pod && blast_serves(links_row(c->l, at));
    return n;
}

void link_cut_labelled(struct cutter *c, uint32_t node, struct str *words)
{
    const struct row *pod = links_row(c->l, node);
    const char *set = link_cut_option(c, "set");
    if (!set || !*set) {
        str_adds(words, "which labels are set is not said: as if nothing depended on them\n");
        return;
    }
    bool back = released(c, node, set, words);
    for (uint32_t i = 0; blast_serves(pod) && i < links_nodes(c->l); i++) {
        const struct row *r = links_row(c->l, i);
        if (!r || !link_is(r, "services") || !link_selects(c->l, r, pod) || selects_after(row_column(r, "selector"), pod, set))
            continue;
        size_t left = others(c, r, node);
        link_cut_add(c, i, BLAST_DP, !left ? HARM_LOST : left > 1 || back ? HARM_DEGRADED : HARM_AT_RISK, back);
        str_addf(words, "it leaves service %s: %zu other pod%s that serve%s stay%s behind that\n", r->name, left, left == 1 ? "" : "s", left == 1 ? "s" : "", left == 1 ? "s" : "");
    }
}
