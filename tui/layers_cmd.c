/* `:links`, `:why`, `:causes`, `:layers`: how the object hangs together with all else and why it is red, kept up to date while it is looked at. */
#include <stdio.h>
#include <string.h>

#include "strata/map.h"
#include "strata/mem.h"
#include "strata/tell.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/view_text.h"

#define CAUSES_SHOWN 200

struct look {
    struct app *app;
    bool (*tell)(const struct tell *t, uint32_t node, struct str *out);     /* about a row; or: */
    bool (*all)(const struct tell *t, struct str *out);
    const struct kind *kind;
    uint16_t source;
    char uid[300], name[300];
    struct map actions;          /* newest action of a server, by its uid and when it last changed; "" none, or it cannot be read */
    uint32_t asked;              /* one request at a time */
    char asked_key[160];
};

static bool newest_action(void *arg, const struct row *server, char *buf, size_t size)
{
    struct look *y = arg;
    char key[sizeof y->asked_key], when[40];
    int col = kind_column(server->kind, "updated");
    snprintf(key, sizeof key, "%.100s %s", server->uid, col < 0 ? "" : row_text(server, col, 0, when, sizeof when));
    const char *known = map_get(&y->actions, key);
    if (!known && !y->asked) {
        y->asked = core_fetch(y->app->core, server, FETCH_ACTIONS, FETCH_AS_SENT);
        memcpy(y->asked_key, key, sizeof key);
    }
    snprintf(buf, size, "%s", known ? known : "");
    return known != NULL;
}

static bool on_event(void *arg, struct event *e)
{
    struct look *y = arg;
    if (e->type != EV_TEXT || !y->asked || e->id != y->asked)
        return e->type == EV_GRAPH;
    y->asked = 0;
    char *line = mem_strdup(e->err.code || !e->text ? "" : e->text);
    if (line && !map_put(&y->actions, y->asked_key, line))
        mem_free(line);
    return true;
}

static void unseen(const struct look *y, struct str *out)
{
    struct str s;
    str_init(&s, 1 << 16);
    app_graph_unseen(y->app, &s);
    if (s.len)
        str_adds(out, "\nNot seen:\n");
    for (const char *p = s.data; p && *p;) {
        size_t n = strcspn(p, "\n");
        str_addf(out, "  %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    str_release(&s);
}

static const struct source_info *source_of(void *arg, uint16_t id)
{
    const struct look *y = arg;
    return app_source(y->app, id);
}

static bool write_text(void *arg, struct str *out)
{
    struct look *y = arg;
    const struct graph *g = app_graph(y->app);
    bool whole = app_graph_whole(y->app);
    struct tell t;
    app_tell(y->app, &t);
    t.source = source_of;
    t.arg = y;
    t.newest_action = newest_action;
    uint32_t node = g && y->tell ? graph_find(g, y->source, y->kind, y->uid) : LINK_NO_NODE;
    if (!whole)
        str_adds(out, "not all has been read yet ...\n\n");
    if (g && y->all)
        y->all(&t, out);
    else if (node != LINK_NO_NODE)
        y->tell(&t, node, out);
    else if (whole)
        str_addf(out, "%s %s is not there any more, or the links do not speak of it\n", y->kind->singular, y->name);
    if (whole)
        unseen(y, out);
    return !out->failed;
}

static void done(void *arg)
{
    struct look *y = arg;
    if (y->asked)
        core_cancel(y->app->core, y->asked);
    map_release(&y->actions);
    mem_free(y);
}

static void open_layers(struct app *a, const char *title, const struct row *r, bool (*tell)(const struct tell *t, uint32_t node, struct str *out),
                        bool (*all)(const struct tell *t, struct str *out))
{
    static const struct text_live live = {on_event, write_text, done};
    char name[80];
    struct look *y = mem_zalloc(sizeof *y);
    if (!y) {
        app_error(a, "out of memory");
        return;
    }
    map_init(&y->actions, mem_free);
    y->app = a;
    y->tell = tell;
    y->all = all;
    if (r) {
        y->kind = r->kind;
        y->source = r->source;
        snprintf(y->uid, sizeof y->uid, "%s", r->uid);
        snprintf(y->name, sizeof y->name, "%s", r->name);
    }
    snprintf(name, sizeof name, "%s%s%.50s", title, r ? " of " : "", r ? r->name : "");
    if (!view_text_live(a, name, &live, y))
        done(y);
}

static void about_row(struct app *a, const char *title, bool (*tell)(const struct tell *t, uint32_t node, struct str *out))
{
    struct target t = {0};
    if (app_selected(a, &t))
        open_layers(a, title, t.row, tell, NULL);
    target_release(&t);
}

static void run_links(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    about_row(a, "links", tell_links);
}

static void run_why(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    about_row(a, "why", tell_why);
}

static bool causes(const struct tell *t, struct str *out) { return tell_causes(t, CAUSES_SHOWN, out); }

static void run_causes(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    open_layers(a, "causes", NULL, NULL, causes);
}

static void run_layers(struct app *a, struct screen *s, const char *args)
{
    (void)s, (void)args;
    open_layers(a, "layers", NULL, NULL, tell_layers);
}

/* Do the rules speak of its kind? */
static bool linked(struct app *a, struct screen *s)
{
    struct target t = {0};
    const char *kinds[64];
    bool yes = false;
    (void)s;
    if (app_selected(a, &t)) {
        size_t n = links_kinds(t.row->kind->plane, kinds, sizeof kinds / sizeof *kinds);
        for (size_t i = 0; i < n && !yes; i++)
            yes = !strcmp(kinds[i], t.row->kind->id);
    }
    target_release(&t);
    return yes;
}

const struct command layers_commands[] = {
    {"links", NULL, "table", NULL, "What the object hangs on and what hangs on it, through all layers, with the evidence.", CMD_ROW, COMPLETE_NONE, run_links, linked},
    {"why", NULL, "table", NULL, "Why the object is red: the chain down to what explains it.", CMD_ROW, COMPLETE_NONE, run_why, linked},
    {"causes", NULL, NULL, NULL, "How many causes explain all that is red.", 0, COMPLETE_NONE, run_causes, NULL},
    {"layers", "sandwich", NULL, NULL, "Which cluster or cloud runs on which, and how well each is.", 0, COMPLETE_NONE, run_layers, NULL},
    {0},
};

const struct key_row layers_keys[] = {
    {"table", "x", "why", "why", NULL},
    {"table", "i", "links", "links", NULL},
    {"table", "shift-x", "causes", NULL, NULL},
    {0},
};
