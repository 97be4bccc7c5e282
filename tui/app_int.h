/*
 * Purpose:   what the files of the cockpit's frame share (app.c, header.c, prompt.c, deck.c, command.c); not for views.
 * Thread:    ui.
 * Ownership: app.c makes and frees it.
 */
#ifndef STRATA_TUI_APP_INT_H
#define STRATA_TUI_APP_INT_H

#include "strata/forward.h"
#include "tui/app.h"
#include "tui/command.h"
#include "tui/deck.h"
#include "tui/hints.h"
#include "tui/lineedit.h"
#include "tui/linked.h"
#include "tui/pending.h"
#include "tui/picture.h"
#include "tui/term.h"

#define TICKER_LINES 400
#define HISTORY_MAX 200
#define KIND_NAMES_MAX 4096

/* Everything that was said: in the ticker, in the status line (status: not shown in the ticker). */
struct ticker_line { int64_t time_ms; enum health health; bool status; char text[400]; };

/* Edits whose operation runs: their texts are kept until it ended well (edit_cmd.c). */
#define EDITS_MAX 8
struct edit_slot { uint32_t op; struct edit *edit; struct target target; };

struct history { char *items[HISTORY_MAX]; int n; bool loaded; };

struct prompt {
    const struct prompt_ops *ops;          /* NULL = no prompt */
    char label[420];                       /* instead of that of ops; "" none */
    void *arg;
    struct lineedit edit;
    char ghost[128];                       /* completion shown after the cursor */
    struct str candidates;
    int candidate;                         /* tab goes through them; -1 = none taken */
    int hist;                              /* place in the history; = n when on the new line */
    char kept[512];                        /* the new line while looking at the history */
};

/* A kind that only a server can know, asked of all of them before a pane shows it. */
struct finding {
    uint32_t feed[CORE_MAX_SOURCES];
    bool answered[CORE_MAX_SOURCES];       /* has no such kind */
    size_t n, left;
    struct pane *pane;                     /* that had the keys; NULL: there was none */
    char line[512];
    int64_t start_ms;                      /* mono */
};

struct app {
    const struct options *opt;
    struct demo *demo;                     /* the demo cloud we started, or NULL */
    struct hints tips;                     /* what to try there */
    struct core *core;
    struct term *term;
    struct canvas canvas;
    struct theme theme;
    bool theme_chosen;                     /* by the user: the terminal's background decides nothing */
    struct keymap keymap;
    struct deck deck;
    struct colprefs columns;
    struct picture picture;
    struct linked linked;
    struct screen *over;                   /* stack over everything */
    struct source_info src[CORE_MAX_SOURCES];
    size_t nsrc;
    struct ticker_line ticker[TICKER_LINES];
    unsigned ticker_n;                     /* lines ever */
    struct pending pending;
    char status[400];
    bool status_bad;
    int64_t status_until_ms;      /* mono: then the ticker is back */
    struct prompt prompt;
    struct history history[2];             /* command, search */
    char **kind_names;                     /* what discovery knows; NULL-terminated, or NULL */
    uint32_t kind_names_id;
    struct finding finding;
    uint32_t ns_feed[CORE_MAX_SOURCES];    /* namespaces for completion, 0 = not open; and what they last said */
    struct snap *ns_snap[CORE_MAX_SOURCES];
    uint32_t forward[CORE_MAX_FORWARDS];   /* port-forwards that were asked for; 0 = free */
    struct edit_slot editing[EDITS_MAX];
    bool dirty, quit, idle, typed;         /* typed: any key since the start */
    int status_code;
    int64_t last_key_ms;
    int cursor_x, cursor_y;                /* of the prompt; -1 = hidden */
    int hint_more;
};

/* header.c */
void header_draw(struct app *a, struct rect r);
void ticker_draw(struct app *a, struct rect r);
void hints_draw(struct app *a, struct rect r);
void welcome_draw(struct app *a, struct rect r);        /* nothing configured */
/* prompt.c */
void prompt_draw(struct app *a, struct rect r);
bool prompt_key(struct app *a, uint32_t key);
void prompt_paste(struct app *a, const char *clean, size_t len);
void prompt_again(struct app *a);                       /* more is known: complete anew, unless one was taken */
void prompt_release(struct app *a);
bool state_write(const char *path, const char *text, size_t len);   /* whole or not at all; nobody else's to read */
bool state_path(char *buf, size_t size, const char *name, bool make);   /* a file of ours in XDG_STATE_HOME */
/* view_sources.c */
size_t source_order(const struct source_info *src, size_t n, uint8_t *order);   /* places, what needs a look first */
void source_words(const struct source_info *s, char *buf, size_t size);          /* "ok 3ms", "stale 2m", "failed" */
/* acts.c */
/* shell_cmd.c: a debug container that runs is joined, if its pod is still what is looked at. */
void debug_event(struct app *a, const struct event *e);
void acts_done(struct app *a, const struct event *e);
void edits_event(struct app *a, const struct event *e);      /* EV_OP_END; edit_cmd.c */
void edits_release(struct app *a);
/* view_forwards.c */
bool forwards_event(struct app *a, const struct event *e);
/* view_columns.c */
void columns_load(struct app *a);
/* find_kind.c */
void find_kind(struct app *a, const char *name, const char *args);     /* opens it in the focused pane when a server has it */
void find_kind_none(struct app *a, const char *name);
void find_kind_event(struct app *a, const struct event *e);            /* every EV_SNAP */
void find_kind_tick(struct app *a);
/* command.c */
void open_kind(struct app *a, struct pane *p, const char *name, const char *args);   /* p NULL: in a pane of its own */
void command_prompt(struct app *a, const char *initial);
/* app.c */
void app_event(struct app *a, struct event *e);                 /* as the loop does with it; frees it */
enum err_code app_set_theme(struct app *a, const char *name, struct err *err);
struct screen *app_focus_top(const struct app *a);

/* complete_ns.c */
void namespaces_want(struct app *a);                            /* one is about to be typed */
bool namespaces_event(struct app *a, struct event *e);
const char *namespaces_next(const struct app *a, size_t *source, size_t *slot);   /* walks from 0, 0; NULL at the end */
void namespaces_rest(struct app *a);                            /* the prompt is closed */
void namespaces_release(struct app *a);
/* startup.c */
void start_warnings(struct app *a, const char *warn);           /* one a line: the first in the status line, all in the ticker */
void start_theme(struct app *a);
bool start_deck(struct app *a, struct err *err);                /* the first panes; false: --view names a kind that nobody has */

struct table;
struct table *app_table(const struct app *a);     /* of the pane that has the keys; NULL: none is open (selected.c) */

#endif
