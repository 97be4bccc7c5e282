/* The rollout of a workload: its state, followed until it is done, its history, and what changed between revisions. */
#include "core/kube/kube_rq.h"

#include <string.h>

#include "core/kube/kube_priv.h"
#include "core/ops/kube_work.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define LOOK_MS 1000

struct rollout {
    struct kube_op op;
    json_t *obj;
    struct net_timer *timer;
    char *said;                     /* the last note */
    char uid[64];
    unsigned failed;
};

static void rollout_release(struct kube_op *op)
{
    struct rollout *r = (struct rollout *)op;
    net_timer_cancel(op->source->net, r->timer);
    json_decref(r->obj);
    mem_free(r->said);
}

static bool rolls(const struct kube_op *op)
{
    static const char *const kinds[] = {"deployments", "statefulsets", "daemonsets"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(op->kind->id, kinds[i]))
            return true;
    return false;
}

static void selected(struct kube_op *op, const char *group_version, const char *resource, op_done_fn *done)
{
    struct rollout *r = (struct rollout *)op;
    struct act_ctx c = {.kind = op->kind, .scope = act_str(r->obj, "metadata.namespace"), .name = op->rq->name, .obj = r->obj};
    struct str path;
    struct err err = ERR_INIT;
    str_init(&path, 1 << 20);
    if (!kube_selected_path(&c, &path, group_version, resource))
        kube_op_fail(op, ERR_PROTO, "%s has no selector: its revisions and pods cannot be found", op->rq->name);
    else if (!kube_op_get(op, path.data, done, NULL, &err))
        kube_op_end(op, NULL, 0, &err);
    str_release(&path);
}

/* ---- history and diff ---- */

static void revisions_read(struct kube_op *op, void *arg, const struct net_reply *reply)
{
    struct rollout *r = (struct rollout *)op;
    struct err err = ERR_INIT;
    struct str out;
    int64_t revision = op->rq->revision;
    (void)arg;
    json_t *list = kube_json(reply, &err);
    str_init(&out, 0);
    bool ok = list != NULL;
    if (ok && op->rq->what == FETCH_ROLLOUT_DIFF)
        ok = kube_history_diff(&out, r->obj, list, revision, &err);
    else if (ok && revision)
        ok = kube_history_one(&out, r->obj, list, revision, &err);
    else if (ok)
        ok = kube_history(&out, r->obj, list, kube_now_ms(op->ks));
    json_decref(list);
    if (ok) {
        kube_op_end_str(op, &out, NULL);
        return;
    }
    str_release(&out);
    kube_op_end(op, NULL, 0, &err);
}

/* ---- status ---- */

static void look(void *arg);

static void look_again(struct rollout *r, int64_t ms)
{
    r->timer = net_timer(r->op.source->net, ms, look, r);
    if (!r->timer)
        kube_op_fail(&r->op, ERR_NOMEM, "out of memory");
}

static void pods_read(struct kube_op *op, void *arg, const struct net_reply *reply)
{
    struct rollout *r = (struct rollout *)op;
    struct err ignored = ERR_INIT;
    struct str why, clean;
    (void)arg;
    json_t *pods = kube_json(reply, &ignored);
    str_init(&why, 65536);
    str_init(&clean, 65536);
    enum act_seen seen = kube_rollout_seen(r->obj, pods, &why);
    bool never = !strcmp(act_str(r->obj, "spec.updateStrategy.type"), "OnDelete");
    json_decref(pods);
    text_clean(&clean, why.data, why.len, 0);
    str_release(&why);
    if (never) {
        kube_op_fail(op, ERR_UNSUPPORTED, "%s has the update strategy OnDelete: a rollout ends when somebody has deleted each of its pods", op->rq->name);
    } else if (seen == SEEN_DONE) {
        kube_op_endf(op, "%s \"%s\" successfully rolled out: %s\n", op->kind->singular, op->rq->name, clean.data);
    } else if (seen == SEEN_FAILED) {
        kube_op_fail(op, ERR_TIMEOUT, "%s", clean.data);
    } else {
        if (!r->said || strcmp(r->said, clean.data) != 0) {
            mem_free(r->said);
            r->said = mem_strdup(clean.data);
            request_note(op->rq, "%s", clean.data);
        }
        look_again(r, LOOK_MS);
    }
    str_release(&clean);
}

/* ---- the object ---- */

static void object_read(struct kube_op *op, void *arg, const struct net_reply *reply)
{
    struct rollout *r = (struct rollout *)op;
    struct err err = ERR_INIT;
    (void)arg;
    json_t *obj = kube_json(reply, &err);
    if (!obj && r->said && reply->status == 404) {
        kube_op_fail(op, ERR_NOTFOUND, "%s was deleted", op->rq->name);
        return;
    }
    if (!obj && r->said && err_retryable(err.code)) {       /* an API server that restarts is waited for */
        request_note(op->rq, "waiting for %s: %s", op->source->info.name, err.msg);
        look_again(r, LOOK_MS);
        return;
    }
    if (!obj) {
        kube_op_end(op, NULL, 0, &err);
        return;
    }
    if (*r->uid && strcmp(r->uid, act_str(obj, "metadata.uid")) != 0) {
        json_decref(obj);
        kube_op_fail(op, ERR_NOTFOUND, "%s was deleted, another of that name is there now", op->rq->name);
        return;
    }
    snprintf(r->uid, sizeof r->uid, "%s", act_str(obj, "metadata.uid"));
    json_decref(r->obj);
    r->obj = obj;
    if (op->rq->what == FETCH_ROLLOUT_STATUS)
        selected(op, "v1", "pods", pods_read);
    else
        selected(op, "apps/v1", kube_has_replica_sets(obj) ? "replicasets" : "controllerrevisions", revisions_read);
}

static void read_object(struct kube_op *op)
{
    struct str path;
    struct err err = ERR_INIT;
    if (!rolls(op)) {
        kube_op_fail(op, ERR_USAGE, "a %s is not rolled out: give a Deployment, StatefulSet or DaemonSet", op->kind->singular);
        return;
    }
    str_init(&path, 65536);
    if (kube_op_path(op, &path, NULL) && !kube_op_get(op, path.data, object_read, NULL, &err))
        kube_op_end(op, NULL, 0, &err);
    str_release(&path);
}

static void look(void *arg)
{
    struct rollout *r = arg;
    r->timer = NULL;
    read_object(&r->op);
}

void kube_rollout(struct source *s, struct request *rq)
{
    struct rollout *r = kube_op_new(s, rq, sizeof *r, rollout_release);
    if (r)
        kube_op_resolve(&r->op, read_object);
}
