/* Jobs on a worker whose result is an event. They may read rows, whose kinds go with their sources: core_free waits for them. */
#include "strata/errand.h"

#include "core/core_priv.h"
#include "strata/mem.h"
#include "strata/net.h"

enum { WAITS, BEGUN, UNWANTED };
struct errand {
    struct core *core;
    struct event *event;
    void (*make)(void *arg, struct event *e);
    void (*release)(void *arg);
    void *arg;
    uint32_t id;
    atomic_int state;
    atomic_uint refs;           /* the owner's and the job's */
};

static void unref(struct errand *b)
{
    if (atomic_fetch_sub(&b->refs, 1) != 1)
        return;
    event_free(b->event);
    mem_free(b);
}

static bool take(struct errand *b, int state)
{
    int waits = WAITS;
    return atomic_compare_exchange_strong(&b->state, &waits, state);
}

static void finish(struct errand *b, bool made)
{
    struct event *e = b->event;
    b->event = NULL;
    if (made)
        b->make(b->arg, e);
    else
        err_set(&e->err, ERR_NOMEM, 0, "out of memory");
    b->release(b->arg);
    core_send(b->core, e);
}

static void work(void *arg)
{
    struct errand *b = arg;
    if (take(b, BEGUN))
        finish(b, true);
    sem_post(&b->core->errand_over);
}

static void worked(void *arg) { unref(arg); }

static void begin(void *arg)
{
    struct errand *b = arg;
    if (net_work(b->core->net, work, worked, b))
        return;
    if (take(b, BEGUN))
        finish(b, false);
    sem_post(&b->core->errand_over);
    unref(b);
}

static void drop(void *arg)
{
    struct errand *b = arg;
    if (take(b, UNWANTED))
        b->release(b->arg);
    unref(b);
}

struct errand *errand_begin(struct core *c, enum event_type type, uint32_t id, void (*make)(void *arg, struct event *e), void (*release)(void *arg), void *arg)
{
    struct errand *b = mem_zalloc(sizeof *b);
    if (!b)
        return NULL;
    *b = (struct errand){.core = c, .make = make, .release = release, .arg = arg, .id = id ? id : atomic_fetch_add(&c->next_id, 1)};
    atomic_init(&b->state, WAITS);
    atomic_init(&b->refs, 2);
    b->event = event_new(type, b->id, 0);
    if (!b->event || !core_post(c, begin, drop, b)) {
        event_free(b->event);
        mem_free(b);
        return NULL;
    }
    c->errands++;
    return b;
}

uint32_t errand_id(const struct errand *b) { return b ? b->id : 0; }

void errand_leave(struct errand *b)
{
    if (!b)
        return;
    if (take(b, UNWANTED))
        b->release(b->arg);
    unref(b);
}

void errands_wait(struct core *c)
{
    for (; c->errands; c->errands--)
        while (sem_wait(&c->errand_over))
            continue;
}
