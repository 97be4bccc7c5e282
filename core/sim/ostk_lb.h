/*
 * Purpose:   Octavia inside: what its API file and its life file share.
 * Thread:    one.
 * Ownership: ids and names are borrowed.
 * Errors:    -
 * Units:     -
 */
#ifndef STRATA_SIM_LB_H
#define STRATA_SIM_LB_H

#include "core/sim/ostk_sim.h"

enum { LB, LISTENER, POOL, MEMBER, MONITOR, L7POLICY, LB_KINDS };
struct lb_kind { const char *path, *one, *word; const char *const *keys; const char *defaults; };
extern const struct lb_kind lb_kinds[LB_KINDS];
struct res *lb_table(struct sim *s, const char *name);
json_t *lb_get(struct sim *s, const char *name, const char *id);       /* a new reference or NULL */
json_t *lb_ids(struct sim *s, const char *name, const char *key, const char *value);    /* [{"id":...}] where key is value */
json_t *lb_whole(struct sim *s, const struct lb_kind *k, json_t *d);   /* with what hangs on it */
json_t *lb_new(struct sim *s, const struct lb_kind *k, const char *project, const char *name);
void lb_touch(struct sim *s, const char *name, const char *id, json_t *set);
void lb_pending(struct sim *s, const char *lb, const char *name, const char *id, const char *from, json_t *end);

#endif
