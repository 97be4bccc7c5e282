/*
 * Purpose:   all that the links speak of, at all sources: feeds held open, and the newest graph made of them: at once for
 *            batch mode, on a worker for the screen.
 * Thread:    the thread that owns the core.
 * Ownership: the world keeps its snapshots; a graph is borrowed until the next world_links or world_close.
 * Errors:    a source that fails leaves its part out: world_unseen says so. NULL: memory.
 */
#ifndef STRATA_WORLD_H
#define STRATA_WORLD_H

#include "strata/core.h"
#include "strata/graph.h"

struct world;

/* profiles_dir: where profiles of the user's own lie, "" none; err says what is wrong with them (the rest works). */
struct world *world_open(struct core *c, const struct source_info *source, size_t nsources, const char *profiles_dir, struct err *err);
/* Reads as well what is big and for links alone: the endpoints of Services, attachments of volumes. Once; false: memory. */
bool world_ask_all(struct world *w);
void world_close(struct world *w);
bool world_event(struct world *w, struct event *e);     /* takes the snapshot or graph of an event that is its own; true: it was */
bool world_settled(const struct world *w);              /* every feed is complete, or failed */
bool world_progress(const struct world *w, const struct event *e);      /* before it is taken: it moves a feed that is waited for; that it failed does not */
bool world_silent(struct world *w);                     /* all that is waited for failed once, or is of sources that do not answer */
const struct links *world_links(struct world *w);       /* of the rows as they are now; NULL: memory */
/* On a worker: starts a graph when something changed, none is being made and the last one was long enough ago for what it cost. */
void world_draw(struct world *w);
struct graph *world_graph(const struct world *w);       /* the newest that world_draw made, borrowed; NULL none yet */
/* What cannot be seen, one sentence a line: "lab: hypervisor: not allowed". */
void world_unseen(const struct world *w, struct str *out);
bool world_sees_all(const struct world *w);             /* world_unseen has nothing to say */
void world_waits(const struct world *w, struct str *out);      /* the same of what may still come, not of what is refused or failed */

#endif
