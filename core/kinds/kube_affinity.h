/*
 * Purpose:   what a pod requires of its node, read from its affinity and written in a cell's words.
 * Thread:    any (pure).
 */
#ifndef STRATA_KINDS_KUBE_AFFINITY_H
#define STRATA_KINDS_KUBE_AFFINITY_H

#include "core/kinds/kube_common.h"
#include "strata/str.h"

extern const struct wire_schema kube_affinity;
/* "zone In a,b;disk Exists|.name In n1": terms, one of which must hold; ".name" is a field of the node's metadata. Nothing: it requires none. */
void kube_affinity_text(const struct wire_obj *affinity, struct str *out);

#endif
