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
#include "tui/view_text.h"

struct look { struct app *app; struct timeline_job *job; struct subject of; };

static bool on_event(void *arg, struct event *e)
{
    const struct look *y = arg;
    return timeline_event(y->job, e) || e->type == EV_GRAPH;
}

static bool about(struct look *y, const struct tell *t, uint32_t node, struct str *out)
{
    uint32_t set[TIMELINE_OBJECTS];
    size_t n = timeline_objects(t->l, node, set, TIMELINE_OBJECTS);
    struct timeline line;
    if (!timeline_ask(y->job, t->l, set, n) || !timeline_make(&line, y->job, t, set, n))
        return false;
    str_addf(out, "%zu line%s of %zu object%s; ~ may have been before the one above%s\n\n", line.n, line.n == 1 ? "" : "s", n, n == 1 ? "" : "s",
             timeline_settled(y->job) ? "" : "; more is being read ...");
    tell_timeline(t, &line, out);
    str_adds(out, "\nClocks:\n");
    tell_clocks(t, &line, out);
    timeline_release(&line);
    if (app_graph_whole(y->app) && timeline_settled(y->job)) {
        struct str more;
        str_init(&more, 1 << 16);
        timeline_unseen(y->job, t, &more);
        layers_unseen(y->app, more.data, out);
        str_release(&more);
    }
    return !out->failed;
}

/* What is known already is shown at once; what it hangs on comes as it is read. */
static bool write_text(void *arg, struct str *out)
{
    struct look *y = arg;
    struct tell t;
    uint32_t node = subject_node(y->app, &y->of, &t, out);
    return node != LINK_NO_NODE ? about(y, &t, node, out) : !out->failed;
}

static void done(void *arg)
{
    struct look *y = arg;
    timeline_close(y->job);
    mem_free(y);
}

static void open_timeline(struct app *a, const struct subject *u)
{
    static const struct text_live live = {on_event, write_text, done};
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
    if (!view_text_live(a, name, &live, y))
        done(y);
}

static void run_timeline(struct app *a, struct screen *s, const char *args)
{
    struct subject u;
    (void)args;
    if (subject_of(a, s, &u))
        open_timeline(a, &u);
}

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

const struct command timeline_commands[] = {
    {"timeline", NULL, "table", NULL, "What happened to the object and to what it hangs on, in one order by one clock.", CMD_ROW, COMPLETE_NONE, run_timeline, linked},
    {0},
};

const struct key_row timeline_keys[] = {
    {"table", "shift-t", "timeline", "timeline", NULL},
    {0},
};
