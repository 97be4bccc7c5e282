/* What can be done with the object under the cursor: commands and their keys. */
#include <stdlib.h>
#include <string.h>

#include "strata/ops.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/op_cmd.h"
#include "tui/view_logs.h"
#include "tui/view_stage.h"
#include "tui/view_text.h"

static unsigned selected_flags(struct app *a)
{
    struct target t = {0};
    unsigned flags = app_looked_at(a, &t) ? t.row->kind->flags : 0;
    target_release(&t);
    return flags;
}

static bool has_object(struct app *a, struct screen *s)
{
    struct target t = {0};
    (void)s;
    bool yes = app_looked_at(a, &t);
    target_release(&t);
    return yes;
}

static bool has_logs(struct app *a, struct screen *s)
{
    (void)s;
    return selected_flags(a) & (KIND_LOGS | KIND_CONSOLE);
}

static bool has_console(struct app *a, struct screen *s)
{
    (void)s;
    return selected_flags(a) & KIND_CONSOLE;
}

/* Pods, what makes pods, and servers (the pod that manages them). */
static bool can_heal(struct app *a, struct screen *s)
{
    (void)s;
    return selected_flags(a) & (KIND_LOGS | KIND_CONSOLE);
}

static bool can_delete(struct app *a, struct screen *s)
{
    struct target t = {0};
    (void)s;
    const struct action *x = app_selected(a, &t) ? action_find("delete", t.row->kind) : NULL;
    bool can = x && action_fits(x, t.row);
    target_release(&t);
    return can;
}

/* What has revisions can go back to one. */
static bool has_revisions(struct app *a, struct screen *s)
{
    struct target t = {0};
    (void)s;
    bool has = app_looked_at(a, &t) && action_find("undo", t.row->kind);
    target_release(&t);
    return has;
}

static void need_revisions(struct app *a, enum fetch_what what, const char *args)
{
    char *end = "";
    long long revision = *args ? strtoll(args, &end, 10) : 0;
    if (!has_revisions(a, NULL))
        app_error(a, "only Deployments, StatefulSets and DaemonSets have revisions; select one (:deployments)");
    else if (*end || revision < 0 || (*args && !revision))
        app_error(a, "a revision is a number, as :history lists them, not %s", args);
    else
        view_text_revision(a, what, revision);
}

static void run_history(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    need_revisions(a, FETCH_ROLLOUT_HISTORY, args);
}

static void run_diff(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    need_revisions(a, FETCH_ROLLOUT_DIFF, args);
}

static void run_describe(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    (void)args;
    view_text_open(a, FETCH_DESCRIBE);
}

static void run_yaml(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    (void)args;
    view_text_open(a, FETCH_YAML);
}

static void need_server(struct app *a, enum fetch_what what)
{
    if (has_console(a, NULL))
        view_text_open(a, what);
    else
        app_error(a, "only servers have that; select one in the VMs pane");
}

static void run_console(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    (void)args;
    need_server(a, FETCH_CONSOLE);
}

static void run_actions(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    (void)args;
    need_server(a, FETCH_ACTIONS);
}

static void run_console_url(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    (void)args;
    need_server(a, FETCH_CONSOLE_URL);
}

static void run_logs(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    if (*args && strcmp(args, "previous") != 0)
        app_error(a, "logs are of what is selected: put the cursor on %.80s, then :logs, or :logs previous", args);
    else if (has_console(a, NULL))
        view_text_open(a, FETCH_CONSOLE);
    else
        view_logs_open(a, !strcmp(args, "previous"));
}

static void run_delete(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    op_command(a, "delete", args);
}

static void run_heal(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    view_stage_open(a, args);
}

const struct command object_commands[] = {
    {"describe", NULL, "table", NULL, "Describes the object, with its live events.", CMD_ROW, COMPLETE_NONE, run_describe, NULL},
    {"yaml", NULL, "table", NULL, "The object as YAML.", CMD_ROW, COMPLETE_NONE, run_yaml, NULL},
    {"describe", NULL, "board", NULL, "Describes the object of the line.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_describe, has_object},
    {"describe", NULL, "list", NULL, "Describes the object of the row.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_describe, has_object},
    {"yaml", NULL, "board", NULL, "The object of the line as YAML.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_yaml, has_object},
    {"yaml", NULL, "list", NULL, "The object of the row as YAML.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_yaml, has_object},
    {"logs", NULL, "board", "[previous]", "Logs of the object of the line.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_logs, has_logs},
    {"logs", NULL, "list", "[previous]", "Logs of the object of the row.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_logs, has_logs},
    {"describe", NULL, "text", NULL, "Describes the object of the line.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_describe, has_object},
    {"yaml", NULL, "text", NULL, "The object of the line as YAML.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_yaml, has_object},
    {"logs", NULL, "text", "[previous]", "Logs of the object of the line.", CMD_ROW | CMD_HIDDEN, COMPLETE_NONE, run_logs, has_logs},
    {"logs", NULL, "table", "[previous]", "Logs of a pod or a workload; the console log of a server.", CMD_ROW, COMPLETE_NONE, run_logs, has_logs},
    {"console", NULL, "table", NULL, "The console log of a server.", CMD_ROW, COMPLETE_NONE, run_console, has_console},
    {"console-url", NULL, "table", NULL, "The address of a server's screen, to be opened in a browser.", CMD_ROW, COMPLETE_NONE, run_console_url, has_console},
    {"actions", NULL, "table", NULL, "What was done with a server: instance actions.", CMD_ROW, COMPLETE_NONE, run_actions, has_console},
    {"history", NULL, "table", "[REVISION]", "The revisions of a workload; of one, its template.", CMD_ROW, COMPLETE_NONE, run_history, has_revisions},
    {"diff", NULL, "table", "[REVISION]", "What changed from a revision, the one before the newest if none is named, to the newest.", CMD_ROW, COMPLETE_NONE, run_diff, has_revisions},
    {"heal", "stage", "table", "[PROBE...] [vm=ADDR[:PORT]|NAME] [cloud=NAME] [timeout=S] [grace=S]",
     "The self-healing stage: deletes a pod and proves what happened.", CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_heal, can_heal},
    {"delete", NULL, "table", "[ARG=VALUE...]", "Deletes the object, or all marked ones; asks first.", CMD_ROW | CMD_CHANGES, COMPLETE_NONE, run_delete, can_delete},
    {0},
};

const struct key_row object_keys[] = {
    {"table", "enter", "open", "open", NULL},
    {"table", "d", "describe", "describe", NULL},
    {"table", "y", "yaml", "yaml", NULL},
    {"table", "l", "logs", "logs", NULL},
    {"table", "p", "logs previous", NULL, "Logs of the container's previous life."},
    {"board", "d", "describe", "describe", NULL},
    {"board", "y", "yaml", "yaml", NULL},
    {"board", "l", "logs", NULL, NULL},
    {"text", "d", "describe", "describe", NULL},
    {"text", "y", "yaml", "yaml", NULL},
    {"text", "l", "logs", NULL, NULL},
    {"table", "o", "console", "console", NULL},
    {"table", "h", "heal", "heal", NULL},
    {"table", "ctrl-d", "delete", "delete", NULL},
    {"table", "ctrl-k", "delete force", NULL, "Deletes at once, without waiting for an end; its name is typed."},
    {0},
};
