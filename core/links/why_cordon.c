/* What waits for a node because the ones that would take it are cordoned: that is somebody's work, and no fault of the pod. */
#include <string.h>

#include "core/links/why_walk.h"

static int64_t cordoned(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node);
    int col = kind_column(r->kind, "cordoned");
    return col >= 0 ? r->cell[col].n : CELL_NONE;
}

size_t link_walk_cordons(struct walk *w, uint32_t pod, uint32_t *node, size_t max)
{
    const struct row *r = links_row(w->l, pod);
    if (!link_is(r, "pods") || strcmp(row_column(r, "status"), "Pending") || *row_column(r, "node") != '\0' || r->flags & ROW_DELETING)
        return 0;
    uint16_t cluster = links_cluster(w->l, r->source);
    if (!w->room || w->room->cluster != cluster) {
        link_room_free(w->room);
        w->room = link_room_new(w->l, cluster);
    }
    size_t n = w->room ? link_room_cordoned(w->room, pod, node, max) : 0;
    for (size_t i = 1; i < n; i++)              /* the newest first */
        for (size_t k = i; k && cordoned(w->l, node[k]) > cordoned(w->l, node[k - 1]); k--) {
            uint32_t had = node[k];
            node[k] = node[k - 1];
            node[k - 1] = had;
        }
    return n;
}
