/* Describes a node: lease, conditions, capacity, system, and what its pods ask for in all. */
#include "core/kube/describe_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/text.h"

static int64_t quantity(const json_t *map, const char *key)
{
    const json_t *v = json_object_get(map, key);
    const char *s = json_string_value(v);
    int64_t milli = 0;
    if (json_is_integer(v))
        return json_integer_value(v) * 1000;
    if (s)
        text_parse_quantity(s, strlen(s), &milli);
    return milli;
}

static int64_t container_asks(const json_t *c, const char *part, const char *res)
{
    return quantity(kube_jget(kube_jget(c, "resources"), part), res);
}

/* What the scheduler counts: all containers and sidecars, or the greediest init container if that is more; overhead;
 * the pod's own figure where it has one. */
static int64_t pod_asks(const json_t *pod, const char *part, const char *res)
{
    const json_t *list = kube_jget(pod, "spec.containers"), *own = kube_jget(kube_jget(pod, "spec.resources"), part);
    int64_t sum = 0, sidecars = 0, peak = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        sum += container_asks(json_array_get(list, i), part, res);
    list = kube_jget(pod, "spec.initContainers");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        const char *policy = kube_jstr(c, "restartPolicy");
        int64_t v = container_asks(c, part, res);
        if (policy && !strcmp(policy, "Always")) {
            sidecars += v;
            v = sidecars;
        } else {
            v += sidecars;
        }
        peak = v > peak ? v : peak;
    }
    sum += sidecars;
    sum = peak > sum ? peak : sum;
    if (json_object_get(own, res))
        sum = quantity(own, res);
    int64_t over = quantity(kube_jget(pod, "spec.overhead"), res);
    return !strcmp(part, "requests") || sum ? sum + over : sum;
}

static int percent(int64_t v, int64_t of)
{
    return of > 0 ? (int)((double)v / (double)of * 100) : 0;
}

static const char *ask(struct desc *d, int64_t v, int64_t of, bool memory)
{
    char buf[80];
    snprintf(buf, sizeof buf, "%s (%d%%)", d_quantity(d, v, memory), percent(v, of));
    const char *r = arena_strndup(&d->arena, buf, strlen(buf));
    return r ? r : "";
}

static void pods(struct desc *d, const json_t *alloc)
{
    const json_t *items = json_object_get(d->in->side[1].json, "items");
    size_t n = json_array_size(items), nkeys;
    if (!d->in->side[1].json) {
        d_line(d, 0, "Non-terminated Pods:\t<not known: %s>", d->in->side[1].err.msg);
        return;
    }
    d_line(d, 0, "Non-terminated Pods:\t(%zu in total)", n);
    d_line(d, 1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    d_line(d, 1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    int64_t cpu = quantity(alloc, "cpu"), mem = quantity(alloc, "memory");
    for (size_t i = 0; i < n; i++) {
        const json_t *p = json_array_get(items, i);
        d_line(d, 1, "%s\t%s\t\t%s\t%s\t%s\t%s\t%s", d_str(d, p, "metadata.namespace"), d_str(d, p, "metadata.name"),
               ask(d, pod_asks(p, "requests", "cpu"), cpu, false), ask(d, pod_asks(p, "limits", "cpu"), cpu, false),
               ask(d, pod_asks(p, "requests", "memory"), mem, true), ask(d, pod_asks(p, "limits", "memory"), mem, true),
               d_age(d, p, "metadata.creationTimestamp"));
    }
    d_line(d, 0, "Allocated resources:");
    d_line(d, 1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
    d_line(d, 1, "Resource\tRequests\tLimits");
    d_line(d, 1, "--------\t--------\t------");
    /* cpu, memory, ephemeral-storage, then huge pages, then the rest, each by name */
    static const char *const first[] = {"cpu", "memory", "ephemeral-storage"};
    const char **keys = d_keys(d, alloc, &nkeys);
    for (int round = 0; round < 3; round++)
        for (size_t k = 0; k < (round ? nkeys : 3); k++) {
            const char *res = round ? keys[k] : first[k];
            bool standard = !strcmp(res, "cpu") || !strcmp(res, "memory") || !strcmp(res, "ephemeral-storage") || !strcmp(res, "pods");
            bool huge = !strncmp(res, "hugepages-", 10);
            if (round && (standard || huge != (round == 1)))
                continue;
            int64_t req = 0, lim = 0, of = quantity(alloc, res);
            for (size_t i = 0; i < n; i++) {
                req += pod_asks(json_array_get(items, i), "requests", res);
                lim += pod_asks(json_array_get(items, i), "limits", res);
            }
            bool bytes = strcmp(res, "cpu") != 0 && round < 2;
            if (round == 2)
                d_line(d, 1, "%s\t%s\t%s", d_clean(d, res), d_quantity(d, req, false), d_quantity(d, lim, false));
            else
                d_line(d, 1, "%s\t%s\t%s", d_clean(d, res), ask(d, req, of, bytes), ask(d, lim, of, bytes));
        }
}

static void roles(struct desc *d)
{
    static const char prefix[] = "node-role.kubernetes.io/";
    const json_t *labels = kube_jget(d->obj, "metadata.labels");
    size_t n, shown = 0;
    const char **keys = d_keys(d, labels, &n);
    d_add(d, "Roles:\t");
    for (size_t i = 0; i < n; i++) {
        const char *role = !strncmp(keys[i], prefix, sizeof prefix - 1) ? keys[i] + sizeof prefix - 1
                           : !strcmp(keys[i], "kubernetes.io/role") ? json_string_value(json_object_get(labels, keys[i])) : NULL;
        if (role && *role)
            d_add(d, "%s%s", shown++ ? "," : "", d_clean(d, role));
    }
    d_add(d, "%s\n", shown ? "" : "<none>");
}

static void lease(struct desc *d)
{
    const json_t *l = d->in->side[2].json;
    if (!l) {
        d_line(d, 0, "Lease:\t<not known: %s>", d->in->side[2].err.msg);
        return;
    }
    const char *acquired = d_time(d, l, "spec.acquireTime"), *renewed = d_time(d, l, "spec.renewTime");
    d_line(d, 0, "Lease:");
    d_line(d, 1, "HolderIdentity:\t%s", d_str_or(d, l, "spec.holderIdentity", "<unset>"));
    d_line(d, 1, "AcquireTime:\t%s", *acquired ? acquired : "<unset>");
    d_line(d, 1, "RenewTime:\t%s", *renewed ? renewed : "<unset>");
}

static void conditions(struct desc *d)
{
    const json_t *list = kube_jget(d->obj, "status.conditions");
    if (!json_array_size(list))
        return;
    d_line(d, 0, "Conditions:");
    d_line(d, 1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    d_line(d, 1, "----\t------\t-----------------\t------------------\t------\t-------");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        d_line(d, 1, "%s \t%s \t%s \t%s \t%s \t%s", d_str(d, c, "type"), d_str(d, c, "status"), d_time(d, c, "lastHeartbeatTime"),
               d_time(d, c, "lastTransitionTime"), d_str(d, c, "reason"), d_str(d, c, "message"));
    }
}

static void amounts(struct desc *d, const char *title, const json_t *map)
{
    size_t n;
    const char **keys = d_keys(d, map, &n);
    if (n)
        d_line(d, 0, "%s:", title);
    for (size_t i = 0; i < n; i++)
        d_line(d, 1, "%s:\t%s", d_clean(d, keys[i]), d_clean(d, json_string_value(json_object_get(map, keys[i]))));
}

void d_node(struct desc *d)
{
    const json_t *o = d->obj, *list;
    static const struct d_row info[] = {
        {"Machine ID", "machineID", D_ALWAYS}, {"System UUID", "systemUUID", D_ALWAYS}, {"Boot ID", "bootID", D_ALWAYS},
        {"Kernel Version", "kernelVersion", D_ALWAYS}, {"OS Image", "osImage", D_ALWAYS}, {"Operating System", "operatingSystem", D_ALWAYS},
        {"Architecture", "architecture", D_ALWAYS}, {"Container Runtime Version", "containerRuntimeVersion", D_ALWAYS},
        {"Kubelet Version", "kubeletVersion", D_ALWAYS}};
    d_line(d, 0, "Name:\t%s", d_str(d, o, "metadata.name"));
    roles(d);
    d_labels(d, "Labels", kube_jget(o, "metadata.labels"));
    d_annotations(d, "Annotations", kube_jget(o, "metadata.annotations"));
    d_line(d, 0, "CreationTimestamp:\t%s", d_time(d, o, "metadata.creationTimestamp"));
    d_taints(d, "Taints", kube_jget(o, "spec.taints"));
    d_line(d, 0, "Unschedulable:\t%s", d_bool(o, "spec.unschedulable"));
    lease(d);
    conditions(d);
    d_line(d, 0, "Addresses:");
    list = kube_jget(o, "status.addresses");
    for (size_t i = 0; i < json_array_size(list); i++)
        d_line(d, 1, "%s:\t%s", d_str(d, json_array_get(list, i), "type"), d_str(d, json_array_get(list, i), "address"));
    amounts(d, "Capacity", kube_jget(o, "status.capacity"));
    amounts(d, "Allocatable", kube_jget(o, "status.allocatable"));
    d_line(d, 0, "System Info:");
    d_rows(d, 1, kube_jget(o, "status.nodeInfo"), info, sizeof info / sizeof *info);
    static const struct d_row net[] = {{"PodCIDR", "spec.podCIDR", D_TEXT}};
    d_rows(d, 0, o, net, 1);
    if (json_array_size(list = kube_jget(o, "spec.podCIDRs")))
        d_line(d, 0, "PodCIDRs:\t%s", d_join(d, list, ","));
    if (*d_str(d, o, "spec.providerID"))
        d_line(d, 0, "ProviderID:\t%s", d_str(d, o, "spec.providerID"));
    list = kube_jget(o, "status.allocatable");
    pods(d, json_object_size(list) ? list : kube_jget(o, "status.capacity"));
}
