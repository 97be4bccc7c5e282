/* Resources that are told in a second version: autoscaling/v1 and events.k8s.io/v1 are views of autoscaling/v2 and of the core's events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/kube_sim.h"

#define NOTE "autoscaling.alpha.kubernetes.io/"

static const struct { const char *group, *version, *plural, *kept_group, *kept_version; } views[] = {
    {"autoscaling", "v1", "horizontalpodautoscalers", "autoscaling", "v2"}, {"events.k8s.io", "v1", "events", "", "v1"},
};

struct res *kube_view_kept(struct sim *s, const struct res *res)
{
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        if (strcmp(views[i].group, res->group) == 0 && strcmp(views[i].version, res->version) == 0 && strcmp(views[i].plural, res->plural) == 0)
            return store_find_res(s, views[i].kept_group, views[i].kept_version, res->plural);
    return NULL;
}

static void move(json_t *from, const char *old, json_t *to, const char *key)
{
    json_t *v = json_object_get(from, old);
    if (!v)
        return;
    json_object_set(to, key, v);
    json_object_del(from, old);
}

/* ---- events: core name, name in events.k8s.io ---- */
static const struct { const char *core, *other; } event_fields[] = {
    {"reportingComponent", "reportingController"}, {"involvedObject", "regarding"}, {"message", "note"}, {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"}, {"lastTimestamp", "deprecatedLastTimestamp"}, {"count", "deprecatedCount"},
};

static void event(json_t *doc, bool out)
{
    for (size_t i = 0; i < sizeof(event_fields) / sizeof(event_fields[0]); i++)
        move(doc, out ? event_fields[i].core : event_fields[i].other, doc, out ? event_fields[i].other : event_fields[i].core);
}

/* ---- autoscalers: v1 knows the CPU alone, the rest travels in annotations ---- */
static void note(json_t *doc, const char *name, json_t *v)
{
    char key[100];
    char *text = jdump(v);
    json_t *notes = jat(doc, "metadata.annotations");
    snprintf(key, sizeof(key), NOTE "%s", name);
    if (!notes)
        jset(doc, "metadata.annotations", notes = json_object());
    json_object_set_new(notes, key, json_string(text));
    json_text_free(text);
}

static json_t *noted(json_t *doc, const char *name)
{
    char key[100];
    json_t *notes = jat(doc, "metadata.annotations");
    snprintf(key, sizeof(key), NOTE "%s", name);
    const char *text = json_string_value(json_object_get(notes, key));
    json_t *v = text ? json_loads(text, 0, NULL) : NULL;
    json_object_del(notes, key);
    if (notes && !json_object_size(notes))
        json_object_del(jat(doc, "metadata"), "annotations");
    return v;
}

static bool is_cpu(const json_t *m)
{
    return strcmp(jstr(m, "type"), "Resource") == 0 && strcmp(jstr(m, "resource.name"), "cpu") == 0;
}

static void autoscaler_out(json_t *doc)
{
    json_t *spec = jat(doc, "spec"), *st = jat(doc, "status"), *m, *rest = json_array(), *all = jat(spec, "metrics");
    size_t i;
    json_array_foreach(all, i, m) {
        json_t *target = is_cpu(m) ? jat(m, "resource.target.averageUtilization") : NULL;
        if (target && !jat(spec, "targetCPUUtilizationPercentage"))
            json_object_set(spec, "targetCPUUtilizationPercentage", target);
        else
            json_array_append(rest, m);
    }
    if (json_array_size(rest))
        note(doc, "metrics", json_incref(rest));
    json_decref(rest);
    json_object_del(spec, "metrics");
    if (jat(spec, "behavior"))
        note(doc, "behavior", json_incref(jat(spec, "behavior")));
    json_object_del(spec, "behavior");
    if (json_array_size(jat(st, "conditions")))
        note(doc, "conditions", json_incref(jat(st, "conditions")));
    all = jat(st, "currentMetrics");
    json_array_foreach(all, i, m)
        if (is_cpu(m) && jat(m, "resource.current.averageUtilization"))
            json_object_set(st, "currentCPUUtilizationPercentage", jat(m, "resource.current.averageUtilization"));
    if (json_array_size(all))
        note(doc, "current-metrics", json_incref(all));
    json_object_del(st, "conditions");
    json_object_del(st, "currentMetrics");
    if (st && !jat(st, "currentReplicas"))
        json_object_set_new(st, "currentReplicas", json_integer(0));
}

static void autoscaler_in(json_t *doc)
{
    json_t *spec = jat(doc, "spec"), *percent = jat(spec, "targetCPUUtilizationPercentage"), *metrics = noted(doc, "metrics"), *v;
    if (!json_is_array(metrics)) {
        json_decref(metrics);
        metrics = json_array();
    }
    if (percent)
        json_array_insert_new(metrics, 0, jt("{'type':'Resource','resource':{'name':'cpu','target':{'type':'Utilization','averageUtilization':%l}}}",
                                             (int64_t)json_integer_value(percent)));
    if (spec && json_array_size(metrics))
        json_object_set(spec, "metrics", metrics);
    json_object_del(spec, "targetCPUUtilizationPercentage");
    if ((v = noted(doc, "behavior")) && spec)
        json_object_set(spec, "behavior", v);
    json_decref(v);
    json_decref(metrics);
    json_object_del(jat(doc, "status"), "currentCPUUtilizationPercentage");
    if ((v = noted(doc, "conditions")) && jat(doc, "status"))
        json_object_set(jat(doc, "status"), "conditions", v);
    json_decref(v);
    if ((v = noted(doc, "current-metrics")) && jat(doc, "status"))
        json_object_set(jat(doc, "status"), "currentMetrics", v);
    json_decref(v);
}

/* A document as it is kept, to what the view tells, and back; doc is changed. */
void kube_view_out(const struct res *view, json_t *doc)
{
    char gv[128];
    if (!view)
        return;
    json_object_set_new(doc, "apiVersion", json_string(kube_api_version(view, gv)));
    if (strcmp(view->plural, "events") == 0)
        event(doc, true);
    else
        autoscaler_out(doc);
}

void kube_view_in(const struct res *view, json_t *doc)
{
    if (!view)
        return;
    if (strcmp(view->plural, "events") == 0)
        event(doc, false);
    else
        autoscaler_in(doc);
}

void kube_reply_object(struct req *r, int status, const struct obj *o)
{
    if (r->view) {
        json_t *doc = obj_doc(o);
        kube_view_out(r->view, doc);
        reply_json(r, status, doc);
    } else {
        char *line = sim_alloc(o->len + 2);
        memcpy(line, o->text, o->len);
        line[o->len] = '\n';
        reply_text(r, status, "application/json", line, o->len + 1);
        free(line);
    }
}
