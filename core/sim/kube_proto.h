/*
 * Purpose:   reads request bodies in Kubernetes' protobuf encoding into JSON documents: kubectl's typed commands send them.
 * Thread:    any; no state.
 * Ownership: the result is a new reference.
 * Errors:    NULL: no such message, or the bytes are broken.
 * Units:     bytes.
 */
#ifndef STRATA_SIM_KUBE_PROTO_H
#define STRATA_SIM_KUBE_PROTO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

bool proto_is(const char *body, size_t len);                   /* begins like such a body */
json_t *proto_read(const char *body, size_t len);              /* with kind and apiVersion */
extern const char *const proto_schema[];                       /* kube_proto_schema.c; NULL ends it */

#endif
