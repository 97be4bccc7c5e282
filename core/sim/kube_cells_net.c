/* Cells of services, endpoints, volumes, quotas and access rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_table.h"

#define CELL(name) json_t *cell_##name(struct sim *s, const json_t *doc)

static json_t *text_cell(struct str *t, const char *none)
{
    json_t *v = json_string(t->len ? t->data : none);
    str_release(t);
    return v;
}

static void add_some(struct str *t, size_t *n, size_t max, const char *text)
{
    if ((*n)++ < max)
        str_addf(t, "%s%s", t->len ? "," : "", text);
}

static void add_more(struct str *t, size_t n, size_t max)
{
    if (n > max)
        str_addf(t, " + %zu more...", n - max);
}

/* ---- services and ingresses ---- */
CELL(service_ip)
{
    const char *ip = jstr(doc, "spec.clusterIP");
    (void)s;
    return json_string(*ip ? ip : "<none>");
}

CELL(service_external)
{
    const char *type = jstr(doc, "spec.type");
    json_t *lb = jat(doc, "status.loadBalancer.ingress"), *ips = jat(doc, "spec.externalIPs"), *x;
    struct str t;
    size_t i;
    (void)s;
    if (strcmp(type, "ExternalName") == 0)
        return json_string(jstr(doc, "spec.externalName"));
    str_init(&t, 0);
    if (strcmp(type, "LoadBalancer") == 0)
        json_array_foreach(lb, i, x)
            str_addf(&t, "%s%s", t.len ? "," : "", *jstr(x, "ip") ? jstr(x, "ip") : jstr(x, "hostname"));
    json_array_foreach(ips, i, x)
        str_addf(&t, "%s%s", t.len ? "," : "", json_string_value(x));
    return text_cell(&t, strcmp(type, "LoadBalancer") == 0 ? "<pending>" : "<none>");
}

CELL(service_ports)
{
    json_t *all = jat(doc, "spec.ports"), *p;
    struct str t;
    size_t i;
    (void)s;
    str_init(&t, 0);
    json_array_foreach(all, i, p) {
        str_addf(&t, "%s%lld", i ? "," : "", (long long)jint(p, "port"));
        if (jint(p, "nodePort"))
            str_addf(&t, ":%lld", (long long)jint(p, "nodePort"));
        str_addf(&t, "/%s", *jstr(p, "protocol") ? jstr(p, "protocol") : "TCP");
    }
    return text_cell(&t, "<none>");
}

CELL(class)
{
    const char *c = jstr(doc, "spec.ingressClassName");
    (void)s;
    return json_string(*c ? c : "<none>");
}

CELL(capi_cluster)
{
    const char *name = json_string_value(json_object_get(jat(doc, "metadata.labels"), "cluster.x-k8s.io/cluster-name"));
    (void)s;
    return json_string(name ? name : "");
}

CELL(hosts)
{
    json_t *all = jat(doc, "spec.rules"), *x;
    struct str t;
    size_t i, n = 0;
    (void)s;
    str_init(&t, 0);
    json_array_foreach(all, i, x)
        if (*jstr(x, "host"))
            add_some(&t, &n, 3, jstr(x, "host"));
    add_more(&t, n, 3);
    return text_cell(&t, "*");
}

CELL(ingress_address)
{
    json_t *all = jat(doc, "status.loadBalancer.ingress"), *x;
    struct str t;
    size_t i;
    (void)s;
    str_init(&t, 0);
    json_array_foreach(all, i, x)
        str_addf(&t, "%s%s", i ? "," : "", *jstr(x, "ip") ? jstr(x, "ip") : jstr(x, "hostname"));
    return text_cell(&t, "");
}

CELL(ingress_ports) { (void)s; return json_string(json_array_size(jat(doc, "spec.tls")) ? "80, 443" : "80"); }

CELL(endpoints)
{
    json_t *subsets = jat(doc, "subsets"), *sub, *a, *p;
    struct str t;
    size_t i, k, m, n = 0;
    char text[200];
    (void)s;
    str_init(&t, 0);
    json_array_foreach(subsets, i, sub) {
        json_t *ports = jat(sub, "ports");
        json_array_foreach(jat(sub, "addresses"), k, a) {
            if (!json_array_size(ports))
                add_some(&t, &n, 3, jstr(a, "ip"));
            json_array_foreach(ports, m, p) {
                snprintf(text, sizeof(text), "%s:%lld", jstr(a, "ip"), (long long)jint(p, "port"));
                add_some(&t, &n, 3, text);
            }
        }
    }
    add_more(&t, n, 3);
    return text_cell(&t, "<none>");
}

CELL(slice_ports)
{
    json_t *all = jat(doc, "ports"), *p;
    struct str t;
    size_t i, n = 0;
    char text[64];
    (void)s;
    str_init(&t, 0);
    json_array_foreach(all, i, p) {
        if (jat(p, "port"))
            snprintf(text, sizeof(text), "%lld", (long long)jint(p, "port"));
        else
            snprintf(text, sizeof(text), "%.60s", *jstr(p, "name") ? jstr(p, "name") : "*");
        add_some(&t, &n, 3, text);
    }
    add_more(&t, n, 3);
    return text_cell(&t, "<unset>");
}

CELL(slice_endpoints)
{
    json_t *all = jat(doc, "endpoints"), *e, *a;
    struct str t;
    size_t i, k, n = 0;
    (void)s;
    str_init(&t, 0);
    json_array_foreach(all, i, e)
        json_array_foreach(jat(e, "addresses"), k, a)
            add_some(&t, &n, 3, json_string_value(a));
    add_more(&t, n, 3);
    return text_cell(&t, "<unset>");
}

CELL(parent)
{
    char text[400];
    const char *group = jstr(doc, "spec.parentRef.group");
    (void)s;
    snprintf(text, sizeof(text), "%s%s%s/%s/%s", jstr(doc, "spec.parentRef.resource"), *group ? "." : "", group, jstr(doc, "spec.parentRef.namespace"),
             jstr(doc, "spec.parentRef.name"));
    return json_string(text);
}

CELL(cidrs)
{
    json_t *all = jat(doc, "spec.cidrs"), *x;
    struct str t;
    size_t i;
    (void)s;
    str_init(&t, 0);
    json_array_foreach(all, i, x)
        str_addf(&t, "%s%s", i ? "," : "", json_string_value(x));
    return text_cell(&t, "");
}

/* ---- storage ---- */
CELL(access_modes)
{
    static const char *const modes[][2] = {{"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}};
    json_t *all = jat(doc, *jstr(doc, "spec.volumeName") && jat(doc, "status.accessModes") ? "status.accessModes" : "spec.accessModes"), *x;
    bool unbound = strcmp(jstr(doc, "kind"), "PersistentVolumeClaim") == 0 && !*jstr(doc, "spec.volumeName");
    struct str t;
    size_t i;
    (void)s;
    str_init(&t, 0);
    for (size_t k = 0; k < 4 && !unbound; k++)                 /* what a claim has, once it has a volume */
        json_array_foreach(all, i, x)
            if (strcmp(json_string_value(x), modes[k][0]) == 0)
                str_addf(&t, "%s%s", t.len ? "," : "", modes[k][1]);
    return text_cell(&t, "");
}

/* NAMESPACE/NAME of what is referred to. */
static json_t *reference(const json_t *ref, const char *none)
{
    char text[400];
    if (!ref)
        return json_string(none);
    snprintf(text, sizeof(text), "%s/%s", jstr(ref, "namespace"), jstr(ref, "name"));
    return json_string(text);
}

CELL(claim) { (void)s; return reference(jat(doc, "spec.claimRef"), ""); }

CELL(unset_class)
{
    const char *c = jstr(doc, "spec.volumeAttributesClassName");
    (void)s;
    return json_string(*c ? c : "<unset>");
}

/* ---- quotas: "pods: 3/10, ..." in the order of names, limits apart ---- */
static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *quota(const json_t *doc, bool limits)
{
    json_t *hard = jat(doc, "status.hard"), *v;
    const char **keys = sim_alloc((json_object_size(hard) + 1) * sizeof(*keys)), *key;
    struct str t;
    size_t n = 0;
    str_init(&t, 0);
    json_object_foreach(hard, key, v)
        if ((strncmp(key, "limits", 6) == 0) == limits)
            keys[n++] = key;
    qsort(keys, n, sizeof(*keys), by_name);
    for (size_t i = 0; i < n; i++) {
        const char *used = json_string_value(json_object_get(jat(doc, "status.used"), keys[i]));
        str_addf(&t, "%s%s: %s/%s", i ? ", " : "", keys[i], used ? used : "0", json_string_value(json_object_get(hard, keys[i])));
    }
    free(keys);
    return text_cell(&t, "");
}

CELL(quota_request) { (void)s; return quota(doc, false); }
CELL(quota_limit) { (void)s; return quota(doc, true); }

/* ---- access ---- */
CELL(role_ref)
{
    char text[300];
    (void)s;
    snprintf(text, sizeof(text), "%s/%s", jstr(doc, "roleRef.kind"), jstr(doc, "roleRef.name"));
    return json_string(text);
}

static json_t *subjects(const json_t *doc, const char *kind)
{
    json_t *all = jat(doc, "subjects"), *x;
    struct str t;
    size_t i;
    str_init(&t, 0);
    json_array_foreach(all, i, x)
        if (strcmp(jstr(x, "kind"), kind) == 0)
            str_addf(&t, "%s%s%s%s", t.len ? ", " : "", *kind == 'S' ? jstr(x, "namespace") : "", *kind == 'S' ? "/" : "", jstr(x, "name"));
    return text_cell(&t, "");
}

CELL(users) { (void)s; return subjects(doc, "User"); }
CELL(groups) { (void)s; return subjects(doc, "Group"); }
CELL(accounts) { (void)s; return subjects(doc, "ServiceAccount"); }

CELL(api_service) { (void)s; return reference(jat(doc, "spec.service"), "Local"); }

/* Of an API service "True" or why not; of a signing request its state. */
CELL(api_available)
{
    json_t *all = jat(doc, "status.conditions"), *c;
    bool request = strcmp(jstr(doc, "kind"), "CertificateSigningRequest") == 0;
    char text[200] = "Unknown";
    size_t i;
    (void)s;
    json_array_foreach(all, i, c) {
        if (request)
            return json_string(jstr(c, "type"));
        if (strcmp(jstr(c, "type"), "Available") == 0)
            snprintf(text, sizeof(text), strcmp(jstr(c, "status"), "True") == 0 ? "True" : "%s (%s)", jstr(c, "status"), jstr(c, "reason"));
    }
    return json_string(request ? "Pending" : text);
}

/* ---- admission policies, device claims ---- */
CELL(policy_rules)
{
    (void)s;
    return json_integer((json_int_t)(json_array_size(jat(doc, "spec.validations")) + json_array_size(jat(doc, "spec.mutations"))));
}

CELL(param_kind)
{
    char text[300];
    const char *kind = jstr(doc, "spec.paramKind.kind");
    (void)s;
    snprintf(text, sizeof(text), "%s/%s", jstr(doc, "spec.paramKind.apiVersion"), kind);
    return json_string(*kind ? text : "<unset>");
}

CELL(param_ref)
{
    char text[300];
    const char *ns = jstr(doc, "spec.paramRef.namespace"), *name = jstr(doc, "spec.paramRef.name");
    (void)s;
    snprintf(text, sizeof(text), "%s%s%s", ns, *ns ? "/" : "*/", name);
    return json_string(jat(doc, "spec.paramRef") ? text : "<unset>");
}

CELL(claim_state)
{
    struct str t;
    (void)s;
    str_init(&t, 0);
    if (jat(doc, "metadata.deletionTimestamp"))
        str_adds(&t, "deleted");
    str_adds(&t, !jat(doc, "status.allocation") ? t.len ? ",pending" : "pending" : t.len ? ",allocated" : "allocated");
    if (json_array_size(jat(doc, "status.reservedFor")))
        str_adds(&t, ",reserved");
    return text_cell(&t, "");
}
