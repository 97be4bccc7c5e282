/* The server's own Table: pods by the rules of the API server, the custom resource, else name and age. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/sim.h"

bool kube_wants_table(const struct req *r)
{
    const char *a = req_header(r, "Accept");
    return a && strstr(a, "as=Table");
}

static void column(json_t *all, const char *name, const char *type, const char *format, int priority)
{
    json_array_append_new(all, jt("{'name':%s,'type':%s,'format':%s,'description':%s,'priority':%i}", name, type, format, name, priority));
}

json_t *kube_table_columns(const struct res *res)
{
    json_t *c = json_array();
    column(c, "Name", "string", "name", 0);
    if (strcmp(res->plural, "pods") == 0) {
        column(c, "Ready", "string", "", 0);
        column(c, "Status", "string", "", 0);
        column(c, "Restarts", "string", "", 0);
        column(c, "Age", "string", "", 0);
        column(c, "IP", "string", "", 1);
        column(c, "Node", "string", "", 1);
        column(c, "Nominated Node", "string", "", 1);
        column(c, "Readiness Gates", "string", "", 1);
    } else if (strcmp(res->plural, "openstackdeployments") == 0) {
        column(c, "Release", "string", "", 0);
        column(c, "State", "string", "", 0);
        column(c, "Progress", "integer", "", 0);
        column(c, "Preset", "string", "", 1);
        column(c, "Age", "date", "", 0);
    } else {
        column(c, "Age", "string", "", 0);
    }
    return c;
}

/* kubectl's short durations. */
static void age(char *out, size_t size, int64_t ms)
{
    int64_t s = ms / 1000, m = s / 60, h = m / 60, d = h / 24;
    if (s < 0)
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

static void terminated_reason(char *out, size_t size, const json_t *t)
{
    if (*jstr(t, "reason"))
        snprintf(out, size, "%s", jstr(t, "reason"));
    else if (jint(t, "signal"))
        snprintf(out, size, "Signal:%lld", (long long)jint(t, "signal"));
    else
        snprintf(out, size, "ExitCode:%lld", (long long)jint(t, "exitCode"));
}

/* STATUS of a pod whose init containers are not through: true when one of them says it. */
static bool init_reason(const json_t *pod, char *out, size_t size)
{
    json_t *all = jat(pod, "status.initContainerStatuses");
    size_t total = json_array_size(jat(pod, "spec.initContainers"));
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *c = json_array_get(all, i), *t = jat(c, "state.terminated");
        char why[200];
        if (t && jint(t, "exitCode") == 0)
            continue;
        if (t) {
            terminated_reason(why, sizeof(why), t);
            snprintf(out, size, "Init:%s", why);
        } else if (*jstr(c, "state.waiting.reason") && strcmp(jstr(c, "state.waiting.reason"), "PodInitializing") != 0) {
            snprintf(out, size, "Init:%s", jstr(c, "state.waiting.reason"));
        } else {
            snprintf(out, size, "Init:%zu/%zu", i, total);
        }
        return true;
    }
    return false;
}

static json_t *pod_cells(struct sim *s, const json_t *pod)
{
    char reason[300], ready[32], restarts[64], old[32], ago[32];
    json_t *all = jat(pod, "status.containerStatuses");
    size_t total = json_array_size(jat(pod, "spec.containers")), n_ready = 0;
    int64_t count = 0, last = -1, now = sim_now(s);
    bool running = false;
    snprintf(reason, sizeof(reason), "%s", *jstr(pod, "status.reason") ? jstr(pod, "status.reason") : jstr(pod, "status.phase"));
    if (!init_reason(pod, reason, sizeof(reason))) {
        for (size_t i = json_array_size(all); i-- > 0;) {
            json_t *c = json_array_get(all, i);
            int64_t at = stamp_ms(jstr(c, "lastState.terminated.finishedAt"));
            count += jint(c, "restartCount");
            last = at > last ? at : last;
            if (*jstr(c, "state.waiting.reason"))
                snprintf(reason, sizeof(reason), "%s", jstr(c, "state.waiting.reason"));
            else if (jat(c, "state.terminated"))
                terminated_reason(reason, sizeof(reason), jat(c, "state.terminated"));
            else if (json_is_true(jat(c, "ready")) && jat(c, "state.running")) {
                running = true;
                n_ready++;
            }
        }
        if (strcmp(reason, "Completed") == 0 && running)
            snprintf(reason, sizeof(reason), "Running");
    }
    if (jat(pod, "metadata.deletionTimestamp"))
        snprintf(reason, sizeof(reason), "Terminating");
    age(old, sizeof(old), now - stamp_ms(jstr(pod, "metadata.creationTimestamp")));
    age(ago, sizeof(ago), now - last);
    snprintf(ready, sizeof(ready), "%zu/%zu", n_ready, total);
    if (count && last >= 0)
        snprintf(restarts, sizeof(restarts), "%lld (%s ago)", (long long)count, ago);
    else
        snprintf(restarts, sizeof(restarts), "%lld", (long long)count);
    const char *ip = jstr(pod, "status.podIP"), *node = jstr(pod, "spec.nodeName");
    return jt("[%s,%s,%s,%s,%s,%s,%s,'<none>','<none>']", jstr(pod, "metadata.name"), ready, reason, restarts, old, *ip ? ip : "<none>",
              *node ? node : "<none>");
}

json_t *kube_table_row(struct sim *s, const struct obj *o, bool include_object)
{
    json_t *doc = obj_doc(o), *cells;
    char old[32];
    age(old, sizeof(old), sim_now(s) - stamp_ms(jstr(doc, "metadata.creationTimestamp")));
    if (strcmp(o->res->plural, "pods") == 0)
        cells = pod_cells(s, doc);
    else if (strcmp(o->res->plural, "openstackdeployments") == 0)
        cells = jt("[%s,%s,%s,%l,%s,%s]", o->name, jstr(doc, "spec.release"), jstr(doc, "status.state"), jint(doc, "status.progress"),
                   jstr(doc, "spec.preset"), old);
    else
        cells = jt("[%s,%s]", o->name, old);
    json_t *row = jt("{'cells':%j}", cells);
    if (include_object)
        json_object_set_new(row, "object", jt("{'kind':'PartialObjectMetadata','apiVersion':'meta.k8s.io/v1','metadata':%j}",
                                              json_incref(jat(doc, "metadata"))));
    json_decref(doc);
    return row;
}
