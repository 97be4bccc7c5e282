/*
 * Purpose:   Ironic inside: what its API file and its life file share.
 * Thread:    one.
 * Ownership: documents are borrowed; set is taken over.
 * Errors:    false: the reply was sent.
 * Units:     ms.
 */
#ifndef STRATA_SIM_METAL_H
#define STRATA_SIM_METAL_H

#include "core/sim/ostk_sim.h"

struct res *metal_table(struct sim *s, const char *name);
bool metal_fail(struct req *r, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *metal_stamp(int64_t ms, char at[40]);
const char *metal_conductor(struct sim *s);
void metal_put(struct sim *s, const char *id, json_t *set);
void metal_power(struct req *r, const json_t *node, const char *want);
void metal_provision(struct req *r, const json_t *node, const char *verb);
struct obj *metal_port(struct sim *s, const char *mac, const char *node, int64_t born);
json_t *metal_links(struct req *r, const char *path);          /* self and bookmark */
void metal_conductors(struct req *r);
void metal_drivers(struct req *r);

#endif
