/* Types of fields that every reader here relies on: maps and lists of strings, lists of objects. Quantities become strings. */
#include <stdlib.h>
#include <string.h>

#include "core/sim/kube_sim.h"

enum shape { STRINGS, QUANTITIES, STRING_LIST, OBJECT_LIST, OBJECT };

static const struct { const char *field; enum shape shape; } shapes[] = {
    {"metadata", OBJECT}, {"spec", OBJECT}, {"template", OBJECT}, {"labels", STRINGS}, {"annotations", STRINGS},
    {"matchLabels", STRINGS}, {"nodeSelector", STRINGS}, {"data", STRINGS}, {"stringData", STRINGS}, {"binaryData", STRINGS}, {"limits", QUANTITIES},
    {"requests", QUANTITIES}, {"hard", QUANTITIES}, {"used", QUANTITIES}, {"capacity", QUANTITIES}, {"finalizers", STRING_LIST}, {"values", STRING_LIST},
    {"command", STRING_LIST}, {"args", STRING_LIST}, {"accessModes", STRING_LIST}, {"verbs", STRING_LIST}, {"containers", OBJECT_LIST},
    {"initContainers", OBJECT_LIST}, {"ephemeralContainers", OBJECT_LIST}, {"volumes", OBJECT_LIST}, {"env", OBJECT_LIST}, {"volumeMounts", OBJECT_LIST},
    {"ownerReferences", OBJECT_LIST}, {"conditions", OBJECT_LIST}, {"tolerations", OBJECT_LIST}, {"taints", OBJECT_LIST}, {"subjects", OBJECT_LIST},
    {"rules", OBJECT_LIST}, {"matchExpressions", OBJECT_LIST},
};

static const char *type_name(const json_t *v)
{
    return json_is_object(v) ? "object" : json_is_array(v) ? "array" : json_is_string(v) ? "string" : json_is_boolean(v) ? "bool" : "number";
}

static const char *go_name(const json_t *v)
{
    return json_is_integer(v) ? "int64" : json_is_real(v) ? "float64" : json_is_boolean(v) ? "bool" : json_is_object(v) ? "map[string]interface {}" :
           json_is_array(v) ? "[]interface {}" : "string";
}

static bool wrong(struct shape_fault *f, const char *field, const json_t *v, const char *want)
{
    snprintf(f->text, sizeof(f->text), "json: cannot unmarshal %s into Go struct field .%s of type %s", type_name(v), field, want);
    snprintf(f->patch_text, sizeof(f->patch_text), "cannot convert %s to %s", go_name(v), want);
    return false;
}

static bool strings(json_t *map, const char *field, bool quantities, struct shape_fault *f)
{
    const char *key;
    json_t *v;
    void *next;
    if (!json_is_object(map))
        return wrong(f, field, map, "map[string]string");
    json_object_foreach_safe(map, next, key, v) {
        char *text = quantities && json_is_number(v) ? json_dumps(v, JSON_ENCODE_ANY) : NULL;
        if (text)
            json_object_set_new(map, key, json_string(text));
        else if (!json_is_string(v))
            return wrong(f, field, v, "string");
        free(text);
    }
    return true;
}

static bool list(const json_t *all, const char *field, bool objects, struct shape_fault *f)
{
    if (!json_is_array(all))
        return wrong(f, field, all, objects ? "[]object" : "[]string");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *v = json_array_get(all, i);
        if (objects ? !json_is_object(v) : !json_is_string(v))
            return wrong(f, field, v, objects ? "object" : "string");
    }
    return true;
}

static bool field_ok(const char *field, json_t *v, struct shape_fault *f)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (strcmp(shapes[i].field, field) != 0)
            continue;
        switch (shapes[i].shape) {
        case STRINGS: return strings(v, field, false, f);
        case QUANTITIES: return !json_is_object(v) || strings(v, field, true, f);      /* a list in limit ranges, a string in capacities */
        case STRING_LIST: return list(v, field, false, f);
        case OBJECT_LIST: return list(v, field, true, f);
        default: return json_is_object(v) || wrong(f, field, v, "object");
        }
    }
    return true;
}

static bool walk(json_t *doc, bool custom, int depth, struct shape_fault *f)
{
    const char *key;
    json_t *v;
    void *next;
    size_t i;
    if (depth > 48)
        return wrong(f, "", doc, "a document of this depth");
    json_object_foreach_safe(doc, next, key, v) {
        bool meta = strcmp(key, "metadata") == 0;
        if (json_is_null(v)) {
            if (strcmp(key, "creationTimestamp") != 0)
                json_object_del(doc, key);                     /* null is not set */
        } else if ((!custom || meta) && (!field_ok(key, v, f) || !walk(v, false, depth + 1, f))) {
            return false;
        }
    }
    if (json_is_array(doc))
        json_array_foreach(doc, i, v)
            if (!walk(v, custom, depth + 1, f))
                return false;
    return true;
}

bool kube_shape(json_t *doc, const struct res *res, struct shape_fault *f)
{
    const json_t *status = json_object_get(doc, "status");
    if (status && !json_is_object(status) && !json_is_null(status))
        return wrong(f, "status", status, "object");
    bool free_form = (res->flags & KIND_CUSTOM) || strcmp(res->plural, "controllerrevisions") == 0 || strcmp(res->plural, "customresourcedefinitions") == 0;
    return kube_typed_fields(doc, res, f) && walk(doc, free_form, 0, f);
}
