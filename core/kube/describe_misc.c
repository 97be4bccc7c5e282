/* Describes services, namespaces, secrets (never their values), config maps, and any kind without a page of its own. */
#include "core/kube/describe_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "strata/text.h"

static void name_and_labels(struct desc *d)
{
    static const struct d_row rows[] = {{"Name", "metadata.name", D_ALWAYS}, {"Namespace", "metadata.namespace", D_TEXT}};
    d_rows(d, 0, d->obj, rows, 2);
    d_labels(d, "Labels", kube_jget(d->obj, "metadata.labels"));
    d_annotations(d, "Annotations", kube_jget(d->obj, "metadata.annotations"));
}

/* ---- services ---- */

static bool endpoint_ready(const json_t *e)
{
    const json_t *ready = kube_jget(e, "conditions.ready");
    return !ready || !json_is_false(ready);
}

/* "10.0.0.1:80,10.0.0.2:80" of the slices' ports with this name; three, then how many more. */
static void endpoints(struct desc *d, const json_t *slices, const char *port_name)
{
    struct str s;
    size_t shown = 0, count = 0;
    str_init(&s, 0);
    for (size_t i = 0; i < json_array_size(slices); i++) {
        const json_t *slice = json_array_get(slices, i), *ports = json_object_get(slice, "ports");
        const json_t *eps = json_object_get(slice, "endpoints");
        for (size_t p = 0; p < json_array_size(ports); p++) {
            const json_t *port = json_array_get(ports, p);
            if (strcmp(d_str(d, port, "name"), port_name) != 0)
                continue;
            for (size_t e = 0; e < json_array_size(eps); e++) {
                const json_t *ep = json_array_get(eps, e);
                const char *addr = d_clean(d, json_string_value(json_array_get(json_object_get(ep, "addresses"), 0)));
                if (!endpoint_ready(ep))
                    continue;
                bool v6 = strchr(addr, ':') != NULL;
                if (count++ < 3)
                    str_addf(&s, "%s%s%s%s:%" PRId64, shown++ ? "," : "", v6 ? "[" : "", addr, v6 ? "]" : "", kube_jint(port, "port", 0));
            }
        }
    }
    if (count > 3)
        str_addf(&s, " + %zu more...", count - 3);
    d_line(d, 0, "Endpoints:\t%s", json_array_size(slices) ? s.data : "<none>");
    str_release(&s);
}

static void service_port(struct desc *d, const json_t *p, const json_t *slices)
{
    const char *name = d_str_or(d, p, "name", "<unset>"), *proto = d_str_or(d, p, "protocol", "TCP");
    d_line(d, 0, "Port:\t%s\t%s/%s", name, d_str(d, p, "port"), proto);
    d_line(d, 0, "TargetPort:\t%s/%s", d_str(d, p, "targetPort"), proto);
    if (*d_str(d, p, "appProtocol"))
        d_line(d, 0, "AppProtocol:\t%s", d_str(d, p, "appProtocol"));
    if (kube_jint(p, "nodePort", 0))
        d_line(d, 0, "NodePort:\t%s\t%s/%s", name, d_str(d, p, "nodePort"), proto);
    endpoints(d, slices, d_str(d, p, "name"));
}

static void balancer(struct desc *d, const json_t *list)
{
    if (!json_array_size(list))
        return;
    d_add(d, "LoadBalancer Ingress:\t");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *in = json_array_get(list, i);
        d_add(d, "%s%s", i ? ", " : "", d_str_or(d, in, "ip", d_str(d, in, "hostname")));
        if (*d_str(d, in, "ipMode"))
            d_add(d, " (%s)", d_str(d, in, "ipMode"));
    }
    d_add(d, "\n");
}

void d_service(struct desc *d)
{
    const json_t *o = d->obj, *list, *slices = json_object_get(d->in->side[1].json, "items");
    name_and_labels(d);
    d_line(d, 0, "Selector:\t%s", d_labels_inline(d, kube_jget(o, "spec.selector")));
    d_line(d, 0, "Type:\t%s", d_str(d, o, "spec.type"));
    if (*d_str(d, o, "spec.ipFamilyPolicy"))
        d_line(d, 0, "IP Family Policy:\t%s", d_str(d, o, "spec.ipFamilyPolicy"));
    list = kube_jget(o, "spec.ipFamilies");
    d_line(d, 0, "IP Families:\t%s", json_array_size(list) ? d_join(d, list, ",") : "<none>");
    d_line(d, 0, "IP:\t%s", d_str(d, o, "spec.clusterIP"));
    list = kube_jget(o, "spec.clusterIPs");
    d_line(d, 0, "IPs:\t%s", json_array_size(list) ? d_join(d, list, ",") : "<none>");
    if (json_array_size(list = kube_jget(o, "spec.externalIPs")))
        d_line(d, 0, "External IPs:\t%s", d_join(d, list, ","));
    static const struct d_row where[] = {{"Desired LoadBalancer IP", "spec.loadBalancerIP", D_TEXT},
                                         {"External Name", "spec.externalName", D_TEXT}};
    d_rows(d, 0, o, where, 2);
    balancer(d, kube_jget(o, "status.loadBalancer.ingress"));
    list = kube_jget(o, "spec.ports");
    for (size_t i = 0; i < json_array_size(list); i++)
        service_port(d, json_array_get(list, i), slices);
    if (d->in->side[1].err.code != ERR_OK)
        d_line(d, 0, "Endpoints:\t<not known: %s>", d->in->side[1].err.msg);
    static const struct d_row rest[] = {{"Session Affinity", "spec.sessionAffinity", D_ALWAYS},
                                        {"External Traffic Policy", "spec.externalTrafficPolicy", D_TEXT},
                                        {"Internal Traffic Policy", "spec.internalTrafficPolicy", D_TEXT},
                                        {"Traffic Distribution", "spec.trafficDistribution", D_TEXT}};
    d_rows(d, 0, o, rest, 4);
    if (kube_jint(o, "spec.healthCheckNodePort", 0))
        d_line(d, 0, "HealthCheck NodePort:\t%s", d_str(d, o, "spec.healthCheckNodePort"));
    if (json_array_size(list = kube_jget(o, "spec.loadBalancerSourceRanges")))
        d_line(d, 0, "LoadBalancer Source Ranges:\t%s", d_join(d, list, ","));
}

/* ---- namespaces ---- */

static const char *member(struct desc *d, const json_t *map, const char *key)
{
    const json_t *v = json_object_get(map, key);
    return json_is_string(v) ? d_clean(d, json_string_value(v)) : "-";
}

static void quotas(struct desc *d, const json_t *items)
{
    if (!json_array_size(items)) {
        d_line(d, 0, "No resource quota.");
        return;
    }
    d_line(d, 0, "Resource Quotas");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *q = json_array_get(items, i), *hard = kube_jget(q, "status.hard"), *used = kube_jget(q, "status.used");
        size_t n;
        const char **keys = d_keys(d, hard, &n);
        d_line(d, 1, "Name:\t%s", d_str(d, q, "metadata.name"));
        if (json_array_size(kube_jget(q, "spec.scopes")))
            d_line(d, 1, "Scopes:\t%s", d_join(d, kube_jget(q, "spec.scopes"), ", "));
        d_line(d, 1, "Resource\tUsed\tHard");
        d_line(d, 1, "--------\t---\t---");
        for (size_t k = 0; k < n; k++)
            d_line(d, 1, "%s\t%s\t%s", d_clean(d, keys[k]), member(d, used, keys[k]), member(d, hard, keys[k]));
    }
}

static void limit_range(struct desc *d, const json_t *limit)
{
    static const char *const parts[] = {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"};
    for (size_t p = 0; p < 5; p++) {                       /* each resource once, at its first mention */
        size_t n;
        const char **keys = d_keys(d, json_object_get(limit, parts[p]), &n);
        for (size_t k = 0; k < n; k++) {
            bool before = false;
            for (size_t q = 0; q < p; q++)
                before |= json_object_get(json_object_get(limit, parts[q]), keys[k]) != NULL;
            if (!before)
                d_line(d, 1, "%s\t%s\t%s\t%s\t%s\t%s\t%s", d_str(d, limit, "type"), d_clean(d, keys[k]),
                       member(d, json_object_get(limit, "min"), keys[k]), member(d, json_object_get(limit, "max"), keys[k]),
                       member(d, json_object_get(limit, "defaultRequest"), keys[k]),
                       member(d, json_object_get(limit, "default"), keys[k]),
                       member(d, json_object_get(limit, "maxLimitRequestRatio"), keys[k]));
        }
    }
}

static void limit_ranges(struct desc *d, const json_t *items)
{
    if (!json_array_size(items)) {
        d_line(d, 0, "No LimitRange resource.");
        return;
    }
    d_line(d, 0, "Resource Limits");
    d_line(d, 1, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    d_line(d, 1, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *limits = kube_jget(json_array_get(items, i), "spec.limits");
        for (size_t k = 0; k < json_array_size(limits); k++)
            limit_range(d, json_array_get(limits, k));
    }
}

void d_namespace(struct desc *d)
{
    const json_t *list = kube_jget(d->obj, "status.conditions");
    name_and_labels(d);
    d_line(d, 0, "Status:\t%s", d_str(d, d->obj, "status.phase"));
    if (json_array_size(list)) {
        d_line(d, 0, "Conditions:");
        d_line(d, 1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        d_line(d, 1, "----\t------\t------------------\t------\t-------");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        d_line(d, 1, "%s\t%s\t%s\t%s\t%s", d_str(d, c, "type"), d_str(d, c, "status"), d_time(d, c, "lastTransitionTime"),
               d_str(d, c, "reason"), d_str(d, c, "message"));
    }
    d_line(d, 0, "%s", "");
    if (d->in->side[1].json)
        quotas(d, json_object_get(d->in->side[1].json, "items"));
    else
        d_line(d, 0, "Resource Quotas: <not known: %s>", d->in->side[1].err.msg);
    d_line(d, 0, "%s", "");
    if (d->in->side[2].json)
        limit_ranges(d, json_object_get(d->in->side[2].json, "items"));
    else
        d_line(d, 0, "Resource Limits: <not known: %s>", d->in->side[2].err.msg);
}

/* ---- secrets, config maps ---- */

static size_t base64_bytes(const char *s)
{
    size_t n = 0, pad = 0;
    for (; s && *s; s++) {
        n += *s != '\n' && *s != '\r';
        pad += *s == '=';
    }
    return n / 4 * 3 - (pad <= n / 4 * 3 ? pad : 0);
}

static void byte_counts(struct desc *d, const json_t *map)
{
    size_t n;
    const char **keys = d_keys(d, map, &n);
    for (size_t i = 0; i < n; i++)
        d_line(d, 0, "%s:\t%zu bytes", d_clean(d, keys[i]), base64_bytes(json_string_value(json_object_get(map, keys[i]))));
}

void d_secret(struct desc *d)
{
    name_and_labels(d);
    d_line(d, 0, "%s", "");
    d_line(d, 0, "Type:\t%s", d_str(d, d->obj, "type"));
    d_line(d, 0, "%s", "");
    d_line(d, 0, "Data");
    d_line(d, 0, "====");
    byte_counts(d, json_object_get(d->obj, "data"));
}

static void text_block(struct desc *d, const char *text)
{
    struct str s;
    if (!text)
        return;
    str_init(&s, 0);
    text_clean(&s, text, strlen(text), TEXT_KEEP_NEWLINES);
    d_add(d, "%s\n", s.data);
    str_release(&s);
}

void d_configmap(struct desc *d)
{
    const json_t *data = json_object_get(d->obj, "data");
    size_t n;
    const char **keys = d_keys(d, data, &n);
    name_and_labels(d);
    d_add(d, "\nData\n====\n");
    for (size_t i = 0; i < n; i++) {
        d_add(d, "%s:\n----\n", d_clean(d, keys[i]));
        text_block(d, json_string_value(json_object_get(data, keys[i])));
        d_add(d, "\n");
    }
    d_add(d, "\nBinaryData\n====\n");
    byte_counts(d, json_object_get(d->obj, "binaryData"));
    d_add(d, "\n");
}

/* ---- any kind ---- */

void d_generic(struct desc *d)
{
    static const char *const skip_meta[] = {"managedFields", "name", "namespace", "labels", "annotations", NULL};
    static const char *const skip_top[] = {"metadata", "kind", "apiVersion", NULL};
    static const struct d_row rows[] = {{"API Version", "apiVersion", D_ALWAYS}, {"Kind", "kind", D_ALWAYS}};
    name_and_labels(d);
    d_rows(d, 0, d->obj, rows, 2);
    d_line(d, 0, "Metadata:");
    d_tree(d, 1, json_object_get(d->obj, "metadata"), skip_meta);
    d_tree(d, 0, d->obj, skip_top);
}
