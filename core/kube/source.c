/* A context as a source: connect, say how it is, notice silence, recover. The link's state is decided in three places:
 * any byte from the server is a sign of life; a 401 is a failure; and when there was neither for a while, a probe. */
#include <jansson.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

#define SILENCE_MS 10000           /* so long without a byte while somebody looks: ask (a paused server must not look fresh) */
#define SILENCE_IDLE_MS 60000      /* nobody looks and no watch is open */
#define SILENCE_WATCH_MS 30000     /* nobody typed for minutes, but a watch is open: perhaps a screen on a wall */
#define PROBE_TIMEOUT_MS 60000     /* a server that needs 20 s is slow, not dead ... */
#define SLOW_MS 1000               /* an answer that took so long is looked at again soon */
#define RELOOK_MS 1000
#define RELOOKS 2
#define PROBE_SLOW_MS 3000         /* ... but after this long the screen must not look fresh */

static void arm_probe(struct kube_source *ks, int64_t in_ms);
static void send_probe(struct kube_source *ks);

static void take_stat(struct kube_source *ks)
{
    struct source_info *in = &ks->src.info;
    struct net_site_stat st;
    if (!ks->auth.site)
        return;
    net_site_stat(ks->auth.site->net, &st);
    in->latency_ms = st.latency_ms;
    in->has_clock = st.has_offset;
    in->clock_offset_ms = st.has_offset ? st.clock_offset_ms : 0;
    in->clock_error_ms = st.clock_error_ms;
    in->last_ok_mono_ms = ks->last_sign_mono_ms;
}

/* Loss and return are told once each; the first answer after the start is no news. */
static void tell(struct kube_source *ks, enum source_state before)
{
    const struct source_info *in = &ks->src.info;
    if (in->state == before || in->state == SOURCE_CONNECTING)
        return;
    if (in->state == SOURCE_OK) {
        if (before != SOURCE_CONNECTING)
            source_notice(&ks->src, HEALTH_OK, kube_now_ms(ks), "%s answers again", in->name);
        return;
    }
    source_notice(&ks->src, in->state == SOURCE_DEGRADED ? HEALTH_WARN : HEALTH_BAD, kube_now_ms(ks), "%s%s: %s", in->name,
                  in->state == SOURCE_STALE ? " does not answer" : "", in->err.msg);
}

static void set_state(struct kube_source *ks, enum source_state state, const struct err *err)
{
    struct source_info *in = &ks->src.info;
    /* what it needed before it fell silent, and what waited through the silence, says nothing about now */
    if (ks->auth.site && in->state != state && (in->state == SOURCE_STALE || state == SOURCE_STALE))
        net_site_forget_latency(ks->auth.site->net);
    take_stat(ks);
    bool same = in->state == state && in->err.code == (err ? err->code : ERR_OK);
    enum source_state before = in->state;
    in->state = state;
    in->err = err ? *err : (struct err)ERR_INIT;
    in->waiting = false;
    if (!same)
        TRACE(kube, "state", "%s %d %s", in->name, (int)state, in->err.msg);
    tell(ks, before);
    source_changed(&ks->src);
}

/* A probe soon, for the latency alone. */
static void relook(struct kube_source *ks)
{
    if (ks->relooks >= RELOOKS || ks->probe)
        return;
    if (ks->probe_timer)
        net_timer_cancel(ks->src.net, ks->probe_timer);
    ks->probe_timer = NULL;
    ks->relook = true;
    arm_probe(ks, RELOOK_MS);
}

static void mark_ok(struct kube_source *ks)
{
    bool was = ks->src.info.state == SOURCE_OK;
    ks->ever_ok = true;
    net_backoff_reset(&ks->probe_backoff);
    if (was || (ks->src.info.waiting && ks->src.info.state == SOURCE_DEGRADED && clock_mono_ms() < ks->wait_until_mono_ms))
        return;
    set_state(ks, SOURCE_OK, NULL);
    ks->relooks = 0;
    if (ks->src.info.latency_ms < 0)
        relook(ks);
    else if (!ks->probe)
        arm_probe(ks, SILENCE_MS);
    kfeed_found(ks);
    kube_ticker_found(ks);
}

/* An answer that took long, of a server that was paused or busy for a moment: two more looks soon, or the header says it is
 * slow until the watch falls silent. */
static void look_again(struct kube_source *ks, const struct net_reply *r)
{
    struct net_site_stat st;
    if (!ks->auth.site || r->status <= 0)
        return;
    net_site_stat(ks->auth.site->net, &st);
    if (st.latency_ms >= 0 && st.latency_ms < SLOW_MS) {
        ks->relooks = 0;
        if (ks->src.info.latency_ms < 0 || ks->src.info.latency_ms >= SLOW_MS) {
            take_stat(ks);
            source_changed(&ks->src);
        }
    } else {
        relook(ks);
    }
}

static void mark_bad(struct kube_source *ks, const struct err *err)
{
    bool link = err->code == ERR_NET || err->code == ERR_TIMEOUT || err->code == ERR_PROTO;
    enum source_state state = link && ks->ever_ok ? SOURCE_STALE : SOURCE_FAILED;
    set_state(ks, state, err);
    kfeed_lost(ks, err);
}

void kube_sign_of_life(struct kube_source *ks)
{
    ks->last_sign_mono_ms = clock_mono_ms();
    if (ks->src.info.state == SOURCE_STALE || ks->src.info.state == SOURCE_CONNECTING)
        mark_ok(ks);
}

void kube_call_ended(struct kube_source *ks, const struct net_reply *reply)
{
    enum err_code code = reply->err.code;
    if (reply->status == 401) {
        mark_bad(ks, &reply->err);
        if (!ks->probe && !ks->probe_timer)
            arm_probe(ks, net_backoff_next(&ks->probe_backoff) + 1000);
        return;
    }
    /* A stream that broke or fell silent had a good head once: that is no answer. Its bytes were counted as they came. */
    if (reply->status > 0 && (code == ERR_OK || reply->status >= 400) && code != ERR_CANCELED) {
        ks->last_sign_mono_ms = clock_mono_ms();
        if (reply->status < 500)
            mark_ok(ks);
        look_again(ks, reply);
        return;
    }
    /* no answer: let a probe decide, one for all */
    if ((code == ERR_NET || code == ERR_TLS || code == ERR_TIMEOUT || code == ERR_PROTO || code == ERR_EXEC) &&
        ks->src.info.state == SOURCE_OK && !ks->probe)
        send_probe(ks);
}

void kube_asked_to_wait(struct kube_source *ks, int status, int64_t ms)
{
    struct err err;
    if (ms < NET_LONG_WAIT_MS || ks->src.info.state == SOURCE_STALE || ks->src.info.state == SOURCE_FAILED)
        return;
    err_set(&err, ERR_THROTTLED, status, "asks for patience (HTTP %d): it is asked again in %lld s", status, (long long)(ms + 500) / 1000);
    set_state(ks, SOURCE_DEGRADED, &err);
    ks->wait_until_mono_ms = clock_mono_ms() + ms;
    ks->src.info.waiting = true;
    source_changed(&ks->src);
}

/* ---- probes ---- */

static void read_version(struct kube_source *ks, const struct net_reply *r)
{
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL);
    const char *v = json_string_value(json_object_get(doc, "gitVersion"));
    if (v) {
        struct str clean;
        str_init(&clean, 4096);
        text_clean(&clean, v, strlen(v), 0);
        snprintf(ks->src.info.version, sizeof ks->src.info.version, "%s", clean.data);
        str_release(&clean);
        ks->have_version = true;
    }
    json_decref(doc);
}

/* /readyz lists its checks: "[-]etcd failed: reason withheld" */
static void not_ready(const struct net_reply *r, struct err *err)
{
    const char *p = r->body ? strstr(r->body, "[-]") : NULL;
    struct str bad;
    str_init(&bad, 4096);
    for (; p; p = strstr(p + 3, "[-]")) {
        if (bad.len)
            str_adds(&bad, ", ");
        text_clean(&bad, p + 3, strcspn(p + 3, " \n"), 0);
        if (bad.len > 120)
            break;
    }
    err_set(err, ERR_SERVER, r->status, "the API server is not ready%s%s", bad.len ? ": " : "", bad.data);
    str_release(&bad);
}

static void cancel_timer(struct kube_source *ks, struct net_timer **t)
{
    if (*t)
        net_timer_cancel(ks->src.net, *t);
    *t = NULL;
}

static void probe_done(void *arg, const struct net_reply *r)
{
    struct kube_source *ks = arg;
    ks->probe = NULL;
    cancel_timer(ks, &ks->slow_timer);
    if (r->err.code == ERR_CANCELED)
        return;
    int64_t again = SILENCE_MS;
    if (r->status == 200 && !ks->have_version)
        read_version(ks, r);
    if (r->status >= 500) {
        struct err err;
        not_ready(r, &err);
        set_state(ks, SOURCE_DEGRADED, &err);
        again = 1000 + net_backoff_next(&ks->probe_backoff);
    } else if (r->status > 0 && r->status != 401) {
        take_stat(ks);
        mark_ok(ks);
        source_changed(&ks->src);
    } else {
        struct err err = r->err;
        if (err.code == ERR_OK)
            err_set(&err, ERR_PROTO, 0, "no answer");
        mark_bad(ks, &err);
        /* a wrong certificate or a refused login is not cured by asking more often */
        bool fast = err_retryable(err.code);
        again = fast ? 500 + net_backoff_next(&ks->probe_backoff) : 15000 + net_backoff_next(&ks->probe_backoff);
    }
    cancel_timer(ks, &ks->probe_timer);
    arm_probe(ks, again);
    look_again(ks, r);
}

static void probe_slow(void *arg)
{
    struct kube_source *ks = arg;
    struct err err;
    ks->slow_timer = NULL;
    if (ks->auth.run)
        kube_auth_waits(ks, &err);
    else
        err_set(&err, ERR_TIMEOUT, 0, "does not answer a health check, still waiting");
    if (ks->src.info.state == SOURCE_OK || ks->src.info.state == SOURCE_DEGRADED) {
        set_state(ks, SOURCE_STALE, &err);
        kfeed_lost(ks, &err);
    } else if (ks->src.info.state == SOURCE_CONNECTING) {
        set_state(ks, SOURCE_CONNECTING, &err);
    }
    ks->src.info.waiting = true;
    source_changed(&ks->src);
}

static void send_probe(struct kube_source *ks)
{
    struct err err = ERR_INIT;
    cancel_timer(ks, &ks->probe_timer);
    struct kube_req rq = {
        .path = ks->have_version ? "/readyz" : "/version",
        .accept = ks->have_version ? "*/*" : NULL,
        .timeout_ms = PROBE_TIMEOUT_MS,
        .max_body = 1u << 20,
        .on_done = probe_done,
        .arg = ks,
    };
    ks->probe = kube_send(ks, &rq, &err);
    if (!ks->probe) {
        mark_bad(ks, &err);
        arm_probe(ks, SILENCE_MS);
        return;
    }
    cancel_timer(ks, &ks->slow_timer);
    ks->slow_timer = net_timer(ks->src.net, PROBE_SLOW_MS, probe_slow, ks);
}

static int64_t silence_limit(const struct kube_source *ks)
{
    if (!ks->idle)
        return SILENCE_MS;
    return kfeed_streaming(ks) || kube_ticker_streaming(ks) ? SILENCE_WATCH_MS : SILENCE_IDLE_MS;
}

static void probe_tick(void *arg)
{
    struct kube_source *ks = arg;
    ks->probe_timer = NULL;
    if (ks->probe)
        return;
    int64_t quiet = clock_mono_ms() - ks->last_sign_mono_ms, limit = silence_limit(ks);
    if (ks->relook && ks->src.info.state == SOURCE_OK) {
        ks->relook = false;
        ks->relooks++;
        send_probe(ks);
        return;
    }
    ks->relook = false;
    if (ks->src.info.state == SOURCE_OK && ks->have_version && quiet < limit) {
        take_stat(ks);
        arm_probe(ks, limit - quiet);
        return;
    }
    send_probe(ks);
}

static void arm_probe(struct kube_source *ks, int64_t in_ms)
{
    if (!ks->probe_timer)
        ks->probe_timer = net_timer(ks->src.net, in_ms, probe_tick, ks);
}

/* ---- source_ops ---- */

static void source_start(struct source *s)
{
    struct kube_source *ks = (struct kube_source *)s;
    struct err err = ERR_INIT;
    ks->last_sign_mono_ms = clock_mono_ms();
    if (ks->conf_err.code == ERR_OK && !kube_auth_init(ks, &err))
        ks->conf_err = err;
    if (ks->conf_err.code != ERR_OK) {
        set_state(ks, SOURCE_FAILED, &ks->conf_err);
        return;
    }
    s->info.expires_ms = kube_auth_expires(ks);
    source_changed(s);
    send_probe(ks);
    if (s->ticker)
        kube_ticker_start(ks);
}

static void source_free(struct source *s)
{
    struct kube_source *ks = (struct kube_source *)s;
    cancel_timer(ks, &ks->probe_timer);
    cancel_timer(ks, &ks->slow_timer);
    kube_ticker_stop(ks);
    while (ks->feeds)
        kube_feed_close(s, ks->feeds->f);
    kube_calls_cancel_all(ks);
    cancel_timer(ks, &ks->probe_timer);           /* armed again by a cancelled call */
    cancel_timer(ks, &ks->slow_timer);
    kube_discovery_free(ks->discovery);
    kube_auth_release(ks);
    kube_columns_free_all(ks->columns);
    kube_conf_unref(ks->conf);
    mem_free(ks);
}

static void source_set_idle(struct source *s, bool idle)
{
    struct kube_source *ks = (struct kube_source *)s;
    if (ks->idle == idle)
        return;
    ks->idle = idle;
    if (!idle && ks->src.info.state == SOURCE_OK && !ks->probe) {
        cancel_timer(ks, &ks->probe_timer);       /* somebody is back: how old is what they see? */
        probe_tick(ks);
    }
}

static bool changes(const struct call_req *rq)
{
    return rq->method && strcmp(rq->method, "GET") != 0 && !rq->safe;
}

static void *source_send(struct source *s, const struct call_req *rq, void (*done)(void *arg, const struct net_reply *r), void *arg,
                         struct err *err)
{
    struct kube_req kr = {.method = rq->method, .path = rq->path, .body = rq->body, .body_len = rq->body_len,
                          .content_type = rq->body ? rq->content_type ? rq->content_type : "application/json" : NULL,
                          .timeout_ms = rq->timeout_ms, .max_body = (size_t)64 << 20, .safe = rq->safe, .fresh = changes(rq),
                          .on_done = done, .arg = arg};
    return kube_send((struct kube_source *)s, &kr, err);
}

static void source_unsend(struct source *s, void *handle)
{
    (void)s;
    kube_cancel(handle);
}

static const struct source_ops kube_ops = {
    .name = "kube",
    .start = source_start,
    .free = source_free,
    .feed_open = kube_feed_open,
    .feed_close = kube_feed_close,
    .feed_refresh = kube_feed_refresh,
    .request = kube_request,
    .cancel = kube_request_cancel,
    .set_idle = source_set_idle,
    .call = source_send,
    .call_cancel = source_unsend,
};

struct kube_source *kube_source_of(struct source *s, struct err *err)
{
    if (s->ops == &kube_ops)
        return (struct kube_source *)s;
    if (s->info.err.code)
        *err = s->info.err;
    else
        err_set(err, ERR_UNSUPPORTED, 0, "%s is no cluster", s->info.name);
    return NULL;
}

static void copy_clean(char *to, size_t size, const char *from)
{
    struct str s;
    str_init(&s, 1u << 16);
    if (from)
        text_clean(&s, from, strlen(from), 0);
    snprintf(to, size, "%s", s.data);
    str_release(&s);
}

struct source *kube_source_new(struct core *core, struct net *net, const struct kubeconfig *kc, const char *context)
{
    struct kube_source *ks = mem_zalloc(sizeof *ks);
    if (!ks)
        return NULL;
    ks->conf = kube_conf_new(kc, context, &ks->conf_err);
    if (!ks->conf) {
        mem_free(ks);
        return NULL;
    }
    ks->probe_backoff = (struct net_backoff){.base_ms = 1000, .max_ms = 30000};
    struct source *s = &ks->src;
    s->ops = &kube_ops;
    s->core = core;
    s->net = net;
    s->info.plane = PLANE_KUBE;
    s->info.state = ks->conf_err.code ? SOURCE_FAILED : SOURCE_CONNECTING;
    s->info.err = ks->conf_err;
    s->info.latency_ms = -1;
    copy_clean(s->info.name, sizeof s->info.name, context);
    text_url(s->info.server, sizeof s->info.server, ks->conf->cluster.server);
    copy_clean(s->info.scope, sizeof s->info.scope, ks->conf->ns);
    copy_clean(s->info.user, sizeof s->info.user, ks->conf->user.name);
    if (ks->conf->user.as && ks->conf->user.as[0]) {
        char who[256];
        snprintf(who, sizeof who, "%s as %s", s->info.user, ks->conf->user.as);
        copy_clean(s->info.user, sizeof s->info.user, who);
    }
    return s;
}

int64_t kube_now_ms(const struct kube_source *ks)
{
    struct net_site_stat st = {0};
    if (ks->auth.site)
        net_site_stat(ks->auth.site->net, &st);
    return clock_wall_ms() + (st.has_offset ? st.clock_offset_ms : 0);
}

int64_t kube_clock_error_ms(const struct kube_source *ks)
{
    struct net_site_stat st = {0};
    if (ks->auth.site)
        net_site_stat(ks->auth.site->net, &st);
    return st.clock_error_ms;
}

const char *kube_default_ns(const struct kube_source *ks)
{
    return ks->conf->ns ? ks->conf->ns : "default";
}
