/*
 * Purpose:   what the scheduler asks of a place beyond its node: the pods there, ports, amounts; read from a pod and written in a cell's
 *            words: parts with | between them, fields of a part with ;.
 *            "apart;TOPOLOGY;NAMESPACES;NS-SELECTOR;SELECTOR", "with;" the same; "spread;TOPOLOGY;SKEW;MIN-DOMAINS;POLICIES;SELECTOR" with
 *            policies a (affinity is not looked at) and t (taints are); "port;PROTOCOL;PORT;ADDRESS"; "ask;RESOURCE;THOUSANDTHS"; "prio;N".
 *            A selector "-" selects nothing, "?" cannot be told.
 * Thread:    any (pure).
 */
#ifndef STRATA_KINDS_KUBE_BESIDE_H
#define STRATA_KINDS_KUBE_BESIDE_H

#include "core/kinds/kube_common.h"
#include "strata/str.h"

extern const struct wire_schema kube_beside;        /* podAffinity, podAntiAffinity */
extern const struct wire_schema kube_spread;

__attribute__((format(printf, 2, 3))) void kube_beside_part(struct str *out, const char *fmt, ...);
void kube_beside_affinity(const struct wire_obj *affinity, struct str *out);
void kube_beside_spread(const struct wire_val *constraints, const struct wire_val *labels, struct str *out);
void kube_beside_ports(const struct wire_val *containers, struct str *out);
/* What else than CPU and memory it asks for: devices, huge pages, room on the node's disk. */
void kube_beside_asks(const struct wire_val *containers, const struct wire_val *init, struct str *out);

#endif
