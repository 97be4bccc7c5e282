/* Which pods a Service sends its traffic to, by its selector; which are a workload's, by who owns them. */
#include <string.h>

#include "core/links/links_priv.h"

bool link_has_label(const char *labels, const char *pair, size_t n)
{
    for (const char *s = labels; s; s = (s = strchr(s, ',')) ? s + 1 : NULL)
        if (!strncmp(s, pair, n) && (s[n] == ',' || !s[n]))
            return true;
    return false;
}

bool link_selects(const struct links *l, const struct row *service, const struct row *pod)
{
    const char *s = row_column(service, "selector");
    if (!*s || *s == '<' || links_cluster(l, service->source) != links_cluster(l, pod->source) || strcmp(service->scope, pod->scope) != 0)
        return false;
    for (size_t n; *s; s += n + (s[n] == ',')) {
        n = strcspn(s, ",");
        if (!link_has_label(pod->labels, s, n))
            return false;
    }
    return true;
}

uint32_t link_selected(const struct links *l, const struct row *service, uint32_t from)
{
    for (size_t i = 0; i < l->nsnaps; i++) {
        const struct link_snap *s = &l->snap[i];
        if (links_cluster(l, snap_source(s->snap)) != links_cluster(l, service->source) || strcmp(snap_kind(s->snap)->id, "pods") != 0)
            continue;
        for (uint32_t k = from > s->base ? from - s->base : 0; k < snap_slots(s->snap); k++) {
            const struct row *pod = snap_row(s->snap, k);
            if (pod && !(l->hidden && l->hidden[s->base + k]) && link_selects(l, service, pod))
                return s->base + k;
        }
    }
    return UINT32_MAX;
}

static void pods_below(const struct links *l, uint32_t node, void (*fn)(void *arg, uint32_t pod), void *arg, int depth)
{
    const struct link_edge *e;
    size_t n = links_up(l, node, &e);
    for (size_t i = 0; i < n && depth < 8; i++) {
        if (strcmp(links_relation(e[i].relation)->id, "belongs-to") != 0)
            continue;
        if (!strcmp(links_row(l, e[i].to)->kind->id, "pods"))
            fn(arg, e[i].to);
        else
            pods_below(l, e[i].to, fn, arg, depth + 1);
    }
}

void link_pods_of(const struct links *l, uint32_t node, void (*fn)(void *arg, uint32_t pod), void *arg)
{
    pods_below(l, node, fn, arg, 0);
}

uint32_t link_top_of(const struct links *l, uint32_t node)
{
    const struct link_edge *e;
    for (int depth = 0; depth < 8; depth++) {
        size_t n = links_down(l, node, &e), i = 0;
        while (i < n && strcmp(links_relation(e[i].relation)->id, "belongs-to") != 0)
            i++;
        if (i == n)
            break;
        node = e[i].to;
    }
    return node;
}
