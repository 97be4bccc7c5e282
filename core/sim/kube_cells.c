/* Cells of the server's tables that are more than a field. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_table.h"

#define CELL(name) json_t *cell_##name(struct sim *s, const json_t *doc)

/* Takes what is in the buffer; `none` when it is nothing. */
static json_t *text_cell(struct str *t, const char *none)
{
    json_t *v = json_string(t->len ? t->data : none);
    str_release(t);
    return v;
}

static json_t *plain(const char *text)
{
    return json_string(text);
}

static const char *ago(struct sim *s, const char *at, char buf[32])
{
    int64_t ms = stamp_ms(at);
    if (ms < 0)
        return "<unknown>";
    kube_age(buf, 32, sim_now(s) - ms);
    return buf;
}

CELL(none) { (void)s; (void)doc; return plain("<none>"); }
CELL(age) { char b[32]; return plain(ago(s, jstr(doc, "metadata.creationTimestamp"), b)); }
CELL(created) { (void)s; return plain(jstr(doc, "metadata.creationTimestamp")); }
CELL(webhooks) { (void)s; return json_integer((json_int_t)json_array_size(jat(doc, "webhooks"))); }
CELL(global_default) { (void)s; return json_boolean(json_is_true(jat(doc, "globalDefault"))); }

CELL(data_count)
{
    (void)s;
    return json_integer((json_int_t)(json_object_size(jat(doc, "data")) + json_object_size(jat(doc, "binaryData"))));
}

/* ---- workloads ---- */
static json_t *pod_spec_of(const json_t *doc)
{
    json_t *t = jat(doc, "spec.jobTemplate.spec.template.spec");
    return t ? t : jat(doc, "template.spec") ? jat(doc, "template.spec") : jat(doc, "spec.template.spec");
}

static json_t *of_containers(const json_t *doc, const char *key)
{
    json_t *all = jat(pod_spec_of(doc), "containers"), *c;
    struct str t;
    size_t i;
    str_init(&t, 0);
    json_array_foreach(all, i, c)
        str_addf(&t, "%s%s", i ? "," : "", jstr(c, key));
    return text_cell(&t, "");
}

CELL(containers) { (void)s; return of_containers(doc, "name"); }
CELL(images) { (void)s; return of_containers(doc, "image"); }

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_labels(struct str *t, json_t *labels)
{
    const char **keys = sim_alloc((json_object_size(labels) + 1) * sizeof(*keys)), *key;
    json_t *v;
    size_t n = 0;
    json_object_foreach(labels, key, v)
        keys[n++] = key;
    qsort(keys, n, sizeof(*keys), by_name);
    for (size_t i = 0; i < n; i++)
        str_addf(t, "%s%s=%s", t->len ? "," : "", keys[i], json_string_value(json_object_get(labels, keys[i])));
    free(keys);
}

static json_t *labels_cell(json_t *labels, const char *none)
{
    struct str t;
    str_init(&t, 0);
    add_labels(&t, labels);
    return text_cell(&t, none);
}

static json_t *label_selector(const json_t *sel)
{
    json_t *exprs = jat(sel, "matchExpressions"), *x, *v;
    struct str t;
    size_t i, k;
    str_init(&t, 0);
    add_labels(&t, jat(sel, "matchLabels"));
    json_array_foreach(exprs, i, x) {
        const char *op = jstr(x, "operator");
        bool set = strcmp(op, "In") == 0 || strcmp(op, "NotIn") == 0;
        str_addf(&t, "%s%s%s", t.len ? "," : "", strcmp(op, "DoesNotExist") == 0 ? "!" : "", jstr(x, "key"));
        str_adds(&t, !set ? "" : *op == 'I' ? " in (" : " notin (");
        json_array_foreach(jat(x, "values"), k, v)
            str_addf(&t, "%s%s", k ? "," : "", json_string_value(v));
        str_adds(&t, set ? ")" : "");
    }
    return text_cell(&t, "<none>");
}

CELL(selector) { (void)s; return labels_cell(jat(doc, "spec.selector"), "<none>"); }
CELL(match_selector) { (void)s; return label_selector(jat(doc, "spec.selector")); }
CELL(pod_selector) { (void)s; return label_selector(jat(doc, "spec.podSelector")); }
CELL(template_labels) { (void)s; return labels_cell(jat(doc, "template.metadata.labels"), "<none>"); }
CELL(node_selector) { (void)s; return labels_cell(jat(doc, "spec.template.spec.nodeSelector"), "<none>"); }

CELL(fraction)
{
    char text[64];
    (void)s;
    snprintf(text, sizeof(text), "%lld/%lld", (long long)jint(doc, "status.readyReplicas"), (long long)jint(doc, "spec.replicas"));
    return plain(text);
}

CELL(controller)
{
    const json_t *o = jat(doc, "metadata.ownerReferences.0");
    const char *gv = jstr(o, "apiVersion"), *slash = strchr(gv, '/');
    char text[300], kind[64];
    size_t i;
    (void)s;
    if (!o)
        return plain("<none>");
    snprintf(kind, sizeof(kind), "%s", jstr(o, "kind"));
    for (i = 0; kind[i]; i++)
        kind[i] = (char)(kind[i] >= 'A' && kind[i] <= 'Z' ? kind[i] + 32 : kind[i]);
    snprintf(text, sizeof(text), "%s%s%.*s/%s", kind, slash ? "." : "", slash ? (int)(slash - gv) : 0, gv, jstr(o, "name"));
    return plain(text);
}

CELL(suspend) { (void)s; return plain(json_is_true(jat(doc, "spec.suspend")) ? "True" : "False"); }
CELL(timezone) { (void)s; return plain(*jstr(doc, "spec.timeZone") ? jstr(doc, "spec.timeZone") : "<none>"); }
CELL(last_schedule) { char b[32]; return plain(*jstr(doc, "status.lastScheduleTime") ? ago(s, jstr(doc, "status.lastScheduleTime"), b) : "<none>"); }

/* Active jobs of a cron job, drivers of a CSI node. */
CELL(drivers)
{
    (void)s;
    return json_integer((json_int_t)(json_array_size(jat(doc, "status.active")) + json_array_size(jat(doc, "spec.drivers"))));
}

static bool condition(const json_t *doc, const char *type)
{
    json_t *all = jat(doc, "status.conditions"), *c;
    size_t i;
    json_array_foreach(all, i, c)
        if (strcmp(jstr(c, "type"), type) == 0)
            return strcmp(jstr(c, "status"), "True") == 0;
    return false;
}

CELL(job_status)
{
    static const char *const types[] = {"Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"};
    (void)s;
    for (size_t i = 0; i < 3; i++)
        if (condition(doc, types[i]))
            return plain(types[i]);
    return plain(jat(doc, "metadata.deletionTimestamp") ? "Terminating" : condition(doc, types[3]) ? types[3] : condition(doc, types[4]) ? types[4] : "Running");
}

CELL(job_completions)
{
    char text[64];
    long long done = (long long)jint(doc, "status.succeeded"), parallel = (long long)jint(doc, "spec.parallelism");
    (void)s;
    if (jat(doc, "spec.completions"))
        snprintf(text, sizeof(text), "%lld/%lld", done, (long long)jint(doc, "spec.completions"));
    else if (parallel > 1)
        snprintf(text, sizeof(text), "%lld/1 of %lld", done, parallel);
    else
        snprintf(text, sizeof(text), "%lld/1", done);
    return plain(text);
}

CELL(job_duration)
{
    int64_t from = stamp_ms(jstr(doc, "status.startTime")), to = stamp_ms(jstr(doc, "status.completionTime"));
    char text[32];
    if (from < 0)
        return plain("");
    kube_age(text, sizeof(text), (to < 0 ? sim_now(s) : to) - from);
    return plain(text);
}

static json_t *number_or_text(const json_t *v)
{
    char text[32];
    if (json_is_string(v))
        return plain(json_string_value(v));
    snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(v));
    return plain(v ? text : "N/A");
}

CELL(pdb_min) { (void)s; return number_or_text(jat(doc, "spec.minAvailable")); }
CELL(pdb_max) { (void)s; return number_or_text(jat(doc, "spec.maxUnavailable")); }

CELL(hpa_reference)
{
    char text[300];
    (void)s;
    snprintf(text, sizeof(text), "%s/%s", jstr(doc, "spec.scaleTargetRef.kind"), jstr(doc, "spec.scaleTargetRef.name"));
    return plain(text);
}

CELL(hpa_targets)
{
    json_t *all = jat(doc, "spec.metrics"), *m, *now;
    struct str t;
    size_t i;
    (void)s;
    str_init(&t, 0);
    json_array_foreach(all, i, m) {
        char at[96];
        snprintf(at, sizeof(at), "status.currentMetrics.%zu.resource.current.averageUtilization", i);
        now = jat(doc, at);
        str_addf(&t, "%s%s: ", i ? ", " : "", jstr(m, "resource.name"));
        if (now)
            str_addf(&t, "%lld%%", (long long)json_integer_value(now));
        else
            str_adds(&t, "<unknown>");
        str_addf(&t, "/%lld%%", (long long)jint(m, "resource.target.averageUtilization"));
    }
    return text_cell(&t, "<none>");
}

/* ---- nodes ---- */
CELL(node_status)
{
    char text[64];
    json_t *all = jat(doc, "status.conditions"), *c;
    const char *word = "Unknown";
    size_t i;
    (void)s;
    json_array_foreach(all, i, c)
        if (strcmp(jstr(c, "type"), "Ready") == 0)
            word = strcmp(jstr(c, "status"), "True") == 0 ? "Ready" : "NotReady";
    snprintf(text, sizeof(text), "%s%s", word, json_is_true(jat(doc, "spec.unschedulable")) ? ",SchedulingDisabled" : "");
    return plain(text);
}

CELL(node_roles)
{
    static const char prefix[] = "node-role.kubernetes.io/";
    const char *key, *roles[32];
    json_t *v;
    struct str t;
    size_t n = 0;
    (void)s;
    str_init(&t, 0);
    json_object_foreach(jat(doc, "metadata.labels"), key, v) {
        const char *role = strncmp(key, prefix, sizeof(prefix) - 1) == 0 ? key + sizeof(prefix) - 1 : "";
        if (strcmp(key, "kubernetes.io/role") == 0)
            role = json_string_value(v);
        if (*role && n < 32)
            roles[n++] = role;
    }
    qsort(roles, n, sizeof(*roles), by_name);
    for (size_t i = 0; i < n; i++)
        str_addf(&t, "%s%s", i ? "," : "", roles[i]);
    return text_cell(&t, "<none>");
}

static json_t *address(const json_t *doc, const char *type)
{
    json_t *all = jat(doc, "status.addresses"), *a;
    size_t i;
    json_array_foreach(all, i, a)
        if (strcmp(jstr(a, "type"), type) == 0)
            return plain(jstr(a, "address"));
    return plain("<none>");
}

CELL(node_internal) { (void)s; return address(doc, "InternalIP"); }
CELL(node_external) { (void)s; return address(doc, "ExternalIP"); }

CELL(node_kernel)
{
    char text[200];
    const char *kernel = jstr(doc, "status.nodeInfo.kernelVersion"), *arch = jstr(doc, "status.nodeInfo.architecture");
    (void)s;
    snprintf(text, sizeof(text), "%s%s%s%s", *kernel ? kernel : "<unknown>", *arch ? " (" : "", arch, *arch ? ")" : "");
    return plain(text);
}

/* ---- events ---- */
static int64_t event_time(const json_t *doc, bool first)
{
    static const char *const last_keys[] = {"series.lastObservedTime", "lastTimestamp", "eventTime", "firstTimestamp"};
    static const char *const first_keys[] = {"firstTimestamp", "eventTime"};
    const char *const *keys = first ? first_keys : last_keys;
    for (size_t i = 0; i < (first ? 2u : 4u); i++) {
        int64_t ms = stamp_ms(jstr(doc, keys[i]));
        if (ms >= 0)
            return ms;
    }
    return -1;
}

static json_t *event_age(struct sim *s, int64_t ms)
{
    char text[32];
    if (ms < 0)
        return plain("<unknown>");
    kube_age(text, sizeof(text), sim_now(s) - ms);
    return plain(text);
}

CELL(event_seen)
{
    int64_t n = jat(doc, "series.count") ? jint(doc, "series.count") : jint(doc, "count");
    return event_age(s, event_time(doc, n <= 1 && stamp_ms(jstr(doc, "lastTimestamp")) < 0));
}

CELL(event_first) { return event_age(s, event_time(doc, true)); }

CELL(event_count)
{
    int64_t n = jat(doc, "series.count") ? jint(doc, "series.count") : jint(doc, "count");
    (void)s;
    return json_integer(n ? n : 1);
}

CELL(event_object)
{
    char text[400];
    (void)s;
    snprintf(text, sizeof(text), "%s/%s", jstr(doc, "involvedObject.kind"), jstr(doc, "involvedObject.name"));
    for (char *p = text; *p && *p != '/'; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    return plain(text);
}

CELL(event_source)
{
    const char *c = jstr(doc, "source.component"), *h = jstr(doc, "source.host"), *r = jstr(doc, "reportingComponent"), *i = jstr(doc, "reportingInstance");
    char text[400];
    (void)s;
    if (!*c) {
        c = r;
        h = i;
    }
    snprintf(text, sizeof(text), "%s%s%s", c, *h ? ", " : "", h);
    return plain(text);
}
