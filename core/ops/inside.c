/* Operations that core itself asks for (the self-healing stage): the same plan, guard and journal; who asked is told as it happens. */
#include <assert.h>

#include "core/ops/op.h"
#include "strata/mem.h"

static bool fill(struct op *op, const struct op_inside *in)
{
    struct op_step *st = &op->steps[0];
    struct source_info info;
    core_info_of(op->core, in->source, &info);
    st->src = op->core->source[in->source];
    st->kind = in->kind;
    st->scope = mem_strdup(in->scope);
    st->name = mem_strdup(in->name);
    st->uid = mem_strdup(in->uid);
    st->labels = mem_strdup("");
    op->typed = mem_strdup(in->confirmed_name ? info.name : "");
    bool ok = op_set_args(&op->args, &op->nargs, op->action, in->args, in->nargs);
    st->args = op->args;
    st->nargs = op->nargs;
    op->dry_run = in->dry_run;
    op->at_once = 1;
    op->told = in->told;
    op->told_arg = in->arg;
    return ok && st->scope && st->name && st->uid && st->labels && op->typed;
}

bool op_inside(struct core *c, const struct op_inside *in, struct err *err)
{
    const struct action *a = action_find(in->action, in->kind);
    struct op *op = a ? op_new(c, a, 1) : NULL;
    core_assert_net(c);
    if (op && fill(op, in)) {
        op_plan_now(op);
        return true;
    }
    op_free(op);
    if (a)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    else
        err_set(err, ERR_UNSUPPORTED, 0, "strata cannot %s a %s", in->action, in->kind->singular);
    return false;
}

void op_inside_forget(struct core *c, const void *arg)
{
    for (struct op *op = c->ops->list; op; op = op->next)
        if (op->told && op->told_arg == arg)
            op->told = NULL;
}

void op_inside_tell(struct op *op, const struct op_told *t)
{
    void (*told)(void *arg, const struct op_told *t) = op->told;
    if (t->what == OP_ENDED)
        op->told = NULL;
    if (told)
        told(op->told_arg, t);
}
