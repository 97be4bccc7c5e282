/* Driver of quota: the projects one may see, then for each what Nova, Cinder and Neutron say, one call at a time. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/kind_util.h"
#include "core/openstack/ostk_priv.h"
#include "core/openstack/quota_priv.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define PACE_MS 60000
#define WARN_PERMILLE 900

/* ---- rows ---- */
static const struct { int col; char service; const char *key; } cells[] = {
    {QUOTA_INSTANCES, 'c', "instances"}, {QUOTA_CORES, 'c', "cores"}, {QUOTA_RAM, 'c', "ram"},
    {QUOTA_SERVER_GROUPS, 'c', "server_groups"}, {QUOTA_KEYS, 'c', "key_pairs"}, {QUOTA_VOLUMES, 'v', "volumes"},
    {QUOTA_GIGABYTES, 'v', "gigabytes"}, {QUOTA_SNAPSHOTS, 'v', "snapshots"}, {QUOTA_BACKUPS, 'v', "backups"},
    {QUOTA_FIPS, 'n', "floatingip"}, {QUOTA_PORTS, 'n', "port"}, {QUOTA_NETWORKS, 'n', "network"},
    {QUOTA_ROUTERS, 'n', "router"}, {QUOTA_SUBNETS, 'n', "subnet"}, {QUOTA_GROUPS, 'n', "security_group"},
    {QUOTA_RULES, 'n', "security_group_rule"},
};

void quota_row(struct rowbuf *rb, const char *id, const char *name, const struct json_t *compute, const struct json_t *volume,
               const struct json_t *network)
{
    int64_t worst = CELL_NONE;
    const char *most = NULL;
    rowbuf_id(rb, id, id, name);
    rowbuf_text(rb, QUOTA_PROJECT, name);
    rowbuf_text(rb, QUOTA_ID, id);
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const json_t *doc = cells[i].service == 'c' ? compute : cells[i].service == 'v' ? volume : network;
        const json_t *q = ostk_json(doc, cells[i].key);
        bool plain = json_is_integer(q);                   /* limits without usage: an old Neutron */
        int64_t limit = plain ? json_integer_value(q) : ostk_json_int(q, "limit", CELL_NONE);
        int64_t used = ostk_json_int(q, "in_use", CELL_NONE);
        if (used == CELL_NONE)
            used = ostk_json_int(q, "used", CELL_NONE);
        if (limit == CELL_NONE)
            continue;
        if (used == CELL_NONE) {
            rowbuf_textf(rb, cells[i].col, "?/%lld", (long long)limit);
            continue;
        }
        int64_t held = used + ostk_json_int(q, "reserved", 0);   /* what is being made counts against the limit */
        rowbuf_textf(rb, cells[i].col, "%lld/%lld", (long long)used, (long long)limit);
        int64_t share = limit > 0 ? held * 1000 / limit : limit == 0 && held > 0 ? 1000 : CELL_NONE;
        if (share != CELL_NONE && share > worst) {
            worst = share;
            most = cells[i].key;
        }
    }
    if (worst != CELL_NONE) {
        rowbuf_num(rb, QUOTA_USED, worst);
        rowbuf_text(rb, QUOTA_MOST, most);
    }
    rowbuf_health(rb, worst == CELL_NONE ? HEALTH_NONE : worst >= WARN_PERMILLE ? HEALTH_WARN : HEALTH_OK);
}

/* ---- asking ---- */
struct quota {
    struct ostk_source *os;
    struct feed *f;
    struct ostk_call *call;
    struct net_timer *timer;
    struct net_backoff backoff;
    json_t *projects, *parts[QUOTA_PARTS];
    size_t at;
    int part;
    bool own_only, parts_missing, plain_network;
    int64_t started_ms;
    struct err err;
};

const struct quota_part quota_parts[QUOTA_PARTS] = {
    {"compute", "quota_set", "/os-quota-sets/", "/detail", NULL},
    {"block-storage", "quota_set", "/os-quota-sets/", "?usage=True", NULL},
    {"network", "quota", "/quotas/", "/details.json", ""},
};

void quota_path(struct str *out, int part, bool plain, const char *project)
{
    const struct quota_part *p = &quota_parts[part];
    str_adds(out, p->path);
    str_add_urlenc(out, project ? project : "");
    str_adds(out, plain && p->plain ? p->plain : p->tail);
}

static void begin(void *arg);
static void ask_part(struct quota *q);

static void clear_parts(struct quota *q)
{
    for (int i = 0; i < QUOTA_PARTS; i++) {
        json_decref(q->parts[i]);
        q->parts[i] = NULL;
    }
    q->part = 0;
}

static void schedule(struct quota *q, int64_t ms)
{
    net_timer_cancel(q->os->base.net, q->timer);
    q->timer = net_timer(q->os->base.net, ms, begin, q);
}

static void failed(struct quota *q, const struct err *err)
{
    store_sync_cancel(q->f->store);
    feed_error(q->f, err);
    schedule(q, net_backoff_next(&q->backoff));
}

static bool send(struct quota *q, const char *service, const char *path, void (*done)(void *, const struct net_reply *))
{
    struct err err = ERR_INIT;
    struct ostk_req rq = {.service = service, .path = path, .microversion = !strcmp(service, "compute") ? "2.93" : NULL,
                          .timeout_ms = 30000, .retries = 1, .on_done = done, .arg = q};
    q->call = ostk_send(q->os, &rq, &err);
    if (!q->call)
        failed(q, &err);
    return q->call != NULL;
}

static void pass_done(struct quota *q)
{
    struct feed_status *st = store_status(q->f->store);
    int64_t cost = clock_mono_ms() - q->started_ms, pace = ostk_idle(q->os) ? 3 * PACE_MS : PACE_MS;
    store_sync_end(q->f->store);
    st->partial = q->own_only || q->parts_missing;
    st->own_only = q->own_only && !q->parts_missing;
    snprintf(st->note, sizeof st->note, "%s%s%.110s", q->own_only ? "own project only: not allowed to list all" : "",
             q->own_only && q->parts_missing ? "; " : "", q->parts_missing ? q->err.msg : "");
    net_backoff_reset(&q->backoff);
    feed_live(q->f);
    schedule(q, pace > 4 * cost ? pace : 4 * cost);
}

static void put_row(struct quota *q)
{
    const json_t *p = json_array_get(q->projects, q->at);
    struct rowbuf *rb = store_rowbuf(q->f->store);
    rowbuf_begin(rb, q->f->kind);
    quota_row(rb, ostk_json_str(p, "id"), ostk_json_str(p, "name"), q->parts[0], q->parts[1], q->parts[2]);
    store_put(q->f->store, rowbuf_finish(rb));
    feed_changed(q->f);
}

static void next_part(struct quota *q)
{
    if (++q->part == QUOTA_PARTS) {
        put_row(q);
        clear_parts(q);
        q->at++;
    }
    ask_part(q);
}

static void on_part(void *arg, const struct net_reply *r)
{
    struct quota *q = arg;
    q->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    if (r->err.code == ERR_OK) {
        json_t *doc = json_read(r->body ? r->body : "", r->len, 0, NULL);
        q->parts[q->part] = json_incref((json_t *)ostk_json(doc, quota_parts[q->part].root));
        json_decref(doc);
    } else if (q->part == 2 && r->status == 404 && !q->plain_network) {
        q->plain_network = true;                            /* no quota_details extension: limits alone */
        ask_part(q);
        return;
    } else if (r->err.code != ERR_UNSUPPORTED) {            /* a cloud without volumes has no volume quotas */
        q->parts_missing = true;
        q->err = r->err;
    }
    next_part(q);
}

static void ask_part(struct quota *q)
{
    const char *id = ostk_json_str(json_array_get(q->projects, q->at), "id");
    struct str path;
    if (q->at >= json_array_size(q->projects)) {
        pass_done(q);
        return;
    }
    str_init(&path, 4096);
    quota_path(&path, q->part, q->plain_network, id);
    send(q, quota_parts[q->part].service, path.data, on_part);
    str_release(&path);
}

static void go(struct quota *q)
{
    q->at = 0;
    q->parts_missing = false;
    clear_parts(q);
    store_sync_begin(q->f->store);
    ask_part(q);
}

static void on_own(void *arg, const struct net_reply *r)
{
    struct quota *q = arg;
    const char *id = ostk_project_id(q->os), *name = ostk_name(q->os, "project", id);
    struct err err = r->err;
    q->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    if (!*id) {
        if (err.code == ERR_OK)
            err_set(&err, ERR_UNSUPPORTED, 0, "the token is not for a project: there are no quotas to show");
        failed(q, &err);
        return;
    }
    if (!*name)
        name = q->os->token.project_name ? q->os->token.project_name : id;
    json_decref(q->projects);
    q->projects = json_pack("[{s:s, s:s}]", "id", id, "name", name);
    q->own_only = true;
    go(q);
}

static void on_projects(void *arg, const struct net_reply *r)
{
    struct quota *q = arg;
    struct err err = r->err;
    q->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    if (r->status == 403) {
        send(q, "identity", "/auth/projects", on_own);
        return;
    }
    json_t *doc = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    json_t *list = (json_t *)ostk_json(doc, "projects");
    if (json_is_array(list)) {
        json_decref(q->projects);
        q->projects = json_incref(list);
        q->own_only = false;
        json_decref(doc);
        go(q);
        return;
    }
    json_decref(doc);
    if (err.code == ERR_OK)
        err_set(&err, ERR_PROTO, 0, "identity API: the answer has no \"projects\"");
    failed(q, &err);
}

static void begin(void *arg)
{
    struct quota *q = arg;
    q->timer = NULL;
    if (q->call)
        return;
    q->started_ms = clock_mono_ms();
    send(q, "identity", "/projects", on_projects);
}

static void quota_open(struct ostk_source *os, struct feed *f)
{
    struct quota *q = mem_zalloc(sizeof *q);
    struct err err;
    f->priv = q;
    if (!q) {
        err_set(&err, ERR_NOMEM, 0, "%s", err_text(ERR_NOMEM));
        feed_error(f, &err);
        return;
    }
    q->os = os;
    q->f = f;
    q->backoff = (struct net_backoff){.base_ms = 2000, .max_ms = 60000};
    begin(q);
}

static void quota_close(struct ostk_source *os, struct feed *f)
{
    struct quota *q = f->priv;
    if (!q)
        return;
    net_timer_cancel(os->base.net, q->timer);
    if (q->call)
        ostk_cancel(q->call);
    clear_parts(q);
    json_decref(q->projects);
    mem_free(q);
    f->priv = NULL;
}

static void quota_refresh(struct ostk_source *os, struct feed *f)
{
    struct quota *q = f->priv;
    (void)os;
    if (q && !q->call)
        schedule(q, 0);
}

const struct ostk_driver ostk_quota_driver = {.open = quota_open, .close = quota_close, .refresh = quota_refresh};
