/* Wiring only: threads, sources' public state, teardown. Feeds and requests are in files of their own. */
#include "strata/core.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "core/core_priv.h"
#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

#define INFO_MS 100     /* the header needs no more often */

bool core_post(struct core *c, void (*fn)(void *), void (*drop)(void *), void *arg)
{
    return net_post(c->net, fn, drop, arg);
}

/* ---- what the UI knows of sources ---- */

static void tell_sources(struct core *c)
{
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->nsources; i++) {
        struct source_info *in = &c->source[i]->info, *out = &c->info[i];
        uint16_t id = out->id;
        bool ro = out->read_only, pr = out->protected_;
        *out = *in;
        out->id = id;
        out->read_only = ro;
        out->protected_ = pr;
    }
    pthread_mutex_unlock(&c->lock);
    if (!atomic_exchange(&c->sources_told, true)) {
        struct event *e = event_new(EV_SOURCES, 0, 0);
        if (!e)
            atomic_store(&c->sources_told, false);
        core_send(c, e);
    }
}

static void info_due(void *arg)
{
    struct core *c = arg;
    c->info_timer = NULL;
    tell_sources(c);
}

void source_changed(struct source *s)
{
    struct core *c = s->core;
    core_assert_net(c);
    if (!c->info_timer)
        c->info_timer = net_timer(c->net, INFO_MS, info_due, c);
}

static void notice(struct core *c, uint32_t id, const struct source *s, enum health h, int64_t time_ms, const char *fmt, va_list ap)
{
    struct str raw;
    str_init(&raw, 4096);
    str_addv(&raw, fmt, ap);
    struct event *e = event_new(EV_NOTICE, id, s->info.id);
    if (e) {
        e->health = h;
        e->time_ms = time_ms;
        e->text = text_take(&raw);
        e->len = e->text ? strlen(e->text) : 0;
    }
    str_release(&raw);
    core_send(c, e);
}

void source_notice(struct source *s, enum health h, int64_t time_ms, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    notice(s->core, 0, s, h, time_ms, fmt, ap);
    va_end(ap);
}

void request_note(struct request *rq, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    notice(rq->core, rq->id, rq->source, HEALTH_NONE, clock_wall_ms(), fmt, ap);
    va_end(ap);
}

size_t core_sources(const struct core *cc, struct source_info *out, size_t max)
{
    struct core *c = (struct core *)(uintptr_t)cc;   /* the lock is not part of the value */
    pthread_mutex_lock(&c->lock);
    size_t n = c->nsources < max ? c->nsources : max;
    memcpy(out, c->info, n * sizeof(*out));
    pthread_mutex_unlock(&c->lock);
    return n;
}

const char *core_searched(const struct core *c)
{
    return c->searched.data;
}

const char *core_problems(const struct core *c)
{
    return c->problems.data;
}

/* ---- pace ---- */

struct idle {
    struct core *core;
    bool idle;
};

static void do_idle(void *arg)
{
    struct idle *m = arg;
    for (size_t i = 0; i < m->core->nsources; i++) {
        struct source *s = m->core->source[i];
        if (s->ops->set_idle)
            s->ops->set_idle(s, m->idle);
    }
    mem_free(m);
}

void core_set_idle(struct core *c, bool idle)
{
    struct idle *m = mem_alloc(sizeof(*m));
    if (!m)
        return;
    *m = (struct idle){.core = c, .idle = idle};
    if (!core_post(c, do_idle, mem_free, m))
        mem_free(m);
}

/* ---- life ---- */

static void do_start(void *arg)
{
    struct core *c = arg;
    for (size_t i = 0; i < c->nsources; i++) {
        struct source *s = c->source[i];
        s->started = true;
        s->ticker = c->opt->ticker;
        s->ops->start(s);
    }
    tell_sources(c);
}

static void do_stop(void *arg)
{
    struct core *c = arg;
    c->closing = true;
    stages_close_all(c);
    ops_close_all(c);
    requests_cancel_all(c);
    feeds_close_all(c);
    /* Rows in snaps nobody will read point at kinds that belong to their sources. The owner waits in core_free. */
    struct event *e;
    mbox_close(&c->events);
    while ((e = core_next_event(c)))
        event_free(e);
    for (size_t i = 0; i < c->nsources; i++)
        c->source[i]->ops->free(c->source[i]);
    net_timer_cancel(c->net, c->info_timer);
    c->info_timer = NULL;
    mem_free(c->forwards);
    audit_close(c->audit);
    c->audit = NULL;
    sem_post(&c->stopped);
}

static void release(struct core *c)
{
    ops_free(c);
    net_free(c->net);
    mbox_release(&c->events);
    pthread_mutex_destroy(&c->lock);
    seen_free(c);
    sem_destroy(&c->stopped);
    sem_destroy(&c->errand_over);
    str_release(&c->searched);
    str_release(&c->unopened);
    str_release(&c->problems);
    mem_free(c);
}

struct core *core_new(const struct options *opt, struct err *err)
{
    if (!net_global_init(err))
        return NULL;
    struct core *c = mem_zalloc(sizeof(*c));
    if (!c) {
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    c->opt = opt;
    atomic_init(&c->next_id, 1);
    atomic_init(&c->sources_told, false);
    atomic_init(&c->ops_told, 0);
    atomic_init(&c->log_bytes, 0);
    pthread_mutex_init(&c->lock, NULL);
    sem_init(&c->stopped, 0, 0);
    sem_init(&c->errand_over, 0, 0);
    str_init(&c->searched, 65536);
    str_init(&c->unopened, 2048);
    str_init(&c->problems, 65536);
    if (!mbox_init(&c->events, NULL, NULL)) {
        err_set(err, ERR_IO, 0, "no event descriptor: too many open files?");
        mem_free(c);
        return NULL;
    }
    c->net = net_new(err);
    if (c->net)
        net_set_patience(c->net, opt->request_timeout_s * 1000);
    if (!c->net) {
        mbox_release(&c->events);
        mem_free(c);
        return NULL;
    }
    c->audit = audit_open();
    c->ops = ops_new();
    if (!c->ops || sources_build(c, err) || !core_post(c, do_start, NULL, c) || (!opt->single_thread && !net_start(c->net, err))) {
        if (err && !err->code)
            err_set(err, ERR_NOMEM, 0, "out of memory");
        do_stop(c);
        release(c);
        return NULL;
    }
    return c;
}

void core_step(struct core *c, int max_wait_ms)
{
    net_step(c->net, max_wait_ms);
}

void core_free(struct core *c)
{
    if (!c)
        return;
    if (!c->opt->single_thread)
        errands_wait(c);
    if (c->opt->single_thread) {
        do_stop(c);
    } else if (net_post(c->net, do_stop, NULL, c)) {
        while (sem_wait(&c->stopped)) {
        }
        net_stop(c->net);
    } else {
        net_stop(c->net);
        do_stop(c);
    }
    release(c);
}
