/*
 * Who stands above an object that was read: its controller and that one's (pod, ReplicaSet, Deployment). Their labels say when it may
 * be changed, so they are read where the source has maintenance windows; not while an end is watched.
 */
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/kube_work.h"
#include "core/ops/op.h"
#include "strata/mem.h"

static const struct owner_kind { const char *kind, *group, *version, *resource; } kinds[] = {
    {"ReplicaSet", "apps/", "apps/v1", "replicasets"}, {"Deployment", "apps/", "apps/v1", "deployments"}, {"StatefulSet", "apps/", "apps/v1", "statefulsets"},
    {"DaemonSet", "apps/", "apps/v1", "daemonsets"}, {"Job", "batch/", "batch/v1", "jobs"}, {"CronJob", "batch/", "batch/v1", "cronjobs"},
    {"ReplicationController", "v1", "v1", "replicationcontrollers"},
};

bool step_has_windows(const struct op_step *st)
{
    struct source_info info;
    core_info_of(st->op->core, st->src->info.id, &info);
    return info.windows != 0;
}

/* Kinds of others (operators) are not known by their owners: their labels do not count. */
static bool owner_path(struct op_step *st, const json_t *ref, struct str *path)
{
    struct act_ctx c;
    step_ctx(st, &c);
    for (size_t i = 0; ref && *st->scope && i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].kind, act_str(ref, "kind")) && !strncmp(act_str(ref, "apiVersion"), kinds[i].group, strlen(kinds[i].group)) &&
            kube_ns_path(&c, path, kinds[i].version, kinds[i].resource))
            return str_addc(path, '/') && str_add_urlenc(path, act_str(ref, "name")) && !path->failed;
    return false;
}

/* The row asked for it already. */
static json_t *beside(const struct op_step *st, const char *uid)
{
    for (size_t i = 0; *uid && i < ACT_SIDES; i++)
        if (!strcmp(act_str(st->side[i], "metadata.uid"), uid))
            return json_incref(st->side[i]);
    return NULL;
}

static void next(struct op_step *st);

static void on_owner(void *arg, const struct call_reply *reply)
{
    struct op_step *st = arg;
    const struct net_reply *r = reply->net;
    st->call = NULL;
    st->owner_status[st->nowners] = r->status;
    json_t *o = r->err.code == ERR_OK ? json_read(r->body ? r->body : "", r->len, 0, NULL) : NULL;
    st->owner[st->nowners++] = o;
    sides_keep(st, o, r->status);
    next(st);
}

static bool ask(struct op_step *st, const char *path)
{
    struct call_req rq = {.path = path, .done = on_owner, .arg = st};
    struct err err = ERR_INIT;
    mem_free(st->side_path);
    st->side_path = mem_strdup(path);
    st->side_src = st->src;
    step_call(st, st->src, &rq, &err);
    if (!st->call)
        st->nowners++;                     /* not read */
    return st->call != NULL;
}

static void next(struct op_step *st)
{
    bool asked = false, found = true;
    while (found && !asked && st->nowners < STEP_OWNERS && !st->op->core->closing) {
        const json_t *ref = kube_controller(st->nowners ? st->owner[st->nowners - 1] : st->obj);
        struct str path;
        str_init(&path, 65536);
        bool known = owner_path(st, ref, &path);
        const struct op_side *kept = known ? sides_kept(st, st->src, path.data) : NULL;
        json_t *o = kept ? json_incref(kept->json) : beside(st, act_str(ref, "uid"));
        found = o != NULL;
        if (o)
            st->owner[st->nowners++] = o;
        else if (known)
            asked = ask(st, path.data);
        str_release(&path);
    }
    if (!asked)
        st->then(st);
}

void step_owners(struct op_step *st)
{
    if (st->obj && st->kind->plane == PLANE_KUBE && !st->seeing && step_has_windows(st))
        next(st);
    else
        st->then(st);
}

void step_forget_owners(struct op_step *st)
{
    for (size_t i = 0; i < STEP_OWNERS; i++) {
        json_decref(st->owner[i]);
        st->owner[i] = NULL;
        st->owner_status[i] = 0;
    }
    st->nowners = 0;
}
