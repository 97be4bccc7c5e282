/* The journal's lines of operations: enough to know afterwards what was done, and to go on with it after a crash. */
#include <string.h>

#include "core/base/json_read.h"
#include "core/ops/audit_priv.h"
#include "core/ops/op.h"
#include "core/ops/op_brief.h"

static void args(struct str *s, const struct op_arg *a, size_t n)
{
    str_adds(s, ",\"args\":{");
    for (size_t i = 0; i < n; i++) {
        if (i)
            str_addc(s, ',');
        str_add_json(s, a[i].name, strlen(a[i].name));
        str_addc(s, ':');
        const char *v = hide_name(a[i].name) || !strcmp(a[i].name, "document") ? "***" : a[i].value;
        str_add_json(s, v, strlen(v));
    }
    str_addc(s, '}');
}

static void target(struct str *s, const struct op_step *st)
{
    journal_field(s, "source", st->src->info.name);
    journal_field(s, "kind", st->kind->id);
    journal_field(s, "scope", st->scope);
    journal_field(s, "name", st->name);
    journal_field(s, "uid", st->uid);
}

static void undo(struct str *s, const struct op_step *st);
static void brief(struct str *s, const char *key, const struct op_step *st, const json_t *obj);

/* What an earlier run sent and nobody saw the end of: this operation has to. */
static void pending(struct str *s, const struct op_step *st)
{
    if (st->pending == PENDING_NO)
        return;
    journal_field(s, "pending", st->pending == PENDING_SENT ? "answered" : "maybe");
    journal_number(s, "sent_ms", st->sent_wall_ms);
    journal_field(s, "request_id", st->request_id);
    brief(s, "before", st, st->before);
    undo(s, st);
}

static void undo(struct str *s, const struct op_step *st)
{
    if (!st->undo_id)
        return;
    journal_field(s, "undo", st->undo_id);
    journal_field(s, "undo_args", st->undo_args);
    if (st->left)
        journal_field(s, "left", st->left);
}

/* The steps of a compound, as they are planned; those of a run before as it left them. */
static void parts(struct str *s, const struct op *op)
{
    str_adds(s, ",\"parts\":[");
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        str_addf(s, "%s{\"step\":%zu,\"parent\":%u,\"first\":%s,\"tidies\":%s,\"stays\":%s", i > op->ntargets ? "," : "", i, st->parent,
                 st->first ? "true" : "false", st->tidies ? "true" : "false", st->stays ? "true" : "false");
        journal_field(s, "action", st->action->id);
        journal_field(s, "server", st->src->info.server);
        target(s, st);
        args(s, st->args, st->nargs);
        pending(s, st);
        if (st->state == STEP_DONE || st->state == STEP_ALREADY) {
            journal_field(s, "state", "done");
            undo(s, st);
        }
        str_addc(s, '}');
    }
    str_addc(s, ']');
}

enum err_code audit_op(struct audit *a, const struct op *op, struct err *err)
{
    struct str s;
    if (!a)
        return err_set(err, ERR_NOMEM, 0, "not done: no memory for the journal");
    journal_begin(a->journal, &s, "op");
    journal_field(&s, "key", op->key);
    journal_field(&s, "title", op->title);
    journal_field(&s, "action", op->action->id);
    str_addf(&s, ",\"at_once\":%u,\"keep_going\":%s", op->at_once, op->keep_going ? "true" : "false");
    if (op->undo_failed)
        str_adds(&s, ",\"undo_on_failure\":true");
    if (op->resumes)
        journal_field(&s, op->back ? "undoes" : "resumes", op->resumes);
    else if (*op->undoes)
        journal_field(&s, "undoes", op->undoes);
    str_adds(&s, ",\"targets\":[");
    for (size_t i = 0; i < op->ntargets; i++) {
        const struct op_step *st = &op->steps[i];
        str_addf(&s, "%s{\"step\":%zu", i ? "," : "", i);
        journal_field(&s, "server", st->src->info.server);
        target(&s, st);
        args(&s, st->args, st->nargs);
        if (st->action != op->action)
            journal_field(&s, "action", st->action->id);
        pending(&s, st);
        str_addc(&s, '}');
    }
    str_addc(&s, ']');
    if (op->nsteps > op->ntargets)
        parts(&s, op);
    return journal_put(a->journal, &s, true, err);
}

static void step_begin(struct audit *a, struct str *s, const char *event, const struct op_step *st)
{
    journal_begin(a->journal, s, event);
    journal_field(s, "key", st->op->key);
    journal_number(s, "step", st->index);
    if (st->parent != UINT32_MAX) {
        journal_number(s, "parent", st->parent);
        str_addf(s, ",\"first\":%s", st->first ? "true" : "false");
    }
    journal_field(s, "action", st->action->id);
    target(s, st);
}

static void brief(struct str *s, const char *key, const struct op_step *st, const json_t *obj)
{
    json_t *b = op_brief(st->kind, obj);
    if (!b)
        return;
    str_addf(s, ",\"%s\":", key);
    if (!hide_json(s, b, NULL))
        str_adds(s, "null");
    json_decref(b);
}

/* What is only tried changes nothing, whether its answer comes or strata is killed before: its line waits for no other. */
enum err_code audit_step(struct audit *a, const struct op_step *st, bool dry, struct err *err)
{
    struct str s;
    if (!a)
        return err_set(err, ERR_NOMEM, 0, "not done: no memory for the journal");
    step_begin(a, &s, dry ? "trial" : "intent", st);
    journal_field(&s, "server", st->src->info.server);
    journal_field(&s, "as", st->src->info.user);
    str_addf(&s, ",\"dry_run\":%s", dry ? "true" : "false");
    args(&s, st->args, st->nargs);
    journal_field(&s, "request", st->request);
    if (dry)
        journal_field(&s, "result", "changes nothing");
    brief(&s, "before", st, st->obj);
    if (!dry)
        undo(&s, st);
    return journal_put(a->journal, &s, !dry, err);
}

void audit_answer(struct audit *a, const struct op_step *st, int status, bool dry)
{
    struct str s;
    if (!a)
        return;
    step_begin(a, &s, dry ? "tried" : "answer", st);
    journal_number(&s, "status", status);
    if (dry)
        str_adds(&s, ",\"dry_run\":true");
    else if (st->left)
        journal_field(&s, "left", st->left);
    journal_field(&s, "request_id", st->request_id);
    journal_tell(a->journal, &s, false);
}

void audit_step_end(struct audit *a, const struct op_step *st, const char *state)
{
    struct str s;
    if (!a)
        return;
    step_begin(a, &s, st->action->compound ? "end" : "outcome", st);
    if (st->op->resumes && !st->op->back && !st->sends)
        journal_field(&s, "resumes", st->op->resumes);
    journal_field(&s, "result", state);
    journal_field(&s, "text", st->note);
    journal_field(&s, "request_id", st->request_id);
    brief(&s, "after", st, st->obj);
    undo(&s, st);
    journal_tell(a->journal, &s, true);
}

void audit_op_end(struct audit *a, const struct op *op)
{
    struct str s;
    if (!a)
        return;
    journal_begin(a->journal, &s, "op-end");
    journal_field(&s, "key", op->key);
    journal_field(&s, "title", op->title);
    journal_field(&s, "result", op_state_name(op->state));
    journal_field(&s, "text", op->note);
    journal_tell(a->journal, &s, true);
}

/* What was sent and never came to its outcome has it now. */
static void lost_outcomes(struct audit *a, const json_t *lost, const char *of, const char *then, const char *else_then)
{
    size_t i;
    json_t *what;
    json_array_foreach(lost, i, what) {
        struct str s;
        journal_begin(a->journal, &s, "outcome");
        journal_field(&s, "key", of);
        journal_number(&s, "step", act_num(what, "step", 0));
        static const char *const keys[] = {"action", "source", "kind", "scope", "name", "uid"};
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            journal_field(&s, keys[k], act_str(what, keys[k]));
        journal_field(&s, "result", "unsure");
        journal_field(&s, "text", json_is_true(json_object_get(what, "back")) ? then : else_then);
        journal_tell(a->journal, &s, true);
    }
}

void audit_op_taken(struct audit *a, const struct op *op)
{
    struct str s;
    if (!a)
        return;
    lost_outcomes(a, op->lost, op->resumes, "strata was gone before its end was seen; it is taken back",
                  "strata was gone before its end was seen; it goes on by itself, and is not taken back");
    if (!op->closes)
        return;
    journal_begin(a->journal, &s, "op-end");
    journal_field(&s, "key", op->resumes);
    journal_field(&s, "title", op->resumed ? op->resumed : "");
    journal_field(&s, "result", "taken over");
    journal_field(&s, "by", op->ntargets ? op->key : "nothing was left");
    journal_tell(a->journal, &s, true);
}

enum err_code audit_given_up(struct audit *a, const json_t *op, const json_t *lost, const char *words, struct err *err)
{
    struct str s;
    if (!a)
        return err_set(err, ERR_NOMEM, 0, "not done: no memory for the journal");
    static const char then[] = "strata was gone before its end was seen; it was given up";
    lost_outcomes(a, lost, act_str(op, "key"), then, then);
    journal_begin(a->journal, &s, "op-end");
    journal_field(&s, "key", act_str(op, "key"));
    journal_field(&s, "title", act_str(op, "title"));
    journal_field(&s, "result", "given up");
    journal_field(&s, "text", words);
    return journal_put(a->journal, &s, true, err);
}
