/* Fields of objects that are kept, in the shape that they have in the object: by path, one table a plane. */
#include "core/ops/op_brief.h"

#include <stdio.h>
#include <string.h>

static const char *const kube_paths[] = {
    "metadata.uid", "metadata.resourceVersion", "metadata.generation", "metadata.deletionTimestamp", "metadata.labels", "spec.replicas", "spec.paused",
    "spec.suspend", "spec.unschedulable", "spec.taints", "spec.nodeName", "spec.template.metadata.annotations", "spec.template.spec.containers",
    "status.phase", "status.replicas", "status.readyReplicas", "status.observedGeneration", "status.updateRevision", NULL};
static const char *const ostk_paths[] = {
    "id", "uuid", "status", "OS-EXT-STS:task_state", "OS-EXT-STS:vm_state", "OS-EXT-STS:power_state", "OS-EXT-SRV-ATTR:host", "hostId", "locked", "locked_reason", "flavor",
    "image", "updated", "state", "disabled_reason", "forced_down", "admin_state_up", "alive", "power_state", "target_power_state", "provision_state",
    "maintenance", "maintenance_reason", "provisioning_status", "operating_status", "size", "attachments", "port_id", "fixed_ip_address", NULL};

static void put(json_t *to, const json_t *from, const char *path)
{
    char key[80];
    size_t n = strcspn(path, ".");
    snprintf(key, sizeof(key), "%.*s", (int)n, path);
    const json_t *v = json_object_get(from, key);
    if (!v)
        return;
    if (!path[n]) {
        json_object_set(to, key, (json_t *)v);
        return;
    }
    json_t *in = json_object_get(to, key);
    if (!in) {
        in = json_object();
        json_object_set_new(to, key, in);
    }
    put(in, v, path + n + 1);
}

/* Of a pod template the images are what matters; its environment may hold secrets. */
static void images_alone(json_t *brief)
{
    json_t *spec = json_object_get(json_object_get(json_object_get(brief, "spec"), "template"), "spec");
    json_t *list = json_object_get(spec, "containers"), *c, *out = json_array();
    size_t i;
    json_array_foreach(list, i, c)
        json_array_append_new(out, json_pack("{s:O?,s:O?}", "name", json_object_get(c, "name"), "image", json_object_get(c, "image")));
    if (list)
        json_object_set(spec, "containers", out);
    json_decref(out);
}

json_t *op_brief(const struct kind *k, const json_t *obj)
{
    if (!json_is_object(obj))
        return NULL;
    json_t *b = json_object();
    for (const char *const *p = k->plane == PLANE_KUBE ? kube_paths : ostk_paths; b && *p; p++)
        put(b, obj, *p);
    if (b && k->plane == PLANE_KUBE)
        images_alone(b);
    return b;
}
