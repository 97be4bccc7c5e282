/* `:why` in words, kept up to date while it is looked at; and the commands of all views of how things hang together. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/tell.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/view_layers.h"
#include "tui/view_text.h"

struct look {
    struct app *app;
    struct subject of;
};

static bool newest_action(void *arg, const struct row *server, char *buf, size_t size)
{
    return app_newest_action(((struct look *)arg)->app, server, buf, size);
}

static bool on_event(void *arg, struct event *e)
{
    (void)arg;
    return e->type == EV_GRAPH || e->type == EV_TEXT;           /* a picture, or what was asked about it */
}

static bool set_by(void *arg, const struct row *node, char *buf, size_t size)
{
    return app_set_by(((struct look *)arg)->app, node, buf, size);
}

static const struct source_info *source_of(void *arg, uint16_t id)
{
    const struct look *y = arg;
    return app_source(y->app, id);
}

struct words { struct str out; struct told told; };

/* The actions that it is told with come one after the other, so it is told here and not on the worker. */
static void *gather(void *arg)
{
    struct look *y = arg;
    struct scene scene;
    struct words *w = mem_zalloc(sizeof *w);
    if (!w)
        return NULL;
    struct str *out = &w->out;
    str_init(out, 1 << 24);
    bool ok = app_scene(y->app, &scene);
    uint32_t node = ok ? subject_node(&scene, &y->of, out) : LINK_NO_NODE;
    struct tell t = scene.tell;
    t.source = source_of;
    t.arg = y;
    t.newest_action = newest_action;
    t.set_by = set_by;
    t.told = &w->told;
    t.whole = true;                         /* it is wrapped, and saved */
    if (node != LINK_NO_NODE)
        tell_why(&t, node, out);
    if (scene.whole)
        layers_unseen(y->app, NULL, out);
    scene_release(&scene);
    return w;
}

static bool make(void *work, struct str *out, struct told *told)
{
    struct words *w = work;
    if (told)
        *told = w->told, w->told = (struct told){0};
    return !w->out.failed && str_add(out, w->out.data, w->out.len);
}

static void release(void *work)
{
    struct words *w = work;
    str_release(&w->out);
    told_release(&w->told);
    mem_free(w);
}

static void done(void *arg) { mem_free(arg); }

uint32_t subject_node(const struct scene *s, const struct subject *u, struct str *out)
{
    uint32_t node = s->graph ? graph_find(s->graph, u->source, u->kind, u->uid) : LINK_NO_NODE;
    if (!s->whole)
        str_adds(out, "not all has been read yet ...\n\n");
    else if (node == LINK_NO_NODE)
        subject_absent(u, out);
    return node;
}

static void open_why(struct app *a, const struct subject *u)
{
    static const struct text_live live = {on_event, gather, make, release, done};
    char name[80];
    struct look *y = mem_zalloc(sizeof *y);
    if (!y) {
        app_error(a, "out of memory");
        return;
    }
    y->app = a;
    y->of = *u;
    snprintf(name, sizeof name, "why of %.50s", u->name);
    if (!view_text_live(a, name, &live, y))
        done(y);
}

static void run_why(struct app *a, struct screen *s, const char *args)
{
    struct subject u;
    if (subject_named(a, s, args, &u))
        open_why(a, &u);
}

/* Do the rules speak of its kind? Of API servers, too, which only boards show, and of what os-services shows as well. */
static bool linked(struct app *a, struct screen *s)
{
    struct subject u;
    const char *kinds[64];
    bool yes = false;
    if (subject_of(a, s, &u)) {
        yes = !strcmp(u.kind->id, "apiserver") || graph_part_of(u.kind);
        size_t n = links_kinds(u.kind->plane, kinds, sizeof kinds / sizeof *kinds);
        for (size_t i = 0; i < n && !yes; i++)
            yes = !strcmp(kinds[i], u.kind->id);
    }
    return yes;
}

#define LINKS "What the object hangs on and what hangs on it, through all layers, with the evidence."
#define COLUMN "The object's whole column: from the uppermost pod to the rack, in one picture."
#define WHY "Why the object is red: the chain down to what explains it."
const struct command layers_commands[] = {
    {"links", NULL, "table", SUBJECT_ARGS, LINKS, CMD_ROW, COMPLETE_OBJECT, run_links, linked},
    {"column", NULL, "table", SUBJECT_ARGS, COLUMN, CMD_ROW, COMPLETE_OBJECT, run_column, linked},
    {"why", NULL, "table", SUBJECT_ARGS, WHY, CMD_ROW, COMPLETE_OBJECT, run_why, linked},
    {"links", NULL, "board", SUBJECT_ARGS, LINKS, CMD_HIDDEN, COMPLETE_OBJECT, run_links, linked},
    {"links", NULL, "list", SUBJECT_ARGS, LINKS, CMD_HIDDEN, COMPLETE_OBJECT, run_links, linked},
    {"column", NULL, "board", SUBJECT_ARGS, COLUMN, CMD_HIDDEN, COMPLETE_OBJECT, run_column, linked},
    {"column", NULL, "list", SUBJECT_ARGS, COLUMN, CMD_HIDDEN, COMPLETE_OBJECT, run_column, linked},
    {"why", NULL, "board", SUBJECT_ARGS, WHY, CMD_HIDDEN, COMPLETE_OBJECT, run_why, linked},
    {"why", NULL, "list", SUBJECT_ARGS, WHY, CMD_HIDDEN, COMPLETE_OBJECT, run_why, linked},
    {"links", NULL, "text", SUBJECT_ARGS, LINKS, CMD_HIDDEN, COMPLETE_OBJECT, run_links, linked},
    {"column", NULL, "text", SUBJECT_ARGS, COLUMN, CMD_HIDDEN, COMPLETE_OBJECT, run_column, linked},
    {"why", NULL, "text", SUBJECT_ARGS, WHY, CMD_HIDDEN, COMPLETE_OBJECT, run_why, linked},
    {"causes", NULL, NULL, NULL, "How many causes explain all that is red, and which.", 0, COMPLETE_NONE, run_causes, NULL},
    {"sandwich", "layers", NULL, NULL, "Which cluster or cloud runs on which, and how well each is.", 0, COMPLETE_NONE, run_sandwich, NULL},
    {"stack", NULL, NULL, NULL, "The services of each cloud, one a row: API, workloads, versions, agents, quorum, and why one is red.", 0, COMPLETE_NONE, run_stack, NULL},
    {0},
};

const struct key_row layers_keys[] = {
    {"table", "x", "why", "why", NULL},
    {"table", "i", "links", "links", NULL},
    {"table", "shift-i", "column", NULL, NULL},
    {"table", "shift-x", "causes", NULL, NULL},
    {"text", "x", "why", "why", NULL},
    {"text", "i", "links", "links", NULL},
    {"text", "shift-i", "column", NULL, NULL},
    {"table", "u", "sandwich", NULL, NULL},
    {"table", "t", "stack", NULL, NULL},
    {0},
};
