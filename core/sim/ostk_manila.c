/* Manila: shares, where they are exported, their types and workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_vol.h"

#define POOL "manila-share@cephfs#cephfs"
#define TYPE_ID "25747776-08e5-494f-ab40-a64b9d20d8f7"
enum { MINOR_MAX = 73, QUICK_MS = 1500 };                      /* of Zed; what a manila-share needs for most of its jobs */

static struct res *table(struct sim *s, const char *name)
{
    return ostk_table(s, "manila", name);
}

static void fail(struct req *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void fail(struct req *r, int code, const char *fmt, ...)
{
    static const struct { int code; const char *shape; } shapes[] = {{400, "badRequest"}, {403, "forbidden"}, {404, "itemNotFound"}, {409, "conflictingRequest"}};
    const char *shape = "computeFault";
    char msg[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof(msg), fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        shape = shapes[i].code == code ? shapes[i].shape : shape;
    ostk_error(r, code, shape, "%s", msg);
}

static void absent(struct req *r)
{
    fail(r, 404, "The resource could not be found.");
}

/* ---- as they are found ---- */
void manila_seed_service(struct sim *s, int id, const char *binary, const char *host)
{
    char key[16];
    snprintf(key, sizeof(key), "%d", id);
    store_put(s, table(s, "services"), jt("{'id':%s,'_id':%i,'binary':%s,'host':%s,'zone':'nova','status':'enabled','state':'up','updated_at':null,'_stopped':%l,'_phase':%i}",
                                          key, id, binary, host, (int64_t)0, id * 1700));
}

static void service_set(struct sim *s, const char *binary, int64_t stopped)
{
    struct res *t = table(s, "services");
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "binary"), binary) == 0 && (jint(d, "_stopped") != 0) != (stopped != 0))
            ostk_merge(s, t, t->items[i]->name, jt("{'_stopped':%l}", stopped));
        json_decref(d);
    }
}

void manila_service_stop(struct sim *s, const char *binary) { service_set(s, binary, sim_now(s)); }
void manila_service_start(struct sim *s, const char *binary) { service_set(s, binary, 0); }

const char *manila_seed_share(struct sim *s, const struct manila_share *v)
{
    char at[40], *path = sim_printf("10.0.0.31:6789:/volumes/_nogroup/%s", v->id);
    ostk_stamp_at(v->born_at ? v->born_at : sim_now(s), at);
    json_t *d = jt("{'id':%s,'size':%i,'availability_zone':'nova','created_at':%s,'status':%s,'name':%s,'description':%s,'project_id':%s,'user_id':%s,'snapshot_id':null,"
                   "'share_network_id':null,'share_proto':%s,'metadata':%j,'share_type':'" TYPE_ID "','share_type_name':'cephfs','volume_type':'cephfs','is_public':false,"
                   "'_path':%s}", v->id, v->size_gb, at, v->status ? v->status : "available", v->name, v->description, v->project, v->user, v->proto, json_object(), path);
    json_t *more = jt("{'snapshot_support':true,'task_state':null,'access_rules_status':'active','replication_type':null,'has_replicas':false,"
                      "'create_share_from_snapshot_support':false,'revert_to_snapshot_support':false,'mount_snapshot_support':false,'share_group_id':null,"
                      "'source_share_group_snapshot_member_id':null,'progress':'100%%','is_soft_deleted':false,'scheduled_to_be_deleted_at':null,'share_server_id':null,"
                      "'host':'" POOL "'}");
    json_object_update(d, more);
    json_decref(more);
    if (v->cluster)
        json_object_set_new(json_object_get(d, "metadata"), "manila.csi.openstack.org/cluster", json_string(v->cluster));
    free(path);
    return store_put(s, table(s, "shares"), d)->name;
}

/* ---- what is seen ---- */
static json_t *see(struct req *r, json_t *d)
{
    static const struct { int minor; const char *key; } from[] = {
        {2, "snapshot_support"}, {5, "task_state"}, {6, "share_type_name"}, {10, "access_rules_status"}, {11, "replication_type"}, {11, "has_replicas"},
        {16, "user_id"}, {24, "create_share_from_snapshot_support"}, {27, "revert_to_snapshot_support"}, {31, "share_group_id"},
        {31, "source_share_group_snapshot_member_id"}, {32, "mount_snapshot_support"}, {54, "progress"}, {69, "is_soft_deleted"}, {69, "scheduled_to_be_deleted_at"},
    };
    static const char *const admins[] = {"share_server_id", "host", NULL};
    const char *project = ostk_who(r)->project_id, *slash = *project ? "/" : "";
    if (r->micro.minor < 6)
        json_object_set(d, "share_type", json_object_get(d, "share_type_name"));
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
        if (r->micro.minor < from[i].minor)
            json_object_del(d, from[i].key);
    if (r->micro.minor < 9) {
        json_object_set(d, "export_location", json_object_get(d, "_path"));
        json_object_set_new(d, "export_locations", jt("[%s]", jstr(d, "_path")));
    }
    if (!ostk_admin(r))
        ostk_hide(d, admins);
    char *self = ostk_url(r, "/share/v2/%s%sshares/%s", project, slash, jstr(d, "id")), *mark = ostk_url(r, "/share/%s%sshares/%s", project, slash, jstr(d, "id"));
    json_object_set_new(d, "links", jt("[{'rel':'self','href':%s},{'rel':'bookmark','href':%s}]", self, mark));
    free(self);
    free(mark);
    return d;
}

static json_t *row(struct req *r, json_t *d)
{
    const struct token *t = ostk_who(r);
    if ((t->admin && ostk_flag(r, "all_tenants")) || strcmp(jstr(d, "project_id"), t->project_id) == 0)
        return see(r, d);
    json_decref(d);
    return NULL;
}

static void list(struct req *r, bool brief)
{
    static const char *const filters[] = {"name", "status", "project_id", "host", "share_network_id", "snapshot_id", "is_public", "share_group_id", "share_type_id=share_type", NULL};
    char order[128];
    struct ostk_list l = {.table = table(r->sim, "shares"), .see = row, .filters = filters, .limit = 1000, .max = 1000};
    l.order = ostk_order(r, order, sizeof(order), "created_at:desc", "desc");
    struct ostk_result p = ostk_rows(r, &l);
    if (p.bad_limit) {
        const char *n = req_query(r, "limit");
        fail(r, 400, "limit param must be %s", n && *n == '-' ? "positive" : "an integer");
        return;
    }
    for (size_t i = 0; i < json_array_size(p.rows) && brief; i++) {
        json_t *d = json_array_get(p.rows, i);
        json_array_set_new(p.rows, i, jt("{'id':%s,'name':%s,'links':%j}", jstr(d, "id"), jstr(d, "name"), json_incref(json_object_get(d, "links"))));
    }
    json_t *out = jt("{'shares':%j}", p.rows);
    if (p.full && req_query(r, "limit")) {                     /* the marker is not heeded: pages are by offset */
        char *at = ostk_url(r, "/share/v2/%s/shares", ostk_who(r)->project_id), *next = ostk_link(r, at, NULL, "marker=%s", p.last);
        free(at);
        json_object_set_new(out, "shares_links", jt("[{'rel':'next','href':%s}]", next));
        free(next);
    }
    reply_json(r, 200, out);
}

static struct obj *find(struct req *r, const char *id)
{
    struct obj *o = store_get(table(r->sim, "shares"), "", id);
    json_t *d = o ? obj_doc(o) : NULL;
    bool mine = d && (ostk_admin(r) || strcmp(jstr(d, "project_id"), ostk_who(r)->project_id) == 0);
    json_decref(d);
    return mine ? o : NULL;
}

/* ---- changes ---- */
static bool backend_up(struct sim *s)
{
    struct res *t = table(s, "services");
    bool up = false;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        up = up || (strcmp(jstr(d, "binary"), "manila-share") == 0 && !jint(d, "_stopped"));
        json_decref(d);
    }
    return up;
}

static void gone_soon(struct sim *s, const char *id)
{
    char *name = sim_strdup(id);
    ostk_merge(s, table(s, "shares"), name, jt("{'status':'deleting'}"));
    if (backend_up(s))
        ostk_later(s, QUICK_MS, table(s, "shares"), name, "status", "deleting", NULL, NULL);
    free(name);
}

bool manila_share_delete(struct sim *s, const char *id)
{
    struct obj *o = store_get(table(s, "shares"), "", id);
    if (o)
        gone_soon(s, o->name);
    return o != NULL;
}

static void delete_one(struct req *r, struct obj *o, const json_t *d)
{
    static const char *const may[] = {"available", "error", "inactive"};
    bool ok = false;
    for (size_t i = 0; i < sizeof(may) / sizeof(may[0]); i++)
        ok = ok || strcmp(may[i], jstr(d, "status")) == 0;
    if (!ok) {
        fail(r, 403, "Invalid share: Share status must be one of ('available', 'error', 'inactive').");
        return;
    }
    gone_soon(r->sim, o->name);
    reply_text(r, 202, "text/html; charset=UTF-8", "", 0);
}

static void action(struct req *r, struct obj *o)
{
    json_t *in = ostk_body(r);
    const char *what = json_object_iter_key(json_object_iter(in));
    bool reset = what && strcmp(what, "reset_status") == 0, force = what && strcmp(what, "force_delete") == 0;
    if (r->micro.minor < 7 || (!reset && !force)) {
        fail(r, 400, "There is no such action: %s", what ? what : "");
    } else if (!ostk_admin(r)) {
        fail(r, 403, "Policy doesn't allow share:%s to be performed.", what);
    } else {
        if (reset)
            ostk_merge(r->sim, o->res, o->name, jt("{'status':%s}", jstr(in, "reset_status.status")));
        else
            gone_soon(r->sim, o->name);
        reply_text(r, 202, "text/html; charset=UTF-8", "", 0);
    }
    json_decref(in);
}

static void create(struct req *r)
{
    const struct token *t = ostk_who(r);
    json_t *in = ostk_body(r), *want = jat(in, "share");
    char id[37];
    if (!json_is_object(want)) {
        fail(r, 422, "Unable to process the contained instructions");
    } else if (jint(want, "size") <= 0) {
        fail(r, 400, "Invalid input received: Share size '%lld' must be an integer and greater than 0.", (long long)jint(want, "size"));
    } else {
        uuid4(r->sim, id);
        const char *name = *jstr(want, "name") ? jstr(want, "name") : NULL;
        manila_seed_share(r->sim, &(struct manila_share){.id = id, .name = name, .project = t->project_id, .user = t->user_id, .status = "creating",
                                  .proto = *jstr(want, "share_proto") ? jstr(want, "share_proto") : "NFS", .size_gb = (int)jint(want, "size")});
        ostk_later(r->sim, QUICK_MS, table(r->sim, "shares"), id, "status", "creating", jt("{'status':%s}", backend_up(r->sim) ? "available" : "error"), NULL);
        reply_json(r, 200, jt("{'share':%j}", ostk_public(see(r, obj_doc(store_get(table(r->sim, "shares"), "", id))))));
    }
    json_decref(in);
}

static void share(struct req *r, const char *id, const char *sub)
{
    struct obj *o = find(r, id);
    json_t *d = o ? obj_doc(o) : NULL;
    bool post = strcmp(r->method, "POST") == 0;
    if (!d) {
        if (*sub == 'e')
            fail(r, 404, "Share '%s' not found.", id);
        else
            absent(r);
    } else if (strcmp(sub, "export_locations") == 0 && r->micro.minor >= 9) {
        json_t *e = jt("{'id':%s,'path':%s,'preferred':false}", id, jstr(d, "_path"));
        if (ostk_admin(r))
            json_object_update_new(e, jt("{'share_instance_id':%s,'is_admin_only':false}", id));
        reply_json(r, 200, jt("{'export_locations':%j}", strcmp(jstr(d, "status"), "creating") == 0 ? (json_decref(e), json_array()) : jt("[%j]", e)));
    } else if (strcmp(sub, "action") == 0 && post) {
        action(r, o);
    } else if (*sub) {
        absent(r);
    } else if (strcmp(r->method, "DELETE") == 0) {
        delete_one(r, o, d);
    } else {
        reply_json(r, 200, jt("{'share':%j}", ostk_public(see(r, json_incref(d)))));
    }
    json_decref(d);
}

/* ---- workers, types ---- */
static json_t *see_service(struct req *r, json_t *d)
{
    vol_services_beat(r->sim, d);
    json_object_set_new(d, "id", json_integer(jint(d, "_id")));
    return d;
}

static void services(struct req *r)
{
    static const char *const filters[] = {"binary", "host", "zone", "state", "status", NULL};
    struct ostk_list l = {.table = table(r->sim, "services"), .see = see_service, .filters = filters, .order = "_id:asc"};
    if (ostk_admin(r))
        reply_json(r, 200, jt("{'services':%j}", ostk_rows(r, &l).rows));
    else
        fail(r, 403, "Policy doesn't allow service:index to be performed.");
}

static json_t *type(struct req *r)
{
    json_t *d = jt("{'id':'" TYPE_ID "','name':'cephfs','extra_specs':%j,'required_extra_specs':{'driver_handles_share_servers':'False'},'description':null,'is_default':true}",
                   ostk_admin(r) ? jt("{'driver_handles_share_servers':'False','snapshot_support':'True','share_backend_name':'cephfs'}")
                                 : jt("{'driver_handles_share_servers':'False','snapshot_support':'True'}"));
    json_object_set_new(d, r->micro.minor >= 7 ? "share_type_access:is_public" : "os-share-type-access:is_public", json_true());
    return d;
}

static void types(struct req *r, const char *id)
{
    json_t *d = type(r);
    if (!*id)
        reply_json(r, 200, jt("{'volume_types':[%j],'share_types':[%j]}", json_incref(d), json_incref(d)));
    else if (strcmp(id, "default") == 0 || strcmp(id, TYPE_ID) == 0)
        reply_json(r, 200, jt("{'volume_type':%j,'share_type':%j}", json_incref(d), json_incref(d)));
    else
        absent(r);
    json_decref(d);
}

/* ---- versions, paths ---- */
static json_t *versions(struct req *r)
{
    char *url = ostk_url(r, "/share/v2/");
    json_t *v = jt("{'versions':[{'id':'v2.0','status':'CURRENT','version':'2.73','min_version':'2.0','updated':'2015-08-27T11:33:21Z','links':[{'rel':'describedby',"
                   "'type':'text/html','href':'http://docs.openstack.org/'},{'rel':'self','href':%s}],'media-types':[{'base':'application/json',"
                   "'type':'application/vnd.openstack.share+json;version=1'}]}]}", url);
    free(url);
    return v;
}

static bool version_ok(struct req *r)
{
    const char *h = req_header(r, "X-OpenStack-Manila-API-Version");
    r->micro.major = 2;
    r->micro.minor = 0;
    if (h && sscanf(h, "%d.%d", &r->micro.major, &r->micro.minor) != 2) {
        fail(r, 400, "API Version String %s is of invalid format. Must be of format MajorNum.MinorNum.", h);
        return false;
    }
    if (r->micro.major != 2 || r->micro.minor < 0 || r->micro.minor > MINOR_MAX) {
        fail(r, 406, "Version %s is not supported by the API. Minimum is 2.0 and maximum is 2.%d.", h, MINOR_MAX);
        return false;
    }
    req_head(r, "X-OpenStack-Manila-API-Version", "%d.%d", r->micro.major, r->micro.minor);
    req_head(r, "Vary", "X-OpenStack-Manila-API-Version");
    return true;
}

void manila_handle(struct req *r)
{
    static const char *const nothing[][2] = {{"snapshots", "snapshots"}, {"share-networks", "share_networks"}, {"share_networks", "share_networks"},
                                             {"share-servers", "share_servers"}, {"share-groups", "share_groups"}, {"security-services", "security_services"}};
    if (r->nseg <= 1) {
        reply_json(r, 300, versions(r));
        return;
    }
    const struct token *t = ostk_token(r);
    if (!t)
        return;
    req_head(r, "X-Compute-Request-Id", "%s", r->id);
    if (strcmp(r->seg[1], "v2") != 0) {
        absent(r);
        return;
    }
    if (!version_ok(r))
        return;
    int at = r->nseg > 2 && strcmp(r->seg[2], t->project_id) == 0 ? 3 : 2;         /* the project is optional since 2.60 */
    const char *what = r->nseg > at ? r->seg[at] : "", *id = r->nseg > at + 1 ? r->seg[at + 1] : "", *sub = r->nseg > at + 2 ? r->seg[at + 2] : "";
    bool detail = strcmp(id, "detail") == 0;
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        if (strcmp(what, nothing[i][0]) == 0 && (!*id || detail)) {
            json_t *out = json_object();
            json_object_set_new(out, nothing[i][1], json_array());
            reply_json(r, 200, out);
            return;
        }
    }
    if (!*what)
        reply_json(r, 200, versions(r));
    else if (strcmp(what, "shares") == 0 && !*id && strcmp(r->method, "POST") == 0)
        create(r);
    else if (strcmp(what, "shares") == 0 && (!*id || detail))
        list(r, !detail);
    else if (strcmp(what, "shares") == 0)
        share(r, id, sub);
    else if (strcmp(what, r->micro.minor >= 7 ? "services" : "os-services") == 0)
        services(r);
    else if (strcmp(what, "types") == 0)
        types(r, id);
    else
        absent(r);
}
