/*
 * Purpose:   inside discovery: lists of resources and the kinds they become (resources.c), for discovery.c alone.
 * Thread:    net thread.
 * Ownership: a resource belongs to one list; moving empties the list it comes from.
 * Errors:    out of memory leaves an entry out.
 */
#ifndef STRATA_KUBE_RESOURCES_H
#define STRATA_KUBE_RESOURCES_H

#include <jansson.h>

#include "core/kube/kube_priv.h"

void kube_resource_free(struct kube_resource *p);
void kube_resources_append(struct kube_resources *r, struct kube_resource *p);
void kube_resources_move(struct kube_resources *to, struct kube_resources *from);
const struct kind *kube_builtin_find(const char *name);
const struct kind *kube_builtin_of(const struct kube_resource *p);     /* NULL: no kind of our own has that resource */
const char *kube_text_of(const json_t *o, const char *key);            /* "" if absent */
bool kube_good_name(const char *s);

#endif
