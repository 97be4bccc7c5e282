/* POST /servers/ID/action: a table of what can be done, when, by whom, how long it takes and where it ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/json_read.h"
#include "core/sim/nova_priv.h"

#define ANY (~0ull)
#define BEGIN_MS 250                                           /* until the compute host has picked the message up */
#define MAY_REBOOT (BIT(TASK_NONE) | BIT(TASK_REBOOTING) | BIT(TASK_REBOOT_STARTED) | BIT(TASK_RESUMING) | BIT(TASK_REBOOTING_HARD) | \
                    BIT(TASK_UNPAUSING) | BIT(TASK_PAUSING) | BIT(TASK_SUSPENDING))

/* ---- operations of one machine and one step ---- */
static enum then simple_begin(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, j->op->event, v->host ? v->host->name : "");
    if (v->task == TASK_REBOOTING || v->task == TASK_REBOOTING_HARD)
        nova_state(s, v, v->vm, v->task + 1, v->power);
    return THEN_NEXT;
}

static enum then simple_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    v->progress = 0;
    nova_state(s, v, j->op->to, TASK_NONE, j->op->power);
    nova_job_done(s, j, NULL, NULL);
    return THEN_END;
}

static const struct nova_step simple_steps[] = {{BEGIN_MS, ON_HOST, simple_begin}, {-1, ON_HOST, simple_end}, {0, ON_API, NULL}};

static void start_simple(struct sim *s, struct nova_server *v, const struct nova_op *op, struct nova_act *a)
{
    nova_state(s, v, v->vm, op->first, v->power);
    nova_job(s, v, op, simple_steps, a);
}

struct nova_act *nova_act_of(struct req *r, struct nova_server *v, const char *action)
{
    const struct token *t = nova_who(r);
    return nova_act_new(r->sim, v, action, r->id, t->user_id, t->project_id);
}

void nova_accepted(struct req *r)
{
    reply_text(r, 202, "application/json", "", 0);
}

/* ---- the special ones ---- */
static void do_reboot(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    static const struct nova_op hard = {.key = "reboot", .name = "reboot", .word = "reboot", .task = MAY_REBOOT, .first = TASK_REBOOTING_HARD,
                                        .vm = BIT(VM_ACTIVE) | BIT(VM_STOPPED) | BIT(VM_PAUSED) | BIT(VM_SUSPENDED) | BIT(VM_ERROR),
                                        .event = "compute_reboot_instance", .ms = 4000, .to = VM_ACTIVE, .power = POWER_RUNNING};
    bool off = strcasecmp(jstr(arg, "type"), "hard") == 0;
    if (!nova_may(r, v, off ? &hard : op))
        return;
    start_simple(r->sim, v, off ? &hard : op, nova_act_of(r, v, "reboot"));
    nova_accepted(r);
}

static void do_rescue(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    char random[13];
    (void)arg;
    if (!nova_may(r, v, op))
        return;
    start_simple(r->sim, v, op, nova_act_of(r, v, op->name));
    hex_id(r->sim, random, 12);
    reply_json(r, 200, jt("{'adminPass':%s}", json_is_string(json_object_get(arg, "adminPass")) ? jstr(arg, "adminPass") : random));
}

static void do_lock(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    bool on = strcmp(op->key, "lock") == 0, admin = nova_admin(r);
    if (!on && v->locked_by_admin && !admin) {
        nova_allowed(r, "os_compute_api:os-lock-server:unlock:unlock_override");
        return;
    }
    if (on && v->locked && strcmp(nova_who(r)->project_id, v->project) == 0) {
        nova_accepted(r);                                      /* its owner changes nothing of a lock that is there */
        return;
    }
    struct nova_act *a = nova_act_of(r, v, op->name);
    v->locked = on;
    v->locked_by_admin = on && admin && strcmp(nova_who(r)->project_id, v->project) != 0;
    nova_set(&v->locked_reason, on && nova_at(r, 73) ? json_string_value(json_object_get(arg, "locked_reason")) : NULL);
    nova_event_end(r->sim, a, nova_event_start(r->sim, a, on ? "api_lock" : "api_unlock", "controller"), NULL, NULL);
    nova_touch(r->sim, v);
    nova_accepted(r);
}

static void do_reset(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    nova_act_of(r, v, op->name);
    nova_job_stop(v);
    nova_state(r->sim, v, *jstr(arg, "state") == 'a' ? VM_ACTIVE : VM_ERROR, TASK_NONE, v->power);
    nova_accepted(r);
}

static void do_console(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    (void)op;
    nova_console(r, v, arg);
}

static void do_old_console(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    char token[37];
    (void)op;
    (void)v;
    uuid4(r->sim, token);
    char *url = sim_printf("http://127.0.0.1:6080/vnc_auto.html?path=%%3Ftoken%%3D%s", token);
    reply_json(r, 200, jt("{'console':{'type':%s,'url':%s}}", jstr(arg, "type"), url));
    free(url);
}

static void do_delete(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    (void)op;
    (void)arg;
    nova_delete(r, v);
}

static void do_group(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    const char *name = jstr(arg, "name");
    bool join = op->key[0] == 'a';
    size_t i = 0;
    if (!v->groups)
        v->groups = jt("['default']");
    while (i < json_array_size(v->groups) && strcmp(json_string_value(json_array_get(v->groups, i)), name) != 0)
        i++;
    if (!join && i == json_array_size(v->groups)) {
        nova_error(r, 404, "Security group %s not associated with the instance %s", name, v->id);
        return;
    }
    if (join && i == json_array_size(v->groups))
        json_array_append_new(v->groups, json_string(name));
    else if (!join)
        json_array_remove(v->groups, i);
    nova_accepted(r);
}

#define S(a) BIT(VM_##a)
#define RULE "os_compute_api:"
static const struct nova_op ops[] = {
    {"os-start", "start", "start", RULE "servers:start", S(STOPPED), 0, TASK_POWERING_ON, "compute_start_instance", 2500, VM_ACTIVE, POWER_RUNNING, NULL, 0, 0, false},
    {"os-stop", "stop", "stop", RULE "servers:stop", S(ACTIVE) | S(ERROR), 0, TASK_POWERING_OFF, "compute_stop_instance", 3000, VM_STOPPED, POWER_SHUTDOWN,
     NULL, 0, 0, false},
    {"reboot", "reboot", "reboot", RULE "servers:reboot", S(ACTIVE), 0, TASK_REBOOTING, "compute_reboot_instance", 3000, VM_ACTIVE, POWER_RUNNING, do_reboot,
     0, 0, false},
    {"pause", "pause", "pause", RULE "os-pause-server:pause", S(ACTIVE), 0, TASK_PAUSING, "compute_pause_instance", 500, VM_PAUSED, POWER_PAUSED, NULL, 0, 0, false},
    {"unpause", "unpause", "unpause", RULE "os-pause-server:unpause", S(PAUSED), 0, TASK_UNPAUSING, "compute_unpause_instance", 500, VM_ACTIVE,
     POWER_RUNNING, NULL, 0, 0, false},
    {"suspend", "suspend", "suspend", RULE "os-suspend-server:suspend", S(ACTIVE), 0, TASK_SUSPENDING, "compute_suspend_instance", 3000, VM_SUSPENDED,
     POWER_SHUTDOWN, NULL, 0, 0, false},
    {"resume", "resume", "resume", RULE "os-suspend-server:resume", S(SUSPENDED), 0, TASK_RESUMING, "compute_resume_instance", 3000, VM_ACTIVE,
     POWER_RUNNING, NULL, 0, 0, false},
    {"rescue", "rescue", "rescue", RULE "os-rescue", S(ACTIVE) | S(STOPPED) | S(ERROR), 0, TASK_RESCUING, "compute_rescue_instance", 4000, VM_RESCUED,
     POWER_RUNNING, do_rescue, 0, 0, false},
    {"unrescue", "unrescue", "unrescue", RULE "os-unrescue", S(RESCUED), 0, TASK_UNRESCUING, "compute_unrescue_instance", 4000, VM_ACTIVE, POWER_RUNNING,
     NULL, 0, 0, false},
    {"changePassword", "changePassword", "changePassword", RULE "os-admin-password", S(ACTIVE), 0, TASK_UPDATING_PASSWORD, "compute_set_admin_password",
     1000, VM_ACTIVE, POWER_RUNNING, NULL, 0, 0, false},
    {"restore", "restore", "restore", RULE "os-deferred-delete:restore", S(SOFT_DELETED), 0, TASK_NONE, "compute_restore_instance", 500, VM_ACTIVE,
     POWER_RUNNING, NULL, 0, 0, false},
    {"lock", "lock", "lock", RULE "os-lock-server:lock", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_lock, 0, 0, false},
    {"unlock", "unlock", "unlock", RULE "os-lock-server:unlock", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_lock, 0, 0, false},
    {"os-resetState", "resetState", "resetState", RULE "os-admin-actions:reset_state", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_reset, 0, 0, true},
    {"forceDelete", "delete", "forceDelete", RULE "os-deferred-delete:force", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_delete, 0, 0, false},
    {"os-getConsoleOutput", NULL, NULL, RULE "os-console-output", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_console, 0, 0, false},
    {"os-getVNCConsole", NULL, NULL, RULE "os-remote-consoles", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_old_console, 0, 5, false},
    {"addSecurityGroup", NULL, NULL, RULE "os-security-groups:add", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_group, 0, 0, false},
    {"removeSecurityGroup", NULL, NULL, RULE "os-security-groups:remove", 0, ANY, TASK_NONE, NULL, 0, 0, 0, do_group, 0, 0, false},
    {"createImage", "createImage", "createImage", RULE "servers:create_image", S(ACTIVE) | S(STOPPED) | S(PAUSED) | S(SUSPENDED), 0,
     TASK_IMAGE_SNAPSHOT_PENDING, "compute_snapshot_instance", 0, 0, 0, nova_do_image, 0, 0, false},
    {"rebuild", "rebuild", "rebuild", RULE "servers:rebuild", S(ACTIVE) | S(STOPPED) | S(ERROR), 0, TASK_REBUILDING, "compute_rebuild_instance", 0, 0, 0,
     nova_do_rebuild, 0, 0, false},
    {"resize", "resize", "resize", RULE "servers:resize", S(ACTIVE) | S(STOPPED), 0, TASK_RESIZE_PREP, NULL, 0, 0, 0, nova_do_resize, 0, 0, false},
    {"confirmResize", "confirmResize", "confirmResize", RULE "servers:confirm_resize", S(RESIZED), 0, TASK_NONE, NULL, 0, 0, 0, nova_do_confirm, 0, 0, false},
    {"revertResize", "revertResize", "revertResize", RULE "servers:revert_resize", S(RESIZED), 0, TASK_RESIZE_REVERTING, NULL, 0, 0, 0, nova_do_revert, 0, 0, false},
    {"migrate", "migrate", "migrate", RULE "os-migrate-server:migrate", S(ACTIVE) | S(STOPPED), 0, TASK_RESIZE_PREP, NULL, 0, 0, 0, nova_do_migrate, 0, 0,
     true},
    {"os-migrateLive", "live-migration", "os-migrateLive", RULE "os-migrate-server:migrate_live", S(ACTIVE) | S(PAUSED), 0, TASK_MIGRATING, NULL, 0, 0, 0,
     nova_do_live, 0, 0, true},
    {"evacuate", "evacuate", "evacuate", RULE "os-evacuate", S(ACTIVE) | S(STOPPED) | S(ERROR), ANY, TASK_REBUILDING, NULL, 0, 0, 0, nova_do_evacuate, 0, 0,
     true},
    {"shelve", "shelve", "shelve", RULE "os-shelve:shelve", S(ACTIVE) | S(STOPPED) | S(PAUSED) | S(SUSPENDED), 0, TASK_SHELVING, NULL, 0, 0, 0,
     nova_do_shelve, 0, 0, false},
    {"shelveOffload", "shelveOffload", "shelveOffload", RULE "os-shelve:shelve_offload", S(SHELVED), 0, TASK_SHELVING_OFFLOADING, NULL, 0, 0, 0,
     nova_do_offload, 0, 0, true},
    {"unshelve", "unshelve", "unshelve", RULE "os-shelve:unshelve", S(SHELVED) | S(SHELVED_OFFLOADED), 0, TASK_UNSHELVING, NULL, 0, 0, 0, nova_do_unshelve,
     0, 0, false},
};
#define NOPS (sizeof(ops) / sizeof(ops[0]))

static const struct nova_op *op_of(const char *key)
{
    for (size_t i = 0; i < NOPS; i++)
        if (strcmp(ops[i].key, key) == 0)
            return &ops[i];
    return NULL;
}

bool nova_may(struct req *r, struct nova_server *v, const struct nova_op *op)
{
    uint64_t task = op->task ? op->task : BIT(TASK_NONE);
    static const char *const placed[] = {"os-start", "os-stop"};
    bool needs_host = op->key && (strcmp(op->key, placed[0]) == 0 || strcmp(op->key, placed[1]) == 0);
    bool unlocked = op->key && (strcmp(op->key, "createImage") == 0 || strcmp(op->key, "evacuate") == 0);   /* not asked for the lock */
    if (v->locked && !unlocked && !nova_admin(r))
        nova_error(r, 409, "Instance %s is locked", v->id);
    else if (needs_host && !v->host)
        nova_error(r, 409, "Instance %s is not ready", v->id);
    else if (op->vm && !(op->vm & BIT(v->vm)))
        nova_error(r, 409, "Cannot '%s' instance %s while it is in vm_state %s", op->word, v->id, nova_vm_names[v->vm]);
    else if (!(task & BIT(v->task)))
        nova_error(r, 409, "Cannot '%s' instance %s while it is in task_state %s", op->word, v->id, nova_task_names[v->task]);
    else if (!v->launched)
        nova_error(r, 409, "Instance %s is in an invalid state for '%s'", v->id, op->word);
    else
        return true;
    return false;
}

/* Start, stop and their kin without a request. */
bool nova_simple(struct sim *s, struct nova_server *v, const char *key, struct nova_act *a)
{
    const struct nova_op *op = op_of(key);
    if (!op || (op->run && op->run != do_reboot) || !(op->vm & BIT(v->vm)) || v->task != TASK_NONE)
        return false;
    start_simple(s, v, op, a ? a : nova_act_new(s, v, op->name, "req-00000000-0000-0000-0000-000000000000", v->user, v->project));
    return true;
}

static void act_on(struct req *r, struct nova_server *v, const struct nova_op *op, const json_t *arg)
{
    if (op->rule && !(op->admin ? nova_allowed : nova_member)(r, op->rule))
        return;
    if (op->run) {
        op->run(r, v, op, arg);
    } else if (nova_may(r, v, op)) {
        start_simple(r->sim, v, op, nova_act_of(r, v, op->name));
        nova_accepted(r);
    }
}

void nova_action(struct req *r, const char *id)
{
    json_t *in = r->body ? json_read(r->body, r->blen, 0, NULL) : NULL;
    const char *key = json_is_object(in) ? json_object_iter_key(json_object_iter(in)) : NULL;
    const struct nova_op *op = key ? op_of(key) : NULL;
    if (!key || json_object_size(in) > 1) {
        nova_error(r, 400, "Malformed request body");
    } else if (!op) {
        nova_error(r, 400, "There is no such action: %s", key);
    } else if ((op->until && nova_at(r, op->until + 1)) || !nova_at(r, op->from)) {
        nova_error(r, 404, "The resource could not be found.");
    } else if (nova_shape_ok(r, key, json_object_get(in, key))) {
        const struct token *t = nova_who(r);
        struct nova_server *v = nova_find(r->sim, id);
        bool mine = v && v->vm != VM_DELETED && (t->admin || strcmp(v->project, t->project_id) == 0);
        if (!v && (op->to == VM_STOPPED || op->first == TASK_POWERING_ON))
            nova_error(r, 404, "Instance %s has no mapping to a cell.", id);
        else if (!mine)
            nova_error(r, 404, "Instance %s could not be found.", id);
        else
            act_on(r, v, op, json_object_get(in, key));
    }
    json_decref(in);
}

/* ---- the end of a server ---- */
static enum then delete_begin(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_job_event(s, v, j, "compute_terminate_instance", v->host ? v->host->name : "controller");
    return THEN_NEXT;
}

static enum then delete_end(struct sim *s, struct nova_server *v, struct nova_job *j)
{
    nova_extra(v, NULL, NULL);
    for (size_t i = 0; i < s->nova->nmigrations; i++)
        if (strcmp(s->nova->migrations[i]->server, v->id) == 0 && nova_in_progress(s->nova->migrations[i]))
            nova_migration_set(s, s->nova->migrations[i], "cancelled");
    while (v->nports)
        neigh_port_gone(s, v, v->nports - 1);
    if (v->nvolumes)
        neigh_detach_all(s, v);
    v->nvolumes = 0;
    if (*v->group)
        nova_group_join(s, v->group, v->id, false);
    nova_job_done(s, j, NULL, NULL);
    struct nova_host *last = v->host;
    nova_place(v, NULL);
    v->host = last;                                            /* shown, not counted: a deleted row keeps its host */
    v->terminated = sim_now(s);
    v->vm = VM_DELETED;
    v->task = TASK_NONE;
    nova_set(&v->fault.message, NULL);
    v->power = POWER_NOSTATE;
    nova_touch(s, v);
    nova_tell(s, v, NOVA_DELETED);
    return THEN_END;
}

static const struct nova_step delete_steps[] = {{300, ON_HOST, delete_begin}, {1200, ON_HOST, delete_end}, {0, ON_API, NULL}};

/* Where no living host has it the API forgets it by itself, at once. */
static const struct nova_step local_steps[] = {{0, ON_API, delete_end}, {0, ON_API, NULL}};

static void start_delete(struct sim *s, struct nova_server *v, struct nova_act *a)
{
    const struct nova_service *host = v->host ? nova_service(s->nova, "nova-compute", v->host->name) : NULL;
    nova_job_stop(v);
    nova_state(s, v, v->vm, TASK_DELETING, v->power);
    nova_job(s, v, NULL, host && nova_service_is_up(s, host) ? delete_steps : local_steps, a);
    v->progress = 0;
}

void nova_delete(struct req *r, struct nova_server *v)
{
    if (v->locked && !nova_admin(r)) {
        nova_error(r, 409, "Instance %s is locked", v->id);
        return;
    }
    if (v->task != TASK_DELETING)
        start_delete(r->sim, v, nova_act_of(r, v, "delete"));
    reply_text(r, 204, "application/json", "", 0);
}

bool nova_server_delete(struct sim *s, const char *id)
{
    struct nova_server *v = nova_find(s, id);
    if (!v || v->vm == VM_DELETED)
        return false;
    if (v->task != TASK_DELETING)
        start_delete(s, v, nova_act_new(s, v, "delete", "req-00000000-0000-0000-0000-000000000000", v->user, v->project));
    return true;
}

bool nova_server_power(struct sim *s, const char *id, bool on)
{
    struct nova_server *v = nova_find(s, id);
    return v && nova_simple(s, v, on ? "os-start" : "os-stop", NULL);
}
