/*
 * Purpose:   the Kubernetes half of a kind: where it lives and how an object becomes a row.
 * Thread:    net thread (decode); const data.
 */
#ifndef STRATA_KUBE_KIND_H
#define STRATA_KUBE_KIND_H

#include "strata/kind.h"
#include "strata/row.h"
#include "strata/wire.h"

struct kube_kind {
    const char *group;               /* "" = core */
    const char *version;             /* "v1" */
    const char *resource;            /* "pods" */
    const char *object_kind;         /* "Pod" */
    /* What to read of an object; NULL: the server's own Table columns are shown (discovered kinds). */
    const struct wire_schema *schema;
    /* Fills rb between rowbuf_begin and rowbuf_finish; identity, labels, owner and created are already set
     * from metadata by the caller. now_ms: server wall clock. */
    void (*decode)(struct rowbuf *rb, const struct wire_obj *o, int64_t now_ms);
    /* What a row of the same object said before that this one cannot tell; NULL: each tells all. */
    void (*keep)(struct row *now, const struct row *before);
    const char *selector;            /* those with these labels only; NULL all. Of these, never the whole object */
    bool metrics;                    /* columns cpu, mem come from metrics.k8s.io ("pods" or "nodes") */
};

#endif
