/*
 * Purpose:   what stands in files as an operation: a step for each object, server-side apply with the field manager "strata".
 * Thread:    the thread that owns the core (ui).
 * Ownership: texts are copied.
 * Errors:    EV_PLAN as of core_op_plan: REFUSED with file and line of what cannot be read or is not known to the server.
 */
#ifndef STRATA_APPLY_H
#define STRATA_APPLY_H

#include "strata/ops.h"

struct apply_text { const char *name, *text; size_t len; };      /* YAML or JSON, one document or several; name: for words */
struct apply_request {
    uint16_t source;                /* a cluster */
    const char *ns;                 /* -n: what says another one is refused; NULL: the context's for what says none */
    const struct apply_text *texts;
    size_t ntexts;
    bool force;                     /* takes over fields that belong to others */
    bool dry_run, keep_going;
};
/* Namespaces come first, then definitions of resources, then the rest, in the order of the files; one after the other. 0: out of memory. */
uint32_t core_apply_plan(struct core *c, const struct apply_request *rq);

#endif
