/* Another try: for whom, when, and how the server may ask for it. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "net_priv.h"
#include "strata/clock.h"
#include "strata/trace.h"

#define QUICK_MS 3000       /* a connection that is lost later is not tried again: who waits has waited long */
#define PATIENCE_MS 60000   /* a server that asks for more gets its answer delivered instead */

int64_t net_backoff_next(struct net_backoff *b)
{
    int64_t top = b->base_ms > 0 ? b->base_ms : 1;
    for (int i = 0; i < b->tries && top < b->max_ms; i++)
        top *= 2;
    if (top > b->max_ms)
        top = b->max_ms;
    if (top < 1)
        top = 1;
    if (b->tries < 64)
        b->tries++;
    uint32_t r = 0;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r)
        r = (uint32_t)clock_mono_us() * 2654435761u;
    return 1 + (int64_t)((uint64_t)r * (uint64_t)top >> 32);   /* 1 .. top */
}

void net_backoff_reset(struct net_backoff *b)
{
    b->tries = 0;
}

int64_t retry_after_ms(const char *value, int64_t server_wall_ms)
{
    while (*value == ' ')
        value++;
    if (*value >= '0' && *value <= '9') {
        char *end;
        long long s = strtoll(value, &end, 10);
        if (*end != '\0' && *end != ' ' && *end != '.')
            return -1;
        return s > 86400 ? 86400000 : s * 1000;
    }
    time_t at = curl_getdate(value, NULL);
    if (at == (time_t)-1)
        return -1;
    int64_t ms = (int64_t)at * 1000 - server_wall_ms;
    return ms < 0 ? 0 : ms > 86400000 ? 86400000 : ms;
}

bool retry_wanted_for_status(const struct net_call *c, int status)
{
    return c->retries > 0 && (status == 429 || (status >= 502 && status <= 504)) && c->head.retry_after_ms <= net_patience(c->net, PATIENCE_MS);
}

/* A connection that was kept and that the server gave up meanwhile: no error of this request, which gets another one.
 * libcurl does so itself over HTTP/1.1, not over HTTP/2. Once, and only when nothing at all was answered. */
bool retry_stale(struct net_call *c, const struct err *err)
{
    long connects = 1;
    if (c->stale || !c->safe || c->site->dying || c->head_done || c->received || c->reply_headers.len ||
        (err->code != ERR_NET && err->code != ERR_PROTO))
        return false;
    if (!c->easy || curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects) != CURLE_OK || connects != 0)
        return false;
    TRACE(net, "stale", "%s #%p once more: %s", c->site->name, (void *)c, err->msg);
    c->stale = true;
    return true;
}

static void again(void *arg)
{
    struct net_call *c = arg;
    c->backoff_timer = NULL;
    call_start(c);
}

bool retry_later(struct net_call *c, const struct err *err)
{
    if (c->retries <= 0 || c->site->dying || err->code == ERR_TIMEOUT)
        return false;
    if (!c->discard && clock_mono_ms() - c->started_ms > QUICK_MS)
        return false;
    int64_t wait = net_backoff_next(&c->backoff);
    if (c->discard && c->head.retry_after_ms >= 0)   /* what the server says, spread a little */
        wait = c->head.retry_after_ms + wait / 4;
    if (c->timeout_ms > 0 && clock_mono_ms() - c->started_ms + wait >= c->timeout_ms)
        return false;
    struct net_timer *t = net_timer(c->net, wait, again, c);
    if (!t)
        return false;
    c->retries--;
    net_timer_cancel(c->net, c->idle_timer);
    c->idle_timer = NULL;
    if (c->counted)
        c->site->short_running--;
    c->counted = false;
    c->net->rescan = true;
    c->backoff_timer = t;
    c->state = CALL_BACKOFF;
    TRACE(net, "retry", "%s #%p in %lld ms: status %d %s", c->site->name, (void *)c, (long long)wait, c->head.status, err->msg);
    if (c->on_wait && c->discard && c->head.retry_after_ms >= NET_LONG_WAIT_MS)
        c->on_wait(c->arg, c->head.status, wait);
    return true;
}
