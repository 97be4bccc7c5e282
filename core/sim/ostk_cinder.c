/* Cinder's API: paths, lists, what the microversion and the role let see; volumes live in ostk_volume.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_vol.h"

#define REPORT_MS 10000
#define DOWN_MS 60000

struct res *vol_table(struct sim *s, const char *plural)
{
    return ostk_table(s, "cinder", plural);
}

bool vol_fail(struct req *r, int code, const char *fmt, ...)
{
    char msg[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    if (code == 413) {
        req_head(r, "Retry-After", "0");
        reply_json(r, 413, jt("{'overLimit':{'code':413,'message':%s,'retryAfter':'0'}}", msg));
    } else {
        ostk_error(r, code, code == 404 ? "itemNotFound" : code == 403 ? "forbidden" : code == 409 ? "conflictingRequest" : "badRequest", "%s", msg);
    }
    return false;
}

static void denied(struct req *r, const char *rule)
{
    vol_fail(r, 403, "Policy doesn't allow %s to be performed.", rule);
}

/* ---- what is seen ---- */
static bool mine(const struct req *r, const json_t *d, const char *key)
{
    const struct token *t = ostk_who(r);
    return t->admin || strcmp(jstr(d, key), t->project_id) == 0;
}

static bool of_this_list(struct req *r, const json_t *d, const char *key)
{
    const struct token *t = ostk_who(r);
    const char *project = req_query(r, "project_id");
    if (t->admin && ostk_flag(r, "all_tenants"))
        return !project || strcmp(project, json_string_value(json_object_get(d, key))) == 0;
    return strcmp(json_string_value(json_object_get(d, key)), t->project_id) == 0;
}

static json_t *links(struct req *r, const char *plural, const char *id)
{
    const struct token *t = ostk_who(r);
    const char *slash = *t->project_id ? "/" : "";
    char *self = ostk_url(r, "/volume/v3/%s%s%s/%s", t->project_id, slash, plural, id), *mark = ostk_url(r, "/volume/%s%s%s/%s", t->project_id, slash, plural, id);
    json_t *l = jt("[{'rel':'self','href':%s},{'rel':'bookmark','href':%s}]", self, mark);
    free(self);
    free(mark);
    return l;
}

static void since(const struct req *r, json_t *d, int minor, const char *key)
{
    if (r->micro.minor < minor)
        json_object_del(d, key);
}

json_t *vol_see(struct req *r, json_t *d)
{
    static const char *const admins[] = {"migration_status", "os-vol-mig-status-attr:migstat", "os-vol-mig-status-attr:name_id", HOST, "provider_id", "cluster_name",
                                         NULL};
    static const struct { int minor; const char *key; } from[] = {
        {13, "group_id"}, {21, "provider_id"}, {48, "shared_targets"}, {48, "service_uuid"}, {61, "cluster_name"}, {63, "volume_type_id"}, {65, "consumes_quota"},
    };
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
        since(r, d, from[i].minor, from[i].key);
    if (!ostk_admin(r))
        ostk_hide(d, admins);
    json_object_set_new(d, "links", links(r, "volumes", jstr(d, "id")));
    return ostk_public(d);
}

json_t *vol_see_snapshot(struct req *r, json_t *d)
{
    since(r, d, 14, "group_snapshot_id");
    since(r, d, 41, "user_id");
    since(r, d, 65, "consumes_quota");
    return ostk_public(d);
}

json_t *vol_see_backup(struct req *r, json_t *d)
{
    since(r, d, 9, "metadata");
    since(r, d, 56, "user_id");
    since(r, d, 51, "availability_zone");
    if (!ostk_admin(r))
        json_object_del(d, "os-backup-project-attr:project_id");
    json_object_set_new(d, "links", links(r, "backups", jstr(d, "id")));
    return ostk_public(d);
}

static json_t *row_volume(struct req *r, json_t *d)
{
    if (of_this_list(r, d, TENANT))
        return vol_see(r, d);
    json_decref(d);
    return NULL;
}

static json_t *row_snapshot(struct req *r, json_t *d)
{
    if (of_this_list(r, d, SNAP_TENANT))
        return vol_see_snapshot(r, d);
    json_decref(d);
    return NULL;
}

static json_t *row_backup(struct req *r, json_t *d)
{
    if (of_this_list(r, d, "_project"))
        return vol_see_backup(r, d);
    json_decref(d);
    return NULL;
}

/* ---- lists of volumes, snapshots, backups ---- */
static const char *const filters[] = {"name", "status", "bootable", "size", "availability_zone", "migration_status", "group_id", "metadata", "volume_id", "user_id",
                                      "volume_type", "host=" HOST, "snapshot_id", "consumes_quota", "created_at", "updated_at", NULL};
static const char *const others[] = {"limit", "marker", "offset", "sort", "sort_key", "sort_dir", "all_tenants", "project_id", "with_count", "is_public", "glance_metadata",
                                     "name~", "status~", NULL};
static const struct kind {
    const char *plural, *one, *word, *tenant;
    json_t *(*row)(struct req *r, json_t *d);
    json_t *(*see)(struct req *r, json_t *d);
    const char *brief[7];
} kinds[] = {
    {"volumes", "volume", "Volume", TENANT, row_volume, vol_see, {"id", "name", "links"}},
    {"snapshots", "snapshot", "Snapshot", SNAP_TENANT, row_snapshot, vol_see_snapshot,
     {"id", "created_at", "name", "description", "volume_id", "status", "size"}},
    {"backups", "backup", "Backup", "_project", row_backup, vol_see_backup, {"id", "name", "links"}},
};

static void shorten(json_t *d, const struct kind *k)
{
    static const char *const too[] = {"updated_at", "metadata"};
    const char *key;
    void *next;
    json_t *v;
    json_object_foreach_safe(d, next, key, v) {
        bool keep = false;
        for (size_t i = 0; i < 7 && k->brief[i] && !keep; i++)
            keep = strcmp(k->brief[i], key) == 0;
        for (size_t i = 0; i < 2 && k->brief[3] && !keep; i++)
            keep = strcmp(too[i], key) == 0;
        if (!keep)
            json_object_del(d, key);
    }
}

static void list(struct req *r, const struct kind *k, bool detail)
{
    static const char *const sorts[] = {"id", "name", "status", "size", "created_at", "updated_at", "availability_zone", "bootable", "host=" HOST, "volume_id", NULL};
    char order[256];
    struct ostk_list l = {.table = vol_table(r->sim, k->plural), .see = k->row, .filters = filters, .max = 1000};
    const char *odd = r->micro.minor >= 31 ? ostk_unknown_query(r, filters, others) : NULL;
    l.order = ostk_order(r, order, sizeof(order), "created_at:desc,id:desc", "desc");
    for (const char *p = l.order; *p; p += strcspn(p, ","), p += *p == ',') {
        bool ok = false;
        for (const char *const *f = sorts; *f && !ok; f++)
            ok = strncmp(p, *f, strcspn(p, ":,")) == 0;
        if (!ok) {
            vol_fail(r, 400, "Invalid input received: Invalid sort key");
            return;
        }
    }
    if (odd) {
        vol_fail(r, 400, "Invalid input received: Invalid filters %s are found in query options.", odd);
        return;
    }
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit) {
        vol_fail(r, 400, req_query(r, "limit")[0] == '-' ? "limit param must be positive" : "limit param must be an integer");
        return;
    }
    if (p.bad_marker) {
        vol_fail(r, 404, "%s %s could not be found.", k->word, req_query(r, "marker"));
        return;
    }
    json_t *out = json_object();
    for (size_t i = 0; i < json_array_size(p.rows) && !detail; i++)
        shorten(json_array_get(p.rows, i), k);
    json_object_set_new(out, k->plural, p.rows);
    if (p.full) {
        char *self = ostk_url(r, "%s", r->path), *next = ostk_link(r, self, NULL, "marker=%s", p.last), *key = sim_printf("%s_links", k->plural);
        json_object_set_new(out, key, jt("[{'rel':'next','href':%s}]", next));
        free(self);
        free(next);
        free(key);
    }
    if (ostk_flag(r, "with_count") && r->micro.minor >= 45)
        json_object_set_new(out, "count", json_integer((json_int_t)p.total));
    reply_json(r, 200, out);
}

static void summary(struct req *r)
{
    struct res *t = vol_table(r->sim, "volumes");
    int64_t n = 0, size = 0;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = row_volume(r, obj_doc(t->items[i]));
        n += d != NULL;
        size += jint(d, "size");
        json_decref(d);
    }
    reply_json(r, 200, jt("{'volume-summary':{'total_count':%l,'total_size':%l,'metadata':{}}}", n, size));
}

static void webob_404(struct req *r)
{
    ostk_bare(r, NULL);
    reply_json(r, 404, jt("{'message':'The resource could not be found.<br /><br />\\n\\n\\n','code':'404 Not Found','title':'Not Found'}"));
}

static void of_kind(struct req *r, const struct kind *k, int at)
{
    const char *id = r->nseg > at + 1 ? r->seg[at + 1] : "", *sub = r->nseg > at + 2 ? r->seg[at + 2] : "";
    bool get = strcmp(r->method, "GET") == 0, post = strcmp(r->method, "POST") == 0, put = strcmp(r->method, "PUT") == 0;
    bool volume = k == &kinds[0], snapshot = k == &kinds[1];
    if (get && (!*id || strcmp(id, "detail") == 0)) {
        list(r, k, *id != 0);
        return;
    }
    if (post && !*id) {
        (volume ? vol_create : snapshot ? vol_snapshot_create : vol_backup_create)(r);
        return;
    }
    if (get && volume && strcmp(id, "summary") == 0) {
        summary(r);
        return;
    }
    struct obj *o = store_get(vol_table(r->sim, k->plural), "", id);
    json_t *d = o ? obj_doc(o) : NULL;
    if (!d || !mine(r, d, k->tenant)) {
        vol_fail(r, 404, "%s %s could not be found.", k->word, id);
    } else if (strcmp(sub, "action") == 0 && post) {
        if (volume)
            vol_action(r, o);
        else
            vol_snapshot_action(r, o);
    } else if (strcmp(sub, "metadata") == 0) {
        vol_metadata(r, o, r->nseg > at + 3 ? r->seg[at + 3] : NULL);
    } else if (*sub) {
        vol_fail(r, 404, "The resource could not be found.");
    } else if (put) {
        vol_change(r, o);
    } else if (!get && strcmp(r->method, "DELETE") != 0) {
        webob_404(r);
    } else if (!get) {
        if (volume)
            vol_remove(r, o, false);
        else
            (snapshot ? vol_snapshot_remove : vol_backup_remove)(r, o);
    } else {
        json_t *out = json_object();
        json_object_set_new(out, k->one, k->see(r, json_incref(d)));
        reply_json(r, 200, out);
    }
    json_decref(d);
}

/* ---- attachments ---- */
static void attachments(struct req *r, const char *id)
{
    struct res *t = vol_table(r->sim, "volumes");
    bool detail = strcmp(id, "detail") == 0, all = !*id || detail;
    json_t *rows = json_array();
    store_from(t, "", "", false);
    for (size_t i = 0; i < t->n; i++) {
        json_t *v = obj_doc(t->items[i]), *list = json_object_get(v, "attachments");
        bool seen = all ? of_this_list(r, v, TENANT) : mine(r, v, TENANT);
        for (size_t k = 0; k < json_array_size(list) && seen; k++) {
            const json_t *a = json_array_get(list, k);
            const char *aid = jstr(a, "attachment_id");
            json_t *d = jt("{'id':%s,'status':'attached','instance':%s,'volume_id':%s}", aid, jstr(a, "server_id"), jstr(a, "volume_id"));
            if (!all || detail) {
                json_t *more = jt("{'attached_at':%s,'detached_at':'','attach_mode':'rw','connection_info':{'access_mode':'rw','qos_specs':null,'encrypted':false,"
                                  "'cacheable':false,'driver_volume_type':'iscsi','attachment_id':%s}}", jstr(a, "attached_at"), aid);
                json_object_update(d, more);
                json_decref(more);
            }
            const char *vol = req_query(r, "volume_id"), *inst = req_query(r, "instance_id");
            if ((all || strcmp(aid, id) == 0) && (!vol || strcmp(vol, jstr(d, "volume_id")) == 0) && (!inst || strcmp(inst, jstr(d, "instance")) == 0))
                json_array_append(rows, d);
            json_decref(d);
        }
        json_decref(v);
    }
    if (all)
        reply_json(r, 200, jt("{'attachments':%j}", json_incref(rows)));
    else if (json_array_size(rows))
        reply_json(r, 200, jt("{'attachment':%j}", json_incref(json_array_get(rows, 0))));
    else
        vol_fail(r, 404, "Volume attachment could not be found with filter: attachment_id = %s.", id);
    json_decref(rows);
}

/* ---- services ---- */
bool vol_services_beat(struct sim *s, json_t *d)
{
    char at[40];
    int64_t now = sim_now(s), stopped = jint(d, "_stopped"), period = ostk_ms(s, REPORT_MS), seen = stopped ? stopped : now;
    seen -= (seen + jint(d, "_phase")) % (period < 1 ? 1 : period);
    bool up = now - seen < ostk_ms(s, DOWN_MS) || (!stopped && ostk_ms(s, DOWN_MS) < 1000);
    json_object_set_new(d, "updated_at", json_string(ostk_stamp_at(seen, at)));
    json_object_set_new(d, "state", json_string(up ? "up" : "down"));
    return up;
}

static json_t *see_service(struct req *r, json_t *d)
{
    vol_services_beat(r->sim, d);
    since(r, d, 7, "cluster");
    since(r, d, 49, "backend_state");
    json_object_del(d, "id");
    return ostk_public(d);
}

static const char *service_odd(const json_t *in, bool log)
{
    static const char *const known[] = {"binary", "host", "cluster", "service", "disabled_reason"};
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)in, key, v) {
        size_t i = 0, n = log ? 5 : 4;
        while (i < n && strcmp(known[i], key) != 0)
            i++;
        if (i == n)
            return key;
    }
    return NULL;
}

static void services(struct req *r, const char *what)
{
    static const char *const keys[] = {"binary", "host", NULL};
    struct res *t = vol_table(r->sim, "services");
    if (!ostk_admin(r)) {
        denied(r, *what ? "volume_extension:services:update" : "volume_extension:services:index");
        return;
    }
    if (!*what) {
        struct ostk_list l = {.table = t, .see = see_service, .filters = keys};
        reply_json(r, 200, jt("{'services':%j}", ostk_rows(r, &l).rows));
        return;
    }
    json_t *in = ostk_body(r);
    const char *binary = jstr(in, "binary"), *host = jstr(in, "host"), *reason = jstr(in, "disabled_reason");
    bool enable = strcmp(what, "enable") == 0, log = strcmp(what, "disable-log-reason") == 0;
    struct obj *found = NULL;
    for (size_t i = 0; i < t->n && !found; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "binary"), binary) == 0 && strcmp(jstr(d, "host"), host) == 0)
            found = t->items[i];
        json_decref(d);
    }
    const char *odd = service_odd(in, log);
    if (!enable && !log && strcmp(what, "disable") != 0) {
        vol_fail(r, 400, "Invalid input received: Unknown action");
    } else if (!*binary && !jat(in, "service")) {
        char *text = nova_repr(in, false);
        vol_fail(r, 400, "%s is not valid under any of the given schemas", text);
        free(text);
    } else if (odd) {
        vol_fail(r, 400, "Additional properties are not allowed ('%s' was unexpected)", odd);
    } else if (!*host) {
        vol_fail(r, 400, "Invalid input received: Host field is missing.");
    } else if (!found) {
        vol_fail(r, 404, "Service %s could not be found on host %s.", binary, host);
    } else {
        json_t *set = jt("{'status':%s}", enable ? "enabled" : "disabled");
        if (log)                                               /* a reason that was given stays, also when it is enabled */
            json_object_set_new(set, "disabled_reason", jat(in, "disabled_reason") ? json_string(reason) : json_null());
        ostk_merge(r->sim, t, found->name, set);
        json_t *out = jt("{'disabled':%b,'host':%s,'service':'','binary':%s,'status':%s}", !enable, host, binary, enable ? "enabled" : "disabled");
        if (log)
            json_object_set_new(out, "disabled_reason", jat(in, "disabled_reason") ? json_string(reason) : json_null());
        reply_json(r, 200, out);
    }
    json_decref(in);
}

static void hosts(struct req *r)
{
    struct res *t = vol_table(r->sim, "services");
    json_t *rows = json_array();
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool up = vol_services_beat(r->sim, d);
        json_array_append_new(rows, jt("{'host_name':%s,'service':%s,'zone':%s,'service-status':%s,'service-state':%s,'last-update':%s}", jstr(d, "host"),
                                       jstr(d, "binary"), jstr(d, "zone"), up ? "available" : "unavailable", jstr(d, "status"), jstr(d, "updated_at")));
        json_decref(d);
    }
    reply_json(r, 200, jt("{'hosts':%j}", rows));
}

/* ---- types ---- */
json_t *vol_type(struct sim *s, const char *name)
{
    struct res *t = vol_table(s, "types");
    struct obj *o = store_get(t, "", name);
    for (size_t i = 0; i < t->n && !o; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (*name ? strcmp(jstr(d, "name"), name) == 0 : json_is_true(json_object_get(d, "_default")))
            o = t->items[i];
        json_decref(d);
    }
    return o ? obj_doc(o) : NULL;
}

static json_t *see_type(struct req *r, json_t *d)
{
    if (!ostk_admin(r)) {
        json_object_set_new(d, "extra_specs", json_object());
        json_object_del(d, "qos_specs_id");
    }
    return d;
}

static void types(struct req *r, const char *id, const char *sub)
{
    static const char *const keys[] = {"name", NULL};
    struct res *t = vol_table(r->sim, "types");
    json_t *d = strcmp(id, "default") == 0 ? vol_type(r->sim, "") : *id && ostk_is_uuid(id) ? vol_type(r->sim, id) : NULL;
    if (!*id && strcmp(r->method, "POST") == 0) {
        json_t *in = ostk_body(r), *want = jat(in, "volume_type");
        char uuid[37];
        uuid4(r->sim, uuid);
        if (!ostk_admin(r)) {
            denied(r, "volume_extension:type_create");
        } else if (!*jstr(want, "name")) {
            vol_fail(r, 400, "Invalid input for field/attribute volume_type. Value: {}. 'name' is a required property");
        } else if ((d = vol_type(r->sim, jstr(want, "name")))) {
            vol_fail(r, 409, "Volume Type %s already exists.", jstr(want, "name"));
        } else {
            d = jt("{'id':%s,'name':%s,'is_public':%b,'extra_specs':%j,'description':%s,'qos_specs_id':null,'os-volume-type-access:is_public':true}", uuid,
                   jstr(want, "name"), !json_is_false(jat(want, "os-volume-type-access:is_public")),
                   jat(want, "extra_specs") ? json_incref(jat(want, "extra_specs")) : json_object(), *jstr(want, "description") ? jstr(want, "description") : NULL);
            store_put(r->sim, t, json_incref(d));
            reply_json(r, 200, jt("{'volume_type':%j}", ostk_public(see_type(r, json_incref(d)))));
        }
        json_decref(in);
    } else if (!*id) {
        struct ostk_list l = {.table = t, .see = see_type, .filters = keys, .order = "_born:desc,id:desc"};
        reply_json(r, 200, jt("{'volume_types':%j}", ostk_rows(r, &l).rows));
    } else if (!d) {
        vol_fail(r, 404, "Volume type %s could not be found.", id);
    } else if (strcmp(r->method, "DELETE") == 0 && !*sub) {
        if (ostk_admin(r)) {
            ostk_drop(r->sim, t, jstr(d, "id"));
            reply_text(r, 202, "text/html; charset=UTF-8", "", 0);
        } else {
            denied(r, "volume_extension:type_delete");
        }
    } else if (strcmp(sub, "extra_specs") == 0) {
        json_t *in = ostk_body(r);
        if (strcmp(r->method, "POST") == 0 && ostk_admin(r)) {
            json_object_update(json_object_get(d, "extra_specs"), jat(in, "extra_specs"));
            store_put(r->sim, t, json_incref(d));
        }
        reply_json(r, 200, jt("{'extra_specs':%j}", json_incref(json_object_get(see_type(r, d), "extra_specs"))));
        json_decref(in);
    } else {
        json_object_del(d, "os-volume-type-access:is_public");
        reply_json(r, 200, jt("{'volume_type':%j}", ostk_public(see_type(r, json_incref(d)))));
    }
    json_decref(d);
}

/* ---- paths ---- */
static json_t *version(struct req *r)
{
    char *url = ostk_url(r, "/volume/v3/");
    json_t *v = jt("{'versions':[{'id':'v3.0','status':'CURRENT','version':'3.70','min_version':'3.0','updated':'2022-08-31T00:00:00Z','links':[{'rel':'describedby',"
                   "'type':'text/html','href':'https://docs.openstack.org/'},{'rel':'self','href':%s}],'media-types':[{'base':'application/json',"
                   "'type':'application/vnd.openstack.volume+json;version=3'}]}]}", url);
    free(url);
    return v;
}

/* What is there but empty, from which microversion on. */
static bool empty(struct req *r, const char *what)
{
    static const struct { const char *what, *key; int minor; const char *rule; } nothing[] = {
        {"os-volume-transfer", "transfers", 0, NULL}, {"qos-specs", "qos_specs", 0, "volume_extension:qos_specs_manage:get_all"}, {"consistencygroups", "consistencygroups", 0, NULL}, {"cgsnapshots", "cgsnapshots", 0, NULL},
        {"groups", "groups", 13, NULL}, {"group_snapshots", "group_snapshots", 14, NULL}, {"group_types", "group_types", 11, NULL}, {"messages", "messages", 3, NULL},
        {"clusters", "clusters", 7, "clusters:get_all"}, {"volume-transfers", "transfers", 55, NULL}, {"extensions", "extensions", 0, NULL}, {"resource_filters", "resource_filters", 33, NULL},
    };
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        if (strcmp(nothing[i].what, what) != 0)
            continue;
        json_t *out = json_object();
        json_object_set_new(out, nothing[i].key, json_array());
        bool allowed = !nothing[i].rule || ostk_admin(r);
        if (r->micro.minor >= nothing[i].minor && allowed) {
            reply_json(r, 200, out);
            return true;
        }
        json_decref(out);
        if (!allowed)
            denied(r, nothing[i].rule);
        else
            vol_fail(r, 404, "The resource could not be found.");
        return true;
    }
    return false;
}

void cinder_handle(struct req *r)
{
    if (r->nseg <= 2) {
        if (r->nseg == 2 && strcmp(r->seg[1], "v3") != 0)
            webob_404(r);
        else
            reply_json(r, r->nseg <= 1 ? 300 : 200, version(r));
        return;
    }
    const struct token *t = ostk_token(r);
    if (!t)
        return;
    int at = ostk_is_uuid(r->seg[2]) || r->nseg > 4 || strcmp(r->seg[2], t->project_id) == 0 ? 3 : 2;
    if (at == 3 && strncmp(r->seg[2], "volumes", 7) != 0 && strcmp(r->seg[2], t->project_id) != 0) {
        vol_fail(r, 400, "Malformed request url");
        return;
    }
    if (at == 3 && strcmp(r->seg[2], t->project_id) != 0)
        at = 2;
    const char *what = r->nseg > at ? r->seg[at] : "", *id = r->nseg > at + 1 ? r->seg[at + 1] : "", *sub = r->nseg > at + 2 ? r->seg[at + 2] : "";
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(kinds[i].plural, what) == 0) {
            of_kind(r, &kinds[i], at);
            return;
        }
    }
    if (strcmp(what, "os-services") == 0)
        services(r, id);
    else if (strcmp(what, "os-hosts") == 0 && t->admin)
        hosts(r);
    else if (strcmp(what, "types") == 0)
        types(r, id, sub);
    else if (strcmp(what, "attachments") == 0 && r->micro.minor >= 27)
        attachments(r, id);
    else if (strcmp(what, "os-quota-sets") == 0)
        vol_quotas(r, id, sub);
    else if (strcmp(what, "limits") == 0)
        vol_limits(r);
    else if (strcmp(what, "os-availability-zone") == 0)
        reply_json(r, 200, jt("{'availabilityZoneInfo':[{'zoneName':'nova','zoneState':{'available':true}}]}"));
    else if (strcmp(what, "scheduler-stats") == 0 && !t->admin)
        denied(r, "scheduler_extension:scheduler_stats:get_pools");
    else if (strcmp(what, "scheduler-stats") == 0)
        vol_pools(r);
    else if (strcmp(what, "capabilities") == 0 && !t->admin)
        denied(r, "volume_extension:capabilities");
    else if (strcmp(what, "attachments") == 0 || strcmp(what, "workers") == 0)
        vol_fail(r, 404, "The resource could not be found.");
    else if (!empty(r, what))
        webob_404(r);
}
