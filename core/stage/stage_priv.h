/*
 * Purpose:   what the files of core/stage share.
 * Thread:    net thread, except the probes' own threads (probe.h) and the pure files (plan, milestone, numbers, skew, verdict,
 *            export: any).
 * Ownership: struct stage owns everything reachable from it; snapshots are counted boxes with one arena each.
 */
#ifndef STRATA_STAGE_PRIV_H
#define STRATA_STAGE_PRIV_H

#include <jansson.h>

#include "core/core_priv.h"
#include "strata/stage.h"

/* ---- snap.c: counted, immutable boxes ---- */
struct stage_run_box;
struct stage_run_box *stage_run_box_new(void);                       /* refs 1; NULL: out of memory */
struct stage_run *stage_run_box_run(struct stage_run_box *b);        /* to be filled before it is shared */
struct arena *stage_run_box_arena(struct stage_run_box *b);
struct stage_run_box *stage_run_box_ref(struct stage_run_box *b);
void stage_run_box_unref(struct stage_run_box *b);
struct stage_snap *stage_snap_new(void);
struct arena *stage_snap_arena(struct stage_snap *s);
bool stage_snap_set_runs(struct stage_snap *s, struct stage_run_box *const *runs, size_t n);   /* takes references */

#endif
