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
#include "strata/map.h"
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
    bool failed, all;           /* all: world_ask_all, from the first look at links on */
    struct map actions;         /* newest action of a server, by its uid and when it last changed; "" none, or it cannot be read */
    uint32_t asked;             /* one request at a time */
    char asked_key[160];
    const struct kind *asked_node;      /* of a node, who cordoned it: first the journal, then the node; NULL: of a server */
    uint16_t asked_source;
    char asked_uid[100];
    char *journal;              /* as read for that node; NULL not yet */
    size_t journal_len;
};

void picture_tick(struct app *a);                       /* once a second and after events */
bool picture_event(struct app *a, struct event *e);     /* true: it was its own */
void picture_release(struct app *a);
void picture_ask_all(struct app *a);
const struct graph *app_graph(const struct app *a);     /* NULL: none yet */
bool app_graph_whole(const struct app *a);              /* all has been read that can be */
void app_graph_unseen(const struct app *a, struct str *out);        /* world_unseen */
bool app_graph_sees_all(const struct app *a);           /* world_sees_all */
bool app_scene(const struct app *a, struct scene *s);   /* without a picture tell.l is NULL; false: memory. scene: stays where it is */
void scene_release(struct scene *s);
/* Of a server, what tell.h wants to know: what is not known yet is asked for, and all screens are told when it is. */
bool app_newest_action(struct app *a, const struct row *server, char *buf, size_t size);
bool picture_answer(struct app *a, struct event *e);    /* to one of these; true: it was */
/* Of a node, who cordoned it, in the same way. */
bool app_set_by(struct app *a, const struct row *node, char *buf, size_t size);
void app_tell(struct app *a, struct tell *t);           /* of the newest picture; t->l NULL: none yet */

#endif
