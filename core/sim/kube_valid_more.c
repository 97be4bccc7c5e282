/* What a server refuses in services, jobs, claims, settings and classes. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json_read.h"
#include "core/sim/ctl.h"
#include "core/sim/kube_sim.h"

static bool port_ok(int64_t n)
{
    return n >= 1 && n <= 65535;
}

void kube_valid_service(struct causes *c, const json_t *doc, const json_t *old)
{
    static const char range[] = "must be between 1 and 65535, inclusive";
    const char *type = jstr(doc, "spec.type"), *ip = jstr(doc, "spec.clusterIP"), *was = old ? jstr(old, "spec.clusterIP") : "";
    json_t *ports = jat(doc, "spec.ports"), *p;
    bool external = strcmp(type, "ExternalName") == 0;
    char field[80];
    size_t i, n = json_array_size(ports);
    if (!n && !external && strcmp(ip, "None") != 0)
        cause(c, "FieldValueRequired", "spec.ports", "Required value");
    json_array_foreach(ports, i, p) {
        int64_t number = jint(p, "port"), node = jint(p, "nodePort");
        snprintf(field, sizeof(field), "spec.ports[%zu].name", i);
        if (n > 1 && !*jstr(p, "name"))
            cause(c, "FieldValueRequired", field, "Required value");
        snprintf(field, sizeof(field), "spec.ports[%zu].port", i);
        if (!port_ok(number))
            cause(c, "FieldValueInvalid", field, "Invalid value: %lld: %s", (long long)number, range);
        snprintf(field, sizeof(field), "spec.ports[%zu].targetPort", i);
        if (json_is_integer(jat(p, "targetPort")) && !port_ok(jint(p, "targetPort")))
            cause(c, "FieldValueInvalid", field, "Invalid value: %lld: %s", (long long)jint(p, "targetPort"), range);
        snprintf(field, sizeof(field), "spec.ports[%zu].nodePort", i);
        if (node && (node < 30000 || node > 32767))
            cause(c, "FieldValueInvalid", field, "Invalid value: %lld: provided port is not in the valid range. The range of valid ports is 30000-32767",
                  (long long)node);
    }
    if (*type && !external && strcmp(type, "ClusterIP") != 0 && strcmp(type, "NodePort") != 0 && strcmp(type, "LoadBalancer") != 0)
        cause(c, "FieldValueNotSupported", "spec.type", "Unsupported value: \"%s\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", "
              "\"NodePort\"", type);
    if (!external && *was && strcmp(was, ip) != 0)
        cause(c, "FieldValueInvalid", "spec.clusterIPs[0]", "Invalid value: [\"%s\"]: may not change once set", ip);
}

static void once_only(struct causes *c, const json_t *spec, const char *at)
{
    const char *policy = jstr(spec, "restartPolicy");
    char field[120];
    snprintf(field, sizeof(field), "%s.restartPolicy", at);
    if (strcmp(policy, "Always") == 0 || !*policy)
        cause(c, "FieldValueRequired", field, "Required value: valid values: \"OnFailure\", \"Never\"");
}

static void fixed(struct causes *c, const json_t *doc, const json_t *old, const char *field)
{
    const json_t *was = old ? jat(old, field) : NULL, *now = jat(doc, field);
    if (!old || json_equal(was, now) || (!was && !now))
        return;
    char *text = now ? json_dumps(now, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    cause(c, "FieldValueInvalid", field, "Invalid value: %s: field is immutable", text ? text : "null");
    json_text_free(text);
}

void kube_valid_job(struct causes *c, const json_t *doc, const json_t *old)
{
    kube_valid_pod_spec(c, jat(doc, "spec.template.spec"), "spec.template.spec");
    once_only(c, jat(doc, "spec.template.spec"), "spec.template.spec");
    if (strcmp(jstr(doc, "spec.completionMode"), "Indexed") != 0)
        fixed(c, doc, old, "spec.completions");
    fixed(c, doc, old, "spec.selector");
    if (!old || !json_is_true(jat(old, "spec.suspend")))
        fixed(c, doc, old, "spec.template");
}

void kube_valid_cronjob(struct causes *c, const json_t *doc)
{
    const char *line = jstr(doc, "spec.schedule");
    int fields = 0;
    for (const char *p = line; *p; p += strcspn(p, " ")) {
        p += strspn(p, " ");
        fields += *p != 0;
    }
    if (!*line)
        cause(c, "FieldValueRequired", "spec.schedule", "Required value");
    else if (*line != '@' && fields != 5)
        cause(c, "FieldValueInvalid", "spec.schedule", "Invalid value: \"%s\": expected exactly 5 fields, found %d: [%s]", line, fields, line);
    else if (*line != '@' && ctl_cron_next(line, 0, 0) < 0)
        cause(c, "FieldValueInvalid", "spec.schedule", "Invalid value: \"%s\": end of range or field out of bounds", line);
    kube_valid_pod_spec(c, jat(doc, "spec.jobTemplate.spec.template.spec"), "spec.jobTemplate.spec.template.spec");
    once_only(c, jat(doc, "spec.jobTemplate.spec.template.spec"), "spec.jobTemplate.spec.template.spec");
}

void kube_valid_claim(struct causes *c, const json_t *doc, const json_t *old)
{
    if (!json_array_size(jat(doc, "spec.accessModes")))
        cause(c, "FieldValueRequired", "spec.accessModes", "Required value: at least 1 access mode is required");
    if (!jat(doc, "spec.resources.requests.storage"))
        cause(c, "FieldValueRequired", "spec.resources[storage]", "Required value");
    if (!old)
        return;
    json_t *a = json_deep_copy(jat(doc, "spec")), *b = json_deep_copy(jat(old, "spec")), *both[] = {a, b};
    bool bound = strcmp(jstr(old, "status.phase"), "Bound") == 0;
    for (size_t i = 0; i < 2; i++) {
        json_object_del(both[i], "volumeAttributesClassName");
        if (bound)
            json_object_del(jat(both[i], "resources"), "requests");
        if (!*jstr(b, "volumeName"))
            json_object_del(both[i], "volumeName");            /* the binder sets it */
    }
    if (!json_equal(a, b))
        cause(c, "FieldValueForbidden", "spec", "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound "
              "claims\n");
    else if (ctl_quantity(jstr(doc, "spec.resources.requests.storage"), false) < ctl_quantity(jstr(old, "spec.resources.requests.storage"), false))
        cause(c, "FieldValueForbidden", "spec.resources.requests.storage", "Forbidden: field can not be less than status.capacity");
    json_decref(a);
    json_decref(b);
}

/* Config maps and secrets: names of their data, and those that are closed for good. */
void kube_valid_config(struct causes *c, const json_t *doc, const json_t *old)
{
    static const char *const lists[] = {"binaryData", "data"}, *const closed[] = {"immutable", "data", "binaryData"};
    const char *key;
    json_t *v;
    char field[400];
    for (size_t i = 0; i < 2; i++)
        json_object_foreach(jat(doc, lists[i]), key, v) {
            bool good = *key && strlen(key) <= 253;
            for (const char *p = key; *p; p++)
                good = good && (isalnum((unsigned char)*p) || strchr("-_.", *p));
            snprintf(field, sizeof(field), "%s[%.300s]", lists[i], key);
            if (!good)
                cause(c, "FieldValueInvalid", field, "Invalid value: \"%.300s\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
                      "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')", key);
        }
    for (size_t i = 0; old && json_is_true(jat(old, "immutable")) && i < 3; i++)
        if (!json_equal(jat(doc, closed[i]), jat(old, closed[i])) && (jat(doc, closed[i]) || jat(old, closed[i])))
            cause(c, "FieldValueForbidden", closed[i], "Forbidden: field is immutable when `immutable` is set");
}

void kube_valid_priority(struct causes *c, const json_t *doc, const json_t *old)
{
    if (jint(doc, "value") > 1000000000 && strncmp(jstr(doc, "metadata.name"), "system-", 7) != 0)
        cause(c, "FieldValueForbidden", "value", "Forbidden: maximum allowed value of a user defined priority is 1000000000");
    if (old && jint(old, "value") != jint(doc, "value"))
        cause(c, "FieldValueForbidden", "value", "Forbidden: may not be changed in an update.");
}
