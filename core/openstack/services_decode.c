/* os-services: how each API tells its workers, and the rows made of that. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "core/openstack/kind_util.h"
#include "core/openstack/services_priv.h"
#include "strata/text.h"

static int64_t when(const struct json_t *o, const char *path)
{
    const char *s = ostk_json_str(o, path);
    int64_t ms;
    return s && text_parse_time(s, strlen(s), &ms) ? ms : CELL_NONE;
}

static bool word(const struct json_t *o, const char *path, const char *want)
{
    const char *s = ostk_json_str(o, path);
    return s && !strcasecmp(s, want);
}

/* Nova, Cinder, Manila: the same shape. Nova's numbers before 2.53 are no use as ids: host and binary are. */
static bool common_worker(struct svc_worker *w, const struct json_t *o)
{
    w->id = ostk_json_str(o, "id");
    w->binary = ostk_json_str(o, "binary");
    w->host = ostk_json_str(o, "host");
    w->zone = ostk_json_str(o, "zone");
    w->reason = ostk_json_str(o, "disabled_reason");
    w->cluster = ostk_json_str(o, "cluster");
    w->up = word(o, "state", "up");
    w->disabled = word(o, "status", "disabled");
    w->forced_down = ostk_true(o, "forced_down");
    w->seen_ms = when(o, "updated_at");
    w->unknown = !ostk_json_str(o, "state");             /* of a cell that is down: host and binary only */
    if (word(o, "backend_state", "down")) {
        w->worst = HEALTH_BAD;
        w->reason = w->reason ? w->reason : "its storage backend is down";
    } else if (ostk_true(o, "frozen")) {
        w->worst = HEALTH_WARN;
        w->reason = w->reason ? w->reason : "frozen: no changes";
    }
    return w->binary && w->host;
}

static bool neutron_worker(struct svc_worker *w, const struct json_t *o)
{
    w->id = ostk_json_str(o, "id");
    w->title = ostk_json_str(o, "agent_type");
    w->binary = ostk_json_str(o, "binary");
    w->host = ostk_json_str(o, "host");
    w->zone = ostk_json_str(o, "availability_zone");
    w->up = ostk_true(o, "alive");
    w->disabled = json_is_false(ostk_json(o, "admin_state_up"));
    w->seen_ms = when(o, "heartbeat_timestamp");
    w->created_ms = when(o, "created_at");
    return w->host && (w->title || w->binary);
}

static bool heat_worker(struct svc_worker *w, const struct json_t *o)
{
    w->id = ostk_json_str(o, "id");
    w->binary = ostk_json_str(o, "binary");
    w->host = ostk_json_str(o, "host");
    w->up = word(o, "status", "up");
    w->seen_ms = when(o, "updated_at");
    w->created_ms = when(o, "created_at");
    return w->binary && w->host && !ostk_json_str(o, "deleted_at");
}

static bool ironic_worker(struct svc_worker *w, const struct json_t *o)
{
    const char *group = ostk_json_str(o, "conductor_group");
    w->binary = "ironic-conductor";
    w->host = ostk_json_str(o, "hostname");
    w->cluster = group && *group ? group : NULL;
    w->up = ostk_true(o, "alive");
    w->seen_ms = when(o, "updated_at");
    w->created_ms = when(o, "created_at");
    return w->host != NULL;
}

static bool magnum_worker(struct svc_worker *w, const struct json_t *o)
{
    w->binary = ostk_json_str(o, "binary");
    w->host = ostk_json_str(o, "host");
    w->reason = ostk_json_str(o, "disabled_reason");
    w->up = word(o, "state", "up");
    w->disabled = ostk_true(o, "disabled");
    w->seen_ms = when(o, "updated_at");
    w->created_ms = when(o, "created_at");
    return w->binary && w->host;
}

static bool designate_worker(struct svc_worker *w, const struct json_t *o)
{
    w->id = ostk_json_str(o, "id");
    w->binary = ostk_json_str(o, "service_name");
    w->host = ostk_json_str(o, "hostname");
    w->up = word(o, "status", "UP");
    w->seen_ms = when(o, "heartbeated_at");
    w->created_ms = when(o, "created_at");
    return w->binary && w->host;
}

static bool watcher_worker(struct svc_worker *w, const struct json_t *o)
{
    w->binary = ostk_json_str(o, "name");
    w->host = ostk_json_str(o, "host");
    w->up = word(o, "status", "ACTIVE");
    w->seen_ms = when(o, "last_seen_up");
    return w->binary && w->host;
}

/* Octavia, Masakari, Glance, Placement, Keystone, Swift, Barbican tell no workers. */
const struct svc_api svc_apis[] = {
    {"compute", "/os-services", "2.93", "services", common_worker},
    {"network", "/agents", NULL, "agents", neutron_worker},
    {"block-storage", "/os-services", "3.70", "services", common_worker},
    {"orchestration", "/services", NULL, "services", heat_worker},
    {"baremetal", "/conductors?detail=true", "1.49", "conductors", ironic_worker},
    {"container-infra", "/mservices", "1.10", "mservices", magnum_worker},
    {"shared-file-system", "/services", "2.65", "services", common_worker},
    {"dns", "/service_statuses", NULL, "service_statuses", designate_worker},
    {"infra-optim", "/services/detail", NULL, "services", watcher_worker},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct svc_api *svc_api_find(const char *canonical)
{
    for (const struct svc_api *a = svc_apis; a->type; a++)
        if (!strcmp(a->type, canonical))
            return a;
    return NULL;
}

int svc_rank(const char *canonical)
{
    static const char *const order[] = {
        "compute", "network", "block-storage", "image", "identity", "placement", "orchestration", "baremetal",
        "load-balancer", "container-infra", "dns", "shared-file-system", "object-store", "key-manager", "instance-ha",
        "infra-optim",
    };
    int n = sizeof order / sizeof *order;
    for (int i = 0; i < n; i++)
        if (!strcmp(order[i], canonical))
            return i;
    return n;
}

static enum health health_of(const struct svc_worker *w)
{
    enum health h = ostk_agent_health(w->up, w->disabled, w->forced_down);
    return w->unknown ? HEALTH_UNKNOWN : w->worst > h ? w->worst : h;
}

static void state_cells(struct rowbuf *rb, const struct svc_worker *w)
{
    rowbuf_text(rb, SVC_STATE, w->unknown ? "unknown" : w->up ? "up" : "down");
    if (!w->unknown)
        rowbuf_text(rb, SVC_STATUS, w->forced_down ? (w->disabled ? "disabled, forced-down" : "forced-down")
                                                   : w->disabled ? "disabled" : "enabled");
    rowbuf_health(rb, health_of(w));
}

void svc_worker_uid(struct str *out, const char *type, const struct svc_worker *w)
{
    if (w->id)
        str_addf(out, "%s/%s", type, w->id);
    else
        str_addf(out, "%s/%s/%s", type, w->binary ? w->binary : w->title, w->host);
}

bool svc_worker_alone(struct rowbuf *rb, const char *type, const struct json_t *item, const char *plain)
{
    struct svc_worker w = {.seen_ms = CELL_NONE, .created_ms = CELL_NONE};
    char name[600];
    if (!svc_api_find(type)->worker(&w, item))
        return false;
    snprintf(name, sizeof name, "%s/%s", w.binary ? w.binary : "agent", w.host);
    rowbuf_id(rb, w.id ? w.id : name, "", plain && !strcmp(w.binary, plain) ? w.host : name);
    rowbuf_health(rb, health_of(&w));
    return true;
}

bool svc_worker_row(struct rowbuf *rb, const char *type, int group, const struct svc_worker *w)
{
    struct str uid, name;
    const char *binary = w->binary ? w->binary : w->title;
    str_init(&uid, 4096);
    str_init(&name, 4096);
    svc_worker_uid(&uid, type, w);
    str_addf(&name, "%s/%s", binary, w->host);
    bool ok = !uid.failed && !name.failed;
    if (ok)
        rowbuf_id(rb, uid.data, "", name.data);
    str_release(&uid);
    str_release(&name);
    rowbuf_text(rb, SVC_SERVICE, w->title ? w->title : binary);
    rowbuf_text(rb, SVC_BINARY, binary);
    rowbuf_text(rb, SVC_HOST, w->host);
    rowbuf_text(rb, SVC_ZONE, w->zone);
    rowbuf_text(rb, SVC_REASON, w->reason);
    rowbuf_text(rb, SVC_CLUSTER, w->cluster);
    rowbuf_text(rb, SVC_TYPE, type);
    rowbuf_text(rb, SVC_ID, w->id);
    rowbuf_text(rb, SVC_NETWORKS, w->networks);
    rowbuf_num(rb, SVC_GROUP, group);
    if (w->seen_ms != CELL_NONE)
        rowbuf_num(rb, SVC_SEEN, w->seen_ms);
    if (w->created_ms != CELL_NONE)
        rowbuf_created(rb, w->created_ms);
    state_cells(rb, w);
    return ok;
}

/* "127.0.0.1:8774" of a URL. */
static void host_of(struct rowbuf *rb, int col, const char *url)
{
    const char *p = url ? strstr(url, "://") : NULL;
    if (!p)
        return;
    p += 3;
    size_t n = strcspn(p, "/");
    const char *at = memchr(p, '@', n);
    if (at) {
        n -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    rowbuf_textn(rb, col, p, n);
}

void svc_head_row(struct rowbuf *rb, const struct svc_head *h)
{
    bool failing = h->reachable && h->err && h->err->code != ERR_OK;
    rowbuf_id(rb, h->type, "", h->type);
    rowbuf_flag(rb, ROW_HEAD);
    rowbuf_textf(rb, SVC_SERVICE, "%s API", h->type);
    rowbuf_text(rb, SVC_BINARY, h->name);
    rowbuf_text(rb, SVC_TYPE, h->type);
    host_of(rb, SVC_HOST, h->endpoint);
    rowbuf_text(rb, SVC_ENDPOINT, h->endpoint);
    rowbuf_num(rb, SVC_GROUP, h->group);
    if (h->version && *h->version)
        rowbuf_text(rb, SVC_VERSION, h->version);
    if (h->seen_ms != CELL_NONE)
        rowbuf_num(rb, SVC_SEEN, h->seen_ms);
    if (h->unseen) {
        rowbuf_text(rb, SVC_STATE, "unknown");
        rowbuf_text(rb, SVC_REASON, h->unseen);
    }
    if (!h->known || h->unseen) {
        rowbuf_health(rb, HEALTH_UNKNOWN);
        return;
    }
    rowbuf_text(rb, SVC_STATE, !h->reachable ? "down" : failing ? "failing" : "up");
    if (h->reachable && h->latency_ms != CELL_NONE)
        rowbuf_num(rb, SVC_LATENCY, h->latency_ms);
    if (h->hidden)
        rowbuf_text(rb, SVC_WORKERS, "hidden");
    if (h->err && h->err->code != ERR_OK)
        rowbuf_text(rb, SVC_REASON, h->err->msg);
    else if (h->hidden)
        rowbuf_text(rb, SVC_REASON, "its workers are not shown: this user is not allowed to see them");
    rowbuf_health(rb, h->reachable && !failing ? HEALTH_OK : HEALTH_BAD);
}

void svc_stale_row(struct rowbuf *rb, const struct row *r)
{
    rowbuf_id(rb, r->uid, r->scope, r->name);
    for (size_t i = 0; i < r->kind->ncolumns; i++)
        if (r->kind->columns[i].type == COL_TEXT)
            rowbuf_text(rb, (int)i, r->cell[i].s);
        else if (r->cell[i].n != CELL_NONE)
            rowbuf_num(rb, (int)i, r->cell[i].n);
    if (r->created_ms != CELL_NONE)
        rowbuf_created(rb, r->created_ms);
    rowbuf_health(rb, r->health);
    rowbuf_flag(rb, r->flags | ROW_STALE);
}
