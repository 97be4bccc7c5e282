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

struct stage_look {
    const struct stage_snap *snap;
    const struct stage_run *run;      /* the run that is shown; NULL before the first */
    int64_t now_us;
    const char *question;             /* asked at the bottom; NULL = none */
    const char *typed;                /* the answer so far when a name must be typed; else NULL */
};

void stage_draw(struct canvas *c, struct rect r, const struct stage_look *l);

#endif
