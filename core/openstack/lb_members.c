/* Driver of lb-member. Octavia has no list of all members, only one a pool; the status tree of a load balancer tells those of all its
 * pools in one answer. So: the list, then one tree for each that has a pool, and again only for what changed (updated_at, a status). A
 * health monitor writes into members alone while their load balancer stays DEGRADED: those that are not well are read again, a few a round.
 * A tree has not the subnets of members, which never change: their pool is asked for them once (lb_subnets.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/kind_util.h"
#include "core/openstack/lb_tree.h"
#include "core/openstack/ostk_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define PAGE 1000
#define TREES_MAX 2000              /* load balancers whose members are read, those that are not well first */
#define AGAIN 32                    /* trees of such that did not change, read again in one round */
#define BUSY_MS 5000
#define REFUSED_MS 300000
#define REST_MS 120000              /* the first round reads all: the next one does not wait for as long as that would be worth */
#define LIST "/lbaas/loadbalancers?fields=id&fields=name&fields=project_id&fields=provisioning_status&fields=operating_status&fields=updated_at" \
             "&fields=pools&fields=listeners&limit=1000"

struct tree { char *stamp; json_t *members; int64_t read_ms; };
struct lb { json_t *o; const char *id; struct tree *had; char stamp[160]; bool well, read; };

struct members {
    struct ostk_source *os;
    struct feed *f;
    struct ostk_call *call;
    struct net_timer *timer;
    struct net_backoff backoff;
    struct map trees;               /* id of a load balancer: its struct tree */
    json_t *list;
    struct lb *lb;                  /* of this round, in the order in which they are read */
    json_t *now;                    /* members of the tree that is being read, and the pool asked for their subnets */
    char pool[64];
    size_t n, at, left_out, failed;
    bool syncing, busy;
    int64_t started_ms;
    struct err err;                 /* of the last tree that could not be read */
};

static void begin(void *arg);
static void next_tree(struct members *m);
static void next_pool(struct members *m, const char *after);

static void free_tree(void *arg)
{
    struct tree *t = arg;
    mem_free(t->stamp);
    json_decref(t->members);
    mem_free(t);
}

static void drop_round(struct members *m)
{
    json_decref(m->list);
    json_decref(m->now);
    mem_free(m->lb);
    m->list = m->now = NULL;
    m->lb = NULL;
    m->n = m->at = 0;
}

static void schedule(struct members *m, int64_t ms)
{
    net_timer_cancel(m->os->base.net, m->timer);
    m->timer = net_timer(m->os->base.net, ms, begin, m);
}

static void round_failed(struct members *m, const struct err *err, int status)
{
    int64_t wait = net_backoff_next(&m->backoff);
    if (m->syncing)
        store_sync_cancel(m->f->store);
    m->syncing = false;
    drop_round(m);
    feed_error(m->f, err);
    schedule(m, status == 403 || status == 404 || err->code == ERR_UNSUPPORTED ? REFUSED_MS : wait);
}

static bool ask(struct members *m, const char *path, size_t max, void (*done)(void *, const struct net_reply *))
{
    struct err err = ERR_INIT;
    struct ostk_req rq = {.service = "load-balancer", .path = path, .retries = 1, .max_body = max, .on_done = done, .arg = m};
    m->call = ostk_send(m->os, &rq, &err);
    if (!m->call)
        round_failed(m, &err, 0);
    return m->call != NULL;
}

/* ---- rows ---- */
static void put(struct members *m, const json_t *members)
{
    struct store *st = m->f->store;
    struct rowbuf *rb = store_rowbuf(st);
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)members, i, item) {
        rowbuf_begin(rb, m->f->kind);
        ostk_fill_columns(rb, item);
        if (m->f->kind->ostk->decode(rb, item, m->os, ostk_now_ms(m->os)))
            store_put(st, rowbuf_finish(rb));
    }
}

static void round_done(struct members *m)
{
    struct feed_status *st = store_status(m->f->store);
    int64_t cost = clock_mono_ms() - m->started_ms, pace = m->busy || m->started_ms < m->os->busy_until_ms ? BUSY_MS : m->f->kind->ostk->poll_s * 1000LL * (ostk_idle(m->os) ? 3 : 1);
    store_sync_end(m->f->store);
    m->syncing = false;
    st->partial = m->left_out || m->failed;
    st->note[0] = '\0';
    if (m->failed)
        snprintf(st->note, sizeof st->note, "%zu load balancers could not be read: %.90s", m->failed, m->err.msg);
    else if (m->left_out)
        snprintf(st->note, sizeof st->note, "members of %d load balancers only, those that are not well first: %zu left out", TREES_MAX, m->left_out);
    drop_round(m);
    net_backoff_reset(&m->backoff);
    feed_live(m->f);
    cost = 4 * cost < REST_MS ? 4 * cost : REST_MS;
    schedule(m, pace > cost ? pace : cost);
}

/* ---- trees ---- */
static void keep(struct members *m, struct lb *b, json_t *members)
{
    struct tree *t = mem_zalloc(sizeof *t);
    if (t && (t->stamp = mem_strdup(b->stamp))) {
        t->members = json_incref(members);
        t->read_ms = m->started_ms;
        if (map_put(&m->trees, b->id, t))
            return;
    }
    if (t)
        free_tree(t);
}

static void tree_done(struct members *m)
{
    put(m, m->now);
    json_decref(m->now);
    m->now = NULL;
    m->at++;
    if (store_status(m->f->store)->state == FEED_LOADING)
        feed_changed(m->f);
    next_tree(m);
}

static void on_pool(void *arg, const struct net_reply *r)
{
    struct members *m = arg;
    m->call = NULL;
    if (r->err.code == ERR_CANCELED || m->os->freeing)
        return;
    json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL, *page = (json_t *)ostk_json(doc, "members");
    if (json_is_array(page) || r->status == 403 || r->status == 404) {
        bool more = lb_subnets_take(m->now, m->pool, page);
        next_pool(m, more ? ostk_json_str(json_array_get(page, json_array_size(page) - 1), "id") : NULL);
    } else if (r->err.code == ERR_NET || r->err.code == ERR_TIMEOUT) {
        m->err = r->err;
        round_failed(m, &m->err, 0);
    } else {                                                /* they are shown as they are known, and the tree is read again */
        tree_done(m);
    }
    json_decref(doc);
}

/* The next pool with a member whose subnet is not known. after: the last of a page that did not tell all of the pool. */
static void next_pool(struct members *m, const char *after)
{
    const char *pool = lb_subnets_wanted(m->now);
    struct str path;
    if (!pool) {
        keep(m, &m->lb[m->at], m->now);
        tree_done(m);
        return;
    }
    snprintf(m->pool, sizeof m->pool, "%s", pool);
    str_init(&path, 4096);
    str_adds(&path, "/lbaas/pools/");
    str_add_urlenc(&path, m->pool);
    str_adds(&path, "/members?fields=id&fields=subnet_id");
    if (after) {
        str_adds(&path, "&marker=");
        str_add_urlenc(&path, after);
    }
    ask(m, path.data ? path.data : "", 0, on_pool);
    str_release(&path);
}

static void on_tree(void *arg, const struct net_reply *r)
{
    struct members *m = arg;
    struct lb *b = &m->lb[m->at];
    m->call = NULL;
    if (r->err.code == ERR_CANCELED || m->os->freeing)
        return;
    json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    if (json_is_object(ostk_json(doc, "statuses.loadbalancer"))) {
        m->now = lb_tree_members(b->o, doc);
        lb_subnets_known(m->now, b->had ? b->had->members : NULL);
        json_decref(doc);
        next_pool(m, NULL);
        return;
    } else if (r->status != 404) {                          /* 404: it is gone meanwhile */
        if (r->err.code == ERR_OK)
            err_set(&m->err, ERR_PROTO, 0, "load-balancer API: the answer has no tree");
        else
            m->err = r->err;
        m->failed++;
        put(m, b->had ? b->had->members : NULL);
    }
    bool lost = r->err.code == ERR_NET || r->err.code == ERR_TIMEOUT;
    json_decref(doc);
    m->at++;
    if (lost)
        round_failed(m, &m->err, 0);
    else
        next_tree(m);
}

static void next_tree(struct members *m)
{
    struct str path;
    for (; m->at < m->n && !m->lb[m->at].read; m->at++)
        put(m, m->lb[m->at].had ? m->lb[m->at].had->members : NULL);
    if (m->at == m->n) {
        round_done(m);
        return;
    }
    str_init(&path, 4096);
    str_adds(&path, "/lbaas/loadbalancers/");
    str_add_urlenc(&path, m->lb[m->at].id);
    str_adds(&path, "/status");
    ask(m, path.data ? path.data : "", (size_t)16 << 20, on_tree);
    str_release(&path);
}

/* What is not well first, and of that what was read longest ago. */
static int urgent_first(const void *a, const void *b)
{
    const struct lb *x = a, *y = b;
    if (x->well != y->well)
        return x->well - y->well;
    int64_t then = x->had ? x->had->read_ms : 0, its = y->had ? y->had->read_ms : 0;
    return then != its ? (then < its ? -1 : 1) : strcmp(x->id, y->id);
}

/* Pools that no listener leads to serve nobody, and are in no tree. */
static void take(struct members *m, json_t *o)
{
    struct lb *b = &m->lb[m->n];
    const char *id = ostk_json_str(o, "id"), *oper = ostk_json_str(o, "operating_status"), *prov = ostk_json_str(o, "provisioning_status"), *at = ostk_json_str(o, "updated_at");
    m->busy |= prov && !strncmp(prov, "PENDING_", 8);
    if (!id || !ostk_len(o, "pools") || !ostk_len(o, "listeners"))
        return;
    *b = (struct lb){.o = o, .id = id, .had = map_get(&m->trees, id), .well = oper && !strcmp(oper, "ONLINE")};
    snprintf(b->stamp, sizeof b->stamp, "%.60s %.40s %.40s", at ? at : "", oper ? oper : "", prov ? prov : "");
    m->n++;
}

static void choose(struct members *m)
{
    size_t i, again = 0;
    json_t *o;
    const struct map_entry *e;
    struct map there;
    map_init(&there, NULL);
    json_array_foreach(m->list, i, o)
        take(m, o);
    qsort(m->lb, m->n, sizeof *m->lb, urgent_first);
    m->left_out = m->n > TREES_MAX ? m->n - TREES_MAX : 0;
    m->n -= m->left_out;
    for (i = 0; i < m->n; i++) {
        struct lb *b = &m->lb[i];
        bool changed = !b->had || strcmp(b->had->stamp, b->stamp) != 0;
        b->read = changed || (!b->well && again++ < AGAIN);
        map_put(&there, b->id, b);
    }
    json_t *gone = json_array();                            /* what is not there any more is forgotten */
    for (i = 0; (e = map_next(&m->trees, &i));)
        if (!map_get(&there, e->key))
            json_array_append_new(gone, json_string(e->key));
    json_array_foreach(gone, i, o)
        map_del(&m->trees, json_string_value(o));
    json_decref(gone);
    map_release(&there);
}

/* ---- the list ---- */
static void on_list(void *arg, const struct net_reply *r)
{
    struct members *m = arg;
    struct err err = r->err;
    m->call = NULL;
    if (r->err.code == ERR_CANCELED || m->os->freeing)
        return;
    json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL, *page = (json_t *)ostk_json(doc, "loadbalancers");
    if (!json_is_array(page)) {
        if (err.code == ERR_OK)
            err_set(&err, ERR_PROTO, 0, "load-balancer API: the answer has no \"loadbalancers\"");
        json_decref(doc);
        round_failed(m, &err, r->status);
        return;
    }
    size_t n = json_array_size(page);
    const char *last = n ? ostk_json_str(json_array_get(page, n - 1), "id") : NULL;
    bool more = last && (n >= PAGE || json_array_size((json_t *)ostk_json(doc, "loadbalancers_links"))) && json_array_size(m->list) < 20 * PAGE;
    json_array_extend(m->list, page);
    if (more) {
        struct str path;
        str_init(&path, 4096);
        str_adds(&path, LIST "&marker=");
        str_add_urlenc(&path, last);
        ask(m, path.data ? path.data : "", 0, on_list);
        str_release(&path);
    } else if (!(m->lb = mem_zalloc((json_array_size(m->list) + 1) * sizeof *m->lb))) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        round_failed(m, &err, 0);
    } else {
        choose(m);
        store_sync_begin(m->f->store);
        m->syncing = true;
        next_tree(m);
    }
    json_decref(doc);
}

static void begin(void *arg)
{
    struct members *m = arg;
    m->timer = NULL;
    if (m->call)
        return;
    drop_round(m);
    m->list = json_array();
    m->failed = m->left_out = 0;
    m->busy = false;
    m->started_ms = clock_mono_ms();
    ask(m, LIST, 0, on_list);
}

/* ---- driver ---- */
static void members_open(struct ostk_source *os, struct feed *f)
{
    struct members *m = mem_zalloc(sizeof *m);
    struct err err;
    f->priv = m;
    if (!m) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        feed_error(f, &err);
        return;
    }
    m->os = os;
    m->f = f;
    m->backoff = (struct net_backoff){.base_ms = 2000, .max_ms = 60000};
    map_init(&m->trees, free_tree);
    ostk_names_want(os, "project");
    begin(m);
}

static void members_close(struct ostk_source *os, struct feed *f)
{
    struct members *m = f->priv;
    f->priv = NULL;
    if (!m)
        return;
    net_timer_cancel(os->base.net, m->timer);
    if (m->call)
        ostk_cancel(m->call);
    if (m->syncing)
        store_sync_cancel(f->store);
    drop_round(m);
    map_release(&m->trees);
    mem_free(m);
}

static void members_refresh(struct ostk_source *os, struct feed *f)
{
    struct members *m = f->priv;
    if (!m) {
        members_open(os, f);
        return;
    }
    net_backoff_reset(&m->backoff);
    if (!m->call)
        schedule(m, 0);
}

const struct ostk_driver ostk_lb_driver = {.open = members_open, .close = members_close, .refresh = members_refresh};
