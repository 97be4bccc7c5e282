/* What is asked of a volume besides its row: extend, reset, attach by hand, retype, migrate; snapshots and backups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova.h"
#include "core/sim/ostk_vol.h"

#define QUICK_MS 700

static const char *text(const json_t *d, const char *key)
{
    const char *s = json_string_value(json_object_get(d, key));
    return s ? s : "";
}

static void merge(struct req *r, struct obj *o, json_t *set)
{
    char at[40];
    json_object_set_new(set, "updated_at", json_string(ostk_stamp(r->sim, at)));
    ostk_merge(r->sim, o->res, o->name, set);
}

static void accepted(struct req *r)
{
    reply_text(r, 202, "application/json", "", 0);
}

static bool state_is(const json_t *d, const char *a, const char *b)
{
    return strcmp(jstr(d, "status"), a) == 0 || (b && strcmp(jstr(d, "status"), b) == 0);
}

/* The backend of the volume does it; when it is dead the state stays as it is. */
static void backend_does(struct req *r, struct obj *o, const json_t *d, const char *state, json_t *end)
{
    merge(r, o, jt("{'status':%s}", state));
    if (vol_backend_up(r->sim, text(d, HOST)))
        ostk_later(r->sim, QUICK_MS, o->res, o->name, "status", state, end, NULL);
    else
        json_decref(end);
    accepted(r);
}

static void extend(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    int size = (int)(json_is_string(jat(in, "new_size")) ? atoi(jstr(in, "new_size")) : jint(in, "new_size"));
    int have = (int)jint(d, "size");
    bool online = r->micro.minor >= 42 && state_is(d, "in-use", NULL);
    const char *words = json_string_value(jat(in, "new_size"));
    if (words && (!*words || words[strspn(words, "0123456789")]))
        vol_fail(r, 400, "Invalid input for field/attribute new_size. Value: %s. '%s' does not match '^[0-9]+$'", words, words);
    else if (!jat(in, "new_size"))
        vol_fail(r, 400, "Invalid input for field/attribute os-extend. Value: {}. 'new_size' is a required property");
    else if (size < 1)
        vol_fail(r, 400, "Invalid input for field/attribute new_size. Value: %d. %d is less than the minimum of 1", size, size);
    else if (!state_is(d, "available", NULL) && !online)
        vol_fail(r, 400, "Invalid volume: Volume %s status must be '{'status': 'available'}' to extend, currently %s.", o->name, jstr(d, "status"));
    else if (size <= have)
        vol_fail(r, 400, "Invalid input received: New size for extend must be greater than current size. (current: %d, extended: %d).", have, size);
    else if (vol_room(r, text(d, TENANT), 0, size - have, 0)) {
        if (online)
            nova_volume_extended(r->sim, jstr(d, "attachments.0.server_id"), o->name);
        backend_does(r, o, d, "extending", jt("{'size':%i,'status':%s}", size, jstr(d, "status")));
    }
}

static void reset(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    static const char *const valid[] = {"creating", "available", "deleting", "error", "error_deleting", "error_managing", "managing", "attaching", "in-use",
        "detaching", "maintenance", "restoring-backup", "error_restoring", "reserved", "awaiting-transfer", "backing-up", "error_backing-up", "error_extending",
        "downloading", "uploading", "retyping", "extending"};
    const char *want = jstr(in, "status");
    bool known = !*want, volume = strcmp(o->res->plural, "volumes") == 0;
    struct str all;
    str_init(&all, 0);
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        known = known || strcmp(valid[i], want) == 0;
        str_addf(&all, "%s'%s'", i ? ", " : "", valid[i]);
    }
    if (!ostk_admin(r)) {
        vol_fail(r, 403, "Policy doesn't allow volume_extension:%s_admin_actions:reset_status to be performed.", volume ? "volume" : "snapshot");
    } else if (!jat(in, "status") && !jat(in, "attach_status") && !jat(in, "migration_status")) {
        vol_fail(r, 400, "Must specify 'status', 'attach_status' or 'migration_status' for update.");
    } else if (!known) {
        vol_fail(r, 400, "Volume status: %s is invalid, valid statuses are: (%s).", want, all.data);
    } else if (volume && strcmp(want, "in-use") == 0 && !json_array_size(json_object_get(d, "attachments"))) {
        vol_fail(r, 400, "Cannot reset-state to in-use because volume does not have any attachments.");
    } else {
        json_t *set = json_object();
        if (*want)
            json_object_set_new(set, "status", json_string(want));
        if (strcmp(jstr(in, "attach_status"), "detached") == 0)
            json_object_set_new(set, "attachments", json_array());
        if (jat(in, "migration_status"))
            json_object_set_new(set, "migration_status", strcmp(jstr(in, "migration_status"), "none") == 0 ? json_null() : json_string(jstr(in, "migration_status")));
        merge(r, o, set);
        accepted(r);
    }
    str_release(&all);
}

static void attach(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    char aid[37], at[40];
    uuid4(r->sim, aid);
    if (!jat(in, "mountpoint")) {
        vol_fail(r, 400, "Invalid input for field/attribute os-attach. Value: {}. 'mountpoint' is a required property");
        return;
    }
    if (!state_is(d, "available", "attaching") && !state_is(d, "reserved", NULL)) {
        vol_fail(r, 400, "Invalid volume: Volume %s status must be available or downloading to reserve, but the current status is %s.", o->name, jstr(d, "status"));
        return;
    }
    merge(r, o, jt("{'status':'in-use','attachments':[{'id':%s,'attachment_id':%s,'volume_id':%s,'server_id':%s,'host_name':%s,'device':%s,'attached_at':%s}]}", o->name,
                   aid, o->name, jstr(in, "instance_uuid"), *jstr(in, "host_name") ? jstr(in, "host_name") : NULL, jstr(in, "mountpoint"), ostk_stamp(r->sim, at)));
    accepted(r);
}

static void detach_by(struct req *r, struct obj *o, json_t *d, const json_t *in, bool force)
{
    const json_t *all = json_object_get(d, "attachments"), *one = json_array_get(all, 0);
    const char *id = jstr(in, "attachment_id"), *server = jstr(one, "server_id");
    for (size_t i = 0; *id && i < json_array_size(all) && (!one || strcmp(jstr(one, "attachment_id"), id) != 0); i++)
        one = json_array_get(all, i);
    bool other = *id && (!one || strcmp(jstr(one, "attachment_id"), id) != 0);
    if (other || (*server && nova_has_volume(r->sim, server, o->name))) {      /* only Nova itself may take it from a server that has it */
        vol_fail(r, 409, "ConflictNovaUsingAttachment: Detach volume from instance %s using the Compute API", other && !force ? "" : server);
        return;
    }
    merge(r, o, jt("{'status':'available','attachments':[]}"));
    accepted(r);
}

static void detach(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    detach_by(r, o, d, in, false);
}

static void force_detach(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    if (ostk_admin(r))
        detach_by(r, o, d, in, true);
    else
        vol_fail(r, 403, "Policy doesn't allow volume_extension:volume_admin_actions:force_detach to be performed.");
}

static void reserve(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    (void)in;
    if (!state_is(d, "available", "downloading")) {
        vol_fail(r, 400, "Invalid volume: Volume status must be available to reserve, but the status is %s.", jstr(d, "status"));
        return;
    }
    merge(r, o, jt("{'status':'reserved'}"));
    accepted(r);
}

static void begin_detach(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    (void)in;
    if (!state_is(d, "in-use", NULL)) {
        vol_fail(r, 400, "Invalid volume: Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.");
        return;
    }
    merge(r, o, jt("{'status':'detaching'}"));
    accepted(r);
}

static void bootable(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    (void)d;
    const json_t *v = jat(in, "bootable");
    bool on = json_is_true(v) || strcasecmp(json_string_value(v) ? json_string_value(v) : "", "true") == 0;
    merge(r, o, jt("{'bootable':%s}", on ? "true" : "false"));
    reply_text(r, 200, "application/json", "", 0);
}

static void read_only(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    json_t *meta = json_deep_copy(json_object_get(d, "metadata"));
    json_object_set_new(meta, "readonly", json_string(json_is_true(jat(in, "readonly")) ? "True" : "False"));
    merge(r, o, jt("{'metadata':%j}", meta));
    accepted(r);
}

static void retype(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    json_t *type = vol_type(r->sim, jstr(in, "new_type"));
    if (!type)
        vol_fail(r, 404, "Volume type with name %s could not be found.", jstr(in, "new_type"));
    else if (!state_is(d, "available", "in-use"))
        vol_fail(r, 400, "Invalid volume: Retype needs volume to be in available or in-use state, not be part of an active migration or a consistency group, and "
                 "requested type has to be different that the one from the volume.");
    else
        backend_does(r, o, d, "retyping", jt("{'status':%s,'volume_type':%s,'volume_type_id':%s}", jstr(d, "status"), jstr(type, "name"), jstr(type, "id")));
    json_decref(type);
}

static void migrate(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    const char *host = jstr(in, "host");
    (void)d;
    if (!ostk_admin(r)) {
        vol_fail(r, 403, "Policy doesn't allow volume_extension:volume_admin_actions:migrate_volume to be performed.");
    } else if (!vol_backend_up(r->sim, host)) {
        vol_fail(r, 400, "Invalid host: No available service named '%s'", host);
    } else {
        json_t *end = json_object();
        json_object_set_new(end, HOST, json_string(host));
        json_object_set_new(end, "migration_status", json_string("success"));
        json_object_set_new(end, "os-vol-mig-status-attr:migstat", json_string("success"));
        merge(r, o, jt("{'migration_status':'starting','os-vol-mig-status-attr:migstat':'starting'}"));
        ostk_later(r->sim, QUICK_MS, o->res, o->name, "migration_status", "starting", jt("{'migration_status':'migrating','os-vol-mig-status-attr:migstat':'migrating'}"), NULL);
        ostk_later(r->sim, QUICK_MS * 6, o->res, o->name, "migration_status", "migrating", end, NULL);
        accepted(r);
    }
}

static void force_delete(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    (void)d;
    (void)in;
    if (ostk_admin(r))
        vol_remove(r, o, true);
    else
        vol_fail(r, 403, "Policy doesn't allow volume_extension:volume_admin_actions:force_delete to be performed.");
}

static void back(struct req *r, struct obj *o, json_t *d, const json_t *in)
{
    (void)in;
    merge(r, o, jt("{'status':%s}", json_array_size(json_object_get(d, "attachments")) ? "in-use" : "available"));
    accepted(r);
}

static const struct { const char *key; void (*run)(struct req *, struct obj *, json_t *, const json_t *); } actions[] = {
    {"os-extend", extend}, {"os-reset_status", reset}, {"os-attach", attach}, {"os-detach", detach}, {"os-force_detach", force_detach}, {"os-reserve", reserve},
    {"os-unreserve", back}, {"os-begin_detaching", begin_detach}, {"os-roll_detaching", back}, {"os-set_bootable", bootable},
    {"os-update_readonly_flag", read_only}, {"os-retype", retype}, {"os-migrate_volume", migrate}, {"os-force_delete", force_delete},
};

void vol_action(struct req *r, struct obj *o)
{
    json_t *in = ostk_body(r), *d = obj_doc(o);
    const char *key = in ? json_object_iter_key(json_object_iter(in)) : NULL;
    bool done = false;
    for (size_t i = 0; key && i < sizeof(actions) / sizeof(actions[0]) && !done; i++) {
        if (strcmp(actions[i].key, key) == 0) {
            actions[i].run(r, o, d, json_object_get(in, key));
            done = true;
        }
    }
    if (!done && !key)
        vol_fail(r, 400, "Malformed request body");
    else if (!done)
        vol_fail(r, 400, "There is no such action: %s. Verify the request body and Content-Type header and try again.", key);
    json_decref(d);
    json_decref(in);
}

/* ---- snapshots ---- */
const char *cinder_seed_snapshot(struct sim *s, const char *name, const char *volume, const char *status)
{
    char id[37], at[40];
    struct obj *o = store_get(vol_table(s, "volumes"), "", volume);
    json_t *v = o ? obj_doc(o) : NULL;
    uuid4(s, id);
    json_t *d = jt("{'id':%s,'created_at':%s,'updated_at':null,'name':%s,'description':null,'volume_id':%s,'status':%s,'size':%l,'metadata':{},"
                   "'group_snapshot_id':null,'user_id':%s,'consumes_quota':true,'os-extended-snapshot-attributes:project_id':%s,"
                   "'os-extended-snapshot-attributes:progress':%s}", id, ostk_stamp(s, at), name, volume, status, jint(v, "size"), jstr(v, "user_id"), text(v, TENANT),
                   strcmp(status, "available") == 0 ? "100%" : "0%");
    json_decref(v);
    return store_put(s, vol_table(s, "snapshots"), d)->name;
}

void vol_snapshot_create(struct req *r)
{
    json_t *in = ostk_body(r), *want = jat(in, "snapshot");
    const char *id = jstr(want, "volume_id");
    struct obj *o = store_get(vol_table(r->sim, "volumes"), "", id);
    json_t *v = o ? obj_doc(o) : NULL;
    const struct token *t = ostk_who(r);
    bool force = json_is_true(jat(want, "force")) || r->micro.minor >= 66;
    if (!jat(want, "volume_id")) {
        vol_fail(r, 400, "Invalid input for field/attribute snapshot. Value: {}. 'volume_id' is a required property");
    } else if (!ostk_is_uuid(id)) {
        vol_fail(r, 400, "Invalid input for field/attribute volume_id. Value: %s. '%s' is not valid under any of the given schemas", id, id);
    } else if (!v || (!t->admin && strcmp(text(v, TENANT), t->project_id) != 0)) {
        vol_fail(r, 404, "Volume %s could not be found.", id);
    } else if (!state_is(v, "available", NULL) && !(force && state_is(v, "in-use", NULL))) {
        vol_fail(r, 400, "Invalid volume: Volume %s status must be available%s, but current status is: %s.", id, force ? " or in-use" : "", jstr(v, "status"));
    } else if (vol_room(r, t->project_id, 0, jint(v, "size"), 1)) {
        const char *sid = cinder_seed_snapshot(r->sim, *jstr(want, "name") ? jstr(want, "name") : NULL, id, "creating");
        json_t *set = json_object();
        if (*jstr(want, "description"))
            json_object_set(set, "description", jat(want, "description"));
        struct obj *so = ostk_merge(r->sim, vol_table(r->sim, "snapshots"), sid, set);
        ostk_later(r->sim, QUICK_MS, so->res, so->name, "status", "creating", jt("{'status':'available','os-extended-snapshot-attributes:progress':'100%%'}"), NULL);
        json_t *d = vol_see_snapshot(r, obj_doc(so));
        json_object_del(d, SNAP_TENANT);
        json_object_del(d, "os-extended-snapshot-attributes:progress");
        reply_json(r, 202, jt("{'snapshot':%j}", d));
    }
    json_decref(v);
    json_decref(in);
}

void vol_snapshot_remove(struct req *r, struct obj *o)
{
    json_t *d = obj_doc(o);
    if (!state_is(d, "available", "error")) {
        vol_fail(r, 400, "Invalid snapshot: Snapshot to be deleted must be in \"available\" or \"error\" status, but current status is \"%s\".", jstr(d, "status"));
    } else {
        merge(r, o, jt("{'status':'deleting'}"));
        ostk_later(r->sim, QUICK_MS, o->res, o->name, "status", "deleting", NULL, NULL);
        reply_text(r, 202, "text/html; charset=UTF-8", "", 0);
    }
    json_decref(d);
}

void vol_snapshot_action(struct req *r, struct obj *o)
{
    json_t *in = ostk_body(r), *d = obj_doc(o);
    if (jat(in, "os-reset_status"))
        reset(r, o, d, jat(in, "os-reset_status"));
    else if (jat(in, "os-force_delete"))
        vol_snapshot_remove(r, o);
    else
        vol_fail(r, 400, "There is no such action: %s. Verify the request body and Content-Type header and try again.",
                 in && json_object_size(in) ? json_object_iter_key(json_object_iter(in)) : "");
    json_decref(d);
    json_decref(in);
}

/* ---- backups ---- */
void vol_backup_create(struct req *r)
{
    json_t *in = ostk_body(r), *want = jat(in, "backup");
    const char *id = jstr(want, "volume_id");
    struct obj *o = store_get(vol_table(r->sim, "volumes"), "", id);
    json_t *v = o ? obj_doc(o) : NULL;
    const struct token *t = ostk_who(r);
    char uuid[37], at[40];
    uuid4(r->sim, uuid);
    if (!v || (!t->admin && strcmp(text(v, TENANT), t->project_id) != 0)) {
        vol_fail(r, 404, "Volume %s could not be found.", id);
    } else if (!state_is(v, "available", NULL) && !(json_is_true(jat(want, "force")) && state_is(v, "in-use", NULL))) {
        vol_fail(r, 400, "Invalid volume: Volume to be backed up must be available or in-use, but the current status is \"%s\".", jstr(v, "status"));
    } else {
        store_put(r->sim, vol_table(r->sim, "backups"),
                  jt("{'id':%s,'status':'creating','size':%l,'object_count':0,'availability_zone':'nova','container':null,'created_at':%s,'updated_at':null,'name':%s,"
                     "'description':%s,'fail_reason':null,'volume_id':%s,'is_incremental':false,'has_dependent_backups':false,'snapshot_id':null,'data_timestamp':%s,"
                     "'os-backup-project-attr:project_id':%s,'metadata':{},'user_id':%s,'_project':%s}", uuid, jint(v, "size"), ostk_stamp(r->sim, at),
                     *jstr(want, "name") ? jstr(want, "name") : NULL, *jstr(want, "description") ? jstr(want, "description") : NULL, id, at, t->project_id,
                     t->user_id, t->project_id));
        ostk_later(r->sim, QUICK_MS * 6, vol_table(r->sim, "backups"), uuid, "status", "creating", jt("{'status':'available','object_count':22,'container':'backups'}"), NULL);
        merge(r, o, jt("{'status':'backing-up'}"));
        ostk_later(r->sim, QUICK_MS * 6, o->res, o->name, "status", "backing-up", jt("{'status':%s}", jstr(v, "status")), NULL);
        char *self = ostk_url(r, "/volume/v3/%s/backups/%s", t->project_id, uuid);
        reply_json(r, 202, jt("{'backup':{'id':%s,'name':%s,'links':[{'rel':'self','href':%s}]}}", uuid, *jstr(want, "name") ? jstr(want, "name") : NULL, self));
        free(self);
    }
    json_decref(v);
    json_decref(in);
}

void vol_backup_remove(struct req *r, struct obj *o)
{
    json_t *d = obj_doc(o);
    if (!state_is(d, "available", "error")) {
        vol_fail(r, 400, "Invalid backup: Backup status must be available or error");
    } else {
        merge(r, o, jt("{'status':'deleting'}"));
        ostk_later(r->sim, QUICK_MS, o->res, o->name, "status", "deleting", NULL, NULL);
        reply_text(r, 202, "text/html; charset=UTF-8", "", 0);
    }
    json_decref(d);
}
