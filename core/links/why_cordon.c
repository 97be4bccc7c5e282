/* What a cordon explains. A pod waits because the nodes that would take it are cordoned: that is somebody's work. A node is gone that
 * was cordoned and emptied before: that is, too. While it carried anything the cordon announced nothing of the kind. */
#include <string.h>

#include "core/links/cut.h"
#include "core/links/why_walk.h"

/* What runs there that no drain leaves: a pod on its way out is there yet, and where the node is dead it stays so. */
static bool to_be_moved(const struct row *pod)
{
    return (link_cut_stands(pod) || (pod->flags & ROW_DELETING && pod->health != HEALTH_DONE)) && !blast_by_daemon(pod) && strncmp(pod->owner, "Node/", 5) != 0;
}

static size_t servers_of(const struct links *l, uint32_t hypervisor)
{
    const struct link_edge *e;
    size_t found = 0, n = links_up(l, hypervisor, &e);
    for (size_t i = 0; i < n; i++)
        found += link_related(&e[i], "hosted") && e[i].cls != LINK_X && !strcmp(row_column(links_row(l, e[i].to), "status"), "ACTIVE");
    return found;
}

bool link_carries(const struct links *l, uint32_t node, size_t *pods, size_t *servers)
{
    const struct link_edge *e;
    size_t n = links_up(l, node, &e);
    *pods = *servers = 0;
    for (size_t i = 0; i < n; i++) {
        const struct row *r = links_row(l, e[i].to);
        if (e[i].cls == LINK_X || !r)
            continue;
        *pods += link_related(&e[i], "runs-on") && link_is(r, "pods") && to_be_moved(r);
        if (e[i].cls >= LINK_B && link_related(&e[i], "host"))
            *servers += servers_of(l, e[i].to);
    }
    return *pods || *servers;
}

enum why_state link_state(const struct links *l, uint32_t node)
{
    const struct row *r = links_row(l, node);
    enum why_state s = why_state_of(r);
    size_t pods, servers;
    return s == WHY_PLANNED && link_is(r, "nodes") && link_carries(l, node, &pods, &servers) ? WHY_BROKEN : s;
}

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
