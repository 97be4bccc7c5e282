/*
 * Purpose:   the newest picture of how everything hangs together, shared by all that show something of it (links, causes, layers,
 *            the header, linked rows). It is made on a worker; the loop only takes it.
 * Thread:    ui.
 * Ownership: a graph is borrowed until the loop's next turn.
 * Errors:    without memory there is no picture, or it stays as it is.
 */
#ifndef STRATA_TUI_PICTURE_H
#define STRATA_TUI_PICTURE_H

#include "strata/graph.h"
#include "strata/str.h"
#include "strata/tell.h"
#include "strata/world.h"

struct app;

/* The newest picture and the clusters and clouds as they are known now, for a worker. */
struct scene { struct graph *graph; struct source_info *src; size_t nsrc; bool whole; struct tell tell; };

struct picture {
    struct world *world;        /* opened when the panes have their rows: those come first */
    size_t nsources;            /* it was opened for so many */
    int ticks;
    bool failed;
};

void picture_tick(struct app *a);                       /* once a second and after events */
bool picture_event(struct app *a, struct event *e);     /* true: it was its own */
void picture_release(struct app *a);
const struct graph *app_graph(const struct app *a);     /* NULL: none yet */
bool app_graph_whole(const struct app *a);              /* all has been read that can be */
void app_graph_unseen(const struct app *a, struct str *out);        /* world_unseen */
bool app_scene(const struct app *a, struct scene *s);   /* without a picture tell.l is NULL; false: memory. scene: stays where it is */
void scene_release(struct scene *s);
void app_tell(struct app *a, struct tell *t);           /* of the newest picture; t->l NULL: none yet */

#endif
