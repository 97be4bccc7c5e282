/*
 * Purpose:   what the files of boards share: board.c writes and draws them, board_cmd.c moves, searches, copies, saves.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_BOARD_INT_H
#define STRATA_TUI_BOARD_INT_H

#include "tui/board.h"

#define NO_LINE SIZE_MAX

struct part { uint16_t column, most; uint8_t role; size_t at, len; };     /* most: cells on the screen; 0 all */
struct line { const struct row *row; size_t part, nparts, foot, runs, leads, under; int w; bool cut; };     /* cut: its foot has it whole */
struct board {
    struct screen base;
    const struct board_kind *kind;
    void *arg;
    char name[80];
    struct graph *graph;
    struct line *line;
    size_t nlines, cap_lines;
    struct part *part;
    size_t nparts, cap_parts;
    struct str text;
    size_t at, top;
    int page, left;
    char needle[128];                       /* searched for; "" nothing */
    bool shown;                             /* the cursor has been placed */
};

bool board_chosen(const struct board *b, size_t line);              /* the cursor stops there */
void board_step(struct board *b, long by);
void board_line_text(const struct board *b, size_t line, bool drawn, struct str *out);      /* drawn: what has no room there left out */

#endif
