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
    char *request_id, *undo, *undo_args;
};
struct left { json_t *op; struct left_step *steps; size_t nsteps, ntargets, cap; bool ended; };    /* the targets first, then their steps */
struct lefts { struct left *item; size_t n, cap; bool failed; };

bool left_line(void *lefts, json_t *j);                  /* one line of the journal; false: out of memory */
/* Of the journal: all that did not end, and the one with this key (NULL none). */
enum err_code lefts_load(struct lefts *l, const char *key, struct err *err);
void lefts_release(struct lefts *l);
const struct left *lefts_find(const struct lefts *l, const char *key);
bool left_alive(const struct left *l);                   /* the process that did it is there, or nobody knows */

#endif
