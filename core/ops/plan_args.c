/* The arguments of an operation against the table of its action, before anything is read. */
#include <string.h>

#include "core/ops/op_plan.h"

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

bool plan_bad_args(struct op *op, struct err *err)
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
