/* The server's own Table: columns from the table of kinds, a row from the document, pods by the rules of the API server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_table.h"

bool kube_wants_table(const struct req *r)
{
    const char *a = req_header(r, "Accept");
    return a && strstr(a, "as=Table");
}

enum include kube_include(const struct req *r)
{
    const char *q = req_query(r, "includeObject");
    return q && strcmp(q, "None") == 0 ? INCLUDE_NONE : q && strcmp(q, "Object") == 0 ? INCLUDE_OBJECT : INCLUDE_METADATA;
}

static void definition(json_t *all, const char *name, const char *type, const char *format, int priority)
{
    json_array_append_new(all, jt("{'name':%s,'type':%s,'format':%s,'description':%s,'priority':%i}", name, type, format, name, priority));
}

/* Events end with their name. */
static bool named_first(const struct res *res)
{
    return strcmp(res->plural, "events") != 0;
}

json_t *kube_table_columns(const struct res *res)
{
    json_t *all = json_array();
    if (named_first(res))
        definition(all, "Name", "string", "name", 0);
    for (const struct column *c = kube_columns(res); c->name; c++)
        definition(all, c->name, c->type, strcmp(c->name, "Name") == 0 || strcmp(c->name, "Attacher") == 0 ? "name" : "", c->wide);
    return all;
}

const char *kube_custom_path(const struct res *r, size_t column)
{
    const char *path = kube_columns(r)[column].path;
    return path ? path : "";
}

void kube_age(char *out, size_t size, int64_t ms)
{
    int64_t s = ms / 1000, m = s / 60, h = m / 60, d = h / 24;
    if (s < -1)
        snprintf(out, size, "<invalid>");
    else if (s < 0)
        snprintf(out, size, "0s");
    else if (s < 120)
        snprintf(out, size, "%llds", (long long)s);
    else if (m < 10)
        snprintf(out, size, s % 60 ? "%lldm%llds" : "%lldm", (long long)m, (long long)(s % 60));
    else if (m < 180)
        snprintf(out, size, "%lldm", (long long)m);
    else if (h < 8)
        snprintf(out, size, m % 60 ? "%lldh%lldm" : "%lldh", (long long)h, (long long)(m % 60));
    else if (h < 48)
        snprintf(out, size, "%lldh", (long long)h);
    else if (d < 8)
        snprintf(out, size, h % 24 ? "%lldd%lldh" : "%lldd", (long long)d, (long long)(h % 24));
    else if (d < 730)
        snprintf(out, size, "%lldd", (long long)d);
    else
        snprintf(out, size, "%lldy%lldd", (long long)(d / 365), (long long)(d % 365));
}

/* ---- pods ---- */
static void terminated_reason(char *out, size_t size, const json_t *t)
{
    if (*jstr(t, "reason"))
        snprintf(out, size, "%s", jstr(t, "reason"));
    else if (jint(t, "signal"))
        snprintf(out, size, "Signal:%lld", (long long)jint(t, "signal"));
    else
        snprintf(out, size, "ExitCode:%lld", (long long)jint(t, "exitCode"));
}

static bool sidecar(const json_t *pod, const char *name)
{
    json_t *all = jat(pod, "spec.initContainers");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(jstr(json_array_get(all, i), "name"), name) == 0)
            return strcmp(jstr(json_array_get(all, i), "restartPolicy"), "Always") == 0;
    return false;
}

/* What kubectl's columns say of a pod. */
struct pod_facts { char reason[300]; size_t ready, total; int64_t restarts, last_ms; };

/* STATUS of a pod whose init containers are not through: true when one of them says it. */
static bool init_reason(const json_t *pod, struct pod_facts *f)
{
    json_t *all = jat(pod, "status.initContainerStatuses");
    size_t total = json_array_size(jat(pod, "spec.initContainers"));
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *c = json_array_get(all, i), *t = jat(c, "state.terminated");
        char why[200];
        int64_t at = stamp_ms(jstr(c, "lastState.terminated.finishedAt"));
        f->restarts += jint(c, "restartCount");
        f->last_ms = at > f->last_ms ? at : f->last_ms;
        if (t && jint(t, "exitCode") == 0)
            continue;
        if (sidecar(pod, jstr(c, "name")) && json_is_true(jat(c, "started"))) {
            f->ready += json_is_true(jat(c, "ready"));
            continue;
        }
        if (t) {
            terminated_reason(why, sizeof(why), t);
            snprintf(f->reason, sizeof(f->reason), "Init:%s", why);
        } else if (*jstr(c, "state.waiting.reason") && strcmp(jstr(c, "state.waiting.reason"), "PodInitializing") != 0) {
            snprintf(f->reason, sizeof(f->reason), "Init:%s", jstr(c, "state.waiting.reason"));
        } else {
            snprintf(f->reason, sizeof(f->reason), "Init:%zu/%zu", i, total);
        }
        return true;
    }
    return false;
}

static void container_reasons(const json_t *pod, struct pod_facts *f)
{
    json_t *all = jat(pod, "status.containerStatuses");
    bool running = false;
    f->restarts = 0;                                           /* of the init containers they no longer count */
    f->last_ms = -1;
    for (size_t i = json_array_size(all); i-- > 0;) {
        json_t *c = json_array_get(all, i);
        int64_t at = stamp_ms(jstr(c, "lastState.terminated.finishedAt"));
        f->restarts += jint(c, "restartCount");
        f->last_ms = at > f->last_ms ? at : f->last_ms;
        if (*jstr(c, "state.waiting.reason")) {
            snprintf(f->reason, sizeof(f->reason), "%s", jstr(c, "state.waiting.reason"));
        } else if (jat(c, "state.terminated")) {
            terminated_reason(f->reason, sizeof(f->reason), jat(c, "state.terminated"));
        } else if (json_is_true(jat(c, "ready")) && jat(c, "state.running")) {
            running = true;
            f->ready++;
        }
    }
    if (strcmp(f->reason, "Completed") == 0 && running)
        snprintf(f->reason, sizeof(f->reason), "Running");
}

static bool gated(const json_t *pod)
{
    json_t *all = jat(pod, "status.conditions"), *c;
    size_t i;
    json_array_foreach(all, i, c)
        if (strcmp(jstr(c, "type"), "PodScheduled") == 0 && strcmp(jstr(c, "reason"), "SchedulingGated") == 0)
            return true;
    return false;
}

static void pod_facts(const json_t *pod, struct pod_facts *f)
{
    json_t *inits = jat(pod, "spec.initContainers"), *c;
    size_t i;
    *f = (struct pod_facts){.total = json_array_size(jat(pod, "spec.containers")), .last_ms = -1};
    json_array_foreach(inits, i, c)
        f->total += strcmp(jstr(c, "restartPolicy"), "Always") == 0;
    snprintf(f->reason, sizeof(f->reason), "%s", gated(pod) ? "SchedulingGated" : *jstr(pod, "status.reason") ? jstr(pod, "status.reason") : jstr(pod, "status.phase"));
    if (!init_reason(pod, f))
        container_reasons(pod, f);
    const char *phase = jstr(pod, "status.phase");
    if (jat(pod, "metadata.deletionTimestamp") && strcmp(jstr(pod, "status.reason"), "NodeLost") == 0)
        snprintf(f->reason, sizeof(f->reason), "Unknown");
    else if (jat(pod, "metadata.deletionTimestamp") && strcmp(phase, "Failed") != 0 && strcmp(phase, "Succeeded") != 0)
        snprintf(f->reason, sizeof(f->reason), "Terminating");
}

json_t *cell_pod_ready(struct sim *s, const json_t *pod)
{
    struct pod_facts f;
    char text[64];
    (void)s;
    pod_facts(pod, &f);
    snprintf(text, sizeof(text), "%zu/%zu", f.ready, f.total);
    return json_string(text);
}

json_t *cell_pod_status(struct sim *s, const json_t *pod)
{
    struct pod_facts f;
    (void)s;
    pod_facts(pod, &f);
    return json_string(f.reason);
}

json_t *cell_pod_restarts(struct sim *s, const json_t *pod)
{
    struct pod_facts f;
    char ago[32], text[80];
    pod_facts(pod, &f);
    kube_age(ago, sizeof(ago), sim_now(s) - f.last_ms);
    if (f.restarts && f.last_ms >= 0)
        snprintf(text, sizeof(text), "%lld (%s ago)", (long long)f.restarts, ago);
    else
        snprintf(text, sizeof(text), "%lld", (long long)f.restarts);
    return json_string(text);
}

static json_t *or_none(const char *text)
{
    return json_string(*text ? text : "<none>");
}

json_t *cell_pod_ip(struct sim *s, const json_t *pod)
{
    (void)s;
    return or_none(*jstr(pod, "status.podIPs.0.ip") ? jstr(pod, "status.podIPs.0.ip") : jstr(pod, "status.podIP"));
}

json_t *cell_pod_node(struct sim *s, const json_t *pod)
{
    (void)s;
    return or_none(jstr(pod, "spec.nodeName"));
}

json_t *cell_pod_nominated(struct sim *s, const json_t *pod)
{
    (void)s;
    return or_none(jstr(pod, "status.nominatedNodeName"));
}

json_t *cell_pod_gates(struct sim *s, const json_t *pod)
{
    size_t n = json_array_size(jat(pod, "spec.readinessGates"));
    char text[64];
    (void)s;
    snprintf(text, sizeof(text), "0/%zu", n);
    return json_string(n ? text : "<none>");
}

/* ---- rows ---- */
/* A field that is not there: null for custom resources, else what its type is when nothing is set. */
static json_t *missing(const struct res *res, const struct column *c)
{
    size_t n = strlen(c->path);
    if (res->flags & KIND_CUSTOM)
        return json_null();
    if (strcmp(c->type, "integer") == 0 || (n > 8 && strcmp(c->path + n - 7, "eplicas") == 0))
        return json_integer(0);
    return strcmp(c->type, "boolean") == 0 || strcmp(c->path, "allowVolumeExpansion") == 0 ? json_false() : json_string("");
}

static json_t *name_cell(const struct obj *o, const json_t *doc)
{
    json_t *notes = jat(doc, "metadata.annotations");
    const char *is = json_string_value(json_object_get(notes, "storageclass.kubernetes.io/is-default-class"));
    char text[300];
    if (strcmp(o->res->plural, "storageclasses") != 0 || !is || strcmp(is, "true") != 0)
        return json_string(o->name);
    snprintf(text, sizeof(text), "%s (default)", o->name);
    return json_string(text);
}

json_t *kube_table_row(struct sim *s, const struct obj *o, enum include include)
{
    json_t *doc = obj_doc(o), *cells = json_array();
    if (named_first(o->res))
        json_array_append_new(cells, name_cell(o, doc));
    for (const struct column *c = kube_columns(o->res); c->name; c++) {
        json_t *v = c->cell ? NULL : jat(doc, c->path);
        json_array_append_new(cells, c->cell ? c->cell(s, doc) : v ? json_incref(v) : missing(o->res, c));
    }
    json_t *row = jt("{'cells':%j}", cells);
    if (include == INCLUDE_OBJECT)
        json_object_set(row, "object", doc);
    else if (include == INCLUDE_METADATA)
        json_object_set_new(row, "object", jt("{'kind':'PartialObjectMetadata','apiVersion':'meta.k8s.io/v1','metadata':%j}",
                                              json_incref(jat(doc, "metadata"))));
    json_decref(doc);
    return row;
}
