/* An action on an object that is not under the cursor: the one that a line of a view names, or the one that the words name, wherever it
 * lies. The pane goes there, so that the question stands over what it is about. */
#include <stdio.h>
#include <string.h>

#include "strata/ops.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/dialog_op.h"
#include "tui/op_cmd.h"
#include "tui/subject.h"

static void ask(struct app *a, const char *action, const char *args, struct snap *snap, const struct row *r)
{
    struct target t = {0};
    target_set(&t, snap, r);                                /* views that go may hold the picture it is of */
    app_goto(a, t.row);
    dialog_op_row(a, action, args, &t);
    target_release(&t);
}

/* An option of that action, of whichever kind. */
static bool is_option(const char *action, const char *word, size_t n)
{
    char w[300];
    const struct action *x;
    snprintf(w, sizeof w, "%.*s", (int)(n < sizeof w ? n : sizeof w - 1), word);
    bool yes = strchr(w, '=') != NULL;
    for (size_t i = 0; !yes && (x = action_at(i)); i++) yes = !strcmp(action_id(x), action) && *w != '-' && !op_form_may_name(x, w);
    return yes;
}

bool op_names(const char *action, const char *args)
{
    size_t n = command_word_len(args);
    return n && !is_option(action, args, n);
}

/* The words that say which object; what follows, beginning with an option, is the action's. */
static void split(const char *action, const char *args, char *words, size_t size, const char **rest)
{
    const char *p = args;
    for (size_t n; *p; p += n + strspn(p + n, " ")) {
        n = command_word_len(p);
        if (is_option(action, p, n)) break;
    }
    size_t len = (size_t)(p - args);
    while (len && args[len - 1] == ' ') len--;
    snprintf(words, size, "%.*s", (int)(len < size ? len : size - 1), args);
    *rest = p;
}

bool op_elsewhere(struct app *a, const char *action, const char *args)
{
    char words[400];
    const char *rest;
    const struct graph *g = app_graph(a);
    split(action, args, words, sizeof words, &rest);
    uint32_t node = g && *words ? subject_for(a, action, words) : LINK_NO_NODE;
    if (node == LINK_NO_NODE) return false;
    ask(a, action, rest, links_snap(g->links, node), links_row(g->links, node));
    return true;
}

bool op_of_line(struct app *a, const char *action, const char *args)
{
    struct target t = {0};
    if (!a->over || !a->over->ops->object) return false;
    if (op_names(action, args)) {
        if (!op_elsewhere(a, action, args)) app_error(a, "%s: not one object alone is meant by %.80s: say KIND NAME, for one of several @CLUSTER, too", action, args);
        return true;
    }
    if (dialog_op_marked(a, action, args)) return true;
    bool there = app_looked_at(a, &t);
    if (!there) app_error(a, "%s: this line names no object", action);
    else if (!action_find(action, t.row->kind)) app_error(a, "strata cannot %s a %s", action, t.row->kind->singular);
    else ask(a, action, args, t.snap, t.row);
    target_release(&t);
    return true;
}
