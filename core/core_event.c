/* Events from core to its owner: made on the net thread, moved through one mailbox. */
#include <string.h>

#include "core/core_priv.h"
#include "strata/graph.h"
#include "strata/mem.h"
#include "strata/ops.h"
#include "strata/stage.h"
#include "core/stream.h"

struct event *event_new(enum event_type type, uint32_t id, uint16_t source)
{
    struct event *e = mem_zalloc(sizeof(*e));
    if (e) {
        e->type = type;
        e->id = id;
        e->source = source;
    }
    return e;
}

void core_starve(struct core *c)
{
    atomic_store(&c->starved, true);
    mbox_wake(&c->events);
}

bool core_starved(struct core *c)
{
    return atomic_exchange(&c->starved, false);
}

void core_send(struct core *c, struct event *e)
{
    if (!e)
        core_starve(c);
    else if (!mbox_send(&c->events, &e->link))
        event_free(e);
}

int core_event_fd(const struct core *c)
{
    return c->events.fd;
}

struct event *core_next_event(struct core *c)
{
    if (!c->pending)
        c->pending = (struct event *)mbox_take(&c->events);
    struct event *e = c->pending;
    if (!e)
        return NULL;
    c->pending = (struct event *)e->link.next;
    e->link.next = NULL;
    if (e->type == EV_SOURCES)
        atomic_store(&c->sources_told, false);
    if (e->type == EV_OPS)
        atomic_fetch_sub(&c->ops_told, 1);
    return e;
}

static void free_strings(char **list)
{
    for (char **p = list; p && *p; p++)
        mem_free(*p);
    mem_free(list);
}

void event_free(struct event *e)
{
    if (!e)
        return;
    if (e->backlog)
        atomic_fetch_sub((atomic_size_t *)e->backlog, e->len);
    snap_unref(e->snap);
    mem_free(e->text);
    for (size_t i = 0; i < e->nlines; i++)
        mem_free(e->lines[i].text);
    mem_free(e->lines);
    free_strings(e->origins);
    free_strings(e->names);
    stage_snap_unref(e->stage);
    if (e->stream)
        stream_event_freed(e);
    graph_unref(e->graph);
    op_view_unref(e->op);
    op_left_free(e->left, e->nleft);
    mem_free(e);
}
