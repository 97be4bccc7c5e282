/* A node's labels say which daemon sets run there: what one of them wants is taken away, and its pod goes with it. */
#include <string.h>

#include "core/ops/facts.h"
#include "core/ops/kube_work.h"

enum { PODS, SETS };

bool kube_labels_side(const struct act_ctx *c, size_t i, struct str *path)
{
    return i == PODS ? kube_pods_on_node(c, path) : i == SETS && str_adds(path, "/apis/apps/v1/daemonsets");
}

bool kube_relabels(const json_t *obj, const json_t *change)
{
    const json_t *now = act_get(obj, "metadata.labels");
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)change, key, v)
        if (json_object_get(now, key) && !json_equal(json_object_get(now, key), v))
            return true;
    return false;
}

/* Its pods go at once, and no budget is asked. */
void kube_say_unselected(const struct act_ctx *c, const json_t *change, struct act_facts *facts)
{
    const json_t *sets = json_object_get(c->side[SETS].json, "items"), *pods = json_object_get(c->side[PODS].json, "items");
    if (!json_is_array(sets) || !json_is_array(pods)) {
        act_fact(facts, FACT_CAUTION, "which daemon sets run there by its labels could not be read (HTTP %d): they delete their pods when a label they want is gone",
                 json_is_array(pods) ? c->side[SETS].status : c->side[PODS].status);
        return;
    }
    json_t *node = json_deep_copy(c->obj), *labels = json_object_get(json_object_get(node, "metadata"), "labels");
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)change, key, v)
        if (json_is_null(v))
            json_object_del(labels, key);
        else
            json_object_set(labels, key, v);
    for (size_t i = 0; i < json_array_size(sets); i++) {
        const json_t *set = json_array_get(sets, i), *template = act_get(set, "spec.template");
        size_t n = 0;
        if (kube_pod_wants(template, node) || !kube_pod_wants(template, c->obj))
            continue;
        for (size_t k = 0; k < json_array_size(pods); k++) {
            const json_t *pod = json_array_get(pods, k);
            if (strcmp(act_str(kube_controller(pod), "uid"), act_str(set, "metadata.uid")) != 0 || kube_pod_finished(pod))
                continue;
            n++;
            act_taken(facts, "pods", act_str(pod, "metadata.uid"));
        }
        if (n)
            act_danger(facts, false);
        if (n)
            act_fact(facts, FACT_DANGER, "daemon set %s/%s runs only where a label is that the node has no more then: its pod there is deleted at once, disruption budgets are not asked",
                     act_str(set, "metadata.namespace"), act_str(set, "metadata.name"));
    }
    json_decref(node);
}
