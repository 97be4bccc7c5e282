/*
 * Purpose:   the timeline of an object: what happened to it and to what it hangs on, in one order, by one clock (ours), each
 *            time with its uncertainty.
 * Thread:    lines, words, timeline_work: any (pure). struct timeline_job: the thread that owns the core. core_seen_each: any.
 * Ownership: open struct timeline, free with timeline_release; a job keeps what it read.
 * Errors:    false, NULL: memory. What cannot be read is told by timeline_unseen.
 * Units:     ms since 1970; lo and hi by our clock.
 */
#ifndef STRATA_TIMELINE_H
#define STRATA_TIMELINE_H

#include "strata/core.h"
#include "strata/listing.h"
#include "strata/tell.h"

/* ---- what strata saw change while it ran: a ring for each core ---- */
struct seen_change {
    const struct kind *kind;
    const char *uid, *name, *scope;
    const char *was, *is;                   /* "Running, 1/1"; NULL: it was not there, it is gone */
    int64_t lo_ms, hi_ms;                   /* it changed between these, by our wall clock */
    uint16_t source;
    uint8_t health, was_health;             /* HEALTH_NONE: it was not there */
};
/* Since when a row has not been well, where strata saw that come: not before *lo_ms (our wall clock). false: it was so when it was read
 * first, or is not known any more. Any thread. */
bool core_seen_since(struct core *c, const struct row *r, int64_t *lo_ms);
void core_seen_each(struct core *c, void (*fn)(void *arg, const struct seen_change *s), void *arg);     /* oldest first; fn asks core nothing */

/* ---- lines ---- */
enum timeline_from { TIMELINE_EVENT, TIMELINE_CONDITION, TIMELINE_ACTION, TIMELINE_SERVICE, TIMELINE_OPERATION, TIMELINE_SEEN };
const char *timeline_from_name(enum timeline_from f);      /* "event" ... */

struct timeline_line {
    int64_t lo_ms, hi_ms;       /* it was not before lo and not after hi */
    int64_t stamp_ms, step_ms;  /* as the source wrote it, and how exact that is; CELL_NONE: strata saw it */
    uint32_t clock;             /* lines of one clock stand in the order of its stamps; 0 ours */
    uint16_t source;            /* of the object */
    uint8_t from, health;
    uint32_t turn;              /* the order in which they were added */
    bool swaps;                 /* may have been before the line above it (or one further up) */
    char *object, *what, *who;
    const struct row *row;      /* of the object, as long as what it was gathered from; NULL not known */
};
struct timeline { struct timeline_line *line; size_t n, cap, objects; bool failed; };
void timeline_release(struct timeline *t);
/* A stamp of a source's clock, exact to step_ms (1000: whole seconds), becomes an interval of ours: offset of that clock, +/- error. */
void timeline_interval(struct timeline_line *l, int64_t stamp_ms, int64_t step_ms, int64_t offset_ms, int64_t error_ms);
void timeline_add(struct timeline *t, const struct timeline_line *l);      /* texts are copied */
void timeline_order(struct timeline *t);
void timeline_since(struct timeline *t, int64_t ms);        /* drops what was before */

/* ---- whose: the row, what it hangs on, and what hangs on it directly and matters; how many, the row first ---- */
#define TIMELINE_OBJECTS 64
size_t timeline_objects(const struct links *l, uint32_t node, uint32_t *set, size_t max);

/* ---- gathering it ---- */
struct timeline_job;
struct timeline_job *timeline_open(struct core *c);
void timeline_close(struct timeline_job *j);
/* What is needed for the objects is asked for, of what changed again. Call it after changes of the graph. */
bool timeline_ask(struct timeline_job *j, const struct links *l, const uint32_t *set, size_t n);
bool timeline_event(struct timeline_job *j, struct event *e);              /* true: it was its own */
bool timeline_settled(const struct timeline_job *j);
/* What is known now of these objects, for a worker (any thread, while the graph and the core live); NULL: memory. */
struct timeline_work;
struct timeline_work *timeline_gather(struct timeline_job *j, const struct links *l, const uint32_t *set, size_t n);
void timeline_work_free(struct timeline_work *w);
/* The same of rows that stay where they are meanwhile. */
bool timeline_ask_rows(struct timeline_job *j, const struct row *const *row, size_t n);
struct timeline_work *timeline_gather_rows(struct timeline_job *j, const struct row *const *row, size_t n);

/* ---- what is gone: events of it stand a while, the journal and what strata saw tell of it ---- */
bool timeline_ask_past(struct timeline_job *j, uint16_t source, const char *ns);       /* events of a namespace, "" all */
/* Rows (timeline_gone_free each) of what bore that name or uid, by what was read; ns: "" any. How many. */
#define TIMELINE_GONE 16
size_t timeline_gone(const struct timeline_job *j, const struct tell *t, const struct kind *k, const char *name, const char *ns, struct row **out, size_t max);
void timeline_gone_free(struct row *r);
/* The node that a pod which is gone was put on, by its events; LINK_NO_NODE. */
uint32_t timeline_host(const struct timeline *t, const struct tell *tell, const struct row *pod);
/* "is gone since 05:12:03Z (delete done by ann@host with strata)", or when it was told of last. */
void tell_gone(const struct timeline *line, const struct row *r, struct str *out);
bool timeline_make(struct timeline *out, const struct timeline_work *w, const struct tell *t);
void timeline_unseen(const struct timeline_job *j, const struct tell *t, struct str *out);     /* a sentence a line */

/* ---- in words ---- */
void tell_timeline(const struct tell *t, const struct timeline *line, struct str *out);
void tell_clocks(const struct tell *t, const struct timeline *line, struct str *out);           /* a line for each source: its offset */
void tell_clock(const struct source_info *s, struct str *out);                  /* the same of one, no end of line */
void tell_uncertainty(const struct timeline_line *l, char *buf, size_t size);  /* "±0.5 s" */
static inline int64_t timeline_when(const struct timeline_line *l) { return (l->lo_ms + l->hi_ms) / 2; }

/* ---- as rows of a list, in its order; the kind of that list ---- */
extern const struct kind timeline_kind;
void timeline_rows(const struct tell *t, const struct timeline *line, struct listing *g);

#endif
