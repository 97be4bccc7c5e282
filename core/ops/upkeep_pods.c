/* What is still on a node that its controller calls out of use: such a controller may speak of its own part alone (MOSK's locks do). */
#include <string.h>

#include "core/ops/kube_work.h"
#include "core/ops/upkeep.h"

#define NAMED 4

/* Those of daemon sets stay, and what has ended holds nothing; a pod that the kubelet runs from a file goes with its node. */
static bool stays(const json_t *pod)
{
    return kube_pod_finished(pod) || act_find(act_get(pod, "metadata.ownerReferences"), "kind", "DaemonSet") ||
           *kube_map_str(pod, "metadata.annotations", "kubernetes.io/config.mirror");
}

enum act_seen upkeep_pods(const struct upkeep *u, const json_t *node, const struct act_side *pods, struct str *words)
{
    const json_t *items = json_object_get(pods->json, "items");
    bool cordoned = json_is_true(act_get(node, "spec.unschedulable"));
    size_t n = 0, ending = 0;
    const char *sep = words->len ? "; " : "";
    if (!json_is_array(items)) {
        str_addf(words, "%swhich pods are still here could not be read (HTTP %d)", sep, pods->status);
        return pods->status == 403 ? SEEN_DONE : SEEN_WAIT;
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        n += !stays(json_array_get(items, i));
        ending += !stays(json_array_get(items, i)) && *act_str(json_array_get(items, i), "metadata.deletionTimestamp");
    }
    if (n)
        str_addf(words, "%s%s says that it is out of use, but %zu pod%s still here%s", sep, u->product, n, n == 1 ? " is" : "s are", ending == n ? " (ending)" : "");
    for (size_t i = 0, said = 0; n && i < json_array_size(items) && said < NAMED; i++) {
        const json_t *pod = json_array_get(items, i);
        if (!stays(pod))
            str_addf(words, "%s%.120s/%.120s", said++ ? ", " : ": ", act_str(pod, "metadata.namespace"), act_str(pod, "metadata.name"));
    }
    if (n > NAMED)
        str_addf(words, " and %zu more", n - NAMED);
    if (!cordoned)
        str_addf(words, "%sthe node is not cordoned%s", words->len ? "; " : "", n ? "" : ": new pods may come");
    if (!n)
        return SEEN_DONE;
    if (cordoned || ending == n)                  /* somebody is at them */
        return SEEN_WAIT;
    str_addf(words, ": strata drain %s --ignore-maintenance moves them", act_str(node, "metadata.name"));
    return SEEN_FAILED;
}
