/*
 * Purpose:   a resource kind is a table: names, where to find it, columns, what can be done.
 * Thread:    any (const data; kinds made by discovery are never changed and live as long as core).
 * Ownership: borrowed everywhere.
 * Units:     see enum col_type.
 */
#ifndef STRATA_KIND_H
#define STRATA_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plane { PLANE_KUBE, PLANE_OPENSTACK };

/* How a row is doing. Order = badness for sorting (worst last); names and glyphs in kind.c. */
enum health {
    HEALTH_NONE,      /* says nothing about health */
    HEALTH_DONE,      /* finished as it should (Completed, SHUTOFF by an operator) */
    HEALTH_OK,
    HEALTH_BUSY,      /* in transition, expected to end by itself */
    HEALTH_UNKNOWN,
    HEALTH_WARN,
    HEALTH_BAD,
};

enum col_type {
    COL_TEXT,      /* cell.s */
    COL_INT,       /* cell.n */
    COL_RATIO,     /* READY 1/2: CELL_RATIO(1, 2) */
    COL_RESTARTS,  /* "3 (5m ago)": CELL_RESTARTS(count, last restart in s since 1970 or 0) */
    COL_TIME,      /* ms since 1970; shown as an age ("5d"); negative: not before that, "<5d" */
    COL_STAMP,     /* ms since 1970; shown as date and time UTC */
    COL_CLOCK,     /* ms since 1970; shown as the time of day UTC: the day stands elsewhere */
    COL_DURATION,  /* ms; negative: minus the start in ms since 1970, still counting */
    COL_BYTES,
    COL_MILLI,     /* thousandths of a core: "250m" */
    COL_PERCENT,   /* tenths of a percent */
};
#define CELL_NONE INT64_MIN                 /* no value in a numeric cell; NULL in a text cell */
#define CELL_RATIO(a, b) (((int64_t)(a) << 32) | (uint32_t)(b))
#define CELL_RESTARTS(n, at_s) (((int64_t)(n) << 40) | ((int64_t)(at_s) & 0xffffffffffLL))

/* column flags */
#define COL_WIDE 1u        /* only with "wide" (or chosen) */
#define COL_HIDDEN 2u      /* only when chosen by name */
#define COL_RIGHT 4u       /* right aligned */
#define COL_INTERN 8u      /* few distinct values: shared storage */
#define COL_SORT 16u       /* default sort column */
#define COL_DESC 32u       /* sorts descending first */
#define COL_STATE 64u      /* painted in the colour of the row's health, with its glyph */
#define COL_SCOPE 128u     /* namespace or project: hidden when the pane shows only one */
#define COL_CARRY 256u     /* kept from the previous row of the same uid (metrics) */
#define COL_NUMBER 1024u   /* of a COL_TEXT column: a number as the server writes it */
#define COL_ONCE 2048u     /* not said again below a row that says the same */
#define COL_PROSE 4096u    /* a sentence, for which other columns give room */
#define COL_SOURCE 512u    /* filled with the source's name by the view; shown with several sources */

struct column {
    const char *id;        /* "restarts": for filters, sort, -o cells, config. Stable. */
    const char *title;     /* "RESTARTS" */
    const char *help;      /* one sentence */
    enum col_type type;
    unsigned flags;
    int width;             /* wanted cells; 0 = from the content */
    int max_width;         /* 0 = 60 */
    const char *none;      /* text for "no value"; NULL = "" */
    const char *path;      /* OpenStack and discovered kinds: where in the JSON, "a.b.0.c"; NULL = decode sets it */
};

struct kube_kind;          /* core/kube/kube_kind.h */
struct ostk_kind;          /* core/openstack/ostk_kind.h */

/* kind flags */
#define KIND_NAMESPACED 1u
#define KIND_LOGS 2u           /* `l` makes sense */
#define KIND_DELETE 4u         /* the action "delete" is offered */
#define KIND_TREE 8u           /* rows come in groups: column "group" orders, first row of a group is its head */
#define KIND_CONSOLE 16u       /* server console log and actions */
#define KIND_ANYWHERE 64u      /* rows are of clusters and clouds alike */
#define KIND_HISTORY 32u       /* rows tell what was: their health is no problem of now */

struct kind {
    const char *id;                  /* as the user types it: "pods", "server", "os-services" */
    const char *singular;            /* "pod" */
    const char *title;               /* "Pods", "VMs": pane titles */
    const char *const *aliases;      /* NULL-terminated: "po", "pod"; "vm" */
    const char *help;                /* one sentence for help and man */
    enum plane plane;
    unsigned flags;
    const struct column *columns;
    size_t ncolumns;
    const struct kube_kind *kube;    /* one of these two */
    const struct ostk_kind *ostk;
};

/* The table of built-in kinds (generated from core/kinds/). NULL-terminated. */
extern const struct kind *const kinds_all[];

/* By id, singular or alias; case-insensitive. NULL if none (maybe discovery knows it). */
const struct kind *kind_find(const char *name);
/* Up to three names of built-in kinds that are written much like this one: "pods, port"; "" if none. */
void kind_near(const char *name, char *buf, size_t size);
int kind_column(const struct kind *k, const char *id);  /* index or -1; title also accepted, any case */

const char *health_name(enum health h);   /* "ok", "busy", ... for filters and -o cells */

#endif
