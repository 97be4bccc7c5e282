/* Usage of pods and nodes from metrics.k8s.io into the columns cpu and mem of a feed. No metrics API: nothing happens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kinds/kube_common.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define POLL_MS 30000
#define POLL_IDLE_MS 120000
#define ABSENT_MS 600000           /* no metrics API: it may be installed one day */
#define FORGET_MS 180000           /* older numbers are no numbers */
#define KEYS_MAX ((size_t)256 << 20)

struct kube_metrics {
    struct kfeed *kf;
    struct kube_call *call;
    struct net_timer *timer;
    int64_t taken_mono_ms;             /* of the numbers on the screen; 0 none */
    bool broken;                       /* the answer is not what it should be: the reader ended it */
    /* of the answer under way */
    struct wire_stream *ws;
    struct usage { const char *key; size_t at; int64_t cpu_milli, mem_bytes; } *list;
    size_t n, cap;
    struct str keys;                   /* "namespace/name", NUL, ... */
};

static void ask(void *arg);

static void again(struct kube_metrics *m, int64_t in_ms)
{
    if (!m->timer)
        m->timer = net_timer(m->kf->ks->src.net, in_ms, ask, m);
}

/* ---- what the answer says: read as it arrives, for a list of every pod is megabytes, and each time ---- */

enum { CONTAINER_USAGE };
static const struct wire_field container_fields[] = {F_MAP("usage", 0)};
static const struct wire_schema container = KUBE_SCHEMA(container_fields);
enum { IT_NAME, IT_NAMESPACE };
static const struct wire_field meta_fields[] = {F_STR("name", 0), F_STR("namespace", 0)};
static const struct wire_schema meta = KUBE_SCHEMA(meta_fields);
enum { IT_META, IT_CONTAINERS, IT_USAGE };       /* PodMetrics have the second, NodeMetrics the third */
static const struct wire_field item_fields[] = {F_MSG("metadata", 0, meta), F_MSGS("containers", 0, container), F_MAP("usage", 0)};
static const struct wire_schema item = KUBE_SCHEMA(item_fields);

static void map_key(struct str *s, const char *ns, const char *name)
{
    str_clear(s);
    str_addf(s, "%s/%s", ns ? ns : "", name ? name : "");
}

static void add_usage(struct usage *u, const struct wire_val *v)
{
    int64_t milli;
    for (; v; v = v->next) {
        if (!v->key || !v->s || !text_parse_quantity(v->s, v->len, &milli))
            continue;
        if (!strcmp(v->key, "cpu"))
            u->cpu_milli += milli;
        else if (!strcmp(v->key, "memory"))
            u->mem_bytes += milli / 1000;
    }
}

static bool on_item(void *arg, enum wire_event ev, const struct wire_obj *o, const char *raw, size_t len, int status_code)
{
    struct kube_metrics *m = arg;
    (void)ev, (void)raw, (void)len, (void)status_code;
    if (!mem_grow(&m->list, &m->cap, m->n + 1, sizeof *m->list))
        return false;
    struct usage *u = &m->list[m->n];
    *u = (struct usage){.at = m->keys.len};
    for (const struct wire_val *c = wire_list(o, IT_CONTAINERS); c; c = c->next)
        add_usage(u, wire_list(c->obj, CONTAINER_USAGE));
    add_usage(u, wire_list(o, IT_USAGE));
    const char *ns = wire_str(wire_sub(o, IT_META), IT_NAMESPACE), *name = wire_str(wire_sub(o, IT_META), IT_NAME);
    str_addf(&m->keys, "%s/%s", ns ? ns : "", name ? name : "");
    if (!str_addc(&m->keys, '\0'))
        return false;
    m->n++;
    return true;
}

static void forget_answer(struct kube_metrics *m)
{
    wire_stream_free(m->ws);
    m->ws = NULL;
    mem_free(m->list);
    m->list = NULL;
    m->n = m->cap = 0;
    m->broken = false;
    str_release(&m->keys);
    str_init(&m->keys, KEYS_MAX);
}

static bool on_data(void *arg, const char *data, size_t len)
{
    static const struct wire_stream_ops ops = {.object = on_item};
    struct kube_metrics *m = arg;
    struct err err = ERR_INIT;
    m->broken = !m->ws && !(m->ws = wire_stream_new(&item, false, false, 0, &ops, m));
    if (m->broken)
        return false;
    m->broken = wire_stream_feed(m->ws, data, len, &err) != ERR_OK;
    return !m->broken;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct usage *)a)->key, ((const struct usage *)b)->key);
}

/* Every number of every row: what the answer does not name has none. */
static void fill(struct kube_metrics *m)
{
    struct kfeed *kf = m->kf;
    struct store *st = kf->f->store;
    int cpu = kind_column(kf->kind, "cpu"), mem = kind_column(kf->kind, "mem");
    struct str key;
    str_init(&key, 4096);
    for (size_t slot = 0; slot < store_slots(st); slot++) {
        const struct row *r = store_row(st, slot);
        if (!r)
            continue;
        map_key(&key, r->scope, r->name);
        struct usage want = {.key = key.data};
        const struct usage *u = m->n && !key.failed ? bsearch(&want, m->list, m->n, sizeof *m->list, by_key) : NULL;
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

static bool take(struct kube_metrics *m)
{
    struct err err = ERR_INIT;
    if (!m->ws || wire_stream_end(m->ws, &err) != ERR_OK)
        return false;
    for (size_t i = 0; i < m->n; i++)
        m->list[i].key = m->keys.data + m->list[i].at;
    if (m->n)
        qsort(m->list, m->n, sizeof *m->list, by_key);
    fill(m);
    return true;
}

static void on_done(void *arg, const struct net_reply *r)
{
    struct kube_metrics *m = arg;
    struct kube_source *ks = m->kf->ks;
    m->call = NULL;
    if (r->err.code == ERR_CANCELED && !m->broken)
        return;
    int64_t now = clock_mono_ms(), next = ks->idle ? POLL_IDLE_MS : POLL_MS;
    if (r->err.code == ERR_OK && take(m)) {
        m->taken_mono_ms = now;
    } else if (r->status == 404 || r->status == 403) {
        next = ABSENT_MS;
    }
    if (m->taken_mono_ms && now - m->taken_mono_ms > FORGET_MS) {
        m->taken_mono_ms = 0;
        forget_answer(m);
        fill(m);
    }
    forget_answer(m);
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
    struct kube_req rq = {.path = path.data, .timeout_ms = 60000, .max_body = 256u << 20, .on_data = on_data, .on_done = on_done, .arg = m};
    if (!path.failed)
        m->call = kube_send_bulk(kf->ks, &rq, &err);
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
    str_init(&m->keys, KEYS_MAX);
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
    forget_answer(m);
    str_release(&m->keys);
    mem_free(m);
}
