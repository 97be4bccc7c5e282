/* The list of port-forwards: kept by the net thread, copied for the owner. */
#include <string.h>

#include "core/core_priv.h"
#include "core/forward.h"
#include "strata/mem.h"

uint32_t core_forward(struct core *c, const struct forward_request *fr)
{
    struct action_request a = {.verb = "port-forward", .row = fr->row, .typed = fr->typed};
    struct request *rq = request_guarded(c, RQ_FORWARD, &a);
    struct str said;
    if (!rq)
        return 0;
    rq->local = fr->local < 0 ? fr->remote : fr->local;
    rq->remote = fr->remote;
    rq->address = mem_strdup(fr->address ? fr->address : "127.0.0.1");
    str_init(&said, 0);
    str_addf(&said, "%s:%d -> %d", rq->address ? rq->address : "", rq->local, rq->remote);
    rq->said = str_take(&said);
    str_release(&said);
    return request_go(c, fr->row->source, rq, rq->address && rq->said);
}

size_t core_forwards(const struct core *cc, struct forward_info *out, size_t max)
{
    struct core *c = (struct core *)(uintptr_t)cc;   /* the lock is not part of the value */
    pthread_mutex_lock(&c->lock);
    size_t n = c->nforwards < max ? c->nforwards : max;
    if (n)
        memcpy(out, c->forwards, n * sizeof *out);
    pthread_mutex_unlock(&c->lock);
    return n;
}

bool forward_set(struct core *c, const struct forward_info *info)
{
    size_t i = 0;
    pthread_mutex_lock(&c->lock);
    while (i < c->nforwards && c->forwards[i].id != info->id)
        i++;
    bool ok = i < c->nforwards || (i < CORE_MAX_FORWARDS && mem_grow(&c->forwards, &c->cap_forwards, i + 1, sizeof *c->forwards));
    if (ok) {
        c->forwards[i] = *info;
        c->nforwards += i == c->nforwards;
    }
    pthread_mutex_unlock(&c->lock);
    return ok;
}

void forward_gone(struct core *c, uint32_t id)
{
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->nforwards; i++)
        if (c->forwards[i].id == id) {
            memmove(c->forwards + i, c->forwards + i + 1, (--c->nforwards - i) * sizeof *c->forwards);
            break;
        }
    pthread_mutex_unlock(&c->lock);
}

void forward_tell(struct request *rq, const struct err *err)
{
    struct event *e = event_new(EV_FORWARD, rq->id, rq->source->info.id);
    if (e && err)
        e->err = *err;
    core_send(rq->core, e);
}
