/* One feed = one LIST in pages, then a WATCH from its revision, for ever: resume, re-list, back off, poll where there is
 * no watch. What the bytes mean is the codec's business (listwatch.c, tablewatch.c). */
#include <jansson.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/kube/kube_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

#define FIRST_PAGE 100             /* the first screen after some 10 ms; then few round trips: codec->next_page */
#define NEXT_PAGE 10000
#define FIRST_ROWS 100
#define LIST_IDLE_MS 60000         /* first byte and between bytes of a page */
#define WATCH_IDLE_MS 75000        /* bookmarks come about each minute: a stream silent for longer is dead */
#define MUTE_POLLS 4               /* so many times is listed while its watches bring nothing, and one is tried again */
#define POLL_MS 30000              /* resources that cannot be watched */
#define PATIENCE_MS 60000          /* so long, and so often, a first list waits when the server asks for it */
#define PATIENCE_TRIES 10
#define SHORT_WATCH_MS 2000        /* a watch that ends sooner is a sign of trouble, not of its timeout */

static void list_page(struct kfeed *kf);
static void watch_start(struct kfeed *kf);

bool kfeed_set_text(char **slot, const char *text, size_t len)
{
    char *copy = mem_strndup(text, len);
    if (!copy)
        return false;
    mem_free(*slot);
    *slot = copy;
    return true;
}

void kfeed_set_rv(struct kfeed *kf, const char *rv)
{
    size_t len = rv ? strlen(rv) : 0;
    if (kf->rv && len > 0 && strlen(kf->rv) == len)
        memcpy(kf->rv, rv, len);                  /* per event: no allocation but when it grows a digit */
    else if (len > 0)
        kfeed_set_text(&kf->rv, rv, len);
}

/* All pages of a list have one revision; of an inexact one the first page's is the safe one. */
void kfeed_set_list_rv(struct kfeed *kf, const char *rv)
{
    if (rv && rv[0] && !kf->list_rv)
        kf->list_rv = mem_strdup(rv);
}

static void clear(char **slot)
{
    mem_free(*slot);
    *slot = NULL;
}

void kfeed_cancel_timer(struct kfeed *kf)
{
    if (kf->timer)
        net_timer_cancel(kf->ks->src.net, kf->timer);
    kf->timer = NULL;
}

void kfeed_drop_call(struct kfeed *kf)
{
    struct kube_call *c = kf->call;
    kf->call = NULL;                              /* its on_done sees that it is not wanted */
    kube_cancel(c);
}

static void show(struct kfeed *kf)
{
    if (kf->touched)
        feed_changed(kf->f);
    kf->touched = false;
}

static void live(struct kfeed *kf)
{
    kf->touched = false;
    kf->lost = false;
    kf->kick = false;
    feed_live(kf->f);
}

/* ---- waiting and giving up ---- */

static void wait_fired(void *arg)
{
    struct kfeed *kf = arg;
    kf->timer = NULL;
    kf->kick = false;
    if (kf->synced && kf->rv && !kf->no_watch)
        watch_start(kf);
    else
        kfeed_list_start(kf);
}

static void wait_for(struct kfeed *kf, int64_t ms)
{
    kfeed_cancel_timer(kf);
    kf->phase = KF_WAIT;
    kf->timer = net_timer(kf->ks->src.net, ms, wait_fired, kf);
}

/* Not even the one namespace: next time from the start. What was asked for is what was refused, not our second try. */
static void widen(struct kfeed *kf, struct err *err)
{
    struct feed_status *st = store_status(kf->f->store);
    if (strcmp(kf->ns, kf->f->ns ? kf->f->ns : "") == 0)
        return;
    *err = kf->refused;
    kfeed_set_text(&kf->ns, "", 0);
    st->partial = false;
    st->note[0] = '\0';
}

/* Rows stay and are shown as what they are: old. */
void kfeed_trouble(struct kfeed *kf, const struct err *why, int64_t retry_after_ms)
{
    struct err err = *why;
    int64_t wait = retry_after_ms > 0 ? retry_after_ms : 0;
    bool slow = err.code == ERR_FORBIDDEN || err.code == ERR_NOTFOUND || err.code == ERR_UNSUPPORTED || err.code == ERR_TOOBIG;
    /* credentials and certificates: the source's probe finds out when they are right again, and kicks us */
    bool login = err.code == ERR_AUTH || err.code == ERR_TLS || err.code == ERR_EXEC || err.code == ERR_CONFIG;
    if (err.code == ERR_FORBIDDEN)
        widen(kf, &err);
    if (kf->syncing)
        store_sync_cancel(kf->f->store);
    kf->syncing = false;
    kf->codec->reset(kf);
    if (err.code == ERR_OK)
        err_set(&err, ERR_PROTO, 0, "the stream ended unexpectedly");
    kube_tap_link(kf, TAP_DOWN, &err);
    TRACE(kube, "feed-error", "%s %s: %s", kf->f->kind_name, err_name(err.code), err.msg);
    feed_error(kf->f, &err);
    kf->touched = false;
    kf->lost = false;
    kf->kick = !slow;
    if (slow || login)
        wait += KUBE_REFUSED_MS;
    else
        wait += net_backoff_next(&kf->backoff);
    wait_for(kf, wait);
}

void kfeed_status_fault(struct kfeed *kf, int code, const char *json, size_t len)
{
    net_status_err(&kf->fault, code >= 400 ? code : 500, json, len);
}

/* ---- list ---- */

static void poll_fired(void *arg)
{
    struct kfeed *kf = arg;
    kf->timer = NULL;
    kfeed_list_start(kf);
}

static void sync_done(struct kfeed *kf)
{
    if (kf->inexact && kf->gone++ < 3) {
        kfeed_list_start(kf);
        return;
    }
    if (kf->syncing)
        store_sync_end(kf->f->store);
    kf->syncing = false;
    kf->synced = true;
    clear(&kf->rv);
    kf->rv = kf->list_rv;
    kf->list_rv = NULL;
    net_backoff_reset(&kf->backoff);
    live(kf);
    kube_tap_link(kf, TAP_LISTED, NULL);
    if (kf->kind->kube->metrics && !kf->f->tap)
        kube_metrics_open(kf);
    if (kf->no_watch || kf->mute) {
        kf->mute -= kf->mute > 0;
        kf->phase = KF_POLL;
        kf->timer = net_timer(kf->ks->src.net, kf->ks->idle ? 3 * POLL_MS : POLL_MS, poll_fired, kf);
        return;
    }
    watch_start(kf);
}

/* The body of a 410 may hold a token for the rest at the present revision. Such a list is good for the eye, but what
 * changed in its first part meanwhile is missing: it is shown and taken again. */
static bool inexact_rest(struct kfeed *kf, const struct net_reply *r)
{
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL);
    const char *token = json_string_value(json_object_get(json_object_get(doc, "metadata"), "continue"));
    bool ok = token && token[0] && kfeed_set_text(&kf->cont, token, strlen(token));
    json_decref(doc);
    if (ok)
        kf->inexact = true;
    return ok;
}

/* All namespaces are forbidden: the one the context names may be allowed. Not for a tap: who has it takes it for the whole. */
static bool narrow(struct kfeed *kf, const struct err *refused)
{
    const char *ns = kube_default_ns(kf->ks);
    if (kf->f->tap || !(kf->kind->flags & KIND_NAMESPACED) || kf->ns[0] || !kfeed_set_text(&kf->ns, ns, strlen(ns)))
        return false;
    kf->refused = *refused;
    struct feed_status *st = store_status(kf->f->store);
    struct str clean;
    str_init(&clean, 4096);
    text_clean(&clean, ns, strlen(ns), 0);
    st->partial = true;
    snprintf(st->note, sizeof st->note, "only namespace %s: not allowed to list %s in all namespaces", clean.data,
             kf->kind->kube->resource);
    str_release(&clean);
    return true;
}

static void list_head(void *arg, const struct net_head *head)
{
    struct kfeed *kf = arg;
    if (head->status == 200 && !kf->codec->begin(kf, head, false))
        kf->stopping = true;
}

/* Its watch brings something again. */
static void trust(struct kfeed *kf)
{
    struct feed_status *st = store_status(kf->f->store);
    kf->distrust = false;
    if (!st->partial)
        st->note[0] = '\0';
    feed_changed(kf->f);
}

static bool codec_data(void *arg, const char *data, size_t len)
{
    struct kfeed *kf = arg;
    if (kf->stopping || !kf->codec->data(kf, data, len))
        return false;
    /* the first screen is one screen, not its first row */
    if (kf->phase != KF_LIST || kf->synced || kf->pages > 0 || store_count(kf->f->store) >= FIRST_ROWS)
        show(kf);
    if (kf->phase == KF_WATCH) {
        kf->gone = kf->silent = 0;
        kf->heard = true;
        if (kf->distrust)
            trust(kf);
        feed_ok(kf->f);
    }
    return true;
}

/* The one wanted may not be listed: perhaps it may be got. */
static bool get_instead(struct kfeed *kf)
{
    if (!kf->f->name || kf->one)
        return false;
    kf->one = kf->no_watch = true;
    return true;
}

/* A 404 that names the object: it is not there. Any other says that there is no such resource. */
static bool absent(const struct kfeed *kf, const struct net_reply *r)
{
    json_t *doc = kf->one && r->status == 404 ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    const char *name = json_string_value(json_object_get(json_object_get(doc, "details"), "name"));
    bool is = name && strcmp(name, kf->f->name) == 0;
    json_decref(doc);
    return is;
}

/* A busy server that says when to come back is no failure of the first list: like client-go we come back, some times. */
static bool patient(struct kfeed *kf, const struct net_reply *r)
{
    int64_t wait = r->head.retry_after_ms;
    if (wait < 0 || wait > PATIENCE_MS || (r->status != 429 && r->status < 500) || kf->synced || kf->waits++ >= PATIENCE_TRIES)
        return false;
    kf->codec->reset(kf);
    wait_for(kf, wait + net_backoff_next(&kf->backoff) / 4);
    kf->kick = false;
    kube_asked_to_wait(kf->ks, r->status, wait);
    return true;
}

static void list_done(void *arg, const struct net_reply *r)
{
    struct kfeed *kf = arg;
    if (!kf->call)
        return;                                   /* we cancelled it */
    kf->call = NULL;
    struct err err = kf->fault.code != ERR_OK ? kf->fault : r->err;
    if (r->status == 410 && kf->cont && !kf->inexact && inexact_rest(kf, r)) {
        kf->codec->reset(kf);
        list_page(kf);
        return;
    }
    if (r->status == 410 && kf->gone++ < 3) {
        kf->codec->reset(kf);
        kfeed_list_start(kf);
        return;
    }
    if (kf->whole && (r->status == 400 || r->status == 422 || r->status == 504)) {
        kf->no_whole = true;                      /* then in pages, from the start */
        kfeed_list_start(kf);
        return;
    }
    if (absent(kf, r)) {
        kf->codec->reset(kf);
        sync_done(kf);
        return;
    }
    if (r->status == 403 && (get_instead(kf) || narrow(kf, &err))) {
        kfeed_list_start(kf);
        return;
    }
    if (patient(kf, r))
        return;
    if (kf->whole && err.code == ERR_OK)
        clear(&kf->list_rv);                      /* its own revision counts */
    if (err.code == ERR_OK && !kf->codec->end(kf))
        err = kf->fault;
    if (err.code != ERR_OK) {
        kfeed_trouble(kf, &err, r->head.retry_after_ms);
        return;
    }
    kf->codec->reset(kf);
    kf->pages++;
    if (kf->cont) {
        show(kf);
        list_page(kf);
    } else {
        sync_done(kf);
    }
}

/* The first page was for the eye. The whole list, not older than it, comes from the server's watch cache as one stream:
 * half the server's work of pages read from etcd, and no token that can expire. What the first page showed and the
 * whole list does not have is gone: so the marking starts over. */
static void whole_list(struct kfeed *kf, struct str *path)
{
    str_adds(path, "?resourceVersionMatch=NotOlderThan&resourceVersion=");
    str_add_urlenc(path, kf->list_rv);
    store_sync_begin(kf->f->store);
}

static void add_query(const struct kfeed *kf, struct str *path)
{
    const char *query = kube_tap_query(kf);
    if (query)
        str_addf(path, "&%s", query);
    if (!query && kube_facts_whole(kf->kind))
        str_adds(path, "&includeObject=Object");
    if (kf->kind->kube->selector) {
        str_adds(path, "&labelSelector=");
        str_add_urlenc(path, kf->kind->kube->selector);
    }
    if (kf->f->name) {
        str_adds(path, "&fieldSelector=metadata.name%3D");
        str_add_urlenc(path, kf->f->name);
    } else if (kf->f->fields) {
        str_adds(path, "&fieldSelector=");
        str_add_urlenc(path, kf->f->fields);
    }
}

static void list_page(struct kfeed *kf)
{
    struct err err = ERR_INIT;
    struct str path;
    str_init(&path, 1u << 16);
    kube_path(&path, kf->kind, kf->ns, kf->one ? kf->f->name : NULL, NULL);
    kf->whole = kf->pages > 0 && kf->codec->next_page == 0 && !kf->no_whole && kf->list_rv;
    if (kf->whole) {
        whole_list(kf, &path);
        add_query(kf, &path);
    } else if (!kf->one) {
        int next = kf->codec->next_page ? kf->codec->next_page : NEXT_PAGE;
        str_addf(&path, "?limit=%d", kf->pages == 0 ? FIRST_PAGE : next);
        if (kf->cont) {
            str_adds(&path, "&continue=");
            str_add_urlenc(&path, kf->cont);
        }
        add_query(kf, &path);
    }
    struct kube_req rq = {
        .path = path.data,
        .accept = kf->codec->accept(kf),
        .timeout_ms = -1,
        .idle_timeout_ms = net_patience(kf->ks->src.net, LIST_IDLE_MS),
        .on_head = list_head,
        .on_data = codec_data,
        .on_done = list_done,
        .arg = kf,
    };
    kf->phase = KF_LIST;
    kf->fault = (struct err)ERR_INIT;
    kf->stopping = false;
    if (path.failed)
        err_set(&err, ERR_NOMEM, 0, "out of memory");
    else
        kf->call = kf->whole ? kube_send_bulk(kf->ks, &rq, &err) : kube_send(kf->ks, &rq, &err);
    str_release(&path);
    if (!kf->call)
        kfeed_trouble(kf, &err, -1);
}

void kfeed_list_start(struct kfeed *kf)
{
    kfeed_cancel_timer(kf);
    clear(&kf->cont);
    clear(&kf->list_rv);
    kf->codec->reset(kf);
    kf->pages = 0;
    kf->inexact = false;
    if (kf->syncing)
        store_sync_cancel(kf->f->store);
    store_sync_begin(kf->f->store);
    kf->syncing = true;
    kube_tap_link(kf, TAP_LISTING, NULL);
    list_page(kf);
}

/* ---- watch ---- */

static void watch_head(void *arg, const struct net_head *head)
{
    struct kfeed *kf = arg;
    if (head->status != 200)
        return;
    kf->started_mono_ms = clock_mono_ms();
    kube_tap_link(kf, TAP_UP, NULL);
    if (!kf->codec->begin(kf, head, true))
        kf->stopping = true;
    else if (store_status(kf->f->store)->state != FEED_LIVE)
        live(kf);                                 /* what was missed comes first in the stream, at once */
}

static void relist(struct kfeed *kf, const struct err *why)
{
    clear(&kf->rv);
    if (store_status(kf->f->store)->state == FEED_LIVE)
        feed_error(kf->f, why);                   /* until the list is here the rows may be old */
    if (kf->gone++ < 2)
        kfeed_list_start(kf);
    else
        kfeed_trouble(kf, why, -1);
}

/* Whatever stands between keeps what it should pass on. What is shown is as old as that silence, and says so until it is listed; then it
 * is listed often, until a watch brings something again. */
static void fall_silent(struct kfeed *kf, const struct err *err)
{
    struct feed_status *st = store_status(kf->f->store);
    if (kf->bookmarks) {
        kf->mute = MUTE_POLLS;
        kf->distrust = true;
        if (!st->partial)
            snprintf(st->note, sizeof st->note, "its watch brings nothing, so it is listed: rows may be up to %d s old", WATCH_IDLE_MS / 1000);
    }
    feed_error(kf->f, err);
    clear(&kf->rv);
    kfeed_list_start(kf);
}

static void watch_done(void *arg, const struct net_reply *r)
{
    struct kfeed *kf = arg;
    if (!kf->call)
        return;
    kf->call = NULL;
    show(kf);
    struct err err = kf->fault.code != ERR_OK ? kf->fault : r->err;
    bool gone = err.code == ERR_GONE || r->status == 410;
    int64_t lasted = clock_mono_ms() - kf->started_mono_ms;
    kf->codec->reset(kf);
    kube_tap_link(kf, TAP_DOWN, &err);
    if (gone) {
        relist(kf, &err);
    } else if (r->status == 200 && err.code == ERR_OK && lasted >= SHORT_WATCH_MS) {
        net_backoff_reset(&kf->backoff);
        watch_start(kf);                          /* its timeout: go on from the last revision */
    } else if (r->status == 200 && err.code == ERR_TIMEOUT && kf->ks->src.info.state == SOURCE_OK) {
        if (!kf->bookmarks && (kf->heard || kf->silent++ == 0))
            watch_start(kf);                      /* perhaps nothing happens there, and it sends no bookmarks, as servers behind the API server may not: the next one tells */
        else
            fall_silent(kf, &err);
    } else if (r->status == 200 && err.code == ERR_OK) {
        wait_for(kf, 200 + net_backoff_next(&kf->backoff));
        kf->kick = true;
    } else if (r->status == 403 || r->status == 405) {
        struct feed_status *st = store_status(kf->f->store);
        snprintf(st->note, sizeof st->note, "asked each %d s: %s", POLL_MS / 1000,
                 r->status == 403 ? "not allowed to watch" : "it cannot be watched");
        kf->no_watch = true;
        kf->phase = KF_POLL;
        feed_live(kf->f);
        kf->timer = net_timer(kf->ks->src.net, POLL_MS, poll_fired, kf);
    } else {
        /* A cut stream goes on from the last revision, at once the first time: nothing was missed for long. */
        if (r->status == 400 || r->status == 404)
            clear(&kf->rv);
        kfeed_trouble(kf, &err, r->head.retry_after_ms);
    }
}

static void watch_start(struct kfeed *kf)
{
    struct err err = ERR_INIT;
    struct str path;
    kfeed_cancel_timer(kf);
    str_init(&path, 1u << 16);
    kube_path(&path, kf->kind, kf->ns, NULL, NULL);
    str_adds(&path, "?watch=true&allowWatchBookmarks=true&resourceVersion=");
    str_add_urlenc(&path, kf->rv ? kf->rv : "0");
    /* spread, so that the watches of many cockpits do not end together */
    unsigned spread = (unsigned)((uintptr_t)kf >> 4) * 2654435761u + (unsigned)clock_mono_us();
    str_addf(&path, "&timeoutSeconds=%u", 290 + spread % 301);
    add_query(kf, &path);
    struct kube_req rq = {
        .path = path.data,
        .accept = kf->codec->accept(kf),
        .timeout_ms = -1,
        .idle_timeout_ms = WATCH_IDLE_MS,
        .on_head = watch_head,
        .on_data = codec_data,
        .on_done = watch_done,
        .arg = kf,
    };
    kf->phase = KF_WATCH;
    kf->heard = false;
    kf->fault = (struct err)ERR_INIT;
    kf->stopping = false;
    kf->started_mono_ms = clock_mono_ms();
    if (path.failed)
        err_set(&err, ERR_NOMEM, 0, "out of memory");
    else
        kf->call = kube_send(kf->ks, &rq, &err);
    str_release(&path);
    if (!kf->call)
        kfeed_trouble(kf, &err, -1);
}

/* ---- the link ---- */

void kfeed_lost(struct kube_source *ks, const struct err *err)
{
    for (struct kfeed *kf = ks->feeds; kf; kf = kf->next) {
        enum feed_state st = store_status(kf->f->store)->state;
        if (st != FEED_LIVE && !(st == FEED_LOADING && kf->phase != KF_WAIT))
            continue;
        if (st == FEED_LOADING && err->code == ERR_TIMEOUT)
            continue;                             /* slow, and it says so by loading */
        kf->lost = true;
        feed_error(kf->f, err);
    }
}

void kfeed_found(struct kube_source *ks)
{
    for (struct kfeed *kf = ks->feeds; kf; kf = kf->next) {
        if (kf->phase == KF_WAIT && kf->kick) {
            kf->backoff.tries = 0;
            wait_for(kf, 0);
        } else if (kf->lost && kf->synced && kf->phase == KF_WATCH) {
            live(kf);                             /* its stream was never cut */
        } else if (kf->lost && kf->synced && kf->phase == KF_POLL) {
            kfeed_list_start(kf);                       /* nobody knows what happened meanwhile */
        }
        kf->lost = false;
    }
}

bool kfeed_streaming(const struct kube_source *ks)
{
    for (const struct kfeed *kf = ks->feeds; kf; kf = kf->next)
        if (kf->phase == KF_WATCH && kf->call)
            return true;
    return false;
}
