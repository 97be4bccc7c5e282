/* A feed opens when its kind is known, perhaps only after discovery; it closes at any moment. */
#include <string.h>

#include "core/kube/kube_priv.h"
#include "strata/mem.h"

static void begin(struct kfeed *kf, const struct kind *k)
{
    bool listable = true, watchable = true;
    kf->kind = k;
    kube_kind_may(k, &listable, &watchable);
    kf->codec = kf->f->tap ? &kube_json_codec : k->kube->schema ? &kube_schema_codec : &kube_table_codec;
    kf->no_watch = !watchable;
    if (k->kube->schema || kf->f->tap || kf->f->name)
        feed_set_kind(kf->f, k);
    if (!(k->flags & KIND_NAMESPACED))
        kf->ns[0] = '\0';
    if (kf->f->name && (!kf->f->follow || !listable))
        kf->one = kf->no_watch = true;
    if (!listable && !kf->one) {
        struct err err;
        err_set(&err, ERR_UNSUPPORTED, 0, "%s cannot be listed", k->id);
        kfeed_trouble(kf, &err, -1);
        return;
    }
    kfeed_list_start(kf);
}

struct pending { struct kube_source *ks; uint64_t id; };

static void resolve_again(void *arg);

static void resolved(void *arg, const struct kind *k, const struct err *err)
{
    struct pending *p = arg;
    struct kfeed *kf = p->ks->feeds;
    while (kf && kf->resolve_id != p->id)
        kf = kf->next;
    mem_free(p);
    if (!kf)
        return;                                   /* closed meanwhile */
    if (k) {
        begin(kf, k);
        return;
    }
    if (err->code == ERR_CANCELED)
        return;
    feed_error(kf->f, err);
    kf->phase = KF_RESOLVE;
    kf->timer = net_timer(kf->ks->src.net, err->code == ERR_NOTFOUND ? KUBE_REFUSED_MS : 1000 + net_backoff_next(&kf->backoff),
                          resolve_again, kf);
}

static void resolve(struct kfeed *kf)
{
    struct pending *p = mem_alloc(sizeof *p);
    if (!p) {
        struct err err;
        err_set(&err, ERR_NOMEM, 0, "out of memory");
        feed_error(kf->f, &err);
        return;
    }
    *p = (struct pending){kf->ks, kf->resolve_id = ++kf->ks->next_id};
    kube_resolve(kf->ks, kf->f->kind_name, resolved, p);
}

static void resolve_again(void *arg)
{
    struct kfeed *kf = arg;
    kf->timer = NULL;
    resolve(kf);
}

void kube_feed_open(struct source *s, struct feed *f)
{
    struct kube_source *ks = (struct kube_source *)s;
    struct kfeed *kf = mem_zalloc(sizeof *kf);
    struct err err;
    err_set(&err, ERR_NOMEM, 0, "out of memory");
    if (!kf || !(kf->ns = mem_strdup(f->ns ? f->ns : ""))) {
        mem_free(kf);
        f->priv = NULL;
        feed_error(f, &err);
        return;
    }
    kf->ks = ks;
    kf->f = f;
    kf->codec = &kube_table_codec;
    kf->backoff = (struct net_backoff){.base_ms = 300, .max_ms = 30000};
    str_init(&kf->buf, 256u << 20);
    kf->next = ks->feeds;
    ks->feeds = kf;
    f->priv = kf;
    if (ks->conf_err.code != ERR_OK)
        feed_error(f, &ks->conf_err);
    else if (f->kind && f->kind->kube)
        begin(kf, f->kind);
    else
        resolve(kf);
}

void kube_feed_close(struct source *s, struct feed *f)
{
    struct kube_source *ks = (struct kube_source *)s;
    struct kfeed *kf = f->priv;
    f->priv = NULL;
    if (!kf)
        return;
    for (struct kfeed **p = &ks->feeds; *p; p = &(*p)->next)
        if (*p == kf) {
            *p = kf->next;
            break;
        }
    kfeed_cancel_timer(kf);
    kfeed_drop_call(kf);
    kube_metrics_close(kf);
    if (kf->syncing)
        store_sync_cancel(f->store);
    kf->codec->reset(kf);
    str_release(&kf->buf);
    mem_free(kf->rv);
    mem_free(kf->cont);
    mem_free(kf->list_rv);
    mem_free(kf->ns);
    mem_free(kf);
}

void kube_feed_refresh(struct source *s, struct feed *f)
{
    struct kfeed *kf = f->priv;
    (void)s;
    if (!kf || kf->phase == KF_LIST || kf->ks->conf_err.code != ERR_OK)
        return;
    kfeed_cancel_timer(kf);
    kfeed_drop_call(kf);
    if (kf->kind)
        kfeed_list_start(kf);
    else
        resolve(kf);
}
