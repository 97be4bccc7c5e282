/* The plan: each target is read, its request made, the right to it asked for, tried on the server; then all is told at once. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/guard_op.h"
#include "core/ops/kube_work.h"
#include "core/ops/op.h"
#include "core/ops/running.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define REVIEWS 20                         /* so many rights are asked for one by one */
#define PLAN_WAIT_MS 20000                 /* a source that is down is waited for so long */

static void planned(struct op_step *st)
{
    running_twin(st);
    step_forget(st);
    st->busy = false;
    st->tried = true;
    op_pump_soon(st->op);
}

static void already(struct op_step *st, const char *text)
{
    step_note(st, "%s", text);
    st->state = STEP_ALREADY;
    planned(st);
}

static void refuse(struct op_step *st, enum err_code code, const char *text)
{
    op_fact(st->op, FACT_REFUSED, st->index, text);
    err_set(&st->err, code, 0, "%s", text);
    st->refused = true;
    step_note(st, "%s", text);
    planned(st);
}

/* ---- the server tries it ---- */

/* The row looks at the answer. */
static void told(struct op_step *st, const struct net_reply *r, struct str *why)
{
    struct act_facts f = {0};
    struct act_ctx c;
    json_t *body = json_read(r->body ? r->body : "", r->len, 0, NULL);
    step_ctx(st, &c);
    c.answer = body;
    st->action->tried(&c, r->status, why, &f);
    for (size_t i = 0; i < f.n; i++)
        op_fact(st->op, f.item[i].level, st->index, f.item[i].text);
    facts_release(&f);
    json_decref(body);
}

/* It would be asked again until the budget allows it; who asks what would happen now is told that. */
static void budget_forbids(struct op_step *st, const struct net_reply *r)
{
    char text[700];
    json_t *body = json_read(r->body, r->len, 0, NULL);
    snprintf(text, sizeof(text), "the server was asked and refuses it now: %.300s %.200s; it is asked again until that changes%s", r->err.msg,
             kube_budget_cause(body), st->op->dry_run ? ", when it is no dry run" : "");
    json_decref(body);
    if (st->op->dry_run) {
        refuse(st, ERR_FORBIDDEN, text);
        return;
    }
    op_fact(st->op, FACT_CAUTION, st->index, text);
    planned(st);
}

static void try_answer(struct op_step *st, const struct net_reply *r, const char *why)
{
    char text[512];
    bool ends = st->action->flags & ACTION_GONE;
    if (r->err.code == ERR_OK) {
        if (st->op->dry_run)
            op_fact(st->op, FACT_INFO, st->index, "the server would do it (dry run)");
        planned(st);
    } else if (r->status == 404 && ends && *st->uid) {
        already(st, "already gone");
    } else if (r->status == 404 && ends) {
        snprintf(text, sizeof(text), "%s does not exist", st->name);
        refuse(st, ERR_NOTFOUND, text);
    } else if (r->status == 404 && st->early) {
        op_fact(st->op, FACT_INFO, st->index, "not tried on the server: what it belongs to comes with this operation");
        planned(st);
    } else if (r->status == 429 && r->body && strstr(r->body, "DisruptionBudget")) {
        budget_forbids(st, r);
    } else if ((r->status >= 400 && r->status < 500 && r->status != 429) || (why && r->status >= 500)) {
        snprintf(text, sizeof(text), "the server would refuse it: %s", r->err.msg);
        refuse(st, r->status >= 500 ? ERR_REQUEST : r->err.code, why ? why : text);
    } else {
        snprintf(text, sizeof(text), "not tried on the server: %s", r->err.msg);
        op_fact(st->op, FACT_CAUTION, st->index, text);
        planned(st);
    }
}

static void tried(void *arg, const struct call_reply *reply)
{
    struct op_step *st = arg;
    const struct net_reply *r = reply->net;
    st->call = NULL;
    snprintf(st->request_id, sizeof(st->request_id), "%s", reply->request_id);
    audit_answer(st->op->core->audit, st, r->status, true);
    st->request_id[0] = 0;
    if (st->op->core->closing)
        return;
    struct str why;
    str_init(&why, 65536);
    if (st->action->tried && r->status)
        told(st, r, &why);
    try_answer(st, r, why.len ? why.data : NULL);
    str_release(&why);
}

static void try_it(struct op_step *st)
{
    struct err err = ERR_INIT;
    if (!(st->action->flags & ACTION_DRY_RUN) || st->kind->plane != PLANE_KUBE) {
        planned(st);
    } else if (audit_step(st->op->core->audit, st, true, &err) || !step_dispatch(st, true, tried, &err)) {
        refuse(st, err.code, err.msg);
    }
}

/* ---- rights ---- */

static void reviewed(struct op_step *st, bool denied, const char *why)
{
    if (st->op->core->closing)
        return;
    if (denied)
        refuse(st, ERR_FORBIDDEN, why);
    else
        try_it(st);
}

static void ask_rights(struct op_step *st)
{
    char when[40], text[200];
    if (rights_denied(st, when, sizeof(when))) {
        snprintf(text, sizeof(text), "the cloud refused such a request of this user at %s (403): a right may be missing", when);
        op_fact(st->op, FACT_CAUTION, st->index, text);
    }
    /* Of many that the server tries anyway, the trial tells. */
    bool tried_anyway = (st->action->flags & ACTION_DRY_RUN) && st->kind->plane == PLANE_KUBE && st->op->ntargets > REVIEWS;
    if (tried_anyway || !rights_ask(st, reviewed))
        try_it(st);
}

/* ---- the steps: their requests are shown, their windows asked about; a dry run lets the server try evictions ---- */

#define SHOWN 200                          /* so many are read for it, of an operation */

static void show_next(struct op_step *st, size_t from);

static void kid_seen(struct op_step *kid)
{
    step_drop_request(kid);
    step_forget(kid);
}

static void kid_tried(void *arg, const struct call_reply *reply)
{
    struct op_step *kid = arg, *st = &kid->op->steps[kid->parent];
    const struct net_reply *r = reply->net;
    char text[900];
    kid->call = NULL;
    snprintf(kid->request_id, sizeof(kid->request_id), "%s", reply->request_id);
    audit_answer(kid->op->core->audit, kid, r->status, true);
    kid->request_id[0] = 0;
    if (kid->op->core->closing)
        return;
    if (r->err.code && r->status != 404) {
        json_t *body = r->body ? json_read(r->body, r->len, 0, NULL) : NULL;
        snprintf(text, sizeof(text), "%.200s: the server was asked and refuses it now: %.300s %.300s", kid->text, r->err.msg, kube_budget_cause(body));
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
            refuse(st, err.code, text);
            return false;
        }
        op_fact(kid->op, FACT_CAUTION, st->index, text);
    }
    step_build(kid, &f);                   /* what it says is said when it runs, of what there is then */
    facts_release(&f);
    bool try = kid->op->dry_run && kid->verdict == ACT_SEND && kid->action->asks && (kid->action->flags & ACTION_DRY_RUN) && !strcmp(kid->kind->id, "pods");
    if (try && !audit_step(kid->op->core->audit, kid, true, &err) && step_dispatch(kid, true, kid_tried, &err))
        return false;
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

static bool has_windows(const struct op_step *kid)
{
    struct source_info info;
    core_info_of(kid->op->core, kid->src->info.id, &info);
    return info.windows != 0;
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
        kid->obj = at_hand(st, kid);
        if (kid->obj && (n++, !show(kid)))
            return;
        if (kid->request || !((op->dry_run && n < SHOWN) || has_windows(kid)))
            continue;
        step_read(kid, shown);
        return;
    }
    planned(st);
}

/* ---- rights to the steps of one of many ---- */

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
        refuse(st, ERR_FORBIDDEN, why);
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

/* ---- reading ---- */

static void again(struct op_step *st);

static void say_until(struct op_step *st, int64_t until)
{
    char when[40], left[32], text[160];
    text_format_time(when, sizeof(when), until);
    text_age(left, sizeof(left), (until - clock_wall_ms()) / 1000);
    snprintf(text, sizeof(text), "its maintenance window is open for another %s, until %s", left, when);
    op_fact(st->op, FACT_INFO, st->index, text);
}

/* What goes with it, each line a fact. */
static void counted(void *arg, const struct request *rq, const char *text, const struct err *err)
{
    struct op_step *st = arg;
    char line[600];
    (void)rq;
    if (st->op->core->closing)
        return;
    if (err && err->code) {
        snprintf(line, sizeof(line), "NOT counted: what goes with it (%s)", err->msg);
        op_fact(st->op, FACT_DANGER, st->index, line);
    }
    for (const char *p = text ? text : ""; *p; p += strcspn(p, "\n"), p += *p == '\n') {
        snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
        op_fact(st->op, FACT_DANGER, st->index, line);
    }
    ask_rights(st);
}

static bool count(struct op_step *st)
{
    struct row row = {.kind = st->kind, .uid = st->uid, .name = st->name, .scope = st->scope, .labels = "", .owner = "", .source = st->src->info.id};
    return core_fetch_inside(st->op->core, &row, FETCH_TOLL, counted, st);
}

static void build(struct op_step *st)
{
    struct act_facts f = {0};
    (st->action->compound ? compound_plan : step_build)(st, &f);
    for (size_t i = 0; i < f.n; i++)
        op_fact(st->op, f.item[i].level, st->index, f.item[i].text);
    const char *no = facts_refusal(&f);
    st->danger = f.danger;
    if (st->verdict == ACT_SEND) {
        bool toll = f.count;
        facts_release(&f);
        int64_t until = 0;
        struct err err = ERR_INIT;
        if (guard_step_window(st, &until, &err)) {
            if (!st->op->dry_run) {
                refuse(st, err.code, err.msg);
                return;
            }
            char text[600];
            snprintf(text, sizeof(text), "it would be refused now: %.500s", err.msg);
            op_fact(st->op, FACT_CAUTION, st->index, text);
        }
        if (until)
            say_until(st, until);
        if (st->action->compound)
            ask_next(st, 0);               /* each of its steps is tried when it runs */
        else if (!toll || !count(st))
            ask_rights(st);
        return;
    }
    if (st->verdict == ACT_WATCH) {
        step_note(st, "it is under way already");
    } else if (st->verdict == ACT_ALREADY) {
        step_note(st, "it already is");
        st->state = STEP_ALREADY;
    } else {
        err_set(&st->err, ERR_FORBIDDEN, 0, "%s", no ? no : "this cannot be done now");
        st->refused = true;
        step_note(st, "%s", st->err.msg);
    }
    facts_release(&f);
    planned(st);
}

static void was_read(struct op_step *st)
{
    char text[512];
    if (st->op->core->closing)
        return;
    if (step_blind(st))
        op_fact(st->op, FACT_CAUTION, st->index, "you may not read it: whatever bears this name is meant");
    if (st->obj || (!st->read_err.code && (st->action->flags & ACTION_MAKES))) {
        build(st);
        return;
    }
    if (!st->read_err.code && *st->uid && (st->action->flags & ACTION_GONE)) {
        already(st, st->other ? "already gone; another object has its name now and stays" : "already gone");
    } else if (!st->read_err.code) {
        snprintf(text, sizeof(text), "%s is not there any more%s", st->name, *st->uid && st->kind->plane == PLANE_KUBE ? " (or is another object of that name)" : "");
        refuse(st, ERR_NOTFOUND, text);
    } else if (err_retryable(st->read_err.code) && clock_mono_ms() < st->until_ms) {
        step_note(st, "waiting for %s: %s", st->src->info.name, st->read_err.msg);
        step_wait(st, st->retry_after_ms > 0 ? st->retry_after_ms : 1000, again);
    } else {
        snprintf(text, sizeof(text), "it cannot be read: %s", st->read_err.msg);
        refuse(st, st->read_err.code, text);
    }
}

static void again(struct op_step *st)
{
    step_read(st, was_read);
}

static void begin(struct op_step *st)
{
    struct err err = ERR_INIT;
    st->busy = true;
    st->until_ms = clock_mono_ms() + PLAN_WAIT_MS;
    if (!*st->uid && !st->op->by_name)
        refuse(st, ERR_USAGE, "its uid is not known: name it again");
    else if (!st->op->dry_run && running_other(st, &err))
        refuse(st, err.code, err.msg);
    else if (st->pending != PENDING_NO)        /* what may have been sent already is looked at when it runs */
        planned(st);
    else
        step_read(st, was_read);
}

/* ---- all ---- */

static bool one_of(const char *choices, const char *value)
{
    size_t n = strlen(value);
    for (const char *p = choices; n && (p = strstr(p, value)); p += n)
        if ((p == choices || p[-1] == ' ') && (!p[n] || p[n] == ' '))
            return true;
    return false;
}

static const char *bad_number(const struct action_arg *row, int64_t v, struct str *text)
{
    bool any = !row->least && !row->most;
    if (any)
        return v == INT64_MIN ? "must be a whole number" : NULL;
    if (v >= row->least && v <= row->most)
        return NULL;
    str_addf(text, "must be a whole number from %lld to %lld", (long long)row->least, (long long)row->most);
    return text->data;
}

/* NULL: this value will do. */
static const char *bad_value(const struct action_arg *row, const char *v, struct act_ctx *c, struct str *text)
{
    switch (row->type) {
    case ARG_INT: return bad_number(row, act_int(c, row->name, INT64_MIN), text);
    case ARG_SECONDS: return *v && act_int(c, row->name, -1) < 0 ? "must be a time such as 90, 90s, 5m or 1h30m" : NULL;
    case ARG_BOOL: return *v && !one_of("true yes on 1 false no off 0", v) ? "must be true or false" : NULL;
    case ARG_CHOICE: return *v && row->choices && !one_of(row->choices, v) ? row->choices : NULL;
    case ARG_TEXT: break;
    }
    return NULL;
}

static bool bad_args(struct op *op, struct err *err)
{
    for (size_t i = 0; i < op->nargs; i++) {
        bool known = false;
        for (size_t k = 0; k < op->action->nargs && !known; k++)
            known = !strcmp(op->action->args[k].name, op->args[i].name);
        if (!known && err_set(err, ERR_USAGE, 0, "%s has no argument %s", op->action->id, op->args[i].name))
            return true;
    }
    for (size_t i = 0; i < op->ntargets; i++) {
        const struct action *a = op->steps[i].action;
        for (size_t k = 0; k < a->nargs; k++) {
            const struct action_arg *row = &a->args[k];
            struct act_ctx c = {.args = op->steps[i].args, .nargs = op->steps[i].nargs};
            const char *v = act_arg(&c, row->name);
            if (row->required && (!v || !*v) && err_set(err, ERR_USAGE, 0, "%s needs --%s: %s", a->id, row->name, row->help))
                return true;
            struct str text;
            str_init(&text, 200);
            const char *why = v ? bad_value(row, v, &c, &text) : NULL;
            if (why)
                err_set(err, ERR_USAGE, 0, why == row->choices ? "--%s is one of %s" : "--%s %s", row->name, why);
            str_release(&text);
            if (why)
                return true;
        }
    }
    return false;
}

static void all_planned(struct op *op)
{
    size_t refused = 0;
    const struct op_step *first = NULL;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < op->ntargets; i++) {
        struct op_step *st = &op->steps[i];
        refused += st->refused;
        first = !first && st->refused ? st : first;
    }
    sides_forget(op);
    json_decref(op->others);
    op->others = NULL;
    for (size_t i = op->ntargets; i < op->nsteps && !refused; i++)
        if (op->steps[i].refused) {        /* a part of many steps */
            err_set(&err, op->steps[i].err.code, 0, "%s: %s", op->steps[i].text, op->steps[i].err.msg);
            op_refuse(op, &err);
            return;
        }
    if (!refused && guard_op(op, &err)) {      /* what it changes is known now */
        op_refuse(op, &err);
        return;
    }
    guard_op_wanted(op);
    if (refused && (refused == op->ntargets || !op->keep_going)) {
        if (op->ntargets == 1)
            err = first->err;
        else
            err_set(&err, first->err.code, 0, "%zu of %zu cannot be done, nothing is begun: %s: %s", refused, op->ntargets, first->text, first->err.msg);
        op_refuse(op, &err);
        return;
    }
    for (size_t i = 0; i < op->ntargets; i++)
        if (op->steps[i].refused)
            op->steps[i].state = STEP_SKIPPED;
    op->planned = true;
    op->state = OPS_PLANNED;
    if (refused)
        op_say(op, "planned; %zu of %zu cannot be done and are left out", refused, op->ntargets);
    else
        op_say(op, "planned");
    op_tell(op, &op->plan_event);
    if (op->by_itself) {                   /* who began what is taken back has confirmed it */
        char *typed = op->wanted ? mem_strdup(op->wanted) : NULL;
        op_begin(op, typed);
        mem_free(typed);
    } else if (op->told) {
        op_begin(op, op->typed);
    }
}

void op_plan_pump(struct op *op)
{
    size_t busy = 0, left = 0;
    struct err err = ERR_INIT;
    if (!op->ntargets || bad_args(op, &err)) {
        if (!op->ntargets && op->resumes) {  /* it ended, and strata before it could say so */
            audit_op_taken(op->core->audit, op);
            err_set(&err, ERR_USAGE, 0, "nothing is left of it to do");
        }
        if (!err.code)
            err_set(&err, ERR_USAGE, 0, "nothing is chosen");
        op_refuse(op, &err);
        return;
    }
    for (size_t i = 0; i < op->nsteps; i++)
        busy += op->steps[i].busy;
    for (size_t i = 0; i < op->nsteps; i++) {
        struct op_step *st = &op->steps[i];
        if (st->busy || st->tried)
            continue;
        if (busy < 8) {
            busy++;
            begin(st);
        } else {
            left++;
        }
    }
    busy = 0;
    for (size_t i = 0; i < op->nsteps; i++)
        busy += op->steps[i].busy || !op->steps[i].tried;
    if (!busy && !op->planned)
        all_planned(op);
    else if (left)
        op_changed(op);
}
