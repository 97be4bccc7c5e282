/* What an operator that takes hypervisors out of use does to the compute service: as an administrator through the API, one server at a time. */
#include <stdio.h>
#include <string.h>

#include "core/sim/nova_priv.h"

void nova_keep_off(struct sim *s, const char *host, const char *reason)
{
    struct nova_service *v = nova_service(s->nova, "nova-compute", host);
    if (!v || v->disabled)
        return;
    v->disabled = true;
    nova_set(&v->reason, reason);
}

void nova_keep_on(struct sim *s, const char *host, const char *reason)
{
    struct nova_service *v = nova_service(s->nova, "nova-compute", host);
    if (!v || !v->disabled || !v->reason || strcmp(v->reason, reason) != 0)
        return;
    v->disabled = false;
    nova_set(&v->reason, NULL);
}

static struct nova_act *by_operator(struct sim *s, struct nova_server *v, const char *action)
{
    char id[37], request[41];
    uuid4(s, id);
    snprintf(request, sizeof(request), "req-%s", id);
    return nova_act_new(s, v, action, request, v->user, v->project);
}

/* The newest move of it away from the host; NULL none. */
static const struct nova_migration *last_move(const struct nova *n, const struct nova_server *v, const char *host)
{
    for (size_t i = n->nmigrations; i-- > 0;)
        if (strcmp(n->migrations[i]->server, v->id) == 0 && n->migrations[i]->source && strcmp(n->migrations[i]->source, host) == 0)
            return n->migrations[i];
    return NULL;
}

/* Did its move come to nothing, and would it again? */
static bool stays(const struct nova *n, const struct nova_server *v, const char *host)
{
    static const char *const ends[] = {"failed", "error", "cancelled", "completed"};      /* completed, and it is still here */
    const struct nova_migration *m = nova_ordeal(v) ? last_move(n, v, host) : NULL;
    for (size_t i = 0; m && i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(m->status, ends[i]) == 0)
            return true;
    return v->vm == VM_ERROR;
}

static bool moves(const struct nova_server *v, bool cold)
{
    return v->vm == VM_ACTIVE || v->vm == VM_PAUSED || v->vm == VM_ERROR || (cold && v->vm == VM_STOPPED);
}

size_t nova_keep_clear(struct sim *s, const char *host, bool cold, json_t *ids, char *why, size_t size)
{
    struct nova *n = s->nova;
    struct nova_server *next = NULL;
    size_t left = 0;
    bool busy = false;
    *why = '\0';
    for (size_t i = 0; i < n->n; i++) {
        struct nova_server *v = n->order[i];
        bool here = v->host && strcmp(v->host->name, host) == 0;
        const struct nova_migration *m = v->vm == VM_RESIZED && !here ? last_move(n, v, host) : NULL;
        if (m && strcmp(m->type, "migration") == 0 && strcmp(m->status, "confirmed") != 0) {
            nova_confirm(s, v, by_operator(s, v, "confirmResize"));
            here = true;                   /* not over yet */
        } else if (!here || v->vm == VM_DELETED || (!moves(v, cold) && v->task == TASK_NONE)) {
            continue;
        }
        left++;
        json_array_append_new(ids, json_string(v->id));
        busy = busy || v->task != TASK_NONE || m;
        if (v->task == TASK_NONE && !m && stays(n, v, host))
            snprintf(why, size, "Migration of instance %s failed: %s", v->id, v->fault.message ? v->fault.message : "it is where it was");
        else if (v->task == TASK_NONE && !m && !next)
            next = v;
    }
    if (next && !busy && next->vm == VM_STOPPED)
        nova_cold(s, next, next->flavor, NULL, by_operator(s, next, "migrate"));
    else if (next && !busy)
        nova_live(s, next, by_operator(s, next, "live-migration"));
    return left;
}
