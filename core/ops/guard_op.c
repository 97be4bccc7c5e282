/* The guard of operations: what must hold before a plan, at the start and before each request. */
#include "core/ops/guard_op.h"

#include "core/ops/guard.h"
#include "core/ops/kube_work.h"
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

/* "a=b,c=d" of labels, of a cloud's server of its metadata. NULL: memory. */
static char *labels_of(const json_t *map)
{
    const char *key;
    json_t *v;
    struct str s;
    str_init(&s, 65536);
    json_object_foreach((json_t *)map, key, v)
        if (json_is_string(v))
            str_addf(&s, "%s%s=%s", s.len ? "," : "", key, json_string_value(v));
    char *text = s.failed ? NULL : s.len ? str_take(&s) : mem_strdup("");
    str_release(&s);
    return text;
}

/* Who is asked about: the step, by the labels of itself and of what goes with it. */
struct asked { const struct op_step *st; struct source_info info; int64_t until; struct err *err; bool above; };

/* who: NULL the object itself. */
static bool may_labels(struct asked *a, const char *labels, const char *who)
{
    int64_t until = 0;
    struct err err = ERR_INIT;
    bool shut = guard_window(&a->info, a->st->op->core->opt, labels, &until, &err) != ERR_OK;
    if (shut && who)
        err_set(a->err, err.code, 0, "%s %s: %s", who, a->above ? "has it" : "goes with it", err.msg);
    else if (shut)
        *a->err = err;
    if (until && (!a->until || until < a->until))
        a->until = until;
    return !shut;
}

static bool may_map(struct asked *a, const json_t *map, const char *who)
{
    char *labels = labels_of(map);
    bool may = may_labels(a, labels, who);
    mem_free(labels);
    return may;
}

/* An object, and the pods that it makes. */
static bool may_object(struct asked *a, const json_t *obj, const char *who)
{
    static const char *const templates[] = {"spec.template.metadata.labels", "spec.jobTemplate.spec.template.metadata.labels"};
    if (!may_map(a, act_get(obj, a->st->kind->plane == PLANE_KUBE ? "metadata.labels" : "metadata"), who))
        return false;
    for (size_t i = 0; a->st->kind->plane == PLANE_KUBE && i < sizeof(templates) / sizeof(templates[0]); i++)
        if (act_get(obj, templates[i]) && !may_map(a, act_get(obj, templates[i]), who ? who : "each of its pods"))
            return false;
    return true;
}

/* What stands beside it in lists goes with it; a list that could not be read may have anything in it. */
static bool may_lists(struct asked *a)
{
    const struct op_step *st = a->st;
    if (!st->side_status[0])
        return may_labels(a, NULL, "what cannot be read");
    for (size_t i = 0; i < ACT_SIDES; i++) {
        const json_t *items = json_object_get(st->side[i], "items");
        const char *kind = act_str(st->side[i], "kind");
        if (st->side_status[i] && st->side_status[i] != 404 && !json_is_array(items))
            return may_labels(a, NULL, "what cannot be read");
        for (size_t k = 0; k < json_array_size(items); k++) {
            const json_t *o = json_array_get(items, k);
            char who[400];
            snprintf(who, sizeof(who), "%.*s %.150s/%.150s", (int)(strlen(kind) > 4 ? strlen(kind) - 4 : 0), kind, act_str(o, "metadata.namespace"), act_str(o, "metadata.name"));
            if (!may_object(a, o, who))
                return false;
        }
    }
    return true;
}

/* Its controller, and what controls that: what cannot be read may bear any label. */
static bool may_owners(struct asked *a)
{
    const struct op_step *st = a->st;
    const json_t *of = st->obj;
    a->above = true;
    for (size_t i = 0; i < st->nowners; of = st->owner[i++]) {
        const json_t *ref = kube_controller(of);
        char who[300];
        snprintf(who, sizeof(who), "%.60s %.150s", act_str(ref, "kind"), act_str(ref, "name"));
        if (!st->owner[i])
            return st->owner_status[i] == 404 || may_labels(a, NULL, who);
        if (strcmp(act_str(ref, "uid"), act_str(st->owner[i], "metadata.uid")) != 0)
            return true;                   /* another one of that name */
        if (!may_object(a, st->owner[i], who))
            return false;
    }
    return true;
}

enum err_code guard_step_window(struct op_step *st, int64_t *until_ms, struct err *err)
{
    struct asked a = {.st = st, .err = err};
    struct act_ctx c;
    core_info_of(st->op->core, st->src->info.id, &a.info);
    *until_ms = 0;
    if (!a.info.windows)
        return ERR_OK;
    step_ctx(st, &c);
    enum act_takes takes = st->obj && st->action->takes ? st->action->takes(&c) : TAKES_ITSELF;
    bool may = !st->obj ? may_labels(&a, NULL, NULL) : may_object(&a, st->obj, NULL) && may_owners(&a);
    a.above = false;
    if (may && takes == TAKES_LISTS)
        may = may_lists(&a);
    else if (may && takes == TAKES_UNKNOWN)
        may = may_labels(&a, NULL, "what nobody named");
    *until_ms = a.until;
    return may ? ERR_OK : err->code;
}

#define MAX_NAMED_OBJECTS 50
#define MAX_OBJECTS 250                /* with what goes with them: the pods of a full node */

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
    int64_t given = op->core->opt->max_objects, max = given < 0 ? MAX_NAMED_OBJECTS : given;
    size_t n = op->ntargets;
    if (max <= 0 || (int64_t)n <= max) {
        max = given < 0 ? MAX_OBJECTS : given;
        n = touched(op);
    }
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

enum err_code guard_step(struct op_step *st, struct err *err)
{
    int64_t until;
    return source_allows(st->op, st, err) ? err->code : guard_step_window(st, &until, err);
}
