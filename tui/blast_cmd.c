/* `:blast ACTION`: what an action on the object would take with it, kept up to date while it is looked at. Without: what if it dies. */
#include <stdio.h>
#include <string.h>

#include "strata/blast.h"
#include "strata/graph.h"
#include "strata/mem.h"
#include "strata/tell.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/view_layers.h"
#include "tui/view_text.h"

struct radius { struct app *app; struct subject of; char action[40]; };

static bool on_event(void *arg, struct event *e)
{
    (void)arg;
    return e->type == EV_GRAPH;
}

struct looking { struct scene scene; struct subject of; char action[40]; struct str foot; };

static void release(void *work)
{
    struct looking *w = work;
    scene_release(&w->scene);
    str_release(&w->foot);
    mem_free(w);
}

static void *gather(void *arg)
{
    const struct radius *y = arg;
    struct looking *w = mem_zalloc(sizeof *w);
    if (!w)
        return NULL;
    w->of = y->of;
    memcpy(w->action, y->action, sizeof w->action);
    str_init(&w->foot, 1 << 17);
    if (!app_scene(y->app, &w->scene)) {
        release(w);
        return NULL;
    }
    if (w->scene.whole)
        layers_unseen(y->app, NULL, &w->foot);
    return w;
}

static bool make(void *work, struct str *out, struct told *told)
{
    const struct looking *w = work;
    struct blast x;
    uint32_t node = subject_node(&w->scene, &w->of, out);
    struct tell t = w->scene.tell;
    t.told = told;
    t.chosen = &w->of.source;
    t.partial = w->foot.len || !w->scene.whole;             /* what is not seen, or is as it was, is never green */
    t.each = true;                      /* it scrolls, and enter on a line goes there */
    if (node != LINK_NO_NODE && tell_blast(&t, w->action, &node, 1, &x, out))
        blast_free(&x);
    return str_add(out, w->foot.data, w->foot.len);
}

/* "[ACTION] [KIND] [NAME] ...": the action into action; the rest is the object's. A word alone is an action, unless an object is called so. */
static bool words(struct app *a, struct screen *s, const char *args, char *action, size_t size, struct subject *u, struct err *err)
{
    char w[300];
    size_t n = strcspn(args, " ");
    const char *rest = args + n + strspn(args + n, " ");
    snprintf(w, sizeof w, "%.*s", (int)(n < sizeof w ? n : sizeof w - 1), args);
    snprintf(action, size, "lose");
    if (!*w || strchr("-@", *w) || strchr(w, '/') || (*rest && !strchr("-@", *rest) && subject_kind(a, w))) return subject_find(a, s, args, u, err);
    bool here = subject_of(a, s, u);
    if ((here && blast_known(w, u->kind)) || (*rest && !strchr("-@", *rest))) {
        snprintf(action, size, "%.39s", w);
        return subject_find(a, s, rest, u, err);
    }
    if (subject_find(a, s, args, u, err)) return true;
    if (!here || err->code == ERR_CONFLICT) return false;
    return !err_set(err, ERR_USAGE, 0, "blast: it is not known what %.40s does to a %s, and none is called so", w, u->kind->singular);
}

static void run_blast(struct app *a, struct screen *s, const char *args)
{
    static const struct text_live live = {on_event, gather, make, release, mem_free, false};
    struct subject u;
    struct err err = ERR_INIT;
    char name[120], action[40];
    if (!words(a, s, args, action, sizeof action, &u, &err)) {
        app_error(a, "%s", err.msg);
        return;
    }
    if (!blast_known(action, u.kind)) {
        app_error(a, "blast: it is not known what %.40s does to a %s", action, u.kind->singular);
        return;
    }
    const struct kind *part = graph_part_of(u.kind) ? kind_find(graph_part_of(u.kind)) : u.kind;
    if (!links_reads(part)) {
        app_error(a, "blast: %ss are read for a plan alone: %.40s it, and the dialog tells what goes with it before you say yes", u.kind->singular, action);
        return;
    }
    struct radius *y = mem_zalloc(sizeof *y);
    if (!y) {
        app_error(a, "out of memory");
        return;
    }
    y->app = a;
    y->of = u;
    snprintf(y->action, sizeof y->action, "%s", action);
    snprintf(name, sizeof name, "blast radius of %s %.50s", y->action, u.name);
    if (!view_text_live(a, name, &live, y))
        mem_free(y);
}

#define BLAST "What an action on the object would take with it, through all layers; without an action: what if it dies."
const struct command blast_commands[] = {
    {"blast", NULL, "table", "[ACTION] " SUBJECT_ARGS, BLAST, CMD_ROW, COMPLETE_OBJECT, run_blast, NULL},
    {"blast", NULL, "board", "[ACTION] " SUBJECT_ARGS, BLAST, CMD_HIDDEN, COMPLETE_OBJECT, run_blast, NULL},
    {"blast", NULL, "list", "[ACTION] " SUBJECT_ARGS, BLAST, CMD_HIDDEN, COMPLETE_OBJECT, run_blast, NULL},
    {"blast", NULL, "text", "[ACTION] " SUBJECT_ARGS, BLAST, CMD_HIDDEN, COMPLETE_OBJECT, run_blast, NULL},
    {0},
};

const struct key_row blast_keys[] = {
    {"table", "shift-b", "blast", NULL, NULL},
    {"board", "shift-b", "blast", NULL, NULL},
    {"text", "shift-b", "blast", NULL, NULL},
    {0},
};
