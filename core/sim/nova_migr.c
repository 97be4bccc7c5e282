/* Migrations as the API lists them: os-migrations, and those of one server that are under way, to be aborted or forced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"

static void show(struct jw *w, struct req *r, const struct nova_migration *m)
{
    static const char *const going[] = {"queued", "preparing", "running", "post-migrating"};
    bool live = strcmp(m->type, "live-migration") == 0, now = false;
    for (size_t i = 0; i < sizeof(going) / sizeof(going[0]); i++)
        now = now || strcmp(going[i], m->status) == 0;
    jw_open(w, NULL, '{');
    jw_int(w, "id", m->id);
    if (nova_at(r, 59))
        jw_str(w, "uuid", m->uuid);
    jw_str(w, "source_compute", m->source);
    jw_str(w, "dest_compute", m->dest);
    jw_str(w, "source_node", m->dest ? m->source : NULL);
    jw_str(w, "dest_node", m->dest);
    jw_str(w, "dest_host", m->dest_host);
    jw_int(w, "old_instance_type_id", m->old_flavor);
    jw_int(w, "new_instance_type_id", m->new_flavor);
    jw_str(w, "instance_uuid", m->server);
    jw_str(w, "status", m->status);
    if (nova_at(r, 23))
        jw_str(w, "migration_type", m->type);
    if (nova_at(r, 80)) {
        jw_str(w, "user_id", m->user);
        jw_str(w, "project_id", m->project);
    }
    jw_at(w, "created_at", m->created);
    jw_at(w, "updated_at", m->updated == m->created ? 0 : m->updated);
    if (nova_at(r, 23) && live && now) {
        char path[64];
        snprintf(path, sizeof(path), "servers/%s/migrations", m->server);
        char id[16];
        snprintf(id, sizeof(id), "%d", m->id);
        jw_links(w, r, path, id);
    }
    jw_close(w, '}');
}

static bool same(const struct req *r, const char *key, const char *value)
{
    const char *want = req_query(r, key);
    return !want || (value && strcmp(want, value) == 0);
}

static bool wanted(struct req *r, const struct nova_migration *m, int64_t since, int64_t before)
{
    const char *host = req_query(r, "host");
    const struct nova_server *v = nova_find(r->sim, m->server);
    if (!v || v->vm == VM_DELETED)                             /* they go with their server */
        return false;
    if (host && (!m->source || strcmp(host, m->source) != 0) && (!m->dest || strcmp(host, m->dest) != 0))
        return false;
    if ((since >= 0 && m->updated / 1000 < since / 1000) || (before >= 0 && m->updated / 1000 > before / 1000))
        return false;
    return same(r, "status", m->status) && same(r, "instance_uuid", m->server) && same(r, "migration_type", m->type) &&
           same(r, "source_compute", m->source) && same(r, "user_id", m->user) && same(r, "project_id", m->project);
}

static bool date(struct req *r, const char *key, bool known, int64_t *out)
{
    const char *text = known ? req_query(r, key) : NULL;
    *out = text ? stamp_ms(text) : -1;
    if (text && *out < 0)
        nova_error(r, 400, "Invalid input for query parameters %s. Value: %s. '%s' is not a 'date-time'", key, text, text);
    return !text || *out >= 0;
}

/* From 2.59 in pages, the newest first; before, all, the oldest first. */
static void list(struct req *r)
{
    static const char *const names[] = {"hidden", "host", "instance_uuid", "source_compute", "status", "migration_type", "limit", "marker", "changes-since",
                                        "changes-before", "user_id", "project_id", NULL};
    struct nova *n = r->sim->nova;
    bool pages = nova_at(r, 59);
    const char *marker = pages ? req_query(r, "marker") : NULL, *last = NULL;
    int64_t since, before;
    long limit = pages ? nova_limit(r) : 1000000, shown = 0;
    size_t at = 0;
    if (limit < 0 || !nova_queries(r, names) || !date(r, "changes-since", pages, &since) || !date(r, "changes-before", nova_at(r, 66), &before))
        return;
    if (since >= 0 && before >= 0 && before < since) {
        nova_error(r, 400, "The value of changes-since must be less than or equal to changes-before.");
        return;
    }
    while (marker && at < n->nmigrations && strcmp(n->migrations[n->nmigrations - 1 - at]->uuid, marker) != 0)
        at++;
    if (marker && at++ == n->nmigrations) {
        nova_error(r, 400, "Marker %s could not be found.", marker);
        return;
    }
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "migrations", '[');
    for (; at < n->nmigrations && shown < limit; at++) {
        const struct nova_migration *m = n->migrations[pages ? n->nmigrations - 1 - at : at];
        if (!wanted(r, m, since, before))
            continue;
        show(&w, r, m);
        last = m->uuid;
        shown++;
    }
    jw_close(&w, ']');
    if (pages && last && shown == limit)
        jw_next(&w, r, "migrations_links", last);
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

void nova_migrations(struct req *r)
{
    if (strcmp(r->method, "GET") != 0 || r->nseg > 3)
        nova_none(r);
    else if (nova_allowed(r, "os_compute_api:os-migrations:index"))
        list(r);
}

/* ---- of one server ---- */
static bool live_now(const struct nova_migration *m)
{
    return strcmp(m->type, "live-migration") == 0 && nova_in_progress(m) && strcmp(m->status, "accepted") != 0;
}

static void show_live(struct jw *w, struct req *r, const struct nova_migration *m, const char *key)
{
    jw_open(w, key, '{');
    jw_at(w, "created_at", m->created);
    jw_str(w, "dest_compute", m->dest);
    jw_str(w, "dest_host", m->dest_host);
    jw_str(w, "dest_node", m->dest);
    bool counts = m->memory_total > 0;
    static const char *const disk[] = {"disk_processed_bytes", "disk_remaining_bytes", "disk_total_bytes"};
    for (int i = 0; i < 3; i++) {
        if (counts)
            jw_int(w, disk[i], 0);
        else
            jw_str(w, disk[i], NULL);
    }
    jw_int(w, "id", m->id);
    if (counts) {
        jw_int(w, "memory_processed_bytes", m->memory_done);
        jw_int(w, "memory_remaining_bytes", m->memory_total - m->memory_done);
        jw_int(w, "memory_total_bytes", m->memory_total);
    } else {
        jw_str(w, "memory_processed_bytes", NULL);
        jw_str(w, "memory_remaining_bytes", NULL);
        jw_str(w, "memory_total_bytes", NULL);
    }
    jw_str(w, "server_uuid", m->server);
    jw_str(w, "source_compute", m->source);
    jw_str(w, "source_node", m->source);
    jw_str(w, "status", m->status);
    jw_at(w, "updated_at", m->updated);
    if (nova_at(r, 59))
        jw_str(w, "uuid", m->uuid);
    if (nova_at(r, 80)) {
        jw_str(w, "user_id", m->user);
        jw_str(w, "project_id", m->project);
    }
    jw_close(w, '}');
}

static void live_list(struct req *r, const struct nova_server *v)
{
    struct nova *n = r->sim->nova;
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    jw_open(&w, "migrations", '[');
    for (size_t i = 0; i < n->nmigrations; i++)
        if (strcmp(n->migrations[i]->server, v->id) == 0 && live_now(n->migrations[i]))
            show_live(&w, r, n->migrations[i], NULL);
    jw_close(&w, ']');
    jw_close(&w, '}');
    jw_reply(&w, r, 200);
}

static struct nova_migration *one_of(struct req *r, const struct nova_server *v, const char *id)
{
    struct nova_migration *m = nova_migration(r->sim->nova, atoi(id));
    return m && strcmp(m->server, v->id) == 0 ? m : NULL;
}

static void live_one(struct req *r, const struct nova_server *v, const char *id)
{
    const struct nova_migration *m = one_of(r, v, id);
    if (!m) {
        nova_error(r, 404, "In-progress live migration %s is not found for server %s.", id, v->id);
    } else if (strcmp(m->type, "live-migration") != 0) {
        nova_error(r, 404, "Migration %s for server %s is not live-migration.", id, v->id);
    } else if (!live_now(m)) {
        nova_error(r, 404, "Live migration %s for server %s is not in progress.", id, v->id);
    } else {
        struct jw w;
        jw_init(&w);
        jw_open(&w, NULL, '{');
        show_live(&w, r, m, "migration");
        jw_close(&w, '}');
        jw_reply(&w, r, 200);
    }
}

/* False: 4xx was sent. word, method: of the sentences; states: of the migration; only_active: the guest must run. */
static bool can(struct req *r, const struct nova_server *v, const struct nova_migration *m, const char *id, const char *word, const char *method,
                const char *const *states, bool only_active)
{
    if (v->locked && !nova_admin(r))
        nova_error(r, 409, "Instance %s is locked", v->id);
    else if (v->task != TASK_MIGRATING && v->task)
        nova_error(r, 409, "Cannot '%s' instance %s while it is in task_state %s", word, v->id, nova_task_names[v->task]);
    else if (v->task != TASK_MIGRATING)
        nova_error(r, 409, "Instance %s is in an invalid state for '%s'", v->id, word);
    else if (only_active && v->vm != VM_ACTIVE)
        nova_error(r, 409, "Cannot '%s' instance %s while it is in vm_state %s", word, v->id, nova_vm_names[v->vm]);
    else if (!m)
        nova_error(r, only_active ? 400 : 404, "Migration %s not found for instance %s", id, v->id);
    else {
        for (int i = 0; states[i]; i++)
            if (strcmp(states[i], m->status) == 0)
                return true;
        nova_error(r, 400, "Migration %s state of instance %s is %s. Cannot %s while the migration is in this state.", id, v->id, m->status, method);
    }
    return false;
}

static void live_abort(struct req *r, struct nova_server *v, const char *id)
{
    static const char *const late[] = {"running", "queued", "preparing", NULL}, *const early[] = {"running", NULL};
    struct nova_migration *m = one_of(r, v, id);
    if (!can(r, v, m, id, "abort live migration", "abort live migration", nova_at(r, 65) ? late : early, false))
        return;
    struct nova_act *a = nova_act_of(r, v, "live_migration_cancel");
    nova_event_end(r->sim, a, nova_event_start(r->sim, a, "compute_live_migration_abort", v->host ? v->host->name : ""), NULL, NULL);
    m->abort = true;
    nova_accepted(r);
}

static void live_force(struct req *r, struct nova_server *v, const char *id)
{
    static const char *const running[] = {"running", NULL};
    struct nova_migration *m = one_of(r, v, id);
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    const char *key = json_object_iter_key(json_object_iter(in));
    const json_t *arg = json_object_get(in, "force_complete");
    bool ok = json_is_null(arg);
    if (!arg)
        nova_error(r, 400, "There is no such action: %s", key ? key : "None");
    else if (!ok) {
        char *text = nova_repr(arg, false);
        nova_invalid(r, "force_complete", arg, "%s is not of type 'null'", text);
        free(text);
    }
    json_decref(in);
    if (!ok)
        return;
    if (!can(r, v, m, id, "force_complete", "force complete", running, true))
        return;
    struct nova_act *a = nova_act_of(r, v, "live_migration_force_complete");
    nova_event_end(r->sim, a, nova_event_start(r->sim, a, "compute_live_migration_force_complete", v->host ? v->host->name : ""), NULL, NULL);
    m->force = true;
    nova_accepted(r);
}

void nova_server_migrations(struct req *r, struct nova_server *v)
{
    static const char base[] = "os_compute_api:servers:migrations:";
    char rule[64];
    bool get = strcmp(r->method, "GET") == 0, one = r->nseg > 5, act = r->nseg > 6 && strcmp(r->seg[6], "action") == 0;
    bool del = one && strcmp(r->method, "DELETE") == 0;
    snprintf(rule, sizeof(rule), "%s%s", base, act ? "force_complete" : del ? "delete" : one ? "show" : "index");
    if (!nova_at(r, 22) || (!get && !del && !act)) {
        nova_none(r);
        return;
    }
    if (!nova_allowed(r, rule))
        return;
    if (act)
        live_force(r, v, r->seg[5]);
    else if (del)
        live_abort(r, v, r->seg[5]);
    else if (one)
        live_one(r, v, r->seg[5]);
    else
        live_list(r, v);
}
