/*
 * Purpose:   the text views describe, YAML, console log, instance actions of an object; doctor, messages.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_VIEW_TEXT_H
#define STRATA_TUI_VIEW_TEXT_H

#include "strata/core.h"
#include "strata/tell.h"
#include "tui/app.h"

/* Opens the view over the focused pane for the selected object. */
void view_text_open(struct app *a, enum fetch_what what);
void view_text_revision(struct app *a, enum fetch_what what, int64_t revision);      /* FETCH_ROLLOUT_HISTORY, FETCH_ROLLOUT_DIFF; 0: as core_rollout has it */
/* Over everything: the doctor's word on a source; any text (moved), lines may start with a time and ok, warn, fail, info. */
void view_text_doctor(struct app *a, uint16_t source);
void view_text_show(struct app *a, const char *name, char *text, size_t len);
/* Text that is written anew, at most once a second, after an event that was its own. arg is closed with the view; false: out of memory,
 * arg is the caller's still. */
struct text_live {
    bool (*event)(void *arg, struct event *e);       /* true: it was its own */
    void *(*gather)(void *arg);                      /* what make needs and shares with nobody; NULL: out of memory */
    /* On a worker; false: out of memory. told: which objects of the picture that was the newest when it was gathered are named where, for
     * the cursor; NULL: nobody wants to know. */
    bool (*make)(void *work, struct str *out, struct told *told);
    void (*release)(void *work);                     /* once for each that was gathered, on any thread */
    void (*close)(void *arg);
};
bool view_text_live(struct app *a, const char *name, const struct text_live *live, void *arg);
/* Saves text to a file of the user's choice (asked for at the prompt, `name` as a start). Moved. saved: when it was; or NULL. */
void save_text(struct app *a, const char *name, char *text, size_t len, void (*saved)(void *arg), void *arg);

#endif
