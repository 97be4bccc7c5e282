/* Where the panes go: side by side where each gets room, stacked on a tall narrow screen, else one at a time with tabs. */
#include "tui/deck.h"

#define PANE_MIN_W 34     /* a table narrower than this shows names only */
#define PANE_MIN_H 7

static void side(struct layout *l, struct rect area, const int *weights, int n)
{
    int total = 0, left = area.w, x = area.x;
    for (int i = 0; i < n; i++) total += weights[i] > 0 ? weights[i] : 1;
    for (int i = 0; i < n; i++) {
        int share = weights[i] > 0 ? weights[i] : 1, rest = n - i - 1;
        int w = i == n - 1 ? left : area.w * share / total, min = PANE_MIN_W;
        if (w < min) w = min;
        if (w > left - rest * min) w = left - rest * min;
        l->frame[i] = (struct rect){x, area.y, w, area.h};
        x += w;
        left -= w;
    }
}

static void stack(struct layout *l, struct rect area, const int *weights, int n)
{
    int total = 0, left = area.h, y = area.y;
    for (int i = 0; i < n; i++) total += weights[i] > 0 ? weights[i] : 1;
    for (int i = 0; i < n; i++) {
        int share = weights[i] > 0 ? weights[i] : 1, rest = n - i - 1;
        int h = i == n - 1 ? left : area.h * share / total;
        if (h < PANE_MIN_H) h = PANE_MIN_H;
        if (h > left - rest * PANE_MIN_H) h = left - rest * PANE_MIN_H;
        l->frame[i] = (struct rect){area.x, y, area.w, h};
        y += h;
        left -= h;
    }
}

void layout_make(struct layout *l, struct rect area, const int *weights, int n, int focus, bool zoom)
{
    *l = (struct layout){.mode = LAYOUT_TABS};
    if (n <= 0) return;
    if (n > DECK_PANES) n = DECK_PANES;
    if (!zoom && (n == 1 || area.w >= n * PANE_MIN_W)) {
        l->mode = LAYOUT_SIDE;
        if (n == 1) l->frame[0] = area;
        else side(l, area, weights, n);
        return;
    }
    if (!zoom && area.h >= n * (PANE_MIN_H + 4) && area.h > 30) {
        l->mode = LAYOUT_STACK;
        stack(l, area, weights, n);
        return;
    }
    l->tab_line = n > 1 && area.h >= 4;
    if (l->tab_line) area.y++, area.h--;
    if (focus >= 0 && focus < n) l->frame[focus] = area;
}

void layout_reading(struct layout *l, struct rect area, int focus)
{
    if (l->frame[focus].w >= READING_MIN_W && l->frame[focus].h * 2 > area.h) return;
    *l = (struct layout){.mode = LAYOUT_TABS};
    l->frame[focus] = area;
}
