/* cinder-volume and manila-share report each of their back ends by itself ("host@backend"): those that fell silent together are one process
 * that died, and one cause. */
#include <string.h>

#include "core/links/why_walk.h"

#define TOGETHER_MS 60000

static bool silent(const struct row *r, size_t *host)
{
    const char *name = link_is(r, "os-services") && !(r->flags & ROW_HEAD) && link_dead(r) ? row_column(r, "host") : "";
    *host = strcspn(name, "@");
    return name[*host] == '@' && why_since(r) != CELL_NONE;
}

uint32_t link_backends(const struct links *l, uint32_t node, size_t *others)
{
    const struct link_snap *s = NULL;
    const struct row *r = link_node_row(l, node, &s);
    size_t n, m;
    uint32_t first = node;
    *others = 0;
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
