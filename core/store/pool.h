/*
 * Purpose:   shared strings of one store: namespaces, nodes, states, label sets come a few times each.
 * Thread:    net thread.
 * Ownership: pool_get counts a use, pool_put gives it back; the pool itself is counted by store and snaps.
 */
#ifndef STRATA_POOL_H
#define STRATA_POOL_H

#include <stddef.h>

struct strpool;
struct strpool *pool_new(void);
struct strpool *pool_ref(struct strpool *p);
void pool_unref(struct strpool *p);
const char *pool_get(struct strpool *p, const char *s, size_t len);   /* NULL when memory is out */
void pool_put(struct strpool *p, const char *s);                      /* NULL is fine */

#endif
