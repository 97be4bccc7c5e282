/* `:capacity`: what clusters, nodes, hypervisors and projects have, what is asked of them and used; kept up to date while it is looked at. */
#include <stdio.h>
#include <string.h>

#include "strata/capacity.h"
#include "strata/mem.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/picture.h"
#include "tui/view_layers.h"
#include "tui/view_text.h"

struct look { struct app *app; struct capacity_job *job; unsigned kinds; };
struct sums { struct scene scene; unsigned kinds; int cells; struct capacity_stock *stock; size_t nstock; struct str foot; };

static bool on_event(void *arg, struct event *e)
{
    struct look *y = arg;
    return capacity_event(y->job, e) || e->type == EV_GRAPH;
}

static void release(void *work)
{
    struct sums *w = work;
    scene_release(&w->scene);
    str_release(&w->foot);
    mem_free(w->stock);
    mem_free(w);
}

static void *gather(void *arg)
{
    struct look *y = arg;
    struct str more;
    struct sums *w = mem_zalloc(sizeof *w);
    if (!w)
        return NULL;
    w->kinds = y->kinds;
    w->cells = app_canvas(y->app)->w;
    str_init(&w->foot, 1 << 17);
    bool ok = app_scene(y->app, &w->scene);
    if (ok && w->scene.whole) {
        str_init(&more, 1 << 16);
        ok = capacity_ask(y->job, w->scene.tell.l) && (w->stock = capacity_stocks(y->job, &w->nstock));
        capacity_unseen(y->job, &w->scene.tell, &more);
        layers_unseen(y->app, more.data, &w->foot);
        str_release(&more);
    }
    if (ok)
        return w;
    release(w);
    return NULL;
}

static bool make(void *work, struct str *out, struct told *told)
{
    (void)told;
    const struct sums *w = work;
    struct capacity c;
    if (!w->scene.whole)
        return str_adds(out, "not all has been read yet ...\n");
    bool ok = capacity_make(&c, &w->scene.tell, w->stock, w->nstock);
    if (ok)
        tell_capacity(&w->scene.tell, &c, w->kinds, w->cells, out);
    capacity_release(&c);
    return ok && str_add(out, w->foot.data, w->foot.len);
}

static void done(void *arg)
{
    struct look *y = arg;
    capacity_close(y->job);
    mem_free(y);
}

static void run_capacity(struct app *a, struct screen *s, const char *args)
{
    static const struct text_live live = {on_event, gather, make, release, done};
    struct look *y = mem_zalloc(sizeof *y);
    (void)s;
    if (!y || !(y->job = capacity_open(a->core))) {
        mem_free(y);
        app_error(a, "out of memory");
        return;
    }
    y->app = a;
    for (int i = 0; i < CAPACITY_KINDS; i++)
        if (!*args || !strncmp(args, capacity_name((enum capacity_what)i), strlen(capacity_name((enum capacity_what)i))))
            y->kinds |= 1u << i;
    if (!y->kinds) {
        app_error(a, "capacity of what? cluster, node, hypervisor, project");
        done(y);
    } else if (!view_text_live(a, "capacity", &live, y)) {
        done(y);
    }
}

const struct command capacity_commands[] = {
    {"capacity", NULL, NULL, "[cluster|node|hypervisor|project]", "What there is, what is asked for and used, of processors and memory, and what lies idle.", 0, COMPLETE_NONE, run_capacity, NULL},
    {0},
};
