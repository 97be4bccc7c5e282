/* `:capacity`: what clusters, nodes, hypervisors and projects have, what is asked of them and used; kept up to date while it is looked at. */
#include <stdio.h>
#include <string.h>

#include "strata/capacity.h"
#include "strata/clock.h"
#include "strata/mem.h"
#include "tui/app_int.h"
#include "tui/command.h"
#include "tui/picture.h"
#include "tui/view_layers.h"
#include "tui/view_text.h"

#define SHARE 20               /* of the time at most one part in so many goes into sums */

struct look { struct app *app; struct capacity_job *job; unsigned kinds; struct str text; int64_t next_ms; };

static bool on_event(void *arg, struct event *e)
{
    struct look *y = arg;
    return capacity_event(y->job, e) || e->type == EV_GRAPH;
}

static bool write_text(void *arg, struct str *out)
{
    struct look *y = arg;
    struct tell t;
    struct capacity c;
    const struct capacity_stock *stock;
    app_tell(y->app, &t);
    if (!t.l || !app_graph_whole(y->app))
        return str_adds(out, "not all has been read yet ...\n");
    if (!capacity_ask(y->job, t.l))
        return false;
    int64_t began = clock_mono_ms();
    if (began < y->next_ms)
        return str_add(out, y->text.data, y->text.len);
    size_t n = capacity_stocks(y->job, &stock);
    bool ok = capacity_make(&c, &t, stock, n);
    str_clear(&y->text);
    if (ok)
        tell_capacity(&t, &c, y->kinds, &y->text);
    capacity_release(&c);
    struct str more;
    str_init(&more, 1 << 16);
    capacity_unseen(y->job, &t, &more);
    layers_unseen(y->app, more.data, &y->text);
    str_release(&more);
    y->next_ms = began + (clock_mono_ms() - began) * SHARE;
    return ok && str_add(out, y->text.data, y->text.len);
}

static void done(void *arg)
{
    struct look *y = arg;
    capacity_close(y->job);
    str_release(&y->text);
    mem_free(y);
}

static void run_capacity(struct app *a, struct screen *s, const char *args)
{
    static const struct text_live live = {on_event, write_text, done};
    struct look *y = mem_zalloc(sizeof *y);
    (void)s;
    if (!y || !(y->job = capacity_open(a->core))) {
        mem_free(y);
        app_error(a, "out of memory");
        return;
    }
    y->app = a;
    str_init(&y->text, (size_t)1 << 26);
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
