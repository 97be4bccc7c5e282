/* The guard of operations: what must hold before a plan, at the start and before each request. */
#include "core/ops/guard_op.h"

#include "core/ops/guard.h"
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

static enum err_code source_allows(const struct op *op, const struct op_step *st, struct err *err)
{
    struct source_info info;
    core_info_of(op->core, st->src->info.id, &info);
    return guard_source(&info, op->core->opt, err);
}

/* Labels as the object has them now, "a=b,c=d"; of a cloud's server its metadata. NULL: not read. */
static char *labels_of(const struct op_step *st)
{
    const json_t *map = act_get(st->obj, st->kind->plane == PLANE_KUBE ? "metadata.labels" : "metadata");
    const char *key;
    json_t *v;
    struct str s;
    if (!st->obj)
        return NULL;
    str_init(&s, 65536);
    json_object_foreach((json_t *)map, key, v)
        if (json_is_string(v))
            str_addf(&s, "%s%s=%s", s.len ? "," : "", key, json_string_value(v));
    char *text = s.failed ? NULL : s.len ? str_take(&s) : mem_strdup("");
    str_release(&s);
    return text;
}

enum err_code guard_step_window(const struct op_step *st, int64_t *until_ms, struct err *err)
{
    struct source_info info;
    char *labels = labels_of(st);
    core_info_of(st->op->core, st->src->info.id, &info);
    enum err_code code = guard_window(&info, st->op->core->opt, labels, until_ms, err);
    mem_free(labels);
    return code;
}

#define MAX_NAMED 50

/* What its steps change; as long as these are not known, what was named. */
static size_t touched(const struct op *op)
{
    size_t n = 0;
    for (size_t i = 0; i < op->nsteps; i++)
        n += !op->steps[i].action->compound && (i < op->ntargets || op->steps[i].state == STEP_WAITING);
    return n > op->ntargets ? n : op->ntargets;
}

enum err_code guard_op(struct op *op, struct err *err)
{
    for (size_t i = 0; i < op->nsteps; i++)
        if (source_allows(op, &op->steps[i], err))
            return err->code;
    if ((op->action->flags & ACTION_ONE) && op->ntargets > 1)
        return err_set(err, ERR_USAGE, 0, "%s goes with one object at a time", op->action->id);
    int64_t max = op->core->opt->max_objects;
    size_t n = max < 0 ? op->ntargets : touched(op);       /* a node of many pods is drained without a word about that, unless asked for */
    max = max < 0 ? MAX_NAMED : max;
    if (max > 0 && (int64_t)n > max)
        return err_set(err, ERR_FORBIDDEN, 0, "%zu objects at once are more than the %lld that are allowed: choose fewer, or raise max-objects", n, (long long)max);
    return ERR_OK;
}

/* The protected sources among the targets, then, for what loses data, the object's own name (of several: how many). */
static bool wanted(const struct op *op, struct str *out)
{
    size_t danger = 0;
    const struct op_step *one = NULL;
    for (size_t i = 0; i < op->ntargets; i++) {
        const struct op_step *st = &op->steps[i];
        bool counts = (st->action->flags & ACTION_DANGER) || (st->danger && !st->refused && st->state == STEP_WAITING);
        danger += counts;
        one = counts ? st : one;
    }
    bool told[CORE_MAX_SOURCES] = {false};                 /* of hundreds of objects, each source once */
    for (size_t i = 0; i < op->nsteps; i++) {
        struct source_info info;
        uint16_t id = op->steps[i].src->info.id;
        if (id >= CORE_MAX_SOURCES || told[id])
            continue;
        told[id] = true;
        core_info_of(op->core, id, &info);
        if (info.protected_)
            str_addf(out, "%s%s", out->len ? "," : "", info.name);
    }
    if (danger && out->len)
        str_addc(out, '/');
    if (danger == 1)
        str_adds(out, one->name);
    else if (danger)
        str_addf(out, "%zu", danger);
    return !out->failed;
}

void guard_op_wanted(struct op *op)
{
    struct str s;
    str_init(&s, 65536);
    bool ok = op->dry_run || wanted(op, &s);
    mem_free(op->wanted);
    op->wanted = ok ? text_take(&s) : NULL;
    str_release(&s);
}

enum err_code guard_op_start(struct op *op, const char *typed, struct err *err)
{
    if (guard_op(op, err))
        return err->code;
    guard_op_wanted(op);
    if (!op->wanted)
        return err_set(err, ERR_NOMEM, 0, "out of memory");
    if (*op->wanted && !(typed && text_typed(op->wanted, typed)))
        return err_set(err, ERR_FORBIDDEN, 0, "not confirmed: %s must be typed", op->wanted);
    return ERR_OK;
}

enum err_code guard_step(const struct op_step *st, struct err *err)
{
    int64_t until;
    return source_allows(st->op, st, err) ? err->code : guard_step_window(st, &until, err);
}
