/*
 * Purpose:   what a visitor of the demo cloud may try: one suggestion at a time, at the right of the ticker's line.
 * Thread:    ui.
 * Ownership: hints_load owns the text; hints_release frees it.
 * Errors:    a file that is not there: no suggestions.
 */
#ifndef STRATA_TUI_HINTS_H
#define STRATA_TUI_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HINTS_MAX 32

struct app;
struct hints {
    char *text;                            /* the file; items point into it */
    struct hint { const char *done_by, *words; } item[HINTS_MAX];     /* done_by: the command that does it; "" = only a key moves on */
    int n, at;
    int64_t next_ms;                       /* mono: done, the next one comes then; 0 = not done */
    bool off;
};

void hints_load(struct hints *h, const char *dir);
void hints_release(struct hints *h);
const char *hints_now(const struct hints *h);      /* NULL: nothing to suggest */
void hints_ran(struct hints *h, const char *line); /* a command was run: perhaps the one that was suggested */
bool hints_tick(struct hints *h);                  /* true: another one is shown */

#endif
