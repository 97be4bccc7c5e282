/* Commands and keys of tables. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "strata/clock.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/table.h"

static long page(const struct table *t)
{
    return t->rows_h > 2 ? t->rows_h - 1 : 1;
}

static void run_move(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    long at = (long)t->index;
    (void)a;
    if (!strcmp(args, "up")) table_move(t, at - 1);
    else if (!strcmp(args, "down")) table_move(t, at + 1);
    else if (!strcmp(args, "top")) table_move(t, 0);
    else if (!strcmp(args, "bottom")) table_move(t, (long)view_count(t->view) - 1);
    else if (!strcmp(args, "page-up")) table_move(t, at - page(t));
    else if (!strcmp(args, "page-down")) table_move(t, at + page(t));
    else if (!strcmp(args, "half-up")) table_move(t, at - page(t) / 2);
    else if (!strcmp(args, "half-down")) table_move(t, at + page(t) / 2);
    else app_error(a, "move: up, down, top, bottom, page-up, page-down, half-up or half-down");
}

static void run_scroll(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    if (!strcmp(args, "left")) t->hscroll -= t->hscroll > 0;
    else if (t->nhidden > 0) t->hscroll++;
    app_dirty(a);
}

static void sort_by(struct table *t, int col, bool desc)
{
    view_sort(t->view, col, desc);
    table_follow(t);
    app_dirty(t->base.app);
}

static int column_named(const struct table *t, const char *name)
{
    static const char *const same[][2] = {{"namespace", "project"}, {"status", "state"}, {"age", "seen"}, {"name", "service"},
                                          {"status", "ready"}, {"name", "host"}};
    const struct kind *k = view_kind(t->view);
    int col = kind_column(k, name);
    for (size_t i = 0; i < sizeof same / sizeof *same && col < 0; i++)
        if (!strcasecmp(name, same[i][0])) col = kind_column(k, same[i][1]);
    for (size_t i = 0; i < k->ncolumns && col < 0; i++) {
        const struct column *c = &k->columns[i];
        if ((!strcasecmp(name, "status") && (c->flags & COL_STATE)) || (!strcasecmp(name, "namespace") && (c->flags & COL_SCOPE))) col = (int)i;
    }
    return col;
}

static void run_sort(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    const struct kind *k = view_kind(t->view);
    char name[64];
    bool desc = false, now_desc = false;
    if (!k) return app_error(a, "nothing to sort yet");
    if (!*args || !strcmp(args, "default")) return sort_by(t, -1, false);
    if (*args == '-') desc = true, args++;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(args, " "), args);
    const char *rest = args + strlen(name);
    while (*rest == ' ') rest++;
    int col = column_named(t, name), now = view_sort_column(t->view, &now_desc);
    if (col < 0 && (!strcasecmp(name, "cluster") || !strcasecmp(name, "cloud") || !strcasecmp(name, "source")))
        return sort_by(t, VIEW_BY_SOURCE, now == VIEW_BY_SOURCE && !now_desc);
    if (col < 0) return app_error(a, "sort: %s has no column \"%s\"", k->id, name);
    if (!strcmp(rest, "desc")) desc = true;
    else if (!*rest && !desc) desc = now == col ? !now_desc : (k->columns[col].flags & COL_DESC) != 0;   /* again = the other way */
    sort_by(t, col, desc);
}

static void run_pick(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    int cols[TABLE_COLUMNS], at = -1;
    size_t n = table_columns(t, cols, TABLE_COLUMNS);
    bool desc;
    if (!strcmp(args, "sort")) {
        if (t->pick >= 0 && view_kind(t->view)) run_sort(a, s, view_kind(t->view)->columns[t->pick].id);
        return;
    }
    int now = t->pick >= 0 ? t->pick : n ? view_sort_column(t->view, &desc) : -1;
    for (size_t i = 0; i < n; i++)
        if (cols[i] == now) at = (int)i;
    int by = !strcmp(args, "left") ? -1 : 1;
    for (at += by; at >= 0 && at < (int)n && cols[at] < 0;) at += by;      /* the source is none of its columns */
    if (at >= 0 && at < (int)n) t->pick = cols[at];
    app_dirty(a);
}

/* ---- filter ---- */

static void filter_changed(struct app *a, void *arg, const char *text)
{
    struct err err = ERR_INIT;
    (void)a;
    table_filter(arg, text, &err);
}

static void filter_done(struct app *a, void *arg, const char *text, bool ok)
{
    struct table *t = arg;
    struct err err = ERR_INIT;
    if (!ok) table_filter(t, "", &err);
    else if (table_filter(t, text, &err)) app_error(a, "%s", err.msg);
    *t->filter_err = '\0';
    app_dirty(a);
}

static const struct prompt_ops filter_prompt = {.label = "/", .history = "search", .changed = filter_changed, .done = filter_done};

static void run_filter(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    struct err err = ERR_INIT;
    if (!*args) app_prompt(a, &filter_prompt, t, t->filter_text);
    else if (table_filter(t, !strcmp(args, "none") ? "" : args, &err)) app_error(a, "%s", err.msg);
}

static void run_problems(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    (void)args;
    t->problems = !t->problems;
    view_problems(t->view, t->problems);
    table_follow(t);
    app_dirty(a);
}

static void run_wide(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    (void)args;
    t->wide = !t->wide;
    t->hscroll = 0;
    app_dirty(a);
}

static void clear_marks(struct table *t)
{
    map_release(&t->marked);
    map_init(&t->marked, NULL);
}

bool table_widen_back(struct table *t)
{
    if ((*t->filter_text && strcmp(t->filter_text, t->drill)) || *t->filter_err) table_filter(t, t->drill, NULL);
    else if (t->marked.count) clear_marks(t);
    else if (t->problems) run_problems(t->base.app, &t->base, "");
    else if (t->pick >= 0) t->pick = -1;
    else return false;
    return true;
}

/* esc in a table: takes back one thing after the other, the most recent kind of narrowing first. */
static void run_back(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    (void)args;
    if (!table_widen_back(t) && !table_back(t) && *t->filter_text) table_filter(t, "", NULL);
    app_dirty(a);
}

static void run_mark(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    const struct row *r = table_row(t);
    if (!strcmp(args, "none")) return clear_marks(t), app_dirty(a);
    if (!strcmp(args, "all")) {
        for (size_t i = 0; i < view_count(t->view); i++) table_mark(t, view_row(t->view, i), true);
    } else if (r) {
        table_mark(t, r, !table_marked(t, r));
        table_move(t, (long)t->index + 1);
    }
    app_dirty(a);
}

static void run_refresh(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    (void)args;
    for (int i = 0; i < t->nfeeds; i++) core_refresh(app_core(a), t->feed[i].id);
    app_info(a, "asking again");
}

static void run_ns(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    char ns[sizeof t->ns];
    size_t n = 0;
    if (!*args) return app_run_line(a, "namespaces");
    if (!strcmp(args, "all") || !strcmp(args, "*")) return table_set(t, NULL, "*", NULL);
    if (!strcmp(args, "own")) return table_set(t, NULL, "", NULL);
    for (const char *p = args; *p && n < sizeof ns - 1; p++)
        if (*p != ' ') ns[n++] = *p;
        else if (n && ns[n - 1] != ',') ns[n++] = ',';
    ns[n] = '\0';
    table_set(t, NULL, ns, NULL);
}

static void run_warp(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    const struct row *r = table_row(t);
    char ns[64];
    (void)args;
    if (!r || !*r->scope || r->kind->plane != PLANE_KUBE) return app_error(a, "this row has no namespace");
    snprintf(ns, sizeof ns, "%.63s", r->scope);
    table_set(t, NULL, ns, NULL);
}

static void run_ctx(struct app *a, struct screen *s, const char *args)
{
    struct table *t = table_of(s);
    size_t n = 0;
    const struct source_info *src = app_sources(a, &n);
    const struct kind *k = kind_find(t->kind_name);
    enum plane plane = k ? k->plane : PLANE_KUBE;
    char names[240] = "";
    if (!strcmp(args, "all")) return table_set(t, NULL, NULL, "");
    for (size_t i = 0; i < n; i++) {
        if (src[i].plane != plane) continue;
        if (!strcasecmp(src[i].name, args)) return table_set(t, NULL, NULL, src[i].name);
        size_t len = strlen(names);
        snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "", src[i].name);
    }
    if (*args) app_error(a, "no %s is called \"%s\"; there are: %s", plane == PLANE_KUBE ? "cluster" : "cloud", args, names);
    else app_info(a, "ctx NAME, or ctx all: %s", names);
}

static void run_copy(struct app *a, struct screen *s, const char *args)
{
    const struct row *r = table_row(table_of(s));
    if (!r) return;
    const char *what = !strcmp(args, "namespace") ? r->scope : !strcmp(args, "uid") ? r->uid : r->name;
    app_copy(a, what, strlen(what));
    app_info(a, "copied %s", what);
}

/* What every table does, wherever it is: in a pane, or over the panes (view_list.c). */
#define ROWS_COMMANDS(S) \
    {"move", NULL, S, "up|down|top|bottom|page-up|page-down", "Moves the cursor.", CMD_HIDDEN, COMPLETE_NONE, run_move, NULL}, \
    {"scroll", NULL, S, "left|right", "Shows the columns further left or right.", CMD_HIDDEN, COMPLETE_NONE, run_scroll, NULL}, \
    {"sort", NULL, S, "[-]COLUMN [desc] | default", "Sorts by a column; again turns it round.", 0, COMPLETE_COLUMN, run_sort, NULL}, \
    {"pick", NULL, S, "left|right|sort", "Chooses a column, sorts by the chosen one.", CMD_HIDDEN, COMPLETE_NONE, run_pick, NULL}, \
    {"filter", NULL, S, "[EXPRESSION | none]", "Shows only rows that match: text, ~regex, !not, col:text, col>5, -l k=v, -f fuzzy.", 0, \
     COMPLETE_NONE, run_filter, NULL}, \
    {"problems", "faults", S, NULL, "Only rows that need a look, and back.", 0, COMPLETE_NONE, run_problems, NULL}, \
    {"wide", NULL, S, NULL, "More columns, and back.", 0, COMPLETE_NONE, run_wide, NULL}, \
    {"mark", NULL, S, "[all|none]", "Marks the row for actions on many.", CMD_ROW, COMPLETE_NONE, run_mark, NULL}, \
    {"copy", NULL, S, "[name|namespace|uid]", "Copies to the clipboard (OSC 52).", CMD_ROW, COMPLETE_NONE, run_copy, NULL},
#define ROWS_KEYS(S) \
    {S, "/", "filter", "filter", "Filter as you type (enter keeps, esc clears)."}, \
    {S, "ctrl-z", "problems", "problems", NULL}, \
    {S, "up", "move up", NULL, "One row up."}, \
    {S, "k", "move up", NULL, "One row up."}, \
    {S, "down", "move down", NULL, "One row down."}, \
    {S, "j", "move down", NULL, "One row down."}, \
    {S, "pgup", "move page-up", NULL, "One page up."}, \
    {S, "ctrl-b", "move page-up", NULL, "One page up."}, \
    {S, "pgdn", "move page-down", NULL, "One page down."}, \
    {S, "ctrl-f", "move page-down", NULL, "One page down."}, \
    {S, "home", "move top", NULL, "First row."}, \
    {S, "g", "move top", NULL, "First row."}, \
    {S, "end", "move bottom", NULL, "Last row."}, \
    {S, "G", "move bottom", NULL, "Last row."}, \
    {S, "left", "scroll left", NULL, "Columns further left."}, \
    {S, "right", "scroll right", NULL, "Columns that did not fit."}, \
    {S, "shift-n", "sort name", NULL, "Sort by name."}, \
    {S, "shift-a", "sort age", NULL, "Sort by age."}, \
    {S, "shift-s", "sort status", NULL, "Sort by status."}, \
    {S, "shift-p", "sort namespace", NULL, "Sort by namespace or project."}, \
    {S, "shift-left", "pick left", NULL, "Choose the column to the left."}, \
    {S, "shift-right", "pick right", NULL, "Choose the column to the right."}, \
    {S, "shift-o", "pick sort", NULL, "Sort by the chosen column."}, \
    {S, "ctrl-w", "wide", "wide", NULL}, \
    {S, "space", "mark", "mark", NULL}, \
    {S, "ctrl-\\", "mark none", NULL, "No marks."}, \
    {S, "c", "copy name", NULL, "Copy the name."}, \
    {S, "n", "copy namespace", NULL, "Copy the namespace."},

const struct command table_commands[] = {
    ROWS_COMMANDS("table")
    {"back", NULL, "table", NULL, "Clears the filter, then the marks, then the rest.", CMD_HIDDEN, COMPLETE_NONE, run_back, NULL},
    {"refresh", NULL, "table", NULL, "Asks the server again now.", 0, COMPLETE_NONE, run_refresh, NULL},
    {"ns", NULL, "table", "[NAME[,NAME...] | all | own]", "Namespaces of this pane.", 0, COMPLETE_NS, run_ns, NULL},
    {"warp", NULL, "table", NULL, "Only the namespace of this row.", CMD_ROW, COMPLETE_NONE, run_warp, NULL},
    {"ctx", "context cloud", "table", "NAME | all", "The cluster or cloud of this pane.", 0, COMPLETE_SOURCE, run_ctx, NULL},
    {0},
};

const struct command rows_commands[] = {ROWS_COMMANDS("list") {0}};

const struct key_row table_keys[] = {
    ROWS_KEYS("table")
    {"table", "ctrl-r", "refresh", NULL, NULL},
    {"table", "0", "ns all", NULL, "All namespaces."},
    {"table", "w", "warp", NULL, NULL},
    {"table", "esc", "back", NULL, "Clear filter, marks, problems; back to where enter came from."},
    {"table", "-", "previous", NULL, NULL},
    {0},
};

const struct key_row rows_keys[] = {ROWS_KEYS("list") {0}};
