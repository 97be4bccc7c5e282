/*
 * Purpose:   port-forwards: a port of this machine that leads to a port of a pod, while strata lives. Guarded and written down
 *            like every change, for what goes through is not seen.
 * Thread:    the owner of the core (ui).
 * Ownership: strings in are copied, infos are copies.
 * Errors:    each ends with one EV_DONE of its id; before it EV_FORWARD: it listens, or a connection failed (err).
 */
#ifndef STRATA_FORWARD_H
#define STRATA_FORWARD_H

#include "strata/core.h"

#define CORE_MAX_FORWARDS 64

struct forward_request {
    const struct row *row;              /* a pod, or a service (one of its pods is taken) */
    const char *address;                /* to listen on: NULL = 127.0.0.1 */
    int local, remote;                  /* ports; local 0 = any, -1 = the remote's number */
    const char *typed;                  /* as in struct action_request */
};
uint32_t core_forward(struct core *c, const struct forward_request *rq);      /* 0: out of memory; core_cancel ends it */

struct forward_info {
    uint32_t id;                        /* of the request */
    uint16_t source;
    char scope[128], pod[256], target[256];     /* target: what was asked for, "service/web" */
    char address[64];
    int local, remote;
    unsigned active, total;             /* connections now, and ever */
    uint64_t bytes_in, bytes_out;       /* from the pod, to it */
    char trouble[200];                  /* of the last connection that failed, "" none; clean */
    int64_t since_mono_ms;
};
size_t core_forwards(const struct core *c, struct forward_info *out, size_t max);

#endif
