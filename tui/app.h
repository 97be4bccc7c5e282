/*
 * Purpose:   the cockpit: loop, frame, header, ticker, prompt, screen stack; what views and commands may ask of it.
 * Thread:    ui (main).
 * Ownership: app_run owns everything and frees it at its end.
 * Errors:    shown in the status line (app_error), never fatal after the start.
 */
#ifndef STRATA_TUI_APP_H
#define STRATA_TUI_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/core.h"
#include "strata/options.h"
#include "tui/colprefs.h"
#include "tui/keymap.h"
#include "tui/screen.h"
#include "tui/theme.h"

struct app;
struct pane;

/* The cockpit until it is quit: the exit status. warn: sentences to show at the start (options_parse). */
struct demo;                                                 /* NULL: real servers */
int app_run(const struct options *opt, const char *warn, struct demo *demo);

/* ---- what screens and commands use ---- */
struct core *app_core(struct app *a);
struct pending *app_pending(struct app *a);           /* rows that operations are at work on */
const struct options *app_options(const struct app *a);
struct keymap *app_keymap(struct app *a);
const struct canvas *app_canvas(const struct app *a);
struct colpref *app_colpref(const struct app *a, const char *kind);          /* the user's columns; NULL: none */
const struct source_info *app_source(const struct app *a, uint16_t id);      /* NULL: gone */
const struct source_info *app_sources(const struct app *a, size_t *n);
int64_t app_now(const struct app *a, uint16_t source);                       /* wall ms by the server's clock: for ages */

void app_dirty(struct app *a);                      /* something visible changed: draw a frame */
void app_error(struct app *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));   /* status line, until a key */
void app_info(struct app *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void app_notice(struct app *a, enum health h, const char *clean);            /* a line in the ticker */
void app_quit(struct app *a);
void app_copy(struct app *a, const char *text, size_t len);                  /* to the clipboard */
void app_run_line(struct app *a, const char *line);                          /* = command_run */

void app_push(struct app *a, struct screen *s);              /* over all */
void app_push_pane(struct app *a, struct screen *s);         /* over the focused pane's content */
void app_pop(struct app *a, struct screen *s);               /* removes and closes it, wherever it is */
struct screen *app_top(const struct app *a);                 /* the screen that has the keys */
bool app_focused(const struct app *a, const struct screen *s);   /* is it the table of the focused pane? */

/* The object under the cursor: of the focused pane's table, also when a view lies over it. false = none. */
bool app_selected(struct app *a, struct target *out);        /* target_release it */
/* To look at: the object of the view over the panes, where that is about objects (false: its line names none), else the one under the
 * cursor. And where the look at it opens: over that view, else in the focused pane. */
bool app_looked_at(struct app *a, struct target *out);
void app_push_look(struct app *a, struct screen *s);
/* The marked objects, or the one under the cursor; calls fn for each (rows are borrowed during the call). */
size_t app_each_selected(struct app *a, void (*fn)(void *arg, struct snap *s, const struct row *r), void *arg);
bool app_cursor_only(struct app *a);             /* nothing is marked but perhaps the row under the cursor */
/* The shown rows of exactly that name, marked or not; their kind: NULL, no table. */
size_t app_each_named(struct app *a, const char *name, void (*fn)(void *arg, struct snap *s, const struct row *r), void *arg);
const struct kind *app_kind(struct app *a);
size_t app_marks_hidden(const struct app *a);                /* marked, but the table does not show them */
void app_clear_marks(struct app *a);

/* A line of input at the bottom: `changed` after each key (may be NULL), `done` with ok = enter or !ok = esc. text is
 * clean and borrowed. complete: fills candidates for the word at the cursor (one a line), may be NULL. */
struct prompt_ops {
    const char *label;                                       /* "/" */
    const char *history;                                     /* history list: "command", "search"; NULL = none */
    void (*changed)(struct app *a, void *arg, const char *text);
    void (*done)(struct app *a, void *arg, const char *text, bool ok);
    void (*complete)(struct app *a, void *arg, const char *text, size_t cursor, struct str *out);
};
void app_prompt(struct app *a, const struct prompt_ops *ops, void *arg, const char *initial);
/* The same with a label of its own. */
void app_prompt_labelled(struct app *a, const struct prompt_ops *ops, void *arg, const char *label, const char *initial);
bool app_prompting(const struct app *a);
bool app_typed(const struct app *a);                     /* was any key hit since the start? */
void app_key(struct app *a, uint32_t key);              /* as if it were hit now */

#endif
