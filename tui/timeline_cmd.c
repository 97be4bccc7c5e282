/* `:timeline`: what happened to the selected object and to what it hangs on, kept up to date while it is looked at. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/timeline.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/view_layers.h"
#include "tui/view_list.h"

struct look { struct app *app; struct timeline_job *job; struct subject of; };

static bool on_event(void *arg, struct event *e)
{
    const struct look *y = arg;
    return timeline_event(y->job, e) || e->type == EV_GRAPH;
}

struct lines { struct scene scene; struct timeline_work *work; struct row *gone; struct str head, unseen; size_t objects; bool more; };

static void release(void *work)
{
    struct lines *w = work;
    timeline_work_free(w->work);
    timeline_gone_free(w->gone);
    scene_release(&w->scene);
    str_release(&w->head);
    str_release(&w->unseen);
    mem_free(w);
}

/* What is known already is shown at once; what it hangs on comes as it is read. */
static bool look(struct look *y, struct lines *w, uint32_t node)
{
    uint32_t set[TIMELINE_OBJECTS];
    const struct tell *t = &w->scene.tell;
    size_t n = timeline_objects(t->l, node, set, TIMELINE_OBJECTS);
    if (!timeline_ask(y->job, t->l, set, n) || !(w->work = timeline_gather(y->job, t->l, set, n)))
        return false;
    w->objects = n;
    w->more = !timeline_settled(y->job);
    if (w->scene.whole && !w->more) {
        app_graph_unseen(y->app, &w->unseen);
        timeline_unseen(y->job, t, &w->unseen);
    }
    return true;
}

/* It was there while strata ran: what that saw, events and the journal still tell of it. */
static bool look_back(struct look *y, struct lines *w)
{
    const struct subject *u = &y->of;
    for (size_t i = 0; u->kind->plane == PLANE_KUBE && i < w->scene.nsrc; i++) {
        const struct source_info *s = &w->scene.src[i];
        bool asked = s->plane == PLANE_KUBE && (u->source == SUBJECT_ANYWHERE || s->id == u->source);
        if (asked && !timeline_ask_past(y->job, s->id, ""))
            return false;
    }
    w->more = !timeline_settled(y->job);
    if (!timeline_gone(y->job, &w->scene.tell, u->kind, u->uid, "", &w->gone, 1))
        return true;
    const struct row *row = w->gone;
    if (!timeline_ask_rows(y->job, &row, 1) || !(w->work = timeline_gather_rows(y->job, &row, 1)))
        return false;
    w->objects = 1;
    w->more = !timeline_settled(y->job);
    return true;
}

static void *gather(void *arg)
{
    struct look *y = arg;
    struct lines *w = mem_zalloc(sizeof *w);
    if (!w)
        return NULL;
    str_init(&w->head, 1024);
    str_init(&w->unseen, 1 << 17);
    bool ok = app_scene(y->app, &w->scene);
    uint32_t node = ok ? subject_node(&w->scene, &y->of, &w->head) : LINK_NO_NODE;
    if (ok && (node != LINK_NO_NODE ? look(y, w, node) : !w->scene.whole || look_back(y, w)))
        return w;
    release(w);
    return NULL;
}

/* The newest line comes last: it is where the list opens. */
static bool make(void *work, struct listing *g)
{
    const struct lines *w = work;
    struct timeline line;
    struct str *head = listing_head(g);
    str_add(head, w->head.data, w->head.len);
    if (!w->work) {
        str_adds(head, w->more ? "looking for what is still told of it ..." : "no event, no line of the journal and nothing that strata saw tells of it");
        return !head->failed;
    }
    bool ok = timeline_make(&line, w->work, &w->scene.tell);
    if (w->gone) {
        str_addf(head, "%s %s ", w->gone->kind->singular, w->gone->name);
        tell_gone(&line, w->gone, head);
        str_addc(head, '\n');
    }
    str_addf(head, "%zu line%s of %zu object%s", line.n, line.n == 1 ? "" : "s", w->objects, w->objects == 1 ? "" : "s");
    str_adds(head, w->more ? "; more is being read ..." : line.n ? "; ~ may have been before the one above" : ": nothing is known of its past");
    str_add(listing_unseen(g), w->unseen.data, w->unseen.len);
    if (ok)
        timeline_rows(&w->scene.tell, &line, g);
    timeline_release(&line);
    return ok && !listing_failed(g);
}

static void done(void *arg)
{
    struct look *y = arg;
    timeline_close(y->job);
    mem_free(y);
}

static void open_timeline(struct app *a, const struct subject *u)
{
    static const struct list_kind kind = {.kind = &timeline_kind, .close = done, .event = on_event, .gather = gather, .make = make, .release = release, .at_end = true};
    char name[80];
    struct look *y = mem_zalloc(sizeof *y);
    if (!y || !(y->job = timeline_open(a->core))) {
        mem_free(y);
        app_error(a, "out of memory");
        return;
    }
    y->app = a;
    y->of = *u;
    snprintf(name, sizeof name, "timeline of %.50s", u->name);
    list_open(a, &kind, name, y);
}

static void run_timeline(struct app *a, struct screen *s, const char *args)
{
    struct subject u;
    struct err err = ERR_INIT;
    if (subject_find(a, s, args, &u, &err) || (err.code == ERR_NOTFOUND && app_graph_whole(a)))      /* of what is gone something may be known */
        open_timeline(a, &u);
    else
        app_error(a, "%s", err.msg);
}

static bool linked(struct app *a, struct screen *s)
{
    struct target t = {0};
    const char *kinds[64];
    bool yes = false;
    (void)s;
    if (app_looked_at(a, &t)) {
        size_t n = links_kinds(t.row->kind->plane, kinds, sizeof kinds / sizeof *kinds);
        for (size_t i = 0; i < n && !yes; i++)
            yes = !strcmp(kinds[i], t.row->kind->id);
    }
    target_release(&t);
    return yes;
}

#define TIMELINE "What happened to the object and to what it hangs on, in one order by one clock."
const struct command timeline_commands[] = {
    {"timeline", NULL, "table", SUBJECT_ARGS, TIMELINE, CMD_ROW, COMPLETE_OBJECT, run_timeline, linked},
    {"timeline", NULL, "board", SUBJECT_ARGS, TIMELINE, CMD_HIDDEN, COMPLETE_OBJECT, run_timeline, linked},
    {"timeline", NULL, "list", SUBJECT_ARGS, TIMELINE, CMD_HIDDEN, COMPLETE_OBJECT, run_timeline, linked},
    {"timeline", NULL, "text", SUBJECT_ARGS, TIMELINE, CMD_HIDDEN, COMPLETE_OBJECT, run_timeline, linked},
    {0},
};

const struct key_row timeline_keys[] = {
    {"table", "shift-t", "timeline", "timeline", NULL},
    {"board", "shift-t", "timeline", "timeline", NULL},
    {"text", "shift-t", "timeline", "timeline", NULL},
    {0},
};
