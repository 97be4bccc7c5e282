/*
 * Logs of one or many containers: a stream each, re-attached when a container restarts or a connection breaks without
 * showing a line twice or losing one; lines go to the UI in batches.
 */
#include "core/kube/logs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

enum { BATCH_MS = 25, BATCH_LINES = 2000, BATCH_BYTES = 512 << 10, RETRY_MS = 500, IDLE_MS = 60000,
       GONE_MS = 15000 /* so long a stream may still say something after its pod was deleted */ };

/* ---- lines to the UI ---- */

static char **copy_origins(const struct logs *l)
{
    char **copy = mem_zalloc((l->norigins + 1) * sizeof *copy);
    for (size_t i = 0; copy && i < l->norigins; i++)
        if (!(copy[i] = mem_strdup(l->origins[i]))) {
            while (i > 0)
                mem_free(copy[--i]);
            mem_free(copy);
            return NULL;
        }
    return copy;
}

static void flush(struct logs *l)
{
    net_timer_cancel(l->op.source->net, l->flush_timer);
    l->flush_timer = NULL;
    if (!l->nlines && !l->lost)
        return;
    char **origins = l->new_origins ? copy_origins(l) : NULL;
    if (l->new_origins && !origins) {
        for (size_t i = 0; i < l->nlines; i++)
            mem_free(l->lines[i].text);
        l->lost += l->nlines;                    /* said with the next batch */
        l->nlines = l->bytes = 0;
        return;
    }
    struct log_line *lines = l->lines;
    size_t n = l->nlines;
    uint64_t lost = l->lost;
    l->lines = NULL;
    l->nlines = l->cap_lines = l->bytes = 0;
    l->lost = 0;
    l->new_origins = false;
    request_log(l->op.rq, lines, n, lost, origins);
}

static void flush_due(void *arg)
{
    struct logs *l = arg;
    l->flush_timer = NULL;
    flush(l);
}

static void add_line(struct logs *l, struct log_line line, const char *text, size_t len)
{
    char *copy = mem_alloc(len + 1);
    if (!copy || !mem_grow(&l->lines, &l->cap_lines, l->nlines + 1, sizeof *l->lines)) {
        mem_free(copy);
        l->lost++;
        return;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    line.text = copy;
    line.len = (uint32_t)len;
    l->lines[l->nlines++] = line;
    l->bytes += len + 64;
    if (l->nlines >= BATCH_LINES || l->bytes >= BATCH_BYTES)
        flush(l);
    else if (!l->flush_timer)
        l->flush_timer = net_timer(l->op.source->net, BATCH_MS, flush_due, l);
}

static void stream_line(void *arg, int64_t time_ns, const char *text, size_t len)
{
    struct log_stream *s = arg;
    int64_t ms = time_ns == LOGLINES_NO_TIME ? CELL_NONE : time_ns >= 0 ? time_ns / 1000000 : -((-time_ns + 999999) / 1000000);
    s->said[0] = '\0';
    s->refused = false;
    add_line(s->l, (struct log_line){.origin = s->origin, .time_ms = ms, .more = s->ll.as_sent && s->ll.more}, text, len);
}

void logs_note(struct logs *l, uint32_t origin, const char *fmt, ...)
{
    char text[420], line[440];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    int n = snprintf(line, sizeof line, "--- %s ---", text);
    add_line(l, (struct log_line){.origin = origin, .time_ms = CELL_NONE, .note = true}, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

/* Once, until a line comes or something else is to be said. */
static void stream_note(struct log_stream *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void stream_note(struct log_stream *s, const char *fmt, ...)
{
    char text[200];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (!strcmp(text, s->said))
        return;
    snprintf(s->said, sizeof s->said, "%s", text);
    logs_note(s->l, s->origin, "%s", text);
}

uint32_t logs_origin(struct logs *l, const char *a, const char *b)
{
    char name[400];
    snprintf(name, sizeof name, "%s%s%s", a, b ? "/" : "", b ? b : "");
    for (size_t i = 0; i < l->norigins; i++)
        if (!strcmp(l->origins[i], name))
            return (uint32_t)i;
    char *copy = mem_strdup(name);
    if (!copy || !mem_grow(&l->origins, &l->cap_origins, l->norigins + 1, sizeof *l->origins)) {
        mem_free(copy);
        return 0;
    }
    l->origins[l->norigins++] = copy;
    l->new_origins = true;
    return (uint32_t)(l->norigins - 1);
}

/* ---- streams ---- */

struct log_stream *logs_stream(struct logs *l, const char *ns, const char *pod, const char *uid, const char *container)
{
    for (struct log_stream *s = l->streams; s; s = s->next)
        if (!strcmp(s->uid, uid) && !strcmp(s->container, container))
            return s;
    struct log_stream *s = mem_zalloc(sizeof *s);
    if (!s)
        return NULL;
    s->l = l;
    s->ns = mem_strdup(ns ? ns : l->ns);
    s->pod = mem_strdup(pod);
    s->uid = mem_strdup(uid);
    s->container = mem_strdup(container);
    s->backoff = (struct net_backoff){.base_ms = 500, .max_ms = 8000};
    loglines_init(&s->ll, stream_line, s);
    s->ll.as_sent = l->op.rq->as_sent;
    s->ll.keep_stamp = l->op.rq->as_sent && l->op.rq->timestamps;
    if (!s->ns || !s->pod || !s->uid || !s->container) {
        l->lost++;
        mem_free(s->ns);
        mem_free(s->pod);
        mem_free(s->uid);
        mem_free(s->container);
        mem_free(s);
        return NULL;
    }
    s->origin = logs_origin(l, pod, container);
    *l->tail = s;
    l->tail = &s->next;
    return s;
}

static void stream_timer(void *arg)
{
    struct log_stream *s = arg;
    s->timer = NULL;
    /* The stream ended by itself; if the pod still says the instance runs, it was only the connection. */
    if (!s->broken && !s->refused && !strcmp(s->seen, s->attached) && (!s->running || s->gone))
        snprintf(s->done, sizeof s->done, "%s", s->attached);
    logs_pump(s->l);
}

static void try_later(struct log_stream *s, int64_t ms)
{
    if (!s->timer)
        s->timer = net_timer(s->l->op.source->net, ms, stream_timer, s);
}

static bool stream_data(void *arg, const char *data, size_t len)
{
    struct log_stream *s = arg;
    s->data_mono_ms = clock_mono_ms();
    loglines_feed(&s->ll, data, len);
    s->l->lost += s->ll.lost;
    s->ll.lost = 0;
    net_backoff_reset(&s->backoff);
    return true;
}

/* ---- pods that went ---- */

static void gone_due(void *arg)
{
    struct log_stream *s = arg;
    struct logs *l = s->l;
    int64_t quiet = clock_mono_ms() - s->data_mono_ms;
    s->gone_timer = NULL;
    if (s->active && quiet < GONE_MS) {
        s->gone_timer = net_timer(l->op.source->net, GONE_MS - quiet, gone_due, s);
        return;
    }
    if (s->active) {                              /* a node that died, a connection half open: nobody writes there */
        kube_op_stop(&l->op, s->call);
        s->call = NULL;
        s->active = false;
        l->nactive--;
        loglines_end(&s->ll);
        s->finished = true;
    }
    logs_pump(l);
}

void logs_gone(struct log_stream *s)
{
    if (s->gone)
        return;
    s->gone = true;
    s->data_mono_ms = clock_mono_ms();
    if (s->active && !s->gone_timer)
        s->gone_timer = net_timer(s->l->op.source->net, GONE_MS, gone_due, s);
}

static void stream_free(struct log_stream *s)
{
    struct net *net = s->l->op.source->net;
    net_timer_cancel(net, s->timer);
    net_timer_cancel(net, s->gone_timer);
    loglines_release(&s->ll);
    mem_free(s->ns);
    mem_free(s->pod);
    mem_free(s->uid);
    mem_free(s->container);
    mem_free(s);
}

/* Of a workload that is followed for days: what is gone and has ended is forgotten. */
static void forget_gone(struct logs *l)
{
    for (struct log_stream **at = &l->streams; *at;) {
        struct log_stream *s = *at;
        if (!s->gone || s->active || s->timer) {
            at = &s->next;
            continue;
        }
        TRACE(kube, "logs", "forgotten: %s/%s", s->pod, s->container);
        *at = s->next;
        stream_free(s);
    }
    l->tail = &l->streams;
    while (*l->tail)
        l->tail = &(*l->tail)->next;
}

/* An answer that is no log: waiting to start, no such instance, no right. */
static void stream_refused(struct log_stream *s, const struct net_reply *r)
{
    struct logs *l = s->l;
    bool follow = l->op.rq->follow;
    loglines_resume(&s->ll);
    s->refused = true;
    if (s->previous && follow && !l->op.rq->previous) {           /* the previous instance's log is not there any more */
        s->previous = false;
        try_later(s, 0);
        return;
    }
    l->last_err = r->err;
    if (!follow || r->status == 403 || r->status == 401) {
        s->finished = true;
        if (!l->single || l->streams->next)
            stream_note(s, "%.180s", r->err.msg);
        return;
    }
    if (r->status == 404) {
        if (s->gone)
            s->finished = true;
        else
            try_later(s, net_backoff_next(&s->backoff) + RETRY_MS);
        return;
    }
    stream_note(s, "%.180s", r->err.msg);
    try_later(s, net_backoff_next(&s->backoff) + RETRY_MS);
}

static void stream_done(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct log_stream *s = arg;
    struct logs *l = (struct logs *)op;
    s->active = false;
    s->call = NULL;
    l->nactive--;
    if (r->status >= 400) {
        stream_refused(s, r);
    } else if (r->err.code != ERR_OK) {
        s->broken = true;
        if (op->rq->follow) {
            loglines_resume(&s->ll);
            stream_note(s, "connection lost (%.120s), resuming", r->err.msg);
            try_later(s, net_backoff_next(&s->backoff));
        } else {
            loglines_end(&s->ll);
            l->last_err = r->err;
            s->finished = true;
            stream_note(s, "incomplete: %.150s", r->err.msg);
        }
    } else {
        loglines_end(&s->ll);
        s->refused = s->broken = false;
        if (s->previous && !op->rq->previous) {
            s->previous = false;
            try_later(s, 0);
        } else if (op->rq->follow && !op->rq->previous) {
            try_later(s, RETRY_MS);
        } else {
            s->finished = true;
        }
    }
    logs_pump(l);
}

/* Where to start: what the user asked for the first time, then behind the newest line. */
static void add_start(struct log_stream *s, struct str *path)
{
    const struct request *rq = s->l->op.rq;
    char when[40];
    int64_t from_ms = CELL_NONE;
    if (s->ll.last_ns != LOGLINES_NO_TIME)
        from_ms = s->ll.last_ns / 1000000;
    else if (s->opened && rq->tail == 0)
        from_ms = s->opened_ms;
    if (from_ms != CELL_NONE) {
        text_format_time(when, sizeof when, from_ms - from_ms % 1000);
        str_adds(path, "&sinceTime=");
        str_add_urlenc(path, when);
        loglines_resume(&s->ll);
        return;
    }
    if (rq->since_s > 0)
        str_addf(path, "&sinceSeconds=%" PRId64, rq->since_s);
    if (rq->tail >= 0 && !s->fresh && !s->opened)
        str_addf(path, "&tailLines=%" PRId64, rq->tail);
}

static void attach(struct log_stream *s)
{
    struct logs *l = s->l;
    const struct request *rq = l->op.rq;
    struct err err;
    struct str path;
    str_init(&path, 0);
    /* The connection broke and meanwhile a new instance runs: first what the old one still wrote. */
    if (s->broken && s->attached[0] && strcmp(s->attached, s->seen) != 0)
        s->previous = true;
    s->broken = false;
    bool previous = rq->previous || s->previous, follow = rq->follow && !previous;
    kube_path(&path, kind_find("pods"), s->ns, s->pod, "log");
    str_adds(&path, "?container=");
    str_add_urlenc(&path, s->container);
    str_addf(&path, "&timestamps=true%s%s", follow ? "&follow=true" : "", previous ? "&previous=true" : "");
    add_start(s, &path);
    struct kube_req req = {.path = path.data, .accept = "*/*", .timeout_ms = -1, .idle_timeout_ms = follow ? 0 : IDLE_MS,
                           .on_data = stream_data, .arg = s};
    snprintf(s->attached, sizeof s->attached, "%s", s->seen);
    s->active = true;
    l->nactive++;
    if (!s->opened)
        s->opened_ms = kube_now_ms(l->op.ks);
    s->opened = true;
    if (path.failed || !kube_op_send(&l->op, &req, stream_done, s, &s->call, &err)) {
        s->active = false;
        l->nactive--;
        try_later(s, 1000);
    }
    str_release(&path);
}

/* ---- what to do next ---- */

static bool wants(const struct log_stream *s)
{
    const struct request *rq = s->l->op.rq;
    if (s->active || s->finished || s->timer)
        return false;
    if (!rq->follow || rq->previous)
        return true;
    return s->seen[0] && strcmp(s->seen, s->done) != 0 && !(s->gone && s->opened);
}

static bool settled(const struct log_stream *s)
{
    if (s->finished)
        return true;
    if (s->active || s->timer)
        return false;
    return s->gone || (s->pod_done && !wants(s));
}

static void maybe_end(struct logs *l)
{
    const struct request *rq = l->op.rq;
    size_t n = 0;
    for (const struct log_stream *s = l->streams; s; s = s->next, n++)
        if (!settled(s))
            return;
    bool once = !rq->follow || rq->previous;
    if (!l->listed || (!once && !l->single))
        return;
    if (!n && l->last_err.code != ERR_OK) {
        kube_op_end(&l->op, NULL, 0, &l->last_err);
    } else if (!l->got_pod && once && rq->selector) {
        request_note(l->op.rq, "No resources found%s%s%s", *l->ns ? " in " : "", l->ns, *l->ns ? " namespace." : "");
        kube_op_end(&l->op, NULL, 0, NULL);
    } else if (!l->got_pod && (once || l->single)) {
        if (l->single)
            kube_op_fail(&l->op, ERR_NOTFOUND, "pod %s/%s does not exist on %s%s", l->ns, rq->name, l->op.source->info.name,
                         rq->uid && *rq->uid ? " any more" : "");
        else
            kube_op_fail(&l->op, ERR_NOTFOUND, "%s %s on %s has no pods", l->op.kind->singular ? l->op.kind->singular : l->op.kind->id,
                         rq->name, l->op.source->info.name);
    } else {
        bool bad = n == 1 && l->last_err.code != ERR_OK && (l->streams->refused || l->streams->broken);
        kube_op_end(&l->op, NULL, 0, bad ? &l->last_err : NULL);
    }
}

void logs_pump(struct logs *l)
{
    struct kube_op *op = &l->op;
    bool once = !op->rq->follow || op->rq->previous;
    unsigned room = once ? 1 : LOGS_STREAMS;
    kube_op_hold(op);
    for (struct log_stream *s = l->streams; s && !op->ended; s = s->next) {
        if (!once && !s->seen[0] && s->waiting[0] && !s->gone)
            stream_note(s, "waiting to start: %s", s->waiting);
        if (!wants(s))
            continue;
        if (l->nactive < room)
            attach(s);
        else if (!once)
            stream_note(s, "not followed yet: %d streams are open already", LOGS_STREAMS);
        else
            break;
    }
    if (!op->ended && !once && !l->single)
        forget_gone(l);
    if (!op->ended && l->listed && !l->streams && !once && !l->single)
        if (!l->norigins)
            logs_note(l, logs_origin(l, op->rq->name, NULL), "no pods yet, waiting for them");
    if (!op->ended)
        maybe_end(l);
    kube_op_drop(op);
}

static void logs_flush(struct kube_op *op)
{
    flush((struct logs *)op);
}

static void logs_release(struct kube_op *op)
{
    struct logs *l = (struct logs *)op;
    struct net *net = op->source->net;
    net_timer_cancel(net, l->flush_timer);
    for (struct log_stream *s = l->streams, *next; s; s = next) {
        next = s->next;
        stream_free(s);
    }
    for (size_t i = 0; i < l->nlines; i++)
        mem_free(l->lines[i].text);
    mem_free(l->lines);
    for (size_t i = 0; i < l->norigins; i++)
        mem_free(l->origins[i]);
    mem_free(l->origins);
    logs_set_release(l);
}

static void resolved(struct kube_op *op)
{
    logs_set_start((struct logs *)op);
}

void kube_logs(struct source *s, struct request *rq)
{
    struct logs *l = kube_op_new(s, rq, sizeof *l, logs_release);
    if (!l)
        return;
    l->op.flush = logs_flush;
    l->tail = &l->streams;
    str_init(&l->query, 0);
    str_init(&l->watch_line, (size_t)16 << 20);
    kube_op_resolve(&l->op, resolved);
}
