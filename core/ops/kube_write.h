/*
 * Purpose:   what the rows that write whole objects share with those who ask for them (edit.c, apply.c).
 * Thread:    any (pure).
 */
#ifndef STRATA_OPS_KUBE_WRITE_H
#define STRATA_OPS_KUBE_WRITE_H

#include "core/ops/action.h"

/* Facts: what differs, without the server's own bookkeeping. was NULL: nothing is said. */
void kube_say_change(const json_t *was, const json_t *is, struct act_facts *facts);
/* A number of the object as it can be edited, in hex; buf of 40. */
void kube_edit_mark(const json_t *obj, char *buf, size_t size);

#endif
