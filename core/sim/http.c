/* Requests and replies over libmicrohttpd: split paths, one-shot and growing replies, faults applied in one place. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/sim/sim.h"
#include "core/sim/world_cause.h"
#include "strata/clock.h"

const char *req_query(const struct req *r, const char *key)
{
    return MHD_lookup_connection_value(r->conn, MHD_GET_ARGUMENT_KIND, key);
}

const char *req_header(const struct req *r, const char *key)
{
    return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, key);
}

void req_head(struct req *r, const char *name, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    str_addf(&r->head, "%s: ", name);
    str_addv(&r->head, fmt, ap);
    str_addc(&r->head, '\n');
    va_end(ap);
}

static void add_heads(struct req *r, struct MHD_Response *resp, const char *type)
{
    char date[64];
    struct tm tm;
    time_t t = (time_t)(sim_now(r->sim) / 1000);
    gmtime_r(&t, &tm);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    MHD_add_response_header(resp, "Date", date);
    if (type)
        MHD_add_response_header(resp, "Content-Type", type);
    for (char *p = r->head.len ? r->head.data : NULL; p && *p;) {
        char *end = strchr(p, '\n'), *colon = strchr(p, ':');
        if (!end || !colon)
            break;
        *end = *colon = 0;
        MHD_add_response_header(resp, p, colon + 2);
        p = end + 1;
    }
}

static enum MHD_Result send_response(struct req *r, int status, struct MHD_Response *resp)
{
    r->answered = true;
    r->result = MHD_queue_response(r->conn, (unsigned)status, resp);
    MHD_destroy_response(resp);
    return r->result;
}

/* ---- bodies that are not what they say ---- */
struct body { char *text; size_t len, stop; bool endless; };

static ssize_t cut_read(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct body *b = cls;
    if (b->endless) {
        memset(buf, '0', max);
        return (ssize_t)max;
    }
    if (pos >= b->stop)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (max > b->stop - pos)
        max = b->stop - pos;
    memcpy(buf, b->text + pos, max);
    return (ssize_t)max;
}

static void cut_free(void *cls)
{
    struct body *b = cls;
    free(b->text);
    free(b);
}

static bool spoiled(struct req *r, const char *type, const char *text, size_t len)
{
    struct fault *cut = fault_match(r, FAULT_CUT);
    struct fault *endless = cut ? NULL : fault_match(r, FAULT_ENDLESS);
    if (!cut && !endless)
        return false;
    struct body *b = sim_alloc(sizeof(*b));
    b->text = memcpy(sim_alloc(len + 1), text, len);
    b->len = len;
    b->endless = endless != NULL;
    b->stop = cut && (size_t)cut->bytes < len ? (size_t)cut->bytes : len / 2;
    struct MHD_Response *resp = MHD_create_response_from_callback(
        endless && endless->bytes > 0 ? (uint64_t)endless->bytes : endless ? MHD_SIZE_UNKNOWN : len, 65536, cut_read, b, cut_free);
    add_heads(r, resp, type);
    send_response(r, 200, resp);
    return true;
}

/* Texts that want to do something to a terminal, where people write freely: still sound JSON. */
static char *hostile(const char *text, size_t len, size_t *out_len)
{
    static const char *const keys[] = {"\"message\":\"", "\"reason\":\"", "\"description\":\"", "\"details\":\"", "\"note\":\""};
    static const char evil[] = "\\u001b[2J\\u001b]0;owned\\u0007\\u202e\\u009b31m\\r";
    struct str out;
    str_init(&out, (size_t)4 << 30);
    for (size_t i = 0, n; i < len; i += n) {
        n = 1;
        for (size_t k = 0; text[i] == '"' && k < sizeof(keys) / sizeof(keys[0]); k++)
            if (strncmp(text + i, keys[k], strlen(keys[k])) == 0)
                n = strlen(keys[k]);
        str_add(&out, text + i, n);
        if (n > 1)
            str_adds(&out, evil);
    }
    char *copy = memcpy(sim_alloc(out.len + 1), out.len ? out.data : "", out.len);
    *out_len = out.len;
    str_release(&out);
    return copy;
}

void reply_text(struct req *r, int status, const char *type, const char *text, size_t len)
{
    if (spoiled(r, type, text, len))
        return;
    if (fault_match(r, FAULT_MALFORMED)) {
        text = "{\"items\": [{\"metadata\": {\"name\": \"half";
        len = strlen(text);
    }
    char *evil = fault_match(r, FAULT_HOSTILE) ? hostile(text, len, &len) : NULL;
    struct MHD_Response *resp = MHD_create_response_from_buffer(len, (void *)(uintptr_t)(evil ? evil : text), MHD_RESPMEM_MUST_COPY);
    free(evil);
    add_heads(r, resp, status == 204 ? NULL : type);
    send_response(r, status, resp);
}

void reply_json(struct req *r, int status, json_t *doc)
{
    char *text = jdump(doc), *line = r->sim->side == SIDE_KUBE ? sim_printf("%s\n", text) : NULL;      /* as Go's encoder ends */
    reply_text(r, status, "application/json", line ? line : text, strlen(line ? line : text));
    free(line);
    free(text);
}

/* ---- growing replies ---- */
static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct stream *st = cls;
    (void)pos;
    if (st->left)         /* in peace: a connection that ends with an error waits for all older ones of the daemon (0.9.75) */
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (st->cut || st->sim->closing)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (!st->silent && !st->out.len && !st->end)
        st->fill(st);
    if (st->out.len) {
        size_t n = st->out.len < max ? st->out.len : max;
        memcpy(buf, st->out.data, n);
        str_cut(&st->out, n);
        return (ssize_t)n;
    }
    if (st->end)
        return st->last ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    st->suspended = true;
    MHD_suspend_connection(st->conn);
    return 0;
}

static void stream_free(void *cls)
{
    struct stream *st = cls;
    for (struct stream **p = &st->sim->streams; *p; p = &(*p)->next) {
        if (*p == st) {
            *p = st->next;
            break;
        }
    }
    st->free(st);
    str_release(&st->out);
    free(st);
}

/* The socket of a suspended stream is in nobody's hands: who left would hold one of the connections for good. */
static bool hung_up(const struct stream *st)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(st->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct pollfd p = {.fd = info ? info->connect_fd : -1, .events = POLLRDHUP};
    return poll(&p, 1, 0) > 0;
}

void streams_reap(struct sim *s)
{
    for (struct stream *st = s->streams; st; st = st->next)
        st->left |= st->suspended && hung_up(st);
}

void streams_wake(struct sim *s)
{
    for (struct stream *st = s->streams; st; st = st->next) {
        if (st->suspended) {
            st->suspended = false;
            MHD_resume_connection(st->conn);
        }
    }
}

void reply_stream(struct req *r, int status, const char *type, void (*fill)(struct stream *), void (*done)(struct stream *), void *arg)
{
    struct stream *st = sim_alloc(sizeof(*st));
    st->sim = r->sim;
    st->conn = r->conn;
    st->fill = fill;
    st->free = done;
    st->arg = arg;
    str_init(&st->out, 1u << 30);
    st->silent = fault_match(r, FAULT_SILENT) != NULL;
    if (fault_match(r, FAULT_CUT)) {
        fill(st);                                             /* half of what there is now, then the line is dead */
        st->out.len /= 2;
        st->last = st->end = true;
    }
    st->next = r->sim->streams;
    r->sim->streams = st;
    struct MHD_Response *resp = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 65536, stream_read, st, stream_free);
    add_heads(r, resp, type);
    send_response(r, status, resp);
}

/* ---- replies made while they are sent ---- */
enum { LONG_BLOCK = 256 * 1024 };
struct long_reply { struct str out; size_t at; bool all, (*more)(void *arg, struct str *out); void (*done)(void *arg), *arg; };

static ssize_t long_read(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct long_reply *l = cls;
    (void)pos;
    if (l->at == l->out.len) {
        str_clear(&l->out);
        l->at = 0;
        while (!l->all && l->out.len < LONG_BLOCK)
            l->all = !l->more(l->arg, &l->out);
    }
    size_t n = l->out.len - l->at < max ? l->out.len - l->at : max;
    if (!n)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(buf, l->out.data + l->at, n);
    l->at += n;
    return (ssize_t)n;
}

static void long_free(void *cls)
{
    struct long_reply *l = cls;
    l->done(l->arg);
    str_release(&l->out);
    free(l);
}

void reply_long(struct req *r, const char *type, bool (*more)(void *arg, struct str *out), void (*done)(void *arg), void *arg)
{
    struct long_reply *l = sim_alloc(sizeof(*l));
    *l = (struct long_reply){.more = more, .done = done, .arg = arg};
    str_init(&l->out, 1u << 30);
    struct MHD_Response *resp = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, LONG_BLOCK, long_read, l, long_free);
    add_heads(r, resp, type);
    send_response(r, 200, resp);
}

/* ---- requests ---- */
static void split_path(struct req *r)
{
    char *p = r->seg[15] = sim_strdup(r->path);               /* the storage of all segments */
    r->nseg = 0;
    while (*p && r->nseg < 15) {
        while (*p == '/')
            p++;
        if (!*p)
            break;
        r->seg[r->nseg++] = p;
        p += strcspn(p, "/");
        if (*p)
            *p++ = 0;
    }
}

/* A request that waits: the timer owns this, the request may be gone before. */
struct put_off { struct req *req; struct put_off *next; };

static void go_on(struct put_off *p)
{
    struct req *r = p->req;
    struct put_off **at = &r->sim->put_off;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    p->req = NULL;
    r->put_off = NULL;
}

static void resume_later(struct sim *s, void *arg)
{
    struct put_off *p = arg;
    struct req *r = p->req;
    (void)s;
    if (r) {
        go_on(p);
        MHD_resume_connection(r->conn);
    }
    free(p);
}

void http_resume(struct sim *s)
{
    while (s->put_off) {
        struct req *r = s->put_off->req;
        go_on(s->put_off);
        MHD_resume_connection(r->conn);
    }
}

static void put_off(struct req *r, int64_t ms)
{
    struct put_off *p = sim_alloc(sizeof(*p));
    *p = (struct put_off){r, r->sim->put_off};
    r->put_off = r->sim->put_off = p;
    MHD_suspend_connection(r->conn);
    sim_after(r->sim, ms, resume_later, p);
}

static const char *status_reason(int status)
{
    static const struct { int status; const char *reason; } known[] = {
        {401, "Unauthorized"}, {403, "Forbidden"}, {404, "NotFound"}, {409, "Conflict"}, {410, "Expired"}, {503, "ServiceUnavailable"}, {504, "Timeout"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i].status == status)
            return known[i].reason;
    return "InternalError";
}

/* As that API says it. */
static void failed(struct req *r, int status)
{
    const char *shape, *words;
    cause_words(r->nseg ? r->seg[0] : "", &shape, &words);
    ostk_error(r, status, shape, "%s", words);
}

/* True when the request was answered, dropped or put off by a fault. */
static bool faulted(struct req *r)
{
    struct fault *f;
    if (!r->delayed && !r->sim->closing && (f = fault_match(r, FAULT_LATENCY))) {
        r->delayed = true;
        r->result = MHD_YES;
        put_off(r, f->ms);
        return true;
    }
    if (fault_match(r, FAULT_CLOSE)) {
        r->result = MHD_NO;
        return true;
    }
    if ((f = fault_match(r, FAULT_STATUS))) {
        if (f->retry_after >= 0)
            req_head(r, "Retry-After", "%d", f->retry_after);
        if (r->sim->side == SIDE_KUBE && f->status == 429)
            kube_status(r, 429, "TooManyRequests", jt("{'retryAfterSeconds':%i}", f->retry_after),
                        "too many requests, please try again later.");
        else if (r->sim->side == SIDE_KUBE)
            kube_status(r, f->status, status_reason(f->status), json_object(), "the server is currently unable to handle the request");
        else if (f->status == 413 || f->status == 429)
            ostk_error(r, f->status, "overLimit", "This request was rate-limited.");
        else
            failed(r, f->status);
        return true;
    }
    return false;
}

static struct req *req_new(struct sim *s, struct MHD_Connection *c, const char *url, const char *method)
{
    struct req *r = sim_alloc(sizeof(*r));
    r->sim = s;
    r->conn = c;
    r->method = method;
    r->path = url;
    char id[37];
    uuid4(s, id);
    snprintf(r->id, sizeof(r->id), "%s%s", r->sim->side == SIDE_OSTK ? "req-" : "", id);
    str_init(&r->head, 65536);
    return r;
}

enum MHD_Result http_handle(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version,
                            const char *data, size_t *len, void **con)
{
    struct sim *s = cls;
    struct req *r = *con;
    (void)version;
    if (!r) {
        *con = req_new(s, c, url, method);
        return MHD_YES;
    }
    if (*len) {
        if (r->blen + *len > (4u << 20))
            return MHD_NO;
        r->body = sim_grow(r->body, &r->bcap, r->blen + *len + 1, 1);
        memcpy(r->body + r->blen, data, *len);
        r->blen += *len;
        r->body[r->blen] = 0;
        *len = 0;
        return MHD_YES;
    }
    if (r->answered)
        return MHD_YES;
    if (!r->parsed) {
        r->parsed = true;
        split_path(r);
        s->requests++;
        log_change(r);
    }
    r->result = MHD_NO;
    if (admin_handle(r) || faulted(r))
        return r->result;
    if (r->sim->side == SIDE_KUBE)
        kube_handle(r);
    else if (!cause_gate(r))
        ostk_handle(r);
    return r->result;
}

void http_completed(void *cls, struct MHD_Connection *c, void **con, enum MHD_RequestTerminationCode code)
{
    struct req *r = *con;
    (void)cls;
    (void)c;
    (void)code;
    if (!r)
        return;
    if (r->put_off)
        go_on(r->put_off);
    free(r->seg[15]);
    free(r->body);
    str_release(&r->head);
    free(r);
    *con = NULL;
}
