/* Heat: what its engine does to a stack, one resource after the other, and what it tells of that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"
#include "core/sim/ostk_sim.h"

#define STEP_MS 2500                                           /* what one resource takes */
#define LOOK_MS 500                                            /* is it gone? */

struct res *heat_table(struct sim *s, const char *name) { return ostk_table(s, "heat", name); }

json_t *heat_get(struct sim *s, const char *name, const char *id)
{
    struct obj *o = store_get(heat_table(s, name), "", id);
    return o ? obj_doc(o) : NULL;
}

static const char *reason_of(const char *status, char buf[80])
{
    char action[32];
    size_t n = strcspn(status, "_");
    snprintf(action, sizeof(action), "%.*s", (int)n, status);
    if (strstr(status, "_COMPLETE"))
        snprintf(buf, 80, "Stack %s completed successfully", action);
    else if (strstr(status, "_FAILED"))
        snprintf(buf, 80, "Resource %s failed: ResourceInError", action);
    else
        snprintf(buf, 80, "Stack %s started", action);
    return buf;
}

static void event(struct sim *s, const json_t *stack, const char *name, const char *physical, const char *type, const char *status, const char *why)
{
    char id[37], at[32];
    uuid4(s, id);
    store_put(s, heat_table(s, "events"), jt("{'id':%s,'_stack':%s,'event_time':%s,'logical_resource_id':%s,'resource_name':%s,'physical_resource_id':%s,'resource_status':%s,"
                                        "'resource_status_reason':%s,'resource_type':%s,'_seq':%i}", id, jstr(stack, "id"), stamp(sim_now(s), at), name, name, physical,
                                        status, why, type, (int)heat_table(s, "events")->n));
}

static void set_status(struct sim *s, const char *id, const char *status)
{
    char why[80], at[32];
    json_t *set = jt("{'stack_status':%s,'stack_status_reason':%s}", status, reason_of(status, why));
    if (strncmp(status, "CREATE", 6) != 0)
        json_object_set_new(set, "updated_time", json_string(stamp(sim_now(s), at)));
    ostk_merge(s, heat_table(s, "stacks"), id, set);
    json_t *d = heat_get(s, "stacks", id);
    event(s, d, jstr(d, "stack_name"), id, "OS::Heat::Stack", status, why);
    json_decref(d);
}

struct work { char *id, *action; size_t at; };

static void work_free(struct work *w)
{
    free(w->id);
    free(w->action);
    free(w);
}

static void stack_gone(struct sim *s, const char *id)
{
    static const char *const parts[] = {"resources", "events"};
    for (size_t i = 0; i < 2; i++) {
        struct res *t = heat_table(s, parts[i]);
        for (size_t k = t->n; k-- > 0;)
            if (strstr(t->items[k]->text, id))
                ostk_drop(s, t, t->items[k]->name);
    }
    ostk_drop(s, heat_table(s, "stacks"), id);
}

/* Asks the service that has it. */
static void take_down(struct sim *s, const char *type, const char *physical)
{
    if (!strcmp(type, "OS::Nova::Server"))
        nova_server_delete(s, physical);
    else if (!strcmp(type, "OS::Cinder::Volume"))
        cinder_volume_delete(s, physical);
    else if (!strcmp(type, "OS::Octavia::LoadBalancer"))
        octavia_lb_delete(s, physical);
}

static bool stands(struct sim *s, const char *type, const char *physical)
{
    const struct nova_server *v = !strcmp(type, "OS::Nova::Server") ? nova_find(s, physical) : NULL;
    return v && v->vm != VM_DELETED;
}

/* One resource after the other: IN_PROGRESS, then COMPLETE; then the stack itself. */
static void work_on(struct sim *s, void *arg)
{
    struct work *w = arg;
    struct res *t = heat_table(s, "resources");
    char status[64];
    json_t *stack = heat_get(s, "stacks", w->id);
    size_t nth = 0, i = 0;
    snprintf(status, sizeof(status), "%s_IN_PROGRESS", w->action);
    if (!stack || strcmp(jstr(stack, "stack_status"), status) != 0) {      /* something else was asked for meanwhile */
        json_decref(stack);
        work_free(w);
        return;
    }
    for (i = 0; i < t->n; i++)
        if (strstr(t->items[i]->text, w->id) && nth++ == w->at / 2)
            break;
    if (i < t->n) {
        bool done = w->at & 1, del = !strcmp(w->action, "DELETE");
        json_t *d = obj_doc(t->items[i]);
        char at[32];
        if (del && done && stands(s, jstr(d, "resource_type"), jstr(d, "physical_resource_id"))) {
            json_decref(d);
            json_decref(stack);
            sim_after(s, ostk_ms(s, LOOK_MS), work_on, w);
            return;
        }
        if (del && !done)
            take_down(s, jstr(d, "resource_type"), jstr(d, "physical_resource_id"));
        snprintf(status, sizeof(status), "%s_%s", w->action, done ? "COMPLETE" : "IN_PROGRESS");
        event(s, stack, jstr(d, "resource_name"), jstr(d, "physical_resource_id"), jstr(d, "resource_type"), status, "state changed");
        ostk_merge(s, t, t->items[i]->name, jt("{'resource_status':%s,'resource_status_reason':'state changed','updated_time':%s}", status, stamp(sim_now(s), at)));
        json_decref(d);
        w->at++;
        sim_after(s, ostk_ms(s, done ? 200 : STEP_MS), work_on, w);
    } else {
        snprintf(status, sizeof(status), "%s_COMPLETE", w->action);
        set_status(s, w->id, status);
        if (strcmp(w->action, "DELETE") == 0)
            stack_gone(s, w->id);
        work_free(w);
    }
    json_decref(stack);
}

void heat_begin(struct sim *s, const char *id, const char *action)
{
    char status[64];
    struct work *w = sim_alloc(sizeof(*w));
    *w = (struct work){sim_strdup(id), sim_strdup(action), 0};
    snprintf(status, sizeof(status), "%s_IN_PROGRESS", action);
    set_status(s, w->id, status);
    sim_after(s, ostk_ms(s, 300), work_on, w);
}

/* ---- as they are found ---- */
const char *heat_seed_stack(struct sim *s, const char *name, const char *project, const char *owner, const char *status)
{
    char id[37], at[32], why[80], user_project[33];
    uuid4(s, id);
    hex_id(s, user_project, 32);
    stamp(sim_now(s) - 9LL * 86400000, at);
    const char *out = store_put(s, heat_table(s, "stacks"),
        jt("{'id':%s,'project':%s,'stack_name':%s,'description':'','stack_status':%s,'stack_status_reason':%s,'creation_time':%s,'updated_time':null,"
           "'deletion_time':null,'stack_owner':%s,'parent':null,'stack_user_project_id':%s,'tags':null,'_template':{'heat_template_version':'2018-08-31',"
           "'resources':{}},'_parameters':{}}", id, project, name, status, reason_of(status, why), at, owner, user_project))->name;
    json_t *d = heat_get(s, "stacks", out);
    event(s, d, name, out, "OS::Heat::Stack", status, why);
    json_decref(d);
    return out;
}

void heat_seed_resource(struct sim *s, const char *stack, const char *name, const char *type, const char *physical, const char *status)
{
    char at[32];
    json_t *d = heat_get(s, "stacks", stack);
    char *id = sim_printf("%s.%s", stack, name);
    store_put(s, heat_table(s, "resources"), jt("{'id':%s,'_stack':%s,'updated_time':%s,'creation_time':%s,'logical_resource_id':%s,'resource_name':%s,'physical_resource_id':%s,"
                                           "'resource_status':%s,'resource_status_reason':'state changed','resource_type':%s,'required_by':[]}", id, stack,
                                           stamp(sim_now(s) - 9LL * 86400000, at), at, name, name, physical, status, type));
    event(s, d, name, physical, type, status, "state changed");
    free(id);
    json_decref(d);
}
