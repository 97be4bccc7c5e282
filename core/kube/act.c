/*
 * Deletes or scales one object, bound to its uid: another object that took the name is never hit. Only who may delete an
 * object and not read it deletes by name.
 */
#include "core/kube/kube_rq.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

struct act {
    struct kube_op op;
    char what[400];          /* "pod openstack/nova-0 on mgmt", clean */
};

static void describe_target(struct act *a)
{
    const struct request *rq = a->op.rq;
    const struct kind *k = a->op.kind;
    bool scoped = (k->flags & KIND_NAMESPACED) && rq->scope && *rq->scope;
    struct str s;
    str_init(&s, 4096);
    text_clean(&s, rq->name, strlen(rq->name), 0);
    snprintf(a->what, sizeof a->what, "%s %s%s%s on %s", k->singular ? k->singular : k->id, scoped ? rq->scope : "",
             scoped ? "/" : "", s.data ? s.data : "?", a->op.source->info.name);
    str_release(&s);
}

/* The API server writes "now plus grace"; who wants to know when it accepted, gets now. */
static void note_deletion(struct request *rq, const json_t *j, int64_t grace)
{
    const char *at = kube_jstr(j, "metadata.deletionTimestamp");
    if (at && text_parse_time(at, strlen(at), &rq->deletion_ms))
        rq->deletion_ms -= grace > 0 ? grace * 1000 : 0;
}

/* The answer is the object itself while it terminates, else a Status. */
static void deleted(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct act *a = (struct act *)op;
    (void)arg;
    bool dry = op->rq->dry_run;
    op->rq->answered_us = clock_mono_us();
    if (r->status == 404 && op->rq->by_name) {
        kube_op_fail(op, ERR_NOTFOUND, "not deleted: %s does not exist", a->what);
        return;
    }
    if (r->status == 404) {
        kube_op_endf(&a->op, "%s is already gone", a->what);
        return;
    }
    if (r->status == 409 && r->body && strstr(r->body, "UID in the precondition")) {
        kube_op_fail(op, ERR_CONFLICT, "not deleted: %s is another object of that name now", a->what);
        return;
    }
    if (r->err.code != ERR_OK) {
        struct err err = r->err;
        if (r->sent && r->status < 300)   /* sent, or even accepted, but the answer is missing or cut */
            err_wrap(&err, "deleting %s, no whole answer, it may have been done", a->what);
        else
            err_wrap(&err, "not deleted: %s", a->what);
        kube_op_end(op, NULL, 0, &err);
        return;
    }
    struct err err;
    json_t *j = kube_json(r, &err);
    int64_t grace = kube_jint(j, "metadata.deletionGracePeriodSeconds", -1);
    bool going = kube_jstr(j, "metadata.deletionTimestamp") != NULL;
    note_deletion(op->rq, j, grace);
    size_t finalizers = json_array_size(kube_jget(j, "metadata.finalizers"));
    json_decref(j);
    if (dry)
        kube_op_endf(&a->op, "%s would be deleted (server dry run)", a->what);
    else if (going && finalizers)
        kube_op_endf(&a->op, "%s is being deleted, waiting for %zu finalizer%s", a->what, finalizers, finalizers == 1 ? "" : "s");
    else if (going && grace > 0)
        kube_op_endf(&a->op, "%s is being deleted (grace %" PRId64 " s)", a->what, grace);
    else if (going)
        kube_op_endf(&a->op, "%s is being deleted", a->what);
    else
        kube_op_endf(&a->op, "%s deleted%s", a->what, op->rq->force ? " by force" : "");
}

static void send_delete(struct kube_op *op)
{
    struct act *a = (struct act *)op;
    const struct request *rq = op->rq;
    struct str path, body;
    describe_target(a);
    bool bound = rq->uid && *rq->uid;
    if (!bound && !rq->by_name) {
        kube_op_fail(op, ERR_USAGE, "not deleted: the uid of %s is not known", a->what);
        return;
    }
    str_init(&path, 0);
    str_init(&body, 0);
    if (!kube_op_path(op, &path, NULL))
        goto out;
    int64_t grace = rq->force ? 0 : rq->grace_s;
    str_adds(&body, "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"propagationPolicy\":\"Background\"");
    if (bound) {
        str_adds(&body, ",\"preconditions\":{\"uid\":");
        str_add_json(&body, rq->uid, strlen(rq->uid));
        str_addc(&body, '}');
    }
    if (grace >= 0)
        str_addf(&body, ",\"gracePeriodSeconds\":%" PRId64, grace);
    if (rq->dry_run)
        str_adds(&body, ",\"dryRun\":[\"All\"]");
    str_addc(&body, '}');
    struct err err;
    op->rq->sent_us = clock_mono_us();
    struct kube_req req = {.method = "DELETE", .path = path.data, .content_type = "application/json", .body = body.data,
                           .body_len = body.len};
    if (path.failed || body.failed)
        kube_op_fail(op, ERR_NOMEM, "out of memory");
    else if (!kube_op_send(op, &req, deleted, NULL, NULL, &err))
        kube_op_end(op, NULL, 0, &err);
out:
    str_release(&path);
    str_release(&body);
}

/* ---- scale ---- */

static void scaled(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct act *a = (struct act *)op;
    (void)arg;
    if (r->status == 409 && r->body && strstr(r->body, "UID in precondition")) {
        kube_op_fail(op, ERR_CONFLICT, "not scaled: %s is another object of that name now", a->what);
    } else if (r->err.code != ERR_OK) {
        struct err err = r->err;
        err_wrap(&err, "not scaled: %s", a->what);
        kube_op_end(op, NULL, 0, &err);
    } else {
        kube_op_endf(&a->op, "%s is scaled to %" PRId64, a->what, op->rq->replicas);
    }
}

static void send_scale(struct kube_op *op)
{
    const struct request *rq = op->rq;
    struct str path, body;
    struct err err;
    describe_target((struct act *)op);
    str_init(&path, 0);
    str_init(&body, 0);
    str_adds(&body, "{\"metadata\":{\"uid\":");
    str_add_json(&body, rq->uid ? rq->uid : "", rq->uid ? strlen(rq->uid) : 0);
    str_addf(&body, "},\"spec\":{\"replicas\":%" PRId64 "}}", rq->replicas);
    if (kube_op_path(op, &path, "scale")) {
        struct kube_req req = {.method = "PATCH", .path = path.data, .content_type = "application/merge-patch+json", .body = body.data, .body_len = body.len};
        if (path.failed || body.failed)
            kube_op_fail(op, ERR_NOMEM, "out of memory");
        else if (!rq->uid || !*rq->uid)
            kube_op_fail(op, ERR_USAGE, "not scaled: the uid of %s is not known", ((struct act *)op)->what);
        else if (!kube_op_send(op, &req, scaled, NULL, NULL, &err))
            kube_op_end(op, NULL, 0, &err);
    }
    str_release(&path);
    str_release(&body);
}

void kube_act(struct source *s, struct request *rq)
{
    struct act *a = kube_op_new(s, rq, sizeof *a, NULL);
    if (!a)
        return;
    bool scale = rq->verb && !strcasecmp(rq->verb, "scale");
    if (!rq->verb || (!scale && strcasecmp(rq->verb, "delete") != 0)) {
        kube_op_fail(&a->op, ERR_UNSUPPORTED, "\"%s\" is not an action of Kubernetes objects here", rq->verb ? rq->verb : "");
        return;
    }
    kube_op_resolve(&a->op, scale ? send_scale : send_delete);
}
