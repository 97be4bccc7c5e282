/*
 * Purpose:   a row: one object as the table shows it, immutable, compact (about 300 bytes a pod).
 * Thread:    built and freed on the net thread; read by any thread that holds a snap containing it.
 * Ownership: rows belong to stores and snaps (counted, on the net thread only).
 * Errors:    rowbuf_finish returns NULL when memory is out.
 */
#ifndef STRATA_ROW_H
#define STRATA_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/kind.h"
#include "strata/str.h"

union cell {
    int64_t n;
    const char *s;        /* clean text, NUL-terminated, or NULL */
};

/* row flags */
#define ROW_DELETING 1u       /* deletionTimestamp set, server DELETING */
#define ROW_HEAD 2u           /* head of a group (KIND_TREE): a service of the catalog */
#define ROW_STALE 4u          /* this row alone is older than its snap */

struct row {
    const struct kind *kind;
    const char *uid;          /* unique in its source and kind; never NULL */
    const char *name;
    const char *scope;        /* namespace or project id; "" if none */
    const char *labels;       /* "a=b,c=d" sorted, "" if none */
    const char *owner;        /* controller "Kind/name/uid" or "" */
    int64_t created_ms;       /* or CELL_NONE */
    uint32_t refs;            /* net thread */
    uint32_t slot;            /* place in its store: stable while the object lives */
    uint16_t source;          /* source id */
    uint8_t health;           /* enum health */
    uint8_t flags;
    uint32_t size;            /* bytes of this allocation */
    uint32_t later_s[2];      /* at this wall clock of the server (s since 1970) the health is ... */
    uint8_t later[2];         /* ... at least this bad, if the object says nothing new; 0 = no such time */
    union cell cell[];        /* kind->ncolumns of them */
};

/* ---- building (net thread) ---- */
struct strpool;               /* shared strings of one store */
struct rowbuf {               /* reuse one per store; open struct, but use the functions */
    const struct kind *kind;
    struct strpool *pool;
    union cell *cell;
    size_t cap_cells;
    struct str text;          /* bytes of own strings; cells hold offsets until finish */
    uint8_t *own;             /* 1 = cell.n is offset+1 into text */
    struct str labels;
    struct str tmp;
    size_t uid, name;         /* offsets+1 into text */
    const char *pooled_scope, *pooled_owner;
    int64_t created_ms;
    uint8_t health, flags;
    uint32_t later_s[2];
    uint8_t later[2];
    bool failed;
};

void rowbuf_init(struct rowbuf *rb, struct strpool *pool);
void rowbuf_release(struct rowbuf *rb);
void rowbuf_begin(struct rowbuf *rb, const struct kind *kind);      /* all cells empty */
/* All texts are sanitised here (text_clean): callers pass them as they came. */
void rowbuf_id(struct rowbuf *rb, const char *uid, const char *scope, const char *name);
void rowbuf_owner(struct rowbuf *rb, const char *kind, const char *name, const char *uid);
void rowbuf_label(struct rowbuf *rb, const char *key, const char *value);
void rowbuf_text(struct rowbuf *rb, int col, const char *s);        /* NULL = no value */
void rowbuf_textn(struct rowbuf *rb, int col, const char *s, size_t len);
void rowbuf_textf(struct rowbuf *rb, int col, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void rowbuf_num(struct rowbuf *rb, int col, int64_t n);
void rowbuf_created(struct rowbuf *rb, int64_t ms);                 /* also fills a column "age" if there is one */
void rowbuf_health(struct rowbuf *rb, enum health h);
void rowbuf_later(struct rowbuf *rb, int64_t at_ms, enum health h); /* by then it is that bad; two such times, in order */
void rowbuf_flag(struct rowbuf *rb, unsigned flag);
struct row *rowbuf_finish(struct rowbuf *rb);                       /* NULL: out of memory or no uid */

/* ---- reading (any thread holding the snap) ---- */
/* The text of a cell as the screen shows it. now_ms: server-corrected wall clock, for ages.
 * Writes at most size bytes with NUL, returns the length; text cells are not copied needlessly:
 * use row_text for them. */
size_t row_cell(const struct row *r, int col, int64_t now_ms, char *buf, size_t size);
/* Like row_cell, but returns a pointer: into the row for text cells, else buf. Never NULL. */
const char *row_text(const struct row *r, int col, int64_t now_ms, char *buf, size_t size);
/* What stands in a text column, by its id; "" if it is empty, or no such column. */
const char *row_column(const struct row *r, const char *id);
/* Order by a column: natural for text ("node-2" < "node-10"), numeric for others, no value first. */
int row_compare(const struct row *a, const struct row *b, int col);
/* Value of a label, copied to buf; false if absent. */
bool row_label(const struct row *r, const char *key, char *buf, size_t size);

#endif
