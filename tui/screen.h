/*
 * Purpose:   what can be on the screen: a table, a text, logs, help, a dialog. Screens stack: each pane has its own stack
 *            (its table at the bottom), and the app has one over everything (help, dialogs).
 * Thread:    ui.
 * Ownership: app_push and pane_push take the screen; it is freed by its own ops->close when popped.
 * Errors:    none; a screen shows its own.
 *
 * To add a view: tui/view_x.c with a struct whose first member is struct screen, one const struct screen_ops, a function
 * that makes it and pushes it (app_push_pane for pane-local, app_push over all), and its commands (tui/command.h).
 * To add a command: a row in a `const struct command x_commands[]` (ends with {0}) in your file and XX(x) in COMMAND_TABLES
 * of tui/command.h. Keys: rows in `const struct key_row x_keys[]`, XX(x) in KEY_TABLES of tui/keymap.h.
 */
#ifndef STRATA_TUI_SCREEN_H
#define STRATA_TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/core.h"
#include "strata/str.h"
#include "tui/canvas.h"
#include "tui/key.h"

struct app;
struct screen;

struct screen_ops {
    const char *scope;                /* key scope: "table", "text", "logs", "help", "dialog" */
    bool popup;                       /* what is below stays visible; the screen draws its own box inside the area */
    bool modal;                       /* global keys do not apply while it is on top */
    /* Draws inside the frame (r). focus: keys go here. Must not change what is shown elsewhere. */
    void (*draw)(struct screen *s, struct canvas *c, struct rect r, bool focus);
    /* A key that is bound to nothing; true when used. May be NULL. */
    bool (*key)(struct screen *s, uint32_t key);
    bool (*mouse)(struct screen *s, const struct input *in, struct rect r);
    void (*paste)(struct screen *s, const char *clean, size_t len);
    /* Every core event that is not a snap passes here, top first; true when it was for this screen. May be NULL. */
    bool (*event)(struct screen *s, struct event *e);
    /* Text of the frame's title (clean). For popups unused. */
    void (*title)(struct screen *s, struct str *out);
    /* Once a second and before drawing: true when what is shown changed by time alone (ages). May be NULL. */
    bool (*tick)(struct screen *s, int64_t now_ms);
    /* The object that it is about, or that the line under its cursor names; borrowed until the next key or event. NULL: none; may be NULL. */
    const struct row *(*object)(struct screen *s);
    void (*close)(struct screen *s);  /* frees */
};

struct screen {
    const struct screen_ops *ops;
    struct app *app;                  /* set by push */
    struct pane *pane;                /* the pane it lives in, NULL = over all */
    struct screen *below;
};

static inline const struct row *screen_object(struct screen *s) { return s && s->ops->object ? s->ops->object(s) : NULL; }

/* An object that a screen is about, kept alive by its snap: rows are else borrowed until the next update. */
struct target { struct snap *snap; const struct row *row; };
void target_set(struct target *t, struct snap *s, const struct row *r);   /* takes a reference of its own */
void target_release(struct target *t);

#endif
