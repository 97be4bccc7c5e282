/* Kinds of the journal that are no built-in ones: the cluster they are of is asked, then the plan goes on. */
#include <string.h>

#include "core/kube/kube.h"
#include "core/ops/op.h"
#include "strata/mem.h"

struct asking { struct core *core; uint32_t op, step; };

static bool take(struct op *op, struct op_step *st, const struct kind *k)
{
    const struct action *row = k ? action_find(st->action->id, k) : NULL;
    if (!row)
        return false;
    if (op->action == st->action)
        op->action = row;
    st->action = row;
    st->kind = k;
    return true;
}

/* Of thousands of that kind, all at once: they are not asked about one within the other. */
static bool take_all(struct op *op, struct op_step *first, const struct kind *k)
{
    for (size_t i = first->index + 1; i < op->ntargets; i++) {
        struct op_step *st = &op->steps[i];
        if (!st->kind && st->src == first->src && !strcmp(st->kind_name, first->kind_name))
            take(op, st, k);               /* one that it does not fit is asked about by itself, and refused */
    }
    return take(op, first, k);
}

static void resolved(void *arg, const struct kind *k, const struct err *err)
{
    struct asking a = *(struct asking *)arg;
    mem_free(arg);
    struct op *op = a.core->closing ? NULL : op_find(a.core, a.op);
    if (!op)
        return;
    struct op_step *st = &op->steps[a.step];
    if (take_all(op, st, k)) {
        op_plan_now(op);
        return;
    }
    op->err = *err;
    if (!err->code)
        err_set(&op->err, ERR_UNSUPPORTED, 0, "strata cannot %s a %.100s", st->action->id, st->kind_name);
    if (!op->title)
        op_name_it(op);
    op_refuse(op, &op->err);
}

bool op_kinds(struct op *op, struct err *err)
{
    for (size_t i = 0; i < op->ntargets; i++) {
        struct op_step *st = &op->steps[i];
        if (st->kind)
            continue;
        if (st->src->info.plane != PLANE_KUBE) {
            err_set(err, ERR_UNSUPPORTED, 0, "there is no kind %.100s on %s", st->kind_name, st->src->info.name);
            return false;
        }
        struct kube_source *ks = kube_source_of(st->src, err);
        struct asking *a = ks ? mem_alloc(sizeof(*a)) : NULL;
        if (a) {
            *a = (struct asking){op->core, op->id, st->index};
            kube_resolve(ks, st->kind_name, resolved, a);      /* may be answered at once: op may be gone */
        } else if (ks) {
            err_set(err, ERR_NOMEM, 0, "out of memory");
        }
        return false;
    }
    return true;
}
