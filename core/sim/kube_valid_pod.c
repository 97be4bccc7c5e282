/* What a server refuses in the spec of a pod: names, ports, policies, resources, volumes; and what of one that is there may change. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/ctl.h"
#include "core/sim/kube_sim.h"

#define ONLY_THESE "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," \
                   "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` " \
                   "(allow it to be set to 1 if it was previously negative)\n"

bool kube_dns_label(const char *s)
{
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i++)
        if (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && !(s[i] == '-' && i && i + 1 < n))
            return false;
    return n && n <= 63;
}

/* value is one of the words of list ("a,b"); what it says of it lists them as Go does. */
static void one_of(struct causes *c, const char *field, const char *value, const char *list)
{
    struct str said;
    bool found = !*value;
    str_init(&said, 0);
    for (const char *p = list; *p;) {
        size_t n = strcspn(p, ",");
        found = found || (strlen(value) == n && strncmp(p, value, n) == 0);
        str_addf(&said, "%s\"%.*s\"", said.len ? ", " : "", (int)n, p);
        p += n + (p[n] == ',');
    }
    if (!found)
        cause(c, "FieldValueNotSupported", field, "Unsupported value: \"%s\": supported values: %s", value, said.data);
    str_release(&said);
}

static void check_ports(struct causes *c, const json_t *ports, const char *at)
{
    static const char *const which[] = {"containerPort", "hostPort"};
    json_t *p;
    char field[300];
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)ports, i, p) {
        for (size_t k = 0; k < 2; k++) {
            int64_t n = jint(p, which[k]);
            snprintf(field, sizeof(field), "%s.ports[%zu].%s", at, i, which[k]);
            if (!n && k == 0)
                cause(c, "FieldValueRequired", field, "Required value");
            else if (n && (n < 1 || n > 65535))
                cause(c, "FieldValueInvalid", field, "Invalid value: %lld: must be between 1 and 65535, inclusive", (long long)n);
        }
        snprintf(field, sizeof(field), "%s.ports[%zu].protocol", at, i);
        one_of(c, field, jstr(p, "protocol"), "SCTP,TCP,UDP");
    }
}

static void check_resources(struct causes *c, const json_t *container, const char *at)
{
    json_t *limits = jat(container, "resources.limits"), *v;
    const char *key;
    char field[300];
    json_object_foreach(limits, key, v) {
        const char *ask = jstr(jat(container, "resources.requests"), key), *limit = json_string_value(v);
        snprintf(field, sizeof(field), "%s.resources.requests", at);
        if (*ask && limit && ctl_quantity(ask, true) > ctl_quantity(limit, true))
            cause(c, "FieldValueInvalid", field, "Invalid value: \"%s\": must be less than or equal to %s limit of %s", ask, key, limit);
    }
}

static void check_mounts(struct causes *c, const json_t *container, const json_t *volumes, const char *at)
{
    json_t *all = jat(container, "volumeMounts"), *m, *v;
    char field[300];
    size_t i, k;
    json_array_foreach(all, i, m) {
        bool found = false;
        json_array_foreach((json_t *)(uintptr_t)volumes, k, v)
            found = found || strcmp(jstr(v, "name"), jstr(m, "name")) == 0;
        snprintf(field, sizeof(field), "%s.volumeMounts[%zu].name", at, i);
        if (!*jstr(m, "name"))
            cause(c, "FieldValueRequired", field, "Required value");
        else if (!found)
            cause(c, "FieldValueNotFound", field, "Not found: \"%s\"", jstr(m, "name"));
        snprintf(field, sizeof(field), "%s.volumeMounts[%zu].mountPath", at, i);
        if (!*jstr(m, "mountPath"))
            cause(c, "FieldValueRequired", field, "Required value");
    }
}

static bool named_before(const json_t *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(jstr(json_array_get(list, i), "name"), name) == 0)
            return true;
    return false;
}

static void check_containers(struct causes *c, const json_t *spec, const char *key, const char *at)
{
    json_t *list = jat(spec, key), *x;
    bool debug = strcmp(key, "ephemeralContainers") == 0;
    char field[160], of[200];
    size_t i;
    json_array_foreach(list, i, x) {
        const char *name = jstr(x, "name"), *image = jstr(x, "image");
        snprintf(of, sizeof(of), "%s%s%s[%zu]", at, *at ? "." : "", key, i);
        snprintf(field, sizeof(field), "%.150s.name", of);
        if (!*name)
            cause(c, "FieldValueRequired", field, "Required value");
        else if (!kube_dns_label(name))
            cause(c, "FieldValueInvalid", field, "Invalid value: \"%s\": " KUBE_DNS_LABEL, name);
        else if (named_before(list, i, name) || (debug && (named_before(jat(spec, "containers"), json_array_size(jat(spec, "containers")), name) ||
                                                           named_before(jat(spec, "initContainers"), json_array_size(jat(spec, "initContainers")), name))))
            cause(c, "FieldValueDuplicate", field, "Duplicate value: \"%s\"", name);
        snprintf(field, sizeof(field), "%.150s.image", of);
        if (!*image)
            cause(c, "FieldValueRequired", field, "Required value");
        else if (isspace((unsigned char)image[0]) || isspace((unsigned char)image[strlen(image) - 1]))
            cause(c, "FieldValueInvalid", field, "Invalid value: \"%s\": must not have leading or trailing whitespace", image);
        check_ports(c, jat(x, "ports"), of);
        check_mounts(c, x, jat(spec, "volumes"), of);
        snprintf(field, sizeof(field), "%.140s.imagePullPolicy", of);
        one_of(c, field, jstr(x, "imagePullPolicy"), "Always,IfNotPresent,Never");
        check_resources(c, x, of);
    }
}

void kube_valid_pod_spec(struct causes *c, const json_t *spec, const char *at)
{
    static const char *const kinds[] = {"containers", "initContainers", "ephemeralContainers"};
    char field[160];
    snprintf(field, sizeof(field), "%s.containers", at);
    if (!json_array_size(jat(spec, "containers")))
        cause(c, "FieldValueRequired", field, "Required value");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        check_containers(c, spec, kinds[i], at);
    snprintf(field, sizeof(field), "%s.restartPolicy", at);
    one_of(c, field, jstr(spec, "restartPolicy"), "Always,OnFailure,Never");
    snprintf(field, sizeof(field), "%s.dnsPolicy", at);
    one_of(c, field, jstr(spec, "dnsPolicy"), "ClusterFirstWithHostNet,ClusterFirst,Default,None");
    snprintf(field, sizeof(field), "%s.terminationGracePeriodSeconds", at);
    if (jint(spec, "terminationGracePeriodSeconds") < 0)
        cause(c, "FieldValueInvalid", field, "Invalid value: %lld: must be greater than or equal to 0", (long long)jint(spec, "terminationGracePeriodSeconds"));
}

/* The lists of tolerations: those that were there are there, at most with other seconds. */
static bool only_added(const json_t *was, const json_t *is)
{
    json_t *t, *u;
    size_t i, k;
    json_array_foreach((json_t *)(uintptr_t)was, i, t) {
        bool found = false;
        json_array_foreach((json_t *)(uintptr_t)is, k, u)
            found = found || (strcmp(jstr(t, "key"), jstr(u, "key")) == 0 && strcmp(jstr(t, "effect"), jstr(u, "effect")) == 0 &&
                              strcmp(jstr(t, "operator"), jstr(u, "operator")) == 0 && strcmp(jstr(t, "value"), jstr(u, "value")) == 0);
        if (!found)
            return false;
    }
    return true;
}

void kube_valid_pod_change(struct causes *c, const json_t *doc, const json_t *old, bool ephemeral)
{
    static const char *const lists[] = {"containers", "initContainers"};
    json_t *a = json_deep_copy(jat(doc, "spec")), *b = json_deep_copy(jat(old, "spec")), *both[] = {a, b};
    char field[80];
    for (size_t l = 0; l < 2; l++) {
        snprintf(field, sizeof(field), "spec.%s", lists[l]);
        if (json_array_size(jat(a, lists[l])) != json_array_size(jat(b, lists[l]))) {
            cause(c, "FieldValueForbidden", field, "Forbidden: pod updates may not add or remove containers");
            goto out;
        }
    }
    for (size_t k = 0; k < 2; k++) {
        json_object_del(both[k], "activeDeadlineSeconds");
        if (only_added(jat(old, "spec.tolerations"), jat(doc, "spec.tolerations")))
            json_object_del(both[k], "tolerations");
        if (ephemeral)
            json_object_del(both[k], "ephemeralContainers");
        if (jat(old, "spec.schedulingGates"))
            json_object_del(both[k], "schedulingGates");
        for (size_t l = 0; l < 2; l++) {
            json_t *list = json_object_get(both[k], lists[l]), *x;
            size_t i;
            json_array_foreach(list, i, x) {
                json_object_del(x, "image");
                json_object_del(x, "resources");
            }
        }
    }
    if (!json_equal(a, b))
        cause(c, "FieldValueForbidden", "spec", ONLY_THESE);
out:
    json_decref(a);
    json_decref(b);
}

/* ---- admission: what a pod names must be there; false: answered with 403 ---- */
bool kube_admit_pod(struct req *r, const char *ns, const json_t *doc)
{
    const char *account = jstr(doc, "spec.serviceAccountName"), *class = jstr(doc, "spec.priorityClassName"), *name = jstr(doc, "metadata.name");
    struct res *pods = store_find_res(r->sim, "", "v1", "pods");
    if (*account && strcmp(account, "default") != 0 && !store_get(store_find_res(r->sim, "", "v1", "serviceaccounts"), ns, account))
        kube_status(r, 403, "Forbidden", kube_details(pods, name), "pods \"%s\" is forbidden: error looking up service account %s/%s: serviceaccount \"%s\" "
                    "not found", name, ns, account, account);
    else if (*class && !store_get(store_find_res(r->sim, "scheduling.k8s.io", "v1", "priorityclasses"), "", class))
        kube_status(r, 403, "Forbidden", kube_details(pods, name), "pods \"%s\" is forbidden: no PriorityClass with name %s was found", name, class);
    else
        return true;
    return false;
}
