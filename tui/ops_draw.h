/*
 * Purpose:   how operations and their steps look: the lines of :ops and of one operation.
 * Thread:    ui.
 * Ownership: borrows the picture.
 */
#ifndef STRATA_TUI_OPS_DRAW_H
#define STRATA_TUI_OPS_DRAW_H

#include "strata/ops.h"
#include "tui/canvas.h"

bool ops_runs(enum op_state s);                        /* running, paused or canceling */
/* One sentence: what it waits for while it runs, else how it ended. */
void ops_standing(const struct op_view *o, char *buf, size_t size);
/* How far it is: pieces of what it is for, as its own words count them (the pods of a drain, not its cordon). */
struct ops_count { size_t done, failed, total; };
struct ops_count ops_count(const struct op_view *o);
/* "running, 2 of 14 done, 1 failed, 2 under way, 57s, about 4m left at this pace" */
void ops_progress(const struct op_view *o, int64_t now_mono_ms, char *buf, size_t size);
/* Seconds until its steps are done at the pace of those that are; -1: too few of that kind were done to say. */
int64_t ops_left_s(const struct op_view *o, int64_t now_mono_ms);
/* The step from which the steps are shown so that what is under way can be seen, if so many fit. */
int ops_depth(const struct op_view *o, size_t i);        /* of how many steps is this one part? */
int ops_follow(const struct op_view *o, int fit);

/* r: one row, or two: the second says how it stands */
void ops_draw_line(struct canvas *c, struct rect r, const struct op_view *o);
/* What stands above the steps; returns the rows used. */
int ops_draw_head(struct canvas *c, struct rect r, const struct op_view *o);
void ops_draw_steps(struct canvas *c, struct rect r, const struct op_view *o, int from, bool requests);

#endif
