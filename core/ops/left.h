/*
 * Purpose:   operations as the journal has them: which began and did not end, and how each of their steps stands.
 * Thread:    any.
 * Ownership: lefts_release.
 */
#ifndef STRATA_OPS_LEFT_H
#define STRATA_OPS_LEFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "strata/err.h"

struct left_step {
    uint32_t index;                        /* in the run that did it */
    json_t *what;                          /* action, source, kind, scope, name, uid, args, parent: of its operation's line, or its intent */
    bool begun, answered, over, done;      /* over && !done: it failed, or nobody knows */
    int64_t sent_wall_ms;
    json_t *before;
    char *request_id, *undo, *undo_args, *left;
};
struct left {
    json_t *op;
    struct left_step *steps;               /* the targets first, then their steps */
    size_t nsteps, ntargets, cap;
    bool ended, kept;
    char *result, *by;                     /* how it ended itself; the key of what went on with it or took it back; NULL */
};
struct lefts { struct left *item; size_t n, cap; const char *also; bool failed; };      /* also: this one though it ended; NULL none */

bool left_line(void *lefts, json_t *j);                  /* one line of the journal; false: out of memory */
/* Of the journal: all that did not end, and the one with this key (NULL none) with those before and after it. */
enum err_code lefts_load(struct lefts *l, const char *key, struct err *err);
enum err_code lefts_load_gone(struct lefts *l, struct err *err);         /* those alone whose strata is not there, or nobody knows */
enum err_code lefts_find_open(struct lefts *l, struct err *err);         /* those that did not end, without what became of their steps */
bool lefts_have(const struct lefts *l, const char *line, size_t len);    /* is it a line of the journal about one of them? */
void lefts_release(struct lefts *l);
const struct left *lefts_find(const struct lefts *l, const char *key);
bool left_alive(const struct left *l);                   /* the process that did it is there, or nobody knows */
bool left_here(const struct left *l);                    /* it was begun on this machine: its process can be looked for */
bool left_own(const struct left *l);                     /* of this very process */
json_t *left_lost(const struct left *l);                 /* its steps whose intent has no outcome, "back": there is a way back; NULL: out of memory */
char *left_words(const struct left *l, bool runs);       /* how it stands, clean; NULL: out of memory */

#endif
