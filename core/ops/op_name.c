/* What an operation and its steps are called. */
#include <string.h>

#include "core/ops/op.h"
#include "strata/mem.h"
#include "strata/text.h"

char *op_step_name(const struct op_step *st)
{
    struct str s;
    bool scoped = st->kind->plane == PLANE_KUBE && *st->scope;
    str_init(&s, 8192);
    str_addf(&s, "%s %s %s%s%s on %s", st->action->id, st->kind->singular ? st->kind->singular : st->kind->id, scoped ? st->scope : "",
             scoped ? "/" : "", st->name, st->src->info.name);
    return text_take(&s);
}

/* Kubernetes' ids of kinds are plurals, OpenStack's are not. */
static void add_plural(struct str *s, const struct kind *k)
{
    static const char *const odd[][2] = {{"baremetal", "baremetal nodes"}, {"amphora", "amphorae"}};
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        if (!strcmp(k->id, odd[i][0])) {
            str_adds(s, odd[i][1]);
            return;
        }
    str_addf(s, "%s%s", k->id, k->singular && !strcmp(k->singular, k->id) ? "s" : "");
}

/* "delete 3 pods on mgmt"; of several kinds "delete 3 objects". */
static char *many_name(const struct op *op)
{
    struct str s;
    const struct op_step *first = &op->steps[0];
    bool one_source = true, one_kind = true;
    for (size_t j = 1; j < op->ntargets; j++) {
        one_source &= op->steps[j].src == first->src;
        one_kind &= op->steps[j].kind == first->kind;
    }
    str_init(&s, 8192);
    str_addf(&s, "%s %zu ", op->action->id, op->ntargets);
    if (one_kind)
        add_plural(&s, first->kind);
    else
        str_adds(&s, "objects");
    if (one_source)
        str_addf(&s, " on %s", first->src->info.name);
    return text_take(&s);
}

/* What is taken back by the action that did it: "undo of set-image ...". */
static char *back_name(const struct op *op)
{
    const char *was = op->resumed, *id = op->action->id;
    struct str s;
    if (!op->back || !was || strncmp(was, id, strlen(id)) != 0 || was[strlen(id)] != ' ')
        return NULL;
    str_init(&s, 8192);
    str_addf(&s, "undo of %s", was);
    return text_take(&s);
}

bool op_name_it(struct op *op)
{
    bool ok = true, known = op->ntargets > 0;
    for (size_t i = 0; i < op->ntargets; i++)
        known = known && op->steps[i].kind;          /* else it cannot be planned */
    if (!known)
        return (op->title = mem_strdup(op->action->id)) != NULL;
    for (size_t i = 0; i < op->ntargets; i++) {
        struct op_step *st = &op->steps[i];
        mem_free(st->text);
        st->text = op_step_name(st);
        ok &= st->text != NULL;
    }
    mem_free(op->title);
    char *back = back_name(op);
    op->title = back ? back : op->ntargets > 1 ? many_name(op) : op_step_name(&op->steps[0]);
    return ok && op->title;
}
