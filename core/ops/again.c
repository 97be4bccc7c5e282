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
    st->left = ls->left ? mem_strdup(ls->left) : NULL;
    snprintf(st->request_id, sizeof(st->request_id), "%s", ls->request_id ? ls->request_id : "");
}

static void not_here(struct err *err, const json_t *t)
{
    const struct kind *k = kind_find(act_str(t, "kind"));
    err_set(err, ERR_NOTFOUND, 0, "its %s %.100s is not open here: start strata with %s %.100s",
            k && k->plane == PLANE_OPENSTACK ? "cloud" : "cluster", act_str(t, "source"), k && k->plane == PLANE_OPENSTACK ? "--cloud" : "--context", act_str(t, "source"));
}

/* Its answer was never seen: what it would have set is what it left, as far as its way back sets the same. */
static bool take_lost(struct op_step *st, const struct action *a, const struct left *of, const struct left_step *ls)
{
    const char *key, *own = act_str(ls->what, "action"), *did = *own ? own : act_str(of->op, "action");
    json_t *v;
    struct str s;
    st->lost = true;
    if (strcmp(did, a->id) != 0)
        return true;
    str_init(&s, 65536);
    json_object_foreach(json_object_get(ls->what, "args"), key, v)
        str_addf(&s, "%s=%s\n", key, json_string_value(v) ? json_string_value(v) : "");
    bool ok = !s.failed && (!s.len || (st->found = str_take(&s)));
    str_release(&s);
    return ok;
}

static bool take_target(struct op_step *st, const struct action *a, const struct left *of, const struct left_step *ls, bool back, struct err *err)
{
    json_t *t = ls->what;
    st->action = a;
    st->kind = kind_find(act_str(t, "kind"));
    st->src = op_source(st->op->core, st->kind ? st->kind->plane : PLANE_KUBE, act_str(t, "source"));
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
    if (back && ls->left && !(st->found = mem_strdup(ls->left)))
        err_set(err, ERR_NOMEM, 0, "out of memory");
    if (back && !ls->left && ls->begun && !ls->over && !ls->answered && !take_lost(st, a, of, ls))
        err_set(err, ERR_NOMEM, 0, "out of memory");
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
    struct source *src = op_source(parent->op->core, k ? k->plane : PLANE_KUBE, act_str(t, "source"));
    struct op_step *st = a && src ? compound_keep(parent, a, src, k, act_str(t, "scope"), act_str(t, "name"), act_str(t, "uid")) : NULL;
    if (a && !src)
        not_here(err, t);
    if (!st || !take_args(st, a, t, ls, false, err))
        return err->code ? false : !err_set(err, ERR_NOMEM, 0, "out of memory, or an action that strata does not know any more");
    st->first = json_is_true(json_object_get(t, "first"));
    st->tidies = json_is_true(json_object_get(t, "tidies"));
    st->stays = json_is_true(json_object_get(t, "stays"));
    *now = st->index;
    st->earlier = ls->begun || (ls->over && ls->done);
    if (ls->over && ls->done) {
        st->state = STEP_DONE;
        st->note = mem_strdup("done before strata was gone");
        const struct action *undo = ls->undo ? action_find(ls->undo, k) : NULL;
        st->undo_id = undo ? undo->id : NULL;
        st->undo_args = mem_strdup(ls->undo_args ? ls->undo_args : "");
        st->left = ls->left ? mem_strdup(ls->left) : NULL;
    } else if (ls->begun && !ls->over) {
        take_pending(st, ls);
    }
    return true;
}

/* ---- which steps ---- */

struct pick { const struct left *of; size_t at; };
struct picks { struct pick *item; size_t n, cap; bool failed; };

static void pick(struct picks *p, const struct left *of, size_t at)
{
    p->failed = p->failed || !mem_grow(&p->item, &p->cap, p->n + 1, sizeof(*p->item));
    if (!p->failed)
        p->item[p->n++] = (struct pick){of, at};
}

/* The target that it is, or is a step of, had ended: whoever went on with the operation did not take it along. */
static bool stayed(const struct left *l, size_t i)
{
    for (int64_t up; (up = act_num(l->steps[i].what, "parent", -1)) >= 0 && (size_t)up < i;)
        i = (size_t)up;
    return l->steps[i].over;
}

/* The way back: of the last run, then of those that it went on with, each from its end. */
static void pick_back(struct picks *p, const struct lefts *all, const struct left *l)
{
    const struct left *of = l;
    for (size_t n = 0; of && n <= all->n; of = lefts_find(all, act_str(of->op, "resumes")), n++)
        for (size_t i = of->nsteps; i-- > 0;) {
            const struct left_step *s = &of->steps[i];
            if (s->undo && (s->done || (of == l && s->begun)) && (of == l || stayed(of, i)))
                pick(p, of, i);
        }
}

static void pick_rest(struct picks *p, const struct left *l)
{
    for (size_t i = 0; i < l->ntargets; i++)
        if (!l->steps[i].over)
            pick(p, l, i);
}

/* The row of a step, or of what takes it back. */
static const struct action *row_of(const struct pick *p, bool back)
{
    const struct left_step *s = &p->of->steps[p->at];
    const char *own = act_str(s->what, "action");
    return action_find(back ? s->undo : *own ? own : act_str(p->of->op, "action"), kind_find(act_str(s->what, "kind")));
}

static const struct action *row_of_all(const struct picks *p, const struct left *l, bool back, struct err *err)
{
    const struct action *a = NULL;
    for (size_t i = 0; i < p->n; i++) {
        const struct action *one = row_of(&p->item[i], back);
        if (!one) {
            err_set(err, ERR_UNSUPPORTED, 0, "strata does not know this action any more");
            return NULL;
        }
        a = a && a != one ? &op_mixed : one;
    }
    if (p->failed)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    else if (!a && back)
        err_set(err, ERR_UNSUPPORTED, 0, "there is nothing of it to take back");
    return a ? a : action_find(act_str(l->op, "action"), NULL);
}

static void take_parts(struct op *op, const struct left *l, uint32_t *now, struct err *err)
{
    for (size_t i = l->ntargets; i < l->nsteps && !err->code; i++) {
        int64_t parent = act_num(l->steps[i].what, "parent", -1);
        if (parent >= 0 && (size_t)parent < i && now[parent] != UINT32_MAX)
            take_part(&op->steps[now[parent]], &l->steps[i], &now[i], err);
    }
}

static struct op *fill(struct core *c, const struct picks *p, const struct left *l, bool back, uint32_t *now, struct err *err)
{
    const struct action *a = row_of_all(p, l, back, err);
    struct op *op = a && !err->code ? op_new(c, a, p->n) : NULL;
    if (!op) {
        if (!err->code)
            err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < p->n && !err->code; i++) {
        const struct pick *one = &p->item[i];
        if (!back)
            now[one->at] = (uint32_t)i;
        take_target(&op->steps[i], row_of(one, back), one->of, &one->of->steps[one->at], back, err);
    }
    op->resumes = mem_strdup(act_str(l->op, "key"));
    op->resumed = mem_strdup(act_str(l->op, "title"));
    op->back = back;
    op->at_once = (unsigned)act_num(l->op, "at_once", 1);
    op->at_once = op->at_once ? op->at_once : 1;
    op->keep_going = json_is_true(json_object_get(l->op, "keep_going"));
    op->undo_failed = op->undo_canceled = !back && json_is_true(json_object_get(l->op, "undo_on_failure"));
    op->by_name = true;                   /* it was named then; a uid that is there binds all the same */
    if (back)
        op->lost = left_lost(l);
    else if (!err->code)
        take_parts(op, l, now, err);
    if (!op->resumes && !err->code)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    return op;
}

static struct op *make(struct core *c, const struct lefts *all, const struct left *l, bool back, struct err *err)
{
    struct picks p = {0};
    uint32_t *now = mem_alloc((l->nsteps + 1) * sizeof(*now));
    for (size_t i = 0; now && i < l->nsteps; i++)
        now[i] = UINT32_MAX;
    if (back)
        pick_back(&p, all, l);
    else
        pick_rest(&p, l);
    struct op *op = now ? fill(c, &p, l, back, now, err) : NULL;
    if (!now)
        err_set(err, ERR_NOMEM, 0, "out of memory");
    mem_free(now);
    mem_free(p.item);
    if (!err->code)
        return op;
    op_free(op);
    return NULL;
}

/* Another operation goes on with it, or took it back already. */
static void taken_over(const struct lefts *all, const struct left *l, bool back, struct err *err)
{
    const struct left *by = l->by ? lefts_find(all, l->by) : NULL;
    const char *key = act_str(l->op, "key");
    bool rest = by && !strcmp(act_str(by->op, "resumes"), key);
    for (size_t n = 0; by && !rest && n < all->n; n++) {         /* a way back that was gone on with */
        const struct left *next = by->by ? lefts_find(all, by->by) : NULL;
        if (!next || strcmp(act_str(next->op, "resumes"), act_str(by->op, "key")) != 0)
            break;
        by = next;
    }
    if (rest)
        err_set(err, ERR_FORBIDDEN, 0, "it was gone on with as %.60s: %s", l->by, back ? "take that one back, it takes this one along" : "see how that one stands");
    else if (by && back && !by->ended)
        err_set(err, ERR_FORBIDDEN, 0, "%.60s takes it back and has not ended: go on with that one", act_str(by->op, "key"));
    else if (by && back && by->result && !strcmp(by->result, op_state_name(OPS_DONE)))
        err_set(err, ERR_FORBIDDEN, 0, "it was taken back already, by %.60s", act_str(by->op, "key"));
}

#define GOING_SHOWN 5

/* What was under way when strata ended, and has no way back: nobody stops it by taking back the rest. */
static void say_going(struct op *op)
{
    size_t n = 0, i;
    json_t *what;
    json_array_foreach(op->lost, i, what) {
        const struct kind *k = kind_find(act_str(what, "kind"));
        char text[300];
        if (json_is_true(json_object_get(what, "back")))
            continue;
        snprintf(text, sizeof(text), "%.60s %.60s %.100s was under way when strata ended: it goes on by itself, and is not taken back", act_str(what, "action"),
                 k ? k->singular : act_str(what, "kind"), act_str(what, "name"));
        if (n++ < GOING_SHOWN)
            op_fact(op, FACT_CAUTION, UINT32_MAX, text);
    }
    if (n > GOING_SHOWN) {
        char text[80];
        snprintf(text, sizeof(text), "and %zu more that go on by themselves", n - GOING_SHOWN);
        op_fact(op, FACT_CAUTION, UINT32_MAX, text);
    }
}

/* all: of the journal, with what was done before and after the one with this key. */
static struct op *again(struct core *c, const struct lefts *all, const char *key, bool back, struct err *err)
{
    struct op *op = NULL;
    const struct left *l = lefts_find(all, key);
    if (err->code)
        ;
    else if (!l)
        err_set(err, ERR_NOTFOUND, 0, "the journal has no operation %.60s", key);
    else if (!l->ended && left_alive(l))
        err_set(err, ERR_FORBIDDEN, 0, "the strata that does this is still there (process %d)", (int)act_num(l->op, "pid", 0));
    else
        taken_over(all, l, back, err);
    if (!err->code && l->ended && !back)
        err_set(err, ERR_USAGE, 0, "this operation has ended: there is nothing to go on with");
    if (!err->code)
        op = make(c, all, l, back, err);
    if (op) {
        char text[200];
        op->closes = !l->ended;
        snprintf(text, sizeof(text), back ? "takes back %.60s; its own key is %.60s" : "goes on with %.60s; its own key is %.60s from now on", key, op->key);
        op_fact(op, FACT_INFO, UINT32_MAX, text);
        if (back)
            say_going(op);
    }
    return op;
}

struct op *op_again(struct core *c, const char *key, bool back, struct err *err)
{
    struct lefts all = {0};
    *err = (struct err)ERR_INIT;
    lefts_load(&all, key, err);
    struct op *op = again(c, &all, key, back, err);
    lefts_release(&all);
    return op;
}

/* ---- the journal may be that of years: it is read on a worker, while an operation without steps stands for what comes ---- */

/* place: an empty operation that keeps the id in the list until the journal was read. */
struct reading { struct core *core; struct op *place; uint32_t id; char *key; bool back, dry_run; struct lefts all; struct err err; };

static void reading_free(void *arg)
{
    struct reading *r = arg;
    op_free(r->place);                      /* not in the list yet */
    lefts_release(&r->all);
    mem_free(r->key);
    mem_free(r);
}

static void read_it(void *arg)
{
    struct reading *r = arg;
    lefts_load(&r->all, r->key, &r->err);
}

static void plan_it(struct reading *r, struct op *place)
{
    struct op *op = again(r->core, &r->all, r->key, r->back, &r->err), **at = &r->core->ops->list;
    if (!op) {
        place->err = r->err;
        op_plan_now(place);
        return;
    }
    while (*at != place)
        at = &(*at)->next;
    op->next = place->next;
    *at = op;
    op->id = op->plan_event->id = op->end_event->id = r->id;
    op->dry_run = r->dry_run;
    op_free(place);
    op_plan_now(op);
}

/* It may have been dropped meanwhile. */
static void was_read(void *arg)
{
    struct reading *r = arg;
    struct op *place = r->core->closing || !r->core->ops ? NULL : op_find(r->core, r->id);
    if (place)
        plan_it(r, place);
    reading_free(r);
}

static void do_read(void *arg)
{
    struct reading *r = arg;
    struct op *place = r->place;
    r->place = NULL;
    place->next = r->core->ops->list;
    r->core->ops->list = place;
    place->state = OPS_PLANNING;
    if (op_name_it(place) && net_work(r->core->net, read_it, was_read, r))
        return;
    err_set(&r->err, ERR_NOMEM, 0, "out of memory");
    op_refuse(place, &r->err);
    reading_free(r);
}

static struct reading *reading_new(struct core *c, struct op *place, const char *key, bool back, bool dry_run)
{
    struct reading *r = mem_zalloc(sizeof(*r));
    char *copy = mem_strdup(key);
    if (r && copy) {
        *r = (struct reading){.core = c, .place = place, .id = place->id, .key = copy, .back = back, .dry_run = dry_run};
        return r;
    }
    mem_free(copy);
    mem_free(r);
    op_free(place);
    return NULL;
}

void op_again_as(struct op *place, const char *key)
{
    struct core *c = place->core;
    struct reading *r = reading_new(c, place, key, true, false);
    if (r)
        do_read(r);
    else
        core_starve(c);
}

uint32_t core_op_again(struct core *c, const char *key, bool back, bool dry_run)
{
    static const struct action resume = {.id = "resume"}, rollback = {.id = "rollback"};
    struct op *place = op_new(c, back ? &rollback : &resume, 0);
    struct reading *r = place ? reading_new(c, place, key, back, dry_run) : NULL;
    uint32_t id = r ? r->id : 0;
    if (r && core_post(c, do_read, reading_free, r))
        return id;
    if (r)
        reading_free(r);
    return 0;
}
