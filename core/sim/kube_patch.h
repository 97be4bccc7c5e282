/*
 * Purpose:   the three patch languages of the Kubernetes API, on documents alone: JSON merge patch (RFC 7386), JSON Patch
 *            (RFC 6902), strategic merge patch with its directives.
 * Thread:    any; no state.
 * Ownership: both arguments are borrowed and stay as they are; the result is a new reference.
 * Errors:    NULL with *fault filled; JSON Patch and strategic patches only. Merge patches cannot fail.
 * Units:     none.
 */
#ifndef STRATA_SIM_KUBE_PATCH_H
#define STRATA_SIM_KUBE_PATCH_H

#include <jansson.h>

struct patch_fault {
    int status;                                                /* HTTP: 422 does not apply, 500 a bad directive */
    char text[512];
};
json_t *patch_merge(const json_t *doc, const json_t *patch);
json_t *patch_json(const json_t *doc, const json_t *ops, struct patch_fault *fault);
json_t *patch_strategic(const json_t *doc, const json_t *patch, const char *kind, struct patch_fault *fault);
/* How a list of objects is merged: the key of its items; "" a list of plain values that grows; NULL a list that is replaced. */
const char *patch_merge_key(const char *kind, const char *parent, const char *field);

#endif
