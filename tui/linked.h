/*
 * Purpose:   what the row under the cursor hangs on, and what hangs on it: marked in the other panes, gone to on a key; jumps
 *            along links, and back and forward.
 * Thread:    ui.
 * Ownership: linked_release frees; rows are known by their uid.
 */
#ifndef STRATA_TUI_LINKED_H
#define STRATA_TUI_LINKED_H

#include "strata/graph.h"
#include "tui/screen.h"

enum link_mark { LINKED_NOT, LINKED_DOWN, LINKED_UP, LINKED_SAME };       /* SAME: it is that row, in another pane */

struct spot { char kind[80], uid[128], filter[40]; uint16_t source; };     /* filter: rows, not one */
#define TRAIL_MAX 32

struct linked {
    struct graph *graph;                /* the picture that the marks are of */
    uint32_t node;                      /* of the row under the cursor; LINK_NO_NODE none */
    uint8_t *mark;                      /* enum link_mark by node */
    uint32_t *set;                      /* nodes that have one, nearest first: down, then up */
    size_t n, down, cap, size;
    struct spot trail[TRAIL_MAX];
    int ntrail, at;                     /* at: the spot one is on */
};

void linked_look(struct app *a);                                        /* before a frame: is it another row, or another picture? */
enum link_mark linked_of(const struct app *a, const struct row *r);
void linked_release(struct app *a);
/* jump.c: to an object: in the pane that shows it, else its kind in the focused pane. Remembers where one was. */
void app_goto(struct app *a, const struct row *r);

#endif
