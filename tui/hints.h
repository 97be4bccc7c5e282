/*
 * Purpose:   what a visitor of the demo cloud may try, one suggestion at a time, and what its story tells, at the right of
 *            the ticker's line.
 * Thread:    ui.
 * Ownership: hints_load owns the text; hints_release frees it.
 * Errors:    a file that is not there: no suggestions, no story.
 * Units:     ms of the monotonic clock.
 */
#ifndef STRATA_TUI_HINTS_H
#define STRATA_TUI_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HINTS_MAX 32

struct hint {
    const char *done_by, *words;           /* done_by: the command that does it; "" = time alone, or a key, moves on */
    int64_t from_ms, until_ms;             /* its moment, from the start; until 0 = for ever */
    bool done, shown;                      /* followed; shown for long enough */
};

struct hints {
    char *text;                            /* the file; items point into it */
    struct hint item[HINTS_MAX];
    int n, at;                             /* at: shown now, -1 = none */
    int64_t start_ms, since_ms, next_ms;   /* since: shown since; next: done, the next one comes then; 0 = not done */
    bool off;
    int story_fd;
    char story[320], part[320];            /* told last; the beginning of a line */
    size_t npart;
    int64_t told_until_ms;
};

void hints_load(struct hints *h, const char *dir, int64_t now_ms);
void hints_release(struct hints *h);
const char *hints_now(const struct hints *h);      /* NULL: nothing to suggest */
const char *hints_story(const struct hints *h);    /* what was just told, else NULL */
void hints_ran(struct hints *h, const char *line, int64_t now_ms);    /* a command was run: perhaps one that is suggested */
bool hints_next(struct hints *h, int64_t now_ms);  /* another one of this moment that was not followed; false: there is none */
/* True: what is shown is another. told is called with each new line of the story. */
bool hints_tick(struct hints *h, int64_t now_ms, void (*told)(void *arg, const char *line), void *arg);

#endif
