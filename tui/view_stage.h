/*
 * Purpose:   the self-healing stage over the deck, for the selected pod or workload.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_VIEW_STAGE_H
#define STRATA_TUI_VIEW_STAGE_H

#include "tui/app.h"

/* args: "[PROBE...] [vm=ADDR[:PORT]] [cloud=NAME] [timeout=SECONDS] [grace=SECONDS]" */
void view_stage_open(struct app *a, const char *args);

#endif
