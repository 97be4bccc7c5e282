/* Calls of either plane: what is common is the answer's request id and the end that comes once. */
#include "core/call.h"

#include <string.h>

#include "core/source.h"
#include "strata/mem.h"
#include "strata/text.h"

struct call {
    struct source *source;
    void *handle;                 /* the plane's; NULL before it is known and after the end */
    void (*done)(void *arg, const struct call_reply *r);
    void *arg;
    bool starting, ended;
};

static void request_id(const struct net_reply *r, struct str *out)
{
    static const char *const headers[] = {"X-Openstack-Request-Id", "X-Compute-Request-Id", "Openstack-Request-Id", "Audit-Id"};
    const char *id = NULL;
    for (size_t i = 0; r->call && !id && i < sizeof(headers) / sizeof(headers[0]); i++)
        id = net_header(r->call, headers[i]);
    if (id)
        text_clean(out, id, strnlen(id, 100), 0);
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct call *c = arg;
    struct str id;
    str_init(&id, 1024);
    request_id(r, &id);
    struct call_reply reply = {.net = r, .request_id = id.data};
    c->handle = NULL;
    c->ended = true;
    c->done(c->arg, &reply);
    str_release(&id);
    if (!c->starting)
        mem_free(c);
}

struct call *source_call(struct source *s, const struct call_req *rq, struct err *err)
{
    struct call *c = s->ops->call ? mem_zalloc(sizeof(*c)) : NULL;
    if (!c) {
        err_set(err, s->ops->call ? ERR_NOMEM : ERR_UNSUPPORTED, 0, s->ops->call ? "out of memory" : "this source takes no calls");
        return NULL;
    }
    *c = (struct call){.source = s, .done = rq->done, .arg = rq->arg, .starting = true};
    void *handle = s->ops->call(s, rq, on_done, c, err);
    c->starting = false;
    if (handle && !c->ended) {
        c->handle = handle;
        return c;
    }
    bool ended = c->ended;
    mem_free(c);
    /* An end before the start was over would be told twice: planes end from the loop. */
    if (ended)
        err_set(err, ERR_CANCELED, 0, "ended before it began");
    return NULL;
}

void call_cancel(struct call *c)
{
    if (c && c->handle)
        c->source->ops->call_cancel(c->source, c->handle);
}

const char *source_microversion(struct source *s, const char *service)
{
    return s->ops->microversion && service ? s->ops->microversion(s, service) : "";
}
