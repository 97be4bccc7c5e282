/* The life of a call: accepted, started (perhaps several times), completed exactly once, reaped. */
#include <string.h>

#include "net_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/trace.h"

#define LIVING 30              /* times the patience: what a slow answer whose bytes come may take */
#define BUSY 3                  /* times the patience: with a server that answers others of ours meanwhile */
#define PATIENCE_MAX_MS 3600000

void net_set_patience(struct net *n, int64_t ms) { n->patience_ms = (int)(ms < PATIENCE_MAX_MS / LIVING ? ms : PATIENCE_MAX_MS / LIVING); }
int net_patience(const struct net *n, int otherwise) { return n->patience_ms ? n->patience_ms : otherwise; }

CURL *easy_get(struct net *n)
{
    if (n->nidle)
        return n->idle[--n->nidle];
    return curl_easy_init();
}

void easy_put(struct net *n, CURL *easy)
{
    if (!easy)
        return;
    curl_easy_setopt(easy, CURLOPT_SHARE, NULL);   /* a reset keeps it */
    if (n->nidle < NET_IDLE_EASY) {
        curl_easy_reset(easy);
        n->idle[n->nidle++] = easy;
    } else {
        curl_easy_cleanup(easy);
    }
}

static void wipe(char *s, size_t n)
{
    if (s)
        explicit_bzero(s, n);
    mem_free(s);
}

static void call_free(struct net_call *c)
{
    for (struct curl_slist *h = c->headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data));   /* tokens */
    curl_slist_free_all(c->headers);
    curl_slist_free_all(c->connect_to);
    wipe(c->body, c->body_len);
    mem_free_secret(c->user);
    mem_free_secret(c->password);
    ws_free(c->ws);
    mem_free(c->connect_to_text);
    mem_free(c->method);
    mem_free(c->url);
    mem_free(c->host);
    mem_free(c->authority);
    str_release(&c->reply_headers);
    str_release(&c->reply_body);
    if (c->site)
        site_unref(c->site);
    mem_free(c);
}

static bool add_headers(struct net_call *c, const char *const *lines)
{
    for (; lines && *lines; lines++) {
        if (strpbrk(*lines, "\r\n"))
            return false;   /* would smuggle another header */
        struct curl_slist *list = curl_slist_append(c->headers, *lines);
        if (!list)
            return false;
        c->headers = list;
    }
    return true;
}

static bool is_idempotent(const char *method)
{
    static const char *const names[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(method, names[i]) == 0)
            return true;
    return false;
}

static bool copy_text(char **to, const char *from)
{
    *to = mem_strdup(from);
    return *to || !from;
}

static bool copy_request(struct net_call *c, const struct net_req *req)
{
    bool ok = copy_text(&c->method, req->method ? req->method : "GET") && copy_text(&c->user, req->user) &&
              copy_text(&c->password, req->password) && add_headers(c, req->headers) &&
              add_headers(c, req->secret_headers);
    if (ok && req->body) {
        c->body = mem_alloc(req->body_len + 1);
        if (!c->body)
            return false;
        memcpy(c->body, req->body, req->body_len);
        c->body[req->body_len] = '\0';
        c->body_len = req->body_len;
    }
    if (!ok)
        return false;
    c->idempotent = is_idempotent(c->method);
    c->safe = req->safe || !strcmp(c->method, "GET") || !strcmp(c->method, "HEAD");
    c->timeout_ms = req->timeout_ms;
    c->idle_timeout_ms = req->idle_timeout_ms;
    if (c->net->patience_ms && c->safe && c->timeout_ms > 0 && !c->idle_timeout_ms) {
        c->idle_timeout_ms = c->net->patience_ms;
        c->timeout_ms = c->timeout_ms > LIVING * c->net->patience_ms ? c->timeout_ms : LIVING * c->net->patience_ms;
    }
    c->retries = c->idempotent ? req->retries : 0;
    c->on_wait = req->on_wait;
    c->on_head = req->on_head;
    c->on_data = req->on_data;
    c->on_done = req->on_done;
    c->arg = req->arg;
    c->fresh = req->fresh_connection;
    c->max_body = req->max_body ? req->max_body : req->on_data ? 0 : NET_BODY_MAX;
    return true;
}

static void link_call(struct net_call *c)
{
    struct net *n = c->net;
    c->next = n->calls;
    c->prev = NULL;
    if (n->calls)
        n->calls->prev = c;
    n->calls = c;
}

static void unlink_call(struct net_call *c)
{
    if (c->prev)
        c->prev->next = c->next;
    else
        c->net->calls = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->next = c->prev = NULL;
}

/* Streams live long and are few: only short requests are counted against the limit, and only where they
 * cannot share a connection. */
static bool must_wait(const struct net_call *c)
{
    const struct net_site *s = c->site;
    return !c->on_data && !c->ws && !s->http2 && s->short_running >= s->max_connections;
}

struct net_call *net_send(struct net *n, struct net_site *s, const struct net_req *req, struct err *err)
{
    return call_new(n, s, req, NULL, err);
}

/* ws is the call's from here on, also when this fails. */
struct net_call *call_new(struct net *n, struct net_site *s, const struct net_req *req, struct ws *ws, struct err *err)
{
    net_assert_thread(n);
    if (s->dying || atomic_load(&n->closing)) {
        err_set(err, ERR_CANCELED, 0, "%s: closing", s->name);
        ws_free(ws);
        return NULL;
    }
    struct net_call *c = mem_zalloc(sizeof *c);
    if (!c) {
        err_set(err, ERR_NOMEM, 0, "no memory for a request");
        ws_free(ws);
        return NULL;
    }
    c->net = n;
    c->ws = ws;
    c->site = s;
    s->refs++;
    str_init(&c->reply_headers, NET_HEADERS_MAX);
    str_init(&c->reply_body, NET_ERROR_BODY_MAX);
    c->backoff = (struct net_backoff){.base_ms = 200, .max_ms = 10000};
    if (!copy_request(c, req)) {
        err_set(err, ERR_NOMEM, 0, "no memory for a request");
        call_free(c);
        return NULL;
    }
    if (call_parse_url(c, req->url, err) != ERR_OK) {
        call_free(c);
        return NULL;
    }
    c->easy = easy_get(n);
    if (!c->easy || call_setup(c, err) != ERR_OK) {
        if (!c->easy)
            err_set(err, ERR_NOMEM, 0, "no memory for a request");
        easy_put(n, c->easy);
        c->easy = NULL;
        call_free(c);
        return NULL;
    }
    link_call(c);
    c->started_ms = clock_mono_ms();
    c->state = CALL_WAITING;
    if (n->in_curl || must_wait(c))
        n->rescan = true;   /* libcurl forbids adding a transfer from its callbacks */
    else
        call_start(c);
    return c;
}

static void idle_check(void *arg)
{
    struct net_call *c = arg;
    c->idle_timer = NULL;
    int64_t now = clock_mono_ms(), last = c->last_byte_ms;
    if (c->heard_ms > last && now - last < BUSY * (int64_t)c->idle_timeout_ms)
        last = c->heard_ms;
    int64_t left = last + c->idle_timeout_ms - now;
    if (left > 0) {
        c->idle_timer = net_timer(c->net, left, idle_check, c);
        return;
    }
    struct err err = ERR_INIT;
    fault_silent(&err, c, c->idle_timeout_ms);
    call_finish(c, &err);
}

static void trace_sent(const struct net_call *c)
{
    if (!trace_on(TRACE_net))
        return;
    struct str url;
    str_init(&url, 0);
    redact_url(&url, c->url);
    TRACE(net, "send", "%s #%p %s %s%s", c->site->name, (const void *)c, c->method, url.data, c->on_data ? " (stream)" : "");
    str_release(&url);
}

/* The promise is one callback, and never from inside net_send: the next turn completes it. */
static void start_failed(struct net_call *c, const struct err *err)
{
    easy_put(c->net, c->easy);
    c->easy = NULL;
    c->failed = *err;
    c->state = CALL_WAITING;
    c->net->rescan = true;
}

void call_start(struct net_call *c)
{
    struct net *n = c->net;
    struct err err = ERR_INIT;
    receive_reset(c);
    if (!c->easy) {
        c->easy = easy_get(n);
        if (!c->easy)
            err_set(&err, ERR_NOMEM, 0, "no memory for a request");
        else
            call_setup(c, &err);
    }
    c->sent_wall_ms = clock_wall_ms();
    c->last_byte_ms = clock_mono_ms();
    if (c->idle_timeout_ms > 0 && !c->idle_timer && !(c->idle_timer = net_timer(n, c->idle_timeout_ms, idle_check, c)))
        err_set(&err, ERR_NOMEM, 0, "no memory for a request");
    if (err.code == ERR_OK && curl_multi_add_handle(n->multi, c->easy) != CURLM_OK)
        err_set(&err, ERR_NOMEM, 0, "no memory for a request");
    if (err.code != ERR_OK) {
        start_failed(c, &err);
        return;
    }
    c->state = CALL_RUNNING;
    if (!c->on_data && !c->ws) {
        c->site->short_running++;
        c->counted = true;
    }
    trace_sent(c);
}

void call_rescan(struct net *n)
{
    while (n->rescan) {
        struct net_call *oldest = NULL;
        for (struct net_call *c = n->calls; c; c = c->next)   /* newest first */
            if (c->state == CALL_WAITING && (c->failed.code != ERR_OK || !must_wait(c)))
                oldest = c;
        if (!oldest) {
            n->rescan = false;
        } else if (oldest->failed.code != ERR_OK) {
            struct err err = oldest->failed;
            call_finish(oldest, &err);
        } else {
            call_start(oldest);
        }
    }
}

/* Was any of it sent, this time or a time before? The handle forgets when it is given back. */
static void note_sent(struct net_call *c)
{
    long size = 0;
    if (c->easy && curl_easy_getinfo(c->easy, CURLINFO_REQUEST_SIZE, &size) == CURLE_OK && size > 0)
        c->sent = true;
}

/* Takes the easy handle out of curl. Not inside curl's callbacks. */
static void detach(struct net_call *c)
{
    if (!c->easy)
        return;
    note_sent(c);
    curl_multi_remove_handle(c->net->multi, c->easy);
    easy_put(c->net, c->easy);
    c->easy = NULL;
}

static void stop_running(struct net_call *c)
{
    net_timer_cancel(c->net, c->idle_timer);
    net_timer_cancel(c->net, c->backoff_timer);
    ws_stop(c->ws, c->net);
    c->idle_timer = c->backoff_timer = NULL;
    if (c->counted)
        c->site->short_running--;
    c->counted = false;
    c->net->rescan = true;   /* one that waited may have its place now */
}

void call_reap(struct net *n)
{
    if (n->in_curl || n->in_ws)
        return;
    while (n->dead) {
        struct net_call *c = n->dead;
        n->dead = c->next;
        detach(c);
        call_free(c);
    }
}

void call_finish(struct net_call *c, const struct err *err)
{
    struct net *n = c->net;
    struct net_site *s = c->site;
    if (c->state == CALL_DONE)
        return;
    c->state = CALL_DONE;
    note_sent(c);
    stop_running(c);
    unlink_call(c);
    int64_t now = clock_mono_ms();
    struct net_reply reply = {
        .sent = c->sent,
        .status = c->head_done ? c->head.status : 0,
        .body = c->reply_body.data,
        .len = c->reply_body.len,
        .head = c->head,
        .first_byte_ms = c->first_byte_ms ? c->first_byte_ms - c->started_ms : 0,
        .total_ms = now - c->started_ms,
        .server_ms = c->server_ms,
        .call = c,
    };
    if (!reply.head.content_type)
        reply.head.content_type = "";
    if (err)
        reply.err = *err;
    if (reply.err.code == ERR_OK && reply.status && reply.status < 400)
        s->stat.last_ok_mono_ms = now;
    TRACE(net, "done", "%s #%p status %d, %zu bytes, %lld ms%s%s", s->name, (void *)c, reply.status, c->received,
          (long long)reply.total_ms, reply.err.code ? ", " : "", reply.err.code ? reply.err.msg : "");
    c->on_done(c->arg, &reply);
    c->next = n->dead;
    n->dead = c;
    call_reap(n);
}

void net_cancel(struct net *n, struct net_call *c)
{
    if (!c || c->state == CALL_DONE)
        return;
    net_assert_thread(n);
    struct err err = ERR_INIT;
    err_set(&err, ERR_CANCELED, 0, "canceled");
    call_finish(c, &err);
}

/* A 3xx that we may follow: same scheme, host and port, a method without consequences. */
static bool follow_redirect(struct net_call *c, struct err *err)
{
    int s = c->head.status;
    char *to = NULL;
    if ((s != 301 && s != 302 && s != 303 && s != 307 && s != 308) || !net_header(c, "location"))
        return false;
    curl_easy_getinfo(c->easy, CURLINFO_REDIRECT_URL, &to);
    struct net_call probe = {.site = c->site};
    bool parsed = to && call_parse_url(&probe, to, NULL) == ERR_OK;
    /* with a TLS server name in the URL's place curl resolves Location against that name: back to ours */
    bool same = parsed && probe.tls == c->tls && probe.port == c->port &&
                (strcasecmp(probe.host, c->host) == 0 ||
                 (c->site->tls_server_name && strcasecmp(probe.host, c->site->tls_server_name) == 0));
    bool safe = strcmp(c->method, "GET") == 0 || strcmp(c->method, "HEAD") == 0;
    bool follow = false;
    if (same && safe && c->redirects < NET_REDIRECTS) {
        struct str url;
        str_init(&url, 0);
        /* normalised: there is a path */
        const char *path = strchr(strstr(probe.url, "//") + 2, '/');
        str_addf(&url, "%s://%s%s", c->tls ? "https" : "http", c->authority, path ? path : "/");
        char *text = str_take(&url);
        if (text) {
            mem_free(c->url);
            c->url = text;
            c->redirects++;
            follow = true;
        }
    } else if (!same) {
        err_set(err, ERR_PROTO, s, "%s redirects to %s://%s: not followed, use that address if it is right", c->authority,
                parsed && probe.tls ? "https" : "http", parsed ? probe.authority : "an unknown place");
    } else {
        err_set(err, ERR_PROTO, s, "%s redirects in circles", c->authority);
    }
    mem_free(probe.url);
    mem_free(probe.host);
    mem_free(probe.authority);
    return follow;
}

static void learn_latency(struct net_call *c)
{
    curl_off_t first = 0, sent = 0;
    curl_easy_getinfo(c->easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
    curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
    if (first < sent || first <= 0)
        return;
    c->server_ms = (first - sent + 500) / 1000;
    if (!c->on_data && c->head.status != 401 && c->started_ms >= c->site->latency_from_ms)
        c->site->stat.latency_ms = c->server_ms;
}

void call_transfer_done(struct net_call *c, CURLcode code)
{
    struct err err = ERR_INIT;
    if (c->state == CALL_DONE)
        return;
    if (c->failed.code != ERR_OK)
        err = c->failed;
    else if (c->stopped)
        err_set(&err, ERR_CANCELED, 0, "stopped by the reader");
    else if (code != CURLE_OK)
        fault_from_curl(&err, c, code);
    if (err.code == ERR_OK && c->ws) {
        ws_connected(c);
        return;
    }
    if (err.code == ERR_OK) {
        learn_latency(c);
        if (follow_redirect(c, &err)) {
            stop_running(c);
            detach(c);
            call_start(c);
            return;
        }
    }
    if (err.code != ERR_OK && retry_stale(c, &err)) {
        stop_running(c);
        detach(c);
        call_start(c);
        return;
    }
    bool again = err.code == ERR_OK ? c->discard : (err.code == ERR_NET || err.code == ERR_PROTO) && !c->head_told;
    detach(c);
    if (again && retry_later(c, &err))
        return;
    call_finish(c, &err);
}
