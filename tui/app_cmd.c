/* Commands and keys of the whole: quit, themes, panes, suspend. */
#include "strata/text.h"
#include "tui/app_int.h"
#include "tui/leave.h"
#include "tui/table.h"

static void run_quit(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    leave_ask(a);
}

static void run_quit_now(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    app_quit(a);
}

static void run_theme(struct app *a, struct screen *s, const char *args)
{
    struct err err = ERR_INIT;
    (void)s;
    if (!*args) {
        struct str names;
        str_init(&names, 8192);
        theme_names(&names);
        for (char *p = names.data; *p; p++)
            if (*p == '\n') *p = ' ';
        app_info(a, "theme %s; there are: %s", a->theme.name, names.data);
        str_release(&names);
        return;
    }
    if (app_set_theme(a, args, &err)) app_error(a, "%s", err.msg);
    else a->theme_chosen = true;
}

static void run_command(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    command_prompt(a, args);
}

static void run_redraw(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    term_redraw(a->term);
}

static void run_suspend(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    term_suspend(a->term);
}

static void run_all(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    for (int i = 0; i < a->deck.n; i++) {
        struct table *t = table_of(a->deck.pane[i]->table);
        if (t && *t->sources) table_set(t, NULL, NULL, "");
    }
    app_info(a, "every pane shows every cluster and cloud of this session");
}

static void run_problems_off(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    app_info(a, "%s", a->opt->read_only ? "read-only: nothing can be changed in this session"
                                        : "this session may change things; start with --read-only or mark sources in the config");
}

const struct command app_commands[] = {
    {"quit", "q exit", NULL, NULL, "Leaves strata; asks while operations are under way.", 0, COMPLETE_NONE, run_quit, NULL},
    {"quit!", "q!", NULL, NULL, "Leaves strata at once, whatever is under way.", CMD_HIDDEN, COMPLETE_NONE, run_quit_now, NULL},
    {"command", NULL, NULL, "[TEXT]", "The command line.", CMD_HIDDEN, COMPLETE_NONE, run_command, NULL},
    {"theme", "skin", NULL, "[NAME]", "Another colour theme, at once.", 0, COMPLETE_THEME, run_theme, NULL},
    {"all", NULL, NULL, NULL, "All clusters and clouds in every pane.", 0, COMPLETE_NONE, run_all, NULL},
    {"readonly", NULL, NULL, NULL, "Says whether this session may change anything.", 0, COMPLETE_NONE, run_problems_off, NULL},
    {"redraw", NULL, NULL, NULL, "Paints the whole screen again.", 0, COMPLETE_NONE, run_redraw, NULL},
    {"suspend", NULL, NULL, NULL, "Stops strata (fg brings it back).", 0, COMPLETE_NONE, run_suspend, NULL},
    {0},
};

const struct key_row global_keys[] = {
    {"global", "tab", "pane next", "pane", "The next pane."},
    {"global", "shift-tab", "pane previous", NULL, "The previous pane."},
    {"global", "z", "pane zoom", "zoom", "This pane alone, and back."},
    {"global", ":", "command", "cmd", NULL},
    {"global", "?", "help", "help", NULL},
    {"global", "q", "quit", "quit", NULL},
    {"global", "ctrl-c", "quit", NULL, NULL},
    {"global", "1", "pane 1", NULL, "Pane 1 (and so on to 9)."},
    {"global", "2", "pane 2", NULL, ""},
    {"global", "3", "pane 3", NULL, ""},
    {"global", "4", "pane 4", NULL, ""},
    {"global", "5", "pane 5", NULL, ""},
    {"global", "6", "pane 6", NULL, ""},
    {"global", "7", "pane 7", NULL, ""},
    {"global", "8", "pane 8", NULL, ""},
    {"global", "9", "pane 9", NULL, ""},
    {"global", "alt-1", "pane 1", NULL, NULL},
    {"global", "alt-2", "pane 2", NULL, ""},
    {"global", "alt-3", "pane 3", NULL, ""},
    {"global", ">", "pane wider", NULL, "This pane wider."},
    {"global", "<", "pane narrower", NULL, "This pane narrower."},
    {"global", "=", "pane equal", NULL, "All panes alike."},
    {"global", "+", "pane add", NULL, "One more pane."},
    {"global", "_", "pane close", NULL, "Closes this pane."},
    {"global", "ctrl-l", "redraw", NULL, NULL},
    {0},
};
