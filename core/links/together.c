/* What fell silent as one is one cause. cinder-volume and manila-share report each of their back ends by itself ("host@backend"): one process
 * died. APIs of a cloud behind one address, of which none answers: what stands before them is gone. */
#include <stdio.h>
#include <string.h>

#include "core/links/why_walk.h"
#include "strata/text.h"

#define TOGETHER_MS 60000

static bool silent(const struct row *r, size_t *host)
{
    const char *name = link_is(r, "os-services") && !(r->flags & ROW_HEAD) && link_dead(r) ? row_column(r, "host") : "";
    *host = strcspn(name, "@");
    return name[*host] == '@' && why_since(r) != CELL_NONE;
}

#define FRONT 2         /* so many others at least: two that are down are no front */

static const char *api_host(const struct row *r, size_t *n)
{
    const char *host = r && (r->flags & ROW_HEAD) && link_is(r, "os-services") ? row_column(r, "host") : "";
    *n = strcspn(host, *host == '[' ? "]" : ":");
    return host;
}

static bool same_host(const char *a, size_t n, const char *b, size_t m)
{
    char x[256], y[256];
    snprintf(x, sizeof x, "%.*s", (int)n, a);
    snprintf(y, sizeof y, "%.*s", (int)m, b);
    return !strcmp(x, y) || (*x == '[' && *y == '[' && text_same_address(x + 1, y + 1));
}

static bool down(const struct row *r) { return !strcmp(row_column(r, "state"), "down"); }

/* Keystone's if it is among them: all others ask it. */
static uint32_t front(const struct links *l, uint32_t node, const struct link_snap *s, size_t *others)
{
    const struct row *r = links_row(l, node);
    size_t n, m, of = 0;
    const char *host = api_host(r, &n);
    uint32_t first = node;
    if (!n || !down(r))
        return node;
    for (uint32_t i = s->base; i < s->base + snap_slots(s->snap); i++) {
        const struct row *o = i == node ? NULL : links_row(l, i);
        const char *at = api_host(o, &m);
        if (!m || !same_host(at, m, host, n) || !strcmp(row_column(o, "state"), "unknown"))
            continue;
        if (!down(o))
            return node;
        of++;
        bool keystone = !strcmp(links_row(l, first)->uid, "identity");
        if (!keystone && (i < first || !strcmp(o->uid, "identity")))
            first = i;
    }
    *others = of >= FRONT ? of : 0;
    return *others ? first : node;
}

uint32_t link_together(const struct links *l, uint32_t node, size_t *others)
{
    const struct link_snap *s = NULL;
    const struct row *r = link_node_row(l, node, &s);
    size_t n, m;
    uint32_t first = node;
    *others = 0;
    if (r && s && (r->flags & ROW_HEAD))
        return front(l, node, s, others);
    if (!r || !s || !silent(r, &n))
        return node;
    for (uint32_t i = s->base; i < s->base + snap_slots(s->snap); i++) {
        const struct row *o = i == node ? NULL : links_row(l, i);
        if (!o || !silent(o, &m) || m != n || strncmp(row_column(o, "host"), row_column(r, "host"), n) != 0 || strcmp(row_column(o, "binary"), row_column(r, "binary")) != 0)
            continue;
        int64_t apart = why_since(o) - why_since(r);
        if (apart > TOGETHER_MS || apart < -TOGETHER_MS)
            continue;
        ++*others;
        first = i < first ? i : first;
    }
    return first;
}
