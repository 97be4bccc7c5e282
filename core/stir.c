/* What moved in Kubernetes tells that something of OpenStack moved with it, which is polled: it is asked for soon, not at its next turn. */
#include <string.h>

#include "core/core_priv.h"
#include "core/kube/kube_kind.h"

/* A row of this kind came, went, is on its way out, or says something else in that column. */
static const struct { const char *kind, *group, *column, *stirs; } beside[] = {
    {"volumeattachments", "storage.k8s.io", "is-attached", "volume"},
    {"nodes", "", "status", "server"},
};
#define BESIDES (sizeof beside / sizeof *beside)

struct moved { const char *column; const struct row *was; bool yes; };

static size_t of_kind(const struct kind *k)
{
    size_t i = 0;
    while (i < BESIDES && (!k || !k->kube || strcmp(k->kube->resource, beside[i].kind) != 0 || strcmp(k->kube->group, beside[i].group) != 0))
        i++;
    return i;
}

static void removed(void *arg, const struct row *r)
{
    struct moved *m = arg;
    m->yes |= m->was != NULL;               /* the one before did not come again */
    m->was = r;
}

/* A changed row is removed, then added. */
static void added(void *arg, const struct row *r)
{
    struct moved *m = arg;
    const struct row *was = m->was;
    m->was = NULL;
    m->yes |= !was || strcmp(was->uid, r->uid) != 0 || ((was->flags ^ r->flags) & ROW_DELETING) || strcmp(row_column(was, m->column), row_column(r, m->column)) != 0;
}

void feed_stir(struct feed *f, const struct snap *now)
{
    struct core *c = f->source->core;
    size_t at = of_kind(f->kind);
    if (at == BESIDES || !f->told || snap_status(f->told)->state != FEED_LIVE || snap_status(now)->state != FEED_LIVE)
        return;
    struct moved m = {.column = beside[at].column};
    snap_diff(f->told, now, removed, added, &m);
    for (size_t i = 0; (m.yes || m.was) && i < c->nsources; i++)
        if (c->source[i]->ops->stir)
            c->source[i]->ops->stir(c->source[i], beside[at].stirs);
}
