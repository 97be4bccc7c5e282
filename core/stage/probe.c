/* HTTP probes: absolute slots on a thread with a network loop of its own, a fresh connection for each. */
#include "core/stage/probe.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "strata/clock.h"
#include "strata/mem.h"

#define MAX_PENDING 64
#define PHASE_US 17000                 /* probes do not start in the same moment */
#define BODY_MAX ((size_t)1 << 20)
#define HOLD_US 3000000

struct probe {
    struct probes *set;
    enum stage_probe kind;
    char *url;
    struct net_site *site;
    int64_t timeout_us;
    struct slots slots;
    struct samples samples;
    unsigned pending;
    atomic_bool refused;
    bool renewing;                     /* its thread: the last known answer was a 401 */
    _Atomic int64_t hold_us;           /* nothing is sent with a token that was refused, until a new one is there or so late */
    char *secret;                      /* under the set's lock */
};

struct probes {
    struct net *net;
    struct wall_anchor anchor;
    pthread_t thread;
    bool started;
    atomic_bool stop;
    pthread_mutex_t lock;
    struct probe probe[PROBES_MAX];
    int n;
};

struct flight {
    struct probe *probe;
    size_t number;
};

/* ---- answers ---- */

enum { CURL_NO_HOST = 6, CURL_TLS_CONNECT = 35, CURL_GOT_NOTHING = 52, CURL_SEND = 55, CURL_RECV = 56, CURL_PARTIAL = 18, CURL_H2 = 16, CURL_H2_STREAM = 92 };

static enum stage_class class_of(const struct net_reply *r)
{
    const struct err *e = &r->err;
    switch (e->code) {
    case ERR_OK:
        return r->status >= 500 ? STAGE_HTTP_5XX : r->status >= 400 ? STAGE_HTTP_4XX : r->status ? STAGE_OK : STAGE_OTHER;
    case ERR_TIMEOUT:
        return STAGE_TIMEOUT;
    case ERR_PROTO:
        return STAGE_RESET;            /* cut in the middle of an answer */
    case ERR_TLS:                      /* a certificate does not change in between: the connection broke in its handshake */
        return e->detail == CURL_TLS_CONNECT ? STAGE_RESET : STAGE_OTHER;
    case ERR_NET:
        break;
    default:
        return STAGE_OTHER;
    }
    switch (e->detail) {
    case ECONNREFUSED: return STAGE_REFUSED_CONN;
    case CURL_NO_HOST: return STAGE_DNS;
    case ECONNRESET: case EPIPE: case CURL_TLS_CONNECT: case CURL_GOT_NOTHING: case CURL_SEND: case CURL_RECV: case CURL_PARTIAL: case CURL_H2: case CURL_H2_STREAM:
        return STAGE_RESET;
    case ETIMEDOUT: return STAGE_TIMEOUT;
    default: return STAGE_OTHER;
    }
}

static void learn_date(struct stage_sample *x, const struct wall_anchor *a, const struct net_reply *r)
{
    const char *date = r->call ? net_header(r->call, "date") : NULL;
    int64_t ms, lo, hi;
    x->theta_lo_ms = 1;
    x->theta_hi_ms = 0;
    /* one who answers from a cache, or for another, may write another's clock */
    if (!date || net_header(r->call, "age") || net_header(r->call, "via") || !http_date(date, &ms))
        return;
    theta_date(ms, wall_of(a, x->sent_us), wall_of(a, x->done_us), &lo, &hi);
    if (lo > INT32_MIN && hi < INT32_MAX) {
        x->theta_lo_ms = (int32_t)lo;
        x->theta_hi_ms = (int32_t)hi;
    }
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct flight *f = arg;
    struct probe *p = f->probe;
    struct stage_sample x = samples_get(&p->samples, f->number);
    x.done_us = clock_mono_us();
    x.class = (uint8_t)class_of(r);
    x.status = (uint16_t)r->status;
    learn_date(&x, &p->set->anchor, r);
    if (r->err.code != ERR_CANCELED)
        samples_set(&p->samples, f->number, &x);
    if (r->status == 401) {
        if (p->kind == STAGE_P2 && !p->renewing)
            atomic_store(&p->hold_us, x.done_us + HOLD_US);
        p->renewing = true;
        atomic_store(&p->refused, true);
    } else if (x.class == STAGE_OK) {
        p->renewing = false;
    }
    p->pending--;
    mem_free(f);
}

static bool send_one(struct probe *p, struct flight *f)
{
    struct err err = ERR_INIT;
    const char *secret[2] = {NULL, NULL};
    pthread_mutex_lock(&p->set->lock);
    secret[0] = p->secret;
    struct net_req rq = {.url = p->url, .secret_headers = secret[0] ? secret : NULL, .timeout_ms = (int)(p->timeout_us / 1000),
                         .max_body = BODY_MAX, .on_done = on_done, .arg = f, .fresh_connection = true};
    bool ok = net_send(p->set->net, p->site, &rq, &err) != NULL;
    pthread_mutex_unlock(&p->set->lock);
    return ok;
}

static void take_slot(struct probe *p, int64_t slot_us)
{
    int64_t now = clock_mono_us();
    struct stage_sample x = {.slot_us = slot_us, .class = STAGE_NOT_SENT, .theta_lo_ms = 1};
    bool late = slot_too_late(&p->slots, slot_us, now) || now < atomic_load(&p->hold_us) || p->pending >= MAX_PENDING;
    struct flight *f = late ? NULL : mem_alloc(sizeof *f);
    if (!f) {
        samples_add(&p->samples, &x);
        return;
    }
    x.sent_us = now;
    x.class = STAGE_PENDING;
    *f = (struct flight){.probe = p, .number = samples_add(&p->samples, &x)};
    if (send_one(p, f)) {
        p->pending++;
        return;
    }
    x.class = STAGE_NOT_SENT;
    x.sent_us = 0;
    samples_set(&p->samples, f->number, &x);
    mem_free(f);
}

/* ---- the thread ---- */

static int64_t next_slot(const struct probes *s)
{
    int64_t next = INT64_MAX;
    for (int i = 0; i < s->n; i++)
        if (s->probe[i].slots.next_us < next)
            next = s->probe[i].slots.next_us;
    return next;
}

static void sleep_until(int64_t us)
{
    struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static void *thread_main(void *arg)
{
    struct probes *s = arg;
    while (!atomic_load(&s->stop)) {
        int64_t left = next_slot(s) - clock_mono_us();
        if (left > 1000) {
            net_step(s->net, (int)(left / 1000 < 100 ? left / 1000 : 100));
            continue;
        }
        if (left > 0)
            sleep_until(next_slot(s));
        for (int i = 0; i < s->n; i++) {
            struct probe *p = &s->probe[i];
            int64_t slot = p->slots.next_us;
            for (size_t n = slots_due(&p->slots, clock_mono_us()); n; n--, slot += p->slots.period_us)
                take_slot(p, slot);
        }
        net_step(s->net, 0);
    }
    return NULL;
}

/* ---- life ---- */

struct probes *probes_new(struct err *err)
{
    struct probes *s = mem_zalloc(sizeof *s);
    if (!s || pthread_mutex_init(&s->lock, NULL)) {
        mem_free(s);
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    wall_anchor_take(&s->anchor);
    s->net = net_new(err);
    if (s->net)
        return s;
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
    return NULL;
}

int probes_add(struct probes *s, const struct probe_conf *conf, const char *secret)
{
    struct err err;
    struct probe *p = &s->probe[s->n];
    struct net_site_conf site = conf->site;
    if (s->n == PROBES_MAX || !samples_init(&p->samples))
        return -1;
    site.http2 = false;                /* a connection of its own each time */
    site.compress = false;
    site.max_connections = 2 * MAX_PENDING;
    site.connect_timeout_ms = (int)(conf->timeout_us / 1000);
    p->set = s;
    p->kind = conf->kind;
    p->timeout_us = conf->timeout_us;
    p->slots.period_us = conf->period_us;
    p->url = mem_strdup(conf->url);
    p->secret = mem_strdup(secret);
    p->site = net_site_new(s->net, &site, &err);
    if (p->url && p->site && (p->secret || !secret))
        return s->n++;
    mem_free(p->url);
    mem_free_secret(p->secret);
    if (p->site)
        net_site_free(s->net, p->site);
    samples_release(&p->samples);
    *p = (struct probe){.set = NULL};
    return -1;
}

bool probes_start(struct probes *s, struct err *err)
{
    sigset_t all, old;
    int64_t from = clock_mono_us() + 10000;
    for (int i = 0; i < s->n; i++)
        s->probe[i].slots.next_us = from + i * PHASE_US;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = s->n ? pthread_create(&s->thread, NULL, thread_main, s) : 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    s->started = s->n && rc == 0;
    if (rc)
        err_set(err, ERR_NOMEM, rc, "cannot start the probes' thread: %s", strerrordesc_np(rc));
    return rc == 0;
}

static void nothing(void *arg)
{
    (void)arg;
}

void probes_free(struct probes *s)
{
    if (!s)
        return;
    atomic_store(&s->stop, true);
    if (s->started) {
        net_post(s->net, nothing, NULL, NULL);       /* wakes its poll */
        pthread_join(s->thread, NULL);
    }
    net_free(s->net);                                /* flights end canceled */
    for (int i = 0; i < s->n; i++) {
        mem_free(s->probe[i].url);
        mem_free_secret(s->probe[i].secret);
        samples_release(&s->probe[i].samples);
    }
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

struct samples *probes_samples(struct probes *s, int i)
{
    return &s->probe[i].samples;
}

void probes_secret(struct probes *s, int i, const char *line)
{
    char *copy = mem_strdup(line);
    pthread_mutex_lock(&s->lock);
    char *old = s->probe[i].secret;
    if (copy)
        s->probe[i].secret = copy;
    pthread_mutex_unlock(&s->lock);
    if (copy) {
        mem_free_secret(old);
        atomic_store(&s->probe[i].hold_us, 0);
    }
}

bool probes_refused(struct probes *s, int i)
{
    return atomic_exchange(&s->probe[i].refused, false);
}
