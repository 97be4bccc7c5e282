/* os-services: what one API and its workers show: rows come, change, go, or stay as they were read last. */
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/services_board.h"
#include "strata/text.h"

void svc_put_head(struct svc_group *g)
{
    const struct ostk_service *s = ostk_find_service(g->b->os, g->type);
    struct rowbuf *rb = store_rowbuf(g->b->f->store);
    struct svc_head h = {.type = g->type, .group = g->order, .known = g->asked, .reachable = g->reachable,
                         .err = &g->err, .latency_ms = g->latency_ms, .seen_ms = g->seen_ms, .version = g->version, .hidden = g->hidden};
    char url[1024];
    if (s) {
        h.name = s->name;
        h.endpoint = s->endpoint ? text_url(url, sizeof url, s->endpoint) : NULL;
    } else if (!strcmp(g->type, "identity")) {
        h.endpoint = text_url(url, sizeof url, g->b->os->conf.auth_url);
    }
    if (g->unseen)
        h.unseen = "no endpoint for system scope: its URL needs a project";
    rowbuf_begin(rb, g->b->f->kind);
    svc_head_row(rb, &h);
    store_put(g->b->f->store, rowbuf_finish(rb));
}

void svc_drop_workers(struct svc_group *g)
{
    const struct map_entry *e;
    for (size_t i = 0; (e = map_next(&g->uids, &i)); )
        store_delete(g->b->f->store, e->key);
    map_release(&g->uids);
    map_init(&g->uids, NULL);
}

void svc_mark_stale(struct svc_group *g)
{
    const struct map_entry *e;
    struct store *st = g->b->f->store;
    if (g->stale)
        return;
    g->stale = true;
    for (size_t i = 0; (e = map_next(&g->uids, &i)); ) {
        const struct row *r = store_get(st, e->key);
        struct rowbuf *rb = store_rowbuf(st);
        if (!r)
            continue;
        rowbuf_begin(rb, g->b->f->kind);
        svc_stale_row(rb, r);
        store_put(st, rowbuf_finish(rb));
    }
}

/* Did its state change, not only its heartbeat? */
static bool differs(const struct row *old, const struct row *now)
{
    static const int cols[] = {SVC_STATE, SVC_STATUS};
    for (size_t i = 0; i < sizeof cols / sizeof *cols; i++) {
        const char *a = old->cell[cols[i]].s, *b = now->cell[cols[i]].s;
        if (strcmp(a ? a : "", b ? b : ""))
            return true;
    }
    return false;
}

static void put_worker(struct svc_group *g, const json_t *item, struct map *now)
{
    struct store *st = g->b->f->store;
    struct svc_worker w = {.seen_ms = CELL_NONE, .created_ms = CELL_NONE};
    struct rowbuf *rb = store_rowbuf(st);
    if (!g->api->worker(&w, item))
        return;
    w.networks = svc_dhcp_networks(&g->networks, w.id);
    rowbuf_begin(rb, g->b->f->kind);
    if (!svc_worker_row(rb, g->type, g->order, &w))
        return;
    struct row *r = rowbuf_finish(rb);
    if (!r)
        return;
    const struct row *old = store_get(st, r->uid);
    if (g->complete && (!old || differs(old, r)))
        svc_moved(g->b);
    map_put(now, r->uid, g);
    store_put(st, r);
}

void svc_put_workers(struct svc_group *g)
{
    struct map now;
    const struct map_entry *e;
    json_t *item;
    size_t i;
    map_init(&now, NULL);
    json_array_foreach(g->workers, i, item)
        put_worker(g, item, &now);
    g->empty = i == 0;
    for (size_t at = 0; (e = map_next(&g->uids, &at)); )
        if (!map_get(&now, e->key)) {
            store_delete(g->b->f->store, e->key);
            svc_moved(g->b);
        }
    map_release(&g->uids);
    g->uids = now;
    g->stale = false;
}
