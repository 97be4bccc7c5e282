/* Which nodes take a pod: ready ones, by its selector, its required affinity and their taints. What stands there already is not looked at. */
#include <stdlib.h>
#include <string.h>

#include "core/ops/kube_work.h"

static const json_t *label_of(const json_t *node, const char *key) { return json_object_get(act_get(node, "metadata.labels"), key); }

static bool in_values(const json_t *values, const char *text)
{
    for (size_t i = 0; i < json_array_size(values); i++)
        if (json_is_string(json_array_get(values, i)) && !strcmp(json_string_value(json_array_get(values, i)), text))
            return true;
    return false;
}

/* One requirement against the value there is; NULL: none. */
static bool meets(const json_t *want, const char *value)
{
    const char *op = act_str(want, "operator");
    const json_t *values = json_object_get(want, "values");
    const char *first = json_string_value(json_array_get(values, 0));
    if (!strcmp(op, "In"))
        return value && in_values(values, value);
    if (!strcmp(op, "NotIn"))
        return !value || !in_values(values, value);
    if (!strcmp(op, "Exists"))
        return value != NULL;
    if (!strcmp(op, "DoesNotExist"))
        return !value;
    if (!strcmp(op, "Gt"))
        return value && first && strtoll(value, NULL, 10) > strtoll(first, NULL, 10);
    if (!strcmp(op, "Lt"))
        return value && first && strtoll(value, NULL, 10) < strtoll(first, NULL, 10);
    return true;                               /* of a newer server: not known to forbid it */
}

static bool term_meets(const json_t *term, const json_t *node)
{
    const json_t *labels = json_object_get(term, "matchExpressions"), *fields = json_object_get(term, "matchFields");
    for (size_t i = 0; i < json_array_size(labels); i++)
        if (!meets(json_array_get(labels, i), json_string_value(label_of(node, act_str(json_array_get(labels, i), "key")))))
            return false;
    for (size_t i = 0; i < json_array_size(fields); i++)
        if (!meets(json_array_get(fields, i), act_str(node, "metadata.name")))
            return false;
    return json_array_size(labels) || json_array_size(fields);
}

static bool chosen(const json_t *pod, const json_t *node)
{
    const char *key;
    json_t *v;
    const json_t *terms = act_get(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms");
    json_object_foreach((json_t *)(uintptr_t)act_get(pod, "spec.nodeSelector"), key, v) {
        const char *has = json_string_value(label_of(node, key));
        if (!has || !json_is_string(v) || strcmp(has, json_string_value(v)) != 0)
            return false;
    }
    size_t i = 0, n = json_array_size(terms);
    while (i < n && !term_meets(json_array_get(terms, i), node))
        i++;
    return !n || i < n;
}

static bool tolerated(const json_t *pod, const json_t *node)
{
    const json_t *taints = act_get(node, "spec.taints");
    for (size_t i = 0; i < json_array_size(taints); i++) {
        const json_t *t = json_array_get(taints, i);
        const char *effect = act_str(t, "effect");
        if ((!strcmp(effect, "NoSchedule") || !strcmp(effect, "NoExecute")) && !kube_tolerates(pod, act_str(t, "key"), act_str(t, "value"), effect))
            return false;
    }
    return true;
}

bool kube_pod_wants(const json_t *pod, const json_t *node) { return chosen(pod, node); }

bool kube_pod_fits(const json_t *pod, const json_t *node)
{
    bool cordoned = json_is_true(act_get(node, "spec.unschedulable")) && !kube_tolerates(pod, "node.kubernetes.io/unschedulable", "", "NoSchedule");
    return !cordoned && !*act_str(node, "metadata.deletionTimestamp") && !strcmp(act_str(kube_condition_of(node, "Ready"), "status"), "True") && chosen(pod, node) &&
           tolerated(pod, node);
}
