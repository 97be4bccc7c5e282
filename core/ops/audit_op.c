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
        const char *v = hide_name(a[i].name) ? "***" : a[i].value;
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
    if (op->resumes)
        journal_field(&s, op->back ? "undoes" : "resumes", op->resumes);
    str_adds(&s, ",\"targets\":[");
    for (size_t i = 0; i < op->ntargets; i++) {
        const struct op_step *st = &op->steps[i];
        str_addf(&s, "%s{\"step\":%zu", i ? "," : "", i);
        target(&s, st);
        args(&s, st->args, st->nargs);
        str_addc(&s, '}');
    }
    str_addc(&s, ']');
    return journal_put(a->journal, &s, true, err);
}

static void step_begin(struct audit *a, struct str *s, const char *event, const struct op_step *st)
{
    journal_begin(a->journal, s, event);
    journal_field(s, "key", st->op->key);
    journal_number(s, "step", st->index);
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

enum err_code audit_step(struct audit *a, const struct op_step *st, bool dry, struct err *err)
{
    struct str s;
    if (!a)
        return err_set(err, ERR_NOMEM, 0, "not done: no memory for the journal");
    step_begin(a, &s, "intent", st);
    journal_field(&s, "server", st->src->info.server);
    journal_field(&s, "as", st->src->info.user);
    str_addf(&s, ",\"dry_run\":%s", dry ? "true" : "false");
    args(&s, st->args, st->nargs);
    journal_field(&s, "request", st->request);
    brief(&s, "before", st, st->obj);
    return journal_put(a->journal, &s, !dry, err);
}

void audit_answer(struct audit *a, const struct op_step *st, int status, bool dry)
{
    struct str s;
    struct err ignored;
    if (!a)
        return;
    step_begin(a, &s, dry ? "outcome" : "answer", st);
    journal_number(&s, "status", status);
    if (dry)
        str_adds(&s, ",\"dry_run\":true");
    journal_field(&s, "request_id", st->request_id);
    (void)journal_put(a->journal, &s, false, &ignored);
}

void audit_step_end(struct audit *a, const struct op_step *st, const char *state)
{
    struct str s;
    struct err ignored;
    if (!a)
        return;
    step_begin(a, &s, "outcome", st);
    if (st->op->resumes && !st->op->back && !st->sends)
        journal_field(&s, "resumes", st->op->resumes);
    journal_field(&s, "result", state);
    journal_field(&s, "text", st->note);
    journal_field(&s, "request_id", st->request_id);
    brief(&s, "after", st, st->obj);
    if (st->undo_id && !strcmp(state, "done")) {
        journal_field(&s, "undo", st->undo_id);
        journal_field(&s, "undo_args", st->undo_args);
    }
    (void)journal_put(a->journal, &s, true, &ignored);
}

void audit_op_end(struct audit *a, const struct op *op)
{
    struct str s;
    struct err ignored;
    if (!a)
        return;
    journal_begin(a->journal, &s, "op-end");
    journal_field(&s, "key", op->key);
    journal_field(&s, "title", op->title);
    journal_field(&s, "result", op_state_name(op->state));
    journal_field(&s, "text", op->note);
    (void)journal_put(a->journal, &s, true, &ignored);
}

void audit_op_taken(struct audit *a, const char *key, const char *by)
{
    struct str s;
    struct err ignored;
    if (!a)
        return;
    journal_begin(a->journal, &s, "op-end");
    journal_field(&s, "key", key);
    journal_field(&s, "result", "taken over");
    journal_field(&s, "by", by);
    (void)journal_put(a->journal, &s, true, &ignored);
}
