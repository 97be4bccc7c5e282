/*
 * One object as text: JSON, YAML, or a description with what else belongs to it (pods, endpoints, events).
 */
#include "core/kube/kube_rq.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "strata/yaml_emit.h"

struct fetch {
    struct kube_op op;
    json_t *obj;
    struct describe_in in;
    char notice[200];
    unsigned waiting;              /* answers that are to come */
    bool asked[DESCRIBE_SIDES], renewed;
};

static void fetch_release(struct kube_op *op)
{
    struct fetch *f = (struct fetch *)op;
    json_decref(f->obj);
    for (size_t i = 0; i < DESCRIBE_SIDES; i++) {
        mem_free(f->in.side[i].path);
        json_decref(f->in.side[i].json);
    }
}

static void describe_now(struct fetch *f)
{
    struct str out;
    str_init(&out, 0);
    f->in.now_ms = kube_now_ms(f->op.ks);
    if (!kube_describe(&out, &f->in))
        out.failed = true;
    kube_op_end_str(&f->op, &out, NULL);
}

static void ask_sides(struct fetch *f, bool whole);

/* The events that were asked for ahead are those of an object that is gone: now those of the one that has its name. */
static void events_again(struct fetch *f)
{
    mem_free(f->in.side[0].path);
    json_decref(f->in.side[0].json);
    f->in.side[0] = (struct describe_side){.path = NULL};
    f->asked[0] = false;
    f->renewed = true;
    ask_sides(f, true);
}

static void side_done(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct fetch *f = (struct fetch *)op;
    struct describe_side *side = arg;
    side->json = kube_json(r, &side->err);
    if (side == &f->in.side[0] && f->notice[0] && !f->renewed)
        events_again(f);
    if (--f->waiting == 0)
        describe_now(f);
}

/* Asks for what is needed besides, as far as it is known, each once. f->waiting counts the object itself as well. */
static void ask_sides(struct fetch *f, bool whole)
{
    kube_describe_sides(&f->in, whole);
    for (size_t i = 0; i < DESCRIBE_SIDES; i++) {
        struct describe_side *side = &f->in.side[i];
        if (!side->path || f->asked[i])
            continue;
        f->asked[i] = true;
        f->waiting++;
        if (!kube_op_get(&f->op, side->path, side_done, side, &side->err))
            f->waiting--;
    }
}

/* With the object on its way: a slow server is waited for once, not once for each question. */
static void describe_ahead(struct fetch *f)
{
    const struct request *rq = f->op.rq;
    bool scoped = f->op.kind->flags & KIND_NAMESPACED;
    json_t *meta = json_object(), *named = json_object();
    json_object_set_new(meta, "name", json_string(rq->name));
    if (scoped)
        json_object_set_new(meta, "namespace", json_string(rq->scope && *rq->scope ? rq->scope : kube_default_ns(f->op.ks)));
    if (rq->uid && *rq->uid)
        json_object_set_new(meta, "uid", json_string(rq->uid));
    json_object_set_new(named, "metadata", meta);
    f->in.kind = f->op.kind;
    f->in.source = f->op.source->info.name;
    f->in.obj = named;
    if (named && ((rq->uid && *rq->uid) || f->op.kind->kube->object_kind))
        ask_sides(f, false);
    f->in.obj = NULL;
    json_decref(named);
}

static void describe_more(struct fetch *f)
{
    f->in.obj = f->obj;
    f->in.notice = f->notice[0] ? f->notice : NULL;
    if (f->notice[0] && f->in.side[0].json)
        events_again(f);
    ask_sides(f, true);
    if (--f->waiting == 0)
        describe_now(f);
}

static void write_text(struct fetch *f)
{
    const struct request *rq = f->op.rq;
    struct str out;
    str_init(&out, (size_t)256 << 20);
    if (!(rq->flags & FETCH_MANAGED))
        json_object_del(kube_jget(f->obj, "metadata"), "managedFields");
    if (rq->flags & FETCH_ITEM) {
        if (f->notice[0] && rq->what == FETCH_YAML)
            str_addf(&out, "# %s\n", f->notice);
        list_emit_item(&out, f->obj, rq->what == FETCH_YAML, rq->flags & FETCH_SOURCE ? f->op.source->info.name : NULL);
    } else if (rq->what == FETCH_JSON) {
        json_emit(&out, f->obj, 0);
        str_addc(&out, '\n');
    } else {
        if (f->notice[0])
            str_addf(&out, "# %s\n", f->notice);
        yaml_emit(&out, f->obj);
    }
    kube_op_end_str(&f->op, &out, NULL);
}

static void got(struct kube_op *op, void *arg, const struct net_reply *r)
{
    struct fetch *f = (struct fetch *)op;
    const struct request *rq = op->rq;
    struct err err;
    (void)arg;
    if (r->status == 404) {
        bool scoped = (op->kind->flags & KIND_NAMESPACED) && rq->scope && *rq->scope;
        kube_op_fail(op, ERR_NOTFOUND, "%s %s%s%s does not exist on %s%s", op->kind->singular ? op->kind->singular : op->kind->id,
                     scoped ? rq->scope : "", scoped ? "/" : "", rq->name, op->source->info.name,
                     rq->uid && *rq->uid ? " any more" : "");
        return;
    }
    f->obj = kube_json(r, &err);
    if (!f->obj) {
        err_wrap(&err, "reading %s %s on %s", op->kind->id, rq->name, op->source->info.name);
        kube_op_end(op, NULL, 0, &err);
        return;
    }
    const char *uid = kube_jstr(f->obj, "metadata.uid");
    if (rq->uid && *rq->uid && uid && strcmp(uid, rq->uid) != 0)
        snprintf(f->notice, sizeof f->notice, "This is a new object of the same name: the one that was selected is gone.");
    if (rq->what == FETCH_DESCRIBE)
        describe_more(f);
    else
        write_text(f);
}

static void ask(struct kube_op *op)
{
    struct err err;
    struct str path;
    str_init(&path, 0);
    struct fetch *f = (struct fetch *)op;
    f->waiting = 1;
    kube_op_hold(op);
    if (kube_op_path(op, &path, NULL) && !kube_op_get(op, path.data, got, NULL, &err))
        kube_op_end(op, NULL, 0, &err);
    else if (!op->ended && op->rq->what == FETCH_DESCRIBE)
        describe_ahead(f);
    kube_op_drop(op);
    str_release(&path);
}

void kube_fetch(struct source *s, struct request *rq)
{
    struct fetch *f = kube_op_new(s, rq, sizeof *f, fetch_release);
    if (!f)
        return;
    if (rq->what != FETCH_DESCRIBE && rq->what != FETCH_YAML && rq->what != FETCH_JSON)
        kube_op_fail(&f->op, ERR_UNSUPPORTED, "Kubernetes objects have no such view");
    else
        kube_op_resolve(&f->op, ask);
}
