/*
 * Purpose:   what the writers and the reader of run files share.
 * Thread:    any (pure).
 */
#ifndef STRATA_STAGE_EXPORT_H
#define STRATA_STAGE_EXPORT_H

#include "core/stage/stage_priv.h"

extern const char *const export_outcomes[];    /* by enum stage_outcome */
extern const char *const export_seen[];        /* by enum stage_seen */
extern const char *const export_probes[];
extern const char *const export_whose[];
extern const char *const export_levels[];
extern const char *const export_rows[];        /* by enum stage_row_role */
extern const char *const export_ties[];        /* by enum stage_tie */

void export_cast(const struct stage_snap *s, const struct stage_run *only, struct str *out);    /* cast.c */

#endif
