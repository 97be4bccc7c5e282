/*
 * Operations of many steps: the row decides (drive), here is what it decides with: the target is read again and again, its steps
 * run as any, each with its own line in the journal.
 */
#include "core/ops/compound.h"
#include "core/ops/running.h"

#include <stdio.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/op.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "strata/text.h"

#define LOOK_MS 1000               /* between two looks when nothing happens */
#define TWICE_MS 2000

struct turn {
    struct op_drive d;             /* first */
    struct op_step *st;
    uint32_t *index;               /* kid -> step */
    struct op_kid *other;
    size_t cap, cap_index;
    bool failed;
};

static bool kid_of(const struct op_step *kid, const struct op_step *parent) { return kid->parent == parent->index; }

static void view(struct op_kid *k, const struct op_step *st)
{
    *k = (struct op_kid){.action = st->action->id, .kind = st->kind->singular, .scope = st->scope, .name = st->name, .uid = st->uid, .state = st->state,
                         .note = st->note ? st->note : "", .began_mono_ms = st->began_ms, .ended_mono_ms = st->ended_ms,
                         .status = st->refused_status, .unseen = st->unseen, .answer = st->refused_answer, .retry_after_ms = st->refused_retry_ms, .mark = st->mark, .earlier = st->earlier};
}

/* ---- what the row says ---- */

static struct turn *of(struct op_drive *d) { return (struct turn *)d; }
static struct op_step *step_of(struct op_drive *d, size_t i) { return &of(d)->st->op->steps[of(d)->index[i]]; }

static bool push(struct turn *t, const struct op_step *st)
{
    if (!mem_grow(&t->d.kid, &t->cap, t->d.nkids + 1, sizeof *t->d.kid) || !mem_grow(&t->index, &t->cap_index, t->d.nkids + 1, sizeof *t->index))
        return false;
    view(&t->d.kid[t->d.nkids], st);
    t->index[t->d.nkids++] = st->index;
    return true;
}

static struct op_step *make(struct op_step *parent, const struct action *a, struct source *src, const struct kind *k, const char *scope, const char *name,
                            const char *uid)
{
    struct op *op = parent->op;
    if (op->nsteps >= op->cap_steps)
        return NULL;
    struct op_step *st = &op->steps[op->nsteps];
    *st = (struct op_step){.op = op, .index = (uint32_t)op->nsteps, .parent = parent->index, .action = a, .src = src, .kind = k, .own_args = true,
                           .tried = !a->compound, .sent_wall_ms = CELL_NONE, .refused_retry_ms = -1};
    op->nsteps++;                  /* whatever it got is released with the operation */
    st->scope = mem_strdup(scope);
    st->name = mem_strdup(name);
    st->uid = mem_strdup(uid);
    st->labels = mem_strdup("");
    return st->scope && st->name && st->uid && st->labels && (st->text = op_step_name(st)) ? st : NULL;
}

struct op_step *compound_keep(struct op_step *parent, const struct action *a, struct source *src, const struct kind *k, const char *scope, const char *name,
                              const char *uid)
{
    struct op_step *st = make(parent, a, src, k, scope, name, uid);
    if (st)
        st->kept = true;
    return st;
}

static void tell_about(struct op_step *st, const char *about)
{
    struct str s;
    str_init(&s, 16384);
    str_addf(&s, "%s: %s", st->text, about);
    char *text = text_take(&s);
    if (text) {
        mem_free(st->text);
        st->text = text;
    }
}

/* One that an earlier run had stands where it stood. */
static bool is_kept(const struct op_step *parent, const struct op_kid_new *new, const struct action *a)
{
    const struct op *op = parent->op;
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        if (st->kept && kid_of(st, parent) && st->action == a && !strcmp(st->uid, new->uid) && !strcmp(st->name, new->name) && !strcmp(st->scope, new->scope))
            return true;
    }
    return false;
}

static bool add(struct op_drive *d, const struct op_kid_new *new)
{
    struct turn *t = of(d);
    const struct kind *k = kind_find(new->kind);
    const struct action *a = k ? action_find(new->action, k) : NULL;
    struct source *src = new->source && k ? op_source(t->st->op->core, k->plane, new->source) : t->st->src;
    if (a && is_kept(t->st, new, a))
        return true;
    bool may = a && src && (!a->compound || d->facts);
    struct op_step *st = may ? make(t->st, a, src, k, new->scope, new->name, new->uid) : NULL;
    if (st && new->about)
        tell_about(st, new->about);
    bool ok = st && op_set_args(&st->args, &st->nargs, a, new->args, new->nargs) && push(t, st);
    if (st) {
        st->first = new->first && t->st->parent == UINT32_MAX;
        st->tidies = new->tidies;
        st->stays = new->stays;
        st->data = new->data;
        st->held = new->held ? mem_strdup(new->held) : NULL;
        st->allowed = new->allowed > 0 ? (uint32_t)new->allowed : 0;
    }
    t->failed |= !ok;
    op_changed(t->st->op);
    return ok;
}

static void start(struct op_drive *d, size_t i)
{
    struct op_step *st = step_of(d, i);
    if (st->busy || st->state != STEP_WAITING)
        return;
    st->refused_status = 0;
    d->kid[i].state = STEP_READING;
    step_run(st);
}

static void again(struct op_drive *d, size_t i)
{
    struct op_step *st = step_of(d, i);
    if (st->busy)
        return;
    st->state = d->kid[i].state = STEP_WAITING;
    st->err = (struct err)ERR_INIT;
    st->ended_ms = 0;
    st->sends = 0;
    st->looks = 0;
    st->unseen = false;
    st->accepted = false;
    op_changed(st->op);
}

static void skip(struct op_drive *d, size_t i, const char *words)
{
    struct op_step *st = step_of(d, i);
    if (st->busy || st->state != STEP_WAITING)
        return;
    d->kid[i].state = STEP_SKIPPED;
    st->state = STEP_SKIPPED;
    st->ended_ms = clock_mono_ms();
    step_note(st, "%s", words);
}

static void note(struct op_drive *d, size_t i, const char *words)
{
    struct op_step *st = step_of(d, i);
    if (!st->note || strcmp(st->note, words) != 0)
        step_note(st, "%s", words);
    d->kid[i].note = st->note ? st->note : "";
}

static const struct op_drive_ops row_ops = {add, start, again, skip, note};

/* One question to the row. false: out of memory. */
static bool ask(struct op_step *st, struct act_facts *facts, enum act_seen *seen, struct str *why)
{
    struct op *op = st->op;
    struct turn t = {.d = {.ops = &row_ops, .facts = facts, .canceling = op->canceling, .goes_back = op->undo_canceled, .mono_ms = clock_mono_ms(), .began_mono_ms = st->began_ms,
                             .canceled_mono_ms = op->canceled_ms}, .st = st};
    size_t others = 0, cap = 0;
    step_ctx(st, &t.d.c);
    for (size_t i = op->ntargets; i < op->nsteps && !t.failed; i++) {
        if (kid_of(&op->steps[i], st))
            t.failed = !push(&t, &op->steps[i]);
        else if (mem_grow(&t.other, &cap, others + 1, sizeof *t.other))
            view(&t.other[others++], &op->steps[i]);
        else
            t.failed = true;
    }
    t.d.other = t.other;
    t.d.nothers = others;
    if (!t.failed)
        *seen = st->action->compound(&t.d, why);
    for (size_t i = 0; i < t.d.nkids; i++)
        step_of(&t.d, i)->mark = t.d.kid[i].mark;
    mem_free(t.d.kid);
    mem_free(t.index);
    mem_free(t.other);
    if (!facts)
        running_refresh(op);
    return !t.failed;
}

/* ---- the plan ---- */

void compound_plan(struct op_step *st, struct act_facts *f)
{
    enum act_seen seen = SEEN_FAILED;
    struct str why;
    str_init(&why, 4096);
    bool ok = ask(st, f, &seen, &why);
    str_release(&why);
    if ((!ok || seen == SEEN_FAILED) && !facts_refusal(f))
        act_fact(f, FACT_REFUSED, "out of memory, or too many steps for one operation");
    st->verdict = facts_refusal(f) || f->failed ? ACT_REFUSED : ACT_SEND;
}

/* ---- the run ---- */

static void look(struct op_step *st);

static size_t kids_busy(const struct op_step *st)
{
    size_t n = 0;
    for (size_t i = st->op->ntargets; i < st->op->nsteps; i++) {
        const struct op_step *kid = &st->op->steps[i];
        n += kid_of(kid, st) && kid->busy;
    }
    return n;
}

/* What has not begun is not begun, and says what it waited for; what was sent is looked at once more (stop), or waited for by the caller. */
static void end_kids(struct op_step *st, enum step_state state, const char *words, bool stop)
{
    for (size_t i = st->op->ntargets; i < st->op->nsteps; i++) {
        struct op_step *kid = &st->op->steps[i];
        bool sent = kid->open_intent || kid->state == STEP_WATCHING;
        if (!kid_of(kid, st))
            continue;
        if (!kid->busy && kid->state == STEP_WAITING && !sent) {
            char why[600];
            snprintf(why, sizeof why, "%s", kid->note ? kid->note : "");
            kid->state = state;
            if (state == STEP_SKIPPED && *why)
                step_note(kid, "%s (%s)", words, why);
            else
                step_note(kid, "%s", words);
        } else if (kid->busy ? stop && kid->state != STEP_SENDING : kid->state == STEP_WAITING) {
            if (!sent) {
                step_stop(kid);
                step_end(kid, STEP_CANCELED, "%s", words);
            } else if (!step_last(kid)) {
                step_left(kid);
            }
        }
    }
}

static void over(struct op_step *st, enum step_state state, const char *why)
{
    char text[4096];
    snprintf(text, sizeof text, "%s", why);
    st->ending = false;
    step_end(st, state, "%s", text);
}

/* Canceled, and the row says what must still be done so that nothing stays half done. */
static void tidying(struct op_step *st)
{
    enum act_seen seen = SEEN_FAILED;
    struct str why;
    char text[1000];
    str_init(&why, 8192);
    bool ok = ask(st, NULL, &seen, &why);
    snprintf(text, sizeof text, "%s", ok && why.len ? why.data : "what was under way is over, the rest was not begun");
    str_release(&why);
    if (ok && seen == SEEN_FAILED)                /* it waited long enough */
        end_kids(st, STEP_CANCELED, "canceled before it was begun", true);
    if ((seen == SEEN_WAIT && !step_unheard(st)) || kids_busy(st)) {
        step_note(st, "canceling: %s", text);
        step_wait(st, LOOK_MS, look);
        return;
    }
    over(st, STEP_CANCELED, text);
}

/* Nothing of it is under way; a step that was left before its end says what stays. */
static void canceled(struct op_step *st)
{
    for (size_t i = st->op->ntargets; i < st->op->nsteps; i++) {
        const struct op_step *kid = &st->op->steps[i];
        if (kid_of(kid, st) && kid->state == STEP_UNSURE && !kid->kept && (kid->action->stays || kid->action->compound)) {
            char text[1200];
            int n = snprintf(text, sizeof text, "%.200s: %s", kid->text, kid->note ? kid->note : "");
            over(st, STEP_UNSURE, n > 0 ? text : "");
            return;
        }
    }
    over(st, STEP_CANCELED, "canceled: what was under way is over, the rest was not begun");
}

static void canceling(struct op_step *st)
{
    size_t busy = kids_busy(st);
    end_kids(st, STEP_CANCELED, "canceled before it was begun", false);
    if (st->action->flags & ACTION_TIDIES) {
        tidying(st);
        return;
    }
    if (!busy) {
        canceled(st);
        return;
    }
    step_note(st, "canceling: %zu under way %s followed to %s end", busy, busy == 1 ? "is" : "are", busy == 1 ? "its" : "their");
    step_wait(st, LOOK_MS, look);
}

/* It failed as a whole: answers on their way and last looks are waited for, so that each line of the journal has its outcome. */
static void failing(struct op_step *st)
{
    end_kids(st, STEP_SKIPPED, "not begun, the operation failed before", true);
    if (!kids_busy(st)) {
        over(st, STEP_FAILED, st->note ? st->note : "failed");
        return;
    }
    st->ending = true;
    step_wait(st, LOOK_MS, failing);
}

static void seen_done(struct op_step *st, const char *why)
{
    int64_t now = clock_mono_ms();
    if (!(st->action->flags & ACTION_TWICE) || (st->seen_ms && now - st->seen_ms >= TWICE_MS)) {
        char text[1000];
        snprintf(text, sizeof text, "%s: %s", st->action->past, why);
        over(st, STEP_DONE, text);
        return;
    }
    if (!st->seen_ms)
        st->seen_ms = now;
    step_note(st, "%s; seen once, looking again", why);
    step_wait(st, TWICE_MS, look);
}

/* What may have been sent by an earlier run is looked at before anything is decided. */
static void look_after_kept(struct op_step *st)
{
    for (size_t i = st->op->ntargets; i < st->op->nsteps; i++) {
        struct op_step *kid = &st->op->steps[i];
        if (kid_of(kid, st) && kid->pending != PENDING_NO && !kid->busy && kid->state == STEP_WAITING)
            step_run(kid);
    }
}

void compound_back(struct op_step *kid)
{
    kid->busy = false;
    kid->state = STEP_WAITING;
    op_changed(kid->op);
    op_pump_soon(kid->op);
    compound_poke(kid);
}

/* ---- its time, where the server does not answer and so the row is not asked ---- */

#define LATE_MS 4000               /* the row gives up by itself as a rule, and knows what to take back */

static int64_t timeout_of(const struct op_step *st)
{
    struct act_ctx c = {.args = st->args, .nargs = st->nargs};
    return act_int(&c, "timeout", 0);
}

static bool late(const struct op_step *st, int64_t *timeout)
{
    *timeout = timeout_of(st);
    return *timeout > 0 && clock_mono_ms() - st->began_ms >= *timeout * 1000 + LATE_MS;
}

static void give_up(struct op_step *st, int64_t timeout, const char *why)
{
    step_note(st, "given up after %lld s (--timeout): %s; what was asked for before goes on", (long long)timeout, why);
    failing(st);
}

static void watch_time(void *arg)
{
    struct op *op = arg;
    int64_t timeout, now = clock_mono_ms();
    bool left = false;
    op->limit = NULL;
    if (op->over || op->core->closing)
        return;
    for (size_t i = 0; i < op->nsteps; i++) {
        struct op_step *st = &op->steps[i];
        bool ours = st->busy && st->action->compound && !st->ending;
        if (ours && late(st, &timeout) && st->call && now - st->asked_ms >= LATE_MS) {
            char why[200];
            snprintf(why, sizeof why, "no answer from %.80s for %lld s", st->src->info.name, (long long)(now - st->asked_ms) / 1000);
            step_stop(st);
            st->busy = true;
            give_up(st, timeout, why);
        }
        left |= ours && timeout_of(st) > 0;
    }
    if (left && !op->limit)
        op->limit = net_timer(op->core->net, LOOK_MS, watch_time, op);
}

static void was_read(struct op_step *st)
{
    enum act_seen seen = SEEN_WAIT;
    int64_t timeout;
    struct str why;
    if (st->op->core->closing)
        return;
    if (st->op->canceling) {
        canceling(st);
        return;
    }
    if (st->read_err.code && late(st, &timeout)) {
        give_up(st, timeout, st->read_err.msg);
        return;
    }
    if (st->read_err.code) {
        step_note(st, "waiting for %s: %s", st->src->info.name, st->read_err.msg);
        step_wait(st, st->retry_after_ms > 0 ? st->retry_after_ms : LOOK_MS, look);
        return;
    }
    if (!st->obj) {
        step_note(st, "%s is not there any more", st->name);
        failing(st);
        return;
    }
    if (st->op->paused) {
        step_wait(st, LOOK_MS, look);
        return;
    }
    if (!st->before)
        st->before = json_incref(st->obj);
    look_after_kept(st);
    str_init(&why, 8192);
    if (!ask(st, NULL, &seen, &why)) {
        str_clear(&why);
        str_adds(&why, "out of memory, or too many steps for one operation");
        seen = SEEN_FAILED;
    }
    if (seen == SEEN_FAILED) {
        step_note(st, "%s", why.data);
        failing(st);
    } else if (seen == SEEN_DONE) {
        seen_done(st, why.data);
    } else {
        st->seen_ms = 0;
        if (!st->note || strcmp(st->note, why.data) != 0)
            step_note(st, "%s", why.data);
        step_wait(st, LOOK_MS, look);
    }
    str_release(&why);
}

static void look(struct op_step *st)
{
    step_read(st, was_read);
}

void compound_run(struct op_step *st)
{
    st->busy = true;
    st->began_ms = clock_mono_ms();
    st->seen_ms = 0;
    st->state = STEP_WATCHING;
    if (timeout_of(st) > 0 && !st->op->limit)
        st->op->limit = net_timer(st->op->core->net, LOOK_MS, watch_time, st->op);
    op_changed(st->op);
    look(st);
}

/* A step of it ended: the row is asked now, not in a second. */
void compound_poke(struct op_step *kid)
{
    struct op_step *st = &kid->op->steps[kid->parent];
    if (!st->busy || st->call || !st->timer || st->ending || st->op->core->closing)
        return;
    net_timer_cancel(st->src->net, st->timer);
    st->timer = NULL;
    step_wait(st, 50, look);
}

bool compound_refused(struct op_step *kid, const struct net_reply *r)
{
    kid->refused_status = r->status;
    if (r->status != 429 && r->status != 403)
        return false;
    kid->refused_retry_ms = r->head.retry_after_ms;
    json_decref(kid->refused_answer);
    kid->refused_answer = r->body ? json_read(r->body, r->len, 0, NULL) : NULL;
    step_end(kid, STEP_FAILED, "not done: %s", r->err.msg);
    return true;
}

/* Steps that come before all others, of all targets. true: one of them is still to run, or runs. */
bool compound_firsts(struct op *op)
{
    bool left = false;
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        struct op_step *kid = &op->steps[i];
        if (!kid->first)
            continue;
        if (!kid->busy && kid->state == STEP_WAITING && !op->canceling && !op->paused)
            step_run(kid);
        left |= kid->busy;
    }
    return left;
}

void compound_end(struct op *op)
{
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        struct op_step *kid = &op->steps[i];
        if (kid->busy || kid->state != STEP_WAITING)
            continue;
        kid->state = op->canceling ? STEP_CANCELED : STEP_SKIPPED;
        step_note(kid, "%s", op->canceling ? "canceled before it was begun" : "not begun");
    }
}
