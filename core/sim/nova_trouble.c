/* Moves that do not go well and guests that are busy when an operator wants them away: what a story or a test asks for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/nova_priv.h"

static const char *const words[] = {
    [ORDEAL_NONE] = "fine",         /* */
    [ORDEAL_SLOW] = "slow",         /* eight times as long as usual */
    [ORDEAL_HANGS] = "hangs",       /* the guest writes faster than the line: until it is aborted, forced, or its time is over */
    [ORDEAL_STUCK] = "stuck",       /* nothing moves and nobody listens */
    [ORDEAL_FAILS] = "fails",       /* half way, and rolled back */
    [ORDEAL_BREAKS] = "breaks",     /* half way, and the server is in ERROR */
    [ORDEAL_RETURNS] = "returns",   /* completed, they say, and the server is where it was */
    [ORDEAL_REFUSED] = "refused",   /* by a check before it: migration in error, server as it was */
    [ORDEAL_REJECTED] = "rejected", /* by the API */
    [ORDEAL_QUEUED] = "queued",     /* and stays so */
};
#define NWORDS (sizeof(words) / sizeof(words[0]))
#define SLOWER 8

static int word_of(const char *text)
{
    for (size_t i = 0; i < NWORDS; i++)
        if (strcmp(words[i], text) == 0)
            return (int)i;
    return -1;
}

enum ordeal nova_ordeal(const struct nova_server *v)
{
    const char *how = json_string_value(json_object_get(v->metadata, "migration")), *load = json_string_value(json_object_get(v->metadata, "load"));
    int known = how ? word_of(how) : -1;
    if (v->ordeal)
        return v->ordeal;
    if (known > 0)
        return (enum ordeal)known;
    return load && strcmp(load, "high") == 0 ? ORDEAL_HANGS : ORDEAL_NONE;
}

bool nova_turns_back(const struct nova_server *v, const struct nova_job *j, int usual)
{
    enum ordeal o = nova_ordeal(v);
    return o == ORDEAL_HANGS || o == ORDEAL_STUCK || j->turns < (o == ORDEAL_SLOW ? usual * SLOWER : usual);
}

static bool meant(const struct nova_server *v, const char *who)
{
    return v->vm != VM_DELETED && (strcmp(who, "all") == 0 || strcmp(who, v->id) == 0 || strcmp(who, v->name) == 0 || (v->host && strcmp(who, v->host->name) == 0));
}

bool nova_trouble_knows(const char *how)
{
    return word_of(how) >= 0;
}

bool nova_trouble(struct sim *s, const char *how, const char *who)
{
    int word = word_of(how);
    bool any = false;
    for (size_t i = 0; word >= 0 && i < s->nova->n; i++) {
        if (meant(s->nova->order[i], who)) {
            s->nova->order[i]->ordeal = (enum ordeal)word;
            any = true;
        }
    }
    return any;
}

/* ---- guests that are busy ---- */
static struct nova_act *by_owner(struct sim *s, struct nova_server *v, const char *action)
{
    char id[37], request[41];
    uuid4(s, id);
    snprintf(request, sizeof(request), "req-%s", id);
    return nova_act_new(s, v, action, request, v->user, v->project);
}

static bool reboot(struct sim *s, struct nova_server *v)
{
    return nova_simple(s, v, "reboot", by_owner(s, v, "reboot"));
}

static bool resize(struct sim *s, struct nova_server *v)
{
    struct nova_flavor *best = NULL;
    for (size_t i = 0; i < s->nova->nflavors; i++) {           /* the next larger one */
        struct nova_flavor *f = s->nova->flavors[i];
        if (!f->deleted && f->ram > v->flavor->ram && f->disk >= v->flavor->disk && (!best || f->ram < best->ram))
            best = f;
    }
    if (best)
        nova_cold(s, v, best, NULL, by_owner(s, v, "resize"));
    return best != NULL;
}

static bool fault(struct sim *s, struct nova_server *v)
{
    nova_job_stop(v);
    nova_fail(s, v, 500, "internal error: process exited while connecting to monitor: Cannot allocate memory", "Traceback (most recent call last):\n");
    nova_state(s, v, VM_ERROR, TASK_NONE, POWER_SHUTDOWN);
    nova_tell(s, v, NOVA_STOPPED);
    return true;
}

/* As with reclaim_instance_interval: for a while it can be restored. */
static bool soft_delete(struct sim *s, struct nova_server *v)
{
    nova_state(s, v, VM_SOFT_DELETED, TASK_NONE, POWER_SHUTDOWN);
    nova_tell(s, v, NOVA_STOPPED);
    return true;
}

bool nova_guest(struct sim *s, const char *what, const char *who)
{
    static const struct { const char *what; uint64_t vm; bool (*run)(struct sim *s, struct nova_server *v); } acts[] = {
        {"reboot", BIT(VM_ACTIVE), reboot}, {"resize", BIT(VM_ACTIVE) | BIT(VM_STOPPED), resize}, {"error", BIT(VM_ACTIVE), fault},
        {"soft-delete", BIT(VM_ACTIVE) | BIT(VM_STOPPED), soft_delete},
    };
    struct nova_server *v = NULL;
    for (size_t i = 0; i < s->nova->n && !v; i++) {
        struct nova_server *one = s->nova->order[i];
        if (one->vm != VM_DELETED && (strcmp(one->id, who) == 0 || strcmp(one->name, who) == 0))
            v = one;
    }
    for (size_t i = 0; v && i < sizeof(acts) / sizeof(acts[0]); i++)
        if (strcmp(acts[i].what, what) == 0)
            return (acts[i].vm & BIT(v->vm)) && v->task == TASK_NONE && acts[i].run(s, v);
    return false;
}
