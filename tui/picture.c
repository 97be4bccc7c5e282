/* The feeds that the links need are opened behind the panes' own, and a picture is asked for when they changed. */
#include "tui/picture.h"

#include <string.h>

#include "strata/mem.h"
#include "strata/options.h"
#include "tui/app_int.h"
#include "tui/table.h"

enum { PATIENCE_TICKS = 5 };            /* for panes that do not get their rows */

static bool panes_settled(const struct app *a)
{
    for (int i = 0; i < a->deck.n; i++) {
        const struct table *t = table_of(a->deck.pane[i]->table);
        if (t && !table_settled(t)) return false;
    }
    return true;
}

static void open_world(struct app *a)
{
    struct err err = ERR_INIT;
    char dir[4096];
    a->picture.world = world_open(a->core, a->src, a->nsrc, options_user_dir("profiles", dir, sizeof dir) ? dir : "", &err);
    a->picture.nsources = a->nsrc;
    a->picture.failed = !a->picture.world;
    if (a->picture.world && a->picture.all) world_ask_all(a->picture.world);
    if (err.code) app_error(a, "%s", err.msg);
}

void picture_tick(struct app *a)
{
    struct picture *p = &a->picture;
    if (p->world && p->nsources != a->nsrc) picture_release(a);
    if (!p->world && !p->failed && a->nsrc && (panes_settled(a) || ++p->ticks > PATIENCE_TICKS)) open_world(a);
    if (p->world) world_draw(p->world);
}

bool picture_event(struct app *a, struct event *e)
{
    if (e->type == EV_TEXT) return picture_answer(a, e);
    return a->picture.world && world_event(a->picture.world, e);
}

void picture_release(struct app *a)
{
    if (a->picture.asked) core_cancel(a->core, a->picture.asked);
    map_release(&a->picture.actions);
    mem_free(a->picture.journal);
    world_close(a->picture.world);
    a->picture = (struct picture){.all = a->picture.all};
}

void picture_ask_all(struct app *a)
{
    a->picture.all = true;
    if (a->picture.world) world_ask_all(a->picture.world);
}

const struct graph *app_graph(const struct app *a)
{
    return a->picture.world ? world_graph(a->picture.world) : NULL;
}

bool app_graph_whole(const struct app *a)
{
    const struct graph *g = app_graph(a);
    return g && g->settled;
}

void app_graph_unseen(const struct app *a, struct str *out)
{
    if (a->picture.world) world_unseen(a->picture.world, out);
}

bool app_graph_sees_all(const struct app *a) { return a->picture.world && world_sees_all(a->picture.world); }

static const struct source_info *source_of(void *arg, uint16_t id) { return app_source(arg, id); }
static bool action_of(void *arg, const struct row *server, char *buf, size_t size) { return app_newest_action(arg, server, buf, size); }
static bool set_by_of(void *arg, const struct row *node, char *buf, size_t size) { return app_set_by(arg, node, buf, size); }

void app_tell(struct app *a, struct tell *t)
{
    const struct graph *g = app_graph(a);
    *t = (struct tell){.source = source_of, .arg = a, .newest_action = action_of, .set_by = set_by_of, .core = a->core};
    if (g) t->l = g->links, t->why = &g->why, t->layers = &g->layers;
}

static const struct source_info *scene_source(void *arg, uint16_t id)
{
    const struct scene *s = arg;
    for (size_t i = 0; i < s->nsrc; i++)
        if (s->src[i].id == id) return &s->src[i];
    return NULL;
}

bool app_scene(const struct app *a, struct scene *s)
{
    const struct graph *g = app_graph(a);
    *s = (struct scene){.whole = app_graph_whole(a), .tell = {.source = scene_source, .arg = s, .core = a->core}};
    if (!(s->src = mem_alloc((a->nsrc + 1) * sizeof *s->src))) return false;
    memcpy(s->src, a->src, a->nsrc * sizeof *s->src);
    s->nsrc = a->nsrc;
    if (!g) return true;
    s->graph = graph_ref((struct graph *)g);
    s->tell.l = g->links;
    s->tell.why = &g->why;
    s->tell.layers = &g->layers;
    return true;
}

void scene_release(struct scene *s)
{
    graph_unref(s->graph);
    mem_free(s->src);
    *s = (struct scene){0};
}
