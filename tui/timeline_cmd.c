/* `:timeline`: what happened to the selected object and to what it hangs on, kept up to date while it is looked at. */
#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/timeline.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/keymap.h"
#include "tui/picture.h"
#include "tui/view_text.h"

struct look {
    struct app *app;
    struct timeline_job *job;
    const struct kind *kind;
    uint16_t source;
    char uid[300], name[300];
};

static const struct source_info *source_of(void *arg, uint16_t id)
{
    const struct look *y = arg;
    return app_source(y->app, id);
}

static bool on_event(void *arg, struct event *e)
{
    const struct look *y = arg;
    return timeline_event(y->job, e) || e->type == EV_GRAPH;
}

static void unseen(const struct look *y, const struct tell *t, struct str *out)
{
    struct str s;
    str_init(&s, 1 << 16);
    app_graph_unseen(y->app, &s);
    timeline_unseen(y->job, t, &s);
    if (s.len)
        str_adds(out, "\nNot seen:\n");
    for (const char *p = s.data; p && *p;) {
        size_t n = strcspn(p, "\n");
        str_addf(out, "  %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
    str_release(&s);
}

static bool about(struct look *y, const struct tell *t, uint32_t node, bool whole, struct str *out)
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
    if (whole && timeline_settled(y->job))
        unseen(y, t, out);
    return !out->failed;
}

/* What is known already is shown at once; what it hangs on comes as it is read. */
static bool write_text(void *arg, struct str *out)
{
    struct look *y = arg;
    const struct graph *g = app_graph(y->app);
    bool whole = app_graph_whole(y->app);
    struct tell t;
    app_tell(y->app, &t);
    t.source = source_of;
    t.arg = y;
    uint32_t node = g ? graph_find(g, y->source, y->kind, y->uid) : LINK_NO_NODE;
    if (!whole)
        str_adds(out, "not all has been read yet ...\n\n");
    if (node != LINK_NO_NODE)
        return about(y, &t, node, whole, out);
    if (whole)
        str_addf(out, "%s %s is not there any more, or the links do not speak of it\n", y->kind->singular, y->name);
    return !out->failed;
}

static void done(void *arg)
{
    struct look *y = arg;
    timeline_close(y->job);
    mem_free(y);
}

static void open_timeline(struct app *a, const struct row *r)
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
    y->kind = r->kind;
    y->source = r->source;
    snprintf(y->uid, sizeof y->uid, "%s", r->uid);
    snprintf(y->name, sizeof y->name, "%s", r->name);
    snprintf(name, sizeof name, "timeline of %.50s", r->name);
    if (!view_text_live(a, name, &live, y))
        done(y);
}

static void run_timeline(struct app *a, struct screen *s, const char *args)
{
    struct target t = {0};
    (void)s, (void)args;
    if (app_selected(a, &t))
        open_timeline(a, t.row);
    target_release(&t);
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
