/* Usage of pods and nodes from metrics.k8s.io into the columns cpu and mem of a feed. No metrics API: nothing happens. */
#include <jansson.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define POLL_MS 30000
#define POLL_IDLE_MS 120000
#define ABSENT_MS 600000           /* no metrics API: it may be installed one day */
#define FORGET_MS 180000           /* older numbers are no numbers */

struct kube_metrics {
    struct kfeed *kf;
    struct kube_call *call;
    struct net_timer *timer;
    int64_t taken_mono_ms;             /* of the numbers on the screen; 0 none */
};

static void ask(void *arg);

static void again(struct kube_metrics *m, int64_t in_ms)
{
    if (!m->timer)
        m->timer = net_timer(m->kf->ks->src.net, in_ms, ask, m);
}

static int64_t quantity(const json_t *usage, const char *key)
{
    const char *s = json_string_value(json_object_get(usage, key));
    int64_t milli;
    return s && text_parse_quantity(s, strlen(s), &milli) ? milli : 0;
}

struct usage { int64_t cpu_milli, mem_bytes; };

static struct usage usage_of(const json_t *item)
{
    struct usage u = {0, 0};
    const json_t *containers = json_object_get(item, "containers"), *own = json_object_get(item, "usage");
    for (size_t i = 0; i < json_array_size(containers); i++) {
        const json_t *c = json_object_get(json_array_get(containers, i), "usage");
        u.cpu_milli += quantity(c, "cpu");
        u.mem_bytes += quantity(c, "memory") / 1000;
    }
    if (own) {
        u.cpu_milli += quantity(own, "cpu");
        u.mem_bytes += quantity(own, "memory") / 1000;
    }
    return u;
}

static void map_key(struct str *s, const char *ns, const char *name)
{
    str_clear(s);
    str_addf(s, "%s/%s", ns ? ns : "", name ? name : "");
}

/* NULL usages: forget all numbers. */
static void fill(struct kfeed *kf, const struct map *usages)
{
    struct store *st = kf->f->store;
    int cpu = kind_column(kf->kind, "cpu"), mem = kind_column(kf->kind, "mem");
    struct str key;
    str_init(&key, 4096);
    for (size_t slot = 0; slot < store_slots(st); slot++) {
        const struct row *r = store_row(st, slot);
        if (!r)
            continue;
        map_key(&key, r->scope, r->name);
        const struct usage *u = usages ? map_get(usages, key.data) : NULL;
        char uid[128];                            /* the row is replaced by the first change */
        snprintf(uid, sizeof uid, "%s", r->uid);
        if (strlen(r->uid) >= sizeof uid)
            continue;
        if (cpu >= 0)
            store_set_num(st, uid, cpu, u ? u->cpu_milli : CELL_NONE);
        if (mem >= 0)
            store_set_num(st, uid, mem, u ? u->mem_bytes : CELL_NONE);
    }
    str_release(&key);
    if (store_dirty(st))
        feed_changed(kf->f);
}

static bool take(struct kube_metrics *m, const char *body, size_t len)
{
    json_t *doc = json_read(body, len, 0, NULL);
    const json_t *items = json_object_get(doc, "items");
    size_t n = json_array_size(items);
    struct usage *list = json_is_array(items) ? mem_alloc((n + 1) * sizeof *list) : NULL;
    struct map usages;
    struct str key;
    map_init(&usages, NULL);
    str_init(&key, 4096);
    for (size_t i = 0; list && i < n; i++) {
        const json_t *it = json_array_get(items, i), *meta = json_object_get(it, "metadata");
        map_key(&key, json_string_value(json_object_get(meta, "namespace")), json_string_value(json_object_get(meta, "name")));
        list[i] = usage_of(it);
        map_put(&usages, key.data, &list[i]);
    }
    if (list)
        fill(m->kf, &usages);
    bool ok = list != NULL;
    map_release(&usages);
    str_release(&key);
    mem_free(list);
    json_decref(doc);
    return ok;
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct kube_metrics *m = arg;
    struct kube_source *ks = m->kf->ks;
    m->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    int64_t now = clock_mono_ms(), next = ks->idle ? POLL_IDLE_MS : POLL_MS;
    if (r->err.code == ERR_OK && take(m, r->body ? r->body : "", r->len)) {
        m->taken_mono_ms = now;
    } else if (r->status == 404 || r->status == 403) {
        next = ABSENT_MS;
    }
    if (m->taken_mono_ms && now - m->taken_mono_ms > FORGET_MS) {
        m->taken_mono_ms = 0;
        fill(m->kf, NULL);
    }
    again(m, next);
}

static void ask(void *arg)
{
    struct kube_metrics *m = arg;
    struct kfeed *kf = m->kf;
    struct err err;
    struct str path;
    m->timer = NULL;
    str_init(&path, 4096);
    str_adds(&path, "/apis/metrics.k8s.io/v1beta1/");
    if (kf->ns[0]) {
        str_adds(&path, "namespaces/");
        str_add_urlenc(&path, kf->ns);
        str_addc(&path, '/');
    }
    str_adds(&path, kf->kind->kube->resource);
    struct kube_req rq = {.path = path.data, .timeout_ms = 60000, .max_body = 256u << 20, .on_done = on_done, .arg = m};
    if (!path.failed)
        m->call = kube_send(kf->ks, &rq, &err);
    str_release(&path);
    if (!m->call)
        again(m, POLL_MS);
}

void kube_metrics_open(struct kfeed *kf)
{
    if (kf->metrics)
        return;
    struct kube_metrics *m = mem_zalloc(sizeof *m);
    if (!m)
        return;                                   /* without numbers; tried again with the next list */
    m->kf = kf;
    kf->metrics = m;
    again(m, 0);
}

void kube_metrics_close(struct kfeed *kf)
{
    struct kube_metrics *m = kf->metrics;
    if (!m)
        return;
    kf->metrics = NULL;
    if (m->timer)
        net_timer_cancel(kf->ks->src.net, m->timer);
    kube_cancel(m->call);
    mem_free(m);
}
