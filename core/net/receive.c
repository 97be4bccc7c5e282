/* What libcurl hands us while a transfer runs: header lines and body pieces. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net_priv.h"
#include "strata/clock.h"
#include "strata/trace.h"

void receive_reset(struct net_call *c)
{
    str_clear(&c->reply_headers);
    str_clear(&c->reply_body);
    c->head = (struct net_head){.content_type = "", .retry_after_ms = -1};
    c->head_done = c->discard = c->stopped = false;
    c->received = 0;
    c->server_ms = -1;
    c->failed = (struct err)ERR_INIT;
    c->curl_text[0] = '\0';
    c->reply_body.max = c->on_data || c->max_body == 0 ? NET_ERROR_BODY_MAX : c->max_body;
}

const char *net_header(const struct net_call *c, const char *name)
{
    size_t n = strlen(name);
    const char *p = c->reply_headers.data, *end = p + c->reply_headers.len;
    while (p < end) {
        if (strncasecmp(p, name, n) == 0 && p[n] == ':') {
            p += n + 1;
            return p + strspn(p, " \t");
        }
        p += strlen(p) + 1;
    }
    return NULL;
}

/* "/compute" of "https://cloud/compute/v2.1/servers": services that share a port have a prefix each. A version is none. */
static const char *prefix(const struct net_call *c, size_t *len)
{
    const char *host = strstr(c->url, "://"), *path = host ? strchr(host + 3, '/') : NULL;
    *len = path ? strcspn(path + 1, "/?") + 1 : 0;
    if (*len < 2 || (path[1] == 'v' && path[2] >= '0' && path[2] <= '9'))
        *len = 0;
    return path;
}

static bool same_server(const struct net_call *a, const struct net_call *b)
{
    size_t n, m;
    const char *p = prefix(a, &n), *q = prefix(b, &m);
    return a->port == b->port && !strcasecmp(a->host, b->host) && n == m && (!n || !strncmp(p, q, n));
}

#define SPREAD_MS 100

/* A server that answers those before is busy, not silent, to those that wait. What began much later says nothing of them. */
static void spread(struct net_call *c)
{
    const struct net *n = c->net;
    if (!n->patience_ms || (c->spread_ms && c->last_byte_ms - c->spread_ms < SPREAD_MS))
        return;
    c->spread_ms = c->last_byte_ms;
    for (struct net_call *o = n->calls; o; o = o->next)
        if (o->idle_timeout_ms == n->patience_ms && c->started_ms <= o->started_ms + n->patience_ms / 2 && same_server(o, c))
            o->heard_ms = c->last_byte_ms;
}

void receive_alive(struct net_call *c)
{
    c->last_byte_ms = clock_mono_ms();
    if (!c->first_byte_ms)
        c->first_byte_ms = c->last_byte_ms;
    spread(c);
}

/* The last header line has come. */
static bool head_complete(struct net_call *c)
{
    long status = 0;
    curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200)
        return true;   /* an interim answer; the real one follows */
    c->head.status = (int)status;
    c->head_done = c->site->answered = true;
    const char *v = net_header(c, "content-type");
    c->head.content_type = v ? v : "";
    site_learn_date(c);
    if ((v = net_header(c, "retry-after")))
        c->head.retry_after_ms =
            retry_after_ms(v, clock_wall_ms() + (c->site->stat.has_offset ? c->site->stat.clock_offset_ms : 0));
    TRACE(net, "head", "%s #%p status %ld %s", c->site->name, (void *)c, status, c->head.content_type);
    bool redirect = status >= 301 && status <= 308 && status != 304 && net_header(c, "location");
    c->discard = retry_wanted_for_status(c, (int)status);
    if (c->discard || redirect || !c->on_head)
        return true;
    c->head_told = true;
    c->on_head(c->arg, &c->head);
    return c->state == CALL_RUNNING;
}

size_t receive_header(char *data, size_t size, size_t n, void *arg)
{
    struct net_call *c = arg;
    size_t len = size * n, text = len;
    if (c->state != CALL_RUNNING)
        return 0;
    receive_alive(c);
    while (text && (data[text - 1] == '\n' || data[text - 1] == '\r'))
        text--;
    if (text >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        str_clear(&c->reply_headers);
        c->head = (struct net_head){.content_type = "", .retry_after_ms = -1, .http2 = data[5] == '2'};
        c->head_done = false;
        return len;
    }
    if (c->head_done)
        return len;   /* a trailer */
    if (text == 0)
        return head_complete(c) ? len : 0;
    str_add(&c->reply_headers, data, text);
    str_addc(&c->reply_headers, '\0');
    if (c->reply_headers.failed) {
        if (c->reply_headers.len + text + 1 > c->reply_headers.max)
            err_set(&c->failed, ERR_TOOBIG, 0, "%s:%d sends too many headers", c->host, c->port);
        else
            err_set(&c->failed, ERR_NOMEM, 0, "no memory for the answer of %s:%d", c->host, c->port);
        return 0;
    }
    return len;
}

static size_t too_big(struct net_call *c, size_t limit)
{
    err_set(&c->failed, ERR_TOOBIG, 0, "the answer of %s:%d is bigger than %zu MiB", c->host, c->port,
            (limit + (1 << 20) - 1) >> 20);
    return 0;
}

size_t receive_body(char *data, size_t size, size_t n, void *arg)
{
    struct net_call *c = arg;
    size_t len = size * n;
    if (c->state != CALL_RUNNING)
        return 0;
    receive_alive(c);
    c->received += len;
    if (c->on_data && c->head.status < 300) {
        if (c->max_body && c->received > c->max_body)
            return too_big(c, c->max_body);
        c->head_told = true;   /* from here on nothing can be repeated unseen */
        bool more = c->on_data(c->arg, data, len);
        if (c->state != CALL_RUNNING)
            return 0;
        if (!more)
            c->stopped = true;
        return more ? len : 0;
    }
    if (c->on_data || c->discard) {   /* an error text: its start is enough */
        size_t room = c->reply_body.max - c->reply_body.len;
        str_add(&c->reply_body, data, len < room ? len : room);
        return len;
    }
    if (len > c->reply_body.max - c->reply_body.len)
        return too_big(c, c->reply_body.max);
    if (!str_add(&c->reply_body, data, len)) {
        err_set(&c->failed, ERR_NOMEM, 0, "no memory for the answer of %s:%d", c->host, c->port);
        return 0;
    }
    return len;
}
