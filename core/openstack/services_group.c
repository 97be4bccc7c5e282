/* os-services: one API of the catalog is probed (its version document, no token), then asked for its workers, then each of its DHCP
 * agents that is out of service for its networks. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/openstack/services_board.h"
#include "strata/clock.h"

static bool read_workers(struct svc_group *g, const char *body, size_t len)
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

static void group_done(struct svc_group *g)
{
    g->complete = true;
    json_decref(g->workers);
    g->workers = NULL;
    svc_put_head(g);
    svc_judge(g->b);
}

/* ---- networks of DHCP agents out of service ---- */
static bool ask_networks(struct svc_group *g);

static void on_networks(void *arg, const struct net_reply *r)
{
    struct svc_group *g = arg;
    g->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    bool ok = r->err.code == ERR_OK;
    if (!svc_dhcp_take(&g->networks, g->agent, ok ? r->body : NULL, ok ? r->len : 0, clock_mono_ms()) || !ask_networks(g)) {
        svc_put_workers(g);
        group_done(g);
    }
}

/* One after another. What somebody changes through us is looked at again soon. */
static bool ask_networks(struct svc_group *g)
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
    struct svc_group *g = arg;
    g->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    bool refused = r->status == 403 || (r->status == 401 && r->err.code == ERR_FORBIDDEN);
    if (r->err.code == ERR_OK) {
        g->denied = false;
        if (read_workers(g, r->body, r->len)) {
            g->err = (struct err)ERR_INIT;
            svc_put_workers(g);
            if (ask_networks(g)) {
                if (g->complete)
                    feed_changed(g->b->f);
                return;
            }
        } else {
            svc_mark_stale(g);
        }
    } else if (refused) {
        g->denied = true;
        g->denied_mono_ms = clock_mono_ms();
        g->err = (struct err)ERR_INIT;
        svc_drop_workers(g);
    } else if (r->status == 404 && ostk_lost_way(g->b->os, g->type, &g->err)) {
        svc_mark_stale(g);
    } else if (r->status == 404 || r->status == 405 || r->status == 501 || r->err.code == ERR_UNSUPPORTED) {
        g->err = (struct err)ERR_INIT;               /* this cloud's API has no such list */
        svc_drop_workers(g);
    } else {
        g->err = r->err;
        svc_mark_stale(g);
    }
    group_done(g);
}

static void ask_workers(struct svc_group *g)
{
    struct err err = ERR_INIT;
    g->asked_ms = clock_mono_ms();
    struct ostk_req rq = {.service = g->type, .path = g->api->path, .microversion = g->api->microversion,
                          .timeout_ms = 20000, .max_body = 64 << 20, .on_done = on_workers, .arg = g};
    g->call = ostk_send(g->b->os, &rq, &err);
    if (!g->call) {
        g->err = err;
        svc_mark_stale(g);
        group_done(g);
    }
}

static void read_version(struct svc_group *g, const struct net_reply *r)
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
    struct svc_group *g = arg;
    int64_t now = clock_mono_ms();
    g->call = NULL;
    if (r->err.code == ERR_CANCELED)
        return;
    bool was = g->asked && g->reachable;
    g->asked = true;
    g->reachable = r->status > 0 && r->status < 500;     /* 300 and 401 are answers of an API that lives */
    if (g->complete && was != g->reachable)
        svc_moved(g->b);
    if (!g->reachable) {
        g->err = r->err;
        if (g->err.code == ERR_OK)
            net_status_err(&g->err, r->status, r->body, r->len);
        svc_mark_stale(g);
        group_done(g);
        return;
    }
    g->latency_ms = r->server_ms >= 0 ? r->server_ms : CELL_NONE;
    g->seen_ms = ostk_now_ms(g->b->os);
    read_version(g, r);
    if (!g->api || (g->denied && now - g->denied_mono_ms < SVC_REFUSED_MS)) {
        g->err = (struct err)ERR_INIT;
        group_done(g);
        return;
    }
    if (!was)
        g->err = (struct err)ERR_INIT;
    svc_put_head(g);
    feed_changed(g->b->f);
    ask_workers(g);
}

void svc_probe(struct svc_group *g)
{
    struct err err = ERR_INIT;
    struct ostk_req rq = {.service = g->type, .path = "/", .root = true, .timeout_ms = SVC_PROBE_TIMEOUT_MS,
                          .max_body = 4 << 20, .on_done = on_probe, .arg = g};
    if (g->call || g->unseen)
        return;                                          /* a slow API is not asked twice */
    g->call = ostk_send(g->b->os, &rq, &err);
}
