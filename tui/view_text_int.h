/*
 * Purpose:   what the files of text views share: view_text.c fetches, draws, searches, saves; view_live.c writes what is made of the
 *            links and has a cursor on it.
 * Thread:    ui.
 */
#ifndef STRATA_TUI_VIEW_TEXT_INT_H
#define STRATA_TUI_VIEW_TEXT_INT_H

#include "tui/screen.h"
#include "tui/textbuf.h"
#include "tui/view_text.h"

/* beyond enum fetch_what: */
enum { TEXT_DOCTOR = FETCH_ROLLOUT_DIFF + 1, TEXT_PLAIN, TEXT_LIVE };

struct text_view {
    struct screen screen;
    struct target target;
    unsigned what;                   /* enum fetch_what, or one of ours */
    char name[80];                   /* of what is not about a row */
    uint16_t source;                 /* TEXT_DOCTOR */
    bool managed, wrap, loading;
    uint32_t request;
    struct textbuf buf;
    struct err err;
    int64_t fetched_ms;              /* monotonic, 0 = never */
    size_t top, match;               /* match: where the search goes on from */
    int left, page, wide;            /* page, wide: as drawn last */
    bool at_end;                     /* its last line stays at the bottom */
    char needle[128];
    const struct text_live *live;    /* TEXT_LIVE */
    void *live_arg;
    struct errand *errand;           /* it is being written anew */
    struct text_marks *marks, *coming;   /* which objects its lines name, and those of what is being written; NULL none */
    size_t at;                       /* the line of the cursor, where marks has any */
    int64_t revision;                /* of a rollout; 0 all, or the one before the newest */
    bool stale;                      /* to be written anew */
    int64_t not_before_ms;           /* monotonic: what takes long is written rarely */
};

enum text_wrap text_view_wrap(const struct text_view *v);
bool text_has_cursor(const struct text_view *v);
void text_show_cursor(struct text_view *v);                     /* what is shown goes to the line of the cursor */
struct text_view *text_open_over(struct app *a, unsigned what, const char *name);

/* view_live.c */
void text_live_write(struct text_view *v);                      /* anew, beside the screen */
bool text_live_event(struct text_view *v, struct event *e);     /* true: it was its own */
void text_live_close(struct text_view *v);
const struct row *text_live_object(const struct text_view *v);  /* of the line under the cursor; NULL none */

#endif
