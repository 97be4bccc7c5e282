/*
 * WebSockets: curl makes the connection (TLS, proxy), the handshake and the frames are read and written here, the latter
 * by libwslay. The life of the call is request.c's: one on_done.
 */
#include <assert.h>
#include <string.h>
#include <sys/random.h>
#include <wslay/wslay.h>

#include "core/net/wshand.h"
#include "net_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

enum { STAGE = 32 << 10, TURN = 256 << 10,   /* read at most so much before others have their turn */
       LOW_WATER = 64 << 10, PING_MS = 20000, DEAD_MS = 60000, CLOSE_MS = 5000, OPEN_MS = 30000 };
#define MESSAGE_MAX ((size_t)1 << 20)
#define WS_ERROR_BODY ((size_t)64 << 10)

struct ws {
    struct net_call *call;
    enum { WS_CONNECTING, WS_HEAD, WS_REFUSED, WS_OPEN } state;
    struct net_ws conf;                      /* its protocols point into offered */
    char *offered;                           /* "a, b": the header */
    char key[25];
    wslay_event_context_ptr w;
    struct net_watch *watch;
    struct net_timer *timer, *more;          /* handshake, ping, end of a close; what was left unread */
    struct ws_head head;
    struct str in;                           /* the head and what came with it */
    size_t in_at;
    char out[STAGE];                         /* given to the connection as it stands, also when that is tried again: TLS wants it so */
    size_t out_len, out_at;
    size_t turn;                             /* bytes still to be read in this turn */
    int64_t heard_ms;
    bool paused, eof, full, closing;
    struct err failed;
};

static void ws_pump(struct net_call *c);

void ws_free(struct ws *ws)
{
    if (!ws)
        return;
    if (ws->w)
        wslay_event_context_free(ws->w);
    str_release(&ws->in);
    mem_free(ws->offered);
    mem_free(ws);
}

void ws_stop(struct ws *ws, struct net *n)
{
    if (!ws)
        return;
    net_watch_free(n, ws->watch);
    net_timer_cancel(n, ws->timer);
    net_timer_cancel(n, ws->more);
    ws->watch = NULL;
    ws->timer = ws->more = NULL;
}

/* ---- bytes ---- */

static ssize_t take(struct ws *ws, void *buf, size_t len)
{
    size_t n = 0;
    if (ws->in_at < ws->in.len) {
        n = ws->in.len - ws->in_at < len ? ws->in.len - ws->in_at : len;
        memcpy(buf, ws->in.data + ws->in_at, n);
        ws->in_at += n;
        return (ssize_t)n;
    }
    CURLcode rc = curl_easy_recv(ws->call->easy, buf, len, &n);
    if (rc == CURLE_AGAIN)
        return -1;
    if (rc != CURLE_OK || n == 0) {
        ws->eof = true;
        return 0;
    }
    ws->heard_ms = clock_mono_ms();
    receive_alive(ws->call);
    ws->call->received += n;
    return (ssize_t)n;
}

/* false: the connection is gone. */
static bool give(struct ws *ws)
{
    for (;;) {
        size_t n = 0;
        if (ws->out_at == ws->out_len) {
            ws->out_at = ws->out_len = 0;
            if (ws->w && wslay_event_want_write(ws->w) && wslay_event_send(ws->w) != 0)
                return false;
            if (!ws->out_len)
                return true;
        }
        CURLcode rc = curl_easy_send(ws->call->easy, ws->out + ws->out_at, ws->out_len - ws->out_at, &n);
        if (rc == CURLE_AGAIN)
            return true;
        if (rc != CURLE_OK)
            return false;
        ws->out_at += n;
    }
}

/* ---- libwslay's callbacks ---- */

static ssize_t on_recv(wslay_event_context_ptr w, uint8_t *buf, size_t len, int flags, void *arg)
{
    struct ws *ws = arg;
    (void)flags;
    if (ws->paused || !ws->turn || ws->call->state == CALL_DONE) {
        wslay_event_set_error(w, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    ssize_t n = take(ws, buf, len < ws->turn ? len : ws->turn);
    if (n > 0) {
        ws->turn -= (size_t)n;
        return n;
    }
    wslay_event_set_error(w, n < 0 ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr w, const uint8_t *data, size_t len, int flags, void *arg)
{
    struct ws *ws = arg;
    size_t room = sizeof ws->out - ws->out_len, n = len < room ? len : room;
    (void)flags;
    if (!n) {
        wslay_event_set_error(w, WSLAY_ERR_WOULDBLOCK);
        return -1;
    }
    memcpy(ws->out + ws->out_len, data, n);
    ws->out_len += n;
    return (ssize_t)n;
}

static void fill_random(void *buf, size_t len)
{
    for (unsigned char *p = buf; len;) {
        ssize_t n = getrandom(p, len, 0);
        if (n <= 0)
            continue;                /* EINTR */
        p += n;
        len -= (size_t)n;
    }
}

static int on_mask(wslay_event_context_ptr w, uint8_t *buf, size_t len, void *arg)
{
    (void)w;
    (void)arg;
    fill_random(buf, len);
    return 0;
}

static void on_msg(wslay_event_context_ptr w, const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
    struct ws *ws = arg;
    struct net_call *c = ws->call;
    (void)w;
    if (c->state != CALL_DONE && (m->opcode == WSLAY_BINARY_FRAME || m->opcode == WSLAY_TEXT_FRAME))
        ws->conf.on_message(c->arg, (const char *)m->msg, m->msg_length);
    else if (m->opcode == WSLAY_CONNECTION_CLOSE && m->status_code && m->status_code != WSLAY_CODE_NORMAL_CLOSURE) {
        struct str why;
        str_init(&why, 1024);
        if (m->msg_length > 2)
            text_clean(&why, (const char *)m->msg + 2, m->msg_length - 2, 0);
        err_set(&ws->failed, m->status_code == WSLAY_CODE_GOING_AWAY ? ERR_NET : ERR_PROTO, m->status_code,
                "%s:%d closed the stream with code %d%s%.160s", c->host, c->port, m->status_code, why.len ? ": " : "", why.len ? why.data : "");
        str_release(&why);
    }
}

/* ---- the end ---- */

static void end_lost(struct net_call *c)
{
    struct err err = ERR_INIT;
    err_set(&err, ERR_NET, 0, c->ws->state == WS_OPEN ? "%s:%d closed the connection in the middle of the stream"
                                                      : "%s:%d closed the connection without an answer", c->host, c->port);
    call_finish(c, &err);
}

static void end_proto(struct net_call *c, const char *what)
{
    struct err err = ERR_INIT;
    err_set(&err, ERR_PROTO, 0, "%s:%d %s", c->host, c->port, what);
    call_finish(c, &err);
}

static void end_closed(struct net_call *c)
{
    struct ws *ws = c->ws;
    uint16_t sent = wslay_event_get_status_code_sent(ws->w);
    struct err err = ws->failed;
    if (err.code == ERR_OK && !wslay_event_get_close_received(ws->w) && sent == WSLAY_CODE_MESSAGE_TOO_BIG)
        err_set(&err, ERR_TOOBIG, sent, "%s:%d sends a message that is too big", c->host, c->port);
    else if (err.code == ERR_OK && !wslay_event_get_close_received(ws->w) && sent != WSLAY_CODE_NORMAL_CLOSURE)
        err_set(&err, ERR_PROTO, sent, "%s:%d breaks the WebSocket protocol", c->host, c->port);
    call_finish(c, &err);
}

/* ---- the handshake ---- */

static void on_timer(void *arg)
{
    struct net_call *c = arg;
    struct ws *ws = c->ws;
    struct err err = ERR_INIT;
    ws->timer = NULL;
    int64_t quiet = clock_mono_ms() - ws->heard_ms;
    if (ws->state != WS_OPEN) {
        err_set(&err, ERR_TIMEOUT, 0, "%s:%d did not open the stream in time", c->host, c->port);
    } else if (ws->closing) {
        end_closed(c);
        return;
    } else if (!ws->paused && quiet >= DEAD_MS) {
        err_set(&err, ERR_TIMEOUT, 0, "%s:%d has been silent for %d s", c->host, c->port, (int)(quiet / 1000));
    } else if (wslay_event_queue_msg(ws->w, &(struct wslay_event_msg){.opcode = WSLAY_PING}) == WSLAY_ERR_NOMEM ||
               !(ws->timer = net_timer(c->net, PING_MS, on_timer, c))) {
        err_set(&err, ERR_NOMEM, 0, "no memory for a stream");
    } else {
        ws_pump(c);
        return;
    }
    call_finish(c, &err);
}

static void on_more(void *arg)
{
    struct net_call *c = arg;
    c->ws->more = NULL;
    ws_pump(c);
}

static void on_ready(void *arg, int events)
{
    (void)events;
    ws_pump(arg);
}

/* "https://host:port/path?query" -> "/path?query" */
static const char *target(const struct net_call *c)
{
    const char *p = strstr(c->url, "//") + 2;
    p += strcspn(p, "/?#");
    return *p ? p : "/";
}

static bool write_head(struct net_call *c, struct str *s)
{
    struct ws *ws = c->ws;
    unsigned char nonce[16];
    bool host = false;
    fill_random(nonce, sizeof nonce);
    ws_base64(ws->key, nonce, sizeof nonce);
    str_addf(s, "GET %s HTTP/1.1\r\n", target(c));
    for (struct curl_slist *h = c->headers; h; h = h->next) {
        host |= !strncasecmp(h->data, "Host:", 5);
        str_addf(s, "%s\r\n", h->data);
    }
    if (!host)
        str_addf(s, "Host: %s\r\n", c->authority);
    str_addf(s, "User-Agent: %s\r\n", c->site->user_agent);
    if (c->user) {
        struct str plain;
        str_init(&plain, 65536);
        str_addf(&plain, "%s:%s", c->user, c->password ? c->password : "");
        char *b64 = mem_alloc(4 * ((plain.len + 2) / 3) + 1);
        if (b64 && plain.data)
            ws_base64(b64, (unsigned char *)plain.data, plain.len);
        str_addf(s, "Authorization: Basic %s\r\n", b64 && plain.data ? b64 : "");
        s->failed |= plain.failed || !b64;
        mem_free_secret(b64);
        str_release_secret(&plain);
    }
    str_addf(s, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
             "Sec-WebSocket-Protocol: %s\r\n\r\n", ws->key, ws->offered);
    return !s->failed;
}

void ws_connected(struct net_call *c)
{
    struct ws *ws = c->ws;
    struct str s;
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &fd);
    str_init(&s, sizeof ws->out);
    bool ok = fd != CURL_SOCKET_BAD && write_head(c, &s);
    if (ok) {
        memcpy(ws->out, s.data, s.len);
        ws->out_len = s.len;
        ws->state = WS_HEAD;
        ws->heard_ms = clock_mono_ms();
        ws->watch = net_watch(c->net, fd, NET_IN, on_ready, c);
    }
    str_release_secret(&s);
    if (ok && ws->watch) {
        ws_pump(c);
        return;
    }
    struct err err = ERR_INIT;
    err_set(&err, ERR_NOMEM, 0, "no memory for a stream");
    call_finish(c, &err);
}

/* One of those that were offered, as we wrote it. */
static const char *chosen(const struct ws *ws)
{
    for (const char *const *p = ws->conf.protocols; *p; p++)
        if (!strcmp(*p, ws->head.protocol))
            return *p;
    return NULL;
}

static void head_done(struct net_call *c)
{
    static const struct wslay_event_callbacks cb = {.recv_callback = on_recv, .send_callback = on_send, .genmask_callback = on_mask,
                                                    .on_msg_recv_callback = on_msg};
    struct ws *ws = c->ws;
    char want[WS_ACCEPT_SIZE];
    c->head.status = ws->head.status;
    c->head_done = c->site->answered = true;
    explicit_bzero(ws->out, sizeof ws->out);
    TRACE(net, "head", "%s #%p status %d %s", c->site->name, (void *)c, ws->head.status, ws->head.protocol);
    if (ws->head.status != 101) {
        ws->state = WS_REFUSED;
        str_cut(&ws->in, ws->head.len);
        return;
    }
    ws_accept_key(ws->key, want);
    if (!ws->head.upgrade || !ws->head.connection || ws->head.extensions || strcmp(want, ws->head.accept)) {
        end_proto(c, "answers, but not as a WebSocket server: is a proxy in between?");
        return;
    }
    const char *protocol = chosen(ws);
    if (!protocol) {
        end_proto(c, "speaks none of the stream protocols that strata knows");
        return;
    }
    ws->in_at = ws->head.len;
    if (wslay_event_context_client_init(&ws->w, &cb, ws) != 0) {
        ws->w = NULL;
        struct err err = ERR_INIT;
        err_set(&err, ERR_NOMEM, 0, "no memory for a stream");
        call_finish(c, &err);
        return;
    }
    wslay_event_config_set_max_recv_msg_length(ws->w, ws->conf.max_message);
    ws->state = WS_OPEN;
    net_timer_cancel(c->net, ws->timer);
    ws->timer = net_timer(c->net, PING_MS, on_timer, c);
    ws->conf.on_open(c->arg, protocol);
}

static void read_head(struct net_call *c)
{
    struct ws *ws = c->ws;
    char buf[4096];
    for (ssize_t n; ws->state == WS_HEAD && c->state != CALL_DONE;) {
        ws->in_at = ws->in.len;
        n = take(ws, buf, sizeof buf);
        ws->in_at = 0;
        if (n < 0)
            return;
        if (n == 0) {
            end_lost(c);
            return;
        }
        if (!str_add(&ws->in, buf, (size_t)n)) {
            end_proto(c, "sends too many headers");
            return;
        }
        switch (ws_head_read(&ws->head, ws->in.data, ws->in.len)) {
        case WS_HEAD_MORE: break;
        case WS_HEAD_BAD: end_proto(c, "gives an answer that is not HTTP"); return;
        case WS_HEAD_DONE: head_done(c); break;
        }
    }
}

static bool refusal_whole(const struct ws *ws)
{
    bool end = false;
    if (ws->in.len >= WS_ERROR_BODY || (ws->head.length >= 0 && (int64_t)ws->in.len >= ws->head.length))
        return true;
    char *copy = ws->head.chunked && ws->in.len ? mem_strndup(ws->in.data, ws->in.len) : NULL;
    if (copy)
        ws_dechunk(copy, ws->in.len, &end);
    mem_free(copy);
    return end;
}

/* The text of a refusal, as much of it as is worth reading. */
static void read_refusal(struct net_call *c)
{
    struct ws *ws = c->ws;
    char buf[4096];
    bool end = false;
    while (!(end = refusal_whole(ws))) {
        ws->in_at = ws->in.len;
        ssize_t n = take(ws, buf, sizeof buf);
        if (n < 0)
            return;
        if (n == 0 || !str_add(&ws->in, buf, (size_t)n))
            break;
    }
    size_t len = ws->in.len;
    if (ws->head.chunked && len)
        len = ws_dechunk(ws->in.data, len, &end);
    else if (ws->head.length >= 0 && (int64_t)len > ws->head.length)
        len = (size_t)ws->head.length;
    if (len)
        str_add(&c->reply_body, ws->in.data, len);
    if (c->head.status < 400) {
        end_proto(c, "does not open a stream: its answer is no refusal either");
        return;
    }
    call_finish(c, NULL);
}

/* ---- frames ---- */

static void pump_open(struct net_call *c)
{
    struct ws *ws = c->ws;
    int rc = 0;
    ws->turn = TURN;
    if (!ws->paused && wslay_event_want_read(ws->w))
        rc = wslay_event_recv(ws->w);
    if (c->state == CALL_DONE)
        return;
    bool lost = rc == WSLAY_ERR_CALLBACK_FAILURE || ws->eof;
    if (rc == WSLAY_ERR_NOMEM) {
        struct err err = ERR_INIT;
        err_set(&err, ERR_NOMEM, 0, "no memory for a stream");
        call_finish(c, &err);
        return;
    }
    bool sent = give(ws);
    if (sent && ws->closing && !wslay_event_want_write(ws->w) && !wslay_event_get_close_sent(ws->w)) {
        wslay_event_queue_close(ws->w, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);   /* it would overtake data */
        sent = give(ws);
    }
    if (lost || !sent) {
        if (wslay_event_get_close_received(ws->w) || (ws->closing && !ws->failed.code))
            end_closed(c);
        else
            end_lost(c);
        return;
    }
    bool over = wslay_event_get_close_received(ws->w) || !ws->closing;     /* or ours is to be answered */
    if (ws->out_at == ws->out_len && wslay_event_get_close_sent(ws->w) && over && !wslay_event_want_write(ws->w)) {
        end_closed(c);
        return;
    }
    if (ws->full && net_ws_queued(c) <= LOW_WATER) {
        ws->full = false;
        if (ws->conf.on_room)
            ws->conf.on_room(c->arg);
        if (c->state == CALL_DONE)
            return;
    }
    if (!ws->turn && !ws->paused && !ws->more)
        ws->more = net_timer(c->net, 0, on_more, c);
}

static void ws_pump(struct net_call *c)
{
    struct ws *ws = c->ws;
    struct net *n = c->net;
    if (c->state == CALL_DONE)
        return;
    n->in_ws++;
    if (ws->state == WS_HEAD && !give(ws))
        end_lost(c);
    if (ws->state == WS_HEAD && c->state != CALL_DONE)
        read_head(c);
    if (ws->state == WS_REFUSED && c->state != CALL_DONE)
        read_refusal(c);
    if (ws->state == WS_OPEN && c->state != CALL_DONE)
        pump_open(c);
    if (c->state != CALL_DONE && ws->watch) {
        bool out = ws->out_at < ws->out_len || (ws->w && wslay_event_want_write(ws->w));
        net_watch_set(ws->watch, (ws->paused ? 0 : NET_IN) | (out ? NET_OUT : 0));
    }
    n->in_ws--;
    call_reap(n);
}

/* ---- for users ---- */

struct net_call *net_ws_open(struct net *n, struct net_site *s, const struct net_req *req, const struct net_ws *conf, struct err *err)
{
    struct ws *ws = mem_zalloc(sizeof *ws);
    struct str offered;
    str_init(&offered, 4096);
    for (const char *const *p = conf->protocols; *p; p++)
        str_addf(&offered, "%s%s", offered.len ? ", " : "", *p);
    if (ws)
        ws->offered = str_take(&offered);
    str_release(&offered);
    if (!ws || !ws->offered) {
        mem_free(ws);
        err_set(err, ERR_NOMEM, 0, "no memory for a stream");
        return NULL;
    }
    ws->conf = *conf;
    if (!ws->conf.max_message)
        ws->conf.max_message = MESSAGE_MAX;
    str_init(&ws->in, WS_HEAD_MAX + WS_ERROR_BODY);
    struct net_call *c = call_new(n, s, req, ws, err);
    if (!c)
        return NULL;
    ws->call = c;
    ws->timer = net_timer(n, req->timeout_ms > 0 ? req->timeout_ms : OPEN_MS, on_timer, c);
    return c;
}

size_t net_ws_queued(const struct net_call *c)
{
    const struct ws *ws = c->ws;
    return ws->w ? wslay_event_get_queued_msg_length(ws->w) + (ws->out_len - ws->out_at) : 0;
}

/* Not from inside a callback of libwslay. */
static void pump_soon(struct net_call *c)
{
    struct ws *ws = c->ws;
    if (!ws->more)
        ws->more = net_timer(c->net, 0, on_more, c);
}

bool net_ws_send(struct net_call *c, const void *head, size_t nhead, const void *data, size_t len)
{
    struct ws *ws = c->ws;
    net_assert_thread(c->net);
    if (c->state == CALL_DONE || ws->state != WS_OPEN || ws->closing)
        return false;
    if (net_ws_queued(c) + len > NET_WS_QUEUE) {
        ws->full = true;
        return false;
    }
    char *msg = mem_alloc(nhead + len + 1);
    if (!msg)
        return false;
    memcpy(msg, head, nhead);
    if (len)
        memcpy(msg + nhead, data, len);
    struct wslay_event_msg m = {.opcode = WSLAY_BINARY_FRAME, .msg = (const uint8_t *)msg, .msg_length = nhead + len};
    bool ok = wslay_event_queue_msg(ws->w, &m) == 0;
    explicit_bzero(msg, nhead + len);        /* what is typed may be a password */
    mem_free(msg);
    if (net_ws_queued(c) > LOW_WATER)
        ws->full = true;
    pump_soon(c);
    return ok;
}

void net_ws_pause(struct net_call *c, bool paused)
{
    struct ws *ws = c->ws;
    if (ws->paused == paused || c->state == CALL_DONE)
        return;
    ws->paused = paused;
    if (!paused)
        ws->heard_ms = clock_mono_ms();
    if (ws->state == WS_OPEN)
        pump_soon(c);
}

void net_ws_close(struct net_call *c)
{
    struct ws *ws = c->ws;
    if (c->state == CALL_DONE || ws->closing)
        return;
    if (ws->state != WS_OPEN) {
        net_cancel(c->net, c);
        return;
    }
    ws->closing = true;
    ws->paused = false;
    net_timer_cancel(c->net, ws->timer);
    ws->timer = net_timer(c->net, CLOSE_MS, on_timer, c);
    pump_soon(c);
}
