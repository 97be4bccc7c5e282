/*
 * One object: read again, judged again, written down, sent once, and watched until what was promised is seen. An answer that is
 * lost is looked into; what asked for patience is given it.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/guard_op.h"
#include "core/ops/kube_work.h"
#include "core/ops/op.h"
#include "core/ops/op_probe.h"
#include "strata/clock.h"
#include "strata/mem.h"

#define TIMEOUT_S 300
#define FIRST_LOOK_MS 300
#define SLOWEST_LOOK_MS 2000
#define TWICE_MS 2000
#define MAX_SENDS 8                        /* of what the server put off; a lost answer allows two */
#define LOOKS 3

static void start(struct op_step *st);
static void watch(struct op_step *st);
static void look(struct op_step *st);

static void set_state(struct op_step *st, enum step_state s)
{
    st->state = s;
    op_changed(st->op);
}

static bool out_of_time(const struct op_step *st)
{
    return st->parent == UINT32_MAX && clock_mono_ms() >= st->until_ms;      /* of a compound: the row gives up, not the step */
}

/* ---- a source that asked for patience, or fails again and again, is left alone by all steps ---- */

static struct op_circuit *circuit_of(const struct op_step *st)
{
    return &st->op->core->ops->circuit[st->src->info.id];
}

static void source_ailing(struct op_step *st, int64_t retry_after_ms)
{
    struct op_circuit *c = circuit_of(st);
    int64_t wait = retry_after_ms > 0 ? retry_after_ms : 500;
    for (unsigned i = 0; retry_after_ms <= 0 && i < c->fails && wait < 30000; i++)
        wait *= 2;
    c->fails++;
    if (clock_mono_ms() + wait > c->until_ms)
        c->until_ms = clock_mono_ms() + wait;
}

static int64_t hold_ms(const struct op_step *st)
{
    int64_t left = circuit_of(st)->until_ms - clock_mono_ms();
    return left > 0 ? left : 0;
}

/* ---- what is under way ---- */

/* Many that end are not all asked after twice a second: as a whole so often. */
#define LOOKS_PER_S 25

static int64_t look_again_ms(const struct op_step *st)
{
    int64_t watching = 0;
    for (size_t i = 0; (st->action->flags & ACTION_GONE) && i < st->op->ntargets; i++)
        watching += st->op->steps[i].busy && st->op->steps[i].state == STEP_WATCHING;
    int64_t least = watching * 1000 / LOOKS_PER_S;
    return st->wait_ms > least ? st->wait_ms : least;
}

/* What was sent is looked for as long as it may be: a place in the way that is ill, or a login that is renewed, is no answer. */
static bool answers_later(enum err_code code)
{
    return err_retryable(code) || code == ERR_AUTH || code == ERR_PROTO || code == ERR_TLS || code == ERR_EXEC;
}

/* Who may not read it has the server's word alone: a Status in place of the object says that it is gone. */
static void watched_blind(struct op_step *st)
{
    if (!strcmp(act_str(st->answer, "kind"), "Status") && !strcmp(act_str(st->answer, "status"), "Success"))
        step_end(st, STEP_DONE, "%s", step_past(st));
    else
        step_end(st, STEP_UNSURE, "accepted, but whether it is gone cannot be seen: %s", st->read_err.msg);
}

static void watched(struct op_step *st)
{
    struct act_ctx c;
    struct str why;
    char text[1000];
    if (st->op->core->closing)
        return;
    const struct action *a = st->action;
    if (st->blind && st->read_err.code == ERR_FORBIDDEN) {
        watched_blind(st);
        return;
    }
    if (st->read_err.code) {
        if (!answers_later(st->read_err.code) || out_of_time(st)) {
            step_end(st, STEP_UNSURE, "accepted, but whether it was done could not be seen: %s", st->read_err.msg);
            return;
        }
        step_note(st, "accepted; waiting for %s: %s", st->src->info.name, st->read_err.msg);
        step_wait(st, st->retry_after_ms > 0 ? st->retry_after_ms : SLOWEST_LOOK_MS, watch);
        return;
    }
    step_ctx(st, &c);
    str_init(&why, 4096);
    enum act_seen seen = a->observe ? a->observe(&c, &why) : SEEN_DONE;
    st->overtaken = seen == SEEN_OVERTAKEN;
    seen = st->overtaken ? SEEN_FAILED : seen;
    if (op_probe_bad(st->op, &why) && seen != SEEN_FAILED) {
        str_addf(&why, ", fewer than asked for");
        seen = SEEN_FAILED;
    }
    snprintf(text, sizeof(text), "%s", why.len ? why.data : seen == SEEN_FAILED ? "it did not come to what was promised" : "");
    str_release(&why);
    if (seen == SEEN_FAILED) {
        step_end(st, STEP_FAILED, "%s", text);
        return;
    }
    if (seen == SEEN_DONE && (!(a->flags & ACTION_TWICE) || (st->seen_ms && clock_mono_ms() - st->seen_ms >= TWICE_MS))) {
        step_end(st, STEP_DONE, "%s%s%s", step_past(st), *text ? ": " : "", text);
        return;
    }
    if (seen == SEEN_DONE) {
        if (!st->seen_ms)
            st->seen_ms = clock_mono_ms();
        step_note(st, "%s%sseen once, looking again", text, *text ? "; " : "");
        step_wait(st, TWICE_MS, watch);
        return;
    }
    st->seen_ms = 0;
    if (out_of_time(st)) {
        step_end(st, STEP_UNSURE, "accepted, but not seen to end in %lld s%s%s", (long long)st->patience_s, *text ? ": " : "", text);
        return;
    }
    step_note(st, "%s", *text ? text : "accepted, waiting for its end");
    step_wait(st, look_again_ms(st), watch);
    st->wait_ms = st->wait_ms * 3 / 2 < SLOWEST_LOOK_MS ? st->wait_ms * 3 / 2 : SLOWEST_LOOK_MS;
}

static void watch(struct op_step *st)
{
    st->seeing = true;
    step_read(st, watched);
}

static void watch_first(struct op_step *st)
{
    const struct action *a = st->action;
    struct act_ctx c;
    set_state(st, STEP_WATCHING);
    st->accepted = true;
    st->wait_ms = FIRST_LOOK_MS;
    st->seen_ms = 0;
    step_ctx(st, &c);
    st->patience_s = a->patience_s ? a->patience_s(&c) : a->timeout_s ? a->timeout_s : TIMEOUT_S;
    st->until_ms = clock_mono_ms() + st->patience_s * 1000;
    if (a->flags & ACTION_GONE)
        op_pump_soon(st->op);              /* it holds up no other */
    if (!a->observe)
        step_end(st, STEP_DONE, "%s", step_past(st));
    else
        watch(st);
}

/* ---- an answer that was lost ---- */

static void once_more(struct op_step *st, const char *why, int64_t wait_ms)
{
    audit_step_end(st->op->core->audit, st, "not done");
    st->open_intent = false;
    set_state(st, STEP_READING);           /* which it is next: nothing of it is under way at the server */
    step_note(st, "%s", why);
    step_wait(st, wait_ms, start);
}

static void looked(struct op_step *st)
{
    struct act_ctx c;
    const struct action *a = st->action;
    if (st->op->core->closing)
        return;
    if (st->read_err.code) {
        if (!answers_later(st->read_err.code) || out_of_time(st)) {
            step_end(st, STEP_UNSURE, "nobody knows whether it was done: %s; then: %s", st->err.msg, st->read_err.msg);
            return;
        }
        step_note(st, "%s; waiting for %s to see whether it was done: %s", st->err.msg, st->src->info.name, st->read_err.msg);
        step_wait(st, st->retry_after_ms > 0 ? st->retry_after_ms : SLOWEST_LOOK_MS, look);
        return;
    }
    step_ctx(st, &c);
    enum act_arrived came = a->arrived && st->obj ? a->arrived(&c) : ARRIVED_UNKNOWN;
    if (!st->obj && a->observe) {          /* gone: the row knows what that means */
        struct str why;
        str_init(&why, 4096);
        came = a->observe(&c, &why) == SEEN_DONE ? ARRIVED_YES : ARRIVED_UNKNOWN;
        str_release(&why);
    }
    if (came == ARRIVED_YES) {
        st->err = (struct err)ERR_INIT;
        watch_first(st);
    } else if (came == ARRIVED_NO && ++st->looks < LOOKS) {      /* it may still be on its way */
        step_note(st, "%s; looking whether it was done", st->err.msg);
        step_wait(st, SLOWEST_LOOK_MS, look);
    } else if ((a->flags & ACTION_AGAIN) && st->sends < 2 && (came == ARRIVED_NO || !a->arrived)) {
        st->resent = true;
        once_more(st, "the answer was lost; what is asked for does no more when it comes twice: sent again", 0);
    } else if (came == ARRIVED_NO) {
        st->unseen = true;
        step_end(st, STEP_FAILED, "not done: %s; nothing of it is to be seen", st->err.msg);
    } else {
        step_end(st, STEP_UNSURE, "nobody knows whether it was done (%s): look before it is done again", st->err.msg);
    }
}

static void look(struct op_step *st)
{
    st->seeing = true;
    step_read(st, looked);
}

/* ---- the answer ---- */

static json_t *answer_of(const struct net_reply *r)
{
    return r->err.code == ERR_OK && r->len ? json_read(r->body, r->len, 0, NULL) : NULL;
}

static bool says(const struct net_reply *r, const char *word)
{
    return r->body && strstr(r->body, word) != NULL;
}

static void refused(struct op_step *st, const struct net_reply *r)
{
    if (r->status == 403)
        rights_learn(st);
    step_end(st, STEP_FAILED, "not done: %s", r->err.msg);
}

/* A budget that forbids it, with its numbers: it is asked again until it allows it, or the time is over. */
static void wait_for_budget(struct op_step *st, const struct net_reply *r)
{
    char text[600];
    json_t *body = r->body ? json_read(r->body, r->len, 0, NULL) : NULL;
    const char *cause = kube_budget_cause(body);
    int64_t now = clock_mono_ms();
    snprintf(text, sizeof(text), "waits for its budget: %.300s; asked %u time%s in %lld s, given up after %lld s", *cause ? cause : r->err.msg, st->sends,
             st->sends == 1 ? "" : "s", (long long)(now - st->began_ms) / 1000, (long long)(st->until_ms - st->began_ms) / 1000);
    json_decref(body);
    st->err = (struct err)ERR_INIT;
    once_more(st, text, r->head.retry_after_ms > 0 ? r->head.retry_after_ms : 5000);
}

static void answered_badly(struct op_step *st, const struct net_reply *r)
{
    const struct action *a = st->action;
    bool kube = st->kind->plane == PLANE_KUBE, ends = a->flags & ACTION_GONE;
    if (st->parent != UINT32_MAX && compound_refused(st, r))
        return;
    st->err = r->err;
    if (!r->status && !r->sent && r->err.code != ERR_CANCELED && err_retryable(r->err.code) && !out_of_time(st)) {
        source_ailing(st, -1);
        st->err = (struct err)ERR_INIT;
        once_more(st, r->err.msg, hold_ms(st));
    } else if (r->status == 429 && says(r, "DisruptionBudget") && !out_of_time(st)) {
        wait_for_budget(st, r);
    } else if (r->status == 429 && !out_of_time(st) && st->sends < MAX_SENDS) {
        source_ailing(st, r->head.retry_after_ms);
        st->err = (struct err)ERR_INIT;
        once_more(st, r->err.msg, r->head.retry_after_ms > 0 ? r->head.retry_after_ms : 5000);
    } else if (r->status == 409 && kube && !says(r, "UID in") && says(r, "the object has been modified") && ++st->conflicts <= 3) {
        st->err = (struct err)ERR_INIT;
        once_more(st, "it was changed meanwhile: read again", 100);
    } else if (r->status == 404 && ends && !*st->uid) {
        err_set(&st->err, ERR_NOTFOUND, 0, "%s does not exist", st->name);
        step_end(st, STEP_FAILED, "not done: %s does not exist", st->name);
    } else if (r->status == 409 && kube && ends && says(r, "UID in precondition")) {
        st->err = (struct err)ERR_INIT;
        step_end(st, STEP_ALREADY, "already gone; another object has its name now and stays");
    } else if (r->status == 404 && st->early && !out_of_time(st) && st->sends < MAX_SENDS) {
        st->err = (struct err)ERR_INIT;    /* a definition is there a moment before what it defines is served */
        once_more(st, r->err.msg, 1000);
    } else if (r->status == 404 && a->observe && !(a->flags & ACTION_MAKES)) {         /* gone, or another of that name: the row knows */
        look(st);
    } else if (!r->status || r->status >= 500) {
        if (r->status >= 502)
            source_ailing(st, r->head.retry_after_ms);
        if (!r->status && !r->sent) {
            step_end(st, STEP_FAILED, "not done: %s", r->err.msg);
            return;
        }
        set_state(st, STEP_WATCHING);
        step_note(st, "%s; looking whether it was done", r->err.msg);
        step_wait(st, FIRST_LOOK_MS, look);
    } else {
        refused(st, r);
    }
}

static void on_answer(void *arg, const struct call_reply *reply)
{
    struct op_step *st = arg;
    const struct net_reply *r = reply->net;
    int64_t now_us = clock_mono_us();
    st->call = NULL;
    snprintf(st->request_id, sizeof(st->request_id), "%s", reply->request_id);
    json_decref(st->answer);
    st->answer = answer_of(r);
    since_answered(st);
    audit_answer(st->op->core->audit, st, r->status, false);
    if (st->op->core->closing)             /* its outcome is found by whoever goes on with it */
        return;
    if (r->err.code != ERR_OK && !(r->status >= 200 && r->status < 300)) {
        answered_badly(st, r);
        return;
    }
    circuit_of(st)->fails = 0;
    st->resent = false;
    op_inside_tell(st->op, &(struct op_told){.what = OP_ANSWERED, .at_us = now_us, .status = r->status, .answer = st->answer});
    watch_first(st);
}

/* ---- sending ---- */

static void send(struct op_step *st)
{
    struct err err = ERR_INIT;
    json_decref(st->before);
    st->before = st->obj ? json_incref(st->obj) : NULL;
    step_note_undo(st);
    mem_free(st->left);
    st->left = NULL;
    if (guard_step(st, &err) || audit_step(st->op->core->audit, st, false, &err)) {
        st->err = err;
        step_end(st, STEP_FAILED, "%s", err.msg);
        return;
    }
    st->open_intent = true;
    st->sends++;
    st->looks = 0;
    st->sent_ms = clock_mono_ms();
    st->sent_wall_ms = step_now(st);
    set_state(st, STEP_SENDING);
    step_note(st, "sent, waiting for the answer");
    op_inside_tell(st->op, &(struct op_told){.what = OP_SENT, .at_us = clock_mono_us()});
    if (!step_dispatch(st, false, on_answer, &err)) {
        st->err = err;
        step_end(st, STEP_FAILED, "not sent: %s", err.msg);
    }
}

/* What its plan did not tell of is not overwritten. */
static bool changed_since(struct op_step *st)
{
    struct str why;
    str_init(&why, 4096);
    bool changed = st->op->back && !st->op->by_itself && since_changed(st, &why);
    if (changed)
        step_end(st, STEP_FAILED, "not done: %s; plan it again", why.data ? why.data : "it was changed");
    str_release(&why);
    return changed;
}

static void build(struct op_step *st)
{
    struct act_facts f = {0};
    char now[300];
    step_build(st, &f);
    const char *no = facts_refusal(&f);
    if (st->verdict == ACT_SEND && st->resent && step_overtaken(st, now, sizeof(now)))
        step_end(st, STEP_FAILED, "it was sent once, and whether it came was not seen; somebody changed it since (%s): not sent again, look what it shall be", now);
    else if (st->verdict == ACT_SEND && f.danger && !st->danger && !st->op->resumes)
        step_end(st, STEP_FAILED, "not done: it has changed since it was planned, and its name must be typed now: plan it again");
    else if (st->verdict == ACT_SEND && changed_since(st))
        ;
    else if (st->verdict == ACT_SEND)
        send(st);
    else if (st->verdict == ACT_WATCH)
        watch_first(st);
    else if (st->verdict == ACT_ALREADY)
        step_end(st, STEP_ALREADY, "it already is");
    else
        step_end(st, STEP_FAILED, "not done: %s", no ? no : "this cannot be done now");
    facts_release(&f);
}

/* Of a resumed one: was it sent before? */
static void go_on(struct op_step *st)
{
    struct act_ctx c;
    const struct action *a = st->action;
    step_ctx(st, &c);
    enum act_arrived came = st->pending == PENDING_SENT ? ARRIVED_YES : a->arrived ? a->arrived(&c) : ARRIVED_UNKNOWN;
    st->pending = PENDING_NO;
    if (came == ARRIVED_YES) {
        watch_first(st);
    } else if (came == ARRIVED_NO || (a->flags & ACTION_AGAIN)) {
        audit_step_end(st->op->core->audit, st, "not done");
        st->open_intent = false;
        st->resent = true;
        if (st->parent == UINT32_MAX || st->first)
            start(st);                     /* what build needs is read */
        else
            compound_back(st);             /* when it may go its operation knows */
    } else
        step_end(st, STEP_UNSURE, "it may have been sent before strata ended: look before it is done again");
}

static void was_read(struct op_step *st)
{
    if (st->op->core->closing)
        return;
    bool sent = st->pending != PENDING_NO;
    if (st->read_err.code && (sent ? answers_later(st->read_err.code) : err_retryable(st->read_err.code)) && !out_of_time(st)) {
        step_note(st, "waiting for %s: %s", st->src->info.name, st->read_err.msg);
        step_wait(st, st->retry_after_ms > 0 ? st->retry_after_ms : SLOWEST_LOOK_MS, start);
    } else if (st->read_err.code && sent) {
        step_end(st, STEP_UNSURE, "it was sent before strata ended, and whether it was done could not be seen: %s", st->read_err.msg);
    } else if (st->read_err.code && !step_blind(st)) {
        st->err = st->read_err;
        step_end(st, STEP_FAILED, "not done: it cannot be read: %s", st->read_err.msg);
    } else if (!st->obj && st->pending != PENDING_NO && st->action->observe) {
        st->pending = PENDING_NO;
        watch_first(st);
    } else if (!st->obj && (st->action->flags & ACTION_GONE)) {
        step_end(st, STEP_ALREADY, "already gone%s", st->other ? "; another object has its name now and stays" : "");
    } else if (!st->obj && !(st->action->flags & ACTION_MAKES)) {
        err_set(&st->err, ERR_NOTFOUND, 0, "%s is not there any more", st->name);
        step_end(st, STEP_FAILED, "not done: %s is not there any more, or is another object of that name", st->name);
    } else if (st->pending != PENDING_NO) {
        go_on(st);
    } else {
        build(st);
    }
}

static void start(struct op_step *st)
{
    if (st->op->canceling && !st->tidies) {
        step_end(st, STEP_CANCELED, "canceled before it was sent");
        return;
    }
    if (st->op->paused) {
        st->busy = false;
        set_state(st, STEP_WAITING);
        op_pump_soon(st->op);
        return;
    }
    if (hold_ms(st)) {
        step_note(st, "%s is left alone for %lld s, as it asked or as it fails", st->src->info.name, (long long)(hold_ms(st) + 999) / 1000);
        step_wait(st, hold_ms(st), start);
        return;
    }
    set_state(st, STEP_READING);
    st->seeing = st->pending != PENDING_NO;
    step_read(st, was_read);
}

void step_run(struct op_step *st)
{
    const struct action *a = st->action;
    if (a->compound) {
        compound_run(st);
        return;
    }
    st->busy = true;
    st->err = (struct err)ERR_INIT;
    if (!st->began_ms) {
        st->began_ms = clock_mono_ms();
        struct act_ctx c;
        step_ctx(st, &c);
        int64_t asked = act_int(&c, "timeout", 0);
        st->until_ms = clock_mono_ms() + (asked > 0 ? asked : a->timeout_s ? a->timeout_s : TIMEOUT_S) * 1000;
    }
    start(st);
}
