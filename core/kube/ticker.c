/* One watch of events for the ticker, from now on. A storm is counted, not printed. */
#include <jansson.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define MAX_PER_SECOND 10
#define MAX_LINE (4u << 20)
#define WATCH_IDLE_MS 75000
#define REFUSED_MS 600000

struct kube_ticker {
    struct kube_source *ks;
    struct kube_call *call;
    struct net_timer *timer;
    struct net_backoff backoff;
    struct str buf;
    char rv[64];
    bool all_refused;                  /* only the context's namespace */
    bool watching;
    bool restart;                      /* the revision is too old: from now again */
    int64_t second_mono_ms;
    unsigned told, untold;
};

static void begin(void *arg);

static void again(struct kube_ticker *t, int64_t in_ms)
{
    t->watching = false;
    if (!t->timer)
        t->timer = net_timer(t->ks->src.net, in_ms, begin, t);
}

static void events_path(const struct kube_ticker *t, struct str *path)
{
    str_adds(path, "/api/v1/");
    if (t->all_refused) {
        str_adds(path, "namespaces/");
        str_add_urlenc(path, kube_default_ns(t->ks));
        str_addc(path, '/');
    }
    str_adds(path, "events");
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* ---- events ---- */

static void tell(struct kube_ticker *t, const json_t *e)
{
    static const char *const stamps[] = {"lastTimestamp", "eventTime", "firstTimestamp"};
    const json_t *about = json_object_get(e, "involvedObject");
    const char *ns = text_of(about, "namespace");
    int64_t ms = kube_now_ms(t->ks);
    for (size_t i = 0; i < sizeof stamps / sizeof *stamps; i++) {
        const char *s = text_of(e, stamps[i]);
        if (s[0] && text_parse_time(s, strlen(s), &ms))
            break;
    }
    const char *series = text_of(json_object_get(e, "series"), "lastObservedTime");
    if (series[0])
        text_parse_time(series, strlen(series), &ms);
    source_notice(&t->ks->src, strcmp(text_of(e, "type"), "Warning") == 0 ? HEALTH_WARN : HEALTH_NONE, ms, "%s%s%s %s %.300s",
                  ns, ns[0] ? "/" : "", text_of(about, "name"), text_of(e, "reason"), text_of(e, "message"));
}

/* The API server writes an object's metadata first, so the first one is the event's own. */
static void note_rv(struct kube_ticker *t, const char *line, size_t len)
{
    static const char key[] = "\"resourceVersion\":\"";
    const char *p = memmem(line, len, key, sizeof key - 1);
    if (!p)
        return;
    p += sizeof key - 1;
    size_t n = strcspn(p, "\"");
    if (n > 0 && n < sizeof t->rv) {
        memcpy(t->rv, p, n);
        t->rv[n] = '\0';
    }
}

static bool is_type(const char *line, size_t len, const char *type)
{
    char head[32];
    int n = snprintf(head, sizeof head, "{\"type\":\"%s\"", type);
    return n > 0 && len >= (size_t)n && memcmp(line, head, (size_t)n) == 0;
}

static bool take_line(struct kube_ticker *t, const char *line, size_t len)
{
    int64_t now = clock_mono_ms();
    if (is_type(line, len, "ERROR")) {
        t->restart = true;
        return false;
    }
    note_rv(t, line, len);
    if (!is_type(line, len, "ADDED") && !is_type(line, len, "MODIFIED"))
        return true;
    if (now - t->second_mono_ms >= 1000) {
        if (t->untold)
            source_notice(&t->ks->src, HEALTH_NONE, kube_now_ms(t->ks), "and %u more events", t->untold);
        t->second_mono_ms = now;
        t->told = t->untold = 0;
    }
    if (t->told >= MAX_PER_SECOND) {
        t->untold++;
        return true;
    }
    t->told++;
    json_t *ev = json_read(line, len, 0, NULL);
    if (ev)
        tell(t, json_object_get(ev, "object"));
    json_decref(ev);
    return true;
}

static bool on_data(void *arg, const char *data, size_t len)
{
    struct kube_ticker *t = arg;
    size_t done = 0;
    if (!str_add(&t->buf, data, len)) {
        t->restart = true;
        return false;
    }
    for (const char *nl; (nl = memchr(t->buf.data + done, '\n', t->buf.len - done));) {
        size_t n = (size_t)(nl - t->buf.data) - done;
        if (!take_line(t, t->buf.data + done, n))
            return false;
        done += n + 1;
    }
    str_cut(&t->buf, done);
    return true;
}

/* ---- the stream ---- */

static bool refused(struct kube_ticker *t, int status)
{
    if (status != 403 && status != 404)
        return false;
    if (status == 403 && !t->all_refused) {
        t->all_refused = true;
        again(t, 0);
    } else {
        again(t, REFUSED_MS);                     /* no right to see events: no ticker, no noise */
    }
    return true;
}

static void watch_done(void *arg, const struct net_reply *r)
{
    struct kube_ticker *t = arg;
    bool restart = t->restart || r->status == 410;
    t->call = NULL;
    str_release(&t->buf);
    t->restart = false;
    if (restart)
        t->rv[0] = '\0';
    if ((r->err.code == ERR_CANCELED && !restart) || refused(t, r->status))
        return;
    if (r->err.code == ERR_OK)
        net_backoff_reset(&t->backoff);
    again(t, 500 + net_backoff_next(&t->backoff));
}

static void on_head(void *arg, const struct net_head *head)
{
    struct kube_ticker *t = arg;
    t->watching = head->status == 200;
}

static void watch(struct kube_ticker *t)
{
    struct err err;
    struct str path;
    str_init(&path, 4096);
    events_path(t, &path);
    str_adds(&path, "?watch=true&allowWatchBookmarks=true&resourceVersion=");
    str_add_urlenc(&path, t->rv);
    str_addf(&path, "&timeoutSeconds=%u", 300 + (unsigned)(clock_mono_us() % 290));
    struct kube_req rq = {.path = path.data, .timeout_ms = -1, .idle_timeout_ms = WATCH_IDLE_MS, .on_head = on_head,
                          .on_data = on_data, .on_done = watch_done, .arg = t};
    if (!path.failed)
        t->call = kube_send(t->ks, &rq, &err);
    str_release(&path);
    if (!t->call)
        again(t, 30000);
}

/* "From now" is the revision of an empty page. */
static void now_done(void *arg, const struct net_reply *r)
{
    struct kube_ticker *t = arg;
    t->call = NULL;
    if (r->err.code == ERR_CANCELED || refused(t, r->status))
        return;
    json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    const char *rv = text_of(json_object_get(doc, "metadata"), "resourceVersion");
    snprintf(t->rv, sizeof t->rv, "%s", strlen(rv) < sizeof t->rv ? rv : "");
    json_decref(doc);
    if (t->rv[0])
        watch(t);
    else
        again(t, 1000 + net_backoff_next(&t->backoff));
}

static void begin(void *arg)
{
    struct kube_ticker *t = arg;
    struct err err;
    struct str path;
    t->timer = NULL;
    if (t->call)
        return;
    if (t->rv[0]) {
        watch(t);
        return;
    }
    str_init(&path, 4096);
    events_path(t, &path);
    str_adds(&path, "?limit=1");
    struct kube_req rq = {.path = path.data, .max_body = 4u << 20, .on_done = now_done, .arg = t};
    if (!path.failed)
        t->call = kube_send(t->ks, &rq, &err);
    str_release(&path);
    if (!t->call)
        again(t, 30000);
}

void kube_ticker_start(struct kube_source *ks)
{
    struct kube_ticker *t = ks->ticker ? NULL : mem_zalloc(sizeof *t);
    if (!t)
        return;
    t->ks = ks;
    t->backoff = (struct net_backoff){.base_ms = 1000, .max_ms = 60000};
    str_init(&t->buf, MAX_LINE);
    ks->ticker = t;
    again(t, 200);                                /* the panes first */
}

void kube_ticker_stop(struct kube_source *ks)
{
    struct kube_ticker *t = ks->ticker;
    if (!t)
        return;
    if (t->timer)
        net_timer_cancel(ks->src.net, t->timer);
    t->timer = NULL;
    t->restart = false;
    kube_cancel(t->call);
    ks->ticker = NULL;
    str_release(&t->buf);
    mem_free(t);
}

bool kube_ticker_streaming(const struct kube_source *ks)
{
    return ks->ticker && ks->ticker->watching && ks->ticker->call;
}

void kube_ticker_found(struct kube_source *ks)
{
    struct kube_ticker *t = ks->ticker;
    if (!t || t->call || !t->timer)
        return;
    net_timer_cancel(ks->src.net, t->timer);
    t->timer = NULL;
    again(t, 200);
}
