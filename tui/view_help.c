/* Help: every key and command, made from the tables that run them; scrolls and searches. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"
#include "tui/app.h"
#include "tui/app_int.h"

enum line_kind { LINE_SECTION, LINE_ITEM, LINE_BLANK };
struct help_line { enum line_kind kind; char left[72], text[160]; };

struct help {
    struct screen base;
    struct help_line *lines;
    size_t n, cap, top;
    int page;
    char search[64];
};

static void add(struct help *h, enum line_kind kind, const char *left, const char *text)
{
    if (!mem_grow(&h->lines, &h->cap, h->n + 1, sizeof *h->lines)) return;
    struct help_line *l = &h->lines[h->n++];
    l->kind = kind;
    snprintf(l->left, sizeof l->left, "%s", left);
    snprintf(l->text, sizeof l->text, "%s", text);
}

static bool matches(const struct help *h, const char *left, const char *text)
{
    size_t n = strlen(h->search);
    return n == 0 || text_casestr(left, strlen(left), h->search, n) || text_casestr(text, strlen(text), h->search, n);
}

static const char *scope_title(const char *scope)
{
    static const char *const titles[][2] = {{"global", "Everywhere"}, {"table", "Tables"}, {"text", "Text: describe, YAML"},
        {"list", "Causes, timelines"}, {"board", "Links, layers"}, {"logs", "Logs"}, {"stage", "The self-healing stage"}, {"columns", "Choosing columns"}, {"sources", "Clusters and clouds"}, {"help", "This help"}, {"dialog", "Dialogs"}};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (!strcmp(titles[i][0], scope)) return titles[i][1];
    return scope;
}

/* Commands of one view, or (scope NULL) those that work everywhere; under a heading if there is none yet. */
static bool add_commands(struct help *h, const char *scope, const char *heading, bool any)
{
    const struct command *c;
    for (size_t i = 0; (c = command_at(i)); i++) {
        char left[72];
        if ((c->flags & CMD_HIDDEN) || (scope ? !c->scope || strcmp(c->scope, scope) : c->scope != NULL)) continue;
        snprintf(left, sizeof left, ":%s %s", c->name, c->args ? c->args : "");
        if (!matches(h, left, c->help)) continue;
        if (!any) add(h, LINE_SECTION, heading, "");
        any = true;
        add(h, LINE_ITEM, left, c->help);
    }
    return any;
}

/* Keys of one command on one line: "up, k". */
static void add_keys(struct help *h, const struct keymap *m, const char *scope)
{
    bool any = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct keymap_entry *e = &m->e[i];
        char keys[72] = "", name[32];
        bool first = true;
        if (strcmp(e->scope, scope) || (e->help && !*e->help)) continue;
        for (size_t j = 0; j < m->n; j++) {
            if (strcmp(m->e[j].scope, scope) || strcmp(m->e[j].command, e->command)) continue;
            if (keymap_find(m, scope, false, m->e[j].key) != m->e[j].command) continue;
            if (j < i) first = false;
            key_name(m->e[j].key, name, sizeof name);
            size_t len = strlen(keys);
            snprintf(keys + len, sizeof keys - len, "%s%s", len ? ", " : "", name);
        }
        if (!first || !*keys) continue;
        const struct command *c = command_find(e->command, strcspn(e->command, " "), scope);
        const char *text = e->help ? e->help : c ? c->help : e->command;
        if (!matches(h, keys, text)) continue;
        if (!any) add(h, LINE_SECTION, scope_title(scope), "");
        any = true;
        add(h, LINE_ITEM, keys, text);
    }
    any = add_commands(h, scope, scope_title(scope), any);
    if (any) add(h, LINE_BLANK, "", "");
}

static void add_kinds(struct help *h)
{
    bool any = false;
    for (size_t i = 0; kinds_all[i]; i++) {
        const struct kind *k = kinds_all[i];
        char left[72];
        snprintf(left, sizeof left, ":%s", k->id);
        for (const char *const *al = k->aliases; al && *al && strlen(left) < 40; al++)
            if (strcmp(*al, k->singular ? k->singular : "")) snprintf(left + strlen(left), sizeof left - strlen(left), " %s", *al);
        if (!matches(h, left, k->help ? k->help : "")) continue;
        if (!any) add(h, LINE_SECTION, "Kinds (any other resource of a cluster by its name, too)", "");
        any = true;
        add(h, LINE_ITEM, left, k->help ? k->help : k->title);
    }
}

static void rebuild(struct help *h)
{
    static const char *const order[] = {"global", "table", "list", "board", "text", "logs", "stage", "columns", "sources", "dialog", "help"};
    const struct keymap *m = app_keymap(h->base.app);
    h->n = h->top = 0;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) add_keys(h, m, order[i]);
    if (add_commands(h, NULL, "Commands everywhere", false)) add(h, LINE_BLANK, "", "");
    add_kinds(h);
    app_dirty(h->base.app);
}

static void help_draw(struct screen *s, struct canvas *c, struct rect r, bool focus)
{
    struct help *h = (struct help *)s;
    int left = r.w > 110 ? 40 : r.w / 3;
    (void)focus;
    h->page = r.h;
    if (h->top + (size_t)r.h > h->n) h->top = h->n > (size_t)r.h ? h->n - (size_t)r.h : 0;
    for (int y = 0; y < r.h && h->top + (size_t)y < h->n; y++) {
        const struct help_line *l = &h->lines[h->top + (size_t)y];
        if (l->kind == LINE_SECTION) canvas_puts(c, r.x + 1, r.y + y, r.w - 2, STYLE(ROLE_SECTION), l->left);
        if (l->kind != LINE_ITEM) continue;
        canvas_ellipsis(c, r.x + 3, r.y + y, left - 4, STYLE(ROLE_KEY), l->left, strlen(l->left));
        canvas_ellipsis(c, r.x + left, r.y + y, r.w - left - 1, STYLE(ROLE_TEXT), l->text, strlen(l->text));
    }
    if (h->n == 0) canvas_puts(c, r.x + 3, r.y + 1, r.w - 4, STYLE(ROLE_DIM), "No key or command says that.");
}

static void help_title(struct screen *s, struct str *out)
{
    struct help *h = (struct help *)s;
    str_addf(out, "Help%s%s", *h->search ? " /" : "", h->search);
}

static void help_close(struct screen *s)
{
    struct help *h = (struct help *)s;
    mem_free(h->lines);
    mem_free(h);
}

static const struct screen_ops help_ops = {.scope = "help", .draw = help_draw, .title = help_title, .close = help_close};

static void run_help(struct app *a, struct screen *s, const char *args)
{
    (void)s;
    if (app_top(a) && app_top(a)->ops == &help_ops) return;
    struct help *h = mem_zalloc(sizeof *h);
    if (!h) return app_error(a, "out of memory");
    h->base.ops = &help_ops;
    snprintf(h->search, sizeof h->search, "%.63s", args);
    app_push(a, &h->base);
    rebuild(h);
}

static void run_scroll(struct app *a, struct screen *s, const char *args)
{
    struct help *h = (struct help *)s;
    long by = !strcmp(args, "up") ? -1 : !strcmp(args, "down") ? 1 : !strcmp(args, "page-up") ? -h->page
            : !strcmp(args, "page-down") ? h->page : !strcmp(args, "top") ? -(long)h->n : (long)h->n;
    long to = (long)h->top + by;
    h->top = to < 0 ? 0 : (size_t)to;                        /* the end is clamped when drawn */
    app_dirty(a);
}

static void search_changed(struct app *a, void *arg, const char *text)
{
    struct help *h = arg;
    (void)a;
    snprintf(h->search, sizeof h->search, "%.63s", text);
    rebuild(h);
}

static void search_done(struct app *a, void *arg, const char *text, bool ok)
{
    search_changed(a, arg, ok ? text : "");
}

static void run_search(struct app *a, struct screen *s, const char *args)
{
    static const struct prompt_ops ops = {.label = "/", .changed = search_changed, .done = search_done};
    (void)args;
    app_prompt(a, &ops, s, ((struct help *)s)->search);
}

static void run_close(struct app *a, struct screen *s, const char *args)
{
    (void)args;
    app_pop(a, s);
}

const struct command help_commands[] = {
    {"help", "?", NULL, "[WORD]", "Every key, command and kind.", 0, COMPLETE_NONE, run_help, NULL},
    {"help-scroll", NULL, "help", "up|down|page-up|page-down|top|bottom", "Scrolls the help.", CMD_HIDDEN, COMPLETE_NONE, run_scroll, NULL},
    {"help-search", NULL, "help", NULL, "Only lines with a word.", CMD_HIDDEN, COMPLETE_NONE, run_search, NULL},
    {"help-close", NULL, "help", NULL, "Closes the help.", CMD_HIDDEN, COMPLETE_NONE, run_close, NULL},
    {0},
};

const struct key_row help_keys[] = {
    {"help", "/", "help-search", "search", NULL},
    {"help", "esc", "help-close", "back", NULL},
    {"help", "q", "help-close", NULL, NULL},
    {"help", "?", "help-close", NULL, NULL},
    {"help", "up", "help-scroll up", NULL, "Up."},
    {"help", "k", "help-scroll up", NULL, "Up."},
    {"help", "down", "help-scroll down", NULL, "Down."},
    {"help", "j", "help-scroll down", NULL, "Down."},
    {"help", "pgup", "help-scroll page-up", NULL, "Page up."},
    {"help", "pgdn", "help-scroll page-down", NULL, "Page down."},
    {"help", "space", "help-scroll page-down", NULL, "Page down."},
    {"help", "g", "help-scroll top", NULL, "Top."},
    {"help", "G", "help-scroll bottom", NULL, "End."},
    {"help", "home", "help-scroll top", NULL, "Top."},
    {"help", "end", "help-scroll bottom", NULL, "End."},
    {0},
};
