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

struct left_step { bool begun, answered, over, done; int64_t sent_wall_ms; json_t *before; char *request_id, *undo, *undo_args; };
struct left { json_t *op; struct left_step *steps; size_t nsteps; bool ended; };
struct lefts { struct left *item; size_t n, cap; bool failed; };

bool left_line(void *lefts, json_t *j);                  /* one line of the journal; false: out of memory */
void lefts_release(struct lefts *l);
const struct left *lefts_find(const struct lefts *l, const char *key);
bool left_alive(const struct left *l);                   /* the process that did it is there, or nobody knows */

#endif
