/* The life of volumes, snapshots and backups: created, attached, extended, deleted, each in its time and by its backend. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ostk_vol.h"

#define QUICK_MS 700                                           /* what a volume service needs for most of its jobs */

static const char *text(const json_t *d, const char *key)
{
    const char *s = json_string_value(json_object_get(d, key));
    return s ? s : "";
}

static json_t *get(struct sim *s, const char *id)
{
    struct obj *o = store_get(vol_table(s, "volumes"), "", id);
    return o ? obj_doc(o) : NULL;
}

static json_t *with_time(struct sim *s, json_t *set)
{
    char at[40];
    json_object_set_new(set, "updated_at", json_string(ostk_stamp(s, at)));
    return set;
}

static void put_state(struct sim *s, const char *id, const char *status)
{
    ostk_merge(s, vol_table(s, "volumes"), id, with_time(s, jt("{'status':%s}", status)));
}

/* ---- services and backends ---- */
void cinder_service(struct sim *s, const char *binary, const char *host, int64_t down_since)
{
    char id[37];
    bool volume = strcmp(binary, "cinder-volume") == 0;
    uuid4(s, id);
    json_t *d = jt("{'id':%s,'binary':%s,'host':%s,'zone':'nova','status':'enabled','state':'up','updated_at':null,'cluster':null,'disabled_reason':null,"
                   "'_stopped':%l,'_phase':%i}", id, binary, host, down_since, (int)(sim_rand(s) % 10000));
    if (volume) {
        json_t *more = jt("{'backend_state':%s,'replication_status':'disabled','active_backend_id':null,'frozen':false}", down_since ? "down" : "up");
        json_object_update(d, more);
        json_decref(more);
    }
    store_put(s, vol_table(s, "services"), d);
}

static void service_set(struct sim *s, const char *binary, const char *host, int64_t stopped)
{
    struct res *t = vol_table(s, "services");
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        bool it = strcmp(jstr(d, "binary"), binary) == 0 && strncmp(jstr(d, "host"), host, strlen(host)) == 0 &&
                  strchr("@", jstr(d, "host")[strlen(host)]);
        if (it && (jint(d, "_stopped") != 0) != (stopped != 0)) {
            ostk_merge(s, t, t->items[i]->name, jt("{'_stopped':%l}", stopped));
            if (!stopped)
                vol_resume(s, jstr(d, "host"));
        }
        json_decref(d);
    }
}

void cinder_service_stop(struct sim *s, const char *binary, const char *host)
{
    service_set(s, binary, host, sim_now(s));
}

void cinder_service_start(struct sim *s, const char *binary, const char *host)
{
    service_set(s, binary, host, 0);
}

bool vol_backend_up(struct sim *s, const char *pool)
{
    struct res *t = vol_table(s, "services");
    size_t n = strcspn(pool, "#");
    bool up = false;
    for (size_t i = 0; i < t->n && !up; i++) {
        json_t *d = obj_doc(t->items[i]);
        up = strlen(jstr(d, "host")) == n && strncmp(jstr(d, "host"), pool, n) == 0 && !jint(d, "_stopped");
        json_decref(d);
    }
    return up;
}

/* The scheduler: a backend of the wanted name that lives and is enabled. NULL: No valid backend was found. */
static char *schedule(struct sim *s, const json_t *type)
{
    const char *want = jstr(type, "extra_specs.volume_backend_name");
    struct res *t = vol_table(s, "services");
    char *pool = NULL;
    size_t n = t->n, first = n ? (size_t)(sim_rand(s) % n) : 0;
    for (size_t i = 0; i < n && !pool; i++) {
        json_t *d = obj_doc(t->items[(first + i) % n]);
        const char *host = jstr(d, "host"), *backend = strchr(host, '@');
        if (backend && !jint(d, "_stopped") && strcmp(jstr(d, "status"), "enabled") == 0 && (!*want || strncmp(backend + 1, want, strlen(want)) == 0))
            pool = sim_printf("%s#%s", host, *want ? want : backend + 1);
        json_decref(d);
    }
    return pool;
}

/* ---- making one ---- */
static json_t *new_volume(struct sim *s, const struct cinder_vol *v, const char *status, const char *pool)
{
    char id[37], at[40], service[37];
    json_t *type = vol_type(s, v->type ? v->type : "");
    uuid4(s, id);
    uuid4(s, service);
    ostk_stamp_at(v->born_at ? v->born_at : sim_now(s), at);
    json_t *d = jt("{'id':%s,'status':%s,'size':%i,'availability_zone':'nova','created_at':%s,'updated_at':%s,'name':%s,'description':null,'volume_type':%s,"
                   "'snapshot_id':null,'source_volid':null,'metadata':{},'links':[],'user_id':%s,'bootable':%s,'encrypted':false,'replication_status':null,"
                   "'consistencygroup_id':null,'multiattach':false,'attachments':[],'migration_status':null,'group_id':null,'provider_id':null,"
                   "'shared_targets':true,'service_uuid':%s,'cluster_name':null,'volume_type_id':%s,'consumes_quota':true,'os-vol-tenant-attr:tenant_id':%s,"
                   "'os-vol-mig-status-attr:migstat':null,'os-vol-mig-status-attr:name_id':null,'os-vol-host-attr:host':%s}", v->id ? v->id : id, status, v->size_gb,
                   at, v->born_at ? at : NULL, v->name, *jstr(type, "name") ? jstr(type, "name") : NULL, v->user, v->image ? "true" : "false", service,
                   *jstr(type, "id") ? jstr(type, "id") : NULL, v->project, pool);
    json_decref(type);
    if (v->image) {
        struct obj *o = store_get(ostk_table(s, "glance", "images"), "", v->image);
        json_t *image = o ? obj_doc(o) : NULL;
        char size[24];
        snprintf(size, sizeof(size), "%lld", (long long)jint(image, "size"));
        json_object_set_new(d, "volume_image_metadata", jt("{'image_id':%s,'image_name':%s,'checksum':%s,'container_format':'bare','disk_format':%s,'min_disk':'0',"
                                                           "'min_ram':'0','size':%s}", v->image, jstr(image, "name"), jstr(image, "checksum"),
                                                           *jstr(image, "disk_format") ? jstr(image, "disk_format") : "qcow2", size));
        json_decref(image);
    }
    return d;
}

static void creation_begins(struct sim *s, const char *id, const char *pool, bool image)
{
    struct res *t = vol_table(s, "volumes");
    if (!pool)
        ostk_later(s, QUICK_MS, t, id, "status", "creating", with_time(s, jt("{'status':'error'}")), NULL);
    else if (image) {
        ostk_later(s, QUICK_MS, t, id, "status", "creating", jt("{'status':'downloading'}"), NULL);
        ostk_later(s, QUICK_MS * 5, t, id, "status", "downloading", with_time(s, jt("{'status':'available'}")), NULL);
    } else {
        ostk_later(s, QUICK_MS, t, id, "status", "creating", with_time(s, jt("{'status':'available'}")), NULL);
    }
}

const char *cinder_volume_create(struct sim *s, const char *name, int size_gb, const char *type, const char *project, const char *user, const char *image)
{
    json_t *kind = vol_type(s, type ? type : "");
    char *pool = schedule(s, kind);
    struct cinder_vol v = {.name = name, .project = project, .user = user, .type = type, .image = image, .size_gb = size_gb};
    struct obj *o = store_put(s, vol_table(s, "volumes"), new_volume(s, &v, "creating", pool));
    creation_begins(s, o->name, pool, image != NULL);
    json_decref(kind);
    free(pool);
    return o->name;
}

/* "Invalid input for field/attribute size. Value: x. ...": what the schema says. */
static bool size_ok(struct req *r, const json_t *v, bool needed, int *size)
{
    const char *s = json_string_value(v);
    if (!v || json_is_null(v))
        return needed ? vol_fail(r, 400, "The server could not comply with the request since it is either malformed or otherwise incorrect.") : true;
    if (s && strspn(s, "0123456789") != strlen(s))
        return vol_fail(r, 400, "Invalid input for field/attribute size. Value: %s. '%s' does not match '^[0-9]+$'", s, s);
    *size = s ? atoi(s) : (int)json_integer_value(v);
    if (*size < 1)
        return vol_fail(r, 400, "Invalid input for field/attribute size. Value: %d. %d is less than the minimum of 1", *size, *size);
    return true;
}

void vol_create(struct req *r)
{
    struct sim *s = r->sim;
    const struct token *t = ostk_who(r);
    json_t *in = ostk_body(r), *want = jat(in, "volume"), *from = NULL, *type = NULL;
    const char *snap = jstr(want, "snapshot_id"), *source = jstr(want, "source_volid"), *image = jstr(want, "imageRef");
    int size = 0;
    bool ok = want ? true : vol_fail(r, 400, "'volume' is a required property");
    if (ok && (*snap || *source)) {
        struct obj *o = store_get(vol_table(s, *snap ? "snapshots" : "volumes"), "", *snap ? snap : source);
        from = o ? obj_doc(o) : NULL;
        ok = from || vol_fail(r, 404, "%s %s could not be found.", *snap ? "Snapshot" : "Volume", *snap ? snap : source);
        size = (int)jint(from, "size");
    }
    if (ok && *image && !store_get(ostk_table(s, "glance", "images"), "", image))
        ok = vol_fail(r, 400, "Invalid image identifier or unable to access requested image.");
    ok = ok && size_ok(r, json_object_get(want, "size"), !from, &size);
    if (ok && from && size < jint(from, "size"))
        ok = vol_fail(r, 400, "Invalid input received: Volume size '%d'GB cannot be smaller than the %s size %lldGB. They must be >= original %s size.", size,
                      *snap ? "snapshot" : "original volume", (long long)jint(from, "size"), *snap ? "snapshot" : "volume");
    type = ok ? vol_type(s, jstr(want, "volume_type")) : NULL;
    if (ok && *jstr(want, "availability_zone") && strcmp(jstr(want, "availability_zone"), "nova") != 0)
        ok = vol_fail(r, 400, "Availability zone '%s' is invalid.", jstr(want, "availability_zone"));
    if (ok && !type)
        ok = vol_fail(r, 404, "Volume type with name %s could not be found.", jstr(want, "volume_type"));
    if (ok && vol_room(r, t->project_id, 1, size, 0)) {
        char *pool = schedule(s, type);
        struct cinder_vol v = {.name = *jstr(want, "name") ? jstr(want, "name") : NULL, .project = t->project_id, .user = t->user_id, .type = jstr(type, "name"),
                               .image = *image ? image : NULL, .size_gb = size};
        json_t *d = new_volume(s, &v, "creating", pool);
        if (*jstr(want, "description"))
            json_object_set(d, "description", json_object_get(want, "description"));
        if (json_is_object(json_object_get(want, "metadata")))
            json_object_set(d, "metadata", json_object_get(want, "metadata"));
        json_object_set_new(d, "snapshot_id", *snap ? json_string(snap) : json_null());
        json_object_set_new(d, "source_volid", *source ? json_string(source) : json_null());
        struct obj *o = store_put(s, vol_table(s, "volumes"), d);
        creation_begins(s, o->name, pool, *image != 0);
        json_t *show = vol_see(r, obj_doc(o));
        json_object_del(show, TENANT);
        json_object_del(show, HOST);
        json_object_del(show, "os-vol-mig-status-attr:migstat");
        json_object_del(show, "os-vol-mig-status-attr:name_id");
        reply_json(r, 202, jt("{'volume':%j}", show));
        free(pool);
    }
    json_decref(from);
    json_decref(type);
    json_decref(in);
}

/* PUT: name and description of a volume, snapshot or backup */
void vol_change(struct req *r, struct obj *o)
{
    const char *one = strcmp(o->res->plural, "volumes") == 0 ? "volume" : strcmp(o->res->plural, "snapshots") == 0 ? "snapshot" : "backup";
    json_t *in = ostk_body(r), *want = jat(in, one), *set = json_object(), *out = json_object();
    static const char *const keys[][2] = {{"name", "name"}, {"description", "description"}, {"display_name", "name"}, {"display_description", "description"},
                                          {"metadata", "metadata"}};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (json_object_get(want, keys[i][0]))
            json_object_set(set, keys[i][1], json_object_get(want, keys[i][0]));
    if (!json_object_size(set)) {
        vol_fail(r, 400, "Invalid input for field/attribute %s. Value: {}. {} does not have enough properties", one);
        json_decref(set);
    } else {
        o = ostk_merge(r->sim, o->res, o->name, with_time(r->sim, set));
        json_object_set_new(out, one, one[0] == 'v' ? vol_see(r, obj_doc(o)) : one[0] == 's' ? vol_see_snapshot(r, obj_doc(o)) : vol_see_backup(r, obj_doc(o)));
        reply_json(r, 200, json_incref(out));
    }
    json_decref(out);
    json_decref(in);
}

void vol_metadata(struct req *r, struct obj *o, const char *key)
{
    json_t *in = ostk_body(r), *d = obj_doc(o), *meta = json_incref(json_object_get(d, "metadata"));
    bool put = strcmp(r->method, "PUT") == 0, post = strcmp(r->method, "POST") == 0;
    if (strcmp(r->method, "DELETE") == 0 && key) {
        if (json_object_del(meta, key) != 0) {
            vol_fail(r, 404, "Volume %s has no metadata with key %s.", o->name, key);
            goto out;
        }
    } else if (put && !key) {
        json_object_clear(meta);
        json_object_update(meta, jat(in, "metadata"));
    } else if (put || post) {
        json_object_update(meta, jat(in, key ? "meta" : "metadata"));
    }
    if (put || post || key)
        store_put(r->sim, o->res, json_incref(d));
    if (strcmp(r->method, "DELETE") == 0)
        reply_text(r, 200, NULL, "", 0);
    else
        reply_json(r, 200, jt("{'metadata':%j}", json_incref(meta)));
out:
    json_decref(meta);
    json_decref(d);
    json_decref(in);
}

/* ---- the end of one ---- */
static bool has_snapshots(struct sim *s, const char *id)
{
    struct res *t = vol_table(s, "snapshots");
    for (size_t i = 0; i < t->n; i++)
        if (strstr(t->items[i]->text, id))
            return true;
    return false;
}

static bool begin_delete(struct sim *s, const json_t *d)
{
    const char *id = jstr(d, "id");
    put_state(s, id, "deleting");
    if (!*text(d, HOST) || vol_backend_up(s, text(d, HOST)))  /* else it hangs until the backend is back */
        ostk_later(s, QUICK_MS + 200, vol_table(s, "volumes"), id, "status", "deleting", NULL, NULL);
    return true;
}

bool cinder_volume_delete(struct sim *s, const char *id)
{
    json_t *d = get(s, id);
    bool ok = d && begin_delete(s, d);
    json_decref(d);
    return ok;
}

void vol_resume(struct sim *s, const char *backend)
{
    struct res *t = vol_table(s, "volumes");
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "status"), "deleting") == 0 && strncmp(text(d, HOST), backend, strlen(backend)) == 0)
            ostk_later(s, QUICK_MS * 3, t, t->items[i]->name, "status", "deleting", NULL, NULL);
        json_decref(d);
    }
}

/* ?cascade=true: its snapshots go before it. */
static void remove_snapshots(struct sim *s, const char *id)
{
    struct res *t = vol_table(s, "snapshots");
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = obj_doc(t->items[i]);
        if (strcmp(jstr(d, "volume_id"), id) == 0) {
            json_object_set_new(d, "status", json_string("deleting"));
            store_put(s, t, json_incref(d));
            ostk_later(s, QUICK_MS, t, jstr(d, "id"), "status", "deleting", NULL, NULL);
        }
        json_decref(d);
    }
}

void vol_remove(struct req *r, struct obj *o, bool force)
{
    static const char *const fit[] = {"available", "error", "error_restoring", "error_extending", "error_managing"};
    json_t *d = obj_doc(o);
    bool ok = force;
    for (size_t i = 0; i < sizeof(fit) / sizeof(fit[0]) && !ok; i++)
        ok = strcmp(jstr(d, "status"), fit[i]) == 0;
    ok = ok && !json_array_size(json_object_get(d, "attachments"));
    const char *with = req_query(r, "cascade");
    bool cascade = with && strcasecmp(with, "true") == 0;
    if (!ok || (!cascade && has_snapshots(r->sim, o->name))) {
        vol_fail(r, 400, "Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be "
                 "migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer.");
    } else {
        if (cascade)
            remove_snapshots(r->sim, o->name);
        begin_delete(r->sim, d);
        reply_text(r, 202, "text/html; charset=UTF-8", "", 0);
    }
    json_decref(d);
}

/* ---- attaching ---- */
static void attached(struct sim *s, const char *id)
{
    char at[40];
    json_t *d = get(s, id), *a = json_array_get(json_object_get(d, "_attaching"), 0);
    if (a) {
        json_object_set_new(a, "attached_at", json_string(ostk_stamp(s, at)));
        json_array_append(json_object_get(d, "attachments"), a);
        json_object_del(d, "_attaching");
        store_put(s, vol_table(s, "volumes"), json_incref(d));
    }
    json_decref(d);
}

bool cinder_attach(struct sim *s, const char *volume, const char *server, const char *device, const char *host)
{
    struct res *t = vol_table(s, "volumes");
    json_t *d = get(s, volume);
    char aid[37];
    bool ok = d && (strcmp(jstr(d, "status"), "available") == 0 || strcmp(jstr(d, "status"), "reserved") == 0);
    if (ok) {
        uuid4(s, aid);
        ostk_merge(s, t, volume, with_time(s, jt("{'status':'reserved','_attaching':[{'id':%s,'attachment_id':%s,'volume_id':%s,'server_id':%s,'host_name':%s,"
                                                 "'device':%s}]}", volume, aid, volume, server, host, device)));
        ostk_later(s, 400, t, volume, "status", "reserved", jt("{'status':'attaching'}"), NULL);
        ostk_later(s, 1300, t, volume, "status", "attaching", with_time(s, jt("{'status':'in-use'}")), attached);
    }
    json_decref(d);
    return ok;
}

bool cinder_detach(struct sim *s, const char *volume, const char *server)
{
    struct res *t = vol_table(s, "volumes");
    json_t *d = get(s, volume);
    bool ok = d && (!server || strstr(store_get(t, "", volume)->text, server)) && strcmp(jstr(d, "status"), "in-use") == 0;
    if (ok) {
        put_state(s, volume, "detaching");
        ostk_later(s, 1200, t, volume, "status", "detaching", with_time(s, jt("{'status':'available','attachments':[]}")), NULL);
    }
    json_decref(d);
    return ok;
}

void cinder_detach_all(struct sim *s, const char *server)
{
    struct res *t = vol_table(s, "volumes");
    for (size_t i = 0; i < t->n; i++)
        if (strstr(t->items[i]->text, server))
            ostk_merge(s, t, t->items[i]->name, with_time(s, jt("{'status':'available','attachments':[]}")));
}

size_t cinder_volumes_of(struct sim *s, const char *server, void (*fn)(struct sim *s, const json_t *volume, void *arg), void *arg)
{
    struct res *t = vol_table(s, "volumes");
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        json_t *d = strstr(t->items[i]->text, server) ? obj_doc(t->items[i]) : NULL;
        if (d && strcmp(jstr(d, "attachments.0.server_id"), server) == 0) {
            n++;
            if (fn)
                fn(s, d, arg);
        }
        json_decref(d);
    }
    return n;
}

bool cinder_volume(struct sim *s, const char *id, char status[32], char project[64], int *size_gb)
{
    json_t *d = get(s, id);
    snprintf(status, 32, "%s", jstr(d, "status"));
    snprintf(project, 64, "%s", text(d, TENANT));
    *size_gb = (int)jint(d, "size");
    json_decref(d);
    return d != NULL;
}

/* ---- as it is found ---- */
void cinder_seed_type(struct sim *s, const char *name, const char *backend, bool standard)
{
    char id[37];
    uuid4(s, id);
    store_put(s, vol_table(s, "types"), jt("{'id':%s,'name':%s,'is_public':true,'description':%s,'extra_specs':%j,'qos_specs_id':null,"
                                           "'os-volume-type-access:is_public':true,'_born':%i,'_default':%b}", id, name,
                                           strcmp(name, "__DEFAULT__") == 0 ? "Default Volume Type" : NULL,
                                           backend ? jt("{'volume_backend_name':%s}", backend) : json_object(), (int)vol_table(s, "types")->n, standard));
}

const char *cinder_seed_volume(struct sim *s, const struct cinder_vol *v)
{
    json_t *type = vol_type(s, v->type ? v->type : "");
    char *pool = schedule(s, type), aid[37], at[40];
    struct cinder_vol w = *v;
    if (!w.born_at)
        w.born_at = sim_now(s) - 3600000LL * (int64_t)(24 + sim_rand(s) % 700);
    json_t *d = new_volume(s, &w, v->status ? v->status : v->server ? "in-use" : "available", pool);
    if (v->server) {
        uuid4(s, aid);
        json_array_append_new(json_object_get(d, "attachments"),
                              jt("{'id':%s,'attachment_id':%s,'volume_id':%s,'server_id':%s,'host_name':%s,'device':%s,'attached_at':%s}", jstr(d, "id"), aid,
                                 jstr(d, "id"), v->server, v->host, v->device ? v->device : "/dev/vdb", ostk_stamp_at(w.born_at + 5000, at)));
    }
    free(pool);
    json_decref(type);
    return store_put(s, vol_table(s, "volumes"), d)->name;
}
