/* The rest of an operation that another run of strata began, or the way back of what it did, as an operation of its own. */
#include <stdio.h>
#include <string.h>

#include "core/ops/journal_read.h"
#include "core/ops/left.h"
#include "core/ops/op.h"
#include "strata/mem.h"

static struct source *source_named(struct core *c, const char *name)
{
    struct source *s = NULL;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->nsources && !s; i++)
        if (!strcmp(c->info[i].name, name))
            s = c->source[i];
    pthread_mutex_unlock(&c->lock);
    return s;
}

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

static bool take_target(struct op_step *st, const struct action *a, json_t *t, const struct left_step *ls, bool back, struct err *err)
{
    st->src = source_named(st->op->core, act_str(t, "source"));
    st->kind = kind_find(act_str(t, "kind"));
    if (!st->src)
        err_set(err, ERR_NOTFOUND, 0, "its source %.100s is not configured now: start strata with it", act_str(t, "source"));
    else if (!st->kind)
        err_set(err, ERR_UNSUPPORTED, 0, "%.100s is no built-in kind: do the rest of it anew", act_str(t, "kind"));
    if (!st->src || !st->kind || !take_args(st, a, t, ls, back, err))
        return false;
    st->scope = mem_strdup(act_str(t, "scope"));
    st->name = mem_strdup(act_str(t, "name"));
    st->uid = mem_strdup(act_str(t, "uid"));
    st->labels = mem_strdup("");
    if (!back && ls->begun) {
        st->pending = ls->answered ? PENDING_SENT : PENDING_MAYBE;
        st->open_intent = true;
        st->before = json_incref(ls->before);
        st->sent_wall_ms = ls->sent_wall_ms;
        snprintf(st->request_id, sizeof(st->request_id), "%s", ls->request_id ? ls->request_id : "");
    }
    if (!st->scope || !st->name || !st->uid || !st->labels)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    return !err->code;
}

static bool wanted(const struct left_step *s, bool back)
{
    return back ? s->done && s->undo : !s->over;
}

/* Of what was done the row that takes it back: the same for all, or it is done one by one. */
static const struct action *row_of(const struct left *l, const struct kind *k, bool back, struct err *err)
{
    const char *id = back ? NULL : act_str(l->op, "action");
    for (size_t i = 0; back && i < l->nsteps; i++) {
        const struct left_step *s = &l->steps[i];
        if (!wanted(s, back))
            continue;
        if (id && strcmp(id, s->undo) != 0) {
            err_set(err, ERR_UNSUPPORTED, 0, "what was done is taken back by different actions: take it back one by one");
            return NULL;
        }
        id = s->undo;
    }
    const struct action *a = id && k ? action_find(id, k) : NULL;
    if (!a && !err->code)
        err_set(err, ERR_UNSUPPORTED, 0, back && !id ? "there is nothing of it to take back" : "strata does not know this action any more");
    return a;
}

static struct op *make(struct core *c, const struct left *l, bool back, struct err *err)
{
    json_t *targets = json_object_get(l->op, "targets");
    const struct action *a = row_of(l, kind_find(act_str(json_array_get(targets, 0), "kind")), back, err);
    size_t n = 0;
    for (size_t i = 0; i < l->nsteps; i++)
        n += wanted(&l->steps[i], back);
    struct op *op = a ? op_new(c, a, n) : NULL;
    if (a && !op)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    for (size_t i = 0, at = 0; op && !err->code && i < l->nsteps; i++) {
        size_t from = back ? l->nsteps - 1 - i : i;
        if (wanted(&l->steps[from], back))
            take_target(&op->steps[at++], a, json_array_get(targets, from), &l->steps[from], back, err);
    }
    if (op) {
        op->resumes = mem_strdup(act_str(l->op, "key"));
        op->back = back;
        op->at_once = (unsigned)act_num(l->op, "at_once", 1);
        op->at_once = op->at_once ? op->at_once : 1;
        op->keep_going = json_is_true(json_object_get(l->op, "keep_going"));
        op->by_name = true;                   /* it was named then; a uid that is there binds all the same */
        if (!op->resumes)
            err_set(err, ERR_NOMEM, 0, "out of memory");
    }
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
    journal_read(left_line, &all, &err);
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
