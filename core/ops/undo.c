/* The way back: what was done, taken back in the reverse order, as an operation of its own. */
#include <stdio.h>
#include <string.h>

#include "core/ops/op.h"
#include "strata/mem.h"

bool op_split_args(struct op_arg **to, size_t *nto, const char *lines)
{
    size_t n = 0, cap = 0;
    struct op_arg *out = NULL;
    for (const char *p = lines ? lines : ""; *p;) {
        size_t len = strcspn(p, "\n"), eq = strcspn(p, "=");
        if (eq < len) {
            char *name = mem_strndup(p, eq), *value = mem_strndup(p + eq + 1, len - eq - 1);
            if (!name || !value || !mem_grow(&out, &cap, n + 1, sizeof(*out))) {
                mem_free(name);
                mem_free(value);
                op_args_free(out, n);
                return false;
            }
            out[n++] = (struct op_arg){.name = name, .value = value};
        }
        p += len + (p[len] == '\n');
    }
    *to = out;
    *nto = n;
    return true;
}

/* "replicas=2" of what takes it back; an edited text is not put into a sentence. */
static void value_of(struct str *out, const char *args)
{
    if (strstr(args, "document="))
        str_adds(out, "another text");
    else
        for (; *args; args++)
            str_addc(out, *args == '\n' ? ' ' : *args);
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
}

bool step_overtaken(struct op_step *st, char *words, size_t size)
{
    struct act_ctx c;
    struct str now, then, is;
    step_ctx(st, &c);
    c.before = st->obj;
    str_init(&now, 65536);
    str_init(&then, 2048);
    str_init(&is, 2048);
    bool known = st->action->undo && st->undo_id && st->undo_args && *st->undo_args;
    const char *id = known ? st->action->undo(&c, &now) : NULL;
    bool other = id && now.len && (strcmp(id, st->undo_id) != 0 || strcmp(now.data, st->undo_args) != 0);
    if (other) {
        value_of(&then, st->undo_args);
        value_of(&is, now.data);
        snprintf(words, size, "then %.130s, now %.130s", then.data ? then.data : "", is.data ? is.data : "");
    }
    str_release(&now);
    str_release(&then);
    str_release(&is);
    return other;
}

static bool copy(struct op_step *to, const struct op_step *from, const struct action *a)
{
    struct op_arg *args = NULL;
    size_t n = 0;
    to->action = a;
    to->src = from->src;
    to->kind = from->kind;
    to->scope = mem_strdup(from->scope);
    to->name = mem_strdup(from->name);
    to->uid = mem_strdup(from->uid);
    to->labels = mem_strdup(from->labels);
    to->project = from->project ? mem_strdup(from->project) : NULL;
    to->found = from->left ? mem_strdup(from->left) : NULL;
    bool ok = (to->found || !from->left) && to->scope && to->name && to->uid && to->labels && op_split_args(&args, &n, from->undo_args);
    ok = ok && op_set_args(&to->args, &to->nargs, a, args, n);
    to->own_args = true;
    op_args_free(args, n);
    return ok;
}

/* Of a way back that did not come to its end: what is set now. */
void op_say_back(struct op *op, const struct op_step *bad)
{
    struct str s;
    if (!op->back || op->ntargets != 1 || !bad->nargs)
        return;
    str_init(&s, 8192);
    str_addf(&s, "%s; the way back was %s", op->note ? op->note : "", bad->accepted ? "accepted all the same, set now:" : "not accepted, not set:");
    for (size_t i = 0; i < bad->nargs; i++)
        if (!hide_name(bad->args[i].name) && strcmp(bad->args[i].name, "document") != 0)
            str_addf(&s, " %.40s %.200s", bad->args[i].name, bad->args[i].value);
    if (!s.failed)
        op_say(op, "%s", s.data);
    str_release(&s);
}

/* Not where it is taken back at once, or somebody else's stands there. */
void step_say_on(struct op_step *st)
{
    const struct op *op = st->op;
    bool ended_ill = st->state == STEP_FAILED || st->state == STEP_UNSURE, goes_back = op->undo_failed || (op->canceling && op->undo_canceled);
    bool gone = st->state == STEP_FAILED && !st->obj;
    if (!ended_ill || !st->action->goes_on || !st->accepted || gone || st->overtaken || goes_back || op->back)
        return;
    if (st->undo_id)
        step_note(st, "%.900s; %s: strata ops --rollback %s takes it back", st->note ? st->note : "", st->action->goes_on, op->key);
    else
        step_note(st, "%.900s; %s", st->note ? st->note : "", st->action->goes_on);
}

/* Taken back by different actions: each step has its own. */
const struct action op_mixed = {.id = "undo", .past = "taken back"};

/* What others set meanwhile is theirs: it is not overwritten without somebody who asks for it. */
static const struct action *back_of(const struct op_step *st, bool by_itself)
{
    return st->undo_id && !(by_itself && st->overtaken) ? action_find(st->undo_id, st->kind) : NULL;
}

/* A server that was moved, a pod that was evicted: nobody brings them back, and who asks for the way back may think so. */
static void say_stay(struct op *back, const struct op *op)
{
    const struct op_step *first = NULL;
    size_t n = 0;
    char text[500];
    for (size_t i = op->ntargets; i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        if (st->state != STEP_DONE || st->undo_id || st->action->compound)
            continue;
        first = first ? first : st;
        n++;
    }
    if (!n)
        return;
    snprintf(text, sizeof(text), "%zu step%s stay%s as done, there is no way back from %s: %.300s%s", n, n == 1 ? "" : "s", n == 1 ? "s" : "", n == 1 ? "it" : "them",
             first->text ? first->text : "", n > 1 ? ", ..." : "");
    op_fact(back, FACT_CAUTION, UINT32_MAX, text);
}

struct op *op_way_back(struct op *op, bool by_itself, struct err *err)
{
    const struct action *a = NULL;
    size_t n = 0, theirs = 0;
    if (op->resumes && !op->back)          /* what runs before did of it as well: the journal knows */
        return op_again(op->core, op->key, true, err);
    for (size_t i = 0; i < op->nsteps; i++) {
        const struct op_step *st = &op->steps[i];
        const struct action *one = back_of(st, by_itself);
        theirs += by_itself && st->overtaken;
        if (!one)
            continue;
        a = a && a != one ? &op_mixed : one;
        n++;
    }
    if (!a) {
        err_set(err, ERR_USAGE, 0, theirs ? "it is not taken back by itself: somebody set something else meanwhile" : "there is nothing of it to take back");
        return NULL;
    }
    struct op *back = op_new(op->core, a, n);
    bool ok = back != NULL;
    for (size_t i = op->nsteps, at = 0; ok && i-- > 0;) {
        const struct op_step *st = &op->steps[i];
        const struct action *one = back_of(st, by_itself);
        if (one)
            ok = copy(&back->steps[at++], st, one);
    }
    if (!ok) {
        op_free(back);
        err_set(err, ERR_NOMEM, 0, "out of memory");
        return NULL;
    }
    say_stay(back, op);
    back->at_once = op->at_once;
    back->keep_going = op->keep_going;
    back->by_name = op->by_name;
    back->back = true;
    back->resumed = op->title ? mem_strdup(op->title) : NULL;
    memcpy(back->undoes, op->key, sizeof(back->undoes));
    return back;
}
