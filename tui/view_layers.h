/*
 * Purpose:   the boards of how everything hangs together: links of an object, its column, causes, the sandwich.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_VIEW_LAYERS_H
#define STRATA_TUI_VIEW_LAYERS_H

#include "tui/board.h"
#include "tui/picture.h"
#include "tui/subject.h"

/* Its node in a picture; LINK_NO_NODE: out says that it is not there. out also says when not all has been read. */
uint32_t subject_node(const struct scene *s, const struct subject *u, struct str *out);

/* Under a heading; nothing when all is seen. more: a view's own, a line each; NULL none. */
void layers_unseen(const struct app *a, const char *more, struct str *out);
void board_unseen(struct board *b, const struct app *a);                 /* the same as lines */

/* view_links.c */
void run_links(struct app *a, struct screen *s, const char *args);
void run_column(struct app *a, struct screen *s, const char *args);
/* view_causes.c */
void run_causes(struct app *a, struct screen *s, const char *args);
void board_old(struct board *b, const struct tell *t, uint32_t node);                    /* "seen 3m ago", of what is not read any more */
void cause_foot(struct board *b, const struct graph *g, const struct tell *t, const struct why_cause *c);    /* what it brought about, and what to look at */
/* view_sandwich.c */
void run_sandwich(struct app *a, struct screen *s, const char *args);
/* view_stack.c */
void run_stack(struct app *a, struct screen *s, const char *args);

#endif
