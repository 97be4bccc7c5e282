/* Driver of os-services: each API of the catalog is a group of its own that is probed (its version document, no
 * token) and then asked for its workers. What one API does never delays or hides another's rows. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/ostk_priv.h"
#include "core/openstack/services_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"
#include "strata/trace.h"

#define PACE_MS 10000
#define CHANGED_MS 3000           /* after a worker changed its state */
#define CHANGED_FOR_MS 30000
#define PROBE_TIMEOUT_MS 8000
#define REFUSED_MS 300000         /* a 403 is asked again rarely */

struct board;
struct group {
    struct group *next;
    struct board *b;
    char *type;                        /* as in the catalog; identity */
    const struct svc_api *api;         /* NULL: tells no workers */
    int order;
    struct ostk_call *call;            /* probe, then workers */
    bool asked, complete;              /* first answer of the probe; of all it can tell */
    bool reachable, denied, stale, empty;
    bool hidden;                       /* its workers are not shown to who asks */
    bool unseen;                       /* in the catalog, but this scope is given no endpoint of it */
    struct err err;
    int64_t latency_ms, seen_ms, denied_mono_ms, asked_ms;
    char version[80];                  /* "v2.1 2.1-2.93" */
    struct map uids;                   /* workers shown */
    struct map networks;               /* of DHCP agents out of service (services_dhcp.c) */
    json_t *workers;                   /* the answer, while such are asked for theirs */
    char agent[64];
};

struct board {
    struct ostk_source *os;
    struct feed *f;
    struct group *groups;
    struct net_timer *timer;
    struct ostk_call *wait;            /* for the first token */
    struct net_backoff backoff;
    int64_t changed_mono_ms;
    bool live;
};

static void tick(void *arg);
static void schedule(struct board *b, int64_t ms);

/* Something changed its state: look again soon, there is often more to come. */
static void moved(struct board *b)
{
    int64_t now = clock_mono_ms();
    if (!b->changed_mono_ms || now - b->changed_mono_ms > CHANGED_MS)
        schedule(b, CHANGED_MS);
    b->changed_mono_ms = now;
}

/* ---- rows ---- */
static void put_head(struct group *g)
{
    const struct ostk_service *s = ostk_find_service(g->b->os, g->type);
    struct rowbuf *rb = store_rowbuf(g->b->f->store);
    struct svc_head h = {.type = g->type, .group = g->order, .known = g->asked, .reachable = g->reachable,
                         .err = &g->err, .latency_ms = g->latency_ms, .seen_ms = g->seen_ms, .version = g->version, .hidden = g->hidden};
    char url[1024];
    if (s) {
        h.name = s->name;
        h.endpoint = s->endpoint ? text_url(url, sizeof url, s->endpoint) : NULL;
    } else if (!strcmp(g->type, "identity")) {
        h.endpoint = text_url(url, sizeof url, g->b->os->conf.auth_url);
    }
    if (g->unseen)
        h.unseen = "no endpoint for system scope: its URL needs a project";
    rowbuf_begin(rb, g->b->f->kind);
    svc_head_row(rb, &h);
    store_put(g->b->f->store, rowbuf_finish(rb));
}

static void drop_workers(struct group *g)
{
    const struct map_entry *e;
    for (size_t i = 0; (e = map_next(&g->uids, &i)); )
        store_delete(g->b->f->store, e->key);
    map_release(&g->uids);
    map_init(&g->uids, NULL);
}

static void mark_stale(struct group *g)
{
    const struct map_entry *e;
    struct store *st = g->b->f->store;
    if (g->stale)
        return;
    g->stale = true;
    for (size_t i = 0; (e = map_next(&g->uids, &i)); ) {
        const struct row *r = store_get(st, e->key);
        struct rowbuf *rb = store_rowbuf(st);
        if (!r)
            continue;
        rowbuf_begin(rb, g->b->f->kind);
        svc_stale_row(rb, r);
        store_put(st, rowbuf_finish(rb));
    }
}

/* Did its state change, not only its heartbeat? */
static bool differs(const struct row *old, const struct row *now)
{
    static const int cols[] = {SVC_STATE, SVC_STATUS};
    for (size_t i = 0; i < sizeof cols / sizeof *cols; i++) {
        const char *a = old->cell[cols[i]].s, *b = now->cell[cols[i]].s;
        if (strcmp(a ? a : "", b ? b : ""))
            return true;
    }
    return false;
}

static void put_worker(struct group *g, const json_t *item, struct map *now)
{
    struct store *st = g->b->f->store;
    struct svc_worker w = {.seen_ms = CELL_NONE, .created_ms = CELL_NONE};
    struct rowbuf *rb = store_rowbuf(st);
    if (!g->api->worker(&w, item))
        return;
    w.networks = svc_dhcp_networks(&g->networks, w.id);
    rowbuf_begin(rb, g->b->f->kind);
    if (!svc_worker_row(rb, g->type, g->order, &w))
        return;
    struct row *r = rowbuf_finish(rb);
    if (!r)
        return;
    const struct row *old = store_get(st, r->uid);
    if (g->complete && (!old || differs(old, r)))
        moved(g->b);
    map_put(now, r->uid, g);
    store_put(st, r);
}

static void put_workers(struct group *g)
{
    struct map now;
    const struct map_entry *e;
    json_t *item;
    size_t i;
    map_init(&now, NULL);
    json_array_foreach(g->workers, i, item)
        put_worker(g, item, &now);
    g->empty = i == 0;
    for (size_t at = 0; (e = map_next(&g->uids, &at)); )
        if (!map_get(&now, e->key)) {
            store_delete(g->b->f->store, e->key);
            moved(g->b);
        }
    map_release(&g->uids);
    g->uids = now;
    g->stale = false;
}

static bool read_workers(struct group *g, const char *body, size_t len)
{
    json_error_t je;
    json_t *doc = json_read(body ? body : "", len, 0, &je);
    json_t *list = (json_t *)ostk_json(doc, g->api->list_key);
    json_decref(g->workers);
    g->workers = json_is_array(list) ? json_incref(list) : NULL;
    json_decref(doc);
    if (!g->workers)
        err_set(&g->err, ERR_PROTO, 0, "%s API: the list of its workers is not understood", g->type);
    return g->workers != NULL;
}

/* ---- what the feed says as a whole ---- */
/* Neutron does not refuse a member, it shows nothing: no agents at all beside refusals is the same thing. */
static void see_hidden(struct board *b)
{
    bool any = false;
    for (const struct group *g = b->groups; g; g = g->next)
        any |= g->denied;
    for (struct group *g = b->groups; g; g = g->next) {
        bool hidden = g->denied || (any && g->empty && g->api && !strcmp(g->api->type, "network"));
        if (hidden == g->hidden)
            continue;
        g->hidden = hidden;
        put_head(g);
    }
}

static void set_note(struct board *b)
{
    struct feed_status *st = store_status(b->f->store);
    char list[120] = "";
    size_t n = 0, left;
    size_t unseen = 0;
    for (const struct group *g = b->groups; g; g = g->next) {
        n += g->denied;
        unseen += g->unseen;
        left = sizeof list - strlen(list);
        if (g->unseen)
            snprintf(list + strlen(list), left, "%s%.24s", *list ? ", " : "", g->type);
    }
    st->partial = n > 0 || unseen > 0;
    st->note[0] = 0;
    if (unseen)
        snprintf(st->note, sizeof st->note, "no endpoint for system scope: %s", list);
    if (!n || unseen)
        return;
    list[0] = 0;
    for (const struct group *g = b->groups; g; g = g->next)
        if (g->hidden) {
            left = sizeof list - strlen(list);
            snprintf(list + strlen(list), left, "%s%.24s", *list ? ", " : "", g->type);
        }
    snprintf(st->note, sizeof st->note, "workers not shown (not allowed): %s", list);
}

static void judge(struct board *b)
{
    bool all = true, any = false;
    const struct err *first = NULL;
    for (const struct group *g = b->groups; g; g = g->next) {
        all = all && g->complete;
        any = any || g->reachable;
        if (!g->reachable && g->asked && !first)
            first = &g->err;
    }
    see_hidden(b);
    set_note(b);
    if (!all) {
        feed_changed(b->f);
    } else if (!any && first) {
        feed_error(b->f, first);
    } else if (!b->live) {
        b->live = true;
        feed_live(b->f);
    } else {
        if (store_dirty(b->f->store))
            feed_changed(b->f);
        feed_ok(b->f);
    }
}

/* ---- one API ---- */
static void group_done(struct group *g)
{
    g->complete = true;
    json_decref(g->workers);
    g->workers = NULL;
    put_head(g);
    judge(g->b);
}

/* ---- networks of DHCP agents out of service ---- */
static bool ask_networks(struct group *g);

static void on_networks(void *arg, const struct net_reply *r)
{
    struct group *g = arg;
    g->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    bool ok = r->err.code == ERR_OK;
    if (!svc_dhcp_take(&g->networks, g->agent, ok ? r->body : NULL, ok ? r->len : 0, clock_mono_ms()) || !ask_networks(g)) {
        put_workers(g);
        group_done(g);
    }
}

/* One after another. What somebody changes through us is looked at again soon. */
static bool ask_networks(struct group *g)
{
    struct err err = ERR_INIT;
    struct str path;
    int64_t now = clock_mono_ms();
    bool network = !strcmp(g->api->type, "network");
    const char *id = network ? svc_dhcp_wanted(&g->networks, g->workers, now, now < g->b->os->busy_until_ms ? g->asked_ms : 0) : NULL;
    if (!id)
        return false;
    snprintf(g->agent, sizeof g->agent, "%s", id);
    str_init(&path, 1024);
    str_adds(&path, "/agents/");
    str_add_urlenc(&path, g->agent);
    str_adds(&path, "/dhcp-networks");
    struct ostk_req rq = {.service = g->type, .path = path.data ? path.data : "", .timeout_ms = 20000, .max_body = 64 << 20, .on_done = on_networks, .arg = g};
    g->call = ostk_send(g->b->os, &rq, &err);
    str_release(&path);
    return g->call != NULL;
}

static void on_workers(void *arg, const struct net_reply *r)
{
    struct group *g = arg;
    g->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    bool refused = r->status == 403 || (r->status == 401 && r->err.code == ERR_FORBIDDEN);
    if (r->err.code == ERR_OK) {
        g->denied = false;
        if (read_workers(g, r->body, r->len)) {
            g->err = (struct err)ERR_INIT;
            put_workers(g);
            if (ask_networks(g)) {
                if (g->complete)
                    feed_changed(g->b->f);
                return;
            }
        } else {
            mark_stale(g);
        }
    } else if (refused) {
        g->denied = true;
        g->denied_mono_ms = clock_mono_ms();
        g->err = (struct err)ERR_INIT;
        drop_workers(g);
    } else if (r->status == 404 && ostk_lost_way(g->b->os, g->type, &g->err)) {
        mark_stale(g);
    } else if (r->status == 404 || r->status == 405 || r->status == 501 || r->err.code == ERR_UNSUPPORTED) {
        g->err = (struct err)ERR_INIT;               /* this cloud's API has no such list */
        drop_workers(g);
    } else {
        g->err = r->err;
        mark_stale(g);
    }
    group_done(g);
}

static void ask_workers(struct group *g)
{
    struct err err = ERR_INIT;
    g->asked_ms = clock_mono_ms();
    struct ostk_req rq = {.service = g->type, .path = g->api->path, .microversion = g->api->microversion,
                          .timeout_ms = 20000, .max_body = 64 << 20, .on_done = on_workers, .arg = g};
    g->call = ostk_send(g->b->os, &rq, &err);
    if (!g->call) {
        g->err = err;
        mark_stale(g);
        group_done(g);
    }
}

static void read_version(struct group *g, const struct net_reply *r)
{
    const struct ostk_service *s = ostk_find_service(g->b->os, g->type);
    struct ostk_version v = {.id = ""};
    json_error_t je;
    json_t *doc = json_read(r->body ? r->body : "", r->len, 0, &je);
    bool ok = doc && ostk_version_pick(&v, doc, ostk_type_canonical(g->type), "");
    json_decref(doc);
    if (!ok && s && s->version_id[0]) {
        snprintf(v.id, sizeof v.id, "%s", s->version_id);
        snprintf(v.min, sizeof v.min, "%s", s->version_min);
        snprintf(v.max, sizeof v.max, "%s", s->version_max);
    }
    if (v.max[0])
        snprintf(g->version, sizeof g->version, "%s %s-%s", v.id, v.min, v.max);
    else
        snprintf(g->version, sizeof g->version, "%s", v.id);
}

static void on_probe(void *arg, const struct net_reply *r)
{
    struct group *g = arg;
    int64_t now = clock_mono_ms();
    g->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    bool was = g->asked && g->reachable;
    g->asked = true;
    g->reachable = r->status > 0 && r->status < 500;     /* 300 and 401 are answers of an API that lives */
    if (g->complete && was != g->reachable)
        moved(g->b);
    if (!g->reachable) {
        g->err = r->err;
        if (g->err.code == ERR_OK)
            net_status_err(&g->err, r->status, r->body, r->len);
        mark_stale(g);
        group_done(g);
        return;
    }
    g->latency_ms = r->server_ms >= 0 ? r->server_ms : CELL_NONE;
    g->seen_ms = ostk_now_ms(g->b->os);
    read_version(g, r);
    if (!g->api || (g->denied && now - g->denied_mono_ms < REFUSED_MS)) {
        g->err = (struct err)ERR_INIT;
        group_done(g);
        return;
    }
    if (!was)
        g->err = (struct err)ERR_INIT;
    put_head(g);
    feed_changed(g->b->f);
    ask_workers(g);
}

static void probe(struct group *g)
{
    struct err err = ERR_INIT;
    struct ostk_req rq = {.service = g->type, .path = "/", .root = true, .timeout_ms = PROBE_TIMEOUT_MS,
                          .max_body = 4 << 20, .on_done = on_probe, .arg = g};
    if (g->call || g->unseen)
        return;                                          /* a slow API is not asked twice */
    g->call = ostk_send(g->b->os, &rq, &err);
}

/* ---- groups follow the catalog ---- */
static void group_free(struct group *g)
{
    if (g->call)
        ostk_cancel(g->call);
    map_release(&g->uids);
    map_release(&g->networks);
    json_decref(g->workers);
    mem_free(g->type);
    mem_free(g);
}

static struct group *group_new(struct board *b, const char *type, size_t at)
{
    struct group *g = mem_zalloc(sizeof *g);
    const char *canonical = ostk_type_canonical(type);
    if (!g || !(g->type = mem_strdup(type))) {
        mem_free(g);
        return NULL;
    }
    map_init(&g->uids, NULL);
    svc_dhcp_init(&g->networks);
    g->b = b;
    g->api = svc_api_find(canonical);
    g->order = svc_rank(canonical) * 100 + (int)at;      /* unknown types: the catalog's order */
    g->latency_ms = g->seen_ms = CELL_NONE;
    g->next = b->groups;
    b->groups = g;
    return g;
}

/* Keystone leaves out the endpoints whose URL names a project when the token is for none: the service is there all the same. */
static bool unseen(const struct board *b, const struct ostk_service *s)
{
    return !s->endpoint && b->os->token.system;
}

static bool in_catalog(const struct board *b, const char *type)
{
    const struct ostk_service *s = ostk_find_service(b->os, type);
    return s && (s->endpoint || unseen(b, s));
}

static void follow_catalog(struct board *b)
{
    const struct ostk_service *list;
    size_t n = ostk_services(b->os, &list);
    for (struct group **p = &b->groups; *p; ) {
        struct group *g = *p;
        if (in_catalog(b, g->type)) {
            p = &g->next;
            continue;
        }
        *p = g->next;
        drop_workers(g);
        store_delete(b->f->store, g->type);
        group_free(g);
    }
    for (size_t i = 0; i < n; i++) {
        struct group *g = b->groups;
        while (g && strcmp(g->type, list[i].type))
            g = g->next;
        bool hides = unseen(b, &list[i]);
        if (g ? g->unseen == hides : !in_catalog(b, list[i].type) || !(g = group_new(b, list[i].type, i)))
            continue;
        g->unseen = g->complete = hides;
        put_head(g);
    }
}

/* Nobody logged in yet, so there is no catalog; but where Keystone is, is known, and that it does not answer is what is wrong here. */
static void no_keystone(struct board *b, const struct err *err)
{
    bool away = err->code == ERR_NET || err->code == ERR_TIMEOUT || err->code == ERR_SERVER;
    struct group *g = b->groups;
    if (away && !g)
        g = group_new(b, "identity", 0);
    if (g) {
        g->asked = g->complete = away;
        g->err = *err;
        put_head(g);
    }
    feed_error(b->f, err);
}

/* ---- the clock ---- */
static void schedule(struct board *b, int64_t ms)
{
    net_timer_cancel(b->os->base.net, b->timer);
    b->timer = net_timer(b->os->base.net, ms, tick, b);
}

static void on_wait(void *arg, const struct net_reply *r)
{
    struct board *b = arg;
    const struct ostk_service *list;
    b->wait = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    if (ostk_services(b->os, &list) > 0) {
        net_backoff_reset(&b->backoff);
        tick(b);
        return;
    }
    struct err err = r->err;
    if (err.code == ERR_OK)
        err_set(&err, ERR_NOTFOUND, 0, "the catalog of this cloud is empty");
    no_keystone(b, &err);
    schedule(b, net_backoff_next(&b->backoff));
}

static void tick(void *arg)
{
    struct board *b = arg;
    const struct ostk_service *list;
    struct err err = ERR_INIT;
    b->timer = NULL;
    if (b->wait)
        return;
    if (!ostk_services(b->os, &list)) {                  /* no token yet: this waits for it */
        struct ostk_req rq = {.service = "identity", .path = "/", .root = true, .timeout_ms = PROBE_TIMEOUT_MS,
                              .on_done = on_wait, .arg = b};
        b->wait = ostk_send(b->os, &rq, &err);
        if (!b->wait)
            schedule(b, net_backoff_next(&b->backoff));
        return;
    }
    follow_catalog(b);
    if (!b->groups) {
        err_set(&err, ERR_UNSUPPORTED, 0, "no service of the catalog has an endpoint in this region and interface");
        feed_error(b->f, &err);
    }
    for (struct group *g = b->groups; g; g = g->next)
        probe(g);
    if (!b->live)
        feed_changed(b->f);
    int64_t now = clock_mono_ms();
    bool changed = now < b->os->busy_until_ms || (b->changed_mono_ms && now - b->changed_mono_ms < CHANGED_FOR_MS);
    schedule(b, changed ? CHANGED_MS : ostk_idle(b->os) ? 3 * PACE_MS : PACE_MS);
}

static void board_open(struct ostk_source *os, struct feed *f)
{
    struct err err;
    struct board *b = mem_zalloc(sizeof *b);
    f->priv = b;
    if (!b) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        feed_error(f, &err);
        return;
    }
    b->os = os;
    b->f = f;
    b->backoff = (struct net_backoff){.base_ms = 1000, .max_ms = 30000};
    tick(b);
}

static void board_close(struct ostk_source *os, struct feed *f)
{
    struct board *b = f->priv;
    if (!b)
        return;
    net_timer_cancel(os->base.net, b->timer);
    if (b->wait)
        ostk_cancel(b->wait);
    while (b->groups) {
        struct group *g = b->groups;
        b->groups = g->next;
        group_free(g);
    }
    mem_free(b);
    f->priv = NULL;
}

static void board_refresh(struct ostk_source *os, struct feed *f)
{
    struct board *b = f->priv;
    (void)os;
    for (struct group *g = b ? b->groups : NULL; g; g = g->next)
        g->denied_mono_ms -= REFUSED_MS;
    if (b)
        schedule(b, 0);
}

const struct ostk_driver ostk_services_driver = {.open = board_open, .close = board_close, .refresh = board_refresh};
