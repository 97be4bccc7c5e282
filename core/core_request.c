/* Requests: copied on the owner's thread, carried out by the source on the net thread, ended by one event. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/core_priv.h"
#include "core/ops/guard.h"
#include "core/stream.h"
#include "strata/clock.h"
#include "strata/mem.h"

static void request_free(struct request *rq)
{
    mem_free(rq->kind_name);
    mem_free(rq->uid);
    mem_free(rq->name);
    mem_free(rq->scope);
    mem_free(rq->selector);
    mem_free(rq->fields);
    mem_free(rq->container);
    mem_free(rq->verb);
    for (char **w = rq->command; w && *w; w++)
        mem_free(*w);
    mem_free(rq->command);
    mem_free(rq->said);
    mem_free(rq->address);
    stream_unref(rq->stream);
    event_free(rq->last);
    mem_free(rq);
}

static enum event_type end_event(const struct request *rq)
{
    switch (rq->type) {
    case RQ_LOGS: return EV_LOG_END;
    case RQ_STREAM: case RQ_FORWARD: return EV_DONE;
    case RQ_KINDS: return EV_NAMES;
    default: return EV_TEXT;
    }
}

static bool audited(const struct request *rq)
{
    return rq->type == RQ_STREAM || rq->type == RQ_FORWARD;
}

static void unlink_request(struct request *rq)
{
    struct request **at = &rq->core->requests;
    while (*at && *at != rq)
        at = &(*at)->next;
    if (*at)
        *at = rq->next;
}

static void end(struct request *rq, char *text, size_t len, char **names, const struct err *err)
{
    struct core *c = rq->core;
    core_assert_net(c);
    if (audited(rq))
        audit_outcome(c->audit, rq, text, err);
    if (rq->inside) {
        if (rq->done)
            rq->done(rq->done_arg, rq, text, err);
        for (char **n = names; n && *n; n++)
            mem_free(*n);
        mem_free(names);
        mem_free(text);
        unlink_request(rq);
        request_free(rq);
        return;
    }
    struct event *e = rq->last;     /* made with the request: its end cannot be lost for want of memory */
    rq->last = NULL;
    e->source = rq->source->info.id;
    e->lost = rq->lost;
    e->exit_code = rq->exit_code;
    if (err)
        e->err = *err;
    e->text = text;
    e->len = len;
    e->names = names;
    core_send(c, e);
    unlink_request(rq);
    request_free(rq);
}

void request_end(struct request *rq, char *text, size_t len, const struct err *err)
{
    end(rq, text, len, NULL, err);
}

void request_end_names(struct request *rq, char **names, const struct err *err)
{
    end(rq, NULL, 0, names, err);
}

/* What a reader has not taken yet is bounded: beyond, lines are dropped and counted. */
#define LOG_BACKLOG ((size_t)64 << 20)

static size_t log_cost(const struct log_line *lines, size_t n)
{
    size_t bytes = n * (sizeof(*lines) + 16);
    for (size_t i = 0; i < n; i++)
        bytes += lines[i].len;
    return bytes;
}

void request_log(struct request *rq, struct log_line *lines, size_t n, uint64_t lost, char **origins)
{
    struct core *c = rq->core;
    rq->lost += lost;
    if (n && atomic_load(&c->log_bytes) > LOG_BACKLOG) {
        rq->lost += n;
        for (size_t i = 0; i < n; i++)
            mem_free(lines[i].text);
        mem_free(lines);
        lines = NULL;
        n = 0;
        if (!origins)
            return;
    }
    struct event *e = event_new(EV_LOG, rq->id, rq->source->info.id);
    if (!e) {
        rq->lost += n;
        for (size_t i = 0; i < n; i++)
            mem_free(lines[i].text);
        mem_free(lines);
        for (char **p = origins; p && *p; p++)
            mem_free(*p);
        mem_free(origins);
        return;
    }
    e->lines = lines;
    e->nlines = n;
    e->origins = origins;
    if (n) {
        e->lost = rq->lost;
        rq->lost = 0;
        e->backlog = &c->log_bytes;
        e->len = log_cost(lines, n);
        atomic_fetch_add(&c->log_bytes, e->len);
    }
    core_send(c, e);
}

void requests_cancel_all(struct core *c)
{
    struct request **at = &c->requests;
    while (*at) {
        struct request *rq = *at;
        rq->source->ops->cancel(rq->source, rq);
        if (*at == rq)          /* it ends with its source */
            at = &rq->next;
    }
}

/* ---- from the owner's thread ---- */

struct start {
    struct request *rq;
    uint16_t source;
};

static void begin(struct core *c, struct request *rq, uint16_t source)
{
    rq->source = c->source[source];
    rq->next = c->requests;
    c->requests = rq;
    struct err err = ERR_INIT;
    if (c->closing) {
        err_set(&err, ERR_CANCELED, 0, "strata is ending");
        request_end(rq, NULL, 0, &err);
        return;
    }
    /* What cannot be written down is not done. */
    if (audited(rq) && audit_intent(c->audit, rq, &err)) {
        request_end(rq, NULL, 0, &err);
        return;
    }
    rq->source->ops->request(rq->source, rq);
}

static void do_start(void *arg)
{
    struct start st = *(struct start *)arg;
    mem_free(arg);
    begin(st.rq->core, st.rq, st.source);
}

static void drop_start(void *arg)
{
    struct start *st = arg;
    request_free(st->rq);
    mem_free(st);
}

static struct request *request_new(struct core *c, int type)
{
    struct request *rq = mem_zalloc(sizeof(*rq));
    if (!rq)
        return NULL;
    rq->core = c;
    rq->type = type;
    rq->tail = -1;
    rq->id = atomic_fetch_add(&c->next_id, 1);
    rq->last = event_new(end_event(rq), rq->id, 0);
    if (rq->last)
        return rq;
    mem_free(rq);
    return NULL;
}

static uint32_t send_request(struct core *c, uint16_t source, struct request *rq)
{
    struct start *st = source < c->nsources ? mem_alloc(sizeof(*st)) : NULL;
    uint32_t id = rq->id;
    if (st) {
        *st = (struct start){.rq = rq, .source = source};
        if (core_post(c, do_start, drop_start, st))
            return id;
        mem_free(st);
    }
    request_free(rq);
    return 0;
}

/* Optional text: a NULL source is fine, a failed copy is not. */
static bool copy(char **to, const char *from)
{
    *to = mem_strdup(from);
    return *to || !from;
}

void core_info_of(struct core *c, uint16_t source, struct source_info *out)
{
    pthread_mutex_lock(&c->lock);
    *out = c->info[source < c->nsources ? source : 0];
    pthread_mutex_unlock(&c->lock);
}

static struct request *about_row(struct core *c, int type, const struct row *r)
{
    struct request *rq = request_new(c, type);
    if (!rq)
        return NULL;
    rq->kind = r->kind;
    if (copy(&rq->kind_name, r->kind->id) && copy(&rq->uid, r->uid) && copy(&rq->name, r->name) && copy(&rq->scope, r->scope))
        return rq;
    request_free(rq);
    return NULL;
}

uint32_t core_fetch(struct core *c, const struct row *r, enum fetch_what what, unsigned flags)
{
    struct request *rq = about_row(c, RQ_FETCH, r);
    if (!rq)
        return 0;
    rq->what = what;
    rq->flags = flags;
    return send_request(c, r->source, rq);
}

uint32_t core_rollout(struct core *c, const struct row *r, enum fetch_what what, int64_t revision)
{
    struct request *rq = about_row(c, RQ_FETCH, r);
    if (!rq)
        return 0;
    rq->what = what;
    rq->revision = revision;
    return send_request(c, r->source, rq);
}

uint32_t core_list(struct core *c, uint16_t source, const char *kind, const char *ns, const char *selector, const char *fields, bool yaml,
                   unsigned flags)
{
    struct request *rq = request_new(c, RQ_LIST);
    if (!rq)
        return 0;
    rq->yaml = yaml;
    rq->flags = flags;
    if (!copy(&rq->kind_name, kind) || !copy(&rq->scope, ns ? ns : "") || !copy(&rq->selector, selector) || !copy(&rq->fields, fields)) {
        request_free(rq);
        return 0;
    }
    struct source_info info;
    const struct kind *k = kind_find(kind);
    core_info_of(c, source, &info);
    rq->kind = k && k->plane == info.plane ? k : NULL;
    return send_request(c, source, rq);
}

const char *core_list_key(const struct kind *k)
{
    return k && k->plane == PLANE_OPENSTACK ? ostk_list_key(k) : NULL;
}

uint32_t core_complete_kinds(struct core *c, uint16_t source)
{
    struct request *rq = request_new(c, RQ_KINDS);
    return rq ? send_request(c, source, rq) : 0;
}

uint32_t core_doctor(struct core *c, uint16_t source)
{
    struct request *rq = request_new(c, RQ_DOCTOR);
    const struct options *o = c->opt;
    struct str ns;
    str_init(&ns, 65536);
    for (size_t i = 0; i < o->namespaces.count && !o->all_namespaces; i++)
        str_addf(&ns, "%s%s", i ? "," : "", o->namespaces.items[i]);
    if (rq && (o->all_namespaces || o->namespaces.count) && (ns.failed || !(rq->scope = mem_strdup(ns.len ? ns.data : "")))) {
        request_free(rq);
        rq = NULL;
    }
    str_release(&ns);
    return rq ? send_request(c, source, rq) : 0;
}

uint32_t core_logs(struct core *c, const struct log_request *lr)
{
    struct request *rq = about_row(c, RQ_LOGS, lr->row);
    if (!rq)
        return 0;
    rq->follow = lr->follow;
    rq->previous = lr->previous;
    rq->timestamps = lr->timestamps;
    rq->as_sent = lr->as_sent;
    rq->tail = lr->tail;
    rq->since_s = lr->since_s;
    if (!copy(&rq->container, lr->container) || !copy(&rq->selector, lr->selector)) {
        request_free(rq);
        return 0;
    }
    return send_request(c, lr->row->source, rq);
}

/* ---- actions ---- */

enum err_code core_may(struct core *c, const struct action_request *a, struct err *err)
{
    struct source_info info;
    core_info_of(c, a->row->source, &info);
    return guard_may(&info, c->opt, a, err);
}

void core_wanted(struct core *c, const struct action_request *a, struct str *out)
{
    struct source_info info;
    core_info_of(c, a->row->source, &info);
    if (info.protected_ && !guard_reads(a))
        str_adds(out, info.name);
}

struct request *request_guarded(struct core *c, int type, const struct action_request *a)
{
    struct source_info info;
    struct err err = ERR_INIT;
    core_info_of(c, a->row->source, &info);
    enum err_code code = guard_check(&info, c->opt, a, &err);
    struct request *rq = about_row(c, type, a->row);
    if (!rq)
        return NULL;
    rq->exit_code = -1;
    if (code)
        rq->last->err = err;             /* told like every other end */
    if (copy(&rq->verb, a->verb))
        return rq;
    request_free(rq);
    return NULL;
}

uint32_t request_go(struct core *c, uint16_t source, struct request *rq, bool whole)
{
    uint32_t id = rq->id;
    if (whole && !rq->last->err.code)
        return send_request(c, source, rq);
    if (whole) {
        rq->last->source = source;
        rq->last->exit_code = -1;
        core_send(c, rq->last);
        rq->last = NULL;
    }
    request_free(rq);
    return whole ? id : 0;
}

bool core_fetch_inside(struct core *c, const struct row *row, enum fetch_what what,
                       void (*done)(void *arg, const struct request *rq, const char *text, const struct err *err), void *arg)
{
    core_assert_net(c);
    struct request *rq = c->source[row->source]->ops->request ? about_row(c, RQ_FETCH, row) : NULL;
    if (!rq)
        return false;
    rq->what = what;
    rq->inside = true;
    rq->done = done;
    rq->done_arg = arg;
    begin(c, rq, row->source);
    return true;
}

void core_request_forget(struct core *c, const void *arg)
{
    for (struct request *rq = c->requests; rq; rq = rq->next)
        if (rq->inside && rq->done_arg == arg)
            rq->done = NULL;
}

/* ---- cancel ---- */

struct cancel {
    struct core *core;
    uint32_t id;
};

static void do_cancel(void *arg)
{
    struct cancel *m = arg;
    for (struct request *rq = m->core->requests; rq; rq = rq->next) {
        if (rq->id == m->id) {
            rq->source->ops->cancel(rq->source, rq);
            break;
        }
    }
    mem_free(m);
}

void core_cancel(struct core *c, uint32_t id)
{
    struct cancel *m = mem_alloc(sizeof(*m));
    if (!m)
        return;
    *m = (struct cancel){.core = c, .id = id};
    if (!core_post(c, do_cancel, mem_free, m))
        mem_free(m);
}
