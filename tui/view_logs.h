/*
 * Purpose:   the log view: follows the logs of a pod or a whole workload in bounded memory.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_VIEW_LOGS_H
#define STRATA_TUI_VIEW_LOGS_H

#include <stdbool.h>

#include "tui/app.h"

void view_logs_open(struct app *a, bool previous);

#endif
