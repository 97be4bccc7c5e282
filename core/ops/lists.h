/*
 * Purpose:   lists of whole clusters that operations look at again and again while they run (budgets, sets): read once and kept by
 *            a watch, instead of a list each second.
 * Thread:    net thread.
 * Ownership: lists_now gives a new reference; what it refers to goes on changing between two events.
 * Errors:    none: what is not kept, or is not current just now, is asked for as ever.
 */
#ifndef STRATA_OPS_LISTS_H
#define STRATA_OPS_LISTS_H

#include <jansson.h>

struct core;
struct source;
struct op_list;

/* The list at that path; NULL: ask the server. */
json_t *lists_now(struct core *c, struct source *src, const char *path);
void lists_close(struct core *c);                /* nobody looks any more */

#endif
