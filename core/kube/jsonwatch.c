/* Codec of taps: whole objects as JSON, for those who need more of an object than a row carries. A tap is a feed nobody
 * subscribes to: the same list, watch, resume and back-off, but its objects go to a callback with the time they arrived. */
#include <jansson.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define MAX_LINE ((size_t)16 << 20)

struct kube_tap {
    struct feed feed;                  /* first: kfeed knows nothing else */
    struct kube_source *ks;
    const struct kube_tap_ops *ops;
    void *arg;
    char *query;
    bool open;
};

static struct kube_tap *tap_of(const struct kfeed *kf)
{
    return kf->f->tap;
}

void kube_tap_link(struct kfeed *kf, enum kube_tap_link link, const struct err *err)
{
    struct kube_tap *t = tap_of(kf);
    if (t && t->ops->link)
        t->ops->link(t->arg, link, err);
}

const char *kube_tap_query(const struct kfeed *kf)
{
    const struct kube_tap *t = tap_of(kf);
    return t ? t->query : NULL;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static bool bad_json(struct kfeed *kf)
{
    err_set(&kf->fault, ERR_PROTO, 0, "the server's answer about %s cannot be read", kf->kind ? kf->kind->id : "objects");
    return false;
}

static bool watch_line(struct kfeed *kf, const char *line, size_t len, int64_t arrived_us)
{
    static const struct { const char *word; enum kube_tap_event event; } types[] = {
        {"ADDED", TAP_ADDED}, {"MODIFIED", TAP_MODIFIED}, {"DELETED", TAP_DELETED}};
    json_t *ev = json_read(line, len, 0, NULL);
    const char *type = text_of(ev, "type");
    json_t *obj = json_object_get(ev, "object");
    bool ok = json_is_object(obj) || bad_json(kf);
    if (ok && !strcmp(type, "ERROR")) {
        char *s = json_dumps(obj, JSON_COMPACT);
        kfeed_status_fault(kf, (int)json_integer_value(json_object_get(obj, "code")), s ? s : "", s ? strlen(s) : 0);
        json_text_free(s);
        ok = false;
    } else if (ok) {
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
            if (!strcmp(type, types[i].word))
                tap_of(kf)->ops->object(tap_of(kf)->arg, types[i].event, obj, arrived_us);
        kfeed_set_rv(kf, text_of(json_object_get(obj, "metadata"), "resourceVersion"));
    }
    json_decref(ev);
    return ok;
}

/* ---- the codec ---- */

static const char *json_accept(const struct kfeed *kf)
{
    (void)kf;
    return "application/json";
}

static bool json_begin(struct kfeed *kf, const struct net_head *head, bool watch)
{
    (void)head;
    (void)watch;
    str_clear(&kf->buf);
    return true;
}

static bool json_data(struct kfeed *kf, const char *data, size_t len)
{
    int64_t now = clock_mono_us();
    if (!str_add(&kf->buf, data, len) || (kf->phase == KF_WATCH && kf->buf.len > MAX_LINE)) {
        err_set(&kf->fault, ERR_TOOBIG, 0, "the server's answer is too big");
        return false;
    }
    if (kf->phase != KF_WATCH)
        return true;
    size_t done = 0;
    for (const char *nl; (nl = memchr(kf->buf.data + done, '\n', kf->buf.len - done));) {
        size_t n = (size_t)(nl - kf->buf.data) - done;
        if (n > 0 && !watch_line(kf, kf->buf.data + done, n, now))
            return false;
        done += n + 1;
    }
    str_cut(&kf->buf, done);
    return true;
}

static bool json_end(struct kfeed *kf)
{
    json_t *doc = kf->buf.len ? json_read(kf->buf.data, kf->buf.len, 0, NULL) : NULL;
    const json_t *items = json_object_get(doc, "items"), *meta = json_object_get(doc, "metadata");
    const char *cont = text_of(meta, "continue");
    bool ok = json_is_array(items) || bad_json(kf);
    int64_t now = clock_mono_us();
    for (size_t i = 0; ok && i < json_array_size(items); i++)
        if (json_is_object(json_array_get(items, i)))
            tap_of(kf)->ops->object(tap_of(kf)->arg, TAP_ITEM, json_array_get(items, i), now);
    if (ok) {
        kfeed_set_list_rv(kf, text_of(meta, "resourceVersion"));
        mem_free(kf->cont);
        kf->cont = NULL;
        ok = !cont[0] || kfeed_set_text(&kf->cont, cont, strlen(cont));
    }
    json_decref(doc);
    return ok;
}

static void json_reset(struct kfeed *kf)
{
    str_release(&kf->buf);
}

const struct kube_codec kube_json_codec = {
    .accept = json_accept, .begin = json_begin, .data = json_data, .end = json_end, .reset = json_reset, .next_page = 100,
};

/* ---- taps ---- */

struct kube_tap *kube_tap_open(struct kube_source *ks, const struct kind *k, const char *ns, const char *query,
                               const struct kube_tap_ops *ops, void *arg)
{
    struct kube_tap *t = mem_zalloc(sizeof *t);
    if (!t)
        return NULL;
    t->ks = ks;
    t->ops = ops;
    t->arg = arg;
    t->query = mem_strdup(query);
    t->feed = (struct feed){.source = &ks->src, .kind = k, .tap = t, .kind_name = mem_strdup(k->id), .ns = mem_strdup(ns ? ns : ""),
                            .store = store_new(ks->src.info.id, NULL, NULL)};
    if (!t->feed.kind_name || !t->feed.ns || !t->feed.store || (query && !t->query)) {
        kube_tap_close(t);
        return NULL;
    }
    t->open = true;
    kube_feed_open(&ks->src, &t->feed);
    if (t->feed.priv)
        return t;
    kube_tap_close(t);
    return NULL;
}

void kube_tap_close(struct kube_tap *t)
{
    if (!t)
        return;
    t->ops = &(const struct kube_tap_ops){0};
    if (t->open)
        kube_feed_close(&t->ks->src, &t->feed);
    net_timer_cancel(t->ks->src.net, t->feed.timer);
    store_free(t->feed.store);
    mem_free(t->feed.kind_name);
    mem_free(t->feed.ns);
    mem_free(t->query);
    mem_free(t);
}
