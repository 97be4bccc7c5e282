/*
 * Purpose:   the panes side by side: layout for any size, focus, zoom, frames.
 * Thread:    ui.
 * Ownership: the deck owns its panes, a pane its stack of screens (the table at the bottom).
 * Errors:    false when memory is out or there are too many panes.
 */
#ifndef STRATA_TUI_DECK_H
#define STRATA_TUI_DECK_H

#include "tui/screen.h"

#define DECK_PANES 9

struct pane {
    struct screen *top, *table;
    int weight;               /* share of the width */
    struct rect frame;        /* as drawn; w = 0: hidden behind a tab */
};
struct deck {
    struct pane *pane[DECK_PANES];
    int n, focus;
    bool zoom;
};

/* Where panes go. tabs: only the focused one shows, under a line of tabs. Pure, for tests. */
enum layout_mode { LAYOUT_SIDE, LAYOUT_STACK, LAYOUT_TABS };
struct layout { enum layout_mode mode; struct rect frame[DECK_PANES]; bool tab_line; };
void layout_make(struct layout *l, struct rect area, const int *weights, int n, int focus, bool zoom);
#define READING_MIN_W 100   /* text in a pane narrower than this takes the whole area while it is open */
void layout_reading(struct layout *l, struct rect area, int focus);

void deck_draw(struct app *a, struct deck *d, struct rect r, bool focus);
bool deck_add(struct app *a, struct deck *d, const char *kind);     /* right of the focused one; focuses it */
void deck_close(struct app *a, struct deck *d, int i);
void deck_release(struct deck *d);
struct pane *deck_focus(const struct deck *d);                      /* NULL when there is none */
bool deck_mouse(struct app *a, struct deck *d, const struct input *in);

#endif
