/* The generic list poller: a full paged list, then deltas where the API has them, at a pace that follows what the rows
 * do; a slow full re-list for what deltas miss. One request under way at a time; on errors the rows stay. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

#define PAGE 1000
#define MAX_PAGES 2000
#define BUSY_MS 2500             /* rows in transition */
#define MARGIN_MS 10000          /* deltas overlap: clocks of API hosts and the database differ */
#define NAMES_WAIT_MS 2000
#define STIR_MS 10000            /* between two full lists that others ask for, at least */
#define SOON_MS 1000             /* what is told elsewhere first comes here a moment later */
#define REFUSED_MS 300000        /* 403, no such service: asked again rarely */

struct ostk_poll {
    struct ostk_poll *next;
    struct ostk_source *os;
    struct feed *f;
    const struct ostk_kind *k;
    struct ostk_call *call;
    struct net_timer *timer;
    int64_t due_ms;                      /* of timer, mono */
    bool stirred;                        /* while it was being asked: once more soon */
    bool full, syncing, complete;        /* this pass is a full list; store_sync_begin was called; one ended well */
    bool project_only, again;            /* 403 on all projects; refresh asked for meanwhile */
    bool circles;                        /* the next link is the one that was followed: the rest is not seen */
    bool nameless, quirky;               /* rows wait for names; the server refuses limit */
    int pages;
    char *marker;                        /* last id, the next link's query, or how many came */
    char *query;                         /* of the page under way */
    json_t *held;                        /* a page that waits for names */
    bool second;                         /* held has been decoded once: single look-ups are to come */
    struct net_timer *held_timer;
    int64_t since_ms, next_since_ms;     /* server's wall clock */
    int64_t used_since_ms;               /* of the delta before */
    int64_t started_ms, last_full_ms, cost_ms, full_cost_ms;
    int64_t full_from_ms;                /* a full list is wanted from then on; 0 = none before its time */
    bool moved;                          /* the health of a row changed in this pass */
    int64_t seen;                        /* items of this pass */
    int64_t odd;                         /* of the last whole list: without an id, so no row */
    struct map busy;                     /* uids in transition */
    struct net_backoff backoff;
};

static void on_page(void *arg, const struct net_reply *r);
static void names_waited(void *arg);
static void begin(void *arg);
static int64_t soon(const struct ostk_poll *p);

/* ---- asking ---- */
static void add_param(struct str *s, const char *text)
{
    if (!text || !*text)
        return;
    str_addc(s, strchr(s->data, '?') ? '&' : '?');
    str_adds(s, *text == '?' || *text == '&' ? text + 1 : text);
}

static void stamp(char *buf, size_t size, int64_t ms)
{
    text_format_time(buf, size, ms);
}

static bool ask(struct ostk_poll *p, struct err *err)
{
    struct str path;
    char t[40];
    const struct ostk_kind *k = p->k;
    str_init(&path, 1 << 15);
    bool other = k->path_all && *k->path_all == '/' && !p->project_only;   /* all of them live elsewhere */
    str_adds(&path, other ? k->path_all : k->path);
    if (p->marker && *p->marker == '?') {
        str_adds(&path, p->marker);                       /* the server's own next link */
    } else {
        if (!p->project_only && !other)
            add_param(&path, k->path_all);
        add_param(&path, k->fields);
        if (k->paging != OSTK_NO_PAGES && !p->quirky)
            str_addf(&path, "%climit=%d", strchr(path.data, '?') ? '&' : '?', PAGE);
        if (!p->full) {
            stamp(t, sizeof t, p->since_ms);
            str_addf(&path, "%c%s=", strchr(path.data, '?') ? '&' : '?', k->changes_since);
            str_add_urlenc(&path, t);
        }
        if (p->marker) {
            str_addf(&path, "%c%s=", strchr(path.data, '?') ? '&' : '?', k->paging == OSTK_OFFSET ? "offset" : "marker");
            str_add_urlenc(&path, p->marker);
        }
    }
    struct ostk_req rq = {.service = k->service, .path = path.data, .microversion = k->microversion, .retries = 1,
                          .on_done = on_page, .arg = p};
    if (path.failed)
        err_set(err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
    else
        p->call = ostk_send(p->os, &rq, err);
    str_release(&path);
    return p->call != NULL;
}

static void schedule(struct ostk_poll *p, int64_t ms)
{
    net_timer_cancel(p->os->base.net, p->timer);
    p->due_ms = clock_mono_ms() + ms;
    p->timer = net_timer(p->os->base.net, ms, begin, p);
}

static int64_t pace(const struct ostk_poll *p)
{
    int64_t ms = (p->k->poll_s > 0 ? p->k->poll_s : 15) * 1000LL;
    bool busy = p->busy.count > 0 || clock_mono_ms() < p->os->busy_until_ms;
    if (busy)
        ms = ms < BUSY_MS ? ms : BUSY_MS;
    else if (p->os->idle)
        ms *= 3;
    /* a long list is not asked for all the time: at most a fifth of the server's time is ours */
    if (!p->k->changes_since && ms < 4 * p->cost_ms)
        ms = 4 * p->cost_ms;
    return ms;
}

static void begin(void *arg)
{
    struct ostk_poll *p = arg;
    struct err err = ERR_INIT;
    int64_t now = clock_mono_ms(), full_ms = (p->k->full_s > 0 ? p->k->full_s : 300) * 1000LL;
    p->timer = NULL;
    if (p->call || p->held)
        return;
    if (p->os->idle)
        full_ms *= 3;
    p->full = !p->k->changes_since || !p->complete || p->again || !p->since_ms || now - p->last_full_ms >= full_ms || (p->full_from_ms && now >= p->full_from_ms);
    if (p->full)
        p->full_from_ms = 0;
    p->again = p->second = p->moved = false;
    p->pages = 0;
    p->circles = false;
    p->seen = 0;
    p->odd = p->full ? 0 : p->odd;
    p->used_since_ms = p->since_ms;
    p->next_since_ms = 0;
    p->started_ms = now;
    mem_free(p->marker);
    p->marker = NULL;
    if (!ask(p, &err)) {
        feed_error(p->f, &err);
        schedule(p, net_backoff_next(&p->backoff));
    }
}

/* ---- rows ---- */
static bool is_deleted(const json_t *item)
{
    const char *s = ostk_json_str(item, "status");
    return s && !strcmp(s, "DELETED");
}

static void put_item(struct ostk_poll *p, const json_t *item, int64_t now)
{
    struct store *st = p->f->store;
    struct rowbuf *rb = store_rowbuf(st);
    char buf[600];
    const char *id = ostk_item_id(p->k, item, buf, sizeof buf), *name = ostk_json_str(item, "name");
    const char *scope = ostk_json_str(item, "project_id"), *created = ostk_json_str(item, "created_at");
    int64_t ms;
    if (!id || !*id) {
        p->odd++;
        return;
    }
    if (p->k->changes_since && is_deleted(item)) {
        store_delete(st, id);
        map_del(&p->busy, id);
        return;
    }
    if (!scope)
        scope = ostk_json_str(item, "tenant_id");
    if (!created)
        created = ostk_json_str(item, "created");
    rowbuf_begin(rb, p->f->kind);
    rowbuf_id(rb, id, scope ? scope : "", name && *name ? name : id);
    if (created && text_parse_time(created, strlen(created), &ms))
        rowbuf_created(rb, ms);
    ostk_fill_columns(rb, item);
    if (p->k->decode && !p->k->decode(rb, item, p->os, now))
        return;
    bool busy = rb->health == HEALTH_BUSY;
    const struct row *was = p->k->stirs ? store_get(st, id) : NULL;
    p->moved |= was && was->health != rb->health;
    if (!store_put(st, rowbuf_finish(rb)))
        return;
    if (busy)
        map_put(&p->busy, id, p);
    else
        map_del(&p->busy, id);
}

static void decode_page(struct ostk_poll *p, const json_t *list)
{
    int64_t now = ostk_now_ms(p->os);
    size_t i;
    json_t *item;
    if (p->full && !p->syncing) {
        store_sync_begin(p->f->store);
        p->syncing = true;
        map_release(&p->busy);
        map_init(&p->busy, NULL);
    }
    json_array_foreach(list, i, item)
        put_item(p, item, now);
    p->seen += (int64_t)i;
}

/* Not all the time where what stirs flaps: a full list has its price. */
static void stir(struct ostk_source *os, const char *kind)
{
    for (struct ostk_poll *p = os->polls; p; p = p->next)
        if (!strcmp(p->f->kind->id, kind) && !p->full_from_ms)
            p->full_from_ms = p->last_full_ms + (4 * p->full_cost_ms > STIR_MS ? 4 * p->full_cost_ms : STIR_MS);
}

/* ---- pages ---- */
/* The query of the next link: its host and prefix are what the service thinks of itself, often wrong behind a proxy. */
static const char *next_link(const json_t *doc, const char *key)
{
    char name[80];
    size_t i;
    json_t *l;
    const char *href = ostk_json_str(doc, "next");
    snprintf(name, sizeof name, "%s_links", key);
    const json_t *links = ostk_json(doc, name);
    if (!links)
        links = ostk_json(doc, "links");
    if (json_is_object(links))                            /* keystone: {"next": null, ...} */
        href = ostk_json_str(links, "next");
    json_array_foreach(links, i, l) {
        const char *rel = ostk_json_str(l, "rel");
        if (rel && !strcmp(rel, "next"))
            href = ostk_json_str(l, "href");
    }
    const char *q = href ? strchr(href, '?') : NULL;
    return q && text_is_clean(q, strlen(q)) && !strchr(q, ' ') ? q : NULL;
}

void ostk_own_note(const struct ostk_source *os, const struct ostk_kind *k, char *buf, size_t size)
{
    const char *name = os->token.project_name ? os->token.project_name : "?";
    if (k->path_all && *k->path_all == '/')
        snprintf(buf, size, "what %.80s may see: not allowed to list all", name);
    else
        snprintf(buf, size, "project %.80s only: not allowed to list all projects", name);
}

static bool set_note(struct ostk_poll *p)
{
    struct feed_status *st = store_status(p->f->store);
    const struct ostk_token *t = &p->os->token;
    char before[sizeof st->note];
    memcpy(before, st->note, sizeof before);
    st->partial = st->own_only = false;
    st->note[0] = 0;
    if (t->system && p->k->path_all && !store_count(p->f->store)) {
        st->partial = true;
        snprintf(st->note, sizeof st->note, "system scope: %s may hide what belongs to projects; use a project-scoped cloud", p->k->service);
    } else if (p->pages >= MAX_PAGES || p->circles) {
        st->partial = true;
        snprintf(st->note, sizeof st->note, "the first %lld only: the server's pages do not end", (long long)p->seen);
    } else if (p->odd) {
        st->partial = true;
        snprintf(st->note, sizeof st->note, "%lld of %s came without an id and cannot be shown", (long long)p->odd, p->f->kind->id);
    } else if (p->project_only) {
        st->partial = st->own_only = true;
        ostk_own_note(p->os, p->k, st->note, sizeof st->note);
    }
    return strcmp(before, st->note) != 0;
}

static void pass_done(struct ostk_poll *p)
{
    bool was = p->complete;
    p->cost_ms = clock_mono_ms() - p->started_ms;
    if (p->syncing) {
        store_sync_end(p->f->store);
        p->syncing = false;
        p->complete = true;
        p->last_full_ms = clock_mono_ms();
        p->full_cost_ms = p->cost_ms;
    }
    if (p->moved)
        stir(p->os, p->k->stirs);
    if (p->next_since_ms)
        p->since_ms = p->next_since_ms;
    net_backoff_reset(&p->backoff);
    bool noted = set_note(p), live = store_status(p->f->store)->state == FEED_LIVE;
    if (p->full || !was)
        feed_live(p->f);
    else
        feed_ok(p->f);
    if (live && (noted || store_dirty(p->f->store)))
        feed_changed(p->f);
    TRACE(openstack, "poll", "%s %s %lld items %lld ms", p->k->path, p->full ? "full" : "delta", (long long)p->seen,
          (long long)p->cost_ms);
    if (p->nameless && !ostk_names_pending(p->os)) {
        p->nameless = false;                              /* names came while pages were read */
        p->again = true;
        schedule(p, 200);
    } else {
        int64_t wait = p->again ? 0 : pace(p);
        schedule(p, p->stirred && soon(p) < wait ? soon(p) : wait);
        p->stirred = false;
    }
}

static void pass_failed(struct ostk_poll *p, const struct err *err, int64_t wait_ms)
{
    if (p->syncing)
        store_sync_cancel(p->f->store);
    p->syncing = false;
    feed_error(p->f, err);
    schedule(p, wait_ms);
}

/* A page is in rows; what is next? */
static void after_page(struct ostk_poll *p, json_t *doc)
{
    const json_t *list = ostk_json(doc, p->k->list_key);
    size_t n = json_array_size((json_t *)list);
    const char *link = p->k->paging == OSTK_NO_PAGES || p->k->paging == OSTK_OFFSET ? NULL : next_link(doc, p->k->list_key), *last = NULL, *next = link;
    char offset[24];
    struct err err = ERR_INIT;
    decode_page(p, list);
    if (!p->complete && !p->second && !p->pages && n < PAGE && ostk_names_busy(p->os)) {
        p->second = true;                                 /* shown now; complete when the rest is known */
        p->held = doc;
        p->held_timer = net_timer(p->os->base.net, NAMES_WAIT_MS, names_waited, p);
        feed_changed(p->f);
        return;
    }
    if (n)
        last = ostk_json_str(json_array_get((json_t *)list, n - 1), p->k->id_key ? p->k->id_key : "id");
    if (!next && p->k->paging == OSTK_MARKER && n >= PAGE && last && !(p->marker && *p->marker == '?'))
        next = last;                                      /* a full page of an API that never links: ask on */
    if (p->k->paging == OSTK_OFFSET && n >= PAGE) {
        snprintf(offset, sizeof offset, "%lld", (long long)p->seen);
        next = offset;
    }
    if (next && n && p->marker && !strcmp(p->marker, next))
        p->circles = true;
    if (next && (!n || ++p->pages >= MAX_PAGES || (p->marker && !strcmp(p->marker, next))))
        next = NULL;                                      /* an empty page, or the same link again: a loop */
    char *copy = next ? mem_strdup(next) : NULL;
    json_decref(doc);
    mem_free(p->marker);
    p->marker = copy;
    if (!next) {
        pass_done(p);
        return;
    }
    if (p->full)
        feed_changed(p->f);                               /* first rows on screen while the rest comes */
    if (!copy)
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
    if (!copy || !ask(p, &err))
        pass_failed(p, &err, net_backoff_next(&p->backoff));
}

static void names_waited(void *arg)
{
    struct ostk_poll *p = arg;
    json_t *doc = p->held;
    p->held_timer = NULL;
    p->held = NULL;
    p->nameless = !p->second;
    if (doc)
        after_page(p, doc);
}

static void failed_page(struct ostk_poll *p, const struct net_reply *r)
{
    struct err err = r->err;
    int64_t wait = net_backoff_next(&p->backoff);
    if (r->status == 403 && p->k->path_all && !p->project_only) {
        p->project_only = p->os->no_all = true;
        p->full = true;
        mem_free(p->marker);
        p->marker = NULL;
        if (ask(p, &err))
            return;
    } else if (r->status == 400 && !p->quirky && p->k->paging == OSTK_LINKS && !p->marker) {
        p->quirky = true;                                 /* some lists know no limit */
        if (ask(p, &err))
            return;
    } else if (r->status == 400 && !p->full) {
        p->since_ms = 0;                                  /* the delta is refused: a full list instead */
    } else if (r->status == 400 && p->marker) {
        p->again = true;                                  /* the marker was deleted meanwhile: from the start */
    }
    bool lost = r->status == 404 && ostk_lost_way(p->os, p->k->service, &err);
    if (r->status == 403 || (r->status == 404 && !lost) || err.code == ERR_UNSUPPORTED)
        wait = REFUSED_MS;
    if (err.code == ERR_UNSUPPORTED && err.detail == 404)
        err.code = ERR_NOTFOUND;                          /* not in its catalog: as of a resource that a cluster has not, nothing is hidden */
    if (r->head.retry_after_ms > wait)
        wait = r->head.retry_after_ms;
    pass_failed(p, &err, wait);
}

static void on_page(void *arg, const struct net_reply *r)
{
    struct ostk_poll *p = arg;
    struct err err = ERR_INIT;
    p->call = NULL;
    if (r->err.code == ERR_CANCELED || p->os->freeing)
        return;
    if (r->err.code != ERR_OK) {
        failed_page(p, r);
        return;
    }
    if (!p->next_since_ms && p->k->changes_since) {
        struct net_site_stat st;
        net_site_stat(p->os->site, &st);
        /* the server's clock (Date header) before it worked on this: now minus what the exchange took */
        p->next_since_ms = ostk_now_ms(p->os) - r->total_ms - (st.has_offset ? st.clock_error_ms : 0) - MARGIN_MS;
    }
    json_error_t je;
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, &je);
    if (!json_is_array(ostk_json(doc, p->k->list_key))) {
        if (doc)
            err_set(&err, ERR_PROTO, 0, "%s API: the answer has no \"%s\"", p->k->service, p->k->list_key);
        else
            err_set(&err, ERR_PROTO, 0, "%s API: the answer is not JSON (%d bytes, cut or foreign)", p->k->service, (int)r->len);
        json_decref(doc);
        pass_failed(p, &err, net_backoff_next(&p->backoff));
        return;
    }
    if (!p->complete && !p->nameless && ostk_names_pending(p->os)) {
        p->held = doc;                                    /* names are on their way: rows are made once */
        p->held_timer = net_timer(p->os->base.net, NAMES_WAIT_MS, names_waited, p);
        return;
    }
    after_page(p, doc);
}

void ostk_poll_names(struct ostk_source *os)
{
    if (ostk_names_pending(os))
        return;
    for (struct ostk_poll *p = os->polls; p; p = p->next) {
        if (p->held && p->second && ostk_names_busy(os)) {
            continue;
        } else if (p->held) {
            json_t *doc = p->held;
            net_timer_cancel(os->base.net, p->held_timer);
            p->held_timer = NULL;
            p->held = NULL;
            after_page(p, doc);
        } else if (!p->call && p->complete) {
            if (!p->full && p->used_since_ms)
                p->since_ms = p->used_since_ms;           /* they are for rows of the last delta: that one again */
            else
                p->again = true;
            schedule(p, 200);
        } else if (p->seen) {
            p->nameless = true;                           /* the first pages were read without names */
        }
    }
}

/* Its own request may wait as long again: who looks at it need not. */
void ostk_poll_told(struct ostk_source *os, int svc)
{
    const struct err *e = &os->services[svc].err;
    for (struct ostk_poll *p = os->polls; p; p = p->next) {
        struct feed_status *st = store_status(p->f->store);
        if (st->state != FEED_LOADING || ostk_service_index(os, p->k->service) != svc || !strcmp(st->err.msg, e->msg))
            continue;
        st->err = *e;
        st->told = e->code != ERR_OK;
        feed_changed(p->f);
    }
}

/* ---- driver ---- */
static void poll_open(struct ostk_source *os, struct feed *f)
{
    struct ostk_poll *p = mem_zalloc(sizeof *p);
    struct err err;
    if (!p) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        feed_error(f, &err);
        return;
    }
    *p = (struct ostk_poll){.os = os, .f = f, .k = f->kind->ostk, .next = os->polls, .backoff = {.base_ms = 2000, .max_ms = 60000}};
    map_init(&p->busy, NULL);
    os->polls = p;
    f->priv = p;
    for (size_t i = 0; i < f->kind->ncolumns; i++) {
        if (!strcmp(f->kind->columns[i].id, "project"))
            ostk_names_want(os, "project");
        if (!strcmp(f->kind->columns[i].id, "image") && !strcmp(p->k->service, "compute"))
            ostk_names_want(os, "image");
    }
    for (size_t i = 0; i < sizeof p->k->names / sizeof *p->k->names && p->k->names[i]; i++)
        ostk_names_want(os, p->k->names[i]);
    begin(p);
}

static void poll_close(struct ostk_source *os, struct feed *f)
{
    struct ostk_poll *p = f->priv;
    f->priv = NULL;
    if (!p)
        return;
    for (struct ostk_poll **pp = &os->polls; *pp; pp = &(*pp)->next)
        if (*pp == p) {
            *pp = p->next;
            break;
        }
    net_timer_cancel(os->base.net, p->timer);
    net_timer_cancel(os->base.net, p->held_timer);
    if (p->call)
        ostk_cancel(p->call);
    if (p->syncing)
        store_sync_cancel(f->store);
    json_decref(p->held);
    mem_free(p->marker);
    map_release(&p->busy);
    mem_free(p);
}

static void poll_refresh(struct ostk_source *os, struct feed *f)
{
    struct ostk_poll *p = f->priv;
    (void)os;
    if (!p) {
        poll_open(os, f);
        return;
    }
    p->again = true;
    net_backoff_reset(&p->backoff);
    if (!p->call && !p->held)
        schedule(p, 0);
}

const struct ostk_driver ostk_poll_driver = {.open = poll_open, .close = poll_close, .refresh = poll_refresh};

/* The cloud answers again, or the user is back: what waits need not wait longer. */
void ostk_poll_wake(struct ostk_source *os, bool failed_only)
{
    int64_t now = clock_mono_ms();
    for (struct ostk_poll *p = os->polls; p; p = p->next)
        if (p->timer && !p->call && !p->held &&
            (store_status(p->f->store)->state != FEED_LIVE || (!failed_only && now - p->started_ms >= pace(p)))) {
            if (failed_only)
                net_backoff_reset(&p->backoff);
            schedule(p, 0);
        }
}

/* When it may be asked for out of turn: a moment after what told of it, seldom where it takes long or is told of all the time. */
static int64_t soon(const struct ostk_poll *p)
{
    int64_t wait = p->started_ms + (4 * p->cost_ms > STIR_MS / 2 ? 4 * p->cost_ms : STIR_MS / 2) - clock_mono_ms();
    return wait > SOON_MS ? wait : SOON_MS;
}

void ostk_poll_stir(struct ostk_source *os, const char *kind)
{
    for (struct ostk_poll *p = os->polls; p; p = p->next) {
        if (strcmp(p->f->kind->id, kind) != 0 || !p->complete)
            continue;
        if (p->call || p->held)
            p->stirred = true;
        else if (p->timer && store_status(p->f->store)->state == FEED_LIVE && clock_mono_ms() + soon(p) < p->due_ms)
            schedule(p, soon(p));
    }
}

/* Something was just changed: rows move now. */
void ostk_busy(struct ostk_source *os)
{
    os->busy_until_ms = clock_mono_ms() + 30000;
    for (struct ostk_poll *p = os->polls; p; p = p->next)
        if (p->timer && !p->call && !p->held && p->complete)
            schedule(p, 500);
}
