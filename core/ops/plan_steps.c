/* The plan of what is done in many steps: the right to each is asked for, its request is shown, its maintenance window asked about. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/guard_op.h"
#include "core/ops/kube_work.h"
#include "core/ops/op_plan.h"

/* ---- their requests are shown, their windows asked about; the server tries what is at hand ---- */

#define SHOWN 200                          /* so many are read for it, of an operation */

static void show_next(struct op_step *st, size_t from);

static void kid_seen(struct op_step *kid)
{
    step_drop_request(kid);
    step_forget(kid);
}

static bool for_good(int status) { return status == 400 || status == 403 || status == 405 || status == 422; }

static void kid_refused(struct op_step *st, const char *text)
{
    op_fact(st->op, FACT_REFUSED, st->index, text);
    if (st->refused)
        return;
    st->refused = true;
    err_set(&st->err, ERR_FORBIDDEN, 0, "%s", text);
    step_note(st, "%s", text);
}

static bool is_pod(const struct op_step *kid) { return !strcmp(kid->kind->id, "pods"); }

/* What the server refuses for good, as its admission does, is refused before anything of it begins. A pod that may not be evicted
 * stays, as with kubectl, and is told; where none may, nothing begins. */
static void say_stay(struct op_step *st)
{
    const struct op *op = st->op;
    const struct op_step *first = NULL;
    size_t n = 0, stay = 0;
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        const struct op_step *kid = &op->steps[i];
        if (kid->parent != st->index || !is_pod(kid))
            continue;
        n++;
        stay += kid->denied;
        first = first || !kid->denied ? first : kid;
    }
    char text[400];
    if (!stay)
        return;
    snprintf(text, sizeof(text), "%zu of %zu pods stay, as the server does not let them be evicted: %.150s%s", stay, n, first->name, stay > 1 ? " and others" : "");
    if (stay == n)
        kid_refused(st, text);
    else
        op_fact(st->op, FACT_CAUTION, st->index, text);
}

static void kid_tried(void *arg, const struct call_reply *reply)
{
    struct op_step *kid = arg, *st = &kid->op->steps[kid->parent];
    const struct net_reply *r = plan_tried(kid, reply);
    char text[900];
    if (!r)
        return;
    if (r->err.code && r->status != 404) {
        json_t *body = r->body ? json_read(r->body, r->len, 0, NULL) : NULL;
        const char *cause = kube_budget_cause(body);
        bool said = strstr(r->err.msg, cause) != NULL;
        snprintf(text, sizeof(text), "%.200s: the server was asked and refuses it now: %.400s%s%.200s", kid->text, r->err.msg, said ? "" : " ", said ? "" : cause);
        kid->denied = for_good(r->status);
        if (kid->denied && !is_pod(kid))
            kid_refused(st, text);
        else if (kid->denied)
            op_fact(kid->op, FACT_DANGER, st->index, text);
        else if (kid->op->dry_run)         /* a budget is waited for when it runs */
            op_fact(kid->op, r->status == 429 ? FACT_CAUTION : FACT_DANGER, st->index, text);
        json_decref(body);
    }
    kid_seen(kid);
    show_next(st, kid->index + 1);
}

/* Of a step whose object is at hand. true: the next one may be shown now. */
static bool show(struct op_step *kid)
{
    struct op_step *st = &kid->op->steps[kid->parent];
    struct act_facts f = {0};
    struct err err = ERR_INIT;
    int64_t until;
    char text[900];
    if (guard_step_window(kid, &until, &err)) {
        snprintf(text, sizeof(text), "%s%.300s: %.400s", kid->op->dry_run ? "it would be refused now: " : "", kid->text, err.msg);
        if (!kid->op->dry_run) {
            kid_seen(kid);
            plan_refuse(st, err.code, text);
            return false;
        }
        op_fact(kid->op, FACT_CAUTION, st->index, text);
    }
    step_build(kid, &f);                   /* what it says is said when it runs, of what there is then */
    facts_release(&f);
    bool try = (kid->op->dry_run || kid->index < kid->op->ntargets + SHOWN) && kid->verdict == ACT_SEND && kid->action->asks && (kid->action->flags & ACTION_DRY_RUN) && kid->kind->plane == PLANE_KUBE;
    if (try && plan_try(kid, kid_tried, &err))
        return false;
    if (try) {
        snprintf(text, sizeof(text), "%.300s: not tried on the server: %.400s", kid->text, err.msg);
        op_fact(kid->op, FACT_CAUTION, st->index, text);
    }
    kid_seen(kid);
    return true;
}

static void shown(struct op_step *kid)
{
    if (kid->op->core->closing)
        return;
    if (kid->obj && !show(kid))
        return;
    kid_seen(kid);
    show_next(&kid->op->steps[kid->parent], kid->index + 1);
}

/* It is the target, or in a list beside it that was just read. */
static json_t *at_hand(const struct op_step *st, const struct op_step *kid)
{
    if (kid->src != st->src || kid->kind->plane != PLANE_KUBE || !kid->action->asks)
        return NULL;
    if (kid->kind == st->kind && !strcmp(kid->uid, st->uid))
        return json_incref(st->obj);
    for (size_t i = 0; i < ACT_SIDES; i++) {
        const json_t *o = act_find(json_object_get(st->side[i], "items"), "metadata.uid", kid->uid);
        if (o)
            return json_incref((json_t *)(uintptr_t)o);
    }
    return NULL;
}

static void show_next(struct op_step *st, size_t from)
{
    struct op *op = st->op;
    size_t n = 0;
    for (size_t i = op->ntargets; i < from && i < op->nsteps; i++)
        n += op->steps[i].request != NULL;
    for (size_t i = from; i < op->nsteps; i++) {
        struct op_step *kid = &op->steps[i];
        if (kid->parent != st->index || kid->state != STEP_WAITING || kid->action->compound)
            continue;
        bool windows = step_has_windows(kid);       /* who owns it is asked about, too: that takes reading it */
        kid->obj = windows ? NULL : at_hand(st, kid);
        if (kid->obj && (n++, !show(kid)))
            return;
        if (kid->request || !((op->dry_run && n < SHOWN) || windows))
            continue;
        step_read(kid, shown);
        return;
    }
    say_stay(st);
    plan_done(st);
}

/* ---- rights to them ---- */

static void ask_next(struct op_step *st, size_t from);

static bool same_right(const struct op_step *a, const struct op_step *b)
{
    return a->parent == b->parent && a->src == b->src && a->action == b->action && !strcmp(a->scope, b->scope);
}

static void kid_reviewed(struct op_step *kid, bool denied, const char *why)
{
    struct op_step *st = &kid->op->steps[kid->parent];
    step_drop_request(kid);
    if (st->op->core->closing)
        return;
    if (denied)
        plan_refuse(st, ERR_FORBIDDEN, why);
    else
        ask_next(st, kid->index + 1);
}

static bool kid_request(struct op_step *kid)
{
    struct act_ctx c;
    const char *asks = kid->action->asks, *sub = asks ? strchr(asks, ' ') : NULL;
    if (!asks || kid->kind->plane != PLANE_KUBE)
        return false;
    step_ctx(kid, &c);
    str_init(&kid->rq.path, 4096);
    kid->have_rq = true;
    kid->rq.method = sub ? "POST" : asks;
    return act_path(&c, &kid->rq.path, sub ? sub + 1 : NULL);
}

/* Nothing of it begins where a right to one of its steps is missing; each right is asked for once. */
static void ask_next(struct op_step *st, size_t from)
{
    struct op *op = st->op;
    for (size_t i = from > op->ntargets ? from : op->ntargets; i < op->nsteps; i++) {
        struct op_step *kid = &op->steps[i];
        bool asked = kid->parent != st->index || kid->state != STEP_WAITING || !kid->action->asks;
        for (size_t k = op->ntargets; k < i && !asked; k++)
            asked = op->steps[k].state == STEP_WAITING && same_right(&op->steps[k], kid);
        if (asked)
            continue;
        if (kid_request(kid) && rights_ask(kid, kid_reviewed))
            return;
        step_drop_request(kid);
    }
    show_next(st, op->ntargets);
}

void plan_steps(struct op_step *st)
{
    if (st->op->look)
        plan_done(st);                     /* what they take is told by its radius */
    else
        ask_next(st, 0);
}
