/*
 * Strategic merge patch: lists of objects merge by a key of their items, and directives say what plain JSON cannot:
 * $patch, $setElementOrder/x, $deleteFromPrimitiveList/x, $retainKeys.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_patch.h"

#define DEPTH_MAX 64
#define ORDER "$setElementOrder/"
#define REMOVE "$deleteFromPrimitiveList/"

/* NULL = any. The first row that fits decides; a list in no row is replaced as a whole. */
static const struct { const char *kind, *parent, *field, *key; } lists[] = {
    {NULL, "metadata", "ownerReferences", "uid"}, {NULL, "metadata", "finalizers", ""}, {NULL, NULL, "containers", "name"},
    {NULL, NULL, "initContainers", "name"}, {NULL, NULL, "ephemeralContainers", "name"}, {NULL, NULL, "env", "name"},
    {NULL, "containers", "ports", "containerPort"}, {NULL, "initContainers", "ports", "containerPort"},
    {NULL, "ephemeralContainers", "ports", "containerPort"}, {"Service", "spec", "ports", "port"}, {NULL, NULL, "volumeMounts", "mountPath"},
    {NULL, NULL, "volumeDevices", "devicePath"}, {"CertificateSigningRequest", NULL, "conditions", NULL},
    {"CustomResourceDefinition", NULL, "conditions", NULL}, {NULL, "status", "conditions", "type"}, {"Service", "status", "conditions", "type"},
    {"Node", "status", "addresses", "type"}, {"Node", "spec", "podCIDRs", ""}, {"Pod", "status", "podIPs", "ip"},
    {"Pod", "status", "hostIPs", "ip"}, {NULL, "spec", "imagePullSecrets", "name"}, {"ServiceAccount", NULL, "secrets", "name"},
    {NULL, "spec", "volumes", "name"}, {NULL, "spec", "hostAliases", "ip"}, {NULL, "spec", "topologySpreadConstraints", "topologyKey"},
    {NULL, "spec", "schedulingGates", "name"}, {NULL, "spec", "resourceClaims", "name"}, {"CSINode", "spec", "drivers", "name"},
    {NULL, NULL, "webhooks", "name"}, {NULL, NULL, "matchConditions", "name"}, {NULL, "spec", "variables", "name"},
    {NULL, "status", "resourceClaimStatuses", "name"},
};

const char *patch_merge_key(const char *kind, const char *parent, const char *field)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(lists[i].field, field) == 0 && (!lists[i].kind || strcmp(lists[i].kind, kind) == 0) &&
            (!lists[i].parent || strcmp(lists[i].parent, parent) == 0))
            return lists[i].key;
    return NULL;
}

struct merge { const char *kind; struct patch_fault *fault; int depth; };

static json_t *merge_map(struct merge *m, const json_t *doc, const json_t *patch, const char *parent);

static void *wrong(struct merge *m, int status, const char *what, const char *detail)
{
    if (!m->fault->status) {
        m->fault->status = status;
        snprintf(m->fault->text, sizeof(m->fault->text), "%s%.300s", what, detail);
    }
    return NULL;
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* What is new is taken as it is, without nulls and directives. NULL when nothing is left of an item. */
static json_t *bare(const json_t *v, int depth)
{
    const char *key;
    json_t *x, *out;
    size_t i;
    if (depth > DEPTH_MAX)
        return json_null();
    if (json_is_object(v)) {
        const char *directive = json_string_value(json_object_get(v, "$patch"));
        if (directive && strcmp(directive, "delete") == 0)
            return NULL;
        out = json_object();
        json_object_foreach((json_t *)v, key, x) {
            json_t *b = *key == '$' || json_is_null(x) ? NULL : bare(x, depth + 1);
            if (b)
                json_object_set_new(out, key, b);
        }
        return out;
    }
    if (!json_is_array(v))
        return json_copy((json_t *)v);
    out = json_array();
    json_array_foreach((json_t *)v, i, x) {
        json_t *b = json_is_object(x) && json_object_size(x) == 1 && json_object_get(x, "$patch") ? NULL : bare(x, depth + 1);
        if (b)
            json_array_append_new(out, b);
    }
    return out;
}

static bool same(const json_t *a, const json_t *b, const char *key)
{
    if (!*key)
        return json_equal(a, b);
    const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);
    return x && y && json_equal(x, y);
}

static long find(const json_t *list, const json_t *item, const char *key)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (same(json_array_get(list, i), item, key))
            return (long)i;
    return -1;
}

/* Items named by `order` come in its order, the others keep the server's; where both say nothing, the patch goes first. */
static json_t *in_order(const json_t *merged, const json_t *order, const json_t *server, const char *key)
{
    json_t *out = json_array(), *ours = json_array(), *theirs = json_array(), *x;
    size_t i, j;
    json_array_foreach((json_t *)order, i, x) {
        long at = find(merged, x, key);
        if (at >= 0 && find(ours, x, key) < 0)
            json_array_append(ours, json_array_get(merged, (size_t)at));
    }
    json_array_foreach((json_t *)merged, i, x)
        if (find(order, x, key) < 0)
            json_array_append(theirs, x);
    for (i = j = 0; i < json_array_size(theirs) || j < json_array_size(ours);) {
        json_t *l = json_array_get(theirs, i), *r = json_array_get(ours, j);
        long li = l ? find(server, l, key) : -1, ri = r ? find(server, r, key) : -1;
        bool left = !r || (l && li >= 0 && ri >= 0 && li < ri);
        json_array_append(out, left ? l : r);
        *(left ? &i : &j) += 1;
    }
    json_decref(ours);
    json_decref(theirs);
    return out;
}

static char *flat(const json_t *v)
{
    char *t = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    return t ? t : strdup("");
}

static json_t *no_key(struct merge *m, const json_t *item, const char *key)
{
    char what[400], *text = flat(item);
    snprintf(what, sizeof(what), "map: %.200s does not contain declared merge key: %s", text, key);
    free(text);
    return wrong(m, 500, what, "");
}

/* The items of the list after the patch, in no order yet. */
static json_t *merge_items(struct merge *m, const json_t *list, const json_t *patch, const char *key, const char *field)
{
    json_t *out = json_array(), *x;
    size_t i;
    bool replace = false;
    json_array_foreach((json_t *)patch, i, x) {
        const char *d = *key ? json_string_value(json_object_get(x, "$patch")) : NULL;
        replace = replace || (d && strcmp(d, "replace") == 0);
    }
    if (!replace)
        json_array_extend(out, (json_t *)list);
    json_array_foreach((json_t *)patch, i, x) {
        const char *d = *key ? json_string_value(json_object_get(x, "$patch")) : NULL;
        long at = find(out, x, key);
        if (d && strcmp(d, "delete") == 0) {
            for (; (at = find(out, x, key)) >= 0;)
                json_array_remove(out, (size_t)at);
            continue;
        }
        if (d && strcmp(d, "replace") == 0 && json_object_size(x) == 1)
            continue;
        if (*key && !json_object_get(x, key)) {
            json_decref(out);
            return no_key(m, x, key);
        }
        if (d && strcmp(d, "replace") != 0 && strcmp(d, "merge") != 0) {
            json_decref(out);
            return wrong(m, 500, "unknown patch type: ", d);
        }
        json_t *v = !*key ? json_copy(x) : at >= 0 && !d ? merge_map(m, json_array_get(out, (size_t)at), x, field) : bare(x, m->depth);
        if (!v) {
            json_decref(out);
            return NULL;
        }
        if (at >= 0)
            json_array_set_new(out, (size_t)at, v);
        else
            json_array_append_new(out, v);
    }
    return out;
}

/* One list: replaced, or merged and brought into order. */
static json_t *merge_list(struct merge *m, const json_t *list, const json_t *patch, const json_t *order, const char *key, const char *field)
{
    json_t *merged, *out;
    if (!key)
        return patch ? json_copy((json_t *)patch) : json_copy((json_t *)list);
    merged = patch ? merge_items(m, list, patch, key, field) : json_copy((json_t *)list);
    if (!merged)
        return NULL;
    out = in_order(merged, order ? order : patch, list, key);
    json_decref(merged);
    return out;
}

static void remove_values(json_t *out, const char *field, const json_t *values)
{
    json_t *list = json_object_get(out, field), *kept = json_array(), *x;
    size_t i;
    json_array_foreach(list, i, x)
        if (find(values, x, "") < 0)
            json_array_append(kept, x);
    if (list)
        json_object_set(out, field, kept);
    json_decref(kept);
}

static void retain_keys(json_t *out, const json_t *keys)
{
    const char *key;
    json_t *v;
    void *next;
    json_object_foreach_safe(out, next, key, v) {
        json_t *name = json_string(key);
        if (find(keys, name, "") < 0)
            json_object_del(out, key);
        json_decref(name);
    }
}

static bool merge_field(struct merge *m, json_t *out, const json_t *patch, const char *key, json_t *v, const char *parent)
{
    json_t *old = json_object_get(out, key), *got;
    char directive[300];
    snprintf(directive, sizeof(directive), ORDER "%s", key);
    const char *by = patch_merge_key(m->kind, parent, key);
    if (json_is_null(v)) {
        json_object_del(out, key);
        return true;
    }
    if (json_is_object(old) && json_is_object(v) && !(strcmp(m->kind, "PodDisruptionBudget") == 0 && strcmp(key, "selector") == 0))
        got = merge_map(m, old, v, key);
    else if (json_is_array(old) && json_is_array(v))
        got = merge_list(m, old, v, json_object_get(patch, directive), by, key);
    else
        got = bare(v, m->depth);
    if (!got)
        return !m->fault->status && json_object_del(out, key) <= 0;
    json_object_set_new(out, key, got);
    return true;
}

static json_t *merge_map(struct merge *m, const json_t *doc, const json_t *patch, const char *parent)
{
    const char *directive = json_string_value(json_object_get(patch, "$patch")), *key;
    json_t *v, *out;
    if (directive && strcmp(directive, "delete") == 0)
        return json_object();
    if (directive && strcmp(directive, "replace") == 0)
        return bare(patch, m->depth);
    if (directive)
        return wrong(m, 500, "unknown patch type: ", directive);
    if (++m->depth > DEPTH_MAX)
        return wrong(m, 500, "the patch is nested too deep", "");
    out = json_copy((json_t *)doc);
    if (json_object_get(patch, "$retainKeys"))
        retain_keys(out, json_object_get(patch, "$retainKeys"));
    json_object_foreach((json_t *)patch, key, v)
        if (starts(key, REMOVE))
            remove_values(out, key + strlen(REMOVE), v);
    json_object_foreach((json_t *)patch, key, v) {
        if (starts(key, ORDER) && !json_object_get(patch, key + strlen(ORDER)) && json_is_array(json_object_get(out, key + strlen(ORDER)))) {
            const char *field = key + strlen(ORDER);               /* an order without items */
            json_t *sorted = merge_list(m, json_object_get(out, field), NULL, v, patch_merge_key(m->kind, parent, field), field);
            json_object_set_new(out, field, sorted);
        } else if (*key != '$' && !merge_field(m, out, patch, key, v, parent)) {
            json_decref(out);
            return NULL;
        }
    }
    m->depth--;
    return out;
}

json_t *patch_strategic(const json_t *doc, const json_t *patch, const char *kind, struct patch_fault *fault)
{
    struct merge m = {kind, fault, 0};
    fault->status = 0;
    json_t *shared = merge_map(&m, doc, patch, ""), *own = shared ? json_deep_copy(shared) : NULL;
    json_decref(shared);
    return own;
}
