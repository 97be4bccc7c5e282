/* Servers and images: snapshot, rebuild, shelve, offload, unshelve. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

/* ---- snapshot ---- */
static enum then snap_pending(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_snapshot_instance", v->host ? v->host->name : "");
    nova_state(s, v, v->vm, TASK_IMAGE_PENDING_UPLOAD, v->power);
    return THEN_NEXT;
}

static enum then snap_upload(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    (void)j;
    nova_state(s, v, v->vm, TASK_IMAGE_UPLOADING, v->power);
    return THEN_NEXT;
}

static enum then snap_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    neigh_snapshot_done(s, j->image);
    nova_state(s, v, v->vm, TASK_NONE, v->power);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static const struct nova_step snap_steps[] = {{800, ON_HOST, snap_pending}, {2000, ON_HOST, snap_upload}, {3000, ON_HOST, snap_end}, {0, ON_API, NULL}};

void nova_do_image(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *name = jstr(arg, "name");
    if (!*name) {
        nova_invalid(r, "name", json_object_get(arg, "name"), "'' is too short");
        return;
    }
    if (!nova_may(r, v, op))
        return;
    struct nova_job *j = nova_job(r->sim, v, op, snap_steps, nova_act_of(r, v, op->name));
    neigh_snapshot(r->sim, v, name, j->image);
    nova_state(r->sim, v, v->vm, TASK_IMAGE_SNAPSHOT_PENDING, v->power);
    if (nova_at(r, 45)) {
        reply_json(r, 202, jt("{'image_id':%s}", j->image));
    } else {
        req_head(r, "Location", "https://127.0.0.1:%d/image/v2/images/%s", r->sim->port, j->image);
        nova_accepted(r);
    }
}

/* ---- rebuild ---- */
static enum then rebuild_begin(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    if (!j->started) {
        j->started = true;
        nova_job_event(s, v, j, "rebuild_server", "controller");
        return THEN_AGAIN;
    }
    nova_job_event(s, v, j, "compute_rebuild_instance", v->host ? v->host->name : "");
    nova_state(s, v, v->vm, TASK_REBUILD_BLOCK_DEVICE_MAPPING, POWER_NOSTATE);
    return THEN_NEXT;
}

static enum then rebuild_spawn(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    (void)j;
    nova_state(s, v, v->vm, TASK_REBUILD_SPAWNING, v->power);
    return THEN_NEXT;
}

static enum then rebuild_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    bool off = j->vm == VM_STOPPED;
    v->launched = sim_now(s);
    if (off)                                                   /* it was built, that starts it */
        nova_job_event(s, v, j, "compute_stop_instance", v->host ? v->host->name : "");
    nova_state(s, v, off ? VM_STOPPED : VM_ACTIVE, TASK_NONE, off ? POWER_SHUTDOWN : POWER_RUNNING);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static const struct nova_step rebuild_steps[] = {{300, ON_HOST, rebuild_begin}, {800, ON_HOST, rebuild_spawn}, {3500, ON_HOST, rebuild_end},
                                                 {0, ON_API, NULL}};

void nova_do_rebuild(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *image = jstr(arg, "imageRef"), *name = json_string_value(json_object_get(arg, "name"));
    if (!json_object_get(arg, "imageRef")) {
        nova_invalid(r, "rebuild", arg, "'imageRef' is a required property");
        return;
    }
    if (!nova_may(r, v, op))
        return;
    if (!neigh_image(r->sim, image)) {
        nova_error(r, 400, "Cannot find image for rebuild");
        return;
    }
    struct nova_job *j = nova_job(r->sim, v, op, rebuild_steps, nova_act_of(r, v, op->name));
    j->vm = v->vm;
    snprintf(v->image, sizeof(v->image), "%s", image);
    if (name && *name)
        nova_set(&v->name, name);
    if (json_object_get(arg, "metadata")) {
        json_decref(v->metadata);
        v->metadata = json_deep_copy(json_object_get(arg, "metadata"));
    }
    v->progress = 0;
    nova_state(r->sim, v, v->vm, TASK_REBUILDING, v->power);
    char password[13];
    hex_id(r->sim, password, 12);
    struct jw w;
    jw_init(&w);
    jw_open(&w, NULL, '{');
    nova_show_changed(&w, r, v);
    w.o.data[--w.o.len] = 0;                                   /* the password goes into the server's object */
    jw_str(&w, "adminPass", password);
    if (nova_at(r, 54) && !nova_at(r, 75))
        jw_str(&w, "key_name", v->key);
    if (nova_at(r, 57))
        jw_str(&w, "user_data", v->user_data);
    jw_close(&w, '}');
    jw_close(&w, '}');
    jw_reply(&w, r, 202);
}

/* ---- shelve ---- */
static enum then shelve_begin(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    char *name = sim_printf("%s-shelved", v->name);
    nova_job_event(s, v, j, "compute_shelve_instance", v->host ? v->host->name : "");
    if (*v->image)
        neigh_snapshot(s, v, name, j->image);
    snprintf(v->shelved, sizeof(v->shelved), "%s", j->image);
    free(name);
    nova_state(s, v, v->vm, TASK_SHELVING_IMAGE_PENDING_UPLOAD, v->power);
    return THEN_NEXT;
}

static enum then shelve_upload(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    (void)j;
    nova_state(s, v, v->vm, TASK_SHELVING_IMAGE_UPLOADING, v->power);
    return THEN_NEXT;
}

static enum then shelve_shelved(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    if (*j->image)
        neigh_snapshot_done(s, j->image);
    nova_state(s, v, VM_SHELVED, TASK_SHELVING_OFFLOADING, POWER_SHUTDOWN);
    return THEN_NEXT;
}

static enum then offload_begin(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_shelve_offload_instance", v->host ? v->host->name : "");
    return THEN_NEXT;
}

static enum then offload_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_place(v, NULL);
    neigh_port_host(s, v);
    nova_state(s, v, VM_SHELVED_OFFLOADED, TASK_NONE, POWER_SHUTDOWN);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static const struct nova_step shelve_steps[] = {{300, ON_HOST, shelve_begin}, {2000, ON_HOST, shelve_upload}, {2500, ON_HOST, shelve_shelved},
                                                {1500, ON_HOST, offload_end}, {0, ON_API, NULL}};
static const struct nova_step offload_steps[] = {{300, ON_HOST, offload_begin}, {1500, ON_HOST, offload_end}, {0, ON_API, NULL}};

void nova_do_shelve(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    (void)arg;
    if (!nova_may(r, v, op))
        return;
    nova_state(r->sim, v, v->vm, TASK_SHELVING, v->power);
    nova_job(r->sim, v, op, shelve_steps, nova_act_of(r, v, op->name));
    nova_accepted(r);
}

void nova_do_offload(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    (void)arg;
    if (!nova_may(r, v, op))
        return;
    nova_state(r->sim, v, v->vm, TASK_SHELVING_OFFLOADING, v->power);
    nova_job(r->sim, v, op, offload_steps, nova_act_of(r, v, op->name));
    nova_accepted(r);
}

/* ---- unshelve ---- */
static enum then unshelve_schedule(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "get_image_info", "controller");
    nova_job_event(s, v, j, "schedule_instances", "controller");
    j->to = nova_schedule(s, v, v->flavor, *j->host ? j->host : NULL, NULL);
    if (!j->to) {
        nova_fail(s, v, 500, NOVA_NO_HOST, NOVA_NO_HOST);
        nova_state(s, v, v->vm, TASK_NONE, v->power);
        nova_job_done(s, j, NOVA_NO_HOST, NOVA_NO_HOST);
        return THEN_END;
    }
    nova_state(s, v, v->vm, TASK_SPAWNING, v->power);
    return THEN_NEXT;
}

static enum then unshelve_place(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_unshelve_instance", j->to->name);
    nova_place(v, j->to);
    neigh_port_host(s, v);
    nova_state(s, v, v->vm, TASK_SPAWNING, v->power);
    return THEN_NEXT;
}

static enum then unshelve_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    if (*v->shelved)
        neigh_image_gone(s, v->shelved);
    v->shelved[0] = 0;
    v->launched = sim_now(s);
    nova_state(s, v, VM_ACTIVE, TASK_NONE, POWER_RUNNING);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static const struct nova_step unshelve_steps[] = {{600, ON_CONDUCTOR, unshelve_schedule}, {600, ON_DEST, unshelve_place}, {3500, ON_DEST, unshelve_end},
                                                  {0, ON_API, NULL}};
static const struct nova_step wake_steps[] = {{600, ON_HOST, unshelve_end}, {0, ON_API, NULL}};

void nova_do_unshelve(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *host = nova_at(r, 91) ? json_string_value(json_object_get(arg, "host")) : NULL;
    if (host && !nova_allowed(r, "os_compute_api:os-shelve:unshelve_to_host"))
        return;
    if (host && !nova_host(r->sim->nova, host)) {
        nova_error(r, 400, "Compute host %s could not be found.", host);
        return;
    }
    if (!nova_may(r, v, op))
        return;
    nova_state(r->sim, v, v->vm, TASK_UNSHELVING, v->power);
    struct nova_job *j = nova_job(r->sim, v, op, v->vm == VM_SHELVED ? wake_steps : unshelve_steps, nova_act_of(r, v, op->name));
    snprintf(j->host, sizeof(j->host), "%s", host ? host : "");
    nova_accepted(r);
}
