/*
 * Purpose:   the blast radius as a plan found it, whole: its graph, what is harmed in it, the verdict. What `strata blast` and `:blast`
 *            tell of an action is this, so that they and the plan of that action cannot differ.
 * Thread:    immutable; radius_ref, radius_unref: any.
 * Ownership: counted; an op_view holds one as long as it lives.
 * Errors:    NULL when memory is out.
 */
#ifndef STRATA_RADIUS_H
#define STRATA_RADIUS_H

#include <stdatomic.h>

#include "strata/blast.h"

struct radius {
    struct links *links;        /* of the rows that were read for it */
    struct blast blast;
    enum blast_verdict verdict; /* with what could not be seen and what contradicts itself */
    uint32_t *node;             /* the targets that links speak of */
    size_t n;
    char *words;                /* what the graph cannot tell of it, a line each; NULL nothing */
    char *unknown;              /* what was not seen: "2 nodes of tenant (no answer yet), ..."; NULL nothing */
    unsigned together;          /* so many of the targets at a time; 0: all */
    atomic_uint refs;
};

struct radius *radius_ref(struct radius *r);       /* NULL is fine */
void radius_unref(struct radius *r);

#endif
