/*
 * Purpose:   does an endpoint of a catalog lead to a Service that sends its traffic to this pod? By what the cluster says
 *            alone: Services, EndpointSlices, Ingresses of the pod's namespace and the pod's node. Pure.
 * Thread:    any.
 * Ownership: documents are borrowed; they are as the server sent them, so nothing in them is trusted.
 */
#ifndef STRATA_STAGE_TIE_H
#define STRATA_STAGE_TIE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct tie_in {
    const char *ns, *uid;              /* of the pod */
    const json_t *services, *slices, *ingresses, *node;        /* NULL = not read */
};
/* how: "Service nova-api, by Ingress nova". */
bool tie_serves(const struct tie_in *in, const char *url, char *how, size_t size);
/* The first Service that has the pod among its endpoints; false: none. */
bool tie_service(const struct tie_in *in, char *name, size_t size);

#endif
