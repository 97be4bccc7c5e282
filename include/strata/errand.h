/*
 * Purpose:   what takes long is made beside the screen: on a worker, its result comes as an event.
 * Thread:    errand_begin, errand_leave: the owner of the core. make and release of what was begun: a worker.
 * Ownership: arg is moved in and released once, with nothing of it left when core_free returns. Leave each one that was begun.
 * Errors:    NULL: memory, arg is the caller's still. An event with err set: memory ran out later.
 */
#ifndef STRATA_ERRAND_H
#define STRATA_ERRAND_H

#include "strata/core.h"

struct errand;
/* id 0: one of its own. make fills the event, which then comes to the owner. */
struct errand *errand_begin(struct core *c, enum event_type type, uint32_t id, void (*make)(void *arg, struct event *e), void (*release)(void *arg), void *arg);
uint32_t errand_id(const struct errand *b);             /* of its event */
void errand_leave(struct errand *b);                    /* done with it, or not wanted any more: not begun if it was not yet. NULL is fine */

#endif
