/* What a server refuses in an autoscaler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/kube_sim.h"

static const struct { const char *type, *field; } sources[] = {
    {"ContainerResource", "containerResource"}, {"External", "external"}, {"Object", "object"}, {"Pods", "pods"}, {"Resource", "resource"},
};

static void check_target(struct causes *c, const json_t *src, const char *at)
{
    const json_t *target = jat(src, "target"), *percent = jat(target, "averageUtilization");
    char field[200];
    snprintf(field, sizeof(field), "%s.name", at);
    if (!*jstr(src, "name"))
        cause(c, "FieldValueRequired", field, "Required value: must specify a resource name");
    snprintf(field, sizeof(field), "%s.target.type", at);
    if (!*jstr(target, "type"))
        cause(c, "FieldValueRequired", field, "Required value: must specify a metric target type");
    snprintf(field, sizeof(field), "%s.target.averageUtilization", at);
    if (percent && json_integer_value(percent) < 1)
        cause(c, "FieldValueInvalid", field, "Invalid value: %lld: must be greater than 0", (long long)json_integer_value(percent));
    if (!percent && !jat(target, "averageValue"))
        cause(c, "FieldValueRequired", field, "Required value: must set either a target raw value or a target utilization");
    snprintf(field, sizeof(field), "%s.target.averageValue", at);
    if (percent && jat(target, "averageValue"))
        cause(c, "FieldValueForbidden", field, "Forbidden: may not set both a target raw value and a target utilization");
}

static void check_metric(struct causes *c, const json_t *m, size_t i)
{
    const char *type = jstr(m, "type");
    char field[120];
    for (size_t k = 0; k < sizeof(sources) / sizeof(sources[0]); k++) {
        const json_t *src = jat(m, sources[k].field);
        bool wanted = strcmp(type, sources[k].type) == 0, ours = k == 0 || k == 4;
        snprintf(field, sizeof(field), "spec.metrics[%zu].%s", i, sources[k].field);
        if (src && ours)
            check_target(c, src, field);
        if (wanted && !src)
            cause(c, "FieldValueRequired", field, "Required value: must populate information for the given metric source");
        else if (!wanted && src)
            cause(c, "FieldValueForbidden", field, "Forbidden: must populate the given metric source only");
    }
}

void kube_valid_autoscaler(struct causes *c, const json_t *doc)
{
    const json_t *spec = jat(doc, "spec"), *ref = jat(spec, "scaleTargetRef");
    int64_t min = jat(spec, "minReplicas") ? jint(spec, "minReplicas") : 1, max = jint(spec, "maxReplicas");
    json_t *all = jat(spec, "metrics"), *m;
    bool outside = false;
    size_t i;
    if (min < 1)
        cause(c, "FieldValueInvalid", "spec.minReplicas", "Invalid value: %lld: must be greater than or equal to 1", (long long)min);
    if (!max)
        cause(c, "FieldValueRequired", "spec.maxReplicas", "Required value: must be set and greater than 0");
    else if (max < 0)
        cause(c, "FieldValueInvalid", "spec.maxReplicas", "Invalid value: %lld: must be greater than or equal to 1", (long long)max);
    if (max < min)
        cause(c, "FieldValueInvalid", "spec.maxReplicas", "Invalid value: %lld: must be greater than or equal to `minReplicas`", (long long)max);
    if (!*jstr(ref, "kind"))
        cause(c, "FieldValueRequired", "spec.scaleTargetRef.kind", "Required value");
    if (!*jstr(ref, "name"))
        cause(c, "FieldValueRequired", "spec.scaleTargetRef.name", "Required value");
    if (!strchr(jstr(ref, "apiVersion"), '/') && strcmp(jstr(ref, "kind"), "ReplicationController") != 0)
        cause(c, "FieldValueInvalid", "spec.scaleTargetRef.apiVersion", "Invalid value: \"%s\": apiVersion must specify API group", jstr(ref, "apiVersion"));
    json_array_foreach(all, i, m) {
        check_metric(c, m, i);
        outside = outside || strcmp(jstr(m, "type"), "Object") == 0 || strcmp(jstr(m, "type"), "External") == 0;
    }
    if (!min && !outside)
        cause(c, "FieldValueForbidden", "spec.metrics", "Forbidden: must specify at least one Object or External metric to support scaling to zero replicas");
}
