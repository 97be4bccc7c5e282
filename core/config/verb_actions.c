/* The rows of the table of actions as verbs of the command line: each word once. */
#include <string.h>

#include "core/config/option_table.h"
#include "strata/kind.h"
#include "strata/ops.h"

/* What is started can be joined. */
static const char *const debug_options[] = {"stdin", "tty", "selector", "filter", "ignore-not-found", "dry-run", "yes", "confirm", "output", NULL};
static const char *const debug_examples[] = {"strata debug -it web-0 -n shop --image=busybox --target=app -- sh # joined to it, as kubectl debug", NULL};

/* Is it the first row of this word, and no verb of its own? */
static bool first_of(size_t i, const struct action *a)
{
    const struct action *b;
    if ((action_flags(a) & ACTION_HIDDEN) || verb_by_name(action_id(a)))
        return false;
    for (size_t j = 0; j < i && (b = action_at(j)); j++)
        if (!strcmp(action_id(a), action_id(b)) && !(action_flags(b) & ACTION_HIDDEN))
            return false;
    return true;
}

const struct verb_row *verb_at(size_t i, struct verb_row *buf)
{
    const struct action *a;
    if (i < verb_count)
        return &verb_rows[i];
    i -= verb_count;
    for (size_t k = 0; (a = action_at(k)); k++) {
        if (!first_of(k, a) || i--)
            continue;
        *buf = action_verb;
        buf->name = action_id(a);
        buf->help = action_help(a);
        if (!strcmp(buf->name, "debug")) {
            buf->usage = "POD [-it] --image=IMAGE [-- COMMAND...]";
            buf->options = debug_options;
            buf->examples = debug_examples;
        }
        return buf;
    }
    return NULL;
}

const struct verb_row *verb_or_action(const char *name, struct verb_row *buf)
{
    const struct verb_row *v;
    for (size_t i = 0; (v = verb_at(i, buf)); i++)
        if (!strcmp(v->name, name))
            return v;
    return NULL;
}

void verb_action_help(struct str *out, const char *name)
{
    const struct action *a;
    for (size_t i = 0; (a = action_at(i)); i++) {
        size_t n;
        const struct action_arg *args = action_args(a, &n);
        if (strcmp(action_id(a), name) != 0 || (action_flags(a) & ACTION_HIDDEN))
            continue;
        str_adds(out, "\nOf");
        for (const char *const *k = action_kinds(a); *k; k++)
            str_addf(out, "%s %s", k == action_kinds(a) ? "" : ",", strcmp(*k, "*") ? *k : "any kind");
        if (verb_by_name(name))            /* the word alone is a verb of its own: the noun comes first */
            str_addf(out, ", as strata %s %s NAME", action_kinds(a)[0], name);
        str_addf(out, ": %s\n", action_help(a));
        for (size_t k = 0; k < n; k++)
            str_addf(out, "  --%s%s  %s%s%s%s\n", args[k].name, args[k].type == ARG_BOOL ? "" : "=VALUE", args[k].help,
                     args[k].choices ? " One of: " : "", args[k].choices ? args[k].choices : "", args[k].required ? " Needed." : "");
    }
}
