/*
 * Purpose:   the table of a pane: rows of one kind from sources x namespaces, cursor bound to an object, filter, sort, marks.
 * Thread:    ui.
 * Ownership: table_new gives a screen (closed through its ops); strings in are copied.
 * Errors:    shown in the pane.
 */
#ifndef STRATA_TUI_TABLE_H
#define STRATA_TUI_TABLE_H

#include "strata/filter.h"
#include "strata/map.h"
#include "strata/view.h"
#include "tui/colfit.h"
#include "tui/screen.h"

#define TABLE_FEEDS 64

struct table_feed { uint32_t id; uint16_t source; char ns[64]; };

/* Where a table was before it went into something (enter): esc comes back. */
struct table_place { char kind[80], ns[256], sources[208], filter[256], uid[128]; uint16_t source; };
#define TABLE_PLACES 8

struct table {
    struct screen base;
    char kind_name[80];                   /* as asked for */
    char title[80];                       /* "" = its kind's */
    char ns[256];                         /* "" = by the source's own, "*" = all, else a,b,c */
    char sources[208];                     /* name of the one source, "" = all */
    struct table_feed feed[TABLE_FEEDS];
    int nfeeds, nsources;
    int64_t asked_ms;                     /* mono: since when the feeds are asked */
    struct view *view;
    /* cursor */
    char uid[128];                        /* "" = none yet */
    uint16_t source;
    size_t index, top;
    int rows_h;                           /* rows on the screen at the last drawing */
    bool bound;                           /* to uid: once all rows are there, or the user did something with one */
    bool by_weight;                       /* its first row is what is looked at: the cursor is not bound before the user does something */
    char painted[128];                    /* the uid under the cursor as drawn last: what the user means by "this one" */
    uint16_t painted_source;
    /* what is shown */
    char filter_text[256];
    struct filter *marks_of;              /* the same filter, for highlighting */
    char filter_err[320];
    bool sort_unseen;                     /* rows are ordered by a column that is not shown: the title says it */
    bool problems, wide;
    int hscroll, nhidden;                 /* columns scrolled away, columns that did not fit */
    uint64_t useful;                      /* columns that had more than "<none>" in some row so far */
    uint64_t roomy;                       /* COL_WIDE columns shown because there is room for them */
    struct table_column drawn[TABLE_COLUMNS];   /* as drawn last, x on the screen: for the mouse */
    int ndrawn;
    int lead;                             /* first column that is not the source: a tree hangs there */
    int pick;                             /* column chosen with shift-left/right, -1 = none */
    struct map marked;                    /* "source uid" -> "" */
    int seen[TABLE_COLUMNS + 1];          /* widest content so far, by column (last: source) */
    const struct kind *seen_kind;
    struct table_place back[TABLE_PLACES];
    int nback;
    char drill[256];                      /* the filter that enter set: esc goes back instead of clearing it */
    char want_uid[128];                   /* the cursor goes there as soon as the row is there */
    uint16_t want_source;
};

struct screen *table_new(struct app *a, const char *kind, const char *ns, const char *source);
extern const struct screen_ops table_ops;
extern const struct screen_ops list_ops;                             /* view_list.c: a table over the panes, too */
static inline struct table *table_of(struct screen *s) { return s && (s->ops == &table_ops || s->ops == &list_ops) ? (struct table *)s : NULL; }
bool table_init(struct table *t, struct app *a);                    /* with no feeds: its rows come by table_take. false: memory */
void table_release(struct table *t);

void table_open(struct table *t);                                   /* (re)opens the feeds for kind, ns, sources */
void table_set(struct table *t, const char *kind, const char *ns, const char *source);   /* NULL = as it is */
bool table_snap(struct table *t, struct event *e);                  /* EV_SNAP: true when it was one of ours */
void table_take(struct table *t, unsigned at, struct snap *s);      /* the rows of feed at, anew */
const struct row *table_row(const struct table *t);                 /* under the cursor, or NULL */
struct snap *table_row_snap(const struct table *t, const struct row *r);
void table_move(struct table *t, long to);                          /* absolute, clamped */
void table_follow(struct table *t);                                 /* after the user changed order or choice: the same object, or the first row */
void table_hold(struct table *t);                                   /* before something is done with the row that is seen */
enum err_code table_filter(struct table *t, const char *text, struct err *err);
bool table_marked(const struct table *t, const struct row *r);
void table_mark(struct table *t, const struct row *r, bool on);
const char *table_ns_label(const struct table *t, char *buf, size_t size);
bool table_scope_hidden(const struct table *t, int col);            /* namespace column, and there is only one */
bool table_shows(const struct table *t, int col);                   /* is this column of the kind wanted now? */
size_t table_columns(const struct table *t, int *cols, size_t max); /* wanted columns in order (-1 = source) */
bool table_widen_back(struct table *t);                             /* one narrowing less, the newest first; false: there is none */
/* drill.c */
void table_drill(struct table *t, const char *kind, const char *ns, const char *source, const char *filter);
bool table_back(struct table *t);                                   /* false: there is nothing to go back to */
/* table_state.c */
bool table_state_line(const struct table *t, char *buf, size_t size, int *role);    /* false: all is live and complete */
bool table_loading(const struct table *t);
bool table_settled(const struct table *t);                          /* every feed had its first answer, good or bad */
bool table_partial(const struct table *t);                          /* something that was asked for is not in it */
const char *table_feed_ns(const struct table *t, int i, char *buf, size_t size);    /* what feed i really lists, "" = all */
void table_rights(const struct table *t, uint16_t source, int *feeds, int *forbidden);    /* adds to both */
bool table_lost(const struct table *t, uint16_t source);                /* a list of that source fails or is old */
bool table_source_words(const struct table *t, uint16_t source, char *buf, size_t size);    /* what its worst feed says, in full */
void table_draw_empty(const struct table *t, struct canvas *c, struct rect r);
/* table_draw.c */
void table_draw(struct screen *s, struct canvas *c, struct rect r, bool focus);
void table_title(struct screen *s, struct str *out);
enum glyph table_glyph(enum health h);

#endif
