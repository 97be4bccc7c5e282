/*
 * `describe`: which kinds have a description of their own, what must be asked besides the object, and the frame
 * around every description (notice on top, live events at the end).
 */
#include "core/kube/describe_out.h"

#include <stdio.h>
#include <string.h>

#include "strata/mem.h"
#include "strata/text.h"

/* What to ask besides: side[0] is always the object's events. %-codes of a path are filled by add_path: N namespace,
 * M name, S spec.selector as a label selector, U uid, K the object's kind; all percent-encoded. */
static const struct describe_kind {
    const char *group, *resource;
    void (*render)(struct desc *d);
    const char *sides[DESCRIBE_SIDES - 1];
} describe_kinds[] = {
    {"", "pods", d_pod, {NULL}},
    {"", "nodes", d_node,
     {"/api/v1/pods?fieldSelector=spec.nodeName%3D{M}%2Cstatus.phase!%3DSucceeded%2Cstatus.phase!%3DFailed",
      "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{M}"}},
    {"apps", "deployments", d_deployment, {"/apis/apps/v1/namespaces/{N}/replicasets?labelSelector={S}"}},
    {"apps", "replicasets", d_replicaset, {"/api/v1/namespaces/{N}/pods?labelSelector={S}"}},
    {"apps", "statefulsets", d_statefulset, {"/api/v1/namespaces/{N}/pods?labelSelector={S}"}},
    {"apps", "daemonsets", d_daemonset, {"/api/v1/namespaces/{N}/pods?labelSelector={S}"}},
    {"", "replicationcontrollers", d_replicaset, {"/api/v1/namespaces/{N}/pods?labelSelector={S}"}},
    {"batch", "jobs", d_job, {NULL}},
    {"batch", "cronjobs", d_cronjob, {NULL}},
    {"", "services", d_service, {"/apis/discovery.k8s.io/v1/namespaces/{N}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D{M}"}},
    {"", "namespaces", d_namespace, {"/api/v1/namespaces/{M}/resourcequotas", "/api/v1/namespaces/{M}/limitranges"}},
    {"", "secrets", d_secret, {NULL}},
    {"", "configmaps", d_configmap, {NULL}},
};

static const struct describe_kind *find_kind(const struct kind *k)
{
    for (size_t i = 0; i < sizeof describe_kinds / sizeof *describe_kinds; i++)
        if (!strcmp(describe_kinds[i].resource, k->kube->resource) && !strcmp(describe_kinds[i].group, k->kube->group))
            return &describe_kinds[i];
    return NULL;
}

static char *add_path(const char *template, const struct kind *kind, const json_t *obj)
{
    struct str path, sel;
    str_init(&path, 0);
    str_init(&sel, 0);
    for (const char *p = template; *p; p++) {
        if (p[0] != '{' || !p[1] || p[2] != '}') {
            str_addc(&path, *p);
            continue;
        }
        const char *v = p[1] == 'N' ? kube_jstr(obj, "metadata.namespace") : p[1] == 'M' ? kube_jstr(obj, "metadata.name")
                        : p[1] == 'U' ? kube_jstr(obj, "metadata.uid")
                        : p[1] == 'K' ? kind->kube->object_kind : NULL;
        if (p[1] == 'S' && kube_selector(&sel, kube_jget(obj, "spec.selector")))
            v = sel.data;
        str_add_urlenc(&path, v ? v : "");
        p += 2;
    }
    str_release(&sel);
    return str_take(&path);
}

/* Events name their object by uid; those of a node by its name, since kubelets write the name there. */
static const char *events_path(const struct kind *k, const json_t *obj)
{
    if (!strcmp(k->kube->resource, "nodes") && !*k->kube->group)
        return "/api/v1/events?limit=500&fieldSelector=involvedObject.kind%3DNode%2CinvolvedObject.name%3D{M}";
    if (!kube_jstr(obj, "metadata.uid"))                 /* those of others of that name are left out when it is known */
        return kube_jstr(obj, "metadata.namespace")
                   ? "/api/v1/namespaces/{N}/events?limit=500&fieldSelector=involvedObject.kind%3D{K}%2CinvolvedObject.name%3D{M}"
                   : "/api/v1/events?limit=500&fieldSelector=involvedObject.kind%3D{K}%2CinvolvedObject.name%3D{M}";
    if (kube_jstr(obj, "metadata.namespace"))
        return "/api/v1/namespaces/{N}/events?limit=500&fieldSelector=involvedObject.uid%3D{U}";
    return "/api/v1/events?limit=500&fieldSelector=involvedObject.uid%3D{U}";
}

void kube_describe_sides(struct describe_in *in, bool whole)
{
    const struct describe_kind *k = find_kind(in->kind);
    if (!in->side[0].path)
        in->side[0].path = add_path(events_path(in->kind, in->obj), in->kind, in->obj);
    for (size_t i = 0; k && i < DESCRIBE_SIDES - 1 && k->sides[i]; i++)
        if (!in->side[i + 1].path && (whole || !strstr(k->sides[i], "{S}")))
            in->side[i + 1].path = add_path(k->sides[i], in->kind, in->obj);
}

bool kube_describe(struct str *out, const struct describe_in *in)
{
    const struct describe_kind *k = find_kind(in->kind);
    struct desc d = {.in = in, .obj = in->obj, .now_ms = in->now_ms};
    str_init(&d.raw, (size_t)64 << 20);
    arena_init(&d.arena, 0);
    if (in->notice) {
        d_line(&d, 0, "%s", in->notice);
        d_break(&d);
    }
    (k ? k->render : d_generic)(&d);
    d_events(&d, &in->side[0]);
    bool ok = !d.raw.failed && !d.arena.failed && d_columns(out, d.raw.data, d.raw.len);
    arena_release(&d.arena);
    str_release(&d.raw);
    return ok;
}
