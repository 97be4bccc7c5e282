/* Servers that change their size or their host: resize, cold migration and its two ends, evacuation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

#define COPY_TURNS 4
static const char no_host_trace[] = "  File \"/usr/lib/python3/dist-packages/nova/conductor/manager.py\", line 340, in _cold_migrate\n    task.execute()\n"
                                    "  File \"/usr/lib/python3/dist-packages/nova/conductor/tasks/base.py\", line 21, in wrap\n    raise\n";

static struct nova_migration *migration(struct sim *s, const struct nova_job *j)
{
    return nova_migration(s->nova, j->migration);
}

static const char *name_of(const struct nova_host *h)
{
    return h ? h->name : NULL;
}

/* ---- resize and cold migration ---- */
static enum then cold_schedule(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "conductor_migrate_server", "controller");
    nova_job_event(s, v, j, "cold_migrate", "controller");
    j->to = nova_ordeal(v) == ORDEAL_REFUSED ? NULL : nova_schedule(s, v, j->flavor, *j->host ? j->host : NULL, v->host);
    if (!j->to) {
        nova_fail(s, v, 500, NOVA_NO_HOST, no_host_trace);
        nova_state(s, v, v->vm, TASK_NONE, v->power);
        nova_job_done(s, j, no_host_trace, NOVA_NO_HOST);
        return THEN_END;
    }
    nova_extra(v, j->to, j->flavor);
    struct nova_migration *m = nova_migration_new(s, v, j->flavor == v->flavor ? "migration" : "resize", "pre-migrating");
    m->dest = j->to->name;
    m->dest_host = j->to->ip;
    m->new_flavor = j->flavor->num;
    m->user = j->act->user;
    m->project = j->act->project;
    j->migration = m->id;
    return THEN_NEXT;
}

static enum then cold_prep(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_prep_resize", j->to->name);
    return THEN_NEXT;
}

static enum then cold_resize(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_resize_instance", name_of(v->host));
    nova_migration_set(s, migration(s, j), "migrating");
    nova_state(s, v, v->vm, TASK_RESIZE_MIGRATING, v->power);
    return THEN_NEXT;
}

/* The disks are copied: four seconds, unless something goes wrong. */
static enum then cold_moved(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    static const char why[] = "Resize error: not able to execute ssh command: Unexpected error while running command.";
    enum ordeal o = nova_ordeal(v);
    if (++j->turns && nova_turns_back(v, j, COPY_TURNS))
        return THEN_AGAIN;
    if (o == ORDEAL_FAILS || o == ORDEAL_BREAKS) {
        nova_migration_set(s, migration(s, j), "error");
        nova_extra(v, NULL, NULL);
        nova_fail(s, v, 500, why, no_host_trace);
        nova_state(s, v, o == ORDEAL_FAILS ? v->vm : VM_ERROR, TASK_NONE, v->power);
        nova_job_done(s, j, no_host_trace, why);
        return THEN_END;
    }
    nova_migration_set(s, migration(s, j), "post-migrating");
    v->vm_before = v->vm;
    nova_extra_swap(v);
    nova_state(s, v, v->vm, TASK_RESIZE_MIGRATED, v->power);
    return THEN_NEXT;
}

static enum then cold_finish(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_finish_resize", j->to->name);
    nova_state(s, v, v->vm, TASK_RESIZE_FINISH, v->power);
    neigh_port_host(s, v);
    return THEN_NEXT;
}

static enum then cold_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_migration_set(s, migration(s, j), "finished");
    v->launched = sim_now(s);
    nova_state(s, v, VM_RESIZED, TASK_NONE, v->power);
    nova_job_done(s, j, NULL, NULL);
    nova_tell(s, v, NOVA_MOVED);
    return THEN_END;
}

static const struct nova_step cold_steps[] = {
    {700, ON_CONDUCTOR, cold_schedule}, {600, ON_DEST, cold_prep}, {700, ON_HOST, cold_resize}, {4000 / COPY_TURNS, ON_HOST, cold_moved}, {800, ON_DEST, cold_finish},
    {2500, ON_DEST, cold_end}, {0, ON_API, NULL},
};

void nova_cold(struct sim *s, struct nova_server *v, struct nova_flavor *f, const char *host, struct nova_act *a)
{
    struct nova_job *j = nova_job(s, v, NULL, cold_steps, a);
    j->flavor = f;
    snprintf(j->host, sizeof(j->host), "%s", host ? host : "");
    v->progress = 0;
    nova_state(s, v, v->vm, TASK_RESIZE_PREP, v->power);
}

static void cold_start(struct req *r, struct nova_server *v, const struct nova_op *op, struct nova_flavor *f, const char *host)
{
    nova_cold(r->sim, v, f, host, nova_act_of(r, v, op->name));
    nova_accepted(r);
}

/* It can only leave a host whose nova-compute is up; false: 409 was sent. */
static bool source_up(struct req *r, const struct nova_server *v)
{
    if (!v->host)
        nova_error(r, 409, "Instance %s is not ready", v->id);
    else if (v->host->service && !nova_service_is_up(r->sim, v->host->service))
        nova_error(r, 409, "Service is unavailable at this time.");
    else
        return true;
    return false;
}

void nova_do_resize(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *ref = jstr(arg, "flavorRef");
    struct nova_flavor *f = nova_flavor(r->sim->nova, ref);
    if (!nova_may(r, v, op) || !source_up(r, v))
        return;
    else if (!f)
        nova_error(r, 400, "Flavor %s could not be found.", ref);
    else if (f == v->flavor)
        nova_error(r, 400, "When resizing, instances must change flavor!");
    else if (f->disk < v->flavor->disk && f->disk == 0)
        nova_error(r, 400, "Resize to zero disk flavor is not allowed.");
    else if (nova_quota_ok(r, v->project, 0, f->vcpus > v->flavor->vcpus ? f->vcpus - v->flavor->vcpus : 0,
                           f->ram > v->flavor->ram ? f->ram - v->flavor->ram : 0))
        cold_start(r, v, op, f, NULL);
}

void nova_do_migrate(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *host = nova_at(r, 56) ? json_string_value(json_object_get(arg, "host")) : NULL;
    if (!nova_may(r, v, op) || !source_up(r, v))
        return;
    if (host && v->host && strcmp(host, v->host->name) == 0)
        nova_error(r, 400, "Cannot migrate to the host where the server exists.");
    else if (host && !nova_host(r->sim->nova, host))
        nova_error(r, 400, "Compute host %s could not be found.", host);
    else
        cold_start(r, v, op, v->flavor, host);
}

/* The one that waits for its confirmation. */
static struct nova_migration *finished(struct nova *n, const struct nova_server *v)
{
    for (size_t i = n->nmigrations; i-- > 0;)
        if (strcmp(n->migrations[i]->server, v->id) == 0 && strcmp(n->migrations[i]->status, "finished") == 0)
            return n->migrations[i];
    return NULL;
}

static enum vm by_power(const struct nova_server *v)
{
    return v->power == POWER_SHUTDOWN ? VM_STOPPED : VM_ACTIVE;
}

static enum then confirm_begin(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    nova_job_event(s, v, j, "compute_confirm_resize", m && m->source ? m->source : "");
    return THEN_NEXT;
}

static enum then confirm_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    if (m)
        nova_migration_set(s, m, "confirmed");
    nova_extra(v, NULL, NULL);
    nova_state(s, v, by_power(v), TASK_NONE, v->power);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static const struct nova_step confirm_steps[] = {{300, ON_DEST, confirm_begin}, {900, ON_DEST, confirm_end}, {0, ON_API, NULL}};

bool nova_confirm(struct sim *s, struct nova_server *v, struct nova_act *a)
{
    struct nova_migration *m = finished(s->nova, v);
    if (!m || v->vm != VM_RESIZED || v->task != TASK_NONE)
        return false;
    struct nova_job *j = nova_job(s, v, NULL, confirm_steps, a);
    j->migration = m->id;
    j->to = v->extra_host ? v->extra_host : v->host;
    nova_migration_set(s, m, "confirming");
    return true;
}

void nova_do_confirm(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    struct nova_migration *m = finished(r->sim->nova, v);
    (void)arg;
    if (!nova_may(r, v, op))
        return;
    if (!m) {
        nova_error(r, 400, "Instance has not been resized.");
        return;
    }
    if (v->extra_host && v->extra_host->service && !nova_service_is_up(r->sim, v->extra_host->service)) {
        nova_error(r, 409, "Compute service of %s is unavailable at this time.", v->extra_host->name);
        return;
    }
    struct nova_job *j = nova_job(r->sim, v, op, confirm_steps, nova_act_of(r, v, op->name));
    j->migration = m->id;
    j->to = v->extra_host ? v->extra_host : v->host;
    nova_migration_set(r->sim, m, "confirming");
    reply_text(r, 204, "application/json", "", 0);
}

static enum then revert_begin(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_revert_resize", name_of(v->host));
    return THEN_NEXT;
}

static enum then revert_back(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    if (v->extra_host)
        nova_extra_swap(v);
    nova_state(s, v, v->vm, v->task, v->power);
    nova_job_event(s, v, j, "compute_finish_revert_resize", name_of(v->host));
    neigh_port_host(s, v);
    return THEN_NEXT;
}

static enum then revert_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    if (m)
        nova_migration_set(s, m, "reverted");
    nova_extra(v, NULL, NULL);
    v->launched = sim_now(s);
    nova_state(s, v, by_power(v), TASK_NONE, v->power);
    nova_job_done(s, j, NULL, NULL);
    nova_tell(s, v, NOVA_MOVED);
    return THEN_END;
}

static const struct nova_step revert_steps[] = {{400, ON_HOST, revert_begin}, {1200, ON_HOST, revert_back}, {1500, ON_HOST, revert_end}, {0, ON_API, NULL}};

void nova_do_revert(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    struct nova_migration *m = finished(r->sim->nova, v);
    (void)arg;
    if (!nova_may(r, v, op))
        return;
    if (!m) {
        nova_error(r, 400, "Instance has not been resized.");
        return;
    }
    nova_migration_set(r->sim, m, "reverting");
    nova_state(r->sim, v, v->vm, TASK_RESIZE_REVERTING, v->power);
    nova_job(r->sim, v, op, revert_steps, nova_act_of(r, v, op->name))->migration = m->id;
    nova_accepted(r);
}

/* ---- evacuation: the old host is down, the server is built again elsewhere ---- */
static enum then evacuate_schedule(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    struct nova_migration *m = migration(s, j);
    nova_job_event(s, v, j, "rebuild_server", "controller");
    j->to = nova_schedule(s, v, v->flavor, *j->host ? j->host : NULL, v->host);
    if (!j->to) {
        nova_migration_set(s, m, "error");
        nova_fail(s, v, 500, NOVA_NO_HOST, no_host_trace);
        nova_state(s, v, VM_ERROR, TASK_NONE, v->power);
        nova_job_done(s, j, no_host_trace, NOVA_NO_HOST);
        return THEN_END;
    }
    m->dest = j->to->name;
    m->dest_host = j->to->ip;
    nova_migration_set(s, m, "pre-migrating");
    return THEN_NEXT;
}

static enum then evacuate_build(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    if (v->task == TASK_REBUILDING) {
        nova_job_event(s, v, j, "compute_rebuild_instance", j->to->name);
        struct nova_host *old = v->host;
        nova_place(v, j->to);
        nova_extra(v, old, v->flavor);                         /* held there until its nova-compute is back and cleans up */
        nova_state(s, v, v->vm, TASK_REBUILD_BLOCK_DEVICE_MAPPING, POWER_NOSTATE);
        return THEN_AGAIN;
    }
    neigh_port_host(s, v);
    nova_state(s, v, v->vm, TASK_REBUILD_SPAWNING, POWER_NOSTATE);
    return THEN_NEXT;
}

static enum then evacuate_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    bool off = j->vm == VM_STOPPED;
    nova_migration_set(s, migration(s, j), "done");
    v->launched = sim_now(s);
    nova_state(s, v, off ? VM_STOPPED : VM_ACTIVE, TASK_NONE, off ? POWER_SHUTDOWN : POWER_RUNNING);
    nova_job_done(s, j, NULL, NULL);
    nova_tell(s, v, NOVA_MOVED);
    return THEN_END;
}

static const struct nova_step evacuate_steps[] = {{700, ON_CONDUCTOR, evacuate_schedule}, {1200, ON_DEST, evacuate_build}, {3500, ON_DEST, evacuate_end},
                                                  {0, ON_API, NULL}};

void nova_do_evacuate(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *host = json_string_value(json_object_get(arg, "host"));
    if (host && !nova_host(r->sim->nova, host)) {
        nova_error(r, 404, "Compute host %s not found.", host);
    } else if (host && v->host && strcmp(v->host->name, host) == 0) {
        nova_error(r, 400, "The target host can't be the same one.");
    } else if (!nova_may(r, v, op)) {
        return;
    } else if (!v->host || (v->host->service && nova_service_is_up(r->sim, v->host->service))) {
        nova_error(r, 400, "Compute service of %s is still in use.", v->host ? v->host->name : "None");
    } else {
        nova_extra(v, NULL, NULL);
        struct nova_migration *m = nova_migration_new(r->sim, v, "evacuation", "accepted");
        const struct token *t = nova_who(r);
        m->user = nova_word(r->sim->nova, t->user_id);
        m->project = nova_word(r->sim->nova, t->project_id);
        struct nova_job *j = nova_job(r->sim, v, op, evacuate_steps, nova_act_of(r, v, op->name));
        j->migration = m->id;
        snprintf(j->host, sizeof(j->host), "%s", host ? host : "");
        nova_state(r->sim, v, v->vm, TASK_REBUILDING, v->power);
        reply_text(r, 200, "application/json", "", 0);
    }
}
