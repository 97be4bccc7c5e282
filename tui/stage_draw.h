/*
 * Purpose:   the picture of the self-healing stage: facts or timeline, pods, events, strips, verdict, the big timer.
 * Thread:    ui.
 * Ownership: the snapshot is borrowed during the call.
 * Units:     now_us: local monotonic clock.
 */
#ifndef STRATA_TUI_STAGE_DRAW_H
#define STRATA_TUI_STAGE_DRAW_H

#include "strata/stage.h"
#include "tui/canvas.h"

struct stage_scroll { int at, last, page; };       /* rows: of the middle that are above, at most, and seen at once */

struct stage_look {
    const struct stage_snap *snap;
    const struct stage_run *run;      /* the run that is shown; NULL before the first */
    int64_t now_us;
    const char *question;             /* asked at the bottom; NULL = none */
    struct stage_scroll *scroll;      /* at is taken and corrected, the rest is told; NULL = from the top */
    const char *typed;                /* the answer so far when a name must be typed; else NULL */
};

void stage_draw(struct canvas *c, struct rect r, const struct stage_look *l);

/* ---- stage_time.c ---- */
enum { STAGE_BIG_ROWS = 5 };
/* At the top right; returns the rows used: STAGE_BIG_ROWS, 1, or 0 before the delete. */
int stage_draw_timer(struct canvas *c, struct rect r, const struct stage_look *l, bool large);
/* all: also the milestones that this pod has none of, and the pod's name over them. Returns the rows used. */
int stage_draw_timeline(struct canvas *c, struct rect r, const struct stage_run *run, int64_t now_us, bool all);
uint16_t stage_outcome_style(const struct stage_run *run);
/* Pods of a workload differ at the end of their names: what does not fit goes from the front. */
void stage_draw_name(struct canvas *c, int x, int y, int max, uint16_t style, const char *name);

/* ---- stage_lane.c, stage_strip.c: r.h is not looked at, the rows used are returned ---- */
int stage_draw_pods(struct canvas *c, struct rect r, const struct stage_snap *s);
int stage_draw_rows(struct canvas *c, struct rect r, const struct stage_look *l);      /* 0: nothing is known of any */
int stage_draw_events(struct canvas *c, struct rect r, const struct stage_run *run);
int stage_strip_rows(const struct stage_strip *strip, size_t n, int high, bool words);
/* high: rows of cells a strip; then one of words. run: whose delete and markers stand in them; NULL = none. */
void stage_draw_strips(struct canvas *c, struct rect r, const struct stage_strip *strip, size_t n, const struct stage_run *run, int high, bool words);

#endif
