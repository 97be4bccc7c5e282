/* The plan: each target is read, its request made, the right to it asked for, tried on the server; then all is told at once. */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/guard_op.h"
#include "core/ops/kube_work.h"
#include "core/ops/op_blast.h"
#include "core/ops/op_plan.h"
#include "core/ops/running.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define REVIEWS 20                         /* so many rights are asked for one by one */
#define PLAN_WAIT_MS 20000                 /* a source that is down is waited for so long */

void plan_done(struct op_step *st)
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
    plan_done(st);
}

void plan_refuse(struct op_step *st, enum err_code code, const char *text)
{
    op_fact(st->op, FACT_REFUSED, st->index, text);
    err_set(&st->err, code, 0, "%s", text);
    st->refused = true;
    step_note(st, "%s", text);
    plan_done(st);
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
    st->as = f.as;
    st->keep = f.keep;
    facts_release(&f);
    json_decref(body);
}

/* It would be asked again until the budget allows it; who asks what would happen now is told that. */
static void budget_forbids(struct op_step *st, const struct net_reply *r)
{
    char text[700];
    json_t *body = json_read(r->body, r->len, 0, NULL);
    const char *cause = kube_budget_cause(body);
    bool said = strstr(r->err.msg, cause) != NULL;
    snprintf(text, sizeof(text), "the server was asked and refuses it now: %.400s%s%.200s; it is asked again until that changes%s", r->err.msg, said ? "" : " ",
             said ? "" : cause, st->op->dry_run ? ", when it is no dry run" : "");
    json_decref(body);
    if (st->op->dry_run) {
        plan_refuse(st, ERR_FORBIDDEN, text);
        return;
    }
    op_fact(st->op, FACT_CAUTION, st->index, text);
    plan_done(st);
}

static void try_answer(struct op_step *st, const struct net_reply *r, const char *why)
{
    char text[512];
    bool ends = st->action->flags & ACTION_GONE;
    if (r->err.code == ERR_OK) {
        if (st->op->dry_run)
            op_fact(st->op, FACT_INFO, st->index, "the server would do it (dry run)");
        plan_done(st);
    } else if (r->status == 404 && ends && *st->uid) {
        already(st, "already gone");
    } else if (r->status == 404 && ends) {
        snprintf(text, sizeof(text), "%s does not exist", st->name);
        plan_refuse(st, ERR_NOTFOUND, text);
    } else if (r->status == 404 && st->early) {
        op_fact(st->op, FACT_INFO, st->index, "not tried on the server: what it belongs to comes with this operation");
        plan_done(st);
    } else if (r->status == 429 && r->body && strstr(r->body, "DisruptionBudget")) {
        budget_forbids(st, r);
    } else if ((r->status >= 400 && r->status < 500 && r->status != 429) || (why && r->status >= 500)) {
        snprintf(text, sizeof(text), "the server would refuse it: %s", r->err.msg);
        plan_refuse(st, r->status >= 500 ? ERR_REQUEST : r->err.code, why ? why : text);
        st->err.detail = r->status;        /* the server's word on what was sent, no missing right */
    } else {
        snprintf(text, sizeof(text), "not tried on the server: %s", r->err.msg);
        op_fact(st->op, FACT_CAUTION, st->index, text);
        plan_done(st);
    }
}

static void tried(void *arg, const struct call_reply *reply)
{
    struct op_step *st = arg;
    const struct net_reply *r = plan_tried(st, reply);
    if (!r)
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
    if (st->op->look || !(st->action->flags & ACTION_DRY_RUN) || st->kind->plane != PLANE_KUBE)
        plan_done(st);
    else if (!plan_try(st, tried, &err))
        plan_refuse(st, err.code, err.msg);
}

bool plan_try(struct op_step *st, void (*done)(void *arg, const struct call_reply *r), struct err *err)
{
    struct audit *a = st->op->core->audit;
    if (audit_step(a, st, true, err))
        return false;
    if (step_dispatch(st, true, done, err))
        return true;
    audit_answer(a, st, 0, true);          /* no line without its outcome */
    return false;
}

const struct net_reply *plan_tried(struct op_step *st, const struct call_reply *reply)
{
    st->call = NULL;
    snprintf(st->request_id, sizeof(st->request_id), "%s", reply->request_id);
    audit_answer(st->op->core->audit, st, reply->net->status, true);
    st->request_id[0] = 0;
    return st->op->core->closing ? NULL : reply->net;
}

/* ---- rights ---- */

static void reviewed(struct op_step *st, bool denied, const char *why)
{
    if (st->op->core->closing)
        return;
    if (denied)
        plan_refuse(st, ERR_FORBIDDEN, why);
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
    if (st->op->look || tried_anyway || !rights_ask(st, reviewed))
        try_it(st);
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

/* What is taken back was sent, and strata ended before its answer: the server is asked what became of it. */
static void say_lost(struct op_step *st, struct act_facts *f)
{
    struct str now;
    if (!st->lost)
        return;
    str_init(&now, 4096);
    bool known = since_shows(st, &now) && !now.failed;
    act_fact(f, st->verdict == ACT_ALREADY ? FACT_INFO : FACT_CAUTION, "it was sent, and strata ended before it saw the answer; the server shows %.600s%s",
             known ? now.data : "it", st->verdict == ACT_ALREADY ? ": it did not come, or went back already" : "");
    str_release(&now);
}

/* Who takes back what others changed since is told so, and types the name. */
static void say_since(struct op_step *st, struct act_facts *f)
{
    struct str why, by;
    if (st->verdict != ACT_SEND || !st->op->back || st->op->by_itself)
        return;
    str_init(&why, 4096);
    str_init(&by, 4096);
    bool written = since_written(st, &by);
    if (since_changed(st, &why)) {
        act_fact(f, FACT_DANGER, "%s", why.data ? why.data : "it was changed by somebody else since");
        act_danger(f, false);
    } else if (written && by.data) {
        act_fact(f, FACT_CAUTION, "%s", by.data);
    }
    str_release(&why);
    str_release(&by);
}

static void build(struct op_step *st)
{
    struct act_facts f = {0};
    (st->action->compound ? compound_plan : step_build)(st, &f);
    say_lost(st, &f);
    say_since(st, &f);
    for (size_t i = 0; i < f.n; i++)
        op_fact(st->op, f.item[i].level, st->index, f.item[i].text);
    const char *no = facts_refusal(&f);
    st->danger = f.danger;
    mem_free(st->unknown);
    st->unknown = f.unknown;
    f.unknown = NULL;
    mem_free(st->held);
    st->held = f.held;
    st->allowed = f.allowed;
    f.held = NULL;
    mem_free(st->taken);
    st->taken = f.taken;
    f.taken = NULL;
    if (st->verdict == ACT_SEND) {
        bool toll = f.count;
        facts_release(&f);
        int64_t until = 0;
        struct err err = ERR_INIT;
        if (guard_step_window(st, &until, &err)) {
            if (!st->op->dry_run) {
                plan_refuse(st, err.code, err.msg);
                return;
            }
            char text[600];
            snprintf(text, sizeof(text), "it would be refused now: %.500s", err.msg);
            op_fact(st->op, FACT_CAUTION, st->index, text);
        }
        if (until)
            say_until(st, until);
        if (st->action->compound)
            plan_steps(st);                /* each of its steps is tried when it runs */
        else if (!toll || !count(st))
            ask_rights(st);
        return;
    }
    if (st->verdict == ACT_WATCH) {
        step_note(st, "it is under way already");
    } else if (st->verdict == ACT_ALREADY) {
        const char *but = NULL;
        for (size_t i = 0; i < f.n && !but; i++)
            but = f.item[i].level == FACT_CAUTION ? f.item[i].text : NULL;
        step_note(st, but ? "it already is, but %s" : "it already is", but);
        st->state = STEP_ALREADY;
    } else {
        err_set(&st->err, ERR_FORBIDDEN, 0, "%s", no ? no : "this cannot be done now");
        st->refused = true;
        step_note(st, "%s", st->err.msg);
    }
    facts_release(&f);
    plan_done(st);
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
        plan_refuse(st, ERR_NOTFOUND, text);
    } else if (err_retryable(st->read_err.code) && clock_mono_ms() < st->until_ms) {
        step_note(st, "waiting for %s: %s", st->src->info.name, st->read_err.msg);
        step_wait(st, st->retry_after_ms > 0 ? st->retry_after_ms : 1000, again);
    } else {
        snprintf(text, sizeof(text), "it cannot be read: %s", st->read_err.msg);
        plan_refuse(st, st->read_err.code, text);
    }
}

static void again(struct op_step *st)
{
    step_read(st, was_read);
}

/* Nobody can say whether it came: how the object is, and what is done then. */
static void say_unknown(struct op_step *st)
{
    char text[600];
    const char *status = st->kind->plane == PLANE_OPENSTACK ? act_str(st->obj, "status") : "";
    bool gone = !st->obj && !st->read_err.code;
    snprintf(text, sizeof text, "it was sent, its answer not seen; the server shows %s%.100s: %s", gone ? "that it is gone" : *status ? "status " : st->obj ? "it as it is" : "nothing now: ",
             *status && st->obj ? status : !gone && !st->obj ? st->read_err.msg : "",
             gone ? "its end is looked at" : st->action->flags & ACTION_AGAIN ? "it is sent again, which does no more than once" : "it is not sent again, look before you do it anew");
    op_fact(st->op, gone ? FACT_INFO : FACT_CAUTION, st->index, text);
}

/* Of one that goes on, and may have been sent: what becomes of it, as the run will decide it (step.c). */
static void pending_read(struct op_step *st)
{
    struct act_ctx c;
    char now[300], text[600];
    if (st->op->core->closing)
        return;
    step_ctx(st, &c);
    enum act_arrived came = st->obj && st->action->arrived ? st->action->arrived(&c) : ARRIVED_UNKNOWN;
    st->seeing = false;
    if (came == ARRIVED_YES) {
        op_fact(st->op, FACT_INFO, st->index, "it was sent and came: it is not sent again, its end is watched");
    } else if (came == ARRIVED_NO && step_overtaken(st, now, sizeof(now))) {
        snprintf(text, sizeof(text), "it was sent once, and whether it came was not seen; somebody changed it since (%s): it is not sent again, look what it shall be", now);
        if (st->op->dry_run) {
            plan_refuse(st, ERR_CONFLICT, text);
            return;
        }
        op_fact(st->op, FACT_DANGER, st->index, text);
    } else if (came == ARRIVED_NO) {
        op_fact(st->op, FACT_INFO, st->index, "it was sent and did not come: it is sent again");
    } else {
        say_unknown(st);
    }
    plan_done(st);
}

static void begin(struct op_step *st)
{
    struct err err = ERR_INIT;
    st->busy = true;
    st->until_ms = clock_mono_ms() + PLAN_WAIT_MS;
    if (!*st->uid && !st->op->by_name)
        plan_refuse(st, ERR_USAGE, "its uid is not known: name it again");
    else if (!st->op->dry_run && running_other(st, &err))
        plan_refuse(st, err.code, err.msg);
    else if (st->pending == PENDING_MAYBE && !st->action->compound)        /* looked at again when it runs */
        st->seeing = true, step_read(st, pending_read);
    else if (st->pending != PENDING_NO)
        plan_done(st);
    else
        step_read(st, was_read);
}

/* ---- all ---- */

static bool has_line(const char *lines, const char *line, size_t len)
{
    for (const char *p = lines ? lines : ""; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (strcspn(p, "\n") == len && !strncmp(p, line, len))
            return true;
    return false;
}

/* Does it mean something for one of those that know the argument? */
static bool known_to_one(const struct op *op, const struct action *a, const char *line, size_t len)
{
    for (size_t i = 0; i < op->nsteps; i++)
        if (op->steps[i].action == a && op->steps[i].tried && !has_line(op->steps[i].unknown, line, len))
            return true;
    return false;
}

/* Words of lists that mean nothing for any target: mistyped, and what they should have named would be taken for not named. */
static bool unknown_words(const struct op *op, struct err *err)
{
    struct str all;
    str_init(&all, 400);
    for (size_t i = 0; i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        bool first = true;
        for (size_t k = 0; k < i && first; k++)
            first = op->steps[k].action != st->action || !op->steps[k].unknown;
        for (const char *p = st->unknown && first ? st->unknown : "", *end; *p; p = end + (*end == '\n')) {
            end = p + strcspn(p, "\n");
            if (!known_to_one(op, st->action, p, (size_t)(end - p)))
                str_addf(&all, "%s--%.*s", all.len ? ", " : "", (int)(end - p), p);
        }
    }
    if (all.len)
        err_set(err, ERR_USAGE, 0, "there is no server, id or state of that name there: %s; nothing was begun", all.data);
    str_release(&all);
    return err->code;
}

/* Of what is gone on with some was sent already: that is looked at to its end, whatever became of the need for the rest. */
static bool goes_on(const struct op *op)
{
    bool sent = false;
    for (size_t i = 0; i < op->ntargets && op->resumes; i++)
        sent |= !op->steps[i].refused && op->steps[i].pending != PENDING_NO;
    return sent;
}

static void all_planned(struct op *op)
{
    size_t refused = 0;
    const struct op_step *first = NULL;
    struct err err = ERR_INIT;
    if (!op_blast_told(op))
        return;
    for (size_t i = 0; i < op->ntargets; i++) {
        struct op_step *st = &op->steps[i];
        refused += st->refused;
        first = !first && st->refused ? st : first;
    }
    sides_forget(op);
    json_decref(op->others);
    op->others = NULL;
    if (unknown_words(op, &err)) {
        op_refuse(op, &err);
        return;
    }
    for (size_t i = op->ntargets; i < op->nsteps && !refused; i++)
        if (op->steps[i].refused) {        /* a part of many steps */
            err_set(&err, op->steps[i].err.code, 0, "%s: %s", op->steps[i].text, op->steps[i].err.msg);
            op_refuse(op, &err);
            return;
        }
    if (!refused && unfinished_say(op, &err)) {
        op_refuse(op, &err);
        return;
    }
    if (!refused && guard_op(op, &err)) {      /* what it changes is known now */
        op_refuse(op, &err);
        return;
    }
    guard_op_wanted(op);
    if (refused && (refused == op->ntargets || !(op->keep_going || goes_on(op)))) {
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
    if (!op->ntargets || plan_bad_args(op, &err)) {
        if (!op->ntargets && op->resumes) {  /* it ended, and strata before it could say so */
            audit_op_taken(op->core->audit, op);
            err_set(&err, ERR_USAGE, 0, "nothing is left of it to do");
        }
        if (!err.code)
            err_set(&err, ERR_USAGE, 0, "nothing is chosen");
        op_refuse(op, &err);
        return;
    }
    op_blast_warm(op);
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
    bool known = unfinished_look(op);
    if (!busy && !op->planned && known)
        all_planned(op);
    else if (left)
        op_changed(op);
}
