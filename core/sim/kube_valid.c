/* What a server refuses with 422, and the body it says it with. */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

/* As Go writes a map: by its keys. Takes o over. */
static char *sorted(json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    json_decref(o);
    return text ? text : sim_strdup("");
}

#define SUBDOMAIN "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " \
                  "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define LABEL_KEY "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. " \
                  "'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define LABEL_VALUE "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " \
                    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " \
                    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

void causes_init(struct causes *c)
{
    c->list = json_array();
}

void cause(struct causes *c, const char *reason, const char *field, const char *fmt, ...)
{
    va_list ap;
    struct str msg;
    str_init(&msg, 0);
    va_start(ap, fmt);
    str_addv(&msg, fmt, ap);
    va_end(ap);
    json_array_append_new(c->list, jt("{'reason':%s,'message':%s,'field':%s}", reason, msg.data, field));
    str_release(&msg);
}

void causes_reply(struct causes *c, struct req *r, const char *group, const char *kind, const char *name)
{
    struct str all;
    json_t *x, *d = json_object();
    size_t i, n = json_array_size(c->list);
    str_init(&all, 0);
    json_array_foreach(c->list, i, x)
        str_addf(&all, "%s%s: %s", i ? ", " : "", jstr(x, "field"), jstr(x, "message"));
    if (*name)
        json_object_set_new(d, "name", json_string(name));
    if (*group)
        json_object_set_new(d, "group", json_string(group));
    json_object_set_new(d, "kind", json_string(kind));
    json_object_set_new(d, "causes", c->list);
    c->list = NULL;
    kube_status(r, 422, "Invalid", d, "%s%s%s \"%s\" is invalid: %s%s%s", kind, *group ? "." : "", group, name, n > 1 ? "[" : "", all.data ? all.data : "",
                n > 1 ? "]" : "");
    str_release(&all);
}

static bool subdomain(const char *s)
{
    size_t n = strlen(s);
    if (!n || n > 253)
        return false;
    for (size_t i = 0; i < n; i++) {
        bool word = islower((unsigned char)s[i]) || isdigit((unsigned char)s[i]), edge = !i || i + 1 == n || s[i - 1] == '.' || s[i + 1] == '.';
        if (!word && (edge || (s[i] != '-' && s[i] != '.')))
            return false;
    }
    return true;
}

static bool name_part(const char *s)
{
    size_t n = strlen(s);
    if (!n || n > 63 || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[n - 1]))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)s[i]) && !strchr("-_.", s[i]))
            return false;
    return true;
}

static void check_labels(struct causes *c, const json_t *labels, const char *field)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)labels, key, v) {
        const char *slash = strchr(key, '/'), *value = json_string_value(v);
        if (!name_part(slash ? slash + 1 : key))
            cause(c, "FieldValueInvalid", field, "Invalid value: \"%s\": " LABEL_KEY, key);
        if (!value || (*value && !name_part(value)))
            cause(c, "FieldValueInvalid", field, "Invalid value: \"%s\": " LABEL_VALUE, value ? value : "");
    }
}

static void check_meta(struct causes *c, const struct res *res, const json_t *doc)
{
    const char *name = jstr(doc, "metadata.name");
    bool path_names = strstr(res->group, "rbac.") != NULL;     /* roles: anything but / and % */
    if (!*name)
        cause(c, "FieldValueRequired", "metadata.name", "Required value: name or generateName is required");
    else if (strcmp(res->plural, "namespaces") == 0 && !kube_dns_label(name))
        cause(c, "FieldValueInvalid", "metadata.name", "Invalid value: \"%s\": " KUBE_DNS_LABEL, name);
    else if (path_names ? strpbrk(name, "/%") != NULL : !subdomain(name))
        cause(c, "FieldValueInvalid", "metadata.name", "Invalid value: \"%s\": " SUBDOMAIN, name);
    check_labels(c, jat(doc, "metadata.labels"), "metadata.labels");
}

static void same_selector(struct causes *c, const json_t *sel, const json_t *was)
{
    if (!sel || !was || json_equal(sel, was))
        return;
    char *text = sorted(json_deep_copy(sel));
    cause(c, "FieldValueInvalid", "spec.selector", "Invalid value: %s: field is immutable", text);
    free(text);
}

static void check_template(struct causes *c, const json_t *doc, const json_t *old, bool selector_first)
{
    json_t *sel = jat(doc, "spec.selector"), *labels = jat(doc, "spec.template.metadata.labels"), *was = old ? jat(old, "spec.selector") : NULL;
    if (selector_first)
        same_selector(c, sel, was);
    if (!sel)
        cause(c, "FieldValueRequired", "spec.selector", "Required value");
    if (!sel || !kube_selector_matches(sel, labels)) {
        char *text = sorted(labels ? json_deep_copy(labels) : json_object());
        cause(c, "FieldValueInvalid", "spec.template.metadata.labels", "Invalid value: %s: `selector` does not match template `labels`", text);
        free(text);
    }
    kube_valid_pod_spec(c, jat(doc, "spec.template.spec"), "spec.template.spec");
    if (!selector_first)
        same_selector(c, sel, was);
}

static void check_replicas(struct causes *c, const json_t *doc)
{
    const json_t *n = jat(doc, "spec.replicas");
    if (n && !json_is_integer(n))
        cause(c, "FieldValueInvalid", "spec.replicas", "Invalid value: \"%s\": must be an integer", json_is_string(n) ? json_string_value(n) : "");
    else if (n && json_integer_value(n) < 0)
        cause(c, "FieldValueInvalid", "spec.replicas", "Invalid value: %lld: must be greater than or equal to 0", (long long)json_integer_value(n));
}

static void immutable(struct causes *c, const json_t *doc, const json_t *old, const char *field)
{
    const json_t *was = old ? jat(old, field) : NULL, *now = jat(doc, field);
    if (!was || (now && json_equal(was, now)))
        return;
    char *text = sorted(now ? json_deep_copy(now) : json_null());
    cause(c, "FieldValueInvalid", field, "Invalid value: %s: field is immutable", text);
    free(text);
}

/* Of a node: may be set, not changed. */
static void fixed_once(struct causes *c, const json_t *doc, const json_t *old, const char *key, const char *said)
{
    char field[64];
    const char *was = jstr(jat(old, "spec"), key);
    snprintf(field, sizeof(field), "spec.%s", said);
    if (old && *was && strcmp(was, jstr(jat(doc, "spec"), key)) != 0)
        cause(c, "FieldValueForbidden", field, "Forbidden: node updates may not change %s except from \"\" to valid", key);
}

static void check_kind(struct causes *c, const struct res *res, const char *sub, const json_t *doc, const json_t *old)
{
    const char *p = res->plural;
    if (strcmp(p, "deployments") == 0 || strcmp(p, "replicasets") == 0 || strcmp(p, "statefulsets") == 0 || strcmp(p, "daemonsets") == 0) {
        check_replicas(c, doc);
        if (strcmp(p, "deployments") == 0)
            kube_valid_deployment(c, doc);
        else if (strcmp(p, "statefulsets") == 0)
            kube_valid_stateful(c, doc, old);
        check_template(c, doc, old, strcmp(p, "daemonsets") == 0);
    } else if (strcmp(p, "jobs") == 0) {
        kube_valid_job(c, doc, old);
    } else if (strcmp(p, "cronjobs") == 0) {
        kube_valid_cronjob(c, doc);
    } else if (strcmp(p, "persistentvolumeclaims") == 0) {
        kube_valid_claim(c, doc, old);
    } else if (strcmp(p, "priorityclasses") == 0) {
        kube_valid_priority(c, doc, old);
    } else if (strcmp(p, "pods") == 0) {
        kube_valid_pod_spec(c, jat(doc, "spec"), "spec");
        if (old)
            kube_valid_pod_change(c, doc, old, sub && strcmp(sub, "ephemeralcontainers") == 0);
    } else if (strcmp(p, "horizontalpodautoscalers") == 0) {
        kube_valid_autoscaler(c, doc);
    } else if (strcmp(p, "services") == 0) {
        kube_valid_service(c, doc, old);
    } else if (strcmp(p, "poddisruptionbudgets") == 0) {
        kube_valid_budget(c, doc);
    } else if (strcmp(p, "secrets") == 0) {
        immutable(c, doc, old, "type");
    } else if (strstr(p, "rolebindings")) {
        const json_t *was = old ? jat(old, "roleRef") : NULL, *now = jat(doc, "roleRef");
        if (was && !json_equal(was, now))
            cause(c, "FieldValueInvalid", "roleRef", "Invalid value: {\"APIGroup\":\"%s\",\"Kind\":\"%s\",\"Name\":\"%s\"}: cannot change roleRef",
                  jstr(now, "apiGroup"), jstr(now, "kind"), jstr(now, "name"));
    } else if (strcmp(p, "nodes") == 0) {
        fixed_once(c, doc, old, "podCIDR", "podCIDRs");
        fixed_once(c, doc, old, "providerID", "providerID");
    }
    if (strcmp(p, "configmaps") == 0 || strcmp(p, "secrets") == 0)
        kube_valid_config(c, doc, old);
}

bool kube_valid(struct req *r, const struct res *res, const char *sub, const json_t *doc, const json_t *old)
{
    struct causes c;
    causes_init(&c);
    check_meta(&c, res, doc);
    check_kind(&c, res, sub, doc, old);
    if (!json_array_size(c.list)) {
        json_decref(c.list);
        return true;
    }
    causes_reply(&c, r, res->group, res->kind, jstr(doc, "metadata.name"));
    return false;
}
