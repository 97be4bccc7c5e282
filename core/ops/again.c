/* The rest of an operation that another run of strata began, or the way back of what it did, as an operation of its own. */
#include <stdio.h>
#include <string.h>

#include "core/ops/left.h"
#include "core/ops/op.h"
#include "strata/mem.h"

/* Arguments of a target: of the line, or of what takes it back. A secret that was hidden is not there any more. */
static bool take_args(struct op_step *st, const struct action *a, json_t *target, const struct left_step *ls, bool back, struct err *err)
{
    struct op_arg *args = NULL;
    size_t n = 0, cap = 0;
    const char *key;
    json_t *v;
    bool ok = true;
    if (back) {
        ok = op_split_args(&args, &n, ls->undo_args);
    } else {
        json_object_foreach(json_object_get(target, "args"), key, v) {
            if (!strcmp(json_string_value(v) ? json_string_value(v) : "", "***")) {
                err_set(err, ERR_UNSUPPORTED, 0, "its argument %s was a secret, which the journal does not keep: do it anew", key);
                op_args_free(args, n);
                return false;
            }
            ok = ok && mem_grow(&args, &cap, n + 1, sizeof(*args));
            if (!ok)
                break;
            args[n] = (struct op_arg){.name = mem_strdup(key), .value = mem_strdup(json_string_value(v) ? json_string_value(v) : "")};
            ok = args[n].name && args[n].value;
            n++;
        }
    }
    ok = ok && op_set_args(&st->args, &st->nargs, a, args, n);
    st->own_args = true;
    op_args_free(args, n);
    if (!ok)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    return ok;
}

/* What was sent, and its answer not seen or its end not known: it is looked at before anything is sent. */
static void take_pending(struct op_step *st, const struct left_step *ls)
{
    st->pending = ls->answered ? PENDING_SENT : PENDING_MAYBE;
    st->open_intent = true;
    st->before = json_incref(ls->before);
    st->sent_wall_ms = ls->sent_wall_ms;
    const struct action *undo = ls->undo ? action_find(ls->undo, st->kind) : NULL;
    st->undo_id = undo ? undo->id : NULL;
    st->undo_args = mem_strdup(ls->undo_args ? ls->undo_args : "");
    snprintf(st->request_id, sizeof(st->request_id), "%s", ls->request_id ? ls->request_id : "");
}

static void not_here(struct err *err, const json_t *t)
{
    const struct kind *k = kind_find(act_str(t, "kind"));
    err_set(err, ERR_NOTFOUND, 0, "its source %.100s is not here now: name it, %s %.100s", act_str(t, "source"),
            k && k->plane == PLANE_OPENSTACK ? "--cloud" : "--context", act_str(t, "source"));
}

static bool take_target(struct op_step *st, const struct action *a, const struct left_step *ls, bool back, struct err *err)
{
    json_t *t = ls->what;
    st->action = a;
    st->src = op_source(st->op->core, act_str(t, "source"));
    st->kind = kind_find(act_str(t, "kind"));
    st->kind_name = mem_strdup(act_str(t, "kind"));
    if (!st->src)
        not_here(err, t);
    if (!st->src || !take_args(st, a, t, ls, back, err))
        return false;
    st->scope = mem_strdup(act_str(t, "scope"));
    st->name = mem_strdup(act_str(t, "name"));
    st->uid = mem_strdup(act_str(t, "uid"));
    st->labels = mem_strdup("");
    if (!back && ls->begun && !ls->over)
        take_pending(st, ls);
    if (!st->scope || !st->name || !st->uid || !st->labels || !st->kind_name)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    return !err->code;
}

/* A step of a compound, in the state in which it was left. */
static bool take_part(struct op_step *parent, const struct left_step *ls, uint32_t *now, struct err *err)
{
    json_t *t = ls->what;
    const struct kind *k = kind_find(act_str(t, "kind"));
    const struct action *a = k ? action_find(act_str(t, "action"), k) : NULL;
    struct source *src = op_source(parent->op->core, act_str(t, "source"));
    struct op_step *st = a && src ? compound_keep(parent, a, src, k, act_str(t, "scope"), act_str(t, "name"), act_str(t, "uid")) : NULL;
    if (a && !src)
        not_here(err, t);
    if (!st || !take_args(st, a, t, ls, false, err))
        return err->code ? false : !err_set(err, ERR_NOMEM, 0, "out of memory, or an action that strata does not know any more");
    st->first = json_is_true(json_object_get(t, "first"));
    st->tidies = json_is_true(json_object_get(t, "tidies"));
    st->stays = json_is_true(json_object_get(t, "stays"));
    *now = st->index;
    if (ls->over && ls->done) {
        st->state = STEP_DONE;
        st->note = mem_strdup("done before strata was gone");
        const struct action *undo = ls->undo ? action_find(ls->undo, k) : NULL;
        st->undo_id = undo ? undo->id : NULL;
        st->undo_args = mem_strdup(ls->undo_args ? ls->undo_args : "");
    } else if (ls->begun && !ls->over) {
        take_pending(st, ls);
    }
    return true;
}

static bool wanted(const struct left *l, size_t i, bool back)
{
    const struct left_step *s = &l->steps[i];
    return back ? s->undo && (s->begun || s->done) : i < l->ntargets && !s->over;
}

/* The row of a step, or of what takes it back. */
static const struct action *row_of(const struct left *l, size_t i, bool back)
{
    const char *own = act_str(l->steps[i].what, "action");
    return action_find(back ? l->steps[i].undo : *own ? own : act_str(l->op, "action"), kind_find(act_str(l->steps[i].what, "kind")));
}

static const struct action *row_of_all(const struct left *l, bool back, size_t *n, struct err *err)
{
    const struct action *a = NULL;
    for (size_t i = 0; i < l->nsteps; i++) {
        if (!wanted(l, i, back))
            continue;
        const struct action *one = row_of(l, i, back);
        if (!one) {
            err_set(err, ERR_UNSUPPORTED, 0, "strata does not know this action any more");
            return NULL;
        }
        a = a && a != one ? &op_mixed : one;
        ++*n;
    }
    if (!a && back)
        err_set(err, ERR_UNSUPPORTED, 0, "there is nothing of it to take back");
    return a ? a : action_find(act_str(l->op, "action"), NULL);
}

/* Steps whose intent has no outcome: the way back gives them one. */
static void take_lost(struct op *op, const struct left *l)
{
    op->lost = json_array();
    for (size_t i = 0; i < l->nsteps; i++) {
        if (!l->steps[i].begun || l->steps[i].over)
            continue;
        json_t *what = json_deep_copy(l->steps[i].what);
        const char *own = act_str(what, "action");
        json_object_set_new(what, "action", json_string(*own ? own : act_str(l->op, "action")));
        json_object_set_new(what, "step", json_integer((json_int_t)l->steps[i].index));
        json_array_append_new(op->lost, what);
    }
}

static void take_parts(struct op *op, const struct left *l, uint32_t *now, struct err *err)
{
    for (size_t i = l->ntargets; i < l->nsteps && !err->code; i++) {
        int64_t parent = act_num(l->steps[i].what, "parent", -1);
        if (parent >= 0 && (size_t)parent < i && now[parent] != UINT32_MAX)
            take_part(&op->steps[now[parent]], &l->steps[i], &now[i], err);
    }
}

static struct op *make(struct core *c, const struct left *l, bool back, struct err *err)
{
    size_t n = 0, at = 0;
    const struct action *a = row_of_all(l, back, &n, err);
    uint32_t *now = mem_alloc((l->nsteps + 1) * sizeof(*now));
    struct op *op = a && now && !err->code ? op_new(c, a, n) : NULL;
    if (!op && !err->code)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0; op && !err->code && i < l->nsteps; i++) {
        size_t from = back ? l->nsteps - 1 - i : i;
        now[from] = UINT32_MAX;
        if (!wanted(l, from, back))
            continue;
        now[from] = (uint32_t)at;
        take_target(&op->steps[at++], row_of(l, from, back), &l->steps[from], back, err);
    }
    if (op) {
        op->resumes = mem_strdup(act_str(l->op, "key"));
        op->back = back;
        op->at_once = (unsigned)act_num(l->op, "at_once", 1);
        op->at_once = op->at_once ? op->at_once : 1;
        op->keep_going = json_is_true(json_object_get(l->op, "keep_going"));
        op->undo_failed = op->undo_canceled = !back && json_is_true(json_object_get(l->op, "undo_on_failure"));
        op->by_name = true;                   /* it was named then; a uid that is there binds all the same */
        if (!op->resumes)
            err_set(err, ERR_NOMEM, 0, "out of memory");
    }
    if (op && back)
        take_lost(op, l);
    else if (op && !err->code)
        take_parts(op, l, now, err);
    mem_free(now);
    if (!err->code)
        return op;
    op_free(op);
    return NULL;
}

uint32_t core_op_again(struct core *c, const char *key, bool back)
{
    static const struct action none = {.id = "resume"};
    struct lefts all = {0};
    struct err err = ERR_INIT;
    struct op *op = NULL;
    lefts_load(&all, key, &err);
    const struct left *l = lefts_find(&all, key);
    err = (struct err)ERR_INIT;
    if (!l)
        err_set(&err, ERR_NOTFOUND, 0, "the journal has no operation %.60s", key);
    else if (l->ended && !back)
        err_set(&err, ERR_USAGE, 0, "this operation has ended: there is nothing to go on with");
    else if (!l->ended && left_alive(l))
        err_set(&err, ERR_FORBIDDEN, 0, "the strata that does this is still there (process %d)", (int)act_num(l->op, "pid", 0));
    else
        op = make(c, l, back, &err);
    lefts_release(&all);
    if (op)
        return op_adopt(op);
    op = op_new(c, &none, 0);
    if (!op)
        return 0;
    op->err = err;
    return op_adopt(op);
}
