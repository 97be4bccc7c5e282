/* Streams between the owner's thread and the net thread: bounded both ways, never lost, never sent twice. */
#include "core/stream.h"

#include <stdatomic.h>
#include <string.h>

#include "core/core_priv.h"
#include "strata/mem.h"

enum { WAIT_MAX = 256 << 10, WAIT_LOW = 64 << 10,        /* towards the server */
       UNREAD_MAX = 1 << 20, UNREAD_LOW = 256 << 10 };   /* towards the owner */

struct chunk {
    struct chunk *next;
    size_t len;
    char data[];
};

struct stream {
    atomic_uint refs;
    struct core *core;
    uint32_t id;
    uint16_t source;
    atomic_size_t waiting, unread;
    _Atomic uint64_t came, went;         /* bytes */
    atomic_bool wants_room, stalled;
    /* net thread */
    const struct stream_side *side;
    void *impl;
    struct chunk *head, **tail;
    bool close_in;
};

struct stream *stream_ref(struct stream *s)
{
    atomic_fetch_add(&s->refs, 1);
    return s;
}

static void wipe_chunk(struct chunk *c)
{
    explicit_bzero(c->data, c->len);     /* what is typed may be a password */
    mem_free(c);
}

void stream_unref(struct stream *s)
{
    if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    for (struct chunk *c; (c = s->head);) {
        s->head = c->next;
        wipe_chunk(c);
    }
    mem_free(s);
}

/* ---- net thread ---- */

static void tell(struct stream *s, enum stream_part part, char *text, size_t len)
{
    struct event *e = event_new(EV_STREAM, s->id, s->source);
    if (!e) {
        mem_free(text);
        core_starve(s->core);
        return;
    }
    e->stream = stream_ref(s);
    e->stream_part = part;
    e->text = text;
    e->len = len;
    core_send(s->core, e);
}

void stream_room(struct stream *s)
{
    while (s->side && s->head && s->side->write(s->impl, s->head->data, s->head->len)) {
        struct chunk *c = s->head;
        s->head = c->next;
        if (!s->head)
            s->tail = &s->head;
        atomic_fetch_add(&s->went, c->len);
        size_t left = atomic_fetch_sub(&s->waiting, c->len) - c->len;
        wipe_chunk(c);
        if (left <= WAIT_LOW && atomic_exchange(&s->wants_room, false))
            tell(s, STREAM_ROOM, NULL, 0);
    }
    if (s->side && !s->head && s->close_in) {
        s->close_in = false;
        s->side->close_in(s->impl);
    }
}

void stream_bind(struct stream *s, const struct stream_side *side, void *impl)
{
    s->side = side;
    s->impl = impl;
}

void stream_unbind(struct stream *s)
{
    s->side = NULL;
    s->impl = NULL;
}

void stream_opened(struct stream *s, bool keys)
{
    tell(s, keys ? STREAM_OPEN : STREAM_OPEN_PLAIN, NULL, 0);
    stream_room(s);
}

void stream_bytes(struct stream *s, enum stream_part part, const char *data, size_t len)
{
    char *text = len ? mem_alloc(len + 1) : NULL;
    if (!text) {
        if (len)
            core_starve(s->core);
        return;
    }
    memcpy(text, data, len);
    text[len] = '\0';
    size_t unread = atomic_fetch_add(&s->unread, len) + len;
    atomic_fetch_add(&s->came, len);
    tell(s, part, text, len);
    if (unread > UNREAD_MAX && s->side) {
        s->side->pause(s->impl, true);
        atomic_store(&s->stalled, true);
        if (atomic_load(&s->unread) <= UNREAD_LOW && atomic_exchange(&s->stalled, false))
            s->side->pause(s->impl, false);      /* it was all read meanwhile: nobody will say so again */
    }
}

struct order {
    struct stream *s;
    enum { O_WRITE, O_CLOSE_IN, O_RESIZE, O_RESUME } what;
    int cols, rows;
    struct chunk *chunk;
};

static void drop_order(void *arg)
{
    struct order *o = arg;
    if (o->chunk)
        wipe_chunk(o->chunk);
    stream_unref(o->s);
    mem_free(o);
}

static void do_order(void *arg)
{
    struct order *o = arg;
    struct stream *s = o->s;
    switch (o->what) {
    case O_WRITE:
        o->chunk->next = NULL;
        *s->tail = o->chunk;
        s->tail = &o->chunk->next;
        o->chunk = NULL;
        stream_room(s);
        break;
    case O_CLOSE_IN:
        s->close_in = true;
        stream_room(s);
        break;
    case O_RESIZE:
        if (s->side)
            s->side->resize(s->impl, o->cols, o->rows);
        break;
    case O_RESUME:
        if (s->side)
            s->side->pause(s->impl, false);
        break;
    }
    drop_order(o);
}

static bool order(struct stream *s, int what, int cols, int rows, struct chunk *chunk)
{
    struct order *o = mem_alloc(sizeof *o);
    if (!o)
        return false;
    *o = (struct order){.s = stream_ref(s), .what = what, .cols = cols, .rows = rows, .chunk = chunk};
    if (core_post(s->core, do_order, drop_order, o))
        return true;
    o->chunk = NULL;
    drop_order(o);
    return false;
}

/* ---- owner's thread ---- */

void stream_event_freed(struct event *e)
{
    struct stream *s = e->stream;
    size_t left = atomic_fetch_sub(&s->unread, e->len) - e->len;
    if (left <= UNREAD_LOW && atomic_exchange(&s->stalled, false) && !order(s, O_RESUME, 0, 0, NULL))
        atomic_store(&s->stalled, true);
    stream_unref(s);
}

static bool copy_command(struct request *rq, const char *const *command, const char *note)
{
    size_t n = 0;
    struct str said;
    while (command && command[n])
        n++;
    if (!n)
        return true;
    rq->command = mem_zalloc((n + 1) * sizeof *rq->command);
    for (size_t i = 0; rq->command && i < n; i++)
        if (!(rq->command[i] = mem_strdup(command[i])))
            return false;
    str_init(&said, 0);
    bool ok = rq->command && command_said(&said, command) && (!note || str_addf(&said, " (%s)", note));
    rq->said = ok ? str_take(&said) : NULL;
    str_release(&said);
    return rq->said != NULL;
}

struct stream *core_stream_open(struct core *c, const struct stream_request *sr)
{
    struct stream *s = mem_zalloc(sizeof *s);
    const char *pack[] = {"tar", "cf", "-", "-C", sr->dir, "--", sr->path, NULL};
    const char *const *command = sr->kind == STREAM_DOWNLOAD ? pack : sr->command;
    struct action_request a = {.verb = core_stream_verb(sr->kind), .row = sr->row, .typed = sr->typed};
    struct request *rq = s ? request_guarded(c, RQ_STREAM, &a) : NULL;
    if (!rq) {
        mem_free(s);
        return NULL;
    }
    atomic_init(&s->refs, 2);            /* the owner's, the request's */
    s->core = c;
    s->id = rq->id;
    s->source = sr->row->source;
    s->tail = &s->head;
    rq->stream = s;
    rq->tty = sr->tty;
    rq->in = sr->in;
    rq->cols = sr->cols;
    rq->rows = sr->rows;
    bool ok = copy_command(rq, command, sr->note) && (!sr->container || (rq->container = mem_strdup(sr->container)));
    if (!ok || !request_go(c, sr->row->source, rq, ok)) {
        stream_unref(s);
        return NULL;
    }
    return s;
}

const char *core_stream_verb(enum stream_kind kind)
{
    static const char *const verbs[] = {[STREAM_EXEC] = "exec", [STREAM_ATTACH] = "attach", [STREAM_UPLOAD] = "upload", [STREAM_DOWNLOAD] = "download"};
    return verbs[kind];
}

uint64_t stream_came(const struct stream *s)
{
    return atomic_load(&s->came);
}

uint64_t stream_went(const struct stream *s)
{
    return atomic_load(&s->went);
}

uint32_t core_stream_id(const struct stream *s)
{
    return s->id;
}

size_t core_stream_write(struct stream *s, const void *data, size_t len)
{
    size_t waiting = atomic_load(&s->waiting);
    size_t room = waiting < WAIT_MAX ? WAIT_MAX - waiting : 0, n = len < room ? len : room;
    if (n < len)
        atomic_store(&s->wants_room, true);
    if (n < len && atomic_load(&s->waiting) <= WAIT_LOW && atomic_exchange(&s->wants_room, false))
        return core_stream_write(s, data, len);      /* it was emptied meanwhile: nobody will say so again */
    struct chunk *c = n ? mem_alloc(sizeof *c + n) : NULL;
    if (!c)
        return 0;
    c->len = n;
    memcpy(c->data, data, n);
    atomic_fetch_add(&s->waiting, n);
    if (order(s, O_WRITE, 0, 0, c))
        return n;
    atomic_fetch_sub(&s->waiting, n);
    wipe_chunk(c);
    return 0;
}

void core_stream_close_in(struct stream *s)
{
    order(s, O_CLOSE_IN, 0, 0, NULL);
}

void core_stream_resize(struct stream *s, int cols, int rows)
{
    order(s, O_RESIZE, cols, rows, NULL);
}

void core_stream_free(struct stream *s)
{
    if (!s)
        return;
    core_cancel(s->core, s->id);
    stream_unref(s);
}
